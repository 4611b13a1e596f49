"""What enterprises expect: prices smoothed, policy by its credibility, and the rush before an end (SM16)."""

import numpy as np


def smooth(expected: np.ndarray | float, observed: np.ndarray | float, speed: np.ndarray | float) -> np.ndarray:
    """Return E + speed (P - E): after n quarters (1 - speed)^n of a step is still to come (A30)."""
    before = np.asarray(expected, float)
    return before + np.asarray(speed, float) * (np.asarray(observed, float) - before)


def update_expected_prices(
    expected_cny_per_gj: np.ndarray, observed_cny_per_gj: np.ndarray, params: np.ndarray
) -> None:
    """Smooth the expected prices in place.

    Parameters
    ----------
    expected_cny_per_gj : ndarray, shape (2, n_carriers)
        Row 0 state-owned enterprises, row 1 others; overwritten.
    observed_cny_per_gj : ndarray, shape (n_carriers,)
    params : structured array, shape (1,)
        ``expectation_speed_soe``, ``expectation_speed`` (1/quarter).
    """
    for row, key in enumerate(("expectation_speed_soe", "expectation_speed")):
        expected_cny_per_gj[row] = smooth(expected_cny_per_gj[row], observed_cny_per_gj, params[0][key])


def expected_lever(credibility: float, announced_mean: float, current: float) -> float:
    """Return the value of a lever that enterprises count on: credibility x announced + (1 - credibility) x current.

    Parameters
    ----------
    credibility : float
        0 to 1.
    announced_mean : float
        Mean of the announced path over the years that count.
    current : float
        Value this quarter.
    """
    return credibility * announced_mean + (1.0 - credibility) * current


def update_credibility(credibility: float, n_kept: float, n_broken: float, params: np.ndarray) -> float:
    """Return the credibility after announcements kept and broken, within its bounds (SM16: 0.1 to 0.95)."""
    p = params[0]
    moved = credibility + p["credibility_kept"] * n_kept - p["credibility_broken"] * n_broken
    return float(min(max(moved, p["credibility_min"]), p["credibility_max"]))


def anticipation_hazard(
    quarter: int,
    end_quarter: int,
    relative_loss: np.ndarray | float,
    strength_per_year: float = 1.5,
    window_quarters: int = 4,
) -> np.ndarray:
    """Return what an announced end adds to the hazard, 1/yr: as much before it as is missing after (SM16).

    In the window before the end +strength x loss, in the same window from the end on -strength x loss: the integral
    over both is 0. Where the negative part exceeds the rest of the hazard the hazard is 0 and a part of the rush
    remains: a firm that does not look cannot look less.

    Parameters
    ----------
    end_quarter : int
        First quarter without the support.
    relative_loss : array or float
        Rise of the levelised cost at the end over the levelised cost; negative where a cost falls away.
    strength_per_year : float
    window_quarters : int
    """
    loss = np.asarray(relative_loss, float)
    until = end_quarter - quarter
    if 0 < until <= window_quarters:
        return strength_per_year * loss
    if -window_quarters < until <= 0:
        return -strength_per_year * loss
    return np.zeros_like(loss)


def relative_loss_of_support(capital_share: np.ndarray | float, support_share: float) -> np.ndarray:
    """Return the rise of the levelised cost when a capital support ends, over the cost with support.

    Parameters
    ----------
    capital_share : array or float
        Capital in the levelised cost before support, 0 to 1.
    support_share : float
        Part of capital that is paid, 0 to below 1.
    """
    paid = np.asarray(capital_share, float) * support_share
    return paid / (1.0 - paid)
