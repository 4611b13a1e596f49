"""Runs that share their past: what a policy does from 2026 on leaves the years before as they were, so they run once.

A run is determined by what it has read: place, parameters, seed, shocks, and levers quarter by quarter, with what is
announced of later ones (SM16). Two runs are the same until they read something else. The world on the eve of that
quarter is kept, and the next run that shares its past goes on from a copy, with equal tables byte for byte. A lever
that is read on occasion only (``registry.ON_OCCASION``) has made no difference before a run has asked for it.
"""

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np

from transition_sim import build
from transition_sim.core.kernel_folders import mark_run
from transition_sim.core.streams import Streams
from transition_sim.model import TransitionModel
from transition_sim.quarter.expectations import COUNTED_YEARS
from transition_sim.scenarios import registry
from transition_sim.scenarios.scenario import Scenario
from transition_sim.scenarios.shocks import plain
from transition_sim.world.policy.calendar import PolicyCalendar, policy_calendar
from transition_sim.world.world import World

KEPT_EVES = 5
"""Worlds of about 9 MB each in ``guangan_city``."""
KEPT_QUESTIONS = 4
KEPT_READINGS = 4
"""Quarters in which runs first came to a lever that is read on occasion; others of the place often do so then."""
SHORTEST_PAST = 4
"""Quarters: less is not worth a copy of the world."""
AHEAD = {"carbon_price_floor_cny_per_tco2": 4 * COUNTED_YEARS}
"""Levers whose announced path is read before it is reached, and how many quarters ahead."""


@dataclass(frozen=True)
class Read:
    """What a run reads.

    Attributes
    ----------
    identity : tuple
        All that holds from the first quarter on: place, parameters and horizon, seed, shocks, extensions.
    lever_path : structured array, shape (n_quarters,)
    calendar : PolicyCalendar
    rows : ndarray, shape (n_quarters, columns)
        What every quarter reads: levers, those of other packages, and what the calendar makes of them. A lever that is
        read on occasion stands here from its first move on, which is seen at once.
    """

    identity: tuple[str, ...]
    lever_path: np.ndarray
    calendar: PolicyCalendar
    rows: np.ndarray

    def same_until(self, other: "Read", first_read: Mapping[str, int]) -> int:
        """Return the first quarter that reads something else than in the other run; n_quarters where none does.

        Parameters
        ----------
        other : Read
        first_read : mapping of str to int
            Quarter in which one of the two first read each lever that is read on occasion; those it never read are
            missing.
        """
        if self.identity != other.identity:
            return 0
        first = _first((self.rows != other.rows).any(axis=1))
        for key, quarter in first_read.items():
            first = min(first, max(quarter, _first(self.lever_path[key] != other.lever_path[key])))
        for key, ahead in AHEAD.items():
            first = min(first, _first(self.lever_path[key] != other.lever_path[key]) - ahead + 1)
        return max(0, min(first, len(self.rows)))


def _first(is_other: np.ndarray) -> int:
    """Return the position of the first true value; far beyond the end where there is none."""
    return int(np.argmax(is_other)) if is_other.any() else 2**31


def read_of(scenario: Scenario, seed: int) -> Read:
    """Return what a run of a scenario reads."""
    shocks = tuple(repr(plain(shock)) for shock in scenario.shocks)
    if any(effect.channel == "lever_strength" for shock in scenario.shocks for effect in shock.effects):
        shocks = (scenario.hash,)  # what is announced anew depends on the whole path: no other run is the same
    path = scenario.lever_path()
    calendar = policy_calendar(path, registry.parameter_record(scenario.parameters))
    levers = registry.plain_rows(path).copy()
    for key in registry.ON_OCCASION:
        levers[: _first(path[key] != path[key][0]), list(path.dtype.names or ()).index(key)] = np.inf
    followed = calendar.anticipation_per_year, calendar.salience, calendar.has_moved
    rows = np.column_stack([levers, registry.plain_rows(scenario.added_path), *followed])
    identity = (scenario.start_key, str(seed), repr(sorted(scenario.extensions.items())), *shocks)
    return Read(identity, path, calendar, rows)


