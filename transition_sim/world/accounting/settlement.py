"""The money of a quarter: what every enterprise receives and pays, and what is left (SM02, SM08, SM10).

All amounts are CNY of the quarter at current prices. Investment, loans and awards were written when they were
decided; goods were written when they were delivered; this room adds energy, wages, taxes, debt service and
dividends, and moves the cash. The sums go into the ledger, where every transfer has two sides (B08).
"""

from typing import NamedTuple

from transition_sim.core.kernels import entered, lean, part
from transition_sim.world.state import SOE

QUARTER = 0.25


@part
def profit_tax_after_credit(profit_cny, tax_share, credits_cny):
    """Return (tax, credit used) of one enterprise: credits are used oldest first, up to the tax due (SM10, L05).

    Parameters
    ----------
    profit_cny : float
        Profit of the quarter before tax; a loss pays no tax.
    credits_cny : ndarray, shape (n_years,)
        Unused credits by age, oldest last; reduced in place.
    """
    due = max(0.0, profit_cny) * tax_share
    used = 0.0
    for age in range(credits_cny.size - 1, -1, -1):
        take = min(credits_cny[age], due - used)
        credits_cny[age] -= take
        used += take
    return due - used, used


@part
def dividends_cny(profit_after_tax_cny, cash_cny, cash_wanted_cny, payout_share, kept_multiple, reserve_cny=0.0):
    """Return what owners take out: a share of a profit, never below the cash that the business wants to hold.

    Cash above a multiple of that amount goes to the owners as well: groups sweep idle cash, so that own funds for
    investment are scarce and most projects meet a bank (P04). A reserve for investment is not idle.
    """
    idle_cny = max(0.0, cash_cny - kept_multiple * cash_wanted_cny - reserve_cny)
    share_cny = payout_share * profit_after_tax_cny if profit_after_tax_cny > 0.0 else 0.0
    return max(0.0, min(max(share_cny, idle_cny), cash_cny - cash_wanted_cny))


class ServicePay(NamedTuple):
    """What enterprises earn by helping the grid (SM06, SM12).

    CNY per MWh of roof power fed into it, per MWh of storage in the quarter, and per MWh bought (demand response).
    """

    surplus_cny_per_mwh: float
    storage_cny_per_mwh: float
    response_cny_per_mwh: float


@entered
def pay_energy(flows, energy, fuel_gj, feedstock_gj, carrier_cny_per_gj, conduct, storage_mwh, pay):
    """Write what enterprises pay for fuels, power, surcharges and carbon this quarter, and add what services earn, CNY.

    Parameters
    ----------
    storage_mwh : ndarray, shape (N,)
    pay : ServicePay

    Returns
    -------
    float
        Paid for surplus and storage, CNY: what the grid company pays.
    """
    n_carriers, by_grid_cny = fuel_gj.shape[1], 0.0
    for i in range(flows.size):
        fuel_cny = 0.0
        for k in range(n_carriers):
            fuel_cny += (fuel_gj[i, k] + feedstock_gj[i, k]) * carrier_cny_per_gj[k]
        row = flows[i]
        use = energy[i]
        row.fuel_cny = fuel_cny
        row.surcharge_cny = use.purchased_mwh * use.surcharge_cny_per_mwh
        row.power_cny = use.purchased_mwh * (use.tariff_cny_per_mwh - use.surcharge_cny_per_mwh)
        row.carbon_cny = max(0.0, use.scope1_tco2) * conduct[i].carbon_tax_cny_per_tco2
        earned_cny = use.exported_mwh * pay.surplus_cny_per_mwh + storage_mwh[i] * pay.storage_cny_per_mwh
        row.service_income_cny += earned_cny + pay.response_cny_per_mwh * use.purchased_mwh
        by_grid_cny += earned_cny
    return by_grid_cny


@lean
def _operating_cny(row):
    """Return what sales and other income leave after goods, energy, carbon, services and wages."""
    return (
        row.sales_cny
        + row.service_income_cny
        - row.local_goods_cny
        - row.outside_goods_cny
        - row.fuel_cny
        - row.power_cny
        - row.surcharge_cny
        - row.carbon_cny
        - row.allowances_cny
        - row.green_premium_cny
        - row.symbiosis_cny
        - row.energy_service_cny
        - row.wages_cny
    )


@lean
def _financing_cny(row):
    """Return loans, grants and scrap less debt service, investment, upkeep and permits."""
    return (
        row.borrowed_cny
        - row.principal_cny
        - row.interest_cny
        + row.interest_subsidy_cny
        - row.capex_cny
        - row.growth_capex_cny
        - row.upkeep_cny
        + row.salvage_cny
        + row.subsidy_cny
        - row.permits_cny
    )


@entered
def settle(flows, production, prices, finance, tax_credit_cny, production_tax_share, params):
    """Pay wages, taxes and dividends and move the cash of every enterprise (SM02, SM10).

    Parameters
    ----------
    production_tax_share : ndarray, shape (S,)
        Taxes on production per sales.
    tax_credit_cny : ndarray, shape (N, years)

    Notes
    -----
    Profit = sales + other income - goods - energy - wages - production tax - interest - depreciation. Capital spending
    is not a cost of the quarter: it becomes a fixed asset and is written down.
    """
    p = params[0]
    for i in range(flows.size):
        row = flows[i]
        firm = finance[i]
        output = production[i].output_cny
        row.wages_cny = prices[i].wage_share * output
        row.upkeep_cny = firm.structures_cny * p.depreciation_per_year * QUARTER if firm.is_alive else 0.0
        row.outside_goods_cny += prices[i].other_cost_index * output
        operating = _operating_cny(row)
        production_tax = production_tax_share[production[i].sector] * row.sales_cny
        depreciation = firm.fixed_assets_cny * p.depreciation_per_year * QUARTER
        row.profit_cny = operating - production_tax - row.interest_cny + row.interest_subsidy_cny - depreciation
        tax, used = profit_tax_after_credit(row.profit_cny, p.profit_tax_share, tax_credit_cny[i])
        row.tax_cny = production_tax + tax
        row.tax_credit_cny = used
        before = firm.cash_cny + operating - row.tax_cny + _financing_cny(row)
        wanted = p.cash_sales_share * 4.0 * row.sales_cny
        firm.refused_capex_cny *= p.refused_plans_kept_share
        firm.refused_capex_cny += firm.desired_capex_cny - firm.approved_capex_cny
        # the state takes its share of profit and leaves the rest to an enterprise that has a use for it
        reserve = firm.refused_capex_cny if firm.ownership == SOE else 0.0
        row.dividends_cny = dividends_cny(
            row.profit_cny - tax, before, wanted, p.dividend_payout_share, p.cash_kept_multiple, reserve
        )
        firm.cash_cny = before - row.dividends_cny
        firm.fixed_assets_cny += row.capex_cny + row.growth_capex_cny + row.upkeep_cny - depreciation
        cash_flow = 4.0 * (operating - row.tax_cny)
        firm.annual_cash_flow_cny += 0.25 * (cash_flow - firm.annual_cash_flow_cny)
