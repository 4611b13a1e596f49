"""A09, A25, A26: annuity, debt-service limit and bank capacity, against numbers worked out by hand."""

import pytest

from transition_sim.world.annuity import capital_recovery_factor, rate_per_quarter
from transition_sim.world.markets.banks import lending_capacity
from transition_sim.world.markets.credit import dscr_max_loan


def test_a09_capital_recovery_factor():
    """0.15 x 1.15^10 / (1.15^10 - 1) = 0.15 x 4.045558 / 3.045558."""
    assert capital_recovery_factor(0.15, 10) == pytest.approx(0.199252, abs=5e-7)


def test_a09_net_present_value_of_1000_that_saves_200_a_year():
    assert 200.0 / capital_recovery_factor(0.15, 10) - 1000.0 == pytest.approx(3.754, abs=5e-4)


def test_a09_rate_of_a_quarter_compounds_to_the_year():
    assert rate_per_quarter(0.15) == pytest.approx(0.035558, abs=5e-7)
    assert (1.0 + rate_per_quarter(0.15)) ** 4 == pytest.approx(1.15, rel=1e-14)


def test_a09_without_interest_capital_is_paid_in_equal_parts():
    assert capital_recovery_factor(0.0, 8) == 0.125
    assert capital_recovery_factor(1e-8, 8) == pytest.approx(0.125, rel=1e-6)
    assert rate_per_quarter(0.0) == 0.0


def test_a25_debt_service_limit():
    """1.045^5 = 1.246182; CRF = 0.045 x 1.246182 / 0.246182 = 0.227792; 12 / (1.2 x 0.227792) = 43.90."""
    assert dscr_max_loan(12.0, 0.045, 5.0, 1.2) == pytest.approx(43.90, abs=5e-3)


def test_a25_existing_service_takes_its_part():
    """Free for new service: 12 / 1.2 - 4 = 6 of 10, so 0.6 x 43.90 = 26.34; all of it taken: nothing."""
    assert dscr_max_loan(12.0, 0.045, 5.0, 1.2, 4.0) == pytest.approx(26.34, abs=5e-3)
    assert dscr_max_loan(12.0, 0.045, 5.0, 1.2, 10.5) == 0.0
    assert dscr_max_loan(-12.0, 0.045, 5.0, 1.2) == 0.0


def test_a26_capital_limits_new_lending():
    """8 / 0.105 - 70 = 76.190 - 70."""
    assert lending_capacity(8.0, 70.0, 0.105) == pytest.approx(6.190, abs=5e-4)
    assert lending_capacity(7.0, 70.0, 0.105) == 0.0
