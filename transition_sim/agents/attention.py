"""When an enterprise looks at its options: inattention with triggers, and the cases in which it must (SM05)."""

from math import log

import numpy as np

from transition_sim.agents.hazards import happens
from transition_sim.agents.investment import GENERATION, SERVICE, planned_demand_unit
from transition_sim.agents.outlook import Firms
from transition_sim.agents.peers import Peers, adopters_share
from transition_sim.core.clock import QUARTERS_PER_YEAR, YEARS_PER_QUARTER
from transition_sim.core.kernels import lean, part
from transition_sim.world.state import ACTIVE, LARGE, SMALL, TRIGGERS

FORCED = 99
"""Trigger of a decision that cannot wait."""
_ANTICIPATION = len(TRIGGERS) - 1
# a capacity that was sized to the demand must not count as too small for rounding
_ROUNDING_SHARE = 1e-9
# costs that moved by less than a fifth changed by less than ln 1.25
_LITTLE_LESS, _LITTLE_MORE, _LITTLE_CHANGE = 0.8, 1.25, 0.2232


@part
def base_hazard(size_class, p):
    """Return the hazard of a regular review by size, 1/yr."""
    if size_class == SMALL:
        return p.hazard_base_small_per_year
    if size_class == LARGE:
        return p.hazard_base_large_per_year
    return p.hazard_base_per_year


@lean
def life_used_share(first_asset, assets, technologies, quarter):
    """Return the largest age over mean life among the active assets of a slot; 0 without any."""
    used = 0.0
    a = first_asset
    while a >= 0:
        asset = assets[a]
        if asset.status == ACTIVE:
            age_years = (quarter - asset.commissioned_quarter) / QUARTERS_PER_YEAR
            used = max(used, age_years / technologies[asset.technology].life_years)
        a = asset.next_asset
    return used


@part
def cost_change(slot):
    """Return |ln(cost now / cost four quarters ago)|; 0 while either is unknown."""
    now, before = slot.cost_cny_per_unit, slot.cost_4_cny_per_unit
    if now <= 0.0 or before <= 0.0 or now == before:
        return 0.0
    return abs(log(now / before))


@part
def hazard_parts(base_per_year, used_share, change, is_audited, salience, peer_share, buyer_pressure, p):
    """Return the seven parts of the hazard in the order of ``TRIGGERS``, 1/yr, before capability counts (SM05).

    Parameters
    ----------
    base_per_year : float
    used_share : float
        Age over mean life.
    change : float
        Absolute log change of the cost of the service over a year.
    is_audited : bool
    salience : float
        Of policy, 0 or more.
    peer_share : float
        Share of the peers that use green equipment for the service, 0 to 1.
    buyer_pressure : float
    p : record of the parameters
    """
    over = max(0.0, (used_share - p.hazard_age_start_share) / (1.0 - p.hazard_age_start_share))
    return (
        base_per_year,
        p.hazard_age_per_year * over,
        p.hazard_cost_per_year * change,
        p.hazard_audit_per_year if is_audited else 0.0,
        p.hazard_policy_per_year * salience,
        p.hazard_peer_per_year * peer_share,
        p.hazard_buyer_per_year * buyer_pressure,
    )


@lean
def is_decision_forced(slot, kind, planned_unit, quarter, notice_quarters):
    """Tell whether the enterprise must decide: dead, too small for its plans, or to be replaced by a date (SM05).

    Only services are needed: a measure or a device that is missing forces nobody. A date counts for any slot that
    has equipment.
    """
    is_empty = slot.first_asset < 0
    if not is_empty and slot.deadline_quarter - quarter <= notice_quarters:
        return True
    if kind != SERVICE or planned_unit <= 0.0:
        return False
    needed_unit_per_year = QUARTERS_PER_YEAR * planned_unit
    return is_empty or slot.capacity_unit_per_year < needed_unit_per_year * (1.0 - _ROUNDING_SHARE)


@lean
def is_resting(slot, quarter, reapply_quarters):
    """Tell whether an enterprise that had to decide, and did, waits before it takes up the same matter again.

    Who was refused by the bank does not come back every quarter; at the deadline it must.
    """
    if not slot.is_forced or slot.last_decision_quarter < 0 or slot.deadline_quarter <= quarter:
        return False
    return quarter - slot.last_decision_quarter < reapply_quarters


