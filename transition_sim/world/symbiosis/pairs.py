"""Who could use whose by-product: the ends of a place and the pairs within reach, found once when it is built (SM18).

An *end* is one by-product at one enterprise or power plant, given or taken. A *pair* joins a giving and a taking end
within the reach of the by-product. Each giver knows its nearest takers only: far ones would rarely pay, and the number
of pairs stays in proportion to the number of enterprises.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import cKDTree

from transition_sim.core.record_types import declared
from transition_sim.scenarios import registry
from transition_sim.scenarios.by_products import EFFECTS, ByProduct, ByProductFlow, by_product_flows, by_products
from transition_sim.scenarios.spec import PlaceSpec
from transition_sim.world.population.population import Population
from transition_sim.world.state import UNSET
from transition_sim.world.supply_chain import ROAD_FACTOR

NEAREST, NEAREST_OF_PLANTS = 8, 64
"""Takers that a giver knows [A]."""
GIVES, MATERIAL, STEAM, CLINKER = (EFFECTS.index(name) for name in ("none", "material", "steam", "clinker"))
HOURS_PER_YEAR = 8760.0
PLANT_USE_SHARE = 0.4
"""Of the hours of a year; only the order of pairs depends on it [A]."""
CNY_PER_10K = 1e4
SMALLEST_SHARE = 0.5
"""Of the smallest contract: an enterprise of this size may grow into it [A]."""
STONE_SECTOR, METALS = "BLD", "MET"
N_SUMS = 8
"""Sums of a quarter that ``exchange`` writes."""
RIVAL_OF_CLINKER = "CLK_BLEND"
"""Measure that saves the same clinker: who has it takes nothing in place of clinker."""

PRODUCT = declared(
    np.dtype(
        [
            ("disposal_cny", "f8"),
            ("transport_cny_per_km", "f8"),
            ("treatment_cny", "f8"),
            ("plant_cny", "f8"),
            ("pipe_cny_per_km", "f8"),
            ("life_years", "f8"),
            ("smallest_unit_per_year", "f8"),
            ("is_solid_waste", "?"),
        ],
        align=True,
    )
)
END = declared(
    np.dtype(
        [
            ("product", "i2"),
            ("who", "i4"),  # row of the enterprise; n + k: plant k of the place
            ("slot", "i4"),  # of the service that the amount goes by; -1: output
            ("host", "i4"),  # place of that slot among those that links relieve; -1: none
            ("rival", "i4"),  # slot of the measure that rules a taking end out; -1: none
            ("effect", "i1"),
            ("amount_per_unit", "f8"),
            ("free_share", "f8"),  # not in use in the base year
            ("input_cny", "f8"),
            ("quarter_unit", "f8"),
            ("left_unit", "f8"),
            ("year_unit", "f8"),
            ("promised_unit", "f8"),
        ],
        align=True,
    )
)
PAIR = declared(
    np.dtype(
        [
            ("giver", "i4"),
            ("taker", "i4"),
            ("distance_km", "f8"),
            ("is_linked", "?"),
            ("since_quarter", "i4"),
            ("capacity_unit_per_year", "f8"),
            ("annuity_cny_per_year", "f8"),
            ("flow_unit", "f8"),
        ],
        align=True,
    )
)


@dataclass
class Symbiosis:
    """By-products of a place.

    Attributes
    ----------
    products : structured array of ``PRODUCT``
    ends, pairs : structured arrays of ``END`` and ``PAIR``
        Pairs in the order in which they are looked at: large and near ones first.
    plants : ndarray of int
        Generating units that give something; plant k is end ``n + k``.
    host_slot : ndarray of int
        Slots that links relieve; ``kept_share`` is what their own equipment still gives.
    earned_trust : ndarray, shape (n + plants,)
        From links that worked.
    n_alive : int
        Enterprises in business when links were last looked through for those who closed.
    linked : ndarray of int
        Pairs with a link, the oldest first.
    collected_share : float
        Of recyclables (I19).
    stone_rows : ndarray of int
        Enterprises that take stone and clay from nature: building materials without clinker.
    metal_rows : ndarray of int
        Enterprises whose prices recyclables follow.
    sums, by_product : ndarray
        Of the quarter (``exchange.flow_over_links``).
    """

    products: np.ndarray
    ends: np.ndarray
    pairs: np.ndarray
    plants: np.ndarray
    host_slot: np.ndarray
    kept_share: np.ndarray
    earned_trust: np.ndarray
    collected_share: float
    people: float
    stone_rows: np.ndarray
    metal_rows: np.ndarray
    sums: np.ndarray
    by_product: np.ndarray
    new_share: np.ndarray = field(init=False)
    happened: np.ndarray = field(init=False)
    is_partner: np.ndarray = field(init=False)
    is_solid: np.ndarray = field(init=False)
    linked: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    n_alive: int = -1

    def __post_init__(self) -> None:
        self.new_share, self.happened = np.ones(self.host_slot.size), np.zeros(self.pairs.size, np.int64)
        self.is_partner = np.zeros(self.earned_trust.size, bool)
        self.is_solid = self.products["is_solid_waste"].astype(float)

    def links_of(self, row: int) -> list[tuple[int, bool, int]]:
        """Return (pair, whether the enterprise gives, row of its partner) of its links; plants come after all rows."""
        giver = self.ends["who"][self.pairs["giver"][self.linked]].tolist()
        taker = self.ends["who"][self.pairs["taker"][self.linked]].tolist()
        of = zip(self.linked.tolist(), giver, taker, strict=True)
        return [(k, g == row, t if g == row else g) for k, g, t in of if row in (g, t)]

    def product_of(self, pair: int) -> ByProduct:
        """Return the by-product of a pair."""
        return tuple(by_products().values())[self.ends["product"][self.pairs["giver"][pair]]]


def product_table() -> np.ndarray:
    """Return costs and reach of the by-products, in the order of their table."""
    rows = by_products().values()
    found = np.zeros(len(rows), PRODUCT)
    for k, row in enumerate(rows):
        found[k] = (
            row.disposal_cny_per_unit, row.transport_cny_per_unit_km, row.treatment_cny_per_unit,
            row.plant_cny_per_unit_year, row.pipe_cny_per_km, row.life_years, row.smallest_unit_per_year,
            row.is_solid_waste,
        )  # fmt: skip
    return found


def open_symbiosis(place: PlaceSpec, population: Population, params: np.ndarray) -> Symbiosis:
    """Return the ends and pairs of a place, nobody linked.

    Parameters
    ----------
    place : PlaceSpec
    population : Population
    params : structured array, shape (1,)
    """
    plants = np.array([k for k, u in enumerate(place.power.units) if u.node == "place"], np.int64)
    where = np.concatenate([population.location_km, _plant_locations(place, population, plants)])
    ends, size = _all_ends(place, population, plants)
    pairs = _find_pairs(ends, size, where, population.state.n_enterprises)
    ends = _without_idle_takers(ends, pairs)
    hosts = _number_hosts(ends)
    return Symbiosis(
        products=product_table(),
        ends=ends,
        pairs=pairs,
        plants=plants,
        host_slot=hosts,
        kept_share=np.ones(hosts.size),
        earned_trust=np.zeros(where.shape[0]),
        collected_share=float(params[0]["recyclables_base_share"]),
        people=sum(float(c.population) for c in place.counties),
        stone_rows=_rows_of_sector(population, STONE_SECTOR),
        metal_rows=_rows_of_sector(population, METALS),
        sums=np.zeros(N_SUMS),
        by_product=np.zeros((len(by_products()), 2)),
    )


def _rows_of_sector(population: Population, sector: str) -> np.ndarray:
    return np.flatnonzero(population.roster.sector == list(registry.sector_ids()).index(sector))


def _plant_locations(place: PlaceSpec, population: Population, plants: np.ndarray) -> np.ndarray:
    """Return where plants stand, km, shape (plants, 2): amid the enterprises of their county, or of the place."""
    ids, at = [c.id for c in place.counties], population.location_km
    found = np.zeros((plants.size, 2))
    for k, unit in enumerate(plants.tolist()):
        county = place.power.units[unit].county
        near = population.roster.county == ids.index(county) if county else np.ones(len(at), bool)
        found[k] = at[near].mean(axis=0) if near.any() else at.mean(axis=0)
    return found


def _all_ends(place: PlaceSpec, population: Population, plants: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of all rows of the table, and how much each has in the base year, unit/yr."""
    ends, size = zip(*(_ends_of(flow, place, population, plants) for flow in by_product_flows()), strict=True)
    return np.concatenate(ends), np.concatenate(size)


