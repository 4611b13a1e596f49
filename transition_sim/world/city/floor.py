"""A year of the floor of one kind of building: demolition, new floor by standard, retrofit, heat by carrier (SM20).

Heat is cooking, hot water and warmth that came from a fuel in the base year; power is what ran on electricity then.
Everything here is a rule for one kind of building.
"""

from math import exp

from transition_sim.core.kernels import compiled, merged, part

STANDARD, CODE_65, CODE_75, ULTRA_LOW, RETROFITTED = range(5)
N_LEVELS = 5
COAL, BIOMASS, GAS, ELECTRIC = range(4)
N_HEATS = 4
NO_BAN = 2100.0
YEARS_TO_HALF = 2.0
"""Half of the loose coal is gone this many years before the ban."""


@part
def new_floor_m2(wanted_m2, left_m2):
    """Return the floor built in a year: what is missing to the wanted floor (A_t+1 = A_t (1 - d) + new)."""
    return max(0.0, wanted_m2 - left_m2)


@merged
def build_floor(floor, row, kind, year, rules):
    """Demolish, build by the standards of the year, and retrofit (SM20; star-rated: L35, retrofit: L36).

    Parameters
    ----------
    floor : ndarray, shape (5,)
        m2 by standard.
    """
    start = floor.sum()
    for level in range(N_LEVELS):
        floor[level] *= 1.0 - rules.building_demolition_per_year
    row.demolished_m2 = start - floor.sum()
    row.new_m2 = new_floor_m2(
        row.start_m2 * row.people_index * (1.0 + kind.m2_growth_per_year) ** year.years, floor.sum()
    )
    star = year.star_share if kind.is_urban else 0.0
    has_code = kind.is_urban and year.year >= rules.building_code_year
    row.star_m2 = row.new_m2 * star
    floor[ULTRA_LOW] += row.star_m2 * rules.ultra_low_share
    floor[CODE_75] += row.star_m2 * (1.0 - rules.ultra_low_share)
    floor[CODE_65 if has_code else STANDARD] += row.new_m2 - row.star_m2
    row.code_m2 = row.new_m2 if has_code else row.star_m2
    row.retrofit_m2 = 0.0
    if kind.is_retrofitted:
        row.retrofit_m2 = min(floor[STANDARD], start * year.retrofit_share)
        floor[STANDARD] -= row.retrofit_m2
        floor[RETROFITTED] += row.retrofit_m2
    row.floor_m2 = floor.sum()


@part
def mean_need(floor, kind, rules):
    """Return the need of energy a square metre relative to the standard of the base year, mean over the floor."""
    space = kind.space_share
    total = floor[STANDARD] + floor[RETROFITTED] * (1.0 - rules.retrofit_saving_share)
    total += floor[CODE_65] * (1.0 - space * (1.0 - rules.code_65_space))
    total += floor[CODE_75] * (1.0 - space * (1.0 - rules.code_75_space))
    total += floor[ULTRA_LOW] * (1.0 - space * (1.0 - rules.ultra_low_space))
    return total / floor.sum()


@merged
def coal_left(share, start_share, year, rules):
    """Return the share of heat from coal after a year: stoves wear out, money replaces more, a ban ends it (L33, L34).

    Before a ban the share follows a logistic path that has fallen by half two years ahead of it; from the first year of
    the ban on it is 0.
    """
    if year.year >= year.ban_year:
        return 0.0
    kept = share * (1.0 - rules.coal_stove_decline_per_year)
    kept *= exp(-rules.coal_switch_per_100_cny * year.switch_cny_per_kw * year.switch_paid_share / 100.0)
    if year.ban_year < NO_BAN:
        ahead = year.ban_year - YEARS_TO_HALF - year.year
        kept = min(kept, start_share / (1.0 + exp(-rules.loose_coal_ban_steepness * ahead)))
    return kept


