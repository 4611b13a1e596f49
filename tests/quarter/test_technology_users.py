"""Users of technologies as they are remembered, against a count enterprise by enterprise in plain Python."""

import numpy as np

import transition_sim as ts
from transition_sim.world import columns
from transition_sim.world.state import ACTIVE


def test_users_are_enterprises_in_business_once_for_each_slot_with_such_equipment():
    model = ts.build_model(ts.load_scenario("guangan_city", "current", end_year=2028), seed=1)
    recorder = model.run().recorder
    state, technologies = model.world.state, model.world.reference.technologies
    is_alive = state["finance"]["is_alive"].tolist()
    assert not all(is_alive), "some have gone out of business"
    users: dict[int, set[int]] = {k: set() for k in range(technologies.size)}
    for asset in state.assets[: state.n_assets].tolist():
        row = dict(zip(state.assets.dtype.names, asset, strict=True))
        if row["status"] == ACTIVE and is_alive[state.slots["enterprise"][row["slot"]]]:
            users[row["technology"]].add(row["slot"])
    slots = state.slots["service"][np.array(is_alive)[state.slots["enterprise"]]].tolist()
    page = dict(zip((c.name for c in columns.TECHNOLOGY), recorder.technology[-1].T, strict=True))
    assert page["enterprises"].tolist() == [len(users[k]) for k in range(technologies.size)]
    able = [max(1, slots.count(service)) for service in technologies["service"].tolist()]
    assert page["adoption_share"].tolist() == [len(users[k]) / n for k, n in enumerate(able)]
