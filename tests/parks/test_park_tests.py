"""Both park tests over runs that are known by hand, the tables behind them, the command."""

import json
import math
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from transition_sim import build
from transition_sim.cli.app import app
from transition_sim.cli.park_report import found_text
from transition_sim.cli.park_words import ParkWords
from transition_sim.cli.words import Words
from transition_sim.core.errors import ScenarioError
from transition_sim.parks.ensemble import from_runs, judged_year
from transition_sim.parks.zero_carbon import CONVENTIONS, FACTORS, park_year
from transition_sim.scenarios import load_scenario, registry
from transition_sim.scenarios.park_criteria import TRACKS
from transition_sim.world import columns
from transition_sim.world.recorder import PLACE_INDEX

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
from synthetic_run import synthetic_result

ZONE = {"place": {"zone": {"level": "provincial", "has_clear_boundary": True}}}
YEAR = 2027


def run_of(seed=1, zone=None, **yearly):
    """A run of 2020-2031; in 2027 power at .3 tce/MWh: 500 ktce of fuel and 1 TWh, 800 ktce; 560 kt of CO2.

    Direct 60 kt; 1 TWh taken in at .5 t: 500 kt. Calorific 500 + 122.9 = 622.9 ktce.
    """
    result = synthetic_result(seed, tuple([1.0] * 12))
    figures = {
        "imported_mwh": 1e6, "grid_tco2_per_mwh": 4 * 0.5, "energy_coal_equivalent_tce": 800_000.0,
        "energy_calorific_tce": 622_900.0, "dual_control_tco2": 560_000.0, "electricity_mwh": 1e6,
        "capability": 4 * 0.6, "nonfossil_tce": 200_000.0, "output_cny": 1e9, "committed_share": 4 * 0.25,
    }  # fmt: skip
    for name, value in (figures | yearly).items():
        result.recorder.place[:, PLACE_INDEX[name]] = np.repeat(np.broadcast_to(value, 12) / 4.0, 4)
    overlay = ZONE if zone is None else {"place": {"zone": zone}}
    scenario = load_scenario("minimal", policy="current", overlay=overlay, end_year=2031)
    return replace(result, scenario=scenario)


def judged(*results, year=YEAR):
    return from_runs(results[0].scenario, list(enumerate(results, start=1)), year)


def verdict(test, factor, convention="coal_equivalent"):
    table = test.zero_carbon.verdicts.set_index(["factor", "convention"])
    return table.loc[(factor, convention)]


def test_a_rise_where_a_fall_is_wanted_is_called_a_rise():
    """Coal at 3.71 times the base year: 1 - 3.71 = -2.71 of a fall. Fallen to 0.8: a fall of 20 %."""
    rows = registry.near_zero_criteria()
    for chinese, said in ((False, "rise of 271 %"), (True, "上升271%")):
        words = ParkWords(Words("zh" if chinese else "en"))
        assert found_text(rows["coal"], -2.71, words) == said
        assert found_text(rows["coal"], 0.2, words) == "20.0 %"
        assert found_text(rows["clean_energy"], 0.2, words) == "20.0 %"
        assert found_text(rows["capability"], 0.6, words) == "0.600"
        assert found_text(rows["coal"], math.nan, words) == "-"


# --- zero-carbon ------------------------------------------------------------------------------------------------------


def test_a_year_of_a_run_comes_down_to_its_parts():
    """Fuel: 622.9 - .1229 x 1e6 = 500 ktce. Of claims of 300 GWh, 100 came over lines: 200 by certificate."""
    park = park_year(run_of(claimed_mwh=300e3, direct_line_mwh=100e3, direct_green_mwh=150e3), YEAR)
    assert (park.fuel_tce, park.use_mwh, park.inflow_mwh) == pytest.approx((500e3, 1e6, 1e6))
    assert (park.direct_tco2, park.direct_green_mwh, park.certified_green_mwh) == pytest.approx((60e3, 150e3, 200e3))


def test_every_factor_and_convention_is_printed():
    table = judged(run_of()).zero_carbon.verdicts
    assert list(zip(table["factor"], table["convention"], strict=True)) == [
        (f, c) for f in FACTORS for c in CONVENTIONS
    ]


def test_verdict_and_distance_by_hand():
    """National average .5366: 60 + 536.6 = 596.6 kt over 800 ktce = .74575; .2 x 800 = 160: 436.6 kt, 813.64 GWh."""
    row = verdict(judged(run_of()), "national_average")
    assert (row["verdict"], row["binding"], row["level_probability"]) == ("fail", "power", 0.0)
    assert row["co2_per_energy_tco2_per_tce"] == pytest.approx(0.74575)
    assert (row["excess_tco2"], row["green_mwh"]) == (pytest.approx(436_600.0), pytest.approx(436_600 / 0.5366))
    calorific = verdict(judged(run_of()), "national_average", "calorific")
    assert calorific["co2_per_energy_tco2_per_tce"] == pytest.approx(596.6 / 622.9)


