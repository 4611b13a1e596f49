"""The equipment of a slot: merit order, what a unit costs, and what measures change (SM03)."""

from typing import NamedTuple

from transition_sim.core.kernels import compiled
from transition_sim.world.state import ACTIVE

WAITING = -1.0
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


@compiled
def active_capacity(first_asset, assets):
    """Return the capacity in service of a slot, in its units (MW, MWh, or units a year)."""
    total = 0.0
    a = first_asset
    while a >= 0:
        if assets[a].status == ACTIVE:
            total += assets[a].capacity_unit_per_year
        a = assets[a].next_asset
    return total


@compiled
def variable_cost_cny_per_unit(asset, carrier, tariff_cny_per_gj, carbon_cny_per_tco2, terms):
    """Return what a unit of service costs on this equipment in fuel, electricity and carbon, CNY/unit.

    Parameters
    ----------
    asset : record of ``ASSETS``
    carrier : int
        Fuel of its technology; -1: none.
    terms : EnergyTerms
    """
    cost = asset.elec_gj_per_unit * tariff_cny_per_gj
    if carrier >= 0:
        price = terms.carrier_cny_per_gj[carrier] + carbon_cny_per_tco2 * terms.carrier_tco2_per_gj[carrier]
        cost += asset.fuel_gj_per_unit * price
    return cost


@compiled
def _line_up(first_asset, assets):
    """Mark the equipment in service; return how many pieces."""
    waiting = 0
    a = first_asset
    while a >= 0:
        assets[a].output_unit = 0.0
        if assets[a].status == ACTIVE:
            assets[a].output_unit = WAITING
            waiting += 1
        a = assets[a].next_asset
    return waiting


@compiled
def _cheapest_waiting(first_asset, assets, technologies, tariff_cny_per_gj, carbon_cny_per_tco2, terms):
    """Return the row of the marked piece with the lowest variable cost, the first met where equal."""
    best = -1
    best_cost = 0.0
    a = first_asset
    while a >= 0:
        if assets[a].output_unit < 0.0:
            carrier = technologies[assets[a].technology].carrier
            cost = variable_cost_cny_per_unit(assets[a], carrier, tariff_cny_per_gj, carbon_cny_per_tco2, terms)
            if best < 0 or cost < best_cost:
                best = a
                best_cost = cost
        a = assets[a].next_asset
    return best


@compiled
def dispatch_service(first_asset, demand_unit, assets, technologies, tariff_cny_per_gj, carbon_cny_per_tco2, terms):
    """Split the demand of a slot over its equipment, lowest variable cost first, and write each ``output_unit`` (SM03).

    Each piece gives at most a quarter of its yearly capacity and at most its technology's ``max_demand_share`` of the
    demand. What is beyond all capacity is put on the dearest piece that may serve the whole demand: it runs overtime,
    and the slot must decide (SM05).

    Returns
    -------
    overload_unit, missing_unit : float
        Beyond capacity, of which not given at all because nothing is in service.
    """
    left = demand_unit
    last = -1
    for _ in range(_line_up(first_asset, assets)):
        best = _cheapest_waiting(first_asset, assets, technologies, tariff_cny_per_gj, carbon_cny_per_tco2, terms)
        share = technologies[assets[best].technology].max_demand_share
        given = min(left, assets[best].capacity_unit_per_year / QUARTERS, share * demand_unit)
        assets[best].output_unit = given
        left -= given
        if share >= 1.0 or last < 0:
            last = best
    left = max(0.0, left)
    if last < 0:
        return left, left
    assets[last].output_unit += left
    return left, 0.0


@compiled
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
