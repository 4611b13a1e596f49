"""Write the pages that are made from the tables and sources: ``python docs/generate.py [--check]``.

With ``--check`` nothing is written; the exit status is 1 where a page differs from what the sources say.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from docs.reference_pages import NOTE, table, target_counts  # noqa: E402
from docs.reference_pages import PAGES as REFERENCE  # noqa: E402
from transition_sim.scenarios import registry  # noqa: E402
from transition_sim.scenarios.clauses import DOCUMENTS, submodels  # noqa: E402
from transition_sim.scoreboard import traceability  # noqa: E402
from transition_sim.scoreboard.traceability import Trace, rooms_of, traces  # noqa: E402

# --- tests that stand behind an element -------------------------------------------------------------------------------


def test_sources() -> dict[str, str]:
    """Return path -> text of every test."""
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}


TESTS = test_sources()


def _imported(text: str) -> set[str]:
    """Return the modules of the package that a file imports by name."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


IMPORTED = {path: _imported(text) for path, text in TESTS.items()}


def tests_of(element: str) -> tuple[str, ...]:
    """Return the tests of an element: those that name it or its key, and those that import the rooms of a submodel."""
    if ":" in element:
        return _naming(re.escape(element.split(":", 1)[1]))
    if element[0] in "ABM":
        return _naming(rf"(?i:\b{element}\b|_{element}_|_{element}\b)") or _in_a_range(element)
    if element.startswith("SM"):
        modules = {"transition_sim." + room.removesuffix(".py").replace("/", ".") for room in rooms_of(element)}
        return tuple(path for path, imports in IMPORTED.items() if imports & modules)
    if element.startswith("L"):
        keys = [row.key for row in registry.levers().values() if row.id == element]
    else:
        keys = [key for row in registry.indicators().values() if row.id == element for key in (row.key, *row.columns)]
    return _naming("|".join([rf"\b{element}\b", *(rf"\b{re.escape(key)}\b" for key in keys)]))


def _naming(pattern: str) -> tuple[str, ...]:
    wanted = re.compile(pattern)
    return tuple(path for path, text in TESTS.items() if wanted.search(text))


def _in_a_range(element: str) -> tuple[str, ...]:
    """Return tests whose file covers a range of ids, such as test_a09_a25."""
    number, found = int(element[1:]), []
    for path in TESTS:
        ids = [int(n) for n in re.findall(rf"_{element[0].lower()}(\d\d)", path)]
        if ids and min(ids) <= number <= max(ids):
            found.append(path)
    return tuple(found)


# --- pages ------------------------------------------------------------------------------------------------------------


def traceability_page() -> str:
    """Return the page that leads from every clause to what answers it."""
    found = traces()
    count = Counter(row.status for row in found)
    parts = [
        NOTE,
        "# From the plans to the model\n",
        "Every clause of the five documents, in our words, with the part of the model that answers it. Rooms are "
        "found in the sources and tests by what they import and name, so a part that goes away shows here. "
        f"Of {len(found)} clauses {count[traceability.MODELLED]} are modelled, {count[traceability.IN_PART]} in part, "
        f"{count[traceability.NOT_MODELLED]} not.\n",
    ]
    for document, (english, chinese) in DOCUMENTS.items():
        rows = [_clause_row(row) for row in found if row.clause.document == document]
        parts += [f"## {english} ({chinese})\n", table(("id", "clause", "条款", "answered by", "status"), rows)]
    parts += ["## What answers\n", table(("element", "name", "rooms", "tests"), _element_rows(found))]
    return "\n".join(parts)


def _clause_row(row: Trace) -> tuple[str, ...]:
    clause = row.clause
    status = row.status
    if row.missing:
        status += ": without " + ", ".join(row.missing)
    elif clause.reason_en:
        status += f": {clause.reason_en}"
    return clause.id, clause.name_en, clause.name_zh, ", ".join(clause.elements), status


def _element_rows(found: Iterable[Trace]) -> Iterable[tuple[str, ...]]:
    order = {"S": 0, "L": 1, "I": 2, "A": 3, "B": 4, "M": 5}
    elements = {element for row in found for element in row.clause.elements}
    for element in sorted(elements, key=lambda name: (":" in name, order.get(name[0], 9), name)):
        rooms = rooms_of(element) if element[0] not in "ABM" else ()
        tests = tests_of(element)
        yield element, _name(element), _few(rooms), _few(path.removeprefix("tests/") for path in tests)


def _name(element: str) -> str:
    if element in submodels():
        return submodels()[element].name_en
    rows = [*registry.levers().values(), *registry.indicators().values()]
    return "; ".join(row.name_en for row in rows if row.id == element)


def _few(paths: Iterable[str]) -> str:
    every = list(paths)
    return "<br>".join(every[:6]) + (f"<br>and {len(every) - 6} more" if len(every) > 6 else "")


def with_block(name: str, start: str, block: Callable[[], str]) -> Callable[[], str]:
    """Return the function of a page in which the part between ``<!-- start ...`` and ``<!-- end -->`` is made."""

    def page() -> str:
        text = (ROOT / name).read_text("utf-8")
        before, opening, rest = text.partition(f"<!-- {start}: made by docs/generate.py -->\n")
        _, closing, after = rest.partition("<!-- end -->\n")
        if not opening or not closing:
            raise ValueError(f"{name} has no part '<!-- {start}: made by docs/generate.py -->' ... '<!-- end -->'")
        return f"{before}{opening}\n{block()}\n{closing}{after}"

    return page


PAGES: dict[str, Callable[[], str]] = {
    "docs/traceability.md": traceability_page,
    "docs/scoreboard.md": with_block("docs/scoreboard.md", "counts", target_counts),
    **REFERENCE,
}


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    stale = []
    for name, page in PAGES.items():
        path, text = ROOT / name, page()
        if not path.is_file() or path.read_text("utf-8") != text:
            stale.append(name)
            if "--check" not in arguments:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
    for name in stale:
        print(f"{name}: {'differs from the sources' if '--check' in arguments else 'written'}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
