"""The equipment of a slot: merit order, what a unit costs, what it burns, and what measures change (SM03)."""

from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import lean
from transition_sim.world.state import ACTIVE

QUARTERS = 4.0


class Effect(NamedTuple):
    """What the measures on a service change: factors on its fuel, electricity and process CO2, and shares."""

    fuel_factor: float
    elec_factor: float
    process_factor: float
    capture_share: float
    switch_share: float
    switch_carrier: int
    own_elec_gj_per_unit: float


NO_EFFECT = Effect(1.0, 1.0, 1.0, 0.0, 0.0, -1, 0.0)


class Burnt(NamedTuple):
    """What the equipment of a slot has used so far, and the carrier of which one piece used most (-1: none)."""

    elec_gj: float
    fuel_tco2: float
    fuel_cny: float
    largest_gj: float
    main_carrier: int | np.int64


NOTHING_BURNT = Burnt(0.0, 0.0, 0.0, 0.0, -1)


@lean
def active_capacity(first_asset, assets):
    """Return the capacity in service of a slot, in its units (MW, MWh, or units a year)."""
    total = 0.0
    a = first_asset
    while a >= 0:
        if assets[a].status == ACTIVE:
            total += assets[a].capacity_unit_per_year
        a = assets[a].next_asset
    return total


@lean
def variable_cost_cny_per_unit(technology, tariff_cny_per_gj, fuel_cny_per_gj):
    """Return what a unit of service costs on equipment of a technology in fuel, electricity and carbon, CNY/unit.

    Parameters
    ----------
    technology : record of the technologies
        ``carrier`` -1: no fuel.
    fuel_cny_per_gj : ndarray, shape (n_carriers,)
        Carbon included.
    """
    cost = technology.elec_gj_per_unit * tariff_cny_per_gj
    if technology.carrier >= 0:
        cost += technology.fuel_gj_per_unit * fuel_cny_per_gj[technology.carrier]
    return cost


@lean
def _line_up(first_asset, assets, technologies, tariff_cny_per_gj, fuel_cny_per_gj, row, cost):
    """List the equipment in service by variable cost, the first met first where equal; return how many pieces."""
    n = 0
    a = first_asset
    while a >= 0:
        piece = assets[a]
        piece.output_unit = 0.0
        if piece.status == ACTIVE:
            technology = technologies[piece.technology]
            unit_cny = variable_cost_cny_per_unit(technology, tariff_cny_per_gj, fuel_cny_per_gj)
            k = n
            while k > 0 and cost[k - 1] > unit_cny:
                row[k], cost[k] = row[k - 1], cost[k - 1]
                k -= 1
            row[k], cost[k] = a, unit_cny
            n += 1
        a = piece.next_asset
    return n


@lean
def share_out(first_asset, demand_unit, assets, technologies, tariff_cny_per_gj, fuel_cny_per_gj, row, cost):
    """Split the demand of a slot over its equipment, lowest variable cost first, and write each ``output_unit`` (SM03).

    Each piece gives at most a quarter of its yearly capacity and at most its technology's ``max_demand_share`` of the
    demand. What is beyond all capacity is put on the dearest piece that may serve the whole demand: it runs overtime,
    and the slot must decide (SM05).

    Parameters
    ----------
    fuel_cny_per_gj : ndarray
        By carrier, carbon paid.
    row, cost : ndarray
        Work space of the longest list.

    Returns
    -------
    overload_unit, missing_unit : float
        Beyond capacity, of which not given at all because nothing is in service.
    """
    if first_asset >= 0 and assets[first_asset].next_asset < 0 and assets[first_asset].status == ACTIVE:
        n, row[0] = 1, first_asset  # most slots have one piece: nothing to compare
    else:
        n = _line_up(first_asset, assets, technologies, tariff_cny_per_gj, fuel_cny_per_gj, row, cost)
    left = demand_unit
    last = -1
    for k in range(n):
        piece = assets[row[k]]
        share = technologies[piece.technology].max_demand_share
        given = min(left, piece.capacity_unit_per_year / QUARTERS, share * demand_unit)
        piece.output_unit = given
        left -= given
        if share >= 1.0 or last < 0:
            last = row[k]
    left = max(0.0, left)
    if last < 0:
        return left, left
    assets[last].output_unit += left
    return left, 0.0


