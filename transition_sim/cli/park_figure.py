"""The park tests as a figure: CO2 per energy under all readings, and the points of the three tracks."""

from pathlib import Path
from typing import Any

import numpy as np

from transition_sim.cli.park_words import ParkWords
from transition_sim.cli.scoreboard_report import write_whole
from transition_sim.parks import ParkTest
from transition_sim.parks.zero_carbon import CONVENTIONS, FACTORS, parameter_values, thresholds_of
from transition_sim.scenarios.park_criteria import TRACKS
from transition_sim.scenarios.words.figures import lettering

# Okabe-Ito: told apart by colour-blind readers
COLOURS = dict(zip(FACTORS, ("#009E73", "#0072B2", "#E69F00", "#D55E00"), strict=True))


def draw_park_test(test: ParkTest, words: ParkWords, policy_name: str, path: Path) -> Path:
    """Draw both tests into one PNG, side by side, in words that are ``drawable``."""
    from matplotlib.figure import Figure

    with lettering(words.is_chinese):
        figure = Figure(figsize=(14, 5.2))
        axes = figure.subplots(1, 3, width_ratios=(1, 1, 0.8))
        for axis, convention in zip(axes, CONVENTIONS, strict=False):
            _draw_levels(axis, test, words, convention)
        top = max(axis.get_ylim()[1] for axis in axes[:2])
        for axis in axes[:2]:
            axis.set_ylim(0, top)
        _draw_tracks(axes[2], test, words)
        place = words.words.name(test.scenario.place.name)
        figure.suptitle(f"{words('title')}: {place} · {policy_name}", fontsize=12, x=0.02, ha="left")
        figure.text(0.02, 0.905, words("zero_carbon"), fontsize=10)
        figure.text(0.72, 0.905, words("near_zero"), fontsize=10)
        figure.subplots_adjust(left=0.055, right=0.985, top=0.83, bottom=0.16, wspace=0.28)
        written = write_whole(path, lambda name: figure.savefig(name, dpi=130, format="png"))
    return written


def _draw_levels(axis, test: ParkTest, words: ParkWords, convention: str) -> None:
    """Draw CO2 per energy by year: median and range of the runs for each factor, the limit, the year judged."""
    path = test.zero_carbon.path
    own = path[path["convention"] == convention]
    for factor in FACTORS:
        table = own[own["factor"] == factor].pivot(index="year", columns="seed", values="co2_per_energy_tco2_per_tce")
        low, middle, high = np.percentile(table.to_numpy(), [5, 50, 95], axis=1)
        axis.fill_between(table.index, low, high, color=COLOURS[factor], alpha=0.15, linewidth=0)
        axis.plot(table.index, middle, color=COLOURS[factor], linewidth=1.8, label=words(factor))
    limits = thresholds_of(test.scenario)
    for value in (limits.smaller_tco2_per_tce, limits.larger_tco2_per_tce):
        axis.axhline(value, color="#000000", linewidth=1.0, linestyle="--")
    limit_words = words("figure_limit", value=f"{limits.smaller_tco2_per_tce:g} / {value:g}")
    axis.text(own["year"].min(), value, limit_words, fontsize=8, va="bottom")
    axis.axvline(test.year, color="#888888", linewidth=0.8)
    axis.set_title(f"{words('kappa_long')} · {words(convention)} {words('convention')}", fontsize=9)
    axis.tick_params(labelsize=8)
    axis.xaxis.set_major_formatter(lambda year, _: f"{year:.0f}")
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    if convention == next(iter(CONVENTIONS)):
        axis.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(1.1, -0.08), ncols=4)


def _draw_tracks(axis, test: ParkTest, words: ParkWords) -> None:
    """Draw the points of each track: a dot a run, the median, the marks of the grades."""
    runs, summary = test.near_zero.runs, test.near_zero.summary
    names = [*TRACKS, "score"]
    for row, name in enumerate(reversed(names)):
        median: Any = summary[name]
        axis.barh(row, median, color="#0072B2" if name == "score" else "#56B4E9", height=0.5)
        axis.plot(runs[name], np.full(len(runs), row), "o", color="#333333", markersize=3, alpha=0.6)
    for letter in "ABC":
        mark = _mark(test, letter)
        axis.axvline(mark, color="#000000", linewidth=0.8, linestyle="--")
        axis.text(mark, len(names) - 0.28, letter, fontsize=8, ha="center", va="bottom")
    labels = [words("points") if n == "score" else words(f"track_{n}") for n in reversed(names)]
    axis.set(yticks=range(len(names)), xlim=(0, 100), ylim=(-0.6, len(names) - 0.3))
    axis.set_yticklabels(labels, fontsize=8)
    axis.set_xlabel(words("points"), fontsize=8)
    axis.tick_params(axis="x", labelsize=8)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def _mark(test: ParkTest, letter: str) -> float:
    return parameter_values(test.scenario)[f"near_zero_score_{letter.lower()}"]
