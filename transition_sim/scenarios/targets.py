"""Targets of plans and programmes as a table: what, how much, by when, for which places, and what computes it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.scenarios.table_reader import (
    Chinese,
    Confidence,
    Free,
    Grade,
    OptionalNumber,
    OptionalWhole,
    OptionalWord,
    Switch,
    Text,
    Whole,
    Word,
    Words,
    one_of,
    read_table,
)

DIRECTIONS = ("at_least", "at_most", "by_year", "falling", "rising")
DIMENSIONS = ("emission_path", "energy_system", "industry", "finance_fairness", "capability", "replicability")
FIRST_YEAR, LAST_YEAR = 2015, 2100


@dataclass(frozen=True)
class Target:
    """A target that a plan states, in words of our own.

    ``places`` are ids of places, or kinds of places (park, county, city). ``value`` is empty where the plan states a
    direction without a number. ``year_is_stated`` is False where the plan gives no year and the year is our reading.
    ``base_year`` is the year that a change counts from; empty: the first year of a run. ``measure`` is the key of what
    computes it (``transition_sim.scoreboard.measures``); where it is empty, the reason stands beside it. Grade D: the
    number stands in the document; A: the document has words only and the number or the sense is our reading.
    """

    id: Word
    indicator: Free
    dimension: Annotated[str, one_of(*DIMENSIONS)]
    places: Words
    name_en: Text
    name_zh: Chinese
    value: OptionalNumber
    unit: Text
    year: Whole
    year_is_stated: Switch
    direction: Annotated[str, one_of(*DIRECTIONS)]
    base_year: OptionalWhole
    measure: OptionalWord
    reason_en: Free
    reason_zh: Free
    grade: Grade
    source: Text
    confidence: Confidence

    @property
    def is_modelled(self) -> bool:
        """Whether something computes it."""
        return self.measure is not None

    def concerns(self, place_id: str, place_kind: str, programme: str | None = None) -> bool:
        """Return whether the target is one of a place, or of each member of a programme that it takes part in."""
        return any(name in self.places for name in (place_id, place_kind, programme))


def read_targets(indicator_ids: tuple[str, ...], folder: Path | None = None) -> Mapping[str, Target]:
    """Return the targets by id.

    Raises
    ------
    ScenarioError
        With every fault of the table.
    """
    rows = read_table("targets", Target, ("id",), folder, {"indicator": indicator_ids})
    faults = [
        Fault("targets.csv", None, f"{row.id}.{field}", value, rule, remedy)
        for row in rows
        for field, value, rule, remedy in _faults(row)
    ]
    if faults:
        raise ScenarioError(faults)
    return {row.id: row for row in rows}


def _faults(row: Target) -> Iterator[tuple[str, str, str, str]]:
    """Yield (field, value, rule, remedy) of what does not fit together in a row."""
    has_reason = bool(row.reason_en.strip() and row.reason_zh.strip())
    if not row.is_modelled and not has_reason:
        yield "measure", "", "a target has a measure or a reason why it is not modelled", "Give one of the two."
    if row.is_modelled and (row.reason_en or row.reason_zh):
        yield "reason_en", row.reason_en, "a target with a measure needs no reason", "Delete the reason or the measure."
    if not FIRST_YEAR <= row.year <= LAST_YEAR:
        yield "year", str(row.year), f"the year lies outside {FIRST_YEAR} to {LAST_YEAR}", "Correct the year."
    if row.base_year is not None and not FIRST_YEAR <= row.base_year < row.year:
        yield (
            "base_year",
            str(row.base_year),
            "a change counts from a year before the target's",
            "Correct one of the two.",
        )
    if row.is_modelled and row.value is None and row.direction not in ("falling", "rising"):
        yield "value", "", f"a target '{row.direction}' needs a number", "Give the number, or take falling or rising."
    if row.value is not None and row.direction in ("falling", "rising"):
        yield "value", f"{row.value:g}", f"a target '{row.direction}' has no number", "Take at_most or at_least."
    if row.direction == "by_year" and row.value != row.year:
        yield "value", f"{row.value}", "the value of a target 'by_year' is its year", "Write the year in both columns."
