"""Permits of clinker capacity: pool, swap, auction, idle rules (SM11, B12)."""

import numpy as np
import pytest

from transition_sim.core.errors import ConservationError
from transition_sim.world.markets.capacity_permits import (
    PermitBook,
    allowed_new_t,
    annuity_years,
    ask_cny_per_t,
    bid_cny_per_t,
    is_eligible,
    payments_cny,
    required_retirement_t,
)


def book_of(*permitted):
    return PermitBook(np.array(permitted, float))


def test_sm11_replacing_the_own_line_gives_one_over_r():
    book = book_of(900.0, 100.0)
    assert book.replace(0, old_t=900.0, wanted_t=900.0, ratio=1.5, quarter=4) == pytest.approx(600.0)
    assert book.permitted_t_per_year == pytest.approx([600.0, 100.0])
    assert book.pool_t == pytest.approx(0.0, abs=1e-9)
    book.check("2025Q1", is_banned=True)


def test_l09_neutral_ratio_keeps_the_line_whole():
    book = book_of(900.0)
    assert book.replace(0, 900.0, 900.0, 1.0, 0) == 900.0
    assert book.total_t == 900.0


def test_what_is_not_wanted_stays_in_the_pool_and_helps_later():
    book = book_of(900.0)
    assert book.replace(0, 900.0, 400.0, 1.5, 0) == 400.0
    assert book.held_t(0) == pytest.approx(300.0)  # 900 - 1.5 x 400
    book.issue_new(0, 200.0, 1.5)  # 1.5 x 200 = 300
    assert book.total_t == pytest.approx(600.0)
    book.check("2025Q1", is_banned=True)


def test_a_line_built_years_after_the_retirement_does_not_break_b12():
    book = book_of(900.0)
    book.retire(0, 900.0, 0)
    book.check("2025Q1", is_banned=True)
    book.issue_new(0, 600.0, 1.5)
    book.check("2026Q1", is_banned=True)
    assert book.total_t == 600.0


def test_new_capacity_needs_enough_retired_permits():
    book = book_of(500.0, 500.0)
    book.retire(0, 149.0, 0)
    with pytest.raises(ValueError, match="needs 150 t/yr of retired permits and holds 149"):
        book.issue_new(0, 100.0, 1.5)
    with pytest.raises(ValueError, match="holds 0"):
        book.issue_new(1, 1.0, 1.0)  # another's permits do not help
    with pytest.raises(ValueError, match="cannot retire"):
        book.retire(0, 352.0, 0)
    assert (book.total_t, book.pool_t) == (851.0, 149.0)


def test_retired_permits_lapse_after_two_idle_years():
    book = book_of(500.0)
    book.retire(0, 100.0, quarter=0)
    book.retire(0, 50.0, quarter=1)
    assert book.lapse(8, 2.0) == 0.0  # exactly two years
    assert book.lapse(9, 2.0) == 100.0
    assert book.held_t(0) == 50.0
    book.check("2027Q2", is_banned=True)


def test_forfeited_capacity_cannot_be_swapped():
    book = book_of(500.0)
    book.retire(0, 200.0, 0, can_be_swapped=False)
    assert (book.total_t, book.pool_t) == (300.0, 0.0)
    book.check("2025Q1", is_banned=True)


def test_l10_ban_rules_out_grants():
    book = book_of(500.0)
    with pytest.raises(ValueError, match="ban"):
        book.grant(0, 100.0, is_banned=True)
    book.grant(0, 100.0, is_banned=False)
    assert book.total_t == 600.0
    with pytest.raises(ConservationError, match=r"B12 .*growth under the ban: 100"):
        book.check("2025Q1", is_banned=True)
    book.check("2025Q2", is_banned=True)
    assert allowed_new_t(True, 4.5e6, 1.5) == pytest.approx(3.0e6)
    assert allowed_new_t(False, 0.0, 1.5) == np.inf


