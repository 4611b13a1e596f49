"""Sources and notes of the places of the library in Chinese; ids, addresses and standards stay."""

import re

import pytest
from typer.testing import CliRunner

from transition_sim.cli.app import app
from transition_sim.scenarios.library import find_document, list_places
from transition_sim.scenarios.words.places import PLACES, of_a_place

CHINESE = re.compile("[\u4e00-\u9fff]")
STAYS = re.compile(r"https?://[^：，。]+|doi:[^）]+|CEADs|Shan|CarbonInsight|sector_energy\.csv|SVC|\d\d+")


def texts_of(tree):
    """Yield every id, text of a source and note of a place."""
    if isinstance(tree, dict):
        for key in ("note", "source"):
            if isinstance(tree.get(key), str):
                yield tree[key]
        for key, value in tree.items():
            if key == "sources":
                yield from (str(text) for pair in value.items() for text in pair)
            yield from texts_of(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from texts_of(value)


@pytest.mark.parametrize("place", list_places())
def test_sources_and_notes_of_a_place_are_chinese(place):
    given = set(texts_of(find_document(place, "place").data))
    said = {text: STAYS.sub("", of_a_place(text, True)) for text in given if re.search("[A-Za-z]{3,}", text)}
    assert [text for text, chinese in said.items() if re.search("[A-Za-z]{3,}", chinese)] == []
    assert all(of_a_place(text, False) == text for text in given)


def test_no_line_is_left_over():
    whole = "\n".join(text for place in list_places() for text in texts_of(find_document(place, "place").data))
    assert [en for en, _ in PLACES.rows if max(en.split("{}"), key=len) not in whole] == []
    assert [en for en, zh in PLACES.rows if not CHINESE.search(zh) or en.count("{}") != zh.count("{}")] == []


def test_a_place_is_shown_with_chinese_sources_by_hand():
    shown = CliRunner().invoke(app, ["places", "show", "guangan_city", "--lang", "zh"]).stdout
    [row] = [line for line in shown.splitlines() if line.startswith("用电量")]
    assert row.split()[:6] == ["用电量", "75", "65–90", "亿千瓦时/年", "低", "自下而上估算"]
    assert "统计公报（bulletin，1）：广安市2020年统计公报（存档）" in shown
    assert "投入产出表（io_table，仅用于文字事实）：2020年全国投入产出表，经归并" in shown
    english = CliRunner().invoke(app, ["places", "show", "guangan_city"]).stdout
    assert "bulletin (1): Guang'an statistical bulletin of 2020 (archived copy)" in english
