"""The power of a place over a quarter in one pass: its load, storage, the dispatch, and what they add up to (SM12)."""

from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled, lean, merged, part
from transition_sim.world.accounting.emissions import trade_of_power_mwh
from transition_sim.world.markets.merit_order import PLACE, PROVINCE, Demands, Market
from transition_sim.world.markets.power import (
    available_mw,
    dispatch,
    marginal_costs_cny_per_mwh,
    power_balance_gaps_mwh,
)
from transition_sim.world.markets.slices import BLOCKS, DAY_TYPES, MONTHS, SLICES
from transition_sim.world.markets.storage import apply_storage, cycle_gaps_mwh, demand_response, greatest, total


class SliceTables(NamedTuple):
    """How a year is cut into slices, and what is spread over them; the first axis is the quarter unless said.

    Attributes
    ----------
    hours : ndarray, shape (4, 48)
    load_profiles : ndarray, shape (4, K, 48)
        Load of each shape per MWh of its quarter, MW/MWh.
    province_profile : ndarray, shape (4, 48)
        The same of the rest of the province.
    unit_profiles : ndarray, shape (n_profiles, 12, 8)
        Capacity factors by calendar month and block.
    export_share_by_month : ndarray, shape (12,)
        They sum to 1.
    """

    hours: np.ndarray
    load_profiles: np.ndarray
    province_profile: np.ndarray
    unit_profiles: np.ndarray
    export_share_by_month: np.ndarray


class Units(NamedTuple):
    """Generating units of the quarter, each of shape (n,); see ``available_mw`` and ``dispatch``.

    ``fuel`` is the carrier that a unit burns, -1: none.
    """

    node: np.ndarray
    capacity_mw: np.ndarray
    availability_share: np.ndarray
    profile: np.ndarray
    is_hydro: np.ndarray
    min_load_share: np.ndarray
    curtailment_order: np.ndarray
    fuel: np.ndarray
    heat_rate_gj_per_mwh: np.ndarray
    tco2_per_gj: np.ndarray
    variable_om_cny_per_mwh: np.ndarray


class Terms(NamedTuple):
    """What acts on the power system this quarter.

    Attributes
    ----------
    river_share : ndarray, shape (3,)
        Inflow of rivers over its normal, by month.
    province_load_share : ndarray, shape (3,)
        Load of the rest of the province over its normal, by month.
    province_mwh : float
        Load of the whole province at the power stations in the quarter.
    export_mwh : float
        Contracted export of the province in a year.
    market : Market
    response_share, response_hours : float
        Load enrolled for demand response, and the hours for which it may be called (L23).
    storage_mw, storage_mwh, storage_efficiency_share : float
        Power, energy that may be drawn in a day, round trip.
    """

    river_share: np.ndarray
    province_load_share: np.ndarray
    province_mwh: float
    export_mwh: float
    market: Market
    response_share: float
    response_hours: float
    storage_mw: float
    storage_mwh: float
    storage_efficiency_share: float


class Around(NamedTuple):
    """What of ``Terms`` moves from quarter to quarter; what is fixed stands in the parameters."""

    river_share: np.ndarray
    province_load_share: np.ndarray
    province_mwh: float
    export_mwh: float
    import_limit_mw: float
    stored_mwh: float


class PlaceLoad(NamedTuple):
    """Load of the place by slice, MW, each (48,): asked for, cut by demand response, and moved by storage."""

    asked_mw: np.ndarray
    response_mw: np.ndarray
    charge_mw: np.ndarray
    discharge_mw: np.ndarray
    served_mw: np.ndarray


class SupplySums(NamedTuple):
    """Sums of a quarter, MWh over the quarter unless said; see ``power_system.PowerQuarter``."""

    delivered_mwh: float
    unserved_mwh: float
    curtailed_mwh: float
    exported_mwh: float
    imported_mwh: float
    peak_load_mw: float
    demand_response_mw: float
    demand_response_mwh: float
    value_cny_per_mwh: float
    local_tco2: float
    local_generation_mwh: float
    province_tco2_per_mwh: float
    province_clean_share: float
    roof_pv_mwh: float
    total_tco2: float


class UnitSums(NamedTuple):
    """Sums over units: emissions and generation by node, generation without emissions, PV, wind and water unused."""

    place_tco2: float
    province_tco2: float
    place_mwh: float
    province_mwh: float
    clean_mwh: float
    curtailed_mwh: float


class SupplyChecks(NamedTuple):
    """What must be zero: the balance of a node in a slice beside the largest flow (B01), and storage (B02), MWh."""

    balance_gap_mwh: float
    largest_flow_mwh: float
    cycle_gaps_mwh: tuple[float, float, float]


class Supply(NamedTuple):
    """What a quarter of the power system gave: generation by unit (n,), unserved load of the place (48,), sums.

    ``bought_mwh`` is what enterprises buy before demand response.
    """

    generation_mwh: np.ndarray
    unserved_mw: np.ndarray
    bought_mwh: float
    sums: SupplySums
    checks: SupplyChecks


