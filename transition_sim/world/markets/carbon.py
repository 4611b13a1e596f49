"""The national carbon market as a place meets it: who is covered, benchmarks, prices, the rest of the country (SM15).

Two modes. *Taker*: the price is that of the country, as observed, then as assumed; every order is filled. *Market*: a
quarterly call auction between the accounts of the place and a ladder of orders for the rest of the country.
"""

from dataclasses import dataclass, field
from functools import cache, lru_cache

import numpy as np
from scipy.special import ndtri

from transition_sim.core.kernels import compiled, entered, lean
from transition_sim.core.tables import allocate
from transition_sim.scenarios import registry
from transition_sim.scenarios.rows import CarbonRule
from transition_sim.world.markets.allowances import BENCHMARK, INTENSITY, QUOTA, VERIFIED, Terms, note_use
from transition_sim.world.markets.clearing import auction_in_order, rows_by

POWER = "power"
KILN_SECTOR = "CEM"
LARGE_UNIT_MW = 300.0
"""Coal units above it have a benchmark of their own."""
FIRST_INTENSITY_YEAR = 2025
"""The first year of industry is allocated by verified emissions, the next by intensity."""
LADDER_RUNGS = 24
FREE_CNY = 0.0


@dataclass
class CarbonMarket:
    """Accounts, prices and what passed this quarter.

    Attributes
    ----------
    accounts : structured array of ``QUOTA``
        Units are tonnes of CO2.
    is_open : bool
        The national market runs: its price is felt also where nobody in the place is covered.
    price_cny_per_t, expected_cny_per_t, offset_cny_per_t : float
        Of the quarter; expected for the next; of credits.
    outside_bought_t, outside_sold_t : float
        By the rest of the country, against accounts of the place.
    expected_carbon_cny_per_tco2 : ndarray, shape (N,)
        What each enterprise counts on when it chooses equipment.
    unit_cny_per_mwh : ndarray, shape (U,)
        Allowances that a generating unit is short of for another MWh.
    unit_tax_cny_per_tco2 : float
        Price floor that plants pay beside the market.
    need_t, long_t : ndarray, shape (LADDER_RUNGS,)
        What the rest of the country still lacks and holds this year.
    work : ndarray, shape (6, n_accounts)
        Work space: use, activity, means, and the orders.
    paid_cny : ndarray, shape (2, 4)
        Paid this quarter by enterprises and by plants: trade, offsets, auctions, penalties.
    sink_ha, credits_t : float
        Area of sink projects, and credits issued this quarter (L53).
    terms : Terms, optional
        Of the last quarter: what does not change is read from the parameters once.
    due_shares : tuple of float
        Part of a remaining need that is bought in each quarter of the year; empty before it was asked for.
    """

    accounts: np.ndarray
    expected_carbon_cny_per_tco2: np.ndarray
    unit_cny_per_mwh: np.ndarray
    unit_benchmark: np.ndarray
    unit_class: list[str]
    is_open: bool = False
    price_cny_per_t: float = 0.0
    expected_cny_per_t: float = 0.0
    offset_cny_per_t: float = 0.0
    outside_bought_t: float = 0.0
    outside_sold_t: float = 0.0
    volume_t: float = 0.0
    unit_tax_cny_per_tco2: float = 0.0
    need_t: np.ndarray = field(default_factory=lambda: np.zeros(LADDER_RUNGS))
    long_t: np.ndarray = field(default_factory=lambda: np.zeros(LADDER_RUNGS))
    work: np.ndarray = field(default_factory=lambda: np.zeros((6, 0)))
    paid_cny: np.ndarray = field(default_factory=lambda: np.zeros((2, 4)))
    sink_ha: float = 0.0
    credits_t: float = 0.0
    terms: Terms | None = None
    due_shares: tuple[float, ...] = ()

    def account_of(self, column: str, row: int) -> dict[str, float]:
        """Return the account of an enterprise or plant as plain numbers; empty where it has none."""
        found = self.accounts[self.accounts[column] == row]
        if not found.size:
            return {}
        return {name: float(found[0][name]) for name in found.dtype.names if name.endswith(("_units", "_cny"))}


