"""Who gets the goods of a quarter: enterprises, their pools, the rest of the world, final buyers (SM02, B13)."""

import numpy as np

from transition_sim.core.errors import ConservationError
from transition_sim.core.kernels import compiled, lean, merged
from transition_sim.world.state import Graph

USE, BOUGHT, OUTSIDE, SOLD, PAID, EARNED = range(6)
"""Places in the summary of ``deliver_goods``."""


@merged
def _share_out_own_output(production, sector, buyer_start, buyer, buyer_input, given_share, pool, sold_cny):
    """Fix the share of its buyers' needs that each supplier meets itself, and what is left for the sector's pool.

    The share is ``fill_share``: final buyers and enterprises are cut alike. Outputs that turned out above the plan
    need more input than was ordered; a supplier then gives no more than it made, and final buyers wait.
    """
    for j in range(production.size):
        row = production[j]
        own_cny = row.output_cny - row.spill_cny
        needed_cny = 0.0
        for k in range(buyer_start[j], buyer_start[j + 1]):
            needed_cny += buyer_input[k] * production[buyer[k]].output_cny
        share = min(1.0, row.fill_share)
        if share * needed_cny > own_cny:
            share = own_cny / needed_cny
        given_share[j] = share
        sold_cny[j] = share * needed_cny
        pool[0, sector[j]] += row.spill_cny
        pool[1, sector[j]] += (1.0 - share) * needed_cny
        pool[2, sector[j]] += row.unmet_cny


@merged
def _price_pools(production, prices, sector, pool, sold_cny):
    """Set the share of unmet needs that each sector's pool meets (row 0) and its mean price (row 1).

    The pool is what enterprises with room made in place of full ones; final buyers and enterprises share it alike.
    """
    n_sectors = pool.shape[1]
    price = np.zeros(n_sectors)
    taken_share = np.zeros(n_sectors)
    for j in range(production.size):
        s = sector[j]
        if pool[0, s] > 0.0:
            price[s] += production[j].spill_cny / pool[0, s] * prices[j].price_index
    for s in range(n_sectors):
        met = 0.0
        if pool[0, s] > 0.0 and pool[1, s] > 0.0:
            met = min(1.0, pool[0, s] / max(pool[1, s], pool[2, s]))
            taken_share[s] = met * pool[1, s] / pool[0, s]
        pool[0, s] = met
        pool[1, s] = price[s]
    for j in range(production.size):
        sold_cny[j] += production[j].spill_cny * taken_share[sector[j]]


@lean
def _purchases(
    i, output_cny, prices, sector, supplier_start, supplier, supplier_input, outside_price_index, given_share, pool
):
    """Return what a buyer gets from enterprises, what it pays them, and what that would cost outside, CNY."""
    bought_cny = paid_cny = at_outside_cny = 0.0
    for e in range(supplier_start[i], supplier_start[i + 1]):
        j = supplier[e]
        s = sector[j]
        needed_cny = supplier_input[e] * output_cny
        own_cny = given_share[j] * needed_cny
        pooled_cny = pool[0, s] * (1.0 - given_share[j]) * needed_cny
        bought_cny += own_cny + pooled_cny
        paid_cny += own_cny * prices[j].price_index + pooled_cny * pool[1, s]
        at_outside_cny += (own_cny + pooled_cny) * outside_price_index[s]
    return bought_cny, paid_cny, at_outside_cny


