"""Accounts of tradable quotas: what is issued, traded, surrendered and carried over, one row an account (SM15, B11).

The engine knows units and CNY only: tonnes of CO2 in the carbon market, tce where energy-use rights are traded. A
year runs: part of the free allocation in the first quarter, orders in every quarter, the final allocation, offsets and
the surrender in the fourth. Free quotas follow what an account does (rate-based), so they are known at year's end.
"""

from typing import NamedTuple

from transition_sim.core.kernels import entered, lean
from transition_sim.core.tables import Field
from transition_sim.world.markets.allowance_books import TOLERANCE_UNITS

BENCHMARK, INTENSITY, VERIFIED = 0, 1, 2
"""Ways to allocate: a benchmark per activity; own emissions corrected by intensity; own emissions."""
LAST_QUARTER = 3
UNLIMITED_MULTIPLE = 10.0
"""From here the banking multiple is no limit (see the lever)."""

QUOTA = (  # writer: world.markets.allowances; units: t or tce
    Field("enterprise", "-", "row of its enterprise; -1: a generating unit", "i4"),
    Field("plant", "-", "row of its generating unit; -1: an enterprise", "i4"),
    Field("slot", "-", "slot of the kiln whose service is its activity; -1: none", "i4"),
    Field("sector", "-", "its place in the list of covered sectors", "i2"),
    Field("method", "-", "0 benchmark, 1 intensity, 2 verified use", "i2"),
    Field("is_measured", "-", "a unit measures the carbon of its coal; of an enterprise see its conduct", "?"),
    Field("is_covered", "-", "must surrender this year", "?"),
    Field("rate_unit_per_activity", "unit/activity", "benchmark, or average intensity of its sector", low=0),
    Field("used_units", "unit", "reported use of the year so far", low=0),
    Field("activity", "-", "MWh, t or CNY of the year so far", low=0),
    Field("last_used_units", "unit/yr", "use of the year before", low=0),
    Field("last_activity", "-", "activity of the year before", low=0),
    Field("due_units", "unit", "shortfall of the last surrender, taken from this year's allocation", low=0),
    Field("issued_units", "unit", "free allocation of the year so far", low=0),
    Field("auctioned_year_units", "unit", "bought in auctions this year", low=0),
    Field("net_sold_units", "unit", "sold less bought this year"),
    Field("carried_units", "unit", "of the bank, left of what was brought over from last year", low=0),
    Field("bank_units", "unit", "held at the end of the quarter", low=0),
    Field("opening_units", "unit", "held at its start", low=0),
    Field("allocated_units", "unit/quarter", "free allocation; below 0: an advance given back"),
    Field("auctioned_units", "unit/quarter", "bought from the government", low=0),
    Field("bought_units", "unit/quarter", "bought in the market", low=0),
    Field("sold_units", "unit/quarter", "sold in the market", low=0),
    Field("offset_units", "unit/quarter", "credits of sinks and projects bought", low=0),
    Field("surrendered_units", "unit/quarter", "surrendered", low=0),
    Field("expired_units", "unit/quarter", "lost to the limit of banking, or with the account", low=0),
    Field("short_units", "unit/quarter", "missing at the surrender", low=0),
    Field("trade_cny", "CNY/quarter", "paid less received in the market"),
    Field("auction_cny", "CNY/quarter", "paid to the government", low=0),
    Field("offset_cny", "CNY/quarter", "paid for credits", low=0),
    Field("penalty_cny", "CNY/quarter", "paid for what was missing", low=0),
    Field("accrued_cny", "CNY/quarter", "worth of this quarter's use less the quotas that it earns"),
    Field("felt_share", "-", "of the price, what another unit of use at the same activity costs", low=0),
)


