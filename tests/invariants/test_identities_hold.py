"""Identities hold in every quarter, under every policy and at the ends of the levers; and worked out anew from outside.

Each quarter of a run checks B01, B03, B05-B10 and B12-B14 itself and stops with a ConservationError; here runs that
strain them must come through, and what is published of them is added up independently.
"""

from functools import cache

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.build import base_year_balance
from transition_sim.quarter.city import grid_mwh
from transition_sim.scenarios import registry
from transition_sim.world.accounting.money import ACCOUNTS
from transition_sim.world.population.energy import balance_gaps
from transition_sim.world.population.population import build_population
from transition_sim.world.reference import reference

PLACES = ("minimal", "guangan_city")
HARSH = {
    "carbon_price_floor_cny_per_tco2": 500.0, "offpeak_days": 240.0, "access_strictness": 0.8, "disclosure_share": 1.0,
    "capex_subsidy_share": 0.5, "interest_subsidy_percent": 3.0, "tax_credit_share": 0.3, "facility_share": 1.0,
    "green_evaluation": 5.0, "green_procurement_share": 1.0, "certificate_mandate_share": 0.8,
    "green_power_access_share": 1.0, "direct_line_mw": 1000.0, "replacement_ratio": 3.0, "new_clinker_ban": 1.0,
    "efficiency_limit_kgce_per_t": 94.0, "coal_boiler_size_limit_t_per_h": 35.0, "tou_peak_multiple": 2.5,
    "tou_valley_multiple": 0.2, "storage_support_cny_per_kwh": 300.0, "rooftop_pv_promotion": 1.0,
    "demand_response_share": 0.15, "coal_plant_retrofit": 1.0, "differential_restricted_cny_per_kwh": 0.6,
    "differential_eliminated_cny_per_kwh": 0.6, "punitive_low_cny_per_kwh": 0.6, "punitive_high_cny_per_kwh": 0.6,
    "household_tier2_cny_per_kwh": 1.2, "household_tier3_cny_per_kwh": 1.5, "ets_coverage": 1.0,
    "ets_benchmark_change_percent_per_year": -3.0, "ets_auction_share": 0.5, "ets_banking_sales_multiple": 0.0,
    "sink_trading": 1.0, "solid_waste_use_share": 1.0, "circular_park_share": 1.0,
    "incremental_grid": 1.0, "storage_mandate_hours": 4.0,
    "rooftop_pv_public_share": 1.0,
    "coal_substitution_cny_per_kw": 500.0, "loose_coal_ban_year": 2021.0, "star_rated_share": 1.0,
    "building_retrofit_percent_per_year": 5.0, "bus_new_energy_share": 1.0, "charging_piles": 20_000.0,
    "charging_stations": 1000.0, "modal_shift_percent": 20.0, "vehicle_scrappage_cny": 80_000.0,
    "waste_sorting_share": 1.0, "afforestation_ha_per_year": 5000.0, "low_carbon_farming_share": 1.0,
    "publicity": 1.0, "public_institution_demonstration": 1.0,
    "esco_promotion": 1.0, "energy_right_trading": 1.0, "audits_per_year": 400.0, "online_monitoring_share": 1.0,
    "assessment_weight": 1.0,
    "accountability": 1.0, "key_projects": 300.0, "regional_cooperation": 1.0, "pilot_reward_million_cny": 100.0,
    "energy_intensity_change_percent_per_year": -5.0, "coal_use_change_percent_per_year": -6.0,
    "gas_supply_bcm_per_year": 0.5,
    "research_fund_million_cny_per_year": 100.0, "ccus_demonstration": 1.0, "innovation_platforms": 60.0,
    "enterprise_peak_plans": 1.0, "green_insurance": 1.0,
}  # fmt: skip
"""Every acting lever at the far end of its range."""
DROUGHT = ["place.power.import_limit=[[2020, 1500], [2022, 300]]", "parameters.hydro_sd_share=0.2"]
STRAINED = {
    "demand_noise_sd_share": 0.03, "bank_lending_growth_per_year": 0.06, "margin_log_sd": 0.12, "choice_noise": 0.16,
}  # fmt: skip
NEVER_A_NUMBER = {  # no trade, no price; no target, no score
    "permit_cny_per_t", "gas_output_bcm_per_year", "certificate_cny_per_mwh", "green_premium_cny_per_mwh",
    "allowance_cny_per_t", "assessment_score",
}  # fmt: skip


