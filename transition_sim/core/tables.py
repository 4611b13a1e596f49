"""State as small structured arrays: one table a concern, each field declared once with unit, bounds and meaning."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np


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
    """Return the record type of a declaration, aligned as C would."""
    return np.dtype([(f.name, f.dtype) for f in fields], align=True)


def allocate(fields: Fields, n_rows: int) -> np.ndarray:
    """Return a zeroed structured array with a row an agent; rows are never moved or reused while a run lives."""
    return np.zeros(n_rows, dtype_of(fields))


def out_of_bounds(fields: Fields, table: np.ndarray) -> list[tuple[str, int, float]]:
    """Return (field, row, value) of the first row of each field that is not a number or outside its bounds (B14)."""
    found = []
    for f in fields:
        column = table[f.name]
        if column.dtype.kind != "f":
            continue
        good = (column >= f.low) & (column <= f.high)
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
        other.tables = {name: table.copy() for name, table in self.tables.items()}
        return other

    def violations(self) -> list[tuple[str, int, float]]:
        """Return all fields out of bounds, over all tables."""
        return [v for name, fs in self.declarations.items() for v in out_of_bounds(fs, self.tables[name])]
