"""What the visitor has set: a policy as a preset and moves of levers, with undo and redo; plain data, no browser."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from transition_sim.scenarios.extensions import known_levers
from transition_sim.scenarios.rows import Lever
from transition_sim.scenarios.scenario import LINE_DECIMALS, Scenario, load_scenario, value_at, values_at
from transition_sim.scenarios.spec import Schedule

PRESETS = ("none", "current", "ambitious")
YEARS_AFTER_BASE = 6
"""A lever moved by hand changes policy from this many years after the base year on, with the base year 2020 from 2026:
the plan as written carries its dated steps to 2025, and what is moved belongs to the five-year plan after it."""
MERGE_S = 0.8
"""Moves of one lever within this time are one step of undo."""
LONGEST_PAST = 200


@dataclass(frozen=True)
class Given:
    """A setting as a file gives it: a number, true or false, or a schedule as plain data."""

    value: Any

    def __hash__(self) -> int:
        return hash(repr(self.value))


@dataclass(frozen=True)
class Move:
    """A lever moved away from the preset.

    Attributes
    ----------
    value : float
        From ``full_year`` on, in the unit of the lever.
    start_year, full_year : int
        The lever leaves the path of the preset in the first and has reached the value in the second.
    setting : Given, optional
        A setting as a file gives it; then nothing else counts.
    """

    value: float = 0.0
    start_year: int = 2026
    full_year: int = 2026
    setting: Given | None = None


@dataclass(frozen=True)
class Draft:
    """A policy in the making: place, preset and moves, and the shock of the library under which it runs; "": none."""

    place: str = "guangan_city"
    preset: str = "current"
    moves: tuple[tuple[str, Move], ...] = ()
    shock: str = ""

    @property
    def by_key(self) -> dict[str, Move]:
        return dict(self.moves)

    def moved(self, key: str, move: Move | None) -> "Draft":
        """Return the draft with one lever moved, or back on its preset."""
        moves = {k: m for k, m in self.moves if k != key}
        if move is not None:
            moves[key] = move
        return replace(self, moves=tuple(sorted(moves.items(), key=lambda item: item[0])))

    def scenario(self) -> Scenario:
        """Return the scenario of the draft.

        Raises
        ------
        ScenarioError
        """
        return _scenario(self)


@lru_cache(maxsize=64)
def preset_scenario(place: str, preset: str, shock: str = "") -> Scenario:
    """Return a place under a policy and, where it is named, a shock of the library."""
    return load_scenario(place, policy=preset, shocks=[shock] if shock else [])


@lru_cache(maxsize=256)
def _scenario(draft: Draft) -> Scenario:
    base = preset_scenario(draft.place, draft.preset, draft.shock)
    if not draft.moves:
        return base
    levers = {key: setting_of(base, known_levers()[key], move) for key, move in draft.moves}
    return base.changed(levers=levers, origin="browser")


def acting_levers() -> dict[str, Lever]:
    """Return the levers that move something, in order."""
    return {key: row for key, row in known_levers().items() if row.acts}


def default_start_year(scenario: Scenario) -> int:
    """Return the first year that a lever moved by hand changes."""
    return min(scenario.place.base_year + YEARS_AFTER_BASE, scenario.clock.end_year)


def default_full_year(scenario: Scenario, lever: Lever, start_year: int) -> int:
    """Return the year in which a lever moved by hand has reached its value: at once, or a year later where the preset
    has it on a straight line, which cannot jump unless years that are past get other values."""
    old = scenario.levers.get(lever.key)
    is_line = isinstance(old, Schedule) and old.interp == "linear" and lever.kind != "switch"
    return min(start_year + is_line, scenario.clock.end_year)


def setting_of(base: Scenario, lever: Lever, move: Move) -> Any:
    """Return what a move makes of a lever: the path of the preset, then a ramp to the value.

    A path in straight lines stays one where the ramp takes a year or more; else the path is written as yearly steps,
    which keep the values that each year began with.
    """
    if move.setting is not None:
        return move.setting.value
    value = bool(move.value) if lever.kind == "switch" else float(move.value)
    start = move.start_year
    full = start if lever.kind == "switch" else max(move.full_year, start)
    first = base.clock.start_year
    old = base.levers.get(lever.key, lever.neutral)
    if full <= first or (not isinstance(old, Schedule) and float(old) == float(value)):
        return value
    is_line = isinstance(old, Schedule) and old.interp == "linear"
    if full > start and (is_line or not isinstance(old, Schedule)):
        early = [[y, v] for y, v in old.path if y < start] if isinstance(old, Schedule) else []
        return {"path": [*early, [start, value_at(old, start)], [full, float(value)]]}
    years = range(first, full + 1)
    held = values_at(old, np.array(years, dtype=float))
    at_start = value_at(old, start)
    path: list[list[float]] = []
    for year, before in zip(years, held, strict=True):
        if year >= full:
            now = float(value)  # to the last digit, as a file that names the value has it
        elif year > start:
            ramp = at_start + (year - start) / (full - start) * (float(value) - at_start)
            now = round(ramp, LINE_DECIMALS)
        else:
            now = float(before)
        if not path or path[-1][1] != now:
            path.append([year, now])
    return {"path": path, "interp": "step"}


def final_value(scenario: Scenario, key: str) -> float:
    """Return the value of a lever in the last year."""
    return value_at(scenario.levers.get(key, known_levers()[key].neutral), scenario.clock.end_year)


def from_levers(place: str, preset: str, levers: Mapping[str, Any]) -> Draft:
    """Return the draft of a policy given lever by lever (a file, a lesson): moves are what differs from the preset."""
    base = preset_scenario(place, preset)
    rows = known_levers()
    moves = {}
    for key in {*levers, *base.levers}:
        setting = levers.get(key, rows[key].neutral)
        plain = setting.model_dump(mode="json") if isinstance(setting, Schedule) else setting
        old = base.levers.get(key, rows[key].neutral)
        if plain != (old.model_dump(mode="json") if isinstance(old, Schedule) else old):
            moves[key] = Move(setting=Given(plain))
    return Draft(place, preset, tuple(sorted(moves.items())))


@dataclass(frozen=True)
class History:
    """Drafts before and after the one that is looked at.

    Attributes
    ----------
    now : Draft
    past, future : tuple of Draft
        Nearest last, nearest first.
    last_key, last_time : str, float
        Lever of the last move and when, to merge moves of one lever.
    """

    now: Draft = field(default_factory=Draft)
    past: tuple[Draft, ...] = ()
    future: tuple[Draft, ...] = ()
    last_key: str = ""
    last_time: float = -1e9

    def to(self, draft: Draft, key: str = "", time: float = 0.0) -> "History":
        """Return the history with a new draft; another move of the same lever soon after is the same step."""
        if draft == self.now:
            return self
        merged = key != "" and key == self.last_key and time - self.last_time < MERGE_S
        past = self.past if merged else (*self.past, self.now)[-LONGEST_PAST:]
        return History(draft, past, (), key, time)

    def drafts(self) -> tuple[Draft, ...]:
        """Return all drafts, first to last, those that were undone among them."""
        return (*self.past, self.now, *self.future)

    def jump(self, step: int) -> "History":
        """Return the history at one of its drafts; any other number changes nothing."""
        drafts = self.drafts()
        if not 0 <= step < len(drafts):
            return self
        return History(drafts[step], drafts[:step], drafts[step + 1 :])

    def undo(self) -> "History":
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (self.now, *self.future))

    def redo(self) -> "History":
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.now), self.future[1:])
