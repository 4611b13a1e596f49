"""Phase 3, money for projects: the subsidy queue (SM10) and the banks (SM08)."""

from dataclasses import dataclass, field

import numpy as np

from transition_sim.agents import financing
from transition_sim.agents.applications import ORDERED, list_applicants, take_awards
from transition_sim.agents.choice import CHOICES_DTYPE
from transition_sim.agents.financing import Books, Lenders, Round, Trades, finance_round
from transition_sim.agents.projects import avoided_tco2_per_year, weigh_projects
from transition_sim.agents.seen_options import SeenOptions
from transition_sim.world.markets.loans import LoanBook, room_for_loans
from transition_sim.world.world import World

SMALLEST_TCO2 = 1e-3
"""Who avoids less a year stands at the end of a queue by cost per tonne."""


@dataclass
class Projects:
    """Investments that enterprises prefer, one row each.

    Attributes
    ----------
    choices : ndarray of ``agents.choice.CHOICES_DTYPE``
    saving_cny_per_year : ndarray
        What the project saves a year against keeping, before its own capital cost; 0 where nothing can be kept.
    capital_cny_per_year : ndarray
        Yearly capital cost at the hurdle rate over the horizon, per CNY of capex.
    is_forced : ndarray of bool
    awarded_cny : ndarray
    outcome : ndarray of i1, index in OUTCOMES
    rows : ndarray of int
        Of all the choices of the quarter.
    """

    choices: np.ndarray
    saving_cny_per_year: np.ndarray
    capital_cny_per_year: np.ndarray
    is_forced: np.ndarray
    awarded_cny: np.ndarray
    outcome: np.ndarray
    rows: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    @classmethod
    def of(cls, world: World, choices: np.ndarray, options: SeenOptions) -> "Projects":
        """Return the orders among choices as projects; savings come from the options that each enterprise saw."""
        state, reference = world.state, world.reference
        wanted = np.empty(choices.size, CHOICES_DTYPE)
        rows, saving, recovery, is_forced = weigh_projects(
            choices, options, wanted, state.slots, state["finance"], reference.technologies, reference.services,
            world.power.roof_yield_mwh_per_mw, world.params,
        )  # fmt: skip
        n, outcome = rows.size, np.empty(rows.size, np.int8)
        outcome.fill(ORDERED)
        return cls(wanted[:n], saving, recovery, is_forced, np.zeros(n), outcome, rows)


def award_subsidies(world: World, projects: Projects) -> None:
    """Serve the queue; who gets nothing goes on without where that still beats keeping, or where it must (SM10)."""
    asked, any_asks = list_applicants(projects.choices, projects.outcome)
    if not any_asks:
        return
    arrival = world.streams.uniforms_at("subsidy_queue", world.quarter, projects.choices["slot"])
    key = arrival
    if world.budget.rule == "cost_per_tonne":
        key = asked / np.maximum(_avoided_tco2(world, projects), SMALLEST_TCO2)
    funded = world.budget.award(asked, key, arrival)
    refused_cny = take_awards(
        projects.choices, asked, funded, projects.saving_cny_per_year, projects.capital_cny_per_year,
        projects.is_forced, projects.awarded_cny, projects.outcome,
    )  # fmt: skip
    world.notes.queue_cny += refused_cny
    if world.budget.is_exhausted:
        world.recorder.event(world.quarter, "budget_exhausted", "green_budget", refused_cny, "CNY")


def _avoided_tco2(world: World, projects: Projects) -> np.ndarray:
    """Return what each project avoids, tCO2/yr."""
    state, constants = world.state, world.constants
    return avoided_tco2_per_year(
        projects.choices, state.slots, state.slot_start, state.assets, world.reference.technologies,
        world.reference.services, constants.scope1_tco2_per_gj, constants.process_tco2_per_unit,
        world.power.province_factor(), world.power.roof_yield_mwh_per_mw, world.params,
    )  # fmt: skip


def finance_projects(world: World, projects: Projects) -> None:
    """Let the banks decide on all projects and on new plant, and book the loans (SM08)."""
    state, plans, control, banks = world.state, world.plans, world.control, world.banks
    room = room_for_loans(projects.choices.size + state.n_enterprises)
    done = Round(*finance_round(
        (projects.choices, projects.awarded_cny, projects.saving_cny_per_year, projects.outcome),
        (plans.growth_capacity_cny, plans.growth_cost_cny), books(world), state.loans.book,
        room, lenders(world), trades(world), control.is_listed, control.energy_headroom_tce,
        world.reference.technologies, world.green_fund_cny, world.decimal_year, world.quarter_of_year, world.params,
        world.levers,
    ))  # fmt: skip
    if done.n_waiting:
        world.recorder.event(
            world.quarter, "energy_budget", world.scenario.place.id, float(done.n_waiting), "enterprises"
        )
    control.energy_headroom_tce = done.headroom_tce
    world.budget.refund(done.refunded_cny)
    world.notes.rationed_cny += done.rationed_cny
    state.loans.append(LoanBook(room.loans[: done.n_granted], room.supports[: done.n_supported]))
    banks.lend(done.lent_cny, done.refinanced_cny)


def answers(world: World, applications: np.ndarray) -> np.ndarray:
    """Return what the banks would answer to applications as things stand; no loan is booked (SM08)."""
    state = world.state
    return financing.decide(
        applications, books(world), state.loans.book, lenders(world), trades(world), world.green_fund_cny,
        world.decimal_year, world.quarter_of_year, world.params, world.levers,
    )  # fmt: skip


def books(world: World) -> Books:
    """Return the tables of the enterprises that finance reads and writes."""
    state = world.state
    return Books(state["production"], state["prices"], state["finance"], state["flows"], state["energy"])


def trades(world: World) -> Trades:
    """Return what is known of enterprises by their sector."""
    constants = world.constants
    return Trades(
        constants.sector, constants.is_two_high, constants.is_reviewed, constants.is_two_high_sector,
        constants.is_specialised,
    )  # fmt: skip


def lenders(world: World) -> Lenders:
    """Return the books that say what banks may lend."""
    banks = world.banks
    return Lenders(
        banks.capital_cny, banks.loans_cny, banks.facility_cny, banks.plan_book_cny, world.sector_limit_share
    )
