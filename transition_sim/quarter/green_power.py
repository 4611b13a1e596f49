"""Phase 7: green electricity and certificates: contracts, trade, claims, and the residual mix (SM14)."""

import numpy as np

from transition_sim.core.kernels import lean
from transition_sim.quarter.extensions import in_force
from transition_sim.quarter.grid_levers import has_own_grid
from transition_sim.world.accounting.certificates import check_scope2, market_based_scope2, residual_factor
from transition_sim.world.markets.green_orders import Buyers, Sellers, Terms, enterprises_as_buyers
from transition_sim.world.markets.green_power import negotiate_contracts, trade_quarter
from transition_sim.world.markets.green_trades import BARE, GreenQuarter, settle_buyers
from transition_sim.world.world import World

CONTRACT_SHARE = 0.5
"""Share of wants and offers that is signed for a year [A]."""
LISTING_SHARE = 0.5
"""Share of what is left that sellers post; the rest goes to the auction [A]."""
MARKETS = (
    "green power, direct line", "green power, annual contract", "green power, listing", "green power, auction",
    "certificates",
)  # fmt: skip
VALUES = ("wtp_buyer_cny_per_mwh", "wtp_green_cny_per_mwh", "wtp_zero_carbon_park_cny_per_mwh")


def trade(world: World) -> None:
    """Issue certificates, trade power and certificates, claim them, and set market-based scope 2."""
    book = world.green
    book.traded_mwh = book.claimed_mwh = 0.0
    use_mwh, exported_mwh = _use_and_exports(world.state["energy"])
    roof_own_mwh = max(0.0, world.power.quarter.roof_pv_mwh - exported_mwh)
    if not world.frozen:
        _issue(world, roof_own_mwh)
        sellers, buyers, terms = _sellers(world), _buyers(world), _terms(world)
        order = (
            world.uniforms("green_sellers", sellers.metered_mwh.size),
            world.uniforms("green_buyers", buyers.use_mwh.size),
        )
        if world.quarter_of_year == 0:
            book.contracts = negotiate_contracts(
                sellers.metered_mwh, sellers, buyers, terms, CONTRACT_SHARE, True, *order
            )
        market = in_force(world, "green_power_market", trade_quarter)
        _book(world, market(sellers, buyers, book.contracts, terms, *order))
    _scope2(world, use_mwh, roof_own_mwh)


@lean
def _use_and_exports(energy):
    """Return what enterprises buy and what their roofs feed into the grid this quarter, MWh."""
    use_mwh, exported_mwh = 0.0, 0.0
    for i in range(energy.size):
        use_mwh += energy[i].purchased_mwh
        exported_mwh += energy[i].exported_mwh
    return use_mwh, exported_mwh


def _issue(world: World, roof_own_mwh: float) -> None:
    """Give certificates to the renewable units, as far as the place's share of the province goes, and to roofs."""
    ledger, power, units = world.certificates, world.power, world.constants.seller_units
    ledger.open_quarter(world.quarter)
    share = place_share(world)
    generation = power.quarter.generation_mwh[units]
    metered = np.where(power.is_local[units], generation, share * generation)
    world.green.unit_mwh = metered * power.open_share[units]
    ledger.issue(metered)
    ledger.claim_own_use(ledger.issue_own_use(roof_own_mwh))


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
    buyers = enterprises_as_buyers(
        state["energy"], state["conduct"], state["finance"], state["green_power"],
        world.lever("certificate_mandate_share"), *(float(p[key]) for key in VALUES),
    )  # fmt: skip
    if has_own_grid(world):
        return buyers._replace(has_direct_line=np.ones(buyers.use_mwh.size, bool))
    return buyers


def _terms(world: World) -> Terms:
    p = world.params[0]
    return Terms(
        access_share=world.lever("green_power_access_share"),
        certificate_share=float(p["certificate_legacy_share"]) if world.lever("green_power_access_share") > 0 else 0.0,
        line_mw=world.lever("direct_line_mw"),
        line_hours=float(world.constants.quarter_hours[world.quarter_of_year]),
        direct_saving_cny_per_mwh=1e3 * float(p["direct_line_discount_cny_per_kwh"]),
        listing_share=LISTING_SHARE,
        k=float(p["auction_k"]),
        penalty_cny_per_mwh=float(p["certificate_penalty_cny_per_mwh"]),
        deviation_share=float(p["deviation_share"]),
        reference_cny_per_mwh=world.green.reference_cny_per_mwh,
    )


def _book(world: World, result: GreenQuarter) -> None:
    """Write who got what, move certificates and claim them, and book the money."""
    sellers, prices, book = result.sellers, result.prices, world.green
    world.certificates.trade(sellers.bundled_mwh, sellers.unbundled_mwh)
    sold_mwh, paid = settle_buyers(
        result.buyers, world.state["green_power"], world.state["flows"],
        1e3 * world.parameter("direct_line_discount_cny_per_kwh"), world.parameter("certificate_penalty_cny_per_mwh"),
    )  # fmt: skip
    book.claimed_mwh = float(sold_mwh.sum())
    book.traded_mwh = book.claimed_mwh - float(sold_mwh[BARE])
    world.certificates.claim(book.claimed_mwh)
    world.ledger.post("direct line saving", "power_utility", "enterprises", paid.saving_cny)
    world.ledger.post("green premium", "enterprises", "rest_of_world", paid.premium_cny)
    world.ledger.post("certificate penalty", "enterprises", "treasury", paid.penalty_cny)
    book.premium_cny_per_mwh, book.certificate_cny_per_mwh = prices.premium_cny_per_mwh, prices.unbundled_cny_per_mwh
    book.reference_cny_per_mwh = prices.reference_cny_per_mwh
    # the first five prices stand in the order of the markets
    for name, price, volume in zip(MARKETS, prices, sold_mwh.tolist(), strict=False):
        world.recorder.note_market(world.quarter, name, price, "CNY/MWh", volume, "MWh")


def _scope2(world: World, use_mwh: float, roof_own_mwh: float) -> None:
    """Set market-based scope 2: claimed power at zero, the rest at the residual mix of the place (A15, B06).

    Roof power used under the roof never was grid power: it takes no part in the mix. Purchased heat comes on top.
    """
    energy, green, book = world.state["energy"], world.state["green_power"], world.green
    factor = world.power.province_factor()
    total = max(world.power.quarter.delivered_mwh - roof_own_mwh, use_mwh)
    book.residual_tco2_per_mwh = residual_factor(factor * total, total, book.claimed_mwh)
    scope2 = market_based_scope2(energy["purchased_mwh"], green["claimed_mwh"], book.residual_tco2_per_mwh)
    others = (total - use_mwh) * book.residual_tco2_per_mwh
    check_scope2(float(scope2.sum()) + others, factor * total, world.label)
    heat = world.labels["carriers"].index("heat")
    energy["scope2_market_tco2"] = scope2 + world.state.fuel_gj[:, heat] * world.reference.carrier_tco2_per_gj[heat]
