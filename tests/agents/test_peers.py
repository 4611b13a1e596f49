"""Peers and buyers: shares of neighbours, pressure up the chain, commitments (SM07)."""

import sys
from pathlib import Path

import numpy as np
import pytest
from decision_makers import TECHNOLOGIES, make_town, t, u

from transition_sim.agents.peers import (
    Peers,
    adopters_share,
    commit,
    commit_hazard,
    national_shares,
    update_buyer_pressure,
    users_share,
    weighted_share,
)
from transition_sim.world.adoption import NO_SLOT, Neighbours, count_adoption, follow_slots, leave_out_dead

sys.path.insert(0, str(Path(__file__).parents[1] / "world"))
from chain_makers import graph_of

STEAM = u("STEAM")
STEAM_USERS = ("steam_coal_small", "steam_heat_pump", "steam_electric", "steam_gas")


def steam_town(equipment=STEAM_USERS, services=("STEAM",)):
    town = make_town(len(equipment), services)
    for firm, technology in enumerate(equipment):
        if technology:
            town.equip(town.slot(firm, services[0]), t(technology), 4400.0)
    return town


def near_in(town, county=None, edges=()):
    n = town.finance.size
    return Neighbours.of(np.zeros(n, np.int64) if county is None else np.asarray(county), graph_of(n, list(edges)))


def neighbourhood(town, county=None, edges=(), national=None):
    near = near_in(town, county, edges)
    adoption = count_adoption(
        town.slots, town.slot_start, town.finance, town.technologies, near, town.services.size, near.county.max() + 1
    )
    share, adopters = np.zeros(town.technologies.size), np.zeros(town.services.size)
    if national is not None:
        share = national
        np.add.at(adopters, town.technologies["service"], national * adoption.is_adoption)
    return Peers(near.county, adoption, share, adopters)


def green_shares(town, **near):
    peers, slots = neighbourhood(town, **near), town.slots
    return np.array([adopters_share(s["enterprise"], s["service"], peers, town.params[0]) for s in slots])


def shares_of_each(town, peers, firm=0):
    technologies = town.technologies
    found = np.zeros(technologies.size)
    for k in np.flatnonzero(technologies["service"] == STEAM):
        found[k] = users_share(firm, STEAM, k, peers, town.params[0])
    return found


def test_sm07_weights_and_groups_without_members():
    """.5 x .4 + .3 x .5 + .2 x .1 = .37; without graph .22/.7; without both .1."""
    p = make_town().params[0]
    assert weighted_share(0.4, 3.0, 0.5, 2.0, 0.1, p) == pytest.approx(0.37)
    assert weighted_share(0.4, 3.0, 0.0, 0.0, 0.1, p) == pytest.approx(0.22 / 0.7)
    assert weighted_share(0.0, 0.0, 0.5, 2.0, 0.1, p) == pytest.approx((0.15 + 0.02) / 0.5)
    assert weighted_share(0.0, 0.0, 0.0, 0.0, 0.1, p) == pytest.approx(0.1)


def test_sm07_without_any_weight_there_are_no_peers():
    p = make_town(params={"peer_weight_park": 0.0, "peer_weight_graph": 0.0, "peer_weight_national": 0.0}).params[0]
    assert weighted_share(1.0, 3.0, 1.0, 2.0, 1.0, p) == 0.0


def test_sm07_table_of_main_technologies():
    """Empty slots are -1, missing ones and those of the dead NO_SLOT; of two slots the first with equipment counts."""
    town = steam_town(("steam_gas", None, "steam_gas"))
    town.finance["is_alive"][2] = False
    table = neighbourhood(town).adoption.technology
    assert table[:, STEAM].tolist() == [t("steam_gas"), -1, NO_SLOT]
    assert (np.delete(table, STEAM, axis=1) == NO_SLOT).all()
    twice = make_town(1, ("STEAM", "STEAM", "STEAM"))
    twice.slots["main_technology"] = [-1, t("steam_gas"), t("steam_electric")]
    assert neighbourhood(twice).adoption.technology[0, STEAM] == t("steam_gas")


def test_sm07_counts_by_county():
    """County 0: coal and pump; county 1: electric, and one with an empty slot. Pump and electric are green."""
    town = steam_town(("steam_coal_small", "steam_heat_pump", "steam_electric", None))
    adoption = neighbourhood(town, county=[0, 0, 1, 1], edges=[(1, 0, 1.0), (3, 0, 1.0)]).adoption
    assert adoption.holders[:, STEAM].tolist() == [2.0, 2.0]
    assert adoption.adopters[:, STEAM].tolist() == [1.0, 1.0]
    assert adoption.users[:, t("steam_heat_pump")].tolist() == [1.0, 0.0]
    assert adoption.users[:, t("steam_electric")].tolist() == [0.0, 1.0]
    assert adoption.users.sum() == 3.0
    assert adoption.near_holders[:, STEAM].tolist() == [2, 1, 0, 1]
    assert adoption.near_adopters[:, STEAM].tolist() == [1, 0, 0, 0]


