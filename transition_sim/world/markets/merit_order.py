"""Merit order in one slice and over two nodes, compiled: the inside of the dispatch (SM12).

Units stand in a priority list: must-take hydro, must-take PV and wind, then all others by marginal cost. Filling
the list from the front is the least-cost dispatch; what the list leaves at its end is what is curtailed first. Units
of equal priority share in proportion, so the order of rows decides nothing.
"""

from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled, lean

PLACE, PROVINCE, BOTH = 0, 1, -1
NEGLIGIBLE_SHARE = 1e-9
"""A block that carries less than this share of the demand sets no price: it is rounding."""


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


@compiled
def priority_list(unit_node, unit_mc_cny_per_mwh, unit_curtailment_order):
    """Sort the units once a quarter (stable insertion sort: a few dozen rows) and return their ``PriorityList``."""
    n = unit_node.shape[0]
    row = np.arange(n)
    for i in range(1, n):
        moved, j = row[i], i - 1
        while j >= 0 and goes_before(moved, row[j], unit_curtailment_order, unit_mc_cny_per_mwh):
            row[j + 1] = row[j]
            j -= 1
        row[j + 1] = moved
    last = np.empty(n, np.int64)
    for i in range(n - 1, -1, -1):
        is_end = i == n - 1 or goes_before(row[i], row[i + 1], unit_curtailment_order, unit_mc_cny_per_mwh)
        last[i] = i + 1 if is_end else last[i + 1]
    return PriorityList(row, last, unit_node[row], unit_mc_cny_per_mwh[row])


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
    while first < units.row.shape[0]:
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


@lean
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
    for i in range(generation_mw.shape[0]):
        if units.node[i] == PLACE:
            total_mw += generation_mw[i]
    return total_mw


@lean
def clear_slice(demands_mw, market, units, zero_mw, minimum_mw, capacity_mw, generation_mw, cleared):
    """Clear both nodes of one slice and write generation (n,) and ``cleared`` (6,).

    All units serve all demand; where that takes more over the substations than they carry, the limit binds, and the
    two nodes clear by themselves with exactly the limit between them: the optimum of a two-node network.

    Parameters
    ----------
    demands_mw : tuple of 3 floats
        Load of the place, load of the rest of the province, export.
    market : tuple of 3 floats
        Import limit, MW; value of lost load, CNY/MWh; priority share of exports.
    cleared : ndarray, shape (6,)
        Unserved in the place and the province, export cut, net import, MW; price in the place and the province.
    """
    place_mw, province_mw, export_mw = demands_mw
    limit_mw, voll_cny_per_mwh, priority_share = market
    total_mw = place_mw + province_mw + export_mw
    short_mw, price = clear_node(total_mw, BOTH, units, zero_mw, minimum_mw, capacity_mw, generation_mw)
    dark_place, dark_province, cut = share_shortage(short_mw, place_mw, province_mw, export_mw, priority_share)
    price_place = price_province = price
    is_dark_place = is_dark_province = dark_place + dark_province > NEGLIGIBLE_SHARE * total_mw
    if place_mw - dark_place - local_generation(units, generation_mw) > limit_mw:
        own_mw = place_mw - limit_mw
        dark_place, price_place = clear_node(own_mw, PLACE, units, zero_mw, minimum_mw, capacity_mw, generation_mw)
        rest_mw = province_mw + export_mw + limit_mw
        short_mw, price_province = clear_node(rest_mw, PROVINCE, units, zero_mw, minimum_mw, capacity_mw, generation_mw)
        _, dark_province, cut = share_shortage(short_mw, 0.0, province_mw, export_mw, priority_share)
        is_dark_place = dark_place > NEGLIGIBLE_SHARE * place_mw
        is_dark_province = dark_province > NEGLIGIBLE_SHARE * rest_mw
    cleared[0], cleared[1], cleared[2] = dark_place, dark_province, cut
    cleared[3] = place_mw - dark_place - local_generation(units, generation_mw)
    cleared[4] = voll_cny_per_mwh if is_dark_place else price_place
    cleared[5] = voll_cny_per_mwh if is_dark_province else price_province
