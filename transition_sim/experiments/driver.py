"""Runs a study into its folder: says what it will cost, works, resumes, retries, verifies, and writes the tables."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.experiments import runs as runs_module
from transition_sim.experiments.engine import Engine, OnProgress, Progress, shard_sizes
from transition_sim.experiments.pools import Pool, Work, end_if_imported, make_pool
from transition_sim.experiments.runs import DONE, FAILED, KILLED, TIMED_OUT
from transition_sim.experiments.store import PENDING, Found, Store, read_shard
from transition_sim.experiments.study import Study
from transition_sim.experiments.tables import collect

PROBES = 2
"""Runs of the first shard of a worker, which tells how long a run takes and how large it is."""
TABLE_SHARE = 1.5
"""Bytes of the tables over those of the shards, at most; checked against the disk."""


@dataclass(frozen=True)
class Estimate:
    """What the rest of a study costs.

    Attributes
    ----------
    pending : int
        Runs.
    run_s : float
        Seconds of a run in a worker, mean of those that are left.
    workers : int
    total_s : float
    total_bytes : float
        Of shards and tables.
    """

    pending: int
    run_s: float
    workers: int
    total_s: float
    total_bytes: float


OnEstimate = Callable[[Estimate], None]


def run_study(
    study: Study,
    folder: str | Path,
    workers: int | None = None,
    scheduler: str | None = None,
    on_progress: OnProgress = lambda progress: None,
    on_estimate: OnEstimate = lambda estimate: None,
    command: Sequence[str] = (),
    retry: Sequence[str] = (),
    work: Work | None = None,
    runs_per_shard: int | None = None,
    pool: Pool | None = None,
) -> Found:
    """Run what a study still lacks, and write its tables.

    Parameters
    ----------
    study : Study
    folder : path
        New, or that of the same study.
    workers : int, optional
        Processes; as many as processors by default. A script needs ``if __name__ == "__main__":`` around its work.
    scheduler : str, optional
        Address of a Dask scheduler, instead of processes of this machine.
    on_progress, on_estimate : callable, optional
    command : sequence of str
        For the record.
    retry : sequence of str
        States that are run again, such as ``("failed", "killed")``.
    work : callable, optional
        Does a task; the model by default.
    runs_per_shard : int, optional
        Follows from the seconds of a run by default; changes no table.
    pool : Pool, optional

    Raises
    ------
    ScenarioError
        When the folder holds something else, another process works on it, the disk is too small, or a script has no
        main guard.
    """
    end_if_imported()
    store = Store(Path(folder))
    store.open(study, command)
    with store.lock():
        store.clean()
        found = store.scan(study.n_runs)
        store.set_aside(found.damaged)
        pending = study.side_by_side(found.runs(PENDING, *retry))
        if pending.size:
            opened = pool or make_pool(workers, scheduler)
            counts = found.counts()
            progress = Progress(study.n_runs, study.n_runs - pending.size, _bad(counts) if not retry else 0)
            attempt = found.attempt + 1 if retry or not found.files else max(1, found.attempt)
            engine = Engine(study, store, opened, work or runs_module.work, attempt, progress, on_progress)
            try:
                _work_through(engine, pending, runs_per_shard, on_estimate)
            finally:
                opened.close()
            found = store.scan(study.n_runs)
        collect(study, store, found)
    return found


def _bad(counts: dict[str, int]) -> int:
    return counts[FAILED] + counts[TIMED_OUT] + counts[KILLED]


def _work_through(engine: Engine, pending: np.ndarray, size: int | None, on_estimate: OnEstimate) -> None:
    workers = engine.pool.size
    n_probes = PROBES * workers  # of every worker, so that all start at once
    probes, rest = pending[:n_probes], pending[n_probes:]
    engine.run(probes.tolist(), repeat(PROBES))
    progress = engine.progress
    estimate = estimated(progress, rest.size, workers, probes.size, longer_than_probes(engine.study, probes, rest))
    check_disk(engine.store.folder, estimate)
    on_estimate(estimate)
    if rest.size:
        progress.started, progress.fresh = perf_counter(), 0
        shared = engine.study.shared_quarters(rest)
        engine.run(rest.tolist(), repeat(size) if size else shard_sizes(progress.run_s, shared, workers))


def estimated(progress: Progress, pending: int, workers: int, probes: int, longer: float = 1.0) -> Estimate:
    """Return what the rest costs, from the first runs; ``longer`` times as long as the latest of them."""
    per_run, run_s = progress.shard_bytes / max(1, probes), longer * progress.run_s
    return Estimate(pending, run_s, workers, pending * run_s / workers, pending * per_run * (1 + TABLE_SHARE))


def longer_than_probes(study: Study, probes: np.ndarray, rest: np.ndarray) -> float:
    """Return how many times longer a run of the rest takes than the last probe of a worker, by the quarters it runs.

    The last probe shares its past with the one before; of the rest some share more, some nothing. What is shared until
    a lever is first read is not known before: half of the horizon at most.
    """
    n_quarters = study.contexts[0].scenario.clock.n_quarters
    to_probe, to_run = (n_quarters - np.minimum(study.shared_quarters(r), n_quarters // 2) for r in (probes, rest))
    last = to_probe[PROBES - 1 :: PROBES]
    return float(to_run.mean() / last.mean()) if last.size and to_run.size else 1.0


def check_disk(folder: Path, estimate: Estimate) -> None:
    """Refuse a study that the disk cannot hold.

    Raises
    ------
    ScenarioError
    """
    free = shutil.disk_usage(folder).free
    if estimate.total_bytes > free:
        needed, free_mb = (f"{1e-6 * size:,.{2 if size < 1e7 else 0}f}" for size in (estimate.total_bytes, free))
        rule = f"the study needs about {needed} MB, free are {free_mb} MB"
        remedy = "Take fewer runs or outcomes, or another disk with --out."
        raise ScenarioError([Fault(str(folder), None, "--out", "", rule, remedy)])


@dataclass(frozen=True)
class Verdict:
    """What a second look at some runs says.

    Attributes
    ----------
    checked : tuple of int
        Runs that were done again.
    different : tuple of int
        Those that gave other numbers.
    damaged : tuple of str
        Shards whose bytes are not those that were written.
    """

    checked: tuple[int, ...]
    different: tuple[int, ...]
    damaged: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether all is as it was."""
        return not self.different and not self.damaged


