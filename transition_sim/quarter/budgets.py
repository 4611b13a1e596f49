"""Phase 3: who gets gas while supply is limited (SM11, L32)."""

import numpy as np

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.scenarios import registry
from transition_sim.world.policy.energy_budget import GJ_PER_BCM, gas_use_gj, may_connect
from transition_sim.world.world import World

NO_LIMIT_BCM = registry.levers()["gas_supply_bcm_per_year"].neutral
GAS = list(registry.carrier_ids()).index("natural_gas")


def has_gas(world: World) -> np.ndarray:
    """Return who can have gas, bool, shape (N,): all while supply is not limited (L32)."""
    control, fuel_gj, feedstock_gj = world.control, world.state.fuel_gj, world.plans.feedstock_gj
    supply = world.lever("gas_supply_bcm_per_year")
    if supply >= NO_LIMIT_BCM:
        return world.plans.has_gas
    used_gj = gas_use_gj(fuel_gj, feedstock_gj, GAS) + float(world.city.fuel_gj[GAS])
    control.gas_gj = [*control.gas_gj[-3:], used_gj]
    year_gj = QUARTERS_PER_YEAR * sum(control.gas_gj) / len(control.gas_gj)
    if year_gj < supply * GJ_PER_BCM:
        return world.plans.has_gas
    return may_connect(fuel_gj[:, GAS] + feedstock_gj[:, GAS] > 0.0, year_gj, supply)
