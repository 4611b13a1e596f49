"""Lessons as plain data: steps, answers, what a place must have for them, and worksheets."""

import pytest
import yaml

from transition_sim.core.errors import ScenarioError
from transition_sim.viz import scene
from transition_sim.viz.draft import Draft, History, preset_scenario
from transition_sim.viz.lessons import lessons, read_lesson, step_draft
from transition_sim.viz.session import Session, act
from transition_sim.viz.words import Words
from transition_sim.viz.worksheet import worksheet

PLACE = "guangan_city"
EN, ZH = Words("en"), Words("zh")


def test_there_are_seven_lessons_and_each_step_can_be_set():
    assert {"lock_in", "queue", "leakage", "rebound", "drought"} <= set(lessons())
    assert len(lessons()) == 7
    for lesson in lessons().values():
        for k, step in enumerate(lesson.steps):
            scenario = step_draft(step, PLACE).scenario()
            assert [shock.id for shock in scenario.shocks] == ([step.shock] if step.shock else [])
            assert set(step.levers) <= set(scenario.levers) | set(preset_scenario(PLACE, step.preset).levers)
            for words in (EN, ZH):
                shown = scene.lesson_step(Session(lesson=lesson.id, step=k), words)
                assert shown["text"]
                assert shown["set"]
        assert any(step.question for step in lesson.steps)


def test_a_lesson_that_a_place_cannot_show_is_not_offered_there():
    """The chemical park has neither kilns nor a coal station, the county of cement kilns alone."""

    def refused(place: str) -> list[str]:
        return [one["id"] for one in scene.lesson_list(place, EN) if one["missing"]]

    assert {place: refused(place) for place in ("guangan_city", "chem_park", "cement_county")} == {
        "guangan_city": [], "chem_park": ["leakage", "drought"], "cement_county": ["drought"],
    }  # fmt: skip
    park = Session(History(Draft("chem_park")))
    assert park.open_step("leakage", 0) == park
    assert park.open_step("lock_in", 0).lesson == "lock_in"


def test_a_lesson_says_whose_figures_its_text_gives_where_that_is_another_place():
    here = scene.lesson_step(Session(lesson="lock_in"), EN)
    elsewhere = scene.lesson_step(Session(History(Draft("chem_park")), lesson="lock_in"), EN)
    assert here["note"] == ""
    assert elsewhere["note"] == "The figures in the text are those of Guang'an; other places differ."
    assert "those of Guang&#x27;an" in worksheet(lessons()["lock_in"], EN)


def test_an_answer_is_judged():
    session = act(Session(), {"do": "step", "key": "queue", "step": 1}, 0.0)
    assert session.page == "lessons"
    right = act(session, {"do": "answer", "choice": 1}, 0.0)
    assert scene.lesson_step(right, EN)["question"]["verdict"] == "Right."
    wrong = act(session, {"do": "answer", "choice": 0}, 0.0)
    assert scene.lesson_step(wrong, EN)["question"]["verdict"] == "Not quite."
    assert scene.lesson_step(session, EN)["question"]["explain"] == ""


def test_a_broken_lesson_is_refused_with_its_line():
    step = {"text": {"en": "a", "zh": "b"}, "charts": ["emissions"]}
    content = {
        "format": "lesson/1",
        "id": "x",
        "order": 1,
        "name": {"en": "a", "zh": "b"},
        "aim": {"en": "a", "zh": "b"},
    }
    with pytest.raises(ScenarioError, match=r"x\.yaml"):
        read_lesson(yaml.safe_dump({**content, "steps": [step, {**step, "charts": ["pie"]}]}).encode(), "x.yaml")


def test_a_worksheet_says_what_each_step_sets_so_that_it_can_be_followed_by_hand():
    """Step 2 of the first lesson: the floor leaves 0 in 2022 and is 150 CNY/t from 2023 on."""
    lesson = next(one for one in lessons().values() if one.id == "lock_in")
    english, chinese = worksheet(lesson, EN), worksheet(lesson, ZH)
    assert f"<h2>Step 1 of {len(lesson.steps)}</h2>" in english
    assert "What this step sets: Current plan<br>" in english
    assert "Carbon price floor 2022: 0 → 2023: 150 CNY/tCO₂" in english
    assert "2022: 0 → 2023: 150 元/吨二氧化碳" in chinese
    assert "CO2" not in english
