"""Phase 5 and the end of phase 6: orders, planned output, and who gets the goods (SM02)."""

import numpy as np

from transition_sim.world.deliveries import check_goods, deliver_on_graph
from transition_sim.world.production import plan_output, receive_final_orders
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
    green = world.lever("green_procurement_share") * world.state["conduct"]["government_share"]
    if world.frozen or not green.any():
        return
    orders = world.state["production"]["final_orders_cny"]
    sector, n = world.constants.sector, world.constants.n_sectors
    committed = world.state["conduct"]["is_committed"]
    sold = np.bincount(sector, orders * committed, n)
    moved = np.bincount(sector, orders * green, n) * (sold > 0)
    gain = np.where(sold > 0, moved / np.where(sold > 0, sold, 1.0), 0.0)
    orders *= 1.0 - green * (sold > 0)[sector] + np.where(committed, gain[sector], 0.0)


def deliver(world: World) -> None:
    """Deliver what was made: inputs from suppliers, pools and outside; the rest to final buyers (B13)."""
    state, constants = world.state, world.constants
    world.notes.goods = deliver_on_graph(
        state["production"], state["prices"], state["flows"], constants.sector, state.graph, constants.local_input,
        constants.input_share, constants.outside_price_index, world.plans.final_sales_cny,
    )  # fmt: skip
    check_goods(world.notes.goods, world.label)
