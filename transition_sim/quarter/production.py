"""Phase 5 and the end of phase 6: orders, planned output, and who gets the goods (SM02)."""

import numpy as np

from transition_sim.world.deliveries import check_goods, deliver_on_graph
from transition_sim.world.production import move_public_orders, plan_output, receive_final_orders
from transition_sim.world.world import World


def plan(world: World) -> None:
    """Hand out final demand, pass orders up the chain, and plan the output of the quarter."""
    state, constants, demand, graph = world.state, world.constants, world.demand, world.state.graph
    production = state["production"]
    receive_final_orders(production, state["finance"], demand.final_cny, demand.leaked_cny)
    _procure_green(world)
    plan_output(
        production, state["finance"], constants.sector, graph.buyer_start, graph.buyer, graph.buyer_edge, graph.weight,
        constants.local_input, world.params[0]["utilisation_max_share"], int(world.params[0]["order_sweeps"]),
        world.plans.work_cny, demand.leaked_cny,
    )  # fmt: skip


def _procure_green(world: World) -> None:
    """Move the green share of public purchases to committed enterprises of the same sector (L06, SM10)."""
    share = world.lever("green_procurement_share")
    if not world.frozen and share > 0:
        move_public_orders(
            world.state["production"], world.state["conduct"], share, np.zeros((2, world.constants.n_sectors))
        )


def deliver(world: World) -> None:
    """Deliver what was made: inputs from suppliers, pools and outside; the rest to final buyers (B13)."""
    state, constants = world.state, world.constants
    world.notes.goods = deliver_on_graph(
        state["production"], state["prices"], state["flows"], constants.sector, state.graph, constants.local_input,
        constants.input_share, constants.outside_price_index, world.plans.final_sales_cny,
    )  # fmt: skip
    check_goods(world.notes.goods, world.label)
