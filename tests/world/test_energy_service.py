"""A quarter of energy performance contracts by hand: shared savings, loans, failures, trust (SM09)."""

import numpy as np
import pytest

from transition_sim.core.errors import ConservationError
from transition_sim.core.tables import allocate
from transition_sim.scenarios import registry
from transition_sim.world.city.buildings import BUILDINGS
from transition_sim.world.markets.energy_service import (
    BUILDING,
    CONTRACTS,
    EnergyService,
    book_contracts,
    close_failed,
    pay_owners,
    settle_contracts,
)
from transition_sim.world.markets.service_trust import learn_trust, next_trust
from transition_sim.world.services import GENERATION, MEASURE, SERVICE, STORAGE
from transition_sim.world.state import ACTIVE, ASSETS, CONDUCT, FINANCE, FLOWS, SLOTS, UNSET

PARAMS = registry.parameter_record()
YIELD_MWH_PER_MW = 800.0
NO_BUILDINGS = allocate(BUILDINGS, 0)


class Works:
    """One customer with one slot, and a second slot that hosts a measure; the contract started in quarter 2."""

    def __init__(self, kind=SERVICE, given_unit=30.0, capacity=200.0, host_unit=45.0):
        self.slots, self.assets = allocate(SLOTS, 2), allocate(ASSETS, 1)
        self.finance, self.flows = allocate(FINANCE, 1), allocate(FLOWS, 1)
        self.finance["is_alive"] = True
        self.slots["first_asset"], self.slots["host"] = (0, UNSET), (1 if kind == MEASURE else UNSET, UNSET)
        self.slots["demand_unit"] = (given_unit, host_unit)
        asset = self.assets[0]
        asset["status"], asset["technology"], asset["commissioned_quarter"] = ACTIVE, 7, 2
        asset["output_unit"], asset["next_asset"] = given_unit, UNSET
        self.service = EnergyService.open(50, 2, 1000.0)
        row = allocate(CONTRACTS, 1)
        row["kind"], row["is_running"], row["technology"], row["bank"] = kind, True, 7, 1
        row["start_quarter"], row["end_quarter"] = 2, 22
        row["capacity_unit_per_year"], row["unit_per_year"] = capacity, 160.0
        row["saving_cny_per_unit"], row["company_share"] = 5.0, 0.8
        row["principal_cny"], row["rate_per_quarter"] = 400.0, 0.01
        row["payment_cny"], row["quarters_left"] = 24.0, 20
        self.service.sign(row)

    @property
    def contract(self):
        return self.service.in_use[0]

    def settle(self, quarter=4):
        return settle_contracts(
            self.service.in_use, self.service.companies, self.slots, self.assets, self.finance, self.flows,
            YIELD_MWH_PER_MW, PARAMS, quarter, 2,
        )  # fmt: skip


def test_three_companies_at_least_and_one_a_hundred_enterprises():
    assert EnergyService.open(50, 2, 1.0).companies.size == 3
    assert EnergyService.open(800, 2, 1.0).companies.size == 8
    assert EnergyService.open(90_000, 2, 1.0).companies.size == 20


def test_savings_are_shared_and_the_loan_is_served():
    """30 units x 5 CNY = 150 saved, .8 of it 120; interest 1 % of 400 = 4, principal 24 - 4 = 20; 1000 + 120 - 24."""
    works = Works()
    paid = works.settle()
    assert paid.fee_cny == pytest.approx(120.0)
    assert works.flows["energy_service_cny"][0] == pytest.approx(120.0)
    assert paid.interest_cny.tolist() == pytest.approx([0.0, 4.0])
    assert paid.principal_cny.tolist() == pytest.approx([0.0, 20.0])
    assert works.contract["principal_cny"] == pytest.approx(380.0)
    assert works.service.companies["cash_cny"][0] == pytest.approx(1096.0)
    assert works.service.close_books("2025Q1") == pytest.approx(96.0)
    assert works.contract["realised_cny"] == pytest.approx(150.0)
    assert works.contract["promised_cny"] == pytest.approx(200.0)  # 160 a year / 4 x 5


