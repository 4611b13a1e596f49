"""Unit costs, prices with incomplete pass-through, and market shares (SM02)."""

import numpy as np

from transition_sim.core.kernels import compiled, lean, merged, part


@lean
def goods_cost_index(
    i, sector, supplier_start, supplier, supplier_input, cost_abroad, price_index, outside_price_index
):
    """Return the cost of purchased goods per unit of output of enterprise i at listed prices, base-year CNY/CNY.

    Local inputs at the prices of its own suppliers, the rest at those of the rest of the world. A quarter's shortage
    of local goods does not move it: prices follow the normal mix. ``cost_abroad`` is what the inputs of each sector
    would cost in the rest of the world.
    """
    cost = cost_abroad[sector[i]]
    for e in range(supplier_start[i], supplier_start[i + 1]):
        j = supplier[e]
        cost += supplier_input[e] * (price_index[j] - outside_price_index[sector[j]])
    return cost


@merged
def update_unit_costs(
    production, prices, flows, sector, supplier_start, supplier, supplier_input, input_share, outside_price_index
):
    """Write the cost of goods, energy, carbon and all together per unit of output (SM02).

    uc = goods + energy / X + carbon / X + wages + other inputs. An enterprise without output keeps the
    energy and carbon cost of the last quarter in which it made something.

    Parameters
    ----------
    flows : structured array of ``FLOWS``
        Reads what was paid for fuels, power, surcharges and carbon, and what allowances cost, in the quarter.
    supplier_input : ndarray, shape (n_edges,)
        Input along each edge per unit of output of its buyer.
    input_share : ndarray, shape (S, S)
        Input of row sector per unit of output of column sector, wherever it comes from.
    outside_price_index : ndarray, shape (S,)

    Notes
    -----
    The cost of capital is left to the mark-up.
    """
    price_index = prices["price_index"].copy()
    cost_abroad = np.zeros(input_share.shape[1])
    for s in range(input_share.shape[0]):
        cost_abroad += input_share[s] * outside_price_index[s]
    for i in range(prices.size):
        row = prices[i]
        output_cny = production[i].output_cny
        row.goods_cost_index = goods_cost_index(
            i, sector, supplier_start, supplier, supplier_input, cost_abroad, price_index, outside_price_index
        )
        if output_cny > 0.0:
            paid = flows[i]
            row.energy_cost_index = (paid.fuel_cny + paid.power_cny + paid.surcharge_cny) / output_cny
            # allowances are bought when a year ends; what they cost accrues with the output of every quarter
            row.carbon_cost_index = (paid.carbon_cny + paid.carbon_accrued_cny) / output_cny
        row.unit_cost_before_index = row.unit_cost_index
        row.unit_cost_index = (
            row.goods_cost_index + row.energy_cost_index + row.carbon_cost_index + row.wage_share + row.other_cost_index
        )


@part
def next_price_index(price_index, unit_cost_index, unit_cost_before_index, pass_through, markup_share):
    """Return next quarter's price: p + phi (uc - uc before) (1 + mu) (SM02, A07)."""
    return price_index + pass_through * (unit_cost_index - unit_cost_before_index) * (1.0 + markup_share)


@lean
def update_prices(prices, sector, pass_through, markup_share, lowest_index):
    """Move every price by its enterprise's change of unit cost (SM02).

    Parameters
    ----------
    pass_through : ndarray, shape (S,)
        Share of a cost change that reaches the price, 0 to 1.
    lowest_index : float
        Floor of prices, > 0.

    Returns
    -------
    int
        Prices that would have fallen below the floor and were held there.
    """
    held = 0
    for i in range(prices.size):
        row = prices[i]
        row.price_index = next_price_index(
            row.price_index, row.unit_cost_index, row.unit_cost_before_index, pass_through[sector[i]], markup_share
        )
        if row.price_index < lowest_index:
            row.price_index = lowest_index
            held += 1
    return held


@compiled
def price_quarter(
    production, prices, flows, sector, supplier_start, supplier, supplier_input, input_share, outside_price_index,
    pass_through, markup_share, lowest_index, is_moving,
):  # fmt: skip
    """Write unit costs, and move prices by them where they move.

    Parameters
    ----------
    is_moving : bool
        Others as in ``update_unit_costs`` and ``update_prices``.
    """
    update_unit_costs(
        production, prices, flows, sector, supplier_start, supplier, supplier_input, input_share, outside_price_index
    )
    if is_moving:
        update_prices(prices, sector, pass_through, markup_share, lowest_index)


@part
def next_share(share, price_index, mean_price_index, speed, growth_limit):
    """Return a market share before renormalisation: cheaper than the mean grows, at most by the limit (SM02, A41)."""
    growth = 1.0 + speed * (mean_price_index - price_index) / mean_price_index
    return share * min(1.0 + growth_limit, max(1.0 - growth_limit, growth))


@lean
def update_market_shares(production, prices, finance, sector, speed, growth_limit, sums):
    """Move the shares of final demand towards cheaper enterprises; the dead lose theirs to the living (SM02, A41).

    Shares of a sector sum to 1 as long as one of its enterprises lives. The mean price is weighted by shares.

    Parameters
    ----------
    speed : float
        Chi, 1/quarter; 0 only hands on the shares of the dead.
    growth_limit : float
        Largest relative change a quarter before renormalisation.
    sums : ndarray, shape (2, S)
        Work space.
    """
    sums[:] = 0.0
    for i in range(production.size):
        if not finance[i].is_alive:
            production[i].final_share = 0.0
        sums[0, sector[i]] += production[i].final_share
        sums[1, sector[i]] += production[i].final_share * prices[i].price_index
    for s in range(sums.shape[1]):
        sums[1, s] = sums[1, s] / sums[0, s] if sums[0, s] > 0.0 else 1.0
        sums[0, s] = 0.0
    for i in range(production.size):
        row = production[i]
        if row.final_share > 0.0:
            row.final_share = next_share(
                row.final_share, prices[i].price_index, sums[1, sector[i]], speed, growth_limit
            )
            sums[0, sector[i]] += row.final_share
    for i in range(production.size):
        if sums[0, sector[i]] > 0.0:
            production[i].final_share /= sums[0, sector[i]]
