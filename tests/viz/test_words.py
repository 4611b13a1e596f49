import re
from pathlib import Path

import pytest

import transition_sim.viz
from transition_sim.measures import MEASURES
from transition_sim.scenarios import registry
from transition_sim.scenarios.words.sources import SOURCES
from transition_sim.scenarios.words.units import UNITS
from transition_sim.viz.chart_list import MAKERS
from transition_sim.viz.draft import acting_levers, preset_scenario
from transition_sim.viz.key_numbers import SHOWN
from transition_sim.viz.lever_panel import THEMES, lever_row, panel_groups, value_text
from transition_sim.viz.words import WORDS, Words, language_of, placeholders, with_dashes

HERE = Path(transition_sim.viz.__file__).parent
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("key", sorted(WORDS))
def test_both_languages_say_it_with_the_same_parts(key):
    en, zh = WORDS[key]
    assert en.strip()
    assert zh.strip()
    assert placeholders(en) == placeholders(zh)
    if key not in ("language", "of_baseline", "comma", "semicolon", "colon", "full_stop", "with_unit"):
        assert CHINESE.search(zh), "the Chinese words hold no Chinese"
        assert not CHINESE.search(en)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("grants of 10-20 %, 30 000-80 000 CNY", "grants of 10–20 %, 30 000–80 000 CNY"),
        ("GB 16780-2021, level 3; GB/T 2589-2020", "GB 16780-2021, level 3; GB/T 2589-2020"),
        ("as of 2024-01-05, IE3-motor, -2.9", "as of 2024-01-05, IE3-motor, -2.9"),
    ],
)  # fmt: skip
def test_ranges_have_a_dash_and_standards_and_dates_their_hyphen(text, shown):
    assert with_dashes(text) == shown


@pytest.mark.parametrize("words", [Words("en"), Words("zh")])
def test_no_source_that_is_shown_has_a_hyphen_in_a_range(words):
    shown = [words.source(row.source) for row in (*registry.parameters().values(), *acting_levers().values())]
    ranges = [text for text in shown if re.search(r"(?<![-\d])\d{1,3}-\d{1,3}(?![-\d])", text)]
    assert ranges == []


def test_every_word_that_a_widget_or_module_asks_for_exists():
    asked = set()
    for file in HERE.rglob("*.vue"):
        asked |= set(re.findall(r"\bt\.([a-z_0-9]+)", file.read_text(encoding="utf-8")))
    for file in HERE.glob("*.py"):
        asked |= set(re.findall(r'words\(\s*"([a-z_0-9]+)"', file.read_text(encoding="utf-8")))
    asked |= {f"chart_{id}" for id in MAKERS} | {f"theme_{theme}" for theme in THEMES}
    assert asked - set(WORDS) == set()
    assert len(asked) > 100


def test_no_widget_holds_words_of_its_own():
    """Text between tags is either empty, a symbol, or an expression."""
    for file in HERE.rglob("*.vue"):
        template = file.read_text(encoding="utf-8").split("<script>")[0]
        template = re.sub(r'"[^"]*"', '""', template)
        texts = re.findall(r">([^<>]*)<", re.sub(r"{{.*?}}", "", template))
        assert [t for t in texts if re.search(r"[A-Za-z\u4e00-\u9fff]{2,}", t)] == [], file.name


def test_units_of_levers_and_key_numbers_have_chinese_words():
    units = {lever.unit for lever in registry.levers().values()}
    units |= {row.unit for row in registry.parameters().values()}
    units |= {m.unit for m in MEASURES if m.key in SHOWN} | {row.unit for row in registry.services()}
    assert units - set(UNITS) == set()


def test_every_acting_lever_stands_in_the_panel_once_with_its_words():
    scenario = preset_scenario("guangan_city", "current")
    for language in ("en", "zh"):
        rows = [
            lever
            for group in panel_groups(scenario, Words(language))
            for theme in group["themes"]
            for lever in theme["levers"]
        ]
        assert sorted(row["key"] for row in rows) == sorted(acting_levers())
        for row in rows:
            assert row["name"]
            assert row["help"]
            assert row["who"]
            assert 0 < row["step"] <= row["high"] - row["low"]
            if language == "zh":
                assert CHINESE.search(row["name"] + row["help"])


