"""A38: the elasticity of Tapio, CO2 over GDP (SM25, I48)."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from transition_sim.scoreboard.dimensions import DIMENSION_ROWS
from transition_sim.scoreboard.measures import tapio


def elasticity(co2: list[float], gdp: list[float], base_year: int = 2020) -> np.ndarray:
    annual = pd.DataFrame({"dual_control_tco2": co2, "gdp_cny": gdp})
    return tapio(SimpleNamespace(annual=annual, clock=SimpleNamespace(start_year=2020)), base_year)


def test_a38_one_per_cent_more_co2_at_five_per_cent_more_gdp():
    """1 % / 5 % = .2, between 0 and .8: weak decoupling."""
    assert elasticity([100.0, 101.0], [200.0, 210.0])[1] == pytest.approx(0.2, rel=1e-12)
    row = next(row for row in DIMENSION_ROWS if row.indicator == "I48")
    assert "0.8 weak" in row.note_en


def test_a38_falling_co2_is_below_0_and_no_growth_is_undefined():
    """-2 % / 5 % = -.4: strong decoupling; the base year itself and a year without growth have none."""
    found = elasticity([100.0, 98.0, 99.0], [200.0, 210.0, 200.0])
    assert found[1] == pytest.approx(-0.4, rel=1e-12)
    assert np.isnan(found[[0, 2]]).all()
