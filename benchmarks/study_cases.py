"""What is measured about studies: the own cost of the engine, workers, memory, figures, and batch_run beside it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time
from typing import Any

import mesa

from benchmarks import study_work
from benchmarks.case import make_case
from benchmarks.rules import CompiledQuarters
from benchmarks.study_work import study_of
from benchmarks.twin import TwinModel
from transition_sim.experiments.driver import run_study
from transition_sim.experiments.pools import ProcessPool, Work
from transition_sim.experiments.study import Study, load_study

PLACE = "guangan_city"
TWIN_ENTERPRISES = 2000
TWIN_QUARTERS = 4


class HerePool:
    """Works in this process: what is left after the work is the engine's own cost."""

    size = 1

    def submit(self, work: Work, plan: Any, task: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_result(work(plan, task))
        return future

    def renew(self) -> None:
        raise RuntimeError("no process to renew")

    def look_after(self) -> None:
        pass

    def close(self) -> None:
        pass


def _seconds(study: Study, work: Work, pool: Any) -> float:
    with tempfile.TemporaryDirectory() as folder:
        start = perf_counter()
        run_study(study, Path(folder) / "s", pool=pool, work=work)
        return perf_counter() - start


def engine_cost(n: int = 400) -> dict[str, Any]:
    """Return the engine's own cost, % of runs of 50 ms: plan, shards, fsync, tables; all but the work itself."""
    seconds = _seconds(study_of(n), study_work.busy, HerePool())
    work = n * study_work.BUSY_S
    return {"value": 100 * (seconds / work - 1), "us_per_run": 1e6 * (seconds - work) / n}


class Kept(ProcessPool):
    """Processes that outlive a study, so that their start is not measured with the work."""

    def close(self) -> None:
        pass


def two_workers(n: int = 400) -> dict[str, Any]:
    """Return how many times faster two workers finish than one, at 50 ms a run; processes are started before."""
    seconds = {}
    for size in (1, 2):
        pool = Kept(size)
        _seconds(study_of(8 * size), study_work.busy, pool)
        seconds[size] = _seconds(study_of(n), study_work.busy, pool)
        ProcessPool.close(pool)
    return {"value": seconds[1] / seconds[2], "one_s": seconds[1], "two_s": seconds[2]}


_DRIVER = """
import sys, tempfile
from pathlib import Path
from benchmarks import study_work
from benchmarks.memory import peak_bytes
from benchmarks.study_work import study_of
from transition_sim.experiments.driver import run_study
if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        run_study(study_of(int(sys.argv[1])), Path(folder) / "s", workers=1, work=study_work.empty)
    print(peak_bytes() / 1e6)
"""


def driver_memory(n: int = 1_000_000) -> dict[str, Any]:
    """Return the peak memory of the driver, MB, at a million runs of an empty model in one worker."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "driver.py"
        script.write_text(_DRIVER)
        start = perf_counter()
        done = subprocess.run(
            [sys.executable, str(script), str(n)], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
        return {"value": float(done.stdout), "runs": n, "seconds": perf_counter() - start}


def fan_chart(n: int = 100_000, years: int = 16) -> dict[str, Any]:
    """Return the seconds of a fan chart over 1e5 runs of 16 years, from the tables to the picture."""
    from transition_sim.experiments.analyses.registry import analyse
    from transition_sim.experiments.tables import read_results

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "s"
        run_study(study_of(n, years), folder, pool=HerePool(), work=study_work.empty)
        analyse("ensemble", read_results(folder)).save(Path(name) / "warm")
        start = perf_counter()
        analyse("ensemble", read_results(folder)).save(Path(name) / "timed")
        return {"value": perf_counter() - start, "runs": n}


def attribution(workers: int = 2) -> dict[str, Any]:
    """Return the seconds of an attribution of eight levers of the city, 256 runs, from command to table."""
    from transition_sim.experiments.analyses.registry import analyse
    from transition_sim.experiments.tables import read_results

    parts = {
        f"part_{key}": [key]
        for key in (
            "capex_subsidy_share", "tax_credit_share", "facility_share", "green_procurement_share", "offpeak_days",
            "replacement_ratio", "access_strictness", "demand_response_share",
        )
    }  # fmt: skip
    study = load_study(
        {"format": "study/1", "id": "attribution", "places": [PLACE], "policies": ["current"], "parts": parts,
         "design": {"kind": "full_factorial"}, "outcomes": ["cumulative_dual_control_mtco2"], "annual": []}
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        start = perf_counter()
        run_study(study, Path(name) / "s", workers=workers)
        analyse("attribution", read_results(Path(name) / "s"))
        return {"value": perf_counter() - start, "runs": study.n_runs, "workers": workers}


# --- beside mesa.batch_run --------------------------------------------------------------------------------------------


class BatchCity(mesa.Model):
    """The compiled model in the form that ``mesa.batch_run`` asks for."""

    def __init__(self, seed: int | None = None, **_: Any):
        import transition_sim as ts

        super().__init__(rng=seed)
        self.inner = ts.build_model(ts.load_scenario(PLACE, policy="none", end_year=2022), seed=seed or 0)
        self.datacollector = mesa.DataCollector(model_reporters={"orders": lambda m: m.inner.quarter})

    def step(self) -> None:
        """Run a quarter; batch_run of some versions asks for one more than there are."""
        if self.inner.quarter < self.inner.world.clock.n_quarters:
            self.inner.step()
        else:
            self.running = False
        self.datacollector.collect(self)


def _batch(model: type[mesa.Model], seeds: int, steps: int, clock: Callable[[], float] = perf_counter) -> float:
    start = clock()
    mesa.batch_run(
        model, {"seed": list(range(1, seeds + 1))}, number_processes=1, iterations=1, max_steps=steps,
        data_collection_period=-1, display_progress=False,
    )  # fmt: skip
    return clock() - start


def against_batch_run(n: int = 48, rounds: int = 3) -> dict[str, Any]:
    """Return our runs a second over those of ``mesa.batch_run`` on the same compiled model, both in one process.

    What a study takes once, its plan, manifest and tables on disk, stands beside it: of a dozen short runs it is some
    twentieth, of a sweep nothing.
    """
    from transition_sim.experiments.runs import work

    study = study_of(n, place=PLACE)
    ratios = []
    _seconds(study, work, HerePool())
    for _ in range(rounds):
        theirs = _batch(BatchCity, n, len(study.years) * 4)
        ratios.append(theirs / _seconds(study, work, HerePool()))
    once_s = min(_seconds(study_of(1), study_work.empty, HerePool()) for _ in range(rounds))
    return {"value": median(ratios), "runs": n, "once_s": once_s}


class BatchTwin(TwinModel):
    """The idiomatic Mesa model in the form that ``mesa.batch_run`` asks for."""

    def __init__(self, seed: int | None = None):
        super().__init__(make_case(TWIN_ENTERPRISES), seed or 0)
        self.datacollector = mesa.DataCollector(model_reporters={"quarter": lambda m: m.quarter})

    def step(self) -> None:
        """Run a quarter, and collect."""
        super().step()
        self.datacollector.collect(self)


def _compiled_runs(n: int) -> float:
    """Return the seconds of n runs without the making of their places, which takes five times as long."""
    seconds = 0.0
    for seed in range(n):
        place = make_case(TWIN_ENTERPRISES)
        start = thread_time()
        model = CompiledQuarters(place, seed, owns=True)
        for _ in range(TWIN_QUARTERS):
            model.step()
        seconds += thread_time() - start
    return seconds


def against_twin(n: int = 2) -> dict[str, Any]:
    """Return runs a second of the compiled rules over ``mesa.batch_run`` on their Mesa twin at 2,000 enterprises.

    Both make the place anew for each run, as a batch does, and that time counts for neither.
    """
    _compiled_runs(1)
    start = thread_time()
    for _ in range(3):
        make_case(TWIN_ENTERPRISES)
    making = (thread_time() - start) / 3
    ours = _compiled_runs(5 * n) / (5 * n)
    theirs = _batch(BatchTwin, n, TWIN_QUARTERS, thread_time) / n - making
    return {"value": theirs / ours, "twin_s": theirs, "compiled_s": ours, "making_a_place_s": making}
