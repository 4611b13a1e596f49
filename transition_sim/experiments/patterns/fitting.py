"""Calibration on patterns: settings of a step that give what the literature says (specification 4.3).

Approximate Bayesian computation by rejection: settings are spread evenly over the ranges of the table of parameters,
the model is run at each, and those whose values lie in the ranges of all patterns of the step are the posterior. The
ranges are those of the bench; nothing is fitted to a single figure, and the answer is an ensemble, never one best fit.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import numpy as np
import pandas as pd

from transition_sim.experiments import designs
from transition_sim.experiments.patterns.bench import OnTask
from transition_sim.experiments.patterns.measures import MEASURES
from transition_sim.experiments.patterns.table import PatternTest, pattern_tests
from transition_sim.experiments.patterns.trial import Trial, Variant
from transition_sim.experiments.spec import DesignSpec
from transition_sim.scenarios import registry
from transition_sim.scenarios.table_reader import Chinese, Text, Word, Words, read_table

IDENTIFIED = 0.63
"""Identified: 90 % of the posterior lie in less than this share of the range; 0.9 where nothing is known."""
CORRELATED = 0.5
FEWEST = 10
"""Fewer settings than these say nothing of single parameters."""


@dataclass(frozen=True)
class Step:
    """A step of calibration: which parameters are free, and the measures of the bench that they must meet."""

    id: Word
    parameters: Words
    measures: Words
    name_en: Text
    name_zh: Chinese

    @property
    def tests(self) -> tuple[PatternTest, ...]:
        """The tests that its measures belong to."""
        return tuple(t for t in pattern_tests() if t.measure in self.measures)


@cache
def steps() -> dict[str, Step]:
    """Return the steps that search, by id.

    Raises
    ------
    ScenarioError
        With every fault of the table.
    """
    with as_file(files("transition_sim.scenarios") / "library" / "patterns") as folder:
        return {row.id: row for row in read_table("steps", Step, folder=folder)}


@dataclass(frozen=True)
class Fit:
    """What a step says.

    Attributes
    ----------
    step : Step
    place : str
    settings : DataFrame
        A row a setting: its parameters, the median over the seeds of each measure, whether all ranges hold.
    """

    step: Step
    place: str
    settings: pd.DataFrame

    @property
    def posterior(self) -> pd.DataFrame:
        """The settings that give all that is wanted, even weights."""
        return self.settings[self.settings["is_accepted"]].drop(columns="is_accepted").reset_index(drop=True)

    def parameters(self) -> pd.DataFrame:
        """Return a row a parameter: its range, 5, 50 and 95 % of the posterior, and whether it is identified."""
        rows, kept = [], self.posterior
        for key in self.step.parameters:
            row = registry.parameters()[key]
            low, middle, high = (
                np.percentile(kept[key], (5, 50, 95)) if len(kept) else np.full(3, np.nan)
            )  # fmt: skip
            width = (high - low) / (row.high - row.low)
            rows.append({
                "parameter": key, "unit": row.unit, "prior_low": row.low, "prior_high": row.high, "value": row.value,
                "low": low, "median": middle, "high": high, "width_of_prior": width,
                "is_identified": bool(len(kept) >= FEWEST and width < IDENTIFIED),
            })  # fmt: skip
        return pd.DataFrame(rows)

    def measures(self) -> pd.DataFrame:
        """Return a row a measure: its range, 5, 50 and 95 % of prior and posterior, share of settings in the range."""
        rows, kept = [], self.posterior
        for test in self.step.tests:
            values = self.settings[test.measure].dropna()
            before, after = (
                np.percentile(v, (5, 50, 95)) if len(v) else np.full(3, np.nan) for v in (values, kept[test.measure])
            )
            rows.append({
                "pattern": test.pattern, "measure": test.measure, "unit": test.unit, "range_low": test.low,
                "range_high": test.high, "prior_low": before[0], "prior_median": before[1], "prior_high": before[2],
                "low": after[0], "median": after[1], "high": after[2],
                "settings_in_range": float(np.mean([test.holds(v) for v in self.settings[test.measure]])),
            })  # fmt: skip
        return pd.DataFrame(rows)

    def correlated(self) -> list[tuple[str, str, float]]:
        """Return the pairs of parameters that trade against each other in the posterior, strongest first."""
        if len(self.posterior) < FEWEST:
            return []
        table = self.posterior[list(self.step.parameters)].corr()
        pairs = [
            (a, b, float(table.at[a, b]))
            for k, a in enumerate(self.step.parameters)
            for b in self.step.parameters[:k]
            if abs(table.at[a, b]) > CORRELATED
        ]
        return sorted(pairs, key=lambda pair: -abs(pair[2]))

    def as_data(self) -> dict[str, Any]:
        """Return the whole as plain data."""
        return {
            "step": self.step.id, "place": self.place, "settings": len(self.settings), "accepted": len(self.posterior),
            "parameters": self.parameters().to_dict("records"), "measures": self.measures().to_dict("records"),
            "correlated": self.correlated(),
        }  # fmt: skip


def fit_step(
    step: Step,
    place: str = "guangan_city",
    samples: int = 64,
    seeds: int = 1,
    on_task: OnTask = lambda done, total: None,
) -> Fit:
    """Run the model at settings spread over the ranges of a step, and say which of them give what is wanted.

    Parameters
    ----------
    samples : int
        Settings, a Latin hypercube that is the same on every machine.
    seeds : int
        Runs of each; its value is their median.

    Raises
    ------
    ScenarioError
        When a setting breaks a rule.
    """
    rows = [registry.parameters()[key] for key in step.parameters]
    shares = designs.unit_points(DesignSpec(kind="lhs", samples=samples), len(rows))
    points = np.array([r.low for r in rows]) + shares * np.array([r.high - r.low for r in rows])
    found = []
    for k, point in enumerate(points):
        setting = dict(zip(step.parameters, map(float, point), strict=True))
        trials = [Trial(place, Variant(f"{step.id}.{k}", setting), seed) for seed in range(1, seeds + 1)]
        values = {m: float(np.median([MEASURES[m](trial) for trial in trials])) for m in step.measures}
        is_accepted = all(test.holds(values[test.measure]) for test in step.tests)
        found.append(setting | values | {"is_accepted": is_accepted})
        on_task(k + 1, samples)
    return Fit(step, place, pd.DataFrame(found))