def test_the_provincial_factor_is_that_of_the_run():
    row = verdict(judged(run_of()), "provincial")
    assert (row["grid_tco2_per_mwh"], row["co2_tco2"]) == (pytest.approx(0.5), pytest.approx(560_000.0))


def test_purchased_steam_counts():
    row = verdict(judged(run_of(purchased_heat_tco2=40_000.0)), "provincial")
    assert row["co2_tco2"] == pytest.approx(600_000.0)


def test_probability_is_the_share_of_runs():
    """Half of the runs have no CO2 of power: 60 kt / 800 ktce = .075."""
    clean = run_of(imported_mwh=0.0, dual_control_tco2=60_000.0)
    row = verdict(judged(clean, run_of()), "national_fossil")
    assert (row["level_probability"], row["pass_probability"]) == (0.5, 0.5)


def green():
    return {"imported_mwh": 0.0, "dual_control_tco2": 60_000.0}


@pytest.mark.parametrize(
    ("zone", "figures", "wanted"),
    [
        ({"level": "national", "has_clear_boundary": True}, {}, True),
        ({"level": "below", "has_clear_boundary": True}, {}, False),
        ({"level": "provincial", "has_clear_boundary": False}, {}, False),
        ({"level": "provincial", "has_clear_boundary": True}, {"capability": 4 * 0.49}, False),
        ({"level": "provincial", "has_clear_boundary": True, "accident_years": [2025]}, {}, False),  # two years ago
        ({"level": "provincial", "has_clear_boundary": True, "accident_years": [2024]}, {}, True),  # three
        ({"has_clear_boundary": True}, {}, None),  # a level that nobody states is not known
        ({}, {"capability": 4 * 0.1}, False),  # closed whatever the level is
    ],
)
def test_conditions_of_entry(zone, figures, wanted):
    test = judged(run_of(zone=zone, **green(), **figures))
    assert test.zero_carbon.is_eligible[1] is wanted
    row = verdict(test, "national_average")
    assert row["level_probability"] == 1.0
    assert row["pass_probability"] == (1.0 if wanted else 0.0)


def test_an_accident_of_the_run_closes_the_door_for_three_years():
    result = run_of(**green())
    result.recorder.event(4 * 5 + 1, "accident", "park", 1.0, "")  # 2025Q2
    assert [judged(result, year=y).zero_carbon.is_eligible[1] for y in (2024, 2025, 2027, 2028)] == [
        True, False, False, True,
    ]  # fmt: skip


def test_the_accident_shock_is_an_accident_of_the_run():
    """The library's shock: 2025Q2, barred to 2028Q1; by year the door is closed in 2025, 2026 and 2027."""
    scenario = load_scenario("minimal", overlay=ZONE, end_year=2028, shocks=["park_accident"])
    result = build.run(scenario, seed=1, keep_agents=False, keep_decisions=False)
    events = result.events[result.events["kind"] == "accident"]
    assert list(events["quarter"]) == ["2025Q2"]
    table = from_runs(scenario, [(1, result)], 2027).zero_carbon.conditions.set_index("key")
    assert (table.loc["accident_free_years", "found"], table.loc["accident_free_years", "holds"]) == (2.0, False)


def test_guiding_indicators_veto_nothing():
    """Non-fossil 200 of 800 ktce: 25 % of the 90 % wanted; the level is kept all the same."""
    test = judged(run_of(**green()))
    clean = test.zero_carbon.indicators.set_index("key").loc["clean_energy"]
    assert (clean["found"], clean["holds"]) == (pytest.approx(25.0), False)
    assert verdict(test, "national_average")["pass_probability"] == 1.0
    assert test.zero_carbon.indicators.set_index("key").loc["water_reuse", "holds"] is None


# --- near-zero --------------------------------------------------------------------------------------------------------


def test_points_of_the_tracks_by_hand():
    """Management: (2 x .6/.8 + .25/.5) / 3 = 66.67. Energy: 25/90 = 27.78, direct 10/50 = 20, no coal at all: 23.89.

    CO2 falls by 10 % from 2020 to 2027 at constant output and energy: 50, 50 and 0 of the parts: 33.33.
    Mean of the three: 41.30.
    """
    co2 = np.linspace(560e3, 560e3 * 0.9, 8)
    test = judged(run_of(dual_control_tco2=np.append(co2, [500e3] * 4), direct_green_mwh=100e3))
    summary = test.near_zero.summary
    assert [summary[t] for t in TRACKS] == pytest.approx([66.667, 23.889, 33.333], abs=1e-3)
    assert (summary["score"], summary["grade"]) == (pytest.approx(41.296, abs=1e-3), "none")
    assert (summary["trend_probability"], summary["accepted_probability"]) == (1.0, 0.0)


def test_the_two_tests_are_apart():
    """A park that passes the level may miss the trend: green from the first year, and no fall since."""
    test = judged(run_of(**green()))
    assert verdict(test, "national_average")["pass_probability"] == 1.0
    assert test.near_zero.summary["near_zero_probability"] == 0.0


