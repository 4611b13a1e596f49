"""How a firm of the Mesa twin chooses: options as objects, levelised cost, utility, logit, one draw (SM06)."""

from dataclasses import dataclass, field
from math import exp, expm1, log1p, nan
from types import SimpleNamespace
from typing import TYPE_CHECKING

from benchmarks.twin_energy import Slot

if TYPE_CHECKING:
    from benchmarks.twin import FirmAgent

SERVICE, MEASURE, GENERATION, STORAGE = range(4)
MWH_PER_GJ = 1.0 / 3.6
CNY_PER_MWH = 1e3
"""Of a CNY/kWh."""


def capital_recovery_factor(rate: float, years: float) -> float:
    """Return the yearly payment per unit of capital."""
    return 1.0 / years if abs(rate) < 1e-9 else rate / -expm1(-years * log1p(rate))


def levelised_growth(rate: float, growth: float, years: float) -> float:
    """Return the factor from a price now to its levelised mean."""
    if growth == 0.0:
        return 1.0
    gap = rate - growth
    annuity = years / (1.0 + rate) if abs(gap) < 1e-9 else -expm1(years * (log1p(growth) - log1p(rate))) / gap
    return annuity * capital_recovery_factor(rate, years)


@dataclass(slots=True)
class Use:
    """What a unit of service takes."""

    fuel_gj: float = 0.0
    elec_gj: float = 0.0
    process_tco2: float = 0.0
    fuel_cny_per_gj: float = 0.0
    fuel_tco2_per_gj: float = 0.0
    own_elec_gj: float = 0.0
    capture_share: float = 0.0

    def with_measure(self, measure: SimpleNamespace, prices: list[float], scope1: list[float]) -> "Use":
        """Return the use with a measure in place."""
        cny, tco2, share = self.fuel_cny_per_gj, self.fuel_tco2_per_gj, measure.fuel_switch_share
        if share > 0.0:
            cny = (1.0 - share) * cny + share * prices[measure.carrier]
            tco2 = (1.0 - share) * tco2 + share * scope1[measure.carrier]
        return Use(
            self.fuel_gj * measure.host_fuel_factor,
            self.elec_gj * measure.host_elec_factor,
            self.process_tco2 * measure.host_process_factor,
            cny,
            tco2,
            self.own_elec_gj + measure.own_elec_gj_per_unit,
            1.0 - (1.0 - self.capture_share) * (1.0 - measure.capture_share),
        )

    def cny_per_unit(self, electricity_cny_per_mwh: float, carbon_cny_per_tco2: float, p: SimpleNamespace) -> float:
        """Return energy and carbon of a unit."""
        emitted_tco2 = self.fuel_gj * self.fuel_tco2_per_gj + self.process_tco2
        captured_tco2 = self.capture_share * emitted_tco2
        heat_gj = captured_tco2 * p.ccus_heat_gj_per_tco2
        power_mwh = (self.elec_gj - self.own_elec_gj) * MWH_PER_GJ + captured_tco2 * p.ccus_energy_mwh_per_tco2
        paid_tco2 = emitted_tco2 - captured_tco2 + heat_gj * self.fuel_tco2_per_gj  # that heat is not captured again
        fuel_cny = (self.fuel_gj + heat_gj) * self.fuel_cny_per_gj
        return fuel_cny + power_mwh * electricity_cny_per_mwh + paid_tco2 * carbon_cny_per_tco2


@dataclass(slots=True)
class Option:
    """Something that a slot may do; without a technology: keep what is there."""

    technology: SimpleNamespace | None
    cost_cny_per_unit: float
    capacity_unit_per_year: float = 0.0
    capex_cny: float = 0.0
    subsidy_share: float = 0.0
    replaces: bool = False
    margin: float = 0.0
    utility: float = 0.0
    probability: float = 0.0


@dataclass(slots=True)
class Decision:
    """What a slot saw and chose."""

    slot: int
    options: list[Option] = field(default_factory=list)
    chosen: Option | None = None
    runner_up: Option | None = None
    switch_capex_share: float = nan


