"""A18 known abatement costs, A19 banking, A21 allocation by intensity (SM15)."""

import numpy as np
import pytest

from transition_sim.world.markets.allowances import intensity_factor
from transition_sim.world.markets.clearing import call_auction

STEP = 0.002


def abating_ladder(slope: float, have: float, most: float) -> tuple[np.ndarray, ...]:
    """Return asks and bids, STEP units each, of a firm with MAC = slope x q that abates ``have`` without trade.

    It sells a unit for what abating one more costs, and pays for a unit what it need not abate any more.
    """
    more, less = np.arange(have, most, STEP), np.arange(have, 0.0, -STEP)
    ask, bid = slope * (more + STEP / 2), slope * (less - STEP / 2)
    return ask, np.full(ask.size, STEP), bid, np.full(bid.size, STEP)


def test_a18_trade_equalises_marginal_costs():
    """MAC 2q and 4q, 30 in all: 2 q1 = 4 q2 = 40 at q = (20, 10); 20^2 + 2 x 10^2 = 600, 15/15: 225 + 450 = 675."""
    first, second = abating_ladder(2.0, 15.0, 30.0), abating_ladder(4.0, 15.0, 30.0)
    asks, ask_units, bids, bid_units = (np.concatenate(pair) for pair in zip(first, second, strict=True))
    result = call_auction(asks, ask_units, bids, bid_units, 0.5)
    n = first[0].size
    q = np.array([15 + result.ask_filled_units[:n].sum(), 15 - result.bid_filled_units[first[2].size :].sum()])
    assert q == pytest.approx([20.0, 10.0], abs=2 * STEP)
    assert result.price_cny_per_unit == pytest.approx(40.0, abs=0.02)
    assert q[0] ** 2 + 2 * q[1] ** 2 == pytest.approx(600.0, rel=1e-3)


def price_of_need(need: float) -> float:
    """Return the price of an auction in which one firm with MAC = q may sell and the government asks for ``need``."""
    ask, units, _, _ = abating_ladder(1.0, 0.0, 40.0)
    return float(call_auction(ask, units, np.array([1e6]), np.array([need]), 0.0).price_cny_per_unit)


def test_a19_banking_makes_prices_rise_with_interest():
    """Needs 10 and 20, MAC = q, r = 5 %: P2 = 1.05 P1 and P1 + P2 = 30: P1 = 30 / 2.05 = 14.634; no banking: (10, 20).

    A holder keeps an allowance as long as next year's price, discounted, exceeds today's.
    """
    assert (price_of_need(10.0), price_of_need(20.0)) == pytest.approx((10.0, 20.0), abs=0.01)
    low, high = 0.0, 20.0
    while high - low > 1e-6:
        banked = (low + high) / 2
        reserve = price_of_need(20.0 - banked) / 1.05
        low, high = (banked, high) if reserve > price_of_need(10.0 + banked) else (low, banked)
    prices = price_of_need(10.0 + banked), price_of_need(20.0 - banked)
    assert prices == pytest.approx((14.634, 15.366), abs=0.01)
    assert banked == pytest.approx(4.634, abs=0.01)


@pytest.mark.parametrize(("relative", "factor"), [(0.9, 1.015), (0.7, 1.030), (1.3, 0.970)])
def test_a21_allocation_by_intensity(relative, factor):
    """1 + clip(.15 (1 - I/average), -.03, .03): .015; .045 and -.045 are cut to .03."""
    assert intensity_factor(relative * 0.84, 0.84, 0.15, 0.03) == pytest.approx(factor)
