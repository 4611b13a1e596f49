"""The overview of a run in Chinese: words, names, and figures as plans count."""

import re

import pytest
from synthetic_run import synthetic_result

from transition_sim.figures import draw_overview
from transition_sim.scenarios.words.figures import chinese_font


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Return the figure of the run in a language."""
    from matplotlib.figure import Figure

    def draw(is_chinese):
        kept = []
        monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: kept.append(figure))
        draw_overview(synthetic_result(), tmp_path / "overview.png", is_chinese)
        return kept[0]

    return draw


def texts_of(figure):
    from matplotlib.text import Text

    return {text.get_text() for text in figure.findobj(Text) if text.get_text() and text.get_visible()}


@pytest.mark.skipif(chinese_font() is None, reason="no Chinese font is installed")
def test_the_overview_in_chinese_counts_in_wan_and_yi(drawn):
    """10 Mt are 1,000 万吨 (10^4 t); 500 M CNY less 100 of subsidies are 4 亿元 (10^8)."""
    figure = drawn(True)
    words = texts_of(figure)
    assert {
        "万吨二氧化碳/年",
        "亿元/年（2020年价）",
        "2023年达峰",
        "快泵",
        "慢灯",
        "水泥熟料",
        "年份",
        "谁来出资",
    } <= words
    assert any(text.startswith("最小示例，政策：现行方案，随机种子 1（情景 ") for text in words)
    assert [text for text in words if re.search("[A-Za-z]{2,}", re.sub("情景 [0-9a-f]+", "", text))] == []
    emissions, _, payers = figure.axes
    assert max(emissions.lines[0].get_ydata()) == pytest.approx(1000.0, rel=1e-12)
    assert payers.patches[0].get_height() == pytest.approx(4.0, rel=1e-12)


def test_the_overview_in_english_counts_in_millions(drawn):
    figure = drawn(False)
    assert {"MtCO₂ a year", "M CNY a year (2020 prices)", "peak 2023", "Fast [pump]", "Who pays"} <= texts_of(figure)
    emissions, _, payers = figure.axes
    assert max(emissions.lines[0].get_ydata()) == pytest.approx(10.0, rel=1e-12)
    assert payers.patches[0].get_height() == pytest.approx(400.0, rel=1e-12)
