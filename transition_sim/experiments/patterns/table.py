"""The table of patterns and of the tests that each of them must pass: ranges of the literature, never of the model."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Annotated

from transition_sim.scenarios.table_reader import (
    Chinese,
    Free,
    Grade,
    OptionalNumber,
    OptionalWord,
    Text,
    Word,
    one_of,
    read_table,
)

Kind = Annotated[str, one_of("C", "Q")]


@dataclass(frozen=True)
class Pattern:
    """One pattern: C is a target of calibration, Q a check of structure."""

    id: Word
    kind: Kind
    name_en: Text
    name_zh: Chinese
    range_en: Text
    range_zh: Chinese
    grade: Grade
    source: Text


@dataclass(frozen=True)
class PatternTest:
    """A number that a pattern asks for.

    Attributes
    ----------
    pattern : str
    measure : str
        Key of a measure, see ``patterns.measures``; one that nothing computes counts as failing.
    place : str or None
        A place that the pattern is about, whichever place is asked for.
    unit, low, high
        The median over the seeds must lie from low to high; None: open.
    note_en, note_zh : str
        What is known of the reason where it fails.
    """

    pattern: Word
    measure: Word
    place: OptionalWord
    unit: Text
    low: OptionalNumber
    high: OptionalNumber
    name_en: Text
    name_zh: Chinese
    note_en: Free
    note_zh: Free

    def holds(self, value: float) -> bool:
        """Tell whether a value lies in the range; nan never does."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high) and value == value


@cache
def patterns() -> dict[str, Pattern]:
    """Return the patterns by id.

    Raises
    ------
    ScenarioError
        With every fault of the table.
    """
    with as_file(files("transition_sim.scenarios") / "library" / "patterns") as folder:
        return {row.id: row for row in read_table("patterns", Pattern, folder=folder)}


@cache
def pattern_tests() -> tuple[PatternTest, ...]:
    """Return the tests of all patterns in the order of the table.

    Raises
    ------
    ScenarioError
        With every fault of the table.
    """
    known = {"pattern": tuple(patterns())}
    with as_file(files("transition_sim.scenarios") / "library" / "patterns") as folder:
        return read_table("tests", PatternTest, ("pattern", "measure"), folder, known)


def tests_of(pattern: str) -> tuple[PatternTest, ...]:
    """Return the tests of a pattern."""
    return tuple(test for test in pattern_tests() if test.pattern == pattern)
