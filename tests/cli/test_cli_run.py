"""`transition-sim run` on the minimal place: the report, the files, and every way in which it can fail."""

import json
import os
import re
import signal
import subprocess
import sys

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from transition_sim.cli.app import app
from transition_sim.core.errors import ConservationError

SHORT = ["run", "minimal", "--until", "2022"]
FILES = {
    "manifest.json", "origins.json", "overview.png", "scenario.yaml", "summary.json", "supply_chain.graphml",
    "decisions.parquet", "evaluation",
    *(f"{t}.{e}" for t in ("place", "annual", "sector", "county", "technology", "vintage", "agent", "enterprises",
                           "market", "events") for e in ("csv", "parquet")),
}  # fmt: skip


def invoke(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "result"
    answer = invoke(*SHORT, "--out", folder)
    assert answer.exit_code == 0, answer.output
    return folder


def test_a_fault_names_the_option_as_it_was_typed():
    answer = invoke("run", "minimal", "--until", "1900")
    assert answer.exit_code == 2
    assert "arguments: --until = 1900: this must be at least 2000." in answer.stderr


def test_without_out_the_report_is_all_that_there_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = invoke(*SHORT)
    assert answer.exit_code == 0
    assert "Minimal place · Current plan (current) · 2020-2022" in answer.stdout
    assert "7 enterprises · seed 1" in answer.stdout
    assert list(tmp_path.iterdir()) == []


def test_out_holds_tables_figure_graph_and_manifest(written):
    assert {p.name for p in written.iterdir()} == FILES
    assert (written / "overview.png").read_bytes().startswith(b"\x89PNG")
    place = pd.read_parquet(written / "place.parquet")
    assert list(place["quarter"]) == [f"{y}Q{q}" for y in (2020, 2021, 2022) for q in (1, 2, 3, 4)]
    manifest = json.loads((written / "manifest.json").read_text())
    assert (manifest["seed"], manifest["policy"], manifest["end_year"]) == (1, "current", 2022)
    assert json.loads((written / "summary.json").read_text())["scenario_hash"] == manifest["scenario_hash"]


def test_csv_and_parquet_agree(written):
    for table in ("annual", "technology"):
        binary, text = pd.read_parquet(written / f"{table}.parquet"), pd.read_csv(written / f"{table}.csv")
        pd.testing.assert_frame_equal(binary, text, check_dtype=False, rtol=1e-12)


def test_the_graph_has_the_enterprises_as_nodes(written):
    import networkx as nx

    assert nx.read_graphml(written / "supply_chain.graphml").number_of_nodes() == 7


def test_the_scenario_of_a_result_runs_again_to_the_same_tables(written, tmp_path):
    again = tmp_path / "again"
    assert invoke("run", written / "scenario.yaml", "--out", again).exit_code == 0
    assert (again / "place.parquet").read_bytes() == (written / "place.parquet").read_bytes()
    first, second = (json.loads((f / "manifest.json").read_text())["scenario_hash"] for f in (written, again))
    assert first == second


def test_another_seed_is_another_run_of_the_same_scenario(written, tmp_path):
    other = tmp_path / "other"
    assert invoke(*SHORT, "--seed", "2", "--out", other, "--quiet").exit_code == 0
    assert (other / "place.csv").read_bytes() != (written / "place.csv").read_bytes()
    assert (other / "scenario.yaml").read_bytes() == (written / "scenario.yaml").read_bytes()


def test_set_policy_and_overlay_reach_the_scenario(tmp_path):
    overlay = tmp_path / "mine.yaml"
    overlay.write_text("format: overlay/1\nlevers: {capex_subsidy_share: 0.3, green_procurement_share: 0.2}\n")
    out = tmp_path / "out"
    sets = ["--set", "levers.capex_subsidy_share=0.4"]
    assert invoke(*SHORT, "--policy", "none", "--overlay", overlay, *sets, "--out", out).exit_code == 0
    scenario = yaml.safe_load((out / "scenario.yaml").read_text())
    assert scenario["levers"] == {"capex_subsidy_share": 0.4, "green_procurement_share": 0.2}


def test_chinese_report():
    answer = invoke(*SHORT, "--lang", "zh")
    assert "最小示例 · 现行方案 (current) · 2020-2022" in answer.stdout
    assert "碳达峰" in answer.stdout


def test_quiet_is_one_line():
    answer = invoke(*SHORT, "--quiet")
    assert answer.stdout.startswith("Carbon peak 202")
    assert len(answer.stdout.splitlines()) == 1
    assert answer.stderr == ""


# --- mistakes ---------------------------------------------------------------------------------------------------------


def test_every_fault_is_one_line_and_nothing_is_written(tmp_path):
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "format: policy/1\nid: mine\nname: {en: Mine, zh: 我的}\ndescription: {en: A, zh: 甲}\n"
        "levers:\n  capex_subsidy_share: 2\n  capex_subsidi: 1\n"
    )
    out = tmp_path / "out"
    answer = invoke("run", "minimal", "--policy", policy, "--set", "levers.nothing=1", "--out", out)
    assert answer.exit_code == 2
    lines = answer.stderr.splitlines()
    assert (
        f"{policy}:6: levers.capex_subsidy_share = 2: the lever ranges from 0 to 0.5 share of capex. "
        "Write a value in the range; 0 is neutral." in lines
    )
    assert any(line.startswith(f"{policy}:7: levers.capex_subsidi") for line in lines)
    assert any(line.startswith("--set: levers.nothing: there is no such lever.") for line in lines)
    assert lines[-1] == "3 faults. Nothing was run or written."
    assert not out.exists()


