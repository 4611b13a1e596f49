"""A round of finance: plant held back by the energy budget, applications, banks, new loans (SM08, SM11)."""

from typing import NamedTuple

import numpy as np

from transition_sim.agents.applications import list_applications, take_answers
from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.kernels import compiled, merged, part
from transition_sim.world.markets.banks import lending_room
from transition_sim.world.markets.credit import (
    book_loans,
    decide_credit,
    lpr_percent,
    new_loans,
    outstanding_by_bank,
    positions,
    principal_to_renew,
    sector_room_cny,
    terms_years,
    update_credit_scores,
)
from transition_sim.world.policy.energy_budget import within_budget

_LISTED_FIRST = 1e9


class Books(NamedTuple):
    """Tables of the enterprises that finance reads and writes."""

    production: np.ndarray
    prices: np.ndarray
    finance: np.ndarray
    flows: np.ndarray
    energy: np.ndarray


class Lenders(NamedTuple):
    """What banks may lend.

    Attributes
    ----------
    capital_cny, loans_cny, facility_cny, plan_book_cny : ndarray, shape (B,)
        See ``world.markets.banks``.
    sector_limit_share : ndarray, shape (B, S)
    """

    capital_cny: np.ndarray
    loans_cny: np.ndarray
    facility_cny: np.ndarray
    plan_book_cny: np.ndarray
    sector_limit_share: np.ndarray


class Trades(NamedTuple):
    """What is known of enterprises by their sector.

    Attributes
    ----------
    sector : ndarray of int, shape (N,)
    is_two_high : ndarray of bool, shape (N,)
    is_reviewed, is_two_high_sector, is_specialised : ndarray of bool, shape (S,)
    """

    sector: np.ndarray
    is_two_high: np.ndarray
    is_reviewed: np.ndarray
    is_two_high_sector: np.ndarray
    is_specialised: np.ndarray


class Round(NamedTuple):
    """What a round of finance leaves behind.

    Attributes
    ----------
    n_waiting : int
        Enterprises whose new plant did not fit into the energy budget.
    headroom_tce : float
        Left of the energy budget of the year.
    refunded_cny, rationed_cny : float
        Awards that no bank completed, and the cost of projects that found no room.
    n_granted, n_supported : int
        New loans, not yet in the tables, and how many of them are supported.
    lent_cny, refinanced_cny : ndarray, shape (B,)
    """

    n_waiting: int
    headroom_tce: float
    refunded_cny: float
    rationed_cny: float
    n_granted: int
    n_supported: int
    lent_cny: np.ndarray
    refinanced_cny: np.ndarray


@compiled
def annual_sales_cny(production, prices):
    """Return a year's sales at the output of the last quarter, CNY/yr, shape (N,)."""
    sales = np.empty(production.size)
    for i in range(sales.size):
        sales[i] = QUARTERS_PER_YEAR * production[i].output_cny * prices[i].price_index
    return sales


@merged
def hold_back(growth, books, trades, is_listed, headroom_tce):
    """Give up new plant that does not fit into the energy budget of the year (L14).

    The sectors under review are asked: cement, building materials, chemicals, metals, data centres (SM11). Key projects
    come first (their room is reserved), then who uses least energy per output. Who is held back plans anew at the end
    of the quarter.

    Returns
    -------
    n_waiting : int
    needs_tce : ndarray, shape (N,)
        What the plant of each would use in a year; 0 without a budget, and where it is not reviewed.
    """
    wanted_cny, cost_cny = growth
    needs_tce, rows, n = np.zeros(wanted_cny.size), np.empty(wanted_cny.size, np.int64), 0
    if np.isinf(headroom_tce):
        return 0, needs_tce
    needs, rank = np.empty(rows.size), np.empty(rows.size)
    for i in range(wanted_cny.size):
        if wanted_cny[i] > 0.0 and books.finance[i].is_alive and trades.is_reviewed[trades.sector[i]]:
            firm, used_tce = books.production[i], books.energy[i].energy_coal_equivalent_tce
            growth_share = max(0.0, wanted_cny[i] / firm.capacity_cny - 1.0)
            needs[n] = needs_tce[i] = QUARTERS_PER_YEAR * growth_share * used_tce
            rank[n] = used_tce / max(firm.output_cny, 1e-9) - (_LISTED_FIRST if is_listed[i] else 0.0)
            rows[n] = i
            n += 1
    fits, n_waiting = within_budget(needs[:n], rank[:n], headroom_tce), 0
    for k in range(n):
        if not fits[k]:
            wanted_cny[rows[k]] = cost_cny[rows[k]] = 0.0
            n_waiting += 1
    return n_waiting, needs_tce


