"""Shocks as data: dates, paths, what several effects do together, and what a scenario keeps of them (SM27)."""

import numpy as np
import pytest
import yaml

import transition_sim as ts
from transition_sim.scenarios import registry
from transition_sim.scenarios.shocks import channel_grids, span_of

SPAN = span_of(2020, 2020, 2025)


def shock(*effects, name: str = "mine") -> dict:
    words = {"en": "Mine", "zh": "我的"}
    return {"format": "shock/1", "id": name, "name": words, "description": words, "effects": list(effects)}


def effect(channel, first, last, value=None, **more) -> dict:
    given = {"channel": channel, "from": first, "to": last, **more}
    return given if value is None else {**given, "value": value}


def grid(key: str, *effects) -> np.ndarray:
    asked = ts.load_scenario("minimal", end_year=2025, shocks=[shock(*effects)])
    return channel_grids(asked.shocks, asked.span)[key]


@pytest.mark.parametrize(
    ("date", "months"),
    [(2021, (12, 23)), ("2021", (12, 23)), ("2021Q3", (18, 20)), ("2021-07", (18, 18)), ("start", (12, 12)),
     ("end", (71, 71))],
)  # fmt: skip
def test_dates_are_months_from_the_first_of_the_run(date, months):
    """January 2020 is month 0; the base year is history, so that what can be shocked starts in month 12."""
    assert SPAN.months_of(date) == months


def test_a_drought_is_set_by_month_and_weather_is_left_elsewhere():
    """2022-08 to 2022-10: months 31 to 33, quarter 10 (Jul-Sep) months 2 and 3, quarter 11 (Oct-Dec) month 1."""
    rivers = grid("river_flow", effect("river_flow", "2022-08", "2022-10", 0.5))
    assert rivers.shape == (24, 3)
    assert np.nan_to_num(rivers[10], nan=-1).tolist() == [-1, 0.5, 0.5]
    assert np.nan_to_num(rivers[11], nan=-1).tolist() == [0.5, -1, -1]
    assert np.isnan(np.delete(rivers, (10, 11), axis=0)).all()


def test_a_path_is_linear_between_its_dates_and_flat_outside():
    """From 1 at 2022Q1 to 2 at 2023Q1: 1.25 a quarter later, 1.5, 1.75, 2, and 2 until the end of the effect."""
    prices = grid("fuel_price", effect("fuel_price", 2022, 2023, of=["coal"], path=[("2022Q1", 1.0), ("2023Q1", 2.0)]))
    coal = list(registry.carrier_ids()).index("coal")
    assert prices[8:18, coal].tolist() == [1.0, 1.25, 1.5, 1.75, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0]
    assert (np.delete(prices, coal, axis=1) == 1.0).all()


def test_effects_on_one_channel_multiply():
    """0.8 in 2022 and 2023, 0.5 in 2023: 0.8, then 0.4."""
    demand = grid("demand", effect("demand", 2022, 2023, 0.8, of=["CEM"]), effect("demand", 2023, 2023, 0.5))
    cement = list(registry.sector_ids()).index("CEM")
    assert demand[8:16, cement] == pytest.approx([0.8] * 4 + [0.4] * 4)
    assert demand[12:16].min(axis=0) == pytest.approx([0.4 if k == cement else 0.5 for k in range(demand.shape[1])])


def test_a_scenario_keeps_its_shocks_and_loads_them_again(tmp_path):
    asked = ts.load_scenario("minimal", shocks=["summer_drought", "dear_coal"])
    assert asked.hash != ts.load_scenario("minimal").hash
    assert asked.start_key == ts.load_scenario("minimal").start_key
    file = tmp_path / "scenario.yaml"
    file.write_text(yaml.safe_dump(asked.resolved(), allow_unicode=True), "utf-8")
    again = ts.load_scenario(file, policy=None)
    assert again == asked
    assert [s.id for s in again.shocks] == ["summer_drought", "dear_coal"]
    assert [s.id for s in asked.changed(levers={"capex_subsidy_share": 0.1}).shocks] == ["summer_drought", "dear_coal"]


def test_without_shocks_a_scenario_is_what_it_was():
    assert "shocks" not in ts.load_scenario("minimal").resolved()


def test_every_channel_names_a_module_that_exists():
    import importlib

    for channel in registry.channels().values():
        assert importlib.import_module(f"transition_sim.{channel.applied_in}")
