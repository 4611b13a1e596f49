"""Fleets of vehicles: ages, choice, energy, and the years of electric cars that are known (SM21, P02)."""

import math

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.scenarios import registry
from transition_sim.world.city import fleets as rules
from transition_sim.world.city.transport import (
    YEAR,
    Transport,
    age_weights,
    build_charging,
    open_transport,
    run_year,
    scrappage_bill,
    spread_over_ages,
)

CARRIERS = list(registry.carrier_ids())
PRICES = np.array([c.price_cny_per_gj for c in registry.carriers()])
TOTALS = {"gasoline": 10.5e6, "diesel": 10.5e6, "natural_gas": 4.0e6, "electricity": 0.216e6}
CITY = ts.load_scenario("guangan_city").place.city


def opened(**parameters) -> Transport:
    return open_transport(CITY, TOTALS, registry.parameter_record(parameters), PRICES)


def ran(years: int = 1, parameters=None, **told) -> Transport:
    """Return the fleets after some years of steady traffic under what a year brings."""
    params = registry.parameter_record(parameters or {})
    made = open_transport(CITY, TOTALS, params, PRICES)
    made.year["paid_share"] = 1.0
    for name, value in told.items():
        made.year[name] = value
    for year in range(1, years + 1):
        made.year["years"] = year
        run_year(made, params)
    return made


def test_a23_survival_of_a_weibull_law():
    # A23: L = 20, lambda = 22.065, R(20) = 0.509
    assert rules.survival_share(20.0, 20.0) == pytest.approx(0.509, abs=1e-3)
    assert rules.survival_share(22.065, 20.0) == pytest.approx(math.exp(-1), abs=1e-4)
    assert math.gamma(1.25) == pytest.approx(rules.MEAN_OVER_SCALE)


def test_a05_logit_gives_its_share_back_and_three_to_one():
    # a difference of ln 3 from evens gives 3/4
    assert rules.logistic(rules.logit(0.054)) == pytest.approx(0.054)
    assert rules.logistic(math.log(3.0)) == pytest.approx(0.75)


def test_energy_of_the_base_year_is_that_of_the_place():
    made = opened()
    diesel = made.of("burns_diesel")
    found = {
        "gasoline": made.fleets["fuel_gj"][~diesel].sum(),
        "diesel": made.fleets["fuel_gj"][diesel].sum(),
        "natural_gas": made.fleets["gas_gj"].sum(),
        "electricity": made.fleets["electric_gj"].sum(),
    }
    assert found == pytest.approx(TOTALS, rel=1e-9)


def test_consumption_of_the_table_comes_near_the_energy_of_the_place():
    """One factor a carrier is left; by hand cars: 450,000 x 0.988 x 10,000 km x 2.23 MJ = 9.9 of 10.5 PJ."""
    assert opened().scale == pytest.approx([1.0, 1.0, 1.0, 1.0], abs=0.25)


def test_shares_of_the_base_year_stock_are_those_of_the_place():
    made = opened()
    for stock, fleet, vehicles in zip(CITY.vehicles, made.fleets, made.vehicles, strict=True):
        assert vehicles.sum() == pytest.approx(stock.vehicles)
        assert vehicles[rules.ELECTRIC].sum() == pytest.approx(stock.electric_share * stock.vehicles, abs=1e-6)
        assert vehicles[rules.GAS].sum() == pytest.approx(stock.gas_share * stock.vehicles, rel=1e-6, abs=1e-6)
        assert fleet["bought"] == pytest.approx(vehicles[:, 0].sum())


def test_ages_of_a_steady_stock_lie_as_survival():
    # without growth the number at age a is R(a), so new ones are 1 / sum R
    weight = age_weights(10.0, 0.0)
    alive = [math.exp(-((a * 0.9064024770554771 / 10.0) ** 4)) for a in range(rules.OLDEST)]
    assert weight == pytest.approx(np.array(alive) / sum(alive))


def test_a_new_drive_is_young():
    by_age = spread_over_ages(13.0, 0.06, 0.007, 0.054)
    assert by_age[0] == pytest.approx(0.054)
    assert (np.diff(by_age) <= 0).all()
    assert age_weights(13.0, 0.06) @ by_age == pytest.approx(0.007)


def test_stock_balance_closes():
    """Vehicles at the end = at the start - scrapped + bought, fleet by fleet; work fixed: scrapped = bought."""
    made = ran(level=1.0)
    before = opened().vehicles.sum(axis=(1, 2))
    after = made.vehicles.sum(axis=(1, 2))
    assert after == pytest.approx(before - made.fleets["scrapped"] + made.fleets["bought"])
    assert made.fleets["bought"] == pytest.approx(made.fleets["scrapped"])
    assert made.fleets["vehicles"] == pytest.approx(made.fleets["start_vehicles"])


def test_scrapped_vehicles_are_those_that_age_takes():
    """Buses by hand: what is left of the cohort of age a is n_a R(a+1) / R(a)."""
    before, row = opened(), CITY.vehicles.index(next(s for s in CITY.vehicles if s.fleet == "bus"))
    n = before.vehicles[row].sum(axis=0)
    r = [math.exp(-((a * 0.9064024770554771 / 12.0) ** 4)) for a in range(rules.OLDEST + 1)]
    left = sum(n[a] * r[a + 1] / r[a] for a in range(rules.OLDEST - 1))
    assert ran(level=1.0).fleets["scrapped"][row] == pytest.approx(n.sum() - left)


