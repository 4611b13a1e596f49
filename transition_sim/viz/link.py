"""The share link: ``?v=1&p=current&b=none&l=capex_subsidy_share:0.2:2025:2030&lang=zh``, versioned and bounded."""

import math
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from transition_sim.scenarios.rows import Lever
from transition_sim.scenarios.scenario import Scenario
from transition_sim.viz.draft import PRESETS, Draft, Given, Move, acting_levers, preset_scenario
from transition_sim.viz.words import LANGUAGES, Language

VERSION = "1"
LONGEST = 4000
SHOWN = 40


@dataclass(frozen=True)
class Shared:
    """What a link says; ``unread`` are the parts that were left out."""

    draft: Draft
    baseline: str
    language: Language | None
    unread: tuple[str, ...] = ()


def to_query(draft: Draft, baseline: str, language: str) -> tuple[str, bool]:
    """Return the query of a draft, and whether it holds all of it: paths of single years do not fit."""
    parts = [
        f"{key}:{move.value:.10g}:{move.start_year}:{move.full_year}"
        for key, move in draft.moves
        if move.setting is None
    ]
    plain = [
        f"{key}:{float(move.setting.value):.10g}"
        for key, move in draft.moves
        if move.setting is not None and isinstance(move.setting.value, int | float)
    ]
    query = {"v": VERSION, "p": draft.preset, "b": baseline, "lang": language}
    if parts or plain:
        query["l"] = ",".join([*parts, *plain])
    return urlencode(query, safe=":,"), len(parts) + len(plain) == len(draft.moves)


def from_query(query: str | None, place: str, baseline: str = "current") -> Shared:
    """Return what a link says: unknown parts are left out and named, values are kept within the range of the lever."""
    if not query:
        return Shared(Draft(place), baseline, None)
    if len(query) > LONGEST:
        return Shared(Draft(place), baseline, None, (_short(query),))
    found = {key: values[-1] for key, values in parse_qs(query, max_num_fields=20, errors="replace").items()}
    unread: list[str] = []

    def choice(key: str, choices: tuple[str, ...], default: str) -> str:
        value = found.get(key, default)
        if value in choices:
            return value
        unread.append(_short(f"{key}={value}"))
        return default

    if found.get("v", VERSION) != VERSION:
        return Shared(Draft(place), baseline, None, (_short(f"v={found['v']}"),))
    draft = Draft(place, choice("p", PRESETS, "current"))
    scenario, levers = preset_scenario(place, draft.preset), acting_levers()
    for part in filter(None, found.get("l", "").split(",")):
        key = part.split(":")[0]
        move = _move(part, levers[key], scenario) if key in levers else None
        if move is None:
            unread.append(_short(part))
        else:
            draft = draft.moved(key, move)
    baseline = choice("b", PRESETS, baseline)
    language = found.get("lang")
    known = language if language in LANGUAGES else None
    return Shared(draft, baseline, known, tuple(unread))


def _move(part: str, lever: Lever, scenario: Scenario) -> Move | None:
    numbers = part.split(":")[1:]
    if len(numbers) not in (1, 3) or any(len(n) > SHOWN for n in numbers):
        return None
    try:
        values = [float(n) for n in numbers]
    except ValueError:
        return None
    if not all(math.isfinite(v) for v in values):
        return None
    value = min(max(values[0], lever.low), lever.high)
    if lever.kind == "switch":
        value = float(value >= 0.5)
    if len(values) == 1:
        return Move(setting=Given(bool(value) if lever.kind == "switch" else value))
    clock = scenario.clock
    start = int(min(max(values[1], clock.start_year), clock.end_year))
    return Move(value, start, int(min(max(values[2], start), clock.end_year)))


def _short(text: str) -> str:
    clean = "".join(c if c.isprintable() else "?" for c in text[:SHOWN])
    return clean + ("…" if len(text) > SHOWN else "")
