"""Runs that a page asks for beside the answer of the levers: in a thread of the page, given up when they are stale."""

import math
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import solara

from transition_sim.scenarios.scenario import Scenario
from transition_sim.viz.gathering import Gathering
from transition_sim.viz.laboratory import Laboratory
from transition_sim.viz.words import Words

LOOK_S = 0.3


@dataclass(frozen=True, eq=False)
class Batch:
    """How far a batch is.

    Attributes
    ----------
    done, wanted : int
        Runs.
    seconds_left : float
        At the pace so far; infinite before there is one.
    gathering : Gathering, optional
        Once all runs are there.
    error : Exception, optional
    """

    done: int = 0
    wanted: int = 0
    seconds_left: float = math.inf
    gathering: Gathering | None = None
    error: Exception | None = None


NOTHING = Batch()
Asked = Callable[[], list[tuple[Sequence[Scenario], Sequence[int]]]]
"""Makes what is asked: groups of scenarios, each with its seeds."""


def use_batch(laboratory: Laboratory, ask: Asked | None, key: Hashable) -> Batch:
    """Return how far the runs are that a page asks for.

    Parameters
    ----------
    laboratory : Laboratory
    ask : callable, optional
        Called in a thread; None asks for nothing.
    key : hashable
        Another key gives the runs up and asks anew.
    """
    state = solara.use_reactive(NOTHING)

    def start() -> Callable[[], None] | None:
        state.value = NOTHING
        if ask is None:
            return None
        stop = threading.Event()
        threading.Thread(target=_work, args=(laboratory, ask, stop, state.set), daemon=True, name="batch").start()
        return stop.set

    solara.use_effect(start, [key, ask is None])
    return state.value


def progress(batch: Batch, words: Words) -> str:
    """Return how far a batch is and how long it may still take, nothing before it has begun."""
    if not batch.wanted:
        return ""
    state = words("batch_state", done=batch.done, wanted=batch.wanted)
    if batch.gathering is not None or not math.isfinite(batch.seconds_left):
        return state
    if batch.seconds_left < 60.0:
        return words("batch_seconds", state=state)
    return words("batch_minutes", state=state, n=round(batch.seconds_left / 60.0))


def _work(laboratory: Laboratory, ask: Asked, stop: threading.Event, show: Callable[[Batch], None]) -> None:
    gathering = Gathering(laboratory, strict=False)
    try:
        for scenarios, seeds in ask():
            gathering.ask(scenarios, seeds)
        wanted = gathering.n_waiting + gathering.n_found
        show(Batch(gathering.n_found, wanted))
        shown = known = gathering.n_found
        began = time.monotonic()
        while gathering.n_waiting and not stop.is_set():
            gathering.take(LOOK_S)
            done = gathering.n_found + gathering.n_failed
            if done != shown and not stop.is_set():
                shown = done
                pace_s = (time.monotonic() - began) / (done - known)
                show(Batch(done, wanted, pace_s * (wanted - done)))
        if not stop.is_set():
            show(Batch(wanted, wanted, 0.0, gathering))
    except Exception as error:  # whatever a model can do: the visitor reads a sentence, the server goes on
        if not stop.is_set():
            show(Batch(error=error))
    finally:
        gathering.cancel()
