"""The first run of a version compiles its rules; a second process compiles meanwhile what the run needs last.

Numba compiles one rule at a time in a process. The years before a run need the rules of production, power and money;
those of investment, green power and government are needed only afterwards, so another process puts them into the cache
until then.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from transition_sim.core import kernels

TASK = "from transition_sim.first_quarter import compile_first_quarter; compile_first_quarter()"


@contextmanager
def second_compiler() -> Iterator[None]:
    """Compile the rules of the first quarter in another process while the body runs; wait for it at the end.

    Nothing is done where rules are compiled already, cannot be kept, or there is only one processor.
    """
    if not kernels.is_cold() or not kernels.WRITABLE or (os.cpu_count() or 1) < 2:
        yield
        return
    # a fresh interpreter, not a spawned worker: a user's script without a main guard must not run twice
    helper = subprocess.Popen([sys.executable, "-c", TASK], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    except BaseException:
        helper.terminate()
        raise
    finally:
        helper.wait()
