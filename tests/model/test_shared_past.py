"""A run that goes on from a kept world gives the tables of a whole run, byte for byte, whichever lever moves."""

from pathlib import Path

import numpy as np
import pytest

from transition_sim import build
from transition_sim.agents.government import CityGovernment
from transition_sim.quarter.expectations import expected_floor_cny_per_tco2
from transition_sim.scenarios import registry
from transition_sim.scenarios.extensions import known_levers
from transition_sim.scenarios.scenario import load_scenario, value_at
from transition_sim.shared_past import SharedPast, read_of

PLACE, LAST_YEAR, MOVED_FROM = "guangan_city", 2028, 2026
EVE = 4 * (MOVED_FROM - 2020)
N_QUARTERS = 4 * (LAST_YEAR - 2020 + 1)
WINDOW = 4
"""Quarters before an end of support in which firms hurry, parameter ``anticipation_quarters``."""
LEVERS = tuple(known_levers())


def current(shocks=(), place=PLACE):
    return load_scenario(place, policy="current", end_year=LAST_YEAR, shocks=list(shocks))


def moved(scenario, key, year=MOVED_FROM):
    """Return a scenario in which a lever goes to the end of its range that is farther away, at once or, where it is on
    a straight line, within a year; until then it is what it was."""
    lever = known_levers()[key]
    old = scenario.levers.get(key, lever.neutral)
    before = value_at(old, year)
    value = lever.high if lever.high - before >= before - lever.low else lever.low
    if getattr(old, "interp", "step") == "linear":
        path = {"path": [*([y, v] for y, v in old.path if y < year), [year, before], [year + 1, value]]}
    else:
        held = [[y, value_at(old, y)] for y in range(2020, year)]
        path = {"path": [*held, [year, value]], "interp": "step"}
    return scenario.changed(levers={key: path})


def assert_equal_runs(model, result):
    """All that a run remembers; padding between the fields of a record is not part of it."""
    ours, theirs = model.result().recorder, result.recorder
    for name in ("place", "sector", "county", "technology", "agent"):
        assert getattr(ours, name).tobytes() == getattr(theirs, name).tobytes(), name
    assert repr(ours.market) == repr(theirs.market)
    assert repr(ours.events) == repr(theirs.events)
    for name in ("decisions", "options"):
        for one, other in zip(getattr(ours, name), getattr(theirs, name), strict=True):
            assert all(one[field].tobytes() == other[field].tobytes() for field in one.dtype.names), name
    assert model.result().manifest == result.manifest


def quarters_run(past, scenario, seed=1, eves=()):
    """Return the model and how many quarters were run for it."""
    done = []
    model = past.run(scenario, seed, lambda quarter, _: done.append(quarter), eves)
    return model, len(done)


@pytest.fixture(scope="module")
def past():
    """The base run, with its worlds on the eves on which levers part from it."""
    found = SharedPast(kept_eves=4)
    quarters_run(found, current(), eves=(EVE - WINDOW, EVE))
    return found


@pytest.mark.parametrize("key", LEVERS)
def test_whichever_lever_moves_the_tables_are_those_of_a_whole_run(past, key):
    """From 2026 on; an announced floor is read ten years ahead, so that no past is shared; a fall of support in 2026
    is anticipated from four quarters before."""
    scenario = moved(current(), key)
    model, n = quarters_run(past, scenario)
    falls = key in ("capex_subsidy_share", "tax_credit_share") and value_at(scenario.levers[key], MOVED_FROM) < 0.1
    whole = key == "carbon_price_floor_cny_per_tco2"
    assert n == N_QUARTERS if whole else n <= N_QUARTERS - EVE + WINDOW * falls
    assert_equal_runs(model, build.run(scenario, seed=1))


@pytest.mark.parametrize("key", ["capex_subsidy_share", "tax_credit_share"])
def test_an_end_of_support_is_anticipated_before_the_lever_falls(past, key):
    """Support ends with 2026Q1: firms hurry from 2025Q1 on, which is where the runs part."""
    scenario = current().changed(levers={key: {"path": [[2020, 0.1], [MOVED_FROM, 0.0]], "interp": "step"}})
    assert read_of(scenario, 1).same_until(read_of(current(), 1), {}) == EVE - WINDOW
    model, n = quarters_run(past, scenario)
    assert n == N_QUARTERS - EVE + WINDOW
    assert_equal_runs(model, build.run(scenario, seed=1))


def test_a_floor_is_read_as_far_ahead_as_it_is_counted_on():
    """A floor from 2028 on is in the mean of ten years that is counted on in 2020Q1: no past is shared."""
    world = build.build_model(moved(current(), "carbon_price_floor_cny_per_tco2", 2028)).world
    world.levers = world.lever_path[:1]
    assert expected_floor_cny_per_tco2(world) > 0.0
    assert read_of(world.scenario, 1).same_until(read_of(current(), 1), {}) == 0


def test_the_next_run_goes_on_where_it_parts_from_the_last():
    """The first move of 2027 parts from the base run on the eve of 2027, which nobody kept; the next one finds it."""
    past = SharedPast()
    key = "green_procurement_share"
    first, second = (
        current().changed(levers={key: {"path": [[2020, 0.3], [2027, value]], "interp": "step"}})
        for value in (0.5, 0.7)
    )
    counts = [quarters_run(past, scenario)[1] for scenario in (current(), first, second)]
    assert counts == [N_QUARTERS, N_QUARTERS, 8]


