"""Levers that can change nothing in a place are not offered there, and the reason stands beside them."""

from typing import get_args

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.scenarios.extensions import known_levers
from transition_sim.viz.draft import preset_scenario
from transition_sim.viz.lessons import Feature
from transition_sim.viz.lever_panel import (
    idle_levers,
    idle_reasons,
    lever_needs,
    moved_idle,
    panel_groups,
    panel_values,
)
from transition_sim.viz.session import opened
from transition_sim.viz.words import Words


def offered(scenario) -> set[str]:
    groups = panel_groups(scenario, Words("en"))
    return {row["key"] for group in groups for theme in group["themes"] for row in theme["levers"]}


def test_the_table_of_needs_names_levers_and_features():
    assert lever_needs().keys() <= known_levers().keys()
    assert set(lever_needs().values()) == set(get_args(Feature))


@pytest.mark.parametrize("name", ["yibin_east_park", "chem_park", "electronics_park", "cement_county"])
def test_a_lever_that_is_not_offered_changes_nothing(name):
    """All of them at the end of their range that the preset is not at, against the preset: the same bytes."""
    scenario = ts.load_scenario(name, policy="current", end_year=2026)
    idle = idle_reasons(scenario.place)
    assert offered(scenario) == known_levers().keys() - idle.keys()
    rows = known_levers()
    moved = {key: rows[key].low if scenario.levers.get(key) == rows[key].high else rows[key].high for key in idle}
    other = ts.load_scenario(name, policy="current", end_year=2026, overlay={"levers": moved})
    assert other.hash != scenario.hash
    one, two = (ts.run(s, seed=1).annual.select_dtypes("number").to_numpy(float) for s in (scenario, other))
    np.testing.assert_array_equal(one, two)


def test_the_reason_stands_beside_the_lever():
    park = ts.load_scenario("yibin_east_park", policy="none")
    for language, reason in (
        ("en", "Acts on cement kilns, and this place has none."),
        ("zh", "作用于水泥窑，本地没有水泥窑。"),
    ):
        words = Words(language)
        found = {row["name"]: row["help"] for row in idle_levers(park.place, words)}
        assert found[words.of(known_levers()["offpeak_days"])] == reason
        assert words.of(known_levers()["capex_subsidy_share"]) not in found
    assert {"offpeak_days", "bus_new_energy_share", "coal_plant_retrofit"}.isdisjoint(offered(park))


def test_guangan_has_all_that_levers_act_on():
    city = ts.load_scenario("guangan_city", policy="none")
    assert idle_levers(city.place, Words("en")) == []
    assert offered(city) == known_levers().keys()


def test_a_link_that_moves_a_lever_that_cannot_act_shows_its_row_with_the_reason():
    words = Words("en")
    session = opened("v=1&p=current&l=offpeak_days:120:2026:2026&lang=en", "yibin_east_park", "en")
    moved = moved_idle(session.draft)
    assert moved == {"offpeak_days"}
    park = preset_scenario("yibin_east_park", "current")
    rows = {r["key"]: r for g in panel_groups(park, words, moved) for t in g["themes"] for r in t["levers"]}
    assert rows["offpeak_days"]["idle"] == "Acts on cement kilns, and this place has none."
    assert panel_values(session.draft, words)["offpeak_days"]["moved"]
    assert {row["idle"] for key, row in rows.items() if key != "offpeak_days"} == {""}
    folded = [row["name"] for row in idle_levers(park.place, words, moved)]
    assert len(folded) == len(idle_levers(park.place, words)) - 1
    assert rows["offpeak_days"]["name"] not in folded
    assert moved_idle(session.take_back("offpeak_days").draft) == frozenset()


@pytest.mark.parametrize(
    ("place", "folded", "kept"),
    [
        (
            "yibin_east_park",
            "access_strictness differential_restricted_cny_per_kwh differential_eliminated_cny_per_kwh"
            " punitive_low_cny_per_kwh punitive_high_cny_per_kwh ets_banking_sales_multiple ccus_demonstration"
            " sink_trading",
            "ets_auction_share",
        ),
        ("tianfu_hq_park", "differential_restricted_cny_per_kwh sink_trading", "access_strictness"),
        ("chem_park", "punitive_low_cny_per_kwh sink_trading", "differential_restricted_cny_per_kwh access_strictness"),
        ("cement_county", "coal_plant_retrofit", "sink_trading ets_banking_sales_multiple ccus_demonstration"),
    ],
)
def test_needs_are_read_off_the_place(place, folded, kept):
    """A battery park: no two-high sector, no data centre, no kiln, no local plant, no forest; a headquarters park has
    data centres, which are reviewed; a county has forests, kilns and works in the market."""
    idle = idle_reasons(preset_scenario(place, "current").place).keys()
    assert set(folded.split()) <= idle
    assert not set(kept.split()) & idle
