"""A script that runs a study without a main guard is told so, once."""

import subprocess
import sys

SCRIPT = """
from transition_sim.experiments.driver import run_study
from transition_sim.experiments.study import load_study

content = {"format": "study/1", "id": "open", "places": ["minimal"], "until": 2020, "replicates": 4}
run_study(load_study(content), "out", workers=2)
"""


def test_a_script_without_a_main_guard_is_told_once_what_to_do(tmp_path):
    """Its workers end without a word of their own: one traceback, of the script, whose last line says it."""
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.count("Traceback") == 1, ended.stderr
    assert ended.stderr.count("would start workers of its own") == 1
    assert 'if __name__ == "__main__":' in ended.stderr.strip().splitlines()[-1]


def test_a_script_with_a_main_guard_works(tmp_path):
    guarded = SCRIPT.replace("run_study(load", 'if __name__ == "__main__":\n    run_study(load')
    (tmp_path / "script.py").write_text(guarded, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (tmp_path / "out" / "tables" / "runs.parquet").is_file()
