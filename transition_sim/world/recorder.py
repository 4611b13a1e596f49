"""Preallocated arrays that a run fills, quarter by quarter; result tables are made from them when somebody looks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from transition_sim.world import columns as declared

PLACE_INDEX = {c.name: k for k, c in enumerate(declared.PLACE)}
_IN_ORDER = itemgetter(*PLACE_INDEX)
COUNTY_INDEX = {c.name: k for k, c in enumerate(declared.COUNTY)}


class Event(NamedTuple):
    """Something that happened: a default, a shortage, a trade."""

    quarter: int
    kind: str
    subject: str
    amount: float
    unit: str


@dataclass
class Recorder:
    """What a run remembers.

    Attributes
    ----------
    place : ndarray, shape (n_quarters, columns)
    sector, county, technology : ndarray, shape (n_quarters, rows, columns)
    vintage : ndarray, shape (n_quarters, 1 + n_years, columns)
        By the year in which equipment came into service; that of the base year and before comes first.
    agent : ndarray of f4, shape (n_years, N, columns)
        Flows are summed over the year, stocks are those of its last quarter.
    market : list of (quarter, market, price, unit, volume, unit)
    events : list of Event
    decisions, options : lists of arrays, one a quarter
        What was decided, and the options seen, ``n_options`` of each decision one behind the other.
    """

    n_quarters: int
    n_sectors: int
    n_counties: int
    n_technologies: int
    n_enterprises: int
    keep_agents: bool = True
    keep_decisions: bool = True
    place: np.ndarray = field(init=False)
    sector: np.ndarray = field(init=False)
    county: np.ndarray = field(init=False)
    technology: np.ndarray = field(init=False)
    vintage: np.ndarray = field(init=False)
    agent: np.ndarray = field(init=False)
    market: list[tuple[int, str, float, str, float, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    decisions: list[np.ndarray] = field(default_factory=list)
    options: list[np.ndarray] = field(default_factory=list)

    def __post_init__(self) -> None:
        q = self.n_quarters
        self.place = np.full((q, len(declared.PLACE)), np.nan)
        self.sector = np.full((q, self.n_sectors, len(declared.SECTOR)), np.nan)
        self.county = np.full((q, self.n_counties, len(declared.COUNTY)), np.nan)
        self.technology = np.full((q, self.n_technologies, len(declared.TECHNOLOGY)), np.nan)
        n_agents, n_years = self.n_enterprises if self.keep_agents else 0, -(-q // 4)
        self.vintage = np.full((q, 1 + n_years, len(declared.VINTAGE)), np.nan)
        self.agent = np.zeros((n_years, n_agents, len(declared.AGENT)), "f4")

    def set_place(self, quarter: int, values: dict[str, float]) -> None:
        """Write one row of the place table.

        Raises
        ------
        KeyError
            When a column is missing or unknown: nothing is recorded by half.
        """
        try:
            row = _IN_ORDER(values)
        except KeyError:
            row = ()
        if len(values) != len(row):
            missing, unknown = PLACE_INDEX.keys() - values.keys(), values.keys() - PLACE_INDEX.keys()
            raise KeyError(f"place columns: missing {sorted(missing)}, unknown {sorted(unknown)}")
        self.place[quarter] = row

    def event(self, quarter: int, kind: str, subject: str, amount: float, unit: str) -> None:
        """Note an event; ``kind`` is a key of ``columns.EVENT_KINDS``."""
        if kind not in declared.EVENT_KINDS:
            raise KeyError(f"unknown kind of event {kind!r}")
        self.events.append(Event(quarter, kind, subject, amount, unit))

    def county_sums(self, first: int, end: int, names: Sequence[str]) -> np.ndarray:
        """Return sums of county columns over the quarters first to end - 1, shape (columns, n_counties)."""
        columns = [COUNTY_INDEX[name] for name in names]
        return self.county[first:end].sum(axis=0)[:, columns].T

    def note_market(self, quarter: int, market: str, price: float, unit: str, volume: float, volume_unit: str) -> None:
        """Note price and volume of a market in a quarter (price nan: no trade)."""
        self.market.append((quarter, market, price, unit, volume, volume_unit))

    def lists(self) -> tuple[list[Any], ...]:
        """Return the lists that only ever grow: what has been noted of a quarter is not changed any more (B15)."""
        return self.market, self.events, self.decisions, self.options

    def size_bytes(self) -> int:
        """Memory of the arrays, bytes."""
        arrays: list[Any] = [self.place, self.sector, self.county, self.technology, self.vintage, self.agent]
        return sum(a.nbytes for a in arrays)
