"""Every payment of the place has two sides (B08).

Accounts are classes of owners. Enterprises, the green budget, the banks and energy service companies keep their own
books as well, written where decisions are made; at the end of a quarter the ledger must agree with them to 1e-4 yuan.
Households, the treasury, the utilities and the rest of the world have no other book than this one.
"""

from math import isfinite, sqrt
from operator import add

import numpy as np

from transition_sim.core.errors import ConservationError

ACCOUNTS = (
    "enterprises", "households", "treasury", "green_budget", "power_utility", "fuel_supplier", "banks",
    "energy_service", "rest_of_world",
)  # fmt: skip
TOLERANCE_CNY = 1e-4
_ROW = {name: k for k, name in enumerate(ACCOUNTS)}
_ROUNDING_SHARE = 2e-15
"""Of turnover, up to ``USUAL_ROWS`` enterprises; sums over more of them round off as the root of their number."""
USUAL_ROWS = 1000


class Ledger:
    """Payments of a quarter by instrument, and the balance of every account since the start.

    Attributes
    ----------
    balance_cny : ndarray, shape (n_accounts,)
        Received less paid since the start; the balances of all accounts sum to 0.
    """

    def __init__(self) -> None:
        # plain floats: a posting is four additions, and each would cost more in an array than all of them here
        self._opening_cny = [0.0] * len(ACCOUNTS)
        self._quarter_cny = [0.0] * len(ACCOUNTS)
        self.turnover_cny = 0.0
        self._posted: list[tuple[tuple[str, str, str], float]] = []

    @property
    def payments(self) -> dict[tuple[str, str, str], float]:
        """Payments of the quarter by (instrument, payer, payee), CNY."""
        payments: dict[tuple[str, str, str], float] = {}
        for key, amount_cny in self._posted:
            payments[key] = payments.get(key, 0.0) + amount_cny
        return payments

    @property
    def balance_cny(self) -> np.ndarray:
        return np.add(self._opening_cny, self._quarter_cny)

    def open_quarter(self) -> None:
        """Begin a quarter: the list of payments is emptied, balances stay."""
        self._opening_cny = list(map(add, self._opening_cny, self._quarter_cny))
        self._quarter_cny = [0.0] * len(ACCOUNTS)
        self.turnover_cny = 0.0
        self._posted = []

    def post(self, instrument: str, payer: str, payee: str, amount_cny: float) -> None:
        """Move money from one account to another; a negative amount moves it back.

        Raises
        ------
        KeyError
            For an account that does not exist.
        ValueError
            For an amount that is not a finite number.
        """
        if not isfinite(amount_cny):
            raise ValueError(f"{instrument}: {payer} cannot pay {amount_cny!r} CNY to {payee}")
        source, target = _ROW[payer], _ROW[payee]
        if amount_cny == 0.0:
            return
        changes = self._quarter_cny
        changes[source] -= amount_cny
        changes[target] += amount_cny
        self.turnover_cny += abs(amount_cny)
        self._posted.append(((instrument, payer, payee), amount_cny))

    def change_cny(self, account: str) -> float:
        """Return what an account received less what it paid this quarter, CNY."""
        return self._quarter_cny[_ROW[account]]

    def check(self, quarter: str, measured_cny: dict[str, float], n_rows: int = USUAL_ROWS) -> None:
        """Check that all payments sum to zero and that accounts with books of their own agree with them (B08).

        Parameters
        ----------
        quarter : str
            Label for the message.
        measured_cny : dict of account -> CNY
            Change of the quarter as the owner's own books have it.
        n_rows : int
            Enterprises whose books are summed.

        Raises
        ------
        ConservationError
            Beyond 1e-4 CNY, or beyond rounding where turnover is so large that a float cannot hold 1e-4.
        """
        change_cny = self._quarter_cny
        gaps = {name: change_cny[_ROW[name]] - value for name, value in measured_cny.items()}
        gaps["all accounts"] = sum(change_cny)
        rounding_cny = _ROUNDING_SHARE * self.turnover_cny * sqrt(max(1.0, n_rows / USUAL_ROWS))
        limit = max(TOLERANCE_CNY, rounding_cny)
        # each by itself: the largest of several is no number only where the first is none
        if not all(abs(gap) <= limit for gap in gaps.values()):
            rows = sorted(gaps.items(), key=lambda item: -abs(item[1]))
            raise ConservationError("B08 money", max(map(abs, gaps.values())), "CNY", quarter, rows[:4])
