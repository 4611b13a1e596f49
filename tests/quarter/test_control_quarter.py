"""Governments in a run: tracking, consequences, and one test a lever that it moves what it should (SM23)."""

from functools import cache

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.agents.government import CityGovernment, CountyGovernment
from transition_sim.quarter import control
from transition_sim.quarter.control import is_retirement_safe, salience
from transition_sim.scenarios import registry
from transition_sim.world.policy.energy_budget import GJ_PER_BCM
from transition_sim.world.recorder import PLACE_INDEX

STEERING = (
    "pilot_reward_million_cny", "energy_intensity_change_percent_per_year", "coal_use_change_percent_per_year",
    "gas_supply_bcm_per_year", "assessment_weight", "accountability", "key_projects", "regional_cooperation",
)  # fmt: skip
LEVERS = list(registry.levers())


@cache
def city(seed=1, end_year=2026, **levers):
    """Return (model, result) of the city without other levers."""
    asked = ts.load_scenario("guangan_city", end_year=end_year, overlay={"levers": levers})
    model = ts.build_model(asked, seed=seed, keep_agents=False, keep_decisions=False)
    return model, model.run()


def kinds(result) -> list[str]:
    return result.events["kind"].tolist()


# --- neutrality -----------------------------------------------------------------------------------------------------


def test_b17_levers_of_government_at_neutral_are_as_if_absent():
    neutral = {key: registry.levers()[key].neutral for key in STEERING}
    one = city(end_year=2022)[1].place
    two = city(end_year=2022, **neutral)[1].place
    assert one.select_dtypes("number").to_numpy().tobytes() == two.select_dtypes("number").to_numpy().tobytes()


def test_without_weight_and_accountability_a_government_tracks_and_moves_nothing():
    model, result = city()
    assert not model.world.control.additions.any()
    assert model.world.control.firm_salience.size == 0
    assert result.annual["effort"].tolist() == [0.2] * 7
    assert result.annual["assessment_score"].iloc[-1] > 0  # the assessment is written all the same
    assert not {"notified", "rewarded", "leaders_changed"} & set(kinds(result))


# --- tracking -------------------------------------------------------------------------------------------------------


def test_values_and_targets_are_those_of_the_plan():
    """Energy per GDP: 14.5 % less in 2025 than in 2020 on a straight line; tracked is the last full year."""
    model, result = city()
    annual, mine = result.annual, model.world.control
    row = [line.indicator.key for line in mine.lines].index("energy_per_gdp")
    intensity = annual["energy_coal_equivalent_tce"] / annual["gdp_cny"]
    assert mine.values[row] == pytest.approx(intensity[2025], rel=1e-12)
    assert mine.targets[row] == pytest.approx(intensity[2020] * (1 - 0.145), rel=1e-12)
    expected = (intensity[2025] - intensity[2020]) / (-0.145 * intensity[2020])
    assert mine.progress[row] == pytest.approx(min(1.2, max(0.0, expected)), rel=1e-9)


def test_the_assessment_comes_two_quarters_after_the_year():
    """The year 2021 is the first with a base before it; its score is published in 2022Q2."""
    _, result = city()
    found = result.events[result.events["kind"] == "assessment"]["quarter"].tolist()
    assert found == [f"{year}Q2" for year in range(2022, 2027)]
    assert np.isnan(result.place["assessment_score"][:9]).all()
    assert np.isfinite(result.place["assessment_score"][9:]).all()


def test_counties_together_cut_what_the_city_must():
    """Shares of energy times cuts = 1 - target / base of energy per GDP, no county more than half."""
    model, result = city(assessment_weight=0.2)
    world = model.world
    energy = result.by_year("county").query("year == 2020")["energy_coal_equivalent_tce"].to_numpy()
    cuts = world.control.county_cuts
    assert cuts @ energy / energy.sum() == pytest.approx(0.145, rel=1e-9)
    assert 0 < cuts.min() < cuts.max() <= 0.5


