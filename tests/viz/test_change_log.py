"""The log of a visit: steps in words, in both languages, and the way back."""

import pytest

from transition_sim.viz.change_log import log_rows
from transition_sim.viz.session import Session, act
from transition_sim.viz.words import Words


def after(*actions) -> Session:
    """Return a session after actions a minute apart."""
    session = Session()
    for k, action in enumerate(actions):
        session = act(session, action, 60.0 * k)
    return session


STEPS = (
    {"do": "move", "key": "capex_subsidy_share", "value": 0.35},
    {"do": "move", "key": "capex_subsidy_share", "value": 0.35, "start": 2027, "full": 2029},
    {"do": "move", "key": "new_clinker_ban", "value": 0},
    {"do": "back", "key": "new_clinker_ban"},
    {"do": "preset", "key": "ambitious"},
    {"do": "reset"},
)


def test_every_step_is_told():
    """The plan pays 10 % and bans new kilns; a preset that is chosen has nothing to reset, which is no step."""
    assert [row["text"] for row in log_rows(after(*STEPS).history, Words("en"))] == [
        "Beginning: Current plan",
        "Capital subsidy: 10% → 35%, from 2026",
        "Capital subsidy: 35% → 35%, from 2027, full in 2029",
        "Ban on new clinker capacity: on → off, from 2026",
        "Ban on new clinker capacity: back to the preset",
        "Start from: Ambitious",
    ]


def test_several_levers_at_once_and_all_put_back():
    file = """format: policy/1
id: mine
name: {en: Mine, zh: 我的}
description: {en: Two levers., zh: 两项。}
base: current
levers: {capex_subsidy_share: 0.3, tax_credit_share: 0.2}
"""
    session = after({"do": "upload", "text": file}, {"do": "reset"})
    assert session.faults == ()
    assert [row["text"] for row in log_rows(session.history, Words("en"))][1:] == [
        "2 levers set", "All levers back to the preset",
    ]  # fmt: skip


def test_a_log_has_no_english_in_chinese():
    texts = [row["text"] for row in log_rows(after(*STEPS).history, Words("zh"))]
    assert texts[1] == "设备投资补贴：10% → 35%，2026年起"
    assert not any(char.isascii() and char.isalpha() for text in texts for char in text)


def test_without_a_step_there_is_no_log():
    assert log_rows(Session().history, Words("en")) == []


def test_a_step_is_looked_at_again_and_nothing_is_lost():
    session = after(*STEPS[:3], {"do": "jump", "step": 1})
    assert session.draft.by_key.keys() == {"capex_subsidy_share"}
    rows = log_rows(session.history, Words("en"))
    assert [row["is_now"] for row in rows] == [False, True, False, False]
    last = act(session, {"do": "jump", "step": 3}, 1e6)
    assert last.draft == after(*STEPS[:3]).draft
    assert act(last, {"do": "undo"}, 1e6).draft == after(*STEPS[:2]).draft


@pytest.mark.parametrize("step", [-1, 4, 1e300, "x", None, float("nan"), {"a": 1}, "1" * 100])
def test_what_is_no_step_changes_nothing(step):
    session = after(*STEPS[:3])
    assert act(session, {"do": "jump", "step": step}, 1e6) == session
