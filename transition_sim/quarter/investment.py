"""Phases 3 and 4: who looks, what it prefers, who is funded and financed, what is ordered, built and retired.

The way of a project: attention (SM05), choice (SM06), permit and access (SM11), subsidy queue (SM10), bank (SM08),
order. What falls out on the way is logged with its reason; an award that no bank completes goes back to the budget.
"""

import numpy as np

from transition_sim.agents.applications import gather_placed, note_outcomes
from transition_sim.agents.attention import FORCED, update_hazards
from transition_sim.agents.choice import Equipment, Firms, Outlook, Site
from transition_sim.agents.investment import STORAGE, order_assets, pay_for_orders
from transition_sim.agents.offers import Offers, see_offers
from transition_sim.agents.peers import Peers
from transition_sim.agents.seen_options import SeenOptions
from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.tables import copied
from transition_sim.quarter.budgets import has_gas
from transition_sim.quarter.compliance import awaits_retrofit, choose_compliance, look_at_retrofits
from transition_sim.quarter.contracts import offer_contracts
from transition_sim.quarter.control import salience
from transition_sim.quarter.energy_rights import with_rights
from transition_sim.quarter.extensions import choose
from transition_sim.quarter.funding import Projects, award_subsidies, finance_projects
from transition_sim.quarter.grid_levers import capex_factors
from transition_sim.quarter.permits import (
    additions_need_permits,
    check_permits,
    close_dead_kilns,
    close_overdue,
    limit_to_permits,
    swap_permits,
)
from transition_sim.world.adoption import renew_equipment
from transition_sim.world.assets import compact_assets
from transition_sim.world.policy.access import may_have_permit
from transition_sim.world.state import OUTCOMES
from transition_sim.world.world import World

COMPACTED_IN = 3
"""Quarter of the year in which retired equipment leaves the table."""
FORCED_CLOSURE = OUTCOMES.index("forced_closure")


def plan(world: World) -> None:
    """Let enterprises look, choose, apply and order."""
    if world.frozen:
        return
    state, technologies, services = world.state, world.reference.technologies, world.reference.services
    slots, firms = state.slots, Firms(state["production"], state["finance"], state["conduct"])
    offers = _offers(world)
    peers = Peers(world.constants.county, world.adoption, offers.national_share, offers.national_adopters_share)
    rows, trigger = update_hazards(
        slots, state.assets, firms, technologies, services, peers, salience(world),
        float(world.calendar.anticipation_per_year[world.quarter]), world.params, world.levers, world.quarter,
        world.uniforms("attention", slots.size),
    )[:2]  # fmt: skip
    is_any_told, has_more = look_at_retrofits(world, trigger, FORCED)
    if has_more:
        rows = np.flatnonzero(slots["is_looking"])
    equipment = Equipment(
        slots, state.slot_start, state.assets, technologies, services, capex_factors(world), offers.first_year,
        offers.immaturity,
    )  # fmt: skip
    seen = firms, equipment, with_rights(world, _outlook(world)), _site(world)
    choices, options = choose(
        world, rows, *seen, peers, world.quarter,
        world.clock.year(world.quarter), world.streams.uniforms_at("choice", world.quarter, rows),
    )  # fmt: skip
    if is_any_told:
        choose_compliance(world, choices, options)
    _procure(world, choices, options, trigger)
    offer_contracts(world, choices, options, seen)
    world.notes.decisions = rows.size
    if world.recorder.keep_decisions:
        world.recorder.decisions.append(choices)
        world.recorder.options.append(copied(options.listed))


def _offers(world: World) -> Offers:
    """Return what enterprises know of equipment on offer."""
    constants, reference, research = world.constants, world.reference, world.research
    return Offers(*see_offers(
        reference.technologies, reference.services.size, research.first_year, world.control.burns_coal,
        world.adoption.is_adoption, constants.national_start, constants.national_growth, world.elsewhere.shown_share,
        world.control.coal_headroom_tce, research.effort_years, world.decimal_year, world.params, world.levers,
    ))  # fmt: skip


