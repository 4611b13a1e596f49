"""Three ways to clear a market, compiled: a call auction, posted offers, and annual bilateral contracts (SM14, SM11).

The engine knows units and CNY only: MWh of green power, certificates, capacity permits in t/yr, allowances in t.
Orders are plain arrays, one row an order; orders of zero units are as good as absent. Quantities are divisible, or,
with ``lot_units`` > 0, whole multiples of a lot: what must be shared out is then rounded by largest remainder, so
that sums of whole lots stay exact in float64.
"""

from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled, merged, part
from transition_sim.core.ordering import order_of

NEGLIGIBLE_SHARE = 1e-12
"""An order left with less than this share of the volume is used up: the rest is rounding."""


class Auction(NamedTuple):
    """What a call auction gave.

    Attributes
    ----------
    traded_units : float
    price_cny_per_unit : float
        One price for all; nan when nothing is traded.
    ask_filled_units, bid_filled_units : ndarray, shapes (n_asks,) and (n_bids,)
        Both sum to ``traded_units``.
    """

    traded_units: float
    price_cny_per_unit: float
    ask_filled_units: np.ndarray
    bid_filled_units: np.ndarray


class Trades(NamedTuple):
    """Trades between an ask and a bid, shape (n_trades,) each; n_trades <= n_asks + n_bids for every pass.

    Attributes
    ----------
    ask, bid : ndarray of i8
        Row of the order on either side.
    traded_units : ndarray
    price_cny_per_unit : ndarray
    """

    ask: np.ndarray
    bid: np.ndarray
    traded_units: np.ndarray
    price_cny_per_unit: np.ndarray


@part
def check_orders(price_cny_per_unit, units, lot_units):
    """Refuse orders that no market could clear.

    Raises
    ------
    ValueError
        Where lengths differ, a price is not finite, units are negative or not finite, or not whole lots.
    """
    if price_cny_per_unit.shape[0] != units.shape[0]:
        raise ValueError("every order needs one price and one quantity")
    if lot_units < 0.0:
        raise ValueError("a lot is zero (divisible) or a positive number of units")
    for i in range(units.shape[0]):
        if not np.isfinite(price_cny_per_unit[i]):
            raise ValueError("the price of an order must be finite")
        if not (np.isfinite(units[i]) and units[i] >= 0.0):
            raise ValueError("the quantity of an order must be finite and not negative")
        if lot_units > 0.0 and units[i] % lot_units != 0.0:
            raise ValueError("the quantity of an order must be a multiple of the lot")


@merged
def round_to_lots(given_units, total_units, lot_units):
    """Round shares of a total to whole lots in place, by largest remainder; equal remainders by row."""
    remainder = np.empty(given_units.shape[0])
    missing = int(np.round(total_units / lot_units))
    for i in range(given_units.shape[0]):
        lots = np.floor(given_units[i] / lot_units)
        remainder[i] = given_units[i] / lot_units - lots
        given_units[i] = lots * lot_units
        missing -= int(lots)
    rows = np.nonzero(remainder)[0]
    if missing > rows.size:
        raise ValueError("shares that are to be rounded must sum to a whole number of lots")
    rows = rows[order_of(-remainder[rows])]
    for position in range(missing):
        given_units[rows[position]] += lot_units


@part
def ration(total_units, wanted_units, lot_units):
    """Share out a total in proportion to what is wanted, and never more than that.

    Parameters
    ----------
    total_units : float
        >= 0; a multiple of the lot when there is one.
    wanted_units : ndarray, shape (n,)
    lot_units : float
        0: divisible.
    """
    wanted_sum = wanted_units.sum()
    if total_units >= wanted_sum:
        return wanted_units.copy()
    given_units = wanted_units * (total_units / wanted_sum)
    if lot_units > 0.0:
        round_to_lots(given_units, total_units, lot_units)
    return given_units


@part
def rows_by(key, units):
    """Return the rows with units, by ascending key; equal keys by row."""
    rows = np.nonzero(units)[0]
    return rows[order_of(key[rows])]


