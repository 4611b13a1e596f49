"""Search under several aims and calibration, against planted answers and hand arithmetic."""

import json

import numpy as np
import planted_runs
import pytest
from study_makers import HerePool

from transition_sim.core.errors import ScenarioError
from transition_sim.experiments.batches import Batches, NoAnswer
from transition_sim.experiments.calibration import (
    Emulator,
    Observation,
    calibrate,
    implausibility,
    read_observations,
    weigh,
    weighted_quantile,
)
from transition_sim.experiments.search import is_beaten, read_aims, search
from transition_sim.experiments.study import load_study

ASKED = {
    "format": "study/1", "id": "planted", "places": ["minimal"], "policies": ["none"], "until": 2022, "replicates": 2,
    "outcomes": ["cumulative_dual_control_mtco2", "fiscal_net_cost_m_cny"],
    "levers": {"capex_subsidy_share": None, "tax_credit_share": None},
}  # fmt: skip


def two_aims(plan, scenario, seed):
    """Emissions 1 - 2 a, cost 10 a + b: a is a trade, b only costs; what is not beaten has b = 0."""
    a = float(scenario.levers.get("capex_subsidy_share", 0.0))
    b = float(scenario.levers.get("tax_credit_share", 0.0))
    values = [1 - 2 * a + 1e-6 * np.sin(seed), 10 * a + b]
    years = len(scenario.clock.years)
    return np.array(values), np.zeros((len(plan.columns), years))


def work_of_two_aims(plan, task):
    from transition_sim.experiments.runs import work_with

    return work_with(two_aims, plan, task)


def batches(folder, work, **changes):
    return Batches(load_study({**ASKED, **changes}), folder, pool=HerePool(), work=work)


# --- search -----------------------------------------------------------------------------------------------------------


def test_what_is_beaten():
    costs = np.array([[1.0, 4.0], [2.0, 3.0], [2.0, 4.0], [3.0, 1.0], [np.nan, 0.0], [3.0, 1.0]])
    # (2, 4) loses to (2, 3); equals do not beat each other; a missing value counts as worst, yet 0 is lowest
    assert is_beaten(costs).tolist() == [False, False, True, False, False, False]


def test_the_front_is_found_and_judged_on_fresh_seeds(tmp_path):
    made = batches(tmp_path, work_of_two_aims)
    aims = read_aims(made.study, ["cumulative_dual_control_mtco2", "fiscal_net_cost_m_cny"])
    told = []
    finding = search(made, aims, 12, 16, 3, lambda *words: told.append(words))
    held = finding.table[finding.table["holds"]]
    assert len(held) >= 5
    # the truth: b = 0 (its range ends at 0.3), a free
    assert held["tax_credit_share"].median() < 0.05
    assert held["capex_subsidy_share"].max() - held["capex_subsidy_share"].min() > 0.3
    assert np.allclose(held["cumulative_dual_control_mtco2"], 1 - 2 * held["capex_subsidy_share"], atol=1e-5)
    fresh = json.loads((tmp_path / "fresh" / "study.json").read_text())["spec"]
    assert fresh["seed"] == 1_000_001
    assert told[-1] == ("done", 13, 13)
    assert json.loads((tmp_path / "search.json").read_text())["population"] == 16


def test_a_search_goes_on_where_it_stopped_and_takes_the_same_way(tmp_path):
    aims = ["cumulative_dual_control_mtco2", "fiscal_net_cost_m_cny"]
    first = batches(tmp_path, work_of_two_aims)
    once = search(first, read_aims(first.study, aims), 3, 8, 2).table

    def never(plan, task):
        raise AssertionError("a finished generation was run again")

    again = batches(tmp_path, never)
    assert search(again, read_aims(again.study, aims), 3, 8, 2).table.equals(once)


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        (["cumulative_dual_control_mtco2"], "at least two aims"),
        (["cumulative_dual_control_mtco2", "gdp_bn_cny"], "the study keeps"),
        (["cumulative_dual_control_mtco2", "fiscal_net_cost_m_cny:most"], "the study keeps"),
    ],
)
def test_aims_that_make_no_sense_are_refused(tmp_path, asked, rule):
    with pytest.raises(ScenarioError, match=rule):
        read_aims(load_study(ASKED), asked)


