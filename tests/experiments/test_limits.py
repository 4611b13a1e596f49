"""Limits of single runs: what takes too long is one row, and what cannot be interrupted ends its process."""

import dataclasses
import io
import subprocess
import sys
import threading
import time

import numpy as np
import pyarrow.parquet as pq
import pytest
from study_makers import seeds_only

from transition_sim.experiments import runs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="runs have no limit there")


def rows_of(simulate, n, limit_s):
    study = seeds_only(n)
    plan = dataclasses.replace(study.plan(), run_seconds=limit_s)
    answer = runs.work_with(simulate, plan, runs.task_of(study, range(n)))
    return pq.read_table(io.BytesIO(answer.data)).to_pandas()


def test_each_run_of_a_shard_has_the_whole_limit():
    seen = []

    def simulate(plan, scenario, seed):
        seen.append(threading.active_count())
        time.sleep(5.0 if len(seen) == 2 else 0.15)
        return np.zeros(len(plan.measures)), np.zeros((len(plan.columns), 3))

    before = threading.active_count()
    table = rows_of(simulate, 4, 0.4)  # 3 x 0.15 s is more than 0.4 s; the second alone takes more than it may
    assert list(table["status"]) == [runs.DONE, runs.TIMED_OUT, runs.DONE, runs.DONE]
    assert table["error"][1] == "the run took more than 0.4 s"
    assert seen == [before + 1] * 4, "one thread watches over all runs of a shard"


DEAF = """
import signal, time
from transition_sim.experiments import runs

limit = runs._Limit(0.1)
type(limit)._grace_s = 0.3  # instead of ten seconds
with limit, limit.run():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})  # as compiled code that never looks
    time.sleep(30.0)
print("came back")
"""


def test_a_run_that_hears_no_signal_ends_its_process():
    done = subprocess.run([sys.executable, "-c", DEAF], capture_output=True, text=True, timeout=25, check=False)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