@compiled
def deliver_goods(
    production, prices, flows, sector, supplier_start, supplier, supplier_input, buyer_start, buyer, buyer_input,
    input_share, outside_price_index, work, final_sales_cny,
):  # fmt: skip
    """Deliver the inputs that the outputs made really took, and write sales and purchases (SM02, B13).

    Each buyer's use ``input_share[:, s] * output`` comes from its suppliers as far as they fill orders, then from the
    pool of the sector, then from the rest of the world. Final buyers get what is left of each output.

    Parameters
    ----------
    supplier_input, buyer_input : ndarray, shape (E,)
        See ``supply_chain.inputs_along_edges``.
    input_share : ndarray, shape (S, S)
        Input of row sector per output of column sector, from anywhere.
    outside_price_index : ndarray, shape (S,)
        Prices of the rest of the world, base year = 1.
    work : ndarray, shape (2, N)
        Work space.
    final_sales_cny : ndarray, shape (N,)
        Set to sales to final buyers, CNY at base-year prices.

    Returns
    -------
    ndarray, shape (6,)
        Input use, bought from enterprises, bought outside, sold by enterprises to enterprises (quantities at
        base-year prices), paid to and earned from enterprises (CNY at prices of the quarter); see ``check_goods``.
    """
    given_share, sold_cny = work[0], work[1]
    n_sectors = input_share.shape[0]
    pool = np.zeros((3, n_sectors))
    use_share, use_at_outside_share = np.zeros(n_sectors), np.zeros(n_sectors)
    for s in range(n_sectors):
        for buying in range(n_sectors):
            use_share[buying] += input_share[s, buying]
            use_at_outside_share[buying] += input_share[s, buying] * outside_price_index[s]
    _share_out_own_output(production, sector, buyer_start, buyer, buyer_input, given_share, pool, sold_cny)
    _price_pools(production, prices, sector, pool, sold_cny)
    total = np.zeros(6)
    for i in range(production.size):
        output_cny = production[i].output_cny
        bought_cny, paid_cny, at_outside_cny = _purchases(
            i, output_cny, prices, sector, supplier_start, supplier, supplier_input, outside_price_index, given_share,
            pool,
        )  # fmt: skip
        use_cny = use_share[sector[i]] * output_cny
        row = flows[i]
        row.sales_cny = output_cny * prices[i].price_index
        row.local_goods_cny = paid_cny
        row.outside_goods_cny = max(0.0, use_at_outside_share[sector[i]] * output_cny - at_outside_cny)
        final_sales_cny[i] = max(0.0, output_cny - sold_cny[i])
        total[USE] += use_cny
        total[BOUGHT] += bought_cny
        total[OUTSIDE] += use_cny - bought_cny
        total[SOLD] += output_cny - final_sales_cny[i]
        total[PAID] += paid_cny
        total[EARNED] += sold_cny[i] * prices[i].price_index
    return total


def deliver_on_graph(
    production: np.ndarray,
    prices: np.ndarray,
    flows: np.ndarray,
    sector: np.ndarray,
    graph: Graph,
    inputs: tuple[np.ndarray, np.ndarray],
    input_share: np.ndarray,
    outside_price_index: np.ndarray,
    final_sales_cny: np.ndarray,
) -> np.ndarray:
    """Call ``deliver_goods`` with the arrays of a graph, the inputs along its edges, and fresh work space."""
    supplier_input, buyer_input = inputs
    return deliver_goods(
        production,
        prices,
        flows,
        sector,
        graph.supplier_start,
        graph.supplier,
        supplier_input,
        graph.buyer_start,
        graph.buyer,
        buyer_input,
        input_share,
        outside_price_index,
        np.empty((2, production.size)),
        final_sales_cny,
    )


def check_goods(total: np.ndarray, quarter: str, tolerance: float = 1e-9) -> None:
    """Check that every good used was made: input use = local purchases + imports, and purchases = sales (B13).

    Parameters
    ----------
    total : ndarray, shape (6,)
        As returned by ``deliver_goods``.
    quarter : str
        Label for the message.

    Raises
    ------
    ConservationError
    """
    use, bought, outside, sold, paid, earned = total.tolist()
    gaps = {
        "input use not covered": use - bought - outside,
        "bought and not sold": bought - sold,
        "paid and not earned": paid - earned,
    }
    scale = max(1.0, use)
    if not all(abs(gap) <= tolerance * scale for gap in gaps.values()) or outside < -tolerance * scale:
        worst = max(abs(gap) for gap in gaps.values())
        raise ConservationError("B13 goods", worst, "CNY", quarter, list(gaps.items()))
