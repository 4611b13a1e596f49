"""The how-tos, followed: every file that a page names is written, every command is typed, what it shows appears.

``NAME``: writes the block below it; "more" appends it. Commands run in an empty folder; ``pip install`` puts a package
of the page into a folder that the process finds. Pages that change tables of the tree do so in a copy of the tables.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from tests.cli.test_docs_commands import blocks
from tests.extensions.packages import found_in, pip_install
from transition_sim.cli.app import app
from transition_sim.scenarios.table_reader import package_data

ROOT = Path(__file__).resolve().parents[2]
HOW_TO = ROOT / "docs" / "how_to"
PAGES = ("place", "lever", "technology", "decision_rule", "sector")
FILE = re.compile(r"^`([\w./]+)`(, more)?:\n\n```\w+\n(.*?)^```$", re.M | re.S)
OF_THE_TREE = ("technology", "sector")
"""Pages that change tables of the tree: here, of a copy."""
TABLES = Path("transition_sim/scenarios/data")


def text_of(page: str) -> str:
    return (HOW_TO / f"{page}.md").read_text("utf-8")


def commands(page: str) -> list[list[str]]:
    return [shlex.split(line) for block in blocks(HOW_TO / f"{page}.md", "") for line in block.splitlines() if line]


@pytest.fixture
def followed(tmp_path, monkeypatch):
    """Return a function that writes the files of a page into an empty folder, where the test then stands."""
    monkeypatch.chdir(tmp_path)

    def write_files(page: str) -> Path:
        if page in OF_THE_TREE:
            shutil.copytree(str(package_data()), tmp_path / TABLES)
        for name, more, text in FILE.findall(text_of(page)):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a" if more else "w", encoding="utf-8") as stream:
                stream.write(text)
        return tmp_path

    return write_files


def typed(words: list[str]):
    assert words[0] == "transition-sim"
    return CliRunner().invoke(app, words[1:])


def without_numbers(text: str) -> str:
    return re.sub(r"[+-]?[\d,.]*\d", "#", text).strip()


def test_every_page_is_in_the_site_and_writes_files():
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    (listed,) = (part["How to"] for part in nav if "How to" in part)
    assert {name for entry in listed for name in entry.values()} == {f"how_to/{page}.md" for page in PAGES}
    assert {path.stem for path in HOW_TO.glob("*.md")} == set(PAGES)
    assert all(FILE.findall(text_of(page)) and commands(page) for page in PAGES)


def test_a_place_is_wrong_at_first_and_then_runs(followed):
    folder = followed("place")
    check, run, run_chinese, show = commands("place")
    failed = typed(check)
    (report,) = blocks(HOW_TO / "place.md", "text")
    assert failed.exit_code == 2
    assert without_numbers(report) in without_numbers(failed.output)
    for words in (run, run_chinese, show):
        done = typed(words)
        assert done.exit_code == 0, done.output
    assert "碳" in typed(run_chinese).output
    assert "The yearbook of the park" in typed(show).output
    # 7,800 GJ of coal, 24,800 of gas and 2,200 of diesel by the factors that the page names
    assert pytest.approx(2248, abs=0.5) == 7_800 * 0.09089 + 24_800 * 0.05561 + 2_200 * 0.07259
    mended = yaml.safe_load((folder / "mended.yaml").read_text())["place"]["gate"]["co2"]["value"]
    assert mended == f"{2248 + 5_000 * 0.05561:.0f} tCO2/yr"


def test_a_lever_of_a_package(followed):
    folder = followed("lever")
    pip, extensions, levers, run = commands("lever")
    pip_install(folder / pip[-1], folder / "installed")
    with found_in(folder / "installed"):
        assert "park_advice (park-advice 0.1.0)" in typed(extensions).output
        assert "Advisors of parks" in typed(levers).output
        done = typed(run)
        assert done.exit_code == 0, done.output
        from transition_sim import load_scenario

        path = load_scenario("minimal", sets=["levers.park_advice=0.5"]).lever_path()
    assert path["online_monitoring_share"][0] == 0.5 * 0.5
    assert path["innovation_platforms"][0] == 10 * 0.5
    (record,) = json.loads((folder / "with_advice" / "manifest.json").read_text())["extensions"]
    assert (record["package"], record["version"]) == ("park-advice", "0.1.0")


def test_a_decision_rule_of_a_package(followed, capsys):
    folder = followed("decision_rule")
    extensions, pip, ours, theirs = commands("decision_rule")
    pip_install(folder / pip[-1], folder / "installed")
    with found_in(folder / "installed"):
        assert "imitation (imitation 0.1.0)" in typed(extensions).output
        for words in (ours, theirs):
            done = typed(words)
            assert done.exit_code == 0, done.output
        code = blocks(HOW_TO / "decision_rule.md", "python")[-1]
        exec(compile(code, "decision_rule.md", "exec"), {})
    assert "territorial" in capsys.readouterr().out
    (record,) = json.loads((folder / "theirs" / "manifest.json").read_text())["extensions"]
    assert (record["kind"], record["name"]) == ("technology_choice", "imitation")
    log = pd.read_parquet(next((folder / "theirs").rglob("decisions.parquet")))
    sums = log.groupby("decision")["probability"].sum()
    assert sums.to_numpy() == pytest.approx(1.0)
    assert (log["probability"] == 0.0).any()  # somebody saw green equipment that nobody had
    # who must retrofit or close does so by law; what a service company pays for is not drawn
    chosen = log[log["is_chosen"] & (log["trigger"] != "forced") & (log["outcome"] != "ordered_by_contract")]
    assert len(chosen) > 100
    assert (chosen["probability"] > 0.0).all()


def on_tables(folder: Path, words: list[str]) -> str:
    """Type a command over the tables of a folder, in a process of its own."""
    command = [sys.executable, "-m", "tests.docs.with_tables", str(folder / TABLES), *words[1:]]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_technology_is_seen_by_those_who_can_use_it(followed):
    folder = followed("technology")
    look, run = commands("technology")
    assert "steam_heat_pump_180" in on_tables(folder, look)
    on_tables(folder, run)
    technologies = pd.read_parquet(next((folder / "with_it").rglob("technology.parquet")))
    assert "steam_heat_pump_180" in set(technologies["technology"])
    log = pd.read_parquet(next((folder / "with_it").rglob("decisions.parquet")))
    seen = log[log["option"] == "steam_heat_pump_180"]
    assert len(seen) > 0
    assert seen["year"].min() >= 2024
    sector = pd.read_parquet(next((folder / "with_it").rglob("enterprises.parquet"))).set_index("enterprise")["sector"]
    assert set(sector[seen["enterprise"]]) <= {"CHM", "FCH", "FOD", "TEX"}


def test_a_sector_is_split_and_the_accounts_still_close(followed):
    folder = followed("sector")
    split, look, run = commands("sector")
    subprocess.run([sys.executable, split[1]], cwd=folder, check=True)
    assert "白酒" in on_tables(folder, [*look, "--lang", "zh"])
    on_tables(folder, run)  # stops where an identity of a quarter does not close
    table = pd.read_parquet(next((folder / "with_liquor").rglob("sector.parquet")))
    output = table[table["year"] == 2020].groupby("sector")["output_cny"].sum()
    assert output["LIQ"] == pytest.approx(100e6, rel=0.02)
    cells, rest = (pd.read_csv(folder / TABLES / f"{name}.csv") for name in ("io_coefficients", "io_rest"))
    shares = rest.set_index("sector").filter(like="_share").sum(axis=1)
    whole = cells.groupby("to_sector")["coef_total"].sum() + shares
    assert whole.to_dict() == {sector: pytest.approx(1.0, abs=1e-5) for sector in whole.index}
