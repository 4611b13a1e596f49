"""The bench of patterns: its tables, how a pattern is judged, the null models' formulas, a run on a small place."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from transition_sim.cli.app import app
from transition_sim.cli.patterns_figure import place_on_range
from transition_sim.cli.patterns_report import range_text
from transition_sim.cli.words import Words
from transition_sim.experiments.patterns import Bench, PatternTest, bench, frame, patterns, run_bench
from transition_sim.experiments.patterns import tests_of as parts_of
from transition_sim.experiments.patterns.diffusion import fit_logistic, judge_curves
from transition_sim.experiments.patterns.markets import (
    last_quarter_volume_share,
    plateau_years,
    shrinking_years_share,
)
from transition_sim.experiments.patterns.measures import MEASURES, SERIES
from transition_sim.experiments.patterns.nulls import bass_share, continued
from transition_sim.experiments.patterns.table import pattern_tests

YEARS = 0.25 * np.arange(64)


def test_the_table_holds_the_23_patterns_of_the_specification():
    found = patterns()
    assert list(found) == [f"P{n:02d}" for n in range(1, 24)]
    quality = {"P07", "P10", "P14", "P16", "P17", "P20", "P21", "P22", "P23"}
    assert {p.id for p in found.values() if p.kind == "Q"} == quality
    assert all(parts_of(p) for p in found)


@pytest.mark.parametrize(
    ("measure", "low", "high"),
    [
        ("electric_cars_2021_percent", 10.4, 16.4),  # 13.4 within 3 points
        ("audited_offers_accepted_share", 0.4, 0.6),
        ("green_capex_financed_share", 0.25, 0.6),
        ("direct_rebound_percent", 10.0, 30.0),
        ("dry_over_wet_ratio", 0.4, 0.55),
        ("coal_per_hydro", -1.0, -0.7),
        ("plant_intensity_change_percent", -5.0, -0.5),
        ("pv_cost_change_percent", -45.0, -20.0),
        ("parks_tco2_per_tce", 1.7, 2.5),
    ],
)
def test_ranges_are_those_of_the_specification(measure, low, high):
    [test] = [t for t in pattern_tests() if t.measure == measure]
    assert (test.low, test.high) == (low, high)


def test_every_test_has_a_measure():
    """A key that is spelt wrong would count as not modelled for ever."""
    missing = {t.measure for t in pattern_tests()} - set(MEASURES) - set(SERIES)
    assert missing == set()
    assert set(MEASURES) | set(SERIES) <= {t.measure for t in pattern_tests()}


def make_test(low, high, measure="takeover_years"):
    return PatternTest("P01", measure, None, "years", low, high, "a", "甲", "", "")


@pytest.mark.parametrize(
    ("low", "high", "value", "holds"),
    [(6, 25, 6.0, True), (6, 25, 5.9, False), (None, 5, -1.0, True), (10, None, 9.0, False), (6, 25, np.nan, False)],
)
def test_a_value_holds_within_its_range_and_nan_never(low, high, value, holds):
    assert make_test(low, high).holds(value) is holds


def test_a_test_is_judged_by_its_median():
    """7, 8 and 30 years: median 8 lies in 6 to 25, two of three seeds do."""
    judged = bench.judge(make_test(6, 25), [7.0, 30.0, 8.0])
    assert (judged.value, judged.passes, judged.score) == (8.0, True, pytest.approx(2 / 3))
    assert frame.verdict(judged) == "pass"


def test_what_cannot_be_measured_fails():
    judged = bench.judge(make_test(6, 25), [np.nan, np.nan])
    assert (judged.passes, judged.score, frame.verdict(judged)) == (False, 0.0, "not_measurable")
    assert frame.verdict(bench.judge(make_test(6, 25, "unheard_of"), [np.nan])) == "not_modelled"


def test_a_path_is_read_off_the_median_of_the_seeds():
    """Plateaus of one year each; the median path 10, 10, 10, 10, 5 has one of four."""
    paths = [np.array([10.0, 10, 10, 14, 5]), np.array([10.0, 10, 14, 10, 5]), np.array([14.0, 10, 10, 10, 5])]
    judged = bench.judge(make_test(4, None, "plateau_years"), list(paths))
    assert [plateau_years(path) for path in paths] == [1.0, 1.0, 1.0]
    assert (judged.value, judged.score) == (4.0, 0.0)


def test_years_in_which_a_gap_shrinks():
    """.10 to .05 to .06 to -.02: two of three steps come closer to 0."""
    assert shrinking_years_share(np.array([0.10, 0.05, 0.06, -0.02])) == pytest.approx(2 / 3)


def test_a_logistic_curve_is_found_again():
    """Rate .5: ln 81 / .5 = 8.79 years from 10 to 90 %."""
    share = 0.8 / (1.0 + np.exp(-0.5 * (YEARS - 7.0)))
    fit, takeover = fit_logistic(share, YEARS)
    assert fit == pytest.approx(1.0, abs=1e-9)
    assert takeover == pytest.approx(np.log(81) / 0.5, rel=1e-4)


def test_a_sawtooth_is_no_logistic_curve():
    saw = 0.05 + 0.4 * (np.arange(64) % 8) / 8
    assert judge_curves({"saw": saw}, YEARS)[0] == 0.0
    assert np.isnan(judge_curves({}, YEARS)[0])


def test_n4_is_the_bass_curve():
    """A01: F(5) = .3312, F(10) = .8128 at p .03, q .38; nothing before the start."""
    assert bass_share(np.array([-1.0, 5.0, 10.0])) == pytest.approx([0.0, 0.3312, 0.8128], abs=1e-4)


def test_n1_goes_on_at_its_rate():
    """100, 110, 121 grow by a tenth a year: 146.41 in 2024."""
    found = continued(pd.Series([100.0, 110.0, 121.0], index=[2020, 2021, 2022]), 2024)
    assert found[2024] == pytest.approx(146.41)


def test_values_stand_on_the_scale_of_their_range():
    assert place_on_range(10.0, make_test(5, 15)) == pytest.approx(0.5)
    assert place_on_range(-3.0, make_test(None, 0)) == 0.0  # open below: inside, however far
    assert place_on_range(20.0, make_test(10, None)) == 1.0
    assert place_on_range(5.0, make_test(10, None)) == pytest.approx(-0.5)
    assert [range_text(make_test(*r)) for r in ((5, 15), (None, 5), (10, None))] == ["5 .. 15", "≤ 5", "≥ 10"]


FEW = ("sigmoid_technologies_share", "audited_offers_accepted_share", "rank_size_exponent", "plateau_years",
       "electric_cars_2020_percent", "contract_industry_share")  # fmt: skip


@pytest.fixture
def few_tests(monkeypatch):
    chosen = tuple(t for t in pattern_tests() if t.measure in FEW)
    monkeypatch.setattr(bench, "pattern_tests", lambda: chosen)
    monkeypatch.setattr(bench, "tests_of", lambda p: tuple(t for t in chosen if t.pattern == p))


@pytest.fixture
def small_bench(few_tests) -> Bench:
    return run_bench("minimal", seeds=2, workers=1)


def test_a_place_without_cars_cannot_show_their_take_off(small_bench):
    cars = [j for j in small_bench.judged["model"] if j.test.measure == "electric_cars_2020_percent"]
    assert [frame.verdict(j) for j in cars] == ["not_measurable"]
    assert not small_bench.passes("P02")


def test_tables_name_every_model_and_every_pattern(small_bench):
    tests, found = frame.test_frame(small_bench), frame.pattern_frame(small_bench)
    assert set(tests["model"]) == {"model", "N1", "N2", "N3", "N4"}
    assert list(found["pattern"]) == list(patterns())
    assert frame.summary(small_bench)["passed_C"][1] == 14
    assert json.dumps(frame.summary(small_bench))


def test_null_models_take_away_what_they_say(small_bench):
    """N3 takes the cheapest: who is offered what pays back in two years does, where it can pay."""
    offers = {m: next(j.value for j in js if j.test.measure == "audited_offers_accepted_share")
              for m, js in small_bench.judged.items() if m in ("model", "N2", "N3")}  # fmt: skip
    assert offers["N3"] > offers["model"] + 0.1


def test_a_null_model_with_fewer_seeds_meets_the_model_on_the_same_ones(monkeypatch):
    """Take-over in 7, 8, 30 and 30 years; N2 on the first two seeds 8 and 30: there 1.0 against 0.5, in 6 to 25."""
    years = {"model": [7.0, 8.0, 30.0, 30.0], "N2": [8.0, 30.0], "N3": [30.0, 30.0]}
    monkeypatch.setattr(bench, "pattern_tests", lambda: (make_test(6, 25),))
    monkeypatch.setattr(bench, "tests_of", lambda p: (make_test(6, 25),) if p == "P01" else ())
    monkeypatch.setattr(bench, "Trial", lambda *_: SimpleNamespace(run=lambda: None))
    monkeypatch.setattr(
        bench,
        "_samples",
        lambda _place, tasks, _workers: ((t, {t[0]: {"takeover_years": years[t[0]][t[1] - 1]}}) for t in tasks),
    )
    found = run_bench("anywhere", seeds=4, null_seeds=2, workers=1)
    assert found.score("P01") == 0.5
    assert found.scores("N2") == (1.0, 0.5, 1)
    assert found.whole_scores("N3") == pytest.approx((1 / 23, 0.0))


def test_who_cannot_show_a_pattern_fails_it(small_bench):
    """N4 speaks of the one test of P01 here, which its curve passes, and of none of the other 22 patterns."""
    _, bass = small_bench.whole_scores("N4")
    assert bass == pytest.approx(1 / 23)


def test_the_command_prints_and_keeps_the_bench(few_tests, tmp_path):
    run = CliRunner().invoke(
        app, ["patterns", "--place", "minimal", "--seeds", "1", "--workers", "1", "--no-nulls", "--out", str(tmp_path)]
    )  # fmt: skip
    assert run.exit_code == 0, run.output
    assert "P03" in run.output
    assert "cannot be measured here: fails" in run.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["patterns.csv", "patterns.json", "patterns.png"]
    again = CliRunner().invoke(app, ["patterns", "--place", "minimal", "--out", str(tmp_path)])
    assert again.exit_code == 2
    assert "--force" in again.output


def test_words_are_chinese_where_asked(small_bench):
    from transition_sim.cli.patterns_report import BenchWords, bench_parts

    said = [part for part in bench_parts(small_bench, BenchWords(Words("zh"))) if isinstance(part, str)]
    assert any("无此对象" in line for line in said)


def test_a_place_without_covered_works_trades_no_allowances():
    """No row of the market in any quarter: the share of the fourth is not defined, and nothing fails."""

    class Empty:
        def run(self, _):
            columns = ["market", "year", "quarter_of_year", "volume"]
            return type("Result", (), {"market": pd.DataFrame(columns=columns)})

    assert np.isnan(last_quarter_volume_share(Empty()))
