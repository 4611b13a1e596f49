"""A study in Chinese: figures, tables, sentences and the report speak Chinese; ids stand once, beside their names."""

import logging
import re
from string import Formatter

import planted_runs
import pytest
from study_makers import SMALL, HerePool, results_of

from transition_sim.experiments.analyses.finding import Options
from transition_sim.experiments.analyses.heads import head
from transition_sim.experiments.analyses.registry import ANALYSES, analyse
from transition_sim.experiments.driver import run_study
from transition_sim.experiments.library import find_study, list_studies
from transition_sim.experiments.report import write_report
from transition_sim.experiments.report_words import WORDS as REPORT_WORDS
from transition_sim.experiments.study import load_study
from transition_sim.experiments.tables import read_results
from transition_sim.scenarios.words import figures
from transition_sim.scenarios.words.figures import FigureWords, figure_words
from transition_sim.scenarios.words.studies import study_words
from transition_sim.scenarios.words.units import amount, in_figures

CHINESE, ENGLISH = re.compile("[\u4e00-\u9fff]"), re.compile("[A-Za-z]{2,}")
TWO_LEVERS = {"capex_subsidy_share": None, "carbon_price_floor_cny_per_tco2": {"low": 0, "high": 200}}
PARTS = {"money": ["capex_subsidy_share"], "tax_credit": ["tax_credit_share"]}
RANGES = {"levers": TWO_LEVERS, "parameters": {"hurdle_small_per_year": None}}
ASKED = {
    "spread": RANGES | {"design": {"kind": "lhs", "samples": 64}},
    "screening": RANGES | {"design": {"kind": "morris", "samples": 4}},
    "variance": RANGES | {"design": {"kind": "saltelli", "samples": 16}},
    "one": {"levers": {}, "parameters": {}, "parts": PARTS, "design": {"kind": "one_at_a_time"}},
    "mix": {
        "levers": {}, "parameters": {}, "parts": PARTS, "design": {"kind": "full_factorial"}, "policies": ["current"],
        "outcomes": ["cumulative_dual_control_mtco2", "fiscal_net_cost_m_cny", "capex_m_cny"],
    },
}  # fmt: skip
STUDY_OF = {
    "ensemble": "spread", "peaking": "spread", "paired": "spread", "discovery": "spread", "tree": "spread",
    "pawn": "spread", "morris": "screening", "sobol": "variance", "tornado": "one", "attribution": "mix",
    "abatement": "mix", "regret": "mix",
}  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return results_of(ASKED, tmp_path_factory)


def drawn(monkeypatch, finding, is_chinese, folder):
    """Return every text that a figure shows."""
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    texts = []

    def keep(figure, *_, **__):
        figure.draw_without_rendering()  # numbers along the axes are written while a figure is drawn
        texts.extend(text.get_text() for text in figure.findobj(Text) if text.get_visible())

    monkeypatch.setattr(Figure, "savefig", keep)
    finding.save(folder, is_chinese)
    return [text for text in texts if text]


@pytest.mark.parametrize("name", sorted(ANALYSES))
def test_no_figure_has_english_words_left(monkeypatch, results, tmp_path, name):
    if figures.chinese_font() is None:
        pytest.skip("no Chinese font is installed")
    finding = analyse(name, results[STUDY_OF[name]], Options())
    texts = drawn(monkeypatch, finding, True, tmp_path)
    assert [text for text in texts if ENGLISH.search(re.sub("PAWN|Sobol|Morris|CO₂", "", text))] == []
    assert finding.title[1] in texts
    assert any(CHINESE.search(text) for text in texts)


@pytest.mark.parametrize("name", sorted(ANALYSES))
def test_no_table_or_sentence_has_an_id_left(results, name):
    finding = analyse(name, results[STUDY_OF[name]], Options())
    named = finding.shown(True).drop(columns=[c for c in ("unit", "measure", "change") if c in finding.table])
    cells = [value for column in named for value in named[column] if isinstance(value, str)]
    sentences = [chinese for _, chinese in finding.sentences]
    heads = [head(column, True) for column in finding.table.columns]
    assert [text for text in (*heads, *cells, *sentences) if ENGLISH.search(text.replace("CO₂", ""))] == []
    assert sentences


