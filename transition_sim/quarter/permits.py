"""Phase 3, clinker: the review of new kilns, the swap of permits, and works that must close (SM11)."""

import numpy as np

from transition_sim.agents.applications import sector_utilisation
from transition_sim.agents.levelised import support_share
from transition_sim.core.kernels import compiled, entered
from transition_sim.quarter.funding import Projects
from transition_sim.quarter.government import eligible_permits, replacement_ratio
from transition_sim.world.assets import relink
from transition_sim.world.markets.capacity_permits import allowed_new_t
from transition_sim.world.policy.access import approve
from transition_sim.world.policy.phase_out import kiln_measures, specific_energy_kgce_per_t
from transition_sim.world.state import ACTIVE, NO_DEADLINE, OUTCOMES, RETIRED, UNSET
from transition_sim.world.world import World

NO_ACCESS, NO_PERMIT = OUTCOMES.index("no_access"), OUTCOMES.index("no_permit")
CLINKER_PRICE_CNY_PER_T = 300.0
"""What works without kilns pay for clinker, the western China mean of 2020 [K]."""


@compiled
def orders_with_permit(choices, technologies):
    """Return the choices that order equipment which needs a permit: kilns."""
    rows, n = np.empty(choices.size, np.int64), 0
    for row in range(choices.size):
        if choices[row].is_order and technologies[choices[row].chosen].needs_permit > 0:
            rows[n] = row
            n += 1
    return rows[:n]


def additions_need_permits(world: World) -> bool:
    """Return whether a new line must bring retired permits: under the ban (L10), or a ratio above 1 for 1 (L09)."""
    return world.lever("new_clinker_ban") > 0 or world.lever("replacement_ratio") > 1.0


def check_permits(world: World, projects: Projects) -> None:
    """Refuse new kilns for which no permit can be had (L09, L10), or that add to a saturated sector (L13)."""
    rows = orders_with_permit(projects.choices, world.reference.technologies)
    if rows.size == 0:
        return
    n, sector = rows.size, world.constants.sector[projects.choices["enterprise"][rows]]
    added = np.where(projects.choices["replaces"][rows], 0.0, projects.choices["capacity_unit_per_year"][rows])
    production, finance = world.state["production"], world.state["finance"]
    use = sector_utilisation(production, finance, world.constants.sector, world.constants.n_sectors)
    approved = approve(
        world.constants.is_reviewed[sector], np.zeros(n), np.zeros(n), world.lever("access_strictness"),
        use[sector], world.parameter("access_saturation_share"), added,
    )  # fmt: skip
    projects.outcome[rows[~approved]] = NO_ACCESS
    enterprise = projects.choices["enterprise"][rows]
    held = world.permits.retired_t_per_year()[enterprise]
    own = np.where(projects.choices["replaces"][rows], world.permits.permitted_t_per_year[enterprise], 0.0)
    has_none = (own + held <= 0) & (additions_need_permits(world) | projects.choices["replaces"][rows])
    projects.outcome[rows[has_none]] = NO_PERMIT


def limit_to_permits(world: World, choices: np.ndarray) -> bool:
    """Cut chosen kilns to what permits allow before anybody asks for money (SM11, A28); tell whether there are any.

    R times the new must retire.
    Capacity, capital cost and the subsidy applied for fall together. Where there is no permit at all the choice stays
    as it is and is refused by ``check_permits``.
    """
    technologies = world.reference.technologies
    rows = orders_with_permit(choices, technologies)
    is_limited = rows.size > 0 and additions_need_permits(world)
    for row in rows:
        choice = choices[row]
        i, wanted = int(choice["enterprise"]), float(choice["capacity_unit_per_year"])
        own = float(world.permits.permitted_t_per_year[i]) if choice["replaces"] else 0.0
        if not (choice["replaces"] or is_limited):
            continue
        allowed = allowed_new_t(True, own + world.permits.held_t(i), replacement_ratio(world))
        if not 0.0 < allowed < wanted:
            continue
        capex = float(choice["capex_cny"]) * allowed / wanted
        share = support_share(technologies["is_green"][choice["chosen"]], capex, world.params[0], world.levers[0])
        choice["capacity_unit_per_year"], choice["capex_cny"], choice["subsidy_cny"] = allowed, capex, share * capex
    return rows.size > 0


