"""Archetypes and pilot parks: balances by hand, gates, names, ranges, and a year under two policies (4.2, 4.1 step 10).

Factors by hand, kt CO2 per TJ / 1000: coal .09089, gas .05561, diesel .07259, gasoline .06791; clinker .535 t/t.
"""

import json
import re
from typing import Any

import pytest
from pydantic import BaseModel
from test_places_balance import place, table
from typer.testing import CliRunner

import transition_sim as ts
from transition_sim.build import base_year_balance, build_world
from transition_sim.cli.app import app
from transition_sim.core.units import GJ_PER_MWH
from transition_sim.scenarios import check_file
from transition_sim.scenarios.checks import quantities
from transition_sim.scenarios.library import find_document
from transition_sim.scenarios.spec import Name

# (burnt by carrier in t, processes in t, GWh, ktce) of a place, worked out on paper from its outputs
HAND: dict[str, tuple[dict[str, float], float, float, float]] = {
    # coal: enterprises 12 710 TJ, buildings 220; gas 1391 + 550 + 2400; diesel 327.6 + 2200 + 700; gasoline 1450 + 70
    # 182 500 x 18 = 3.285 Mt clinker x .535 = 1 757 475 t; bricks 400 000 x .1 = 40 000 t
    # 2684 / 3.6 = 745.6 GWh + 8 + 390 + 50; 24 465.2 TJ / 29.3076 = 834.8 + 1193.56 x .3055 = 364.6
    "cement_county": (
        {"coal": 12_930 * 90.89, "natural_gas": 4_341 * 55.61, "diesel": 3_227.6 * 72.59, "gasoline": 1_520 * 67.91},
        1_757_475 + 40_000, 745.56 + 448, 834.8 + 364.6,
    ),
    # coal 5076 TJ; gas 8137 + 30, and 6113 as feedstock that is not burnt; diesel 1023 + 120; gasoline 15
    # 1 200 000 x .422 = 506 400 t; 4130 / 3.6 = 1147.2 GWh + 1 + 35
    # 5076 + 8137 + 6113 + 1023 + 19.93 + 1249 + 120 + 15 + 30 = 21 782.9 TJ / 29.3076 = 743.3; 1183.2 x .3055 = 361.5
    "chem_park": (
        {"coal": 5_076 * 90.89, "natural_gas": 8_167 * 55.61, "diesel": 1_143 * 72.59, "gasoline": 15 * 67.91},
        506_400, 1147.22 + 36, 743.25 + 361.47,
    ),
    # coal 23.72 TJ; gas 955.3 + 160; diesel 75.74 + 60; gasoline 110; no process; 4210 / 3.6 = 1169.4 GWh + 4 + 90
    # 23.72 + 955.3 + 75.74 + 8.66 + 159 + 110 + 60 + 160 = 1552.4 TJ / 29.3076 = 53.0; 1263.4 x .3055 = 386.0
    "electronics_park": (
        {"coal": 23.72 * 90.89, "natural_gas": 1_115.3 * 55.61, "diesel": 135.74 * 72.59, "gasoline": 110 * 67.91},
        0.0, 1169.44 + 94, 52.97 + 385.98,
    ),
    # coal 261.3 TJ; gas 2148 + 70; diesel 25.66 + 110; gasoline 45; lithium materials 1 200 000 x .0201 = 24 120 t
    # 1953 / 3.6 = 542.5 GWh + 6 + 35
    # 261.3 + 2148 + 25.66 + 6.84 + 176.2 + 110 + 45 + 70 = 2843.0 TJ / 29.3076 = 97.0; 583.5 x .3055 = 178.3
    "yibin_east_park": (
        {"coal": 261.3 * 90.89, "natural_gas": 2_218 * 55.61, "diesel": 135.66 * 72.59, "gasoline": 45 * 67.91},
        24_120, 542.5 + 41, 97.01 + 178.26,
    ),
    # gas 106.6 + 6 + 110 TJ; diesel 8; gasoline 80; no coal, no process; 715.2 / 3.6 = 198.7 GWh + 15 + 2 + 40
    # 106.6 + 6 + 110 + 8 + 80 = 310.6 TJ / 29.3076 = 10.6; 255.7 x .3055 = 78.1
    "tianfu_hq_park": (
        {"natural_gas": 222.6 * 55.61, "diesel": 8 * 72.59, "gasoline": 80 * 67.91},
        0.0, 198.67 + 57, 10.60 + 78.11,
    ),
}  # fmt: skip
TCO2_PER_TJ = {"coal": 90.89, "coke": 100.32, "natural_gas": 55.61, "diesel": 72.59, "gasoline": 67.91}
PARKS = [name for name in HAND if name.endswith("_park")]