@part
def crossing(ask_cny_per_unit, ask_units, asks, bid_cny_per_unit, bid_units, bids):
    """Find the largest volume q with bid(q) >= ask(q), and the orders around it.

    Parameters
    ----------
    ask_cny_per_unit, ask_units, bid_cny_per_unit, bid_units : ndarray
    asks, bids : ndarray of i8
        Rows with units, by ascending ask and by descending bid; rows without units may be among them.

    Returns
    -------
    traded_units : float
    ask_last, bid_last : float
        Prices of the last unit traded on either side; nan when none.
    ask_next, bid_next : float
        Prices of the first unit not traded: the rest of a partly filled order, else the first rejected order (A17b);
        inf and -inf when there is none.
    """
    i = j = -1
    supplied = demanded = traded = 0.0
    ask_last = bid_last = np.nan
    while True:
        used_up = traded * (1.0 + NEGLIGIBLE_SHARE)
        while i < asks.size and supplied <= used_up:
            i += 1
            supplied += ask_units[asks[i]] if i < asks.size else 0.0
        while j < bids.size and demanded <= used_up:
            j += 1
            demanded += bid_units[bids[j]] if j < bids.size else 0.0
        ask_next = ask_cny_per_unit[asks[i]] if i < asks.size else np.inf
        bid_next = bid_cny_per_unit[bids[j]] if j < bids.size else -np.inf
        if bid_next < ask_next:
            return traded, ask_last, bid_last, ask_next, bid_next
        ask_last, bid_last = ask_next, bid_next
        traded = min(supplied, demanded)


@part
def price_in_interval(ask_last, bid_last, ask_next, bid_next, k):
    """Return the price k of the way up the interval of clearing prices; nan when nothing is traded (SM14)."""
    low, high = max(ask_last, bid_next), min(bid_last, ask_next)
    return min(high, max(low, k * high + (1.0 - k) * low)) if ask_last <= bid_last else np.nan


@part
def fill_side(price_cny_per_unit, units, last_cny_per_unit, traded_units, lot_units):
    """Fill what is priced under the last unit; orders at its price share the rest (for bids, turn the signs)."""
    filled_units = np.zeros(units.shape[0])
    at_margin_units = np.zeros(units.shape[0])
    rest_units = traded_units
    for i in range(units.shape[0]):
        if price_cny_per_unit[i] < last_cny_per_unit:
            filled_units[i] = units[i]
            rest_units -= units[i]
        elif price_cny_per_unit[i] == last_cny_per_unit:
            at_margin_units[i] = units[i]
    return filled_units + ration(max(0.0, rest_units), at_margin_units, lot_units)


@compiled
def call_auction(ask_cny_per_unit, ask_units, bid_cny_per_unit, bid_units, k, lot_units=0.0):
    """Clear a uniform-price call auction (SM14; SM11 permits; SM15 allowances).

    Volume Q = max q with bid(q) >= ask(q). Every price from ``p_lo = max(ask(Q), next bid)`` to ``p_hi = min(bid(Q),
    next ask)`` clears it; next is the first unit not traded, which may belong to a partly filled order. Price =
    k p_hi + (1 - k) p_lo. Orders at the marginal price share in proportion to their size.

    Parameters
    ----------
    ask_cny_per_unit, ask_units : ndarray, shape (n_asks,)
        Lowest price accepted; quantity >= 0.
    bid_cny_per_unit, bid_units : ndarray, shape (n_bids,)
        Highest price paid; quantity >= 0.
    k : float
        0: buyers' best price; 1: sellers' best price; 0.5: half-way.
    lot_units : float
        0: divisible; > 0: quantities are, and stay, multiples of it.

    Returns
    -------
    Auction
        (traded units, price, filled asks, filled bids).

    Raises
    ------
    ValueError
        For orders that ``check_orders`` refuses, and for k outside 0 to 1.
    """
    check_orders(ask_cny_per_unit, ask_units, lot_units)
    check_orders(bid_cny_per_unit, bid_units, lot_units)
    if not 0.0 <= k <= 1.0:
        raise ValueError("k, the place of the price in the clearing interval, must lie between 0 and 1")
    asks, bids = rows_by(ask_cny_per_unit, ask_units), rows_by(-bid_cny_per_unit, bid_units)
    return auction_in_order(ask_cny_per_unit, ask_units, asks, bid_cny_per_unit, bid_units, bids, k, lot_units)


