"""What is wrong with a file, a run or a study, in Chinese: what the checks say that a user can meet."""

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


def fault_line(fault: Fault, is_chinese: bool) -> str:
    """Return a fault in a line: where it stands, what was found, the rule and the remedy."""
    if not is_chinese:
        return str(fault)
    file = "命令参数" if fault.file == "arguments" else fault.file
    place = file if fault.line is None else f"{file}:{fault.line}"
    shown = f" = {fault.value}" if fault.value else ""
    return f"{place}：{fault.field}{shown}：{FAULTS.in_chinese(fault.rule)}。{FAULTS.in_chinese(fault.remedy)}"
