"""How sure the answer is: luck at once, uncertain parameters on request."""

import solara

from transition_sim.version import __version__
from transition_sim.viz import settings, widgets
from transition_sim.viz.batch import Batch, use_batch
from transition_sim.viz.charts import Chart
from transition_sim.viz.comparing import Side, indicators
from transition_sim.viz.pages.parts import Asking, BatchJob, OwnCharts
from transition_sim.viz.room import Broken, Room, safely
from transition_sim.viz.session import ENSEMBLES
from transition_sim.viz.spread import fan_chart, measure_table, parameter_draws, peaking_chart

DRAWS = 24


def sides_of_luck(room: Room) -> list[Side]:
    """Return policy and baseline over the seeds; the policy alone where they are the same."""
    view = room.view
    mine = Side(room.words("my_policy"), {p.seed: p for p in view.policy})
    if not view.done or view.policy[0].hash == view.baseline[0].hash:
        return [mine] if view.done else []
    return [mine, Side(room.words("baseline_is", name=room.baseline_name), {p.seed: p for p in view.baseline})]


def sides_of_draws(room: Room, pairs: list, batch: Batch) -> list[Side]:
    """Return policy and baseline over draws of the parameters; draw k stands in the place of seed k."""
    if batch.gathering is None:
        return []
    found = [[batch.gathering.of(scenario) for scenario in pair] for pair in pairs]
    done = {k: pair for k, pair in enumerate(found, start=1) if all(k in runs for runs in pair)}
    names = (room.words("my_policy"), room.words("baseline_is", name=room.baseline_name))
    sides = [Side(name, {k: pair[i][k] for k, pair in done.items()}) for i, name in enumerate(names)]
    return [] if not done else sides[:1] if room.policy.hash == room.baseline.hash else sides


@solara.component
def UncertaintyPage(room: Room) -> None:
    """Fans over the runs, odds of peaking by year, and a table of all measures."""
    session, words = room.session, room.words
    asked = solara.use_reactive(Asking())
    key = f"{room.policy.hash}-{room.baseline.hash}"
    is_asked = asked.value.key == key
    draws = solara.use_memo(
        lambda: parameter_draws(room.policy, room.baseline, DRAWS) if is_asked else [], [asked.value.key]
    )
    runs = session.runs or settings.current().pairs

    def ask() -> list:
        return [(pair, [k]) for k, pair in enumerate(draws, start=1)]

    batch = use_batch(room.laboratory, ask if is_asked else None, asked.value)
    with solara.Div(classes=["ts-grid", "ts-full"]), solara.Div(classes=["ts-main"], attributes={"id": "ts-charts"}):
        solara.HTML(tag="h2", unsafe_innerHTML=words("page_uncertainty"))
        widgets.Chooser(
            note=words("uncertainty_note"),
            choices=[
                {
                    "label": words("indicator"), "action": "indicator", "value": session.indicator,
                    "options": [{"id": i["id"], "name": f"{i['name']} · {i['unit']}"} for i in indicators(words)],
                },
                {
                    "label": words("ensemble_size"), "action": "runs", "value": str(runs),
                    "options": [{"id": str(n), "name": str(n)} for n in sorted({*ENSEMBLES, runs})],
                },
            ],
            event_act=room.on_act,
        )  # fmt: skip
        Fans(sides_of_luck(room), "luck", room)
        solara.HTML(tag="h2", unsafe_innerHTML=words("parameters_too"))
        BatchJob(batch, key, asked, words("parameters_note", n=DRAWS), words("parameters_run"), room)
        if is_asked and batch.gathering is not None:
            if batch.gathering.n_failed:
                solara.Text(words("draws_failed", n=batch.gathering.n_failed))
            Fans(sides_of_draws(room, draws, batch), "draws", room)


@solara.component
def Fans(sides: list[Side], kind: str, room: Room) -> None:
    """Fan, odds of peaking and table of some runs."""
    words, session = room.words, room.session
    years = list(room.policy.clock.years)
    baseline = sides[1] if len(sides) > 1 else None
    depends = [room.answer, session.indicator, kind, [len(side.pictures) for side in sides]]

    def charts() -> list[Chart]:
        return [fan_chart(sides[0], baseline, session.indicator, years, words), peaking_chart(sides, years, words)]

    drawn = solara.use_memo(lambda: safely(charts) if sides else [], depends)
    table = solara.use_memo(lambda: safely(lambda: measure_table(sides[0], baseline, words)) if sides else {}, depends)
    if table is None:
        Broken(words)
        return
    if not sides:
        solara.Text(words("computing"))
        return
    n = len(sides[0].pictures)
    place = words.name(room.policy.place.name)
    runs = words("runs_of_luck" if kind == "luck" else "runs_of_draws", n=n)
    OwnCharts(drawn, f"{place} · {runs} · transition_sim {__version__}", room)
    widgets.Plain(
        title=words("spread_table", runs=runs), head=table["head"], rows=table["rows"], n_text=table["n_text"]
    )
