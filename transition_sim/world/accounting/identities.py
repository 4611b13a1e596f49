"""Identities of the physical accounts, checked every quarter: fuel (B03), carbon (B05), bounds (B14)."""

from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from transition_sim.core.errors import ConservationError
from transition_sim.core.tables import out_of_bounds
from transition_sim.world.state import ACTIVE, ASSETS, ENTERPRISE_TABLES, SLOTS

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
    q = world.quarter % 4 if world.frozen else world.quarter
    fuel = state.fuel_gj.sum(axis=0) + world.city.fuel_gj[q].sum(axis=0)
    burnt = power.quarter.generation_mwh * power.heat_rate_gj_per_mwh * power.is_local
    for unit in np.flatnonzero(power.fuel >= 0):
        fuel[power.fuel[unit]] += burnt[unit]
    total = world.notes.energy
    top_down = float(fuel @ world.constants.scope1_tco2_per_gj)
    top_down += float(total["process_tco2"]) - float(total["captured_tco2"])
    gap = world.notes.inventory.territorial_tco2 - top_down
    if not abs(gap) <= RELATIVE * max(1.0, abs(top_down)):
        raise ConservationError("B05 carbon", abs(gap), "tCO2", world.label, [("inventory - fuel balance", gap)])


def check_fuel(world: "World") -> None:
    """Check the fuel balance (B03): what enterprises burn is what suppliers are paid for at the prices of the quarter.

    Raises
    ------
    ConservationError
        Beyond 1e-9 of the fuel bill.
    """
    state = world.state
    used = state.fuel_gj + world.plans.feedstock_gj
    paid, worth = float(world.notes.flows["fuel_cny"]), float(used.sum(axis=0) @ state.carrier_cny_per_gj)
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
    if found:
        name, row, value = found[0]
        raise ConservationError(f"B14 bounds of {name}", value, "-", world.label, [(f"row {row}", value)])
    production, n = state["production"], world.constants.n_sectors
    shares = np.bincount(world.constants.sector, production["final_share"], n)
    alive = np.bincount(world.constants.sector, state["finance"]["is_alive"], n) > 0
    if np.abs(shares[alive] - 1.0).max(initial=0.0) > RELATIVE:
        raise ConservationError("B14 market shares", float(np.abs(shares[alive] - 1.0).max()), "-", world.label)
    used = state.assets[: state.n_assets]
    if not world.frozen and (used["commissioned_quarter"][used["status"] == ACTIVE] > world.quarter).any():
        raise ConservationError("B14 ages", 1.0, "asset", world.label)


def _check_finite(world: "World") -> None:
    """Check the arrays beside the tables: what is not a number would pass unseen through a maximum."""
    power, tariffs, state = world.power, world.tariffs, world.state
    parts: dict[str, Any] = {
        "hydrology": power.log_hydrology,
        "load of the province": power.province_load_mwh,
        "yield of roofs": power.roof_yield_mwh_per_mw,
        "capacity of units": power.capacity_mw.sum(),
        "prices of fuels": state.carrier_cny_per_gj.sum(),
        "expected prices": state.expected_cny_per_gj.sum(),
        "tariffs": tariffs.shape_cny_per_mwh.sum(),
        "tariffs at midday": tariffs.midday_cny_per_mwh.sum(),
        "earning of storage": tariffs.storage_cny_per_mwh_day.sum(),
        "expected tariffs": tariffs.expected_cny_per_mwh.sum(),
        "experience": world.additions.sum(),
        "credibility": world.credibility,
        "recycled income": world.recycled_cny,
        "tax credits": state.tax_credit_cny.sum(),
        "final demand": world.demand.final_cny.sum(),
    }
    for name, part in parts.items():
        value = float(part)
        if not isfinite(value):
            raise ConservationError(f"B14 {name}", value, "-", world.label)
