"""Clauses of the plans and programmes as a table: what each asks for, and what of the model answers it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.scenarios import registry
from transition_sim.scenarios.table_reader import Chinese, Free, Refused, Text, Word, one_of, read_table

DOCUMENTS: Mapping[str, tuple[str, str]] = {
    "pilot_assessment": ("Assessment of near-zero-carbon pilot parks", "近零碳园区试点评估报告"),
    "near_zero_programme": ("Near-zero-carbon park programme of Sichuan", "四川省近零碳排放园区试点"),
    "peak_pilots": ("National carbon-peak pilots", "国家碳达峰试点"),
    "zero_carbon_notice": ("Notice on zero-carbon parks", "零碳园区建设通知"),
    "guangan_plan": ("Carbon-peak plan of Guang'an", "广安市碳达峰实施方案"),
}
"""Document -> its name in English and Chinese."""
KINDS = ("instrument", "target", "principle", "indicator", "actor")
_ELEMENT = re.compile(r"(?:SM|[LIABM])[0-9]{2}|(?:place|study|technology):[a-z][a-z0-9_]*")


def _elements(cell: str) -> tuple[str, ...]:
    parts = tuple(cell.split(";")) if cell else ()
    for part in parts:
        if not _ELEMENT.fullmatch(part):
            raise Refused(
                f"'{part}' names nothing that a model has", "Write such as SM14, L09, I05, B12 or place:guangan_city."
            )
    return parts


@dataclass(frozen=True)
class Clause:
    """What a document asks for, in words of our own; a clause with a target takes the words of the target's row.

    ``elements`` are submodels (SM), levers (L), indicators (I), analytic tests (A), invariants (B), monotonic responses
    (M) of the specification, places, studies or technologies. A clause without any carries the reason.
    """

    id: Word
    document: Annotated[str, one_of(*DOCUMENTS)]
    kind: Annotated[str, one_of(*KINDS)]
    name_en: Free
    name_zh: Free
    elements: Annotated[tuple[str, ...], _elements]
    reason_en: Free
    reason_zh: Free


@dataclass(frozen=True)
class Submodel:
    """A submodel of the specification and its name."""

    id: Word
    name_en: Text
    name_zh: Chinese


@cache
def submodels() -> Mapping[str, Submodel]:
    """Return the submodels by id."""
    return {row.id: row for row in read_table("submodels", Submodel)}


@cache
def clauses() -> Mapping[str, Clause]:
    """Return the clauses by id, each with its words."""
    return read_clauses()


def read_clauses(folder: Path | None = None) -> Mapping[str, Clause]:
    """Return the clauses of a table by id.

    Raises
    ------
    ScenarioError
        With every fault of the table.
    """
    rows = [_named(row) for row in read_table("clauses", Clause, ("id",), folder)]
    faults = [
        Fault("clauses.csv", None, f"{row.id}.{field}", value, rule, remedy)
        for row in rows
        for field, value, rule, remedy in _faults(row)
    ]
    if faults:
        raise ScenarioError(faults)
    return {row.id: row for row in rows}


def _named(row: Clause) -> Clause:
    target = registry.targets().get(row.id)
    if target is None or row.name_en or row.name_zh:
        return row
    return Clause(**{**vars(row), "name_en": target.name_en, "name_zh": target.name_zh})


def _faults(row: Clause) -> Iterator[tuple[str, str, str, str]]:
    """Yield (field, value, rule, remedy) of what does not fit together in a row."""
    if not (row.name_en.strip() and row.name_zh.strip()):
        yield "name_en", "", "a clause has words in both languages, or a target of its id", "Give the words."
    has_reason = bool(row.reason_en.strip() and row.reason_zh.strip())
    if not row.elements and not has_reason:
        yield "elements", "", "a clause has elements of the model or a reason why not", "Give one of the two."
    if row.elements and has_reason:
        yield "reason_en", row.reason_en, "a clause with elements needs no reason", "Delete one of the two."
