"""Household waste, farm work and land that takes up carbon (SM22). Sinks are reported and lower nothing."""

from dataclasses import dataclass

import numpy as np

from transition_sim.scenarios.spec import City

DAYS_PER_YEAR = 365.0
TCO2_PER_T_NITROGEN = 0.01 * 44.0 / 28.0 * 273.0
"""Of fertiliser: 1 % of the nitrogen leaves as N2O, 273 times as strong as CO2 (IPCC 2006 and AR6 defaults)."""


@dataclass
class WasteStream:
    """Household waste of towns in a year, t.

    Attributes
    ----------
    made_t, recycled_t, incinerated_t, landfilled_t : float
        The last three sum to the first; what goes to landfill is raw.
    sorted_share : float
        People covered by sorting.
    start_landfill_share : float
        Of the waste of the base year.
    built_share : float
        Of the works that take what went to landfill in the base year, 0 to 1.
    incinerated_share, recycled_share : float
        Of the waste of the base year.
    """

    made_t: float
    recycled_t: float
    incinerated_t: float
    landfilled_t: float
    sorted_share: float
    incinerated_share: float
    recycled_share: float
    start_sorted_share: float
    built_share: float = 0.0


@dataclass
class LandUse:
    """Forest and farmland, ha, and what they take up in a year, tCO2.

    ``farming_share`` is the farmland under low-carbon practice (L44); ``forest_stock_m3`` the growing stock.
    """

    area_ha: float
    forest_ha: float
    karst_share: float
    farmland_ha: float
    forest_stock_m3: float
    fertiliser_t: float
    farming_share: float = 0.0
    forest_sink_tco2: float = 0.0
    soil_sink_tco2: float = 0.0
    fertiliser_tco2e: float = 0.0


def open_waste(city: City, urban_people: float, params: np.ndarray) -> WasteStream:
    """Return the waste of the base year."""
    made, shares = waste_made_t(urban_people, params), city.waste
    recycled, burnt = made * float(shares.recycled_share), made * float(shares.incinerated_share)
    return WasteStream(
        made, recycled, burnt, made - recycled - burnt, float(shares.sorted_share), float(shares.incinerated_share),
        float(shares.recycled_share), float(shares.sorted_share),
    )  # fmt: skip


def waste_made_t(urban_people: float, params: np.ndarray) -> float:
    """Return the household waste of a year: 0.9 kg a head and day in towns (SM22)."""
    return urban_people * DAYS_PER_YEAR * float(params[0]["waste_kg_per_person_day"]) * 1e-3


def treat_waste(
    waste: WasteStream, urban_people: float, coverage: float, attitude_gain: float, params: np.ndarray
) -> None:
    """Sort, burn and bury the waste of a year (SM22, L40).

    Newly covered people sort what can be sorted, more of them with a greener attitude. Works for the rest are built
    while the programme runs, faster the more it covers; what they cannot yet take is buried raw.

    Parameters
    ----------
    coverage : float
        Of the programme, 0 to 1; what was covered in the base year stays.
    attitude_gain : float
        Rise of the share of green households since the base year.
    """
    p = params[0]
    waste.sorted_share = max(waste.sorted_share, coverage)
    waste.built_share = min(1.0, waste.built_share + coverage / float(p["waste_build_years"]))
    sorts = min(1.0, float(p["sorting_participation_share"]) + attitude_gain)
    recycled = waste.recycled_share
    recycled += (waste.sorted_share - waste.start_sorted_share) * sorts * float(p["waste_sortable_share"])
    recycled = min(1.0, recycled)
    buried = (1.0 - waste.recycled_share - waste.incinerated_share) * (1.0 - waste.built_share)
    buried = min(buried, 1.0 - recycled)
    waste.made_t = waste_made_t(urban_people, params)
    waste.recycled_t, waste.landfilled_t = recycled * waste.made_t, buried * waste.made_t
    waste.incinerated_t = waste.made_t - waste.recycled_t - waste.landfilled_t


def used_waste_t(waste: WasteStream, params: np.ndarray) -> float:
    """Return the waste put to use: recycled, or burnt for power less the ash, t (I20)."""
    return waste.recycled_t + waste.incinerated_t * (1.0 - float(params[0]["incineration_ash_share"]))


def open_land(city: City, params: np.ndarray) -> LandUse:
    """Return the land of the base year."""
    spec = city.land
    land = LandUse(
        float(spec.area), float(spec.forest), float(spec.karst_share), float(spec.farmland), float(spec.forest_stock),
        float(spec.fertiliser),
    )  # fmt: skip
    take_up(land, params)
    return land


def take_up(land: LandUse, params: np.ndarray) -> None:
    """Write what forest and soil take up in a year: area x net ecosystem production (SM22).

    The part of the forest that burns or dies takes up nothing that year.
    """
    p = params[0]
    per_ha = (1.0 - land.karst_share) * float(p["forest_sink_tco2_per_ha"])
    per_ha += land.karst_share * float(p["karst_forest_sink_tco2_per_ha"])
    land.forest_sink_tco2 = land.forest_ha * (1.0 - float(p["forest_loss_per_year"])) * per_ha
    land.soil_sink_tco2 = land.farmland_ha * land.farming_share * float(p["soil_sink_tco2_per_ha"])
    saved = float(p["fertiliser_saving_share"]) * land.farming_share
    land.fertiliser_tco2e = land.fertiliser_t * (1.0 - saved) * TCO2_PER_T_NITROGEN


def grow_forest(land: LandUse, planted_ha: float, farming_share: float, params: np.ndarray) -> None:
    """Plant for a year (L43), widen low-carbon farming (L44), and let the growing stock follow the sink.

    New forest counts as area at once; the land of the place bounds it.
    """
    p = params[0]
    land.forest_ha = min(land.area_ha, land.forest_ha + planted_ha)
    land.farming_share = max(land.farming_share, farming_share)
    take_up(land, params)
    grown = land.forest_sink_tco2 / float(p["forest_tco2_per_m3"])
    land.forest_stock_m3 += grown - land.forest_stock_m3 * float(p["forest_harvest_per_year"])
