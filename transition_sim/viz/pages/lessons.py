"""Lessons: the list, or a step with its charts and the levers."""

import solara

from transition_sim.viz import scene, widgets
from transition_sim.viz.lessons import lessons
from transition_sim.viz.pages.parts import Charts, Levers, Numbers
from transition_sim.viz.room import Room


@solara.component
def LessonsPage(room: Room) -> None:
    """The list of lessons, or a step with its charts and the levers."""
    session, words = room.session, room.words
    is_open = session.lesson in lessons()
    with solara.Div(classes=["ts-grid"] if is_open else ["ts-grid", "ts-full"]):
        with solara.Div(classes=["ts-main", "ts-lesson-charts"], attributes={"id": "ts-charts"}):
            if not is_open:
                solara.HTML(tag="h2", unsafe_innerHTML=words("page_lessons"))
            step = scene.lesson_step(session, words) if is_open else {}
            widgets.Lessons(
                list=scene.lesson_list(session.draft.place, words), taken=step, t=words, event_act=room.on_act
            )
            if is_open:
                Charts(tuple(lessons()[session.lesson].steps[session.step].charts), room)
                if room.view.done:
                    Numbers(room)
        if is_open:
            with solara.Div(classes=["ts-side"]):
                Levers(room, only_moved=True)
