"""One visitor's desk: the newest question is answered first, then an ensemble follows; older questions are dropped.

A desk has one thread. It runs the first seed of baseline and policy at once, shows them, and then collects further
pairs of seeds from the laboratory's process. Whatever is asked anew makes all of that stale: a run is given up within a
quarter, so that there is nothing to gain from waiting until a lever rests.
"""

import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from typing import Any, Literal

from transition_sim.core.errors import ConservationError, ScenarioError
from transition_sim.scenarios.scenario import Scenario
from transition_sim.viz.gathering import Gathering
from transition_sim.viz.laboratory import Laboratory
from transition_sim.viz.picture import FIRST_SEED, Picture

SHOW_EVERY_S = 0.7
PATIENCE_S = 0.4
"""An answer within this time replaces the earlier one without a word; else the earlier one pales first."""

Status = Literal["idle", "computing", "ensemble", "done", "failed"]


class Stale(Exception):
    """Something newer was asked."""


@dataclass(frozen=True)
class View:
    """What the desk shows.

    Attributes
    ----------
    status : {"idle", "computing", "ensemble", "done", "failed"}
    policy, baseline : tuple of Picture
        One a seed, paired: seed k of both meets the same luck. Empty before the first answer.
    pins : tuple of tuple of Picture
        Of every pinned scenario, in the order of the question; their seeds are among those of the ensemble.
    wanted : int
        Pairs that the ensemble will have.
    error : Exception, optional
    seconds : float
        From the question to the first picture.
    number : int
        Counts answers.
    """

    status: Status = "idle"
    policy: tuple[Picture, ...] = ()
    baseline: tuple[Picture, ...] = ()
    pins: tuple[tuple[Picture, ...], ...] = ()
    wanted: int = 0
    error: Exception | None = None
    seconds: float = 0.0
    number: int = 0

    @property
    def done(self) -> int:
        """Pairs that are there."""
        return min(len(self.policy), len(self.baseline))


@dataclass(frozen=True)
class _Question:
    policy: Callable[[], Scenario]
    baseline: Callable[[], Scenario]
    pins: tuple[Callable[[], Scenario], ...]
    pairs: int
    asked: float
    is_stale: Future[None]
    """Done once something newer is asked."""


class Desk:
    """Answers questions about policies, the newest first.

    Parameters
    ----------
    laboratory : Laboratory
    on_view : callable
        Called with each new ``View``, from the thread of the desk.
    pairs : int
        Seeds of an ensemble, the first one included.
    """

    def __init__(
        self,
        laboratory: Laboratory,
        on_view: Callable[[View], None],
        pairs: int = 12,
        patience_s: float = PATIENCE_S,
    ):
        self._laboratory, self._on_view, self._pairs = laboratory, on_view, pairs
        self._patience_s = patience_s
        self._view = View()
        self._question: _Question | None = None
        self._newest: Future[None] = Future()
        self._is_closed = False
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._work, daemon=True, name="desk")
        self._thread.start()

    def ask(
        self,
        policy: Callable[[], Scenario],
        baseline: Callable[[], Scenario],
        pins: Sequence[Callable[[], Scenario]] = (),
        pairs: int | None = None,
    ) -> None:
        """Ask for a policy against a baseline, and for pinned scenarios; returns at once.

        The scenarios are made in the thread. ``pairs`` is the size of the ensemble where it is not that of the desk.
        """
        with self._news:
            self._replace()
            n = self._pairs if pairs is None else pairs
            self._question = _Question(policy, baseline, tuple(pins), n, time.perf_counter(), self._newest)
            self._news.notify()

    def close(self) -> None:
        """Drop everything and end the thread."""
        with self._news:
            self._is_closed = True
            self._replace()
            self._news.notify()

    def _replace(self) -> None:
        """Make what was asked before stale, also for those who wait for its runs."""
        self._newest.set_result(None)
        self._newest = Future()

    def _work(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._question is not None or self._is_closed)
                if self._question is None or self._is_closed:
                    return
                question, self._question = self._question, None
            try:
                self._answer(question)
            except Stale:
                continue
            except (ScenarioError, ConservationError) as error:
                self._show(question, status="failed", error=error)
            except Exception as error:  # whatever a model can do: the visitor reads a sentence, the server goes on
                self._show(question, status="failed", error=error)

    def _answer(self, question: _Question) -> None:
        patient_until = time.perf_counter() + self._patience_s

        def pale() -> None:
            nonlocal patient_until
            patient_until = math.inf
            self._show(question, status="computing", error=None)

        if not self._view.done:
            pale()
        policy, baseline = question.policy(), question.baseline()

        def on_quarter(done: int, total: int) -> None:
            self._check(question)
            if time.perf_counter() > patient_until:
                pale()

        first = self._laboratory.run(baseline, FIRST_SEED, on_quarter)
        second = self._laboratory.run(policy, FIRST_SEED, on_quarter)
        n = question.pairs if self._laboratory.has_workers else 1
        self._show(
            question, status="ensemble" if n > 1 else "done", policy=(second,), baseline=(first,), pins=(), wanted=n,
            seconds=time.perf_counter() - question.asked, error=None,
        )  # fmt: skip
        pins = [pin() for pin in question.pins]
        if not self._laboratory.has_workers:
            for pin in pins:
                self._laboratory.run(pin, FIRST_SEED, on_quarter)
        self._collect(question, [policy, baseline, *pins], n)

    def _collect(self, question: _Question, scenarios: list[Scenario], n: int) -> None:
        """Bring the other seeds of the ensemble, those that are known first."""
        gathering = Gathering(self._laboratory)
        gathering.ask(scenarios, range(FIRST_SEED, FIRST_SEED + n))
        try:
            self._show_found(question, scenarios, gathering)
            shown = time.perf_counter()
            while gathering.n_waiting:
                self._check(question)
                gathering.take(SHOW_EVERY_S, question.is_stale)
                if not gathering.n_waiting or time.perf_counter() - shown > SHOW_EVERY_S:
                    self._show_found(question, scenarios, gathering)
                    shown = time.perf_counter()
        except (BrokenProcessPool, CancelledError):
            self._show(question, status="done")
        finally:
            gathering.cancel()

    def _show_found(self, question: _Question, scenarios: list[Scenario], gathering: Gathering) -> None:
        policy, baseline, *pins = (gathering.of(scenario) for scenario in scenarios)
        both = [seed for seed in policy if seed in baseline]
        self._show(
            question,
            status="ensemble" if gathering.n_waiting else "done",
            policy=tuple(policy[seed] for seed in both),
            baseline=tuple(baseline[seed] for seed in both),
            pins=tuple(tuple(pin.values()) for pin in pins),
        )

    def _check(self, question: _Question) -> None:
        if question.is_stale.done():
            raise Stale

    def _show(self, question: _Question, **changes: Any) -> None:
        self._check(question)
        self._view = replace(self._view, number=self._view.number + 1, **changes)
        self._on_view(self._view)
