"""Orders, spill, deliveries, prices, shares and capacity against a slow plain twin and by hand (SM02, B13)."""

import numpy as np
import pytest
from chain_makers import Chain, pairs_chain
from hypothesis import given, settings
from hypothesis import strategies as st

from transition_sim.core.errors import ConservationError
from transition_sim.world.deliveries import check_goods, deliver_on_graph
from transition_sim.world.local_inputs import flegg_local_shares, local_input_table
from transition_sim.world.prices import next_price_index, update_market_shares, update_prices
from transition_sim.world.production import (
    apply_shortage_loss,
    plan_capacity,
    plan_output,
    receive_final_orders,
    wanted_capacity_cny,
)


# ---------------------------------------------------------------- the slow twin: dictionaries and plain sums
def twin_quarter(sectors, edges, local_input, final, limit, start, n_sweeps):
    n = len(sectors)
    planned = [min(start[i], limit[i]) for i in range(n)]
    for _ in range(n_sweeps):
        orders = [
            final[j] + sum(local_input[sectors[j]][sectors[i]] * w * planned[i] for (a, i, w) in edges if a == j)
            for j in range(n)
        ]
        planned = [min(orders[i], limit[i]) for i in range(n)]
    own = [min(orders[i], limit[i]) for i in range(n)]
    output, leaked = list(own), {}
    for s in set(sectors):
        members = [i for i in range(n) if sectors[i] == s]
        unmet = sum(orders[i] - own[i] for i in members)
        spare = sum(limit[i] - own[i] for i in members)
        leaked[s] = max(0.0, unmet - spare)
        for i in members:
            if spare > 0:
                output[i] += (limit[i] - own[i]) * min(1.0, unmet / spare)
    return orders, output, leaked


@st.composite
def chains(draw):
    n_sectors = draw(st.integers(1, 3))
    n = draw(st.integers(n_sectors, 9))
    sectors = [*range(n_sectors), *(draw(st.integers(0, n_sectors - 1)) for _ in range(n - n_sectors))]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    edges = []
    for i in range(n):
        for s in range(n_sectors):
            others = [j for j in range(n) if sectors[j] == s and j != i]
            chosen = rng.permutation(others)[: rng.integers(0, len(others) + 1)] if others else []
            weights = rng.dirichlet(np.full(len(chosen), 5.0)) if len(chosen) else []
            edges += [(int(j), i, float(w)) for j, w in zip(chosen, weights, strict=True)]
    chain = Chain(sectors, edges)
    chain.edges = edges
    chain.input_share = rng.uniform(0.0, 0.9 / n_sectors, (n_sectors, n_sectors))
    chain.local_input = chain.input_share * rng.uniform(0.0, 1.0, (n_sectors, n_sectors))
    chain.final_demand = rng.uniform(0.0, 100.0, n_sectors)
    chain.production["capacity_cny"] = rng.uniform(1.0, 120.0, n)
    chain.production["available_share"] = rng.choice([1.0, 0.6, 0.0], n, p=[0.7, 0.2, 0.1])
    chain.production["output_cny"] = rng.uniform(0.0, 100.0, n)
    share = rng.uniform(0.1, 1.0, n)
    chain.production["final_share"] = share / np.bincount(sectors, share)[sectors]
    chain.prices["price_index"] = rng.uniform(0.5, 2.0, n)
    chain.finance["is_alive"] = rng.uniform(size=n) > 0.1
    chain.energy["sheddable_share"] = np.where(rng.uniform(size=n) > 0.6, rng.uniform(size=n), 0.0)
    return chain


def plan(chain, n_sweeps=3):
    receive_final_orders(chain.production, chain.finance, chain.final_demand, chain.leaked)
    plan_output(
        chain.production, chain.finance, chain.sector, *chain.links(chain.local_input), 0.95, n_sweeps,
        np.zeros((3, chain.sector.size)), chain.leaked,
    )  # fmt: skip


