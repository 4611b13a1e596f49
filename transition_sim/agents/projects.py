"""What a project saves against keeping, and what its capital costs a year: budget and banks ask (SM08, SM10)."""

import numpy as np

from transition_sim.agents.investment import GENERATION, STORAGE
from transition_sim.agents.levelised import capital_recovery_factor, planning_years
from transition_sim.core.kernels import compiled
from transition_sim.world.state import UNSET

KEEP = UNSET


@compiled
def annual_units(kind, capacity, roof_yield_mwh_per_mw, p):
    """Return the service a year that levelised costs refer to, unit/yr: MWh of roofs and batteries, else the demand."""
    if kind == GENERATION:
        return capacity * roof_yield_mwh_per_mw
    if kind == STORAGE:
        return capacity * p.storage_cycles_per_day * p.storage_days_per_year
    return capacity / p.sizing_margin


@compiled
def weigh_projects(choices, options, finance, technologies, services, roof_yield_mwh_per_mw, params):
    """Return (saving in CNY/yr, capital cost a year per CNY of capex) of the projects that enterprises prefer.

    The saving is what the levelised cost falls against keeping, times the service, with the project's own capital
    cost added back; 0 where nothing may be kept: a project that must be done saves nothing.

    Parameters
    ----------
    choices : structured array of ``agents.choice.CHOICES_DTYPE``, shape (n,)
    options : structured array, shape (n, MAX_OPTIONS)
        Keeping, where it is allowed, is the first.
    """
    p = params[0]
    saving, recovery = np.zeros(choices.size), np.empty(choices.size)
    for row in range(choices.size):
        choice = choices[row]
        firm = finance[choice.enterprise]
        years = planning_years(firm.ownership, firm.size_class, p)
        life = technologies[choice.chosen].life_years
        recovery[row] = capital_recovery_factor(firm.hurdle_rate_per_year, min(life, years))
        if options[row, 0].technology != KEEP:
            continue
        taken = options[row, 0].levelised_cost_cny_per_unit
        for k in range(1, choice.n_options):
            if options[row, k].technology == choice.chosen:
                taken = options[row, k].levelised_cost_cny_per_unit
        units = annual_units(services[choice.service].kind, choice.capacity_unit_per_year, roof_yield_mwh_per_mw, p)
        gain = (options[row, 0].levelised_cost_cny_per_unit - taken) * units
        own = (choice.capex_cny - choice.subsidy_cny) * recovery[row]
        saving[row] = max(0.0, gain + own)
    return saving, recovery
