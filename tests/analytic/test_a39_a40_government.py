"""A39 and A40: the score and the controller of a government (SM23)."""

import numpy as np
import pytest

from transition_sim.world.policy.control import assessment_score, next_effort


def test_a39_score():
    """Progress (1, .5, 1.4) at equal weights: (1 + .5 + min(1.2, 1.4)) / 3 = 2.7 / 3 = .900."""
    assert assessment_score(np.array([1.0, 0.5, 1.4]), np.ones(3)) == pytest.approx(0.9, abs=1e-12)


def test_a39_weights_and_indicators_without_a_line():
    """(2 x 1 + 1 x .4) / 3 = .8; what is not a number has no line and does not count."""
    assert assessment_score(np.array([1.0, np.nan, 0.4]), np.array([2.0, 5.0, 1.0])) == pytest.approx(0.8)
    assert np.isnan(assessment_score(np.array([np.nan]), np.ones(1)))


def test_a40_controller():
    """Gap .1 for ever, k_p .8, e0 .2: e_n = .2 + .08 n, and full effort from n = 10 on."""
    effort, found = 0.2, []
    for _ in range(12):
        effort = next_effort(effort, 0.1, 0.0, 0.0, gain=0.8)
        found.append(effort)
    assert found == pytest.approx([min(1.0, 0.2 + 0.08 * n) for n in range(1, 13)], abs=1e-12)
    assert found[9] == pytest.approx(1.0)


def test_a40_cost_and_slow_growth_lower_effort_to_its_floor():
    """.2 + .8 x .1 - .1 x .5 - .5 x .02 = .22; and never below .1."""
    assert next_effort(0.2, 0.1, 0.5, 0.02) == pytest.approx(0.22)
    assert next_effort(0.12, 0.0, 1.0, 0.05) == 0.1