def deliver(chain):
    final_sales = np.zeros(chain.sector.size)
    inputs = chain.supplier_input(chain.local_input), chain.buyer_input(chain.local_input)
    total = deliver_on_graph(
        chain.production, chain.prices, chain.flows, chain.sector, chain.graph, inputs, chain.input_share,
        np.linspace(0.8, 1.2, chain.n_sectors), final_sales,
    )  # fmt: skip
    return total, final_sales


@settings(max_examples=150, deadline=None)
@given(chains(), st.integers(1, 5))
def test_sm02_orders_and_output_equal_the_slow_twin(chain, n_sweeps):
    p = chain.production
    alive = chain.finance["is_alive"]
    limit = np.where(alive, p["capacity_cny"] * 0.95 * p["available_share"], 0.0)
    final = np.where(alive, p["final_share"] * chain.final_demand[chain.sector], 0.0)
    taken = np.bincount(chain.sector, final, chain.n_sectors)
    orders, output, leaked = twin_quarter(
        chain.sector.tolist(), chain.edges, chain.local_input.tolist(), final.tolist(), limit.tolist(),
        p["output_cny"].tolist(), n_sweeps,
    )  # fmt: skip
    plan(chain, n_sweeps)
    assert p["orders_cny"] == pytest.approx(orders, rel=1e-12, abs=1e-9)
    assert p["output_cny"] == pytest.approx(output, rel=1e-12, abs=1e-9)
    expected = [leaked[s] + chain.final_demand[s] - taken[s] for s in range(chain.n_sectors)]
    assert chain.leaked == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert (p["output_cny"] <= limit + 1e-9).all()


@settings(max_examples=200, deadline=None)
@given(chains())
def test_b13_goods_close_on_random_chains(chain):
    """Input use = local purchases + imports and purchases = sales, with full, idle, dead and dark enterprises."""
    plan(chain)
    apply_shortage_loss(chain.production, chain.energy, 0.9)
    total, final_sales = deliver(chain)
    check_goods(total, "2020Q1")
    p, flows = chain.production, chain.flows
    use = sum(chain.input_share[:, s].sum() * p["output_cny"][chain.sector == s].sum() for s in range(chain.n_sectors))
    assert total[0] == pytest.approx(use, rel=1e-9, abs=1e-9)
    sold = p["output_cny"] - final_sales
    assert sold.sum() == pytest.approx(total[1], rel=1e-9, abs=1e-9)
    assert (sold * chain.prices["price_index"]).sum() == pytest.approx(
        flows["local_goods_cny"].sum(), rel=1e-9, abs=1e-9
    )
    assert flows["sales_cny"] == pytest.approx(p["output_cny"] * chain.prices["price_index"], rel=1e-12)
    assert (final_sales >= 0).all()
    assert (flows["outside_goods_cny"] >= 0).all()


def test_b13_each_buyer_is_served_by_hand():
    """Supplier 0 fills 3/4 of 80 and 1 takes the other 20; buyer 2 needs .5 x 100 = 50 at prices 1 and 2."""
    chain = Chain([0, 0, 1], [(0, 2, 1.0)])
    chain.input_share = np.array([[0.0, 0.6], [0.0, 0.0]])
    chain.local_input = np.array([[0.0, 0.5], [0.0, 0.0]])
    chain.production["capacity_cny"] = [60 / 0.95, 30 / 0.95, 1000.0]
    chain.production["final_share"] = [1.0, 0.0, 1.0]
    chain.production["output_cny"] = [0.0, 0.0, 100.0]
    chain.prices["price_index"] = [1.0, 2.0, 1.0]
    chain.final_demand = np.array([30.0, 100.0])
    plan(chain)
    assert chain.production["orders_cny"] == pytest.approx([80.0, 0.0, 100.0])
    assert chain.production["output_cny"] == pytest.approx([60.0, 20.0, 100.0])
    assert chain.production["fill_share"] == pytest.approx([0.75, 1.0, 1.0])
    total, final_sales = deliver(chain)
    # 37.5 from 0 at 1, 12.5 from the pool (20 of unmet 20, so all) at 2; .1 x 100 = 10 imports at .8
    assert chain.flows["local_goods_cny"][2] == pytest.approx(37.5 + 25.0)
    assert chain.flows["outside_goods_cny"][2] == pytest.approx(8.0)
    assert final_sales == pytest.approx([22.5, 7.5, 100.0])
    assert total == pytest.approx([60.0, 50.0, 10.0, 50.0, 62.5, 62.5])
    assert chain.leaked == pytest.approx([0.0, 0.0])


