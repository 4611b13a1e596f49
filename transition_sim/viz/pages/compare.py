"""Up to three kept scenarios and the policy of the moment against the baseline, on the same seeds and network."""

from typing import Any

import solara

from transition_sim.version import __version__
from transition_sim.viz import widgets
from transition_sim.viz.charts import BASELINE, PALETTE, Chart
from transition_sim.viz.comparing import Side, common, difference_chart, indicators, level_chart, measure_rows, switched
from transition_sim.viz.draft import Draft
from transition_sim.viz.outside import preset_name
from transition_sim.viz.pages.parts import NothingYet, OwnCharts
from transition_sim.viz.picture import FIRST_SEED
from transition_sim.viz.room import Broken, Room, safely
from transition_sim.viz.scene import about_draft

LETTERS = "ABC"


def draft_name(draft: Draft, letter: str, room: Room) -> str:
    """Return what a kept scenario is called: letter and the policy that it starts from."""
    return f"{letter} · {preset_name(draft, room.words)}{' *' if draft.moves else ''}"


def sides_of(room: Room) -> list[Side]:
    """Return the baseline, the kept scenarios, and the policy of the moment where it is neither of them."""
    view, words = room.view, room.words
    if not view.done:
        return []
    sides = [Side(words("baseline_is", name=room.baseline_name), {p.seed: p for p in view.baseline})]
    pins = list(zip(room.session.pins, view.pins, strict=False))
    for letter, (draft, pictures) in zip(LETTERS, pins, strict=False):
        if pictures:
            sides.append(Side(draft_name(draft, letter, room), {p.seed: p for p in pictures}))
    if view.policy[0].hash not in {side.hash for side in sides}:
        sides.append(Side(words("my_policy"), {p.seed: p for p in view.policy}))
    return sides


def pin_cards(room: Room) -> list[dict[str, Any]]:
    """Return a card a scenario: what it is, and its colour in the charts."""
    session, words = room.session, room.words
    base = {"index": -2, "name": words("baseline_is", name=room.baseline_name), "about": "", "colour": BASELINE}
    cards = [
        {
            "index": k,
            "name": draft_name(draft, LETTERS[k], room),
            "about": about_draft(draft, words),
            "colour": PALETTE[k],
        }
        for k, draft in enumerate(session.pins)
    ]
    if session.draft not in session.pins and session.draft != session.baseline_draft:
        about = about_draft(session.draft, words)
        name = words("my_policy_from", name=preset_name(session.draft, words))
        cards.append({"index": -1, "name": name, "about": about, "colour": PALETTE[len(session.pins)]})
    return [base, *cards]


@solara.component
def ComparePage(room: Room) -> None:
    """Cards, an indicator under all of them, the differences, and who switched."""
    session, words = room.session, room.words
    with solara.Div(classes=["ts-grid", "ts-full"]), solara.Div(classes=["ts-main"], attributes={"id": "ts-charts"}):
        solara.HTML(tag="h2", unsafe_innerHTML=words("page_compare"))
        cards = solara.use_memo(lambda: safely(lambda: pin_cards(room)), [session, room.words]) or []
        widgets.Compare(
            pins=[c for c in cards if c["index"] != -2],
            can_pin=session.can_pin,
            indicators=indicators(words),
            indicator=session.indicator,
            t=words,
            event_act=room.on_act,
        )
        Differences(room)


@solara.component
def Differences(room: Room) -> None:
    """Charts and tables of the comparison."""
    words, session = room.words, room.session
    depends = [room.answer, session.pins, session.indicator]
    sides = sides_of(room)
    years = list(room.policy.clock.years)

    def charts() -> list[Chart]:
        made = [level_chart(sides, session.indicator, years, words)]
        if len(sides) > 1:
            made.append(difference_chart(sides, session.indicator, years, words))
        return made

    def tables() -> tuple[list, list]:
        kept = room.laboratory.worlds.get((sides[0].hash, FIRST_SEED))
        labels = None if kept is None else kept[0].labels
        return measure_rows(sides, words), switched(sides, labels, words)

    drawn = solara.use_memo(lambda: safely(charts) if sides else [], depends)
    found = solara.use_memo(lambda: safely(tables) if len(sides) > 1 else ([], []), depends)
    if found is None:
        Broken(words)
        return
    if not sides:
        solara.Text(words("computing"))
        return
    n = len(common(sides))
    runs = words("runs_of", n=n) if n > 1 else words("run_of_1")
    place = words.name(room.policy.place.name)
    OwnCharts(drawn, f"{place} · {runs} · transition_sim {__version__}", room)
    if len(sides) == 1:
        NothingYet("compare_empty", room)
        return
    widgets.Differences(
        rows=found[0],
        head=[side.name for side in sides],
        note=words("differences_note", name=room.baseline_name, runs=runs),
        switched=found[1],
        t=words,
        event_act=room.on_act,
    )
