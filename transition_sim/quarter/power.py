"""Phase 6: energy services, tariffs, dispatch of the power system, and what a shortage takes (SM03, SM12, SM13)."""

import numpy as np

from transition_sim.agents.investment import storage_value_cny_per_mwh_day
from transition_sim.core.errors import ConservationError
from transition_sim.quarter import expectations
from transition_sim.world.accounting.emissions import trade_of_power_mwh
from transition_sim.world.markets.power import Dispatch, available_mw, dispatch, power_balance_residual
from transition_sim.world.markets.shortage import RESIDENTS, SHED_CLASSES, shed_by_slice
from transition_sim.world.markets.storage import apply_storage, check_cycles, demand_response
from transition_sim.world.markets.tariffs import (
    household_mean_cny_per_mwh,
    tariff_by_slice,
)
from transition_sim.world.power_system import PROVINCE, PowerQuarter
from transition_sim.world.production import apply_shortage_loss
from transition_sim.world.services import EnergyTerms, count_devices, curtail_use, electricity_by_shape, use_energy
from transition_sim.world.world import World

MIDDAY_BLOCKS = (3, 4)
PASS_THROUGH = 0.2
"""Share of a change of the dispatch price that reaches the market part of tariffs: regulated prices (SM02)."""
HOUSEHOLD_ELASTICITY = 0.1
"""Answer of the city's own electricity use to the household tariff (SM26)."""
BALANCE_TOLERANCE_MWH = 1e-6


def use_and_supply(world: World) -> None:
    """Set tariffs, turn output into energy, dispatch, and share out a shortage."""
    _set_tariffs(world)
    state, constants = world.state, world.constants
    carbon = world.lever("carbon_price_floor_cny_per_tco2")
    years = 0.0 if world.frozen else world.decimal_year - world.scenario.place.base_year
    use_energy(
        state["production"], state["conduct"], state["energy"], state.slots, state.slot_start, state.assets,
        world.reference.technologies, constants.rules,
        EnergyTerms(state.carrier_cny_per_gj, constants.scope1_tco2_per_gj, carbon), constants.process, years,
        state.fuel_gj, world.plans.feedstock_gj,
    )  # fmt: skip
    count_devices(
        state.slots, state.slot_start, state.assets, constants.rules, world.plans.roof_pv_mw, world.plans.storage_mwh
    )
    state["energy"]["sheddable_share"] = 0.0
    _run_power(world)


def _set_tariffs(world: World) -> None:
    """Write the tariff of the quarter of every enterprise (SM13)."""
    p, tariffs, state, q = world.params[0], world.tariffs, world.state, world.quarter_of_year
    season = np.array([p["season_wet"], p["season_shoulder"], p["season_dry"]])
    tariffs.slice_cny_per_mwh = tariff_by_slice(
        q, p["tariff_market_cny_per_kwh"] * market_factor(world), season, world.lever("tou_peak_multiple"),
        world.lever("tou_valley_multiple"), p["sharp_multiple_on_peak"], world.power.loss_share,
        p["tariff_network_10kv_cny_per_kwh"], p["tariff_levy_cny_per_kwh"],
    )  # fmt: skip
    hours = world.constants.hours[q]
    # a profile is MW per MWh of the quarter: its product with hours weights the slices of a bill
    weights = world.constants.load_profiles[q] * hours.ravel()
    tariffs.shape_cny_per_mwh[q] = weights @ tariffs.slice_cny_per_mwh.ravel()
    tariffs.midday_cny_per_mwh[q] = tariffs.slice_cny_per_mwh[:, 0, MIDDAY_BLOCKS].mean()
    tariffs.storage_cny_per_mwh_day[q] = storage_value_cny_per_mwh_day(
        tariffs.slice_cny_per_mwh, hours, p["storage_efficiency_share"], int(p["storage_cycles_per_day"])
    )
    energy = state["energy"]
    discount = world.constants.voltage * expectations.high_voltage_discount(world)
    energy["tariff_cny_per_mwh"] = tariffs.shape_cny_per_mwh[q][state["conduct"]["load_shape"]] - discount
    energy["tariff_cny_per_mwh"] += energy["surcharge_cny_per_mwh"]
    tariffs.household_cny_per_mwh = household_mean_cny_per_mwh(
        p["household_use_kwh_per_month"], p["household_tier1_cny_per_kwh"],
        world.lever("household_tier2_cny_per_kwh"), world.lever("household_tier3_cny_per_kwh"),
        p["household_limit1_kwh_per_month"], p["household_limit2_kwh_per_month"], p["household_use_log_sd"],
    )  # fmt: skip


def market_factor(world: World) -> float:
    """Return the market part of tariffs relative to the base year.

    The value of power in the dispatch over the last four quarters, hours of shortage left out, against the year
    before the start; a fifth of its change reaches tariffs.
    """
    power = world.power
    if world.frozen or power.tariff_base_value_cny_per_mwh <= 0:
        return 1.0
    recent = float(np.mean(power.values_cny_per_mwh[-4:]))
    return 1.0 + PASS_THROUGH * (recent / power.tariff_base_value_cny_per_mwh - 1.0)


