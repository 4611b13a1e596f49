"""SM25 scoreboard: statuses, gaps and progress of one target by hand; no rank."""

import dataclasses

import numpy as np
import pytest

from transition_sim.scenarios import registry
from transition_sim.scenarios.targets import Target
from transition_sim.scoreboard import Ensemble, assess
from transition_sim.scoreboard.measures import change_percent, mean_change_percent_per_year


def target(direction="at_least", value=30.0, year=2030, base_year=None, unit="%"):
    return Target(
        "T1", "I03", "energy_system", ("minimal",), "Share", "占比", value, unit, year, True, direction, base_year,
        "nonfossil_share_percent", "", "", "D", "a plan", "high",
    )  # fmt: skip


def ensemble(*rows, first=2020, is_open=None):
    values = np.array(rows, dtype=float)
    return Ensemble(np.arange(first, first + values.shape[1]), values, np.array(is_open or [False] * len(rows)))


def line(start, step, n=16):
    return [start + step * k for k in range(n)]


def test_met_in_two_of_three_runs():
    """2030 is the tenth year on: 20 + 10 x 1.5 = 35, 20 + 10 = 30, 20 + 5 = 25; median 30 is the target itself."""
    found = assess(target(), ensemble(line(20, 1.5), line(20, 1.0), line(20, 0.5)))
    assert (found.status, found.value, found.value_year) == ("met", 30.0, 2030)
    assert (found.base_value, found.gap, found.progress) == (20.0, 0.0, 1.0)
    assert found.probability == pytest.approx(2 / 3)
    assert (found.runs_met, found.runs) == (2, 3)
    assert (found.low, found.high) == pytest.approx((25.5, 34.5))  # 5 % of the way from 25 to 30; from 35 to 30


def test_missed_where_more_than_half_do_not_reach_it_in_its_year():
    """Reached in 2035 (35) but not in 2030 (28, 28, 33): the year counts. Progress (28 - 20) / (30 - 20)."""
    found = assess(target(), ensemble(line(20, 0.8), line(20, 0.8), line(20, 1.3)))
    assert (found.status, found.gap) == ("missed", pytest.approx(2.0))
    assert found.progress == pytest.approx(0.8)
    assert found.probability == pytest.approx(1 / 3)


@pytest.mark.parametrize(("step", "status"), [(1.0, "on_track"), (0.99, "lag"), (2.5, "on_track"), (-0.1, "lag")])
def test_beyond_the_run_the_line_of_time_decides(step, status):
    """Five of ten years have passed; half of the ten points is 25."""
    found = assess(target(), ensemble(line(20, step, 6)))
    assert (found.status, found.value_year) == (status, 2025)
    assert found.progress == pytest.approx(step / 2)
    assert np.isnan(found.probability)
    assert found.runs_met is None


def test_at_most_counts_downwards():
    """-18 against -14.5: 3.5 beyond it; progress 18 / 14.5."""
    goal = target("at_most", -14.5, 2025, 2020)
    found = assess(goal, ensemble(line(0, -3.6, 6)))
    assert (found.status, found.gap) == ("met", pytest.approx(-3.5))
    assert found.progress == pytest.approx(18 / 14.5)
    assert assess(goal, ensemble(line(0, -2.8, 6))).status == "missed"


def test_progress_is_not_defined_where_the_base_year_is_there_already():
    found = assess(target(), ensemble(line(40, -0.5)))
    assert found.status == "met"
    assert np.isnan(found.progress)


@pytest.mark.parametrize(
    ("direction", "step", "status"),
    [("falling", -0.1, "met"), ("falling", 0.0, "missed"), ("rising", 0.1, "met"), ("rising", 0.0, "missed")],
)
def test_a_fall_without_a_number_is_strict(direction, step, status):
    found = assess(target(direction, None), ensemble(line(20, step)))
    assert found.status == status
    assert np.isnan(found.gap)


def test_a_fall_counts_from_its_base_year():
    """20 -> 25 to 2025, then 24: below 2025, above 2020."""
    path = [*line(20, 1, 6), *[24.0] * 10]
    assert assess(target("falling", None, 2030, 2025), ensemble(path)).status == "met"
    assert assess(target("falling", None, 2030, 2020), ensemble(path)).status == "missed"


def peaks(*years, n=16, is_open=None):
    return ensemble(*([y] * n for y in years), is_open=is_open)


@pytest.mark.parametrize(
    ("years", "n", "is_open", "status", "runs_met"),
    [
        ((2028, 2029, 2033), 16, None, "met", 2),
        ((2028, 2033, 2034), 16, None, "missed", 1),
        ((2028, 2033), 16, None, "met", 1),  # at least half
        ((2029, 2030), 12, [True, True], "lag", 0),  # ends in 2031, could still move
        ((2022, 2023), 6, None, "on_track", None),  # ends in 2025 after the turn
        ((2025, 2025), 6, [True, True], "lag", None),
    ],
)
def test_peak_by_2030(years, n, is_open, status, runs_met):
    found = assess(target("by_year", 2030.0, unit="year"), peaks(*years, n=n, is_open=is_open))
    assert (found.status, found.runs_met) == (status, runs_met)
    assert np.isnan(found.progress)


def test_gap_of_a_peak_is_its_delay():
    assert assess(target("by_year", 2030.0, unit="year"), peaks(2033)).gap == 3


def test_not_modelled_says_why():
    row = registry.targets()["T150"]
    found = assess(row, None)
    assert (found.status, found.reason_en, found.reason_zh) == ("not_modelled", row.reason_en, row.reason_zh)
    assert np.isnan(found.value)


def test_not_defined_in_most_runs_is_not_modelled():
    nothing = [np.nan] * 16
    assert assess(target(), ensemble(nothing, nothing, line(20, 2))).status == "not_modelled"
    found = assess(target(), ensemble(nothing, line(20, 2), line(20, 0)))
    assert (found.status, found.runs, found.probability) == ("met", 2, 0.5)


def test_a_run_that_ends_before_the_change_begins():
    found = assess(target("falling", None, 2030, 2025), ensemble(line(20, -1, 4)))
    assert found.status == "not_modelled"
    assert "before the year" in found.reason_en


def test_changes_by_hand():
    """100, 110, 121: +21 % in all, 10 % a year; 0 in the base year, nothing before it."""
    series = np.array([90.0, 100.0, 110.0, 121.0])
    assert change_percent(series, 2020, 2021) == pytest.approx([-10.0, 0.0, 10.0, 21.0])
    assert mean_change_percent_per_year(series, 2020, 2021)[1:] == pytest.approx([0.0, 10.0, 10.0])
    assert np.isnan(mean_change_percent_per_year(series, 2020, 2021)[0])
    assert np.isnan(change_percent(series, 2020, 2030)).all()


def test_an_assessment_has_no_order():
    """Two targets cannot be sorted against each other: nothing here is a score."""
    found = assess(target(), ensemble(line(20, 1)))
    with pytest.raises(TypeError):
        sorted([found, dataclasses.replace(found, status="missed")])
