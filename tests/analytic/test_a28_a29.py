"""A28 capacity swap and A29 subsidy queue, with the numbers of table 5.2."""

import numpy as np
import pytest

from transition_sim.world.markets.capacity_permits import PermitBook, required_retirement_t
from transition_sim.world.policy.budget import GreenBudget


@pytest.mark.parametrize(("ratio", "retired", "net"), [(1.5, 4.5e6, -1.5e6), (2.0, 6.0e6, -3.0e6)])
def test_a28_three_million_tonnes_new(ratio, retired, net):
    assert required_retirement_t(3.0e6, ratio) == retired
    book = PermitBook(np.array([6.0e6, 0.0]))
    book.retire(0, retired, quarter=0)
    sold = np.array([retired, 0.0])
    book.auction(np.array([10.0, 0.0]), sold, np.array([0.0, 20.0]), sold[::-1].copy(), 0.5, quarter=0)
    book.issue_new(1, 3.0e6, ratio)
    assert book.total_t - 6.0e6 == pytest.approx(net)
    assert book.permitted_t_per_year == pytest.approx([6.0e6 - retired, 3.0e6])
    assert book.pool_t == pytest.approx(0.0, abs=1e-6)
    book.check("2025Q1", is_banned=True)


def test_a29_two_of_four_bids_are_funded_and_twenty_are_carried():
    budget = GreenBudget()
    assert budget.open_year(100.0, 0.3) == 0.0
    funded = budget.award(np.full(4, 40.0), np.array([3.0, 1.0, 2.0, 4.0]), np.zeros(4))
    assert funded.tolist() == [False, True, True, False]  # the first two in the queue: 80 of 100
    assert budget.balance_cny == 20.0
    budget.check("2025Q4")
    assert budget.open_year(100.0, 0.3) == 0.0  # 20 is under 30 % of 100: nothing lapses
    assert (budget.carried_cny, budget.balance_cny) == (20.0, 120.0)
