"""What the model rests on: every parameter with range, grade and source; and what it cannot tell."""

from collections import Counter
from typing import Any

from transition_sim.scenarios import registry
from transition_sim.viz.formatting import plain_number
from transition_sim.viz.words import Words

GRADES = ("D", "S", "K", "A")
LIMITS = tuple(f"limit_{k}" for k in range(1, 9))


def cannot_tell(words: Words) -> list[str]:
    """Return what the model cannot tell, a sentence each."""
    return [words(key) for key in LIMITS]


def parameter_rows(words: Words) -> list[list[Any]]:
    """Return a row a parameter: name, value, range, unit, submodel, grade, confidence, source, help."""
    return [
        [
            words.of(row), plain_number(row.value),
            "–" if row.low == row.high else f"{plain_number(row.low)} – {plain_number(row.high)}",
            words.unit(row.unit), row.submodel, row.grade, words(f"confidence_{row.confidence}"),
            words.source(row.source), words.of(row, "help"), row.key,
        ]
        for row in registry.parameters().values()
    ]  # fmt: skip


def grade_counts(words: Words) -> list[dict[str, Any]]:
    """Return how many parameters there are of each grade."""
    found = Counter(row.grade for row in registry.parameters().values())
    return [{"id": g, "name": words(f"grade_{g}"), "n": found[g]} for g in GRADES if found[g]]
