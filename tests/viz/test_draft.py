import numpy as np
import pytest

from transition_sim.viz.draft import Draft, Given, History, Move, acting_levers, preset_scenario
from transition_sim.viz.session import Session, act

PLACE = "guangan_city"


def path_of(draft: Draft, key: str) -> dict[int, float]:
    scenario = draft.scenario()
    years = {year: 4 * (year - 2020) for year in range(2020, 2036)}
    index = list(acting_levers()).index(key) if key in acting_levers() else None
    assert index is not None
    return {year: float(scenario.lever_path()[key][quarter]) for year, quarter in years.items()}


def test_a_moved_lever_keeps_the_past_of_its_preset():
    """The current plan raises demand response from 0.01 in 2020 to 0.05 in 2030 in a straight line: 0.03 in 2025."""
    draft = Draft(PLACE).moved("demand_response_share", Move(0.13, 2025, 2030))
    path = path_of(draft, "demand_response_share")
    assert path[2020] == pytest.approx(0.01)
    assert path[2023] == pytest.approx(0.022)
    assert path[2025] == pytest.approx(0.03)
    assert path[2028] == pytest.approx(0.03 + 3 / 5 * 0.10)
    assert path[2030] == path[2035] == pytest.approx(0.13)


def test_a_lever_on_a_line_leaves_it_in_2026_and_arrives_a_year_later():
    """The current plan raises demand response by 0.004 a year, 0.001 a quarter, from 0.01 in 2020: a line cannot jump,
    and every quarter before 2026 stays what it was."""
    session = act(Session(), {"do": "move", "key": "demand_response_share", "value": 0.1}, 0.0)
    move = session.draft.by_key["demand_response_share"]
    assert (move.start_year, move.full_year) == (2026, 2027)
    before, after = (d.scenario().lever_path()["demand_response_share"] for d in (Draft(PLACE), session.draft))
    assert np.array_equal(before[:25], after[:25])
    assert after[:25] == pytest.approx([0.01 + 0.001 * quarter for quarter in range(25)])
    assert after[26] == pytest.approx(0.034 + 0.5 * (0.1 - 0.034))
    assert after[28] == after[-1] == 0.1


def test_a_lever_on_steps_jumps_in_2026():
    session = act(Session(), {"do": "move", "key": "capex_subsidy_share", "value": 0.3}, 0.0)
    move = session.draft.by_key["capex_subsidy_share"]
    assert (move.start_year, move.full_year) == (2026, 2026)
    path = session.draft.scenario().lever_path()["capex_subsidy_share"]
    assert path[:24].tolist() == [0.1] * 24
    assert path[24:].tolist() == [0.3] * 40


@pytest.mark.parametrize("value", [0.45, 0.35, 0.15, 0.29])
def test_a_lever_moved_by_hand_has_the_value_that_was_written_to_the_last_digit(value):
    """0.1 + (0.45 - 0.1) is 0.44999999999999996: another run than that of a file that says 0.45."""
    path = path_of(Draft(PLACE).moved("capex_subsidy_share", Move(value, 2026, 2028)), "capex_subsidy_share")
    assert path[2028] == value
    assert path[2027] == round(0.1 + (value - 0.1) / 2, 10)


def test_a_jump_leaves_the_steps_of_the_preset_before_it():
    """Clinker limit of the current plan: 140 until the end of 2022, 117 from 2023 on."""
    path = path_of(
        Draft(PLACE).moved("efficiency_limit_kgce_per_t", Move(100, 2027, 2027)), "efficiency_limit_kgce_per_t"
    )
    assert [path[y] for y in (2020, 2022, 2023, 2026, 2027, 2035)] == [140, 140, 117, 117, 100, 100]


def test_a_ramp_over_a_step_path_is_yearly_steps():
    draft = Draft(PLACE).moved("access_strictness", Move(0.8, 2025, 2027))
    path = path_of(draft, "access_strictness")
    assert [path[y] for y in (2020, 2021, 2024)] == [2, 1, 1]
    assert path[2026] == pytest.approx(0.9)
    assert path[2027] == pytest.approx(0.8)


def test_a_switch_is_thrown_in_its_year():
    path = path_of(Draft(PLACE).moved("new_clinker_ban", Move(0.0, 2026, 2026)), "new_clinker_ban")
    assert path[2025] == 1
    assert path[2026] == 0


def test_a_given_setting_counts_alone():
    given = Given({"path": [[2020, 0.0], [2030, 0.4]]})
    draft = Draft(PLACE).moved("capex_subsidy_share", Move(0.1, 2025, 2025, given))
    assert path_of(draft, "capex_subsidy_share")[2025] == pytest.approx(0.2)


def test_every_acting_lever_can_go_to_both_ends_of_its_range():
    for key, lever in acting_levers().items():
        for value in (lever.low, lever.high):
            draft = Draft(PLACE).moved(key, Move(value, 2025, 2027))
            assert path_of(draft, key)[2035] == pytest.approx(value), key


def test_moves_of_one_lever_soon_after_each_other_are_one_undo():
    session = Session()
    for k, value in enumerate((0.2, 0.3, 0.4)):
        session = act(session, {"do": "move", "key": "capex_subsidy_share", "value": value}, 10.0 + 0.3 * k)
    assert len(session.history.past) == 1
    session = act(session, {"do": "move", "key": "capex_subsidy_share", "value": 0.5}, 12.0)
    assert len(session.history.past) == 2
    session = act(session, {"do": "undo"}, 13.0)
    assert session.draft.by_key["capex_subsidy_share"].value == 0.4
    session = act(session, {"do": "undo"}, 13.0)
    assert session.draft == Draft()
    session = act(act(session, {"do": "redo"}, 14.0), {"do": "redo"}, 14.0)
    assert session.draft.by_key["capex_subsidy_share"].value == 0.5
    assert act(session, {"do": "reset"}, 15.0).draft == Draft()


def test_a_new_move_forgets_what_was_undone():
    history = History().to(Draft(preset="none")).undo().to(Draft(preset="ambitious"))
    assert history.future == ()
    assert history.redo() is history


def test_values_stay_in_range_and_nonsense_changes_nothing():
    session = Session()
    high = act(session, {"do": "move", "key": "capex_subsidy_share", "value": 1e300}, 0.0)
    assert high.draft.by_key["capex_subsidy_share"].value == 0.5
    early = act(session, {"do": "move", "key": "capex_subsidy_share", "value": 0.3, "start": -5, "full": 9e9}, 0.0)
    assert early.draft.by_key["capex_subsidy_share"].start_year == 2020
    assert early.draft.by_key["capex_subsidy_share"].full_year == 2035
    for nonsense in (
        None, 7, "x", {}, {"do": "fly"}, {"do": "move"}, {"do": "move", "key": "x", "value": 1},
        {"do": "move", "key": "capex_subsidy_share", "value": "9" * 10_000}, {"do": ["move"]},
        {"do": "move", "key": "capex_subsidy_share", "value": float("nan")}, {"do": "preset", "key": "../x"},
        {"do": "page", "key": "admin"}, {"do": "step", "key": "nothing", "step": 0},
        {"do": "step", "key": "queue", "step": 99},
    ):  # fmt: skip
        assert act(session, nonsense, 0.0) == session


def test_presets_are_those_of_the_library():
    assert preset_scenario(PLACE, "none").levers == {}
    assert len(preset_scenario(PLACE, "ambitious").levers) > len(preset_scenario(PLACE, "current").levers)
    assert np.isclose(path_of(Draft(PLACE, "ambitious"), "carbon_price_floor_cny_per_tco2")[2035], 200)
