"""The green budget: income, queue, carry-over, no overdraft (SM10, B10)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transition_sim.core.errors import ConservationError
from transition_sim.world.policy.budget import RULES, GreenBudget, fiscal_income_cny


def opened(income, rule="first_come"):
    budget = GreenBudget(rule=rule)
    budget.open_year(income, 0.3)
    return budget


def test_sm10_income_of_the_year():
    # 1000 x 1.1^2 x 0.006 + 5 = 7.26 + 5
    assert fiscal_income_cny(1000.0, 10.0, 2.0, 0.006, 5.0) == pytest.approx(12.26)
    assert fiscal_income_cny(1000.0, 10.0, 0.0, 0.006) == pytest.approx(6.0)


def test_what_is_above_the_carry_lapses():
    budget = opened(100.0)
    assert budget.spend(40.0) == 40.0
    assert budget.open_year(200.0, 0.3) == pytest.approx(30.0)  # 60 left, 30 carried
    assert budget.balance_cny == pytest.approx(230.0)
    assert (budget.awarded_cny, budget.spent_cny, budget.year_income_cny) == (0.0, 0.0, 200.0)


def test_b10_a_falling_budget_carries_no_more_than_its_own_share():
    budget = opened(100.0)
    assert budget.open_year(50.0, 0.3) == pytest.approx(85.0)  # 0.3 x 50 = 15 carried, not 0.3 x 100
    assert budget.balance_cny == pytest.approx(1.3 * 50.0)


def test_recycled_income_belongs_to_the_year_in_which_it_is_added():
    budget = opened(100.0)
    budget.add_income(60.0)
    assert (budget.balance_cny, budget.year_income_cny, budget.recycled_cny) == (160.0, 160.0, 60.0)
    assert budget.open_year(200.0, 0.3) == pytest.approx(160.0 - 48.0)  # 0.3 x 160
    assert budget.recycled_cny == 0.0


def test_the_queue_stops_at_the_first_that_does_not_fit():
    budget = opened(100.0)
    funded = budget.award(np.array([70.0, 50.0, 10.0]), np.array([0.0, 1.0, 2.0]), np.zeros(3))
    assert funded.tolist() == [True, False, False]  # 10 would fit the 30 left, but stands behind 50
    assert budget.is_exhausted
    assert budget.award(np.array([10.0]), np.zeros(1), np.zeros(1)).tolist() == [True]  # a later round
    assert not budget.is_exhausted
    assert budget.balance_cny == 20.0


def test_order_of_the_queue():
    asked, key, draws = np.full(3, 40.0), np.array([5.0, 5.0, 9.0]), np.array([0.9, 0.1, 0.0])
    assert opened(50.0, "cost_per_tonne").award(asked, key, draws).tolist() == [False, True, False]
    assert opened(50.0, "lottery").award(asked, key, draws).tolist() == [False, False, True]


def test_who_asks_for_nothing_is_no_applicant():
    budget = opened(50.0)
    assert budget.award(np.array([0.0, 50.0]), np.zeros(2), np.array([0.1, 0.2])).tolist() == [False, True]
    assert budget.balance_cny == 0.0


def test_support_is_paid_without_overdraft():
    budget = opened(100.0)
    assert budget.spend(70.0) == 70.0
    assert budget.spend(70.0) == 30.0
    assert budget.spend(1.0) == 0.0
    assert (budget.balance_cny, budget.spent_cny) == (0.0, 100.0)
    budget.check("2025Q1")


def test_b10_is_raised_with_the_quarter():
    budget = opened(100.0)
    budget.balance_cny = -1.0
    with pytest.raises(ConservationError, match="B10 fiscal is broken in 2025Q2"):
        budget.check("2025Q2")
    budget.balance_cny = 100.0
    budget.awarded_cny = 40.0
    with pytest.raises(ConservationError, match="residual 40 CNY"):
        budget.check("2025Q2")


def test_bad_amounts_are_refused():
    with pytest.raises(ValueError, match="order of the queue"):
        GreenBudget(rule="friends")
    budget = opened(100.0)
    with pytest.raises(ValueError, match="not negative"):
        budget.spend(-1.0)
    with pytest.raises(ValueError, match="not negative"):
        budget.add_income(float("nan"))
    with pytest.raises(ValueError, match="not negative"):
        budget.award(np.array([-1.0]), np.zeros(1), np.zeros(1))
    with pytest.raises(ValueError, match="carried over"):
        budget.open_year(1.0, 1.5)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(RULES),
    st.lists(
        st.tuples(st.floats(0, 1e9), st.floats(0, 1e8), st.lists(st.floats(0, 1e9), max_size=6), st.floats(0, 1e9)),
        min_size=1,
        max_size=5,
    ),
)
def test_b10_holds_over_years(rule, years):
    budget = GreenBudget(rule=rule)
    for income, recycled, asked, support in years:
        before = budget.balance_cny
        lapsed = budget.open_year(income, 0.3)
        assert budget.balance_cny + lapsed == pytest.approx(before + income)
        budget.add_income(recycled)
        bids = np.array(asked, float)
        funded = budget.award(bids, bids, np.linspace(0.0, 0.9, bids.size))
        budget.spend(support)
        budget.check("2025Q4")
        assert bids[funded].sum() == pytest.approx(budget.awarded_cny)
        assert budget.balance_cny >= 0.0
        assert budget.awarded_cny <= 1.3 * (income + recycled) * (1 + 1e-12)


def test_all_awards_come_back_whatever_rounding_leaves():
    """0.3 less 0.1 less 0.2 is -2.8e-17 in floats: nothing is awarded then, and a refund of 0 is none too many."""
    assert 0.3 - 0.1 - 0.2 < 0.0
    budget = opened(1.0)
    budget.award(np.array([0.3]), np.zeros(1), np.zeros(1))
    budget.refund(0.1)
    budget.refund(0.2)
    assert budget.awarded_cny == 0.0
    budget.refund(0.0)
