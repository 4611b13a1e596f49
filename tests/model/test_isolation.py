"""Two live models never mix: interleaved, copied or in two threads, each runs as if it were alone."""

import threading

import numpy as np
import pytest
from run_makers import digest, result, scenario, state_bytes

import transition_sim as ts
from transition_sim import build

QUESTIONS = (
    ("guangan_city", "current", 2021, 3),
    ("guangan_city", "ambitious", 2021, 3),
    ("minimal", "current", 2021, 5),
)


def model_of(question, **kept) -> ts.build_model:
    place, policy, end_year, seed = question
    return ts.build_model(scenario(place, policy, end_year), seed=seed, **kept)


def test_models_stepped_in_turn_equal_models_alone():
    """Three models, quarter by quarter in turn, two of them over the same start."""
    models = [model_of(question) for question in QUESTIONS]
    for quarter in range(8):
        for model in models if quarter % 2 else models[::-1]:
            model.step()
    for model, question in zip(models, QUESTIONS, strict=True):
        assert digest(model.result()) == digest(result(*question))


def test_models_share_no_array_that_is_written():
    """Every array of a world that a step changes belongs to that world alone."""
    one, two = (model_of(QUESTIONS[0]) for _ in range(2))
    for name, table in one.world.state.enterprises.tables.items():
        assert not np.shares_memory(table, two.world.state[name]), name
    for name in ("slots", "assets", "loans", "fuel_gj", "expected_cny_per_gj", "carrier_cny_per_gj", "tax_credit_cny"):
        assert not np.shares_memory(getattr(one.world.state, name), getattr(two.world.state, name)), name
    for part in ("banks", "plans", "tariffs", "demand", "power"):
        mine, other = vars(getattr(one.world, part)), vars(getattr(two.world, part))
        for name, value in mine.items():
            if isinstance(value, np.ndarray) and value.size and name != "growth":
                assert not np.shares_memory(value, other[name]), (part, name)
    for part in ("budget", "permits", "ledger", "certificates", "green", "recorder", "banks"):
        assert getattr(one.world, part) is not getattr(two.world, part), part


def test_a_run_does_not_write_into_the_kept_start():
    """After a run the kept start holds the bytes that it held before; what runs share is as it was."""
    model_of(QUESTIONS[0])
    key = scenario(*QUESTIONS[0][:3]).start_key
    start = build._starts[key]
    before = state_bytes(start), repr(start.labels), start.demand.growth.tobytes(), repr(start.base_year)
    shared = [start.state.graph.weight.tobytes(), start.rest_value_added_cny.tobytes(), repr(start.city)]
    ts.run(scenario(*QUESTIONS[0][:3]), seed=3)
    ts.run(scenario("guangan_city", "ambitious", 2021), seed=8)
    assert build._starts[key] is start
    assert (state_bytes(start), repr(start.labels), start.demand.growth.tobytes(), repr(start.base_year)) == before
    assert [start.state.graph.weight.tobytes(), start.rest_value_added_cny.tobytes(), repr(start.city)] == shared
    assert digest(ts.run(scenario(*QUESTIONS[0][:3]), seed=3)) == digest(result(*QUESTIONS[0]))


def test_a_copy_of_a_world_goes_its_own_way():
    """A branch at mid-run equals the run it came from, and what it does leaves that run alone."""
    trunk = model_of(QUESTIONS[0])
    for _ in range(4):
        trunk.step()
    branch, vandal = ts.build.TransitionModel(trunk.world.copy()), trunk.world.copy()
    vandal.state["finance"]["cash_cny"][:] = 0.0
    vandal.state.slots["first_asset"][:] = -1
    vandal.banks.loans_cny[:] = 0.0
    vandal.recorder.place[:] = 0.0
    ended = branch.run()
    assert trunk.quarter == 4
    assert digest(trunk.run()) == digest(ended) == digest(result(*QUESTIONS[0]))


def test_the_levers_of_one_do_not_reach_the_other():
    """While a model with the far end of a lever lives, a model without it sees neutral, and runs the same."""
    strict = ts.load_scenario(
        "guangan_city", end_year=2021, overlay={"levers": {"carbon_price_floor_cny_per_tco2": 500.0}}
    )
    loud, quiet = ts.build_model(strict, seed=1), ts.build_model(scenario("guangan_city"), seed=1)
    for _ in range(8):
        loud.step()
        quiet.step()
        assert loud.world.lever("carbon_price_floor_cny_per_tco2") == 500.0
        assert quiet.world.lever("carbon_price_floor_cny_per_tco2") == 0.0
    assert quiet.result().place["carbon_revenue_cny"].sum() == 0.0
    assert loud.result().place["carbon_revenue_cny"].min() > 0.0
    assert digest(quiet.result()) == digest(result("guangan_city"))


def test_parameters_of_one_do_not_reach_the_other():
    other = ts.load_scenario("guangan_city", end_year=2021, overlay={"parameters": {"choice_noise": 0.16}})
    ts.run(other, seed=1)
    assert digest(ts.run(scenario("guangan_city"), seed=1)) == digest(result("guangan_city"))


@pytest.mark.parametrize("is_cold", [False, True], ids=["kept starts", "cold starts"])
def test_threads_equal_one_after_the_other(monkeypatch, is_cold):
    """Models in threads of their own; with cold starts all threads build the same start at once."""
    wanted = [digest(result(*question)) for question in QUESTIONS]
    if is_cold:
        monkeypatch.setattr(build, "_starts", type(build._starts)())
    found: dict[int, dict[str, str]] = {}

    def work(k: int) -> None:
        found[k] = digest(model_of(QUESTIONS[k % 3]).run())

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found.get(k) for k in range(6)] == wanted * 2


def test_more_places_at_once_than_starts_are_kept(monkeypatch):
    """Threads whose starts push one another out of the cache get their own all the same."""
    monkeypatch.setattr(build, "_starts", type(build._starts)())
    monkeypatch.setattr(build, "KEPT_STARTS", 1)
    faults: list[BaseException] = []

    def work(end_year: int) -> None:
        try:
            for _ in range(3):
                ts.run(scenario("minimal", "none", end_year), seed=1)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(year,)) for year in (2020, 2021, 2022, 2023)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
