"""The commands. Heavy modules are read inside them, so that help and lists answer at once."""

import time
from pathlib import Path
from typing import Annotated

import typer

from transition_sim.cli import checkpoints
from transition_sim.cli import study as laboratory
from transition_sim.cli.examples import epilog
from transition_sim.cli.fit import fit_command
from transition_sim.cli.listing import LISTINGS, command_of
from transition_sim.cli.options import (
    Force,
    Lang,
    LangBeside,
    Overlay,
    Place,
    Policy,
    Seed,
    Sets,
    Shocks,
    Until,
    default_policy,
    load,
    policy_name,
    speak_below,
)
from transition_sim.cli.park_test import park_test_command
from transition_sim.cli.patterns import patterns_command
from transition_sim.cli.place_report import places_command
from transition_sim.cli.search import calibrate_command, search_command
from transition_sim.cli.speaking import SpeakingGroup, SpeakingTyper
from transition_sim.cli.terminal import output, progress, reporting, say, words_beside
from transition_sim.cli.words import Language, Words

WHOLE_FORMATS = ("place/1", "portfolio/1", "scenario/1")
app = SpeakingTyper(
    cls=SpeakingGroup,
    name="transition-sim",
    help="Carbon peaks of industrial parks and cities: who adopts what and when, and who pays.",
    epilog=epilog(""),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, and the report in a line.")]


def _version(wanted: bool) -> None:
    if wanted:
        from transition_sim.version import __version__

        typer.echo(f"transition-sim {__version__}")
        raise typer.Exit


@app.callback(epilog=epilog(""))
def options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print version.")
    ] = False,
    lang: LangBeside = None,
) -> None:
    """Carbon peaks of industrial parks and cities: who adopts what and when, and who pays."""
    speak_below(context, lang)


@app.command("run", epilog=epilog("run"))
def run_command(
    place: Place,
    policy: Policy = None,
    overlay: Overlay = None,
    sets: Sets = None,
    shock: Shocks = None,
    seed: Seed = 1,
    until: Until = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write tables, figure and manifest here.")] = None,
    force: Force = False,
    lang: Lang = Language.en,
    quiet: Quiet = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="All technologies and warnings.")] = False,
    checkpoint: Annotated[
        str | None, typer.Option(metavar="YEAR=FILE", help="Lay the run down at the end of a year, and go on.")
    ] = None,
) -> None:
    """Run a place under a policy and say when it peaks, who adopts what, and who pays."""
    with reporting():
        if out is not None:
            from transition_sim.export import check_target

            check_target(out, force)
        named = policy if policy is not None else default_policy(place)
        scenario = load(place, named, overlay, sets, until, shock)
        laid_down = checkpoints.read_request(checkpoint, scenario.clock)
        started = time.perf_counter()
        with progress(scenario.place.id, quiet) as advance:
            from transition_sim import build

            if laid_down is None:
                result = build.run(scenario, seed=seed, on_quarter=advance)
            else:
                result = checkpoints.run_to_the_end(build.build_model(scenario, seed), advance, *laid_down)
        seconds = time.perf_counter() - started
        if out is not None:
            from transition_sim.export import write_result

            out = write_result(result, out, force, is_chinese=lang is Language.zh)
        print_run(result, Words(lang), seconds, out, quiet, verbose)


def print_run(result, words: Words, seconds: float, out: Path | None, quiet: bool, verbose: bool) -> None:
    """Print what a run says, in a line or in full."""
    from transition_sim.cli.report import one_line, run_report

    console = output()
    if quiet:
        console.print(one_line(result, words), markup=False)
    else:
        name = policy_name(result.scenario.policy_id, words)
        for part in run_report(result, words, name, seconds, verbose):
            console.print(part)
    if out is not None:
        console.print(words("written", folder=out), markup=False, soft_wrap=True)
    elif not quiet:
        console.print(words("not_written"), markup=False)


