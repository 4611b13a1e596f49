"""A study killed, interrupted and resumed as real processes gives the tables of one that was left alone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from transition_sim.experiments.driver import verify_study

STUDY = {
    "format": "study/1", "id": "stopped", "places": ["minimal"], "policies": ["none", "current"], "until": 2023,
    "replicates": 10, "design": {"kind": "grid"}, "levers": {"capex_subsidy_share": {"values": [0.0, 0.3]}},
    "outcomes": ["cumulative_dual_control_mtco2", "orders"],
}  # fmt: skip
RUNS = 40


def start(*arguments, workers=2):
    """Start a study in a process of its own; one worker is enough where nothing dies."""
    code = "from transition_sim.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, "study", *map(str, arguments), "--workers", str(workers)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def children_of(pid):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for_shards(process, folder, n):
    limit = time.monotonic() + 300
    while len(list((folder / "shards").glob("*.parquet"))) < n:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < limit
        time.sleep(0.01)


def tables_of(folder):
    return {path.name: path.read_bytes() for path in (folder / "tables").iterdir()}


@pytest.fixture(scope="module")
def study_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("study") / "stopped.yaml"
    path.write_text(yaml.safe_dump(STUDY), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def whole(study_file):
    folder = study_file.parent / "whole"
    process = start("run", study_file, "--out", folder, workers=1)
    _, told = process.communicate(timeout=400)
    assert process.returncode == 0, told
    assert "40 runs: 2 x 2 points x 10 seeds, 2020-2023." in told
    assert "s a run (measured)" in told
    return folder


def test_killed_and_resumed_tables_are_byte_equal(study_file, whole, tmp_path):
    folder = tmp_path / "killed"
    process = start("run", study_file, "--out", folder)
    wait_for_shards(process, folder, 3)
    workers = children_of(process.pid)
    process.kill()
    process.wait()
    assert not (folder / "tables").exists()
    limit = time.monotonic() + 5
    while any(map(is_running, workers)) and time.monotonic() < limit:
        time.sleep(0.05)
    assert not [pid for pid in workers if is_running(pid)]  # no orphan after 5 s
    again = start("resume", folder, workers=1)
    _, told = again.communicate(timeout=400)
    assert again.returncode == 0, told
    assert tables_of(folder) == tables_of(whole)


def test_a_killed_worker_loses_and_doubles_nothing(study_file, whole, tmp_path):
    folder = tmp_path / "worker"
    process = start("run", study_file, "--out", folder)
    wait_for_shards(process, folder, 2)
    for pid in children_of(process.pid)[-1:]:
        os.kill(pid, signal.SIGKILL)
    _, told = process.communicate(timeout=400)
    assert process.returncode == 0, told
    assert "40 runs done, 0 failed." in told
    assert tables_of(folder) == tables_of(whole)


def test_interrupted_leaves_no_half_file_and_says_how_to_go_on(study_file, whole, tmp_path):
    folder = tmp_path / "stopped"
    process = start("run", study_file, "--out", folder)
    wait_for_shards(process, folder, 2)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"go on with: transition-sim study resume {folder}" in told
    assert "Traceback" not in told
    assert not list(folder.rglob("*.part"))
    again = start("run", study_file, "--out", folder, workers=1)
    _, told = again.communicate(timeout=400)
    assert again.returncode == 0, told
    assert tables_of(folder) == tables_of(whole)


def test_a_second_look_finds_the_same_bits(whole):
    verdict = verify_study(whole, n_runs=2)
    assert verdict.is_sound
    assert len(verdict.checked) == 2