@merged
def move_heat(heat, row, kind, year, rules):
    """Move heat between carriers: coal and biomass out, electricity in (SM20; public bodies: L52).

    Parameters
    ----------
    heat : ndarray, shape (4,)
        Share of useful heat from coal, biomass, gas and electricity; sum 1.
    """
    coal = coal_left(heat[COAL], row.start_coal_share, year, rules)
    biomass = heat[BIOMASS] * (1.0 - rules.biomass_stove_decline_per_year)
    freed = heat[COAL] + heat[BIOMASS] - coal - biomass
    row.switched_share = heat[COAL] - coal
    rate = rules.building_electrification_per_year
    if kind.is_public:
        rate += rules.public_electrification_per_effort * year.public_effort
        row.all_electric_m2 = row.new_m2 * min(
            1.0, rules.all_electric_public_start + rules.all_electric_public_per_effort * year.public_effort
        )
        rate += row.all_electric_m2 / row.floor_m2
    to_electric = min(heat[GAS], heat[GAS] * rate)
    heat[COAL], heat[BIOMASS] = coal, biomass
    heat[GAS] += freed * (1.0 - rules.stove_to_electric_share) - to_electric
    heat[ELECTRIC] += freed * rules.stove_to_electric_share + to_electric


@part
def use_building_energy(floor, heat, row, kind, year, rules):
    """Write energy of a kind in the year: fuels by carrier and electricity, GJ; contracts take off what they save."""
    need = row.floor_m2 * mean_need(floor, kind, rules)
    useful = need * row.heat_gj_per_m2 * (1.0 + kind.heat_growth_per_year) ** year.years
    row.useful_heat_gj = useful
    row.coal_gj = useful * heat[COAL] / rules.coal_stove_efficiency
    row.biomass_gj = useful * heat[BIOMASS] / rules.biomass_stove_efficiency
    row.gas_gj = useful * heat[GAS] / rules.gas_heat_efficiency
    row.electric_heat_gj = useful * heat[ELECTRIC] / rules.electric_heat_efficiency
    power = need * row.power_gj_per_m2 * (1.0 + kind.power_growth_per_year) ** year.years
    row.electric_gj = power + row.electric_heat_gj - row.contract_saving_gj


@merged
def gather_renewables(row, kind, year, rules):
    """Write renewable heat of urban buildings and roofs of new public ones (I08, I09; roofs: L25).

    Collectors and heat pumps of the base year go with the floor; floor built by the code brings its own, star-rated
    floor twice as much. Electric heat beside fuel counts with the warmth that its heat pumps take from the air.
    """
    if not kind.is_urban:
        return
    row.collector_gj *= 1.0 - rules.building_demolition_per_year
    row.collector_gj += rules.renewable_heat_new_gj_per_m2 * (row.code_m2 + row.star_m2)
    row.renewable_gj = row.collector_gj + row.electric_heat_gj * rules.ambient_heat_per_electric
    if kind.is_public:
        row.new_roof_m2 = row.new_m2 * rules.roof_per_floor
        row.new_pv_roof_m2 = row.new_roof_m2 * year.roof_pv_share
        row.pv_mw += row.new_pv_roof_m2 * rules.roof_pv_kw_per_m2 * 1e-3


@compiled
def renew_buildings(floors, heats, rows, kinds, year, rules):
    """Run a year of every kind of building; see the functions above.

    Parameters
    ----------
    floors : ndarray, shape (K, 5)
    heats : ndarray, shape (K, 4)
    rows, kinds : structured arrays, shape (K,)
    year, rules : structured arrays, shape (1,)
    """
    for k in range(kinds.size):
        build_floor(floors[k], rows[k], kinds[k], year[0], rules[0])
        move_heat(heats[k], rows[k], kinds[k], year[0], rules[0])
        use_building_energy(floors[k], heats[k], rows[k], kinds[k], year[0], rules[0])
        gather_renewables(rows[k], kinds[k], year[0], rules[0])
