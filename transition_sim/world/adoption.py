"""Who uses what: the main equipment of every enterprise for every service, and how many neighbours share it (SM07).

Counted once, then followed: a slot whose main equipment changes moves the counts of its county and of the suppliers
and buyers of its enterprise, so that nobody counts the place anew every quarter.
"""

from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled, lean
from transition_sim.world.assets import commission_and_retire
from transition_sim.world.state import Graph

NO_SLOT = -2
"""In place of a technology: the enterprise has no such slot, or is out of business; -1: the slot is empty."""
MOST_NEIGHBOURS, MOST_TECHNOLOGIES = 2**16 - 1, 2**7
"""What the counts of neighbours (u2) and the numbers of technologies (i1) can hold: there are many of them."""


class Neighbours(NamedTuple):
    """Who is near whom: counties, and the supply chain both ways.

    Attributes
    ----------
    county : ndarray of int, shape (N,)
    supplier_start, supplier, buyer_start, buyer : ndarrays of ``state.Graph``
    """

    county: np.ndarray
    supplier_start: np.ndarray
    supplier: np.ndarray
    buyer_start: np.ndarray
    buyer: np.ndarray

    @classmethod
    def of(cls, county: np.ndarray, graph: Graph) -> "Neighbours":
        """Return the neighbours of enterprises in these counties and this supply chain."""
        return cls(county, graph.supplier_start, graph.supplier, graph.buyer_start, graph.buyer)


class Adoption(NamedTuple):
    """Counts of enterprises; U services, K technologies, C counties.

    Attributes
    ----------
    technology : ndarray of i1, shape (N, U)
        Main technology; -1 where the slot is empty, ``NO_SLOT`` where there is none.
    users : ndarray, shape (C, K)
        Enterprises of a county by main technology.
    holders, adopters : ndarray, shape (C, U)
        Those with a slot of the service, and those whose main equipment counts as adoption.
    near_holders, near_adopters : ndarray of u2, shape (N, U)
        The same among suppliers and buyers of an enterprise; who is both counts twice.
    near_users : ndarray of u2, shape (N, K)
        Users among suppliers and buyers.
    is_adoption : ndarray of bool, shape (K,)
        Green equipment, or any measure, roof or battery.
    """

    technology: np.ndarray
    users: np.ndarray
    holders: np.ndarray
    adopters: np.ndarray
    near_holders: np.ndarray
    near_adopters: np.ndarray
    near_users: np.ndarray
    is_adoption: np.ndarray


@lean
def main_technology_of(i, service, slots, slot_start, is_alive):
    """Return the main technology of an enterprise for a service: of several slots the first with equipment counts."""
    found = NO_SLOT
    if is_alive:
        for s in range(slot_start[i], slot_start[i + 1]):
            if found < 0 and slots[s].service == service:
                found = int(slots[s].main_technology)
    return found


@lean
def _tell_near(rows, first, last, service, before, technology, held, adopted, adoption):
    """Move the counts of the neighbours of a list."""
    for e in range(first, last):
        j = rows[e]
        if before >= 0:
            adoption.near_users[j, before] -= 1
        if technology >= 0:
            adoption.near_users[j, technology] += 1
        if held != 0 or adopted != 0:
            adoption.near_holders[j, service] += held
            adoption.near_adopters[j, service] += adopted


@lean
def _adopts(technology, adoption):
    return 1 if technology >= 0 and adoption.is_adoption[technology] else 0


@lean
def _follow(i, service, technology, near, adoption):
    """Move the counts to the technology that an enterprise now uses for a service."""
    before, c = adoption.technology[i, service], near.county[i]
    if technology == before:
        return
    adoption.technology[i, service] = technology
    if before >= 0:
        adoption.users[c, before] -= 1.0
    if technology >= 0:
        adoption.users[c, technology] += 1.0
    held = (1 if technology != NO_SLOT else 0) - (1 if before != NO_SLOT else 0)
    adopted = _adopts(technology, adoption) - _adopts(before, adoption)
    adoption.holders[c, service] += held
    adoption.adopters[c, service] += adopted
    for rows, start in ((near.supplier, near.supplier_start), (near.buyer, near.buyer_start)):
        _tell_near(rows, start[i], start[i + 1], service, before, technology, held, adopted, adoption)


@lean
def follow_slots(rows, slots, slot_start, finance, near, adoption):
    """Bring the counts up to date where the equipment of some slots has changed.

    Parameters
    ----------
    rows : ndarray of int, shape (n,)
        Slots; one that has not changed does no harm.
    """
    for r in range(rows.size):
        i, service = slots[rows[r]].enterprise, slots[rows[r]].service
        technology = main_technology_of(i, service, slots, slot_start, finance[i].is_alive)
        _follow(i, service, technology, near, adoption)


@compiled
def renew_equipment(
    slots, slot_start, assets, finance, flows, technologies, near, adoption, additions, params, quarter
):
    """Bring orders into service and retire what has died or is replaced (SM04); book scrap, follow who uses what.

    Parameters
    ----------
    flows : structured array, shape (N,)
        Adds to ``salvage_cny``.
    additions : ndarray, shape (K,)
        Capacity commissioned in the place so far; adds that of the quarter (SM17).
    """
    turnover = commission_and_retire(slots, assets, finance, technologies, params, quarter)
    follow_slots(turnover.slots, slots, slot_start, finance, near, adoption)
    for i in range(flows.size):
        flows[i].salvage_cny += turnover.salvage_cny[i]
    for k in range(additions.size):
        additions[k] += turnover.added_unit_per_year[k]


@lean
def leave_out_dead(slots, slot_start, finance, near, adoption):
    """Take enterprises that went out of business from the counts."""
    for i in range(finance.size):
        if not finance[i].is_alive:
            for s in range(slot_start[i], slot_start[i + 1]):
                _follow(i, slots[s].service, NO_SLOT, near, adoption)


@compiled
def _follow_all(slots, slot_start, finance, near, adoption):
    follow_slots(np.arange(slots.size), slots, slot_start, finance, near, adoption)


def count_adoption(
    slots: np.ndarray, slot_start: np.ndarray, finance: np.ndarray, technologies: np.ndarray, near: Neighbours,
    n_services: int, n_counties: int,
) -> Adoption:  # fmt: skip
    """Return the counts of a place as it stands.

    Parameters
    ----------
    technologies : structured array
        ``kind`` (0 converter), ``is_green``.

    Raises
    ------
    ValueError
        Where an enterprise has more neighbours, or there are more technologies, than the counts can hold.
    """
    most = int((np.diff(near.supplier_start) + np.diff(near.buyer_start)).max(initial=0))
    if most > MOST_NEIGHBOURS:
        raise ValueError(f"an enterprise has {most} suppliers and buyers, at most {MOST_NEIGHBOURS} can be counted")
    if technologies.size > MOST_TECHNOLOGIES:
        raise ValueError(f"there are {technologies.size} technologies, at most {MOST_TECHNOLOGIES} can be told apart")
    shape = finance.size, n_services
    adoption = Adoption(
        np.full(shape, NO_SLOT, np.int8), np.zeros((n_counties, technologies.size)),
        np.zeros((n_counties, n_services)), np.zeros((n_counties, n_services)), np.zeros(shape, np.uint16),
        np.zeros(shape, np.uint16), np.zeros((finance.size, technologies.size), np.uint16),
        (technologies["kind"] != 0) | (technologies["is_green"] > 0),
    )  # fmt: skip
    _follow_all(slots, slot_start, finance, near, adoption)
    return adoption
