"""Who there is: sizes, places, owners and names of the enterprises of a place (4.1 steps 1 and 2)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from transition_sim.core.streams import Streams
from transition_sim.scenarios import registry
from transition_sim.scenarios.spec import Anchor, PlaceSpec, SectorTotal
from transition_sim.world.population.names import Numbered
from transition_sim.world.state import FOREIGN, LARGE, MEDIUM, PRIVATE, SMALL, SOE

OWNERSHIP = {"soe": SOE, "private": PRIVATE, "foreign": FOREIGN}
DAYS_PER_YEAR = 365.0
LARGEST_LINE_T_PER_YEAR = 5000.0 * DAYS_PER_YEAR
PLACED_ONE_BY_ONE = 500
KILN_USE_SHARE = 0.62
"""Share of permitted clinker capacity in use where a place names no kilns [A]."""


@dataclass(frozen=True)
class Roster:
    """The enterprises of a place in the base year, one row each.

    Attributes
    ----------
    sector, county, ownership, size_class : ndarray of int, shape (N,)
    output_cny : ndarray, shape (N,)
        CNY/yr.
    clinker_t, permit_t : ndarray, shape (N,)
        Clinker made and permitted clinker capacity (365 days), t/yr.
    commissioned_year : ndarray of int, shape (N,)
        Of the main line of an anchor; 0 where unknown.
    is_anchor : ndarray of bool, shape (N,)
    ids, names_en, names_zh : sequence of str
    """

    sector: np.ndarray
    county: np.ndarray
    ownership: np.ndarray
    size_class: np.ndarray
    output_cny: np.ndarray
    clinker_t: np.ndarray
    permit_t: np.ndarray
    commissioned_year: np.ndarray
    is_anchor: np.ndarray
    ids: Sequence[str]
    names_en: Sequence[str]
    names_zh: Sequence[str]

    @property
    def n(self) -> int:
        return self.sector.size


def rank_sizes(n: int, exponent: float) -> np.ndarray:
    """Return shares by rank, largest first: k^-exponent over their sum (Zipf; A42: top 1 of 100 at 1 has .1928)."""
    weight = np.arange(1, n + 1, dtype=float) ** -exponent
    return weight / weight.sum()


def size_classes(output_cny: np.ndarray, medium_cny: float, large_cny: float) -> np.ndarray:
    """Return small, medium or large by annual output."""
    return np.where(output_cny >= large_cny, LARGE, np.where(output_cny >= medium_cny, MEDIUM, SMALL)).astype(np.int8)


def sector_outputs(total: SectorTotal, anchors: list[Anchor], n_firms: int, exponent: float) -> np.ndarray:
    """Return the output of the enterprises of a sector, CNY/yr: anchors first, then the others by rank; sum exact.

    Anchors without a stated output take the first ranks of the others. Where no others exist, all are scaled to the
    total.

    Raises
    ------
    ValueError
        Named works make as much as the whole sector, and nothing is left for the others.
    """
    stated = np.array([float(a.output) if a.output is not None else 0.0 for a in anchors])
    ranked = n_firms - int(np.count_nonzero(stated))
    left = float(total.output) - stated.sum()
    outputs = np.zeros(n_firms)
    outputs[: stated.size] = stated
    if ranked > 0 and left <= 0:
        raise ValueError(
            f"the named works of {total.sector} make all of its output: nothing is left for {ranked} others"
        )
    if ranked > 0:
        outputs[outputs == 0.0] = left * rank_sizes(ranked, exponent)
    return outputs * (float(total.output) / outputs.sum())


def county_shares(place: PlaceSpec, total: SectorTotal) -> np.ndarray:
    """Return the weights of the counties for a sector, by gross domestic product where none are given."""
    ids = [c.id for c in place.counties]
    weights = [total.counties.get(c, 0.0) for c in ids] if total.counties else [float(c.gdp) for c in place.counties]
    return np.asarray(weights, float) / sum(weights)


def place_in_counties(output_cny, county, n_fixed: int, shares: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
    """Return the county of every enterprise of a sector so that outputs by county follow the shares.

    Those after the first ``n_fixed`` are taken by size; each goes to the county that is furthest below its share,
    chosen among the two furthest with a keyed uniform so that counties are not sorted by size. Beyond the first 500,
    which carry most of the output, counties are drawn by their shares.
    """
    county = county.copy()
    one_by_one = min(output_cny.size, n_fixed + PLACED_ONE_BY_ONE)
    county[one_by_one:] = np.searchsorted(np.cumsum(shares)[:-1], uniforms[one_by_one:], side="right")
    wanted = shares * output_cny[:one_by_one].sum()
    have = np.bincount(county[:n_fixed], output_cny[:n_fixed], shares.size)
    for i in range(n_fixed, one_by_one):
        gap = np.where(shares > 0, wanted - have, -np.inf)
        order = np.argsort(-gap, kind="stable")
        second = order[1] if shares.size > 1 and shares[order[1]] > 0 and gap[order[1]] > output_cny[i] else order[0]
        county[i] = second if uniforms[i] < 0.5 else order[0]
        have[county[i]] += output_cny[i]
    return county


def draw_ownership(size_class: np.ndarray, uniforms: np.ndarray, params: np.ndarray) -> np.ndarray:
    """Return state-owned or private: 35 % of large, 12 % of medium, 3 % of small enterprises are state-owned."""
    p = params[0]
    share = np.array([p["soe_share_small"], p["soe_share_medium"], p["soe_share_large"]])[size_class]
    return np.where(uniforms < share, SOE, PRIVATE).astype(np.int8)


def clinker_of_sector(total_t: float, output_cny: np.ndarray, permits_t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (clinker made, permitted capacity) of the works of a sector, t/yr.

    Clinker goes to the works with a permit in proportion to it. Where no permit is stated, the largest works get lines
    of up to 5000 t/d that run 62 % of the year.
    """
    permits_t = permits_t.copy()
    if total_t <= 0.0:
        return np.zeros_like(permits_t), permits_t
    if permits_t.sum() <= 0.0:
        lines = int(np.ceil(total_t / KILN_USE_SHARE / LARGEST_LINE_T_PER_YEAR))
        works = np.argsort(-output_cny, kind="stable")[: max(1, min(lines, output_cny.size))]
        permits_t[works] = total_t / KILN_USE_SHARE * output_cny[works] / output_cny[works].sum()
    return total_t * permits_t / permits_t.sum(), permits_t


