"""A check that cannot fail checks nothing: one number is made wrong, and the run stops and names the identity."""

from dataclasses import replace

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.core.errors import ConservationError
from transition_sim.quarter import account, green_power, money, power
from transition_sim.world.accounting.certificates import check_scope2
from transition_sim.world.accounting.identities import check_bounds, check_carbon, check_fuel
from transition_sim.world.deliveries import check_goods
from transition_sim.world.markets import supply

SCENARIO = ts.load_scenario("guangan_city", policy="current", end_year=2023)


@pytest.fixture
def model():
    """A model at the end of its first year, under a policy in which certificates, permits and subsidies exist."""
    made = ts.build_model(SCENARIO, seed=1, keep_agents=False, keep_decisions=False)
    for _ in range(8):
        made.step()
    return made


def breaks(identity: str):
    """Expect the identity to be named, in a quarter that is named too."""
    return pytest.raises(ConservationError, match=rf"^{identity} .*is broken in 202\d+Q\d")


def spoiled(monkeypatch, module, name: str, spoil):
    """Let a function of a phase do its work and then spoil what it made."""
    original = getattr(module, name)

    def wrapper(*args, **kwargs):
        made = original(*args, **kwargs)
        changed = spoil(args[0], made)
        return made if changed is None else changed

    monkeypatch.setattr(module, name, wrapper)


def uncompiled(monkeypatch, module, name: str):
    """Run a compiled function as plain Python, so that what it calls can be spoiled."""
    monkeypatch.setattr(module, name, getattr(module, name).py_func)


def before(monkeypatch, module, name: str, spoil):
    """Spoil the world just before a function of a phase."""
    original = getattr(module, name)

    def wrapper(world, *args, **kwargs):
        spoil(world)
        return original(world, *args, **kwargs)

    monkeypatch.setattr(module, name, wrapper)


def test_nothing_spoiled_nothing_raised(model):
    """The tests below break runs that would have gone on."""
    model.run()
    assert model.quarter == 16


# --- B01 power ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["generation_mw", "import_mw", "unserved_place_mw"])
def test_b01_power_from_nowhere(model, monkeypatch, field):
    """One MW more in one slice, of what is generated, imported or not served."""

    def spoil(_, made):
        values = getattr(made, field).copy()
        values.flat[0] += 1.0
        return made._replace(**{field: values})

    uncompiled(monkeypatch, power, "supply_quarter")
    spoiled(monkeypatch, supply, "dispatch", spoil)
    with breaks("B01 electricity"):
        model.step()


# --- B02 storage ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [1.01, 0.99])
def test_b02_a_day_that_does_not_end_as_it_began(model, monkeypatch, factor):
    """Storage gives a hundredth more, or less, than it took in."""
    while model.world.plans.storage_mwh.sum() == 0:
        model.step()
    uncompiled(monkeypatch, power, "supply_quarter")
    uncompiled(monkeypatch, supply, "place_load")
    spoiled(monkeypatch, supply, "apply_storage", lambda _, made: (made[0], factor * made[1]))
    with breaks("B02 storage"):
        model.step()


# --- B03, B05 fuel and carbon -----------------------------------------------------------------------------------------


def test_b03_fuel_that_nobody_pays_for(model, monkeypatch):
    """Fuel of one enterprise changed between its bill and the end of the quarter."""

    def spoil(world):
        world.state.fuel_gj[0, 0] += 1.0

    before(monkeypatch, money, "_price", spoil)
    with breaks("B03 fuel"):
        model.step()


def test_b03_a_bill_for_fuel_that_nobody_used(model):
    check_fuel(model.world)
    model.world.notes.flows["fuel_cny"] += 100.0
    with breaks("B03 fuel"):
        check_fuel(model.world)


def test_b05_fuel_after_use(model, monkeypatch):
    """A GJ of coal burnt after the inventory was made."""

    def spoil(world):
        coal = world.labels["carriers"].index("coal")
        world.state.fuel_gj[3, coal] += 1.0

    before(monkeypatch, account, "check_carbon", spoil)
    with breaks("B05 carbon"):
        model.step()


@pytest.mark.parametrize("field", ["process_tco2", "captured_tco2", "scope1_tco2"])
def test_b05_process_and_capture(model, monkeypatch, field):
    """One tonne more in one enterprise before its inventory is added up."""

    def spoil(world):
        world.state["energy"][field][0] += 1.0

    before(monkeypatch, account, "_upstream", spoil)
    with breaks("B05 carbon"):
        model.step()


def test_b05_emissions_of_plants(model):
    """The fuel of plants from generation and heat rates against what the dispatch reported."""
    model.world.quarter -= 1
    check_carbon(model.world)
    unit = int(np.flatnonzero((model.world.power.node == 0) & (model.world.power.fuel >= 0))[0])
    model.world.power.quarter.generation_mwh[unit] += 1.0
    with breaks("B05 carbon"):
        check_carbon(model.world)


# --- B06, B07 green power ---------------------------------------------------------------------------------------------


