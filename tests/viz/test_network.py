"""The picture of the supply chain and the decision log, on a run of the small place."""

from base64 import b64decode

import numpy as np
import pytest

from transition_sim import build
from transition_sim.scenarios.scenario import load_scenario
from transition_sim.viz.decision_log import card
from transition_sim.viz.firms import firm_card
from transition_sim.viz.network import GONE, MODES, frames, green_in_use, label_place, layout, network_data
from transition_sim.viz.picture import uses_of
from transition_sim.viz.words import Words
from transition_sim.world.columns import AGENT
from transition_sim.world.state import DECISIONS, OPTIONS_DTYPE

EN, ZH = Words("en"), Words("zh")


@pytest.fixture(scope="module")
def world():
    model = build.build_model(load_scenario("minimal", policy="current"), 1)
    model.run()
    return model.world


@pytest.mark.parametrize("counts", [[400, 40, 90, 7, 250], [10, 10], [3, 500, 3]])
def test_groups_are_discs_that_do_not_overlap(counts):
    """No enterprise lies within the ellipse of another group (a disc, as both directions are stretched to 0 .. 1)."""
    groups = np.repeat(np.arange(len(counts)), counts)
    place = layout(groups, np.linspace(1, 2, groups.size))
    assert place.min() == 0
    assert place.max() == 1
    for g in range(len(counts)):
        own = place[groups == g]
        middle, half = (own.min(axis=0) + own.max(axis=0)) / 2, (own.max(axis=0) - own.min(axis=0)) / 2
        inside = (((place[groups != g] - middle) / half) ** 2).sum(axis=1) < 0.9
        assert not inside.any()


def test_the_largest_enterprise_stands_in_the_middle_of_its_group():
    size = np.arange(1.0, 51.0)
    place = layout(np.zeros(50, dtype=int), size)
    assert np.hypot(*(place[-1] - place.mean(axis=0))) < 0.15


def test_green_technologies_at_the_end_are_those_in_use(world):
    is_green = [t in world.labels["green_technologies"] for t in world.labels["technologies"]]
    assert (green_in_use(world)[-1] == uses_of(world)[:, is_green].sum(axis=1)).all()


def test_every_enterprise_has_a_class_in_every_year(world):
    found = frames(world)
    assert found.shape == (len(MODES), world.clock.n_years, world.state.n_enterprises)
    alive = world.recorder.agent[:, :, [c.name for c in AGENT].index("is_alive")] > 0
    for k, mode in enumerate(MODES):
        assert (found[k][alive] < len(mode.colours)).all()
        assert (found[k][~alive] == GONE).all()
        assert len(mode.colours) == len(mode.bounds) + 1


def test_the_canvas_gets_names_in_both_languages(world):
    en, zh = network_data(world, EN), network_data(world, ZH)
    n = world.state.n_enterprises
    assert len(en["names"]) == len(zh["names"]) == n
    assert len(b64decode(en["places"])) == 8 * n
    assert len(b64decode(en["frames"])) == len(MODES) * world.clock.n_years * n
    assert np.frombuffer(b64decode(en["edges"]), "i4").max() < n
    assert en["places"] == zh["places"]
    assert "按行业成团" in zh["note"], "the small place has a single county"


def test_a_decision_says_what_it_saw_and_what_would_have_changed_it(world):
    """Keeping at 120 against a new one at 100: it took the new one; 15 % less and the old one would have tied."""
    decision = np.zeros(1, dtype=[(f.name, f.dtype) for f in DECISIONS])[0]
    decision["quarter"], decision["n_options"], decision["chosen"], decision["runner_up"] = 9, 2, 0, -1
    decision["outcome"], decision["capex_cny"], decision["subsidy_cny"], decision["switch_capex_share"] = (
        1,
        2e6,
        5e5,
        0.15,
    )
    options = np.array([(-1, 120.0, 0.0, 0.3), (0, 100.0, 0.0, 0.7)], dtype=OPTIONS_DTYPE)
    shown = card(world, decision, options, EN)
    assert shown["when"] == "2022Q2"
    assert [(o["cost"], o["percent"], o["chosen"]) for o in shown["options"]] == [
        ("100", "70", True),
        ("120", "30", False),
    ]
    assert shown["would"] == "Would have been even with keep as it is at a cost 15 % lower."
    assert shown["money"] == "investment 2.00 M CNY, award 0.500 M CNY"
    assert (shown["kind"], shown["outcome"]) == ("done", "ordered")
    assert card(world, decision, options, ZH)["outcome"] == "下单"


@pytest.mark.parametrize("words", [EN, ZH], ids=["en", "zh"])
def test_every_enterprise_has_a_card(world, words):
    for row in range(world.state.n_enterprises):
        shown = firm_card(world, row, words)
        assert shown["name"]
        assert shown["equipment"]
        assert all(d["options"] or d["kind"] == "stopped" for d in shown["why"])


def test_names_of_groups_stand_on_the_outer_side_of_their_discs():
    """Three discs at 90, 210 and 330 degrees, or four on a ring: a name stands above or below all of its own."""
    for counts in ((20, 20, 20, 20), (5, 30, 30, 5, 5, 30)):
        groups = np.repeat(np.arange(len(counts)), counts)
        place = layout(groups, np.ones(groups.size))
        for g in range(len(counts)):
            own = place[groups == g]
            label = label_place(own)
            assert own[:, 0].min() < label["x"] < own[:, 0].max()
            assert label["y"] == (own[:, 1].max() if label["below"] else own[:, 1].min())
            if own[:, 1].mean() > 0.6:
                assert label["below"], "below in the lower half, where the links run above it"
            if own[:, 1].mean() < 0.5:
                assert not label["below"]
