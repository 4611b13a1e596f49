"""Compiled rules are kept by what they are made of: their own file and all that it imports."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from transition_sim.core import kernels

INNER = "from transition_sim.core.kernels import compiled\n@compiled\ndef inner(x):\n    return x + {added}\n"
OUTER = (
    "from transition_sim.core.kernels import compiled\nfrom transition_sim.inner import (\n    inner,\n)\n"
    "@compiled\ndef outer(x):\n    return 2 * inner(x)\n"
)
ALONE = "from transition_sim.core.kernels import compiled\n@compiled\ndef alone(x):\n    return -x\n"
ASK = "from transition_sim.outer import outer; from transition_sim.alone import alone; print(outer(1), alone(1))"


def _answer(root: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(root), "TRANSITION_SIM_CACHE_DIR": str(root / "cache")}
    environment.pop("NUMBA_CACHE_DIR", None)
    done = subprocess.run([sys.executable, "-c", ASK], env=environment, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_edit_compiles_what_depends_on_it_and_nothing_else(tmp_path):
    package = tmp_path / "transition_sim"
    (package / "core").mkdir(parents=True)
    for folder in (package, package / "core"):
        (folder / "__init__.py").touch()
    shutil.copy(kernels.__file__, package / "core" / "kernels.py")
    (package / "inner.py").write_text(INNER.format(added=1))
    (package / "outer.py").write_text(OUTER)
    (package / "alone.py").write_text(ALONE)
    assert _answer(tmp_path) == "4 -1"  # 2 (1 + 1)
    kept = {path.name for path in (tmp_path / "cache" / "kernels").iterdir()}
    (package / "inner.py").write_text(INNER.format(added=5))
    assert _answer(tmp_path) == "12 -1"  # 2 (1 + 5), though outer.py itself is as it was
    fresh = {path.name for path in (tmp_path / "cache" / "kernels").iterdir()} - kept
    assert sorted(name.split("-")[0] for name in fresh) == ["inner", "outer"]


def _halved_and_counted(rows):
    """Return a sum and a count by early return, as rules do."""
    total = 0.0
    for row in rows:
        if row < 0.0:
            return total, -1
        total += row / 2
    return total, rows.shape[0]


def test_a_merged_rule_is_lines_of_its_caller_and_not_compiled_for_itself():
    """1/2 + 3/2 = 2 of two rows; a negative one ends it after 1/2. A part beside it is compiled for itself."""
    merged, part = kernels.merged(_halved_and_counted), kernels.part(_halved_and_counted)

    @kernels.numba.njit
    def of_merged(rows):
        total, n = merged(rows)
        return total, n

    @kernels.numba.njit
    def of_part(rows):
        total, n = part(rows)
        return total, n

    for caller in (of_merged, of_part, merged):
        assert caller(np.array([1.0, 3.0])) == (2.0, 2)
        assert caller(np.array([1.0, -3.0])) == (0.5, -1)
    assert [len(rule._inner.overloads) for rule in (merged, part)] == [0, 1]