@part
def auction_in_order(ask_cny_per_unit, ask_units, asks, bid_cny_per_unit, bid_units, bids, k, lot_units):
    """Clear a call auction of orders that were checked and sorted before (``asks`` and ``bids`` as in ``crossing``)."""
    traded, ask_last, bid_last, ask_next, bid_next = crossing(
        ask_cny_per_unit, ask_units, asks, bid_cny_per_unit, bid_units, bids
    )
    if traded <= 0.0:
        return Auction(0.0, np.nan, np.zeros(ask_units.shape[0]), np.zeros(bid_units.shape[0]))
    price = price_in_interval(ask_last, bid_last, ask_next, bid_next, k)
    ask_filled = fill_side(ask_cny_per_unit, ask_units, ask_last, traded, lot_units)
    bid_filled = fill_side(-bid_cny_per_unit, bid_units, -bid_last, traded, lot_units)
    return Auction(traded, price, ask_filled, bid_filled)


@part
def order_by(key, uniforms, units):
    """Return rows with units by ascending key, equal keys by their uniforms: no row gains by its number."""
    by_uniform = rows_by(uniforms, units)
    return by_uniform[order_of(key[by_uniform])]


@part
def posted_market(ask_cny_per_unit, ask_units, bid_cny_per_unit, bid_units, ask_uniforms, bid_uniforms):
    """Let buyers arrive in random order and take the cheapest posted offer within their limit (SM14 listing).

    Parameters
    ----------
    ask_cny_per_unit, ask_units : ndarray, shape (n_asks,)
        Posted price, paid as posted; quantity >= 0.
    bid_cny_per_unit, bid_units : ndarray, shape (n_bids,)
        Limit and quantity.
    ask_uniforms : ndarray, shape (n_asks,)
        Order among equal offers.
    bid_uniforms : ndarray, shape (n_bids,)
        Order of arrival, smallest first; equal numbers by row.

    Returns
    -------
    Trades
    """
    check_orders(ask_cny_per_unit, ask_units, 0.0)
    check_orders(bid_cny_per_unit, bid_units, 0.0)
    offers = order_by(ask_cny_per_unit, ask_uniforms, ask_units)
    arrivals = rows_by(bid_uniforms, bid_units)
    return take_in_order(ask_cny_per_unit, ask_units, offers, bid_cny_per_unit, bid_units, arrivals)


@part
def take_in_order(ask_cny_per_unit, ask_units, offers, bid_cny_per_unit, bid_units, arrivals):
    """Let buyers arrive at posted offers that were checked and sorted before (rows of bids, rows of asks)."""
    trades = empty_trades(ask_units.shape[0] + bid_units.shape[0])
    left_units = ask_units.copy()
    n = cheapest = 0
    for bid in arrivals:
        wanted_units = bid_units[bid]
        while wanted_units > 0.0 and cheapest < offers.size:
            ask = offers[cheapest]
            if left_units[ask] <= 0.0:
                cheapest += 1
                continue
            if ask_cny_per_unit[ask] > bid_cny_per_unit[bid]:
                break
            taken_units = min(wanted_units, left_units[ask])
            _write_trade(trades, n, ask, bid, taken_units, ask_cny_per_unit[ask])
            n += 1
            wanted_units -= taken_units
            left_units[ask] -= taken_units
    return _first_trades(trades, n)


@part
def negotiated_price(ask_cny_per_unit, bid_cny_per_unit, floor_cny_per_unit, ceiling_cny_per_unit):
    """Split the difference between ask and limit, unless one side does better elsewhere (SM14).

    The mid-point, held inside what the seller gets elsewhere (floor) and what the buyer pays elsewhere (ceiling): an
    outside option moves the bargain only where it binds (Binmore, Rubinstein & Wolinsky 1986).
    """
    middle = 0.5 * (ask_cny_per_unit + bid_cny_per_unit)
    return min(max(middle, ask_cny_per_unit, floor_cny_per_unit), bid_cny_per_unit, ceiling_cny_per_unit)