class Look:
    """One look of a firm at one slot: prices over its horizon, what is there, what could be had."""

    def __init__(self, firm: "FirmAgent", slot: Slot):
        model = firm.model
        self.firm, self.slot, self.p, self.lever = firm, slot, model.p, model.lever
        self.quarter, self.year = model.quarter, model.year
        self.technologies = model.technologies_of[slot.service.number]
        self.kind, self.scope1 = slot.service.kind, model.outlook.scope1_tco2_per_gj
        self.of = slot.host or slot
        self.expect(model.outlook)
        self.weigh_need()

    def expect(self, outlook: SimpleNamespace) -> None:
        """Levelise the expected prices over the horizon of the firm."""
        firm, p = self.firm, self.p
        is_state_owned, is_small = firm.ownership == 0, firm.size_class == 0
        if is_state_owned:
            self.years = p.horizon_soe_years
        else:
            self.years = p.horizon_small_years if is_small else p.horizon_large_years
        self.rate = firm.hurdle_rate_per_year
        growth = [levelised_growth(self.rate, g, self.years) for g in outlook.growth_per_year]
        expected = outlook.expected_cny_per_gj[0 if is_state_owned else 1]
        self.electricity_cny_per_mwh = firm.expected_cny_per_mwh * growth[-1]
        self.prices = [price * factor for price, factor in zip(expected[:-1], growth)]
        self.prices.append(self.electricity_cny_per_mwh * MWH_PER_GJ)
        self.midday_cny_per_mwh = firm.midday_cny_per_mwh * growth[-1]
        self.storage_value_cny = outlook.storage_value_cny_per_mwh_day * growth[-1]
        self.roof_yield_mwh_per_mw = outlook.roof_yield_mwh_per_mw
        self.carbon_cny_per_tco2 = firm.expected_carbon_cny_per_tco2
        self.process_tco2 = outlook.process_tco2_per_unit[self.of.service.number]

    def weigh_need(self) -> None:
        """Compare what is there with what is planned."""
        firm, slot, of = self.firm, self.slot, self.of
        per_cny = of.demand_unit / firm.output_cny if firm.output_cny > 0.0 else of.unit_per_cny
        self.planned_unit = per_cny * min(max(firm.expected_orders_cny, firm.orders_cny), firm.capacity_cny)
        is_service, self.has_live = self.kind == SERVICE, bool(slot.assets)
        is_due = self.has_live and self.quarter >= slot.deadline_quarter
        is_small = slot.capacity_unit_per_year < 4.0 * self.planned_unit * (1.0 - 1e-9)
        self.is_short = is_service and self.has_live and not is_due and is_small
        self.may_keep = not is_due and not self.is_short and (self.has_live or not is_service)

    def is_feasible(self, technology: SimpleNamespace) -> bool:
        """Tell whether the firm may and can buy a technology."""
        firm = self.firm
        return (
            firm.sector in technology.sectors
            and firm.capability >= technology.min_capability
            and self.year >= technology.first_year
            and (firm.has_gas or not technology.needs_gas)
            and (self.slot.has_permit or not technology.needs_permit)
            and (self.lever.coal_boiler_size_limit_t_per_h < 35.0 or not technology.is_coal_boiler_small)
        )

    def use_of(self, slot: Slot) -> tuple[Use, float]:
        """Return the use of a unit by the equipment of a slot, and its O&M in CNY/unit: means over capacity."""
        capacity = fuel = elec = fuel_cny = fuel_tco2 = om = 0.0
        for asset in slot.assets:
            technology, size = asset.technology, asset.capacity_unit_per_year
            capacity += size
            fuel += size * technology.fuel_gj_per_unit
            elec += size * technology.elec_gj_per_unit
            om += size * technology.om_share_per_year * technology.capex_cny_per_unit
            if technology.carrier >= 0:
                fuel_cny += size * technology.fuel_gj_per_unit * self.prices[technology.carrier]
                fuel_tco2 += size * technology.fuel_gj_per_unit * self.scope1[technology.carrier]
        if capacity <= 0.0:
            return Use(process_tco2=self.process_tco2), 0.0
        cny, tco2 = (fuel_cny / fuel, fuel_tco2 / fuel) if fuel > 0.0 else (0.0, 0.0)
        return Use(fuel / capacity, elec / capacity, self.process_tco2, cny, tco2), om / capacity

    def use_without_investment(self) -> tuple[Use, float]:
        """Return the use of a unit by what is there; of a measure: by its host with all its other measures."""
        slot = self.slot
        if slot.host is None:
            return self.use_of(slot)
        use, _ = self.use_of(slot.host)
        for other in slot.host.measures:
            if other is not slot and other.main_technology is not None:
                use = use.with_measure(other.main_technology, self.prices, self.scope1)
        return use, 0.0

    def keep_cost(self, there: Use, om_cny_per_unit: float) -> float:
        """Return what a unit costs without a new investment."""
        if self.kind == GENERATION:
            return self.midday_cny_per_mwh
        if self.kind == STORAGE:
            return self.storage_value_cny / self.p.storage_cycles_per_day
        measure = self.slot.main_technology
        if self.kind == MEASURE and measure is not None:
            there = there.with_measure(measure, self.prices, self.scope1)
            om_cny_per_unit = measure.om_share_per_year * measure.capex_cny_per_unit
        return there.cny_per_unit(self.electricity_cny_per_mwh, self.carbon_cny_per_tco2, self.p) + om_cny_per_unit

    def service_capacity(self, technology: SimpleNamespace) -> tuple[float, bool]:
        """Return the capacity of a converter to order, or 0, and whether it replaces what is there."""
        needed = self.p.sizing_margin * 4.0 * self.planned_unit
        share, slot = technology.max_demand_share, self.slot
        own = 0.0
        if share < 1.0:
            own = sum(a.capacity_unit_per_year for a in slot.assets if a.technology is technology)
        if self.is_short:
            gap = needed - slot.capacity_unit_per_year
            return (gap if share >= 1.0 or own + gap <= share * needed else 0.0), False
        if share < 1.0:
            room = share * 4.0 * self.planned_unit - own
            return (room if self.may_keep and room >= 0.1 * share * needed else 0.0), False
        if self.may_keep and technology is slot.main_technology:
            return 0.0, False
        return needed, True

    def measure_capacity(self, technology: SimpleNamespace) -> tuple[float, bool]:
        """Return the capacity of a measure to order, or 0, and whether a measure gives way."""
        if self.may_keep and technology is self.slot.main_technology:
            return 0.0, False
        host_capacity = self.slot.host.capacity_unit_per_year if self.slot.host else 0.0
        return min(host_capacity, self.p.sizing_margin * 4.0 * self.planned_unit), self.has_live

    def device_capacity(self, is_surplus_paid: bool) -> float:
        """Return the roof PV in MW or storage in MWh still worth adding, or 0."""
        p, firm = self.p, self.firm
        if self.kind == GENERATION:
            target = firm.roof_m2 * p.roof_pv_kw_per_m2 / 1e3
            if not is_surplus_paid:
                target = min(target, p.roof_pv_load_share * firm.midday_load_mw)
        else:
            spare_mw = p.sizing_margin * firm.peak_load_mw - firm.valley_load_mw
            target = p.storage_hours * max(0.0, min(firm.peak_load_mw, spare_mw))
        room = target - self.slot.capacity_unit_per_year
        return room if room > 0.1 * target else 0.0

    def output_per_capacity(self, capacity: float) -> float:
        """Return the service that a unit of capacity gives in a year."""
        if self.kind == GENERATION:
            return self.roof_yield_mwh_per_mw
        if self.kind == STORAGE:
            return self.p.storage_cycles_per_day * self.p.storage_days_per_year
        return min(1.0, 4.0 * self.planned_unit / capacity)

    def priced(self, technology: SimpleNamespace, capacity: float, running_cny: float, replaces: bool) -> Option:
        """Return an option with its levelised cost, capital and subsidy."""
        p, lever = self.p, self.lever
        capex = technology.capex_cny_per_unit * technology.capex_factor
        recovery = capital_recovery_factor(self.rate, min(technology.life_years, self.years))
        subsidy = tax_credit = 0.0
        if technology.is_green:
            tax_credit = lever.tax_credit_share
            if capex * capacity > 0.0:
                cap = p.subsidy_cap_cny / (capex * capacity)
                subsidy = min(lever.capex_subsidy_share, p.subsidy_cap_share, cap)
        output = self.output_per_capacity(capacity)
        paid_share = (1.0 - subsidy) * (1.0 - tax_credit)
        benefit = 0.0
        if self.kind == STORAGE:
            support = min(lever.storage_support_cny_per_kwh * CNY_PER_MWH, capex * paid_share)
            benefit = support * recovery / output
        capital = p.first_cost_salience * paid_share * capex / output * recovery
        cost = capital + technology.om_share_per_year * capex / output + running_cny - benefit
        return Option(technology, cost, capacity, capex * capacity, subsidy, replaces)

    def device(self, technology: SimpleNamespace) -> Option | None:
        """Return roof PV or storage as an option, if any is worth adding."""
        if self.kind == GENERATION:
            whole_mw = self.device_capacity(True)
            if whole_mw > 0.0:
                option = self.priced(technology, whole_mw, 0.0, False)
                surplus_cny_per_mwh = self.p.roof_pv_surplus_cny_per_kwh * CNY_PER_MWH
                if option.cost_cny_per_unit <= surplus_cny_per_mwh:
                    own_share = min(1.0, self.p.roof_pv_load_share * self.firm.midday_load_mw / whole_mw)
                    option.cost_cny_per_unit += (1.0 - own_share) * (self.midday_cny_per_mwh - surplus_cny_per_mwh)
                    return option
        capacity = self.device_capacity(False)
        return self.priced(technology, capacity, 0.0, False) if capacity > 0.0 else None

    def option(self, technology: SimpleNamespace, there: Use) -> Option | None:
        """Return a technology as an option, if it gives anything."""
        if self.kind in (GENERATION, STORAGE):
            return self.device(technology)
        if self.kind == MEASURE:
            capacity, replaces = self.measure_capacity(technology)
            use = there.with_measure(technology, self.prices, self.scope1)
        else:
            capacity, replaces = self.service_capacity(technology)
            carrier = technology.carrier
            use = Use(
                technology.fuel_gj_per_unit, technology.elec_gj_per_unit, self.process_tco2, self.prices[carrier],
                self.scope1[carrier],
            )  # fmt: skip
        if capacity <= 0.0:
            return None
        running_cny = use.cny_per_unit(self.electricity_cny_per_mwh, self.carbon_cny_per_tco2, self.p)
        option = self.priced(technology, capacity, running_cny, replaces)
        if replaces and self.may_keep and self.kind == SERVICE:
            option.margin = self.p.scrap_margin_share
        return option

    def options(self) -> list[Option]:
        """Return what the firm can do, keeping first."""
        there, om = self.use_without_investment()
        keep = Option(None, self.keep_cost(there, om))
        found = [keep] if self.may_keep else []
        for technology in self.technologies:
            if self.is_feasible(technology):
                option = self.option(technology, there)
                if option is not None:
                    found.append(option)
        if not found and self.is_short:
            found.append(keep)
        return found

    def weigh(self, options: list[Option], unit_cny: float, peer_share: list[float]) -> None:
        """Give every option its utility and probability."""
        firm, p = self.firm, self.p
        for option in options:
            is_new = option.technology is not None
            technology = option.technology or self.slot.main_technology
            option.utility = -option.cost_cny_per_unit * (1.0 + option.margin) / unit_cny
            if technology is None:
                continue
            option.utility += p.utility_peer * peer_share[technology.number]
            if technology.is_green:
                option.utility += p.utility_buyer * firm.buyer_pressure
                option.utility += p.utility_green if firm.is_committed else 0.0
            if is_new:
                option.utility -= p.utility_immature * technology.immaturity * (1.0 - firm.capability)
                option.utility -= p.utility_disrupt * technology.disrupt
        best = max(option.utility for option in options)
        weights = [exp((option.utility - best) / p.choice_noise) for option in options]
        total = sum(weights)
        for option, weight in zip(options, weights):
            option.probability = weight / total

    def decide(self, uniform: float, peer_share: list[float]) -> Decision:
        """Return the decision on the slot, drawn with one uniform."""
        options = self.options()
        decision = Decision(self.slot.number, options)
        if not options:
            return decision
        unit_cny = sum(abs(option.cost_cny_per_unit) for option in options) / len(options) or 1.0
        self.weigh(options, unit_cny, peer_share)
        cumulated = 0.0
        for option in options:
            if option.probability > 0.0:
                cumulated += option.probability
                decision.chosen = option
                if uniform < cumulated:
                    break
        second = max((o for o in options if o is not decision.chosen), key=lambda o: o.utility, default=None)
        decision.runner_up = second
        if decision.chosen and second and second.cost_cny_per_unit > 0.0:
            cost = second.cost_cny_per_unit * (1.0 + second.margin)
            decision.switch_capex_share = (decision.chosen.utility - second.utility) * unit_cny / cost
        return decision
