"""Everything one run works on: the state, the markets and institutions, what is read and what is remembered."""

import copy
import platform
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from transition_sim.core.clock import Clock
from transition_sim.core.streams import Streams
from transition_sim.scenarios import registry
from transition_sim.scenarios.scenario import Scenario
from transition_sim.version import __version__
from transition_sim.world.accounting.certificates import CertificateLedger
from transition_sim.world.accounting.money import Ledger
from transition_sim.world.city import City
from transition_sim.world.markets.credit import Banks
from transition_sim.world.policy.budget import GreenBudget
from transition_sim.world.power_system import PowerSystem
from transition_sim.world.recorder import Recorder
from transition_sim.world.reference import Reference
from transition_sim.world.state import State


@dataclass
class Demand:
    """Final demand of the sectors (SM01): base, growth, seasons and the state of its noise."""

    base_cny: np.ndarray
    growth: np.ndarray
    season: np.ndarray
    noise: np.ndarray
    final_cny: np.ndarray


@dataclass
class GreenPowerBook:
    """What the green-power market carries from quarter to quarter and what it gave this quarter."""

    seller_units: np.ndarray
    residual_tco2_per_mwh: float = 0.0
    traded_mwh: float = 0.0
    premium_cny_per_mwh: float = float("nan")
    certificate_cny_per_mwh: float = float("nan")


@dataclass
class QuarterNotes:
    """Sums of the quarter that several phases need and the recorder keeps."""

    queue_cny: float = 0.0
    rationed_cny: float = 0.0
    interest_subsidy_cny: float = 0.0
    support_cny: float = 0.0
    permit_cny_per_t: float = float("nan")
    defaults: int = 0
    decisions: int = 0
    orders: int = 0
    technology_orders: np.ndarray = field(default_factory=lambda: np.zeros(0))
    leaked_by_sector_cny: np.ndarray = field(default_factory=lambda: np.zeros(0))
    inventory: Any = None


@dataclass
class World:
    """One run in progress.

    Attributes
    ----------
    quarter : int
        Index of the quarter in progress; negative while spinning up.
    params, levers : structured arrays, shape (1,)
        Parameters of the run, and the value of every lever this quarter.
    lever_path : structured array, shape (n_quarters,)
    frozen : bool
        True while spinning up: nobody decides anything.
    """

    scenario: Scenario
    clock: Clock
    seed: int
    streams: Streams
    reference: Reference
    params: np.ndarray
    lever_path: np.ndarray
    state: State
    demand: Demand
    city: City
    power: PowerSystem
    banks: Banks
    budget: GreenBudget
    ledger: Ledger
    certificates: CertificateLedger
    green: GreenPowerBook
    recorder: Recorder
    labels: dict[str, Any]
    levers: np.ndarray
    local_share: np.ndarray
    rest_value_added_cny: np.ndarray
    green_fund_cny: float
    credibility: float
    quarter: int = 0
    frozen: bool = False
    notes: QuarterNotes = field(default_factory=QuarterNotes)
    deployment: np.ndarray = field(default_factory=lambda: np.zeros(0))
    start_deployment: np.ndarray = field(default_factory=lambda: np.zeros(0))
    scratch: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def decimal_year(self) -> float:
        return self.clock.decimal_year(self.quarter)

    def lever(self, key: str) -> float:
        """Value of a lever this quarter."""
        return float(self.levers[0][key])

    def parameter(self, key: str) -> float:
        return float(self.params[0][key])

    def uniforms(self, submodel: str, n_rows: int) -> np.ndarray:
        """Named uniforms of this quarter."""
        return self.streams.uniforms(submodel, self.quarter, n_rows)

    def copy(self) -> "World":
        """Return an independent world; what is only read is shared."""
        shared = {id(self.scenario): self.scenario, id(self.reference): self.reference, id(self.labels): self.labels}
        shared[id(self.state.graph)] = self.state.graph
        shared[id(self.city)] = self.city
        return copy.deepcopy(self, shared)

    def manifest(self) -> dict[str, Any]:
        """Return what is needed to repeat the run, and how much of it rests on weak figures."""
        return {
            "version": __version__,
            "place": self.scenario.place.id,
            "policy": self.scenario.policy_id,
            "scenario_hash": self.scenario.hash,
            "seed": self.seed,
            "population_seed": self.scenario.place.population_seed,
            "start_year": self.clock.start_year,
            "end_year": self.clock.end_year,
            "data_hash": registry.data_hash(),
            "low_confidence_share": registry.low_confidence_share(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "platform": platform.platform(),
        }
