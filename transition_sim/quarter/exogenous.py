"""Phase 0: what comes from outside: the levers of the quarter, weather, demand, technology costs (SM01, SM12, SM17)."""

import numpy as np

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.scenarios import registry
from transition_sim.world.demand import final_demand, mean_price_index, next_noise
from transition_sim.world.experience import national_deployment, technology_capex_factors
from transition_sim.world.markets.power import next_hydrology
from transition_sim.world.world import QuarterNotes, World


def open_quarter(world: World) -> None:
    """Set levers, hydrology, capacities, demand and technology costs of the quarter, and empty its flows."""
    world.notes = QuarterNotes(technology_orders=np.zeros(world.reference.technologies.size))
    world.levers = registry.lever_record() if world.frozen else world.lever_path[world.quarter : world.quarter + 1]
    world.state["flows"].view(np.float64).fill(0.0)
    world.ledger.open_quarter()
    world.notes.opening_cny = {
        "green_budget": world.budget.balance_cny,
        "banks": float(world.banks.capital_cny.sum() - world.banks.loans_cny.sum()),
    }
    _weather(world)
    _demand(world)
    _technology_costs(world)


def is_history(world: World) -> bool:
    """Tell whether the quarter lies in the base year or before: its weather and demand are those of the balance.

    Chance starts after it, so that every seed shows the published totals of the base year.
    """
    return world.frozen or world.quarter < QUARTERS_PER_YEAR


def _weather(world: World) -> None:
    p, power = world.params[0], world.power
    if not is_history(world):
        normal = float(world.streams.normals("hydrology", world.quarter, 1)[0])
        power.log_hydrology = next_hydrology(power.log_hydrology, normal, p["hydro_sd_share"], p["hydro_ar_share"])
    power.grow(world.decimal_year)


def _demand(world: World) -> None:
    demand, constants, p = world.demand, world.constants, world.params[0]
    growth = np.ones(constants.n_sectors)
    if not is_history(world):
        normals = world.streams.normals("demand", world.quarter, constants.n_sectors)
        demand.noise = next_noise(demand.noise, normals, p["demand_noise_ar_share"], p["demand_noise_sd_share"])
    if not world.frozen:
        growth = demand.growth[world.quarter]
    price = mean_price_index(
        constants.sector, world.state["prices"]["price_index"], world.state["production"]["final_share"],
        constants.n_sectors,
    )  # fmt: skip
    demand.final_cny = final_demand(
        demand.base_cny, growth, constants.season, demand.noise, price, constants.demand_elasticity,
        world.quarter_of_year,
    )  # fmt: skip


def _technology_costs(world: World) -> None:
    if world.frozen:
        return
    constants = world.constants
    national = national_deployment(constants.national_start, constants.national_growth, world.decimal_year)
    start = national_deployment(constants.national_start, constants.national_growth, world.clock.decimal_year(0))
    world.state.technology_capex_factor = technology_capex_factors(
        world.reference.technologies, start, national, world.start_deployment, world.additions,
        constants.unit_factors, world.parameter("place_learning_weight"),
    )  # fmt: skip
