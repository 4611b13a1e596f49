"""Phase 11: what the quarter leaves behind: costs remembered, commitments, market shares, plans for capacity."""

import numpy as np

from transition_sim.agents.peers import commit, update_buyer_pressure
from transition_sim.world.prices import update_market_shares
from transition_sim.world.production import count_kiln_days, plan_capacity
from transition_sim.world.services import remember_costs
from transition_sim.world.world import World


def update(world: World) -> None:
    """Update memory, buyers' pressure, commitments, market shares and the capacity that enterprises want."""
    state, p, graph = world.state, world.params[0], world.state.graph
    remember_costs(state.slots, state["finance"]["ownership"], p["expectation_speed"], p["expectation_speed_soe"])
    if world.frozen:
        return
    update_buyer_pressure(
        state["conduct"], state["production"], graph.buyer_start, graph.buyer, world.constants.buyer_input,
        world.params, world.levers,
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
    _want_capacity(world)


def _want_capacity(world: World) -> None:
    """Let capacity that is not needed go at once; note what is wanted beyond it, to be reviewed and financed."""
    production, plans, constants, p = world.state["production"], world.plans, world.constants, world.params[0]
    count_kiln_days(
        constants.has_kiln, production, p["utilisation_max_share"], 0.25 * p["days_per_year"],
        plans.ran_days[:, world.quarter_of_year], plans.idle_quarters,
    )  # fmt: skip
    plan_capacity(
        production, world.state["finance"], constants.season[:, world.quarter_of_year], constants.capital_per_output,
        p["utilisation_max_share"], p["expectation_speed"], plans.growth_cost_cny, plans.growth_capacity_cny,
    )  # fmt: skip
