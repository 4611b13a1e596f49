"""Measures of enterprises: offers, credit, vintages, sizes, quotas (P03, P04, P07, P20, P21)."""

from dataclasses import replace
from functools import cache, partial

import numpy as np
import pandas as pd

from transition_sim.agents.applications import APPLICATION_ROW, ORDERED
from transition_sim.agents.choice import choice_probabilities, utility
from transition_sim.agents.levelised import planning_years
from transition_sim.core.kernels import compiled
from transition_sim.experiments.patterns.trial import DEFAULT, Arm, Trial, change
from transition_sim.quarter.funding import answers
from transition_sim.scenarios import registry
from transition_sim.summary import old_heat
from transition_sim.world.annuity import capital_recovery_factor
from transition_sim.world.world import World

# --- P03 audited offers -----------------------------------------------------------------------------------------------

PAYBACK_YEARS = (1.0, 1.25, 1.5, 1.75, 2.0)
OFFERED = Arm(end_year=2022)


def audited_offers_accepted_share(trial: Trial) -> float:
    """Return how many enterprises carry out a one-off offer that pays back in one to two years (SM06, SM08).

    They must want it by their own rule and be able to pay for it: own funds, debt service, collateral. Offers save of
    the energy bill what the measures of the table save of the fuel of a service.
    """
    world = trial.outcome(OFFERED).world
    offers = [(1.0 - t.host_fuel_factor, t.disrupt) for t in registry.technologies() if t.host_fuel_factor < 1.0]
    return float(np.mean([accepted_share(world, payback, *offer) for payback in PAYBACK_YEARS for offer in offers]))


@compiled
def willingness(finance, payback_years, saving_share, disrupt, p):
    """Return the probability that each enterprise prefers a measure to keeping, shape (N,); 0 out of business."""
    willing, seen = np.zeros(finance.size), np.empty(2)
    for i in range(finance.size):
        if not finance[i].is_alive:
            continue
        years = planning_years(finance[i].ownership, finance[i].size_class, p)
        recovery = capital_recovery_factor(finance[i].hurdle_rate_per_year, years)
        with_measure = 1.0 - saving_share + saving_share * payback_years * recovery
        unit = 0.5 * (1.0 + with_measure)
        seen[0] = utility(1.0 / unit, 0.0, 0.0, 0.0, False, 0.0, False, 0.0, p)
        seen[1] = utility(with_measure / unit, 0.0, 0.0, 0.0, False, 0.0, False, disrupt, p)
        willing[i] = choice_probabilities(seen, p.choice_noise)[1]
    return willing


def is_affordable(world: World, saving_cny_per_year: np.ndarray, payback_years: float) -> np.ndarray:
    """Return who can pay for a green measure with own funds and a bank loan, bool, shape (N,)."""
    applications = np.zeros(saving_cny_per_year.size, APPLICATION_ROW)
    applications["enterprise"] = np.arange(saving_cny_per_year.size)
    applications["cost_cny"] = payback_years * saving_cny_per_year
    applications["saving_cny_per_year"], applications["is_green"] = saving_cny_per_year, True
    return answers(world, applications)["outcome"] == ORDERED


def accepted_share(world: World, payback_years: float, saving_share: float, disrupt: float) -> float:
    """Return the mean share of live enterprises that carry out a mature measure, without peers or buyers.

    Parameters
    ----------
    saving_share : float
        Of the cost of the service; the measure costs ``payback_years`` times what it saves in a year.
    """
    finance, flows = world.state["finance"], world.state["flows"]
    alive = finance["is_alive"]
    bill_cny_per_year = np.where(alive, 4.0 * (flows["fuel_cny"] + flows["power_cny"]), 0.0)
    carried_out = willingness(finance, payback_years, saving_share, disrupt, world.params[0])
    carried_out[~is_affordable(world, saving_share * bill_cny_per_year, payback_years)] = 0.0
    return float(carried_out[alive].mean()) if alive.any() else float("nan")


# --- P04 credit -------------------------------------------------------------------------------------------------------

WANTED = ("ordered", "ordered_without_subsidy", "rationed", "refused_debt_service", "refused_collateral",
          "refused_own_funds")  # fmt: skip
FINANCED = ("ordered", "ordered_without_subsidy")


def _green_projects(trial: Trial) -> pd.DataFrame:
    """Return the green investments that came before a bank, with who wanted them: a row a project and year.

    The survey behind the pattern counts the demand of a year: what is asked for twice in it counts once, and was
    financed when one of the answers was yes; what is still wanted next year is demand again.
    """
    result = trial.run(DEFAULT)
    log = result.decisions
    if "is_chosen" not in log:
        return log
    log = log[log["is_chosen"] & log["option"].isin(result.labels["green_technologies"])]
    log = log[log["outcome"].isin(WANTED)]
    log = log.assign(is_financed=log["outcome"].isin(FINANCED)).sort_values("is_financed", kind="stable")
    log = log.groupby(["enterprise", "service", "year"], as_index=False).last()
    who = result.enterprises.set_index("enterprise")
    return log.assign(
        ownership=log["enterprise"].map(who["ownership"]), size_class=log["enterprise"].map(who["size_class"])
    )


def _financed(projects: pd.DataFrame) -> float:
    wanted = float(projects["capex_cny"].sum())
    return float(projects.loc[projects["is_financed"], "capex_cny"].sum()) / wanted if wanted > 0 else float("nan")


def green_capex_financed_share(trial: Trial) -> float:
    return _financed(_green_projects(trial))


def state_owned_lead_points(trial: Trial) -> float:
    projects = _green_projects(trial)
    state = projects["ownership"] == "soe"
    small = (projects["ownership"] == "private") & projects["size_class"].isin(("small", "medium"))
    return 100.0 * (_financed(projects[state]) - _financed(projects[small]))


