"""The world on the eve of a run: all that a place and its parameters fix, spun up for two years (4.1 step 10)."""

from typing import Any

import numpy as np

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.streams import Streams
from transition_sim.scenarios import registry
from transition_sim.scenarios.scenario import Scenario
from transition_sim.world.accounting.certificates import CertificateLedger
from transition_sim.world.accounting.money import Ledger
from transition_sim.world.adoption import count_adoption
from transition_sim.world.assets import technology_deployment
from transition_sim.world.city.city import open_city
from transition_sim.world.constants import Constants, build_constants
from transition_sim.world.demand import growth_levels
from transition_sim.world.elsewhere import Elsewhere
from transition_sim.world.experience import Research
from transition_sim.world.markets import credit
from transition_sim.world.markets.banks import Banks
from transition_sim.world.markets.capacity_permits import PermitBook
from transition_sim.world.markets.carbon import CarbonMarket, build_market, unit_class
from transition_sim.world.markets.energy_service import EnergyService
from transition_sim.world.markets.green_orders import no_contracts
from transition_sim.world.markets.slices import MIDDAY_BLOCKS, slice_hours
from transition_sim.world.markets.tariffs import mean_tariff_by_shape, tariff_by_slice
from transition_sim.world.policy.budget import GreenBudget
from transition_sim.world.policy.calendar import policy_calendar
from transition_sim.world.population.names import Coded
from transition_sim.world.population.population import Population, build_population
from transition_sim.world.power_system import PowerSystem, build_power_system
from transition_sim.world.recorder import Recorder
from transition_sim.world.reference import Reference, reference
from transition_sim.world.state import MAX_OPTIONS, OPTIONS_DTYPE, State
from transition_sim.world.symbiosis.pairs import open_symbiosis
from transition_sim.world.trends import level_path
from transition_sim.world.world import Demand, GreenPowerBook, Plans, Reporting, Tariffs, World

ROLLED_QUARTERS = 30_000
"""Base-year loans are renewed when they fall due, so that firms do not run out of debt within a few years [A]."""
SIZE_NAMES = ("small", "medium", "large")
OWNERSHIP_NAMES = ("soe", "private", "foreign")


def make_world(scenario: Scenario, multiply: int = 1) -> World:
    """Return the world of a scenario's place before its spin-up: neutral levers, nobody decides.

    Parameters
    ----------
    scenario : Scenario
    multiply : int
        Enterprises per enterprise of the place, at the same totals.
    """
    place, clock = scenario.place, scenario.clock
    ref, params = reference(), registry.parameter_record(scenario.parameters)
    carriers = list(registry.carrier_ids())
    power = build_power_system(place, carriers, ref.carrier_tco2_per_gj, params, ref.profiles["pv"])
    tariffs = base_tariffs(params, ref, power.loss_share)
    population = build_population(place, params, ref, _tariffs_by_voltage(tariffs, params), multiply)
    constants = build_constants(place, population, power, ref, params)
    state = population.state
    power.min_load_share = np.where(np.array(power.kinds) == "coal", params[0]["coal_min_load_share"], 0.0)
    _make_room(tariffs, state)
    _cover_by_carbon_price(state, population, constants, ref, float(params[0]["ets_threshold_tco2_per_year"]))
    state["conduct"]["service_trust"] = params[0]["service_trust_start"]
    banks = _open_banks(scenario, state, constants, params)
    city = open_city(
        place, carriers, constants.scope1_tco2_per_gj, state.carrier_cny_per_gj, params, clock.start_year,
        clock.n_quarters,
    )  # fmt: skip
    n_customers = state.n_enterprises + city.buildings.owners.size
    deployment = technology_deployment(state.assets, state.n_assets, ref.technologies.size)
    return World(
        **_question(scenario),
        **_institutions(scenario, population, constants, power, banks, n_customers, params),
        **_memory(scenario, population, constants),
        reference=ref,
        constants=constants,
        params=params,
        state=state,
        demand=_base_demand(scenario, population, ref),
        tariffs=tariffs,
        plans=_plans(state.n_enterprises, len(carriers), population),
        city=city,
        power=power,
        province_level=level_path(
            power.province_growth_percent, place.base_year, clock.start_year, clock.n_quarters
        ),
        start_deployment=deployment,
        additions=np.zeros(deployment.size),
        elsewhere=Elsewhere.nothing(deployment.size),
        research=Research.nothing(ref.technologies),
        adoption=count_adoption(
            state.slots, state.slot_start, state["finance"], ref.technologies, constants.near, ref.services.size,
            len(place.counties),
        ),
    )  # fmt: skip


