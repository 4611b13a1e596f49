"""The equipment of the base year: slots, assets and their ages (4.1 step 6, SM04)."""

import numpy as np

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.streams import Streams
from transition_sim.core.tables import allocate
from transition_sim.scenarios import registry
from transition_sim.world.assets import draw_lives_quarters
from transition_sim.world.population.energy import Uses
from transition_sim.world.population.roster import Roster
from transition_sim.world.reference import Reference
from transition_sim.world.state import ACTIVE, ASSETS, NO_DEADLINE, SLOTS, UNSET

ASSETS_ROOM = 4
"""Rows for assets over those of the base year: a city rarely needs more to 2035, and growing copies the table."""
AGE_OF_SERVICE = {"CLINKER": "age_kiln_years", "MOTOR": "age_motor_years", "HVAC": "age_hvac_years"}
AGE_OF_TECHNOLOGY = {
    "steam_coal_small": "age_coal_boiler_years",
    "steam_coal_cfb": "age_coal_boiler_years",
    "steam_gas": "age_gas_boiler_years",
}


def draw_ages(mean_years: np.ndarray, life_years: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
    """Return ages from triangular distributions over [0, life] with the given means, years (4.1 step 6).

    The mode is 3 mean - life, held within [0, life]; a mean outside [life/3, 2 life/3] is then not reached.
    """
    mode = np.clip(3.0 * mean_years - life_years, 0.0, life_years)
    share = mode / life_years
    rising = life_years * np.sqrt(uniforms * share)
    falling = life_years * (1.0 - np.sqrt((1.0 - uniforms) * (1.0 - share)))
    return np.where(uniforms < share, rising, falling)


def mean_ages(technology: np.ndarray, reference: Reference, params: np.ndarray) -> np.ndarray:
    """Return the mean base-year age of each asset by its technology, years."""
    p, services = params[0], list(registry.service_ids())
    kinds = reference.technologies
    mean = p["age_other_life_share"] * kinds["life_years"].astype(float)
    for service, key in AGE_OF_SERVICE.items():
        mean[kinds["service"] == services.index(service)] = p[key]
    for k, name in enumerate(registry.technology_ids()):
        if name in AGE_OF_TECHNOLOGY:
            mean[k] = p[AGE_OF_TECHNOLOGY[name]]
    return mean[technology]


def make_slots(roster: Roster, uses: Uses, reference: Reference) -> tuple[np.ndarray, np.ndarray]:
    """Return (slots, slot_start): services that are used, measures on them, a roof and a battery for everybody.

    A measure stands where one of its technologies is made for the sector of the enterprise and the host is there.
    """
    kinds = reference.services
    n_services = kinds.size
    has = np.zeros((roster.n, n_services), bool)
    has[uses.enterprise, uses.service] = True
    for u in range(n_services):
        mask = 0
        for technology in reference.technologies[reference.technologies["service"] == u]:
            mask |= int(technology["sector_mask"])
        allowed = (mask >> roster.sector.astype(np.int64)) & 1 == 1
        if kinds["kind"][u] == 1:
            has[:, u] = has[:, kinds["host"][u]] & allowed
        elif kinds["kind"][u] >= 2:
            has[:, u] = allowed
    enterprise, service = np.nonzero(has)
    slots = allocate(SLOTS, enterprise.size)
    slots["enterprise"], slots["service"] = enterprise, service
    at = np.full((roster.n, n_services), UNSET)
    at[enterprise, service] = np.arange(enterprise.size)
    host = kinds["host"][service]
    slots["host"] = np.where(host >= 0, at[enterprise, np.maximum(host, 0)], UNSET)
    slots["first_asset"] = slots["main_technology"] = slots["pending_asset"] = UNSET
    slots["last_decision_quarter"], slots["deadline_quarter"] = UNSET, NO_DEADLINE
    start = np.concatenate([[0], np.cumsum(has.sum(axis=1))]).astype(np.int64)
    unit = np.zeros(slots.size)
    np.add.at(unit, at[uses.enterprise, uses.service], uses.service_unit)
    slots["unit_per_cny"] = unit / roster.output_cny[enterprise]
    slots["demand_unit"] = unit / QUARTERS_PER_YEAR
    return slots, start


def slot_of_use(slots: np.ndarray, uses: Uses, n_enterprises: int, n_services: int) -> np.ndarray:
    """Return the slot of every use."""
    at = np.full((n_enterprises, n_services), UNSET)
    at[slots["enterprise"], slots["service"]] = np.arange(slots.size)
    return at[uses.enterprise, uses.service]


def asset_capacities(roster: Roster, uses: Uses, reference: Reference, params: np.ndarray) -> np.ndarray:
    """Return the capacity of each piece of equipment, unit/yr: the service of the peak quarter with its reserve.

    Kilns have their permitted capacity.
    """
    sectors = reference.sectors
    seasons = np.stack([sectors[f"season_q{q}"] for q in range(1, 5)], axis=1)
    peak = (seasons / seasons.mean(axis=1, keepdims=True)).max(axis=1)
    capacity = params[0]["sizing_margin"] * peak[roster.sector[uses.enterprise]] * uses.service_unit
    clinker = list(registry.service_ids()).index("CLINKER")
    lines = uses.service == clinker
    made = roster.clinker_t[uses.enterprise[lines]]
    capacity[lines] = uses.service_unit[lines] / made * roster.permit_t[uses.enterprise[lines]]
    return capacity


def make_assets(
    roster: Roster, slots: np.ndarray, uses: Uses, reference: Reference, params: np.ndarray, streams: Streams,
    base_year: int,
) -> np.ndarray:  # fmt: skip
    """Return the assets of the base year and link them to their slots; quarter 0 is the first of the base year."""
    n = uses.enterprise.size
    kinds = reference.technologies[uses.technology]
    life = kinds["life_years"].astype(float)
    age = draw_ages(mean_ages(uses.technology, reference, params), life, streams.uniforms("population.age", 0, n))
    clinker = list(registry.service_ids()).index("CLINKER")
    known = (roster.commissioned_year[uses.enterprise] > 0) & (uses.service == clinker)
    age = np.where(known, base_year - roster.commissioned_year[uses.enterprise].astype(float), age)
    assets = allocate(ASSETS, ASSETS_ROOM * n + 64)
    used = assets[:n]
    used["technology"], used["status"] = uses.technology, ACTIVE
    used["slot"] = slot_of_use(slots, uses, roster.n, reference.services.size)
    used["commissioned_quarter"] = np.minimum(-1, -np.round(QUARTERS_PER_YEAR * age)).astype(int)
    lives = draw_lives_quarters(
        life, streams.uniforms("population.life", 0, n), params[0]["weibull_shape"],
        -used["commissioned_quarter"] / QUARTERS_PER_YEAR,
    )  # fmt: skip
    lives = np.where(kinds["needs_permit"] > 0, QUARTERS_PER_YEAR * life, lives)  # lines are overhauled, see orders
    used["dies_quarter"] = np.maximum(used["commissioned_quarter"] + lives, 1)
    used["capacity_unit_per_year"] = asset_capacities(roster, uses, reference, params)
    used["capex_cny"] = used["capacity_unit_per_year"] * kinds["capex_cny_per_unit"]
    used["next_asset"] = UNSET
    _link(slots, used)
    return assets


def _link(slots: np.ndarray, assets: np.ndarray) -> None:
    """Chain the assets of each slot in the order of their rows, and set its capacity and main technology."""
    order = np.argsort(assets["slot"], kind="stable")
    slot = assets["slot"][order]
    follows = np.concatenate([slot[1:] == slot[:-1], [False]]) if slot.size else np.zeros(0, bool)
    assets["next_asset"][order] = np.where(follows, np.roll(order, -1), UNSET)
    heads = np.concatenate([[True], slot[1:] != slot[:-1]]) if slot.size else np.zeros(0, bool)
    slots["first_asset"][slot[heads]] = order[heads]
    slots["capacity_unit_per_year"] = np.bincount(assets["slot"], assets["capacity_unit_per_year"], slots.size)
    by_size = np.lexsort((-np.arange(assets.size), assets["capacity_unit_per_year"]))
    slots["main_technology"][assets["slot"][by_size]] = assets["technology"][by_size]
