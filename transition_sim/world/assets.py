"""Vintages: how long equipment lives, when it enters and leaves service, and what is written off (SM04).

The active assets of a slot are a linked list: ``slots.first_asset``, then ``assets.next_asset``. An ordered asset is
not in the list; its ``next_asset`` points to the list that it replaces, or is -1 where it only adds.
"""

from math import exp, gamma, log
from typing import NamedTuple

import numpy as np

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.kernels import compiled, lean, merged, part
from transition_sim.core.ordering import order_of
from transition_sim.core.tables import gather_rows
from transition_sim.world.state import ACTIVE, NO_DEADLINE, RETIRED, UNSET

_LONGEST_QUARTERS = NO_DEADLINE // 2


class Turnover(NamedTuple):
    """What came and went in a quarter.

    Attributes
    ----------
    stranded_cny, salvage_cny : ndarray, shape (N,)
        Written off, and to be received for scrap: the caller books the money.
    added_unit_per_year : ndarray, shape (n_technologies,)
        Capacity commissioned, what experience grows by.
    slots : ndarray of int
        Slots whose equipment may have changed.
    n_commissioned, n_retired : int
    """

    stranded_cny: np.ndarray
    salvage_cny: np.ndarray
    added_unit_per_year: np.ndarray
    slots: np.ndarray
    n_commissioned: int
    n_retired: int


@lean
def weibull_mean(shape):
    """Return the mean of a Weibull life of scale 1; 1 for sudden death."""
    return 1.0 if np.isinf(shape) else gamma(1.0 + 1.0 / shape)


@part
def weibull_scale_years(life_years, shape):
    """Return the scale of a Weibull life with a given mean, years: L / gamma(1 + 1/shape) (SM04, A23)."""
    return life_years / weibull_mean(shape)


@compiled
def survival_share(age_years, life_years, shape):
    """Return the share still alive at an age: exp(-(age/scale)^shape); an infinite shape is sudden death at L."""
    if np.isinf(shape):
        return 1.0 if age_years < life_years else 0.0
    return exp(-((age_years / weibull_scale_years(life_years, shape)) ** shape))


@part
def draw_life_quarters(life_years, uniform, shape, age_years=0.0):
    """Return the life from commissioning to death, quarters, of an asset that has reached an age (SM04).

    The inverse of the survival beyond the age: T^k = age^k - scale^k ln(1 - u). It is rounded to the nearest
    quarter, which leaves the mean; it is at least one quarter more than the age.

    Parameters
    ----------
    life_years : float
        Mean life at birth, above 0.
    uniform : float
        In [0, 1).
    shape : float
        Weibull shape; infinite for sudden death.
    age_years : float
        0 for a new asset.
    """
    return life_quarters(life_years, weibull_mean(shape), uniform, shape, age_years)


@lean
def life_quarters(life_years, mean, uniform, shape, age_years):
    """Return ``draw_life_quarters`` with the mean of scale 1 worked out before."""
    years = life_years
    if not np.isinf(shape):
        scale = life_years / mean
        years = scale * ((age_years / scale) ** shape - log(1.0 - uniform)) ** (1.0 / shape)
    soonest = int(np.floor(QUARTERS_PER_YEAR * age_years)) + 1
    return max(soonest, int(min(np.floor(QUARTERS_PER_YEAR * years + 0.5), _LONGEST_QUARTERS)))


@compiled
def _draw_lives(life_years, uniforms, shape, age_years):
    lives, mean = np.empty(life_years.size, np.int32), weibull_mean(shape)
    for i in range(life_years.size):
        lives[i] = life_quarters(life_years[i], mean, uniforms[i], shape, age_years[i])
    return lives


def draw_lives_quarters(
    life_years: np.ndarray, uniforms: np.ndarray, shape: float, age_years: np.ndarray | float = 0.0
) -> np.ndarray:
    """Return ``draw_life_quarters`` of many assets, i4, shape (n,); base-year stock gives its ages."""
    ages = np.broadcast_to(np.asarray(age_years, float), life_years.shape)
    return _draw_lives(
        np.ascontiguousarray(life_years, float), np.ascontiguousarray(uniforms, float), float(shape), ages.copy()
    )


@part
def book_value_cny(capex_cny, age_years, life_years):
    """Return what is left of the cost after straight-line depreciation over the mean life, CNY."""
    return capex_cny * max(0.0, 1.0 - age_years / life_years)