def test_unknown_place_suggests_a_near_one():
    answer = invoke("run", "guangan_cit")
    assert answer.exit_code == 2
    assert "place = guangan_cit: the library has no place of this name. Did you mean guangan_city?" in answer.stderr


def test_a_missed_base_year_balance_refuses_and_shows_it():
    """The balance by hand gives 234 216 t; a gate of 200 000 t is missed by 17 %."""
    sets = "place.gate.co2={value: 200000 tCO2/yr, source: round, confidence: low}"
    answer = invoke(*SHORT, "--set", sets)
    assert answer.exit_code == 2, answer.output
    assert "gate.co2" in answer.stderr
    assert re.search(r"200,000 tCO2: \+1[67]\.\d %, allowed 5 %", answer.stderr)


def test_a_result_is_replaced_only_when_told(written):
    before = (written / "place.csv").read_bytes()
    answer = invoke("run", "minimal", "--until", "2021", "--out", written)
    assert answer.exit_code == 2
    assert "the output folder exists already. Choose another folder, or give --force to replace it." in answer.stderr
    assert (written / "place.csv").read_bytes() == before


def test_force_replaces_a_result(tmp_path):
    out = tmp_path / "out"
    assert invoke(*SHORT, "--quiet", "--out", out).exit_code == 0
    (out / "old.txt").write_text("old")
    assert invoke("run", "minimal", "--until", "2021", "-q", "--out", out, "--force").exit_code == 0
    assert len(pd.read_parquet(out / "annual.parquet")) == 2
    assert {p.name for p in out.iterdir()} == FILES
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_folder_of_other_things_is_not_replaced_even_with_force(tmp_path):
    (tmp_path / "thesis.txt").write_text("dear")
    answer = invoke(*SHORT, "--out", tmp_path, "--force")
    assert answer.exit_code == 2
    assert "the folder exists and holds something other than a result" in answer.stderr
    assert (tmp_path / "thesis.txt").read_text() == "dear"


def test_out_is_checked_before_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr("transition_sim.build.run", lambda *a, **k: pytest.fail("the model ran"))
    (tmp_path / "file").write_text("")
    assert invoke(*SHORT, "--out", tmp_path / "file").exit_code == 2
    assert invoke(*SHORT, "--out", tmp_path / "file" / "below").exit_code == 2


def test_a_broken_identity_is_reported_with_its_numbers(monkeypatch, tmp_path):
    def broken(*_, **__):
        raise ConservationError("B08 money", 12.5, "CNY", "2027Q3", [("bank_1", 12.5)])

    monkeypatch.setattr("transition_sim.build.run", broken)
    answer = invoke(*SHORT, "--out", tmp_path / "out")
    assert answer.exit_code == 3
    assert "B08 money is broken in 2027Q3: residual 12.5 CNY (bank_1: 12.5)" in answer.stderr
    assert "Traceback" not in answer.output
    assert list(tmp_path.iterdir()) == []
    told = invoke(*SHORT, "--lang", "zh").stderr.splitlines()
    assert told[0] == "2027Q3 账目恒等式“B08 资金”不成立：残差 12.5 元（bank_1：12.5）"
    assert told[1].startswith("账目恒等式不成立")


@pytest.mark.parametrize("moment", ["transition_sim.export.summary", "transition_sim.figures.draw_overview"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device", "x.parquet")])
def test_an_interruption_while_writing_leaves_nothing(monkeypatch, tmp_path, moment, error):
    def stop(*_, **__):
        raise error

    monkeypatch.setattr(moment, stop)
    answer = invoke(*SHORT, "--out", tmp_path / "out")
    assert answer.exit_code == (130 if error is KeyboardInterrupt else 1)
    assert "Traceback" not in answer.output
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_while_replacing_keeps_the_old_result(monkeypatch, tmp_path):
    out = tmp_path / "out"
    assert invoke(*SHORT, "-q", "--out", out).exit_code == 0
    before = (out / "place.csv").read_bytes()
    real = os.replace

    def second_fails(source, target):
        if str(target).endswith("out") and "kept" not in str(source):
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr("transition_sim.export.os.replace", second_fails)
    assert invoke("run", "minimal", "--until", "2021", "--out", out, "--force").exit_code == 130
    assert (out / "place.csv").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


MAIN = "from transition_sim.cli import main; main()"
SLOW = f"""
import time
from transition_sim import build
def run(*_, **__):
    print("running", flush=True)
    {{}}
build.run = run
{MAIN}
"""


def start(code, *arguments):
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], stdout=pipe, stderr=pipe, text=True)


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize(
    "work", ["time.sleep(60)", "try: time.sleep(60)\n    except BaseException: raise RuntimeError('compiler upset')"]
)
def test_signals_end_the_command_without_traceback_or_files(tmp_path, sent, status, work):
    command = start(SLOW.format(work), "run", "minimal", "--out", tmp_path / "out")
    assert command.stdout.readline() == "running\n"
    command.send_signal(sent)
    _, said = command.communicate(timeout=60)
    assert command.returncode == status, said
    assert said.splitlines()[-1] == "Interrupted. Nothing was written."
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_the_command_of_a_shell_reports_faults_with_status_2():
    command = start(MAIN, "run", "nowhere")
    _, said = command.communicate(timeout=60)
    assert command.returncode == 2
    assert said.splitlines()[-1] == "1 fault. Nothing was run or written."
    assert "Traceback" not in said
