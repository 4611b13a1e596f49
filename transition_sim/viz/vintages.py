"""The chart of lock-in: what kilns, furnaces and boilers burn, by when they came into service."""

from itertools import cycle, pairwise
from typing import Any

import numpy as np

from transition_sim.viz.charts import PALETTE, Chart, Scene, frame, line, mean_of, yearly_chart
from transition_sim.viz.picture import Picture

PLAN_YEARS = 5
PJ_PER_GJ = 1e-6
OLD, OTHER = "#555555", "#009E73"
SINCE = (PALETTE[1], PALETTE[4], PALETTE[3], PALETTE[6], PALETTE[5])
TOTAL_GJ, FOSSIL_GJ = 0, 1


def plan_periods(years: list[int]) -> list[tuple[int, int]]:
    """Return (first, last) years of the five-year plans that the years lie in, the first one with the year before it.

    2020 to 2035 are 2020-2025, 2026-2030 and 2031-2035: plans end in years that 5 divides, and the base year is no
    plan of its own.
    """
    ends = [year for year in years[1:] if year % PLAN_YEARS == 0]
    if not ends or ends[-1] != years[-1]:
        ends.append(years[-1])
    return [(before + 1, end) for before, end in pairwise([years[0] - 1, *ends])]


def vintages(scene: Scene) -> Chart:
    """Return fossil fuel by the plan in which equipment came into service, other heat on top, and the baseline."""
    words, years, view = scene.words, scene.years, scene.view
    scale = PJ_PER_GJ * words.axis_scale("pj")
    heat = scale * mean_of(view.policy, lambda picture: picture.vintage_gj)
    fossil = heat[..., FOSSIL_GJ]
    layers = [(words("vintage_old", year=years[0]), fossil[:, 0], OLD)]
    for (first, last), colour in zip(plan_periods(years), cycle(SINCE), strict=False):
        new = fossil[:, 1 + first - years[0] : 2 + last - years[0]].sum(axis=1)
        layers.append((words("vintage_since", first=first, last=last), new, colour))
    layers.append((words("vintage_other"), (heat[..., TOTAL_GJ] - fossil).sum(axis=1), OTHER))
    series: list[dict[str, Any]] = [
        line(
            name, f"vintage_{k}", layer, colour, width=1, stack="heat", areaStyle={"color": colour, "opacity": 0.75}
        )
        for k, (name, layer, colour) in enumerate(layers)
    ]  # fmt: skip
    table = {name: layer for name, layer, _ in layers}
    if not scene.is_same:
        label = words("of_baseline", name=scene.baseline_name, series=words("vintage_fossil"))
        before = scale * mean_of(view.baseline, _fossil_gj)
        series.append(line(label, "base", before, "#111111", width=1.8, dash="dashed"))
        table[label] = before
    option = frame(years, words("pj"), series)
    return yearly_chart("vintages", words("chart_vintages"), words("pj"), option, table, years, words)


def _fossil_gj(picture: Picture) -> np.ndarray:
    return picture.vintage_gj[..., FOSSIL_GJ].sum(axis=1)
