"""Peers and buyers: who uses what among neighbours, and how green purchasing spreads up the chain (SM07)."""

import numpy as np

from transition_sim.agents.attention import happens
from transition_sim.core.kernels import compiled, lean

NO_SLOT = -2
"""In the table of main technologies: the enterprise has no such slot, or is out of business; -1: the slot is empty."""


@compiled
def main_technology_table(slots, finance, n_services):
    """Return the main technology of every enterprise and service, i2, shape (N, n_services).

    -1 where its slot is empty, ``NO_SLOT`` where it has none; of several slots of one service the first that has
    equipment counts.
    """
    table = np.full((finance.size, n_services), NO_SLOT, np.int16)
    for s in range(slots.size):
        slot = slots[s]
        if finance[slot.enterprise].is_alive and table[slot.enterprise, slot.service] < 0:
            table[slot.enterprise, slot.service] = slot.main_technology
    return table


@compiled
def technology_counts(table, county, n_counties, n_technologies):
    """Return how many enterprises of each county use a technology and have a slot of a service.

    Returns
    -------
    users : ndarray, shape (n_counties, n_technologies)
    holders : ndarray, shape (n_counties, n_services)
    """
    users = np.zeros((n_counties, n_technologies))
    holders = np.zeros((n_counties, table.shape[1]))
    for i in range(table.shape[0]):
        for u in range(table.shape[1]):
            if table[i, u] != NO_SLOT:
                holders[county[i], u] += 1.0
                if table[i, u] >= 0:
                    users[county[i], table[i, u]] += 1.0
    return users, holders


@compiled
def technology_shares(users, holders, service):
    """Return the share of those with the service that use each technology, shape (n_counties, n_technologies).

    Parameters
    ----------
    users, holders : ndarrays
        From ``technology_counts``.
    service : ndarray of int, shape (n_technologies,)
    """
    shares = np.zeros(users.shape)
    for c in range(users.shape[0]):
        for k in range(users.shape[1]):
            if holders[c, service[k]] > 0.0:
                shares[c, k] = users[c, k] / holders[c, service[k]]
    return shares


@lean
def weighted_share(park_share, n_park, graph_share, n_graph, national_share, p):
    """Return .5 park + .3 graph + .2 national neighbours; a group without members leaves its weight to the others."""
    park = p.peer_weight_park if n_park > 0.0 else 0.0
    graph = p.peer_weight_graph if n_graph > 0.0 else 0.0
    total = park + graph + p.peer_weight_national
    if total <= 0.0:
        return 0.0
    return (park * park_share + graph * graph_share + p.peer_weight_national * national_share) / total


@lean
def _add_rows(rows, first, last, table, total):
    """Add the rows of a table that a list of neighbours names."""
    for e in range(first, last):
        row = table[rows[e]]
        for u in range(total.size):
            total[u] += row[u]


@lean
def _slot_shares(
    slots, county, marks, national, green, holders, supplier_start, supplier, buyer_start, buyer, p, near, shares
):
    n_services = national.size
    last = -1
    for s in range(slots.size):
        i, u = slots[s].enterprise, slots[s].service
        if i != last:
            last = i
            near[:] = 0
            _add_rows(supplier, supplier_start[i], supplier_start[i + 1], marks, near)
            _add_rows(buyer, buyer_start[i], buyer_start[i + 1], marks, near)
        c, found, users = county[i], near[u], near[n_services + u]
        n_park = holders[c, u] - marks[i, u]
        park = (green[c, u] - marks[i, n_services + u]) / n_park if n_park > 0.0 else 0.0
        graph = users / found if found > 0 else 0.0
        shares[s] = weighted_share(park, n_park, graph, found, national[u], p)


@compiled
def slot_peer_shares(
    slots, county, table, users, holders, technologies, national_share, supplier_start, supplier, buyer_start, buyer,
    params,
):  # fmt: skip
    """Return the share of each slot's peers whose main equipment of the service is green, shape (n_slots,) (SM07).

    For a measure, roof or battery slot: whose slot has any. The enterprise itself is not its own neighbour.

    Parameters
    ----------
    county : ndarray of int, shape (N,)
    table : ndarray, shape (N, n_services)
        From ``main_technology_table``.
    users, holders : ndarrays
        From ``technology_counts``.
    technologies : structured array
        ``service``, ``kind`` (0 converter), ``is_green``.
    national_share : ndarray, shape (n_technologies,)
        Share of each technology among users of its service in the country, 0 to 1.
    supplier_start, supplier, buyer_start, buyer : ndarrays of ``state.Graph``
    """
    adopts = np.empty(technologies.size, np.bool_)
    national = np.zeros(table.shape[1])
    green = np.zeros(holders.shape)
    for k in range(technologies.size):
        adopts[k] = technologies[k].kind != 0 or technologies[k].is_green > 0
        if adopts[k]:
            national[technologies[k].service] = min(1.0, national[technologies[k].service] + national_share[k])
            for c in range(holders.shape[0]):
                green[c, technologies[k].service] += users[c, k]
    n_services = table.shape[1]
    marks = np.zeros((table.shape[0], 2 * n_services), np.int32)  # has the service; uses what adopts
    for i in range(table.shape[0]):
        for u in range(n_services):
            marks[i, u] = table[i, u] != NO_SLOT
            marks[i, n_services + u] = table[i, u] >= 0 and adopts[table[i, u]]
    shares = np.zeros(slots.size)
    _slot_shares(
        slots, county, marks, national, green, holders, supplier_start, supplier, buyer_start, buyer, params[0],
        np.zeros(2 * n_services, np.int32), shares,
    )  # fmt: skip
    return shares


