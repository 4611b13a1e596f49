"""Green electricity and certificates: what buyers would pay, annual contracts, and the trade of a quarter (SM14).

All prices are environmental premiums, CNY/MWh above the price of energy. Everything is traded in whole MWh, the size
of a certificate: fractions of metered generation, use and mandates are not traded, so that what is bought equals what
is sold to the last digit and the certificate ledger needs no rounding of its own.

Four points go beyond the equations of SM14. Sellers hold part of their offer for the call auction, because buyers
who take every posted offer within their limit leave an auction nothing to clear. They post the last market price
where that is above their ask. No buyer bids more for green power than the certificates on offer would cost if all
turned to them: they meet the same mandate. And a bilateral price is the mid-point only as far as nobody does better
in the market: under oversupply no buyer signs above the last market price, under scarcity no seller below it;
otherwise a mandate's penalty would set contract prices while certificates are next to free (P11).
"""

from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled, merged, part
from transition_sim.world.markets.clearing import (
    Trades,
    auction_in_order,
    bilateral,
    crossing,
    empty_trades,
    order_by,
    price_in_interval,
    ration,
    rows_by,
    take_in_order,
)
from transition_sim.world.markets.green_orders import (
    Buyers,
    Contracts,
    Sellers,
    Terms,
    check_sellers,
    check_terms,
    green_power_cny_per_mwh,
    limit_by_tranche,
    no_contracts,
    voluntary_demand_mwh,
    wanted_by_tranche,
    willingness_to_pay,
)
from transition_sim.world.markets.green_trades import BuyerSide, GreenQuarter, Prices, SellerSide

__all__ = [
    "Buyers",
    "Contracts",
    "GreenQuarter",
    "Sellers",
    "Terms",
    "green_power_cny_per_mwh",
    "negotiate_contracts",
    "no_contracts",
    "trade_quarter",
    "voluntary_demand_mwh",
    "willingness_to_pay",
]

MWH_PER_CERTIFICATE = 1.0


@part
def outside_options(offered_mwh, wanted_mwh, reference_cny_per_mwh):
    """Return (floor, ceiling) of bilateral prices: the side that is short can turn to the market at its last price."""
    if np.isnan(reference_cny_per_mwh):
        return -np.inf, np.inf
    if offered_mwh >= wanted_mwh:
        return -np.inf, reference_cny_per_mwh
    return reference_cny_per_mwh, np.inf


@merged
def negotiate_contracts(
    expected_mwh, sellers, buyers, terms, contract_share, is_soe_first, seller_uniforms, buyer_uniforms
):
    """Sign the annual bilateral contracts, in the first quarter of a year (SM14 step 2).

    Parameters
    ----------
    expected_mwh : ndarray, shape (n_sellers,)
        Generation that each seller counts on in every quarter of the year.
    sellers, buyers : Sellers, Buyers
        ``Sellers.ask_cny_per_mwh`` is read; buyers as expected for a quarter of the year.
    terms : Terms
    contract_share : float
        Share of open generation, and of wants, that goes into contracts, 0 to 1.
    is_soe_first : bool
        State-owned buyers sign before all others.
    seller_uniforms, buyer_uniforms : ndarray, shapes (n_sellers,) and (n_buyers,)
        Order among equals.

    Returns
    -------
    Contracts
    """
    check_terms(terms)
    if not 0.0 <= contract_share <= 1.0:
        raise ValueError("the share of contracts must lie between 0 and 1")
    n = buyers.use_mwh.shape[0]
    offered_mwh = np.floor(contract_share * terms.access_share * expected_mwh)
    wanted_mwh = wanted_by_tranche(buyers, contract_share)
    floor, ceiling = outside_options(offered_mwh.sum(), wanted_mwh.sum(), terms.reference_cny_per_mwh)
    is_first = np.concatenate((buyers.is_soe, buyers.is_soe)) & is_soe_first
    trades = bilateral(
        sellers.ask_cny_per_mwh,
        offered_mwh,
        limit_by_tranche(buyers, terms.penalty_cny_per_mwh),
        wanted_mwh,
        is_first,
        seller_uniforms,
        np.concatenate((buyer_uniforms, buyer_uniforms)),
        floor,
        ceiling,
        MWH_PER_CERTIFICATE,
    )
    return Contracts(trades.ask, trades.bid % n, trades.traded_units, trades.price_cny_per_unit)


