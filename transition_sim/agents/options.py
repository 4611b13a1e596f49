"""The options of one slot: what may be bought, how much of it, and what it would cost (SM06)."""

from transition_sim.agents.investment import GENERATION, MEASURE, SERVICE, STORAGE, size_asset
from transition_sim.agents.levelised import (
    capital_recovery_factor,
    levelised_cost,
    support_share,
    use_cny_per_unit,
    use_with_measure,
)
from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.kernels import compiled
from transition_sim.world.assets import technology_capacity
from transition_sim.world.state import ACTIVE

MIDDAY, PEAK, VALLEY = 0, 1, 2
SMALL_BOILER_T_PER_H = 35.0
MWH_PER_KWH = 1e-3
# what adds less than this share to what is wanted is not worth an order
_SMALLEST_ADDITION_SHARE = 0.1


@compiled
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


@compiled
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
            fuel += size * asset.fuel_gj_per_unit
            elec += size * asset.elec_gj_per_unit
            om += size * technology.om_share_per_year * technology.capex_cny_per_unit
            if technology.carrier >= 0:
                fuel_cny += size * asset.fuel_gj_per_unit * prices[technology.carrier]
                fuel_tco2 += size * asset.fuel_gj_per_unit * scope1_tco2_per_gj[technology.carrier]
        a = asset.next_asset
    if capacity <= 0.0:
        return (0.0, 0.0, process_tco2, 0.0, 0.0, 0.0, 0.0), 0.0
    mean_cny = fuel_cny / fuel if fuel > 0.0 else 0.0
    mean_tco2 = fuel_tco2 / fuel if fuel > 0.0 else 0.0
    return (fuel / capacity, elec / capacity, process_tco2, mean_cny, mean_tco2, 0.0, 0.0), om / capacity


@compiled
def technology_use(technology, outlook, prices):
    """Return the use of a unit of service by a new converter (see ``levelised.use_with_measure``)."""
    fuel_cny, fuel_tco2 = 0.0, 0.0
    if technology.carrier >= 0:
        fuel_cny, fuel_tco2 = prices[technology.carrier], outlook.scope1_tco2_per_gj[technology.carrier]
    process_tco2 = outlook.process_tco2_per_unit[technology.service]
    return technology.fuel_gj_per_unit, technology.elec_gj_per_unit, process_tco2, fuel_cny, fuel_tco2, 0.0, 0.0


@compiled
def host_use(s, equipment, outlook, prices):
    """Return the use of a unit of a measure's host service with all measures but that of slot ``s``."""
    slots = equipment.slots
    host = slots[s].host
    use, _ = equipment_use(
        slots[host].first_asset, equipment.assets, equipment.technologies,
        outlook.process_tco2_per_unit[slots[host].service], prices, outlook.scope1_tco2_per_gj,
    )  # fmt: skip
    i = slots[s].enterprise
    for other in range(equipment.slot_start[i], equipment.slot_start[i + 1]):
        if other != s and slots[other].host == host and slots[other].main_technology >= 0:
            measure = equipment.technologies[slots[other].main_technology]
            use = use_with_measure(use, measure, prices, outlook.scope1_tco2_per_gj)
    return use


@compiled
def service_capacity(case, k, max_share, equipment, p):
    """Return (capacity to order in unit/yr or 0, whether it replaces what is there) for a converter.

    Too small: the gap is added. Else the slot is replaced; a technology that can serve a part of the demand only
    (heat pumps) joins the equipment that stays, as base load, so it needs equipment that may be kept.
    """
    slot = equipment.slots[case.slot]
    needed = size_asset(SERVICE, case.planned_unit, p.sizing_margin)
    own = technology_capacity(slot.first_asset, equipment.assets, k) if max_share < 1.0 else 0.0
    if case.is_short:
        gap = needed - slot.capacity_unit_per_year
        return (gap if max_share >= 1.0 or own + gap <= max_share * needed else 0.0), False
    if max_share < 1.0:
        room = max_share * QUARTERS_PER_YEAR * case.planned_unit - own
        is_worth = case.may_keep and room >= _SMALLEST_ADDITION_SHARE * max_share * needed
        return (room if is_worth else 0.0), False
    if case.may_keep and k == slot.main_technology:
        return 0.0, False  # the same again is what keeping gives, without the capital
    return needed, True


