"""Layers: later wins, each value keeps its origin; schedules, the hash, and what a scenario gives to a run."""

import os
import pickle
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from transition_sim.core.errors import ScenarioError
from transition_sim.scenarios import list_places, list_policies, scenario
from transition_sim.scenarios.checks import Vocabulary
from transition_sim.scenarios.loader import parse_document
from transition_sim.scenarios.overlays import Layers, Source, lay_set, read_sets
from transition_sim.scenarios.spec import Schedule

POLICY = "format: policy/1\nid: {id}\nname: {{en: A, zh: 甲}}\ndescription: {{en: A, zh: 甲}}\n"


def _lever(neutral, low, high, kind="number", who="city", acts=True):
    return SimpleNamespace(neutral=neutral, low=low, high=high, kind=kind, unit="", who=who, acts=acts)


LEVERS = {
    "subsidy": _lever(0.0, 0.0, 0.6, who="park;city"),
    "ban": _lever(0.0, 0.0, 1.0, "switch"),
    "ratio": _lever(1.0, 1.0, 2.0, who="nation"),
    "unread": _lever(0.0, 0.0, 1.0, who="park", acts=False),
}
PARAMETERS = {
    "noise": SimpleNamespace(value=0.08, low=0.0, high=0.5, unit=""),
    "speed": SimpleNamespace(value=0.25, low=0.0, high=1.0, unit=""),
}


@pytest.fixture
def words(monkeypatch):
    sectors, carriers = (
        ("CEM", "EQP", "FOD"),
        ("coal", "natural_gas", "diesel", "gasoline", "biomass", "heat", "electricity"),
    )
    made = Vocabulary(LEVERS, PARAMETERS, sectors, carriers, {}, {})
    monkeypatch.setattr(scenario, "vocabulary", lambda: made)


def load(**arguments):
    return scenario.load_scenario("minimal", **arguments)


# --- layers ---------------------------------------------------------------------------------------------------------


def _layers(*texts):
    layers = Layers()
    for number, text in enumerate(texts):
        document = parse_document(text.encode(), f"{number}.yaml")
        layers.lay(("place",), document.data, Source(document, (), f"layer {number}"))
    return layers


def test_mappings_merge_and_lists_are_replaced_whole():
    layers = _layers("a: {b: 1, c: [1, 2, 3]}\nd: 4\n", "a: {c: [9]}\ne: 5\n")
    assert layers.tree["place"] == {"a": {"b": 1, "c": [9]}, "d": 4, "e": 5}
    assert layers.origins() == {"place": "layer 0", "place.a.c": "layer 1", "place.e": "layer 1"}
    assert str(layers.fault(("place", "a", "c", 0), 9, "rule", "Remedy.")) == "1.yaml:1: a.c.0 = 9: rule. Remedy."
    assert layers.fault(("place", "a", "b"), 1, "", "").file == "0.yaml"


def test_null_takes_away_what_an_earlier_layer_set():
    layers = _layers("a: {b: 1, c: 2}\n", "a: {b: null}\n", "x: 1\n")
    assert layers.tree["place"] == {"a": {"c": 2}, "x": 1}
    assert layers.fault(("place", "a", "b"), None, "", "").file == "1.yaml"


def test_a_quantity_with_a_source_is_replaced_whole():
    layers = _layers("q: {value: 3 MW, low: 1 MW, source: s}\n", "q: {value: 9 MW}\n")
    assert layers.tree["place"] == {"q": {"value": "9 MW"}}
    layers = _layers("q: {value: 3 MW, source: s}\n", "q: {low: 1 MW}\n")
    assert layers.tree["place"] == {"q": {"value": "3 MW", "source": "s", "low": "1 MW"}}


def test_a_mapping_and_a_value_replace_each_other():
    assert _layers("a: {b: 1}\n", "a: 2\n").tree["place"] == {"a": 2}
    assert _layers("a: 2\n", "a: {b: 1}\n").tree["place"] == {"a": {"b": 1}}


def test_a_setting_is_given_once():
    """The first would be dropped in silence."""
    with pytest.raises(ScenarioError) as caught:
        read_sets(["levers.capex_subsidy_share=0.1", "levers.capex_subsidy_share = 0.2"])
    assert [(f.field, f.value, f.rule) for f in caught.value.faults] == [
        ("levers.capex_subsidy_share", "0.2", "this is given twice")
    ]


def test_a_setting_reaches_into_lists_by_id_or_number():
    layers = _layers("units: [{id: a, mw: 1}, {id: b, mw: 2}]\nrows: [[2020, 1]]\n")
    for text in ("place.units.b.mw=7", "place.units.0.mw=6", "place.rows.0=[2021, 5]", "place.new.deep=1"):
        for keys, value in read_sets(text):
            lay_set(layers, keys, value)
    assert layers.tree["place"] == {
        "units": [{"id": "a", "mw": 6}, {"id": "b", "mw": 7}], "rows": [[2021, 5]], "new": {"deep": 1}
    }  # fmt: skip
    assert layers.origins()["place.units.1.mw"] == "--set"


