"""The options of one slot: what may be bought, how much of it, and what it would cost (SM06)."""

from transition_sim.agents.investment import GENERATION, MEASURE, SERVICE, STORAGE, size_asset
from transition_sim.agents.levelised import levelised_cost, support_share, use_cny_per_unit, use_with_measure
from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.kernels import lean, part
from transition_sim.world.annuity import capital_recovery_factor
from transition_sim.world.state import ACTIVE

SMALL_BOILER_T_PER_H = 35.0
MWH_PER_KWH = 1e-3
# what adds less than this share to what is wanted is not worth an order
_SMALLEST_ADDITION_SHARE = 0.1


@part
def is_feasible(technology, first_year, service, sector, capability, year, has_gas, has_permit, boiler_limit_t_per_h):
    """Tell whether an enterprise may and can buy a technology for a service this year (SM06, L57)."""
    return (
        technology.service == service
        and (technology.sector_mask >> sector) & 1 == 1
        and capability >= technology.min_capability
        and year >= first_year
        and (has_gas or technology.needs_gas <= 0)
        and (has_permit or technology.needs_permit <= 0)
        and (boiler_limit_t_per_h < SMALL_BOILER_T_PER_H or technology.is_coal_boiler_small <= 0)
    )


@lean
def equipment_use(first_asset, assets, technologies, process_tco2, prices, scope1_tco2_per_gj):
    """Return the use of a unit of service by the active equipment of a slot, and its O&M in CNY/unit.

    Means over capacity; see ``levelised.use_with_measure`` for the parts of the use.
    """
    capacity, fuel, elec, fuel_cny, fuel_tco2, om = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    a = first_asset
    while a >= 0:
        asset = assets[a]
        if asset.status == ACTIVE:
            technology = technologies[asset.technology]
            size = asset.capacity_unit_per_year
            capacity += size
            fuel += size * technology.fuel_gj_per_unit
            elec += size * technology.elec_gj_per_unit
            om += size * technology.om_share_per_year * technology.capex_cny_per_unit
            if technology.carrier >= 0:
                fuel_cny += size * technology.fuel_gj_per_unit * prices[technology.carrier]
                fuel_tco2 += size * technology.fuel_gj_per_unit * scope1_tco2_per_gj[technology.carrier]
        a = asset.next_asset
    if capacity <= 0.0:
        return (0.0, 0.0, process_tco2, 0.0, 0.0, 0.0, 0.0), 0.0
    mean_cny = fuel_cny / fuel if fuel > 0.0 else 0.0
    mean_tco2 = fuel_tco2 / fuel if fuel > 0.0 else 0.0
    return (fuel / capacity, elec / capacity, process_tco2, mean_cny, mean_tco2, 0.0, 0.0), om / capacity


@lean
def what_is_there(s, slots, slot_start, assets, technologies, process_tco2, prices, scope1_tco2_per_gj):
    """Return the use of a unit of service without a new investment, and its O&M in CNY/unit.

    Of a service: by its equipment. Of a measure: of its host with all its measures but that of this slot.
    """
    slot = slots[s]
    if slot.host < 0:
        return equipment_use(slot.first_asset, assets, technologies, process_tco2, prices, scope1_tco2_per_gj)
    first = slots[slot.host].first_asset
    use, _ = equipment_use(first, assets, technologies, process_tco2, prices, scope1_tco2_per_gj)
    for other in range(slot_start[slot.enterprise], slot_start[slot.enterprise + 1]):
        if other != s and slots[other].host == slot.host and slots[other].main_technology >= 0:
            measure = technologies[slots[other].main_technology]
            use = use_with_measure(use, measure, prices[measure.carrier], scope1_tco2_per_gj[measure.carrier])
    return use, 0.0


