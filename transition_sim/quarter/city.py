"""The city beside its enterprises: a year of vehicles, buildings, waste and land, and the energy of the quarter.

It runs ahead of the power system, which needs its load (SM20 to SM22, SM26); what it burns is accounted in phase 8.
"""

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.world.city import buildings, land, transport
from transition_sim.world.city.city import City, close_year, open_quarter
from transition_sim.world.city.households import household_elasticity, next_attitude
from transition_sim.world.world import World

BATTERY = "storage_li"
"""The technology whose capital cost says what batteries cost relative to the base year."""
SUPPLY_YEAR = 2020
"""Choice and range of electric models count from here: the base year has its published share of sales."""


def live(world: World) -> None:
    """Move attitudes and, with a new year, the stocks; then write fuel and electricity of the quarter."""
    city, q = world.city, world.quarter % QUARTERS_PER_YEAR if world.frozen else world.quarter
    city.support_cny = 0.0
    if city.has_stocks and not world.frozen:
        _move_attitude(world)
        if world.quarter_of_year == 0 and world.quarter > 0:
            _live_a_year(world)
        city.columns["green_attitude"], city.columns["city_support_cny"] = city.attitude, city.support_cny
    open_quarter(city, q, world.parameter("tillage_diesel_saving_share"))


def grid_mwh(world: World) -> float:
    """Return what the city takes from the grid this quarter, MWh: homes answer to the tiers of their tariff (L19).

    A shock can swell all of the city's use; own generation of public roofs and waste works comes off.
    """
    city = world.city
    flat = 1e3 * world.parameter("household_tier1_cny_per_kwh")
    elasticity = household_elasticity(
        city.attitude, city.start_attitude, world.parameter("household_elasticity"),
        world.parameter("household_elasticity_gain"),
    )  # fmt: skip
    homes = city.home_mwh * (world.tariffs.household_cny_per_mwh / flat) ** -elasticity
    return (homes + city.other_mwh) * world.outside.load_factor - city.own_mwh


def _move_attitude(world: World) -> None:
    city = world.city
    row = city.transport.row("car")
    peers = city.transport.fleets["electric_sales_share"].item(row) if row >= 0 else city.attitude
    city.attitude = next_attitude(
        city.attitude, world.lever("publicity"), peers, world.parameter("publicity_gain"),
        world.parameter("attitude_speed_per_year"),
    )  # fmt: skip


def _live_a_year(world: World) -> None:
    """Move vehicles, buildings, waste and land by a year, and add up what they burn and use."""
    city, year = world.city, world.quarter // QUARTERS_PER_YEAR
    _pay(world, year)
    transport.run_year(city.transport, world.params)
    buildings.run_year(city.buildings, world.params)
    people = float(city.paths.urban_people[year])
    if city.waste is not None and city.land is not None:
        gain = city.attitude - city.start_attitude
        land.treat_waste(city.waste, people, world.lever("waste_sorting_share"), gain, world.params)
        land.grow_forest(
            city.land, world.lever("afforestation_ha_per_year"), world.lever("low_carbon_farming_share"), world.params
        )
    close_year(city, world.params)


def _pay(world: World, year: int) -> None:
    """Describe the year to vehicles and buildings, and pay from the green budget what it covers (L33, L39)."""
    city = world.city
    _tell_vehicles(world, city, year)
    _tell_buildings(world, city, year)
    _, scrappage = transport.scrappage_bill(city.transport, world.params)
    _, stoves = buildings.switch_bill(city.buildings, world.params)
    wanted = scrappage + stoves
    paid = world.budget.spend(wanted) if wanted > 0 else 0.0
    share = paid / wanted if wanted > 0 else 0.0
    city.transport.year["paid_share"] = city.buildings.year["switch_paid_share"] = share
    city.support_cny = paid
    world.notes.support_cny += paid
    world.ledger.post("old vehicles and coal stoves", "green_budget", "households", paid)


def _tell_vehicles(world: World, city: City, year: int) -> None:
    p, fleet = world.params[0], city.transport
    transport.build_charging(
        fleet, world.lever("charging_stations"), world.lever("charging_piles"), float(p["charging_build_years"])
    )
    told = fleet.year
    transport.write_prices(told, world.params, world.state.carrier_cny_per_gj, _battery_factor(world))
    told["years"], told["level"] = year, city.paths.traffic[year]
    ahead = max(0.0, world.clock.year(world.quarter) - SUPPLY_YEAR)
    told["supply"] = 1.0 - float(p["nev_supply_left_per_year"]) ** ahead
    density = fleet.density(float(p["market_points_per_electric_car"]), float(p["points_per_charging_station"]))
    told["density_change"] = density - fleet.start_density
    told["attitude_change"] = city.attitude - city.start_attitude
    told["bus_share"], told["shift_share"] = (
        world.lever("bus_new_energy_share"),
        world.lever("modal_shift_percent") / 100.0,
    )
    told["scrappage_cny"] = world.lever("vehicle_scrappage_cny")


def _battery_factor(world: World) -> float:
    return float(world.state.technology_capex_factor[world.labels["technologies"].index(BATTERY)])


def _tell_buildings(world: World, city: City, year: int) -> None:
    told, paths = city.buildings.year, city.paths
    urban, rural = paths.urban_people, paths.rural_people
    buildings.follow_people(
        city.buildings,
        {
            "urban": float(urban[year] / urban[0]),
            "rural": float(rural[year] / rural[0]),
            "all": float((urban[year] + rural[year]) / (urban[0] + rural[0])),
        },
    )
    told["year"], told["years"] = world.clock.year(world.quarter), year
    told["star_share"] = world.lever("star_rated_share")
    told["retrofit_share"] = world.lever("building_retrofit_percent_per_year") / 100.0
    told["public_effort"] = world.lever("public_institution_demonstration")
    told["ban_year"] = world.lever("loose_coal_ban_year")
    told["switch_cny_per_kw"] = world.lever("coal_substitution_cny_per_kw")
    told["roof_pv_share"] = world.lever("rooftop_pv_public_share")
