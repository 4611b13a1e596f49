"""Scenario discovery by a classification tree (CART, Breiman et al. 1984): the same question as PRIM, cut after cut."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from transition_sim.experiments.analyses.discovery import Box, bounds_in_words, split_in_cases
from transition_sim.experiments.analyses.finding import (
    FigureWords,
    Finding,
    Options,
    context_names,
    measure_of,
    names_of,
)  # fmt: skip
from transition_sim.experiments.tables import Results
from transition_sim.scenarios.words.figures import within
from transition_sim.scenarios.words.units import amount

DEPTH = 4
LEAF_SHARE = 0.05
"""Smallest share of the points that a leaf holds."""


@dataclass(frozen=True)
class Leaf:
    """An end of the tree: a box, and whether most of its points are of interest."""

    box: Box
    is_case: bool


def grow(points: np.ndarray, is_case: np.ndarray) -> list[Leaf]:
    """Return the leaves of a tree that parts points of interest from others, those of interest first, by coverage.

    Parameters
    ----------
    points : ndarray, shape (n, k)
    is_case : ndarray of bool, shape (n,)

    Raises
    ------
    ValueError
        When no case or every case is of interest.
    """
    from sklearn.tree import DecisionTreeClassifier

    if not is_case.any() or is_case.all():
        raise ValueError("discovery needs points that are of interest and points that are not; choose another --above")
    least = max(1, int(np.ceil(LEAF_SHARE * len(points))))
    model = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=least, class_weight="balanced", random_state=1)
    tree = model.fit(points, is_case).tree_
    leaves = [_judged(bounds, points, is_case) for bounds in _ends(tree, 0, {}, points)]
    return sorted(leaves, key=lambda leaf: (not leaf.is_case, -leaf.box.coverage))


def _ends(tree: Any, node: int, bounds: dict[int, tuple[float, float]], points: np.ndarray) -> list[Any]:
    """Return the bounds of every leaf below a node."""
    if tree.children_left[node] < 0:
        return [bounds]
    k, cut = int(tree.feature[node]), float(tree.threshold[node])
    low, high = bounds.get(k, (float(points[:, k].min()), float(points[:, k].max())))
    lower = _ends(tree, tree.children_left[node], {**bounds, k: (low, cut)}, points)
    return lower + _ends(tree, tree.children_right[node], {**bounds, k: (np.nextafter(cut, np.inf), high)}, points)


def _judged(bounds: dict[int, tuple[float, float]], points: np.ndarray, is_case: np.ndarray) -> Leaf:
    inside = Box(bounds).holds(points)
    held, n = int((inside & is_case).sum()), int(inside.sum())
    density = held / n if n else 0.0
    box = Box(bounds, held / int(is_case.sum()), density, n / len(points))
    return Leaf(box, density > is_case.mean())


def tree(results: Results, options: Options) -> Finding:
    """Return when a measure is high, as the leaves of a tree."""
    study, measure = results.study, measure_of(results, options)
    rows, said, drawn, (names_en, names_zh) = [], [], {}, names_of(study)
    for name, (points, is_case, above) in split_in_cases(results, options, context_names(study)).items():
        leaves = grow(points, is_case)
        drawn[name] = leaves
        for number, leaf in enumerate(leaves, start=1):
            when, when_zh = (bounds_in_words(leaf.box, study.factors, is_chinese) for is_chinese in (False, True))
            names_zh[when] = when_zh
            rows.append({
                "case": name, "leaf": number, "when": when,
                "is_high": leaf.is_case, "coverage": leaf.box.coverage, "density": leaf.box.density,
                "mass": leaf.box.mass, "above": above, "above_unit": measure.unit,
            })  # fmt: skip
        first = leaves[0]
        when = bounds_in_words(first.box, study.factors)
        shares = (100 * first.box.coverage, 100 * first.box.density)
        threshold, threshold_zh = (amount(above, measure.unit, is_chinese, 5) for is_chinese in (False, True))
        said.append((
            f"{names_en[name]}: {within(measure.en)} is above {threshold} mostly when {when} "
            f"({shares[0]:.0f} % of such cases; {shares[1]:.0f} % of these points are one).",
            f"{names_zh[name]}：{measure.zh}高于 {threshold_zh} 多出现于{names_zh[when]}"
            f"（覆盖率 {shares[0]:.0f}%，密度 {shares[1]:.0f}%）。",
        ))  # fmt: skip

    def draw(figure: Any, words: FigureWords) -> None:
        axes = figure.subplots(len(drawn), 1, squeeze=False)[:, 0]
        for axis, (name, leaves) in zip(axes, drawn.items(), strict=True):
            at = np.arange(len(leaves))
            colours = ["#D55E00" if leaf.is_case else "#56B4E9" for leaf in leaves]
            bars = axis.barh(at, [100 * leaf.box.density for leaf in leaves], color=colours, height=0.7)
            axis.bar_label(bars, fmt="%.0f", padding=3, fontsize=9)
            axis.set_yticks(
                at, [bounds_in_words(leaf.box, study.factors, words.is_chinese) for leaf in leaves], fontsize=7
            )
            axis.invert_yaxis()
            axis.set(xlim=(0, 108), xticks=range(0, 101, 20), xlabel=words("leaf_density"), title=words.name(name))

    title = (f"Tree: when is it high? {measure.en}", f"分类树：何时偏高？{measure.zh}")
    called = (names_en, names_zh)
    return Finding("tree", title, pd.DataFrame(rows), tuple(said), draw, called, {"above": "above_unit"})
