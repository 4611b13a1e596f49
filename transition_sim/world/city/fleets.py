"""A year of a fleet: vehicles age and are scrapped, buyers choose a drive, the fleet drives and burns (SM21).

The stock of a fleet is a table of vehicles by drive and age. Everything here is a rule for one fleet.
"""

from math import exp, log

from transition_sim.core.kernels import compiled, merged, part
from transition_sim.world.annuity import capital_recovery_factor

FUEL, GAS, ELECTRIC = range(3)
N_DRIVES = 3
OLDEST = 40
"""Ages that are kept apart, years: with mean lives up to 15 years nothing is left at 40."""
WEIBULL_SHAPE = 4.0
MEAN_OVER_SCALE = 0.9064024770554771
"""Gamma(1 + 1/4): mean life over the scale of a Weibull law of shape 4 (A23)."""
LARGEST_LOGIT = 30.0


@compiled
def survival_share(age_years, life_years):
    """Return the share of a cohort that is left at an age: exp(-(a/lambda)^4), mean life L (SM04, A23)."""
    return exp(-((age_years * MEAN_OVER_SCALE / life_years) ** WEIBULL_SHAPE))


@part
def logit(share):
    """Return log(p / (1 - p)), bounded where the share is 0 or 1."""
    if share <= 0.0:
        return -LARGEST_LOGIT
    if share >= 1.0:
        return LARGEST_LOGIT
    return log(share / (1.0 - share))


@part
def logistic(utility):
    """Return 1 / (1 + exp(-u))."""
    return 1.0 / (1.0 + exp(-min(LARGEST_LOGIT, max(-LARGEST_LOGIT, utility))))


@merged
def electric_share_of_sales(start_share, cost_change, peer_change, year, rules, is_road):
    """Return the electric share of new vehicles: a logit on cost, charging, peers and supply (SM21, P02).

    P = 1 / (1 + exp(-(a + b dTCO/TCO + c density + d F + g supply))), with a such that the base year has its share.

    Parameters
    ----------
    start_share : float
        In the base year.
    cost_change : float
        Change since then of (electric - fuel) / fuel in yearly cost.
    peer_change : float
        Change since then of last year's electric share, and of green attitude where households buy.
    year, rules : records
        What the year brings to all fleets, and the parameters of the run.
    is_road : bool
        Supply of models and public charging points concern road vehicles.
    """
    utility = logit(start_share) - rules.nev_cost_weight * cost_change + rules.nev_peer_weight * peer_change
    if is_road:
        utility += rules.nev_density_weight * year.density_change + rules.nev_supply_gain * year.supply
    return logistic(utility)


@part
def gas_share_of_rest(start_share, cost_change, weight):
    """Return the share of gas among new vehicles that burn something: a logit on the change of relative cost."""
    if start_share <= 0.0:
        return 0.0
    return logistic(logit(start_share) - weight * cost_change)


@part
def yearly_cost_cny(capex_cny, gj_per_km, price_cny_per_gj, kind, interest_share):
    """Return capital at the recovery factor plus energy, CNY a year and vehicle; upkeep is the same for all drives."""
    return (
        capex_cny * capital_recovery_factor(interest_share, kind.life_years)
        + kind.km_per_year * gj_per_km * price_cny_per_gj
    )


@part
def relative_costs(kind, year, rules):
    """Return yearly cost of electric and of gas relative to fuel, less 1; batteries get cheaper with experience."""
    r = rules.vehicle_discount_rate_per_year
    price = year.diesel_cny_per_gj if kind.burns_diesel else year.gasoline_cny_per_gj
    fuel = yearly_cost_cny(kind.fuel_capex_cny, kind.fuel_gj_per_km, price, kind, r)
    gas = yearly_cost_cny(kind.gas_capex_cny, kind.gas_gj_per_km, year.gas_cny_per_gj, kind, r)
    capex = kind.electric_capex_cny * (1.0 - kind.battery_share * (1.0 - year.battery_factor))
    electric = yearly_cost_cny(capex, kind.electric_gj_per_km, year.charging_cny_per_gj, kind, r)
    return electric / fuel - 1.0, gas / fuel - 1.0


@merged
def age_fleet(vehicles, gj_per_km, fleet, kept, early_share, first_early_age):
    """Let a fleet grow a year older and count what is scrapped, and what of it early for money (L39).

    Parameters
    ----------
    vehicles, gj_per_km : ndarray, shape (3, OLDEST)
        By drive and age.
    kept : ndarray, shape (OLDEST - 1,)
        Share of a cohort that outlives the year, by age at its start.
    early_share : float
        Share of what burns something and has reached ``first_early_age`` that is scrapped beside old age.
    """
    fleet.scrapped, fleet.scrapped_early = vehicles[:, OLDEST - 1].sum(), 0.0
    for drive in range(N_DRIVES):
        for age in range(OLDEST - 2, -1, -1):
            before = vehicles[drive, age]
            left = before * kept[age]
            if drive != ELECTRIC and age + 1 >= first_early_age:
                fleet.scrapped_early += left * early_share
                left *= 1.0 - early_share
            fleet.scrapped += before - left
            vehicles[drive, age + 1] = left
            gj_per_km[drive, age + 1] = gj_per_km[drive, age]
        vehicles[drive, 0] = 0.0


