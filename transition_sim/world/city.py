"""Sectors of the place without enterprises of their own: transport, buildings, farming; energy by carrier and trend.

Their level follows the place's stated growth; a stated share of the remaining fuel use moves to electricity every
year at equal useful energy, so that electrification lowers final energy.
"""

from dataclasses import dataclass

import numpy as np

from transition_sim.core.units import GJ_PER_MWH
from transition_sim.scenarios.spec import PlaceSpec
from transition_sim.world.trends import level_path

FUEL_PER_ELECTRICITY = 2.8
"""Final fuel that one unit of electricity replaces (combustion engine or stove against motor or heat pump) [A]."""


@dataclass(frozen=True)
class City:
    """Energy of the other sectors over a run.

    Attributes
    ----------
    ids : list of str
    fuel_gj : ndarray, shape (n_quarters, n_sectors, n_carriers)
        GJ a quarter; the electricity column is 0.
    electricity_mwh : ndarray, shape (n_quarters, n_sectors)
    """

    ids: list[str]
    names: list[tuple[str, str]]
    fuel_gj: np.ndarray
    electricity_mwh: np.ndarray


def build_city(place: PlaceSpec, carrier_ids: list[str], start_year: int, n_quarters: int) -> City:
    """Return the energy path of the other sectors from the place's base year totals."""
    n = len(place.city_sectors)
    electricity = carrier_ids.index("electricity")
    fuel = np.zeros((n_quarters, n, len(carrier_ids)))
    power = np.zeros((n_quarters, n))
    years = start_year + np.arange(n_quarters) / 4.0 - place.base_year
    for s, sector in enumerate(place.city_sectors):
        level = level_path(sector.growth_percent_per_year, place.base_year, start_year, n_quarters) / 4.0
        left = (1.0 - sector.electrification_share_per_year) ** np.maximum(years, 0.0)
        for carrier, amount in sector.energy.items():
            column = carrier_ids.index(carrier)
            if column == electricity:
                power[:, s] += level * float(amount) / GJ_PER_MWH
            else:
                fuel[:, s, column] = level * left * float(amount)
                power[:, s] += level * (1.0 - left) * float(amount) / FUEL_PER_ELECTRICITY / GJ_PER_MWH
    return City([c.id for c in place.city_sectors], [(c.name.en, c.name.zh) for c in place.city_sectors], fuel, power)