def test_b06_a_claim_that_nobody_carries(model, monkeypatch):
    """The residual mix is left where it was while a claim is made."""
    while model.world.green.claimed_mwh == 0:
        model.step()
    monkeypatch.setattr(green_power, "residual_factor", lambda tonnes, mwh, claimed: tonnes / mwh)
    with breaks("B06 market-based scope 2"):
        model.step()


def test_b06_a_tonne_too_many():
    with breaks("B06 market-based scope 2"):
        check_scope2(60.0 + 40.0, 101.0, "2021Q1")


@pytest.mark.parametrize("count", ["issued", "claimed", "expired"])
def test_b07_a_certificate_from_nowhere(model, count):
    """One certificate in any count of the ledger is found; so is one that is sold and stays with the seller."""
    ledger = model.world.certificates
    setattr(ledger, count, getattr(ledger, count) + 1)
    with breaks("B07 certificates"):
        model.step()


def test_b07_a_certificate_that_two_hold(model):
    model.world.certificates._held[model.world.certificates._slot()] += 1
    with breaks("B07 certificates"):
        model.step()


def test_b07_a_certificate_sold_twice(model):
    ledger = model.world.certificates
    ledger.open_quarter(model.quarter)
    with pytest.raises(ValueError, match="each is traded once"):
        ledger.trade(np.zeros(ledger.tradable.size), ledger.tradable + 1.0)


def test_b07_a_claim_without_a_certificate(model):
    ledger = model.world.certificates
    ledger.open_quarter(model.quarter)
    with pytest.raises(ValueError, match="exceeds"):
        ledger.claim(ledger.held + 1)


# --- B08, B09 money and banks -----------------------------------------------------------------------------------------


def test_b08_a_yuan_from_nowhere(model, monkeypatch):
    """Cash of one enterprise changed within the settlement."""

    def spoil(world):
        world.state["finance"]["cash_cny"][7] += 1.0

    before(monkeypatch, money, "_defaults", lambda world, *_: None)
    before(monkeypatch, money, "_price", spoil)
    with breaks("B08 money"):
        model.step()


def test_b08_a_payment_with_one_side(model, monkeypatch):
    """A subsidy that the enterprise gets and no account pays."""

    def spoil(world, _):
        world.state["flows"]["subsidy_cny"][4] += 1.0
        world.budget.awarded_cny += 0.0
        world.ledger.post("capital subsidies", "green_budget", "enterprises", -1.0)

    spoiled(monkeypatch, money, "_bills", spoil)
    with breaks("B08 money"):
        model.step()


def test_b08_a_posting_that_the_owners_books_do_not_have(model, monkeypatch):
    """A post of 1 CNY from the green budget that the budget did not pay."""

    def spoil(world, _):
        world.ledger.post("gift", "green_budget", "households", 1.0)

    spoiled(monkeypatch, money, "_bills", spoil)
    with breaks("B08 money"):
        model.step()


@pytest.mark.parametrize("column", ["reserves_cny", "deposits_cny", "capital_cny", "facility_cny"])
def test_b09_a_yuan_in_the_books_of_a_bank(model, column):
    getattr(model.world.banks, column)[1] += 1.0
    with breaks("B09 bank balance sheet"):
        model.step()


def test_b09_a_loan_that_the_bank_does_not_know(model):
    state = model.world.state
    loans = state.loans.book.loans
    alive = int(np.flatnonzero(loans["principal_cny"] > 1e6)[0])
    loans["principal_cny"][alive] += 1.0
    with breaks("B09 loans of the bank = table of loans"):
        model.step()


def test_b08_b09_a_yuan_between_two_quarters(model):
    """Cash of an enterprise that no bank has in its books."""
    model.world.state["finance"]["cash_cny"][7] += 1.0
    with pytest.raises(ConservationError, match=r"^B0[89]"):
        model.step()


def test_b09_debts_that_no_loan_stands_for(model):
    """Debts are the sum of loans every quarter: a yuan beside them is gone at the next one, and the check sees it."""
    banks, finance = model.world.banks, model.world.state["finance"]
    contracts = model.world.energy_service.in_use
    owed = np.bincount(finance["bank"], finance["debt_cny"], banks.n_banks)
    owed += np.bincount(contracts["bank"], contracts["principal_cny"], banks.n_banks)
    banks.check("2021Q1", customers_debt_cny=owed)
    with breaks("B09 loans of the bank = debts of customers"):
        banks.check("2021Q1", customers_debt_cny=owed + 1.0)


def test_b09_a_loan_that_is_not_a_number(model):
    model.world.state.loans.book.loans["principal_cny"][0] = np.nan
    with pytest.raises((ConservationError, ValueError), match=r"^B(08|09|14)|cannot pay nan"):
        model.step()


# --- B10, B12 budget and permits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["balance_cny", "awarded_cny", "spent_cny", "year_income_cny"])
def test_b10_a_yuan_in_the_budget(model, column):
    setattr(model.world.budget, column, getattr(model.world.budget, column) + 1.0)
    for _ in range(1):
        model.step()  # the first quarter of a year opens new books
    setattr(model.world.budget, column, getattr(model.world.budget, column) + 1.0)
    with breaks("B10 fiscal"):
        model.step()


