"""Interest arithmetic: equal and growing yearly or quarterly payments, and the rate of a quarter (SM06, SM08)."""

from math import expm1, log1p

from transition_sim.core.kernels import compiled, part

_NO_INTEREST = 1e-9
_SMALL_SHARE = 1e-3
"""Below it 1 - q^n loses digits, and is worked out by logarithms."""


@part
def fallen_share(growth_share, periods):
    """Return 1 - (1 + growth)^n, accurate for small growth.

    Whole periods are a product, which takes a tenth of the time of a general power.
    """
    whole = int(periods)
    if whole == periods and abs(growth_share) > _SMALL_SHARE:
        return 1.0 - (1.0 + growth_share) ** whole
    return -expm1(periods * log1p(growth_share))


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
    return interest_share / fallen_share(-interest_share / (1.0 + interest_share), periods)


@part
def growing_annuity(interest_share, growth_share, periods):
    """Return the present value of n payments that start at 1 and grow: (1 - ((1+g)/(1+r))^n) / (r - g) (SM06).

    Parameters
    ----------
    interest_share, growth_share : float
        Of a period, as shares, > -1.
    periods : float
        Number of payments, > 0.
    """
    gap = interest_share - growth_share
    if abs(gap) < _NO_INTEREST:
        return periods / (1.0 + interest_share)
    return fallen_share(-gap / (1.0 + interest_share), periods) / gap


@part
def rate_per_quarter(rate_per_year):
    """Return the interest of a quarter that compounds to the yearly rate: (1 + r)^(1/4) - 1 (A09)."""
    return expm1(0.25 * log1p(rate_per_year))
