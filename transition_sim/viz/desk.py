"""One visitor's desk: the newest question is answered first, then an ensemble follows; older questions are dropped.

A desk has one thread. It waits until the lever rests, runs the first seed of baseline and policy, shows them, and then
collects further pairs of seeds from the laboratory's process. Whatever is asked anew makes all of that stale.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from typing import Any, Literal

from transition_sim.core.errors import ConservationError, ScenarioError
from transition_sim.scenarios.scenario import Scenario
from transition_sim.viz.laboratory import Laboratory
from transition_sim.viz.picture import Picture

DEBOUNCE_S = 0.08
SHOW_EVERY_S = 0.5
LOOK_EVERY_S = 0.1
FIRST_SEED = 1

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
    asked: float
    number: int


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
        debounce_s: float = DEBOUNCE_S,
    ):
        self._laboratory, self._on_view, self._pairs, self._debounce_s = laboratory, on_view, pairs, debounce_s
        self._view = View()
        self._question: _Question | None = None
        self._number = 0
        self._is_closed = False
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._work, daemon=True, name="desk")
        self._thread.start()

    def ask(self, policy: Callable[[], Scenario], baseline: Callable[[], Scenario]) -> None:
        """Ask for a policy against a baseline; returns at once. The scenarios are made in the thread."""
        with self._news:
            self._number += 1
            self._question = _Question(policy, baseline, time.perf_counter(), self._number)
            self._news.notify()

    def close(self) -> None:
        """Drop everything and end the thread."""
        with self._news:
            self._is_closed = True
            self._number += 1
            self._news.notify()

    def _work(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._question is not None or self._is_closed)
                if self._is_closed:
                    return
            question = self._rested()
            try:
                self._answer(question)
            except Stale:
                continue
            except (ScenarioError, ConservationError) as error:
                self._show(question, status="failed", error=error)
            except Exception as error:  # whatever a model can do: the visitor reads a sentence, the server goes on
                self._show(question, status="failed", error=error)

    def _rested(self) -> _Question:
        """Take the question once nothing newer came for the debounce time."""
        with self._news:
            while True:
                assert self._question is not None
                taken = self._question
                left = taken.asked + self._debounce_s - time.perf_counter()
                if left <= 0 or self._is_closed:
                    self._question = None
                    return taken
                self._news.wait(left)

    def _answer(self, question: _Question) -> None:
        self._show(question, status="computing", error=None)
        policy, baseline = question.policy(), question.baseline()

        def on_quarter(done: int, total: int) -> None:
            self._check(question)

        first = self._laboratory.run(baseline, FIRST_SEED, on_quarter)
        second = self._laboratory.run(policy, FIRST_SEED, on_quarter)
        n = self._pairs if self._laboratory.has_workers else 1
        found = {FIRST_SEED: (second, first)}
        seconds = time.perf_counter() - question.asked
        self._show_pairs(question, found, n, seconds)
        if n > 1:
            self._collect(question, policy, baseline, found, n, seconds)

    def _collect(self, question, policy: Scenario, baseline: Scenario, found: dict, n: int, seconds: float) -> None:
        """Bring the other seeds of the ensemble, those that are known first."""
        halves: dict[int, list[Picture | None]] = {}
        asked: dict[Future[Any], tuple[int, int]] = {}
        try:
            for seed in range(FIRST_SEED + 1, FIRST_SEED + n):
                halves[seed] = [self._laboratory.known(s, seed) for s in (policy, baseline)]
                if policy.hash == baseline.hash:
                    halves[seed][1] = None
                for side, scenario in enumerate((policy, baseline)):
                    is_same = side == 1 and policy.hash == baseline.hash
                    if halves[seed][side] is None and not is_same:
                        asked[self._laboratory.submit(scenario, seed)] = (seed, side)
            shown = time.perf_counter()
            while True:
                for seed, pair in list(halves.items()):
                    if policy.hash == baseline.hash:
                        pair[1] = pair[0]
                    if all(pair):
                        found[seed] = (halves.pop(seed)[0], pair[1])
                if not asked or time.perf_counter() - shown > SHOW_EVERY_S:
                    if len(found) > self._view.done or not asked:
                        self._show_pairs(question, found, n, seconds)
                    shown = time.perf_counter()
                if not asked:
                    return
                self._check(question)
                ready, _ = wait(asked, timeout=LOOK_EVERY_S, return_when=FIRST_COMPLETED)
                for future in ready:
                    seed, side = asked.pop(future)
                    picture, message = future.result()
                    if picture is None:
                        raise RuntimeError(message)
                    halves[seed][side] = picture
                    self._laboratory.pictures.put((picture.hash, seed), picture)
        except (BrokenProcessPool, CancelledError):
            self._show(question, status="done")
        finally:
            for future in asked:
                future.cancel()

    def _check(self, question: _Question) -> None:
        if question.number != self._number:
            raise Stale

    def _show_pairs(self, question: _Question, found: dict, wanted: int, seconds: float) -> None:
        pairs = [found[seed] for seed in sorted(found)]
        self._show(
            question,
            status="done" if len(pairs) >= wanted else "ensemble",
            policy=tuple(p for p, _ in pairs),
            baseline=tuple(b for _, b in pairs),
            wanted=wanted,
            seconds=seconds,
        )

    def _show(self, question: _Question, **changes: Any) -> None:
        self._check(question)
        self._view = replace(self._view, number=self._view.number + 1, **changes)
        self._on_view(self._view)
