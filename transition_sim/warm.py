"""The first run of a version compiles its rules: two processes share them.

Numba compiles one rule at a time in a process. This one takes the market for green power, which can be called with
figures out of the air, and then what the years before a run need: production, power, money. Another one rehearses a run
from its second year on, investment first, and puts the rules of decisions and institutions into the cache meanwhile.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from transition_sim.core import kernel_folders, kernels
from transition_sim.core.tables import allocate
from transition_sim.scenarios import registry
from transition_sim.world.markets.green_enterprises import Firms, sign_contracts, trade_and_settle
from transition_sim.world.markets.green_orders import Motives
from transition_sim.world.state import ENTERPRISE_TABLES

_ONCE = threading.Lock()
"""Taken by the first that compiles with a helper, and never given back."""
TASK = "from transition_sim.rehearsal import rehearse; rehearse()"


@contextmanager
def second_compiler() -> Iterator[None]:
    """Compile what the body leaves out, most of it in another process while the body runs; wait for it at the end.

    Nothing is done where rules are compiled already, cannot be kept, or there is only one processor; and once in a
    process: who steps models without running them to their end would else rehearse for every place anew.
    """
    is_wanted = kernels.is_cold() and kernels.WRITABLE and (os.cpu_count() or 1) > 1
    if not is_wanted or not _ONCE.acquire(blocking=False):
        yield
        return
    # a fresh interpreter, not a spawned worker: a user's script without a main guard must not run twice
    helper = subprocess.Popen([sys.executable, "-c", TASK], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        # ahead of the body, so that the rules that make a world are ready: the rehearsal begins with them
        compile_green_power()
        yield
    except BaseException:
        helper.terminate()
        raise
    finally:
        has_rehearsed = helper.wait() == 0
    if has_rehearsed:
        kernel_folders.mark_run()


def compile_green_power() -> None:
    """Call the rules of the green-power market once, with the types that a run gives them."""
    one, draws = np.ones(1), (np.ones(1), np.ones(1))
    firms = Firms(*(allocate(ENTERPRISE_TABLES[name], 1) for name in Firms._fields))
    offer = one, np.ones(1, np.int64), np.ones(1, bool)
    rules = Motives(False, np.zeros(1)), 2160.0, float("nan"), registry.parameter_record({}), registry.lever_record()
    trade_and_settle(firms, offer, sign_contracts(firms, offer, *rules, draws), *rules, draws)
