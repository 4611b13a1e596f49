"""The same rules as a Mesa model in its usual style: firms are agents with lists of objects, phases are ``shuffle_do``.

Inside a phase firms read what others left in the phase before and write only what is theirs, or add to sums; so the
order in which they are called does not matter, and results equal those of the compiled rules.
"""

from types import SimpleNamespace

import mesa
import numpy as np

from benchmarks.case import LOOK_SHARE, START_YEAR, Place
from benchmarks.rules import CALORIFIC_TCE_PER_MWH
from benchmarks.twin_choice import Decision, Look
from benchmarks.twin_energy import GJ_PER_MWH, Asset, Burner, Slot, effect_of
from transition_sim.core.streams import Streams
from transition_sim.core.units import GJ_PER_TCE

SERVICE = 0


class FirmAgent(mesa.Agent):
    """A firm with its equipment, suppliers and buyers."""

    def __init__(self, model: "TwinModel", **attributes):
        super().__init__(model)
        for name, value in attributes.items():
            setattr(self, name, value)
        self.slots: list[Slot] = []
        self.suppliers: list[FirmAgent] = []
        self.buyers: list[tuple[FirmAgent, float]] = []
        self.decisions: list[Decision] = []
        self.planned_cny = self.next_planned_cny = self.limit_cny = 0.0

    def receive_final_orders(self) -> None:
        """Take a share of the final demand of the sector, and start to plan from last quarter's output."""
        self.final_orders_cny = 0.0
        self.limit_cny = 0.0
        if self.is_alive:
            self.final_orders_cny = self.final_share * self.model.final_demand_cny[self.sector]
            self.limit_cny = self.capacity_cny * self.model.p.utilisation_max_share * self.available_share
        self.planned_cny = min(self.output_cny, self.limit_cny)

    def receive_orders(self) -> None:
        """Add up what buyers order for the outputs that they plan."""
        orders_cny = self.final_orders_cny
        for buyer, input_share in self.buyers:
            orders_cny += input_share * buyer.planned_cny
        self.orders_cny = orders_cny
        self.next_planned_cny = min(orders_cny, self.limit_cny)

    def revise_plan(self) -> None:
        """Plan what has been ordered, up to what can be made."""
        self.planned_cny = self.next_planned_cny

    def produce(self) -> None:
        """Make what is ordered up to the limit and report what is unmet and what is spare."""
        self.output_cny = min(self.orders_cny, self.limit_cny)
        self.fill_share = self.output_cny / self.orders_cny if self.orders_cny > 0.0 else 1.0
        self.unmet_cny = self.orders_cny - self.output_cny
        self.model.unmet_cny[self.sector] += self.unmet_cny
        self.model.spare_cny[self.sector] += self.limit_cny - self.output_cny

    def take_over(self) -> None:
        """Take a part of the orders that full firms of the sector could not fill."""
        unmet_cny, spare_cny = self.model.unmet_cny[self.sector], self.model.spare_cny[self.sector]
        self.spill_cny = 0.0
        if unmet_cny > 0.0 and spare_cny > 0.0:
            self.spill_cny = (self.limit_cny - self.output_cny) * min(1.0, unmet_cny / spare_cny)
            self.output_cny += self.spill_cny

    def use_energy(self) -> None:
        """Turn output into services, fuels, electricity and process emissions."""
        market = self.model.market
        self.fuel_gj = [0.0] * len(market.carrier_cny_per_gj)
        self.feedstock_gj = [0.0] * len(market.carrier_cny_per_gj)
        self.electricity_mwh = self.own_generation_mwh = self.captured_tco2 = 0.0
        self.process_tco2 = self.output_cny * market.sector_tco2_per_cny[self.sector]
        for slot in self.slots:
            if slot.service.kind == SERVICE:
                self.run_slot(slot, market)
        self.own_generation_mwh = min(self.own_generation_mwh, self.electricity_mwh)
        self.purchased_mwh = self.electricity_mwh - self.own_generation_mwh

    def run_slot(self, slot: Slot, market: SimpleNamespace) -> None:
        """Run one service: equipment, measures, emissions, and the cost of a unit."""
        service = slot.service
        tariff_cny_per_gj = self.tariff_cny_per_mwh / GJ_PER_MWH
        carbon_cny = self.carbon_cny_per_tco2
        slot.demand_unit = slot.wanted_unit(self.output_cny, self.capability, self.model.years)
        missing_unit = slot.dispatch(tariff_cny_per_gj, carbon_cny, market)
        effect = effect_of(slot.measures, slot.demand_unit)
        burner = Burner(effect, service.is_feed, self.feedstock_gj if service.is_feed else self.fuel_gj, market)
        for asset in slot.assets:
            if asset.output_unit > 0.0:
                kind = asset.technology
                burner.run(asset.output_unit, kind.fuel_gj_per_unit, kind.elec_gj_per_unit, kind.carrier)
        if missing_unit > 0.0 and service.stand_in is not None:
            hired = service.stand_in
            burner.run(missing_unit, hired.fuel_gj_per_unit, hired.elec_gj_per_unit, hired.carrier)
        process_tco2 = 0.0
        if service.is_clinker:
            process_tco2 = slot.demand_unit * market.clinker_tco2_per_t * effect.process_factor
        captured_tco2 = (1.0 - effect.kept_tco2_share) * (burner.fuel_tco2 + process_tco2)
        if captured_tco2 > 0.0:
            burner.capture(captured_tco2)
        own_gj = effect.own_elec_gj_per_unit * slot.demand_unit
        self.process_tco2 += process_tco2
        self.captured_tco2 += captured_tco2
        self.electricity_mwh += burner.elec_gj / GJ_PER_MWH
        self.own_generation_mwh += own_gj / GJ_PER_MWH
        if slot.demand_unit > 0.0:
            paid_cny = burner.fuel_cny + (burner.elec_gj - own_gj) * tariff_cny_per_gj
            paid_cny += carbon_cny * (burner.fuel_tco2 + process_tco2 - captured_tco2)
            slot.cost_cny_per_unit = max(0.0, paid_cny / slot.demand_unit)

    def account(self) -> None:
        """Count scope 1, scope 2 and coal equivalents."""
        market = self.model.market
        fuel_gj, factors = self.fuel_gj, market.carrier_tco2_per_gj
        heat = len(fuel_gj) - 2
        burnt_tco2 = sum(gj * factor for gj, factor in zip(fuel_gj[:heat], factors))
        fuel_tce = (sum(fuel_gj) + sum(self.feedstock_gj)) / GJ_PER_TCE
        self.scope1_tco2 = burnt_tco2 + self.process_tco2 - self.captured_tco2
        self.scope2_location_tco2 = self.purchased_mwh * market.grid_tco2_per_mwh + fuel_gj[heat] * factors[heat]
        self.energy_calorific_tce = fuel_tce + self.purchased_mwh * CALORIFIC_TCE_PER_MWH
        self.energy_coal_equivalent_tce = fuel_tce + self.purchased_mwh * market.coal_equivalent_tce_per_mwh

    def decide(self) -> None:
        """Look at the options of some slots and choose."""
        model = self.model
        self.decisions = [
            Look(self, slot).decide(model.choice_uniform[slot.number], model.peer_share)
            for slot in self.slots
            if model.look_uniform[slot.number] < LOOK_SHARE
        ]


