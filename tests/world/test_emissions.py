"""Scopes of enterprises and the two inventories of the place (SM19, B05)."""

import numpy as np
import pytest

from transition_sim.core.tables import allocate
from transition_sim.scenarios import registry
from transition_sim.world.accounting.emissions import Inventory, account_enterprises, trade_of_power_mwh
from transition_sim.world.state import ENERGY

CARRIERS = registry.carrier_ids()
FACTORS = np.ascontiguousarray(registry.carrier_table()["co2_t_per_gj"])


def accounted(fuels, **fields):
    energy, fuel_gj = allocate(ENERGY, 1), np.zeros((1, len(CARRIERS)))
    for name, gj in fuels.items():
        fuel_gj[0, CARRIERS.index(name)] = gj
    for name, value in fields.items():
        energy[name] = value
    account_enterprises(energy, fuel_gj, np.zeros_like(fuel_gj), FACTORS, 0.15, 0.1229, 0.3055)
    return energy[0]


def test_sm19_scope_1_is_fuel_and_process_less_capture():
    """1000 GJ coal x .09089 + 100 GJ gas x .05561 = 96.451; + process 50 - captured 20 = 126.451 t."""
    row = accounted({"coal": 1000.0, "natural_gas": 100.0}, process_tco2=50.0, captured_tco2=20.0)
    assert row["scope1_tco2"] == pytest.approx(126.451)
    assert row["scope2_location_tco2"] == 0.0


def test_sm19_purchased_heat_and_power_are_scope_2():
    """100 MWh x .15 + 200 GJ x .11 = 37 t; power made on the own roof carries nothing."""
    row = accounted({"heat": 200.0}, purchased_mwh=100.0, electricity_mwh=130.0, own_generation_mwh=30.0)
    assert row["scope1_tco2"] == 0.0
    assert row["scope2_location_tco2"] == pytest.approx(37.0)


def test_sm19_biomass_counts_as_energy_and_not_as_carbon():
    """293.076 GJ = 10 tce; 100 MWh bought or from roofs = 12.29 or 30.55 tce; 30 of waste heat are in the fuel."""
    row = accounted({"biomass": 293.076}, electricity_mwh=130.0, purchased_mwh=60.0, roof_used_mwh=40.0)
    assert row["scope1_tco2"] == 0.0
    assert row["energy_calorific_tce"] == pytest.approx(22.29)
    assert row["energy_coal_equivalent_tce"] == pytest.approx(40.55)


def test_b05_factors_are_those_of_the_specification():
    expected = {"coal": 0.09089, "coke": 0.1003, "diesel": 0.07259, "gasoline": 0.06791, "natural_gas": 0.05561}
    for name, factor in expected.items():
        assert FACTORS[CARRIERS.index(name)] == pytest.approx(factor, abs=5e-5)
    assert FACTORS[CARRIERS.index("biomass")] == 0.0


def test_sm19_inventories_by_hand():
    """100 + 50 - 20 + 30 + 200 = 360 t inside; less 100 MWh sent out at .8, plus 40 taken in at .15: 286 t."""
    place = Inventory(100.0, 50.0, 20.0, 30.0, 200.0, 100.0, 40.0, 0.8, 0.15)
    assert place.territorial_tco2 == pytest.approx(360.0)
    assert place.dual_control_tco2 == pytest.approx(286.0)


def test_sm19_trade_is_counted_slice_by_slice():
    """+30 by day and -20 by night are 30 out and 20 in, not 10 out."""
    assert trade_of_power_mwh(np.array([80.0, 40.0]), np.array([50.0, 60.0])) == (30.0, 20.0)
    assert trade_of_power_mwh(np.array([50.0]), np.array([50.0])) == (0.0, 0.0)
