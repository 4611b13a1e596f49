"""Credit: rates, each reason of refusal, queues and rationing, debt service, default (SM08, L02-L04, L56, M04)."""

import numpy as np
import pytest

from transition_sim.core.tables import allocate
from transition_sim.scenarios import registry
from transition_sim.world.markets.credit import (
    APPLICATIONS,
    book_loans,
    decide_credit,
    find_defaults,
    loan_rows,
    lpr_percent,
    new_loans,
    offered_rate,
    outstanding_by_bank,
    positions,
    sector_limits,
    sector_room_cny,
    service_loans,
    update_credit_scores,
    write_off,
)
from transition_sim.world.markets.loans import Loans, room_for_loans
from transition_sim.world.state import FINANCE, FLOWS, LARGE, MEDIUM, OUTCOMES, PRIVATE, SMALL, SOE

PARAMS = np.atleast_1d(registry.parameter_record())
NEUTRAL = np.atleast_1d(registry.lever_record())
SUPPORT = np.atleast_1d(
    registry.lever_record({"facility_share": 0.6, "facility_rate_percent": 1.75, "green_evaluation": 1.0})
)
WIDE = 1e9


def firms(n=1, **columns):
    """State-owned large firms with 100 cash, 1000 fixed assets and a cash flow of 100 a year."""
    table = allocate(FINANCE, n)
    table["is_alive"], table["ownership"], table["size_class"] = True, SOE, LARGE
    table["cash_cny"], table["fixed_assets_cny"], table["annual_cash_flow_cny"] = 100.0, 1000.0, 100.0
    for name, value in columns.items():
        table[name] = value
    return table


def asks(*rows, is_green=False):
    """Applications from (enterprise, cost) or (enterprise, cost, saving)."""
    table = allocate(APPLICATIONS, len(rows))
    for k, row in enumerate(rows):
        table["enterprise"][k], table["cost_cny"][k] = row[:2]
        table["saving_cny_per_year"][k] = row[2] if len(row) > 2 else 0.0
    table["is_green"] = is_green
    return table


def decide(
    applications,
    finance,
    room=(WIDE,),
    sector_room=None,
    service=0.0,
    is_specialised=False,
    premium=0.0,
    levers=NEUTRAL,
):
    """Sales of 500 a year: the firms want to hold 0.08 x 500 = 40 in cash, half of it untouchable."""
    n, n_banks = finance.size, len(room)
    sectors = np.full((n_banks, 1), WIDE) if sector_room is None else np.array(sector_room, dtype=np.float64)
    return decide_credit(
        applications, finance, np.full(n, 500.0), np.full(n, float(service)), np.zeros(n, dtype=np.int64),
        np.asarray(room, dtype=np.float64), sectors, np.array([is_specialised]), premium, 3.85, PARAMS, levers,
    )  # fmt: skip


def outcomes(decisions):
    return [OUTCOMES[k] for k in decisions["outcome"]]


# --- rates ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "ownership", "leverage", "is_brown", "percent"),
    [
        (LARGE, SOE, 0.5, False, 4.35),  # 3.85 + 0.5
        (LARGE, PRIVATE, 0.6, False, 4.75),  # + 0.4
        (MEDIUM, SOE, 0.0, False, 5.25),  # + 0.9
        (SMALL, PRIVATE, 0.8, True, 7.95),  # + 1.8 + 0.4 + 4 x 0.2 + 0.6
    ],
)
def test_sm08_offered_rate(size, ownership, leverage, is_brown, percent):
    rate = offered_rate(3.85, size, ownership, leverage, is_brown, False, PARAMS[0], NEUTRAL[0])
    assert rate == pytest.approx(percent / 100, abs=1e-12)


def test_l03_l04_green_loans_are_cheaper_only_when_the_levers_are_pulled():
    """5.25 - 0.3 x 1 - 0.5 x 0.6 x (2.2 - 1.75) = 4.815."""
    plain = offered_rate(3.85, MEDIUM, SOE, 0.0, False, False, PARAMS[0], SUPPORT[0])
    assert plain == pytest.approx(0.0525)
    assert offered_rate(3.85, MEDIUM, SOE, 0.0, False, True, PARAMS[0], SUPPORT[0]) == pytest.approx(0.04815)
    assert offered_rate(3.85, MEDIUM, SOE, 0.0, False, True, PARAMS[0], NEUTRAL[0]) == plain


