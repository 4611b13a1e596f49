"""Members side by side: sums, what is shared and what is not, identities, and the commands over a portfolio."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from transition_sim import build
from transition_sim.cli.app import app
from transition_sim.core.errors import ConservationError, ScenarioError
from transition_sim.core.streams import Streams
from transition_sim.portfolio import SHARED_STREAMS, member_streams
from transition_sim.scenarios import load_scenario
from transition_sim.world.recorder import PLACE_INDEX
from transition_sim.world.whole import WEIGHTS, whole_place

sys.path.insert(0, str(Path(__file__).parents[1] / "scenarios"))
from test_portfolios import content

TWINS = [{"id": key, "node": "node", "place": "minimal"} for key in ("left", "right")]


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(content(members=TWINS), policy="current", end_year=2023)


@pytest.fixture(scope="module")
def model(scenario):
    model = build.build_portfolio(scenario, seed=3)
    model.run()
    return model


@pytest.fixture(scope="module")
def result(model):
    return model.result()


# --- the whole --------------------------------------------------------------------------------------------------------


def test_flows_add_up_and_states_are_means(result):
    left, right = (result.members[key].place for key in ("left", "right"))
    for name in PLACE_INDEX:
        own = result.place[name].to_numpy()
        a, b = left[name].to_numpy(), right[name].to_numpy()
        if name not in WEIGHTS:
            np.testing.assert_allclose(own, a + b, err_msg=name)
        else:
            known = ~(np.isnan(a) | np.isnan(b) | np.isnan(own))
            low, high = np.minimum(a, b)[known], np.maximum(a, b)[known]
            assert ((own[known] >= low - 1e-9) & (own[known] <= high + 1e-9)).all(), name


def test_nothing_that_is_a_share_a_price_or_a_score_is_added_up():
    """Two parks with half of their waste sorted have half of it sorted, not all."""
    states = ("_share", "_per_mwh", "_per_t", "capability", "credibility", "effort", "_score", "_attitude")
    added = {name for name in PLACE_INDEX if name.endswith(states) and name not in WEIGHTS}
    assert added == set()


def test_a_mean_is_weighted_and_leaves_out_what_is_not_defined():
    """Capability .2 of 10 enterprises and .5 of 30: .425; a price that only one has is that one's."""
    a, b = np.zeros((2, 1, len(PLACE_INDEX)))
    for table, firms, capability, clinker, price in ((a, 10, 0.2, 5.0, np.nan), (b, 30, 0.5, 5.0, 70.0)):
        table[0, PLACE_INDEX["enterprises"]], table[0, PLACE_INDEX["capability"]] = firms, capability
        table[0, PLACE_INDEX["clinker_capacity_t_per_year"]] = clinker
        table[0, PLACE_INDEX["permit_cny_per_t"]] = price
    whole = whole_place([a, b])[0]
    assert whole[PLACE_INDEX["capability"]] == pytest.approx(0.425)
    assert whole[PLACE_INDEX["permit_cny_per_t"]] == 70.0
    assert whole[PLACE_INDEX["enterprises"]] == 40


def test_tables_of_the_whole_hold_the_members(result):
    county = result.by_year("county").groupby("county")["output_cny"].sum()
    for key in ("left", "right"):
        assert county[key] == pytest.approx(result.members[key].annual["output_cny"].sum())
    assert len(result.enterprises) == 14
    assert set(result.enterprises["county"]) == {"left", "right"}
    assert set(result.decisions["enterprise"]) <= set(result.enterprises["enterprise"])
    assert set(result.member_annual["member"]) == {"left", "right"}
    assert result.agent["output_cny"].sum() == pytest.approx(result.annual["output_cny"].sum(), rel=1e-5)


def test_the_same_seed_gives_the_same_tables(scenario, result):
    again = build.run(scenario, seed=3)
    assert again.place.equals(result.place)
    assert again.copies == result.copies


# --- what is shared ---------------------------------------------------------------------------------------------------


def test_weather_and_demand_are_common_and_luck_is_not():
    left, right = (member_streams(5, key) for key in ("left", "right"))
    for name in SHARED_STREAMS:
        assert (left.uniforms(name, 7, 4) == right.uniforms(name, 7, 4)).all()
        assert (left.uniforms(name, 7, 4) == Streams(5).uniforms(name, 7, 4)).all()
    assert (left.uniforms("choice", 7, 4) != right.uniforms("choice", 7, 4)).all()
    rows = np.array([2, 0])
    assert (left.uniforms_at("choice", 7, rows) == left.uniforms("choice", 7, 4)[rows]).all()


