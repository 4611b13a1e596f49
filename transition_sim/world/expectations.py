"""What enterprises expect: prices smoothed, policy by its credibility, and the rush before an end (SM16)."""

import numpy as np

from transition_sim.core.kernels import compiled, entered, lean
from transition_sim.world.state import SOE


@lean
def smoothed(expected, observed, speed):
    """Return E + speed (P - E): after n quarters (1 - speed)^n of a step is still to come (A30)."""
    return expected + speed * (observed - expected)


@entered
def update_expected_prices(expected_cny_per_gj, observed_cny_per_gj, params):
    """Smooth the expected prices in place.

    Parameters
    ----------
    expected_cny_per_gj : ndarray, shape (2, n_carriers)
        Row 0 state-owned enterprises, row 1 others; overwritten.
    observed_cny_per_gj : ndarray, shape (n_carriers,)
    params : structured array, shape (1,)
        ``expectation_speed_soe``, ``expectation_speed`` (1/quarter).
    """
    p = params[0]
    for c in range(observed_cny_per_gj.size):
        observed = observed_cny_per_gj[c]
        expected_cny_per_gj[0, c] = smoothed(expected_cny_per_gj[0, c], observed, p.expectation_speed_soe)
        expected_cny_per_gj[1, c] = smoothed(expected_cny_per_gj[1, c], observed, p.expectation_speed)


@compiled
def look_at_power(
    energy, conduct, finance, voltage, shape_cny_per_mwh, midday_cny_per_mwh, discount_cny_per_mwh, load_points,
    quarter_hours, params, expected_cny_per_mwh, avoided_cny_per_mwh, loads_mw,
):  # fmt: skip
    """Write what enterprises expect of power, the tariff that roof PV avoids, and their loads on a typical day.

    Tariffs are those of the last four quarters with the surcharge of this one; high voltage pays less for the network.

    Parameters
    ----------
    energy, conduct, finance : structured arrays, shape (N,)
    voltage : ndarray of int, shape (N,)
        0 medium, 1 high.
    shape_cny_per_mwh : ndarray, shape (4, K)
        Tariff by quarter and load shape.
    midday_cny_per_mwh, discount_cny_per_mwh, quarter_hours : float
    load_points : ndarray, shape (K, 3)
    params : structured array, shape (1,)
    expected_cny_per_mwh, avoided_cny_per_mwh : ndarray, shape (N,)
        Written; the first is smoothed.
    loads_mw : ndarray, shape (N, 3)
        Written.
    """
    p, n_quarters = params[0], shape_cny_per_mwh.shape[0]
    mean_cny_per_mwh = np.zeros(shape_cny_per_mwh.shape[1])
    for q in range(n_quarters):
        mean_cny_per_mwh += shape_cny_per_mwh[q]
    mean_cny_per_mwh /= n_quarters
    for i in range(energy.size):
        shape, surcharge = conduct[i].load_shape, energy[i].surcharge_cny_per_mwh
        lower = voltage[i] * discount_cny_per_mwh
        speed = p.expectation_speed_soe if finance[i].ownership == SOE else p.expectation_speed
        observed = mean_cny_per_mwh[shape] - lower + surcharge
        expected_cny_per_mwh[i] = smoothed(expected_cny_per_mwh[i], observed, speed)
        avoided_cny_per_mwh[i] = midday_cny_per_mwh - lower + surcharge
        mean_mw = energy[i].electricity_mwh / quarter_hours
        for k in range(load_points.shape[1]):
            loads_mw[i, k] = load_points[shape, k] * mean_mw


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
