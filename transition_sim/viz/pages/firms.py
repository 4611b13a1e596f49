"""Enterprises at the end of seed 1 of the policy: the table of all, and one of them."""

from typing import Any

import solara
import solara.lab

from transition_sim.viz import scene, widgets
from transition_sim.viz.chart_list import MAIN
from transition_sim.viz.firms import firm_card, firm_table, largest
from transition_sim.viz.network import network_data
from transition_sim.viz.pages.parts import Charts
from transition_sim.viz.picture import FIRST_SEED
from transition_sim.viz.room import Broken, Room, safely


@solara.component
def FirmsPage(room: Room) -> None:
    """The table of enterprises, and one of them."""
    found: solara.Reactive[Any] = solara.use_reactive(None)

    def fetch() -> None:
        if room.is_answered:
            found.value = room.laboratory.world(room.policy, FIRST_SEED, lambda done, total: None)[0]

    fetching = solara.lab.use_task(fetch, dependencies=[room.is_answered, room.session.draft], raise_error=False)
    if found.value is None:
        with solara.Div(classes=["ts-grid", "ts-one"]):
            solara.Text(room.words("firms_wait"))
            if fetching.error:
                solara.Text(scene.failure(Exception(str(fetching.exception)), room.words))
    else:
        World(found.value, room)


@solara.component
def World(world: Any, room: Room) -> None:
    """The enterprises of a world."""
    session, words = room.session, room.words
    table = solara.use_memo(lambda: safely(lambda: firm_table(world, words)), [id(world), session.language])
    chosen = -1 if session.firm is None else session.firm
    firm = chosen if 0 <= chosen < world.state.n_enterprises else largest(world)
    card = solara.use_memo(
        lambda: safely(lambda: firm_card(world, firm, words)),
        [id(world), session.language, firm],
    )
    drawn = solara.use_memo(lambda: safely(lambda: network_data(world, words)), [id(world), session.language])
    if table is None or drawn is None:
        Broken(words)
        return
    with solara.Div(classes=["ts-grid", "ts-even", "ts-areas"]):
        with solara.Div(classes=["ts-main", "ts-at-net"]):
            widgets.Network(d=drawn, chosen=firm, t=words, event_act=room.on_act)
        with solara.Div(classes=["ts-side", "ts-at-side"]):
            if session.firm is None:
                solara.HTML(tag="p", unsafe_innerHTML=words("firm_choose"), classes=["ts-small"])
            if card is None:
                Broken(words)
            else:
                widgets.Firm(f=card, t=words, event_act=room.on_act)
        with solara.Div(classes=["ts-main", "ts-at-rest"]):
            Charts(MAIN, room)
            widgets.Firms(
                head=table["head"],
                rows=table["rows"],
                chosen=firm,
                zh=words.is_chinese,
                t=words,
                event_act=room.on_act,
            )
