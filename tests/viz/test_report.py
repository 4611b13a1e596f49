"""The report and the assumptions as plain data."""

import re
from html import escape

import pytest
from pictures import picture

from transition_sim.scenarios import registry
from transition_sim.viz.assumptions import cannot_tell, grade_counts, parameter_rows
from transition_sim.viz.desk import View
from transition_sim.viz.draft import Draft, History, Move
from transition_sim.viz.lessons import lessons
from transition_sim.viz.report import SHOWN, command, report_data
from transition_sim.viz.session import Session
from transition_sim.viz.words import Words
from transition_sim.viz.worksheet import worksheet

PLACE = "guangan_city"
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def answer():
    draft = Draft(PLACE, "current").moved("capex_subsidy_share", Move(0.4, 2026, 2028))
    session = Session(History(draft), "none")
    policy, baseline = draft.scenario(), session.baseline_draft.scenario()
    runs = tuple(picture(policy, k) for k in (1, 2)), tuple(picture(baseline, k) for k in (1, 2))
    return session, View("done", *runs, wanted=2)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_report_holds_figures_settings_limits_and_the_command(answer, language):
    words, data = Words(language), report_data(*answer, language)
    page = data["html"]
    ids = [c["id"] for c in data["charts"]]
    assert ids == [*SHOWN, "fan", "peaking"]
    assert all(page.count(f"<!--chart:{id}-->") == 1 for id in ids)
    pair = "--policy none --policy my_policy.yaml --replicates 2 --seed 1"
    assert f"transition-sim compare guangan_city {pair}" in page
    assert "format: policy/1" in page
    assert answer[1].policy[0].hash in page
    assert cannot_tell(words)[0] in page
    assert "2028: 0.4" in page  # the path of the lever
    assert data["name"].endswith(f"_{language}.html")


def test_a_printed_report_leaves_no_heading_alone_and_cuts_no_row(answer):
    style = re.findall("<style>(.*?)</style>", report_data(*answer, "zh")["html"], flags=re.S)[0]
    assert re.findall(r"(h[23])\{[^}]*break-after:avoid", style) == ["h2", "h3"]
    assert "tr,pre,li{break-inside:avoid}" in style
    assert "@page{size:A4" in style


def test_a_report_of_one_run_shows_no_odds_and_names_one_seed(answer):
    session, view = answer
    data = report_data(session, View("ensemble", view.policy[:1], view.baseline[:1], wanted=2), "zh")
    assert not {"fan", "peaking"} & {c["id"] for c in data["charts"]}
    assert '<td class="w">随机种子</td><td class="w">1</td>' in data["html"]


def test_the_command_runs_the_policy_alone_where_the_baseline_meets_no_shock(answer):
    dry = answer[0].choose_shock("dry_years")
    assert command(dry, 8) == "transition-sim run guangan_city --shock dry_years --policy my_policy.yaml --seed 1"
    both = dry.shock_baseline(True)
    assert command(both, 8).startswith(
        "transition-sim compare guangan_city --shock dry_years --policy none --policy my"
    )
    assert command(answer[0], 1) == "transition-sim run guangan_city --policy my_policy.yaml --seed 1"


def test_a_report_needs_nothing_else_and_is_in_one_language(answer):
    page = report_data(*answer, "en")["html"]
    assert re.findall(r"(?:src|href)=|url\(|<script|https?://", page) == []
    body = re.sub(r"<style>.*?</style>|<pre>.*?</pre>", "", page, flags=re.S)
    assert CHINESE.findall(body) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_worksheet_asks_before_it_answers(language):
    words = Words(language)
    for lesson in lessons().values():
        page = worksheet(lesson, words)
        asked, answers = page.split('<div class="a">')
        questions = [step.question for step in lesson.steps if step.question]
        assert asked.count('<i class="b">') == sum(len(q.choices) for q in questions)
        for question in questions:
            assert escape(words.name(question.ask)) in asked
            assert escape(words.name(question.explain)) not in asked
            assert escape(words.name(question.explain)) in answers


def test_every_parameter_stands_with_grade_and_source():
    rows = parameter_rows(Words("zh"))
    assert [r[9] for r in rows] == list(registry.parameters())
    assert all(CHINESE.search(r[0]) and r[5] in "DSKA" and r[6] in "高中低" and r[7] for r in rows)
    assert sum(g["n"] for g in grade_counts(Words("en"))) == len(rows)