def test_l03_facility_dearer_than_the_market_does_not_raise_the_rate():
    dear = np.atleast_1d(registry.lever_record({"facility_share": 0.6, "facility_rate_percent": 4.0}))
    assert offered_rate(3.85, LARGE, SOE, 0.0, False, True, PARAMS[0], dear[0]) == pytest.approx(0.0435)


def test_sm08_prime_rate_falls_from_2020_to_2025():
    expected = {2019.0: 3.85, 2020.0: 3.85, 2022.5: 3.475, 2025.0: 3.10, 2030.0: 3.10}
    assert {year: round(lpr_percent(year, PARAMS[0]), 12) for year in expected} == expected


# --- one applicant -------------------------------------------------------------------------------------------------


def test_sm08_spare_cash_comes_first_and_the_bank_lends_the_rest():
    """100 in cash less 40 wanted = 60 own funds, above 25 % of 200; loan 140."""
    d = decide(asks((0, 200.0)), firms())
    assert outcomes(d) == ["ordered"]
    assert (d["own_cny"][0], d["loan_cny"][0]) == (60.0, 140.0)
    assert d["rate_per_year"][0] == pytest.approx(0.0435)


def test_sm08_who_can_pay_needs_no_bank():
    d = decide(asks((0, 60.0)), firms(annual_cash_flow_cny=-5.0, fixed_assets_cny=0.0), room=(0.0,))
    assert outcomes(d) == ["ordered"]
    assert (d["own_cny"][0], d["loan_cny"][0]) == (60.0, 0.0)


@pytest.mark.parametrize(("cash", "outcome"), [(69.0, "refused_own_funds"), (70.5, "ordered")])
def test_sm08_own_funds(cash, outcome):
    """25 % of 200 = 50 above the untouchable 20."""
    d = decide(asks((0, 200.0)), firms(cash_cny=cash))
    assert outcomes(d) == [outcome]
    assert d["own_cny"][0] == (50.0 if outcome == "ordered" else 0.0)
    assert d["loan_cny"][0] == (150.0 if outcome == "ordered" else 0.0)


@pytest.mark.parametrize(
    ("cash_flow", "service", "saving", "outcome"),
    [
        (25.0, 0.0, 0.0, "refused_debt_service"),  # 1.2 x 140 x CRF(4.35 %, 8 yr) 0.15068 = 25.31
        (26.0, 0.0, 0.0, "ordered"),
        (0.0, 0.0, 26.0, "ordered"),  # the project carries itself
        (50.0, 25.0, 0.0, "refused_debt_service"),  # (50 / 1.2 - 25) / 0.15068 = 110.6 < 140
        (60.0, 25.0, 0.0, "ordered"),  # (60 / 1.2 - 25) / 0.15068 = 165.9
        (-10.0, 0.0, 0.0, "refused_debt_service"),
    ],
)
def test_sm08_debt_service(cash_flow, service, saving, outcome):
    d = decide(asks((0, 200.0, saving)), firms(annual_cash_flow_cny=cash_flow), service=service)
    assert outcomes(d) == [outcome]


@pytest.mark.parametrize(
    ("assets", "debt", "is_specialised", "is_green", "premium", "outcome"),
    [
        (0.0, 1.0, False, False, 0.0, "refused_collateral"),  # 0.7 x 200 - 1 = 139 < 140
        (10.0, 1.0, False, False, 0.0, "ordered"),  # 0.7 x (6 + 200) - 1 = 143.2
        (100.0, 0.0, False, False, 0.0, "ordered"),  # 0.7 x (60 + 200) = 182
        (100.0, 0.0, True, False, 0.0, "refused_collateral"),  # 0.5 x 260 = 130
        (100.0, 0.0, True, True, 0.3, "refused_collateral"),  # 0.53 x 260 = 137.8
        (100.0, 0.0, True, True, 0.5, "ordered"),  # 0.55 x 260 = 143
        (100.0, 0.0, True, False, 1.0, "refused_collateral"),  # the guarantee is for green loans
    ],
)
def test_sm08_collateral_and_guarantee(assets, debt, is_specialised, is_green, premium, outcome):
    table = firms(fixed_assets_cny=assets, debt_cny=debt)
    d = decide(asks((0, 200.0), is_green=is_green), table, is_specialised=is_specialised, premium=premium)
    assert outcomes(d) == [outcome]


