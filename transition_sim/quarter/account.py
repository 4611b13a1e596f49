"""Phase 8: energy and emissions of enterprises and of the place (SM19)."""

import numpy as np

from transition_sim.core.units import GJ_PER_TCE
from transition_sim.world.accounting.emissions import (
    Inventory,
    account_enterprises,
    account_upstream,
    coal_equivalent_tce_per_mwh,
)
from transition_sim.world.accounting.identities import check_carbon
from transition_sim.world.totals import column_sums, column_totals
from transition_sim.world.world import World

UPSTREAM_DEPTH = 6
OUTSIDE_TCO2_PER_CNY = 1.0e-4
"""Embodied emissions of purchased goods from outside the place: national energy CO2 over gross output of 2020 [K]."""


def emissions(world: World) -> None:
    """Write scopes and tce of every enterprise, and the inventory of the place."""
    state, carriers = world.state, world.reference.carrier_tco2_per_gj
    energy = state["energy"]
    equivalent, province_factor = tce_per_mwh(world), world.power.province_factor()
    account_enterprises(
        energy, state.fuel_gj, world.plans.feedstock_gj, carriers, province_factor,
        world.parameter("tce_per_mwh_calorific"), equivalent,
    )  # fmt: skip
    _upstream(world)
    world.notes.energy, world.notes.fuel_gj = column_totals(energy), column_sums(state.fuel_gj)
    world.notes.inventory = _inventory(world, province_factor)
    check_carbon(world)


def tce_per_mwh(world: World) -> float:
    """Return the coal equivalent of electricity this year, tce/MWh."""
    year = world.scenario.place.base_year if world.frozen else world.clock.year(world.quarter)
    in_2020, in_2025 = world.parameter("tce_per_mwh_coal_2020"), world.parameter("tce_per_mwh_coal_2025")
    return coal_equivalent_tce_per_mwh(year, in_2020, in_2025)


def _upstream(world: World) -> None:
    state, constants = world.state, world.constants
    account_upstream(
        state["energy"], state["production"]["output_cny"], constants.purchases, constants.sector,
        OUTSIDE_TCO2_PER_CNY * constants.outside_input, UPSTREAM_DEPTH, np.zeros((4, state.n_enterprises + 1)),
    )  # fmt: skip


def _inventory(world: World, import_tco2_per_mwh: float) -> Inventory:
    total, power = world.notes.energy, world.power.quarter
    process, captured = total["process_tco2"], total["captured_tco2"]
    local = power.local_tco2 / power.local_generation_mwh if power.local_generation_mwh > 0 else 0.0
    return Inventory(
        enterprises_fuel_tco2=total["scope1_tco2"] - process + captured,
        enterprises_process_tco2=process,
        captured_tco2=captured,
        city_tco2=world.city.fuel_tco2 + world.city.waste_tco2,
        power_tco2=power.local_tco2,
        exported_mwh=power.exported_mwh,
        imported_mwh=power.imported_mwh,
        local_tco2_per_mwh=local,
        import_tco2_per_mwh=import_tco2_per_mwh,
    )


def fossil_and_clean(world: World) -> dict[str, float]:
    """Return energy of the place this quarter: totals in tce, coal, non-fossil, clean power, electricity.

    Electricity used is what enterprises and the other sectors take, own generation included. Its non-fossil part is
    that of the province's generation; roofs and waste works are wholly non-fossil, as in the statistics.
    """
    total, at = world.notes.energy, world.labels["carriers"].index
    own_mwh, city_tce = world.city.own_mwh, float(world.city.fuel_gj.sum()) / GJ_PER_TCE
    city_mwh = max(0.0, world.power.quarter.delivered_mwh - total["purchased_mwh"] - roof_own_mwh(world))
    fuel = (world.notes.fuel_gj + world.city.fuel_gj).tolist()
    coal, biomass = fuel[at("coal")] + fuel[at("coke")], fuel[at("biomass")] + fuel[at("rdf")]
    roofs = total["roof_used_mwh"]
    used = total["electricity_mwh"] + city_mwh + own_mwh
    waste_heat = total["own_generation_mwh"] - roofs
    clean = (used - waste_heat - roofs - own_mwh) * world.power.quarter.province_clean_share + roofs + own_mwh
    equivalent, calorific = tce_per_mwh(world), world.parameter("tce_per_mwh_calorific")
    return {
        "electricity_mwh": used,
        "clean_electricity_mwh": clean,
        "energy_coal_equivalent_tce": total["energy_coal_equivalent_tce"]
        + city_tce
        + (city_mwh + own_mwh) * equivalent,
        "energy_calorific_tce": total["energy_calorific_tce"] + city_tce + (city_mwh + own_mwh) * calorific,
        "coal_tce": coal / GJ_PER_TCE,
        "nonfossil_tce": clean * equivalent + biomass / GJ_PER_TCE,
    }


def roof_own_mwh(world: World) -> float:
    """Return what enterprises use of their own roofs this quarter, MWh."""
    return max(0.0, world.power.quarter.roof_pv_mwh - world.notes.energy["exported_mwh"])


def clinker_t(world: World) -> float:
    """Return the clinker made this quarter, t."""
    slots, rows = world.state.slots, world.constants.kiln_slots
    return float(slots["demand_unit"][rows].sum())
