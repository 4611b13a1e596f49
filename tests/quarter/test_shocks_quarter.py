"""Every channel moves what it should, and nothing before its date; broken promises cost credibility (SM16, SM27)."""

from functools import cache

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.quarter.exogenous import CHANNELS
from transition_sim.scenarios import registry
from transition_sim.world.outside import revisions_of

WORDS = {"en": "Mine", "zh": "我的"}
SECTORS, CARRIERS = list(registry.sector_ids()), list(registry.carrier_ids())


def shock(*effects) -> dict:
    return {"format": "shock/1", "id": "mine", "name": WORDS, "description": WORDS, "effects": list(effects)}


def effect(channel, first, last, value, **more) -> dict:
    return {"channel": channel, "from": first, "to": last, "value": value, **more}


@cache
def calm(place="minimal", policy="none", end_year=2022) -> ts.RunResult:
    return ts.run(ts.load_scenario(place, policy=policy, end_year=end_year), seed=1)


def shaken(*effects, place="minimal", policy="none", end_year=2022) -> ts.RunResult:
    return ts.run(ts.load_scenario(place, policy=policy, end_year=end_year, shocks=[shock(*effects)]), seed=1)


def world_at(quarter: int, *effects, place="minimal", policy="none", end_year=2022):
    """Return the world after this quarter."""
    asked = ts.load_scenario(place, policy=policy, end_year=end_year, shocks=[shock(*effects)] if effects else ())
    model = ts.build_model(asked, seed=1)
    while model.quarter <= quarter:
        model.step()
    return model.world


def test_channels_of_the_table_are_those_that_the_quarter_reads():
    """Exports become part of demand, and the strength of levers makes new paths, before the run."""
    assert set(registry.channels()) == {*CHANNELS, "export_demand", "lever_strength"}


@pytest.mark.parametrize(
    ("channel", "value"),
    [("load", 1.0), ("fuel_price", 1.0), ("demand", 1.0), ("export_demand", 1.0), ("border_rules", 1.0),
     ("technology_cost", 1.0), ("running_time", 1.0), ("no_accident", 1.0), ("lever_strength", 1.0)],
)  # fmt: skip
def test_a_channel_at_its_neutral_value_changes_nothing(channel, value):
    """To the last bit; only rivers have no neutral value, because they replace the weather of the seed."""
    one = shaken(effect(channel, "start", "end", value), policy="current")
    assert one.place.drop(columns=["quarter"]).to_numpy().tobytes() == (
        calm(policy="current").place.drop(columns=["quarter"]).to_numpy().tobytes()
    )


def test_rivers_follow_the_shock_by_month_and_the_draws_go_on_behind_it():
    world = world_at(6, effect("river_flow", "2021-07", "2021-08", 0.5))
    weather = np.exp(world.power.log_hydrology)
    assert world.power.river_share.tolist() == [0.5, 0.5, weather]
    assert world.power.log_hydrology == world_at(6).power.log_hydrology


def test_load_rises_in_the_hot_months_of_residents_and_the_province():
    """Residents 20 % more in July and August: their MWh in the quarter rise by 20 % x the weight of the two months."""
    hot, normal = world_at(6, effect("load", "2021-07", "2021-08", 1.2)), world_at(6)
    constants = normal.constants
    profile = constants.load_profiles[2][constants.city_shape].reshape(3, 2, 8) * constants.hours[2]
    weight = profile.sum(axis=(1, 2)) / profile.sum()
    assert hot.outside.load_factor == pytest.approx(1 + 0.2 * weight[:2].sum(), rel=1e-12)
    rise = hot.power.quarter.delivered_mwh - normal.power.quarter.delivered_mwh
    city = normal.city.home_mwh + normal.city.other_mwh
    assert rise == pytest.approx(0.2 * weight[:2].sum() * city, rel=1e-6)
    assert hot.power.quarter.peak_load_mw > normal.power.quarter.peak_load_mw


def test_fuel_prices_are_the_base_price_times_the_shock_and_come_back():
    asked = effect("fuel_price", "2021Q2", "2021Q3", 1.5, of=["coal"])
    base, coal = world_at(3).state.carrier_cny_per_gj, CARRIERS.index("coal")
    for quarter, factor in ((4, 1.0), (5, 1.5), (6, 1.5), (7, 1.0)):
        now = world_at(quarter, asked).state.carrier_cny_per_gj
        assert now[coal] == pytest.approx(factor * base[coal], rel=1e-15)
        assert np.delete(now, coal) == pytest.approx(np.delete(base, coal), rel=0)


def test_demand_of_a_sector_is_its_trend_times_the_shock():
    dry, normal = world_at(5, effect("demand", 2021, 2021, 0.6, of=["EQP"])), world_at(4)
    first = world_at(4, effect("demand", 2021, 2021, 0.6, of=["EQP"]))
    equipment = SECTORS.index("EQP")
    assert first.demand.final_cny[equipment] == pytest.approx(0.6 * normal.demand.final_cny[equipment], rel=1e-12)
    assert dry.state["production"]["output_cny"][dry.constants.sector == equipment].sum() < (
        0.7 * world_at(5).state["production"]["output_cny"][dry.constants.sector == equipment].sum()
    )


