"""Energy performance contracts: what a company offers, who accepts, and who finances it (SM09).

A company looks at what an enterprise left undone: it kept what it has, waited for a subsidy, or was refused by its
bank. It offers what brings itself most and leaves the enterprise better off than keeping.
"""

from typing import NamedTuple

import numpy as np

from transition_sim.agents.choice import KEEP, mean_cost
from transition_sim.agents.investment import MEASURE, SERVICE, STORAGE
from transition_sim.agents.levelised import planning_years
from transition_sim.agents.options import keep_cost, option_terms, own_capital, what_is_there
from transition_sim.agents.outlook import at_carbon_price, room_for_prices, see_case
from transition_sim.agents.projects import annual_units
from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.kernels import compiled, lean, merged, part
from transition_sim.core.ordering import order_of
from transition_sim.core.philox import uniforms_at
from transition_sim.core.tables import gather_rows
from transition_sim.world.annuity import capital_recovery_factor, rate_per_quarter
from transition_sim.world.assets import technology_capacity
from transition_sim.world.markets.banks import lending_room
from transition_sim.world.markets.credit import dscr_max_loan, lpr_percent, offered_rate
from transition_sim.world.markets.energy_service import hire, projects_left
from transition_sim.world.state import MEDIUM, OUTCOMES, PRIVATE

SIGNED = OUTCOMES.index("ordered_by_contract")
IS_OPEN_TO_OFFERS = np.array(
    [o in ("kept", "no_subsidy_kept", "rationed") or o.startswith("refused_") for o in OUTCOMES]
)
"""Outcomes after which a company may still come: necessity, permits and review are not its business."""


class Offer(NamedTuple):
    """What a company would put into one slot.

    Attributes
    ----------
    technology : int
        -1: nothing that pays.
    value_cny, years : float
        Present value to the company, and term of the contract.
    kind : int
    unit_per_year, saving_cny_per_unit : float
        What is promised.
    capacity, capex_cny, subsidy_share : float
    replaces : bool
    """

    technology: np.int64
    value_cny: float
    kind: int
    years: float
    unit_per_year: float
    saving_cny_per_unit: float
    capacity: float
    capex_cny: float
    subsidy_share: float
    replaces: bool


class Terms(NamedTuple):
    """What all contracts of a quarter have in common.

    Attributes
    ----------
    dealing_cny : float
        Of a contract: survey, measurement, lawyers.
    prime_percent : float
        Loan prime rate, %/yr.
    rate_per_year : float
        Of a loan to a company.
    quarter : int
    """

    dealing_cny: float
    prime_percent: float
    rate_per_year: float
    quarter: int


@part
def contract_value_cny(saving_cny_per_year, company_share, years, rate_per_year, investment_cny, dealing_cny):
    """Return what a contract is worth to the company, CNY: sum of alpha dC / (1+r)^n - I (1 - sub) - dealing (A27)."""
    annuity = 1.0 / capital_recovery_factor(rate_per_year, years)
    return company_share * saving_cny_per_year * annuity - investment_cny - dealing_cny


@part
def is_trusted(trust, promotion, uniform, p):
    """Tell whether an enterprise deals with a company: trust >= 0.4 + 0.6 u, trust raised by promotion (L29)."""
    lowest = p.service_trust_lowest
    return trust + p.service_trust_gain * promotion >= lowest + (1.0 - lowest) * uniform


@part
def fee_cny_per_unit(saving_cny_per_unit, company_share, contract_years, rate_per_year, years):
    """Return what the shared savings cost the customer, levelised over the years that it counts, CNY/unit."""
    shared_years = min(contract_years, years)
    spread = capital_recovery_factor(rate_per_year, years) / capital_recovery_factor(rate_per_year, shared_years)
    return company_share * saving_cny_per_unit * spread


@lean
def expected_share(firm):
    """Return expected orders over those that equipment is sized for, which hold the busiest quarter."""
    busy_cny = min(max(firm.expected_orders_cny, firm.orders_cny), firm.capacity_cny)
    return min(firm.expected_orders_cny, firm.capacity_cny) / busy_cny if busy_cny > 0.0 else 0.0


@lean
def promised_unit(case, capacity, firm, p):
    """Return the service a year that equipment of a contract will give, unit/yr."""
    if case.kind == SERVICE or case.kind == MEASURE:
        return min(capacity, QUARTERS_PER_YEAR * case.planned_unit * expected_share(firm))
    return annual_units(case.kind, 1.0, capacity, case.roof_yield_mwh_per_mw, p)


