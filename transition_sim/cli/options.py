"""Options that several commands share, and what they stand for."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from transition_sim.cli.words import Language, Words

if TYPE_CHECKING:
    from transition_sim.scenarios import Scenario

LARGEST_SEED = 2**62

Place = Annotated[str, typer.Argument(metavar="PLACE", help="A place of the library, or a file that ends in .yaml.")]
Policy = Annotated[
    str | None,
    typer.Option(metavar="NAME|FILE", help="Of the library, or a file that ends in .yaml.", show_default="current"),
]
Overlay = Annotated[
    list[Path] | None, typer.Option("--overlay", metavar="FILE", help="Lay a file over the scenario; repeatable.")
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="One value: levers.publicity=0.5; repeatable."),
]
Shocks = Annotated[
    list[str] | None,
    typer.Option("--shock", metavar="NAME|FILE", help="Let a dated event happen: drought, prices; repeatable."),
]
Seed = Annotated[
    int, typer.Option(min=0, max=LARGEST_SEED, metavar="N", help="Seed of the run, or of the first of many.")
]
Until = Annotated[int | None, typer.Option(metavar="YEAR", help="Last year of the run.", show_default="2035")]
Lang = Annotated[Language, typer.Option(metavar="en|zh", help="Language of what is printed.")]
LangBeside = Annotated[
    Language | None,
    typer.Option("--lang", metavar="en|zh", help="Language of what is printed.", show_default="of the terminal"),
]
Force = Annotated[bool, typer.Option("--force", help="Replace an older result.")]


def speak_below(context: typer.Context, lang: Language | None) -> None:
    """Let the commands below a group answer in the language that is asked of the group, unless they are asked too."""
    if lang is not None:
        context.default_map = _spoken(context.command, lang)


def _spoken(command: Any, lang: Language) -> dict[str, Any]:
    below = getattr(command, "commands", {})
    return {"lang": lang.value} | {name: _spoken(inner, lang) for name, inner in below.items()}


def load(
    place: str,
    policy: str | None,
    overlay: list[Path] | None,
    sets: list[str] | None,
    until: int | None,
    shocks: list[str] | None = None,
    until_option: str = "--until",
) -> "Scenario":
    """Return the scenario that the options of a command ask for; its faults name the options as they were typed.

    ``until_option`` is the option that the last year was given with.

    Raises
    ------
    ScenarioError
    """
    from transition_sim.core.errors import ScenarioError
    from transition_sim.scenarios import load_scenario

    try:
        return load_scenario(place, policy, list(overlay or []), sets or (), end_year=until, shocks=shocks or ())
    except ScenarioError as error:
        options = {"end_year": until_option}
        typed = [replace(f, field=options.get(f.field, f.field)) if f.file == "arguments" else f for f in error.faults]
        raise ScenarioError(typed) from None


def default_policy(place: str) -> str | None:
    """Return the policy of a run that names none: the current plan, but none over a scenario that brings its own."""
    from transition_sim.core.errors import ScenarioError
    from transition_sim.scenarios.compose import RESOLVED_FORMAT
    from transition_sim.scenarios.library import find_document

    try:
        document = find_document(place, "place")
    except ScenarioError:  # reported with all other faults when the scenario is loaded
        return "current"
    return None if document.data.get("format") == RESOLVED_FORMAT else "current"


def policy_name(policy_id: str, words: Words) -> str:
    """Return name and id of a policy of the library, or the id of another one."""
    from transition_sim.scenarios.library import find_document, list_policies

    if policy_id not in list_policies():
        return policy_id
    return f"{words.name(find_document(policy_id, 'policy').data['name'])} ({policy_id})"
