"""Outcomes that are no sum of a column: air pollutants, green industry, who gets support (I30, I46, I54)."""

import numpy as np

from transition_sim.core.kernels import compiled
from transition_sim.world.state import LARGE

INDUSTRY, CITY, PLANT = range(3)


@compiled
def co_pollutants_t(industry_gj, city_gj, unit_fuel, generation_mwh, heat_rate_gj_per_mwh, is_local, factor_t_per_gj):
    """Return (SO2, NOx, dust) of the fuel burnt in the place, t: emission factor x fuel (SM19, I54).

    Parameters
    ----------
    industry_gj, city_gj : ndarray, shape (n_carriers,)
    unit_fuel : ndarray of int, shape (n_units,)
        Carrier of each generating unit, -1: none.
    generation_mwh, heat_rate_gj_per_mwh : ndarray, shape (n_units,)
    is_local : ndarray of bool, shape (n_units,)
    factor_t_per_gj : ndarray, shape (3, n_carriers, 3)
        By user (industry, city, plant), carrier and pollutant.
    """
    found = np.zeros(3)
    for k in range(3):
        for c in range(industry_gj.size):
            found[k] += industry_gj[c] * factor_t_per_gj[INDUSTRY, c, k] + city_gj[c] * factor_t_per_gj[CITY, c, k]
        for unit in range(unit_fuel.size):
            if unit_fuel[unit] >= 0 and is_local[unit]:
                burnt_gj = generation_mwh[unit] * heat_rate_gj_per_mwh[unit]
                found[k] += burnt_gj * factor_t_per_gj[PLANT, unit_fuel[unit], k]
    return found


@compiled
def industry_and_support(production, finance, flows, sector, is_green_industry):
    """Return (output of green industry, support of enterprises, that of small and medium ones), CNY (I30, I46).

    Support is what the specification asks about: capital and interest subsidies, and new loans.

    Parameters
    ----------
    sector : ndarray of int, shape (N,)
    is_green_industry : ndarray of bool, shape (S,)
    """
    output = support = smaller = 0.0
    for i in range(production.size):
        if is_green_industry[sector[i]]:
            output += production[i].output_cny
        got = flows[i].subsidy_cny + flows[i].interest_subsidy_cny + flows[i].borrowed_cny
        support += got
        if finance[i].size_class != LARGE:
            smaller += got
    return output, support, smaller