@part
def wanted_vehicles(fleet, kind, year):
    """Return the stock that the work of the year asks for: growth of traffic, less freight moved off the road (L38)."""
    wanted = fleet.start_vehicles * year.level
    return wanted * (1.0 - year.shift_share) if kind.is_long_haul else wanted


@merged
def buy_vehicles(vehicles, gj_per_km, fleet, kind, year, rules):
    """Buy what is missing to the wanted stock, and choose the drives (SM21; buses: L37)."""
    fleet.bought = max(0.0, wanted_vehicles(fleet, kind, year) - vehicles.sum())
    electric_cost, gas_cost = relative_costs(kind, year, rules)
    peers = fleet.electric_sales_share - fleet.start_electric_sales_share
    if kind.is_household:
        peers += year.attitude_change
    electric = electric_share_of_sales(
        kind.electric_sales_share, electric_cost - fleet.start_electric_cost, peers, year, rules, kind.is_road
    )
    if kind.is_bus:
        electric = max(electric, year.bus_share)
    rest = 0.0 if kind.electric_sales_share >= 1.0 else kind.gas_sales_share / (1.0 - kind.electric_sales_share)
    gas = (1.0 - electric) * gas_share_of_rest(rest, gas_cost - fleet.start_gas_cost, rules.gas_cost_weight)
    fleet.electric_sales_share, fleet.gas_sales_share = electric, gas
    better = (1.0 - rules.vehicle_gain_per_year) ** year.years
    vehicles[FUEL, 0] = fleet.bought * (1.0 - electric - gas)
    vehicles[GAS, 0] = fleet.bought * gas
    vehicles[ELECTRIC, 0] = fleet.bought * electric
    gj_per_km[FUEL, 0] = kind.fuel_gj_per_km * better
    gj_per_km[GAS, 0] = kind.gas_gj_per_km * better
    gj_per_km[ELECTRIC, 0] = kind.electric_gj_per_km


@part
def drive_fleet(vehicles, gj_per_km, fleet, kind, year, scale):
    """Write vehicles, kilometres, energy and turnover of a fleet in the year.

    Where old stock exceeds the work, every vehicle drives less.

    Parameters
    ----------
    scale : ndarray, shape (4,)
        Energy of the place over energy of the table: gasoline, diesel, gas, electricity.
    """
    fleet.vehicles = vehicles.sum()
    fleet.electric_vehicles = vehicles[ELECTRIC].sum()
    use = 1.0
    if fleet.vehicles > 0.0:
        use = min(1.0, wanted_vehicles(fleet, kind, year) / fleet.vehicles)
    km = kind.km_per_year * use
    fleet.fuel_gj = (vehicles[FUEL] * gj_per_km[FUEL]).sum() * km * scale[1 if kind.burns_diesel else 0]
    fleet.gas_gj = (vehicles[GAS] * gj_per_km[GAS]).sum() * km * scale[2]
    fleet.electric_gj = (vehicles[ELECTRIC] * gj_per_km[ELECTRIC]).sum() * km * scale[3]
    fleet.turnover_tkm = fleet.vehicles * km * kind.converted_tkm_per_km


@compiled
def note_start_costs(fleets, kinds, year, rules):
    """Keep the relative costs of the base year: buyers answer to their change."""
    for f in range(kinds.size):
        electric, gas = relative_costs(kinds[f], year[0], rules[0])
        fleets[f].start_electric_cost, fleets[f].start_gas_cost = electric, gas


@compiled
def drive_fleets(vehicles, gj_per_km, fleets, kinds, year, scale):
    """Write energy and turnover of every fleet as it stands."""
    for f in range(kinds.size):
        drive_fleet(vehicles[f], gj_per_km[f], fleets[f], kinds[f], year[0], scale)


@part
def early_scrappage_share(scrappage_cny, kind):
    """Return the share of old vehicles given up for money: 1 - exp(-subsidy / price of a new one) (L39)."""
    if scrappage_cny <= 0.0 or not kind.is_road:
        return 0.0
    return 1.0 - exp(-scrappage_cny / kind.fuel_capex_cny)


@compiled
def renew_fleets(vehicles, gj_per_km, fleets, kinds, kept, year, rules, scale):
    """Run a year of every fleet; see the functions above.

    Parameters
    ----------
    vehicles, gj_per_km : ndarray, shape (F, 3, OLDEST)
    fleets, kinds : structured arrays, shape (F,)
    kept : ndarray, shape (F, OLDEST - 1)
    year, rules : structured arrays, shape (1,)
    """
    for f in range(kinds.size):
        early = early_scrappage_share(year[0].scrappage_cny, kinds[f]) * year[0].paid_share
        age_fleet(vehicles[f], gj_per_km[f], fleets[f], kept[f], early, rules[0].scrappage_age_years)
        buy_vehicles(vehicles[f], gj_per_km[f], fleets[f], kinds[f], year[0], rules[0])
        drive_fleet(vehicles[f], gj_per_km[f], fleets[f], kinds[f], year[0], scale)


@compiled
def scrappage_wanted(vehicles, kinds, kept, year, rules):
    """Return how many old vehicles would be given up for the money of the year, were it all paid (L39)."""
    total = 0.0
    first = int(rules[0].scrappage_age_years)
    for f in range(kinds.size):
        share = early_scrappage_share(year[0].scrappage_cny, kinds[f])
        if share <= 0.0:
            continue
        for drive in range(ELECTRIC):
            for age in range(max(0, first - 1), OLDEST - 1):
                total += vehicles[f, drive, age] * kept[f, age] * share
    return total
