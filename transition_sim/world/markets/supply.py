"""The power of a place over a quarter in one pass: its load, storage, the dispatch, and what they add up to (SM12)."""

from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled, lean
from transition_sim.world.accounting.emissions import trade_of_power_mwh
from transition_sim.world.markets.merit_order import PLACE, PROVINCE
from transition_sim.world.markets.power import available_mw, dispatch, power_balance_residual
from transition_sim.world.markets.slices import BLOCKS, DAY_TYPES, MONTHS, SLICES
from transition_sim.world.markets.storage import apply_storage, cycle_gaps_mwh, demand_response


class SliceTables(NamedTuple):
    """How a year is cut into slices, and what is spread over them; the first axis is the quarter unless said.

    Attributes
    ----------
    hours : ndarray, shape (4, 3, 2, 8)
    load_profiles : ndarray, shape (4, K, 48)
        Load of each shape per MWh of its quarter, MW/MWh.
    province_profile : ndarray, shape (4, 3, 2, 8)
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
    """Generating units of the quarter, each of shape (n,); see ``available_mw`` and ``dispatch``."""

    node: np.ndarray
    capacity_mw: np.ndarray
    availability_share: np.ndarray
    profile: np.ndarray
    is_hydro: np.ndarray
    min_load_share: np.ndarray
    marginal_cost_cny_per_mwh: np.ndarray
    curtailment_order: np.ndarray
    tco2_per_mwh: np.ndarray


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
    import_limit_mw, voll_cny_per_mwh, export_priority_share : float
        See ``dispatch``.
    response_share, response_hours : float
        Load enrolled for demand response, and the hours for which it may be called (L23).
    storage_mw, storage_mwh, storage_efficiency_share : float
        Power, energy that may be drawn in a day, round trip.
    """

    river_share: np.ndarray
    province_load_share: np.ndarray
    province_mwh: float
    export_mwh: float
    import_limit_mw: float
    voll_cny_per_mwh: float
    export_priority_share: float
    response_share: float
    response_hours: float
    storage_mw: float
    storage_mwh: float
    storage_efficiency_share: float


class PlaceLoad(NamedTuple):
    """Load of the place by slice, MW, each (3, 2, 8): asked for, cut by demand response, and moved by storage."""

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


class SupplyChecks(NamedTuple):
    """What must be zero: the balance of a node in a slice beside the largest flow (B01), and storage (B02), MWh."""

    balance_gap_mwh: float
    largest_flow_mwh: float
    cycle_gaps_mwh: tuple[float, float, float]


class Supply(NamedTuple):
    """What a quarter of the power system gave: generation by unit (n,), unserved load of the place (3, 2, 8), sums."""

    generation_mwh: np.ndarray
    unserved_mw: np.ndarray
    sums: SupplySums
    checks: SupplyChecks


@lean
def add_by_shape(mwh, load_shape, by_shape_mwh):
    """Add what enterprises buy to the energy of their load shapes, MWh; return what all buy."""
    total_mwh = 0.0
    for i in range(mwh.size):
        by_shape_mwh[load_shape[i]] += mwh[i]
        total_mwh += mwh[i]
    return total_mwh


@compiled
def place_load(by_shape_mwh, profiles, swing_mw, tariff_cny_per_mwh, hours, terms):
    """Return the load of the place by slice, after demand response and storage.

    Parameters
    ----------
    swing_mw : ndarray, shape (3, 2, 8)
        Moved between months beside the profiles.
    """
    flat_mw = np.zeros(SLICES)
    for shape in range(by_shape_mwh.size):
        for s in range(SLICES):
            flat_mw[s] += by_shape_mwh[shape] * profiles[shape, s]
    load_mw = flat_mw.reshape((MONTHS, DAY_TYPES, BLOCKS)) + swing_mw
    cut_mw = demand_response(load_mw, terms.response_share, hours, terms.response_hours)
    charge_mw, discharge_mw = apply_storage(
        load_mw, tariff_cny_per_mwh, terms.storage_mw, terms.storage_mwh, terms.storage_efficiency_share
    )
    return PlaceLoad(load_mw, cut_mw, charge_mw, discharge_mw, load_mw - cut_mw + charge_mw - discharge_mw)


@compiled
def outside_loads(place_mwh, quarter_of_year, tables, terms):
    """Return load of the rest of the province and contracted export by slice, MW, each (3, 2, 8).

    The load at power stations follows the hours of the quarter; exports follow the water.
    """
    hours = tables.hours[quarter_of_year]
    province_mw = max(0.0, terms.province_mwh - place_mwh) * tables.province_profile[quarter_of_year]
    export_mw = np.empty((MONTHS, DAY_TYPES, BLOCKS))
    for month in range(MONTHS):
        province_mw[month] *= terms.province_load_share[month]
        share = tables.export_share_by_month[MONTHS * quarter_of_year + month]
        export_mw[month] = share * terms.export_mwh / hours[month].sum()
    return province_mw, export_mw


@lean
def mean_value_cny_per_mwh(price_cny_per_mwh, load_mw, hours, voll_cny_per_mwh):
    """Return the price of power weighted by load, hours of shortage left out; 0 where there is no other hour."""
    paid = weight = 0.0
    for month in range(MONTHS):
        for day in range(DAY_TYPES):
            for block in range(BLOCKS):
                if price_cny_per_mwh[month, day, block] < voll_cny_per_mwh:
                    mwh = load_mw[month, day, block] * hours[month, day, block]
                    paid += price_cny_per_mwh[month, day, block] * mwh
                    weight += mwh
    return paid / weight if weight > 0.0 else 0.0


