"""When an enterprise looks at its options: inattention with triggers, and the cases in which it must (SM05)."""

from math import log
from typing import NamedTuple

import numpy as np

from transition_sim.agents.hazards import happens
from transition_sim.agents.investment import GENERATION, SERVICE, planned_cny, produced_cny, used_unit_per_cny
from transition_sim.agents.outlook import Firms
from transition_sim.agents.peers import Peers, adopters_share
from transition_sim.core.clock import QUARTERS_PER_YEAR, YEARS_PER_QUARTER
from transition_sim.core.kernels import entered, lean, part
from transition_sim.world.state import ACTIVE, LARGE, SMALL, TRIGGERS

FORCED = 99
"""Trigger of a decision that cannot wait."""
_ANTICIPATION = len(TRIGGERS) - 1
# a capacity that was sized to the demand must not count as too small for rounding
_ROUNDING_SHARE = 1e-9


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
    """Return |ln(last cost / cost four quarters before it)|: of one season; 0 while either is unknown."""
    now, before = slot.cost_cny_per_unit, slot.cost_5_cny_per_unit
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
    needed_unit_per_year = QUARTERS_PER_YEAR * planned_unit * (1.0 - _ROUNDING_SHARE)
    is_empty, is_needed = slot.first_asset < 0, (kind == SERVICE) & (planned_unit > 0.0)
    is_told = slot.deadline_quarter - quarter <= notice_quarters
    return (is_told & (not is_empty)) | (is_needed & (is_empty | (slot.capacity_unit_per_year < needed_unit_per_year)))


@lean
def is_resting(slot, quarter, reapply_quarters):
    """Tell whether an enterprise that had to decide, and did, waits before it takes up the same matter again.

    Who was refused by the bank does not come back every quarter; at the deadline it must.
    """
    has_decided = slot.is_forced & (slot.last_decision_quarter >= 0) & (slot.deadline_quarter > quarter)
    return has_decided & (quarter - slot.last_decision_quarter < reapply_quarters)


@lean
def can_look(slot, of, kind, is_alive, planned_unit):
    """Tell whether there is anything to decide: alive, no order open, a service in use, a host with equipment."""
    has_host = (slot.host < 0) | (of.first_asset >= 0)
    return is_alive & (slot.pending_asset < 0) & has_host & ((kind != SERVICE) | (planned_unit > 0.0))


@lean
def most_cost_change(slot):
    """Return a bound of ``cost_change`` without a logarithm: |ln x| is at most |x - 1/x| / 2."""
    now, before = slot.cost_cny_per_unit, slot.cost_5_cny_per_unit
    product = now * before
    return abs(now * now - before * before) / (2.0 * product) if product > 0.0 else 0.0


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


class _Common(NamedTuple):
    """What is the same for all slots of an enterprise, told once.

    Attributes
    ----------
    is_alive : bool
    produced_cny, planned_cny : float
        Output of last quarter, and what is planned for.
    chance, chance_of_roofs : float
        The largest that it looks at a slot of young equipment with steady costs, whatever its peers do.
    chance_per_part : float
        What 1/yr of a part of the hazard adds.
    age_per_quarter : float
        The most that a quarter in which equipment is old adds to the hazard, 1/yr.
    """

    is_alive: bool
    produced_cny: float
    planned_cny: float
    chance: float
    chance_of_roofs: float
    chance_per_part: float
    age_per_quarter: float


@lean
def _common(i, firms, salience, promotion, anticipation_per_year, shortest_life_quarters, p):
    """Return what is the same for all slots of an enterprise; nearly every draw lies above its chances."""
    conduct, firm, finance = firms.conduct[i], firms.production[i], firms.finance[i]
    most = hazard_parts(
        base_hazard(finance.size_class, p), 0.0, 0.0, conduct.audit_quarters_left > 0, salience, 1.0,
        conduct.buyer_pressure, p,
    )  # fmt: skip
    chance = hazard_of(most, conduct.capability, anticipation_per_year) * YEARS_PER_QUARTER
    per_part = (0.5 + conduct.capability) * YEARS_PER_QUARTER
    over_per_quarter = 1.0 / shortest_life_quarters / (1.0 - p.hazard_age_start_share)
    return _Common(
        finance.is_alive, produced_cny(firm), planned_cny(firm), chance,
        chance + per_part * p.hazard_policy_per_year * promotion, per_part, p.hazard_age_per_year * over_per_quarter,
    )  # fmt: skip


@lean
def _shortest_life_quarters(technologies):
    shortest = np.inf
    for k in range(technologies.size):
        shortest = min(shortest, QUARTERS_PER_YEAR * technologies[k].life_years)
    return shortest


