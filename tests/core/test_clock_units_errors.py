"""Calendar, quantities with units, and the two errors."""

import pytest
from pydantic_core import PydanticCustomError

from transition_sim.core.clock import Clock
from transition_sim.core.errors import ConservationError, Fault, ScenarioError
from transition_sim.core.units import Quantity, Unit, factor_to


def test_calendar():
    clock = Clock(2020, 2035)
    assert (clock.n_years, clock.n_quarters) == (16, 64)
    assert (clock.year(63), clock.quarter_of_year(63), clock.label(6)) == (2035, 3, "2021Q3")
    assert clock.decimal_year(6) == 2021.5
    with pytest.raises(ValueError, match="the last year 2019 lies before the first year 2020"):
        Clock(2020, 2019)


@pytest.mark.parametrize(
    ("declared", "value", "expected"),
    [
        ("MW", 2400, 2400.0),
        ("MW", "240 万千瓦", 2400.0),  # 1 万千瓦 = 10 MW
        ("MW", "0.5 GW", 500.0),
        ("GJ/yr", "1 Mtce/yr", 29.3076e6),  # 1 tce = 29.3076 GJ
        ("GJ/yr", "2 TWh/yr", 7.2e6),  # 1 MWh = 3.6 GJ
        ("t/yr", "14 kt/d", 14e3 * 365),
        ("t/yr", "14 千吨/日", 14e3 * 365),
        ("CNY/yr", "1301.6 亿元/年", 130.16e9),
        ("GJ/MWh", "320 gce/kWh", 320 * 29.3076 / 1e3),  # 0.32 kgce = 9.378 MJ a kWh
        ("tCO2/MWh", "570 gCO2/kWh", 0.57),
    ],
)
def test_a_quantity_reads_its_unit(declared, value, expected):
    assert Unit(declared).parse(value) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "bad",
    ["12", "9**9**9 MW", "1e999 MW", "MW", "12 lightyears", True, None, [1], float("inf"), float("nan"), 10**400, -1,
     {"val": 3}, {"value": 3, "confidence": "sure"}, {"value": 3, "low": 4}, {"value": 3, "unit": "MW"}],
)  # fmt: skip
def test_a_bad_quantity_is_refused(bad):
    with pytest.raises(PydanticCustomError):
        Unit("MW").parse(bad)


def test_a_quantity_remembers_its_source():
    got = Unit("MW").parse({"value": "2.4 GW", "source": "profile", "confidence": "high", "low": "2 GW", "high": 2500})
    assert isinstance(got, Quantity)
    assert (float(got), got.source, got.confidence, got.low, got.high) == (2400.0, "profile", "high", 2000.0, 2500.0)


def test_units_of_other_dimensions_do_not_fit():
    assert factor_to("MW", "t") is None
    assert factor_to("t/yr", "t") is None
    assert factor_to("MWh", "GJ") is None


def test_a_scenario_error_shows_every_fault():
    faults = [
        Fault("a.yaml", 3, "levers.x", "2", "unknown lever", "Did you mean y?"),
        Fault("a.yaml", None, "horizon", "", "end before start", "Swap them."),
    ]
    text = str(ScenarioError(faults))
    assert text == (
        "2 faults:\n  a.yaml:3: levers.x = 2: unknown lever. Did you mean y?\n"
        "  a.yaml: horizon: end before start. Swap them."
    )
    with pytest.raises(ValueError, match="at least one fault"):
        ScenarioError([])


def test_a_conservation_error_names_what_broke():
    error = ConservationError("B08 money", 12.5, "CNY", "2027Q3", [("banks", 12.5)])
    assert str(error) == "B08 money is broken in 2027Q3: residual 12.5 CNY (banks: 12.5)"
