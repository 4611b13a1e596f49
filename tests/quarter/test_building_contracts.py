"""Contracts with owners of public and commercial buildings: terms by hand, and in a run (SM09, SM20, L29)."""

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.agents import building_contracts as rule
from transition_sim.scenarios import registry
from transition_sim.world.city.owners import owner_floors_m2
from transition_sim.world.markets.energy_service import BUILDING

LABELS = [t.id for t in registry.technologies()]
TECHNOLOGIES = registry.technology_table()
SAME_COST = np.ones(len(LABELS))
P = registry.parameter_record()[0]


def market(cny_per_mwh=540.0, year=2021):
    return rule.Market(LABELS.index("hvac_base"), LABELS.index("roof_pv"), cny_per_mwh, 1.6, year)


@pytest.fixture(scope="module")
def city():
    """Guang'an after four years of full promotion, nothing else."""
    asked = ts.load_scenario("guangan_city", "none", {"levers": {"esco_promotion": 1.0}}, end_year=2023)
    made = ts.build_model(asked, seed=1, keep_decisions=False)
    for _ in range(16):
        made.step()
    return made


# --- owners -----------------------------------------------------------------------------------------------------------


def test_owners_share_the_floor_of_their_kind():
    """Two owners at the quartiles, +-.6745 sd: e^.6745 : e^-.6745 = 3.8535 : 1, so 7939.6 and 2060.4 of 10000 m2."""
    assert owner_floors_m2(10_000.0, 5_000.0, 1.0) == pytest.approx([7939.6, 2060.4], abs=0.1)
    assert owner_floors_m2(10_000.0, 2_500.0, 0.0) == pytest.approx([2500.0] * 4)
    assert owner_floors_m2(10_000.0, 0.0, 1.0).size == 0


def test_a_fifth_of_the_floor_is_in_large_buildings():
    """Lognormal, mean 5600, sd 1: of the floor N(1 - (ln 20000 - ln 5600 + .5)) = N(-.773) = .22 is above 20000 m2."""
    floors = owner_floors_m2(15.6e6, 5600.0, 1.0)
    assert floors[floors > 20_000.0].sum() / 15.6e6 == pytest.approx(0.22, abs=0.01)


def test_companies_know_audited_owners_by_falling_use(city):
    owners = city.world.city.buildings.owners
    assert (owners["floor_m2"] >= 10_000.0).all()
    assert (np.diff(owners["use_gj"]) <= 0.0).all()
    kinds = np.array(city.world.city.buildings.ids)[owners["kind"]]
    assert set(kinds) == {"public", "commercial"}