def used_tj(name: str) -> dict[str, float]:
    """Return what is used as energy by carrier, enterprises and others, TJ."""
    spec = place(name)
    use = {row.carrier: row.enterprises / 1e3 for row in spec.energy_balance}
    for sector in spec.city_sectors:
        for carrier, energy in sector.energy.items():
            use[carrier] = use.get(carrier, 0.0) + energy / 1e3
    return use


@pytest.mark.parametrize("name", HAND)
def test_co2_by_carrier_is_the_hand_sum_and_the_gate(name: str) -> None:
    """4.2: fuel by carrier + process = the published total that the gate holds the model to."""
    burnt, process, _, _ = HAND[name]
    use = used_tj(name)
    for carrier, factor in TCO2_PER_TJ.items():
        assert use.get(carrier, 0.0) * factor == pytest.approx(burnt.get(carrier, 0.0), rel=1e-6), carrier
    assert sum(burnt.values()) + process == pytest.approx(place(name).gate.co2, rel=0.005)


@pytest.mark.parametrize("name", HAND)
def test_electricity_and_energy_are_the_hand_sums_and_the_gate(name: str) -> None:
    """Calorific fuels, steam and feedstock over 29.3076 GJ; electricity at 0.3055 tce/MWh as in guangan_city."""
    _, _, gwh, ktce = HAND[name]
    use, gate = used_tj(name), place(name).gate
    assert use["electricity"] / GJ_PER_MWH == pytest.approx(gwh, rel=1e-4)
    feedstock = sum(row.feedstock for row in place(name).energy_balance) / 1e3
    fuels = sum(tj for carrier, tj in use.items() if carrier != "electricity") + feedstock
    assert fuels / 29.3076 + gwh * 0.3055 == pytest.approx(ktce, rel=1e-3)
    assert gate.electricity / 1e3 == pytest.approx(gwh, rel=0.005)
    assert gate.energy / 1e3 == pytest.approx(ktce, rel=0.005)


@pytest.mark.parametrize("name", HAND)
def test_balance_is_output_times_the_sector_table(name: str) -> None:
    """4.1 step 5: proportional fitting has nothing to bend; figures are rounded to four digits."""
    spec = place(name)
    output = {s.sector: s.output / 1e4 for s in spec.sectors}
    want: dict[tuple[str, bool], float] = {}
    for row in table("sector_energy"):
        key = row["carrier"], row["service"] == "FEED"
        want[key] = want.get(key, 0.0) + output.get(row["sector"], 0.0) * float(row["final_gj_per_10k_cny"])
    have = {(r.carrier, False): float(r.enterprises) for r in spec.energy_balance}
    have |= {(r.carrier, True): float(r.feedstock) for r in spec.energy_balance if r.feedstock}
    assert have == pytest.approx({key: gj for key, gj in want.items() if gj}, rel=6e-4)


@pytest.mark.parametrize("name", HAND)
def test_model_meets_the_gate_and_the_hand_sum(name: str) -> None:
    """4.1 step 10: within 5 % for CO2, energy and electricity, fuel and process apart, no power plant inside."""
    world = build_world(ts.load_scenario(name, "none"))
    for model, published, tolerance, _ in base_year_balance(world).values():
        assert tolerance == 5.0
        assert model == pytest.approx(published, rel=0.05)
    year = world.base_year[-4:]
    process = sum(row["process_tco2"] for row in year)
    assert process == pytest.approx(HAND[name][1], rel=0.05)
    assert sum(row["power_tco2"] for row in year) == 0.0
    burnt = sum(row["territorial_tco2"] for row in year) - process
    assert burnt == pytest.approx(sum(HAND[name][0].values()), rel=0.05)
    assert sum(row["unserved_mwh"] for row in year) == 0.0


@pytest.mark.parametrize("policy", ["none", "current"])
@pytest.mark.parametrize("name", HAND)
def test_a_year_under_a_policy_serves_all_load(name: str, policy: str) -> None:
    result = ts.run(ts.load_scenario(name, policy, end_year=2020), seed=1)
    assert len(result.place) == 4
    year = result.annual.loc[2020]
    assert year["unserved_mwh"] == 0.0
    assert year["territorial_tco2"] == pytest.approx(sum(HAND[name][0].values()) + HAND[name][1], rel=0.06)
    assert len(result.enterprises) == sum(s.firms for s in place(name).sectors)
    assert 20 <= len(result.enterprises) <= 300


