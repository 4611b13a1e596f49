"""What is wrong with an uploaded file, in Chinese: the sentences of the checks that a visitor can meet."""

import csv
import re
from functools import cache
from pathlib import Path

from transition_sim.viz.words import Words


@cache
def _sentences() -> tuple[tuple[re.Pattern[str], str], ...]:
    with (Path(__file__).parent / "fault_words.csv").open(encoding="utf-8", newline="") as file:
        return tuple((re.compile(row["en"]), row["zh"]) for row in csv.DictReader(file))


def in_words(sentence: str, words: Words) -> str:
    """Return a rule or a remedy in the language; a sentence that is not listed stays English."""
    if not words.is_chinese:
        return sentence
    for pattern, zh in _sentences():
        found = pattern.fullmatch(sentence)
        if found:
            return found.expand(zh)
    return sentence
