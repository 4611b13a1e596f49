"""State as small structured arrays: one table a concern, each field declared once with unit, bounds and meaning."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Any

import numpy as np

from transition_sim.core.kernels import compiled, entered, lean
from transition_sim.core.record_types import declared

ROOM_TIMES = 4
_WORD = 8  # bytes of an f8
_LARGEST = float(np.finfo(np.float64).max)
_ROWS_AT_ONCE = 16  # of a table, compared with their bounds without a branch


@dataclass(frozen=True)
class Field:
    """One column: its name (ending in its unit where it has a dimension), unit, meaning and bounds."""

    name: str
    unit: str
    meaning: str
    dtype: str = "f8"
    low: float = -np.inf
    high: float = np.inf


Fields = tuple[Field, ...]


def dtype_of(fields: Fields) -> np.dtype:
    """Return the record type of a declaration, aligned as C would: one and the same object for all its tables."""
    return _words_of(fields).dtype


def allocate(fields: Fields, n_rows: int) -> np.ndarray:
    """Return a zeroed structured array with a row an agent; rows are never moved or reused while a run lives.

    The zeros of a large table come from the system: rows that nobody has written take no memory.
    """
    return np.zeros(n_rows, dtype_of(fields))


def with_room(fields: Fields, table: np.ndarray, n_rows: int, n_more: int) -> np.ndarray:
    """Return a table whose first rows are those in use and in which more fit: the same one, or a larger one.

    Room is address space, which becomes memory as rows are written. A larger one has four times the rows: it is made
    early, while the old one is small, and hardly ever again.
    """
    if n_rows + n_more <= table.size:
        return table
    grown = allocate(fields, ROOM_TIMES * (n_rows + n_more))
    put_rows(grown, 0, table[:n_rows])
    return grown


def copied(table: np.ndarray) -> np.ndarray:
    """Return an independent copy of a table of records as one block: NumPy copies field by field, 20 times slower.

    Parameters
    ----------
    table : structured array
        Contiguous.
    """
    return table.reshape(-1).view(np.uint8).copy().view(table.dtype).reshape(table.shape)


@entered
def put_rows(table, first, rows):
    """Copy rows into a table from row ``first`` on: whole records, where NumPy would copy field by field."""
    for k in range(rows.size):
        table[first + k] = rows[k]


@lean
def clear(numbers):
    """Set an array to 0 where it is not: where few rows have anything, the memory of the others is never asked for.

    Parameters
    ----------
    numbers : ndarray, shape (n, k)
    """
    for row in range(numbers.shape[0]):
        for k in range(numbers.shape[1]):
            if numbers[row, k] != 0.0:
                numbers[row, k] = 0.0


@compiled
def gather_rows(table, rows):
    """Put the rows of a table that ``rows`` lists first and in that order, within the table; return how many.

    Each row that is put in its place sends the one that stood there to where it came from, so there is no second
    table. Rows that are not listed end up behind. ``rows`` is used up.
    """
    aside = table[:1].copy()
    for k in range(rows.size):
        source = rows[k]
        while source < k:  # it was sent away when that place was filled
            source = rows[source]
        rows[k] = source
        if source != k:
            aside[0] = table[k]
            table[k] = table[source]
            table[source] = aside[0]
    return rows.size


@dataclass(frozen=True)
class _Words:
    """A declaration as a record type, and as bounds of 8-byte words: those of what is no f8 are not a number.

    ``fields`` keeps the declaration alive, so that its identity is a key; ``is_plain`` is False where it has numbers
    other than f8.
    """

    fields: Fields
    dtype: np.dtype
    is_plain: bool
    low: np.ndarray
    high: np.ndarray


_WORDS: dict[int, _Words] = {}


def _words_of(fields: Fields) -> _Words:
    known = _WORDS.get(id(fields))
    if known is None:
        dtype = declared(np.dtype([(f.name, f.dtype) for f in fields], align=True))
        is_plain = dtype.itemsize % _WORD == 0 and all(
            dtype[f.name].kind != "f" or dtype[f.name] == np.float64 for f in fields
        )
        n = dtype.itemsize // _WORD
        known = _Words(fields, dtype, is_plain, np.full(n, np.nan), np.full(n, np.nan))
        for f in fields:
            if is_plain and dtype[f.name] == np.float64:
                word = dtype.fields[f.name][1] // _WORD if dtype.fields else 0
                # a number without a bound must still be finite
                known.low[word], known.high[word] = max(f.low, -_LARGEST), min(f.high, _LARGEST)
        _WORDS[id(fields)] = known
    return known


@lean
def _has_beyond(words, low, high):
    """Tell whether a word is beyond its bounds; one whose bounds are not a number has none."""
    beyond = 0
    for k in range(words.size):
        is_inside = (words[k] >= low[k]) & (words[k] <= high[k])
        beyond |= 0 if is_inside | (low[k] != low[k]) else 1
    return beyond != 0


@entered
def _are_within(tables, n_rows, row_words, bounds):
    """Tell whether the first rows of several tables lie within the bounds, which are those of a few rows each."""
    first = 0
    for k in range(len(tables)):
        n_words, at_once = n_rows[k] * row_words[k], _ROWS_AT_ONCE * row_words[k]
        low, high = bounds[0, first : first + at_once], bounds[1, first : first + at_once]
        for start in range(0, n_words, at_once):
            if _has_beyond(tables[k][start : min(n_words, start + at_once)], low, high):
                return False
        first += at_once
    return True


class BoundsCheck:
    """The bounds of several tables, looked at in one pass every quarter; made once for tables that stay.

    Parameters
    ----------
    tables : sequence of (fields, table)

    Notes
    -----
    It sees the numbers through views of the tables. Of a copy of the tables, or when a table has been made anew,
    ``is_of`` is False, and a check of the new ones is to be made.
    """

    def __init__(self, tables: Sequence[tuple[Fields, np.ndarray]]):
        known = [_words_of(fields) for fields, _ in tables]
        if not all(w.is_plain and t.dtype == w.dtype for w, (_, t) in zip(known, tables, strict=True)):
            raise ValueError("tables whose bounds are looked at in one pass hold no other numbers than f8")
        self._tables = [table for _, table in tables]
        self._words = tuple(table.view(np.float64) for table in self._tables)
        self._row_words = tuple(w.low.size for w in known)
        # side by side: a rule is entered the faster the fewer arrays it is given
        sides = ([w.low for w in known], [w.high for w in known])
        self._bounds = np.array([np.concatenate([np.tile(row, _ROWS_AT_ONCE) for row in side]) for side in sides])

    def is_of(self, tables: Sequence[np.ndarray]) -> bool:
        """Tell whether these are the very tables of the check."""
        return len(tables) == len(self._tables) and all(map(is_, self._tables, tables))

    def holds(self, n_rows: tuple[int, ...]) -> bool:
        """Tell whether every number of the first rows of the tables is finite and within its bounds (B14)."""
        return _are_within(self._words, n_rows, self._row_words, self._bounds)


def out_of_bounds(fields: Fields, table: np.ndarray) -> list[tuple[str, int, float]]:
    """Return (field, row, value) of the first row of each field that is not finite or outside its bounds (B14)."""
    found = []
    for f in fields:
        column = table[f.name]
        if column.dtype.kind != "f":
            continue
        good = np.isfinite(column) & (column >= f.low) & (column <= f.high)
        if not good.all():
            row = int(np.argmin(good))
            found.append((f.name, row, float(column[row])))
    return found


class TableSet(Mapping[str, np.ndarray]):
    """Several tables with the same rows, read as one: ``tables["output_cny"]`` finds the table that has the field.

    Parameters
    ----------
    declarations : mapping of table name to its fields
        A field name stands in one table only.
    n_rows : int
    """

    def __init__(self, declarations: Mapping[str, Fields], n_rows: int):
        self.declarations = dict(declarations)
        self.tables: dict[str, np.ndarray] = {name: allocate(fs, n_rows) for name, fs in declarations.items()}
        self._home: dict[str, str] = {}
        for name, fs in declarations.items():
            for f in fs:
                if f.name in self._home:
                    raise ValueError(f"field {f.name!r} stands in {self._home[f.name]!r} and in {name!r}")
                self._home[f.name] = name
        self.n_rows = n_rows

    def __getitem__(self, field: str) -> np.ndarray:
        return self.tables[self._home[field]][field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._home)

    def __len__(self) -> int:
        return len(self._home)

    def table(self, name: str) -> np.ndarray:
        """Return a whole structured array."""
        return self.tables[name]

    def copy(self) -> "TableSet":
        """Return an independent copy (a run starts from a copy of the built state)."""
        other = object.__new__(TableSet)
        other.declarations, other._home, other.n_rows = self.declarations, self._home, self.n_rows
        other.tables = {name: copied(table) for name, table in self.tables.items()}
        return other

    def __deepcopy__(self, memo: dict[int, Any]) -> "TableSet":
        return self.copy()

    def violations(self) -> list[tuple[str, int, float]]:
        """Return all fields out of bounds, over all tables."""
        return [v for name, fs in self.declarations.items() for v in out_of_bounds(fs, self.tables[name])]
