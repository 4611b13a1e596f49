"""What every command shares: where it prints, how it fails, how it shows progress."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from transition_sim.cli import INTERRUPTED
from transition_sim.core.errors import ConservationError, ExtensionError, ScenarioError

BAD_INPUT, BROKEN_IDENTITY, FAILED = 2, 3, 1
PIPE_WIDTH = 150
"""Columns where the output is no terminal, so that tables keep one line a row."""


def output() -> Console:
    """Return where results are printed."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPE_WIDTH)


def say(text: str) -> None:
    """Print a line beside the results, on standard error, as it stands."""
    typer.echo(text, err=True)


@contextmanager
def reporting() -> Iterator[None]:
    """Turn what goes wrong into a report without a traceback and an exit status.

    Raises
    ------
    typer.Exit
        2 for a user's mistake, 3 for a broken identity, 130 for Ctrl-C, 1 where a file or a process fails.
    """
    from concurrent.futures.process import BrokenProcessPool

    try:
        yield
    except ScenarioError as error:
        report_faults(error)
        raise typer.Exit(BAD_INPUT) from None
    except ConservationError as error:
        for line in [str(error), *getattr(error, "__notes__", [])]:
            say(line)
        say("The run stopped, as no figure after a broken identity can be trusted. Nothing was written.")
        say("This is a fault of the model, not of your input: please report it with the command.")
        raise typer.Exit(BROKEN_IDENTITY) from None
    except ExtensionError as error:
        for line in [str(error), *getattr(error, "__notes__", [])]:
            say(line)
        say("The run stopped, and nothing was written. Its package must mend it; without it the scenario runs.")
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        say("Interrupted. Nothing was written.")
        raise typer.Exit(INTERRUPTED) from None
    except BrokenProcessPool:
        say("A worker process was ended from outside, mostly for lack of memory. Try --workers 1.")
        raise typer.Exit(FAILED) from None
    except OSError as error:
        say(f"{error.filename or 'file'}: {error.strerror or error}")
        raise typer.Exit(FAILED) from None


def report_faults(error: ScenarioError) -> None:
    """Print a line a fault, then how many there are."""
    for line in [*map(str, error.faults), *getattr(error, "__notes__", [])]:
        say(line)
    n = len(error.faults)
    say(f"{n} fault{'s' if n > 1 else ''}. Nothing was run or written.")


Advance = Callable[[int, int], None]


@contextmanager
def progress(doing: str, quiet: bool) -> Iterator[Advance]:
    """Show a bar on standard error; gives the function to call with (done, total).

    The bar pulses until the first call: that is the time in which modules are read and the place is built.
    """
    console = Console(stderr=True)
    if not quiet:
        announce_compiling()
    if quiet or not console.is_terminal:
        yield lambda done, total: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def announce_compiling() -> None:
    """Say why the first run takes longer, when it will."""
    from transition_sim.core.kernels import is_cold

    if is_cold():
        say("Compiling the rules of the model (first run of this version only, about a minute) ...")