@cache
def run(place: str, policy: str, seed: int, end_year: int = 2030) -> ts.RunResult:
    """Return a run; ``generous``: the plan with subsidies that exhaust the budget; ``harsh``: all levers at their far
    ends; ``strained``: harsh, with unsteady rivers and demand, little import, and tight banks."""
    if policy in ("none", "current", "ambitious"):
        asked = ts.load_scenario(place, policy=policy, end_year=end_year)
    elif policy == "generous":
        overlay = {"levers": {"capex_subsidy_share": 0.5}, "parameters": {"subsidy_cap_share": 0.5}}
        asked = ts.load_scenario(place, policy="current", end_year=end_year, overlay=overlay)
    else:
        overlay = {"levers": HARSH, "parameters": STRAINED if policy == "strained" else {}}
        sets = DROUGHT if policy == "strained" and place == "guangan_city" else []
        asked = ts.load_scenario(place, end_year=end_year, overlay=overlay, sets=sets)
    return ts.run(asked, seed=seed)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("policy", ["none", "current", "ambitious", "generous", "harsh", "strained"])
@pytest.mark.parametrize("place", PLACES)
def test_identities_hold_and_every_number_is_finite(place, policy, seed):
    result = run(place, policy, seed)
    assert len(result.place) == 44
    for name, frame in result.tables().items():
        for column in frame.select_dtypes("number"):
            if column in NEVER_A_NUMBER or (name == "market" and column == "price"):
                continue
            assert np.isfinite(frame[column]).all(), (name, column)
    for frame in (result.place, result.sector, result.county, result.agent, result.technology):
        for column in ("output_cny", "scope1_tco2", "scope2_location_tco2", "capex_cny", "loans_cny", "clinker_t",
                       "budget_cny", "adoption_share", "capacity_unit_per_year", "unserved_mwh"):  # fmt: skip
            if column in frame:
                assert (frame[column] >= 0).all(), column


def test_the_strain_is_real():
    """The runs close works, exhaust budgets, cut power and make enterprises fail; otherwise they prove little."""
    kinds = {p: set(run("guangan_city", p, 1).events["kind"]) for p in ("ambitious", "generous", "strained")}
    assert {"line_closed", "phase_out", "permit_trade", "shortage", "default"} <= kinds["ambitious"]
    assert "budget_exhausted" in kinds["generous"]
    assert {"shortage", "default"} <= kinds["strained"]
    assert run("guangan_city", "strained", 1).place["defaults"].sum() > 50
    levers = registry.levers()
    assert {key for key, lever in levers.items() if lever.acts} - set(HARSH) == {"facility_rate_percent"}
    assert all(value in (levers[key].low, levers[key].high) for key, value in HARSH.items() if key not in
               {"certificate_mandate_share", "coal_boiler_size_limit_t_per_h"})  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_b04_energy_of_the_base_year_is_the_balance(place):
    """Use by carrier = balance, within 1e-3, as populated; and the spun-up year passes the gate of the place."""
    scenario = ts.load_scenario(place)
    params = registry.parameter_record(scenario.parameters)
    population = build_population(scenario.place, params, reference(), np.full((2, 5), 600.0))
    gaps = balance_gaps(scenario.place, population.uses, reference())
    assert len(gaps) >= 6
    assert max(abs(gap) for gap in gaps.values()) <= 1e-3
    world = ts.build_model(scenario).world
    for name, (model, published, tolerance, _) in base_year_balance(world).items():
        assert abs(model / published - 1) * 100 <= tolerance, name


