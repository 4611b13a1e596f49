"""The days on which cement kilns may run: off-peak stops, maintenance, exemptions (SM11, L11).

Off-peak stops lie where the plans of the provinces put them: most in the heating season of the first and fourth
quarter, some in the hot and wet third [A]. What does not fit into a quarter spills over to the others, so the total
of the year holds. The quarters of the model are equally long.
"""

import numpy as np

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.kernels import compiled, entered, merged, part

OFFPEAK_WEIGHTS = np.array([0.45, 0.10, 0.20, 0.25])


@merged
def stop_days_by_quarter(offpeak_days, maintenance_days, exempt_days, days_per_year):
    """Return the days on which a kiln stands, by quarter, shape (4,); they sum to the days of the year.

    Maintenance is spread evenly; off-peak days, less the exemption, by ``OFFPEAK_WEIGHTS``.

    Parameters
    ----------
    offpeak_days, maintenance_days, exempt_days : float
        d/yr; an exemption cannot take off more than the off-peak days.
    days_per_year : float

    Raises
    ------
    ValueError
        Negative days, or more stops than the year has days.
    """
    if min(offpeak_days, maintenance_days, exempt_days) < 0.0:
        raise ValueError("days of off-peak stops, maintenance and exemption must not be negative")
    left = max(0.0, offpeak_days - exempt_days)
    if left + maintenance_days > days_per_year:
        raise ValueError("a kiln cannot stand on more days than the year has")
    quarter_days = days_per_year / QUARTERS_PER_YEAR
    days = np.full(QUARTERS_PER_YEAR, maintenance_days / QUARTERS_PER_YEAR)
    for _ in range(QUARTERS_PER_YEAR):  # each round fills at least one quarter, or places all that is left
        has_room = days < quarter_days
        weight = OFFPEAK_WEIGHTS[has_room].sum()
        if left <= 0.0 or weight <= 0.0:
            break
        spill = 0.0
        for q in range(QUARTERS_PER_YEAR):
            if has_room[q]:
                wanted = days[q] + left * OFFPEAK_WEIGHTS[q] / weight
                days[q] = min(wanted, quarter_days)
                spill += wanted - days[q]
        left = spill
    return days


@part
def available_share(offpeak_days, maintenance_days, exempt_days, quarter_of_year, days_per_year):
    """Return the share of a quarter in which a kiln may run, 0 to 1; the mean of four quarters is the year's share.

    Parameters
    ----------
    offpeak_days, maintenance_days, exempt_days, days_per_year : float
        d/yr, as in ``stop_days_by_quarter``.
    quarter_of_year : int
        0 to 3.
    """
    days = stop_days_by_quarter(offpeak_days, maintenance_days, exempt_days, days_per_year)
    return max(0.0, 1.0 - days[quarter_of_year] * QUARTERS_PER_YEAR / days_per_year)


@entered
def write_co_processing(rows, slots, technologies, is_exempt):
    """Mark whose kilns burn waste or recover heat, so that the exemption from off-peak days counts.

    Parameters
    ----------
    rows : ndarray of int
        Slots of measures on kilns.
    is_exempt : ndarray of bool, shape (N,)
        Written where such a measure is in service.
    """
    for s in rows:
        k = slots[s].main_technology
        if k >= 0 and (technologies[k].fuel_switch_share > 0.0 or technologies[k].own_elec_gj_per_unit > 0.0):
            is_exempt[slots[s].enterprise] = True


@compiled
def write_available_share(
    production, has_kiln, is_exempt, offpeak_days, maintenance_days, exempt_days, quarter_of_year, days_per_year
):
    """Write ``production.available_share`` of the quarter: kilns by their days, all others 1 (SM11).

    Parameters
    ----------
    production : structured array, shape (N,)
    has_kiln : ndarray of bool, shape (N,)
        Burns clinker.
    is_exempt : ndarray of bool, shape (N,)
        Its lines co-process municipal waste or use waste heat, so the exemption counts.
    """
    plain = available_share(offpeak_days, maintenance_days, 0.0, quarter_of_year, days_per_year)
    exempt = available_share(offpeak_days, maintenance_days, exempt_days, quarter_of_year, days_per_year)
    for i in range(production.size):
        share = 1.0
        if has_kiln[i]:
            share = exempt if is_exempt[i] else plain
        production[i].available_share = share
