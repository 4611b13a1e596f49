"""The wholesale power system of a quarter: what the units can give, what they cost, and the dispatch (SM12).

The merit order is sorted once a quarter; units of equal cost share in proportion. A unit that the merit order calls
on in any slice of a kind of day (typical or extreme) of a month is committed for these days: it runs at least at its
minimum load in all their slices. PV and wind are curtailed for it, then hydro is spilled, and only when minimum loads
alone exceed the demand do the dearest of those units stand still. A unit that is never called on stays off: otherwise
coal would burn, and water be spilled for it, on days that hydro fills. With whole months as the period of commitment,
two extreme days would keep every coal unit of the province running through a wet July.

Shortage: exports without priority are cut, then loads in proportion at both nodes. Where the net import of the place
would pass its limit, local units replace provincial ones by merit, and what is still short is unserved in the place.
Power leaves the place without a limit.
"""

from math import log, sqrt
from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled, lean
from transition_sim.world.markets.merit_order import NEGLIGIBLE_SHARE, PLACE, PROVINCE, clear_slice, priority_list
from transition_sim.world.markets.slices import BLOCKS, DAY_TYPES, MONTHS, SLICES

NOT_CURTAILED, CURTAILED_FIRST, SPILLED_LAST = 0, 1, 2
"""Order of curtailment: dispatched by cost; PV and wind; hydro."""
CURTAILMENT_ORDER = {"pv": CURTAILED_FIRST, "wind": CURTAILED_FIRST, "hydro": SPILLED_LAST}


@compiled
def next_hydrology(previous_log, normal, hydro_sd_share=0.10, hydro_ar_share=0.4):
    """Return the log of next quarter's hydrology; its exponential multiplies the inflow of every river (SM12).

    The stationary hydrology is lognormal with mean 1: the log wanders about minus half its variance.

    Parameters
    ----------
    previous_log : float
        Log of the last quarter's hydrology.
    normal : float
        Standard normal draw.
    hydro_sd_share : float
        Standard deviation of the hydrology, share of its mean, >= 0.
    hydro_ar_share : float
        Autocorrelation of the log from quarter to quarter, 0 to below 1.
    """
    variance = log(1.0 + hydro_sd_share * hydro_sd_share)
    centre = -0.5 * variance
    return centre + hydro_ar_share * (previous_log - centre) + sqrt(variance * (1.0 - hydro_ar_share**2)) * normal


@compiled
def available_mw(
    capacity_mw, availability_share, unit_profile, profiles, is_hydro, hydrology_by_month, quarter_of_year
):
    """Return what each unit can give by slice, MW, shape (n, 3, 2, 8).

    Water beyond the turbines runs over the weir: a wet month lifts a hydro station to its capacity and no further.

    Parameters
    ----------
    capacity_mw, availability_share : ndarray, shape (n,)
    unit_profile : ndarray of int, shape (n,)
        Row of ``profiles``; -1: the same in every slice.
    profiles : ndarray, shape (n_profiles, 12, 8)
        Capacity factor by calendar month and block, 0 to 1.
    is_hydro : ndarray of bool, shape (n,)
    hydrology_by_month : ndarray, shape (3,)
        Inflow over its normal, >= 0.
    quarter_of_year : int
        0 to 3.
    """
    n = capacity_mw.shape[0]
    available = np.empty((n, MONTHS, DAY_TYPES, BLOCKS))
    for unit in range(n):
        full_mw = capacity_mw[unit] * availability_share[unit]
        for month in range(MONTHS):
            water = hydrology_by_month[month] if is_hydro[unit] else 1.0
            for block in range(BLOCKS):
                factor = 1.0
                if unit_profile[unit] >= 0:
                    factor = profiles[unit_profile[unit], quarter_of_year * MONTHS + month, block]
                available[unit, month, :, block] = full_mw * min(1.0, factor * water)
    return available


@compiled
def marginal_cost(
    fuel_cny_per_gj,
    heat_rate_gj_per_mwh,
    variable_om_cny_per_mwh,
    carbon_cny_per_tco2=0.0,
    ef_tco2_per_mwh=0.0,
    benchmark_tco2_per_mwh=0.0,
    free_share=0.0,
):
    """Return the marginal cost of a unit, CNY/MWh: fuel, O&M and the carbon that no free allowance covers (SM12, A20).

    Free allowances per MWh generated (rate-based allocation) lower the carbon cost of a MWh, below zero for a unit
    better than its benchmark; with ``free_share`` 0 (auction or tax) every tonne counts.
    """
    uncovered_tco2_per_mwh = ef_tco2_per_mwh - benchmark_tco2_per_mwh * free_share
    return (
        fuel_cny_per_gj * heat_rate_gj_per_mwh + variable_om_cny_per_mwh + carbon_cny_per_tco2 * uncovered_tco2_per_mwh
    )


