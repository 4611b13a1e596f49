"""The annual evaluation: six flags with their limits, five parts in both languages, the command (SM23)."""

import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import transition_sim as ts
from transition_sim.cli.app import app
from transition_sim.evaluation import Evaluation
from transition_sim.evaluation_report import evaluation_text, write_evaluations
from transition_sim.evaluation_words import WORDS, say, shown_unit
from transition_sim.scenarios import registry

PARTS = {"en": ["1. Progress", "2. Good cases", "3. Problems", "4. Suggestions", "5. Chronicle"],
         "zh": ["一、进展与成效", "二、典型案例", "三、问题与挑战", "四、建议", "五、大事记"]}  # fmt: skip
PROBLEMS = ["slow_progress", "unclear_path", "single_model", "few_highlights", "funding_gap", "weak_capability"]


@cache
def run(place="guangan_city", policy="none", end_year=2023):
    return ts.run(ts.load_scenario(place, policy=policy, end_year=end_year), seed=1)


@pytest.fixture
def city() -> Evaluation:
    return Evaluation(run(), 2023)


def flag(evaluation: Evaluation, key: str):
    return next(f for f in evaluation.flags if f.key == key)


def test_the_six_problems_of_the_pilot_assessment_in_their_order(city):
    assert [f.key for f in city.flags] == PROBLEMS
    assert [f.limit for f in city.flags] == [4.0, 0.9, 0.6, 0.5, 0.4, 0.4]


def test_standings_are_those_that_the_government_tracked(city):
    """The same lines and values as in the run, from the tables of the run."""
    asked = ts.load_scenario("guangan_city", end_year=2024)
    model = ts.build_model(asked, seed=1)
    while model.quarter <= 16:
        model.step()
    control = model.world.control
    tracked = {line.indicator.key: (control.values[j], control.targets[j], control.progress[j])
               for j, line in enumerate(control.lines)}  # fmt: skip
    for standing in city.standings:
        values = tracked[standing.line.indicator.key]
        assert (standing.value, standing.target, standing.progress) == pytest.approx(values, rel=1e-9)


def test_slow_progress_funding_and_capability_are_measured_on_the_tables(city):
    row = city.result.annual.loc[2023]
    slowest = max(s.slippage_quarters for s in city.standings)
    assert (flag(city, "slow_progress").value, flag(city, "slow_progress").is_raised) == (slowest, slowest >= 4)
    gap = row["rationed_capex_cny"] / row["desired_capex_cny"]
    assert flag(city, "funding_gap").value == pytest.approx(gap)
    assert flag(city, "weak_capability").value == pytest.approx(row["capability"])
    assert flag(city, "weak_capability").is_raised == (row["capability"] < 0.4)


def test_concentration_is_the_sum_of_squared_shares(city, monkeypatch):
    """Orders 6, 3, 1: .36 + .09 + .01 = .46, no single model; 9 and 1: .81 + .01 = .82, one."""
    monkeypatch.setitem(city.__dict__, "orders", pd.Series({"a": 6.0, "b": 3.0, "c": 1.0}))
    assert city.concentration == pytest.approx(0.46)
    assert not flag(city, "single_model").is_raised
    other = Evaluation(run(), 2023)
    other.__dict__["orders"] = pd.Series({"a": 9.0, "b": 1.0})
    assert other.concentration == pytest.approx(0.82)
    assert flag(other, "single_model").is_raised


def test_evenness_is_entropy_over_its_highest_value():
    """Two levers a quarter of their range from neutral: even, 1. With .75 and .25: .5623/.6931 = .8113."""
    for distances, expected in (((0.25, 0.25), 1.0), ((0.75, 0.25), 0.8113)):
        subsidy, credit = registry.levers()["capex_subsidy_share"], registry.levers()["tax_credit_share"]
        levers = {"capex_subsidy_share": distances[0] * subsidy.high, "tax_credit_share": distances[1] * credit.high}
        result = ts.run(ts.load_scenario("minimal", end_year=2021, overlay={"levers": levers}), seed=1)
        assert Evaluation(result, 2021).evenness == pytest.approx(expected, abs=5e-5)
    assert np.isnan(Evaluation(run("minimal"), 2021).evenness)


def test_replicability_is_copies_over_attempts(monkeypatch):
    """First ordered in A; weighed in B, C, D; ordered in B: 1 of 3. A measure weighed in one county: no attempt."""
    result = ts.run(ts.load_scenario("guangan_city", end_year=2021), seed=1)
    counties = list(dict.fromkeys(result.enterprises["county"]))[:4]
    firm = {c: result.enterprises[result.enterprises["county"] == c]["enterprise"].iloc[0] for c in counties}
    green = result.labels["green_technologies"][:2]
    rows = [(2021, firm[counties[0]], green[0], True, "ordered"), (2021, firm[counties[1]], green[0], True, "ordered"),
            (2021, firm[counties[2]], green[0], False, "kept"), (2021, firm[counties[3]], green[0], True, "rationed"),
            (2021, firm[counties[0]], green[1], True, "ordered")]  # fmt: skip
    log = pd.DataFrame(rows, columns=["year", "enterprise", "option", "is_chosen", "outcome"])
    monkeypatch.setitem(result.__dict__, "decisions", log)
    assert Evaluation(result, 2021).replicability == {green[0]: pytest.approx(1 / 3)}
    assert flag(Evaluation(result, 2021), "few_highlights").is_raised