@part
def _headroom_left_tce(headroom_tce, needs_tce, flows):
    """Return what new plant that is built leaves: what review or bank refused leaves its room to others."""
    built_tce = 0.0
    for i in range(flows.size):
        if flows[i].growth_capex_cny > 0.0:
            built_tce += needs_tce[i]
    return headroom_tce - built_tce


@compiled
def decide(applications, books, book, lenders, trades, fund_cny, decimal_year, quarter_of_year, params, levers):
    """Return the decisions of the banks on all applications of the quarter; credit scores are written (SM08)."""
    p, finance = params[0], books.finance
    due, exposure = positions(book, trades.sector, lenders.capital_cny.size, trades.is_reviewed.size)
    due += principal_to_renew(book.loans, finance, terms_years(params))
    lpr = lpr_percent(decimal_year, p)
    update_credit_scores(finance, due, trades.sector, trades.is_two_high_sector, lpr, params, levers)
    room = lending_room(
        lenders.capital_cny, lenders.loans_cny, lenders.facility_cny, lenders.plan_book_cny,
        p.bank_lending_growth_per_year * 0.25 * (quarter_of_year + 1), p.capital_ratio_min_share,
    )  # fmt: skip
    asked_cny = 0.0
    for a in range(applications.size):
        asked_cny += applications[a].cost_cny
    fund_share = min(1.0, fund_cny / max(1.0, asked_cny))
    # a loan is backed by the fund, or else by insurance (L56)
    backed_share = fund_share + (1.0 - fund_share) * levers[0].green_insurance
    return decide_credit(
        applications, finance, annual_sales_cny(books.production, books.prices), due, trades.sector, room,
        sector_room_cny(exposure, room, lenders.sector_limit_share), trades.is_specialised, backed_share, lpr, params,
        levers,
    )  # fmt: skip


@compiled
def finance_round(
    projects, growth, books, book, room, lenders, trades, is_listed, headroom_tce, technologies, fund_cny, decimal_year,
    quarter_of_year, params, levers,
):  # fmt: skip
    """Let banks decide on all projects and on new plant, and book what they grant.

    Parameters
    ----------
    projects, growth : tuples of ndarrays
        As in ``agents.applications.list_applications``; outcomes and plans are written.
    books : Books
        Capacity, credit scores, investment and debt are written.
    book : LoanBook
        The loans in use; read.
    room : LoanBook
        Rows for a loan and a support of each project and each enterprise; those of new loans are written.
    lenders : Lenders
    trades : Trades
    is_listed : ndarray of bool, shape (N,)
        Key projects.
    headroom_tce : float
        Left of the energy budget of the year, infinite without one.
    fund_cny : float
        Of the green fund, which backs loans.
    decimal_year, quarter_of_year : float, int
    params, levers : structured arrays, shape (1,)

    Returns
    -------
    tuple : the parts of ``Round``
    """
    n_waiting, needs_tce = hold_back(growth, books, trades, is_listed, headroom_tce)
    applications, n_projects = list_applications(
        projects, technologies, books.production, books.prices, books.finance, growth, trades.sector,
        trades.is_reviewed, trades.is_two_high, levers[0].access_strictness, params[0].access_saturation_share,
    )  # fmt: skip
    decisions = decide(
        applications, books, book, lenders, trades, fund_cny, decimal_year, quarter_of_year, params, levers
    )
    refunded_cny, rationed_cny = take_answers(
        applications, n_projects, decisions, projects, growth, books.production, books.finance, books.flows
    )
    granted = new_loans(applications, decisions, books.finance, room, params, levers)
    book_loans(granted, books.finance, books.flows)
    lent_cny, refinanced_cny = outstanding_by_bank(granted, lenders.capital_cny.size)
    left_tce = _headroom_left_tce(headroom_tce, needs_tce, books.flows)
    n_granted, n_supported = granted.loans.size, granted.supports.size
    return n_waiting, left_tce, refunded_cny, rationed_cny, n_granted, n_supported, lent_cny, refinanced_cny
