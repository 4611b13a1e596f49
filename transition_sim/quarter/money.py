"""Phase 10: bills, wages, taxes, debt service, defaults, prices; the two sides of every payment (SM02, SM08, B08)."""

import numpy as np

from transition_sim.agents.financing import annual_sales_cny
from transition_sim.core.kernels import compiled
from transition_sim.quarter.contracts import settle_services
from transition_sim.quarter.permits import copy_permits
from transition_sim.world.accounting.identities import check_bounds, check_fuel
from transition_sim.world.accounting.settlement import ServicePay, pay_energy
from transition_sim.world.accounting.settlement import settle as settle_books
from transition_sim.world.adoption import leave_out_dead
from transition_sim.world.deliveries import EARNED
from transition_sim.world.markets import credit
from transition_sim.world.markets.banks import accounts_of_customers, gaps_cny, pay_out_excess
from transition_sim.world.markets.credit import find_defaults, outstanding_by_bank
from transition_sim.world.markets.energy_service import lent_cny
from transition_sim.world.markets.green_orders import without_buyers
from transition_sim.world.prices import price_quarter
from transition_sim.world.totals import column_totals
from transition_sim.world.world import World

LOWEST_PRICE_INDEX = 0.2
STORAGE_DAYS_A_QUARTER = 0.25
FLOWS_BETWEEN_ACCOUNTS = (
    ("goods from outside", "enterprises", "rest_of_world", "outside_goods_cny"),
    ("fuel", "enterprises", "fuel_supplier", "fuel_cny"),
    ("electricity", "enterprises", "power_utility", "power_cny"),
    ("surcharges", "enterprises", "treasury", "surcharge_cny"),
    ("carbon price", "enterprises", "treasury", "carbon_cny"),
    ("wages", "enterprises", "households", "wages_cny"),
    ("taxes", "enterprises", "treasury", "tax_cny"),
    ("equipment", "enterprises", "rest_of_world", "capex_cny"),
    ("new plant", "enterprises", "rest_of_world", "growth_capex_cny"),
    ("upkeep", "enterprises", "rest_of_world", "upkeep_cny"),
    ("scrap", "rest_of_world", "enterprises", "salvage_cny"),
    ("capital subsidies", "green_budget", "enterprises", "subsidy_cny"),
    ("interest subsidies", "green_budget", "enterprises", "interest_subsidy_cny"),
    ("interest", "enterprises", "banks", "interest_cny"),
    ("principal", "enterprises", "banks", "principal_cny"),
    ("loans", "banks", "enterprises", "borrowed_cny"),
    ("permits", "enterprises", "rest_of_world", "permits_cny"),
    ("dividends", "enterprises", "households", "dividends_cny"),
)
"""Instrument, payer, payee and column of flows."""
TIDIED_IN = 3
"""Quarter of the year in which finished loans leave the table."""


def settle(world: World) -> None:
    """Settle the quarter: bills, income, loans, books; defaults; prices; and the check that all of it adds up."""
    state, banks = world.state, world.banks
    flows, finance = state["flows"], state["finance"]
    before, _, _ = accounts_of_customers(finance, flows, banks.n_banks)
    _bills(world)
    _service_debt(world)
    settle_services(world)
    settle_books(
        flows, state["production"], state["prices"], finance, state.tax_credit_cny,
        world.constants.production_tax_share, world.params,
    )  # fmt: skip
    _post(world)
    _defaults(world)
    _price(world)
    change_cny = _close_banks(world, before)
    check_fuel(world)
    opening = world.notes.opening_cny
    measured = {
        "enterprises": change_cny,
        "green_budget": world.budget.balance_cny - opening["green_budget"],
        "banks": float(banks.capital_cny.sum() - banks.loans_cny.sum()) - opening["banks"],
        "energy_service": world.energy_service.close_books(world.label),
    }
    world.ledger.check(world.label, measured, state.n_enterprises)
    _check_institutions(world)


def _bills(world: World) -> None:
    """Pay for energy and carbon, surplus roof power, storage arbitrage and demand response (SM12, SM06)."""
    state = world.state
    plants = world.carbon.unit_tax_cny_per_tco2 * world.power.quarter.local_tco2
    world.ledger.post("carbon price of plants", "power_utility", "treasury", plants)
    world.notes.plant_carbon_cny = plants
    days = STORAGE_DAYS_A_QUARTER * world.parameter("storage_days_per_year")
    pay = ServicePay(
        surplus_cny_per_mwh=1e3 * world.parameter("roof_pv_surplus_cny_per_kwh"),
        storage_cny_per_mwh=days * world.tariffs.storage_cny_per_mwh_day.item(world.quarter_of_year),
        response_cny_per_mwh=_demand_response_cny_per_mwh(world),
    )
    paid = pay_energy(
        state["flows"], state["energy"], state.fuel_gj, world.plans.feedstock_gj, state.carrier_cny_per_gj,
        state["conduct"], world.plans.storage_mwh, pay,
    )  # fmt: skip
    world.ledger.post("roof power and storage", "power_utility", "enterprises", paid)