def test_agents_show_effort_score_and_targets():
    model, _ = city(assessment_weight=0.2)
    [government] = model.agents_by_type[CityGovernment]
    mine = model.world.control
    assert (government.effort, government.score) == (mine.effort, mine.score)
    assert set(government.targets) == {"energy_per_gdp", "co2_per_gdp", "nonfossil_share", "coal_use"}
    assert government.targets["coal_use"]["gap"] > 0
    assert all(added for added in government.strengthened.values())
    counties = list(model.agents_by_type[CountyGovernment])
    assert [c.effort for c in counties] == mine.county_effort.tolist()
    assert [c.score for c in counties] == mine.county_score.tolist()
    assert [c.targets["energy_cut_share"] for c in counties] == mine.county_cuts.tolist()


# --- one test a lever -----------------------------------------------------------------------------------------------


def test_l46_weight_in_the_assessment_turns_gaps_into_effort_and_instruments():
    """Coal rises here, so the gap stays: with weight effort climbs, levers are strengthened, and CO2 falls."""
    light, heavy = city(end_year=2030), city(end_year=2030, assessment_weight=0.2)
    assert light[1].annual["effort"].iloc[-1] == 0.2
    assert heavy[1].annual["effort"].iloc[-1] > 0.4
    added = dict(zip(LEVERS, heavy[0].world.control.additions, strict=True))
    assert added["offpeak_days"] > 0
    assert added["access_strictness"] < 0
    assert heavy[1].annual["dual_control_tco2"][2030] < light[1].annual["dual_control_tco2"][2030]
    half = city(end_year=2030, assessment_weight=0.1)
    assert 0.2 < half[1].annual["effort"].iloc[-1] < heavy[1].annual["effort"].iloc[-1]


def test_instruments_never_leave_the_range_of_their_lever_and_come_on_top_of_the_plan():
    model, _ = city(end_year=2030, assessment_weight=0.2, offpeak_days=235.0)
    assert float(model.world.levers[0]["offpeak_days"]) == 240.0
    assert float(model.world.lever_path[-1]["offpeak_days"]) == 235.0


def test_l47_accountability_criticises_changes_leaders_and_rewards(monkeypatch):
    """Scores .5, .3, .3, .95 by patching the score: notified three times, leaders changed once, rewarded once.

    Effort: .2 + 3 x .15 (notices) + .3 (new leaders); credibility .6 - .1; reward 10 % of the fiscal income.
    """
    scores = iter([np.nan, 0.5, 0.3, 0.3, 0.95])
    monkeypatch.setattr(control.rules, "assessment_score", lambda *_: next(scores))
    asked = ts.load_scenario("guangan_city", end_year=2026, overlay={"levers": {"accountability": 0.5}})
    model = ts.build_model(asked, seed=1, keep_agents=False, keep_decisions=False)
    while model.quarter < 4 * 5 + 2:
        model.step()
    world = model.world
    counted = [e.kind for e in world.recorder.events]
    assert [counted.count(k) for k in ("notified", "leaders_changed", "rewarded")] == [3, 1, 1]
    assert world.control.effort == pytest.approx(0.2 + 0.45 + 0.3)
    assert world.credibility == pytest.approx(0.5)
    income = world.control.fiscal_income_cny
    assert world.control.reward_cny == pytest.approx(0.1 * income)
    scores = iter([0.7])
    while model.quarter < 4 * 6 + 1:
        model.step()
    assert world.recorder.place[24, PLACE_INDEX["rewards_cny"]] == pytest.approx(0.1 * income)
    assert world.control.reward_cny == 0.0


def test_l47_criticism_tightens_access_until_the_next_assessment(monkeypatch):
    """1.0 in the plan, less .1 while notified at the usual strength; .2 at twice the strength."""
    monkeypatch.setattr(control.rules, "assessment_score", lambda *_: 0.5)
    for strength, expected in ((0.5, 0.9), (1.0, 0.8)):
        levers = {"accountability": strength, "access_strictness": 1.0}
        model = ts.build_model(ts.load_scenario("guangan_city", end_year=2022, overlay={"levers": levers}), seed=1)
        while model.quarter < 11:
            model.step()
        assert model.world.lever("access_strictness") == pytest.approx(expected)


