"""A shard of runs in a worker: scenarios from the plan, one row a run, errors as rows; nothing is written here.

A run that raises, runs too long or asks for too much memory becomes a row with its error. A run that ends its process
is found by the engine.
"""

import io
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from transition_sim.experiments.factors import scenario_at
from transition_sim.experiments.study import Plan, Study
from transition_sim.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from transition_sim.shared_past import SharedPast

DONE, FAILED, TIMED_OUT, KILLED = "done", "failed", "timed out", "killed"
ERROR_LENGTH = 2000


@dataclass(frozen=True)
class Task:
    """Runs of one shard: their numbers, contexts and points, with the values of the points.

    Attributes
    ----------
    runs, contexts, replicates : tuple of int
    values : ndarray, shape (n_runs, n_factors)
    """

    runs: tuple[int, ...]
    contexts: tuple[int, ...]
    replicates: tuple[int, ...]
    values: np.ndarray


@dataclass(frozen=True)
class Answer:
    """A finished shard: Parquet bytes, how many runs failed, seconds of each run."""

    data: bytes
    n_failed: int
    seconds: tuple[float, ...]


class RunTimeout(Exception):
    """A run took longer than its limit."""


def task_of(study: Study, runs: Sequence[int]) -> Task:
    """Return the task of some runs."""
    numbers = np.asarray(runs, dtype=np.int64)
    context, point, replicate = study.place_of(numbers)
    return Task(tuple(numbers.tolist()), tuple(context.tolist()), tuple(replicate.tolist()), study.points[point])


def work(plan: Plan, task: Task) -> Answer:
    """Do the runs of a task."""
    return work_with(simulate, plan, task)


Simulate = Callable[[Plan, Scenario, int], tuple[np.ndarray, np.ndarray]]


def work_with(simulate_one: Simulate, plan: Plan, task: Task) -> Answer:
    """Do the runs of a task with a function of one run."""
    _limit_memory(plan.memory_bytes)
    with _Limit(plan.run_seconds) as limit:
        rows = [_row(simulate_one, plan, task, k, limit) for k in range(len(task.runs))]
    return pack(plan, rows)


def _row(simulate_one: Simulate, plan: Plan, task: Task, k: int, limit: "_Limit") -> dict[str, Any]:
    started = time.perf_counter()
    row: dict[str, Any] = {"run": task.runs[k], "status": DONE, "error": ""}
    try:
        with limit.run():
            scenario = scenario_at(plan.scenarios[task.contexts[k]], plan.factors, task.values[k])
            row["measures"], row["annual"] = simulate_one(plan, scenario, plan.seed + task.replicates[k])
    except RunTimeout:
        row |= {"status": TIMED_OUT, "error": f"the run took more than {plan.run_seconds:g} s"}
    except Exception as error:
        row |= {"status": FAILED, "error": f"{type(error).__name__}: {error}"[:ERROR_LENGTH]}
    row["seconds"] = time.perf_counter() - started
    return row


@cache
def _past() -> "SharedPast":
    """Return the past that the runs of this process share: where a lever moves later, the years before run once."""
    from transition_sim.shared_past import SharedPast

    return SharedPast(keep_agents=False, keep_decisions=False)


def simulate(plan: Plan, scenario: Scenario, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Run a scenario; return measures, shape (n_measures,), and annual columns, shape (n_columns, n_years)."""
    from transition_sim import build
    from transition_sim.measures import FURTHER_MEASURES, MEASURES, measure_run

    by_key = {m.key: m for m in (*MEASURES, *FURTHER_MEASURES)}
    if scenario.place.members:
        result = build.run(scenario, seed=seed, keep_agents=False, keep_decisions=False)
    else:
        result = _past().run(scenario, seed, eves=plan.eves).result()
    values = measure_run(result, [by_key[key] for key in plan.measures])
    if not plan.columns:
        return values, np.empty((0, result.clock.n_years))
    return values, result.annual[list(plan.columns)].to_numpy(dtype=float).T


def pack(plan: Plan, rows: Sequence[dict[str, Any]]) -> Answer:
    """Return rows as the bytes of a Parquet file: a row a run, annual columns as lists."""

    def measure(row: dict[str, Any], k: int) -> float | None:
        return float(row["measures"][k]) if "measures" in row else None

    def series(row: dict[str, Any], k: int) -> list[float] | None:
        return [float(v) for v in row["annual"][k]] if "annual" in row else None

    columns: dict[str, pa.Array] = {
        "run": pa.array([r["run"] for r in rows], pa.int64()),
        "status": pa.array([r["status"] for r in rows], pa.string()),
        "error": pa.array([r["error"] for r in rows], pa.string()),
        "seconds": pa.array([r["seconds"] for r in rows], pa.float64()),
    }
    for k, key in enumerate(plan.measures):
        columns[f"measure:{key}"] = pa.array([measure(r, k) for r in rows], pa.float64())
    for k, name in enumerate(plan.columns):
        columns[f"annual:{name}"] = pa.array([series(r, k) for r in rows], pa.list_(pa.float64()))
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, compression="zstd")
    n_failed = sum(r["status"] != DONE for r in rows)
    return Answer(sink.getvalue(), n_failed, tuple(r["seconds"] for r in rows))


def lost_rows(plan: Plan, runs: Sequence[int], status: str, why: str) -> Answer:
    """Return the rows of runs that gave no answer."""
    return pack(plan, [{"run": run, "status": status, "error": why[:ERROR_LENGTH], "seconds": 0.0} for run in runs])


# --- limits -----------------------------------------------------------------------------------------------------------


class _Limit:
    """Ends a run that takes too long: raises in it, and ends the process when it does not come back from compiled code.

    One thread watches over all runs of a shard: a thread a run would cost more than all else that is done for it. Only
    the main thread of a process can be interrupted; elsewhere runs have no limit.
    """

    def __init__(self, seconds: float):
        self._seconds = seconds
        self._is_able = threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")
        self._over = threading.Event()
        self._end = math.inf

    def __enter__(self) -> "_Limit":
        if self._is_able:
            self._before = signal.signal(signal.SIGALRM, _too_long)
            threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        if self._is_able:
            self._over.set()
            signal.signal(signal.SIGALRM, self._before)

    @contextmanager
    def run(self) -> Iterator[None]:
        """Hold what is done within to the limit.

        Raises
        ------
        RunTimeout
            When it takes too long.
        """
        if not self._is_able:
            yield
            return
        self._end = time.monotonic() + self._grace_s
        signal.setitimer(signal.ITIMER_REAL, self._seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            self._end = math.inf

    @property
    def _grace_s(self) -> float:
        return 1.5 * self._seconds + 10.0

    def _watch(self) -> None:
        # a run that begins while this sleeps ends later than the one slept for, so nobody need wake it
        while not self._over.wait(min(self._end - time.monotonic(), self._grace_s)):
            if time.monotonic() >= self._end:
                os._exit(1)


def _too_long(*_: Any) -> None:
    raise RunTimeout


def _limit_memory(limit_bytes: int) -> None:
    if not limit_bytes:
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, hard))


def settle_worker(parent: int) -> None:
    """Prepare a worker process: Ctrl-C is the driver's, and it ends when its driver is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
