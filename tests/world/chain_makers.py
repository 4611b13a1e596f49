"""Small supply chains for tests, as arrays."""

import numpy as np

from transition_sim.core.tables import allocate
from transition_sim.world.state import ENTERPRISE_TABLES, Graph


def graph_of(n, edges):
    """Graph from (supplier, buyer, weight); plain loops, nothing of the package."""
    edges = sorted(edges, key=lambda e: (e[1], e[0]))
    supplier_start = np.zeros(n + 1, dtype=np.int64)
    buyer_start = np.zeros(n + 1, dtype=np.int64)
    for j, i, _ in edges:
        supplier_start[i + 1] += 1
        buyer_start[j + 1] += 1
    order = sorted(range(len(edges)), key=lambda e: (edges[e][0], edges[e][1]))
    return Graph(
        supplier_start=np.cumsum(supplier_start),
        supplier=np.array([e[0] for e in edges], dtype=np.int32),
        weight=np.array([e[2] for e in edges], dtype=float),
        distance_km=np.zeros(len(edges), dtype=np.float32),
        buyer_start=np.cumsum(buyer_start),
        buyer=np.array([edges[e][1] for e in order], dtype=np.int32),
    )


class Chain:
    """Tables of a few enterprises with room to spare, prices of 1, everybody alive."""

    def __init__(self, sectors, edges, capacity=1e6):
        n = len(sectors)
        for name in ("production", "prices", "finance", "flows", "energy", "conduct"):
            setattr(self, name, allocate(ENTERPRISE_TABLES[name], n))
        self.sector = np.array(sectors, dtype=np.int16)
        self.production["sector"] = self.sector
        self.production["capacity_cny"] = capacity
        self.production["available_share"] = 1.0
        self.prices["price_index"] = 1.0
        self.finance["is_alive"] = True
        self.graph = graph_of(n, edges)
        self.n_sectors = max(sectors) + 1
        self.leaked = np.zeros(self.n_sectors)

    def supplier_input(self, local_input):
        """Input along each edge per unit of output of its buyer."""
        buyer = np.repeat(np.arange(self.sector.size), np.diff(self.graph.supplier_start))
        return local_input[self.sector[self.graph.supplier], self.sector[buyer]] * self.graph.weight

    def buyer_input(self, local_input):
        """The same in the order of the buyers of each supplier."""
        buyer = np.repeat(np.arange(self.sector.size), np.diff(self.graph.supplier_start))
        return self.supplier_input(local_input)[np.lexsort((buyer, self.graph.supplier))]

    def links(self, local_input):
        """Who buys from each supplier, and how much per unit of the buyer's output."""
        return self.graph.buyer_start, self.graph.buyer, self.buyer_input(local_input)


TWO_BY_TWO = np.array([[0.2, 0.3], [0.4, 0.1]])
# two enterprises a sector: each buys its own sector's goods from the other one, the other sector's from both evenly
PAIRS = [
    (1, 0, 1.0), (2, 0, 0.5), (3, 0, 0.5),
    (0, 1, 1.0), (2, 1, 0.5), (3, 1, 0.5),
    (3, 2, 1.0), (0, 2, 0.5), (1, 2, 0.5),
    (2, 3, 1.0), (0, 3, 0.5), (1, 3, 0.5),
]  # fmt: skip


def pairs_chain(final_demand=(100.0, 50.0), capacity=1e6):
    chain = Chain([0, 0, 1, 1], PAIRS, capacity)
    chain.production["final_share"] = 0.5
    chain.final_demand = np.array(final_demand)
    return chain
