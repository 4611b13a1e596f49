"""Sectors of the place that have no stock behind them: energy by carrier as a trend.

Their level follows the place's stated growth; a stated share of the remaining fuel use moves to electricity every
year at equal useful energy, so that electrification lowers final energy.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from transition_sim.core.units import GJ_PER_MWH
from transition_sim.scenarios.spec import CitySector
from transition_sim.world.trends import level_path

FUEL_PER_ELECTRICITY = 2.8
"""Final fuel that one unit of electricity replaces (combustion engine or stove against motor or heat pump) [A]."""


@dataclass(frozen=True)
class Trends:
    """Energy of such sectors over a run.

    Attributes
    ----------
    ids : list of str
    fuel_gj : ndarray, shape (n_quarters, n_sectors, n_carriers)
        GJ a quarter; the electricity column is 0.
    electricity_mwh : ndarray, shape (n_quarters, n_sectors)
    """

    ids: list[str]
    fuel_gj: np.ndarray
    electricity_mwh: np.ndarray

    @cached_property
    def all_fuel_gj(self) -> np.ndarray:
        """Fuel of all sectors, GJ a quarter, shape (n_quarters, n_carriers)."""
        return self.fuel_gj.sum(axis=1)

    @cached_property
    def total_fuel_gj(self) -> list[float]:
        """Fuel of all sectors and carriers by quarter, GJ."""
        return self.all_fuel_gj.sum(axis=1).tolist()

    @cached_property
    def all_electricity_mwh(self) -> list[float]:
        """Electricity of all sectors by quarter, MWh."""
        return self.electricity_mwh.sum(axis=1).tolist()


def build_trends(
    sectors: list[CitySector], carrier_ids: list[str], base_year: int, start_year: int, n_quarters: int
) -> Trends:
    """Return the energy path of sectors from their base year totals."""
    n = len(sectors)
    electricity = carrier_ids.index("electricity")
    fuel = np.zeros((n_quarters, n, len(carrier_ids)))
    power = np.zeros((n_quarters, n))
    years = start_year + np.arange(n_quarters) / 4.0 - base_year
    for s, sector in enumerate(sectors):
        level = level_path(sector.growth_percent_per_year, base_year, start_year, n_quarters) / 4.0
        left = (1.0 - sector.electrification_share_per_year) ** np.maximum(years, 0.0)
        for carrier, amount in sector.energy.items():
            column = carrier_ids.index(carrier)
            if column == electricity:
                power[:, s] += level * float(amount) / GJ_PER_MWH
            else:
                fuel[:, s, column] = level * left * float(amount)
                power[:, s] += level * (1.0 - left) * float(amount) / FUEL_PER_ELECTRICITY / GJ_PER_MWH
    return Trends([c.id for c in sectors], fuel, power)