def test_b12_finds_capacity_from_nowhere():
    book = book_of(500.0)
    book.permitted_t_per_year[0] += 1.0
    with pytest.raises(ConservationError, match="permits: 1"):
        book.check("2025Q1", is_banned=False)


def test_sm11_auction_moves_permits_at_one_price():
    book = book_of(300.0, 300.0, 0.0, 0.0)
    book.retire(0, 300.0, 0)
    book.retire(1, 300.0, 0)
    asks, offered = np.array([100.0, 200.0, 0.0, 0.0]), np.array([300.0, 300.0, 0.0, 0.0])
    bids, wanted = np.array([0.0, 0.0, 260.0, 150.0]), np.array([0.0, 0.0, 450.0, 300.0])
    # bid 260 x 450 meets 300 at 100 and 150 of 300 at 200; next ask 200 (rest), next bid 150: price in [200, 200]
    result = book.auction(asks, offered, bids, wanted, 0.5, quarter=3)
    assert result.traded_units == pytest.approx(450.0)
    assert result.price_cny_per_unit == pytest.approx(200.0)
    assert book.retired_t_per_year() == pytest.approx([0.0, 150.0, 450.0, 0.0])
    received, paid = payments_cny(result)
    assert received == pytest.approx([60_000.0, 30_000.0, 0.0, 0.0])
    assert paid == pytest.approx([0.0, 0.0, 90_000.0, 0.0])
    book.issue_new(2, 300.0, 1.5)
    book.check("2025Q4", is_banned=True)
    assert book.lapse(9, 2.0) == pytest.approx(150.0)  # the seller's rest, idle since quarter 0


def test_price_lies_half_way_between_single_orders():
    book = book_of(100.0, 0.0)
    book.retire(0, 100.0, 0)
    zero = np.zeros(2)
    units = np.array([100.0, 0.0])
    result = book.auction(np.array([100.0, 0.0]), units, np.array([0.0, 300.0]), units[::-1].copy(), 0.5, 0)
    assert result.price_cny_per_unit == pytest.approx(200.0)  # asks from 100, bids to 300
    nothing = book.auction(zero, zero, zero, zero, 0.5, 1)
    assert [side.tolist() for side in payments_cny(nothing)] == [[0.0, 0.0], [0.0, 0.0]]
    with pytest.raises(ValueError, match="enterprise 0 offers more"):
        book.auction(zero, units, zero, zero, 0.5, 1)


def test_sm11_who_is_eligible():
    days, idle = np.array([90.0, 89.0, 0.0, 200.0]), np.array([0.0, 0.0, 2.0, 2.25])
    assert is_eligible(days, idle, 2023, 90.0, 2024.0, 2.0).tolist() == [True, True, True, False]
    assert is_eligible(days, idle, 2024, 90.0, 2024.0, 2.0).tolist() == [True, False, False, False]


def test_sm11_ask_and_bid():
    assert annuity_years(2.0, 0.25) == pytest.approx(0.8 + 0.64)  # 1/1.25 + 1/1.25^2
    assert annuity_years(7.0, 0.0) == 7.0
    asks = ask_cny_per_t(np.array([50.0, -50.0]), np.array([2.0, 2.0]), 0.25)
    assert asks == pytest.approx([72.0, 0.0])  # 50 x 1.44; who loses money asks nothing
    bids = bid_cny_per_t(np.array([500.0, 100.0]), np.array([600.0, 600.0]), np.array([2.0, 2.0]), 0.25, 1.5)
    assert bids == pytest.approx([80.0, -304.0])  # (720 - 600) / 1.5; (144 - 600) / 1.5


def test_ratios_under_one_are_refused():
    with pytest.raises(ValueError, match="1 or more"):
        required_retirement_t(1.0, 0.9)
    with pytest.raises(ValueError, match="1 or more"):
        allowed_new_t(True, 1.0, 0.5)
