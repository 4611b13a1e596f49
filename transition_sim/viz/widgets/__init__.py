"""Widgets: Vue templates that show plain data and send plain actions; all of them take words as ``t``."""

from collections.abc import Callable
from typing import Any

import solara

Act = Callable[[dict[str, Any]], None]


@solara.component_vue("Head.vue")
def Head(h: dict, t: dict, event_act: Act = lambda action: None) -> None: ...


@solara.component_vue("Status.vue")
def Status(s: dict, caution: str, notes: list, t: dict) -> None: ...


@solara.component_vue("Numbers.vue")
def Numbers(cards: list, label: str, title: str, stale: bool) -> None: ...


@solara.component_vue("Chart.vue")
def Chart(c: dict, stale: bool) -> None: ...


@solara.component_vue("Targets.vue")
def Targets(groups: list, t: dict, stale: bool) -> None: ...


@solara.component_vue("Board.vue")
def Board(b: dict, compared: bool, before: str, first: str, last: str, t: dict, stale: bool) -> None: ...


@solara.component_vue("Compare.vue")
def Compare(
    pins: list, can_pin: bool, indicators: list, indicator: str, t: dict, event_act: Act = lambda action: None
) -> None: ...


@solara.component_vue("Differences.vue")
def Differences(
    rows: list, head: list, note: str, switched: list, t: dict, event_act: Act = lambda action: None
) -> None: ...


@solara.component_vue("Levers.vue")
def Levers(
    groups: list,
    idle: list,
    values: dict,
    first: int,
    last: int,
    zh: bool,
    t: dict,
    event_act: Act = lambda action: None,
) -> None: ...


@solara.component_vue("Firms.vue")
def Firms(
    head: list, rows: list, chosen: int | None, zh: bool, t: dict, event_act: Act = lambda action: None
) -> None: ...


@solara.component_vue("Chooser.vue")
def Chooser(note: str, choices: list, event_act: Act = lambda action: None) -> None: ...


@solara.component_vue("Job.vue")
def Job(
    note: str,
    button: str,
    state: str,
    share: float,
    error: str,
    enabled: bool,
    event_act: Act = lambda action: None,
) -> None: ...


@solara.component_vue("Plain.vue")
def Plain(title: str, head: list, rows: list, n_text: int) -> None: ...


@solara.component_vue("Network.vue")
def Network(d: dict, chosen: int | None, t: dict, event_act: Act = lambda action: None) -> None: ...


@solara.component_vue("Firm.vue")
def Firm(f: dict, t: dict, event_act: Act = lambda action: None) -> None: ...


@solara.component_vue("Files.vue")
def Files(
    query: str,
    whole: bool,
    text: str,
    note: str,
    loaded: str,
    title: str,
    faults: list,
    t: dict,
    event_act: Act = lambda action: None,
) -> None: ...


@solara.component_vue("Lessons.vue")
def Lessons(list: list, taken: dict | None, t: dict, event_act: Act = lambda action: None) -> None: ...
