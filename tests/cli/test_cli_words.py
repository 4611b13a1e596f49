"""What the terminal says: examples that work, names that are near, both languages throughout."""

import re
import shlex

import pytest
import typer
from typer.testing import CliRunner

from transition_sim.cli import examples
from transition_sim.cli.app import app
from transition_sim.cli.study import ANALYSES, print_finding
from transition_sim.cli.words import Words, group_warnings
from transition_sim.experiments.analyses import registry as analyses
from transition_sim.experiments.analyses.finding import Finding, Names
from transition_sim.experiments.analyses.heads import HEADS, cell, head
from transition_sim.scenarios import registry
from transition_sim.scenarios.words.units import UNITS

ROOT = typer.main.get_command(app)
CHINESE = re.compile("[\u4e00-\u9fff]")


def commands():
    """Return name -> command, ``study run`` for a command of a group."""
    found = {"": ROOT}
    for name, command in ROOT.commands.items():  # type: ignore[attr-defined]
        found[name] = command
        found |= {f"{name} {part}": inner for part, inner in getattr(command, "commands", {}).items()}
    return found


def test_every_command_shows_examples():
    assert set(examples._EXAMPLES) == set(commands())
    for name, command in commands().items():
        assert command.epilog == examples.epilog(name), name


@pytest.mark.parametrize("line", [line for name in commands() for line in examples.commands(name)])
def test_every_example_is_understood(line):
    """Parsed, not run: options and values are those of the command."""
    name, *words = shlex.split(line.removeprefix("transition-sim "))
    command = commands()[name]
    if hasattr(command, "commands"):
        name, *words = words
        command = command.commands[name]
    with command.make_context(name, words, resilient_parsing=False):
        pass


def test_help_names_every_analysis():
    assert tuple(analyses.ANALYSES) == ANALYSES


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "guangan_cty"], "Did you mean guangan_city?"),
        (["run", "minimal", "--shock", "droght"], "Did you mean drought_and_heat or summer_drought?"),
        (["run", "minimal", "--set", "capex_subsidy_share=0.2"], "Did you mean levers.capex_subsidy_share?"),
        (["run", "minimal", "--set", "hurdle_small_per_yer=0.2"], "Did you mean parameters.hurdle_small_per_year?"),
        (["analyse", "tornadoo", "nowhere"], "Did you mean tornado?"),
        (["fit-patterns", "C22"], "Did you mean C2?"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_nearest(words, said):
    answer = CliRunner().invoke(app, words)
    assert answer.exit_code == 2
    assert said in answer.stderr


def test_a_list_without_a_match_names_the_nearest_key():
    answer = CliRunner().invoke(app, ["levers", "capex_subsidi"])
    assert (answer.exit_code, answer.stderr) == (
        1, "None of the levers contains 'capex_subsidi'. Did you mean capex_subsidy_share?\n",
    )  # fmt: skip


# --- both languages ---------------------------------------------------------------------------------------------------


def test_units_of_the_tables_have_a_chinese_name():
    tables = (registry.levers(), registry.parameters(), registry.indicators(), registry.channels(), registry.targets())
    assert {row.unit for table in tables for row in table.values()} - set(UNITS) == set()


def test_lists_in_chinese_have_no_english_words_left():
    """The lever of L01: unit and levels of government; a channel: step, of, several; a shock: its channel."""
    levers = CliRunner().invoke(app, ["levers", "capex_subsidy_share", "--lang", "zh"]).stdout
    assert "占投资" in levers
    assert "园区、市、省" in levers
    channels = CliRunner().invoke(app, ["channels", "fuel_price", "--lang", "zh"]).stdout
    assert {"季度", "能源品种", "相乘"} <= set(channels.split())
    assert "燃料价格" in CliRunner().invoke(app, ["shocks", "dear_coal", "--lang", "zh"]).stdout.splitlines()[1]


def test_one_is_not_written_as_many():
    assert Words("en")("enterprises", n=1) == "1 enterprise"
    assert Words("en")("enterprises", n=2) == "2 enterprises"
    assert Words("en")("defaults", n=1) == "1 enterprise went out of business."


def test_a_single_warning_is_in_the_language():
    warning = "levers.facility_share: set by nation, province; a city cannot pull it alone"
    assert group_warnings((warning,), Words("en")) == [(warning, [])]
    assert group_warnings((warning,), Words("zh")) == [("levers.facility_share：由国家、省决定，本级无法单独调整", [])]


def test_heads_of_analyses_are_words(capsys):
    import pandas as pd

    table = pd.DataFrame({"factor": ["x"], "difference": [1.5], "share_lower": [1.0], "unit": ["M CNY"]})
    names, said = (Names({"x": "first factor"}), Names({"x": "因素甲"})), (("Said.", "说明。"),)
    finding = Finding("x", ("Title", "标题"), table, said, lambda figure, words: None, names, {"difference": "unit"})
    print_finding(finding, is_chinese=False)
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("lower, share of pairs", "first factor", "1.5", "M CNY"))
    print_finding(finding, is_chinese=True)
    shown = capsys.readouterr().out
    assert "较低占比" in shown
    assert "因素甲" in shown
    assert "0.015" in shown  # 1.5 M CNY are 0.015 of 10^8 CNY
    assert "亿元" in shown
    assert all(CHINESE.search(chinese) or not english.isalpha() or len(english) == 1
               for english, chinese in HEADS.values())  # fmt: skip


