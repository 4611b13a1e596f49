"""What is asked: places, policies, overlays, the tables of levers, parameters and technologies."""

from transition_sim.scenarios.library import list_places, list_policies, list_shocks
from transition_sim.scenarios.scenario import Scenario, check_file, load_scenario

__all__ = ["Scenario", "check_file", "list_places", "list_policies", "list_shocks", "load_scenario"]
