"""Orders, output and deliveries on the supply chain: what is ordered, what can be made, who gets what (SM02).

Quantities are CNY at base-year prices. A quarter runs in this order: ``receive_final_orders``, ``plan_output``,
``apply_shortage_loss`` once the power is known, ``deliver_goods``, and at its end ``plan_capacity``.

A buyer i takes ``local_input[s(j), s(i)] * weight[e]`` of its output from supplier j along edge e; everything else
that the input-output table says it needs comes from the rest of the world.
"""

import numpy as np

from transition_sim.core.errors import ConservationError
from transition_sim.core.kernels import compiled
from transition_sim.world.state import Graph

USE, BOUGHT, OUTSIDE, SOLD, PAID, EARNED = range(6)
"""Places in the summary of ``deliver_goods``."""


def local_input_table(total: np.ndarray, local_share: np.ndarray, present: np.ndarray, threshold=0.005) -> np.ndarray:
    """Return the input bought from enterprises of the place per unit of output, shape (S, S), CNY/CNY.

    Parameters
    ----------
    total : ndarray, shape (S, S)
        Input of row sector per output of column sector, wherever it comes from.
    local_share : ndarray, shape (S,) or (S, S)
        Share that is bought in the place, 0 to 1.
    present : ndarray of bool, shape (S,)
        Sectors with enterprises in the place.
    threshold : float
        Inputs up to this share of output have no supplier of their own and come from the rest of the world (4.1).
    """
    share = np.broadcast_to(local_share if np.ndim(local_share) == 2 else local_share[:, None], total.shape)
    if (share < 0).any() or (share > 1).any():
        raise ValueError("a local share lies between 0 and 1")
    needed = (total > threshold) & (share > 0) & present[:, None] & present[None, :]
    return np.where(needed, total * share, 0.0)


def flegg_local_shares(
    local_output: np.ndarray,
    national_output: np.ndarray,
    local_total: float,
    national_total: float,
    exponent: float = 0.3,
) -> np.ndarray:
    """Return the share of each input that the place supplies itself, shape (S, S): Flegg's location quotient (4.1).

    FLQ_ij = (e_i / e_j) * log2(1 + T)^delta with e_i = local over national output of sector i and T the place's
    share of the national total; the own sector takes the simple quotient e_i / T. Values above 1 count as 1
    (Flegg and Webber 1997, "On the appropriate use of location quotients in generating regional input-output tables").

    Parameters
    ----------
    local_output, national_output : ndarray, shape (S,)
        Same unit; national output > 0.
    local_total, national_total : float
        Size of the two economies, for instance gross domestic product.
    exponent : float
        Delta, 0 to below 1; larger means that a small place imports more.
    """
    if (national_output <= 0).any() or national_total <= 0:
        raise ValueError("national output must be positive in every sector")
    if not 0 <= exponent < 1:
        raise ValueError(f"the exponent of the location quotient lies in [0, 1), not {exponent}")
    relative = local_output / national_output
    size = min(1.0, local_total / national_total)
    buyers = np.where(relative > 0, relative, np.inf)
    quotient = relative[:, None] / buyers[None, :]
    own = relative / size if size > 0 else np.zeros_like(relative)
    np.fill_diagonal(quotient, own)
    return np.minimum(1.0, quotient * np.log2(1.0 + size) ** exponent)


@compiled
def receive_final_orders(production, finance, final_demand_cny, leaked_cny):
    """Hand the final demand of each sector to its living enterprises by their shares.

    Parameters
    ----------
    final_demand_cny : ndarray, shape (S,), CNY/quarter
    leaked_cny : ndarray, shape (S,)
        Set to the demand that nobody in the place takes (a sector without living enterprises).
    """
    for s in range(final_demand_cny.size):
        leaked_cny[s] = final_demand_cny[s]
    for i in range(production.size):
        row = production[i]
        row.final_orders_cny = 0.0
        if finance[i].is_alive:
            row.final_orders_cny = row.final_share * final_demand_cny[row.sector]
            leaked_cny[row.sector] -= row.final_orders_cny
    for s in range(final_demand_cny.size):
        leaked_cny[s] = max(0.0, leaked_cny[s])


@compiled
def orders_of_buyers(j, sector, buyer_start, buyer, buyer_edge, weight, local_input, planned_cny):
    """Return what other enterprises order from supplier j when they plan the given outputs, CNY/quarter (SM02)."""
    orders_cny = 0.0
    for k in range(buyer_start[j], buyer_start[j + 1]):
        i = buyer[k]
        orders_cny += local_input[sector[j], sector[i]] * weight[buyer_edge[k]] * planned_cny[i]
    return orders_cny


