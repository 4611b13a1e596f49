"""Phase 7: green electricity and certificates: contracts, trade, claims, and the residual mix (SM14)."""

import numpy as np

from transition_sim.world.accounting.certificates import check_scope2, market_based_scope2, residual_factor
from transition_sim.world.markets.green_orders import Buyers, Sellers, Terms
from transition_sim.world.markets.green_power import GreenQuarter, negotiate_contracts, trade_quarter
from transition_sim.world.state import LARGE, SOE
from transition_sim.world.world import World

CONTRACT_SHARE = 0.5
"""Share of wants and offers that is signed for a year [A]."""
LISTING_SHARE = 0.5
"""Share of what is left that sellers post; the rest goes to the auction [A]."""
VALUES = ("wtp_buyer_cny_per_mwh", "wtp_green_cny_per_mwh", "wtp_zero_carbon_park_cny_per_mwh")


def trade(world: World) -> None:
    """Issue certificates, trade power and certificates, claim them, and set market-based scope 2."""
    book = world.green
    book.traded_mwh = book.claimed_mwh = 0.0
    if not world.frozen:
        _issue(world)
        sellers, buyers, terms = _sellers(world), _buyers(world), _terms(world)
        order = (
            world.uniforms("green_sellers", sellers.metered_mwh.size),
            world.uniforms("green_buyers", buyers.use_mwh.size),
        )
        if world.quarter_of_year == 0:
            book.contracts = negotiate_contracts(
                sellers.metered_mwh, sellers, buyers, terms, CONTRACT_SHARE, True, *order
            )
        _book(world, trade_quarter(sellers, buyers, book.contracts, terms, *order))
    _scope2(world)


def _issue(world: World) -> None:
    """Give certificates to the renewable units, as far as the place's share of the province goes, and to roofs."""
    ledger, power, units = world.certificates, world.power, world.constants.seller_units
    ledger.open_quarter(world.quarter)
    share = place_share(world)
    generation = power.quarter.generation_mwh[units]
    metered = np.where(power.is_local[units], generation, share * generation)
    world.green.unit_mwh = metered * power.open_share[units]
    ledger.issue(metered)
    ledger.claim_own_use(ledger.issue_own_use(_roof_own_mwh(world)))


def _roof_own_mwh(world: World) -> float:
    """Return what roofs gave to the enterprises under them, MWh."""
    return max(0.0, world.power.quarter.roof_pv_mwh - float(world.state["energy"]["exported_mwh"].sum()))


def place_share(world: World) -> float:
    """Return use in the place over all generation, exports included: its part of provincial green power."""
    power = world.power
    total = float(power.quarter.generation_mwh.sum())
    return min(1.0, float(power.quarter.delivered_mwh) / total) if total > 0 else 0.0


def _sellers(world: World) -> Sellers:
    units = world.constants.seller_units
    ask = np.full(units.size, world.parameter("certificate_ask_cny_per_mwh"))
    tradable = world.certificates.tradable.astype(float)
    metered = np.minimum(world.green.unit_mwh, tradable)
    return Sellers(metered, ask, world.power.is_local[units], tradable)


def _buyers(world: World) -> Buyers:
    """Return what enterprises want: a mandate by L21, and what buyers and their own commitment ask for."""
    state, p = world.state, world.params[0]
    conduct, use = state["conduct"], state["energy"]["purchased_mwh"].copy()
    pressure, committed = conduct["buyer_pressure"], conduct["is_committed"].astype(float)
    mandate = world.lever("certificate_mandate_share") * use
    share = np.minimum(1.0, np.maximum(pressure, committed))
    voluntary = np.maximum(0.0, share * use - mandate)
    value_buyer, value_green, _ = (float(p[key]) for key in VALUES)
    willing = pressure * value_buyer + committed * value_green
    state["green_power"]["willingness_cny_per_mwh"] = willing
    finance = state["finance"]
    has_line = finance["size_class"] == LARGE
    return Buyers(use, mandate, voluntary, willing, finance["ownership"] == SOE, has_line)