class TwinModel(mesa.Model):
    """The twin of ``rules.CompiledQuarters``, made from the arrays of the same place.

    Parameters
    ----------
    place : Place
        Read, never written.
    seed : int
        Of the draws of the rules; the order of activation is shuffled by Mesa.
    """

    def __init__(self, place: Place, seed: int = 0):
        super().__init__(rng=seed)
        self.place, self.streams = place, Streams(seed)
        self.quarter, self.n_slots = 0, place.slots.size
        self.p, self.lever = _record(place.params[0]), _record(place.levers[0])
        terms = {**place.terms._asdict(), **place.process._asdict()}
        self.market = SimpleNamespace(
            **{name: _plain(value) for name, value in terms.items()},
            grid_tco2_per_mwh=place.grid_tco2_per_mwh,
            coal_equivalent_tce_per_mwh=place.coal_equivalent_tce_per_mwh,
        )
        self.outlook = SimpleNamespace(**{name: _plain(value) for name, value in place.outlook._asdict().items()})
        self.peer_share = place.peers.national_share.tolist()
        self.technologies = _technologies(place)
        self.services = _services(place, self.technologies)
        self.technologies_of = [
            [t for t in self.technologies if t.service == service.number] for service in self.services
        ]
        self.firms = _make_firms(self, place)

    def step(self) -> None:
        """Run one quarter, phase by phase."""
        self.order()
        self.use()
        self.account()
        self.decide()
        self.quarter += 1

    def order(self) -> None:
        """Hand out final demand, pass orders up the chain and fill them."""
        self.final_demand_cny = self.place.final_demand_of(self.quarter).tolist()
        self.unmet_cny = [0.0] * len(self.final_demand_cny)
        self.spare_cny = [0.0] * len(self.final_demand_cny)
        self.agents.shuffle_do("receive_final_orders")
        for _ in range(int(self.p.order_sweeps)):
            self.agents.shuffle_do("receive_orders")
            self.agents.shuffle_do("revise_plan")
        self.agents.shuffle_do("produce")
        self.agents.shuffle_do("take_over")

    def use(self) -> None:
        """Turn output into services, fuels and electricity."""
        self.years = 0.25 * self.quarter
        self.agents.shuffle_do("use_energy")

    def account(self) -> None:
        """Count scopes and coal equivalents."""
        self.agents.shuffle_do("account")

    def decide(self) -> None:
        """Let the slots that look see their options and choose."""
        self.year = START_YEAR + self.quarter // 4
        self.look_uniform = self.streams.uniforms("look", self.quarter, self.n_slots).tolist()
        self.choice_uniform = self.streams.uniforms("choice", self.quarter, self.n_slots).tolist()
        self.agents.shuffle_do("decide")