@app.command("compare", epilog=epilog("compare"))
def compare_command(
    place: Place,
    policy: Annotated[list[str], typer.Option(metavar="NAME|FILE", help="Twice: A, then B.")],
    overlay: Overlay = None,
    sets: Sets = None,
    shock: Shocks = None,
    replicates: Annotated[int, typer.Option(min=2, help="Pairs of runs.")] = 20,
    seed: Seed = 1,
    until: Until = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes.", show_default="more than one where it pays")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE.csv", help="Write the table here.")] = None,
    force: Force = False,
    lang: Lang = Language.en,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Run a place under two policies with the same seeds and show the paired differences."""
    if len(policy) != 2:
        raise typer.BadParameter(f"give --policy twice, for A and for B; there are {len(policy)}")
    with reporting():
        pair = [load(place, name, overlay, sets, until, shock) for name in policy]
        with progress(f"{policy[0]} - {policy[1]}", quiet) as advance:
            from transition_sim.cli.comparison_report import check_file_target, comparison_parts, write_comparison
            from transition_sim.comparison import compare

            if out is not None:
                check_file_target(out, force)
            found = compare(pair[0], pair[1], replicates=replicates, seed=seed, workers=workers, on_pair=advance)
        if out is not None:
            out = write_comparison(found, out)
        words, console = Words(lang), output()
        names = (policy_name(pair[0].policy_id, words), policy_name(pair[1].policy_id, words))
        for part in comparison_parts(found, words, names):
            console.print(part)
        if out is not None:
            console.print(words("written", folder=out), markup=False, soft_wrap=True)


@app.command("scoreboard", epilog=epilog("scoreboard"))
def scoreboard_command(
    place: Place,
    policy: Policy = None,
    overlay: Overlay = None,
    sets: Sets = None,
    shock: Shocks = None,
    replicates: Annotated[int, typer.Option(min=1, help="Runs.")] = 20,
    seed: Seed = 1,
    until: Until = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE.csv", help="Write the targets here.")] = None,
    figure: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Draw the targets here.")] = None,
    force: Force = False,
    lang: Lang = Language.en,
    as_json: Annotated[bool, typer.Option("--json", help="Print targets and indicators as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Hold a place against the targets of its plan over many runs: met, on track, lag, missed or not modelled."""
    with reporting():
        from transition_sim.cli.scoreboard_report import check_targets

        check_targets(out, figure, force)
        named = policy if policy is not None else default_policy(place)
        scenario = load(place, named, overlay, sets, until, shock)
        with progress(scenario.place.id, quiet) as advance:
            from transition_sim.scoreboard import scoreboard

            board = scoreboard(scenario, replicates=replicates, seed=seed, on_run=advance)
        _print_scoreboard(board, Words(lang), out, figure, as_json)


def _print_scoreboard(board, words: Words, out: Path | None, figure: Path | None, as_json: bool) -> None:
    import json

    from transition_sim.cli.scoreboard_report import as_data, scoreboard_parts, write_whole
    from transition_sim.scoreboard.words import BoardWords

    board_words, name = BoardWords(words), policy_name(board.scenario.policy_id, words)
    written = []
    if out is not None:
        written.append(write_whole(out, board.table.to_csv))
    if figure is not None:
        from transition_sim.cli.scoreboard_figure import draw_scoreboard, drawable

        drawn = drawable(words)
        drawn_name = policy_name(board.scenario.policy_id, drawn)
        written.append(draw_scoreboard(board, BoardWords(drawn), drawn_name, figure))
    if as_json:
        typer.echo(json.dumps(as_data(board), ensure_ascii=False, indent=2, allow_nan=False))
        return
    console = output()
    for part in scoreboard_parts(board, board_words, name):
        console.print(part)
    for path in written:
        console.print(words("written", folder=path), markup=False, soft_wrap=True)


