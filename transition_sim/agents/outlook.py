"""What an enterprise has before it when it decides: tables, prices, law, and the need of one slot (SM06)."""

from typing import NamedTuple

import numpy as np

from transition_sim.agents.investment import SERVICE, planned_demand_unit
from transition_sim.agents.levelised import MWH_PER_GJ, horizon_of, horizons_years
from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.kernels import lean, part
from transition_sim.world.annuity import capital_recovery_factor, growing_annuity
from transition_sim.world.state import SOE

MIDDAY, PEAK, VALLEY = 0, 1, 2
"""Columns of ``loads_mw``."""
_ROUNDING_SHARE = 1e-9
_SMALL_GAP = 1e-3
"""Between growth and required return, 1/yr: below it a difference of powers loses digits."""


class Firms(NamedTuple):
    """Tables of the enterprises that a decision reads."""

    production: np.ndarray
    finance: np.ndarray
    conduct: np.ndarray


class Equipment(NamedTuple):
    """Slots, their assets, and what is on sale.

    Attributes
    ----------
    slots, assets, technologies, services : structured arrays
    slot_start : ndarray, shape (N + 1,)
    capex_factor : ndarray, shape (n_technologies,)
        Capital cost relative to the base year (SM17).
    first_year : ndarray, shape (n_technologies,)
        From which a technology can be bought.
    immaturity : ndarray, shape (n_technologies,)
        0 to 1.
    """

    slots: np.ndarray
    slot_start: np.ndarray
    assets: np.ndarray
    technologies: np.ndarray
    services: np.ndarray
    capex_factor: np.ndarray
    first_year: np.ndarray
    immaturity: np.ndarray


class Outlook(NamedTuple):
    """What enterprises expect of prices.

    Attributes
    ----------
    expected_cny_per_gj : ndarray, shape (2, n_carriers)
        Row 0 state-owned enterprises, row 1 others; the electricity column is not read.
    growth_per_year : ndarray, shape (n_carriers,)
        Expected growth of the prices; the last is electricity.
    electricity_cny_per_mwh : ndarray, shape (N,)
        Expected mean tariff with surcharges.
    midday_cny_per_mwh : ndarray, shape (N,)
        Tariff that roof PV avoids.
    scope1_tco2_per_gj : ndarray, shape (n_carriers,)
        CO2 on site; 0 for purchased heat and electricity.
    process_tco2_per_unit : ndarray, shape (n_services,)
        Process CO2 of a unit of service (clinker).
    carbon_cny_per_tco2 : ndarray, shape (N,)
        What each enterprise expects another tonne of direct CO2 to cost.
    storage_value_cny_per_mwh_day : float
        Earning of a day per MWh of storage (see ``agents.investment``).
    roof_yield_mwh_per_mw : float
        Of a year.
    """

    expected_cny_per_gj: np.ndarray
    growth_per_year: np.ndarray
    electricity_cny_per_mwh: np.ndarray
    midday_cny_per_mwh: np.ndarray
    scope1_tco2_per_gj: np.ndarray
    process_tco2_per_unit: np.ndarray
    carbon_cny_per_tco2: np.ndarray
    storage_value_cny_per_mwh_day: float
    roof_yield_mwh_per_mw: float


@part
def at_carbon_price(outlook, carbon_cny_per_tco2):
    """Return an outlook with other carbon prices, shape (N,)."""
    return Outlook(
        outlook.expected_cny_per_gj, outlook.growth_per_year, outlook.electricity_cny_per_mwh,
        outlook.midday_cny_per_mwh, outlook.scope1_tco2_per_gj, outlook.process_tco2_per_unit, carbon_cny_per_tco2,
        outlook.storage_value_cny_per_mwh_day, outlook.roof_yield_mwh_per_mw,
    )  # fmt: skip


class Site(NamedTuple):
    """What law, pipes and loads allow.

    Attributes
    ----------
    has_gas : ndarray of bool, shape (N,)
    has_permit : ndarray of bool, shape (n_slots,)
        A line that needs a capacity permit could have one.
    loads_mw : ndarray, shape (N, 3)
        Midday, peak and valley load on a typical day.
    """

    has_gas: np.ndarray
    has_permit: np.ndarray
    loads_mw: np.ndarray


class Case(NamedTuple):
    """One slot as its enterprise sees it: numbers only; prices and values are levelised over its horizon.

    Attributes
    ----------
    kind : int
        0 service, 1 measure, 2 generation, 3 storage.
    planned_unit : float
        Service planned, unit/quarter; of the host for a measure.
    slot_capacity, host_capacity : float
        Active capacity, unit/yr; of the host 0 where there is none.
    main_technology : int
    has_live, is_short, may_keep : bool
        There is equipment; it is too small for the plan; nothing need be bought.
    rate_per_year, years, recovery_per_year : float
        Required return, horizon, and the capital recovery factor over it.
    carbon_cny_per_tco2, electricity_cny_per_mwh, midday_cny_per_mwh, storage_value_cny_per_mwh_day : float
    process_tco2 : float
        Process CO2 of a unit of the service, or of the host's.
    roof_m2, midday_load_mw, peak_load_mw, valley_load_mw, roof_yield_mwh_per_mw : float
    """

    kind: int
    planned_unit: float
    slot_capacity: float
    host_capacity: float
    main_technology: int
    has_live: bool
    is_short: bool
    may_keep: bool
    rate_per_year: float
    years: float
    recovery_per_year: float
    carbon_cny_per_tco2: float
    electricity_cny_per_mwh: float
    midday_cny_per_mwh: float
    storage_value_cny_per_mwh_day: float
    process_tco2: float
    roof_m2: float
    midday_load_mw: float
    peak_load_mw: float
    valley_load_mw: float
    roof_yield_mwh_per_mw: float


