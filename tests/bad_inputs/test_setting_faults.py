"""Mistakes in policies, overlays, single settings and arguments, each with the exact report."""
# ruff: noqa: E501 (whole messages on one line)

from dataclasses import replace
from types import SimpleNamespace

import pytest
from test_place_faults import MINIMAL, WORDS

from transition_sim.core.errors import ScenarioError
from transition_sim.scenarios import list_places, scenario

POLICY = """format: policy/1
id: mine
name: {en: Mine, zh: 我的}
description: {en: A policy., zh: 一项政策。}
levers:
  capex_subsidy_share: 0.2
  new_clinker_ban: true
"""
LEVER = "a lever is a number, true or false, or a schedule"
LEVER_REMEDY = "Write such as 0.2, or {path: [[2025, 0.1], [2030, 0.2]]}."
LEVERS = "The levers are: capex_subsidy_share, new_clinker_ban."
NUMBER_REMEDY = "Write it without quotes or unit, such as 0.5."
PARTS = "Start with one of: place, levers, parameters, extensions, horizon."


@pytest.fixture(autouse=True)
def _small_vocabulary(monkeypatch):
    ban = SimpleNamespace(neutral=0, low=0, high=1, kind="switch", unit="", who="city", acts=True)
    subsidy = SimpleNamespace(neutral=0, low=0, high=0.6, kind="number", unit="share", who="park;city", acts=True)
    levers = {"capex_subsidy_share": subsidy, "new_clinker_ban": ban}
    words = replace(WORDS, levers=levers)
    monkeypatch.setattr(scenario, "vocabulary", lambda: words)


# replaced in POLICY -> line, field with value, rule, remedy
POLICIES = [
    ("capex_subsidy_share: 0.2", "capex_subsidy_shar: 0.2", 6, "levers.capex_subsidy_shar",
     "there is no such lever", "Did you mean capex_subsidy_share?"),
    ("capex_subsidy_share: 0.2", "Carbon_tax: 0.2", 6, "levers.Carbon_tax", "there is no such lever", LEVERS),
    ("capex_subsidy_share: 0.2", "carbon_tax: null", 6, "levers.carbon_tax", "there is no such lever", LEVERS),
    ("capex_subsidy_share: 0.2", "capex_subsidy_share: 20", 6, "levers.capex_subsidy_share = 20",
     "the lever ranges from 0 to 0.6 share", "Write a value in the range; 0 is neutral."),
    ("capex_subsidy_share: 0.2", "capex_subsidy_share: -1", 6, "levers.capex_subsidy_share = -1",
     "the lever ranges from 0 to 0.6 share", "Write a value in the range; 0 is neutral."),
    ("capex_subsidy_share: 0.2", "capex_subsidy_share: 20 %", 6, "levers.capex_subsidy_share = 20 %", LEVER, LEVER_REMEDY),
    ("capex_subsidy_share: 0.2", "capex_subsidy_share: [[2025, 0.2]]", 6,
     "levers.capex_subsidy_share = [[2025, 0.2]]", LEVER, LEVER_REMEDY),
    ("capex_subsidy_share: 0.2", "capex_subsidy_share: true", 6, "levers.capex_subsidy_share = true",
     "this lever is a number, not a switch", "Write a number from 0 to 0.6."),
    ("new_clinker_ban: true", "new_clinker_ban: 0.5", 7, "levers.new_clinker_ban = 0.5",
     "a switch is 0 or 1", "Write 0 (off) or 1 (on)."),
    ("new_clinker_ban: true", "new_clinker_ban: yes", 7, "levers.new_clinker_ban = yes", LEVER, LEVER_REMEDY),
    ("share: 0.2", "share: {path: [[2025, 0.1], [2024, 0.2]]}", 6, "levers.capex_subsidy_share.path.1.0 = 2024",
     "the years do not rise: 2025 comes before", "Sort by year, each once."),
    ("share: 0.2", "share: {path: [[1925, 0.1], [2024, 0.2]]}", 6, "levers.capex_subsidy_share.path.0.0 = 1925",
     "the year lies outside 2000 to 2100", "Write a calendar year."),
    ("share: 0.2", "share:\n    path:\n      - [2025, 0.1]\n      - [2030, 0.7]", 9,
     "levers.capex_subsidy_share.path.1.1 = 0.7",
     "the lever ranges from 0 to 0.6 share", "Write a value in the range; 0 is neutral."),
    ("share: 0.2", "share: {path: []}", 6, "levers.capex_subsidy_share.path = []", "at least 1 item is needed", "Add an item."),
    ("share: 0.2", "share: {interp: step}", 6, "levers.capex_subsidy_share.path", "the key is missing", "Add 'path: ...'."),
    ("share: 0.2", "share: {path: [[2025, 0.1]], interp: cubic}", 6, "levers.capex_subsidy_share.interp = cubic",
     "this must be 'linear' or 'step'", "Write one of these words."),
    ("share: 0.2", "share: {path: [[2025, 0.1]], until: 2030}", 6, "levers.capex_subsidy_share.until = 2030",
     "unknown key", "The keys are: path, interp."),
    ("share: 0.2", "share: {path: [[2025, a]]}", 6, "levers.capex_subsidy_share.path.0.1 = a",
     "this must be a number", NUMBER_REMEDY),
    ("levers:", "measures: 1\nlevers:", 5, "measures = 1",
     "unknown key", "The keys are: format, id, name, description, base, levers."),
    ("levers:", "lever:", 5, 'lever = {"capex_subsidy_share": 0.2, "new_clinker_ban": true}',
     "unknown key", "Did you mean levers?"),
    ("id: mine\n", "", 1, "id", "the key is missing", "Add 'id: ...'."),
    ("id: mine", "id: mine\nbase: nothing", 3, "base = nothing", "there is no policy of this name", None),
    ("id: mine", "id: mine\nbase: ../x", 3, "base = ../x", "there is no policy of this name", None),
    ("format: policy/1", "format: policy/2", 1, "format = policy/2", "there is no such format",
     "The first line is 'format:' and one of: place/1, portfolio/1, policy/1, shock/1, overlay/1, scenario/1."),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "field", "rule", "remedy"), POLICIES)