@lean
def _may_look(slot, of, kind, common, quarter, p, uniform):
    """Tell whether a draw leaves it open that an enterprise looks at a slot; ``of``: the host of a measure, or itself.

    The age is told from the quarter in which the first piece was old and the shortest life of all: most draws lie
    above it, and the equipment, elsewhere in memory, need not be asked for. Where the quarter is not known nothing is
    ruled out.
    """
    chance = common.chance_of_roofs if kind == GENERATION else common.chance
    age = common.age_per_quarter * max(0, quarter - slot.ageing_quarter)
    most = chance + common.chance_per_part * (age + p.hazard_cost_per_year * most_cost_change(of))
    return (uniform <= most * (1.0 + _ROUNDING_SHARE)) | (slot.due_quarter <= 0)


@lean
def _review(
    slot, of, assets, technologies, firms, salience, anticipation_per_year, peers, p, quarter, uniform
):  # fmt: skip
    """Return (hazard, trigger) of a slot; (0, 0) where the uniform rules out that it looks however its costs moved.

    ``of`` is the host of a measure, else the slot itself.
    """
    i, used = slot.enterprise, 0.0
    if quarter >= slot.ageing_quarter:
        used = life_used_share(slot.first_asset, assets, technologies, quarter)
    conduct, base = firms.conduct[i], base_hazard(firms.finance[i].size_class, p)
    is_audited, pressure = conduct.audit_quarters_left > 0, conduct.buyer_pressure
    share = adopters_share(i, slot.service, peers, p)
    most = hazard_parts(base, used, most_cost_change(of), is_audited, salience, share, pressure, p)
    chance = hazard_of(most, conduct.capability, anticipation_per_year) * YEARS_PER_QUARTER
    if uniform > chance * (1.0 + _ROUNDING_SHARE):
        return 0.0, 0
    parts = hazard_parts(base, used, cost_change(of), is_audited, salience, share, pressure, p)
    hazard = hazard_of(parts, conduct.capability, anticipation_per_year)
    return hazard, trigger_of(parts, conduct.capability, anticipation_per_year)


@lean
def _list_open(
    slots, firms, technologies, services, salience, anticipation_per_year, promotion, p, quarter, uniforms, rows
):  # fmt: skip
    """Mark the slots about which somebody must decide; list them, and those that the draw leaves open.

    A walk through all slots without branches: which way they go is as good as random, and a wrong guess of the
    processor takes as long as all the questions.
    """
    n, at, shortest_life = 0, -1, _shortest_life_quarters(technologies)
    common = _Common(False, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for s in range(slots.size):
        slot = slots[s]
        i, kind = slot.enterprise, services[slot.service].kind
        if i != at:
            at = i
            common = _common(i, firms, salience[i], promotion, anticipation_per_year, shortest_life, p)
        of = slots[slot.host if slot.host >= 0 else s]
        planned_unit = used_unit_per_cny(slot, common.produced_cny) * common.planned_cny
        can = can_look(slot, of, kind, common.is_alive, planned_unit)
        must = can & is_decision_forced(slot, kind, planned_unit, quarter, p.phase_out_quarters)
        must_now = must & (not is_resting(slot, quarter, p.reapply_quarters))
        slot.is_forced, slot.is_looking = must, must_now
        rows[n] = s
        n += must_now | (can & _may_look(slot, of, kind, common, quarter, p, uniforms[s]))
    return n


@lean
def _update(
    slots, assets, firms, technologies, services, peers, salience, anticipation_per_year, promotion, p, quarter,
    uniforms, hazard_per_year, trigger, rows,
):  # fmt: skip
    n_looking = 0
    n_open = _list_open(
        slots, firms, technologies, services, salience, anticipation_per_year, promotion, p, quarter, uniforms, rows
    )
    for k in range(n_open):
        s = rows[k]
        slot, i = slots[s], slots[s].enterprise
        if not slot.is_looking:
            heard = salience[i] + promotion if services[slot.service].kind == GENERATION else salience[i]
            hazard_per_year[s], trigger[s] = _review(
                slot, slots[slot.host if slot.host >= 0 else s], assets, technologies, firms, heard,
                anticipation_per_year, peers, p, quarter, uniforms[s],
            )  # fmt: skip
            slot.is_looking = happens(hazard_per_year[s], uniforms[s])
        if slot.is_looking:
            if slot.is_forced:
                trigger[s] = FORCED
            rows[n_looking] = s
            n_looking += 1
    return n_looking


@entered
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
        Of those who look: index in ``TRIGGERS`` of the largest part of the hazard, 99 where the decision is forced.
    hazard_per_year : ndarray, shape (n_slots,)
        Rate of looking at its options, 1/yr; a hazard that the uniform rules out is left at 0.
    """
    by_firm = np.full(firms.finance.size, salience) if np.ndim(salience) == 0 else np.ascontiguousarray(salience)
    trigger, looking = np.zeros(slots.size, np.int8), np.empty(slots.size, np.int64)
    hazard_per_year = np.zeros(slots.size)
    n_looking = _call_update(
        slots, assets, firms, technologies, services, peers, by_firm, float(anticipation_per_year), params, levers,
        quarter, uniforms, hazard_per_year, trigger, looking,
    )  # fmt: skip
    return looking[:n_looking], trigger, hazard_per_year
