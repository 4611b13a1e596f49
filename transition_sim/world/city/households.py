"""Households: green attitude, how it moves, and how electricity use answers the price (SM26, L19, L45)."""

LOWEST_ATTITUDE, HIGHEST_ATTITUDE = 0.05, 0.8


def next_attitude(attitude, publicity, peers, publicity_gain, speed_per_year):
    """Return the share of green households a quarter on: theta + g L45 + s (F - theta) / 4, within 0.05 to 0.8 (SM26).

    Parameters
    ----------
    attitude : float
        0.05 to 0.8.
    publicity : float
        Effort, 0 to 1 (L45).
    peers : float
        F: electric among the new cars of the last year, what neighbours are seen to do.
    publicity_gain, speed_per_year : float
    """
    moved = attitude + publicity_gain * publicity + speed_per_year * 0.25 * (peers - attitude)
    return min(HIGHEST_ATTITUDE, max(LOWEST_ATTITUDE, moved))


def household_elasticity(attitude, start_attitude, elasticity, gain):
    """Return the answer of households' use to the price: from ``elasticity`` up by ``gain`` at the highest attitude."""
    reach = (attitude - start_attitude) / (HIGHEST_ATTITUDE - start_attitude)
    return elasticity + gain * min(1.0, max(0.0, reach))