def test_sm08_projects_of_one_enterprise_use_up_its_cash():
    """60 of 100 go first; 40 are left, of which 20 may be touched: 25 % of 60 = 15 own, 45 borrowed."""
    d = decide(asks((0, 60.0), (0, 60.0)), firms())
    assert d["own_cny"].tolist() == [60.0, 15.0]
    assert d["loan_cny"].tolist() == [0.0, 45.0]


def test_sm08_projects_of_one_enterprise_use_up_its_cash_flow():
    """26 / 1.2 = 21.67 a year, of which the first loan takes 140 x 0.15068 = 21.10."""
    d = decide(asks((0, 200.0), (0, 80.0)), firms(annual_cash_flow_cny=26.0))
    assert outcomes(d) == ["ordered", "refused_debt_service"]


@pytest.mark.parametrize(("assets", "second"), [(5.0, "refused_collateral"), (10.0, "ordered")])
def test_sm08_projects_of_one_enterprise_use_up_its_collateral(assets, second):
    """Second loan 60: 0.7 x (3 + 200 + 80) - 140 = 58.1; with 10 of fixed assets 0.7 x (6 + 280) - 140 = 60.2."""
    d = decide(asks((0, 200.0), (0, 80.0)), firms(fixed_assets_cny=assets))
    assert outcomes(d) == ["ordered", second]


# --- queues --------------------------------------------------------------------------------------------------------


def test_sm08_the_better_score_comes_first_and_the_rest_is_rationed():
    d = decide(asks((0, 200.0), (1, 200.0), (2, 200.0)), firms(3, credit_score=[1.0, 3.0, 2.0]), room=(281.0,))
    assert outcomes(d) == ["rationed", "ordered", "ordered"]
    assert d["loan_cny"].tolist() == [0.0, 140.0, 140.0]


def test_sm08_ties_by_row():
    d = decide(asks((0, 200.0), (1, 200.0)), firms(2), room=(141.0,))
    assert outcomes(d) == ["ordered", "rationed"]


def test_sm08_a_smaller_loan_behind_may_still_fit():
    """Room 100: 140 does not fit, 120 - 60 = 60 does."""
    d = decide(asks((0, 200.0), (1, 120.0)), firms(2, credit_score=[2.0, 1.0]), room=(100.0,))
    assert outcomes(d) == ["rationed", "ordered"]


def test_sm08_each_bank_has_its_own_queue_and_sector_limit():
    table = firms(3, bank=[0, 1, 1])
    d = decide(asks((0, 200.0), (1, 200.0), (2, 200.0)), table, room=(0.0, WIDE), sector_room=[[WIDE], [150.0]])
    assert outcomes(d) == ["rationed", "ordered", "rationed"]


def test_l03_refinanced_part_leaves_room():
    """A green loan of 140 uses 0.4 x 140 = 56 of the room 141: two fit; without the facility one."""
    table, ask = firms(3), asks((0, 200.0), (1, 200.0), (2, 200.0), is_green=True)
    assert outcomes(decide(ask, table, room=(141.0,), levers=SUPPORT)) == ["ordered", "ordered", "rationed"]
    assert outcomes(decide(ask, table, room=(141.0,))) == ["ordered", "rationed", "rationed"]
    plain = asks((0, 200.0), (1, 200.0), (2, 200.0))
    assert outcomes(decide(plain, table, room=(141.0,), levers=SUPPORT)) == ["ordered", "rationed", "rationed"]


