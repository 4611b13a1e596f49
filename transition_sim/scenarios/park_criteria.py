"""What the two park tests ask, as tables: the national zero-carbon park, and the provincial near-zero park (SM25).

The two are different tests. The first asks for a level (CO2 per unit of energy), the second for a trend and for deeds;
they share no row, and no verdict of one says anything about the other.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.scenarios.messages import suggestion
from transition_sim.scenarios.table_reader import (
    Chinese,
    Confidence,
    Free,
    Grade,
    Number,
    OptionalNumber,
    OptionalWord,
    Text,
    Word,
    one_of,
    read_table,
)

KINDS = ("condition", "core", "guiding", "practice")
TRACKS = ("management", "energy", "saving")
Complaint = tuple[str, str, str, str]
"""(field, value, rule, remedy)."""


@dataclass(frozen=True)
class ZeroCarbonCriterion:
    """A condition, threshold or guiding indicator of the zero-carbon park.

    ``condition`` opens the door, ``core`` decides, ``guiding`` and ``practice`` are reported and veto nothing. The
    threshold stands in ``value`` or in a parameter. ``column`` is a column of the annual results, ``a/b`` a ratio of
    two; where a guiding indicator has none, the reason stands beside it.
    """

    id: Word
    kind: Annotated[str, one_of(*KINDS)]
    key: Word
    name_en: Text
    name_zh: Chinese
    comparison: Annotated[str, one_of("at_least", "at_most")]
    value: OptionalNumber
    parameter: OptionalWord
    unit: Text
    column: Free
    reason_en: Free
    reason_zh: Free
    grade: Grade
    source: Text
    confidence: Confidence

    def limit(self, parameters: Mapping[str, float]) -> float:
        """Return the threshold in the unit of the row."""
        return float(parameters[self.parameter]) if self.parameter is not None else float(self.value or 0.0)

    def holds(self, found: float, limit: float) -> bool:
        """Return whether a figure keeps the threshold; a figure at the threshold does."""
        return found >= limit if self.comparison == "at_least" else found <= limit


@dataclass(frozen=True)
class NearZeroCriterion:
    """A part of the score of a track of the near-zero park.

    ``level``: the figure of the year; ``fall``: its fall since the base year, share. The score is 0 at ``zero_value``
    and 100 at ``full_value``, linear between; ``weight`` is within the track.
    """

    id: Word
    track: Annotated[str, one_of(*TRACKS)]
    key: Word
    name_en: Text
    name_zh: Chinese
    kind: Annotated[str, one_of("level", "fall")]
    column: Text
    zero_value: Number
    full_value: Number
    weight: Number
    unit: Text
    grade: Grade
    source: Text
    confidence: Confidence


Row = TypeVar("Row", ZeroCarbonCriterion, NearZeroCriterion)


def read_zero_carbon(parameters: tuple[str, ...], folder: Path | None = None) -> Mapping[str, ZeroCarbonCriterion]:
    """Return the rows of the zero-carbon park by key.

    Raises
    ------
    ScenarioError
        With every fault of the table.
    """
    rows = read_table("zero_carbon_criteria", ZeroCarbonCriterion, ("key",), folder)
    return _checked("zero_carbon_criteria.csv", rows, lambda row: _zero_carbon_faults(row, parameters))


def _zero_carbon_faults(row: ZeroCarbonCriterion, parameters: tuple[str, ...]) -> Iterator[Complaint]:
    if (row.value is None) == (row.parameter is None):
        yield "value", "", "the threshold stands in a value or in a parameter", "Give one of the two."
    if row.parameter is not None and row.parameter not in parameters:
        remedy = suggestion(row.parameter, parameters, "parameters")
        yield "parameter", row.parameter, "there is no such parameter", remedy
    needs_reason = row.kind in ("guiding", "practice") and not row.column
    if needs_reason != bool(row.reason_en.strip() and row.reason_zh.strip()):
        rule = "an indicator has a column or a reason why it is not modelled"
        yield "column", row.column, rule, "Give one of the two, the reason in both languages."


def read_near_zero(folder: Path | None = None) -> Mapping[str, NearZeroCriterion]:
    """Return the rows of the near-zero park by key.

    Raises
    ------
    ScenarioError
        With every fault of the table.
    """
    rows = read_table("near_zero_criteria", NearZeroCriterion, ("key",), folder)
    return _checked("near_zero_criteria.csv", rows, _near_zero_faults)


def _near_zero_faults(row: NearZeroCriterion) -> Iterator[Complaint]:
    if row.zero_value == row.full_value:
        yield "full_value", f"{row.full_value:g}", "the scores 0 and 100 stand at one figure", "Move one of the two."
    if row.weight <= 0:
        yield "weight", f"{row.weight:g}", "a weight is above 0", "Delete the row instead."


def _checked(file: str, rows: tuple[Row, ...], complain: Callable[[Row], Iterator[Complaint]]) -> Mapping[str, Row]:
    faults = [
        Fault(file, None, f"{row.id}.{field}", value, rule, remedy)
        for row in rows
        for field, value, rule, remedy in complain(row)
    ]
    if faults:
        raise ScenarioError(faults)
    return {row.key: row for row in rows}