class Terms(NamedTuple):
    """Rules and prices of a quarter.

    Attributes
    ----------
    quarter_of_year : int
    price_cny, reserve_cny : float
        Last price, and the discounted expected price below which nobody sells, CNY/unit.
    due_share : float
        Part of a remaining need that is bought this quarter: w_q over the sum of the w that are left.
    advance_share : float
        Of last year's free allocation, issued in the first quarter.
    auction_share : float
        Of the allocation, sold instead of given.
    slope, band_share : float
        kappa and c of the allocation by intensity.
    offset_limit_share, offset_cny : float
        Offsets of an obligation, and their price.
    bank_base_units, bank_multiple : float
        Limit of banking: base + multiple x net sales.
    penalty_multiple : float
    """

    quarter_of_year: int
    price_cny: float
    reserve_cny: float
    due_share: float
    advance_share: float
    auction_share: float
    slope: float
    band_share: float
    offset_limit_share: float
    offset_cny: float
    bank_base_units: float
    bank_multiple: float
    penalty_multiple: float


@lean
def intensity_factor(intensity, average, slope, band_share):
    """Return allowances per emission: 1 + clip(kappa (average - I) / average, -c, c) (SM15, A21)."""
    gap = slope * (average - intensity) / average
    return 1.0 + min(band_share, max(-band_share, gap))


@lean
def full_units(method, rate, used, activity, slope, band_share):
    """Return the allocation of a year before the auctioned share, units (SM15)."""
    if method == BENCHMARK:
        return rate * activity
    if method == INTENSITY and activity > 0.0 and rate > 0.0:
        return used * intensity_factor(used / activity, rate, slope, band_share)
    return used


@lean
def felt_share(method, rate, used, activity, terms):
    """Return what another unit of use at the same activity costs, as a share of the price.

    1 where quotas do not follow the use. By intensity, A = (1 - a) E f(I): a unit more brings f - kappa I / average
    quotas inside the band and f outside it. Verified use brings its quota with it.
    """
    if method == BENCHMARK:
        return 1.0
    earned = 1.0
    if method == INTENSITY and activity > 0.0 and rate > 0.0:
        intensity = used / activity
        earned = intensity_factor(intensity, rate, terms.slope, terms.band_share)
        if abs(earned - 1.0) < terms.band_share:
            earned -= terms.slope * intensity / rate
    return max(0.0, 1.0 - (1.0 - terms.auction_share) * earned)


@lean
def open_accounts(accounts):
    """Begin a quarter: the bank opens with what it held, flows are empty."""
    for k in range(accounts.size):
        row = accounts[k]
        row.opening_units = row.bank_units
        row.allocated_units, row.auctioned_units, row.bought_units, row.sold_units = 0.0, 0.0, 0.0, 0.0
        row.offset_units, row.surrendered_units, row.expired_units, row.short_units = 0.0, 0.0, 0.0, 0.0
        row.trade_cny, row.auction_cny, row.offset_cny, row.penalty_cny = 0.0, 0.0, 0.0, 0.0
        row.accrued_cny = 0.0


@lean
def close_account(row):
    """Let what is held lapse: the account leaves the market."""
    row.expired_units += row.bank_units
    row.bank_units, row.carried_units, row.due_units, row.felt_share = 0.0, 0.0, 0.0, 0.0
    row.is_covered = False


@lean
def close_failed(accounts, finance):
    """Let the accounts of enterprises that are out of business lapse."""
    for k in range(accounts.size):
        row = accounts[k]
        if row.is_covered and row.enterprise >= 0 and not finance[row.enterprise].is_alive:
            close_account(row)


@entered
def begin_quarter(accounts, finance):
    """Begin a quarter, and let the accounts of enterprises that are out of business lapse."""
    open_accounts(accounts)
    close_failed(accounts, finance)


