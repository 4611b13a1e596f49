"""Balance sheets of banks by hand and over random bookings (SM08, B09, A26)."""

import numpy as np
import pytest

from transition_sim.core.errors import ConservationError
from transition_sim.core.tables import allocate
from transition_sim.world.markets.banks import Banks
from transition_sim.world.markets.credit import (
    loan_rows,
    outstanding_by_bank,
    service_loans,
    write_off,
)
from transition_sim.world.markets.loans import Loans
from transition_sim.world.state import FINANCE, FLOWS


def one_bank(loans=1000.0, deposits=1200.0, ratio=0.125):
    return Banks.start(["bank"], ["Bank"], [1.0], [ratio], [loans], [deposits])


def sheet(bank):
    names = ("loans_cny", "reserves_cny", "deposits_cny", "facility_cny", "capital_cny", "non_performing_cny")
    return [float(getattr(bank, name)[0]) for name in names]


def test_b09_the_opening_balance_closes():
    """Capital 0.125 x 1000 = 125; reserves 1200 + 125 - 1000 = 325."""
    bank = one_bank()
    assert sheet(bank) == [1000.0, 325.0, 1200.0, 0.0, 125.0, 0.0]
    bank.check("2020Q1", np.array([1000.0]), np.array([0.0]))


def test_b09_every_booking_by_hand():
    bank = one_bank()
    bank.lend(np.array([100.0]), np.array([60.0]))
    assert sheet(bank) == [1100.0, 385.0, 1300.0, 60.0, 125.0, 0.0]
    bank.repay(np.array([10.0]), np.array([20.0]), np.array([12.0]), np.array([1.0]))
    assert sheet(bank) == [1080.0, 372.0, 1270.0, 48.0, 134.0, 0.0]
    bank.write_off(np.array([45.0]), np.array([55.0]), np.array([48.0]))
    assert sheet(bank) == [980.0, 379.0, 1270.0, 0.0, 89.0, 45.0]
    assert bank.close_quarter(np.array([-70.0])) == 0.0
    assert sheet(bank) == [980.0, 309.0, 1200.0, 0.0, 89.0, 45.0]
    bank.write_off_overdrafts(np.array([5.0]))
    assert sheet(bank) == [980.0, 309.0, 1205.0, 0.0, 84.0, 50.0]
    bank.check("2020Q1", np.array([980.0]), np.array([0.0]))


def test_sm08_what_exceeds_the_starting_ratio_is_paid_out():
    """1000 of loans need 125; 10 of interest are too much and leave with reserves, a loss of 30 is not paid out."""
    bank = one_bank()
    bank.repay(np.array([10.0]), np.zeros(1), np.zeros(1), np.zeros(1))
    assert sheet(bank) == [1000.0, 325.0, 1190.0, 0.0, 135.0, 0.0]
    assert bank.close_quarter(np.array([5.0])) == 10.0
    assert sheet(bank) == [1000.0, 320.0, 1195.0, 0.0, 125.0, 0.0]
    bank.write_off(np.array([30.0]))
    assert bank.close_quarter(np.zeros(1)) == 0.0


@pytest.mark.parametrize(
    ("ratio", "quarter_of_year", "room"),
    [
        (0.125, 0, 30.0),  # plan: 1000 x (1 + 0.12 / 4); capital would carry 125 / 0.105 - 1000 = 190.5
        (0.125, 3, 120.0),
        (0.107, 3, 107.0 / 0.105 - 1000.0),  # capital binds: 19.05
        (0.100, 3, 0.0),
    ],
)
def test_a26_room_is_the_smaller_of_capital_and_plan(ratio, quarter_of_year, room):
    assert one_bank(ratio=ratio).room_cny(0.105, 0.12, quarter_of_year) == pytest.approx([room])


def test_l03_refinanced_loans_leave_room():
    """Of a green loan of 100 only 40 use the room: 120 - 40."""
    bank = one_bank()
    bank.lend(np.array([100.0]), np.array([60.0]))
    assert bank.room_cny(0.105, 0.12, 3) == pytest.approx([80.0])


