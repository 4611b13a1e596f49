"""Where shards are worked on: processes of this machine, or a Dask cluster. Both lose nothing that is not redone."""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any, Protocol, TypeVar

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.experiments.runs import Answer, Task, settle_worker
from transition_sim.experiments.study import Plan

Work = Callable[[Plan, Task], Answer]
Planned = TypeVar("Planned")
Asked = TypeVar("Asked")
Given = TypeVar("Given")
ANSWER_WITHIN_S = 30
UNGUARDED = 87
"""Exit code of a worker whose script would start workers of its own."""
LOST_AFTER_S = 60
"""A cluster without any worker for so long has lost them: its scheduler would let tasks wait for ever."""


class Pool(Protocol):
    """Something that works on tasks."""

    size: int

    def submit(self, work: Work, plan: Plan, task: Task) -> "Future[Answer]":
        """Start a task."""

    def renew(self) -> None:
        """Start afresh after a worker died."""

    def look_after(self) -> None:
        """Raise where nobody is left to work; asked about once a second while tasks are out."""

    def close(self) -> None:
        """End all workers at once."""


def end_if_imported() -> None:
    """End this process where it is a worker that still reads the user's script: one that starts work when it is read.

    A spawned worker reads the script before its first task; what stands outside a main guard is done by every worker.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        os._exit(UNGUARDED)


class ProcessPool:
    """Processes of this machine, spawned, one thread each; they end with this process.

    Parameters
    ----------
    size : int
    """

    def __init__(self, size: int):
        self.size = size
        self._executor: ProcessPoolExecutor | None = None
        self._started: list[Any] = []

    def submit(self, work: Callable[[Planned, Asked], Given], plan: Planned, task: Asked) -> "Future[Given]":
        """Start a task; processes start with the first."""
        end_if_imported()
        if self._executor is None:
            for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
                os.environ.setdefault(name, "1")
            context = multiprocessing.get_context("spawn")
            self._executor = ProcessPoolExecutor(
                self.size, mp_context=context, initializer=settle_worker, initargs=(os.getpid(),)
            )
        future = self._executor.submit(work, plan, task)
        self._started = list((getattr(self._executor, "_processes", None) or {}).values()) or self._started
        return future

    def renew(self) -> None:
        """End what is left of the processes; new ones start with the next task.

        Raises
        ------
        ScenarioError
            When they ended because the script that started them has no main guard.
        """
        self.close()
        if any(process.exitcode == UNGUARDED for process in self._started):
            script = getattr(sys.modules["__main__"], "__file__", "script")
            rule = "every worker reads the script, and would start workers of its own"
            remedy = "Put what it does under 'if __name__ == \"__main__\":'."
            raise ScenarioError([Fault(str(script), None, "script", "", rule, remedy)])

    def look_after(self) -> None:
        """Nothing to do: a process that ends breaks its tasks."""

    def close(self) -> None:
        """End all processes at once; what they did not hand in is lost, and done again by a later driver."""
        if self._executor is None:
            return
        processes = list((getattr(self._executor, "_processes", None) or {}).values())
        for process in processes:
            process.kill()
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor = None


class DaskPool:
    """Workers of a Dask cluster, reached through its scheduler; they need this package, and no shared folder.

    Parameters
    ----------
    address : str
        ``tcp://host:8786``.

    Raises
    ------
    ScenarioError
        When Dask is not installed, or no scheduler with workers answers.
    """

    def __init__(self, address: str):
        try:
            from distributed import Client
        except ImportError:
            remedy = "Install the extra: pip install 'transition-sim[dask]'."
            raise ScenarioError([_scheduler_fault(address, "Dask is not installed", remedy)]) from None
        try:
            self._client = Client(address, timeout=ANSWER_WITHIN_S, set_as_default=False)
            self._client.wait_for_workers(1, timeout=ANSWER_WITHIN_S)
        except (OSError, TimeoutError, ValueError) as error:
            remedy = "Start it with 'dask scheduler' and 'dask worker', and check the address."
            rule = f"no Dask scheduler with workers answers ({type(error).__name__})"
            raise ScenarioError([_scheduler_fault(address, rule, remedy)]) from None
        self._executor: Executor = self._client.get_executor(pure=False, retries=0)
        self._address, self._seen = address, time.monotonic()

    @property
    def size(self) -> int:
        """Threads of all workers that are there now."""
        return max(1, sum(self._client.nthreads().values()))

    def submit(self, work: Work, plan: Plan, task: Task) -> "Future[Answer]":
        """Start a task."""
        return self._executor.submit(work, plan, task)

    def renew(self) -> None:
        """Nothing to do: the scheduler starts workers anew."""

    def look_after(self) -> None:
        """Raise when the cluster has had no worker for a minute.

        Raises
        ------
        ScenarioError
        """
        now = time.monotonic()
        if self._client.nthreads():
            self._seen = now
        elif now - self._seen > LOST_AFTER_S:
            rule = f"the cluster has had no worker for {LOST_AFTER_S} s"
            remedy = "Start workers, then run 'transition-sim study resume' with the folder: nothing is lost."
            raise ScenarioError([_scheduler_fault(self._address, rule, remedy)])

    def close(self) -> None:
        """Cancel what is not finished and leave the cluster to its owner."""
        self._executor.shutdown(wait=False)
        self._client.close()


def _scheduler_fault(address: str, rule: str, remedy: str) -> Fault:
    return Fault("arguments", None, "--scheduler", address, rule, remedy)


def make_pool(workers: int | None, scheduler: str | None) -> Any:
    """Return a pool: of a cluster where a scheduler is given, else of processes, as many as processors by default."""
    return DaskPool(scheduler) if scheduler else ProcessPool(workers or os.cpu_count() or 1)
