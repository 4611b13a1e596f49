"""Phase 11: what the quarter leaves behind: perceived costs, commitments, market shares, plans for capacity."""

import numpy as np

from transition_sim.agents.peers import commit, update_buyer_pressure
from transition_sim.core.kernels import compiled
from transition_sim.world.prices import update_market_shares
from transition_sim.world.production import count_kiln_days, plan_capacity
from transition_sim.world.services import smooth_costs
from transition_sim.world.world import World

_NO_DRAWS = np.zeros(0)


def update(world: World) -> None:
    """Update memory, buyers' pressure, commitments, market shares and the capacity that enterprises want."""
    state, plans, constants, graph = world.state, world.plans, world.constants, world.state.graph
    draws = _NO_DRAWS if world.frozen else world.uniforms("commit", state.n_enterprises)
    _learn(
        state.slots, state["production"], state["prices"], state["finance"], state["conduct"],
        (graph.buyer_start, graph.buyer, constants.buyer_input),
        (constants.kind_start, constants.sector, constants.has_kiln, constants.season, constants.capital_per_output),
        (plans.ran_days, plans.idle_quarters, plans.growth_cost_cny, plans.growth_capacity_cny), world.frozen,
        world.quarter, world.quarter_of_year, world.params, world.levers, draws,
    )  # fmt: skip


@compiled
def _learn(
    slots, production, prices, finance, conduct, buyers, fixed, plans, is_frozen, quarter, quarter_of_year, params,
    levers, commit_uniforms,
):  # fmt: skip
    """Update one thing after the other; before the run costs alone are perceived.

    Capacity that is not needed goes at once; what is wanted beyond it is noted, to be reviewed and financed.
    """
    p = params[0]
    buyer_start, buyer, buyer_input = buyers
    kind_start, sector, has_kiln, season, capital_per_output = fixed
    ran_days, idle_quarters, growth_cost_cny, growth_capacity_cny = plans
    smooth_costs(slots, kind_start, finance.ownership, p.expectation_speed, p.expectation_speed_soe)
    if is_frozen:
        return
    update_buyer_pressure(conduct, production, buyer_start, buyer, buyer_input, params, levers)
    commit(conduct, finance, params, levers, quarter, commit_uniforms)
    update_market_shares(
        production, prices, finance, sector, p.replicator_speed_per_quarter, p.share_growth_limit_per_quarter,
        np.zeros((2, season.shape[0])),
    )  # fmt: skip
    count_kiln_days(
        has_kiln, production, p.utilisation_max_share, 0.25 * p.days_per_year, ran_days[:, quarter_of_year],
        idle_quarters,
    )  # fmt: skip
    plan_capacity(
        production, finance, season[:, quarter_of_year], capital_per_output, p.utilisation_max_share,
        p.expectation_speed, growth_cost_cny, growth_capacity_cny,
    )  # fmt: skip
