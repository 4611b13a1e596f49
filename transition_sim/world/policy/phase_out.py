"""Equipment that must go: kilns above the efficiency limit and small coal boilers (SM11, L12, L57), and how it is
classed for differential and punitive tariffs (SM13, L16, L18).

The limit of GB 16780-2021 is on comprehensive energy: level 3 is 109 kgce of fuel and 61 kWh, together 117 kgce per
tonne. So electricity counts, at its calorific value, and heat recovered as power counts against it.
"""

import numpy as np

from transition_sim.core.kernels import entered, lean
from transition_sim.core.units import GJ_PER_TCE
from transition_sim.scenarios.rows import NOT_FOR_SALE
from transition_sim.world.state import ACTIVE, NO_DEADLINE

KGCE_PER_TCE = 1000.0
NO_LIMIT_KGCE_PER_T = 140.0
SMALL_BOILER_T_PER_H = 35.0


@lean
def specific_energy_kgce_per_t(fuel_gj_per_unit, elec_gj_per_unit):
    """Return comprehensive energy per tonne, kgce/t: fuel plus electricity at 29.3076 GJ/tce."""
    return (fuel_gj_per_unit + elec_gj_per_unit) / GJ_PER_TCE * KGCE_PER_TCE


@lean
def kiln_measures(host, first_slot, last_slot, slots, assets, technologies):
    """Return what measures in service change on a kiln at full load: (fuel factor, power factor, own power GJ/t).

    A measure covers its capacity over that of the kilns, at most all; several multiply (as in dispatch). Alternative
    fuel does not count as energy of the line: the standard leaves it out [K].
    """
    fuel = elec = 1.0
    own = 0.0
    capacity = slots[host].capacity_unit_per_year
    if capacity <= 0.0:
        return fuel, elec, own
    for s in range(first_slot, last_slot):
        if slots[s].host != host:
            continue
        uncovered = 1.0
        a = slots[s].first_asset
        while a >= 0:
            if assets[a].status == ACTIVE:
                covered = min(uncovered, assets[a].capacity_unit_per_year / capacity)
                uncovered -= covered
                kind = technologies[assets[a].technology]
                fuel *= 1.0 - covered * (1.0 - kind.host_fuel_factor)
                fuel *= 1.0 - covered * kind.fuel_switch_share
                elec *= 1.0 - covered * (1.0 - kind.host_elec_factor)
                own += covered * kind.own_elec_gj_per_unit
            a = assets[a].next_asset
    return fuel, elec, own


@lean
def kiln_energy_kgce_per_t(host, first_slot, last_slot, slots, assets, technologies):
    """Return the specific energy of the kilns of a slot with their measures, kgce/t: (highest, mean); 0 when none.

    Parameters
    ----------
    host, first_slot, last_slot : int
        Row of the slot, and the rows of its enterprise.
    """
    fuel_factor, elec_factor, own = kiln_measures(host, first_slot, last_slot, slots, assets, technologies)
    highest = capacity = energy = 0.0
    a = slots[host].first_asset
    while a >= 0:
        if assets[a].status == ACTIVE:
            kind = technologies[assets[a].technology]
            elec_gj = kind.elec_gj_per_unit * elec_factor - own
            kgce_per_t = specific_energy_kgce_per_t(kind.fuel_gj_per_unit * fuel_factor, elec_gj)
            highest = max(highest, kgce_per_t)
            capacity += assets[a].capacity_unit_per_year
            energy += assets[a].capacity_unit_per_year * kgce_per_t
        a = assets[a].next_asset
    return highest, energy / capacity if capacity > 0.0 else 0.0


@lean
def has_small_boiler(first_asset, assets, technologies):
    """Tell whether a slot has a small coal boiler in service."""
    a = first_asset
    while a >= 0:
        if assets[a].status == ACTIVE and technologies[assets[a].technology].is_coal_boiler_small > 0:
            return True
        a = assets[a].next_asset
    return False


@lean
def has_old_kiln(first_asset, assets, technologies):
    """Tell whether a slot has a kiln in service of a type that is no longer sold."""
    a = first_asset
    while a >= 0:
        kind = technologies[assets[a].technology]
        if assets[a].status == ACTIVE and kind.needs_permit > 0 and kind.available_year >= NOT_FOR_SALE:
            return True
        a = assets[a].next_asset
    return False


def rows_with_rules(slots: np.ndarray, technologies: np.ndarray, clinker_service: int) -> np.ndarray:
    """Return the slots that may ever hold equipment which must go: kilns, and services with small coal boilers."""
    services = np.append(technologies["service"][technologies["is_coal_boiler_small"] > 0], clinker_service)
    return np.flatnonzero(np.isin(slots["service"], services))