@pytest.mark.parametrize(
    ("kind", "capacity", "given"),
    [
        (MEASURE, 200.0, 45.0),  # the host asks for 45, capacity is 50 a quarter
        (MEASURE, 120.0, 30.0),  # 120 / 4 is less than what the host asks for
        (GENERATION, 0.5, 100.0),  # half a MW at 800 / 4
        (STORAGE, 0.1, 0.1 * 2.0 * 330.0 / 4.0),
    ],
)
def test_what_equipment_gives(kind, capacity, given):
    works = Works(kind, capacity=capacity)
    works.settle()
    p = PARAMS[0]
    if kind == STORAGE:
        given = capacity * float(p["storage_cycles_per_day"]) * float(p["storage_days_per_year"]) / 4.0
    assert works.contract["realised_cny"] == pytest.approx(5.0 * given)


def test_nothing_is_shared_before_the_equipment_works_but_the_loan_is_due():
    works = Works()
    works.contract["start_quarter"] = 6
    paid = works.settle(quarter=4)
    assert paid.fee_cny == 0.0
    assert works.contract["is_running"]
    assert works.service.companies["cash_cny"][0] == pytest.approx(976.0)


def test_the_last_quarter_of_the_term():
    """Quarter 21 is the twentieth; in quarter 22 the equipment is the customer's."""
    works = Works()
    works.contract["quarters_left"], works.contract["principal_cny"] = 1, 23.0
    paid = works.settle(quarter=21)
    assert paid.fee_cny == pytest.approx(120.0)
    assert paid.principal_cny[1] == pytest.approx(23.0)
    assert works.settle(quarter=22).fee_cny == 0.0
    assert works.contract["principal_cny"] == 0.0


def test_the_customer_fails_and_the_company_keeps_the_debt():
    works = Works()
    works.finance["is_alive"] = False
    paid = works.settle()
    assert paid.fee_cny == 0.0
    assert not works.contract["is_running"]
    assert paid.principal_cny[1] == pytest.approx(20.0)
    assert works.contract["principal_cny"] == pytest.approx(380.0)


def test_equipment_that_is_gone_saves_nothing():
    works = Works()
    works.slots["first_asset"][0] = UNSET
    assert works.settle().fee_cny == 0.0
    assert not works.contract["is_running"]


def test_a_company_without_cash_closes_after_two_quarters():
    """Loss given default .45: 180 of 400 is lost, 220 comes back; owners cover 50; trust .5 x .9."""
    works, conduct = Works(given_unit=0.0), allocate(CONDUCT, 1)
    conduct["service_trust"] = 0.5
    works.service.companies["cash_cny"][0] = -2.0
    assert works.settle().longest_overdrawn == 1
    assert works.settle().longest_overdrawn == 2
    works.contract["principal_cny"], works.service.companies["cash_cny"][0] = 400.0, -50.0
    written, recovered, covered, n = close_failed(
        works.service.in_use, works.service.companies, conduct, NO_BUILDINGS, 2.0, 0.45, 0.9, 2
    )
    assert (written.tolist(), recovered.tolist()) == ([0.0, pytest.approx(180.0)], [0.0, pytest.approx(220.0)])
    assert (covered, n) == (50.0, 1)
    assert conduct["service_trust"][0] == pytest.approx(0.45)
    assert not works.contract["is_running"]
    assert works.contract["quarters_left"] == 0
    assert works.service.companies["is_alive"].tolist() == [False, True, True]
    assert works.service.companies["cash_cny"][0] == 0.0


def test_cash_that_returns_resets_the_count():
    works = Works()
    works.service.companies["cash_cny"][0] = -500.0
    assert works.settle().longest_overdrawn == 1
    works.service.companies["cash_cny"][0] = 500.0
    assert works.settle().longest_overdrawn == 0


def test_owners_take_what_is_above_twice_their_stake():
    service = EnergyService.open(50, 1, 100.0)
    service.companies["cash_cny"] = (260.0, 200.0, 40.0)
    assert pay_owners(service.companies) == pytest.approx(60.0)
    assert service.companies["cash_cny"].tolist() == [200.0, 200.0, 40.0]


def test_trust_of_a_year():
    """.9 x .5 + .1 x 90 / 150 = .51; more than was promised counts as 1: .9 x .5 + .1 = .55."""
    assert next_trust(0.5, 150.0, 90.0, 0.9) == pytest.approx(0.51)
    assert next_trust(0.5, 100.0, 140.0, 0.9) == pytest.approx(0.55)


