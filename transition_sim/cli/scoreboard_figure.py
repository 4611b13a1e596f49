"""The targets as rows of a figure: every run as a dot against the target, each row on a scale of its own."""

from pathlib import Path

import numpy as np

from transition_sim.cli.scoreboard_report import named, write_whole
from transition_sim.cli.words import Words
from transition_sim.scenarios.words.figures import chinese_font, lettering
from transition_sim.scoreboard import Assessment, Scoreboard
from transition_sim.scoreboard.words import BoardWords

# Okabe-Ito: told apart by colour-blind readers
COLOURS = {"met": "#009E73", "on_track": "#56B4E9", "lag": "#E69F00", "missed": "#D55E00"}
ROW_INCHES = 0.62


def drawable(words: Words) -> Words:
    """Return the words that a figure can show: English where no Chinese font is installed."""
    return words if not words.is_chinese or chinese_font() else Words("en")


def draw_scoreboard(board: Scoreboard, words: BoardWords, policy_name: str, path: Path) -> Path:
    """Draw the modelled targets into one PNG, in words that are ``drawable``."""
    from matplotlib.figure import Figure

    shown = [a for a in board.assessments if a.run_values]
    with lettering(words.is_chinese):
        figure = Figure(figsize=(11.5, 1.5 + ROW_INCHES * max(1, len(shown))))
        axes = figure.subplots(max(1, len(shown)), 1, squeeze=False)
        for axis, assessment in zip(axes[:, 0], shown, strict=False):
            _draw_row(axis, assessment, words)
        if not shown:
            axes[0, 0].axis("off")
            axes[0, 0].text(0.0, 0.5, words("none") if not board.assessments else words("unmodelled"), fontsize=10)
        place = words.words.name(board.scenario.place.name)
        height = figure.get_figheight()
        figure.suptitle(
            f"{words('title')}: {place} · {policy_name}", fontsize=12, x=0.02, y=1 - 0.12 / height, ha="left"
        )
        figure.text(0.02, 0.006, words("figure_note"), fontsize=8, color="#444444")
        figure.subplots_adjust(left=0.47, right=0.87, top=1 - 0.7 / height, bottom=0.55 / height, hspace=1.5)
        written = write_whole(path, lambda name: figure.savefig(name, dpi=130, format="png"))
    return written


def _draw_row(axis, a: Assessment, words: BoardWords) -> None:
    """Draw the runs of one target, its line, the side that reaches it, and the base year."""
    target = a.target
    values, base = (words.shown(np.array(v), target.unit) for v in (a.run_values, a.base_value))
    aim = base if target.value is None else words.shown(target.value, target.unit)
    points = [*values, aim] + ([] if np.isnan(base) else [base])
    low, high = min(points), max(points)
    pad = 0.08 * (high - low) if high > low else 0.1 * max(1.0, abs(high))
    low, high = low - pad, high + pad
    is_up = target.direction in ("at_least", "rising")
    axis.axvspan(aim if is_up else low, high if is_up else aim, color="#000000", alpha=0.06, linewidth=0)
    axis.axvline(aim, color="#000000", linewidth=1.6)
    heights = np.linspace(-0.5, 0.5, values.size) if values.size > 1 else np.zeros(1)
    axis.plot(values, heights, "o", markersize=4, color=COLOURS[a.status], alpha=0.75, linestyle="none")
    if not np.isnan(base):
        axis.plot([base], [0.0], "o", markersize=7, markerfacecolor="none", markeredgecolor="#444444")
    axis.set(xlim=(low, high), ylim=(-1, 1), yticks=[])
    axis.tick_params(axis="x", labelsize=7, length=2, pad=1)
    axis.locator_params(axis="x", nbins=7, integer=target.unit == "year")
    if target.unit == "year":
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
    for side in ("top", "left", "right"):
        axis.spines[side].set_visible(False)
    year = "" if target.direction == "by_year" else f", {target.year}"
    label = f"{target.id}  {named(target, words)}\n{words.plan(target)}{year}"
    axis.text(-0.02, 0.5, label, transform=axis.transAxes, ha="right", va="center", fontsize=8)
    axis.text(
        1.02, 0.5, words(a.status), transform=axis.transAxes, ha="left", va="center", fontsize=9,
        color=COLOURS[a.status],
    )  # fmt: skip
