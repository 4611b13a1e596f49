"""Phase 5 and the end of phase 6: orders, planned output, and who gets the goods (SM02)."""

import numpy as np

from transition_sim.core.kernels import compiled
from transition_sim.world.deliveries import check_goods, deliver_on_graph
from transition_sim.world.production import move_public_orders, plan_output, receive_final_orders
from transition_sim.world.world import World


def plan(world: World) -> None:
    """Hand out final demand, pass orders up the chain, and plan the output of the quarter."""
    state, constants, demand, graph = world.state, world.constants, world.demand, world.state.graph
    _plan(
        state["production"], state["finance"], state["conduct"], demand.final_cny, demand.leaked_cny,
        (graph.buyer_start, graph.buyer, constants.buyer_input), constants.sector, world.frozen,
        world.params, world.levers,
    )  # fmt: skip


@compiled
def _plan(production, finance, conduct, final_cny, leaked_cny, chain, sector, is_frozen, params, levers):
    """Hand out orders, move the green share of public purchases to the committed (L06, SM10), and plan output."""
    p, green_share = params[0], levers[0].green_procurement_share
    buyer_start, buyer, buyer_input = chain
    receive_final_orders(production, finance, final_cny, leaked_cny)
    if green_share > 0.0 and not is_frozen:
        move_public_orders(production, conduct, green_share, np.zeros((2, final_cny.size)))
    plan_output(
        production, finance, sector, buyer_start, buyer, buyer_input, p.utilisation_max_share, int(p.order_sweeps),
        np.empty((3, sector.size)), leaked_cny,
    )  # fmt: skip


def deliver(world: World) -> None:
    """Deliver what was made: inputs from suppliers, pools and outside; the rest to final buyers (B13)."""
    state, constants = world.state, world.constants
    world.notes.goods = deliver_on_graph(
        state["production"], state["prices"], state["flows"], constants.sector, state.graph,
        (constants.supplier_input, constants.buyer_input), constants.input_share, constants.outside_price_index,
        world.plans.final_sales_cny,
    )  # fmt: skip
    check_goods(world.notes.goods, world.label)