def test_a_tornado_by_hand(monkeypatch, results, tmp_path):
    """Parts and steps by their names; the bars are policies of the library, none and current."""
    if figures.chinese_font() is None:
        pytest.skip("no Chinese font is installed")
    texts = drawn(monkeypatch, analyse("tornado", results["one"]), True, tmp_path)
    assert {"财政资金", "税收抵免", "单独实施", "剔除", "无政策", "现行方案",
            "累计排放（双控）差值，万吨二氧化碳"} <= set(texts)  # fmt: skip
    english = drawn(monkeypatch, analyse("tornado", results["one"]), False, tmp_path)
    assert {"public money", "tax credit", "alone", "taken out", "No policy", "Current plan",
            "difference in cumulative CO₂, dual control, MtCO₂"} <= set(english)  # fmt: skip


def test_a_point_of_parts_by_hand(results):
    study = results["mix"].study
    assert [study.label(k, "zh") for k in range(4)] == ["无措施", "税收抵免", "财政资金", "全部措施"]
    assert [study.label(k, "en") for k in range(4)] == ["no part", "tax credit", "public money", "all parts"]
    assert [study.label(k) for k in range(4)] == ["no part", "tax_credit", "money", "all parts"]


def test_figures_stand_in_the_units_of_plans_in_chinese(monkeypatch, results, tmp_path):
    """One Mt is 100 of 万吨; the files keep the unit of the tables."""
    finding = analyse("attribution", results["mix"])
    zh, en = finding.shown(True), finding.shown(False)
    assert set(zh["unit"]) == {"万吨二氧化碳"}
    assert set(en["unit"]) == {"MtCO₂"}
    for column in ("contribution", "alone", "overlap"):
        assert zh[column].to_numpy() == pytest.approx(100 * finding.table[column].to_numpy())
        assert en[column].tolist() == finding.table[column].tolist()
    assert zh["part"].tolist()[-1] == "合计"
    total = finding.table["contribution"].iloc[-1]
    assert f"变化 {in_figures(100 * total, sign='+')} 万吨二氧化碳" in finding.sentences[0][1]
    assert f"by {in_figures(total, sign='+')} MtCO₂" in finding.sentences[0][0]
    if figures.chinese_font() is None:
        pytest.skip("no Chinese font is installed")

    def numbers(is_chinese):
        texts = (text.replace("\N{MINUS SIGN}", "-") for text in drawn(monkeypatch, finding, is_chinese, tmp_path))
        return [float(text) for text in texts if re.fullmatch(r"-?[0-9.]+", text)]

    assert numbers(True) == pytest.approx([100 * value for value in numbers(False)])
    assert max(numbers(True)) > 0


def test_numbers_are_written_out():
    assert [in_figures(v) for v in (123456.0, 0.012344, 2027.0, -0.5)] == ["123500", "0.01234", "2027", "-0.5"]
    assert (in_figures(3.0, sign="+"), in_figures(float("nan"))) == ("+3", "nan")
    assert (amount(12.3, "MtCO2", False), amount(12.3, "MtCO2", True)) == ("12.3 MtCO₂", "1230 万吨二氧化碳")
    assert amount(-2500.0, "M CNY", True, sign="+") == "-25 亿元"  # 100 M CNY are one 亿元


def test_without_a_chinese_font_the_figure_is_english_and_the_report_says_so(monkeypatch, results, tmp_path):
    monkeypatch.setattr(figures, "chinese_font", lambda: None)
    monkeypatch.setattr("transition_sim.experiments.report.chinese_font", lambda: None)
    texts = drawn(monkeypatch, analyse("tornado", results["one"]), True, tmp_path)
    assert "alone" in texts
    assert not any(map(CHINESE.search, texts))
    assert "本机未安装中文字体，图中文字为英文。" in write_report(results["mix"], "zh").read_text(encoding="utf-8")


