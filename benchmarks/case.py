"""A synthetic place of any size as the arrays that the compiled rules take; nothing about it is calibrated.

Enterprises have about six slots, seven assets and six suppliers each. Rows are ordered by county and sector.
"""

from dataclasses import dataclass

import numpy as np

from transition_sim.agents.outlook import Outlook, Site
from transition_sim.agents.peers import Peers
from transition_sim.core.tables import allocate
from transition_sim.scenarios import registry
from transition_sim.world.adoption import Neighbours, count_adoption
from transition_sim.world.local_inputs import local_input_table
from transition_sim.world.services import EnergyTerms, ProcessTerms, service_rules
from transition_sim.world.state import (
    ACTIVE,
    ASSETS,
    CONDUCT,
    ENERGY,
    FINANCE,
    NO_DEADLINE,
    PRODUCTION,
    SLOTS,
    UNSET,
    Graph,
)
from transition_sim.world.supply_chain import compile_graph, draw_edges, draw_locations, inputs_along_edges

N_COUNTIES = 6
START_YEAR = 2024
MAX_SLOTS = 8
LOOK_SHARE = 0.08
"""Slots that look at their options in a quarter: about one hazard of 0.33 a year."""
SECTOR_SHARE = {"CEM": 0.02, "BLD": 0.1, "CHM": 0.08, "MET": 0.08, "EQP": 0.16, "ELE": 0.16, "FOD": 0.14, "TEX": 0.14}
# services in the order in which a sector takes those that it can use, with the use of a unit of output
UNIT_PER_CNY = {
    "CLINKER": 1.8e-3, "KILN": 6e-4, "STEAM": 5e-4, "FEED": 2e-4, "CLK_HEAT": 0.0, "CLK_WHR": 0.0, "CLK_FUEL": 0.0,
    "CLK_CCUS": 0.0, "STM_WHR": 0.0, "MOTOR": 1.5e-4, "ROOFPV": 0.0, "HVAC": 4e-5, "STORAGE": 0.0,
}  # fmt: skip
FUEL_CNY_PER_GJ = np.array([33.0, 70.0, 64.0, 162.0, 188.0, 60.0, 8.0, 87.0, 0.0])
SUPPORT = {"capex_subsidy_share": 0.1, "tax_credit_share": 0.05, "storage_support_cny_per_kwh": 100.0}
# chance of a first, second and third piece of equipment, by kind of service
PIECES = np.array([[0.99, 0.55, 0.2], [0.4, 0.05, 0.0], [0.2, 0.0, 0.0], [0.1, 0.0, 0.0]])


@dataclass
class Place:
    """Tables of a synthetic place and what does not change in it."""

    production: np.ndarray
    finance: np.ndarray
    conduct: np.ndarray
    energy: np.ndarray
    slots: np.ndarray
    slot_start: np.ndarray
    assets: np.ndarray
    graph: Graph
    sector: np.ndarray
    local_input: np.ndarray
    buyer_input: np.ndarray
    final_demand_cny: np.ndarray
    technologies: np.ndarray
    services: np.ndarray
    rules: np.ndarray
    params: np.ndarray
    levers: np.ndarray
    terms: EnergyTerms
    process: ProcessTerms
    outlook: Outlook
    site: Site
    capex_factor: np.ndarray
    first_year: np.ndarray
    immaturity: np.ndarray
    peers: Peers
    grid_tco2_per_mwh: float = 0.5
    coal_equivalent_tce_per_mwh: float = 0.302

    @property
    def n_enterprises(self) -> int:
        return self.production.size

    def final_demand_of(self, quarter: int) -> np.ndarray:
        """Return final demand by sector, CNY/quarter: a season on 1 % growth a quarter."""
        return self.final_demand_cny * 1.01**quarter * (1.0 + 0.05 * np.sin(0.5 * np.pi * quarter))


