"""What the model rests on, and what it cannot tell."""

import solara

from transition_sim.viz import widgets
from transition_sim.viz.assumptions import cannot_tell, grade_counts, parameter_rows
from transition_sim.viz.room import Room


@solara.component
def AssumptionsPage(room: Room) -> None:
    """Limits first, then every parameter with grade and source."""
    words = room.words
    rows = solara.use_memo(lambda: parameter_rows(words), [room.session.language])
    with solara.Div(classes=["ts-grid", "ts-full"]), solara.Div(classes=["ts-main"]):
        solara.HTML(tag="h2", unsafe_innerHTML=words("page_assumptions"))
        widgets.Assumptions(limits=cannot_tell(words), rows=rows, grades=grade_counts(words), t=words)
