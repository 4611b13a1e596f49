"""Phase 7: green electricity and certificates: contracts, trade, claims, and the residual mix (SM14)."""

import numpy as np

from transition_sim.core.kernels import compiled, entered
from transition_sim.quarter.energy_rights import quota_cny_per_mwh
from transition_sim.quarter.extensions import in_force
from transition_sim.scenarios import registry
from transition_sim.world.accounting.certificates import check_scope2, residual_factor, write_market_scope2
from transition_sim.world.markets.green_enterprises import (
    Deal,
    Firms,
    settle,
    sides_of,
    sign_contracts,
    trade_and_settle,
)
from transition_sim.world.markets.green_orders import Motives
from transition_sim.world.markets.green_power import trade_quarter
from transition_sim.world.markets.green_trades import BARE
from transition_sim.world.world import World

MARKETS = (
    "green power, direct line", "green power, annual contract", "green power, listing", "green power, auction",
    "certificates",
)  # fmt: skip
HEAT = list(registry.carrier_ids()).index("heat")


def trade(world: World) -> None:
    """Issue certificates, trade power and certificates, claim them, and set market-based scope 2."""
    book = world.green
    book.traded_mwh = book.claimed_mwh = 0.0
    use_mwh, exported_mwh = _use_and_exports(world.state["energy"])
    roof_own_mwh = max(0.0, world.power.quarter.roof_pv_mwh - exported_mwh)
    if not world.frozen:
        _issue(world, roof_own_mwh)
        _book(world, _meet(world))
    _scope2(world, use_mwh, roof_own_mwh)


@entered
def _use_and_exports(energy):
    """Return what enterprises buy and what their roofs feed into the grid this quarter, MWh."""
    use_mwh, exported_mwh = 0.0, 0.0
    for i in range(energy.size):
        use_mwh += energy[i].purchased_mwh
        exported_mwh += energy[i].exported_mwh
    return use_mwh, exported_mwh


def _issue(world: World, roof_own_mwh: float) -> None:
    """Give certificates to the renewable units, as far as the place's share of the province goes, and to roofs."""
    ledger, power, constants = world.certificates, world.power.quarter, world.constants
    ledger.open_quarter(world.quarter)
    metered_mwh, world.green.unit_mwh = _meter(
        power.generation_mwh, power.delivered_mwh, constants.seller_units, constants.seller_is_local,
        constants.seller_open_share,
    )  # fmt: skip
    ledger.issue(metered_mwh)
    ledger.claim_own_use(ledger.issue_own_use(roof_own_mwh))


@compiled
def _meter(generation_mwh, delivered_mwh, units, is_local, open_share):
    """Return what counts for the place of each renewable unit, and what of it is open to trading, MWh.

    Of provincial units that is the part that use in the place, ``delivered_mwh``, has in all generation, exports
    included.
    """
    metered_mwh, open_mwh, total_mwh = np.empty(units.size), np.empty(units.size), 0.0
    for mwh in generation_mwh:
        total_mwh += mwh
    share = min(1.0, delivered_mwh / total_mwh) if total_mwh > 0.0 else 0.0
    for j in range(units.size):
        mwh = generation_mwh[units[j]]
        metered_mwh[j] = mwh if is_local[j] else share * mwh
        open_mwh[j] = metered_mwh[j] * open_share[j]
    return metered_mwh, open_mwh


def _meet(world: World) -> Deal:
    """Sign contracts once a year, and trade what is offered and wanted: by SM14, or by the rule of another package."""
    state, book, constants = world.state, world.green, world.constants
    firms = Firms(state["energy"], state["conduct"], state["finance"], state["green_power"], state["flows"])
    offer = book.unit_mwh, world.certificates.tradable, constants.seller_is_local
    line_hours = float(constants.quarter_hours[world.quarter_of_year])
    rules = _motives(world), line_hours, book.reference_cny_per_mwh, world.params, world.levers
    draws = world.uniforms("green_sellers", book.unit_mwh.size), world.uniforms("green_buyers", state.n_enterprises)
    if world.quarter_of_year == 0:
        book.contracts = sign_contracts(firms, offer, *rules, draws)
    market = in_force(world, "green_power_market", trade_quarter)
    if market is trade_quarter:
        return Deal(*trade_and_settle(firms, offer, book.contracts, *rules, draws))
    sellers, buyers, terms = sides_of(firms, offer, *rules)
    done = market(sellers, buyers, book.contracts, terms, *draws)
    return Deal(done.sellers.bundled_mwh, done.sellers.unbundled_mwh, done.prices, *settle(done.buyers, firms, terms))


def _motives(world: World) -> Motives:
    since = world.scenario.place.zone.zero_carbon_park_from
    return Motives(since is not None and world.clock.year(world.quarter) >= since, quota_cny_per_mwh(world))


def _book(world: World, deal: Deal) -> None:
    """Move certificates and claim them, and book the money."""
    prices, paid, book = deal.prices, deal.paid, world.green
    world.certificates.trade(deal.bundled_mwh, deal.unbundled_mwh)
    book.claimed_mwh = sum(deal.sold_mwh)
    book.traded_mwh = book.claimed_mwh - deal.sold_mwh[BARE]
    world.certificates.claim(book.claimed_mwh)
    world.ledger.post("direct line saving", "power_utility", "enterprises", paid.saving_cny)
    world.ledger.post("green premium", "enterprises", "rest_of_world", paid.premium_cny)
    world.ledger.post("certificate penalty", "enterprises", "treasury", paid.penalty_cny)
    book.premium_cny_per_mwh, book.certificate_cny_per_mwh = prices.premium_cny_per_mwh, prices.unbundled_cny_per_mwh
    book.reference_cny_per_mwh = prices.reference_cny_per_mwh
    # the first five prices stand in the order of the markets
    for name, price, volume in zip(MARKETS, prices, deal.sold_mwh, strict=False):
        world.recorder.note_market(world.quarter, name, price, "CNY/MWh", volume, "MWh")


def _scope2(world: World, use_mwh: float, roof_own_mwh: float) -> None:
    """Set market-based scope 2: claimed power at zero, the rest at the residual mix of the place (A15, B06).

    Roof power used under the roof never was grid power: it takes no part in the mix. Purchased heat comes on top.
    """
    energy, green, book = world.state["energy"], world.state["green_power"], world.green
    factor = world.power.province_factor()
    total = max(world.power.quarter.delivered_mwh - roof_own_mwh, use_mwh)
    book.residual_tco2_per_mwh = residual_factor(factor * total, total, book.claimed_mwh)
    of_enterprises = write_market_scope2(
        energy, green, book.residual_tco2_per_mwh, world.state.fuel_gj, HEAT, world.reference.carrier_tco2_per_gj
    )
    others = (total - use_mwh) * book.residual_tco2_per_mwh
    check_scope2(of_enterprises + others, factor * total, world.label)
