"""How sure an answer is: fans over the runs, the odds of having peaked, and what uncertain parameters add."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from transition_sim.experiments.designs import unit_points
from transition_sim.experiments.spec import DesignSpec
from transition_sim.measures import MEASURES, Measure
from transition_sim.scenarios import registry
from transition_sim.scenarios.scenario import Scenario
from transition_sim.viz.charts import BASELINE, PALETTE, Chart, band, cut_axis, explain_shade, frame, line, yearly_chart
from transition_sim.viz.comparing import Side, indicator_row, noise, runs_of
from transition_sim.viz.formatting import figure
from transition_sim.viz.picture import Picture
from transition_sim.viz.words import SHARE_OF_RUNS, Words

PERCENTILES = (5.0, 25.0, 50.0, 75.0, 95.0)


def fan_chart(side: Side, baseline: Side | None, key: str, years: list[int], words: Words) -> Chart:
    """Return an indicator as a fan: median, the middle half and 5 to 95 % of the runs; the baseline dashed.

    Parameters
    ----------
    baseline : Side, optional
        Drawn as its median.
    """
    row = indicator_row(key)
    runs = words.shown(runs_of(side, row.key, list(side.pictures)), row.unit)
    low, lower, middle, upper, high = np.percentile(runs, PERCENTILES, axis=0)
    series = band("wide", low, high, PALETTE[0], 0.16) + band("half", lower, upper, PALETTE[0], 0.30)
    series.append(line(words("median_of", name=side.name), "middle", middle, PALETTE[0], width=3))
    table = {words("percentile", p=f"{p:g}"): v for p, v in zip(PERCENTILES, (low, lower, middle, upper, high))}
    if baseline is not None:
        runs = words.shown(runs_of(baseline, row.key, list(baseline.pictures)), row.unit)
        before = np.median(runs, axis=0)
        name = words("median_of", name=baseline.name)
        series.append(line(name, "before", before, BASELINE, dash="dashed", width=1.8))
        table[name] = before
    unit = words.result_unit(row.unit)
    option = frame(years, unit, series)
    cut_axis(option, np.array([low, high, *table.values()]), words)
    explain_shade(option, words("shade_fan"))
    title = row.zh if words.is_chinese else row.en
    return yearly_chart("fan", title, unit, option, table, years, words)


def peaked_by(pictures: Sequence[Picture], years: Sequence[int], sure: bool = True) -> np.ndarray:
    """Return the share of runs, %, that have had their peak by each year.

    Parameters
    ----------
    sure : bool
        Count only peaks that later years of a longer run could not move.
    """
    peaks = [p.peaks["dual_control"] for p in pictures]
    found = np.array([[p.peak_year <= y and not (sure and p.is_censored) for y in years] for p in peaks])
    return 100.0 * found.mean(axis=0)


def peaking_chart(sides: Sequence[Side], years: list[int], words: Words) -> Chart:
    """Return the odds of having peaked by each year; thin lines count peaks that could still move."""
    series: list[dict[str, Any]] = []
    table: dict[str, np.ndarray] = {}
    for k, side in enumerate(sides):
        pictures = list(side.pictures.values())
        colour, dash = (PALETTE[0], "solid") if k == 0 else (BASELINE, "dashed")
        sure, any_ = peaked_by(pictures, years), peaked_by(pictures, years, sure=False)
        series.append(line(side.name, f"sure{k}", sure, colour, dash=dash, width=3 if k == 0 else 2, step="end"))
        table[side.name] = sure
        if not np.array_equal(sure, any_):
            name = words("peak_open_too", name=side.name)
            series.append(line(name, f"any{k}", any_, colour, dash="dotted", width=1.5, step="end"))
            table[name] = any_
    unit = words("percent_of_runs")
    option = frame(years, unit, series)
    option["yAxis"] |= {"min": 0, "max": 100}
    return yearly_chart("peaking", words("chart_peaking"), unit, option, table, years, words)


def measure_table(side: Side, baseline: Side | None, words: Words) -> dict[str, Any]:
    """Return a row a measure: percentiles over the runs, and whether the policy shows against the baseline."""
    pictures = list(side.pictures.values())
    both = [] if baseline is None else [seed for seed in side.pictures if seed in baseline.pictures]
    rows = []
    for m in MEASURES:
        if m.key not in pictures[0].measures:
            continue
        found = np.array([p.measures[m.key] for p in pictures])
        if m.unit == SHARE_OF_RUNS:  # what is true of a run or not has no percentiles
            counted = words("runs_counted", k=int(found.sum()), n=len(found))
            rows.append([words.name(m), "", counted, "", ""])
            continue
        unit, per_unit = words.read_as(m.unit, found)
        values = words.shown(found * per_unit, unit)
        low, middle, high = np.percentile(values, [5.0, 50.0, 95.0])
        kind = ""
        if baseline is not None and both:
            difference = [side.pictures[s].measures[m.key] - baseline.pictures[s].measures[m.key] for s in both]
            kind = noise(np.array(difference))
        rows.append(
            [
                _with_unit(m, unit, words),
                *(figure(float(v), m.unit) for v in (low, middle, high)),
                words(f"effect_{kind}") if kind else "",
            ]
        )
    head = [words("measure"), *(words("percentile", p=p) for p in ("5", "50", "95"))]
    return {"head": [*head, words("effect") if baseline is not None else ""], "rows": rows, "n_text": 1}


def _with_unit(measure: Measure, unit: str, words: Words) -> str:
    """Return the name of a measure with the unit it is read in, in one column: a narrow screen has no room for two."""
    name = measure.zh if words.is_chinese else measure.en
    shown = "" if unit == "year" else words.result_unit(unit)
    return f"{name}{'，' if words.is_chinese else ', '}{shown}" if shown else name


# --- parameters -------------------------------------------------------------------------------------------------------


def parameter_draws(policy: Scenario, baseline: Scenario, n: int) -> list[tuple[Scenario, Scenario]]:
    """Return n pairs of policy and baseline, each pair with its own values of all uncertain parameters.

    A Latin hypercube over the ranges of the table of parameters, uniform and independent; settings of the place stay.
    """
    rows = [row for row in registry.parameters().values() if row.low < row.high]
    shares = unit_points(DesignSpec(kind="lhs", samples=n), len(rows))
    pairs = []
    for share in shares:
        values = {
            row.key: float(row.low + s * (row.high - row.low))
            for row, s in zip(rows, share, strict=True)
            if row.key not in policy.parameters and row.key not in baseline.parameters
        }
        pairs.append((policy.changed(parameters=values), baseline.changed(parameters=values)))
    return pairs
