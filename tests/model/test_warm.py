"""What is compiled ahead of a first run is what the run asks for: no rule is compiled twice, for other types."""

import subprocess
import sys

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
