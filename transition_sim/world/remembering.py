"""What is remembered of every enterprise in a quarter: for its year, its sector and its county."""

import numpy as np

from transition_sim.core.kernels import compiled, lean
from transition_sim.world import columns as declared
from transition_sim.world.state import ACTIVE

VALUES = (
    "output_cny", "value_added_cny", "paid_cny", "price_index", "scope1_tco2", "scope2_location_tco2",
    "scope3_upstream_tco2", "electricity_mwh", "energy_coal_equivalent_tce", "capex_cny", "subsidy_cny", "profit_cny",
    "cash_cny", "debt_cny", "is_alive", "capability", "claimed_mwh",
)  # fmt: skip
"""In the order of ``_read_values``."""
N_VALUES = len(VALUES)
SUMMED_AS = {"enterprises": "is_alive", "price_index": "paid_cny"}
"""Columns of the sector and county tables that are sums of another column of enterprises."""


def sums_of(columns: tuple[declared.Column, ...]) -> np.ndarray:
    """Return pairs (column, place in ``VALUES``) for the columns that are sums over enterprises, shape (n, 2)."""
    names = [SUMMED_AS.get(c.name, c.name) for c in columns]
    return np.array([(k, VALUES.index(name)) for k, name in enumerate(names) if name in VALUES])


OUTPUT, PRICE, LEAKED = (
    [c.name for c in declared.SECTOR].index(name) for name in ("output_cny", "price_index", "leaked_cny")
)
CAPACITY, USERS, ADOPTION, ORDERS, CAPEX = range(len(declared.TECHNOLOGY))
AGENT_VALUES = np.array([VALUES.index(c.name) for c in declared.AGENT])
AGENT_IS_SUMMED = np.array([c.annual != "last" for c in declared.AGENT])
AGENT_WEIGHT = np.array([0.25 if c.annual == "mean" else 1.0 for c in declared.AGENT])
"""What a quarter counts in the year of an enterprise."""


@lean
def _read_values(production, prices, finance, flows, use, conduct, green_power, value_added_share, values):
    output_cny = production.output_cny
    values[0] = output_cny
    values[1] = output_cny * value_added_share
    values[2] = output_cny * prices.price_index
    values[3] = prices.price_index
    values[4] = use.scope1_tco2
    values[5] = use.scope2_location_tco2
    values[6] = use.scope3_upstream_tco2
    values[7] = use.electricity_mwh
    values[8] = use.energy_coal_equivalent_tce
    values[9] = flows.capex_cny
    values[10] = flows.subsidy_cny
    values[11] = flows.profit_cny
    values[12] = finance.cash_cny
    values[13] = finance.debt_cny
    values[14] = 1.0 if finance.is_alive else 0.0
    values[15] = conduct.capability
    values[16] = green_power.claimed_mwh


@lean
def _add_to_group(row, sums, values):
    for pair in range(sums.shape[0]):
        row[sums[pair, 0]] += values[sums[pair, 1]]


@lean
def _add_to_year(row, places, weight, is_summed, values):
    """Flows add up, stocks overwrite, states average."""
    for k in range(places.size):
        before = row[k] if is_summed[k] else 0.0
        row[k] = before + weight[k] * values[places[k]]


@lean
def _close_sectors(by_sector, leaked_cny):
    """Turn what buyers paid into mean prices by output, 1 where a sector makes nothing; note what leaked."""
    for s in range(by_sector.shape[0]):
        output_cny = by_sector[s, OUTPUT]
        by_sector[s, PRICE] = by_sector[s, PRICE] / output_cny if output_cny > 0.0 else 1.0
        by_sector[s, LEAKED] = leaked_cny[s]