def test_who_has_no_contract_hears_of_those_of_its_county():
    """Enterprise 0 got 50 of 100, enterprise 1 100 of 100: 0.75 in their county; nobody in the other one."""
    conduct, rows = allocate(CONDUCT, 4), allocate(CONTRACTS, 2)
    conduct["service_trust"] = 0.5
    rows["enterprise"], rows["promised_cny"], rows["realised_cny"] = (0, 1), 100.0, (50.0, 100.0)
    learn_trust(rows, conduct, NO_BUILDINGS, np.array([0, 0, 0, 1]), 2, 0.9)
    assert conduct["service_trust"].tolist() == pytest.approx([0.5, 0.55, 0.525, 0.5])
    assert not rows["promised_cny"].any()


def test_new_contracts_are_counted():
    """A works, an office that is an enterprise, and a building: 100 of 160 CNY in industry, 20 in buildings."""
    rows, orders = allocate(CONTRACTS, 3), np.zeros(3)
    rows["capex_cny"], rows["enterprise"], rows["bank"] = (100.0, 40.0, 20.0), (0, 1, -1), (0, 1, 1)
    rows["principal_cny"], rows["technology"], rows["kind"][2] = (70.0, 30.0, 10.0), (2, 2, 1), BUILDING
    capex, industry, buildings, lent = book_contracts(rows, np.array([0, 1]), np.array([True, False]), orders, 2)
    assert (capex, industry, buildings, lent.tolist()) == (160.0, 100.0, 20.0, [70.0, 40.0])
    assert orders.tolist() == [0.0, 0.0, 2.0]  # of enterprises


def test_a_building_pays_for_what_is_guaranteed():
    """160 units a year / 4 x 5 CNY = 200 saved, .8 of it 160; no enterprise pays, and none need be there."""
    works = Works(BUILDING)
    works.contract["enterprise"], works.finance["is_alive"] = -1, False
    paid = works.settle()
    assert (paid.fee_cny, paid.building_fee_cny) == (0.0, pytest.approx(160.0))
    assert works.flows["energy_service_cny"][0] == 0.0
    assert works.service.companies["cash_cny"][0] == pytest.approx(1136.0)
    assert works.contract["realised_cny"] == works.contract["promised_cny"] == pytest.approx(200.0)


def test_owners_of_buildings_go_by_their_kind():
    """Kind 1 got 90 of 100 + 100: .9 x .5 + .1 x .45 = .495; kind 0 has no contract; the enterprise hears nothing."""
    conduct, rows, buildings = allocate(CONDUCT, 1), allocate(CONTRACTS, 2), allocate(BUILDINGS, 2)
    conduct["service_trust"], buildings["service_trust"], rows["kind"] = 0.5, 0.5, BUILDING
    rows["enterprise"], rows["slot"], rows["promised_cny"], rows["realised_cny"] = -1, 1, 100.0, (90.0, 0.0)
    learn_trust(rows, conduct, buildings, np.array([0]), 1, 0.9)
    assert buildings["service_trust"].tolist() == pytest.approx([0.5, 0.495])
    assert conduct["service_trust"].tolist() == [0.5]


def test_owners_of_a_kind_are_let_down_once_by_a_company():
    """Two contracts of one failed company: trust of the kind .5 x .9, not twice."""
    service, conduct, buildings = EnergyService.open(50, 1, 100.0), allocate(CONDUCT, 1), allocate(BUILDINGS, 2)
    rows = allocate(CONTRACTS, 2)
    rows["kind"], rows["enterprise"], rows["slot"], rows["is_running"] = BUILDING, -1, 1, True
    conduct["service_trust"], buildings["service_trust"] = 0.5, 0.5
    service.companies["quarters_overdrawn"][0] = 2
    close_failed(rows, service.companies, conduct, buildings, 2.0, 0.45, 0.9, 1)
    assert buildings["service_trust"].tolist() == pytest.approx([0.5, 0.45])
    assert conduct["service_trust"].tolist() == [0.5]
    assert not rows["is_running"].any()


def test_a_full_table_keeps_what_runs_or_is_owed():
    service, row = EnergyService.open(50, 1, 1.0), allocate(CONTRACTS, 1)
    for k in range(64):
        row["enterprise"], row["is_running"], row["quarters_left"] = k, k % 2 == 0, 3 if k == 1 else 0
        service.sign(row)
    service.sign(row)
    assert service.n_contracts == 34  # 32 run, one owes, one is new
    assert service.in_use["enterprise"][:3].tolist() == [0, 1, 2]


def test_b08_a_closed_company_with_money_is_found():
    service = EnergyService.open(50, 1, 100.0)
    service.companies["is_alive"][1] = False
    with pytest.raises(ConservationError, match="B08 failed energy service companies"):
        service.close_books("2025Q1")
