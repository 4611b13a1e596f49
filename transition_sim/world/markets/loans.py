"""The table of loans: new rows, debt service of a quarter, write-offs, and sums by bank (SM08). All money is CNY.

A loan is repaid in equal quarterly payments. Rows of finished loans are dropped once a year, so a row number is no
identity. A loan whose payment equals its interest rolls over: its principal stays until its last quarter. Few loans
are refinanced by the central bank or helped with their interest: that stands in a table of its own, in the order of the
loans, and a walk through the loans goes through both.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled, lean, merged, part
from transition_sim.core.tables import Field, allocate, dtype_of, put_rows, with_room
from transition_sim.world.annuity import capital_recovery_factor, rate_per_quarter

LOANS = (
    Field("enterprise", "-", "row of the borrower", "i4"),
    Field("bank", "-", "index of the bank", "i2"),
    Field("quarters_left", "-", "payments to come; 0: finished", "i2"),
    Field("principal_cny", "CNY", "outstanding", low=0),
    Field("rate_per_year", "1/yr", "interest, compounded quarterly", low=0),
    Field("rate_per_quarter", "1/quarter", "interest of a quarter", low=0),
    Field("payment_cny", "CNY/quarter", "equal payment of interest and principal", low=0),
)
SUPPORTS = (
    Field("loan", "-", "row of the loan", "i4"),
    Field("facility_cny", "CNY", "part refinanced by the central bank, outstanding", low=0),
    Field("support_percent", "%/yr", "percentage points of interest that the budget pays", low=0),
)

LONGEST_QUARTERS = 2**15 - 1
LOAN_ROW, SUPPORT_ROW = dtype_of(LOANS), dtype_of(SUPPORTS)


class LoanBook(NamedTuple):
    """Loans and what supports some of them.

    Attributes
    ----------
    loans : structured array of ``LOANS``
    supports : structured array of ``SUPPORTS``
        In the order of the loans, at most one a loan.
    """

    loans: np.ndarray
    supports: np.ndarray


@compiled
def schedule(rows):
    """Write the rate of a quarter and the equal payment of loans that have principal, rate and term."""
    for k in range(rows.size):
        loan = rows[k]
        loan.rate_per_quarter = rate_per_quarter(loan.rate_per_year)
        loan.payment_cny = loan.principal_cny * capital_recovery_factor(loan.rate_per_quarter, loan.quarters_left)


def loan_rows(
    enterprise, bank, principal_cny, rate_per_year, quarters, facility_cny=0.0, support_percent=0.0
) -> LoanBook:
    """Return loans with equal quarterly payments.

    Parameters
    ----------
    enterprise, bank : ndarray of int, shape (n,)
    principal_cny : ndarray, shape (n,)
        Not negative.
    rate_per_year : ndarray or float
        Shares, not negative.
    quarters : ndarray or int
        Number of payments, 1 to ``LONGEST_QUARTERS``.
    facility_cny, support_percent : ndarray or scalar
        See ``SUPPORTS``.

    Raises
    ------
    ValueError
        For a negative principal or rate, or a loan without payments or with too many.
    """
    if np.size(quarters) and np.max(quarters) > LONGEST_QUARTERS:
        raise ValueError(f"a loan has at most {LONGEST_QUARTERS} payments")
    rows = allocate(LOANS, len(enterprise))
    rows["enterprise"], rows["bank"] = enterprise, bank
    rows["principal_cny"], rows["rate_per_year"], rows["quarters_left"] = principal_cny, rate_per_year, quarters
    if rows.size and not (
        rows["principal_cny"].min() >= 0 and rows["rate_per_year"].min() >= 0 and rows["quarters_left"].min() >= 1
    ):
        raise ValueError("a loan needs a principal and a rate that are not negative, and at least one payment")
    schedule(rows)
    facility, support = np.broadcast_to(facility_cny, rows.size), np.broadcast_to(support_percent, rows.size)
    supported = np.flatnonzero((facility > 0) | (support > 0))
    supports = allocate(SUPPORTS, supported.size)
    supports["loan"] = supported
    supports["facility_cny"], supports["support_percent"] = facility[supported], support[supported]
    return LoanBook(rows, supports)


@dataclass
class Loans:
    """All loans of a place: ``n_loans`` and ``n_supports`` rows of the tables are in use."""

    loans: np.ndarray
    n_loans: int
    supports: np.ndarray
    n_supports: int

    @classmethod
    def none(cls) -> "Loans":
        """Return empty tables."""
        return cls(allocate(LOANS, 0), 0, allocate(SUPPORTS, 0), 0)

    @property
    def book(self) -> LoanBook:
        """The rows in use."""
        return LoanBook(self.loans[: self.n_loans], self.supports[: self.n_supports])

    def append(self, granted: LoanBook) -> None:
        """Put new loans behind the others, in larger tables where they do not fit."""
        n_loans, n_supports = granted.loans.size, granted.supports.size
        self.loans = with_room(LOANS, self.loans, self.n_loans, n_loans)
        self.supports = with_room(SUPPORTS, self.supports, self.n_supports, n_supports)
        put_rows(self.loans, self.n_loans, granted.loans)
        put_rows(self.supports, self.n_supports, granted.supports)
        _renumber(self.supports[self.n_supports : self.n_supports + n_supports], self.n_loans)
        self.n_loans, self.n_supports = self.n_loans + n_loans, self.n_supports + n_supports

    def drop_finished(self) -> None:
        """Move the running loans together, in their order."""
        self.n_loans, self.n_supports = _drop_finished(self.book)


def room_for_loans(n_rows: int) -> LoanBook:
    """Return work space for loans and as many supports; what stands there is of no meaning."""
    return LoanBook(np.empty(n_rows, LOAN_ROW), np.empty(n_rows, SUPPORT_ROW))


@compiled
def _renumber(supports, n_loans):
    """Give supports of new loans the numbers that these have behind the others."""
    for k in range(supports.size):
        supports[k].loan += n_loans


@compiled
def _drop_finished(book):
    """Return how many loans and supports are left."""
    loans, supports = book
    n = m = at = 0
    for k in range(loans.size):
        is_supported = at < supports.size and supports[at].loan == k
        if loans[k].quarters_left > 0:
            if is_supported:
                supports[m] = supports[at]
                supports[m].loan = n
                m += 1
            loans[n] = loans[k]
            n += 1
        at += is_supported
    return n, m


@part
def book_loans(granted, finance, flows):
    """Book new loans: ``finance.debt_cny`` and ``flows.borrowed_cny`` rise by the principal."""
    for k in range(granted.loans.size):
        loan = granted.loans[k]
        finance[loan.enterprise].debt_cny += loan.principal_cny
        flows[loan.enterprise].borrowed_cny += loan.principal_cny


@compiled
def outstanding_by_bank(book, n_banks):
    """Return (principal, part refinanced by the central bank) by bank, CNY, shape (B,) each.

    Of new loans it is what was lent; of all of them what the books of the banks must show (B09).
    """
    loans, supports = book
    by_bank = np.zeros((2, n_banks))
    for k in range(loans.size):
        by_bank[0, loans[k].bank] += loans[k].principal_cny
    for k in range(supports.size):
        by_bank[1, loans[supports[k].loan].bank] += supports[k].facility_cny
    return by_bank[0], by_bank[1]


@lean
def _repay(support, loan, paid_cny, facility_share, by_bank):
    """Repay the facility in step with the principal, and note what the bank pays the central bank."""
    repaid = support.facility_cny
    if loan.principal_cny > 0.0:
        repaid = support.facility_cny * paid_cny / loan.principal_cny
    by_bank[2, loan.bank] += repaid
    by_bank[3, loan.bank] += support.facility_cny * facility_share
    support.facility_cny -= repaid


@compiled
def service_loans(book, finance, flows, n_banks, facility_rate_percent):
    """Pay interest and principal of the quarter (SM08, L02, L03).

    Writes ``flows.interest_cny`` (gross), ``principal_cny`` and ``interest_subsidy_cny`` of every enterprise, and
    ``finance.debt_cny`` as the sum of its loans in the table. Cash is moved in settlement. Loans of dead enterprises
    do not pay. The support pays its percentage points of the interest, never more than the interest.

    Parameters
    ----------
    n_banks : int
    facility_rate_percent : float
        What banks pay the central bank for refinancing, %/yr.

    Returns
    -------
    (interest_cny, principal_cny, facility_repaid_cny, facility_interest_cny) : ndarrays, shape (B,)
        The facility is repaid in step with the principal.
    """
    loans, supports = book
    by_bank, at = np.zeros((4, n_banks)), 0
    facility_share = rate_per_quarter(0.01 * facility_rate_percent)
    for i in range(flows.size):
        flows[i].interest_cny = 0.0
        flows[i].principal_cny = 0.0
        flows[i].interest_subsidy_cny = 0.0
        finance[i].debt_cny = 0.0
    for k in range(loans.size):
        loan, is_supported = loans[k], at < supports.size and supports[at].loan == k
        at += is_supported
        if loan.quarters_left <= 0:
            continue
        firm = finance[loan.enterprise]
        if firm.is_alive:
            row = flows[loan.enterprise]
            interest = loan.principal_cny * loan.rate_per_quarter
            paid = loan.principal_cny
            if loan.quarters_left > 1:
                paid = min(paid, max(0.0, loan.payment_cny - interest))
            if is_supported:
                percent = supports[at - 1].support_percent
                if percent > 0.0 and interest > 0.0:
                    row.interest_subsidy_cny += interest * min(1.0, 0.01 * percent / loan.rate_per_year)
                _repay(supports[at - 1], loan, paid, facility_share, by_bank)
            row.interest_cny += interest
            row.principal_cny += paid
            by_bank[0, loan.bank] += interest
            by_bank[1, loan.bank] += paid
            loan.principal_cny -= paid
            loan.quarters_left -= 1
        firm.debt_cny += loan.principal_cny
    return by_bank[0], by_bank[1], by_bank[2], by_bank[3]


@compiled
def write_off(book, is_defaulted, lgd_share, finance, n_banks):
    """End the loans of enterprises in default (SM08).

    Sets their principal and ``finance.debt_cny`` to 0. Cash, fixed assets and life of the enterprise stay as they are.

    Parameters
    ----------
    is_defaulted : ndarray of bool, shape (N,)
    lgd_share : float
        Loss given default, 0 to 1.

    Returns
    -------
    (written_off_cny, recovered_cny, facility_repaid_cny) : ndarrays, shape (B,)
        Loss of the bank; what the sale of assets repays; what the bank must repay to the central bank itself.
    """
    loans, supports = book
    by_bank = np.zeros((3, n_banks))
    for k in range(supports.size):
        loan = loans[supports[k].loan]
        if loan.quarters_left > 0 and is_defaulted[loan.enterprise]:
            by_bank[2, loan.bank] += supports[k].facility_cny
            supports[k].facility_cny = 0.0
    for k in range(loans.size):
        loan = loans[k]
        if loan.quarters_left <= 0 or not is_defaulted[loan.enterprise]:
            continue
        by_bank[0, loan.bank] += lgd_share * loan.principal_cny
        by_bank[1, loan.bank] += loan.principal_cny - lgd_share * loan.principal_cny
        loan.principal_cny = 0.0
        loan.quarters_left = 0
    for i in range(finance.size):
        if is_defaulted[i]:
            finance[i].debt_cny = 0.0
    return by_bank[0], by_bank[1], by_bank[2]


@compiled
def positions(book, sector, n_banks, n_sectors):
    """Return what enterprises owe a year, and what banks have lent to sectors, in one walk through the loans.

    Parameters
    ----------
    sector : ndarray of int, shape (N,)
        Sector of each enterprise.

    Returns
    -------
    debt_service_cny_per_year : ndarray, shape (N,)
        Interest and principal due on running loans.
    exposure_cny : ndarray, shape (B, S)
        Loans less the part that the central bank refinances.
    """
    loans, supports = book
    due, exposure, at = np.zeros(sector.size), np.zeros((n_banks, n_sectors)), 0
    for k in range(loans.size):
        loan, facility_cny = loans[k], 0.0
        if at < supports.size and supports[at].loan == k:
            facility_cny = supports[at].facility_cny
            at += 1
        if loan.quarters_left > 0:
            due[loan.enterprise] += loan.payment_cny * min(4, loan.quarters_left)
        exposure[loan.bank, sector[loan.enterprise]] += loan.principal_cny - facility_cny
    return due, exposure


@merged
def principal_to_renew(loans, finance, years_by_size):
    """Return the principal a year that a bank counts as due on loans that roll over, CNY/yr, shape (N,) (SM08).

    Nothing of it is paid while the loan rolls over, but a new loan must leave room for it: equal payments over the
    usual term of the borrower, less the interest that ``positions`` has already.

    Parameters
    ----------
    years_by_size : ndarray, shape (3,)
        Term of a loan by size class.
    """
    due = np.zeros(finance.size)
    for k in range(loans.size):
        loan = loans[k]
        interest_cny = loan.principal_cny * loan.rate_per_quarter
        if loan.quarters_left > 1 and loan.payment_cny <= interest_cny * (1.0 + 1e-9):
            i, rate = loan.enterprise, loan.rate_per_year
            payment = capital_recovery_factor(rate, years_by_size[finance[i].size_class])
            due[i] += loan.principal_cny * (payment - rate)
    return due


def sector_limits(exposure_cny, limit_share: float) -> np.ndarray:
    """Return the highest share of each sector in the book of each bank, shape (B, S).

    A bank that starts above the limit, as in a park of few sectors, may keep the share that it starts with:
    otherwise it could not even replace what is repaid.
    """
    total = exposure_cny.sum(axis=1, keepdims=True)
    start = np.divide(exposure_cny, total, out=np.zeros_like(exposure_cny), where=total > 0)
    return np.maximum(limit_share, start)


@merged
def sector_room_cny(exposure_cny, bank_room_cny, sector_limit_share):
    """Return what each bank may still lend to each sector, CNY, shape (B, S), not negative.

    The limit counts on the book as it stands once the bank has lent its room.

    Parameters
    ----------
    exposure_cny : ndarray, shape (B, S)
        From ``positions``.
    bank_room_cny : ndarray, shape (B,)
    sector_limit_share : ndarray, shape (B, S)
        From ``sector_limits``.
    """
    room = np.empty(exposure_cny.shape)
    for b in range(exposure_cny.shape[0]):
        book_cny = exposure_cny[b].sum() + bank_room_cny[b]
        for s in range(exposure_cny.shape[1]):
            room[b, s] = max(0.0, sector_limit_share[b, s] * book_cny - exposure_cny[b, s])
    return room