def test_companies_come_for_both_kinds_of_customers(city):
    world = city.world
    n = world.state.n_enterprises + world.city.buildings.owners.size
    assert world.energy_service.companies.size == min(20, n // 100)


# --- offers -----------------------------------------------------------------------------------------------------------


def test_an_offer_of_new_conditioning_and_lighting():
    """LED and heat pumps with control: .35 GJ x 150 CNY less upkeep .01 x (75.93 - 55.56) = 52.30 CNY/GJ saved a year.

    The price is 1.1 x 75.93 = 83.52; .8 x 52.30 x 3.60478 = 150.82; worth 67.30.
    """
    offer = rule.equipment_offer(TECHNOLOGIES, SAME_COST, market(), P)
    assert LABELS[offer.technology] == "hvac_control"
    assert offer.saving_cny_per_unit == pytest.approx(0.35 * 150.0 - 0.01 * (75.9259 - 55.5556), abs=1e-6)
    assert offer.capex_cny == pytest.approx(83.518, abs=0.001)
    assert offer.value_cny == pytest.approx(67.30, abs=0.02)


def test_photovoltaics_that_do_not_pay_back_in_five_years_are_not_offered():
    """950 h x 540 CNY/MWh less 1.5 % of 3.4 million: 462 thousand a year, 7.4 years; at 60 % of the cost 4.2 years."""
    assert rule.roof_offer(TECHNOLOGIES, SAME_COST, market(), P).technology == -1
    offer = rule.roof_offer(TECHNOLOGIES, 0.6 * SAME_COST, market(), P)
    assert LABELS[offer.technology] == "roof_pv"
    assert offer.saving_cny_per_unit * offer.unit_per_year == pytest.approx(950 * 540 - 0.015 * 2.04e6)


def test_dealing_keeps_small_owners_out():
    """At 67.30 CNY a GJ a year a contract that costs 34 thousand to deal pays from 505 GJ/yr on."""
    offer = rule.equipment_offer(TECHNOLOGIES, SAME_COST, market(), P)
    terms = rule.terms_of(2021.0, 4, P, registry.lever_record({"esco_promotion": 0.5})[0])
    assert terms.dealing_cny == pytest.approx(34_000.0)
    assert rule.sized(offer, 500.0, terms).value_cny < 0.0 < rule.sized(offer, 510.0, terms).value_cny


# --- a run ------------------------------------------------------------------------------------------------------------


def test_what_is_signed_is_what_is_saved(city):
    """Standard equipment uses 1 GJ a unit; what the table says is saved is what the contracts promise."""
    world = city.world
    rows, contracts = world.city.buildings.rows, world.energy_service.in_use
    contracts = contracts[contracts["kind"] == BUILDING]
    assert contracts.size > 0
    per_unit = 1.0 - TECHNOLOGIES["elec_gj_per_unit"][contracts["technology"]]
    is_roof = contracts["technology"] == LABELS.index("roof_pv")
    saved = np.where(is_roof, 0.0, per_unit * contracts["unit_per_year"])
    by_kind = np.bincount(contracts["slot"], saved, rows.size)
    assert rows["contract_saving_gj"] == pytest.approx(by_kind)
    mw = np.where(is_roof, contracts["capacity_unit_per_year"], 0.0)
    assert rows["contract_pv_mw"] == pytest.approx(np.bincount(contracts["slot"], mw, rows.size))


def test_the_bill_falls_by_what_is_saved(city):
    """Against a run without promotion the buildings of 2023 use less by the contracts at work since its start."""
    asked = ts.load_scenario("guangan_city", "none", end_year=2023)
    without = ts.run(asked, seed=1, keep_decisions=False).place
    place = city.result().place
    last = place["year"] == 2023
    saved = place.loc[last, "contract_saved_gj"]
    fell = without.loc[last, "building_electricity_gj"] - place.loc[last, "building_electricity_gj"]
    assert (saved > 0.0).all()
    assert fell.to_numpy() == pytest.approx(saved.to_numpy())


def test_both_sides_of_the_fees_of_buildings(city):
    """The ledger of the last quarter holds fees of buildings and what companies received in all; B08 ran each step."""
    paid = city.world.ledger.payments
    of_buildings = paid["shared savings of buildings", "households", "energy_service"]
    of_enterprises = paid.get(("shared savings", "enterprises", "energy_service"), 0.0)
    assert of_buildings > 0.0
    assert of_buildings + of_enterprises == pytest.approx(city.world.energy_service.fee_cny)


def test_no_owner_signs_twice(city):
    """A contract for equipment an owner that has it, one for a roof likewise."""
    world = city.world
    owners, contracts = world.city.buildings.owners, world.energy_service.in_use
    n = int((contracts["kind"] == BUILDING).sum())
    assert owners["has_equipment"].sum() + owners["has_roof"].sum() == n


def test_without_promotion_no_building_signs():
    built = ts.build_model(ts.load_scenario("guangan_city", "none", end_year=2022), seed=1, keep_decisions=False)
    for _ in range(8):
        built.step()
    rows = built.world.city.buildings.rows
    assert not rows["contract_saving_gj"].any()
    assert not built.world.city.buildings.owners["has_equipment"].any()