@lean
def _count_technologies(neighbours, first, last, table, service, users):
    """Count the neighbours of a list by their technology for a service; return how many have the service."""
    found = 0
    for e in range(first, last):
        technology = table[neighbours[e], service]
        if technology != NO_SLOT:
            found += 1
            if technology >= 0:
                users[technology] += 1
    return found


@lean
def _option_shares(
    rows, slots, county, table, users, holders, technologies, national_share, supplier_start, supplier, buyer_start,
    buyer, p, near, shares,
):  # fmt: skip
    for r in range(rows.size):
        i, u = slots[rows[r]].enterprise, slots[rows[r]].service
        n_park = holders[county[i], u] - (1.0 if table[i, u] != NO_SLOT else 0.0)
        for k in range(near.size):
            near[k] = 0
        found = _count_technologies(supplier, supplier_start[i], supplier_start[i + 1], table, u, near)
        found += _count_technologies(buyer, buyer_start[i], buyer_start[i + 1], table, u, near)
        for k in range(technologies.size):
            if technologies[k].service == u:
                own = 1.0 if table[i, u] == k else 0.0
                park = (users[county[i], k] - own) / n_park if n_park > 0.0 else 0.0
                graph = near[k] / found if found > 0 else 0.0
                shares[r, k] = weighted_share(park, n_park, graph, found, national_share[k], p)


@compiled
def option_peer_shares(
    rows, slots, county, table, users, holders, technologies, national_share, supplier_start, supplier, buyer_start,
    buyer, params,
):  # fmt: skip
    """Return F_ik, the share of peers that use technology k for its service, shape (n_rows, n_technologies) (SM07).

    Only the technologies of the service of a row are filled. Parameters as in ``slot_peer_shares``; ``rows`` are the
    slots that look.
    """
    shares = np.zeros((rows.size, technologies.size))
    _option_shares(
        rows, slots, county, table, users, holders, technologies, national_share, supplier_start, supplier,
        buyer_start, buyer, params[0], np.zeros(technologies.size, np.int64), shares,
    )  # fmt: skip
    return shares


@lean
def update_buyer_pressure(conduct, production, buyer_start, buyer, buyer_edge, weight, local_input, params, levers):
    """Write the green pressure of buyers on every enterprise (SM07).

    ``BP_i = sum over buyers c of share_ic G_c + 0.5 cbam_i + 0.5 government_i L06``. The share is what a buyer takes
    of all that i sells: local input x weight of the edge x output of the buyer, over the orders of i.

    Parameters
    ----------
    conduct : structured array
        Writes ``buyer_pressure``; reads ``is_committed`` as it stands before anyone commits this quarter.
    production : structured array
        ``sector``, ``orders_cny``, ``output_cny``.
    buyer_start, buyer, buyer_edge, weight : ndarrays of ``state.Graph``
    local_input : ndarray, shape (S, S)
        Local input of row sector per unit of output of column sector.
    params, levers : structured arrays, shape (1,)
    """
    p = params[0]
    for i in range(conduct.size):
        green_cny, sold_cny = 0.0, 0.0
        for e in range(buyer_start[i], buyer_start[i + 1]):
            c = buyer[e]
            share = local_input[production[i].sector, production[c].sector] * weight[buyer_edge[e]]
            cny = share * production[c].output_cny
            sold_cny += cny
            if conduct[c].is_committed:
                green_cny += cny
        total_cny = max(sold_cny, production[i].orders_cny)
        chain = green_cny / total_cny if total_cny > 0.0 else 0.0
        public = conduct[i].government_share * levers[0].green_procurement_share
        conduct[i].buyer_pressure = (
            chain + p.buyer_weight_cbam * conduct[i].cbam_share + p.buyer_weight_government * public
        )


@lean
def commit_hazard(export_share, buyer_pressure, disclosure_share, p):
    """Return the hazard of committing to green purchasing, 1/yr (SM07)."""
    return (
        p.commit_hazard_base_per_year
        + p.commit_hazard_export * export_share
        + p.commit_hazard_disclosure * disclosure_share
        + p.commit_hazard_buyer * buyer_pressure
    )


@lean
def commit(conduct, finance, params, levers, quarter, uniforms):
    """Let enterprises commit to green purchasing and return how many did (SM07).

    No rule of the model takes a commitment back, so the least time that it holds is always kept.

    Parameters
    ----------
    conduct : structured array
        Writes ``is_committed``, ``committed_quarter``.
    uniforms : ndarray, shape (N,)
    """
    committed = 0
    for i in range(conduct.size):
        firm = conduct[i]
        if firm.is_committed or not finance[i].is_alive:
            continue
        hazard = commit_hazard(firm.export_share, firm.buyer_pressure, levers[0].disclosure_share, params[0])
        if happens(hazard, uniforms[i]):
            firm.is_committed = True
            firm.committed_quarter = quarter
            committed += 1
    return committed
