"""Carriers, services, sectors and technologies as records, in the order of their files, each read once."""

from functools import cache
from pathlib import Path

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.scenarios.rows import (
    CarbonRule,
    Carrier,
    Sector,
    SectorEnergy,
    Service,
    Technology,
    TechnologySectors,
)
from transition_sim.scenarios.table_reader import read_table


@cache
def carriers(folder: Path | None = None) -> tuple[Carrier, ...]:
    """Return the energy carriers."""
    return read_table("carriers", Carrier, folder=folder)


@cache
def services(folder: Path | None = None) -> tuple[Service, ...]:
    """Return the energy services and the places of measures, generation and storage."""
    return read_table("services", Service, folder=folder)


@cache
def sectors(folder: Path | None = None) -> tuple[Sector, ...]:
    """Return the sectors of enterprises."""
    return read_table("sectors", Sector, folder=folder)


@cache
def technologies(folder: Path | None = None) -> tuple[Technology, ...]:
    """Return the technologies."""
    known = {"service": service_ids(folder), "carrier": carrier_ids(folder)}
    return read_table("technologies", Technology, folder=folder, known=known)


@cache
def sector_energy(folder: Path | None = None) -> tuple[SectorEnergy, ...]:
    """Return the base-year mix of final energy of every sector."""
    known = {
        "sector": sector_ids(folder),
        "service": service_ids(folder),
        "technology": technology_ids(folder),
        "carrier": carrier_ids(folder),
    }
    key = ("sector", "service", "technology", "carrier")
    return read_table("sector_energy", SectorEnergy, key, folder, known)


@cache
def technology_sectors(folder: Path | None = None) -> dict[str, tuple[str, ...]]:
    """Return the sectors that can use each technology, by id of the technology."""
    known = {"technology": technology_ids(folder)}
    rows = read_table("technology_sectors", TechnologySectors, ("technology",), folder, known)
    every = sector_ids(folder)
    found = {row.technology: every if row.sectors == "*" else tuple(row.sectors.split(";")) for row in rows}
    faults = [
        Fault("technology_sectors.csv", None, f"{t}.sectors", s, "there is no such sector", "Correct the id.")
        for t, listed in found.items()
        for s in listed
        if s not in every
    ] + [
        Fault("technology_sectors.csv", None, t, "", "the technology is missing", "Add a row; '*' means all sectors.")
        for t in technology_ids(folder)
        if t not in found
    ]
    if faults:
        raise ScenarioError(faults)
    return found


@cache
def carbon_rules(folder: Path | None = None) -> tuple[CarbonRule, ...]:
    """Return coverage, benchmarks and observed prices of the national carbon market."""
    return read_table("carbon_market", CarbonRule, ("item", "subject", "year"), folder)


def carrier_ids(folder: Path | None = None) -> tuple[str, ...]:
    """Return the ids of the carriers; position = index."""
    return tuple(row.id for row in carriers(folder))


def service_ids(folder: Path | None = None) -> tuple[str, ...]:
    """Return the ids of the services; position = index."""
    return tuple(row.id for row in services(folder))


def sector_ids(folder: Path | None = None) -> tuple[str, ...]:
    """Return the ids of the sectors; position = index."""
    return tuple(row.id for row in sectors(folder))


def technology_ids(folder: Path | None = None) -> tuple[str, ...]:
    """Return the ids of the technologies; position = index."""
    return tuple(row.id for row in technologies(folder))