def test_sm02_what_nobody_can_make_goes_abroad():
    """80 ordered, 60 + 10 can be made: 10 leak."""
    chain = Chain([0, 0], [])
    chain.input_share = chain.local_input = np.zeros((1, 1))
    chain.production["capacity_cny"] = [60 / 0.95, 10 / 0.95]
    chain.production["final_share"] = [1.0, 0.0]
    chain.final_demand = np.array([80.0])
    plan(chain)
    assert chain.leaked == pytest.approx([10.0])
    assert chain.production["unmet_cny"] == pytest.approx([20.0, 0.0])
    assert chain.production["spill_cny"] == pytest.approx([0.0, 10.0])


def test_sm12_shortage_takes_output():
    """Half of the power cut, beta .9: 100 becomes 55."""
    chain = Chain([0, 0], [])
    chain.production["output_cny"] = 100.0
    chain.energy["sheddable_share"] = [0.5, 0.0]
    apply_shortage_loss(chain.production, chain.energy, 0.9)
    assert chain.production["output_cny"] == pytest.approx([55.0, 100.0])
    assert chain.production["shortage_loss_cny"] == pytest.approx([45.0, 0.0])


def test_b13_a_hole_in_the_books_is_reported():
    with pytest.raises(ConservationError, match=r"B13 goods is broken in 2024Q3.*bought and not sold: 1"):
        check_goods(np.array([100.0, 40.0, 60.0, 39.0, 40.0, 40.0]), "2024Q3")
    check_goods(np.array([100.0, 40.0, 60.0, 40.0, 40.0, 40.0]), "2024Q3")


# ---------------------------------------------------------------- shares, prices, capacity
@settings(max_examples=50, deadline=None)
@given(chains(), st.floats(0.0, 1.0))
def test_b14_shares_of_a_sector_sum_to_one_while_somebody_lives(chain, speed):
    args = (chain.production, chain.prices, chain.finance, chain.sector, speed, 0.1)
    update_market_shares(*args, np.zeros((2, chain.n_sectors)))
    for s in range(chain.n_sectors):
        here = chain.sector == s
        alive = chain.finance["is_alive"] & here
        total = chain.production["final_share"][here].sum()
        assert total == pytest.approx(1.0 if alive.any() else 0.0)
    assert (chain.production["final_share"][~chain.finance["is_alive"]] == 0).all()


def test_sm02_the_dead_hand_their_share_on():
    """.5 / .3 / .2 without the first is .6 / .4."""
    chain = Chain([0, 0, 0], [])
    chain.production["final_share"] = [0.5, 0.3, 0.2]
    chain.finance["is_alive"] = [False, True, True]
    update_market_shares(chain.production, chain.prices, chain.finance, chain.sector, 0.0, 0.1, np.zeros((2, 1)))
    assert chain.production["final_share"] == pytest.approx([0.0, 0.6, 0.4])


def test_sm02_price_step_and_floor():
    """1 + .5 (.9 - .8) 1.1 = 1.055; a collapse of costs stops at the floor and is counted."""
    assert next_price_index(1.0, 0.9, 0.8, 0.5, 0.1) == pytest.approx(1.055)
    chain = Chain([0], [])
    chain.prices["unit_cost_before_index"] = 2.0
    assert update_prices(chain.prices, chain.sector, np.ones(1), 0.0, 0.05) == 1
    assert chain.prices["price_index"][0] == 0.05


