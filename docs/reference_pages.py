"""Pages made from tables and sources: levers, targets, parameters, technologies, state, results, the schedule."""

import ast
import importlib
import inspect
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, fields

from transition_sim.core.tables import Field
from transition_sim.model import phases
from transition_sim.scenarios import registry
from transition_sim.scenarios.targets import Target
from transition_sim.scoreboard.catalogue import BY_KEY
from transition_sim.world import columns, state

NOTE = "<!-- made by docs/generate.py; change the tables or the sources instead -->\n"
TARGETS_SAID = (
    "What plans and programmes want, of whom, by when; the [scoreboard](../scoreboard.md) says how they are judged. "
    "`park` is every park of the library. A mark * says that the document states no year and the year is our reading."
)
GRADES = "Grade D: a document of the plans; S: a public source; K: expert knowledge; A: assumption."


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown."""
    names = list(head)
    lines = [names, ["---"] * len(names), *([_cell(value) for value in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:g}" if isinstance(value, float) else ", ".join(value) if isinstance(value, tuple) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")


def _registry_table(rows: Iterable[object], names: Iterable[str]) -> str:
    chosen = tuple(names)
    return table(chosen, ([_cell(asdict(row)[name]) for name in chosen] for row in rows))  # type: ignore[call-overload]


def levers_page() -> str:
    """Return the page of levers."""
    names = ("id", "key", "name_en", "name_zh", "unit", "neutral", "default", "low", "high", "who", "submodels", "acts")
    rows = list(registry.levers().values())
    text = f"{sum(row.acts for row in rows)} of {len(rows)} settings act; a lever at its neutral value is absent."
    sources = _registry_table(rows, ("key", "help_en", "help_zh", "grade", "confidence", "source"))
    parts = (NOTE, "# Levers\n", text + "\n", _registry_table(rows, names), "## What they do, and sources\n")
    return "\n".join([*parts, GRADES + "\n", sources])


def indicators_page() -> str:
    """Return the page of indicators."""
    names = ("id", "key", "name_en", "name_zh", "unit", "good_direction", "acts", "column", "help_en", "source")
    rows = list(registry.indicators().values())
    text = f"{sum(row.acts for row in rows)} of {len(rows)} are computed; column: where in the place table."
    return "\n".join([NOTE, "# Indicators\n", text + "\n", _registry_table(rows, names)])


def _target_row(row: Target) -> tuple[str, ...]:
    """Return what is wanted, by when, and what computes it or why nothing does."""
    wanted = f"{row.direction} {row.value:g} {row.unit}" if row.value is not None else row.direction
    year = f"{row.year}" if row.year_is_stated else f"{row.year} *"
    if row.measure is None:
        return row.id, row.name_en, row.name_zh, wanted, year, "", f"not computed: {row.reason_en}"
    return row.id, row.name_en, row.name_zh, wanted, year, row.measure, BY_KEY[row.measure].note_en


def _by_holder() -> dict[str, list[Target]]:
    """Return the targets by the place, or the places, that they are stated for."""
    found: dict[str, list[Target]] = {}
    for row in registry.targets().values():
        found.setdefault(", ".join(row.places), []).append(row)
    return found


def targets_page() -> str:
    """Return the page of targets: what is wanted of whom, what computes it, and how that differs from the statistic."""
    head = ("id", "target", "目标", "wanted", "year", "computed as", "how it differs from the official figure")
    parts = [NOTE, "# Targets\n", TARGETS_SAID + "\n"]
    for holder, rows in _by_holder().items():
        parts += [f"## {holder}\n", table(head, map(_target_row, rows))]
    return "\n".join(parts)


def target_counts() -> str:
    """Return how many targets are computed, for whom, and a line for each that is not."""
    rows = list(registry.targets().values())
    clauses = Counter(row.id.split("_")[0] for row in rows)
    twice = sum(n > 1 for n in clauses.values())
    counts = [
        (holder, str(len(found)), str(computed := sum(row.is_modelled for row in found)), str(len(found) - computed))
        for holder, found in _by_holder().items()
    ]
    computed = sum(row.is_modelled for row in rows)
    said = (
        f"The plans and programmes state {len(clauses)} targets; {twice} of them are held in two rows, as they ask for "
        f"two things or can be read in two ways. Of {len(rows)} rows {computed} are computed, {len(rows) - computed} "
        "are not:\n"
    )
    left_out = [(row.id, row.name_en, row.reason_en) for row in rows if not row.is_modelled]
    return "\n".join([
        said, table(("stated for", "rows", "computed", "not computed"), counts),
        table(("not computed", "target", "why"), left_out),
    ])  # fmt: skip


def parameters_page() -> str:
    """Return the page of parameters, with the share that is uncertain."""
    rows = list(registry.parameters().values())
    names = ("key", "name_en", "value", "low", "high", "unit", "submodel", "grade", "confidence", "source")
    low = sum(row.confidence == "low" for row in rows) / len(rows)
    assumed = sum(row.grade in ("K", "A") for row in rows) / len(rows)
    text = f"{len(rows)} parameters; {assumed:.0%} are expert knowledge or assumptions, {low:.0%} of low confidence."
    return "\n".join([NOTE, "# Parameters\n", f"{text} {GRADES}\n", _registry_table(rows, names)])


def technologies_page() -> str:
    """Return the page of technologies."""
    rows = list(registry.technologies())
    hidden = {"name_zh", "source", "grade"}
    names = [field.name for field in fields(rows[0]) if field.name not in hidden]
    sources = _registry_table(rows, ("id", "name_en", "name_zh", "grade", "confidence", "source"))
    return "\n".join([NOTE, "# Technologies\n", _registry_table(rows, names), "## Sources\n", GRADES + "\n", sources])


def _field_tables() -> dict[str, tuple[Field, ...]]:
    """Return name -> fields of every table of the state."""
    found = dict(state.ENTERPRISE_TABLES)
    for name, value in vars(state).items():
        is_table = isinstance(value, tuple) and value and all(isinstance(part, Field) for part in value)
        if is_table and value not in found.values():
            found[name.lower()] = value
    return found


def state_page() -> str:
    """Return the data dictionary: every state variable with its unit, bounds and meaning."""
    parts = [NOTE, "# State variables\n", (inspect.getdoc(state) or "") + "\n"]
    for name, found in _field_tables().items():
        rows = ((f.name, f.unit, f.meaning, _bounds(f)) for f in found)
        parts += [f"## {name}\n", table(("field", "unit", "meaning", "bounds"), rows)]
    return "\n".join(parts)


def _bounds(field: Field) -> str:
    low, high = field.low, field.high
    if low == float("-inf") and high == float("inf"):
        return ""
    return f"{low:g} to {high:g}".replace("-inf", "").replace("inf", "")


def results_page() -> str:
    """Return the columns of the result tables."""
    parts = [NOTE, "# Result tables\n", (inspect.getdoc(columns) or "") + "\n"]
    for name, value in vars(columns).items():
        if isinstance(value, tuple) and value and all(isinstance(part, columns.Column) for part in value):
            rows = ((c.name, c.unit, c.en, c.zh, c.annual) for c in value)
            parts += [f"## {name.lower()}\n", table(("column", "unit", "meaning", "含义", "a year is the"), rows)]
    return "\n".join(parts)


def schedule_page() -> str:
    """Return the order of a quarter as it stands in the model, with what each phase says of itself."""
    rows = []
    for number, (room, name) in enumerate(phases()):
        found = importlib.import_module(f"transition_sim.quarter.{room}")
        phase = ast.get_docstring(ast.parse(inspect.getsource(found))) or ""
        rows.append((str(number + 1), f"`{room}.{name}`", _first(inspect.getdoc(getattr(found, name))), _first(phase)))
    text = "Every agent of a phase acts on the state at its start; a random order exists only where one queues.\n"
    return "\n".join([NOTE, "# Schedule of a quarter\n", text, table(("", "call", "does", "room"), rows)])


def _first(text: str | None) -> str:
    return (text or "").split("\n\n")[0]


PAGES = {
    "docs/reference/schedule.md": schedule_page,
    "docs/reference/levers.md": levers_page,
    "docs/reference/indicators.md": indicators_page,
    "docs/reference/targets.md": targets_page,
    "docs/reference/parameters.md": parameters_page,
    "docs/reference/technologies.md": technologies_page,
    "docs/reference/state.md": state_page,
    "docs/reference/results.md": results_page,
}
