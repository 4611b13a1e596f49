"""Heat by the age of its equipment, against a count piece by piece in plain Python, and what a year of birth is."""

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.scenarios import registry
from transition_sim.summary import old_heat, summary
from transition_sim.world.state import ACTIVE


def test_the_page_of_a_quarter_is_what_active_equipment_takes_in():
    model = ts.build_model(ts.load_scenario("guangan_city", "current", end_year=2024), seed=1)
    recorder, state = model.run().recorder, model.world.state
    technologies, services = registry.technologies(), {s.id: s for s in registry.services()}
    is_fossil = {c.id: bool(c.is_fossil) for c in registry.carriers()}
    counted = np.zeros((6, 2))
    for asset in state.assets[: state.n_assets].tolist():
        row = dict(zip(state.assets.dtype.names, asset, strict=True))
        t = technologies[row["technology"]]
        if row["status"] == ACTIVE and services[t.service].is_heat:
            cohort = 0 if row["commissioned_quarter"] < 0 else 1 + row["commissioned_quarter"] // 4
            counted[cohort, 0] += row["output_unit"] * (t.fuel_gj_per_unit + t.elec_gj_per_unit)
            counted[cohort, 1] += row["output_unit"] * t.fuel_gj_per_unit * is_fossil.get(t.carrier, False)
    np.testing.assert_allclose(recorder.vintage[-1], counted, rtol=1e-12)
    assert (counted[:, 0] > 0.0).all()
    assert (counted[:, 1] < counted[:, 0]).all(), "kilns take power beside their fuel"


def test_heat_is_what_kilns_furnaces_and_boilers_give():
    assert [s.id for s in registry.services() if s.is_heat] == ["CLINKER", "KILN", "STEAM"]


def test_the_table_names_the_year_in_which_equipment_came_into_service():
    table = ts.run(ts.load_scenario("guangan_city", "none", end_year=2021), seed=1).vintage
    assert list(table.columns) == [
        "quarter", "year", "quarter_of_year", "commissioned", "heat_gj", "fossil_heat_gj"
    ]  # fmt: skip
    assert sorted(table["commissioned"].unique()) == [2019, 2020, 2021], "2019: what stood before the first year"
    later = table[table["commissioned"] > table["year"]]
    assert later["heat_gj"].to_numpy() == pytest.approx(0.0, abs=0.0)
    by_quarter = table.groupby("quarter")["heat_gj"].sum()
    assert (by_quarter > 0.0).all()


def test_a_portfolio_adds_its_members():
    result = ts.run(ts.load_scenario("sichuan_17_pilots", "none", end_year=2020), seed=1)
    parts = [member.recorder.vintage for member in result.members.values()]
    np.testing.assert_allclose(result.recorder.vintage, sum(parts), rtol=1e-12)


def test_what_is_locked_in_falls_from_all_to_the_share_of_the_pattern():
    """Nothing new in the first quarter; by hand from the table for 2024; P07 asks for 2030 in the same way."""
    result = ts.run(ts.load_scenario("minimal", "none", end_year=2024), seed=1)
    table, shares = result.vintage, summary(result)["old_heat_percent"]
    assert list(shares) == ["2020"]
    of_2024 = table[table["year"] == 2024]
    old_gj = of_2024.loc[of_2024["commissioned"] == 2019, "heat_gj"].sum()
    assert old_heat(result)[2024] == pytest.approx(100.0 * old_gj / of_2024["heat_gj"].sum())
    assert 0.0 < old_heat(result)[2024] < shares["2020"] <= 100.0


def test_a_place_without_heat_has_no_share_of_it():
    result = ts.run(ts.load_scenario("minimal", "none", end_year=2020), seed=1)
    result.recorder.vintage[:] = 0.0
    assert np.isnan(old_heat(result)[2020])