@lean
def open_year(accounts, covered, method, rate, terms):
    """Turn the year: note last year's use, set who is covered and how, and issue the advance (SM15).

    Parameters
    ----------
    accounts : structured array of ``QUOTA``
    covered : ndarray of bool; method : ndarray of int; rate : ndarray, shape (n_accounts,)
    """
    for k in range(accounts.size):
        row = accounts[k]
        row.last_used_units, row.last_activity = row.used_units, row.activity
        row.used_units, row.activity = 0.0, 0.0
        row.issued_units, row.auctioned_year_units, row.net_sold_units = 0.0, 0.0, 0.0
        if not covered[k]:
            close_account(row)
            continue
        row.is_covered, row.method, row.rate_unit_per_activity = True, method[k], rate[k]
        row.carried_units = row.bank_units
        last = full_units(method[k], rate[k], row.last_used_units, row.last_activity, terms.slope, terms.band_share)
        row.felt_share = felt_share(method[k], rate[k], row.last_used_units, row.last_activity, terms)
        advance = terms.advance_share * max(0.0, (1.0 - terms.auction_share) * last - row.due_units)
        row.issued_units = row.allocated_units = advance
        row.bank_units += advance


@lean
def note_use(accounts, used_units, activity, terms):
    """Add what every account used and did this quarter, and what that costs at the price of the quarter."""
    for k in range(accounts.size):
        row = accounts[k]
        row.used_units += used_units[k]
        row.activity += activity[k]
        if row.is_covered:
            full = full_units(
                row.method, row.rate_unit_per_activity, used_units[k], activity[k], terms.slope, terms.band_share
            )
            row.accrued_cny = (used_units[k] - (1.0 - terms.auction_share) * full) * terms.price_cny


@lean
def final_allocation(row, terms):
    """Issue what the year has earned, less the shortfall of the last surrender; an advance too many goes back."""
    full = full_units(
        row.method, row.rate_unit_per_activity, row.used_units, row.activity, terms.slope, terms.band_share
    )
    earned = (1.0 - terms.auction_share) * full
    taken = min(earned, row.due_units)
    row.due_units -= taken
    change = earned - taken - row.issued_units
    row.allocated_units += change
    row.bank_units += change
    row.issued_units = earned - taken
    return full


@lean
def year_end_need(row, terms):
    """Return (units that will be missing at the surrender, negative: left over; full allocation expected).

    What is still to come of the year is taken as in the year before.
    """
    left = (LAST_QUARTER - terms.quarter_of_year) / 4.0
    used = row.used_units + left * row.last_used_units
    activity = row.activity + left * row.last_activity
    full = full_units(row.method, row.rate_unit_per_activity, used, activity, terms.slope, terms.band_share)
    free = max(0.0, (1.0 - terms.auction_share) * full - row.due_units)
    return used - row.bank_units - (free - row.issued_units), full


@lean
def buy_from_government(row, need, full, terms):
    """Buy the auctioned share that is open by now, as far as it is needed; return the need that is left."""
    open_units = terms.auction_share * full * (terms.quarter_of_year + 1) / 4.0 - row.auctioned_year_units
    taken = min(max(0.0, need), max(0.0, open_units))
    row.auctioned_units += taken
    row.auctioned_year_units += taken
    row.auction_cny += taken * terms.price_cny
    row.bank_units += taken
    return need - taken


@lean
def buy_offsets(row, need, terms):
    """Buy credits up to their limit where they are cheaper than allowances; return the need that is left."""
    if need <= 0.0 or terms.offset_cny >= terms.price_cny:
        return need
    taken = min(need, terms.offset_limit_share * row.used_units)
    row.offset_units += taken
    row.offset_cny += taken * terms.offset_cny
    row.bank_units += taken
    return need - taken


@lean
def place_orders(accounts, means_cny, terms, bid_units, forced_units, spare_units):
    """Allocate and let every account say what it wants to buy and to sell this quarter (SM15).

    Parameters
    ----------
    means_cny : ndarray, shape (n_accounts,)
        What an account can pay.
    bid_units, forced_units, spare_units : ndarray, shape (n_accounts,)
        Set to purchases wanted; sales at any price, since the limit of banking would take the rest; sales at the
        reserve price or better.

    Notes
    -----
    Before the fourth quarter only allowances of earlier years are for sale: the advance of this year may have to be
    given back. Against the limit, x is sold so that what stays is base + multiple x net sales.
    """
    for k in range(accounts.size):
        row = accounts[k]
        bid_units[k], forced_units[k], spare_units[k] = 0.0, 0.0, 0.0
        if not row.is_covered:
            continue
        is_last = terms.quarter_of_year == LAST_QUARTER
        if is_last:
            full = final_allocation(row, terms)
            need = row.used_units - row.bank_units
        else:
            need, full = year_end_need(row, terms)
        need = buy_from_government(row, terms.due_share * need if need > 0.0 else need, full, terms)
        if is_last:
            need = buy_offsets(row, need, terms)
        if need > 0.0:
            bid_units[k] = min(need, max(0.0, means_cny[k]) / terms.price_cny)
            continue
        surplus = -need if is_last else min(-need, row.carried_units)
        if is_last and terms.bank_multiple < UNLIMITED_MULTIPLE:
            kept = terms.bank_base_units + terms.bank_multiple * row.net_sold_units
            forced_units[k] = min(surplus, max(0.0, surplus - kept) / (1.0 + terms.bank_multiple))
        spare_units[k] = surplus - forced_units[k]


