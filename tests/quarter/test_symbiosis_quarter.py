"""By-products within a run: neutral levers, physical effects carried by the accounts, events, the card (SM18, B17)."""

import numpy as np
import pytest
from quarter_worlds import events

import transition_sim as ts
from transition_sim.build import build_model
from transition_sim.core.errors import ConservationError
from transition_sim.quarter import symbiosis as phase
from transition_sim.scenarios.by_products import by_products
from transition_sim.world.symbiosis.pairs import CLINKER, STEAM

FULL = {"solid_waste_use_share": 1.0, "circular_park_share": 1.0}
PRODUCTS = list(by_products())


def city(quarters: int, parameters: dict[str, float] | None = None, **levers: float):
    model = build_model(ts.load_scenario("guangan_city", overlay={"levers": levers}), seed=3)
    model.world.params = model.world.params.copy()
    for name, value in (parameters or {}).items():
        model.world.params[0][name] = value
    for _ in range(quarters):
        model.step()
    return model


def link_first(world, effect: int) -> int:
    """Link the first pair of an effect by hand, for all that both have; return its row."""
    symbiosis = world.symbiosis
    k = int(np.flatnonzero(symbiosis.ends["effect"][symbiosis.pairs["taker"]] == effect)[0])
    symbiosis.pairs["is_linked"][k], symbiosis.pairs["capacity_unit_per_year"][k] = True, 1e12
    symbiosis.linked = np.array([k])
    return k


def test_without_a_programme_no_link_forms_and_nothing_is_paid():
    world = city(8).world
    assert world.symbiosis.linked.size == 0
    assert (world.symbiosis.kept_share == 1.0).all()
    assert (world.state["flows"]["symbiosis_cny"] == 0.0).all()
    assert not {key[0] for key in world.ledger.payments} & {"by-products", "landfill charge"}
    # metal prices alone move what is collected
    assert world.symbiosis.collected_share == pytest.approx(world.parameter("recyclables_base_share"), rel=0.02)


def test_an_unused_programme_changes_nothing_else():
    """Speed 0 and no charge: a programme that reaches everybody leaves every other column as it was (B17)."""
    off = {"symbiosis_speed_per_year": 0.0, "landfill_charge_full_cny_per_t": 0.0}
    base, idle = city(8).result().place, city(8, off, **FULL).result().place
    moved = [c for c in base.select_dtypes("number") if not np.array_equal(base[c], idle[c], equal_nan=True)]
    # what is collected of people and buildings follows the programme, whatever enterprises do
    assert set(moved) <= {"circular_park_share", "recyclables_used_t", "rubble_used_t", "main_resources_t"}


@pytest.mark.parametrize("effect", [STEAM, CLINKER])
def test_what_a_link_saves_stands_in_the_fuel_of_the_taker(effect):
    """One link by hand: the fuel of the taker falls by what the link reports as saved, that of no other enterprise."""
    base, linked = city(4), city(4)
    k = link_first(linked.world, effect)
    base.step()
    linked.step()
    a, b = base.world, linked.world
    symbiosis = b.symbiosis
    taker = int(symbiosis.ends["who"][symbiosis.pairs["taker"][k]])
    assert symbiosis.pairs["flow_unit"][k] > 0.0
    saved_gj = a.state.fuel_gj.sum(axis=1) - b.state.fuel_gj.sum(axis=1)
    assert saved_gj[taker] == pytest.approx(29.3076 * symbiosis.sums[4], rel=0.05)
    others = np.delete(saved_gj, taker)
    assert np.abs(others).max() <= 1e-9 * saved_gj[taker]
    saved_tco2 = a.notes.inventory.territorial_tco2 - b.notes.inventory.territorial_tco2
    assert saved_tco2 == pytest.approx(symbiosis.sums[5], rel=0.05)


def test_links_that_give_more_than_there_is_stop_the_run():
    model = city(4, **FULL)
    world = model.world
    link_first(world, STEAM)
    phase.exchange(world)  # the flow itself never overdraws
    world.symbiosis.ends["left_unit"] = -1.0
    world.symbiosis.sums[7] = 1.0
    with pytest.raises(ConservationError, match="by-products"):
        phase.check(world)


def test_a_programme_forms_links_and_tells_of_them():
    world = city(12, **FULL).world
    assert world.symbiosis.linked.size > 20
    told = events(world, "by_product_link")
    assert {e.unit for e in told} == {"links"}
    assert sum(e.amount for e in told) >= world.symbiosis.linked.size
    payments = {key[0]: amount for key, amount in world.ledger.payments.items()}
    assert payments["by-products"] < 0.0  # less is bought outside than the links cost
    assert payments["landfill charge"] > 0.0
    assert world.recorder.place[-1].size == world.recorder.place.shape[1]


def test_rubble_is_recycled_as_far_as_the_programme_reaches():
    """1.3 t a square metre; a tenth is recycled without a programme, .1 + .5 x .5 = .35 with half of one."""
    idle, half = city(5).world, city(5, solid_waste_use_share=0.5).world
    pulled_down = idle.city.buildings.rows["demolished_m2"].sum()
    assert pulled_down > 0.0
    for world, share in ((idle, 0.1), (half, 0.35)):
        found = phase.columns(world, 0.0)
        assert found["rubble_t"] == pytest.approx(1.3 * pulled_down / 4.0)
        assert found["rubble_used_t"] == pytest.approx(share * found["rubble_t"])
    saved = phase._main_resources_t(half, 0.0, 0.0) - phase.columns(half, 0.0)["main_resources_t"]
    assert saved == pytest.approx(0.25 * 1.3 * pulled_down / 4.0)


def test_the_closure_of_a_partner_breaks_its_links():
    model = city(12, **FULL)
    world = model.world
    symbiosis = world.symbiosis
    pair = symbiosis.pairs[symbiosis.linked]
    giver = int(symbiosis.ends["who"][pair["taker"][0]])
    before, told = symbiosis.linked.size, len(events(world, "by_product_broken"))
    gone = len(symbiosis.links_of(giver))
    world.state["finance"]["is_alive"][giver] = False
    world.state["production"]["output_cny"][giver] = 0.0
    phase.exchange(world)
    assert symbiosis.linked.size == before - gone
    assert [e.amount for e in events(world, "by_product_broken")][told:] == [gone]


def test_an_enterprise_tells_of_its_links():
    model = city(12, **FULL)
    symbiosis = model.world.symbiosis
    row = int(symbiosis.ends["who"][symbiosis.pairs["taker"][symbiosis.linked[0]]])
    told = model.enterprise(row).by_product_links
    assert len(told) == len(symbiosis.links_of(row)) >= 1
    assert {t["by_product"] for t in told} <= set(PRODUCTS)
    assert told[0].keys() == {"by_product", "gives", "partner", "since", "unit_per_year", "unit"}