def city_mwh(world: World) -> float:
    """Return the electricity of the other sectors of the place this quarter, MWh, after their answer to tiers (L19)."""
    q = world.quarter % 4 if world.frozen else world.quarter
    base = float(world.city.electricity_mwh[q].sum())
    flat = 1e3 * float(world.params[0]["household_tier1_cny_per_kwh"])
    answer = (world.tariffs.household_cny_per_mwh / flat) ** (-HOUSEHOLD_ELASTICITY)
    return base * answer * world.outside.load_factor


def _run_power(world: World) -> None:
    state, constants, power, q = world.state, world.constants, world.power, world.quarter_of_year
    hours, p = constants.hours[q], world.params[0]
    shapes = world.reference.load_shapes.shape[0]
    firm_mwh = electricity_by_shape(state["energy"]["purchased_mwh"], state["conduct"]["load_shape"], shapes)
    own_mwh = city_mwh(world)
    by_shape = firm_mwh.copy()
    by_shape[constants.city_shape] += own_mwh
    load = (by_shape @ constants.load_profiles[q]).reshape(hours.shape)
    load += own_mwh * world.outside.swing_mw_per_mwh
    place_mwh = float(firm_mwh.sum()) + own_mwh
    cut = demand_response(load, world.lever("demand_response_share"), hours, p["demand_response_hours"])
    stored = float(world.plans.storage_mwh.sum())
    daily_mwh = stored * float(p["storage_cycles_per_day"])
    charge, discharge = apply_storage(
        load, world.tariffs.slice_cny_per_mwh, stored / p["storage_hours"], daily_mwh, p["storage_efficiency_share"]
    )
    check_cycles(charge, discharge, float(p["storage_efficiency_share"]), daily_mwh, world.label)
    province, export = _outside_loads(world, place_mwh, hours)
    served = load - cut + charge - discharge
    result = _dispatch(world, served, province, export)
    residual = power_balance_residual(result, load, province, export, power.node, hours, charge, discharge, cut)
    worst = float(np.abs(residual).max())
    if not worst <= BALANCE_TOLERANCE_MWH * max(1.0, 1e-9 * float((province * hours).max())):
        raise ConservationError("B01 electricity", worst, "MWh", world.label)
    power.quarter = _sum_up(world, result, served, hours)
    power.quarter.demand_response_mwh = _respond(world, float((cut * hours).sum()))
    power.quarter.demand_response_mw = float(world.lever("demand_response_share") * load.max())
    power.quarter.peak_load_mw = float(served.max())
    if power.quarter.unserved_mwh > 0:
        _share_shortage(world, result.unserved_place_mw, own_mwh, hours)
    _use_roofs(world)


def _respond(world: World, cut_mwh: float) -> float:
    """Take the energy of demand response from what enterprises buy, in proportion; return it, MWh (L23)."""
    energy = world.state["energy"]
    bought = float(energy["purchased_mwh"].sum())
    if cut_mwh <= 0 or bought <= 0:
        return 0.0
    kept = 1.0 - min(1.0, cut_mwh / bought)
    energy["electricity_mwh"] -= (1.0 - kept) * energy["purchased_mwh"]
    energy["purchased_mwh"] *= kept
    return cut_mwh


