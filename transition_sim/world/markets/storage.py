"""Storage and demand response: both flatten the load of the place before the dispatch (SM12).

The round-trip efficiency is counted at charging: 1 MWh drawn stores ``efficiency`` MWh, and a stored MWh comes out
whole. So efficiency * charge = discharge <= the energy capacity, and A13 holds: ``40 + x = 80 - efficiency * x``.
"""

import numpy as np

from transition_sim.core.errors import ConservationError
from transition_sim.core.kernels import compiled
from transition_sim.world.markets.slices import BLOCK_HOURS, BLOCKS, DAY_TYPES, EXTREME, MONTHS

_BISECTIONS = 64


@compiled
def room_below(residual_mw, level_mw, p_max_mw):
    """Return the power that lifts the blocks under a level up to it, MW summed over blocks."""
    total_mw = 0.0
    for load_mw in residual_mw:
        total_mw += min(max(level_mw - load_mw, 0.0), p_max_mw)
    return total_mw


@compiled
def load_above(residual_mw, level_mw, p_max_mw):
    """Return the power that cuts the blocks over a level down to it, MW summed over blocks."""
    total_mw = 0.0
    for load_mw in residual_mw:
        total_mw += min(max(load_mw - level_mw, 0.0), p_max_mw)
    return total_mw


@compiled
def water_levels(residual_mw, limit_mw, p_max_mw, efficiency):
    """Return the level up to which valleys are filled and the level down to which peaks are cut, MW.

    Without an energy limit both are one level; with it they part until what is discharged equals ``limit_mw``
    (MW summed over blocks). Found by bisection: every sum is monotone in its level.
    """
    lowest, highest = residual_mw.min(), residual_mw.max()
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


@compiled
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
    charge_mw = np.minimum(np.maximum(valley_mw - residual_mw, 0.0), p_max_mw)
    discharge_mw = np.minimum(np.maximum(residual_mw - peak_mw, 0.0), p_max_mw)
    stored_mw, drawn_mw = efficiency * charge_mw.sum(), discharge_mw.sum()
    # bisection leaves a last bit: scale the larger side down so that the cycle closes exactly
    if stored_mw > drawn_mw:
        charge_mw *= drawn_mw / stored_mw
    elif drawn_mw > 0.0:
        discharge_mw *= stored_mw / drawn_mw
    return charge_mw, discharge_mw


@compiled
def arbitrage_pays(low_cny_per_mwh, high_cny_per_mwh, efficiency):
    """Tell whether a cycle pays: the high price over the low one is more than 1/efficiency (SM12, A14)."""
    return high_cny_per_mwh * efficiency > low_cny_per_mwh


@compiled
def apply_storage(load_mw, tariff_cny_per_mwh, p_max_mw, e_max_mwh, efficiency):
    """Return charge and discharge of the storage of a place by slice, MW, each (3, 2, 8).

    A day is flattened only when it pays: the mean tariff at discharge over the one at charge beats 1/efficiency, so
    a flat tariff moves nothing (A14, M07).

    Parameters
    ----------
    load_mw, tariff_cny_per_mwh : ndarray, shape (3, 2, 8)
    p_max_mw, e_max_mwh, efficiency : float
        See ``flatten_day``.
    """
    charge_mw = np.zeros((MONTHS, DAY_TYPES, BLOCKS))
    discharge_mw = np.zeros((MONTHS, DAY_TYPES, BLOCKS))
    for month in range(MONTHS):
        for day in range(DAY_TYPES):
            charge, discharge = flatten_day(load_mw[month, day], BLOCK_HOURS, p_max_mw, e_max_mwh, efficiency)
            if discharge.sum() > 0.0:
                tariff = tariff_cny_per_mwh[month, day]
                low = (tariff * charge).sum() / charge.sum()
                high = (tariff * discharge).sum() / discharge.sum()
                if arbitrage_pays(low, high, efficiency):
                    charge_mw[month, day] = charge
                    discharge_mw[month, day] = discharge
    return charge_mw, discharge_mw


def check_cycles(
    charge_mw: np.ndarray, discharge_mw: np.ndarray, efficiency: float, e_max_mwh: float, quarter: str
) -> None:
    """Check that every day ends as it began and nobody draws more than storage holds (B02).

    Parameters
    ----------
    charge_mw, discharge_mw : ndarray, shape (3, 2, 8)
    quarter : str
        Label for the message.

    Raises
    ------
    ConservationError
        Beyond 1e-6 MWh in a day, or 1e-9 of the capacity.
    """
    stored_mwh = BLOCK_HOURS * efficiency * charge_mw.sum(axis=2)
    drawn_mwh = BLOCK_HOURS * discharge_mw.sum(axis=2)
    tolerance = max(1e-6, 1e-9 * e_max_mwh)
    gaps = {
        "a day does not end as it began": float(np.abs(stored_mwh - drawn_mwh).max()),
        "drawn beyond the capacity": float(np.max(drawn_mwh - e_max_mwh)),
        "negative power": float(-min(charge_mw.min(), discharge_mw.min())),
    }
    worst = max(gaps, key=lambda name: gaps[name])
    if not gaps[worst] <= tolerance:
        raise ConservationError("B02 storage", gaps[worst], "MWh", quarter, [(worst, gaps[worst])])


@compiled
def demand_response(load_mw, share, hours, hours_limit=20.0):
    """Return the demand response of a quarter by slice, MW, shape (3, 2, 8): mean over the hours of the slice (SM12).

    On extreme days the highest blocks are cut down towards ``(1 - share) * peak``, highest first, until the hours of
    the quarter are used up; a block that is called for part of its hours counts with that part.

    Parameters
    ----------
    load_mw, hours : ndarray, shape (3, 2, 8)
    share : float
        Enrolled share of the quarter's peak load (L23), 0 to 1.
    hours_limit : float
        Hours that may be called in a quarter.
    """
    cut_mw = np.zeros((MONTHS, DAY_TYPES, BLOCKS))
    level_mw = (1.0 - share) * load_mw.max()
    extreme_mw = load_mw[:, EXTREME, :].copy()
    hours_left = hours_limit
    for _ in range(MONTHS * BLOCKS):
        place = extreme_mw.argmax()
        month, block = place // BLOCKS, place % BLOCKS
        over_mw = extreme_mw[month, block] - level_mw
        if over_mw <= 0.0 or hours_left <= 0.0:
            break
        called = min(hours[month, EXTREME, block], hours_left)
        cut_mw[month, EXTREME, block] = over_mw * called / hours[month, EXTREME, block]
        hours_left -= called
        extreme_mw[month, block] = -np.inf
    return cut_mw
