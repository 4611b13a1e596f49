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

from transition_sim.core.kernels import compiled
from transition_sim.world.markets.merit_order import NEGLIGIBLE_SHARE, PLACE, PROVINCE, clear_slice, priority_list
from transition_sim.world.markets.slices import BLOCKS, DAY_TYPES, MONTHS, SLICES

NOT_CURTAILED, CURTAILED_FIRST, SPILLED_LAST = 0, 1, 2
"""Order of curtailment: dispatched by cost; PV and wind; hydro."""
CURTAILMENT_ORDER = {"pv": CURTAILED_FIRST, "wind": CURTAILED_FIRST, "hydro": SPILLED_LAST}
_SHAPE = (MONTHS, DAY_TYPES, BLOCKS)


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


@compiled
def clear_days(days, demands_mw, market, units, min_share, capacity_mw, generation_mw, cleared):
    """Clear the 8 slices of one kind of day of a month (0 to 5), by position in the priority list.

    Parameters
    ----------
    demands_mw : ndarray, shape (3, 48)
        Load of the place, of the rest of the province, export.
    min_share : ndarray, shape (n,)
        Minimum load over available capacity of the units that run on these days.
    capacity_mw, generation_mw : ndarray, shape (48, n)
    cleared : ndarray, shape (48, 6)
    """
    zero_mw = np.zeros(min_share.shape[0])
    for s in range(days * BLOCKS, (days + 1) * BLOCKS):
        minimum_mw = min_share * capacity_mw[s]
        here_mw = (demands_mw[0, s], demands_mw[1, s], demands_mw[2, s])
        clear_slice(here_mw, market, units, zero_mw, minimum_mw, capacity_mw[s], generation_mw[s], cleared[s])


@compiled
def committed_min_share(days, min_share, capacity_mw, generation_mw):
    """Return the minimum load of the units that the merit order calls on; the others stand still.

    Parameters
    ----------
    capacity_mw, generation_mw : ndarray, shape (48, n)
        Generation of a dispatch without minimum loads.
    """
    committed = np.zeros(min_share.shape[0])
    for s in range(days * BLOCKS, (days + 1) * BLOCKS):
        for i in range(min_share.shape[0]):
            if generation_mw[s, i] > NEGLIGIBLE_SHARE * capacity_mw[s, i]:
                committed[i] = min_share[i]
    return committed


@compiled
def dispatch_slices(demands_mw, market, unit_node, unit_cap_mw, unit_min_share, unit_mc, unit_order):
    """Dispatch 48 slices: see ``dispatch``; returns generation, curtailed, spilled (n, 48) and cleared (48, 6)."""
    n = unit_node.shape[0]
    units = priority_list(unit_node, unit_mc, unit_order)
    capacity_mw, generation_mw = np.empty((SLICES, n)), np.zeros((SLICES, n))
    for i in range(n):
        capacity_mw[:, i] = unit_cap_mw[units.row[i]]
    min_share = unit_min_share[units.row]
    cleared = np.empty((SLICES, 6))
    for days in range(MONTHS * DAY_TYPES):
        clear_days(days, demands_mw, market, units, np.zeros(n), capacity_mw, generation_mw, cleared)
        committed = committed_min_share(days, min_share, capacity_mw, generation_mw)
        if committed.any():
            clear_days(days, demands_mw, market, units, committed, capacity_mw, generation_mw, cleared)
    out = np.zeros((3, n, SLICES))
    for i in range(n):
        row = units.row[i]
        out[0, row] = generation_mw[:, i]
        if unit_order[row] > 0:
            out[unit_order[row], row] = capacity_mw[:, i] - generation_mw[:, i]
    return out, cleared


def dispatch(
    load_place_mw: np.ndarray,
    load_province_mw: np.ndarray,
    export_mw: np.ndarray,
    unit_node: np.ndarray,
    unit_cap_mw: np.ndarray,
    unit_min_share: np.ndarray,
    unit_mc_cny_per_mwh: np.ndarray,
    unit_curtailment_order: np.ndarray,
    import_limit_mw: float,
    voll_cny_per_mwh: float = 1e4,
    export_priority_share: float = 0.7,
) -> Dispatch:
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
    demands_mw = _stack_demands(load_place_mw, load_province_mw, export_mw)
    n = len(unit_node)
    capacity_mw = _flatten_capacity(unit_cap_mw, n)
    market = (float(import_limit_mw), float(voll_cny_per_mwh), float(export_priority_share))
    _require_sense(demands_mw, capacity_mw, unit_min_share, market)
    out, cleared = dispatch_slices(
        demands_mw,
        market,
        np.ascontiguousarray(unit_node, np.int64),
        capacity_mw,
        np.ascontiguousarray(unit_min_share, np.float64),
        np.ascontiguousarray(unit_mc_cny_per_mwh, np.float64),
        np.ascontiguousarray(unit_curtailment_order, np.int64),
    )
    generation, curtailed, spilled = out.reshape(3, n, *_SHAPE)
    dark_place, dark_province, cut, imported, price, price_province = cleared.T.reshape(6, *_SHAPE)
    return Dispatch(generation, price, price_province, dark_place, dark_province, cut, imported, curtailed, spilled)


def _stack_demands(load_place_mw, load_province_mw, export_mw) -> np.ndarray:
    demands_mw = np.empty((3, *_SHAPE))
    demands_mw[0], demands_mw[1], demands_mw[2] = load_place_mw, load_province_mw, export_mw
    return demands_mw.reshape(3, SLICES)


def _flatten_capacity(unit_cap_mw, n: int) -> np.ndarray:
    if np.shape(unit_cap_mw) != (n, *_SHAPE):
        raise ValueError(f"unit_cap_mw has shape {np.shape(unit_cap_mw)}, not {(n, *_SHAPE)}")
    return np.ascontiguousarray(unit_cap_mw, np.float64).reshape(n, SLICES)


def _require_sense(demands_mw, capacity_mw, min_share, market) -> None:
    for name, values in (("loads and exports", demands_mw), ("available capacities", capacity_mw)):
        if not (np.isfinite(values).all() and (values >= 0.0).all()):
            raise ValueError(f"{name} must be finite and not negative")
    if not ((np.asarray(min_share) >= 0.0).all() and (np.asarray(min_share) <= 1.0).all()):
        raise ValueError("minimum loads are shares from 0 to 1")
    if not (market[0] >= 0.0 and 0.0 <= market[2] <= 1.0):
        raise ValueError("the import limit is not negative and the priority share of exports lies from 0 to 1")


def power_balance_residual(
    result: Dispatch,
    load_place_mw: np.ndarray,
    load_province_mw: np.ndarray,
    export_mw: np.ndarray,
    unit_node: np.ndarray,
    hours: np.ndarray,
    charge_mw: np.ndarray | float = 0.0,
    discharge_mw: np.ndarray | float = 0.0,
    demand_response_mw: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Return supply less use by node and slice, MWh, shape (2, 3, 2, 8): zero within 1e-6 (B01).

    Generation + import + discharge - (load - demand response - unserved + export + charge). Storage and demand
    response stand in the place. Give the load before them with all three, or the load given to ``dispatch`` without.
    """
    node = np.asarray(unit_node)
    use_place = load_place_mw - demand_response_mw - result.unserved_place_mw + charge_mw - discharge_mw
    use_province = load_province_mw - result.unserved_province_mw + export_mw - result.export_cut_mw
    place = result.generation_mw[node == PLACE].sum(axis=0) + result.import_mw - use_place
    province = result.generation_mw[node == PROVINCE].sum(axis=0) - result.import_mw - use_province
    return np.stack([place, province]) * hours
