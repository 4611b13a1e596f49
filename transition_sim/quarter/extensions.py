"""Rules of other packages in a quarter: which is in force, whose it is when it fails, what it may not do."""

from collections.abc import Callable
from typing import Any

import numpy as np

from transition_sim.agents.choice import CHOICES_DTYPE, decide_options, decide_seen
from transition_sim.agents.other_choice import Seen, decide_otherwise
from transition_sim.agents.seen_options import SeenOptions, list_seen
from transition_sim.core.errors import ExtensionError
from transition_sim.scenarios.extensions import blamed, named, rule
from transition_sim.world.markets.clearing import Auction
from transition_sim.world.markets.green_trades import GreenQuarter
from transition_sim.world.world import World

BLOCK = 20_000
"""Slots that choose at once: more than a city has."""
ROUNDING = 1e-9
"""Share by which both sides of a market of another package may differ."""


def in_force(world: World, kind: str, ours: Callable[..., Any]) -> Callable[..., Any]:
    """Return our rule, or that of another package where the scenario names one: watched, checked and blamed."""
    name = world.scenario.extensions.get(kind)
    if name is None:
        return ours
    return _watched(world, kind, name)


def _watched(world: World, kind: str, name: str) -> Callable[..., Any]:
    theirs, check = rule(kind, name), CHECKS[kind]
    (extension,) = named(kind, name)

    def call(*arguments: Any) -> Any:
        with blamed(extension):
            result = theirs(*arguments)
            wrong = check(result, *arguments)
        if wrong:
            raise ExtensionError(extension.maker, f"{kind} {name} in {world.label}: {wrong}")
        return result

    return call


def choose(
    world: World, rows: np.ndarray, firms: Any, equipment: Any, outlook: Any, site: Any, peers: Any, quarter: int,
    year: int, uniforms: np.ndarray,
) -> tuple[np.ndarray, SeenOptions]:  # fmt: skip
    """Return what the slots that look see and choose: by SM06, or by the rule that the scenario names."""
    room = SeenOptions(*world.plans.room_for_seen(rows.size))
    if "technology_choice" not in world.scenario.extensions:
        seen = firms, equipment, outlook, site, peers
        return decide_seen(rows, *seen, world.params, world.levers, quarter, year, uniforms, room)
    return _choose_otherwise(world, rows, firms, equipment, outlook, site, peers, quarter, year, uniforms, room)


def _choose_otherwise(
    world: World, rows: np.ndarray, firms: Any, equipment: Any, outlook: Any, site: Any, peers: Any, quarter: int,
    year: int, uniforms: np.ndarray, room: SeenOptions,
) -> tuple[np.ndarray, SeenOptions]:  # fmt: skip
    """Let the rule of another package choose, which has the options as a table with a row for each slot.

    It goes in blocks, so that of a million slots only the options that were seen are ever there at once.
    """
    params, levers, name = world.params, world.levers, world.scenario.extensions["technology_choice"]
    choices, n_seen = np.zeros(rows.size, CHOICES_DTYPE), 0
    listed, first = room
    for start in range(0, max(1, rows.size), BLOCK):
        block = slice(start, start + BLOCK)
        some, draws = rows[block], uniforms[block]
        chosen, options = decide_options(
            some, firms, equipment, outlook, site, peers, params, levers, quarter, year, draws,
            (choices[block], world.plans.room_for_options(some.size)),
        )  # fmt: skip
        there, own = Seen(chosen, options, firms, equipment), world.scenario.added_path[quarter : quarter + 1]
        with blamed(*named("technology_choice", name)):
            theirs = rule("technology_choice", name)
            decide_otherwise(theirs, some, there, outlook, site, params, levers, quarter, year, draws, own)
        n_seen = list_seen(chosen, options, listed, first[block], n_seen)
    return choices, SeenOptions(listed[:n_seen], first)


# --- what a market may not do -----------------------------------------------------------------------------------------


def _differ(one: float, other: float) -> bool:
    return not abs(one - other) <= ROUNDING * max(1.0, abs(one), abs(other))


def wrong_auction(result: Any, ask_cny_per_t, ask_t, bid_cny_per_t, bid_t, k) -> str:
    """Return what is wrong with an auction: sold is bought, nobody beyond an order, nobody at a loss."""
    if not isinstance(result, Auction):
        return f"it returns {type(result).__name__}, not Auction"
    sold, bought = np.asarray(result.ask_filled_units), np.asarray(result.bid_filled_units)
    if sold.shape != ask_t.shape or bought.shape != bid_t.shape:
        return "it fills another number of orders than there are"
    if _differ(float(sold.sum()), result.traded_units) or _differ(float(bought.sum()), result.traded_units):
        return f"it sells {sold.sum():g}, buys {bought.sum():g} and reports {result.traded_units:g} t"
    limits = ask_t * (1.0 + ROUNDING), bid_t * (1.0 + ROUNDING)
    if (sold < 0).any() or (bought < 0).any() or (sold > limits[0]).any() or (bought > limits[1]).any():
        return "it fills an order by less than nothing or more than it asks for"
    price = result.price_cny_per_unit
    if (ask_cny_per_t[sold > 0] > price).any() or (bid_cny_per_t[bought > 0] < price).any():
        return f"at its price of {price:g} CNY/t somebody trades at a loss"
    return ""


def wrong_green_quarter(result: Any, sellers, buyers, contracts, terms, seller_uniforms, buyer_uniforms) -> str:
    """Return what is wrong with a quarter of green power: sold is bought, paid is received, nobody beyond its use."""
    if not isinstance(result, GreenQuarter):
        return f"it returns {type(result).__name__}, not GreenQuarter"
    got, sold = result.buyers, result.sellers
    power = got.direct_mwh + got.bilateral_mwh + got.listed_mwh + got.auction_mwh
    if _differ(float(power.sum()), float(sold.bundled_mwh.sum())):
        return f"it sells {sold.bundled_mwh.sum():g} MWh of green power and delivers {power.sum():g}"
    if _differ(float(got.unbundled_mwh.sum()), float(sold.unbundled_mwh.sum())):
        return f"it sells {sold.unbundled_mwh.sum():g} certificates and delivers {got.unbundled_mwh.sum():g}"
    if _differ(float(got.paid_premium_cny.sum()), float(sold.income_cny.sum())):
        return f"buyers pay {got.paid_premium_cny.sum():g} CNY and sellers receive {sold.income_cny.sum():g}"
    if (power + got.unbundled_mwh > buyers.use_mwh * (1.0 + ROUNDING)).any():
        return "an enterprise claims more green power than it uses"
    if (sold.bundled_mwh > sellers.metered_mwh * (1.0 + ROUNDING)).any():
        return "a unit sells more green power than it generates"
    return ""


CHECKS: dict[str, Callable[..., str]] = {
    "green_power_market": wrong_green_quarter,
    "permit_auction": wrong_auction,
}
