"""What is wrong with a file, a run or a study, in Chinese: what the checks say that a user can meet."""

import re
from pathlib import Path

from transition_sim.core.errors import Fault
from transition_sim.scenarios.words.phrases import Phrases

FAULTS = Phrases(Path(__file__).parent / "faults.csv")
SYSTEM = Phrases(Path(__file__).parent / "system.csv")
"""What the system says when a file or a port fails."""
IDENTITIES = Phrases(Path(__file__).parent / "identities.csv")
"""Identities of the accounts that did not close, and what stands beside their residuals."""


def told(text: str, is_chinese: bool) -> str:
    """Return what a check, a run or a study says of itself in the language; what is not listed stays as it is."""
    if not is_chinese:
        return text
    chinese = FAULTS.in_chinese(text)
    return chinese if chinese != text else IDENTITIES.in_chinese(text)


_PICKLING = ("cannot be sent between processes", "无法在进程间传递")
KINDS: dict[str, tuple[str, str]] = {
    "MemoryError": ("memory ran out", "内存不足"),
    "BrokenProcessPool": ("a worker process was ended from outside", "工作进程被外部终止"),
    "KilledWorker": ("a worker process was ended from outside", "工作进程被外部终止"),
    "TimeoutError": ("it took too long", "用时过长"),
    "PicklingError": _PICKLING,
    "ScenarioError": ("a setting is not possible", "设置无效"),
    "ConservationError": ("the accounts of the model did not balance", "模型账目未平衡"),
}
"""What went wrong, by the name of the exception: English, Chinese."""
RAISED = ("a rule of the model raised an error", "模型规则报错")
_NAMED = re.compile(r"(\w+): ?(.*)|(\w+)", re.DOTALL)


def kind_of(error: str) -> tuple[str, str] | None:
    """Return what went wrong in English and Chinese, of ``Kind: what it says``; None where it is no known kind."""
    found = _NAMED.fullmatch(error.strip())
    name = (found[1] or found[3]) if found else ""
    if name in ("AttributeError", "TypeError") and "pickle" in error:
        return _PICKLING
    return KINDS.get(name)


def error_told(error: str, is_chinese: bool) -> str:
    """Return the error of a run in words of the language, what the program says of it behind in brackets."""
    said = told(error, is_chinese)
    if said != error:
        return said
    found = _NAMED.fullmatch(error.strip())
    kind = kind_of(error)
    if kind is None and found and (found[1] or found[3]).endswith(("Error", "Exception")):
        kind = RAISED
    if kind is None:
        return error
    error = error.strip()
    return f"{kind[1]}（{error}）" if is_chinese else f"{kind[0]} ({error})"


def fault_line(fault: Fault, is_chinese: bool) -> str:
    """Return a fault in a line: where it stands, what was found, the rule and the remedy."""
    if not is_chinese:
        return str(fault)
    file = "命令参数" if fault.file == "arguments" else fault.file
    place = file if fault.line is None else f"{file}:{fault.line}"
    shown = f" = {fault.value}" if fault.value else ""
    return f"{place}：{fault.field}{shown}：{FAULTS.in_chinese(fault.rule)}。{FAULTS.in_chinese(fault.remedy)}"