def test_levers_of_a_city_and_of_the_nation_are_apart():
    own, higher = panel_groups(preset_scenario("guangan_city", "current"), Words("en"))
    keys = [{lever["key"] for theme in g["themes"] for lever in theme["levers"]} for g in (own, higher)]
    assert "capex_subsidy_share" in keys[0]  # park, city, province
    assert "facility_share" in keys[1]  # nation


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("fr,de;q=0.5", "zh"),
        ("", "zh"),
        ("fr, en;q=0.1", "en"),
    ],
)
def test_the_language_of_a_visitor(accepted, language):
    assert language_of(accepted, "zh") == language


def test_figures_of_enterprises_count_as_enterprises_report():
    """5.5 M CNY = 550 万元; 1,200 t = 1.2 kt; 3 GWh = 3,000 MWh = 300 万千瓦时."""
    en, zh = Words("en"), Words("zh")
    for value, column, in_english, in_chinese in (
        (5.5e6, "subsidy_cny", 5.5, 550.0), (1200.0, "scope1_tco2", 1.2, 1200.0),
        (3000.0, "electricity_mwh", 3.0, 300.0),
    ):  # fmt: skip
        assert en.of_enterprise(value, column) == pytest.approx(in_english, rel=1e-12)
        assert zh.of_enterprise(value, column) == pytest.approx(in_chinese, rel=1e-12)
    money = [pair for key, pair in WORDS.items() if key.startswith("book_") and "cny" in key]
    assert len(money) == 6
    assert all(pair[0].endswith("M CNY") and pair[1].endswith("万元") for pair in money)


@pytest.mark.parametrize(
    ("key", "value", "en", "zh", "low_high"),
    [
        ("pilot_reward_million_cny", 20.0, "20 M CNY/park", "2000 万元/园区", (0.0, 10_000.0)),
        ("research_fund_million_cny_per_year", 10.0, "10 M CNY/yr", "0.1 亿元/年", (0.0, 1.0)),
        ("direct_line_mw", 250.0, "250 MW", "25 万千瓦", (0.0, 100.0)),
        ("carbon_price_floor_cny_per_tco2", 80.0, "80 CNY/tCO₂", "80 元/吨二氧化碳", None),
    ],
)
def test_levers_count_as_plans_do_and_come_back_in_their_own_unit(key, value, en, zh, low_high):
    lever = registry.levers()[key]
    assert value_text(lever, value, Words("en")) == en
    assert value_text(lever, value, Words("zh")) == zh
    row = lever_row(lever, Words("zh"))
    assert (row["low"], row["high"]) == pytest.approx(low_high or (lever.low, lever.high), rel=1e-12)
    assert value * row["per_unit"] == pytest.approx(float(zh.split()[0]), rel=1e-12)
    assert lever_row(lever, Words("en"))["per_unit"] == 1.0


def test_sources_of_levers_are_chinese_on_the_chinese_page():
    words = Words("zh")
    said = [words.source(lever.source) for lever in registry.levers().values()]
    assert [text for text in said if re.search("[a-z]{3,}", text)] == []
    assert Words("en").source("from memory") == "from memory"


def test_sources_of_parameters_are_chinese_on_the_chinese_page():
    """Ids of the specification, standards and authors stay; every other word is Chinese."""
    words = Words("zh")
    rows = registry.parameters().values()
    said = [re.sub(r"MRV|Han 等", "", words.source(row.source)) for row in rows]
    assert [text for text in said if re.search("[A-Za-z]{3,}", text)] == []
    assert words.source("assumption, ten per cent of days lost") == "假设：损失十分之一的天数"
    assert words.source("two years, from memory") == "两年，凭记忆，待核实"


def test_no_source_in_chinese_is_left_over():
    """Each line is the source of a lever or parameter, or a part of one."""
    given = [row.source for table in (registry.levers(), registry.parameters()) for row in table.values()]
    whole = "\n".join(given)
    assert [en for en, _ in SOURCES.rows if max(en.split("{}"), key=len) not in whole] == []
    assert [en for en, zh in SOURCES.rows if not (CHINESE.search(zh) or "{}" in zh) or CHINESE.search(en)] == []
    assert len({en for en, _ in SOURCES.rows}) == len(SOURCES.rows)
