"""Target lines, counties, instruments, campaigns and energy budgets: the rules of governments (SM23, SM11)."""

from types import SimpleNamespace

import numpy as np
import pytest

from transition_sim.scenarios import registry
from transition_sim.world.policy import control as rules
from transition_sim.world.policy.energy_budget import (
    GJ_PER_BCM,
    headroom_tce,
    may_connect,
    within_budget,
    without_coal,
)
from transition_sim.world.policy.target_lines import (
    TargetLine,
    county_cuts,
    gap_share,
    progress_share,
    slippage_quarters,
    target_lines,
)

INDICATORS = registry.control_indicators()


def target(value, year, base_year=None, measure="energy_per_gdp_change_percent"):
    return SimpleNamespace(value=value, year=year, base_year=base_year, measure=measure)


def line_of(key, *targets, base_year=2020, base=100.0) -> TargetLine:
    line = TargetLine(INDICATORS[key], targets, base_year)
    line.begin(base)
    return line


# --- lines ------------------------------------------------------------------------------------------------------------


def test_a_change_is_a_straight_line_from_the_base_year():
    """-14.5 % by 2025 from 100 in 2020: 2.9 a year, and the level of 2025 is held."""
    line = line_of("energy_per_gdp", target(-14.5, 2025))
    assert [line.value(y) for y in (2020, 2021, 2023, 2025, 2030)] == pytest.approx([100, 97.1, 91.3, 85.5, 85.5])


def test_levels_of_two_plans_make_one_line():
    """35 % by 2025 and 37 % by 2030 from 30 %: 33 % in 2023, 36.2 % in 2028."""
    line = line_of("nonfossil_share", target(35.0, 2025), target(37.0, 2030), base=0.30)
    assert [line.value(y) for y in (2023, 2025, 2028, 2035)] == pytest.approx([0.33, 0.35, 0.362, 0.37])


def test_growth_a_year_and_targets_without_a_number_hold():
    """-1 % a year for ten years: 100 x .99^10 = 90.438; falling without a number asks that 100 is held."""
    assert line_of("coal_use", target(-1.0, 2030)).value(2030) == pytest.approx(90.438, abs=1e-3)
    assert line_of("coal_use", target(None, 2030)).value(2030) == 100.0


def test_a_quota_of_a_lever_is_a_line_and_the_stricter_counts():
    line = line_of("energy_per_gdp", target(-14.5, 2025))
    line.quota = 80.0
    assert line.value(2025) == 80.0
    line.quota = 99.0
    assert line.value(2025) == pytest.approx(85.5)
    alone = TargetLine(INDICATORS["coal_use"], (), 2020)
    assert np.isnan(alone.value(2022))
    alone.quota = 50.0
    assert alone.value(2022) == 50.0


def test_lines_of_a_place_are_those_that_its_targets_measure():
    lines = target_lines(list(INDICATORS.values()), [target(-19.5, 2025, 2020, "co2_per_gdp_change_percent")], 2020)
    assert [line.indicator.key for line in lines] == ["energy_per_gdp", "co2_per_gdp", "coal_use"]
    assert [len(line.targets) for line in lines] == [0, 1, 0]  # the others can have a quota


def test_gaps_are_one_sided_and_relative():
    """10 above 100: .1; below it none; a share of .3 where .4 is asked: .25."""
    assert gap_share(110.0, 100.0, 1.0) == pytest.approx(0.1)
    assert gap_share(90.0, 100.0, 1.0) == 0.0
    assert gap_share(0.3, 0.4, -1.0) == pytest.approx(0.25)
    assert gap_share(float("nan"), 100.0, 1.0) == gap_share(90.0, float("nan"), 1.0) == 0.0


@pytest.mark.parametrize(
    ("value", "base", "asked", "sign", "expected"),
    [(90.0, 100.0, 80.0, 1.0, 0.5), (70.0, 100.0, 80.0, 1.0, 1.2), (105.0, 100.0, 80.0, 1.0, 0.0),
     (0.35, 0.30, 0.40, -1.0, 0.5), (102.0, 100.0, 100.0, 1.0, 0.6), (0.43, 0.44, 0.37, -1.0, 1.0),
     (130.0, 100.0, 100.0, 1.0, 0.0)],
)  # fmt: skip
def test_progress(value, base, asked, sign, expected):
    """(I - I0)/(I* - I0) in 0 to 1.2. To hold 100 with 102: 1 - .02/.05 = .6; a base beyond its target holds it."""
    assert progress_share(value, base, asked, sign) == pytest.approx(expected)


def test_slippage_is_the_time_since_the_line_stood_where_the_value_stands():
    """Line 100, 97.1 ... 85.5; in 2024 (line 88.4) the value is 94.2, where the line was in 2022: 8 quarters."""
    line = line_of("energy_per_gdp", target(-14.5, 2025))
    assert slippage_quarters(line, 94.2, 2024) == pytest.approx(8.0)
    assert slippage_quarters(line, 88.0, 2024) == 0.0
    assert slippage_quarters(line, 120.0, 2024) == pytest.approx(16.0)


# --- counties ---------------------------------------------------------------------------------------------------


