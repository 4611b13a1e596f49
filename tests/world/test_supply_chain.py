"""The drawn supply chain: law of the draw, weights, round trips between arrays and graph, export (4.1, SM02)."""

import networkx as nx
import numpy as np
import pytest

from transition_sim.world import supply_chain
from transition_sim.world.supply_chain import (
    Edges,
    build_graph,
    check_graph,
    compile_graph,
    draw_edges,
    draw_locations,
    edges_from,
    edges_of,
    fit_weights,
    inputs_along_edges,
    lay_side_by_side,
    make_digraph,
    road_km,
)

N, S, COUNTIES = 300, 4, 3
# every sector buys from the next and from its own; sector 3 has one member, who has no colleague to buy from
LOCAL_INPUT = 0.1 * (np.eye(S) + np.roll(np.eye(S), 1, axis=1))


def make_chain(seed=1, n=N, **settings):
    rng = np.random.default_rng(seed)
    sector = rng.integers(0, S - 1, n)
    sector[0] = S - 1
    county = rng.integers(0, COUNTIES, n)
    size = rng.pareto(1.5, n) + 1.0
    location = draw_locations(rng, county, COUNTIES, is_park=False)
    edges = draw_edges(rng, sector, county, size, location, LOCAL_INPUT, **settings)
    return edges, sector, county, size, location


def sums_by_buyer_and_sector(edges, sector):
    totals = {}
    for buyer, supplier, weight in zip(edges.buyer, edges.supplier, edges.weight):
        totals[buyer, sector[supplier]] = totals.get((buyer, sector[supplier]), 0.0) + weight
    return totals


def test_sm02_weights_sum_to_one_for_each_buyer_and_sector():
    edges, sector, *_ = make_chain()
    totals = sums_by_buyer_and_sector(edges, sector)
    assert list(totals.values()) == pytest.approx([1.0] * len(totals), abs=1e-12)
    assert (edges.weight > 0).all()


def test_sm02_every_need_has_a_supplier_and_nothing_else_is_bought():
    """Each enterprise needs its own sector and the previous one; the lone member of sector 3 cannot buy its own."""
    edges, sector, *_ = make_chain()
    bought = set(sums_by_buyer_and_sector(edges, sector))
    needed = {(i, s) for i in range(N) for s in range(S) if LOCAL_INPUT[s, sector[i]] > 0}
    assert needed - bought == {(0, S - 1)}
    assert bought <= needed


def test_sm02_nobody_supplies_itself_and_no_pair_stands_twice():
    edges, *_ = make_chain()
    assert (edges.buyer != edges.supplier).all()
    assert len(set(zip(edges.buyer.tolist(), edges.supplier.tolist()))) == edges.buyer.size


def test_sm02_suppliers_per_need_are_one_and_poisson():
    """Mean 1 + 1.5 = 2.5 where enough exist; at most as many as the sector has; one each where the mean is 0."""
    edges, sector, *_ = make_chain(2, 3000)
    per_need = np.unique(edges.buyer.astype(np.int64) * S + sector[edges.supplier], return_counts=True)[1]
    of_sector_3 = np.bincount(edges.buyer[sector[edges.supplier] == S - 1])
    assert of_sector_3.max() == 1
    plentiful = sector[edges.supplier] != S - 1
    counts = np.unique((edges.buyer.astype(np.int64) * S + sector[edges.supplier])[plentiful], return_counts=True)[1]
    assert counts.mean() == pytest.approx(2.5, abs=0.1)
    assert per_need.min() == 1
    alone, sector, *_ = make_chain(2, 300, supplier_count_mean=0.0)
    assert np.unique(alone.buyer.astype(np.int64) * S + sector[alone.supplier], return_counts=True)[1].max() == 1


