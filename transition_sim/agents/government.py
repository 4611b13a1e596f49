"""Governments as Mesa agents: the city with its green budget, and its county-level units."""

from typing import TYPE_CHECKING

import mesa
import numpy as np

if TYPE_CHECKING:
    from transition_sim.world.world import World


class Government(mesa.Agent):
    """A government: rules and programmes are the levers of the quarter."""

    @property
    def _world(self) -> "World":
        return self.model.world

    @property
    def levers(self) -> dict[str, float]:
        """Value of every lever this quarter."""
        return self._world.lever_values()


class CityGovernment(Government):
    """Holds the green budget and sets the programmes of the city."""

    @property
    def budget_cny(self) -> float:
        """Green budget left, CNY."""
        return float(self._world.budget.balance_cny)

    @property
    def credibility(self) -> float:
        return float(self._world.credibility)

    @property
    def effort(self) -> float:
        """Effort against the gaps to its targets, 0 to 1 (SM23)."""
        return float(self._world.control.effort)

    @property
    def score(self) -> float:
        """Score of the last assessment, 0 to 1.2; nan before the first."""
        return float(self._world.control.score)

    @property
    def targets(self) -> dict[str, dict[str, float]]:
        """By indicator: value of the last tracked year, what the line asked, gap and progress."""
        control = self._world.control
        columns = {"value": control.values, "target": control.targets, "gap": control.gaps,
                   "progress": control.progress}  # fmt: skip
        return {
            line.indicator.key: {name: float(figures[j]) for name, figures in columns.items()}
            for j, line in enumerate(control.lines)
        }

    @property
    def strengthened(self) -> dict[str, float]:
        """Levers that it has strengthened this year, and by how much, in the unit of the lever."""
        additions = self._world.control.additions
        return {key: float(added) for key, added in zip(self.levers, additions, strict=True) if added}


class CountyGovernment(Government):
    """A county-level unit.

    Attributes
    ----------
    county : int
        Index of the county.
    """

    def __init__(self, model: mesa.Model, county: int):
        super().__init__(model)
        self.county = county

    @property
    def id(self) -> str:
        return self._world.labels["counties"][self.county]

    def _sum(self, table: str, field: str) -> float:
        rows = self._world.state["production"]["county"] == self.county
        return float(np.sum(self._world.state[table][field][rows]))

    @property
    def effort(self) -> float:
        """Effort against its own gap, 0 to 1 (SM23)."""
        return float(self._world.control.county_effort[self.county])

    @property
    def score(self) -> float:
        """Progress towards its part of the target, 0 to 1.2; nan before the first assessment."""
        return float(self._world.control.county_score[self.county])

    @property
    def targets(self) -> dict[str, float]:
        """Its part of the cut of energy per output: share of its own, and the gap that is left."""
        control = self._world.control
        cut, gap = float(control.county_cuts[self.county]), float(control.county_gaps[self.county])
        return {"energy_cut_share": cut, "gap": gap}

    @property
    def scope1_tco2(self) -> float:
        """Direct emissions of its enterprises this quarter, tCO2."""
        return self._sum("energy", "scope1_tco2")

    @property
    def subsidy_cny(self) -> float:
        """Capital subsidies that its enterprises received this quarter, CNY."""
        return self._sum("flows", "subsidy_cny")
