"""Identities of the physical accounts, checked every quarter: fuel (B03), carbon (B05), bounds (B14)."""

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from transition_sim.core.errors import ConservationError
from transition_sim.core.kernels import compiled, lean
from transition_sim.core.tables import out_of_bounds
from transition_sim.world.city.buildings import BUILDINGS
from transition_sim.world.city.transport import FLEETS
from transition_sim.world.state import ACTIVE, ASSETS, ENTERPRISE_TABLES, SLOTS
from transition_sim.world.totals import column_sums

if TYPE_CHECKING:
    from transition_sim.world.world import World

RELATIVE = 1e-9


def check_carbon(world: "World") -> None:
    """Check the inventory against the fuel balance (B05): fuel by carrier times factor + process - captured.

    The inventory adds up enterprises, other sectors and plants; the balance adds up carriers, with the fuel of plants
    from their generation and heat rates.

    Raises
    ------
    ConservationError
        Beyond 1e-9 of the inventory.
    """
    state, power = world.state, world.power
    fuel = column_sums(state.fuel_gj) + world.city.fuel_gj
    _add_fuel_of_plants(
        fuel, power.fuel, power.quarter.generation_mwh, power.heat_rate_gj_per_mwh, power.is_local
    )  # fmt: skip
    total = world.notes.energy
    top_down = float(fuel @ world.constants.scope1_tco2_per_gj)
    top_down += float(total["process_tco2"]) - float(total["captured_tco2"]) + world.city.waste_tco2
    gap = world.notes.inventory.territorial_tco2 - top_down
    if not abs(gap) <= RELATIVE * max(1.0, abs(top_down)):
        raise ConservationError("B05 carbon", abs(gap), "tCO2", world.label, [("inventory - fuel balance", gap)])


@lean
def _add_fuel_of_plants(fuel_gj, fuel, generation_mwh, heat_rate_gj_per_mwh, is_local):
    for unit in range(fuel.size):
        if fuel[unit] >= 0 and is_local[unit]:
            fuel_gj[fuel[unit]] += generation_mwh[unit] * heat_rate_gj_per_mwh[unit]


def check_fuel(world: "World") -> None:
    """Check the fuel balance (B03): what enterprises burn is what suppliers are paid for at the prices of the quarter.

    What the city burns by carrier is what its vehicles, buildings and other sectors burn one by one.

    Raises
    ------
    ConservationError
        Beyond 1e-9 of the fuel bill, or of the fuel of the city.
    """
    state, city = world.state, world.city
    parts, whole = city.fuel_by_user_gj(), float(city.fuel_gj.sum())
    if not abs(parts - whole) <= RELATIVE * max(1.0, whole):
        raise ConservationError("B03 fuel of the city", abs(parts - whole), "GJ", world.label)
    used = column_sums(state.fuel_gj) + column_sums(world.plans.feedstock_gj)
    paid, worth = float(world.notes.flows["fuel_cny"]), float(used @ state.carrier_cny_per_gj)
    if not abs(paid - worth) <= RELATIVE * max(1.0, worth):
        raise ConservationError("B03 fuel", abs(paid - worth), "CNY", world.label)


def check_bounds(world: "World") -> None:
    """Check that every number of the state is finite and within its bounds, and that shares sum to 1 (B14).

    Raises
    ------
    ConservationError
        Naming the first field, row and value.
    """
    state = world.state
    _check_finite(world)
    found = [v for name, fields in ENTERPRISE_TABLES.items() for v in out_of_bounds(fields, state[name])]
    found += out_of_bounds(SLOTS, state.slots) + out_of_bounds(ASSETS, state.assets[: state.n_assets])
    if world.quarter_of_year == 0:  # they move once a year
        found += out_of_bounds(FLEETS, world.city.transport.fleets)
        found += out_of_bounds(BUILDINGS, world.city.buildings.rows)
    if found:
        name, row, value = found[0]
        raise ConservationError(f"B14 bounds of {name}", value, "-", world.label, [(f"row {row}", value)])
    gap = _share_gap(state["production"], state["finance"], world.constants.sector, world.constants.n_sectors)
    if gap > RELATIVE:
        raise ConservationError("B14 market shares", gap, "-", world.label)
    if not world.frozen and _has_asset_from_the_future(state.assets, state.n_assets, world.quarter):
        raise ConservationError("B14 ages", 1.0, "asset", world.label)


@compiled
def _share_gap(production, finance, sector, n_sectors):
    """Return how far the market shares of a sector with a living enterprise are from 1, at most."""
    share, alive = np.zeros(n_sectors), np.zeros(n_sectors, np.bool_)
    for i in range(production.size):
        share[sector[i]] += production[i].final_share
        alive[sector[i]] |= finance[i].is_alive
    gap = 0.0
    for s in range(n_sectors):
        if alive[s]:
            gap = max(gap, abs(share[s] - 1.0))
    return gap


@lean
def _has_asset_from_the_future(assets, n_assets, quarter):
    found = False
    for a in range(n_assets):
        found |= assets[a].status == ACTIVE and assets[a].commissioned_quarter > quarter
    return found


def _check_finite(world: "World") -> None:
    """Check the arrays beside the tables: what is not a number would pass unseen through a maximum."""
    power, tariffs, state = world.power, world.tariffs, world.state
    numbers: dict[str, float] = {
        "hydrology": power.log_hydrology,
        "load of the province": power.province_load_mwh,
        "yield of roofs": power.roof_yield_mwh_per_mw,
        "credibility": world.credibility,
        "recycled income": world.recycled_cny,
    }
    arrays: dict[str, np.ndarray] = {
        "capacity of units": power.capacity_mw,
        "prices of fuels": state.carrier_cny_per_gj,
        "expected prices": state.expected_cny_per_gj,
        "tariffs": tariffs.shape_cny_per_mwh,
        "tariffs at midday": tariffs.midday_cny_per_mwh,
        "earning of storage": tariffs.storage_cny_per_mwh_day,
        "expected tariffs": tariffs.expected_cny_per_mwh,
        "experience": world.additions,
        "tax credits": state.tax_credit_cny,
        "final demand": world.demand.final_cny,
    }
    if isfinite(sum(numbers.values())) and isfinite(np.concatenate([part.ravel() for part in arrays.values()]).sum()):
        return
    for name, part in (numbers | arrays).items():
        value = float(np.sum(part))
        if not isfinite(value):
            raise ConservationError(f"B14 {name}", value, "-", world.label)