def test_sm02_suppliers_are_drawn_by_size_and_distance():
    """Sizes 1, 2, 1 at 0, 40, 80 road km, decay 80: 1 : 2 e^-.5 : e^-1 = .3874 : .4700 : .1425; sd .0035."""
    n = 20_003
    sector = np.r_[[0, 0, 0], np.ones(n - 3, int)]
    county = np.r_[[0, 1, 1], np.zeros(n - 3, int)]
    size = np.r_[[1.0, 2.0, 1.0], np.ones(n - 3)]
    location = np.zeros((n, 2))
    location[1:3, 0] = np.array([40.0, 80.0]) / supply_chain.ROAD_FACTOR
    local_input = np.array([[0.0, 0.2], [0.0, 0.0]])
    edges = draw_edges(np.random.default_rng(4), sector, county, size, location, local_input, 0.0, 80.0)
    assert edges.buyer.size == n - 3
    shares = np.bincount(edges.supplier, minlength=3) / (n - 3)
    assert shares == pytest.approx([0.3874, 0.4700, 0.1425], abs=0.012)
    assert edges.weight.tolist() == [1.0] * (n - 3)
    assert np.unique(edges.distance_km).tolist() == pytest.approx([0.0, 40.0, 80.0], abs=1e-5)


def test_sm02_a_remote_supplier_is_found_when_it_is_the_only_one():
    """4,000 km away at a decay of 1 km no proposal is ever accepted: the largest of the sector supplies."""
    sector, county = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1])
    location = np.array([[3000.0, 0.0], [3001.0, 900.0], [0.0, 0.0], [0.0, 800.0]])
    local_input = np.array([[0.0, 0.2], [0.0, 0.0]])
    edges = draw_edges(
        np.random.default_rng(1), sector, county, np.array([1.0, 5.0, 1.0, 1.0]), location, local_input, 0.0, 1.0
    )
    assert edges.supplier.tolist() == [1, 1]
    assert edges.buyer.tolist() == [2, 3]


def test_sm02_dirichlet_concentration_evens_the_weights():
    """Two suppliers, Dirichlet(a, a): variance 1/(4 (2a + 1)); a = 5: sd .1508, a = 500: .0158."""
    for concentration, sd in ((5.0, 0.1508), (500.0, 0.0158)):
        edges, sector, *_ = make_chain(6, 3000, concentration=concentration)
        need = edges.buyer.astype(np.int64) * S + sector[edges.supplier]
        _, where, counts = np.unique(need, return_inverse=True, return_counts=True)
        of_two = edges.weight[counts[where] == 2]
        assert of_two.mean() == pytest.approx(0.5, abs=1e-12)
        assert of_two.std() == pytest.approx(sd, rel=0.08)


def test_sm02_the_same_seed_draws_the_same_chain():
    first, *_ = make_chain(9)
    again, *_ = make_chain(9)
    other, *_ = make_chain(10)
    assert first.weight.tobytes() == again.weight.tobytes()
    assert first.supplier.tobytes() == again.supplier.tobytes()
    assert first.supplier.tobytes() != other.supplier.tobytes()


def test_4_1_locations_lie_around_their_county():
    """Radius 2.5 km in a park; 10 km around centres within 45 km in a city."""
    county = np.repeat(np.arange(3), 500)
    park = draw_locations(np.random.default_rng(1), np.zeros(500, int), 1, is_park=True)
    assert np.hypot(*park.T).max() <= 2.5
    city = draw_locations(np.random.default_rng(1), county, 3, is_park=False)
    for c in range(3):
        members = city[county == c]
        assert np.hypot(*(members - members.mean(axis=0)).T).max() < 11.0
        assert np.hypot(*members.mean(axis=0)) < 46.0


def test_4_1_road_distance():
    """3-4-5 triangle by 1.3: 6.5 km, the same both ways."""
    points = np.array([[0.0, 0.0], [3.0, 4.0]])
    there, back = np.array([0]), np.array([1])
    assert road_km(points, there, back) == pytest.approx([6.5])
    assert road_km(points, back, there) == pytest.approx([6.5])


