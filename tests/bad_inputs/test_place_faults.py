"""One mistake at a time in the smallest place: each is refused with file, line, field, value, rule and remedy."""
# ruff: noqa: E501 (whole messages on one line)

from dataclasses import dataclass
from importlib.resources import files
from types import SimpleNamespace

import pytest

from transition_sim.core.errors import Fault
from transition_sim.scenarios import registry, scenario
from transition_sim.scenarios.checks import Vocabulary

MINIMAL = files("transition_sim.scenarios").joinpath("library/places/minimal.yaml").read_text("utf-8")
WORDS = Vocabulary(
    levers={"capex_subsidy_share": SimpleNamespace(neutral=0, low=0, high=0.6, kind="number", unit="share")},
    parameters={"choice_noise": SimpleNamespace(value=0.08, low=0.01, high=0.5, unit="")},
    sectors=("CEM", "EQP", "FOD", "SVC"),
    carriers=("coal", "natural_gas", "diesel", "gasoline", "biomass", "heat", "electricity"),
    fleets={row.id: row for row in registry.fleet_kinds()},
    building_kinds={row.id: row for row in registry.building_kinds()},
)
FORMAT_REMEDY = (
    "The first line is 'format:' and one of: place/1, portfolio/1, policy/1, shock/1, overlay/1, scenario/1."
)
PAIR = "this must be a pair [year, value]"
ID_RULE = "an id has letters, digits and underscores, starts with a letter and is at most 40 long"
QUANTITY_KEYS = "a quantity has the keys value, source, confidence, low, high, note"
MAPPING = "Write 'key: value' lines, indented."
MASS_FLOWS = "t/yr, kg/yr, kt/yr, Mt/yr, 吨/yr, 千吨/yr, 万吨/yr, t/d"


@dataclass(frozen=True)
class Case:
    """Replace ``old`` by ``new`` once; ``at`` marks the line of the fault, by default the first line that differs."""

    name: str
    old: str
    new: str
    field: str
    value: str
    rule: str
    remedy: str
    at: str = ""

    @property
    def text(self) -> str:
        assert MINIMAL.count(self.old) >= 1, f"the smallest place no longer holds {self.old!r}"
        return MINIMAL.replace(self.old, self.new, 1)

    @property
    def line(self) -> int:
        if self.at:
            return self.text[: self.text.index(self.at)].count("\n") + 1
        pairs = zip(MINIMAL.splitlines(), self.text.splitlines(), strict=False)
        return next(number for number, (was, now) in enumerate(pairs, start=1) if was != now)


