"""Paired comparison: intervals by hand, common random numbers, the same with one and two processes, the command."""

import numpy as np
import pandas as pd
import pytest
from synthetic_run import DUAL_MT, synthetic_result
from typer.testing import CliRunner

from transition_sim import comparison
from transition_sim.cli.app import app
from transition_sim.comparison import Comparison, compare, paired_interval, replicates_needed
from transition_sim.core.clock import Clock
from transition_sim.core.errors import ConservationError, ScenarioError
from transition_sim.measures import MEASURES, Measure, defined, measure_run
from transition_sim.scenarios import load_scenario

SHORT = ["compare", "minimal", "--policy", "none", "--policy", "current", "--until", "2021", "--replicates", "3"]


def invoke(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def pair():
    return tuple(load_scenario("minimal", policy, end_year=2021) for policy in ("none", "ambitious"))


# --- numbers by hand --------------------------------------------------------------------------------------------------


def test_interval_of_three_differences():
    """1, 2, 3: mean 2, sd 1; t(0.975, 2) = 4.30265; half width 4.30265 / sqrt(3) = 2.48414."""
    mean, sd, half = paired_interval(np.array([1.0, 2.0, 3.0]))
    assert (mean, sd) == (2.0, 1.0)
    assert half == pytest.approx(2.48414, rel=1e-5)


@pytest.mark.parametrize(
    ("sd", "half", "n"),
    [
        (1.0, 0.5, 18),  # t(17) = 2.10982: 2.10982 / sqrt(18) = 0.4973; with 17: 2.11991 / sqrt(17) = 0.5142
        (1.0, 2.5, 3),  # 2.48414 with 3; with 2: 12.7062 / sqrt(2) = 8.98
        (0.0, 0.1, 2),
        (1.0, 0.02, 9606),  # about (1.96 / 0.02)^2 = 9604, a little more for t
    ],
)
def test_replicates_for_a_wanted_half_width(sd, half, n):
    assert abs(replicates_needed(sd, half) - n) <= (1 if n > 1000 else 0)


def test_half_width_of_zero_is_refused():
    with pytest.raises(ValueError, match="the half width is above 0"):
        replicates_needed(1.0, 0.0)


def test_table_of_known_values(pair):
    measure = Measure("x", "Mt", "X", "某", lambda result: 0.0)
    a, b = np.array([[5.0], [7.0], [9.0]]), np.array([[4.0], [5.0], [9.0]])
    row = Comparison(*pair, (1, 2, 3), (measure,), a, b).table.loc["x"]
    # differences -1, -2, 0: mean -1, sd 1, half width 2.48414; two of three seeds lower, one equal
    assert (row["mean_a"], row["mean_b"], row["difference"], row["sd"]) == (7.0, 6.0, -1.0, 1.0)
    assert (row["low"], row["high"]) == pytest.approx((-3.48414, 1.48414), rel=1e-5)
    assert (row["share_b_lower"], row["share_equal"]) == pytest.approx((2 / 3, 1 / 3))
    assert row["replicates_for_tenth"] == pytest.approx(387, abs=1)  # (1.96 / 0.1)^2 = 384.1, a little more for t


def test_measures_of_a_known_run():
    found = dict(zip([m.key for m in MEASURES], measure_run(synthetic_result(), MEASURES), strict=True))
    assert found["peak_year_dual_control"] == 2023
    assert found["peak_year_territorial"] == 2031
    assert (found["peak_confirmed_share"], found["peak_censored_share"]) == (1, 0)
    assert found["plateau_years_dual_control"] == 3
    assert found["peak_dual_control_mtco2"] == pytest.approx(10.0)
    assert found["cumulative_dual_control_mtco2"] == pytest.approx(sum(DUAL_MT))  # 89.8
    assert found["cumulative_territorial_mtco2"] == pytest.approx(78.0)  # 1 + ... + 12
    assert found["dual_control_2025_mtco2"] == pytest.approx(9.0)
    assert found["dual_control_end_mtco2"] == pytest.approx(3.0)
    assert found["co2_per_gdp_end_t_per_10k_cny"] == pytest.approx(0.3)  # 3e6 t over 100e9 CNY
    assert found["fiscal_paid_m_cny"] == pytest.approx(1680.0)  # 12 x (100 + 40)
    assert found["fiscal_net_cost_m_cny"] == pytest.approx(1320.0)  # less 12 x 30
    assert found["green_adopters_end"] == 3  # 1 + 2; the grey technology's 9 do not count
    assert found["defaults"] == 48


def test_measures_have_unique_keys_and_names_and_need_their_years():
    assert len({m.key for m in MEASURES}) == len(MEASURES)
    assert all(m.en and m.zh and m.unit for m in MEASURES)
    left_out = {m.key for m in MEASURES if not defined(m, Clock(2020, 2026))}
    assert left_out == {"dual_control_2030_mtco2"}


# --- runs -------------------------------------------------------------------------------------------------------------


def test_a_scenario_against_itself_differs_by_exactly_nothing(pair):
    found = compare(pair[1], pair[1], replicates=2)
    assert (found.values_a == found.values_b).all()
    assert (found.table["difference"] == 0).all()


def test_the_seeds_are_the_same_for_both_and_matter(pair):
    found = compare(*pair, replicates=3, seed=5, measures=["cumulative_dual_control_mtco2", "subsidy_m_cny"])
    assert found.seeds == (5, 6, 7)
    assert len(set(found.values_a[:, 0])) == 3
    assert (found.values_b[:, 1] > found.values_a[:, 1]).all()  # no policy pays nothing
    again = compare(*pair, replicates=2, seed=6, measures=["cumulative_dual_control_mtco2"])
    assert (again.values_b[:, 0] == found.values_b[1:, 0]).all()  # seed 6 is seed 6, wherever it stands


def test_two_processes_give_the_same_numbers(pair):
    one, two = (compare(*pair, replicates=3, workers=workers) for workers in (1, 2))
    assert one.values_a.tobytes() == two.values_a.tobytes()
    assert one.values_b.tobytes() == two.values_b.tobytes()


def test_values_are_tidy_and_progress_counts(pair):
    seen = []
    found = compare(
        *pair, replicates=2, workers=None, measures=["defaults"], on_pair=lambda done, total: seen.append((done, total))
    )
    assert seen == [(1, 2), (2, 2)]
    assert list(found.values.columns) == ["seed", "measure", "a", "b"]
    assert list(found.values["seed"]) == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"replicates": 1}, "an interval needs at least 2 replicates, not 1"),
        ({"workers": 0}, "workers is at least 1, not 0"),
        ({"measures": ["happiness"]}, "no such measure over these years: happiness. There are: peak_year_dual"),
    ],
)
def test_wrong_arguments_are_refused(pair, arguments, message):
    with pytest.raises(ValueError, match=message):
        compare(*pair, **arguments)


