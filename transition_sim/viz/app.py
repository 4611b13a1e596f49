"""The page of one visitor: head, status, and the page that is open."""

import time
from pathlib import Path
from typing import Any

import solara
import solara.lab

from transition_sim.core import kernels
from transition_sim.viz import scene, settings, widgets
from transition_sim.viz.desk import Desk, View
from transition_sim.viz.laboratory import Laboratory
from transition_sim.viz.pages.assumptions import AssumptionsPage
from transition_sim.viz.pages.attribution import AttributionPage
from transition_sim.viz.pages.compare import ComparePage
from transition_sim.viz.pages.explore import Explore
from transition_sim.viz.pages.files import FilesPage
from transition_sim.viz.pages.firms import FirmsPage
from transition_sim.viz.pages.lessons import LessonsPage
from transition_sim.viz.pages.research import ResearchPage
from transition_sim.viz.pages.scoreboard import ScoreboardPage
from transition_sim.viz.pages.uncertainty import UncertaintyPage
from transition_sim.viz.room import Broken, Room, safely
from transition_sim.viz.session import Session, act, opened
from transition_sim.viz.words import Language, Words, language_of

laboratory = Laboratory()
STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
SHOWN = {
    "explore": Explore,
    "scoreboard": ScoreboardPage,
    "compare": ComparePage,
    "uncertainty": UncertaintyPage,
    "attribution": AttributionPage,
    "firms": FirmsPage,
    "lessons": LessonsPage,
    "research": ResearchPage,
    "assumptions": AssumptionsPage,
    "files": FilesPage,
}


@solara.component
def Page() -> None:
    """One visitor's page."""
    router = solara.use_router()

    def opening(query: str | None) -> Session:
        return opened(query, settings.current().place, _language())

    session, set_session = solara.use_state(solara.use_memo(lambda: opening(router.search), []))
    view = solara.use_reactive(View())
    latest = solara.use_ref(session)
    latest.current = session

    def make_desk() -> Desk:
        return Desk(laboratory, view.set, settings.current().pairs)

    desk = solara.use_memo(make_desk, [])

    def live():
        desk.open()
        return desk.close

    solara.use_effect(live, [])

    asked: Any = solara.use_ref(None)

    def ask(of: Session) -> None:
        question = (of.draft, of.baseline_draft, of.pins, of.runs)
        if asked.current == question:
            return
        asked.current = question
        desk.ask(of.draft.scenario, of.baseline_draft.scenario, [draft.scenario for draft in of.pins], of.runs)

    solara.use_effect(lambda: ask(session), [session.draft, session.baseline_draft, session.pins, session.runs])

    def on_act(action: dict[str, Any]) -> None:
        latest.current = act(latest.current, action, time.monotonic())
        ask(latest.current)  # the run begins while the page says what was moved
        set_session(latest.current)

    words = solara.use_memo(lambda: Words(session.language), [session.language])
    solara.Style(STYLE)
    with solara.Div(classes=["ts-page"]):
        head = safely(lambda: scene.head(session, words))
        if head is None:
            Broken(words)
            return
        widgets.Head(h=head, t=words, event_act=on_act)
        notes = [scene.link_note(session.unread, words)] if session.unread else []
        line = scene.status(view.value, words, kernels.is_cold())
        widgets.Status(s=line, caution=scene.caution(words), notes=notes, t=words)
        SHOWN[session.page](Room(session, view.value, words, on_act, laboratory))


def _language() -> Language:
    chosen = settings.current().language
    if chosen is not None:
        return chosen
    headers = solara.lab.headers.value or {}  # type: ignore[attr-defined]
    accepted = next((v[0] for k, v in headers.items() if k.lower() == "accept-language" and v), "")
    return language_of(accepted, "zh")
