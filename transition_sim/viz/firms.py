"""Enterprises at the end of a run: the table of all, and one with its equipment, books, neighbours and reasons."""

from typing import Any

import numpy as np

from transition_sim.agents.neighbours import partner_name
from transition_sim.scenarios import registry
from transition_sim.viz.decision_log import decision_log
from transition_sim.viz.formatting import figure
from transition_sim.viz.words import Words
from transition_sim.world.columns import AGENT
from transition_sim.world.state import ACTIVE
from transition_sim.world.world import World

SHOWN_NEIGHBOURS = 10
BOOKS = (
    "output_cny", "profit_cny", "cash_cny", "debt_cny", "capex_cny", "subsidy_cny", "scope1_tco2", "electricity_mwh",
)  # fmt: skip
_COLUMN = {c.name: k for k, c in enumerate(AGENT)}


def sector_names(words: Words) -> dict[str, str]:
    """Return the names of sectors."""
    rows = registry.sectors()
    found = rows.values() if hasattr(rows, "values") else rows
    return {row.id: words.of(row) for row in found}


def firm_table(world: World, words: Words) -> dict[str, Any]:
    """Return the table of all enterprises: titles of the columns, and a row an enterprise (row number first)."""
    firms = world.labels["enterprise_attributes"]
    sectors = sector_names(words)
    counties = {c.id: words.name(c.name) for c in world.scenario.place.counties}
    agent = world.recorder.agent
    last, total = agent[-1], agent.sum(axis=0)
    year = world.clock.end_year
    head = [
        words("firm"), words("sector"), words("county"), words("size"), words("output_col", year=year),
        words("co2_col", year=year), words("capex_col"), words("subsidy_col"), words("state_col"),
    ]  # fmt: skip
    names = firms[f"name_{words.language}"]
    numbers = np.stack(
        [
            words.of_enterprise(values[:, _COLUMN[name]], name)
            for values, name in (
                (last, "output_cny"),
                (last, "scope1_tco2"),
                (total, "capex_cny"),
                (total, "subsidy_cny"),
            )
        ],
        axis=1,
    )
    alive = last[:, _COLUMN["is_alive"]] > 0
    rows = [
        [
            k, names[k], sectors[firms["sector"][k]], counties[firms["county"][k]],
            words(f"size_{firms['size_class'][k]}"), *(float(f"{v:.4g}") for v in numbers[k]),
            words("alive" if alive[k] else "gone"), bool(firms["is_anchor"][k]),
        ]
        for k in range(len(names))
    ]  # fmt: skip
    return {"head": head, "rows": rows}


def largest(world: World) -> int:
    """Return the row of the enterprise with the largest output in the base year."""
    return int(np.argmax(world.labels["enterprise_attributes"]["output_cny"]))


def firm_card(world: World, row: int, words: Words) -> dict[str, Any]:
    """Return what is shown of one enterprise."""
    firms = world.labels["enterprise_attributes"]
    counties = {c.id: words.name(c.name) for c in world.scenario.place.counties}
    facts = [
        sector_names(words)[firms["sector"][row]],
        counties[firms["county"][row]],
        words(f"size_{firms['size_class'][row]}"),
        words(f"own_{firms['ownership'][row]}"),
    ]
    return {
        "row": row,
        "name": firms[f"name_{words.language}"][row],
        "facts": facts,
        "equipment": equipment(world, row, words),
        "books": books(world, row, words),
        "chain": chain(world, row, words),
        "by_products": by_products(world, row, words),
        **decision_log(world, row, words),
    }


