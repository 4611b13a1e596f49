"""``run --checkpoint`` and ``restart``: a run laid down at the end of a year, and taken up again."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from transition_sim.cli.options import Lang
from transition_sim.cli.terminal import progress, reporting
from transition_sim.cli.words import Language, Words
from transition_sim.core.clock import QUARTERS_PER_YEAR, Clock
from transition_sim.core.errors import Fault, ScenarioError

if TYPE_CHECKING:
    from transition_sim.model import TransitionModel
    from transition_sim.results import RunResult


def read_request(text: str | None, clock: Clock) -> tuple[int, Path] | None:
    """Return the quarter after which a run is laid down, and where; None where nobody asked.

    Raises
    ------
    ScenarioError
        When the text is not YEAR=FILE, the year is not one that the run goes beyond, or the folder does not exist.
    """
    if text is None:
        return None
    year, _, name = text.partition("=")
    if not year.isdigit() or not name:
        raise _fault(text, "a checkpoint is asked for as YEAR=FILE", "Write such as 2027=half.checkpoint.")
    if not clock.start_year <= int(year) < clock.end_year:
        rule = f"the run goes from {clock.start_year} to {clock.end_year}"
        raise _fault(text, rule, f"Write a year from {clock.start_year} to {clock.end_year - 1}.")
    path = Path(name)
    if not path.parent.is_dir():
        raise _fault(text, f"there is no folder {path.parent}", "Make the folder first.")
    if path.is_dir():
        raise _fault(text, "the output path is a folder", "Choose another file.")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise _fault(text, f"nothing can be written in {path.parent}", "Choose another file.")
    return (int(year) - clock.start_year + 1) * QUARTERS_PER_YEAR, path


def _fault(value: str, rule: str, remedy: str) -> ScenarioError:
    return ScenarioError([Fault("arguments", None, "--checkpoint", value, rule, remedy)])


def run_to_the_end(
    model: "TransitionModel", advance: Callable[[int, int], None], quarter: int, path: Path
) -> "RunResult":
    """Run a model, and lay it down after a quarter on the way."""
    from transition_sim.checkpoint import save_checkpoint

    total = model.world.clock.n_quarters
    while model.quarter < quarter:
        model.step()
        advance(model.quarter, total)
    save_checkpoint(model, path)
    return model.run(advance)


def restart_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Written by 'run --checkpoint'.")],
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write tables, figure and manifest here.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an older result.")] = False,
    lang: Lang = Language.en,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, and the report in a line.")] = False,
) -> None:
    """Take up a run where it was laid down; its tables are those of a run in one go, byte for byte."""
    from transition_sim.cli.app import print_run

    with reporting():
        from transition_sim.checkpoint import load_checkpoint
        from transition_sim.export import check_target, write_result

        if out is not None:
            check_target(out, force)
        model = load_checkpoint(file)
        started = time.perf_counter()
        with progress(model.world.scenario.place.id, quiet) as advance:
            result = model.run(advance)
        seconds = time.perf_counter() - started
        if out is not None:
            out = write_result(result, out, force, is_chinese=lang is Language.zh)
        print_run(result, Words(lang), seconds, out, quiet, False)