def test_m04_facility_raises_approvals_and_lowers_rationing():
    """Green projects of one size, firms of any kind: never fewer approvals, and more over all draws."""
    draws = np.random.default_rng(4)
    approved, rationed = np.zeros(2), np.zeros(2)
    for _ in range(40):
        table = firms(30, credit_score=draws.normal(size=30), annual_cash_flow_cny=draws.uniform(15, 60, 30))
        table["size_class"], table["ownership"] = draws.integers(0, 3, 30), draws.integers(0, 2, 30)
        ask = asks(*((i, 200.0) for i in range(30)), is_green=True)
        room = (draws.uniform(200, 3000),)
        both = [outcomes(decide(ask, table, room=room, levers=levers)) for levers in (NEUTRAL, SUPPORT)]
        count = np.array([found.count("ordered") for found in both])
        assert count[1] >= count[0]
        approved += count
        rationed += [found.count("rationed") for found in both]
    assert approved[1] > approved[0]
    assert rationed[1] < rationed[0]


def test_decide_credit_writes_nothing_and_refuses_nonsense():
    table, ask = firms(), asks((0, 200.0))
    before, room = table.copy(), np.array([WIDE])
    decide(ask, table, room=room)
    assert (table == before).all()
    assert room[0] == WIDE
    assert decide(ask[:0], table).size == 0
    ask["cost_cny"] = np.nan
    with pytest.raises(ValueError, match="cost of a project"):
        decide(ask, table)


def test_sector_limit_lets_a_bank_keep_the_share_it_starts_with():
    """Start 60 % and 40 %, limit 50 %: 60 % and 50 %. Room 20 on a book of 100: 0.6 x 120 - 60, 0.5 x 120 - 40."""
    book = loan_rows([0, 1], [0, 0], [70.0, 40.0], 0.05, 8, [10.0, 0.0])
    _, exposure = positions(book, np.array([0, 1]), 1, 2)
    assert exposure.tolist() == [[60.0, 40.0]]
    limits = sector_limits(exposure, 0.5)
    assert limits.tolist() == [[0.6, 0.5]]
    assert sector_room_cny(exposure, np.array([20.0]), limits)[0] == pytest.approx([12.0, 20.0])
    assert sector_room_cny(exposure, np.array([0.0]), np.full((1, 2), 0.3)).tolist() == [[0.0, 0.0]]


# --- scores --------------------------------------------------------------------------------------------------------


def test_sm08_credit_score_and_rate():
    """Leverage 440 / 1100 = 0.4, cover 100 / 50 = 2: 0.6 + 0.3 x 2 + 0.2 = 1.4; private brown small: no 0.2, 7.15 %."""
    table = firms(2, debt_cny=440.0, ownership=[SOE, PRIVATE], size_class=[LARGE, SMALL])
    update_credit_scores(
        table, np.array([50.0, 50.0]), np.array([0, 1]), np.array([False, True]), 3.85, PARAMS, NEUTRAL
    )
    assert table["credit_score"] == pytest.approx([1.4, 1.2])
    assert table["interest_rate_per_year"] == pytest.approx([0.0435, 0.0715])


def test_sm08_score_of_extreme_balance_sheets_is_a_number():
    """No assets but debt: leverage 2, nothing earned: 1 - 2 + 0.2. No debt service: cover 4, 1 + 1.2 + 0.2."""
    table = firms(2, debt_cny=[5.0, 0.0], cash_cny=[-5.0, 100.0], fixed_assets_cny=[0.0, 1000.0])
    table["annual_cash_flow_cny"][0] = -1.0
    update_credit_scores(table, np.zeros(2), np.zeros(2, dtype=np.int64), np.array([False]), 3.85, PARAMS, NEUTRAL)
    assert table["credit_score"] == pytest.approx([-0.8, 2.4])
    assert table["interest_rate_per_year"] == pytest.approx([0.0435 + 0.04 * 1.4, 0.0435])


# --- loans ---------------------------------------------------------------------------------------------------------

TEN_PERCENT_A_QUARTER = 1.1**4 - 1.0


def two_quarter_loan():
    """100 at 10 % a quarter in two payments of 100 x 0.1 / (1 - 1 / 1.21) = 57.619; 60 refinanced, 1.5 points paid."""
    return loan_rows([0], [1], [100.0], TEN_PERCENT_A_QUARTER, 2, 60.0, 1.5)


