"""Study files: what they ask, and every fault with its line, before anything is run."""

from dataclasses import replace

import numpy as np
import pytest
from study_makers import SMALL

from transition_sim.core.errors import ScenarioError
from transition_sim.experiments.analyses.finding import context_names
from transition_sim.experiments.factors import scenario_at
from transition_sim.experiments.study import load_study, restore_study
from transition_sim.scenarios import scenario as scenario_module
from transition_sim.scenarios.scenario import load_scenario, value_at

HEAD = "format: study/1\nid: mine\nplaces: [minimal]\n"


def faults_of(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_study(path)
    return [(f.line, f.field, f.rule) for f in caught.value.faults]


@pytest.mark.parametrize(
    ("text", "line", "field", "rule"),
    [
        ("levers:\n  capex_subsidy_shar: {}\n", 5, "levers.capex_subsidy_shar", "there is no such lever"),
        ("parameters:\n  nothing: {}\n", 5, "parameters.nothing", "there is no such parameter"),
        (
            "levers:\n  capex_subsidy_share: {low: 0.4, high: 0.2}\n", 5, "levers.capex_subsidy_share",
            "the range is empty",
        ),
        (
            "levers:\n  capex_subsidy_share:\n    high: 2\n", 6, "levers.capex_subsidy_share.high",
            "the table ranges from 0 to 0.5 share of capex",
        ),
        (
            "levers:\n  new_clinker_ban: {values: [0, 0.5]}\n", 5, "levers.new_clinker_ban.values",
            "a switch is 0 or 1",
        ),
        ("design: {kind: lhs}\n", 4, "design.kind", "the design lhs has nothing to vary"),
        (
            "design: {kind: saltelli, samples: 6}\nlevers: {capex_subsidy_share: {}}\n", 4, "design.samples",
            "these are no power of two",
        ),
        (
            "design: {kind: list, points: [{nothing: 1}]}\n", 4, "design.points.0.nothing",
            "the study has no such factor",
        ),
        ("outcomes: [co2]\n", 4, "outcomes.0", "there is no such measure"),
        ("until: 2022\noutcomes: [dual_control_2025_mtco2]\n", 5, "outcomes",
         "the years 2020 to 2022 do not define dual_control_2025_mtco2"),
        ("measure: co2\n", 4, "measure", "the study keeps no such measure"),
        ("annual: [co2]\n", 4, "annual.0", "there is no such annual column"),
        ("policies: [current, current]\n", 4, "policies.1", "this is given twice"),
        ("outcomes: [orders, orders]\n", 4, "outcomes.1", "this is given twice"),
        ("annual: [gdp_cny, gdp_cny]\n", 4, "annual.1", "this is given twice"),
        ("until: 2019\n", 4, "until", "the last year lies before the first, 2020"),
        ("policy: current\n", 4, "policy", "unknown key"),
        ("policies:\n  - none\n  - 5\n", 6, "policies.1", "this must be text"),
        ("replicates: 0\n", 4, "replicates", "this must be at least 1"),
        ("parts: {money: [capex_subsidy]}\ndesign: {kind: full_factorial}\n", 4, "parts.money.0",
         "there is no such lever"),
        ("parts: {money: [capex_subsidy_share]}\nlevers: {capex_subsidy_share: {}}\ndesign: {kind: full_factorial}\n",
         4, "parts.money", "the lever is varied by itself and in a part"),
        ("against: currant\nparts: {money: [capex_subsidy_share]}\ndesign: {kind: full_factorial}\n", 4, "against",
         "the library has no policy of this name"),
        ("against: current\n", 4, "against", "there are no parts to hold against it"),
        ("design: {kind: full_factorial}\nreplicates: 1000000\nparameters: {hydro_sd_share: {}, hydro_ar_share: {},"
         " choice_noise: {}, utility_peer: {}}\n", 4, "design.kind",
         "the study has 16,000,000 runs, more than 10,000,000"),
    ],
)  # fmt: skip
def test_a_fault_has_line_field_and_rule(tmp_path, text, line, field, rule):
    assert (line, field, rule) in faults_of(tmp_path, text)


def test_a_wrong_range_is_not_called_nothing_to_vary(tmp_path):
    found = faults_of(tmp_path, "design: {kind: lhs}\nlevers:\n  capex_subsidy_share: {low: 0.4, high: 0.2}\n")
    assert found == [(6, "levers.capex_subsidy_share", "the range is empty")]


def test_a_lever_that_would_change_after_the_end_is_warned_of():
    late = {"capex_subsidy_share": {"from_year": 2023}, "publicity": {"from_year": 2022}}
    study = load_study({**SMALL, "levers": late, "parameters": {}})
    assert study.warnings == (
        "capex_subsidy_share: the runs end in 2022, before the lever changes; it changes nothing",
    )


def test_an_analysis_that_the_design_never_gives_is_warned_of():
    study = load_study({**SMALL, "policies": ["current"], "analyses": ["peaking", "sobol", "paired", "discovery"]})
    assert study.warnings == tuple(
        f"{name}: the design lhs does not allow this analysis; the report will have none"
        for name in ("sobol", "paired")
    )


def test_all_faults_come_in_one_report(tmp_path):
    found = faults_of(tmp_path, "outcomes: [co2]\nlevers:\n  nothing: {}\n  capex_subsidy_share: {low: 3}\n")
    assert len(found) == 4  # measure, lever, low out of the table, 3 to 0.5 is empty


def test_a_part_that_is_off_falls_back_to_another_policy():
    """Under the ambitious policy against the current one: all parts on is the first, all off is the second."""
    ambitious, current = (load_scenario("minimal", policy, end_year=2022) for policy in ("ambitious", "current"))
    every = sorted({*ambitious.levers, *current.levers})
    study = load_study(
        {
            "format": "study/1", "id": "stronger", "places": ["minimal"], "policies": ["ambitious"], "until": 2022,
            "against": "current", "parts": {"first": every[::2], "second": every[1::2]},
            "design": {"kind": "full_factorial"},
        }
    )  # fmt: skip
    base = study.contexts[0].scenario
    off, on = (scenario_at(base, study.factors, np.full(2, share)) for share in (0.0, 1.0))
    assert off.levers == current.levers != on.levers == ambitious.levers
    first = scenario_at(base, study.factors, np.array([1.0, 0.0])).levers
    assert {k: first.get(k) for k in every[::2]} == {k: ambitious.levers.get(k) for k in every[::2]}
    assert {k: first.get(k) for k in every[1::2]} == {k: current.levers.get(k) for k in every[1::2]}


WRITTEN = """policies:
  - current
  - format: policy/1
    id: more_money
    name: {en: More money, zh: 更多资金}
    description: {en: A larger subsidy., zh: 更高补贴。}
    base: current
    levers:
      capex_subsidy_share: 0.3
"""


def test_a_policy_written_out_is_the_policy_of_the_same_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + WRITTEN, encoding="utf-8")
    (tmp_path / "more.yaml").write_text(
        "format: policy/1\nid: more_money\nname: {en: a, zh: b}\ndescription: {en: a, zh: b}\nbase: current\n"
        "levers: {capex_subsidy_share: 0.3}\n",
        encoding="utf-8",
    )
    study = load_study(path)
    assert [c.policy for c in study.contexts] == ["current", "more_money"]
    assert study.contexts[1].scenario.hash == load_scenario("minimal", tmp_path / "more.yaml").hash
    assert context_names(study, "en")[1] == "More money"
    assert context_names(study, "zh")[1] == "更多资金"
    again = restore_study(study.spec.model_dump(mode="json"), [
        {"place": c.place, "variant": c.variant, "policy": c.policy, "scenario": c.scenario.resolved()}
        for c in study.contexts
    ])  # fmt: skip
    assert again.hash == study.hash