class Dispatch(NamedTuple):
    """What the dispatch of a quarter gave; MW by slice, (3, 2, 8) or with a first axis of units (n, 3, 2, 8).

    Attributes
    ----------
    generation_mw : ndarray, shape (n, 3, 2, 8)
    price_cny_per_mwh, price_province_cny_per_mwh : ndarray, shape (3, 2, 8)
        Marginal cost in the place and in the rest of the province; they differ when the import limit binds.
    unserved_place_mw, unserved_province_mw, export_cut_mw : ndarray, shape (3, 2, 8)
    import_mw : ndarray, shape (3, 2, 8)
        Net into the place; negative: out of it.
    curtailed_mw : ndarray, shape (n, 3, 2, 8)
        PV and wind that could have run; 0 for other units.
    spilled_mw : ndarray, shape (n, 3, 2, 8)
        Hydro that could have run; 0 for other units.
    """

    generation_mw: np.ndarray
    price_cny_per_mwh: np.ndarray
    price_province_cny_per_mwh: np.ndarray
    unserved_place_mw: np.ndarray
    unserved_province_mw: np.ndarray
    export_cut_mw: np.ndarray
    import_mw: np.ndarray
    curtailed_mw: np.ndarray
    spilled_mw: np.ndarray


@lean
def clear_days(days, demands_mw, market, units, min_share, capacity_mw, generation_mw, cleared, work_mw):
    """Clear the 8 slices of one kind of day of a month (0 to 5), by position in the priority list.

    Parameters
    ----------
    demands_mw : ndarray, shape (3, 48)
        Load of the place, of the rest of the province, export.
    min_share : ndarray, shape (n,)
        Minimum load over available capacity of the units that run on these days.
    capacity_mw, generation_mw : ndarray, shape (48, n)
    cleared : ndarray, shape (48, 6)
    work_mw : ndarray, shape (2, n)
        Row 0 is 0; row 1 is work space.
    """
    for s in range(days * BLOCKS, (days + 1) * BLOCKS):
        for i in range(min_share.size):
            work_mw[1, i] = min_share[i] * capacity_mw[s, i]
        here_mw = (demands_mw[0, s], demands_mw[1, s], demands_mw[2, s])
        clear_slice(here_mw, market, units, work_mw[0], work_mw[1], capacity_mw[s], generation_mw[s], cleared[s])


@lean
def commit(days, min_share, capacity_mw, generation_mw, committed_share):
    """Write the minimum load of the units that the merit order calls on, 0 for the others; tell whether any has one.

    Parameters
    ----------
    capacity_mw, generation_mw : ndarray, shape (48, n)
        Generation of a dispatch without minimum loads.
    """
    is_any = False
    for i in range(min_share.size):
        committed_share[i] = 0.0
        for s in range(days * BLOCKS, (days + 1) * BLOCKS):
            if generation_mw[s, i] > NEGLIGIBLE_SHARE * capacity_mw[s, i]:
                committed_share[i] = min_share[i]
        is_any |= committed_share[i] > 0.0
    return is_any


@compiled
def dispatch_slices(demands_mw, market, unit_node, unit_cap_mw, unit_min_share, unit_mc, unit_order):
    """Dispatch 48 slices: see ``dispatch``; returns generation, curtailed, spilled (3, n, 48) and cleared (6, 48)."""
    n = unit_node.shape[0]
    units = priority_list(unit_node, unit_mc, unit_order)
    capacity_mw, generation_mw = np.empty((SLICES, n)), np.zeros((SLICES, n))
    for i in range(n):
        capacity_mw[:, i] = unit_cap_mw[units.row[i]]
    min_share, committed_share, work_mw = unit_min_share[units.row], np.zeros(n), np.zeros((2, n))
    cleared = np.empty((SLICES, 6))
    for days in range(MONTHS * DAY_TYPES):
        clear_days(days, demands_mw, market, units, work_mw[0], capacity_mw, generation_mw, cleared, work_mw)
        if commit(days, min_share, capacity_mw, generation_mw, committed_share):
            clear_days(days, demands_mw, market, units, committed_share, capacity_mw, generation_mw, cleared, work_mw)
    out = np.zeros((3, n, SLICES))
    for i in range(n):
        row = units.row[i]
        out[0, row] = generation_mw[:, i]
        if unit_order[row] > 0:
            out[unit_order[row], row] = capacity_mw[:, i] - generation_mw[:, i]
    return out, cleared.T.copy()


