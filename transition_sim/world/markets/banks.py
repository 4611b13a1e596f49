"""Balance sheets of banks: loans + reserves = deposits + facility + capital (SM08, B09). All money is CNY.

Reserves are the bank's claims on the central bank and other places, net: below 0 it borrows outside. Lending makes
deposits; payments across the border of the place and the central bank's facility move reserves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from transition_sim.core.errors import ConservationError
from transition_sim.core.kernels import compiled, lean, part

TOLERANCE_CNY = 1e-4
ROUNDING_SHARE = 1e-12  # of the balance: what float64 leaves after thousands of bookings
IDENTITIES = (
    "B09 bank balance sheet", "B09 loans of the bank = table of loans", "B09 facility of the bank = table of loans",
    "B09 deposits of the bank = cash of customers", "B09 loans of the bank = debts of customers",
)  # fmt: skip


@part
def lending_capacity(capital_cny, risk_weighted_cny, capital_ratio_min_share):
    """Return what a bank may still lend, CNY: capital / ratio - risk-weighted assets, at least 0 (SM08, A26)."""
    return max(0.0, capital_cny / capital_ratio_min_share - risk_weighted_cny)


@compiled
def lending_room(capital_cny, loans_cny, facility_cny, plan_book_cny, book_growth_share, capital_ratio_min_share):
    """Return what each bank may lend, CNY, shape (B,): the smaller of what capital and the year's plan leave (SM08).

    Parameters
    ----------
    capital_cny, loans_cny, facility_cny : ndarray, shape (B,)
    plan_book_cny : ndarray, shape (B,)
        Base of the plan.
    book_growth_share : float
        Growth of the book that the plan has opened so far.
    """
    room = np.empty(capital_cny.size)
    for b in range(room.size):
        risk_weighted_cny = loans_cny[b] - facility_cny[b]
        plan_cny = max(0.0, (1.0 + book_growth_share) * plan_book_cny[b] - risk_weighted_cny)
        room[b] = min(plan_cny, lending_capacity(capital_cny[b], risk_weighted_cny, capital_ratio_min_share))
    return room


@dataclass
class Banks:
    """All banks of a place; arrays have shape (B,).

    Attributes
    ----------
    ids, names : list of str
    market_share : ndarray
        Share of customers.
    loans_cny, reserves_cny, deposits_cny, facility_cny, capital_cny : ndarray
        The balance sheet; facility is what the central bank has refinanced.
    non_performing_cny : ndarray
        Written off since the start.
    target_ratio_share : ndarray
        Capital over risk-weighted assets at the start; more is paid out.
    start_book_cny, plan_book_cny : ndarray
        Loans not refinanced by the central bank, at the start of the run, and the base of this year's lending plan.
    """

    ids: list[str]
    names: list[str]
    market_share: np.ndarray
    loans_cny: np.ndarray
    reserves_cny: np.ndarray
    deposits_cny: np.ndarray
    facility_cny: np.ndarray
    capital_cny: np.ndarray
    non_performing_cny: np.ndarray
    target_ratio_share: np.ndarray
    start_book_cny: np.ndarray
    plan_book_cny: np.ndarray

    @classmethod
    def start(
        cls, ids: Sequence[str], names: Sequence[str], market_share, capital_ratio, loans_cny, deposits_cny
    ) -> "Banks":
        """Open the books: capital = ratio x loans, and reserves so that both sides are equal.

        Raises
        ------
        ValueError
            When lengths differ or an amount is negative.
        """
        share, ratio, loans, deposits = (
            np.array(column, dtype=np.float64) for column in (market_share, capital_ratio, loans_cny, deposits_cny)
        )
        if any(column.shape != (len(ids),) for column in (share, ratio, loans, deposits)) or len(names) != len(ids):
            raise ValueError("banks need one name, market share, capital ratio, loans and deposits each")
        if not all((column >= 0).all() for column in (share, ratio, loans, deposits)):
            raise ValueError("market shares, capital ratios, loans and deposits of banks cannot be negative")
        capital = ratio * loans
        none = np.zeros(len(ids))
        return cls(
            list(ids), list(names), share, loans, deposits + capital - loans, deposits, none, capital, none.copy(),
            ratio, loans.copy(), loans.copy(),
        )  # fmt: skip

    def copy(self) -> "Banks":
        """Return independent books."""
        columns = {k: v.copy() for k, v in vars(self).items()}
        return Banks(**columns)

    @property
    def n_banks(self) -> int:
        return len(self.ids)

    @property
    def risk_weighted_cny(self) -> np.ndarray:
        """Loans without the part that the central bank refinances, which leaves the capacity limit free (SM08, L03)."""
        return self.loans_cny - self.facility_cny

    def lend(self, amount_cny, facility_cny) -> None:
        """Grant loans: they become deposits of the customers; the facility brings reserves."""
        self.loans_cny += amount_cny
        self.deposits_cny += amount_cny
        self.facility_cny += facility_cny
        self.reserves_cny += facility_cny

    def repay(self, interest_cny, principal_cny, facility_repaid_cny, facility_interest_cny) -> None:
        """Take interest and principal from deposits; pay the central bank from reserves. Interest earned is capital."""
        self.deposits_cny -= interest_cny + principal_cny
        self.loans_cny -= principal_cny
        self.facility_cny -= facility_repaid_cny
        self.reserves_cny -= facility_repaid_cny + facility_interest_cny
        self.capital_cny += interest_cny - facility_interest_cny

    def lend_outside(self, amount_cny) -> None:
        """Grant loans to customers whose accounts are outside the place: the money leaves with the loan."""
        self.loans_cny += amount_cny
        self.reserves_cny -= amount_cny

    def collect_outside(self, interest_cny, principal_cny) -> None:
        """Take interest and principal from customers whose accounts are outside the place."""
        self.loans_cny -= principal_cny
        self.reserves_cny += interest_cny + principal_cny
        self.capital_cny += interest_cny

    def write_off(self, written_off_cny, recovered_cny=0.0, facility_repaid_cny=0.0) -> None:
        """End loans in default: the loss falls on capital, the sale of assets outside the place brings reserves.

        The bank itself repays what the central bank had refinanced.
        """
        self.loans_cny -= written_off_cny + recovered_cny
        self.capital_cny -= written_off_cny
        self.non_performing_cny += written_off_cny
        self.reserves_cny += recovered_cny - facility_repaid_cny
        self.facility_cny -= facility_repaid_cny

    def write_off_overdrafts(self, amount_cny) -> None:
        """Clear the negative deposits of customers in default, amounts >= 0, at the cost of capital."""
        self.deposits_cny += amount_cny
        self.capital_cny -= amount_cny
        self.non_performing_cny += amount_cny

    def close_quarter(self, change_cny: np.ndarray) -> float:
        """Book what customers paid and were paid, and pay out the capital above the target ratio; return that, CNY.

        It goes to households, as costs, deposit interest and dividends, who spend it outside the place.

        Parameters
        ----------
        change_cny : ndarray, shape (B,)
            Net payments to customers other than loans and their service: deposits and reserves change alike.
        """
        return pay_out_excess(
            change_cny, self.loans_cny, self.reserves_cny, self.deposits_cny, self.facility_cny, self.capital_cny,
            self.target_ratio_share,
        )  # fmt: skip

    def begin_year(self) -> None:
        """Set the base of the year's lending plan: the book now, or at the start of the run where that was larger.

        A few years of little demand do not close a bank for good.
        """
        self.plan_book_cny = np.maximum(self.risk_weighted_cny, self.start_book_cny)

    def room_cny(self, capital_ratio_min_share: float, lending_growth_per_year: float, quarter_of_year: int):
        """Return what each bank may still lend this quarter without refinancing, CNY, at least 0 (SM08).

        The smaller of what its capital carries (A26) and of this year's plan, which opens by a quarter each quarter.

        Parameters
        ----------
        capital_ratio_min_share : float
            Lowest capital over risk-weighted assets.
        lending_growth_per_year : float
            Highest growth of the book in a year, as a share.
        quarter_of_year : int
            0 to 3.
        """
        return lending_room(
            self.capital_cny, self.loans_cny, self.facility_cny, self.plan_book_cny,
            lending_growth_per_year * 0.25 * (quarter_of_year + 1), capital_ratio_min_share,
        )  # fmt: skip

    def check(
        self, quarter_label: str, loans_cny=None, facility_cny=None, customers_cash_cny=None, customers_debt_cny=None
    ) -> None:
        """Stop the run when a balance sheet does not close, or differs from what others have in their books (B09).

        Parameters
        ----------
        quarter_label : str
            Such as ``2027Q3``.
        loans_cny, facility_cny : ndarray, shape (B,), optional
            From ``outstanding_by_bank``.
        customers_cash_cny, customers_debt_cny : ndarray, shape (B,), optional
            Of the enterprises that bank here (B08, B09).

        Raises
        ------
        ConservationError
            With the banks whose residual exceeds 1e-4 CNY and 1e-12 of the balance.
        """
        gaps = gaps_cny(
            self.loans_cny, self.reserves_cny, self.deposits_cny, self.facility_cny, self.capital_cny,
            self.loans_cny if loans_cny is None else loans_cny,
            self.facility_cny if facility_cny is None else facility_cny,
            self.deposits_cny if customers_cash_cny is None else customers_cash_cny,
            self.loans_cny if customers_debt_cny is None else customers_debt_cny,
        )  # fmt: skip
        if gaps.any():
            self.stop(quarter_label, gaps)

    def stop(self, quarter_label: str, gaps: np.ndarray) -> NoReturn:
        """Stop the run for gaps in the books, shape (5, B) (see ``gaps_cny``).

        Raises
        ------
        ConservationError
        """
        identity = int(np.argmax(gaps.any(axis=1)))
        rows = [(name, gap) for name, gap in zip(self.ids, gaps[identity].tolist(), strict=True) if gap != 0.0]
        largest = max((abs(gap) for _, gap in rows), key=lambda gap: np.inf if np.isnan(gap) else gap)
        raise ConservationError(IDENTITIES[identity], largest, "CNY", quarter_label, rows)


@lean
def pay_out_excess(change_cny, loans_cny, reserves_cny, deposits_cny, facility_cny, capital_cny, target_ratio_share):
    """Book what customers paid and were paid, and pay out what exceeds the target ratio (``Banks.close_quarter``)."""
    paid_out_cny = 0.0
    for b in range(loans_cny.size):
        risk_weighted_cny = loans_cny[b] - facility_cny[b]
        excess_cny = max(0.0, capital_cny[b] - target_ratio_share[b] * risk_weighted_cny)
        deposits_cny[b] += change_cny[b]
        reserves_cny[b] += change_cny[b]
        reserves_cny[b] -= excess_cny
        capital_cny[b] -= excess_cny
        paid_out_cny += excess_cny
    return paid_out_cny


@lean
def tolerance_cny(scale_cny):
    """Return how far two books of a bank may be apart, CNY, where amounts add up to ``scale_cny``."""
    return max(TOLERANCE_CNY, ROUNDING_SHARE * scale_cny)


@lean
def _gap_cny(book_cny, other_cny, scale_cny):
    """Return by how much two books differ, CNY; 0 within rounding, and not a number where one is none."""
    gap_cny = book_cny - other_cny
    return 0.0 if abs(gap_cny) <= tolerance_cny(scale_cny) else gap_cny


@compiled
def gaps_cny(
    loans_cny, reserves_cny, deposits_cny, facility_cny, capital_cny, lent_cny, refinanced_cny, cash_cny, debt_cny
):
    """Return the gaps of ``IDENTITIES`` at every bank, CNY, shape (5, B)."""
    gaps = np.empty((5, loans_cny.size))
    for b in range(loans_cny.size):
        total = loans_cny[b] + abs(reserves_cny[b]) + abs(deposits_cny[b])
        claims = deposits_cny[b] + facility_cny[b] + capital_cny[b]
        gaps[0, b] = _gap_cny(loans_cny[b] + reserves_cny[b], claims, total)
        gaps[1, b] = _gap_cny(loans_cny[b], lent_cny[b], total)
        gaps[2, b] = _gap_cny(facility_cny[b], refinanced_cny[b], total)
        gaps[3, b] = _gap_cny(deposits_cny[b], cash_cny[b], loans_cny[b] + abs(deposits_cny[b]))
        gaps[4, b] = _gap_cny(loans_cny[b], debt_cny[b], loans_cny[b])
    return gaps


@compiled
def accounts_of_customers(finance, flows, n_banks):
    """Return what the customers of each bank have, owe, and got from it this quarter, CNY, shape (B,) each.

    Parameters
    ----------
    finance, flows : structured arrays, shape (N,)
        The house bank, cash and debt of enterprises; what they borrowed, repaid and paid as interest.

    Returns
    -------
    cash_cny, debt_cny, net_lending_cny : ndarrays
        Net lending: loans less principal and interest, what moved on deposits through the bank itself. Cash is
        added up with what rounding loses carried along (Kahan 1965): it must agree with the ledger.
    """
    cash, lost, debt, lending = np.zeros(n_banks), np.zeros(n_banks), np.zeros(n_banks), np.zeros(n_banks)
    for i in range(finance.size):
        firm, row = finance[i], flows[i]
        b = firm.bank
        part = firm.cash_cny - lost[b]
        grown = cash[b] + part
        lost[b] = (grown - cash[b]) - part
        cash[b] = grown
        debt[b] += firm.debt_cny
        lending[b] += row.borrowed_cny - row.principal_cny - row.interest_cny
    return cash, debt, lending
