"""Interest arithmetic: equal yearly or quarterly payments, and the rate of a quarter (SM06, SM08)."""

from math import expm1, log1p

from transition_sim.core.kernels import compiled

_NO_INTEREST = 1e-9


@compiled
def capital_recovery_factor(interest_share, periods):
    """Return the equal payment a period per unit of capital: r (1+r)^n / ((1+r)^n - 1); 1/n without interest (A09).

    Parameters
    ----------
    interest_share : float
        Interest of a period (a year, a quarter) as a share, > -1.
    periods : float
        Number of payments, > 0.
    """
    if abs(interest_share) < _NO_INTEREST:
        return 1.0 / periods
    return interest_share / -expm1(-periods * log1p(interest_share))


@compiled
def rate_per_quarter(rate_per_year):
    """Return the interest of a quarter that compounds to the yearly rate: (1 + r)^(1/4) - 1 (A09)."""
    return expm1(0.25 * log1p(rate_per_year))
