"""A comparison as a table of a terminal, and as a CSV file."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from rich import box
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from transition_sim.cli.narrow import Fitted
from transition_sim.cli.words import Words
from transition_sim.comparison import Comparison
from transition_sim.core.errors import Fault, ScenarioError

SCALED = ["mean_a", "mean_b", "difference", "low", "high"]


def comparison_parts(comparison: Comparison, words: Words, names: tuple[str, str]) -> Iterator[RenderableType]:
    """Yield what was compared, the table of differences, and what to know about it."""
    seeds, clock = comparison.seeds, comparison.a.clock
    place = escape(words.name(comparison.a.place.name))
    yield f"[bold]{place} · {clock.start_year}-{clock.end_year}[/bold]"
    for key, name in zip("ab", names, strict=True):
        yield escape(words(key, name=name))
    yield words("pairs", n=len(seeds), first=seeds[0], last=seeds[-1])
    leave = (words("needed"), words("b_lower"), ("A", "B"))
    yield Fitted(difference_table(comparison, words), leave, words)
    table = comparison.table
    if "peak_censored_share" in table.index:
        censored = table.loc["peak_censored_share", ["mean_a", "mean_b"]].mean()
        if censored > 0:
            yield words("censored_note", percent=f"{100 * censored:.0f}")


def difference_table(comparison: Comparison, words: Words) -> Table:
    """Return a row a measure: both means, the paired difference, its interval, how many runs it needs."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(words("measure"))
    table.add_column(words("unit"))
    table.add_column("A", justify="right")
    table.add_column("B", justify="right")
    for key in ("difference", "interval", "b_lower", "needed"):
        table.add_column(words(key), justify="right")
    for _, row in comparison.table.iterrows():
        unit, scale = words.official(row["unit"])
        row = row.copy()
        row[SCALED] = scale * row[SCALED].astype(float)
        digits = _digits(row)
        mark = "" if row["unit"] == "year" else ","
        bold = "bold" if row["low"] > 0 or row["high"] < 0 else ""
        needed = row["replicates_for_tenth"]
        table.add_row(
            row["name_zh" if words.is_chinese else "name_en"],
            unit,
            *(f"{row[key]:{mark}.{digits}f}" for key in ("mean_a", "mean_b")),
            f"{row['difference']:+,.{digits}f}",
            f"{row['low']:+,.{digits}f} .. {row['high']:+,.{digits}f}",
            f"{100 * row['share_b_lower']:.0f}",
            "-" if np.isnan(needed) else f"{int(needed):,}",
            style=bold,
        )
    return table


def _digits(row: pd.Series) -> int:
    """Decimals that show a difference to three figures; at most six, and two where there is no difference."""
    largest = max(abs(row[key]) for key in ("difference", "low", "high"))
    if not (np.isfinite(largest) and largest > 0):
        return 0 if row["unit"] == "year" else 2
    return int(np.clip(2 - np.floor(np.log10(largest)), 0, 6))


def check_file_target(path: Path, force: bool) -> None:
    """Refuse a file that exists, or that cannot be written, before any work is done.

    Raises
    ------
    ScenarioError
    """
    rule, remedy = "", "Choose another file."
    parent = path.absolute().parent
    if path.is_dir():
        rule = "the output path is a folder"
    elif path.exists() and not force:
        rule, remedy = "the output file exists already", "Choose another file, or give --force to replace it."
    elif not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        rule = f"nothing can be written in {parent}"
    if rule:
        raise ScenarioError([Fault(str(path), None, "--out", "", rule, remedy)])


def write_comparison(comparison: Comparison, path: Path) -> Path:
    """Write the table of measures as CSV, all or nothing."""
    path = path.absolute()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    try:
        comparison.table.to_csv(name)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    return path
