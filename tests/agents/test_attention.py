"""Who looks at what, why, and who must: hazards, triggers and forced decisions (SM05)."""

from itertools import product

import numpy as np
import pytest
from decision_makers import far_away, make_town, t, u

from transition_sim.agents.attention import (
    FORCED,
    base_hazard,
    cost_change,
    hazard_parts,
    is_decision_forced,
    life_used_share,
    update_hazards,
)
from transition_sim.agents.hazards import happens, quarterly_probability
from transition_sim.core.tables import out_of_bounds
from transition_sim.world.assets import first_ageing_quarter
from transition_sim.world.state import LARGE, MEDIUM, SLOTS, SMALL, TRIGGERS

QUARTER = 16


def look(town, uniforms=0.0, peer_share=0.0, salience=0.0, anticipation=0.0, quarter=QUARTER):
    n = town.slots.size
    rows, trigger, town.hazard_per_year = update_hazards(
        town.slots, town.assets, town.firms, town.technologies, town.services,
        far_away(town.finance.size, adopters_share=peer_share), salience, anticipation, town.params, town.levers,
        quarter, np.broadcast_to(np.asarray(uniforms, float), n).copy(),
    )  # fmt: skip
    assert rows.tolist() == np.flatnonzero(town.slots["is_looking"]).tolist()
    return trigger


def equipped(services=("STEAM",), capacity=4400.0, **settings):
    """Steam from a gas boiler bought in quarter 16, so that nothing but the regular review gives a hazard."""
    town = make_town(1, services, **settings)
    town.equip(0, t("steam_gas"), capacity, commissioned=QUARTER)
    return town


def test_sm05_regular_reviews_by_size():
    p = make_town().params[0]
    assert [base_hazard(size, p) for size in (SMALL, MEDIUM, LARGE)] == [0.06, 0.10, 0.18]


def test_sm05_parts_of_the_hazard_by_hand():
    """Age .85: .6 x .15/.3 = .3; cost +20 %: ln 1.2; audit .6; salience .5 x .15; peers .4 x .3; buyers .2 x .25."""
    parts = hazard_parts(0.1, 0.85, np.log(1.2), True, 0.5, 0.4, 0.2, make_town().params[0])
    assert parts == pytest.approx((0.1, 0.3, 0.182322, 0.6, 0.075, 0.12, 0.05), abs=1e-6)
    assert len(parts) == len(TRIGGERS) - 1


def test_sm05_young_equipment_adds_nothing_and_overage_goes_on():
    """Below 70 % of the life nothing; at 130 %: .6 x .6/.3 = 1.2."""
    p = make_town().params[0]
    assert hazard_parts(0.1, 0.7, 0.0, False, 0.0, 0.0, 0.0, p)[1] == 0.0
    assert hazard_parts(0.1, 1.3, 0.0, False, 0.0, 0.0, 0.0, p)[1] == pytest.approx(1.2)


def test_sm05_cost_change_counts_both_ways_and_not_before_a_year_is_known():
    slots = equipped().slots
    for now, before, change in ((120, 100, 0.182322), (100, 120, 0.182322), (100, 100, 0), (100, 0, 0), (0, 100, 0)):
        slots["cost_cny_per_unit"], slots["cost_5_cny_per_unit"] = now, before
        assert cost_change(slots[0]) == pytest.approx(change, abs=1e-6)


def test_sm05_life_used_is_that_of_the_oldest_in_service():
    """Gas boilers live 20 yr: 40 quarters are half a life, 8 quarters a tenth."""
    town = make_town()
    town.equip(0, t("steam_gas"), 10.0, commissioned=8)
    old = town.equip(0, t("steam_gas"), 10.0, commissioned=-24)
    first = town.slots["first_asset"][0]
    assert life_used_share(first, town.assets, town.technologies, QUARTER) == pytest.approx(0.5)
    town.assets["status"][old] = 2
    assert life_used_share(first, town.assets, town.technologies, QUARTER) == pytest.approx(0.1)
    assert life_used_share(-1, town.assets, town.technologies, QUARTER) == 0.0


def test_sm05_the_age_is_not_looked_at_before_it_counts():
    """Gas boilers live 20 yr, 70 % are 56 quarters: nothing to see until quarter 56, and a tenth of .6/.3 at 58."""
    town = make_town()
    town.equip(0, t("steam_gas"), 4400.0)
    start_share = town.params["hazard_age_start_share"][0]
    first = first_ageing_quarter(0, town.assets, town.technologies, start_share)
    assert first == 56
    for quarter in (first - 1, first, first + 2):
        used = life_used_share(0, town.assets, town.technologies, quarter)
        seen = max(0.0, used - 0.7)
        hazards = []
        for known_from in (0, first):
            town.slots["ageing_quarter"] = known_from
            look(town, quarter=quarter)
            hazards.append(town.hazard_per_year[0])
        assert hazards == pytest.approx([0.1 + 0.6 * seen / 0.3] * 2)


