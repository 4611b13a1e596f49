"""The scoreboard of the plans (SM25): every target that concerns a place, over an ensemble of seeds. No rank."""

from transition_sim.scoreboard.assessment import STATUSES, Assessment, Ensemble, assess
from transition_sim.scoreboard.ensemble import Scoreboard, from_runs, scoreboard, targets_of

__all__ = ["STATUSES", "Assessment", "Ensemble", "Scoreboard", "assess", "from_runs", "scoreboard", "targets_of"]
