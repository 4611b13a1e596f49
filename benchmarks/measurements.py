"""What is measured about speed: each a function that returns a dictionary with ``value``; all in one process.

A new measurement is a function and a row of ``MEASUREMENTS``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import thread_time
from typing import Any

from benchmarks.case import make_case
from benchmarks.equality import TOLERANCE, compare
from benchmarks.rules import CompiledQuarters
from benchmarks.twin import TwinModel
from benchmarks.whole import commands, first_command, million, national_memory, parks_per_second, runs_per_second

PHASES = ("order", "use", "account", "decide")
WARM_QUARTERS = 2
COMPILED_QUARTERS = 7
"""Timed in a small place for each quarter of the twin or of a large place."""
WHOLE = "quarter"


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
    """Return the processor time of a call: what else the machine does would lengthen the slower side more."""
    start = thread_time()
    call()
    return thread_time() - start


def _phase_seconds(model: CompiledQuarters | TwinModel, quarter: int) -> dict[str, float]:
    """Run a quarter and return the seconds of its phases and of the whole."""
    model.quarter = quarter
    seconds = {phase: _seconds(getattr(model, phase)) for phase in PHASES}
    model.quarter += 1
    return seconds | {WHOLE: sum(seconds.values())}


def _medians(quarters: list[dict[str, float]]) -> dict[str, float]:
    return {name: median(quarter[name] for quarter in quarters) for name in quarters[0]}


def twin_ratio(n: int = 2000, n_quarters: int = 7) -> dict[str, Any]:
    """Return how many times longer a quarter of the Mesa twin takes than the same rules compiled.

    Twin and compiled rules run the same quarters in turn and each quarter is compared. The compiled rules are timed on
    a copy of the place, which runs each quarter several times right after the twin's, so that its tables are in the
    processor's cache as they are in a run of the model. Times are medians; a ratio is the median of the ratios quarter
    by quarter, which a load that comes and goes disturbs little.
    """
    place = make_case(n)
    ours, timed, twin = CompiledQuarters(place), CompiledQuarters(place), TwinModel(place)
    for model in (ours, timed, twin):
        for _ in range(WARM_QUARTERS):
            model.step()
    gaps = compare(ours, twin)
    twins, compiled = [], []
    for quarter in range(WARM_QUARTERS, WARM_QUARTERS + n_quarters):
        twins.append(_phase_seconds(twin, quarter))
        _phase_seconds(timed, quarter)
        compiled.append(_medians([_phase_seconds(timed, quarter) for _ in range(COMPILED_QUARTERS)]))
        ours.step()
        gaps = {name: max(gap, gaps[name]) for name, gap in compare(ours, twin).items()}
    ratios = _medians([{name: slow[name] / fast[name] for name in slow} for slow, fast in zip(twins, compiled)])
    return {
        "value": ratios.pop(WHOLE),
        "equal": max(gaps.values()) <= TOLERANCE,
        "largest_relative_gap": max(gaps.values()),
        "ratio_by_phase": ratios,
        "twin_ms": {name: 1e3 * seconds for name, seconds in _medians(twins).items()},
        "compiled_ms": {name: 1e3 * seconds for name, seconds in _medians(compiled).items()},
    }


def agent_quarter_ratio(large: int = 200_000, small: int = 2000, n_rounds: int = 5) -> dict[str, Any]:
    """Return the time of an agent-quarter of the compiled rules in a large place over that in a small one.

    Both places are there at once and run in turn; the ratio is the median over the rounds.
    """
    few, many = (CompiledQuarters(make_case(n), owns=True) for n in (small, large))
    for model in (few, many):
        for _ in range(WARM_QUARTERS):
            model.step()
    rounds = []
    for quarter in range(WARM_QUARTERS, WARM_QUARTERS + n_rounds):
        of_large = _phase_seconds(many, quarter)[WHOLE] / large
        _phase_seconds(few, quarter)
        of_small = _medians([_phase_seconds(few, quarter) for _ in range(COMPILED_QUARTERS)])[WHOLE] / small
        rounds.append({"ratio": of_large / of_small, "ns_large": 1e9 * of_large, "ns_small": 1e9 * of_small})
    found = _medians(rounds)
    return {"value": found.pop("ratio"), **found}


MEASUREMENTS = (
    Measurement("twin_ratio_2000", "Mesa twin over compiled rules, 2,000 enterprises", twin_ratio, at_least=300.0),
    Measurement(
        "agent_quarter_ratio", "agent-quarter at 200,000 enterprises over 2,000", agent_quarter_ratio, at_most=2.5
    ),
    Measurement("runs_per_second", "runs of guangan_city to 2035 a second, warm, one core", runs_per_second, 15.0),
    Measurement("later_command_s", "seconds from command to result, not the first time", commands, at_most=4.0),
    Measurement("first_command_s", "seconds of the first command ever, which compiles", first_command, at_most=60.0),
    Measurement("portfolio_runs_per_second", "runs of the 17 parks to 2035 a second, one core", parks_per_second, 2.0),
    Measurement("national_gb", "peak memory of a run of the 35 national pilots, GB", national_memory, at_most=1.0),
    Measurement("million_gb", "peak memory of a year with 1,000,000 enterprises, GB", million, at_most=4.0),
)