def test_sm05_old_equipment_is_passed_by_only_where_its_age_cannot_matter():
    """Hazard and look are the same whether the quarters of a slot are known (its equipment may be passed by) or not."""
    town = make_town()
    town.equip(0, t("steam_gas"), 4400.0)
    start_share = town.params["hazard_age_start_share"][0]
    town.slots["ageing_quarter"] = first_ageing_quarter(0, town.assets, town.technologies, start_share)
    hazards = []
    for quarter, uniform in product((56, 58, 80, 160), np.linspace(0.0, 0.99, 34)):
        found = []
        for due_quarter in (0, 400):
            town.slots["due_quarter"] = due_quarter
            look(town, uniform, quarter=quarter)
            found.append((town.hazard_per_year[0], bool(town.slots["is_looking"][0])))
        assert found[0] == found[1]
        hazards.append(found[0][0])
    assert min(hazards) == 0.0 < 0.1 < max(hazards)


def test_sm05_capability_multiplies_attention():
    """.1 x (.5 + m): .05 without any, .10 at one half, .15 at full capability."""
    for capability, hazard in ((0.0, 0.05), (0.5, 0.10), (1.0, 0.15)):
        town = equipped()
        town.conduct["capability"] = capability
        assert look(town).tolist() == [0]
        assert town.hazard_per_year[0] == pytest.approx(hazard)


@pytest.mark.parametrize(
    ("change", "hazard", "trigger"),
    [
        (lambda town: town.assets["commissioned_quarter"].__setitem__(0, QUARTER - 80), 0.1 + 0.6, "age"),
        (lambda town: town.slots.__setitem__("cost_cny_per_unit", 150.0), 0.1 + np.log(1.5), "cost"),
        (lambda town: town.conduct.__setitem__("audit_quarters_left", 1), 0.1 + 0.6, "audit"),
        (lambda town: town.conduct.__setitem__("buyer_pressure", 0.8), 0.1 + 0.2, "buyers"),
    ],
)
def test_sm05_the_largest_part_is_the_trigger(change, hazard, trigger):
    town = equipped()
    town.slots["cost_5_cny_per_unit"] = town.slots["cost_cny_per_unit"] = 100.0
    change(town)
    assert [TRIGGERS[k] for k in look(town)] == [trigger]
    assert town.hazard_per_year[0] == pytest.approx(hazard)


def test_sm05_peers_and_policy_are_triggers():
    """Peers .6 x .3 = .18; salience 2 x .15 = .30."""
    town = equipped()
    assert TRIGGERS[look(town, peer_share=0.6)[0]] == "peers"
    assert town.hazard_per_year[0] == pytest.approx(0.28)
    assert TRIGGERS[look(town, salience=2.0)[0]] == "policy"
    assert town.hazard_per_year[0] == pytest.approx(0.40)


def test_sm16_anticipation_is_added_without_attention_and_never_below_nothing():
    """m = 0: .05 + .3 = .35; -.3 leaves 0, not less, and nobody looks."""
    town = equipped()
    town.conduct["capability"] = 0.0
    assert TRIGGERS[look(town, anticipation=0.3)[0]] == "anticipation"
    assert town.hazard_per_year[0] == pytest.approx(0.35)
    assert TRIGGERS[look(town, uniforms=0.0, anticipation=-0.3)[0]] == "base"
    assert town.hazard_per_year[0] == 0.0
    assert not town.slots["is_looking"][0]


def test_sm05_a_uniform_below_the_probability_looks():
    """Hazard .1: probability 1 - e^-.025 = .024690."""
    town = equipped()
    for uniform, looks in ((0.0, True), (0.02469, True), (0.02470, False), (0.999, False)):
        look(town, uniforms=uniform)
        assert town.slots["is_looking"][0] == looks


def test_sm05_the_shortcut_never_changes_the_answer():
    rng = np.random.default_rng(1)
    for hazard, uniform in zip(rng.exponential(2.0, 2000), rng.random(2000)):
        assert happens(hazard, uniform) == (uniform < 1 - np.exp(-hazard / 4))
        assert 0.0 <= quarterly_probability(hazard) <= min(1.0, hazard / 4)


def test_sm05_nobody_is_ruled_out_who_would_look():
    """Costs, peers, ages and draws of any kind: who looks is who the exact hazard and the uniform let look."""
    rng = np.random.default_rng(7)
    for _ in range(300):
        town = equipped()
        town.conduct["capability"], town.conduct["buyer_pressure"] = rng.random(2)
        town.slots["cost_5_cny_per_unit"] = 100.0
        town.slots["cost_cny_per_unit"] = 100.0 * rng.lognormal(0.0, 0.3)
        town.assets["commissioned_quarter"] = QUARTER - rng.integers(0, 100)
        known = {"peer_share": rng.random(), "salience": rng.random(), "anticipation": rng.normal(0.0, 0.1)}
        look(town, uniforms=0.0, **known)
        hazard = town.hazard_per_year[0]
        uniform = 0.4 * rng.random()
        look(town, uniforms=uniform, **known)
        assert town.slots["is_looking"][0] == (uniform < 1.0 - np.exp(-hazard / 4.0))
        assert town.hazard_per_year[0] in (0.0, hazard)


