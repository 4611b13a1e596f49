"""Phase 0: what comes from outside: levers, weather, demand, technology costs, shocks (SM01, SM12, SM17, SM27)."""

from collections.abc import Callable, Mapping

import numpy as np

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.world.demand import demand_at_prices, next_noise
from transition_sim.world.experience import capex_factors_at
from transition_sim.world.markets.power import next_hydrology
from transition_sim.world.markets.slices import MONTHS
from transition_sim.world.policy.calendar import policy_calendar
from transition_sim.world.world import QuarterNotes, World


def open_quarter(world: World) -> None:
    """Set levers, hydrology, capacities, demand and technology costs of the quarter, and empty its flows."""
    world.notes = QuarterNotes(technology_orders=np.zeros(world.reference.technologies.size))
    _revise_policy(world)
    world.set_levers()
    world.state["flows"].view(np.float64).fill(0.0)
    world.ledger.open_quarter()
    world.notes.opening_cny = {
        "green_budget": world.budget.balance_cny,
        "banks": float(world.banks.capital_cny.sum() - world.banks.loans_cny.sum()),
    }
    _weather(world)
    _demand(world)
    if world.quarter_of_year == 0:
        world.state["conduct"]["cbam_share"] = _under_border_rules(world)
    _technology_costs(world)
    _shocks(world)


def _under_border_rules(world: World) -> np.ndarray:
    """Return the share of sales under border carbon rules, shape (N,): nothing before the year in which they start."""
    return world.constants.border_share * float(world.decimal_year >= world.params[0]["cbam_start_year"])


def is_history(world: World) -> bool:
    """Tell whether the quarter lies in the base year or before: its weather and demand are those of the balance.

    Chance starts after it, so that every seed shows the published totals of the base year.
    """
    return world.frozen or world.quarter < QUARTERS_PER_YEAR


def _weather(world: World) -> None:
    power = world.power
    if not is_history(world):
        power.log_hydrology = next_hydrology(
            power.log_hydrology, world.streams.normals("hydrology", world.quarter, 1).item(),
            world.parameter("hydro_sd_share"), world.parameter("hydro_ar_share"),
        )  # fmt: skip
    power.river_share = np.array([np.exp(power.log_hydrology)] * MONTHS)
    power.grow(world.decimal_year)


def _demand(world: World) -> None:
    demand, constants = world.demand, world.constants
    if not is_history(world):
        normals = world.streams.normals("demand", world.quarter, constants.n_sectors)
        demand.noise = next_noise(
            demand.noise, normals, world.parameter("demand_noise_ar_share"), world.parameter("demand_noise_sd_share")
        )
    growth = np.ones(constants.n_sectors) if world.frozen else demand.growth[world.quarter]
    demand.final_cny = demand_at_prices(
        demand.base_cny, growth, constants.season, demand.noise, world.state["production"], world.state["prices"],
        constants.sector, constants.demand_elasticity, world.quarter_of_year,
    )  # fmt: skip


def _technology_costs(world: World) -> None:
    if world.frozen:
        return
    constants, elsewhere = world.constants, world.elsewhere
    world.state.technology_capex_factor = capex_factors_at(
        world.decimal_year, world.clock.decimal_year(0), world.reference.technologies,
        (constants.national_start, constants.national_growth),
        (world.start_deployment, elsewhere.start_deployment), (world.additions, elsewhere.additions),
        constants.unit_factors, world.parameter("place_learning_weight"),
    )  # fmt: skip


# --- shocks ---------------------------------------------------------------------------------------------------------


def _revise_policy(world: World) -> None:
    """Put the path in force that begins unannounced this quarter, and note the promises that it breaks (SM16)."""
    revision = world.outside.revisions.get(world.quarter)
    if revision is None:
        return
    world.lever_path = revision.lever_path
    world.calendar = policy_calendar(revision.lever_path, world.params, revision.quarter, revision.is_broken)
    world.outside.broken_levers += int(revision.is_broken.sum())
    for key in np.array(world.lever_path.dtype.names)[revision.is_broken].tolist():
        value = float(world.lever_path[key][world.quarter])
        world.recorder.event(world.quarter, "promise_broken", key, value, "")


def _shocks(world: World) -> None:
    """Put the shocks of the quarter on their channels, and note those that begin (SM27)."""
    for key, values in world.outside.read(world.quarter):
        CHANNELS[key](world, values)
    for subject, amount, unit in world.outside.notices.get(world.quarter, ()):
        world.recorder.event(world.quarter, "shock", subject, amount, unit)


def _rivers(world: World, values: np.ndarray) -> None:
    """Replace the drawn weather of the months that have a value; the draws go on behind it."""
    power = world.power
    power.river_share = np.where(np.isnan(values), power.river_share, values)


def _load(world: World, values: np.ndarray) -> None:
    """Set the load of residents and the province by month; what enterprises use stays with their output."""
    outside, constants, q = world.outside, world.constants, world.quarter_of_year
    profile = constants.load_profiles[q][constants.city_shape].reshape(constants.hours[q].shape)
    mwh = (profile * constants.hours[q]).sum(axis=(1, 2))
    outside.load_share, outside.load_factor = values, float((mwh * values).sum() / mwh.sum())
    outside.swing_mw_per_mwh = profile * (values / outside.load_factor - 1.0)[:, None, None]


def _fuel_prices(world: World, values: np.ndarray) -> None:
    world.state.carrier_cny_per_gj[:] = world.outside.base_cny_per_gj * values


def _final_demand(world: World, values: np.ndarray) -> None:
    world.demand.final_cny *= values


def _border_rules(world: World, values: np.ndarray) -> None:
    world.state["conduct"]["cbam_share"] = np.minimum(1.0, values * _under_border_rules(world))


def _equipment_costs(world: World, values: np.ndarray) -> None:
    group = world.reference.technologies["learning_group"]
    world.state.technology_capex_factor = world.state.technology_capex_factor * np.where(group >= 0, values[group], 1.0)


def _running_time(world: World, values: np.ndarray) -> None:
    world.outside.running_share = values


def _accident(world: World, values: np.ndarray) -> None:
    is_free = bool(np.isnan(values[0]) or values[0] > 0)
    if world.outside.is_free_of_accidents and not is_free:
        world.recorder.event(world.quarter, "accident", world.scenario.place.id, 1.0, "")
    world.outside.is_free_of_accidents = is_free


CHANNELS: Mapping[str, Callable[[World, np.ndarray], None]] = {
    "river_flow": _rivers,
    "load": _load,
    "fuel_price": _fuel_prices,
    "demand": _final_demand,
    "border_rules": _border_rules,
    "technology_cost": _equipment_costs,
    "running_time": _running_time,
    "no_accident": _accident,
}
"""What writes the values of a channel; ``export_demand`` is part of ``demand``, ``lever_strength`` makes revisions."""
