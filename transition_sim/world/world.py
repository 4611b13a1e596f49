"""Everything one run works on: the state, the markets and institutions, what is read and what is remembered."""

import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from transition_sim.core.clock import Clock
from transition_sim.core.streams import Streams
from transition_sim.core.tables import copied
from transition_sim.scenarios import registry
from transition_sim.scenarios.scenario import Scenario
from transition_sim.world.accounting.certificates import CertificateLedger
from transition_sim.world.accounting.money import Ledger
from transition_sim.world.adoption import Adoption
from transition_sim.world.city.city import City
from transition_sim.world.constants import Constants
from transition_sim.world.elsewhere import Elsewhere
from transition_sim.world.experience import Research
from transition_sim.world.markets.banks import Banks
from transition_sim.world.markets.capacity_permits import PermitBook
from transition_sim.world.markets.carbon import CarbonMarket
from transition_sim.world.markets.energy_rights import EnergyRights
from transition_sim.world.markets.energy_service import EnergyService
from transition_sim.world.markets.green_orders import Contracts
from transition_sim.world.outside import Outside
from transition_sim.world.policy.budget import GreenBudget
from transition_sim.world.policy.calendar import PolicyCalendar
from transition_sim.world.policy.control import Control
from transition_sim.world.power_system import PowerSystem
from transition_sim.world.recorder import Recorder
from transition_sim.world.reference import Reference
from transition_sim.world.state import MAX_OPTIONS, OPTIONS_DTYPE, State
from transition_sim.world.symbiosis.pairs import Symbiosis

_HELD_BACK = [list(registry.levers()).index(key) for key in registry.ON_OCCASION]
"""Columns of the levers that are read on occasion."""


@dataclass
class Demand:
    """Final demand of the sectors (SM01): mean quarter of the base year, its growth by quarter of the run, and noise.

    Attributes
    ----------
    base_cny, noise, final_cny : ndarray, shape (S,)
    growth : ndarray, shape (n_quarters, S)
    leaked_cny : ndarray, shape (S,)
        Orders of the quarter that went to the rest of the world.
    """

    base_cny: np.ndarray
    growth: np.ndarray
    noise: np.ndarray
    final_cny: np.ndarray
    leaked_cny: np.ndarray


@dataclass
class Tariffs:
    """What enterprises pay and expect to pay for power.

    Attributes
    ----------
    slice_cny_per_mwh : ndarray, shape (3, 2, 8)
        Tariff of the quarter at medium voltage, before surcharges.
    shape_cny_per_mwh : ndarray, shape (4, K)
        Mean tariff of the last four quarters by load shape, medium voltage, one row a quarter of the year.
    midday_cny_per_mwh, storage_cny_per_mwh_day : ndarray, shape (4,)
        Tariff that roof PV avoids, and earning of storage, of the last four quarters.
    expected_cny_per_mwh : ndarray, shape (N,)
        Smoothed mean tariff with surcharges.
    is_restricted, is_eliminated : ndarray of bool, shape (N,)
    excess_over_quota_share : ndarray, shape (N,)
    household_cny_per_mwh : float
    """

    slice_cny_per_mwh: np.ndarray
    shape_cny_per_mwh: np.ndarray
    midday_cny_per_mwh: np.ndarray
    storage_cny_per_mwh_day: np.ndarray
    expected_cny_per_mwh: np.ndarray
    is_restricted: np.ndarray
    is_eliminated: np.ndarray
    excess_over_quota_share: np.ndarray
    household_cny_per_mwh: float = 0.0


@dataclass
class GreenPowerBook:
    """What the green-power market carries from quarter to quarter and what it gave this quarter."""

    contracts: Contracts
    reference_cny_per_mwh: float = float("nan")
    residual_tco2_per_mwh: float = 0.0
    traded_mwh: float = 0.0
    claimed_mwh: float = 0.0
    premium_cny_per_mwh: float = float("nan")
    certificate_cny_per_mwh: float = float("nan")
    unit_mwh: np.ndarray = field(default_factory=lambda: np.zeros(0))


@dataclass
class Reporting:
    """Reports of enterprises (SM24).

    Attributes
    ----------
    errors : ndarray, shape (N,)
        Normal draw of the year: what reports are off by beyond default factors.
    reported_tco2 : float
        Direct emissions reported this quarter.
    disclosing_share : float
        Of enterprises, this year.
    """

    errors: np.ndarray
    reported_tco2: float = 0.0
    disclosing_share: float = 0.0


