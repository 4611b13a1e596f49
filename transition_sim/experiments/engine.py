"""The engine: hands shards to a pool, keeps each answer at once, finds the run that ends its worker, goes on.

Where a process dies, every task in flight is a suspect and is done again alone. A suspect that dies alone is split into
single runs; a single run that ends its worker alone ``STRIKES`` times is recorded as killed, and the rest is done.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import islice
from math import ceil

import numpy as np

from transition_sim.experiments.pools import Pool, Work
from transition_sim.experiments.runs import FAILED, KILLED, Answer, lost_rows, task_of
from transition_sim.experiments.store import Store
from transition_sim.experiments.study import Study

STRIKES = 3
"""Deaths alone after which a run counts as the cause."""
DEATHS_WITHOUT_ANSWER = 30
SHARD_S = 5.0
LARGEST_SHARD = 500
IN_FLIGHT_PER_WORKER = 2


@dataclass
class Piece:
    """Runs that are worked on together, and how often they died alone."""

    runs: list[int]
    strikes: int = 0


@dataclass
class Progress:
    """How far a study is.

    Attributes
    ----------
    total, done, failed : int
        Runs; ``done`` counts those before this start too, ``failed`` are part of it.
    fresh : int
        Runs finished since this start.
    started : float
        On the clock of ``time.perf_counter``.
    run_s : float
        Seconds of the latest run in a worker.
    shard_bytes : int
        Written since this start.
    """

    total: int
    done: int = 0
    failed: int = 0
    fresh: int = 0
    started: float = field(default_factory=time.perf_counter)
    run_s: float = 0.0
    shard_bytes: int = 0

    @property
    def per_second(self) -> float:
        """Runs a second since this start."""
        return self.fresh / max(1e-9, time.perf_counter() - self.started)

    @property
    def left_s(self) -> float:
        """Seconds to the end at the rate so far; nan before the first answer."""
        return (self.total - self.done) / self.per_second if self.fresh else float("nan")


OnProgress = Callable[[Progress], None]


class WorkersFail(RuntimeError):
    """Workers die again and again before any run is finished: the machine, not a run, is the cause."""


@dataclass
class Engine:
    """Works on the pending runs of a study.

    Attributes
    ----------
    study : Study
    store : Store
    pool : Pool
    work : callable
        Takes the plan and a task, returns an answer; importable by name.
    attempt : int
        Written into the names of shards; a later attempt replaces an earlier one.
    progress : Progress
    """

    study: Study
    store: Store
    pool: Pool
    work: Work
    attempt: int
    progress: Progress
    on_progress: OnProgress = lambda progress: None

    def __post_init__(self) -> None:
        self._plan = self.study.plan()
        self._flying: dict[Future[Answer], Piece] = {}
        self._suspects: deque[Piece] = deque()
        self._deaths = 0

    def run(self, pending: Sequence[int], sizes: Iterable[int]) -> None:
        """Work on runs until none is left; leave at any moment, and nothing that was answered is lost.

        Parameters
        ----------
        pending : sequence of int
        sizes : iterable of int
            Runs of each shard, at least as many as are pending.
        """
        ahead, wanted = iter(pending), iter(sizes)
        waiting: deque[Piece] = deque()
        while runs := list(islice(ahead, next(wanted, 0))):
            waiting.append(Piece(runs))
        try:
            while waiting or self._suspects or self._flying:
                self._fill(waiting)
                finished, _ = wait(self._flying, timeout=1.0, return_when=FIRST_COMPLETED)
                died = [piece for future in finished if (piece := self._take(future)) is not None]
                if died:
                    self._bury(died, waiting)
                elif not finished:
                    self.pool.look_after()
                self.on_progress(self.progress)
        finally:
            for future in self._flying:
                future.cancel()

    def _fill(self, waiting: deque[Piece]) -> None:
        """Keep workers busy; a suspect flies alone."""
        if self._suspects:
            if not self._flying:
                self._launch(self._suspects.popleft())
            return
        while waiting and len(self._flying) < IN_FLIGHT_PER_WORKER * self.pool.size:
            if not self._launch(waiting.popleft(), waiting):
                return

    def _launch(self, piece: Piece, waiting: deque[Piece] | None = None) -> bool:
        try:
            self._flying[self.pool.submit(self.work, self._plan, task_of(self.study, piece.runs))] = piece
        except BrokenProcessPool:
            (self._suspects if waiting is None else waiting).appendleft(piece)
            if not self._flying:
                self._renew()
            return False
        return True

    def _take(self, future: "Future[Answer]") -> Piece | None:
        """Keep the answer of a task; return its runs where the worker died."""
        piece = self._flying.pop(future)
        try:
            answer = future.result()
        except Exception as error:
            if _is_death(error):
                return piece
            self._refuse(piece, error)
            return None
        self._keep(answer, piece)
        return None

    def _refuse(self, piece: Piece, error: Exception) -> None:
        """Record a run whose answer could not be sent; of several, find out which."""
        if len(piece.runs) > 1:
            self._suspects.extend(Piece([run], 1) for run in piece.runs)
        else:
            self._keep(lost_rows(self._plan, piece.runs, FAILED, f"{type(error).__name__}: {error}"), piece)

    def _bury(self, died: list[Piece], waiting: deque[Piece]) -> None:
        """Put the runs of dead workers back: alone, then one by one, then as the cause."""
        alone = len(died) == 1 and not self._flying and died[0].strikes > 0
        died += [piece for future in list(self._flying) if (piece := self._take(future)) is not None]
        self._renew()
        if not alone:
            self._suspects.extend(Piece(piece.runs, max(1, piece.strikes)) for piece in died)
            return
        [piece] = died
        if len(piece.runs) > 1:
            self._suspects.extendleft(Piece([run], 1) for run in reversed(piece.runs))
        elif piece.strikes < STRIKES:
            self._suspects.appendleft(Piece(piece.runs, piece.strikes + 1))
        else:
            self._keep(lost_rows(self._plan, piece.runs, KILLED, "the worker process ended in this run"), piece)

    def _renew(self) -> None:
        self._deaths += 1
        if self._deaths > DEATHS_WITHOUT_ANSWER:
            raise WorkersFail(f"workers ended {self._deaths} times without finishing a run")
        self.pool.renew()

    def _keep(self, answer: Answer, piece: Piece) -> None:
        self.store.write(answer, piece.runs[0], piece.runs[-1], self.attempt)
        self._deaths = 0
        progress = self.progress
        progress.done += len(piece.runs)
        progress.fresh += len(piece.runs)
        progress.failed += answer.n_failed
        progress.shard_bytes += len(answer.data)
        progress.run_s = answer.seconds[-1]


def _is_death(error: Exception) -> bool:
    """Return whether an error says that a worker ended, here or in a cluster."""
    return isinstance(error, BrokenProcessPool) or type(error).__name__ in ("KilledWorker", "CancelledError")


def shard_sizes(run_s: float, shared: np.ndarray, workers: int) -> Iterator[int]:
    """Yield how many runs make each shard.

    At most ``shard_size``, and fewer towards the end, so that workers end together. Of the lengths between that and
    its half, the one after which the next run shares least is taken: what two workers share, each runs for itself.

    Parameters
    ----------
    run_s : float
    shared : ndarray, shape (n_runs,)
        Quarters that each run shares with the one before it.
    workers : int
    """
    n_runs, done = shared.size, 0
    largest = shard_size(run_s, n_runs, workers)
    while done < n_runs:
        most = min(largest, ceil((n_runs - done) / (2 * workers)))
        least = ceil(most / 2)
        ends = shared[done + least : done + most + 1]
        size = most if done + most == n_runs else most - int(np.argmin(ends[::-1]))
        done += size
        yield size


def shard_size(run_s: float, n_runs: int, workers: int) -> int:
    """Return how many runs make a shard at most: about five seconds of work, and some shards for every worker."""
    by_time = SHARD_S / max(run_s, 1e-6)
    by_share = n_runs / (4 * workers)
    return int(max(1, min(by_time, by_share, LARGEST_SHARD)))
