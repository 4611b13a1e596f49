"""The shape of what is asked: places, policies, overlays. Units are declared here and nowhere else.

Every specification is strict and frozen: unknown keys are refused, numbers are finite, lists are bounded.
A quantity is a number in the declared unit, text such as ``"2400 MW"`` or ``"14 千吨/日"``, or a mapping with its
source and confidence: ``{value: 2400 MW, source: profile, confidence: high, low: ..., high: ...}``.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from transition_sim.core.provenance import content_hash
from transition_sim.core.units import Quantity, Unit

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
Text = Annotated[str, StringConstraints(max_length=600)]
Number = Annotated[float, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
Point = tuple[Whole, Number]
"""(year, value)."""
Points = Annotated[list[Point], Field(min_length=1, max_length=60)]


class Strict(BaseModel):
    """Frozen, no unknown keys, no inf or nan."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True, str_max_length=2000
    )


class Name(Strict):
    en: Text
    zh: Text


class County(Strict):
    id: Id
    name: Name
    population: Annotated[Quantity, Unit("person")]
    gdp: Annotated[Quantity, Unit("CNY")]
    """Gross domestic product of a year near the base year; used as weights only."""
    high_reliability_from: Annotated[Whole, Field(ge=2000, le=2100)] | None = None
    """First year of a supply zone of high reliability: who pays the premium and holds storage is cut off last."""


class SectorTotal(Strict):
    """One sector of enterprises in the base year."""

    sector: Id
    output: Annotated[Quantity, Unit("CNY/yr")]
    firms: Annotated[Whole, Field(ge=1, le=1_000_000)]
    counties: dict[Id, Annotated[Number, Field(ge=0)]] = {}
    """Weights of the counties; empty: by GDP."""
    export_share: Annotated[Number, Field(ge=0, le=1)] | None = None


class Anchor(Strict):
    """A named enterprise that overrides the synthetic population."""

    id: Id
    name: Name
    sector: Id
    county: Id
    output: Annotated[Quantity, Unit("CNY/yr")] | None = None
    clinker_capacity: Annotated[Quantity, Unit("t/yr")] | None = None
    """Permitted clinker capacity (365 days), for cement works."""
    commissioned: Annotated[Whole, Field(ge=1950, le=2100)] | None = None
    ownership: Literal["soe", "private", "foreign"] = "private"
    note: Text = ""


class CarrierBalance(Strict):
    """Base-year energy of one carrier: what enterprises use is matched by iterative proportional fitting."""

    carrier: Id
    enterprises: Annotated[Quantity, Unit("GJ/yr")]
    """Used as energy; feedstock is not part of it. Electricity is what enterprises buy."""
    feedstock: Annotated[Quantity, Unit("GJ/yr")] = Quantity(0.0)
    """Comes on top of ``enterprises``: counted as energy, not burnt."""


class CitySector(Strict):
    """A sector without enterprises of its own (transport, buildings, farming ...): energy by carrier and its trend.

    What ``model`` names is worked out from the stocks under ``city``: its base year then meets ``energy``, and growth
    is that of the vehicle-kilometres or of the farm work; buildings follow people and floor area instead.
    """

    id: Id
    name: Name
    energy: dict[Id, Annotated[Quantity, Unit("GJ/yr")]]
    growth_percent_per_year: Points
    """(year, %/yr), linear between, flat outside."""
    electrification_share_per_year: Annotated[Number, Field(ge=0, le=0.2)] = 0.0
    """Share of the remaining fuel use that moves to electricity each year (useful energy kept)."""
    model: Literal["trend", "transport", "urban_buildings", "rural_buildings", "farming"] = "trend"


Share = Annotated[Quantity, Unit("share", 0.0, 1.0)]


class FleetStock(Strict):
    """Vehicles of a kind (a row of the table of fleets) in the base year."""

    fleet: Id
    vehicles: Annotated[Quantity, Unit("vehicle", 1.0)]
    electric_share: Share = Quantity(0.0)
    gas_share: Share = Quantity(0.0)


class BuildingStock(Strict):
    """Floor of a kind (a row of the table of buildings) in the base year."""

    kind: Id
    area: Annotated[Quantity, Unit("m2", 1.0)]
    electricity: Annotated[Quantity, Unit("GJ/yr")] | None = None
    """Where it is known; what is left of the sector's electricity is spread by floor and intensity."""


class Waste(Strict):
    """What became of the household waste of towns in the base year; the rest went to landfill."""

    incinerated_share: Share
    recycled_share: Share
    sorted_share: Share
    """People covered by sorting."""


