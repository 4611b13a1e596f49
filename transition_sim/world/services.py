"""Energy services: how much is wanted, which equipment gives it, what it burns and costs (SM03).

A service (heat, drives, clinker ...) is wanted in proportion to output. The equipment of its slot meets it by merit,
cheapest first. Measures on the slot (heat recovery, fuel switch, capture) change what the equipment uses. Roof PV and
batteries stand in ``world.devices``.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled, entered, lean
from transition_sim.core.record_types import declared
from transition_sim.core.tables import clear
from transition_sim.core.units import GJ_PER_MWH
from transition_sim.world.equipment import NO_EFFECT, Burnt, burn, measures_on, share_out

KINDS = ("service", "measure", "generation", "storage")
SERVICE, MEASURE, GENERATION, STORAGE = range(4)
RULE = declared(
    np.dtype(
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
)


class EnergyTerms(NamedTuple):
    """What energy costs and emits this quarter.

    Attributes
    ----------
    carrier_cny_per_gj, carrier_tco2_per_gj : ndarray, shape (n_carriers,)
    """

    carrier_cny_per_gj: np.ndarray
    carrier_tco2_per_gj: np.ndarray


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


def rows_of_kinds(slots: np.ndarray, slot_start: np.ndarray, rules: np.ndarray) -> np.ndarray:
    """Return the first row of the services of each enterprise, of the measures on them, and of its devices, (N, 3).

    Raises
    ------
    ValueError
        Where slots do not stand in the order of the kinds.
    """
    kind, firm, first = rules["kind"][slots["service"]], slots["enterprise"], slot_start[:-1]
    if ((np.diff(kind) < 0) & (np.diff(firm) == 0)).any():
        raise ValueError("the slots of an enterprise are its services, then measures on them, then devices")
    n_services, n_measures = (np.bincount(firm[kind == k], minlength=first.size) for k in (SERVICE, MEASURE))
    return np.stack([first, first + n_services, first + n_services + n_measures], axis=1)


@lean
def housekeeping_share(housekeeping_per_year, years):
    """Return what is left of a demand after years of saving without investment: (1 - alpha)^t, t at least 0 (SM03)."""
    return (1.0 - housekeeping_per_year) ** max(0.0, years)


@lean
def wanted_unit(base_unit, smoothed_cost_cny_per_unit, start_cost_cny_per_unit, elasticity):
    """Return the demand after the answer to its cost: base (c / c0)^-epsilon, where both are positive (SM03)."""
    has_moved = smoothed_cost_cny_per_unit != start_cost_cny_per_unit
    if elasticity > 0.0 and has_moved and smoothed_cost_cny_per_unit > 0.0 and start_cost_cny_per_unit > 0.0:
        return base_unit * (smoothed_cost_cny_per_unit / start_cost_cny_per_unit) ** (-elasticity)
    return base_unit


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


class Sums(NamedTuple):
    """What the services of an enterprise come to in the quarter."""

    electricity_mwh: float
    own_generation_mwh: float
    process_tco2: float
    captured_tco2: float


@lean
def _capture(burnt, captured_tco2, process, terms, fuel_gj):
    """Add the electricity and heat that carbon capture takes; the heat is burnt outside the captured stack."""
    elec_gj = burnt.elec_gj + captured_tco2 * process.capture_mwh_per_tco2 * GJ_PER_MWH
    heat_gj = captured_tco2 * process.capture_gj_per_tco2
    carrier = burnt.main_carrier
    if carrier < 0:
        return Burnt(elec_gj + heat_gj, burnt.fuel_tco2, burnt.fuel_cny, burnt.largest_gj, carrier)
    fuel_gj[carrier] += heat_gj
    return Burnt(
        elec_gj, burnt.fuel_tco2 + heat_gj * terms.carrier_tco2_per_gj[carrier],
        burnt.fuel_cny + heat_gj * terms.carrier_cny_per_gj[carrier], burnt.largest_gj, carrier,
    )  # fmt: skip


@lean
def _book(slot, burnt, effect, rule, terms, process, tariff_cny_per_gj, carbon_cny, sums, fuel_gj):
    """Book a service that has burnt what it needs: process emissions, capture, electricity, and the cost of a unit."""
    process_tco2 = 0.0
    if rule.is_clinker:
        process_tco2 = slot.demand_unit * process.clinker_tco2_per_t * effect.process_factor
    captured_tco2 = effect.capture_share * (burnt.fuel_tco2 + process_tco2)
    if captured_tco2 > 0.0:
        burnt = _capture(burnt, captured_tco2, process, terms, fuel_gj)
    own_gj = effect.own_elec_gj_per_unit * slot.demand_unit
    if slot.demand_unit > 0.0:
        paid_cny = burnt.fuel_cny + (burnt.elec_gj - own_gj) * tariff_cny_per_gj
        paid_cny += carbon_cny * (burnt.fuel_tco2 + process_tco2 - captured_tco2)
        slot.cost_cny_per_unit = max(0.0, paid_cny / slot.demand_unit)
    return Sums(
        sums.electricity_mwh + burnt.elec_gj / GJ_PER_MWH, sums.own_generation_mwh + own_gj / GJ_PER_MWH,
        sums.process_tco2 + process_tco2, sums.captured_tco2 + captured_tco2,
    )  # fmt: skip


@lean
def _remember_cost(slot):
    """Move the past costs of a service by a quarter before the next one is known."""
    slot.cost_5_cny_per_unit = slot.cost_4_cny_per_unit
    slot.cost_4_cny_per_unit = slot.cost_3_cny_per_unit
    slot.cost_3_cny_per_unit = slot.cost_2_cny_per_unit
    slot.cost_2_cny_per_unit = slot.cost_cny_per_unit


@lean
def _use_of_enterprise(
    firm, use, care, slots, first_slot, first_measure, last_measure, assets, technologies, rules, terms, process,
    carbon_cny, fuel_cny_per_gj, years, fuel_gj, feedstock_gj, work,
):  # fmt: skip
    """Run all services of one enterprise: demand, equipment, measures, emissions."""
    row, cost = work
    sums = Sums(0.0, 0.0, firm.output_cny * process.sector_tco2_per_cny[firm.sector], 0.0)
    tariff_cny_per_gj = use.tariff_cny_per_mwh / GJ_PER_MWH
    saving_per_year, kept_share = 0.0, 1.0
    for s in range(first_slot, first_measure):
        slot = slots[s]
        rule = rules[slot.service]
        _remember_cost(slot)
        if rule.housekeeping_per_year * care != saving_per_year:
            saving_per_year = rule.housekeeping_per_year * care
            kept_share = housekeeping_share(saving_per_year, years)
        slot.demand_unit = wanted_unit(
            slot.unit_per_cny * firm.output_cny * kept_share, slot.smoothed_cost_cny_per_unit,
            slot.start_cost_cny_per_unit, rule.elasticity,
        )  # fmt: skip
        _, missing_unit = share_out(
            slot.first_asset, slot.demand_unit, assets, technologies, tariff_cny_per_gj, fuel_cny_per_gj, row, cost
        )
        effect = NO_EFFECT
        if first_measure < last_measure:
            effect = measures_on(s, first_measure, last_measure, slots, assets, technologies, slot.demand_unit)
        used_gj = feedstock_gj if rule.is_feed else fuel_gj
        burnt = burn(slot.first_asset, missing_unit, assets, technologies, effect, rule, terms, used_gj)
        sums = _book(slot, burnt, effect, rule, terms, process, tariff_cny_per_gj, carbon_cny, sums, fuel_gj)
    use.electricity_mwh = sums.electricity_mwh
    use.process_tco2, use.captured_tco2 = sums.process_tco2, sums.captured_tco2
    use.own_generation_mwh = min(sums.own_generation_mwh, sums.electricity_mwh)
    use.purchased_mwh = use.electricity_mwh - use.own_generation_mwh
    use.sheddable_share = use.exported_mwh = use.roof_used_mwh = 0.0


@lean
def _use_of_all(
    production, conduct, energy, slots, kind_start, assets, technologies, rules, terms, process, years, fuel_gj,
    feedstock_gj, fuel_cny_per_gj, work,
):  # fmt: skip
    priced_cny, filled_with_cny = 0.0, 0.0
    for i in range(production.size):
        priced_cny = conduct[i].carbon_cny_per_tco2
        if priced_cny != filled_with_cny:
            for c in range(fuel_cny_per_gj.size):
                fuel_cny_per_gj[c] = terms.carrier_cny_per_gj[c] + priced_cny * terms.carrier_tco2_per_gj[c]
            filled_with_cny = priced_cny
        _use_of_enterprise(
            production[i], energy[i], 0.5 + conduct[i].capability, slots, kind_start[i, 0], kind_start[i, 1],
            kind_start[i, 2], assets, technologies, rules, terms, process, priced_cny, fuel_cny_per_gj, years,
            fuel_gj[i], feedstock_gj[i], work,
        )  # fmt: skip


@compiled
def use_energy(
    production, conduct, energy, slots, kind_start, assets, technologies, rules, terms, process, years, fuel_gj,
    feedstock_gj,
):  # fmt: skip
    """Turn the output of every enterprise into services, fuel, electricity and process emissions (SM03, SM19).

    Parameters
    ----------
    energy : structured array of ``ENERGY``
        Reads the tariff; writes electricity, own generation (waste heat; roof PV comes later), purchases, process and
        captured emissions; nothing is cut or comes from roofs yet.
    kind_start : ndarray, shape (N, 3)
        See ``rows_of_kinds``.
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
    clear(feedstock_gj)
    _use_of_all(
        production, conduct, energy, slots, kind_start, assets, technologies, rules, terms, process, years,
        fuel_gj, feedstock_gj, terms.carrier_cny_per_gj.copy(),
        (np.empty(assets.size, np.int64), np.empty(assets.size)),
    )  # fmt: skip