@compiled
def sweep_orders(
    production, sector, buyer_start, buyer, buyer_edge, weight, local_input, limit_cny, n_sweeps, planned_cny
):
    """Fill ``orders_cny`` by Jacobi sweeps over the supply chain (SM02, A06).

    Every sweep orders inputs for the outputs planned in the sweep before, and plans what is ordered up to what can be
    made: enterprises at their limit do not order inputs for goods that they cannot make.

    Parameters
    ----------
    limit_cny : ndarray, shape (N,)
        Largest output of the quarter.
    planned_cny : ndarray, shape (2, N)
        Row 0 holds the outputs to start from (last quarter); work space.
    """
    now = 0
    for _ in range(n_sweeps):
        for j in range(production.size):
            orders_cny = production[j].final_orders_cny + orders_of_buyers(
                j, sector, buyer_start, buyer, buyer_edge, weight, local_input, planned_cny[now]
            )
            production[j].orders_cny = orders_cny
            planned_cny[1 - now, j] = min(orders_cny, limit_cny[j])
        now = 1 - now


@compiled
def fill_and_spill(production, sector, limit_cny, leaked_cny):
    """Make what is ordered up to the limit; full enterprises pass orders on to others of the sector with room (SM02).

    Parameters
    ----------
    limit_cny : ndarray, shape (N,)
    leaked_cny : ndarray, shape (S,)
        Orders that no enterprise of the sector can take are added: they go to the rest of the world (I45).
    """
    unmet_cny = np.zeros(leaked_cny.size)
    spare_cny = np.zeros(leaked_cny.size)
    for j in range(production.size):
        row = production[j]
        row.output_cny = min(row.orders_cny, limit_cny[j])
        row.fill_share = row.output_cny / row.orders_cny if row.orders_cny > 0.0 else 1.0
        row.unmet_cny = row.orders_cny - row.output_cny
        row.shortage_loss_cny = 0.0
        unmet_cny[sector[j]] += row.unmet_cny
        spare_cny[sector[j]] += limit_cny[j] - row.output_cny
    for s in range(unmet_cny.size):
        leaked_cny[s] += max(0.0, unmet_cny[s] - spare_cny[s])
    for j in range(production.size):
        row = production[j]
        s = sector[j]
        row.spill_cny = 0.0
        if unmet_cny[s] > 0.0 and spare_cny[s] > 0.0:
            row.spill_cny = (limit_cny[j] - row.output_cny) * min(1.0, unmet_cny[s] / spare_cny[s])
            row.output_cny += row.spill_cny


@compiled
def plan_output(
    production,
    finance,
    sector,
    buyer_start,
    buyer,
    buyer_edge,
    weight,
    local_input,
    utilisation_max,
    n_sweeps,
    work_cny,
    leaked_cny,
):
    """Turn final orders into orders on everybody and into output (SM02); see the parts above.

    Parameters
    ----------
    sector : ndarray of i2, shape (N,)
        Contiguous copy of ``production["sector"]``.
    utilisation_max : float
        Largest share of capacity in use, 0.95.
    work_cny : ndarray, shape (3, N)
        Work space.
    leaked_cny : ndarray, shape (S,)
        As left by ``receive_final_orders``; orders lost to the rest of the world are added.
    """
    limit_cny = work_cny[2]
    for i in range(production.size):
        row = production[i]
        limit_cny[i] = row.capacity_cny * utilisation_max * row.available_share if finance[i].is_alive else 0.0
        work_cny[0, i] = min(row.output_cny, limit_cny[i])
    sweep_orders(
        production, sector, buyer_start, buyer, buyer_edge, weight, local_input, limit_cny, n_sweeps, work_cny[:2]
    )
    fill_and_spill(production, sector, limit_cny, leaked_cny)


@compiled
def apply_shortage_loss(production, energy, output_loss_share):
    """Lower the output of enterprises whose power was cut: X becomes X (1 - beta * shed) (SM12).

    The loss is not passed on to others, who stand in the dark as well; it is lost to the rest of the world and
    stands in ``shortage_loss_cny``.
    """
    for i in range(production.size):
        shed = energy[i].sheddable_share
        if shed > 0.0:
            row = production[i]
            kept = 1.0 - output_loss_share * shed
            row.shortage_loss_cny = row.output_cny * (1.0 - kept)
            row.output_cny *= kept
            row.spill_cny *= kept
            row.fill_share *= kept


@compiled
def _share_out_own_output(
    production, sector, buyer_start, buyer, buyer_edge, weight, local_input, given_share, pool, sold_cny
):
    """Fix the share of its buyers' needs that each supplier meets itself, and what is left for the sector's pool.

    The share is ``fill_share``: final buyers and enterprises are cut alike. Outputs that turned out above the plan
    need more input than was ordered; a supplier then gives no more than it made, and final buyers wait.
    """
    for j in range(production.size):
        row = production[j]
        own_cny = row.output_cny - row.spill_cny
        needed_cny = 0.0
        for k in range(buyer_start[j], buyer_start[j + 1]):
            i = buyer[k]
            needed_cny += local_input[sector[j], sector[i]] * weight[buyer_edge[k]] * production[i].output_cny
        share = min(1.0, row.fill_share)
        if share * needed_cny > own_cny:
            share = own_cny / needed_cny
        given_share[j] = share
        sold_cny[j] = share * needed_cny
        pool[0, sector[j]] += row.spill_cny
        pool[1, sector[j]] += (1.0 - share) * needed_cny
        pool[2, sector[j]] += row.unmet_cny


@compiled
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


