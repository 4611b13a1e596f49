"""Supply zones of high reliability: who pays the premium and holds storage is cut off last (SM12)."""

import dataclasses

import numpy as np
import pytest
from quarter_worlds import world_of

import transition_sim as ts
from transition_sim.quarter import city, government, money, power, production
from transition_sim.world.markets.shortage import HIGH_RELIABILITY, supply_reliably

HOURS = 2160.0


def test_sm12_the_zone_asks_for_two_hours_of_storage_and_a_premium():
    """Mean load 1 MW (2,160 MWh over 2,160 h) asks for 2 MWh; 50 CNY/MWh on the tariff of who has them."""
    world = world_of()
    n = world.state.n_enterprises
    energy, conduct = world.state["energy"], world.state["conduct"]
    energy["purchased_mwh"], energy["tariff_cny_per_mwh"] = HOURS, 600.0
    ordinary = conduct["shed_class"].copy()
    storage = np.zeros(n)
    storage[:3] = 2.0, 1.99, 40.0
    county = np.zeros(n, np.int64)
    county[2] = 1
    supply_reliably(energy, conduct, storage, county, np.array([True, False]), ordinary, HOURS, 2.0, 50.0)
    assert conduct["shed_class"][0] == HIGH_RELIABILITY
    assert (conduct["shed_class"][1:] == ordinary[1:]).all()
    assert energy["tariff_cny_per_mwh"].tolist() == [650.0] + [600.0] * (n - 1)
    # storage that is gone takes the place in the order with it
    supply_reliably(energy, conduct, np.zeros(n), county, np.array([True, False]), ordinary, HOURS, 2.0, 50.0)
    assert (conduct["shed_class"] == ordinary).all()


def short_of_power(year=None):
    """Return Guang'an cut off from the grid with coal for 70 % of its load; its counties are a zone from a year on."""
    world = world_of("guangan_city")
    n = world.state.n_enterprises
    world.plans.storage_mwh[: n // 2] = 1e3
    if year is not None:
        world.constants = dataclasses.replace(
            world.constants, reliable_from=np.full_like(world.constants.reliable_from, year)
        )
    government.open_programmes(world)
    production.plan(world)
    system = world.power
    system.import_limit = [(2020, 0.0)]
    coal = system.ids.index("coal_phase_1")
    system.capacity_mw[system.is_local] = 0.0
    system.capacity_mw[coal] = 0.7 * 7.5e6 / 8760.0 / system.availability[coal]
    city.live(world)
    power._set_tariffs(world)
    tariff = world.state["energy"]["tariff_cny_per_mwh"].copy()
    power.use_and_supply(world)
    return world, tariff


def test_sm12_members_of_a_zone_are_spared_while_others_have_power():
    start = ts.load_scenario("guangan_city").clock.start_year
    plain, tariff = short_of_power()
    later, _ = short_of_power(start + 1)
    zone, tariff_there = short_of_power(start)
    cut, cut_there = (w.state["energy"]["sheddable_share"] for w in (plain, zone))
    assert later.state["energy"]["sheddable_share"].tolist() == cut.tolist()
    member = zone.state["conduct"]["shed_class"] == HIGH_RELIABILITY
    assert 0 < member.sum() < member.size
    assert cut[member].max() > 0.5
    assert not cut_there[member].any()
    assert tariff_there[member] == pytest.approx(tariff[member] + 50.0)
    assert tariff_there[~member].tolist() == tariff[~member].tolist()


def test_the_premium_is_paid_to_the_grid_company():
    start = ts.load_scenario("guangan_city").clock.start_year
    worlds = [short_of_power(year)[0] for year in (start + 1, start)]
    for world in worlds:
        money._bills(world)
    plain, zone = (w.state["flows"]["power_cny"] for w in worlds)
    member = worlds[1].state["conduct"]["shed_class"] == HIGH_RELIABILITY
    use = worlds[1].state["energy"]["purchased_mwh"]
    dearer = zone[member] - use[member] * (worlds[0].state["energy"]["tariff_cny_per_mwh"][member])
    assert dearer == pytest.approx(50.0 * use[member])
    assert plain.sum() > 0
