"""The first run of a version compiles its rules; a second process compiles meanwhile what the run needs last.

Numba compiles one rule at a time in a process. The years before a run need the rules of production, power and money;
those of investment, green power and government are needed only afterwards, so another process puts them into the cache
until then.
"""

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from transition_sim.core import kernels


@contextmanager
def second_compiler() -> Iterator[None]:
    """Compile the rules of the first quarter in another process while the body runs; wait for it at the end.

    Nothing is done where rules are compiled already, cannot be kept, or there is only one processor.
    """
    if not kernels.is_cold() or not kernels.WRITABLE or (os.cpu_count() or 1) < 2:
        yield
        return
    # a fresh interpreter, not a spawned worker: a user's script without a main guard must not run twice
    task = f"from {__name__} import compile_first_quarter; compile_first_quarter()"
    helper = subprocess.Popen([sys.executable, "-c", task], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    except BaseException:
        helper.terminate()
        raise
    finally:
        helper.wait()


def compile_first_quarter() -> None:
    """Run the phases that the years before a run leave out, in a world that has not lived them.

    Types are all that matters here: the figures of such a world mean nothing and go nowhere.
    """
    from transition_sim.build import unproven_world
    from transition_sim.quarter import carbon, city, exogenous, government, investment, learning
    from transition_sim.scenarios.scenario import load_scenario

    compile_green_power()
    world = unproven_world(load_scenario("guangan_city", policy="current"))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for phase in (
            investment.plan, city.live, government.open_programmes, carbon.open_market, carbon.trade,
            exogenous.open_quarter, investment.commission, learning.update,
        ):  # fmt: skip
            phase(world)


def compile_green_power() -> None:
    """Call the rules of the green-power market once, with the types that a run gives them."""
    from transition_sim.world.markets.green_orders import Buyers, Sellers, Terms
    from transition_sim.world.markets.green_power import negotiate_contracts, trade_quarter

    one, yes = np.ones(1), np.ones(1, bool)
    sellers = Sellers(10.0 * one, one, yes, 10.0 * one)
    buyers = Buyers(10.0 * one, one, one, 2.0 * one, yes, yes)
    terms = Terms(1.0, 0.5, 0.0, 2160.0, 50.0, 0.5, 0.5, 50.0, 0.1, float("nan"))
    contracts = negotiate_contracts(sellers.metered_mwh, sellers, buyers, terms, 0.5, True, one, one)
    trade_quarter(sellers, buyers, contracts, terms, one, one)
