"""What the lessons say in numbers, against the runs that they are about: means of three seeds of the city."""

import functools

import numpy as np
import pytest

import transition_sim as ts
from transition_sim import build
from transition_sim.results import RunResult
from transition_sim.viz.lessons import lessons, step_draft

PLACE, SEEDS = "guangan_city", (1, 2, 3)


@functools.cache
def steps(lesson: str, step: int) -> list[tuple[RunResult, RunResult]]:
    """Return (run, baseline) of a step, a pair a seed."""
    one = lessons()[lesson].steps[step]
    shocks = [one.shock] if one.shock and one.is_baseline_shocked else []
    before = ts.load_scenario(PLACE, one.baseline, shocks=shocks)
    after = step_draft(one, PLACE).scenario()
    return [(build.run(after, seed=seed), build.run(before, seed=seed)) for seed in SEEDS]


def change(lesson: str, step: int, column: str, year: int | None = None) -> list[float]:
    """Return the relative change of a column over all years, or in one, seed by seed."""

    def total(result: RunResult) -> float:
        return float(result.annual[column].sum() if year is None else result.annual[column][year])

    return [total(after) / total(before) - 1.0 for after, before in steps(lesson, step)]


def fuel_pj(result: RunResult, year: int, first: int = 2019, last: int = 2035) -> float:
    """Return fossil fuel burnt in a year by heat equipment that came into service in some years, PJ."""
    table = result.vintage
    rows = (table["year"] == year) & table["commissioned"].between(first, last)
    return 1e-6 * float(table.loc[rows, "fossil_heat_gj"].sum())


@pytest.mark.parametrize(("year", "low", "high"), [(2025, 0.55, 0.67), (2030, 1 / 3, 0.42), (2035, 0.20, 0.30)])
def test_lock_in_three_fifths_more_than_a_third_a_quarter_of_the_fuel_is_burnt_in_old_equipment(year, low, high):
    old = np.mean([fuel_pj(run, year, last=2019) / fuel_pj(run, year) for run, _ in steps("lock_in", 0)])
    assert low < old < high


@pytest.mark.parametrize(("step", "low", "high"), [(1, -0.35, -0.2), (2, -0.15, -0.05)])
def test_lock_in_what_comes_into_service_next_burns_a_quarter_or_a_tenth_less(step, low, high):
    pairs = steps("lock_in", step)
    after, before = (np.mean([fuel_pj(pair[k], 2035, 2026, 2030) for pair in pairs]) for k in (0, 1))
    assert before == pytest.approx(13.0, abs=1.0)
    assert low < after / before - 1.0 < high
    old = [np.mean([fuel_pj(pair[k], 2035, last=2019) for pair in pairs]) for k in (0, 1)]
    assert abs(old[0] / old[1] - 1.0) < 0.1, "what stands is hardly scrapped for a price"


def test_lock_in_the_late_price_avoids_about_half_as_much():
    early, late = (np.mean(change("lock_in", step, "dual_control_tco2")) for step in (1, 2))
    assert early < 0.0
    assert 0.35 < late / early < 0.65


def test_queue_money_more_than_doubles_equipment_grows_by_a_few_per_cent():
    assert np.mean(change("queue", 1, "subsidy_cny")) > 1.0
    assert 0.0 < np.mean(change("queue", 1, "capex_cny")) < 0.08
    assert all(run.annual["queue_cny"].loc[2020:2022].min() > 0.0 for run, _ in steps("queue", 1))


def test_leakage_several_per_cent_less_co2_and_more_orders_lost():
    assert all(-0.10 < part < -0.03 for part in change("leakage", 1, "dual_control_tco2"))
    assert all(part > 0.02 for part in change("leakage", 1, "leaked_cny"))


def test_rebound_investment_rises_by_more_than_a_tenth_and_the_saving_of_electricity_goes():
    assert all(part > 0.1 for part in change("rebound", 1, "capex_cny"))
    first, later = (np.mean([change("rebound", 1, "electricity_mwh", year) for year in years])
                    for years in (range(2021, 2025), range(2031, 2036)))  # fmt: skip
    assert first < 0.0 < later
    assert abs(first) < 0.005  # a line of the chart covers the other: the lesson sends to the table
    assert later < 0.005


def test_certificates_move_the_second_way_of_counting_and_no_chimney():
    assert all(abs(part) < 0.001 for part in change("certificates", 1, "territorial_tco2"))
    assert all(part < -0.5 for part in change("certificates", 1, "scope2_market_tco2"))


def test_drought_the_coal_station_makes_up_and_most_of_it_is_sent_out():
    more_mt, used_mt, sent_share = [], [], []
    for dry, normal in steps("drought", 1):
        more = dry.annual.loc[2026] - normal.annual.loc[2026]
        more_mt.append(1e-6 * more["territorial_tco2"])
        sent_share.append(more["exported_mwh"] / more["coal_power_mwh"])
        used_mt.append(1e-6 * abs(more["dual_control_tco2"]))
        assert more["unserved_mwh"] > 0.0
        assert more["output_cny"] < 0.0
        assert 0.2 < normal.annual["coal_power_mwh"][2026] / (2400.0 * 8760.0) < 0.7
    assert min(more_mt) > 0.3
    assert max(more_mt) < 4.0
    assert np.median(more_mt) > 1.0
    assert np.mean(used_mt) < 0.5 * np.mean(more_mt)
    assert min(sent_share) > 0.5