def _draw_firms(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    ids = registry.sector_ids()
    weight = np.array([SECTOR_SHARE.get(s, 0.03) for s in ids])
    production, finance = allocate(PRODUCTION, n), allocate(FINANCE, n)
    conduct, energy = allocate(CONDUCT, n), allocate(ENERGY, n)
    county, sector = rng.integers(0, N_COUNTIES, n), rng.choice(len(ids), n, p=weight / weight.sum())
    order = np.lexsort((sector, county))
    production["county"], production["sector"] = county[order], sector[order]
    production["available_share"] = 1.0
    production["output_cny"] = 5e6 * rng.lognormal(0.0, 1.3, n)
    production["capacity_cny"] = production["output_cny"] / rng.uniform(0.6, 0.96, n)
    production["orders_cny"] = production["expected_orders_cny"] = production["output_cny"]
    finance["is_alive"] = rng.random(n) < 0.99
    finance["ownership"] = rng.choice(3, n, p=[0.15, 0.7, 0.15])
    finance["size_class"] = rng.choice(3, n, p=[0.5, 0.35, 0.15])
    finance["hurdle_rate_per_year"] = rng.uniform(0.06, 0.25, n)
    conduct["capability"], conduct["roof_m2"] = rng.random(n), rng.lognormal(8.5, 0.8, n)
    conduct["is_committed"] = rng.random(n) < 0.1
    conduct["carbon_cny_per_tco2"] = np.where(rng.random(n) < 0.1, 60.0, 0.0)
    conduct["buyer_pressure"] = 0.3 * rng.random(n)
    energy["tariff_cny_per_mwh"] = rng.uniform(500.0, 800.0, n)
    return production, finance, conduct, energy


def _templates(technologies: np.ndarray, services: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the services of each sector and the places of their hosts, both shape (S, MAX_SLOTS), -1 for none."""
    ids, n_sectors = registry.service_ids(), len(registry.sector_ids())
    service = np.full((n_sectors, MAX_SLOTS), UNSET)
    host = np.full((n_sectors, MAX_SLOTS), UNSET)
    for s in range(n_sectors):
        usable = technologies["service"][(technologies["sector_mask"] >> s) & 1 == 1]
        taken = sorted([k for k in map(ids.index, UNIT_PER_CNY) if k in usable][:MAX_SLOTS])
        service[s, : len(taken)] = taken
        hosts = [services["host"][k] for k in taken]
        host[s, : len(taken)] = [taken.index(h) if h in taken else UNSET for h in hosts]
    return service, host


def _draw_slots(
    rng: np.random.Generator, production: np.ndarray, technologies: np.ndarray, services: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    service, host = _templates(technologies, services)
    sector = production["sector"]
    counts = (service >= 0).sum(axis=1)[sector]
    slot_start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    has_slot = service[sector] >= 0
    slots = allocate(SLOTS, int(slot_start[-1]))
    enterprise = np.repeat(np.arange(sector.size, dtype=np.int32), counts)
    slots["enterprise"], slots["service"] = enterprise, service[sector][has_slot]
    place = host[sector][has_slot]
    slots["host"] = np.where(place >= 0, slot_start[enterprise] + place, UNSET)
    per_cny = np.array([UNIT_PER_CNY.get(k, 0.0) for k in registry.service_ids()])
    slots["unit_per_cny"] = per_cny[slots["service"]] * rng.lognormal(0.0, 0.4, slots.size)
    slots["demand_unit"] = slots["unit_per_cny"] * production["output_cny"][enterprise]
    slots["start_cost_cny_per_unit"] = 100.0
    slots["smoothed_cost_cny_per_unit"] = 100.0 * rng.lognormal(0.0, 0.1, slots.size)
    slots["deadline_quarter"] = np.where(rng.random(slots.size) < 0.02, 0, NO_DEADLINE)
    slots["first_asset"] = slots["main_technology"] = slots["pending_asset"] = UNSET
    return slots, slot_start


def _choices_of_stock(technologies: np.ndarray, services: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what a slot of a service may hold in a sector, shape (n_services, S, 8), and how many there are."""
    n_sectors = len(registry.sector_ids())
    table, count = np.zeros((services.size, n_sectors, 8), np.int16), np.zeros((services.size, n_sectors), np.int64)
    for k in range(services.size):
        of_service = (technologies["service"] == k) & ((technologies["is_stock"] > 0) | (services["kind"][k] > 0))
        for s in range(n_sectors):
            found = np.flatnonzero(of_service & ((technologies["sector_mask"] >> s) & 1 == 1))
            table[k, s, : found.size], count[k, s] = found, found.size
    return table, count


def _target_capacity(slots: np.ndarray, production: np.ndarray, conduct: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Return the capacity that suits every slot, in its units a year; of roofs in MW, of batteries in MWh."""
    host = np.where(slots["host"] >= 0, slots["host"], np.arange(slots.size))
    roof_mw = conduct["roof_m2"][slots["enterprise"]] * 0.15e-3
    return np.where(kind >= 2, 0.5 * roof_mw, 1.15 * 4.0 * slots["demand_unit"][host])


def _draw_assets(
    rng: np.random.Generator, slots: np.ndarray, production: np.ndarray, conduct: np.ndarray,
    technologies: np.ndarray, services: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Return the equipment, rows in the order of the slots, and hang it on them."""
    kind = services["kind"][slots["service"]]
    sector = production["sector"][slots["enterprise"]]
    table, count = _choices_of_stock(technologies, services)
    n_kinds = count[slots["service"], sector]
    pieces = np.where(n_kinds > 0, (rng.random((slots.size, 1)) < np.cumprod(PIECES[kind], axis=1)).sum(axis=1), 0)
    slot = np.repeat(np.arange(slots.size, dtype=np.int32), pieces)
    first = np.cumsum(pieces) - pieces
    number = np.arange(slot.size, dtype=np.int32)
    is_last = number == (first + pieces - 1)[slot]
    assets = allocate(ASSETS, slot.size)
    pick = (rng.random(slot.size) * n_kinds[slot]).astype(np.int64)
    assets["slot"], assets["status"] = slot, ACTIVE
    assets["technology"] = table[slots["service"][slot], sector[slot], pick]
    assets["next_asset"] = np.where(is_last, UNSET, number + 1)
    target = _target_capacity(slots, production, conduct, kind)[slot]
    assets["capacity_unit_per_year"] = target / pieces[slot] * rng.uniform(0.8, 1.6, slot.size)
    slots["first_asset"] = np.where(pieces > 0, first, UNSET)
    slots["capacity_unit_per_year"] = np.bincount(slot, assets["capacity_unit_per_year"], slots.size)
    heads = np.flatnonzero(pieces > 0)
    slots["main_technology"][heads] = assets["technology"][first[heads]]
    return assets


def _peers(rng: np.random.Generator, n: int, technologies: np.ndarray, services: np.ndarray) -> Peers:
    """Return peers that are known from the nation only: nobody has neighbours with a slot."""
    nobody, start = np.zeros(0, np.int32), np.zeros(n + 1, np.int64)
    near = Neighbours(np.zeros(n, np.int64), start, nobody, start, nobody)
    adoption = count_adoption(
        allocate(SLOTS, 0), start, allocate(FINANCE, n), technologies, near, services.size, N_COUNTIES
    )
    return Peers(near.county, adoption, rng.random(technologies.size), np.zeros(services.size))


def _draw_chain(
    rng: np.random.Generator, production: np.ndarray, total: np.ndarray
) -> tuple[Graph, np.ndarray, np.ndarray]:
    """Return the supply chain, the local inputs, and final demand by sector; sets shares of final demand."""
    sector, n_sectors = production["sector"], total.shape[0]
    present = np.bincount(sector, minlength=n_sectors) > 1
    local_input = local_input_table(total, np.full(n_sectors, 0.45), present, threshold=0.015)
    size = production["output_cny"]
    where = draw_locations(rng, production["county"], N_COUNTIES, is_park=False)
    edges = draw_edges(rng, sector, production["county"], size, where, local_input)
    bought = local_input[sector[edges.supplier], sector[edges.buyer]] * edges.weight * size[edges.buyer]
    final_cny = np.maximum(0.1 * size, size - np.bincount(edges.supplier, bought, size.size))
    production["final_share"] = final_cny / np.bincount(sector, final_cny, n_sectors)[sector]
    output, sold = np.bincount(sector, size, n_sectors), np.bincount(sector[edges.supplier], bought, n_sectors)
    final_demand = np.maximum(0.1 * output, output - sold)
    return compile_graph(edges, size.size), local_input, final_demand


def make_case(n: int, seed: int = 0) -> Place:
    """Return a synthetic place of n enterprises; equal seeds give equal places.

    Parameters
    ----------
    n : int
        Enterprises, at least 20.
    seed : int
    """
    if n < 20:
        raise ValueError(f"a supply chain needs at least 20 enterprises, not {n}")
    rng = np.random.default_rng(seed)
    technologies, services, carriers = registry.technology_table(), registry.service_table(), registry.carrier_table()
    params = registry.parameter_record()
    production, finance, conduct, energy = _draw_firms(rng, n)
    slots, slot_start = _draw_slots(rng, production, technologies, services)
    assets = _draw_assets(rng, slots, production, conduct, technologies, services)
    graph, local_input, final_demand = _draw_chain(rng, production, registry.io_tables().total)
    factor = np.ascontiguousarray(carriers["co2_t_per_gj"])
    scope1 = np.where(np.arange(factor.size) < factor.size - 2, factor, 0.0)
    process_of_service = np.zeros(services.size)
    process_of_service[registry.service_ids().index("CLINKER")] = params["clinker_process_tco2_per_t"][0]
    load_mw = production["output_cny"] * 1e-7 * rng.lognormal(0.0, 0.3, n)
    p = params[0]
    return Place(
        production, finance, conduct, energy, slots, slot_start, assets, graph,
        np.ascontiguousarray(production["sector"]), local_input,
        inputs_along_edges(graph, production["sector"], local_input)[1], final_demand, technologies, services,
        service_rules(registry.services(), technologies, p["housekeeping_per_year"]), params,
        registry.lever_record(SUPPORT), EnergyTerms(FUEL_CNY_PER_GJ, factor),
        ProcessTerms(
            np.full(local_input.shape[0], 1e-6), p["clinker_process_tco2_per_t"], p["ccus_energy_mwh_per_tco2"],
            p["ccus_heat_gj_per_tco2"],
        ),
        Outlook(
            np.stack([FUEL_CNY_PER_GJ, 1.05 * FUEL_CNY_PER_GJ]), rng.uniform(-0.01, 0.03, factor.size),
            energy["tariff_cny_per_mwh"].copy(), 0.9 * energy["tariff_cny_per_mwh"], scope1, process_of_service,
            np.where(conduct["carbon_cny_per_tco2"] > 0.0, 60.0, 7.2), 700.0, 850.0,
        ),
        Site(rng.random(n) < 0.7, rng.random(slots.size) < 0.8, load_mw[:, None] * np.array([1.2, 1.4, 0.7])),
        np.full(technologies.size, 0.9), technologies["available_year"].astype(float),
        technologies["is_immature"].astype(float), _peers(rng, n, technologies, services),
    )  # fmt: skip