class _Book(NamedTuple):
    """What is left while a quarter is traded: offers by seller, use by buyer, wants and limits by part.

    Rows of sellers by ask and of tranches by limit and by arrival are sorted once.
    Those that want nothing are left out.
    """

    ask_cny_per_mwh: np.ndarray
    offered_mwh: np.ndarray
    use_mwh: np.ndarray
    wanted_mwh: np.ndarray
    limit_cny_per_mwh: np.ndarray
    by_ask: np.ndarray
    by_limit: np.ndarray
    by_arrival: np.ndarray


@merged
def _open_book(sellers, buyers, terms, seller_uniforms, bid_uniforms):
    ask, offered_mwh = sellers.ask_cny_per_mwh, np.floor(sellers.metered_mwh)
    wanted_mwh, limit = wanted_by_tranche(buyers, 1.0), limit_by_tranche(buyers, terms.penalty_cny_per_mwh)
    return _Book(
        ask,
        offered_mwh,
        np.floor(buyers.use_mwh),
        wanted_mwh,
        limit,
        order_by(ask, seller_uniforms, sellers.certificates_mwh),
        rows_by(-limit, wanted_mwh),
        rows_by(bid_uniforms, wanted_mwh),
    )


@part
def _empty_sides(n_buyers, n_sellers, short_mwh):
    b, s = np.zeros((8, n_buyers)), np.zeros((5, n_sellers))
    return (
        BuyerSide(b[0], b[1], b[2], b[3], b[4], short_mwh, b[5], b[6], b[7]),
        SellerSide(s[0], s[1], s[2], s[3], s[4]),
    )


@part
def _mean_price(paid_cny, traded_mwh):
    return paid_cny / traded_mwh if traded_mwh > 0.0 else np.nan


@part
def _write_trades(book, buyer_side, seller_side, got_mwh, trades):
    """Write MWh and money on both sides and return the mean price; a mandate is met before other wants."""
    n = got_mwh.shape[0]
    paid_cny = 0.0
    for t in range(trades.ask.shape[0]):
        j, i, mwh = trades.ask[t], trades.bid[t] % n, trades.traded_units[t]
        premium_cny = mwh * trades.price_cny_per_unit[t]
        paid_cny += premium_cny
        got_mwh[i] += mwh
        buyer_side.paid_premium_cny[i] += premium_cny
        seller_side.income_cny[j] += premium_cny
        seller_side.bundled_mwh[j] += mwh
        book.offered_mwh[j] -= mwh
        book.use_mwh[i] -= mwh
        mandated_mwh = min(mwh, book.wanted_mwh[i])
        book.wanted_mwh[i] -= mandated_mwh
        book.wanted_mwh[n + i] -= min(mwh - mandated_mwh, book.wanted_mwh[n + i])
    return _mean_price(paid_cny, trades.traded_units.sum())


@merged
def _match_direct(book, sellers, buyers, terms, seller_uniforms, bid_uniforms):
    """Step 1: local generation over direct lines, shared in proportion to use, as far as the lines carry."""
    n = buyers.use_mwh.shape[0]
    line_mwh = np.floor(terms.line_mw * terms.line_hours)
    if line_mwh <= 0.0:
        return empty_trades(0)
    local_mwh = np.where(sellers.is_local, book.offered_mwh, 0.0)
    mandated_mwh = book.wanted_mwh[:n]
    usable_mwh = np.concatenate((mandated_mwh, book.use_mwh - mandated_mwh))
    usable_mwh *= np.concatenate((buyers.has_direct_line, buyers.has_direct_line))
    reference = terms.reference_cny_per_mwh
    floor, ceiling = outside_options(book.offered_mwh.sum(), book.wanted_mwh.sum(), reference)
    return bilateral(
        sellers.ask_cny_per_mwh,
        ration(line_mwh, local_mwh, MWH_PER_CERTIFICATE),
        book.limit_cny_per_mwh + terms.direct_saving_cny_per_mwh,
        usable_mwh,
        np.zeros(2 * n, np.bool_),
        seller_uniforms,
        bid_uniforms,
        floor,
        ceiling + terms.direct_saving_cny_per_mwh,
        MWH_PER_CERTIFICATE,
    )


