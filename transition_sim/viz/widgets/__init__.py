"""Widgets: Vue templates that show plain data and send plain actions; all of them take words as ``t``.

Containers travel as JSON text: Solara would walk through every number of every chart at each rendering, to look for
components in them, which takes longer than all else that a rendering does.
"""

import json
from collections.abc import Callable
from typing import Any

import solara

from transition_sim.viz.words import Words

Act = Callable[[dict[str, Any]], None]
JSON = "_json"


def plain(component: Callable[..., Any]) -> Callable[..., Any]:
    """Return a component that is called with plain data: words, lists and mappings become JSON text."""

    def made(**arguments: Any) -> Any:
        sent = {}
        for name, value in arguments.items():
            if isinstance(value, Words):
                sent[name + JSON] = value.json
            elif isinstance(value, dict | list):
                sent[name + JSON] = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            else:
                sent[name] = value
        return component(**sent)

    return made


@plain
@solara.component_vue("Head.vue")
def Head(h_json: str, t_json: str, event_act: Act = lambda action: None) -> None: ...


@plain
@solara.component_vue("Log.vue")
def Log(rows_json: str, t_json: str, event_act: Act = lambda action: None) -> None: ...


@plain
@solara.component_vue("Status.vue")
def Status(s_json: str, caution: str, notes_json: str, t_json: str) -> None: ...


@plain
@solara.component_vue("Numbers.vue")
def Numbers(cards_json: str, label: str, title: str, stale: bool) -> None: ...


@plain
@solara.component_vue("Chart.vue")
def Chart(c_json: str, stale: bool) -> None: ...


@plain
@solara.component_vue("Targets.vue")
def Targets(groups_json: str, t_json: str, stale: bool) -> None: ...


@plain
@solara.component_vue("Board.vue")
def Board(b_json: str, compared: bool, before: str, first: str, last: str, t_json: str, stale: bool) -> None: ...


@plain
@solara.component_vue("Compare.vue")
def Compare(
    pins_json: str,
    can_pin: bool,
    indicators_json: str,
    indicator: str,
    t_json: str,
    event_act: Act = lambda action: None,
) -> None: ...


@plain
@solara.component_vue("Differences.vue")
def Differences(
    rows_json: str, head_json: str, note: str, switched_json: str, t_json: str, event_act: Act = lambda action: None
) -> None: ...


@plain
@solara.component_vue("Levers.vue")
def Levers(
    groups_json: str,
    idle_json: str,
    values_json: str,
    first: int,
    last: int,
    zh: bool,
    only_moved: bool,
    t_json: str,
    event_act: Act = lambda action: None,
) -> None: ...


@plain
@solara.component_vue("Firms.vue")
def Firms(
    head_json: str, rows_json: str, chosen: int | None, zh: bool, t_json: str, event_act: Act = lambda action: None
) -> None: ...


@plain
@solara.component_vue("Chooser.vue")
def Chooser(note: str, choices_json: str, event_act: Act = lambda action: None) -> None: ...


@plain
@solara.component_vue("Builder.vue")
def Builder(b_json: str, t_json: str, event_act: Act = lambda action: None) -> None: ...


@plain
@solara.component_vue("Job.vue")
def Job(
    note: str,
    button: str,
    state: str = "",
    share: float = 0.0,
    error: str = "",
    enabled: bool = True,
    stop_word: str = "",
    resume_word: str = "",
    event_act: Act = lambda action: None,
) -> None: ...


@plain
@solara.component_vue("Plain.vue")
def Plain(title: str, head_json: str, rows_json: str, n_text: int, note: str = "") -> None: ...


@plain
@solara.component_vue("Network.vue")
def Network(d_json: str, chosen: int | None, t_json: str, event_act: Act = lambda action: None) -> None: ...


@plain
@solara.component_vue("Firm.vue")
def Firm(f_json: str, t_json: str, event_act: Act = lambda action: None) -> None: ...


@plain
@solara.component_vue("Files.vue")
def Files(
    query: str,
    whole: bool,
    text: str,
    note: str,
    loaded: str,
    title: str,
    faults_json: str,
    t_json: str,
    event_act: Act = lambda action: None,
) -> None: ...


@plain
@solara.component_vue("Lessons.vue")
def Lessons(list_json: str, taken_json: str, t_json: str, event_act: Act = lambda action: None) -> None: ...


@plain
@solara.component_vue("Assumptions.vue")
def Assumptions(limits_json: str, rows_json: str, grades_json: str, t_json: str) -> None: ...


@plain
@solara.component_vue("Report.vue")
def Report(r_json: str, enabled: bool, t_json: str, event_act: Act = lambda action: None) -> None: ...
