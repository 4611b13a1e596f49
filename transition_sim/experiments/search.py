"""Search for levers under several aims at once (NSGA-II by optuna); what is found is judged anew on fresh seeds.

A front that is read off the seeds it was chosen by is too good: the lucky ones are in it. So every setting of the front
is run again with seeds that the search never saw, and only what still is not beaten counts.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.experiments.analyses.finding import PALETTE, FigureWords, Finding, interval
from transition_sim.experiments.batches import Batches, NoAnswer, OnBatch
from transition_sim.experiments.study import Study
from transition_sim.measures import Measure

LARGEST_FRONT = 40
"""Settings of the front that are judged anew."""
SEARCH_SEED = 1


@dataclass(frozen=True)
class Aim:
    """A measure that is to be low, or high."""

    measure: Measure
    maximise: bool = False

    @property
    def sign(self) -> float:
        """1 where less is better, -1 where more is."""
        return -1.0 if self.maximise else 1.0


def read_aims(study: Study, asked: Sequence[str]) -> tuple[Aim, ...]:
    """Return the aims of ``KEY`` or ``KEY:max`` arguments.

    Raises
    ------
    ScenarioError
        When there are fewer than two, or the study keeps no such measure.
    """
    kept = {m.key: m for m in study.measures}
    faults, aims = [], []
    for text in asked:
        key, _, way = text.partition(":")
        if key not in kept or way not in ("", "min", "max"):
            rule = f"the study keeps {', '.join(kept)}"
            faults.append(Fault("arguments", None, "--aim", text, rule, "Write one of them, or KEY:max."))
        else:
            aims.append(Aim(kept[key], way == "max"))
    if not faults and len({a.measure.key for a in aims}) < 2:
        rule = "a search weighs at least two aims against each other"
        faults.append(Fault("arguments", None, "--aim", ", ".join(asked), rule, "Give a second --aim."))
    if faults:
        raise ScenarioError(faults)
    return tuple(aims)


def search(
    batches: Batches,
    aims: Sequence[Aim],
    generations: int = 10,
    population: int = 24,
    fresh_replicates: int = 10,
    on_batch: OnBatch = lambda what, done, total: None,
) -> Finding:
    """Search, judge the front on fresh seeds, and return it.

    Parameters
    ----------
    batches : Batches
    aims : sequence of Aim
    generations, population : int
        As many settings a generation; the first is spread at random.
    fresh_replicates : int
        Seeds of the second look.
    on_batch : callable, optional

    Notes
    -----
    Asked again with the same numbers it takes the same way, and generations that were finished are read, not run.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study, factors = batches.study, batches.study.factors
    sampler = optuna.samplers.NSGAIISampler(population_size=population, seed=SEARCH_SEED)
    directions = ["maximize" if aim.maximise else "minimize" for aim in aims]
    optimiser = optuna.create_study(directions=directions, sampler=sampler)
    room: dict[str, Any] = {
        f.key: optuna.distributions.CategoricalDistribution(f.values)
        if f.values
        else optuna.distributions.FloatDistribution(f.low, f.high)
        for f in factors
    }
    for generation in range(generations):
        on_batch("generation", generation, generations + 1)
        trials = [optimiser.ask(room) for _ in range(population)]
        points = np.array([[t.params[f.key] for f in factors] for t in trials])
        found = batches.run(f"generations/{generation:03d}", points)
        values = np.column_stack([found[aim.measure.key].mean(axis=1) for aim in aims])
        for trial, row in zip(trials, values, strict=True):
            if np.isfinite(row).all():
                optimiser.tell(trial, row.tolist())
            else:
                optimiser.tell(trial, state=optuna.trial.TrialState.FAIL)
    on_batch("fresh seeds", generations, generations + 1)
    best = _distinct([[t.params[f.key] for f in factors] for t in optimiser.best_trials])[:LARGEST_FRONT]
    if not len(best):
        raise NoAnswer(f"No run of the search came to its end; see {batches.folder / 'generations/000'}.")
    table = judged(batches, aims, best, max(2, fresh_replicates))
    _record(batches.folder, study, aims, generations, population, fresh_replicates)
    on_batch("done", generations + 1, generations + 1)
    return _finding(table, aims)


