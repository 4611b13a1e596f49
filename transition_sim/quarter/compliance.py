"""Phase 3, the efficiency limit: what works do to keep a kiln that is above it (L12, SM11)."""

import numpy as np

from transition_sim.agents.levelised import support_share
from transition_sim.agents.seen_options import SeenOptions
from transition_sim.core.kernels import compiled, entered
from transition_sim.world.markets.capacity_permits import annuity_years
from transition_sim.world.policy.phase_out import kiln_measures, specific_energy_kgce_per_t
from transition_sim.world.state import NO_DEADLINE, UNSET
from transition_sim.world.world import World

KEEP = -1
MARGIN_RATE_PER_YEAR = 0.10
"""Discount rate of the margin that a closed line would lose [A]."""
MARGIN_YEARS = 10.0


def look_at_retrofits(world: World, trigger: np.ndarray, forced: int) -> tuple[bool, bool]:
    """Let works that have been told look at every measure that lowers the energy of the kiln.

    Returns
    -------
    is_any_told, has_any : bool
        Some works have been told; some of them look.
    """
    state = world.state
    return look_at_measures(
        world.constants.kiln_slots, state.slots, state.slot_start, world.reference.technologies, trigger, forced
    )


@entered
def look_at_measures(kilns, slots, slot_start, technologies, trigger, forced):
    """Mark measures that kilns with a deadline lack and that would lower their energy; tell whether there are any."""
    is_any_told = has_any = False
    for s in kilns:
        i, is_told = slots[s].enterprise, slots[s].deadline_quarter < NO_DEADLINE
        is_any_told |= is_told
        for m in range(slot_start[i], slot_start[i + 1] if is_told else slot_start[i]):
            slot = slots[m]
            is_free = slot.host == s and slot.first_asset == UNSET and slot.pending_asset == UNSET
            if is_free and saves_energy(technologies, slot.service):
                slot.is_looking = slot.is_forced = True
                trigger[m], has_any = forced, True
    return is_any_told, has_any


def awaits_retrofit(world: World, slots: np.ndarray) -> np.ndarray:
    """Tell which kilns have a retrofit that saves energy on order: they are judged when it runs (SM11)."""
    state, technologies = world.state, world.reference.technologies
    measures = world.constants.kiln_measure_slots
    ordered = measures[state.slots["pending_asset"][measures] != UNSET]
    hosts = [state.slots["host"][m] for m in ordered if saves_energy(technologies, int(state.slots["service"][m]))]
    return np.isin(slots, hosts)


@compiled
def saves_energy(technologies, service):
    """Tell whether a measure lowers the comprehensive energy of its kiln."""
    for k in range(technologies.size):
        kind = technologies[k]
        if kind.service == service and (kind.host_fuel_factor < 1.0 or kind.own_elec_gj_per_unit > 0.0):
            return True
    return False


@compiled
def measures_left_out(choices, slots, clinker_service):
    """Return the choices not to take a measure on a kiln that has been told, where there was one to take."""
    rows, n = np.empty(choices.size, np.int64), 0
    for r in range(choices.size):
        host = slots[choices[r].slot].host
        if host < 0 or choices[r].chosen != KEEP or choices[r].n_options <= 1:
            continue
        if slots[host].service == clinker_service and slots[host].deadline_quarter < NO_DEADLINE:
            rows[n] = r
            n += 1
    return rows[:n]


def choose_compliance(world: World, choices: np.ndarray, options: SeenOptions) -> None:
    """Turn keeping into the retrofit where it costs less than the margin that closing would lose.

    The choice of SM06 weighs a retrofit by its own saving; a line that must retrofit or close weighs it against the
    line. Where one measure is not enough, further ones are taken until the line passes with all that is on the way.
    """
    slots, technologies = world.state.slots, world.reference.technologies
    left_out = measures_left_out(choices, slots, world.constants.clinker_service)
    if not left_out.size:
        return
    limit = world.lever("efficiency_limit_kgce_per_t")
    hosts = slots["host"][choices["slot"]]
    on_the_way: dict[int, list[int]] = {
        s: [int(choices["chosen"][r]) for r in np.flatnonzero((hosts == s) & choices["is_order"])] + _ordered(world, s)
        for s in set(hosts[left_out].tolist())
    }
    for row in left_out:
        m, s = int(choices["slot"][row]), int(hosts[row])
        if not saves_energy(technologies, int(slots["service"][m])):
            continue
        if _energy_with(world, s, on_the_way[s]) <= limit:
            continue
        k = int(options.listed["technology"][options.first[row] + 1])
        _take(world, choices[row : row + 1], s, k)
        if choices["is_order"][row]:
            on_the_way[s].append(k)


def _ordered(world: World, s: int) -> list[int]:
    """Return the technologies of measures on a kiln that are ordered and not yet there."""
    slots, assets = world.state.slots, world.state.assets
    rows = world.constants.kiln_measure_slots
    pending = slots["pending_asset"][rows[slots["host"][rows] == s]]
    return [int(assets["technology"][a]) for a in pending if a >= 0]


def _energy_with(world: World, s: int, measures: list[int]) -> float:
    """Return the specific energy of the worst line of a kiln slot, kgce/t, with measures that are on the way."""
    state, technologies = world.state, world.reference.technologies
    i = int(state.slots["enterprise"][s])
    first, last = int(state.slot_start[i]), int(state.slot_start[i + 1])
    fuel, elec, own = kiln_measures(s, first, last, state.slots, state.assets, technologies)
    for k in measures:
        kind = technologies[k]
        fuel *= float(kind["host_fuel_factor"]) * (1.0 - float(kind["fuel_switch_share"]))
        elec *= float(kind["host_elec_factor"])
        own += float(kind["own_elec_gj_per_unit"])
    worst, a = 0.0, int(state.slots["first_asset"][s])
    while a >= 0:
        asset = state.assets[a]
        kind = technologies[asset["technology"]]
        gj = kind["fuel_gj_per_unit"] * fuel, kind["elec_gj_per_unit"] * elec - own
        worst = max(worst, specific_energy_kgce_per_t(*gj))
        a = int(asset["next_asset"])
    return worst


def _take(world: World, choice: np.ndarray, s: int, k: int) -> None:
    """Write the retrofit into the choice if the margin of the line is worth it."""
    state, technology = world.state, world.reference.technologies[k]
    i, capacity = int(state.slots["enterprise"][s]), float(state.slots["capacity_unit_per_year"][s])
    capex = capacity * float(technology["capex_cny_per_unit"]) * float(state.technology_capex_factor[k])
    price, cost = state["prices"]["price_index"][i], state["prices"]["unit_cost_index"][i]
    margin = 4.0 * float(state["production"]["expected_orders_cny"][i]) * max(0.0, float(price - cost))
    if capex > margin * float(annuity_years(MARGIN_YEARS, MARGIN_RATE_PER_YEAR)):
        return
    share = support_share(technology["is_green"], capex, world.params[0], world.levers[0])
    choice["chosen"], choice["runner_up"], choice["is_order"], choice["replaces"] = k, KEEP, True, False
    choice["capacity_unit_per_year"], choice["capex_cny"], choice["subsidy_cny"] = capacity, capex, share * capex