@compiled
def measure_capacity(case, k, equipment, p):
    """Return (capacity in units of the host a year or 0, whether a measure gives way): the host's use with reserve."""
    slot = equipment.slots[case.slot]
    if slot.host < 0 or (case.may_keep and k == slot.main_technology):
        return 0.0, False
    wanted = size_asset(MEASURE, case.planned_unit, p.sizing_margin)
    return min(equipment.slots[slot.host].capacity_unit_per_year, wanted), case.has_live


@compiled
def device_capacity(case, is_surplus_paid, equipment, firms, site, p):
    """Return the roof PV (MW) or storage (MWh) that is still worth adding, or 0."""
    loads = site.loads_mw[case.firm]
    target = size_asset(
        case.kind, 0.0, p.sizing_margin, firms.conduct[case.firm].roof_m2, p.roof_pv_kw_per_m2, p.roof_pv_load_share,
        loads[MIDDAY], is_surplus_paid, loads[PEAK], loads[VALLEY], p.storage_hours,
    )  # fmt: skip
    room = target - equipment.slots[case.slot].capacity_unit_per_year
    return room if room > _SMALLEST_ADDITION_SHARE * target else 0.0


@compiled
def output_per_capacity(case, capacity, outlook, p):
    """Return the service that a unit of capacity gives in a year.

    Converters and measures: demand over capacity, at most 1. Roof PV: MWh per MW. Storage: MWh out per MWh.
    """
    if case.kind == GENERATION:
        return outlook.roof_yield_mwh_per_mw
    if case.kind == STORAGE:
        return p.storage_cycles_per_day * p.storage_days_per_year
    return min(1.0, QUARTERS_PER_YEAR * case.planned_unit / capacity)


@compiled
def fixed_cost(case, k, capacity, running_cny_per_unit, equipment, outlook, p, lever):
    """Return (levelised cost with the given running cost in CNY/unit, capex in CNY, subsidy share) of an option.

    Storage support (L24) pays a sum per kWh; it counts as a benefit, at most what the firm has to pay itself.
    """
    technology = equipment.technologies[k]
    capex = technology.capex_cny_per_unit * equipment.capex_factor[k]
    recovery = capital_recovery_factor(case.rate_per_year, min(technology.life_years, case.years))
    subsidy = support_share(technology.is_green, capex * capacity, p, lever)
    tax_credit = lever.tax_credit_share if technology.is_green > 0 else 0.0
    output = output_per_capacity(case, capacity, outlook, p)
    benefit = 0.0
    if case.kind == STORAGE:
        paid = capex * (1.0 - subsidy) * (1.0 - tax_credit)
        benefit = min(lever.storage_support_cny_per_kwh / MWH_PER_KWH, paid) * recovery / output
    cost = levelised_cost(
        capex / output, recovery, technology.om_share_per_year, subsidy, tax_credit, running_cny_per_unit, 0.0,
        benefit, p.first_cost_salience,
    )  # fmt: skip
    return cost, capex * capacity, subsidy


@compiled
def roof_loss_cny_per_mwh(case, capacity_mw, midday_load_mw, p):
    """Return what a MWh of roof PV misses against the avoided tariff because a part is fed in at a lower price."""
    own_share = min(1.0, p.roof_pv_load_share * midday_load_mw / capacity_mw)
    return (1.0 - own_share) * (case.midday_cny_per_mwh - p.roof_pv_surplus_cny_per_kwh / MWH_PER_KWH)


