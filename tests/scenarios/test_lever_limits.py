"""A lever that is set beyond the value at which its effect ends is told of, and the runs are the same there."""

import pytest

import transition_sim as ts
from transition_sim.cli.words import Words as Said
from transition_sim.cli.words import group_warnings
from transition_sim.scenarios.lever_limits import beyond, lever_limits
from transition_sim.scenarios.registry import levers, parameters
from transition_sim.scenarios.scenario import load_scenario
from transition_sim.viz.draft import Draft, Move
from transition_sim.viz.lever_panel import panel_values
from transition_sim.viz.words import Words

SUBSIDY = "capex_subsidy_share"


def told(scenario):
    return [line for line in scenario.warnings if "no further effect" in line]


@pytest.mark.parametrize(("lever", "parameter"), lever_limits().items())
def test_the_limit_lies_within_the_reach_of_the_lever(lever, parameter):
    row = parameters()[parameter]
    assert levers()[lever].low < row.low <= row.value <= levers()[lever].high


def test_a_setting_at_its_limit_is_no_news_and_one_beyond_is():
    """The cap of a project's subsidy is 30 % of its cost (SM10)."""
    assert told(load_scenario("minimal", sets=[f"levers.{SUBSIDY}=0.3"])) == []
    asked = load_scenario("minimal", sets=[f"levers.{SUBSIDY}=0.4"])
    assert told(asked) == [f"levers.{SUBSIDY}: beyond 0.3 it has no further effect (parameter subsidy_cap_share)"]
    assert told(asked.changed(parameters={"subsidy_cap_share": 0.45})) == []
    path = {"path": [[2020, 0.1], [2024, 0.35], [2030, 0.1]]}
    assert len(told(load_scenario("minimal", overlay={"levers": {SUBSIDY: path}}))) == 1


def test_what_lies_beyond_changes_nothing():
    one, other = (ts.run(load_scenario("minimal", sets=[f"levers.{SUBSIDY}={share}"], end_year=2023), seed=1)
                  for share in (0.3, 0.5))  # fmt: skip
    assert one.annual.equals(other.annual)


def test_several_limits_are_one_line_in_the_report_and_chinese_where_it_is():
    scenario = load_scenario("guangan_city", sets=[f"levers.{SUBSIDY}=0.4", "levers.assessment_weight=0.9"])
    lines = [line for line, _ in group_warnings(tuple(told(scenario)), Said("en"))]
    assert lines == ["2 levers are set beyond the value at which their effect ends"]
    only = tuple(told(load_scenario("minimal", sets=[f"levers.{SUBSIDY}=0.4"])))
    assert group_warnings(only, Said("zh"))[0][0] == (
        f"levers.{SUBSIDY}：超过 0.3 的部分不再起作用（参数 subsidy_cap_share）"
    )


@pytest.mark.parametrize(
    ("language", "note"),
    [("en", "Above 30% it has no further effect."), ("zh", "超过 30% 的部分不再起作用。")],
)
def test_the_panel_says_it_beside_the_lever(language, note):
    moved = Draft("minimal", "current", ((SUBSIDY, Move(0.4, 2026, 2026)),))
    assert panel_values(moved, Words(language))[SUBSIDY]["note"] == note
    assert "note" not in panel_values(Draft("minimal", "current"), Words(language))[SUBSIDY]


def test_what_is_beyond_is_counted_from_a_number_or_the_highest_of_a_path():
    assert list(beyond({}, {})) == []
    assert list(beyond({SUBSIDY: 0.31}, {})) == [(SUBSIDY, "subsidy_cap_share", 0.3)]
    assert list(beyond({SUBSIDY: 0.31}, {"subsidy_cap_share": 0.31})) == []
