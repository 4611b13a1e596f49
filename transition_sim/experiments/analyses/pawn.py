"""PAWN: how far a factor, held in one part of its range, shifts the distribution of a measure (Pianosi & Wagener 2015).

Works on any spread-out design, on medians and tails alike; a factor counts only where it beats a column of mere chance.
"""

from typing import Any

import numpy as np
import pandas as pd

from transition_sim.experiments import designs
from transition_sim.experiments.analyses.finding import (
    PALETTE,
    FigureWords,
    Finding,
    Names,
    Options,
    context_names,
    cube,
    measure_of,
    names_of,
)  # fmt: skip
from transition_sim.experiments.analyses.sensitivity import complete, joined
from transition_sim.experiments.tables import Results
from transition_sim.scenarios.words.figures import within

SLICES = 10
"""Parts of the range of a factor, fewer where a part would hold less than ``PART_POINTS``."""
PART_POINTS = 8
SMALLEST = 4 * PART_POINTS
CHANCES = 20
"""Columns of mere chance; the largest of their indices is what a factor must beat."""


def pawn_table(names: list[str], shares: np.ndarray, values: np.ndarray, seed: int = 1) -> pd.DataFrame:
    """Return the PAWN index of every factor, and what mere chance would give.

    Parameters
    ----------
    names : list of str
    shares : ndarray, shape (n, k)
        The design in the unit cube.
    values : ndarray, shape (n,)

    Returns
    -------
    DataFrame
        ``index``: median over the parts of the range of the Kolmogorov-Smirnov distance between the distribution in the
        part and the whole, 0 to 1; ``chance``: largest such index of columns that have nothing to do with the model;
        ``matters``: whether the first is above the second.

    Raises
    ------
    ValueError
        When there are too few points to cut a range into parts.
    """
    if len(values) < SMALLEST:
        raise ValueError(f"PAWN needs at least {SMALLEST} points; this study has {len(values)}")
    slices = min(SLICES, len(values) // PART_POINTS)
    luck = np.random.default_rng(seed).random((len(values), CHANCES))
    index = _medians(np.column_stack([shares, luck]), values, slices, seed)
    chance = float(index[len(names) :].max())
    table = pd.DataFrame({"factor": names, "index": index[: len(names)], "chance": chance})
    table["matters"] = table["index"] > chance
    return table.sort_values("index", ascending=False, kind="stable").reset_index(drop=True)


def _medians(columns: np.ndarray, values: np.ndarray, slices: int, seed: int) -> np.ndarray:
    from SALib.analyze import pawn

    problem = designs.problem([f"x{k}" for k in range(columns.shape[1])])
    return np.asarray(pawn.analyze(problem, columns, values, S=slices, seed=seed)["median"])


def pawn(results: Results, options: Options) -> Finding:
    """Return which factors move the whole distribution of a measure, and which cannot be told from chance."""
    study, measure = results.study, measure_of(results, options)
    if study.spec.design.kind not in ("lhs", "sobol"):
        raise ValueError(f"PAWN needs a design lhs or sobol; this study has {study.spec.design.kind}")
    names = [f.key for f in study.factors]
    shares = designs.unit_points(study.spec.design, len(names))
    values = cube(results, measure.key)
    tables = {n: pawn_table(names, shares, complete(values[k])) for k, n in enumerate(context_names(study))}

    def draw(figure: Any, words: FigureWords) -> None:
        axes = figure.subplots(1, len(tables), squeeze=False)[0]
        for axis, (name, table) in zip(axes, tables.items(), strict=True):
            at = np.arange(len(table))
            colours = [PALETTE[0] if matters else "0.75" for matters in table["matters"]]
            axis.barh(at, table["index"], height=0.6, color=colours)
            axis.axvline(table["chance"].iloc[0], color="0.3", linestyle="--", label=words("chance"))
            axis.set_yticks(at, table["factor"].map(words.name), fontsize=9)
            axis.invert_yaxis()
            axis.set(xlabel=words("pawn_index", name=within(words.of(measure))), title=words.name(name))
        axes[-1].legend(frameon=False, loc="lower right")

    called = names_of(study)
    said = tuple(_sentence(name, table, measure, *called) for name, table in tables.items())
    return Finding("pawn", (f"PAWN: {measure.en}", f"PAWN 敏感性：{measure.zh}"), joined(tables), said, draw, called)


def _sentence(name: str, table: pd.DataFrame, measure: Any, names_en: Names, names_zh: Names) -> tuple[str, str]:
    known = list(table.loc[table["matters"], "factor"])
    n_lost = len(table) - len(known)
    if not known:
        return (
            f"{names_en[name]}: with {len(table)} factors and these points, none can be told from chance for "
            f"{within(measure.en)}.",
            f"{names_zh[name]}：在现有样本下，{measure.zh}对各因素的响应均无法与随机波动区分。",
        )
    return (
        f"{names_en[name]}: the distribution of {within(measure.en)} shifts most with "
        f"{', '.join(names_en[key] for key in known[:3])}; {n_lost} of {len(table)} factors cannot be told from "
        "chance.",
        f"{names_zh[name]}：{measure.zh}的分布主要随{'、'.join(names_zh[key] for key in known[:3])}变化；"
        f"{len(table)} 个因素中有 {n_lost} 个无法与随机波动区分。",
    )
