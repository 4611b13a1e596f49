"""From hazards to events: what happens within a quarter (SM05, SM07)."""

from math import expm1

from transition_sim.core.clock import YEARS_PER_QUARTER
from transition_sim.core.kernels import part


@part
def quarterly_probability(hazard_per_year):
    """Return the probability of at least one event in a quarter: 1 - exp(-hazard / 4) (SM05, A03)."""
    return -expm1(-hazard_per_year * YEARS_PER_QUARTER)


@part
def happens(hazard_per_year, uniform):
    """Tell whether an event of a hazard happens in a quarter: the uniform lies below its probability.

    The probability lies between x - x^2 / 2 and x = hazard / 4, so nearly no row needs an exponential.
    """
    most = hazard_per_year * YEARS_PER_QUARTER
    if uniform >= most:
        return False
    return uniform < most - 0.5 * most * most or uniform < quarterly_probability(hazard_per_year)
