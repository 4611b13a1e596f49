"""A place's targets and indicators over an ensemble of seeds (SM25). No rank.

The six dimensions are rows of indicators side by side. There is no sum over targets or dimensions and no order of
places: a programme that is not judged by the time of the peak alone cannot be squeezed into one number.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from transition_sim import build
from transition_sim.core.errors import ConservationError, ScenarioError
from transition_sim.results import RunResult
from transition_sim.scenarios import registry
from transition_sim.scenarios.scenario import Scenario
from transition_sim.scenarios.targets import Target
from transition_sim.scoreboard.assessment import HIGH_PERCENT, LOW_PERCENT, Assessment, Ensemble, assess
from transition_sim.scoreboard.catalogue import BY_KEY
from transition_sim.scoreboard.dimensions import DIMENSION_ROWS, DimensionRow


@dataclass(frozen=True)
class Scoreboard:
    """Targets and indicators of a place under a policy; deliberately without any order or total.

    Attributes
    ----------
    scenario : Scenario
    seeds : tuple of int
    assessments : tuple of Assessment
        In the order of the table of targets.
    series : dict
        Key of a dimension row -> values, shape (n_runs, n_years).
    """

    scenario: Scenario
    seeds: tuple[int, ...]
    assessments: tuple[Assessment, ...]
    series: dict[str, np.ndarray]

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a target, indexed by its id, both languages; figures that are not defined are nan."""
        return pd.DataFrame([_flat(a) for a in self.assessments], columns=["id", *TABLE_COLUMNS]).set_index("id")

    @cached_property
    def dimensions(self) -> pd.DataFrame:
        """A row an indicator of the six dimensions: base year and last year, median and 5-95 % range.

        Columns: ``dimension``, ``key``, ``indicator``, ``name_en``, ``name_zh``, ``unit``, ``good_direction``,
        ``base_year``, ``base_value``, ``last_year``, ``value``, ``low``, ``high``, ``note_en``, ``note_zh``.
        """
        return pd.DataFrame([self._dimension(row) for row in DIMENSION_ROWS])

    def _dimension(self, row: DimensionRow) -> dict[str, Any]:
        clock = self.scenario.clock
        values = self.series.get(row.key)
        if values is None:
            values = np.full((len(self.seeds), clock.n_years), np.nan)
        low, value, high = _percentiles(values[:, -1])
        return {
            "dimension": row.dimension, "key": row.key, "indicator": row.indicator, "name_en": row.en,
            "name_zh": row.zh, "unit": row.unit, "good_direction": row.good_direction,
            "base_year": clock.start_year, "base_value": _percentiles(values[:, 0])[1],
            "last_year": clock.end_year, "value": value, "low": low, "high": high,
            "note_en": row.note_en, "note_zh": row.note_zh,
        }  # fmt: skip


TABLE_COLUMNS = (
    "dimension", "indicator", "name_en", "name_zh", "unit", "target", "year", "year_is_stated", "direction",
    "status", "value", "low", "high", "value_year", "base_value", "gap", "progress", "probability", "runs_met", "runs",
    "measure", "note_en", "note_zh", "reason_en", "reason_zh", "grade", "source", "confidence",
)  # fmt: skip


def _percentiles(values: np.ndarray) -> tuple[float, float, float]:
    """Return 5, 50 and 95 % of the values that are defined; nan where none is."""
    defined = values[~np.isnan(values)]
    if not defined.size:
        return (np.nan, np.nan, np.nan)
    low, middle, high = np.percentile(defined, [LOW_PERCENT, 50.0, HIGH_PERCENT])
    return float(low), float(middle), float(high)


def _flat(a: Assessment) -> dict[str, Any]:
    target, measure = a.target, a.measure
    row = {name: getattr(target, name) for name in ("id", "dimension", "indicator", "name_en", "name_zh", "unit")}
    row |= {"target": target.value, "year": target.year, "year_is_stated": target.year_is_stated}
    row |= {"direction": target.direction, "measure": target.measure or ""}
    row |= {name: getattr(a, name) for name in TABLE_COLUMNS[9:20]}
    row |= {"reason_en": a.reason_en, "reason_zh": a.reason_zh}
    row |= {"note_en": measure.note_en if measure else "", "note_zh": measure.note_zh if measure else ""}
    return row | {name: getattr(target, name) for name in ("grade", "source", "confidence")}


