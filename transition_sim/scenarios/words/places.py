"""Sources and notes of the places of the library, in Chinese."""

from pathlib import Path

from transition_sim.scenarios.words.phrases import Phrases

PLACES = Phrases(Path(__file__).parent / "places.csv")


def of_a_place(text: str, is_chinese: bool) -> str:
    """Return a source or a note of a place in the language; what is not listed stays as it is."""
    return PLACES.in_chinese(text) if is_chinese else text
