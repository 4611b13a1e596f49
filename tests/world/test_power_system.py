"""The table of generating units: growth, retrofit, costs, limits, and the provincial factor (SM12, L50)."""

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.scenarios import registry
from transition_sim.world.markets.power import UnitPrices, marginal_costs_cny_per_mwh
from transition_sim.world.markets.supply import Units
from transition_sim.world.power_system import PLACE, ROOF_PV, build_power_system
from transition_sim.world.reference import reference

CARRIERS = list(registry.carrier_ids())
PARAMS = registry.parameter_record({})


def system(place: str = "minimal", **power_overlay):
    spec = ts.load_scenario(place, overlay={"place": {"power": power_overlay}} if power_overlay else None).place
    ref = reference()
    return build_power_system(spec, CARRIERS, ref.carrier_tco2_per_gj, PARAMS, ref.profiles["pv"])


def test_units_stand_as_the_place_says_and_the_roofs_come_last():
    power = system("guangan_city")
    assert power.ids[-1] == ROOF_PV
    assert power.start_mw[-1] == 0.0
    assert power.node[-1] == PLACE
    assert power.start_mw[power.is_local & (np.array(power.kinds) == "coal")].sum() == pytest.approx(2400.0)
    # hydro of the place: 180 + 108 + 28.5 + 34.5 + 39 + 40 = 430 MW
    assert power.start_mw[power.is_local & (np.array(power.kinds) == "hydro")].sum() == pytest.approx(430.0)


def test_emission_factor_is_heat_rate_times_carbon_of_the_fuel():
    power = system()
    # 10 GJ/MWh x .09089 t/GJ
    assert power.tco2_per_mwh[power.ids.index("coal_unit")] == pytest.approx(0.9089)
    # 8 GJ/MWh x .05561
    assert power.tco2_per_mwh[power.ids.index("province_gas")] == pytest.approx(0.44488)
    clean = [k for k, kind in enumerate(power.kinds) if kind in ("hydro", "pv", "wind", "biomass")]
    assert not power.tco2_per_mwh[clean].any()


def test_heat_rates_in_gce_become_gj():
    # 340 gce/kWh = .340 tce/MWh x 29.3076 = 9.9646 GJ/MWh
    power = system("guangan_city")
    assert power.heat_rate_gj_per_mwh[power.ids.index("coal_phase_1")] == pytest.approx(9.9646, rel=1e-4)


def test_marginal_cost_is_fuel_upkeep_and_carbon():
    power = system()
    fuel_cny, om = np.zeros(len(CARRIERS)), float(PARAMS[0]["coal_om_cny_per_mwh"])
    fuel_cny[CARRIERS.index("coal")] = 20.0
    none = np.zeros(len(power.ids))
    units = Units(
        power.node, power.capacity_mw, power.availability, none, none, power.min_load_share, none, power.fuel,
        power.heat_rate_gj_per_mwh, power.tco2_per_gj, power.variable_om_cny_per_mwh,
    )  # fmt: skip

    def cost(unit, carbon_cny_per_tco2, allowance_cny_per_mwh):
        prices = UnitPrices(fuel_cny, carbon_cny_per_tco2, none + allowance_cny_per_mwh)
        return marginal_costs_cny_per_mwh(units, prices)[power.ids.index(unit)]

    assert cost("coal_unit", 0.0, 0.0) == pytest.approx(200.0 + om)
    # 100 CNY/t x .9089 t/MWh = 90.89
    assert cost("coal_unit", 100.0, 0.0) == pytest.approx(290.89 + om)
    assert cost("coal_unit", 100.0, 5.0) == pytest.approx(295.89 + om)
    assert cost("hydro_station", 100.0, 0.0) == 0.0


def test_provincial_rows_grow_and_plants_stay():
    power = system("guangan_city")
    power.grow(2022.0)
    # 3.5 % a year over two years
    assert power.capacity_mw[power.ids.index("province_hydro")] == pytest.approx(86e3 * 1.035**2)
    assert power.capacity_mw[power.ids.index("coal_phase_3")] == pytest.approx(1200.0)
    power.grow(2020.0)
    np.testing.assert_allclose(power.capacity_mw, power.start_mw)


def test_l50_retrofit_saves_coal_lowers_the_minimum_and_is_paid_once():
    power = system("guangan_city")
    coal, local = np.array(power.kinds) == "coal", power.is_local
    power.min_load_share[:] = np.where(coal, 0.5, 0.0)
    before = power.heat_rate_gj_per_mwh.copy()
    # half of 2400 MW, 6 gce/kWh each: mean heat rate falls by 3 gce/kWh = .003 x 29.3076 GJ/MWh
    assert power.apply_retrofit(0.5, 6.0, 0.5, 0.35) == pytest.approx(1200.0)
    np.testing.assert_allclose((before - power.heat_rate_gj_per_mwh)[coal & local], 0.003 * 29.3076)
    np.testing.assert_allclose(power.min_load_share[coal & local], 0.425)
    assert not (before - power.heat_rate_gj_per_mwh)[~local].any()
    np.testing.assert_allclose(power.min_load_share[coal & ~local], 0.5)
    assert power.apply_retrofit(0.5, 6.0, 0.5, 0.35) == 0.0
    # a programme that shrinks does not undo what is built
    assert power.apply_retrofit(0.2, 6.0, 0.5, 0.35) == 0.0
    np.testing.assert_allclose(power.min_load_share[coal & local], 0.425)
    assert power.apply_retrofit(1.0, 6.0, 0.5, 0.35) == pytest.approx(1200.0)
    np.testing.assert_allclose(power.min_load_share[coal & local], 0.35)


def test_substations_grow_in_steps():
    power = system("guangan_city")
    assert [power.import_limit_mw(y) for y in (2018, 2020, 2022, 2023, 2029, 2030, 2050)] == [
        1900, 1900, 1900, 2300, 2900, 3400, 3400,
    ]  # fmt: skip


def test_the_published_factor_moves_with_the_dispatched_mix():
    power = system()
    assert power.province_factor() == pytest.approx(0.5)
    power.start_province_tco2_per_mwh = 0.2
    # 100, 200, 300 and 400 t in 1000 MWh each: .25 against .2 lifts .5 to .625; older quarters drop out
    power.factors_tco2_per_mwh = [(9e9, 1.0), (100.0, 1000.0), (200.0, 1000.0), (300.0, 1000.0), (400.0, 1000.0)]
    assert power.province_factor() == pytest.approx(0.625)


def test_roofs_yield_what_the_place_says():
    """A MW of roofs at the availability of its row gives 950 MWh over the PV profile of a year of 8760 h."""
    power, profile = system(), reference().profiles["pv"]
    availability = power.availability[-1]
    assert availability * profile.mean() * 8760.0 == pytest.approx(950.0)
    assert power.open_share[-1] == 0.0


def test_a_thermal_unit_needs_a_heat_rate():
    spec = ts.load_scenario("minimal").place
    units = [u.model_copy(update={"heat_rate": None}) if u.id == "coal_unit" else u for u in spec.power.units]
    broken = spec.model_copy(update={"power": spec.power.model_copy(update={"units": units})})
    ref = reference()
    with pytest.raises(ValueError, match="thermal units need a heat rate: coal_unit"):
        build_power_system(broken, CARRIERS, ref.carrier_tco2_per_gj, PARAMS, ref.profiles["pv"])
