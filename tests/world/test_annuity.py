"""Interest arithmetic against exact fractions."""

from fractions import Fraction

import pytest

from transition_sim.world.annuity import capital_recovery_factor, fallen_share, growing_annuity


@pytest.mark.parametrize("growth_share", [-0.5, -0.08, -1.0001e-3, -0.9999e-3, -1e-7, 1e-9, 2e-4, 0.03, 0.4])
@pytest.mark.parametrize("periods", [1.0, 8.0, 12.0, 15.0, 40.0])
def test_a_fall_over_whole_periods_is_exact_on_both_sides_of_the_limit(growth_share, periods):
    exact = 1 - (1 + Fraction(growth_share)) ** int(periods)
    assert fallen_share(growth_share, periods) == pytest.approx(float(exact), rel=2e-13)


def test_a_fall_over_part_of_a_period_joins_the_whole_ones():
    """0.9^2.5 = 0.9^2 sqrt(0.9) = 0.81 x 0.9486833 = 0.7684335."""
    assert fallen_share(-0.1, 2.5) == pytest.approx(1 - 0.7684335, abs=1e-7)
    assert fallen_share(-0.1, 2.0 + 1e-12) == pytest.approx(fallen_share(-0.1, 2.0), rel=1e-9)


def test_payments_that_grow_add_up_year_by_year():
    rate, growth, years = Fraction(12, 100), Fraction(3, 100), 8
    added = sum((1 + growth) ** (k - 1) / (1 + rate) ** k for k in range(1, years + 1))
    assert growing_annuity(0.12, 0.03, float(years)) == pytest.approx(float(added), rel=1e-13)
    assert growing_annuity(0.03, 0.03, 8.0) == pytest.approx(8 / 1.03, rel=1e-15)  # each payment is worth 1 / 1.03
    assert growing_annuity(0.12, 0.0, 8.0) * capital_recovery_factor(0.12, 8.0) == pytest.approx(1.0, rel=1e-14)