def test_counties_share_the_cut_and_together_make_it():
    """Weights .5, .3, .2 of a cut of .12 on sizes .4, .4, .2: .06/.4 = .15, .036/.4 = .09, .024/.2 = .12; sum .12."""
    cuts = county_cuts(0.12, np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.4, 0.2]))
    assert cuts == pytest.approx([0.15, 0.09, 0.12])
    assert cuts @ [0.4, 0.4, 0.2] == pytest.approx(0.12)


def test_no_county_is_asked_for_more_than_half_and_the_rest_is_shared_anew():
    """A cut of .2: the rich small county (90 % of the weight, 10 % of the energy) gives .5 x .1 = .05; .15 is left."""
    size = np.array([0.1, 0.9])
    cuts = county_cuts(0.2, np.array([0.9, 0.1]), size)
    assert cuts == pytest.approx([0.5, 0.15 / 0.9])
    assert cuts @ size == pytest.approx(0.2)


def test_a_county_without_energy_and_a_plan_that_asks_nothing():
    assert county_cuts(0.2, np.array([0.5, 0.5]), np.array([0.0, 1.0])) == pytest.approx([0.0, 0.2])
    assert not county_cuts(-0.1, np.array([0.5, 0.5]), np.array([0.5, 0.5])).any()


# --- instruments ---------------------------------------------------------------------------------------------------


def test_instruments_answer_gaps_within_administrative_capacity():
    """Effort .5, M 4: gap .1 gives .2; gap .8 gives 1 (full); together 1.2, scaled to a capacity of .6 by half."""
    response = np.array([[4.0, 0.0], [0.0, 4.0], [0.0, 0.0]])
    gaps = np.array([0.1, 0.8])
    assert rules.instrument_shares(0.5, response, gaps, 3.0) == pytest.approx([0.2, 1.0, 0.0])
    assert rules.instrument_shares(0.5, response, gaps, 0.6) == pytest.approx([0.1, 0.5, 0.0])


def test_a_place_strengthens_only_its_own_levers():
    """Roofs are in the hands of a park, access of the city: a park has no access review to tighten."""
    keys = list(registry.levers())
    roofs, access = keys.index("rooftop_pv_promotion"), keys.index("access_strictness")
    indicators = ["energy_per_gdp", "nonfossil_share"]
    park, _ = rules.mapping(indicators, {"park"})
    city, largest = rules.mapping(indicators, {"park", "city"})
    assert park[roofs, 1] > 0
    assert not park[access].any()
    assert city[access, 0] > 0
    assert largest[access] < 0  # stricter


def test_every_instrument_is_a_lever_that_acts_or_is_listed_for_its_institution():
    levers = registry.levers()
    for row in registry.instruments():
        lever = levers[row.lever]
        assert lever.low <= lever.neutral + row.largest <= lever.high, row.lever


def test_campaigns_come_in_the_last_year_of_a_plan():
    """.5 x (1 + 1 x .4) = .7 in 2025; .5 in other years."""
    assert [y for y in range(2020, 2036) if rules.is_last_of_plan(y)] == [2020, 2025, 2030, 2035]
    assert rules.campaign_effort(0.5, 0.4, 1.0, True) == pytest.approx(0.7)
    assert rules.campaign_effort(0.5, 0.4, 1.0, False) == 0.5
    assert sum(rules.DEADLINE_WEIGHTS) == pytest.approx(1.0)


def test_coordination_turns_effort_into_action():
    """.6 without, 1 with full coordination, .8 half way."""
    assert [rules.coordination_factor(c, 0.6) for c in (0.0, 0.5, 1.0)] == pytest.approx([0.6, 0.8, 1.0])


# --- budgets ---------------------------------------------------------------------------------------------------


def test_headroom_is_what_is_allowed_over_what_was_used():
    assert headroom_tce(110.0, 100.0) == pytest.approx(10.0)
    assert headroom_tce(90.0, 100.0) == 0.0


def test_projects_are_taken_by_rank_until_they_do_not_fit():
    """Budget 10: rank 1 uses 6, rank 2 would use 5 of the 4 left, rank 3 uses 3, rank 4 nothing."""
    energy, rank = np.array([5.0, 6.0, 3.0, 0.0]), np.array([2.0, 1.0, 3.0, 4.0])
    assert within_budget(energy, rank, 10.0).tolist() == [False, True, True, True]


def test_a_used_up_coal_budget_keeps_coal_fired_equipment_off():
    years, burns = np.array([2020.0, 2020.0]), np.array([True, False])
    assert without_coal(years, burns, 9999).tolist() == [9999.0, 2020.0]


def test_new_users_get_gas_only_below_the_limit_of_supply():
    """1 bcm = 1e9 m3 x 38.93 MJ."""
    assert pytest.approx(1e9 * 38.93 / 1e3) == GJ_PER_BCM
    uses = np.array([True, False])
    assert may_connect(uses, 0.9 * GJ_PER_BCM, 1.0).tolist() == [True, True]
    assert may_connect(uses, 1.1 * GJ_PER_BCM, 1.0).tolist() == [True, False]
