"""The 48 slices of a quarter: 3 months x 2 day types x 8 blocks of three hours, and loads spread over them (SM12).

Every array over slices has the shape (3, 2, 8): month of the quarter, day type (0 typical, 1 extreme), block from
midnight. Loops over all slices take them flat, shape (48,), in the same order. A year has 8760 hours: 29 February is
left out, as in the specification.
"""

import numpy as np

from transition_sim.core.kernels import compiled, lean, part

MONTHS, DAY_TYPES, BLOCKS = 3, 2, 8
DAYS = MONTHS * DAY_TYPES
"""Kinds of days of a quarter: the typical and the extreme day of each month."""
SLICES = DAYS * BLOCKS
TYPICAL, EXTREME = 0, 1
BLOCK_HOURS = 3.0
MIDDAY_BLOCKS = (3, 4)
EXTREME_DAYS = 2.0
"""Extreme days a month."""
EXTREME_FACTOR = 1.12
"""Load of an extreme day over that of a typical day."""
_DAYS = np.array([31.0, 28.0, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0])


@compiled
def slice_hours(quarter_of_year):
    """Return the hours of each slice, shape (3, 2, 8); they sum to 2160, 2184, 2208, 2208 over the quarters (SM12).

    Parameters
    ----------
    quarter_of_year : int
        0 for January-March ... 3 for October-December.

    Raises
    ------
    ValueError
        The quarter is not 0 to 3.
    """
    if quarter_of_year < 0 or quarter_of_year > 3:
        raise ValueError("a quarter of a year is 0, 1, 2 or 3")
    hours = np.empty((MONTHS, DAY_TYPES, BLOCKS))
    for month in range(MONTHS):
        hours[month, TYPICAL, :] = (_DAYS[quarter_of_year * MONTHS + month] - EXTREME_DAYS) * BLOCK_HOURS
        hours[month, EXTREME, :] = EXTREME_DAYS * BLOCK_HOURS
    return hours


@compiled
def load_profile(shape, hours, extreme_factor=EXTREME_FACTOR):
    """Return the load of one shape per MWh of its quarter, MW/MWh, shape (3, 2, 8): its product with hours sums to 1.

    Parameters
    ----------
    shape : ndarray, shape (2, 8)
        Weight of each block of a typical and of an extreme day, >= 0.
    hours : ndarray, shape (3, 2, 8)
        Hours of the slices.
    extreme_factor : float
        Factor on the weights of the extreme days; the sum is kept.

    Raises
    ------
    ValueError
        The weights sum to nothing.
    """
    profile = np.empty((MONTHS, DAY_TYPES, BLOCKS))
    total = 0.0
    for month in range(MONTHS):
        for day in range(DAY_TYPES):
            factor = extreme_factor if day == EXTREME else 1.0
            for block in range(BLOCKS):
                profile[month, day, block] = shape[day, block] * factor
                total += profile[month, day, block] * hours[month, day, block]
    if not total > 0.0:
        raise ValueError("the weights of a load shape must sum to more than 0")
    return profile / total


@part
def load_by_slice(shape_mwh, shapes, hours, extreme_factor=EXTREME_FACTOR):
    """Return the load of a quarter by slice, MW, shape (3, 2, 8); load times hours sums to the energy of all shapes.

    Parameters
    ----------
    shape_mwh : ndarray, shape (n_shapes,)
        Energy of the quarter by load shape, MWh, >= 0.
    shapes : ndarray, shape (n_shapes, 2, 8)
        Weights of the blocks.
    hours : ndarray, shape (3, 2, 8)
        Hours of the slices.
    extreme_factor : float
        Load of an extreme day over that of a typical day; it moves energy between days and adds none.
    """
    load_mw = np.zeros((MONTHS, DAY_TYPES, BLOCKS))
    for row in range(shape_mwh.shape[0]):
        if shape_mwh[row] != 0.0:
            load_mw += shape_mwh[row] * load_profile(shapes[row], hours, extreme_factor)
    return load_mw


@lean
def midday_mean(by_block):
    """Return the mean of the midday blocks of a day, shape (8,)."""
    total = 0.0
    for block in MIDDAY_BLOCKS:
        total += by_block[block]
    return total / len(MIDDAY_BLOCKS)


# blocks of three hours: 9-15 h, the peaks of 10-12 and 15-21 h, and the night from 0 to 6 h
_MIDDAY, _PEAK, _VALLEY = (3, 4), (3, 5, 6), (0, 1)


def load_points(load_shapes: np.ndarray) -> np.ndarray:
    """Return midday, peak and valley load over the mean load of a typical day, shape (n_shapes, 3).

    Parameters
    ----------
    load_shapes : ndarray, shape (n_shapes, 2, 8)
        Share of a day's energy in each three-hour block, typical day first.
    """
    parts = [8.0 * load_shapes[:, 0, list(blocks)].mean(axis=1) for blocks in (_MIDDAY, _PEAK, _VALLEY)]
    return np.ascontiguousarray(np.stack(parts, axis=1))