class SharedPast:
    """Runs scenarios, each from the latest kept world whose past it shares; safe between threads.

    Parameters
    ----------
    kept_eves : int
        Worlds that are kept, those used last.
    kept_questions : int
        Runs asked last that the next one is held against, to find where they part.
    keep_agents, keep_decisions : bool
        As of ``build_model``.
    """

    def __init__(
        self,
        kept_eves: int = KEPT_EVES,
        kept_questions: int = KEPT_QUESTIONS,
        keep_agents: bool = True,
        keep_decisions: bool = True,
    ):
        self._size, self._n_asked = kept_eves, kept_questions
        self._remembered = keep_agents, keep_decisions
        self._eves: list[tuple[Read, World]] = []
        self._asked: list[tuple[Read, Mapping[str, int]]] = []
        self._first_readings: list[tuple[str, int]] = []
        self._streams = Streams(0, keeps=True)
        self._lock = threading.Lock()

    def run(
        self,
        scenario: Scenario,
        seed: int,
        on_quarter: Callable[[int, int], None] | None = None,
        eves: Collection[int | str] = (),
    ) -> TransitionModel:
        """Return the model at the end of its horizon.

        Parameters
        ----------
        scenario : Scenario
            No portfolio.
        seed : int
        on_quarter : callable, optional
            Called with (quarters done, quarters in all) after each quarter that is run; may raise to give the run up.
        eves : collection of int or str
            Quarters in which later runs may part from this one: its world is kept on their eves, beside those in
            which it parts from the runs that were asked last. A lever that is read on occasion stands for the quarters
            in which other runs first read it.
        """
        read = read_of(scenario, seed)
        model = self._begun(scenario, seed, read)
        total = model.world.clock.n_quarters
        with self._lock:
            stops = {quarter: key for key, quarter in self._first_readings if key in eves}
            known = *(eve for eve in eves if isinstance(eve, int)), *(read.same_until(*other) for other in self._asked)
            stops |= dict.fromkeys(known, "")
            self._asked = [(read, model.world.first_read), *self._asked][: self._n_asked]
        while model.quarter < total:
            awaited = stops.get(model.quarter)
            if awaited is not None and model.quarter >= SHORTEST_PAST and awaited not in model.world.first_read:
                self._keep(read, model.world)
            model.step()
            if on_quarter is not None:
                on_quarter(model.quarter, total)
        mark_run()
        with self._lock:
            recent = dict.fromkeys([*model.world.first_read.items(), *self._first_readings])
            self._first_readings = list(recent)[:KEPT_READINGS]
        return model

    def _begun(self, scenario: Scenario, seed: int, read: Read) -> TransitionModel:
        """Return a model on the latest eve that is known of its past, else on the eve of its first quarter."""
        with self._lock:
            fitting = [(world.quarter, k) for k, (own, world) in enumerate(self._eves) if _leads_to(own, world, read)]
            if not fitting:
                return self._built(scenario, seed)
            used = self._eves.pop(max(fitting)[1])
            self._eves.append(used)
        world = used[1].copy()
        world.scenario, world.lever_path, world.calendar = scenario, read.lever_path, read.calendar
        return TransitionModel(world)

    def _built(self, scenario: Scenario, seed: int) -> TransitionModel:
        """Return a model on the eve of its first quarter, with the draws that other runs of the seed have made."""
        known = (self._streams, *(world.streams for _, world in self._eves))
        self._streams = next((streams for streams in known if streams.seed == seed), Streams(seed, keeps=True))
        model = build.build_model(scenario, seed, *self._remembered)
        model.world.streams = self._streams
        return model

    def _keep(self, read: Read, world: World) -> None:
        """Keep a copy of a world, unless there is one of the same past."""
        with self._lock:
            if any(kept.quarter == world.quarter and _leads_to(own, kept, read) for own, kept in self._eves):
                return
            self._eves = [*self._eves, (read, world.copy())][-self._size :]


def _leads_to(own: Read, world: World, read: Read) -> bool:
    """Return whether a kept world is what another run finds on the same eve."""
    return own.same_until(read, world.first_read) >= world.quarter