def test_p17_a_campaign_bunches_attention_at_the_end_of_a_plan(monkeypatch):
    """Score .65: salience = gain x effort x .35 x (.08, .12, .2, .6) in the quarters of 2025, none in 2024 and 2026."""
    monkeypatch.setattr(control.rules, "assessment_score", lambda *_: 0.65)
    monkeypatch.setattr(control.rules, "DEADLINE_WEIGHTS", (0.08, 0.12, 0.20, 0.60))
    asked = ts.load_scenario("guangan_city", end_year=2026, overlay={"levers": {"accountability": 0.5}})
    model = ts.build_model(asked, seed=1, keep_agents=False, keep_decisions=False)
    seen = {}
    while model.quarter < 28:
        model.step()
        world = model.world
        world.quarter -= 1
        seen[world.label] = salience(world)
        world.quarter += 1
    effective = 0.2 * 0.6  # no committee without weight in the assessment: no coordination
    gain = float(world.params[0]["campaign_salience"])
    expected = [gain * effective * 0.35 * w for w in (0.08, 0.12, 0.20, 0.60)]
    assert [seen[f"2025Q{q}"] for q in (1, 2, 3, 4)] == pytest.approx(expected)
    assert {seen[f"{y}Q{q}"] for y in (2024, 2026) for q in (1, 2, 3, 4)} == {0.0}


def test_l48_key_projects_are_the_largest_users_and_look_sooner():
    """20 projects: the 20 largest energy users are listed; they decide more often than without the list."""
    model, _ = city(end_year=2024, key_projects=20)
    listed = model.world.control.is_listed
    assert listed.sum() == 20
    assert 0 < model.world.control.projects_done <= 20
    asked = [ts.load_scenario("guangan_city", end_year=2024, overlay={"levers": {"key_projects": n}}) for n in (0, 20)]
    decided = []
    for one in asked:
        result = ts.run(one, seed=1, keep_agents=False)
        ids = np.asarray(result.labels["enterprises"], object)[listed]
        mine = result.decisions[result.decisions["enterprise"].isin(ids) & (result.decisions["year"] > 2021)]
        decided.append(mine["decision"].nunique())
    assert decided[1] > 1.2 * decided[0]


def test_l49_cooperation_lets_enterprises_see_partner_places():
    """More is known of technologies that spread elsewhere, so that decisions come sooner."""
    apart, together = city(end_year=2024), city(end_year=2024, regional_cooperation=1.0)
    assert together[1].annual["decisions"].sum() > apart[1].annual["decisions"].sum()


def test_l14_a_cut_of_intensity_leaves_less_room_for_new_plant():
    """-2.9 % a year: allowed = (base intensity x .971) x GDP x (1 + growth); headroom = allowed - used."""
    model, _ = city(end_year=2021, energy_intensity_change_percent_per_year=-2.9)
    used = model.result().annual["energy_coal_equivalent_tce"][2020]
    world = model.world
    first = ts.build_model(world.scenario, seed=1, keep_agents=False, keep_decisions=False)
    while first.quarter < 4:
        first.step()
    first.world.levers = first.world.lever_path[4:5]
    control.steer(first.world)
    assert first.world.control.energy_headroom_tce == pytest.approx(used * (0.971 * 1.05 - 1), rel=1e-9)


def test_l14_deep_cuts_leave_no_room_and_new_plant_waits():
    free, tight = city(end_year=2028)[1], city(end_year=2028, energy_intensity_change_percent_per_year=-5.0)[1]
    assert "energy_budget" in kinds(tight)
    assert "energy_budget" not in kinds(free)
    assert tight.annual["energy_coal_equivalent_tce"][2028] < free.annual["energy_coal_equivalent_tce"][2028]


def test_l15_under_a_coal_cap_less_coal_is_burnt_and_no_coal_boiler_is_bought():
    """Coal use of 2021 is above 94 % of 2020: from 2021 on no coal-fired equipment is sold, kilns excepted."""
    free, capped = city(end_year=2028)[1], city(end_year=2028, coal_use_change_percent_per_year=-6.0)[1]
    assert capped.annual["coal_tce"][2028] < 0.97 * free.annual["coal_tce"][2028]
    coal = {t.id for t in registry.technologies() if t.carrier == "coal" and t.service != "CLINKER"}
    orders = [r.technology[r.technology["technology"].isin(coal) & (r.technology["year"] > 2020)]["orders"].sum()
              for r in (free, capped)]  # fmt: skip
    assert orders[0] > 0
    assert orders[1] == 0