def _demand_response_cny_per_mwh(world: World) -> float:
    """Return what demand response earns over the power that is bought, as far as the green budget can pay it."""
    asked = world.power.quarter.demand_response_mwh * world.parameter("demand_response_pay_cny_per_mwh")
    use_mwh = float(world.state["energy"]["purchased_mwh"].sum()) if asked > 0 and not world.frozen else 0.0
    if use_mwh <= 0:
        return 0.0
    response = world.budget.spend(asked)
    world.ledger.post("demand response", "green_budget", "enterprises", response)
    world.notes.support_cny += response
    return response / use_mwh


def _service_debt(world: World) -> None:
    """Pay interest and principal; the budget pays its part of the interest (L02)."""
    state, banks = world.state, world.banks
    paid = credit.service_loans(
        state.loans.book, state["finance"], state["flows"], banks.n_banks, world.lever("facility_rate_percent")
    )
    banks.repay(*paid)
    if world.quarter_of_year == TIDIED_IN:
        state.loans.drop_finished()
    facility_interest = paid[3]
    world.ledger.post("central bank", "banks", "rest_of_world", float(facility_interest.sum()))
    flows = state["flows"]
    wanted = float(flows["interest_subsidy_cny"].sum())
    if wanted > 0:
        paid_cny = world.budget.spend(wanted)
        if paid_cny < wanted:
            flows["interest_subsidy_cny"] *= paid_cny / wanted


def _post(world: World) -> None:
    """Post the sums of the quarter; households spend what they earn, the rest of final sales goes outside."""
    post = world.ledger.post
    total = world.notes.flows = column_totals(world.state["flows"])
    paid = total["surcharge_cny"] + total["carbon_cny"]
    world.notes.recycled_cny = paid + world.notes.plant_carbon_cny + world.notes.auction_cny
    earned_inside = float(world.notes.goods[EARNED])
    for instrument, payer, payee, column in FLOWS_BETWEEN_ACCOUNTS:
        post(instrument, payer, payee, total[column])
    final = total["sales_cny"] - earned_inside
    income = world.ledger.change_cny("households")
    local = min(final, max(0.0, income))
    post("final goods", "households", "enterprises", local)
    post("final goods", "rest_of_world", "enterprises", final - local)
    # purchases between enterprises are paid and earned inside one account
    post("goods of suppliers", "enterprises", "enterprises", total["local_goods_cny"])
    _post_city(world)
    for account in ("fuel_supplier", "power_utility", "treasury", "households"):
        post("net trade", account, "rest_of_world", world.ledger.change_cny(account))


def _post_city(world: World) -> None:
    fuel_cny = float(world.city.fuel_gj @ world.state.carrier_cny_per_gj)
    power_cny = world.notes.city_mwh * world.tariffs.household_cny_per_mwh
    world.ledger.post("fuel of the city", "households", "fuel_supplier", fuel_cny)
    world.ledger.post("electricity of the city", "households", "power_utility", power_cny)


def _defaults(world: World) -> None:
    """Find who defaults, write off, and take it out of business (SM08)."""
    if world.frozen:
        return
    state, banks = world.state, world.banks
    finance = state["finance"]
    failed = _find_defaults(finance, state["production"], state["prices"], state["flows"], world.params)
    if not failed.any():
        return
    written, recovered, facility = credit.write_off(
        state.loans.book, failed, world.params[0]["lgd_share"], finance, banks.n_banks
    )
    banks.write_off(written, recovered, facility)
    overdraft = np.bincount(finance["bank"][failed], np.maximum(0.0, -finance["cash_cny"][failed]), banks.n_banks)
    banks.write_off_overdrafts(overdraft)
    left = float(np.maximum(0.0, finance["cash_cny"][failed]).sum())
    world.ledger.post("assets of failed enterprises", "rest_of_world", "banks", float(recovered.sum()))
    world.ledger.post("overdrafts written off", "banks", "enterprises", float(overdraft.sum()))
    world.ledger.post("estates", "enterprises", "households", left)
    world.ledger.post("estates", "households", "rest_of_world", left)
    world.notes.overdrafts_cny = overdraft
    finance["cash_cny"][failed], finance["is_alive"][failed] = 0.0, False
    finance["fixed_assets_cny"][failed] = finance["structures_cny"][failed] = 0.0
    world.green.contracts = without_buyers(world.green.contracts, failed)
    world.plans.growth_capacity_cny[failed] = 0.0
    for i in map(int, np.flatnonzero(failed)):
        world.notes.defaults += 1
        world.recorder.event(
            world.quarter,
            "default",
            world.labels["enterprises"][i],
            float(state["flows"]["sales_cny"][i]),
            "CNY/quarter",
        )
        held = float(world.permits.permitted_t_per_year[i])
        if held > 0:
            world.permits.retire(i, held, world.quarter, can_be_swapped=True)
            copy_permits(world)
    leave_out_dead(state.slots, state.slot_start, finance, world.constants.near, world.adoption)


