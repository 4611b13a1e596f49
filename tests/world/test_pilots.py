"""Learning from pilots: who is like whom, how often a practice is copied, whether it worked; by hand (SM23, I47)."""

import numpy as np
import pytest

from transition_sim.world.policy.pilots import (
    PilotLearning,
    copy_probability,
    location_likeness,
    overlap,
    similarity,
)


def learning(likeness=None, hazard=0.3, years=3):
    """Two places that are fully alike; two practices and one technology that is none."""
    alike = np.array([[0.0, 1.0], [1.0, 0.0]]) if likeness is None else likeness
    return PilotLearning(alike, np.array([True, True, False]), hazard, 0.16, 0.05, years)


ALWAYS, NEVER = np.zeros((2, 2, 3)), np.ones((2, 2, 3))
FULL = np.ones(2)


def test_overlap_of_mixes():
    """.7/.3 and .5/.5 have .5 + .3 in common; .7/.3 and 0/1 only .3."""
    found = overlap(np.array([[0.7, 0.3], [0.5, 0.5], [0.0, 1.0]]))
    assert found == pytest.approx(np.array([[1.0, 0.8, 0.3], [0.8, 1.0, 0.5], [0.3, 0.5, 1.0]]))


def test_location_counts_region_then_province():
    found = location_likeness(["s", "s", "s", "h"], ["plain", "plain", None, "plain"])
    assert found[0].tolist() == [1.0, 1.0, 0.5, 0.0]
    assert found[2].tolist() == [0.5, 0.5, 0.5, 0.0]  # a region that nobody states is like no other


def test_similarity_is_the_mean_and_nobody_is_its_own_pilot():
    found = similarity(np.full((2, 2), 0.9), np.full((2, 2), 0.6), np.full((2, 2), 0.3))
    assert found == pytest.approx(np.array([[0.0, 0.6], [0.6, 0.0]]))


def test_probability_of_a_copy():
    """.3 x .5 x .8 x .4 = .048 a year: 1 - exp(-.048) = .046866; row: pilot, column: who copies."""
    found = copy_probability(np.array([0.5, 0.0]), np.array([[0.0, 0.8], [0.8, 0.0]]), np.array([0.0, 0.4]), 0.3)
    assert found == pytest.approx(np.array([[0.0, 0.0468662], [0.0, 0.0]]), abs=1e-7)


def test_only_a_practice_that_is_ahead_is_copied():
    """The first has 40 % of practice 0, 10 % of practice 1 (no practice yet) and 90 % of what is no practice."""
    pilots = learning()
    shown = pilots.learn(2021, np.array([[0.4, 0.1, 0.9], [0.1, 0.0, 0.0]]), FULL, FULL, ALWAYS)
    assert [(c.pilot, c.place, c.technology) for c in pilots.copies] == [(0, 1, 0)]
    assert shown.tolist() == [[0.0, 0.0, 0.0], [0.4, 0.0, 0.0]]


def test_what_is_shown_follows_the_pilot_and_is_copied_once():
    pilots = learning()
    pilots.learn(2021, np.array([[0.4, 0.0, 0.0], [0.1, 0.0, 0.0]]), FULL, FULL, ALWAYS)
    shown = pilots.learn(2022, np.array([[0.5, 0.0, 0.0], [0.2, 0.0, 0.0]]), FULL, FULL, ALWAYS)
    assert (len(pilots.copies), shown[1, 0]) == (1, 0.5)


def test_without_luck_or_capability_nothing_is_copied():
    share = np.array([[0.4, 0.0, 0.0], [0.1, 0.0, 0.0]])
    assert not learning().learn(2021, share, FULL, FULL, NEVER).any()
    assert not learning().learn(2021, share, FULL, np.zeros(2), ALWAYS).any()
    assert not learning(hazard=0.0).learn(2021, share, FULL, FULL, ALWAYS).any()


def test_replicability_counts_copies_old_enough():
    """Copied at 10 % in 2021; 15 % in 2024 is a success, 14 % none; before 2024 nobody can tell."""
    for last, worked in ((0.15, 1.0), (0.14, 0.0)):
        pilots = learning()
        pilots.learn(2021, np.array([[0.4, 0.0, 0.0], [0.1, 0.0, 0.0]]), FULL, FULL, ALWAYS)
        assert np.isnan(pilots.replicability())
        for year in (2022, 2023):
            pilots.learn(year, np.array([[0.4, 0.0, 0.0], [0.1, 0.0, 0.0]]), FULL, FULL, NEVER)
        pilots.learn(2024, np.array([[0.4, 0.0, 0.0], [last, 0.0, 0.0]]), FULL, FULL, NEVER)
        assert pilots.replicability() == worked
