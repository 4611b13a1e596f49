"""Credit: what a loan costs, who is refused and why, the queue at each bank, and default (SM08). All money is CNY.

Banks ration: who does not fit into a bank's room gets nothing this quarter and is not offered a higher rate. The
table of loans stands in ``loans``, the balance sheets in ``banks``.
"""

import numpy as np

from transition_sim.core.kernels import compiled, lean, merged, part
from transition_sim.core.ordering import order_of
from transition_sim.core.tables import Field, dtype_of
from transition_sim.world.annuity import capital_recovery_factor
from transition_sim.world.markets.loans import (
    LOANS,
    LoanBook,
    book_loans,
    loan_rows,
    outstanding_by_bank,
    positions,
    principal_to_renew,
    schedule,
    sector_limits,
    sector_room_cny,
    service_loans,
    write_off,
)
from transition_sim.world.state import LARGE, MEDIUM, OUTCOMES, PRIVATE, SMALL, SOE

__all__ = [
    "APPLICATIONS",
    "CREDIT",
    "LOANS",
    "book_loans",
    "decide_credit",
    "dscr_max_loan",
    "find_defaults",
    "loan_rows",
    "lpr_percent",
    "new_loans",
    "offered_rate",
    "outstanding_by_bank",
    "positions",
    "prime_rate_percent",
    "principal_to_renew",
    "sector_limits",
    "sector_room_cny",
    "service_loans",
    "terms_years",
    "update_credit_scores",
    "write_off",
]

APPLICATIONS = (
    Field("enterprise", "-", "row of the applicant", "i4"),
    Field("cost_cny", "CNY", "investment after subsidy", low=0),
    Field("is_green", "-", "a green project", "?"),
    Field("saving_cny_per_year", "CNY/yr", "what the project adds to the cash flow"),
    Field("is_brown", "-", "a project of a two-high sector", "?"),
)
CREDIT = (
    Field("outcome", "-", "index in OUTCOMES", "i1"),
    Field("loan_cny", "CNY", "borrowed; 0 when refused", low=0),
    Field("own_cny", "CNY", "paid from cash; 0 when refused", low=0),
    Field("rate_per_year", "1/yr", "offered, also when refused", low=0),
)
CREDIT_ROW = dtype_of(CREDIT)
_MEANS_ROW = np.dtype([(f"{name}_cny", "f8") for name in ("cash", "wanted", "cash_flow", "pledged", "debt", "service")])
FINANCED = OUTCOMES.index("ordered")
REFUSED_DEBT_SERVICE = OUTCOMES.index("refused_debt_service")
REFUSED_COLLATERAL = OUTCOMES.index("refused_collateral")
REFUSED_OWN_FUNDS = OUTCOMES.index("refused_own_funds")
RATIONED = OUTCOMES.index("rationed")

FIRST_LPR_YEAR, LAST_LPR_YEAR = 2020.0, 2025.0
CASH_FLOOR_SHARE = 0.5  # of the cash that the business wants to hold: never spent on own funds
MAX_LEVERAGE_SHARE = 2.0  # no bank tells worse cases apart
MAX_COVER = 4.0  # nor better ones
COVER_WEIGHT, SOE_WEIGHT = 0.3, 0.2  # assumptions: a cover of 1 counts as 30 points of leverage, ownership as 20


@compiled
def lpr_percent(decimal_year, p):
    """Return the one-year loan prime rate, %/yr: linear from 2020 to 2025, constant before and after (SM08)."""
    passed = (decimal_year - FIRST_LPR_YEAR) / (LAST_LPR_YEAR - FIRST_LPR_YEAR)
    passed = min(1.0, max(0.0, passed))
    return p.lpr_2020_percent + passed * (p.lpr_2025_percent - p.lpr_2020_percent)


@part
def prime_rate_percent(decimal_year, params):
    """Return ``lpr_percent`` with the table of parameters: handing over a single record takes longer than the rule."""
    return lpr_percent(decimal_year, params[0])


@part
def leverage_share(debt_cny, cash_cny, fixed_assets_cny):
    """Return debt and overdraft over fixed assets and cash, at most ``MAX_LEVERAGE_SHARE``; 0 without debt."""
    debt = debt_cny + max(0.0, -cash_cny)
    assets = fixed_assets_cny + max(0.0, cash_cny)
    if debt <= 0.0:
        return 0.0
    if debt >= MAX_LEVERAGE_SHARE * assets:
        return MAX_LEVERAGE_SHARE
    return debt / assets


