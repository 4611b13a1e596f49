"""Identities hold under every shock of the library, in a small place and in the city.

Each quarter of a run checks B01, B03, B05, B07-B10, B12 and B14 itself and stops with a ConservationError; B06, B13
and the others are worked out anew by the tests of ``test_identities_hold`` on quarters of a shocked city.
"""

import numpy as np
import pytest
import test_identities_hold as anew

import transition_sim as ts
from transition_sim.scenarios import list_shocks

YEARS = {"minimal": 2029, "guangan_city": 2026}


@pytest.mark.parametrize("name", list_shocks())
@pytest.mark.parametrize("place", YEARS)
def test_identities_hold_under_every_shock(place, name):
    result = ts.run(ts.load_scenario(place, policy="current", end_year=YEARS[place], shocks=name), seed=1)
    assert len(result.place) == 4 * (YEARS[place] - 2019)
    for table in (result.place, result.sector, result.county, result.agent):
        for column in table.select_dtypes("number"):
            assert column in anew.NEVER_A_NUMBER or np.isfinite(table[column]).all(), column


def test_a_shocked_run_is_the_same_twice():
    """B16: byte for byte."""
    asked = ts.load_scenario("minimal", policy="current", end_year=2028, shocks=["drought_and_heat", "policy_reversal"])
    one, two = ts.run(asked, seed=3), ts.run(asked, seed=3)
    numbers = one.place.select_dtypes("number").columns
    assert one.place[numbers].to_numpy().tobytes() == two.place[numbers].to_numpy().tobytes()
    assert one.events.equals(two.events)


@pytest.fixture(scope="module")
def quarters():
    """Quarters of a city that a dry hot summer, dear coal, an accident, a slump and a reversal hit in three years."""
    words = {"en": "All", "zh": "全部"}
    effects = [
        {"channel": "river_flow", "from": "2021-07", "to": "2021-09", "value": 0.4},
        {"channel": "load", "from": "2021-07", "to": "2021-08", "value": 1.3},
        {"channel": "fuel_price", "from": 2021, "to": 2022, "value": 1.6},
        {"channel": "export_demand", "from": 2022, "to": 2022, "value": 0.6},
        {"channel": "running_time", "from": "2022Q2", "to": "2022Q2", "value": 0.5, "of": ["CHM"]},
        {"channel": "lever_strength", "from": 2022, "to": 2022, "value": 0},
    ]
    shock = {"format": "shock/1", "id": "all", "name": words, "description": words, "effects": effects}
    model = ts.build_model(ts.load_scenario("guangan_city", policy="current", end_year=2022, shocks=[shock]), seed=1)
    snapshots = []
    for _ in range(12):
        finance = model.world.state["finance"]
        before, was_alive = finance["cash_cny"].copy(), finance["is_alive"].copy()
        model.step()
        world = model.world.copy()
        world.quarter -= 1
        snapshots.append((world, before, was_alive, anew.burnt_by_city(world)))
    return snapshots


@pytest.mark.parametrize(
    "check",
    [anew.test_b03_fuel_is_what_is_paid_for, anew.test_b05_carbon_is_fuel_times_factor_plus_process,
     anew.test_b06_market_based_scope_2_is_the_emissions_of_the_grid,
     anew.test_b07_certificates_are_issued_open_claimed_or_expired,
     anew.test_b08_cash_of_every_enterprise_changes_by_its_flows, anew.test_b08_every_payment_has_two_sides,
     anew.test_b09_books_of_banks_are_those_of_their_customers, anew.test_b13_goods_are_made_before_they_are_used,
     anew.test_b14_states_stay_within_their_bounds],
    ids=lambda check: check.__name__,
)  # fmt: skip
def test_worked_out_anew_on_shocked_quarters(quarters, check):
    check(quarters)


def test_the_shocks_are_real(quarters):
    """Power fell short in the dry hot summer, and promises broke."""
    kinds = {event.kind for event in quarters[-1][0].recorder.events}
    assert {"shock", "promise_broken", "shortage"} <= kinds
