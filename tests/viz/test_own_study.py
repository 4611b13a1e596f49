"""A study put together in the browser: what it asks, that its file runs the same, and what is wrong with it."""

import pytest

from transition_sim.experiments.study import load_study
from transition_sim.scenarios.loader import parse_document
from transition_sim.scenarios.scenario import load_scenario, value_at
from transition_sim.viz.draft import Draft, Move
from transition_sim.viz.own_study import RECIPES, OwnStudy, made, study_content, study_text
from transition_sim.viz.session import Session, act
from transition_sim.viz.studies import command_of, study_facts
from transition_sim.viz.study_builder import builder
from transition_sim.viz.words import Words

EN, ZH = Words("en"), Words("zh")
PRICE, BAN, HURDLE = "carbon_price_floor_cny_per_tco2", "new_clinker_ban", "hurdle_small_per_year"
MINE = Draft("minimal", "current", (("capex_subsidy_share", Move(0.3, 2026, 2026)),))
BASELINE = Draft("minimal", "current")


def study_of(own: OwnStudy, draft: Draft = MINE, replicates: int = 2):
    study, faults = made(study_content(own, draft, BASELINE, replicates))
    assert faults == ()
    return study


def after(session: Session, *actions: dict) -> Session:
    for action in actions:
        session = act(session, {"do": "own", **action}, 0.0)
    return session


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("draft", [MINE, BASELINE, Draft("minimal", "none", shock="summer_drought")])
def test_the_file_asks_what_the_screen_asks(recipe, draft):
    own = OwnStudy(recipe).add([PRICE, BAN, HURDLE])
    content = study_content(own, draft, BASELINE, 3)
    study, faults = made(content)
    assert faults == ()
    again = load_study(parse_document(study_text(content).encode(), "my_study.yaml"))
    assert again.hash == study.hash
    assert study.contexts[-1].scenario.hash == draft.scenario().hash
    assert study.warnings == (), "every analysis of a recipe suits its design"


@pytest.mark.parametrize(
    ("recipe", "points"),
    [
        ("pair", 1),
        ("one_at_a_time", 1 + 2 + 2 + 2),  # the policy, and both ends of each
        ("grid", 3 * 2 * 3),  # three values of each, a switch has two
        ("lhs", 64),
        ("morris", 10 * (3 + 1)),  # walks of a step for each factor
        ("saltelli", 16 * (3 + 2)),
    ],
)
def test_runs_are_counted_by_hand(recipe, points):
    study = study_of(OwnStudy(recipe).add([PRICE, BAN, HURDLE]))
    policies = 2 if recipe == "pair" else 1
    assert study.n_runs == points * policies * 2
    assert dict(study_facts(study, EN))["Runs in all"] == f"{study.n_runs:,}"


def test_a_pair_is_the_policy_on_the_screen_and_the_baseline():
    study = study_of(OwnStudy("pair").add([PRICE]))
    assert [c.policy for c in study.contexts] == ["current", "my_policy"]
    assert not study.factors
    assert study.contexts[0].scenario.hash == load_scenario("minimal", "current").hash
    facts = dict(study_facts(study, EN))
    assert facts["Policies"] == "Current plan, My policy"
    assert facts["Command"] == " ".join(command_of(study)) == "transition-sim study run my_study.yaml"


def test_a_policy_that_is_its_own_baseline_has_nothing_to_compare():
    content = study_content(OwnStudy("pair"), BASELINE, BASELINE, 2)
    assert content["policies"] == ["current"]
    assert "paired" not in content["analyses"]
    assert builder(OwnStudy("pair"), BASELINE, BASELINE, content, (), EN)["about"] == EN("own_same")


def test_a_lever_varies_from_its_year_on():
    own = OwnStudy("grid").add([PRICE]).set_size(2).set_range(PRICE, 50.0, 120.0).set_from_year(2028)
    study = study_of(own)
    assert study.points[:, 0].tolist() == [50.0, 120.0]
    assert study.factors[0].from_year == 2028
    assert value_at(study.contexts[0].scenario.levers["capex_subsidy_share"], 2027) == 0.3


