"""What the documents tell a reader to type exists: commands, options, places, levers, doors."""

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest
import typer

import transition_sim as ts
from transition_sim.cli.app import app
from transition_sim.scenarios import registry

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "docs" / "usage.md", ROOT / "docs" / "laboratory.md"]
FURTHER = ("parks", "scoreboard", "places", "tutorial", "patterns", "calibration", "browser")
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def blocks(path: Path, language: str) -> list[str]:
    """Return the fenced blocks of a language; every second fence closes one."""
    parts = re.split(r"^```(.*)\n", path.read_text(encoding="utf-8"), flags=re.M)
    fences = zip(parts[1::4], parts[2::4], strict=True)  # text, opening, content, closing, text, ...
    return [content for opening, content in fences if opening == language]


def typed() -> list[str]:
    lines = [
        line
        for path in [*DOCUMENTS, ROOT / "README.zh.md", *(ROOT / "docs" / f"{name}.md" for name in FURTHER)]
        for block in blocks(path, "")
        for line in block.splitlines()
    ]
    return [line for line in lines if line.startswith("transition-sim ")]


def test_documents_show_commands():
    assert {line.split()[1] for line in typed()} == set(COMMANDS)


@pytest.mark.parametrize("line", typed())
def test_every_command_and_option_exists(line):
    if " | " in line:
        assert {word.strip().split()[-1] for word in line.split("|")} <= set(COMMANDS)
        return
    _, name, *words = shlex.split(line)
    command = COMMANDS[name]
    if hasattr(command, "commands"):
        command = command.commands[words[0]]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= known
    for first, second in pairwise(words):
        if first == "--policy" and "|" not in second:
            assert second in ts.list_policies()
        if first == "--shock" and "|" not in second:
            assert second in ts.list_shocks()
        if first == "--set":
            assert second.split("=")[0].removeprefix("levers.") in registry.levers()


def of_places() -> list[str]:
    """Return the commands that run a place of the library as they stand."""
    found = [line for line in typed() if not {"[", "|", "<"} & set(line)]
    return [line for line in found if set(line.split()[2:3]) & set(ts.list_places())]


def test_commands_on_places_are_found():
    assert len(of_places()) > 15


@pytest.mark.parametrize("line", of_places())
def test_a_shown_scenario_can_be_run(line):
    """A shock outside the years of the run, or a year beyond them, is refused before it: not where we show it."""
    _, name, *words = shlex.split(line)
    given: dict[str, list[str]] = {}
    for first, second in pairwise(words):
        if first.startswith("--"):
            given.setdefault(first, []).append(second)
    last = given.get("--until") or (given.get("--year") if name == "evaluate" else None)
    for policy in given.get("--policy", ["current"]):
        scenario = ts.load_scenario(
            words[0], policy, sets=given.get("--set", ()), shocks=given.get("--shock", ()),
            end_year=int(last[0]) if last else None,
        )  # fmt: skip
        assert scenario.clock.n_years >= 2


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_python_of_the_documents_runs(path, tmp_path, monkeypatch):
    """On the small place and few years; two replicates."""
    monkeypatch.chdir(tmp_path)
    code = "\n".join(blocks(path, "python"))
    assert "guangan_city" in code
    code = code.replace("guangan_city", "minimal").replace("replicates=20", "replicates=2")
    code = code.replace('if __name__ == "__main__":', "if True:")
    exec(compile(code, path.name, "exec"), {})


def test_the_files_of_the_documents_are_in_order(tmp_path):
    texts = blocks(ROOT / "docs" / "usage.md", "yaml")
    assert [text.splitlines()[0] for text in texts] == ["format: overlay/1", "format: shock/1"]
    for text in texts:
        (tmp_path / "given.yaml").write_text(text, encoding="utf-8")
        assert ts.check_file(tmp_path / "given.yaml") == []
