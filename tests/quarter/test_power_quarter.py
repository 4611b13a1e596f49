"""The power phase: roofs, storage, demand response, and a shortage in its strict order (SM12, SM13, P10, A13, B01)."""

import numpy as np
import pytest
from quarter_worlds import world_of

from transition_sim.model import TransitionModel
from transition_sim.quarter import carbon, city, government, money, power, production
from transition_sim.quarter.city import grid_mwh

WORKS = 0


def supplied(place="minimal", storage_mwh=0.0, **levers):
    """Return a world whose power has been dispatched, with storage at the works."""
    world = world_of(place, **levers)
    government.open_programmes(world)
    production.plan(world)
    city.live(world)
    power.use_and_supply(world)
    if storage_mwh:
        world.plans.storage_mwh[WORKS] = storage_mwh
        power._run_power(world)
    return world


# --- roofs -------------------------------------------------------------------------------------------------------


def test_roof_power_is_split_by_the_midday_load():
    """Firm 1 uses 500 MWh and has 1 MW of roof, firm 2 has .1 MW and uses as much; 110 MWh are made, 100 and 10.

    A quarter has 2160 h; the roof's own share is .9 x the midday load over its size, at most 1.
    """
    world = world_of()
    energy, plans = world.state["energy"], world.plans
    energy["purchased_mwh"] = energy["electricity_mwh"] = 500.0
    energy["own_generation_mwh"] = 0.0
    plans.roof_pv_mw[:] = 0.0
    plans.roof_pv_mw[1], plans.roof_pv_mw[2] = 1.0, 0.1
    world.power.quarter.roof_pv_mwh = 110.0
    power._use_roofs(world)
    shape = world.reference.load_shapes[world.state["conduct"]["load_shape"][1], 0]
    midday = shape[[3, 4]].mean() * 8.0  # over the mean of the day
    load_mw = midday * 500.0 / world.constants.hours[0].sum()
    assert 0.2 < load_mw < 0.6
    kept = 0.9 * load_mw
    assert energy["own_generation_mwh"][1] == pytest.approx(100.0 * kept)
    assert energy["exported_mwh"][1] == pytest.approx(100.0 * (1 - kept))
    assert energy["purchased_mwh"][1] == pytest.approx(500.0 - 100.0 * kept)
    assert energy["own_generation_mwh"][2] == pytest.approx(10.0)
    assert energy["exported_mwh"][2] == pytest.approx(0.0)
    others = [0, 3, 4, 5, 6]
    assert (energy["purchased_mwh"][others] == 500.0).all()
    assert energy["own_generation_mwh"].sum() + energy["exported_mwh"].sum() == pytest.approx(110.0)


def test_a_roof_gives_nobody_more_than_it_uses():
    world = world_of()
    energy = world.state["energy"]
    energy["purchased_mwh"], energy["own_generation_mwh"] = 4.0, 0.0
    world.plans.roof_pv_mw[:] = 0.0
    world.plans.roof_pv_mw[1] = 1e-3
    world.power.quarter.roof_pv_mwh = 90.0
    power._use_roofs(world)
    assert energy["purchased_mwh"][1] == 0.0
    assert energy["exported_mwh"][1] == pytest.approx(86.0)


def test_surplus_of_roofs_is_paid_by_the_grid_and_once():
    world = world_of()
    world.state["energy"]["exported_mwh"][1] = 100.0
    world.plans.storage_mwh[:] = 0.0
    world.power.quarter.demand_response_mwh = 0.0
    before = world.state["flows"]["service_income_cny"].copy()
    money._bills(world)
    gain = world.state["flows"]["service_income_cny"] - before
    assert gain[1] == pytest.approx(100.0 * 1e3 * world.parameter("roof_pv_surplus_cny_per_kwh"))
    assert np.count_nonzero(gain) == 1
    assert world.ledger.payments["roof power and storage", "power_utility", "enterprises"] == pytest.approx(gain[1])


# --- storage and demand response ---------------------------------------------------------------------------------