def test_what_a_widget_sends_changes_the_study():
    session = after(
        Session(),
        {"what": "recipe", "key": "lhs"}, {"what": "size", "value": 128}, {"what": "add", "key": PRICE},
        {"what": "add", "key": HURDLE}, {"what": "range", "key": PRICE, "low": 0, "high": 180},
        {"what": "from_year", "value": 2027}, {"what": "measure", "key": "orders"}, {"what": "drop", "key": HURDLE},
    )  # fmt: skip
    assert session.own.recipe == "lhs"
    assert session.own.size_used == 128
    assert [(v.key, v.low, v.high) for v in session.own.varied] == [(PRICE, 0, 180)]
    assert (session.own.from_year, session.own.measure) == (2027, "orders")
    assert after(session, {"what": "recipe", "key": "grid"}).own.size_used == 3


def test_what_a_widget_cannot_mean_changes_nothing():
    session = after(Session(), {"what": "add", "key": PRICE})
    for action in (
        {"what": "recipe", "key": "wish"}, {"what": "add", "key": "../../etc"}, {"what": "add", "key": 7},
        {"what": "size", "value": 10**9}, {"what": "range", "key": PRICE, "low": "x", "high": 1},
        {"what": "measure", "key": "nothing"}, {"what": "from_year", "value": "soon"}, {"what": "explode"}, {},
    ):  # fmt: skip
        assert after(session, action).own == session.own, action
    assert act(session, {"do": "study", "key": "../../etc/passwd"}, 0.0) == session
    assert act(session, {"do": "replicates", "key": "1000000"}, 0.0) == session


def test_levers_that_were_moved_are_varied_at_a_click():
    session = act(Session(), {"do": "move", "key": PRICE, "value": 100}, 0.0)
    shown = builder(session.own, session.draft, session.baseline_draft, {}, (), EN)
    assert shown["n_moved"] == 1
    session = after(session, {"what": "add_moved"})
    assert [v.key for v in session.own.varied] == [PRICE]
    assert builder(session.own, session.draft, session.baseline_draft, {}, (), EN)["n_moved"] == 0


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.0, 9999.0, "9999.0"), (120.0, 50.0, "120 to 50")],
)
def test_a_range_that_cannot_be_is_told_by_name_and_not_clipped(low, high, said):
    own = OwnStudy("lhs").add([PRICE]).set_range(PRICE, low, high)
    study, faults = made(study_content(own, MINE, BASELINE, 1))
    assert study is None
    lines = builder(own, MINE, BASELINE, {}, faults, EN)["faults"]
    assert len(lines) == 1
    assert lines[0].startswith(f"Carbon price floor, now {said}: ")


def test_a_range_beyond_the_reach_of_a_lever_says_so():
    """A subsidy of more than 30 % of the cost is capped (SM10)."""
    for high, note in ((0.5, "Above 30% it has no further effect."), (0.3, "")):
        own = OwnStudy("lhs").add(["capex_subsidy_share"]).set_range("capex_subsidy_share", 0.0, high)
        assert builder(own, MINE, BASELINE, {}, (), EN)["rows"][0]["note"] == note


def test_a_design_with_nothing_to_vary_says_what_to_do():
    study, faults = made(study_content(OwnStudy("lhs"), MINE, BASELINE, 1))
    assert study is None
    assert "nothing to vary" in builder(OwnStudy("lhs"), MINE, BASELINE, {}, faults, EN)["faults"][0]


@pytest.mark.parametrize("words", [EN, ZH])
def test_every_recipe_has_its_words_and_every_row_its_unit(words):
    for id, recipe in RECIPES.items():
        shown = builder(OwnStudy(id).add([PRICE, BAN, HURDLE]), MINE, BASELINE, {"id": "x"}, (), words)
        assert shown["about"] == words(f"own_recipe_{id}_about")
        assert bool(shown["size_name"]) == bool(recipe.sizes)
        assert [row["is_switch"] for row in shown["rows"]] == [False, True, False]
        taken = {o["id"] for a in shown["adders"] for g in a["groups"] for o in g["options"]}
        assert not taken & {PRICE, BAN, HURDLE}
        assert {"coal_boiler_size_limit_t_per_h", "choice_noise"} <= taken