@lean
def can_look(slot, slots, kind, is_alive, planned_unit):
    """Tell whether there is anything to decide: alive, no order open, a service in use, a host with equipment."""
    if not is_alive or slot.pending_asset >= 0:
        return False
    if slot.host >= 0 and slots[slot.host].first_asset < 0:
        return False
    return kind != SERVICE or planned_unit > 0.0


@lean
def costs_moved_little(slot):
    """Tell without a logarithm that costs moved by less than a fifth."""
    now, before = slot.cost_cny_per_unit, slot.cost_4_cny_per_unit
    return _LITTLE_LESS * before <= now <= _LITTLE_MORE * before


@lean
def hazard_of(parts, capability, anticipation_per_year):
    """Return the hazard of its parts, 1/yr: at least 0."""
    total = parts[0]
    for k in range(1, len(parts)):
        total += parts[k]
    return max(0.0, (0.5 + capability) * total + anticipation_per_year)


@lean
def trigger_of(parts, capability, anticipation_per_year):
    """Return the index in ``TRIGGERS`` of the largest part of a hazard."""
    largest, most = 0, parts[0]
    for k in range(1, len(parts)):
        if parts[k] > most:
            largest, most = k, parts[k]
    return _ANTICIPATION if anticipation_per_year > (0.5 + capability) * most else largest


@lean
def _hears(firm, size_class, salience, anticipation_per_year, p):
    """Return the largest chance of a quarter that an enterprise looks at a slot of young equipment with steady costs.

    Whatever its peers do: what nearly every draw lies above is told once an enterprise.
    """
    most = hazard_parts(
        base_hazard(size_class, p), 0.0, _LITTLE_CHANGE, firm.audit_quarters_left > 0, salience, 1.0,
        firm.buyer_pressure, p,
    )  # fmt: skip
    return hazard_of(most, firm.capability, anticipation_per_year) * YEARS_PER_QUARTER


@lean
def _shortest_life_quarters(technologies):
    shortest = np.inf
    for k in range(technologies.size):
        shortest = min(shortest, QUARTERS_PER_YEAR * technologies[k].life_years)
    return shortest


@lean
def _age_adds(slot, capability, shortest_life_quarters, quarter, p):
    """Return the most that the age of its equipment adds to the chance of a quarter that an enterprise looks at a slot.

    Told from the quarter in which the first piece was old and the shortest life of all: most draws lie above it, and
    the equipment, elsewhere in memory, need not be asked for. Where that quarter is not known nothing is ruled out.
    """
    if slot.due_quarter <= 0:
        return 1.0
    over = (quarter - slot.ageing_quarter) / shortest_life_quarters / (1.0 - p.hazard_age_start_share)
    return p.hazard_age_per_year * over * (0.5 + capability) * YEARS_PER_QUARTER * (1.0 + _ROUNDING_SHARE)


@lean
def _review(slot, of, used, i, firms, salience, anticipation_per_year, peers, p, uniform):
    """Return (hazard, trigger) of a slot; (0, 0) where the uniform rules out that it looks whatever peers do.

    ``of`` is the host of a measure, else the slot itself.
    """
    conduct, base = firms.conduct[i], base_hazard(firms.finance[i].size_class, p)
    is_audited, pressure = conduct.audit_quarters_left > 0, conduct.buyer_pressure
    change = _LITTLE_CHANGE if costs_moved_little(of) else cost_change(of)
    most = hazard_parts(base, used, change, is_audited, salience, 1.0, pressure, p)
    if uniform > hazard_of(most, conduct.capability, anticipation_per_year) * YEARS_PER_QUARTER:
        return 0.0, 0
    share = adopters_share(i, slot.service, peers, p)
    parts = hazard_parts(base, used, cost_change(of), is_audited, salience, share, pressure, p)
    hazard = hazard_of(parts, conduct.capability, anticipation_per_year)
    return hazard, trigger_of(parts, conduct.capability, anticipation_per_year)