@pytest.mark.parametrize("change", ["seed", "parameter", "shock", "horizon", "place"])
def test_another_run_shares_no_past(past, change):
    scenario, seed = moved(current(), "green_procurement_share"), 1
    if change == "seed":
        seed = 2
    elif change == "parameter":
        scenario = scenario.changed(parameters={"hazard_anticipation_per_year": 1.2})
    elif change == "shock":
        scenario = moved(current(["summer_drought"]), "green_procurement_share")
    elif change == "horizon":
        scenario = scenario.changed(end_year=2027)
    else:
        scenario = moved(current(place="minimal"), "green_procurement_share")
    _, n = quarters_run(past, scenario, seed)
    assert n == scenario.clock.n_quarters


# --- levers that are read on occasion -------------------------------------------------------------------------------

RATIO = "replacement_ratio"
"""A swap of kilns is the first to ask for it, in ``guangan_city`` after the deadlines of 2024."""


def with_ratio(value, end_year=2027):
    return load_scenario("guangan_city", "current", {"levers": {RATIO: value}}, end_year=end_year)


def test_a_lever_that_is_read_on_occasion_makes_no_difference_before():
    """The ratio holds from 2020 on, and the runs share all years before somebody asks for it."""
    past = SharedPast()
    first, n = quarters_run(past, with_ratio(1.5), eves=(RATIO,))
    asked = first.world.first_read[RATIO]
    assert n == 32
    assert 8 < asked < 32
    second, _ = quarters_run(past, with_ratio(1.5).changed(levers={"publicity": 0.9}), eves=(RATIO,))
    model, n = quarters_run(past, with_ratio(3.0).changed(levers={"publicity": 0.9}), eves=(RATIO,))
    assert n == 32 - asked, "the second run has left its world on the eve of the quarter in which the first one asked"
    assert_equal_runs(model, build.run(model.world.scenario, seed=1))
    sold = [[permit.t_per_year for permit in run.world.permits.pool] for run in (second, model)]
    assert sold[0] != sold[1], "after that it makes one"


def test_after_the_first_reading_runs_part_where_the_lever_moves():
    """Two paths that are one until 2026, which both have asked for before: they part then, where the move is seen."""
    stepped = {"path": [[2020, 1.5], [2026, 2.0]], "interp": "step"}
    one, other = read_of(with_ratio(1.5), 1), read_of(with_ratio(stepped), 1)
    for first_read in ({}, {RATIO: 4}, {RATIO: 24}):
        assert one.same_until(other, first_read) == other.same_until(one, first_read) == EVE
    assert one.same_until(read_of(with_ratio(2.0), 1), {}) == 32
    assert one.same_until(read_of(with_ratio(2.0), 1), {RATIO: 4}) == 4


def test_rules_find_no_value_of_a_lever_that_is_read_on_occasion():
    """So that nothing reads it unnoticed; who looks on sees it, and that is no reading."""
    model = build.build_model(with_ratio(1.5), seed=1)
    model.step()
    assert np.isnan(model.world.levers[0][RATIO])
    (city,) = model.agents_by_type[CityGovernment]
    assert city.levers[RATIO] == 1.5
    assert not model.world.first_read
    assert model.world.lever(RATIO) == 1.5
    assert model.world.first_read == {RATIO: 1}
    model.run()
    assert city.levers[RATIO] == 1.5
    others = [key for key in registry.levers() if key not in registry.ON_OCCASION]
    assert all(np.isfinite(model.world.levers[0][key]) for key in others)


@pytest.mark.parametrize("key", registry.ON_OCCASION)
def test_no_rule_names_a_lever_that_is_read_on_occasion(key):
    """A comparison could swallow nan; so the sources are searched: the world is asked, by name, and nothing else is."""
    found = [
        line.strip()
        for path in sorted(Path(build.__file__).parent.rglob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if (f'"{key}"' in line or f".{key}" in line) and not line.startswith("ON_OCCASION = ")
    ]
    assert found
    assert all(f'world.lever("{key}")' in line for line in found)


def test_no_government_strengthens_what_is_read_on_occasion():
    """Additions to levers go into what the rules are given, where these have no value."""
    assert not {row.lever for row in registry.instruments()} & set(registry.ON_OCCASION)


def test_a_policy_that_is_reversed_shares_no_past():
    """What is announced anew depends on the whole path."""
    first, second = (moved(current(["policy_reversal"]), key) for key in ("green_procurement_share", "publicity"))
    assert read_of(first, 1).same_until(read_of(second, 1), {}) == 0


def test_kept_worlds_are_bounded():
    past = SharedPast(kept_eves=2)
    quarters_run(past, current(place="minimal"), eves=range(4, 20))
    assert len(past._eves) == 2
    model, n = quarters_run(past, moved(current(place="minimal"), "publicity"))
    assert n == N_QUARTERS - 19
    assert_equal_runs(model, build.run(model.world.scenario, seed=1))


def test_a_run_does_not_change_the_world_it_started_from(past):
    scenario = moved(current(), "green_procurement_share")
    first, _ = quarters_run(past, scenario)
    second, _ = quarters_run(past, scenario)
    assert np.array_equal(first.world.recorder.place, second.world.recorder.place, equal_nan=True)
