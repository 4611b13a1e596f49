"""Phases 3 and 10: energy service companies offer contracts; savings, loans and failures are settled (SM09, L29)."""

import numpy as np

from transition_sim.agents import building_contracts as building
from transition_sim.agents import contracts as contract
from transition_sim.agents.investment import order_assets
from transition_sim.agents.outlook import MIDDAY, Equipment, Firms, Outlook, Site
from transition_sim.agents.seen_options import SeenOptions
from transition_sim.quarter.funding import lenders
from transition_sim.world.markets.energy_service import (
    CONTRACT_ROW,
    book_contracts,
    close_failed,
    pay_owners,
    settle_contracts,
)
from transition_sim.world.markets.service_trust import learn_trust
from transition_sim.world.world import World

LAST_QUARTER = 3
STANDARD, ROOF = "hvac_base", "roof_pv"
"""Technologies: conditioning and lighting that buildings have, and photovoltaics on roofs."""


def offer_contracts(
    world: World, choices: np.ndarray, options: SeenOptions, seen: tuple[Firms, Equipment, Outlook, Site]
) -> None:
    """Let companies make offers to who kept what it has or was refused, and order what is signed (L29).

    Parameters
    ----------
    choices, options : ndarray, SeenOptions
        Decisions of the quarter after subsidies and banks; what is signed is written into them.
    seen : tuple
        What enterprises had before them when they decided.
    """
    service, promotion = world.energy_service, world.lever("esco_promotion")
    service.open_quarter()
    if promotion <= 0.0:
        return
    firms, equipment, outlook, site = seen
    contracts = _room_for_contracts(world, promotion)
    signed, granted, dealing = contract.offer_contracts(
        choices, options, firms, equipment, outlook, world.constants.no_carbon_price, site, service.companies,
        lenders(world), world.budget.balance_cny, world.streams.address("contracts", world.quarter),
        world.decimal_year, world.quarter, world.quarter_of_year, contracts, world.params, world.levers,
    )  # fmt: skip
    if signed.size:
        # 'take' copies whole records, an index field by field
        _order(world, choices.take(signed), contracts[: signed.size], granted, dealing)
    if world.quarter_of_year == LAST_QUARTER and world.city.buildings.owners.size:
        _offer_to_buildings(world)


def _room_for_contracts(world: World, promotion: float) -> np.ndarray:
    """Return empty rows for all that the staff of the companies can take on in a quarter (see ``hire``)."""
    a_year = promotion * world.parameter("service_staff") * world.parameter("service_projects_a_person_per_year")
    return np.zeros(world.energy_service.companies.size * int(a_year), CONTRACT_ROW)


def _offer_to_buildings(world: World) -> None:
    """Let companies offer owners of buildings what staff enterprises left them in the year, and book what is signed."""
    stock, labels, shape = world.city.buildings, world.labels["technologies"], world.constants.city_shape
    market = building.Market(
        labels.index(STANDARD), labels.index(ROOF), float(world.tariffs.household_cny_per_mwh),
        float(world.constants.load_points[shape, MIDDAY]), world.clock.year(world.quarter),
    )  # fmt: skip
    contracts, dealing = building.offer_to_buildings(
        stock.owners, stock.rows, stock.kinds, world.reference.technologies, world.state.technology_capex_factor,
        market, world.energy_service.companies, lenders(world),
        world.streams.address("building_contracts", world.quarter), world.decimal_year, world.quarter, world.params,
        world.levers,
    )  # fmt: skip
    if contracts.size:
        world.energy_service.sign(contracts)
        _book(world, contracts, 0.0, dealing)


def _order(world: World, chosen: np.ndarray, contracts: np.ndarray, granted_cny: float, dealing_cny: float) -> None:
    """Order the equipment of new contracts and book it: it is not the customer's, so its books do not show it."""
    service = world.energy_service
    order_assets(
        world.state, chosen, False, world.reference.technologies, world.quarter,
        world.streams.uniforms_at("life", world.quarter, chosen["slot"]), world.parameter("weibull_shape"),
    )  # fmt: skip
    service.sign(contracts)
    world.notes.orders += chosen.size
    paid = world.budget.spend(granted_cny)
    world.notes.support_cny += paid
    _book(world, contracts, paid, dealing_cny)


def _book(world: World, contracts: np.ndarray, paid: float, dealing_cny: float) -> None:
    """Book new contracts on both sides: equipment, surveys, grants paid, loans."""
    service, constants = world.energy_service, world.constants
    capex, in_industry, in_buildings, lent = book_contracts(
        contracts, constants.sector, constants.is_industry, world.notes.technology_orders, world.banks.n_banks
    )
    service.signed += contracts.size
    service.capex_cny += capex
    service.industry_capex_cny += in_industry
    service.building_capex_cny += in_buildings
    world.banks.lend_outside(lent)
    post = world.ledger.post
    post("equipment under contract", "energy_service", "rest_of_world", capex + paid)
    post("surveys and measurement", "energy_service", "households", dealing_cny)
    post("grants under contracts", "green_budget", "energy_service", paid)
    post("loans", "banks", "energy_service", float(lent.sum()))


def settle_services(world: World) -> None:
    """Share the savings of the quarter, pay debts and owners, close who failed, and learn once a year (SM09)."""
    service, banks, state, p = world.energy_service, world.banks, world.state, world.params[0]
    if service.n_contracts == 0:
        return
    post = world.ledger.post
    fee, building_fee, interest, principal, overdrawn = settle_contracts(
        service.in_use, service.companies, state.slots, state.assets, state["finance"], state["flows"],
        world.power.roof_yield_mwh_per_mw, world.params, world.quarter, banks.n_banks,
    )  # fmt: skip
    banks.collect_outside(interest, principal)
    service.fee_cny = fee + building_fee
    post("shared savings", "enterprises", "energy_service", fee)
    post("shared savings of buildings", "households", "energy_service", building_fee)
    post("interest", "energy_service", "banks", float(interest.sum()))
    post("principal", "energy_service", "banks", float(principal.sum()))
    if overdrawn >= p["default_quarters"]:
        _close_failed(world)
    if world.quarter_of_year == LAST_QUARTER:
        post("profits of service companies", "energy_service", "rest_of_world", pay_owners(service.companies))
        learn_trust(
            service.in_use, state["conduct"], world.city.buildings.rows, world.constants.county,
            len(world.labels["counties"]), p["service_trust_memory"],
        )  # fmt: skip


def _close_failed(world: World) -> None:
    service, banks, p = world.energy_service, world.banks, world.params[0]
    written, recovered, covered, n_failed = close_failed(
        service.in_use, service.companies, world.state["conduct"], world.city.buildings.rows, p["default_quarters"],
        p["lgd_share"], p["service_trust_memory"], banks.n_banks,
    )  # fmt: skip
    banks.write_off(written, recovered, 0.0)
    world.ledger.post("assets of failed companies", "rest_of_world", "banks", float(recovered.sum()))
    world.ledger.post("losses of owners", "rest_of_world", "energy_service", covered)
    world.recorder.event(
        world.quarter, "service_default", world.scenario.place.id, float(n_failed), "energy service companies"
    )