def test_without_a_decision_log_replicability_is_not_known():
    result = ts.run(ts.load_scenario("minimal", end_year=2021), seed=1, keep_decisions=False)
    found = flag(Evaluation(result, 2021), "few_highlights")
    assert np.isnan(found.value)
    assert not found.is_raised


def test_cases_invested_and_cut_their_emissions_per_output(city):
    cases = city.cases
    assert 0 < len(cases) <= 3
    assert (cases["capex_cny"] > 0).all()
    assert (cases["change_percent"] < 0).all()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("place", ["guangan_city", "minimal"])
def test_the_report_has_its_five_parts_and_every_problem(place, language):
    text = evaluation_text(run(place), 2022, language)
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == PARTS[language]
    for key in PROBLEMS:
        assert WORDS[key][language == "zh"] in text
    assert "nan" not in text
    assert "{" not in text
    if language == "zh":
        head = text.splitlines()[0]
        assert head == {"guangan_city": "# 广安市2022年度评估报告", "minimal": "# 最小示例2022年度评估报告"}[place]


def test_advice_answers_what_was_found(city):
    text = evaluation_text(city.result, 2023)
    for found in city.flags:
        advice = WORDS[f"advise_{found.key}"][0].split("{")[0].split(":")[0]
        assert (advice in text) == found.is_raised, found.key


def test_words_are_given_twice_with_the_same_blanks():
    import re

    for key, (english, chinese) in WORDS.items():
        assert set(re.findall(r"{(\w+)}", english)) == set(re.findall(r"{(\w+)}", chinese)), key
        assert key == "happened" or re.search("[\u4e00-\u9fff]", chinese), key


def test_reports_are_files_of_the_results(tmp_path):
    write_evaluations(run("minimal"), tmp_path / "evaluation")
    names = sorted(path.name for path in (tmp_path / "evaluation").iterdir())
    assert names == sorted(f"evaluation_{y}.{e}" for y in (2021, 2022, 2023) for e in ("md", "zh.md"))


def test_the_first_year_cannot_be_evaluated():
    with pytest.raises(ValueError, match="from 2021 to 2023, not 2020"):
        Evaluation(run("minimal"), 2020)


def test_the_command_prints_or_writes_the_report(tmp_path):
    answer = CliRunner().invoke(app, ["evaluate", "minimal", "--year", "2022", "-q", "--lang", "zh"])
    assert answer.exit_code == 0
    assert answer.stdout.startswith("# 最小示例2022年度评估报告")
    file = tmp_path / "report.md"
    answer = CliRunner().invoke(app, ["evaluate", "minimal", "--year", "2022", "-q", "--out", str(file)])
    assert answer.exit_code == 0
    assert file.read_text("utf-8").startswith("# Annual evaluation 2022: Minimal place")
    late = CliRunner().invoke(app, ["evaluate", "minimal", "--year", "2020", "-q"])
    assert late.exit_code == 2
    assert "the run starts in 2020, the year that others are held against. Write 2021 or later." in late.stderr


@pytest.mark.parametrize(
    ("language", "unit", "subject"), [("en", "tce/10k CNY", "green budget"), ("zh", "吨标准煤/万元", "绿色预算")]
)
def test_figures_stand_in_the_units_of_plans_and_subjects_have_names(language, unit, subject):
    """3.6e-05 tce/CNY is 0.36 tce a 10 thousand CNY; a share of 0.42 is 42 %."""
    assert shown_unit("tce/CNY", language) == (1e4, unit)
    assert shown_unit("share", language) == (100.0, "%")
    assert say("green_budget", language) == subject


def test_the_same_figures_in_the_units_of_both_languages():
    """1 Mt = 100 万吨, 1 bn CNY = 10 亿元, 1 M CNY = 0.01 亿元 of a place, 100 万元 of an enterprise."""
    english, chinese = (evaluation_text(run("minimal"), 2022, language) for language in ("en", "zh"))
    pairs = {
        r"control\) ([\d.]+) Mt": (r"双控口径排放([\d.]+)万吨", 100.0),
        r"GDP ([\d.]+) bn CNY": (r"地区生产总值([\d.]+)亿元", 10.0),
        r"ordered, ([\d.]+) M CNY": (r"设备投资([\d.]+)亿元，补贴", 0.01),
        r"equipment for ([\d.]+) M CNY": (r"累计设备投资([\d.]+)万元", 100.0),
    }
    for of_english, (of_chinese, scale) in pairs.items():
        found, shown = re.search(of_english, english), re.search(of_chinese, chinese)
        assert float(shown[1]) == pytest.approx(scale * float(found[1]), rel=0.006)  # three figures each
    assert "**（食品饮料与白酒）" in chinese or "**（装备与汽摩制造）" in chinese
