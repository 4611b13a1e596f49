"""A value that somebody changes in a model at hand is the value that all rules read, compiled or not."""

import transition_sim as ts


def test_a_parameter_changed_in_place_is_heard():
    world = ts.build_model(ts.load_scenario("minimal"), seed=1).world
    before = world.parameter("storage_cycles_per_day")
    world.params["storage_cycles_per_day"] = before + 1.0
    assert world.parameter("storage_cycles_per_day") == before + 1.0 == world.params[0]["storage_cycles_per_day"]
    other = ts.build_model(ts.load_scenario("minimal"), seed=1).world
    assert other.parameter("storage_cycles_per_day") == before, "no model changes another one"
    assert other.params.dtype is world.params.dtype, "compiled rules know a record by its type"
