"""Allowances that follow output: what is short, and what that adds to the marginal cost (SM15, A20)."""

from transition_sim.core.kernels import entered, lean


def rate_based_shortfall(
    generation_mwh: float, emitted_tco2_per_mwh: float, benchmark_tco2_per_mwh: float, carbon_cny_per_tco2: float
) -> tuple[float, float]:
    """Return (allowances short in tCO2, their cost in CNY) of a plant with a benchmark allocation (SM15, A20).

    ``short = (EF - BM) G``; negative where the plant emits less than its benchmark: it has allowances to sell.

    Parameters
    ----------
    generation_mwh : float
        0 or more.
    emitted_tco2_per_mwh, benchmark_tco2_per_mwh : float
        0 or more.
    carbon_cny_per_tco2 : float

    Raises
    ------
    ValueError
        A negative output, factor or benchmark.
    """
    if min(generation_mwh, emitted_tco2_per_mwh, benchmark_tco2_per_mwh) < 0:
        raise ValueError("generation, emission factor and benchmark must be 0 or more")
    short_tco2 = (emitted_tco2_per_mwh - benchmark_tco2_per_mwh) * generation_mwh
    return short_tco2, short_tco2 * carbon_cny_per_tco2


@lean
def marginal_cost_cny_per_mwh(
    running_cny_per_mwh, emitted_tco2_per_mwh, carbon_cny_per_tco2, benchmark_tco2_per_mwh=0.0
):
    """Return the cost of one more MWh with its carbon: running + (EF - BM) P (SM12, SM15, A20).

    Under a rate-based allocation another MWh brings BM more allowances, so only the difference counts; without a
    benchmark (a cap, or auctioned allowances) every tonne counts.
    """
    return running_cny_per_mwh + (emitted_tco2_per_mwh - benchmark_tco2_per_mwh) * carbon_cny_per_tco2


@entered
def write_carbon_costs(
    unit_cny_per_mwh, heat_rate_gj_per_mwh, tco2_per_gj, benchmark_tco2_per_mwh, auction_share, carbon_cny_per_tco2
):
    """Write what carbon adds to the marginal cost of every plant, CNY/MWh; 0 where none is covered (SM15).

    Parameters
    ----------
    unit_cny_per_mwh : ndarray, shape (U,)
        Written.
    heat_rate_gj_per_mwh, tco2_per_gj, benchmark_tco2_per_mwh : ndarray, shape (U,)
        Without a benchmark a plant is not covered.
    auction_share : float
        Of the allowances, sold instead of given.
    """
    for unit in range(unit_cny_per_mwh.size):
        unit_cny_per_mwh[unit] = 0.0
        if benchmark_tco2_per_mwh[unit] > 0.0:
            given_tco2_per_mwh = benchmark_tco2_per_mwh[unit] * (1.0 - auction_share)
            emitted_tco2_per_mwh = heat_rate_gj_per_mwh[unit] * tco2_per_gj[unit]
            unit_cny_per_mwh[unit] = marginal_cost_cny_per_mwh(
                0.0, emitted_tco2_per_mwh, carbon_cny_per_tco2, given_tco2_per_mwh
            )
