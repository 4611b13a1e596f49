"""The share link: ``?v=1&p=current&b=none&l=capex_subsidy_share:0.2:2025:2030&lang=zh``, versioned and bounded.

``g`` is the page that was open, ``s`` the shock that happens, ``both=1`` that it happens to the baseline too, and every
``k`` a scenario kept for comparison: its preset, ``~`` and its shock, ``@`` and its moves.
"""

import math
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from transition_sim.scenarios.rows import Lever
from transition_sim.scenarios.scenario import Scenario
from transition_sim.viz.draft import PRESETS, Draft, Given, Move, acting_levers, preset_scenario
from transition_sim.viz.outside import fitting_shocks
from transition_sim.viz.words import LANGUAGES, Language

VERSION = "1"
LONGEST = 4000
SHOWN = 40
MOST_PINS = 3


@dataclass(frozen=True)
class Shared:
    """What a link says; ``pins`` are scenarios kept for comparison, ``unread`` the parts that were left out."""

    draft: Draft
    baseline: str
    language: Language | None
    unread: tuple[str, ...] = ()
    page: str = ""
    pins: tuple[Draft, ...] = ()
    is_baseline_shocked: bool = False


def to_query(
    draft: Draft, baseline: str, language: str, page: str = "", pins: tuple[Draft, ...] = (),
    is_baseline_shocked: bool = False,
) -> tuple[str, bool]:  # fmt: skip
    """Return the query of what a visitor looks at, and whether it holds all: paths of single years do not fit."""
    text, is_whole = _moves_to_text(draft)
    query = {"v": VERSION, "p": draft.preset, "b": baseline, "lang": language}
    query |= {"g": page} if page else {}
    query |= {"l": text} if text else {}
    query |= {"s": draft.shock} if draft.shock else {}
    query |= {"both": "1"} if is_baseline_shocked else {}
    kept = []
    for pin in pins:
        text, holds_all = _moves_to_text(pin)
        kept.append(("k", f"{pin.preset}{'~' if pin.shock else ''}{pin.shock}@{text}"))
        is_whole = is_whole and holds_all
    whole = urlencode([*query.items(), *kept], safe=":,@~")
    if len(whole) <= LONGEST:
        return whole, is_whole
    return urlencode(query, safe=":,"), False


def _moves_to_text(draft: Draft) -> tuple[str, bool]:
    """Return the moves of a draft as ``lever:value:start:full,lever:value``, and whether that is all of them."""
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
    return ",".join([*parts, *plain]), len(parts) + len(plain) == len(draft.moves)


def from_query(query: str | None, place: str, baseline: str = "current") -> Shared:
    """Return what a link says: unknown parts are left out and named, values are kept within the range of the lever."""
    if not query:
        return Shared(Draft(place), baseline, None)
    if len(query) > LONGEST:
        return Shared(Draft(place), baseline, None, (_short(query),))
    found = parse_qs(query, max_num_fields=20, errors="replace")
    last = {key: values[-1] for key, values in found.items()}
    if last.get("v", VERSION) != VERSION:
        return Shared(Draft(place), baseline, None, (_short(f"v={last['v']}"),))
    unread: list[str] = []
    preset = _known("p", last.get("p", "current"), "current", unread)
    draft = _with_moves(Draft(place, preset, shock=_shock(last.get("s", ""), place, unread)), last.get("l", ""), unread)
    baseline = _known("b", last.get("b", baseline), baseline, unread)
    pins = []
    for text in found.get("k", ())[:MOST_PINS]:
        start, _, moves = text.partition("@")
        preset, _, shock = start.partition("~")
        pin = Draft(place, _known("k", preset, "current", unread), shock=_shock(shock, place, unread))
        pins.append(_with_moves(pin, moves, unread))
    unread += [_short(f"k={text}") for text in found.get("k", ())[MOST_PINS:]]
    language = last.get("lang")
    known = language if language in LANGUAGES else None
    page, kept = last.get("g", "")[:SHOWN], tuple(dict.fromkeys(pins))
    return Shared(draft, baseline, known, tuple(unread), page, kept, last.get("both") == "1")


def _known(key: str, value: str, default: str, unread: list[str]) -> str:
    """Return a preset, or the default where there is none of that name."""
    if value in PRESETS:
        return value
    unread.append(_short(f"{key}={value}"))
    return default


def _shock(id: str, place: str, unread: list[str]) -> str:
    """Return a shock of the library, or none where there is none of that name."""
    if id in ("", *fitting_shocks(place)):
        return id
    unread.append(_short(f"s={id}"))
    return ""


def _with_moves(draft: Draft, text: str, unread: list[str]) -> Draft:
    """Return a draft with the moves of a text."""
    scenario, levers = preset_scenario(draft.place, draft.preset), acting_levers()
    for part in filter(None, text.split(",")):
        key = part.split(":")[0]
        move = _move(part, levers[key], scenario) if key in levers else None
        if move is None:
            unread.append(_short(part))
        else:
            draft = draft.moved(key, move)
    return draft


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
