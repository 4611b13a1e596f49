"""The whole model: runs a second, the command from start to result, and a million enterprises in memory."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

PLACE, POLICY = "guangan_city", "current"
RUNS = 10
MILLION_TIMES = 1250
"""800 enterprises times this are a million."""


def runs_per_second() -> dict[str, Any]:
    """Return how many runs of the city to 2035 one core makes a second, warm: the median of ten different seeds."""
    import transition_sim as ts

    scenario = ts.load_scenario(PLACE, policy=POLICY)
    ts.run(scenario, seed=1)
    seconds = []
    for seed in range(2, 2 + RUNS):
        start = perf_counter()
        ts.run(scenario, seed=seed)
        seconds.append(perf_counter() - start)
    lean = []
    for seed in range(2, 2 + RUNS):
        start = perf_counter()
        ts.run(scenario, seed=seed, keep_agents=False, keep_decisions=False)
        lean.append(perf_counter() - start)
    return {
        "value": 1.0 / median(seconds),
        "fastest": 1.0 / min(seconds),
        "without_agent_tables": 1.0 / median(lean),
        "ms_per_run": 1e3 * median(seconds),
    }


def _command_seconds(folder: Path) -> float:
    start = perf_counter()
    subprocess.run(
        [sys.executable, "-m", "transition_sim", "run", PLACE],
        env={**os.environ, "TRANSITION_SIM_CACHE_DIR": str(folder)}, check=True, capture_output=True,
    )  # fmt: skip
    return perf_counter() - start


def commands() -> dict[str, Any]:
    """Return the seconds from command to result once every rule is compiled."""
    with tempfile.TemporaryDirectory() as folder:
        _command_seconds(Path(folder))
        later = [_command_seconds(Path(folder)) for _ in range(3)]
    return {"value": median(later)}


def first_command() -> dict[str, Any]:
    """Return the seconds of the first command ever on a machine: every rule is compiled."""
    with tempfile.TemporaryDirectory() as folder:
        return {"value": _command_seconds(Path(folder))}


_PORTFOLIO = """
import sys
from statistics import median
from time import perf_counter
import transition_sim as ts
from benchmarks.memory import peak_bytes
scenario = ts.load_scenario(sys.argv[1], policy="current")
seconds = []
for seed in range(int(sys.argv[2])):
    start = perf_counter()
    ts.run(scenario, seed=seed)
    seconds.append(perf_counter() - start)
print(median(seconds[1:] or seconds), peak_bytes() / 1e9)
"""


def _portfolio(place: str, runs: int) -> tuple[float, float]:
    """Return (seconds of a run once the first has built the place, peak memory in GB) in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _PORTFOLIO, place, str(runs)], check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    seconds, peak_gb = map(float, done.stdout.split())
    return seconds, peak_gb


def parks_per_second() -> dict[str, Any]:
    """Return how many runs of the portfolio of 17 parks to 2035 one core makes a second."""
    seconds, peak_gb = _portfolio("sichuan_17_pilots", 4)
    return {"value": 1.0 / seconds, "peak_gb": peak_gb}


def national_memory() -> dict[str, Any]:
    """Return the peak memory of a run of the portfolio of 35 cities and parks, GB."""
    seconds, peak_gb = _portfolio("national_35_pilots", 1)
    return {"value": peak_gb, "first_run_s": seconds}


_MILLION = """
import sys
from time import perf_counter
from benchmarks.memory import peak_bytes
from transition_sim.build import build_world
from transition_sim.model import TransitionModel
from transition_sim.scenarios.scenario import load_scenario
times = int(sys.argv[1])
scenario = load_scenario("guangan_city", policy="current", end_year=2020)
start = perf_counter()
world = build_world(scenario, 1, keep_agents=False, keep_decisions=False, multiply=times)
built = perf_counter()
TransitionModel(world).run()
done = perf_counter()
print(world.state.n_enterprises, built - start, done - built, peak_bytes() / 1e9)
"""


def million() -> dict[str, Any]:
    """Return the peak memory, GB, of a year of a place with a million enterprises, its building included."""
    done = subprocess.run(
        [sys.executable, "-c", _MILLION, str(MILLION_TIMES)], check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    n, built, year, peak = (float(word) for word in done.stdout.split())
    return {"value": peak, "enterprises": int(n), "building_and_spin_up_s": built, "year_s": year}
