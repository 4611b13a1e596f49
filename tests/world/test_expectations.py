"""Expected prices, the credibility of policy, and the rush before an announced end (SM16)."""

import numpy as np
import pytest

from transition_sim.core.tables import allocate
from transition_sim.scenarios import registry
from transition_sim.world.expectations import (
    anticipation_hazard,
    expected_lever,
    look_at_power,
    relative_loss_of_support,
    smoothed,
    update_credibility,
    update_expected_prices,
)
from transition_sim.world.state import CONDUCT, ENERGY, FINANCE, PRIVATE, SOE

PARAMS = registry.parameter_record()


def test_sm16_limits_of_the_speed():
    """Speed 1 believes the last price, speed 0 never learns."""
    assert (smoothed(10.0, 30.0, 1.0)) == 30.0
    assert (smoothed(10.0, 30.0, 0.0)) == 10.0


def test_sm16_a_steady_price_is_expected_exactly():
    expected = np.array([[33.4, 70.0], [33.4, 70.0]])
    update_expected_prices(expected, np.array([33.4, 70.0]), PARAMS)
    assert expected.tolist() == [[33.4, 70.0], [33.4, 70.0]]


def test_sm16_levers_are_believed_by_credibility():
    """.6 x 100 + .4 x 20 = 68."""
    assert expected_lever(0.6, 100.0, 20.0) == pytest.approx(68.0)
    assert expected_lever(0.0, 100.0, 20.0) == 20.0
    assert expected_lever(1.0, 100.0, 20.0) == 100.0


def test_sm16_credibility_is_lost_three_times_as_fast_as_won():
    """.6 + .05 = .65; .6 - .15 = .45; both .5; never above .95 or below .1."""
    assert update_credibility(0.6, 1, 0, PARAMS) == pytest.approx(0.65)
    assert update_credibility(0.6, 0, 1, PARAMS) == pytest.approx(0.45)
    assert update_credibility(0.6, 1, 1, PARAMS) == pytest.approx(0.50)
    assert update_credibility(0.94, 1, 0, PARAMS) == 0.95
    assert update_credibility(0.2, 0, 3, PARAMS) == 0.1


def test_sm16_rush_before_the_end_and_lull_after_it():
    """End at quarter 12, loss .2: 1.5 x .2 = +.3 in quarters 8 to 11, -.3 in 12 to 15, else nothing; the sum is 0."""
    added = [float(anticipation_hazard(q, 12, 0.2)) for q in range(20)]
    assert added == pytest.approx([0.0] * 8 + [0.3] * 4 + [-0.3] * 4 + [0.0] * 4)
    assert sum(added) == pytest.approx(0.0, abs=1e-15)


def test_sm16_a_cost_that_falls_away_makes_firms_wait():
    """A negative loss turns the signs; arrays are answered by row; a window of two quarters."""
    loss = np.array([0.2, -0.1, 0.0])
    assert anticipation_hazard(11, 12, loss) == pytest.approx([0.3, -0.15, 0.0])
    assert anticipation_hazard(12, 12, loss, 1.0, 2) == pytest.approx([-0.2, 0.1, 0.0])
    assert anticipation_hazard(9, 12, loss, 1.0, 2).tolist() == [0.0, 0.0, 0.0]


def test_sm16_loss_when_a_capital_support_ends():
    """Capital is half of the cost and 30 % of it is paid: cost .85 becomes 1, a rise of .15/.85 = 17.65 %."""
    assert float(relative_loss_of_support(0.5, 0.3)) == pytest.approx(0.15 / 0.85)
    assert float(relative_loss_of_support(0.5, 0.0)) == 0.0


def test_sm16_what_enterprises_expect_of_power():
    """Tariffs of four quarters 500 to 800: mean 650; a surcharge of 20 on it; high voltage pays 40 less.

    The state-owned move a quarter or so of the way from 600; the private ones by their own speed. Loads: 219 MWh
    over 2190 h are 0.1 MW in the mean, 0.15 at midday.
    """
    energy, conduct, finance = allocate(ENERGY, 2), allocate(CONDUCT, 2), allocate(FINANCE, 2)
    energy["surcharge_cny_per_mwh"], energy["electricity_mwh"] = [0.0, 20.0], [219.0, 438.0]
    conduct["load_shape"], finance["ownership"] = 1, [SOE, PRIVATE]
    tariffs = np.stack([np.zeros(4), [500.0, 600.0, 700.0, 800.0]], axis=1)
    expected, avoided, loads = np.full(2, 600.0), np.zeros(2), np.zeros((2, 3))
    points = np.array([[9.0, 9.0, 9.0], [1.5, 1.2, 0.5]])
    look_at_power(
        energy, conduct, finance, np.array([0, 1]), tariffs, 700.0, 40.0, points, 2190.0, PARAMS, expected, avoided,
        loads,
    )  # fmt: skip
    slow, fast = PARAMS[0]["expectation_speed_soe"], PARAMS[0]["expectation_speed"]
    assert expected == pytest.approx([600.0 + slow * 50.0, 600.0 + fast * 30.0])
    assert avoided == pytest.approx([700.0, 680.0])
    assert loads == pytest.approx(np.array([[0.15, 0.12, 0.05], [0.3, 0.24, 0.1]]))