@compiled
def deliver_goods(
    production,
    prices,
    flows,
    sector,
    supplier_start,
    supplier,
    buyer_start,
    buyer,
    buyer_edge,
    weight,
    local_input,
    input_share,
    outside_price_index,
    work,
    final_sales_cny,
):
    """Deliver the inputs that the outputs made really took, and write sales and purchases (SM02, B13).

    Each buyer's use ``input_share[:, s] * output`` comes from its suppliers as far as they fill orders, then from the
    pool of the sector, then from the rest of the world. Final buyers get what is left of each output.

    Parameters
    ----------
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
    pool = np.zeros((3, input_share.shape[0]))
    _share_out_own_output(
        production, sector, buyer_start, buyer, buyer_edge, weight, local_input, given_share, pool, sold_cny
    )
    _price_pools(production, prices, sector, pool, sold_cny)
    total = np.zeros(6)
    for i in range(production.size):
        output_cny = production[i].output_cny
        bought_cny = paid_cny = local_at_outside_cny = 0.0
        for e in range(supplier_start[i], supplier_start[i + 1]):
            j = supplier[e]
            s = sector[j]
            needed_cny = local_input[s, sector[i]] * weight[e] * output_cny
            own_cny = given_share[j] * needed_cny
            pooled_cny = pool[0, s] * (1.0 - given_share[j]) * needed_cny
            bought_cny += own_cny + pooled_cny
            paid_cny += own_cny * prices[j].price_index + pooled_cny * pool[1, s]
            local_at_outside_cny += (own_cny + pooled_cny) * outside_price_index[s]
        use_cny = use_at_outside_cny = 0.0
        for s in range(input_share.shape[0]):
            use_cny += input_share[s, sector[i]] * output_cny
            use_at_outside_cny += input_share[s, sector[i]] * output_cny * outside_price_index[s]
        row = flows[i]
        row.sales_cny = output_cny * prices[i].price_index
        row.local_goods_cny = paid_cny
        row.outside_goods_cny = max(0.0, use_at_outside_cny - local_at_outside_cny)
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
    local_input: np.ndarray,
    input_share: np.ndarray,
    outside_price_index: np.ndarray,
    final_sales_cny: np.ndarray,
) -> np.ndarray:
    """Call ``deliver_goods`` with the arrays of a graph and fresh work space."""
    return deliver_goods(
        production,
        prices,
        flows,
        sector,
        graph.supplier_start,
        graph.supplier,
        graph.buyer_start,
        graph.buyer,
        graph.buyer_edge,
        graph.weight,
        local_input,
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
    gaps = {
        "input use not covered": total[USE] - total[BOUGHT] - total[OUTSIDE],
        "bought and not sold": total[BOUGHT] - total[SOLD],
        "paid and not earned": total[PAID] - total[EARNED],
    }
    scale = max(1.0, total[USE])
    if not all(abs(gap) <= tolerance * scale for gap in gaps.values()) or total[OUTSIDE] < -tolerance * scale:
        worst = max(abs(gap) for gap in gaps.values())
        raise ConservationError("B13 goods", worst, "CNY", quarter, list(gaps.items()))


@compiled
def wanted_capacity_cny(capacity_cny, expected_orders_cny, utilisation_max):
    """Return the capacity that an enterprise goes for next quarter, CNY/quarter.

    It grows by at most 5 % a quarter towards 1.1 times what its expected orders need at full use, and lets 1 % a
    quarter go when less than 60 % is used [A].
    """
    needed_cny = 1.1 * expected_orders_cny / utilisation_max
    if needed_cny > capacity_cny:
        return min(needed_cny, 1.05 * capacity_cny)
    if expected_orders_cny < 0.6 * capacity_cny:
        return 0.99 * capacity_cny
    return capacity_cny


@compiled
def plan_capacity(production, finance, season, capital_per_output, utilisation_max, speed, capex_cny):
    """Smooth the orders and adjust capacity to them; works with kilns cannot go beyond their permits (SM02, SM11).

    Parameters
    ----------
    season : ndarray, shape (S,)
        Seasonal factor of the quarter: orders are compared without their season.
    capital_per_output : ndarray, shape (S,)
        Plant and equipment per unit of annual capacity, CNY per CNY/yr.
    speed : float
        Weight of the latest quarter in expected orders, 0 to 1.
    capex_cny : ndarray, shape (N,)
        Set to the investment in new capacity, CNY; capacity let go costs nothing.
    """
    for i in range(production.size):
        row = production[i]
        capex_cny[i] = 0.0
        if not finance[i].is_alive:
            continue
        factor = season[row.sector] if season[row.sector] > 0.0 else 1.0
        row.expected_orders_cny += speed * (row.orders_cny / factor - row.expected_orders_cny)
        wanted_cny = wanted_capacity_cny(row.capacity_cny, row.expected_orders_cny, utilisation_max)
        if row.clinker_t_per_cny > 0.0:
            wanted_cny = min(wanted_cny, 0.25 * row.clinker_permit_t_per_year / row.clinker_t_per_cny)
        capex_cny[i] = max(0.0, wanted_cny - row.capacity_cny) * 4.0 * capital_per_output[row.sector]
        row.capacity_cny = wanted_cny
