"""Runs of one seed: what the measures of all patterns look at, each run made once and shared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from transition_sim import build
from transition_sim.model import TransitionModel
from transition_sim.portfolio import PortfolioModel
from transition_sim.results import RunResult
from transition_sim.scenarios.scenario import Scenario, load_scenario
from transition_sim.world.world import World


@dataclass(frozen=True, eq=False)
class Arm:
    """A run that a measure asks for; an arm equals itself alone, so each is made once.

    Attributes
    ----------
    policy : str
    end_year : int
    levers, parameters : mapping
    shocks : tuple
        Names of the library, or mappings.
    prepare : callable, optional
        Changes the world before its first quarter.
    watch : callable, optional
        What to note of the world after each quarter.
    """

    policy: str = "current"
    end_year: int = 2035
    levers: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    shocks: tuple[Any, ...] = ()
    prepare: Callable[[World], None] | None = None
    watch: Callable[[World], Any] | None = None


DEFAULT = Arm()


@dataclass(frozen=True, eq=False)
class Variant:
    """The model, or one of the null models that are this model with something taken away.

    Attributes
    ----------
    key : str
    parameters : mapping
    run_parameters : mapping
        Set after the place is built: beyond what a scenario may ask for.
    """

    key: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    run_parameters: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """A run, what was noted of it after each quarter, and where it ended."""

    result: RunResult
    noted: list[Any]
    world: World


@cache
def _scenario(place: str, variant: Variant, arm: Arm) -> Scenario:
    overlay = {"levers": dict(arm.levers), "parameters": {**variant.parameters, **arm.parameters}}
    return load_scenario(place, arm.policy, overlay, end_year=arm.end_year, shocks=arm.shocks)


@dataclass
class Trial:
    """A place, a model and a seed."""

    place: str
    variant: Variant
    seed: int
    _made: dict[Arm, Outcome] = field(default_factory=dict)

    def run(self, arm: Arm = DEFAULT) -> RunResult:
        """Return the result of an arm."""
        return self.outcome(arm).result

    def outcome(self, arm: Arm) -> Outcome:
        """Return the run of an arm, made the first time somebody asks."""
        if arm not in self._made:
            self._made[arm] = self._make(arm)
        return self._made[arm]

    def _make(self, arm: Arm) -> Outcome:
        scenario = _scenario(self.place, self.variant, arm)
        make = build.build_portfolio if scenario.place.members else build.build_model
        model = make(scenario, self.seed)
        worlds = _worlds(model)
        for world in worlds:
            set_parameters(world, self.variant.run_parameters)
            if arm.prepare is not None:
                arm.prepare(world)
        noted: list[Any] = []
        while model.quarter < scenario.clock.n_quarters:
            model.step()
            if arm.watch is not None:
                noted.append(arm.watch(worlds[0]))
        return Outcome(model.result(), noted, worlds[0])


def _worlds(model: TransitionModel | PortfolioModel) -> list[World]:
    return [model.world] if isinstance(model, TransitionModel) else model.worlds


def set_parameters(world: World, values: Mapping[str, float]) -> None:
    """Give a world parameters of its own, beyond what a scenario may ask for."""
    if values:
        world.params = world.params.copy()
        for key, value in values.items():
            world.params[key] = value


def change(after: float, before: float) -> float:
    """Return after / before - 1; nan where there was nothing."""
    return after / before - 1.0 if before else float("nan")


def mean_or_nan(values: Any) -> float:
    """Return the mean of finite values; nan without any."""
    found = np.asarray(values, dtype=float)
    found = found[np.isfinite(found)]
    return float(found.mean()) if found.size else float("nan")