def _outlook(world: World) -> Outlook:
    state, tariffs, constants = world.state, world.tariffs, world.constants
    return Outlook(
        state.expected_cny_per_gj, constants.no_growth_per_year, tariffs.expected_cny_per_mwh,
        world.plans.midday_cny_per_mwh, constants.scope1_tco2_per_gj, constants.process_tco2_per_unit,
        world.carbon.expected_carbon_cny_per_tco2, float(tariffs.storage_cny_per_mwh_day.sum()) / QUARTERS_PER_YEAR,
        world.power.roof_yield_mwh_per_mw,
    )  # fmt: skip


def _site(world: World) -> Site:
    plans, permits = world.plans, world.permits
    may_have_permit(
        world.constants.kiln_slots, world.state.slots, permits.permitted_t_per_year, permits.retired_t_per_year(),
        additions_need_permits(world), plans.has_permit,
    )  # fmt: skip
    return Site(has_gas(world), plans.has_permit, plans.loads_mw)


def _procure(world: World, choices: np.ndarray, options: SeenOptions, trigger: np.ndarray) -> None:
    """Take the choices through permits, subsidies and banks, order what is left, and note each one's outcome."""
    has_kilns = limit_to_permits(world, choices)
    projects = Projects.of(world, choices, options)
    if has_kilns:
        check_permits(world, projects)
    award_subsidies(world, projects)
    finance_projects(world, projects)
    world.notes.orders = _order(world, projects, has_kilns)
    overdue = note_outcomes(projects.rows, projects.outcome, choices, trigger, world.state.slots, world.quarter)
    if overdue.size:
        overdue = overdue[~awaits_retrofit(world, choices["slot"][overdue])]
        choices["outcome"][overdue] = FORCED_CLOSURE
        close_overdue(world, choices["slot"][overdue])


def _order(world: World, projects: Projects, has_kilns: bool) -> int:
    """Order what is financed: assets, money flows, tax credits, storage support; return how much is ordered."""
    state, technologies = world.state, world.reference.technologies
    n = gather_placed(projects.choices, projects.awarded_cny, projects.outcome)
    if n == 0:
        return 0
    chosen, subsidy = projects.choices[:n], projects.awarded_cny[:n]
    if has_kilns:
        swap_permits(world, chosen)
    order_assets(
        state, chosen, True, technologies, world.quarter,
        world.streams.uniforms_at("life", world.quarter, chosen["slot"]), world.parameter("weibull_shape"),
    )  # fmt: skip
    pay_for_orders(
        chosen, subsidy, technologies, world.lever("tax_credit_share"), state["flows"], state.tax_credit_cny,
        world.notes.technology_orders,
    )  # fmt: skip
    _support_storage(world, chosen, subsidy)
    return n


def _support_storage(world: World, chosen: np.ndarray, awarded_cny: np.ndarray) -> None:
    """Pay the support per kWh of storage ordered, at most what the owner pays, as far as the budget reaches (L24)."""
    rate = world.lever("storage_support_cny_per_kwh")
    if rate <= 0:
        return
    is_storage = world.reference.services["kind"][chosen["service"]] == STORAGE
    if not is_storage.any():
        return
    own_cny = chosen["capex_cny"] - awarded_cny
    asked = np.minimum(np.where(is_storage, rate * 1e3 * chosen["capacity_unit_per_year"], 0.0), own_cny)
    if asked.sum() > 0:
        paid = world.budget.spend(float(asked.sum()))
        np.add.at(world.state["flows"]["service_income_cny"], chosen["enterprise"], asked * (paid / asked.sum()))
        world.ledger.post("storage support", "green_budget", "enterprises", paid)
        world.notes.support_cny += paid


def commission(world: World) -> None:
    """Bring orders into service and retire what has died or is replaced (SM04); count experience (SM17)."""
    if world.frozen:
        return
    state = world.state
    renew_equipment(
        state.slots, state.slot_start, state.assets, state["finance"], state["flows"], world.reference.technologies,
        world.constants.near, world.adoption, world.additions, world.params, world.quarter,
    )  # fmt: skip
    close_dead_kilns(world)
    if world.quarter_of_year == COMPACTED_IN:
        state.n_assets = compact_assets(state.assets, state.n_assets, state.slots)