def test_sm08_debt_service_of_a_loan_of_two_quarters():
    book, table, flows = two_quarter_loan(), firms(), allocate(FLOWS, 1)
    assert book.loans["payment_cny"][0] == pytest.approx(57.6190476)
    interest, principal, repaid, facility_interest = service_loans(book, table, flows, 2, 1.75)
    assert interest == pytest.approx([0.0, 10.0])
    assert principal == pytest.approx([0.0, 47.6190476])
    assert repaid == pytest.approx([0.0, 28.5714286])
    assert facility_interest == pytest.approx([0.0, 60.0 * (1.0175**0.25 - 1.0)])
    assert (flows["interest_cny"][0], flows["principal_cny"][0]) == pytest.approx((10.0, 47.6190476))
    assert flows["interest_subsidy_cny"][0] == pytest.approx(10.0 * 0.015 / 0.4641)
    assert table["debt_cny"][0] == pytest.approx(52.3809524)
    interest, principal, repaid, _ = service_loans(book, table, flows, 2, 1.75)
    assert (interest[1], principal[1], repaid[1]) == pytest.approx((5.2380952, 52.3809524, 31.4285714))
    assert (book.loans["principal_cny"][0], book.supports["facility_cny"][0], table["debt_cny"][0]) == (0.0, 0.0, 0.0)
    assert [part.sum() for part in service_loans(book, table, flows, 2, 1.75)] == [0.0, 0.0, 0.0, 0.0]
    assert flows["interest_cny"][0] == 0.0


def test_sm08_the_dead_do_not_pay_and_support_is_at_most_the_interest():
    book, flows = two_quarter_loan(), allocate(FLOWS, 1)
    service_loans(book, firms(is_alive=False), flows, 2, 1.75)
    assert (book.loans["principal_cny"][0], flows["interest_cny"][0]) == (100.0, 0.0)
    book.supports["support_percent"] = 99.0
    service_loans(book, firms(), flows, 2, 1.75)
    assert flows["interest_subsidy_cny"][0] == flows["interest_cny"][0] == pytest.approx(10.0)


def test_sm08_yearly_debt_service():
    """Eight payments to come count four times, two payments twice."""
    book = loan_rows([0, 1], [0, 0], [80.0, 100.0], [0.0, TEN_PERCENT_A_QUARTER], [8, 2])
    assert positions(book, np.zeros(3, int), 1, 1)[0] == pytest.approx([40.0, 115.2380952, 0.0])


def test_sm08_decided_loans_are_granted():
    """Terms 3, 5 and 8 years; the firm that pays from cash has no loan; 60 % of a green loan is refinanced (L03)."""
    levers = np.atleast_1d(registry.lever_record({"facility_share": 0.6, "interest_subsidy_percent": 1.5}))
    table = firms(4, size_class=[SMALL, MEDIUM, LARGE, LARGE], bank=[0, 1, 1, 0])
    ask = asks((0, 200.0), (1, 200.0), (2, 200.0), (3, 10.0), is_green=True)
    decisions = decide(ask, table, room=(WIDE, WIDE), levers=levers)
    granted = new_loans(ask, decisions, table, room_for_loans(4), PARAMS, levers)
    assert granted.loans["quarters_left"].tolist() == [12, 20, 32]
    assert granted.supports["loan"].tolist() == [0, 1, 2]
    assert granted.supports["facility_cny"] == pytest.approx([84.0, 84.0, 84.0])
    assert granted.supports["support_percent"].tolist() == [1.5, 1.5, 1.5]
    lent, refinanced = outstanding_by_bank(granted, 2)
    assert lent.tolist() == [140.0, 280.0]
    assert refinanced == pytest.approx([84.0, 168.0])
    flows = allocate(FLOWS, 4)
    book_loans(granted, table, flows)
    assert table["debt_cny"].tolist() == flows["borrowed_cny"].tolist() == [140.0, 140.0, 140.0, 0.0]
    loans = Loans.none()
    loans.append(granted)
    principal, facility = outstanding_by_bank(loans.book, 2)
    assert principal.tolist() == [140.0, 280.0]
    assert facility == pytest.approx([84.0, 168.0])


