"""Words that terminal, reports and browser share: units, and faults in Chinese."""

import ast
import errno
import os
import re
import socket
from pathlib import Path

import pytest

import transition_sim
from transition_sim.core.errors import ConservationError, Fault
from transition_sim.scenarios import registry
from transition_sim.scenarios.words.faults import FAULTS, IDENTITIES, SYSTEM, error_told, fault_line, told
from transition_sim.scenarios.words.units import UNITS, plan_figure, plan_unit, unit_word

CHINESE = re.compile("[\u4e00-\u9fff]")
PACKAGE = Path(transition_sim.__file__).parent


@pytest.mark.parametrize(
    ("unit", "en", "zh", "plan", "figure"),
    [
        ("MtCO2", "MtCO₂", "百万吨二氧化碳", "万吨二氧化碳", 250.0),  # 1 Mt = 100 x 10^4 t
        ("M CNY", "M CNY", "百万元", "亿元", 0.025),  # 10^6 = 0.01 x 10^8
        ("M CNY/park", "M CNY/park", "百万元/园区", "万元/园区", 250.0),  # 10^6 = 100 x 10^4
        ("bn CNY", "bn CNY", "十亿元", "亿元", 25.0),
        ("GWh", "GWh", "吉瓦时", "亿千瓦时", 0.025),  # 1 GWh = 10^6 kWh
        ("MW", "MW", "兆瓦", "万千瓦", 0.25),  # 1 MW = 10^3 kW
        ("bcm/yr", "bcm/yr", "十亿立方米/年", "亿立方米/年", 25.0),
        ("CNY/tCO2", "CNY/tCO₂", "元/吨二氧化碳", "元/吨二氧化碳", 2.5),
        ("furlongs", "furlongs", "furlongs", "furlongs", 2.5),  # of another package
    ],
)
def test_a_unit_in_both_languages_and_as_plans_count(unit, en, zh, plan, figure):
    assert (unit_word(unit, False), unit_word(unit, True)) == (en, zh)
    assert (plan_unit(unit, False), plan_unit(unit, True)) == (en, plan)
    assert plan_figure(2.5, unit, True) == pytest.approx(figure, rel=1e-12)
    assert plan_figure(2.5, unit, False) == 2.5


def test_a_remedy_of_several_sentences_and_a_choice_are_chinese_throughout():
    told_zh = FAULTS.in_chinese("The places are: a_b, c. The path of a file ends in .yaml.")
    assert told_zh == "可用的地区：a_b, c。文件路径应以 .yaml 结尾。"
    assert FAULTS.in_chinese("this must be 'a', 'b' or 'c'") == "此处应为 'a'、'b' 或 'c'"
    assert FAULTS.in_chinese("Did you mean a or b?") == "是否指 a 或 b？"


def test_every_line_of_the_system_is_one_that_a_system_says():
    said = {os.strerror(number) for number in errno.errorcode}
    with pytest.raises(socket.gaierror) as unknown:
        socket.getaddrinfo("no address", 0, flags=socket.AI_NUMERICHOST)  # asks no network
    said.add(unknown.value.strerror)
    assert [en for en, zh in SYSTEM.rows if en not in said or not CHINESE.search(zh)] == []


def test_every_unit_but_a_plain_count_has_a_chinese_word():
    bare = {"%", "-", "1/d", "GW", "h"}
    assert [u for u, words in UNITS.items() if not words.zh and u not in bare] == []


def test_names_for_readers_write_co2_with_its_subscript():
    """Units and keys of the tables stay plain, so that a file can be typed; words do not."""
    tables = [getattr(registry, name)() for name in ("levers", "parameters", "indicators", "targets", "instruments")]
    rows = [row for table in tables for row in (table.values() if hasattr(table, "values") else table)]
    said = [getattr(row, f"{stem}_{tail}", "") for row in rows for stem in ("name", "help") for tail in ("en", "zh")]
    assert len(said) > 1000
    assert [text for text in said if "CO2" in text] == []
    assert [row.unit for row in rows if hasattr(row, "unit") and "₂" in row.unit] == []


