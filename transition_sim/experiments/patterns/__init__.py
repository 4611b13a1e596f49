"""The patterns that the model must reproduce, measured over seeds, beside four null models (specification 1.3, 4.3)."""

from transition_sim.experiments.patterns.bench import Bench, Judged, run_bench
from transition_sim.experiments.patterns.table import Pattern, PatternTest, patterns, tests_of

__all__ = ["Bench", "Judged", "Pattern", "PatternTest", "patterns", "run_bench", "tests_of"]
