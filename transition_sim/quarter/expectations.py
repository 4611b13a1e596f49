"""Phase 2: what enterprises expect of prices and policy (SM16)."""

import numpy as np

from transition_sim.world.expectations import expected_lever, smooth, update_credibility, update_expected_prices
from transition_sim.world.state import SOE
from transition_sim.world.world import World

COUNTED_YEARS = 10
"""Years of an announced carbon price that enterprises look at [A]."""


def form(world: World) -> None:
    """Smooth expected prices of fuels and power, and move the credibility of policy at the turn of the year.

    A year counts once as kept, where a lever has moved as announced, and once as broken, where a lever has become
    weaker than was announced: it may be both (SM16).
    """
    state, params = world.state, world.params
    update_expected_prices(state.expected_cny_per_gj, state.carrier_cny_per_gj, params)
    speed = np.where(
        state["finance"]["ownership"] == SOE, params[0]["expectation_speed_soe"], params[0]["expectation_speed"]
    )
    world.tariffs.expected_cny_per_mwh = smooth(world.tariffs.expected_cny_per_mwh, mean_tariff(world), speed)
    if world.quarter_of_year == 0 and world.quarter >= 4:
        kept = float(world.calendar.has_moved[world.quarter])
        broken = float(world.outside.broken_levers > 0)
        world.credibility = update_credibility(world.credibility, kept, broken, params)
        world.outside.broken_levers = 0


def mean_tariff(world: World) -> np.ndarray:
    """Return the mean tariff of the last four quarters with the surcharges of this one, CNY/MWh, shape (N,)."""
    by_shape = world.tariffs.shape_cny_per_mwh.mean(axis=0)
    return (
        by_shape[world.state["conduct"]["load_shape"]]
        - world.constants.voltage * high_voltage_discount(world)
        + world.state["energy"]["surcharge_cny_per_mwh"]
    )


def high_voltage_discount(world: World) -> float:
    """Return what large enterprises pay less for the network, CNY/MWh."""
    p = world.params[0]
    return 1e3 * float(p["tariff_network_10kv_cny_per_kwh"] - p["tariff_network_110kv_cny_per_kwh"])


def expected_floor_cny_per_tco2(world: World) -> float:
    """Return the carbon price floor that enterprises count on: announced for years, weighed by credibility."""
    path = world.lever_path["carbon_price_floor_cny_per_tco2"]
    if not path.any():
        return 0.0
    ahead = path[world.quarter : world.quarter + 4 * COUNTED_YEARS]
    return expected_lever(world.credibility, float(ahead.mean()), world.lever("carbon_price_floor_cny_per_tco2"))
