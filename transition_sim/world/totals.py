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
    return column_sums(table.view(np.float64).reshape(table.size, len(names))).view(table.dtype)[0]


@compiled
def column_sums(values):
    """Return the sum of every column, shape (n_columns,), with what rounding loses carried along (Kahan 1965).

    A plain sum over the rows would lose a fen in a million enterprises.

    Parameters
    ----------
    values : ndarray, shape (N, n_columns)
    """
    n_rows, n_columns = values.shape
    total, lost = np.zeros(n_columns), np.zeros(n_columns)
    for i in range(n_rows):
        for k in range(n_columns):
            part = values[i, k] - lost[k]
            grown = total[k] + part
            lost[k] = (grown - total[k]) - part
            total[k] = grown
    return total


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