def unit_class(kind: str, unit_mw: float) -> str:
    """Return the benchmark class of a generating unit; empty: it burns nothing that is covered."""
    if kind == "coal":
        return "coal_large" if unit_mw > LARGE_UNIT_MW else "coal_small"
    return "gas" if kind == "gas" else ""


@cache
def rules_of(item: str, subject: str = "") -> tuple[CarbonRule, ...]:
    """Return the rows of an item (starting with it), of one subject, by year."""
    found = [r for r in registry.carbon_rules() if r.item.startswith(item) and subject in ("", r.subject)]
    return tuple(sorted(found, key=lambda rule: rule.year))


def is_running(year: int, coverage: float) -> bool:
    """Tell whether the national market runs in a year: the first are covered by then, and the policy has it (L26)."""
    return coverage > 0 and year >= min(first_years().values())


def first_years() -> dict[str, int]:
    """Return the first year of emissions that must be covered, by sector id and ``power``."""
    return {rule.subject: rule.year for rule in rules_of("first_year")}


@cache
def _listed_from() -> np.ndarray:
    """Return the first years in the order of the rules, that of power last: account rows of plants have sector -1."""
    first = first_years()
    return np.array([first[s] for s in first if s != POWER] + [first[POWER]])


@lru_cache(maxsize=1024)
def benchmark_tco2_per_mwh(subject: str, year: int, own_use_share: float, change_percent: float) -> float:
    """Return the benchmark of a class of units, tCO2 per MWh supplied (SM15).

    The row of the year or the last before it; after the last row it changes at the trend of L26. Benchmarks per MWh
    generated (since 2023) are put on the supplied MWh of the dispatch: divided by 1 - own use.

    Parameters
    ----------
    own_use_share : float
        Of a plant's generation.
    change_percent : float
        Trend after the last row, %/yr.
    """
    rows = rules_of("benchmark", subject)
    row = [r for r in rows if r.year <= year][-1] if rows[0].year <= year else rows[0]
    value = row.value / (1.0 - own_use_share) if row.item == "benchmark_generated" else row.value
    return float(value * (1.0 + change_percent / 100.0) ** max(0, year - rows[-1].year))


def observed_price_cny_per_t(year: int, later_cny_per_t: float, growth_percent: float) -> float:
    """Return the price of a year: the observed mean, after the last one a path of real prices (SM15 taker mode).

    Parameters
    ----------
    later_cny_per_t : float
        In the first year without an observation.
    growth_percent : float
        From then on, %/yr, real.
    """
    rows = rules_of("price", "national")
    if year <= rows[-1].year:
        return float(([r for r in rows if r.year <= year] or rows[:1])[-1].value)
    return float(later_cny_per_t * (1.0 + growth_percent / 100.0) ** (year - rows[-1].year - 1))


def industry_method(year: int) -> int:
    """Return how industry is allocated: verified emissions in its first year, then by intensity."""
    return INTENSITY if year >= FIRST_INTENSITY_YEAR else VERIFIED


