"""A distribution grid of the park's own, and storage with new photovoltaics (L22, L24)."""

import numpy as np
import pytest
from quarter_worlds import world_of

import transition_sim as ts
from transition_sim.model import TransitionModel
from transition_sim.quarter import expectations, grid_levers, power


def after_tariffs(**levers):
    world = world_of("minimal", **levers)
    power._set_tariffs(world)
    return world


def test_l22_a_grid_of_its_own_lowers_the_tariff_of_medium_voltage_users_alone():
    """Half of .17 - .12 CNY/kWh is passed on: 25 CNY/MWh at medium voltage, nothing at high voltage."""
    base, own = after_tariffs(), after_tariffs(incremental_grid=1.0)
    fall = base.state["energy"]["tariff_cny_per_mwh"] - own.state["energy"]["tariff_cny_per_mwh"]
    is_high = base.constants.voltage == 1
    assert fall[~is_high] == pytest.approx(np.full((~is_high).sum(), 25.0))
    assert fall[is_high] == pytest.approx(np.zeros(is_high.sum()), abs=1e-9)
    assert expectations.high_voltage_discount(base) == pytest.approx(50.0)
    assert expectations.high_voltage_discount(own) == pytest.approx(25.0)


def test_l22_all_users_of_the_grid_can_take_a_direct_line():
    def lines(**levers):
        model = TransitionModel(world_of("guangan_city", direct_line_mw=20, **levers))
        model.step()
        return model.world

    large, everyone = lines(), lines(incremental_grid=1.0)
    assert (large.state["finance"]["size_class"][large.state["green_power"]["direct_mwh"] > 0] == 2).all()
    assert (everyone.state["finance"]["size_class"][everyone.state["green_power"]["direct_mwh"] > 0] < 2).any()


def test_l24_roofs_cost_what_their_storage_costs():
    """3400 CNY/kW and 2 h of 1500 CNY/kWh: 6400, 1.88235 of 3400; batteries themselves cost what they did."""
    base, bound = world_of("minimal"), world_of("minimal", storage_mandate_hours=2.0)
    factors = grid_levers.capex_factors(bound)
    assert grid_levers.capex_factors(base)[grid_levers.ROOF] == pytest.approx(1.0)
    assert factors[grid_levers.ROOF] == pytest.approx(6400.0 / 3400.0)
    assert factors[grid_levers.BATTERY] == pytest.approx(1.0)
    assert bound.state.technology_capex_factor[grid_levers.ROOF] == pytest.approx(1.0)


def test_l24_fewer_roofs_and_each_with_its_storage():
    """Without time-of-use tariffs nobody buys batteries for themselves: storage is 2 h of the roofs since 2020."""
    results = []
    for hours in (0.0, 2.0):
        asked = ts.load_scenario(
            "guangan_city",
            end_year=2025,
            overlay={"levers": {"storage_mandate_hours": hours, "rooftop_pv_promotion": 1}},
        )
        results.append(ts.run(asked, seed=1, keep_agents=False, keep_decisions=False).annual)
    free, bound = (r.loc[2025] for r in results)
    assert 0 < bound["roof_pv_mw"] < free["roof_pv_mw"]
    assert free["storage_mwh"] == 0.0
    start = results[1].loc[2020, "roof_pv_mw"]
    assert bound["storage_mwh"] <= 2.0 * bound["roof_pv_mw"]
    assert bound["storage_mwh"] >= 2.0 * (bound["roof_pv_mw"] - start)
