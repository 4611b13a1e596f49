"""Phase 6: energy services, tariffs, dispatch of the power system, and what a shortage takes (SM03, SM12, SM13)."""

from math import fsum

import numpy as np

from transition_sim.agents.investment import storage_value_cny_per_mwh_day
from transition_sim.core.errors import ConservationError
from transition_sim.core.kernels import compiled
from transition_sim.quarter import expectations
from transition_sim.quarter.city import grid_mwh
from transition_sim.quarter.grid_levers import mandate_hours, own_grid_saving
from transition_sim.world.devices import count_devices, use_roofs
from transition_sim.world.markets.power import UnitPrices
from transition_sim.world.markets.shortage import (
    RESIDENTS,
    SHED_CLASSES,
    purchases_by_class,
    shed_by_slice,
    supply_reliably,
)
from transition_sim.world.markets.storage import check_cycles
from transition_sim.world.markets.supply import Around, SupplyChecks, Units, supply_quarter
from transition_sim.world.markets.tariffs import KWH_PER_MWH, set_tariffs
from transition_sim.world.power_system import HOURS_PER_YEAR, PowerQuarter
from transition_sim.world.production import apply_shortage_loss
from transition_sim.world.services import EnergyTerms, curtail_use, cut_from_buyers, use_energy
from transition_sim.world.world import World

PASS_THROUGH = 0.2
"""Share of a change of the dispatch price that reaches the market part of tariffs: regulated prices (SM02)."""
BALANCE_TOLERANCE_MWH = 1e-6


def use_and_supply(world: World) -> None:
    """Set tariffs, turn output into energy, dispatch, and share out a shortage."""
    _set_tariffs(world)
    state, constants = world.state, world.constants
    years = 0.0 if world.frozen else world.decimal_year - world.scenario.place.base_year
    use_energy(
        state["production"], state["conduct"], state["energy"], state.slots, constants.kind_start, state.assets,
        world.reference.technologies, constants.rules,
        EnergyTerms(state.carrier_cny_per_gj, constants.scope1_tco2_per_gj), constants.process, years,
        state.fuel_gj, world.plans.feedstock_gj,
    )  # fmt: skip
    count_devices(
        constants.device_slots, state.slots, state.assets, world.reference.technologies, constants.rules,
        mandate_hours(world), world.plans.roof_pv_mw, world.plans.storage_mwh,
    )  # fmt: skip
    _run_power(world)


def _set_tariffs(world: World) -> None:
    """Write the tariff of the quarter of every enterprise (SM13)."""
    p, tariffs, state, q = world.params[0], world.tariffs, world.state, world.quarter_of_year
    tariffs.midday_cny_per_mwh[q], tariffs.household_cny_per_mwh = set_tariffs(
        q, market_factor(world), own_grid_saving(world), expectations.high_voltage_discount(world),
        world.power.loss_share, world.constants.hours, world.constants.load_profiles, state["energy"],
        world.constants.load_shape, world.constants.voltage, tariffs.slice_cny_per_mwh, tariffs.shape_cny_per_mwh,
        world.params, world.levers,
    )  # fmt: skip
    tariffs.storage_cny_per_mwh_day[q] = storage_value_cny_per_mwh_day(
        tariffs.slice_cny_per_mwh, world.constants.hours[q], p["storage_efficiency_share"],
        int(p["storage_cycles_per_day"]),
    )  # fmt: skip
    has_zone = world.constants.reliable_from <= (0 if world.frozen else world.clock.year(world.quarter))
    if has_zone.any():
        supply_reliably(
            state["energy"], state["conduct"], world.plans.storage_mwh, world.constants.county, has_zone,
            world.constants.shed_class, world.constants.quarter_hours[q], p["reliability_storage_hours"],
            KWH_PER_MWH * p["reliability_premium_cny_per_kwh"],
        )  # fmt: skip


def market_factor(world: World) -> float:
    """Return the market part of tariffs relative to the base year.

    The value of power in the dispatch over the last four quarters, hours of shortage left out, against the year
    before the start; a fifth of its change reaches tariffs.
    """
    power = world.power
    if world.frozen or power.tariff_base_value_cny_per_mwh <= 0:
        return 1.0
    recent = power.values_cny_per_mwh[-4:]
    return 1.0 + PASS_THROUGH * (fsum(recent) / len(recent) / power.tariff_base_value_cny_per_mwh - 1.0)


