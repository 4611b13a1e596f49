"""Floor, heat and roofs of buildings by hand (SM20)."""

import math

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.scenarios import registry
from transition_sim.world.city import floor as rules
from transition_sim.world.city.buildings import Buildings, follow_people, open_buildings, run_year, switch_bill

TOTALS = {
    "urban_buildings": {"natural_gas": 12.0e6, "coal": 0.2e6, "electricity": 1.75e6 * 3.6},
    "rural_buildings": {"natural_gas": 5.2e6, "coal": 1.4e6, "biomass": 15.0e6, "electricity": 1.05e6 * 3.6},
}
CITY = ts.load_scenario("guangan_city").place.city
SAME = {"urban": 1.0, "rural": 1.0, "all": 1.0}
EFFICIENCY = {"coal": 0.35, "biomass": 0.20, "gas": 0.60, "electric": 1.5}


def ran(years: int = 1, first_year: int = 2021, people=SAME, parameters=None, **told) -> Buildings:
    """Return the buildings after some years under what each of them brings."""
    params = registry.parameter_record(parameters or {})
    made = open_buildings(CITY, TOTALS, params)
    made.year["ban_year"], made.year["switch_paid_share"] = 2100.0, 1.0
    for name, value in told.items():
        made.year[name] = value
    for k in range(years):
        made.year["year"], made.year["years"] = first_year + k, k + 1
        follow_people(made, people)
        run_year(made, params)
    return made


def row(made: Buildings, kind: str) -> np.ndarray:
    return made.rows[made.ids.index(kind)]


def test_energy_of_the_base_year_is_that_of_the_place():
    made = open_buildings(CITY, TOTALS, registry.parameter_record())
    for model, is_urban in (("urban_buildings", True), ("rural_buildings", False)):
        rows = made.rows[made.of("is_urban") == is_urban]
        found = {"natural_gas": rows["gas_gj"].sum(), "coal": rows["coal_gj"].sum()}
        found["electricity"] = rows["electric_gj"].sum()
        if not is_urban:
            found["biomass"] = rows["biomass_gj"].sum()
        assert found == pytest.approx(TOTALS[model])
    assert row(made, "urban_home")["electric_gj"] == pytest.approx(1.17e6 * 3.6)
    # 0.58 TWh left, by floor and intensity: 15.6 x 75 = 1170, 23.5 x 95 = 2232.5
    assert row(made, "public")["electric_gj"] == pytest.approx(0.58e6 * 3.6 * 1170 / 3402.5)


def test_floor_balance_closes():
    """A' = A (1 - 1.5 %) + new; people fixed and 0.6 % more floor a head: homes of 57.0 to 57.342 Mm2."""
    made = ran()
    home = row(made, "urban_home")
    assert home["demolished_m2"] == pytest.approx(0.855e6)
    assert home["floor_m2"] == pytest.approx(57.342e6)
    assert home["new_m2"] == pytest.approx(57.342e6 - 56.145e6)
    for k, values in enumerate(made.rows):
        closing = values["start_m2"] - values["demolished_m2"] + values["new_m2"]
        assert values["floor_m2"] == pytest.approx(closing)
        assert made.floors[k].sum() == pytest.approx(closing)


def test_shrinking_people_build_nothing():
    made = ran(people={"urban": 1.0, "rural": 0.9, "all": 1.0})
    home = row(made, "rural_home")
    assert home["new_m2"] == 0.0
    assert home["floor_m2"] == pytest.approx(95.1e6 * 0.985)


def test_standards_of_new_floor():
    """30 % star-rated, a tenth of it ultra-low; the rest is as before until 2022, then to the national code."""
    for year, level in ((2021, rules.STANDARD), (2022, rules.CODE_65)):
        made = ran(first_year=year, star_share=0.3)
        k = made.ids.index("urban_home")
        new = made.rows[k]["new_m2"]
        assert made.rows[k]["star_m2"] == pytest.approx(0.3 * new)
        assert made.floors[k, rules.ULTRA_LOW] == pytest.approx(0.03 * new)
        assert made.floors[k, rules.CODE_75] == pytest.approx(0.27 * new)
        old = 56.145e6 if level == rules.STANDARD else 0.0
        assert made.floors[k, level] == pytest.approx(0.7 * new + old)
        assert made.rows[k]["code_m2"] == pytest.approx(new if year == 2022 else 0.3 * new)


def test_rural_floor_has_no_star():
    assert row(ran(star_share=0.3), "rural_home")["star_m2"] == 0.0


def test_l36_a_retrofit_saves_a_fifth_on_its_floor():
    """1 % of 57.0 Mm2 of homes: 0.57 of 57.342 Mm2 saves 20 %, the whole 0.199 %."""
    base, made = ran(), ran(retrofit_share=0.01)
    assert row(made, "urban_home")["retrofit_m2"] == pytest.approx(0.57e6)
    ratio = row(made, "urban_home")["useful_heat_gj"] / row(base, "urban_home")["useful_heat_gj"]
    assert ratio == pytest.approx(1 - 0.2 * 0.57 / 57.342)
    assert row(made, "commercial")["retrofit_m2"] == 0.0


