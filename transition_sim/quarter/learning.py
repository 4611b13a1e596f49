"""Phase 11: what the quarter leaves behind: costs remembered, commitments, market shares, plans for capacity."""

import numpy as np

from transition_sim.agents.peers import commit, update_buyer_pressure
from transition_sim.world.prices import update_market_shares
from transition_sim.world.production import plan_capacity
from transition_sim.world.services import remember_costs
from transition_sim.world.world import World


def update(world: World) -> None:
    """Update memory, buyers' pressure, commitments, market shares and the capacity that enterprises want."""
    state, p, graph = world.state, world.params[0], world.state.graph
    remember_costs(state.slots, state["finance"]["ownership"], p["expectation_speed"], p["expectation_speed_soe"])
    if world.frozen:
        return
    update_buyer_pressure(
        state["conduct"], state["production"], graph.buyer_start, graph.buyer, graph.buyer_edge, graph.weight,
        world.constants.local_input, world.params, world.levers,
    )  # fmt: skip
    commit(
        state["conduct"], state["finance"], world.params, world.levers, world.quarter,
        world.uniforms("commit", state.n_enterprises),
    )  # fmt: skip
    update_market_shares(
        state["production"], state["prices"], state["finance"], world.constants.sector,
        p["replicator_speed_per_quarter"], p["share_growth_limit_per_quarter"],
        np.zeros((2, world.constants.n_sectors)),
    )  # fmt: skip
    conduct = state["conduct"]
    conduct["audit_quarters_left"] = np.maximum(0, conduct["audit_quarters_left"] - 1)
    _count_kiln_days(world)
    _want_capacity(world)


def _count_kiln_days(world: World) -> None:
    production, plans = world.state["production"], world.plans
    full = production["capacity_cny"] * world.params[0]["utilisation_max_share"]
    days = 0.25 * world.params[0]["days_per_year"] * production["output_cny"] / np.where(full > 0, full, 1.0)
    plans.ran_days[:, world.quarter_of_year] = days
    plans.idle_quarters = np.where(days > 0, 0.0, plans.idle_quarters + 1.0)


def _want_capacity(world: World) -> None:
    """Let capacity that is not needed go at once; note what is wanted beyond it, to be reviewed and financed."""
    production, plans, constants = world.state["production"], world.plans, world.constants
    before = production["capacity_cny"].copy()
    plan_capacity(
        production, world.state["finance"], constants.season[:, world.quarter_of_year].copy(),
        constants.capital_per_output, world.params[0]["utilisation_max_share"], world.params[0]["expectation_speed"],
        plans.growth_cost_cny,
    )  # fmt: skip
    wanted = production["capacity_cny"].copy()
    grows = wanted > before
    plans.growth_capacity_cny = np.where(grows, wanted, 0.0)
    production["capacity_cny"] = np.where(grows, before, wanted)
