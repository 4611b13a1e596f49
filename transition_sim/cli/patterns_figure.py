"""The bench as a figure: every test on a scale of its own range, the model and its null models beside each other."""

from pathlib import Path
from typing import Any

import numpy as np

from transition_sim.cli.patterns_report import BenchWords, range_text
from transition_sim.cli.scoreboard_report import number, write_whole
from transition_sim.experiments.patterns import Bench, Judged, PatternTest
from transition_sim.experiments.patterns.nulls import BASS, COST_OPTIMAL, MODEL, NO_GRAPH, TREND
from transition_sim.scenarios.words.figures import lettering

# Okabe-Ito: told apart by colour-blind readers
PASSES, FAILS = "#009E73", "#D55E00"
MARKS = {TREND: ("^", "#56B4E9"), NO_GRAPH: ("s", "#CC79A7"), COST_OPTIMAL: ("D", "#E69F00"), BASS: ("v", "#0072B2")}
ROW_INCHES = 0.30
EDGE = 1.0
"""Widths of the range that are shown to either side; what lies beyond stands at the edge."""


def draw_bench(bench: Bench, words: BenchWords, path: Path) -> Path:
    """Draw the tests into one PNG, in words that are ``drawable``."""
    from matplotlib.figure import Figure

    tests = [j for j in bench.judged[MODEL] if j.is_measured]
    with lettering(words.words.is_chinese):
        figure = Figure(figsize=(12, 1.6 + ROW_INCHES * max(1, len(tests))))
        axis = figure.subplots()
        axis.axvspan(0.0, 1.0, color="#000000", alpha=0.07, linewidth=0)
        for row, j in enumerate(tests):
            _draw_row(axis, row, j, bench, words)
        axis.set(xlim=(-EDGE - 0.1, 1.0 + EDGE + 0.1), ylim=(len(tests) - 0.4, -0.6), yticks=[], xticks=[0.0, 1.0])
        axis.set_xticklabels([words("range"), ""], fontsize=8)
        for side in ("top", "left", "right"):
            axis.spines[side].set_visible(False)
        title = words("title", place=bench.place, first=bench.seeds[0], last=bench.seeds[-1])
        figure.suptitle(title, fontsize=12, x=0.02, ha="left")
        _legend(axis, bench, words)
        height = figure.get_figheight()
        figure.subplots_adjust(left=0.40, right=0.80, top=1 - 0.5 / height, bottom=0.95 / height)
        written = write_whole(path, lambda name: figure.savefig(name, dpi=130, format="png"))
    return written


def place_on_range(value: float, test: PatternTest) -> float:
    """Return a value on the scale of its range: 0 the lower end, 1 the upper.

    An open end is drawn as far from the other as that is from 0; what lies beyond it is still inside.
    """
    low, high = test.low, test.high
    if low is None or high is None or low == high:
        known = (high if low is None else low) or 0.0
        width = abs(known) or 1.0
        inside = (known - value) / width if low is None else (value - known) / width
        if low != high:
            inside = min(inside, 1.0)
        return float(np.clip(1.0 - inside if low is None else inside, -EDGE, 1.0 + EDGE))
    return float(np.clip((value - low) / (high - low), -EDGE, 1.0 + EDGE))


def _draw_row(axis: Any, row: int, j: Judged, bench: Bench, words: BenchWords) -> None:
    test, colour = j.test, PASSES if j.passes else FAILS
    ends = [place_on_range(v, test) for v in (j.low, j.high)]
    axis.plot(ends, [row, row], color=colour, linewidth=2.5, solid_capstyle="butt", alpha=0.6)
    axis.plot([place_on_range(j.value, test)], [row], "o", color=colour, markersize=7, zorder=3)
    for null in bench.models[1:]:
        for other in bench.of(test.pattern, null):
            if other.test.measure == test.measure and other.is_measured:
                marker, shade = MARKS[null]
                axis.plot([place_on_range(other.value, test)], [row + 0.22], marker, color=shade, markersize=4)
    label = f"{test.pattern}  {words.of(test)}"
    axis.text(-0.01, row, label, transform=axis.get_yaxis_transform(), ha="right", va="center", fontsize=8)
    found = f"{number(j.value)} {words.unit(test.unit)}  ({range_text(test)})"
    axis.text(1.01, row, found, transform=axis.get_yaxis_transform(), ha="left", va="center", fontsize=8, color=colour)


def _legend(axis: Any, bench: Bench, words: BenchWords) -> None:
    from matplotlib.lines import Line2D

    entries = [
        Line2D([], [], color=PASSES, marker="o", label=words("pass")),
        Line2D([], [], color=FAILS, marker="o", label=words("fail")),
    ]
    for null in bench.models[1:]:
        marker, shade = MARKS[null]
        entries.append(Line2D([], [], color=shade, marker=marker, linestyle="none", label=words(null)))
    axis.legend(handles=entries, fontsize=7, ncols=2, frameon=False, loc="upper center", bbox_to_anchor=(0.3, -0.03))