def test_m07_storage_moves_load_only_where_time_of_use_pays():
    flat, flat_stored = supplied(), supplied(storage_mwh=1.0)
    assert flat_stored.power.quarter.peak_load_mw == flat.power.quarter.peak_load_mw
    assert flat_stored.power.quarter.delivered_mwh == pytest.approx(flat.power.quarter.delivered_mwh)
    levers = {"tou_peak_multiple": 1.6, "tou_valley_multiple": 0.4}
    priced, stored = supplied(**levers), supplied(storage_mwh=1.0, **levers)
    assert stored.power.quarter.peak_load_mw < priced.power.quarter.peak_load_mw - 0.01
    # losses of charging are drawn from the grid: at most two cycles of 1 MWh a day out, 2 / .86 in
    extra = stored.power.quarter.delivered_mwh - priced.power.quarter.delivered_mwh
    days = stored.constants.hours[0].sum() / 24.0
    assert 0.0 < extra <= 2.0 * days * (1 / 0.86 - 1) + 1e-6


def test_l23_demand_response_cuts_the_peak_and_is_paid_from_the_budget():
    calm, called = supplied(), supplied(demand_response_share=0.05)
    assert calm.power.quarter.demand_response_mwh == 0.0
    assert called.power.quarter.demand_response_mwh > 0.0
    # the peak block is called for 20 of its hours, so its mean falls by less than the 5 % that are enrolled
    assert 0.95 <= called.power.quarter.peak_load_mw / calm.power.quarter.peak_load_mw < 1.0
    assert called.power.quarter.demand_response_mw == pytest.approx(0.05 * calm.power.quarter.peak_load_mw)
    balance = called.budget.balance_cny
    money._bills(called)
    paid = min(balance, 2000.0 * called.power.quarter.demand_response_mwh)
    assert called.ledger.payments["demand response", "green_budget", "enterprises"] == pytest.approx(paid)
    assert balance - called.budget.balance_cny == pytest.approx(paid)
    assert called.notes.support_cny == pytest.approx(paid)


# --- shortage ----------------------------------------------------------------------------------------------------


def short_world(local_share: float):
    """Return Guang'an cut off, with local coal for a share of its mean load and no other local plant."""
    world = world_of("guangan_city")
    government.open_programmes(world)
    production.plan(world)
    planned = world.state["production"]["output_cny"].copy()
    load_mw = 7.5e6 / 8760.0
    system = world.power
    system.import_limit = [(2020, 0.0)]
    coal = system.ids.index("coal_phase_1")
    system.capacity_mw[system.is_local] = 0.0
    system.capacity_mw[coal] = local_share * load_mw / system.availability[coal]
    city.live(world)
    power.use_and_supply(world)
    return world, planned


def test_p10_a_shortage_sheds_in_the_strict_order():
    """Filled again here, slice by slice: a class loses power only in slices where all before it have lost theirs."""
    world, _ = short_world(0.7)
    calm = supplied("guangan_city")
    assert calm.power.quarter.unserved_mwh == 0.0
    constants, conduct = calm.constants, calm.state["conduct"]
    hours, profiles = constants.hours[0].ravel(), constants.load_profiles[0].reshape(-1, 48)
    demand_mw = np.zeros((5, 48))
    for i, use_mwh in enumerate(calm.state["energy"]["purchased_mwh"]):
        demand_mw[conduct["shed_class"][i]] += use_mwh * profiles[conduct["load_shape"][i]]
    demand_mw[4] += grid_mwh(calm) * profiles[constants.city_shape]
    available_mw = 0.7 * 7.5e6 / 8760.0
    lost_mwh, left_mwh = np.zeros(5), np.maximum(0.0, demand_mw.sum(axis=0) - available_mw) * hours
    assert world.power.quarter.unserved_mwh == pytest.approx(left_mwh.sum(), rel=1e-6)
    for c in range(5):
        cut_mwh = np.minimum(left_mwh, demand_mw[c] * hours)
        lost_mwh[c] = cut_mwh.sum()
        left_mwh = left_mwh - cut_mwh
    want = lost_mwh / (demand_mw * hours).sum(axis=1)
    assert want[0] > 0.5
    assert 0.0 <= want[4] < want[0]  # residents last
    np.testing.assert_allclose(world.state["energy"]["sheddable_share"], want[conduct["shed_class"]], rtol=1e-6)


