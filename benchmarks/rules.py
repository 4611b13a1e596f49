"""A quarter of the compiled rules on a synthetic place: orders, services, accounting, choice."""

from copy import deepcopy

import numpy as np

from benchmarks.case import LOOK_SHARE, START_YEAR, Place
from transition_sim.agents.choice import CHOICES_DTYPE, decide_options
from transition_sim.agents.outlook import Equipment, Firms
from transition_sim.core.streams import Streams
from transition_sim.world.accounting.emissions import account_enterprises
from transition_sim.world.production import plan_output, receive_final_orders
from transition_sim.world.services import rows_of_kinds, use_energy
from transition_sim.world.state import MAX_OPTIONS, OPTIONS_DTYPE

CALORIFIC_TCE_PER_MWH = 0.1229


class CompiledQuarters:
    """The compiled rules at work on a place, quarter by quarter.

    Parameters
    ----------
    place : Place
        Copied unless ``owns`` says that it may be written.
    seed : int
        Of the draws.

    Attributes
    ----------
    rows, choices, options : ndarray
        Slots that looked in the last quarter, and what they saw and chose.
    """

    def __init__(self, place: Place, seed: int = 0, owns: bool = False):
        self.place = place if owns else deepcopy(place)
        self.streams = Streams(seed)
        self.quarter = 0
        place = self.place
        n_carriers, n_sectors = place.terms.carrier_cny_per_gj.size, place.local_input.shape[0]
        self.fuel_gj = np.zeros((place.n_enterprises, n_carriers))
        self.feedstock_gj = np.zeros_like(self.fuel_gj)
        self.kind_start = rows_of_kinds(place.slots, place.slot_start, place.rules)
        self.work_cny = np.empty((3, place.n_enterprises))
        self.leaked_cny = np.zeros(n_sectors)
        self.rows = np.zeros(0, np.int64)
        self.choices, self.options = np.zeros(0, CHOICES_DTYPE), np.zeros((0, MAX_OPTIONS), OPTIONS_DTYPE)
        self.room = np.empty((place.slots.size, MAX_OPTIONS), OPTIONS_DTYPE)
        self.firms = Firms(place.production, place.finance, place.conduct)
        self.equipment = Equipment(
            place.slots, place.slot_start, place.assets, place.technologies, place.services, place.capex_factor,
            place.first_year, place.immaturity,
        )  # fmt: skip

    def order(self) -> None:
        """Hand out final demand, pass orders up the chain and fill them."""
        place, chain = self.place, self.place.graph
        receive_final_orders(place.production, place.finance, place.final_demand_of(self.quarter), self.leaked_cny)
        p = place.params
        plan_output(
            place.production, place.finance, place.sector, chain.buyer_start, chain.buyer, place.buyer_input,
            float(p["utilisation_max_share"][0]), int(p["order_sweeps"][0]), self.work_cny, self.leaked_cny,
        )  # fmt: skip

    def use(self) -> None:
        """Turn output into services, fuels and electricity."""
        place = self.place
        use_energy(
            place.production, place.conduct, place.energy, place.slots, self.kind_start, place.assets,
            place.technologies, place.rules, place.terms, place.process, 0.25 * self.quarter, self.fuel_gj,
            self.feedstock_gj,
        )  # fmt: skip

    def account(self) -> None:
        """Count scopes and coal equivalents."""
        place = self.place
        account_enterprises(
            place.energy, self.fuel_gj, self.feedstock_gj, place.terms.carrier_tco2_per_gj, place.grid_tco2_per_mwh,
            CALORIFIC_TCE_PER_MWH, place.coal_equivalent_tce_per_mwh,
        )  # fmt: skip

    def decide(self) -> None:
        """Let the slots that look see their options and choose."""
        place, n_slots = self.place, self.place.slots.size
        self.rows = np.flatnonzero(self.streams.uniforms("look", self.quarter, n_slots) < LOOK_SHARE)
        self.choices, self.options = decide_options(
            self.rows, self.firms, self.equipment, place.outlook, place.site, place.peers, place.params,
            place.levers, self.quarter, START_YEAR + self.quarter // 4,
            self.streams.uniforms_at("choice", self.quarter, self.rows),
            (np.zeros(self.rows.size, CHOICES_DTYPE), self.room),
        )  # fmt: skip

    def step(self) -> None:
        """Run one quarter."""
        self.order()
        self.use()
        self.account()
        self.decide()
        self.quarter += 1
