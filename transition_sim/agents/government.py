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
        row = self._world.levers[0]
        return {name: float(row[name]) for name in row.dtype.names}


class CityGovernment(Government):
    """Holds the green budget and sets the programmes of the city."""

    @property
    def budget_cny(self) -> float:
        """Green budget left, CNY."""
        return float(self._world.budget.balance_cny)

    @property
    def credibility(self) -> float:
        return float(self._world.credibility)


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
    def scope1_tco2(self) -> float:
        """Direct emissions of its enterprises this quarter, tCO2."""
        return self._sum("energy", "scope1_tco2")

    @property
    def subsidy_cny(self) -> float:
        """Capital subsidies that its enterprises received this quarter, CNY."""
        return self._sum("flows", "subsidy_cny")
