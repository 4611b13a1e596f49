"""Energy services: how much is wanted, which equipment gives it, what it burns and costs (SM03).

A service (heat, drives, clinker ...) is wanted in proportion to output. The equipment of its slot meets it by merit,
cheapest first. Measures on the slot (heat recovery, fuel switch, capture) change what the equipment uses. Roof PV and
batteries are counted by ``count_devices``; the power room runs them.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled
from transition_sim.core.units import GJ_PER_MWH
from transition_sim.world.equipment import active_capacity, dispatch_service, measures_on

KINDS = ("service", "measure", "generation", "storage")
SERVICE, MEASURE, GENERATION, STORAGE = range(4)
RULE = np.dtype(
    [
        ("elasticity", "f8"),
        ("housekeeping_per_year", "f8"),
        ("stand_in", "i2"),
        ("kind", "i1"),
        ("is_clinker", "?"),
        ("is_feed", "?"),
    ],
    align=True,
)


class EnergyTerms(NamedTuple):
    """What energy costs and emits this quarter.

    Attributes
    ----------
    carrier_cny_per_gj, carrier_tco2_per_gj : ndarray, shape (n_carriers,)
    carbon_cny_per_tco2 : float
        Paid by enterprises with ``is_carbon_covered``.
    """

    carrier_cny_per_gj: np.ndarray
    carrier_tco2_per_gj: np.ndarray
    carbon_cny_per_tco2: float


class ProcessTerms(NamedTuple):
    """Process emissions and what carbon capture takes.

    Attributes
    ----------
    sector_tco2_per_cny : ndarray, shape (S,)
        Process emissions per output, tCO2/CNY, apart from clinker.
    clinker_tco2_per_t : float
        Calcination, 0.535.
    capture_mwh_per_tco2, capture_gj_per_tco2 : float
        Electricity and heat per tonne captured.
    """

    sector_tco2_per_cny: np.ndarray
    clinker_tco2_per_t: float
    capture_mwh_per_tco2: float
    capture_gj_per_tco2: float


def service_rules(
    services: Sequence[Any], technologies: np.ndarray, housekeeping_per_year: float = 0.004
) -> np.ndarray:
    """Return what compiled rules need to know of each service, shape (n_services,).

    Housekeeping does not apply to clinker and feedstock: their demand is tonnes and molecules, not a habit. The
    stand-in is the technology of the base-year stock with the lowest capital cost.

    Parameters
    ----------
    services : sequence of records of the registry
        With ``id``, ``kind``, ``elasticity``.
    technologies : structured array, shape (n_technologies,)
    """
    rules = np.zeros(len(services), RULE)
    for place, service in enumerate(services):
        stock = np.flatnonzero((technologies["service"] == place) & technologies["is_stock"].astype(bool))
        cheapest = stock[np.argsort(technologies["capex_cny_per_unit"][stock], kind="stable")][:1]
        keeps_house = service.kind == "service" and service.id not in ("CLINKER", "FEED")
        rule = rules[place]
        rule["elasticity"] = service.elasticity
        rule["housekeeping_per_year"] = housekeeping_per_year if keeps_house else 0.0
        rule["kind"] = KINDS.index(service.kind)
        rule["is_clinker"] = service.id == "CLINKER"
        rule["is_feed"] = service.id == "FEED"
        rule["stand_in"] = cheapest[0] if cheapest.size else -1
    return rules


@compiled
def service_demand(
    unit_per_cny, output_cny, housekeeping_per_year, years, smoothed_cost_cny_per_unit, start_cost_cny_per_unit,
    elasticity,
):  # fmt: skip
    """Return the service wanted in the quarter: theta X (1 - alpha)^t (c / c0)^-epsilon (SM03).

    Parameters
    ----------
    unit_per_cny : float
        Theta, service per output.
    housekeeping_per_year : float
        Alpha, saving without investment.
    years : float
        Since the base year; before it nothing has been saved.
    smoothed_cost_cny_per_unit, start_cost_cny_per_unit : float
        Perceived cost of the service now and in the base year; where one is not positive the price does not act.
    elasticity : float
        Epsilon >= 0.
    """
    demand = unit_per_cny * output_cny * (1.0 - housekeeping_per_year) ** max(0.0, years)
    if elasticity > 0.0 and smoothed_cost_cny_per_unit > 0.0 and start_cost_cny_per_unit > 0.0:
        demand *= (smoothed_cost_cny_per_unit / start_cost_cny_per_unit) ** (-elasticity)
    return demand


def rebound(efficiency_gain: float, elasticity: float) -> tuple[float, float, float]:
    """Return (energy factor, service factor, rebound share) of an efficiency gain (SM03, A24).

    With service per energy up by g and the cost of the service down to 1 / (1 + g), the service grows by
    (1 + g)^epsilon and the energy becomes (1 + g)^-(1 - epsilon); the rebound is the part of the engineering saving
    1 - 1 / (1 + g) that is taken back.

    Parameters
    ----------
    efficiency_gain : float
        g > 0.
    elasticity : float
        Epsilon, >= 0.
    """
    if efficiency_gain <= 0:
        raise ValueError(f"an efficiency gain is positive, not {efficiency_gain}")
    energy = (1.0 + efficiency_gain) ** (elasticity - 1.0)
    service = (1.0 + efficiency_gain) ** elasticity
    return energy, service, 1.0 - (1.0 - energy) / (1.0 - 1.0 / (1.0 + efficiency_gain))


ELEC_GJ, FUEL_TCO2, FUEL_CNY, LARGEST_GJ, MAIN_CARRIER = range(5)


@compiled
def _add_use(i, given_unit, fuel_gj_per_unit, elec_gj_per_unit, carrier, effect, is_feed, terms, used_gj, sums):
    """Add what one piece of equipment uses to the carriers of an enterprise and to the sums of its slot."""
    sums[ELEC_GJ] += given_unit * elec_gj_per_unit * effect.elec_factor
    fuel_gj = given_unit * fuel_gj_per_unit * effect.fuel_factor
    if fuel_gj <= 0.0 or carrier < 0:
        return
    switched_gj = fuel_gj * effect.switch_share
    used_gj[i, carrier] += fuel_gj - switched_gj
    sums[FUEL_CNY] += (fuel_gj - switched_gj) * terms.carrier_cny_per_gj[carrier]
    tco2 = (fuel_gj - switched_gj) * terms.carrier_tco2_per_gj[carrier]
    if switched_gj > 0.0:
        used_gj[i, effect.switch_carrier] += switched_gj
        sums[FUEL_CNY] += switched_gj * terms.carrier_cny_per_gj[effect.switch_carrier]
        tco2 += switched_gj * terms.carrier_tco2_per_gj[effect.switch_carrier]
    if not is_feed:
        sums[FUEL_TCO2] += tco2
    if fuel_gj > sums[LARGEST_GJ]:
        sums[LARGEST_GJ] = fuel_gj
        sums[MAIN_CARRIER] = carrier


@compiled
def _burn(slot, i, missing_unit, assets, technologies, effect, rule, terms, used_gj, sums):
    """Add what the equipment of a slot uses, and the stand-in for what is missing."""
    sums[:] = 0.0
    sums[MAIN_CARRIER] = -1.0
    a = slot.first_asset
    while a >= 0:
        piece = assets[a]
        if piece.output_unit > 0.0:
            carrier = technologies[piece.technology].carrier
            _add_use(
                i, piece.output_unit, piece.fuel_gj_per_unit, piece.elec_gj_per_unit, carrier, effect, rule.is_feed,
                terms, used_gj, sums,
            )  # fmt: skip
        a = piece.next_asset
    if missing_unit > 0.0 and rule.stand_in >= 0:
        kind = technologies[rule.stand_in]
        _add_use(
            i, missing_unit, kind.fuel_gj_per_unit, kind.elec_gj_per_unit, kind.carrier, effect, rule.is_feed, terms,
            used_gj, sums,
        )  # fmt: skip


@compiled
def _capture(i, captured_tco2, process, terms, fuel_gj, sums):
    """Add the electricity and heat that carbon capture takes; the heat is burnt outside the captured stack."""
    sums[ELEC_GJ] += captured_tco2 * process.capture_mwh_per_tco2 * GJ_PER_MWH
    heat_gj = captured_tco2 * process.capture_gj_per_tco2
    carrier = int(sums[MAIN_CARRIER])
    if carrier < 0:
        sums[ELEC_GJ] += heat_gj
        return
    fuel_gj[i, carrier] += heat_gj
    sums[FUEL_TCO2] += heat_gj * terms.carrier_tco2_per_gj[carrier]
    sums[FUEL_CNY] += heat_gj * terms.carrier_cny_per_gj[carrier]


@compiled
def _run_slot(
    i, s, first_slot, last_slot, slots, assets, technologies, rule, terms, process, tariff_cny_per_gj, carbon_cny,
    use, fuel_gj, feedstock_gj, sums,
):  # fmt: skip
    """Run one service of one enterprise: equipment, measures, emissions, and the cost of a unit."""
    slot = slots[s]
    _, missing_unit = dispatch_service(
        slot.first_asset, slot.demand_unit, assets, technologies, tariff_cny_per_gj, carbon_cny, terms
    )
    effect = measures_on(s, first_slot, last_slot, slots, assets, technologies, slot.demand_unit)
    used_gj = feedstock_gj if rule.is_feed else fuel_gj
    _burn(slot, i, missing_unit, assets, technologies, effect, rule, terms, used_gj, sums)
    process_tco2 = 0.0
    if rule.is_clinker:
        process_tco2 = slot.demand_unit * process.clinker_tco2_per_t * effect.process_factor
    captured_tco2 = effect.capture_share * (sums[FUEL_TCO2] + process_tco2)
    if captured_tco2 > 0.0:
        _capture(i, captured_tco2, process, terms, fuel_gj, sums)
    own_gj = effect.own_elec_gj_per_unit * slot.demand_unit
    use.process_tco2 += process_tco2
    use.captured_tco2 += captured_tco2
    use.electricity_mwh += sums[ELEC_GJ] / GJ_PER_MWH
    use.own_generation_mwh += own_gj / GJ_PER_MWH
    if slot.demand_unit > 0.0:
        paid_cny = sums[FUEL_CNY] + (sums[ELEC_GJ] - own_gj) * tariff_cny_per_gj
        paid_cny += carbon_cny * (sums[FUEL_TCO2] + process_tco2 - captured_tco2)
        slot.cost_cny_per_unit = max(0.0, paid_cny / slot.demand_unit)


@compiled
def use_energy(
    production, conduct, energy, slots, slot_start, assets, technologies, rules, terms, process, years, fuel_gj,
    feedstock_gj,
):  # fmt: skip
    """Turn the output of every enterprise into services, fuel, electricity and process emissions (SM03, SM19).

    Parameters
    ----------
    energy : structured array of ``ENERGY``
        Reads the tariff; writes electricity, own generation (waste heat; roof PV comes later), purchases, process and
        captured emissions.
    rules : structured array, shape (n_services,)
        See ``service_rules``.
    terms : EnergyTerms
    process : ProcessTerms
    years : float
        Since the base year.
    fuel_gj : ndarray, shape (N, n_carriers)
        Set to fuels burnt, GJ/quarter.
    feedstock_gj : ndarray, shape (N, n_carriers)
        Set to fuels used as feedstock: energy, paid for, and not burnt.

    Notes
    -----
    The cost of a service is the mean over the equipment in use, after measures, not that of the last unit: a second
    boiler that starts in a busy quarter would otherwise move the price of heat by half, and with it every decision.
    Heat for carbon capture comes from the kiln's main fuel, burnt outside the captured stack. Where a service is wanted
    and nothing is in service, hired equipment stands in (``stand_in``), so that no output is made without energy.
    """
    fuel_gj[:] = 0.0
    feedstock_gj[:] = 0.0
    sums = np.zeros(5)
    for i in range(production.size):
        use = energy[i]
        output_cny = production[i].output_cny
        use.electricity_mwh = 0.0
        use.own_generation_mwh = 0.0
        use.captured_tco2 = 0.0
        use.process_tco2 = output_cny * process.sector_tco2_per_cny[production[i].sector]
        tariff_cny_per_gj = use.tariff_cny_per_mwh / GJ_PER_MWH
        carbon_cny = terms.carbon_cny_per_tco2 if conduct[i].is_carbon_covered else 0.0
        for s in range(slot_start[i], slot_start[i + 1]):
            slot = slots[s]
            rule = rules[slot.service]
            if rule.kind != SERVICE:
                continue
            slot.demand_unit = service_demand(
                slot.unit_per_cny,
                output_cny,
                rule.housekeeping_per_year * (0.5 + conduct[i].capability),
                years,
                slot.smoothed_cost_cny_per_unit,
                slot.start_cost_cny_per_unit,
                rule.elasticity,
            )
            _run_slot(
                i, s, slot_start[i], slot_start[i + 1], slots, assets, technologies, rule, terms, process,
                tariff_cny_per_gj, carbon_cny, use, fuel_gj, feedstock_gj, sums,
            )  # fmt: skip
        use.own_generation_mwh = min(use.own_generation_mwh, use.electricity_mwh)
        use.purchased_mwh = use.electricity_mwh - use.own_generation_mwh


@compiled
def curtail_use(production, energy, fuel_gj, feedstock_gj, output_loss_share):
    """Lower electricity by the share cut, and fuels, process and capture by the output lost (SM12).

    Call once, after the shares cut are known and together with ``production.apply_shortage_loss``.
    """
    for i in range(production.size):
        use = energy[i]
        shed = use.sheddable_share
        if shed > 0.0:
            kept = 1.0 - output_loss_share * shed
            use.electricity_mwh *= 1.0 - shed
            use.own_generation_mwh = min(use.own_generation_mwh * kept, use.electricity_mwh)
            use.purchased_mwh = use.electricity_mwh - use.own_generation_mwh
            use.process_tco2 *= kept
            use.captured_tco2 *= kept
            for k in range(fuel_gj.shape[1]):
                fuel_gj[i, k] *= kept
                feedstock_gj[i, k] *= kept


@compiled
def remember_costs(slots, ownership, speed, speed_soe):
    """Move the ring of past costs by a quarter and smooth the perceived cost; once at the end of a quarter (SM16).

    Parameters
    ----------
    ownership : ndarray of i1, shape (N,)
        0 is state-owned.
    speed, speed_soe : float
        Weight of the latest cost, 0 to 1.
    """
    for s in range(slots.size):
        slot = slots[s]
        slot.cost_4_cny_per_unit = slot.cost_3_cny_per_unit
        slot.cost_3_cny_per_unit = slot.cost_2_cny_per_unit
        slot.cost_2_cny_per_unit = slot.cost_1_cny_per_unit
        slot.cost_1_cny_per_unit = slot.cost_cny_per_unit
        weight = speed_soe if ownership[slot.enterprise] == 0 else speed
        slot.smoothed_cost_cny_per_unit += weight * (slot.cost_cny_per_unit - slot.smoothed_cost_cny_per_unit)


@compiled
def count_devices(slots, slot_start, assets, rules, roof_pv_mw, storage_mwh):
    """Set the roof PV (MW) and storage (MWh) in service at every enterprise, shape (N,)."""
    for i in range(roof_pv_mw.size):
        roof_pv_mw[i] = 0.0
        storage_mwh[i] = 0.0
        for s in range(slot_start[i], slot_start[i + 1]):
            kind = rules[slots[s].service].kind
            if kind == GENERATION:
                roof_pv_mw[i] += active_capacity(slots[s].first_asset, assets)
            elif kind == STORAGE:
                storage_mwh[i] += active_capacity(slots[s].first_asset, assets)


def electricity_by_shape(mwh: np.ndarray, load_shape: np.ndarray, n_shapes: int) -> np.ndarray:
    """Return the electricity of all enterprises by load shape, MWh, shape (n_shapes,)."""
    return np.bincount(load_shape, mwh, n_shapes)