@lean
def is_better_off(seen, n, k, capital_cny_per_unit, fee, margin_share):
    """Tell whether the customer prefers an option without its own capital, with the fee, to keeping (SM06)."""
    change = (capital_cny_per_unit - fee) * (1.0 + margin_share) / mean_cost(seen, n)
    return seen[k].utility + change > seen[0].utility


@lean
def best_offer(choice, seen, firms, equipment, outlook, site, room, terms, p, lever):
    """Return the offer that is worth most to a company among those that the customer accepts.

    Only what can be measured counts as saving: energy, and what equipment costs to run; no carbon price.
    """
    s, i = choice.slot, choice.enterprise
    technologies, scope1 = equipment.technologies, outlook.scope1_tco2_per_gj
    case = see_case(s, equipment.slots, equipment.services, firms, outlook, site, terms.quarter, room, p)
    prices = room.cny_per_gj
    there, om = what_is_there(
        s, equipment.slots, equipment.slot_start, equipment.assets, technologies, case.process_tco2, prices, scope1
    )
    keep = keep_cost(case, there, om, technologies, prices, scope1, p)
    finance, share = firms.finance[i], p.service_company_share
    spread = max(0.0, finance.interest_rate_per_year - 0.01 * (terms.prime_percent + p.bank_margin_percent))
    best = Offer(np.int64(-1), 0.0, case.kind, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, False)
    for k in range(1, choice.n_options):
        at = seen[k].technology
        kind = technologies[at]
        years = float(kind.contract_years)
        if years <= 0.0:
            continue
        own = technology_capacity(equipment.slots[s].first_asset, equipment.assets, at)
        cost, capacity, capex, _, replaces = option_terms(
            case, kind, at, own, equipment.capex_factor[at], there, prices[kind.carrier], scope1[kind.carrier], p, lever
        )
        if capacity <= 0.0:
            continue
        capital, subsidy = own_capital(case, kind, capacity, capex / capacity, p, lever)
        saving = keep - (cost - capital)
        units = promised_unit(case, capacity, firms.production[i], p)
        investment = capex * (1.0 - subsidy)
        if saving <= 0.0 or investment > p.service_longest_payback_years * saving * units:
            continue
        value = contract_value_cny(
            saving * units, share, years, p.service_capital_cost_per_year + spread, investment, terms.dealing_cny
        )
        fee = fee_cny_per_unit(saving, share, years, case.rate_per_year, case.years)
        margin = p.scrap_margin_share if replaces and case.kind == SERVICE else 0.0
        if value >= best.value_cny and is_better_off(seen, choice.n_options, k, capital, fee, margin):
            best = Offer(np.int64(at), value, case.kind, years, units, saving, capacity, capex, subsidy, replaces)
    return best


@lean
def company_for(companies):
    """Return the company with staff that is free and the most cash, -1: none."""
    best = -1
    for e in range(companies.size):
        company = companies[e]
        can_act = company.is_alive and company.projects_left >= 1.0 and company.cash_cny > 0.0
        if can_act and (best < 0 or company.cash_cny > companies[best].cash_cny):
            best = e
    return best


@lean
def finance_offer(offer, company, grant_cny, room_cny, terms, p):
    """Return the loan of a contract, CNY, or -1 where company and bank cannot carry it (SM08).

    The bank lends what the company's share of the savings carries, and no more than all but the own funds that it
    asks of everybody; the equipment is its security.
    """
    investment = offer.capex_cny - grant_cny
    receipts = p.service_company_share * offer.saving_cny_per_unit * offer.unit_per_year
    loan = dscr_max_loan(receipts, terms.rate_per_year, offer.years, p.dscr_min)
    loan = min(loan, (1.0 - p.own_funds_share) * investment)
    own = investment + terms.dealing_cny - loan
    return loan if loan <= room_cny[company.bank] and own <= company.cash_cny else -1.0


@lean
def write_contract(row, offer, enterprise, slot, company_row, bank, grant_cny, loan_cny, lag_quarters, terms, p):
    """Fill the row of a new contract."""
    row.company, row.bank, row.kind, row.is_running = company_row, bank, offer.kind, True
    row.enterprise, row.slot, row.technology = enterprise, slot, offer.technology
    row.start_quarter = terms.quarter + lag_quarters
    row.end_quarter = row.start_quarter + int(QUARTERS_PER_YEAR * offer.years)
    row.capacity_unit_per_year, row.unit_per_year = offer.capacity, offer.unit_per_year
    row.saving_cny_per_unit, row.company_share = offer.saving_cny_per_unit, p.service_company_share
    row.capex_cny, row.principal_cny = offer.capex_cny - grant_cny, loan_cny
    row.quarters_left = int(QUARTERS_PER_YEAR * offer.years) if loan_cny > 0.0 else 0
    row.rate_per_quarter = rate_per_quarter(terms.rate_per_year)
    if loan_cny > 0.0:
        row.payment_cny = loan_cny * capital_recovery_factor(row.rate_per_quarter, row.quarters_left)


