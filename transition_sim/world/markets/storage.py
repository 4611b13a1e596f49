"""Storage and demand response: both flatten the load of the place before the dispatch (SM12).

The round-trip efficiency is counted at charging: 1 MWh drawn stores ``efficiency`` MWh, and a stored MWh comes out
whole. So efficiency * charge = discharge <= the energy capacity, and A13 holds: ``40 + x = 80 - efficiency * x``.
"""

import numpy as np

from transition_sim.core.errors import ConservationError
from transition_sim.core.kernels import compiled, lean, merged, part
from transition_sim.world.markets.slices import BLOCK_HOURS, BLOCKS, DAY_TYPES, EXTREME, MONTHS, SLICES

_BISECTIONS = 64


@lean
def least(values):
    """Return the smallest of some numbers."""
    found = values[0]
    for value in values:
        found = min(found, value)
    return found


@lean
def greatest(values):
    """Return the largest of some numbers."""
    found = values[0]
    for value in values:
        found = max(found, value)
    return found


@lean
def total(values):
    """Return the sum of some numbers."""
    found = 0.0
    for value in values:
        found += value
    return found


@lean
def room_below(residual_mw, level_mw, p_max_mw):
    """Return the power that lifts the blocks under a level up to it, MW summed over blocks."""
    total_mw = 0.0
    for load_mw in residual_mw:
        total_mw += min(max(level_mw - load_mw, 0.0), p_max_mw)
    return total_mw


@lean
def load_above(residual_mw, level_mw, p_max_mw):
    """Return the power that cuts the blocks over a level down to it, MW summed over blocks."""
    total_mw = 0.0
    for load_mw in residual_mw:
        total_mw += min(max(load_mw - level_mw, 0.0), p_max_mw)
    return total_mw


@lean
def water_levels(residual_mw, limit_mw, p_max_mw, efficiency):
    """Return the level up to which valleys are filled and the level down to which peaks are cut, MW.

    Without an energy limit both are one level; with it they part until what is discharged equals ``limit_mw``
    (MW summed over blocks). Found by bisection: every sum is monotone in its level.
    """
    lowest, highest = least(residual_mw), greatest(residual_mw)
    low, high = lowest, highest
    for _ in range(_BISECTIONS):
        level = 0.5 * (low + high)
        if efficiency * room_below(residual_mw, level, p_max_mw) < load_above(residual_mw, level, p_max_mw):
            low = level
        else:
            high = level
    common = high
    if load_above(residual_mw, common, p_max_mw) <= limit_mw:
        return common, common
    low, valley = lowest, common
    for _ in range(_BISECTIONS):
        level = 0.5 * (low + valley)
        if efficiency * room_below(residual_mw, level, p_max_mw) < limit_mw:
            low = level
        else:
            valley = level
    peak, high = common, highest
    for _ in range(_BISECTIONS):
        level = 0.5 * (peak + high)
        if load_above(residual_mw, level, p_max_mw) > limit_mw:
            peak = level
        else:
            high = level
    return valley, high


@merged
def flatten_day(residual_mw, hours_per_block, p_max_mw, e_max_mwh, efficiency):
    """Flatten a day with storage by water-filling; the day ends as it began (SM12, A13, B02).

    Parameters
    ----------
    residual_mw : ndarray, shape (8,)
        Load by block, MW.
    hours_per_block : float
    p_max_mw, e_max_mwh : float
        Power at the grid and energy that can be drawn from full storage, >= 0. At most one full cycle a day.
    efficiency : float
        Round trip, above 0 to 1; lost at charging.

    Returns
    -------
    charge_mw, discharge_mw : ndarray, shape (8,)
        ``efficiency * sum(charge) = sum(discharge)``; at most one of the two is above 0 in a block.

    Raises
    ------
    ValueError
        A negative limit, or an efficiency outside (0, 1].
    """
    if not (p_max_mw >= 0.0 and e_max_mwh >= 0.0 and 0.0 < efficiency <= 1.0):
        raise ValueError("storage limits are not negative and its efficiency lies above 0 and up to 1")
    valley_mw, peak_mw = water_levels(residual_mw, e_max_mwh / hours_per_block, p_max_mw, efficiency)
    charge_mw, discharge_mw = np.empty(BLOCKS), np.empty(BLOCKS)
    for block in range(BLOCKS):
        charge_mw[block] = min(max(valley_mw - residual_mw[block], 0.0), p_max_mw)
        discharge_mw[block] = min(max(residual_mw[block] - peak_mw, 0.0), p_max_mw)
    stored_mw, drawn_mw = efficiency * total(charge_mw), total(discharge_mw)
    # bisection leaves a last bit: scale the larger side down so that the cycle closes exactly
    charge_scale = drawn_mw / stored_mw if stored_mw > drawn_mw else 1.0
    discharge_scale = stored_mw / drawn_mw if drawn_mw > stored_mw else 1.0
    for block in range(BLOCKS):
        charge_mw[block] *= charge_scale
        discharge_mw[block] *= discharge_scale
    return charge_mw, discharge_mw


@part
def arbitrage_pays(low_cny_per_mwh, high_cny_per_mwh, efficiency):
    """Tell whether a cycle pays: the high price over the low one is more than 1/efficiency (SM12, A14)."""
    return high_cny_per_mwh * efficiency > low_cny_per_mwh


