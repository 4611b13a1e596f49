"""The records of the tables: one dataclass a table, one annotated field a column."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, ClassVar

from transition_sim.scenarios.table_reader import (
    Chinese,
    Confidence,
    Free,
    Grade,
    Lag,
    Life,
    Number,
    OptionalWord,
    Switch,
    Text,
    Whole,
    Word,
    Words,
    one_of,
    some_of,
)

GOVERNMENTS = ("park", "city", "province", "nation")
SERVICE_KINDS = ("service", "measure", "generation", "storage")
TECHNOLOGY_KINDS = ("converter", "measure", "generation", "storage")
NOT_FOR_SALE = 9999
"""``available_year`` of equipment that nobody can buy any more: what stands of it in the base year ages away."""
Ranges = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Lever:
    """What policy can set; ``neutral`` is the lever absent, ``default`` the setting of specification 3.5, ``who`` the
    levels of government that may pull it; ``acts`` is False where it is listed but moves nothing.
    """

    id: Word
    key: Word
    name_en: Text
    name_zh: Chinese
    help_en: Text
    help_zh: Chinese
    unit: Text
    kind: Annotated[str, one_of("number", "switch")]
    neutral: Number
    default: Number
    low: Number
    high: Number
    who: Annotated[tuple[str, ...], some_of(*GOVERNMENTS)]
    submodels: Words
    acts: Switch
    order: Whole
    grade: Grade
    source: Text
    confidence: Confidence
    RANGES: ClassVar[Ranges] = (("low", "neutral", "high"), ("low", "default", "high"))


@dataclass(frozen=True)
class Indicator:
    """What is watched.

    ``column`` is its name in the place results, ``a/b`` for a ratio of two columns; empty where it stands in another
    table or is not computed (``acts`` False).
    """

    id: Word
    key: Word
    name_en: Text
    name_zh: Chinese
    help_en: Text
    help_zh: Chinese
    unit: Text
    good_direction: Annotated[str, one_of("up", "down", "none")]
    acts: Switch
    column: Free
    grade: Grade
    source: Text
    confidence: Confidence

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the place results that the indicator is read from."""
        return tuple(self.column.split("/")) if self.column else ()


@dataclass(frozen=True)
class Parameter:
    """A number that nobody sets; low and high are the range of the sensitivity set."""

    key: Word
    name_en: Text
    name_zh: Chinese
    value: Number
    low: Number
    high: Number
    unit: Text
    submodel: Word
    help_en: Text
    help_zh: Chinese
    grade: Grade
    source: Text
    confidence: Confidence
    RANGES: ClassVar[Ranges] = (("low", "value", "high"),)


@dataclass(frozen=True)
class Channel:
    """A way in which a shock reaches the model.

    ``combines`` says what several effects on a channel do: their values multiply, or one replaces what is there and
    a second is refused. ``step`` is the shortest time in which the value can change; ``of`` is what an effect can be
    limited to; ``applied_in`` the module that reads the channel.
    """

    key: Word
    name_en: Text
    name_zh: Chinese
    help_en: Text
    help_zh: Chinese
    unit: Text
    neutral: Number
    low: Number
    high: Number
    combines: Annotated[str, one_of("multiplies", "replaces")]
    step: Annotated[str, one_of("month", "quarter")]
    of: Annotated[str, one_of("all", "carrier", "sector", "group", "lever")]
    submodel: Word
    applied_in: Text
    grade: Grade
    source: Text
    confidence: Confidence
    RANGES: ClassVar[Ranges] = (("low", "neutral", "high"),)


@dataclass(frozen=True)
class ControlIndicator:
    """What a government is assessed by: a ratio of two columns of the place results, or one column.

    ``over`` may add columns up: ``dual_control_tco2-enterprise_scope1_tco2+reported_tco2`` is CO2 with the direct
    emissions that enterprises report.

    ``measures`` is the measure of the scoreboard whose targets make its target line; ``form`` says how a target reads:
    a ``change`` against the base year, a ``level``, or a ``growth`` a year; ``scale`` turns the number of the target
    into a share; ``quota_lever`` is a lever that makes a target line of its own.
    """

    key: Word
    name_en: Text
    name_zh: Chinese
    unit: Text
    measures: Word
    over: Text
    under: OptionalWord
    form: Annotated[str, one_of("change", "level", "growth")]
    scale: Number
    sense: Annotated[str, one_of("at_most", "at_least")]
    weight: Number
    quota_lever: OptionalWord
    grade: Grade
    source: Text
    confidence: Confidence

    @cached_property
    def terms(self) -> tuple[tuple[float, str], ...]:
        """Sign and name of each column that ``over`` adds up."""
        found = re.findall(r"([+-]?)([a-z0-9_]+)", self.over)
        return tuple((-1.0 if sign == "-" else 1.0, name) for sign, name in found)


@dataclass(frozen=True)
class Instrument:
    """How a lever answers a gap: ``response`` a unit of effort and gap, at most ``largest`` in the lever's unit."""

    lever: Word
    indicator: Word
    response: Number
    largest: Number
    name_en: Text
    name_zh: Chinese
    grade: Grade
    source: Text
    confidence: Confidence


