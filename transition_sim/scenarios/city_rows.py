"""The tables of a city outside its enterprises: fleets of vehicles, kinds of buildings (SM20, SM21)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import numpy as np

from transition_sim.scenarios.reference_arrays import structured
from transition_sim.scenarios.reference_rows import carrier_ids
from transition_sim.scenarios.table_reader import (
    Chinese,
    Confidence,
    Grade,
    Number,
    Switch,
    Text,
    Word,
    one_of,
    read_table,
)

PEOPLE = ("urban", "rural", "all")
"""Whose number the floor area of a kind of building follows."""


@dataclass(frozen=True)
class FleetKind:
    """Vehicles of a kind: use, energy, price and what buyers took in 2020, by drive (fuel, gas, electric).

    ``km_per_year`` are hours for machines, and the energy is then that of an hour. ``battery_share`` is the part of the
    electric price that falls with the cost of batteries. ``converted_tkm_per_km`` is turnover a kilometre, with a
    passenger as a tenth of a tonne.
    """

    id: Word
    name_en: Text
    name_zh: Chinese
    fuel: Word
    km_per_year: Number
    fuel_gj_per_km: Number
    gas_gj_per_km: Number
    electric_gj_per_km: Number
    life_years: Number
    fuel_capex_cny: Number
    gas_capex_cny: Number
    electric_capex_cny: Number
    battery_share: Number
    electric_sales_share: Number
    gas_sales_share: Number
    converted_tkm_per_km: Number
    is_road: Switch
    is_operating: Switch
    is_bus: Switch
    is_long_haul: Switch
    is_port: Switch
    is_household: Switch
    grade: Grade
    source: Text
    confidence: Confidence


@dataclass(frozen=True)
class BuildingKind:
    """Buildings of a kind: energy a square metre (weights of the totals of a place) and how floor and needs grow.

    ``space_share`` is the part of the energy that a better envelope and plant can save; heat is cooking, hot water and
    warmth from fuel, power is everything that runs on electricity in the base year. ``hvac_share`` is the part of power
    that conditions and lights rooms; ``owner_m2`` the mean floor of an owner who can sign a contract (0: nobody).
    """

    id: Word
    name_en: Text
    name_zh: Chinese
    people: Annotated[str, one_of(*PEOPLE)]
    coal_mj_per_m2: Number
    biomass_mj_per_m2: Number
    gas_mj_per_m2: Number
    electricity_kwh_per_m2: Number
    space_share: Number
    m2_growth_per_year: Number
    heat_growth_per_year: Number
    power_growth_per_year: Number
    is_home: Switch
    is_public: Switch
    is_urban: Switch
    is_retrofitted: Switch
    hvac_share: Number
    owner_m2: Number
    grade: Grade
    source: Text
    confidence: Confidence


@cache
def fleet_kinds(folder: Path | None = None) -> tuple[FleetKind, ...]:
    """Return the kinds of fleets."""
    return read_table("fleets", FleetKind, folder=folder, known={"fuel": carrier_ids(folder)})


@cache
def building_kinds(folder: Path | None = None) -> tuple[BuildingKind, ...]:
    """Return the kinds of buildings."""
    return read_table("building_kinds", BuildingKind, folder=folder)


@cache
def fleet_table(folder: Path | None = None) -> np.ndarray:
    """Return the kinds of fleets as numbers; ``fuel`` is the position of a carrier."""
    return structured(fleet_kinds(folder), {"fuel": carrier_ids(folder)})


@cache
def building_table(folder: Path | None = None) -> np.ndarray:
    """Return the kinds of buildings as numbers; ``people`` is a position in ``PEOPLE``."""
    return structured(building_kinds(folder), {"people": PEOPLE})