def _ends_of(
    flow: ByProductFlow, place: PlaceSpec, population: Population, plants: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of a row of the table, and how much each has in the base year, unit/yr."""
    product = by_products()[flow.by_product]
    who, slot, driver_per_year = _those(flow, place, population, plants)
    ends = np.zeros(who.size, END)
    ends["product"], ends["who"], ends["slot"] = list(by_products()).index(flow.by_product), who, slot
    ends["effect"], ends["rival"], ends["host"] = EFFECTS.index(flow.effect), UNSET, UNSET
    ends["amount_per_unit"] = flow.amount_per_unit / (CNY_PER_10K if flow.per == "output" else 1.0)
    ends["free_share"] = 1.0 - product.used_share if flow.side == "gives" else 1.0
    ends["input_cny"] = flow.input_cny_per_unit
    if flow.effect == "clinker":
        ends["rival"] = _rivals(population, slot)
    return ends, ends["amount_per_unit"] * ends["free_share"] * driver_per_year


def _those(
    flow: ByProductFlow, place: PlaceSpec, population: Population, plants: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (row of the holder, slot or -1, what the amount goes by in the base year) of a row of the table."""
    roster, slots = population.roster, population.state.slots
    if flow.per == "output":
        who = np.flatnonzero(roster.sector == list(registry.sector_ids()).index(flow.who))
        return who, np.full(who.size, UNSET), roster.output_cny[who]
    if flow.per == "service":
        slot = np.flatnonzero(slots["service"] == list(registry.service_ids()).index(flow.who))
        who = slots["enterprise"][slot].astype(np.int64)
        return who, slot, slots["unit_per_cny"][slot] * roster.output_cny[who]
    units = place.power.units
    of_kind = np.array([k for k, unit in enumerate(plants.tolist()) if units[unit].kind == flow.who], np.int64)
    mwh = np.array([float(units[plants[k]].capacity) for k in of_kind]) * HOURS_PER_YEAR * PLANT_USE_SHARE
    return roster.n + of_kind, np.full(of_kind.size, UNSET), mwh


def _rivals(population: Population, slot: np.ndarray) -> np.ndarray:
    """Return the slot of the measure on each kiln that saves clinker as well; -1: none."""
    slots, service = population.state.slots, list(registry.service_ids()).index(RIVAL_OF_CLINKER)
    rows = np.flatnonzero(slots["service"] == service)
    of_host = dict(zip(slots["host"][rows].tolist(), rows.tolist(), strict=True))
    return np.array([of_host.get(s, UNSET) for s in slot.tolist()], np.int64)


def _number_hosts(ends: np.ndarray) -> np.ndarray:
    """Number the slots that links relieve, and return them."""
    relieves = (ends["effect"] == STEAM) | (ends["effect"] == CLINKER)
    hosts, place = np.unique(ends["slot"][relieves], return_inverse=True)
    ends["host"][relieves] = place
    return hosts


def _find_pairs(ends: np.ndarray, size: np.ndarray, where: np.ndarray, n: int) -> np.ndarray:
    """Return the pairs within reach, by the amount that could flow over one plus the distance.

    Who has or takes less than half of the smallest contract in the base year is left out.
    """
    gives = ends["effect"] == GIVES
    smallest = np.array([product.smallest_unit_per_year for product in by_products().values()])[ends["product"]]
    is_large = size >= SMALLEST_SHARE * smallest
    found = [
        part
        for k, product in enumerate(by_products().values())
        for part in _pairs_of(
            np.flatnonzero(is_large & gives & (ends["product"] == k)),
            np.flatnonzero(is_large & ~gives & (ends["product"] == k)),
            ends["who"], where, product.reach_km, n,
        )
    ]  # fmt: skip
    if not found:
        return np.zeros(0, PAIR)
    giver, taker, km = (np.concatenate(part) for part in zip(*found, strict=True))
    pairs = np.zeros(giver.size, PAIR)
    pairs["giver"], pairs["taker"], pairs["distance_km"] = giver, taker, km
    worth = np.minimum(size[giver], size[taker]) / (1.0 + km)
    return pairs[np.argsort(-worth, kind="stable")]


def _without_idle_takers(ends: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return the ends that give, and those that some giver knows; pairs are numbered anew."""
    is_kept = ends["effect"] == GIVES
    is_kept[pairs["taker"]] = True
    place = np.cumsum(is_kept) - 1
    pairs["giver"], pairs["taker"] = place[pairs["giver"]], place[pairs["taker"]]
    return ends[is_kept]


def _pairs_of(
    givers: np.ndarray, takers: np.ndarray, who: np.ndarray, where: np.ndarray, reach_km: float, n: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield (giver, taker, km) of the nearest takers of enterprises, and of plants; nobody is paired with itself."""
    if takers.size == 0:
        return
    tree = cKDTree(where[who[takers]])
    is_plant = who[givers] >= n
    for rows, nearest in ((givers[~is_plant], NEAREST), (givers[is_plant], NEAREST_OF_PLANTS)):
        if rows.size == 0:
            continue
        k = np.arange(1, min(nearest + 1, takers.size) + 1)
        straight, place = tree.query(where[who[rows]], k, distance_upper_bound=reach_km / ROAD_FACTOR)
        is_found = np.isfinite(straight)
        giver = np.repeat(rows, k.size)[is_found.ravel()]
        taker = takers[place[is_found]]
        is_other = who[giver] != who[taker]
        yield giver[is_other], taker[is_other], ROAD_FACTOR * straight[is_found][is_other]
