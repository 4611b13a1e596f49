"""Two scenarios side by side: the same seeds for both, so that luck cancels out of the difference.

Draws are named by seed and submodel, never by policy (common random numbers): replicate k meets the same demand, the
same failures and the same moods under A and under B. The difference is taken replicate by replicate.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from transition_sim import build
from transition_sim.core.errors import ConservationError, ScenarioError
from transition_sim.measures import MEASURES, Measure, defined, measure_run
from transition_sim.scenarios.library import Reference
from transition_sim.scenarios.scenario import Scenario, load_scenario

CONFIDENCE = 0.95
LARGEST_REPLICATES = 10_000_000
WORTH_WORKERS_S = 20.0
"""Seconds of work left from which a second process, which takes seconds to start, is worth it."""


@dataclass(frozen=True)
class Comparison:
    """What B does differently from A, measure by measure.

    Attributes
    ----------
    a, b : Scenario
    seeds : tuple of int
        The same for both.
    measures : tuple of Measure
    values_a, values_b : ndarray, shape (n_seeds, n_measures)
        In the units of the measures; nan where a run does not define a measure.
    """

    a: Scenario
    b: Scenario
    seeds: tuple[int, ...]
    measures: tuple[Measure, ...]
    values_a: np.ndarray
    values_b: np.ndarray

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a measure, indexed by its key.

        Columns: ``name_en``, ``name_zh``, ``unit``, ``mean_a``, ``mean_b``, ``difference`` (B less A, mean over
        seeds), ``low`` and ``high`` (95 % t interval of the difference), ``sd`` (standard deviation of the
        difference over seeds), ``share_b_lower``, ``share_equal`` (shares of seeds), ``replicates_for_tenth``
        (replicates after which the interval is no wider than 10 % of the difference to either side; nan where the
        difference is 0).
        """
        rows = [self._row(k, measure) for k, measure in enumerate(self.measures)]
        return pd.DataFrame(rows).set_index("measure")

    @cached_property
    def values(self) -> pd.DataFrame:
        """A row a seed and measure: ``seed``, ``measure``, ``a``, ``b``."""
        keys = [m.key for m in self.measures]
        return pd.DataFrame(
            {
                "seed": np.repeat(self.seeds, len(keys)),
                "measure": np.tile(np.array(keys, dtype=object), len(self.seeds)),
                "a": self.values_a.ravel(),
                "b": self.values_b.ravel(),
            }
        )

    def replicates_needed(self, measure: str, half_width: float) -> int:
        """Return how many replicates give an interval of the difference no wider than ``half_width`` to either side.

        Parameters
        ----------
        measure : str
            Key of a measure of this comparison.
        half_width : float
            In the unit of the measure, above 0.

        Raises
        ------
        KeyError
            When the comparison has no such measure.
        """
        return replicates_needed(float(self.table.at[measure, "sd"]), half_width)

    def _row(self, k: int, measure: Measure) -> dict[str, Any]:
        a, b = self.values_a[:, k], self.values_b[:, k]
        mean, sd, half = paired_interval(b - a)
        needed = replicates_needed(sd, 0.1 * abs(mean)) if mean != 0 else np.nan
        return {
            "measure": measure.key,
            "name_en": measure.en,
            "name_zh": measure.zh,
            "unit": measure.unit,
            "mean_a": a.mean(),
            "mean_b": b.mean(),
            "difference": mean,
            "low": mean - half,
            "high": mean + half,
            "sd": sd,
            "share_b_lower": float(np.mean(b < a)),
            "share_equal": float(np.mean(b == a)),
            "replicates_for_tenth": needed,
        }


