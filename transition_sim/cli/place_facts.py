"""What is known of a place as rows: what, value, range, how sure, from where."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transition_sim.cli.words import Words

if TYPE_CHECKING:
    from transition_sim.core.units import Quantity
    from transition_sim.scenarios.spec import City, PlaceSpec, PowerUnit

CONFIDENCES = ("high", "medium", "low")
_SCALES: dict[str, tuple[tuple[tuple[float, str], ...], tuple[tuple[float, str], ...]]] = {
    "tCO2/yr": (
        ((1e6, "MtCO₂/yr"), (1e3, "ktCO₂/yr"), (1.0, "tCO₂/yr")),
        ((1e4, "万吨二氧化碳/年"), (1.0, "吨二氧化碳/年")),
    ),
    "tce/yr": (((1e6, "Mtce/yr"), (1e3, "ktce/yr"), (1.0, "tce/yr")), ((1e4, "万吨标准煤/年"), (1.0, "吨标准煤/年"))),
    "MWh/yr": (
        ((1e6, "TWh/yr"), (1e3, "GWh/yr"), (1.0, "MWh/yr")),
        ((1e5, "亿千瓦时/年"), (10.0, "万千瓦时/年")),
    ),
    "GJ/yr": (((1e6, "PJ/yr"), (1e3, "TJ/yr"), (1.0, "GJ/yr")), ((1e3, "太焦/年"), (1.0, "吉焦/年"))),
    "electricity": (
        ((3.6e6, "TWh/yr"), (3.6e3, "GWh/yr"), (3.6, "MWh/yr")),
        ((3.6e5, "亿千瓦时/年"), (36.0, "万千瓦时/年")),
    ),
    "CNY/yr": (((1e9, "bn CNY/yr"), (1e6, "M CNY/yr")), ((1e8, "亿元/年"), (1e4, "万元/年"))),
    "CNY": (((1e9, "bn CNY"), (1e6, "M CNY")), ((1e8, "亿元"), (1e4, "万元"))),
    "MW": (((1e3, "GW"), (1.0, "MW")), ((10.0, "万千瓦"), (1.0, "兆瓦"))),
    "t/yr": (((1e6, "Mt/yr"), (1e3, "kt/yr"), (1.0, "t/yr")), ((1e4, "万吨/年"), (1.0, "吨/年"))),
    "person": (((1e6, "M persons"), (1e3, "k persons"), (1.0, "persons")), ((1e4, "万人"), (1.0, "人"))),
    "vehicle": (((1.0, "vehicles"),), ((1e4, "万辆"), (1.0, "辆"))),
    "point": (((1.0, "points"),), ((1.0, "个"),)),
    "share": (((0.01, "%"),), ((0.01, "%"),)),
    "m2": (((1e6, "Mm2"), (1.0, "m2")), ((1e4, "万平方米"), (1.0, "平方米"))),
    "m3": (((1e6, "M m3"), (1.0, "m3")), ((1e4, "万立方米"), (1.0, "立方米"))),
    "ha": (((1.0, "ha"),), ((100.0, "平方公里"), (1.0, "公顷"))),
}


@dataclass(frozen=True)
class Fact:
    """One stated figure of a place, in its declared unit; ``scale`` names another way to show it."""

    section: str
    what: str
    quantity: "Quantity"
    unit: str
    extra: str = ""
    scale: str = ""

    def shown(self, words: Words) -> tuple[str, str, str]:
        """Return value, range and unit in a unit that is easy to read; the range is empty where none is stated."""
        scale, unit = self._scale(words)
        low, high = self.quantity.low, self.quantity.high
        ends = [_number(end / scale) if end is not None else "?" for end in (low, high)]
        spread = "" if low is None and high is None else "–".join(ends)
        return _number(self.quantity / scale), spread, unit

    def _scale(self, words: Words) -> tuple[float, str]:
        steps = _SCALES.get(self.scale or self.unit, (((1.0, self.unit),),) * 2)[words.is_chinese]
        return next(((scale, unit) for scale, unit in steps if abs(self.quantity) >= scale), steps[-1])


def _number(value: float) -> str:
    """Four figures that count, thousands with commas."""
    if value == 0:
        return "0"
    text = f"{float(f'{value:.4g}'):,.6f}".rstrip("0").rstrip(".")
    return text if text not in ("0", "-0") else f"{value:.2g}"


def _in(words: Words, en: str, zh: str) -> str:
    return zh if words.is_chinese else en


def _scale_of(carrier: str) -> str:
    return carrier if carrier in _SCALES else ""


def place_facts(place: "PlaceSpec", words: Words) -> list[Fact]:
    """Return every figure of a place that states how sure it is, section by section.

    Nothing that the file holds with a source is left out.
    """
    return [fact for fact in _all_facts(place, words) if fact.quantity.confidence]


def _all_facts(place: "PlaceSpec", words: Words) -> Iterator[Fact]:
    from transition_sim.scenarios import registry

    carriers = {row.id: words.of(row) for row in registry.carriers()}
    sectors = {row.id: f"{row.id} {words.of(row)}" for row in registry.sectors()}
    yield Fact("totals", _in(words, "CO₂, territorial", "二氧化碳（地域口径）"), place.gate.co2, "tCO2/yr")
    yield Fact("totals", _in(words, "energy, coal equivalent", "能源消费（等价值）"), place.gate.energy, "tce/yr")
    yield Fact("totals", _in(words, "electricity", "用电量"), place.gate.electricity, "MWh/yr")
    yield Fact("totals", _in(words, "gross domestic product", "地区生产总值"), place.economy.gdp, "CNY/yr")
    for member in place.members:
        name, node = words.name(member.name), str(member.node)
        firms = words("enterprises", n=sum(row.firms for row in member.sectors))
        yield Fact(
            "members", f"{name}: {_in(words, 'CO₂', '二氧化碳')}", member.gate.co2, "tCO2/yr", f"{node}; {firms}"
        )
        yield Fact("members", f"{name}: {_in(words, 'energy', '能源')}", member.gate.energy, "tce/yr")
    for county in () if place.members else place.counties:
        name = words.name(county.name)
        yield Fact("units", f"{name}: {_in(words, 'population', '人口')}", county.population, "person")
        yield Fact("units", f"{name}: {_in(words, 'product', '生产总值')}", county.gdp, "CNY")
    for row in place.sectors:
        firms = words("enterprises", n=row.firms)
        yield Fact("sectors", sectors.get(row.sector, row.sector), row.output, "CNY/yr", firms)
    yield from _anchor_facts(place, words)
    for balance in place.energy_balance:
        carrier = carriers.get(balance.carrier, balance.carrier)
        yield Fact("balance", carrier, balance.enterprises, "GJ/yr", scale=_scale_of(balance.carrier))
        yield Fact("balance", f"{carrier}: {_in(words, 'feedstock', '原料')}", balance.feedstock, "GJ/yr")
    for sector in place.city_sectors:
        for key, energy in sector.energy.items():
            yield Fact(
                "others", f"{words.name(sector.name)}: {carriers.get(key, key)}", energy, "GJ/yr", scale=_scale_of(key)
            )
    yield from _city_facts(place, words)
    yield from _power_facts(place, words)
    yield Fact("public", _in(words, "fiscal revenue", "财政收入"), place.public.fiscal_revenue, "CNY/yr")
    yield Fact("public", _in(words, "transfers", "转移支付"), place.public.transfers, "CNY/yr")
    yield Fact("public", _in(words, "green fund", "绿色基金"), place.finance.green_fund, "CNY")


def _anchor_facts(place: "PlaceSpec", words: Words) -> Iterator[Fact]:
    for anchor in place.anchors:
        name, year = words.name(anchor.name), str(anchor.commissioned or "")
        if anchor.output is not None:
            yield Fact("anchors", f"{name}: {_in(words, 'output', '产值')}", anchor.output, "CNY/yr", year)
        if anchor.clinker_capacity is not None:
            capacity = _in(words, "clinker capacity", "熟料产能")
            yield Fact("anchors", f"{name}: {capacity}", anchor.clinker_capacity, "t/yr", year)


def _city_facts(place: "PlaceSpec", words: Words) -> Iterator[Fact]:
    """Return people, vehicles, buildings, waste and land, where the place states them."""
    from transition_sim.scenarios import registry

    city = place.city
    if city is None:
        return
    fleets = {row.id: words.of(row) for row in registry.fleet_kinds()}
    kinds = {row.id: words.of(row) for row in registry.building_kinds()}
    electric, gas = _in(words, "electric", "电动占比"), _in(words, "on gas", "燃气占比")
    yield Fact("others", _in(words, "people", "常住人口"), city.population, "person")
    for stock in city.vehicles:
        name = fleets.get(stock.fleet, stock.fleet)
        yield Fact("others", name, stock.vehicles, "vehicle")
        yield Fact("others", f"{name}: {electric}", stock.electric_share, "share")
        yield Fact("others", f"{name}: {gas}", stock.gas_share, "share")
    yield Fact("others", _in(words, "public charging points", "公共充电桩"), city.charging_points, "point")
    for building in city.buildings:
        name = kinds.get(building.kind, building.kind)
        yield Fact("others", f"{name}: {_in(words, 'floor', '建筑面积')}", building.area, "m2")
        if building.electricity is not None:
            power = _in(words, "electricity", "用电")
            yield Fact("others", f"{name}: {power}", building.electricity, "GJ/yr", scale="electricity")
    yield from _land_facts(city, words)


def _land_facts(city: "City", words: Words) -> Iterator[Fact]:
    waste, land = city.waste, city.land
    for en, zh, quantity, unit in (
        ("waste burnt for power", "垃圾焚烧占比", waste.incinerated_share, "share"),
        ("waste recycled", "垃圾回收占比", waste.recycled_share, "share"),
        ("people covered by sorting", "垃圾分类覆盖率", waste.sorted_share, "share"),
        ("land", "土地面积", land.area, "ha"),
        ("forest", "森林面积", land.forest, "ha"),
        ("karst in the forest", "森林中喀斯特占比", land.karst_share, "share"),
        ("farmland", "耕地面积", land.farmland, "ha"),
        ("growing stock", "森林蓄积量", land.forest_stock, "m3"),
        ("nitrogen of fertiliser", "氮肥施用量（折纯）", land.fertiliser, "t/yr"),
    ):
        yield Fact("others", _in(words, en, zh), quantity, unit)


def _power_facts(place: "PlaceSpec", words: Words) -> Iterator[Fact]:
    power = place.power
    for node in ("place", "province"):
        for unit in (u for u in power.units if u.node == node):
            yield from _unit_facts(unit, words)
    yield Fact("province", _in(words, "load of the province", "全省用电量"), power.province_load, "MWh/yr")
    yield Fact("province", _in(words, "contracted export", "外送电量"), power.export, "MWh/yr")
    yield Fact("province", _in(words, "provincial factor", "省级电网因子"), power.province_factor, "tCO2/MWh")
    yield Fact("province", _in(words, "national factor", "全国电网因子"), power.national_factor, "tCO2/MWh")
    yield Fact("power", _in(words, "yield of roof PV", "屋顶光伏年发电量"), power.roof_pv_yield, "MWh/MW/yr")


def _unit_facts(unit: "PowerUnit", words: Words) -> Iterator[Fact]:
    section, name = ("power" if unit.node == "place" else "province"), words.name(unit.name)
    yield Fact(section, name, unit.capacity, "MW")
    if unit.heat_rate is not None:
        yield Fact(section, f"{name}: {_in(words, 'heat rate', '热耗')}", unit.heat_rate, "GJ/MWh")


def percent_by_confidence(facts: list[Fact]) -> dict[str, int]:
    """Return the same in whole percent that add up to 100: what rounding down leaves goes to the largest remainders."""
    shares = share_by_confidence(facts)
    whole = {key: int(share) for key, share in shares.items()}
    left = round(sum(shares.values())) - sum(whole.values())
    for key in sorted(shares, key=lambda key: whole[key] - shares[key])[:left]:
        whole[key] += 1
    return whole


def share_by_confidence(facts: list[Fact]) -> dict[str, float]:
    """Return the share of figures of high, medium and low confidence, %."""
    count = Counter(fact.quantity.confidence for fact in facts)
    return {key: 100.0 * count[key] / len(facts) if facts else 0.0 for key in CONFIDENCES}