def test_b10_an_overdraft(model):
    model.world.budget.balance_cny = -1.0
    with breaks("B10 fiscal"):
        model.world.budget.check("2021Q1")


def test_b12_permits_from_nowhere(model):
    """10 t/yr more for one works: beyond 1e-6 of the place's capacity of 5 Mt/yr."""
    model.world.permits.permitted_t_per_year[np.argmax(model.world.permits.permitted_t_per_year)] += 10.0
    with breaks("B12 capacity permits"):
        model.step()


@pytest.mark.parametrize("count", ["retired_t", "new_t", "granted_t", "used_t", "swappable_t"])
def test_b12_a_count_that_no_permit_stands_for(model, count):
    setattr(model.world.permits, count, getattr(model.world.permits, count) + 10.0)
    with breaks("B12 capacity permits"):
        model.step()


def test_b12_a_grant_under_the_ban(model):
    """The books add up, and the place has grown all the same."""
    model.world.permits.grant(0, 10.0, is_banned=False)
    with breaks("B12 capacity permits"):
        model.step()


# --- B13 goods --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", range(6))
def test_b13_any_total_that_is_off(model, place):
    """Used, bought, from outside, sold, paid, earned: one of a million more in any."""
    total = model.world.notes.goods.copy()
    check_goods(total, "2021Q4")
    total[place] *= 1.0 + 1e-6
    with breaks("B13 goods"):
        check_goods(total, "2021Q4")


def test_b13_a_supply_chain_that_sells_more_than_it_has(model, monkeypatch):
    """The list of buyers and the list of suppliers tell different stories."""
    constants = model.world.constants
    doubled = constants.buyer_input.copy()
    doubled[0] *= 2.0
    monkeypatch.setattr(model.world, "constants", replace(constants, buyer_input=doubled))
    with breaks("B13 goods"):
        model.step()


# --- B14 bounds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "field", "value"),
    [
        ("conduct", "capability", 1.1),
        ("conduct", "capability", np.nan),
        ("conduct", "government_share", -0.1),
        ("finance", "stranded_cny", -1.0),
        ("finance", "credit_score", np.nan),
        ("prices", "price_index", np.nan),
        pytest.param("prices", "wage_share", np.inf),
        pytest.param("flows", "profit_cny", -np.inf),
        ("production", "expected_orders_cny", np.nan),
        ("energy", "scope2_location_tco2", -1.0),
        ("green_power", "willingness_cny_per_mwh", np.nan),
    ],
)
def test_b14_a_number_out_of_bounds(model, table, field, value):
    check_bounds(model.world)
    model.world.state[table][field][11] = value
    with breaks(f"B14 bounds of {field}"):
        check_bounds(model.world)


@pytest.mark.parametrize("field", ["capability", "roof_m2", "export_share", "government_share"])
def test_b14_a_nan_between_quarters_stops_the_next(model, field):
    model.world.state["conduct"][field][11] = np.nan
    with pytest.raises((ConservationError, ValueError), match=r"^B14|^B0|finite"):
        model.step()


def test_b14_shares_of_a_sector(model):
    model.world.state["production"]["final_share"][2] += 1e-6
    with breaks("B14 market shares"):
        check_bounds(model.world)


def test_b14_a_slot_and_an_asset_out_of_bounds(model):
    model.world.state.slots["capacity_unit_per_year"][4] = -1.0
    with breaks("B14 bounds of capacity_unit_per_year"):
        check_bounds(model.world)
    model.world.state.slots["capacity_unit_per_year"][4] = 1.0
    model.world.state.assets["capex_cny"][4] = np.nan
    with breaks("B14 bounds of capex_cny"):
        check_bounds(model.world)


def test_b14_equipment_from_the_future(model):
    used = model.world.state.assets[: model.world.state.n_assets]
    active = int(np.flatnonzero(used["status"] == 1)[0])
    used["commissioned_quarter"][active] = model.quarter + 5
    with breaks("B14 ages"):
        check_bounds(model.world)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda world: world.state.expected_cny_per_gj.__setitem__((1, 0), np.nan),
        lambda world: world.tariffs.shape_cny_per_mwh.__setitem__((0, 0), np.nan),
        lambda world: world.tariffs.midday_cny_per_mwh.__setitem__(3, np.nan),
        lambda world: setattr(world.power, "log_hydrology", np.nan),
        lambda world: setattr(world.power, "province_load_mwh", np.nan),
        lambda world: world.additions.__setitem__(-1, np.nan),
    ],
    ids=["expected prices", "tariffs by shape", "midday tariff", "hydrology", "load of the province", "experience"],
)
def test_b14_a_nan_beside_the_tables_stops_the_run(model, spoil):
    """Compiled rules take max(0, nan) for 0 and min(1, nan) for 1: a nan must be found where it is kept."""
    spoil(model.world)
    with pytest.raises((ConservationError, ValueError)):
        model.run()
