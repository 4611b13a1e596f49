"""Help and mistakes in what was typed, in the language that is asked or that the terminal speaks."""

import re
import socket
from itertools import chain

import pytest
import typer
from typer.testing import CliRunner

from transition_sim.cli.app import app
from transition_sim.cli.speaking import HELP
from transition_sim.cli.terminal import failure, note_language, words_beside
from transition_sim.cli.words import Language, Words
from transition_sim.scenarios import registry
from transition_sim.scenarios.rows import NOT_FOR_SALE

CHINESE = re.compile("[\u4e00-\u9fff]")
ROOT = typer.main.get_command(app)


@pytest.fixture(autouse=True)
def no_locale(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def invoke(*words):
    return CliRunner().invoke(app, words)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["run"], "缺少参数 'PLACE'。"),
        (["run", "minimal", "--polcy", "none"], "没有选项 --polcy"),
        (["run", "minimal", "--seed", "x"], "'--seed' 的取值无效：应为整数"),
        (["run", "minimal", "--seed", "-1"], "'--seed' 的取值无效：应不小于 0"),
        (["compare", "minimal"], "缺少选项 '--policy'。"),
        (["compare", "minimal", "--policy", "none"], "取值无效：请给出两次 --policy（先 A 后 B）；现有 1 次"),
        (["places", "show"], "取值无效：请给出地区名：places show NAME"),
        (["places", "a", "b"], "取值无效：“a b”：列表只接受一个筛选词"),
        (["runn"], "没有命令 'runn'。是否指 'run'？"),
        (["run", "minimal", "more"], "多余的参数：more"),
        (["study", "verify"], "缺少参数 'DIR'。"),
    ],
)
def test_a_mistake_in_what_was_typed_is_told_in_chinese(typed, said):
    """Three lines on standard error, no frame: how it is typed, where help is, what is wrong."""
    answer = invoke(*typed, "--lang", "zh")
    assert answer.exit_code == 2
    usage, where, wrong = answer.stderr.splitlines()
    assert usage.startswith("用法：")
    assert "[选项]" in usage
    assert where.startswith("运行“")
    assert wrong.startswith(f"错误：{said}")
    assert not re.search("[A-Z][a-z]+ ", answer.stderr)
    english = invoke(*typed)
    assert english.exit_code == 2
    assert not CHINESE.search(english.stderr)


def test_an_option_without_its_value_is_told_in_the_language_of_the_locale(monkeypatch):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "错误：选项 '--seed' 需要给出取值。" in invoke("run", "minimal", "--seed").stderr
    assert "requires an argument" in invoke("run", "minimal", "--lang", "en", "--seed").stderr


def test_help_in_chinese_by_hand():
    answer = invoke("run", "--help", "--lang", "zh")
    assert answer.exit_code == 0
    lines = [line.strip() for line in answer.stdout.splitlines()]
    assert lines[0].endswith("run [选项] PLACE")
    assert {"参数", "选项", "示例"} <= set(lines)
    shown = [re.split(r"  +", line) for line in lines]
    assert ["PLACE", "库中的地区，或以 .yaml 结尾的文件。 [必填]"] in shown
    assert ["--until YEAR", "模拟的末年。 [默认：2035]"] in shown
    assert ["--lang en|zh", "输出所用语言。 [默认：en]"] in shown
    assert ["--quiet, -q", "不显示进度，报告只占一行。"] in shown
    assert "transition-sim run minimal --shock summer_drought --seed 7" in lines
    assert "Run a place under a policy" in invoke("run", "--help").stdout


def test_the_list_of_commands_follows_the_locale(monkeypatch):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    root, group = invoke("--help"), invoke("study", "--help")
    assert (root.exit_code, group.exit_code) == (0, 0)
    assert "园区与城市碳达峰" in root.stdout
    assert re.search(r"scoreboard +以多次模拟对照规划目标", root.stdout)
    assert re.search(r"retry-failed +重做出错、超时或异常终止的模拟。", group.stdout)


def test_the_language_may_stand_before_the_command():
    """What is asked of the whole holds for the commands below it, unless one of them is asked too."""
    assert "园区与城市碳达峰" in invoke("--lang", "zh", "--help").stdout
    assert "大批模拟" in invoke("study", "--lang", "zh", "--help").stdout
    assert "现行方案" in invoke("--lang", "zh", "policies").stdout
    assert not CHINESE.search(invoke("--lang", "zh", "policies", "--lang", "en").stdout)
    assert "没有研究" in invoke("study", "--lang", "zh", "status", "/nosuch").stderr
    assert "文件不存在" in invoke("check", "/nosuch.yaml", "--lang", "zh").stderr