def test_other_years_cannot_be_paired(pair):
    with pytest.raises(ValueError, match="the same years"):
        compare(pair[0], load_scenario("minimal", end_year=2022))


def test_a_broken_identity_names_seed_and_scenario(pair, monkeypatch):
    def broken(scenario, seed, **_):
        raise ConservationError("B08 money", 1.0, "CNY", "2021Q1")

    monkeypatch.setattr("transition_sim.build.run", broken)
    with pytest.raises(ConservationError) as caught:
        compare(*pair, replicates=2)
    assert caught.value.__notes__ == ["in A (policy none), seed 1"]


@pytest.mark.parametrize("error", [ConservationError("B08 money", 1.0, "CNY", "2021Q1", (("x", 1.0),)), "scenario"])
def test_errors_of_a_worker_come_back_whole(pair, monkeypatch, error):
    if error == "scenario":
        with pytest.raises(ScenarioError) as made:
            load_scenario("nowhere")
        error = made.value

    def broken(*_, **__):
        raise error

    monkeypatch.setattr("transition_sim.build.run", broken)
    answer = comparison._run_in_worker(pair, 7, ("defaults",))
    with pytest.raises(type(error)) as caught:
        comparison._unpacked(answer)
    assert str(caught.value) == str(error)
    assert caught.value.__notes__[-1] == "in A (policy none), seed 7"


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_shows_and_writes_the_differences(tmp_path):
    out = tmp_path / "table.csv"
    answer = invoke(*SHORT, "--out", out)
    assert answer.exit_code == 0, answer.output
    assert "A: No policy (none)" in answer.stdout
    assert "B: Current plan (current)" in answer.stdout
    assert "3 pairs of runs, seeds 1 to 3, the same for A and B" in answer.stdout
    table = pd.read_csv(out, index_col="measure")
    assert table.at["subsidy_m_cny", "mean_a"] == 0
    assert [p.name for p in tmp_path.iterdir()] == ["table.csv"]
    assert invoke(*SHORT, "--out", out).exit_code == 2
    assert invoke(*SHORT, "--out", out, "--force", "--lang", "zh").exit_code == 0


def test_set_holds_for_both_sides():
    answer = invoke(*SHORT, "--set", "levers.capex_subsidy_share=0", "--set", "levers.tax_credit_share=0")
    line = next(line for line in answer.stdout.splitlines() if line.startswith("Capital subsidies"))
    assert line.split()[4:6] == ["0.00", "0.00"]


@pytest.mark.parametrize("policies", [["none"], ["none", "current", "ambitious"]])
def test_two_policies_are_needed(policies):
    arguments = [word for name in policies for word in ("--policy", name)]
    answer = invoke("compare", "minimal", *arguments)
    assert answer.exit_code == 2
    assert "give --policy twice" in " ".join(answer.stderr.split())


def test_faults_of_a_policy_are_reported(tmp_path):
    answer = invoke("compare", "minimal", "--policy", "none", "--policy", "curent")
    assert answer.exit_code == 2
    assert "Did you mean current?" in answer.stderr


def test_ctrl_c_leaves_no_file(tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("transition_sim.build.run", stop)
    assert invoke(*SHORT, "--out", tmp_path / "table.csv").exit_code == 130
    assert list(tmp_path.iterdir()) == []
