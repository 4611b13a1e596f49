"""What a study says while it runs: what it will cost, rate, time left and failures; in the language of the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from transition_sim.cli.terminal import words_beside
from transition_sim.cli.words import Words
from transition_sim.scenarios.words.faults import error_told

if TYPE_CHECKING:
    from transition_sim.experiments.driver import Estimate
    from transition_sim.experiments.engine import Progress
    from transition_sim.experiments.store import Found

BAD_STATES = ("failed", "timed out", "killed")
ERROR_LENGTH = 300


@contextmanager
def watching(study: Any, quiet: bool) -> Iterator[Any]:
    """Show rate, time left and failures; gives what the driver calls."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    console, words = Console(stderr=True), words_beside()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rest]}"))
    with Bar(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task(study.spec.id, total=study.n_runs, rest=words("starting"))

        def on_progress(progress: "Progress") -> None:
            bar.update(task, completed=progress.done, rest=pace(progress, words))

        def on_estimate(estimate: "Estimate") -> None:
            if not quiet and estimate.pending:
                bar.console.print(cost(estimate, words), highlight=False, markup=False)

        yield on_progress, on_estimate


def pace(progress: "Progress", words: Words) -> str:
    """Return rate, time left and failures in a few words."""
    if not progress.fresh:
        return words("starting")
    said = words("pace", rate=f"{progress.per_second:.2g}", time=duration(progress.left_s, words))
    return words("pace_failed", pace=said, failed=progress.failed) if progress.failed else said


def cost(estimate: "Estimate", words: Words) -> str:
    """Return what the rest costs in a line."""
    size = estimate.total_bytes
    unit, scale = ("GB", 1e9) if size >= 1e9 else ("MB", 1e6)
    return words(
        "cost", seconds=f"{estimate.run_s:.2g}", time=duration(estimate.total_s, words), n=estimate.workers,
        size=f"{size / scale:.2g} {unit}",
    )  # fmt: skip


def duration(seconds: float, words: Words) -> str:
    """Return a time such as ``45 s``, ``12 min``, ``3.5 h``."""
    if seconds < 90:
        return words("seconds", time=f"{seconds:.0f}")
    minutes = seconds / 60
    return words("minutes", time=f"{minutes:.0f}") if minutes < 90 else words("hours", time=f"{minutes / 60:.1f}")


def failures(found: "Found", count: int, words: Words) -> Iterator[str]:
    """Yield a line for each of the first failed runs: its number and its error."""
    from transition_sim.experiments.store import read_shard

    for run in found.runs(*BAD_STATES)[:count].tolist():
        table = read_shard(found.files[found.shard[run]], ["status", "error"])
        if table is not None:
            row = table.slice(int(found.row[run]), 1).to_pylist()[0]
            error = row["error"].partition("\n")[0][:ERROR_LENGTH]
            yield words(
                "run_error", run=run, status=words(state_word(row["status"])), error=error_told(error, words.is_chinese)
            )


def state_word(state: str) -> str:
    """Return the key of the word of a state of runs."""
    return f"state_{state.replace(' ', '_')}"
