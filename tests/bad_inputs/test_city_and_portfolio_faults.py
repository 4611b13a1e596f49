"""Mistakes in the city of a place, in portfolios, overlays and resolved scenarios, each with the exact report."""
# ruff: noqa: E501 (whole messages on one line)

from importlib.resources import files

import pytest
import test_hostile_files
import test_place_faults
import test_setting_faults
import test_shock_faults
import yaml

import transition_sim as ts
from transition_sim.scenarios import check_file

CITY = files("transition_sim.scenarios").joinpath("library/places/guangan_city.yaml").read_text("utf-8")
PORTFOLIO = """format: portfolio/1
id: mine
name: {en: Mine, zh: 我的}
description: {en: Two parks., zh: 两个园区。}
nodes:
  - {id: sichuan, name: {en: Sichuan, zh: 四川}, like: yibin_east_park}
members:
  - {id: yibin, node: sichuan, region: south, place: yibin_east_park}
  - {id: food, name: {en: Food, zh: 食品}, node: sichuan, archetype: food, output: 20 bn CNY/yr, firms: 40}
"""
OVERLAY = """format: overlay/1
place:
  power: {loss_share: 0.05}
levers: {capex_subsidy_share: 0.1}
parameters: {choice_noise: 0.1}
horizon: {end_year: 2030}
"""
# a file, what is replaced in it by what, and its one fault without the name of the file
CASES = [
    (CITY, "fleet: car\n", "fleet: kar\n",
     "253: city.vehicles.0.fleet = kar: there is no such fleet. The fleets are: car, two_wheeler, three_wheeler, taxi, bus, coach, light_truck, heavy_truck, service, ship, port_machine."),
    (CITY, "fleet: two_wheeler", "fleet: car",
     "257: city.vehicles.1.fleet = car: the fleet is given twice. Delete one of the two."),
    (CITY, "kind: public\n", "kind: publik\n",
     "295: city.buildings.1.kind = publik: there is no such kind. Did you mean public?"),
    (CITY, "kind: commercial", "kind: public",
     "297: city.buildings.2.kind = public: the kind is given twice. Delete one of the two."),
    (CITY, "electric_share: {value: 0.007,", "electric_share: {value: 1.7,",
     "255: city.vehicles.0.electric_share = {\"value\": 1.7, \"source\": \"assumption\", \"confidence\": \"low\",…: the value lies outside 0 to 1 share. Check the number and its unit."),
    (CITY, "electric_share: {value: 0.02,", "electric_share: {value: 0.5,",
     "263: city.vehicles.3 = sum 1.3: shares of one whole sum to more than 1. Lower one of them."),
    (CITY, "incinerated_share: {value: 0.6, source: memory, confidence: low, low: 0.3, high: 0.9}", "incinerated_share: {value: 0.99, source: memory, confidence: low}",
     "301: city.waste = sum 1.04: shares of one whole sum to more than 1. Lower one of them."),
    (CITY, "area: {value: 6344 km2", "area: {value: 2100 km2",
     "306: city.land.area = 210000: forest and farmland are larger than the land. Correct one of the three."),
    (CITY, "area: {value: 6344 km2", "area: {value: 6344 km",
     "306: city.land.area = {\"value\": \"6344 km\", \"source\": \"city_profile\", \"confidence\"…: unit 'km' is not one of: ha, km2, 公顷, 平方公里, 万亩. Write one of these units after the number."),
    (CITY, "vehicles: {value: 1200 vehicles,", "vehicles: {value: 1200 buses,",
     "268: city.vehicles.4.vehicles = {\"value\": \"1200 buses\", \"source\": \"assumption\", \"confidence…: unit 'buses' is not one of: vehicle, vehicles, 辆, 万辆. Write one of these units after the number."),
    (CITY, "population: {value: 325.49 万人", "population: {value: 325.49 万辆",
     "249: city.population = {\"value\": \"325.49 万辆\", \"source\": \"memory\", \"confidence\": \"l…: unit '万辆' is not one of: person, persons, 人, 万人, k persons, M persons. Write one of these units after the number."),
    (CITY, "urban_percent: [[2020, 43.8], [2022, 45.32],", "urban_percent: [[2022, 43.8], [2020, 45.32],",
     "251: city.urban_percent.1.0 = 2020: the years do not rise: 2022 comes before. Sort by year, each once."),
    (CITY, "  charging_points:", "  charging_point:",
     "290: city.charging_point = {\"value\": \"500 points\", \"source\": \"assumption\", \"confidence…: unknown key. Did you mean charging_points?"),
    (CITY, "    forest:", "    forrest:",
     "308: city.land.forrest = {\"value\": \"2000 km2\", \"source\": \"assumption\", \"confidence\":…: unknown key. Did you mean forest?"),
    (CITY, "model: transport", "model: transports",
     "211: city_sectors.0.model = transports: this must be 'trend', 'transport', 'urban_buildings', 'rural_buildings' or 'farming'. Write one of these words."),
    (PORTFOLIO, "format: portfolio/1", "format: portfolio/2",
     "1: format = portfolio/2: there is no such format. The first line is 'format:' and one of: place/1, portfolio/1, policy/1, shock/1, overlay/1, scenario/1."),
    (PORTFOLIO, "id: food,", "id: yibin,",
     "9: members.1.id = yibin: two members have one name. Rename one; the first is item 0, counted from 0."),
    (PORTFOLIO, "node: sichuan, region", "node: sichuam, region",
     "8: members.0.node = sichuam: there is no such node. Did you mean sichuan?"),
    (PORTFOLIO, "like: yibin_east_park", "like: yibin_eest_park",
     "6: nodes.0.like = yibin_eest_park: the library has no place of this name. Did you mean yibin_east_park?"),
    (PORTFOLIO, "like: yibin_east_park", "province: sichuam",
     "6: nodes.0.province = sichuam: the table has no such province. See the list of provinces."),
    (PORTFOLIO, ", like: yibin_east_park", "",
     "6: nodes.0 = sichuan: a node is like a place of the library, or a province of the table. Give 'like' or 'province', one of the two."),
    (PORTFOLIO, "like: yibin_east_park", "like: yibin_east_park, province: sichuan",
     "6: nodes.0 = sichuan: a node is like a place of the library, or a province of the table. Give 'like' or 'province', one of the two."),
    (PORTFOLIO, ", place: yibin_east_park", "",
     "8: members.0 = yibin: a member is a place of the library or an archetype. Give 'place' or 'archetype', one of the two."),
    (PORTFOLIO, "place: yibin_east_park", "place: yibin_east",
     "8: members.0.place = yibin_east: the library has no place of this name. Did you mean yibin_east_park?"),
    (PORTFOLIO, "place: yibin_east_park", "place: yibin_east_park, output: 1 bn CNY/yr",
     "8: members.0 = yibin: a place of the library keeps its own output. Delete it, or take an archetype."),
    (PORTFOLIO, "archetype: food", "archetype: foods",
     "9: members.1.archetype = foods: there is no such archetype. Did you mean food?"),
    (PORTFOLIO, "output: 20 bn CNY/yr, ", "",
     "9: members.1 = food: an archetype has an output, or a share of what is left of the total output. Give 'output' or 'share', one of the two."),
    (PORTFOLIO, "output: 20 bn CNY/yr", "share: 0.5",
     "9: members.1.share = 0.5: there is no total output of which a share could be taken. Give an output, or the portfolio a 'total_output'."),
    (PORTFOLIO, "name: {en: Food, zh: 食品}, ", "",
     "9: members.1.name = food: an archetype needs a name. Add 'name: {en: ..., zh: ...}'."),
    (PORTFOLIO, "firms: 40", "firms: many",
     "9: members.1.firms = many: this must be a whole number. Write it without quotes, unit or decimal point, such as 12."),
    (PORTFOLIO, "output: 20 bn CNY/yr", "output: 20 bn CNY",
     "9: members.1.output = 20 bn CNY: unit 'bn CNY' is not one of: CNY/yr, 元/yr, 10k CNY/yr, 万元/yr, M CNY/yr, 亿元/yr, bn CNY/yr, CNY/d. Write one of these units after the number."),
    (PORTFOLIO, "members:", "member:",
     "7: member = [{\"id\": \"yibin\", \"node\": \"sichuan\", \"region\": \"south\", \"pla…: unknown key. Did you mean members?"),
    (PORTFOLIO, "  - {id: yibin, node: sichuan, region: south, place: yibin_east_park}\n", "",
     "7: members = [{\"id\": \"food\", \"name\": {\"en\": \"Food\", \"zh\": \"食品\"}, \"node\":…: at least 2 items are needed. Add an item."),
    (OVERLAY, "format: overlay/1", "format: overlay",
     "1: format = overlay: there is no such format. The first line is 'format:' and one of: place/1, portfolio/1, policy/1, shock/1, overlay/1, scenario/1."),
    (OVERLAY, "loss_share: 0.05", "loss_share: high",
     "3: place.power.loss_share = high: this must be a number. Write it without quotes or unit, such as 0.5."),
    (OVERLAY, "power: {", "powr: {",
     "3: place.powr = {\"loss_share\": 0.05}: unknown key. Did you mean power?"),
    (OVERLAY, "capex_subsidy_share: 0.1", "capex_subsidy_share: 0.9",
     "4: levers.capex_subsidy_share = 0.9: the lever ranges from 0 to 0.5 share of capex. Write a value in the range; 0 is neutral."),
    (OVERLAY, "choice_noise: 0.1", "choice_noise: 9",
     "5: parameters.choice_noise = 9: the parameter ranges from 0.04 to 0.16. Write a value in the range; the default is 0.08."),
    (OVERLAY, "choice_noise: 0.1", "choice_noise: {value: 0.1}",
     "5: parameters.choice_noise = {\"value\": 0.1}: this must be a number. Write it without quotes or unit, such as 0.5."),
    (OVERLAY, "end_year: 2030", "end_year: 30",
     "6: horizon.end_year = 30: this must be at least 2000. Write a number of 2000 or more."),
    (OVERLAY, "end_year: 2030", "end_yeer: 2030",
     "6: horizon.end_yeer = 2030: unknown key. Did you mean end_year?"),
    (OVERLAY, "horizon: {", "extensions: {technology_choice: 3}\nhorizon: {",
     "6: extensions.technology_choice = 3: this must be text. Put the value in quotes."),
    (OVERLAY, "horizon: {", "extensions: {choice: mine}\nhorizon: {",
     "6: extensions.choice = mine: there is no rule of this name that can be replaced. The rules are: technology_choice, green_power_market, permit_auction."),
    (OVERLAY, "horizon: {", "extensions: [mine]\nhorizon: {",
     "6: extensions = [\"mine\"]: this must be a mapping. Write 'key: value' lines, indented."),
    (OVERLAY, "levers: {", "lever: {",
     "4: lever = {\"capex_subsidy_share\": 0.1}: unknown key. Did you mean levers?"),
    (CITY, "urban_percent: [[2020, 43.8]", "urban_percent: [[2020, 143.8]",
     "251: city.urban_percent.0.1 = 143.8: this is a share of people in per cent. Write 0 to 100."),
    (CITY, "population_growth_percent: [[2020, -0.26], [2030", "population_growth_percent: [[2020, -0.26], [2020",
     "250: city.population_growth_percent.1.0 = 2020: the years do not rise: 2020 comes before. Sort by year, each once."),
    (CITY, "population_growth_percent: [[2020, -0.26]", "population_growth_percent: [[2020, -100]",
     "250: city.population_growth_percent.0.1 = -100: a total cannot shrink by 100 % or more a year. Write a rate above -100."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "old", "new", "report"), CASES, ids=[case[2].strip()[:40] or "left out" for case in CASES]
)
def test_one_mistake_is_one_fault(text, old, new, report, tmp_path):
    assert old in text
    path = tmp_path / "f.yaml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert [str(fault) for fault in check_file(path)] == [f"{path}:{report}"]