# --- worked out anew, quarter by quarter ---------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["none", "strained"])
def quarters(request):
    """Snapshots of a city at the end of each quarter of four years: (world, sums that the next quarter overwrites)."""
    overlay = {"levers": HARSH, "parameters": STRAINED} if request.param == "strained" else None
    sets = DROUGHT if request.param == "strained" else []
    model = ts.build_model(ts.load_scenario("guangan_city", end_year=2023, overlay=overlay, sets=sets), seed=1)
    snapshots = []
    for _ in range(16):
        before = model.world.state["finance"]["cash_cny"].copy()
        was_alive = model.world.state["finance"]["is_alive"].copy()
        model.step()
        world = model.world.copy()
        world.quarter -= 1
        city = burnt_by_city(world)
        snapshots.append((world, before, was_alive, city))
    return snapshots


def burnt_by_city(world) -> np.ndarray:
    """Return fuel of vehicles, buildings and trends in the quarter by carrier, GJ, added up user by user."""
    ids, city = list(registry.carrier_ids()), world.city
    trends = city.trends.fuel_gj[world.quarter].copy()
    # 15 % of the diesel of farms on land under low-carbon farming
    trends[city.is_farming, ids.index("diesel")] *= 1.0 - 0.15 * city.land.farming_share
    fuel = trends.sum(axis=0)
    fuel[ids.index("diesel")] += city.transport.water_gj / 4
    for kind, fleet in zip(city.transport.kinds, city.transport.fleets, strict=True):
        fuel[int(kind["fuel"])] += fleet["fuel_gj"] / 4
        fuel[ids.index("natural_gas")] += fleet["gas_gj"] / 4
    for row in city.buildings.rows:
        for carrier, column in (("coal", "coal_gj"), ("biomass", "biomass_gj"), ("natural_gas", "gas_gj")):
            fuel[ids.index(carrier)] += row[column] / 4
    return fuel


def test_b01_power_of_the_place_is_balanced(quarters):
    """Local generation + imports = delivered + exports; delivered = use after demand response + storage losses."""
    for world, *_ in quarters:
        power, energy = world.power.quarter, world.state["energy"]
        local = float(power.generation_mwh[world.power.node == 0].sum())
        assert local + power.imported_mwh == pytest.approx(power.delivered_mwh + power.exported_mwh, rel=1e-9)
        if power.unserved_mwh > 0:
            continue
        own_roofs = power.roof_pv_mwh - float(energy["exported_mwh"].sum())
        wanted = float(energy["purchased_mwh"].sum()) + own_roofs + grid_mwh(world)  # demand response is bought no more
        stored = float(world.plans.storage_mwh.sum()) * 92 * 2
        losses = power.delivered_mwh - wanted
        assert (
            -1e-6 * wanted <= losses <= stored * (1 / world.parameter("storage_efficiency_share") - 1) + 1e-6 * wanted
        )