class Land(Strict):
    """Land that takes up carbon."""

    area: Annotated[Quantity, Unit("ha", 1.0)]
    forest: Annotated[Quantity, Unit("ha")]
    karst_share: Share
    """Of the forest."""
    farmland: Annotated[Quantity, Unit("ha")]
    forest_stock: Annotated[Quantity, Unit("m3")]
    fertiliser: Annotated[Quantity, Unit("t/yr")]
    """Nitrogen."""


class City(Strict):
    """People, vehicles, buildings, waste and land of a place in the base year."""

    population: Annotated[Quantity, Unit("person", 1.0)]
    population_growth_percent: Points
    urban_percent: Points
    """(year, %) of the people who live in towns."""
    vehicles: Annotated[list[FleetStock], Field(min_length=1, max_length=40)]
    charging_points: Annotated[Quantity, Unit("point")]
    """Open to the public."""
    buildings: Annotated[list[BuildingStock], Field(min_length=1, max_length=20)]
    waste: Waste
    land: Land


class PowerUnit(Strict):
    """A generating block, in the place or in the province."""

    id: Id
    name: Name
    kind: Literal["coal", "gas", "hydro", "pv", "wind", "biomass", "nuclear"]
    node: Literal["place", "province"]
    capacity: Annotated[Quantity, Unit("MW")]
    unit_size: Annotated[Quantity, Unit("MW")] | None = None
    """Of one of several machines: decides the benchmark of the carbon market. Left out: the block is one machine."""
    county: Id | None = None
    commissioned: Annotated[Whole, Field(ge=1950, le=2100)] = 2005
    heat_rate: Annotated[Quantity, Unit("GJ/MWh")] | None = None
    annual_growth_percent: Number = 0.0
    """Growth of capacity in the province; 0 for single plants."""
    availability: Annotated[Number, Field(gt=0, le=1)] = 0.9
    legacy_feed_in_share: Annotated[Number, Field(ge=0, le=1)] = 0.0
    """Share of output under legacy purchase, closed to green-power trading."""


class Power(Strict):
    units: Annotated[list[PowerUnit], Field(min_length=1, max_length=60)]
    import_limit: Points
    """(year, MW) of the substations into the place, stepwise."""
    province_load: Annotated[Quantity, Unit("MWh/yr")]
    province_load_growth_percent: Points
    export: Annotated[Quantity, Unit("MWh/yr")]
    """Contracted export of the province, wet-season weighted."""
    loss_share: Annotated[Number, Field(ge=0, lt=0.5)] = 0.06
    province_factor: Annotated[Quantity, Unit("tCO2/MWh")]
    """Published provincial factor of the base year (location-based scope 2)."""
    national_factor: Annotated[Quantity, Unit("tCO2/MWh")]
    roof_pv_yield: Annotated[Quantity, Unit("MWh/MW/yr")]


class Bank(Strict):
    id: Id
    name: Name
    market_share: Annotated[Number, Field(gt=0, le=1)]
    capital_ratio: Annotated[Number, Field(gt=0, lt=1)] = 0.125


class Finance(Strict):
    banks: Annotated[list[Bank], Field(min_length=1, max_length=12)]
    green_fund: Annotated[Quantity, Unit("CNY")] = Quantity(0.0)


class Public(Strict):
    """City government: what it can spend."""

    fiscal_revenue: Annotated[Quantity, Unit("CNY/yr")]
    revenue_growth_percent: Number = 4.0
    transfers: Annotated[Quantity, Unit("CNY/yr")] = Quantity(0.0)
    queue: Literal["first_come", "cost_per_tonne", "lottery"] = "first_come"


class Economy(Strict):
    gdp: Annotated[Quantity, Unit("CNY/yr")]
    rest_growth_percent: Points
    """Growth of the value added outside the modelled enterprises."""


class Gate(Strict):
    """The base-year balance gate: the run refuses to start when a total is missed."""

    co2: Annotated[Quantity, Unit("tCO2/yr")]
    co2_tolerance_percent: Annotated[Number, Field(gt=0, le=50)] = 5.0
    energy: Annotated[Quantity, Unit("tce/yr")]
    energy_tolerance_percent: Annotated[Number, Field(gt=0, le=50)] = 5.0
    electricity: Annotated[Quantity, Unit("MWh/yr")]
    electricity_tolerance_percent: Annotated[Number, Field(gt=0, le=50)] = 5.0


