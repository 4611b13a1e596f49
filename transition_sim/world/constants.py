"""What every quarter of a run reads and no quarter writes: arrays worked out once for a place and its parameters."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from transition_sim.scenarios import registry
from transition_sim.scenarios.spec import PlaceSpec
from transition_sim.world.adoption import Neighbours
from transition_sim.world.demand import season_factors
from transition_sim.world.experience import national_paths, national_unit_factors
from transition_sim.world.markets.power import CURTAILMENT_ORDER, NOT_CURTAILED
from transition_sim.world.markets.slices import load_points, load_profile, slice_hours
from transition_sim.world.markets.supply import SliceTables
from transition_sim.world.policy.phase_out import rows_with_rules
from transition_sim.world.population import books
from transition_sim.world.population.population import Population
from transition_sim.world.power_system import PowerSystem
from transition_sim.world.reference import Reference
from transition_sim.world.services import GENERATION, ProcessTerms, rows_of_kinds, service_rules
from transition_sim.world.state import LARGE
from transition_sim.world.supply_chain import SideBySide, inputs_along_edges, lay_side_by_side

PROVINCE_SHAPES = {"three_shift": 0.75, "two_shift": 0.05, "office": 0.2}
"""Load of the rest of the province by shape [A]."""
CITY_SHAPE = "office"
"""Load shape of households, trade and transport: high by day and in the evening [A]."""
EXPORT_FREE_FACTOR = 0.27
"""Hydro capacity factor above which water is for export: the contracts follow the wet season [A]."""
REVIEWED_BESIDE_TWO_HIGH = "DAT"
NEVER = 9999


@dataclass(frozen=True)
class Constants:
    """Shapes: N enterprises, S sectors, C carriers, U generating units, K load shapes.

    Attributes
    ----------
    sector, county : ndarray of int, shape (N,)
    voltage : ndarray of int, shape (N,)
        0 medium, 1 high voltage.
    reliable_from : ndarray of int, shape (n_counties,)
        First year of a supply zone of high reliability; a late year where none is planned.
    shed_class : ndarray of int, shape (N,)
        Place in the order of curtailment outside such a zone.
    has_kiln, is_two_high : ndarray of bool, shape (N,)
    season : ndarray, shape (S, 4)
    rules, process : see ``world.services``
    demand_elasticity, pass_through, production_tax_share, outside_price_index, capital_per_output : ndarray, (S,)
    is_two_high_sector, is_specialised, is_reviewed, is_industry, is_green_industry : ndarray of bool, shape (S,)
    input_share, local_input : ndarray, shape (S, S)
    supplier_input, buyer_input : ndarray, shape (n_edges,)
        See ``world.supply_chain.inputs_along_edges``.
    outside_input : ndarray, shape (S,)
        Input from outside the place per unit of output.
    border_share : ndarray, shape (N,)
    scope1_tco2_per_gj, process_tco2_per_unit : ndarray, shapes (C,) and (services,)
    hours : ndarray, shape (4, 3, 2, 8)
        Hours of each slice by quarter of the year.
    quarter_hours : ndarray, shape (4,)
    no_growth_per_year : ndarray, shape (C,)
        Expected growth of prices: none [A].
    no_carbon_price : ndarray, shape (N,)
        Zeros: what measured savings of energy are valued with.
    load_profiles : ndarray, shape (4, K, 48)
        MW per MWh of the quarter, by slice.
    province_profile : ndarray, shape (4, 3, 2, 8)
    unit_profile, profile_stack : which capacity factors a unit follows, and the factors (P, 12, 8).
    is_hydro, curtailment_order : ndarray, shape (U,)
    seller_units : ndarray of int
        Renewable units that receive certificates.
    seller_is_local, seller_open_share : ndarray of bool and float
        Which of them stand in the place, and the share of their output open to trading.
    export_share_by_month : ndarray, shape (12,)
    national_start, national_growth, unit_factors : experience (SM17)
    value_added_share : ndarray, shape (S,)
        Wages, taxes and surplus per output.
    kiln_slots, kiln_measure_slots : ndarray of int
        Slots of clinker lines, and of measures on them.
    kind_start : ndarray of int, shape (N, 3)
        First slot of the services of each enterprise, of the measures on them, and of its devices.
    ruled_slots, device_slots : ndarray of int
        Slots that may hold equipment which must go, and slots of roofs and batteries.
    service_slots : ndarray of int, shape (n_services,)
        How many slots each service has.
    clinker_service, city_shape : int
    near : Neighbours
    load_points : ndarray, shape (K, 3)
        Midday, peak and valley load over the mean load of a typical day.
    """

    sector: np.ndarray
    county: np.ndarray
    reliable_from: np.ndarray
    voltage: np.ndarray
    load_shape: np.ndarray
    shed_class: np.ndarray
    has_kiln: np.ndarray
    is_two_high: np.ndarray
    season: np.ndarray
    rules: np.ndarray
    process: ProcessTerms
    demand_elasticity: np.ndarray
    pass_through: np.ndarray
    production_tax_share: np.ndarray
    outside_price_index: np.ndarray
    capital_per_output: np.ndarray
    is_two_high_sector: np.ndarray
    is_specialised: np.ndarray
    is_industry: np.ndarray
    is_green_industry: np.ndarray
    is_reviewed: np.ndarray
    input_share: np.ndarray
    local_input: np.ndarray
    supplier_input: np.ndarray
    buyer_input: np.ndarray
    outside_input: np.ndarray
    border_share: np.ndarray
    scope1_tco2_per_gj: np.ndarray
    process_tco2_per_unit: np.ndarray
    hours: np.ndarray
    quarter_hours: np.ndarray
    no_growth_per_year: np.ndarray
    no_carbon_price: np.ndarray
    load_profiles: np.ndarray
    province_profile: np.ndarray
    unit_profile: np.ndarray
    profile_stack: np.ndarray
    is_hydro: np.ndarray
    curtailment_order: np.ndarray
    seller_units: np.ndarray
    seller_is_local: np.ndarray
    seller_open_share: np.ndarray
    export_share_by_month: np.ndarray
    national_start: np.ndarray
    national_growth: np.ndarray
    unit_factors: np.ndarray
    value_added_share: np.ndarray
    kiln_slots: np.ndarray
    kiln_measure_slots: np.ndarray
    kind_start: np.ndarray
    ruled_slots: np.ndarray
    device_slots: np.ndarray
    service_slots: np.ndarray
    clinker_service: int
    city_shape: int
    near: Neighbours
    load_points: np.ndarray

    @property
    def n_sectors(self) -> int:
        return self.season.shape[0]

    @cached_property
    def purchases(self) -> SideBySide:
        """What enterprises buy from each other, several enterprises at a time."""
        return lay_side_by_side(self.near.supplier_start, self.near.supplier, self.supplier_input)

    @cached_property
    def slice_tables(self) -> SliceTables:
        """How a year is cut into slices, and what is spread over them."""
        return SliceTables(
            self.hours.reshape(4, -1), self.load_profiles, self.province_profile.reshape(4, -1), self.profile_stack,
            self.export_share_by_month,
        )  # fmt: skip


def build_constants(
    place: PlaceSpec, population: Population, power: PowerSystem, reference: Reference, params: np.ndarray
) -> Constants:
    """Return the constants of a place."""
    slots = population.state.slots
    clinker = list(registry.service_ids()).index("CLINKER")
    kilns = np.flatnonzero(slots["service"] == clinker)
    rules = service_rules(registry.services(), reference.technologies, params[0]["housekeeping_per_year"])
    start, growth = national_paths(params, registry.learning_groups())
    return Constants(
        **_of_enterprises(population, reference),
        reliable_from=np.array([c.high_reliability_from or NEVER for c in place.counties]),
        **_of_sectors(population, reference, params),
        **_of_power(power, reference),
        **_of_carriers(reference, clinker, params[0]),
        rules=rules,
        national_start=start,
        national_growth=growth,
        unit_factors=national_unit_factors(reference.technologies, registry.learning_groups()),
        kiln_slots=kilns,
        kind_start=rows_of_kinds(slots, population.state.slot_start, rules),
        ruled_slots=rows_with_rules(slots, reference.technologies, clinker),
        device_slots=np.flatnonzero(rules["kind"][slots["service"]] >= GENERATION),
        service_slots=np.bincount(slots["service"], minlength=reference.services.size),
        kiln_measure_slots=np.flatnonzero(np.isin(slots["host"], kilns)),
        clinker_service=clinker,
    )


def _of_enterprises(population: Population, reference: Reference) -> dict[str, Any]:
    """Return what is fixed of each enterprise and of whom it trades with."""
    roster, graph = population.roster, population.state.graph
    supplier_input, buyer_input = inputs_along_edges(graph, roster.sector, population.local_input)
    county = np.ascontiguousarray(roster.county)
    return {
        "sector": np.ascontiguousarray(roster.sector),
        "county": county,
        "voltage": (roster.size_class == LARGE).astype(np.int8),
        "load_shape": np.ascontiguousarray(population.state["conduct"]["load_shape"]),
        "shed_class": population.state["conduct"]["shed_class"].copy(),
        "has_kiln": roster.permit_t > 0,
        "is_two_high": reference.sectors["is_two_high"].astype(bool)[roster.sector],
        "supplier_input": supplier_input,
        "buyer_input": buyer_input,
        "no_carbon_price": np.zeros(roster.n),
        "near": Neighbours.of(county, graph),
    }


def _of_sectors(population: Population, reference: Reference, params: np.ndarray) -> dict[str, Any]:
    """Return what is fixed of each sector: seasons, prices, inputs, shares of its costs."""
    sectors, io, ids = reference.sectors, registry.io_tables(), list(registry.sector_ids())
    two_high = sectors["is_two_high"].astype(bool)
    return {
        "season": season_factors(sectors),
        "process": _process_terms(sectors, params[0]),
        "demand_elasticity": np.ascontiguousarray(sectors["demand_elasticity"]),
        "pass_through": np.ascontiguousarray(sectors["pass_through"]),
        "production_tax_share": io.taxes_share,
        "outside_price_index": np.ones(len(ids)),
        "capital_per_output": books.capital_per_output(params),
        "is_two_high_sector": two_high,
        "is_specialised": sectors["specialised_assets"].astype(bool),
        "is_industry": sectors["is_industry"].astype(bool),
        "is_green_industry": sectors["is_green_industry"].astype(bool),
        "is_reviewed": two_high | (np.array(ids) == REVIEWED_BESIDE_TWO_HIGH),
        "input_share": np.ascontiguousarray(reference.input_share),
        "local_input": population.local_input,
        "outside_input": reference.input_share.sum(axis=0) - population.local_input.sum(axis=0),
        "border_share": population.border_share,
        "value_added_share": io.wages_share + io.taxes_share + io.surplus_share,
    }


def _of_power(power: PowerSystem, reference: Reference) -> dict[str, Any]:
    """Return how the year is cut, what is spread over it, and what is fixed of generating units."""
    hours = np.stack([slice_hours(q) for q in range(4)])
    shapes, kinds = list(registry.load_shape_ids()), list(reference.profiles)
    profiles = np.stack([[load_profile(shape, hours[q]) for shape in reference.load_shapes] for q in range(4)])
    weights = np.array([PROVINCE_SHAPES.get(s, 0.0) for s in shapes])
    sellers = np.flatnonzero(power.is_renewable & (power.open_share > 0))
    water = np.maximum(reference.profiles["hydro"].mean(axis=1) - EXPORT_FREE_FACTOR, 0.0)
    return {
        "hours": hours,
        "quarter_hours": np.array([hours[q].sum() for q in range(4)]),
        "load_profiles": np.ascontiguousarray(profiles.reshape(4, len(shapes), -1)),
        "province_profile": np.tensordot(weights / weights.sum(), profiles, axes=(0, 1)),
        "unit_profile": np.array([kinds.index(k) if k in kinds else -1 for k in power.kinds]),
        "profile_stack": np.stack([reference.profiles[k] for k in kinds]),
        "is_hydro": np.array([k == "hydro" for k in power.kinds]),
        "curtailment_order": np.array([CURTAILMENT_ORDER.get(k, NOT_CURTAILED) for k in power.kinds]),
        "seller_units": sellers,
        "seller_is_local": power.is_local[sellers],
        "seller_open_share": power.open_share[sellers],
        "export_share_by_month": water / water.sum(),
        "city_shape": shapes.index(CITY_SHAPE),
        "load_points": load_points(reference.load_shapes),
    }


def _of_carriers(reference: Reference, clinker: int, p: np.void) -> dict[str, Any]:
    """Return what carriers and services emit on site: heat and power are burnt elsewhere."""
    carriers = list(registry.carrier_ids())
    scope1 = reference.carrier_tco2_per_gj.copy()
    scope1[[carriers.index("heat"), carriers.index("electricity")]] = 0.0
    per_unit = np.zeros(len(registry.service_ids()))
    per_unit[clinker] = p["clinker_process_tco2_per_t"]
    return {
        "scope1_tco2_per_gj": scope1,
        "process_tco2_per_unit": per_unit,
        "no_growth_per_year": np.zeros(len(carriers)),
    }


def _process_terms(sectors: np.ndarray, p: np.ndarray) -> ProcessTerms:
    return ProcessTerms(
        sectors["service_process_tco2_per_10k_cny"] / 1e4,
        float(p["clinker_process_tco2_per_t"]),
        float(p["ccus_energy_mwh_per_tco2"]),
        float(p["ccus_heat_gj_per_tco2"]),
    )