@pytest.mark.parametrize("name", HAND)
def test_file_is_in_order_and_value_added_leaves_room_for_the_rest(name: str) -> None:
    assert check_file(find_document(name, "place")) == []
    share = {r["sector"]: sum(float(r[k]) for k in ("wages_share", "taxes_share", "surplus_share"))
             for r in table("io_rest")}  # fmt: skip
    spec = place(name)
    added = sum(s.output * share[s.sector] for s in spec.sectors)
    assert 0.2 * spec.economy.gdp < added < spec.economy.gdp
    assert sum(c.gdp for c in spec.counties) == pytest.approx(spec.economy.gdp)


def names(node: Any) -> list[Name]:
    if isinstance(node, Name):
        return [node]
    if isinstance(node, BaseModel):
        return [n for field in type(node).model_fields for n in names(getattr(node, field))]
    return [n for item in node for n in names(item)] if isinstance(node, list | tuple) else []


@pytest.mark.parametrize("name", HAND)
def test_names_are_complete_in_both_languages(name: str) -> None:
    found = names(place(name))
    assert len(found) > 15
    for one in found:
        assert re.search("[A-Za-z]", one.en), one
        assert re.search("[一-鿿]", one.zh), one


@pytest.mark.parametrize("name", HAND)
def test_weak_figures_have_a_range_or_say_assumption(name: str) -> None:
    """What is not known stays labelled: low confidence comes with a range, or is called an assumption."""
    spec = place(name)
    stated = [(path, q) for path, q in quantities(spec, ()) if q.source]
    assert len(stated) > 40
    for path, quantity in stated:
        assert quantity.source in spec.sources, path
        if quantity.confidence == "low":
            has_range = quantity.low is not None and quantity.high is not None
            assert has_range or "assumption" in f"{quantity.source} {quantity.note}", path
    # totals and outputs of these places are nobody's statistics
    assert all(s.output.confidence == "low" for s in spec.sectors)
    assert {spec.gate.co2.confidence, spec.gate.energy.confidence, spec.gate.electricity.confidence} == {"low"}


@pytest.mark.parametrize("name", HAND)
def test_the_province_is_the_one_of_guangan_city(name: str) -> None:
    """One provincial node: same units, values and sources; the station that is local there stands in the province."""
    here, there = place(name).power, place("guangan_city").power
    units = {u.id: u for u in here.units if u.node == "province"}
    for unit in (u for u in there.units if u.node == "province"):
        copy = units.pop(unit.id)
        assert copy.model_dump(exclude={"capacity", "heat_rate"}) == unit.model_dump(exclude={"capacity", "heat_rate"})
        for key in ("capacity", "heat_rate"):
            one, other = getattr(copy, key), getattr(unit, key)
            assert one == other
            assert getattr(one, "source", "") == getattr(other, "source", "")
    assert list(units) == ["province_coal_east"]
    local = [u for u in there.units if u.node == "place" and u.kind == "coal"]
    assert units["province_coal_east"].capacity == sum(u.capacity for u in local) == 2400.0
    mean = sum(u.capacity * (u.heat_rate or 0.0) for u in local) / 2400.0
    assert units["province_coal_east"].heat_rate == pytest.approx(mean)
    for key in ("province_load", "province_load_growth_percent", "export", "province_factor", "national_factor"):
        assert getattr(here, key) == getattr(there, key)
    assert all(u.kind not in ("coal", "gas") for u in here.units if u.node == "place")


def test_kilns_of_the_cement_county_run_219_days() -> None:
    """15 000 t/d x 365 = 5.475 Mt permitted; 182 500 x 18 t = 3.285 Mt made; 3.285 / 5.475 x 365 = 219 days."""
    spec = place("cement_county")
    permitted = sum(a.clinker_capacity or 0.0 for a in spec.anchors)
    assert permitted == pytest.approx(15_000 * 365)
    assert spec.sectors[0].output / 1e4 * 18 / permitted * 365 == pytest.approx(219.0)
    assert sum(a.output or 0.0 for a in spec.anchors) == pytest.approx(0.88 * spec.sectors[0].output, rel=1e-3)