def test_a_mistake_in_a_policy(old, new, line, field, rule, remedy, tmp_path, monkeypatch):
    path = tmp_path / "mine.yaml"
    path.write_text(POLICY.replace(old, new, 1), "utf-8")
    faults = scenario.check_file(path)
    if remedy is None:  # it lists the policies of the library, whatever they are
        faults = [f for f in faults if f.field == "base"]
        assert [str(f) for f in faults] == [f"{path}:{line}: {field}: {rule}. {faults[0].remedy}"]
    else:
        assert [str(f) for f in faults] == [f"{path}:{line}: {field}: {rule}. {remedy}"]


# arguments of load_scenario -> the lines of the report
ARGUMENTS = [
    ({"sets": ["levers.capex_subsidy_share"]},
     ["--set: levers.capex_subsidy_share: a setting is written key=value. Write such as levers.capex_subsidy_share=0.2."]),
    ({"sets": ["levers.capex_subsidy_share="]},
     ["--set: levers.capex_subsidy_share: a setting is written key=value. Write such as levers.capex_subsidy_share=0.2."]),
    ({"sets": ["levers.capex_subsidy_share=0.9"]},
     ["--set: levers.capex_subsidy_share = 0.9: the lever ranges from 0 to 0.6 share. Write a value in the range; 0 is neutral."]),
    ({"sets": ["levers.capex_subsidy_share=007"]},
     ["--set: levers.capex_subsidy_share = 007: a number has no leading zeros. Delete the leading zeros, or put an identifier in quotes."]),
    ({"sets": ["lever.capex_subsidy_share=0.2"]},
     [f"--set: lever.capex_subsidy_share = 0.2: a setting names a part and a key in it. Did you mean levers? {PARTS}"]),
    ({"sets": ["levers=0.2"]}, [f"--set: levers = 0.2: a setting names a part and a key in it. {PARTS}"]),
    ({"sets": ["parameters.choice_nois=0.1"]},
     ["--set: parameters.choice_nois: there is no such parameter. Did you mean choice_noise?"]),
    ({"sets": ["parameters.choice_noise=0.9"]},
     ["--set: parameters.choice_noise = 0.9: the parameter ranges from 0.01 to 0.5. Write a value in the range; the default is 0.08."]),
    ({"sets": ["parameters.choice_noise=low"]},
     [f"--set: parameters.choice_noise = low: this must be a number. {NUMBER_REMEDY}"]),
    ({"sets": ["place.powr.loss_share=0.05"]},
     ['--set: place.powr = {"loss_share": 0.05}: unknown key. Did you mean power?']),
    ({"sets": ["place.power.loss_share=0.9"]},
     ["--set: place.power.loss_share = 0.9: this must be less than 0.5. Write a number below 0.5."]),
    ({"sets": ["place.power.loss_share.value=0.1"]},
     ['--set: place.power.loss_share = {"value": 0.1}: this must be a number. ' + NUMBER_REMEDY]),
    ({"sets": ["place.sectors.XXX.firms=3"]},
     ["--set: place.sectors.XXX.firms: the list has no item 'XXX'. The items are: CEM, EQP, FOD."]),
    ({"sets": ["place.power.import_limit.3=[2020, 1]"]},
     ["--set: place.power.import_limit.3: the list has no item '3'. It has the items 0 to 0."]),
    ({"sets": ["place.anchors.0=null"]},
     ["--set: place.anchors.0: an item of a list cannot be deleted. Give the whole list, without the item."]),
    ({"sets": ["place.sectors.CEM.firms.x.y=3"]},
     ["--set: place.sectors.CEM.firms = {\"x\": {\"y\": 3}}: this must be a whole number."
      " Write it without quotes, unit or decimal point, such as 12."]),
    ({"sets": ["place.gate=null"]}, ["--set: place.gate: the key is missing. Add 'gate: ...'."]),
    ({"sets": ["horizon.end_yeer=2030"]}, ["--set: horizon.end_yeer = 2030: unknown key. Did you mean end_year?"]),
    ({"sets": ["horizon.end_year=2019"]},
     ["--set: horizon.end_year = 2019: the last year lies before the first, 2020. Write 2020 or later."]),
    ({"end_year": 2019}, ["arguments: end_year = 2019: the last year lies before the first, 2020. Write 2020 or later."]),
    ({"end_year": 2200}, ["arguments: end_year = 2200: this must be at most 2100. Write a number of 2100 or less."]),
    ({"end_year": "2030"},
     ["arguments: end_year = 2030: this must be a whole number. Write it without quotes, unit or decimal point, such as 12."]),
    ({"start_year": 2019},
     ["arguments: start_year = 2019: the first year lies before the base year of the place, 2020. Write 2020 or later."]),
    ({"place": "minimul"},
     ["arguments: place = minimul: the library has no place of this name. Did you mean minimal? The path of a file ends in .yaml."]),
    ({"place": 3}, ["arguments: place = 3: the library has no place of this name. {places} The path of a file ends in .yaml."]),
    ({"place": "../minimal"},
     ["arguments: place = ../minimal: the library has no place of this name. Did you mean minimal? The path of a file ends in .yaml."]),
    ({"overlay": "high"},
     ["arguments: overlay = high: this is neither a mapping nor a YAML file. Give a mapping or the path of a file that ends in .yaml."]),
    ({"overlay": {"lever": {}}}, ["overlay: lever = {}: unknown key. Did you mean levers?"]),
    ({"overlay": [{}, {"levers": 3}]}, ["overlay 2: levers = 3: this must be a mapping. Write 'key: value' lines, indented."]),
    ({"overlay": {"levers": {"capex_subsidy_share": float("nan")}}},
     ["overlay: levers.capex_subsidy_share = NaN: this must be a finite number. Write a number."]),
    ({"overlay": {"place": {"gate": {"co2": {"value": "3 t"}}}}},
     ['overlay: place.gate.co2 = {"value": "3 t"}: unit \'t\' is not one of: tCO2/yr, ktCO2/yr, MtCO2/yr, 吨二氧化碳/yr,'
      " 万吨二氧化碳/yr, tCO2/d. Write one of these units after the number."]),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "expected"), ARGUMENTS)