@pytest.mark.parametrize(
    "typed",
    [["run", "x1"], ["run", "minimal", "--shock", "xx"], ["study", "run", "x1"], ["analyse", "x1", "/tmp"]],
)
def test_a_list_of_what_there_is_leaves_no_english_behind(typed):
    """Names of the library stay as they are typed: letters, digits and underscores, in no sentence."""
    told = invoke(*typed, "--lang", "zh").stderr
    assert CHINESE.search(told)
    assert not re.search("[A-Za-z]+ [a-z]+ |analyses|arguments", told)


@pytest.mark.parametrize(
    ("error", "en", "zh"),
    [
        (OSError(28, "Error writing bytes to file."), "file: No space left on device", "文件：磁盘空间不足"),
        (OSError(30, "Read-only file system", "a/b"), "a/b: Read-only file system", "a/b：文件系统为只读"),
        (OSError("of a library"), "file: of a library", "文件：of a library"),
        (socket.gaierror(-2, "Name or service not known"), "file: Name or service not known", "文件：没有这台主机"),
    ],
)  # fmt: skip
def test_a_failure_of_the_system_is_told_in_the_language(error, en, zh):
    assert failure(error, Words(Language.en)) == en
    assert failure(error, Words(Language.zh)) == zh


def test_a_filter_that_finds_nothing_is_told_in_the_language():
    assert invoke("levers", "subsidi").stderr.startswith("None of the levers contains 'subsidi'.")
    chinese = invoke("levers", "subsidi", "--lang", "zh").stderr
    assert chinese.startswith("“subsidi”不见于政策工具列表。")
    assert not re.search("[A-Z][a-z]+ ", chinese)
    assert "是否指 capex_subsidy_share？" in invoke("levers", "capex_subsidi_share", "--lang", "zh").stderr


def test_equipment_that_is_no_longer_sold_has_no_year():
    assert {t.id: t.available_year for t in registry.technologies()}["nsp_old"] == NOT_FOR_SALE
    for lang, word in (("en", "not sold"), ("zh", "已停售")):
        shown = invoke("technologies", "nsp_old", "--lang", lang).stdout
        assert word in shown
        assert "9999" not in shown


def test_a_taken_port_is_named(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = invoke("ui", "--port", str(port), "--no-browser", "--lang", "zh")
    assert answer.exit_code == 1
    assert answer.stderr.splitlines()[-1] == f"127.0.0.1:{port}：端口已被占用"


def every_text():
    inner = dict(ROOT.commands)  # type: ignore[attr-defined]
    inner |= {f"study {name}": command for name, command in inner["study"].commands.items()}
    for command in (ROOT, *inner.values()):
        yield from command.help.split("\n\n")
        for parameter in command.params:
            yield parameter.help
            if isinstance(parameter.show_default, str):
                yield parameter.show_default


def test_every_help_has_chinese_words_and_none_is_left_over():
    texts = set(every_text()) - {"current", "2035"}
    assert len(texts) > 100
    assert [text for text in texts if not CHINESE.search(HELP.in_chinese(text))] == []
    told_by_typer = (
        "Missing",
        "No such",
        "Invalid",
        "Option {",
        "Got",
        "Input",
        "{}",
        "give --policy",
        "give it once",
        "name a place",
        "'{}': a list",
        "Value",
        "Show this",
    )
    written = set(chain.from_iterable(re.split(r"(?<=\.) (?=[A-Z])", text) for text in texts)) | texts
    assert [en for en, _ in HELP.rows if en not in written and not en.startswith((*told_by_typer, "One of: {"))] == []
    for en, zh in HELP.rows:
        assert not CHINESE.search(en)
        assert en.count("{}") == zh.count("{}")


@pytest.mark.parametrize(
    ("typed", "is_chinese"),
    [
        (["run", "--lang", "zh"], True),
        (["--lang=zh"], True),
        (["--lang", "zh", "--lang", "en"], False),  # the last one counts, as everywhere
        (["--lang", "fr"], False),
        (["--lang"], False),
        ([], False),
    ],
)
def test_the_language_is_read_before_the_command_line_is(typed, is_chinese):
    note_language(typed)
    assert words_beside().is_chinese is is_chinese
    note_language([])
