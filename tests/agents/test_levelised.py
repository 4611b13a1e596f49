"""What a unit of service costs over the years that an enterprise counts (SM06, A09)."""

import pytest
from decision_makers import make_town, t

from transition_sim.agents.levelised import (
    levelised_cost,
    planning_years,
    support_share,
    use_cny_per_unit,
    use_with_measure,
)
from transition_sim.world.annuity import capital_recovery_factor, growing_annuity
from transition_sim.world.state import LARGE, MEDIUM, PRIVATE, SMALL, SOE


def test_a09_recovery_and_annuity():
    """10 years at 15 %: .199252, times 1000 against a saving of 200: 200/.199252 - 1000 = 3.754."""
    assert capital_recovery_factor(0.15, 10) == pytest.approx(0.199252, abs=5e-7)
    assert 200 * growing_annuity(0.15, 0.0, 10) - 1000 == pytest.approx(3.754, abs=5e-4)
    assert capital_recovery_factor(0.0, 8) == pytest.approx(1 / 8)
    assert capital_recovery_factor(1e-12, 8) == pytest.approx(1 / 8)


def test_sm06_growing_prices_are_levelised():
    """Three years at 10 % with 5 % growth: 1/1.1 + 1.05/1.21 + 1.1025/1.331 = 2.60518; growth at the rate: 3/1.1."""
    assert growing_annuity(0.10, 0.05, 3) == pytest.approx(1 / 1.1 + 1.05 / 1.21 + 1.1025 / 1.331)
    assert growing_annuity(0.05, 0.05, 3) == pytest.approx(3 / 1.05)


def test_sm06_levelised_cost_by_hand():
    """(1-.3)(1-.1) x 100 x .2 + .02 x 100 + 50 + 3 - 1 = 12.6 + 2 + 52 = 66.6; doubled first cost: 79.2."""
    assert levelised_cost(100.0, 0.2, 0.02, 0.3, 0.1, 50.0, 3.0, 1.0) == pytest.approx(66.6)
    assert levelised_cost(100.0, 0.2, 0.02, 0.3, 0.1, 50.0, 3.0, 1.0, 2.0) == pytest.approx(79.2)


def test_sm06_horizons():
    p = make_town().params[0]
    assert planning_years(SOE, SMALL, p) == 15.0
    assert [planning_years(PRIVATE, size, p) for size in (SMALL, MEDIUM, LARGE)] == [8.0, 12.0, 12.0]


def test_l01_support_is_capped_by_share_and_sum():
    """Lever .4: cap 30 %; 5 million of 20 million: .25; nothing for what is not green."""
    town = make_town(levers={"capex_subsidy_share": 0.4})
    p, lever = town.params[0], town.levers[0]
    assert support_share(1, 1e6, p, lever) == pytest.approx(0.30)
    assert support_share(1, 20e6, p, lever) == pytest.approx(0.25)
    assert support_share(0, 1e6, p, lever) == 0.0
    assert support_share(1, 0.0, p, lever) == 0.0


def test_sm06_cost_of_use_by_hand():
    """2 GJ at 33 + .36 GJ = .1 MWh at 600 + (2 x .09 + .5) t at 100 CNY = 66 + 60 + 68 = 194."""
    use = (2.0, 0.36, 0.5, 33.0, 0.09, 0.0, 0.0)
    assert use_cny_per_unit(use, 600.0, 100.0, make_town().params[0]) == pytest.approx(194.0)


def test_sm19_capture_takes_heat_and_power_and_leaves_a_tenth():
    """1 GJ of .1 t and process .9 t: 1 t; captured .9 t needs 2.25 GJ and .108 MWh.

    Fuel 3.25 x 30 = 97.5, power .108 x 600 = 64.8, paid .1 of 1 t and 2.25 x .1 of the heat = .325 t x 100 = 32.5: the
    heat is burnt outside the captured stack, as in the accounts (``world.services``).
    """
    use = (1.0, 0.0, 0.9, 30.0, 0.1, 0.0, 0.9)
    assert use_cny_per_unit(use, 600.0, 100.0, make_town().params[0]) == pytest.approx(97.5 + 64.8 + 32.5)


def test_sm03_measures_multiply():
    """Waste heat -5 % and MVR -8 % of 2 GJ: 2 x .95 x .92 = 1.748, in either order; power stays."""
    table = make_town().technologies
    use = (2.0, 0.1, 0.5, 33.0, 0.09, 0.0, 0.0)
    one, two = table[t("stm_whr")], table[t("stm_mvr")]
    both = use_with_measure(use_with_measure(use, one, 0.0, 0.0), two, 0.0, 0.0)
    assert both == pytest.approx((1.748, 0.1, 0.5, 33.0, 0.09, 0.0, 0.0))
    assert use_with_measure(use_with_measure(use, two, 0.0, 0.0), one, 0.0, 0.0) == pytest.approx(both)


def test_sm03_a_measure_that_switches_fuel_mixes_price_and_factor():
    """30 % refuse fuel at 8 CNY and .045 t: .7 x 33 + .3 x 8 = 25.5; .7 x .09 + .3 x .045 = .0765; heat x 1.02."""
    use = use_with_measure((3.0, 0.2, 0.535, 33.0, 0.09, 0.0, 0.0), make_town().technologies[t("clk_fuel")], 8.0, 0.045)
    assert use == pytest.approx((3.06, 0.2, 0.535, 25.5, 0.0765, 0.0, 0.0))