def test_facts_of_the_two_pilot_parks_stand_in_their_sources_and_nothing_else_is_sure() -> None:
    """4.2: membership and industry are sourced; of what stands inside the park no figure is above low confidence."""
    for name, fact in (("yibin_east_park", "power batteries"), ("tianfu_hq_park", "headquarters economy")):
        spec = place(name)
        assert fact in spec.sources["pilot_list"]
        assert "17 near-zero pilot parks" in spec.sources["pilot_list"]
        sure = [path for path, q in quantities(spec, ()) if q.confidence in ("high", "medium")]
        assert {path[0] for path in sure} == {"power"}
        inside = [i for i, unit in enumerate(spec.power.units) if unit.node == "place"]
        assert not [path for path in sure if path[:2] == ("power", "units") and path[2] in inside]
    # 120 x 1.15^5 + 40 x 1.06^5 + 20 x 1.09^5 + (10 + 6) x 1.06^5 = 347.1; 5000 / 17 = 294.1 (100 M CNY in 2025)
    growth = {r["id"]: 1 + float(r["growth_2021_2025_percent"]) / 100 for r in table("sectors")}
    output = sum(s.output / 1e8 * growth[s.sector] ** 5 for s in place("yibin_east_park").sectors)
    assert output == pytest.approx(347.1, abs=0.1)
    assert 0.5 * 294.1 < output < 2 * 294.1


def shown(*arguments: str) -> tuple[int, str]:
    answer = CliRunner().invoke(app, ["places", *arguments])
    return answer.exit_code, answer.stdout


@pytest.mark.parametrize("name", [*HAND, "guangan_city", "minimal"])
def test_places_show_prints_every_figure_with_its_source_and_how_sure_it_is(name: str) -> None:
    spec = place(name)
    stated = [q for _, q in quantities(spec, ()) if q.confidence]
    code, text = shown("show", name, "--json")
    data = json.loads(text)
    assert code == 0
    # no figure of the file is left out, and each comes with the whole text of its source
    assert sorted(row["value"] for row in data["figures"]) == pytest.approx(sorted(float(q) for q in stated))
    assert all(row["source_text"] == spec.sources[row["source"]] for row in data["figures"])
    weak = sum(q.confidence == "low" for q in stated)
    assert data["low_confidence_percent"] == pytest.approx(100 * weak / len(stated))
    for lang, title in (("en", spec.name.en), ("zh", spec.name.zh)):
        code, text = shown("show", name, "--lang", lang)
        assert code == 0
        assert text.startswith(title)
        lines = [line for line in text.split("\n\n")[0].splitlines() if "%" in line]
        percents = [[int(n) for n in re.findall(r"(\d+) ?%", line)] for line in lines]
        assert [sum(three) for three in percents] == [100, 100]
        assert abs(percents[0][2] - 100 * weak / len(stated)) < 1
        for key, source in spec.sources.items():
            # in Chinese the name comes first, and the text of the source is Chinese too
            line = rf"^\S+（{key}，.+）：.*[一-鿿]" if lang == "zh" else rf"^{key} \(.*\): {re.escape(source)}$"
            assert re.search(line, text, re.M), key


def test_places_show_gives_value_range_and_trust_in_readable_units() -> None:
    """4.2: 15.5 MtCO2 (12-21); Yingfeng: 4000 t/d x 365 = 1.46 Mt/yr; 14.8 PJ of power = 14.8 / 3.6 = 4.111 TWh."""
    _, text = shown("show", "guangan_city")
    assert re.search(r"^CO₂, territorial +15\.5 +12–21 +MtCO₂/yr +low +bottom_up", text, re.M)
    assert re.search(r"Huaying\): clinker capacity +1\.46 +Mt/yr +high +cement_news +2010", text)
    assert re.search(r"^Electricity +4\.111 +3\.333–5 +TWh/yr +low +bottom_up", text, re.M)
    _, text = shown("show", "guangan_city", "--lang", "zh")
    assert re.search(r"^二氧化碳（地域口径） +1,550 +1,200–2,100 +万吨二氧化碳/年 +低 +自下而上估算", text, re.M)
    assert "\n人口普查（census，5）：引用广安市2022年公报的网页，以及邻水县2020年人口普查公报\n" in text


def test_the_list_of_places_still_lists_and_filters() -> None:
    code, text = shown("--json")
    assert code == 0
    assert {*HAND, "guangan_city", "minimal"} <= {row["id"] for row in json.loads(text)}
    assert [row["id"] for row in json.loads(shown("kiln lines", "--json")[1])] == ["cement_county"]
    assert shown("show", "atlantis")[0] == 2
    assert shown("show")[0] == 2
    assert shown("minimal", "guangan_city")[0] == 2
