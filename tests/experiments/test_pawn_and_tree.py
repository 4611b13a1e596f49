"""PAWN and the tree of scenario discovery against closed forms and planted answers."""

import numpy as np
import planted_runs
import pytest
from study_makers import HerePool

from transition_sim.experiments import designs
from transition_sim.experiments.analyses.finding import Options
from transition_sim.experiments.analyses.pawn import pawn_table
from transition_sim.experiments.analyses.registry import analyse
from transition_sim.experiments.analyses.tree import grow
from transition_sim.experiments.driver import run_study
from transition_sim.experiments.spec import DesignSpec
from transition_sim.experiments.study import load_study
from transition_sim.experiments.tables import read_results


def points(n, k, kind="lhs"):
    return designs.unit_points(DesignSpec(kind=kind, samples=n), k)


def test_pawn_of_one_factor_that_is_all():
    """y = x, ten parts: within part j (j/10 to (j+1)/10) the distance to the whole is max(j, 9 - j)/10; median 0.7."""
    shares = points(2000, 2)
    table = pawn_table(["x", "idle"], shares, shares[:, 0]).set_index("factor")
    assert np.median([max(j, 9 - j) / 10 for j in range(10)]) == 0.7
    assert table.loc["x", "index"] == pytest.approx(0.7, abs=0.01)
    assert table.loc["x", "matters"]
    assert not table.loc["idle", "matters"]


def test_pawn_sees_what_moves_only_the_tails():
    """y = z (0.2 + a), z even around 0: the mean does not depend on a, the spread does."""
    shares = points(4000, 2)
    y = (2 * shares[:, 1] - 1) * (0.2 + shares[:, 0])
    assert abs(np.corrcoef(shares[:, 0], y)[0, 1]) < 0.05
    assert pawn_table(["a", "z"], shares, y).set_index("factor").loc["a", "matters"]


def test_pawn_finds_few_factors_in_noise():
    """Ten factors without effect: each beats the largest of twenty chances in about 1 of 21 cases."""
    beaten = 0
    for seed in range(20):
        values = np.random.default_rng(seed).random(400)
        beaten += int(pawn_table([f"x{k}" for k in range(10)], points(400, 10), values, seed)["matters"].sum())
    assert beaten < 200 * 3 / 21


def test_pawn_needs_points():
    with pytest.raises(ValueError, match="at least 32 points"):
        pawn_table(["x"], points(31, 1), np.arange(31.0))


def test_the_tree_finds_a_planted_box():
    """x0 > 0.6 and x1 < 0.4: mass 0.16; recall at least 0.95."""
    shares = points(1000, 4, "lhs")
    planted = (shares[:, 0] > 0.6) & (shares[:, 1] < 0.4)
    leaves = grow(shares, planted)
    high = [leaf for leaf in leaves if leaf.is_case]
    assert sum(leaf.box.coverage for leaf in high) >= 0.95
    assert leaves[0].box.density >= 0.95
    low, _ = leaves[0].box.bounds[0]
    _, top = leaves[0].box.bounds[1]
    assert low == pytest.approx(0.6, abs=0.02)
    assert top == pytest.approx(0.4, abs=0.02)
    # the leaves share out all points
    assert sum(leaf.box.mass for leaf in leaves) == pytest.approx(1.0)
    assert sum(leaf.box.coverage for leaf in leaves) == pytest.approx(1.0)


def test_a_tree_of_nothing_is_refused():
    with pytest.raises(ValueError, match="points that are not"):
        grow(points(50, 2), np.ones(50, dtype=bool))


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Planted: 10 a + 4 b + 6 a b, a and b of 0 to 0.5 and 0 to 0.3, and luck of the seed."""
    asked = {
        "format": "study/1", "id": "planted", "places": ["minimal"], "policies": ["none"], "until": 2022,
        "replicates": 2, "outcomes": ["cumulative_dual_control_mtco2"], "design": {"kind": "lhs", "samples": 64},
        "levers": {"capex_subsidy_share": None, "tax_credit_share": None, "demand_response_share": None},
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("planted")
    run_study(load_study(asked), folder, pool=HerePool(), work=planted_runs.work)
    return read_results(folder)


def test_pawn_of_a_study(results, tmp_path):
    finding = analyse("pawn", results)
    table = finding.table.set_index("factor")
    assert finding.table["factor"].iloc[0] == "capex_subsidy_share"
    assert table.loc["capex_subsidy_share", "matters"]
    assert not table.loc["demand_response_share", "matters"]
    assert "Capital subsidy" in finding.sentences[0][0]
    assert all(path.stat().st_size > 0 for path in finding.save(tmp_path))


def test_the_tree_of_a_study(results, tmp_path):
    finding = analyse("tree", results, Options(above=13.0))
    first = finding.table.iloc[0]
    assert first["is_high"]
    assert first["when"].startswith("Capital subsidy >")
    assert finding.table["mass"].sum() == pytest.approx(1.0)
    assert all(path.stat().st_size > 0 for path in finding.save(tmp_path))