def build_market(
    is_named: np.ndarray, sector_of: np.ndarray, sectors: list[str], kiln_slots: np.ndarray, slot_owner: np.ndarray,
    plants: np.ndarray, classes: list[str],
) -> CarbonMarket:  # fmt: skip
    """Return the accounts of all who can come under the market: works with kilns, named works, local plants.

    Steel and aluminium come under it with blast furnaces and electrolysis: such works are named ones of a place, the
    other metal enterprises are foundries and electric furnaces.

    Parameters
    ----------
    is_named : ndarray of bool, shape (N,)
    sector_of : ndarray of int, shape (N,)
    kiln_slots, slot_owner : ndarray of int
        Slots of clinker lines; the enterprise of every slot.
    plants : ndarray of int
        Local units with a class.
    classes : list of str, one a unit
    """
    kiln = {int(slot_owner[s]): int(s) for s in kiln_slots}
    listed = [s for s in first_years() if s in sectors]
    firms = [
        (i, listed.index(sectors[k]))
        for i, k in enumerate(map(int, sector_of))
        if sectors[k] in listed and (i in kiln if sectors[k] == KILN_SECTOR else is_named[i])
    ]
    accounts = allocate(QUOTA, len(firms) + len(plants))
    accounts["enterprise"] = accounts["plant"] = accounts["slot"] = accounts["sector"] = -1
    for k, (i, s) in enumerate(firms):
        accounts[k]["enterprise"], accounts[k]["sector"], accounts[k]["slot"] = i, s, kiln.get(i, -1)
    accounts["plant"][len(firms) :] = plants
    units = len(classes)
    work = np.zeros((6, accounts.size))
    return CarbonMarket(accounts, np.zeros(is_named.size), np.zeros(units), np.zeros(units), classes, work=work)


