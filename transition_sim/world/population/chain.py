"""A supply chain that the base-year outputs can carry: nobody is asked for more than it makes (4.1 step 4)."""

import numpy as np

from transition_sim.world.supply_chain import Edges, fit_weights, road_km

ATTEMPTS = 8
LARGEST_SHARE = 0.9
"""Share of its output that an enterprise sells to others of the place at most [A]."""
NEW_WEIGHT = 0.2
"""Weight of an added supplier before the weights of its sector are scaled to 1 [A]."""
CANDIDATES = 20


def loads(edges: Edges, sector: np.ndarray, local_input: np.ndarray, output_cny: np.ndarray) -> np.ndarray:
    """Return what enterprises order from each enterprise when all make their base-year output, CNY/yr."""
    share = local_input[sector[edges.supplier], sector[edges.buyer]] * edges.weight
    return np.bincount(edges.supplier, share * output_cny[edges.buyer], output_cny.size)


def balance_edges(
    edges: Edges, sector: np.ndarray, local_input: np.ndarray, output_cny: np.ndarray, location_km: np.ndarray
) -> Edges:
    """Return edges whose weights ask no supplier for more than 90 % of its output.

    Weights are shifted first (``fit_weights``). Where all suppliers of a buyer are too small, it gets one more: the
    enterprise of the sector with the largest output to spare.
    """
    for _ in range(ATTEMPTS):
        edges = fit_weights(edges, sector, local_input, output_cny, LARGEST_SHARE)
        asked = loads(edges, sector, local_input, output_cny)
        over = asked > LARGEST_SHARE * output_cny * (1.0 + 1e-6)
        if not over.any():
            break
        edges = _add_suppliers(edges, over, output_cny - asked, sector, local_input.shape[0], location_km)
    return edges


def _add_suppliers(edges: Edges, over, spare_cny, sector, n_sectors: int, location_km) -> Edges:
    """Give every buyer of an overloaded supplier one more supplier of that sector, at most one a sector."""
    wanted = np.unique(
        edges.buyer[over[edges.supplier]].astype(np.int64) * n_sectors + sector[edges.supplier[over[edges.supplier]]]
    )
    known = edges.buyer.astype(np.int64) * sector.size + edges.supplier  # in order, as the edges are
    spare = spare_cny.copy()
    buyers, suppliers = [], []
    for key in wanted.tolist():
        i, s = divmod(key, n_sectors)
        candidates = np.flatnonzero((sector == s) & (spare > 0))
        for j in candidates[np.argsort(-spare[candidates], kind="stable")][:CANDIDATES]:
            at = np.searchsorted(known, i * sector.size + j)
            if j != i and not (at < known.size and known[at] == i * sector.size + j):
                buyers.append(i)
                suppliers.append(int(j))
                spare[j] *= 0.5
                break
    i, j = np.array(buyers, np.int32), np.array(suppliers, np.int32)
    weight = np.concatenate([edges.weight, np.full(i.size, NEW_WEIGHT)])
    buyer, supplier = np.concatenate([edges.buyer, i]), np.concatenate([edges.supplier, j])
    distance = np.concatenate([edges.distance_km, road_km(location_km, i, j).astype(np.float32)])
    request = buyer.astype(np.int64) * n_sectors + sector[supplier]
    _, at = np.unique(request, return_inverse=True)
    weight = weight / np.bincount(at, weight)[at]
    order = np.lexsort((supplier, buyer))
    return Edges(buyer[order], supplier[order], weight[order], distance[order])
