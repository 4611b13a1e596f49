"""The first run of a version compiles its rules: two processes share them.

Numba compiles one rule at a time in a process. This one takes the market for green power, which can be called with
figures out of the air, and then what the years before a run need: production, power, money. Another one rehearses a run
from its second year on, investment first, and puts the rules of decisions and institutions into the cache meanwhile.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from transition_sim.core import kernels
from transition_sim.world.markets.green_orders import Buyers, Sellers, Terms
from transition_sim.world.markets.green_power import negotiate_contracts, trade_quarter

TASK = "from transition_sim.rehearsal import rehearse; rehearse()"


@contextmanager
def second_compiler() -> Iterator[None]:
    """Compile what the body leaves out, most of it in another process while the body runs; wait for it at the end.

    Nothing is done where rules are compiled already, cannot be kept, or there is only one processor.
    """
    if not kernels.is_cold() or not kernels.WRITABLE or (os.cpu_count() or 1) < 2:
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
        helper.wait()


def compile_green_power() -> None:
    """Call the rules of the green-power market once, with the types that a run gives them."""
    one, yes = np.ones(1), np.ones(1, bool)
    sellers = Sellers(10.0 * one, one, yes, 10.0 * one)
    buyers = Buyers(10.0 * one, one, one, 2.0 * one, yes, yes)
    terms = Terms(1.0, 0.5, 0.0, 2160.0, 50.0, 0.5, 0.5, 50.0, 0.1, float("nan"))
    contracts = negotiate_contracts(sellers.metered_mwh, sellers, buyers, terms, 0.5, True, one, one)
    trade_quarter(sellers, buyers, contracts, terms, one, one)
