"""Phase 2: what enterprises expect of prices and policy (SM16)."""

import numpy as np

from transition_sim.world.expectations import (
    anticipation_hazard,
    expected_lever,
    relative_loss_of_support,
    smooth,
    update_credibility,
    update_expected_prices,
)
from transition_sim.world.markets.tariffs import surcharge_cny_per_mwh
from transition_sim.world.state import SOE
from transition_sim.world.world import World

CAPITAL_SHARE_OF_COST = 0.5
"""Capital in the levelised cost of green equipment, for the rush before support ends [A]."""
COUNTED_YEARS = 10
"""Years of an announced carbon price that enterprises look at [A]."""
SUPPORT_LEVERS = ("capex_subsidy_share", "tax_credit_share")


def form(world: World) -> None:
    """Smooth expected prices of fuels and power, and move the credibility of policy at the turn of the year."""
    state, params = world.state, world.params
    update_expected_prices(state.expected_cny_per_gj, state.carrier_cny_per_gj, params)
    speed = np.where(state["finance"]["ownership"] == SOE, params[0]["expectation_speed_soe"], params[0]["expectation_speed"])
    world.tariffs.expected_cny_per_mwh = smooth(world.tariffs.expected_cny_per_mwh, mean_tariff(world), speed)
    if world.quarter_of_year == 0 and world.quarter >= 4:
        kept = bool(world.lever_path[world.quarter] != world.lever_path[world.quarter - 4])
        world.credibility = update_credibility(world.credibility, float(kept), 0.0, params)


def mean_tariff(world: World) -> np.ndarray:
    """Return the mean tariff of the last four quarters with the surcharges of this one, CNY/MWh, shape (N,)."""
    by_shape = world.tariffs.shape_cny_per_mwh.mean(axis=0)
    return (
        by_shape[world.state["conduct"]["load_shape"]]
        - world.constants.voltage * high_voltage_discount(world)
        + surcharges(world)
    )


def high_voltage_discount(world: World) -> float:
    """Return what large enterprises pay less for the network, CNY/MWh."""
    p = world.params[0]
    return 1e3 * float(p["tariff_network_10kv_cny_per_kwh"] - p["tariff_network_110kv_cny_per_kwh"])


def surcharges(world: World) -> np.ndarray:
    """Return differential and punitive surcharges of every enterprise, CNY/MWh, shape (N,) (L16, L18)."""
    tariffs, result = world.tariffs, np.zeros(world.state.n_enterprises)
    rates = [
        world.lever(key)
        for key in (
            "differential_restricted_cny_per_kwh", "differential_eliminated_cny_per_kwh", "punitive_low_cny_per_kwh",
            "punitive_high_cny_per_kwh",
        )
    ]  # fmt: skip
    flagged = tariffs.is_restricted | tariffs.is_eliminated | (tariffs.excess_over_quota_share > 0)
    for i in np.flatnonzero(flagged):
        result[i] = surcharge_cny_per_mwh(
            tariffs.is_restricted[i], tariffs.is_eliminated[i], tariffs.excess_over_quota_share[i], *rates
        )
    return result


def expected_carbon_cny_per_tco2(world: World) -> float:
    """Return the carbon price that enterprises count on: announced over the next years, weighed by credibility."""
    path = world.lever_path["carbon_price_floor_cny_per_tco2"]
    ahead = path[world.quarter : world.quarter + 4 * COUNTED_YEARS]
    return expected_lever(world.credibility, float(ahead.mean()), world.lever("carbon_price_floor_cny_per_tco2"))


def salience(world: World) -> float:
    """Return the salience of policy: 1 while a lever has moved within a year, else 0."""
    first = max(0, world.quarter - 4)
    past = world.lever_path[first : world.quarter + 1]
    return float(bool((past != past[-1]).any()))


def anticipation_per_year(world: World) -> float:
    """Return what announced ends of support add to or take from the hazard, 1/yr (SM16)."""
    p, total = world.params[0], 0.0
    window = int(p["anticipation_quarters"])
    for key in SUPPORT_LEVERS:
        path = world.lever_path[key]
        for end in range(max(1, world.quarter - window + 1), min(path.size, world.quarter + window + 1)):
            fall = path[end - 1] - path[end]
            if fall > 0:
                loss = relative_loss_of_support(CAPITAL_SHARE_OF_COST, min(0.9, fall))
                total += float(
                    anticipation_hazard(world.quarter, end, loss, p["hazard_anticipation_per_year"], window)
                )
    return total
