"""A15-A17b: the residual mix and the call auction in cases with a known solution (SM14)."""

import numpy as np
import pytest

from transition_sim.world.accounting.certificates import check_scope2, market_based_scope2, residual_factor
from transition_sim.world.markets.clearing import call_auction


def auction(asks, bids, k=0.5):
    """Clear (quantity, price) pairs, as columns that lie side by side in memory: others are compiled for anew."""
    ask_units, ask_price = np.ascontiguousarray(np.array(asks, float).T)
    bid_units, bid_price = np.ascontiguousarray(np.array(bids, float).T)
    return call_auction(ask_price, ask_units, bid_price, bid_units, k)


def test_a15_residual_mix_counts_every_tonne_once():
    grid_tco2 = 60 * 0.85  # 60 MWh coal at .85, 40 MWh renewable at 0
    assert residual_factor(grid_tco2, 100.0, 0.0) == pytest.approx(0.510, rel=1e-12)
    factor = residual_factor(grid_tco2, 100.0, 20.0)
    assert factor == pytest.approx(0.6375, rel=1e-12)  # 51 / 80
    scope2 = [market_based_scope2(*user, factor) for user in ((50.0, 20.0), (30.0, 0.0), (20.0, 0.0))]
    assert scope2 == pytest.approx([30 * 0.6375, 30 * 0.6375, 20 * 0.6375])
    assert sum(scope2) == pytest.approx(51.0, rel=1e-12)  # 80 x .6375
    check_scope2(sum(scope2), grid_tco2, "2030Q1")


def test_a16_crossing_call_auction():
    asks, bids = [(100, 5), (100, 10), (100, 20)], [(120, 30), (80, 12), (100, 8)]
    volume, price, sold, bought = auction(asks, bids)
    assert volume == 200.0
    assert price == 11.0  # lo = max(10, 8), hi = min(12, 20), half-way
    assert sold.tolist() == [100.0, 100.0, 0.0]
    assert bought.tolist() == [120.0, 80.0, 0.0]
    assert all(price >= ask for (_, ask), q in zip(asks, sold, strict=True) if q > 0)
    assert all(price <= bid for (_, bid), q in zip(bids, bought, strict=True) if q > 0)


def test_a17_oversupply_prices_at_the_sellers_end_not_half_way_to_the_buyer():
    volume, price, sold, bought = auction([(100, 0.5), (100, 1), (100, 2)], [(100, 20)])
    assert (volume, price) == (100.0, 0.75)  # interval [.5, 1]; not (.5 + 20) / 2 = 10.25
    assert sold.tolist() == [100.0, 0.0, 0.0]
    assert bought.tolist() == [100.0]


@pytest.mark.parametrize("k", [0.0, 0.5, 1.0])
def test_a17b_scarcity_prices_at_the_partly_filled_bid(k):
    volume, price, sold, bought = auction([(100, 0.5)], [(80, 20), (60, 12), (50, 8)], k)
    assert (volume, price) == (100.0, 12.0)  # lo = max(.5, 12), hi = 12: a single point for every k
    assert sold.tolist() == [100.0]
    assert bought.tolist() == [80.0, 20.0, 0.0]  # 20 of 60