SHAPE = [
    Case("format of another kind", "format: place/1", "format: plcae/1", "format", "plcae/1",
         "there is no such format", FORMAT_REMEDY),
    Case("format missing", "format: place/1\n", "\n", "format", "",
         "the format is missing", FORMAT_REMEDY, "id: minimal"),
    Case("unknown key with a near one", "kind: park", "knd: park", "knd", "park",
         "unknown key", "Did you mean kind?"),
    Case("unknown key at the top", "kind: park", "kind: park\nweather: wet", "weather", "wet",
         "unknown key", "See the list of keys."),
    Case("unknown key deep inside", "firms: 1}", "firms: 1, staff: 9}", "sectors.0.staff", "9",
         "unknown key", "The keys are: sector, output, firms, counties, export_share."),
    Case("key missing", "kind: park\n", "", "kind", "",
         "the key is missing", "Add 'kind: ...'.", "format: place/1"),
    Case("key missing deep inside", "capital_ratio: 0.125}\n  green_fund", "capital_ratio: 0.125}\n  green_fnd",
         "finance.green_fnd", '{"value": "1 M CNY", "source": "round", "confidence": "low"}',
         "unknown key", "Did you mean green_fund?"),
    Case("name in one language", "name: {en: Kiln works, zh: 水泥厂}", "name: {en: Kiln works}", "anchors.0.name.zh", "",
         "the key is missing", "Add 'zh: ...'."),
    Case("name as bare text", "name: {en: Kiln works, zh: 水泥厂}", "name: Kiln works", "anchors.0.name", "Kiln works",
         "this must be a mapping", MAPPING),
    Case("number where text is asked", "{en: County, zh: 示例县}", "{en: 12, zh: 示例县}", "counties.0.name.en", "12",
         "this must be text", "Put the value in quotes."),
    Case("word that is not on the list", "kind: park", "kind: village", "kind", "village",
         "this must be 'park', 'county', 'city' or 'portfolio'", "Write one of these words."),
    Case("word of another kind of unit", "kind: gas", "kind: gass", "power.units.7.kind", "gass",
         "this must be 'coal', 'gas', 'hydro', 'pv', 'wind', 'biomass' or 'nuclear'", "Write one of these words."),
    Case("id with a blank", "id: kiln_works", "id: kiln works", "anchors.0.id", "kiln works",
         ID_RULE, "Rename it, such as 'linshui_county'."),
    Case("id that starts with a digit", "id: households", "id: 1households", "city_sectors.0.id", "1households",
         ID_RULE, "Rename it, such as 'linshui_county'."),
    Case("id in Chinese", "id: coal_unit", "id: 煤电", "power.units.0.id", "煤电",
         ID_RULE, "Rename it, such as 'linshui_county'."),
    Case("name of a source with a hyphen", 'round: "Round', 'round: ""\n  a-b: "Round', "sources.a-b", "a-b",
         ID_RULE, "Rename it, such as 'linshui_county'.", "a-b:"),
    Case("text for a count", "firms: 1}", 'firms: "1"}', "sectors.0.firms", "1",
         "this must be a whole number", "Write it without quotes, unit or decimal point, such as 12."),
    Case("count with a decimal point", "firms: 1}", "firms: 1.0}", "sectors.0.firms", "1.0",
         "this must be a whole number", "Write it without quotes, unit or decimal point, such as 12."),
    Case("truth for a count", "firms: 1}", "firms: true}", "sectors.0.firms", "true",
         "this must be a whole number", "Write it without quotes, unit or decimal point, such as 12."),
    Case("nothing for a count", "firms: 1}", "firms: }", "sectors.0.firms", "",
         "this must be a whole number", "Write it without quotes, unit or decimal point, such as 12."),
    Case("no firms", "firms: 1}", "firms: 0}", "sectors.0.firms", "0",
         "this must be at least 1", "Write a number of 1 or more."),
    Case("too many firms", "firms: 1}", "firms: 1000001}", "sectors.0.firms", "1000001",
         "this must be at most 1000000", "Write a number of 1000000 or less."),
    Case("sexagesimal stays text", "loss_share: 0.05", "loss_share: 1:30", "power.loss_share", "1:30",
         "this must be a number", "Write it without quotes or unit, such as 0.5."),
    Case("the word no stays text", "loss_share: 0.05", "loss_share: no", "power.loss_share", "no",
         "this must be a number", "Write it without quotes or unit, such as 0.5."),
    Case("thousands with underscores", "loss_share: 0.05", "loss_share: 1_0", "power.loss_share", "1_0",
         "this must be a number", "Write it without quotes or unit, such as 0.5."),
    Case("infinity is a word", "loss_share: 0.05", "loss_share: .inf", "power.loss_share", ".inf",
         "this must be a number", "Write it without quotes or unit, such as 0.5."),
    Case("share above its bound", "loss_share: 0.05", "loss_share: 0.5", "power.loss_share", "0.5",
         "this must be less than 0.5", "Write a number below 0.5."),
    Case("share of nothing", "market_share: 1.0", "market_share: 0", "finance.banks.0.market_share", "0",
         "this must be more than 0", "Write a number above 0."),
    Case("percent for a share", "availability: 1.0", "availability: 95", "power.units.0.availability", "95",
         "this must be at most 1", "Write a number of 1 or less."),
    Case("base year before the calendar", "base_year: 2020", "base_year: 1920", "base_year", "1920",
         "this must be at least 2000", "Write a number of 2000 or more."),
    Case("list for a mapping", "{en: County, zh: 示例县}", "[County]", "counties.0.name", '["County"]',
         "this must be a mapping", MAPPING),
    Case("mapping for a list", "import_limit: [[2020, 20]]", "import_limit: {2020: 20}", "power.import_limit",
         '{"2020": 20}', "this must be a list", "Write items in brackets or one to a line after a dash."),
    Case("empty list", "import_limit: [[2020, 20]]", "import_limit: []", "power.import_limit", "[]",
         "at least 1 item is needed", "Add an item."),
    Case("number for a pair", "import_limit: [[2020, 20]]", "import_limit: [2020]", "power.import_limit.0", "2020",
         PAIR, "Write such as [2025, 1.5]."),
    Case("pair of three", "import_limit: [[2020, 20]]", "import_limit: [[2020, 20, 1]]", "power.import_limit.0",
         "[2020, 20, 1]", PAIR, "Write such as [2025, 1.5]."),
    Case("pair of one", "import_limit: [[2020, 20]]", "import_limit: [[2020]]", "power.import_limit.0.1", "",
         PAIR, "Write such as [2025, 1.5]."),
    Case("year with a fraction", "import_limit: [[2020, 20]]", "import_limit: [[2020.5, 20]]",
         "power.import_limit.0.0", "2020.5",
         "this must be a whole number", "Write it without quotes, unit or decimal point, such as 12."),
    Case("value of a pair in words", "import_limit: [[2020, 20]]", "import_limit: [[2020, 20 MW]]",
         "power.import_limit.0.1", "20 MW", "this must be a number", "Write it without quotes or unit, such as 0.5."),
    Case("text beyond its length", "zh: 七家", "zh: " + "长" * 601 + " 七家", "description.zh", "长" * 59 + "…",
         "the text is longer than 600 characters", "Shorten it."),
]  # fmt: skip

