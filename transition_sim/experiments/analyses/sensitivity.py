"""Sensitivity: Morris screening and Sobol indices, by SALib; rows are joined by point, and no hole is let in."""

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
    legend_below,
    measure_of,
    names_of,
)  # fmt: skip
from transition_sim.experiments.tables import Results
from transition_sim.measures import Measure
from transition_sim.scenarios.words.figures import within
from transition_sim.scenarios.words.units import amount

NAMED = 8
"""Points of Morris that are named."""
NEAR = 0.06
"""Share of both ranges within which the names of two points stand below each other."""


def complete(values: np.ndarray) -> np.ndarray:
    """Return the mean over seeds of every point.

    Parameters
    ----------
    values : ndarray, shape (n_points, n_replicates)

    Raises
    ------
    ValueError
        When a run is missing (one hole would spoil every index in silence), or nothing varies.
    """
    holes = int((~np.isfinite(values)).sum())
    if holes:
        raise ValueError(
            f"{holes} runs have no value: indices need every point; see 'transition-sim study retry-failed'"
        )
    mean = values.mean(axis=1)
    if np.ptp(mean) <= 1e-12 * np.abs(mean).max():
        raise ValueError("the measure does not vary over the design, so that nothing can be attributed")
    return mean


def sobol_table(names: list[str], values: np.ndarray, seed: int = 1) -> pd.DataFrame:
    """Return first-order and total indices of a Saltelli design with 95 % intervals.

    Parameters
    ----------
    names : list of str
    values : ndarray, shape (n (k + 2),)
        In the order of the design.
    """
    from SALib.analyze import sobol

    found = sobol.analyze(designs.problem(names), values, calc_second_order=False, conf_level=0.95, seed=seed)
    table = pd.DataFrame({"factor": names, "first": found["S1"], "first_half_width": found["S1_conf"],
                          "total": found["ST"], "total_half_width": found["ST_conf"]})  # fmt: skip
    return table.sort_values("total", ascending=False, kind="stable").reset_index(drop=True)


def morris_table(names: list[str], shares: np.ndarray, values: np.ndarray, seed: int = 1) -> pd.DataFrame:
    """Return mean, mean size and spread of the elementary effects of a Morris design.

    Parameters
    ----------
    names : list of str
    shares : ndarray, shape (n (k + 1), k)
        The design in the unit cube: an effect is that of the whole range.
    values : ndarray, shape (n (k + 1),)
    """
    from SALib.analyze import morris

    found = morris.analyze(
        designs.problem(names), shares, values, conf_level=0.95, num_levels=designs.MORRIS_LEVELS, seed=seed
    )
    table = pd.DataFrame({"factor": names, "mean_effect": np.asarray(found["mu"]),
                          "mean_size": np.asarray(found["mu_star"]),
                          "mean_size_half_width": np.asarray(found["mu_star_conf"], dtype=float),
                          "spread": np.asarray(found["sigma"])})  # fmt: skip
    return table.sort_values("mean_size", ascending=False, kind="stable").reset_index(drop=True)


def sobol(results: Results, options: Options) -> Finding:
    """Return how much of the variance each factor explains alone, and with all others."""
    study, measure = results.study, measure_of(results, options)
    _needs(study.spec.design.kind, "saltelli", "Sobol indices")
    names = [f.key for f in study.factors]
    values = cube(results, measure.key)
    tables = {name: sobol_table(names, complete(values[k])) for k, name in enumerate(context_names(study))}

    def draw(figure: Any, words: FigureWords) -> None:
        axes = figure.subplots(1, len(tables), squeeze=False)[0]
        for axis, (name, table) in zip(axes, tables.items(), strict=True):
            at = np.arange(len(table))
            labels = {"first": words("variance_alone"), "total": words("variance_with_others")}
            for k, (key, label) in enumerate(labels.items()):
                axis.barh(at + 0.36 * k - 0.18, table[key], height=0.34, color=PALETTE[k],
                          xerr=table[f"{key}_half_width"], label=label)  # fmt: skip
            axis.set_yticks(at, table["factor"].map(words.name), fontsize=9)
            axis.invert_yaxis()
            axis.set(xlabel=words("variance", name=within(words.of(measure))), title=words.name(name))
        legend_below(figure, axes[-1])

    (names_en, names_zh), table = names_of(study), next(iter(tables.values()))
    said = (_sobol_said(table, measure, names_en, names_zh),)
    title = (f"Sobol indices: {measure.en}", f"Sobol 指数：{measure.zh}")
    return Finding("sobol", title, joined(tables), said, draw, (names_en, names_zh))