@compiled
def device_option(case, k, equipment, firms, outlook, site, p, lever):
    """Return (cost in CNY/MWh, capacity, capex, subsidy share, False) of roof PV or storage; capacity 0: none.

    The whole roof is used where the surplus earns its levelised cost, else what the midday load takes up (SM06).
    """
    if case.kind == GENERATION:
        whole_mw = device_capacity(case, True, equipment, firms, site, p)
        if whole_mw <= 0.0:
            return 0.0, 0.0, 0.0, 0.0, False
        cost, capex, subsidy = fixed_cost(case, k, whole_mw, 0.0, equipment, outlook, p, lever)
        if cost <= p.roof_pv_surplus_cny_per_kwh / MWH_PER_KWH:
            cost += roof_loss_cny_per_mwh(case, whole_mw, site.loads_mw[case.firm, MIDDAY], p)
            return cost, whole_mw, capex, subsidy, False
    capacity = device_capacity(case, False, equipment, firms, site, p)
    if capacity <= 0.0:
        return 0.0, 0.0, 0.0, 0.0, False
    cost, capex, subsidy = fixed_cost(case, k, capacity, 0.0, equipment, outlook, p, lever)
    return cost, capacity, capex, subsidy, False


@compiled
def option_terms(case, k, equipment, firms, outlook, site, p, lever):
    """Return (levelised cost in CNY/unit, capacity, capex in CNY, subsidy share, whether it replaces) of an option.

    A measure costs what a unit of its host service costs with it, so that keeping is the host without it.
    """
    if case.kind == GENERATION or case.kind == STORAGE:
        return device_option(case, k, equipment, firms, outlook, site, p, lever)
    technology = equipment.technologies[k]
    if case.kind == MEASURE:
        capacity, replaces = measure_capacity(case, k, equipment, p)
        if capacity <= 0.0:
            return 0.0, 0.0, 0.0, 0.0, False
        use = host_use(case.slot, equipment, outlook, case.prices)
        use = use_with_measure(use, technology, case.prices, outlook.scope1_tco2_per_gj)
    else:
        capacity, replaces = service_capacity(case, k, technology.max_demand_share, equipment, p)
        if capacity <= 0.0:
            return 0.0, 0.0, 0.0, 0.0, False
        use = technology_use(technology, outlook, case.prices)
    running = use_cny_per_unit(use, case.electricity_cny_per_mwh, case.carbon_cny_per_tco2, p)
    cost, capex, subsidy = fixed_cost(case, k, capacity, running, equipment, outlook, p, lever)
    return cost, capacity, capex, subsidy, replaces


@compiled
def keep_cost(case, equipment, outlook, p):
    """Return what a unit costs without a new investment, CNY/unit: capital is sunk (SM06).

    A service: energy, carbon and O&M of its equipment. A measure slot: the host, with the measure that is there. Roof
    PV: the tariff that it would avoid. Storage: the earning of a cycle, which not having it forgoes.
    """
    slot = equipment.slots[case.slot]
    if case.kind == GENERATION:
        return case.midday_cny_per_mwh
    if case.kind == STORAGE:
        return case.storage_value_cny_per_mwh_day / p.storage_cycles_per_day
    om = 0.0
    if case.kind == MEASURE:
        use = host_use(case.slot, equipment, outlook, case.prices)
        if slot.main_technology >= 0:
            measure = equipment.technologies[slot.main_technology]
            use = use_with_measure(use, measure, case.prices, outlook.scope1_tco2_per_gj)
            om = measure.om_share_per_year * measure.capex_cny_per_unit
    else:
        use, om = equipment_use(
            slot.first_asset, equipment.assets, equipment.technologies, outlook.process_tco2_per_unit[slot.service],
            case.prices, outlook.scope1_tco2_per_gj,
        )  # fmt: skip
    return use_cny_per_unit(use, case.electricity_cny_per_mwh, case.carbon_cny_per_tco2, p) + om
