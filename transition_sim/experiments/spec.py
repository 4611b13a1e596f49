"""The shape of a study file, ``study/1``: what is varied, how often, and what is kept of each run."""

# ruff: noqa: RUF012 - defaults of a pydantic model are copied for each instance

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from transition_sim.scenarios.spec import Id, Levers, Name, Number, Parameters, Strict, Text, Whole

DesignKind = Literal[
    "list", "grid", "full_factorial", "one_at_a_time", "lhs", "sobol", "saltelli", "morris"
]  # fmt: skip
AnalysisName = Literal[
    "ensemble", "peaking", "paired", "tornado", "morris", "sobol", "pawn", "attribution", "abatement", "regret",
    "discovery", "tree",
]  # fmt: skip
Reference = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=100)]
PolicyReference = Annotated[
    Annotated[Reference, Tag("text")] | Annotated[dict[Key, Any], Tag("mapping")],
    Discriminator(lambda item: "mapping" if isinstance(item, dict) else "text"),
]


class FactorSpec(Strict):
    """How one lever or parameter is varied; left empty it takes the range of its table."""

    low: Number | None = None
    high: Number | None = None
    values: Annotated[list[Number], Field(min_length=1, max_length=1000)] | None = None
    """Single values instead of a range."""
    levels: Annotated[Whole, Field(ge=2, le=1000)] | None = None
    """Evenly spaced values from low to high, for a grid."""
    from_year: Annotated[Whole, Field(ge=2000, le=2100)] | None = None
    """A lever keeps the setting of its policy until this year, and steps to the value then."""


class DesignSpec(Strict):
    """Which points of the factors are run."""

    kind: DesignKind = "list"
    samples: Annotated[Whole, Field(ge=1, le=10_000_000)] | None = None
    """Points of lhs and sobol; base points of saltelli (a power of two); trajectories of morris."""
    points: Annotated[list[dict[Key, Number]], Field(min_length=1, max_length=10_000)] | None = None
    """Of a list: each a mapping of factor to value; a factor that is left out stays as the policy has it."""
    seed: Annotated[Whole, Field(ge=0, le=2**31)] = 1
    """Of the random design; has nothing to do with the seeds of the runs."""


class VariantSpec(Strict):
    """A change of the whole question: dates, structure, a dry river; compared side by side like policies."""

    id: Id
    name: Name | None = None
    levers: Levers = {}
    parameters: Parameters = {}
    set: Annotated[dict[Key, Any], Field(max_length=200)] = {}
    """Single settings as with ``--set``: ``place.sectors.CEM.output: 20 亿元/年``."""
    shocks: Annotated[list[Reference], Field(max_length=50)] = []
    """Dated events, beside those of the whole study."""


class LimitSpec(Strict):
    """When a run is given up."""

    run_seconds: Annotated[Number, Field(gt=0, le=1e6)] = 900.0
    memory_gb: Annotated[Number, Field(gt=0, le=1e5)] | None = None
    """Address space of a worker; none: no limit."""


class StudySpec(Strict):
    """A study: places x variants x policies x points x replicates."""

    format: Literal["study/1"]
    id: Id
    name: Name | None = None
    description: Name | None = None
    question: Text = ""
    places: Annotated[list[Reference], Field(min_length=1, max_length=100)]
    policies: Annotated[list[PolicyReference], Field(min_length=1, max_length=100)] = ["current"]
    """Names of the library, files, or whole policies in their place."""
    shocks: Annotated[list[Reference], Field(max_length=50)] = []
    """Dated events of every run, by name of the library or file."""
    variants: Annotated[list[VariantSpec], Field(max_length=100)] = []
    levers: Annotated[dict[Key, FactorSpec | None], Field(max_length=200)] = {}
    parameters: Annotated[dict[Key, FactorSpec | None], Field(max_length=500)] = {}
    parts: Annotated[dict[Id, Annotated[list[Key], Field(min_length=1, max_length=100)]], Field(max_length=20)] = {}
    """Levers of the policy that are switched off together: 1 as the policy has them, 0 neutral, or as ``against``."""
    against: Id | None = None
    """Policy of the library whose settings the levers of a part have where it is off; neutral by default."""
    design: DesignSpec = DesignSpec()
    replicates: Annotated[Whole, Field(ge=1, le=1_000_000)] = 1
    seed: Annotated[Whole, Field(ge=0, le=2**62)] = 1
    """Of the first replicate; replicate k has the seed ``seed + k`` at every point and under every policy."""
    until: Annotated[Whole, Field(ge=2000, le=2100)] | None = None
    """Last year of every run."""
    outcomes: Annotated[list[Key], Field(min_length=1, max_length=200)] | None = None
    """Measures of each run; all that the horizon defines by default."""
    annual: Annotated[list[Key], Field(max_length=200)] = ["gdp_cny", "energy_coal_equivalent_tce"]
    """Annual columns kept of each run, beside the two emission totals, which are always kept."""
    measure: Key | None = None
    """Measure that analyses look at unless told otherwise."""
    analyses: Annotated[list[AnalysisName], Field(max_length=20)] | None = None
    """What a report shows; by default what the design allows."""
    limits: LimitSpec = LimitSpec()
