"""The scoreboard and the comparison as plain data, from pictures made by hand."""

from dataclasses import replace

import numpy as np
import pytest
from pictures import YEARS, picture

from transition_sim.scoreboard import Sample
from transition_sim.viz.board import board_data, board_of
from transition_sim.viz.comparing import Side, difference_chart, level_chart, measure_rows, switched
from transition_sim.viz.draft import preset_scenario
from transition_sim.viz.words import Words

PLACE = "guangan_city"
EN, ZH = Words("en"), Words("zh")
CURRENT, NONE = preset_scenario(PLACE, "current"), preset_scenario(PLACE, "none")


def with_target(one, target: str, value: float):
    values = {**one.sample.values, target: np.full(YEARS.size, value)}
    return replace(one, sample=Sample(values, one.sample.is_open, one.sample.series))


def row_of(data: dict, target: str) -> dict:
    return next(r for g in data["groups"] for r in g["rows"] if r["id"] == target)


def test_a_target_with_status_value_year_and_probability():
    """T140, non-fossil share of at least 35 % in 2025: 40, 36 and 30 % in three runs, so two of three reach it."""
    runs = [with_target(picture(CURRENT, k + 1), "T140", v) for k, v in enumerate((40.0, 36.0, 30.0))]
    row = row_of(board_data(board_of(CURRENT, runs), None, EN), "T140")
    assert (row["plan"], row["year"], row["value"], row["probability"]) == ("≥ 35 %", 2025, "36.0", "67")
    assert (row["level"], row["status"], row["before"]) == ("met", "met", "")
    # from 30 to 40: the target lies half way, and the runs at 1, 0.6 and 0
    assert row["dots"]["runs"] == [1.0, 0.6, 0.0]
    assert row["dots"]["target"] == 0.5


def test_the_baseline_stands_beside_it():
    policy = [with_target(picture(CURRENT, 1), "T140", 40.0)]
    before = [with_target(picture(NONE, 1), "T140", 20.0)]
    row = row_of(board_data(board_of(CURRENT, policy), board_of(NONE, before), ZH), "T140")
    assert row["status"] == "达到"
    assert (row["before"], row["before_mark"]) == ("未达到", "✗")


def test_chinese_figures_stand_in_the_units_of_plans():
    """T213, 100 bn CNY of output: 1,000 亿元; 29.6 bn are 296. T147, stations: a count has no decimals."""
    runs = [with_target(picture(CURRENT, 1), "T213", 29.6)]
    row = row_of(board_data(board_of(CURRENT, runs), None, ZH), "T213")
    assert (row["plan"], row["value"], row["range"]) == ("≥ 1,000 亿元", "296", "")
    row = row_of(board_data(board_of(CURRENT, runs), None, EN), "T213")
    assert (row["plan"], row["value"]) == ("≥ 100 bn CNY", "29.6")
    runs = [with_target(picture(CURRENT, 1), "T147", 5.0)]
    assert row_of(board_data(board_of(CURRENT, runs), None, EN), "T147")["value"] == "5"


def test_a_target_without_a_figure_shows_the_unit_of_what_is_compared():
    """T154 wants coal use to fall: a change of 1.4 % a year."""
    runs = [with_target(picture(CURRENT, 1), "T154", 1.4)]
    assert row_of(board_data(board_of(CURRENT, runs), None, ZH), "T154")["value"] == "1.40 %/年"


def test_every_target_of_the_table_is_shown_once_with_a_value_or_a_reason():
    board = board_of(CURRENT, [picture(CURRENT, 1)])
    data = board_data(board, None, EN)
    shown = [r["id"] for g in data["groups"] for r in g["rows"]] + [r["id"] for r in data["others"]]
    assert sorted(shown) == sorted(a.target.id for a in board.assessments)
    assert all(r["reason"] for r in data["others"])
    assert sum(c["n"] for c in data["counts"]) == len(shown)