QUANTITIES = [
    Case("unit of another dimension", "value: 10 MW", "value: 10 MWh", "power.units.0.capacity",
         '{"value": "10 MWh", "source": "round", "confidence": "low"}',
         "unit 'MWh' is not one of: MW, kW, GW, 千瓦, 万千瓦, 兆瓦", "Write one of these units after the number."),
    Case("stock for a flow", "value: 300 kt/yr", "value: 300 kt", "anchors.0.clinker_capacity",
         '{"value": "300 kt", "source": "round", "confidence": "low"}',
         f"unit 'kt' is not one of: {MASS_FLOWS}", "Write one of these units after the number."),
    Case("number without its blank", "value: 10 MW", "value: 10MW", "power.units.0.capacity",
         '{"value": "10MW", "source": "round", "confidence": "low"}',
         "a quantity is '<number> <unit>', for instance '12 MW'",
         "Write the number, a space and the unit, such as 12 MW."),
    Case("arithmetic is text", "value: 10 MW", "value: 9**9**9 m", "power.units.0.capacity",
         '{"value": "9**9**9 m", "source": "round", "confidence": "lo…',
         "a quantity is '<number> <unit>', for instance '12 MW'",
         "Write the number, a space and the unit, such as 12 MW."),
    Case("quantity that is a list", "{value: 10 MW, source: round, confidence: low}", "[10, MW]",
         "power.units.0.capacity", '[10, "MW"]', "a quantity is a number or text such as '12 MW'",
         "Write such as 12 MW."),
    Case("quantity below zero", "value: 10 MW", "value: -10 MW", "power.units.0.capacity",
         '{"value": "-10 MW", "source": "round", "confidence": "low"}',
         "the value lies outside 0 to 1e+15 MW", "Check the number and its unit."),
    Case("quantity with a stray key", "value: 10 MW,", "value: 10 MW, unit: MW,", "power.units.0.capacity",
         '{"value": "10 MW", "unit": "MW", "source": "round", "confid…',
         f"{QUANTITY_KEYS}; not unit", "Keep to these keys."),
    Case("quantity without a value", "value: 10 MW,", "low: 10 MW,", "power.units.0.capacity",
         '{"low": "10 MW", "source": "round", "confidence": "low"}',
         f"{QUANTITY_KEYS}; value is missing", "Keep to these keys."),
    Case("value outside its range", "value: 10 MW,", "value: 10 MW, low: 12 MW,", "power.units.0.capacity",
         '{"value": "10 MW", "low": "12 MW", "source": "round", "conf…',
         "low <= value <= high does not hold", "Widen the range or check the value."),
    Case("confidence in other words", "{value: 1 bn CNY, source: round, confidence: low}",
         "{value: 1 bn CNY, source: round, confidence: sure}", "counties.0.gdp",
         '{"value": "1 bn CNY", "source": "round", "confidence": "sur…',
         "confidence is high, medium or low", "Write one of the three words."),
    Case("source without confidence", "{value: 1 bn CNY, source: round, confidence: low}",
         "{value: 1 bn CNY, source: round}", "counties.0.gdp", "1000000000",
         "a figure with a source states its confidence", "Add 'confidence: high', medium or low."),
    Case("source that is not listed", "{value: 1 bn CNY, source: round, confidence: low}",
         "{value: 1 bn CNY, source: rond, confidence: low}", "counties.0.gdp.source", "rond",
         "the place lists no source of this name", "Did you mean round? Else add it under 'sources:'."),
]  # fmt: skip