@lean
def _retire_list(slot, assets, technologies, finance, salvage_share, quarter, stranded_cny, salvage_cny):
    """Retire the active assets of a slot and write off what they still stand for in the books."""
    i, a = slot.enterprise, slot.first_asset
    while a >= 0:
        asset = assets[a]
        if asset.status == ACTIVE:
            asset.status, asset.dies_quarter = RETIRED, quarter
            age_years = (quarter - asset.commissioned_quarter) / QUARTERS_PER_YEAR
            book_cny = book_value_cny(asset.capex_cny, age_years, technologies[asset.technology].life_years)
            scrap_cny = min(book_cny, salvage_share * asset.capex_cny)
            firm = finance[i]
            book_cny = min(book_cny, firm.fixed_assets_cny)
            firm.fixed_assets_cny -= book_cny
            lost_cny = max(0.0, book_cny - scrap_cny)
            firm.stranded_cny += lost_cny
            stranded_cny[i] += lost_cny
            salvage_cny[i] += book_cny - lost_cny
        a = asset.next_asset


@lean
def first_ageing_quarter(first, assets, technologies, start_share):
    """Return the first quarter in which a piece of a list has used more than a share of its mean life, or one before.

    Attention to age starts there (SM05); without equipment there is none.
    """
    earliest = float(NO_DEADLINE)
    a = first
    while a >= 0:
        lifetime = QUARTERS_PER_YEAR * technologies[assets[a].technology].life_years
        earliest = min(earliest, assets[a].commissioned_quarter + start_share * lifetime)
        a = assets[a].next_asset
    return int(np.floor(earliest))


@lean
def relink(slot, assets, technologies, ageing_share):
    """Drop retired assets from the list of a slot; set its capacity, main technology, and what its time brings."""
    capacity, due = 0.0, NO_DEADLINE
    previous = UNSET
    a = slot.first_asset
    while a >= 0:
        following = assets[a].next_asset
        if assets[a].status == ACTIVE:
            capacity += assets[a].capacity_unit_per_year
            due = min(due, int(assets[a].dies_quarter))
            previous = a
        elif previous >= 0:
            assets[previous].next_asset = following
        else:
            slot.first_asset = following
        a = following
    if slot.pending_asset >= 0:
        due = min(due, int(assets[slot.pending_asset].commissioned_quarter))
    slot.capacity_unit_per_year = capacity
    slot.main_technology = main_technology(slot.first_asset, assets)
    slot.due_quarter = due
    slot.ageing_quarter = first_ageing_quarter(slot.first_asset, assets, technologies, ageing_share)


@lean
def technology_capacity(first, assets, technology):
    """Return the active capacity of one technology in a list of assets, unit/yr."""
    capacity = 0.0
    a = first
    while a >= 0:
        if assets[a].status == ACTIVE and assets[a].technology == technology:
            capacity += assets[a].capacity_unit_per_year
        a = assets[a].next_asset
    return capacity


@lean
def main_technology(first, assets):
    """Return the technology with the largest active capacity of a list, the first met where equal; -1: none."""
    best, largest = UNSET, 0.0
    a = first
    while a >= 0:
        if assets[a].status == ACTIVE:
            capacity = technology_capacity(first, assets, assets[a].technology)
            if capacity > largest:
                best, largest = int(assets[a].technology), capacity
        a = assets[a].next_asset
    return best


@lean
def _n_active(first, assets):
    count = 0
    a = first
    while a >= 0:
        count += assets[a].status == ACTIVE
        a = assets[a].next_asset
    return count


@lean
def _retire_dead(slot, assets, is_alive, quarter):
    """Close what has died in a slot, or all of it where the owner is out of business; return how many pieces."""
    n_retired = 0
    a = slot.first_asset
    while a >= 0:
        asset = assets[a]
        if asset.status == ACTIVE and (asset.dies_quarter <= quarter or not is_alive):
            asset.status, asset.dies_quarter = RETIRED, quarter
            n_retired += 1
        a = asset.next_asset
    if slot.pending_asset >= 0 and not is_alive:
        order = assets[slot.pending_asset]
        order.status, order.dies_quarter, order.next_asset = RETIRED, quarter, UNSET
        slot.pending_asset = UNSET
    return n_retired


@lean
def _find_due(slots, assets, finance, quarter, changed, due):
    """Close what has died; return (closed, slots that may have changed, orders to commission).

    ``changed`` lists the slots, ``due`` the orders. Slots before their ``due_quarter`` are passed by, unless their
    owner is out of business and something is there to be closed.
    """
    n_retired = n_changed = n_due = 0
    for s in range(slots.size):
        slot = slots[s]
        is_alive = finance[slot.enterprise].is_alive
        if slot.due_quarter > quarter and (is_alive or (slot.first_asset < 0 and slot.pending_asset < 0)):
            continue
        n_retired += _retire_dead(slot, assets, is_alive, quarter)
        changed[n_changed] = s
        n_changed += 1
        if slot.pending_asset >= 0 and assets[slot.pending_asset].commissioned_quarter <= quarter:
            due[n_due] = slot.pending_asset
            n_due += 1
    return n_retired, n_changed, n_due


