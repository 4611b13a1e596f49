"""The ledger: every payment has two sides, and books that disagree stop the run (B08)."""

import pytest

from transition_sim.core.errors import ConservationError
from transition_sim.world.accounting.money import ACCOUNTS, Ledger
from transition_sim.world.accounting.settlement import dividends_cny


def test_a_payment_has_two_sides():
    ledger = Ledger()
    ledger.post("wages", "enterprises", "households", 30.0)
    ledger.post("final goods", "households", "enterprises", 12.5)
    assert ledger.change_cny("enterprises") == -17.5
    assert ledger.change_cny("households") == 17.5
    assert ledger.balance_cny.sum() == 0.0
    # turnover counts both payments in full: 30 + 12.5
    assert ledger.turnover_cny == 42.5


def test_a_negative_amount_moves_money_back():
    ledger = Ledger()
    ledger.post("taxes", "enterprises", "treasury", -4.0)
    assert (ledger.change_cny("enterprises"), ledger.change_cny("treasury")) == (4.0, -4.0)


def test_payments_of_one_instrument_add_up():
    ledger = Ledger()
    ledger.post("loans", "banks", "enterprises", 1.0)
    ledger.post("loans", "banks", "enterprises", 2.0)
    ledger.post("loans", "enterprises", "banks", 0.5)
    assert ledger.payments == {("loans", "banks", "enterprises"): 3.0, ("loans", "enterprises", "banks"): 0.5}


def test_a_payment_inside_an_account_is_turnover_and_no_change():
    ledger = Ledger()
    ledger.post("goods of suppliers", "enterprises", "enterprises", 8.0)
    assert ledger.change_cny("enterprises") == 0.0
    assert ledger.turnover_cny == 8.0


def test_a_new_quarter_empties_the_list_and_keeps_balances():
    ledger = Ledger()
    ledger.post("fuel", "enterprises", "fuel_supplier", 5.0)
    ledger.open_quarter()
    assert ledger.payments == {}
    assert ledger.change_cny("fuel_supplier") == 0.0
    assert ledger.balance_cny[ACCOUNTS.index("fuel_supplier")] == 5.0


@pytest.mark.parametrize("amount", [float("nan"), float("inf")])
def test_an_amount_must_be_a_number(amount):
    ledger = Ledger()
    with pytest.raises(ValueError, match="wages: enterprises cannot pay"):
        ledger.post("wages", "enterprises", "households", amount)
    assert not ledger.balance_cny.any()


@pytest.mark.parametrize(("payer", "payee"), [("firms", "banks"), ("banks", "nobody")])
def test_an_unknown_account_is_refused_before_anything_moves(payer, payee):
    ledger = Ledger()
    with pytest.raises(KeyError):
        ledger.post("loans", payer, payee, 1.0)
    assert not ledger.balance_cny.any()


def test_b08_books_that_agree_pass():
    """Books may differ from the ledger by less than 1e-4 CNY: 5e-5 passes, 2e-4 does not."""
    ledger = Ledger()
    ledger.post("subsidies", "green_budget", "enterprises", 100.0)
    ledger.check("2020Q1", {"enterprises": 100.0 + 5e-5, "green_budget": -100.0})
    with pytest.raises(ConservationError, match="enterprises"):
        ledger.check("2020Q1", {"enterprises": 100.0 + 2e-4, "green_budget": -100.0})


def test_b08_books_that_disagree_stop_the_run_and_name_the_owner():
    ledger = Ledger()
    ledger.post("subsidies", "green_budget", "enterprises", 100.0)
    with pytest.raises(ConservationError, match=r"B08 money.*2021Q3.*green_budget") as error:
        ledger.check("2021Q3", {"enterprises": 100.0, "green_budget": -99.0})
    assert error.value.residual == pytest.approx(1.0)


def test_b08_the_tolerance_grows_only_with_rounding():
    ledger = Ledger()
    ledger.post("final goods", "rest_of_world", "enterprises", 1e12)
    # 2e-15 of a turnover of 1e12 is 0.002 CNY, what float64 leaves of sums of that size
    ledger.check("2020Q1", {"enterprises": 1e12 + 0.001})
    with pytest.raises(ConservationError):
        ledger.check("2020Q1", {"enterprises": 1e12 + 0.01})
    # a million rows: 2e-15 of the turnover times the root of a thousand
    ledger.check("2020Q1", {"enterprises": 1e12 + 0.03}, n_rows=1_000_000)
    with pytest.raises(ConservationError, match="B08"):
        ledger.check("2020Q1", {"enterprises": 1e12 + 0.2}, n_rows=1_000_000)
    with pytest.raises(ConservationError):
        ledger.check("2020Q1", {"enterprises": float("nan")})


@pytest.mark.parametrize(
    ("profit", "cash", "kept_multiple", "paid"),
    [
        (10.0, 100.0, 1.0, 50.0),  # 100 - 50 is idle
        (10.0, 100.0, 1.2, 40.0),  # 100 - 60
        (10.0, 55.0, 1.2, 3.0),  # nothing idle: .3 of 10
        (10.0, 51.0, 1.2, 1.0),  # never below the 50 that the business wants
        (-10.0, 40.0, 1.0, 0.0),
    ],
)
def test_sm08_cash_that_the_business_does_not_want_goes_to_the_owners(profit, cash, kept_multiple, paid):
    """50 wanted, payout .3."""
    assert dividends_cny(profit, cash, 50.0, 0.3, kept_multiple) == pytest.approx(paid)


def test_sm08_what_a_refused_plan_needs_is_not_idle():
    """100 less 50 wanted less 30 for the plan: 20 is idle; a plan of 80 leaves the owners their share of profit, 3."""
    assert dividends_cny(10.0, 100.0, 50.0, 0.3, 1.0, 30.0) == pytest.approx(20.0)
    assert dividends_cny(10.0, 100.0, 50.0, 0.3, 1.0, 80.0) == pytest.approx(3.0)


def test_an_account_that_is_no_number_is_found_wherever_it_stands():
    ledger = Ledger()
    ledger.post("wages", "enterprises", "households", 100.0)
    with pytest.raises(ConservationError, match="B08"):
        ledger.check("2020Q1", {"enterprises": -100.0, "households": float("nan")})
