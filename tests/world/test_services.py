"""Energy services: merit order, measures, capture, feedstock, devices, by hand and against a slow twin (SM03, SM19)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transition_sim.agents.attention import cost_change
from transition_sim.core.tables import allocate
from transition_sim.scenarios import registry
from transition_sim.world.devices import count_devices
from transition_sim.world.equipment import share_out
from transition_sim.world.markets.supply import add_by_shape
from transition_sim.world.services import (
    EnergyTerms,
    ProcessTerms,
    curtail_use,
    cut_from_buyers,
    rows_of_kinds,
    service_rules,
    smooth_costs,
    use_energy,
)
from transition_sim.world.state import ASSETS, ENTERPRISE_TABLES, SLOTS

COAL, COKE, GAS, DIESEL, GASOLINE, BIOMASS, RDF, HEAT, ELECTRICITY = range(9)
PRICE = np.array([30.0, 70.0, 60.0, 160.0, 190.0, 60.0, 8.0, 90.0, 0.0])
FACTOR = np.array([0.09, 0.10, 0.055, 0.073, 0.068, 0.0, 0.045, 0.11, 0.0])
TERMS = EnergyTerms(PRICE, FACTOR)
PROCESS = ProcessTerms(np.array([0.0, 1e-4]), 0.535, 0.12, 2.5)
SERVICES = list(registry.service_ids())
TECHNOLOGIES = list(registry.technology_ids())
TABLE = registry.technology_table()
RULES = service_rules(registry.services(), TABLE, 0.004)


def dispatch_service(first_asset, demand_unit, firm):
    """Split a demand over the equipment of a firm at 100 CNY/GJ of electricity and no carbon price."""
    row, cost = np.empty(firm.assets.size, np.int64), np.empty(firm.assets.size)
    return share_out(first_asset, demand_unit, firm.assets, firm.technologies, 100.0, PRICE, row, cost)


class Firm:
    """One enterprise of sector 0 with output 100, tariff 360 CNY/MWh (100 CNY/GJ); slots as listed."""

    def __init__(self, *slots):
        for name in ("production", "conduct", "energy", "finance"):
            setattr(self, name, allocate(ENTERPRISE_TABLES[name], 1))
        self.production["output_cny"] = 100.0
        self.conduct["capability"] = 0.5
        self.energy["tariff_cny_per_mwh"] = 360.0
        self.slots = allocate(SLOTS, len(slots))
        self.slots["host"] = -1
        self.slots["first_asset"] = -1
        self.slot_start = np.array([0, len(slots)], dtype=np.int64)
        self.assets = allocate(ASSETS, 40)
        self.assets["next_asset"] = -1
        self.n_assets, self.technologies = 0, TABLE.copy()
        for s, (service, unit_per_cny, host, pieces) in enumerate(slots):
            self.slots["service"][s] = SERVICES.index(service)
            self.slots["unit_per_cny"][s] = unit_per_cny
            self.slots["host"][s] = host
            for technology, capacity, changes in pieces:
                self.add(s, technology, capacity, **changes)
        self.kind_start = rows_of_kinds(self.slots, self.slot_start, RULES)
        self.fuel_gj = np.zeros((1, 9))
        self.feedstock_gj = np.zeros((1, 9))

    def add(self, slot, technology, capacity, **changes):
        k = TECHNOLOGIES.index(technology)
        a = self.n_assets
        row = self.assets[a]
        row["slot"], row["technology"], row["status"] = slot, k, 1
        row["capacity_unit_per_year"] = capacity
        for name, value in changes.items():
            (row if name in row.dtype.names else self.technologies[k])[name] = value
        row["next_asset"] = self.slots["first_asset"][slot]
        self.slots["first_asset"][slot] = a
        self.n_assets += 1

    def run(self, years=0.0, terms=TERMS):
        use_energy(
            self.production, self.conduct, self.energy, self.slots, self.kind_start, self.assets, self.technologies,
            RULES, terms, PROCESS, years, self.fuel_gj, self.feedstock_gj,
        )  # fmt: skip
        return self.energy[0]


def plain(fuel, elec):
    return {"fuel_gj_per_unit": fuel, "elec_gj_per_unit": elec}


def test_sm03_merit_order_and_carriers_by_hand():
    """100 GJ a quarter: coal boiler 240/4 = 60 GJ at 1.4 x 30 + .02 x 100 = 44, gas 40 GJ at 60 + .01 x 100 = 61."""
    pieces = [("steam_gas", 400.0, plain(1.0, 0.01)), ("steam_coal_small", 240.0, plain(1.4, 0.02))]
    firm = Firm(("STEAM", 1.0, -1, pieces))
    use = firm.run()
    assert firm.assets["output_unit"][:2] == pytest.approx([40.0, 60.0])
    assert firm.fuel_gj[0, [COAL, GAS]] == pytest.approx([84.0, 40.0])
    assert use["electricity_mwh"] == pytest.approx((60 * 0.02 + 40 * 0.01) / 3.6)
    assert use["purchased_mwh"] == use["electricity_mwh"]
    assert firm.slots["cost_cny_per_unit"][0] == pytest.approx((60 * 44 + 40 * 61) / 100)


def test_sm03_a_carbon_price_turns_the_order():
    """At 400 CNY/t coal costs 44 + 1.4 x .09 x 400 = 94.4, gas 61 + .055 x 400 = 83; only for firms that pay it."""
    pieces = [("steam_gas", 400.0, plain(1.0, 0.01)), ("steam_coal_small", 400.0, plain(1.4, 0.02))]
    firm = Firm(("STEAM", 1.0, -1, pieces))
    firm.run()
    assert firm.assets["output_unit"][:2].tolist() == [0.0, 100.0]
    firm.conduct["carbon_cny_per_tco2"] = 400.0
    firm.run()
    assert firm.assets["output_unit"][:2].tolist() == [100.0, 0.0]
    assert firm.slots["cost_cny_per_unit"][0] == pytest.approx(83.0)


def test_sm03_a_heat_pump_serves_its_part_of_the_demand_only():
    """At most 40 % of demand, however large; the boiler gives the rest."""
    pieces = [("steam_heat_pump", 1e6, plain(0.0, 0.36)), ("steam_gas", 400.0, plain(1.0, 0.01))]
    firm = Firm(("STEAM", 1.0, -1, pieces))
    firm.run()
    assert firm.assets["output_unit"][:2] == pytest.approx([40.0, 60.0])


def test_sm03_overload_and_hired_boilers():
    """20 + 10 of 100 can be given: the dearer piece carries 80; without any, a hired gas boiler stands in."""
    pieces = [("steam_gas", 40.0, plain(1.0, 0.0)), ("steam_coal_small", 80.0, plain(1.4, 0.0))]
    firm = Firm(("STEAM", 1.0, -1, pieces))
    assert dispatch_service(1, 100.0, firm) == pytest.approx((70.0, 0.0))
    firm.run()
    assert firm.assets["output_unit"][:2] == pytest.approx([80.0, 20.0])
    firm.slots["first_asset"], firm.technologies = -1, TABLE
    firm.run()
    assert firm.fuel_gj[0, GAS] == pytest.approx(106.952)


def test_sm03_measures_multiply_and_cover_what_they_can():
    """Whole host at -10 % fuel, half of it at -5 %: .9 x .975; kiln fuel 3 GJ/t, 20 % of the rest to refuse-derived."""
    whole = ("clk_heat", 400.0, {})
    firm = Firm(
        ("CLINKER", 1.0, -1, [("nsp_5000", 400.0, plain(3.0, 0.216))]),
        ("CLK_HEAT", 0.0, 0, [whole]),
        ("CLK_FUEL", 0.0, 0, [("clk_fuel", 200.0, {})]),
    )
    firm.run()
    k, f = TECHNOLOGIES.index("clk_heat"), TECHNOLOGIES.index("clk_fuel")
    fuel = 300.0 * TABLE["host_fuel_factor"][k] * (1 + 0.5 * (TABLE["host_fuel_factor"][f] - 1))
    switched = 0.5 * TABLE["fuel_switch_share"][f]
    assert switched == pytest.approx(0.15)
    assert firm.fuel_gj[0, [COAL, RDF]] == pytest.approx([fuel * 0.85, fuel * 0.15])
    assert firm.energy["electricity_mwh"][0] == pytest.approx(21.6 * TABLE["host_elec_factor"][k] / 3.6)
    assert firm.energy["process_tco2"][0] == pytest.approx(53.5)
    assert firm.assets["output_unit"][:3] == pytest.approx([100.0, 100.0, 50.0])


def test_sm19_capture_takes_fuel_and_process_and_needs_energy():
    """100 t: 53.5 + 300 x .09 = 80.5 t, 90 % is 72.45 t; heat 2.5 GJ/t of coal uncaptured; power .12 MWh/t."""
    firm = Firm(
        ("CLINKER", 1.0, -1, [("nsp_5000", 400.0, plain(3.0, 0.216))]),
        ("CLK_CCUS", 0.0, 0, [("clk_ccus", 400.0, {})]),
    )
    use = firm.run()
    assert use["captured_tco2"] == pytest.approx(72.45)
    assert firm.fuel_gj[0, COAL] == pytest.approx(300.0 + 72.45 * 2.5)
    assert use["electricity_mwh"] == pytest.approx(6.0 + 72.45 * 0.12)
    assert use["process_tco2"] == pytest.approx(53.5)


def test_sm03_waste_heat_power_serves_the_works():
    """.108 GJ/t of 100 t is 3 MWh of the 6 MWh used; the cost of clinker falls by 10.8 x 100 / 100 CNY/t."""
    kiln = ("CLINKER", 1.0, -1, [("nsp_5000", 400.0, plain(3.0, 0.216))])
    bare, firm = Firm(kiln), Firm(kiln, ("CLK_WHR", 0.0, 0, [("clk_whr", 400.0, {})]))
    bare.run()
    use = firm.run()
    assert use["electricity_mwh"] == pytest.approx(6.0)
    assert use["own_generation_mwh"] == pytest.approx(3.0)
    assert use["purchased_mwh"] == pytest.approx(3.0)
    saved = bare.slots["cost_cny_per_unit"][0] - firm.slots["cost_cny_per_unit"][0]
    assert saved == pytest.approx(10.8)


def test_sm03_low_clinker_cement_lowers_process_and_fuel_alike():
    """.60 / .68 of everything."""
    firm = Firm(
        ("CLINKER", 1.0, -1, [("nsp_5000", 400.0, plain(3.0, 0.216))]),
        ("CLK_BLEND", 0.0, 0, [("clk_blend", 400.0, {})]),
    )
    use = firm.run()
    assert use["process_tco2"] == pytest.approx(53.5 * 0.60 / 0.68, rel=1e-5)
    assert firm.fuel_gj[0, COAL] == pytest.approx(300 * 0.60 / 0.68, rel=1e-5)


def test_sm03_feedstock_is_not_burnt_and_sectors_have_process_emissions():
    """Output 100 of a sector with 1e-4 t/CNY; 200 GJ of gas as feedstock, cost 60 CNY/GJ."""
    firm = Firm(("FEED", 2.0, -1, [("feed_gas", 1000.0, {})]))
    firm.production["sector"] = 1
    use = firm.run()
    assert firm.fuel_gj.sum() == 0.0
    assert firm.feedstock_gj[0, GAS] == pytest.approx(200.0)
    assert use["process_tco2"] == pytest.approx(0.01)
    assert firm.slots["cost_cny_per_unit"][0] == pytest.approx(60.0)


def test_sm03_prices_and_housekeeping_lower_demand():
    """Cost doubled, elasticity .25: 2^-.25; two years at .004 x (.5 + .5): .996^2; clinker .10 and no housekeeping."""
    firm = Firm(("STEAM", 1.0, -1, [("steam_gas", 1e4, {})]), ("CLINKER", 1.0, -1, [("nsp_5000", 1e4, {})]))
    firm.slots["start_cost_cny_per_unit"] = 30.0
    firm.slots["smoothed_cost_cny_per_unit"] = 60.0
    firm.run(years=2.0)
    assert firm.slots["demand_unit"] == pytest.approx([100 * 2**-0.25 * 0.996**2, 100 * 2**-0.10])


def test_p06_measured_rebound_of_a_retrofit_lies_within_ten_to_thirty_per_cent():
    """P06: a boiler 10 % better, elasticity .25: service cost settles, energy is measured before and after."""
    firm = Firm(("STEAM", 1.0, -1, [("steam_gas", 1e4, plain(1.1, 0.0))]))
    firm.slots["start_cost_cny_per_unit"] = firm.slots["smoothed_cost_cny_per_unit"] = 66.0
    firm.run()
    before = firm.fuel_gj.sum()
    firm.technologies["fuel_gj_per_unit"] = 1.0
    for _ in range(60):
        firm.run()
        smooth_costs(firm.slots, firm.kind_start, np.array([1], dtype=np.int8), 0.25, 0.4)
    saving = 1 - firm.fuel_gj.sum() / before
    assert before == pytest.approx(110.0)
    rebound = 1 - saving / (1 - 1 / 1.1)
    assert 0.10 <= rebound <= 0.30
    assert rebound == pytest.approx(1 - (1 - 1.1**-0.75) / (1 - 1 / 1.1), abs=1e-6)


def test_sm16_past_costs_move_by_a_quarter():
    """State-owned .4 x (60 - 10) = 20 up; what was comes before the older ones."""
    firm = Firm(("STEAM", 1.0, -1, [("steam_gas", 1e4, plain(1.0, 0.0))]))
    row = firm.slots[0]
    past = (("cost", 20), ("smoothed_cost", 10), ("cost_2", 7), ("cost_3", 8), ("cost_4", 9), ("cost_5", 6))
    for name, value in past:
        row[f"{name}_cny_per_unit"] = float(value)
    firm.run()
    assert row["cost_cny_per_unit"] == pytest.approx(60.0)
    assert [row[f"cost_{q}_cny_per_unit"] for q in (2, 3, 4, 5)] == [20.0, 7.0, 8.0, 9.0]
    smooth_costs(firm.slots, firm.kind_start, np.array([0], dtype=np.int8), 0.25, 0.4)
    assert row["smoothed_cost_cny_per_unit"] == pytest.approx(30.0)


def test_sm05_a_cost_is_held_against_the_same_season_of_the_year_before():
    """ln(c_t / c_t-4): tariffs of 600, 400, 500, 450 CNY/MWh that return change nothing; the fifth 20 % dearer, ln 1.2.

    The season before would say ln(600 / 400) = .405 and more.
    """
    firm = Firm(("MOTOR", 1.0, -1, [("motor_ie3", 1e4, plain(0.0, 1.0))]))
    for dearer, change in ((1.0, 0.0), (1.2, 0.182322)):
        for tariff in (600.0, 400.0, 500.0, 450.0, 600.0 * dearer):
            firm.energy["tariff_cny_per_mwh"] = tariff
            firm.run()
        assert cost_change(firm.slots[0]) == pytest.approx(change, abs=1e-6)


def test_devices_are_counted_when_in_service():
    firm = Firm(
        ("ROOFPV", 0.0, -1, [("roof_pv", 1.5, {}), ("roof_pv", 0.5, {}), ("roof_pv", 9.0, {"status": 0})]),
        ("STORAGE", 0.0, -1, [("storage_li", 2.0, {})]),
    )
    roof, storage = np.full(1, 7.0), np.full(1, 7.0)
    count_devices(np.arange(2), firm.slots, firm.assets, TABLE, RULES, np.zeros(0), roof, storage)
    assert roof.tolist() == [2.0]
    assert storage.tolist() == [2.0]
    use = firm.run()
    assert use["electricity_mwh"] == 0.0


def test_l24_roofs_bring_the_storage_of_the_day_of_their_order():
    """1.5 MW of quarter 3 with 2 h, .5 MW of quarter 1 without: 3 MWh beside the 2 of its own; what is on order: 0.

    A roof stands two quarters after its order.
    """
    ordered = [("roof_pv", 1.5, {"commissioned_quarter": 5}), ("roof_pv", 0.5, {"commissioned_quarter": 3})]
    ordered += [
        ("roof_pv", 9.0, {"status": 0, "commissioned_quarter": 5}),
        ("roof_pv", 4.0, {"commissioned_quarter": -6}),
    ]
    firm = Firm(("ROOFPV", 0.0, -1, ordered), ("STORAGE", 0.0, -1, [("storage_li", 2.0, {})]))
    roof, storage = np.zeros(1), np.zeros(1)
    hours = np.array([0.0, 0.0, 1.0, 2.0])
    count_devices(np.arange(2), firm.slots, firm.assets, TABLE, RULES, hours, roof, storage)
    assert roof.tolist() == [6.0]
    assert storage.tolist() == [5.0]


def test_sm12_a_cut_lowers_power_by_the_cut_and_fuel_by_the_lost_output():
    firm = Firm(("STEAM", 1.0, -1, [("steam_gas", 400.0, plain(1.0, 0.36))]))
    use = firm.run()
    use["sheddable_share"] = 0.5
    curtail_use(firm.production, firm.energy, firm.fuel_gj, firm.feedstock_gj, 0.9)
    assert use["electricity_mwh"] == pytest.approx(5.0)
    assert firm.fuel_gj[0, GAS] == pytest.approx(55.0)


def test_l23_demand_response_is_taken_from_buyers_in_proportion():
    """5 of 50 MWh: a tenth of what each buys, and none of what it makes itself."""
    energy = allocate(ENTERPRISE_TABLES["energy"], 3)
    energy["purchased_mwh"], energy["electricity_mwh"] = [40.0, 10.0, 0.0], [60.0, 10.0, 7.0]
    cut_from_buyers(energy, 5.0, energy["purchased_mwh"].sum())
    assert energy["purchased_mwh"] == pytest.approx([36.0, 9.0, 0.0])
    assert energy["electricity_mwh"] == pytest.approx([56.0, 9.0, 7.0])


def test_energy_is_summed_by_load_shape():
    shapes = np.zeros(4)
    assert add_by_shape(np.array([1.0, 2.0, 4.0]), np.array([0, 2, 2], dtype=np.int8), shapes) == 7.0
    assert shapes.tolist() == [1.0, 0.0, 6.0, 0.0]


# ---------------------------------------------------------------- the slow twin of the merit order
def twin_dispatch(pieces, demand):
    """pieces: (cost, capacity a quarter, largest share); returns outputs."""
    given, left = [0.0] * len(pieces), demand
    order = sorted(range(len(pieces)), key=lambda p: (pieces[p][0], p))
    for p in order:
        given[p] = min(left, pieces[p][1], pieces[p][2] * demand)
        left -= given[p]
    able = [p for p in order if pieces[p][2] >= 1.0]
    given[(able or order[:1])[-1]] += max(0.0, left)
    return given


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.5, 3.0), st.floats(0.0, 300.0), st.booleans()), min_size=1, max_size=6),
    st.floats(0.0, 400.0),
)
def test_sm03_dispatch_equals_the_slow_twin(pieces, demand):
    kinds = [
        (TECHNOLOGIES[k], 4 * c, {**plain(f, 0.0), "carrier": GAS, "max_demand_share": 0.5 if b else 1.0})
        for k, (f, c, b) in enumerate(reversed(pieces))
    ]
    firm = Firm(("STEAM", 1.0, -1, kinds))
    overload, missing = dispatch_service(firm.slots["first_asset"][0], demand, firm)
    rows = [(60.0 * f, c, 0.5 if b else 1.0) for f, c, b in pieces]
    output = firm.assets["output_unit"][: len(pieces)][::-1]
    assert output == pytest.approx(twin_dispatch(rows, demand), rel=1e-9, abs=1e-9)
    assert output.sum() == pytest.approx(demand)
    assert overload >= missing == 0.0