@pytest.mark.parametrize("text", [CITY, PORTFOLIO, OVERLAY], ids=["city", "portfolio", "overlay"])
def test_the_files_themselves_are_in_order(text, tmp_path):
    path = tmp_path / "f.yaml"
    path.write_text(text, "utf-8")
    assert check_file(path) == []


RESOLVED = [
    ("policy: none", "policy: none\nweather: wet", "weather", "unknown key"),
    ("id: minimal", "id: minimal place", "place.id", test_place_faults.ID_RULE),
    ("end_year: 2030", "end_year: 2010", "horizon.end_year", "the last year lies before the first, 2020"),
    ("levers: {}", "levers: {carbon_tax: 3}", "levers.carbon_tax", "there is no such lever"),
    ("firms: 1", "firms: -1", "place.sectors.0.firms", "this must be at least 1"),
    ("format: scenario/1", "format: scenario/9", "format", "there is no such format"),
]


@pytest.mark.parametrize(("old", "new", "field", "rule"), RESOLVED, ids=[case[2] for case in RESOLVED])
def test_a_mistake_in_the_record_of_a_run(old, new, field, rule, tmp_path):
    """Records are written by the model; somebody edits one."""
    path = tmp_path / "scenario.yaml"
    record = ts.load_scenario("minimal", end_year=2030).resolved()
    text = yaml.safe_dump(record, allow_unicode=True, sort_keys=False, default_flow_style=None, width=1000)
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    (fault,) = check_file(path)
    assert (fault.field, fault.rule) == (field, rule)
    pairs = zip(text.splitlines(), path.read_text("utf-8").splitlines(), strict=False)
    assert fault.line == next(number for number, (was, now) in enumerate(pairs, start=1) if was != now)


def test_the_corpus_holds_more_than_a_hundred_and_fifty_files():
    """Files with their exact report: places, hostile bytes, policies, shocks, cities, portfolios, overlays."""
    places = [*test_place_faults.SHAPE, *test_place_faults.QUANTITIES, *test_place_faults.SENSE]
    corpora = [places, test_hostile_files.HOSTILE, test_setting_faults.POLICIES, test_shock_faults.SHOCKS, CASES]
    assert sum(map(len, corpora)) >= 190
