"""Archetypes: a place made from a mix of industries, an output and a province, for places without figures of their own.

Nothing that comes out is a figure of a real place. Energy is output times the sector table, CO2 is energy times the
fuel table plus processes: the arithmetic that stands at the head of each park of the library, done by the machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from transition_sim.core.units import GJ_PER_MWH, GJ_PER_TCE
from transition_sim.scenarios import registry
from transition_sim.scenarios.table_reader import (
    Chinese,
    Confidence,
    Grade,
    Number,
    Text,
    Whole,
    Word,
    one_of,
    read_table,
)

BASE_TCE_PER_MWH = 0.3055
"""Coal equivalent of power in 2020, in which the totals of a base year are stated."""
BASIN_PV_HOURS = 950.0
"""Full-load hours of the profile of solar power; other hours scale the capacity that follows it."""
PROFILE_HYDRO_HOURS, USUAL_HYDRO_HOURS = 4139.0, 3400.0
COAL_CLASSES = (("best", 0.4, 295.0, 2012), ("middle", 0.4, 310.0, 2007), ("old", 0.2, 330.0, 2000))
"""(name, share of thermal capacity, gce/kWh, year): so that the merit order is not a single step [A]."""
TIE_SHARE = 0.2
"""Lines from other provinces, share of the mean load [A]."""
GDP_PER_VALUE_ADDED = {"park": 1.15, "city": 2.0}
REVENUE_PER_GDP = 0.125
PROVINCE_SOURCE = "Grid of the province, as in the table of provinces or the place that the node is like"
TABLE_SOURCE = "Energy per output of the sector table times assumed output"
BANKS = (
    {"id": "state_banks", "name": {"en": "State and policy banks", "zh": "国有与政策性银行"}, "market_share": 0.55,
     "capital_ratio": 0.15},
    {"id": "local_banks", "name": {"en": "Local banks", "zh": "地方银行"}, "market_share": 0.45,
     "capital_ratio": 0.123},
)  # fmt: skip
"""Banks of every archetype: shares of the market and ratios of capital are assumptions."""
LIMIT_STEPS = ((2020, 3.0), (2024, 4.5), (2028, 6.0), (2032, 8.0))
"""(year, substations over the mean load of the base year) [A]."""


@dataclass(frozen=True)
class Archetype:
    """A kind of place by its leading industry."""

    id: Word
    name_en: Text
    name_zh: Chinese
    kind: Annotated[str, one_of("park", "city")]
    firms: Whole
    grade: Grade
    source: Text
    confidence: Confidence


@dataclass(frozen=True)
class MixRow:
    """A part of an archetype: a sector's share of output, or energy of others a unit of output."""

    archetype: Word
    part: Annotated[str, one_of("sector", "others")]
    key: Word
    value: Number
    unit: Text
    grade: Grade
    source: Text
    confidence: Confidence


@dataclass(frozen=True)
class Province:
    """The grid of a province in the base year, and its sun."""

    id: Word
    name_en: Text
    name_zh: Chinese
    factor_tco2_per_mwh: Number
    load_twh: Number
    thermal_gw: Number
    hydro_gw: Number
    nuclear_gw: Number
    wind_gw: Number
    pv_gw: Number
    pv_hours: Number
    grade: Grade
    source: Text
    confidence: Confidence


@cache
def archetypes() -> Mapping[str, Archetype]:
    """Return the archetypes by id."""
    return {row.id: row for row in read_table("archetypes", Archetype)}


@cache
def _mix() -> tuple[MixRow, ...]:
    return tuple(
        read_table("archetype_mix", MixRow, ("archetype", "part", "key"), None, {"archetype": tuple(archetypes())})
    )


@cache
def provinces() -> Mapping[str, Province]:
    """Return the provinces by id."""
    return {row.id: row for row in read_table("provinces", Province)}


def mix_of(archetype: str, part: str) -> dict[str, float]:
    """Return the shares of sectors, or the energy of others by carrier in GJ per 10k CNY of output."""
    return {row.key: row.value for row in _mix() if (row.archetype, row.part) == (archetype, part)}


def output_growth(archetype: str, years: int) -> float:
    """Return output over that of 2020 after some years, from the growth of the sector table (2021-2025 only)."""
    growth = {row.id: 1.0 + row.growth_2021_2025_percent / 100.0 for row in registry.sectors()}
    return sum(share * growth[key] ** years for key, share in mix_of(archetype, "sector").items())