class PriceRoom(NamedTuple):
    """Work space for the prices of one enterprise after the other, kept while the same one decides.

    Attributes
    ----------
    owner : ndarray of int, shape (1,)
        Whose prices stand here; -1: nobody's.
    levelised : ndarray, shape (3,)
        What ``fill_prices`` returned.
    cny_per_gj : ndarray, shape (n_carriers,)
        Levelised over the horizon of the enterprise.
    grown : ndarray, shape (3, n_carriers)
        What a price of 1 comes to at the end of each horizon (``levelised.horizons_years``).
    """

    owner: np.ndarray
    levelised: np.ndarray
    cny_per_gj: np.ndarray
    grown: np.ndarray


@part
def room_for_prices(growth_per_year, p):
    """Return work space for prices that grow: their powers are the same for all enterprises of a horizon."""
    room = PriceRoom(np.full(1, -1), np.zeros(3), np.zeros(growth_per_year.size), np.empty((3, growth_per_year.size)))
    years = horizons_years(p)
    for h in range(3):
        for c in range(growth_per_year.size):
            room.grown[h, c] = (1.0 + growth_per_year[c]) ** years[h]
    return room


@lean
def fill_prices(prices, grown, expected_cny_per_gj, electricity_cny_per_mwh, growth_per_year, rate_per_year, years):
    """Fill the levelised expected price of every carrier for one enterprise, CNY/GJ.

    Parameters
    ----------
    prices : ndarray, shape (n_carriers,)
        Written.
    grown : ndarray, shape (n_carriers,)
        What a price of 1 comes to at the end of the horizon.

    Returns
    -------
    levelised_cny_per_mwh : float
        Price of electricity.
    power_growth : float
        Its factor from a price now to a levelised one.
    recovery_per_year : float
        Capital recovery factor of the enterprise.
    """
    recovery, factor = capital_recovery_factor(rate_per_year, years), 1.0
    discount = 1.0 - rate_per_year / recovery  # (1 + r)^-n
    for c in range(prices.size):
        factor, gap = 1.0, rate_per_year - growth_per_year[c]
        if growth_per_year[c] != 0.0 and abs(gap) > _SMALL_GAP:
            factor = (1.0 - grown[c] * discount) / gap * recovery
        elif growth_per_year[c] != 0.0:
            factor = growing_annuity(rate_per_year, growth_per_year[c], years) * recovery
        prices[c] = expected_cny_per_gj[c] * factor
    levelised_cny_per_mwh = electricity_cny_per_mwh * factor
    prices[prices.size - 1] = levelised_cny_per_mwh * MWH_PER_GJ
    return levelised_cny_per_mwh, factor, recovery


@part
def situation(slot, of, kind, firm, quarter):
    """Return what the slot needs: (planned_unit, has_live, is_short, may_keep).

    A service may be kept where its equipment lives, suffices for the plan, and its deadline has not passed; a measure
    or device where its deadline has not passed.

    Parameters
    ----------
    slot, of : records of ``SLOTS``
        ``of`` is the host of a measure, else the slot itself.
    kind : int
    firm : record of ``PRODUCTION``
    """
    planned_unit = planned_demand_unit(of, firm)
    has_live = slot.first_asset >= 0
    is_due = has_live and quarter >= slot.deadline_quarter
    needed_unit_per_year = QUARTERS_PER_YEAR * planned_unit * (1.0 - _ROUNDING_SHARE)
    is_short = kind == SERVICE and has_live and not is_due and slot.capacity_unit_per_year < needed_unit_per_year
    may_keep = not is_due and not is_short and (has_live or kind != SERVICE)
    return planned_unit, has_live, is_short, may_keep


@lean
def see_case(s, slots, services, firms, outlook, site, quarter, room, p):
    """Return the ``Case`` of a slot and fill the prices that its enterprise expects (``room``: ``PriceRoom``)."""
    slot = slots[s]
    i = slot.enterprise
    of = slots[slot.host] if slot.host >= 0 else slot
    kind = int(services[slot.service].kind)
    planned_unit, has_live, is_short, may_keep = situation(slot, of, kind, firms.production[i], quarter)
    finance, conduct = firms.finance[i], firms.conduct[i]
    horizon = horizon_of(finance.ownership, finance.size_class)
    years = horizons_years(p)[horizon]
    rate = finance.hurdle_rate_per_year
    if room.owner[0] != i:
        expected = outlook.expected_cny_per_gj[0 if finance.ownership == SOE else 1]
        room.owner[0] = i
        room.levelised[0], room.levelised[1], room.levelised[2] = fill_prices(
            room.cny_per_gj, room.grown[horizon], expected, outlook.electricity_cny_per_mwh[i],
            outlook.growth_per_year, rate, years,
        )  # fmt: skip
    electricity, power_growth, recovery = room.levelised[0], room.levelised[1], room.levelised[2]
    return Case(
        kind, planned_unit, slot.capacity_unit_per_year, of.capacity_unit_per_year if slot.host >= 0 else 0.0,
        int(slot.main_technology), has_live, is_short, may_keep, rate, years,
        recovery, outlook.carbon_cny_per_tco2[i], electricity,
        outlook.midday_cny_per_mwh[i] * power_growth, outlook.storage_value_cny_per_mwh_day * power_growth,
        outlook.process_tco2_per_unit[of.service], conduct.roof_m2, site.loads_mw[i, MIDDAY], site.loads_mw[i, PEAK],
        site.loads_mw[i, VALLEY], outlook.roof_yield_mwh_per_mw,
    )  # fmt: skip
