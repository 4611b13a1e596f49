"""Phase 2: what enterprises expect of prices and policy (SM16)."""

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.quarter.grid_levers import own_grid_saving
from transition_sim.world.expectations import (
    expected_lever,
    look_at_power,
    update_credibility,
    update_expected_prices,
)
from transition_sim.world.world import World

COUNTED_YEARS = 10
"""Years of an announced carbon price that enterprises look at [A]."""


def form(world: World) -> None:
    """Smooth expected prices of fuels and power, and move the credibility of policy at the turn of the year.

    A year counts once as kept, where a lever has moved as announced, and once as broken, where a lever has become
    weaker than was announced: it may be both (SM16).
    """
    state, params, tariffs, plans = world.state, world.params, world.tariffs, world.plans
    update_expected_prices(state.expected_cny_per_gj, state.carrier_cny_per_gj, params)
    look_at_power(
        state["energy"], state["conduct"], state["finance"], world.constants.voltage, tariffs.shape_cny_per_mwh,
        float(tariffs.midday_cny_per_mwh.sum()) / QUARTERS_PER_YEAR, high_voltage_discount(world),
        world.constants.load_points,
        world.constants.quarter_hours[world.quarter_of_year], params, tariffs.expected_cny_per_mwh,
        plans.midday_cny_per_mwh, plans.loads_mw,
    )  # fmt: skip
    if world.quarter_of_year == 0 and world.quarter >= 4:
        kept = float(world.calendar.has_moved[world.quarter])
        broken = float(world.outside.broken_levers > 0)
        world.credibility = update_credibility(world.credibility, kept, broken, params)
        world.outside.broken_levers = 0


def high_voltage_discount(world: World) -> float:
    """Return what large enterprises pay less for the network, CNY/MWh."""
    medium, high = (
        world.parameter("tariff_network_10kv_cny_per_kwh"),
        world.parameter("tariff_network_110kv_cny_per_kwh"),
    )
    return 1e3 * (medium - high - own_grid_saving(world))


def expected_floor_cny_per_tco2(world: World) -> float:
    """Return the carbon price floor that enterprises count on: announced for years, weighed by credibility."""
    path = world.lever_path["carbon_price_floor_cny_per_tco2"]
    if not path.any():
        return 0.0
    ahead = path[world.quarter : world.quarter + 4 * COUNTED_YEARS]
    return expected_lever(world.credibility, float(ahead.mean()), world.lever("carbon_price_floor_cny_per_tco2"))