# --- energy and CO2 of a mix ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Balance:
    """Base-year totals of an archetype at an output; GJ by carrier."""

    enterprises_gj: dict[str, float]
    feedstock_gj: dict[str, float]
    others_gj: dict[str, float]
    process_tco2: float
    value_added_cny: float

    @property
    def electricity_mwh(self) -> float:
        return (self.enterprises_gj.get("electricity", 0.0) + self.others_gj.get("electricity", 0.0)) / GJ_PER_MWH

    @property
    def energy_tce(self) -> float:
        """Fuels, steam and feedstock, and power at coal equivalent."""
        parts = (self.enterprises_gj, self.feedstock_gj, self.others_gj)
        fuel = sum(gj for part in parts for carrier, gj in part.items() if carrier != "electricity")
        return fuel / GJ_PER_TCE + self.electricity_mwh * BASE_TCE_PER_MWH

    @property
    def co2_tco2(self) -> float:
        """Burnt inside, processes included; purchased steam is burnt elsewhere, feedstock not at all."""
        factor = {row.id: row.co2_t_per_gj for row in registry.carriers() if row.id != "heat"}
        burnt = sum(gj * factor.get(c, 0.0) for part in (self.enterprises_gj, self.others_gj) for c, gj in part.items())
        return burnt + self.process_tco2


def balance_of(archetype: str, output_cny: float) -> Balance:
    """Return the totals of an archetype at an output a year."""
    shares = mix_of(archetype, "sector")
    enterprises: dict[str, float] = {}
    feedstock: dict[str, float] = {}
    for row in registry.sector_energy():
        gj = row.final_gj_per_10k_cny * shares.get(row.sector, 0.0) * output_cny / 1e4
        if gj > 0:
            into = feedstock if row.service == "FEED" else enterprises
            into[row.carrier] = into.get(row.carrier, 0.0) + gj
    io, ids = registry.io_tables(), list(registry.sector_ids())
    left = io.wages_share + io.taxes_share + io.surplus_share
    process = {row.id: row.service_process_tco2_per_10k_cny for row in registry.sectors()}
    return Balance(
        enterprises,
        feedstock,
        {c: v * output_cny / 1e4 for c, v in mix_of(archetype, "others").items()},
        sum(process[key] * share for key, share in shares.items()) * output_cny / 1e4,
        sum(float(left[ids.index(key)]) * share for key, share in shares.items()) * output_cny,
    )


# --- places -----------------------------------------------------------------------------------------------------------


def archetype_place(
    identity: Mapping[str, Any],
    archetype: str,
    output_cny: float,
    power: Mapping[str, Any],
    seed: int,
    firms: int | None = None,
) -> dict[str, Any]:
    """Return an archetype as the content of a place file.

    Parameters
    ----------
    identity : mapping
        ``id``, ``name``, ``description``, and what else the place says of itself.
    archetype : str
    output_cny : float
        Of all enterprises in the base year.
    power : mapping
        Province of the node, see ``province_power``; the local unit and the substations are added here.
    seed : int
        Of its synthetic population.
    firms : int, optional
        Enterprises; the number of the archetype by default.
    """
    kind, balance = archetypes()[archetype], balance_of(archetype, output_cny)
    gdp = _assumed(GDP_PER_VALUE_ADDED[kind.kind] * balance.value_added_cny)
    return {
        "format": "place/1",
        "kind": kind.kind,
        "population_seed": seed,
        "sources": {"assumption": "Modelling assumption", "sector_table": TABLE_SOURCE, "province": PROVINCE_SOURCE},
        **identity,
        "counties": [
            {
                "id": "whole",
                "name": identity["name"],
                "population": _assumed(max(1.0, balance.value_added_cny / 1e5)),
                "gdp": gdp,
            }
        ],
        "economy": {"gdp": gdp, "rest_growth_percent": [[2021, 6.0], [2025, 5.0], [2030, 4.0]]},
        "sectors": _sectors(kind, output_cny, firms or kind.firms),
        "energy_balance": _energy_rows(balance),
        "city_sectors": [_others(balance)],
        "power": _power_with_own(power, balance.electricity_mwh / 8760.0),
        "finance": {"banks": [dict(bank) for bank in BANKS]},
        "public": {
            "fiscal_revenue": _assumed(REVENUE_PER_GDP * GDP_PER_VALUE_ADDED[kind.kind] * balance.value_added_cny)
        },
        "gate": {
            "co2": _from_table(balance.co2_tco2),
            "energy": _from_table(balance.energy_tce),
            "electricity": _from_table(balance.electricity_mwh),
        },
    }


def _power_with_own(province: Mapping[str, Any], mean_mw: float) -> dict[str, Any]:
    """Return the power node of a place: that of its province with the solar plants and substations of its own."""
    local = _unit("pv_place", "Solar plants of the place", "本地光伏", "pv", "place", 1.0, 1.0, legacy=0.9)
    limit = [[year, round(steps * mean_mw, 3)] for year, steps in LIMIT_STEPS]
    return {**province, "units": [local, *province["units"]], "import_limit": limit}


