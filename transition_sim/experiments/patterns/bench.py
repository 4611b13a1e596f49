"""The bench: every pattern over seeds, for the model and its null models, in as many processes as are given."""

from collections.abc import Callable, Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from transition_sim.core.errors import ConservationError, ScenarioError
from transition_sim.experiments.patterns import nulls
from transition_sim.experiments.patterns.measures import MEASURES, SERIES
from transition_sim.experiments.patterns.nulls import MODEL, NULLS, VARIANTS
from transition_sim.experiments.patterns.table import PatternTest, pattern_tests, patterns, tests_of
from transition_sim.experiments.patterns.trial import Trial
from transition_sim.experiments.pools import ProcessPool

LOW_PERCENT, HIGH_PERCENT = 5.0, 95.0
Value = float | np.ndarray
Sample = dict[str, dict[str, Value]]
"""Model or null model -> measure -> value, or path by year, of one seed."""
OnTask = Callable[[int, int], None]


@dataclass(frozen=True)
class Judged:
    """A test of a pattern for one model.

    Attributes
    ----------
    test : PatternTest
    value, low, high : float
        Median over the seeds, or what the median path says, and 5 and 95 %; nan where nothing can be measured.
    score : float
        Share of seeds in the range.
    passes : bool
        The median lies in the range.
    """

    test: PatternTest
    value: float
    low: float
    high: float
    score: float
    passes: bool

    @property
    def is_measured(self) -> bool:
        """Whether the model can say anything at all."""
        return self.value == self.value

    @property
    def is_modelled(self) -> bool:
        """Whether there is a measure at all."""
        return self.test.measure in MEASURES or self.test.measure in SERIES


@dataclass(frozen=True)
class Bench:
    """All tests of a place.

    Attributes
    ----------
    place : str
    seeds : tuple of int
    judged : dict of model -> tests in the order of the table
        A null model has only the tests that it can speak of.
    beside : dict of null model -> tests of the model
        Over the seeds of a null model that has fewer: both are compared on the same luck.
    """

    place: str
    seeds: tuple[int, ...]
    judged: dict[str, tuple[Judged, ...]]
    beside: dict[str, tuple[Judged, ...]] = field(default_factory=dict)

    @cached_property
    def models(self) -> tuple[str, ...]:
        """The model first, then its null models."""
        return tuple(self.judged)

    def of(self, pattern: str, model: str = MODEL) -> tuple[Judged, ...]:
        """Return the tests of a pattern that a model can speak of."""
        return _of(self.judged[model], pattern)

    def passes(self, pattern: str, model: str = MODEL) -> bool:
        """Tell whether all tests of a pattern hold; what cannot be measured counts as failing."""
        found = self.of(pattern, model)
        return len(found) == len(tests_of(pattern)) and all(j.passes for j in found)

    def score(self, pattern: str, model: str = MODEL) -> float:
        """Return the share of seeds in range, mean over the tests that the model speaks of; nan without any."""
        return _mean_score(self.of(pattern, model))

    def scores(self, null: str) -> tuple[float, float, int]:
        """Return (mean score of the model, of a null model, patterns) over what the null model can speak of.

        Both over the same seeds.
        """
        ids = [p for p in patterns() if self.of(p, null)]
        if not ids:
            return float("nan"), float("nan"), 0
        sides = self.beside.get(null, self.judged[MODEL]), self.judged[null]
        model, other = (float(np.mean([_mean_score(_of(side, p)) for p in ids])) for side in sides)
        return model, other, len(ids)

    def whole_scores(self, null: str) -> tuple[float, float]:
        """Return (mean score of the model, of a null model) over all patterns: what a model cannot show fails.

        The same rule holds for both. Null models that are formulas say nothing of most patterns.
        """
        sides = self.beside.get(null, self.judged[MODEL]), self.judged[null]
        scores = np.array([[_whole_score(side, p) for side in sides] for p in patterns()])
        model, other = scores.mean(axis=0).tolist()
        return model, other

    def passed(self, kind: str, model: str = MODEL) -> tuple[int, int]:
        """Return (patterns of a kind that hold, patterns of the kind)."""
        ids = [p.id for p in patterns().values() if p.kind == kind]
        return sum(self.passes(p, model) for p in ids), len(ids)


def _of(judged: tuple[Judged, ...], pattern: str) -> tuple[Judged, ...]:
    return tuple(j for j in judged if j.test.pattern == pattern)


def _mean_score(judged: tuple[Judged, ...]) -> float:
    return float(np.mean([j.score for j in judged])) if judged else float("nan")


def _whole_score(judged: tuple[Judged, ...], pattern: str) -> float:
    tests = tests_of(pattern)
    return sum(j.score for j in _of(judged, pattern)) / len(tests) if tests else 0.0