def compare(
    a: Scenario | Reference,
    b: Scenario | Reference,
    replicates: int = 20,
    seed: int = 1,
    workers: int | None = 1,
    measures: Iterable[str] | None = None,
    on_pair: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Run two scenarios with the same seeds and return the paired differences; writes nothing.

    Parameters
    ----------
    a, b : Scenario, or the place of one
        Over the same years. A place alone is taken without any policy.
    replicates : int
        At least 2.
    seed : int
        First of the seeds ``seed ... seed + replicates - 1``.
    workers : int, optional
        Processes. None: one, and as many as there are processors where the first pair shows that it pays. A script
        that asks for more than one needs ``if __name__ == "__main__":`` around its work, as processes start anew.
    measures : iterable of str, optional
        Keys of ``transition_sim.measures.MEASURES``; all that the horizon defines by default.
    on_pair : callable, optional
        Called with (pairs done, pairs in all).

    Raises
    ------
    ScenarioError
        When a scenario cannot be run.
    ConservationError
        When an accounting identity does not close in a run; its notes name seed and scenario.
    ValueError
        Less than 2 replicates, other years in A than in B, or an unknown measure.
    """
    if replicates < 2:
        raise ValueError(f"an interval needs at least 2 replicates, not {replicates}")
    if workers is not None and workers < 1:
        raise ValueError(f"workers is at least 1, not {workers}")
    pair = (_scenario(a), _scenario(b))
    if pair[0].clock != pair[1].clock:
        raise ValueError("the two scenarios must cover the same years")
    chosen = _chosen(measures, pair[0])
    seeds = tuple(range(seed, seed + replicates))
    values = np.empty((replicates, 2, len(chosen)))
    for done, (k, found) in enumerate(_pairs(pair, seeds, chosen, workers), start=1):
        values[k] = found
        if on_pair is not None:
            on_pair(done, replicates)
    return Comparison(*pair, seeds, chosen, values[:, 0], values[:, 1])


def _scenario(reference: Scenario | Reference) -> Scenario:
    return reference if isinstance(reference, Scenario) else load_scenario(reference)


def _chosen(keys: Iterable[str] | None, scenario: Scenario) -> tuple[Measure, ...]:
    here = {m.key: m for m in MEASURES if defined(m, scenario.clock)}
    if keys is None:
        return tuple(here.values())
    wanted = list(keys)
    unknown = [key for key in wanted if key not in here]
    if unknown:
        raise ValueError(f"no such measure over these years: {', '.join(unknown)}. There are: {', '.join(here)}")
    return tuple(here[key] for key in wanted)


# --- runs -------------------------------------------------------------------------------------------------------------

Pair = tuple[Scenario, Scenario]


def _pairs(pair: Pair, seeds: Sequence[int], measures: tuple[Measure, ...], workers: int | None):
    """Return (position of the seed, values of shape (2, n_measures)) as pairs finish."""
    rest = range(len(seeds))
    if workers is None:
        yield 0, run_pair(pair, seeds[0], measures)  # may compile rules: not timed
        started = time.perf_counter()
        yield 1, run_pair(pair, seeds[1], measures)
        left_s = (time.perf_counter() - started) * (len(seeds) - 2)
        rest = rest[2:]
        workers = min(os.cpu_count() or 1, len(rest)) if left_s > WORTH_WORKERS_S else 1
    if workers <= 1:
        for k in rest:
            yield k, run_pair(pair, seeds[k], measures)
        return
    keys = tuple(m.key for m in measures)
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(rest)), mp_context=context, initializer=_quiet_worker)
    try:
        futures = {k: pool.submit(_run_in_worker, pair, seeds[k], keys) for k in rest}
        for k, future in futures.items():
            yield k, _unpacked(future.result())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def run_pair(pair: Pair, seed: int, measures: tuple[Measure, ...]) -> np.ndarray:
    """Return the measures of A and B with one seed, shape (2, n_measures)."""
    found = []
    for name, scenario in zip("AB", pair, strict=True):
        try:
            result = build.run(scenario, seed=seed, keep_agents=False, keep_decisions=False)
        except (ScenarioError, ConservationError) as error:
            error.add_note(f"in {name} (policy {scenario.policy_id}), seed {seed}")
            raise
        found.append(measure_run(result, measures))
    return np.array(found)


def _quiet_worker() -> None:
    """Leave Ctrl-C to the parent, which ends the pool."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run_in_worker(pair: Pair, seed: int, keys: tuple[str, ...]) -> tuple[str, Any, list[str]]:
    """Return values, or an error as plain data: the errors of the house carry more than pickle restores."""
    by_key = {m.key: m for m in MEASURES}
    try:
        return "values", run_pair(pair, seed, tuple(by_key[key] for key in keys)), []
    except ScenarioError as error:
        return "scenario", error.faults, error.__notes__
    except ConservationError as error:
        parts = (error.identity, error.residual, error.unit, error.quarter, tuple(error.worst))
        return "conservation", parts, error.__notes__


def _unpacked(answer: tuple[str, Any, list[str]]) -> np.ndarray:
    kind, content, notes = answer
    if kind == "values":
        return content
    error = ScenarioError(content) if kind == "scenario" else ConservationError(*content)
    for note in notes:
        error.add_note(note)
    raise error


# --- intervals --------------------------------------------------------------------------------------------------------


def paired_interval(differences: np.ndarray) -> tuple[float, float, float]:
    """Return mean, standard deviation and half width of the 95 % t interval of paired differences.

    Parameters
    ----------
    differences : ndarray, shape (n,)
        n at least 2.
    """
    n = differences.size
    sd = float(differences.std(ddof=1))
    return float(differences.mean()), sd, half_width(sd, n)


def half_width(sd: float, n: int) -> float:
    """Return the half width of the 95 % t interval of a mean of n values: t(0.975, n - 1) sd / sqrt(n)."""
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, 0.5 + CONFIDENCE / 2) * sd / np.sqrt(n))


def replicates_needed(sd: float, wanted_half_width: float) -> int:
    """Return the least n of at least 2 whose half width is no more than wanted, at the standard deviation seen.

    Raises
    ------
    ValueError
        When the wanted half width is not above 0.
    """
    if not wanted_half_width > 0:
        raise ValueError(f"the half width is above 0, not {wanted_half_width!r}")
    low, high = 2, 2
    while half_width(sd, high) > wanted_half_width and high < LARGEST_REPLICATES:
        low, high = high + 1, 2 * high
    while low < high:
        middle = (low + high) // 2
        if half_width(sd, middle) <= wanted_half_width:
            high = middle
        else:
            low = middle + 1
    return min(high, LARGEST_REPLICATES)