def _question(scenario: Scenario) -> dict[str, Any]:
    """Return what is asked of a world: its scenario and the time before its first quarter; neutral levers, no luck."""
    path, params = scenario.lever_path(), registry.parameter_record(scenario.parameters)
    return {
        "scenario": scenario,
        "clock": scenario.clock,
        "seed": 0,
        "streams": Streams(0),
        "lever_path": path,
        "calendar": policy_calendar(path, params),
        "levers": registry.lever_record(),
        "quarter": -scenario.horizon.spin_up_quarters,
        "frozen": True,
    }


def _institutions(
    scenario: Scenario, population: Population, constants: Constants, power: PowerSystem, banks: Banks,
    n_customers: int, params: np.ndarray,
) -> dict[str, Any]:  # fmt: skip
    """Return the markets and purses of a place, open and without a past."""
    place, state, p = scenario.place, population.state, params[0]
    return {
        "banks": banks,
        "budget": GreenBudget(rule=place.public.queue),
        "permits": PermitBook(population.roster.permit_t),
        "carbon": _open_carbon_market(state, constants, power, float(p["measured_start_share"])),
        "energy_service": EnergyService.open(n_customers, banks.n_banks, float(p["service_opening_cny"])),
        "symbiosis": open_symbiosis(place, population, params),
        "certificates": CertificateLedger(constants.seller_units.size, int(p["certificate_life_quarters"])),
        "green": GreenPowerBook(no_contracts()),
        "green_fund_cny": float(place.finance.green_fund),
        "credibility": float(p["credibility_start"]),
        "sector_limit_share": np.zeros((banks.n_banks, constants.n_sectors)),
    }


def _memory(scenario: Scenario, population: Population, constants: Constants) -> dict[str, Any]:
    """Return what is written down of a run: payments, reports, results, names."""
    return {
        "reporting": Reporting(np.zeros(population.state.n_enterprises)),
        "ledger": Ledger(),
        "recorder": Recorder(0, 0, 0, 0, 0),
        "labels": make_labels(scenario, population),
        "rest_value_added_cny": _rest_value_added_cny(scenario, population, constants),
    }


def _base_demand(scenario: Scenario, population: Population, ref: Reference) -> Demand:
    levels = growth_levels(ref.sectors, scenario.place.base_year, scenario.clock.start_year, scenario.clock.n_quarters)
    nothing = np.zeros((3, ref.sectors.size))
    return Demand(population.final_demand_cny, levels, *nothing)


def _tariffs_by_voltage(tariffs: Tariffs, params: np.ndarray) -> np.ndarray:
    """Return the mean base-year tariff of medium and high voltage by load shape, CNY/MWh, shape (2, K)."""
    p = params[0]
    discount = 1e3 * float(p["tariff_network_10kv_cny_per_kwh"] - p["tariff_network_110kv_cny_per_kwh"])
    mean = tariffs.shape_cny_per_mwh.mean(axis=0)
    return np.stack([mean, mean - discount])


def _make_room(tariffs: Tariffs, state: State) -> None:
    """Give the tariffs a row an enterprise: expectations start at the base year, nobody is classed."""
    tariffs.expected_cny_per_mwh = state["energy"]["tariff_cny_per_mwh"].copy()
    tariffs.is_restricted, tariffs.is_eliminated = np.zeros((2, state.n_enterprises), bool)
    tariffs.excess_over_quota_share = np.zeros(state.n_enterprises)


