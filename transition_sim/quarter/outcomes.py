"""Phase 12, outcomes beside sums: gas, platforms, green industry, delay, who gets support, air (I06, I25, I30 ...)."""

from transition_sim.quarter.budgets import NO_LIMIT_BCM
from transition_sim.scenarios import registry
from transition_sim.world.accounting.outcomes import co_pollutants_t
from transition_sim.world.totals import EnterpriseTotals
from transition_sim.world.world import World


def outcomes(world: World, sums: EnterpriseTotals) -> dict[str, float]:
    """Return the columns of the place table for I06, I25, I30, I33, I46 and I54."""
    power = world.power
    so2, nox, dust = co_pollutants_t(
        world.notes.fuel_gj, world.city.fuel_gj, power.fuel, power.quarter.generation_mwh,
        power.heat_rate_gj_per_mwh, power.is_local, registry.pollutant_table(),
    ).tolist()  # fmt: skip
    return {
        "gas_output_bcm_per_year": planned_gas_bcm_per_year(world),
        "innovation_platforms": world.lever("innovation_platforms"),
        "green_industry_output_cny": sums.green_industry_output_cny,
        "schedule_slippage_quarters": world.control.slippage_quarters,
        "support_and_loans_cny": sums.support_and_loans_cny,
        "smaller_support_and_loans_cny": sums.smaller_support_and_loans_cny,
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
    return float("nan") if supply >= NO_LIMIT_BCM else supply