@lean
def write_choice(choice, offer, grant_cny):
    """Turn a decision into the order that the company places."""
    choice.runner_up, choice.switch_capex_share = KEEP, np.nan
    choice.chosen, choice.outcome, choice.is_order = offer.technology, SIGNED, True
    choice.capacity_unit_per_year, choice.capex_cny, choice.subsidy_cny = offer.capacity, offer.capex_cny, grant_cny
    choice.replaces = offer.replaces


@lean
def _sign(
    queue, choices, options, firms, equipment, outlook, site, companies, room_cny, balance_cny, terms, room,
    contracts, signed, p, lever,
):  # fmt: skip
    """Serve the queue while companies have staff; return (contracts, grants in CNY)."""
    n, granted_cny = 0, 0.0
    for r in queue:
        choice = choices[r]
        e = company_for(companies)
        if e < 0 or n == signed.size:
            break
        seen = options.listed[options.first[r] :]
        offer = best_offer(choice, seen, firms, equipment, outlook, site, room, terms, p, lever)
        if offer.technology < 0:
            continue
        grant = offer.subsidy_share * offer.capex_cny
        if granted_cny + grant > balance_cny:
            continue
        company = companies[e]
        loan = finance_offer(offer, company, grant, room_cny, terms, p)
        if loan < 0.0:
            continue
        lag = equipment.technologies[offer.technology].lag_quarters
        write_contract(contracts[n], offer, choice.enterprise, choice.slot, e, company.bank, grant, loan, lag, terms, p)
        write_choice(choice, offer, grant)
        company.cash_cny -= offer.capex_cny - grant + terms.dealing_cny - loan
        company.projects_left -= 1.0
        room_cny[company.bank] -= loan
        granted_cny += grant
        signed[n] = r
        n += 1
    return n, granted_cny


@lean
def may_pay(seen, n_options, kind, firm, technologies, p):
    """Tell from the costs that an enterprise has seen whether a contract with it could pay at all.

    A company needs alpha dC >= q I, and in the enterprise's eyes I costs at most the option's levelised cost: with own
    recovery factor q0, options that cost more than keeping times q0 / q cannot pay. Bounds stand for both factors
    (q >= 1/T + r (T + 1) / 2T, the tangent at no interest, and q0 <= r + 1/N), so that nothing is lost.
    """
    years = planning_years(firm.ownership, firm.size_class, p)
    for k in range(1, n_options):
        technology = technologies[seen[k].technology]
        term = float(technology.contract_years)
        if term <= 0.0:
            continue
        if kind == STORAGE:
            return True
        own = p.first_cost_salience * (firm.hurdle_rate_per_year + 1.0 / min(technology.life_years, years))
        needed = (1.0 + 0.5 * p.service_capital_cost_per_year * (term + 1.0)) / (term * p.service_company_share)
        if seen[k].levelised_cost_cny_per_unit * min(own, needed) <= seen[0].levelised_cost_cny_per_unit * own:
            return True
    return False


@merged
def find_prospects(choices, options, firms, equipment, params):
    """Return who is worth a visit: rows of ``choices``, and their slots, shape (n,) each.

    They kept what they have or were refused, nothing is on order, and a contract could pay.
    """
    rows, slots, n = np.empty(choices.size, np.int64), np.empty(choices.size, np.int64), 0
    for r in range(choices.size):
        choice = choices[r]
        if not IS_OPEN_TO_OFFERS[choice.outcome] or choice.n_options < 2:
            continue
        seen = options.listed[options.first[r] :]
        if seen[0].technology != KEEP or equipment.slots[choice.slot].pending_asset >= 0:
            continue
        kind, firm = equipment.services[choice.service].kind, firms.finance[choice.enterprise]
        if may_pay(seen, choice.n_options, kind, firm, equipment.technologies, params[0]):
            rows[n], slots[n] = r, choice.slot
            n += 1
    return rows[:n], slots[:n]


