"""Scenarios beside the baseline on the same seeds: values, differences with intervals, who switched; plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from transition_sim.comparison import half_width, paired_interval
from transition_sim.measures import MEASURES, Measure
from transition_sim.scoreboard.dimensions import DIMENSION_ROWS, DimensionRow
from transition_sim.viz.charts import BASELINE, PALETTE, Chart, band, cut_axis, explain_shade, frame, line, yearly_chart
from transition_sim.viz.firms import sector_names
from transition_sim.viz.formatting import central, figure, signed
from transition_sim.viz.picture import FIRST_SEED, Picture
from transition_sim.viz.words import Words

MOST_SWITCHED = 60


@dataclass(frozen=True)
class Side:
    """A scenario of the comparison; ``pictures`` by seed."""

    name: str
    pictures: Mapping[int, Picture]

    @property
    def hash(self) -> str:
        return next(iter(self.pictures.values())).hash


def common(sides: Sequence[Side]) -> list[int]:
    """Return the seeds that all sides have."""
    return sorted(set.intersection(*(set(side.pictures) for side in sides))) if sides else []


def noise(differences: np.ndarray) -> str:
    """Return ``same``, ``noise``, ``clear`` or, with one pair, ``waiting``."""
    if np.all(differences == 0):
        return "same"
    if differences.size < 2:
        return "waiting"
    mean, _, half = paired_interval(differences)
    return "noise" if mean - half <= 0 <= mean + half else "clear"


# --- one number a run -------------------------------------------------------------------------------------------------


def measure_rows(sides: Sequence[Side], words: Words) -> list[dict[str, Any]]:
    """Return a row a measure: the baseline (first side), and every other side with its paired difference."""
    seeds = common(sides)
    if not seeds:
        return []
    known = sides[0].pictures[seeds[0]].measures
    return [_measure_row(m, sides, seeds, words) for m in MEASURES if m.key in known]


def _measure_row(measure: Measure, sides: Sequence[Side], seeds: list[int], words: Words) -> dict[str, Any]:
    found = [np.array([s.pictures[k].measures[measure.key] for k in seeds]) for s in sides]
    unit, per_unit = words.read_as(measure.unit, *found)
    before, *rest = (words.shown(values * per_unit, unit) for values in found)
    return {
        "name": measure.zh if words.is_chinese else measure.en,
        "unit": "" if unit == "year" else words.result_unit(unit),
        "baseline": figure(central(before, measure.unit), measure.unit),
        "cells": [_cell(measure, values, before, words) for values in rest],
    }


def _cell(measure: Measure, values: np.ndarray, before: np.ndarray, words: Words) -> dict[str, str]:
    difference = values - before
    kind = noise(difference)
    interval = ""
    if kind in ("noise", "clear"):
        mean, _, half = paired_interval(difference)
        interval = f"[{signed(mean - half, measure.unit)}, {signed(mean + half, measure.unit)}]"
    says = {"same": words("same"), "noise": words("noise"), "waiting": words("interval_waiting"), "clear": ""}
    return {
        "value": figure(central(values, measure.unit), measure.unit),
        "difference": "" if kind == "same" else signed(float(difference.mean()), measure.unit),
        "interval": interval,
        "kind": kind,
        "says": says[kind],
    }


# --- one indicator over the years -------------------------------------------------------------------------------------


def indicators(words: Words) -> list[dict[str, str]]:
    """Return the yearly indicators that can be drawn, with their dimension."""
    return [
        {"id": row.key, "name": row.zh if words.is_chinese else row.en, "unit": words.result_unit(row.unit)}
        for row in DIMENSION_ROWS
        if row.of is not None and row.unit != "year"
    ]


def indicator_row(key: str) -> DimensionRow:
    """Return an indicator; CO2 under dual control where there is none of this key."""
    found = {row.key: row for row in DIMENSION_ROWS if row.of is not None}
    return found.get(key, found["dual_control_mtco2"])


def runs_of(side: Side, key: str, seeds: Sequence[int]) -> np.ndarray:
    """Return the yearly values of an indicator, shape (n_seeds, n_years); nan where it is not known yet."""
    found = []
    for seed in seeds:
        picture = side.pictures[seed]
        nothing = np.full(picture.years.size, np.nan)
        found.append(nothing if picture.sample is None else picture.sample.series.get(key, nothing))
    return np.array(found)


def level_chart(sides: Sequence[Side], key: str, years: list[int], words: Words) -> Chart:
    """Return an indicator under all sides: means over the same seeds, the baseline dashed, ranges shaded."""
    row, seeds = indicator_row(key), common(sides)
    series: list[dict[str, Any]] = []
    table: dict[str, np.ndarray] = {}
    shown: list[np.ndarray] = []
    for k, side in enumerate(sides):
        runs = words.shown(runs_of(side, row.key, seeds), row.unit)
        shown += [runs.min(axis=0), runs.max(axis=0)]
        colour = BASELINE if k == 0 else PALETTE[k - 1]
        if len(seeds) > 1 and k > 0:
            series += band(f"side{k}", runs.min(axis=0), runs.max(axis=0), colour, 0.12)
        dash = "dashed" if k == 0 else "solid"
        series.append(line(side.name, f"side{k}", runs.mean(axis=0), colour, dash=dash, width=2 if k == 0 else 3))
        table[side.name] = runs.mean(axis=0)
    chart = _yearly(row, "level", "", series, table, years, words)
    cut_axis(chart.option, np.array(shown), words)
    if len(seeds) > 1 and len(sides) > 1:
        explain_shade(chart.option, words("shade_runs"))
    return chart


def difference_chart(sides: Sequence[Side], key: str, years: list[int], words: Words) -> Chart:
    """Return what the sides do to an indicator against the baseline, seed by seed, with the 95 % t interval."""
    row, seeds = indicator_row(key), common(sides)
    before = words.shown(runs_of(sides[0], row.key, seeds), row.unit)
    series: list[dict[str, Any]] = [line(sides[0].name, "zero", np.zeros(len(years)), BASELINE, dash="dashed", width=2)]
    table: dict[str, np.ndarray] = {}
    for k, side in enumerate(sides[1:], start=1):
        difference = words.shown(runs_of(side, row.key, seeds), row.unit) - before
        mean = difference.mean(axis=0)
        table[side.name] = mean
        if len(seeds) > 1:
            half = np.array([half_width(float(d.std(ddof=1)), len(seeds)) for d in difference.T])
            series += band(f"difference{k}", mean - half, mean + half, PALETTE[k - 1], 0.16)
            table |= {f"{side.name} 95 % −": mean - half, f"{side.name} 95 % +": mean + half}
        series.append(line(side.name, f"difference{k}", mean, PALETTE[k - 1], width=3))
    chart = _yearly(row, "difference", words("difference_of"), series, table, years, words)
    if len(seeds) > 1:
        explain_shade(chart.option, words("shade_interval"))
    return chart


def _yearly(row: DimensionRow, id: str, title: str, series: list, table: dict, years: list[int], words: Words) -> Chart:
    name = row.zh if words.is_chinese else row.en
    unit = words.result_unit(row.unit)
    option = frame(years, unit, series)
    return yearly_chart(id, f"{title}{name}", unit, option, table, years, words)


# --- who switched -----------------------------------------------------------------------------------------------------


def switched(sides: Sequence[Side], labels: Mapping[str, Any] | None, words: Words) -> list[dict[str, Any]]:
    """Return, for every side but the baseline, the enterprises that end seed 1 with other technologies.

    Parameters
    ----------
    labels : mapping, optional
        Of a world of the place: names of enterprises and technologies; None before there is one.
    """
    if labels is None or not sides or FIRST_SEED not in sides[0].pictures:
        return []
    before = sides[0].pictures[FIRST_SEED].uses
    return [
        _switched_side(side, before, labels, words)
        for side in sides[1:]
        if before is not None and FIRST_SEED in side.pictures and side.pictures[FIRST_SEED].uses is not None
    ]


def _switched_side(side: Side, before: np.ndarray, labels: Mapping[str, Any], words: Words) -> dict[str, Any]:
    uses = side.pictures[FIRST_SEED].uses
    assert uses is not None
    firms = labels["enterprise_attributes"]
    names, sectors = firms[f"name_{words.language}"], sector_names(words)
    technologies = labels["technology_names"][int(words.is_chinese)]
    changed = np.flatnonzero((uses != before).any(axis=1))
    by_size = sorted(changed, key=lambda r: (-float(firms["output_cny"][r]), r))

    def listed(now: np.ndarray, then: np.ndarray) -> str:
        return words("comma").join(technologies[t] for t in np.flatnonzero(now & ~then)) or "–"

    return {
        "name": side.name,
        "title": words("switched_title", name=side.name, n=len(changed), all=len(uses)),
        "more": words("and_more", n=len(changed) - MOST_SWITCHED) if len(changed) > MOST_SWITCHED else "",
        "rows": [
            {
                "row": int(r), "name": names[r], "sector": sectors[firms["sector"][r]],
                "gained": listed(uses[r], before[r]), "lost": listed(before[r], uses[r]),
            }
            for r in by_size[:MOST_SWITCHED]
        ],
        "technologies": [
            {"name": technologies[t], "more": int((uses[:, t] & ~before[:, t]).sum()),
             "less": int((before[:, t] & ~uses[:, t]).sum())}
            for t in np.flatnonzero((uses != before).any(axis=0))
        ],
    }  # fmt: skip