def swap_permits(world: World, chosen: np.ndarray) -> None:
    """Swap the permits of replaced and added kilns at the ratio (L09) and write the capacities to order.

    A kiln that only adds is granted where neither ratio nor ban asks for retired permits (``additions_need_permits``).
    After ``limit_to_permits`` the capacities are those that were financed.
    """
    capacity = chosen["capacity_unit_per_year"]
    technologies, permits = world.reference.technologies, world.permits
    for row in orders_with_permit(chosen, technologies):
        i = int(chosen["enterprise"][row])
        wanted = float(capacity[row])
        if chosen["replaces"][row]:
            old = float(permits.permitted_t_per_year[i])
            capacity[row] = permits.replace(i, old, wanted, replacement_ratio(world), world.quarter)
        elif additions_need_permits(world):
            ratio = replacement_ratio(world)
            capacity[row] = min(wanted, permits.held_t(i) / ratio)
            permits.issue_new(i, float(capacity[row]), ratio)
        else:
            permits.grant(i, wanted, is_banned=False)
        copy_permits(world)


def close_overdue(world: World, slots: np.ndarray) -> None:
    """Close equipment whose deadline has passed and that is not replaced (L12, L57).

    Of a kiln slot the lines above the limit go, of a boiler slot the small coal boilers; the rest runs on, and is
    told anew where a later limit reaches it.
    """
    state, technologies = world.state, world.reference.technologies
    limit = world.lever("efficiency_limit_kgce_per_t")
    for s in slots:
        i, is_kiln = int(state.slots["enterprise"][s]), state.slots["service"][s] == world.constants.clinker_service
        first, last = int(state.slot_start[i]), int(state.slot_start[i + 1])
        fuel, elec, own = kiln_measures(s, first, last, state.slots, state.assets, technologies)
        closed = 0.0
        for a in _active_list(world, int(s)):
            asset = state.assets[a]
            kind = technologies[asset["technology"]]
            if is_kiln:
                kgce = specific_energy_kgce_per_t(
                    kind["fuel_gj_per_unit"] * fuel, kind["elec_gj_per_unit"] * elec - own
                )
                must_go = kgce > limit
            else:
                must_go = kind["is_coal_boiler_small"] > 0
            if must_go:
                state.assets["status"][a], state.assets["dies_quarter"][a] = RETIRED, world.quarter
                closed += float(asset["capacity_unit_per_year"])
        _relink(world, int(s))
        state.slots["deadline_quarter"][s] = NO_DEADLINE
        if is_kiln and closed > 0:
            _give_up_clinker(world, int(s), closed)


def _active_list(world: World, s: int) -> list[int]:
    assets, rows = world.state.assets, []
    a = int(world.state.slots["first_asset"][s])
    while a >= 0:
        if assets["status"][a] == ACTIVE:
            rows.append(a)
        a = int(assets["next_asset"][a])
    return rows


def _relink(world: World, s: int) -> None:
    """Bring the slot up to date, and have it looked at when equipment is commissioned: its neighbours see it then."""
    state = world.state
    slot = state.slots[s]
    relink(slot, state.assets, world.reference.technologies, world.parameter("hazard_age_start_share"))
    slot["due_quarter"] = world.quarter


def close_dead_kilns(world: World) -> None:
    """Let works whose kiln is at its end and not replaced grind bought clinker: no clinker is made without a kiln."""
    slots = world.state.slots
    while (s := next_dead_kiln(world.constants.kiln_slots, slots)) >= 0:
        _give_up_clinker(world, s, float(world.permits.permitted_t_per_year[slots["enterprise"][s]]))


@entered
def next_dead_kiln(kilns, slots):
    """Return the first kiln that has no equipment, none on order, and a demand for clinker; -1 without any."""
    for s in kilns:
        slot = slots[s]
        is_empty = slot.first_asset == UNSET and slot.pending_asset == UNSET
        if is_empty and slot.is_forced and slot.unit_per_cny > 0.0:
            return s
    return -1


def _give_up_clinker(world: World, s: int, closed_t: float) -> None:
    """Retire the permit of closed lines; works that have no kiln left grind clinker that they buy."""
    state, i = world.state, int(world.state.slots["enterprise"][s])
    held = min(closed_t, float(world.permits.permitted_t_per_year[i]))
    year = world.clock.year(world.quarter)
    world.permits.retire(i, held, world.quarter, bool(eligible_permits(world, year)[i]))
    copy_permits(world)
    world.recorder.event(world.quarter, "line_closed", world.labels["enterprises"][i], held, "t/yr")
    if state.slots["first_asset"][s] == UNSET:
        tonnes_per_cny = float(state["production"]["clinker_t_per_cny"][i])
        state.slots["unit_per_cny"][s] = 0.0
        state["production"]["clinker_t_per_cny"][i] = 0.0
        state["prices"]["other_cost_index"][i] += tonnes_per_cny * CLINKER_PRICE_CNY_PER_T


def copy_permits(world: World) -> None:
    """Write the permits into the table that production reads."""
    world.state["production"]["clinker_permit_t_per_year"] = world.permits.permitted_t_per_year
