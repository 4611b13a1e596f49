"""Runs without a model whose answer follows from what they are asked, for tests of the analyses."""

import numpy as np

from transition_sim.experiments.runs import work_with


def answer(scenario, seed):
    """Sum of: 10 a + 4 b + 6 a b of two levers, 100 x of a parameter, luck of the seed (the same for all)."""
    levers, parameters = scenario.levers, scenario.parameters
    a, b = float(levers.get("capex_subsidy_share", 0.0)), float(levers.get("tax_credit_share", 0.0))
    x = parameters.get("utility_peer", 0.1)
    return 10 * a + 4 * b + 6 * a * b + 100 * x + np.sin(seed)


def simulate(plan, scenario, seed):
    value = answer(scenario, seed)
    years = len(scenario.clock.years)
    return np.full(len(plan.measures), value), np.tile(value + np.arange(years), (len(plan.columns), 1))


def work(plan, task):
    return work_with(simulate, plan, task)