def test_sm02_weights_move_away_from_a_supplier_that_is_too_small():
    """Buyer 2 (output 100) needs 20 of sector 0; the dwarf had .8 of it and may give 9 of its 10: 9/20 = .45."""
    edges = Edges(np.array([2, 2], np.int32), np.array([0, 1], np.int32), np.array([0.8, 0.2]), np.zeros(2, np.float32))
    sector, output = np.array([0, 0, 1]), np.array([10.0, 1000.0, 100.0])
    fitted = fit_weights(edges, sector, np.array([[0.0, 0.2], [0.0, 0.0]]), output)
    assert fitted.weight == pytest.approx([0.45, 0.55], abs=1e-6)
    assert edges.weight.tolist() == [0.8, 0.2]


def test_sm02_an_only_supplier_keeps_its_buyer_however_small():
    edges = Edges(np.array([1], np.int32), np.array([0], np.int32), np.array([1.0]), np.zeros(1, np.float32))
    fitted = fit_weights(edges, np.array([0, 1]), np.array([[0.0, 0.2], [0.0, 0.0]]), np.array([1.0, 1000.0]))
    assert fitted.weight.tolist() == [1.0]


def test_sm02_fitted_weights_still_sum_to_one_and_ask_for_less():
    edges, sector, _, size, _ = make_chain(3, 500)
    fitted = fit_weights(edges, sector, LOCAL_INPUT, size)

    def worst_load(e):
        need = LOCAL_INPUT[sector[e.supplier], sector[e.buyer]] * size[e.buyer]
        load = np.bincount(e.supplier, need * e.weight, size.size) / size
        return load[sector < S - 1].max()

    totals = sums_by_buyer_and_sector(fitted, sector)
    assert list(totals.values()) == pytest.approx([1.0] * len(totals), abs=1e-9)
    assert worst_load(fitted) < worst_load(edges)


def test_sm02_round_trip_between_arrays_graph_and_rows():
    edges, sector, *_ = make_chain()
    digraph = make_digraph(edges, sector.tolist())
    check_graph(digraph)
    for again in (edges_of(digraph), edges_from(compile_graph(digraph)), edges_from(compile_graph(edges, N))):
        assert again.buyer.tolist() == edges.buyer.tolist()
        assert again.supplier.tolist() == edges.supplier.tolist()
        assert again.weight.tolist() == edges.weight.tolist()
        assert again.distance_km == pytest.approx(edges.distance_km, abs=6e-4)


def test_sm02_compiled_rows_say_the_same_as_networkx():
    edges, sector, *_ = make_chain()
    digraph = make_digraph(edges, sector.tolist())
    graph = build_graph(edges, sector)
    sold = inputs_along_edges(graph, sector, np.ones((sector.max() + 1, sector.max() + 1)))[1]
    for i in range(N):
        first, last = graph.supplier_start[i], graph.supplier_start[i + 1]
        assert sorted(graph.supplier[first:last]) == sorted(digraph.predecessors(i))
        b_first, b_last = graph.buyer_start[i], graph.buyer_start[i + 1]
        assert sorted(graph.buyer[b_first:b_last]) == sorted(digraph.successors(i))
        for buyer, weight in zip(graph.buyer[b_first:b_last], sold[b_first:b_last]):
            assert weight == digraph.edges[i, int(buyer)]["weight"]


def test_sm02_large_chains_are_compiled_from_arrays_alike(monkeypatch):
    edges, sector, *_ = make_chain()
    small = build_graph(edges, sector)
    monkeypatch.setattr(supply_chain, "DIGRAPH_EDGES", 0)
    large = build_graph(edges, sector)
    for name in ("supplier_start", "supplier", "weight", "buyer_start", "buyer"):
        assert getattr(small, name).tolist() == getattr(large, name).tolist()


def test_sm02_a_chain_without_edges():
    none = Edges(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0), np.zeros(0, np.float32))
    graph = build_graph(none, np.array([0, 1, 2]))
    assert graph.supplier_start.tolist() == [0, 0, 0, 0]
    assert edges_of(make_digraph(none, [0, 1, 2])).buyer.size == 0
    nothing_needed = draw_edges(
        np.random.default_rng(1), np.array([0, 1]), np.zeros(2, int), np.ones(2), np.zeros((2, 2)), np.zeros((2, 2))
    )
    assert nothing_needed.weight.size == 0