# --- faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "remedy", "line"),
    [
        ("the years do not rise: 2027 comes before", "Sort by year, each once.",
         "plan.yaml:3：levers.x = 1：年份未按升序排列：前面已有 2027。请按年份升序排列，每年一次。"),
        ("the lever ranges from 0 to 0.5 share of capex", "Write a value in the range; 0 is neutral.",
         "plan.yaml:3：levers.x = 1：该工具的取值范围为 0 至 0.5（占投资）。请填写范围内的数值，0 表示不起作用。"),
        ("the library has no place of this name", "Did you mean guangan_city? The path of a file ends in .yaml.",
         "plan.yaml:3：levers.x = 1：库中没有此名称的地区。是否指 guangan_city？文件路径应以 .yaml 结尾。"),
        ("this is not YAML: did not find expected ',' or ']'", "Check the path.",
         "plan.yaml:3：levers.x = 1：不是有效的 YAML：缺少应有的 ',' 或 ']'。请检查路径。"),
        ("what no table lists", "Write x.", "plan.yaml:3：levers.x = 1：what no table lists。Write x."),
    ],
)  # fmt: skip
def test_a_fault_in_chinese_is_one_line_with_what_it_carries(rule, remedy, line):
    fault = Fault("plan.yaml", 3, "levers.x", "1", rule, remedy)
    assert fault_line(fault, True) == line
    assert fault_line(fault, False) == str(fault)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (("B08 money", 12.5, "CNY", "2027Q3", [("enterprises", 12.5), ("all accounts", -0.25)]),
         "2027Q3 账目恒等式“B08 资金”不成立：残差 12.5 元（企业：12.5；全部账户：-0.25）"),
        (("B05 carbon", 3e6, "tCO2", "2027Q3", [("inventory - fuel balance", -3e6)]),
         "2027Q3 账目恒等式“B05 碳排放”不成立：残差 3e+06 吨二氧化碳（清单减燃料平衡：-3e+06）"),
        (("B11 carbon market, purchases and sales", 2.0, "units", "2027Q3"),
         "2027Q3 账目恒等式“B11 碳市场的买入与卖出”不成立：残差 2 单位"),
        (("B14 bounds of cash_cny", -1.0, "-", "2027Q3", [("row 7", -1.0)]),
         "2027Q3 账目恒等式“B14 cash_cny 的取值范围”不成立：残差 -1（第 7 行：-1）"),
        (("B02 storage", 0.5, "MWh", "2027Q3", [("a day does not end as it began", 0.5)]),
         "2027Q3 账目恒等式“B02 储能”不成立：残差 0.5 兆瓦时（日末与日初不一致：0.5）"),
    ],
)  # fmt: skip
def test_a_broken_identity_in_chinese(error, line):
    """As it stands, and as the error of a run of a study."""
    broken = ConservationError(*error)
    assert told(str(broken), True) == line
    assert told(f"ConservationError: {broken}", True) == line
    assert told(str(broken), False) == str(broken)
    assert told("policy current, seed 3", True) == "政策 current，种子 3"


def test_every_identity_has_chinese_words():
    """What the sources call an identity, a hole in it filled with a word that has no Chinese."""
    names = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                names.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                names.add("".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values))
    names = {name for name in names if re.fullmatch(r"B\d\d [^.:;()]*[^.:;() ]", name)}
    assert len(names) > 20
    assert [name for name in names if re.search("[a-z]{2,}", IDENTITIES.in_chinese(name))] == []
    assert all((CHINESE.search(zh) or zh == "{}") and not CHINESE.search(en) for en, zh in IDENTITIES.rows)
    assert all(zh.format(*"abcdef") and len(re.findall(r"{\d?}", zh)) <= en.count("{}") for en, zh in IDENTITIES.rows)


@pytest.mark.parametrize(("en", "zh"), FAULTS.rows)
def test_a_line_of_the_faults_is_whole(en, zh):
    assert CHINESE.search(zh)
    assert not CHINESE.search(en)
    assert len(re.findall(r"{\d?}", zh)) <= en.count("{}")
    assert zh.format(*"abcdef")
    assert en.endswith((".", "?")) == zh.endswith(("。", "？")), "a remedy is a sentence, a rule is not"


def test_no_line_of_the_faults_is_left_over():
    """Each sentence begins as some text of the sources does; names of one word are carried by others."""
    constants = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
    text = "\n".join(constants)
    of_yaml = (
        "found character", "did not find", "could not find", "found unexpected", "found a tab", "mapping values",
        "mapping keys", "block sequence entries",
    )  # fmt: skip
    sentences = [en for en, _ in FAULTS.rows if " " in en and not en.startswith(of_yaml)]
    assert len(sentences) > 300
    assert [en for en in sentences if max(en.split("{}"), key=len).strip(" .")[:30] not in text
            and en.split("{}")[0].strip() not in text] == []  # fmt: skip


def test_a_million_cubic_metres_is_written_out():
    assert (unit_word("M m3", False), unit_word("M m3", True)) == ("million m3", "百万立方米")


@pytest.mark.parametrize(
    ("error", "en", "zh"),
    [
        ("MemoryError: ", "memory ran out (MemoryError:)", "内存不足（MemoryError:）"),
        ("MemoryError", "memory ran out (MemoryError)", "内存不足（MemoryError）"),
        (
            "BrokenProcessPool: A process in the process pool was terminated abruptly",
            "a worker process was ended from outside (BrokenProcessPool: A process in the process pool was terminated"
            " abruptly)",
            "工作进程被外部终止（BrokenProcessPool: A process in the process pool was terminated abruptly）",
        ),
        (
            "TypeError: cannot pickle 'generator' object",
            "cannot be sent between processes (TypeError: cannot pickle 'generator' object)",
            "无法在进程间传递（TypeError: cannot pickle 'generator' object）",
        ),
        ("KeyError: 'x'", "a rule of the model raised an error (KeyError: 'x')", "模型规则报错（KeyError: 'x'）"),
        ("the run took more than 30 s", "the run took more than 30 s", "模拟用时超过 30 秒"),
        ("the worker process ended in this run",) * 2 + ("工作进程在本次模拟中终止",),
        ("nothing known", "nothing known", "nothing known"),
    ],
)
def test_the_error_of_a_run_is_told_in_words_with_the_technical_text_behind(error, en, zh):
    assert (error_told(error, False), error_told(error, True)) == (en, zh)