@lean
def _commission(due, slots, assets, finance, technologies, salvage_share, quarter, stranded_cny, salvage_cny, added):
    """Bring orders into service in the order of their rows; return how many pieces they replace."""
    n_retired = 0
    for k in range(due.size):
        asset = assets[due[k]]
        slot = slots[asset.slot]
        if asset.next_asset >= 0:
            n_retired += _n_active(slot.first_asset, assets)
            _retire_list(slot, assets, technologies, finance, salvage_share, quarter, stranded_cny, salvage_cny)
        asset.status = ACTIVE
        asset.next_asset = slot.first_asset
        slot.first_asset = due[k]
        slot.pending_asset = UNSET
        added[asset.technology] += asset.capacity_unit_per_year
    return n_retired


@merged
def commission_and_retire(slots, assets, finance, technologies, params, quarter):
    """Bring orders that are due into service, retire what has died or is replaced, and bring the slots up to date.

    Equipment of enterprises that are out of business is retired and their orders are cancelled. Natural death writes
    nothing off: depreciation in the books is that of a pool, and a mean life already contains early deaths. What is
    replaced before its death leaves the books: salvage (a share of its cost) is money, the rest is stranded.

    Parameters
    ----------
    slots, assets, finance, technologies : structured arrays
        Writes ``assets.status``, ``dies_quarter``, ``next_asset``; ``slots.first_asset``, ``pending_asset``,
        ``capacity_unit_per_year``, ``main_technology``, ``due_quarter``, ``ageing_quarter``;
        ``finance.fixed_assets_cny``, ``stranded_cny``.
    params : structured array, shape (1,)
        ``salvage_share``, ``hazard_age_start_share``.
    quarter : int

    Returns
    -------
    Turnover
    """
    stranded_cny, salvage_cny, added = np.zeros(finance.size), np.zeros(finance.size), np.zeros(technologies.size)
    changed, due = np.empty(slots.size, np.int64), np.empty(slots.size, np.int64)
    n_retired, n_changed, n_due = _find_due(slots, assets, finance, quarter, changed, due)
    due = due[order_of(due[:n_due])]
    n_retired += _commission(
        due, slots, assets, finance, technologies, params[0].salvage_share, quarter, stranded_cny, salvage_cny, added
    )
    changed = changed[:n_changed]
    for k in range(n_changed):
        relink(slots[changed[k]], assets, technologies, params[0].hazard_age_start_share)
    return Turnover(stranded_cny, salvage_cny, added, changed, n_due, n_retired)


@compiled
def technology_deployment(assets, n_assets, n_technologies):
    """Return the active capacity of every technology, unit/yr, shape (n_technologies,)."""
    capacity = np.zeros(n_technologies)
    for row in range(n_assets):
        if assets[row].status == ACTIVE:
            capacity[assets[row].technology] += assets[row].capacity_unit_per_year
    return capacity


@lean
def _number_anew(assets, slots, rows):
    """Write the rows that are not retired, slot after slot, and give lists and orders their new numbers."""
    n = 0
    for s in range(slots.size):
        slot = slots[s]
        a, slot.first_asset, previous = slot.first_asset, UNSET, UNSET
        while a >= 0:
            following = assets[a].next_asset
            if assets[a].status != RETIRED:
                assets[a].next_asset = UNSET
                if previous >= 0:
                    assets[previous].next_asset = n
                else:
                    slot.first_asset = n
                rows[n], previous, n = a, a, n + 1
            a = following
        if slot.pending_asset >= 0:
            order = assets[slot.pending_asset]
            order.next_asset = n if order.next_asset >= 0 else UNSET
            rows[n], slot.pending_asset, n = slot.pending_asset, n, n + 1
    return n


@compiled
def compact_assets(assets, n_assets, slots):
    """Drop retired rows, put the equipment of a slot together, and return how many rows are left.

    A run does not carry every asset that ever was, and a walk through the slots reads memory in order. An order that
    replaces keeps a number of its own as what it replaces, because only its sign is read.
    """
    rows = np.empty(n_assets, np.int32)
    kept = _number_anew(assets, slots, rows)
    return gather_rows(assets, rows[:kept])