def test_exports_move_only_the_exported_part():
    """Demand x (1 + export share x (0.5 - 1))."""
    shocked, normal = world_at(4, effect("export_demand", 2021, 2021, 0.5)), world_at(4)
    share = np.array([s.export_share for s in registry.sectors()])
    has = normal.demand.base_cny > 0
    ratio = shocked.demand.final_cny[has] / normal.demand.final_cny[has]
    assert ratio == pytest.approx(1 - 0.5 * share[has], rel=1e-9)


def test_border_rules_reach_more_goods_once_they_exist():
    """cbam_start_year is 2026: before it nothing, from it on three times the share, at most all."""
    asked = effect("border_rules", "start", "end", 3.0)
    before = world_at(8, asked, place="guangan_city", end_year=2026)
    assert not before.state["conduct"]["cbam_share"].any()
    after = world_at(24, asked, place="guangan_city", end_year=2026)
    expected = np.minimum(1.0, 3.0 * after.constants.border_share)
    assert after.state["conduct"]["cbam_share"] == pytest.approx(expected, rel=1e-15)
    assert expected.max() > 0


def test_equipment_of_a_group_costs_more_and_others_do_not():
    shocked, normal = world_at(4, effect("technology_cost", 2021, 2022, 1.5, of=["pv"])), world_at(4)
    technologies = normal.reference.technologies
    is_pv = technologies["learning_group"] == registry.learning_groups().index("pv")
    ratio = shocked.state.technology_capex_factor / normal.state.technology_capex_factor
    assert ratio[is_pv] == pytest.approx(1.5, rel=1e-12)
    assert ratio[~is_pv] == pytest.approx(1.0, rel=0)


def test_plants_that_may_run_half_the_time_make_at_most_half_of_their_capacity():
    world = world_at(4, effect("running_time", "2021Q1", "2021Q1", 0.5, of=["FOD"]))
    food = world.constants.sector == SECTORS.index("FOD")
    production = world.state["production"]
    assert production["available_share"][food].tolist() == [0.5] * 3
    assert (production["output_cny"][food] <= 0.5 * production["capacity_cny"][food] * (1 + 1e-12)).all()


def test_an_accident_bars_the_park_for_its_dates():
    asked = effect("no_accident", "2021Q2", "2022Q1", 0)
    assert [world_at(q, asked).outside.is_free_of_accidents for q in (4, 5, 8, 9)] == [True, False, False, True]


def test_what_begins_is_an_event_and_stands_in_the_manifest():
    result = shaken(effect("fuel_price", "2021Q2", "2021Q3", 1.5, of=["coal"]))
    [event] = result.events[result.events["kind"] == "shock"].to_dict("records")
    assert (event["quarter"], event["subject"], event["amount"]) == ("2021Q2", "mine: fuel_price", 1.5)
    assert result.manifest["shocks"][0]["effects"][0]["from"] == "2021Q2"
    assert calm().manifest["shocks"] == []


@pytest.mark.parametrize("channel", list(registry.channels()))
def test_history_is_not_changed_by_what_comes_later(channel):
    """B15: everything before the first quarter of the shock is as without it, to the last bit."""
    result = shaken(effect(channel, 2022, 2022, 0.0 if channel in ("no_accident", "lever_strength") else 0.9),
                    policy="current")  # fmt: skip
    assert result.place[:8].drop(columns="quarter").to_numpy().tobytes() == (
        calm(policy="current").place[:8].drop(columns="quarter").to_numpy().tobytes()
    )


# --- promises kept and broken (SM16) --------------------------------------------------------------------------------


def path_of(**levers) -> np.ndarray:
    path = np.repeat(registry.lever_record(), 12)
    for key, values in levers.items():
        path[key] = values
    return path


def strength(quarters: slice, value: float, key: str) -> np.ndarray:
    grid = np.ones((12, len(registry.levers())))
    grid[quarters, list(registry.levers()).index(key)] = value
    return grid


def test_a_reversal_replaces_the_path_and_is_believed_to_last():
    """Subsidy 0.2; half of it from quarter 4 to 7: from 4 on 0.1 is announced for good, from 8 on 0.2 again."""
    found = revisions_of(path_of(capex_subsidy_share=0.2), strength(slice(4, 8), 0.5, "capex_subsidy_share"))
    assert sorted(found) == [4, 8]
    assert found[4].lever_path["capex_subsidy_share"].tolist() == [0.2] * 4 + [0.1] * 8
    assert found[8].lever_path["capex_subsidy_share"].tolist() == [0.2] * 4 + [0.1] * 4 + [0.2] * 4
    broken = [np.array(list(registry.levers()))[found[q].is_broken].tolist() for q in (4, 8)]
    assert broken == [["capex_subsidy_share"], []]