def draw_roster(place: PlaceSpec, params: np.ndarray, streams: Streams, multiply: int = 1) -> Roster:
    """Return the enterprises of a place.

    Parameters
    ----------
    place : PlaceSpec
    params : structured array, shape (1,)
    streams : Streams
        Of the population: its seed belongs to the place.
    multiply : int
        Enterprises per enterprise of the specification, at the same totals (see ``repeat``).
    """
    return repeat(_draw_once(place, params, streams), multiply)


def repeat(roster: Roster, times: int) -> Roster:
    """Return every enterprise several times, each with its part of output, clinker and permits; classes stay (M24)."""
    if times == 1:
        return roster
    columns = {name: np.repeat(value, times) for name, value in vars(roster).items() if isinstance(value, np.ndarray)}
    for name in ("output_cny", "clinker_t", "permit_t"):
        columns[name] = columns[name] / times
    return Roster(
        **columns,
        ids=Numbered(roster.ids, times, "{name}_{number}"),
        names_en=Numbered(roster.names_en, times, "{name} ({number})"),
        names_zh=Numbered(roster.names_zh, times, "{name}（{number}）"),
    )


def _draw_once(place: PlaceSpec, params: np.ndarray, streams: Streams) -> Roster:
    sectors, table, p = list(registry.sector_ids()), registry.sector_table(), params[0]
    county_ids = [c.id for c in place.counties]
    parts: dict[str, list] = {k: [] for k in ("sector", "county", "output", "clinker", "permit", "year", "anchor")}
    ids: list[str] = []
    names: tuple[list[str], list[str]] = ([], [])
    stated_owner: list[int] = []
    for total in place.sectors:
        s = sectors.index(total.sector)
        anchors = [a for a in place.anchors if a.sector == total.sector]
        n = max(total.firms, len(anchors))
        output = sector_outputs(total, anchors, n, p["rank_size_exponent"])
        fixed = np.array([county_ids.index(a.county) for a in anchors] + [0] * (n - len(anchors)))
        uniforms = streams.uniforms(f"population.county.{total.sector}", 0, n)
        county = place_in_counties(output, fixed, len(anchors), county_shares(place, total), uniforms)
        stated = np.array([float(a.clinker_capacity or 0.0) for a in anchors] + [0.0] * (n - len(anchors)))
        clinker_t = table["clinker_t_per_10k_cny"][s] * output.sum() / 1e4
        clinker, permit = clinker_of_sector(clinker_t, output, stated)
        parts["sector"].append(np.full(n, s))
        parts["county"].append(county)
        parts["output"].append(output)
        parts["clinker"].append(clinker)
        parts["permit"].append(permit)
        parts["year"].append(np.array([a.commissioned or 0 for a in anchors] + [0] * (n - len(anchors))))
        parts["anchor"].append(np.arange(n) < len(anchors))
        stated_owner += [OWNERSHIP[a.ownership] for a in anchors] + [-1] * (n - len(anchors))
        _name(place, total.sector, anchors, county, ids, names)
    output_cny = np.concatenate(parts["output"])
    size = size_classes(output_cny, p["size_medium_output_cny"], p["size_large_output_cny"])
    drawn = draw_ownership(size, streams.uniforms("population.ownership", 0, size.size), params)
    stated_ownership = np.array(stated_owner, np.int8)
    return Roster(
        sector=np.concatenate(parts["sector"]).astype(np.int16),
        county=np.concatenate(parts["county"]).astype(np.int16),
        ownership=np.where(stated_ownership >= 0, stated_ownership, drawn).astype(np.int8),
        size_class=size,
        output_cny=output_cny,
        clinker_t=np.concatenate(parts["clinker"]),
        permit_t=np.concatenate(parts["permit"]),
        commissioned_year=np.concatenate(parts["year"]).astype(np.int32),
        is_anchor=np.concatenate(parts["anchor"]),
        ids=ids,
        names_en=names[0],
        names_zh=names[1],
    )


def _name(place: PlaceSpec, sector: str, anchors, county, ids: list[str], names) -> None:
    """Append ids and names: anchors by theirs, others by county, sector and number."""
    row = next(r for r in registry.sectors() if r.id == sector)
    for k, c in enumerate(county):
        if k < len(anchors):
            ids.append(anchors[k].id)
            names[0].append(anchors[k].name.en)
            names[1].append(anchors[k].name.zh)
        else:
            number = k - len(anchors) + 1
            ids.append(f"{sector}_{number:03d}")
            names[0].append(f"{row.name_en} {number}, {place.counties[c].name.en}")
            names[1].append(f"{place.counties[c].name.zh}{row.name_zh}企业{number}")
