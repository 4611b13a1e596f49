"""A distribution grid of the park's own, and storage that new photovoltaics must bring (L22, L24; SM06, SM12, SM14)."""

import numpy as np

from transition_sim.scenarios import registry
from transition_sim.world.world import World

ROOF, BATTERY = (list(registry.technology_ids()).index(name) for name in ("roof_pv", "storage_li"))


def has_own_grid(world: World) -> bool:
    """Tell whether enterprises hang on a distribution grid of the park's own (L22).

    Then all of them, not the large ones alone, can take power over direct lines.
    """
    return world.lever("incremental_grid") > 0


def own_grid_saving(world: World) -> float:
    """Return what medium-voltage users of a grid of the park's own save on network charges, CNY/kWh; 0 without one.

    Such a grid takes power at 110 kV and passes a part of the difference on to its users; the rest pays for it.
    """
    if not has_own_grid(world):
        return 0.0
    p = world.params[0]
    difference = float(p["tariff_network_10kv_cny_per_kwh"] - p["tariff_network_110kv_cny_per_kwh"])
    return float(p["incremental_grid_saving_share"]) * difference


def mandate_hours(world: World) -> np.ndarray:
    """Return the hours of storage that roofs had to bring, by the quarter of their order."""
    # side by side, so that a rule that is given none, one or many is compiled once
    return np.ascontiguousarray(world.lever_path["storage_mandate_hours"][: max(0, world.quarter + 1)])


def capex_factors(world: World) -> np.ndarray:
    """Return capital costs over those of the base year, roofs with the storage that they must bring (L24).

    What such batteries will earn is not counted on: in practice they are hardly used.
    """
    factors, hours = world.state.technology_capex_factor, world.lever("storage_mandate_hours")
    if hours <= 0:
        return factors
    cost = world.reference.technologies["capex_cny_per_unit"]
    factors = factors.copy()
    factors[ROOF] += hours * cost[BATTERY] * factors[BATTERY] / cost[ROOF]
    return factors
