"""`park-test PLACE`: the zero-carbon park and the near-zero park, two tests side by side."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from transition_sim.cli.options import (
    Force,
    Lang,
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
)
from transition_sim.cli.terminal import output, progress, reporting
from transition_sim.cli.words import Language, Words
from transition_sim.core.errors import Fault, ScenarioError

if TYPE_CHECKING:
    from transition_sim.parks import ParkTest
    from transition_sim.scenarios import Scenario

NO_FIGURE = Fault(
    "arguments", None, "--figure", "", "a figure shows one park", "Leave it out, or name a member that is a place."
)


def park_test_command(
    place: Place,
    policy: Policy = None,
    year: Annotated[
        int | None, typer.Option(metavar="YEAR", help="That is judged.", show_default="2030, or the last year")
    ] = None,
    overlay: Overlay = None,
    sets: Sets = None,
    shock: Shocks = None,
    replicates: Annotated[int, typer.Option(min=1, help="Runs.")] = 20,
    seed: Seed = 1,
    until: Until = None,
    figure: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Draw both tests here.")] = None,
    force: Force = False,
    lang: Lang = Language.en,
    as_json: Annotated[bool, typer.Option("--json", help="Print both tests as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Hold a park against the national zero-carbon and the provincial near-zero park: two tests, never merged."""
    with reporting():
        from transition_sim.cli.scoreboard_report import check_targets

        check_targets(None, figure, force)
        named = policy if policy is not None else default_policy(place)
        scenario = load(place, named, overlay, sets, until, shock)
        with progress(scenario.place.id, quiet) as advance:
            from transition_sim.parks import park_tests

            if figure is not None and scenario.place.members:
                raise ScenarioError([NO_FIGURE])
            tests = park_tests(scenario, year, replicates, seed, on_run=advance)
        if scenario.place.members:
            _print_members(scenario, tests, Words(lang), as_json)
        else:
            _print(tests[0], Words(lang), figure, as_json)


def _print_members(scenario: "Scenario", tests: "list[ParkTest]", words: Words, as_json: bool) -> None:
    from transition_sim.cli.park_report import as_data, portfolio_parts
    from transition_sim.cli.park_words import ParkWords

    if as_json:
        typer.echo(json.dumps([as_data(test) for test in tests], ensure_ascii=False, indent=2, allow_nan=False))
        return
    console = output()
    name = words.name(scenario.place.name)
    for part in portfolio_parts(tests, ParkWords(words), name, policy_name(scenario.policy_id, words)):
        console.print(part, soft_wrap=isinstance(part, str))


def _print(test: "ParkTest", words: Words, figure: Path | None, as_json: bool) -> None:
    from transition_sim.cli.park_report import as_data, park_parts
    from transition_sim.cli.park_words import ParkWords

    name = policy_name(test.scenario.policy_id, words)
    if figure is not None:
        from transition_sim.cli.park_figure import draw_park_test
        from transition_sim.cli.scoreboard_figure import drawable

        drawn = drawable(words)
        figure = draw_park_test(test, ParkWords(drawn), policy_name(test.scenario.policy_id, drawn), figure)
    if as_json:
        typer.echo(json.dumps(as_data(test), ensure_ascii=False, indent=2, allow_nan=False))
        return
    console = output()
    for part in park_parts(test, ParkWords(words), name):
        console.print(part, soft_wrap=isinstance(part, str))
    if figure is not None:
        console.print(words("written", folder=figure), markup=False, soft_wrap=True)
