"""Outcomes of a run that follow from levers or add up from other tables (I06, I25, I28, I30, I33, I46, I47, I54)."""

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.scoreboard import measures
from transition_sim.scoreboard.copying import copied_share
from transition_sim.scoreboard.dimensions import DIMENSION_ROWS


@pytest.fixture(scope="module")
def run():
    return ts.run(ts.load_scenario("guangan_city", policy="current", end_year=2023), seed=1)


def test_i06_gas_is_what_the_plan_sets(run):
    """2 bcm a year in the plan; without one there is no figure."""
    assert run.annual["gas_output_bcm_per_year"].tolist() == pytest.approx([2.0] * 4)
    plain = ts.run(ts.load_scenario("minimal", policy="none", end_year=2020), seed=1)
    assert plain.place["gas_output_bcm_per_year"].isna().all()
    assert plain.annual["gas_output_bcm_per_year"].isna().all()


def test_i25_platforms_are_those_of_the_policy(run):
    """20 in 2020 to 30 in 2025 in a straight line: at the end of 2023 3.75 of 5 years have passed, 27.5."""
    assert run.annual["innovation_platforms"].loc[2023] == pytest.approx(20.0 + 10.0 * 3.75 / 5.0)


def test_i30_is_the_output_of_batteries_electronics_and_photovoltaics(run):
    sectors = run.by_year("sector")
    green = sectors[sectors["sector"].isin(["BAT", "ELE"])].groupby("year")["output_cny"].sum()
    assert run.annual["green_industry_output_cny"].to_numpy() == pytest.approx(green.to_numpy(), rel=1e-9)


def test_i46_smaller_enterprises_get_a_part(run):
    part = run.annual["smaller_support_and_loans_cny"] / run.annual["support_and_loans_cny"]
    assert ((part > 0) & (part < 1)).all()


def test_i54_coal_and_oil_make_the_air(run):
    """The three add up, and the coal station at its limits burns a part of it: 66 PJ x 12.3 g are 0.8 kt of SO2."""
    annual = run.annual
    assert (annual["so2_t"] + annual["nox_t"] + annual["dust_t"]).to_numpy() == pytest.approx(
        annual["co_pollutants_t"].to_numpy()
    )
    station_t = 0.0123e-3 * annual["power_tco2"] / 0.09089
    assert (annual["so2_t"] > station_t).all()
    assert (annual["so2_t"] < 20e3).all()


def test_i33_is_the_longest_delay_that_the_government_saw(run):
    """Nothing before a year has been judged; then whole quarters, the largest over tracked indicators."""
    late = run.place.set_index("quarter")["schedule_slippage_quarters"]
    assert (late.loc["2020Q1":"2021Q4"] == 0.0).all()
    assert (late.loc["2023Q1":] >= 0.0).all()
    assert np.allclose(late, late.round())
    assert measures.delay_quarters(run, 2020).tolist() == run.annual["schedule_slippage_quarters"].tolist()


def test_i28_is_for_parks(run):
    """The mean of three tracks, 0 to 100, for a park; no figure for a city."""
    assert np.isnan(measures.near_zero_score(run, 2020)).all()
    park = ts.run(ts.load_scenario("chem_park", policy="current", end_year=2022), seed=1, keep_decisions=False)
    found = measures.near_zero_score(park, 2020)
    assert ((found >= 0) & (found <= 100)).all()


def test_i47_copies_over_attempts(run):
    """Between counties of Guang'an; not before the first year is over."""
    found = copied_share(run, 2020)
    assert np.isnan(found[0])
    assert ((found[1:] >= 0) & (found[1:] <= 1)).all()


def test_every_row_of_the_six_dimensions_is_computed():
    assert all(row.of is not None for row in DIMENSION_ROWS)
