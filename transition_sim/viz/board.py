"""The scoreboard as plain data: every target of the plan with status, value, year and probability; no rank."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from transition_sim.scenarios.scenario import Scenario
from transition_sim.scenarios.targets import DIMENSIONS
from transition_sim.scoreboard import Assessment, Scoreboard, from_samples
from transition_sim.scoreboard.words import BoardWords
from transition_sim.viz.formatting import figure, span
from transition_sim.viz.picture import Picture
from transition_sim.viz.words import Words

MARKS = {"met": "✓", "on_track": "↗", "lag": "~", "missed": "✗", "not_modelled": "–"}


def board_of(scenario: Scenario, pictures: Sequence[Picture]) -> Scoreboard | None:
    """Return the scoreboard of the runs whose tables were measured, None before the first."""
    known = [(p.seed, p.sample) for p in pictures if p.sample is not None and p.hash == scenario.hash]
    if not known:
        return None
    return from_samples(scenario, tuple(seed for seed, _ in known), [sample for _, sample in known])


def board_data(board: Scoreboard, baseline: Scoreboard | None, words: Words) -> dict[str, Any]:
    """Return what the page of the scoreboard shows.

    Parameters
    ----------
    board : Scoreboard
        Of the policy.
    baseline : Scoreboard, optional
        To stand beside it.
    """
    says = BoardWords(words)
    before = {} if baseline is None else {a.target.id: a for a in baseline.assessments}
    modelled = [a for a in board.assessments if a.status != "not_modelled"]
    counts = [(status, sum(a.status == status for a in board.assessments)) for status in MARKS]
    return {
        "runs": says("runs", n=len(board.seeds), first=board.seeds[0], last=board.seeds[-1]),
        "counts": [{"level": s, "mark": MARKS[s], "text": says(s), "n": n} for s, n in counts if n],
        "groups": [
            {"name": says(dimension), "rows": [target_row(a, before.get(a.target.id), says) for a in found]}
            for dimension in DIMENSIONS
            if (found := [a for a in modelled if a.target.dimension == dimension])
        ],
        "others": [_other_row(a, says) for a in board.assessments if a.status == "not_modelled"],
        "dimensions": dimension_groups(board, baseline, says),
        "marks": says("marks"),
        "no_order": says("no_order"),
        "notes": _notes(modelled, says),
    }


def target_row(a: Assessment, before: Assessment | None, says: BoardWords) -> dict[str, Any]:
    """Return one target; figures as text."""
    target = a.target

    def shown(value: float) -> str:
        return figure(says.shown(value, target.unit), target.unit)

    value = shown(a.value)
    if target.direction in ("falling", "rising"):  # the plan names no figure, and so no unit
        value = f"{value} {says.unit(target.unit)}"
    if a.value_year != target.year and a.value_year is not None:
        value = says("at_year", value=value, year=a.value_year)
    return {
        "id": target.id,
        "name": _name(a, says),
        "plan": says.plan(target),
        "year": target.year,
        "base": shown(a.base_value),
        "value": value,
        "range": between(shown(a.low), shown(a.high)),
        "progress": _percent(a.progress),
        "probability": _percent(a.probability),
        "share": None if math.isnan(a.probability) else a.probability,
        "level": a.status,
        "mark": MARKS[a.status],
        "status": says(a.status),
        "before": "" if before is None else says(before.status),
        "before_mark": "" if before is None else MARKS[before.status],
        "dots": dots(a),
        "source": target.source,
    }


def between(low: str, high: str) -> str:
    """Return a range, nothing where all runs are alike."""
    return "" if low == high else f"{low} – {high}"


def dots(a: Assessment) -> dict[str, Any] | None:
    """Return the runs on a scale of their own, 0 to 1, with the target and the base year; None without a number."""
    if a.target.value is None or not a.run_values:
        return None
    marks = [*a.run_values, a.target.value] + ([] if math.isnan(a.base_value) else [a.base_value])
    low, high = min(marks), max(marks)
    width = high - low or 1.0
    places = (np.array(marks) - low) / width
    n = len(a.run_values)
    return {
        "runs": [round(float(v), 3) for v in places[:n]],
        "target": round(float(places[n]), 3),
        "base": None if math.isnan(a.base_value) else round(float(places[n + 1]), 3),
        "up": a.target.direction == "at_least",
    }


def dimension_groups(board: Scoreboard, baseline: Scoreboard | None, says: BoardWords) -> list[dict[str, Any]]:
    """Return the indicators of the six dimensions, base year and last year, beside the baseline."""
    before = {} if baseline is None else {r["key"]: r for r in baseline.dimensions.to_dict("records")}
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in board.dimensions.to_dict("records"):
        if math.isnan(row["value"]):
            continue
        unit = row["unit"]
        base, value = (figure(says.shown(row[name], unit), unit) for name in ("base_value", "value"))
        low, high = span(says.shown(row["low"], unit), says.shown(row["high"], unit), unit)
        other = before.get(row["key"])
        groups.setdefault(row["dimension"], []).append(
            {
                "name": row["name_zh" if says.is_chinese else "name_en"],
                "unit": says.unit(row["unit"]),
                "base": "–" if row["key"] == "peak_year" else base,
                "value": value,
                "range": between(low, high),
                "before": "" if other is None else figure(says.shown(other["value"], unit), unit),
                "note": row["note_zh" if says.is_chinese else "note_en"],
            }
        )
    return [{"name": says(dimension), "rows": rows} for dimension, rows in groups.items()]


def _other_row(a: Assessment, says: BoardWords) -> dict[str, Any]:
    plan = says.plan(a.target)
    if a.target.direction != "by_year":
        plan = says("at_year", value=plan, year=a.target.year)
    return {"id": a.target.id, "name": _name(a, says), "plan": plan, "reason": says.of(a, "reason")}


def _notes(assessments: Sequence[Assessment], says: BoardWords) -> list[dict[str, str]]:
    """Return what differs from the official statistic, once for all targets that it concerns."""
    found: dict[str, list[str]] = {}
    for a in assessments:
        if a.measure is not None:
            found.setdefault(says.of(a.measure, "note"), []).append(says.of(a.target, "name"))
    between_names = "、" if says.is_chinese else ", "
    return [{"names": between_names.join(dict.fromkeys(names)), "note": note} for note, names in found.items()]


def _name(a: Assessment, says: BoardWords) -> str:
    """Return the name of a target with marks for what is our reading."""
    target = a.target
    return says.of(target, "name") + ("" if target.year_is_stated else " *") + ("°" if target.grade == "A" else "")


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.0f}".replace("-", "−")
