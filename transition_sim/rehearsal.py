"""A run that is thrown away: it calls the rules of a run, so that they are compiled, in a second process."""

import warnings

import numpy as np

from transition_sim.build import unproven_world
from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.model import TransitionModel
from transition_sim.quarter import city, government, investment
from transition_sim.scenarios.scenario import load_scenario

FIRST_QUARTER = QUARTERS_PER_YEAR
"""Levers that the base year does not know are pulled, and what is done once a year is done."""
QUARTERS = 2 * QUARTERS_PER_YEAR


def rehearse() -> None:
    """Run two years of a world that has not lived the years before them.

    The phases that those years leave out come first: the process that lives them compiles the others meanwhile. Types
    are all that matters here; the figures of such a world mean nothing and go nowhere.
    """
    world = unproven_world(load_scenario("guangan_city", policy="current"))
    world.quarter = FIRST_QUARTER
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for phase in (investment.plan, investment.commission, city.live, government.open_programmes):
            phase(world)
        model = TransitionModel(world)
        for _ in range(QUARTERS):
            model.step()