def test_b01_the_province_is_balanced(quarters):
    """All generation = load of the province + export: below it by what shortage may cut, never above it."""
    for world, *_ in quarters:
        power, q = world.power, world.quarter % 4
        growth = 1.0
        for past in range(world.quarter):
            growth *= (1 + rate_of(power.province_growth_percent, 2020 + past // 4) / 100) ** 0.25
        load = power.province_load_mwh * growth * float(world.constants.hours[q].sum()) / 8760.0
        export = power.export_mwh * float(world.constants.export_share_by_month[3 * q : 3 * q + 3].sum())
        cut = (1 - world.parameter("export_priority_share")) * export
        made = float(power.quarter.generation_mwh.sum())
        losses = float(world.plans.storage_mwh.sum()) * 92 * 2
        assert made <= (load + export + losses) * (1 + 1e-9)
        assert made >= (load + export - cut - power.quarter.unserved_mwh - power.quarter.demand_response_mwh) * 0.999


def rate_of(path, year: int) -> float:
    """Return the growth in force in a year, %/yr."""
    reached = [rate for first, rate in path if first <= year]
    return reached[-1] if reached else 0.0


def test_b03_fuel_is_what_is_paid_for(quarters):
    """Each enterprise's fuel and feedstock at the prices of the quarter is its fuel bill."""
    for world, *_ in quarters:
        state = world.state
        bill = (state.fuel_gj + world.plans.feedstock_gj) @ state.carrier_cny_per_gj
        assert state["flows"]["fuel_cny"] == pytest.approx(bill, rel=1e-9, abs=1e-6)


def test_b05_carbon_is_fuel_times_factor_plus_process(quarters):
    """Territorial inventory from the fuels of enterprises, city and plants with the factors of the table."""
    factor = np.array([c.co2_t_per_gj for c in registry.carriers()])
    ids = list(registry.carrier_ids())
    for name in ("electricity", "heat"):
        factor[ids.index(name)] = 0.0  # counted where it is made
    for world, _, _, city in quarters:
        state, power = world.state, world.power
        energy = state["energy"]
        burnt = power.quarter.generation_mwh * power.heat_rate_gj_per_mwh * (power.node == 0)
        plants = sum(burnt[u] * factor[power.fuel[u]] for u in range(burnt.size) if power.fuel[u] >= 0)
        tonnes = state.fuel_gj.sum(axis=0) @ factor + city @ factor + plants
        tonnes += energy["process_tco2"].sum() - energy["captured_tco2"].sum()
        tonnes += 0.4 * world.city.waste.incinerated_t / 4  # fossil part of the waste burnt
        row = world.recorder.place[world.quarter]
        columns = [c.name for c in ts.world.columns.PLACE]
        assert row[columns.index("territorial_tco2")] == pytest.approx(tonnes, rel=1e-9)
        by_enterprise = state.fuel_gj @ factor + energy["process_tco2"] - energy["captured_tco2"]
        assert energy["scope1_tco2"] == pytest.approx(by_enterprise, rel=1e-9, abs=1e-6)


def test_b06_market_based_scope_2_is_the_emissions_of_the_grid(quarters):
    """Enterprises and all others at the residual mix carry what all power emits: claims move tonnes."""
    for world, *_ in quarters:
        energy, delivered = world.state["energy"], world.power.quarter.delivered_mwh
        bought = float(energy["purchased_mwh"].sum())
        own_roofs = world.power.quarter.roof_pv_mwh - float(energy["exported_mwh"].sum())  # never was in the grid
        total = max(delivered - own_roofs, bought)
        others = (total - bought) * world.green.residual_tco2_per_mwh
        grid = world.power.province_factor() * total
        heat = world.labels["carriers"].index("heat")  # bought heat comes on top, in both scope 2 columns
        heat_tco2 = float(world.state.fuel_gj[:, heat].sum()) * float(world.reference.carrier_tco2_per_gj[heat])
        assert float(energy["scope2_market_tco2"].sum()) - heat_tco2 + others == pytest.approx(grid, rel=1e-9)
        assert world.green.residual_tco2_per_mwh >= world.power.province_factor() * (1 - 1e-12)


def test_b07_certificates_are_issued_open_claimed_or_expired(quarters):
    """Exact counts; what enterprises claimed over the run plus own use is what the ledger retired."""
    columns = [c.name for c in ts.world.columns.PLACE]
    for world, *_ in quarters:
        ledger = world.certificates
        assert ledger.issued == ledger.open + ledger.claimed + ledger.expired
        assert ledger.traded == ledger.held + (ledger.traded - ledger.held) >= ledger.held >= 0
        claimed = world.recorder.place[: world.quarter + 1, columns.index("claimed_mwh")].sum()
        assert 0 <= claimed <= ledger.claimed
        assert (world.state["green_power"]["claimed_mwh"] <= world.state["energy"]["purchased_mwh"] + 1e-6).all()
        own = world.power.quarter.roof_pv_mwh - float(world.state["energy"]["exported_mwh"].sum())
        assert ledger.claimed - claimed >= int(own)


SIGNS = {
    "sales_cny": 1, "service_income_cny": 1, "borrowed_cny": 1, "subsidy_cny": 1, "interest_subsidy_cny": 1,
    "salvage_cny": 1, "local_goods_cny": -1, "outside_goods_cny": -1, "fuel_cny": -1, "power_cny": -1,
    "surcharge_cny": -1, "carbon_cny": -1, "green_premium_cny": -1, "wages_cny": -1, "tax_cny": -1,
    "interest_cny": -1, "principal_cny": -1, "capex_cny": -1, "growth_capex_cny": -1, "upkeep_cny": -1,
    "permits_cny": -1, "dividends_cny": -1, "allowances_cny": -1, "tax_credit_cny": 0, "profit_cny": 0,
    "carbon_accrued_cny": 0, "symbiosis_cny": -1, "energy_service_cny": -1,
}  # fmt: skip
"""What each flow does to cash; credits lower the tax, profit is a sum of others, an accrual is no payment."""


def test_b08_cash_of_every_enterprise_changes_by_its_flows(quarters):
    """Enterprise by enterprise: cash after = cash before + what came in - what went out."""
    for world, before, was_alive, _ in quarters:
        flows, finance = world.state["flows"], world.state["finance"]
        assert set(SIGNS) == set(flows.dtype.names)
        net = sum(sign * flows[name] for name, sign in SIGNS.items())
        stays = was_alive & finance["is_alive"]
        scale = np.maximum(1.0, np.abs(before) + sum(np.abs(flows[name]) for name in SIGNS))
        gap = np.abs(finance["cash_cny"] - before - net)[stays]
        assert (gap <= 1e-9 * scale[stays]).all()


def test_b08_who_is_out_of_business_pays_and_earns_nothing(quarters):
    """From the quarter after its default an enterprise has no flows and no cash."""
    for world, _, was_alive, _ in quarters:
        gone = ~was_alive
        assert not any(world.state["flows"][name][gone].any() for name in SIGNS)
        assert (world.state["finance"]["cash_cny"][gone] == 0).all()


def test_b08_every_payment_has_two_sides(quarters):
    """Payments of the quarter add up to nothing over all accounts, and net trade closes those of utilities."""
    for world, *_ in quarters:
        net = dict.fromkeys(ACCOUNTS, 0.0)
        for (_, payer, payee), amount in world.ledger.payments.items():
            net[payer] -= amount
            net[payee] += amount
        turnover = world.ledger.turnover_cny
        assert abs(sum(net.values())) <= 1e-12 * turnover
        for name, value in net.items():
            assert value == pytest.approx(world.ledger.change_cny(name), abs=1e-12 * turnover), name
        assert all(abs(net[name]) <= 1e-9 * turnover for name in ("fuel_supplier", "power_utility"))


def test_b09_books_of_banks_are_those_of_their_customers(quarters):
    """loans + reserves = deposits + facility + capital; loans are the debts and deposits the cash of the customers."""
    for world, *_ in quarters:
        banks, finance, n = world.banks, world.state["finance"], world.banks.n_banks
        gap = banks.loans_cny + banks.reserves_cny - banks.deposits_cny - banks.facility_cny - banks.capital_cny
        assert (np.abs(gap) <= 1e-10 * banks.loans_cny).all()
        contracts = world.energy_service.in_use
        owed = np.bincount(finance["bank"], finance["debt_cny"], n)
        owed += np.bincount(contracts["bank"], contracts["principal_cny"], n)
        assert banks.loans_cny == pytest.approx(owed, rel=1e-9)
        assert banks.deposits_cny == pytest.approx(np.bincount(finance["bank"], finance["cash_cny"], n), rel=1e-9)
        loans = world.state.loans.book.loans
        owed = np.bincount(loans["enterprise"], loans["principal_cny"], finance.size)
        assert finance["debt_cny"] == pytest.approx(owed, rel=1e-9, abs=1e-3)


@pytest.mark.parametrize("policy", ["current", "harsh"])
def test_b10_the_green_budget_is_income_less_payments(policy):
    """From public tables: awards and support <= B_y + carry <= 1.3 B_y, and the balance is what is left."""
    result = run("guangan_city", policy, 1)
    place, public = result.place, result.scenario.place.public
    parameter = registry.parameter_record(result.scenario.parameters)[0]
    paid = place["subsidy_cny"] + place["interest_subsidy_cny"] + place["support_cny"]
    recycled = (place["carbon_revenue_cny"] + place["surcharge_cny"]).shift(fill_value=0.0)
    recycled *= float(parameter["recycled_revenue_share"])
    share, carry = float(parameter["green_budget_share"]), float(parameter["carry_over_share"])
    balance = previous_income = 0.0
    for year, rows in place.groupby("year"):
        fiscal = float(public.fiscal_revenue) * 1.04 ** (year - 2020) * share + float(public.transfers)
        carried = min(balance, carry * min(previous_income, fiscal))
        reward = place["rewards_cny"][rows.index].sum()
        income = fiscal + reward + recycled[rows.index].sum()
        assert carried <= 0.3 * income + 1e-6
        balance = carried + fiscal + reward
        for q in rows.index:
            balance += recycled[q] - paid[q]
            assert place["budget_cny"][q] == pytest.approx(balance, rel=1e-9, abs=1e-3)
            assert place["budget_cny"][q] >= 0.0
        assert paid[rows.index].sum() <= (income + carried) * (1 + 1e-12) <= 1.3 * income * (1 + 1e-12)
        previous_income = income


@pytest.mark.parametrize("policy", ["current", "ambitious", "harsh", "strained"])
def test_b12_clinker_capacity_never_grows_under_the_ban(policy):
    for seed in (1, 2, 3):
        capacity = run("guangan_city", policy, seed).place["clinker_capacity_t_per_year"].to_numpy()
        assert (np.diff(capacity) <= 1e-6).all()


def test_b12_clinker_stays_within_its_permits():
    """A year's clinker is at most the capacity permitted at the start of the year."""
    for policy in ("none", "current", "harsh"):
        place = run("guangan_city", policy, 1).place
        allowed = place.groupby("year")["clinker_capacity_t_per_year"].max()
        assert (place.groupby("year")["clinker_t"].sum() <= allowed).all()


def test_b13_goods_are_made_before_they_are_used(quarters):
    """Input use of the outputs made = sold by enterprises to enterprises + bought from outside, at base-year prices."""
    for world, *_ in quarters:
        output, flows = world.state["production"]["output_cny"], world.state["flows"]
        use = float((world.constants.input_share.sum(axis=0)[world.constants.sector] * output).sum())
        sold = float(output.sum() - world.plans.final_sales_cny.sum())
        other = float((world.state["prices"]["other_cost_index"] * output).sum())  # beside the inputs of the sectors
        assert use == pytest.approx(sold + float(flows["outside_goods_cny"].sum()) - other, rel=1e-9)
        # paid and earned between enterprises at prices of the quarter: all sales less final sales at the seller's price
        price = world.state["prices"]["price_index"]
        assert (world.plans.final_sales_cny <= output * (1 + 1e-12)).all()
        assert float(flows["local_goods_cny"].sum()) <= float((output * price).sum())


def test_b14_states_stay_within_their_bounds(quarters):
    for world, *_ in quarters:
        conduct, state = world.state["conduct"], world.state
        assert ((conduct["capability"] >= 0) & (conduct["capability"] <= 1)).all()
        shares = np.bincount(world.constants.sector, state["production"]["final_share"], world.constants.n_sectors)
        alive = np.bincount(world.constants.sector, state["finance"]["is_alive"], world.constants.n_sectors) > 0
        assert shares[alive] == pytest.approx(1.0, abs=1e-9)
        assert not state.enterprises.violations()
        used = state.assets[: state.n_assets]
        assert (used["commissioned_quarter"][used["status"] == 1] <= world.quarter).all()
        assert np.isfinite(state.fuel_gj).all()
        assert (state.fuel_gj >= 0).all()
