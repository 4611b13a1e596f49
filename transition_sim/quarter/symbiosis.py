"""Phases 6 and 11: by-products that flow, links that form and end, recyclables, main resources (SM18, L41, L42)."""

import numpy as np

from transition_sim.core.errors import ConservationError
from transition_sim.core.units import GJ_PER_TCE
from transition_sim.scenarios import registry
from transition_sim.scenarios.by_products import by_products
from transition_sim.world.symbiosis import exchange as flows
from transition_sim.world.symbiosis.links import (
    break_links,
    earn_trust,
    end_links,
    form_links,
    next_collected_share,
    programme_share,
    recovery_share,
)
from transition_sim.world.symbiosis.pairs import CNY_PER_10K
from transition_sim.world.world import World

EVENTS = ("by_product_link", "by_product_ended", "by_product_broken")
NOT_FOSSIL = ("biomass", "rdf", "heat", "electricity")
"""Carriers that are no fossil fuel taken from nature in the place."""
IS_OTHER = np.isin(registry.carrier_ids(), NOT_FOSSIL).astype(float)
IS_FOSSIL = 1.0 - IS_OTHER
HEAT, WATER = (list(by_products()).index(name) for name in ("heat", "water"))


def exchange(world: World) -> None:
    """Let by-products flow over the links of the quarter, before energy is used."""
    state, symbiosis = world.state, world.symbiosis
    generation = world.power.quarter.generation_mwh
    plant_mwh = generation[symbiosis.plants] if generation.size else np.zeros(symbiosis.plants.size)
    if symbiosis.linked.size:
        _break(world)
    flows.flow_over_links(
        symbiosis.linked, symbiosis.pairs, symbiosis.ends, symbiosis.products, symbiosis.host_slot,
        symbiosis.kept_share, symbiosis.new_share, state.slots, state.assets, world.reference.technologies,
        world.constants.scope1_tco2_per_gj, world.constants.process.clinker_tco2_per_t, state["production"],
        state["finance"], state["flows"], plant_mwh, world.quarter_of_year == 0, landfill_charge(world),
        _platform_saving(world), symbiosis.sums, symbiosis.by_product,
    )  # fmt: skip
    check(world)
    _post(world, symbiosis.sums)


def check(world: World) -> None:
    """Check that nobody gave more than it had, nor took more than it could (B03).

    Raises
    ------
    ConservationError
    """
    overdrawn = world.symbiosis.sums.item(flows.OVERDRAWN)
    if overdrawn > 0.0:
        raise ConservationError("B03 by-products", overdrawn, "unit", world.label)


def landfill_charge(world: World) -> float:
    """Return what solid waste that is not used pays beside the tax of the base year, CNY/t (L41)."""
    return world.lever("solid_waste_use_share") * float(world.params[0]["landfill_charge_full_cny_per_t"])


def _platform_saving(world: World) -> float:
    return world.lever("circular_park_share") * float(world.params[0]["symbiosis_platform_cost_share"])


def _post(world: World, sums: np.ndarray) -> None:
    """Post what links leave in all, and the charge on landfill; what partners pay each other stays in one account."""
    post = world.ledger.post
    post("by-products", "enterprises", "rest_of_world", float(sums[flows.NET_FIRMS_CNY]))
    post("by-products", "power_utility", "rest_of_world", float(sums[flows.NET_PLANTS_CNY]))
    post("landfill charge", "enterprises", "treasury", float(sums[flows.CHARGE_FIRMS_CNY]))
    post("landfill charge", "power_utility", "treasury", float(sums[flows.CHARGE_PLANTS_CNY]))


# --- links ----------------------------------------------------------------------------------------------------------


def renew(world: World) -> None:
    """Once a year let links end and form, and recyclables be collected."""
    if world.frozen or world.quarter_of_year != 3:
        return
    symbiosis, p = world.symbiosis, world.params[0]
    if symbiosis.linked.size:
        _review(world)
    _form(world)
    symbiosis.collected_share = next_collected_share(
        symbiosis.collected_share, world.lever("solid_waste_use_share"), _metal_price(world),
        float(p["recyclables_base_share"]), float(p["recyclables_full_share"]), float(p["recyclables_speed_per_year"]),
        float(p["recyclables_price_elasticity"]),
    )  # fmt: skip


def _break(world: World) -> None:
    """Break the links of those who closed since the last look: nobody opens again."""
    symbiosis = world.symbiosis
    n_alive = int(np.count_nonzero(world.state["finance"]["is_alive"]))
    if n_alive == symbiosis.n_alive:
        return
    symbiosis.n_alive = n_alive
    n = break_links(
        symbiosis.linked, symbiosis.pairs, symbiosis.ends, world.state["finance"], symbiosis.earned_trust,
        world.params[0]["symbiosis_trust_loss"], symbiosis.happened,
    )  # fmt: skip
    _note(world, EVENTS[2], n)


def _review(world: World) -> None:
    """Let success earn trust, and end what no longer pays."""
    symbiosis, p = world.symbiosis, world.params[0]
    earn_trust(
        symbiosis.linked, symbiosis.pairs, symbiosis.ends, symbiosis.earned_trust,
        p["symbiosis_trust_growth_per_year"], p["symbiosis_trust_earned_max"], symbiosis.is_partner,
    )  # fmt: skip
    n = end_links(
        symbiosis.linked, symbiosis.pairs, symbiosis.ends, symbiosis.products, world.state.slots,
        landfill_charge(world), symbiosis.happened,
    )  # fmt: skip
    _note(world, EVENTS[1], n)


