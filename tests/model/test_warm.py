"""What is compiled ahead of a first run is what the run asks for: no rule is compiled twice, for other types."""

import subprocess
import sys
import threading

import pytest

from transition_sim import warm
from transition_sim.core import kernel_folders, kernels

SCRIPT = """
import gc
from numba.core.dispatcher import Dispatcher
import transition_sim as ts
from transition_sim import rehearsal, warm

def compiled():
    rules = (o for o in gc.get_objects() if isinstance(o, Dispatcher) and o.signatures)
    return {
        r: len(r.signatures)
        for r in rules
        if r.py_func.__module__.startswith("transition_sim.") and "no_cpython_wrapper" not in r.targetoptions
    }

warm.compile_green_power()
rehearsal.rehearse()
ahead = compiled()
ts.run(ts.load_scenario("guangan_city", policy="current"), seed=1)
later = compiled()
print(*sorted(r.py_func.__name__ for r in ahead))
print(*sorted(r.py_func.__name__ for r in ahead if later[r] > ahead[r]))
"""


def test_what_is_compiled_ahead_is_compiled_for_the_types_of_a_run():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    ahead, again = (set(line.split()) for line in done.stdout.splitlines())
    assert {"trade_and_settle", "sign_contracts", "weigh_projects", "_decide_rows"} <= ahead
    assert {"offer_contracts", "settle_contracts", "leave_out_dead", "renew_fleets"} <= ahead
    # services are counted as numbers of two widths, and so are the rows of kilns
    assert again <= {"saves_energy", "kiln_measures"}


@pytest.mark.parametrize(("exit_status", "is_noted"), [(0, True), (1, False)])
def test_a_process_has_one_helper_however_many_places_it_makes(monkeypatch, exit_status, is_noted):
    """Models that are stepped and never run to their end leave no note of their own that the rules are compiled."""
    seen = []

    class Helper:
        def __init__(self, *_, **__):
            seen.append("helper")

        def wait(self):
            return exit_status

    monkeypatch.setattr(kernels, "is_cold", lambda: True)
    monkeypatch.setattr(kernels, "WRITABLE", True)
    monkeypatch.setattr(kernel_folders, "mark_run", lambda: seen.append("noted"))
    monkeypatch.setattr(warm.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(warm.subprocess, "Popen", Helper)
    monkeypatch.setattr(warm, "_ONCE", threading.Lock())
    monkeypatch.setattr(warm, "compile_green_power", lambda: seen.append("own share"))
    for _ in range(2):
        with warm.second_compiler():
            seen.append("body")
    assert seen == ["helper", "own share", "body", *(["noted"] if is_noted else []), "body"]