def test_sm07_counts_that_follow_are_counts_made_anew():
    """Equipment that is bought, lost and changed, and deaths, in a chain of 12: followed or counted, the same."""
    rng, uses = np.random.default_rng(3), [t(k) for k in STEAM_USERS]
    town = make_town(12, ("STEAM", "STM_WHR", "STEAM"))
    edges = [(j, i, 1.0) for j, i in {tuple(rng.integers(0, 12, 2)) for _ in range(40)} if j != i]
    county = rng.integers(0, 3, 12)
    adoption = neighbourhood(town, county=county, edges=edges).adoption
    rows = (town.slots, town.slot_start, town.finance, near_in(town, county, edges), adoption)
    for _ in range(30):
        changed = rng.integers(0, town.slots.size, 5)
        kinds = town.slots["service"][changed] == STEAM
        town.slots["main_technology"][changed] = np.where(kinds, rng.choice([-1, *uses], 5), t("stm_whr"))
        follow_slots(changed, *rows)
        town.finance["is_alive"][rng.integers(0, 12)] = rng.random() > 0.1
        follow_slots(np.flatnonzero(town.finance["is_alive"][town.slots["enterprise"]]), *rows)
        leave_out_dead(*rows)
        for found, expected in zip(adoption, neighbourhood(town, county=county, edges=edges).adoption):
            assert found.tolist() == expected.tolist()


def test_sm07_green_peers_without_oneself():
    """Four neighbours, pump and electric are green: coal sees 2 of 3, the pump 1 of 3; weights .5/.7 without graph."""
    shares = green_shares(steam_town())
    assert shares == pytest.approx(np.array([2 / 3, 1 / 3, 1 / 3, 2 / 3]) * 0.5 / 0.7)


def test_sm07_other_counties_are_no_neighbours():
    """Coal and pump in county 0, electric and gas in 1: coal sees the pump, gas the electric boiler, those nothing."""
    shares = green_shares(steam_town(), county=[0, 0, 1, 1])
    assert shares == pytest.approx(np.array([1.0, 0.0, 0.0, 1.0]) * 0.5 / 0.7)


def test_sm07_suppliers_and_buyers_are_neighbours_on_the_graph():
    """The lone coal firm buys from the pump and sells to the gas boiler: 1 of 2 is green: .3 x .5/(.3 + .2) = .3."""
    shares = green_shares(steam_town(), county=[0, 1, 1, 1], edges=[(1, 0, 1.0), (0, 3, 1.0)])
    assert shares[0] == pytest.approx(0.3)


def test_sm07_without_neighbours_only_the_nation_counts():
    """Alone in its county and without links: pumps and electric boilers .25 and .10 of the nation: .35."""
    national = np.zeros(len(TECHNOLOGIES))
    national[t("steam_heat_pump")], national[t("steam_electric")], national[t("steam_gas")] = 0.25, 0.10, 0.5
    assert green_shares(steam_town(("steam_gas",)), national=national) == pytest.approx([0.35])
    assert green_shares(steam_town(("steam_gas",))) == pytest.approx([0.0])


def test_sm07_shares_of_the_nation_follow_the_deployment_of_the_group():
    """Deployment of a group doubles: 1 - 1/2 use it; adopters add up to no more than all."""
    technologies = make_town().technologies.copy()
    technologies["learning_group"] = -1
    pumps = technologies["service"] == STEAM
    technologies["learning_group"][pumps] = 0
    green = (technologies["kind"] != 0) | (technologies["is_green"] > 0)
    shares, adopters = national_shares(
        technologies, green, np.array([10.0]), np.array([20.0]), 16, np.zeros(technologies.size)
    )
    assert shares.tolist() == np.where(pumps, 0.5, 0.0).tolist()
    assert adopters[STEAM] == min(1.0, 0.5 * (green & pumps).sum())
    assert adopters.sum() == adopters[STEAM]


def test_sm07_enterprises_out_of_business_are_no_peers():
    """Without the pump's owner coal sees 1 of 2."""
    town = steam_town()
    town.finance["is_alive"][1] = False
    assert green_shares(town)[0] == pytest.approx(0.5 * 0.5 / 0.7)


def test_sm07_any_measure_counts_as_adoption():
    """Three neighbours with the slot of a measure, one has it."""
    town = make_town(3, ("STEAM", "STM_WHR"))
    town.slots["main_technology"][town.slot(1, "STM_WHR")] = t("stm_whr")
    shares = green_shares(town)
    rows = [town.slot(i, "STM_WHR") for i in range(3)]
    assert shares[rows] == pytest.approx(np.array([0.5, 0.0, 0.5]) * 0.5 / 0.7)


def test_sm07_shares_of_each_technology():
    """Coal looks: of its three neighbours one each has pump, electric, gas; own coal does not count; only steam."""
    town = steam_town()
    shares = shares_of_each(town, neighbourhood(town))
    expected = np.zeros(len(TECHNOLOGIES))
    expected[[t(k) for k in STEAM_USERS[1:]]] = (1 / 3) * 0.5 / 0.7
    assert shares == pytest.approx(expected)


