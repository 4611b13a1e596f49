"""The table of loans: new rows, debt service of a quarter, write-offs, and sums by bank (SM08). All money is CNY.

A loan is repaid in equal quarterly payments. Rows of finished loans are dropped once a year, so a row number is no
identity. A loan whose payment equals its interest rolls over: its principal stays until its last quarter.
"""

import numpy as np

from transition_sim.core.kernels import compiled, part
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
    Field("facility_cny", "CNY", "part refinanced by the central bank, outstanding", low=0),
    Field("support_percent", "%/yr", "percentage points of interest that the budget pays", low=0),
)

LONGEST_QUARTERS = 2**15 - 1
LOAN_ROW = dtype_of(LOANS)


@compiled
def schedule(rows):
    """Write the rate of a quarter and the equal payment of loans that have principal, rate and term."""
    for k in range(rows.size):
        loan = rows[k]
        loan.rate_per_quarter = rate_per_quarter(loan.rate_per_year)
        loan.payment_cny = loan.principal_cny * capital_recovery_factor(loan.rate_per_quarter, loan.quarters_left)


def loan_rows(
    enterprise, bank, principal_cny, rate_per_year, quarters, facility_cny=0.0, support_percent=0.0
) -> np.ndarray:
    """Return loans with equal quarterly payments, as rows of ``LOANS``.

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
        See ``LOANS``.

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
    rows["facility_cny"], rows["support_percent"] = facility_cny, support_percent
    if rows.size and not (
        rows["principal_cny"].min() >= 0 and rows["rate_per_year"].min() >= 0 and rows["quarters_left"].min() >= 1
    ):
        raise ValueError("a loan needs a principal and a rate that are not negative, and at least one payment")
    schedule(rows)
    return rows


def append_loans(loans, n_loans: int, granted) -> tuple[np.ndarray, int]:
    """Return (loans, n_loans) with new rows behind the others, in a larger table where they do not fit."""
    loans = with_room(LOANS, loans, n_loans, granted.size)
    put_rows(loans, n_loans, granted.view(LOAN_ROW))
    return loans, n_loans + granted.size


@compiled
def drop_finished(loans, n_loans):
    """Move the running loans together, in their order, and return how many there are."""
    n = 0
    for k in range(n_loans):
        if loans[k].quarters_left > 0:
            loans[n] = loans[k]
            n += 1
    return n


@part
def book_loans(granted, finance, flows):
    """Book new loans: ``finance.debt_cny`` and ``flows.borrowed_cny`` rise by the principal."""
    for k in range(granted.size):
        i = granted[k].enterprise
        finance[i].debt_cny += granted[k].principal_cny
        flows[i].borrowed_cny += granted[k].principal_cny


@part
def lent_by_bank(granted, n_banks):
    """Return (new loans, part refinanced by the central bank) by bank, CNY, shape (B,) each."""
    lent = np.zeros((2, n_banks))
    for k in range(granted.size):
        lent[0, granted[k].bank] += granted[k].principal_cny
        lent[1, granted[k].bank] += granted[k].facility_cny
    return lent[0], lent[1]


@compiled
def service_loans(loans, n_loans, finance, flows, n_banks, facility_rate_percent):
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
    by_bank = np.zeros((4, n_banks))
    facility_share = rate_per_quarter(0.01 * facility_rate_percent)
    for i in range(flows.size):
        flows[i].interest_cny = 0.0
        flows[i].principal_cny = 0.0
        flows[i].interest_subsidy_cny = 0.0
        finance[i].debt_cny = 0.0
    for k in range(n_loans):
        loan = loans[k]
        if loan.quarters_left <= 0:
            continue
        firm = finance[loan.enterprise]
        if firm.is_alive:
            row = flows[loan.enterprise]
            interest = loan.principal_cny * loan.rate_per_quarter
            paid = loan.principal_cny
            if loan.quarters_left > 1:
                paid = min(paid, max(0.0, loan.payment_cny - interest))
            repaid = loan.facility_cny * paid / loan.principal_cny if loan.principal_cny > 0.0 else loan.facility_cny
            if loan.support_percent > 0.0 and interest > 0.0:
                row.interest_subsidy_cny += interest * min(1.0, 0.01 * loan.support_percent / loan.rate_per_year)
            row.interest_cny += interest
            row.principal_cny += paid
            by_bank[0, loan.bank] += interest
            by_bank[1, loan.bank] += paid
            by_bank[2, loan.bank] += repaid
            by_bank[3, loan.bank] += loan.facility_cny * facility_share
            loan.principal_cny -= paid
            loan.facility_cny -= repaid
            loan.quarters_left -= 1
        firm.debt_cny += loan.principal_cny
    return by_bank[0], by_bank[1], by_bank[2], by_bank[3]


@compiled
def write_off(loans, n_loans, is_defaulted, lgd_share, finance, n_banks):
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
    by_bank = np.zeros((3, n_banks))
    for k in range(n_loans):
        loan = loans[k]
        if loan.quarters_left <= 0 or not is_defaulted[loan.enterprise]:
            continue
        by_bank[0, loan.bank] += lgd_share * loan.principal_cny
        by_bank[1, loan.bank] += loan.principal_cny - lgd_share * loan.principal_cny
        by_bank[2, loan.bank] += loan.facility_cny
        loan.principal_cny = 0.0
        loan.facility_cny = 0.0
        loan.quarters_left = 0
    for i in range(finance.size):
        if is_defaulted[i]:
            finance[i].debt_cny = 0.0
    return by_bank[0], by_bank[1], by_bank[2]


@compiled
def outstanding_by_bank(loans, n_loans, n_banks):
    """Return (principal, facility) outstanding by bank, CNY, shape (B,) each: what the banks' books must show (B09)."""
    by_bank = np.zeros((2, n_banks))
    for k in range(n_loans):
        by_bank[0, loans[k].bank] += loans[k].principal_cny
        by_bank[1, loans[k].bank] += loans[k].facility_cny
    return by_bank[0], by_bank[1]


@compiled
def positions(loans, n_loans, sector, n_banks, n_sectors):
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
    due, exposure = np.zeros(sector.size), np.zeros((n_banks, n_sectors))
    for k in range(n_loans):
        loan = loans[k]
        if loan.quarters_left > 0:
            due[loan.enterprise] += loan.payment_cny * min(4, loan.quarters_left)
        exposure[loan.bank, sector[loan.enterprise]] += loan.principal_cny - loan.facility_cny
    return due, exposure


@part
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


@part
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
