"""Peers and buyers: who uses what among neighbours, and how green purchasing spreads up the chain (SM07)."""

from typing import NamedTuple

import numpy as np

from transition_sim.agents.hazards import happens
from transition_sim.core.kernels import lean, merged
from transition_sim.world.adoption import NO_SLOT, Adoption
from transition_sim.world.state import SOE


class Peers(NamedTuple):
    """What an enterprise knows of others.

    Attributes
    ----------
    county : ndarray of int, shape (N,)
        Enterprises of a county are neighbours.
    adoption : Adoption
    national_share : ndarray, shape (K,)
        Share of each technology among users of its service in the country, 0 to 1.
    national_adopters_share : ndarray, shape (U,)
        Share of those in the country whose equipment for a service counts as adoption.
    """

    county: np.ndarray
    adoption: Adoption
    national_share: np.ndarray
    national_adopters_share: np.ndarray


@merged
def national_shares(technologies, is_adoption, start, now, n_services, shown_share):
    """Return the share of each technology among its users in the country, and of adopters by service (SM07).

    1 - X0/X of the cumulative deployment of its group: nobody new in 2020, towards all as deployment multiplies; 0
    for technologies without a group. A practice that the place copied from a pilot counts with its share there, where
    that is higher (SM23).

    Parameters
    ----------
    technologies : structured array, shape (K,)
    is_adoption : ndarray of bool, shape (K,)
    start, now : ndarray, shape (n_groups,)
        National deployment in 2020 and now.
    shown_share : ndarray, shape (K,)
        Share of users in the pilots that a practice was copied from; 0: not copied.
    """
    share, adopters = np.zeros(technologies.size), np.zeros(n_services)
    for k in range(technologies.size):
        group, service = technologies[k].learning_group, technologies[k].service
        if group >= 0:
            share[k] = 1.0 - start[group] / now[group]
        share[k] = max(share[k], shown_share[k])
        if is_adoption[k]:
            adopters[service] = min(1.0, adopters[service] + share[k])
    return share, adopters


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
def adopters_share(i, service, peers, p):
    """Return the share of an enterprise's peers whose main equipment of a service counts as adoption (SM07).

    For a measure, roof or battery: whose slot has any. The enterprise itself is not its own neighbour.
    """
    adoption, c = peers.adoption, peers.county[i]
    own = adoption.technology[i, service]
    n_park = adoption.holders[c, service] - (1.0 if own != NO_SLOT else 0.0)
    adopts = 1.0 if own >= 0 and adoption.is_adoption[own] else 0.0
    park = (adoption.adopters[c, service] - adopts) / n_park if n_park > 0.0 else 0.0
    found = adoption.near_holders[i, service]
    graph = adoption.near_adopters[i, service] / found if found > 0 else 0.0
    return weighted_share(park, n_park, graph, found, peers.national_adopters_share[service], p)


@lean
def users_share(i, service, k, peers, p):
    """Return F_ik, the share of an enterprise's peers that use technology k for its service (SM07)."""
    adoption, c = peers.adoption, peers.county[i]
    own = adoption.technology[i, service]
    n_park = adoption.holders[c, service] - (1.0 if own != NO_SLOT else 0.0)
    park = (adoption.users[c, k] - (1.0 if own == k else 0.0)) / n_park if n_park > 0.0 else 0.0
    found = adoption.near_holders[i, service]
    graph = adoption.near_users[i, k] / found if found > 0 else 0.0
    return weighted_share(park, n_park, graph, found, peers.national_share[k], p)


@lean
def update_buyer_pressure(conduct, production, buyer_start, buyer, buyer_input, params, levers):
    """Write the green pressure of buyers on every enterprise (SM07).

    ``BP_i = sum over buyers c of share_ic G_c + 0.5 cbam_i + 0.5 government_i L06``. The share is what a buyer takes
    of all that i sells: local input x weight of the edge x output of the buyer, over the orders of i.

    Parameters
    ----------
    conduct : structured array
        Writes ``buyer_pressure``; reads ``is_committed`` as it stands before anyone commits this quarter.
    production : structured array
        ``sector``, ``orders_cny``, ``output_cny``.
    buyer_start, buyer : ndarrays of ``state.Graph``
    buyer_input : ndarray, shape (n_edges,)
        What each buyer takes per unit of its output.
    params, levers : structured arrays, shape (1,)
    """
    p = params[0]
    for i in range(conduct.size):
        green_cny, sold_cny = 0.0, 0.0
        for e in range(buyer_start[i], buyer_start[i + 1]):
            c = buyer[e]
            cny = buyer_input[e] * production[c].output_cny
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
def commit_hazard(export_share, buyer_pressure, disclosure_share, plan_index, p):
    """Return the hazard of committing to green purchasing, 1/yr (SM07); ``plan_index``: duty to plan a peak (L55)."""
    return (
        p.commit_hazard_base_per_year
        + p.commit_hazard_export * export_share
        + p.commit_hazard_disclosure * disclosure_share
        + p.commit_hazard_buyer * buyer_pressure
        + p.commit_hazard_plan * plan_index
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
        must_plan = finance[i].ownership == SOE or firm.is_anchor
        plan_index = levers[0].enterprise_peak_plans if must_plan else 0.0
        hazard = commit_hazard(
            firm.export_share, firm.buyer_pressure, levers[0].disclosure_share, plan_index, params[0]
        )
        if happens(hazard, uniforms[i]):
            firm.is_committed = True
            firm.committed_quarter = quarter
            committed += 1
    return committed
