"""Uncertainty and attribution as plain data: odds of peaking, draws of parameters, mixes and their shares."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pictures import YEARS, picture

from transition_sim import build
from transition_sim.scenarios import registry
from transition_sim.viz.chart_list import make_chart
from transition_sim.viz.charts import Scene
from transition_sim.viz.comparing import Side, difference_chart, level_chart
from transition_sim.viz.desk import View
from transition_sim.viz.draft import Draft, Move, preset_scenario
from transition_sim.viz.picture import _past, picture_of, run_seed
from transition_sim.viz.shares import MOST_PARTS, mixes, parts_of, sentence, shares_chart
from transition_sim.viz.spread import fan_chart, measure_table, parameter_draws, peaked_by, peaking_chart
from transition_sim.viz.words import Words
from transition_sim.world.peak import peak_metrics

PLACE = "guangan_city"
EN, ZH = Words("en"), Words("zh")
NONE, CURRENT = preset_scenario(PLACE, "none"), preset_scenario(PLACE, "current")
YEAR_LIST = [int(y) for y in YEARS]


def peaking_in(year: int, seed: int):
    series = 1e7 * (1 - 0.02 * np.abs(YEARS - float(year)))
    return replace(picture(CURRENT, seed), peaks={"dual_control": peak_metrics(YEARS, series)})


def test_odds_of_having_peaked():
    """Peaks in 2025, 2028 and 2035; the last could still move, so that it counts only where that is allowed."""
    runs = [peaking_in(2025, 1), peaking_in(2028, 2), peaking_in(2035, 3)]
    odds = dict(zip(YEAR_LIST, peaked_by(runs, YEAR_LIST), strict=True))
    assert odds[2024] == 0.0
    assert odds[2025] == pytest.approx(100 / 3)
    assert odds[2028] == odds[2035] == pytest.approx(200 / 3)
    assert peaked_by(runs, YEAR_LIST, sure=False)[-1] == pytest.approx(100.0)
    chart = peaking_chart([Side("mine", {p.seed: p for p in runs})], YEAR_LIST, EN)
    assert len(chart.option["series"]) == 2  # with the peaks that could still move


def test_a_fan_holds_the_percentiles():
    """CO2 of five runs at 1, 2, 3, 4, 5 Mt: 5 % 1.2, 25 % 2, median 3, 75 % 4, 95 % 4.8 (linear between runs)."""
    runs = {k: picture(CURRENT, k, np.full(YEARS.size, 1e6 * k)) for k in range(1, 6)}
    chart = fan_chart(Side("mine", runs), None, "dual_control_mtco2", YEAR_LIST, EN)
    assert chart.rows[0] == [2020, 1.2, 2.0, 3.0, 4.0, 4.8]


def test_what_holds_in_a_run_or_not_is_counted_and_has_no_percentiles():
    """Confirmed in three of four runs: 5, 50 and 95 % would read 0, 100 and 100."""
    flags = {1: 1.0, 2: 1.0, 3: 0.0, 4: 1.0}
    side = Side("mine", {k: picture(CURRENT, k, peak_confirmed_share=v) for k, v in flags.items()})
    for words, name, counted in (
        (EN, "Peak confirmed, dual control", "3 of 4 runs"), (ZH, "峰值已确认（双控）", "4 次中 3 次"),
    ):  # fmt: skip
        assert [name, "", counted, "", ""] in measure_table(side, None, words)["rows"]


@pytest.mark.parametrize(("low", "is_cut"), [(2.0, False), (2.6, True)])
def test_an_axis_that_begins_above_zero_says_so(low, is_cut):
    """Two runs, at 2 or 2.6 and at 5 Mt: the lowest is below, or above, half the highest, as are their 5 and 95 %."""
    runs = {k: picture(CURRENT, k, np.full(YEARS.size, 1e6 * v)) for k, v in ((1, low), (2, 5.0))}
    for chart in (
        fan_chart(Side("mine", runs), None, "dual_control_mtco2", YEAR_LIST, EN),
        level_chart([Side("base", runs), Side("mine", runs)], "dual_control_mtco2", YEAR_LIST, EN),
    ):
        axis = chart.option["yAxis"]
        assert ("(axis begins above zero)" in axis["name"]) == is_cut == axis.get("scale", False)


def test_a_chart_says_what_its_shade_is():
    side = Side("mine", {k: picture(CURRENT, k) for k in (1, 2)})
    given = ([side, side], "dual_control_mtco2", YEAR_LIST, ZH)
    fan = fan_chart(side, None, *given[1:])
    assert fan.option["yAxis"]["name"].endswith("深色：中间一半模拟；浅色：5%至95%")
    assert level_chart(*given).option["yAxis"]["name"].endswith("阴影：各次模拟的范围")
    assert difference_chart(*given).option["yAxis"]["name"].endswith("阴影：95%区间")
    view = View("done", *2 * [tuple(side.pictures.values())], wanted=2)
    scene = Scene(view, CURRENT, "现行方案", ZH)
    assert make_chart("emissions", scene).option["yAxis"]["name"] == "万吨二氧化碳/年\n阴影：各次模拟的范围"
    assert "\n" not in make_chart("payers", scene).option["yAxis"]["name"]  # bars have no shade


def test_the_table_of_measures_says_what_could_be_noise():
    key = "cumulative_dual_control_mtco2"
    base = Side("base", {k: picture(NONE, k, **{key: 100.0}) for k in (1, 2, 3)})
    mine = Side("mine", {k: picture(CURRENT, k, **{key: v}) for k, v in ((1, 98.0), (2, 96.0), (3, 94.0))})
    table = measure_table(mine, base, EN)
    row = next(r for r in table["rows"] if r[0].startswith("Cumulative CO₂, dual"))
    assert row[0] == "Cumulative CO₂, dual control, MtCO₂"
    assert row[2] == "96.0"
    assert row[-1] == "could be noise"  # see test_board: -8.97 to 0.968
    chinese = measure_table(mine, base, ZH)
    assert [len(row) for row in chinese["rows"]] == [len(chinese["head"])] * len(chinese["rows"])
    shown = next(row for row in chinese["rows"] if row[0] == "累计排放（双控），万吨二氧化碳")
    assert shown[2] == "9,600"  # 96 Mt are 9,600 x 10^4 t
    assert "达峰年份（双控）" in [row[0] for row in chinese["rows"]]  # a year has no unit


def test_draws_stay_in_the_ranges_and_pair_policy_with_baseline():
    pairs = parameter_draws(CURRENT, NONE, 3)
    rows = registry.parameters()
    assert len(pairs) == 3
    for policy, baseline in pairs:
        assert policy.parameters == baseline.parameters
        assert all(rows[k].low <= v <= rows[k].high for k, v in policy.parameters.items())
    values = [p.parameters["demand_noise_ar_share"] for p, _ in pairs]
    third = (rows["demand_noise_ar_share"].high - rows["demand_noise_ar_share"].low) / 3
    cells = sorted(int((v - rows["demand_noise_ar_share"].low) / third) for v in values)
    assert cells == [0, 1, 2]  # a Latin hypercube: one draw in each third


# --- attribution ------------------------------------------------------------------------------------------------------


def test_few_levers_are_parts_of_their_own_and_many_are_grouped():
    draft = Draft(PLACE, "current").moved("capex_subsidy_share", Move(0.4, 2026, 2026))
    (part,) = parts_of(draft.scenario(), CURRENT, EN)
    assert part.levers == ("capex_subsidy_share",)
    grouped = parts_of(preset_scenario(PLACE, "ambitious"), NONE, EN)
    assert len(grouped) <= MOST_PARTS
    levers = [k for p in grouped for k in p.levers]
    assert len(levers) == len(set(levers)) > MOST_PARTS
    assert parts_of(CURRENT, CURRENT, EN) == ()


def test_mixes_go_from_the_baseline_to_the_policy():
    """Bit k - 1 - i says whether part i is on: 00, 01, 10, 11."""
    draft = Draft(PLACE, "current").moved("capex_subsidy_share", Move(0.4, 2026, 2026))
    draft = draft.moved("offpeak_days", Move(100, 2026, 2026))
    policy = draft.scenario()
    parts = parts_of(policy, CURRENT, EN)
    found = mixes(policy, CURRENT, parts)
    assert found[0].levers == CURRENT.levers
    assert found[3].levers == policy.levers
    second = parts[1].levers[0]
    assert found[1].levers[second] == policy.levers[second]
    assert found[1].levers.get(parts[0].levers[0]) == CURRENT.levers.get(parts[0].levers[0])


@pytest.mark.parametrize("words", [EN, ZH], ids=["en", "zh"])
def test_the_sentence_names_whole_overlap_and_noise(words):
    parts = parts_of(preset_scenario(PLACE, "ambitious"), NONE, words)[:2]
    rows = [
        [parts[0].key, -3.0, -4.0, -2.0, -3.5, -2.5, 0.5, 4],
        [parts[1].key, -0.5, -1.0, 0.5, -1.0, 0.0, 0.5, 4],
        ["whole", -3.5, -4.5, -2.5, -4.5, np.nan, 1.0, 4],
    ]
    table = pd.DataFrame(rows, columns=["part", "contribution", "low", "high", "alone", "last", "overlap", "seeds"])
    said = sentence(table, parts, "cumulative_dual_control_mtco2", words)
    assert ("−350 万吨二氧化碳" if words.is_chinese else "−3.50 MtCO₂") in said
    assert said.endswith(words("shares_noise", names=parts[1].name))
    assert parts[0].name not in said
    table.loc[1, ["contribution", "low", "high"]] = 0.0  # as levers of a city in a park
    table.loc[2, "high"] = 0.5
    both = words("shares_noise", names=words("part_whole")) + " " + words("shares_nothing", names=parts[1].name)
    assert sentence(table, parts, "cumulative_dual_control_mtco2", words).endswith(both)
    table.loc[1:, ["contribution", "low", "high"]] = [row[1:4] for row in rows[1:]]
    chart = shares_chart(table, parts, "cumulative_dual_control_mtco2", words)
    assert chart.rows[-1][0] == words("part_whole")
    assert len(chart.option["series"][0]["markLine"]["data"]) == 3
    # -3.5 Mt with -4.5 to -2.5, alone -4.5: 万吨 are 100 to the Mt, in bars, ends, dots and table alike
    scale, bars = 100.0 if words.is_chinese else 1.0, chart.option["series"][0]
    assert chart.rows[-1][1:] == [-3.5 * scale, -4.5 * scale, -2.5 * scale, -4.5 * scale, None]
    assert [bar["value"] for bar in bars["data"]] == [-3.0 * scale, -0.5 * scale, -3.5 * scale]
    assert [end["xAxis"] for end in bars["markLine"]["data"][2]] == [-4.5 * scale, -2.5 * scale]
    series = {one["id"]: one for one in chart.option["series"]}
    assert series["alone"]["data"] == [-3.5 * scale, -1.0 * scale, -4.5 * scale]
    # the second part, which could be noise, ends at +0.5: a point of the chart, so that the axis goes that far
    assert series["low"]["data"] == [-4.0 * scale, -1.0 * scale, -4.5 * scale]
    assert series["high"]["data"] == [-2.0 * scale, 0.5 * scale, -2.5 * scale]
    assert [entry["name"] for entry in chart.option["legend"]["data"]].count(words("interval")) == 1


def test_a_seed_of_the_band_goes_on_from_the_years_that_it_shares(monkeypatch):
    """With a lever moved in 2026 a seed goes on from its baseline, and gives what a run alone gives."""
    base = preset_scenario("minimal", "none")
    moved = base.changed(levers={"offpeak_days": {"path": [[2020, 0], [2026, 120]], "interp": "step"}})
    alone = picture_of(build.run(moved, seed=5), None)
    started: list[int] = []
    real = build.build_model
    monkeypatch.setattr(build, "build_model", lambda *a: started.append(a[1]) or real(*a))
    _past.cache_clear()
    before, after = run_seed(base, 5), run_seed(moved, 5)
    assert started == [5]
    assert after.annual.keys() == alone.annual.keys()
    assert all(np.array_equal(after.annual[k], alone.annual[k], equal_nan=True) for k in alone.annual)
    assert after.measures == pytest.approx(alone.measures, rel=0, nan_ok=True)
    assert not np.array_equal(before.annual["gdp_cny"], after.annual["gdp_cny"])
