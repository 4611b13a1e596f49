"""The scoreboard: every target that concerns the place, and the six dimensions."""

from typing import Any

import solara

from transition_sim.viz import widgets
from transition_sim.viz.board import board_data, board_of
from transition_sim.viz.room import Broken, Room, safely


@solara.component
def ScoreboardPage(room: Room) -> None:
    """Targets with status, value, year and probability; indicators side by side."""
    words, view = room.words, room.view

    def make() -> dict | None:
        if not view.done:
            return None
        board = board_of(room.policy, view.policy)
        is_same = view.policy[0].hash == view.baseline[0].hash
        before = None if is_same else board_of(room.baseline, view.baseline)
        return None if board is None else {"compared": before is not None, **board_data(board, before, words)}

    kept: Any = solara.use_ref(None)
    found = solara.use_memo(lambda: safely(make), [room.answer])
    if found is not None:
        kept.current = found
    with solara.Div(classes=["ts-grid", "ts-full"]), solara.Div(classes=["ts-main"]):
        solara.HTML(tag="h2", unsafe_innerHTML=words("page_scoreboard"))
        if kept.current is None:
            (solara.Text(words("firms_wait")) if view.status != "failed" else Broken(words))
            return
        clock = room.policy.clock
        widgets.Board(
            b=kept.current,
            compared=kept.current["compared"],
            before=room.baseline_name,
            first=str(clock.start_year),
            last=str(clock.end_year),
            t=words,
            stale=room.is_stale or found is None,
        )
