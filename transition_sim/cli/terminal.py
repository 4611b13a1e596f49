"""What every command shares: where it prints, how it fails, how it shows progress."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import pairwise

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from transition_sim.cli import INTERRUPTED
from transition_sim.cli.words import Language, Words
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


_asked: ContextVar[Language | None] = ContextVar("asked", default=None)


def note_language(typed: Sequence[str]) -> None:
    """Remember the language that a command line asks for, before it is read: its mistakes are told in it."""
    given = [value for word, value in pairwise(typed) if word == "--lang"]
    given += [word.removeprefix("--lang=") for word in typed if word.startswith("--lang=")]
    _asked.set(next((Language(value) for value in reversed(given) if value in tuple(Language)), None))


def words_beside() -> Words:
    """Return the words of what is said beside the results: as ``--lang`` asks, else as the locale of the terminal."""
    if (asked := _asked.get()) is not None:
        return Words(asked)
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return Words(Language.zh if locale.startswith("zh") else Language.en)


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
    except (ConservationError, ExtensionError) as error:
        from transition_sim.scenarios.words.faults import told

        words, is_identity = words_beside(), isinstance(error, ConservationError)
        for line in [str(error), *getattr(error, "__notes__", [])]:
            say(told(line, words.is_chinese))
        say(words("broken_identity" if is_identity else "broken_extension"))
        raise typer.Exit(BROKEN_IDENTITY if is_identity else FAILED) from None
    except KeyboardInterrupt:
        say(words_beside()("interrupted"))
        raise typer.Exit(INTERRUPTED) from None
    except BrokenProcessPool:
        say(words_beside()("worker_ended"))
        raise typer.Exit(FAILED) from None
    except OSError as error:
        say(failure(error, words_beside()))
        raise typer.Exit(FAILED) from None


def failure(error: OSError, words: Words) -> str:
    """Return which file failed, and why: a library may hide the reason of the system behind words of its own."""
    from transition_sim.scenarios.words.faults import SYSTEM

    # a host that nobody knows has a negative number, which the system has no words for
    why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror or error)
    return words(
        "failure", file=error.filename or words("some_file"), why=SYSTEM.in_chinese(why) if words.is_chinese else why
    )


def report_faults(error: ScenarioError) -> None:
    """Print a line a fault, then how many there are."""
    from transition_sim.scenarios.words.faults import fault_line, told

    words = words_beside()
    notes = [told(note, words.is_chinese) for note in getattr(error, "__notes__", [])]
    for line in [*(fault_line(f, words.is_chinese) for f in error.faults), *notes]:
        say(line)
    say(words("faults", n=len(error.faults)))


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
        say(words_beside()("compiling"))
