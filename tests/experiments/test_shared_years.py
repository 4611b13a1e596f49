"""Runs of a study that share their past: the years before a lever moves run once for each seed."""

from study_makers import HerePool

import transition_sim as ts
from transition_sim import build
from transition_sim.experiments import runs
from transition_sim.experiments.driver import run_study
from transition_sim.experiments.study import load_study
from transition_sim.experiments.tables import read_results

LATE = {
    "format": "study/1", "id": "late", "places": ["minimal"], "policies": ["none"], "until": 2022, "replicates": 2,
    "outcomes": ["gdp_bn_cny"], "annual": ["gdp_cny"],
    "levers": {"offpeak_days": {"values": [0, 60, 120], "from_year": 2022}}, "design": {"kind": "grid"},
}  # fmt: skip


def test_runs_of_a_seed_share_the_years_before_a_lever_moves(tmp_path, monkeypatch):
    """The second run of a seed shows where they part, so each seed starts twice and goes on from there once."""
    started: list[int] = []
    real = build.build_model

    def counted(scenario, seed, *keeps):
        started.append(seed)
        return real(scenario, seed, *keeps)

    runs._past.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(build, "build_model", counted)
        run_study(load_study(LATE), tmp_path / "s", pool=HerePool(), runs_per_shard=3)
    assert started == [1, 1, 2, 2]
    results = read_results(tmp_path / "s")
    for run, row in results.runs.set_index("run").iterrows():
        lever = {"offpeak_days": {"path": [[2020, 0], [2022, row["offpeak_days"]]], "interp": "step"}}
        alone = ts.run(ts.load_scenario("minimal", "none", {"levers": lever}, end_year=2022), seed=int(row["seed"]))
        assert results.annual("gdp_cny").loc[run].tolist() == alone.annual["gdp_cny"].tolist()
    assert results.annual("gdp_cny")[2022].nunique() > 2, "the lever moves something"
