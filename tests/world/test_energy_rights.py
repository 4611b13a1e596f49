"""Energy-use rights by hand: quotas, the yearly auction, paid use (SM15, L28)."""

import numpy as np
import pytest

from transition_sim.world.markets.energy_rights import EnergyRights, clear_year, quota_tce


def test_a_quota_follows_output_and_the_yearly_change():
    """.2 tce/CNY x .971^2 x 1000 CNY = 188.57 tce."""
    assert quota_tce(0.2, -2.9, 2, 1000.0) == pytest.approx(188.5682)


def test_more_rights_than_needs_trade_at_the_floor():
    """10 and 30 spare against 15 short: 15 change hands at 50, sellers share in proportion 1:3."""
    found = clear_year(np.array([90.0, 70.0, 115.0]), np.full(3, 100.0), 50.0, 200.0, 0.5)
    assert (found.price_cny_per_tce, found.traded_tce, found.missing_tce) == (50.0, 15.0, 0.0)
    assert found.paid_cny.tolist() == pytest.approx([-187.5, -562.5, 750.0])


def test_scarce_rights_trade_at_the_price_of_paid_use():
    """10 spare against 10 and 30 short: all at 200, and 30 are paid for to the government: 6,000 in all."""
    found = clear_year(np.array([90.0, 110.0, 130.0]), np.full(3, 100.0), 50.0, 200.0, 0.5)
    assert (found.price_cny_per_tce, found.traded_tce, found.missing_tce) == (200.0, 10.0, 30.0)
    assert found.paid_cny.tolist() == pytest.approx([-2000.0, 2000.0, 6000.0])
    assert found.paid_cny.sum() == pytest.approx(200.0 * found.missing_tce)


def test_who_is_no_key_user_takes_no_part():
    found = clear_year(np.array([50.0, 90.0]), np.array([0.0, 100.0]), 50.0, 200.0, 0.5)
    assert found.traded_tce == 0.0
    assert not found.paid_cny.any()


def test_quotas_start_from_the_first_year_of_key_users():
    """6,000 tce on 30,000 CNY is .2; 4,000 tce lie below the mark of 5,000."""
    rights = EnergyRights()
    for _ in range(4):
        rights.count(np.array([1500.0, 1000.0]), np.array([7500.0, 7500.0]))
    rights.begin(2024, 5000.0)
    assert rights.start_tce_per_cny.tolist() == [0.2, 0.0]
    assert rights.is_open
    rights.close()
    assert not rights.is_open