def _rest_value_added_cny(scenario: Scenario, population: Population, constants: Constants) -> np.ndarray:
    """Return value added outside the enterprises by quarter, CNY: what they leave of the published product, growing."""
    place, clock = scenario.place, scenario.clock
    added = float((population.roster.output_cny * constants.value_added_share[constants.sector]).sum())
    level = level_path(place.economy.rest_growth_percent, place.base_year, clock.start_year, clock.n_quarters)
    return level * (float(place.economy.gdp) - added) / QUARTERS_PER_YEAR


def base_tariffs(params: np.ndarray, ref: Reference, loss_share: float) -> Tariffs:
    """Return the tariffs of the base year: no time of use, no surcharges."""
    p = params[0]
    season = np.array([p["season_wet"], p["season_shoulder"], p["season_dry"]])
    tables = [
        tariff_by_slice(
            q, p["tariff_market_cny_per_kwh"], season, 1.0, 1.0, p["sharp_multiple_on_peak"], loss_share,
            p["tariff_network_10kv_cny_per_kwh"], p["tariff_levy_cny_per_kwh"],
        )
        for q in range(4)
    ]  # fmt: skip
    shapes = np.stack([mean_tariff_by_shape(t, ref.load_shapes, slice_hours(q)) for q, t in enumerate(tables)])
    midday = np.array([t[:, 0, MIDDAY_BLOCKS].mean() for t in tables])
    none = np.zeros(0)
    return Tariffs(tables[0], shapes, midday, np.zeros(4), none, none, none, none)


def _cover_by_carbon_price(
    state: State, population: Population, constants: Constants, ref: Reference, threshold_tco2: float
) -> None:
    """Mark who pays a carbon price: direct emissions of the base year above the threshold of the carbon market."""
    uses, roster = population.uses, population.roster
    carrier = ref.technologies["carrier"][uses.technology]
    feed = uses.service == list(registry.service_ids()).index("FEED")
    factor = np.where((carrier >= 0) & ~feed, constants.scope1_tco2_per_gj[np.maximum(carrier, 0)], 0.0)
    process = roster.clinker_t * constants.process.clinker_tco2_per_t
    process = process + roster.output_cny * constants.process.sector_tco2_per_cny[constants.sector]
    direct = np.bincount(uses.enterprise, uses.fuel_gj * factor, roster.n) + process
    state["conduct"]["is_carbon_covered"] = direct >= threshold_tco2


def _open_carbon_market(state: State, constants: Constants, power: PowerSystem, measured_share: float) -> CarbonMarket:
    """Give an account to all who can come under the carbon market; a share of the plants measures already."""
    classes = [unit_class(kind, float(size)) for kind, size in zip(power.kinds, power.unit_mw, strict=True)]
    plants = np.flatnonzero(power.is_local & np.array([bool(c) for c in classes]))
    market = build_market(
        state["conduct"]["is_anchor"], constants.sector, list(registry.sector_ids()), constants.kiln_slots,
        state.slots["enterprise"], plants, classes,
    )  # fmt: skip
    rows = np.flatnonzero(market.accounts["plant"] >= 0)
    market.accounts["is_measured"][rows[: round(measured_share * rows.size)]] = True
    return market


def _open_banks(scenario: Scenario, state: State, constants: Constants, params: np.ndarray) -> Banks:
    """Put the base-year debt into the table of loans and open the books of the banks."""
    finance, specs = state["finance"], scenario.place.finance.banks
    neutral = registry.lever_record()
    lpr = credit.lpr_percent(float(scenario.clock.start_year), params[0])
    credit.update_credit_scores(
        finance, np.zeros(finance.size), constants.sector, constants.is_two_high_sector, lpr, params, neutral
    )
    rows = np.arange(finance.size)
    book = credit.loan_rows(
        rows, finance["bank"], finance["debt_cny"], finance["interest_rate_per_year"], ROLLED_QUARTERS
    )
    book.loans["payment_cny"] = book.loans["principal_cny"] * book.loans["rate_per_quarter"]
    state.loans.append(book)
    n = len(specs)
    return Banks.start(
        [b.id for b in specs], [b.name.en for b in specs], [b.market_share for b in specs],
        [b.capital_ratio for b in specs], np.bincount(finance["bank"], finance["debt_cny"], n),
        np.bincount(finance["bank"], finance["cash_cny"], n),
    )  # fmt: skip


