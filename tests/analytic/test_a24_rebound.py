"""A24: direct rebound of an efficiency gain (SM03)."""

import pytest

from transition_sim.world.services import housekeeping_share, rebound, wanted_unit


def service_demand(unit_per_cny, output_cny, housekeeping_per_year, years, cost, start_cost, elasticity):
    """Theta X (1 - alpha)^t (c / c0)^-epsilon, by the two rules that the quarter puts together (SM03)."""
    base_unit = unit_per_cny * output_cny * housekeeping_share(housekeeping_per_year, years)
    return wanted_unit(base_unit, cost, start_cost, elasticity)


def test_a24_ten_per_cent_gain_and_elasticity_three_tenths():
    """1.1^-.7 = .93546, 1.1^.3 = 1.02901; saving 1 - .93546 of an engineering saving of 1/11 = .090909."""
    energy, service, share = rebound(0.10, 0.3)
    assert energy == pytest.approx(0.93546, abs=5e-6)
    assert service == pytest.approx(1.02901, abs=5e-6)
    assert share == pytest.approx(1 - 0.0645431 / (1 / 11), abs=1e-4)
    assert share == pytest.approx(0.290, abs=5e-4)


def test_a24_limits():
    """No answer to prices: no rebound. Elasticity 1: all of the saving is taken back."""
    assert rebound(0.25, 0.0)[2] == pytest.approx(0.0, abs=1e-14)
    assert rebound(0.25, 1.0)[2] == pytest.approx(1.0)
    with pytest.raises(ValueError, match="is positive"):
        rebound(0.0, 0.3)


def test_a24_the_demand_rule_gives_the_same():
    """A cost of 10 becomes 10 / 1.1: demand x 1.1^.3, energy per service / 1.1."""
    before = service_demand(2.0, 50.0, 0.0, 3.0, 10.0, 10.0, 0.3)
    after = service_demand(2.0, 50.0, 0.0, 3.0, 10.0 / 1.1, 10.0, 0.3)
    assert before == pytest.approx(100.0)
    assert after / before == pytest.approx(1.02901, abs=5e-6)
    assert after / 1.1 / before == pytest.approx(0.93546, abs=5e-6)


def test_sm03_housekeeping_compounds_by_year():
    """.99^2 = .9801; before the base year nothing is saved."""
    assert service_demand(1.0, 1.0, 0.01, 2.0, 1.0, 1.0, 0.2) == pytest.approx(0.9801)
    assert service_demand(1.0, 1.0, 0.01, -2.0, 1.0, 1.0, 0.2) == 1.0
