"""The page: Solara components that show what the view model gives, and pass on what the visitor does."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import solara
import solara.lab

from transition_sim.core import kernels
from transition_sim.viz import scene, settings, widgets
from transition_sim.viz.charts import MAIN, MAKERS
from transition_sim.viz.desk import FIRST_SEED, Desk, View
from transition_sim.viz.draft import preset_scenario
from transition_sim.viz.firms import firm_card, firm_table
from transition_sim.viz.key_numbers import key_numbers
from transition_sim.viz.laboratory import Laboratory
from transition_sim.viz.lessons import lessons
from transition_sim.viz.lever_panel import idle_levers, panel_groups, panel_values
from transition_sim.viz.policy_file import policy_text
from transition_sim.viz.session import Session, act, opened
from transition_sim.viz.targets import target_rows
from transition_sim.viz.words import Language, Words, language_of

log = logging.getLogger(__name__)
laboratory = Laboratory()
Shown = TypeVar("Shown")
STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


def safely(make: Callable[[], Shown]) -> Shown | None:
    """Return what is made; None where it fails, with the traceback in the log only."""
    try:
        return make()
    except Exception:
        log.exception("a part of the page could not be shown")
        return None


@solara.component
def Broken(words: Words) -> None:
    """A part of the page that could not be shown, as a sentence."""
    with solara.Div(classes=["ts-error", "ts-broken"]):
        solara.Text(words("page_broken"))


@solara.component
def Page() -> None:
    """One visitor's page."""
    router = solara.use_router()

    def opening(query: str | None) -> Session:
        return opened(query, settings.current().place, _language())

    session, set_session = solara.use_state(solara.use_memo(lambda: opening(router.search), []))
    view = solara.use_reactive(View())
    latest = solara.use_ref(session)
    latest.current = session

    def make_desk() -> Desk:
        return Desk(laboratory, view.set, settings.current().pairs)

    desk = solara.use_memo(make_desk, [])

    def live():
        desk.open()
        return desk.close

    solara.use_effect(live, [])

    def ask() -> None:
        desk.ask(session.draft.scenario, session.baseline_draft.scenario)

    solara.use_effect(ask, [session.draft, session.baseline])

    def on_act(action: dict[str, Any]) -> None:
        latest.current = act(latest.current, action, time.monotonic())
        set_session(latest.current)

    words = solara.use_memo(lambda: Words(session.language), [session.language])
    solara.Style(STYLE)
    with solara.Div(classes=["ts-page"]):
        head = safely(lambda: scene.head(session, words))
        if head is None:
            Broken(words)
            return
        widgets.Head(h=head, t=words.all(), event_act=on_act)
        notes = [words("link_bad", parts=", ".join(session.unread))] if session.unread else []
        line = scene.status(view.value, words, kernels.is_cold())
        widgets.Status(s=line, caution=scene.caution(words), notes=notes, t=words.all())
        pages = {"explore": Explore, "firms": Enterprises, "lessons": Lessons, "files": Files}
        pages[session.page](session, view.value, words, on_act)


def _language() -> Language:
    chosen = settings.current().language
    if chosen is not None:
        return chosen
    headers = solara.lab.headers.value or {}  # type: ignore[attr-defined]
    accepted = next((v[0] for k, v in headers.items() if k.lower() == "accept-language" and v), "")
    return language_of(accepted, "zh")


@solara.component
def Levers(session: Session, words: Words, on_act: widgets.Act) -> None:
    """The lever panel."""
    scenario = preset_scenario(session.draft.place, session.draft.preset)
    fixed = solara.use_memo(lambda: (panel_groups(scenario, words), idle_levers(words)), [session.language])
    values = safely(lambda: panel_values(session.draft, words))
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
        zh=session.language == "zh",
        t=words.all(),
        event_act=on_act,
    )


@solara.component
def Charts(ids: tuple[str, ...], session: Session, view: View, words: Words) -> None:
    """Some charts of the answer."""
    found = solara.use_memo(
        lambda: safely(lambda: scene.charts(ids, session, view, words)),
        [ids, len(view.policy), _hashes(view), session.language, session.baseline],
    )
    if found is None:
        Broken(words)
        return
    with solara.Div(classes=["ts-charts", "ts-first-wide"] if ids == MAIN else ["ts-charts"]):
        for one in found:
            widgets.Chart(c=one, stale=view.status == "computing").key(one["id"])


@solara.component
def Numbers(session: Session, view: View, words: Words) -> None:
    """The key numbers."""
    title = scene.numbers_title(session, view, words)
    stale = view.status == "computing"
    label = words("key_numbers")
    cards = safely(lambda: key_numbers(view, words))
    widgets.Numbers(cards=cards or [], label=label, title=title, stale=stale)


def _hashes(view: View) -> tuple[str, ...]:
    return (view.policy[0].hash, view.baseline[0].hash) if view.done else ()


