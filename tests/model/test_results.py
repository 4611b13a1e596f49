"""Yearly tables from quarterly ones, by hand."""

import numpy as np

from transition_sim.results import in_years
from transition_sim.world.columns import Column

COLUMNS = tuple(Column(how, "-", how, how, how) for how in ("sum", "mean", "last", "max"))
UNKNOWN = float("nan")


def test_four_quarters_become_a_year_as_their_column_says():
    """1, 2, 4, 3: sum 10, mean 2.5, last 3, highest 4; doubled in the second year."""
    one = np.array([1.0, 2.0, 4.0, 3.0])
    quarters = np.repeat(np.concatenate([one, 2.0 * one])[:, None], 4, axis=1)
    assert in_years(quarters, COLUMNS).tolist() == [[10.0, 2.5, 3.0, 4.0], [20.0, 5.0, 6.0, 8.0]]


def test_a_value_that_is_not_a_number_counts_for_nothing():
    """Of 1, ?, 4, ? the sum is 5, the mean 2.5, the last known 4, the highest 4; of nothing only the sum is known."""
    quarters = np.repeat(np.array([1.0, UNKNOWN, 4.0, UNKNOWN, *[UNKNOWN] * 4])[:, None], 4, axis=1)
    found = in_years(quarters, COLUMNS)
    assert found[0].tolist() == [5.0, 2.5, 4.0, 4.0]
    assert found[1, 0] == 0.0
    assert np.isnan(found[1, 1:]).all()


def test_rows_keep_their_place():
    """Two sectors over a year: 4 x 1 and 4 x 10 of a flow."""
    quarters = np.tile(np.array([[[1.0], [10.0]]]), (4, 1, 1))
    assert in_years(quarters, COLUMNS[:1]).tolist() == [[[4.0], [40.0]]]
