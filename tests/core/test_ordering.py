"""The order of numbers: stable, whatever their kind and count."""

import numpy as np
import pytest

from transition_sim.core.ordering import order_of


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 8, 9, 100, 1000])
def test_numbers_stand_in_rising_order_and_equal_ones_as_they_stood(n):
    rng = np.random.default_rng(n)
    for key in (rng.random(n), rng.integers(0, 1 + n // 3, n), -np.floor(5.0 * rng.random(n))):
        np.testing.assert_array_equal(order_of(key), np.argsort(key, kind="stable"))


def test_by_hand():
    # 1 comes first; the two 2 and the two 3 keep their order
    assert order_of(np.array([3.0, 2.0, 3.0, 1.0, 2.0])).tolist() == [3, 1, 4, 0, 2]


def test_whatever_their_spread():
    # one far number puts all others into one bin; a falling row there moves most; infinite and equal ones have no bins
    falling = np.append(np.arange(500.0)[::-1], 1e18)
    for key in (falling, np.array([np.inf, 1.0, -np.inf, 1.0]), np.full(9, 3.0), np.array([-1e308, 1e308, 0.0])):
        np.testing.assert_array_equal(order_of(key), np.argsort(key, kind="stable"))


def test_bins_without_width_and_keys_that_are_no_numbers_stay_within_bounds():
    """Width of a bin 5e-324 / 2, so bins a unit are infinite; nan has no bin at all."""
    near = np.array([5e-324, 0.0, 5e-324])
    assert order_of(near).tolist() == [1, 0, 2]
    for key in (np.array([1.0, np.nan, 0.0, 2.0]), np.array([np.nan, 1.0, 0.0])):
        assert sorted(order_of(key).tolist()) == list(range(key.size))
