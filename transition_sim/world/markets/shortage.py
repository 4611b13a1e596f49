"""Who is cut off when power is short: the strict order of curtailment and what it costs in output (SM12, P10).

Classes, 0 first: two-high or inefficient industry; other large industry; small industry and data; commerce; public
services and residents; and, after all of these, customers of a high-reliability zone.
"""

import numpy as np

from transition_sim.core.kernels import compiled, merged, part

TWO_HIGH, LARGE_INDUSTRY, SMALL_INDUSTRY, COMMERCE, RESIDENTS, HIGH_RELIABILITY = range(6)
SHED_CLASSES = 6


@merged
def shed_by_priority(unserved_mwh, demand_mwh_by_class, is_exempt):
    """Return the share of its demand that each class loses, shape (k,): strictly first class first (SM12).

    Exempt classes come after all others, in the same order: energy that is not there cannot be promised.

    Parameters
    ----------
    unserved_mwh : float
        Energy not served, MWh, >= 0.
    demand_mwh_by_class : ndarray, shape (k,)
        Demand in the order of curtailment, MWh, >= 0.
    is_exempt : ndarray of bool, shape (k,)
        Class of a high-reliability zone.

    Raises
    ------
    ValueError
        Less demand than is unserved.
    """
    shed_share = np.zeros(demand_mwh_by_class.shape[0])
    left_mwh = unserved_mwh
    for exempt in (False, True):
        for row in range(demand_mwh_by_class.shape[0]):
            if is_exempt[row] == exempt and demand_mwh_by_class[row] > 0.0:
                shed_mwh = min(left_mwh, demand_mwh_by_class[row])
                shed_share[row] = shed_mwh / demand_mwh_by_class[row]
                left_mwh -= shed_mwh
    if left_mwh > 1e-6 + 1e-9 * unserved_mwh:
        raise ValueError("more energy is unserved than the classes demand")
    return shed_share


@compiled
def shed_by_slice(unserved_mw, demand_mw_by_class, is_exempt, hours):
    """Return the share of its quarter's demand that each class loses, shape (k,), shed slice by slice.

    In a short evening the first class may not be enough while it has demand left at other hours: then the second
    class is cut as well, which a quarterly sum would miss.

    Parameters
    ----------
    unserved_mw, hours : ndarray, shape (3, 2, 8)
    demand_mw_by_class : ndarray, shape (k, 3, 2, 8)
    is_exempt : ndarray of bool, shape (k,)
    """
    k = demand_mw_by_class.shape[0]
    shed_mwh, demand_mwh = np.zeros(k), np.zeros(k)
    for month in range(hours.shape[0]):
        for day in range(hours.shape[1]):
            for block in range(hours.shape[2]):
                slice_mwh = demand_mw_by_class[:, month, day, block] * hours[month, day, block]
                unserved_mwh = unserved_mw[month, day, block] * hours[month, day, block]
                demand_mwh += slice_mwh
                if unserved_mwh > 0.0:
                    shed_mwh += shed_by_priority(unserved_mwh, slice_mwh, is_exempt) * slice_mwh
    for row in range(k):
        shed_mwh[row] = shed_mwh[row] / demand_mwh[row] if demand_mwh[row] > 0.0 else 0.0
    return shed_mwh


@compiled
def supply_reliably(energy, conduct, storage_mwh, county, has_zone, ordinary_class, hours, storage_hours, premium):
    """Write the class of enterprises in zones of high reliability, and the premium into their tariff (SM12).

    Who holds storage for some hours of its mean load in the quarter before pays the premium and is cut off last;
    the others in a zone stay what they were.

    Parameters
    ----------
    storage_mwh : ndarray, shape (N,)
    county, ordinary_class : ndarray of int, shape (N,)
    has_zone : ndarray of bool, shape (n_counties,)
    hours : float
        Of the quarter.
    storage_hours : float
    premium : float
        CNY/MWh.
    """
    for i in range(energy.size):
        if has_zone[county[i]]:
            wanted_mwh = storage_hours * energy[i].purchased_mwh / hours
            is_kept = storage_mwh[i] > 0.0 and storage_mwh[i] >= wanted_mwh
            conduct[i].shed_class = HIGH_RELIABILITY if is_kept else ordinary_class[i]
            if is_kept:
                energy[i].tariff_cny_per_mwh += premium


@compiled
def purchases_by_class(energy, conduct, load_shape, city_mwh, city_shape, n_shapes):
    """Return what each class buys by load shape, MWh, shape (``SHED_CLASSES``, n_shapes); the city is residents."""
    mwh = np.zeros((SHED_CLASSES, n_shapes))
    for i in range(energy.size):
        mwh[conduct[i].shed_class, load_shape[i]] += energy[i].purchased_mwh
    mwh[RESIDENTS, city_shape] += city_mwh
    return mwh


@part
def output_loss_share(shed_share, shed_output_loss=0.9):
    """Return the share of output that is lost when a share of the power is cut (SM12)."""
    return shed_output_loss * shed_share
