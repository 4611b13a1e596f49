"""Enterprises in the market for green power: what they want, the trade of a quarter, what each gets and pays (SM14)."""

from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled, part
from transition_sim.world.markets.green_orders import Sellers, Terms, enterprises_as_buyers
from transition_sim.world.markets.green_power import negotiate_contracts, trade_quarter
from transition_sim.world.markets.green_trades import BuyersPaid, Prices, settle_buyers

KWH_PER_MWH = 1e3
CONTRACT_SHARE = 0.5
"""Share of wants and offers that is signed for a year [A]."""
LISTING_SHARE = 0.5
"""Share of what is left that sellers post; the rest goes to the auction [A]."""


class Firms(NamedTuple):
    """Tables of the enterprises that the market reads and writes."""

    energy: np.ndarray
    conduct: np.ndarray
    finance: np.ndarray
    green_power: np.ndarray
    flows: np.ndarray


class Deal(NamedTuple):
    """What a quarter of trade leaves: sales by seller, prices, sales by market, and what enterprises paid.

    Attributes
    ----------
    bundled_mwh, unbundled_mwh : ndarray, shape (n_sellers,)
    prices : Prices
    sold_mwh : tuple of 5 floats
        See ``green_trades.settle_buyers``.
    paid : BuyersPaid
    """

    bundled_mwh: np.ndarray
    unbundled_mwh: np.ndarray
    prices: Prices
    sold_mwh: tuple[float, float, float, float, float]
    paid: BuyersPaid


@part
def sides_of(firms, offer, motives, line_hours, reference_cny_per_mwh, params, levers):
    """Return sellers, enterprises as buyers, and the terms of a quarter.

    Parameters
    ----------
    firms : Firms
    offer : tuple of 3 ndarrays, shape (n_sellers,)
        Generation open to trading in MWh, certificates that can be sold, and who stands in the place.
    motives : Motives
    line_hours : float
        Hours of the quarter.
    reference_cny_per_mwh : float
        Last market price, nan without any.
    params, levers : structured arrays, shape (1,)
        Enterprises want what a mandate asks (L21), and what buyers and their own commitment ask for. On a
        distribution grid of the park's own all of them can take power over direct lines (L22).
    """
    p, lever, (open_mwh, certificates, is_local) = params[0], levers[0], offer
    tradable = certificates.astype(np.float64)
    ask = np.full(open_mwh.size, p.certificate_ask_cny_per_mwh)
    buyers = enterprises_as_buyers(
        firms.energy, firms.conduct, firms.finance, firms.green_power, motives, lever.certificate_mandate_share,
        p.wtp_buyer_cny_per_mwh, p.wtp_green_cny_per_mwh, p.wtp_zero_carbon_park_cny_per_mwh,
        lever.incremental_grid > 0,
    )  # fmt: skip
    legacy_share = p.certificate_legacy_share if lever.green_power_access_share > 0 else 0.0
    terms = Terms(
        lever.green_power_access_share, legacy_share, lever.direct_line_mw, line_hours,
        KWH_PER_MWH * p.direct_line_discount_cny_per_kwh, LISTING_SHARE, p.auction_k,
        p.certificate_penalty_cny_per_mwh, p.deviation_share, reference_cny_per_mwh,
    )  # fmt: skip
    return Sellers(np.minimum(open_mwh, tradable), ask, is_local, tradable), buyers, terms


@compiled
def sign_contracts(firms, offer, motives, line_hours, reference_cny_per_mwh, params, levers, draws):
    """Return the contracts of a year; ``draws`` are the uniforms of sellers and buyers."""
    sellers, buyers, terms = sides_of(firms, offer, motives, line_hours, reference_cny_per_mwh, params, levers)
    return negotiate_contracts(
        sellers.metered_mwh, sellers, buyers, terms, CONTRACT_SHARE, True, draws[0], draws[1]
    )  # fmt: skip


@compiled
def trade_and_settle(firms, offer, contracts, motives, line_hours, reference_cny_per_mwh, params, levers, draws):
    """Trade a quarter and write what each enterprise got and paid; return the parts of ``Deal``."""
    sellers, buyers, terms = sides_of(firms, offer, motives, line_hours, reference_cny_per_mwh, params, levers)
    done = trade_quarter(sellers, buyers, contracts, terms, draws[0], draws[1])
    sold_mwh, paid = settle(done.buyers, firms, terms)
    return done.sellers.bundled_mwh, done.sellers.unbundled_mwh, done.prices, sold_mwh, paid


@part
def settle(buyers, firms, terms):
    """Write what each enterprise got and paid; return sales by market, MWh, and sums of what was paid."""
    return settle_buyers(
        buyers, firms.green_power, firms.flows, terms.direct_saving_cny_per_mwh, terms.penalty_cny_per_mwh
    )
