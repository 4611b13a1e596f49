"""Sums over enterprises: of every column of a table at once, and by sector or county."""

import numpy as np

from transition_sim.core.kernels import compiled


def column_totals(table: np.ndarray) -> np.void:
    """Return the sum of every column of a table of f8 fields, as a record: ``column_totals(flows)["sales_cny"]``.

    Raises
    ------
    ValueError
        When a column is not f8: the table cannot be read as a matrix.
    """
    names = table.dtype.names or ()
    if table.dtype.itemsize != 8 * len(names):
        raise ValueError("every column of the table must be f8")
    # columns side by side, so that each is added in pairs: a sum over rows would lose a fen in a million enterprises
    columns = np.ascontiguousarray(table.view(np.float64).reshape(table.size, len(names)).T)
    return columns.sum(axis=1).view(table.dtype)[0]


@compiled
def sum_by_group(values, group, n_groups):
    """Return the sums of columns by group, shape (n_groups, n_columns).

    Parameters
    ----------
    values : ndarray, shape (n_columns, N)
    group : ndarray of int, shape (N,)
    """
    sums = np.zeros((n_groups, values.shape[0]))
    for k in range(values.shape[0]):
        for i in range(values.shape[1]):
            sums[group[i], k] += values[k, i]
    return sums
