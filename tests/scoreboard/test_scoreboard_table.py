"""The table of targets: complete, in both languages, every fault with a remedy."""

import csv
import re
import shutil

import pytest

from transition_sim.cli.scoreboard_report import number
from transition_sim.core.errors import ScenarioError
from transition_sim.scenarios import registry
from transition_sim.scenarios.table_reader import package_data
from transition_sim.scenarios.words.units import UNITS
from transition_sim.scoreboard.catalogue import ALL_MEASURES, BY_KEY
from transition_sim.scoreboard.dimensions import DIMENSION_ROWS

CHINESE = re.compile("[\u4e00-\u9fff]")


def test_every_target_clause_of_the_plans_is_a_row():
    """Part 6 lists 71 targets: 46 in the city's plan, 25 of province and nation; two clauses have two rows."""
    rows = registry.targets()
    assert len({key.split("_")[0] for key in rows}) == 71
    city = {key.split("_")[0] for key, row in rows.items() if row.places == ("guangan_city",)}
    assert len(city) == 46
    assert {"T133", "T133_territorial", "T145", "T145_efficiency"} <= rows.keys()


@pytest.mark.parametrize(
    ("key", "value", "unit", "year", "direction"),
    [  # the numbers of the plans
        ("T133", 2030, "year", 2030, "by_year"),
        ("T138", -14.5, "%", 2025, "at_most"),
        ("T139", -19.5, "%", 2025, "at_most"),
        ("T140", 35, "%", 2025, "at_least"),
        ("T144", 37, "%", 2030, "at_least"),
        ("T141", 400, "MW", 2025, "at_least"),
        ("T150", 2, "bcm/yr", 2025, "at_least"),
        ("T172", 5, "%", 2030, "at_least"),
        ("T257", 4869, "piles", 2025, "at_least"),
        ("T272", 0.83, "Mt/yr", 2025, "at_least"),
        ("T112", 0.2, "tCO2/tce", 2030, "at_most"),
        ("T113", 0.3, "tCO2/tce", 2030, "at_most"),
    ],
)
def test_numbers_of_the_plans(key, value, unit, year, direction):
    row = registry.targets()[key]
    assert (row.value, row.unit, row.year, row.direction) == (value, unit, year, direction)


def test_measures_and_targets_know_each_other():
    used = {row.measure for row in registry.targets().values() if row.measure}
    assert used == set(BY_KEY)
    assert len(BY_KEY) == len(ALL_MEASURES)
    for row in registry.targets().values():
        if row.measure:
            assert row.unit == BY_KEY[row.measure].unit, row.id


def test_readings_of_our_own_are_never_called_certain():
    for row in registry.targets().values():
        assert row.grade in ("A", "D")
        assert row.grade == "D" or row.confidence != "high", row.id


def test_both_languages_and_units():
    for measure in ALL_MEASURES:
        assert measure.note_en, measure.key
        assert CHINESE.search(measure.note_zh), measure.key
        assert CHINESE.search(measure.undefined_zh), measure.key
        assert not CHINESE.search(measure.note_en)
    for row in registry.targets().values():
        assert bool(row.reason_en) == bool(CHINESE.search(row.reason_zh)), row.id
        assert not CHINESE.search(row.name_en + row.reason_en), row.id
    for row in DIMENSION_ROWS:
        assert CHINESE.search(row.zh), row.key
        assert bool(row.note_en) == bool(row.note_zh), row.key
        assert row.indicator == "" or row.indicator in registry.indicators()
    assert {r.unit for r in registry.targets().values()} | {r.unit for r in DIMENSION_ROWS} <= UNITS.keys()


def changed(tmp_path, key, **cells):
    folder = tmp_path / "data"
    shutil.copytree(package_data(), folder)
    with open(folder / "targets.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["id"] == key:
            row.update(cells)
    with open(folder / "targets.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.mark.parametrize(
    ("key", "cells", "words"),
    [
        ("T140", {"year": ""}, "T140.year: this must be a whole number"),
        ("T140", {"year": "1925"}, "the year lies outside 2015 to 2100"),
        ("T140", {"measure": ""}, "has a measure or a reason"),
        ("T055", {"measure": "gas"}, "a target with a measure needs no reason"),
        ("T055", {"reason_zh": ""}, "has a measure or a reason"),
        ("T140", {"value": ""}, "a target 'at_least' needs a number"),
        ("T154", {"value": "3"}, "a target 'falling' has no number"),
        ("T138", {"base_year": "2025"}, "a change counts from a year before the target's"),
        ("T133", {"value": "2031"}, "the value of a target 'by_year' is its year"),
        ("T140", {"direction": "more"}, "T140.direction = more"),
        ("T140", {"indicator": "I99"}, "there is no such id"),
        ("T140", {"id": "T144"}, "the row is given twice"),
        ("T140", {"name_zh": "share"}, "this must be Chinese"),
    ],
)
def test_a_faulty_row_is_refused_in_words(tmp_path, key, cells, words):
    with pytest.raises(ScenarioError, match=re.escape(words)) as error:
        registry.targets(changed(tmp_path, key, **cells))
    assert all(fault.file == "targets.csv" and fault.remedy for fault in error.value.faults)


def test_a_middle_between_two_years_names_both():
    """Of peaks in 2023 and 2024 the median is 2023.5: no year has that name."""
    assert number(2023.5, is_year=True) == "2023-24"
    assert number(2024.0, is_year=True) == "2024"
    assert number(2099.5, is_year=True) == "2099-00"
    assert number(2023.5) == "2,024"