def _sobol_said(table: pd.DataFrame, measure: Measure, names_en: Names, names_zh: Names) -> tuple[str, str]:
    """Return what explains most, how sure that is, and whether the next factor can be told from it."""
    top = table.iloc[0]
    total, width, alone, width_alone = (
        f"{100 * top[key]:.0f}" for key in ("total", "total_half_width", "first", "first_half_width")
    )
    is_open = len(table) > 1 and bool(
        top["total"] - top["total_half_width"] < table["total"][1] + table["total_half_width"][1]
    )
    en = (
        f"{names_en[top['factor']]} explains most: {total} ± {width} % of the variance of {within(measure.en)}, with "
        f"its interactions ({alone} ± {width_alone} % alone)."
    )
    zh = (
        f"{names_zh[top['factor']]}解释力最大：含交互作用占{measure.zh}方差的 {total} ± {width}%"
        f"（单独 {alone} ± {width_alone}%）。"
    )
    if is_open:
        en += f" With so few points {names_en[table['factor'][1]]} could be as large."
        zh += f"样本较少，{names_zh[table['factor'][1]]}的影响可能与之相当。"
    return en, zh


def neighbours(table: pd.DataFrame) -> list[tuple[list[str], float, float]]:
    """Return (factors, mean size, spread) of points whose names would cover each other, at the first of them."""
    reach = [NEAR * (table[name].max() or 1.0) for name in ("mean_size", "spread")]
    found: list[tuple[list[str], float, float]] = []
    for row in table.itertuples():
        near = (f for f, x, y in found if abs(row.mean_size - x) < reach[0] and abs(row.spread - y) < reach[1])
        if (factors := next(near, None)) is not None:
            factors.append(row.factor)
        else:
            found.append(([row.factor], row.mean_size, row.spread))
    return found


def morris(results: Results, options: Options) -> Finding:
    """Return which factors matter at all, and which act through others or bend."""
    study, measure = results.study, measure_of(results, options)
    _needs(study.spec.design.kind, "morris", "a Morris screening")
    names = [f.key for f in study.factors]
    shares = designs.unit_points(study.spec.design, len(names))
    values = cube(results, measure.key)
    tables = {n: morris_table(names, shares, complete(values[k])) for k, n in enumerate(context_names(study))}

    def draw(figure: Any, words: FigureWords) -> None:
        axes = figure.subplots(1, len(tables), squeeze=False)[0]
        for axis, (name, table) in zip(axes, tables.items(), strict=True):
            axis.plot(table["mean_size"], table["spread"], "o", color=PALETTE[0])
            middle = (table["mean_size"].max() + table["mean_size"].min()) / 2
            for factors, mean_size, spread in neighbours(table.head(NAMED)):
                is_right = mean_size > middle  # the name of a point on the right stays inside the axis
                axis.annotate(
                    "\n".join(map(words.name, factors)), (mean_size, spread), xytext=(-4 if is_right else 4, 4),
                    textcoords="offset points", ha="right" if is_right else "left", fontsize=9,
                )  # fmt: skip
            axis.set(title=words.name(name))
            words.along(axis.xaxis, words.about("effect_size", measure), measure.unit)
            words.along(axis.yaxis, words("effect_spread", unit=words.plan_unit(measure.unit)), measure.unit)

    top, (names_en, names_zh) = next(iter(tables.values())).iloc[0], names_of(study)
    size, size_zh = (amount(top["mean_size"], measure.unit, is_chinese, 3) for is_chinese in (False, True))
    said = ((f"Over its range {names_en[top['factor']]} moves {within(measure.en)} by {size} on average.",
             f"{names_zh[top['factor']]}在其范围内平均使{measure.zh}变动 {size_zh}。"),)  # fmt: skip
    title, table = (f"Morris: {measure.en}", f"Morris 筛选：{measure.zh}"), joined(tables).assign(unit=measure.unit)
    units = dict.fromkeys(("mean_effect", "mean_size", "mean_size_half_width", "spread"), "unit")
    return Finding("morris", title, table, said, draw, (names_en, names_zh), units)


def _needs(kind: str, wanted: str, what: str) -> None:
    if kind != wanted:
        raise ValueError(f"{what} need{'s' if what.startswith('a ') else ''} a design {wanted}; this study has {kind}")


def joined(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the tables of all cases as one, the case in the first column."""
    whole = pd.concat([t.assign(case=name) for name, t in tables.items()], ignore_index=True)
    whole.insert(0, "case", whole.pop("case"))
    return whole