def test_l32_no_new_user_gets_gas_when_supply_is_used_up():
    """Under .5 bcm, less than the city uses, only who has gas keeps it: it grows less than without a limit."""
    model, _ = city(end_year=2024, gas_supply_bcm_per_year=0.5)
    free, _ = city(end_year=2024)
    gas = model.world.labels["carriers"].index("natural_gas")
    assert 4 * model.world.control.gas_gj[-1] > 0.5 * GJ_PER_BCM
    assert model.world.state.fuel_gj[:, gas].sum() < free.world.state.fuel_gj[:, gas].sum()
    users = [(w.state.fuel_gj[:, gas] > 0).sum() for w in (model.world, free.world)]
    assert users[0] < users[1]


def test_l07_an_accepted_pilot_park_is_rewarded_once(monkeypatch):
    """Score .8 and capability .6: accepted in 2022Q2, 20 M CNY in the budget of 2023; an accident bars it."""

    def reward(**shock) -> list[float]:
        scores = iter([np.nan, 0.8, 0.8, 0.8])
        monkeypatch.setattr(control.rules, "assessment_score", lambda *_: next(scores))
        asked = ts.load_scenario(
            "chem_park", end_year=2024, overlay={"levers": {"pilot_reward_million_cny": 20.0},
                                                  "parameters": {"acceptance_capability": 0.3}}, **shock,
        )  # fmt: skip
        model = ts.build_model(asked, seed=1, keep_agents=False, keep_decisions=False)
        model.world.state["conduct"]["capability"] = 0.6
        return model.run().annual["rewards_cny"].tolist()

    assert reward() == [0.0, 0.0, 0.0, 20e6, 0.0]
    words = {"en": "Accident", "zh": "事故"}
    effects = [{"channel": "no_accident", "from": 2021, "to": 2023, "value": 0}]
    accident = {"format": "shock/1", "id": "accident", "name": words, "description": words, "effects": effects}
    assert reward(shocks=[accident]) == [0.0] * 5


# --- establish before breaking --------------------------------------------------------------------------------------


def test_nothing_is_told_to_close_while_supply_is_short():
    """More than 0.1 % unserved over four quarters, or a reserve below 8 %, blocks; otherwise retirement goes on."""
    model = ts.build_model(ts.load_scenario("guangan_city", end_year=2022), seed=1)
    while model.quarter < 6:
        model.step()
    world, place = model.world, model.world.recorder.place
    place[2:6, PLACE_INDEX["unserved_mwh"]] = 0.0
    assert is_retirement_safe(world)
    used = place[2:6, PLACE_INDEX["electricity_mwh"]].sum()
    place[3, PLACE_INDEX["unserved_mwh"]] = 0.0009 * used
    assert is_retirement_safe(world)
    place[3, PLACE_INDEX["unserved_mwh"]] = 0.0011 * used
    assert not is_retirement_safe(world)
    place[3, PLACE_INDEX["unserved_mwh"]] = 0.0
    firm = world.control.firm_mw
    assert firm == world.power.firm_mw(2021)
    place[2:6, PLACE_INDEX["peak_load_mw"]] = firm / 1.07
    assert not is_retirement_safe(world)
    place[2:6, PLACE_INDEX["peak_load_mw"]] = firm / 1.09
    assert is_retirement_safe(world)


def test_due_closures_wait_while_supply_is_short(monkeypatch):
    """The deadline of a told kiln moves on by a quarter at a time, and nobody new is told."""
    from transition_sim.quarter import government
    from transition_sim.world.state import NO_DEADLINE

    monkeypatch.setattr(government, "is_retirement_safe", lambda _: False)
    asked = ts.load_scenario("guangan_city", end_year=2021, overlay={"levers": {"efficiency_limit_kgce_per_t": 94.0}})
    model = ts.build_model(asked, seed=1)
    slots = model.world.state.slots
    kiln = int(model.world.constants.kiln_slots[0])
    slots["deadline_quarter"][kiln] = 2
    while model.quarter < 6:
        model.step()
    deadlines = slots["deadline_quarter"]
    assert deadlines[kiln] == 6
    assert (np.delete(deadlines, kiln) == NO_DEADLINE).all()
