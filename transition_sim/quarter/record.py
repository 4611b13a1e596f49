"""Phase 12: what is remembered of the quarter."""

import numpy as np

from transition_sim.quarter.account import clinker_t, fossil_and_clean
from transition_sim.world import columns as declared
from transition_sim.world.assets import technology_deployment, technology_users
from transition_sim.world.world import World


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
    _by_group(recorder.sector[q], declared.SECTOR, constants.sector, by_firm, world)
    _by_group(recorder.county[q], declared.COUNTY, constants.county, by_firm, world)
    leaked = [c.name for c in declared.SECTOR].index("leaked_cny")
    recorder.sector[q, :, leaked] = world.demand.leaked_cny
    _technologies(world)
    recorder.add_agents(q, by_firm)
    world.recycled_cny = world.notes.recycled_cny


def value_added_cny(world: World) -> np.ndarray:
    """Return value added at base-year prices: output times what the sector's base year left of it, shape (N,)."""
    return world.state["production"]["output_cny"] * world.constants.value_added_share[world.constants.sector]


def place_values(world: World) -> dict[str, float]:
    """Return one row of the place table."""
    return {**_emissions(world), **fossil_and_clean(world), **_power(world), **_economy(world), **_money(world), **_markets(world)}


def _emissions(world: World) -> dict[str, float]:
    energy, inventory = world.state["energy"], world.notes.inventory
    return {
        "territorial_tco2": inventory.territorial_tco2,
        "dual_control_tco2": inventory.dual_control_tco2,
        "enterprise_scope1_tco2": float(energy["scope1_tco2"].sum()),
        "process_tco2": inventory.enterprises_process_tco2,
        "captured_tco2": inventory.captured_tco2,
        "city_tco2": inventory.city_tco2,
        "power_tco2": inventory.power_tco2,
        "scope2_location_tco2": float(energy["scope2_location_tco2"].sum()),
        "scope2_market_tco2": float(energy["scope2_market_tco2"].sum()),
        "scope3_upstream_tco2": float(energy["scope3_upstream_tco2"].sum()),
        "grid_tco2_per_mwh": world.power.province_factor(),
        "residual_tco2_per_mwh": world.green.residual_tco2_per_mwh,
    }


def _power(world: World) -> dict[str, float]:
    power, energy = world.power, world.state["energy"]
    quarter = power.quarter
    local = power.is_local
    kinds = np.array(power.kinds)
    made = quarter.generation_mwh
    roofs = np.arange(made.size) == made.size - 1
    weather = np.isin(kinds, ("hydro", "pv", "wind")) & local
    use = float(energy["purchased_mwh"].sum())
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
    flows, finance, notes = world.state["flows"], world.state["finance"], world.notes
    return {
        "desired_capex_cny": float(finance["desired_capex_cny"].sum()),
        "approved_capex_cny": float(finance["approved_capex_cny"].sum()),
        "rationed_capex_cny": notes.rationed_cny,
        "capex_cny": float(flows["capex_cny"].sum()),
        "subsidy_cny": float(flows["subsidy_cny"].sum()),
        "interest_subsidy_cny": float(flows["interest_subsidy_cny"].sum()),
        "support_cny": notes.support_cny,
        "tax_credit_cny": float(flows["tax_credit_cny"].sum()),
        "carbon_revenue_cny": float(flows["carbon_cny"].sum()),
        "surcharge_cny": float(flows["surcharge_cny"].sum()),
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
    return {
        "committed_share": float((conduct["is_committed"] & alive).sum()) / n,
        "capability": float((conduct["capability"] * alive).sum()) / n,
        "green_traded_mwh": world.green.traded_mwh,
        "claimed_mwh": world.green.claimed_mwh,
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
    }


def _by_group(page: np.ndarray, columns: tuple, group: np.ndarray, values: dict[str, np.ndarray], world: World) -> None:
    """Add up enterprises by sector or county; prices are means weighted by output."""
    n = page.shape[0]
    for k, column in enumerate(columns):
        if column.name == "enterprises":
            page[:, k] = np.bincount(group, values["is_alive"], n)
        elif column.name == "price_index":
            output = np.bincount(group, values["output_cny"], n)
            paid = np.bincount(group, values["output_cny"] * values["price_index"], n)
            page[:, k] = np.where(output > 0, paid / np.where(output > 0, output, 1.0), 1.0)
        elif column.name in values:
            page[:, k] = np.bincount(group, values[column.name], n)


def _technologies(world: World) -> None:
    """Write capacity, users, adoption, orders and cost of every technology."""
    state, kinds = world.state, world.reference.technologies
    page, n = world.recorder.technology[world.quarter], kinds.size
    users, holders = technology_users(
        state.slots, state.assets, state["finance"], kinds, world.reference.services.size
    )
    page[:, 0] = technology_deployment(state.assets, state.n_assets, n)
    page[:, 1] = users
    page[:, 2] = users / np.maximum(holders[kinds["service"]], 1.0)
    page[:, 3] = world.notes.technology_orders
    page[:, 4] = state.technology_capex_factor
