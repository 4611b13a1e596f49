"""Energy-use rights: quotas of key users, a yearly auction between them, paid use of what is missing (SM15, L28).

The engine is that of the carbon market, a call auction at one price, with tce as its unit and the yearly change of
intensity that the energy budget asks for (L14) as the quota. Nothing is banked and nothing crosses the border of the
place: who is short buys from who is long, and pays the government for the rest.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled
from transition_sim.world.markets.clearing import call_auction


@dataclass
class EnergyRights:
    """The market of a place; arrays have shape (N,), or size 0 before it opens.

    Attributes
    ----------
    used_tce, output_cny : ndarray
        Of the year so far.
    start_tce_per_cny : ndarray
        Energy per output in the first year of the market; 0: no key user then.
    price_cny_per_tce : float
        Of the last auction; 0 before the first.
    traded_tce, missing_tce : float
        Of the quarter.
    first_year : int
        In which quotas are measured; rights are due from the next on.
    """

    used_tce: np.ndarray = field(default_factory=lambda: np.zeros(0))
    output_cny: np.ndarray = field(default_factory=lambda: np.zeros(0))
    start_tce_per_cny: np.ndarray = field(default_factory=lambda: np.zeros(0))
    price_cny_per_tce: float = 0.0
    traded_tce: float = 0.0
    missing_tce: float = 0.0
    first_year: int = 0

    @property
    def is_open(self) -> bool:
        """Whether quotas have been set."""
        return self.start_tce_per_cny.size > 0

    def count(self, energy_tce: np.ndarray, output_cny: np.ndarray) -> None:
        """Add a quarter."""
        if self.used_tce.size == 0:
            self.used_tce, self.output_cny = np.zeros((2, energy_tce.size))
        self.used_tce += energy_tce
        self.output_cny += output_cny

    def begin(self, year: int, key_user_tce: float) -> None:
        """Measure energy per output of key users, which all later quotas start from (L14)."""
        is_key = (self.used_tce >= key_user_tce) & (self.output_cny > 0)
        self.start_tce_per_cny = np.where(is_key, self.used_tce / np.maximum(self.output_cny, 1e-9), 0.0)
        self.first_year = year

    def open_year(self) -> None:
        """Begin to count anew."""
        self.used_tce[:] = self.output_cny[:] = 0.0

    def close(self) -> None:
        """End the market: quotas are forgotten."""
        self.__init__()  # type: ignore[misc]


class Clearing(NamedTuple):
    """What a year gave: price, volume, what was missing, and what each enterprise pays less what it earns."""

    price_cny_per_tce: float
    traded_tce: float
    missing_tce: float
    paid_cny: np.ndarray


@compiled
def quota_tce(start_tce_per_cny, change_percent_per_year, years, output_cny):
    """Return the quota of a year, tce: intensity of the first year x (1 + change)^years x output (SM15, L14)."""
    return start_tce_per_cny * (1.0 + 0.01 * change_percent_per_year) ** years * output_cny


@compiled
def clear_year(used_tce, quotas_tce, floor_cny_per_tce, ceiling_cny_per_tce, k):
    """Clear a year between users: who is long asks the floor, who is short bids what paid use would cost.

    Parameters
    ----------
    used_tce, quotas_tce : ndarray, shape (N,)
        A quota of 0: no key user, no part in the market.
    floor_cny_per_tce, ceiling_cny_per_tce : float
        Lowest price accepted; price of the government for what is missing.
    k : float
        Place of the price in the clearing interval.

    Returns
    -------
    Clearing
    """
    n = used_tce.size
    spare, need = np.zeros(n), np.zeros(n)
    for i in range(n):
        if quotas_tce[i] > 0.0:
            spare[i] = max(0.0, quotas_tce[i] - used_tce[i])
            need[i] = max(0.0, used_tce[i] - quotas_tce[i])
    found = call_auction(np.full(n, floor_cny_per_tce), spare, np.full(n, ceiling_cny_per_tce), need, k)
    price = found.price_cny_per_unit if found.traded_units > 0.0 else 0.0
    paid, missing = np.zeros(n), 0.0
    for i in range(n):
        short = max(0.0, need[i] - found.bid_filled_units[i])
        missing += short
        paid[i] = price * (found.bid_filled_units[i] - found.ask_filled_units[i]) + ceiling_cny_per_tce * short
    return Clearing(price, found.traded_units, missing, paid)
