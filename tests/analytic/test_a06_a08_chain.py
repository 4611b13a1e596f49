"""A06 Leontief, A07 prices, A08 footprints and A41 replicator on the kernels of the supply chain (SM02, SM19)."""

import sys
from pathlib import Path

import numpy as np
import pytest

from transition_sim.core.tables import allocate
from transition_sim.world.accounting.emissions import account_upstream
from transition_sim.world.prices import next_share, update_market_shares, update_prices, update_unit_costs
from transition_sim.world.production import plan_output, receive_final_orders
from transition_sim.world.state import ENERGY
from transition_sim.world.supply_chain import lay_side_by_side

sys.path.insert(0, str(Path(__file__).parents[1] / "world"))
from chain_makers import TWO_BY_TWO, Chain, pairs_chain

NO_PRICE_ABROAD = np.ones(2)


def run_orders(chain, n_sweeps):
    receive_final_orders(chain.production, chain.finance, chain.final_demand, chain.leaked)
    plan_output(
        chain.production, chain.finance, chain.sector, *chain.links(TWO_BY_TWO), 0.95, n_sweeps,
        np.zeros((3, chain.sector.size)), chain.leaked,
    )  # fmt: skip
    return np.bincount(chain.sector, chain.production["output_cny"])


def test_a06_orders_converge_to_leontief():
    """x = (I - A)^-1 d: [[.8, -.3], [-.4, .9]] has determinant .6, so x = (.9*100 + .3*50, .4*100 + .8*50) / .6."""
    chain = pairs_chain()
    output = run_orders(chain, 40)
    assert output == pytest.approx([175.0, 133.0 + 1.0 / 3.0], rel=1e-9)
    assert chain.leaked == pytest.approx([0.0, 0.0], abs=1e-12)


def test_a06_every_sweep_halves_the_error():
    """A has the eigenvalues .5 and -.2: error falls by .5 a sweep in the end, and 30 sweeps leave less than 1e-8."""
    exact = np.array([175.0, 400.0 / 3.0])
    error = [np.abs(run_orders(pairs_chain(), n) - exact).max() / exact.max() for n in (10, 11, 12, 30)]
    assert max(abs(np.linalg.eigvals(TWO_BY_TWO))) == pytest.approx(0.5)
    assert error[1] / error[0] == pytest.approx(0.5, abs=0.005)
    assert error[2] / error[1] == pytest.approx(0.5, abs=0.005)
    assert error[3] < 1e-8


def test_a06_three_sweeps_of_a_settled_chain_change_nothing():
    chain = pairs_chain()
    run_orders(chain, 60)
    settled = chain.production["output_cny"].copy()
    run_orders(chain, 3)
    assert chain.production["output_cny"] == pytest.approx(settled, rel=1e-12)


def settle_prices(value_added, pass_through, n_rounds):
    chain = pairs_chain()
    chain.production["output_cny"] = 1.0
    chain.prices["other_cost_index"] = value_added[chain.sector] - np.array([10.0, 0.0])[chain.sector]
    graph = chain.graph
    costs = (
        chain.production, chain.prices, chain.flows, chain.sector, graph.supplier_start, graph.supplier,
        chain.supplier_input(TWO_BY_TWO), TWO_BY_TWO, NO_PRICE_ABROAD,
    )  # fmt: skip
    chain.prices["price_index"] = 100.0
    update_unit_costs(*costs)  # unit costs before the shock
    chain.prices["other_cost_index"] = value_added[chain.sector]
    for _ in range(n_rounds):
        update_unit_costs(*costs)
        assert update_prices(chain.prices, chain.sector, pass_through, 0.0, 0.01) == 0
    return chain.prices["price_index"][[0, 2]] - 100.0


def test_a07_full_pass_through():
    """(I - A') dp = (10, 0): det .6, dp = (.9*10, .3*10) / .6 = (15, 5)."""
    change = settle_prices(np.array([30.0, 20.0]), np.ones(2), 120)
    assert change == pytest.approx([15.0, 5.0], rel=1e-8)


def test_a07_half_pass_through():
    """(I - .5 A') dp = (5, 0): [[.9, -.2], [-.15, .95]], det .825, dp = (.95*5, .15*5) / .825."""
    change = settle_prices(np.array([30.0, 20.0]), np.full(2, 0.5), 80)
    assert change == pytest.approx([4.75 / 0.825, 0.75 / 0.825], rel=1e-8)
    assert change == pytest.approx([5.7576, 0.9091], abs=5e-5)


def test_a08_footprints_balance():
    """(I - A') m = (2, .5): m = (.9*2 + .4*.5, .3*2 + .8*.5) / .6 = (10/3, 5/3); m.d = e.x = 2*175 + .5*400/3."""
    chain = pairs_chain()
    run_orders(chain, 60)
    output = chain.production["output_cny"]
    energy = allocate(ENERGY, 4)
    energy["scope1_tco2"] = np.array([2.0, 2.0, 0.5, 0.5]) * output
    graph = chain.graph
    purchases = lay_side_by_side(graph.supplier_start, graph.supplier, chain.supplier_input(TWO_BY_TWO))
    account_upstream(
        energy, output.copy(), purchases, chain.sector, np.zeros(2), 80, np.zeros((4, 5)),
    )  # fmt: skip
    footprint = (energy["scope1_tco2"] + energy["scope3_upstream_tco2"]) / output
    assert footprint[[0, 2]] == pytest.approx([10.0 / 3.0, 5.0 / 3.0], rel=1e-9)
    assert footprint @ chain.production["final_orders_cny"] == pytest.approx(1250.0 / 3.0, rel=1e-9)
    assert energy["scope1_tco2"].sum() == pytest.approx(1250.0 / 3.0, rel=1e-9)


def test_a41_replicator():
    """Mean 100: .5 (1 + .25 * 10/100) = .5125 and .4875."""
    chain = Chain([0, 0], [])
    chain.production["final_share"] = 0.5
    chain.prices["price_index"] = [90.0, 110.0]
    update_market_shares(chain.production, chain.prices, chain.finance, chain.sector, 0.25, 0.1, np.zeros((2, 1)))
    assert chain.production["final_share"] == pytest.approx([0.5125, 0.4875], rel=1e-14)


@pytest.mark.parametrize(("price", "grown"), [(10.0, 1.1), (1000.0, 0.9), (100.0, 1.0)])
def test_a41_growth_is_limited(price, grown):
    """.25 (100 - 10) / 100 = +22.5 % and .25 (100 - 1000) / 100 = -225 % are held at 10 %."""
    assert next_share(0.2, price, 100.0, 0.25, 0.1) == pytest.approx(0.2 * grown, rel=1e-14)