@part
def service_capacity(case, k, max_share, own_unit_per_year, p):
    """Return (capacity to order in unit/yr or 0, whether it replaces what is there) for a converter.

    Too small: the gap is added, with room for further growth, so that a growing enterprise does not buy every
    quarter. Else the slot is replaced; a technology that can serve a part of the demand only (heat pumps) joins the
    equipment that stays, as base load, so it needs equipment that may be kept.

    Parameters
    ----------
    case : Case
    k : int
        Technology.
    max_share : float
        Of the demand that it can serve.
    own_unit_per_year : float
        Active capacity of the technology in the slot, where the share is below 1.
    """
    needed = size_asset(SERVICE, case.planned_unit, p.sizing_margin)
    if case.is_short:
        gap, room = needed - case.slot_capacity, max_share * needed - own_unit_per_year
        with_headroom = gap + p.growth_headroom_share * needed
        if max_share >= 1.0:
            return with_headroom, False
        return (min(with_headroom, room) if gap <= room else 0.0), False
    if max_share < 1.0:
        room = max_share * QUARTERS_PER_YEAR * case.planned_unit - own_unit_per_year
        is_worth = case.may_keep and room >= _SMALLEST_ADDITION_SHARE * max_share * needed
        return (room if is_worth else 0.0), False
    if case.may_keep and k == case.main_technology:
        return 0.0, False  # the same again is what keeping gives, without the capital
    return needed, True


@part
def measure_capacity(case, k, p):
    """Return (capacity in units of the host a year or 0, whether a measure gives way): the host's use with reserve."""
    if case.may_keep and k == case.main_technology:
        return 0.0, False
    return min(case.host_capacity, size_asset(MEASURE, case.planned_unit, p.sizing_margin)), case.has_live


@part
def device_capacity(case, is_surplus_paid, p):
    """Return the roof PV (MW) or storage (MWh) that is still worth adding, or 0."""
    target = size_asset(
        case.kind, 0.0, p.sizing_margin, case.roof_m2, p.roof_pv_kw_per_m2, p.roof_pv_load_share, case.midday_load_mw,
        is_surplus_paid, case.peak_load_mw, case.valley_load_mw, p.storage_hours,
    )  # fmt: skip
    room = target - case.slot_capacity
    return room if room > _SMALLEST_ADDITION_SHARE * target else 0.0


@part
def output_per_capacity(case, capacity, p):
    """Return the service that a unit of capacity gives in a year.

    Converters and measures: demand over capacity, at most 1. Roof PV: MWh per MW. Storage: MWh out per MWh.
    """
    if case.kind == GENERATION:
        return case.roof_yield_mwh_per_mw
    if case.kind == STORAGE:
        return p.storage_cycles_per_day * p.storage_days_per_year
    return min(1.0, QUARTERS_PER_YEAR * case.planned_unit / capacity)


@part
def own_capital(case, technology, capacity, capex_cny_per_unit, p, lever):
    """Return (what the owner pays for capital in CNY/unit, subsidy share) of an option.

    Storage support (L24) pays a sum per kWh; it counts as a benefit, at most what the firm has to pay itself.
    """
    recovery = case.recovery_per_year
    if technology.life_years < case.years:
        recovery = capital_recovery_factor(case.rate_per_year, technology.life_years)
    subsidy = support_share(technology.is_green, capex_cny_per_unit * capacity, p, lever)
    tax_credit = lever.tax_credit_share if technology.is_green > 0 else 0.0
    output = output_per_capacity(case, capacity, p)
    benefit = 0.0
    if case.kind == STORAGE:
        own_cny = capex_cny_per_unit * (1.0 - subsidy) * (1.0 - tax_credit)
        benefit = min(lever.storage_support_cny_per_kwh / MWH_PER_KWH, own_cny) * recovery / output
    cost = levelised_cost(
        capex_cny_per_unit / output, recovery, 0.0, subsidy, tax_credit, 0.0, 0.0, benefit, p.first_cost_salience
    )
    return cost, subsidy


@part
def full_cost(case, technology, capacity, capex_cny_per_unit, running_cny_per_unit, p, lever):
    """Return (levelised cost in CNY/unit, capex in CNY, subsidy share) of an option with a given running cost."""
    capital, subsidy = own_capital(case, technology, capacity, capex_cny_per_unit, p, lever)
    fixed = technology.om_share_per_year * (capex_cny_per_unit / output_per_capacity(case, capacity, p))
    return capital + fixed + running_cny_per_unit, capex_cny_per_unit * capacity, subsidy


