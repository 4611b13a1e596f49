"""The scoreboard of runs: figures by hand on a known run, the small place, the city, the command."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import transition_sim as ts
from transition_sim.cli.app import app
from transition_sim.core.errors import ConservationError
from transition_sim.evaluation import Evaluation
from transition_sim.scenarios import load_scenario
from transition_sim.scoreboard import STATUSES, from_runs, scoreboard
from transition_sim.scoreboard import ensemble as runs_of
from transition_sim.scoreboard.catalogue import BY_KEY
from transition_sim.scoreboard.copying import copied_share
from transition_sim.scoreboard.measures import tapio
from transition_sim.world import columns

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
from synthetic_run import synthetic_result

SHORT = ["scoreboard", "minimal", "--until", "2021", "--replicates", "2"]


def invoke(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def value(key, result, year, base_year=2020):
    return BY_KEY[key].of(result, base_year)[year - 2020]


def subsidise(result, enterprise, yearly_cny):
    """Give an enterprise a subsidy every year, 10 M CNY of investment stay where they are."""
    result.recorder.agent[:, enterprise, [c.name for c in columns.AGENT].index("subsidy_cny")] = yearly_cny
    return result


# --- a run known by hand ----------------------------------------------------------------------------------------------


def test_measures_of_a_known_run():
    """CO2 8, 9, 9.9, 10, 9.9, 9 ... Mt; energy 4 Mtce; GDP 100 bn CNY; non-fossil 1 Mtce, every year."""
    result = synthetic_result()
    assert value("peak_year_dual_control", result, 2020) == 2023
    assert value("peak_year_territorial", result, 2020) == 2031
    assert not BY_KEY["peak_year_dual_control"].is_open(result)
    assert BY_KEY["peak_year_territorial"].is_open(result)
    assert value("energy_per_gdp_change_percent", result, 2025) == pytest.approx(0.0)
    assert value("co2_per_gdp_change_percent", result, 2025) == pytest.approx(12.5)  # 9 / 8
    assert value("nonfossil_share_percent", result, 2030) == pytest.approx(25.0)
    assert value("co2_change_percent_per_year", result, 2022, 2020) == pytest.approx(
        11.24298, rel=1e-6
    )  # sqrt(9.9 / 8) - 1
    assert value("co2_per_energy_larger_park", result, 2030) == pytest.approx(1.0)  # 4 Mt over 4 Mtce
    assert np.isnan(value("co2_per_energy_smaller_park", result, 2030))  # 4 Mtce is no smaller park
    assert np.isnan(value("electric_machines_percent", result, 2030))
    assert np.isnan(value("chemicals_output_bn_cny", result, 2030))


def test_sm19_bought_steam_is_on_both_sides_of_the_co2_of_a_park():
    """4 Mt, and .2 Mt for bought steam, over 4 Mtce, which hold the steam already: 1.05."""
    result = synthetic_result()
    heat = [c.name for c in columns.PLACE].index("purchased_heat_tco2")
    result.recorder.place[:, heat] = 0.2e6 / 4.0
    assert value("co2_per_energy_larger_park", result, 2030) == pytest.approx(1.05)


def test_decoupling_is_not_defined_without_growth():
    assert np.isnan(tapio(synthetic_result(), 2020)).all()  # GDP stands still


def board_of(*results):
    scenario = results[0].scenario
    return from_runs(scenario, tuple(range(1, len(results) + 1)), results)


def test_scoreboard_of_a_known_park():
    """The park uses 4 Mtce: the larger class holds, 1.0 against 0.3 in 2030; the smaller one is none of its own."""
    table = board_of(synthetic_result(), synthetic_result(2)).table
    assert set(table.index) == {"T112", "T113", "T114", "T116", "T117", "T118", "T119", "T121"}
    row = table.loc["T113"]
    assert (row["status"], row["value"], row["runs_met"], row["runs"]) == ("missed", pytest.approx(1.0), 0, 2)
    assert row["gap"] == pytest.approx(0.7)
    assert row["progress"] == pytest.approx((1.0 - 2.0) / (0.3 - 2.0))  # 8 Mt over 4 Mtce in 2020
    assert table.at["T112", "status"] == "not_modelled"
    assert "size class" in table.at["T112", "reason_en"]
    assert set(table["status"]) <= set(STATUSES)


def test_equal_peaks_and_other_fairness_never_tie():
    """Seed 2 says that a peak year alone is no measure: same peak, subsidies to the large or to the small firm."""
    large = board_of(subsidise(synthetic_result(), 0, 4e6))
    small = board_of(subsidise(synthetic_result(), 1, 4e6))
    assert large.table["value"].equals(small.table["value"])
    a, b = (x.dimensions.set_index("key") for x in (large, small))
    assert a.at["peak_year", "value"] == b.at["peak_year", "value"] == 2023
    assert a.at["smaller_subsidy_percent", "value"] == 0
    assert b.at["smaller_subsidy_percent", "value"] == 100
    names = " ".join([*large.table.columns, *large.dimensions.columns, *vars(large)])
    assert not any(word in names for word in ("rank", "score", "total", "index_"))
    with pytest.raises(TypeError):
        sorted([large, small])


def test_six_dimensions_stand_side_by_side():
    found = board_of(synthetic_result()).dimensions
    assert list(dict.fromkeys(found["dimension"])) == [
        "emission_path", "energy_system", "industry", "finance_fairness", "capability", "replicability",
    ]  # fmt: skip
    row = found.set_index("key").loc["net_fiscal_m_cny"]
    assert row["value"] == pytest.approx(110.0)  # 100 + 40 - 30
    assert np.isnan(found.set_index("key").at["copies", "value"])


def test_a_run_too_few_is_refused():
    with pytest.raises(ValueError, match="1 runs for 2 seeds"):
        from_runs(synthetic_result().scenario, (1, 2), [synthetic_result()])
    with pytest.raises(ValueError, match="at least 1 replicate"):
        scoreboard(load_scenario("minimal"), replicates=0)


# --- real runs --------------------------------------------------------------------------------------------------------


def test_the_city_has_every_target_of_its_plan():
    scenario = load_scenario("guangan_city", policy="current")
    seen = []
    board = scoreboard(scenario, replicates=3, seed=4, on_run=lambda done, total: seen.append((done, total)))
    assert (board.seeds, seen[-1]) == ((4, 5, 6), (3, 3))
    table = board.table
    assert len({key.split("_")[0] for key in table.index}) == 46
    modelled = table[table["measure"] != ""]
    assert len(modelled) == 43
    assert (modelled["status"] != "not_modelled").all()
    assert (modelled["runs"] == 3).all()
    assert ((modelled["low"] <= modelled["value"]) & (modelled["value"] <= modelled["high"])).all()
    assert table.at["T147", "value"] == 5
    others = table[table["measure"] == ""]
    assert (others["status"] == "not_modelled").all()
    assert others["reason_en"].str.len().min() > 20
    again = scoreboard(scenario, replicates=1, seed=5)
    assert again.assessments[0].run_values == board.assessments[0].run_values[1:2]


def test_a_short_horizon_leaves_later_targets_open():
    table = scoreboard(load_scenario("guangan_city", policy="current", end_year=2023), replicates=1).table
    assert table.at["T144", "status"] in ("on_track", "lag")
    assert table.at["T144", "value_year"] == 2023
    assert np.isnan(table.at["T144", "probability"])
    assert table.at["T145", "status"] == "not_modelled"  # counts from 2025


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "words"), [("en", "size class"), ("zh", "园区能耗不在此档")])
def test_the_command_prints_in_both_languages(lang, words):
    answer = invoke(*SHORT, "--lang", lang)
    assert answer.exit_code == 0, answer.stderr
    assert words in answer.stdout
    assert "T112" in answer.stdout


def test_json_is_plain_and_whole():
    found = json.loads(invoke(*SHORT, "--json").stdout)
    assert (found["place"], found["policy"], found["seeds"], found["years"]) == (
        "minimal", "current", [1, 2], [2020, 2021],
    )  # fmt: skip
    assert len(found["targets"]) == 8
    assert found["targets"][0]["value"] is None
    assert {row["dimension"] for row in found["dimensions"]} >= {"finance_fairness", "replicability"}


def test_files_are_written_once(tmp_path):
    out, figure = tmp_path / "t.csv", tmp_path / "t.png"
    answer = invoke(*SHORT, "--out", out, "--figure", figure, "--lang", "zh")
    assert answer.exit_code == 0, answer.stderr
    assert out.read_text(encoding="utf-8").startswith("id,dimension,indicator,name_en")
    assert figure.read_bytes().startswith(b"\x89PNG")
    again = invoke(*SHORT, "--out", out, "--figure", figure)
    assert again.exit_code == 2
    assert "--out" in again.stderr
    assert "--figure" in again.stderr
    assert len(list(tmp_path.iterdir())) == 2
    assert invoke(*SHORT, "--out", out, "--force").exit_code == 0


def test_errors_as_in_the_other_commands(monkeypatch, tmp_path):
    answer = invoke("scoreboard", "nowhere")
    assert answer.exit_code == 2
    assert "Nothing was run or written" in answer.stderr

    def broken(scenario, seed, **_):
        raise ConservationError("B08 money", 1.0, "CNY", "2020Q1")

    monkeypatch.setattr(runs_of.build, "run", broken)
    answer = invoke(*SHORT, "--out", tmp_path / "t.csv")
    assert answer.exit_code == 3
    assert "B08 money" in answer.stderr
    assert "seed 1" in answer.stderr
    assert not list(tmp_path.iterdir())


def test_i47_is_the_mean_of_the_annual_evaluation():
    """Two ways to the same number: tables of the decision log, year by year, and one walk through the log."""
    result = ts.run(ts.load_scenario("guangan_city", policy="current", end_year=2022), seed=3)
    wanted = [np.mean(list(Evaluation(result, year).replicability.values())) for year in (2021, 2022)]
    assert copied_share(result, 0)[1:] == pytest.approx(wanted)
    assert 0.0 < wanted[0] < 1.0
