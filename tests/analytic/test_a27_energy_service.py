"""A27: what a contract is worth to an energy service company (SM09)."""

import pytest

from transition_sim.agents.contracts import contract_value_cny, fee_cny_per_unit, is_trusted
from transition_sim.scenarios import registry
from transition_sim.world.annuity import capital_recovery_factor


def test_a27_value_of_a_contract():
    """(1 - 1.12^-5) / .12 = 3.60478; .8 x 100 x 3.60478 = 288.38; less 260 is 28.38."""
    assert contract_value_cny(100.0, 0.8, 5.0, 0.12, 260.0, 0.0) == pytest.approx(28.38, abs=0.005)


def test_a27_break_even():
    """An investment of 288.38 is worth nothing; of 289 it loses .62."""
    assert contract_value_cny(100.0, 0.8, 5.0, 0.12, 288.38, 0.0) == pytest.approx(0.0, abs=0.005)
    assert contract_value_cny(100.0, 0.8, 5.0, 0.12, 289.0, 0.0) == pytest.approx(-0.62, abs=0.005)


def test_a27_dealing_costs_come_off():
    assert contract_value_cny(100.0, 0.8, 5.0, 0.12, 260.0, 28.38) == pytest.approx(0.0, abs=0.005)


@pytest.mark.parametrize(("trust", "uniform", "signs"), [(0.7, 0.5, True), (0.699, 0.5, False), (0.39, 0.0, False)])
def test_sm09_trust_that_it_takes(trust, uniform, signs):
    """.4 + .6 x .5 = .7."""
    p = registry.parameter_record()[0]
    assert is_trusted(trust, 0.0, uniform, p) == signs


def test_sm09_promotion_stands_for_a_tenth_of_trust():
    """.6 + .1 x 1 reaches .7; .6 + .1 x .5 does not."""
    p = registry.parameter_record()[0]
    assert is_trusted(0.6000001, 1.0, 0.5, p)
    assert not is_trusted(0.6, 0.5, 0.5, p)


def test_sm09_fee_over_the_years_that_the_customer_counts():
    """Five years of 80 of 100 saved, seen over 10 years at 10 %: 80 x 3.79079 / 6.14457, the two annuities."""
    assert fee_cny_per_unit(100.0, 0.8, 5.0, 0.10, 10.0) == pytest.approx(49.355, abs=0.001)
    assert capital_recovery_factor(0.10, 10.0) == pytest.approx(1.0 / 6.14457, rel=1e-5)


def test_sm09_who_counts_fewer_years_than_the_contract_pays_the_whole_share():
    assert fee_cny_per_unit(100.0, 0.8, 15.0, 0.10, 8.0) == pytest.approx(80.0)