def _terms(world: World) -> Terms:
    p = world.params[0]
    return Terms(
        access_share=world.lever("green_power_access_share"),
        certificate_share=float(p["certificate_legacy_share"]) if world.lever("green_power_access_share") > 0 else 0.0,
        line_mw=world.lever("direct_line_mw"),
        line_hours=float(world.constants.hours[world.quarter_of_year].sum()),
        direct_saving_cny_per_mwh=1e3 * float(p["direct_line_discount_cny_per_kwh"]),
        listing_share=LISTING_SHARE,
        k=float(p["auction_k"]),
        penalty_cny_per_mwh=float(p["certificate_penalty_cny_per_mwh"]),
        deviation_share=float(p["deviation_share"]),
        reference_cny_per_mwh=world.green.reference_cny_per_mwh,
    )


def _book(world: World, result: GreenQuarter) -> None:
    """Write who got what, move certificates and claim them, and book the money."""
    buyers, sellers, prices, book = result.buyers, result.sellers, result.prices, world.green
    table, flows = world.state["green_power"], world.state["flows"]
    world.certificates.trade(sellers.bundled_mwh, sellers.unbundled_mwh)
    power = buyers.direct_mwh + buyers.bilateral_mwh + buyers.listed_mwh + buyers.auction_mwh
    claimed = power + buyers.unbundled_mwh
    world.certificates.claim(float(claimed.sum()))
    table["direct_mwh"], table["claimed_mwh"], table["green_purchased_mwh"] = buyers.direct_mwh, claimed, power
    saving = 1e3 * world.parameter("direct_line_discount_cny_per_kwh") * buyers.direct_mwh
    penalty = world.parameter("certificate_penalty_cny_per_mwh") * buyers.short_mwh
    deviation = buyers.deviation_paid_cny - buyers.deviation_received_cny
    flows["green_premium_cny"] = np.maximum(0.0, buyers.paid_premium_cny + penalty + deviation)
    flows["service_income_cny"] += saving + np.maximum(0.0, -(buyers.paid_premium_cny + penalty + deviation))
    world.ledger.post("direct line saving", "power_utility", "enterprises", float(saving.sum()))
    net = float((buyers.paid_premium_cny + deviation).sum())
    world.ledger.post("green premium", "enterprises", "rest_of_world", net)
    world.ledger.post("certificate penalty", "enterprises", "treasury", float(penalty.sum()))
    book.traded_mwh, book.claimed_mwh = float(power.sum()), float(claimed.sum())
    book.premium_cny_per_mwh, book.certificate_cny_per_mwh = prices.premium_cny_per_mwh, prices.unbundled_cny_per_mwh
    book.reference_cny_per_mwh = prices.reference_cny_per_mwh
    for name, price, volume in (
        ("green power, direct line", prices.direct_cny_per_mwh, buyers.direct_mwh),
        ("green power, annual contract", prices.bilateral_cny_per_mwh, buyers.bilateral_mwh),
        ("green power, listing", prices.listing_cny_per_mwh, buyers.listed_mwh),
        ("green power, auction", prices.auction_cny_per_mwh, buyers.auction_mwh),
        ("certificates", prices.unbundled_cny_per_mwh, buyers.unbundled_mwh),
    ):
        world.recorder.note_market(world.quarter, name, float(price), "CNY/MWh", float(volume.sum()), "MWh")


def _scope2(world: World) -> None:
    """Set market-based scope 2: claimed power at zero, the rest at the residual mix of the place (A15, B06).

    Roof power used under the roof never was grid power: it takes no part in the mix. Purchased heat comes on top.
    """
    energy, green = world.state["energy"], world.state["green_power"]
    factor, use = world.power.province_factor(), float(energy["purchased_mwh"].sum())
    claimed = green["claimed_mwh"] if not world.frozen else np.zeros(world.state.n_enterprises)
    total = max(world.power.quarter.delivered_mwh - _roof_own_mwh(world), use)
    world.green.residual_tco2_per_mwh = residual_factor(factor * total, total, float(claimed.sum()))
    energy["scope2_market_tco2"] = market_based_scope2(
        energy["purchased_mwh"], np.minimum(claimed, energy["purchased_mwh"]), world.green.residual_tco2_per_mwh
    )
    others = (total - use) * world.green.residual_tco2_per_mwh
    check_scope2(np.append(energy["scope2_market_tco2"], others), factor * total, world.label)
    heat = world.labels["carriers"].index("heat")
    energy["scope2_market_tco2"] += world.state.fuel_gj[:, heat] * world.reference.carrier_tco2_per_gj[heat]
