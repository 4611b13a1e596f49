"""``patterns``: what the literature says a model of this kind must show, and whether this one does."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from transition_sim.cli.options import Force, Lang, Seed
from transition_sim.cli.terminal import output, progress, reporting
from transition_sim.cli.words import Language, Words
from transition_sim.core.errors import Fault, ScenarioError

if TYPE_CHECKING:
    from transition_sim.cli.patterns_report import BenchWords
    from transition_sim.experiments.patterns import Bench

FILES = ("patterns.csv", "patterns.json", "patterns.png")


def patterns_command(
    place: Annotated[str, typer.Option(metavar="NAME|FILE", help="Place that is measured.")] = "guangan_city",
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of every run.")] = 30,
    seed: Seed = 1,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes.", show_default="as many as processors")] = None,
    nulls: Annotated[bool, typer.Option("--nulls/--no-nulls", help="The four null models beside it.")] = True,
    null_seeds: Annotated[
        int | None, typer.Option(min=1, help="Seeds of the null models N2 and N3.", show_default="as of the model")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep table, data and figure here.")] = None,
    force: Force = False,
    lang: Lang = Language.en,
    as_json: Annotated[bool, typer.Option("--json", help="Print the bench as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Measure the 23 patterns that the model must reproduce: range, median over seeds, pass or fail, null models."""
    with reporting():
        _check_folder(out, force)
        with progress(f"patterns {place}", quiet) as advance:
            from transition_sim.experiments.patterns import run_bench

            bench = run_bench(place, seeds, seed, workers, nulls, null_seeds, on_task=advance)
        from transition_sim.cli.patterns_report import BenchWords, bench_parts

        words, console = Words(lang), output()
        written = [] if out is None else _write(bench, BenchWords(words), out)
        if as_json:
            typer.echo(json.dumps(as_data(bench), ensure_ascii=False, indent=2, allow_nan=False))
            return
        for part in bench_parts(bench, BenchWords(words)):
            console.print(part, soft_wrap=isinstance(part, str))
        for path in written:
            console.print(words("written", folder=path), markup=False, soft_wrap=True)


def as_data(bench: "Bench") -> dict:
    """Return the bench as plain data for JSON; figures that are not defined are None."""
    from transition_sim.cli.scoreboard_report import records
    from transition_sim.experiments.patterns import frame

    return {
        "place": bench.place,
        "seeds": list(bench.seeds),
        "summary": frame.summary(bench),
        "patterns": records(frame.pattern_frame(bench)),
        "tests": records(frame.test_frame(bench)),
    }


def _check_folder(out: Path | None, force: bool) -> None:
    if out is None:
        return
    there = [name for name in FILES if (out / name).exists()]
    if there and not force:
        rule = f"the folder holds {', '.join(there)} already"
        raise ScenarioError([Fault("arguments", None, "--out", str(out), rule, "Name another folder, or add --force.")])
    out.mkdir(parents=True, exist_ok=True)


def _write(bench: "Bench", words: "BenchWords", folder: Path) -> list[Path]:
    from transition_sim.cli.patterns_figure import draw_bench
    from transition_sim.cli.patterns_report import BenchWords
    from transition_sim.cli.scoreboard_figure import drawable
    from transition_sim.cli.scoreboard_report import write_whole
    from transition_sim.experiments.patterns.frame import test_frame

    data = json.dumps(as_data(bench), ensure_ascii=False, indent=2, allow_nan=False)
    return [
        write_whole(folder / FILES[0], lambda name: test_frame(bench).to_csv(name, index=False)),
        write_whole(folder / FILES[1], lambda name: Path(name).write_text(data + "\n", "utf-8")),
        draw_bench(bench, BenchWords(drawable(words.words)), folder / FILES[2]),
    ]
