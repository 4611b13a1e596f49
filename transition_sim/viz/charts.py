"""Charts as plain ECharts options with the table behind each: policy thick, baseline dashed, range of seeds shaded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from transition_sim.scenarios import registry
from transition_sim.scenarios.scenario import Scenario
from transition_sim.viz.desk import View
from transition_sim.viz.formatting import central, figure
from transition_sim.viz.picture import SIZES, Picture
from transition_sim.viz.words import Words

# Okabe-Ito: told apart by colour-blind readers
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7a6a00", "#555555")
BASELINE = "#555555"
ADOPTION_SHOWN = 6
EDGE_SHARE = 0.2
NOTE_PX = 16
FONT = (
    "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC',"
    " 'Microsoft YaHei', 'WenQuanYi Micro Hei', sans-serif"
)


@dataclass(frozen=True)
class Scene:
    """What all charts of one answer share."""

    view: View
    scenario: Scenario
    baseline_name: str
    words: Words

    @property
    def years(self) -> list[int]:
        return [int(y) for y in self.view.policy[0].years]

    @property
    def is_same(self) -> bool:
        return self.view.policy[0].hash == self.view.baseline[0].hash


@dataclass(frozen=True)
class Chart:
    """A chart and its table.

    Attributes
    ----------
    id, title, unit : str
    option : dict
        ECharts option.
    head, rows : list
        Table behind the chart.
    """

    id: str
    title: str
    unit: str
    option: dict[str, Any]
    head: list[str]
    rows: list[list[Any]]


def mean_of(pictures: Sequence[Picture], of: Callable[[Picture], np.ndarray]) -> np.ndarray:
    """Return the mean over seeds of a yearly series."""
    return np.mean([of(p) for p in pictures], axis=0)


def column(name: str, scale: float = 1.0) -> Callable[[Picture], np.ndarray]:
    """Return the reader of a column of the place table."""
    return lambda picture: scale * picture.annual[name]


def _numbers(series: np.ndarray) -> list[float | None]:
    return [None if not np.isfinite(v) else float(f"{v:.5g}") for v in series]


def line(name: str, id: str, series: np.ndarray, colour: str, **more: Any) -> dict[str, Any]:
    """Return a line series."""
    style = {"width": more.pop("width", 2.5), "type": more.pop("dash", "solid"), "color": colour}
    return {
        "type": "line", "id": id, "name": name, "data": _numbers(series), "lineStyle": style, "symbol": "none",
        "itemStyle": {"color": colour}, "emphasis": {"disabled": True}, **more,
    }  # fmt: skip


def band(id: str, low: np.ndarray, high: np.ndarray, colour: str, opacity: float) -> list[dict[str, Any]]:
    """Return the two stacked areas that draw a range; ids that start with ``_`` stay out of legend and tooltip."""
    shared = {
        "type": "line", "stack": f"_{id}", "stackStrategy": "all", "showSymbol": False, "silent": True,
        "lineStyle": {"opacity": 0}, "emphasis": {"disabled": True}, "itemStyle": {"color": colour},
    }  # fmt: skip
    return [
        {**shared, "id": f"_{id}_low", "name": f"_{id}_low", "data": _numbers(low)},
        {
            **shared, "id": f"_{id}_high", "name": f"_{id}_high", "data": _numbers(high - low),
            "areaStyle": {"color": colour, "opacity": opacity},
        },
    ]  # fmt: skip


def _entry(series: dict[str, Any]) -> dict[str, Any]:
    """Return the legend entry of a series: lines as they are drawn, without a dot."""
    entry: dict[str, Any] = {"name": series["name"]}
    if series["type"] == "line":
        style = series.get("lineStyle", {"type": "solid"})
        entry |= {"itemStyle": {"opacity": 0}, "lineStyle": {"type": style.get("type", "solid"), "width": 2.5}}
    return entry


def frame(years: Sequence[int], unit: str, series: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Return an option around series over the years."""
    shown = [s["name"] for s in series if not s["name"].startswith("_")]
    name_style = {"align": "left", "color": "#333", "lineHeight": NOTE_PX}
    axis = {"type": "value", "name": unit, "nameTextStyle": name_style, "nameGap": 12}
    label = {"color": "#333", "fontSize": 12}
    return {
        "animation": False,
        "textStyle": {"fontFamily": FONT},
        "aria": {"enabled": False},
        "grid": {"left": 8, "right": 18, "top": 34, "bottom": 6 + 21 * -(-len(shown) // 2), "containLabel": True},
        "legend": {
            "data": [_entry(s) for s in series if s["name"] in shown],
            "bottom": 0, "left": 0, "type": "plain", "itemWidth": 22, "itemHeight": 9,
            "textStyle": {"color": "#222", "fontSize": 12},
        },
        "tooltip": {"trigger": "axis", "confine": True},
        "xAxis": {
            "type": "category", "data": [str(y) for y in years], "boundaryGap": more.pop("gap", False),
            "axisLabel": label, "axisTick": {"alignWithLabel": True},
        },
        "yAxis": more.pop("y_axis", {**axis, "axisLabel": label, "splitLine": {"lineStyle": {"color": "#e6e6e6"}}}),
        "series": series,
        **more,
    }  # fmt: skip


def explain_shade(option: dict[str, Any], text: str) -> None:
    """Say on a line below the unit what is shaded: it goes wherever the picture goes."""
    option["yAxis"]["name"] += f"\n{text}"
    option["grid"]["top"] += NOTE_PX


def cut_axis(option: dict[str, Any], values: np.ndarray, words: Words) -> None:
    """Begin the axis above zero where the lowest value is more than half the highest, and say so beside the unit."""
    low, high = float(np.nanmin(values, initial=np.inf)), float(np.nanmax(values, initial=-np.inf))
    if 0 < high < 2 * low:
        option["yAxis"]["scale"] = True
        option["yAxis"]["name"] += words("axis_cut")


def _with_baseline(
    scene: Scene, reader: Callable[[Picture], np.ndarray], name: str, id: str, colour: str, opacity: float = 0.18
):
    """Return band, policy and baseline of one series, and its columns of the table."""
    words, view = scene.words, scene.view
    runs = np.array([reader(p) for p in view.policy])
    mean = runs.mean(axis=0)
    series = []
    table = {words("of_baseline", name=words("my_policy"), series=name): mean}
    if len(runs) > 1:
        low, high = runs.min(axis=0), runs.max(axis=0)
        series += band(id, low, high, colour, opacity)
        spread = f"{name}{words('comma')}{words('band', n=len(runs))}"
        table |= {words("lowest", name=spread): low, words("highest", name=spread): high}
    series.append(line(name, id, mean, colour, width=3))
    if not scene.is_same:
        before = mean_of(view.baseline, reader)
        label = words("of_baseline", name=scene.baseline_name, series=name)
        series.append(line(label, f"{id}_base", before, colour, width=1.6, dash="dashed"))
        table[label] = before
    return series, table


def yearly_chart(
    id: str, title: str, unit: str, option: dict[str, Any], table: dict[str, np.ndarray], years: Sequence[int],
    words: Words,
) -> Chart:  # fmt: skip
    """Return a chart over the years with its table, a column a series."""
    columns = [_numbers(series) for series in table.values()]
    rows = [[year, *(c[k] for c in columns)] for k, year in enumerate(years)]
    return Chart(id, title, unit, option, [words("year"), *table], rows)


def _chart(scene: Scene, id: str, unit: str, option: dict[str, Any], table: dict[str, np.ndarray]) -> Chart:
    if any(str(series.get("id", "")).startswith("_") for series in option["series"]):
        explain_shade(option, scene.words("shade_runs"))
    return yearly_chart(id, scene.words(f"chart_{id}"), unit, option, table, scene.years, scene.words)


def emissions(scene: Scene) -> Chart:
    """Emissions on both bases, with the peak year and the range that the sources leave for the base year."""
    words = scene.words
    scale = 1e-6 * words.axis_scale("mt_co2")
    series: list[dict[str, Any]] = []
    table: dict[str, np.ndarray] = {}
    for k, basis in enumerate(("dual_control", "territorial")):
        drawn, columns = _with_baseline(scene, column(f"{basis}_tco2", scale), words(basis), basis, PALETTE[k])
        series += drawn
        table |= columns
    main = next(s for s in series if s["id"] == "dual_control")
    found = [p.peaks["dual_control"].peak_year for p in scene.view.policy]
    year = int(figure(central(np.array(found), "year"), "year"))
    at = scene.years.index(year)
    other = next(s for s in series if s["id"] == "territorial")
    is_above = other["data"][at] < main["data"][at]  # on this side the label covers no other line
    place = at / max(1, len(scene.years) - 1)
    main["markPoint"] = {
        "symbol": "circle", "symbolSize": 11, "animation": False,
        "itemStyle": {"color": "#fff", "borderColor": PALETTE[0], "borderWidth": 3},
        "label": {
            "position": "top" if is_above else "bottom", "distance": 10 if is_above else 24,
            "color": "#111", "fontWeight": "bold", "lineHeight": 17,
            # a label at the edge of the picture would be cut off
            "align": "left" if place < EDGE_SHARE else "right" if place > 1 - EDGE_SHARE else "center",
            "backgroundColor": "rgba(255,255,255,0.85)", "padding": [2, 5], "borderRadius": 3,
            "formatter": _peak_label(scene, year),
        },
        "data": [{"coord": [str(year), main["data"][at]]}],
    }  # fmt: skip
    gate, base_year = scene.scenario.place.gate.co2, scene.scenario.place.base_year
    if gate.low is not None and gate.high is not None and base_year in scene.years:
        series.append(_published(scene, base_year, gate.low * scale, gate.high * scale))
    option = frame(scene.years, words("mt_co2"), series, gap=True)
    if is_above:
        option["grid"]["top"] += 2 * NOTE_PX  # on a narrow screen it would run into the unit
    return _chart(scene, "emissions", words("mt_co2"), option, table)


def _peak_label(scene: Scene, year: int) -> str:
    """Return the median peak year of the runs, as key numbers and targets have it, and its range."""
    words, peaks = scene.words, [p.peaks["dual_control"] for p in scene.view.policy]
    found = [peak.peak_year for peak in peaks]
    if min(found) < max(found):
        return f"{words('peak_median', year=year)}\n{words('peak_runs', first=min(found), last=max(found))}"
    is_firm = all(peak.is_confirmed and not peak.is_censored for peak in peaks)
    if is_firm and peaks[0].is_at_start:
        return words("peak_at_start", year=year)
    return words("peak" if is_firm else "peak_open", year=year)


def _published(scene: Scene, year: int, low: float, high: float) -> dict[str, Any]:
    """Return the range that the sources leave for a year as a bar from low to high at that year."""
    name = f"{scene.words('published', year=year)}{scene.words('colon')}{figure(low)}–{figure(high)}"
    ends = [{"coord": [str(year), value], "symbol": "rect"} for value in (low, high)]
    return {
        "type": "line", "id": "published", "name": name, "data": [], "itemStyle": {"color": "#111"},
        "markLine": {
            "silent": True, "animation": False, "symbolSize": [12, 2.5], "label": {"show": False},
            "lineStyle": {"color": "#111", "width": 4, "type": "solid"}, "data": [ends],
        },
    }  # fmt: skip


def technology_names(words: Words) -> dict[str, str]:
    """Return the names of technologies."""
    return {row.id: words.of(row) for row in registry.technologies()}


def share_of(technology: str, scale: float = 1.0) -> Callable[[Picture], np.ndarray]:
    """Return the reader of the adoption of a technology."""
    return lambda picture: scale * picture.adoption_share[technology]


def adoption(scene: Scene) -> Chart:
    """The technologies that rise most under the policy, with the baseline."""
    words, view = scene.words, scene.view
    names = technology_names(words)
    means = {t: 100 * mean_of(view.policy, share_of(t)) for t in view.policy[0].adoption_share}
    ranked = sorted(means, key=lambda t: (means[t][0] - means[t][-1], t))[:ADOPTION_SHOWN]
    series: list[dict[str, Any]] = []
    table: dict[str, np.ndarray] = {}
    for k, t in enumerate(ranked):
        drawn, columns = _with_baseline(scene, share_of(t, 100.0), names[t], t, PALETTE[k], 0.06)
        series += drawn
        table |= columns
    unit = words("percent_adopters")
    lines = [names[t] for t in ranked]  # a dashed line has the colour of its technology: one entry for all of them
    if not scene.is_same:
        lines.append(words("dashed_is", name=scene.baseline_name))
        series.append(line(lines[-1], "dashes", np.full(len(scene.years), np.nan), BASELINE, dash="dashed"))
    option = frame(scene.years, unit, series)
    option["legend"]["data"] = [entry for entry in option["legend"]["data"] if entry["name"] in lines]
    option["grid"]["bottom"] = 6 + 21 * -(-len(lines) // 2)
    option["yAxis"]["max"] = 100
    return _chart(scene, "adoption", unit, option, table)


PAYERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("payer_enterprises", ("capex_cny", "-subsidy_cny", "-tax_credit_cny")),
    ("payer_subsidies", ("subsidy_cny",)),
    ("payer_tax_credits", ("tax_credit_cny",)),
    ("payer_other", ("interest_subsidy_cny", "support_cny")),
    ("payer_services", ("contract_capex_cny",)),
    ("payer_surcharges", ("surcharge_cny",)),
    ("payer_carbon", ("carbon_revenue_cny",)),
)


def sum_of(columns: tuple[str, ...]) -> Callable[[Picture], np.ndarray]:
    """Return the reader of a sum of columns in million CNY; a column after ``-`` counts against."""

    def read(picture: Picture) -> np.ndarray:
        parts = [(-1.0 if c.startswith("-") else 1.0, c.removeprefix("-")) for c in columns]
        return 1e-6 * np.sum([sign * picture.annual[name] for sign, name in parts], axis=0)

    return read


def payers(scene: Scene) -> Chart:
    """Who pays: investment by payer stacked, what enterprises pay to the budget beside it, and the baseline."""
    words, view = scene.words, scene.view
    scale = words.axis_scale("m_cny_year")
    series, table = [], {}
    for k, (key, columns) in enumerate(PAYERS):
        mean = scale * mean_of(view.policy, sum_of(columns))
        if not np.any(mean) and k > 0:
            continue
        is_charge = key in ("payer_surcharges", "payer_carbon")
        series.append(
            {
                "type": "bar", "id": key, "name": words(key), "data": _numbers(mean), "barCategoryGap": "30%",
                "stack": "charges" if is_charge else "investment", "itemStyle": {"color": PALETTE[k]},
            }
        )  # fmt: skip
        table[words(key)] = mean
    if not scene.is_same:
        label = words("payer_baseline", name=scene.baseline_name)
        invested = sum_of(("capex_cny", "interest_subsidy_cny", "support_cny", "contract_capex_cny"))
        before = scale * mean_of(view.baseline, invested)
        series.append(line(label, "base", before, "#111111", width=1.8, dash="dashed"))
        table[label] = before
    unit = words("m_cny_year")
    return _chart(scene, "payers", unit, frame(scene.years, unit, series, gap=True), table)


def sizes(scene: Scene) -> Chart:
    """Who carries the investment by size of enterprise, over the run."""
    words, view = scene.words, scene.view
    sides = [(words("my_policy"), view.policy)]
    if not scene.is_same:
        sides.append((scene.baseline_name, view.baseline))
    labels = [f"{name}\n{words(f'size_{size}')}" for size in SIZES for name, _ in sides]
    parts = (("own_money", "{}_enterprises", PALETTE[0]), ("subsidies", "subsidies_to_{}", PALETTE[4]))
    series, columns, scale = [], [], words.axis_scale("m_cny")
    for key, stem, colour in parts:
        values = [scale * float(np.mean([p.paid_m_cny[stem.format(s)] for p in ps])) for s in SIZES for _, ps in sides]
        series.append(
            {"type": "bar", "id": key, "name": words(key), "stack": "all", "data": _numbers(np.array(values)),
             "itemStyle": {"color": colour}}
        )  # fmt: skip
        columns.append(_numbers(np.array(values)))
    unit = words("m_cny")
    option = frame(scene.years, unit, series, gap=True)
    option["xAxis"]["data"] = labels
    option["xAxis"]["axisLabel"] = {"interval": 0, "color": "#333", "fontSize": 11}
    head = [words("size"), words("own_money"), words("subsidies")]
    rows = [[label.replace("\n", " · "), *(c[k] for c in columns)] for k, label in enumerate(labels)]
    return Chart("sizes", words("chart_sizes"), unit, option, head, rows)


def single(id: str, unit_key: str, *lines: tuple[str, str, float]) -> Callable[[Scene], Chart]:
    """Return the maker of a chart of a few columns: (word of the line, column, scale)."""

    def make(scene: Scene) -> Chart:
        series: list[dict[str, Any]] = []
        table: dict[str, np.ndarray] = {}
        unit, shown = scene.words(unit_key), scene.words.axis_scale(unit_key)
        runs = (*scene.view.policy, *scene.view.baseline)
        # a place without rivers or coal stations shows no lines along zero, unless all are
        there = [k for k, row in enumerate(lines) if any(np.any(p.annual[row[1]]) for p in runs)] or range(len(lines))
        for k in there:
            word, name, scale = lines[k]
            drawn, columns = _with_baseline(scene, column(name, shown * scale), scene.words(word), name, PALETTE[k])
            series += drawn
            table |= columns
        return _chart(scene, id, unit, frame(scene.years, unit, series), table)

    return make