def run_bench(
    place: str, seeds: int = 30, seed: int = 1, workers: int | None = None, with_nulls: bool = True,
    null_seeds: int | None = None, on_task: OnTask = lambda done, total: None,
) -> Bench:  # fmt: skip
    """Measure all patterns and return the bench; writes nothing.

    Parameters
    ----------
    place : str
        Of the library, or a file; patterns about other places are measured there.
    seeds, seed : int
        How many, and the first.
    workers : int, optional
        Processes; as many as there are processors by default.
    null_seeds : int, optional
        Seeds of the null models that are runs (N2, N3); as many as of the model by default.
    on_task : callable, optional
        Called with (seeds done, seeds in all), counted over models.

    Raises
    ------
    ScenarioError
        When the place cannot be built.
    ConservationError
        When an accounting identity does not close in a run.
    ValueError
        Less than 1 seed.
    """
    if seeds < 1:
        raise ValueError(f"a bench needs at least 1 seed, not {seeds}")
    Trial(place, VARIANTS[MODEL], seed).run()  # a fault of the place, once and here; compiles what workers find
    numbers = tuple(range(seed, seed + seeds))
    variants = list(VARIANTS) if with_nulls else [MODEL]
    tasks = [(v, n) for v in variants for n in (numbers if v == MODEL else numbers[:null_seeds])]
    samples: dict[str, list[dict[str, Value]]] = {model: [] for model in ((MODEL, *NULLS) if with_nulls else (MODEL,))}
    done: dict[tuple[str, int], Sample] = {}
    for count, (task, sample) in enumerate(_samples(place, tasks, workers), start=1):
        done[task] = sample
        on_task(count, len(tasks))
    for task in tasks:
        for model, values in done[task].items():
            if model in samples:
                samples[model].append(values)
    judged = {model: _judge_all(model, found) for model, found in samples.items()}
    own = samples[MODEL]
    fewer = {null: len(found) for null, found in samples.items() if 0 < len(found) < len(own)}
    return Bench(place, numbers, judged, {null: _judge_all(MODEL, own[:n]) for null, n in fewer.items()})


# --- runs -------------------------------------------------------------------------------------------------------------

Task = tuple[str, int]


def _samples(place: str, tasks: list[Task], workers: int | None) -> Iterator[tuple[Task, Sample]]:
    """Yield (task, sample) as they finish."""
    if workers == 1:
        for task in tasks:
            yield task, _unpacked(sample(place, task))
        return
    pool = ProcessPool(workers or _processors())
    try:
        futures = {pool.submit(sample, place, task): task for task in tasks}
        for future in as_completed(futures):
            yield futures[future], _unpacked(future.result())
    finally:
        pool.close()


def _processors() -> int:
    import os

    return os.cpu_count() or 1


def _unpacked(answer: tuple[str, Any]) -> Sample:
    kind, content = answer
    if kind == "values":
        return content
    raise ScenarioError(content) if kind == "scenario" else ConservationError(*content)


def sample(place: str, task: Task) -> tuple[str, Any]:
    """Return the values of all measures of one model and seed, or an error as plain data that crosses processes."""
    variant, seed = task
    try:
        return "values", _sample(place, variant, seed)
    except ScenarioError as error:
        return "scenario", error.faults
    except ConservationError as error:
        return "conservation", (error.identity, error.residual, error.unit, error.quarter, tuple(error.worst))


def _sample(place: str, variant: str, seed: int) -> Sample:
    trials: dict[str, Trial] = {}
    values: dict[str, Value] = {}
    for test in pattern_tests():
        where = test.place or place
        trial = trials.setdefault(where, Trial(where, VARIANTS[variant], seed))
        if test.measure in MEASURES:
            values[test.measure] = MEASURES[test.measure](trial)
        elif test.measure in SERIES:
            values[test.measure] = SERIES[test.measure][0](trial)
    found: Sample = {variant: values}
    if variant == MODEL:
        found |= {nulls.TREND: nulls.of_trends(trials[place]), nulls.BASS: nulls.of_bass(trials[place])}
    return found


# --- verdicts ---------------------------------------------------------------------------------------------------------


def _judge_all(model: str, samples: list[dict[str, Value]]) -> tuple[Judged, ...]:
    speaks = [t for t in pattern_tests() if model == MODEL or any(t.measure in values for values in samples)]
    return tuple(judge(test, [values.get(test.measure, np.nan) for values in samples]) for test in speaks)


def judge(test: PatternTest, values: list[Value]) -> Judged:
    """Return what the values of all seeds say of a test."""
    if test.measure in SERIES and all(isinstance(v, np.ndarray) for v in values):
        read = SERIES[test.measure][1]
        single = np.array([read(np.asarray(path)) for path in values])
        value = read(np.median(np.array(values), axis=0))
    else:
        single = np.array(values, dtype=float)
        value = float(np.median(single[np.isfinite(single)])) if np.isfinite(single).any() else float("nan")
    finite = single[np.isfinite(single)]
    low, high = np.percentile(finite, (LOW_PERCENT, HIGH_PERCENT)) if finite.size else (np.nan, np.nan)
    score = float(np.mean([test.holds(v) for v in single])) if single.size else 0.0
    return Judged(test, value, float(low), float(high), score, test.holds(value))