@part
def deliverable_mwh(row, contract_mwh, available_mwh):
    """Return what a side can deliver or use under each contract: its total in proportion, in whole MWh.

    Parameters
    ----------
    row : ndarray of i8, shape (n_contracts,)
        Seller or buyer of each contract.
    contract_mwh : ndarray, shape (n_contracts,)
    available_mwh : ndarray, shape (n,)
        By seller or buyer.

    Notes
    -----
    Differences of rounded running sums, in integers: they add up exactly, and no contract gets more than its MWh.
    """
    total = np.zeros(available_mwh.shape[0], np.int64)
    for c in range(row.shape[0]):
        total[row[c]] += int(contract_mwh[c])
    running = np.zeros(available_mwh.shape[0], np.int64)
    can_mwh = contract_mwh.copy()
    for c in range(row.shape[0]):
        r = row[c]
        available = int(available_mwh[r])
        before = running[r]
        running[r] += int(contract_mwh[c])
        if available < total[r]:
            can_mwh[c] = running[r] * available // total[r] - before * available // total[r]
    return can_mwh


@merged
def _settle_contracts(book, buyer_side, seller_side, contracts, deviation_share):
    """Step 2: settle min(contract, metered generation, metered use); a side that fails pays the other one."""
    seller_can = deliverable_mwh(contracts.seller, contracts.mwh_per_quarter, book.offered_mwh)
    buyer_can = deliverable_mwh(contracts.buyer, contracts.mwh_per_quarter, book.use_mwh)
    for c in range(contracts.seller.shape[0]):
        j, i = contracts.seller[c], contracts.buyer[c]
        charge_cny_per_mwh = deviation_share * contracts.premium_cny_per_mwh[c]
        by_seller_cny = charge_cny_per_mwh * (contracts.mwh_per_quarter[c] - seller_can[c])
        by_buyer_cny = charge_cny_per_mwh * (contracts.mwh_per_quarter[c] - buyer_can[c])
        seller_side.deviation_paid_cny[j] += by_seller_cny
        buyer_side.deviation_received_cny[i] += by_seller_cny
        buyer_side.deviation_paid_cny[i] += by_buyer_cny
        seller_side.deviation_received_cny[j] += by_buyer_cny
    settled = np.minimum(seller_can, buyer_can)
    trades = Trades(contracts.seller, contracts.buyer, settled, contracts.premium_cny_per_mwh)
    return _write_trades(book, buyer_side, seller_side, buyer_side.bilateral_mwh, trades)


@compiled
def _auction(book, offered_mwh, limit_cny_per_mwh, k):
    """Hold a call auction of what is offered against all that is still wanted."""
    return auction_in_order(
        book.ask_cny_per_mwh,
        offered_mwh,
        book.by_ask,
        limit_cny_per_mwh,
        book.wanted_mwh,
        book.by_limit,
        k,
        MWH_PER_CERTIFICATE,
    )


@part
def _limit_for_power(book, certificates_mwh, k):
    """Return the limits for green power: no more than certificates on offer would cost if all buyers turned to them."""
    ask, limit = book.ask_cny_per_mwh, book.limit_cny_per_mwh
    _, ask_last, bid_last, ask_next, bid_next = crossing(
        ask, certificates_mwh, book.by_ask, limit, book.wanted_mwh, book.by_limit
    )
    alternative_cny_per_mwh = price_in_interval(ask_last, bid_last, ask_next, bid_next, k)
    if np.isnan(alternative_cny_per_mwh):
        return book.limit_cny_per_mwh
    return np.minimum(book.limit_cny_per_mwh, alternative_cny_per_mwh)


@part
def _match_listing(book, limit_cny_per_mwh, terms, seller_uniforms):
    """Step 3: sellers post part of their offer, at the last market price where that is above their ask."""
    posted_cny_per_mwh = book.ask_cny_per_mwh
    if not np.isnan(terms.reference_cny_per_mwh):
        posted_cny_per_mwh = np.maximum(posted_cny_per_mwh, terms.reference_cny_per_mwh)
    posted_mwh = np.floor(terms.listing_share * book.offered_mwh)
    offers = order_by(posted_cny_per_mwh, seller_uniforms, posted_mwh)
    return take_in_order(posted_cny_per_mwh, posted_mwh, offers, limit_cny_per_mwh, book.wanted_mwh, book.by_arrival)