def test_runs_without_their_tables_or_of_another_policy_are_left_out():
    known = picture(CURRENT, 1)
    assert board_of(CURRENT, [replace(known, sample=None)]) is None
    assert board_of(CURRENT, [known, picture(NONE, 2)]).seeds == (1,)


# --- comparison -------------------------------------------------------------------------------------------------------


def sides(*policy: float, base: float = 100.0) -> list[Side]:
    """Return a baseline and a scenario with the cumulative CO2 of each seed."""
    key = "cumulative_dual_control_mtco2"
    a = {k + 1: picture(NONE, k + 1, **{key: base}) for k in range(len(policy))}
    b = {k + 1: picture(CURRENT, k + 1, **{key: v}) for k, v in enumerate(policy)}
    return [Side("base", a), Side("mine", b)]


def cell(found: list[Side]) -> dict:
    return next(r for r in measure_rows(found, EN) if r["name"].startswith("Cumulative CO₂, dual"))["cells"][0]


def test_differences_are_paired_and_noise_is_said():
    """Differences -2, -4, -6: mean -4, sd 2, t(0.975, 2) = 4.303; 4.303 * 2 / sqrt(3) = 4.968: -8.97 to 0.968."""
    found = cell(sides(98, 96, 94))
    assert (found["value"], found["difference"], found["interval"]) == ("96.0", "−4.00", "[−8.97, +0.968]")
    assert found["says"] == "could be noise"
    assert cell(sides(96, 95.9, 96.1))["kind"] == "clear"
    assert cell(sides(100, 100))["says"] == "no difference"
    assert cell(sides(98))["says"] == "interval to follow"


def test_only_seeds_that_all_sides_have_are_compared():
    base, mine = sides(90, 80)
    more = Side("mine", {**mine.pictures, 3: picture(CURRENT, 3, cumulative_dual_control_mtco2=0.0)})
    assert cell([base, more])["value"] == "85.0"


def test_the_baseline_is_dashed_and_the_difference_of_like_runs_is_nothing():
    found = sides(100, 100)
    level = level_chart(found, "dual_control_mtco2", list(YEARS), EN)
    first = next(s for s in level.option["series"] if s["name"] == "base")
    assert first["lineStyle"]["type"] == "dashed"
    change = difference_chart(found, "dual_control_mtco2", list(YEARS), EN)
    assert change.title == "Difference to the baseline: CO₂, dual control"
    mine = next(s for s in change.option["series"] if s["name"] == "mine")
    assert mine["data"] == [0.0] * YEARS.size


def test_an_indicator_that_is_no_row_is_co2():
    assert level_chart(sides(1), "no such row", list(YEARS), EN).title == "CO₂, dual control"


@pytest.mark.parametrize(("words", "gained"), [(EN, "Heat pump"), (ZH, "热泵")], ids=["en", "zh"])
def test_who_switched(words, gained):
    """Of three enterprises the second takes up the heat pump and gives up the boiler; it is the only one named."""
    base, mine = sides(100)
    before = np.array([[1, 0], [1, 0], [0, 1]], dtype=bool)
    after = np.array([[1, 0], [0, 1], [0, 1]], dtype=bool)
    base = Side("base", {1: replace(base.pictures[1], uses=before)})
    mine = Side("mine", {1: replace(mine.pictures[1], uses=after)})
    firms = {
        "name_en": ["a", "b", "c"], "name_zh": ["甲", "乙", "丙"], "sector": ["CEM", "CEM", "CEM"],
        "output_cny": [3.0, 2.0, 1.0],
    }  # fmt: skip
    labels = {
        "enterprise_attributes": firms,
        "technology_names": [["Boiler", "Heat pump"], ["锅炉", "热泵"]],
    }
    (found,) = switched([base, mine], labels, words)
    assert [(r["row"], r["gained"]) for r in found["rows"]] == [(1, gained)]
    assert [(t["more"], t["less"]) for t in found["technologies"]] == [(0, 1), (1, 0)]
    assert switched([base, mine], None, words) == []
