"""Work without a model for measurements of the study engine: runs that keep a core busy for a while, or do nothing."""

from time import perf_counter

import numpy as np

from transition_sim.experiments.runs import Answer, Task, work_with
from transition_sim.experiments.study import Plan, Study, load_study
from transition_sim.scenarios.scenario import Scenario

BUSY_S = 0.05


def _numbers(plan: Plan, scenario: Scenario, seed: int) -> tuple[np.ndarray, np.ndarray]:
    years = len(scenario.clock.years)
    values = np.full(len(plan.measures), float(seed))
    return values, np.tile(np.arange(years) + float(seed % 7), (len(plan.columns), 1))


def _busy(plan: Plan, scenario: Scenario, seed: int) -> tuple[np.ndarray, np.ndarray]:
    end = perf_counter() + BUSY_S
    while perf_counter() < end:
        pass
    return _numbers(plan, scenario, seed)


def busy(plan: Plan, task: Task) -> Answer:
    """Keep a core busy for 50 ms a run."""
    return work_with(_busy, plan, task)


def empty(plan: Plan, task: Task) -> Answer:
    """Give an answer at once."""
    return work_with(_numbers, plan, task)


def study_of(n: int, years: int = 3, place: str = "minimal") -> Study:
    """Return a study of n runs that differ in their seed."""
    return load_study(
        {"format": "study/1", "id": "bench", "places": [place], "policies": ["none"], "until": 2019 + years,
         "replicates": n, "outcomes": ["capex_m_cny", "orders"], "annual": []}
    )  # fmt: skip
