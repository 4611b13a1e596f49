"""What a project saves against keeping, and what its capital costs a year: budget and banks ask (SM08, SM10)."""

import numpy as np

from transition_sim.agents.investment import GENERATION, MEASURE, STORAGE
from transition_sim.agents.levelised import MWH_PER_GJ, planning_years, use_with_measure
from transition_sim.agents.options import what_is_there
from transition_sim.core.kernels import compiled, part
from transition_sim.world.annuity import capital_recovery_factor
from transition_sim.world.state import UNSET

KEEP = UNSET


@part
def annual_units(kind, max_demand_share, capacity, roof_yield_mwh_per_mw, p):
    """Return the service a year that levelised costs refer to, unit/yr: MWh of roofs and batteries, else the demand.

    What may serve a part of a demand only has no reserve: it is sized to that part, and runs in full below the rest.
    """
    if kind == GENERATION:
        return capacity * roof_yield_mwh_per_mw
    if kind == STORAGE:
        return capacity * p.storage_cycles_per_day * p.storage_days_per_year
    return capacity if max_demand_share < 1.0 else capacity / p.sizing_margin


@compiled
def weigh_projects(choices, options, wanted, slots, finance, technologies, services, roof_yield_mwh_per_mw, params):
    """Return the projects that enterprises prefer, with what they save and what their capital costs.

    The saving is what the levelised cost falls against keeping, times the service, with the project's own capital
    cost added back; 0 where nothing may be kept: a project that must be done saves nothing.

    Parameters
    ----------
    choices : structured array of ``agents.choice.CHOICES_DTYPE``, shape (n_looking,)
    options : agents.seen_options.SeenOptions
        Keeping, where it is allowed, is the first.
    wanted : structured array as ``choices``
        Its first n rows become copies of the choices that are orders.

    Returns
    -------
    rows : ndarray of int, shape (n,)
        Choices that are orders.
    saving_cny_per_year, capital_cny_per_year : ndarray, shape (n,)
        The latter per CNY of capex.
    is_forced : ndarray of bool, shape (n,)
    """
    p, rows, n = params[0], np.empty(choices.size, np.int64), 0
    for row in range(choices.size):
        if choices[row].is_order:
            rows[n] = row
            n += 1
    saving, recovery, is_forced = np.zeros(n), np.empty(n), np.empty(n, np.bool_)
    for k in range(n):
        wanted[k] = choices[rows[k]]
        choice, seen = wanted[k], options.listed[options.first[rows[k]] :]
        firm, is_forced[k] = finance[choice.enterprise], slots[choice.slot].is_forced
        years = planning_years(firm.ownership, firm.size_class, p)
        life = technologies[choice.chosen].life_years
        recovery[k] = capital_recovery_factor(firm.hurdle_rate_per_year, min(life, years))
        if seen[0].technology != KEEP:
            continue
        taken = seen[0].levelised_cost_cny_per_unit
        for option in range(1, choice.n_options):
            if seen[option].technology == choice.chosen:
                taken = seen[option].levelised_cost_cny_per_unit
        units = annual_units(
            services[choice.service].kind, technologies[choice.chosen].max_demand_share,
            choice.capacity_unit_per_year, roof_yield_mwh_per_mw, p,
        )  # fmt: skip
        gain = (seen[0].levelised_cost_cny_per_unit - taken) * units
        own = (choice.capex_cny - choice.subsidy_cny) * recovery[k]
        saving[k] = max(0.0, gain + own)
    return rows[:n], saving, recovery, is_forced


@part
def emitted_tco2_per_unit(use, grid_tco2_per_mwh, p):
    """Return what a unit of service emits, fuel, process and bought power, tCO2/unit.

    Parameters
    ----------
    use : tuple
        As in ``levelised.use_with_measure``: the heat and power that capture takes emit as there.
    """
    fuel, elec, process, _, fuel_tco2, own, capture = use
    emitted_tco2 = fuel * fuel_tco2 + process
    captured_tco2 = capture * emitted_tco2
    power_mwh = (elec - own) * MWH_PER_GJ + captured_tco2 * p.ccus_energy_mwh_per_tco2
    heat_tco2 = captured_tco2 * p.ccus_heat_gj_per_tco2 * fuel_tco2
    return emitted_tco2 - captured_tco2 + heat_tco2 + power_mwh * grid_tco2_per_mwh


@compiled
def avoided_tco2_per_year(
    choices, slots, slot_start, assets, technologies, services, scope1_tco2_per_gj, process_tco2_per_unit,
    grid_tco2_per_mwh, roof_yield_mwh_per_mw, params,
):  # fmt: skip
    """Return what each project avoids against what is there, tCO2/yr, at least 0; storage moves power and avoids none.

    Parameters
    ----------
    scope1_tco2_per_gj : ndarray, shape (n_carriers,)
    process_tco2_per_unit : ndarray, shape (n_services,)
    grid_tco2_per_mwh : float
        Provincial average.
    """
    avoided, no_prices = np.zeros(choices.size), np.zeros(scope1_tco2_per_gj.size)
    for row in range(choices.size):
        choice = choices[row]
        kind, slot, bought = services[choice.service].kind, slots[choice.slot], technologies[choice.chosen]
        units = annual_units(
            kind, bought.max_demand_share, choice.capacity_unit_per_year, roof_yield_mwh_per_mw, params[0]
        )
        if kind == STORAGE:
            continue
        if kind == GENERATION:
            avoided[row] = units * grid_tco2_per_mwh
            continue
        of = slots[slot.host].service if slot.host >= 0 else slot.service
        process = process_tco2_per_unit[of]
        there, _ = what_is_there(
            choice.slot, slots, slot_start, assets, technologies, process, no_prices, scope1_tco2_per_gj
        )
        tco2_per_gj = scope1_tco2_per_gj[bought.carrier] if bought.carrier >= 0 else 0.0
        if kind == MEASURE:
            after = use_with_measure(there, bought, 0.0, tco2_per_gj)
        else:
            after = (bought.fuel_gj_per_unit, bought.elec_gj_per_unit, process, 0.0, tco2_per_gj, 0.0, 0.0)
        emitted = emitted_tco2_per_unit(there, grid_tco2_per_mwh, params[0])
        avoided[row] = max(0.0, units * (emitted - emitted_tco2_per_unit(after, grid_tco2_per_mwh, params[0])))
    return avoided
