"""Studies: put one together or choose one of the library, see what it does, start it, watch it, take what it found."""

import time
from typing import Any

import solara

from transition_sim.core import kernels
from transition_sim.experiments.library import find_study
from transition_sim.experiments.study import Study, load_study
from transition_sim.viz import widgets
from transition_sim.viz.formatting import figure
from transition_sim.viz.own_study import OWN, made, study_content
from transition_sim.viz.room import Broken, Room, safely
from transition_sim.viz.session import REPLICATES, Session
from transition_sim.viz.studies import MOST_RUNS, Bench, Running, names_of, study_choices, study_facts
from transition_sim.viz.study_builder import builder

LOOK_EVERY_S = 2.0
bench = Bench()


@solara.component
def ResearchPage(room: Room) -> None:
    """A study of one's own or of the library, and the one that is being worked on."""
    session, words = room.session, room.words
    name = session.study
    is_own = name == OWN
    asked = (name, session.replicates, *((session.own, session.draft, session.baseline) if is_own else ()))
    content = solara.use_memo(lambda: own_content(session) if is_own else {}, [asked])
    study, faults = solara.use_memo(lambda: study_of(session, content), [asked])
    owner = solara.use_memo(visitor, [])
    seen: solara.Reactive[Running | None] = solara.use_reactive(None)

    def watch(cancelled: Any) -> None:
        while not cancelled.is_set():
            found = bench.look(owner)
            if found != seen.peek():
                seen.set(found)
            time.sleep(LOOK_EVERY_S)

    solara.use_thread(watch, [])

    def on_act(action: dict[str, Any]) -> None:
        do = action.get("do")
        if do == "stop":
            safely(lambda: bench.stop(owner))
        elif do == "resume":
            safely(lambda: bench.resume(owner))
        elif study is not None:
            safely(lambda: bench.start(study, owner))
        seen.set(bench.look(owner))

    with solara.Div(classes=["ts-grid", "ts-full"]), solara.Div(classes=["ts-main"]):
        solara.HTML(tag="h2", unsafe_innerHTML=words("page_research"))
        widgets.Chooser(
            note=words("research_note"),
            choices=[
                {"label": words("study"), "action": "study", "value": name, "options": study_choices(words)},
                {
                    "label": words("study_seeds"), "action": "replicates", "value": str(session.replicates),
                    "options": [{"id": str(n), "name": str(n)} for n in REPLICATES],
                },
            ],
            event_act=room.on_act,
        )  # fmt: skip
        if is_own:
            Own(content, faults, room)
        if study is None and not faults:
            Broken(words)
            return
        if study is not None:
            title, about, _ = names_of(name, words)
            widgets.Plain(title=title, note="" if is_own else about, head=[], rows=study_facts(study, words), n_text=2)
        Work(study, seen.value, owner, room, on_act)


@solara.component
def Own(content: dict[str, Any], faults: tuple[Any, ...], room: Room) -> None:
    """What a study of one's own is put together with."""
    session, words = room.session, room.words

    def make() -> dict[str, Any]:
        return builder(session.own, session.draft, session.baseline_draft, content, faults, words)

    shown = solara.use_memo(lambda: safely(make), [content, faults, session.language])
    if shown is None:
        Broken(words)
        return
    widgets.Builder(b=shown, t=words, event_act=room.on_act)


def own_content(session: Session) -> dict[str, Any]:
    """Return the visitor's own study as a file has it."""
    return study_content(session.own, session.draft, session.baseline_draft, session.replicates)


def study_of(session: Session, content: dict[str, Any]) -> tuple[Study | None, tuple[Any, ...]]:
    """Return the study that is looked at, or None and what is wrong with it; no fault: it is in the log."""
    if session.study == OWN:
        return safely(lambda: made(content)) or (None, ())
    return safely(lambda: load_study(find_study(session.study), replicates=session.replicates)), ()


@solara.component
def Work(study: Study | None, running: Running | None, owner: str, room: Room, on_act: widgets.Act) -> None:
    """Start, progress, stop, going on, and what came of it."""
    words = room.words
    is_busy = running is not None and running.is_alive
    stops = running is not None and running.can_be_stopped_by(owner)
    is_large = study is not None and study.n_runs > MOST_RUNS
    note = words("study_large", n=f"{MOST_RUNS:,}") if is_large else words("study_slow")
    widgets.Job(
        note=words("study_busy") if is_busy and not stops else note,
        button=words("study_start"),
        state="" if running is None else progress(running, room, owner),
        share=0.0 if running is None else running.done / max(running.n_runs, 1),
        enabled=study is not None and not is_busy and not is_large,
        stop_word=words("stop") if stops else "",
        resume_word=words("study_resume") if running is not None and running.can_be_resumed_by(owner) else "",
        event_act=on_act,
    )
    if running is not None and not running.is_alive:
        Outcome(running, room)


def visitor() -> str:
    """Return who looks: the session that the browser keeps over pages and reloads; empty where there is no server."""
    try:
        return str(solara.get_session_id())
    except RuntimeError:
        return ""


def progress(running: Running, room: Room, owner: str = "") -> str:
    """Return how far a study is, how long a run of it takes where that was measured, and whose it is."""
    name = names_of(running.name, room.words)[0]
    text = room.words("study_state", name=name, done=f"{running.done:,}", wanted=f"{running.n_runs:,}")
    text += room.words("study_failed", n=running.failed) if running.failed else ""
    if running.is_alive and running.run_s is not None and 0 < running.done < running.n_runs:
        left_min = running.run_s * (running.n_runs - running.done) / 60
        text += room.words("study_pace", s=figure(running.run_s), n=max(1, round(left_min)))
    text += room.words("study_of_another") if running.is_alive and not running.can_be_stopped_by(owner) else ""
    text += room.words(stage) if (stage := stage_of(running)) else ""
    if running.is_alive or running.report(room.words.language) is not None:
        return text
    return text + room.words("study_no_report" if running.done == running.n_runs else "study_ended_early")


def stage_of(running: Running) -> str:
    """Return the word for what is done while no run comes to its end: before the first one, and after the last."""
    if not running.is_alive or 0 < running.done < running.n_runs:
        return ""
    if running.done:
        return "study_reporting"
    return "study_compiling" if kernels.is_cold() else "study_starting"


@solara.component
def Outcome(running: Running, room: Room) -> None:
    """Take the reports and the tables of a study that has ended."""
    words = room.words
    with solara.Div(classes=["ts-row"]):
        for language in ("zh", "en"):
            path = running.report(language)
            if path is not None:
                with solara.FileDownload(
                    path.read_bytes, filename=f"{running.name}_{language}.html", mime_type="text/html"
                ):
                    solara.Button(words(f"report_{language}"), outlined=True)
        if running.report("en") is not None:
            with solara.FileDownload(running.archive, filename=f"{running.name}.zip", mime_type="application/zip"):
                solara.Button(words("study_all"), outlined=True)
