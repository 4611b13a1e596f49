"""The lever table as the panel shows it: who may pull it, theme, name, help, range, value."""

import csv
import math
from collections.abc import Collection
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, cast

from transition_sim.scenarios.compose import LEVELS_OF_PLACE
from transition_sim.scenarios.extensions import known_levers
from transition_sim.scenarios.lever_limits import beyond
from transition_sim.scenarios.rows import Lever
from transition_sim.scenarios.scenario import Scenario
from transition_sim.scenarios.spec import PlaceSpec, Schedule
from transition_sim.viz.draft import (
    Draft,
    acting_levers,
    default_full_year,
    default_start_year,
    final_value,
    preset_scenario,
)
from transition_sim.viz.formatting import plain_number
from transition_sim.viz.lessons import Feature, features
from transition_sim.viz.words import Language, Words

THEMES = {
    "money": ("L01", "L02", "L05", "L07", "L08", "L24", "L33", "L39"),
    "finance": ("L03", "L04", "L56"),
    "industry": ("L09", "L10", "L11", "L12", "L13", "L14", "L15", "L57", "L48", "L51"),
    "tariff": ("L16", "L17", "L18", "L19"),
    "power": ("L20", "L21", "L22", "L23", "L25", "L32", "L50"),
    "carbon": ("L26", "L27", "L28", "L53"),
    "demand": ("L06", "L29", "L30", "L31", "L54", "L55"),
    "city": ("L34", "L35", "L36", "L37", "L38", "L40", "L41", "L42", "L43", "L44", "L52"),
    "government": ("L45", "L46", "L47", "L49"),
}
STEPS = 100


@cache
def lever_needs() -> dict[str, Feature]:
    """Return what a place must have for a lever to do anything there, of levers that act on one thing alone."""
    text = files(__package__).joinpath("lever_needs.csv").read_text(encoding="utf-8")
    return {row["lever"]: cast("Feature", row["needs"]) for row in csv.DictReader(text.splitlines())}


def theme_of(lever: Lever) -> str:
    """Return the theme of a lever; ``government`` where the table has a new one."""
    return next((theme for theme, ids in THEMES.items() if lever.id in ids), "government")


def step_of(lever: Lever) -> float:
    """Return the step of the slider: 1, 2 or 5 times a power of ten, at most a hundredth of the range."""
    if lever.kind == "switch":
        return 1.0
    rough = (lever.high - lever.low) / STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(m * power for m in (5.0, 2.0, 1.0) if m * power <= rough * (1 + 1e-9))


def is_own(lever: Lever, place_kind: str) -> bool:
    """Return whether the government of a place may pull a lever without a higher one."""
    return bool(set(lever.who) & LEVELS_OF_PLACE[place_kind])


