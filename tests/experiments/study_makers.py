"""Small studies on the minimal place, three years, few runs."""

from concurrent.futures import Future
from functools import cache

import planted_runs

from transition_sim.experiments.driver import run_study
from transition_sim.experiments.study import load_study
from transition_sim.experiments.tables import read_results

SMALL = {
    "format": "study/1",
    "id": "small",
    "places": ["minimal"],
    "policies": ["none", "current"],
    "until": 2022,
    "replicates": 2,
    "design": {"kind": "lhs", "samples": 2},
    "levers": {"capex_subsidy_share": None, "carbon_price_floor_cny_per_tco2": {"low": 0, "high": 200}},
    "parameters": {"hurdle_small_per_year": None},
    "outcomes": ["cumulative_dual_control_mtco2", "fiscal_net_cost_m_cny", "gdp_bn_cny"],
}


@cache
def seeds_only(replicates: int):
    """A study whose runs differ in their seed 0 ... n - 1 alone; one measure."""
    return load_study(
        {
            "format": "study/1", "id": "seeds", "places": ["minimal"], "policies": ["none"], "until": 2022, "seed": 0,
            "replicates": replicates, "outcomes": ["orders"], "annual": [], "limits": {"run_seconds": 4.0},
        }
    )  # fmt: skip


def results_of(asked, folders):
    """Run studies with planted answers and return their results by id; ``folders`` is pytest's maker of folders."""
    found = {}
    for id, more in asked.items():
        folder = folders.mktemp(id) / id
        run_study(load_study({**SMALL, "id": id, **more}), folder, pool=HerePool(), work=planted_runs.work)
        found[id] = read_results(folder)
    return found


class HerePool:
    """Works in this process, so that writes can be made to fail."""

    size = 2

    def submit(self, work, plan, task):
        future = Future()
        future.set_result(work(plan, task))
        return future

    def renew(self):
        raise AssertionError("no worker died")

    def look_after(self):
        pass

    def close(self):
        pass