# --- narrow terminals -------------------------------------------------------------------------------------------------


def printed(width, words="en", is_terminal=True):
    from rich.console import Console
    from rich.table import Table

    from transition_sim.cli.narrow import Fitted

    table = Table(box=None, pad_edge=False)
    table.add_column("name")
    for title in ("A", "B", "interval"):
        table.add_column(title, justify="right")
    table.add_row("a measure of the place", "12,345.678", "12,346.789", "-1,234.567 .. +1,234.567")
    console = Console(width=width, highlight=False, force_terminal=is_terminal, color_system=None)
    with console.capture() as capture:
        console.print(Fitted(table, (("A", "B"),), Words(words)))
    return capture.get()


def test_a_wide_terminal_shows_every_column():
    """22 + 10 + 10 + 24 and three gaps of three are 75."""
    assert "Left out" not in printed(75)
    assert "12,345.678" in printed(75)


def test_a_narrow_terminal_leaves_columns_out_and_cuts_no_number():
    text = printed(74)
    assert "Left out in this width: A, B" in text
    assert "-1,234.567 .. +1,234.567" in text
    assert "…" not in text
    assert "因宽度不足未显示：A、B" in printed(74, "zh")


def test_what_is_piped_keeps_every_column():
    text = printed(74, is_terminal=False)
    assert "Left out" not in text
    assert "12,346.789" in text


def test_chinese_figures_stand_in_the_units_of_plans():
    """15.5 Mt are 1550 万吨, 133 bn CNY 1330 亿元, 250 M CNY 2.5 亿元; English stays."""
    zh, en = Words("zh"), Words("en")
    assert (zh.shown(15.5, "co2_dual_control"), zh.shown(133.0, "gdp"), zh.shown(250.0, "all_years")) == (
        pytest.approx(1550), pytest.approx(1330), pytest.approx(2.5),
    )  # fmt: skip
    assert en.shown(15.5, "co2_dual_control") == 15.5
    assert zh.official("MtCO2") == ("万吨二氧化碳", 100.0)
    assert en.official("MtCO2") == ("MtCO₂", 1.0)
    assert en.official("of runs") == ("% of runs", 100.0)


# --- faults in the language of the user -------------------------------------------------------------------------------


@pytest.fixture
def no_locale(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


MISSING = ["run", "guangan_cit", "--set", "levers.carbon_tax_cny_per_tco2=-5"]


def test_faults_follow_the_language_that_is_asked(no_locale):
    answer = CliRunner().invoke(app, [*MISSING, "--lang", "zh"])
    assert answer.exit_code == 2
    assert "命令参数：place = guangan_cit：库中没有此名称的地区。是否指 guangan_city？" in answer.stderr
    assert answer.stderr.endswith("错误，未运行，未写入任何文件。\n")


@pytest.mark.parametrize(("name", "value"), [("LANG", "zh_CN.UTF-8"), ("LC_ALL", "zh_TW.UTF-8")])
def test_without_a_language_faults_follow_the_locale(no_locale, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert "库中没有此名称的地区" in CliRunner().invoke(app, MISSING).stderr
    english = CliRunner().invoke(app, [*MISSING, "--lang", "en"]).stderr
    assert "the library has no place of this name" in english, "what is asked comes first"


def test_a_command_without_a_language_follows_the_locale(no_locale, monkeypatch, tmp_path):
    """``check`` has no ``--lang``; nobody gives one to ``study run`` or ``analyse``."""
    file = tmp_path / "policy.yaml"
    file.write_text("format: policy/1\nid: p\nlevers: {capex_subsidy_share: 9}\n", encoding="utf-8")
    english = CliRunner().invoke(app, ["check", str(file)]).stderr
    assert "the key is missing. Add 'name: ...'." in english
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    chinese = CliRunner().invoke(app, ["check", str(file)]).stderr
    assert f"{file}:1：name：缺少此项。请补充“name: ...”。" in chinese
    assert "库中没有此名称的研究" in CliRunner().invoke(app, ["study", "run", "q99"]).stderr
    assert "没有这种分析。是否指 tornado？" in CliRunner().invoke(app, ["analyse", "tornadoo", "nowhere"]).stderr


# --- tables of analyses -----------------------------------------------------------------------------------------------


def test_cells_and_heads_of_analyses_in_both_languages():
    """Two measures of cumulative CO2 keep what tells them apart; units, steps and yes are words."""
    en, zh = (lambda value, column: cell(value, column, False)), (lambda value, column: cell(value, column, True))
    assert en("cumulative_dual_control_mtco2", "measure") == "Cumulative CO₂, dual control"
    assert en("cumulative_territorial_mtco2", "measure") == "Cumulative CO₂, territorial"
    assert zh("cumulative_dual_control_mtco2", "measure") == "累计排放（双控）"
    assert (en("MtCO2", "unit"), zh("MtCO2", "unit")) == ("MtCO₂", "百万吨二氧化碳")
    assert (en("taken out", "change"), zh("taken out", "change")) == ("taken out", "剔除")
    assert zh("0.2 CNY/kWh", "change") == "0.2 元/千瓦时"
    assert (en(True, "holds"), zh(True, "holds"), zh(float("nan"), "low")) == ("yes", "是", "-")
    assert head("cumulative_dual_control_mtco2", False) == "Cumulative CO₂, dual control, MtCO₂"
    assert head("cumulative_dual_control_mtco2", True) == "累计排放（双控），万吨二氧化碳"
