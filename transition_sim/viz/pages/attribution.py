"""Which part of the mix did it: all mixes of its parts, on the same seeds."""

from dataclasses import replace
from typing import Any

import solara

from transition_sim.measures import MEASURES
from transition_sim.version import __version__
from transition_sim.viz import widgets
from transition_sim.viz.batch import use_batch
from transition_sim.viz.pages.parts import Asking, BatchJob, NothingYet, OwnCharts
from transition_sim.viz.picture import FIRST_SEED
from transition_sim.viz.room import Broken, Room, safely
from transition_sim.viz.shares import (
    SEEDS,
    measure_of,
    mixes,
    parts_of,
    parts_text,
    sentence,
    shares_chart,
    shares_table,
)


@solara.component
def AttributionPage(room: Room) -> None:
    """The parts of the mix, a button, and what each contributes."""
    session, words = room.session, room.words
    asked = solara.use_reactive(Asking())
    # a shock is no part of a policy: it happens to every mix, or to none
    baseline = replace(session.baseline_draft, shock=session.draft.shock).scenario()
    key = f"{room.policy.hash}-{baseline.hash}"
    parts = solara.use_memo(lambda: parts_of(room.policy, baseline, words), [key, session.language])
    is_asked = asked.value.key == key
    scenarios = solara.use_memo(lambda: mixes(room.policy, baseline, parts) if is_asked else [], [asked.value.key, key])

    def ask() -> list:
        return [(scenarios, range(FIRST_SEED, FIRST_SEED + SEEDS))]

    batch = use_batch(room.laboratory, ask if is_asked else None, asked.value)
    with solara.Div(classes=["ts-grid", "ts-full"]), solara.Div(classes=["ts-main"], attributes={"id": "ts-charts"}):
        solara.HTML(tag="h2", unsafe_innerHTML=words("page_attribution"))
        _choose_measure(room)
        rows = [[p["name"], p["levers"]] for p in parts_text(parts, words)]
        if not parts:
            NothingYet("attribution_empty", room)
            return
        widgets.Plain(title=words("parts"), head=[words("part"), words("levers")], rows=rows, n_text=2)
        n = 2 ** len(parts) * SEEDS
        cost = words("attribution_cost", k=len(parts), mixes=2 ** len(parts), seeds=SEEDS, n=n)
        BatchJob(batch, key, asked, cost, words("attribution_run"), room)
        if not (is_asked and batch.gathering is not None):
            return

        def make() -> tuple:
            assert batch.gathering is not None
            table = shares_table(batch.gathering, scenarios, parts, session.measure)
            return shares_chart(table, parts, session.measure, words), sentence(table, parts, session.measure, words)

        made = safely(make)
        if made is None:
            Broken(words)
            return
        _show_shares(room, *made)


def _choose_measure(room: Room) -> None:
    """Offer the measures that the run has, to say what is shared out."""
    words = room.words
    measures = [m for m in MEASURES if room.view.done and m.key in room.view.policy[0].measures]
    name = "zh" if words.is_chinese else "en"
    widgets.Chooser(
        note=words("attribution_note", name=room.baseline_name),
        choices=[
            {
                "label": words("measure"), "action": "measure", "value": measure_of(room.session.measure).key,
                "options": [
                    {"id": m.key, "name": f"{getattr(m, name)} · {words.result_unit(m.unit)}"} for m in measures
                ],
            }
        ],
        event_act=room.on_act,
    )  # fmt: skip


def _show_shares(room: Room, chart: Any, said: str) -> None:
    """Show what each part contributes, in a sentence and a chart."""
    with solara.Div(classes=["ts-note"]):
        solara.Text(said)
    place = room.words.name(room.policy.place.name)
    OwnCharts([chart], f"{place} · {SEEDS} · transition_sim {__version__}", room, wide=True)
