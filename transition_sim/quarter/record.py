"""Phase 12: what is remembered of the quarter, by place, sector (I38), county, technology (I37) and enterprise."""

import numpy as np

from transition_sim.quarter.account import clinker_t, fossil_and_clean
from transition_sim.world import columns as declared
from transition_sim.world.assets import technology_deployment, technology_users
from transition_sim.world.totals import sum_by_group
from transition_sim.world.world import World

LEAKED = [c.name for c in declared.SECTOR].index("leaked_cny")
SUMMED_AS = {"enterprises": "is_alive", "price_index": "paid_cny"}
"""Columns of the sector and county tables that are sums of another column of enterprises."""


def remember(world: World) -> None:
    """Write the row of the place, and the tables by sector, county, technology and enterprise."""
    values = place_values(world)
    if world.frozen:
        world.base_year.append(values)
        return
    recorder, q = world.recorder, world.quarter
    recorder.set_place(q, values)
    by_firm = _firm_values(world)
    constants = world.constants
    _by_group(recorder.sector[q], declared.SECTOR, constants.sector, by_firm)
    _by_group(recorder.county[q], declared.COUNTY, constants.county, by_firm)
    recorder.sector[q, :, LEAKED] = world.demand.leaked_cny
    _technologies(world)
    recorder.add_agents(q, by_firm)
    world.recycled_cny = world.notes.recycled_cny


def value_added_cny(world: World) -> np.ndarray:
    """Return value added at base-year prices: output times what the sector's base year left of it, shape (N,)."""
    return world.state["production"]["output_cny"] * world.constants.value_added_share[world.constants.sector]


def place_values(world: World) -> dict[str, float]:
    """Return one row of the place table."""
    return {
        **_emissions(world),
        **fossil_and_clean(world),
        **_power(world),
        **_economy(world),
        **_money(world),
        **_markets(world),
    }


def _emissions(world: World) -> dict[str, float]:
    total, inventory = world.notes.energy, world.notes.inventory
    return {
        "territorial_tco2": inventory.territorial_tco2,
        "dual_control_tco2": inventory.dual_control_tco2,
        "enterprise_scope1_tco2": float(total["scope1_tco2"]),
        "process_tco2": inventory.enterprises_process_tco2,
        "captured_tco2": inventory.captured_tco2,
        "city_tco2": inventory.city_tco2,
        "power_tco2": inventory.power_tco2,
        "scope2_location_tco2": float(total["scope2_location_tco2"]),
        "scope2_market_tco2": float(total["scope2_market_tco2"]),
        "purchased_heat_tco2": _purchased_heat_tco2(world),
        "scope3_upstream_tco2": float(total["scope3_upstream_tco2"]),
        "grid_tco2_per_mwh": world.power.province_factor(),
        "residual_tco2_per_mwh": world.green.residual_tco2_per_mwh,
    }


def _purchased_heat_tco2(world: World) -> float:
    heat = world.labels["carriers"].index("heat")
    return float(world.state.fuel_gj[:, heat].sum()) * float(world.reference.carrier_tco2_per_gj[heat])


def _power(world: World) -> dict[str, float]:
    power, energy = world.power, world.state["energy"]
    quarter = power.quarter
    local = power.is_local
    kinds = np.array(power.kinds)
    made = quarter.generation_mwh
    roofs = np.arange(made.size) == made.size - 1
    weather = np.isin(kinds, ("hydro", "pv", "wind")) & local
    use = float(world.notes.energy["purchased_mwh"])
    paid = float((energy["purchased_mwh"] * energy["tariff_cny_per_mwh"]).sum())
    return {
        "peak_load_mw": quarter.peak_load_mw,
        "demand_response_mw": quarter.demand_response_mw,
        "coal_power_mwh": float(made[local & (kinds == "coal")].sum()),
        "hydro_mwh": float(made[local & (kinds == "hydro")].sum()),
        "other_power_mwh": float(made[local & ~np.isin(kinds, ("coal", "hydro")) & ~roofs].sum()),
        "roof_pv_mwh": quarter.roof_pv_mwh,
        "exported_mwh": quarter.exported_mwh,
        "imported_mwh": quarter.imported_mwh,
        "curtailed_mwh": quarter.curtailed_mwh,
        "unserved_mwh": quarter.unserved_mwh,
        "power_value_cny_per_mwh": quarter.value_cny_per_mwh,
        "tariff_cny_per_mwh": paid / use if use > 0 else 0.0,
        "hydro_solar_wind_mw": float(power.capacity_mw[weather].sum()),
        "roof_pv_mw": float(world.plans.roof_pv_mw.sum()),
        "storage_mwh": float(world.plans.storage_mwh.sum()),
    }


def _economy(world: World) -> dict[str, float]:
    production = world.state["production"]
    added = float(value_added_cny(world).sum())
    rest = world.rest_value_added_cny[max(0, world.quarter)]
    return {
        "gdp_cny": added + float(rest),
        "value_added_cny": added,
        "output_cny": float(production["output_cny"].sum()),
        "leaked_cny": float(world.demand.leaked_cny.sum()),
        "clinker_t": clinker_t(world),
        "clinker_capacity_t_per_year": world.permits.total_t,
        "permit_cny_per_t": world.notes.permit_cny_per_t,
    }


