"""Phase 3, energy budgets: which new plant fits in, whether coal-fired equipment is sold, who gets gas (SM11)."""

import numpy as np

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.scenarios import registry
from transition_sim.world.experience import NOT_FOR_SALE
from transition_sim.world.policy.energy_budget import may_connect, within_budget, without_coal
from transition_sim.world.world import World


def hold_back(world: World) -> np.ndarray | None:
    """Give up new plant that does not fit into the energy budget of the year; return what each asks for, tce (L14).

    Key projects come first (their room is reserved), then who uses least energy per output. Who is held back plans
    anew at the end of the quarter. None without a budget.
    """
    control, state, plans = world.control, world.state, world.plans
    rows = np.flatnonzero((plans.growth_capacity_cny > 0) & state["finance"]["is_alive"])
    if rows.size == 0 or np.isinf(control.energy_headroom_tce):
        return None
    production, energy = state["production"], state["energy"]["energy_coal_equivalent_tce"][rows]
    growth = np.maximum(0.0, plans.growth_capacity_cny[rows] / production["capacity_cny"][rows] - 1.0)
    rank = energy / np.maximum(production["output_cny"][rows], 1e-9) - 1e9 * control.is_listed[rows]
    needs_tce = np.zeros(state.n_enterprises)
    needs_tce[rows] = QUARTERS_PER_YEAR * growth * energy
    waiting = rows[~within_budget(needs_tce[rows], rank, control.energy_headroom_tce)]
    plans.growth_capacity_cny[waiting] = plans.growth_cost_cny[waiting] = 0.0
    if waiting.size:
        world.recorder.event(
            world.quarter, "energy_budget", world.scenario.place.id, float(waiting.size), "enterprises"
        )
    return needs_tce


def take_from_budget(world: World, needs_tce: np.ndarray | None) -> None:
    """Take what is built off the energy budget of the year; what review or bank refused leaves its room to others."""
    if needs_tce is not None:
        built = world.state["flows"]["growth_capex_cny"] > 0.0
        world.control.energy_headroom_tce -= float(needs_tce[built].sum())


def open_years(world: World, first_year: np.ndarray) -> np.ndarray:
    """Return the first years of technologies, coal-fired ones not for sale once the coal budget is used up (L15)."""
    if world.control.coal_headroom_tce > 0.0:
        return first_year
    return without_coal(first_year, world.control.burns_coal, NOT_FOR_SALE)


def has_gas(world: World) -> np.ndarray:
    """Return who can have gas, bool, shape (N,): all while supply is not limited (L32)."""
    control = world.control
    supply = world.lever("gas_supply_bcm_per_year")
    if supply >= registry.levers()["gas_supply_bcm_per_year"].neutral:
        return world.plans.has_gas
    gas = world.labels["carriers"].index("natural_gas")
    used = world.state.fuel_gj[:, gas] + world.plans.feedstock_gj[:, gas]
    control.gas_gj = [*control.gas_gj[-3:], float(used.sum() + world.city.fuel_gj[gas])]
    year_gj = QUARTERS_PER_YEAR * sum(control.gas_gj) / len(control.gas_gj)
    return may_connect(used > 0.0, year_gj, supply)
