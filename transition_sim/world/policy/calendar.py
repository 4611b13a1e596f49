"""What is known of a policy before a run: when levers move, what attention that draws, when support ends (SM16)."""

from dataclasses import dataclass

import numpy as np

from transition_sim.scenarios import registry
from transition_sim.world.expectations import anticipation_hazard, relative_loss_of_support

CAPITAL_SHARE_OF_COST = 0.5
"""Capital in the levelised cost of green equipment, for the rush before support ends [A]."""
SUPPORT_LEVERS = ("capex_subsidy_share", "tax_credit_share")
JUMP_SHARE = 0.05
"""A lever that moves by more than this share of its value in a quarter is an event; slow paths would fill the list.
A value above the width of its range counts as that width: a year has no size."""


@dataclass(frozen=True)
class PolicyCalendar:
    """Arrays by quarter of the run.

    Attributes
    ----------
    salience : ndarray, shape (n_quarters,)
        1 while a lever has moved within the last year, else 0.
    anticipation_per_year : ndarray, shape (n_quarters,)
        What announced ends of support add to or take from the hazard, 1/yr.
    has_moved : ndarray of bool, shape (n_quarters,)
        A lever differs from its value a year ago.
    jumps : list of list of (key, value)
        Levers that jump at the start of the quarter.
    """

    salience: np.ndarray
    anticipation_per_year: np.ndarray
    has_moved: np.ndarray
    jumps: list[list[tuple[str, float]]]


def policy_calendar(
    lever_path: np.ndarray, params: np.ndarray, since: int = 0, is_broken: np.ndarray | None = None
) -> PolicyCalendar:
    """Return the calendar of a policy.

    Parameters
    ----------
    lever_path : structured array of f8, shape (n_quarters,)
    params : structured array, shape (1,)
    since : int
        Quarter in which this path came into force: nobody hurried before an end that was not announced.
    is_broken : ndarray of bool, shape (n_levers,), optional
        Levers whose announcement broke then: that they move within the year is no promise kept.
    """
    names = lever_path.dtype.names or ()
    values = lever_path.view(np.float64).reshape(lever_path.size, len(names))
    n = lever_path.size
    moves = np.zeros(n, bool)
    moves[1:] = (values[1:] != values[:-1]).any(axis=1)
    salience = (np.convolve(moves, np.ones(4))[:n] > 0.0).astype(float)
    has_moved = np.zeros(n, bool)
    moved = values[4:] != values[:-4]
    if is_broken is not None:
        moved[max(0, since - 4) : since, is_broken] = False
    has_moved[4:] = moved.any(axis=1)
    jumps: list[list[tuple[str, float]]] = [[] for _ in range(n)]
    change, size = np.abs(np.diff(values, axis=0)), np.maximum(np.abs(values[1:]), np.abs(values[:-1]))
    size = np.minimum(size, [row.high - row.low for row in map(registry.levers().__getitem__, names)])
    for q, k in np.argwhere(change > JUMP_SHARE * size):
        jumps[q + 1].append((names[k], float(values[q + 1, k])))
    return PolicyCalendar(salience, _anticipation(lever_path, params, since), has_moved, jumps)


def _anticipation(lever_path: np.ndarray, params: np.ndarray, since: int) -> np.ndarray:
    """Return the anticipation of every fall of support announced for after ``since``, added up by quarter."""
    window, strength = int(params[0]["anticipation_quarters"]), float(params[0]["hazard_anticipation_per_year"])
    total = np.zeros(lever_path.size)
    for key in SUPPORT_LEVERS:
        for end in (np.flatnonzero(np.diff(lever_path[key]) < 0) + 1).tolist():
            if since > 0 and end <= since:
                continue
            fall = float(lever_path[key][end - 1] - lever_path[key][end])
            loss = relative_loss_of_support(CAPITAL_SHARE_OF_COST, min(0.9, fall))
            for q in range(max(0, end - window), min(total.size, end + window)):
                total[q] += float(anticipation_hazard(q, end, loss, strength, window))
    return total
