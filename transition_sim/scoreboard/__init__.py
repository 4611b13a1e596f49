"""The scoreboard of the plans (SM25): every target that concerns a place, over an ensemble of seeds. No rank."""

from transition_sim.scoreboard.assessment import STATUSES, Assessment, Ensemble, assess
from transition_sim.scoreboard.ensemble import (
    Sample,
    Scoreboard,
    from_runs,
    from_samples,
    sample_of,
    scoreboard,
    targets_of,
)

__all__ = [
    "STATUSES", "Assessment", "Ensemble", "Sample", "Scoreboard", "assess", "from_runs", "from_samples", "sample_of",
    "scoreboard", "targets_of",
]  # fmt: skip
