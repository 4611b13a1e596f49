"""The supply chain: who buys from whom, drawn once from sizes and distances (4.1 step 4, SM02).

Edges are drawn as arrays. The directed graph (NetworkX, supplier -> buyer) is made from them to be checked, looked at
and exported; what a step uses is compiled from the graph, or beyond ``DIGRAPH_EDGES`` from the arrays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from transition_sim.world.state import Graph

DIGRAPH_EDGES = 100_000
LANES = 4
"""Enterprises side by side: a processor adds up as many sums at a time, and waits for each."""
ROUNDS = 12
ROAD_FACTOR = 1.3
"""Road distance over the straight line [A]."""
PLACE_RADIUS_KM = 45.0
"""Counties lie within this radius: about 6,340 km2 of a prefecture city."""
PARK_RADIUS_KM, COUNTY_RADIUS_KM = 2.5, 10.0
"""Enterprises lie within this radius of the centre: distances up to 5 km in a park, 20 km in a county."""


@dataclass(frozen=True)
class Edges:
    """Edges in the order of their buyers, and of the suppliers of a buyer.

    Attributes
    ----------
    buyer, supplier : ndarray of i4, shape (E,)
    weight : ndarray, shape (E,)
        Sums to 1 over the suppliers of one buyer within one sector.
    distance_km : ndarray of f4, shape (E,)
    """

    buyer: np.ndarray
    supplier: np.ndarray
    weight: np.ndarray
    distance_km: np.ndarray


def draw_locations(rng: np.random.Generator, county: np.ndarray, n_counties: int, is_park: bool) -> np.ndarray:
    """Return where enterprises stand, km, shape (N, 2): counties in a disc, enterprises around their centres.

    Distances between places on a plane are symmetric and obey the triangle inequality.
    """

    def in_disc(n: int, radius_km: float) -> np.ndarray:
        angle, radius = 2 * np.pi * rng.random(n), radius_km * np.sqrt(rng.random(n))
        return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)

    centres = in_disc(n_counties, PLACE_RADIUS_KM) if n_counties > 1 else np.zeros((1, 2))
    return centres[county] + in_disc(county.size, PARK_RADIUS_KM if is_park else COUNTY_RADIUS_KM)


def road_km(location_km: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return road distances between rows, km."""
    return ROAD_FACTOR * np.hypot(*(location_km[a] - location_km[b]).T)


@dataclass(frozen=True)
class _Candidates:
    """Enterprises grouped by sector and county, with cumulated sizes: a supplier is found by bisection."""

    row: np.ndarray
    cumulated: np.ndarray
    group_start: np.ndarray
    group_size: np.ndarray
    county_km: np.ndarray

    @classmethod
    def group(cls, sector, county, size, location_km, n_sectors, n_counties) -> "_Candidates":
        key = sector.astype(np.int64) * n_counties + county
        row = np.argsort(key, kind="stable")
        totals = np.bincount(key, size, n_sectors * n_counties).reshape(n_sectors, n_counties)
        counts = np.bincount(key, minlength=n_sectors * n_counties)
        heads = np.maximum(np.bincount(county, minlength=n_counties), 1)
        centre = np.stack([np.bincount(county, location_km[:, x], n_counties) / heads for x in (0, 1)], axis=1)
        apart = ROAD_FACTOR * np.hypot(*(centre[:, None] - centre[None, :]).transpose(2, 0, 1))
        return cls(row, np.cumsum(size[row]), np.concatenate([[0], np.cumsum(counts)]), totals, apart)


def _propose(rng, pool: _Candidates, supplying, buyer_county, decay_km):
    """Return a supplier for each request: a county by its size and distance, then an enterprise by its size."""
    n_counties = pool.group_size.shape[1]
    pull = pool.group_size[:, None, :] * np.exp(-pool.county_km / decay_km)[None, :, :]
    pull = np.cumsum(pull / np.maximum(pull.sum(axis=2, keepdims=True), 1e-300), axis=2)
    chosen = (rng.random(supplying.size)[:, None] > pull[supplying, buyer_county]).sum(axis=1)
    group = supplying.astype(np.int64) * n_counties + np.minimum(chosen, n_counties - 1)
    first, last = pool.group_start[group], pool.group_start[group + 1]
    below = np.where(first > 0, pool.cumulated[first - 1], 0.0)
    span = pool.group_size.ravel()[group]
    at = np.searchsorted(pool.cumulated, below + rng.random(supplying.size) * span, side="right")
    return pool.row[np.clip(at, first, np.maximum(last - 1, first)).clip(max=pool.row.size - 1)]


