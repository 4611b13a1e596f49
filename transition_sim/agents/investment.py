"""What an enterprise orders: how much service it plans for, how large the equipment is, and the order itself (SM06)."""

import numpy as np

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.kernels import compiled, entered, lean, merged, part
from transition_sim.world.assets import life_quarters, weibull_mean
from transition_sim.world.state import ORDERED, UNSET, State

SERVICE, MEASURE, GENERATION, STORAGE = 0, 1, 2, 3
"""Kinds of the rows of services."""

KW_PER_MW = 1e3
ORDER_FAULTS = (
    "a slot with an open order cannot order again",
    "an ordered asset must have a capacity above 0",
    "a slot can order once a quarter",
)
_OPEN, _EMPTY, _TWICE = range(3)


@merged
def planned_demand_unit(slot, firm):
    """Return the service that the enterprise plans for, unit/quarter: its use per output times the orders it expects.

    Orders are the larger of the smoothed and the last ones (a season's peak counts), at most what the plant can make.
    The use per output is last quarter's, output lost to a power shortage included; 'slot.unit_per_cny' before any.

    Parameters
    ----------
    slot : record of ``SLOTS``
    firm : record of ``PRODUCTION``
    """
    return used_unit_per_cny(slot, produced_cny(firm)) * planned_cny(firm)


@lean
def produced_cny(firm):
    """Return the output that the services of last quarter were for, lost output included, CNY."""
    return firm.output_cny + firm.shortage_loss_cny


@lean
def planned_cny(firm):
    """Return the output that an enterprise plans for, CNY/quarter."""
    return min(max(firm.expected_orders_cny, firm.orders_cny), firm.capacity_cny)


@lean
def used_unit_per_cny(slot, produced_cny):
    """Return the service that a unit of output took last quarter, unit/CNY."""
    return slot.demand_unit / produced_cny if produced_cny > 0.0 else slot.unit_per_cny


@part
def size_asset(
    kind,
    peak_demand_unit,
    margin,
    roof_m2=0.0,
    roof_pv_kw_per_m2=0.15,
    load_share=0.9,
    midday_load_mw=0.0,
    is_surplus_paid=False,
    peak_load_mw=0.0,
    valley_load_mw=0.0,
    storage_hours=2.0,
):
    """Return the capacity to order, in units of the service per year; roof PV in MW, storage in MWh (SM06).

    Service and measure: margin x 4 x the demand of the peak quarter. Roof PV: the roof, and no more than a share of
    the midday load where the surplus does not pay. Storage: a battery that the peak load takes up and that can be
    charged at night over the grid connection, which is margin x peak load: the two cycles of a time-of-use day.

    Parameters
    ----------
    kind : int
        0 service, 1 measure, 2 generation, 3 storage.
    peak_demand_unit : float
        Service in the peak quarter, unit/quarter; for a measure the service of its host.
    margin : float
        Capacity over demand, 1 or more.
    roof_m2, roof_pv_kw_per_m2, load_share, midday_load_mw : float
        Of roof PV.
    is_surplus_paid : bool
        Power fed in earns at least what it costs.
    peak_load_mw, valley_load_mw, storage_hours : float
        Of storage; hours are energy over power.
    """
    if kind == GENERATION:
        roof_mw = roof_m2 * roof_pv_kw_per_m2 / KW_PER_MW
        return roof_mw if is_surplus_paid else min(roof_mw, load_share * midday_load_mw)
    if kind == STORAGE:
        return storage_hours * max(0.0, min(peak_load_mw, margin * peak_load_mw - valley_load_mw))
    return margin * QUARTERS_PER_YEAR * peak_demand_unit


@merged
def arbitrage_cny_per_mwh_day(tariff_cny_per_mwh, efficiency, cycles=2):
    """Return the best earning of a day per MWh of storage: at most ``cycles`` charges, each before its discharge.

    A cycle draws 1/efficiency MWh and gives back 1 MWh; it runs only where high/low > 1/efficiency (A14).

    Parameters
    ----------
    tariff_cny_per_mwh : ndarray, shape (n_blocks,)
        Tariffs of a day in order, CNY/MWh.
    efficiency : float
        Round trip, above 0 to 1.
    cycles : int
    """
    earned = np.zeros(cycles + 1)
    holding = np.full(cycles + 1, -np.inf)
    for cny_per_mwh in tariff_cny_per_mwh:
        for cycle in range(cycles, 0, -1):
            earned[cycle] = max(earned[cycle], holding[cycle] + cny_per_mwh)
            holding[cycle] = max(holding[cycle], earned[cycle - 1] - cny_per_mwh / efficiency)
    return earned.max()


def storage_value_cny_per_mwh_day(
    tariff_cny_per_mwh: np.ndarray, hours: np.ndarray, efficiency: float, cycles: int = 2
) -> float:
    """Return the mean earning of a day per MWh of storage over all days of a tariff.

    Parameters
    ----------
    tariff_cny_per_mwh : ndarray, shape (..., 8)
        By block of the day; leading axes are kinds of days, such as month and day type.
    hours : ndarray, same shape
        Hours of each slice; they weight the days.
    """
    n_blocks = tariff_cny_per_mwh.shape[-1]
    return mean_arbitrage_cny_per_mwh_day(
        np.ascontiguousarray(tariff_cny_per_mwh).reshape(-1, n_blocks),
        np.ascontiguousarray(hours).reshape(-1, n_blocks), efficiency, cycles,
    )  # fmt: skip


