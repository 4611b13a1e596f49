"""Tariffs: time of use, seasons, surcharges and household tiers, by hand (SM13, L16-L19)."""

import numpy as np
import pytest

from transition_sim.world.markets import tariffs
from transition_sim.world.markets.slices import load_by_slice, slice_hours

SEASONS = np.array([0.80, 1.0, 1.20])


def tariff(quarter, peak=1.6, valley=0.4, sharp=1.2, loss=0.0, network=0.17, levy=0.03):
    return tariffs.tariff_by_slice(quarter, 0.36, SEASONS, peak, valley, sharp, loss, network, levy)


def test_sm13_periods_are_eight_hours_each():
    assert tariffs.VALLEY_HOURS.sum() == tariffs.PEAK_HOURS.sum() == 8.0
    # valley 23-7 h, peak 10-12 and 15-21 h, hour by hour
    valley = [h >= 23 or h < 7 for h in range(24)]
    peak = [10 <= h < 12 or 15 <= h < 21 for h in range(24)]
    assert np.array_equal(np.reshape(valley, (8, 3)).sum(axis=1), tariffs.VALLEY_HOURS)
    assert np.array_equal(np.reshape(peak, (8, 3)).sum(axis=1), tariffs.PEAK_HOURS)


def test_sm13_tariff_of_a_dry_january():
    got = tariff(0, loss=0.06)
    # CNY/MWh: 360 x 1.2 x 1.06 = 457.92; + 170 + 30
    assert got[0, 0, 0] == pytest.approx(457.92 * 0.4 + 200)  # 0-3 h: valley
    assert got[0, 0, 4] == pytest.approx(457.92 + 200)  # 12-15 h: flat
    assert got[0, 0, 5] == pytest.approx(457.92 * 1.6 + 200)  # 15-18 h: peak
    assert got[0, 0, 3] == pytest.approx(457.92 * (1 + 2 * 1.6) / 3 + 200)  # 9-12 h: 1 flat, 2 peak
    assert got[0, 1, 5] == pytest.approx(457.92 * 1.92 + 200)  # sharp on extreme days
    assert got[1, 1, 5] == pytest.approx(457.92 * 1.6 + 200)  # February has no sharp peak


def test_sm13_sharp_months_and_seasons_of_the_year():
    year = np.concatenate([tariff(q, network=0.0, levy=0.0) for q in range(4)]) / 360.0
    assert year[:, 0, 4] == pytest.approx([1.2, 1.2, 1.2, 1.2, 1, 0.8, 0.8, 0.8, 0.8, 0.8, 1, 1.2])
    is_sharp = year[:, 1, 5] / year[:, 0, 5] > 1.1
    assert np.flatnonzero(is_sharp).tolist() == [0, 6, 7, 11]


def test_l17_neutral_has_no_time_of_use():
    got = tariff(2, peak=1.0, valley=1.0)
    assert got == pytest.approx(np.full((3, 2, 8), 360 * 0.8 + 200))


def test_a_direct_line_lowers_the_tariff():
    direct = tariffs.tariff_by_slice(1, 0.36, SEASONS, 1.6, 0.4, 1.2, 0.0, 0.17, 0.03, 0.17)
    assert tariff(1) - direct == pytest.approx(np.full((3, 2, 8), 170.0))


def test_mean_tariff_is_the_bill_over_the_load():
    shapes = np.array([np.full((2, 8), 1 / 8), [[0.4, 0.4, 0.2, 0, 0, 0, 0, 0]] * 2, [[0, 0, 0, 0, 0, 1, 0, 0]] * 2])
    hours, prices = slice_hours(1), tariff(1)
    means = tariffs.mean_tariff_by_shape(prices, shapes, hours, 1.12)
    for row in range(3):
        energy = np.zeros(3)
        energy[row] = 500.0
        bill = (load_by_slice(energy, shapes, hours, 1.12) * hours * prices).sum()
        assert means[row] == pytest.approx(bill / 500.0)
    assert means[1] < means[0] < means[2]
    # a flat load pays the mean multiple of 1: season by days of Apr (1.2), May (1), Jun (.8), extreme days x 1.12
    weight = np.array([28 + 2.24, 29 + 2.24, 28 + 2.24])
    assert means[0] == pytest.approx(360 * (weight * [1.2, 1.0, 0.8]).sum() / weight.sum() + 200)


@pytest.mark.parametrize(
    ("restricted", "eliminated", "excess", "expected"),
    [
        (False, False, 0.0, 0.0),
        (True, False, -0.2, 100.0),
        (False, True, 0.0, 300.0),
        (True, True, 0.0, 300.0),
        (False, False, 0.01, 100.0),
        (False, False, 1.0, 100.0),
        (False, False, 1.01, 300.0),
        (True, False, 0.5, 200.0),
    ],
)
def test_l16_l18_surcharges(restricted, eliminated, excess, expected):
    got = tariffs.surcharge_cny_per_mwh(restricted, eliminated, excess, 0.10, 0.30, 0.10, 0.30)
    assert got == pytest.approx(expected)


def test_l19_household_tiers_by_hand():
    """Households that are all alike: each tier prices the use within it."""

    def bill(kwh):
        return 1e-3 * kwh * tariffs.household_mean_cny_per_mwh(kwh, 0.52, 0.62, 0.82, 180.0, 280.0, 0.0)

    assert bill(150.0) == pytest.approx(78.0)
    assert bill(200.0) == pytest.approx(180 * 0.52 + 20 * 0.62)
    assert bill(300.0) == pytest.approx(180 * 0.52 + 100 * 0.62 + 20 * 0.82)


def test_l19_mean_tariff_over_households():
    mean = tariffs.household_mean_cny_per_mwh
    assert mean(160.0, 0.52, 0.52, 0.52) == pytest.approx(520.0)  # neutral
    assert mean(300.0, 0.52, 0.62, 0.82, 180.0, 280.0, 0.0) == pytest.approx(172.0 / 300.0 * 1e3)
    draws = np.random.default_rng(2).lognormal(np.log(160.0) - 0.125, 0.5, 400_000)
    bills = 0.52 * draws + 0.10 * np.maximum(draws - 180, 0) + 0.20 * np.maximum(draws - 280, 0)
    # relative standard error of the ratio is below .0003
    assert mean(160.0, 0.52, 0.62, 0.82) == pytest.approx(1e3 * bills.mean() / draws.mean(), rel=1e-3)
    with pytest.raises(ValueError, match="mean use of a household"):
        mean(0.0, 0.52, 0.62, 0.82)