@pytest.mark.parametrize(
    ("capacity", "expected", "wanted"),
    [
        (100.0, 90.0, 1.1 * 90 / 0.95),  # 104.2: within 5 %
        (100.0, 120.0, 105.0),  # wants 138.9: 5 % a quarter
        (100.0, 50.0, 99.0),  # 50 % used
        (100.0, 70.0, 100.0),  # 70 % used, 81 needed: stays
    ],
)
def test_sm02_capacity_follows_expected_orders(capacity, expected, wanted):
    assert wanted_capacity_cny(capacity, expected, 0.95) == pytest.approx(wanted)


def test_sm11_kilns_stay_within_their_permit():
    """Permit 400 t/yr at 1 t per CNY is 100 CNY a quarter; others pay 2 CNY per CNY/yr: 5 x 4 x 2 = 40."""
    chain = Chain([0, 0], [])
    p = chain.production
    p["capacity_cny"] = 100.0
    p["orders_cny"] = 120.0
    p["expected_orders_cny"] = 120.0
    p["clinker_t_per_cny"] = [1.0, 0.0]
    p["clinker_permit_t_per_year"] = [400.0, 0.0]
    capex, growth = np.zeros(2), np.zeros(2)
    plan_capacity(p, chain.finance, np.ones(1), np.full(1, 2.0), 0.95, 0.25, capex, growth)
    assert p["capacity_cny"] == pytest.approx([100.0, 100.0])  # the new plant is still to be financed
    assert growth == pytest.approx([0.0, 105.0])
    assert capex == pytest.approx([0.0, 40.0])


def test_sm02_expected_orders_forget_the_season():
    """Orders of 110 in a quarter with factor 1.1 are 100 a normal quarter."""
    chain = Chain([0], [])
    chain.production["orders_cny"] = 110.0
    chain.production["expected_orders_cny"] = 100.0
    none = np.zeros(1)
    plan_capacity(chain.production, chain.finance, np.array([1.1]), np.ones(1), 0.95, 0.25, none, none.copy())
    assert chain.production["expected_orders_cny"][0] == pytest.approx(100.0)


# ---------------------------------------------------------------- location quotients
def test_flq_by_hand():
    """e = (.02, .01), T = .01: size term log2(1.01)^.3; own 2 and 1, cross .02/.01 = 2 and .5."""
    local = flegg_local_shares(np.array([2.0, 1.0]), np.array([100.0, 100.0]), 1.0, 100.0, 0.3)
    size = np.log2(1.01) ** 0.3
    assert local == pytest.approx(np.array([[2 * size, 2 * size], [0.5 * size, 1 * size]]))
    assert flegg_local_shares(np.array([0.0, 1.0]), np.array([1.0, 1.0]), 1.0, 1.0)[0].tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match="must be positive"):
        flegg_local_shares(np.ones(1), np.zeros(1), 1.0, 1.0)


def test_small_inputs_and_absent_sectors_have_no_local_supplier():
    total = np.array([[0.2, 0.004], [0.1, 0.3]])
    table = local_input_table(total, np.array([0.5, 0.25]), np.array([True, True]))
    assert table == pytest.approx(np.array([[0.1, 0.0], [0.025, 0.075]]))
    assert local_input_table(total, np.full((2, 2), 0.5), np.array([True, False]))[1].tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match="between 0 and 1"):
        local_input_table(total, np.array([0.5, 1.5]), np.array([True, True]))


def test_a06_capacity_binds_the_whole_chain():
    """Sector 1 makes at most 2 x 47.5 = 95: x0 = (100 + .3 * 95) / .8 = 160.625; it leaks .4 x0 + .1 * 95 + 50 - 95."""
    chain = pairs_chain()
    chain.production["capacity_cny"][2:] = 50.0
    chain.input_share = chain.local_input = np.array([[0.2, 0.3], [0.4, 0.1]])
    plan(chain, 60)
    assert np.bincount(chain.sector, chain.production["output_cny"]) == pytest.approx([160.625, 95.0])
    assert chain.leaked == pytest.approx([0.0, 0.4 * 160.625 + 9.5 + 50 - 95])
