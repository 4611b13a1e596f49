"""Final demand: seasons, growth, noise, prices (SM01)."""

import numpy as np
import pytest

from transition_sim.scenarios import registry
from transition_sim.world.demand import final_demand, growth_levels, mean_price_index, next_noise, season_factors

SEASONS = [("season_q1", "f8"), ("season_q2", "f8"), ("season_q3", "f8"), ("season_q4", "f8")]
GROWTH = [("growth_2021_2025_percent", "f8"), ("growth_2026_2030_percent", "f8"), ("growth_2031_2035_percent", "f8")]


def test_sm01_seasons_average_to_one():
    """Cement's .75 1.10 1.05 1.10 sums to 4 and stays; 1 1 1 5 is divided by 2."""
    season = season_factors(np.array([(0.75, 1.10, 1.05, 1.10), (1.0, 1.0, 1.0, 5.0)], dtype=SEASONS))
    assert season[0].tolist() == pytest.approx([0.75, 1.10, 1.05, 1.10], rel=1e-15)
    assert season[1].tolist() == [0.5, 0.5, 0.5, 2.5]
    every = season_factors(registry.sector_table())
    assert every.mean(axis=1) == pytest.approx(1.0, rel=1e-14)


@pytest.mark.parametrize("row", [(0.0, 0.0, 0.0, 0.0), (-1.0, 2.0, 2.0, 1.0)])
def test_sm01_impossible_seasons_are_refused(row):
    with pytest.raises(ValueError, match="seasonal factors"):
        season_factors(np.array([row], dtype=SEASONS))


def test_sm01_growth_by_quarter():
    """4 % in 2021-25: 1.04^.25 in 2021Q1, 1.04^5 at the end of 2025, then 2 %, then 1 % for ever."""
    level = growth_levels(np.array([(4.0, 2.0, 1.0)], dtype=GROWTH), 2020, 2020, 4 * 20)[:, 0]
    assert level[:4].tolist() == [1.0] * 4
    assert level[4] == pytest.approx(1.04**0.25)
    assert level[4 * 6 - 1] == pytest.approx(1.04**5)
    assert level[4 * 11 - 1] == pytest.approx(1.04**5 * 1.02**5)
    assert level[4 * 16 - 1] == pytest.approx(1.04**5 * 1.02**5 * 1.01**5)
    assert level[-1] == pytest.approx(1.04**5 * 1.02**5 * 1.01**9)


def test_sm01_growth_does_not_depend_on_the_start_of_the_run():
    sectors = np.array([(4.0, 2.0, 1.0), (-4.0, -3.0, -2.0)], dtype=GROWTH)
    assert growth_levels(sectors, 2020, 2023, 8) == pytest.approx(growth_levels(sectors, 2020, 2020, 20)[12:])
    assert (growth_levels(sectors, 2020, 2018, 8) == 1.0).all()


def test_sm01_demand_by_hand():
    """100 x 1.5 x 1.1 x e^.01 x 2^-.8."""
    demand = final_demand(
        np.array([100.0, 10.0]), np.array([1.5, 1.0]), np.array([[1.0, 1.1, 0.9, 1.0]] * 2), np.array([0.01, 0.0]),
        np.array([2.0, 1.0]), np.array([0.8, 0.2]), 1,
    )  # fmt: skip
    assert demand == pytest.approx([165.0 * 1.010050167 * 0.574349177, 11.0], rel=1e-8)
    with pytest.raises(ValueError, match="must be positive"):
        final_demand(np.ones(1), np.ones(1), np.ones((1, 4)), np.zeros(1), np.zeros(1), np.ones(1), 0)


def test_sm01_noise_is_autoregressive():
    """Stationary deviation .015 / sqrt(1 - .36) = .01875; correlation .6."""
    rng = np.random.default_rng(7)
    noise, path = np.zeros(400), []
    for _ in range(300):
        noise = next_noise(noise, rng.standard_normal(400))
        path.append(noise)
    late = np.array(path[50:])
    assert late.std() == pytest.approx(0.01875, rel=0.02)
    assert np.corrcoef(late[:-1].ravel(), late[1:].ravel())[0, 1] == pytest.approx(0.6, abs=0.02)


def test_sm01_buyers_pay_the_share_weighted_price():
    """(.75 x 1 + .25 x 2); a sector without sellers costs 1."""
    mean = mean_price_index(np.array([0, 0]), np.array([1.0, 2.0]), np.array([0.75, 0.25]), 2)
    assert mean == pytest.approx([1.25, 1.0])
