"""Merit order in one slice and over two nodes, compiled: the inside of the dispatch (SM12).

Units stand in a priority list: must-take hydro, must-take PV and wind, then all others by marginal cost. Filling
the list from the front is the least-cost dispatch; what the list leaves at its end is what is curtailed first. Units
of equal priority share in proportion, so the order of rows decides nothing.
"""

from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import lean, merged, shared

PLACE, PROVINCE, BOTH = 0, 1, -1
NEGLIGIBLE_SHARE = 1e-9
"""A block that carries less than this share of the demand sets no price: it is rounding."""


class Demands(NamedTuple):
    """Load of the place and of the rest of the province at the power stations, and export, MW >= 0, each (48,).

    Network losses are included; the export is what the province has contracted.
    """

    place_mw: np.ndarray
    province_mw: np.ndarray
    export_mw: np.ndarray


class Market(NamedTuple):
    """Limits and prices of the dispatch.

    Attributes
    ----------
    import_limit_mw : float
        Substations into the place, MW, >= 0.
    voll_cny_per_mwh : float
        Value of lost load: the price where load is unserved.
    export_priority_share : float
        Share of the export that is cut only after all load, 0 to 1.
    """

    import_limit_mw: float
    voll_cny_per_mwh: float
    export_priority_share: float


class PriorityList(NamedTuple):
    """Units in the order in which they are filled.

    Attributes
    ----------
    row : ndarray of i8, shape (n,)
        Row of the unit at each position.
    last : ndarray of i8, shape (n,)
        First position after the group of equal priority that holds this position.
    node : ndarray of i8, shape (n,)
    marginal_cost_cny_per_mwh : ndarray, shape (n,)
    """

    row: np.ndarray
    last: np.ndarray
    node: np.ndarray
    marginal_cost_cny_per_mwh: np.ndarray


@lean
def goes_before(first, second, curtailment_order, marginal_cost_cny_per_mwh):
    """Tell whether a unit is filled before another: late in the order of curtailment, then cheap (SM12)."""
    if curtailment_order[first] != curtailment_order[second]:
        return curtailment_order[first] > curtailment_order[second]
    return marginal_cost_cny_per_mwh[first] < marginal_cost_cny_per_mwh[second]


@merged
def priority_list(unit_node, unit_mc_cny_per_mwh, unit_curtailment_order):
    """Sort the units once a quarter (stable insertion sort: a few dozen rows) and return their ``PriorityList``."""
    n = unit_node.size
    row, last = np.empty(n, np.int64), np.empty(n, np.int64)
    node, marginal_cost_cny_per_mwh = np.empty(n, np.int64), np.empty(n)
    for i in range(n):
        moved, j = i, i - 1
        while j >= 0 and goes_before(moved, row[j], unit_curtailment_order, unit_mc_cny_per_mwh):
            row[j + 1] = row[j]
            j -= 1
        row[j + 1] = moved
    for i in range(n - 1, -1, -1):
        is_end = i == n - 1 or goes_before(row[i], row[i + 1], unit_curtailment_order, unit_mc_cny_per_mwh)
        last[i] = i + 1 if is_end else last[i + 1]
        node[i], marginal_cost_cny_per_mwh[i] = unit_node[row[i]], unit_mc_cny_per_mwh[row[i]]
    return PriorityList(row, last, node, marginal_cost_cny_per_mwh)


@lean
def fill(demand_mw, node, units, lower_mw, upper_mw, generation_mw):
    """Fill the room between two levels of the units of a node, first to last.

    Parameters
    ----------
    demand_mw : float
        To be met, >= 0.
    node : int
        0 or 1: units of that node; -1: all.
    units : PriorityList
    lower_mw, upper_mw : ndarray, shape (n,)
        By position in the list.
    generation_mw : ndarray, shape (n,)
        By position; written for the units of the node.

    Returns
    -------
    left_mw : float
        Demand that found no room.
    marginal : int
        Position of the last unit used; -1: none.
    """
    left_mw, marginal = demand_mw, -1
    first = 0
    while first < units.row.size:
        last = units.last[first]
        room_mw = 0.0
        for i in range(first, last):
            if node == BOTH or units.node[i] == node:
                room_mw += upper_mw[i] - lower_mw[i]
        taken_mw = min(left_mw, room_mw)
        share = taken_mw / room_mw if room_mw > 0.0 else 0.0
        for i in range(first, last):
            if node == BOTH or units.node[i] == node:
                generation_mw[i] = upper_mw[i] if share == 1.0 else lower_mw[i] + share * (upper_mw[i] - lower_mw[i])
        if taken_mw > NEGLIGIBLE_SHARE * demand_mw:
            marginal = first
        left_mw -= taken_mw
        first = last
    return left_mw, marginal


