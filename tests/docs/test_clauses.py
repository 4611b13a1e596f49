"""Clauses of the plans lead to what answers them, and a clause that leads nowhere is refused or shown as such."""

import csv
from collections import Counter
from importlib.resources import files

import pytest

from transition_sim.core.errors import ScenarioError
from transition_sim.scenarios import registry
from transition_sim.scenarios.clauses import clauses, read_clauses, submodels
from transition_sim.scoreboard import traceability

HEAD = "id,document,kind,name_en,name_zh,elements,reason_en,reason_zh\n"


def test_every_clause_of_the_five_documents_stands_in_the_table():
    found = clauses()
    assert list(found) == [f"T{i:03d}" for i in range(1, 346)]
    # specification part 6: rows by document and by kind
    assert Counter(row.document for row in found.values()) == {
        "pilot_assessment": 23, "near_zero_programme": 44, "peak_pilots": 36, "zero_carbon_notice": 25,
        "guangan_plan": 217,
    }  # fmt: skip
    assert Counter(row.kind for row in found.values()) == {
        "instrument": 202, "target": 71, "principle": 33, "indicator": 25, "actor": 14,
    }  # fmt: skip


def test_targets_of_the_scoreboard_are_the_targets_of_the_table():
    targets = {row.id for row in clauses().values() if row.kind == "target"}
    assert targets == {key for key in registry.targets() if len(key) == 4}


def test_every_named_lever_indicator_and_submodel_exists():
    levers, indicators = set(registry.lever_ids()), set(registry.indicators())
    named = {element for row in clauses().values() for element in row.elements if ":" not in element}
    assert {name for name in named if name[0] == "L"} <= levers
    assert {name for name in named if name[0] == "I"} <= indicators
    assert {name for name in named if name.startswith("SM")} <= set(submodels())
    assert list(submodels()) == [f"SM{i:02d}" for i in range(1, 28)]


def test_an_element_without_a_room_makes_a_clause_partly_modelled():
    clause = clauses()["T204"]  # off-peak production: the lever and the test of its direction
    assert traceability.trace(clause).status == "modelled"
    both = type(clause)(**{**vars(clause), "elements": ("L11", "place:no_such_place")})
    assert traceability.trace(both).status == "in part"
    assert traceability.trace(both).missing == ("place:no_such_place",)
    none = type(clause)(**{**vars(clause), "elements": ("place:no_such_place",)})
    assert traceability.trace(none).status == "not modelled"


def test_rooms_exist():
    package = files("transition_sim")
    rooms = {room for row in traceability.traces() for found in row.rooms.values() for room in found}
    assert len(rooms) > 50
    assert [room for room in sorted(rooms) if not package.joinpath(room).is_file()] == []


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("T001,guangan_plan,actor,Words,词语,,,", "a clause has elements of the model or a reason why not"),
        ("T001,guangan_plan,actor,Words,词语,SM01,Because,因为", "a clause with elements needs no reason"),
        ("T001,guangan_plan,actor,,,SM01,,", "a clause has words in both languages, or a target of its id"),
        ("T001,guangan_plan,actor,Words,词语,X99,,", "'X99' names nothing that a model has"),
        ("T001,other_plan,actor,Words,词语,SM01,,", "this word is not allowed"),
    ],
)
def test_a_faulty_row_is_refused(tmp_path, row, rule):
    (tmp_path / "clauses.csv").write_text(HEAD + row + "\n", "utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_clauses(tmp_path)
    assert rule in str(caught.value)


def test_words_are_given_in_both_languages_and_fit_a_table():
    with (files("transition_sim.scenarios") / "data" / "clauses.csv").open(encoding="utf-8") as file:
        own = [row for row in csv.DictReader(file) if row["name_en"]]
    assert len(own) == 345 - 71
    assert all(len(row["name_en"]) <= 100 and len(row["name_zh"]) <= 45 for row in own)