def test_a_lever_at_neutral_has_nothing_to_break():
    found = revisions_of(path_of(), strength(slice(4, 12), 0.0, "capex_subsidy_share"))
    assert not found[4].is_broken.any()


def test_a_lever_whose_neutral_value_is_high_breaks_towards_it():
    """Efficiency limit: 140 binds nobody, 117 is announced; strength 0.5 gives 140 + 0.5 (117 - 140) = 128.5."""
    path = path_of(efficiency_limit_kgce_per_t=117.0)
    found = revisions_of(path, strength(slice(4, 12), 0.5, "efficiency_limit_kgce_per_t"))
    assert found[4].lever_path["efficiency_limit_kgce_per_t"][4:].tolist() == [128.5] * 8
    assert found[4].is_broken.sum() == 1


def test_credibility_rises_with_a_promise_kept_and_falls_with_one_broken():
    """From 0.6: +0.05 a year in which the subsidy rises as announced; dropped in 2023: -0.15 then, and nothing kept."""
    levers = {"capex_subsidy_share": {"path": [[2020, 0.0], [2025, 0.25]]}}
    asked = {"overlay": {"levers": levers}, "end_year": 2025}
    kept = ts.run(ts.load_scenario("minimal", **asked), seed=1)
    reversal = shock(effect("lever_strength", 2023, "end", 0, of=["capex_subsidy_share"]))
    broken = ts.run(ts.load_scenario("minimal", **asked, shocks=[reversal]), seed=1)
    assert kept.annual["credibility"].tolist() == pytest.approx([0.6, 0.65, 0.7, 0.75, 0.8, 0.85])
    assert broken.annual["credibility"].tolist() == pytest.approx([0.6, 0.65, 0.7, 0.55, 0.55, 0.55])
    [event] = broken.events[broken.events["kind"] == "promise_broken"].to_dict("records")
    assert (event["quarter"], event["subject"], event["amount"]) == ("2023Q1", "capex_subsidy_share", 0.0)


def test_nobody_hurries_before_an_end_that_was_not_announced():
    """The rush before an announced end (A: +, then as much less) is absent where the end comes as a surprise."""
    announced = {"levers": {"capex_subsidy_share": {"path": [[2020, 0.2], [2022, 0.0]], "interp": "step"}}}
    model = ts.build_model(ts.load_scenario("minimal", overlay=announced, end_year=2023))
    assert model.world.calendar.anticipation_per_year[4:8].min() > 0
    surprise = shock(effect("lever_strength", 2022, "end", 0))
    asked = ts.load_scenario(
        "minimal", overlay={"levers": {"capex_subsidy_share": 0.2}}, end_year=2023, shocks=[surprise]
    )
    model = ts.build_model(asked)
    for _ in range(12):
        assert not model.world.calendar.anticipation_per_year.any()
        model.step()


# --- P10 drought ----------------------------------------------------------------------------------------------------

FLOWS = (1.0, 0.8, 0.6, 0.4)


@pytest.fixture(scope="module")
def summers():
    """The dry summer of 2021 in the city at falling flows, rivers at their mean otherwise, one seed."""
    found = []
    for flow in FLOWS:
        effects = [effect("river_flow", 2021, "2021-06", 1.0), effect("river_flow", "2021-07", "2021-09", flow),
                   effect("river_flow", "2021-10", 2021, 1.0)]  # fmt: skip
        found.append(shaken(*effects, place="guangan_city", end_year=2021))
    return found


def test_p10_drought_raises_emissions_with_falling_increments(summers):
    """Coal stands in until coal and imports bind: power emissions rise, and no step adds more than the one before.

    Steps of 0.2 in flow: finer ones follow the steps of the merit order and are concave only on the whole.
    """
    tonnes = np.array([r.place["power_tco2"][6] for r in summers])
    steps = np.diff(tonnes)
    assert tonnes.max() > 1.05 * tonnes[0]
    assert (steps >= -1e-6 * tonnes[0]).all()
    assert (np.diff(steps) <= 0).all()
    assert steps[-1] < 0.1 * steps[0]


def test_p10_industry_is_shed_before_residents(summers):
    """The deepest drought leaves load unserved; enterprises lose output, and households lose power last."""
    unserved = np.array([r.place["unserved_mwh"][6] for r in summers])
    assert unserved[0] == 0.0
    assert (np.diff(unserved) >= -1e-6).all()
    assert unserved[-1] > 0
    loss = [r.place["output_cny"][6] / summers[0].place["output_cny"][6] for r in summers]
    assert loss[-1] < 0.999
    households = [r.place["electricity_mwh"][6] - r.sector["electricity_mwh"][r.sector["quarter"] == "2021Q3"].sum()
                  for r in summers]  # fmt: skip
    served = np.array(households) / households[0]
    assert served[loss.index(next(x for x in loss if x < 0.9999))] > 0.999