def covered_accounts(
    market: CarbonMarket, year: int, threshold_t: float, is_alive: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return (who is covered this year, how it is allocated): listed by then and above the threshold last year.

    Whoever was covered stays for as long as it emits at all: small fluctuations around the threshold do not matter.
    """
    accounts = market.accounts
    is_plant = accounts["plant"] >= 0
    in_force = _listed_from()[accounts["sector"]] <= year
    large = accounts["used_units"] >= threshold_t
    stays = accounts["is_covered"] & (accounts["used_units"] > 0)
    alive = is_plant | is_alive[accounts["enterprise"]]
    method = np.where(is_plant, BENCHMARK, industry_method(year))
    return in_force & (large | stays) & alive, method


@lean
def write_prices(conduct, expected_cny, floor_cny, expected_floor_cny, market_cny, credibility, shadow_share):
    """Write what enterprises outside the market pay and count on, CNY/tCO2 (L27, SM06).

    Above the threshold the price floor is paid and expected in full; all others see a shadow of the prices around.
    """
    shadow = shadow_share * credibility * max(expected_floor_cny, market_cny)
    for i in range(conduct.size):
        row = conduct[i]
        row.carbon_tax_cny_per_tco2 = floor_cny if row.is_carbon_covered else 0.0
        row.carbon_cny_per_tco2 = row.carbon_tax_cny_per_tco2
        expected_cny[i] = max(expected_floor_cny, shadow) if row.is_carbon_covered else shadow


@lean
def write_account_prices(accounts, conduct, expected_cny, floor_cny, expected_floor_cny, price_cny, expected_price_cny):
    """Write what enterprises in the market pay and count on: the floor tops the market up, and quotas are earned.

    Felt is the part of the price that another tonne at the same output costs (``felt_share``).
    """
    for k in range(accounts.size):
        row = accounts[k]
        if row.is_covered and row.enterprise >= 0:
            firm = conduct[row.enterprise]
            firm.carbon_tax_cny_per_tco2 = max(0.0, floor_cny - price_cny)
            firm.carbon_cny_per_tco2 = firm.carbon_tax_cny_per_tco2 + row.felt_share * price_cny
            expected_cny[row.enterprise] = (
                max(0.0, expected_floor_cny - expected_price_cny) + row.felt_share * expected_price_cny
            )


@lean
def gather_use(
    accounts, generation_mwh, tco2_per_mwh, energy, production, slots, finance, default_share, work
):  # fmt: skip
    """Write reported emissions (t), activity (MWh, t of clinker or CNY) and means of every account into rows 0 to 2."""
    for k in range(accounts.size):
        row = accounts[k]
        if row.plant >= 0:
            penalty = 0.0 if row.is_measured else default_share
            work[0, k] = generation_mwh[row.plant] * tco2_per_mwh[row.plant] * (1.0 + penalty)
            work[1, k], work[2, k] = generation_mwh[row.plant], np.inf
            continue
        i = row.enterprise
        work[0, k] = energy[i].reported_tco2
        work[1, k] = slots[row.slot].demand_unit if row.slot >= 0 else production[i].output_cny
        work[2, k] = finance[i].cash_cny


@entered
def count_use(
    accounts, generation_mwh, tco2_per_mwh, energy, production, slots, finance, default_share, terms, work
):  # fmt: skip
    """Write use and activity of the quarter as ``gather_use`` does, and add them to every account."""
    gather_use(accounts, generation_mwh, tco2_per_mwh, energy, production, slots, finance, default_share, work)
    note_use(accounts, work[0], work[1], terms)


@entered
def write_carbon_prices(
    accounts, conduct, expected_cny, floor_cny, expected_floor_cny, price_cny, expected_price_cny, credibility,
    shadow_share,
):  # fmt: skip
    """Write what every enterprise pays and counts on: those outside the market, then those in it."""
    write_prices(
        conduct, expected_cny, floor_cny, expected_floor_cny, expected_price_cny, credibility, shadow_share
    )  # fmt: skip
    write_account_prices(
        accounts, conduct, expected_cny, floor_cny, expected_floor_cny, price_cny, expected_price_cny
    )  # fmt: skip


def rungs() -> np.ndarray:
    """Return the normal quantiles of the ladder, shape (LADDER_RUNGS,), lowest first."""
    return ndtri((np.arange(LADDER_RUNGS) + 0.5) / LADDER_RUNGS)


@compiled
def clear_with_country(
    bid_units, forced_units, spare_units, bid_limit_cny, reserve_cny, need_units, long_units, due_share, limit_cny,
    ask_cny, k,
):  # fmt: skip
    """Hold the call auction of a quarter between the accounts of the place and the rest of the country (SM15).

    Parameters
    ----------
    bid_units, forced_units, spare_units : ndarray, shape (n,)
        Orders of the place, see ``allowances.place_orders``.
    bid_limit_cny, reserve_cny : float
        Its limit price and its reserve.
    need_units, long_units : ndarray, shape (rungs,)
        Of the country; lowered by what is traded.
    due_share : float
        Part of its need that the country wants this quarter.
    limit_cny, ask_cny : ndarray, shape (rungs,)

    Returns
    -------
    price_cny, bought_units, sold_units, outside_bought_units, outside_sold_units, volume_units
        The volume includes trades within the rest of the country; nan as price: no trade.
    """
    n, m = bid_units.shape[0], need_units.shape[0]
    bids, limits = np.empty(n + m), np.empty(n + m)
    asks, reserves = np.empty(2 * n + m), np.empty(2 * n + m)
    bids[:n], limits[:n] = bid_units, bid_limit_cny
    bids[n:], limits[n:] = due_share * need_units, limit_cny
    asks[:n], reserves[:n] = forced_units, 0.0
    asks[n : 2 * n], reserves[n : 2 * n] = spare_units, reserve_cny
    asks[2 * n :], reserves[2 * n :] = long_units, ask_cny
    result = auction_in_order(reserves, asks, rows_by(reserves, asks), limits, bids, rows_by(-limits, bids), k, 0.0)
    bought, sold = result.bid_filled_units[:n], result.ask_filled_units[:n] + result.ask_filled_units[n : 2 * n]
    need_units -= result.bid_filled_units[n:]
    long_units -= result.ask_filled_units[2 * n :]
    # the rest of the country is one party: only its net trade with the place is booked
    net = bought.sum() - sold.sum()
    return result.price_cny_per_unit, bought, sold, max(0.0, -net), max(0.0, net), result.traded_units


def issued_credits_t(stock_change_t: float, baseline_change_t: float, buffer_share: float) -> float:
    """Return the credits of a sink project: (1 - buffer) x what its stock has grown above the baseline (SM15, L53)."""
    return max(0.0, stock_change_t - baseline_change_t) * (1.0 - buffer_share)