def _energy_rows(balance: Balance) -> list[dict[str, Any]]:
    return [
        {
            "carrier": carrier,
            "enterprises": _from_table(balance.enterprises_gj.get(carrier, 0.0)),
            "feedstock": _from_table(balance.feedstock_gj.get(carrier, 0.0)),
        }
        for carrier in registry.carrier_ids()
        if balance.enterprises_gj.get(carrier, 0.0) > 0 or balance.feedstock_gj.get(carrier, 0.0) > 0
    ]


def _others(balance: Balance) -> dict[str, Any]:
    return {
        "id": "others",
        "name": {"en": "Vehicles, homes and public buildings", "zh": "交通与建筑"},
        "energy": {carrier: _assumed(gj) for carrier, gj in balance.others_gj.items()},
        "growth_percent_per_year": [[2020, 0.0], [2021, 4.0], [2025, 3.0], [2030, 1.0]],
        "electrification_share_per_year": 0.04,
    }


def _sectors(kind: Archetype, output_cny: float, firms: int) -> list[dict[str, Any]]:
    shares = mix_of(kind.id, "sector")
    return [
        {"sector": key, "output": _assumed(share * output_cny), "firms": max(3, round(firms * share))}
        for key, share in shares.items()
    ]


def province_power(row: Province) -> dict[str, Any]:
    """Return the power of a province: coal in three classes, hydro, nuclear, wind, sun and lines from outside."""
    thermal, factor = 1e3 * row.thermal_gw, {"source": "province", "confidence": row.confidence}
    coal = [
        _unit(
            f"coal_{name}",
            f"{row.name_en} coal, {name}",
            f"{row.name_zh}煤电（{name}）",
            "coal",
            "province",
            share * thermal,
            0.9,
            heat_rate_gce=rate,
            year=year,
        )
        for name, share, rate, year in COAL_CLASSES
    ]
    clean = [
        ("hydro", "hydro", "水电", row.hydro_gw * USUAL_HYDRO_HOURS / PROFILE_HYDRO_HOURS, 1.0, 2.0),
        ("nuclear", "nuclear", "核电", row.nuclear_gw, 0.88, 4.0),
        ("wind", "wind", "风电", row.wind_gw, 1.0, 10.0),
        ("pv", "solar", "光伏", row.pv_gw * row.pv_hours / BASIN_PV_HOURS, 1.0, 15.0),
    ]
    units = [
        _unit(
            f"province_{kind}",
            f"{row.name_en} {en}",
            f"{row.name_zh}{zh}",
            kind,
            "province",
            1e3 * gw,
            availability,
            growth=growth,
            legacy=0.7,
        )
        for kind, en, zh, gw, availability, growth in clean
        if gw > 0
    ]
    tie_mw = TIE_SHARE * row.load_twh * 1e6 / 8760.0
    tie = _unit(
        "province_tie",
        "Power from other provinces",
        "外来电",
        "coal",
        "province",
        tie_mw,
        0.95,
        heat_rate_gce=345.0,
        growth=4.0,
    )
    return {
        "units": [*coal, *units, tie],
        "province_load": {"value": row.load_twh * 1e6, **factor},
        "province_load_growth_percent": [[2020, 3.0], [2021, 6.0], [2025, 5.0], [2030, 3.5], [2035, 2.5]],
        "export": 0.0,
        "province_factor": {"value": row.factor_tco2_per_mwh, **factor},
        "national_factor": 0.5568,
        "roof_pv_yield": {"value": row.pv_hours, **factor},
    }


def _unit(
    key: str,
    en: str,
    zh: str,
    kind: str,
    node: str,
    mw: float,
    availability: float,
    heat_rate_gce: float | None = None,
    growth: float = 0.0,
    legacy: float = 0.0,
    year: int = 2010,
) -> dict[str, Any]:
    unit = {
        "id": key,
        "name": {"en": en, "zh": zh},
        "kind": kind,
        "node": node,
        "capacity": round(mw, 3),
        "availability": availability,
        "annual_growth_percent": growth,
        "legacy_feed_in_share": legacy,
        "commissioned": year,
    }
    if heat_rate_gce is not None:
        unit["heat_rate"] = heat_rate_gce / 1e3 * GJ_PER_TCE
    return unit


def _assumed(value: float) -> dict[str, Any]:
    return {"value": value, "source": "assumption", "confidence": "low"}


def _from_table(value: float) -> dict[str, Any]:
    return {"value": value, "source": "sector_table", "confidence": "low"}