@part
def green_discount_percent(p, lever):
    """Return what a green loan is cheaper, %/yr: green evaluation (L04) and the facility's pass-through (L03)."""
    margin_percent = max(0.0, p.bank_funding_percent - lever.facility_rate_percent)
    facility_percent = p.facility_pass_through_share * lever.facility_share * margin_percent
    return p.spread_green_percent * lever.green_evaluation + facility_percent


@part
def offered_rate(lpr_percent_per_year, size_class, ownership, leverage, is_brown, is_green, p, lever):
    """Return the interest that a bank offers, 1/yr as a share (SM08 with L03 and L04; the subsidy L02 comes later).

    LPR + margin + size + private + spread x max(0, leverage - threshold) + brown - green, never below 0.

    Parameters
    ----------
    lpr_percent_per_year : float
        %/yr.
    leverage : float
        Debt over assets.
    p, lever : records of parameters and levers
    """
    percent = lpr_percent_per_year + p.bank_margin_percent
    if size_class == SMALL:
        percent += p.spread_small_percent
    elif size_class == MEDIUM:
        percent += p.spread_medium_percent
    if ownership == PRIVATE:
        percent += p.spread_private_percent
    percent += p.spread_leverage_percent * max(0.0, leverage - p.leverage_threshold_share)
    if is_brown:
        percent += p.spread_brown_percent
    if is_green:
        percent -= green_discount_percent(p, lever)
    return 0.01 * max(0.0, percent)


@part
def loan_years(size_class, p):
    """Return the term of a loan, years."""
    if size_class == SMALL:
        return p.loan_years_small
    return p.loan_years_medium if size_class == MEDIUM else p.loan_years_large


@part
def terms_years(params):
    """Return the term of a loan by size class, years, shape (3,)."""
    p = params[0]
    return np.array([loan_years(SMALL, p), loan_years(MEDIUM, p), loan_years(LARGE, p)])


@part
def dscr_max_loan(cash_flow_cny_per_year, rate_per_year, years, dscr_min, debt_service_cny_per_year=0.0):
    """Return the largest loan that the cash flow carries, CNY: (CF / DSCR - service) / CRF, at least 0 (SM08, A25)."""
    recovery = capital_recovery_factor(rate_per_year, years)
    return _carried_loan_cny(cash_flow_cny_per_year, recovery, dscr_min, debt_service_cny_per_year)


@lean
def _carried_loan_cny(cash_flow_cny_per_year, recovery_per_year, dscr_min, debt_service_cny_per_year):
    return max(0.0, cash_flow_cny_per_year / dscr_min - debt_service_cny_per_year) / recovery_per_year


@part
def loan_to_value_share(is_specialised, is_green, collateral_premium_share, p):
    """Return the highest loan a unit of collateral; green loans with guarantee or insurance get more (SM08, L56)."""
    share = p.ltv_specialised_share if is_specialised else p.ltv_share
    return share + p.ltv_guarantee_share * collateral_premium_share if is_green else share


@part
def own_funds_cny(cost_cny, cash_cny, cash_wanted_cny, own_funds_share):
    """Return what the enterprise pays itself, CNY; -1 when it lacks own funds (SM08).

    It pays with the cash that it does not want to hold, and at least with the smallest share of own funds. For that
    share it goes down to half of the cash that it wants to hold.
    """
    if cost_cny <= 0.0:
        return 0.0
    least = own_funds_share * cost_cny
    if cash_cny - CASH_FLOOR_SHARE * cash_wanted_cny < least:
        return -1.0
    return min(cost_cny, max(least, cash_cny - cash_wanted_cny))


@lean
def _open_means(means, finance, sales_cny_per_year, debt_service_cny_per_year, p):
    """Write what enterprises bring to their bank before it decides: what it grants uses it up."""
    for i in range(finance.size):
        firm, mean = finance[i], means[i]
        mean.cash_cny = firm.cash_cny
        # what keeps the plant running comes before debt service
        mean.cash_flow_cny = firm.annual_cash_flow_cny - p.depreciation_per_year * firm.structures_cny
        mean.wanted_cny = p.cash_sales_share * sales_cny_per_year[i]
        mean.pledged_cny = p.collateral_share * firm.fixed_assets_cny
        mean.debt_cny, mean.service_cny = firm.debt_cny, debt_service_cny_per_year[i]