def panel_groups(scenario: Scenario, words: Words, moved: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return the levers that act in the place, by who may pull them and by theme; the policy changes nothing here.

    A lever that cannot act but was ``moved``, as a link or a file may have it, stands among them with the reason: what
    differs from the preset is never out of sight.
    """
    idle = idle_reasons(scenario.place)
    acting = [row for row in known_levers().values() if row.key not in idle or row.key in moved]
    groups = []
    for key, wanted in (("own", True), ("higher", False)):
        rows = [row for row in acting if is_own(row, scenario.place.kind) == wanted]
        themes = [
            {
                "id": theme,
                "title": words(f"theme_{theme}"),
                "levers": [{**lever_row(r, words), "idle": words(idle[r.key]) if r.key in idle else ""} for r in found],
            }
            for theme in THEMES
            if (found := [r for r in rows if theme_of(r) == theme])
        ]
        groups.append({"id": key, "title": words(f"levers_{key}"), "themes": themes})
    return groups


def lever_row(lever: Lever, words: Words) -> dict[str, Any]:
    """Return what the panel says of a lever."""
    unit, per_unit = words.result_unit(lever.unit), float(words.shown(1.0, lever.unit))
    return {
        "key": lever.key,
        "name": words.of(lever),
        "help": words.of(lever, "help"),
        "unit": unit,
        "is_share": lever.unit.split()[0] == "share",
        "kind": lever.kind,
        "low": per_unit * lever.low,
        "high": per_unit * lever.high,
        "step": per_unit * step_of(lever),
        "per_unit": per_unit,
        "who": " · ".join(words(f"who_{level}") for level in lever.who),
        "range": words(
            "range",
            low=_shown(lever, lever.low, words),
            high=_shown(lever, lever.high, words),
            unit="" if lever.kind == "switch" else unit,
        ).strip(),
        "neutral": words("neutral", value=_shown(lever, lever.neutral, words)),
        "source": words("source", source=words.source(lever.source)),
    }


def idle_reasons(place: PlaceSpec) -> dict[str, str]:
    """Return the levers that can change nothing in a place, each with the key of the words that say why."""
    there = features(place)
    found = {key: f"lever_needs_{need}" for key, need in lever_needs().items() if need not in there}
    return found | {key: "lever_unread" for key, row in known_levers().items() if not row.acts}


def idle_levers(place: PlaceSpec, words: Words, moved: Collection[str] = ()) -> list[dict[str, str]]:
    """Return the levers that can change nothing in a place and were not moved, and why, in the order of the table."""
    why = {key: reason for key, reason in idle_reasons(place).items() if key not in moved}
    return [{"name": words.of(row), "help": words(why[key])} for key, row in known_levers().items() if key in why]


def moved_idle(draft: Draft) -> frozenset[str]:
    """Return the levers that a draft moves although they can change nothing in its place."""
    idle = idle_reasons(preset_scenario(draft.place, draft.preset).place)
    return frozenset(draft.by_key.keys() & acting_levers().keys() & idle.keys())


def panel_values(draft: Draft, words: Words) -> dict[str, dict[str, Any]]:
    """Return the state of every acting lever of a draft."""
    scenario, moves = draft.scenario(), draft.by_key
    found = dict(_preset_values(draft.place, draft.preset, words.language))
    for key in found.keys() & moves.keys():
        lever, move = known_levers()[key], moves[key]
        moved: dict[str, Any] = {"value": final_value(scenario, key), "moved": True}
        moved["path"] = path_text(scenario.levers.get(key, lever.neutral), lever, words)
        if move.setting is None:
            moved |= {"by_hand": True, "start": move.start_year, "full": move.full_year}
        found[key] = found[key] | moved
    for key, _, limit in beyond(scenario.levers, scenario.parameters):
        found[key] = found[key] | {"note": words("lever_limit", value=value_text(known_levers()[key], limit, words))}
    return found


@lru_cache(maxsize=32)
def _preset_values(place: str, preset: str, language: Language) -> dict[str, dict[str, Any]]:
    """Return the state of every acting lever of a preset; the same for all visitors."""
    scenario, words = preset_scenario(place, preset), Words(language)
    start, found = default_start_year(scenario), {}
    for key, lever in acting_levers().items():
        value = final_value(scenario, key)
        found[key] = {
            "value": value, "moved": False, "by_hand": False,
            "start": start, "full": default_full_year(scenario, lever, start),
            "preset": words("was", value=_shown(lever, value, words)),
            "path": path_text(scenario.levers.get(key, lever.neutral), lever, words),
        }  # fmt: skip
    return found


def path_text(setting: float | Schedule, lever: Lever, words: Words) -> str:
    """Return how a lever changes over time, empty where it does not."""
    if not isinstance(setting, Schedule):
        return ""
    return " → ".join(f"{year}: {_shown(lever, value, words)}" for year, value in setting.path)


def lever_text(setting: float | Schedule, lever: Lever, words: Words) -> str:
    """Return a setting of a lever as people read it: a value, or its path over time."""
    return path_text(setting, lever, words) if isinstance(setting, Schedule) else _shown(lever, setting, words)


def value_text(lever: Lever, value: float, words: Words) -> str:
    """Return a value of a lever with its unit: 25 % of capex, 0.3 CNY/kWh."""
    shown, unit = _shown(lever, value, words), words.result_unit(lever.unit)
    if lever.kind == "switch":
        return shown
    if lever.unit.split()[0] == "share":
        return f"{plain_number(100.0 * value)}%"
    return f"{shown} {unit}".strip()


def _shown(lever: Lever, value: float, words: Words) -> str:
    if lever.kind == "switch":
        return words("on" if value else "off")
    return plain_number(words.shown(value, lever.unit))
