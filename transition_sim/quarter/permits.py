"""Phase 3, clinker: the review of new kilns, the swap of permits, and works that must close (SM11)."""

import numpy as np

from transition_sim.quarter.funding import Projects
from transition_sim.quarter.growth import sector_utilisation
from transition_sim.quarter.government import eligible_permits
from transition_sim.world.policy.access import approve
from transition_sim.world.policy.phase_out import specific_energy_kgce_per_t
from transition_sim.world.state import ACTIVE, OUTCOMES, RETIRED, UNSET
from transition_sim.world.world import World

NO_ACCESS, NO_PERMIT = OUTCOMES.index("no_access"), OUTCOMES.index("no_permit")
CLINKER_PRICE_CNY_PER_T = 300.0
"""What works without kilns pay for clinker, the western China mean of 2020 [K]."""


def check_permits(world: World, projects: Projects) -> None:
    """Refuse new kilns that fail the review of energy (L13) or for which no permit can be had (L10).

    The review judges fuel: the access value of the catalogue is a fuel figure; a swap adds no capacity.
    """
    technologies, chosen = world.reference.technologies, projects.choices["chosen"]
    rows = np.flatnonzero(technologies["needs_permit"][chosen] > 0)
    if rows.size == 0:
        return
    n, sector = rows.size, world.constants.sector[projects.choices["enterprise"][rows]]
    kgce = np.array([specific_energy_kgce_per_t(technologies["fuel_gj_per_unit"][k], 0.0) for k in chosen[rows]])
    approved = approve(
        world.constants.is_reviewed[sector], kgce, np.full(n, world.parameter("access_benchmark_kgce_per_t")),
        world.lever("access_strictness"), sector_utilisation(world)[sector],
        world.parameter("access_saturation_share"), np.zeros(n),
    )  # fmt: skip
    projects.outcome[rows[~approved]] = NO_ACCESS
    enterprise = projects.choices["enterprise"][rows]
    held = world.permits.retired_t_per_year()[enterprise]
    own = np.where(projects.choices["replaces"][rows], world.permits.permitted_t_per_year[enterprise], 0.0)
    has_none = (own + held <= 0) & ((world.lever("new_clinker_ban") > 0) | projects.choices["replaces"][rows])
    projects.outcome[rows[has_none]] = NO_PERMIT


def swap_permits(world: World, chosen: np.ndarray) -> np.ndarray:
    """Swap the permits of replaced kilns at the ratio (L09) and return the capacities to order, unit/yr.

    A kiln that only adds is granted while there is no ban; under it the enterprise needs retired permits (L10).
    """
    capacity = chosen["capacity_unit_per_year"].copy()
    technologies, permits = world.reference.technologies, world.permits
    ratio = max(1.0, world.lever("replacement_ratio"))
    for row in np.flatnonzero(technologies["needs_permit"][chosen["chosen"]] > 0):
        i = int(chosen["enterprise"][row])
        wanted, is_banned = float(capacity[row]), world.lever("new_clinker_ban") > 0
        if chosen["replaces"][row]:
            old = float(permits.permitted_t_per_year[i])
            capacity[row] = permits.replace(i, old, wanted, ratio, world.quarter)
        elif is_banned:
            capacity[row] = min(wanted, permits.held_t(i) / ratio)
            permits.issue_new(i, float(capacity[row]), ratio)
        else:
            permits.grant(i, wanted, is_banned=False)
        copy_permits(world)
    return capacity


def close_kilns(world: World, slots: np.ndarray) -> None:
    """Close equipment that may not stay and cannot be replaced; works without kilns grind bought clinker."""
    state = world.state
    for s in slots:
        a = int(state.slots["first_asset"][s])
        while a >= 0:
            if state.assets["status"][a] == ACTIVE:
                state.assets["status"][a], state.assets["retired_quarter"][a] = RETIRED, world.quarter
            a = int(state.assets["next_asset"][a])
        state.slots["first_asset"][s] = state.slots["main_technology"][s] = UNSET
        state.slots["capacity_unit_per_year"][s] = 0.0
        if state.slots["service"][s] == world.constants.clinker_service:
            _end_clinker(world, int(s))


def _end_clinker(world: World, s: int) -> None:
    state, i = world.state, int(world.state.slots["enterprise"][s])
    tonnes_per_cny = float(state["production"]["clinker_t_per_cny"][i])
    year = world.clock.year(world.quarter)
    held = float(world.permits.permitted_t_per_year[i])
    world.permits.retire(i, held, world.quarter, bool(eligible_permits(world, year)[i]))
    copy_permits(world)
    state.slots["unit_per_cny"][s] = 0.0
    state["production"]["clinker_t_per_cny"][i] = 0.0
    state["prices"]["other_cost_index"][i] += tonnes_per_cny * CLINKER_PRICE_CNY_PER_T
    world.recorder.event(world.quarter, "line_closed", world.labels["enterprises"][i], held, "t/yr")


def copy_permits(world: World) -> None:
    """Write the permits into the table that production reads."""
    world.state["production"]["clinker_permit_t_per_year"] = world.permits.permitted_t_per_year