def test_need_of_a_mixed_floor():
    """Homes: 40 % for space; code 1 - .4 x .3 = .88, star-rated .8, ultra-low .72, retrofitted .8."""
    params, kinds = registry.parameter_record(), open_buildings(CITY, TOTALS, registry.parameter_record()).kinds
    from numba import njit

    rule = rules.mean_need

    @njit
    def call(floor, kinds, params):
        return rule(floor, kinds[0], params[0])

    floor = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert call(floor, kinds, params) == pytest.approx((1 + 2 * 0.88 + 3 * 0.8 + 4 * 0.72 + 5 * 0.8) / 15)


def test_shares_of_heat_sum_to_one_and_heat_is_kept():
    made = ran(years=10, switch_cny_per_kw=100.0, public_effort=0.5)
    assert made.heats.sum(axis=1) == pytest.approx(1.0)
    for k, values in enumerate(made.rows):
        heat = values["coal_gj"] * EFFICIENCY["coal"] + values["biomass_gj"] * EFFICIENCY["biomass"]
        heat += values["gas_gj"] * EFFICIENCY["gas"] + values["electric_heat_gj"] * EFFICIENCY["electric"]
        assert heat == pytest.approx(values["useful_heat_gj"]), made.ids[k]


def test_stoves_wear_out_by_hand():
    """Rural homes: useful .49 coal, 3.0 biomass, 3.12 gas of 6.61 PJ; a year takes 3 % of coal and biomass."""
    k = (made := ran()).ids.index("rural_home")
    start = np.array([0.49, 3.0, 3.12]) / 6.61
    freed = 0.03 * (start[0] + start[1])
    want = [0.97 * start[0], 0.97 * start[1], start[2] * 0.99 + 0.4 * freed, start[2] * 0.01 + 0.6 * freed]
    assert made.heats[k] == pytest.approx(want)


@pytest.mark.parametrize(("year", "share"), [(2022, 0.994), (2024, 0.818), (2025, 0.5), (2026, 0.182), (2027, 0.0)])
def test_l34_loose_coal_leaves_on_a_logistic_path(year, share):
    """Ban of 2027: half is gone in 2025; 1 / (1 + exp(-1.5 x 1)) = .818 a year before, 0 from the ban on."""
    made = ran(first_year=year, ban_year=2027.0, parameters={"coal_stove_decline_per_year": 0.0})
    home = row(made, "rural_home")
    k = made.ids.index("rural_home")
    assert made.heats[k, rules.COAL] / home["start_coal_share"] == pytest.approx(min(1.0, share), abs=0.006)
    if share == 0.0:
        assert made.rows["coal_gj"].sum() == 0.0


def test_l33_money_replaces_stoves_and_costs_what_it_takes():
    """100 CNY/kW: 1 - exp(-.05) = 4.877 % of 0.49 + 0.07 PJ useful, at 1,000 h and 3.6 MJ: 7,587 kW, 0.76 M CNY."""
    params = registry.parameter_record()
    made = open_buildings(CITY, TOTALS, params)
    made.year["ban_year"], made.year["year"], made.year["switch_cny_per_kw"] = 2100.0, 2021.0, 100.0
    kw, cost = switch_bill(made, params)
    assert kw == pytest.approx((1 - math.exp(-0.05)) * 0.56e9 / 3.6 / 1000, rel=1e-6)
    assert cost == pytest.approx(100 * kw)
    base, paid = ran(), ran(switch_cny_per_kw=100.0)
    assert paid.rows["coal_gj"].sum() == pytest.approx(math.exp(-0.05) * base.rows["coal_gj"].sum())
    assert ran(switch_cny_per_kw=100.0, switch_paid_share=0.0).rows["coal_gj"].sum() == pytest.approx(
        base.rows["coal_gj"].sum()
    )


def test_l52_public_bodies_build_without_fuel_and_give_up_gas():
    """Effort .3: 5 + 50 x .3 = 20 % of new public floor; gas of old floor leaves at 1 + 10 x .3 = 4 % a year."""
    made = ran(public_effort=0.3)
    public = row(made, "public")
    assert public["all_electric_m2"] == pytest.approx(0.20 * public["new_m2"])
    gas = made.heats[made.ids.index("public"), rules.GAS]
    assert gas == pytest.approx(1 - 0.04 - public["all_electric_m2"] / public["floor_m2"])
    assert row(made, "commercial")["all_electric_m2"] == 0.0


def test_l25_roofs_of_new_public_buildings():
    """Half of the new roofs: a fifth of the floor, 0.15 kW/m2; existing public floor has none."""
    made = ran(roof_pv_share=0.5)
    public = row(made, "public")
    assert public["new_pv_roof_m2"] / public["new_roof_m2"] == pytest.approx(0.5)
    assert public["pv_mw"] == pytest.approx(0.5 * 0.2 * public["new_m2"] * 0.15e-3)


def test_renewables_start_at_six_percent_of_urban_energy():
    made = open_buildings(CITY, TOTALS, registry.parameter_record())
    urban = made.rows[made.of("is_urban")]
    energy = sum(TOTALS["urban_buildings"].values())
    assert urban["renewable_gj"].sum() / (energy + urban["renewable_gj"].sum()) == pytest.approx(0.06)


def test_a_place_without_buildings_has_no_rows():
    made = open_buildings(None, {}, registry.parameter_record())
    assert made.rows.size == 0
    run_year(made, registry.parameter_record())
