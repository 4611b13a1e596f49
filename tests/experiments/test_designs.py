"""Designs: their points by hand, their number before they are made, the same on every machine."""

import numpy as np
import pytest

from transition_sim.experiments import designs
from transition_sim.experiments.factors import Factor
from transition_sim.experiments.spec import DesignSpec

A, B = Factor("a", "lever", 0.0, 1.0), Factor("b", "parameter", 10.0, 20.0)
C = Factor("c", "lever", 0.0, 2.0, (0.0, 2.0))
P, Q = (Factor(key, "part", 0.0, 1.0, (0.0, 1.0)) for key in "pq")


def made(kind, factors, levels=(), **more):
    design = DesignSpec(kind=kind, **more)
    found = designs.points(design, factors, dict(levels))
    assert len(found) == designs.n_points(design, factors, dict(levels))
    return found


def test_grid_is_the_product_of_levels():
    found = made("grid", [A, C], {"a": 3})
    assert found.tolist() == [[0, 0], [0, 2], [0.5, 0], [0.5, 2], [1, 0], [1, 2]]


def test_full_factorial_takes_the_ends():
    assert made("full_factorial", [A, B]).tolist() == [[0, 10], [0, 20], [1, 10], [1, 20]]


def test_one_at_a_time_leaves_the_others_alone():
    found = made("one_at_a_time", [A, B])
    assert np.isnan(found[0]).all()
    assert found[1:].tolist()[0][0] == 0
    assert [[None if np.isnan(v) else v for v in row] for row in found[1:]] == [
        [0, None], [1, None], [None, 10], [None, 20]
    ]  # fmt: skip


def test_one_at_a_time_of_parts_is_each_alone_and_all_but_each():
    rows = {tuple(row) for row in made("one_at_a_time", [P, Q]).tolist()}
    assert rows == {(1, 1), (0, 0), (1, 0), (0, 1)}


def test_list_leaves_out_what_it_does_not_name():
    found = made("list", [A, B], points=[{"a": 0.5}, {"b": 12.0}])
    assert np.isnan(found).tolist() == [[False, True], [True, False]]


def test_latin_hypercube_has_one_point_in_every_slice():
    found = made("lhs", [A, B], samples=8)
    for column, factor in zip(found.T, (A, B), strict=True):
        slices = np.floor((column - factor.low) / (factor.high - factor.low) * 8)
        assert sorted(slices) == list(range(8))


@pytest.mark.parametrize(("kind", "samples", "rows"), [("sobol", 8, 8), ("saltelli", 8, 32), ("morris", 5, 15)])
def test_sampled_designs_fill_the_ranges_and_repeat(kind, samples, rows):
    """Saltelli: N (k + 2) rows; Morris: N (k + 1), each one step of one factor from the last."""
    found = made(kind, [A, B], samples=samples)
    assert len(found) == rows
    assert (found >= [0, 10]).all()
    assert (found <= [1, 20]).all()
    assert np.array_equal(found, made(kind, [A, B], samples=samples))
    if kind == "morris":
        steps = np.diff(found.reshape(samples, 3, 2), axis=1) != 0
        assert (steps.sum(axis=2) == 1).all()
    else:
        assert not np.array_equal(found, made(kind, [A, B], samples=samples, seed=2))


def test_single_values_take_equal_shares():
    shares = np.array([0.0, 0.49, 0.5, 0.99, 1.0])
    assert C.at(shares).tolist() == [0, 0, 2, 2, 2]
