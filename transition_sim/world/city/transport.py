"""The fleets of a place: its base year, and what a year of policy and prices brings to them (SM21)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from transition_sim.core.tables import Field, allocate
from transition_sim.scenarios import registry
from transition_sim.scenarios.spec import City
from transition_sim.world.city.fleets import (
    ELECTRIC,
    FUEL,
    GAS,
    N_DRIVES,
    OLDEST,
    drive_fleets,
    note_start_costs,
    renew_fleets,
    scrappage_wanted,
    survival_share,
)
from transition_sim.world.totals import Groups

FLEETS = (  # writer: world.city.fleets
    Field("start_vehicles", "vehicle", "in the base year", low=0),
    Field("vehicles", "vehicle", "in use in the year", low=0),
    Field("electric_vehicles", "vehicle", "of which electric", low=0),
    Field("bought", "vehicle/yr", "bought in the year", low=0),
    Field("scrapped", "vehicle/yr", "scrapped in the year", low=0),
    Field("scrapped_early", "vehicle/yr", "of which for money", low=0),
    Field("electric_sales_share", "-", "electric among the bought", low=0, high=1),
    Field("gas_sales_share", "-", "gas among the bought", low=0, high=1),
    Field("start_electric_sales_share", "-", "electric among the bought, base year", low=0, high=1),
    Field("start_electric_cost", "-", "yearly cost of electric over fuel less 1, base year", low=-1),
    Field("start_gas_cost", "-", "yearly cost of gas over fuel less 1, base year", low=-1),
    Field("fuel_gj", "GJ/yr", "gasoline or diesel", low=0),
    Field("gas_gj", "GJ/yr", "natural gas", low=0),
    Field("electric_gj", "GJ/yr", "electricity", low=0),
    Field("turnover_tkm", "tkm/yr", "converted turnover", low=0),
)
YEAR = registry.numbers_dtype((
    "years", "level", "supply", "density_change", "attitude_change", "battery_factor", "gasoline_cny_per_gj",
    "diesel_cny_per_gj", "gas_cny_per_gj", "charging_cny_per_gj", "bus_share", "shift_share", "scrappage_cny",
    "paid_share",
))  # fmt: skip
"""What a year brings to all fleets."""
CARRIERS = ("gasoline", "diesel", "natural_gas", "electricity")
"""Order of ``scale``."""
PRICED = [
    (f"{name}_cny_per_gj", list(registry.carrier_ids()).index(carrier))
    for name, carrier in (("gasoline", "gasoline"), ("diesel", "diesel"), ("gas", "natural_gas"))
]
"""Prices of a year, and the carriers that they are of."""
EQUAL_SHARE = 1e-12


@dataclass
class Transport:
    """Fleets of a place, F of them; no row where it states no vehicles.

    Attributes
    ----------
    ids : list of str
    kinds : structured array, shape (F,)
        The rows of the table of fleets that the place has; read-only.
    kept : ndarray, shape (F, OLDEST - 1)
        Share of a cohort that outlives a year, by age at its start; read-only.
    fleets : structured array, shape (F,)
    vehicles, gj_per_km : ndarray, shape (F, 3, OLDEST)
        By drive and age.
    scale : ndarray, shape (4,)
        Energy of the place over energy of the table, by carrier.
    year : structured array, shape (1,)
    points, start_density : float
        Public charging points of the base year, and points per 100 cars then.
    stations, piles : float
        Built by the programme since.
    shifted_tkm, rail_gj, water_gj : float
        Freight moved off the road in the year, and the electricity and diesel that it takes there.
    """

    ids: list[str]
    kinds: np.ndarray
    kept: np.ndarray
    fleets: np.ndarray
    vehicles: np.ndarray
    gj_per_km: np.ndarray
    scale: np.ndarray
    year: np.ndarray
    points: float = 0.0
    start_density: float = 0.0
    stations: float = 0.0
    piles: float = 0.0
    shifted_tkm: float = 0.0
    rail_gj: float = 0.0
    water_gj: float = 0.0

    @cached_property
    def groups(self) -> Groups:
        """Fleets that are reported together."""
        n, diesel = len(self.ids), self.of("burns_diesel")
        return Groups.of(
            all=np.ones(n), diesel=diesel, gasoline=~diesel, cars=np.arange(n) == self.row("car"),
            buses=self.of("is_bus"), ports=self.of("is_port"), operating=self.of("is_operating"),
            road=self.of("is_road"),
        )  # fmt: skip

    @cached_property
    def household_cars(self) -> np.ndarray:
        """Rows of the cars of households, ndarray of int."""
        return np.flatnonzero(self.of("is_household") & (self.kinds["fuel_capex_cny"] > 5e4))

    @cached_property
    def start_haulage_tkm(self) -> float:
        """Turnover of long hauls in the base year, tkm/yr."""
        haul = np.flatnonzero(self.of("is_long_haul"))
        km = self.fleets["start_vehicles"][haul] * self.kinds["km_per_year"][haul]
        return float((km * self.kinds["converted_tkm_per_km"][haul]).sum())

    def row(self, fleet: str) -> int:
        """Return the row of a fleet, -1 where the place has none."""
        return self.ids.index(fleet) if fleet in self.ids else -1

    def of(self, flag: str) -> np.ndarray:
        """Return which fleets carry a mark of the table, shape (F,)."""
        return self.kinds[flag] > 0

    def density(self, market_points_per_vehicle: float, points_per_station: float) -> float:
        """Return public charging points per 100 cars: base year, those that follow electric cars, and the programme."""
        if not self.household_cars.size:
            return 0.0
        points = self.points + self.piles + points_per_station * self.stations
        points += market_points_per_vehicle * float(self.fleets["electric_vehicles"][self.household_cars].sum())
        return 100.0 * points / float(self.fleets["vehicles"][self.household_cars].sum())


def fleet_rules(ids: list[str]) -> np.ndarray:
    """Return the rows of the table of fleets for some ids, with a mark for those that burn diesel; read-only."""
    table, every = registry.fleet_table(), [row.id for row in registry.fleet_kinds()]
    carriers = list(registry.carrier_ids())
    chosen = table[[every.index(i) for i in ids]]
    names = [*(table.dtype.names or ()), "burns_diesel"]
    found = np.zeros(chosen.size, registry.numbers_dtype(tuple(names)))
    for name in names[:-1]:
        found[name] = chosen[name]
    found["burns_diesel"] = chosen["fuel"] == carriers.index("diesel")
    found.flags.writeable = False
    return found


def spread_over_ages(
    life_years: float, growth: float, share: float, sales_share: float, at_most: np.ndarray | float = 1.0
) -> np.ndarray:
    """Return the share of a drive at each age: ``sales_share`` among the new, falling or rising so that the stock has
    ``share``.

    Ages of all drives lie as after a long growth at ``growth``; the share at age a is sales_share x r^a, at most
    ``at_most``, with r found by halving.

    Returns
    -------
    ndarray, shape (OLDEST,)
    """
    weight = age_weights(life_years, growth)
    if share <= 0.0 or sales_share <= 0.0:
        return np.zeros(OLDEST)
    low, high = 0.0, 4.0
    ages = np.arange(OLDEST)
    for _ in range(200):
        middle = 0.5 * (low + high)
        shares = np.minimum(at_most, sales_share * middle**ages)
        low, high = (middle, high) if float(weight @ shares) < share else (low, middle)
    return np.minimum(at_most, sales_share * high**ages)


def age_weights(life_years: float, growth: float) -> np.ndarray:
    """Return the shares of ages in a stock that has long grown at ``growth`` a year, sum 1, shape (OLDEST,)."""
    alive = np.array([survival_share(float(age), life_years) for age in range(OLDEST)])
    weight = alive * (1.0 + growth) ** -np.arange(OLDEST)
    return weight / weight.sum()


def open_transport(city: City | None, totals_gj: dict[str, float], params: np.ndarray, prices: np.ndarray) -> Transport:
    """Return the fleets of the base year, their energy scaled to the totals of the place.

    Parameters
    ----------
    city : City or None
        None, or no total: a place without fleets.
    totals_gj : dict of carrier -> GJ/yr
        Energy of the transport sector of the place.
    params : structured array, shape (1,)
    prices : ndarray, shape (n_carriers,)
        CNY/GJ.
    """
    stocks = list(city.vehicles) if city is not None and totals_gj else []
    ids = [s.fleet for s in stocks]
    n = len(ids)
    made = Transport(
        ids, fleet_rules(ids), np.zeros((n, OLDEST - 1)), allocate(FLEETS, n), np.zeros((n, N_DRIVES, OLDEST)),
        np.zeros((n, N_DRIVES, OLDEST)), np.ones(len(CARRIERS)), np.zeros(1, YEAR),
    )  # fmt: skip
    if city is None or not stocks:
        return made
    made.points = float(city.charging_points)
    write_prices(made.year, params, prices, battery_factor=1.0)
    made.year["level"] = 1.0
    for f, stock in enumerate(stocks):
        _open_fleet(made, f, float(stock.vehicles), float(stock.electric_share), float(stock.gas_share), params)
    note_start_costs(made.fleets, made.kinds, made.year, params)
    _scale_to(made, totals_gj)
    p = params[0]
    made.start_density = made.density(
        float(p["market_points_per_electric_car"]), float(p["points_per_charging_station"])
    )
    return made


def write_prices(year: np.ndarray, params: np.ndarray, prices: np.ndarray, battery_factor: float) -> None:
    """Write what drivers pay for energy, CNY/GJ, and the cost of batteries relative to the base year."""
    for name, carrier in PRICED:
        year[name] = prices[carrier]
    year["charging_cny_per_gj"] = params[0]["charging_price_cny_per_kwh"] * 1e3 / 3.6
    year["battery_factor"] = battery_factor


def _open_fleet(made: Transport, f: int, vehicles: float, electric: float, gas: float, params: np.ndarray) -> None:
    kind, fleet, growth = made.kinds[f], made.fleets[f], float(params[0]["vehicle_growth_past_per_year"])
    alive = np.array([survival_share(float(age), float(kind["life_years"])) for age in range(OLDEST)])
    made.kept[f] = alive[1:] / alive[:-1]
    weight = age_weights(float(kind["life_years"]), growth)
    by_age = spread_over_ages(float(kind["life_years"]), growth, electric, float(kind["electric_sales_share"]))
    life, new = float(kind["life_years"]), float(kind["gas_sales_share"])
    gas_by_age = spread_over_ages(life, growth, gas, new, 1.0 - by_age)
    made.vehicles[f, ELECTRIC] = vehicles * weight * by_age
    made.vehicles[f, GAS] = vehicles * weight * gas_by_age
    made.vehicles[f, FUEL] = vehicles * weight * (1.0 - by_age - gas_by_age)
    made.gj_per_km[f, FUEL], made.gj_per_km[f, GAS] = kind["fuel_gj_per_km"], kind["gas_gj_per_km"]
    made.gj_per_km[f, ELECTRIC] = kind["electric_gj_per_km"]
    fleet["start_vehicles"] = vehicles
    fleet["bought"] = vehicles * weight[0]
    fleet["electric_sales_share"] = fleet["start_electric_sales_share"] = by_age[0]
    fleet["gas_sales_share"] = gas_by_age[0]


def _scale_to(made: Transport, totals_gj: dict[str, float]) -> None:
    """Set the factors so that the energy of the base year is that of the place, carrier by carrier."""
    found = dict.fromkeys(CARRIERS, 0.0)
    parts = (made.vehicles, made.gj_per_km, made.fleets, made.kinds, made.year, made.scale)
    drive_fleets(*parts)
    for f, fleet in enumerate(made.fleets):
        found["diesel" if made.kinds[f]["burns_diesel"] else "gasoline"] += float(fleet["fuel_gj"])
        found["natural_gas"] += float(fleet["gas_gj"])
        found["electricity"] += float(fleet["electric_gj"])
    for k, carrier in enumerate(CARRIERS):
        made.scale[k] = totals_gj.get(carrier, 0.0) / found[carrier] if found[carrier] > 0 else 0.0
    drive_fleets(*parts)


def build_charging(transport: Transport, stations: float, piles: float, build_years: float) -> None:
    """Build charging sites towards the programme, an equal part of it a year (L37); what stands, stands."""
    transport.stations += max(0.0, min(stations - transport.stations, stations / build_years))
    transport.piles += max(0.0, min(piles - transport.piles, piles / build_years))


def scrappage_bill(transport: Transport, params: np.ndarray) -> tuple[float, float]:
    """Return the old vehicles that would be given up this year for money, and what that would cost, CNY (L39)."""
    if not transport.year[0]["scrappage_cny"] > 0.0:
        return 0.0, 0.0
    vehicles = float(scrappage_wanted(transport.vehicles, transport.kinds, transport.kept, transport.year, params))
    return vehicles, vehicles * float(transport.year[0]["scrappage_cny"])


def run_year(transport: Transport, params: np.ndarray) -> None:
    """Renew and drive every fleet for the year that ``transport.year`` describes, and move freight off the road."""
    p, year = params[0], transport.year[0]
    renew_fleets(
        transport.vehicles, transport.gj_per_km, transport.fleets, transport.kinds, transport.kept, transport.year,
        params, transport.scale,
    )  # fmt: skip
    transport.shifted_tkm = float(year["shift_share"] * year["level"]) * transport.start_haulage_tkm
    transport.rail_gj = transport.shifted_tkm * float(p["rail_share_of_shift"] * p["rail_kwh_per_tkm"]) * 3.6e-3
    transport.water_gj = transport.shifted_tkm * float((1.0 - p["rail_share_of_shift"]) * p["water_gj_per_tkm"])
