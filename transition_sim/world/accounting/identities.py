"""Identities of the physical accounts, checked every quarter: fuel (B03), carbon (B05), bounds (B14)."""

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from transition_sim.core.errors import ConservationError
from transition_sim.core.kernels import compiled, lean, part
from transition_sim.core.tables import BoundsCheck, out_of_bounds
from transition_sim.world.city.buildings import BUILDINGS
from transition_sim.world.city.transport import FLEETS
from transition_sim.world.state import ACTIVE, ASSETS, ENTERPRISE_TABLES, SLOTS, State

if TYPE_CHECKING:
    from transition_sim.world.city.city import City
    from transition_sim.world.world import World

RELATIVE = 1e-9
_BESIDE_TABLES = (
    "capacity of units", "prices of fuels", "expected prices", "tariffs", "tariffs at midday", "earning of storage",
    "expected tariffs", "experience", "tax credits", "final demand",
)  # fmt: skip
BOUNDED = (*ENTERPRISE_TABLES.values(), FLEETS, BUILDINGS, SLOTS, ASSETS)
_NUMBERS = ("hydrology", "load of the province", "yield of roofs", "credibility", "recycled income")


def check_carbon(world: "World") -> None:
    """Check the inventory against the fuel balance (B05): fuel by carrier times factor + process - captured.

    The inventory adds up enterprises, other sectors and plants; the balance adds up carriers, with the fuel of plants
    from their generation and heat rates.

    Raises
    ------
    ConservationError
        Beyond 1e-9 of the inventory.
    """
    power, total = world.power, world.notes.energy
    top_down = _fuel_tco2(
        world.state.fuel_gj, world.city.fuel_gj, power.fuel, power.quarter.generation_mwh, power.heat_rate_gj_per_mwh,
        power.is_local, world.constants.scope1_tco2_per_gj,
    )  # fmt: skip
    top_down += total["process_tco2"] - total["captured_tco2"] + world.city.waste_tco2
    gap = world.notes.inventory.territorial_tco2 - top_down
    if not abs(gap) <= RELATIVE * max(1.0, abs(top_down)):
        raise ConservationError("B05 carbon", abs(gap), "tCO2", world.label, [("inventory - fuel balance", gap)])


@compiled
def _fuel_tco2(fuel_gj, city_gj, unit_fuel, generation_mwh, heat_rate_gj_per_mwh, is_local, tco2_per_gj):
    """Return the CO2 of the fuel of enterprises, other sectors and plants of the place, added up by carrier."""
    burnt_gj = city_gj.copy()
    for i in range(fuel_gj.shape[0]):
        for k in range(burnt_gj.size):
            burnt_gj[k] += fuel_gj[i, k]
    for unit in range(unit_fuel.size):
        if unit_fuel[unit] >= 0 and is_local[unit]:
            burnt_gj[unit_fuel[unit]] += generation_mwh[unit] * heat_rate_gj_per_mwh[unit]
    return (burnt_gj * tco2_per_gj).sum()


@compiled
def _fuel_worth_cny(fuel_gj, feedstock_gj, carrier_cny_per_gj):
    """Return what the fuel and feedstock of enterprises cost, added up by carrier."""
    used_gj = np.zeros(carrier_cny_per_gj.size)
    for i in range(fuel_gj.shape[0]):
        for k in range(used_gj.size):
            used_gj[k] += fuel_gj[i, k] + feedstock_gj[i, k]
    return (used_gj * carrier_cny_per_gj).sum()


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
    worth = _fuel_worth_cny(state.fuel_gj, world.plans.feedstock_gj, state.carrier_cny_per_gj)
    paid = world.notes.flows["fuel_cny"]
    if not abs(paid - worth) <= RELATIVE * max(1.0, worth):
        raise ConservationError("B03 fuel", abs(paid - worth), "CNY", world.label)