def test_sm02_graphml_loads_in_networkx(tmp_path):
    edges, sector, county, size, _ = make_chain(n=60)
    ids = [f"E{i:03d}" for i in range(60)]
    digraph = make_digraph(edges, sector, {"id": ids, "county": county, "size": size})
    nx.write_graphml(digraph, tmp_path / "chain.graphml")
    loaded = nx.read_graphml(tmp_path / "chain.graphml", node_type=int)
    assert loaded.is_directed()
    assert sorted(loaded.nodes) == list(range(60))
    assert loaded.nodes[7] == {"sector": int(sector[7]), "id": "E007", "county": int(county[7]), "size": size[7]}
    assert set(loaded.edges) == set(digraph.edges)
    check_graph(loaded)
    assert edges_of(loaded).weight.tolist() == edges.weight.tolist()


def two_nodes(weight=1.0, sold=0, **more):
    graph = nx.DiGraph()
    graph.add_node(0, sector=0)
    graph.add_node(1, sector=1)
    graph.add_edge(0, 1, weight=weight, sector=sold)
    for edge in more.get("edges", ()):
        graph.add_edge(*edge, weight=1.0, sector=graph.nodes[edge[0]]["sector"])
    return graph


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        (two_nodes(edges=[(1, 1)]), "enterprise 1 supplies itself"),
        (two_nodes(weight=0.5), "enterprise 1 in sector 0 have weights that sum to 0.5"),
        (two_nodes(weight=0.0), "the weight of 0 -> 1 is 0.0"),
        (two_nodes(sold=1), "the edge 0 -> 1 sells 1, its supplier makes 0"),
        (nx.relabel_nodes(two_nodes(), {1: 5}), "rows 0 to N - 1"),
    ],
)
def test_sm02_a_bad_graph_is_refused(graph, said):
    with pytest.raises(ValueError, match=said):
        check_graph(graph)


def test_sm02_edges_that_cannot_be_compiled_are_refused():
    edges = Edges(np.array([1, 0], np.int32), np.array([0, 1], np.int32), np.ones(2), np.zeros(2, np.float32))
    with pytest.raises(ValueError, match="order of their buyers"):
        compile_graph(edges, 2)
    with pytest.raises(ValueError, match="give n"):
        compile_graph(edges)
    ordered = Edges(edges.supplier, edges.buyer, edges.weight, edges.distance_km)
    with pytest.raises(ValueError, match="beyond the 1 enterprises"):
        compile_graph(ordered, 1)


def test_purchases_side_by_side():
    """Five with 2, 0, 1, 3, 0 suppliers: blocks of four by number of suppliers, (1, 4, 2, 0) and (3), each in order."""
    start, supplier = np.array([0, 2, 2, 3, 6, 6]), np.array([3, 1, 0, 2, 0, 4])
    laid = lay_side_by_side(start, supplier, np.array([0.3, 0.1, 0.5, 0.2, 0.4, 0.6]))
    assert laid.row.tolist() == [[1, 4, 2, 0], [3, 5, 5, 5]]
    assert laid.start.tolist() == [0, 2, 5]
    assert laid.supplier.tolist() == [[0, 0, 0, 3], [0, 0, 0, 1], [2, 0, 0, 0], [0, 0, 0, 0], [4, 0, 0, 0]]
    assert laid.input.tolist() == [
        [0.0, 0.0, 0.5, 0.3], [0.0, 0.0, 0.0, 0.1], [0.2, 0.0, 0.0, 0.0], [0.4, 0.0, 0.0, 0.0], [0.6, 0.0, 0.0, 0.0],
    ]  # fmt: skip


def test_nobody_buys_side_by_side():
    laid = lay_side_by_side(np.zeros(4, np.int64), np.zeros(0, np.int32), np.zeros(0))
    assert laid.row.tolist() == [[0, 1, 2, 3]]
    assert laid.start.tolist() == [0, 0]
    assert laid.supplier.shape == (0, 4)
