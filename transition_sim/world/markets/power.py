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

from transition_sim.core.kernels import compiled, lean, merged
from transition_sim.world.markets.merit_order import NEGLIGIBLE_SHARE, PLACE, PROVINCE, clear_slice, priority_list
from transition_sim.world.markets.slices import BLOCKS, DAY_TYPES, DAYS, MONTHS, SLICES

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
    """Return what each unit can give by slice, MW, shape (48, n).

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
    n = capacity_mw.size
    available = np.empty((SLICES, n))
    for unit in range(n):
        full_mw = capacity_mw[unit] * availability_share[unit]
        for month in range(MONTHS):
            water = hydrology_by_month[month] if is_hydro[unit] else 1.0
            for block in range(BLOCKS):
                factor = 1.0
                if unit_profile[unit] >= 0:
                    factor = profiles[unit_profile[unit], quarter_of_year * MONTHS + month, block]
                for day in range(DAY_TYPES):
                    available[(month * DAY_TYPES + day) * BLOCKS + block, unit] = full_mw * min(1.0, factor * water)
    return available


class UnitPrices(NamedTuple):
    """What generating costs beside the units themselves.

    Attributes
    ----------
    fuel_cny_per_gj : ndarray, shape (n_carriers,)
    carbon_cny_per_tco2 : float
        Paid on every tonne.
    allowance_cny_per_mwh : ndarray, shape (n,)
        What allowances add to the cost of a MWh.
    """

    fuel_cny_per_gj: np.ndarray
    carbon_cny_per_tco2: float
    allowance_cny_per_mwh: np.ndarray


@merged
def marginal_costs_cny_per_mwh(units, prices):
    """Return fuel, variable O&M and carbon of every unit, CNY/MWh, shape (n,).

    Parameters
    ----------
    units : supply.Units
    prices : UnitPrices
    """
    cost = np.empty(units.fuel.size)
    for unit in range(units.fuel.size):
        price = prices.fuel_cny_per_gj[units.fuel[unit]] if units.fuel[unit] >= 0 else 0.0
        heat_rate = units.heat_rate_gj_per_mwh[unit]
        carbon_cny = prices.carbon_cny_per_tco2 * (heat_rate * units.tco2_per_gj[unit])
        running_cny = price * heat_rate + units.variable_om_cny_per_mwh[unit]
        cost[unit] = running_cny + carbon_cny + prices.allowance_cny_per_mwh[unit]
    return cost


class Dispatch(NamedTuple):
    """What the dispatch of a quarter gave, MW by slice.

    Attributes
    ----------
    generation_mw : ndarray, shape (48, n)
    unused_mw : ndarray, shape (48, n)
        What could have run beside: PV and wind that is curtailed, hydro that is spilled; 0 for other units.
    price_cny_per_mwh, price_province_cny_per_mwh : ndarray, shape (48,)
        Marginal cost in the place and in the rest of the province; they differ when the import limit binds.
    unserved_place_mw, unserved_province_mw, export_cut_mw : ndarray, shape (48,)
    import_mw : ndarray, shape (48,)
        Net into the place; negative: out of it.
    """

    generation_mw: np.ndarray
    unused_mw: np.ndarray
    price_cny_per_mwh: np.ndarray
    price_province_cny_per_mwh: np.ndarray
    unserved_place_mw: np.ndarray
    unserved_province_mw: np.ndarray
    export_cut_mw: np.ndarray
    import_mw: np.ndarray


@lean
def clear_days(days, demands, market, units, minimum_share, work_mw, capacity_mw, generation_mw, result):
    """Clear the 8 slices of one kind of day of a month (0 to 5), by position in the priority list.

    Parameters
    ----------
    demands : Demands
    market : Market
    units : PriorityList
    minimum_share : ndarray, shape (n,)
        Minimum load over available capacity of the units that run on these days.
    work_mw : ndarray, shape (2, n)
        Row 0 is 0; row 1 is work space.
    capacity_mw, generation_mw : ndarray, shape (48, n)
    result : Dispatch
    """
    for s in range(days * BLOCKS, (days + 1) * BLOCKS):
        for i in range(minimum_share.size):
            work_mw[1, i] = minimum_share[i] * capacity_mw[s, i]
        clear_slice(
            s, demands, market, units, work_mw[0], work_mw[1], capacity_mw[s], generation_mw[s], result
        )  # fmt: skip


@lean
def commit(days, minimum_share, capacity_mw, generation_mw, committed_share):
    """Write the minimum load of the units that the merit order calls on, 0 for the others; tell whether any has one.

    Parameters
    ----------
    capacity_mw, generation_mw : ndarray, shape (48, n)
        Generation of a dispatch without minimum loads.
    """
    is_any = False
    for i in range(minimum_share.size):
        committed_share[i] = 0.0
        for s in range(days * BLOCKS, (days + 1) * BLOCKS):
            if generation_mw[s, i] > NEGLIGIBLE_SHARE * capacity_mw[s, i]:
                committed_share[i] = minimum_share[i]
        is_any |= committed_share[i] > 0.0
    return is_any


@lean
def clear_quarter(demands, market, units, minimum_share, committed_share, work_mw, capacity_mw, generation_mw, result):
    """Clear all kinds of days: first without minimum loads, then with those of the units that are called on."""
    for days in range(DAYS):
        for i in range(minimum_share.size):
            committed_share[i] = 0.0
        for is_second in range(2):
            clear_days(days, demands, market, units, committed_share, work_mw, capacity_mw, generation_mw, result)
            if is_second or not commit(days, minimum_share, capacity_mw, generation_mw, committed_share):
                break


@merged
def dispatch(
    demands, unit_node, unit_cap_mw, unit_min_share, unit_mc_cny_per_mwh, unit_curtailment_order, market
):  # fmt: skip
    """Dispatch the units of the place and the province by merit order in each of the 48 slices (SM12, A10-A12).

    Parameters
    ----------
    demands : Demands
    unit_node : ndarray of int, shape (n,)
        0 place, 1 province.
    unit_cap_mw : ndarray, shape (48, n)
        Available capacity, MW, >= 0.
    unit_min_share : ndarray, shape (n,)
        Minimum load over available capacity, 0 to 1.
    unit_mc_cny_per_mwh : ndarray, shape (n,)
        Marginal cost.
    unit_curtailment_order : ndarray of int, shape (n,)
        0 dispatched by cost; must-take: 1 curtailed first (PV, wind), 2 curtailed last (hydro).
    market : Market

    Raises
    ------
    ValueError
        Shapes that do not fit, or a number that is negative or not finite.
    """
    n = unit_node.size
    _require_sense(demands, unit_node, unit_cap_mw, unit_min_share, market)
    units = priority_list(unit_node, unit_mc_cny_per_mwh, unit_curtailment_order)
    capacity_mw, minimum_share = np.empty((SLICES, n)), np.empty(n)
    for i in range(n):
        row = units.row[i]
        minimum_share[i] = unit_min_share[row]
        for s in range(SLICES):
            capacity_mw[s, i] = unit_cap_mw[s, row]
    result = Dispatch(
        np.empty((SLICES, n)), np.zeros((SLICES, n)), np.empty(SLICES), np.empty(SLICES), np.empty(SLICES),
        np.empty(SLICES), np.empty(SLICES), np.empty(SLICES),
    )  # fmt: skip
    generation_mw = np.zeros((SLICES, n))
    clear_quarter(
        demands, market, units, minimum_share, np.empty(n), np.zeros((2, n)), capacity_mw, generation_mw, result
    )  # fmt: skip
    for i in range(n):
        row = units.row[i]
        for s in range(SLICES):
            result.generation_mw[s, row] = generation_mw[s, i]
            if unit_curtailment_order[row] > NOT_CURTAILED:
                result.unused_mw[s, row] = capacity_mw[s, i] - generation_mw[s, i]
    return result


@lean
def _are_amounts(values):
    """Tell whether all numbers of a row are finite and not negative."""
    n_bad = 0
    for value in values:
        n_bad += not 0.0 <= value < np.inf
    return n_bad == 0


@merged
def _require_sense(demands, unit_node, capacity_mw, min_share, market):
    if capacity_mw.shape[0] != SLICES or capacity_mw.shape[1] != unit_node.size:
        raise ValueError("unit_cap_mw must have the shape (48, units)")
    for mw in demands:
        if not _are_amounts(mw):
            raise ValueError("loads and exports must be finite and not negative")
    for s in range(SLICES):
        if not _are_amounts(capacity_mw[s]):
            raise ValueError("available capacities must be finite and not negative")
    for share in min_share:
        if not 0.0 <= share <= 1.0:
            raise ValueError("minimum loads are shares from 0 to 1")
    if not (market.import_limit_mw >= 0.0 and 0.0 <= market.export_priority_share <= 1.0):
        raise ValueError("the import limit is not negative and the priority share of exports lies from 0 to 1")


@merged
def power_balance_gaps_mwh(result, demands, unit_node, hours, charge_mw, discharge_mw, demand_response_mw):
    """Return supply less use by node and slice, MWh, shape (2, 48): zero within 1e-6 (B01).

    Generation + import + discharge - (load - demand response - unserved + export + charge). Storage and demand
    response stand in the place. Give the load before them with all three, or the load given to ``dispatch`` without.
    """
    gaps = np.empty((2, SLICES))
    for s in range(SLICES):
        use_mw = demands.place_mw[s] - demand_response_mw[s] - result.unserved_place_mw[s]
        gaps[PLACE, s] = result.import_mw[s] - (use_mw + charge_mw[s] - discharge_mw[s])
        use_mw = demands.province_mw[s] - result.unserved_province_mw[s]
        gaps[PROVINCE, s] = result.export_cut_mw[s] - demands.export_mw[s] - use_mw - result.import_mw[s]
        for unit in range(unit_node.size):
            gaps[unit_node[unit], s] += result.generation_mw[s, unit]
        gaps[PLACE, s] *= hours[s]
        gaps[PROVINCE, s] *= hours[s]
    return gaps
