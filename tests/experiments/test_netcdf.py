"""A study as labelled arrays, read back from the file."""

import numpy as np
import planted_runs
import xarray
from study_makers import SMALL, HerePool

from transition_sim.experiments.driver import run_study
from transition_sim.experiments.exports import dataset, export
from transition_sim.experiments.study import load_study
from transition_sim.experiments.tables import read_results


def test_the_file_holds_what_the_tables_hold(tmp_path):
    run_study(load_study(SMALL), tmp_path / "s", pool=HerePool(), work=planted_runs.work)
    results = read_results(tmp_path / "s")
    (path,) = export(results, "netcdf", tmp_path / "out")
    with xarray.open_dataset(path, engine="scipy") as found:
        # 2 policies x 2 points x 2 replicates, 3 years
        assert dict(found.sizes) == {"run": 8, "year": 3}
        assert found["gdp_bn_cny"].attrs["units"] == "bn CNY"
        assert np.array_equal(found["gdp_bn_cny"], results.done["gdp_bn_cny"])
        assert np.array_equal(found["annual_dual_control_tco2"], results.annual("dual_control_tco2"))
        assert set(found["policy"].values.tolist()) == {"none", "current"}
        assert np.array_equal(found["capex_subsidy_share"], results.done["capex_subsidy_share"])
        mean = found["gdp_bn_cny"].groupby("policy").mean()
        by_hand = results.done.groupby("policy")["gdp_bn_cny"].mean()
        assert np.allclose(mean.sel(policy="none"), by_hand["none"])
    assert dataset(results).attrs["study_hash"] == results.study.hash