@lean
def book_trades(accounts, bought_units, sold_units, price_cny):
    """Write what was bought and sold at one price."""
    for k in range(accounts.size):
        row = accounts[k]
        row.bought_units += bought_units[k]
        row.sold_units += sold_units[k]
        row.trade_cny += (bought_units[k] - sold_units[k]) * price_cny
        row.net_sold_units += sold_units[k] - bought_units[k]
        row.carried_units = max(0.0, row.carried_units - sold_units[k])
        row.bank_units = max(0.0, row.bank_units + bought_units[k] - sold_units[k])


@lean
def surrender(accounts, terms):
    """Surrender the year's use; what is missing costs a penalty and next year's quotas; the rest is banked (SM15)."""
    for k in range(accounts.size):
        row = accounts[k]
        if not row.is_covered:
            continue
        given = min(row.bank_units, row.used_units)
        missing = row.used_units - given
        if missing < TOLERANCE_UNITS:
            missing = 0.0
        row.surrendered_units, row.short_units = given, missing
        row.bank_units -= given
        row.penalty_cny = terms.penalty_multiple * terms.price_cny * missing
        row.due_units += missing
        if terms.bank_multiple < UNLIMITED_MULTIPLE:
            limit = terms.bank_base_units + terms.bank_multiple * max(0.0, row.net_sold_units)
            lost = max(0.0, row.bank_units - limit)
            row.expired_units += lost
            row.bank_units -= lost


@entered
def trade_at_price(accounts, means_cny, terms, bids, forced, spare):
    """Fill every order at the price of the country, and surrender in the last quarter (SM15 taker mode).

    ``bids``, ``forced`` and ``spare`` are work space, see ``place_orders``.

    Returns
    -------
    bought_units, sold_units : float
        By all accounts; the rest of the country is the other side.
    """
    place_orders(accounts, means_cny, terms, bids, forced, spare)
    bought, sold = 0.0, 0.0
    for k in range(accounts.size):
        if terms.price_cny >= terms.reserve_cny:
            forced[k] += spare[k]
        bought += bids[k]
        sold += forced[k]
    book_trades(accounts, bids, forced, terms.price_cny)
    if terms.quarter_of_year == LAST_QUARTER:
        surrender(accounts, terms)
    return bought, sold


@entered
def pay(accounts, flows, sums):
    """Write what enterprises paid, and add up what enterprises (row 0) and others (row 1) paid, by purpose.

    Parameters
    ----------
    flows : structured array of ``FLOWS``
    sums : ndarray, shape (2, 4)
        Set to trade, offsets, auctions, penalties, CNY.
    """
    sums[:, :] = 0.0
    for k in range(accounts.size):
        row = accounts[k]
        who = 0 if row.enterprise >= 0 else 1
        sums[who, 0] += row.trade_cny
        sums[who, 1] += row.offset_cny
        sums[who, 2] += row.auction_cny
        sums[who, 3] += row.penalty_cny
        if row.enterprise >= 0:
            paid = flows[row.enterprise]
            paid.allowances_cny += row.trade_cny + row.offset_cny + row.auction_cny + row.penalty_cny
            paid.carbon_accrued_cny += row.accrued_cny
