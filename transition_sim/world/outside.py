"""What shocks put on the channels in a run, and the paths of levers that follow each other when policy is reversed."""

from dataclasses import dataclass, field

import numpy as np

from transition_sim.scenarios import registry
from transition_sim.scenarios.scenario import Scenario
from transition_sim.scenarios.shocks import Grid, channel_grids
from transition_sim.world.markets.slices import BLOCKS, DAY_TYPES, MONTHS


@dataclass(frozen=True)
class Revision:
    """A path of levers that comes into force unannounced.

    Attributes
    ----------
    quarter : int
        First quarter of the new path.
    lever_path : structured array, shape (n_quarters,)
        Before ``quarter`` what has been in force, from it on what is now announced.
    is_broken : ndarray of bool, shape (n_levers,)
        The lever is weaker than was announced, now or later: nearer to its neutral value.
    """

    quarter: int
    lever_path: np.ndarray
    is_broken: np.ndarray


@dataclass
class Outside:
    """Shocks of a run.

    Attributes
    ----------
    grids : dict of channel -> ndarray
        Values by quarter of the channels that are used; an empty one where a run has no shocks.
    base_cny_per_gj : ndarray, shape (C,)
        Prices of carriers without shocks.
    running_share : ndarray, shape (S,)
        Part of the allowed time in which a sector can run this quarter.
    load_share : ndarray, shape (3,)
        Load of residents and the province over the normal one by month of this quarter.
    load_factor : float
        The same in the mean of the quarter, weighted by what residents use.
    swing_mw_per_mwh : ndarray, shape (3, 2, 8)
        What residents use in hot months beyond, and in others below, the mean rise; per MWh of their quarter.
    is_free_of_accidents : bool
    revisions : dict of quarter -> Revision
    broken_levers : int
        Levers whose announcement was broken since credibility was last judged.
    notices : dict of quarter -> list of (subject, amount, unit)
        Effects that begin, for the list of events.
    """

    grids: Grid = field(default_factory=dict)
    base_cny_per_gj: np.ndarray = field(default_factory=lambda: np.zeros(0))
    running_share: np.ndarray = field(default_factory=lambda: np.ones(1))
    load_share: np.ndarray = field(default_factory=lambda: np.ones(3))
    load_factor: float = 1.0
    swing_mw_per_mwh: np.ndarray = field(default_factory=lambda: np.zeros((MONTHS, DAY_TYPES, BLOCKS)))
    is_free_of_accidents: bool = True
    revisions: dict[int, Revision] = field(default_factory=dict)
    broken_levers: int = 0
    notices: dict[int, list[tuple[str, float, str]]] = field(default_factory=dict)

    def read(self, quarter: int) -> list[tuple[str, np.ndarray]]:
        """Return (channel, values) of the quarter of every channel that is used."""
        return [(key, grid[quarter]) for key, grid in self.grids.items()]


def outside_of(scenario: Scenario, base_cny_per_gj: np.ndarray, export_share: np.ndarray) -> Outside:
    """Return the shocks of a scenario, ready for a run.

    Parameters
    ----------
    scenario : Scenario
    base_cny_per_gj : ndarray, shape (C,)
        Prices of the base year.
    export_share : ndarray, shape (S,)
        Exported part of final demand.
    """
    outside = Outside(base_cny_per_gj=base_cny_per_gj.copy(), running_share=np.ones(export_share.size))
    if scenario.shocks:
        outside.grids = channel_grids(scenario.shocks, scenario.span)
        outside.notices = _notices(scenario)
        exports = outside.grids.pop("export_demand", None)
        if exports is not None:
            demand = outside.grids.setdefault("demand", np.ones_like(exports))
            demand *= 1.0 + (exports - 1.0) * export_share
        strength = outside.grids.pop("lever_strength", None)
        if strength is not None:
            outside.revisions = revisions_of(scenario.lever_path(), strength)
    return outside


def _notices(scenario: Scenario) -> dict[int, list[tuple[str, float, str]]]:
    channels = registry.channels()
    found: dict[int, list[tuple[str, float, str]]] = {}
    for shock in scenario.shocks:
        for effect in shock.effects:
            quarter = scenario.span.months_of(effect.first)[0] // 3
            value = effect.value if effect.value is not None else effect.path[0][1] if effect.path else np.nan
            notice = (f"{shock.id}: {effect.channel}", float(value), channels[effect.channel].unit)
            found.setdefault(quarter, []).append(notice)
    return found


def revisions_of(announced: np.ndarray, strength: np.ndarray) -> dict[int, Revision]:
    """Return the paths that come into force when the strength of levers changes (SM16, SM27).

    From the quarter of a change on each lever keeps ``strength`` of its announced distance from neutral, and this is
    what enterprises now believe to be announced for all later years: nobody knows the next change before it comes.

    Parameters
    ----------
    announced : structured array of f8, shape (n_quarters,)
    strength : ndarray, shape (n_quarters, n_levers)
        0 to 1.
    """
    names = announced.dtype.names or ()
    full = announced.view(np.float64).reshape(announced.size, len(names))
    neutral = registry.lever_record().view(np.float64)
    in_force = full.copy()
    found: dict[int, Revision] = {}
    changes = np.flatnonzero((np.diff(strength, axis=0) != 0).any(axis=1)) + 1
    for q in changes.tolist():
        new = in_force.copy()
        kept = strength[q] == 1.0
        new[q:] = np.where(kept, full[q:], neutral + strength[q] * (full[q:] - neutral))
        weaker = np.abs(new[q:] - neutral) < np.abs(in_force[q:] - neutral)
        path = np.ascontiguousarray(new).view(announced.dtype).reshape(announced.size)
        found[q] = Revision(q, path, np.asarray(weaker.any(axis=0)))
        in_force = new
    return found