def equipment(world: World, row: int, words: Words) -> list[dict[str, Any]]:
    """Return the active assets, youngest first, like assets of a year summed."""
    state, labels = world.state, world.labels
    zh = int(words.language == "zh")
    used = state.assets[: state.n_assets]
    found: dict[tuple[int, int, int], float] = {}
    for r in np.flatnonzero((state.slots["enterprise"][used["slot"]] == row) & (used["status"] == ACTIVE)):
        service = int(state.slots["service"][used["slot"][r]])
        year = world.clock.start_year + int(used["commissioned_quarter"][r]) // 4
        key = (year, service, int(used["technology"][r]))
        found[key] = found.get(key, 0.0) + float(used["capacity_unit_per_year"][r])
    start = world.clock.start_year
    return [
        {
            "service": labels["service_names"][zh][service],
            "technology": labels["technology_names"][zh][technology],
            "capacity": f"{figure(capacity)} {words.unit(labels['service_units'][service])}",
            "since": str(year) if year >= start else words("before_base", year=start),
            "is_new": year >= start,
        }
        for (year, service, technology), capacity in sorted(found.items(), key=lambda i: (-i[0][0], i[0][1:]))
    ]


def books(world: World, row: int, words: Words) -> dict[str, list[list[str]] | list[str]]:
    """Return the accounts of every third year and of the last."""
    years = [y for y in world.clock.years if (y - world.clock.end_year) % 3 == 0]
    agent, first = world.recorder.agent, world.clock.start_year
    rows = [
        [
            words(f"book_{name}"),
            *(figure(words.of_enterprise(float(agent[y - first, row, _COLUMN[name]]), name)) for y in years),
        ]
        for name in BOOKS
    ]
    return {"head": [words("books"), *(str(y) for y in years)], "rows": rows}


def by_products(world: World, row: int, words: Words) -> list[dict[str, str]]:
    """Return its links by by-products at the end of the run, the oldest first: what, with whom, how much a year."""
    symbiosis = world.symbiosis
    found = []
    for pair, gives, partner in symbiosis.links_of(row):
        product, link = symbiosis.product_of(pair), symbiosis.pairs[pair]
        name = partner_name(world, partner, words.language)
        found.append(
            {
                "name": words.of(product),
                "partner": words("by_product_gives" if gives else "by_product_takes", name=name),
                "amount": f"{figure(float(link['capacity_unit_per_year']))} {words.unit(product.unit)}",
                "since": str(world.clock.year(int(link["since_quarter"]))),
            }
        )
    return found


def neighbours(world: World, row: int) -> tuple[list[int], list[int]]:
    """Return the rows of suppliers and of buyers, the largest share of purchases and the largest buyer first."""
    graph = world.state.graph
    first, last = graph.supplier_start[row], graph.supplier_start[row + 1]
    by_weight = np.argsort(-graph.weight[first:last], kind="stable")
    suppliers = list(dict.fromkeys(int(r) for r in graph.supplier[first:last][by_weight]))
    sold = graph.buyer[graph.buyer_start[row] : graph.buyer_start[row + 1]]
    output = world.labels["enterprise_attributes"]["output_cny"]
    buyers = sorted({int(r) for r in sold}, key=lambda r: (-float(output[r]), r))
    return suppliers, buyers


def chain(world: World, row: int, words: Words) -> dict[str, Any]:
    """Return the neighbours of an enterprise in the supply chain, the largest first."""
    suppliers, buyers = neighbours(world, row)
    names = world.labels["enterprise_attributes"][f"name_{words.language}"]
    sectors = world.labels["enterprise_attributes"]["sector"]
    titles = sector_names(words)
    committed = world.state["conduct"]["is_committed"]

    def node(r: int) -> dict[str, Any]:
        return {"row": r, "name": names[r], "sector": titles[sectors[r]], "green": bool(committed[r])}

    def more(rows: list[int]) -> str:
        return words("and_more", n=len(rows) - SHOWN_NEIGHBOURS) if len(rows) > SHOWN_NEIGHBOURS else ""

    return {
        "label": words("chain_label", name=names[row], suppliers=len(suppliers), buyers=len(buyers)),
        "suppliers": [node(r) for r in suppliers[:SHOWN_NEIGHBOURS]],
        "buyers": [node(r) for r in buyers[:SHOWN_NEIGHBOURS]],
        "more_suppliers": words("and_more", n=len(suppliers) - SHOWN_NEIGHBOURS)
        if len(suppliers) > SHOWN_NEIGHBOURS
        else "",
        "more_buyers": words("and_more", n=len(buyers) - SHOWN_NEIGHBOURS) if len(buyers) > SHOWN_NEIGHBOURS else "",
    }