@compiled
def dispatch(
    load_place_mw,
    load_province_mw,
    export_mw,
    unit_node,
    unit_cap_mw,
    unit_min_share,
    unit_mc_cny_per_mwh,
    unit_curtailment_order,
    import_limit_mw,
    voll_cny_per_mwh=1e4,
    export_priority_share=0.7,
):
    """Dispatch the units of the place and the province by merit order in each of the 48 slices (SM12, A10-A12).

    Parameters
    ----------
    load_place_mw, load_province_mw, export_mw : ndarray, shape (3, 2, 8)
        Load of the place and of the rest of the province at the power stations (network losses included), and
        contracted export of the province; MW, >= 0.
    unit_node : ndarray of int, shape (n,)
        0 place, 1 province.
    unit_cap_mw : ndarray, shape (n, 3, 2, 8)
        Available capacity, MW, >= 0.
    unit_min_share : ndarray, shape (n,)
        Minimum load over available capacity, 0 to 1.
    unit_mc_cny_per_mwh : ndarray, shape (n,)
        Marginal cost.
    unit_curtailment_order : ndarray of int, shape (n,)
        0 dispatched by cost; must-take: 1 curtailed first (PV, wind), 2 curtailed last (hydro).
    import_limit_mw : float
        Substations into the place, MW, >= 0.
    voll_cny_per_mwh : float
        Value of lost load: the price where load is unserved.
    export_priority_share : float
        Share of the export that is cut only after all load, 0 to 1.

    Raises
    ------
    ValueError
        Shapes that do not fit, or a number that is negative or not finite.
    """
    n = unit_node.shape[0]
    if unit_cap_mw.shape != (n, MONTHS, DAY_TYPES, BLOCKS):
        raise ValueError("unit_cap_mw must have the shape (units, 3, 2, 8)")
    demands_mw = np.empty((3, MONTHS, DAY_TYPES, BLOCKS))
    demands_mw[0], demands_mw[1], demands_mw[2] = load_place_mw, load_province_mw, export_mw
    market = (float(import_limit_mw), float(voll_cny_per_mwh), float(export_priority_share))
    _require_sense(demands_mw, unit_cap_mw, unit_min_share, market)
    out, cleared = dispatch_slices(
        demands_mw.reshape((3, SLICES)), market, unit_node, unit_cap_mw.reshape((n, SLICES)), unit_min_share,
        unit_mc_cny_per_mwh, unit_curtailment_order,
    )  # fmt: skip
    by_unit = out.reshape((3, n, MONTHS, DAY_TYPES, BLOCKS))
    by_slice = cleared.reshape((6, MONTHS, DAY_TYPES, BLOCKS))
    return Dispatch(
        by_unit[0], by_slice[4], by_slice[5], by_slice[0], by_slice[1], by_slice[2], by_slice[3], by_unit[1], by_unit[2]
    )


@lean
def _is_amount(values):
    """Tell whether all numbers are finite and not negative."""
    n_bad = 0
    for value in values.flat:
        n_bad += not 0.0 <= value < np.inf
    return n_bad == 0


@compiled
def _require_sense(demands_mw, capacity_mw, min_share, market):
    if not _is_amount(demands_mw):
        raise ValueError("loads and exports must be finite and not negative")
    if not _is_amount(capacity_mw):
        raise ValueError("available capacities must be finite and not negative")
    for share in min_share:
        if not 0.0 <= share <= 1.0:
            raise ValueError("minimum loads are shares from 0 to 1")
    if not (market[0] >= 0.0 and 0.0 <= market[2] <= 1.0):
        raise ValueError("the import limit is not negative and the priority share of exports lies from 0 to 1")


@compiled
def power_balance_residual(
    result,
    load_place_mw,
    load_province_mw,
    export_mw,
    unit_node,
    hours,
    charge_mw=0.0,
    discharge_mw=0.0,
    demand_response_mw=0.0,
):
    """Return supply less use by node and slice, MWh, shape (2, 3, 2, 8): zero within 1e-6 (B01).

    Generation + import + discharge - (load - demand response - unserved + export + charge). Storage and demand
    response stand in the place. Give the load before them with all three, or the load given to ``dispatch`` without.
    """
    gap_mw = np.empty((2, MONTHS, DAY_TYPES, BLOCKS))
    use_place = load_place_mw - demand_response_mw - result.unserved_place_mw + charge_mw - discharge_mw
    gap_mw[PLACE] = result.import_mw - use_place
    gap_mw[PROVINCE] = (
        result.export_cut_mw - export_mw - (load_province_mw - result.unserved_province_mw) - result.import_mw
    )
    for unit in range(unit_node.shape[0]):
        gap_mw[int(unit_node[unit])] += result.generation_mw[unit]
    return gap_mw * hours