@compiled
def _find_defaults(finance, production, prices, flows, params):
    """Return who defaults, ndarray of bool, shape (N,), at the sales and the interest of the quarter."""
    return find_defaults(finance, annual_sales_cny(production, prices), flows["interest_cny"], params)


def _close_banks(world: World, cash_before_cny: np.ndarray) -> float:
    """Move deposits as customers paid, let banks pay out what they earn, and check their books (B09).

    Returns
    -------
    float
        What the cash of enterprises changed in the quarter, CNY.
    """
    banks, state = world.banks, world.state
    cash_cny, paid_cny, gaps = _close_books(
        state["finance"], state["flows"], cash_before_cny, world.notes.overdrafts_cny, world.energy_service.in_use,
        state.loans.book, banks.loans_cny, banks.reserves_cny, banks.deposits_cny, banks.facility_cny,
        banks.capital_cny, banks.target_ratio_share,
    )  # fmt: skip
    world.ledger.post("bank costs and dividends", "banks", "households", paid_cny)
    world.ledger.post("spent by owners of banks", "households", "rest_of_world", paid_cny)
    if gaps.size:
        banks.stop(world.label, gaps)
    return float(cash_cny.sum() - cash_before_cny.sum())


@compiled
def _close_books(
    finance, flows, cash_before_cny, overdrafts_cny, contracts, book, loans_cny, reserves_cny, deposits_cny,
    facility_cny, capital_cny, target_ratio_share,
):  # fmt: skip
    """Close the quarter of all banks; return (cash of their customers, what they pay out, gaps in their books), CNY.

    Gaps have shape (5, B), and (0, B) where there are none (B09). Overdrafts that were written off have shape (B,), and
    (0,) in a quarter without defaults.
    """
    n_banks = loans_cny.size
    cash, debt, net_lending = accounts_of_customers(finance, flows, n_banks)
    paid_by_customers, of_services = np.empty(n_banks), lent_cny(contracts, n_banks)
    lent, refinanced = outstanding_by_bank(book, n_banks)
    for b in range(n_banks):
        paid_by_customers[b] = cash[b] - cash_before_cny[b] - net_lending[b]
        if overdrafts_cny.size > 0:
            paid_by_customers[b] -= overdrafts_cny[b]
        lent[b] += of_services[b]
        debt[b] += of_services[b]
    paid_out_cny = pay_out_excess(
        paid_by_customers, loans_cny, reserves_cny, deposits_cny, facility_cny, capital_cny, target_ratio_share
    )
    gaps = gaps_cny(loans_cny, reserves_cny, deposits_cny, facility_cny, capital_cny, lent, refinanced, cash, debt)
    return cash, paid_out_cny, gaps if np.any(gaps) else gaps[:0]


def _price(world: World) -> None:
    """Write unit costs and move prices by them (SM02)."""
    state, constants, graph = world.state, world.constants, world.state.graph
    price_quarter(
        state["production"], state["prices"], state["flows"], constants.sector, graph.supplier_start, graph.supplier,
        constants.supplier_input, constants.input_share, constants.outside_price_index, constants.pass_through,
        world.parameter("markup_share"), LOWEST_PRICE_INDEX, not world.frozen,
    )  # fmt: skip


def _check_institutions(world: World) -> None:
    """Check the books of the green budget (B10), permits (B12), certificates (B07) and all bounds (B14)."""
    world.budget.check(world.label)
    world.permits.check(world.label, world.lever("new_clinker_ban") > 0)
    world.certificates.check(world.label)
    check_bounds(world)