def test_a_fault_of_a_policy_written_out_has_its_line_in_the_study(tmp_path):
    text = WRITTEN.replace("capex_subsidy_share", "capex_subsidy_shar")
    assert faults_of(tmp_path, text) == [(12, "levers.capex_subsidy_shar", "there is no such lever")]
    text = WRITTEN.replace("more_money", "current")
    assert faults_of(tmp_path, text) == [(6, "policies.1", "two policies of the study have this id")]


def test_files_of_a_study_are_looked_for_beside_it(tmp_path, monkeypatch):
    """From any working folder; what is not beside the study is looked for there."""
    (tmp_path / "there").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    head = "format: policy/1\nid: mine\nname: {en: a, zh: b}\ndescription: {en: a, zh: b}\n"
    for folder, share in (("there", 0.3), ("here", 0.1)):
        (tmp_path / folder / "mine.yaml").write_text(
            f"{head}levers: {{capex_subsidy_share: {share}}}\n", encoding="utf-8"
        )
    path = tmp_path / "there" / "study.yaml"
    path.write_text(HEAD + "policies: [mine.yaml]\n", encoding="utf-8")
    assert load_study(path).contexts[0].scenario.levers["capex_subsidy_share"] == 0.3
    (tmp_path / "there" / "mine.yaml").unlink()
    assert load_study(path).contexts[0].scenario.levers["capex_subsidy_share"] == 0.1


