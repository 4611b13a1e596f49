"""Energy and coal budgets of a year, and which new projects fit in (SM11; L14, L15, L32)."""

import numpy as np

from transition_sim.core.kernels import entered, merged
from transition_sim.core.ordering import order_of

GJ_PER_BCM = 3.893e7
"""Natural gas, 38.93 MJ/m3 (lower heating value of the national energy statistics)."""


def headroom_tce(allowed_tce: float, used_tce: float) -> float:
    """Return what new projects may use in a year, tce: what is allowed less what was used last year, at least 0."""
    return max(0.0, allowed_tce - used_tce)


@merged
def within_budget(energy_tce, rank_key, left_tce):
    """Return which projects fit into the energy budget, bool, shape (n,) (SM11, L13, L14).

    Projects are taken by rank, the smallest key first; one that does not fit waits, and a smaller one behind it may
    still be taken. A project that uses nothing needs no budget.

    Parameters
    ----------
    energy_tce : ndarray, shape (n,)
        Use of a year.
    rank_key : ndarray, shape (n,)
    left_tce : float
    """
    fits = np.zeros(energy_tce.size, np.bool_)
    for row in order_of(rank_key):
        if energy_tce[row] <= max(0.0, left_tce):
            fits[row] = True
            left_tce -= energy_tce[row]
    return fits


@merged
def without_coal(first_year, burns_coal, not_for_sale):
    """Return the first years of technologies while a used-up coal budget keeps coal-fired equipment off (L15).

    Parameters
    ----------
    first_year : ndarray, shape (n_technologies,)
    burns_coal : ndarray of bool, shape (n_technologies,)
        Kilns left out: permits and the replacement ratio govern them.
    """
    years = first_year.copy()
    for k in range(years.size):
        if burns_coal[k]:
            years[k] = not_for_sale
    return years


@entered
def gas_use_gj(fuel_gj, feedstock_gj, gas):
    """Return the gas that enterprises used, as fuel and as raw material, GJ; ``gas`` is its column."""
    used_gj = 0.0
    for i in range(fuel_gj.shape[0]):
        used_gj += fuel_gj[i, gas] + feedstock_gj[i, gas]
    return used_gj


def may_connect(uses_gas: np.ndarray, used_gj: float, supply_bcm: float) -> np.ndarray:
    """Return who can have gas: who has it, and everybody while use stays below supply, residents first (L32).

    Parameters
    ----------
    uses_gas : ndarray of bool, shape (N,)
    used_gj : float
        Gas of the place in the last four quarters, residents included.
    supply_bcm : float
    """
    return uses_gas | (used_gj < supply_bcm * GJ_PER_BCM)
