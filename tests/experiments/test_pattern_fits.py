"""Calibration on patterns: steps, what is accepted, what is identified, and the posteriors that ship."""

import re
from importlib.resources import as_file, files

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from transition_sim.cli.app import app
from transition_sim.cli.fit import lines
from transition_sim.cli.words import Words
from transition_sim.experiments.patterns.fitting import Fit, Step, fit_step, steps
from transition_sim.experiments.patterns.measures import MEASURES
from transition_sim.experiments.patterns.table import pattern_tests
from transition_sim.scenarios import registry

OFFERS = "audited_offers_accepted_share"
STEP = Step("C2", ("choice_noise", "hurdle_soe_per_year"), (OFFERS,), "Adoption", "采用决策")


def fit_of(noise: np.ndarray, hurdle: np.ndarray, accepted: np.ndarray) -> Fit:
    settings = {"choice_noise": noise, "hurdle_soe_per_year": hurdle, OFFERS: np.where(accepted, 0.5, 0.9)}
    return Fit(STEP, "minimal", pd.DataFrame(settings | {"is_accepted": accepted}))


def test_steps_name_parameters_with_ranges_and_measures_of_the_bench():
    known = {t.measure for t in pattern_tests()} & set(MEASURES)
    for step in steps().values():
        assert set(step.measures) <= known
        assert len(step.tests) == len(step.measures)
        assert all(registry.parameters()[key].low < registry.parameters()[key].high for key in step.parameters)


def test_a_parameter_is_identified_where_the_posterior_is_narrow():
    """Noise .04 to .16: accepted from .10 to .16, half of the range, 90 % of them in .45; hurdles lie evenly."""
    noise = np.linspace(0.04, 0.16, 121)
    hurdle = 0.042 + 0.036 * (np.arange(121) * 0.618 % 1.0)
    fit = fit_of(noise, hurdle, noise >= 0.10)
    table = fit.parameters().set_index("parameter")
    assert len(fit.posterior) == 61
    assert table.at["choice_noise", "width_of_prior"] == pytest.approx(0.45, abs=0.005)
    assert table["is_identified"].tolist() == [True, False]
    assert fit.correlated() == []


def test_parameters_that_trade_are_named():
    """Accepted along a line: noise up, hurdle down."""
    noise = np.linspace(0.04, 0.16, 30)
    hurdle = 0.078 - 0.3 * (noise - 0.04)
    ((first, second, r),) = fit_of(noise, hurdle, np.ones(30, bool)).correlated()
    assert {first, second} == set(STEP.parameters)
    assert r == pytest.approx(-1.0)


def test_what_a_fit_says_names_everything_in_chinese():
    """All 30 settings accepted, noise and hurdle on a line: they trade, and the line is no narrower than the ranges."""
    noise = np.linspace(0.04, 0.16, 30)
    said = list(lines(fit_of(noise, 0.078 - 0.3 * (noise - 0.04), np.ones(30, bool)), Words("zh")))
    assert said[0] == "C2 采用决策：30 组设定中 30 组满足全部要求"
    assert "（-1.00）" in said[-1]
    names = [registry.parameters()[key].name_zh for key in STEP.parameters]
    assert all(name in said[-1] and any(name in line for line in said[2:4]) for name in names)
    assert [line for line in said if re.search("[a-z]{3,}", line)] == []
    english = list(lines(fit_of(noise, 0.078 - 0.3 * (noise - 0.04), np.ones(30, bool)), Words("en")))
    assert english[-1] == "  Trade against each other: hurdle_soe_per_year / choice_noise (-1.00)."


def test_where_nothing_is_accepted_nothing_is_known():
    fit = fit_of(np.linspace(0.04, 0.16, 5), np.full(5, 0.06), np.zeros(5, bool))
    assert fit.posterior.empty
    assert not fit.parameters()["is_identified"].any()
    assert fit.measures()["settings_in_range"].tolist() == [0.0]


def test_settings_are_spread_over_the_ranges_and_accepted_by_the_range_of_the_pattern():
    """Range of P03: .4 to .6; more noise brings the willing nearer to a half."""
    fit = fit_step(STEP, "minimal", samples=6)
    row = registry.parameters()["choice_noise"]
    cells = np.sort((6 * (fit.settings["choice_noise"] - row.low) / (row.high - row.low)).astype(int))
    assert cells.tolist() == [0, 1, 2, 3, 4, 5]
    assert (fit.settings["is_accepted"] == fit.settings[OFFERS].between(0.4, 0.6)).all()
    assert fit.settings[["choice_noise", OFFERS]].corr().iloc[0, 1] < 0.0


def test_the_command_writes_all_settings_and_the_posterior(tmp_path):
    run = CliRunner().invoke(
        app, ["fit-patterns", "C7", "--place", "minimal", "--samples", "2", "--out", str(tmp_path)]
    )
    assert run.exit_code == 0, run.output
    assert "C7" in run.output
    assert sorted(p.name for p in tmp_path.iterdir()) == ["fit.json", "posterior.csv", "settings.csv"]
    assert len(pd.read_csv(tmp_path / "settings.csv")) == 2
    again = CliRunner().invoke(app, ["fit-patterns", "C7", "--place", "minimal", "--out", str(tmp_path)])
    assert again.exit_code == 2
    unknown = CliRunner().invoke(app, ["fit-patterns", "C12"])
    assert unknown.exit_code == 2


def test_posteriors_that_ship_lie_in_the_ranges():
    """Settings of the parameters of a step, each within its table, and values within the ranges of the patterns."""
    with as_file(files("transition_sim.scenarios") / "library" / "posteriors") as folder:
        shipped = {path.stem: pd.read_csv(path) for path in folder.glob("C*.csv")}
    assert shipped
    for name, table in shipped.items():
        step = steps()[name]
        assert list(table.columns) == [*step.parameters, *step.measures]
        for key in step.parameters:
            row = registry.parameters()[key]
            assert table[key].between(row.low, row.high).all()
        for test in step.tests:
            assert all(test.holds(value) for value in table[test.measure])
