"""Share link, policy file up and down, data."""

from typing import Any

import solara

from transition_sim.scenarios.words.faults import FAULTS
from transition_sim.viz import scene, widgets
from transition_sim.viz.outside import run_target
from transition_sim.viz.policy_file import policy_text
from transition_sim.viz.report import report_data
from transition_sim.viz.room import Room, safely
from transition_sim.viz.words import WORDS, Language, Words


@solara.component
def FilesPage(room: Room) -> None:
    """Share link, policy file up and down, data."""
    session, view, words = room.session, room.view, room.words
    query, whole = session.query()
    made, set_made = solara.use_state({"html": ""})

    def on_report(asked: dict[str, Any]) -> None:
        language: Language = "en" if asked.get("lang") == "en" else "zh"
        set_made(safely(lambda: report_data(session, view, language)) or {"html": ""})

    with solara.Div(classes=["ts-grid", "ts-one"]), solara.Div(classes=["ts-main", "ts-desk"]):
        with solara.Div():
            widgets.Report(r=made, enabled=room.is_answered, t=words, event_act=on_report)
            Data(room)
        widgets.Files(
            query=query,
            whole=whole,
            text=safely(lambda: policy_text(session.draft)) or words("page_broken"),
            note=words("file_down_note", place=run_target(session.draft)),
            loaded="" if session.loaded is None else words("file_up_done", name=words.name(session.loaded) or "–"),
            title=words("file_up_faults", n=len(session.faults)),
            faults=[fault_text(f, words) for f in session.faults[:20]],
            t=words,
            event_act=room.on_act,
        )


@solara.component
def Data(room: Room) -> None:
    """The yearly table of all runs, to be taken away."""
    session, view, words = room.session, room.view, room.words
    with solara.Div(classes=["ts-files"]):
        solara.HTML(tag="h2", unsafe_innerHTML=words("data_down"))
        solara.HTML(tag="p", unsafe_innerHTML=words("data_down_note"), classes=["ts-small"])
        with solara.FileDownload(lambda: scene.data_csv(session, view), filename="data.csv", mime_type="text/csv"):
            solara.Button(words("data_down_button"), outlined=True, disabled=view.done == 0)


def fault_text(fault: Any, words: Words) -> str:
    """Return a fault of an uploaded file: line, field, value, the rule that it breaks, and how to mend it."""
    if fault.field == "file" and fault.rule == "it is not a policy":
        kind = f"format_{fault.value.partition('/')[0]}"
        return words("file_up_other", kind=words(kind)) if kind in WORDS else words("file_up_format")
    said = FAULTS.in_chinese if words.is_chinese else str
    line = "–" if fault.line is None else fault.line
    rule = f"{said(fault.rule)}{words('full_stop')}{said(fault.remedy)}"
    field = words("whole_file") if fault.field == "file" else fault.field
    if not fault.value:
        return words("file_up_fault_plain", line=line, field=field, rule=rule)
    return words("file_up_fault", line=line, field=field, value=fault.value, rule=rule)