def test_the_chinese_report_has_words_and_its_own_figures(results):
    path = write_report(results["spread"], "zh")
    folder = path.parent / "analyses"
    assert (folder / "discovery.zh.png").read_bytes().startswith(b"\x89PNG")
    assert not (folder / "discovery.png").exists()
    text = path.read_text(encoding="utf-8")
    for needed in (
        "拉丁超立方抽样，64 个设计点",
        "政策工具",
        "地区 / 变体 / 政策",
        "最小示例 · 现行方案 (minimal / base / current, ",
        "A 级，置信度低",
        "最小示例的数据按置信度",
        "未注明",
    ):
        assert needed in text
    words = re.sub(r"<style>.*?</style>|<pre>.*?</pre>|<[^>]*>", " ", text, flags=re.DOTALL)
    assert [w for w in ("points", "lever", "parameter", "True", "high", "low") if re.search(rf"\b{w}\b", words)] == []


def test_the_chinese_report_repeats_in_chinese_and_asks_nothing_that_was_not_asked(results):
    """The study of this test has neither description nor question, so no heading stands over nothing."""
    text = write_report(results["mix"], "zh").read_text(encoding="utf-8")
    assert "transition-sim report mix --lang zh" in text
    assert f"<h2>{REPORT_WORDS['abstract'][1]}</h2>" not in text


def test_a_font_without_a_weight_is_no_news(results, tmp_path, caplog):
    with figures.lettering(False):
        logging.getLogger("matplotlib.font_manager").warning("Failed to find font weight normal")
    assert caplog.records == []


def test_why_an_analysis_is_not_possible_is_chinese(tmp_path):
    study = load_study({**SMALL, "id": "few", "analyses": ["tornado", "pawn"]})
    run_study(study, tmp_path / "few", pool=HerePool(), work=planted_runs.work)
    text = write_report(read_results(tmp_path / "few"), "zh").read_text(encoding="utf-8")
    assert "无法进行：逐项变动图需要 one_at_a_time（逐项变动）设计；该研究为 lhs" in text
    assert "<h3>逐项变动</h3>" in text
    assert "无法进行：PAWN 至少需要 32 个设计点；该研究有 2 个" in text


# --- words ------------------------------------------------------------------------------------------------------------


def placeholders(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("words", [figure_words(), study_words(), REPORT_WORDS], ids=["figures", "studies", "report"])
def test_both_languages_say_it_with_the_same_parts(words):
    for key, (english, chinese) in words.items():
        assert english.strip(), key
        assert placeholders(english) == placeholders(chinese), key
        assert CHINESE.search(chinese) or key in ("comma", "a_year"), key
        assert not CHINESE.search(english), key


def test_every_analysis_has_a_name_where_it_is_not_possible():
    assert {f"analysis_{name}" for name in ANALYSES} <= REPORT_WORDS.keys()


def test_words_of_a_figure_by_hand():
    zh, en = FigureWords(True, {"a": "甲"}), FigureWords(False, {"a": "First"})
    assert (zh.name("a"), zh.name("b"), en.name("a"), en.name("b")) == ("甲", "b", "First", "b")
    assert (zh.plan_unit("M CNY"), zh.per_unit("M CNY")) == ("亿元", 0.01)  # 10^6 is 0.01 x 10^8
    assert (en.plan_unit("M CNY"), en.per_unit("M CNY")) == ("M CNY", 1.0)
    assert zh("peak_before", year=2023) == "2023年或更早达峰"


def test_parts_variants_and_questions_of_the_library_have_words():
    words = study_words()
    for name in list_studies():
        data = find_study(name).data
        assert words["question", name][0] == data["question"]
        for part in data.get("parts", {}):
            assert ("part", part) in words
        for variant in data.get("variants", ()):
            assert ("variant", variant["id"]) in words
