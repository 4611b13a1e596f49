"""The near-zero park: trend, points, grade, acceptance; every figure by hand."""

import numpy as np
import pytest

from transition_sim.world.accounting.near_zero_park import grade, is_accepted, mean_points, points, trend

OUTPUT = np.full(4, 100.0)


@pytest.mark.parametrize(
    ("co2", "total", "intensity"),
    [
        ([10, 9, 8, 7], True, True),
        ([10, 11, 9, 8], True, False),  # one year of rising intensity breaks "every year"
        ([10, 10, 10, 10], True, False),  # no fall of intensity
        ([7, 8, 9, 10], False, False),
    ],
)
def test_trend_at_constant_output(co2, total, intensity):
    found = trend(np.array(co2, float), OUTPUT)
    assert (found.total_falls, found.intensity_falls, found.holds) == (total, intensity, total and intensity)


def test_intensity_may_fall_while_the_total_grows():
    """10, 11, 12, 13 over 100, 120, 140, 160: .1, .0917, .0857, .0813; total +30 %, intensity -18.75 %."""
    found = trend(np.array([10.0, 11, 12, 13]), np.array([100.0, 120, 140, 160]))
    assert (found.total_falls, found.intensity_falls, found.holds) == (False, True, False)
    assert (found.co2_change_share, found.intensity_change_share) == (pytest.approx(0.3), pytest.approx(-0.1875))


def test_only_the_window_counts():
    assert trend(np.array([1.0, 10, 9, 8, 7]), np.full(5, 100.0)).holds
    with pytest.raises(ValueError, match="needs 4 years, not 3"):
        trend(np.array([3.0, 2, 1]), np.full(3, 100.0))


def test_points_are_linear_between_two_marks():
    assert [points(v, 0.0, 0.5) for v in (-1.0, 0.0, 0.1, 0.5, 2.0)] == pytest.approx([0, 0, 20, 100, 100])
    assert points(0.3, 0.5, 0.1) == pytest.approx(50.0)  # less is better
    assert np.isnan(points(float("nan"), 0.0, 1.0))


def test_the_mean_leaves_out_what_is_not_defined():
    assert mean_points([60.0, float("nan"), 90.0], [2.0, 5.0, 1.0]) == pytest.approx(70.0)
    assert np.isnan(mean_points([float("nan")], [1.0]))


def test_grades_begin_at_their_marks():
    assert [grade(s, 85, 70, 60) for s in (100, 85, 84.9, 70, 69.9, 60, 59.9)] == ["A", "A", "B", "B", "C", "C", "none"]


def test_acceptance_needs_both():
    assert is_accepted(70.0, 0.5, 70.0, 0.5)
    assert not is_accepted(69.9, 0.9, 70.0, 0.5)
    assert not is_accepted(90.0, 0.49, 70.0, 0.5)