@lean
def _answer(ask, answer, firm, mean, is_specialised, bank_room_cny, sector_room_cny, premium, lpr, p, lever):
    """Decide on one application; what is granted is taken off the means of the enterprise and the room of its bank.

    ``sector_room_cny`` is a view of one number, that of the bank and the sector.
    """
    leverage = leverage_share(firm.debt_cny, firm.cash_cny, firm.fixed_assets_cny)
    rate = offered_rate(lpr, firm.size_class, firm.ownership, leverage, ask.is_brown, ask.is_green, p, lever)
    answer.rate_per_year = rate
    own = own_funds_cny(ask.cost_cny, mean.cash_cny, mean.wanted_cny, p.own_funds_share)
    if own < 0.0:
        return REFUSED_OWN_FUNDS
    loan = ask.cost_cny - own
    if loan > 0.0:
        recovery = capital_recovery_factor(rate, loan_years(firm.size_class, p))
        cash_flow = mean.cash_flow_cny + ask.saving_cny_per_year
        if loan > _carried_loan_cny(cash_flow, recovery, p.dscr_min, mean.service_cny):
            return REFUSED_DEBT_SERVICE
        ltv = loan_to_value_share(is_specialised, ask.is_green, premium, p)
        if loan > ltv * (mean.pledged_cny + ask.cost_cny) - mean.debt_cny:
            return REFUSED_COLLATERAL
        used = loan * (1.0 - lever.facility_share) if ask.is_green else loan
        if used > bank_room_cny[firm.bank] or used > sector_room_cny[0]:
            return RATIONED
        bank_room_cny[firm.bank] -= used
        sector_room_cny[0] -= used
        mean.service_cny += loan * recovery
        mean.debt_cny += loan
    mean.cash_cny -= own
    mean.cash_flow_cny += ask.saving_cny_per_year
    mean.pledged_cny += ask.cost_cny
    answer.loan_cny, answer.own_cny = loan, own
    return FINANCED


@merged
def decide_credit(
    applications, finance, sales_cny_per_year, debt_service_cny_per_year, sector, bank_room_cny, sector_room_cny,
    is_specialised, collateral_premium_share, lpr, params, levers,
):  # fmt: skip
    """Decide on all applications of a quarter; nothing but the result is written (SM08).

    Every bank serves its customers by ``finance.credit_score``, higher first, ties in the order of the applications.
    Tests in order: own funds, debt service, collateral, room of the bank and of its sector limit. A loan that does
    not fit into the room is rationed; a smaller one behind it may still fit. Of a green loan only the part that the
    central bank does not refinance uses room (L03). Applications of one enterprise use up its cash, cash flow and
    collateral one after another; what is bought with the earlier ones counts as collateral for the later ones.

    Parameters
    ----------
    applications : structured array of ``APPLICATIONS``, shape (n,)
    finance : structured array, shape (N,)
    sales_cny_per_year, debt_service_cny_per_year : ndarray, shape (N,)
    sector : ndarray of int, shape (N,)
    bank_room_cny : ndarray, shape (B,)
    sector_room_cny : ndarray, shape (B, S)
    is_specialised : ndarray of bool, shape (S,)
        Sectors with equipment that is hard to sell.
    collateral_premium_share : float
        Part of the guarantee's effect that green loans get, 0 to 1 (L56 and the green fund).
    lpr : float
        Loan prime rate, %/yr.
    params, levers : structured arrays, shape (1,)

    Returns
    -------
    structured array of ``CREDIT``, shape (n,)

    Raises
    ------
    ValueError
        When a cost is negative or not a number.
    """
    decisions, place = np.zeros(applications.size, CREDIT_ROW), np.empty(applications.size)
    for a in range(applications.size):
        if not applications[a].cost_cny >= 0.0:
            raise ValueError("the cost of a project must be a number that is not negative")
        place[a] = -finance[applications[a].enterprise].credit_score
    means, room, of_sector = np.empty(finance.size, _MEANS_ROW), bank_room_cny.copy(), sector_room_cny.copy()
    _open_means(means, finance, sales_cny_per_year, debt_service_cny_per_year, params[0])
    for a in order_of(place):
        i = applications[a].enterprise
        b, s = finance[i].bank, sector[i]
        decisions[a].outcome = _answer(
            applications[a], decisions[a], finance[i], means[i], is_specialised[s], room, of_sector[b, s : s + 1],
            collateral_premium_share, lpr, params[0], levers[0],
        )  # fmt: skip
    return decisions