def check_bounds(world: "World") -> None:
    """Check that every number of the state is finite and within its bounds, and that shares sum to 1 (B14).

    Raises
    ------
    ConservationError
        Naming the first field, row and value.
    """
    state, constants = world.state, world.constants
    is_finite, gap, is_of_future = _look_beside_bounds(
        _arrays_beside_tables(world), state["production"], state["finance"], constants.sector, constants.n_sectors,
        state.assets, state.n_assets, world.quarter,
    )  # fmt: skip
    _check_finite(world, is_finite)
    found = _beyond_bounds(state, world.city)
    if found:
        name, row, value = found[0]
        raise ConservationError(f"B14 bounds of {name}", value, "-", world.label, [(f"row {row}", value)])
    if gap > RELATIVE:
        raise ConservationError("B14 market shares", gap, "-", world.label)
    if is_of_future and not world.frozen:
        raise ConservationError("B14 ages", 1.0, "asset", world.label)


def _beyond_bounds(state: State, city: "City") -> list[tuple[str, int, float]]:
    """Return (field, row, value) of what is out of bounds in the tables of enterprises, equipment and the city."""
    tables = [*state.enterprises.tables.values(), city.transport.fleets, city.buildings.rows, state.slots, state.assets]
    check = state.bounds
    if check is None or not check.is_of(tables):
        check = state.bounds = BoundsCheck(list(zip(BOUNDED, tables, strict=True)))
    n_rows = [table.size for table in tables]
    n_rows[-1] = state.n_assets
    if check.holds(tuple(n_rows)):
        return []
    parts = zip(BOUNDED, tables, n_rows, strict=True)
    return [beyond for fields, table, n in parts for beyond in out_of_bounds(fields, table[:n])]


@part
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
        found |= (assets[a].status == ACTIVE) & (assets[a].commissioned_quarter > quarter)
    return found


@lean
def _are_finite(arrays):
    """Tell whether all numbers of some flat arrays are finite."""
    spoilt = 0
    for values in arrays:
        for value in values:
            spoilt |= 0 if abs(value) < np.inf else 1
    return spoilt == 0


@compiled
def _look_beside_bounds(arrays, production, finance, sector, n_sectors, assets, n_assets, quarter):
    """Return whether the arrays beside the tables are finite, the gap of market shares, and whether an asset is to come
    and in use already."""
    return (
        _are_finite(arrays), _share_gap(production, finance, sector, n_sectors),
        _has_asset_from_the_future(assets, n_assets, quarter),
    )  # fmt: skip


def _arrays_beside_tables(world: "World") -> tuple[np.ndarray, ...]:
    """Return them flat, in the order of ``_BESIDE_TABLES``."""
    power, tariffs, state = world.power, world.tariffs, world.state
    return (
        power.capacity_mw, state.carrier_cny_per_gj, state.expected_cny_per_gj.ravel(),
        tariffs.shape_cny_per_mwh.ravel(), tariffs.midday_cny_per_mwh, tariffs.storage_cny_per_mwh_day,
        tariffs.expected_cny_per_mwh, world.additions, state.tax_credit_cny.ravel(), world.demand.final_cny,
    )  # fmt: skip


def _check_finite(world: "World", is_beside: bool) -> None:
    """Check what stands beside the tables: what is not a number would pass unseen through a maximum.

    Parameters
    ----------
    is_beside : bool
        The arrays beside the tables are finite.
    """
    power = world.power
    numbers: tuple[float, ...] = (
        power.log_hydrology, power.province_load_mwh, power.roof_yield_mwh_per_mw, world.credibility,
        world.recycled_cny,
    )  # fmt: skip
    if is_beside and isfinite(sum(numbers)):
        return
    for name, found in zip(_BESIDE_TABLES + _NUMBERS, _arrays_beside_tables(world) + numbers, strict=True):
        value = float(np.asarray(found).sum())
        if not isfinite(value):
            raise ConservationError(f"B14 {name}", value, "-", world.label)
