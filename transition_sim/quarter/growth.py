"""Phase 3, new plant: capacity that enterprises want for their orders, reviewed and financed like a project (SM02)."""

import numpy as np

from transition_sim.core.tables import allocate
from transition_sim.world.markets.credit import APPLICATIONS
from transition_sim.world.policy.access import approve
from transition_sim.world.world import World

NO_REVIEW_STRICTNESS = 2.0
"""Neutral value of the lever: from there on nothing is reviewed."""


def growth_applications(world: World) -> np.ndarray:
    """Return the applications for new plant; in reviewed and saturated sectors it is not approved (L13)."""
    plans, state, constants = world.plans, world.state, world.constants
    rows = np.flatnonzero((plans.growth_capacity_cny > 0) & state["finance"]["is_alive"])
    strictness = world.lever("access_strictness")
    if rows.size and strictness < NO_REVIEW_STRICTNESS:
        sector, none = constants.sector[rows], np.zeros(rows.size)
        approved = approve(
            constants.is_reviewed[sector], none, none, strictness, sector_utilisation(world)[sector],
            world.parameter("access_saturation_share"), plans.growth_capacity_cny[rows],
        )  # fmt: skip
        rows = rows[approved]
    applications = allocate(APPLICATIONS, rows.size)
    applications["enterprise"] = rows
    applications["cost_cny"] = plans.growth_cost_cny[rows]
    added = plans.growth_capacity_cny[rows] - state["production"]["capacity_cny"][rows]
    margin = state["prices"]["price_index"][rows] - state["prices"]["unit_cost_index"][rows]
    applications["saving_cny_per_year"] = np.maximum(0.0, 4.0 * added * margin)
    applications["is_brown"] = constants.is_two_high[rows]
    return applications


def sector_utilisation(world: World) -> np.ndarray:
    """Return output over capacity by sector, shape (S,); 1 where a sector has no capacity."""
    production, constants = world.state["production"], world.constants
    alive = world.state["finance"]["is_alive"]
    capacity = np.bincount(constants.sector, production["capacity_cny"] * alive, constants.n_sectors)
    output = np.bincount(constants.sector, production["output_cny"] * alive, constants.n_sectors)
    return np.where(capacity > 0, output / np.where(capacity > 0, capacity, 1.0), 1.0)


def settle_growth(world: World, rows: np.ndarray, is_financed: np.ndarray) -> None:
    """Build what is financed; the rest is given up and planned anew at the end of the quarter."""
    plans, built = world.plans, rows[is_financed]
    world.state["production"]["capacity_cny"][built] = plans.growth_capacity_cny[built]
    world.state["flows"]["growth_capex_cny"][built] = plans.growth_cost_cny[built]
    plans.growth_capacity_cny[:] = 0.0
    plans.growth_cost_cny[:] = 0.0
