"""Parts that several pages share: levers, charts, key numbers."""

from dataclasses import dataclass
from typing import Any

import solara

from transition_sim.viz import scene, widgets
from transition_sim.viz.batch import Batch, progress
from transition_sim.viz.chart_list import MAIN
from transition_sim.viz.charts import Chart
from transition_sim.viz.draft import PRESETS, preset_scenario
from transition_sim.viz.key_numbers import key_numbers
from transition_sim.viz.lever_panel import idle_levers, moved_idle, panel_groups, panel_values
from transition_sim.viz.room import Broken, Room, safely


@dataclass(frozen=True)
class Asking:
    """What a visitor asked to be run: its key, empty for nothing, and how often something was asked."""

    key: str = ""
    attempt: int = 0


@solara.component
def Levers(room: Room, only_moved: bool = False) -> None:
    """The lever panel; its themes are closed but for those that were moved, or the first ones are open too."""
    session, words = room.session, room.words
    scenario = preset_scenario(session.draft.place, session.draft.preset)
    moved = moved_idle(session.draft)
    fixed = solara.use_memo(
        lambda: (panel_groups(scenario, words, moved), idle_levers(scenario.place, words, moved)),
        [session.language, session.draft.place, moved],
    )
    values = solara.use_memo(lambda: safely(lambda: panel_values(session.draft, words)), [session.draft, words])
    if values is None:
        Broken(words)
        return
    clock = scenario.clock
    widgets.Levers(
        groups=fixed[0],
        idle=fixed[1],
        values=values,
        first=clock.start_year,
        last=clock.end_year,
        zh=words.is_chinese,
        only_moved=only_moved,
        t=words,
        event_act=room.on_act,
    )


@solara.component
def Charts(ids: tuple[str, ...], room: Room) -> None:
    """Some charts of the answer."""
    found = solara.use_memo(
        lambda: safely(lambda: scene.charts(ids, room.session, room.view, room.words)),
        [ids, len(room.view.policy), _hashes(room), room.session.language, room.baseline_name],
    )
    if found is None:
        Broken(room.words)
        return
    with solara.Div(classes=["ts-charts", "ts-first-wide"] if ids == MAIN else ["ts-charts"]):
        for one in found:
            widgets.Chart(c=one, stale=room.is_stale).key(one["id"])


@solara.component
def OwnCharts(charts: list[Chart] | None, below: str, room: Room, wide: bool = False) -> None:
    """Charts that a page has made itself; ``below`` says what was run."""
    if charts is None:
        Broken(room.words)
        return
    years = list(room.policy.clock.years)
    with solara.Div(classes=["ts-charts", "ts-wide"] if wide or len(charts) == 1 else ["ts-charts"]):
        for one in charts:
            data = scene.chart_data(one, years, below, room.words)
            widgets.Chart(c=data, stale=room.is_stale).key(one.id)


@solara.component
def Numbers(room: Room) -> None:
    """The key numbers."""
    title = scene.numbers_title(room.session, room.view, room.words)
    cards = solara.use_memo(
        lambda: safely(lambda: key_numbers(room.view, room.words)),
        [len(room.view.policy), _hashes(room), room.session.language],
    )
    widgets.Numbers(cards=cards or [], label=room.words("key_numbers"), title=title, stale=room.is_stale)


@solara.component
def BatchJob(batch: Batch, key: str, asked: solara.Reactive[Asking], note: str, button: str, room: Room) -> None:
    """A button that asks for runs, how far they are, and a button that gives them up; what was run is kept."""
    words = room.words
    stopped_at, set_stopped_at = solara.use_state((0, 0))
    is_asked = asked.value.key == key
    is_busy = is_asked and batch.gathering is None and batch.error is None
    state = progress(batch, words) if is_asked else ""
    if not is_asked and stopped_at[1]:
        state = words("batch_stopped", done=stopped_at[0], wanted=stopped_at[1])

    def on_act(action: dict[str, Any]) -> None:
        stops = action.get("do") == "stop"
        set_stopped_at((batch.done, batch.wanted) if stops else (0, 0))
        asked.set(Asking("" if stops else key, asked.value.attempt + 1))

    widgets.Job(
        note=note,
        button=button,
        state=state,
        share=batch.done / batch.wanted if batch.wanted else 0.0,
        error="" if batch.error is None else scene.failure(batch.error, words),
        enabled=room.is_answered and not is_busy,
        stop_word=words("stop") if is_busy else "",
        event_act=on_act,
    )


@solara.component
def NothingYet(message: str, room: Room) -> None:
    """Where policy and baseline are the same: a sentence, and a button that compares with another preset."""
    other = next(preset for preset in PRESETS if preset != room.session.draft.preset)
    widgets.Job(
        note=room.words(message),
        button=room.words("compare_with", name=room.words(f"preset_{other}")),
        event_act=lambda _: room.on_act({"do": "baseline", "key": other}),
    )


def _hashes(room: Room) -> tuple[str, ...]:
    view = room.view
    return (view.policy[0].hash, view.baseline[0].hash) if view.done else ()