@shared
def clear_node(demand_mw, node, units, zero_mw, minimum_mw, capacity_mw, generation_mw):
    """Meet the demand of a node: minimum loads first, then the merit order above them (SM12).

    Minimum loads above the demand are taken off from the end of the list: those units stand still.

    Returns
    -------
    short_mw : float
        Demand above all capacity.
    price_cny_per_mwh : float
        Marginal cost of the last unit used; 0 when nothing is.
    """
    left_mw, marginal = fill(demand_mw, node, units, zero_mw, minimum_mw, generation_mw)
    if left_mw > 0.0:
        left_mw, above = fill(left_mw, node, units, minimum_mw, capacity_mw, generation_mw)
        marginal = above if above >= 0 else marginal
    return left_mw, units.marginal_cost_cny_per_mwh[marginal] if marginal >= 0 else 0.0


@lean
def share_shortage(short_mw, load_place_mw, load_province_mw, export_mw, export_priority_share):
    """Divide a shortage: exports without priority, then loads in proportion, then exports with priority (SM12).

    Returns
    -------
    unserved_place_mw, unserved_province_mw, export_cut_mw : float
        Sum to ``short_mw`` as long as there is that much demand.
    """
    export_cut_mw = min(short_mw, (1.0 - export_priority_share) * export_mw)
    load_mw = load_place_mw + load_province_mw
    unserved_mw = min(short_mw - export_cut_mw, load_mw)
    unserved_place_mw = unserved_mw * (load_place_mw / load_mw) if load_mw > 0.0 else 0.0
    export_cut_mw += short_mw - export_cut_mw - unserved_mw
    return unserved_place_mw, unserved_mw - unserved_place_mw, export_cut_mw


@lean
def local_generation(units, generation_mw):
    """Return what the units in the place generate, MW."""
    total_mw = 0.0
    for i in range(generation_mw.size):
        if units.node[i] == PLACE:
            total_mw += generation_mw[i]
    return total_mw


@lean
def clear_slice(s, demands, market, units, zero_mw, minimum_mw, capacity_mw, generation_mw, result):
    """Clear both nodes of one slice: write the generation by position and the row of the slice in ``result``.

    All units serve all demand; where that takes more over the substations than they carry, the limit binds, and the
    two nodes clear by themselves with exactly the limit between them: the optimum of a two-node network.

    Parameters
    ----------
    demands : Demands
    market : Market
    units : PriorityList
    zero_mw, minimum_mw, capacity_mw, generation_mw : ndarray, shape (n,)
        By position in the list.
    result : power.Dispatch
    """
    # as plain numbers: of constants the rules below would be compiled once each
    place, province, both = np.int64(PLACE), np.int64(PROVINCE), np.int64(BOTH)
    place_mw, province_mw, export_mw = demands.place_mw[s], demands.province_mw[s], demands.export_mw[s]
    limit_mw, priority_share = market.import_limit_mw, market.export_priority_share
    total_mw = place_mw + province_mw + export_mw
    short_mw, price = clear_node(total_mw, both, units, zero_mw, minimum_mw, capacity_mw, generation_mw)
    dark_place, dark_province, cut = share_shortage(short_mw, place_mw, province_mw, export_mw, priority_share)
    price_place = price_province = price
    is_dark_place = is_dark_province = dark_place + dark_province > NEGLIGIBLE_SHARE * total_mw
    if place_mw - dark_place - local_generation(units, generation_mw) > limit_mw:
        own_mw = place_mw - limit_mw
        dark_place, price_place = clear_node(own_mw, place, units, zero_mw, minimum_mw, capacity_mw, generation_mw)
        rest_mw = province_mw + export_mw + limit_mw
        short_mw, price_province = clear_node(rest_mw, province, units, zero_mw, minimum_mw, capacity_mw, generation_mw)
        _, dark_province, cut = share_shortage(short_mw, 0.0, province_mw, export_mw, priority_share)
        is_dark_place = dark_place > NEGLIGIBLE_SHARE * place_mw
        is_dark_province = dark_province > NEGLIGIBLE_SHARE * rest_mw
    result.unserved_place_mw[s], result.unserved_province_mw[s], result.export_cut_mw[s] = (
        dark_place,
        dark_province,
        cut,
    )
    result.import_mw[s] = place_mw - dark_place - local_generation(units, generation_mw)
    result.price_cny_per_mwh[s] = market.voll_cny_per_mwh if is_dark_place else price_place
    result.price_province_cny_per_mwh[s] = market.voll_cny_per_mwh if is_dark_province else price_province
