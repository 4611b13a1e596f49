"""Air pollutants of the place (I54)."""

import numpy as np

from transition_sim.core.kernels import compiled

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
