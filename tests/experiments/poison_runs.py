"""Runs without a model for tests of the engine: some raise, end their process, or never end. Workers import this."""

import os
import time

import numpy as np

from transition_sim.experiments.runs import work_with

RAISES, EXITS, LOOPS = 3, 5, 7


def values_of(seed: int) -> tuple[float, list[float]]:
    """What run ``seed`` gives: one measure, a year-by-year series of three."""
    return seed**2 / 7.0, [seed + 0.1, seed + 0.2, seed + 0.3]


def calm(plan, scenario, seed):
    measure, series = values_of(seed)
    time.sleep(0.02)
    return np.full(len(plan.measures), measure), np.array([series] * len(plan.columns))


def poisoned(plan, scenario, seed):
    if seed == RAISES:
        raise ZeroDivisionError("division of run three")
    if seed == EXITS:
        os._exit(9)
    while seed == LOOPS:
        time.sleep(0.01)
    return calm(plan, scenario, seed)


def calm_work(plan, task):
    return work_with(calm, plan, task)


def poisoned_work(plan, task):
    return work_with(poisoned, plan, task)