@compiled
def remember_enterprises(
    tables, sector, county, value_added_share, sector_sums, county_sums, by_sector, by_county, year, leaked_cny
):
    """Add the quarter of every enterprise to the pages of its sector, its county and its own year.

    Parameters
    ----------
    tables : tuple of structured arrays, shape (N,) each
        Production, prices, finance, flows, energy, conduct, green power.
    sector, county : ndarray of int, shape (N,)
    value_added_share : ndarray, shape (S,)
        Value added per output at base-year prices.
    sector_sums, county_sums : ndarray
        From ``sums_of``.
    by_sector, by_county : ndarray, shape (n_groups, n_columns)
        Pages of the result tables; their sums are set anew.
    year : ndarray of f4, shape (N, n_columns)
        Page of the year of enterprises; without rows nothing is kept of each.
    leaked_cny : ndarray, shape (S,)
        Final demand that no enterprise of the place served.
    """
    production, prices, finance, flows, energy, conduct, green_power = tables
    values = np.empty(N_VALUES)
    for pair in range(sector_sums.shape[0]):
        by_sector[:, sector_sums[pair, 0]] = 0.0
    for pair in range(county_sums.shape[0]):
        by_county[:, county_sums[pair, 0]] = 0.0
    for i in range(production.size):
        _read_values(
            production[i], prices[i], finance[i], flows[i], energy[i], conduct[i], green_power[i],
            value_added_share[sector[i]], values,
        )  # fmt: skip
        _add_to_group(by_sector[sector[i]], sector_sums, values)
        _add_to_group(by_county[county[i]], county_sums, values)
        if year.shape[0] > 0:
            _add_to_year(year[i], AGENT_VALUES, AGENT_WEIGHT, AGENT_IS_SUMMED, values)
    _close_sectors(by_sector, leaked_cny)


@lean
def _is_used_again(a, assets):
    """Tell whether equipment further down the list of a slot is of the same technology."""
    b = assets[a].next_asset
    while b >= 0 and assets[b].technology != assets[a].technology:
        b = assets[b].next_asset
    return b >= 0


@lean
def _leave_out_dead(slots, slot_start, assets, finance, users, holders):
    """Take what enterprises out of business have from the counts: they are few."""
    for i in range(finance.size):
        if finance[i].is_alive:
            continue
        for s in range(slot_start[i], slot_start[i + 1]):
            holders[slots[s].service] -= 1.0
            a = slots[s].first_asset
            while a >= 0:
                users[assets[a].technology] -= 0.0 if _is_used_again(a, assets) else 1.0
                a = assets[a].next_asset


@compiled
def remember_technologies(
    slots, slot_start, service_slots, assets, n_assets, finance, technologies, heat_gj_per_unit, orders, capex_factor,
    page, vintages,
):  # fmt: skip
    """Write capacity, users, adoption, orders and cost of every technology, and heat by the age of its equipment.

    Users are enterprises in business, once for each slot with such equipment in service; adoption is their share of
    those with a slot of the service. Equipment is walked through in the order of its table, not slot after slot.

    Parameters
    ----------
    service_slots : ndarray of int, shape (n_services,)
        Slots of each service, whoever has them.
    heat_gj_per_unit : ndarray, shape (n_technologies, 2)
        Energy, and fossil fuel, that a unit of heat takes.
    orders, capex_factor : ndarray, shape (n_technologies,)
        Placed this quarter; capital cost over that of the base year.
    page : ndarray, shape (n_technologies, 5)
    vintages : ndarray, shape (1 + n_years, 2)
        GJ of the quarter by the year in which equipment came into service, the base-year stock first.
    """
    vintages[:] = 0.0
    users, capacity = np.zeros(technologies.size), np.zeros(technologies.size)
    for a in range(n_assets):
        if assets[a].status == ACTIVE:
            k = assets[a].technology
            capacity[k] += assets[a].capacity_unit_per_year
            users[k] += 0.0 if _is_used_again(a, assets) else 1.0
            if heat_gj_per_unit[k, 0] > 0.0:
                began = assets[a].commissioned_quarter
                year = 1 + began // 4 if began >= 0 else 0
                vintages[year, 0] += assets[a].output_unit * heat_gj_per_unit[k, 0]
                vintages[year, 1] += assets[a].output_unit * heat_gj_per_unit[k, 1]
    holders = service_slots.astype(np.float64)
    _leave_out_dead(slots, slot_start, assets, finance, users, holders)
    for k in range(technologies.size):
        page[k, CAPACITY], page[k, USERS] = capacity[k], users[k]
        page[k, ADOPTION] = users[k] / max(holders[technologies[k].service], 1.0)
        page[k, ORDERS], page[k, CAPEX] = orders[k], capex_factor[k]
