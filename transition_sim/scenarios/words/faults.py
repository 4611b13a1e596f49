"""What is wrong with a file, in Chinese: the rules and remedies of the checks that a user can meet."""

from pathlib import Path

from transition_sim.core.errors import Fault
from transition_sim.scenarios.words.phrases import Phrases

FAULTS = Phrases(Path(__file__).parent / "faults.csv")


def fault_line(fault: Fault, is_chinese: bool) -> str:
    """Return a fault in a line: where it stands, what was found, the rule and the remedy."""
    if not is_chinese:
        return str(fault)
    place = fault.file if fault.line is None else f"{fault.file}:{fault.line}"
    shown = f" = {fault.value}" if fault.value else ""
    return f"{place}：{fault.field}{shown}：{FAULTS.in_chinese(fault.rule)}。{FAULTS.in_chinese(fault.remedy)}"