@part
def _write_auction(book, buyer_side, seller_side, auction, got_mwh, sold_mwh):
    """Write what an auction gave on both sides, and return its price."""
    n = got_mwh.shape[0]
    price = auction.price_cny_per_unit
    if auction.traded_units > 0.0:
        sold_mwh += auction.ask_filled_units
        seller_side.income_cny[:] += auction.ask_filled_units * price
        for tranche in range(2):
            for i in range(n):
                mwh = auction.bid_filled_units[tranche * n + i]
                got_mwh[i] += mwh
                buyer_side.paid_premium_cny[i] += mwh * price
                book.wanted_mwh[tranche * n + i] -= mwh
                book.use_mwh[i] -= mwh
    return price


@part
def _last_known(oldest, older, newer, newest):
    last = oldest
    for price in (older, newer, newest):
        if not np.isnan(price):
            last = price
    return last


@merged
def trade_quarter(sellers, buyers, contracts, terms, seller_uniforms, buyer_uniforms):
    """Trade the green power and certificates of a quarter, in the order of SM14, and settle on metered energy.

    Parameters
    ----------
    sellers, buyers : Sellers, Buyers
    contracts : Contracts
        Signed by ``negotiate_contracts``; ``no_contracts()`` for none.
    terms : Terms
    seller_uniforms, buyer_uniforms : ndarray, shapes (n_sellers,) and (n_buyers,)
        Order among equal offers; order of arrival at the listing.

    Returns
    -------
    GreenQuarter
        Bought = sold exactly in every step (whole MWh); paid = received; a buyer's green MWh never exceed its use,
        nor a seller's bundled MWh its metered generation. Inputs are left as they are.

    Raises
    ------
    ValueError
        For shares outside 0 to 1, negative amounts, wants above use, or generation without certificates.
    """
    check_terms(terms)
    check_sellers(sellers)
    bid_uniforms = np.concatenate((buyer_uniforms, buyer_uniforms))
    book = _open_book(sellers, buyers, terms, seller_uniforms, bid_uniforms)
    n = buyers.use_mwh.shape[0]
    of_buyers, of_sellers = _empty_sides(n, sellers.metered_mwh.shape[0], book.wanted_mwh[:n])

    trades = _match_direct(book, sellers, buyers, terms, seller_uniforms, bid_uniforms)
    direct = _write_trades(book, of_buyers, of_sellers, of_buyers.direct_mwh, trades)
    closed_mwh = book.offered_mwh - np.floor(terms.access_share * book.offered_mwh)
    contract = _settle_contracts(book, of_buyers, of_sellers, contracts, terms.deviation_share)
    book.offered_mwh[:] = np.maximum(0.0, book.offered_mwh - closed_mwh)
    loose_mwh = sellers.certificates_mwh - of_sellers.bundled_mwh - book.offered_mwh
    limit = _limit_for_power(book, np.floor(terms.certificate_share * loose_mwh), terms.k)
    trades = _match_listing(book, limit, terms, seller_uniforms)
    listing = _write_trades(book, of_buyers, of_sellers, of_buyers.listed_mwh, trades)
    cleared = _auction(book, book.offered_mwh, limit, terms.k)
    auction = _write_auction(book, of_buyers, of_sellers, cleared, of_buyers.auction_mwh, of_sellers.bundled_mwh)
    premium = _mean_price(of_sellers.income_cny.sum(), of_sellers.bundled_mwh.sum())
    bare_mwh = np.floor(terms.certificate_share * (sellers.certificates_mwh - of_sellers.bundled_mwh))
    cleared = _auction(book, bare_mwh, book.limit_cny_per_mwh, terms.k)
    unbundled = _write_auction(book, of_buyers, of_sellers, cleared, of_buyers.unbundled_mwh, of_sellers.unbundled_mwh)
    reference = _last_known(terms.reference_cny_per_mwh, listing, unbundled, auction)
    prices = Prices(direct, contract, listing, auction, unbundled, premium, reference)
    return GreenQuarter(of_buyers, of_sellers, prices)
