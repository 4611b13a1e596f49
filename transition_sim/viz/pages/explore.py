"""The page of the policymaker: levers, key numbers, charts, targets."""

from typing import Any

import solara

from transition_sim.viz import scene, widgets
from transition_sim.viz.board import board_data, board_of
from transition_sim.viz.change_log import log_rows
from transition_sim.viz.chart_list import MAIN
from transition_sim.viz.pages.parts import Charts, Levers, Numbers
from transition_sim.viz.room import Room, safely


@solara.component
def Explore(room: Room) -> None:
    """Levers, key numbers, charts, targets."""
    more, set_more = solara.use_state(False)
    with solara.Div(classes=["ts-grid"]):
        with solara.Div(classes=["ts-main"], attributes={"id": "ts-charts"}):
            if room.view.done:
                Numbers(room)
            elif room.view.status != "failed":
                with solara.Div(classes=["ts-box", "ts-waiting"]):
                    solara.Text(room.words("waiting_first"))
            Charts(MAIN, room)
            if more:
                Charts(scene.further_charts(room.policy.place), room)
            if room.view.done:
                if not more:
                    solara.Button(room.words("more_charts"), on_click=lambda: set_more(True), outlined=True)
                Targets(room)
        with solara.Div(classes=["ts-side"]):
            Levers(room)
            Log(room)


@solara.component
def Log(room: Room) -> None:
    """What was changed since the visit began, each step a way back."""
    words, history = room.words, room.session.history
    rows = solara.use_memo(lambda: safely(lambda: log_rows(history, words)) or [], [history, words])
    widgets.Log(rows=rows, t=words, event_act=room.on_act)


@solara.component
def Targets(room: Room) -> None:
    """Targets that are modelled, in short."""

    def groups() -> list | None:
        board = board_of(room.policy, room.view.policy)
        return None if board is None else board_data(board, None, room.words)["groups"]

    kept: Any = solara.use_ref([])
    found = solara.use_memo(lambda: safely(groups), [room.answer])
    kept.current = kept.current if found is None else found
    widgets.Targets(groups=kept.current, t=room.words, stale=room.is_stale or found is None)
