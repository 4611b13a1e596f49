"""The tables that a run reads and never writes: sectors, services, technologies, carriers, shapes, input-output."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from transition_sim.scenarios import registry


@dataclass(frozen=True)
class Reference:
    """Arrays for compiled rules, in the order of the registry; ids and names beside them.

    Attributes
    ----------
    technologies, services, sectors, carriers : structured arrays
    input_share : ndarray, shape (S, S)
        Input of row sector per CNY output of column sector (SM02, national table).
    load_shapes : ndarray, shape (n_shapes, 2, 8)
        Weight of the three-hour blocks of a typical and an extreme day, each day summing to 1.
    profiles : dict of kind -> ndarray, shape (12, 8)
        Capacity factor by month and block.
    carrier_tco2_per_gj : ndarray, shape (n_carriers,)
    heat_gj_per_unit : ndarray, shape (n_technologies, 2)
        Energy, and fossil fuel, that a unit of heat takes; 0 where a technology gives no heat.
    """

    technologies: np.ndarray
    services: np.ndarray
    sectors: np.ndarray
    carriers: np.ndarray
    input_share: np.ndarray
    load_shapes: np.ndarray
    profiles: dict[str, np.ndarray]
    carrier_tco2_per_gj: np.ndarray
    heat_gj_per_unit: np.ndarray


@cache
def reference() -> Reference:
    """Return the reference tables of the package, read once."""
    carriers, technologies, services = registry.carrier_table(), registry.technology_table(), registry.service_table()
    fuel_gj = technologies["fuel_gj_per_unit"] * services["is_heat"][technologies["service"]]
    elec_gj = technologies["elec_gj_per_unit"] * services["is_heat"][technologies["service"]]
    is_fossil = (technologies["carrier"] >= 0) & (carriers["is_fossil"][technologies["carrier"]] > 0)
    return Reference(
        technologies=technologies,
        services=services,
        sectors=registry.sector_table(),
        carriers=carriers,
        input_share=registry.io_tables().total,
        load_shapes=registry.load_shapes(),
        profiles=registry.profiles(),
        carrier_tco2_per_gj=np.ascontiguousarray(carriers["co2_t_per_gj"]),
        heat_gj_per_unit=np.column_stack([fuel_gj + elec_gj, fuel_gj * is_fossil]),
    )
