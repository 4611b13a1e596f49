"""Small worlds for the tests of decisions: tables with the real record types, filled by hand.

Arrays have the types that a run gives them, so that rules which a run calls are not compiled for others as well.
"""

from dataclasses import dataclass

import numpy as np

from transition_sim.agents.choice import Equipment, Firms, Outlook, Site
from transition_sim.agents.peers import Peers
from transition_sim.core.tables import allocate
from transition_sim.scenarios import registry
from transition_sim.world.adoption import NO_SLOT, Adoption
from transition_sim.world.state import (
    ACTIVE,
    ASSETS,
    CONDUCT,
    FINANCE,
    NO_DEADLINE,
    PRODUCTION,
    SLOTS,
)

SERVICES = registry.service_ids()
TECHNOLOGIES = registry.technology_ids()
CARRIERS = registry.carrier_ids()
SECTORS = registry.sector_ids()


def t(name):
    """Index of a technology."""
    return TECHNOLOGIES.index(name)


def u(name):
    """Index of a service."""
    return SERVICES.index(name)


@dataclass
class Town:
    """Enterprises that each have the same services, equipped alike."""

    production: np.ndarray
    finance: np.ndarray
    conduct: np.ndarray
    slots: np.ndarray
    slot_start: np.ndarray
    assets: np.ndarray
    n_assets: int
    technologies: np.ndarray
    params: np.ndarray
    levers: np.ndarray
    outlook: Outlook
    site: Site
    year: int = 2024
    quarter: int = 16

    @property
    def services(self):
        return registry.service_table()

    @property
    def firms(self):
        return Firms(self.production, self.finance, self.conduct)

    @property
    def equipment(self):
        factor = np.ones(self.technologies.size)
        first = self.technologies["available_year"].astype(float)
        return Equipment(
            self.slots, self.slot_start, self.assets, self.technologies, self.services, factor, first,
            self.technologies["is_immature"].astype(float),
        )  # fmt: skip

    def sells(self, technologies):
        """Put other technologies on the market; a table of technologies is never written in a run."""
        technologies.flags.writeable = False
        self.technologies = technologies

    def slot(self, firm, service):
        rows = np.arange(self.slot_start[firm], self.slot_start[firm + 1])
        return int(rows[self.slots["service"][rows] == u(service)][0])

    def equip(self, slot, technology, capacity, commissioned=0, dies=400, capex_cny=0.0):
        """Put an active asset at the head of the list of a slot."""
        row = self.n_assets
        asset = self.assets[row]
        asset["slot"], asset["technology"] = slot, technology
        asset["status"], asset["commissioned_quarter"], asset["dies_quarter"] = ACTIVE, commissioned, dies
        asset["capacity_unit_per_year"], asset["capex_cny"] = capacity, capex_cny
        asset["next_asset"] = self.slots["first_asset"][slot]
        self.slots["first_asset"][slot] = row
        self.slots["capacity_unit_per_year"][slot] += capacity
        self.slots["main_technology"][slot] = technology
        self.n_assets += 1
        return row


def far_away(n, technology_share=0.0, adopters_share=0.0):
    """Return peers of enterprises without neighbours: only the nation counts, with a share of each technology."""
    counts, found = np.zeros((1, len(SERVICES))), np.zeros((n, len(SERVICES)), np.uint16)
    adoption = Adoption(
        np.full(found.shape, NO_SLOT, np.int8), np.zeros((1, len(TECHNOLOGIES))), counts, counts.copy(), found,
        found.copy(), np.zeros((n, len(TECHNOLOGIES)), np.uint16), np.zeros(len(TECHNOLOGIES), bool),
    )  # fmt: skip
    national = np.broadcast_to(np.asarray(technology_share, float), len(TECHNOLOGIES)).copy()
    return Peers(np.zeros(n, np.int16), adoption, national, np.full(len(SERVICES), float(adopters_share)))


def make_town(n=1, services=("STEAM",), demand_unit=1000.0, sector="FOD", params=None, levers=None):
    """Return n enterprises of one sector; each makes 1e6 CNY a quarter and uses ``demand_unit`` of each service."""
    production, finance, conduct = allocate(PRODUCTION, n), allocate(FINANCE, n), allocate(CONDUCT, n)
    production["sector"], production["capacity_cny"] = SECTORS.index(sector), 2e6
    production["output_cny"] = production["orders_cny"] = production["expected_orders_cny"] = 1e6
    finance["is_alive"], finance["ownership"], finance["size_class"] = True, 1, 1
    finance["hurdle_rate_per_year"], finance["fixed_assets_cny"] = 0.15, 1e9
    conduct["capability"], conduct["roof_m2"] = 0.5, 20000.0
    slots = allocate(SLOTS, n * len(services))
    slots["enterprise"] = np.repeat(np.arange(n), len(services))
    slots["service"] = np.tile([u(s) for s in services], n)
    slots["host"], slots["first_asset"], slots["main_technology"], slots["pending_asset"] = -1, -1, -1, -1
    slots["deadline_quarter"], slots["unit_per_cny"] = NO_DEADLINE, demand_unit / 1e6
    slots["demand_unit"] = demand_unit
    table = registry.service_table()
    for row in range(slots.size):
        host = table["host"][slots["service"][row]]
        if host >= 0:
            first = slots["enterprise"][row] * len(services)
            slots["host"][row] = first + list(services).index(SERVICES[host])
        if table["kind"][slots["service"][row]] > 0:
            slots["demand_unit"][row] = slots["unit_per_cny"][row] = 0.0
    prices = np.array([33.0, 70.0, 64.0, 162.0, 188.0, 60.0, 8.0, 87.0, 0.0])
    scope1 = registry.carrier_table()["co2_t_per_gj"].copy()
    scope1[-2:] = 0.0
    process = np.zeros(len(SERVICES))
    process[u("CLINKER")] = 0.535
    outlook = Outlook(
        expected_cny_per_gj=np.array([prices, prices]), growth_per_year=np.zeros(prices.size),
        electricity_cny_per_mwh=np.full(n, 600.0), midday_cny_per_mwh=np.full(n, 620.0), scope1_tco2_per_gj=scope1,
        process_tco2_per_unit=process, carbon_cny_per_tco2=np.zeros(n),
        storage_value_cny_per_mwh_day=700.0, roof_yield_mwh_per_mw=850.0,
    )  # fmt: skip
    site = Site(np.ones(n, bool), np.ones(slots.size, bool), np.tile([2.0, 2.2, 1.0], (n, 1)))
    return Town(
        production, finance, conduct, slots, np.arange(n + 1) * len(services),
        allocate(ASSETS, 6 * slots.size + 4), 0, registry.technology_table(),
        registry.parameter_record(params), registry.lever_record(levers), outlook, site,
    )  # fmt: skip
