"""Each lever of the city moves what it should, against the same luck (B17, 5.3)."""

from functools import cache

import pandas as pd
import pytest

import transition_sim as ts


@cache
def annual(*settings: tuple[str, float]) -> pd.DataFrame:
    asked = ts.load_scenario("guangan_city", end_year=2025, overlay={"levers": dict(settings)})
    return ts.run(asked, seed=1, keep_agents=False, keep_decisions=False).annual


# lever, setting, column of 2025, and whether it rises
MOVES = [
    ("bus_new_energy_share", 1.0, "electric_buses_bought", True),
    ("charging_piles", 20_000.0, "electric_cars", True),
    ("charging_stations", 1000.0, "terminal_fast_charging_share", True),
    ("modal_shift_percent", 10.0, "operating_vehicle_tco2", False),
    ("vehicle_scrappage_cny", 30_000.0, "land_transport_oil_tce", False),
    ("loose_coal_ban_year", 2025.0, "loose_coal_tce", False),
    ("coal_substitution_cny_per_kw", 300.0, "loose_coal_tce", False),
    ("star_rated_share", 0.5, "building_energy_gj", False),
    ("building_retrofit_percent_per_year", 3.0, "building_energy_gj", False),
    ("public_institution_demonstration", 1.0, "building_electricity_gj", True),
    ("rooftop_pv_public_share", 1.0, "own_generation_mwh", True),
    ("waste_sorting_share", 1.0, "raw_landfill_t", False),
    ("afforestation_ha_per_year", 2000.0, "sink_tco2", True),
    ("low_carbon_farming_share", 1.0, "fertiliser_tco2e", False),
    ("publicity", 1.0, "electric_cars", True),
]


@pytest.mark.parametrize(("lever", "value", "column", "rises"), MOVES, ids=[m[0] for m in MOVES])
def test_a_lever_moves_what_it_should(lever, value, column, rises):
    base, moved = annual()[column], annual((lever, value))[column]
    assert base[2020] == pytest.approx(moved[2020], rel=1e-12) or column == "terminal_fast_charging_share"
    assert moved[2025] > base[2025] if rises else moved[2025] < base[2025]


def test_sinks_lower_neither_basis():
    """More forest and no other lever: what is emitted stays the same to the last bit."""
    base, moved = annual(), annual(("afforestation_ha_per_year", 2000.0))
    for basis in ("territorial_tco2", "dual_control_tco2", "city_tco2"):
        assert moved[basis].tolist() == base[basis].tolist()


def test_scrappage_is_bounded_by_the_green_budget():
    """30,000 CNY a vehicle: what is paid a year is at most what the budget of about 53 M CNY holds."""
    moved = annual(("vehicle_scrappage_cny", 30_000.0))
    paid, gone = moved["city_support_cny"], moved["vehicles_scrapped_early"]
    assert (paid[1:] > 0).all()
    assert (paid <= 1.3 * 85e6).all()
    assert paid[2025] == pytest.approx(30_000.0 * gone[2025], rel=1e-9)