def _outside_loads(world: World, place_mwh: float, hours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return load of the rest of the province and contracted export by slice, MW.

    The load at power stations follows the hours of the quarter; exports follow the water.
    """
    power, q, constants = world.power, world.quarter_of_year, world.constants
    level = 1.0 if world.frozen else float(world.province_level[world.quarter])
    quarter_mwh = power.province_load_mwh * level * hours.sum() / 8760.0
    rest = max(0.0, quarter_mwh - place_mwh)
    months = constants.export_share_by_month[3 * q : 3 * q + 3] * power.export_mwh / hours.sum(axis=(1, 2))
    return rest * constants.province_profile[q] * world.outside.load_share[:, None, None], np.broadcast_to(
        months[:, None, None], hours.shape
    ).copy()


def _dispatch(world: World, load: np.ndarray, province: np.ndarray, export: np.ndarray) -> Dispatch:
    power, constants, p = world.power, world.constants, world.params[0]
    power.capacity_mw[-1] = float(world.plans.roof_pv_mw.sum())
    capacity = available_mw(
        power.capacity_mw, power.availability, constants.unit_profile, constants.profile_stack, constants.is_hydro,
        power.river_share, world.quarter_of_year,
    )  # fmt: skip
    cost = power.marginal_cost_cny_per_mwh(world.state.carrier_cny_per_gj, _plant_carbon(world))
    return dispatch(
        load, province, export, power.node, capacity, power.min_load_share, cost, constants.curtailment_order,
        power.import_limit_mw(int(world.decimal_year)), p["voll_cny_per_mwh"], p["export_priority_share"],
    )  # fmt: skip


def _plant_carbon(world: World) -> float:
    """Return the carbon price that plants count, CNY/tCO2: free allocation lowers it (SM12)."""
    return world.lever("carbon_price_floor_cny_per_tco2") * (1.0 - world.parameter("power_free_share"))


def _sum_up(world: World, result: Dispatch, load: np.ndarray, hours: np.ndarray) -> PowerQuarter:
    """Turn a dispatch into the sums of the quarter, and remember value and emissions of power."""
    power, p = world.power, world.params[0]
    generation = (result.generation_mw * hours).sum(axis=(1, 2, 3))
    local_mw = result.generation_mw[power.is_local].sum(axis=0)
    use = load - result.unserved_place_mw
    exported, imported = trade_of_power_mwh(local_mw * hours, use * hours)
    tonnes = generation * power.tco2_per_mwh
    priced = result.price_cny_per_mwh < p["voll_cny_per_mwh"]
    weight = load * hours * priced
    value = float((result.price_cny_per_mwh * weight).sum() / weight.sum()) if weight.sum() > 0 else 0.0
    local = float(generation[power.is_local].sum())
    power.values_cny_per_mwh.append(value)
    power.factors_tco2_per_mwh.append((float(tonnes.sum()), float(generation.sum())))
    clean = float(generation[tonnes <= 0].sum())
    curtailed = float(((result.curtailed_mw + result.spilled_mw)[power.is_local] * hours).sum())
    return PowerQuarter(
        generation_mwh=generation,
        delivered_mwh=float((use * hours).sum()),
        unserved_mwh=float((result.unserved_place_mw * hours).sum()),
        curtailed_mwh=curtailed,
        exported_mwh=exported,
        imported_mwh=imported,
        value_cny_per_mwh=value,
        local_tco2=float(tonnes[power.is_local].sum()),
        local_generation_mwh=local,
        province_tco2_per_mwh=float(tonnes[power.node == PROVINCE].sum())
        / max(1.0, float(generation[power.node == PROVINCE].sum())),
        province_clean_share=clean / max(1.0, float(generation.sum())),
        roof_pv_mwh=float(generation[-1]),
    )


def _share_shortage(world: World, unserved_mw: np.ndarray, city: float, hours: np.ndarray) -> None:
    """Cut enterprises in the strict order of their class, residents last, and take the output that goes with it."""
    state, q = world.state, world.quarter_of_year
    shape, shed = state["conduct"]["load_shape"], state["conduct"]["shed_class"]
    shapes = world.reference.load_shapes.shape[0]
    key = shed.astype(np.int64) * shapes + shape
    mwh = np.bincount(key, state["energy"]["purchased_mwh"], SHED_CLASSES * shapes).reshape(SHED_CLASSES, shapes)
    mwh[RESIDENTS, world.constants.city_shape] += city
    demand = (mwh @ world.constants.load_profiles[q]).reshape(SHED_CLASSES, *hours.shape)
    demand[RESIDENTS] += city * world.outside.swing_mw_per_mwh
    # demand response and storage have lowered the load already: what is unserved cannot exceed what is asked
    lost = np.minimum(unserved_mw, demand.sum(axis=0))
    shares = shed_by_slice(lost, demand, np.zeros(SHED_CLASSES, bool), hours)
    state["energy"]["sheddable_share"] = shares[shed]
    loss = world.params[0]["shed_output_loss"]
    apply_shortage_loss(state["production"], state["energy"], loss)
    curtail_use(state["production"], state["energy"], state.fuel_gj, world.plans.feedstock_gj, loss)
    world.recorder.event(world.quarter, "shortage", world.scenario.place.id, world.power.quarter.unserved_mwh, "MWh")


def _use_roofs(world: World) -> None:
    """Split the generation of roofs into own use and export, by enterprise."""
    roofs, energy = world.plans.roof_pv_mw, world.state["energy"]
    energy["exported_mwh"] = energy["roof_used_mwh"] = 0.0
    total = roofs.sum()
    if total <= 0:
        return
    made = world.power.quarter.roof_pv_mwh * roofs / total
    hours = float(world.constants.hours[world.quarter_of_year].sum())
    midday = 8.0 * world.reference.load_shapes[:, 0, MIDDAY_BLOCKS].mean(axis=1)
    load_mw = midday[world.state["conduct"]["load_shape"]] * energy["purchased_mwh"] / hours
    kept = np.minimum(1.0, world.params[0]["roof_pv_load_share"] * load_mw / np.where(roofs > 0, roofs, 1.0))
    own = np.minimum(made * kept, energy["purchased_mwh"])
    energy["own_generation_mwh"] += own
    energy["roof_used_mwh"] = own
    energy["purchased_mwh"] -= own
    energy["exported_mwh"] = made - own
