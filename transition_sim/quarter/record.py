"""Phase 12: what is remembered of the quarter, by place, sector (I38), county, technology (I37) and enterprise."""

from transition_sim.quarter import symbiosis
from transition_sim.quarter.account import clinker_t, fossil_and_clean
from transition_sim.quarter.outcomes import outcomes
from transition_sim.world import columns as declared
from transition_sim.world.management import measured_share
from transition_sim.world.markets.allowance_books import account_totals
from transition_sim.world.remembering import remember_enterprises, remember_technologies, sums_of
from transition_sim.world.totals import EnterpriseTotals, enterprise_totals
from transition_sim.world.world import World

SECTOR_SUMS, COUNTY_SUMS = sums_of(declared.SECTOR), sums_of(declared.COUNTY)
TABLES = ("production", "prices", "finance", "flows", "energy", "conduct", "green_power")


def remember(world: World) -> None:
    """Write the row of the place, and the tables by sector, county, technology and enterprise."""
    values = place_values(world)
    if world.frozen:
        world.base_year.append(values)
        return
    world.recorder.set_place(world.quarter, values)
    _enterprises(world)
    _technologies(world)
    world.recycled_cny = world.notes.recycled_cny


def _enterprises(world: World) -> None:
    state, constants, recorder, q = world.state, world.constants, world.recorder, world.quarter
    remember_enterprises(
        tuple([state[name] for name in TABLES]), constants.sector, constants.county, constants.value_added_share,
        SECTOR_SUMS, COUNTY_SUMS, recorder.sector[q], recorder.county[q], recorder.agent[q // 4],
        world.demand.leaked_cny,
    )  # fmt: skip


def place_values(world: World) -> dict[str, float]:
    """Return one row of the place table."""
    state, constants = world.state, world.constants
    sums = enterprise_totals(
        state["production"], state["energy"], state["finance"], state["flows"], state["conduct"], state["green_power"],
        constants.sector, constants.value_added_share, constants.is_green_industry, world.plans.roof_pv_mw,
        world.plans.storage_mwh,
    )  # fmt: skip
    made_t = clinker_t(world)
    return {
        **_emissions(world),
        **fossil_and_clean(world),
        **_power(world, sums),
        **_economy(world, sums, made_t),
        **_money(world, sums),
        **_markets(world, sums),
        **_carbon(world),
        **outcomes(world, sums),
        **world.city.columns,
        **symbiosis.columns(world, made_t),
    }


def _emissions(world: World) -> dict[str, float]:
    total, inventory = world.notes.energy, world.notes.inventory
    return {
        "territorial_tco2": inventory.territorial_tco2,
        "dual_control_tco2": inventory.dual_control_tco2,
        "enterprise_scope1_tco2": total["scope1_tco2"],
        "process_tco2": inventory.enterprises_process_tco2,
        "captured_tco2": inventory.captured_tco2,
        "city_tco2": inventory.city_tco2,
        "power_tco2": inventory.power_tco2,
        "scope2_location_tco2": total["scope2_location_tco2"],
        "scope2_market_tco2": total["scope2_market_tco2"],
        "purchased_heat_tco2": _purchased_heat_tco2(world),
        "scope3_upstream_tco2": total["scope3_upstream_tco2"],
        "grid_tco2_per_mwh": inventory.import_tco2_per_mwh,
        "residual_tco2_per_mwh": world.green.residual_tco2_per_mwh,
    }


def _purchased_heat_tco2(world: World) -> float:
    heat = world.labels["carriers"].index("heat")
    return float(world.notes.fuel_gj[heat]) * float(world.reference.carrier_tco2_per_gj[heat])


def _power(world: World, sums: EnterpriseTotals) -> dict[str, float]:
    power, quarter = world.power, world.power.quarter
    coal_mwh, hydro_mwh, other_mwh, _ = (power.local_groups @ quarter.generation_mwh).tolist()
    by_weather = power.local_groups[3]
    use = world.notes.energy["purchased_mwh"]
    return {
        "peak_load_mw": quarter.peak_load_mw,
        "demand_response_mw": quarter.demand_response_mw,
        "coal_power_mwh": coal_mwh,
        "hydro_mwh": hydro_mwh,
        "other_power_mwh": other_mwh,
        "roof_pv_mwh": quarter.roof_pv_mwh,
        "exported_mwh": quarter.exported_mwh,
        "imported_mwh": quarter.imported_mwh,
        "curtailed_mwh": quarter.curtailed_mwh,
        "unserved_mwh": quarter.unserved_mwh,
        "power_value_cny_per_mwh": quarter.value_cny_per_mwh,
        "tariff_cny_per_mwh": sums.power_bill_cny / use if use > 0 else 0.0,
        "hydro_solar_wind_mw": float(by_weather @ power.capacity_mw),
        "roof_pv_mw": sums.roof_pv_mw,
        "storage_mwh": sums.storage_mwh,
    }


def _economy(world: World, sums: EnterpriseTotals, made_t: float) -> dict[str, float]:
    rest = world.rest_value_added_cny[max(0, world.quarter)]
    return {
        "gdp_cny": sums.value_added_cny + float(rest),
        "value_added_cny": sums.value_added_cny,
        "output_cny": sums.output_cny,
        "leaked_cny": float(world.demand.leaked_cny.sum()),
        "clinker_t": made_t,
        "clinker_capacity_t_per_year": world.permits.total_t,
        "permit_cny_per_t": world.notes.permit_cny_per_t,
    }


def _money(world: World, sums: EnterpriseTotals) -> dict[str, float]:
    flows, notes, service = world.notes.flows, world.notes, world.energy_service
    return {
        "desired_capex_cny": sums.desired_capex_cny,
        "approved_capex_cny": sums.approved_capex_cny,
        "rationed_capex_cny": notes.rationed_cny,
        "capex_cny": flows["capex_cny"],
        "contract_capex_cny": service.capex_cny,
        "contract_industry_capex_cny": service.industry_capex_cny,
        "contract_building_capex_cny": service.building_capex_cny,
        "contracts_signed": float(service.signed),
        "energy_service_cny": service.fee_cny,
        "subsidy_cny": flows["subsidy_cny"],
        "interest_subsidy_cny": flows["interest_subsidy_cny"],
        "support_cny": notes.support_cny,
        "tax_credit_cny": flows["tax_credit_cny"],
        "carbon_revenue_cny": flows["carbon_cny"] + notes.plant_carbon_cny + notes.auction_cny,
        "surcharge_cny": flows["surcharge_cny"],
        "budget_cny": world.budget.balance_cny,
        "queue_cny": notes.queue_cny,
        "loans_cny": float(world.banks.loans_cny.sum()),
        "bank_capital_cny": float(world.banks.capital_cny.sum()),
        "defaults": float(notes.defaults),
        "enterprises": sums.alive,
    }


def _markets(world: World, sums: EnterpriseTotals) -> dict[str, float]:
    n, line_mwh = max(1.0, sums.alive), 0.0 if world.frozen else sums.direct_mwh
    return {
        "committed_share": sums.committed / n,
        "capability": sums.capability / n,
        "green_traded_mwh": world.green.traded_mwh,
        "claimed_mwh": world.green.claimed_mwh,
        "direct_line_mwh": line_mwh,
        "direct_green_mwh": line_mwh + world.notes.energy["roof_used_mwh"],
        "certificate_cny_per_mwh": world.green.certificate_cny_per_mwh,
        "green_premium_cny_per_mwh": world.green.premium_cny_per_mwh,
        "decisions": float(world.notes.decisions),
        "orders": float(world.notes.orders),
        "credibility": world.credibility,
        "effort": world.control.effort,
        "assessment_score": world.control.score,
        "key_projects": float(world.control.projects_done),
        "rewards_cny": world.notes.rewards_cny,
        "energy_rights_tce": world.energy_rights.traded_tce,
        "energy_rights_missing_tce": world.energy_rights.missing_tce,
    }


def _carbon(world: World) -> dict[str, float]:
    market = world.carbon
    covered, allocated, bought, sold, surrendered, banked, offsets = account_totals(market.accounts)
    return {
        "allowance_cny_per_t": market.price_cny_per_t if market.is_open else float("nan"),
        "covered_enterprises": covered,
        "allowances_allocated_t": allocated,
        "allowances_bought_t": bought,
        "allowances_sold_t": sold,
        "allowances_surrendered_t": surrendered,
        "allowances_banked_t": banked,
        "offsets_t": offsets,
        "allowances_cny": float(market.paid_cny.sum()) if market.is_open else 0.0,
        "sink_credits_t": market.credits_t,
        "reported_tco2": world.reporting.reported_tco2,
        "measured_share": measured_share(market.accounts, world.state["conduct"]),
        "disclosing_share": world.reporting.disclosing_share,
        "audits": float(world.notes.audits),
    }


def _technologies(world: World) -> None:
    state = world.state
    remember_technologies(
        state.slots, state.slot_start, world.constants.service_slots, state.assets, state.n_assets, state["finance"],
        world.reference.technologies, world.reference.heat_gj_per_unit, world.notes.technology_orders,
        state.technology_capex_factor, world.recorder.technology[world.quarter], world.recorder.vintage[world.quarter],
    )  # fmt: skip