def _distinct(rows: list[list[float]]) -> np.ndarray:
    return np.array([list(row) for row in dict.fromkeys(tuple(row) for row in rows)])


def judged(batches: Batches, aims: Sequence[Aim], points: np.ndarray, replicates: int) -> pd.DataFrame:
    """Return settings with their aims on fresh seeds: mean, 95 % interval, and whether another setting beats them."""
    found = batches.run("fresh", points, fresh=True, replicates=replicates)
    table = pd.DataFrame(points, columns=[f.key for f in batches.study.factors])
    for aim in aims:
        ends = np.array([interval(row)[:3] for row in found[aim.measure.key]])
        table[aim.measure.key] = ends[:, 0]
        table[f"{aim.measure.key}_low"], table[f"{aim.measure.key}_high"] = ends[:, 1], ends[:, 2]
    costs = np.column_stack([aim.sign * table[aim.measure.key] for aim in aims])
    table["holds"] = ~is_beaten(costs)
    return table.sort_values(aims[0].measure.key, ascending=not aims[0].maximise).reset_index(drop=True)


def is_beaten(costs: np.ndarray) -> np.ndarray:
    """Return which rows another row beats: no worse in every column, better in one; lower is better, nan loses.

    Parameters
    ----------
    costs : ndarray, shape (n, n_aims)
    """
    costs = np.where(np.isfinite(costs), costs, np.inf)
    no_worse = (costs[None, :, :] <= costs[:, None, :]).all(axis=2)
    better = (costs[None, :, :] < costs[:, None, :]).any(axis=2)
    return np.any(no_worse & better, axis=1)


def _record(
    folder: Path, study: Study, aims: Sequence[Aim], generations: int, population: int, fresh_replicates: int
) -> None:
    record = {
        "study": study.spec.id, "study_hash": study.hash,
        "aims": {a.measure.key: "max" if a.maximise else "min" for a in aims}, "generations": generations,
        "population": population, "replicates": study.spec.replicates, "fresh_replicates": fresh_replicates,
        "search_seed": SEARCH_SEED,
    }  # fmt: skip
    (folder / "search.json").write_text(json.dumps(record, indent=2) + "\n", "utf-8")


def _finding(table: pd.DataFrame, aims: Sequence[Aim]) -> Finding:
    x, y = aims[0].measure, aims[1].measure
    kept, lost = table[table["holds"]], table[~table["holds"]]

    def draw(figure: Any, words: FigureWords) -> None:
        axis = figure.subplots()
        for part, colour, label in ((kept, PALETTE[0], "not_beaten"), (lost, "0.7", "beaten")):
            if len(part):
                errors = [[part[m.key] - part[f"{m.key}_low"], part[f"{m.key}_high"] - part[m.key]] for m in (x, y)]
                axis.errorbar(part[x.key], part[y.key], xerr=errors[0], yerr=errors[1], fmt="o", color=colour,
                              elinewidth=0.8, label=words(label))  # fmt: skip
        words.along(axis.xaxis, words.named(x), x.unit)
        words.along(axis.yaxis, words.named(y), y.unit)
        axis.legend(frameon=False)

    said = (
        f"{len(kept)} of {len(table)} settings that the search found hold on fresh seeds; the others were lucky, "
        "or are beaten there.",
        f"搜索得到的 {len(table)} 组设置中，{len(kept)} 组在全新随机种子下仍不劣于其他设置。",
    )
    units = {f"{a.measure.key}{end}": a.measure.unit for a in aims for end in ("", "_low", "_high")}
    return Finding("search", ("Settings that nothing beats", "非劣设置"), table, (said,), draw, units=units)