@part
def terms_of(around, params, levers):
    """Return what acts on the power system: what moves, the parameters, and demand response (L23).

    Parameters
    ----------
    around : Around
        ``stored_mwh`` is what all storage of the place holds.
    params, levers : structured arrays, shape (1,)
    """
    p = params[0]
    return Terms(
        around.river_share, around.province_load_share, around.province_mwh, around.export_mwh,
        Market(around.import_limit_mw, p.voll_cny_per_mwh, p.export_priority_share), levers[0].demand_response_share,
        p.demand_response_hours, around.stored_mwh / p.storage_hours, around.stored_mwh * p.storage_cycles_per_day,
        p.storage_efficiency_share,
    )  # fmt: skip


@lean
def add_by_shape(mwh, load_shape, by_shape_mwh):
    """Add what enterprises buy to the energy of their load shapes, MWh; return what all buy."""
    total_mwh = 0.0
    for i in range(mwh.size):
        by_shape_mwh[load_shape[i]] += mwh[i]
        total_mwh += mwh[i]
    return total_mwh


@merged
def place_load(by_shape_mwh, profiles, city_mwh, swing_mw_per_mwh, tariff_cny_per_mwh, hours, terms):
    """Return the load of the place by slice, after demand response and storage.

    Parameters
    ----------
    city_mwh : float
        In ``by_shape_mwh`` already: what the other sectors use.
    swing_mw_per_mwh : ndarray, shape (48,)
        Of these, moved between months beside the profiles.
    """
    load_mw, served_mw = np.zeros(SLICES), np.empty(SLICES)
    for shape in range(by_shape_mwh.size):
        for s in range(SLICES):
            load_mw[s] += by_shape_mwh[shape] * profiles[shape, s]
    for s in range(SLICES):
        load_mw[s] += city_mwh * swing_mw_per_mwh[s]
    cut_mw = demand_response(load_mw, terms.response_share, hours, terms.response_hours)
    charge_mw, discharge_mw = apply_storage(
        load_mw, tariff_cny_per_mwh, terms.storage_mw, terms.storage_mwh, terms.storage_efficiency_share
    )
    for s in range(SLICES):
        served_mw[s] = load_mw[s] - cut_mw[s] + charge_mw[s] - discharge_mw[s]
    return PlaceLoad(load_mw, cut_mw, charge_mw, discharge_mw, served_mw)


@lean
def write_outside_loads(place_mwh, quarter_of_year, tables, terms, province_mw, export_mw):
    """Write load of the rest of the province and contracted export by slice, MW, each (48,).

    The load at power stations follows the hours of the quarter; exports follow the water.
    """
    hours, profile = tables.hours[quarter_of_year], tables.province_profile[quarter_of_year]
    province_mwh = max(0.0, terms.province_mwh - place_mwh)
    for month in range(MONTHS):
        first, end = month * DAY_TYPES * BLOCKS, (month + 1) * DAY_TYPES * BLOCKS
        month_hours = 0.0
        for s in range(first, end):
            month_hours += hours[s]
        export_mwh = tables.export_share_by_month[MONTHS * quarter_of_year + month] * terms.export_mwh
        for s in range(first, end):
            province_mw[s] = province_mwh * profile[s] * terms.province_load_share[month]
            export_mw[s] = export_mwh / month_hours


@lean
def mean_value_cny_per_mwh(price_cny_per_mwh, load_mw, hours, voll_cny_per_mwh):
    """Return the price of power weighted by load, hours of shortage left out; 0 where there is no other hour."""
    paid = weight = 0.0
    for s in range(SLICES):
        if price_cny_per_mwh[s] < voll_cny_per_mwh:
            mwh = load_mw[s] * hours[s]
            paid += price_cny_per_mwh[s] * mwh
            weight += mwh
    return paid / weight if weight > 0.0 else 0.0


@lean
def energy_mwh(power_mw, hours):
    """Return the energy of a quarter from power by slice, MWh."""
    total_mwh = 0.0
    for s in range(SLICES):
        total_mwh += power_mw[s] * hours[s]
    return total_mwh


@lean
def sum_units(result, units, hours, generated_mwh, local_mwh):
    """Write generation by unit, MWh (n,), and of the place by slice (48,); return ``UnitSums``."""
    place_tco2 = province_tco2 = place_mwh = province_mwh = clean_mwh = curtailed_mwh = 0.0
    for unit in range(units.node.size):
        mwh = unused_mwh = 0.0
        is_local = units.node[unit] == PLACE
        for s in range(SLICES):
            mwh += result.generation_mw[s, unit] * hours[s]
            unused_mwh += result.unused_mw[s, unit] * hours[s]
            local_mwh[s] += result.generation_mw[s, unit] if is_local else 0.0
        generated_mwh[unit] = mwh
        tco2 = mwh * (units.heat_rate_gj_per_mwh[unit] * units.tco2_per_gj[unit])
        if is_local:
            curtailed_mwh += unused_mwh
            place_tco2 += tco2
            place_mwh += mwh
        else:
            province_tco2 += tco2
            province_mwh += mwh
        clean_mwh += mwh if tco2 <= 0.0 else 0.0
    for s in range(SLICES):
        local_mwh[s] *= hours[s]
    return UnitSums(place_tco2, province_tco2, place_mwh, province_mwh, clean_mwh, curtailed_mwh)


