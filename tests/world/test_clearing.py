"""The clearing room: call auction against a brute-force twin, posted offers, bilateral contracts (SM14, SM11)."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transition_sim.world.markets.clearing import bilateral, call_auction, negotiated_price, posted_market, ration

NEVER, ALWAYS = -np.inf, np.inf
whole_orders = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), max_size=7)
real_orders = st.lists(st.tuples(st.floats(0, 1e3), st.floats(0, 1e6, allow_subnormal=False)), max_size=12)
shares = st.floats(0, 1)


def columns(orders):
    """Return (prices, quantities) of a list of pairs."""
    table = np.array(orders, float).reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()


# ---------------------------------------------------------------- the slow twin: unit by unit
def twin_fill(orders, last, volume, better):
    full = [q if better(p, last) else 0 for p, q in orders]
    margin = [q if p == last else 0 for p, q in orders]
    share = Fraction(volume - sum(full), sum(margin))
    return [Fraction(f) + share * m for f, m in zip(full, margin, strict=True)]


def twin_auction(asks, bids, k):
    ask_units = sorted(p for p, q in asks for _ in range(q))
    bid_units = sorted((p for p, q in bids for _ in range(q)), reverse=True)
    volume = sum(b >= a for a, b in zip(ask_units, bid_units, strict=False))
    if volume == 0:
        return 0, None, [0] * len(asks), [0] * len(bids)
    ask_last, bid_last = ask_units[volume - 1], bid_units[volume - 1]
    low = max([ask_last, *bid_units[volume : volume + 1]])
    high = min([bid_last, *ask_units[volume : volume + 1]])
    sold = twin_fill(asks, ask_last, volume, lambda p, last: p < last)
    bought = twin_fill(bids, bid_last, volume, lambda p, last: p > last)
    return volume, k * high + (1 - k) * low, sold, bought


@settings(max_examples=400, deadline=None)
@given(whole_orders, whole_orders, st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_sm14_call_auction_is_the_auction_of_single_units(asks, bids, k):
    volume, price, sold, bought = twin_auction(asks, bids, k)
    found = call_auction(*columns(asks), *columns(bids), k)
    assert found.traded_units == volume
    assert np.isnan(found.price_cny_per_unit) if price is None else found.price_cny_per_unit == price
    assert found.ask_filled_units == pytest.approx([float(q) for q in sold], abs=1e-12)
    assert found.bid_filled_units == pytest.approx([float(q) for q in bought], abs=1e-12)


@settings(max_examples=200, deadline=None)
@given(whole_orders, whole_orders)
def test_sm14_whole_lots_stay_whole_and_within_one_lot_of_the_proportional_share(asks, bids):
    volume, _, sold, bought = twin_auction(asks, bids, 0.5)
    found = call_auction(*columns(asks), *columns(bids), 0.5, 1.0)
    for filled, exact, orders in ((found.ask_filled_units, sold, asks), (found.bid_filled_units, bought, bids)):
        assert filled.sum() == volume
        assert np.all(filled == np.floor(filled))
        assert all(abs(f - e) < 1 and 0 <= f <= q for f, e, (_, q) in zip(filled, exact, orders, strict=True))


@settings(max_examples=300, deadline=None)
@given(real_orders, real_orders, shares)
def test_sm14_conservation_individual_rationality_and_no_trade_left(asks, bids, k):
    ask_price, ask_units = columns(asks)
    bid_price, bid_units = columns(bids)
    volume, price, sold, bought = call_auction(ask_price, ask_units, bid_price, bid_units, k)
    assert sold.sum() == pytest.approx(volume, rel=1e-9, abs=1e-9)
    assert bought.sum() == pytest.approx(volume, rel=1e-9, abs=1e-9)
    assert np.all((sold >= 0) & (sold <= ask_units))
    assert np.all((bought >= 0) & (bought <= bid_units))
    if volume > 0:
        assert np.all(ask_price[sold > 0] <= price)
        assert np.all(bid_price[bought > 0] >= price)
    rounding = 1e-9 * (1 + volume)
    left_ask = ask_price[ask_units - sold > rounding]
    left_bid = bid_price[bid_units - bought > rounding]
    if left_ask.size and left_bid.size:
        assert left_bid.max() < left_ask.min()
    if volume > 0:  # the price lies in the interval: nobody left over would have traded at it
        assert left_ask.size == 0 or price <= left_ask.min()
        assert left_bid.size == 0 or price >= left_bid.max()


@settings(max_examples=200, deadline=None)
@given(real_orders, real_orders, st.randoms(use_true_random=False))
def test_sm14_the_order_of_rows_decides_nothing(asks, bids, random):
    first = call_auction(*columns(asks), *columns(bids), 0.5)
    a, b = list(range(len(asks))), list(range(len(bids)))
    random.shuffle(a)
    random.shuffle(b)
    second = call_auction(*columns([asks[i] for i in a]), *columns([bids[i] for i in b]), 0.5)
    assert second.traded_units == pytest.approx(first.traded_units, rel=1e-9)
    assert second.price_cny_per_unit == pytest.approx(first.price_cny_per_unit, rel=1e-9, nan_ok=True)
    assert second.ask_filled_units == pytest.approx(first.ask_filled_units[a], rel=1e-9, abs=1e-6)
    assert second.bid_filled_units == pytest.approx(first.bid_filled_units[b], rel=1e-9, abs=1e-6)


def test_sm14_equals_at_the_margin_share_in_proportion():
    # 90 units for bids of 100 and 50 at one price: 90 x 100/150 = 60 and 30
    found = call_auction(np.array([1.0]), np.array([90.0]), np.array([5.0, 5.0]), np.array([100.0, 50.0]), 0.5)
    assert found.bid_filled_units == pytest.approx([60.0, 30.0])
    assert found.price_cny_per_unit == 5.0  # both bids want more: lo = hi = 5


def test_sm11_permits_clear_on_the_same_engine():
    # t/yr: retiring lines ask 80 and 120 CNY/t; an expander bids 150, another 100
    found = call_auction(
        np.array([80.0, 120.0]), np.array([9e5, 6e5]), np.array([150.0, 100.0]), np.array([1e6, 5e5]), 0.5
    )
    # units: to 0.9 Mt asks at 80, bids at 150; to 1.0 Mt asks at 120, bids at 150; beyond: bid 100 < ask 120
    assert found.traded_units == 1e6
    assert found.price_cny_per_unit == 120.0  # lo = max(120, 100), hi = min(150, 120): the rest of that ask is next
    assert found.ask_filled_units.tolist() == [9e5, 1e5]


def test_rounding_noise_does_not_set_the_price():
    # .1 + .2 is 5.6e-17 above .3: the sliver must not make the ask at 1 the marginal one
    found = call_auction(np.array([1.0, 1.0]), np.array([0.1, 0.2]), np.array([9.0, 4.0]), np.array([0.3, 1.0]), 0.0)
    assert found.price_cny_per_unit == 4.0  # all asks sold, next bid 4


@pytest.mark.parametrize(
    ("ask", "units", "k", "lot", "message"),
    [
        ([np.nan], [1.0], 0.5, 0.0, "price of an order must be finite"),
        ([1.0], [-1.0], 0.5, 0.0, "finite and not negative"),
        ([1.0, 2.0], [1.0], 0.5, 0.0, "one price and one quantity"),
        ([1.0], [1.5], 0.5, 1.0, "multiple of the lot"),
        ([1.0], [1.0], 1.5, 0.0, "between 0 and 1"),
    ],
)
def test_orders_that_make_no_sense_are_refused(ask, units, k, lot, message):
    with pytest.raises(ValueError, match=message):
        call_auction(np.array(ask), np.array(units), np.array([2.0]), np.array([1.0]), k, lot)


# ---------------------------------------------------------------- rationing
def test_ration_by_largest_remainder():
    # 10 over 3, 3, 6: 2.5, 2.5, 5 -> 3, 2, 5
    assert ration(10.0, np.array([3.0, 3.0, 6.0]), 1.0).tolist() == [3.0, 2.0, 5.0]
    assert ration(10.0, np.array([3.0, 3.0, 6.0]), 0.0).tolist() == [2.5, 2.5, 5.0]
    assert ration(20.0, np.array([3.0, 3.0, 6.0]), 1.0).tolist() == [3.0, 3.0, 6.0]
    assert ration(0.0, np.zeros(2), 1.0).tolist() == [0.0, 0.0]


# ---------------------------------------------------------------- listing
def test_sm14_listing_takes_the_cheapest_offer_within_the_limit():
    asks, offered = np.array([2.0, 1.0]), np.array([50.0, 50.0])
    limits, wanted = np.array([3.0, 1.5, 9.0]), np.array([30.0, 30.0, 60.0])
    arrival = np.array([0.3, 0.1, 0.2])
    trades = posted_market(asks, offered, limits, wanted, np.array([0.1, 0.2]), arrival)
    # bid 1 takes 30 at 1; bid 2 takes 20 at 1 and 40 at 2; bid 0 finds 10 at 2
    assert list(zip(*[t.tolist() for t in trades], strict=True)) == [
        (1, 1, 30.0, 1.0), (1, 2, 20.0, 1.0), (0, 2, 40.0, 2.0), (0, 0, 10.0, 2.0),
    ]  # fmt: skip


def test_sm14_a_buyer_below_every_offer_leaves_the_listing_to_others():
    trades = posted_market(
        np.array([5.0]), np.array([10.0]), np.array([4.0, 6.0]), np.array([9.0, 9.0]), np.zeros(1), np.array([0.1, 0.2])
    )
    assert trades.bid.tolist() == [1]
    assert trades.traded_units.tolist() == [9.0]


@settings(max_examples=200, deadline=None)
@given(real_orders, real_orders, st.integers(0, 2**32))
def test_sm14_listing_conserves_and_leaves_no_acceptable_offer(asks, bids, seed):
    ask_price, ask_units = columns(asks)
    bid_price, bid_units = columns(bids)
    rng = np.random.default_rng(seed)
    trades = posted_market(ask_price, ask_units, bid_price, bid_units, rng.random(len(asks)), rng.random(len(bids)))
    sold = np.bincount(trades.ask, trades.traded_units, len(asks))
    bought = np.bincount(trades.bid, trades.traded_units, len(bids))
    assert np.all(sold <= ask_units * (1 + 1e-12))
    assert np.all(bought <= bid_units * (1 + 1e-12))
    assert np.all(trades.price_cny_per_unit == ask_price[trades.ask])
    assert np.all(trades.price_cny_per_unit <= bid_price[trades.bid])
    left_ask = ask_price[ask_units - sold > 1e-6]
    left_bid = bid_price[bid_units - bought > 1e-6]
    assert not (left_ask.size and left_bid.size) or left_bid.max() < left_ask.min()


# ---------------------------------------------------------------- bilateral
def sign(asks, bids, is_first=None, floor=NEVER, ceiling=ALWAYS, lot=0.0, seed=1):
    ask_price, ask_units = columns(asks)
    bid_price, bid_units = columns(bids)
    rng = np.random.default_rng(seed)
    first = np.zeros(len(bids), bool) if is_first is None else np.array(is_first, bool)
    order = rng.random(len(asks)), rng.random(len(bids))
    return bilateral(ask_price, ask_units, bid_price, bid_units, first, *order, floor, ceiling, lot)


def test_sm14_bilateral_price_is_the_mid_point_and_shares_follow_size():
    trades = sign([(2, 60)], [(10, 80), (4, 40)])
    # 60 over 80 and 40: 40 and 20, although the second pays less; (2 + 10)/2 = 6, (2 + 4)/2 = 3
    assert trades.bid.tolist() == [0, 1]
    assert trades.traded_units == pytest.approx([40.0, 20.0])
    assert trades.price_cny_per_unit.tolist() == [6.0, 3.0]


def test_sm14_state_owned_buyers_sign_first():
    trades = sign([(2, 60)], [(10, 80), (4, 40)], is_first=[False, True])
    bought = np.bincount(trades.bid, trades.traded_units, 2)
    assert bought.tolist() == [20.0, 40.0]  # the second in full, the first what is left


def test_sm14_a_buyer_without_willingness_signs_nothing():
    assert sign([(0, 60)], [(0, 80)]).ask.size == 0


def test_sm14_outside_options_bind_where_the_market_does_better():
    assert negotiated_price(1.0, 50.0, NEVER, ALWAYS) == 25.5  # the plain mid-point
    assert negotiated_price(1.0, 50.0, NEVER, 2.0) == 2.0  # the buyer could buy at 2
    assert negotiated_price(1.0, 50.0, 40.0, ALWAYS) == 40.0  # the seller could sell at 40
    assert negotiated_price(1.0, 50.0, 10.0, ALWAYS) == 25.5  # an option worse than the bargain changes nothing
    assert sign([(5, 10)], [(50, 10)], ceiling=2.0).ask.size == 0  # nobody signs at 5 what costs 2
    assert sign([(5, 10)], [(50, 10)], floor=60.0).ask.size == 0


@settings(max_examples=200, deadline=None)
@given(whole_orders, whole_orders, st.data())
def test_sm14_bilateral_conserves_whole_lots_and_is_individually_rational(asks, bids, data):
    is_first = data.draw(st.lists(st.booleans(), min_size=len(bids), max_size=len(bids)))
    floor, ceiling = data.draw(st.sampled_from([(NEVER, ALWAYS), (NEVER, 4.0), (4.0, ALWAYS)]))
    trades = sign(asks, bids, is_first, floor, ceiling, lot=1.0)
    ask_price, ask_units = columns(asks)
    bid_price, bid_units = columns(bids)
    sold = np.bincount(trades.ask, trades.traded_units, len(asks))
    bought = np.bincount(trades.bid, trades.traded_units, len(bids))
    assert np.all(trades.traded_units == np.floor(trades.traded_units))
    assert np.all(trades.traded_units > 0)
    assert np.all(sold <= ask_units)
    assert np.all(bought <= bid_units)
    assert np.all(trades.price_cny_per_unit >= np.maximum(ask_price[trades.ask], floor))
    assert np.all(trades.price_cny_per_unit <= np.minimum(bid_price[trades.bid], ceiling))
    if not any(is_first) and floor == NEVER and ceiling == ALWAYS:
        volume = twin_auction(asks, [(p, q if p > 0 else 0) for p, q in bids], 0.5)[0]
        assert sold.sum() == volume  # as much as an auction would trade


@settings(max_examples=100, deadline=None)
@given(real_orders, real_orders)
def test_sm14_bilateral_conserves_divisible_quantities(asks, bids):
    trades = sign(asks, bids)
    volume = call_auction(*columns(asks), *columns([(p, q if p > 0 else 0) for p, q in bids]), 0.5).traded_units
    assert trades.traded_units.sum() == pytest.approx(volume, rel=1e-9, abs=1e-9)