@app.command("evaluate", epilog=epilog("evaluate"))
def evaluate_command(
    place: Place,
    year: Annotated[int, typer.Option(metavar="YEAR", help="Year that is evaluated; the run ends with it.")],
    policy: Policy = None,
    overlay: Overlay = None,
    sets: Sets = None,
    shock: Shocks = None,
    seed: Seed = 1,
    out: Annotated[Path | None, typer.Option(metavar="FILE.md", help="Write the report here.")] = None,
    force: Force = False,
    lang: Lang = Language.en,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Write the annual evaluation of a place: progress, cases, six problems, suggestions, chronicle."""
    with reporting():
        from transition_sim.cli.comparison_report import check_file_target
        from transition_sim.core.errors import Fault, ScenarioError

        if out is not None:
            check_file_target(out, force)
        named = policy if policy is not None else default_policy(place)
        scenario = load(place, named, overlay, sets, year, shock, until_option="--year")
        if year <= scenario.clock.start_year:
            rule = f"the run starts in {scenario.clock.start_year}, the year that others are held against"
            fault = Fault(
                "arguments", None, "--year", str(year), rule, f"Write {scenario.clock.start_year + 1} or later."
            )
            raise ScenarioError([fault])
        with progress(scenario.place.id, quiet) as advance:
            from transition_sim import build
            from transition_sim.evaluation_report import evaluation_text

            result = build.run(scenario, seed=seed, on_quarter=advance)
        text = evaluation_text(result, year, lang.value)
        if out is None:
            typer.echo(text, nl=False)
            return
        out.write_text(text, encoding="utf-8")
        output().print(Words(lang)("written", folder=out), markup=False, soft_wrap=True)


@app.command("check", epilog=epilog("check"))
def check_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A place, policy, shock, overlay or resolved scenario.")],
    lang: LangBeside = None,
) -> None:
    """Check a file: say that it is in order, or list every fault with line, rule and remedy.

    A place is also built, and its base year is weighed against the totals that the file states.
    """
    with reporting():
        from transition_sim.core.errors import ScenarioError
        from transition_sim.scenarios import check_file
        from transition_sim.scenarios.loader import read_document

        if faults := check_file(file):
            raise ScenarioError(faults)
        if read_document(file).data["format"] in WHOLE_FORMATS:
            with progress(str(file), quiet=False):
                from transition_sim import build

                scenario = load(str(file), None, None, None, None)
                (build.build_portfolio if scenario.place.members else build.build_model)(scenario)
        typer.echo(words_beside()("in_order", file=file))


@app.command("ui", epilog=epilog("ui"))
def ui_command(
    place: Annotated[str, typer.Option(metavar="PLACE", help="A place of the library.")] = "guangan_city",
    host: Annotated[str, typer.Option(help="Address to listen on; 127.0.0.1 is this machine only.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8765,
    lang: Annotated[
        Language | None,
        typer.Option(metavar="en|zh", help="Language at the start.", show_default="as the browser asks"),
    ] = None,
    pairs: Annotated[int, typer.Option(min=1, max=200, help="Pairs of runs behind the band of uncertainty.")] = 12,
    root_path: Annotated[str, typer.Option(metavar="PATH", help="Where a proxy mounts the pages, such as /lab.")] = "",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Open the laboratory in a browser: levers that answer at once, enterprises that say why, lessons."""
    with reporting():
        from transition_sim.viz.server import serve
        from transition_sim.viz.settings import Settings, check_place

        check_place(place)
        address, words = f"http://{host}:{port}{root_path}/", words_beside()

        def on_ready() -> None:
            say(words("served", address=address))
            if not no_browser:
                import webbrowser

                webbrowser.open(address)

        serve(Settings(place, lang.value if lang is not None else None, pairs), host, port, root_path, on_ready)
        say(words("served_until"))


for _listing in LISTINGS:
    app.command(_listing.name, help=_listing.help, epilog=epilog(_listing.name))(
        places_command if _listing.name == "places" else command_of(_listing)
    )
app.command("park-test", epilog=epilog("park-test"))(park_test_command)
app.add_typer(laboratory.app)
app.command("studies", epilog=epilog("studies"))(laboratory.studies_command)
app.command("analyse", epilog=epilog("analyse"))(laboratory.analyse_command)
app.command("report", epilog=epilog("report"))(laboratory.report_command)
app.command("restart", epilog=epilog("restart"))(checkpoints.restart_command)
app.command("search", epilog=epilog("search"))(search_command)
app.command("calibrate", epilog=epilog("calibrate"))(calibrate_command)
app.command("patterns", epilog=epilog("patterns"))(patterns_command)
app.command("fit-patterns", epilog=epilog("fit-patterns"))(fit_command)