def test_finished_loans_leave_the_table_and_the_others_stay_in_order():
    """Of loans 1 to 8, helped with 10, 0, 0, 40 and so on, the fourth, sixth and eighth run on."""
    loans, helped = Loans.none(), [10.0, 0.0, 0.0, 40.0]
    loans.append(loan_rows(range(4), [0] * 4, [1.0, 2.0, 3.0, 4.0], 0.05, 8, helped))
    assert (loans.n_loans, loans.loans.size, loans.n_supports) == (4, 16, 2)
    loans.append(loan_rows(range(4), [0] * 4, [5.0, 6.0, 7.0, 8.0], 0.05, 8, 10.0 * np.array(helped)))
    assert (loans.n_loans, loans.loans.size) == (8, 16)
    assert loans.book.supports["loan"].tolist() == [0, 3, 4, 7]
    loans.loans["quarters_left"][[0, 1, 2, 4, 6]] = 0
    loans.drop_finished()
    assert loans.book.loans["principal_cny"].tolist() == [4.0, 6.0, 8.0]
    assert loans.book.supports["loan"].tolist() == [0, 2]
    assert loans.book.supports["facility_cny"].tolist() == [40.0, 400.0]
    loans.append(loan_rows([9], [0], [9.0], 0.05, 8, 90.0))
    assert (loans.n_loans, loans.loans.size) == (4, 16)
    assert loans.book.loans["principal_cny"].tolist() == [4.0, 6.0, 8.0, 9.0]
    assert loans.book.supports["loan"].tolist() == [0, 2, 3]


def test_loans_without_payments_are_refused():
    with pytest.raises(ValueError, match="at least one payment"):
        loan_rows([0], [0], [100.0], 0.05, 0)
    with pytest.raises(ValueError, match="at most 32767 payments"):
        loan_rows([0], [0], [100.0], 0.05, 32_768)
    with pytest.raises(ValueError, match="not negative"):
        loan_rows([0], [0], [-1.0], 0.05, 4)


# --- default -------------------------------------------------------------------------------------------------------


def test_sm08_default_after_two_quarters_beyond_the_credit_line():
    """Line: 10 % of 500 = 50. A good quarter in between starts the count again; at the line is not beyond it."""
    table, sales, interest = firms(2, cash_cny=[-51.0, -50.0]), np.full(2, 500.0), np.zeros(2)
    assert find_defaults(table, sales, interest, PARAMS).tolist() == [False, False]
    table["cash_cny"][0] = 0.0
    assert not find_defaults(table, sales, interest, PARAMS).any()
    table["cash_cny"][0] = -51.0
    assert not find_defaults(table, sales, interest, PARAMS).any()
    assert find_defaults(table, sales, interest, PARAMS).tolist() == [True, False]


def test_sm08_default_after_eight_quarters_of_low_cover():
    """Interest 10 a quarter, 40 a year: cover 19 / 40 < 0.5 <= 20 / 40. No interest: no default at any cash flow."""
    table = firms(4, annual_cash_flow_cny=[19.0, 20.0, -99.0, 19.0], is_alive=[True, True, True, False])
    interest = np.array([10.0, 10.0, 0.0, 10.0])
    found = [find_defaults(table, np.full(4, 500.0), interest, PARAMS) for _ in range(8)]
    assert not np.any(found[:7])
    assert found[7].tolist() == [True, False, False, False]


def test_sm08_write_off():
    """Loss given default 0.45 of 100 + 40; the loan of the other enterprise stays."""
    book = loan_rows([0, 0, 1], [0, 1, 1], [100.0, 40.0, 7.0], 0.05, 8, [60.0, 0.0, 0.0])
    table = firms(2, debt_cny=[140.0, 7.0])
    written_off, recovered, facility = write_off(book, np.array([True, False]), 0.45, table, 2)
    assert written_off == pytest.approx([45.0, 18.0])
    assert recovered == pytest.approx([55.0, 22.0])
    assert facility.tolist() == [60.0, 0.0]
    assert book.loans["principal_cny"].tolist() == [0.0, 0.0, 7.0]
    assert book.supports["facility_cny"].tolist() == [0.0]
    assert table["debt_cny"].tolist() == [0.0, 7.0]
    assert positions(book, np.zeros(2, int), 2, 1)[0][0] == 0.0
