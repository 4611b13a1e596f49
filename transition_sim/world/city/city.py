"""A city beside its enterprises, put together: what it burns and uses in a quarter, and what is reported of it."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.units import GJ_PER_MWH, GJ_PER_TCE
from transition_sim.scenarios.spec import PlaceSpec
from transition_sim.world.city.buildings import Buildings, open_buildings
from transition_sim.world.city.land import LandUse, WasteStream, open_land, open_waste, used_waste_t
from transition_sim.world.city.transport import Transport, open_transport
from transition_sim.world.city.trends import Trends, build_trends
from transition_sim.world.columns import CITY
from transition_sim.world.trends import level_after, value_at

FOLLOWS_STOCK = ("transport", "urban_buildings", "rural_buildings")
FARMING = "farming"
FINAL = ("coal", "biomass", "gas", "electric")
"""What buildings use."""
Totals = dict[str, dict[str, float]]
"""Sums by group and column, from ``Groups.totals``."""


@dataclass(frozen=True)
class Paths:
    """What is fixed for a run, by calendar year from the base year on.

    Attributes
    ----------
    urban_people, rural_people : ndarray, shape (n_years,)
    traffic : ndarray, shape (n_years,)
        Vehicle-kilometres relative to the base year.
    tco2_per_gj : ndarray, shape (C,)
        CO2 inside the place by carrier.
    carriers : list of str
    """

    urban_people: np.ndarray
    rural_people: np.ndarray
    traffic: np.ndarray
    tco2_per_gj: np.ndarray
    carriers: list[str]


@dataclass
class City:
    """Transport, buildings, waste, land and people of a place, and sectors that are trends.

    Attributes
    ----------
    is_farming : ndarray of bool, shape (n_trends,)
        Trends that answer to low-carbon farming.
    attitude, start_attitude : float
        Share of green households.
    stock_fuel_gj : ndarray, shape (C,)
        Fuel of vehicles and buildings in a quarter of this year.
    stock_user_gj : float
        The same, added up over fleets and kinds of buildings.
    demolished_m2 : float
        Floor pulled down in this year.
    stock_home_mwh, stock_other_mwh, own_mwh, roof_mwh : float
        Electricity of homes and of the rest in a quarter of this year, what public roofs and waste works make of it,
        and what roofs alone make.
    transport_tco2, buildings_tco2, waste_tco2 : float
        In a quarter of this year, fleet by fleet and kind by kind; waste is the fossil part of what is burnt.
    fuel_gj : ndarray, shape (C,)
        All fuel of the quarter.
    trend_gj, trend_tco2 : float
        Fuel of the trends in the quarter, and its CO2.
    home_mwh, other_mwh : float
        Electricity wanted in the quarter.
    support_cny : float
        Paid by the green budget in the quarter.
    columns : dict of str -> float
        What the place table says of the city this quarter.
    """

    paths: Paths
    trends: Trends
    is_farming: np.ndarray
    transport: Transport
    buildings: Buildings
    waste: WasteStream | None
    land: LandUse | None
    attitude: float
    start_attitude: float
    stock_fuel_gj: np.ndarray
    fuel_gj: np.ndarray
    stock_user_gj: float = 0.0
    demolished_m2: float = 0.0
    stock_home_mwh: float = 0.0
    stock_other_mwh: float = 0.0
    own_mwh: float = 0.0
    roof_mwh: float = 0.0
    transport_tco2: float = 0.0
    buildings_tco2: float = 0.0
    waste_tco2: float = 0.0
    trend_gj: float = 0.0
    trend_tco2: float = 0.0
    home_mwh: float = 0.0
    other_mwh: float = 0.0
    support_cny: float = 0.0
    columns: dict[str, float] = field(default_factory=lambda: {c.name: 0.0 for c in CITY})

    @property
    def has_stocks(self) -> bool:
        """Whether the place states vehicles, buildings and land."""
        return self.land is not None

    @property
    def fuel_tco2(self) -> float:
        """CO2 of the fuel of the quarter, added up by fleet, kind of building and trend."""
        return self.transport_tco2 + self.buildings_tco2 + self.trend_tco2

    def fuel_by_user_gj(self) -> float:
        """Return the fuel of the quarter added up over fleets, kinds of buildings and trends, GJ."""
        return self.stock_user_gj + self.trend_gj

    @cached_property
    def farming_diesel_gj(self) -> list[float]:
        """Diesel of the trends that answer to low-carbon farming, by quarter, GJ."""
        return self.trends.fuel_gj[:, self.is_farming, self.paths.carriers.index("diesel")].sum(axis=1).tolist()

    def read_only(self) -> tuple[object, ...]:
        """Return the parts that no run writes."""
        return (
            self.paths,
            self.trends,
            self.is_farming,
            self.transport.kinds,
            self.transport.kept,
            self.buildings.kinds,
        )


def open_city(
    place: PlaceSpec,
    carriers: list[str],
    tco2_per_gj: np.ndarray,
    prices: np.ndarray,
    params: np.ndarray,
    start_year: int,
    n_quarters: int,
) -> City:
    """Return the city of the base year: trends, stocks with the energy of the place, people."""
    spec = place.city
    totals: dict[str, dict[str, float]] = {
        s.model: {k: float(v) for k, v in s.energy.items()} for s in place.city_sectors
    }
    trends = [s for s in place.city_sectors if s.model not in FOLLOWS_STOCK]
    paths = _paths(place, carriers, tco2_per_gj, n_quarters)
    start = float(params[0]["attitude_start_share"])
    made = City(
        paths=paths,
        trends=build_trends(trends, carriers, place.base_year, start_year, n_quarters),
        is_farming=np.array([s.model == FARMING for s in trends], bool),
        transport=open_transport(spec, totals.get("transport", {}), params, prices),
        buildings=open_buildings(spec, totals, params),
        waste=open_waste(spec, float(paths.urban_people[0]), params) if spec else None,
        land=open_land(spec, params) if spec else None,
        attitude=start,
        start_attitude=start,
        stock_fuel_gj=np.zeros(len(carriers)),
        fuel_gj=np.zeros(len(carriers)),
    )
    if made.has_stocks:
        close_year(made, params)
    return made


def _paths(place: PlaceSpec, carriers: list[str], tco2_per_gj: np.ndarray, n_quarters: int) -> Paths:
    years = [place.base_year + y for y in range(-(-n_quarters // QUARTERS_PER_YEAR) + 1)]
    spec = place.city
    people, towns = np.zeros(len(years)), np.zeros(len(years))
    if spec is not None:
        people += [
            float(spec.population) * level_after(spec.population_growth_percent, place.base_year, y) for y in years
        ]
        towns += [value_at(spec.urban_percent, y) / 100.0 for y in years]
    growth = next((s.growth_percent_per_year for s in place.city_sectors if s.model == "transport"), [(0, 0.0)])
    # the growth of a year is passed within it: a year's traffic is the mean of its start and end
    ends = np.array([level_after(growth, place.base_year, y) for y in [*years, years[-1] + 1]])
    traffic = 0.5 * (ends[:-1] + ends[1:])
    return Paths(people * towns, people * (1.0 - towns), traffic / traffic[0], tco2_per_gj, carriers)


def close_year(city: City, params: np.ndarray) -> None:
    """Add up energy and CO2 of the stocks for a quarter of the year, and write what is reported of them."""
    transport, buildings = city.transport, city.buildings
    fleets, rows = transport.groups.totals(transport.fleets), buildings.groups.totals(buildings.rows)
    _add_energy(city, fleets, rows, params)
    city.demolished_m2 = rows["all"]["demolished_m2"]
    city.columns = {
        **_transport_columns(city, fleets, params),
        **_building_columns(city, rows),
        **_land_columns(city, params),
    }


def _add_energy(city: City, fleets: Totals, rows: Totals, params: np.ndarray) -> None:
    p, transport, every, kinds = params[0], city.transport, fleets["all"], rows["all"]
    burnt = {
        "gasoline": fleets["gasoline"]["fuel_gj"],
        "diesel": fleets["diesel"]["fuel_gj"] + transport.water_gj,
        "natural_gas": every["gas_gj"] + kinds["gas_gj"],
        "coal": kinds["coal_gj"],
        "biomass": kinds["biomass_gj"],
    }
    factor = dict(zip(city.paths.carriers, city.paths.tco2_per_gj.tolist(), strict=True))
    fuel = np.array([burnt.get(carrier, 0.0) for carrier in city.paths.carriers])
    city.stock_fuel_gj = fuel / QUARTERS_PER_YEAR
    vehicles = every["fuel_gj"] + every["gas_gj"] + transport.water_gj
    stoves = kinds["coal_gj"] + kinds["biomass_gj"] + kinds["gas_gj"]
    city.stock_user_gj = (vehicles + stoves) / QUARTERS_PER_YEAR
    by_fleet = sum(burnt[carrier] * factor[carrier] for carrier in ("gasoline", "diesel"))
    city.transport_tco2 = (by_fleet + every["gas_gj"] * factor["natural_gas"]) / QUARTERS_PER_YEAR
    by_kind = kinds["gas_gj"] * factor["natural_gas"] + kinds["coal_gj"] * factor["coal"]
    city.buildings_tco2 = by_kind / QUARTERS_PER_YEAR
    rest = rows["others"]["electric_gj"] + every["electric_gj"] + transport.rail_gj
    city.stock_home_mwh = rows["homes"]["electric_gj"] / GJ_PER_MWH / QUARTERS_PER_YEAR
    city.stock_other_mwh = rest / GJ_PER_MWH / QUARTERS_PER_YEAR
    waste_t = city.waste.incinerated_t if city.waste is not None else 0.0
    city.waste_tco2 = waste_t * float(p["incineration_tco2_per_t"]) / QUARTERS_PER_YEAR
    roofs_mw = kinds["pv_mw"] + kinds["contract_pv_mw"]
    city.roof_mwh = roofs_mw * float(p["public_roof_hours"]) / QUARTERS_PER_YEAR
    city.own_mwh = city.roof_mwh + waste_t * float(p["incineration_kwh_per_t"]) * 1e-3 / QUARTERS_PER_YEAR


def open_quarter(city: City, quarter: int, tillage_saving_share: float) -> None:
    """Write fuel and electricity of a quarter: the stocks of its year, and the trends (SM20 to SM22).

    Parameters
    ----------
    quarter : int
        Row of the trends.
    tillage_saving_share : float
        Diesel that conservation tillage saves on all farmland (L44).
    """
    trend, factor = city.trends.all_fuel_gj[quarter], city.paths.tco2_per_gj
    np.add(city.stock_fuel_gj, trend, out=city.fuel_gj)
    city.trend_gj, city.trend_tco2 = city.trends.total_fuel_gj[quarter], float(trend @ factor)
    if city.land is not None and city.land.farming_share > 0.0:
        diesel = city.paths.carriers.index("diesel")
        saved_gj = tillage_saving_share * city.land.farming_share * city.farming_diesel_gj[quarter]
        city.fuel_gj[diesel] -= saved_gj
        city.trend_gj -= saved_gj
        city.trend_tco2 -= saved_gj * factor.item(diesel)
    power = city.trends.all_electricity_mwh[quarter]
    if city.has_stocks:
        city.home_mwh, city.other_mwh = city.stock_home_mwh, city.stock_other_mwh + power
    else:
        city.home_mwh, city.other_mwh = power, 0.0


# --- what is reported -------------------------------------------------------------------------------------------------


def _transport_columns(city: City, sums: Totals, params: np.ndarray) -> dict[str, float]:
    transport, p, q = city.transport, params[0], QUARTERS_PER_YEAR
    fleets, carriers, groups = transport.fleets, city.paths.carriers, transport.groups
    gasoline, diesel, gas = (city.paths.tco2_per_gj[carriers.index(c)] for c in ("gasoline", "diesel", "natural_gas"))
    tonnes = fleets["fuel_gj"] * np.where(transport.of("burns_diesel"), diesel, gasoline) + fleets["gas_gj"] * gas
    electric = groups.sums(fleets["bought"] * fleets["electric_sales_share"])
    cars, buses, ports, every = sums["cars"], sums["buses"], sums["ports"], sums["all"]
    return {
        "transport_tco2": city.transport_tco2,
        "cars": cars["vehicles"],
        "electric_cars": cars["electric_vehicles"],
        "cars_bought": cars["bought"] / q,
        "electric_cars_bought": electric["cars"] / q,
        "buses_bought": buses["bought"] / q,
        "electric_buses_bought": electric["buses"] / q,
        "vehicles_scrapped_early": every["scrapped_early"] / q,
        "operating_vehicle_tco2": groups.sums(tonnes)["operating"] / q,
        "operating_turnover_tkm": sums["operating"]["turnover_tkm"] / q,
        "shifted_freight_tkm": transport.shifted_tkm / q,
        "land_transport_oil_tce": sums["road"]["fuel_gj"] / GJ_PER_TCE / q,
        "charging_stations": transport.stations,
        "charging_piles": transport.piles,
        "terminal_fast_charging_share": min(1.0, transport.stations * float(p["terminal_share_per_station"])),
        "port_machines": ports["vehicles"],
        "electric_port_machines": ports["electric_vehicles"],
    }


def _building_columns(city: City, sums: Totals) -> dict[str, float]:
    every, urban, public, q = sums["all"], sums["urban"], sums["public"], QUARTERS_PER_YEAR
    energy, in_towns = (sum(group[f"{c}_gj"] for c in FINAL) for group in (every, urban))
    return {
        "buildings_tco2": city.buildings_tco2,
        "floor_m2": every["floor_m2"],
        "new_urban_m2": urban["new_m2"] / q,
        "star_rated_m2": every["star_m2"] / q,
        "green_standard_m2": every["code_m2"] / q,
        "retrofitted_m2": every["retrofit_m2"] / q,
        "new_public_m2": public["new_m2"] / q,
        "all_electric_public_m2": every["all_electric_m2"] / q,
        "new_public_roof_m2": every["new_roof_m2"] / q,
        "new_public_pv_roof_m2": every["new_pv_roof_m2"] / q,
        "building_energy_gj": energy / q,
        "building_electricity_gj": every["electric_gj"] / q,
        "urban_building_energy_gj": (in_towns + urban["renewable_gj"]) / q,
        "urban_renewable_gj": every["renewable_gj"] / q + city.roof_mwh * GJ_PER_MWH,
        "contract_saved_gj": every["contract_saving_gj"] / q,
        "contract_roof_mw": every["contract_pv_mw"],
        "loose_coal_tce": every["coal_gj"] / GJ_PER_TCE / q,
    }


def _land_columns(city: City, params: np.ndarray) -> dict[str, float]:
    waste, land, q = city.waste, city.land, QUARTERS_PER_YEAR
    if waste is None or land is None:
        return {}
    return {
        "waste_tco2": city.waste_tco2,
        "waste_t": waste.made_t / q,
        "waste_used_t": used_waste_t(waste, params) / q,
        "raw_landfill_t": waste.landfilled_t / q,
        "waste_sorted_share": waste.sorted_share,
        "own_generation_mwh": city.own_mwh,
        "forest_ha": land.forest_ha,
        "land_ha": land.area_ha,
        "forest_stock_m3": land.forest_stock_m3,
        "sink_tco2": (land.forest_sink_tco2 + land.soil_sink_tco2) / q,
        "fertiliser_tco2e": land.fertiliser_tco2e / q,
        "green_attitude": city.attitude,
        "city_support_cny": city.support_cny,
    }
