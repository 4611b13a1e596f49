"""The scoreboard as tables of a terminal, as JSON and as a CSV file."""

import math
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich import box
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from transition_sim.cli.comparison_report import check_file_target
from transition_sim.cli.narrow import Fitted
from transition_sim.core.errors import ScenarioError
from transition_sim.scenarios.targets import DIMENSIONS, Target
from transition_sim.scoreboard import Assessment, Scoreboard
from transition_sim.scoreboard.words import BoardWords

STYLES = {"met": "green", "on_track": "cyan", "lag": "yellow", "missed": "red", "not_modelled": "dim"}


def scoreboard_parts(board: Scoreboard, words: BoardWords, policy_name: str) -> Iterator[RenderableType]:
    """Yield what was run, the targets, those not modelled, the six dimensions, and what to know about them."""
    clock, seeds = board.scenario.clock, board.seeds
    place = words.words.name(board.scenario.place.name)
    yield f"[bold]{escape(f'{place} · {policy_name} · {clock.start_year}-{clock.end_year}')}[/bold]"
    yield words("runs", n=len(seeds), first=seeds[0], last=seeds[-1])
    modelled = [a for a in board.assessments if a.status != "not_modelled"]
    others = [a for a in board.assessments if a.status == "not_modelled"]
    if not board.assessments:
        yield words("none")
    if modelled:
        yield f"[bold]{words('targets')}[/bold]"
        leave = [words(key) for key in ("progress", "range", "base_head", "probability", "id")]
        yield Fitted(target_table(modelled, words), leave, words.words)
    if others:
        yield f"[bold]{words('unmodelled')}[/bold]"
        yield unmodelled_table(others, words)
    if board.assessments:
        yield words("marks")
    yield f"[bold]{words('dimensions')}[/bold]"
    yield Fitted(dimension_table(board, words), (words("id"), words("range"), words("dimension")), words.words)
    yield words("no_order")
    yield from notes(modelled, words)


def target_table(assessments: list[Assessment], words: BoardWords) -> Table:
    """Return a row a target that is modelled, dimension by dimension."""
    table = _table(words, "id", "target", right=("plan", "base_head", "model", "range", "progress", "probability"))
    table.add_column(words("status"))
    for dimension in DIMENSIONS:
        for a in (a for a in assessments if a.target.dimension == dimension):
            table.add_row(*_target_cells(a, words), style=STYLES[a.status])
    return table


def _target_cells(a: Assessment, words: BoardWords) -> list[str]:
    target, is_year = a.target, a.target.unit == "year"

    def shown(value: float) -> str:
        return number(words.shown(value, target.unit), is_year)

    value = shown(a.value)
    if a.value_year != target.year:
        value = words("at_year", value=value, year=a.value_year)
    plan = words.plan(target)
    if target.direction != "by_year":
        plan = words("at_year", value=plan, year=target.year)
    return [
        escape(target.id), escape(named(target, words)), plan, shown(a.base_value), value,
        f"{shown(a.low)} .. {shown(a.high)}", percent(a.progress), percent(a.probability),
        words(a.status),
    ]  # fmt: skip


def unmodelled_table(assessments: list[Assessment], words: BoardWords) -> Table:
    """Return a row a target that is not modelled, with the reason."""
    table = _table(words, "id", "target", right=("plan",))
    table.add_column(words("reason"), overflow="fold")
    for a in assessments:
        plan = words.plan(a.target)
        if a.target.direction != "by_year":
            plan = words("at_year", value=plan, year=a.target.year)
        table.add_row(
            escape(a.target.id), escape(named(a.target, words)), plan, escape(words.of(a, "reason")), style="dim"
        )
    return table


def dimension_table(board: Scoreboard, words: BoardWords) -> Table:
    """Return a row an indicator, dimension by dimension, base year and last year."""
    clock = board.scenario.clock
    table = _table(words, "dimension", "id", "indicator", "unit")
    for year in (clock.start_year, clock.end_year):
        table.add_column(words("base", year=year), justify="right")
    table.add_column(words("range"), justify="right")
    shown = ""
    for row in board.dimensions.to_dict("records"):
        is_year = row["unit"] == "year"
        heading = "" if row["dimension"] == shown else words(row["dimension"])
        shown = row["dimension"]
        is_known = not math.isnan(row["value"])
        base, value, low, high = (
            number(words.shown(row[key], row["unit"]), is_year) for key in ("base_value", "value", "low", "high")
        )
        spread = f"{low} .. {high}" if is_known else "-"
        table.add_row(
            heading, row["indicator"], row["name_zh" if words.is_chinese else "name_en"], words.unit(row["unit"]),
            "-" if row["key"] == "peak_year" else base, value, spread,
        )  # fmt: skip
    return table


def notes(assessments: list[Assessment], words: BoardWords) -> Iterator[str]:
    """Yield what differs from the official statistic, a line a measure with the targets that it serves."""
    by_note: dict[str, list[str]] = {}
    for a in assessments:
        if a.measure is not None:
            by_note.setdefault(words.of(a.measure, "note"), []).append(a.target.id)
    if by_note:
        yield f"[bold]{words('notes')}[/bold]"
    for note, ids in by_note.items():
        yield escape(f"- {', '.join(ids)}: {note}")


def named(target: Target, words: BoardWords) -> str:
    """Return the name of a target with marks for what is our reading."""
    return words.of(target, "name") + ("" if target.year_is_stated else " *") + ("°" if target.grade == "A" else "")


def _table(words: BoardWords, *left: str, right: tuple[str, ...] = ()) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for key in left:
        table.add_column(words(key), no_wrap=key == "id", overflow="fold")
    for key in right:
        table.add_column(words(key), justify="right")
    return table


def number(value: float, is_year: bool = False) -> str:
    """Three figures that count; a dash where there is none; between two years both of them, 2023-24."""
    if math.isnan(value):
        return "-"
    if is_year:
        return f"{value:.0f}" if value == round(value) else f"{math.floor(value)}-{math.ceil(value) % 100:02d}"
    size = abs(value)
    decimals = 0 if size < 1e-6 else int(np.clip(2 - np.floor(np.log10(size)), 0, 4))
    return f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", "−")


def percent(share: float) -> str:
    """Return a share as whole percent, a dash where there is none."""
    return "-" if math.isnan(share) else f"{100 * share:.0f}".replace("-", "−")


# --- data -------------------------------------------------------------------------------------------------------------


def as_data(board: Scoreboard) -> dict[str, Any]:
    """Return the scoreboard as plain data for JSON; figures that are not defined are None."""
    clock, scenario = board.scenario.clock, board.scenario
    return {
        "place": scenario.place.id,
        "policy": scenario.policy_id,
        "scenario_hash": scenario.hash,
        "years": [clock.start_year, clock.end_year],
        "seeds": list(board.seeds),
        "targets": records(board.table.reset_index()),
        "dimensions": records(board.dimensions),
    }


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{key: _plain(value) for key, value in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    return value


def check_targets(out: Path | None, figure: Path | None, force: bool) -> None:
    """Refuse files that exist, or that cannot be written, before any work is done.

    Raises
    ------
    ScenarioError
    """
    faults = []
    for path, option in ((out, "--out"), (figure, "--figure")):
        try:
            if path is not None:
                check_file_target(path, force)
        except ScenarioError as error:
            faults += [replace(fault, field=option) for fault in error.faults]
    if faults:
        raise ScenarioError(faults)


def write_whole(path: Path, save: Callable[[str], object]) -> Path:
    """Write a file, all or nothing; ``save`` takes the name of a file beside it."""
    path = path.absolute()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    try:
        save(name)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    return path
