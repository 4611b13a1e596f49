"""Write docs/verification.md: every analytic limit, invariant and monotonic response with what its tests measured.

``python docs/verification.py`` runs the tests that name an id (some minutes) and writes what each assertion compared;
``python docs/verification.py --list`` only says which ids have tests. Nothing is copied by hand: measured and expected
values are those of the assertions that held.
"""

import ast
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from docs.reference_pages import NOTE, table  # noqa: E402

FAMILIES = {"A": (45, "Analytic limits"), "B": (17, "Invariants"), "M": (27, "Monotonic responses")}
SHOWN = 3
"""Assertions shown of a test."""
LONGEST = 160


@dataclass
class Checked:
    """A test and what it found.

    Attributes
    ----------
    path, name : str
    said : str
        First paragraph of its docstring.
    outcome : str
    assertions : list of str
        Measured against expected, as they held.
    """

    path: str
    name: str
    said: str
    outcome: str = "not run"
    assertions: list[str] = field(default_factory=list)


def ids_of(path: Path, function: ast.FunctionDef) -> set[str]:
    """Return the ids that a test names: in its name, its docstring, or the name of its file for a range of ids."""
    text = f" {function.name.replace('_', ' ').upper()} {ast.get_docstring(function) or ''} "
    return set(re.findall(r"\b[ABM][0-9]{2}\b", text))


def collect() -> tuple[dict[str, list[Checked]], dict[tuple[str, str], Checked]]:
    """Return id -> its tests, and (path, name) -> test."""
    by_id: dict[str, list[Checked]] = {}
    by_name: dict[tuple[str, str], Checked] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
                found = ids_of(path, node)
                if found:
                    said = (ast.get_docstring(node) or node.name.replace("_", " ")).split("\n\n")[0]
                    test = by_name.setdefault((name, node.name), Checked(name, node.name, said.replace("\n", " ")))
                    for one in found:
                        by_id.setdefault(one, []).append(test)
    return by_id, by_name


def every_id() -> list[str]:
    """Return all ids of the specification."""
    return [f"{letter}{number:02d}" for letter, (last, _) in FAMILIES.items() for number in range(1, last + 1)]


def compared(orig: str, explanation: str) -> str:
    """Return an assertion that held with its values; its own words where it came down to True or False."""
    line = " ".join(explanation.split("\n")[0].split())
    line = re.sub(r"np\.\w+\(([^()]*)\)", r"\1", line)
    return line if re.search(r"\d", line) else " ".join(orig.split())


class Watcher:
    """A plugin of pytest that notes outcomes and what assertions compared."""

    def __init__(self, tests: Mapping[tuple[str, str], Checked]):
        self.tests = tests

    def _of(self, nodeid: str) -> Checked | None:
        path, _, name = nodeid.partition("::")
        return self.tests.get((path, name.split("[")[0]))

    def pytest_assertion_pass(self, item: Any, lineno: int, orig: str, expl: str) -> None:
        """Keep the first assertions of the test itself that compare numbers, each once; libraries assert as well."""
        test = self._of(item.nodeid)
        if test is None or len(test.assertions) >= SHOWN or not re.search(r"\d", expl):
            return
        if orig in (ROOT / test.path).read_text("utf-8"):
            line = compared(orig, expl)
            line = line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."
            if line not in test.assertions:  # a loop says the same again
                test.assertions.append(line)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep the worst outcome of a test over its parameters."""
        test = self._of(report.nodeid)
        if test is not None and (report.when == "call" or report.failed):
            worse = report.failed or test.outcome == "failed"
            test.outcome = "failed" if worse else report.outcome


def measure(tests: Mapping[tuple[str, str], Checked]) -> None:
    """Run the tests and fill in what they found."""
    import pytest

    named = [f"{path}::{name}" for path, name in tests]
    # in one process: what a worker of xdist compares stays in the worker
    options = ["-q", "-n", "0", "-o", "enable_assertion_pass_hook=true", "-p", "no:cacheprovider", "--no-header"]
    pytest.main([*options, *named], plugins=[Watcher(tests)])


def page(by_id: Mapping[str, list[Checked]]) -> str:
    """Return the report."""
    missing = [one for one in every_id() if one not in by_id]
    failed = sorted({one for one, tests in by_id.items() for test in tests if test.outcome == "failed"})
    parts = [
        NOTE.replace("generate.py", "verification.py"), "# Verification\n",
        "Every analytic limit, invariant and monotonic response of the specification, the tests that stand for it, and "
        "what their assertions compared: measured on the left, expected on the right.\n",
        f"{len(every_id()) - len(missing)} of {len(every_id())} ids have a test. Without one: "
        f"{', '.join(missing) or 'none'}. Failing: {', '.join(failed) or 'none'}.\n",
    ]  # fmt: skip
    for letter, (_, title) in FAMILIES.items():
        parts += [f"## {title}\n", table(("id", "what is checked", "held", "test"), _rows(letter, by_id))]
    return "\n".join(parts)


def _rows(letter: str, by_id: Mapping[str, list[Checked]]) -> Iterable[tuple[str, ...]]:
    for one in every_id():
        if one[0] == letter:
            for test in by_id.get(one, ()):
                held = "<br>".join(f"`{line}`" for line in test.assertions) or test.outcome
                yield one, test.said, held, f"{test.path.removeprefix('tests/')}::{test.name}"


def ids_on(text: str) -> dict[str, set[str]]:
    """Return id -> the tests that a page names for it."""
    found: dict[str, set[str]] = {}
    for one, test in re.findall(r"^\| ([ABM]\d\d) \|.*\| (\S+::\S+) \|$", text, re.MULTILINE):
        found.setdefault(one, set()).add(f"tests/{test}")
    return found


def main(arguments: list[str]) -> int:
    """List, or run and write."""
    by_id, by_name = collect()
    if "--list" in arguments:
        for one in every_id():
            print(one, len(by_id.get(one, ())), "tests")
        return 0
    measure({key: test for key, test in by_name.items() if any(test in tests for tests in by_id.values())})
    (ROOT / "docs" / "verification.md").write_text(page(by_id), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
