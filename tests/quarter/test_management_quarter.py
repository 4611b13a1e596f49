"""Audits, monitoring, disclosure and measurement in a run (SM24, L30, L31, P14)."""

from functools import cache

import numpy as np
import pytest

import transition_sim as ts

PLACE = "guangan_city"
ETS = {"ets_coverage": 1.0}


@cache
def annual(end_year=2026, seed=1, **levers):
    scenario = ts.load_scenario(PLACE, end_year=end_year, overlay={"levers": levers})
    return ts.run(scenario, seed=seed, keep_agents=False, keep_decisions=False).annual


def test_without_programmes_nobody_learns():
    found = annual(2022)
    # the mean moves only by who goes out of business
    assert found["capability"].tolist() == pytest.approx([found["capability"][2020]] * 3, rel=0.01)
    assert found["audits"].sum() == 0


def test_l30_forty_audits_a_year_are_paid_by_the_budget():
    """40 x 50 000 = 2 M CNY a year."""
    found = annual(2022, audits_per_year=40.0)
    assert found["audits"].tolist() == [40, 40, 40]
    assert found["support_cny"].tolist() == pytest.approx([2e6] * 3)


def test_l30_auditors_have_a_capacity():
    """400 a year are asked for, 30 a quarter can be done."""
    assert annual(2020, audits_per_year=400.0)["audits"].tolist() == [120]


@pytest.mark.parametrize(
    "lever", [{"audits_per_year": 100.0}, {"online_monitoring_share": 1.0}, {"disclosure_share": 0.5}]
)
def test_programmes_raise_capability(lever):
    assert annual(2024, **lever)["capability"][2024] > annual(2024)["capability"][2024]


def test_i51_disclosure_is_the_share_with_the_duty():
    assert annual(2021, disclosure_share=0.3)["disclosing_share"][2021] == pytest.approx(0.3, abs=0.001)


def test_l31_disclosure_brings_reports_closer():
    """M14: reported less true emissions of enterprises shrinks with the duty to measure."""
    gaps = []
    for share in (0.0, 0.1, 0.3, 1.0):
        found = annual(2022, disclosure_share=share).loc[2022]
        gaps.append(abs(found["reported_tco2"] - found["enterprise_scope1_tco2"]))
    assert gaps == sorted(gaps, reverse=True)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_p14_most_accounts_measure_within_four_years(seed):
    """Plants join in 2021 with 2 of 3 measured; within four years of the penalty at least 90 % of them measure."""
    scenario = ts.load_scenario(PLACE, end_year=2024, overlay={"levers": ETS})
    model = ts.build_model(scenario, seed, keep_agents=False, keep_decisions=False)
    shares = []
    while model.quarter < model.world.clock.n_quarters:
        model.step()
        plants = model.world.carbon.accounts[model.world.carbon.accounts["plant"] >= 0]
        shares.append(float(plants["is_measured"].mean()))
    assert shares[3] == pytest.approx(2 / 3)
    assert np.diff(shares).min() >= 0
    assert shares[-1] >= 0.9


def test_sm24_the_market_counts_what_is_reported():
    """An unmeasured plant surrenders 15 % more than it emits."""
    overlay = {"levers": ETS, "parameters": {"measured_start_share": 0.5, "measuring_hazard_per_year": 0.4}}
    model = ts.build_model(ts.load_scenario(PLACE, end_year=2021, overlay=overlay), 1)
    emitted = np.zeros(3)
    while model.quarter < 8:
        model.step()
        if model.quarter > 4:
            power = model.world.power
            emitted += (power.quarter.generation_mwh * power.tco2_per_mwh)[:3]
    plants = model.world.carbon.accounts[model.world.carbon.accounts["plant"] >= 0]
    factor = np.where(plants["is_measured"], 1.0, 1.15)
    assert plants["surrendered_units"] == pytest.approx(factor * emitted)