def test_what_settings_mean():
    assert read_sets(["a.b=1e3", "c=[[2025, 0.1]]", "d=x=y", "e=null", "f= 2.4 GW ", "g='1'"]) == [
        (["a", "b"], 1000.0), (["c"], [[2025, 0.1]]), (["d"], "x=y"), (["e"], None), (["f"], "2.4 GW"), (["g"], "1"),
    ]  # fmt: skip
    assert read_sets({"a.b": 0.5}) == [(["a", "b"], 0.5)]


# --- a scenario -----------------------------------------------------------------------------------------------------


def test_later_wins_and_every_value_knows_its_origin(words, tmp_path):
    (tmp_path / "low.yaml").write_text(POLICY.format(id="low") + "levers: {subsidy: 0.1, ban: 1}\n", "utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text(POLICY.format(id="mine") + "base: low\nlevers: {subsidy: 0.2, ratio: 1.5, ban: null}\n", "utf-8")
    overlay = tmp_path / "dry.yaml"
    overlay.write_text("format: overlay/1\nparameters: {noise: 0.2}\nplace: {power: {loss_share: 0.1}}\n", "utf-8")
    got = load(
        policy=mine,
        overlay=[overlay, {"levers": {"subsidy": 0.3}, "horizon": {"end_year": 2030}}],
        sets=["parameters.noise=0.3", "place.sectors.EQP.firms=4"],
        end_year=2025,
    )
    assert (got.policy_id, got.levers, got.parameters) == ("mine", {"subsidy": 0.3, "ratio": 1.5}, {"noise": 0.3})
    assert (got.horizon.start_year, got.horizon.end_year, got.clock.n_quarters) == (2020, 2025, 24)
    assert (got.place.power.loss_share, got.place.sectors[1].firms) == (0.1, 4)
    assert got.origins == {
        "place": "place minimal",
        "place.power.loss_share": f"overlay {overlay}",
        "place.sectors.1.firms": "--set",
        "levers.ratio": "policy mine",
        "levers.subsidy": "overlay 2",
        "parameters.noise": "--set",
        "horizon.end_year": "argument end_year",
    }


def test_neutral_settings_and_defaults_are_the_same_as_none(words):
    """B17: a lever at its neutral value equals the lever absent."""
    overlay = {
        "levers": {"subsidy": 0, "ban": False, "ratio": {"path": [[2020, 1], [2030, 1]]}},
        "parameters": {"noise": 0.08},
    }
    assert (load(overlay=overlay).levers, load(overlay=overlay).parameters) == ({}, {})
    assert load(overlay=overlay) == load()
    assert load(sets=["levers.subsidy=0.1"]) != load()


def test_warnings_tell_what_is_allowed_but_odd(words):
    got = load(overlay={"levers": {"ratio": 1.2, "unread": 1, "subsidy": 0.1}}, start_year=2022)
    assert got.warnings == (
        "levers.ratio: set by nation; a park cannot pull it alone",
        "levers.unread: no rule of this version reads the lever; it changes nothing",
        "horizon.start_year: the run starts 2 years after the base year 2020 from the state of the base year",
    )


def test_the_horizon_starts_with_the_base_year_of_the_place(words):
    got = load(overlay={"place": {"base_year": 2022}})
    assert (got.horizon.start_year, got.horizon.end_year) == (2022, 2035)


# --- schedules ------------------------------------------------------------------------------------------------------


def test_schedules_are_linear_or_steps_and_flat_outside(words):
    path = [[2021, 0.1], [2023, 0.5]]
    overlay = {"levers": {"subsidy": {"path": path}, "unread": {"path": path, "interp": "step"}, "ban": True}}
    got = load(overlay=overlay, end_year=2024)
    table = got.lever_path()
    assert (table.shape, table.dtype.names) == ((20,), tuple(LEVERS))
    # 2020Q1..2021Q1 flat; then 0.4 over 8 quarters = 0.05 a quarter; flat from 2023Q1
    rising = [0.1 + 0.05 * quarter for quarter in range(1, 8)]
    assert table["subsidy"] == pytest.approx([0.1] * 5 + rising + [0.5] * 8)
    assert table["unread"].tolist() == [0.1] * 12 + [0.5] * 8
    assert table["ban"].tolist() == [1.0] * 20
    assert table["ratio"].tolist() == [1.0] * 20
    assert got.lever_values(6) == pytest.approx([0.2, 1.0, 1.0, 0.1])  # 2021Q3, half a year of the two after 2021
    assert got.lever_values(-8) == pytest.approx([0.1, 1.0, 1.0, 0.1])
    assert all(np.array_equal(got.lever_values(q), [table[q][key] for key in LEVERS]) for q in range(20))


def test_a_schedule_replaces_a_schedule_whole(words):
    got = load(
        overlay=[
            {"levers": {"subsidy": {"path": [[2020, 0.1]], "interp": "step"}}},
            {"levers": {"subsidy": Schedule(path=[(2022, 0.2)])}},
        ]
    )
    assert got.levers == {"subsidy": Schedule(path=[(2022, 0.2)], interp="linear")}


# --- identity -------------------------------------------------------------------------------------------------------


def test_the_hash_counts_content_not_wording(words, tmp_path):
    reference = load(overlay={"levers": {"subsidy": 0.1, "ban": 1}, "parameters": {"noise": 0.2, "speed": 0.5}})
    turned = load(overlay={"parameters": {"speed": 0.5, "noise": 0.2}, "levers": {"ban": True, "subsidy": 0.1}})
    assert reference.hash == turned.hash
    mine = tmp_path / "mine.yaml"
    mine.write_text(POLICY.format(id="mine") + "levers: {ban: 1, subsidy: 1e-1}\n", "utf-8")
    by_policy = load(policy=mine, sets={"parameters.noise": 0.2, "parameters.speed": 0.5})
    assert (by_policy.hash, by_policy.policy_id) == (reference.hash, "mine")
    changes = [
        {"levers": {"subsidy": 0.11}}, {"parameters": {"noise": 0.21}}, {"horizon": {"end_year": 2034}},
        {"place": {"population_seed": 2}}, {"place": {"power": {"loss_share": 0.06}}},
    ]  # fmt: skip
    assert len({load(overlay=change).hash for change in changes} | {load().hash}) == 6


def test_the_same_capacity_in_another_unit_is_the_same_scenario(words):
    assert load(sets=["place.power.import_limit=[[2020, 20.0]]"]) == load()
    one, other = (load(sets=[f"place.gate.electricity={text}"]) for text in ("40000 MWh/yr", "40 GWh/yr"))
    assert one.hash == other.hash


def test_a_resolved_scenario_loads_as_the_same_scenario(words, tmp_path):
    overlay = {"levers": {"subsidy": {"path": [[2021, 0.1], [2023, 0.5]], "interp": "step"}, "ban": True},
               "parameters": {"noise": 0.2}, "place": {"power": {"loss_share": 0.07}}}  # fmt: skip
    asked = load(overlay=overlay, end_year=2031)
    path = tmp_path / "scenario.yaml"
    path.write_text(yaml.safe_dump(asked.resolved(), allow_unicode=True, sort_keys=False), "utf-8")
    again = scenario.load_scenario(path)
    assert again.hash == asked.hash
    assert (again.levers, again.parameters, again.horizon) == (asked.levers, asked.parameters, asked.horizon)
    assert again.place == asked.place
    assert scenario.check_file(path) == []
    assert scenario.load_scenario(path, sets=["levers.ban=0"]).levers == {"subsidy": asked.levers["subsidy"]}


def test_a_scenario_travels_to_another_process(words):
    asked = load(sets=["levers.subsidy={path: [[2021, 0.1]]}"])
    got = pickle.loads(pickle.dumps(asked))
    assert (got.hash, got.levers, got.warnings, got.origins) == (
        asked.hash,
        asked.levers,
        asked.warnings,
        asked.origins,
    )
    assert got.place.gate.co2.source == "round"
    assert {got: 1}[asked] == 1


def test_a_scenario_changed_is_checked_like_a_file(words):
    asked = load(sets=["levers.subsidy=0.1", "levers.ban=1", "place.power.loss_share=0.1"], end_year=2030)
    got = asked.changed(levers={"subsidy": 0.2, "ban": None}, parameters={"noise": 0.1}, origin="design point 7")
    assert (got.levers, got.parameters, got.clock.end_year) == ({"subsidy": 0.2}, {"noise": 0.1}, 2030)
    assert got.place is asked.place
    assert (
        got.hash
        == load(sets=["levers.subsidy=0.2", "parameters.noise=0.1", "place.power.loss_share=0.1"], end_year=2030).hash
    )
    assert got.origins["levers.subsidy"] == "design point 7"
    assert got.origins["place.power.loss_share"] == "--set"
    with pytest.raises(ScenarioError) as caught:
        asked.changed(levers={"subsidi": 0.1, "subsidy": 9.0}, parameters={"nois": 1})
    assert [fault.field for fault in caught.value.faults] == ["levers.subsidy", "levers.subsidi", "parameters.nois"]


HASH = "from transition_sim.scenarios import load_scenario; print(load_scenario('minimal', end_year=2030).hash)"


def test_the_hash_is_the_same_in_every_process():
    hashes = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        hashes.add(
            subprocess.run(
                [sys.executable, "-c", HASH], env=environment, capture_output=True, text=True, check=True
            ).stdout
        )
    assert len(hashes) == 1
    assert len(hashes.pop().strip()) == 32


# --- the library ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", list_places())
def test_every_place_of_the_library_loads(place):
    got = scenario.load_scenario(place)
    assert (got.place.id, got.levers, got.parameters, got.warnings) == (place, {}, {}, ())


@pytest.mark.parametrize("policy", list_policies())
def test_every_policy_of_the_library_loads(policy):
    got = scenario.load_scenario("guangan_city", policy)
    assert got.policy_id == policy
    assert bool(got.levers) == (policy != "none")


def test_the_library_holds_what_the_defaults_name():
    assert {"guangan_city", "minimal"} <= set(list_places())
    assert "none" in list_policies()
