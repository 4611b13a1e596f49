"""The books of tradable quotas: sums over the accounts of a market, and the check that they close (SM15, B11)."""

import numpy as np

from transition_sim.core.errors import ConservationError
from transition_sim.core.kernels import entered

TOLERANCE_UNITS = 1e-6


@entered
def account_totals(accounts):
    """Return (covered, allocated with auctions, bought, sold, surrendered, banked, offsets) of all accounts."""
    covered, allocated, bought, sold, surrendered, banked, offsets = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(accounts.size):
        row = accounts[k]
        covered += 1.0 if row.is_covered else 0.0
        allocated += row.allocated_units + row.auctioned_units
        bought += row.bought_units
        sold += row.sold_units
        surrendered += row.surrendered_units
        banked += row.bank_units
        offsets += row.offset_units
    return covered, allocated, bought, sold, surrendered, banked, offsets


@entered
def worst_gap(accounts):
    """Return (largest gap of an account, its row, purchases less sales of all), units."""
    worst, found, net = 0.0, -1, 0.0
    for k in range(accounts.size):
        row = accounts[k]
        gap = row.opening_units + row.allocated_units + row.auctioned_units + row.bought_units + row.offset_units
        gap -= row.sold_units + row.surrendered_units + row.expired_units + row.bank_units
        if not abs(gap) <= abs(worst):
            worst, found = gap, k
        net += row.bought_units - row.sold_units
    return worst, found, net


def check_accounts(accounts: np.ndarray, outside_bought: float, outside_sold: float, name: str, quarter: str) -> None:
    """Check every account and the market as a whole (B11).

    opening + allocation + auction + purchases + offsets - sales - surrender - expired = closing, and all purchases
    equal all sales, those of the rest of the country included.

    Raises
    ------
    ConservationError
        Beyond 1e-6 units.
    """
    worst, row, net = worst_gap(accounts)
    if not abs(worst) <= TOLERANCE_UNITS:
        raise ConservationError(f"B11 {name}", abs(worst), "units", quarter, [(f"account {row}", worst)])
    traded = net + outside_bought - outside_sold
    if not abs(traded) <= TOLERANCE_UNITS:
        raise ConservationError(f"B11 {name}, purchases and sales", abs(traded), "units", quarter)
