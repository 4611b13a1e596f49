"""Every measure that a target can name, by key."""

from transition_sim.scoreboard.circular_measures import CIRCULAR_MEASURES
from transition_sim.scoreboard.city_measures import CITY_MEASURES
from transition_sim.scoreboard.measures import TARGET_MEASURES

ALL_MEASURES = (*TARGET_MEASURES, *CITY_MEASURES, *CIRCULAR_MEASURES)
BY_KEY = {measure.key: measure for measure in ALL_MEASURES}