@lean
def _queue_up(prospects, choices, conduct, uniforms, promotion, p, eagerness):
    """Write how eager each prospect is to deal, -inf where it is not; return how many are."""
    count = 0
    for k in range(prospects.size):
        trust = conduct[choices[prospects[k]].enterprise].service_trust
        eagerness[k] = -np.inf
        if is_trusted(trust, promotion, uniforms[k], p):
            eagerness[k] = trust - (1.0 - p.service_trust_lowest) * uniforms[k]
            count += 1
    return count


@lean
def terms_of(decimal_year, quarter, p, lever):
    """Return what all contracts of a quarter have in common; promotion cuts the cost of dealing (L29).

    A company borrows like a private enterprise of medium size (SM08).
    """
    prime = lpr_percent(decimal_year, p)
    dealing = p.service_dealing_cny * (1.0 - p.service_dealing_cut_share * lever.esco_promotion)
    return Terms(dealing, prime, offered_rate(prime, MEDIUM, PRIVATE, 0.0, False, False, p, lever), quarter)


@part
def sign_contracts(
    prospects, uniforms, choices, options, firms, equipment, outlook, site, companies, room_cny, balance_cny,
    decimal_year, quarter, contracts, params, levers,
):  # fmt: skip
    """Let companies offer what pays to the prospects who trust them most, until their staff is taken (SM09).

    Parameters
    ----------
    prospects : ndarray of int, shape (n,)
        Rows of ``choices``, from ``find_prospects``.
    uniforms : ndarray, shape (n,)
        The named uniform of each prospect's slot.
    choices : structured array of ``agents.choice.CHOICES_DTYPE``, shape (n_looking,)
        Written where a contract is signed: technology, size, cost, grant, outcome.
    options : agents.seen_options.SeenOptions
    firms, equipment, outlook, site : named tuples of ``agents.outlook``
        The outlook without a carbon price.
    companies : structured array of ``COMPANIES``
        Cash and staff are written: equipment and dealing less loan and grant.
    room_cny : ndarray, shape (B,)
        What banks may still lend; reduced.
    balance_cny : float
        Of the green budget, which grants the same share as to everybody (L01).
    decimal_year, quarter : float, int
    contracts : structured array of ``CONTRACTS``
        Empty rows, at least as many as the staff can take on; the first n_signed are written.
    params, levers : structured arrays, shape (1,)

    Returns
    -------
    signed : ndarray of int, shape (n_signed,)
        Rows of ``choices`` of the new contracts, ascending.
    granted_cny, dealing_cny : float
        Grants, and what all the dealing cost.
    """
    p, lever = params[0], levers[0]
    hire(companies, lever.esco_promotion, p)
    terms, eagerness = terms_of(decimal_year, quarter, p, lever), np.empty(prospects.size)
    count = _queue_up(prospects, choices, firms.conduct, uniforms, lever.esco_promotion, p, eagerness)
    most = min(projects_left(companies), count)
    signed, n, granted_cny = np.empty(most, np.int64), 0, 0.0
    if most > 0:
        n, granted_cny = _sign(
            prospects[order_of(-eagerness)[:count]], choices, options, firms, equipment, outlook, site, companies,
            room_cny, balance_cny, terms, room_for_prices(outlook.growth_per_year, p), contracts, signed, p, lever,
        )  # fmt: skip
    order = order_of(signed[:n])
    gather_rows(contracts[:n], order.copy())
    return signed[:n][order], granted_cny, n * terms.dealing_cny


@compiled
def offer_contracts(
    choices, options, firms, equipment, outlook, no_carbon_price, site, companies, lenders, balance_cny, draws,
    decimal_year, quarter, quarter_of_year, contracts, params, levers,
):  # fmt: skip
    """Find who is worth a visit and sign contracts: see ``find_prospects`` and ``sign_contracts``.

    ``draws``: where the numbers of the quarter stand (``core.streams.Streams.address``). ``no_carbon_price``: zeros,
    shape (N,), for a company counts as saving only what can be measured.
    """
    p = params[0]
    prospects, slots = find_prospects(choices, options, firms, equipment, params)
    room_cny = lending_room(
        lenders.capital_cny, lenders.loans_cny, lenders.facility_cny, lenders.plan_book_cny,
        p.bank_lending_growth_per_year * 0.25 * (quarter_of_year + 1), p.capital_ratio_min_share,
    )  # fmt: skip
    return sign_contracts(
        prospects, uniforms_at(draws[0], draws[1], draws[2], slots), choices, options, firms, equipment,
        at_carbon_price(outlook, no_carbon_price), site, companies, room_cny, balance_cny, decimal_year, quarter,
        contracts, params, levers,
    )  # fmt: skip
