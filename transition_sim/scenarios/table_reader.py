"""Reading a CSV table into records: the columns are the annotated fields of a dataclass, every fault is reported."""

import csv
import io
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.scenarios.messages import shown, suggestion

Record = TypeVar("Record")
Known = Mapping[str, tuple[str, ...]]
"""Column -> the ids that may stand in it."""


class Refused(ValueError):
    """A cell that cannot be read: the rule and the remedy."""

    def __init__(self, rule: str, remedy: str):
        super().__init__(rule)
        self.rule, self.remedy = rule, remedy


def _text(cell: str) -> str:
    if not cell.strip():
        raise Refused("the cell is empty", "Write a few words.")
    return cell.strip()


def _chinese(cell: str) -> str:
    if not any("\u4e00" <= c <= "\u9fff" for c in cell):
        raise Refused("this must be Chinese", "Write the Chinese words.")
    return cell.strip()


def _word(cell: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,59}", cell):
        raise Refused(
            "an id has letters, digits and underscores and starts with a letter", "Rename it, such as 'roof_pv'."
        )
    return cell


def _number(cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Refused("this must be a finite number", "Write such as 0.5.")
    return number


def _whole(cell: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", cell):
        raise Refused("this must be a whole number", "Write such as 12.")
    return int(cell)


def between(read: Callable[[str], Any], low: float, high: float) -> Callable[[str], Any]:
    """Return a reader of a number that lies within bounds."""

    def read_within(cell: str) -> Any:
        number = read(cell)
        if not low <= number <= high:
            raise Refused(f"this lies within {low:g} and {high:g}", f"Write {low:g} to {high:g}.")
        return number

    return read_within


def _switch(cell: str) -> bool:
    if cell not in ("0", "1"):
        raise Refused("a switch is 0 or 1", "Write 0 (no) or 1 (yes).")
    return cell == "1"


def one_of(*words: str) -> Callable[[str], str]:
    """Return a reader of a cell that holds one of a few words."""

    def read(cell: str) -> str:
        if cell not in words:
            raise Refused("this word is not allowed", suggestion(cell, words, "words"))
        return cell

    return read


def some_of(*words: str) -> Callable[[str], tuple[str, ...]]:
    """Return a reader of a cell that holds several words with semicolons; no words: any ids."""
    read = one_of(*words) if words else _word

    def read_all(cell: str) -> tuple[str, ...]:
        return tuple(read(part) for part in cell.split(";"))

    return read_all


def or_empty(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a reader of a cell that may be empty: None where it is."""
    return lambda cell: read(cell) if cell.strip() else None


Free = Annotated[str, str]
Text = Annotated[str, _text]
Chinese = Annotated[str, _chinese]
Word = Annotated[str, _word]
Number = Annotated[float, _number]
Whole = Annotated[int, _whole]
Life = Annotated[float, between(_number, 0.25, 1000)]
"""Years that equipment lasts: at least a quarter."""
Lag = Annotated[int, between(_whole, 0, 400)]
"""Quarters from order to service."""
Switch = Annotated[bool, _switch]
OptionalWord = Annotated[str | None, or_empty(_word)]
OptionalNumber = Annotated[float | None, or_empty(_number)]
OptionalWhole = Annotated[int | None, or_empty(_whole)]
Words = Annotated[tuple[str, ...], some_of()]
Grade = Annotated[str, one_of("D", "S", "K", "A")]
Confidence = Annotated[str, one_of("high", "medium", "low")]


def package_data() -> Traversable:
    """Return the folder of the tables that ship with the package."""
    return files("transition_sim.scenarios") / "data"


@dataclass(frozen=True)
class _Lines:
    """A file taken apart: its header and (line, cells) of each row."""

    file: str
    header: list[str]
    rows: list[tuple[int, list[str]]]


def _lines(name: str, folder: Path | None) -> _Lines:
    file = f"{name}.csv"
    place = (folder or package_data()) / file
    if not place.is_file():
        raise ScenarioError([Fault(file, None, "table", "", "the table is missing", "Put the file back.")])
    try:
        text = place.read_bytes().decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        cells = [(reader.line_num, row) for row in reader if row]
    except (UnicodeDecodeError, csv.Error) as error:
        rule = f"the file is not CSV in UTF-8 ({error})"
        raise ScenarioError([Fault(file, None, "table", "", rule, "Save it as comma-separated UTF-8.")]) from error
    return _Lines(file, cells[0][1] if cells else [], cells[1:])


def read_table(
    name: str,
    record: type[Record],
    key: tuple[str, ...] = ("id",),
    folder: Path | None = None,
    known: Known | None = None,
) -> tuple[Record, ...]:
    """Return the rows of a table as records, in the order of the file.

    Parameters
    ----------
    name : str
        Of the file, without ``.csv``.
    record : dataclass
        Each field is a column; its annotation says how a cell is read. ``RANGES`` names columns that must stand in
        order: (low, value, high).
    key : tuple of str
        Columns that together name a row.
    folder : Path, optional
        Of the tables; the package's own by default.
    known : mapping, optional
        Ids that a column may hold; an empty cell passes.

    Raises
    ------
    ScenarioError
        With every fault of the table: file, line, field, value, rule, remedy.
    """
    lines = _lines(name, folder)
    columns = columns_of(record)
    faults = list(_header_faults(lines, columns))
    if faults:
        raise ScenarioError(faults)
    found: list[Record] = []
    first: dict[str, int] = {}
    for line, cells in lines.rows:
        if len(cells) != len(lines.header):
            rule = f"the row has {len(cells)} cells, the header {len(lines.header)}"
            faults.append(Fault(lines.file, line, "row", shown(cells[0]), rule, "Quote text that holds a comma."))
            continue
        raw = dict(zip(lines.header, cells, strict=True))
        row = " ".join(raw[k] for k in key)
        values, wrong = _read_row(raw, columns, known or {})
        if row in first:
            wrong.append((" ".join(key), row, f"the row is given twice, first in line {first[row]}", "Delete one."))
        first.setdefault(row, line)
        if not wrong:
            item = record(**values)
            wrong = list(_range_faults(item))
            found.append(item)
        faults += [Fault(lines.file, line, f"{row}.{field}", shown(v), *words) for field, v, *words in wrong]
    if faults:
        raise ScenarioError(faults)
    return tuple(found)


def columns_of(record: type) -> dict[str, Callable[[str], Any]]:
    """Return column -> reader of its cells."""
    hints = get_type_hints(record, include_extras=True)
    return {f.name: get_args(hints[f.name])[1] for f in fields(record)}


def _header_faults(lines: _Lines, columns: Mapping[str, Any]) -> Iterator[Fault]:
    for column in columns:
        if column not in lines.header:
            yield Fault(lines.file, 1, column, "", "the column is missing", "Add the column.")
    for column in lines.header:
        if column not in columns:
            yield Fault(lines.file, 1, shown(column), "", "unknown column", suggestion(column, columns, "columns"))
    if len(set(lines.header)) < len(lines.header):
        yield Fault(lines.file, 1, "header", "", "a column is given twice", "Delete one of the two.")


def _read_row(
    raw: Mapping[str, str], columns: Mapping[str, Any], known: Known
) -> tuple[dict[str, Any], list[tuple[str, str, str, str]]]:
    """Return the values of a row, and (field, value, rule, remedy) of each cell that cannot be read."""
    values, wrong = {}, []
    for field, read in columns.items():
        cell = raw[field]
        try:
            values[field] = read(cell)
        except Refused as error:
            wrong.append((field, cell, error.rule, error.remedy))
            continue
        if field in known and cell and cell not in known[field]:
            wrong.append((field, cell, "there is no such id", suggestion(cell, known[field], f"{field} ids")))
    return values, wrong


def _range_faults(item: Any) -> Iterator[tuple[str, str, str, str]]:
    for low, field, high in getattr(item, "RANGES", ()):
        bottom, value, top = getattr(item, low), getattr(item, field), getattr(item, high)
        if not bottom <= value <= top:
            yield field, f"{value:g}", f"the value lies outside {bottom:g} to {top:g}", f"Correct it, {low} or {high}."
