"""Shocks: dated events from outside, each a list of effects on the channels of the table (SM27).

A date is a year, a quarter or a month (2027, 2027Q3, 2027-07), or ``start`` and ``end`` of what can be shocked: from
the year after the base year, which is history, to the end of the run. Both dates of an effect are included.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, PlainValidator, StringConstraints
from pydantic_core import PydanticCustomError

from transition_sim.core.errors import Fault
from transition_sim.scenarios import registry, rows
from transition_sim.scenarios.loader import Document
from transition_sim.scenarios.messages import KeyPath, suggestion
from transition_sim.scenarios.spec import Id, Name, Number, Strict

MONTHS = {"month": 1, "quarter": 3}
_DATE = re.compile(r"(?P<year>[0-9]{4})(?:Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?\Z")
Grid = dict[str, np.ndarray]


def _date(given: Any) -> int | str:
    if isinstance(given, int | str) and (str(given) in ("start", "end") or _DATE.match(str(given))):
        return given
    raise PydanticCustomError("date_text", "this is no date")


When = Annotated[int | str, PlainValidator(_date)]


class EffectSpec(Strict):
    """What a shock does to one channel between two dates."""

    channel: Id
    first: Annotated[When, Field(alias="from")]
    last: Annotated[When, Field(alias="to")]
    """Included."""
    value: Number | None = None
    path: Annotated[list[tuple[When, Number]], Field(min_length=2, max_length=100)] | None = None
    """(date, value) instead of one value: linear between the dates, flat outside."""
    of: Annotated[list[Id], Field(min_length=1, max_length=200)] | None = None
    """Sectors, carriers, groups of technologies or levers, as the channel says; all by default."""


class ShockSpec(Strict):
    """A shock: an id, what it is, and its effects."""

    format: Literal["shock/1"]
    id: Id
    name: Name
    description: Name
    source: Annotated[str, StringConstraints(max_length=600)] = ""
    """Where sizes and dates come from."""
    effects: Annotated[list[EffectSpec], Field(min_length=1, max_length=100)]


@dataclass(frozen=True)
class Span:
    """Years that can be shocked, both included, as months counted from the first of the first year of the run.

    Attributes
    ----------
    start_year, first_year, end_year : int
        First year of the run, first year after history, last year of the run.
    """

    start_year: int
    first_year: int
    end_year: int

    @property
    def n_quarters(self) -> int:
        """Quarters of the run."""
        return 4 * (self.end_year - self.start_year + 1)

    @property
    def months(self) -> tuple[int, int]:
        """First and last month that can be shocked."""
        return 12 * (self.first_year - self.start_year), 3 * self.n_quarters - 1

    def months_of(self, date: int | str) -> tuple[int, int]:
        """Return the first and last month of a date."""
        found = _DATE.match(str(date))
        if found is None:
            return (self.months[0],) * 2 if date == "start" else (self.months[1],) * 2
        year = 12 * (int(found["year"]) - self.start_year)
        if found["quarter"]:
            return year + 3 * int(found["quarter"]) - 3, year + 3 * int(found["quarter"]) - 1
        return (year, year + 11) if not found["month"] else (year + int(found["month"]) - 1,) * 2

    def text(self) -> str:
        """``2021 to 2035``."""
        return f"{self.first_year} to {self.end_year}"


@dataclass(frozen=True)
class Shock:
    """A checked shock and the document that faults point to."""

    spec: ShockSpec
    document: Document


def span_of(base_year: int, start_year: int, end_year: int) -> Span:
    """Return what can be shocked: the base year is history, shocks start after it."""
    return Span(start_year, max(start_year, base_year + 1), end_year)


# --- checks ---------------------------------------------------------------------------------------------------------


def check_shocks(shocks: Sequence[Shock], span: Span) -> Iterator[Fault]:
    """Yield every fault of shocks over a run: unknown channels and items, dates, values, and contradictions."""
    ids: set[str] = set()
    whole = True
    for shock in shocks:
        if shock.spec.id in ids:
            rule = "two shocks have the same id"
            yield shock.document.fault(("id",), shock.spec.id, rule, "Give each shock once, or rename one.")
        ids.add(shock.spec.id)
        for k, effect in enumerate(shock.spec.effects):
            faults = list(_effect_faults(effect, ("effects", k), shock.document, span))
            whole &= not faults
            yield from faults
    if whole:
        yield from _contradictions(shocks, span)


def _effect_faults(effect: EffectSpec, at: KeyPath, document: Document, span: Span) -> Iterator[Fault]:
    channels = registry.channels()
    channel = channels.get(effect.channel)
    if channel is None:
        remedy = suggestion(effect.channel, channels, "channels")
        yield document.fault((*at, "channel"), effect.channel, "there is no such channel", remedy)
        return
    yield from _date_faults(effect, channel, at, document, span)
    yield from _value_faults(effect, channel, at, document)
    items = registry.channel_items(channel.of)
    for k, item in enumerate(effect.of or ()):
        if item not in items:
            rule = f"the channel has no {channel.of} of this name" if items else "the channel acts on the whole place"
            remedy = suggestion(item, items, f"items of '{channel.of}'") if items else "Delete 'of:'."
            yield document.fault((*at, "of", k), item, rule, remedy)


def _date_faults(
    effect: EffectSpec, channel: rows.Channel, at: KeyPath, document: Document, span: Span
) -> Iterator[Fault]:
    dates: dict[KeyPath, int | str] = {(*at, "from"): effect.first, (*at, "to"): effect.last}
    dates |= {(*at, "path", k, 0): date for k, (date, _) in enumerate(effect.path or ())}
    months = [span.months_of(date) for date in dates.values()]
    first, last = months[0][0], months[1][1]
    if last < first:
        yield document.fault((*at, "to"), effect.last, f"the end lies before the start, {effect.first}", "Swap them.")
    elif not span.months[0] <= first <= span.months[1]:
        rule = f"the effect starts outside the years that can be shocked, {span.text()}"
        is_late = first > span.months[1]
        remedy = "Move the dates or the horizon." if is_late else "The base year is history: start later."
        yield document.fault((*at, "from"), effect.first, rule, remedy)
    step = MONTHS[channel.step]
    for path, month in ((*at, "from"), first), ((*at, "to"), last + 1):
        if month % step:
            rule = "the channel changes at the turn of a quarter only"
            yield document.fault(path, dates[path], rule, "Write quarters, such as 2027Q3.")
    starts = [m for m, _ in months[2:]]
    for k, (before, after) in enumerate(pairwise(starts), start=1):
        if after <= before:
            yield document.fault((*at, "path", k, 0), dates[(*at, "path", k, 0)], "the dates do not rise", "Sort them.")


def _value_faults(effect: EffectSpec, channel: rows.Channel, at: KeyPath, document: Document) -> Iterator[Fault]:
    if (effect.value is None) == (effect.path is None):
        rule = "an effect has either a value or a path"
        remedy = "Add 'value: ...'." if effect.value is None else "Delete 'value:' or 'path:'."
        yield document.fault((*at, "value"), effect.value, rule, remedy)
    values: dict[KeyPath, float] = {} if effect.value is None else {(*at, "value"): effect.value}
    values |= {(*at, "path", k, 1): value for k, (_, value) in enumerate(effect.path or ())}
    is_part = channel.of == "lever" and _switches(effect)
    for path, value in values.items():
        if not channel.low <= value <= channel.high:
            rule = f"the channel ranges from {channel.low:g} to {channel.high:g} {channel.unit}"
            yield document.fault(
                path, f"{value:.12g}", rule, f"Write a value in the range; {channel.neutral:g} is neutral."
            )
        elif (is_part or channel.unit == "0/1") and value not in (0.0, 1.0):
            rule, remedy = "this is 0 or 1", "Write 0 or 1."
            if is_part:
                rule = f"{_switches(effect)[0]} is a switch: it holds wholly or not at all"
                remedy = "Write 0 or 1, or name only levers that are numbers under 'of:'."
            yield document.fault(path, f"{value:.12g}", rule, remedy)


def _switches(effect: EffectSpec) -> list[str]:
    levers = registry.levers()
    return [key for key in (effect.of or levers) if key in levers and levers[key].kind == "switch"]


def _contradictions(shocks: Sequence[Shock], span: Span) -> Iterator[Fault]:
    """Yield effects that put another value where one is set already on a channel that replaces."""
    channels = registry.channels()
    taken: dict[str, np.ndarray] = {}
    owner: dict[str, np.ndarray] = {}
    for shock in shocks:
        for k, effect in enumerate(shock.spec.effects):
            channel = channels[effect.channel]
            if channel.combines != "replaces":
                continue
            mine = _months(effect, span)
            old = taken.setdefault(channel.key, np.full(mine.size, np.nan))
            names = owner.setdefault(channel.key, np.full(mine.size, "", dtype=object))
            clash = ~np.isnan(mine) & ~np.isnan(old) & (mine != old)
            if clash.any():
                month = int(np.flatnonzero(clash)[0])
                when = f"{span.start_year + month // 12}-{month % 12 + 1:02d}"
                rule = f"in {when} the shock {names[month]} sets the channel to {old[month]:g}"
                path = ("effects", k, "from")
                yield shock.document.fault(path, effect.first, rule, "Move the dates apart, or leave one out.")
            new = ~np.isnan(mine)
            old[new], names[new] = mine[new], shock.spec.id


# --- values -----------------------------------------------------------------------------------------------------------


def _months(effect: EffectSpec, span: Span) -> np.ndarray:
    """Return the value of an effect by month of the run; nan where it does not act."""
    values = np.full(3 * span.n_quarters, np.nan)
    first, last = span.months_of(effect.first)[0], span.months_of(effect.last)[1]
    months = np.arange(first, min(last + 1, values.size))
    if effect.path is None:
        values[months] = effect.value
    else:
        dates = [span.months_of(date)[0] for date, _ in effect.path]
        values[months] = np.interp(months, dates, [value for _, value in effect.path])
    return values


def channel_grids(shocks: Sequence[ShockSpec], span: Span) -> Grid:
    """Return the value of every channel that shocks use.

    Returns
    -------
    dict of key -> ndarray
        Shape (n_quarters, 3) for channels by month, (n_quarters, items) for others; an entry is the neutral value
        where nothing acts, and nan where a channel that replaces has nothing to put.
    """
    channels = registry.channels()
    found: Grid = {}
    for effect in (effect for shock in shocks for effect in shock.effects):
        channel = channels[effect.channel]
        items = registry.channel_items(channel.of) or (None,)
        if channel.key not in found:
            start = np.nan if channel.combines == "replaces" else channel.neutral
            found[channel.key] = np.full((3 * span.n_quarters, len(items)), start)
        grid, values = found[channel.key], _months(effect, span)
        acts = ~np.isnan(values)
        columns = [k for k, item in enumerate(items) if effect.of is None or item in effect.of]
        for column in columns:
            if channel.combines == "replaces":
                grid[acts, column] = values[acts]
            else:
                grid[acts, column] *= values[acts]
    # a channel by month has one column; one by quarter changes at the turn of quarters, or follows a path
    return {key: grid.reshape(-1, 3) if channels[key].step == "month" else grid[::3] for key, grid in found.items()}


def warnings_of(shocks: Sequence[ShockSpec], span: Span) -> list[str]:
    """Return what is worth knowing: effects that go on after the run has ended."""
    return [
        f"shock {shock.id}: effect {k} ends in {effect.last}, after the run"
        for shock in shocks
        for k, effect in enumerate(shock.effects)
        if span.months_of(effect.last)[1] > span.months[1]
    ]


def plain(shock: ShockSpec) -> dict[str, Any]:
    """Return a shock as plain data, as its file has it."""
    return shock.model_dump(mode="json", by_alias=True, exclude_none=True)
