import re
from pathlib import Path

import pytest

import transition_sim.viz
from transition_sim.measures import MEASURES
from transition_sim.scenarios import registry
from transition_sim.viz.charts import MAKERS
from transition_sim.viz.draft import acting_levers, preset_scenario
from transition_sim.viz.key_numbers import SHOWN
from transition_sim.viz.lever_panel import THEMES, panel_groups
from transition_sim.viz.words import UNITS, WORDS, Words, language_of, placeholders

HERE = Path(transition_sim.viz.__file__).parent
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("key", sorted(WORDS))
def test_both_languages_say_it_with_the_same_parts(key):
    en, zh = WORDS[key]
    assert en.strip()
    assert zh.strip()
    assert placeholders(en) == placeholders(zh)
    if key not in ("language", "of_baseline", "comma", "semicolon", "colon", "full_stop"):
        assert CHINESE.search(zh), "the Chinese words hold no Chinese"
        assert not CHINESE.search(en)


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