@dataclass(frozen=True)
class Carrier:
    """An energy carrier: emission factor, calorific value, base price. Electricity is priced by tariffs."""

    id: Word
    name_en: Text
    name_zh: Chinese
    unit: Text
    co2_t_per_gj: Number
    tce_per_gj: Number
    price_cny_per_gj: Number
    price_low: Number
    price_high: Number
    is_fossil: Switch
    is_electric: Switch
    grade: Grade
    source: Text
    confidence: Confidence
    RANGES: ClassVar[Ranges] = (("price_low", "price_cny_per_gj", "price_high"),)


@dataclass(frozen=True)
class Service:
    """An energy service, or a measure on a ``host``, with its elasticity; ``is_heat``: given by kilns and boilers."""

    id: Word
    name_en: Text
    name_zh: Chinese
    unit: Text
    kind: Annotated[str, one_of(*SERVICE_KINDS)]
    is_heat: Switch
    host: Free
    elasticity: Number
    elasticity_low: Number
    elasticity_high: Number
    grade: Grade
    source: Text
    confidence: Confidence
    RANGES: ClassVar[Ranges] = (("elasticity_low", "elasticity", "elasticity_high"),)


@dataclass(frozen=True)
class Sector:
    """A sector of enterprises: growth, seasons, prices, load shape, process CO2."""

    id: Word
    name_en: Text
    name_zh: Chinese
    growth_2021_2025_percent: Number
    growth_2026_2030_percent: Number
    growth_2031_2035_percent: Number
    demand_elasticity: Number
    pass_through: Number
    season_q1: Number
    season_q2: Number
    season_q3: Number
    season_q4: Number
    load_shape: Word
    service_process_tco2_per_10k_cny: Number
    is_two_high: Switch
    is_local_market: Switch
    is_industry: Switch
    is_green_industry: Switch
    export_share: Number
    io_row: Text
    roof_m2_per_10k_cny: Number
    clinker_t_per_10k_cny: Number
    specialised_assets: Switch
    shed_priority: Whole
    grade: Grade
    source: Text
    confidence: Confidence


@dataclass(frozen=True)
class SectorEnergy:
    """Base-year final energy of a sector by service, technology and carrier, GJ per 10k CNY of output."""

    sector: Word
    service: Word
    technology: Word
    carrier: Word
    final_gj_per_10k_cny: Number
    grade: Grade
    source: Text
    confidence: Confidence


@dataclass(frozen=True)
class Technology:
    """Equipment for a service: cost, energy, life, learning, limits; measures multiply the energy of their host.

    A unit is a unit of the service per year of capacity (t, GJ), MW for generation, MWh for storage.
    """

    id: Word
    name_en: Text
    name_zh: Chinese
    service: Word
    kind: Annotated[str, one_of(*TECHNOLOGY_KINDS)]
    carrier: Free
    capex_cny_per_unit: Number
    om_share_per_year: Number
    fuel_gj_per_unit: Number
    elec_gj_per_unit: Number
    life_years: Life
    learning_share: Number
    learning_group: Free
    min_capability: Number
    available_year: Whole
    lag_quarters: Lag
    is_green: Switch
    is_immature: Number
    disrupt: Number
    max_demand_share: Number
    host_fuel_factor: Number
    host_elec_factor: Number
    host_process_factor: Number
    capture_share: Number
    fuel_switch_share: Number
    own_elec_gj_per_unit: Number
    needs_gas: Switch
    needs_permit: Switch
    is_coal_boiler_small: Switch
    is_stock: Switch
    contract_years: Number
    capex_low: Number
    capex_high: Number
    capex_note: Text
    grade: Grade
    source: Text
    confidence: Confidence
    RANGES: ClassVar[Ranges] = (("capex_low", "capex_cny_per_unit", "capex_high"),)


@dataclass(frozen=True)
class TechnologySectors:
    """Sectors that can use a technology: ids with semicolons, or ``*`` for all."""

    technology: Word
    sectors: Text
    grade: Grade
    source: Text
    confidence: Confidence


@dataclass(frozen=True)
class ShapeWeight:
    """Share of a day's energy in a three-hour block, by load shape and kind of day."""

    shape: Word
    day: Annotated[str, one_of("typical", "extreme")]
    block: Whole
    weight: Number
    grade: Grade
    source: Text
    confidence: Confidence


@dataclass(frozen=True)
class ProfileFactor:
    """Capacity factor of a renewable by month and three-hour block; block -1 stands for the whole day."""

    kind: Word
    month: Whole
    block: Whole
    capacity_factor: Number
    grade: Grade
    source: Text
    confidence: Confidence


@dataclass(frozen=True)
class InputCoefficient:
    """Input of a sector per CNY of output of another: from anywhere, and of domestic origin."""

    from_sector: Word
    to_sector: Word
    coef_total: Number
    coef_domestic: Number
    grade: Grade
    source: Text
    confidence: Confidence


@dataclass(frozen=True)
class OtherInputs:
    """What else a CNY of output takes: other goods, energy, wages, taxes on production, surplus."""

    sector: Word
    other_inputs_share: Number
    energy_share: Number
    wages_share: Number
    taxes_share: Number
    surplus_share: Number
    grade: Grade
    source: Text
    confidence: Confidence


@dataclass(frozen=True)
class CarbonRule:
    """A rule or observation of the national carbon market that holds from a year on: coverage, benchmarks, prices."""

    item: Annotated[str, one_of("first_year", "benchmark_supplied", "benchmark_generated", "price")]
    subject: Word
    year: Whole
    value: Number
    unit: Text
    source: Text
    grade: Grade
    confidence: Confidence