COUNTY = """  - id: county
    name: {en: Second, zh: 第二}
    population: 10
    gdp: 10

economy:"""

SENSE = [
    Case("two counties of one id", "\neconomy:", COUNTY, "counties.1.id", "county",
         "the id is used twice", "Rename or delete one of the two; the first is item 0, counted from 0.", "  - id: county\n    name: {en: Second"),
    Case("two rows of one sector", "sector: FOD,", "sector: EQP,", "sectors.2.sector", "EQP",
         "the sector is used twice", "Rename or delete one of the two; the first is item 1, counted from 0."),
    Case("two balances of one carrier", "carrier: diesel,", "carrier: coal,", "energy_balance.2.carrier", "coal",
         "the carrier is used twice", "Rename or delete one of the two; the first is item 0, counted from 0."),
    Case("two units of one id", "id: hydro_station", "id: coal_unit", "power.units.1.id", "coal_unit",
         "the id is used twice", "Rename or delete one of the two; the first is item 0, counted from 0."),
    Case("sector that does not exist", "sector: FOD,", "sector: FOOD,", "sectors.2.sector", "FOOD",
         "there is no such sector", "Did you mean FOD?"),
    Case("county of a weight", "firms: 1}", "firms: 1, counties: {conty: 1}}", "sectors.0.counties.conty", "conty",
         "there is no such county", "Did you mean county?"),
    Case("weights that sum to nothing", "firms: 1}", "firms: 1, counties: {county: 0}}", "sectors.0.counties",
         '{"county": 0.0}', "the weights of the counties sum to 0",
         "Give one county a weight above 0, or delete the key to weigh by GDP."),
    Case("weight below zero", "firms: 1}", "firms: 1, counties: {county: -1}}", "sectors.0.counties.county", "-1",
         "this must be at least 0", "Write a number of 0 or more."),
    Case("sector without output", "output: {value: 200 M CNY/yr", "output: {value: 0 M CNY/yr", "sectors.2.output",
         "0", "the output is not above 0", "Correct it or delete the sector."),
    Case("anchor of a sector that the place lacks", "    sector: CEM\n", "    sector: SVC\n", "anchors.0.sector",
         "SVC", "there is no such sector", "The sectors of this place are: CEM, EQP, FOD."),
    Case("anchor in another county", "    county: county\n", "    county: elsewhere\n", "anchors.0.county",
         "elsewhere", "there is no such county", "The counties are: county."),
    Case("kiln outside cement", "    sector: CEM\n", "    sector: EQP\n", "anchors.0.clinker_capacity", "300000",
         "only cement works (sector CEM) have a clinker capacity", "Delete it or correct the sector.",
         "    clinker_capacity"),
    Case("anchor larger than its sector", "    output: {value: 100 M", "    output: {value: 101 M", "sectors.0.output",
         "100000000", "the named enterprises of the sector alone have an output of 1.01e+08 CNY/yr",
         "Raise the sector's output or lower theirs.", "  - {sector: CEM"),
    Case("anchor of the future", "commissioned: 2010", "commissioned: 2021", "anchors.0.commissioned", "2021",
         "the enterprise is commissioned after the base year 2020", "Delete it: later firms enter by themselves."),
    Case("fewer firms than anchors", "\nenergy_balance:", "\n  - id: second\n    name: {en: Second, zh: 第二}\n"
         "    sector: CEM\n    county: county\n\nenergy_balance:", "sectors.0.firms", "1",
         "the sector has fewer firms than named enterprises (2)", "Write 2 or more.", "  - {sector: CEM"),
    Case("carrier that does not exist", "carrier: coal,", "carrier: goal,", "energy_balance.0.carrier", "goal",
         "there is no such carrier", "Did you mean coal?"),
    Case("carrier of a city sector", "      gasoline:", "      petrol:", "city_sectors.0.energy.petrol", "petrol",
         "there is no such carrier",
         "The carriers are: coal, natural_gas, diesel, gasoline, biomass, heat, electricity."),
    Case("county of a unit", "node: place, county: county, availability: 1.0,\n       capacity: {value: 5 MW",
         "node: place, county: conty, availability: 1.0,\n       capacity: {value: 5 MW",
         "power.units.1.county", "conty", "there is no such county", "Did you mean county?"),
    Case("coal without a heat rate", ", heat_rate: {value: 11 GJ/MWh, source: round, confidence: low}", "",
         "power.units.6.heat_rate", "", "a coal unit needs a heat rate",
         "Add 'heat_rate: 320 gce/kWh' or what the unit needs.", "    - {id: province_coal"),
    Case("more power than fuel", "value: 8 GJ/MWh", "value: 3.5 GJ/MWh", "power.units.7.heat_rate", "3.5",
         "less than 3.6 GJ of fuel cannot give a MWh", "Check the number and its unit."),
    Case("years that do not rise", "import_limit: [[2020, 20]]", "import_limit: [[2020, 20], [2020, 30]]",
         "power.import_limit.1.0", "2020", "the years do not rise: 2020 comes before", "Sort by year, each once."),
    Case("year outside the calendar", "import_limit: [[2020, 20]]", "import_limit: [[20200, 20]]",
         "power.import_limit.0.0", "20200", "the year lies outside 2000 to 2100", "Write a calendar year."),
    Case("limit below zero", "import_limit: [[2020, 20]]", "import_limit: [[2020, -20]]", "power.import_limit.0.1",
         "-20", "a limit is not below 0", "Write 0 or more MW."),
    Case("shrinking by everything", "rest_growth_percent: [[", "rest_growth_percent: [[2009, -100], [",
         "economy.rest_growth_percent.0.1", "-100",
         "a total cannot shrink by 100 % or more a year", "Write a rate above -100."),
    Case("banks that do not add up", "market_share: 1.0", "market_share: 0.9", "finance.banks", "sum 0.9",
         "the market shares of the banks do not sum to 1", "Scale the shares.", "  banks:"),
    Case("gate of nothing", "value: 234216 tCO2/yr", "value: 0 tCO2/yr", "gate.co2", "0",
         "this total must be above 0", "Write the published figure with its unit."),
    Case("county of nobody", "value: 10000 person", "value: 0 person", "counties.0.population", "0",
         "this total must be above 0", "Write the published figure with its unit."),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _small_vocabulary(monkeypatch):
    monkeypatch.setattr(scenario, "vocabulary", lambda: WORDS)


@pytest.mark.parametrize("case", [*SHAPE, *QUANTITIES, *SENSE], ids=lambda case: case.name)
def test_one_mistake_is_one_fault(case, tmp_path):
    path = tmp_path / "place.yaml"
    path.write_text(case.text, "utf-8")
    expected = Fault(str(path), case.line, case.field, case.value, case.rule, case.remedy)
    assert [str(fault) for fault in scenario.check_file(path)] == [str(expected)]


def test_the_place_itself_is_in_order(tmp_path):
    path = tmp_path / "place.yaml"
    path.write_text(MINIMAL, "utf-8")
    assert scenario.check_file(path) == []


def test_a_place_with_units_at_one_node_only(tmp_path):
    text = MINIMAL.replace("node: place", "node: province")
    path = tmp_path / "place.yaml"
    path.write_text(text, "utf-8")
    line = text[: text.index("  units:")].count("\n") + 1
    assert [str(f) for f in scenario.check_file(path)] == [
        f"{path}:{line}: power.units: no unit stands at the node 'place'."
        " Add a unit with 'node: place'; one of 0 MW will do."
    ]


def test_every_mistake_of_a_file_is_told_at_once(tmp_path):
    text = MINIMAL.replace("kind: park", "kind: village").replace("firms: 1}", "firms: none}")
    text = text.replace("loss_share: 0.05", "los_share: 0.05").replace("value: 10 MW", "value: 10 t", 1)
    path = tmp_path / "place.yaml"
    path.write_text(text, "utf-8")
    found = [fault.field for fault in scenario.check_file(path)]
    assert found == ["kind", "sectors.0.firms", "power.units.0.capacity", "power.los_share"]
    text = MINIMAL.replace("market_share: 1.0", "market_share: 0.5").replace("sector: FOD", "sector: FOX")
    path.write_text(text.replace("carrier: heat", "carrier: coal"), "utf-8")
    assert [fault.field for fault in scenario.check_file(path)] == [
        "energy_balance.4.carrier", "sectors.2.sector", "finance.banks",
    ]  # fmt: skip
