"""Phase 3, money for projects: the subsidy queue (SM10) and the banks (SM08)."""

from dataclasses import dataclass

import numpy as np

from transition_sim.agents.projects import avoided_tco2_per_year, weigh_projects
from transition_sim.core.tables import allocate
from transition_sim.quarter.growth import growth_applications, settle_growth
from transition_sim.world.markets import credit
from transition_sim.world.state import OUTCOMES
from transition_sim.world.world import World

ORDERED = OUTCOMES.index("ordered")
WITHOUT_SUBSIDY = OUTCOMES.index("ordered_without_subsidy")
WAITING = OUTCOMES.index("no_subsidy_kept")
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
    def of(cls, world: World, choices: np.ndarray, options: np.ndarray) -> "Projects":
        """Return the projects of these choices; savings come from the options that each enterprise saw."""
        n, state = choices.size, world.state
        saving, recovery = weigh_projects(
            choices, options, state["finance"], world.reference.technologies, world.reference.services,
            world.power.roof_yield_mwh_per_mw, world.params,
        )  # fmt: skip
        return cls(
            choices, saving, recovery, state.slots["is_forced"][choices["slot"]], np.zeros(n),
            np.full(n, ORDERED, np.int8),
        )  # fmt: skip

    @property
    def is_open(self) -> np.ndarray:
        """Still on its way."""
        return (self.outcome == ORDERED) | (self.outcome == WITHOUT_SUBSIDY)


def award_subsidies(world: World, projects: Projects) -> None:
    """Serve the queue; who gets nothing goes on without where that still beats keeping, or where it must (SM10)."""
    asked = np.where(projects.is_open, projects.choices["subsidy_cny"], 0.0)
    if not asked.any():
        return
    arrival = world.streams.uniforms_at("subsidy_queue", world.quarter, projects.choices["slot"])
    key = arrival
    if world.budget.rule == "cost_per_tonne":
        key = asked / np.maximum(_avoided_tco2(world, projects), SMALLEST_TCO2)
    funded = world.budget.award(asked, key, arrival)
    projects.awarded_cny[funded] = asked[funded]
    refused = (asked > 0) & ~funded
    world.notes.queue_cny += float(asked[refused].sum())
    if world.budget.is_exhausted:
        world.recorder.event(world.quarter, "budget_exhausted", "green_budget", float(asked[refused].sum()), "CNY")
    full_cost = projects.choices["capex_cny"] * projects.capital_cny_per_year
    goes_on = projects.is_forced | (projects.saving_cny_per_year >= full_cost)
    projects.outcome[refused & goes_on] = WITHOUT_SUBSIDY
    projects.outcome[refused & ~goes_on] = WAITING


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
    applying = np.flatnonzero(projects.is_open)
    growing = growth_applications(world)
    applications = allocate(credit.APPLICATIONS, applying.size + growing.size)
    _fill(world, applications[: applying.size], projects, applying)
    applications[applying.size :] = growing
    decisions = _decide(world, applications)
    answers = decisions["outcome"][: applying.size]
    refused = answers != ORDERED
    _refund(world, projects, applying[refused])
    projects.outcome[applying[refused]] = answers[refused]
    desired, cost = world.state["finance"]["desired_capex_cny"], applications["cost_cny"][: applying.size]
    row, n = applications["enterprise"][: applying.size], world.state.n_enterprises
    desired[:] = np.bincount(row, cost, n)
    world.state["finance"]["approved_capex_cny"][:] = np.bincount(row, cost * ~refused, n)
    rationed = answers == OUTCOMES.index("rationed")
    world.notes.rationed_cny += float(cost[rationed].sum())
    settle_growth(world, growing["enterprise"], decisions["outcome"][applying.size :] == ORDERED)
    _book_loans(world, applications, decisions)


def _fill(world: World, rows: np.ndarray, projects: Projects, applying: np.ndarray) -> None:
    enterprise = projects.choices["enterprise"][applying]
    rows["enterprise"] = enterprise
    rows["cost_cny"] = projects.choices["capex_cny"][applying] - projects.awarded_cny[applying]
    rows["is_green"] = world.reference.technologies["is_green"][projects.choices["chosen"][applying]] > 0
    rows["saving_cny_per_year"] = projects.saving_cny_per_year[applying]
    rows["is_brown"] = world.constants.is_two_high[enterprise] & ~rows["is_green"]


def _decide(world: World, applications: np.ndarray) -> np.ndarray:
    state, banks, constants, p = world.state, world.banks, world.constants, world.params[0]
    finance = state["finance"]
    service = credit.debt_service_by_enterprise(state.loans, state.n_loans, state.n_enterprises)
    lpr = float(
        np.interp(
            world.decimal_year, (credit.FIRST_LPR_YEAR, credit.LAST_LPR_YEAR),
            (p["lpr_2020_percent"], p["lpr_2025_percent"]),
        )
    )  # fmt: skip
    credit.update_credit_scores(
        finance, service, constants.sector, constants.is_two_high_sector, lpr, world.params, world.levers
    )
    room = banks.room_cny(
        float(p["capital_ratio_min_share"]), float(p["bank_lending_growth_per_year"]), world.quarter_of_year
    )
    exposure = credit.exposure_by_sector(
        state.loans, state.n_loans, constants.sector, banks.n_banks, constants.n_sectors
    )
    fund_share = min(1.0, world.green_fund_cny / max(1.0, float(applications["cost_cny"].sum())))
    return credit.decide_credit(
        applications, finance, annual_sales_cny(world), service, constants.sector, room,
        credit.sector_room_cny(exposure, room, world.sector_limit_share), constants.is_specialised, fund_share, lpr,
        world.params, world.levers,
    )  # fmt: skip


def annual_sales_cny(world: World) -> np.ndarray:
    """Return a year's sales at the output of the last quarter, CNY/yr, shape (N,)."""
    return 4.0 * world.state["production"]["output_cny"] * world.state["prices"]["price_index"]


def _refund(world: World, projects: Projects, rows: np.ndarray) -> None:
    """Give awards back that no bank completes."""
    world.budget.refund(float(projects.awarded_cny[rows].sum()))
    projects.awarded_cny[rows] = 0.0


def _book_loans(world: World, applications: np.ndarray, decisions: np.ndarray) -> None:
    state = world.state
    granted = credit.new_loans(applications, decisions, state["finance"], world.params, world.levers)
    state.loans, state.n_loans = credit.grant_loans(
        state.loans, state.n_loans, granted, state["finance"], state["flows"]
    )
    world.banks.lend(*credit.lent_by_bank(granted, world.banks.n_banks))
