"""Trees that are nearly right: any value anywhere gives a scenario or one report, never a traceback."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import test_city_and_portfolio_faults
import test_setting_faults
import test_shock_faults
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from test_place_faults import MINIMAL

import transition_sim as ts
from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.experiments.study import load_study
from transition_sim.scenarios import check_file
from transition_sim.scenarios.loader import parse_document

STUDY = """format: study/1
id: mine
places: [minimal]
policies: [none, current]
replicates: 2
seed: 1
until: 2025
levers: {capex_subsidy_share: {low: 0.1, high: 0.3}, new_clinker_ban: {values: [0, 1]}}
parameters: {choice_noise: {}}
design: {kind: lhs, samples: 3}
outcomes: [dual_control_2025_mtco2]
annual: [dual_control_tco2]
"""
TEXTS = {
    "place": MINIMAL,
    "policy": test_setting_faults.POLICY,
    "shock": test_shock_faults.SHOCK,
    "portfolio": test_city_and_portfolio_faults.PORTFOLIO,
    "overlay": test_city_and_portfolio_faults.OVERLAY,
}
TREES = {name: parse_document(text.encode(), name).data for name, text in TEXTS.items()}
STUDY_TREE = parse_document(STUDY.encode(), "study").data
TREES["scenario"] = ts.load_scenario("minimal", end_year=2030).resolved()

words = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["value", "id", "coal", "12 MW", "-1 t/yr", "2020", "2031Q5", "..", "CEM", "~"]),
)
leaves = st.one_of(st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), words)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)),
    max_leaves=8,
)


def places_in(tree: Any, path: tuple = ()) -> list[tuple]:
    """Return the path of every value in a tree but the top."""
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [found for key, item in inside for found in ((*path, key), *places_in(item, (*path, key)))]


def mutate(data: st.DataObject, given_tree: Any) -> Any:
    """Return a copy in which up to three values are replaced, deleted, repeated or given company."""
    tree = copy.deepcopy(given_tree)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places_in(tree)))
        holder = tree
        for key in path[:-1]:
            holder = holder[key]
        what = data.draw(st.sampled_from(["replace", "delete", "repeat", "add"]))
        if what == "replace":
            holder[path[-1]] = data.draw(values)
        elif what == "delete":
            del holder[path[-1]]
        elif isinstance(holder, list):
            holder.append(copy.deepcopy(holder[path[-1]]) if what == "repeat" else data.draw(values))
        else:
            holder[data.draw(words)] = data.draw(values)
        if not places_in(tree):
            break
    return tree


def check_form(faults: Sequence[Fault]) -> None:
    """Hold every fault to its form: where, what, which rule and what to do, on one line."""
    for fault in faults:
        assert fault.file, fault
        assert fault.field, fault
        assert fault.rule, fault
        assert fault.remedy, fault
        assert "\n" not in str(fault), fault
        assert str(fault).isprintable(), fault


def outcome(call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Return what a call gives, or None where it gives a report in good form; anything else goes through."""
    try:
        return call(*arguments, **named)
    except ScenarioError as error:
        faults = error.faults
    check_form(faults)
    return None


QUICK = settings(
    max_examples=40, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)  # fmt: skip


@pytest.mark.parametrize("name", sorted(TREES))
@QUICK
@given(data=st.data())
def test_a_file_that_is_nearly_right(name, data):
    text = yaml.safe_dump(mutate(data, TREES[name]), allow_unicode=True, sort_keys=False)
    document = outcome(parse_document, text.encode("utf-8", "surrogatepass"), "upload.yaml")
    if document is None:
        return
    faults = check_file(document)
    check_form(faults)
    if not faults and document.data["format"] in ("place/1", "portfolio/1", "scenario/1"):
        assert len(ts.load_scenario(document).hash) == 32


@QUICK
@given(data=st.data())
def test_values_from_python_that_are_nearly_right(data):
    """The same through mappings: an overlay given as Python values, with numbers that no file could hold."""
    overlay = mutate(data, {"levers": {"capex_subsidy_share": 0.1}, "place": {"power": {"loss_share": 0.05}}})
    scenario = outcome(ts.load_scenario, "minimal", overlay=overlay)
    assert scenario is None or scenario.place.id


@QUICK
@given(data=st.data())
def test_a_study_that_is_nearly_right(data):
    study = outcome(load_study, mutate(data, STUDY_TREE))
    assert study is None or study.n_runs > 0


@pytest.mark.parametrize("name", sorted(TREES))
def test_the_trees_themselves_are_in_order(name):
    text = yaml.safe_dump(TREES[name], allow_unicode=True)
    assert check_file(parse_document(text.encode(), "upload.yaml")) == []
    assert load_study(STUDY_TREE).n_runs == 2 * 3 * 2
