"""Final demand of the sectors: growth, seasons, noise and the answer to prices (SM01)."""

from math import exp

import numpy as np

from transition_sim.core.kernels import compiled

GROWTH_YEARS = ((2021, 2025), (2026, 2030), (2031, 2035))
"""Calendar years of the three growth columns of the table of sectors."""


def season_factors(sectors: np.ndarray) -> np.ndarray:
    """Return the seasonal factors of final demand, shape (S, 4), each row with mean 1.

    The four factors of a sector are divided by their mean, so that a year's demand does not depend on its seasons;
    the published cement row 0.75, 1.10, 1.05, 1.10 has mean exactly 1 and stays as it is.

    Parameters
    ----------
    sectors : structured array with season_q1 ... season_q4, shape (S,)

    Raises
    ------
    ValueError
        When a factor is negative or a row sums to 0.
    """
    season = np.stack([sectors[f"season_q{q}"] for q in range(1, 5)], axis=1).astype(float)
    total = season.sum(axis=1, keepdims=True)
    if (season < 0).any() or (total <= 0).any():
        raise ValueError("seasonal factors are at least 0 and not all 0")
    return season * 4.0 / total


def growth_levels(sectors: np.ndarray, base_year: int, start_year: int, n_quarters: int) -> np.ndarray:
    """Return demand relative to the base year by quarter, shape (n_quarters, S): the product of (1 + g)^0.25 (SM01).

    The product runs over the quarters after the base year up to and including the quarter itself. Years before the
    first column take no growth, years after the last column grow like the last.
    """
    columns = np.stack([sectors[f"growth_{a}_{b}_percent"] for a, b in GROWTH_YEARS]).astype(float)
    first = min(base_year + 1, start_year)
    quarters = 4 * (start_year - first) + n_quarters
    steps = np.empty((quarters, columns.shape[1]))
    for quarter in range(quarters):
        year = first + quarter // 4
        column = sum(year > last for _, last in GROWTH_YEARS[:-1])
        grows = year > base_year and year >= GROWTH_YEARS[0][0]
        steps[quarter] = (1.0 + columns[column] / 100.0) ** 0.25 if grows else 1.0
    return np.cumprod(steps, axis=0)[quarters - n_quarters :]


def next_noise(noise: np.ndarray, normals: np.ndarray, ar_share: float = 0.6, sd_share: float = 0.015) -> np.ndarray:
    """Return next quarter's log noise of demand: AR(1) with innovations of the given deviation (SM01).

    Parameters
    ----------
    noise, normals : ndarray, shape (S,)
        Last quarter's log noise, and standard normals.
    """
    return ar_share * noise + sd_share * normals


@compiled
def final_demand(base_cny, growth, season, noise, price_index, elasticity, quarter_of_year):
    """Return final demand of the quarter by sector, CNY at base-year prices, shape (S,) (SM01).

    Parameters
    ----------
    base_cny : ndarray, shape (S,)
        Mean quarter of the base year, CNY/quarter.
    growth : ndarray, shape (S,)
        Level relative to the base year this quarter (a row of ``growth_levels``).
    season : ndarray, shape (S, 4)
        Factors with mean 1 (``season_factors``).
    noise : ndarray, shape (S,)
        Log noise.
    price_index : ndarray, shape (S,)
        Mean price of the sector relative to the base year, > 0.
    elasticity : ndarray, shape (S,)
        Price elasticity of demand as a positive number: 0.8 tradables, 0.2 cement and local services.
    quarter_of_year : int
        0 to 3.

    Raises
    ------
    ValueError
        When a price is not positive.
    """
    demand_cny = np.empty(base_cny.size)
    for s in range(base_cny.size):
        if not price_index[s] > 0.0:
            raise ValueError("a sector's price index must be positive")
        normal_cny = base_cny[s] * growth[s] * season[s, quarter_of_year]
        demand_cny[s] = normal_cny * exp(noise[s]) * price_index[s] ** (-elasticity[s])
    return demand_cny


@compiled
def demand_at_prices(base_cny, growth, season, noise, production, prices, sector, elasticity, quarter_of_year):
    """Return the final demand of the quarter at the prices that buyers paid last: ``final_demand`` by sector, CNY.

    Parameters
    ----------
    production, prices : structured arrays, shape (N,)
        Final shares, and price indices.
    sector : ndarray, shape (N,)
    """
    price_index = mean_price_index(sector, prices.price_index, production.final_share, base_cny.size)
    return final_demand(base_cny, growth, season, noise, price_index, elasticity, quarter_of_year)


@compiled
def mean_price_index(sector, price_index, final_share, n_sectors):
    """Return the price that final buyers of each sector pay: the mean weighted by final shares; 1 where none sells.

    Parameters
    ----------
    sector, price_index, final_share : ndarray, shape (N,)
    """
    weight, paid = np.zeros(n_sectors), np.zeros(n_sectors)
    for i in range(sector.size):
        weight[sector[i]] += final_share[i]
        paid[sector[i]] += final_share[i] * price_index[i]
    for s in range(n_sectors):
        paid[s] = paid[s] / weight[s] if weight[s] > 0.0 else 1.0
    return paid