@part
def bilateral(
    ask_cny_per_unit, ask_units, bid_cny_per_unit, bid_units, is_first, ask_uniforms, bid_uniforms,
    floor_cny_per_unit, ceiling_cny_per_unit, lot_units,
):  # fmt: skip
    """Match buyers and sellers in bilateral contracts: in proportion to size, each at its own mid-point (SM14).

    The volume is the largest at which every seller that takes part asks no more than any buyer that takes part would
    pay. All who accept the price at which the short side is used up take part, and the long side is rationed in
    proportion to size, not by price. Then the highest limit meets the lowest ask, and so on.

    Parameters
    ----------
    ask_cny_per_unit, ask_units : ndarray, shape (n_asks,)
    bid_cny_per_unit, bid_units : ndarray, shape (n_bids,)
        A limit of zero or less signs nothing.
    is_first : ndarray of bool, shape (n_bids,)
        These buyers (state-owned, say) sign before all others; all False: no such rule.
    ask_uniforms, bid_uniforms : ndarray
        Order among equals.
    floor_cny_per_unit, ceiling_cny_per_unit : float
        What sellers get and buyers pay elsewhere; -inf and inf: nothing, the plain mid-point.
    lot_units : float
        0: divisible.

    Returns
    -------
    Trades
    """
    check_orders(ask_cny_per_unit, ask_units, lot_units)
    check_orders(bid_cny_per_unit, bid_units, lot_units)
    reserve = np.maximum(ask_cny_per_unit, floor_cny_per_unit)
    limit = np.minimum(bid_cny_per_unit, ceiling_cny_per_unit)
    sellers = order_by(ask_cny_per_unit, ask_uniforms, ask_units)
    buyers = order_by(-bid_cny_per_unit, bid_uniforms, bid_units)
    trades = empty_trades(2 * (ask_units.shape[0] + bid_units.shape[0]))
    left_units = ask_units.copy()
    n = 0
    for round_number in range(2):
        takes_part = (is_first == (round_number == 0)) & (limit > 0.0)
        wanted_units = np.where(takes_part, bid_units, 0.0)
        traded, ask_last, bid_last, _, _ = crossing(reserve, left_units, sellers, limit, wanted_units, buyers)
        # whoever accepts the price at which the short side is used up takes part, so the long side is at its widest
        is_supply_short = np.where(limit >= ask_last, wanted_units, 0.0).sum() > traded
        at_price = ask_last if is_supply_short else bid_last
        sold_units = ration(traded, np.where(reserve <= at_price, left_units, 0.0), lot_units)
        bought_units = ration(traded, np.where(limit >= at_price, wanted_units, 0.0), lot_units)
        left_units -= sold_units
        before = n
        n = pair_up(trades, n, sellers, sold_units, buyers, bought_units)
        for t in range(before, n):
            ask, bid = ask_cny_per_unit[trades.ask[t]], bid_cny_per_unit[trades.bid[t]]
            trades.price_cny_per_unit[t] = negotiated_price(ask, bid, floor_cny_per_unit, ceiling_cny_per_unit)
    return _first_trades(trades, n)


@merged
def pair_up(trades, n, sellers, sold_units, buyers, bought_units):
    """Pair quantities that sum to the same volume along two orders of rows, and return the new number of trades."""
    i = j = 0
    ask_left = bid_left = 0.0
    smallest = NEGLIGIBLE_SHARE * sold_units.sum()
    while True:
        while i < sellers.size and ask_left <= smallest:
            ask_left = sold_units[sellers[i]]
            i += 1
        while j < buyers.size and bid_left <= smallest:
            bid_left = bought_units[buyers[j]]
            j += 1
        if ask_left <= smallest or bid_left <= smallest:
            return n
        units = min(ask_left, bid_left)
        _write_trade(trades, n, sellers[i - 1], buyers[j - 1], units, np.nan)
        n += 1
        ask_left -= units
        bid_left -= units


@part
def empty_trades(n):
    return Trades(np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n), np.empty(n))


@part
def _write_trade(trades, n, ask, bid, units, price_cny_per_unit):
    trades.ask[n], trades.bid[n] = ask, bid
    trades.traded_units[n], trades.price_cny_per_unit[n] = units, price_cny_per_unit


@part
def _first_trades(trades, n):
    return Trades(trades.ask[:n], trades.bid[:n], trades.traded_units[:n], trades.price_cny_per_unit[:n])