@lean
def energy_mwh(power_mw, hours):
    """Return the energy of a quarter from power by slice, MWh."""
    total_mwh = 0.0
    for month in range(MONTHS):
        for day in range(DAY_TYPES):
            for block in range(BLOCKS):
                total_mwh += power_mw[month, day, block] * hours[month, day, block]
    return total_mwh


@compiled
def sum_up(result, load, units, hours, terms):
    """Return generation by unit, MWh (n,), and the ``SupplySums`` of a dispatch."""
    generated_mwh, local_mw = np.zeros(units.node.size), np.zeros(hours.shape)
    tco2, mwh = np.zeros(2), np.zeros(2)
    clean_mwh = curtailed_mwh = 0.0
    for unit in range(units.node.size):
        node = units.node[unit]
        generated_mwh[unit] = energy_mwh(result.generation_mw[unit], hours)
        if node == PLACE:
            local_mw += result.generation_mw[unit]
            curtailed_mwh += energy_mwh(result.curtailed_mw[unit], hours) + energy_mwh(result.spilled_mw[unit], hours)
        tco2[node] += generated_mwh[unit] * units.tco2_per_mwh[unit]
        mwh[node] += generated_mwh[unit]
        clean_mwh += generated_mwh[unit] if generated_mwh[unit] * units.tco2_per_mwh[unit] <= 0.0 else 0.0
    use_mw = load.served_mw - result.unserved_place_mw
    exported_mwh, imported_mwh = trade_of_power_mwh(local_mw * hours, use_mw * hours)
    return generated_mwh, SupplySums(
        energy_mwh(use_mw, hours), energy_mwh(result.unserved_place_mw, hours), curtailed_mwh, exported_mwh,
        imported_mwh,
        load.served_mw.max(), terms.response_share * load.asked_mw.max(), energy_mwh(load.response_mw, hours),
        mean_value_cny_per_mwh(result.price_cny_per_mwh, load.served_mw, hours, terms.voll_cny_per_mwh),
        tco2[PLACE], mwh[PLACE], tco2[PROVINCE] / max(1.0, mwh[PROVINCE]), clean_mwh / max(1.0, mwh.sum()),
        generated_mwh[-1], tco2.sum(),
    )  # fmt: skip


@compiled
def check_supply(result, load, province_mw, export_mw, node, hours, terms):
    """Return the ``SupplyChecks`` of a quarter."""
    gap_mwh = power_balance_residual(
        result, load.asked_mw, province_mw, export_mw, node, hours, load.charge_mw, load.discharge_mw,
        load.response_mw,
    )  # fmt: skip
    cycle_gaps = cycle_gaps_mwh(load.charge_mw, load.discharge_mw, terms.storage_efficiency_share, terms.storage_mwh)
    return SupplyChecks(np.abs(gap_mwh).max(), (province_mw * hours).max(), cycle_gaps)


@compiled
def supply_quarter(
    purchased_mwh, load_shape, city_mwh, city_shape, city_swing_mw_per_mwh, tariff_cny_per_mwh, quarter_of_year,
    tables, units, terms,
):  # fmt: skip
    """Serve the load of a place and its province in a quarter (SM12).

    Parameters
    ----------
    purchased_mwh, load_shape : ndarray, shape (N,)
        What enterprises buy, and their load shapes.
    city_mwh, city_shape : float, int
        The same of the other sectors of the place.
    city_swing_mw_per_mwh : ndarray, shape (3, 2, 8)
        What the other sectors use in hot months beyond, and in others below, their load shape.
    tariff_cny_per_mwh : ndarray, shape (3, 2, 8)
        Storage answers to it.
    quarter_of_year : int
        0 to 3.
    tables : SliceTables
    units : Units
        The last one stands for the roofs of enterprises.
    terms : Terms

    Returns
    -------
    Supply

    Raises
    ------
    ValueError
        A number that is negative or not finite.
    """
    hours, profiles = tables.hours[quarter_of_year], tables.load_profiles[quarter_of_year]
    by_shape_mwh = np.zeros(profiles.shape[0])
    place_mwh = add_by_shape(purchased_mwh, load_shape, by_shape_mwh) + city_mwh
    by_shape_mwh[city_shape] += city_mwh
    load = place_load(by_shape_mwh, profiles, city_mwh * city_swing_mw_per_mwh, tariff_cny_per_mwh, hours, terms)
    province_mw, export_mw = outside_loads(place_mwh, quarter_of_year, tables, terms)
    capacity_mw = available_mw(
        units.capacity_mw, units.availability_share, units.profile, tables.unit_profiles, units.is_hydro,
        terms.river_share, quarter_of_year,
    )  # fmt: skip
    result = dispatch(
        load.served_mw, province_mw, export_mw, units.node, capacity_mw, units.min_load_share,
        units.marginal_cost_cny_per_mwh, units.curtailment_order, terms.import_limit_mw, terms.voll_cny_per_mwh,
        terms.export_priority_share,
    )  # fmt: skip
    generation_mwh, sums = sum_up(result, load, units, hours, terms)
    checks = check_supply(result, load, province_mw, export_mw, units.node, hours, terms)
    return Supply(generation_mwh, result.unserved_place_mw.copy(), sums, checks)
