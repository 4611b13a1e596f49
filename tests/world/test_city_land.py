"""Waste, forest, soil and attitudes by hand (SM22, SM26)."""

import pytest

import transition_sim as ts
from transition_sim.scenarios import registry
from transition_sim.world.city.households import household_elasticity, next_attitude
from transition_sim.world.city.land import grow_forest, open_land, open_waste, treat_waste, used_waste_t

CITY = ts.load_scenario("guangan_city").place.city
PARAMS = registry.parameter_record()
PEOPLE = 1.0e6
MADE_T = 1.0e6 * 365 * 0.9e-3


def test_waste_of_the_base_year():
    """0.9 kg x 365 d x 1 M people = 328.5 kt: 60 % burnt, 5 % recycled, 35 % buried."""
    waste = open_waste(CITY, PEOPLE, PARAMS)
    assert waste.made_t == pytest.approx(328_500)
    assert (waste.incinerated_t, waste.recycled_t) == pytest.approx((0.6 * MADE_T, 0.05 * MADE_T))
    assert waste.landfilled_t == pytest.approx(0.35 * MADE_T)


def test_waste_without_a_programme_stays_as_it_was():
    waste = open_waste(CITY, PEOPLE, PARAMS)
    for _ in range(5):
        treat_waste(waste, PEOPLE, 0.0, 0.0, PARAMS)
    assert waste.landfilled_t == pytest.approx(0.35 * MADE_T)
    assert waste.sorted_share == pytest.approx(0.1)


def test_l40_sorting_and_works_end_the_burying():
    """Coverage 0.5: each year builds 0.2 of the works; sorting .4 more people x .6 x .4 = 9.6 points of recycling."""
    waste = open_waste(CITY, PEOPLE, PARAMS)
    treat_waste(waste, PEOPLE, 0.5, 0.0, PARAMS)
    assert waste.recycled_t == pytest.approx((0.05 + 0.096) * MADE_T)
    assert waste.landfilled_t == pytest.approx(0.35 * 0.8 * MADE_T)
    assert waste.incinerated_t == pytest.approx((1 - 0.146 - 0.28) * MADE_T)
    for _ in range(4):
        treat_waste(waste, PEOPLE, 0.5, 0.0, PARAMS)
    assert waste.landfilled_t == pytest.approx(0.0, abs=1e-6)
    assert waste.made_t == pytest.approx(waste.recycled_t + waste.incinerated_t + waste.landfilled_t)


def test_use_of_waste_counts_ash_out():
    """All covered, all works built: recycled .05 + .9 x .6 x .4 = .266, burnt .734 less a fifth of ash: .8532."""
    waste = open_waste(CITY, PEOPLE, PARAMS)
    for _ in range(3):
        treat_waste(waste, PEOPLE, 1.0, 0.0, PARAMS)
    assert used_waste_t(waste, PARAMS) / waste.made_t == pytest.approx(0.266 + 0.8 * 0.734)


def test_sinks_by_hand():
    """2,000 km2: 0.8 x 2.8 + 0.2 x 1.2 = 2.48 t/ha, 1 % lost: 491,040 t."""
    land = open_land(CITY, PARAMS)
    assert land.forest_sink_tco2 == pytest.approx(200_000 * 0.99 * 2.48)
    assert land.soil_sink_tco2 == 0.0


def test_l43_l44_planting_and_farming():
    """500 ha more; 30 % of 260,000 ha at 0.3 t; 60 kt nitrogen less 6 %; stock 7.5 M m3 grows."""
    land = open_land(CITY, PARAMS)
    grow_forest(land, 500.0, 0.3, PARAMS)
    assert land.forest_ha == 200_500
    assert land.soil_sink_tco2 == pytest.approx(260_000 * 0.3 * 0.3)
    assert land.fertiliser_tco2e == pytest.approx(60_000 * 0.94 * 0.01 * 44 / 28 * 273)
    assert land.forest_stock_m3 == pytest.approx(7.5e6 * 0.98 + 200_500 * 0.99 * 2.48 / 1.4)


def test_forest_ends_at_the_border():
    land = open_land(CITY, PARAMS)
    grow_forest(land, 1e9, 0.0, PARAMS)
    assert land.forest_ha == land.area_ha


def test_attitude_by_hand():
    # .2 + .02 x .3 + .05 / 4 x (.4 - .2) = .2085
    assert next_attitude(0.2, 0.3, 0.4, 0.02, 0.05) == pytest.approx(0.2085)
    assert next_attitude(0.8, 1.0, 1.0, 0.02, 0.05) == 0.8
    assert next_attitude(0.05, 0.0, 0.0, 0.02, 0.05) == 0.05


@pytest.mark.parametrize(("attitude", "elasticity"), [(0.05, 0.1), (0.2, 0.1), (0.5, 0.15), (0.8, 0.2)])
def test_elasticity_rises_from_a_tenth_to_a_fifth(attitude, elasticity):
    assert household_elasticity(attitude, 0.2, 0.1, 0.1) == pytest.approx(elasticity)
