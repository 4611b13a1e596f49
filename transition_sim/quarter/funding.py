"""Phase 3, money for projects: the subsidy queue (SM10) and the banks (SM08)."""

from dataclasses import dataclass

import numpy as np

from transition_sim.agents.applications import (
    ORDERED,
    list_applicants,
    list_applications,
    take_answers,
    take_awards,
)
from transition_sim.agents.projects import avoided_tco2_per_year, weigh_projects
from transition_sim.quarter.budgets import hold_back, take_from_budget
from transition_sim.world.markets import credit
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
    """

    choices: np.ndarray
    saving_cny_per_year: np.ndarray
    capital_cny_per_year: np.ndarray
    is_forced: np.ndarray
    awarded_cny: np.ndarray
    outcome: np.ndarray

    @classmethod
    def of(cls, world: World, rows: np.ndarray, choices: np.ndarray, options: np.ndarray) -> "Projects":
        """Return the projects of some rows of choices; savings come from the options that each enterprise saw."""
        n, state = rows.size, world.state
        saving, recovery = weigh_projects(
            rows, choices, options, state["finance"], world.reference.technologies, world.reference.services,
            world.power.roof_yield_mwh_per_mw, world.params,
        )  # fmt: skip
        wanted = choices.take(rows)
        return cls(
            wanted, saving, recovery, state.slots["is_forced"][wanted["slot"]], np.zeros(n),
            np.full(n, ORDERED, np.int8),
        )  # fmt: skip


def award_subsidies(world: World, projects: Projects) -> None:
    """Serve the queue; who gets nothing goes on without where that still beats keeping, or where it must (SM10)."""
    asked = list_applicants(projects.choices, projects.outcome)
    if not asked.any():
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
    state, constants, plans = world.state, world.constants, world.plans
    production, finance = state["production"], state["finance"]
    needs_tce = hold_back(world)
    asked = projects.choices, projects.awarded_cny, projects.saving_cny_per_year, projects.outcome
    growth = plans.growth_capacity_cny, plans.growth_cost_cny
    applications, n_projects = list_applications(
        asked, world.reference.technologies, production, state["prices"], finance, growth, constants.sector,
        constants.is_reviewed, constants.is_two_high, world.lever("access_strictness"),
        world.parameter("access_saturation_share"),
    )  # fmt: skip
    decisions = _decide(world, applications)
    refunded_cny, rationed_cny = take_answers(
        applications, n_projects, decisions, asked, growth, production, finance, state["flows"]
    )
    take_from_budget(world, needs_tce)
    world.budget.refund(refunded_cny)
    world.notes.rationed_cny += rationed_cny
    _book_loans(world, applications, decisions)


def _decide(world: World, applications: np.ndarray) -> np.ndarray:
    state, banks, constants, p = world.state, world.banks, world.constants, world.params[0]
    finance = state["finance"]
    service, exposure = credit.positions(
        state.loans, state.n_loans, constants.sector, banks.n_banks, constants.n_sectors
    )
    lpr = credit.prime_rate_percent(world.decimal_year, world.params)
    credit.update_credit_scores(
        finance, service, constants.sector, constants.is_two_high_sector, lpr, world.params, world.levers
    )
    room = banks.room_cny(
        float(p["capital_ratio_min_share"]), float(p["bank_lending_growth_per_year"]), world.quarter_of_year
    )
    fund_share = min(1.0, world.green_fund_cny / max(1.0, float(applications["cost_cny"].sum())))
    # a loan is backed by the fund, or else by insurance (L56)
    backed_share = fund_share + (1.0 - fund_share) * world.lever("green_insurance")
    return credit.decide_credit(
        applications, finance, annual_sales_cny(world), service, constants.sector, room,
        credit.sector_room_cny(exposure, room, world.sector_limit_share), constants.is_specialised, backed_share, lpr,
        world.params, world.levers,
    )  # fmt: skip


def annual_sales_cny(world: World) -> np.ndarray:
    """Return a year's sales at the output of the last quarter, CNY/yr, shape (N,)."""
    return 4.0 * world.state["production"]["output_cny"] * world.state["prices"]["price_index"]


def _book_loans(world: World, applications: np.ndarray, decisions: np.ndarray) -> None:
    state = world.state
    granted = credit.new_loans(applications, decisions, state["finance"], world.params, world.levers)
    state.loans, state.n_loans = credit.grant_loans(
        state.loans, state.n_loans, granted, state["finance"], state["flows"]
    )
    world.banks.lend(*credit.lent_by_bank(granted, world.banks.n_banks))
