"""Orders and output on the supply chain, and the capacity that follows them (SM02).

Quantities are CNY at base-year prices. A quarter runs in this order: ``receive_final_orders``, ``plan_output``,
``apply_shortage_loss`` once the power is known, ``deliveries.deliver_goods``, and at its end ``plan_capacity``.

A buyer i takes ``local_input[s(j), s(i)] * weight[e]`` of its output from supplier j along edge e; everything else
that the input-output table says it needs comes from the rest of the world.
"""

import numpy as np

from transition_sim.core.kernels import lean, merged

CAPACITY_MARGIN = 1.1
LARGEST_GROWTH = 0.05
IDLE_SHARE = 0.6
IDLE_DECLINE = 0.01


@lean
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


@lean
def move_public_orders(production, conduct, green_share, sums_cny):
    """Move the green share of public purchases to committed enterprises of the same sector, by their orders (SM10).

    A sector without committed enterprises keeps its orders.

    Parameters
    ----------
    green_share : float
        Share of public purchases that must be green (L06).
    sums_cny : ndarray, shape (2, S)
        Work space: orders of the committed, and orders that move.
    """
    sums_cny[:] = 0.0
    for i in range(production.size):
        row = production[i]
        if conduct[i].is_committed:
            sums_cny[0, row.sector] += row.final_orders_cny
        sums_cny[1, row.sector] += row.final_orders_cny * (green_share * conduct[i].government_share)
    for i in range(production.size):
        row = production[i]
        sold_cny, moved_cny = sums_cny[0, row.sector], sums_cny[1, row.sector]
        if sold_cny > 0.0:
            gain = moved_cny / sold_cny if conduct[i].is_committed else 0.0
            row.final_orders_cny *= 1.0 - green_share * conduct[i].government_share + gain


@lean
def orders_of_buyers(j, buyer_start, buyer, buyer_input, planned_cny):
    """Return what other enterprises order from supplier j when they plan the given outputs, CNY/quarter (SM02)."""
    orders_cny = 0.0
    for k in range(buyer_start[j], buyer_start[j + 1]):
        orders_cny += buyer_input[k] * planned_cny[buyer[k]]
    return orders_cny


@lean
def sweep_orders(production, buyer_start, buyer, buyer_input, limit_cny, n_sweeps, planned_cny):
    """Fill ``orders_cny`` by Jacobi sweeps over the supply chain (SM02, A06).

    Every sweep orders inputs for the outputs planned in the sweep before, and plans what is ordered up to what can be
    made: enterprises at their limit do not order inputs for goods that they cannot make.

    Parameters
    ----------
    buyer_input : ndarray, shape (E,)
        See ``supply_chain.inputs_along_edges``.
    limit_cny : ndarray, shape (N,)
        Largest output of the quarter.
    planned_cny : ndarray, shape (2, N)
        Row 0 holds the outputs to start from (last quarter); work space.
    """
    now = 0
    for _ in range(n_sweeps):
        for j in range(production.size):
            orders_cny = production[j].final_orders_cny + orders_of_buyers(
                j, buyer_start, buyer, buyer_input, planned_cny[now]
            )
            production[j].orders_cny = orders_cny
            planned_cny[1 - now, j] = min(orders_cny, limit_cny[j])
        now = 1 - now


@merged
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


@merged
def plan_output(
    production,
    finance,
    sector,
    buyer_start,
    buyer,
    buyer_input,
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
    buyer_input : ndarray, shape (E,)
        See ``supply_chain.inputs_along_edges``.
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
    sweep_orders(production, buyer_start, buyer, buyer_input, limit_cny, n_sweeps, work_cny[:2])
    fill_and_spill(production, sector, limit_cny, leaked_cny)


@lean
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


@lean
def wanted_capacity_cny(capacity_cny, expected_orders_cny, utilisation_max):
    """Return the capacity that an enterprise goes for next quarter, CNY/quarter.

    It grows by at most 5 % a quarter towards 1.1 times what its expected orders need at full use, and lets 1 % a
    quarter go when less than 60 % is used [A].
    """
    needed_cny = CAPACITY_MARGIN * expected_orders_cny / utilisation_max
    if needed_cny > capacity_cny:
        return min(needed_cny, (1.0 + LARGEST_GROWTH) * capacity_cny)
    if expected_orders_cny < IDLE_SHARE * capacity_cny:
        return (1.0 - IDLE_DECLINE) * capacity_cny
    return capacity_cny


@lean
def count_kiln_days(has_kiln, production, utilisation_max, days, ran_days, idle_quarters):
    """Write on how many days of the quarter each works ran at full use, and for how many quarters it has stood still.

    Parameters
    ----------
    has_kiln : ndarray of bool, shape (N,)
        Others are left alone.
    days : float
        Days of a quarter.
    ran_days, idle_quarters : ndarray, shape (N,)
    """
    for i in range(production.size):
        if not has_kiln[i]:
            continue
        full_cny = production[i].capacity_cny * utilisation_max
        ran_days[i] = days * production[i].output_cny / (full_cny if full_cny > 0.0 else 1.0)
        idle_quarters[i] = 0.0 if ran_days[i] > 0.0 else idle_quarters[i] + 1.0


@lean
def plan_capacity(production, finance, season, capital_per_output, utilisation_max, speed, capex_cny, growth_cny):
    """Smooth the orders, let capacity go that they do not need, and note what they need beyond it (SM02, SM11).

    Works with kilns cannot go beyond their permits.

    Kilns do not shrink little by little either: their capacity is a line with a permit, and it leaves in lumps (P15).

    Parameters
    ----------
    season : ndarray, shape (S,)
        Seasonal factor of the quarter: orders are compared without their season.
    capital_per_output : ndarray, shape (S,)
        Plant and equipment per unit of annual capacity, CNY per CNY/yr.
    speed : float
        Weight of the latest quarter in expected orders, 0 to 1.
    capex_cny, growth_cny : ndarray, shape (N,)
        Set to the investment in new capacity, CNY, and to the capacity that it would give, CNY/quarter, still to be
        reviewed and financed; 0 where none is wanted.
    """
    for i in range(production.size):
        row = production[i]
        capex_cny[i] = 0.0
        growth_cny[i] = 0.0
        if not finance[i].is_alive:
            continue
        factor = season[row.sector] if season[row.sector] > 0.0 else 1.0
        row.expected_orders_cny += speed * (row.orders_cny / factor - row.expected_orders_cny)
        wanted_cny = wanted_capacity_cny(row.capacity_cny, row.expected_orders_cny, utilisation_max)
        if row.clinker_t_per_cny > 0.0:
            wanted_cny = min(
                max(wanted_cny, row.capacity_cny), 0.25 * row.clinker_permit_t_per_year / row.clinker_t_per_cny
            )
        if wanted_cny > row.capacity_cny:
            capex_cny[i] = (wanted_cny - row.capacity_cny) * 4.0 * capital_per_output[row.sector]
            growth_cny[i] = wanted_cny
        else:
            row.capacity_cny = wanted_cny