@lean
def cycle_pays(tariff_cny_per_mwh, charge_mw, discharge_mw, efficiency):
    """Tell whether the mean tariff of what a day draws beats that of what it stores."""
    stored_mw = drawn_mw = paid = earned = 0.0
    for block in range(BLOCKS):
        paid += tariff_cny_per_mwh[block] * charge_mw[block]
        earned += tariff_cny_per_mwh[block] * discharge_mw[block]
        stored_mw += charge_mw[block]
        drawn_mw += discharge_mw[block]
    return drawn_mw > 0.0 and arbitrage_pays(paid / stored_mw, earned / drawn_mw, efficiency)


@merged
def apply_storage(load_mw, tariff_cny_per_mwh, p_max_mw, e_max_mwh, efficiency):
    """Return charge and discharge of the storage of a place by slice, MW, each (48,).

    A day is flattened only when it pays: the mean tariff at discharge over the one at charge beats 1/efficiency, so
    a flat tariff moves nothing (A14, M07).

    Parameters
    ----------
    load_mw, tariff_cny_per_mwh : ndarray, shape (48,)
    p_max_mw, e_max_mwh, efficiency : float
        See ``flatten_day``.
    """
    charge_mw, discharge_mw = np.zeros(SLICES), np.zeros(SLICES)
    if p_max_mw == 0.0 or e_max_mwh == 0.0:
        return charge_mw, discharge_mw
    for first in range(0, SLICES, BLOCKS):
        tariff = tariff_cny_per_mwh[first : first + BLOCKS]
        if not arbitrage_pays(least(tariff), greatest(tariff), efficiency):
            continue
        load = load_mw[first : first + BLOCKS]
        charge, discharge = flatten_day(load, BLOCK_HOURS, p_max_mw, e_max_mwh, efficiency)
        if cycle_pays(tariff, charge, discharge, efficiency):
            for block in range(BLOCKS):
                charge_mw[first + block] = charge[block]
                discharge_mw[first + block] = discharge[block]
    return charge_mw, discharge_mw


@compiled
def cycle_gaps_mwh(charge_mw, discharge_mw, efficiency, e_max_mwh):
    """Return how far a day does not end as it began, how far it draws beyond the capacity, and any negative power.

    Parameters
    ----------
    charge_mw, discharge_mw : ndarray, shape (48,)
    """
    open_mwh, beyond_mwh, below = 0.0, -e_max_mwh, 0.0
    for first in range(0, SLICES, BLOCKS):
        stored_mw = drawn_mw = 0.0
        for s in range(first, first + BLOCKS):
            stored_mw += charge_mw[s]
            drawn_mw += discharge_mw[s]
            below = max(below, -charge_mw[s], -discharge_mw[s])
        drawn_mwh = BLOCK_HOURS * drawn_mw
        open_mwh = max(open_mwh, abs(BLOCK_HOURS * efficiency * stored_mw - drawn_mwh))
        beyond_mwh = max(beyond_mwh, drawn_mwh - e_max_mwh)
    return open_mwh, beyond_mwh, below


def check_cycles(gaps_mwh: tuple[float, float, float], e_max_mwh: float, quarter: str) -> None:
    """Check that every day ends as it began and nobody draws more than storage holds (B02).

    Parameters
    ----------
    gaps_mwh : tuple of 3 floats
        See ``cycle_gaps_mwh``.
    quarter : str
        Label for the message.

    Raises
    ------
    ConservationError
        Beyond 1e-6 MWh in a day, or 1e-9 of the capacity.
    """
    if not max(gaps_mwh) <= max(1e-6, 1e-9 * e_max_mwh):
        names = ("a day does not end as it began", "drawn beyond the capacity", "negative power")
        worst = max(gaps_mwh)
        raise ConservationError("B02 storage", worst, "MWh", quarter, [(names[gaps_mwh.index(worst)], worst)])


@merged
def demand_response(load_mw, share, hours, hours_limit=20.0):
    """Return the demand response of a quarter by slice, MW, shape (48,): mean over the hours of the slice (SM12).

    On extreme days the highest blocks are cut down towards ``(1 - share) * peak``, highest first, until the hours of
    the quarter are used up; a block that is called for part of its hours counts with that part.

    Parameters
    ----------
    load_mw, hours : ndarray, shape (48,)
    share : float
        Enrolled share of the quarter's peak load (L23), 0 to 1.
    hours_limit : float
        Hours that may be called in a quarter.
    """
    cut_mw, left_mw = np.zeros(SLICES), np.empty(SLICES)
    for s in range(SLICES):
        is_extreme = s // BLOCKS % DAY_TYPES == EXTREME
        left_mw[s] = load_mw[s] if is_extreme else -np.inf
    level_mw = (1.0 - share) * greatest(load_mw)
    hours_left = hours_limit
    for _ in range(MONTHS * BLOCKS):
        highest = 0
        for s in range(SLICES):
            if left_mw[s] > left_mw[highest]:
                highest = s
        over_mw = left_mw[highest] - level_mw
        if over_mw <= 0.0 or hours_left <= 0.0:
            break
        called = min(hours[highest], hours_left)
        cut_mw[highest] = over_mw * called / hours[highest]
        hours_left -= called
        left_mw[highest] = -np.inf
    return cut_mw