def _form(world: World) -> None:
    """Let pairs that a programme reaches agree on links."""
    symbiosis, p = world.symbiosis, world.params[0]
    platforms = world.lever("circular_park_share")
    reached = programme_share(world.lever("solid_waste_use_share"), platforms)
    if reached <= 0.0:
        return
    n = form_links(
        symbiosis.pairs, symbiosis.ends, symbiosis.products,
        recovery_share(float(p["symbiosis_rate_per_year"]), symbiosis.products["life_years"]), world.state.slots,
        world.state["finance"], symbiosis.earned_trust, p["symbiosis_trust_start"],
        platforms * p["symbiosis_platform_trust"], _platform_saving(world), reached, p["symbiosis_speed_per_year"],
        landfill_charge(world), world.quarter, world.uniforms("symbiosis", symbiosis.pairs.size), symbiosis.happened,
    )  # fmt: skip
    _note(world, EVENTS[0], n)


def _note(world: World, kind: str, n: int) -> None:
    """Note what happened to so many pairs as one event, and list the links anew."""
    if n == 0:
        return
    symbiosis = world.symbiosis
    world.recorder.event(world.quarter, kind, world.scenario.place.id, float(n), "links")
    old = symbiosis.linked[symbiosis.pairs["is_linked"][symbiosis.linked]]
    new = symbiosis.happened[:n].copy() if kind == EVENTS[0] else symbiosis.happened[:0]
    symbiosis.linked = np.concatenate([old, new])


def _metal_price(world: World) -> float:
    """Return the price of metals by shares of sales, base year = 1; 1 where nobody makes any."""
    rows = world.symbiosis.metal_rows
    share = world.state["production"]["final_share"][rows]
    whole = share.sum()
    return float(share @ world.state["prices"]["price_index"][rows] / whole) if whole > 0 else 1.0


# --- what is recorded -----------------------------------------------------------------------------------------------


def columns(world: World, made_t: float) -> dict[str, float]:
    """Return what the place table keeps of by-products, recyclables and main resources.

    Parameters
    ----------
    made_t : float
        Clinker of the quarter.
    """
    symbiosis, sums = world.symbiosis, world.symbiosis.sums
    years = 0.0 if world.frozen else world.decimal_year - world.scenario.place.base_year
    growth = (1.0 + world.parameter("recyclables_growth_per_year")) ** years
    arisen = symbiosis.people * world.parameter("recyclables_t_per_person") * growth
    amounts = symbiosis.by_product
    solid = symbiosis.is_solid @ amounts
    rubble_t, rubble_used_t, rubble_more_t = _rubble_t(world)
    return {
        "circular_park_share": world.lever("circular_park_share"),
        "by_product_links": float(symbiosis.linked.size),
        "waste_heat_gj": amounts.item(HEAT, flows.MADE),
        "waste_heat_used_gj": amounts.item(HEAT, flows.USED),
        "waste_water_t": amounts.item(WATER, flows.MADE),
        "waste_water_used_t": amounts.item(WATER, flows.USED),
        "solid_waste_t": solid.item(flows.MADE),
        "solid_waste_used_t": solid.item(flows.USED),
        "landfill_charge_cny": float(sums[flows.CHARGE_FIRMS_CNY] + sums[flows.CHARGE_PLANTS_CNY]),
        "by_product_saving_tce": sums.item(flows.AVOIDED_TCE),
        "by_product_saving_tco2": sums.item(flows.AVOIDED_TCO2),
        "rubble_t": rubble_t,
        "rubble_used_t": rubble_used_t,
        "recyclables_used_t": 0.25 * float(arisen) * symbiosis.collected_share,
        "main_resources_t": _main_resources_t(world, made_t, rubble_more_t),
    }


def _rubble_t(world: World) -> tuple[float, float, float]:
    """Return rubble of the quarter, what of it is recycled, and what of that a programme adds, t (L41)."""
    rubble = 0.25 * world.parameter("rubble_t_per_m2") * world.city.demolished_m2
    base, full = world.parameter("rubble_used_base_share"), world.parameter("rubble_used_full_share")
    added = (full - base) * world.lever("solid_waste_use_share")
    return rubble, (base + added) * rubble, added * rubble


def _main_resources_t(world: World, made_t: float, rubble_more_t: float) -> float:
    """Return the main resources that the place takes from nature in a quarter, t (I50).

    Fuels and feedstock of enterprises and the city as standard coal, raw meal of clinker, stone and clay of other
    building materials less the waste and rubble in their place. Fuel of power plants is not in it: power is traded.
    """
    symbiosis, total = world.symbiosis, world.notes.energy
    power_mwh = total["purchased_mwh"] + total["roof_used_mwh"]
    enterprises_tce = total["energy_calorific_tce"] - power_mwh * world.parameter("tce_per_mwh_calorific")
    other_gj = world.notes.fuel_gj @ IS_OTHER - world.city.fuel_gj @ IS_FOSSIL
    stone = float(world.state["production"]["output_cny"][symbiosis.stone_rows].sum()) / CNY_PER_10K
    stone_t = stone * world.parameter("building_raw_t_per_10k_cny") - symbiosis.sums.item(flows.STONE_T) - rubble_more_t
    return (
        enterprises_tce
        - float(other_gj) / GJ_PER_TCE
        + world.parameter("raw_meal_t_per_t_clinker") * made_t
        + max(0.0, stone_t)
    )