def draw_edges(
    rng: np.random.Generator,
    sector: np.ndarray,
    county: np.ndarray,
    size: np.ndarray,
    location_km: np.ndarray,
    local_input: np.ndarray,
    supplier_count_mean: float = 1.5,
    decay_km: float = 80.0,
    concentration: float = 5.0,
) -> Edges:
    """Draw the suppliers of every enterprise (4.1 step 4).

    For each sector that it needs a buyer draws 1 + Poisson(mean) different suppliers, with probability proportional
    to size * exp(-distance / decay), and weights from Dirichlet(concentration). Proposals by county are accepted by
    their own distance, so the law holds exactly without a table of all pairs; a buyer that finds fewer than it wants
    in ``ROUNDS`` rounds (because few exist) keeps those. Nobody supplies itself.

    Parameters
    ----------
    sector, county, size : ndarray, shape (N,)
        Size > 0, for instance annual output.
    location_km : ndarray, shape (N, 2)
    local_input : ndarray, shape (S, S)
        A sector is needed where its entry is positive.
    """
    n, n_sectors = sector.size, local_input.shape[0]
    members = np.bincount(sector, minlength=n_sectors)
    buyer, supplying = np.nonzero((local_input.T > 0)[sector])
    wanted = 1 + rng.poisson(supplier_count_mean, buyer.size)
    wanted = np.minimum(wanted, members[supplying] - (sector[buyer] == supplying))
    pool = _Candidates.group(sector, county, size, location_km, n_sectors, int(county.max()) + 1)
    radius = 2.0 * ROAD_FACTOR * np.hypot(*(location_km - _centres(location_km, county)).T).max()
    pairs = np.zeros(0, np.int64)  # request * n + supplier
    for _ in range(ROUNDS):
        found = np.bincount(pairs // n, minlength=buyer.size)
        request = np.repeat(np.arange(buyer.size), np.maximum(wanted - found, 0))
        if request.size == 0:
            break
        j = _propose(rng, pool, supplying[request], county[buyer[request]], decay_km)
        i = buyer[request]
        near = pool.county_km[county[i], county[j]] - road_km(location_km, i, j)  # at most +- radius
        accepted = (rng.random(j.size) < np.exp((near - radius) / decay_km)) & (i != j)
        accepted &= sector[j] == supplying[request]  # rounding at the end of a cumulated sum picks a neighbour
        pairs = _distinct(np.concatenate([pairs, request[accepted] * n + j[accepted]]))
    pairs = np.concatenate([pairs, _nearest_for_empty(pairs, buyer, supplying, wanted, sector, size, n)])
    pairs.sort()
    request, supplier = np.divmod(pairs, n)
    strength = rng.standard_gamma(concentration, pairs.size)
    weight = strength / np.bincount(request, strength, buyer.size)[request]
    rows = buyer[request]
    order = np.lexsort((supplier, rows))  # as a DiGraph gives them back
    rows, supplier, weight = rows[order], supplier[order], weight[order]
    distance = road_km(location_km, rows, supplier).astype(np.float32)
    return Edges(rows.astype(np.int32), supplier.astype(np.int32), weight, distance)


def _distinct(numbers: np.ndarray) -> np.ndarray:
    """Return the different numbers in order; the array is sorted in place.

    NumPy's own way, through a table of hashes, leaves the memory of millions of numbers in small pieces.
    """
    numbers.sort()
    is_first = np.ones(numbers.size, bool)
    np.not_equal(numbers[1:], numbers[:-1], out=is_first[1:])
    return numbers[is_first]


def _centres(location_km, county):
    count = np.maximum(np.bincount(county), 1)
    return np.stack([(np.bincount(county, location_km[:, x]) / count)[county] for x in (0, 1)], axis=1)


def _nearest_for_empty(pairs, buyer, supplying, wanted, sector, size, n):
    """Return a pair for every request that found nobody: the largest enterprise of the sector, or the second."""
    empty = np.flatnonzero((np.bincount(pairs // n, minlength=buyer.size) == 0) & (wanted > 0))
    order = np.lexsort((-size, sector))
    first = np.searchsorted(sector[order], supplying[empty])
    largest = order[first]
    itself = largest == buyer[empty]
    largest[itself] = order[first[itself] + 1]
    return empty * n + largest


def fit_weights(edges: Edges, sector, local_input, output, largest_share: float = 0.9, rounds: int = 40) -> Edges:
    """Return the edges with weights shifted from suppliers that would be asked for more than they make.

    Sizes and edges are drawn apart, so that a giant may pick a dwarf. Weights of a supplier whose local buyers want
    more than ``largest_share`` of its output are scaled down, and those of each buyer and sector back to 1, in turn.
    A buyer whose only supplier is small keeps it.

    Parameters
    ----------
    output : ndarray, shape (N,)
        Annual output, CNY/yr.
    """
    n_sectors = local_input.shape[0]
    need = local_input[sector[edges.supplier], sector[edges.buyer]] * output[edges.buyer]
    request = edges.buyer.astype(np.int64) * n_sectors + sector[edges.supplier]
    weight = edges.weight.copy()
    for _ in range(rounds):
        load = np.bincount(edges.supplier, need * weight, output.size)
        excess = load / (largest_share * output)
        if edges.weight.size == 0 or excess.max() <= 1.0 + 1e-9:
            break
        weight /= np.maximum(excess, 1.0)[edges.supplier]
        weight /= np.bincount(request, weight)[request]
    return Edges(edges.buyer, edges.supplier, weight, edges.distance_km)


def inputs_along_edges(graph: Graph, sector: np.ndarray, local_input: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what a buyer takes along each edge per unit of its output: by buyer's list, and by supplier's list.

    Parameters
    ----------
    sector : ndarray of int, shape (N,)
    local_input : ndarray, shape (S, S)
        Local input of row sector per unit of output of column sector.

    Returns
    -------
    supplier_input, buyer_input : ndarray, shape (n_edges,)
        CNY/CNY, beside ``graph.supplier`` and ``graph.buyer``.
    """
    supplier_input = local_input[sector[graph.supplier], sector[edges_from(graph).buyer]] * graph.weight
    return supplier_input, supplier_input[_by_supplier(graph.supplier)]


class SideBySide(NamedTuple):
    """What enterprises buy, several enterprises at a time: those with as many suppliers stand beside each other.

    Attributes
    ----------
    row : ndarray of u4, shape (n_blocks, LANES)
        Enterprises; N where a place is empty.
    start : ndarray of int, shape (n_blocks + 1,)
        First rank of the suppliers of each block.
    supplier : ndarray of u4, shape (n_ranks, LANES)
        The first supplier of each enterprise of a block, then the second ...
    input : ndarray, shape (n_ranks, LANES)
        Input from it per unit of output; 0 where an enterprise has no more.
    """

    row: np.ndarray
    start: np.ndarray
    supplier: np.ndarray
    input: np.ndarray


def lay_side_by_side(supplier_start: np.ndarray, supplier: np.ndarray, supplier_input: np.ndarray) -> SideBySide:
    """Return lists of suppliers, of which each is read in its order, side by side."""
    n_suppliers = np.diff(supplier_start)
    order = np.argsort(n_suppliers, kind="stable")
    row = np.full(-(-order.size // LANES) * LANES, order.size, np.uint32)
    row[: order.size] = order
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    # the last of a block has most suppliers
    most = n_suppliers[order[np.minimum(np.arange(LANES - 1, row.size, LANES), order.size - 1)]]
    start = np.concatenate([[0], np.cumsum(most)])
    buyer = np.repeat(np.arange(order.size), n_suppliers)
    rank = np.arange(supplier.size) - supplier_start[buyer] + start[place[buyer] // LANES]
    by_rank, inputs = np.zeros((start[-1], LANES), np.uint32), np.zeros((start[-1], LANES))
    by_rank[rank, place[buyer] % LANES], inputs[rank, place[buyer] % LANES] = supplier, supplier_input
    return SideBySide(row.reshape(-1, LANES), start, by_rank, inputs)


def make_digraph(edges: Edges, sector: Sequence[Any], attributes: dict[str, Sequence[Any]] | None = None) -> nx.DiGraph:
    """Return the supply chain as a directed graph, supplier -> buyer.

    Parameters
    ----------
    sector : sequence, length N
        Sector of each enterprise: index or id.
    attributes : dict of name -> sequence of length N, optional
        Further attributes of the nodes (id, name, county, size).
    """
    graph: nx.DiGraph = nx.DiGraph()
    names = {"sector": sector, **(attributes or {})}
    columns = [[_plain(v) for v in values] for values in names.values()]
    graph.add_nodes_from((i, dict(zip(names, row))) for i, row in enumerate(zip(*columns)))
    sold = columns[0]
    rows = zip(edges.supplier.tolist(), edges.buyer.tolist(), edges.weight.tolist(), edges.distance_km.tolist())
    graph.add_edges_from((j, i, {"weight": w, "sector": sold[j], "distance_km": round(d, 3)}) for j, i, w, d in rows)
    return graph


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value


def check_graph(graph: nx.DiGraph) -> None:
    """Check that rows are 0..N-1, nobody supplies itself, and weights sum to 1 per buyer and supplying sector.

    Raises
    ------
    ValueError
        Naming the first offender.
    """
    n = graph.number_of_nodes()
    if set(graph.nodes) != set(range(n)):
        raise ValueError("the nodes of a supply chain are the rows 0 to N - 1")
    loops = list(nx.selfloop_edges(graph))
    if loops:
        raise ValueError(f"enterprise {loops[0][0]} supplies itself")
    total: dict[tuple[int, Any], float] = {}
    for j, i, edge in graph.edges(data=True):
        if not edge["weight"] > 0:
            raise ValueError(f"the weight of {j} -> {i} is {edge['weight']}")
        if edge["sector"] != graph.nodes[j]["sector"]:
            raise ValueError(
                f"the edge {j} -> {i} sells {edge['sector']}, its supplier makes {graph.nodes[j]['sector']}"
            )
        total[i, edge["sector"]] = total.get((i, edge["sector"]), 0.0) + edge["weight"]
    for (i, sector), weight in total.items():
        if abs(weight - 1.0) > 1e-9:
            raise ValueError(f"the suppliers of enterprise {i} in sector {sector} have weights that sum to {weight}")


def edges_of(graph: nx.DiGraph) -> Edges:
    """Return the edges of a directed graph in the order of their buyers."""
    rows = sorted((i, j, e["weight"], e.get("distance_km", 0.0)) for j, i, e in graph.edges(data=True))
    columns = list(zip(*rows)) if rows else [(), (), (), ()]
    return Edges(
        np.array(columns[0], np.int32), np.array(columns[1], np.int32), np.array(columns[2], float),
        np.array(columns[3], np.float32),
    )  # fmt: skip


def compile_graph(graph: nx.DiGraph | Edges, n: int | None = None) -> Graph:
    """Return the compressed rows of a supply chain: suppliers by buyer, and buyers by supplier.

    Parameters
    ----------
    graph : DiGraph or Edges
    n : int, optional
        Enterprises; needed with ``Edges``, else counted.

    Raises
    ------
    ValueError
        Edges without ``n``, beyond it, or not in the order of their buyers.
    """
    edges = graph if isinstance(graph, Edges) else edges_of(graph)
    if n is None:
        if isinstance(graph, Edges):
            raise ValueError("edges do not tell how many enterprises there are: give n")
        n = graph.number_of_nodes()
    if (np.diff(edges.buyer) < 0).any():
        raise ValueError("edges stand in the order of their buyers")
    if edges.weight.size and max(edges.buyer.max(), edges.supplier.max()) >= n:
        raise ValueError(f"an edge names a row beyond the {n} enterprises")
    by_supplier = _by_supplier(edges.supplier)
    return Graph(
        supplier_start=_starts(edges.buyer, n),
        supplier=np.ascontiguousarray(edges.supplier, np.int32),
        weight=np.ascontiguousarray(edges.weight, float),
        distance_km=np.ascontiguousarray(edges.distance_km, np.float32),
        buyer_start=_starts(edges.supplier, n),
        buyer=np.ascontiguousarray(edges.buyer[by_supplier], np.int32),
    )


def _by_supplier(supplier: np.ndarray) -> np.ndarray:
    """Return the edges in the order of ``Graph.buyer``: by supplier, and of one supplier in the order of buyers."""
    return np.argsort(supplier, kind="stable")


def _starts(row: np.ndarray, n: int) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))]).astype(np.int64)


def edges_from(graph: Graph) -> Edges:
    """Return the edges behind compressed rows."""
    buyer = np.repeat(np.arange(graph.supplier_start.size - 1), np.diff(graph.supplier_start))
    return Edges(buyer.astype(np.int32), graph.supplier, graph.weight, graph.distance_km)


def build_graph(edges: Edges, sector: np.ndarray) -> Graph:
    """Return the compiled supply chain: through a checked DiGraph up to ``DIGRAPH_EDGES``, beyond from the arrays."""
    if edges.weight.size > DIGRAPH_EDGES:
        return compile_graph(edges, sector.size)
    graph = make_digraph(edges, sector.tolist())
    check_graph(graph)
    return compile_graph(graph)
