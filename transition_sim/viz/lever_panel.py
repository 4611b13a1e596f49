"""The lever table as the panel shows it: who may pull it, theme, name, help, range, value."""

import math
from typing import Any

from transition_sim.scenarios.compose import LEVELS_OF_PLACE
from transition_sim.scenarios.extensions import known_levers
from transition_sim.scenarios.rows import Lever
from transition_sim.scenarios.scenario import Scenario
from transition_sim.scenarios.spec import Schedule
from transition_sim.viz.draft import Draft, default_start_year, final_value, preset_scenario
from transition_sim.viz.formatting import plain_number
from transition_sim.viz.words import Words

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


def panel_groups(scenario: Scenario, words: Words) -> list[dict[str, Any]]:
    """Return the acting levers by who may pull them and by theme; nothing here changes with the policy."""
    acting = [row for row in known_levers().values() if row.acts]
    groups = []
    for key, wanted in (("own", True), ("higher", False)):
        rows = [row for row in acting if is_own(row, scenario.place.kind) == wanted]
        themes = [
            {"id": theme, "title": words(f"theme_{theme}"), "levers": [lever_row(r, words) for r in found]}
            for theme in THEMES
            if (found := [r for r in rows if theme_of(r) == theme])
        ]
        groups.append({"id": key, "title": words(f"levers_{key}"), "themes": themes})
    return groups


def lever_row(lever: Lever, words: Words) -> dict[str, Any]:
    """Return what the panel says of a lever."""
    unit = words.unit(lever.unit)
    return {
        "key": lever.key,
        "name": words.of(lever),
        "help": words.of(lever, "help"),
        "unit": unit,
        "kind": lever.kind,
        "low": lever.low,
        "high": lever.high,
        "step": step_of(lever),
        "who": " · ".join(words(f"who_{level}") for level in lever.who),
        "range": words("range", low=plain_number(lever.low), high=plain_number(lever.high), unit=unit),
        "neutral": words("neutral", value=_shown(lever, lever.neutral, words)),
        "source": words("source", source=lever.source),
    }


def idle_levers(words: Words) -> list[dict[str, str]]:
    """Return the levers that no rule reads yet."""
    return [{"name": words.of(row), "help": words.of(row, "help")} for row in known_levers().values() if not row.acts]


def panel_values(draft: Draft, words: Words) -> dict[str, dict[str, Any]]:
    """Return the state of every acting lever of a draft."""
    scenario, preset = draft.scenario(), preset_scenario(draft.place, draft.preset)
    moves = draft.by_key
    found = {}
    for key, lever in known_levers().items():
        if not lever.acts:
            continue
        move = moves.get(key)
        by_hand = move is not None and move.setting is None
        start = move.start_year if move is not None and by_hand else default_start_year(preset)
        found[key] = {
            "value": final_value(scenario, key),
            "moved": move is not None,
            "by_hand": by_hand,
            "start": start,
            "full": move.full_year if move is not None and by_hand else start,
            "preset": words("was", value=_shown(lever, final_value(preset, key), words)),
            "path": path_text(scenario.levers.get(key, lever.neutral), lever, words),
        }
    return found


def path_text(setting: float | Schedule, lever: Lever, words: Words) -> str:
    """Return how a lever changes over time, empty where it does not."""
    if not isinstance(setting, Schedule):
        return ""
    return " → ".join(f"{year}: {_shown(lever, value, words)}" for year, value in setting.path)


def lever_text(setting: float | Schedule, lever: Lever, words: Words) -> str:
    """Return a setting of a lever as people read it: a value, or its path over time."""
    return path_text(setting, lever, words) if isinstance(setting, Schedule) else _shown(lever, setting, words)


def _shown(lever: Lever, value: float, words: Words) -> str:
    if lever.kind == "switch":
        return words("on" if value else "off")
    return plain_number(value)
