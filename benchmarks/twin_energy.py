"""Equipment of the Mesa twin: slots and assets as objects, merit order, measures, what is burnt (SM03)."""

from dataclasses import dataclass, field
from types import SimpleNamespace

GJ_PER_MWH = 3.6


@dataclass(slots=True)
class Asset:
    """A vintage of equipment in service."""

    technology: SimpleNamespace
    capacity_unit_per_year: float
    output_unit: float = 0.0


@dataclass(slots=True, eq=False)
class Slot:
    """A service, measure or device of one firm."""

    number: int
    service: SimpleNamespace
    unit_per_cny: float
    demand_unit: float
    capacity_unit_per_year: float
    smoothed_cost_cny_per_unit: float
    start_cost_cny_per_unit: float
    deadline_quarter: int
    has_permit: bool
    assets: list[Asset]
    main_technology: SimpleNamespace | None
    cost_cny_per_unit: float = 0.0
    host: "Slot | None" = None
    measures: list["Slot"] = field(default_factory=list)

    def wanted_unit(self, output_cny: float, capability: float, years: float) -> float:
        """Return the service wanted in the quarter."""
        saving_per_year = self.service.housekeeping_per_year * (0.5 + capability)
        demand = self.unit_per_cny * output_cny * (1.0 - saving_per_year) ** max(0.0, years)
        elasticity = self.service.elasticity
        if elasticity > 0.0 and self.smoothed_cost_cny_per_unit > 0.0 and self.start_cost_cny_per_unit > 0.0:
            demand *= (self.smoothed_cost_cny_per_unit / self.start_cost_cny_per_unit) ** -elasticity
        return demand

    def dispatch(self, tariff_cny_per_gj: float, carbon_cny_per_tco2: float, market: SimpleNamespace) -> float:
        """Split the demand over the equipment, cheapest first; return what nothing in service can give."""

        def running_cost(asset: Asset) -> float:
            cost = asset.technology.elec_gj_per_unit * tariff_cny_per_gj
            carrier = asset.technology.carrier
            if carrier >= 0:
                price = market.carrier_cny_per_gj[carrier] + carbon_cny_per_tco2 * market.carrier_tco2_per_gj[carrier]
                cost += asset.technology.fuel_gj_per_unit * price
            return cost

        left = self.demand_unit
        last = None
        for asset in sorted(self.assets, key=running_cost):
            share = asset.technology.max_demand_share
            asset.output_unit = min(left, asset.capacity_unit_per_year / 4.0, share * self.demand_unit)
            left -= asset.output_unit
            if share >= 1.0 or last is None:
                last = asset
        left = max(0.0, left)
        if last is None:
            return left
        last.output_unit += left
        return 0.0


@dataclass(slots=True)
class Effect:
    """What the measures on a slot change."""

    fuel_factor: float = 1.0
    elec_factor: float = 1.0
    process_factor: float = 1.0
    kept_tco2_share: float = 1.0
    kept_fuel_share: float = 1.0
    carrier: int = -1
    own_elec_gj_per_unit: float = 0.0

    def add(self, measure: SimpleNamespace, covered: float) -> None:
        """Let a measure act on a share of the output of its host."""
        self.fuel_factor *= 1.0 - covered * (1.0 - measure.host_fuel_factor)
        self.elec_factor *= 1.0 - covered * (1.0 - measure.host_elec_factor)
        self.process_factor *= 1.0 - covered * (1.0 - measure.host_process_factor)
        self.kept_tco2_share *= 1.0 - covered * measure.capture_share
        self.own_elec_gj_per_unit += covered * measure.own_elec_gj_per_unit
        if measure.fuel_switch_share > 0.0:
            self.kept_fuel_share *= 1.0 - covered * measure.fuel_switch_share
            self.carrier = measure.carrier


def effect_of(measures: list[Slot], host_output_unit: float) -> Effect:
    """Return the effect of the measures in service on a host."""
    effect = Effect()
    for slot in measures:
        slot.demand_unit = host_output_unit
        uncovered = 1.0
        for asset in slot.assets:
            asset.output_unit = 0.0
            if host_output_unit > 0.0:
                covered = min(uncovered, asset.capacity_unit_per_year / 4.0 / host_output_unit)
                uncovered -= covered
                asset.output_unit = covered * host_output_unit
                effect.add(asset.technology, covered)
    return effect


class Burner:
    """Adds up what the equipment of one slot uses, and books its fuels with the firm."""

    __slots__ = (
        "effect",
        "elec_gj",
        "fuel_cny",
        "fuel_tco2",
        "is_feed",
        "largest_gj",
        "main_carrier",
        "market",
        "used_gj",
    )

    def __init__(self, effect: Effect, is_feed: bool, used_gj: list[float], market: SimpleNamespace):
        self.effect, self.is_feed, self.used_gj, self.market = effect, is_feed, used_gj, market
        self.elec_gj = self.fuel_tco2 = self.fuel_cny = self.largest_gj = 0.0
        self.main_carrier = -1

    def run(self, given_unit: float, fuel_gj_per_unit: float, elec_gj_per_unit: float, carrier: int) -> None:
        """Add one piece of equipment."""
        effect = self.effect
        self.elec_gj += given_unit * elec_gj_per_unit * effect.elec_factor
        fuel_gj = given_unit * fuel_gj_per_unit * effect.fuel_factor
        if fuel_gj <= 0.0 or carrier < 0:
            return
        switched_gj = fuel_gj * (1.0 - effect.kept_fuel_share)
        tco2 = self.burn(fuel_gj - switched_gj, carrier)
        if switched_gj > 0.0:
            tco2 += self.burn(switched_gj, effect.carrier)
        if not self.is_feed:
            self.fuel_tco2 += tco2
        if fuel_gj > self.largest_gj:
            self.largest_gj, self.main_carrier = fuel_gj, carrier

    def burn(self, fuel_gj: float, carrier: int) -> float:
        """Book a fuel and return its CO2."""
        self.used_gj[carrier] += fuel_gj
        self.fuel_cny += fuel_gj * self.market.carrier_cny_per_gj[carrier]
        return fuel_gj * self.market.carrier_tco2_per_gj[carrier]

    def capture(self, captured_tco2: float) -> None:
        """Add the power and heat that capture takes; the heat is burnt outside the captured stack."""
        self.elec_gj += captured_tco2 * self.market.capture_mwh_per_tco2 * GJ_PER_MWH
        heat_gj = captured_tco2 * self.market.capture_gj_per_tco2
        if self.main_carrier < 0:
            self.elec_gj += heat_gj
        else:
            self.fuel_tco2 += self.burn(heat_gj, self.main_carrier)