def test_sm08_the_plan_follows_the_book_but_a_bad_year_does_not_close_a_bank():
    bank = one_bank()
    bank.lend(np.array([100.0]), np.zeros(1))
    bank.begin_year()
    assert bank.room_cny(0.0625, 0.12, 3) == pytest.approx([132.0])  # 0.12 x 1100
    bank.repay(np.zeros(1), np.array([900.0]), np.zeros(1), np.zeros(1))
    bank.begin_year()
    assert bank.room_cny(0.105, 0.12, 3) == pytest.approx([920.0])  # 1.12 x 1000 - 200


def test_b09_names_the_bank_whose_books_are_wrong():
    bank = Banks.start(["a", "b"], ["A", "B"], [0.5, 0.5], [0.12, 0.12], [100.0, 100.0], [100.0, 100.0])
    bank.deposits_cny[1] += 0.01
    with pytest.raises(ConservationError, match=r"B09.*2021Q3.*b: -0\.01") as caught:
        bank.check("2021Q3", np.array([100.0, 100.0]))
    assert caught.value.residual == pytest.approx(0.01)
    bank.deposits_cny[1] -= 0.01
    with pytest.raises(ConservationError, match="B09 loans"):
        bank.check("2021Q3", np.array([100.0, 99.0]))
    with pytest.raises(ConservationError, match="B09 facility"):
        bank.check("2021Q3", np.array([100.0, 100.0]), np.array([1.0, 0.0]))
    bank.reserves_cny[0] = np.nan
    with pytest.raises(ConservationError, match="B09 bank"):
        bank.check("2021Q3", np.array([100.0, 100.0]))


def test_b09_holds_over_sixty_years_of_random_bookings():
    """Loans of 1e6 to 1e10 CNY granted, served and written off at three banks; every quarter the books close."""
    draws = np.random.default_rng(9)
    finance, flows = allocate(FINANCE, 50), allocate(FLOWS, 50)
    finance["is_alive"] = True
    customers = draws.integers(0, 3, 50)

    def some(n):
        row, principal = draws.integers(0, 50, n), 10 ** draws.uniform(6, 10, n)
        is_green = draws.random(n) < 0.5
        facility = np.where(is_green, 0.6 * principal, 0.0)
        return loan_rows(row, customers[row], principal, draws.uniform(0, 0.1, n), 12, facility, 1.0)

    first = some(200)
    first.supports["facility_cny"] = 0.0
    loans = Loans.none()
    loans.append(first)
    start, _ = outstanding_by_bank(first, 3)
    banks = Banks.start("abc", "ABC", [0.5, 0.3, 0.2], [0.12, 0.13, 0.16], start, 1.5 * start)
    for quarter in range(240):
        granted = some(int(draws.integers(1, 9)))
        loans.append(granted)
        banks.lend(*outstanding_by_bank(granted, 3))
        banks.repay(*service_loans(loans.book, finance, flows, 3, 1.75))
        if quarter % 4 == 3:
            loans.drop_finished()
        banks.write_off(*write_off(loans.book, draws.random(50) < 0.02, 0.45, finance, 3))
        banks.write_off_overdrafts(draws.uniform(0, 1e5, 3))
        banks.close_quarter(draws.normal(0, 1e9, 3))
        banks.check(str(quarter), *outstanding_by_bank(loans.book, 3))
    assert (banks.non_performing_cny > 1e9).all()
    assert (banks.capital_cny <= banks.target_ratio_share * banks.risk_weighted_cny * (1 + 1e-9)).all()


def test_copy_is_independent_and_start_refuses_nonsense():
    bank = one_bank()
    other = bank.copy()
    other.lend(np.array([1.0]), np.zeros(1))
    other.ids.append("x")
    assert (bank.loans_cny[0], bank.ids) == (1000.0, ["bank"])
    with pytest.raises(ValueError, match="cannot be negative"):
        one_bank(loans=-1.0)
    with pytest.raises(ValueError, match="one name"):
        Banks.start(["a"], ["A"], [0.5, 0.5], [0.12], [1.0], [1.0])
