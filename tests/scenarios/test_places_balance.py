"""The tables and the base-year balances of the places, by hand arithmetic (4.1, 4.2, SM12, SM19, P08)."""

import csv
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
import yaml

from transition_sim.core.units import GJ_PER_MWH, GJ_PER_TCE
from transition_sim.scenarios.spec import PlaceSpec

SECTORS = ["CEM", "BLD", "CHM", "FCH", "MET", "EQP", "ELE", "BAT", "FOD", "TEX", "DAT", "SVC"]
CARRIERS = ["coal", "coke", "natural_gas", "diesel", "gasoline", "biomass", "rdf", "heat", "electricity"]
DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
# fuels.csv of the specification: tCO2/GJ, oxidised; heat and electricity are burnt elsewhere
BURNT = {"coal": 0.09089, "coke": 0.10032, "natural_gas": 0.05561, "diesel": 0.07259, "gasoline": 0.06791}
TCE_PER_MWH_2020 = 0.3055


@cache
def table(name: str) -> list[dict[str, str]]:
    text = (files("transition_sim.scenarios") / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def place(name: str) -> PlaceSpec:
    text = (files("transition_sim.scenarios") / "library" / "places" / f"{name}.yaml").read_text(encoding="utf-8")
    return PlaceSpec.model_validate(yaml.safe_load(text))


def city_energy(spec: PlaceSpec) -> dict[str, float]:
    total: dict[str, float] = {}
    for sector in spec.city_sectors:
        for carrier, energy in sector.energy.items():
            total[carrier] = total.get(carrier, 0.0) + energy
    return total


def combusted_and_process_tco2(spec: PlaceSpec) -> float:
    use = city_energy(spec)
    for row in spec.energy_balance:
        use[row.carrier] = use.get(row.carrier, 0.0) + row.enterprises
    rates = {row["id"]: row for row in table("sectors")}
    process = sum(
        s.output / 1e4 * (float(rates[s.sector]["service_process_tco2_per_10k_cny"])
                          + 0.535 * float(rates[s.sector]["clinker_t_per_10k_cny"]))
        for s in spec.sectors
    )  # fmt: skip
    return sum(use.get(carrier, 0.0) * factor for carrier, factor in BURNT.items()) + process


def energy_tce(spec: PlaceSpec) -> float:
    fuels = sum(r.enterprises + r.feedstock for r in spec.energy_balance if r.carrier != "electricity")
    fuels += sum(v for k, v in city_energy(spec).items() if k != "electricity")
    return fuels / GJ_PER_TCE + electricity_mwh(spec) * TCE_PER_MWH_2020


def electricity_mwh(spec: PlaceSpec) -> float:
    enterprises = sum(r.enterprises for r in spec.energy_balance if r.carrier == "electricity")
    return (enterprises + city_energy(spec)["electricity"]) / GJ_PER_MWH


def test_guangan_co2_is_the_sum_of_its_parts() -> None:
    """4.2: 15.5 Mt = power 7.0, cement 2.6, other industry 2.4, transport 1.7, buildings 1.1, rest 0.7."""
    spec = place("guangan_city")
    coal = [u for u in spec.power.units if u.kind == "coal" and u.node == "place"]
    assert sum(u.capacity for u in coal) == 2400.0
    mean_gce = sum(u.capacity * (u.heat_rate or 0.0) for u in coal) / 2400.0 / GJ_PER_TCE * 1e3
    assert mean_gce == pytest.approx((600 * 340 + 600 * 335 + 1200 * 322) / 2400)  # 329.75
    power = 8e6 * 329.75e-3 * GJ_PER_TCE * 0.09089
    assert power == pytest.approx(7.027e6, rel=1e-3)
    # enterprises 4.9618, transport 1.6977, buildings 1.1019, farming 0.2953, own use 0.4004
    assert combusted_and_process_tco2(spec) == pytest.approx(8.457e6, rel=1e-3)
    assert combusted_and_process_tco2(spec) + power == pytest.approx(15.484e6, rel=1e-3)
    assert combusted_and_process_tco2(spec) + power == pytest.approx(spec.gate.co2, rel=0.02)


def test_guangan_energy_and_electricity_meet_the_gate() -> None:
    """4.2: 7.5 TWh; 6.3 Mtce in coal equivalent, feedstock in, coal of the power plant out."""
    spec = place("guangan_city")
    assert electricity_mwh(spec) == pytest.approx((14.8 / 3.6 + 1.75 + 1.05 + 0.20 + 0.33 + 0.06) * 1e6)
    assert electricity_mwh(spec) == pytest.approx(spec.gate.electricity, rel=0.005)
    assert energy_tce(spec) == pytest.approx(113.6e6 / 29.3076 + 7.5011e6 * 0.3055, rel=1e-4)  # 6.168 Mtce
    assert energy_tce(spec) == pytest.approx(spec.gate.energy, rel=0.03)


def test_guangan_clinker_fits_the_kilns() -> None:
    """4.2: about 3.1 Mt clinker from 13 600 t/d running about 226 days."""
    spec = place("guangan_city")
    cement = next(s for s in spec.sectors if s.sector == "CEM")
    permitted = sum(a.clinker_capacity or 0.0 for a in spec.anchors)
    assert permitted == pytest.approx(13_600 * 365)
    clinker = cement.output / 1e4 * float(table("sectors")[0]["clinker_t_per_10k_cny"])
    assert clinker == pytest.approx(3.078e6)
    assert 200 < clinker / permitted * 365 < 240
    assert sum(a.output or 0.0 for a in spec.anchors) == pytest.approx(0.88 * cement.output, rel=1e-3)


def test_guangan_industry_fits_secondary_gdp() -> None:
    """4.2: value added of industry = 41.71 bn less construction (10-13) less power, gas and mining (3-5)."""
    spec = place("guangan_city")
    share = {r["sector"]: sum(float(r[k]) for k in ("wages_share", "taxes_share", "surplus_share"))
             for r in table("io_rest")}  # fmt: skip
    industry = sum(s.output * share[s.sector] for s in spec.sectors if s.sector not in ("DAT", "SVC"))
    assert 41.71e9 - 13e9 - 5e9 <= industry <= 41.71e9 - 10e9 - 3e9
    assert industry == pytest.approx(26.29e9, rel=2e-3)
    assert sum(s.firms for s in spec.sectors) == 800
    hydro = sum(u.capacity for u in spec.power.units if u.kind == "hydro" and u.node == "place")
    assert hydro == 430.0


def test_guangan_enterprise_balance_is_near_the_sector_intensities() -> None:
    """4.1 step 5: proportional fitting should bend the intensities, not break them."""
    spec = place("guangan_city")
    output = {s.sector: s.output / 1e4 for s in spec.sectors}
    expected: dict[str, float] = {}
    for row in table("sector_energy"):
        if row["service"] != "FEED":
            gj = float(row["final_gj_per_10k_cny"]) * output[row["sector"]]
            expected[row["carrier"]] = expected.get(row["carrier"], 0.0) + gj
    for balance in spec.energy_balance:
        low, high = (0.4, 1.1) if balance.carrier == "heat" else (0.85, 1.35)
        assert low < balance.enterprises / expected[balance.carrier] < high, balance.carrier


def test_minimal_meets_its_gate_exactly() -> None:
    """Hand arithmetic at the head of minimal.yaml."""
    spec = place("minimal")
    unit = spec.power.units[0]
    power = unit.capacity * 8760 * (unit.heat_rate or 0.0) * 0.09089
    assert power == pytest.approx(79_619.64)
    assert combusted_and_process_tco2(spec) == pytest.approx(96_300 + 54_534 + 2_502.45 + 580.72 + 679.10)
    assert combusted_and_process_tco2(spec) + power == pytest.approx(234_215.91)
    assert spec.gate.co2 == pytest.approx(234_215.91, abs=1)
    assert electricity_mwh(spec) == pytest.approx(40_000.0)
    assert spec.gate.electricity == 40_000.0
    assert energy_tce(spec) == pytest.approx(669_000 / 29.3076 + 40_000 * 0.3055)
    assert spec.gate.energy == pytest.approx(energy_tce(spec), abs=1)


@pytest.mark.parametrize("name", ["guangan_city", "minimal"])
def test_names_in_places_exist(name: str) -> None:
    spec = place(name)
    counties = {c.id for c in spec.counties}
    assert {s.sector for s in spec.sectors} <= set(SECTORS)
    assert {r.carrier for r in spec.energy_balance} <= set(CARRIERS)
    for s in spec.sectors:
        assert set(s.counties) <= counties
        assert not s.counties or sum(s.counties.values()) == pytest.approx(1.0)
        assert sum(a.sector == s.sector for a in spec.anchors) <= s.firms
    assert {a.county for a in spec.anchors} | {u.county for u in spec.power.units if u.county} <= counties
    assert sum(b.market_share for b in spec.finance.banks) == pytest.approx(1.0)
    assert len({u.id for u in spec.power.units}) == len(spec.power.units)


@pytest.mark.parametrize("name", ["guangan_city", "minimal"])
def test_every_quantity_of_a_place_names_a_listed_source(name: str) -> None:
    spec = place(name)
    seen: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "value" in value:
                assert value["confidence"] in ("high", "medium", "low"), value
                seen.add(value["source"])
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(spec.model_dump())
    assert seen
    assert seen <= set(spec.sources), seen - set(spec.sources)


def test_orders_of_rows_are_fixed() -> None:
    services = [r["id"] for r in table("services")]
    assert services[:8] == ["CLINKER", "KILN", "STEAM", "MOTOR", "ELECSP", "HVAC", "INTRA", "FEED"]
    assert [r["id"] for r in table("sectors")] == SECTORS
    assert [r["id"] for r in table("carriers")] == CARRIERS


def test_technologies_refer_to_what_exists() -> None:
    services = {r["id"]: r for r in table("services")}
    reach = {r["technology"]: r["sectors"] for r in table("technology_sectors")}
    assert set(reach) == {t["id"] for t in table("technologies")}
    for t in table("technologies"):
        assert t["service"] in services
        assert t["carrier"] in CARRIERS or t["carrier"] == ""
        assert reach[t["id"]] == "*" or set(reach[t["id"]].split(";")) <= set(SECTORS)
        assert float(t["capex_low"]) <= float(t["capex_cny_per_unit"]) <= float(t["capex_high"])
        if t["kind"] == "converter":
            assert float(t["fuel_gj_per_unit"]) + float(t["elec_gj_per_unit"]) > 0
            assert (t["carrier"] == "electricity") == (float(t["fuel_gj_per_unit"]) == 0)
        assert (services[t["service"]]["kind"] == "measure") == (t["kind"] == "measure")


def test_capex_per_unit_and_year_of_a_steam_boiler() -> None:
    """3.4: 350 CNY/kW at 5500 h = 350 / (3.6 x 5.5) = 17.68 CNY per GJ a year."""
    rows = {t["id"]: t for t in table("technologies")}
    assert float(rows["steam_coal_small"]["capex_cny_per_unit"]) == pytest.approx(17.677, rel=1e-3)
    assert float(rows["nsp_5000"]["fuel_gj_per_unit"]) == pytest.approx(108 * 0.0293076)  # 3.165 GJ/t
    assert float(rows["clk_heat"]["host_fuel_factor"]) == pytest.approx(100 / 108, rel=1e-5)


def test_sector_energy_is_consistent_with_technologies() -> None:
    """One fuel carrier a technology, auxiliary power at the table's ratio, and stock equipment everywhere."""
    tech = {t["id"]: t for t in table("technologies")}
    reach = {r["technology"]: r["sectors"] for r in table("technology_sectors")}
    rows = {(r["sector"], r["technology"], r["carrier"]): float(r["final_gj_per_10k_cny"])
            for r in table("sector_energy")}  # fmt: skip
    assert len(rows) == len(table("sector_energy"))
    assert min(rows.values()) > 0
    for r in table("sector_energy"):
        t = tech[r["technology"]]
        assert t["service"] == r["service"]
        assert t["is_stock"] == "1"
        assert r["carrier"] in (t["carrier"], "electricity")
        assert reach[t["id"]] == "*" or r["sector"] in reach[t["id"]].split(";")
        fuel = rows.get((r["sector"], t["id"], t["carrier"]), 0.0)
        if t["carrier"] != "electricity" and float(t["elec_gj_per_unit"]) > 0:
            power = rows[r["sector"], t["id"], "electricity"]
            assert power / fuel == pytest.approx(float(t["elec_gj_per_unit"]) / float(t["fuel_gj_per_unit"]), rel=1e-3)
    assert {r["sector"] for r in table("sector_energy")} == set(SECTORS)


def test_input_output_columns_sum_to_one_and_converge() -> None:
    """SM02: Leontief sweeps converge when the spectral radius is below 1."""
    place_of = {s: k for k, s in enumerate(SECTORS)}
    matrix, domestic = np.zeros((12, 12)), np.zeros((12, 12))
    for r in table("io_coefficients"):
        at = place_of[r["from_sector"]], place_of[r["to_sector"]]
        matrix[at], domestic[at] = float(r["coef_total"]), float(r["coef_domestic"])
    assert (matrix >= 0).all()
    assert (domestic <= matrix + 1e-9).all()
    assert np.abs(np.linalg.eigvals(matrix)).max() < 0.8
    for r in table("io_rest"):
        column = matrix[:, place_of[r["sector"]]].sum()
        parts = [float(r[k]) for k in r if k.endswith("_share")]
        assert column + sum(parts) == pytest.approx(1.0, abs=1e-5)
        assert min(float(r[k]) for k in ("energy_share", "wages_share", "surplus_share", "other_inputs_share")) > 0
    # own cell of building materials in the national table: 0.189819, cement 0.196 of its output
    cement = 1437.13 / 7330.3
    own = cement * matrix[:2, 0].sum() + (1 - cement) * matrix[:2, 1].sum()
    assert own == pytest.approx(0.189819, abs=2e-6)


def test_load_shapes_sum_to_one() -> None:
    sums: dict[tuple[str, str], float] = {}
    for r in table("load_shapes"):
        sums[r["shape"], r["day"]] = sums.get((r["shape"], r["day"]), 0.0) + float(r["weight"])
    assert {s for s, _ in sums} >= {"three_shift", "two_shift", "one_shift", "office", "data"}
    assert list(sums.values()) == pytest.approx([1.0] * len(sums), abs=1e-9)
    assert {r["load_shape"] for r in table("sectors")} <= {s for s, _ in sums}


def test_hydro_seasons_follow_p08() -> None:
    """SM12: monthly factors of mean 0.4725; P08: dry (Dec-Apr) over wet (Jun-Oct) 0.40-0.55."""
    month = np.zeros(12)
    for r in table("profiles"):
        if r["kind"] == "hydro":
            month[int(r["month"]) - 1] += float(r["capacity_factor"]) / 8
    assert month == pytest.approx([0.30, 0.28, 0.28, 0.33, 0.45, 0.62, 0.70, 0.70, 0.68, 0.58, 0.42, 0.33], abs=1e-4)
    assert month.mean() == pytest.approx(0.4725, abs=1e-4)
    # (0.33 + 0.30 + 0.28 + 0.28 + 0.33) / (0.62 + 0.70 + 0.70 + 0.68 + 0.58) = 1.52 / 3.28 = 0.463
    ratio = month[[11, 0, 1, 2, 3]].sum() / month[5:10].sum()
    assert ratio == pytest.approx(0.4634, abs=1e-3)
    assert 0.40 < ratio < 0.55


@pytest.mark.parametrize(("kind", "hours"), [("pv", 950.0), ("wind", 2200.0)])
def test_profiles_give_the_stated_yield(kind: str, hours: float) -> None:
    rows = [r for r in table("profiles") if r["kind"] == kind]
    assert len(rows) == 96
    assert all(0 <= float(r["capacity_factor"]) <= 1 for r in rows)
    total = sum(float(r["capacity_factor"]) * 3 * DAYS[int(r["month"]) - 1] for r in rows)
    assert total == pytest.approx(hours, rel=1e-3)
