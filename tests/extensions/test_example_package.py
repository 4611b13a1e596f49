"""The package under ``examples/extension``: installed, listed, run, recorded; everything else as it was."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import transition_sim as ts
from tests.extensions.packages import EXAMPLE, found_in, pip_install
from transition_sim import checkpoint
from transition_sim.cli.app import app
from transition_sim.core.errors import ScenarioError
from transition_sim.scenarios import registry

SATISFICING = {"extensions": {"technology_choice": "satisficing"}}


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    pip_install(EXAMPLE, folder)
    with found_in(folder):
        yield folder


@pytest.fixture(scope="module")
def ours():
    return ts.run(ts.load_scenario("minimal", "current", end_year=2026), seed=1)


@pytest.fixture(scope="module")
def theirs(package):
    return ts.run(ts.load_scenario("minimal", "current", overlay=SATISFICING, end_year=2026), seed=1)


def test_an_installed_package_changes_nothing_unless_it_is_named(package, ours):
    again = ts.run(ts.load_scenario("minimal", "current", end_year=2026), seed=1)
    assert again.place.equals(ours.place)
    assert again.scenario.hash == ours.scenario.hash
    assert again.manifest["extensions"] == ours.manifest["extensions"] == []
    assert registry.lever_dtype().names == again.scenario.lever_path().dtype.names  # the record of compiled rules


def test_the_rule_gives_other_results_and_the_manifest_names_it(ours, theirs):
    assert not theirs.place.equals(ours.place)
    assert theirs.scenario.hash != ours.scenario.hash
    (record,) = theirs.manifest["extensions"]
    assert {key: record[key] for key in ("kind", "name", "package", "version")} == {
        "kind": "technology_choice", "name": "satisficing", "package": "satisficing", "version": "1.0.0",
    }  # fmt: skip
    assert len(record["source_hash"]) == 32
    assert int(record["source_hash"], 16) > 0


def test_every_decision_is_drawn_from_what_is_good_enough(theirs):
    """Options within a fifth of the cheapest share the probability: 1/n each; all others have none."""
    decisions = theirs.decisions
    assert decisions["decision"].nunique() > 50
    for _, options in decisions.groupby("decision"):
        cost = options["levelised_cost_cny_per_unit"]
        is_enough = cost <= cost.min() + 0.2 * abs(cost.min())
        assert options["probability"].to_numpy() == pytest.approx(np.where(is_enough, 1 / is_enough.sum(), 0.0))
        assert bool(is_enough[options["is_chosen"]].all())


def test_the_same_uniforms_are_drawn_on(ours, theirs):
    """Before anything has come out differently, in the first quarter of decisions, both look at the same slots."""
    once = [result.decisions.drop_duplicates("decision") for result in (ours, theirs)]
    first = [frame[frame["quarter"] == frame["quarter"].min()] for frame in once]
    assert len(first[0]) >= 2
    assert first[0]["uniform"].tolist() == first[1]["uniform"].tolist()


def test_advice_leaves_the_cheapest_only(package):
    overlay = SATISFICING | {"levers": {"energy_advice": 1.0}}
    result = ts.run(ts.load_scenario("minimal", "current", overlay=overlay, end_year=2022), seed=1)
    for _, options in result.decisions.groupby("decision"):
        cost = options["levelised_cost_cny_per_unit"]
        assert cost[options["is_chosen"]].tolist() == [cost.min()]
    assert [e["kind"] for e in result.manifest["extensions"]] == ["technology_choice", "levers"]


def test_a_lever_acts_through_levers_of_the_model(package):
    """A package of 0.5 under no policy: subsidy and tax credit of 0.5 x 0.1 = 0.05 each; the schedule ramps it."""
    path = ts.load_scenario("minimal", overlay={"levers": {"retrofit_package": 0.5}}).lever_path()
    assert path["capex_subsidy_share"] == pytest.approx(np.full(64, 0.05))
    assert path["tax_credit_share"] == pytest.approx(np.full(64, 0.05))
    ramp = {"levers": {"retrofit_package": {"path": [[2025, 0.0], [2026, 1.0]]}}}
    assert ts.load_scenario("minimal", overlay=ramp).lever_path()["tax_credit_share"][[20, 22, 24]] == pytest.approx(
        [0.0, 0.05, 0.1]
    )
    neutral = ts.load_scenario("minimal", overlay={"levers": {"retrofit_package": 0.0}})
    assert neutral.hash == ts.load_scenario("minimal").hash


def test_the_permit_auction_clears_at_the_buyers_price(package):
    """One ask of 1 CNY/t for 10 t, one bid of 5 for 4 t: all prices from 1 to 5 clear it; buyers pay the lowest."""
    from transition_sim.scenarios.extensions import rule

    one = rule("permit_auction", "buyers_price")
    result = one(np.array([1.0]), np.array([10.0]), np.array([5.0]), np.array([4.0]), 1.0)
    assert (result.traded_units, result.price_cny_per_unit) == (4.0, 1.0)
    overlay = {"extensions": {"permit_auction": "buyers_price"}}
    scenario = ts.load_scenario("cement_county", "ambitious", overlay=overlay, end_year=2027)
    ours = ts.run(ts.load_scenario("cement_county", "ambitious", end_year=2027), seed=1)
    theirs = ts.run(scenario, seed=1)
    assert theirs.manifest["extensions"][0]["name"] == "buyers_price"
    assert len(theirs.place) == len(ours.place) == 32  # every identity of every quarter held


def test_the_lists_name_what_is_installed(package):
    levers = CliRunner().invoke(app, ["levers", "--json"])
    rows = {row["key"]: row for row in json.loads(levers.stdout)}
    assert rows["energy_advice"]["package"] == "satisficing 1.0.0"
    assert rows["capex_subsidy_share"]["package"] == "transition_sim"
    assert "节能咨询" in CliRunner().invoke(app, ["levers", "--lang", "zh"]).stdout
    listed = {
        row["key"]: row["installed"] for row in json.loads(CliRunner().invoke(app, ["extensions", "--json"]).stdout)
    }
    assert listed == {
        "technology_choice": ["satisficing (satisficing 1.0.0)"], "green_power_market": [],
        "permit_auction": ["buyers_price (satisficing 1.0.0)"], "levers": ["satisficing (satisficing 1.0.0)"],
    }  # fmt: skip


def test_the_command_line_runs_it_and_its_record_runs_again(package, tmp_path):
    arguments = ["run", "minimal", "--policy", "none", "--until", "2021", "--set", "levers.energy_advice=0.5", "-q"]
    arguments += ["--set", "extensions.technology_choice=satisficing"]
    done = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "one")])
    assert done.exit_code == 0, done.output
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text())
    assert [e["name"] for e in manifest["extensions"]] == ["satisficing", "satisficing"]
    again = CliRunner().invoke(
        app, ["run", str(tmp_path / "one" / "scenario.yaml"), "-q", "--out", str(tmp_path / "two")]
    )
    assert again.exit_code == 0, again.output
    assert (tmp_path / "two" / "place.csv").read_bytes() == (tmp_path / "one" / "place.csv").read_bytes()


def test_a_record_is_refused_without_its_package(package):
    resolved = ts.load_scenario("minimal", end_year=2021).resolved()
    with pytest.raises(ScenarioError) as caught:
        ts.load_scenario({**resolved, "extensions": {"technology_choice": "of_somebody_else"}})
    assert [str(fault) for fault in caught.value.faults] == [
        "place: extensions.technology_choice = of_somebody_else: no installed package brings this rule. "
        "Install the package that brings it, or leave it out. The installed rules are: satisficing."
    ]


def test_a_checkpoint_is_refused_when_the_package_has_changed(package, tmp_path):
    scenario = ts.load_scenario("minimal", overlay=SATISFICING, end_year=2021)
    model = ts.build_model(scenario, seed=1)
    model.step()
    path = checkpoint.save_checkpoint(model, tmp_path / "one.checkpoint")
    assert len(checkpoint.load_checkpoint(path).run().place) == 8
    line, _, body = path.read_bytes().partition(b"\n")
    header = json.loads(line)
    header["extensions"][0]["source_hash"] = "0" * 32
    path.write_bytes(json.dumps(header).encode() + b"\n" + body)
    with pytest.raises(ScenarioError, match=r"satisficing 1\.0\.0, which is no longer installed as it was"):
        checkpoint.load_checkpoint(path)
