"""The near-zero park over the runs of a park: the trend of its definition, points in three tracks (SM25)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from transition_sim.parks.figures import median_range, most_frequent, yearly
from transition_sim.parks.zero_carbon import parameter_values
from transition_sim.results import RunResult
from transition_sim.scenarios import registry
from transition_sim.scenarios.park_criteria import TRACKS
from transition_sim.world.accounting.near_zero_park import grade, is_accepted, part_points, track_points, trend

MRV_COLUMN = "capability"
"""The basis of measuring, reporting and verifying is read as the mean capability of enterprises [A]."""


@dataclass(frozen=True)
class NearZeroTest:
    """The test in one year over runs; nothing here speaks of the zero-carbon park.

    Attributes
    ----------
    runs : DataFrame
        A row a run: ``seed``, points of the tracks, ``score``, ``grade``, ``mrv_index``, ``is_accepted``, and the
        trend: ``total_falls``, ``intensity_falls``, ``co2_change_share``, ``intensity_change_share``.
    parts : DataFrame
        A row a run and criterion: ``seed``, ``key``, ``found``, ``points``.
    """

    runs: pd.DataFrame
    parts: pd.DataFrame

    @cached_property
    def summary(self) -> dict[str, object]:
        """Medians and shares of runs.

        ``near_zero_probability``: accepted and the trend of the definition holds.
        """
        runs = self.runs
        holds = runs["total_falls"] & runs["intensity_falls"]
        low, score, high = median_range(runs["score"].to_numpy())
        return {
            "score": score, "low": low, "high": high, "grade": most_frequent(runs["grade"]),
            **{name: float(np.nanmedian(runs[name])) for name in (*TRACKS, "mrv_index")},
            "co2_change_share": float(runs["co2_change_share"].median()),
            "intensity_change_share": float(runs["intensity_change_share"].median()),
            "total_falls_probability": float(runs["total_falls"].mean()),
            "intensity_falls_probability": float(runs["intensity_falls"].mean()),
            "trend_probability": float(holds.mean()),
            "accepted_probability": float(runs["is_accepted"].mean()),
            "near_zero_probability": float((holds & runs["is_accepted"]).mean()),
        }  # fmt: skip

    @cached_property
    def part_table(self) -> pd.DataFrame:
        """A row a criterion: median figure and points over runs, indexed by key."""
        return self.parts.groupby("key", sort=False)[["found", "points"]].median()


def judge_runs(results: list[tuple[int, RunResult]], year: int) -> NearZeroTest:
    """Return the test of runs, given as (seed, result)."""
    runs: list[dict[str, object]] = []
    parts: list[tuple[int, str, float, float]] = []
    for seed, result in results:
        rows, at = registry.near_zero_criteria().values(), year - result.clock.start_year
        own = part_points(rows, lambda column, of=result: yearly(of, column), at)  # type: ignore[misc]
        parts += [(seed, key, *found) for key, found in own.items()]
        runs.append({"seed": seed, **_run(result, at, track_points(rows, own))})
    return NearZeroTest(pd.DataFrame(runs), pd.DataFrame(parts, columns=["seed", "key", "found", "points"]))


def _run(result: RunResult, at: int, tracks: dict[str, float]) -> dict[str, object]:
    p, score, mrv = parameter_values(result.scenario), tracks["score"], float(yearly(result, MRV_COLUMN)[at])
    co2, output = (yearly(result, name)[: at + 1] for name in ("dual_control_tco2", "output_cny"))
    marks = p["near_zero_score_a"], p["near_zero_score_b"], p["near_zero_score_c"]
    return {
        **tracks, "grade": grade(score, *marks), "mrv_index": mrv,
        "is_accepted": is_accepted(score, mrv, p["near_zero_score_b"], p["near_zero_mrv_index"]),
        **vars(trend(co2, output)),
    }  # fmt: skip
