"""What all visitors share: pictures and worlds that were run already, and the process that runs ensembles."""

import multiprocessing
import os
import signal
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import Any

from transition_sim.core.errors import ConservationError, ScenarioError
from transition_sim.results import RunResult
from transition_sim.scenarios.scenario import Scenario
from transition_sim.scoreboard import sample_of
from transition_sim.shared_past import SharedPast
from transition_sim.viz.picture import Picture, run_seed, run_watched
from transition_sim.world.world import World

KEPT_PICTURES = 2000
KEPT_WORLDS = 4
NICE = 10


class Kept:
    """The last things used, by key; safe between threads."""

    def __init__(self, size: int):
        self._size = size
        self._items: OrderedDict[Any, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any) -> Any:
        with self._lock:
            if key not in self._items:
                return None
            self._items.move_to_end(key)
            return self._items[key]

    def put(self, key: Any, item: Any) -> None:
        with self._lock:
            self._items[key] = item
            self._items.move_to_end(key)
            while len(self._items) > self._size:
                self._items.popitem(last=False)

    def __len__(self) -> int:
        return len(self._items)


def start_worker() -> None:
    """Leave Ctrl-C to the parent, and the processor to those who wait for a lever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICE)


def run_in_worker(scenario: Scenario, seed: int) -> tuple[Picture | None, str]:
    """Return the picture, or the error as text: the errors of the house carry more than pickle restores."""
    try:
        return run_seed(scenario, seed), ""
    except (ScenarioError, ConservationError) as error:
        return None, str(error)


class Laboratory:
    """Runs scenarios and remembers them.

    Parameters
    ----------
    workers : int
        Processes for ensembles; 0 runs none.
    """

    def __init__(self, workers: int = 1):
        self.pictures, self.worlds = Kept(KEPT_PICTURES), Kept(KEPT_WORLDS)
        self._past = SharedPast()
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._pool_lock = threading.Lock()
        self._run_lock = threading.Lock()

    @property
    def has_workers(self) -> bool:
        return self._workers > 0

    def known(self, scenario: Scenario, seed: int) -> Picture | None:
        """Return the picture of a run that was made before."""
        return self.pictures.get((scenario.hash, seed))

    def run(self, scenario: Scenario, seed: int, on_quarter: Callable[[int, int], None]) -> Picture:
        """Run a scenario here and keep its world; one run at a time, as two would only slow each other down."""
        with self._run_lock:
            if (found := self.known(scenario, seed)) is not None:
                return found
            picture, world, result = run_watched(self._past, scenario, seed, on_quarter)
        self.worlds.put((scenario.hash, seed), (world, result))
        self.pictures.put((scenario.hash, seed), picture)
        return picture

    def complete(self, picture: Picture) -> Picture:
        """Return a picture with what the scoreboard needs, where the tables of its run are still here."""
        kept = self.worlds.get((picture.hash, picture.seed))
        if picture.sample is not None or kept is None:
            return picture
        whole = replace(picture, sample=sample_of(kept[1]))
        self.pictures.put((picture.hash, picture.seed), whole)
        return whole

    def world(self, scenario: Scenario, seed: int, on_quarter: Callable[[int, int], None]) -> tuple[World, RunResult]:
        """Return the world at the end of a run and its tables; run again where it was let go."""
        if (found := self.worlds.get((scenario.hash, seed))) is None:
            with self._run_lock:
                picture, world, result = run_watched(self._past, scenario, seed, on_quarter)
            found = (world, result)
            self.worlds.put((scenario.hash, seed), found)
            self.pictures.put((scenario.hash, seed), picture)
        return found

    def submit(self, scenario: Scenario, seed: int) -> "Future[tuple[Picture | None, str]]":
        """Ask the worker process for a run."""
        with self._pool_lock:
            try:
                return self._open_pool().submit(run_in_worker, scenario, seed)
            except BrokenProcessPool:
                self._pool = None
                return self._open_pool().submit(run_in_worker, scenario, seed)

    def _open_pool(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, mp_context=context, initializer=start_worker)
        return self._pool

    def close(self) -> None:
        """End the worker processes at once: nobody waits for what they do."""
        with self._pool_lock:
            if self._pool is not None:
                for process in list((getattr(self._pool, "_processes", None) or {}).values()):
                    process.kill()
                self._pool.shutdown(wait=True, cancel_futures=True)
                self._pool = None
