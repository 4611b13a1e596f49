"""Runs of a study that share their past: the years before a lever moves run once for each seed."""

import numpy as np
import pytest
from study_makers import HerePool

import transition_sim as ts
from transition_sim import build
from transition_sim.experiments import runs
from transition_sim.experiments.driver import longer_than_probes, run_study
from transition_sim.experiments.study import load_study
from transition_sim.experiments.tables import read_results
from transition_sim.model import TransitionModel

LATE = {
    "format": "study/1", "id": "late", "places": ["minimal"], "policies": ["none"], "until": 2022, "replicates": 2,
    "outcomes": ["gdp_bn_cny"], "annual": ["gdp_cny"],
    "levers": {"offpeak_days": {"values": [0, 60, 120], "from_year": 2022}}, "design": {"kind": "grid"},
}  # fmt: skip


def test_runs_of_a_seed_share_the_years_before_a_lever_moves(tmp_path, monkeypatch):
    """The study knows that its runs part on the eve of 2022: each seed starts once, and twice it goes on from there."""
    started: list[int] = []
    real = build.build_model

    def counted(scenario, seed, *keeps):
        started.append(seed)
        return real(scenario, seed, *keeps)

    runs._past.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(build, "build_model", counted)
        run_study(load_study(LATE), tmp_path / "s", pool=HerePool(), runs_per_shard=3)
    assert started == [1, 2]
    results = read_results(tmp_path / "s")
    for run, row in results.runs.set_index("run").iterrows():
        lever = {"offpeak_days": {"path": [[2020, 0], [2022, row["offpeak_days"]]], "interp": "step"}}
        alone = ts.run(ts.load_scenario("minimal", "none", {"levers": lever}, end_year=2022), seed=int(row["seed"]))
        assert results.annual("gdp_cny").loc[run].tolist() == alone.annual["gdp_cny"].tolist()
    assert results.annual("gdp_cny")[2022].nunique() > 2, "the lever moves something"


PARTS = {
    "format": "study/1", "id": "parts", "places": ["minimal"], "policies": ["current"], "until": 2022,
    "outcomes": ["gdp_bn_cny"], "annual": ["gdp_cny"], "design": {"kind": "full_factorial"},
    "parts": {"facility": ["facility_share"], "grants": ["capex_subsidy_share"]},
}  # fmt: skip


def test_what_acts_late_varies_fastest():
    """The facility starts in 2021, after four quarters; grants from the first quarter on, though they stand last."""
    study = load_study(PARTS)
    assert study.acts_from.tolist() == [4, 0]
    assert study.eves == study.plan().eves == (4,)
    ordered = study.points[study.side_by_side(np.arange(4))]
    assert ordered.tolist() == [[0, 0], [1, 0], [0, 1], [1, 1]]
    assert study.shared_quarters(study.side_by_side(np.arange(4))).tolist() == [0, 4, 0, 4]
    twice = load_study(PARTS | {"replicates": 2})
    assert twice.shared_quarters(twice.side_by_side(np.arange(8))).tolist() == [0, 4, 0, 4] * 2, "seeds share nothing"


def test_an_estimate_counts_the_quarters_that_runs_are_left_with():
    """Of 12 quarters the second probe of a pair runs 8; of the eight runs left four begin a pair: (12 + 8) / 2 / 8."""
    study = load_study(PARTS | {"replicates": 3})
    runs = study.side_by_side(np.arange(12))
    assert longer_than_probes(study, runs[:4], runs[4:]) == pytest.approx(10 / 8)
    assert longer_than_probes(study, runs[:1], runs[1:]) == 1.0
    assert longer_than_probes(study, runs[:4], runs[:0]) == 1.0
    ratio = load_study(PARTS | {"parts": {"ratio": ["replacement_ratio"], **PARTS["parts"]}})
    order = ratio.side_by_side(np.arange(8))  # shares 0, 12, 4, 12, 0, 12, 4, 12, of which at most 6 are counted
    assert longer_than_probes(ratio, order[:2], order[2:]) == pytest.approx((12 + 6 + 12 + 6 + 8 + 6) / 6 / 6)


def test_what_is_read_on_occasion_varies_fastest_of_all():
    """Nobody knows before when a kiln is swapped: runs go on from the quarter in which the one before came to it."""
    study = load_study(PARTS | {"parts": {"ratio": ["replacement_ratio"], **PARTS["parts"]}})
    assert study.acts_from.tolist() == [12, 4, 0]
    assert study.eves == (4, "replacement_ratio")
    ordered = study.points[study.side_by_side(np.arange(8))]
    assert ordered[:4].tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]]
    assert study.shared_quarters(study.side_by_side(np.arange(8))).tolist() == [0, 12, 4, 12, 0, 12, 4, 12]
    mixed = load_study(PARTS | {"parts": {"both": ["replacement_ratio", "capex_subsidy_share"]}})
    assert (mixed.acts_from.tolist(), mixed.eves) == ([0], ())


def test_where_no_two_points_have_a_common_past_no_world_is_kept():
    """With one point for each setting of the grants there is nothing to share."""
    early = load_study(PARTS | {"parts": {"grants": ["capex_subsidy_share"], "tax": ["tax_credit_share"]}})
    assert (early.acts_from.tolist(), early.eves) == ([0, 0], ())
    assert early.side_by_side(np.arange(4)).tolist() == [0, 1, 2, 3]
    assert early.shared_quarters(np.arange(4)).tolist() == [0, 0, 0, 0]
    pairs = [{"grants": 0, "facility": 0}, {"grants": 1, "facility": 1}]
    assert load_study(PARTS | {"design": {"kind": "list", "points": pairs}}).eves == ()


def test_the_first_year_of_a_pair_runs_once(tmp_path, monkeypatch):
    """Two pairs of runs of 12 quarters, of which a pair shares 4: 2 x (12 + 8) quarters instead of 48."""
    quarters: list[int] = []
    real = TransitionModel.step

    def counted(model):
        if model.quarter >= 0:  # the years before the first quarter belong to the place
            quarters.append(model.quarter)
        real(model)

    runs._past.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(TransitionModel, "step", counted)
        run_study(load_study(PARTS), tmp_path / "s", pool=HerePool(), runs_per_shard=4)
    assert len(quarters) == 40
    results = read_results(tmp_path / "s")
    for run, row in results.runs.set_index("run").iterrows():
        levers = {"facility": "facility_share", "grants": "capex_subsidy_share"}
        off = {"levers": {lever: None for part, lever in levers.items() if row[part] == 0}}
        alone = ts.run(ts.load_scenario("minimal", "current", off, end_year=2022), seed=1)
        assert results.annual("gdp_cny").loc[run].tolist() == alone.annual["gdp_cny"].tolist()