# --- P05 energy service companies -------------------------------------------------------------------------------------


def contract_industry_share(trial: Trial) -> float:
    """Return the part of industry in what energy service companies pay for, over the run."""
    annual = trial.run(DEFAULT).annual
    paid = float(annual["contract_capex_cny"].sum())
    return float(annual["contract_industry_capex_cny"].sum()) / paid if paid > 0 else float("nan")


# --- P07 vintages -----------------------------------------------------------------------------------------------------


UNTOUCHED = Arm(policy="none", end_year=2030)


def old_heat_2030_share(trial: Trial) -> float:
    """Return the part of the heat of 2030 that equipment of the base year gives, by the energy it takes in."""
    return 0.01 * float(old_heat(trial.run(UNTOUCHED))[2030])


RETIRED_YEARS = 6
"""In which what a forced retirement costs and saves is counted."""
COAL_BOILERS = ("steam_coal_small", "steam_coal_cfb")


def retire_coal_boilers(world: World, year: int) -> None:
    """Have all coal boilers replaced by a year, with a notice of two years; none is sold any more."""
    ids = [t.id for t in registry.technologies()]
    coal = [ids.index(name) for name in COAL_BOILERS]
    world.reference = replace(world.reference, technologies=world.reference.technologies.copy())
    world.reference.technologies["available_year"][coal] = year + 100
    world.research.first_year[coal] = year + 100
    slots = world.state.slots
    due = 4 * (year - world.clock.start_year)
    slots["deadline_quarter"][np.isin(slots["main_technology"], coal)] = due


def spent_cny(world: World) -> tuple[float, float]:
    """Return (book value written off before its time so far, paid for energy in the quarter), CNY."""
    flows = world.state["flows"]
    return float(world.state["finance"]["stranded_cny"].sum()), float((flows["fuel_cny"] + flows["power_cny"]).sum())


@cache
def _retirement(year: int, is_forced: bool) -> Arm:
    prepare = partial(retire_coal_boilers, year=year) if is_forced else None
    return Arm("none", year + RETIRED_YEARS, prepare=prepare, watch=spent_cny)


def _cost_per_tonne(trial: Trial, year: int) -> float:
    """Return equipment, energy and value written off over the tonnes avoided by a forced retirement, CNY/t."""
    made = [trial.outcome(_retirement(year, is_forced)) for is_forced in (True, False)]
    paid, emitted = [], []
    for outcome in made:
        annual = outcome.result.annual
        energy_cny = sum(energy for _, energy in outcome.noted)
        paid.append(float(annual["capex_cny"].sum()) + outcome.noted[-1][0] + energy_cny)
        emitted.append(float(annual["enterprise_scope1_tco2"].sum()))
    saved = emitted[1] - emitted[0]
    return (paid[0] - paid[1]) / saved if saved > 0 else float("nan")


def early_over_late_cost(trial: Trial) -> float:
    late = _cost_per_tonne(trial, 2029)
    return _cost_per_tonne(trial, 2023) / late if late > 0 else float("nan")


# --- P20 sizes --------------------------------------------------------------------------------------------------------

FEWEST_RANKED = 10


def rank_size_exponent(trial: Trial) -> float:
    """Return the slope of log size on log(rank - 1/2) within sectors, weighed by their enterprises (Gabaix 2011)."""
    firms = trial.run(DEFAULT).enterprises
    slopes, counts = [], []
    for _, rows in firms[~firms["is_anchor"].astype(bool)].groupby("sector"):
        size = np.sort(rows["output_cny"].to_numpy())[::-1]
        if size.size >= FEWEST_RANKED:
            slopes.append(-np.polyfit(np.log(np.arange(size.size) + 0.5), np.log(size), 1)[0])
            counts.append(size.size)
    return float(np.average(slopes, weights=counts)) if slopes else float("nan")


def top_tenth_emission_share(trial: Trial) -> float:
    agent = trial.run(DEFAULT).agent
    first = agent[agent["year"] == agent["year"].min()]
    emitted = np.sort((first["scope1_tco2"] + first["scope2_location_tco2"]).to_numpy(dtype=float))[::-1]
    return float(emitted[: max(1, emitted.size // 10)].sum() / emitted.sum())


# --- P21 quota --------------------------------------------------------------------------------------------------------

_QUOTA_YEAR = 2025
WITHOUT_QUOTA, WITH_QUOTA = (
    Arm(end_year=_QUOTA_YEAR, levers={"energy_intensity_change_percent_per_year": change_percent})
    for change_percent in (0.0, -5.0)
)


ENERGY = "energy_coal_equivalent_tce"


def _of_sectors(trial: Trial, arm: Arm) -> pd.DataFrame:
    """Return energy, output and profit by sector in the last three years; sectors that make something."""
    table = trial.run(arm).sector
    found = table[table["year"] > _QUOTA_YEAR - 3].groupby("sector")[[ENERGY, "output_cny", "profit_cny"]].sum()
    return found[found["output_cny"] > 0]


def quota_intensity_change_percent(trial: Trial) -> float:
    """Return the change of energy per output of all enterprises, %."""
    with_quota, without = (_of_sectors(trial, arm).sum() for arm in (WITH_QUOTA, WITHOUT_QUOTA))
    return 100.0 * change(
        float(with_quota[ENERGY] / with_quota["output_cny"]), float(without[ENERGY] / without["output_cny"])
    )


def quota_profit_change_percent(trial: Trial) -> float:
    with_quota, without = (float(_of_sectors(trial, arm)["profit_cny"].sum()) for arm in (WITH_QUOTA, WITHOUT_QUOTA))
    return 100.0 * change(with_quota, without)
