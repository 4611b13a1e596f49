"""Where the time of a run goes: ``python benchmarks/phases.py [--place PLACE] [--runs N] [--json]``.

Each phase of the schedule in processor time of its thread, which other work on the machine disturbs little: the least
over some runs of the mean of a quarter.
"""

import argparse
import json
import sys
from pathlib import Path
from time import thread_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import transition_sim as ts
from transition_sim import model as schedule


def measure(place: str, policy: str, runs: int) -> dict[str, float]:
    """Return the microseconds of a quarter that each phase takes, warm."""
    scenario = ts.load_scenario(place, policy=policy)
    ts.run(scenario, seed=1)
    steps = [(f"{room}.{name}", getattr(getattr(schedule, room), name)) for room, name in schedule.phases()]
    least: dict[str, float] = {}
    for seed in range(1, 1 + runs):
        world = ts.build_model(scenario, seed=seed).world
        n_quarters = world.clock.n_quarters
        spent = dict.fromkeys((key for key, _ in steps), 0.0)
        while world.quarter < n_quarters:
            for key, act in steps:
                start = thread_time()
                act(world)
                spent[key] += thread_time() - start
            world.quarter += 1
        for key, seconds in spent.items():
            least[key] = min(least.get(key, float("inf")), 1e6 * seconds / n_quarters)
    return least


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure where the time of a run goes.")
    parser.add_argument("--place", default="guangan_city")
    parser.add_argument("--policy", default="current")
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    found = measure(given.place, given.policy, max(1, given.runs))
    total = sum(found.values())
    if given.json:
        print(json.dumps({"us_per_quarter": found, "total_us": total}, indent=2))
        return
    for key, us in sorted(found.items(), key=lambda item: -item[1]):
        print(f"{key:<30}{us:>8.0f} us{100 * us / total:>7.1f} %")
    print(f"{'a quarter':<30}{total:>8.0f} us")


if __name__ == "__main__":
    main()