def test_unknown_places_and_policies_are_faults():
    with pytest.raises(ScenarioError, match="library has no place of this name"):
        load_study({**SMALL, "places": ["nowhere"]})
    with pytest.raises(ScenarioError, match="library has no study of this name"):
        load_study("nothing")


def test_runs_count_through_points_policies_and_seeds():
    study = load_study(SMALL)
    assert study.n_runs == 1 * 2 * 2 * 2  # place, points, policies, seeds
    table = study.run_table(np.arange(study.n_runs))
    assert table["policy"].tolist() == ["none", "none", "current", "current"] * 2
    assert table["seed"].tolist() == [1, 2] * 4  # the same at every point and under every policy
    assert table["point"].tolist() == [0] * 4 + [1] * 4
    assert table["carbon_price_floor_cny_per_tco2"].between(0, 200).all()


def test_default_ranges_are_those_of_the_tables():
    study = load_study({**SMALL, "design": {"kind": "full_factorial"}})
    by_key = {f.key: f for f in study.factors}
    assert (by_key["capex_subsidy_share"].low, by_key["capex_subsidy_share"].high) == (0, 0.5)
    assert sorted(set(study.points[:, 2])) == [0.21, 0.39]  # hurdle_small_per_year
    assert len(study.points) == 8


def test_a_value_from_a_year_on_leaves_the_years_before_to_the_policy():
    """The ban on clinker stands in the policy; the subsidy is 0.1 there until 2021 and 0.4 from 2022."""
    levers = {"capex_subsidy_share": {"values": [0.4], "from_year": 2022}}
    study = load_study({**SMALL, "policies": ["current"], "levers": levers, "design": {"kind": "grid"}})
    setting = scenario_at(study.contexts[0].scenario, study.factors, study.points[0]).levers["capex_subsidy_share"]
    assert [value_at(setting, year) for year in (2020, 2021.75, 2022, 2022.75)] == [0.1, 0.1, 0.4, 0.4]


def test_a_part_switched_off_is_neutral_and_on_is_the_policy():
    parts = {"money": ["capex_subsidy_share", "tax_credit_share"]}
    given = {**SMALL, "policies": ["current"], "parts": parts, "design": {"kind": "full_factorial"}}
    study = load_study({key: value for key, value in given.items() if key not in ("levers", "parameters")})
    base = study.contexts[0].scenario
    made = {study.label(k): scenario_at(base, study.factors, p) for k, p in enumerate(study.points)}
    assert not {"capex_subsidy_share", "tax_credit_share"} & set(made["no part"].levers)
    assert len(made["no part"].levers) == len(base.levers) - 2
    assert made["all parts"].hash == base.hash


def test_variants_change_the_whole_question():
    variants = [{"id": "plain"}, {"id": "late", "levers": {"capex_subsidy_share": {"path": [[2020, 0], [2022, 0.3]]}}},
                {"id": "loss", "set": {"place.power.loss_share": 0.05}}]  # fmt: skip
    study = load_study({**SMALL, "variants": variants})
    assert [c.variant for c in study.contexts] == ["plain"] * 2 + ["late"] * 2 + ["loss"] * 2
    assert study.contexts[4].scenario.place.power.loss_share == 0.05
    with pytest.raises(ScenarioError, match="loss_shar"):
        load_study({**SMALL, "variants": [{"id": "loss", "set": {"place.power.loss_shar": 0.05}}]})


def test_the_hash_follows_what_the_runs_depend_on():
    study = load_study(SMALL)
    assert study.hash == load_study({**SMALL, "name": {"en": "x", "zh": "y"}}).hash
    others = [{"seed": 2}, {"replicates": 3}, {"until": 2023}, {"policies": ["current"]}, {"annual": []},
              {"design": {"kind": "lhs", "samples": 2, "seed": 2}}]  # fmt: skip
    hashes = {study.hash, *(load_study({**SMALL, **other}).hash for other in others)}
    assert len(hashes) == len(others) + 1


def test_levers_that_do_nothing_are_named(monkeypatch):
    words = scenario_module.vocabulary()
    idle = replace(words.levers["circular_park_share"], acts=False)  # every lever of the table acts
    idle_words = replace(words, levers={**words.levers, idle.key: idle})
    monkeypatch.setattr(scenario_module, "vocabulary", lambda: idle_words)
    study = load_study({**SMALL, "levers": {idle.key: {}}})
    assert study.warnings == ("circular_park_share: no rule of this version reads the lever; it changes nothing",)