# --- runs -------------------------------------------------------------------------------------------------------------


def scoreboard(
    scenario: Scenario,
    replicates: int = 20,
    seed: int = 1,
    on_run: Callable[[int, int], None] | None = None,
) -> Scoreboard:
    """Run an ensemble and return how the targets of the place stand; writes nothing.

    Parameters
    ----------
    scenario : Scenario
    replicates : int
        At least 1. The seeds are ``seed ... seed + replicates - 1``, the same for every policy.
    seed : int
    on_run : callable, optional
        Called with (runs done, runs in all).

    Raises
    ------
    ScenarioError
        When the scenario cannot be run.
    ConservationError
        When an accounting identity does not close in a run; its notes name the seed.
    ValueError
        Less than 1 replicate.
    """
    if replicates < 1:
        raise ValueError(f"a scoreboard needs at least 1 replicate, not {replicates}")
    seeds = tuple(range(seed, seed + replicates))
    return from_runs(scenario, seeds, _runs(scenario, seeds, on_run))


def _runs(scenario: Scenario, seeds: tuple[int, ...], on_run: Callable[[int, int], None] | None) -> Iterator[RunResult]:
    for done, seed in enumerate(seeds, start=1):
        try:
            yield build.run(scenario, seed=seed, keep_decisions=not scenario.place.members)
        except (ScenarioError, ConservationError) as error:
            error.add_note(f"policy {scenario.policy_id}, seed {seed}")
            raise
        if on_run is not None:
            on_run(done, len(seeds))


def targets_of(scenario: Scenario) -> tuple[Target, ...]:
    """Return the targets that concern a place, by its id or its kind."""
    place = scenario.place
    return tuple(t for t in registry.targets().values() if t.concerns(place.id, place.kind))


@dataclass(frozen=True)
class Sample:
    """What one run gives for the targets and indicators of its place; small, and travels between processes.

    Attributes
    ----------
    values : dict of target id -> ndarray, shape (n_years,)
        Targets that something computes, in their units.
    is_open : dict of target id -> bool
    series : dict of dimension row -> ndarray, shape (n_years,)
    """

    values: dict[str, np.ndarray]
    is_open: dict[str, bool]
    series: dict[str, np.ndarray]


def sample_of(result: RunResult) -> Sample:
    """Return what a run gives for every target and indicator that is modelled."""
    start = result.clock.start_year
    modelled = [(t, BY_KEY[t.measure]) for t in targets_of(result.scenario) if t.measure is not None]
    return Sample(
        {t.id: m.of(result, start if t.base_year is None else t.base_year) for t, m in modelled},
        {t.id: bool(m.is_open and m.is_open(result)) for t, m in modelled},
        {row.key: row.of(result, start) for row in DIMENSION_ROWS if row.of is not None},
    )


def from_runs(scenario: Scenario, seeds: tuple[int, ...], runs: Iterable[RunResult]) -> Scoreboard:
    """Return the scoreboard of runs; each is measured and let go.

    Raises
    ------
    ValueError
        When there is not a run a seed, or no run at all.
    """
    return from_samples(scenario, seeds, [sample_of(result) for result in runs])


def from_samples(scenario: Scenario, seeds: tuple[int, ...], samples: Sequence[Sample]) -> Scoreboard:
    """Return the scoreboard of samples, one a seed.

    Raises
    ------
    ValueError
        When there is not a sample a seed, or none at all.
    """
    if not samples or len(samples) != len(seeds):
        raise ValueError(f"there are {len(samples)} runs for {len(seeds)} seeds")
    years = np.array(list(scenario.clock.years))

    def ensemble(target: Target) -> Ensemble | None:
        if target.id not in samples[0].values:
            return None
        values = np.array([s.values[target.id] for s in samples])
        return Ensemble(years, values, np.array([s.is_open[target.id] for s in samples]))

    series = {key: np.array([s.series[key] for s in samples]) for key in samples[0].series}
    return Scoreboard(scenario, seeds, tuple(assess(t, ensemble(t)) for t in targets_of(scenario)), series)
