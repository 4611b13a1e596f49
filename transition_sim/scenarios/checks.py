"""Sense: what a schema cannot see. Every check yields complaints; nothing stops at the first."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from transition_sim.core.units import GJ_PER_MWH, Quantity
from transition_sim.scenarios.messages import KeyPath, suggestion
from transition_sim.scenarios.spec import Anchor, Horizon, PlaceSpec, Power, Schedule

FIRST_YEAR, LAST_YEAR = 2000, 2100
KILN_SECTOR = "CEM"
FUELLED = ("coal", "gas")


@dataclass(frozen=True)
class Complaint:
    """What does not make sense, before file and line are known."""

    path: KeyPath
    value: Any
    rule: str
    remedy: str


Complaints = Iterator[Complaint]


@dataclass(frozen=True)
class Vocabulary:
    """The words that files may use.

    Attributes
    ----------
    levers : mapping of key -> Lever
        With ``neutral``, ``low``, ``high``, ``kind``, ``unit``, ``who``, ``acts``.
    added_levers : tuple of str
        Keys of the levers that installed packages add: of no rule of the model.
    parameters : mapping of key -> Parameter
        With ``value``, ``low``, ``high``, ``unit``.
    sectors, carriers : tuple of str
    fleets : mapping of id -> FleetKind
    building_kinds : mapping of id -> BuildingKind
    """

    levers: Mapping[str, Any]
    parameters: Mapping[str, Any]
    sectors: tuple[str, ...]
    carriers: tuple[str, ...]
    fleets: Mapping[str, Any]
    building_kinds: Mapping[str, Any]
    added_levers: tuple[str, ...] = ()


# --- places -----------------------------------------------------------------------------------------------------------


def check_place(place: PlaceSpec, words: Vocabulary) -> Complaints:
    """Complain about a place whose figures do not fit together."""
    yield from _check_ids(place)
    yield from _check_sectors(place, words)
    yield from _check_anchors(place)
    yield from _check_carriers(place, words)
    yield from _check_power(place.power, {c.id for c in place.counties})
    yield from _check_totals(place)
    yield from _check_growth(place)
    yield from _check_sources(place)
    yield from _check_members(place, words)


def _check_members(place: PlaceSpec, words: Vocabulary) -> Complaints:
    if (place.kind == "portfolio") != bool(place.members):
        rule = "a portfolio has members, and nothing else has"
        yield Complaint(("members",), place.kind, rule, "Correct the kind, or list the members.")
    for i, member in enumerate(place.members):
        if member.base_year != place.base_year:
            rule = f"the base year is not that of the portfolio, {place.base_year}"
            yield Complaint(("members", i, "base_year"), member.base_year, rule, "Take members of one base year.")
        for c in check_place(member, words):
            yield Complaint(("members", i, *c.path), c.value, c.rule, c.remedy)


def _check_ids(place: PlaceSpec) -> Complaints:
    lists: tuple[tuple[KeyPath, str, Any], ...] = (
        (("counties",), "id", place.counties),
        (("sectors",), "sector", place.sectors),
        (("anchors",), "id", place.anchors),
        (("energy_balance",), "carrier", place.energy_balance),
        (("city_sectors",), "id", place.city_sectors),
        (("power", "units"), "id", place.power.units),
        (("finance", "banks"), "id", place.finance.banks),
        (("members",), "id", place.members),
    )
    for path, key, items in lists:
        first: dict[str, int] = {}
        for i, item in enumerate(items):
            word = getattr(item, key)
            if word in first:
                remedy = f"Rename or delete one of the two; the first is item {first[word]}, counted from 0."
                yield Complaint((*path, i, key), word, f"the {key} is used twice", remedy)
            first.setdefault(word, i)


def _check_sectors(place: PlaceSpec, words: Vocabulary) -> Complaints:
    counties = [c.id for c in place.counties]
    named = Counter(a.sector for a in place.anchors)
    for i, row in enumerate(place.sectors):
        at: KeyPath = ("sectors", i)
        if row.sector not in words.sectors:
            yield _unknown((*at, "sector"), row.sector, "sector", words.sectors, "sectors")
        for county in row.counties:
            if county not in counties:
                yield _unknown((*at, "counties", county), county, "county", counties, "counties")
        if row.counties and sum(row.counties.values()) <= 0:
            remedy = "Give one county a weight above 0, or delete the key to weigh by GDP."
            yield Complaint((*at, "counties"), row.counties, "the weights of the counties sum to 0", remedy)
        if row.output <= 0:
            yield Complaint(
                (*at, "output"), row.output, "the output is not above 0", "Correct it or delete the sector."
            )
        if row.firms < named[row.sector]:
            rule = f"the sector has fewer firms than named enterprises ({named[row.sector]})"
            yield Complaint((*at, "firms"), row.firms, rule, f"Write {named[row.sector]} or more.")


def _check_anchors(place: PlaceSpec) -> Complaints:
    sectors = [s.sector for s in place.sectors]
    counties = [c.id for c in place.counties]
    for i, anchor in enumerate(place.anchors):
        at: KeyPath = ("anchors", i)
        if anchor.sector not in sectors:
            yield _unknown((*at, "sector"), anchor.sector, "sector", sectors, "sectors of this place")
        elif anchor.clinker_capacity is not None and anchor.sector != KILN_SECTOR:
            rule = f"only cement works (sector {KILN_SECTOR}) have a clinker capacity"
            yield Complaint(
                (*at, "clinker_capacity"), anchor.clinker_capacity, rule, "Delete it or correct the sector."
            )
        if anchor.county not in counties:
            yield _unknown((*at, "county"), anchor.county, "county", counties, "counties")
        yield from _check_anchor(anchor, at, place.base_year)
    for i, row in enumerate(place.sectors):
        named = sum(a.output for a in place.anchors if a.sector == row.sector and a.output is not None)
        if named > row.output * (1 + 1e-9):
            rule = f"the named enterprises of the sector alone have an output of {named:g} CNY/yr"
            yield Complaint(("sectors", i, "output"), row.output, rule, "Raise the sector's output or lower theirs.")


def _check_anchor(anchor: Anchor, at: KeyPath, base_year: int) -> Complaints:
    if anchor.output is not None and anchor.output <= 0:
        remedy = "Correct it or delete the key."
        yield Complaint((*at, "output"), anchor.output, "the output is not above 0", remedy)
    if anchor.commissioned is not None and anchor.commissioned > base_year:
        rule = f"the enterprise is commissioned after the base year {base_year}"
        yield Complaint((*at, "commissioned"), anchor.commissioned, rule, "Delete it: later firms enter by themselves.")


def _check_carriers(place: PlaceSpec, words: Vocabulary) -> Complaints:
    for i, balance in enumerate(place.energy_balance):
        if balance.carrier not in words.carriers:
            yield _unknown(("energy_balance", i, "carrier"), balance.carrier, "carrier", words.carriers, "carriers")
    for i, sector in enumerate(place.city_sectors):
        for carrier in sector.energy:
            if carrier not in words.carriers:
                path = ("city_sectors", i, "energy", carrier)
                yield _unknown(path, carrier, "carrier", words.carriers, "carriers")


def _check_power(power: Power, counties: set[str]) -> Complaints:
    for node in ("place", "province"):
        if all(unit.node != node for unit in power.units):
            rule = f"no unit stands at the node '{node}'"
            yield Complaint(("power", "units"), "", rule, f"Add a unit with 'node: {node}'; one of 0 MW will do.")
    for i, unit in enumerate(power.units):
        at: KeyPath = ("power", "units", i)
        if unit.county is not None and unit.county not in counties:
            yield _unknown((*at, "county"), unit.county, "county", sorted(counties), "counties")
        if unit.heat_rate is None and unit.kind in FUELLED:
            remedy = "Add 'heat_rate: 320 gce/kWh' or what the unit needs."
            yield Complaint((*at, "heat_rate"), "", f"a {unit.kind} unit needs a heat rate", remedy)
        if unit.heat_rate is not None and unit.heat_rate < GJ_PER_MWH:
            rule = f"less than {GJ_PER_MWH} GJ of fuel cannot give a MWh"
            yield Complaint((*at, "heat_rate"), unit.heat_rate, rule, "Check the number and its unit.")
        if unit.annual_growth_percent <= -100:
            yield _too_low((*at, "annual_growth_percent"), unit.annual_growth_percent)
    yield from _check_years(("power", "import_limit"), power.import_limit)
    for i, (_, limit) in enumerate(power.import_limit):
        if limit < 0:
            yield Complaint(("power", "import_limit", i, 1), limit, "a limit is not below 0", "Write 0 or more MW.")


def _check_totals(place: PlaceSpec) -> Complaints:
    shares = sum(bank.market_share for bank in place.finance.banks)
    if abs(shares - 1.0) > 1e-6:
        rule = "the market shares of the banks do not sum to 1"
        yield Complaint(("finance", "banks"), f"sum {shares:g}", rule, "Scale the shares.")
    positive: list[tuple[KeyPath, float]] = [
        (("gate", "co2"), place.gate.co2),
        (("gate", "energy"), place.gate.energy),
        (("gate", "electricity"), place.gate.electricity),
        (("economy", "gdp"), place.economy.gdp),
        (("power", "province_load"), place.power.province_load),
        (("power", "province_factor"), place.power.province_factor),
        (("power", "national_factor"), place.power.national_factor),
    ]
    for i, county in enumerate(place.counties):
        positive += [(("counties", i, "population"), county.population), (("counties", i, "gdp"), county.gdp)]
    for path, value in positive:
        if value <= 0:
            yield Complaint(path, value, "this total must be above 0", "Write the published figure with its unit.")


def _check_growth(place: PlaceSpec) -> Complaints:
    paths: list[tuple[KeyPath, list[tuple[int, float]]]] = [
        (("economy", "rest_growth_percent"), place.economy.rest_growth_percent),
        (("power", "province_load_growth_percent"), place.power.province_load_growth_percent),
    ]
    for i, sector in enumerate(place.city_sectors):
        paths.append((("city_sectors", i, "growth_percent_per_year"), sector.growth_percent_per_year))
    if place.city is not None:
        paths.append((("city", "population_growth_percent"), place.city.population_growth_percent))
        yield from _check_urban(place.city.urban_percent)
    for path, points in paths:
        yield from _check_years(path, points)
        for i, (_, percent) in enumerate(points):
            if percent <= -100:
                yield _too_low((*path, i, 1), percent)
    if place.public.revenue_growth_percent <= -100:
        yield _too_low(("public", "revenue_growth_percent"), place.public.revenue_growth_percent)


def _check_urban(points: list[tuple[int, float]]) -> Complaints:
    path: KeyPath = ("city", "urban_percent")
    yield from _check_years(path, points)
    for i, (_, percent) in enumerate(points):
        if not 0 <= percent <= 100:
            yield Complaint((*path, i, 1), percent, "this is a share of people in per cent", "Write 0 to 100.")


def _check_sources(place: PlaceSpec) -> Complaints:
    if place.zone.source and place.zone.source not in place.sources:
        remedy = suggestion(place.zone.source, place.sources, "sources")
        yield Complaint(("zone", "source"), place.zone.source, "the place lists no source of this name", remedy)
    for path, quantity in quantities(place, ()):
        if quantity.source and quantity.source not in place.sources:
            remedy = suggestion(quantity.source, place.sources, "sources")
            rule = "the place lists no source of this name"
            yield Complaint((*path, "source"), quantity.source, rule, f"{remedy} Else add it under 'sources:'.")
        if quantity.source and not quantity.confidence:
            remedy = "Add 'confidence: high', medium or low."
            yield Complaint(path, quantity, "a figure with a source states its confidence", remedy)


def quantities(node: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Quantity]]:
    """Return every quantity of a specification with its path; not those of the members of a portfolio."""
    if isinstance(node, Quantity):
        yield path, node
    elif isinstance(node, BaseModel):
        for name in type(node).model_fields:
            if name != "members":  # places of their own, with sources of their own
                yield from quantities(getattr(node, name), (*path, name))
    elif isinstance(node, dict):
        for name, item in node.items():
            yield from quantities(item, (*path, name))
    elif isinstance(node, list):
        for i, item in enumerate(node):
            yield from quantities(item, (*path, i))


# --- years and settings -----------------------------------------------------------------------------------------------


def check_horizon(horizon: Horizon, base_year: int) -> Complaints:
    """Complain about a horizon that ends before it starts, or starts before the base year."""
    if horizon.end_year < horizon.start_year:
        rule = f"the last year lies before the first, {horizon.start_year}"
        yield Complaint(("end_year",), horizon.end_year, rule, f"Write {horizon.start_year} or later.")
    if horizon.start_year < base_year:
        rule = f"the first year lies before the base year of the place, {base_year}"
        yield Complaint(("start_year",), horizon.start_year, rule, f"Write {base_year} or later.")


def check_levers(settings: Mapping[str, Any], words: Vocabulary) -> Complaints:
    """Complain about unknown levers, values out of range and schedules whose years do not rise."""
    for key, setting in settings.items():
        if key not in words.levers:
            yield Complaint((key,), "", "there is no such lever", suggestion(key, words.levers, "levers"))
            continue
        lever = words.levers[key]
        if isinstance(setting, bool) and lever.kind != "switch":
            remedy = f"Write a number from {lever.low:g} to {lever.high:g}."
            yield Complaint((key,), setting, "this lever is a number, not a switch", remedy)
        elif isinstance(setting, Schedule):
            yield from _check_years((key, "path"), setting.path)
            for i, (_, value) in enumerate(setting.path):
                yield from _check_setting((key, "path", i, 1), value, lever)
        elif setting is not None:
            yield from _check_setting((key,), setting, lever)


def _check_setting(path: KeyPath, value: float, lever: Any) -> Complaints:
    if lever.kind == "switch" and value not in (0, 1):
        yield Complaint(path, value, "a switch is 0 or 1", "Write 0 (off) or 1 (on).")
    elif not lever.low <= value <= lever.high:
        rule = f"the lever ranges from {lever.low:g} to {lever.high:g} {lever.unit}".rstrip(" -")
        yield Complaint(path, value, rule, f"Write a value in the range; {lever.neutral:g} is neutral.")


def check_parameters(values: Mapping[str, float | None], words: Vocabulary) -> Complaints:
    """Complain about unknown parameters and values out of range."""
    for key, value in values.items():
        if key not in words.parameters:
            remedy = suggestion(key, words.parameters, "parameters")
            yield Complaint((key,), "", "there is no such parameter", remedy)
            continue
        row = words.parameters[key]
        if value is not None and not row.low <= value <= row.high:
            rule = f"the parameter ranges from {row.low:g} to {row.high:g} {row.unit}".rstrip(" -")
            yield Complaint((key,), value, rule, f"Write a value in the range; the default is {row.value:g}.")


def _check_years(path: KeyPath, points: Iterable[tuple[int, float]]) -> Complaints:
    last = None
    for i, (year, _) in enumerate(points):
        if not FIRST_YEAR <= year <= LAST_YEAR:
            rule = f"the year lies outside {FIRST_YEAR} to {LAST_YEAR}"
            yield Complaint((*path, i, 0), year, rule, "Write a calendar year.")
        elif last is not None and year <= last:
            yield Complaint(
                (*path, i, 0), year, f"the years do not rise: {last} comes before", "Sort by year, each once."
            )
        last = year


def _unknown(path: KeyPath, word: str, what: str, known: Iterable[str], plural: str) -> Complaint:
    return Complaint(path, word, f"there is no such {what}", suggestion(word, known, plural))


def _too_low(path: KeyPath, value: float) -> Complaint:
    return Complaint(path, value, "a total cannot shrink by 100 % or more a year", "Write a rate above -100.")