@solara.component
def Explore(session: Session, view: View, words: Words, on_act: widgets.Act) -> None:
    """Levers, key numbers, charts, targets."""
    stale = view.status == "computing"
    more, set_more = solara.use_state(False)
    with solara.Div(classes=["ts-grid"]):
        with solara.Div(classes=["ts-main"], attributes={"id": "ts-charts"}):
            if view.done:
                Numbers(session, view, words)
            Charts(MAIN, session, view, words)
            if more:
                Charts(tuple(k for k in MAKERS if k not in MAIN), session, view, words)
            if view.done:
                rows = safely(lambda: target_rows(session.draft.place, view.policy, words))
                widgets.Targets(rows=rows or [], t=words.all(), stale=stale)
                if not more:
                    solara.Button(words("more_charts"), on_click=lambda: set_more(True), outlined=True)
        with solara.Div(classes=["ts-side"]):
            Levers(session, words, on_act)


@solara.component
def Enterprises(session: Session, view: View, words: Words, on_act: widgets.Act) -> None:
    """The table of enterprises, and one of them."""
    found: solara.Reactive[Any] = solara.use_reactive(None)
    draft = session.draft

    def fetch() -> None:
        if view.done and view.status != "computing" and view.policy[0].hash == draft.scenario().hash:
            found.value = laboratory.world(draft.scenario(), FIRST_SEED, lambda done, total: None)[0]

    fetching = solara.lab.use_task(fetch, dependencies=[view.done > 0, _hashes(view), draft], raise_error=False)
    if found.value is None:
        with solara.Div(classes=["ts-grid", "ts-one"]):
            solara.Text(words("firms_wait"))
            if fetching.error:
                solara.Text(scene.failure(Exception(str(fetching.exception)), words))
    else:
        World(found.value, session, words, on_act)


@solara.component
def World(world: Any, session: Session, words: Words, on_act: widgets.Act) -> None:
    """The enterprises of a world."""
    table = solara.use_memo(lambda: safely(lambda: firm_table(world, words)), [id(world), session.language])
    firm = session.firm if session.firm is not None and 0 <= session.firm < world.state.n_enterprises else None
    card = solara.use_memo(
        lambda: None if firm is None else safely(lambda: firm_card(world, firm, words)),
        [id(world), session.language, firm],
    )
    if table is None:
        Broken(words)
        return
    with solara.Div(classes=["ts-grid", "ts-even"]):
        with solara.Div(classes=["ts-main"]):
            widgets.Firms(
                head=table["head"],
                rows=table["rows"],
                chosen=session.firm,
                zh=session.language == "zh",
                t=words.all(),
                event_act=on_act,
            )
        with solara.Div(classes=["ts-side"]):
            if card is None:
                solara.Text(words("firm_choose"))
            else:
                widgets.Firm(f=card, t=words.all(), event_act=on_act)


@solara.component
def Lessons(session: Session, view: View, words: Words, on_act: widgets.Act) -> None:
    """The list of lessons, or a step with its charts and the levers."""
    is_open = session.lesson in lessons()
    with solara.Div(classes=["ts-grid"] if is_open else ["ts-grid", "ts-one"]):
        with solara.Div(classes=["ts-main", "ts-lesson-charts"], attributes={"id": "ts-charts"}):
            step = scene.lesson_step(session, words) if is_open else None
            widgets.Lessons(list=scene.lesson_list(words), taken=step, t=words.all(), event_act=on_act)
            if is_open:
                ids = tuple(lessons()[session.lesson].steps[session.step].charts)
                Charts(ids, session, view, words)
                if view.done:
                    Numbers(session, view, words)
        if is_open:
            with solara.Div(classes=["ts-side"]):
                Levers(session, words, on_act)


@solara.component
def Files(session: Session, view: View, words: Words, on_act: widgets.Act) -> None:
    """Share link, policy file up and down, data."""
    query, whole = session.query()
    with solara.Div(classes=["ts-grid", "ts-one"]), solara.Div(classes=["ts-main"]):
        widgets.Files(
            query=query,
            whole=whole,
            text=safely(lambda: policy_text(session.draft)) or words("page_broken"),
            note=words("file_down_note", place=session.draft.place),
            loaded="" if session.loaded is None else words("file_up_done", name=words.name(session.loaded) or "–"),
            title=words("file_up_faults", n=len(session.faults)),
            faults=[_fault(f, words) for f in session.faults[:20]],
            t=words.all(),
            event_act=on_act,
        )
        with solara.Div(classes=["ts-files"]):
            solara.HTML(tag="h2", unsafe_innerHTML=words("data_down"))
            solara.HTML(tag="p", unsafe_innerHTML=words("data_down_note"), classes=["ts-small"])
            with solara.FileDownload(lambda: scene.data_csv(session, view), filename="data.csv", mime_type="text/csv"):
                solara.Button(words("data_down_button"), outlined=True, disabled=view.done == 0)


def _fault(fault: Any, words: Words) -> str:
    if fault.field == "file" and fault.rule == "it is not a policy":
        return words("file_up_format")
    line = "–" if fault.line is None else fault.line
    return words(
        "file_up_fault", line=line, field=fault.field, value=fault.value or "–", rule=f"{fault.rule}. {fault.remedy}"
    )
