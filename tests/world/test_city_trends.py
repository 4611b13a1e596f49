"""Paths and levels by year, and the energy of sectors without enterprises (SM20 to SM22 as trends)."""

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.scenarios import registry
from transition_sim.world.city.trends import FUEL_PER_ELECTRICITY, build_trends
from transition_sim.world.trends import level_after, level_path, value_at

CARRIERS = list(registry.carrier_ids())
PATH = [(2020, 0.0), (2022, 10.0)]


def city_of(sector: dict, n_quarters: int = 12):
    base = {"id": "one", "name": {"en": "One", "zh": "一"}}
    place = ts.load_scenario("minimal", overlay={"place": {"city_sectors": [base | sector]}}).place
    return build_trends(place.city_sectors, CARRIERS, place.base_year, 2020, n_quarters)


@pytest.mark.parametrize(("year", "value"), [(2015, 0.0), (2020, 0.0), (2021, 5.0), (2021.5, 7.5), (2030, 10.0)])
def test_paths_are_linear_between_and_flat_outside(year, value):
    assert value_at(PATH, year) == pytest.approx(value)


@pytest.mark.parametrize(
    ("year", "level"),
    [
        (2018.0, 1.0),
        (2020.0, 1.0),
        (2021.0, 1.0),  # 0 % in 2020
        (2022.0, 1.05),  # 5 % in 2021
        (2022.5, 1.05 * 1.1**0.5),
        (2024.0, 1.05 * 1.1**2),
    ],
)
def test_growth_of_a_year_is_passed_within_it(year, level):
    assert level_after(PATH, 2020, year) == pytest.approx(level)


def test_level_path_is_the_level_at_the_start_of_each_quarter():
    # 5 % in 2021: 1.05^(1/4) a quarter
    found = level_path(PATH, 2020, 2020, 9)
    want = [1.0] * 5 + [1.05**0.25, 1.05**0.5, 1.05**0.75, 1.05]
    np.testing.assert_allclose(found, want)


def test_a_city_sector_without_trend_uses_a_quarter_of_its_year():
    # 20 TJ of gas and 10 GWh a year
    energy = {"natural_gas": "20 TJ/yr", "electricity": "10 GWh/yr"}
    city = city_of({"energy": energy, "growth_percent_per_year": [[2020, 0]]})
    np.testing.assert_allclose(city.fuel_gj[:, 0, CARRIERS.index("natural_gas")], 5000.0)
    np.testing.assert_allclose(city.electricity_mwh[:, 0], 2500.0)
    assert not city.fuel_gj[:, :, CARRIERS.index("electricity")].any()


def test_electrification_keeps_useful_energy():
    """Of 4 PJ diesel 10 % of the rest moves a year: after two years .81 is left, .19 / 2.8 comes as electricity."""
    city = city_of(
        {
            "energy": {"diesel": "4 PJ/yr"},
            "growth_percent_per_year": [[2020, 0]],
            "electrification_share_per_year": 0.1,
        }
    )
    diesel, power = city.fuel_gj[:, 0, CARRIERS.index("diesel")], city.electricity_mwh[:, 0] * 3.6
    assert diesel[0] == pytest.approx(1e6)
    assert power[0] == 0.0
    assert diesel[8] == pytest.approx(0.81e6)
    assert power[8] == pytest.approx(0.19e6 / 2.8)
    np.testing.assert_allclose(diesel + FUEL_PER_ELECTRICITY * power, 1e6)
    assert ((diesel + power)[1:] < (diesel + power)[:-1]).all()


def test_growth_and_electrification_multiply():
    city = city_of(
        {
            "energy": {"diesel": "4 PJ/yr", "electricity": "36 TJ/yr"},
            "growth_percent_per_year": [[2020, 10.0]],
            "electrification_share_per_year": 0.1,
        }
    )
    # one year on: 1.1 x .9 x 1 PJ of diesel; power 1.1 x (9 TJ + .1 PJ / 2.8)
    assert city.fuel_gj[4, 0, CARRIERS.index("diesel")] == pytest.approx(0.99e6)
    assert city.electricity_mwh[4, 0] * 3.6 == pytest.approx(1.1 * (9e3 + 1e5 / 2.8))
