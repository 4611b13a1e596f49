"""What works do that must retrofit or close: every measure that saves energy, as far as the line is worth it (L12)."""

import numpy as np
import pytest
from quarter_worlds import TECHNOLOGIES, seen_of, slot_of, world_of

from transition_sim.agents.attention import FORCED
from transition_sim.agents.choice import CHOICES_DTYPE, KEEP
from transition_sim.quarter import compliance, government
from transition_sim.world.state import MAX_OPTIONS, NO_DEADLINE, OPTIONS_DTYPE

WORKS = 0
CAPACITY_T = 300_000.0


def told_world(limit=117.0, **levers):
    """Return a world whose works have been told to bring the kiln under the limit."""
    world = world_of(efficiency_limit_kgce_per_t=limit, **levers)
    government.open_programmes(world)
    return world


def kept(world, service: str, technology: str, n_options: int = 2):
    """Return the choice to keep, with the technology as the other option seen."""
    choices, options = np.zeros(1, CHOICES_DTYPE), np.zeros((1, MAX_OPTIONS), OPTIONS_DTYPE)
    choices["slot"], choices["enterprise"], choices["chosen"] = slot_of(world, WORKS, service), WORKS, KEEP
    choices["service"] = world.state.slots["service"][choices["slot"]]
    choices["n_options"] = n_options
    options["technology"][0, :2] = KEEP, TECHNOLOGIES.index(technology)
    return choices, seen_of(choices, options)


def set_margin(world, cny_per_year: float) -> None:
    state = world.state
    state["prices"]["price_index"][WORKS] = 1.0
    state["prices"]["unit_cost_index"][WORKS] = 0.75
    state["production"]["expected_orders_cny"][WORKS] = cny_per_year / 0.25 / 4.0


def test_only_works_above_the_limit_are_told():
    deadlines = [told_world(limit).state.slots["deadline_quarter"] for limit in (117.0, 140.0, 130.0)]
    told = [np.flatnonzero(quarters < NO_DEADLINE).tolist() for quarters in deadlines]
    assert told == [[slot_of(world_of(), WORKS, "CLINKER")], [], []]


@pytest.mark.parametrize(
    ("service", "saves"),
    [("CLK_HEAT", True), ("CLK_WHR", True), ("CLK_BLEND", True), ("CLK_FUEL", False), ("CLK_CCUS", False)],
)
def test_what_saves_energy(service, saves):
    # alternative fuel needs 2 % more heat, capture saves none; the others save fuel, power or make power from heat
    world = world_of()
    index = int(world.state.slots["service"][slot_of(world, WORKS, service)])
    assert compliance.saves_energy(world.reference.technologies, index) == saves


def test_works_that_are_told_look_at_every_measure_that_saves():
    world = told_world()
    trigger = np.zeros(world.state.slots.size, np.int64)
    compliance.look_at_retrofits(world, trigger, FORCED)
    want = sorted(slot_of(world, WORKS, s) for s in ("CLK_HEAT", "CLK_WHR", "CLK_BLEND"))
    assert np.flatnonzero(world.state.slots["is_forced"]).tolist() == want
    assert np.flatnonzero(trigger == FORCED).tolist() == want


def test_what_is_ordered_or_there_is_not_looked_at_again():
    world = told_world()
    ordered, there = slot_of(world, WORKS, "CLK_HEAT"), slot_of(world, WORKS, "CLK_WHR")
    world.state.slots["pending_asset"][ordered] = 1
    world.state.slots["first_asset"][there] = 1
    compliance.look_at_retrofits(world, np.zeros(world.state.slots.size, np.int64), FORCED)
    assert np.flatnonzero(world.state.slots["is_forced"]).tolist() == [slot_of(world, WORKS, "CLK_BLEND")]


@pytest.mark.parametrize(("margin", "is_taken"), [(2.94e6, True), (2.92e6, False), (0.0, False)])
def test_l12_the_retrofit_is_weighed_against_the_margin_of_the_line(margin, is_taken):
    """60 CNY/t x 300 000 t = 18 M; ten years at 10 % are worth 6.14457 of a year: 2.9294 M a year break even."""
    world = told_world()
    choices, options = kept(world, "CLK_HEAT", "clk_heat")
    set_margin(world, margin)
    compliance.choose_compliance(world, choices, options)
    assert bool(choices["is_order"][0]) == is_taken
    if is_taken:
        assert choices["chosen"][0] == TECHNOLOGIES.index("clk_heat")
        assert choices["capex_cny"][0] == pytest.approx(18e6)
        assert choices["capacity_unit_per_year"][0] == pytest.approx(CAPACITY_T)
        assert choices["subsidy_cny"][0] == 0.0
        assert not choices["replaces"][0]
    else:
        assert choices["chosen"][0] == KEEP


def test_l01_the_retrofit_asks_for_the_subsidy_within_its_cap():
    # 20 % of 18 M is 3.6 M, under the cap of 5 M
    world = told_world(capex_subsidy_share=0.2)
    choices, options = kept(world, "CLK_HEAT", "clk_heat")
    set_margin(world, 1e8)
    compliance.choose_compliance(world, choices, options)
    assert choices["subsidy_cny"][0] == pytest.approx(3.6e6)


def test_works_under_the_limit_keep_what_they_have():
    world = told_world(130.0)
    choices, options = kept(world, "CLK_HEAT", "clk_heat")
    set_margin(world, 1e8)
    compliance.choose_compliance(world, choices, options)
    assert choices["chosen"][0] == KEEP
    assert not choices["is_order"][0]


@pytest.mark.parametrize(
    ("service", "technology", "n_options"), [("CLK_FUEL", "clk_fuel", 2), ("CLK_HEAT", "clk_heat", 1)]
)
def test_what_does_not_save_or_was_not_on_offer_is_not_taken(service, technology, n_options):
    world = told_world()
    choices, options = kept(world, service, technology, n_options)
    set_margin(world, 1e8)
    compliance.choose_compliance(world, choices, options)
    assert choices["chosen"][0] == KEEP


@pytest.mark.parametrize(("service", "waits"), [("CLK_WHR", True), ("CLK_FUEL", False)])
def test_l12_a_kiln_with_a_saving_retrofit_on_order_is_not_closed_yet(service, waits):
    world = told_world()
    kiln = slot_of(world, WORKS, "CLINKER")
    assert not compliance.awaits_retrofit(world, np.array([kiln])).any()
    world.state.slots["pending_asset"][slot_of(world, WORKS, service)] = 1
    others = slot_of(world, 1, "KILN")
    assert compliance.awaits_retrofit(world, np.array([others, kiln])).tolist() == [False, waits]