@merged
def new_loans(applications, decisions, finance, room, params, levers):
    """Return the decided loans as a ``LoanBook``: term by size, facility (L03), interest subsidy (L02).

    Parameters
    ----------
    room : LoanBook
        Rows for a loan and a support of each application; the first are written and returned.
    """
    p, lever = params[0], levers[0]
    helps = lever.facility_share > 0.0 or lever.interest_subsidy_percent > 0.0
    rows, supports = room
    k = m = 0
    for a in range(decisions.size):
        if decisions[a].loan_cny <= 0.0:
            continue
        loan, ask = rows[k], applications[a]
        firm = finance[ask.enterprise]
        loan.enterprise, loan.bank = ask.enterprise, firm.bank
        loan.principal_cny, loan.rate_per_year = decisions[a].loan_cny, decisions[a].rate_per_year
        loan.quarters_left = max(1, int(np.rint(4.0 * loan_years(firm.size_class, p))))
        if helps and ask.is_green:
            supports[m].loan = k
            supports[m].facility_cny = lever.facility_share * loan.principal_cny
            supports[m].support_percent = lever.interest_subsidy_percent
            m += 1
        k += 1
    schedule(rows[:k])
    return LoanBook(rows[:k], supports[:m])


@merged
def credit_score(leverage, cash_flow_cny_per_year, debt_service_cny_per_year, ownership):
    """Return the place in the queue, larger is better: equity share + 0.3 cover + 0.2 if state-owned.

    A linear score in the manner of Altman (1968), with the two ratios that the bank also tests. Cover is cash flow
    over debt service, held within 0 and 4; without debt service it is 4, or 0 for an enterprise that earns nothing.
    """
    cover = 0.0
    if cash_flow_cny_per_year > 0.0:
        cover = MAX_COVER
        if cash_flow_cny_per_year < MAX_COVER * debt_service_cny_per_year:
            cover = cash_flow_cny_per_year / debt_service_cny_per_year
    return 1.0 - leverage + COVER_WEIGHT * cover + (SOE_WEIGHT if ownership == SOE else 0.0)


@compiled
def update_credit_scores(finance, debt_service_cny_per_year, sector, is_brown, lpr, params, levers):
    """Write ``finance.credit_score`` and ``finance.interest_rate_per_year`` (a loan that is not green) (SM08).

    Parameters
    ----------
    debt_service_cny_per_year : ndarray, shape (N,)
    sector : ndarray of int, shape (N,)
    is_brown : ndarray of bool, shape (S,)
        Two-high sectors.
    lpr : float
        Loan prime rate, %/yr.
    """
    p, lever = params[0], levers[0]
    for i in range(finance.size):
        firm = finance[i]
        leverage = leverage_share(firm.debt_cny, firm.cash_cny, firm.fixed_assets_cny)
        firm.credit_score = credit_score(
            leverage, firm.annual_cash_flow_cny, debt_service_cny_per_year[i], firm.ownership
        )
        firm.interest_rate_per_year = offered_rate(
            lpr, firm.size_class, firm.ownership, leverage, is_brown[sector[i]], False, p, lever
        )


@compiled
def find_defaults(finance, sales_cny_per_year, interest_cny, params):
    """Count bad quarters and return who defaults, ndarray of bool, shape (N,) (SM08).

    Overdrawn: cash below the credit line. Low cover: yearly cash flow under ``interest_cover_min`` of yearly interest;
    an enterprise without interest has all the cover. A good quarter sets the count to 0; the dead do not default.

    Parameters
    ----------
    finance : structured array, shape (N,)
        ``quarters_overdrawn`` and ``quarters_low_cover`` are written.
    sales_cny_per_year : ndarray, shape (N,)
    interest_cny : ndarray, shape (N,)
        Interest of the quarter.
    """
    p = params[0]
    is_defaulted = np.zeros(finance.size, dtype=np.bool_)
    for i in range(finance.size):
        firm = finance[i]
        if not firm.is_alive:
            continue
        is_overdrawn = firm.cash_cny < -p.credit_line_sales_share * sales_cny_per_year[i]
        yearly = 4.0 * interest_cny[i]
        is_low = yearly > 0.0 and firm.annual_cash_flow_cny < p.interest_cover_min * yearly
        firm.quarters_overdrawn = firm.quarters_overdrawn + 1 if is_overdrawn else 0
        firm.quarters_low_cover = firm.quarters_low_cover + 1 if is_low else 0
        is_defaulted[i] = (
            firm.quarters_overdrawn >= p.default_quarters or firm.quarters_low_cover >= p.interest_cover_quarters
        )
    return is_defaulted
