"""What enterprises apply for in a quarter: awards, and credit for projects and new plant (SM02, SM08, SM10)."""

import numpy as np

from transition_sim.core.kernels import compiled, entered, lean, merged
from transition_sim.core.tables import dtype_of
from transition_sim.world.markets.credit import APPLICATIONS, FINANCED
from transition_sim.world.policy.access import is_approved
from transition_sim.world.state import OUTCOMES

APPLICATION_ROW = dtype_of(APPLICATIONS)
KEPT, ORDERED = OUTCOMES.index("kept"), OUTCOMES.index("ordered")
WITHOUT_SUBSIDY = OUTCOMES.index("ordered_without_subsidy")
WAITING = OUTCOMES.index("no_subsidy_kept")
QUARTERS = 4.0


@lean
def is_open(outcome):
    """Tell whether a project is still on its way."""
    return outcome in (ORDERED, WITHOUT_SUBSIDY)


@compiled
def list_applicants(choices, outcome):
    """Return the award that each project applies for, CNY, and whether any does (SM10).

    It is 0 for those that are not on their way any more.
    """
    asked_cny, any_asks = np.zeros(choices.size), False
    for k in range(choices.size):
        if is_open(outcome[k]):
            asked_cny[k] = choices[k].subsidy_cny
            any_asks |= asked_cny[k] != 0.0
    return asked_cny, any_asks


@entered
def take_awards(
    choices, asked_cny, is_funded, saving_cny_per_year, capital_cny_per_year, is_forced, awarded_cny, outcome
):  # fmt: skip
    """Write awards, and what becomes of applicants without one; return what was refused, CNY (SM10).

    Who gets nothing goes on where the saving still pays the full capital cost, or where it must.

    Parameters
    ----------
    capital_cny_per_year : ndarray, shape (n,)
        Yearly capital cost per CNY of capex.
    awarded_cny, outcome : ndarray, shape (n,)
        Written.
    """
    refused_cny = 0.0
    for k in range(choices.size):
        if asked_cny[k] <= 0.0:
            continue
        if is_funded[k]:
            awarded_cny[k] = asked_cny[k]
            continue
        refused_cny += asked_cny[k]
        pays = saving_cny_per_year[k] >= choices[k].capex_cny * capital_cny_per_year[k]
        outcome[k] = WITHOUT_SUBSIDY if pays or is_forced[k] else WAITING
    return refused_cny


@compiled
def sector_utilisation(production, finance, sector, n_sectors):
    """Return output over capacity by sector, shape (S,); 1 where a sector has no capacity."""
    capacity, output = np.zeros(n_sectors), np.zeros(n_sectors)
    for i in range(production.size):
        if finance[i].is_alive:
            capacity[sector[i]] += production[i].capacity_cny
            output[sector[i]] += production[i].output_cny
    for s in range(n_sectors):
        output[s] = output[s] / capacity[s] if capacity[s] > 0.0 else 1.0
    return output


@lean
def _ask_for_project(ask, choice, awarded_cny, saving_cny_per_year, technologies, is_two_high):
    ask.enterprise, ask.cost_cny = choice.enterprise, choice.capex_cny - awarded_cny
    ask.is_green = technologies[choice.chosen].is_green > 0
    ask.saving_cny_per_year = saving_cny_per_year
    ask.is_brown = is_two_high[choice.enterprise] and not ask.is_green


@lean
def _ask_for_plant(ask, i, capacity_cny, cost_cny, firm, prices, is_two_high):
    """Ask for new plant: it earns the margin of today on what it adds."""
    ask.enterprise, ask.cost_cny, ask.is_green, ask.is_brown = i, cost_cny, False, is_two_high[i]
    margin = prices.price_index - prices.unit_cost_index
    ask.saving_cny_per_year = max(0.0, QUARTERS * (capacity_cny - firm.capacity_cny) * margin)


