"""What the page shows of a session and an answer: words, cards, charts as plain data for the widgets."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from transition_sim.core.errors import ConservationError, ScenarioError
from transition_sim.scenarios import registry
from transition_sim.scenarios.extensions import known_levers
from transition_sim.scenarios.spec import PlaceSpec
from transition_sim.scenarios.words.faults import kind_of, told
from transition_sim.version import __version__
from transition_sim.viz.chart_list import MAIN, MAKERS, make_chart
from transition_sim.viz.charts import Chart, Scene
from transition_sim.viz.desk import View
from transition_sim.viz.draft import PRESETS, Draft, final_value, preset_scenario
from transition_sim.viz.lessons import CHART_NEEDS, Lesson, features, lessons, missing
from transition_sim.viz.lever_panel import value_text
from transition_sim.viz.outside import fitting_shocks, preset_name, shock_name
from transition_sim.viz.session import PAGES, Session
from transition_sim.viz.words import Words
from transition_sim.viz.worksheet import figures_note, set_by, worksheet

FROM_MEMORY_S = 0.05
"""An answer that came sooner was known: nothing was run for it."""


def head(session: Session, words: Words) -> dict[str, Any]:
    """Return what the head of the page shows."""
    n = len(session.draft.moves)
    query, _ = session.query()
    place = preset_scenario(session.draft.place, session.draft.preset).place
    changed = words("unchanged") if n == 0 else words("changed_lever_1") if n == 1 else words("changed_levers", n=n)
    return {
        "place": words.name(place.name),
        "pages": [{"id": page, "name": words(f"page_{page}")} for page in PAGES],
        "page": session.page,
        "presets": [{"id": preset, "name": words(f"preset_{preset}")} for preset in PRESETS],
        "preset": session.draft.preset,
        "baseline": session.baseline,
        "shocks": [{"id": id, "name": shock_name(id, words)} for id in ("", *fitting_shocks(session.draft.place))],
        "shock": session.draft.shock,
        "both": session.is_baseline_shocked,
        "can_pin": session.can_pin,
        "pinned": words("pinned", n=len(session.pins)) if session.pins else "",
        "changed": changed,
        "can_undo": bool(session.history.past),
        "can_redo": bool(session.history.future),
        "can_reset": n > 0,
        "lang": "zh-CN" if session.language == "zh" else "en",
        "query": query,
    }


def status(view: View, words: Words, is_cold: bool = False) -> dict[str, Any]:
    """Return the line that says how far the answer is, and the message of a failed run."""
    n = view.done
    text = {
        "idle": "", "failed": "",
        "computing": words("first_time" if is_cold else "computing"),
        "ensemble": words("ensemble" if n < view.wanted else "ensemble_pins", done=n, wanted=view.wanted),
        "done": words("one_run") if n < 2 else words("done", done=n),
    }[view.status]  # fmt: skip
    if view.status in ("ensemble", "done") and n and view.seconds >= FROM_MEMORY_S:
        text += " · " + words("seconds", s=f"{view.seconds:.1f}")
    return {
        "kind": view.status,
        "text": text,
        "share": n / view.wanted if n < view.wanted and view.status == "ensemble" else 0.0,
        "error": "" if view.error is None else failure(view.error, words),
        "remedy": words("failed_remedy"),
        "title": words("failed"),
    }


def failure(error: Exception, words: Words) -> str:
    """Return a failed run as a sentence, never a traceback."""
    first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, ScenarioError):
        return words(
            "failed_input", detail="; ".join(f"{f.field}: {told(f.rule, words.is_chinese)}" for f in error.faults[:3])
        )
    if isinstance(error, ConservationError):
        return words("failed_identity", detail=told(first[:200], words.is_chinese))
    named = type(error).__name__ if first == type(error).__name__ else f"{type(error).__name__}: {first[:200]}"
    if (kind := kind_of(named)) is not None:
        return words("failed_known", what=kind[words.is_chinese], detail=named)
    return words("failed_other", detail=told(first[:200], words.is_chinese))


def caution(words: Words) -> str:
    """Return how much rests on weak figures; stands on every page."""
    return words("low_confidence", percent=f"{100 * registry.low_confidence_share():.0f}")


def about_draft(draft: Draft, words: Words) -> str:
    """Return the levers that a draft moves, with their values in the last year."""
    rows, scenario = known_levers(), draft.scenario()
    moved = [
        f"{words.of(rows[key])}{words('colon')}{value_text(rows[key], final_value(scenario, key), words)}"
        for key, _ in draft.moves
    ]
    shock = [shock_name(draft.shock, words)] if draft.shock else []
    return words("semicolon").join([*shock, *moved]) or words("unchanged")


def link_note(unread: Sequence[str], words: Words) -> str:
    """Return what is said of the parts of a link that were left out; of one of another version that is all of it."""
    is_other = any(part.startswith("v=") for part in unread)
    return words("link_version" if is_other else "link_bad", parts=", ".join(unread))


def numbers_title(session: Session, view: View, words: Words) -> str:
    """Return what the differences of the key numbers are taken against."""
    runs = words("runs_of", n=view.done) if view.done > 1 else words("run_of_1")
    if view.done and view.policy[0].hash == view.baseline[0].hash:
        return words("like_baseline", name=preset_name(session.baseline_draft, words), runs=runs)
    return words("against", name=preset_name(session.baseline_draft, words), runs=runs)


def scene_of(session: Session, view: View, words: Words) -> Scene:
    """Return what all charts of an answer share."""
    scenario = preset_scenario(session.draft.place, session.draft.preset)
    return Scene(view, scenario, preset_name(session.baseline_draft, words), words)


def footer(scene: Scene) -> str:
    """Return what stands below a saved picture or table: what was run."""
    words, view = scene.words, scene.view
    place = words.name(scene.scenario.place.name)
    text = words("footer", place=place, policy=words("my_policy"), baseline=scene.baseline_name, n=view.done)
    return f"{text} · {view.policy[0].hash[:8]} · transition_sim {__version__}"


def chart_data(chart: Chart, years: Sequence[int], below: str, words: Words) -> dict[str, Any]:
    """Return what the widget of a chart takes; ``below`` says what was run."""
    return {
        "id": chart.id,
        "title": chart.title,
        "unit": chart.unit,
        "option": chart.option,
        "head": chart.head,
        "rows": chart.rows,
        "label": words("chart_label", name=chart.title, unit=chart.unit, first=years[0], last=years[-1]),
        "footer": below,
        "words": {key: words(key) for key in ("table", "save_png", "save_csv")}
        | {key: words(key, name=chart.title) for key in ("save_png_label", "save_csv_label")},
    }


def charts(ids: tuple[str, ...], session: Session, view: View, words: Words) -> list[dict[str, Any]]:
    """Return the charts of an answer, none before the first."""
    if view.done == 0:
        return []
    scene = scene_of(session, view, words)
    return [chart_data(make_chart(id, scene), scene.years, footer(scene), words) for id in ids]


def further_charts(place: PlaceSpec) -> tuple[str, ...]:
    """Return the charts beside the main ones that show something in a place."""
    needed = {id for id, feature in CHART_NEEDS.items() if feature not in features(place)}
    return tuple(id for id in MAKERS if id not in MAIN and id not in needed)


def data_csv(session: Session, view: View) -> bytes:
    """Return the yearly table of every seed of policy and baseline; the first lines say what was run."""
    moved = ", ".join(f"{key}={_setting(session, key)}" for key, _ in session.draft.moves)
    lines = [
        f"# transition_sim {__version__}, place {session.draft.place}",
        f"# policy: preset {session.draft.preset}, {len(session.draft.moves)} levers moved"
        + (f", scenario {view.policy[0].hash}" if view.policy else ""),
        f"# shock: {session.draft.shock or 'none'}, of the baseline: {session.baseline_draft.shock or 'none'}",
        f"# baseline: preset {session.baseline}" + (f", scenario {view.baseline[0].hash}" if view.baseline else ""),
        f"# moved: {moved or 'none'}",
    ]
    buffer = io.StringIO()
    frames = list(_frames(view))
    if frames:
        pd.concat(frames).to_csv(buffer, index=False)
    return ("\ufeff" + "\n".join(lines) + "\n" + buffer.getvalue()).encode()


def _setting(session: Session, key: str) -> str:
    setting = session.draft.scenario().levers.get(key, known_levers()[key].neutral)
    return str(setting if isinstance(setting, float) else setting.model_dump(mode="json"))


def _frames(view: View) -> Iterator[pd.DataFrame]:
    for name, pictures in (("policy", view.policy), ("baseline", view.baseline)):
        for picture in pictures[: view.done]:
            frame = pd.DataFrame({"run": name, "seed": picture.seed, "year": picture.years, **picture.annual})
            yield frame


# --- lessons ----------------------------------------------------------------------------------------------------------


def lesson_list(place: str, words: Words) -> list[dict[str, Any]]:
    """Return the lessons to choose from, and why a lesson is not for this place."""
    spec = preset_scenario(place, "none").place
    return [
        {
            "id": one.id,
            "name": words.name(one.name),
            "aim": words.name(one.aim),
            "sheet": worksheet(one, words),
            "missing": " ".join(words(f"lesson_needs_{need}") for need in missing(one, spec)),
        }
        for one in lessons().values()
    ]


def lesson_step(session: Session, words: Words) -> dict[str, Any]:
    """Return the step that is open."""
    lesson: Lesson = lessons()[session.lesson]
    step = lesson.steps[session.step]
    question = None
    if step.question is not None:
        right = next(k for k, c in enumerate(step.question.choices) if c.is_right)
        verdict = words("lesson_right" if session.answer == right else "lesson_wrong")
        question = {
            "ask": words.name(step.question.ask),
            "choices": [words.name(c) for c in step.question.choices],
            "answer": session.answer,
            "right": right,
            "verdict": "" if session.answer is None else verdict,
            "explain": words.name(step.question.explain) if session.answer is not None else "",
        }
    return {
        "id": lesson.id,
        "name": words.name(lesson.name),
        "text": words.name(step.text),
        "step": session.step,
        "last": len(lesson.steps) - 1,
        "place": words("lesson_step", n=session.step + 1, all=len(lesson.steps)),
        "set": set_by(step, words),
        "note": "" if lesson.place == session.draft.place else figures_note(lesson, words),
        "question": question,
    }