@lean
def _update(
    slots, assets, firms, technologies, services, peers, salience, anticipation_per_year, promotion, p, quarter,
    uniforms, hazard_per_year, trigger, looking,
):  # fmt: skip
    n_looking, at, heard, heard_of_roofs, of_roofs = 0, -1, 0.0, 0.0, 0.0
    shortest_life = _shortest_life_quarters(technologies)
    for s in range(slots.size):
        slot = slots[s]
        i, kind = slot.enterprise, services[slot.service].kind
        if i != at:
            at, of_roofs = i, salience[i] + promotion
            heard = _hears(firms.conduct[i], firms.finance[i].size_class, salience[i], anticipation_per_year, p)
            heard_of_roofs = _hears(firms.conduct[i], firms.finance[i].size_class, of_roofs, anticipation_per_year, p)
        planned_unit = planned_demand_unit(slot, firms.production[i]) if kind == SERVICE else 0.0
        rests = is_resting(slot, quarter, p.reapply_quarters)
        hazard_per_year[s], slot.is_looking, slot.is_forced, trigger[s] = 0.0, False, False, 0
        if not can_look(slot, slots, kind, firms.finance[i].is_alive, planned_unit):
            continue
        of = slots[slot.host] if slot.host >= 0 else slot
        is_old = quarter >= slot.ageing_quarter
        chance = heard_of_roofs if kind == GENERATION else heard
        if is_old:
            chance += _age_adds(slot, firms.conduct[i].capability, shortest_life, quarter, p)
        if uniforms[s] <= chance or not costs_moved_little(of):
            used = life_used_share(slot.first_asset, assets, technologies, quarter) if is_old else 0.0
            hazard_per_year[s], trigger[s] = _review(
                slot, of, used, i, firms, of_roofs if kind == GENERATION else salience[i], anticipation_per_year,
                peers, p, uniforms[s],
            )  # fmt: skip
        slot.is_forced = is_decision_forced(slot, kind, planned_unit, quarter, p.phase_out_quarters)
        slot.is_looking = (slot.is_forced and not rests) or happens(hazard_per_year[s], uniforms[s])
        if slot.is_looking:
            looking[n_looking] = s
            n_looking += 1
            if slot.is_forced:
                trigger[s] = FORCED
    return n_looking


@lean
def _call_update(
    slots, assets, firms, technologies, services, peers, salience, anticipation_per_year, params, levers, quarter,
    uniforms, hazard_per_year, trigger, looking,
):  # fmt: skip
    return _update(
        slots, assets, firms, technologies, services, peers, salience, anticipation_per_year,
        levers[0].rooftop_pv_promotion, params[0], quarter, uniforms, hazard_per_year, trigger, looking,
    )  # fmt: skip


def update_hazards(
    slots: np.ndarray,
    assets: np.ndarray,
    firms: Firms,
    technologies: np.ndarray,
    services: np.ndarray,
    peers: Peers,
    salience: np.ndarray | float,
    anticipation_per_year: float,
    params: np.ndarray,
    levers: np.ndarray,
    quarter: int,
    uniforms: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Write who looks at what this quarter and return who looks, and why (SM05).

    ``hazard = (base + age + cost + audit + policy + peers + buyers) (0.5 + capability) + anticipation``, at least 0.
    The age is that of the oldest equipment of the slot; a measure hears of costs through its host. Enterprises out of
    business, slots with an open order, services without demand and measures on an empty host do not look.

    Parameters
    ----------
    slots : structured array, shape (n_slots,)
        Writes ``is_looking``, ``is_forced``.
    assets, technologies, services : structured arrays
    firms : Firms
    peers : Peers
    salience : ndarray, shape (N,), or float
        Of policy, by enterprise or for all; the promotion of rooftop PV (L25) is added for roofs here.
    anticipation_per_year : float
        From an announced end of support, 1/yr; negative after it (see ``world.expectations``).
    params, levers : structured arrays, shape (1,)
    quarter : int
    uniforms : ndarray, shape (n_slots,)

    Returns
    -------
    rows : ndarray of int, shape (n_looking,)
        Slots that look, in order.
    trigger : ndarray of i1, shape (n_slots,)
        Index in ``TRIGGERS`` of the largest part of the hazard, 99 where the decision is forced.
    hazard_per_year : ndarray, shape (n_slots,)
        Rate of looking at its options, 1/yr; a hazard that the uniform rules out is left at 0.
    """
    by_firm = np.full(firms.finance.size, salience) if np.ndim(salience) == 0 else np.ascontiguousarray(salience)
    trigger, looking = np.empty(slots.size, np.int8), np.empty(slots.size, np.int64)
    hazard_per_year = np.empty(slots.size)
    n_looking = _call_update(
        slots, assets, firms, technologies, services, peers, by_firm, float(anticipation_per_year), params, levers,
        quarter, uniforms, hazard_per_year, trigger, looking,
    )  # fmt: skip
    return looking[:n_looking], trigger, hazard_per_year
