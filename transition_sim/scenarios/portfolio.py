"""A portfolio: places that share the power, the weather and the prices of their province, and learn from each other.

A portfolio file names members, each a place of the library or an archetype of a size, and the nodes that they hang on.
It is expanded into one place that carries its members, with totals that are their sums: so that it can be run, shown,
compared, judged and repeated like any other place.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.core.units import Quantity, Unit
from transition_sim.scenarios import archetypes, registry
from transition_sim.scenarios.checks import Complaint, Complaints, Vocabulary, check_place
from transition_sim.scenarios.library import find_document
from transition_sim.scenarios.loader import Document, plain_document
from transition_sim.scenarios.messages import suggestion
from transition_sim.scenarios.shape import read_shape
from transition_sim.scenarios.spec import Id, Name, Number, PlaceSpec, PowerUnit, Strict, Text, Whole, Zone

PORTFOLIO_FORMAT = "portfolio/1"
FIXED_TOLERANCE = 1.001


class Node(Strict):
    """A province: like that of a place of the library, or a row of the table of provinces."""

    id: Id
    name: Name
    like: Id | None = None
    province: Id | None = None


class Member(Strict):
    """A place of the library under its own figures, or an archetype of a size."""

    id: Id
    name: Name | None = None
    node: Id
    region: Id | None = None
    """Where in the province: neighbours learn from each other sooner."""
    place: Id | None = None
    archetype: Id | None = None
    output: Annotated[Quantity, Unit("CNY/yr")] | None = None
    """Of an archetype in the base year."""
    share: Annotated[Number, Field(gt=0)] | None = None
    """Of an archetype: weight in what is left of the total output."""
    firms: Annotated[Whole, Field(ge=5, le=2000)] | None = None
    zone: Zone = Zone()
    note: Text = ""


class TotalOutput(Strict):
    """Output of all members together in a year, which archetypes with a share fill up."""

    year: Annotated[Whole, Field(ge=2020, le=2025)]
    value: Annotated[Quantity, Unit("CNY/yr")]


class PortfolioSpec(Strict):
    format: Literal["portfolio/1"]
    id: Id
    name: Name
    description: Name
    sources: Annotated[dict[Id, Text], Field(max_length=200, default_factory=dict)]
    nodes: Annotated[list[Node], Field(min_length=1, max_length=40)]
    members: Annotated[list[Member], Field(min_length=2, max_length=60)]
    total_output: TotalOutput | None = None


# --- sense ------------------------------------------------------------------------------------------------------------


def check_portfolio(spec: PortfolioSpec) -> Complaints:
    """Complain about names used twice, nodes and members that do not exist, and totals that cannot be met."""
    yield from _twice(("nodes",), [n.id for n in spec.nodes], "two nodes have one name")
    yield from _twice(("members",), [m.id for m in spec.members], "two members have one name")
    for i, node in enumerate(spec.nodes):
        yield from _check_node(i, node)
    nodes = [n.id for n in spec.nodes]
    for i, member in enumerate(spec.members):
        if member.node not in nodes:
            remedy = suggestion(member.node, nodes, "nodes of this portfolio")
            yield Complaint(("members", i, "node"), member.node, "there is no such node", remedy)
        yield from _check_member(i, member, spec.total_output is not None)


def _twice(path: tuple[str, ...], ids: list[str], rule: str) -> Complaints:
    for i, word in enumerate(ids):
        if word in ids[:i]:
            first = ids.index(word)
            yield Complaint((*path, i, "id"), word, rule, f"Rename one; the first is item {first}, counted from 0.")


def _check_node(i: int, node: Node) -> Complaints:
    from transition_sim.scenarios.library import list_places

    if (node.like is None) == (node.province is None):
        rule = "a node is like a place of the library, or a province of the table"
        yield Complaint(("nodes", i), node.id, rule, "Give 'like' or 'province', one of the two.")
    elif node.like is not None and node.like not in list_places():
        remedy = suggestion(node.like, list_places(), "places")
        yield Complaint(("nodes", i, "like"), node.like, "the library has no place of this name", remedy)
    elif node.province is not None and node.province not in archetypes.provinces():
        remedy = suggestion(node.province, archetypes.provinces(), "provinces")
        yield Complaint(("nodes", i, "province"), node.province, "the table has no such province", remedy)


def _check_member(i: int, member: Member, has_total: bool) -> Complaints:
    from transition_sim.scenarios.library import list_places

    at = ("members", i)
    if (member.place is None) == (member.archetype is None):
        rule = "a member is a place of the library or an archetype"
        yield Complaint(at, member.id, rule, "Give 'place' or 'archetype', one of the two.")
    elif member.place is not None and member.place not in list_places():
        remedy = suggestion(member.place, list_places(), "places")
        yield Complaint((*at, "place"), member.place, "the library has no place of this name", remedy)
    elif member.place is not None and (member.output is not None or member.share is not None):
        remedy = "Delete it, or take an archetype."
        yield Complaint(at, member.id, "a place of the library keeps its own output", remedy)
    elif member.archetype is not None and member.archetype not in archetypes.archetypes():
        remedy = suggestion(member.archetype, archetypes.archetypes(), "archetypes")
        yield Complaint((*at, "archetype"), member.archetype, "there is no such archetype", remedy)
    elif member.archetype is not None and (member.output is None) == (member.share is None):
        rule = "an archetype has an output, or a share of what is left of the total output"
        yield Complaint(at, member.id, rule, "Give 'output' or 'share', one of the two.")
    elif member.share is not None and not has_total:
        rule = "there is no total output of which a share could be taken"
        yield Complaint((*at, "share"), member.share, rule, "Give an output, or the portfolio a 'total_output'.")
    if member.archetype is not None and member.name is None:
        yield Complaint((*at, "name"), member.id, "an archetype needs a name", "Add 'name: {en: ..., zh: ...}'.")


# --- expansion --------------------------------------------------------------------------------------------------------


def expand(document: Document, words: Vocabulary) -> Document:
    """Return the place that a portfolio stands for, members inside.

    Raises
    ------
    ScenarioError
        With every fault of the file, or of the first member that cannot be made.
    """
    spec, faults = read_shape(PortfolioSpec, document.data, document.fault)
    if spec is None:
        raise ScenarioError(faults)
    faults = [document.fault(c.path, c.value, c.rule, c.remedy) for c in check_portfolio(spec)]
    if faults:
        raise ScenarioError(faults)
    powers = {node.id: _node_power(node) for node in spec.nodes}
    fixed = {m.id: _library_place(m, powers[m.node]) for m in spec.members if m.place is not None}
    unit_cny = _cny_per_share(spec, fixed, document)
    years = spec.total_output.year - 2020 if spec.total_output is not None else 0
    places = []
    for number, member in enumerate(spec.members):
        content = fixed.get(member.id) or _made(member, number, powers[member.node], unit_cny, years)
        places.append(_checked({**content, "programme": spec.id}, member, document, words))
    return plain_document(_whole(spec, places), document.file)


def _node_power(node: Node) -> dict[str, Any]:
    if node.province is not None:
        return archetypes.province_power(archetypes.provinces()[node.province])
    power = dict(find_document(str(node.like), "place").data["power"])
    power["units"] = [_bare(unit) for unit in power["units"] if unit["node"] == "province"]
    del power["import_limit"]
    return {key: _without_source(value) for key, value in power.items()}


def _bare(unit: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _without_source(value) for key, value in unit.items()}


def _without_source(value: Any) -> Any:
    """Return a quantity with its source replaced: sources of the place that a node is like are not listed here."""
    if isinstance(value, Mapping) and "value" in value:
        kept = {key: value[key] for key in ("value", "low", "high", "confidence") if key in value}
        return {**kept, "source": "province"} if "confidence" in kept else kept
    return value


def _library_place(member: Member, power: Mapping[str, Any]) -> dict[str, Any]:
    """Return a place of the library on the node: its own plants and substations, the province of the node."""
    content = dict(find_document(str(member.place), "place").data)
    own = content["power"]
    local = [unit for unit in own["units"] if unit["node"] == "place"]
    kept = {key: own[key] for key in ("import_limit", "roof_pv_yield")}
    content["power"] = {**power, **kept, "units": [*local, *power["units"]]}
    content["sources"] = {**content.get("sources", {}), "province": archetypes.PROVINCE_SOURCE}
    return {**content, "id": member.id, "node": member.node, "region": member.region}


def _cny_per_share(spec: PortfolioSpec, fixed: Mapping[str, Any], document: Document) -> float:
    """Return the output in the year of the total that one share stands for.

    Raises
    ------
    ScenarioError
        When members with figures of their own exceed the total already, or miss it where nobody has a share.
    """
    total = spec.total_output
    if total is None:
        return 0.0
    years = total.year - 2020
    known = sum(_grown(place, years) for place in fixed.values())
    for m in spec.members:
        if m.archetype is not None and m.output is not None:
            known += float(m.output) * archetypes.output_growth(m.archetype, years)
    shares = sum(m.share or 0.0 for m in spec.members)
    left = float(total.value) - known
    is_met = left > 0 if shares > 0 else abs(left) <= (FIXED_TOLERANCE - 1.0) * float(total.value)
    if not is_met:
        made = f"{known / 1e9:,.1f} bn CNY in {total.year}"
        rule = f"the members with figures of their own make {made}: the total cannot be met"
        value = f"{float(total.value) / 1e9:,.1f} bn CNY"
        raise ScenarioError(
            [document.fault(("total_output", "value"), value, rule, "Raise the total, or lower outputs.")]
        )
    return left / shares if shares > 0 else 0.0


def _grown(place: Mapping[str, Any], years: int) -> float:
    growth = {row.id: 1.0 + row.growth_2021_2025_percent / 100.0 for row in registry.sectors()}
    parse = Unit("CNY/yr").parse
    return sum(float(parse(s["output"])) * growth[s["sector"]] ** years for s in place["sectors"])


def _made(member: Member, number: int, power: Mapping[str, Any], unit_cny: float, years: int) -> dict[str, Any]:
    assert member.archetype is not None
    assert member.name is not None
    if member.output is not None:
        output = float(member.output)
    else:
        output = (member.share or 0.0) * unit_cny / archetypes.output_growth(member.archetype, years)
    kind = archetypes.archetypes()[member.archetype]
    identity = {
        "id": member.id,
        "name": member.name.model_dump(),
        "node": member.node,
        "region": member.region,
        "description": {
            "en": f"Archetype: {kind.name_en}. No figure of it is official. {member.note}".strip(),
            "zh": f"原型：{kind.name_zh}。所有数值均非官方数据。{member.note}".strip(),
        },
        "zone": member.zone.model_dump(),
    }
    return archetypes.archetype_place(identity, member.archetype, output, power, number + 1, member.firms)


def _checked(content: Mapping[str, Any], member: Member, document: Document, words: Vocabulary) -> PlaceSpec:
    place, faults = read_shape(PlaceSpec, content, lambda *a: _fault(document, member, *a))
    if place is not None:
        faults = [_fault(document, member, c.path, c.value, c.rule, c.remedy) for c in check_place(place, words)]
    if faults or place is None:
        raise ScenarioError(faults)
    return place


def _fault(document: Document, member: Member, path: Any, value: Any, rule: str, remedy: str) -> Fault:
    return document.fault(("members", member.id, *path), value, rule, remedy)


# --- the whole --------------------------------------------------------------------------------------------------------


def _whole(spec: PortfolioSpec, places: list[PlaceSpec]) -> dict[str, Any]:
    """Return the content of a place whose units are the members and whose totals are their sums."""
    first = places[0]
    sectors: dict[str, list[float]] = {}
    for sector in (s for place in places for s in place.sectors):
        held = sectors.setdefault(sector.sector, [0.0, 0])
        held[0], held[1] = held[0] + float(sector.output), held[1] + sector.firms
    carriers: dict[str, list[float]] = {}
    for row in (c for place in places for c in place.energy_balance):
        both = carriers.setdefault(row.carrier, [0.0, 0.0])
        both[0], both[1] = both[0] + float(row.enterprises), both[1] + float(row.feedstock)
    units: list[PowerUnit] = [u for u in first.power.units if u.node == "province"]
    local = [_renamed(u, place.id) for place in places for u in place.power.units if u.node == "place"]
    return {
        "format": "place/1",
        "id": spec.id,
        "name": spec.name.model_dump(),
        "kind": "portfolio",
        "base_year": first.base_year,
        "description": spec.description.model_dump(),
        "sources": {
            "members": "Sum over the members",
            "province": "Grid of the province of the first member",
            **spec.sources,
        },
        "counties": [_as_county(place) for place in places],
        "economy": {
            "gdp": _sum(float(p.economy.gdp) for p in places),
            "rest_growth_percent": first.economy.rest_growth_percent,
        },
        "sectors": [{"sector": key, "output": _sum([cny]), "firms": int(n)} for key, (cny, n) in sectors.items()],
        "energy_balance": [
            {"carrier": key, "enterprises": _sum([gj]), "feedstock": feed} for key, (gj, feed) in carriers.items()
        ],
        "power": {
            **_bare(first.power.model_dump(mode="json")),
            "units": [_bare(u.model_dump(mode="json", exclude={"county"})) for u in units] + local[: 60 - len(units)],
        },
        "finance": {
            "banks": [bank.model_dump(mode="json") for bank in first.finance.banks],
            "green_fund": _sum(float(p.finance.green_fund) for p in places),
        },
        "public": {"fiscal_revenue": _sum(float(p.public.fiscal_revenue) for p in places)},
        "gate": {
            "co2": _sum(float(p.gate.co2) for p in places),
            "energy": _sum(float(p.gate.energy) for p in places),
            "electricity": _sum(float(p.gate.electricity) for p in places),
        },
        "members": [place.model_dump(mode="json") for place in places],
    }


def _sum(values: Iterator[float] | list[float]) -> dict[str, Any]:
    return {"value": sum(values), "source": "members", "confidence": "low"}


def _as_county(place: PlaceSpec) -> dict[str, Any]:
    people = sum(float(c.population) for c in place.counties)
    return {
        "id": place.id,
        "name": place.name.model_dump(),
        "population": _sum([people]),
        "gdp": _sum([float(place.economy.gdp)]),
    }


def _renamed(unit: PowerUnit, place_id: str) -> dict[str, Any]:
    """Return a plant of a member as a plant of the whole; whose county it stood in is left out, and its source."""
    content = _bare(unit.model_dump(mode="json", exclude={"county"}))
    content["id"] = f"{place_id[:28]}_{unit.id[:11]}"
    return content