def verify_study(folder: str | Path, n_runs: int = 3, seed: int = 1, workers: int | None = 1) -> Verdict:
    """Check every shard against its hash, do some random finished runs again and compare them to the last bit.

    Raises
    ------
    ScenarioError
        When the folder holds no study, or the model has changed since.
    """
    store = Store(Path(folder))
    study = store.study()
    store.check_same(study.hash)
    found = store.scan(study.n_runs)
    finished = found.runs(DONE)
    chosen = np.sort(np.random.default_rng(seed).choice(finished, min(n_runs, finished.size), replace=False))
    different: list[int] = []
    if chosen.size:
        pool = make_pool(workers, None)
        try:
            answer = pool.submit(runs_module.work, study.plan(), runs_module.task_of(study, chosen.tolist())).result()
        finally:
            pool.close()
        again = _rows_of(answer.data)
        for run in chosen.tolist():
            table = read_shard(found.files[found.shard[run]])
            assert table is not None
            kept = table.slice(int(found.row[run]), 1).to_pylist()[0]
            if not _same(kept, again[run]):
                different.append(run)
    return Verdict(tuple(chosen.tolist()), tuple(different), tuple(p.name for p in found.damaged))


def _rows_of(data: bytes) -> dict[int, dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    return {row["run"]: row for row in pq.read_table(pa.BufferReader(data)).to_pylist()}


def _same(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Return whether two rows agree in all but their seconds; nan equals nan."""
    keys = [key for key in a if key != "seconds"]
    return all(repr(a[key]) == repr(b[key]) for key in keys)