def test_sm05_dead_equipment_forces_a_decision():
    town = make_town()
    assert look(town).tolist() == [FORCED]
    assert town.slots["is_looking"].tolist() == town.slots["is_forced"].tolist() == [True]


@pytest.mark.parametrize(("capacity", "is_forced"), [(3999.0, True), (4000.0, False), (4000.0 * (1 - 1e-12), False)])
def test_sm05_too_little_capacity_forces_a_decision(capacity, is_forced):
    """4 x 1000 a quarter; a rounding error is no shortage."""
    town = equipped(capacity=capacity)
    assert look(town).tolist() == [FORCED if is_forced else 0]
    assert town.slots["is_forced"][0] == is_forced


def test_sm05_capacity_follows_the_plan_and_the_plan_the_plant():
    """Expected orders of 1.5 million need 6,000; the plant of 1.2 million can make 4,800 of it."""
    town = equipped(capacity=4900.0)
    town.production["expected_orders_cny"] = 1.5e6
    assert look(town).tolist() == [FORCED]
    town.production["capacity_cny"] = 1.2e6
    assert look(town).tolist() == [0]


@pytest.mark.parametrize(("deadline", "is_forced"), [(25, False), (24, True), (16, True), (3, True)])
def test_l12_a_deadline_forces_within_its_notice_and_ever_after(deadline, is_forced):
    """Eight quarters of notice: from quarter 16 on for a deadline in quarter 24."""
    town = equipped()
    town.slots["deadline_quarter"] = deadline
    assert (look(town)[0] == FORCED) == is_forced


def test_sm05_missing_measures_and_devices_force_nobody():
    town = equipped(("STEAM", "STM_WHR", "ROOFPV", "STORAGE"))
    town.slots["deadline_quarter"][1:] = 0
    look(town)
    assert not town.slots["is_forced"].any()
    kinds = town.services["kind"][town.slots["service"]]
    assert [is_decision_forced(town.slots[s], kinds[s], 1000.0, QUARTER, 8) for s in range(4)] == [False] * 4


def test_sm05_those_who_cannot_act_do_not_look():
    """Out of business; an order open; no demand for the service. Last quarter's marks are wiped."""
    for field, table, value in (
        ("is_alive", "finance", False),
        ("pending_asset", "slots", 3),
        ("demand_unit", "slots", 0.0),
    ):
        town = make_town()
        town.slots["is_looking"] = town.slots["is_forced"] = True
        getattr(town, table)[field] = value
        assert look(town, uniforms=0.0).tolist() == [0]
        slot = town.slots[0]
        assert (slot["is_looking"], slot["is_forced"], town.hazard_per_year[0]) == (False, False, 0.0)


def test_sm05_a_measure_needs_a_host_with_equipment():
    town = make_town(1, ("STEAM", "STM_WHR"))
    look(town, uniforms=0.0)
    assert town.slots["is_looking"].tolist() == [True, False]
    town.equip(0, t("steam_gas"), 4400.0, commissioned=QUARTER)
    look(town, uniforms=0.0)
    assert town.slots["is_looking"].tolist() == [True, True]


def test_sm05_a_measure_hears_of_costs_through_its_host():
    town = equipped(("STEAM", "STM_WHR"))
    town.slots["cost_cny_per_unit"][0], town.slots["cost_5_cny_per_unit"][0] = 150.0, 100.0
    look(town)
    assert town.hazard_per_year == pytest.approx([0.1 + np.log(1.5)] * 2)


def test_l25_promotion_is_for_roofs_only():
    """.1 + .15 x .5 = .175."""
    town = equipped(("STEAM", "ROOFPV", "STORAGE"), levers={"rooftop_pv_promotion": 0.5})
    look(town)
    assert town.hazard_per_year == pytest.approx([0.1, 0.175, 0.1])
    assert town.slots["service"][1] == u("ROOFPV")


def test_b14_hazards_are_finite_and_not_negative():
    town = equipped(("STEAM", "STM_WHR", "ROOFPV", "STORAGE"))
    town.slots["cost_cny_per_unit"], town.slots["cost_5_cny_per_unit"] = 1e9, 1e-9
    town.conduct["buyer_pressure"] = 50.0
    for anticipation in (-100.0, 100.0):
        look(town, uniforms=0.5, peer_share=1.0, salience=10.0, anticipation=anticipation)
        assert out_of_bounds(SLOTS, town.slots) == []