@merged
def sum_up(result, load, units, hours, terms):
    """Return generation by unit, MWh (n,), and the ``SupplySums`` of a dispatch."""
    generated_mwh, local_mwh, use_mwh = np.empty(units.node.size), np.zeros(SLICES), np.empty(SLICES)
    unit = sum_units(result, units, hours, generated_mwh, local_mwh)
    for s in range(SLICES):
        use_mwh[s] = (load.served_mw[s] - result.unserved_place_mw[s]) * hours[s]
    exported_mwh, imported_mwh = trade_of_power_mwh(local_mwh, use_mwh)
    return generated_mwh, SupplySums(
        total(use_mwh), energy_mwh(result.unserved_place_mw, hours), unit.curtailed_mwh, exported_mwh, imported_mwh,
        greatest(load.served_mw), terms.response_share * greatest(load.asked_mw), energy_mwh(load.response_mw, hours),
        mean_value_cny_per_mwh(result.price_cny_per_mwh, load.served_mw, hours, terms.market.voll_cny_per_mwh),
        unit.place_tco2, unit.place_mwh, unit.province_tco2 / max(1.0, unit.province_mwh),
        unit.clean_mwh / max(1.0, unit.place_mwh + unit.province_mwh), generated_mwh[-1],
        unit.place_tco2 + unit.province_tco2,
    )  # fmt: skip


@lean
def larger_gap(largest, value):
    """Return the larger of two amounts; what is no number is larger than any."""
    return largest if abs(value) <= largest or largest != largest else abs(value)


@part
def check_supply(result, demands, load, node, hours, terms):
    """Return the ``SupplyChecks`` of a quarter; ``demands`` before demand response and storage."""
    gaps_mwh = power_balance_gaps_mwh(
        result, demands, node, hours, load.charge_mw, load.discharge_mw, load.response_mw
    )  # fmt: skip
    largest_gap = largest_flow = 0.0
    for s in range(SLICES):
        largest_gap = larger_gap(larger_gap(largest_gap, gaps_mwh[PLACE, s]), gaps_mwh[PROVINCE, s])
        largest_flow = larger_gap(largest_flow, demands.province_mw[s] * hours[s])
    cycle_gaps = cycle_gaps_mwh(load.charge_mw, load.discharge_mw, terms.storage_efficiency_share, terms.storage_mwh)
    return SupplyChecks(largest_gap, largest_flow, cycle_gaps)


@compiled
def supply_quarter(
    purchased_mwh, load_shape, city_mwh, city_shape, city_swing_mw_per_mwh, tariff_cny_per_mwh, quarter_of_year,
    tables, units, prices, around, params, levers,
):  # fmt: skip
    """Serve the load of a place and its province in a quarter (SM12).

    Parameters
    ----------
    purchased_mwh, load_shape : ndarray, shape (N,)
        What enterprises buy, and their load shapes.
    city_mwh, city_shape : float, int
        The same of the other sectors of the place.
    city_swing_mw_per_mwh : ndarray, shape (48,)
        What the other sectors use in hot months beyond, and in others below, their load shape.
    tariff_cny_per_mwh : ndarray, shape (48,)
        Storage answers to it.
    quarter_of_year : int
        0 to 3.
    tables : SliceTables
    units : Units
        The last one stands for the roofs of enterprises.
    prices : UnitPrices
    around : Around
    params, levers : structured arrays, shape (1,)

    Returns
    -------
    Supply

    Raises
    ------
    ValueError
        A number that is negative or not finite.
    """
    hours, profiles = tables.hours[quarter_of_year], tables.load_profiles[quarter_of_year]
    terms, by_shape_mwh = terms_of(around, params, levers), np.zeros(profiles.shape[0])
    bought_mwh = add_by_shape(purchased_mwh, load_shape, by_shape_mwh)
    place_mwh = bought_mwh + city_mwh
    by_shape_mwh[city_shape] += city_mwh
    load = place_load(by_shape_mwh, profiles, city_mwh, city_swing_mw_per_mwh, tariff_cny_per_mwh, hours, terms)
    province_mw, export_mw = np.empty(SLICES), np.empty(SLICES)
    write_outside_loads(place_mwh, quarter_of_year, tables, terms, province_mw, export_mw)
    capacity_mw = available_mw(
        units.capacity_mw, units.availability_share, units.profile, tables.unit_profiles, units.is_hydro,
        terms.river_share, quarter_of_year,
    )  # fmt: skip
    result = dispatch(
        Demands(load.served_mw, province_mw, export_mw), units.node, capacity_mw, units.min_load_share,
        marginal_costs_cny_per_mwh(units, prices), units.curtailment_order, terms.market,
    )  # fmt: skip
    generation_mwh, sums = sum_up(result, load, units, hours, terms)
    checks = check_supply(
        result, Demands(load.asked_mw, province_mw, export_mw), load, units.node, hours, terms
    )  # fmt: skip
    return Supply(generation_mwh, result.unserved_place_mw, bought_mwh, sums, checks)