def test_members_of_a_node_have_one_factor_and_one_river(model, result):
    left, right = (result.members[key].place["grid_tco2_per_mwh"] for key in ("left", "right"))
    assert left.equals(right)
    assert left.nunique() > 4
    assert model.worlds[0].power.log_hydrology == model.worlds[1].power.log_hydrology


def test_twins_part_by_their_own_luck(result):
    left, right = (result.members[key].annual for key in ("left", "right"))
    assert left.loc[2020, "dual_control_tco2"] == pytest.approx(right.loc[2020, "dual_control_tco2"], rel=0.01)
    assert not np.allclose(left.loc[2023, "capex_cny"], right.loc[2023, "capex_cny"])


def test_experience_is_pooled(model):
    left, right = model.worlds
    assert left.additions.any()
    assert left.elsewhere.additions == pytest.approx(right.additions)
    assert right.elsewhere.start_deployment == pytest.approx(left.start_deployment)
    assert left.state.technology_capex_factor == pytest.approx(right.state.technology_capex_factor, rel=1e-12)


def test_what_a_pilot_shows_raises_what_is_seen(scenario):
    """A practice shown at 90 % is seen as if nine in ten in the country had it; alone nothing is shown."""
    from transition_sim.agents.peers import national_shares

    world = build.build_portfolio(scenario).worlds[0]
    assert not world.elsewhere.shown_share.any()
    technologies, start = world.reference.technologies, world.constants.national_start
    shown = np.zeros(technologies.size)
    shown[4] = 0.9
    given = (technologies, world.adoption.is_adoption, start, start, world.reference.services.size)
    assert national_shares(*given, shown)[0][4] == 0.9
    assert national_shares(*given, 0.0 * shown)[0][4] == 0.0


# --- identities -------------------------------------------------------------------------------------------------------


def test_members_cannot_use_more_than_their_province_makes(scenario):
    model = build.build_portfolio(scenario)
    for world in model.worlds:
        world.power.province_load_mwh = 1.0
        world.power.start_mw = world.power.start_mw * 0.0
        world.power.export_mwh = 0.0
    model.models[0].plan_and_supply()
    model.models[1].plan_and_supply()
    from transition_sim.portfolio import _share_node

    for world in model.worlds:
        world.power.quarter.delivered_mwh = 1e9
    with pytest.raises(ConservationError, match="B01 electricity of node node"):
        _share_node("node", model.worlds)


def test_a_broken_identity_names_the_member(scenario):
    model = build.build_portfolio(scenario)
    model.worlds[1].state["finance"]["cash_cny"] += 1e6
    model.worlds[1].banks.loans_cny += 1e9
    with pytest.raises(ConservationError) as caught:
        model.run()
    assert "member right" in caught.value.__notes__


def test_a_portfolio_is_no_single_model(scenario):
    with pytest.raises(ScenarioError, match="no single model"):
        build.build_model(scenario)


# --- commands ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "pair.yaml"
    path.write_text(json.dumps(content(members=TWINS), ensure_ascii=False), encoding="utf-8")
    return path


def invoke(*arguments):
    answer = CliRunner().invoke(app, [str(a) for a in arguments])
    assert answer.exit_code == 0, answer.stderr
    return answer.stdout


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_run_shows_every_member(file, lang, tmp_path):
    text = invoke("run", file, "--until", "2023", "--lang", lang, "--out", tmp_path / "out")
    assert text.count("Minimal place" if lang == "en" else "最小示例") == 2
    assert (tmp_path / "out" / "members.csv").is_file()
    again = invoke("run", tmp_path / "out" / "scenario.yaml", "--quiet")
    assert "2" in again


def test_park_test_has_a_row_a_member(file):
    data = json.loads(invoke("park-test", file, "--until", "2023", "--replicates", "2", "--json"))
    assert [test["place"] for test in data] == ["left", "right"]
    table = invoke("park-test", file, "--until", "2023", "--replicates", "1")
    assert table.count("Minimal place") == 2


def test_a_figure_of_a_portfolio_is_refused(file, tmp_path):
    answer = CliRunner().invoke(app, ["park-test", str(file), "--figure", str(tmp_path / "a.png")])
    assert answer.exit_code == 2
    assert "a figure shows one park" in answer.stderr


def test_other_commands_take_a_portfolio(file):
    assert "portfolio of places" in invoke("places", "show", file)
    assert "in order" in invoke("check", file)
    assert json.loads(invoke("scoreboard", file, "--until", "2023", "--replicates", "1", "--json"))["place"] == "pair"
