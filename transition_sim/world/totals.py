"""Sums over enterprises: of every column of a table at once, and by sector or county."""

from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled, entered
from transition_sim.world.state import LARGE


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


class Groups(NamedTuple):
    """Groups of the rows of a table whose columns are added up.

    Attributes
    ----------
    names : tuple of str
    members : ndarray, shape (G, n_rows)
        1 where a row is in the group, else 0.
    """

    names: tuple[str, ...]
    members: np.ndarray

    @classmethod
    def of(cls, **groups: np.ndarray) -> "Groups":
        """Return groups from arrays of bool, shape (n_rows,) each."""
        return cls(tuple(groups), np.stack(list(groups.values())).astype(float))

    def totals(self, table: np.ndarray) -> dict[str, dict[str, float]]:
        """Return the sum of every column of a table of f8 fields over each group, by group and column."""
        names = table.dtype.names or ()
        sums = self.members @ table.view(np.float64).reshape(table.size, len(names))
        columns = (dict(zip(names, row, strict=True)) for row in sums.tolist())
        return dict(zip(self.names, columns, strict=True))

    def sums(self, values: np.ndarray) -> dict[str, float]:
        """Return the sum over each group of a value of every row, shape (n_rows,)."""
        return dict(zip(self.names, (self.members @ values).tolist(), strict=True))


class EnterpriseTotals(NamedTuple):
    """Sums over enterprises; ``alive``, ``committed`` and ``capability`` are over those in business.

    Support is capital and interest subsidies, and new loans (I46); ``smaller`` is that of small and medium enterprises.
    """

    output_cny: float
    value_added_cny: float
    power_bill_cny: float
    desired_capex_cny: float
    approved_capex_cny: float
    direct_mwh: float
    alive: float
    committed: float
    capability: float
    green_industry_output_cny: float
    support_and_loans_cny: float
    smaller_support_and_loans_cny: float
    roof_pv_mw: float
    storage_mwh: float


@entered
def enterprise_totals(
    production, energy, finance, flows, conduct, green_power, sector, value_added_share, is_green_industry, roof_pv_mw,
    storage_mwh,
):  # fmt: skip
    """Add up what the place table shows beside energy and flows.

    Parameters
    ----------
    production, energy, finance, flows, conduct, green_power : structured arrays, shape (N,)
    sector : ndarray of int, shape (N,)
    value_added_share : ndarray, shape (S,)
        Value added per output at base-year prices.
    is_green_industry : ndarray of bool, shape (S,)
    roof_pv_mw, storage_mwh : ndarray, shape (N,)
    """
    output, added, bill, desired, approved, direct = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    alive, committed, capability = 0.0, 0.0, 0.0
    green, support, smaller, roofs, storage = 0.0, 0.0, 0.0, 0.0, 0.0
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
        if is_green_industry[sector[i]]:
            green += production[i].output_cny
        got = flows[i].subsidy_cny + flows[i].interest_subsidy_cny + flows[i].borrowed_cny
        support += got
        if finance[i].size_class != LARGE:
            smaller += got
        roofs += roof_pv_mw[i]
        storage += storage_mwh[i]
    return EnterpriseTotals(
        output, added, bill, desired, approved, direct, alive, committed, capability, green, support, smaller, roofs,
        storage,
    )  # fmt: skip