def test_without_change_the_electric_share_stays():
    # same costs, points, peers and no national supply: the share of the base year
    made = ran(level=1.0)
    assert made.fleets["electric_sales_share"] == pytest.approx(made.kinds["electric_sales_share"])


def test_electric_share_by_hand():
    """logit(.054) = -2.8633; + 6 x .05 cheaper + 2.4 x .26 supply + .1 x 1 point + 1.5 x .02 peers = -1.8093."""
    year, params = np.zeros(1, YEAR), registry.parameter_record()
    year["supply"], year["density_change"] = 0.26, 1.0
    found = share_of(0.054, -0.05, 0.02, year, params)
    assert found == pytest.approx(1.0 / (1.0 + math.exp(1.8093)), abs=1e-4)


def share_of(start, cost_change, peers, year, params):
    from numba import njit

    rule = rules.electric_share_of_sales

    @njit
    def call(start, cost_change, peers, year, params):
        return rule(start, cost_change, peers, year[0], params[0], True)

    return call(start, cost_change, peers, year, params)


@pytest.mark.parametrize(("fleet", "lever"), [("bus", 0.9), ("bus", 1.0)])
def test_l37_buses_follow_the_rule(fleet, lever):
    made = ran(level=1.0, bus_share=lever)
    others = np.array([i != fleet for i in made.ids])
    assert made.fleets["electric_sales_share"][made.row(fleet)] == pytest.approx(lever)
    assert made.fleets["electric_sales_share"][others] == pytest.approx(made.kinds["electric_sales_share"][others])


def test_l37_a_weak_rule_binds_nobody():
    made = ran(level=1.0, bus_share=0.3)  # half of the new buses of 2020 are electric already
    assert made.fleets["electric_sales_share"][made.row("bus")] == pytest.approx(0.5)


def test_l38_freight_leaves_the_road_and_takes_energy_elsewhere():
    """2 % of 15,500 lorries x 45,000 km x 12 t: 167.4 M tkm; half by rail at 0.03 kWh, half by water at 0.25 MJ."""
    base, moved = ran(level=1.0), ran(level=1.0, shift_share=0.02)
    lorry = moved.row("heavy_truck")
    assert moved.shifted_tkm == pytest.approx(0.02 * 15_500 * 45_000 * 12)
    assert moved.rail_gj == pytest.approx(83.7e6 * 0.03 * 3.6e-3)
    assert moved.water_gj == pytest.approx(83.7e6 * 0.25e-3)
    assert moved.fleets["turnover_tkm"][lorry] == pytest.approx(0.98 * base.fleets["turnover_tkm"][lorry])
    assert moved.fleets["fuel_gj"][lorry] < base.fleets["fuel_gj"][lorry]


def test_l39_money_takes_old_vehicles_off_the_road():
    """Cars of ten years and more: 1 - exp(-20,000 / 120,000) = 15.35 % of those on fuel and gas go early."""
    made = ran(level=1.0, scrappage_cny=20_000.0)
    row = made.row("car")
    start = opened().vehicles[row, :2].sum(axis=0)
    r = [math.exp(-((a * 0.9064024770554771 / 13.0) ** 4)) for a in range(rules.OLDEST + 1)]
    old = sum(start[a] * r[a + 1] / r[a] for a in range(9, rules.OLDEST - 1))
    assert made.fleets["scrapped_early"][row] == pytest.approx(0.15352 * old, rel=1e-4)
    assert made.fleets["bought"][row] > ran(level=1.0).fleets["bought"][row]


def test_l39_the_bill_is_what_would_be_scrapped():
    params = registry.parameter_record()
    made = opened()
    made.year["scrappage_cny"], made.year["paid_share"], made.year["level"] = 20_000.0, 1.0, 1.0
    vehicles, bill = scrappage_bill(made, params)
    run_year(made, params)
    assert vehicles == pytest.approx(made.fleets["scrapped_early"].sum())
    assert bill == pytest.approx(20_000.0 * vehicles)


def test_l39_unpaid_nobody_goes():
    assert ran(level=1.0, scrappage_cny=20_000.0, paid_share=0.0).fleets["scrapped_early"].sum() == 0.0


def test_l37_charging_is_built_in_equal_parts_and_stays():
    made = opened()
    for year in range(1, 8):
        build_charging(made, 254.0, 4869.0, 5.0)
        assert made.piles == pytest.approx(min(year, 5) * 4869 / 5)
    build_charging(made, 0.0, 0.0, 5.0)
    assert (made.stations, made.piles) == pytest.approx((254.0, 4869.0))


def test_falling_work_lets_every_vehicle_drive_less():
    made = ran(level=0.5)
    assert made.fleets["bought"] == pytest.approx(0.0)
    one = made.row("taxi")
    assert made.fleets["turnover_tkm"][one] == pytest.approx(0.5 * 3000 * 90_000 * 0.13)


def test_a_place_without_vehicles_has_no_fleets():
    made = open_transport(None, {}, registry.parameter_record(), PRICES)
    assert made.fleets.size == 0
    assert made.density(0.05, 8.0) == 0.0


@pytest.mark.parametrize("seed", [1, 2])
def test_p02_electric_cars_of_2020_to_2022(seed):
    """P02: 5.4, 13.4 and 25.6 % of new cars, each within 3 points."""
    scenario = ts.load_scenario("guangan_city", policy="current", end_year=2022)
    annual = ts.run(scenario, seed=seed, keep_agents=False, keep_decisions=False).annual
    found = 100.0 * annual["electric_cars_bought"] / annual["cars_bought"]
    assert found.to_numpy() == pytest.approx([5.4, 13.4, 25.6], abs=3.0)