@dataclass
class Plans:
    """What enterprises have in mind between quarters.

    Attributes
    ----------
    growth_capacity_cny : ndarray, shape (N,)
        Capacity that is wanted beyond the present one and not yet financed, CNY/quarter; 0: none.
    growth_cost_cny : ndarray, shape (N,)
        What the addition costs.
    roof_pv_mw, storage_mwh : ndarray, shape (N,)
    feedstock_gj : ndarray, shape (N, C)
        Fuel used as raw material this quarter.
    final_sales_cny : ndarray, shape (N,)
        Sold to final buyers this quarter, base-year prices.
    idle_quarters : ndarray, shape (N,)
        Since the kilns last ran.
    ran_days : ndarray, shape (N, 4)
        Days on which the kilns ran in each of the last four quarters.
    midday_cny_per_mwh : ndarray, shape (N,)
        Tariff that roof PV avoids.
    loads_mw : ndarray, shape (N, 3)
        Midday, peak and valley load on a typical day.
    has_gas : ndarray of bool, shape (N,)
        A gas pipe is near: everywhere [A].
    has_permit : ndarray of bool, shape (n_slots,)
        A line that needs a capacity permit could have one.
    options : ndarray of ``OPTIONS_DTYPE``, shape (rows, MAX_OPTIONS)
        Work space for those who look.
    listed, first : ndarray of ``OPTIONS_DTYPE`` and of int, shape (rows * MAX_OPTIONS,) and (rows,)
        Work space for the options that were seen.
    """

    growth_capacity_cny: np.ndarray
    growth_cost_cny: np.ndarray
    roof_pv_mw: np.ndarray
    storage_mwh: np.ndarray
    feedstock_gj: np.ndarray
    final_sales_cny: np.ndarray
    idle_quarters: np.ndarray
    ran_days: np.ndarray
    midday_cny_per_mwh: np.ndarray
    loads_mw: np.ndarray
    has_gas: np.ndarray
    has_permit: np.ndarray
    options: np.ndarray
    listed: np.ndarray = field(default_factory=lambda: np.zeros(0, OPTIONS_DTYPE))
    first: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def room_for_seen(self, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Return work space for options one behind the other, and for the place of the first of each slot."""
        if n_rows > self.first.size:
            self.listed = np.zeros(2 * n_rows * MAX_OPTIONS, OPTIONS_DTYPE)
            self.first = np.zeros(2 * n_rows, np.int64)
        return self.listed, self.first[:n_rows]

    def room_for_options(self, n_rows: int) -> np.ndarray:
        """Return work space for the options of so many slots."""
        if n_rows > self.options.shape[0]:
            self.options = np.zeros((2 * n_rows, MAX_OPTIONS), OPTIONS_DTYPE)
        return self.options


@dataclass
class QuarterNotes:
    """Sums of the quarter that several phases need and the recorder keeps."""

    queue_cny: float = 0.0
    rationed_cny: float = 0.0
    support_cny: float = 0.0
    recycled_cny: float = 0.0
    rewards_cny: float = 0.0
    city_mwh: float = 0.0
    plant_carbon_cny: float = 0.0
    auction_cny: float = 0.0
    audits: int = 0
    permit_cny_per_t: float = float("nan")
    permit_t: float = 0.0
    defaults: int = 0
    decisions: int = 0
    orders: int = 0
    technology_orders: np.ndarray = field(default_factory=lambda: np.zeros(0))
    goods: np.ndarray = field(default_factory=lambda: np.zeros(6))
    inventory: Any = None
    overdrafts_cny: np.ndarray = field(default_factory=lambda: np.zeros(0))
    opening_cny: dict[str, float] = field(default_factory=dict)
    flows: Any = None
    energy: Any = None
    fuel_gj: np.ndarray = field(default_factory=lambda: np.zeros(0))


@dataclass
class World:
    """One run in progress.

    Attributes
    ----------
    quarter : int
        Index of the quarter in progress; negative while spinning up.
    params, levers : structured arrays, shape (1,)
        Parameters of the run, and the value of every lever this quarter; nan of those ``registry.ON_OCCASION``, unless
        rules of other packages have a part in the run.
    lever_path : structured array, shape (n_quarters,)
    frozen : bool
        True while spinning up: nobody decides anything.
    first_read : dict of str to int
        Quarter in which each lever ``ON_OCCASION`` was read for the first time.
    rest_value_added_cny, province_level : ndarray, shape (n_quarters,)
        Value added outside the enterprises, and load of the province relative to the base year.
    additions : ndarray, shape (n_technologies,)
        Capacity commissioned in the place since the start, for experience (SM17).
    elsewhere : Elsewhere
        What other members of a portfolio do and show.
    adoption : Adoption
        Who uses what, followed as equipment comes and goes.
    research : Research
        What research and demonstration have reached.
    sector_limit_share : ndarray, shape (B, S)
        Highest share of each sector in the book of each bank.
    recycled_cny : float
        Carbon and surcharge income of the last quarter, not yet in the budget.
    base_year : list of dict
        Rows of the place table of the spin-up.
    """

    scenario: Scenario
    clock: Clock
    seed: int
    streams: Streams
    reference: Reference
    constants: Constants
    params: np.ndarray
    lever_path: np.ndarray
    calendar: PolicyCalendar
    levers: np.ndarray
    state: State
    demand: Demand
    tariffs: Tariffs
    plans: Plans
    city: City
    symbiosis: Symbiosis
    power: PowerSystem
    banks: Banks
    budget: GreenBudget
    permits: PermitBook
    carbon: CarbonMarket
    energy_service: EnergyService
    reporting: Reporting
    ledger: Ledger
    certificates: CertificateLedger
    green: GreenPowerBook
    recorder: Recorder
    labels: dict[str, Any]
    rest_value_added_cny: np.ndarray
    province_level: np.ndarray
    green_fund_cny: float
    credibility: float
    sector_limit_share: np.ndarray
    start_deployment: np.ndarray
    additions: np.ndarray
    elsewhere: Elsewhere
    adoption: Adoption
    research: Research
    quarter: int = 0
    frozen: bool = False
    first_read: dict[str, int] = field(default_factory=dict)
    recycled_cny: float = 0.0
    notes: QuarterNotes = field(default_factory=QuarterNotes)
    base_year: list[dict[str, float]] = field(default_factory=list)
    outside: Outside = field(default_factory=Outside)
    control: Control = field(default_factory=Control)
    energy_rights: EnergyRights = field(default_factory=EnergyRights)

    @property
    def decimal_year(self) -> float:
        """Calendar time of the start of the quarter; the start of the run while spinning up."""
        return self.clock.decimal_year(max(0, self.quarter))

    @property
    def quarter_of_year(self) -> int:
        """0 for January-March ... 3 for October-December."""
        return self.quarter % 4

    @property
    def label(self) -> str:
        """Such as ``2027Q3``."""
        return self.clock.label(self.quarter)

    def lever(self, key: str) -> float:
        """Value of a lever this quarter; the first reading of one ``ON_OCCASION`` is noted."""
        value = self.levers[key].item()
        return value if value == value else self._asked(key)

    def set_levers(self) -> None:
        """Put the levers of the quarter in force; while spinning up, none."""
        if self.frozen:
            self.levers = registry.lever_record()
            return
        now = self.lever_path[self.quarter : self.quarter + 1]
        if self.scenario.extensions:
            self.first_read |= dict.fromkeys(registry.ON_OCCASION, 0)
        else:
            values = now.view(np.float64).copy()
            values[_HELD_BACK] = np.nan
            now = np.frombuffer(values, now.dtype)
        self.levers = now

    def lever_values(self) -> dict[str, float]:
        """Return the value of every lever this quarter, for those who look on: no reading is noted."""
        values = dict(zip(self.levers.dtype.names or (), self.levers[0].item(), strict=True))
        held_back = (key for key, value in values.items() if value != value)
        return values | {key: self._held_back(key) for key in held_back}

    def _asked(self, key: str) -> float:
        """Return the value of a lever that rules are not given, and note that it was read."""
        self.first_read.setdefault(key, self.quarter)
        return self._held_back(key)

    def _held_back(self, key: str) -> float:
        """Return the value of a lever that rules are not given; of the last quarter once that is over."""
        return self.lever_path[key].item(min(self.quarter, self.lever_path.size - 1))

    def parameter(self, key: str) -> float:
        """Value of a parameter of the run; as a plain number it costs a third of ``params[0][key]``."""
        return self.params[key].item()

    def uniforms(self, submodel: str, n_rows: int) -> np.ndarray:
        """Named uniforms of this quarter."""
        return self.streams.uniforms(submodel, self.quarter, n_rows)

    def uniforms_of(self, submodel: str, rows: np.ndarray, n_rows: int) -> np.ndarray:
        """Named uniforms of some rows of this quarter; the other places of the array are not a number."""
        numbers = np.full(n_rows, np.nan)
        numbers[rows] = self.streams.uniforms_at(submodel, self.quarter, rows)
        return numbers

    def copy(self) -> "World":
        """Return an independent world; what is only read is shared."""
        read_only = (
            self.scenario, self.clock, self.streams, self.reference, self.constants, self.lever_path,
            self.calendar, self.state.graph, *self.city.read_only(), self.labels, self.base_year, self.start_deployment,
            self.rest_value_added_cny, self.province_level,
        )  # fmt: skip
        state, plans, symbiosis = self.state, self.plans, self.symbiosis
        large = state.slots, state.assets, plans.options, plans.listed, symbiosis.pairs, symbiosis.ends
        known = {id(part): part for part in read_only} | {id(table): copied(table) for table in large}
        known |= {id(noted): list(noted) for noted in self.recorder.lists()}
        return copy.deepcopy(self, known)