@merged
def list_applications(
    projects, technologies, production, prices, finance, growth, sector, is_reviewed, is_two_high, strictness,
    saturation_share,
):  # fmt: skip
    """Return the applications of a quarter, and how many are for projects: those come first.

    New plant in reviewed and saturated sectors is not approved (L13).

    Parameters
    ----------
    projects : tuple of ndarrays
        Choices, awards in CNY, savings in CNY/yr and outcomes so far, a row a project.
    growth : tuple of two ndarrays, shape (N,)
        Capacity wanted in CNY/quarter, 0 where none, and its cost in CNY.
    sector : ndarray of int, shape (N,)
    is_reviewed : ndarray of bool, shape (S,)
    is_two_high : ndarray of bool, shape (N,)
    strictness, saturation_share : float
        See ``world.policy.access.is_approved``.
    """
    choices, awarded_cny, saving_cny_per_year, outcome = projects
    wanted_cny, cost_cny = growth
    rows = np.zeros(choices.size + wanted_cny.size, APPLICATION_ROW)
    n = 0
    for k in range(choices.size):
        if is_open(outcome[k]):
            _ask_for_project(rows[n], choices[k], awarded_cny[k], saving_cny_per_year[k], technologies, is_two_high)
            n += 1
    n_projects = n
    use = sector_utilisation(production, finance, sector, is_reviewed.size)
    for i in range(wanted_cny.size):
        if not (wanted_cny[i] > 0.0 and finance[i].is_alive):
            continue
        s = sector[i]
        if is_approved(is_reviewed[s], 0.0, 0.0, strictness, use[s], saturation_share, wanted_cny[i]):
            _ask_for_plant(rows[n], i, wanted_cny[i], cost_cny[i], production[i], prices[i], is_two_high)
            n += 1
    return rows[:n], n_projects


@merged
def take_answers(applications, n_projects, decisions, projects, growth, production, finance, flows):
    """Write what banks answered: outcomes, investment wanted and financed, and new plant that is built.

    Plans for plant that is not financed are given up and made anew at the end of the quarter.

    Parameters
    ----------
    applications, decisions : structured arrays, shape (n,)
    projects, growth : as in ``list_applications``
        Outcomes are written; awards of projects that no bank completes are taken away; plans are emptied.

    Returns
    -------
    refunded_cny, rationed_cny : float
        Awards that go back, and the cost of projects that the bank refused, for whichever reason (I32).
    """
    choices, awarded_cny, _, outcome = projects
    wanted_cny, cost_cny = growth
    refunded_cny = rationed_cny = 0.0
    for i in range(finance.size):
        finance[i].desired_capex_cny = finance[i].approved_capex_cny = 0.0
    n = 0
    for k in range(choices.size):
        if not is_open(outcome[k]):
            continue
        ask, answer = applications[n], decisions[n].outcome
        firm = finance[ask.enterprise]
        firm.desired_capex_cny += ask.cost_cny
        if answer == FINANCED:
            firm.approved_capex_cny += ask.cost_cny
        else:
            rationed_cny += ask.cost_cny
            refunded_cny += awarded_cny[k]
            outcome[k], awarded_cny[k] = answer, 0.0
        n += 1
    for n in range(n_projects, applications.size):
        i = applications[n].enterprise
        if decisions[n].outcome == FINANCED:
            production[i].capacity_cny, flows[i].growth_capex_cny = wanted_cny[i], cost_cny[i]
    wanted_cny[:] = 0.0
    cost_cny[:] = 0.0
    return refunded_cny, rationed_cny


@entered
def gather_placed(choices, awarded_cny, outcome):
    """Put the projects that are ordered first, with their awards, and return how many; the others are gone."""
    n = 0
    for k in range(choices.size):
        if is_open(outcome[k]):
            choices[n], awarded_cny[n] = choices[k], awarded_cny[k]
            n += 1
    return n


@compiled
def note_outcomes(wanted, project_outcome, choices, trigger, slots, quarter):
    """Write why, when and with what outcome everybody chose; return the choices that left an overdue slot as it was.

    Parameters
    ----------
    wanted : ndarray of int, shape (n_projects,)
        Choices that became projects; all others kept what is there.
    trigger : ndarray of i1, shape (n_slots,)
    """
    overdue, n = np.empty(choices.size, np.int64), 0
    for row in range(choices.size):
        choices[row].outcome = KEPT
    for k in range(wanted.size):
        choices[wanted[k]].outcome = project_outcome[k]
    for row in range(choices.size):
        choice = choices[row]
        slot = slots[choice.slot]
        choice.quarter, choice.trigger = quarter, trigger[choice.slot]
        slot.last_decision_quarter = quarter
        if slot.deadline_quarter <= quarter and not is_open(choice.outcome):
            overdue[n] = row
            n += 1
    return overdue[:n]
