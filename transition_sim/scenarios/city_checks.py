"""Sense of what a place says of its vehicles, buildings, waste and land."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from transition_sim.scenarios.checks import Complaint, Complaints, Vocabulary
from transition_sim.scenarios.messages import KeyPath, suggestion
from transition_sim.scenarios.spec import City, CitySector, PlaceSpec

BURNT = {
    "transport": ("gasoline", "diesel", "natural_gas", "electricity"),
    "urban_buildings": ("coal", "biomass", "natural_gas", "electricity"),
    "rural_buildings": ("coal", "biomass", "natural_gas", "electricity"),
}
"""Carriers that stocks of a model use."""


def check_city(place: PlaceSpec, words: Vocabulary) -> Complaints:
    """Complain about stocks that the tables do not know, that do not fit the energy of their sector, or are missing."""
    yield from _check_models(place)
    if place.city is not None:
        yield from _check_stocks(place.city, words)
        for i, sector in enumerate(place.city_sectors):
            yield from _check_users(place.city, sector, ("city_sectors", i), words)


def _check_models(place: PlaceSpec) -> Complaints:
    times = Counter(sector.model for sector in place.city_sectors)
    for i, sector in enumerate(place.city_sectors):
        at: KeyPath = ("city_sectors", i, "model")
        if sector.model == "trend":
            continue
        if place.city is None:
            yield Complaint(at, sector.model, "the place states no stocks for this", "Add 'city:' or take 'trend'.")
        if times[sector.model] > 1:
            yield Complaint(at, sector.model, "two sectors share a model", "Put their energy into one sector.")
        if sector.model in BURNT and sector.electrification_share_per_year > 0:
            rule = "stocks decide about electricity here"
            path = ("city_sectors", i, "electrification_share_per_year")
            yield Complaint(path, sector.electrification_share_per_year, rule, "Delete the key.")


def _check_stocks(city: City, words: Vocabulary) -> Complaints:
    yield from _check_rows("vehicles", "fleet", [s.fleet for s in city.vehicles], words.fleets)
    yield from _check_rows("buildings", "kind", [s.kind for s in city.buildings], words.building_kinds)
    shares: list[tuple[KeyPath, float]] = [
        (("city", "vehicles", i), s.electric_share + s.gas_share) for i, s in enumerate(city.vehicles)
    ]
    shares.append((("city", "waste"), city.waste.incinerated_share + city.waste.recycled_share))
    for path, total in shares:
        if total > 1.0 + 1e-9:
            yield Complaint(path, f"sum {total:g}", "shares of one whole sum to more than 1", "Lower one of them.")
    if city.land.forest + city.land.farmland > city.land.area:
        rule = "forest and farmland are larger than the land"
        yield Complaint(("city", "land", "area"), city.land.area, rule, "Correct one of the three.")


def _check_rows(table: str, key: str, ids: list[str], known: Mapping[str, Any]) -> Iterator[Complaint]:
    for i, word in enumerate(ids):
        path: KeyPath = ("city", table, i, key)
        if word not in known:
            yield Complaint(path, word, f"there is no such {key}", suggestion(word, known, f"{key}s"))
        elif word in ids[:i]:
            yield Complaint(path, word, f"the {key} is given twice", "Delete one of the two.")


def _check_users(city: City, sector: CitySector, at: KeyPath, words: Vocabulary) -> Complaints:
    """Complain about energy of a sector that none of its stocks can use."""
    if sector.model not in BURNT:
        return
    used = set(_used_by_vehicles(city, words) if sector.model == "transport" else _used_by(city, sector.model, words))
    for carrier, energy in sector.energy.items():
        if energy > 0 and carrier not in used:
            rule = f"no stock of the place under '{sector.model}' uses this carrier"
            yield Complaint((*at, "energy", carrier), energy, rule, "Add the stock, or move the energy to a trend.")


def _used_by_vehicles(city: City, words: Vocabulary) -> Iterable[str]:
    for stock in city.vehicles:
        if stock.electric_share + stock.gas_share < 1.0 and stock.fleet in words.fleets:
            yield words.fleets[stock.fleet].fuel
        if stock.gas_share > 0:
            yield "natural_gas"
        if stock.electric_share > 0:
            yield "electricity"


def _used_by(city: City, model: str, words: Vocabulary) -> Iterable[str]:
    for stock in city.buildings:
        kind = words.building_kinds.get(stock.kind)
        if kind is not None and kind.is_urban == (model == "urban_buildings"):
            weights = (kind.coal_mj_per_m2, kind.biomass_mj_per_m2, kind.gas_mj_per_m2, kind.electricity_kwh_per_m2)
            yield from (carrier for carrier, weight in zip(BURNT[model], weights, strict=True) if weight > 0)
