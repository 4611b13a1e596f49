"""Unused tax credits for equipment, by age (SM10, L05).

Column 0 holds the credits of the running year, the last column the oldest. Profit tax uses the oldest first
(``settlement.profit_tax_after_credit``). With n columns a credit is good in its own year and n - 1 years after.
"""

from transition_sim.core.kernels import compiled


@compiled
def age_credits(tax_credit_cny):
    """Make all credits one year older at the turn of the year; return what lapsed, CNY.

    Parameters
    ----------
    tax_credit_cny : ndarray, shape (N, years)
    """
    lapsed_cny = 0.0
    last = tax_credit_cny.shape[1] - 1
    for i in range(tax_credit_cny.shape[0]):
        lapsed_cny += tax_credit_cny[i, last]
        for age in range(last, 0, -1):
            tax_credit_cny[i, age] = tax_credit_cny[i, age - 1]
        tax_credit_cny[i, 0] = 0.0
    return lapsed_cny
