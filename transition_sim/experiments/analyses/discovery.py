"""Scenario discovery: the patient rule induction method (Friedman & Fisher 1999), said in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from transition_sim.experiments.analyses.finding import (
    PALETTE,
    FigureWords,
    Finding,
    Options,
    context_names,
    cube,
    measure_of,
    names_of,
)  # fmt: skip
from transition_sim.experiments.factors import Factor
from transition_sim.experiments.tables import Results
from transition_sim.scenarios.words.figures import within
from transition_sim.scenarios.words.units import amount, unit_word

PEEL_SHARE = 0.05
SMALLEST_SHARE = 0.05
WORTH = 0.01
"""A bound that is taken away without losing this much density was not worth saying."""


@dataclass
class Box:
    """Bounds of factors, and how well they hold the cases of interest.

    Attributes
    ----------
    bounds : dict of factor number -> (low, high)
    coverage : float
        Share of the cases of interest that lie in the box.
    density : float
        Share of the points in the box that are of interest.
    mass : float
        Share of all points that lie in the box.
    """

    bounds: dict[int, tuple[float, float]] = field(default_factory=dict)
    coverage: float = 1.0
    density: float = 0.0
    mass: float = 1.0

    def holds(self, points: np.ndarray) -> np.ndarray:
        """Return which points lie in the box."""
        inside = np.ones(len(points), dtype=bool)
        for k, (low, high) in self.bounds.items():
            inside &= (points[:, k] >= low) & (points[:, k] <= high)
        return inside


def prim(points: np.ndarray, is_case: np.ndarray) -> tuple[Box, list[Box]]:
    """Return the box that trades coverage against density best, and the whole path of peeled boxes.

    Each step cuts 5 % of the points off the side where that raises the density most for every point given up
    (Kwakkel & Jaxa-Rozen 2016). Of the path the box with the largest product of coverage and density is taken, and
    bounds that it does not need are dropped.

    Parameters
    ----------
    points : ndarray, shape (n, k)
    is_case : ndarray of bool, shape (n,)
        The cases of interest.

    Raises
    ------
    ValueError
        When no case or every case is of interest.
    """
    if not is_case.any() or is_case.all():
        raise ValueError("discovery needs points that are of interest and points that are not; choose another --above")
    box = _judged({}, points, is_case)
    path = [box]
    while (peeled := _peeled(box, points, is_case)) is not None:
        box = peeled
        path.append(box)
    best = max(path, key=lambda b: (b.coverage * b.density, b.coverage))
    return _simplified(best, points, is_case), path


def _judged(bounds: dict[int, tuple[float, float]], points: np.ndarray, is_case: np.ndarray) -> Box:
    inside = Box(bounds).holds(points)
    n = int(inside.sum())
    held = int((inside & is_case).sum())
    return Box(bounds, held / int(is_case.sum()), held / n if n else 0.0, n / len(points))


def _cuts(values: np.ndarray) -> tuple[float, float]:
    """Return the bounds that take a share of the points off the lower and off the upper end; nan where none does.

    A bound lies half-way between two values, so that equal values stay together.
    """
    ordered = np.sort(values)
    last = ordered.size - 1
    low, high = ordered[int(np.floor(last * PEEL_SHARE))], ordered[int(np.ceil(last * (1 - PEEL_SHARE)))]
    above, below = ordered[ordered > low], ordered[ordered < high]
    return (
        float((low + above[0]) / 2) if above.size else np.nan,
        float((high + below[-1]) / 2) if below.size else np.nan,
    )


def _peeled(box: Box, points: np.ndarray, is_case: np.ndarray) -> Box | None:
    """Return the box less the slice whose loss raises the density most for every point given up; None: none does.

    Of equal ones that which says least about the factors, then the first; upper ends before lower ones.
    """
    inside = points[box.holds(points)]
    best, most = None, (0.0, 0)
    for k in range(points.shape[1]):
        low, high = box.bounds.get(k, (points[:, k].min(), points[:, k].max()))
        cut_low, cut_high = _cuts(inside[:, k])
        for bounds in ((low, cut_high), (cut_low, high)):
            if np.isnan(bounds).any():
                continue
            found = _judged({**box.bounds, k: (float(bounds[0]), float(bounds[1]))}, points, is_case)
            gain = (found.density - box.density) / (box.mass - found.mass)
            if (gain, -len(found.bounds)) > most:
                best, most = found, (gain, -len(found.bounds))
    return best if best is not None and best.mass >= SMALLEST_SHARE else None


def _simplified(box: Box, points: np.ndarray, is_case: np.ndarray) -> Box:
    """Drop bounds one by one, the least useful first, as long as the density hardly falls."""
    while box.bounds:
        tried = [_judged({k: b for k, b in box.bounds.items() if k != left}, points, is_case) for left in box.bounds]
        best = max(tried, key=lambda b: b.density)
        if best.density < box.density - WORTH:
            return box
        box = best
    return box


def split_in_cases(
    results: Results, options: Options, names: list[str]
) -> dict[str, tuple[np.ndarray, np.ndarray, float]]:
    """Return, for every context, the points that have a value, which of them are high, and above what that is.

    Raises
    ------
    ValueError
        When the design is not spread out over the ranges.
    """
    study, measure = results.study, measure_of(results, options)
    if study.spec.design.kind not in ("lhs", "sobol"):
        raise ValueError(f"scenario discovery needs a design lhs or sobol; this study has {study.spec.design.kind}")
    values, found = cube(results, measure.key), {}
    for k, name in enumerate(names):
        ok = np.isfinite(values[k]).any(axis=1)
        mean = np.nanmean(values[k][ok], axis=1)
        above = float(np.quantile(mean, 0.75)) if options.above is None else options.above
        found[name] = (study.points[ok], mean > above, above)
    return found


def discovery(results: Results, options: Options) -> Finding:
    """Return when a measure is high: the ranges of the factors in which it is, with coverage and density."""
    study, measure = results.study, measure_of(results, options)
    rows, boxes = [], {}
    for name, (points, is_case, above) in split_in_cases(results, options, context_names(study)).items():
        box, path = prim(points, is_case)
        boxes[name] = (box, path, above)
        for i, (low, high) in sorted(box.bounds.items()):
            factor = study.factors[i]
            rows.append({
                "case": name, "factor": factor.key, "low": low, "high": high, "unit": factor.unit,
                "range_low": factor.low, "range_high": factor.high, "coverage": box.coverage, "density": box.density,
                "mass": box.mass, "above": above, "above_unit": measure.unit,
            })  # fmt: skip

    def draw(figure: Any, words: FigureWords) -> None:
        axes = figure.subplots(1, len(boxes), squeeze=False)[0]
        for axis, (name, (box, path, _)) in zip(axes, boxes.items(), strict=True):
            axis.plot([100 * b.coverage for b in path], [100 * b.density for b in path], "-o", color=PALETTE[0],
                      markersize=3, label=words("peeled"))  # fmt: skip
            axis.plot(100 * box.coverage, 100 * box.density, "D", color=PALETTE[3], markersize=9, label=words("chosen"))
            axis.set(xlabel=words("coverage"), ylabel=words("density"), xlim=(0, 102), ylim=(0, 102),
                     title=words.name(name))  # fmt: skip
        axes[-1].legend(frameon=False)

    said, (names_en, names_zh) = [], names_of(study)
    for name, (box, _, above) in boxes.items():
        when, when_zh = (bounds_in_words(box, study.factors, is_chinese) for is_chinese in (False, True))
        threshold, threshold_zh = (amount(above, measure.unit, is_chinese, 5) for is_chinese in (False, True))
        said.append((
            f"{names_en[name]}: {within(measure.en)} is above {threshold} when {when}. This holds "
            f"{100 * box.coverage:.0f} % of such cases (coverage); {100 * box.density:.0f} % of what it holds "
            "is one (density).",
            f"{names_zh[name]}：当{when_zh}时，{measure.zh}高于 {threshold_zh}。"
            f"覆盖率 {100 * box.coverage:.0f}%，密度 {100 * box.density:.0f}%。",
        ))  # fmt: skip
    columns = [
        "case",
        "factor",
        "low",
        "high",
        "unit",
        "range_low",
        "range_high",
        "coverage",
        "density",
        "mass",
        "above",
        "above_unit",
    ]
    title = (f"When is it high? {measure.en}", f"何时偏高？{measure.zh}")
    table = pd.DataFrame(rows, columns=columns)
    return Finding("discovery", title, table, tuple(said), draw, (names_en, names_zh), {"above": "above_unit"})


def bounds_in_words(box: Box, factors: Sequence[Factor], is_chinese: bool = False) -> str:
    """Return a box as a condition that can be read aloud."""
    clauses = [_clause(factors[i], low, high, is_chinese) for i, (low, high) in sorted(box.bounds.items())]
    if is_chinese:
        return "且 ".join(clauses) or "各因素取范围内任意值"
    return " and ".join(clauses) or "anywhere in the ranges"


def _clause(factor: Any, low: float, high: float, is_chinese: bool) -> str:
    unit = f" {unit_word(factor.unit, is_chinese)}" if factor.unit != "-" else ""
    name = factor.zh if is_chinese else factor.en
    if low <= factor.low + 0.03 * (factor.high - factor.low):
        return f"{name} < {high:.3g}{unit}"
    if high >= factor.high - 0.03 * (factor.high - factor.low):
        return f"{name} > {low:.3g}{unit}"
    if is_chinese:
        return f"{name} 为 {low:.3g} 至 {high:.3g}{unit}"
    return f"{name} from {low:.3g} to {high:.3g}{unit}"