@lean
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
                if feedstock_gj[i, k] != 0.0:
                    feedstock_gj[i, k] *= kept


@lean
def smooth_costs(slots, kind_start, ownership, speed, speed_soe):
    """Smooth the perceived cost of services; once at the end of a quarter (SM16).

    Parameters
    ----------
    kind_start : ndarray, shape (N, 3)
        See ``rows_of_kinds``: measures and devices have no cost of their own.
    ownership : ndarray of i1, shape (N,)
        0 is state-owned.
    speed, speed_soe : float
        Weight of the latest cost, 0 to 1.
    """
    for i in range(ownership.size):
        weight = speed_soe if ownership[i] == 0 else speed
        for s in range(kind_start[i, 0], kind_start[i, 1]):
            slot = slots[s]
            slot.smoothed_cost_cny_per_unit += weight * (slot.cost_cny_per_unit - slot.smoothed_cost_cny_per_unit)


@entered
def cut_from_buyers(energy, cut_mwh, bought_mwh):
    """Take the energy of demand response from what enterprises buy, in all ``bought_mwh``, in proportion (L23)."""
    if cut_mwh <= 0.0 or bought_mwh <= 0.0:
        return
    kept_share = 1.0 - min(1.0, cut_mwh / bought_mwh)
    for i in range(energy.size):
        use = energy[i]
        use.electricity_mwh -= (1.0 - kept_share) * use.purchased_mwh
        use.purchased_mwh *= kept_share
