"""Contracts in a run: absent without promotion, booked on both sides, told in the log (SM09, L29)."""

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.core.errors import ConservationError
from transition_sim.quarter import money
from transition_sim.world.markets.energy_service import BUILDING


def asked(promotion, end_year=2023):
    levers = {"esco_promotion": promotion}
    return ts.load_scenario("guangan_city", policy="none", overlay={"levers": levers}, end_year=end_year)


@pytest.fixture(scope="module")
def model():
    """Guang'an after three years of full promotion."""
    made = ts.build_model(asked(1.0), seed=1)
    for _ in range(12):
        made.step()
    return made


def test_without_promotion_nobody_comes():
    """L29 at 0: no contract, no fee, and companies still hold what owners put in (B17)."""
    built = ts.build_model(asked(0.0), seed=1, keep_decisions=False)
    for _ in range(6):
        built.step()
    service = built.world.energy_service
    assert service.n_contracts == 0
    assert (service.companies["cash_cny"] == service.companies["opening_cny"]).all()
    assert not built.world.state["flows"]["energy_service_cny"].any()


def test_contracts_are_signed_for_what_was_left_undone(model):
    log = model.result().decisions
    signed = log[log["outcome"] == "ordered_by_contract"]
    taken = signed[signed["is_chosen"]]
    in_buildings = int((model.world.energy_service.in_use["kind"] == BUILDING).sum())
    assert len(taken) + in_buildings == model.result().place["contracts_signed"].sum()
    assert len(taken) > 0


def test_equipment_is_not_in_the_books_of_the_customer(model):
    """The asset stands in the works at no cost to it; the contract knows what it cost."""
    state, rows = model.world.state, model.world.energy_service.in_use
    rows = rows[rows["kind"] != BUILDING]
    used = state.assets[: state.n_assets]
    for row in rows[:5]:
        mine = (used["slot"] == row["slot"]) & (used["commissioned_quarter"] == row["start_quarter"])
        assert (used["capex_cny"][mine & (used["technology"] == row["technology"])] == 0.0).all()
        assert row["capex_cny"] > 0.0


def test_the_bank_lends_within_own_funds_and_cover(model):
    """A quarter of the investment at least is the company's; its share of savings covers the payment 1.2 times."""
    rows = model.world.energy_service.in_use
    rows = rows[rows["quarters_left"] > 0]
    receipts = rows["company_share"] * rows["saving_cny_per_unit"] * rows["unit_per_year"]
    assert (receipts >= 1.2 * 4.0 * rows["payment_cny"]).all()  # four quarterly payments are less than a yearly one
    assert (rows["principal_cny"] <= 0.75 * rows["capex_cny"]).all()


def test_the_log_says_who_paid(model):
    log = model.result().decisions
    firm = log.loc[log["outcome"] == "ordered_by_contract", "enterprise"].iloc[0]
    row = model.world.labels["enterprises"].index(firm)
    assert any("an energy service company pays for it" in line for line in model.enterprise(row).why())
    assert any("合同能源管理" in line for line in model.enterprise(row).why("zh"))


def test_b08_a_fee_that_nobody_received_is_found(monkeypatch):
    """The run stops when the companies' own books and the ledger differ by 1 CNY."""
    built = ts.build_model(asked(1.0), seed=1, keep_decisions=False)
    original = money.settle_services

    def spoiled(world):
        original(world)
        world.energy_service.companies["cash_cny"][0] += 1.0

    monkeypatch.setattr(money, "settle_services", spoiled)
    with pytest.raises(ConservationError, match=r"B08 money .*1 CNY"):
        built.step()


def test_a_failed_company_leaves_its_loans_with_the_bank(monkeypatch):
    """Cash taken away for two quarters: loans are written off, the run goes on and all books close."""
    built = ts.build_model(asked(1.0), seed=1, keep_decisions=False)
    for _ in range(8):
        built.step()
    world = built.world
    service = world.energy_service
    company = int(service.in_use["company"][service.in_use["quarters_left"] > 0][0])
    owed = float(service.in_use["principal_cny"][service.in_use["company"] == company].sum())
    before = float(world.banks.non_performing_cny.sum())
    for _ in range(2):
        gone = float(service.companies["cash_cny"][company]) + 1e7
        service.companies["cash_cny"][company] -= gone
        service.booked_cny -= gone
        built.step()
    assert not service.companies["is_alive"][company]
    lost = float(world.banks.non_performing_cny.sum()) - before
    assert 0.0 < lost <= 0.45 * owed + np.spacing(owed)
    assert (service.in_use["principal_cny"][service.in_use["company"] == company] == 0.0).all()
    assert [e for e in world.recorder.events if e.kind == "service_default"]
    built.step()
