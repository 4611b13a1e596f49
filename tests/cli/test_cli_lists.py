"""Lists, `check`, help and version."""

import json

import pytest
from typer.testing import CliRunner

from transition_sim.cli.app import app
from transition_sim.cli.listing import LISTINGS
from transition_sim.measures import FURTHER_MEASURES, MEASURES
from transition_sim.scenarios import registry
from transition_sim.version import __version__


def invoke(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.name)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_list_prints_every_row_with_its_name(listing, lang):
    answer = invoke(listing.name, "--lang", lang)
    assert answer.exit_code == 0
    first = listing.columns[0].field
    lines = answer.stdout.splitlines()[1:]
    starts = {line.split()[0] for line in lines if line and not line.startswith(" ")}
    assert {str(row[first]) for row in listing.rows()} <= starts
    assert all(row.get(f"name_{lang}") for row in listing.rows())


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.name)
def test_heads_are_folded_between_words_only(listing):
    """A head as wide as its cells was cut: 'servi' above 'ce'."""
    lines = invoke(listing.name, "--lang", "en").stdout.splitlines()
    last = next(k for k, line in enumerate(lines) if line.split()[:1] == [listing.columns[0].en])
    heads = {word for line in lines[: last + 1] for word in line.split()}
    assert {word for column in listing.columns for word in column.en.split()} <= heads


@pytest.mark.parametrize("name", ["levers", "indicators", "parameters", "technologies", "sectors"])
def test_json_gives_every_field_of_the_registry(name):
    rows = json.loads(invoke(name, "--json").stdout)
    assert len(rows) == len(getattr(registry, name)())
    assert {"name_en", "name_zh", "grade", "source", "confidence"} <= rows[0].keys()


def test_every_measure_that_a_study_can_keep_is_listed():
    rows = json.loads(invoke("measures", "--json").stdout)
    assert {row["key"] for row in rows} == {m.key for m in (*MEASURES, *FURTHER_MEASURES)}
    assert [row["key"] for row in rows if row["kept"]] == [m.key for m in MEASURES]


def test_filter_keeps_rows_that_contain_the_text_in_any_case():
    rows = json.loads(invoke("levers", "SUBSIDY", "--json").stdout)
    keys = {row["key"] for row in rows}
    assert {"capex_subsidy_share", "interest_subsidy_percent"} <= keys
    assert "new_clinker_ban" not in keys
    assert [row["key"] for row in json.loads(invoke("levers", "投资补贴", "--json").stdout)] == ["capex_subsidy_share"]


def test_filter_without_a_match_says_so():
    answer = invoke("levers", "unobtainium")
    assert answer.exit_code == 1
    assert answer.stderr == "None of the levers contains 'unobtainium'.\n"
    assert invoke("levers", "unobtainium", "--json").stdout == "[]\n"


def test_places_count_their_enterprises():
    """Seven firms of three sectors: 1 + 3 + 3."""
    [row] = json.loads(invoke("places", "minimal", "--json").stdout)
    assert (row["id"], row["enterprises"], row["counties"], row["base_year"]) == ("minimal", 7, 1, 2020)


def test_policies_of_the_library_are_listed():
    rows = {row["id"]: row for row in json.loads(invoke("policies", "--json").stdout)}
    assert {"none", "current", "ambitious"} <= rows.keys()
    assert rows["none"]["levers"] == 0
    assert rows["ambitious"]["base"] == "current"


def test_check_says_that_a_file_is_in_order(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("format: overlay/1\nlevers: {capex_subsidy_share: 0.3}\n")
    answer = invoke("check", file)
    assert (answer.exit_code, answer.stdout) == (0, f"{file}: in order\n")


def test_check_lists_all_faults(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("format: overlay/1\nlevers:\n  capex_subsidy_share: 3\n  nothing: 1\nhorizon: {end_year: 2010}\n")
    answer = invoke("check", file)
    assert answer.exit_code == 2
    lines = answer.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines[:-1]] == [f"{file}:3", f"{file}:4", f"{file}:5"]
    assert lines[-1] == "3 faults. Nothing was run or written."


def test_check_of_a_place_weighs_its_base_year(tmp_path):
    from importlib.resources import files

    text = files("transition_sim.scenarios").joinpath("library/places/minimal.yaml").read_text(encoding="utf-8")
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(text, encoding="utf-8")
    assert "co2: {value: 234216" in text
    bad.write_text(text.replace("co2: {value: 234216", "co2: {value: 434216"), encoding="utf-8")
    assert invoke("check", good).exit_code == 0
    answer = invoke("check", bad)
    assert answer.exit_code == 2
    assert "gate.co2" in answer.stderr


def test_check_of_a_missing_file(tmp_path):
    answer = invoke("check", tmp_path / "none.yaml")
    assert answer.exit_code == 2
    assert "Traceback" not in answer.output


def test_version_and_help():
    assert invoke("--version").stdout == f"transition-sim {__version__}\n"
    for command in ("run", "compare", "check", *(listing.name for listing in LISTINGS)):
        assert invoke(command, "--help").exit_code == 0


@pytest.mark.parametrize(
    "arguments", [["run"], ["run", "minimal", "--seed", "-1"], ["fly"], ["run", "x", "--lang", "fr"]]
)
def test_wrong_usage_is_status_2(arguments):
    assert invoke(*arguments).exit_code == 2


def test_the_indicators_in_chinese_have_the_units_that_plans_count_in():
    """The tables hold tce/CNY, t and CNY; 1 bn CNY are 10 亿元, and nobody reads 吨标准煤/元."""
    lines = invoke("indicators", "--lang", "zh").stdout.splitlines()
    for key, unit in (
        ("energy_per_gdp", "吨标准煤/万元"), ("peak", "万吨二氧化碳"), ("value_added", "亿元"),
        ("forest_stock", "万立方米"), ("nonfossil_share", "%"), ("hydro_wind_solar", "万千瓦"),
    ):  # fmt: skip
        assert unit in next(line for line in lines if f" {key} " in line).split(), key
    assert invoke("indicators").stdout.count("tce/CNY") >= 1
