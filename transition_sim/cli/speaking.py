"""A command line that speaks Chinese where that is asked: its help, and what it says of mistakes in what was typed."""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from typer.core import TyperCommand, TyperGroup

from transition_sim.cli.terminal import note_language, output, say, words_beside
from transition_sim.cli.words import Words
from transition_sim.scenarios.words.phrases import Phrases

HELP = Phrases(Path(__file__).parent / "help.csv")
SHORTER = (("[OPTIONS]", "help_some_options"), ("COMMAND [ARGS]...", "help_some_command"))


class Helping:
    """A command whose help is in the language of the terminal; English is that of Typer."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        if words_beside().is_chinese:
            formatter.write(help_page(self, ctx, words_beside()))
        else:
            super().format_help(ctx, formatter)  # type: ignore[misc]


class SpeakingCommand(Helping, TyperCommand):
    """A single command; an option that takes one value is given once, or the earlier one would go unheard."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what was typed.

        Raises
        ------
        typer.BadParameter
            When an option that takes one value is given several times.
        """
        typed = list(args)
        rest = super().parse_args(ctx, args)
        _, _, order = self.make_parser(ctx).parse_args(args=typed)
        options: list[Any] = [p for p in self.params if p.param_type_name == "option"]
        for option in options:
            if order.count(option) > 1 and not (option.multiple or option.is_flag):
                raise typer.BadParameter("give it once", ctx=ctx, param=option)
        return rest


class SpeakingGroup(Helping, TyperGroup):
    """Commands that tell mistakes in what was typed, and their help, in the language of the terminal."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Read what was typed."""
        if parent is None:
            note_language(args)
        with telling():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was typed."""
        with telling():
            return super().invoke(ctx)


class SpeakingTyper(typer.Typer):
    """A ``Typer`` whose commands speak."""

    def command(self, name: str | None = None, **asked: Any) -> Callable[[Any], Any]:
        """Register a command."""
        return super().command(name, cls=SpeakingCommand, **asked)


@contextmanager
def telling() -> Iterator[None]:
    """Tell mistakes in what was typed in Chinese where that is asked; English is told by Typer.

    Raises
    ------
    typer.Exit
    """
    try:
        yield
    except Exception as error:
        words = words_beside()
        if not (words.is_chinese and hasattr(error, "format_message")):
            raise
        say(mistake(error, words))
        raise typer.Exit(getattr(error, "exit_code", 2)) from None


def mistake(error: Any, words: Words) -> str:
    """Return what is wrong with what was typed; of a command without arguments, its help."""
    message, context = error.format_message(), getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return str(message)
    told = words("help_error", text=HELP.in_chinese(message.replace("\n", " ")))
    before = [] if context is None else [usage(context, words), words("help_try", path=context.command_path)]
    return "\n".join([*before, told])


def usage(context: Any, words: Words) -> str:
    """Return how a command is typed."""
    pieces = (re.sub("[{}]", "", piece) for piece in context.command.collect_usage_pieces(context))
    line = " ".join([context.command_path, *pieces])
    for english, key in SHORTER:
        line = line.replace(english, words(key))
    return words("help_usage", line=line)


def help_page(command: Any, context: Any, words: Words) -> str:
    """Return the help of a command: how it is typed, what it does, arguments, options, commands, examples."""
    from transition_sim.cli.examples import commands

    shown = [p for p in command.get_params(context) if not getattr(p, "hidden", False)]
    groups = {kind: [p for p in shown if p.param_type_name == kind] for kind in ("argument", "option")}
    parts = {
        f"help_{kind}s": [(_typed(p, words), _meaning(p, words)) for p in params] for kind, params in groups.items()
    }
    inner = getattr(command, "commands", {})
    parts["help_commands"] = (
        [(name, _first(inner[name].help)) for name in command.list_commands(context)] if inner else []
    )
    page = io.StringIO()
    console = Console(file=page, width=output().width, color_system=None, highlight=False)
    console.print(usage(context, words), markup=False)
    for paragraph in (command.help or "").split("\n\n"):
        console.print(f"\n{HELP.in_chinese(paragraph)}", markup=False)
    for key, rows in parts.items():
        if rows:
            console.print(f"\n{words(key)}", markup=False)
            console.print(_rows(rows))
    console.print(f"\n{words('help_examples')}", markup=False)
    for line in commands(_path(context)):
        console.print(f"  {line}", markup=False, soft_wrap=True)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def _path(context: Any) -> str:
    """Return the name of a command as examples know it: ``study run``."""
    before = _path(context.parent) if context.parent is not None else ""
    return f"{before} {context.info_name}".strip() if context.parent is not None else ""


def _rows(rows: Sequence[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for typed, meaning in rows:
        table.add_row(f"  {escape(typed)}", escape(meaning))
    return table


def _typed(parameter: Any, words: Words) -> str:
    """Return what is typed for a parameter: ``--policy NAME|FILE``."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name)
    value = "" if parameter.is_flag or parameter.count else f" {parameter.metavar or words('help_value')}"
    return ", ".join([*parameter.opts, *parameter.secondary_opts]) + value


def _meaning(parameter: Any, words: Words) -> str:
    """Return what a parameter is for, its default and whether it must be given."""
    meaning = HELP.in_chinese(parameter.help or "")
    if parameter.required:
        return meaning + words("help_required")
    default = parameter.show_default if isinstance(parameter.show_default, str) else parameter.default
    if default in (None, False, "", ()) or parameter.show_default is False:
        return meaning
    default = default.value if isinstance(default, Enum) else words("yes") if default is True else default
    return meaning + words("help_default", value=HELP.in_chinese(str(default)))


def _first(text: str | None) -> str:
    """Return the first paragraph of a help."""
    return HELP.in_chinese((text or "").split("\n\n")[0])
