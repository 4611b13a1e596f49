"""Studies: choose one of the library, see what it does, start it, watch it, take its report."""

import time
from typing import Any

import solara

from transition_sim.core import kernels
from transition_sim.experiments.library import find_study, list_studies
from transition_sim.experiments.study import load_study
from transition_sim.viz import widgets
from transition_sim.viz.formatting import figure
from transition_sim.viz.room import Broken, Room, safely
from transition_sim.viz.studies import MOST_RUNS, Bench, Running, names_of, study_choices, study_facts

LOOK_EVERY_S = 2.0
SEEDS = (1, 2, 4, 8)
bench = Bench()


@solara.component
def ResearchPage(room: Room) -> None:
    """A study of the library, and the one that is being worked on."""
    words = room.words
    name, set_name = solara.use_state(list_studies()[0])
    seeds, set_seeds = solara.use_state(2)
    study = solara.use_memo(lambda: safely(lambda: load_study(find_study(name), replicates=seeds)), [name, seeds])
    owner = solara.use_memo(visitor, [])
    seen: solara.Reactive[Running | None] = solara.use_reactive(None)

    def watch(cancelled: Any) -> None:
        while not cancelled.is_set():
            found = bench.look()
            if found != seen.peek():
                seen.set(found)
            time.sleep(LOOK_EVERY_S)

    solara.use_thread(watch, [])

    def choose(action: dict[str, Any]) -> None:
        key = str(action.get("key", ""))
        if action.get("do") == "study" and key in list_studies():
            set_name(key)
        if action.get("do") == "seeds" and key in map(str, SEEDS):
            set_seeds(int(key))

    def on_act(action: dict[str, Any]) -> None:
        safely(lambda: bench.stop(owner) if action.get("do") == "stop" else bench.start(name, seeds, owner))
        seen.set(bench.look())

    with solara.Div(classes=["ts-grid", "ts-full"]), solara.Div(classes=["ts-main"]):
        solara.HTML(tag="h2", unsafe_innerHTML=words("page_research"))
        widgets.Chooser(
            note=words("research_note"),
            choices=[
                {"label": words("study"), "action": "study", "value": name, "options": study_choices(words)},
                {
                    "label": words("study_seeds"), "action": "seeds", "value": str(seeds),
                    "options": [{"id": str(n), "name": str(n)} for n in SEEDS],
                },
            ],
            event_act=choose,
        )  # fmt: skip
        if study is None:
            Broken(words)
            return
        title, about, _ = names_of(name, words)
        widgets.Plain(title=title, note=about, head=[], rows=study_facts(study, words), n_text=2)
        is_busy = seen.value is not None and seen.value.is_alive
        is_large = study.n_runs > MOST_RUNS
        widgets.Job(
            note=words("study_large", n=f"{MOST_RUNS:,}") if is_large else words("study_slow"),
            button=words("study_start"),
            state="" if seen.value is None else progress(seen.value, room, owner),
            share=0.0 if seen.value is None else seen.value.done / max(seen.value.n_runs, 1),
            enabled=not is_busy and not is_large,
            stop_word=words("stop") if seen.value is not None and seen.value.can_be_stopped_by(owner) else "",
            event_act=on_act,
        )
        if seen.value is not None and not seen.value.is_alive:
            Outcome(seen.value, room)


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
    ended_early = not running.is_alive and running.report(room.words.language) is None
    return text + (room.words("study_ended_early") if ended_early else "")


def stage_of(running: Running) -> str:
    """Return the word for what is done while no run comes to its end: before the first one, and after the last."""
    if not running.is_alive or 0 < running.done < running.n_runs:
        return ""
    if running.done:
        return "study_reporting"
    return "study_compiling" if kernels.is_cold() else "study_starting"


@solara.component
def Outcome(running: Running, room: Room) -> None:
    """Take the reports of a study that has ended."""
    words = room.words
    for language in ("zh", "en"):
        path = running.report(language)
        if path is not None:
            with solara.FileDownload(
                path.read_bytes, filename=f"{running.name}_{language}.html", mime_type="text/html"
            ):
                solara.Button(words(f"report_{language}"), outlined=True)