def _money(world: World) -> dict[str, float]:
    flows, finance, notes = world.notes.flows, world.state["finance"], world.notes
    return {
        "desired_capex_cny": float(finance["desired_capex_cny"].sum()),
        "approved_capex_cny": float(finance["approved_capex_cny"].sum()),
        "rationed_capex_cny": notes.rationed_cny,
        "capex_cny": float(flows["capex_cny"]),
        "subsidy_cny": float(flows["subsidy_cny"]),
        "interest_subsidy_cny": float(flows["interest_subsidy_cny"]),
        "support_cny": notes.support_cny,
        "tax_credit_cny": float(flows["tax_credit_cny"]),
        "carbon_revenue_cny": float(flows["carbon_cny"]) + notes.plant_carbon_cny,
        "surcharge_cny": float(flows["surcharge_cny"]),
        "budget_cny": world.budget.balance_cny,
        "queue_cny": notes.queue_cny,
        "loans_cny": float(world.banks.loans_cny.sum()),
        "bank_capital_cny": float(world.banks.capital_cny.sum()),
        "defaults": float(notes.defaults),
        "enterprises": float(finance["is_alive"].sum()),
    }


def _markets(world: World) -> dict[str, float]:
    conduct, alive = world.state["conduct"], world.state["finance"]["is_alive"]
    n = max(1.0, float(alive.sum()))
    line_mwh = 0.0 if world.frozen else float(world.state["green_power"]["direct_mwh"].sum())
    return {
        "committed_share": float((conduct["is_committed"] & alive).sum()) / n,
        "capability": float((conduct["capability"] * alive).sum()) / n,
        "green_traded_mwh": world.green.traded_mwh,
        "claimed_mwh": world.green.claimed_mwh,
        "direct_line_mwh": line_mwh,
        "direct_green_mwh": line_mwh + float(world.notes.energy["roof_used_mwh"]),
        "certificate_cny_per_mwh": world.green.certificate_cny_per_mwh,
        "green_premium_cny_per_mwh": world.green.premium_cny_per_mwh,
        "decisions": float(world.notes.decisions),
        "orders": float(world.notes.orders),
        "credibility": world.credibility,
    }


def _firm_values(world: World) -> dict[str, np.ndarray]:
    state = world.state
    energy, flows, finance = state["energy"], state["flows"], state["finance"]
    return {
        "output_cny": state["production"]["output_cny"],
        "value_added_cny": value_added_cny(world),
        "scope1_tco2": energy["scope1_tco2"],
        "scope2_location_tco2": energy["scope2_location_tco2"],
        "scope3_upstream_tco2": energy["scope3_upstream_tco2"],
        "electricity_mwh": energy["electricity_mwh"],
        "energy_coal_equivalent_tce": energy["energy_coal_equivalent_tce"],
        "capex_cny": flows["capex_cny"],
        "subsidy_cny": flows["subsidy_cny"],
        "profit_cny": flows["profit_cny"],
        "cash_cny": finance["cash_cny"],
        "debt_cny": finance["debt_cny"],
        "price_index": state["prices"]["price_index"],
        "capability": state["conduct"]["capability"],
        "claimed_mwh": state["green_power"]["claimed_mwh"],
        "is_alive": finance["is_alive"],
        "paid_cny": state["production"]["output_cny"] * state["prices"]["price_index"],
    }


def _by_group(page: np.ndarray, columns: tuple, group: np.ndarray, values: dict[str, np.ndarray]) -> None:
    """Add up enterprises by sector or county; prices are means weighted by output."""
    summed = [SUMMED_AS.get(c.name, c.name) for c in columns if c.name in values or c.name in SUMMED_AS]
    rows = np.empty((len(summed), group.size))
    for k, name in enumerate(summed):
        rows[k] = values[name]
    sums = dict(zip(summed, sum_by_group(rows, group, page.shape[0]).T, strict=True))
    for k, column in enumerate(columns):
        name = SUMMED_AS.get(column.name, column.name)
        if column.name == "price_index":
            output = sums["output_cny"]
            page[:, k] = np.where(output > 0, sums[name] / np.where(output > 0, output, 1.0), 1.0)
        elif name in sums:
            page[:, k] = sums[name]


def _technologies(world: World) -> None:
    """Write capacity, users, adoption, orders and cost of every technology."""
    state, kinds = world.state, world.reference.technologies
    page, n = world.recorder.technology[world.quarter], kinds.size
    users, holders = technology_users(state.slots, state.assets, state["finance"], kinds, world.reference.services.size)
    page[:, 0] = technology_deployment(state.assets, state.n_assets, n)
    page[:, 1] = users
    page[:, 2] = users / np.maximum(holders[kinds["service"]], 1.0)
    page[:, 3] = world.notes.technology_orders
    page[:, 4] = state.technology_capex_factor
