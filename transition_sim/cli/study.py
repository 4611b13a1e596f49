"""The commands of the laboratory: ``study run | status | resume ...``, ``studies``, ``analyse``, ``report``."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.markup import escape

from transition_sim.cli import INTERRUPTED
from transition_sim.cli.examples import epilog
from transition_sim.cli.narrow import Fitted
from transition_sim.cli.options import Lang, LangBeside, speak_below
from transition_sim.cli.speaking import SpeakingGroup, SpeakingTyper
from transition_sim.cli.study_progress import BAD_STATES, failures, state_word, watching
from transition_sim.cli.terminal import FAILED, announce_compiling, output, reporting, say, words_beside
from transition_sim.cli.words import Language, Words
from transition_sim.scenarios.words.faults import told

MOST_ROWS = 40
ANALYSES = (
    "ensemble", "peaking", "paired", "tornado", "morris", "sobol", "pawn", "attribution", "abatement", "regret",
    "discovery", "tree",
)  # fmt: skip
"""Names of ``experiments.analyses.registry``, written here so that help answers at once; a test holds them together."""
STUDY_OPTIONS = {
    "until": ("until", "--until"), "replicates": ("replicates", "--replicates"), "shocks": ("shocks", "--shock"),
    "design.samples": ("design", "--samples"), "places": ("places", "--place"), "place": ("places", "--place"),
}  # fmt: skip
"""Field of a study that a fault names -> the key that an option gives anew, and the option."""
STUDY_HEADS = {
    "id": ("id", "编号"), "name": ("name", "名称"), "design": ("design", "实验设计"), "seeds": ("seeds", "种子数"),
    "about": ("about", "说明"),
}  # fmt: skip
app = SpeakingTyper(
    cls=SpeakingGroup,
    name="study",
    help="Many runs: start, watch, resume, retry, verify, export.",
    epilog=epilog("study"),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback(epilog=epilog("study"))
def study_options(context: typer.Context, lang: LangBeside = None) -> None:
    """Many runs: start, watch, resume, retry, verify, export."""
    speak_below(context, lang)


Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a study.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes.", show_default="one a processor")]
Scheduler = Annotated[str | None, typer.Option(metavar="tcp://HOST:PORT", help="A Dask scheduler, instead.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]


class Format(StrEnum):
    """Format of an export."""

    csv = "csv"
    parquet = "parquet"
    iamc = "iamc"
    netcdf = "netcdf"


@app.command("run", epilog=epilog("study run"))
def run_command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A study of the library, or a file that ends in .yaml.")],
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the study.", show_default="its id")] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    place: Annotated[list[str] | None, typer.Option(metavar="NAME|FILE", help="Other places; repeatable.")] = None,
    replicates: Annotated[int | None, typer.Option(min=1, help="Other number of seeds.")] = None,
    samples: Annotated[int | None, typer.Option(min=1, help="Other number of samples of the design.")] = None,
    until: Annotated[int | None, typer.Option(metavar="YEAR", help="Other last year.")] = None,
    shock: Annotated[
        list[str] | None, typer.Option("--shock", metavar="NAME|FILE", help="Dated events of every run; repeatable.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many runs there are, and stop.")] = False,
    lang: LangBeside = None,
    quiet: Quiet = False,
) -> None:
    """Run a study into a folder; given again, it goes on where it stopped."""
    with working(out):
        from transition_sim.experiments.library import find_study
        from transition_sim.experiments.study import load_study

        changes: dict[str, Any] = {"places": place, "replicates": replicates, "until": until, "shocks": shock}
        document = find_study(file)
        if samples is not None:
            changes["design"] = {**(document.data.get("design") or {}), "samples": samples}
        with naming_options({key for key, value in changes.items() if value is not None}):
            study = load_study(document, **{key: value for key, value in changes.items() if value is not None})
        words = words_beside()
        for line in study.warnings:
            say(told(line, words.is_chinese))
        years = f"{study.years[0]}-{study.years[-1]}"
        say(words("study_size", runs=f"{study.n_runs:,}", contexts=len(study.contexts), points=f"{len(study.points):,}",
                  seeds=study.spec.replicates, years=years))  # fmt: skip
        if not dry_run:
            _drive(study, out or Path(study.spec.id), workers, scheduler, quiet)


@app.command("status", epilog=epilog("study status"))
def status_command(folder: Folder, lang: LangBeside = None) -> None:
    """Say how many runs are done, failed and left."""
    with reporting():
        from transition_sim.experiments.store import Store

        store = Store(folder)
        study = store.study()
        found = store.scan(study.n_runs)
        console, words = output(), words_beside()
        console.print(words("study_runs", id=study.spec.id, runs=f"{study.n_runs:,}"), markup=False)
        for state, n in found.counts().items():
            if n or state in ("done", "pending"):
                name = words(state_word(state))
                console.print(f"  {name}{' ' * (10 - cell_len(name))} {n:>9,}", markup=False)
        if found.damaged:
            console.print(words("damaged", n=len(found.damaged)), markup=False)
        for line in failures(found, 5, words):
            console.print(line, markup=False, soft_wrap=True)


@app.command("resume", epilog=epilog("study resume"))
def resume_command(
    folder: Folder, workers: Workers = None, scheduler: Scheduler = None, lang: LangBeside = None, quiet: Quiet = False
) -> None:
    """Go on with a study that was stopped or killed."""
    with working(folder):
        from transition_sim.experiments.store import Store

        _drive(Store(folder).study(), folder, workers, scheduler, quiet)


@app.command("retry-failed", epilog=epilog("study retry-failed"))
def retry_command(
    folder: Folder, workers: Workers = None, scheduler: Scheduler = None, lang: LangBeside = None, quiet: Quiet = False
) -> None:
    """Do runs that failed, took too long or ended their process once more."""
    with working(folder):
        from transition_sim.experiments.store import Store

        _drive(Store(folder).study(), folder, workers, scheduler, quiet, BAD_STATES)


@app.command("verify", epilog=epilog("study verify"))
def verify_command(
    folder: Folder,
    runs: Annotated[int, typer.Option(min=0, help="Finished runs that are done again and compared.")] = 3,
    lang: LangBeside = None,
) -> None:
    """Check every shard against its hash, and some runs against a second run, to the last bit."""
    with reporting():
        from transition_sim.experiments.driver import verify_study

        verdict, words = verify_study(folder, runs), words_beside()
        for name in verdict.damaged:
            say(words("shard_damaged", folder=folder, name=name))
        for run in verdict.different:
            say(words("run_differs", folder=folder, run=run))
        if not verdict.is_sound:
            raise typer.Exit(FAILED)
        output().print(words("sound", n=len(verdict.checked)))


@app.command("export", epilog=epilog("study export"))
def export_command(
    folder: Folder,
    form: Annotated[Format, typer.Option("--format", help="csv, parquet, netcdf, iamc (long table).")] = Format.csv,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to.", show_default="export in the folder")
    ] = None,
    lang: LangBeside = None,
) -> None:
    """Write the tables for other programs."""
    with reporting(), refusing("export"):
        from transition_sim.experiments.exports import export
        from transition_sim.experiments.tables import read_results
        from transition_sim.export import check_writable

        results = read_results(folder)
        check_writable(out or folder / "export")
        for path in export(results, form.value, out or folder / "export"):
            output().print(str(path), markup=False, soft_wrap=True)


# --- shared -----------------------------------------------------------------------------------------------------------


@contextmanager
def naming_options(given: set[str]) -> Iterator[None]:
    """Let faults of keys that options gave anew name the option: the file has another value there, or none."""
    from transition_sim.core.errors import ScenarioError

    try:
        yield
    except ScenarioError as error:
        options = {field: option for field, (key, option) in STUDY_OPTIONS.items() if key in given}
        heads = [next((h for h in options if f"{f.field}.".startswith(f"{h}.")), None) for f in error.faults]
        raise ScenarioError(
            [f if head is None else replace(f, file="arguments", line=None, field=options[head])
             for f, head in zip(error.faults, heads, strict=True)]
        ) from None  # fmt: skip


@contextmanager
def working(folder: Path | None) -> Iterator[None]:
    """As ``reporting``, but what was finished before an interruption is kept, and said so."""
    from transition_sim.experiments.engine import WorkersFail

    with reporting():
        try:
            yield
        except KeyboardInterrupt:
            say(words_beside()("stopped", folder=folder or "DIR"))
            raise typer.Exit(INTERRUPTED) from None
        except WorkersFail as error:
            words = words_beside()
            say(words("workers_fail", why=told(str(error), words.is_chinese)))
            raise typer.Exit(FAILED) from None


def _drive(
    study: Any, folder: Path, workers: int | None, scheduler: str | None, quiet: bool, retry: tuple[str, ...] = ()
) -> None:
    from transition_sim.experiments.driver import run_study

    if not quiet:
        announce_compiling()
    with watching(study, quiet) as (on_progress, on_estimate):
        command = ["transition-sim", *sys.argv[1:]]
        found = run_study(study, folder, workers, scheduler, on_progress, on_estimate, command, retry)
    counts, words = found.counts(), words_beside()
    bad = sum(counts[state] for state in BAD_STATES)
    say(words("study_ended", done=f"{counts['done']:,}", bad=f"{bad:,}", folder=folder))
    for line in failures(found, 3, words):
        say(line)
    if bad:
        say(words("once_mended", folder=folder))
    if not counts["done"]:
        raise typer.Exit(FAILED)


def studies_command(
    lang: Lang = Language.en,
) -> None:
    """Studies of the library: the questions that the model is made for."""
    with reporting():
        from rich.table import Table

        from transition_sim.experiments.library import find_study, list_studies
        from transition_sim.experiments.report_words import WORDS as DESIGNS

        words = Words(lang)
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column, (english, chinese) in STUDY_HEADS.items():
            table.add_column(chinese if words.is_chinese else english, overflow="fold", no_wrap=column == "id")
        for name in list_studies():
            data = find_study(name).data
            design = DESIGNS[f"design_{data.get('design', {}).get('kind', 'list')}"][words.is_chinese]
            about = escape(words.name(data["description"]))
            table.add_row(name, escape(words.name(data["name"])), design, str(data.get("replicates", 1)), about)
        output().print(table)


def analyse_command(
    what: Annotated[str, typer.Argument(metavar="WHAT", help=f"One of: {', '.join(ANALYSES)}.")],
    folder: Folder,
    measure: Annotated[
        str | None, typer.Option(metavar="KEY", help="Measure to look at.", show_default="cumulative CO2")
    ] = None,
    column: Annotated[str, typer.Option(metavar="NAME", help="Annual column.")] = "dual_control_tco2",
    above: Annotated[
        float | None,
        typer.Option(metavar="VALUE", help="Discovery: what is high.", show_default="upper quarter"),
    ] = None,
    maximise: Annotated[bool, typer.Option("--maximise", help="Regret: more of the measure is better.")] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Table and figure.", show_default="analyses in the folder")
    ] = None,
    lang: Lang = Language.en,
) -> None:
    """Look at a finished study: a table, a figure, and what they say."""
    with reporting(), refusing("analyse"):
        from transition_sim.core.errors import Fault, ScenarioError
        from transition_sim.experiments.analyses.finding import Options
        from transition_sim.experiments.analyses.registry import analyse
        from transition_sim.experiments.tables import read_results
        from transition_sim.export import check_writable
        from transition_sim.scenarios.messages import shown, suggestion

        if what not in ANALYSES:
            rule, remedy = "there is no such analysis", suggestion(what, ANALYSES, "analyses")
            raise ScenarioError([Fault("arguments", None, "WHAT", shown(what), rule, remedy)])
        options, results = Options(measure, column, above, maximise), read_results(folder)
        check_writable(out or folder / "analyses")
        finding = analyse(what, results, options)
        print_finding(finding, lang is Language.zh)
        for path in finding.save(out or folder / "analyses", lang is Language.zh):
            output().print(str(path), markup=False, soft_wrap=True)


def print_finding(finding: Any, is_chinese: bool) -> None:
    """Print the table of an analysis, and what it says."""
    from rich.table import Table

    from transition_sim.experiments.analyses.heads import cell, head

    console = output()
    console.print(f"[bold]{escape(finding.title[is_chinese])}[/bold]")
    words = Words(Language.zh if is_chinese else Language.en)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in finding.table.columns:
        numeric = finding.table[name].dtype.kind in "if"
        table.add_column(head(name, is_chinese), justify="right" if numeric else "left", overflow="fold")
    for row in finding.shown(is_chinese).head(MOST_ROWS).itertuples(index=False):
        cells = (cell(value, name, is_chinese) for value, name in zip(row, finding.table.columns, strict=True))
        table.add_row(*map(escape, cells))
    console.print(Fitted(table, [head(name, is_chinese) for name in ("runs", "pairs", "case")], words))
    if len(finding.table) > MOST_ROWS:
        console.print(words("more_rows", n=len(finding.table) - MOST_ROWS), markup=False)
    for sentence in finding.sentences:
        console.print(sentence[is_chinese], markup=False, soft_wrap=True)


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """Turn a study that does not allow what is asked into a report without a traceback."""
    from transition_sim.core.errors import Fault, ScenarioError

    try:
        yield
    except ScenarioError:
        raise
    except ModuleNotFoundError as error:
        rule = f"this needs the package {error.name}, which a plain installation leaves out"
        remedy = 'Install the extra: python -m pip install -c constraints.txt -e ".[study]"'
        raise ScenarioError([Fault("arguments", None, what, "", rule, remedy)]) from None
    except ValueError as error:
        remedy = "See docs/laboratory.md for what each analysis needs."
        raise ScenarioError([Fault("arguments", None, what, "", str(error), remedy)]) from None


def report_command(
    folder: Folder,
    lang: Lang = Language.en,
) -> None:
    """Write a report of a study: one HTML file with figures, settings, seeds, assumptions and limits."""
    with reporting(), refusing("report"):
        from transition_sim.experiments.report import write_report
        from transition_sim.experiments.tables import read_results
        from transition_sim.export import check_writable

        results = read_results(folder)
        check_writable(folder, "folder", "Copy the folder of the study to where you may write.")
        path = write_report(results, lang.value)
        output().print(Words(lang)("written", folder=path), markup=False, soft_wrap=True)