def test_sm07_shares_of_technologies_on_graph_and_nation():
    """The pump's owner: no park, graph gas 1 of 1, nation .4 pumps: gas .3/.5 = .6, pump .2 x .4/.5 = .16."""
    town = steam_town(("steam_heat_pump", "steam_gas"))
    national = np.zeros(len(TECHNOLOGIES))
    national[t("steam_heat_pump")] = 0.4
    near = neighbourhood(town, county=[0, 1], edges=[(1, 0, 1.0)], national=national)
    shares = shares_of_each(town, near)
    assert shares[t("steam_gas")] == pytest.approx(0.6)
    assert shares[t("steam_heat_pump")] == pytest.approx(0.16)


def pressured(orders_cny=200.0, is_committed=(False, True, False), levers=None):
    """Firm 0 sells .2 x .5 x 100 = 10 to firm 1, who is committed, and .2 x 1 x 300 = 60 to firm 2."""
    town = make_town(3, levers=levers)
    town.production["sector"], town.production["output_cny"] = [0, 1, 1], [500.0, 100.0, 300.0]
    town.production["orders_cny"] = orders_cny
    town.conduct["is_committed"] = is_committed
    g = graph_of(3, [(0, 1, 0.5), (0, 2, 1.0)])
    rows = (g.buyer_start, g.buyer, np.array([0.2 * 0.5, 0.2 * 1.0]))
    return town, rows


def test_sm07_pressure_of_buyers_is_the_share_of_sales_to_the_committed():
    """10 of 200 orders: .05; where orders fall behind deliveries, 10 of 70."""
    for orders, pressure in ((200.0, 0.05), (50.0, 10 / 70)):
        town, rows = pressured(orders)
        update_buyer_pressure(town.conduct, town.production, *rows, town.params, town.levers)
        assert town.conduct["buyer_pressure"] == pytest.approx([pressure, 0.0, 0.0])


def test_sm07_border_rules_and_government_add_to_the_pressure():
    """.05 + .5 x .2 + .5 x .1 x .8 = .19; without sales nothing but the two."""
    town, rows = pressured(levers={"green_procurement_share": 0.8})
    town.conduct["cbam_share"], town.conduct["government_share"] = 0.2, 0.1
    update_buyer_pressure(town.conduct, town.production, *rows, town.params, town.levers)
    assert town.conduct["buyer_pressure"] == pytest.approx([0.19, 0.14, 0.14])


def test_sm07_an_enterprise_without_sales_feels_no_pressure():
    town, rows = pressured(0.0)
    town.production["output_cny"] = 0.0
    update_buyer_pressure(town.conduct, town.production, *rows, town.params, town.levers)
    assert town.conduct["buyer_pressure"].tolist() == [0.0, 0.0, 0.0]


def test_sm07_hazard_of_commitment():
    """.02 + .10 x .5 + .05 x .4 + .10 x .3 = .12; a duty to plan of .4 adds .5 x .4 = .20."""
    assert commit_hazard(0.5, 0.3, 0.4, 0.0, make_town().params[0]) == pytest.approx(0.12)
    assert commit_hazard(0.5, 0.3, 0.4, 0.4, make_town().params[0]) == pytest.approx(0.32)


def test_sm07_commitments_are_never_taken_back():
    """A uniform of 0 commits, .999 does not; once committed neither time nor luck changes it or its date."""
    town = make_town(3)
    town.finance["is_alive"][2] = False
    assert commit(town.conduct, town.finance, town.params, town.levers, 4, np.array([0.0, 0.999, 0.0])) == 1
    assert town.conduct["is_committed"].tolist() == [True, False, False]
    for quarter in range(5, 45):
        commit(town.conduct, town.finance, town.params, town.levers, quarter, np.array([0.0, 0.999, 0.0]))
    assert town.conduct["is_committed"].tolist() == [True, False, False]
    assert town.conduct["committed_quarter"][0] == 4


def test_sm07_commitments_follow_the_probability():
    """Hazard .02 + .05 x 1 = .07: 1 - e^-.0175 = .017348; uniforms on an even grid of 10,000 give 173 or 174."""
    town = make_town(10_000, levers={"disclosure_share": 1.0})
    uniforms = (np.arange(10_000) + 0.5) / 10_000
    assert commit(town.conduct, town.finance, town.params, town.levers, 0, uniforms) in (173, 174)


def test_sm07_green_purchasing_climbs_the_chain():
    """2 sells to 1, 1 to 0; 0 is committed: only 1 feels it until 1 commits, then 2 does."""
    town = make_town(3)
    town.production["sector"], town.production["output_cny"], town.production["orders_cny"] = 0, 100.0, 10.0
    town.conduct["is_committed"][0] = True
    g = graph_of(3, [(1, 0, 1.0), (2, 1, 1.0)])
    rows = (g.buyer_start, g.buyer, np.full(2, 0.1))
    update_buyer_pressure(town.conduct, town.production, *rows, town.params, town.levers)
    assert town.conduct["buyer_pressure"] == pytest.approx([0.0, 1.0, 0.0])
    town.conduct["is_committed"][1] = True
    update_buyer_pressure(town.conduct, town.production, *rows, town.params, town.levers)
    assert town.conduct["buyer_pressure"] == pytest.approx([0.0, 1.0, 1.0])