def _run_power(world: World) -> None:
    """Serve the load of the place and the province, and share out what is missing."""
    state, power, constants, q = world.state, world.power, world.constants, world.quarter_of_year
    own_mwh = world.notes.city_mwh = grid_mwh(world)
    around = _around(world)
    supply = supply_quarter(
        state["energy"]["purchased_mwh"], constants.load_shape, own_mwh, constants.city_shape,
        world.outside.swing_mw_per_mwh.reshape(-1), world.tariffs.slice_cny_per_mwh.reshape(-1), q,
        constants.slice_tables, _units(world),
        UnitPrices(state.carrier_cny_per_gj, world.carbon.unit_tax_cny_per_tco2, world.carbon.unit_cny_per_mwh),
        around, world.params, world.levers,
    )  # fmt: skip
    generation_mwh, unserved_mw, bought_mwh, sums, checks = supply
    _check_supply(checks, around.stored_mwh * world.parameter("storage_cycles_per_day"), world.label)
    power.quarter = PowerQuarter(generation_mwh, *sums)
    power.values_cny_per_mwh.append(sums.value_cny_per_mwh)
    power.factors_tco2_per_mwh.append((sums.total_tco2, float(generation_mwh.sum())))
    if sums.demand_response_mwh > 0:
        cut_from_buyers(state["energy"], sums.demand_response_mwh, bought_mwh)
    if sums.unserved_mwh > 0:
        _share_shortage(world, unserved_mw, own_mwh)
    _use_roofs(world)


def _units(world: World) -> Units:
    """Return the generating units of the quarter."""
    power, constants = world.power, world.constants
    power.capacity_mw[-1] = world.plans.roof_pv_mw.sum()
    return Units(
        power.node, power.capacity_mw, power.availability, constants.unit_profile, constants.is_hydro,
        power.min_load_share, constants.curtailment_order, power.fuel, power.heat_rate_gj_per_mwh, power.tco2_per_gj,
        power.variable_om_cny_per_mwh,
    )  # fmt: skip


def _around(world: World) -> Around:
    """Return water, outside loads and limits of the quarter, and what storage holds."""
    power = world.power
    level = 1.0 if world.frozen else float(world.province_level[world.quarter])
    hours = float(world.constants.quarter_hours[world.quarter_of_year])
    # what the city makes itself is load of the province, and none of the grid's
    province_mwh = power.province_load_mwh * level * hours / HOURS_PER_YEAR - world.city.own_mwh
    return Around(
        power.river_share, world.outside.load_share, province_mwh, power.export_mwh,
        power.import_limit_mw(int(world.decimal_year)), float(world.plans.storage_mwh.sum()),
    )  # fmt: skip


def _check_supply(checks: SupplyChecks, storage_mwh: float, quarter: str) -> None:
    """Stop where electricity does not balance (B01) or a day of storage does not close (B02)."""
    check_cycles(checks.cycle_gaps_mwh, storage_mwh, quarter)
    if not checks.balance_gap_mwh <= BALANCE_TOLERANCE_MWH * max(1.0, 1e-9 * checks.largest_flow_mwh):
        raise ConservationError("B01 electricity", checks.balance_gap_mwh, "MWh", quarter)


def _share_shortage(world: World, unserved_mw: np.ndarray, city_mwh: float) -> None:
    """Cut enterprises in the strict order of their class, residents last, and take the output that goes with it."""
    state, constants, q = world.state, world.constants, world.quarter_of_year
    mwh = purchases_by_class(
        state["energy"], state["conduct"], constants.load_shape, city_mwh, constants.city_shape,
        constants.load_profiles.shape[1],
    )  # fmt: skip
    _cut(
        state["production"], state["conduct"], state["energy"], state.fuel_gj, world.plans.feedstock_gj,
        unserved_mw, mwh @ constants.load_profiles[q], city_mwh, world.outside.swing_mw_per_mwh,
        constants.hours[q], world.params,
    )  # fmt: skip
    world.recorder.event(world.quarter, "shortage", world.scenario.place.id, world.power.quarter.unserved_mwh, "MWh")


@compiled
def _cut(
    production, conduct, energy, fuel_gj, feedstock_gj, unserved_mw, demand_mw, city_mwh, city_swing_mw_per_mwh, hours,
    params,
):  # fmt: skip
    """Take from every enterprise what its class loses, and the output that goes with it."""
    demand_mw = demand_mw.reshape((SHED_CLASSES, *hours.shape))
    demand_mw[RESIDENTS] += city_mwh * city_swing_mw_per_mwh
    # demand response and storage have lowered the load already: what is unserved cannot exceed what is asked
    lost_mw = np.minimum(unserved_mw.reshape(hours.shape), demand_mw.sum(axis=0))
    shares = shed_by_slice(lost_mw, demand_mw, np.zeros(SHED_CLASSES, np.bool_), hours)
    for i in range(energy.size):
        energy[i].sheddable_share = shares[conduct[i].shed_class]
    loss_share = params[0].shed_output_loss
    apply_shortage_loss(production, energy, loss_share)
    curtail_use(production, energy, fuel_gj, feedstock_gj, loss_share)


def _use_roofs(world: World) -> None:
    """Split the generation of roofs into own use and export, by enterprise."""
    hours = world.constants.quarter_hours[world.quarter_of_year]
    use_roofs(
        world.state["energy"], world.constants.load_shape, world.plans.roof_pv_mw,
        world.power.quarter.roof_pv_mwh, world.reference.load_shapes, hours,
        world.params[0]["roof_pv_load_share"],
    )  # fmt: skip