def _plans(n: int, n_carriers: int, population: Population) -> Plans:
    roster = population.roster
    kilns, ran_days = np.flatnonzero(roster.permit_t > 0), np.zeros((n, 4))
    ran_days[kilns] = (365.0 * roster.clinker_t[kilns] / np.maximum(roster.permit_t[kilns], 1.0))[:, None] / 4.0
    return Plans(
        np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros((n, n_carriers)), np.zeros(n),
        np.zeros(n), ran_days, np.zeros(n), np.zeros((n, 3)), np.ones(n, bool),
        np.ones(population.state.slots.size, bool), np.zeros((0, MAX_OPTIONS), OPTIONS_DTYPE),
    )  # fmt: skip


def make_labels(scenario: Scenario, population: Population) -> dict[str, Any]:
    """Return the ids and names that result tables and sentences use."""
    roster, place = population.roster, scenario.place
    sectors, counties = list(registry.sector_ids()), [c.id for c in place.counties]
    technologies, services = registry.technologies(), registry.services()
    return {
        "sectors": sectors,
        "counties": counties,
        "technologies": [t.id for t in technologies],
        "services": [s.id for s in services],
        "carriers": list(registry.carrier_ids()),
        "enterprises": roster.ids,
        "enterprise_attributes": {
            "enterprise": roster.ids,
            "name_en": roster.names_en,
            "name_zh": roster.names_zh,
            "sector": Coded(sectors, roster.sector),
            "county": Coded(counties, roster.county),
            "size_class": Coded(SIZE_NAMES, roster.size_class),
            "ownership": Coded(OWNERSHIP_NAMES, roster.ownership),
            "is_anchor": roster.is_anchor,
            "output_cny": roster.output_cny,
        },
        "technology_names": ([t.name_en for t in technologies], [t.name_zh for t in technologies]),
        "service_names": ([s.name_en for s in services], [s.name_zh for s in services]),
        "service_units": [s.unit for s in services],
        "banks": [b.id for b in place.finance.banks],
        "green_technologies": [t.id for t in technologies if t.is_green],
    }


def finish_spin_up(world: World) -> None:
    """Set what the run measures against: costs, tariffs, power values, bank books; open a fresh ledger.

    Past costs of services stay those of the frozen quarters, each of its season; their mean year is the start.
    """
    state, power = world.state, world.power
    slots = state.slots
    year = ("cost_cny_per_unit", "cost_2_cny_per_unit", "cost_3_cny_per_unit", "cost_4_cny_per_unit")
    mean = np.stack([slots[name] for name in year]).mean(axis=0)
    slots["start_cost_cny_per_unit"] = slots["smoothed_cost_cny_per_unit"] = mean
    world.tariffs.expected_cny_per_mwh = _mean_tariff(world)
    power.values_cny_per_mwh = power.values_cny_per_mwh[-4:]
    power.factors_tco2_per_mwh = power.factors_tco2_per_mwh[-4:]
    power.tariff_base_value_cny_per_mwh = float(np.mean(power.values_cny_per_mwh))
    tonnes, mwh = (sum(part) for part in zip(*power.factors_tco2_per_mwh, strict=True))
    power.start_province_tco2_per_mwh = tonnes / mwh if mwh > 0 else 0.0
    banks = world.banks
    banks.start_book_cny = banks.risk_weighted_cny.copy()
    _, exposure = credit.positions(state.loans.book, world.constants.sector, banks.n_banks, world.constants.n_sectors)
    world.sector_limit_share = credit.sector_limits(exposure, world.parameter("bank_sector_limit_share"))
    world.ledger = Ledger()
    world.quarter, world.frozen = 0, False


def _mean_tariff(world: World) -> np.ndarray:
    discount = 1e3 * (
        world.parameter("tariff_network_10kv_cny_per_kwh") - world.parameter("tariff_network_110kv_cny_per_kwh")
    )
    by_shape = world.tariffs.shape_cny_per_mwh.mean(axis=0)
    return by_shape[world.state["conduct"]["load_shape"]] - world.constants.voltage * discount