def test_years_that_cannot_be_judged():
    scenario = load_scenario("minimal", end_year=2026)
    assert judged_year(scenario, None) == 2026
    assert judged_year(load_scenario("minimal"), None) == 2030
    for year in (2022, 2027):
        with pytest.raises(ScenarioError, match="Give a year from 2023 to 2026"):
            judged_year(scenario, year)


# --- tables -----------------------------------------------------------------------------------------------------------


def test_criteria_read_columns_that_exist():
    known = {c.name for c in columns.PLACE}
    rows = [*registry.zero_carbon_criteria().values(), *registry.near_zero_criteria().values()]
    for row in rows:
        assert {name for name in row.column.split("/") if name} <= known, row.id


def test_thresholds_of_the_notice():
    """0.2 and 0.3 tCO2/tce, 90, 80, 50 and 80 %, half of the power by direct supply, three years."""
    p = {key: row.value for key, row in registry.parameters().items()}
    limits = {key: row.limit(p) for key, row in registry.zero_carbon_criteria().items()}
    assert limits == {
        "zone_level": 1, "clear_boundary": 1, "measuring_basis": 0.5, "accident_free_years": 3, "smaller_park": 0.2,
        "larger_park": 0.3, "clean_energy": 90, "product_energy": 1, "solid_waste": 80, "residual_heat": 50,
        "water_reuse": 80, "direct_green": 0.5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "old", "new", "rule"),
    [
        ("zero_carbon_criteria", ",90,,%", ",90,zero_carbon_direct_share,%", "in a value or in a parameter"),
        ("zero_carbon_criteria", "zero_carbon_small_tco2_per_tce", "zero_carbon_smal", "there is no such parameter"),
        ("zero_carbon_criteria", "Water is not modelled.", "", "a column or a reason"),
        ("near_zero_criteria", "coal_tce,0,0.5,1", "coal_tce,0.5,0.5,1", "stand at one figure"),
        ("near_zero_criteria", "coal_tce,0,0.5,1", "coal_tce,0,0.5,0", "a weight is above 0"),
    ],
)
def test_faults_of_the_tables(tmp_path, table, old, new, rule):
    source = Path(registry.__file__).parent / "data"
    for name in (table, "parameters"):
        shutil.copy(source / f"{name}.csv", tmp_path)
    text = (tmp_path / f"{table}.csv").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (tmp_path / f"{table}.csv").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError, match=rule):
        getattr(registry, table)(tmp_path)


def test_a_zone_with_an_unknown_source_is_refused():
    with pytest.raises(ScenarioError, match="the place lists no source of this name"):
        load_scenario("minimal", overlay={"place": {"zone": {"source": "nobody"}}})


# --- the command ------------------------------------------------------------------------------------------------------


def invoke(*arguments):
    return CliRunner().invoke(app, ["park-test", *[str(a) for a in arguments]])


SHORT = ["minimal", "--until", "2023", "--replicates", "2", "--quiet"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_report_prints_both_tests_and_all_readings(lang):
    answer = invoke(*SHORT, "--lang", lang)
    assert answer.exit_code == 0
    for text in ("0.5366", "0.5856", "0.8325", "0.300", "0.1229"):
        assert text in answer.stdout
    lines = [line for line in answer.stdout.splitlines() if re.search(r" 0\.(300|1229) ", line)]
    assert len(lines) == len(FACTORS) * len(CONVENTIONS)
    assert answer.stdout.count("*") >= 2
    assert "[bold]" not in answer.stdout


def test_json_keeps_the_tests_apart_and_is_strict():
    answer = invoke(*SHORT, "--json")
    data = json.loads(answer.stdout, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert {"zero_carbon_park", "near_zero_park"} <= set(data)
    assert len(data["zero_carbon_park"]["verdicts"]) == 8
    assert data["year"] == 2023
    assert data["near_zero_park"]["summary"]["grade"] in ("A", "B", "C", "none")


def test_the_figure_is_written_whole_and_never_over_another(tmp_path):
    file = tmp_path / "parks.png"
    assert invoke(*SHORT, "--figure", file).exit_code == 0
    assert file.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    again = invoke(*SHORT, "--figure", file)
    assert again.exit_code == 2
    assert "--figure" in again.stderr


def test_a_year_outside_the_run_is_a_users_mistake():
    answer = invoke(*SHORT, "--year", "2030")
    assert answer.exit_code == 2
    assert "Give a year from 2023 to 2023" in answer.stderr


def test_never_is_not_a_number():
    """A park without an accident on record: inf in the table, null in JSON, words in the report."""
    data = json.loads(invoke(*SHORT, "--json").stdout)
    free = next(c for c in data["zero_carbon_park"]["conditions"] if c["key"] == "accident_free_years")
    assert (free["found"], free["holds"]) == (None, True)
    assert "none on record" in invoke(*SHORT).stdout
    assert math.isinf(judged(run_of()).zero_carbon.conditions.set_index("key").loc["accident_free_years", "found"])