def test_a_mistake_in_the_arguments(arguments, expected):
    places = f"The places are: {', '.join(list_places())}."
    with pytest.raises(ScenarioError) as caught:
        scenario.load_scenario(**{"place": "minimal", **arguments})
    assert [str(f) for f in caught.value.faults] == [line.replace("{places}", places) for line in expected]


def test_mistakes_of_all_files_come_in_one_report(tmp_path):
    place, policy, overlay = (tmp_path / name for name in ("place.yaml", "policy.yaml", "overlay.yml"))
    place.write_text(MINIMAL.replace("kind: park", "kind: village"), "utf-8")
    policy.write_text(POLICY.replace("0.2", "0.9"), "utf-8")
    overlay.write_text("format: overlay/1\nparameters: {choice_nois: 1}\nhorizon: {end_year: 2000}\n", "utf-8")
    with pytest.raises(ScenarioError) as caught:
        scenario.load_scenario(place, policy, overlay, sets=["place.x=1"])
    assert [(f.file, f.field) for f in caught.value.faults] == [
        (str(place), "kind"),
        ("--set", "place.x"),
        (str(policy), "levers.capex_subsidy_share"),
        (str(overlay), "parameters.choice_nois"),
        (str(overlay), "horizon.end_year"),
    ]


def test_policies_that_build_on_each_other(tmp_path):
    for name, base in (("a", "b"), ("b", "c"), ("c", "a")):
        text = POLICY.replace("id: mine", f"id: {name}\nbase: {base}")
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    circle = " -> ".join(str(tmp_path / f"{name}.yaml") for name in "abca")
    assert [str(f) for f in scenario.check_file(tmp_path / "a.yaml")] == [
        f"{tmp_path / 'c.yaml'}:3: base = a: the policies build on each other in a circle: {circle}."
        " Delete one of the 'base:' lines."
    ]


def test_a_report_of_thousands_is_cut(tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY + "".join(f"x{n}: 1\n" for n in range(3000)), "utf-8")
    with pytest.raises(ScenarioError, match=r"2800 more are not shown\. Mend these first\.$") as caught:
        scenario.load_scenario("minimal", path)
    assert len(caught.value.faults) == 201