def _plain(value):
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _record(row: np.void) -> SimpleNamespace:
    """Return a row of a table as an object with plain numbers."""
    return SimpleNamespace(**{name: row[name].item() for name in row.dtype.names or ()})


def _technologies(place: Place) -> list[SimpleNamespace]:
    made = []
    for number, row in enumerate(place.technologies):
        technology = _record(row)
        technology.number = number
        technology.sectors = {s for s in range(place.local_input.shape[0]) if technology.sector_mask >> s & 1}
        technology.capex_factor = float(place.capex_factor[number])
        technology.first_year = float(place.first_year[number])
        technology.immaturity = float(place.immaturity[number])
        made.append(technology)
    return made


def _services(place: Place, technologies: list[SimpleNamespace]) -> list[SimpleNamespace]:
    made = []
    for number, row in enumerate(place.rules):
        service = _record(row)
        service.number = number
        service.stand_in = technologies[service.stand_in] if service.stand_in >= 0 else None
        made.append(service)
    return made


def _make_slots(place: Place, services: list[SimpleNamespace], technologies: list[SimpleNamespace]) -> list[Slot]:
    """Return all slots with their assets and hosts, in the order of the rows."""
    slots = []
    for number, row in enumerate(place.slots):
        main, has_permit = int(row["main_technology"]), bool(place.site.has_permit[number])
        slots.append(
            Slot(
                number, services[row["service"]], float(row["unit_per_cny"]), float(row["demand_unit"]),
                float(row["capacity_unit_per_year"]), float(row["smoothed_cost_cny_per_unit"]),
                float(row["start_cost_cny_per_unit"]), int(row["deadline_quarter"]), has_permit,
                [], technologies[main] if main >= 0 else None,
            )
        )  # fmt: skip
    for slot, row in zip(slots, place.slots):
        if row["host"] >= 0:
            slot.host = slots[row["host"]]
            slot.host.measures.append(slot)
    for row in place.assets:
        asset = Asset(technologies[row["technology"]], float(row["capacity_unit_per_year"]))
        slots[row["slot"]].assets.append(asset)
    return slots


def _make_firms(model: TwinModel, place: Place) -> list[FirmAgent]:
    """Return the firms in the order of the rows, with slots, suppliers and buyers."""
    slots = _make_slots(place, model.services, model.technologies)
    tables = (place.production, place.finance, place.conduct, place.energy)
    firms = []
    for i in range(place.n_enterprises):
        attributes = {name: table[name][i].item() for table in tables for name in table.dtype.names or ()}
        midday_mw, peak_mw, valley_mw = place.site.loads_mw[i].tolist()
        firm = FirmAgent(
            model, **attributes, has_gas=bool(place.site.has_gas[i]), midday_load_mw=midday_mw, peak_load_mw=peak_mw,
            valley_load_mw=valley_mw, expected_cny_per_mwh=float(place.outlook.electricity_cny_per_mwh[i]),
            midday_cny_per_mwh=float(place.outlook.midday_cny_per_mwh[i]),
            expected_carbon_cny_per_tco2=float(place.outlook.carbon_cny_per_tco2[i]),
        )  # fmt: skip
        firm.slots = slots[place.slot_start[i] : place.slot_start[i + 1]]
        firms.append(firm)
    chain = place.graph
    for i, firm in enumerate(firms):
        for e in range(chain.supplier_start[i], chain.supplier_start[i + 1]):
            supplier = firms[chain.supplier[e]]
            firm.suppliers.append(supplier)
            input_share = place.local_input[supplier.sector, firm.sector] * chain.weight[e]
            supplier.buyers.append((firm, float(input_share)))
    return firms