@part
def roof_loss_cny_per_mwh(case, capacity_mw, p):
    """Return what a MWh of added roof PV misses against the avoided tariff because a part is fed in at a lower price.

    What stands on the roof already takes its part of the midday load first.
    """
    free_mw = max(0.0, p.roof_pv_load_share * case.midday_load_mw - case.slot_capacity)
    own_share = min(1.0, free_mw / capacity_mw)
    return (1.0 - own_share) * (case.midday_cny_per_mwh - p.roof_pv_surplus_cny_per_kwh / MWH_PER_KWH)


@part
def device_option(case, technology, capex_cny_per_unit, p, lever):
    """Return (cost in CNY/MWh, capacity, capex, subsidy share, False) of roof PV or storage; capacity 0: none.

    The whole roof is used where the surplus earns its levelised cost, else what the midday load takes up (SM06).
    """
    if case.kind == GENERATION:
        whole_mw = device_capacity(case, True, p)
        if whole_mw > 0.0:
            cost, capex, subsidy = full_cost(case, technology, whole_mw, capex_cny_per_unit, 0.0, p, lever)
            if cost <= p.roof_pv_surplus_cny_per_kwh / MWH_PER_KWH:
                return cost + roof_loss_cny_per_mwh(case, whole_mw, p), whole_mw, capex, subsidy, False
    capacity = device_capacity(case, False, p)
    if capacity <= 0.0:
        return 0.0, 0.0, 0.0, 0.0, False
    cost, capex, subsidy = full_cost(case, technology, capacity, capex_cny_per_unit, 0.0, p, lever)
    return cost, capacity, capex, subsidy, False


@lean
def option_terms(
    case, technology, k, own_unit_per_year, capex_factor, there, fuel_cny_per_gj, fuel_tco2_per_gj, p, lever
):
    """Return (levelised cost in CNY/unit, capacity, capex in CNY, subsidy share, whether it replaces) of an option.

    A measure costs what a unit of its host service costs with it, so that keeping is the host without it.

    Parameters
    ----------
    case : Case
    technology : record of technologies
    k : int
        Its index.
    own_unit_per_year, capex_factor : float
    there : tuple
        Use of a unit of service without investment (``what_is_there``).
    fuel_cny_per_gj, fuel_tco2_per_gj : float
        Of the carrier of the technology; not read where it has none.
    """
    capex_cny_per_unit = technology.capex_cny_per_unit * capex_factor
    if case.kind == GENERATION or case.kind == STORAGE:
        return device_option(case, technology, capex_cny_per_unit, p, lever)
    if case.kind == MEASURE:
        capacity, replaces = measure_capacity(case, k, p)
        use = use_with_measure(there, technology, fuel_cny_per_gj, fuel_tco2_per_gj)
    else:
        capacity, replaces = service_capacity(case, k, technology.max_demand_share, own_unit_per_year, p)
        use = (
            technology.fuel_gj_per_unit, technology.elec_gj_per_unit, case.process_tco2, fuel_cny_per_gj,
            fuel_tco2_per_gj, 0.0, 0.0,
        )  # fmt: skip
    if capacity <= 0.0:
        return 0.0, 0.0, 0.0, 0.0, False
    running = use_cny_per_unit(use, case.electricity_cny_per_mwh, case.carbon_cny_per_tco2, p)
    cost, capex, subsidy = full_cost(case, technology, capacity, capex_cny_per_unit, running, p, lever)
    return cost, capacity, capex, subsidy, replaces


@lean
def keep_cost(case, there, om_cny_per_unit, technologies, prices, scope1_tco2_per_gj, p):
    """Return what a unit costs without a new investment, CNY/unit: capital is sunk (SM06).

    A service: energy, carbon and O&M of its equipment. A measure slot: the host, with the measure that is there. Roof
    PV: the tariff that it would avoid. Storage: the earning of a cycle, which not having it forgoes.
    """
    if case.kind == GENERATION:
        return case.midday_cny_per_mwh
    if case.kind == STORAGE:
        return case.storage_value_cny_per_mwh_day / p.storage_cycles_per_day
    use, om = there, om_cny_per_unit
    if case.kind == MEASURE and case.main_technology >= 0:
        measure = technologies[case.main_technology]
        use = use_with_measure(use, measure, prices[measure.carrier], scope1_tco2_per_gj[measure.carrier])
        om = measure.om_share_per_year * measure.capex_cny_per_unit
    return use_cny_per_unit(use, case.electricity_cny_per_mwh, case.carbon_cny_per_tco2, p) + om