class Zone(Strict):
    """A park as an administrative zone: what the conditions of the zero-carbon park ask. Null: not known."""

    level: Literal["national", "provincial", "below"] | None = None
    has_clear_boundary: Annotated[bool, Field(strict=True)] | None = None
    accident_years: Annotated[list[Whole], Field(max_length=50)] = []
    """Years with a major accident of safety or environment, before the run."""
    zero_carbon_park_from: Annotated[Whole, Field(ge=2000, le=2100)] | None = None
    """First year in which the park is a zero-carbon park or builds one: enterprises then pay more for green power."""
    source: Id | None = None
    note: Text = ""


class PlaceSpec(Strict):
    """A park, county or city: what is known of it, from where, and how sure; or a portfolio of them."""

    format: Literal["place/1"]
    id: Id
    name: Name
    kind: Literal["park", "county", "city", "portfolio"]
    base_year: Annotated[Whole, Field(ge=2000, le=2050)] = 2020
    population_seed: Annotated[Whole, Field(ge=0, le=2**31)] = 1
    """Seed of the synthetic population; the seed of a run does not change the firms."""
    description: Name
    sources: Annotated[dict[Id, Text], Field(max_length=200)] = {}
    """Short name -> where the figure stands."""
    zone: Zone = Zone()
    counties: Annotated[list[County], Field(min_length=1, max_length=50)]
    economy: Economy
    sectors: Annotated[list[SectorTotal], Field(min_length=1, max_length=40)]
    anchors: Annotated[list[Anchor], Field(max_length=200)] = []
    energy_balance: Annotated[list[CarrierBalance], Field(min_length=1, max_length=20)]
    city_sectors: Annotated[list[CitySector], Field(max_length=20)] = []
    city: City | None = None
    power: Power
    finance: Finance
    public: Public
    gate: Gate
    node: Id | None = None
    """Of a member: the province whose grid, weather and prices it shares with other members of its portfolio."""
    region: Id | None = None
    """Of a member: where in the province."""
    programme: Id | None = None
    """Of a member: its portfolio, whose targets are those of every member as well."""
    members: Annotated[list["PlaceSpec"], Field(max_length=60)] = []
    """Of a portfolio: its places; all other figures are their sums."""

    @cached_property
    def content_hash(self) -> str:
        """Hash of the whole place: scenarios that share a place ask for it again and again."""
        return content_hash(self.model_dump(mode="json"))


class Schedule(Strict):
    """A lever that changes with time."""

    path: Points
    """(year, value), years rising."""
    interp: Literal["linear", "step"] = "linear"


def _setting_tag(value: Any) -> str:
    if isinstance(value, bool):
        return "switch"
    return "schedule" if isinstance(value, Mapping | Schedule) else "number"


Setting = Annotated[
    Annotated[bool, Tag("switch")] | Annotated[Number, Tag("number")] | Annotated[Schedule, Tag("schedule")],
    Discriminator(_setting_tag),
]
"""A lever's value, true or false for a switch, or a schedule."""
Levers = Annotated[dict[str, Setting | None], Field(max_length=200)]
"""Settings by key of the lever; null takes away what an earlier layer set."""
Parameters = Annotated[dict[str, Number | None], Field(max_length=500)]
"""Values by key of the parameter; null goes back to the default."""
Extensions = Annotated[dict[str, Id | None], Field(max_length=20)]
"""Name of the rule that replaces ours, by kind of rule; null goes back to ours."""


class PolicySpec(Strict):
    """Settings of levers; a lever that is not named stays neutral."""

    format: Literal["policy/1"]
    id: Id
    name: Name
    description: Name
    base: Id | None = None
    """Another policy that this one changes."""
    levers: Levers = {}


class Horizon(Strict):
    start_year: Annotated[Whole, Field(ge=2000, le=2090)] = 2020
    end_year: Annotated[Whole, Field(ge=2000, le=2100)] = 2035
    spin_up_quarters: Annotated[Whole, Field(ge=0, le=40)] = 8


class OverlaySpec(Strict):
    """Changes laid over a place and a policy: later wins, lists are replaced whole, null deletes."""

    format: Literal["overlay/1"] = "overlay/1"
    id: Id | None = None
    name: Name | None = None
    description: Name | None = None
    place: dict[str, Any] = {}
    """Any part of the place, in its own shape."""
    levers: Levers = {}
    parameters: Parameters = {}
    extensions: Extensions = {}
    horizon: dict[str, Any] = {}


class Settings(Strict):
    """What all layers together set."""

    levers: Levers = {}
    parameters: Parameters = {}
    extensions: Extensions = {}
