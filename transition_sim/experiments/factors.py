"""Factors: what a design varies (a lever, a parameter, a part of the policy), and how values become a scenario."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.errors import ScenarioError
from transition_sim.scenarios.registry import ON_OCCASION, plain_rows
from transition_sim.scenarios.scenario import Scenario, value_at
from transition_sim.scenarios.spec import Schedule

FactorKind = Literal["lever", "parameter", "part"]


@dataclass(frozen=True)
class Factor:
    """One column of a design.

    Attributes
    ----------
    key : str
    kind : {"lever", "parameter", "part"}
    low, high : float
        In the unit of the lever or parameter; 0 and 1 of a part.
    values : tuple of float
        Single values, rising; empty: everything from low to high.
    from_year : int, optional
        First year of the value of a lever; the setting of the policy holds before.
    levers : tuple of str
        Of a part.
    without : tuple of (str, setting)
        Levers of a part that are not neutral where it is off, as plain data.
    unit, en, zh, grade, confidence : str
    """

    key: str
    kind: FactorKind
    low: float
    high: float
    values: tuple[float, ...] = ()
    from_year: int | None = None
    levers: tuple[str, ...] = ()
    without: tuple[tuple[str, Any], ...] = ()
    unit: str = "-"
    en: str = ""
    zh: str = ""
    grade: str = ""
    confidence: str = ""

    def at(self, share: np.ndarray) -> np.ndarray:
        """Return the values at shares in [0, 1] of the range: linear, or the nearest of the single values."""
        if not self.values:
            return self.low + (self.high - self.low) * share
        levels = np.asarray(self.values)
        return levels[np.minimum((share * levels.size).astype(int), levels.size - 1)]

    def occasional(self) -> tuple[str, ...]:
        """Return the levers of the factor where all of them are read on occasion only, else none."""
        keys = {"lever": {self.key}, "part": {*self.levers, *dict(self.without)}}.get(self.kind, set())
        return tuple(sorted(keys)) if keys <= set(ON_OCCASION) else ()

    def ends(self) -> tuple[float, float]:
        """Return the lowest and the highest value."""
        return (self.values[0], self.values[-1]) if self.values else (self.low, self.high)


def scenario_at(base: Scenario, factors: Sequence[Factor], row: np.ndarray) -> Scenario:
    """Return the scenario of a point of a design.

    Parameters
    ----------
    base : Scenario
    factors : sequence of Factor
    row : ndarray, shape (n_factors,)
        In the units of the factors; nan leaves a factor as the base has it.

    Raises
    ------
    ScenarioError
        When a value breaks a rule.
    """
    levers: dict[str, Any] = {}
    parameters: dict[str, float | None] = {}
    for factor, value in zip(factors, map(float, row), strict=True):
        if np.isnan(value):
            continue
        if factor.kind == "parameter":
            parameters[factor.key] = value
        elif factor.kind == "part":
            levers |= dict.fromkeys(factor.levers) | dict(factor.without) if value == 0 else {}
        elif factor.from_year is None:
            levers[factor.key] = value
        else:
            levers[factor.key] = stepped(base, factor.key, factor.from_year, value)
    return base.changed(levers=levers, parameters=parameters, origin="study") if levers or parameters else base


def acts_from(base: Scenario, factor: Factor) -> int:
    """Return the first quarter in which the values of a factor can differ; n_quarters where they never do.

    A factor of levers that are read on occasion acts when a run comes to that, which none knows before: n_quarters. 0
    where the quarter cannot be told because a value breaks a rule: the run that asks for it says so.
    """
    clock = base.clock
    if factor.occasional():
        return clock.n_quarters
    if factor.kind == "lever" and factor.from_year is not None:
        return min(clock.n_quarters, max(0, QUARTERS_PER_YEAR * (factor.from_year - clock.start_year)))
    if factor.kind != "part":
        return 0
    try:
        on, off = (scenario_at(base, [factor], np.array([value])) for value in (1.0, 0.0))
    except ScenarioError:
        return 0
    pairs = (on.lever_path(), off.lever_path()), (on.added_path, off.added_path)
    differs = np.column_stack([plain_rows(one) != plain_rows(other) for one, other in pairs]).any(axis=1)
    return int(np.argmax(differs)) if differs.any() else clock.n_quarters


def stepped(base: Scenario, key: str, year: int, value: float) -> dict[str, Any]:
    """Return a schedule that follows the base year by year, and steps to a value at the start of a year."""
    from transition_sim.scenarios.scenario import vocabulary

    setting: float | Schedule = base.levers.get(key, vocabulary().levers[key].neutral)
    path = [[y, value_at(setting, y)] for y in range(base.clock.start_year, year)]
    return {"path": [*path, [max(year, base.clock.start_year), value]], "interp": "step"}
