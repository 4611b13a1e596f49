"""Sums over enterprises: of every column of a table at once, and by sector or county."""

from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled


def column_totals(table: np.ndarray) -> dict[str, float]:
    """Return the sum of every column of a table of f8 fields, by name: ``column_totals(flows)["sales_cny"]``.

    Raises
    ------
    ValueError
        When a column is not f8: the table cannot be read as a matrix.
    """
    names = table.dtype.names or ()
    if table.dtype.itemsize != 8 * len(names):
        raise ValueError("every column of the table must be f8")
    sums = column_sums(table.view(np.float64).reshape(table.size, len(names)))
    return dict(zip(names, sums.tolist(), strict=True))


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


class EnterpriseTotals(NamedTuple):
    """Sums over enterprises; ``alive``, ``committed`` and ``capability`` are over those in business."""

    output_cny: float
    value_added_cny: float
    power_bill_cny: float
    desired_capex_cny: float
    approved_capex_cny: float
    direct_mwh: float
    alive: float
    committed: float
    capability: float


@compiled
def enterprise_totals(production, energy, finance, conduct, green_power, sector, value_added_share):
    """Add up what the place table shows beside energy and flows.

    Parameters
    ----------
    production, energy, finance, conduct, green_power : structured arrays, shape (N,)
    sector : ndarray of int, shape (N,)
    value_added_share : ndarray, shape (S,)
        Value added per output at base-year prices.
    """
    output, added, bill, desired, approved, direct = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    alive, committed, capability = 0.0, 0.0, 0.0
    for i in range(production.size):
        output += production[i].output_cny
        added += production[i].output_cny * value_added_share[sector[i]]
        bill += energy[i].purchased_mwh * energy[i].tariff_cny_per_mwh
        desired += finance[i].desired_capex_cny
        approved += finance[i].approved_capex_cny
        direct += green_power[i].direct_mwh
        if finance[i].is_alive:
            alive += 1.0
            committed += 1.0 if conduct[i].is_committed else 0.0
            capability += conduct[i].capability
    return EnterpriseTotals(output, added, bill, desired, approved, direct, alive, committed, capability)