@lean
def measures_on(host, first_slot, last_slot, slots, assets, technologies, host_output_unit):
    """Return the effect of the measures in service on a host slot, and write what part of its output they cover.

    A measure covers its capacity over the host's output, at most all of it; the rest of the output is unchanged.
    Several measures multiply.

    Parameters
    ----------
    host, first_slot, last_slot : int
        The host's row in ``slots``, and the rows of its enterprise.
    host_output_unit : float
        Output of the host in the quarter.

    Returns
    -------
    Effect
    """
    fuel = elec = process = uncaptured = unswitched = 1.0
    carrier = -1
    own = 0.0
    for s in range(first_slot, last_slot):
        if slots[s].host != host:
            continue
        slots[s].demand_unit = host_output_unit
        uncovered = 1.0
        a = slots[s].first_asset
        while a >= 0:
            asset = assets[a]
            asset.output_unit = 0.0
            if asset.status == ACTIVE and host_output_unit > 0.0:
                covered = min(uncovered, asset.capacity_unit_per_year / QUARTERS / host_output_unit)
                uncovered -= covered
                asset.output_unit = covered * host_output_unit
                kind = technologies[asset.technology]
                fuel *= 1.0 - covered * (1.0 - kind.host_fuel_factor)
                elec *= 1.0 - covered * (1.0 - kind.host_elec_factor)
                process *= 1.0 - covered * (1.0 - kind.host_process_factor)
                uncaptured *= 1.0 - covered * kind.capture_share
                own += covered * kind.own_elec_gj_per_unit
                if kind.fuel_switch_share > 0.0:
                    unswitched *= 1.0 - covered * kind.fuel_switch_share
                    carrier = kind.carrier
            a = asset.next_asset
    return Effect(fuel, elec, process, 1.0 - uncaptured, 1.0 - unswitched, carrier, own)


@lean
def _add_use(burnt, given_unit, kind, effect, is_feed, terms, used_gj):
    """Add what equipment of a technology uses to the carriers of an enterprise; return what its slot has burnt then."""
    carrier = kind.carrier
    elec_gj = burnt.elec_gj + given_unit * kind.elec_gj_per_unit * effect.elec_factor
    fuel_gj = given_unit * kind.fuel_gj_per_unit * effect.fuel_factor
    if fuel_gj <= 0.0 or carrier < 0:
        return Burnt(elec_gj, burnt.fuel_tco2, burnt.fuel_cny, burnt.largest_gj, burnt.main_carrier)
    switched_gj = fuel_gj * effect.switch_share
    used_gj[carrier] += fuel_gj - switched_gj
    fuel_cny = burnt.fuel_cny + (fuel_gj - switched_gj) * terms.carrier_cny_per_gj[carrier]
    tco2 = (fuel_gj - switched_gj) * terms.carrier_tco2_per_gj[carrier]
    if switched_gj > 0.0:
        used_gj[effect.switch_carrier] += switched_gj
        fuel_cny += switched_gj * terms.carrier_cny_per_gj[effect.switch_carrier]
        tco2 += switched_gj * terms.carrier_tco2_per_gj[effect.switch_carrier]
    fuel_tco2 = burnt.fuel_tco2 if is_feed else burnt.fuel_tco2 + tco2
    if fuel_gj > burnt.largest_gj:
        return Burnt(elec_gj, fuel_tco2, fuel_cny, fuel_gj, np.int64(carrier))
    return Burnt(elec_gj, fuel_tco2, fuel_cny, burnt.largest_gj, burnt.main_carrier)


@lean
def burn(first_asset, missing_unit, assets, technologies, effect, rule, terms, used_gj):
    """Return what the equipment of a slot uses, and the stand-in for what is missing."""
    burnt = NOTHING_BURNT
    a = first_asset
    while a >= 0:
        piece = assets[a]
        if piece.output_unit > 0.0:
            kind = technologies[piece.technology]
            burnt = _add_use(burnt, piece.output_unit, kind, effect, rule.is_feed, terms, used_gj)
        a = piece.next_asset
    if missing_unit > 0.0 and rule.stand_in >= 0:
        kind = technologies[rule.stand_in]
        burnt = _add_use(burnt, missing_unit, kind, effect, rule.is_feed, terms, used_gj)
    return burnt
