"""Which part of the model answers which clause of a plan: found in the sources, so that it cannot rot (part 6).

A submodel lives in the modules whose docstring names it, a lever where its key is read, an indicator where something
computes it. Nothing here is typed in twice: a room that goes away takes its clauses with it.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from transition_sim.scenarios import registry
from transition_sim.scenarios.clauses import Clause, clauses

PACKAGE = Path(__file__).resolve().parents[1]
ACTING = ("agents/", "quarter/", "world/")
"""Where levers act."""
NAMING_TABLES = ("levers", "clauses", "targets", "indicators", "parameters")
COMPUTING = ("quarter/", "world/", "scoreboard/")
"""Where indicators are computed; other floors only show them."""
_ID = re.compile(r"\b(?:SM|[LIABM])[0-9]{2}\b")
MODELLED, IN_PART, NOT_MODELLED = "modelled", "in part", "not modelled"
STATUS_ZH = {MODELLED: "已建模", IN_PART: "部分建模", NOT_MODELLED: "未建模"}


@dataclass(frozen=True)
class Trace:
    """A clause with what answers it.

    Attributes
    ----------
    clause : Clause
    rooms : mapping of element to tuple of str
        Modules, relative to the package; empty where nothing answers the element.
    tests : tuple of str
        Ids of the tests and invariants of the specification that the clause names.
    status : str
        ``modelled``: every element is answered; ``in part``; ``not modelled``.
    """

    clause: Clause
    rooms: Mapping[str, tuple[str, ...]]
    tests: tuple[str, ...]
    status: str

    @property
    def missing(self) -> tuple[str, ...]:
        """Elements that nothing answers."""
        return tuple(element for element, rooms in self.rooms.items() if not rooms)


@cache
def sources() -> Mapping[str, str]:
    """Return path below the package -> text, of every module."""
    return {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def _named_in_docstrings() -> Mapping[str, tuple[str, ...]]:
    """Return id of the specification -> modules whose own docstring names it."""
    found: dict[str, list[str]] = {}
    for path, text in sources().items():
        for name in sorted(set(_ID.findall(ast.get_docstring(ast.parse(text)) or ""))):
            found.setdefault(name, []).append(path)
    return {name: tuple(paths) for name, paths in found.items()}


def _modules_with(pattern: str) -> tuple[str, ...]:
    wanted = re.compile(pattern)
    return tuple(path for path, text in sources().items() if wanted.search(text))


@cache
def _rule_tables() -> Mapping[str, str]:
    """Return path -> text of tables that rules read; lists of levers, clauses and targets only name things."""
    paths = sorted((PACKAGE / "scenarios" / "data").glob("*.csv"))
    return {p.relative_to(PACKAGE).as_posix(): p.read_text("utf-8") for p in paths if p.stem not in NAMING_TABLES}


def _tables_with(keys: list[str]) -> tuple[str, ...]:
    wanted = re.compile("|".join(rf"\b{re.escape(key)}\b" for key in keys))
    return tuple(path for path, text in _rule_tables().items() if wanted.search(text))


def _lever_rooms(element: str) -> tuple[str, ...]:
    keys = [row.key for row in registry.levers().values() if row.id == element and row.acts]
    if not keys:
        return ()
    found = _modules_with("|".join(rf"\b{re.escape(key)}\b" for key in keys))
    return tuple(path for path in found if path.startswith(ACTING)) + _tables_with(keys)


def _indicator_rooms(element: str) -> tuple[str, ...]:
    row = next((row for row in registry.indicators().values() if row.id == element), None)
    if row is None or not row.acts:
        return ()
    pattern = rf'"{re.escape(row.columns[0])}"' if row.columns else rf"\b{element}\b"
    return tuple(path for path in _modules_with(pattern) if path.startswith(COMPUTING))


def _library_rooms(kind: str, name: str) -> tuple[str, ...]:
    if kind == "technology":
        return ("scenarios/data/technologies.csv",) if name in registry.technology_ids() else ()
    folder = "places" if kind == "place" else "studies"
    path = PACKAGE / "scenarios" / "library" / folder / f"{name}.yaml"
    return (path.relative_to(PACKAGE).as_posix(),) if path.is_file() else ()


@cache
def rooms_of(element: str) -> tuple[str, ...]:
    """Return the modules and files that answer an element, relative to the package; none where it is not modelled."""
    if ":" in element:
        return _library_rooms(*element.split(":", 1))
    if element.startswith("L"):
        return _lever_rooms(element)
    if element.startswith("I"):
        return _indicator_rooms(element)
    return _named_in_docstrings().get(element, ())


def trace(clause: Clause) -> Trace:
    """Return what answers a clause."""
    tests = tuple(element for element in clause.elements if element[0] in "ABM")
    rooms = {element: rooms_of(element) for element in clause.elements if element not in tests}
    answered = sum(bool(found) for found in rooms.values())
    status = NOT_MODELLED if answered == 0 else MODELLED if answered == len(rooms) else IN_PART
    return Trace(clause, rooms, tests, status)


def traces() -> tuple[Trace, ...]:
    """Return every clause with what answers it, in the order of the documents."""
    return tuple(trace(clause) for clause in clauses().values())
