"""The registry: every lever, indicator, parameter, carrier, service, sector and technology, read once from tables.

Every reader takes a folder, for tables other than those of the package. Rows keep the order of their file: the
position of a carrier, service, sector or technology is its index in arrays.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.core.record_types import declared
from transition_sim.scenarios import rows
from transition_sim.scenarios.by_products import by_product_flows, by_products
from transition_sim.scenarios.city_rows import building_kinds, building_table, fleet_kinds, fleet_table
from transition_sim.scenarios.messages import suggestion
from transition_sim.scenarios.park_criteria import (
    NearZeroCriterion,
    ZeroCarbonCriterion,
    read_near_zero,
    read_zero_carbon,
)
from transition_sim.scenarios.pollutants import pollutant_factors, pollutant_table
from transition_sim.scenarios.reference_arrays import (
    InputOutput,
    carrier_table,
    io_tables,
    learning_groups,
    load_shape_ids,
    load_shapes,
    profiles,
    sector_table,
    service_table,
    technology_table,
)
from transition_sim.scenarios.reference_rows import (
    carbon_rules,
    carrier_ids,
    carriers,
    sector_energy,
    sector_ids,
    sectors,
    service_ids,
    services,
    technologies,
    technology_ids,
    technology_sectors,
)
from transition_sim.scenarios.table_reader import package_data, read_table
from transition_sim.scenarios.targets import Target, read_targets

__all__ = [
    "InputOutput",
    "building_kinds",
    "building_table",
    "carbon_rules",
    "carrier_ids",
    "carrier_table",
    "carriers",
    "channel_items",
    "channels",
    "check_tables",
    "control_indicators",
    "data_hash",
    "fleet_kinds",
    "fleet_table",
    "indicators",
    "instruments",
    "io_tables",
    "learning_groups",
    "lever_dtype",
    "lever_ids",
    "lever_record",
    "levers",
    "load_shape_ids",
    "load_shapes",
    "low_confidence_share",
    "near_zero_criteria",
    "numbers_dtype",
    "parameter_record",
    "parameters",
    "pollutant_factors",
    "pollutant_table",
    "profiles",
    "sector_energy",
    "sector_ids",
    "sector_table",
    "sectors",
    "service_ids",
    "service_table",
    "services",
    "targets",
    "technologies",
    "technology_ids",
    "technology_sectors",
    "technology_table",
    "zero_carbon_criteria",
]

ON_OCCASION = ("replacement_ratio", "pilot_reward_million_cny")
"""Levers that few quarters read, and those through ``World.lever`` alone: rules find nan among the levers they are
given, so that nothing reads them unnoticed. Until its first reading such a lever has made no difference."""


@cache
def levers(folder: Path | None = None) -> Mapping[str, rows.Lever]:
    """Return the levers by key, in order; several levers can share an id L01..L57, one a component."""
    return MappingProxyType({row.key: row for row in read_table("levers", rows.Lever, ("key",), folder)})


def lever_ids(folder: Path | None = None) -> tuple[str, ...]:
    """Return the ids L01..L57, each once."""
    return tuple(dict.fromkeys(row.id for row in levers(folder).values()))


@cache
def indicators(folder: Path | None = None) -> Mapping[str, rows.Indicator]:
    """Return the indicators by id I01..I54."""
    return MappingProxyType({row.id: row for row in read_table("indicators", rows.Indicator, ("id",), folder)})


@cache
def targets(folder: Path | None = None) -> Mapping[str, Target]:
    """Return the targets of plans by id T005..T295."""
    return MappingProxyType(dict(read_targets(tuple(indicators(folder)), folder)))


@cache
def parameters(folder: Path | None = None) -> Mapping[str, rows.Parameter]:
    """Return the parameters by key."""
    return MappingProxyType({row.key: row for row in read_table("parameters", rows.Parameter, ("key",), folder)})


@cache
def channels(folder: Path | None = None) -> Mapping[str, rows.Channel]:
    """Return the channels of shocks by key (SM27)."""
    return MappingProxyType({row.key: row for row in read_table("channels", rows.Channel, ("key",), folder)})


@cache
def control_indicators(folder: Path | None = None) -> Mapping[str, rows.ControlIndicator]:
    """Return what governments are assessed by, by key (SM23)."""
    known = {"quota_lever": tuple(levers(folder))}
    found = read_table("control_indicators", rows.ControlIndicator, ("key",), folder, known)
    return MappingProxyType({row.key: row for row in found})


@cache
def instruments(folder: Path | None = None) -> tuple[rows.Instrument, ...]:
    """Return which lever answers which gap: the mapping matrix of SM23, a row an entry that is not 0."""
    known = {"lever": tuple(levers(folder)), "indicator": tuple(control_indicators(folder))}
    return read_table("instruments", rows.Instrument, ("lever", "indicator"), folder, known)


def channel_items(of: str, folder: Path | None = None) -> tuple[str, ...]:
    """Return what an effect on a channel can be limited to: ids of carriers, sectors, groups or levers."""
    known: dict[str, Callable[[Path | None], tuple[str, ...]]] = {
        "all": lambda _: (),
        "carrier": carrier_ids,
        "sector": sector_ids,
        "group": learning_groups,
        "lever": lambda where: tuple(levers(where)),
    }
    return known[of](folder)


@cache
def zero_carbon_criteria(folder: Path | None = None) -> Mapping[str, ZeroCarbonCriterion]:
    """Return what the test of the zero-carbon park asks, by key."""
    return MappingProxyType(dict(read_zero_carbon(tuple(parameters(folder)), folder)))


@cache
def near_zero_criteria(folder: Path | None = None) -> Mapping[str, NearZeroCriterion]:
    """Return what the test of the near-zero park scores, by key."""
    return MappingProxyType(dict(read_near_zero(folder)))


def parameter_record(overrides: Mapping[str, float] | None = None, folder: Path | None = None) -> np.ndarray:
    """Return the value of every parameter.

    Parameters
    ----------
    overrides : mapping of key -> value, optional
        In the unit of the parameter; values outside low and high are allowed here, files are checked before.

    Returns
    -------
    structured ndarray, shape (1,)
        An f8 field a parameter, by key.

    Raises
    ------
    ValueError
        When there is no such parameter or a value is not finite.
    """
    return _record({key: row.value for key, row in parameters(folder).items()}, overrides, "parameter")


@cache
def numbers_dtype(keys: tuple[str, ...]) -> np.dtype:
    """Return the record type with an f8 field a key: one and the same object, which compiled rules know at a glance."""
    return declared(np.dtype([(key, "f8") for key in keys]))


def plain_rows(path: np.ndarray) -> np.ndarray:
    """Return a structured array of ``numbers_dtype`` as numbers, shape (rows, keys); it may have no keys."""
    return path.view(np.float64).reshape(path.size, -1) if path.dtype.names else np.zeros((path.size, 0))


def lever_dtype(folder: Path | None = None) -> np.dtype:
    """Return the record type of lever values: an f8 field a lever, by key, in order."""
    return numbers_dtype(tuple(levers(folder)))


def lever_record(overrides: Mapping[str, float] | None = None, folder: Path | None = None) -> np.ndarray:
    """Return the value of every lever, neutral where not overridden; shape (1,), fields as ``lever_dtype``.

    Raises
    ------
    ValueError
        When there is no such lever or a value is not finite.
    """
    return _record({key: row.neutral for key, row in levers(folder).items()}, overrides, "lever")


def _record(values: dict[str, float], overrides: Mapping[str, float] | None, what: str) -> np.ndarray:
    for key, value in (overrides or {}).items():
        if key not in values:
            raise ValueError(f"there is no {what} {key!r}. {suggestion(key, values, what + 's')}")
        if not math.isfinite(value):
            raise ValueError(f"the {what} {key!r} must be a finite number, not {value!r}")
        values[key] = value
    record = np.empty(1, numbers_dtype(tuple(values)))
    for key, value in values.items():
        record[key] = value
    return record


def low_confidence_share(folder: Path | None = None) -> float:
    """Return the share of parameters of grade A or K, or of low confidence: to be printed with every result."""
    weak = [row.grade in ("A", "K") or row.confidence == "low" for row in parameters(folder).values()]
    return sum(weak) / len(weak)


@cache
def data_hash(folder: Path | None = None) -> str:
    """Return the hash of all tables, 32 hexadecimal digits; names and bytes of the files count."""
    digest = hashlib.blake2b(digest_size=16)
    place = folder or package_data()
    for file in sorted((f for f in place.iterdir() if f.name.endswith(".csv")), key=lambda f: f.name):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


_READERS: tuple[Callable[[Path | None], object], ...] = (
    levers,
    indicators,
    targets,
    parameters,
    channels,
    zero_carbon_criteria,
    near_zero_criteria,
    control_indicators,
    instruments,
    carriers,
    carbon_rules,
    services,
    technologies,
    sector_energy,
    technology_sectors,
    sector_table,
    load_shapes,
    profiles,
    io_tables,
    fleet_kinds,
    building_kinds,
    by_products,
    by_product_flows,
)


def check_tables(folder: Path | None = None) -> None:
    """Read every table.

    Raises
    ------
    ScenarioError
        With the faults of all tables, each once.
    """
    faults: dict[Fault, None] = {}
    for read in _READERS:
        try:
            read(folder)
        except ScenarioError as error:
            faults.update(dict.fromkeys(error.faults))
    if faults:
        raise ScenarioError(list(faults))
