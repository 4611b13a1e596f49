"""What is measured about speed: each a function that returns a dictionary with ``value``; all in one process.

A new measurement is a function and a row of ``MEASUREMENTS``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.case import make_case
from benchmarks.equality import TOLERANCE, compare
from benchmarks.rules import CompiledQuarters
from benchmarks.twin import TwinModel

PHASES = ("order", "use", "account", "decide")
WARM_QUARTERS = 2
COMPILED_QUARTERS = 5
"""Timed for each quarter of the twin."""


@dataclass(frozen=True)
class Measurement:
    """A named measurement and what it should reach.

    Attributes
    ----------
    run : callable
        Returns a dictionary: ``value``, optionally ``equal``, and whatever explains the value.
    at_least, at_most : float, optional
        Target of ``value``.
    """

    name: str
    meaning: str
    run: Callable[[], dict[str, Any]]
    at_least: float | None = None
    at_most: float | None = None

    def is_reached(self, value: float) -> bool:
        """Tell whether a value meets the target."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    @property
    def target(self) -> str:
        """The target as a word, such as ``>= 300``."""
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return "-" if self.at_most is None else f"<= {self.at_most:g}"


def _seconds(call: Callable[[], None]) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


def _phase_seconds(model: CompiledQuarters | TwinModel) -> dict[str, float]:
    """Run one quarter and return the seconds of its phases."""
    seconds = {phase: _seconds(getattr(model, phase)) for phase in PHASES}
    model.quarter += 1
    return seconds


def twin_ratio(n: int = 2000, n_quarters: int = 7) -> dict[str, Any]:
    """Return how many times longer a quarter of the Mesa twin takes than the same rules compiled.

    Twin and compiled rules run the same quarters in turn and each quarter is compared; medians over the quarters. The
    compiled rules are timed on a copy of the place, several quarters running after each of the twin's, so that their
    tables are in the processor's cache as they are in a run of the model.
    """
    place = make_case(n)
    ours, timed, twin = CompiledQuarters(place), CompiledQuarters(place), TwinModel(place)
    for _ in range(WARM_QUARTERS):
        ours.step()
        twin.step()
        timed.step()
    gaps = compare(ours, twin)
    taken: dict[str, list[dict[str, float]]] = {"ours": [], "twin": []}
    for _ in range(n_quarters):
        taken["twin"].append(_phase_seconds(twin))
        timed.step()
        taken["ours"] += [_phase_seconds(timed) for _ in range(COMPILED_QUARTERS)]
        ours.step()
        gaps = {name: max(gap, gaps[name]) for name, gap in compare(ours, twin).items()}
    whole = {who: median(sum(quarter.values()) for quarter in quarters) for who, quarters in taken.items()}
    phases = {p: {who: median(q[p] for q in quarters) for who, quarters in taken.items()} for p in PHASES}
    return {
        "value": whole["twin"] / whole["ours"],
        "equal": max(gaps.values()) <= TOLERANCE,
        "largest_relative_gap": max(gaps.values()),
        "twin_quarter_ms": 1e3 * whole["twin"],
        "compiled_quarter_ms": 1e3 * whole["ours"],
        "ratio_by_phase": {p: seconds["twin"] / seconds["ours"] for p, seconds in phases.items()},
        "compiled_ms_by_phase": {p: 1e3 * seconds["ours"] for p, seconds in phases.items()},
    }


def seconds_per_agent_quarter(n: int, n_quarters: int) -> float:
    """Return the median time of a quarter of the compiled rules over the number of enterprises."""
    ours = CompiledQuarters(make_case(n), owns=True)
    for _ in range(WARM_QUARTERS):
        ours.step()
    return median(_seconds(ours.step) for _ in range(n_quarters)) / n


def agent_quarter_ratio(large: int = 200_000, small: int = 2000) -> dict[str, Any]:
    """Return the time of an agent-quarter of the compiled rules in a large place over that in a small one."""
    of_small = seconds_per_agent_quarter(small, 31)
    of_large = seconds_per_agent_quarter(large, 5)
    return {"value": of_large / of_small, "ns_large": 1e9 * of_large, "ns_small": 1e9 * of_small}


MEASUREMENTS = (
    Measurement("twin_ratio_2000", "Mesa twin over compiled rules, 2,000 enterprises", twin_ratio, at_least=300.0),
    Measurement(
        "agent_quarter_ratio", "agent-quarter at 200,000 enterprises over 2,000", agent_quarter_ratio, at_most=2.5
    ),
)
