"""Phase 12, outcomes beside sums: gas, platforms, green industry, delay, who gets support, air (I06, I25, I30 ...)."""

from transition_sim.scenarios import registry
from transition_sim.world.accounting.outcomes import co_pollutants_t, industry_and_support
from transition_sim.world.world import World


def outcomes(world: World) -> dict[str, float]:
    """Return the columns of the place table for I06, I25, I30, I33, I46 and I54."""
    state, power, constants = world.state, world.power, world.constants
    so2, nox, dust = co_pollutants_t(
        world.notes.fuel_gj, world.city.fuel_gj, power.fuel, power.quarter.generation_mwh,
        power.heat_rate_gj_per_mwh, power.is_local, registry.pollutant_table(),
    ).tolist()  # fmt: skip
    green, support, smaller = industry_and_support(
        state["production"], state["finance"], state["flows"], constants.sector, constants.is_green_industry
    )
    return {
        "gas_output_bcm_per_year": planned_gas_bcm_per_year(world),
        "innovation_platforms": world.lever("innovation_platforms"),
        "green_industry_output_cny": green,
        "schedule_slippage_quarters": world.control.slippage_quarters,
        "support_and_loans_cny": support,
        "smaller_support_and_loans_cny": smaller,
        "so2_t": so2,
        "nox_t": nox,
        "dust_t": dust,
        "co_pollutants_t": so2 + nox + dust,
    }


def planned_gas_bcm_per_year(world: World) -> float:
    """Return the gas that the plan lets come out of the ground, bcm/yr; nan where it sets none (I06, L32).

    Fields and wells are not modelled: the plan's output is also the supply that SM11 rations.
    """
    supply = world.lever("gas_supply_bcm_per_year")
    return float("nan") if supply >= registry.levers()["gas_supply_bcm_per_year"].neutral else supply
