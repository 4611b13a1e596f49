"""What parts, variants and questions of the studies of the library are called in English and Chinese."""

import csv
from functools import cache
from pathlib import Path
from typing import Literal

Kind = Literal["part", "variant", "question"]


@cache
def study_words() -> dict[tuple[str, str], tuple[str, str]]:
    """Return English and Chinese by (kind, id)."""
    with (Path(__file__).parent / "studies.csv").open(encoding="utf-8", newline="") as file:
        return {(row["kind"], row["id"]): (row["en"], row["zh"]) for row in csv.DictReader(file)}


def study_word(kind: Kind, id: str) -> tuple[str, str]:
    """Return what a part or a variant is called; one that is not of the library keeps its id."""
    return study_words().get((kind, id), (id, id))


def question_in_chinese(study: str, question: str) -> str:
    """Return the question of a study in Chinese; one that is asked anew stays as it is."""
    english, chinese = study_word("question", study)
    return chinese if question == english else question