@compiled
def mean_arbitrage_cny_per_mwh_day(tariff_cny_per_mwh, hours, efficiency, cycles):
    """Return ``arbitrage_cny_per_mwh_day`` averaged over kinds of days, shape (n_days, n_blocks) each."""
    earned = total_hours = 0.0
    for day in range(tariff_cny_per_mwh.shape[0]):
        weight = hours[day].sum()
        earned += weight * arbitrage_cny_per_mwh_day(tariff_cny_per_mwh[day], efficiency, cycles)
        total_hours += weight
    return earned / total_hours


def order_assets(
    state: State,
    chosen: np.ndarray,
    is_customers: bool,
    technologies: np.ndarray,
    quarter: int,
    life_uniforms: np.ndarray,
    weibull_shape: float,
) -> None:
    """Append an ordered asset for each choice; lags and lives are set here.

    An order that replaces points with ``next_asset`` to the assets that leave when it arrives; an order that adds
    holds -1 there until it is commissioned (see ``world.assets.commission_and_retire``).

    Parameters
    ----------
    chosen : structured array of ``agents.choice.CHOICES_DTYPE``, shape (n,)
        Each slot once; none may have an order open.
    is_customers : bool
        The enterprise pays its capital cost; else it stands in the books of a company.
    technologies : structured array
    life_uniforms : ndarray, shape (n,)
        The named uniform of each slot; the life of an asset is drawn once, here.
    weibull_shape : float

    Raises
    ------
    ValueError
        A slot twice, an order open, or a capacity that is not above 0.
    """
    state.room_for_assets(chosen.size)
    fault = _append_orders(
        state.assets, state.n_assets, state.slots, chosen, is_customers, technologies, life_uniforms, weibull_shape,
        quarter,
    )  # fmt: skip
    if fault >= 0:
        raise ValueError(ORDER_FAULTS[fault])
    state.n_assets += chosen.size


@lean
def _fault_of_orders(slots, chosen):
    """Return what is wrong with orders, a place in ``ORDER_FAULTS``, or -1; slots nearly always come in order."""
    fault = -1
    for r in range(chosen.size):
        if r > 0 and chosen[r].slot <= chosen[r - 1].slot:
            for other in range(r):
                if chosen[other].slot == chosen[r].slot:
                    return _TWICE
        if slots[chosen[r].slot].pending_asset >= 0:
            fault = _OPEN
        elif not chosen[r].capacity_unit_per_year > 0.0 and fault < 0:
            fault = _EMPTY
    return fault


@entered
def _append_orders(
    assets, n_assets, slots, chosen, is_customers, technologies, life_uniforms, weibull_shape, quarter
):  # fmt: skip
    """Write the orders behind the assets in use and return -1, or what is wrong with them: then nothing is written."""
    fault = _fault_of_orders(slots, chosen)
    if fault >= 0:
        return fault
    mean = weibull_mean(weibull_shape)
    for r in range(chosen.size):
        choice = chosen[r]
        asset, slot, bought = assets[n_assets + r], slots[choice.slot], technologies[choice.chosen]
        asset.slot, asset.technology, asset.status = choice.slot, choice.chosen, ORDERED
        asset.commissioned_quarter = quarter + bought.lag_quarters
        # a line with a permit is overhauled, not scrapped by chance: it lasts its technical life
        life = int(QUARTERS_PER_YEAR * bought.life_years)
        if bought.needs_permit <= 0:
            life = life_quarters(bought.life_years, mean, life_uniforms[r], weibull_shape, 0.0)
        asset.dies_quarter = asset.commissioned_quarter + life
        asset.capacity_unit_per_year = choice.capacity_unit_per_year
        asset.capex_cny = choice.capex_cny if is_customers else 0.0
        asset.output_unit = 0.0
        asset.next_asset = slot.first_asset if choice.replaces else UNSET
        slot.pending_asset = n_assets + r
        slot.due_quarter = min(slot.due_quarter, asset.commissioned_quarter)
    return fault


@entered
def pay_for_orders(chosen, awarded_cny, technologies, tax_credit_share, flows, tax_credit_cny, technology_orders):
    """Book what is ordered: capital cost, awards, tax credits that come into being, and the count by technology.

    What a grant pays for earns no credit (Caishui [2008] 48), as in the levelised cost of SM06.

    Parameters
    ----------
    chosen : structured array of ``agents.choice.CHOICES_DTYPE``, shape (n,)
    awarded_cny : ndarray, shape (n,)
    flows : structured array, shape (N,)
        Writes ``capex_cny``, ``subsidy_cny``.
    tax_credit_cny : ndarray, shape (N, years)
        Column 0 is written.
    technology_orders : ndarray, shape (n_technologies,)
        Written.
    """
    for r in range(chosen.size):
        choice = chosen[r]
        i, k = choice.enterprise, choice.chosen
        flows[i].capex_cny += choice.capex_cny
        flows[i].subsidy_cny += awarded_cny[r]
        technology_orders[k] += 1
        if tax_credit_share > 0.0 and technologies[k].is_green > 0:
            tax_credit_cny[i, 0] += tax_credit_share * (choice.capex_cny - awarded_cny[r])
