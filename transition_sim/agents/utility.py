"""Utilities as Mesa agents: the grid company, power plants, the gas supplier."""

from typing import TYPE_CHECKING

import mesa

if TYPE_CHECKING:
    from transition_sim.world.world import World


class Utility(mesa.Agent):
    """A utility of the place or the province; its numbers stand in the tables of the power system."""

    @property
    def _world(self) -> "World":
        return self.model.world


class GridCompany(Utility):
    """Buys in the dispatch, sells at tariffs, owns the substations."""

    @property
    def sold_mwh(self) -> float:
        """Electricity delivered this quarter in the place, MWh."""
        return self._world.power.quarter.delivered_mwh

    @property
    def unserved_mwh(self) -> float:
        return self._world.power.quarter.unserved_mwh

    @property
    def income_cny(self) -> float:
        """Paid by enterprises for power this quarter, without surcharges, CNY."""
        return float(self._world.state["flows"]["power_cny"].sum())


class PowerPlant(Utility):
    """One generating unit of the place or the province.

    Attributes
    ----------
    unit : int
        Row in the power system.
    """

    def __init__(self, model: mesa.Model, unit: int):
        super().__init__(model)
        self.unit = unit

    @property
    def id(self) -> str:
        return self._world.power.ids[self.unit]

    @property
    def kind(self) -> str:
        return self._world.power.kinds[self.unit]

    @property
    def capacity_mw(self) -> float:
        return float(self._world.power.capacity_mw[self.unit])

    @property
    def generation_mwh(self) -> float:
        """Generation of the quarter, MWh."""
        return float(self._world.power.quarter.generation_mwh[self.unit])

    @property
    def emissions_tco2(self) -> float:
        return self.generation_mwh * float(self._world.power.tco2_per_mwh[self.unit])

    @property
    def allowances(self) -> dict[str, float]:
        """Its account in the carbon market; empty outside the place and for plants that burn nothing."""
        return self._world.carbon.account_of("plant", self.unit)


class CoalPlant(PowerPlant):
    """A coal unit: minimum load and heat rate change with its retrofits (L50)."""

    @property
    def min_load_share(self) -> float:
        return float(self._world.power.min_load_share[self.unit])

    @property
    def heat_rate_gj_per_mwh(self) -> float:
        return float(self._world.power.heat_rate_gj_per_mwh[self.unit])


class RenewableGenerator(PowerPlant):
    """Hydro, wind, solar or biomass: must-take at zero marginal cost; sells green power."""


class GasSupplier(Utility):
    """Delivers natural gas to enterprises and households of the place."""

    @property
    def sold_gj(self) -> float:
        """Gas sold to enterprises this quarter, GJ."""
        gas = self._world.labels["carriers"].index("natural_gas")
        return float(self._world.state.fuel_gj[:, gas].sum())