def test_a_study_of_several_cases_is_refused(tmp_path):
    with pytest.raises(ScenarioError, match="one place under one policy"):
        batches(tmp_path, work_of_two_aims, policies=["none", "current"])
    with pytest.raises(ScenarioError, match="levers or parameters with ranges"):
        batches(tmp_path, work_of_two_aims, levers={})


# --- calibration ------------------------------------------------------------------------------------------------------


def test_weights_and_quantiles_by_hand():
    """Distances 0 and 2 sd: weights 1 and exp(-2) = 0.1353, of 1.1353: 0.8808 and 0.1192."""
    study = load_study(ASKED)
    observed = (Observation(study.measures[0], 5.0, 0.5),)
    weights = weigh(np.array([[5.0], [6.0]]), observed)
    assert weights == pytest.approx([0.8808, 0.1192], abs=1e-4)
    # middles of the weights at 0.25, 0.75: the median lies half way
    assert weighted_quantile(np.array([2.0, 1.0]), np.array([0.5, 0.5]), [0.25, 0.5, 0.75]).tolist() == [1.0, 1.5, 2.0]


def test_implausibility_by_hand():
    """A straight line y = x, observed 0.5 with sd 0.1: x = 0.8 is (0.8 - 0.5) / 0.1 = 3 away."""
    shares = np.linspace(0, 1, 21)[:, None]
    emulator = Emulator.of(shares, np.column_stack([shares[:, 0], shares[:, 0]]))
    observed = (Observation(load_study(ASKED).measures[0], 0.5, 0.1),)
    assert implausibility([emulator], observed, np.array([[0.5], [0.8]])) == pytest.approx([0.0, 3.0], abs=0.02)


def test_a_planted_parameter_is_found_and_an_idle_one_is_not(tmp_path):
    """answer = 10 a + 4 b + 6 a b + 100 x + luck; a = b = 0 under 'none'; observed 18.0 +- 0.5, luck of seeds 1, 2.

    Mean luck is (sin 1 + sin 2) / 2 = 0.875, so x = (18 - 0.875) / 100 = 0.171.
    """
    asked = {"levers": {}, "parameters": {"utility_peer": None, "hurdle_small_per_year": None}}
    made = batches(tmp_path, planted_runs.work, **asked)
    low, high = made.study.factors[0].low, made.study.factors[0].high
    truth = low + 0.4 * (high - low)
    observed = (Observation(made.study.measures[0], 100 * truth + (np.sin(1) + np.sin(2)) / 2, 0.5),)
    parameters, fit, posterior = calibrate(made, observed, waves=2, samples=32)
    table = parameters.table.set_index("factor")
    assert table.loc["utility_peer", "is_identified"]
    assert table.loc["utility_peer", "low"] <= truth <= table.loc["utility_peer", "high"]
    # two standard deviations of the posterior are 2 * 0.5 / 100
    assert table.loc["utility_peer", "median"] == pytest.approx(truth, abs=0.01)
    assert not table.loc["hurdle_small_per_year", "is_identified"]
    assert fit.table["is_met"].all()
    assert posterior.table["weight"].sum() == pytest.approx(1.0)
    for finding in (parameters, fit, posterior):
        assert all(path.stat().st_size > 0 for path in finding.save(tmp_path))


def test_what_cannot_be_observed_is_said(tmp_path):
    made = batches(tmp_path, planted_runs.work, levers={}, parameters={"utility_peer": None})
    observed = (Observation(made.study.measures[0], 1e6, 1.0),)
    with pytest.raises(NoAnswer, match="nothing in the ranges gives what was observed"):
        calibrate(made, observed, waves=1, samples=16)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("format: observations/1\nobservations:\n  gdp_bn_cny: {value: 1, sd: 1}\n", "the study keeps no such measure"),
        (
            "format: observations/1\nobservations:\n  fiscal_net_cost_m_cny: {value: 1, sd: 0}\n",
            "this must be more than 0",
        ),
        ("format: observations/1\nobservations: {}\n", "observations"),
    ],
)
def test_faulty_observations_are_refused(tmp_path, text, rule):
    path = tmp_path / "observed.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_observations(path, load_study(ASKED))
    assert rule in str(caught.value)