def test_p10_a_light_shortage_spares_everybody_but_the_first_class():
    world, planned = short_world(1.45)
    share, shed = world.state["energy"]["sheddable_share"], world.state["conduct"]["shed_class"]
    assert world.power.quarter.unserved_mwh > 0
    assert (share[shed == 0] > 0).all()
    assert not share[shed > 0].any()
    # output falls by .9 of the power cut, the same for all of the class
    output = world.state["production"]["output_cny"]
    np.testing.assert_allclose(output[shed == 0], planned[shed == 0] * (1 - 0.9 * share[shed == 0]))
    np.testing.assert_allclose(output[shed > 0], planned[shed > 0])
    # no city load is lost, so what is unserved is what the first class did not get
    use = world.state["energy"]["electricity_mwh"]
    lost = (use / (1 - share) * share)[shed == 0].sum()
    own = world.state["energy"]["own_generation_mwh"].sum()
    assert own == 0.0
    assert lost == pytest.approx(world.power.quarter.unserved_mwh, rel=1e-6)
    assert [e.unit for e in world.recorder.events if e.kind == "shortage"] == ["MWh"]


def test_nobody_is_shed_where_power_suffices():
    world = supplied()
    assert world.power.quarter.unserved_mwh == 0.0
    assert not world.state["energy"]["sheddable_share"].any()


def test_a_run_through_a_shortage_closes_all_books():
    """Identities are checked every quarter, so three quarters of shortage that pass are the proof."""
    world = world_of("guangan_city")
    world.power.import_limit = [(2020, 0.0)]
    world.power.start_mw[world.power.is_local] *= 0.2
    model = TransitionModel(world)
    for _ in range(3):
        model.step()
        assert world.power.quarter.unserved_mwh > 0
        assert world.state["energy"]["sheddable_share"].max() <= 1.0


# --- tariffs -----------------------------------------------------------------------------------------------------


def test_sm13_the_tariff_of_the_first_quarter_by_hand():
    """January to March is dry, 5 % is lost: .36 x 1.2 x 1.05 + network .17 + levy .03 = .6536 CNY/kWh."""
    world = supplied()
    p = world.params[0]
    fixed = p["tariff_network_10kv_cny_per_kwh"] + p["tariff_levy_cny_per_kwh"]
    dry = 1e3 * (p["tariff_market_cny_per_kwh"] * p["season_dry"] * 1.05 + fixed)
    assert dry == pytest.approx(653.6)
    np.testing.assert_allclose(world.state["energy"]["tariff_cny_per_mwh"], dry)
    world.constants.voltage[WORKS] = 1
    try:
        power._set_tariffs(world)
        assert world.state["energy"]["tariff_cny_per_mwh"][WORKS] == pytest.approx(603.6)
    finally:
        world.constants.voltage[WORKS] = 0


def test_l19_dearer_tiers_lower_the_use_of_households():
    cheap, dear = supplied(), supplied(household_tier2_cny_per_kwh=0.62, household_tier3_cny_per_kwh=0.82)
    assert cheap.tariffs.household_cny_per_mwh == pytest.approx(520.0)
    assert grid_mwh(cheap) == pytest.approx(2500.0)
    ratio = dear.tariffs.household_cny_per_mwh / 520.0
    assert ratio > 1.0
    assert grid_mwh(dear) == pytest.approx(2500.0 * ratio**-0.1)


def test_l27_a_carbon_price_is_counted_on_what_is_burnt_here_and_not_on_bought_heat():
    """A slot that uses nothing but purchased heat costs the same with and without a carbon price."""
    free, priced = world_of(), world_of()
    priced.levers["carbon_price_floor_cny_per_tco2"] = 200.0
    for world in (free, priced):
        world.state["conduct"]["is_carbon_covered"] = True
        government.open_programmes(world)
        carbon.open_market(world)
        production.plan(world)
        power.use_and_supply(world)
    carriers = world.labels["carriers"]
    kinds, assets = world.reference.technologies, free.state.assets[: free.state.n_assets]
    by_slot: dict[int, set] = {}
    for asset in assets:
        by_slot.setdefault(int(asset["slot"]), set()).add(int(kinds["carrier"][asset["technology"]]))
    heat, coal = carriers.index("heat"), carriers.index("coal")
    only_heat = [s for s, found in by_slot.items() if found == {heat}]
    only_coal = [s for s, found in by_slot.items() if found == {coal}]
    rise = priced.state.slots["cost_cny_per_unit"] - free.state.slots["cost_cny_per_unit"]
    assert only_coal
    assert (rise[only_coal] > 0).all()
    if only_heat:
        np.testing.assert_allclose(rise[only_heat], 0.0, atol=1e-9)
