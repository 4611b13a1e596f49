"""What each part of a policy mix contributes: all mixes of its parts on the same seeds, shared fairly (Shapley)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from transition_sim.experiments.analyses.attribution import attribution_table
from transition_sim.measures import MEASURES, Measure
from transition_sim.scenarios.extensions import known_levers
from transition_sim.scenarios.scenario import Scenario
from transition_sim.scenarios.spec import Schedule
from transition_sim.viz.charts import FONT, PALETTE, Chart
from transition_sim.viz.formatting import signed
from transition_sim.viz.gathering import Gathering
from transition_sim.viz.lever_panel import THEMES, theme_of
from transition_sim.viz.words import Words

MOST_PARTS = 5
SEEDS = 4
DEFAULT = "cumulative_dual_control_mtco2"
WHOLE = "whole"
INK = "#111"
FIGURES = ("contribution", "low", "high", "alone", "last", "overlap")


@dataclass(frozen=True)
class Part:
    """Levers that are switched together, from how the baseline has them to how the policy has them."""

    key: str
    name: str
    levers: tuple[str, ...]


def parts_of(policy: Scenario, baseline: Scenario, words: Words) -> tuple[Part, ...]:
    """Return the parts in which a policy differs: single levers where they are few, else themes, the rest together."""
    rows = known_levers()
    differ = [k for k in rows if _setting(policy, k) != _setting(baseline, k)]
    if len(differ) <= MOST_PARTS:
        return tuple(Part(k, words.of(rows[k]), (k,)) for k in differ)
    themes = {theme: tuple(k for k in differ if theme_of(rows[k]) == theme) for theme in THEMES}
    ranked = sorted((t for t in themes if themes[t]), key=lambda t: -len(themes[t]))
    if len(ranked) <= MOST_PARTS:
        return tuple(Part(t, words(f"theme_{t}"), themes[t]) for t in ranked)
    kept = ranked[: MOST_PARTS - 1]
    rest = tuple(k for t in ranked[MOST_PARTS - 1 :] for k in themes[t])
    return (*(Part(t, words(f"theme_{t}"), themes[t]) for t in kept), Part("rest", words("part_rest"), rest))


def mixes(policy: Scenario, baseline: Scenario, parts: tuple[Part, ...]) -> list[Scenario]:
    """Return all 2**k mixes; bit k - 1 - i of the number of a mix says whether part i is as the policy has it."""
    found = []
    for number in range(2 ** len(parts)):
        on = [part for i, part in enumerate(parts) if number >> (len(parts) - 1 - i) & 1]
        levers = {key: _plain(_setting(policy, key)) for part in on for key in part.levers}
        found.append(baseline.changed(levers=levers) if levers else baseline)
    return found


def measure_of(key: str) -> Measure:
    """Return a measure; cumulative CO2 where there is none of this key."""
    found = {m.key: m for m in MEASURES}
    return found.get(key, found[DEFAULT])


def shares_table(gathering: Gathering, scenarios: list[Scenario], parts: tuple[Part, ...], key: str) -> pd.DataFrame:
    """Return what each part contributes, see ``attribution_table``; seeds that every mix has."""
    runs = [gathering.of(scenario) for scenario in scenarios]
    seeds = sorted(set.intersection(*(set(r) for r in runs)))
    values = np.array([[r[seed].measures[measure_of(key).key] for seed in seeds] for r in runs])
    return attribution_table([part.key for part in parts], values)


def shares_chart(table: pd.DataFrame, parts: tuple[Part, ...], key: str, words: Words) -> Chart:
    """Return the contributions as bars with their intervals, the whole last."""
    measure = measure_of(key)
    table, unit = _shown(table, measure, words)
    names = {part.key: part.name for part in parts} | {WHOLE: words("part_whole")}
    labels = [names[k] for k in table["part"]]
    lines = [
        [{"xAxis": float(low), "yAxis": label}, {"xAxis": float(high), "yAxis": label}]
        for label, low, high in zip(labels, table["low"], table["high"], strict=True)
        if np.isfinite(low) and np.isfinite(high)
    ]
    colours = [PALETTE[7] if k == WHOLE else PALETTE[0] for k in table["part"]]
    bars: dict[str, Any] = {
        "type": "bar", "id": "share", "name": words("part_share"), "barMaxWidth": 26,
        "itemStyle": {"color": PALETTE[0]},
        "data": [
            {"value": float(f"{v:.5g}"), "itemStyle": {"color": c}}
            for v, c in zip(table["contribution"], colours, strict=True)
        ],
        "markLine": {
            "silent": True, "animation": False, "symbol": "none", "label": {"show": False},
            "lineStyle": {"color": INK, "width": 2, "type": "solid"}, "data": lines,
        },
    }  # fmt: skip
    # the ends are points of the chart, so that its axis reaches them: a line that leaves the axis is not drawn at all
    ends = [_dots(id, words("interval"), table[id], INK, "rect") | {"symbolSize": [2.5, 12]} for id in ("low", "high")]
    dots = [
        _dots("alone", words("part_alone"), table["alone"], "#D55E00", "diamond"),
        _dots("last", words("part_last"), table["last"], "#E69F00", "circle"),
    ]
    series = [bars, *ends, *dots]
    named = dict.fromkeys(str(one["name"]) for one in series)
    text = {"color": "#222", "fontSize": 12}
    option = {
        "animation": False, "textStyle": {"fontFamily": FONT}, "aria": {"enabled": False},
        "grid": {"left": 8, "right": 28, "top": 14, "bottom": 40, "low": 34, "containLabel": True},
        "legend": {"data": [{"name": name} for name in named], "bottom": 0, "left": 0, "textStyle": text},
        "tooltip": {"trigger": "axis", "confine": True, "axisPointer": {"type": "shadow"}},
        "xAxis": {"type": "value", "name": unit, "nameLocation": "middle", "nameGap": 26, "axisLabel": text,
                  "splitLine": {"lineStyle": {"color": "#e6e6e6"}}},
        "yAxis": {"type": "category", "data": labels, "inverse": True, "axisLabel": {**text, "width": 190, "overflow":
                  "break"}},
        "series": series,
    }  # fmt: skip
    head = [words("part"), words("part_share"), "95 % −", "95 % +", words("part_alone"), words("part_last")]
    rows = [
        [label, *(float(f"{v:.5g}") if np.isfinite(v) else None for v in numbers)]
        for label, numbers in zip(
            labels, table[["contribution", "low", "high", "alone", "last"]].to_numpy(), strict=True
        )
    ]
    title = words("chart_shares", name=measure.zh if words.is_chinese else measure.en)
    return Chart("shares", title, unit, option, head, rows)


def sentence(table: pd.DataFrame, parts: tuple[Part, ...], key: str, words: Words) -> str:
    """Return what the chart says: the whole with its interval, and how much the parts overlap."""
    measure = measure_of(key)
    table, unit = _shown(table, measure, words)
    whole = table[table["part"] == WHOLE].iloc[0]

    def text(name: str) -> str:
        return signed(whole[name], measure.unit)

    said = words(
        "shares_said", whole=f"{text('contribution')} {unit}".strip(), low=text("low"), high=text("high"),
        alone=f"{text('alone')} {unit}".strip(), overlap=f"{text('overlap')} {unit}".strip(),
        n=int(whole["seeds"]),
    )  # fmt: skip
    names = {part.key: part.name for part in parts} | {WHOLE: words("part_whole")}
    idle = [p.part for p in table.itertuples() if p.contribution == p.low == p.high == 0.0]
    unsure = [p.part for p in table.itertuples() if not (p.low > 0 or p.high < 0) and p.part not in idle]
    for key, found in (("shares_noise", unsure), ("shares_nothing", idle)):
        if found:
            said += " " + words(key, names=words("semicolon").join(names[part] for part in found))
    return said


def parts_text(parts: tuple[Part, ...], words: Words) -> list[dict[str, str]]:
    """Return what each part holds."""
    rows = known_levers()
    return [{"name": p.name, "levers": words("comma").join(words.of(rows[k]) for k in p.levers)} for p in parts]


def _shown(table: pd.DataFrame, measure: Measure, words: Words) -> tuple[pd.DataFrame, str]:
    """Return the table with its figures as they are read in the language, and their unit: a change of the measure."""
    columns = [name for name in FIGURES if name in table]
    found = table[columns].to_numpy(dtype=float)
    unit, per_unit = words.read_as(measure.unit, found[np.isfinite(found)])
    return table.assign(**{k: words.shown(table[k] * per_unit, unit) for k in columns}), words.change_unit(unit)


def _dots(id: str, name: str, values: pd.Series, colour: str, symbol: str) -> dict[str, Any]:
    return {
        "type": "scatter", "id": id, "name": name, "symbol": symbol, "symbolSize": 11, "itemStyle": {"color": colour},
        "data": [float(f"{v:.5g}") if np.isfinite(v) else None for v in values],
    }  # fmt: skip


def _setting(scenario: Scenario, key: str) -> float | Schedule:
    return scenario.levers.get(key, known_levers()[key].neutral)


def _plain(setting: float | Schedule) -> Any:
    return setting.model_dump(mode="json") if isinstance(setting, Schedule) else setting