@lean
def write_deadlines(
    rows, slots, slot_start, assets, technologies, clinker_service, limit_kgce_per_t, boiler_limit_t_per_h,
    notice_quarters, quarter,
):  # fmt: skip
    """Give slots with equipment that must go a deadline, and lift it where none is left; return how many are told.

    A kiln slot must be mended where a kiln, with its measures, needs more energy than the limit (L12): a retrofit
    that brings it under the limit lifts the deadline as a new kiln does. A slot with a small coal boiler must be
    mended where the size limit covers its size (L57). A deadline once given does not move.

    Parameters
    ----------
    rows : ndarray of int
        Slots that are judged, ``rows_with_rules``.
    slots, assets, technologies : structured arrays
        Writes ``slots.deadline_quarter``.
    slot_start : ndarray, shape (N + 1,)
    clinker_service : int
    limit_kgce_per_t : float
        From 140 there is no limit (neutral).
    boiler_limit_t_per_h : float
        Acts from 35, the size of small boilers; 0 is neutral.
    notice_quarters : float
        From notice to deadline.
    quarter : int
    """
    has_limit = limit_kgce_per_t < NO_LIMIT_KGCE_PER_T
    has_boiler_limit = boiler_limit_t_per_h >= SMALL_BOILER_T_PER_H
    told = 0
    for s in rows:
        must_go = False
        if slots[s].service == clinker_service:
            if has_limit:
                first, last = slot_start[slots[s].enterprise], slot_start[slots[s].enterprise + 1]
                must_go = kiln_energy_kgce_per_t(s, first, last, slots, assets, technologies)[0] > limit_kgce_per_t
        elif has_boiler_limit:
            must_go = has_small_boiler(slots[s].first_asset, assets, technologies)
        if not must_go:
            slots[s].deadline_quarter = NO_DEADLINE
        elif slots[s].deadline_quarter >= NO_DEADLINE:
            slots[s].deadline_quarter = quarter + int(notice_quarters)
            told += 1
    return told


@lean
def write_tariff_classes(
    rows, slots, slot_start, assets, technologies, is_two_high, clinker_service, limit_kgce_per_t,
    boiler_limit_t_per_h, quarter, is_restricted, is_eliminated, excess_over_quota_share,
):  # fmt: skip
    """Write the class of every enterprise for the differential tariff, and its excess over the quota.

    To be eliminated: a kiln above the limit, or a small coal boiler past its deadline. Restricted: a kiln of a type
    that is no longer sold, or a small coal boiler that must go. Only two-high enterprises are classed (L16). The
    excess is mean specific energy of the kilns over the limit, less 1, at least 0; 0 where no limit acts (L18).

    Parameters
    ----------
    rows, slots, slot_start, assets, technologies, clinker_service, limit_kgce_per_t, boiler_limit_t_per_h, quarter :
        As in ``write_deadlines``, which runs before.
    is_two_high : ndarray of bool, shape (N,)
    is_restricted, is_eliminated : ndarray of bool, shape (N,)
        Written.
    excess_over_quota_share : ndarray, shape (N,)
        Written.
    """
    has_limit = limit_kgce_per_t < NO_LIMIT_KGCE_PER_T
    has_boiler_limit = boiler_limit_t_per_h >= SMALL_BOILER_T_PER_H
    for i in range(is_restricted.size):
        is_restricted[i], is_eliminated[i], excess_over_quota_share[i] = False, False, 0.0
    for s in rows:
        i = slots[s].enterprise
        if slots[s].service == clinker_service:
            is_restricted[i] |= is_two_high[i] and has_old_kiln(slots[s].first_asset, assets, technologies)
            if has_limit:
                first, last = slot_start[i], slot_start[i + 1]
                highest, mean = kiln_energy_kgce_per_t(s, first, last, slots, assets, technologies)
                is_eliminated[i] |= is_two_high[i] and highest > limit_kgce_per_t
                excess_over_quota_share[i] = max(excess_over_quota_share[i], mean / limit_kgce_per_t - 1.0)
        elif has_boiler_limit and is_two_high[i] and slots[s].deadline_quarter < NO_DEADLINE:
            is_restricted[i] = True
            is_eliminated[i] |= quarter >= slots[s].deadline_quarter


@lean
def postpone(slots, quarter):
    """Let what is due this quarter wait for the next."""
    for s in range(slots.size):
        if slots[s].deadline_quarter == quarter:
            slots[s].deadline_quarter += 1


@entered
def judge_equipment(
    rows, slots, slot_start, assets, technologies, is_two_high, clinker_service, limit_kgce_per_t, boiler_limit_t_per_h,
    notice_quarters, quarter, may_tell, is_restricted, is_eliminated, excess_over_quota_share,
):  # fmt: skip
    """Tell who must go, or let it wait where nobody may be told (SM23), and class enterprises; return how many it told.

    Parameters are those of ``write_deadlines`` and ``write_tariff_classes``.
    """
    told = 0
    if may_tell:
        told = write_deadlines(
            rows, slots, slot_start, assets, technologies, clinker_service, limit_kgce_per_t, boiler_limit_t_per_h,
            notice_quarters, quarter,
        )  # fmt: skip
    else:
        postpone(slots, quarter)
    write_tariff_classes(
        rows, slots, slot_start, assets, technologies, is_two_high, clinker_service, limit_kgce_per_t,
        boiler_limit_t_per_h, quarter, is_restricted, is_eliminated, excess_over_quota_share,
    )  # fmt: skip
    return told
