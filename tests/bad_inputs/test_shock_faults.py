"""Mistakes in shocks, each with the exact report."""
# ruff: noqa: E501 (whole messages on one line)

import pytest

from transition_sim.core.errors import ScenarioError
from transition_sim.scenarios import check_file, list_shocks, load_scenario

SHOCK = """format: shock/1
id: mine
name: {en: Mine, zh: 我的}
description: {en: A shock., zh: 一次冲击。}
effects:
  - channel: river_flow
    from: 2026-07
    to: 2026-09
    value: 0.5
"""
DATES = "Write a year, a quarter or a month: 2027, 2027Q3 or 2027-07; or start, end."

# replaced in SHOCK -> line, field with value, rule, remedy
SHOCKS = [
    ("    from: 2026-07\n", "", 6, "effects.0.from", "the key is missing", "Add 'from: ...'."),
    ("    to: 2026-09\n", "", 6, "effects.0.to", "the key is missing", "Add 'to: ...'."),
    ("2026-07", "2026-13", 7, "effects.0.from = 2026-13", "this is no date", DATES),
    ("2026-07", "summer", 7, "effects.0.from = summer", "this is no date", DATES),
    ("2026-09", "2026.7", 8, "effects.0.to = 2026.7", "this is no date", DATES),
    ("to: 2026-09", "to: 2025-09", 8, "effects.0.to = 2025-09", "the end lies before the start, 2026-07", "Swap them."),
    ("from: 2026-07", "from: 2020-07", 7, "effects.0.from = 2020-07",
     "the effect starts outside the years that can be shocked, 2021 to 2030", "The base year is history: start later."),
    ("from: 2026-07\n    to: 2026-09", "from: 2031\n    to: 2032", 7, "effects.0.from = 2031",
     "the effect starts outside the years that can be shocked, 2021 to 2030", "Move the dates or the horizon."),
    ("river_flow", "river_flo", 6, "effects.0.channel = river_flo", "there is no such channel", "Did you mean river_flow?"),
    ("value: 0.5", "value: 5", 9, "effects.0.value = 5", "the channel ranges from 0.1 to 2 x mean",
     "Write a value in the range; 1 is neutral."),
    ("value: 0.5", "value: half", 9, "effects.0.value = half", "this must be a number", "Write it without quotes or unit, such as 0.5."),
    ("    value: 0.5\n", "", 6, "effects.0.value", "an effect has either a value or a path", "Add 'value: ...'."),
    ("value: 0.5", "value: 0.5\n    path: [[2026-07, 1], [2026-09, 0.5]]", 9, "effects.0.value = 0.5",
     "an effect has either a value or a path", "Delete 'value:' or 'path:'."),
    ("value: 0.5", "path: [[2026-09, 1], [2026-07, 0.5]]", 9, "effects.0.path.1.0 = 2026-07", "the dates do not rise", "Sort them."),
    ("value: 0.5", "value: 0.5\n    of: [CEM]", 10, "effects.0.of.0 = CEM", "the channel acts on the whole place", "Delete 'of:'."),
    ("value: 0.5", "valeu: 0.5", 9, "effects.0.valeu = 0.5", "unknown key", "Did you mean value?"),
    ("  - channel: river_flow", "  - channel: demand\n    of: [CEN]", 7, "effects.0.of.0 = CEN", "the channel has no sector of this name", "The items of 'sector' are: CEM, BLD, CHM, FCH, MET, EQP, ELE, BAT, FOD, TEX, DAT, SVC."),
    ("river_flow\n    from: 2026-07", "fuel_price\n    from: 2026-08", 7, "effects.0.from = 2026-08",
     "the channel changes at the turn of a quarter only", "Write quarters, such as 2027Q3."),
    ("river_flow\n    from: 2026-07\n    to: 2026-09", "no_accident\n    from: 2026\n    to: 2028", 9, "effects.0.value = 0.5", "this is 0 or 1",
     "Write 0 or 1."),
    ("river_flow\n    from: 2026-07\n    to: 2026-09", "lever_strength\n    from: 2026\n    to: 2028", 9, "effects.0.value = 0.5",
     "new_clinker_ban is a switch: it holds wholly or not at all", "Write 0 or 1, or name only levers that are numbers under 'of:'."),
]  # fmt: skip


def faults_of(text: str, tmp_path, **asked) -> list[str]:
    """Return the faults of a run of the minimal place to 2030 with this shock, without its folder."""
    file = tmp_path / "mine.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario("minimal", end_year=2030, shocks=[file], **asked)
    return [str(fault).replace(f"{tmp_path}/", "") for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "rule", "remedy"), SHOCKS, ids=[s[1][:40] or s[3] for s in SHOCKS]
)
def test_a_mistake_is_reported_with_line_and_remedy(old, new, line, field, rule, remedy, tmp_path):
    assert old in SHOCK
    assert faults_of(SHOCK.replace(old, new, 1), tmp_path) == [f"mine.yaml:{line}: {field}: {rule}. {remedy}"]


def test_every_fault_is_reported_at_once(tmp_path):
    text = (
        SHOCK
        + "  - {channel: loads, from: 2026, to: 2026, value: 1.2}\n  - {channel: load, from: 2050, to: 2051, value: 9}\n"
    )
    assert [fault.split(" = ")[0] for fault in faults_of(text, tmp_path)] == [
        "mine.yaml:10: effects.1.channel", "mine.yaml:11: effects.2.from", "mine.yaml:11: effects.2.value",
    ]  # fmt: skip


def test_two_values_for_the_same_months_contradict_each_other(tmp_path):
    """Dry years from the library set 0.8 for 2026 and 2027; a second value in 2026-07 contradicts them."""
    (tmp_path / "mine.yaml").write_text(SHOCK, "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario("minimal", shocks=["dry_years", tmp_path / "mine.yaml"])
    [fault] = caught.value.faults
    assert (fault.line, fault.field) == (7, "effects.0.from")
    assert fault.rule == "in 2026-07 the shock dry_years sets the channel to 0.8"
    assert fault.remedy == "Move the dates apart, or leave one out."


def test_the_same_value_twice_is_no_contradiction(tmp_path):
    (tmp_path / "mine.yaml").write_text(SHOCK, "utf-8")
    assert len(load_scenario("minimal", shocks=["summer_drought", tmp_path / "mine.yaml"]).shocks) == 2


def test_a_shock_given_twice_is_refused():
    with pytest.raises(ScenarioError, match="two shocks have the same id"):
        load_scenario("minimal", shocks=["heat_wave", "heat_wave"])


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(ScenarioError, match="Did you mean heat_wave"):
        load_scenario("minimal", shocks="heatwave")


def test_a_run_that_ends_with_history_cannot_be_shocked():
    with pytest.raises(ScenarioError, match=r"ends with the base year 2020, which is history\. Run to a later"):
        load_scenario("minimal", end_year=2020, shocks="normal_rivers")


def test_an_effect_that_outlasts_the_run_is_a_warning():
    asked = load_scenario("minimal", end_year=2026, shocks="dry_years")
    assert asked.warnings == ("shock dry_years: effect 0 ends in 2027, after the run",)


def test_a_later_last_year_is_checked_again():
    with pytest.raises(ScenarioError, match="starts outside the years that can be shocked, 2021 to 2025"):
        load_scenario("minimal", shocks="dry_years").changed(end_year=2025)


@pytest.mark.parametrize("name", list_shocks())
def test_shocks_of_the_library_are_in_order(name):
    from transition_sim.scenarios.library import find_document

    document = find_document(name, "shock")
    assert check_file(document) == []
    assert document.data["id"] == name
