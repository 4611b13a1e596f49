"""Where the values of levers come from, in Chinese."""

from pathlib import Path

from transition_sim.scenarios.words.phrases import Phrases

SOURCES = Phrases(Path(__file__).parent / "sources.csv")
