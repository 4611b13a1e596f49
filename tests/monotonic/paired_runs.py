"""Runs in pairs: seed k meets the same demand, rivers and moods with the lower and with the higher setting (5.3).

A response holds when the mean of the paired differences has the sign of the specification and at most 2 of 20 seeds
go the other way.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

import transition_sim as ts
from transition_sim.world.world import World

SEEDS = range(1, 21)
ROUNDING = 1e-9
LARGE_BUDGET = ("place.public.transfers=10 bn CNY/yr",)
Change = Callable[[World], None]


@cache
def runs(
    levers=(), parameters=(), sets=(), end_year=2025, agents=False, place="guangan_city", policy="none"
) -> list[ts.RunResult]:
    """Return a run a seed; levers and parameters as sorted pairs, so that runs are made once."""
    overlay = {"levers": dict(levers), "parameters": dict(parameters)}
    asked = ts.load_scenario(place, policy=policy, end_year=end_year, overlay=overlay, sets=sets)
    return [ts.run(asked, seed=seed, keep_agents=agents, keep_decisions=False) for seed in SEEDS]


def models(asked: ts.Scenario, change: Change | None = None) -> list[tuple[ts.RunResult, World]]:
    """Return a run a seed and the world that it leaves; ``change`` is applied before the first quarter.

    For what no scenario may say: values beyond the ranges of parameters, equipment that never dies.
    """
    found = []
    for seed in SEEDS:
        model = ts.build_model(asked, seed=seed, keep_agents=False, keep_decisions=False)
        if change is not None:
            model.world.params = model.world.params.copy()
            change(model.world)
        found.append((model.run(), model.world))
    return found


def setting(**values: float) -> Change:
    """Return a change that sets parameters, whatever their ranges."""

    def change(world: World) -> None:
        for name, value in values.items():
            world.params[0][name] = value

    return change


def levers(**values: float) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(values.items()))


def paired(low, high, measure: Callable) -> np.ndarray:
    """Return the measure with the higher setting less the lower one, seed by seed."""
    return np.array([measure(b) - measure(a) for a, b in zip(low, high, strict=True)])


def assert_rises(difference: np.ndarray, scale: float = 0.0) -> None:
    """Mean above 0, and at least 90 % of seeds not below."""
    assert difference.mean() > scale
    assert (difference >= -ROUNDING * max(1.0, np.abs(difference).max())).mean() >= 0.9


def assert_falls(difference: np.ndarray) -> None:
    assert_rises(-difference)


def users(run: ts.RunResult, technologies: list[str]) -> np.ndarray:
    """Return enterprises that use the technologies by quarter; one that uses two counts twice."""
    rows = run.technology[run.technology["technology"].isin(technologies)]
    return rows.groupby("quarter", sort=False)["enterprises"].sum().to_numpy()


def adoption(run: ts.RunResult, technology: str) -> np.ndarray:
    """Return the users among the enterprises that could, by quarter."""
    return run.technology.loc[run.technology["technology"] == technology, "adoption_share"].to_numpy()


def total(name: str) -> Callable[[ts.RunResult], float]:
    return lambda run: float(run.place[name].sum())


def last(name: str) -> Callable[[ts.RunResult], float]:
    return lambda run: float(run.place[name].iloc[-1])
