"""Phases 1 and 9: the national carbon market and the carbon price floor (SM15, L26, L27, L53)."""

import numpy as np

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.quarter.expectations import expected_floor_cny_per_tco2
from transition_sim.world.accounting.allowances import write_carbon_costs
from transition_sim.world.markets import allowances, carbon
from transition_sim.world.markets.allowance_books import check_accounts
from transition_sim.world.world import World

DEADLINE = ("ets_deadline_q1", "ets_deadline_q2", "ets_deadline_q3", "ets_deadline_q4")
"""Parameters w_q: share of the compliance need that is bought in each quarter."""
PURPOSES = (
    ("allowances, trade", "rest_of_world"), ("allowances, offsets", "rest_of_world"),
    ("allowances, auction", "treasury"), ("allowances, penalty", "treasury"),
)  # fmt: skip
"""What is paid for, and to whom, in the order of ``CarbonMarket.paid_cny``."""
AUCTION, PENALTY = 2, 3
IDLE = allowances.Terms(0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""Terms while nobody is covered."""


def open_market(world: World) -> None:
    """Set prices, benchmarks and coverage of the quarter, and what everybody pays and expects for a tonne."""
    market = world.carbon
    allowances.begin_quarter(market.accounts, world.state["finance"])
    market.outside_bought_t = market.outside_sold_t = market.volume_t = market.credits_t = 0.0
    if world.frozen:
        return
    if world.quarter_of_year == 0:
        _open_year(world)
    _set_price(world)
    _write_prices(world)


def _open_year(world: World) -> None:
    """Cover who is listed and above the threshold, and issue the advance (SM15).

    Without anybody covered in the place the market of the country still prices the coal power of the province, and
    stands before everybody as the price that a tonne may cost one day (SM06, SM12).
    """
    market, p, year = world.carbon, world.params[0], world.clock.year(world.quarter)
    covered, method = carbon.covered_accounts(
        market, year, float(p["ets_threshold_tco2_per_year"]), world.state["finance"]["is_alive"]
    )
    is_running = carbon.is_running(year, world.lever("ets_coverage"))
    covered &= is_running
    market.unit_benchmark = np.zeros(market.unit_benchmark.size)
    rate = np.zeros(market.accounts.size)
    if is_running:
        trend = world.lever("ets_benchmark_change_percent_per_year")
        _set_benchmarks(world, year, trend)
        rate = _rates(world, year, trend)
    was_open, market.is_open = market.is_open, is_running
    allowances.open_year(market.accounts, covered, method, rate, _terms(world))
    if market.is_open:
        scale = float(p["ets_national_need_mt"]) * 1e6 / carbon.LADDER_RUNGS
        market.need_t[:] = scale
        market.long_t[:] = scale * float(p["ets_national_long_multiple"])
        if not was_open:
            market.expected_cny_per_t = market.price_cny_per_t = _country_price(world)
    if was_open or market.is_open:
        _operate_plants(world)


def _set_benchmarks(world: World, year: int, trend: float) -> None:
    market, own_use = world.carbon, world.parameter("plant_own_use_share")
    of_class = {
        name: carbon.benchmark_tco2_per_mwh(name, year, own_use, trend) for name in set(market.unit_class) if name
    }
    market.unit_benchmark = np.array([of_class.get(name, 0.0) for name in market.unit_class])


def _operate_plants(world: World) -> None:
    """Let covered units run better for the price that they expect: a linear marginal cost of operation (P13)."""
    market, p = world.carbon, world.params[0]
    saved = float(p["plant_abatement_share_per_cny"]) * market.expected_cny_per_t if market.is_open else 0.0
    saved = min(saved, float(p["plant_abatement_max_share"]))
    world.power.run_better(np.where(market.unit_benchmark > 0, saved, 0.0))


def _rates(world: World, year: int, trend: float) -> np.ndarray:
    """Return the benchmark or average intensity of every account.

    The national average of clinker is a parameter; other industry is measured against its own first covered year.
    """
    accounts, p = world.carbon.accounts, world.params[0]
    rate = accounts["rate_unit_per_activity"].copy()
    plants = accounts["plant"] >= 0
    rate[plants] = world.carbon.unit_benchmark[accounts["plant"][plants]]
    kilns = accounts["slot"] >= 0
    years = max(0, year - carbon.FIRST_INTENSITY_YEAR)
    rate[kilns] = p["ets_clinker_average_tco2_per_t"] * (1.0 + trend / 100.0) ** years
    others = ~plants & ~kilns & (accounts["activity"] > 0)
    own = accounts["used_units"] / np.maximum(accounts["activity"], 1e-9)
    rate[others] = np.where(rate[others] > 0, rate[others] * (1.0 + trend / 100.0), own[others])
    return rate


def _country_price(world: World) -> float:
    p = world.params[0]
    return carbon.observed_price_cny_per_t(
        world.clock.year(world.quarter), p["ets_price_cny_per_tco2"], p["ets_price_growth_percent"]
    )


def _set_price(world: World) -> None:
    """Set the price of the quarter, in market mode that of the last auction, and what is expected of the next."""
    market = world.carbon
    if not market.is_open:
        market.price_cny_per_t = market.expected_cny_per_t = market.offset_cny_per_t = 0.0
        market.unit_cny_per_mwh[:] = 0.0
        return
    if world.quarter_of_year == 0 and not world.parameter("ets_market_mode"):
        market.price_cny_per_t = _country_price(world)
    speed = world.parameter("expectation_speed")
    market.expected_cny_per_t += speed * (market.price_cny_per_t - market.expected_cny_per_t)
    market.offset_cny_per_t = market.price_cny_per_t * (1.0 - world.parameter("ets_offset_discount_share"))
    write_carbon_costs(
        market.unit_cny_per_mwh, world.power.heat_rate_gj_per_mwh, world.power.tco2_per_gj, market.unit_benchmark,
        world.lever("ets_auction_share"), market.price_cny_per_t,
    )  # fmt: skip


def _write_prices(world: World) -> None:
    """Write the carbon price of every enterprise and of plants (L26, L27)."""
    market = world.carbon
    floor, expected_floor = world.lever("carbon_price_floor_cny_per_tco2"), expected_floor_cny_per_tco2(world)
    carbon.write_carbon_prices(
        market.accounts, world.state["conduct"], market.expected_carbon_cny_per_tco2, floor, expected_floor,
        market.price_cny_per_t, market.expected_cny_per_t, world.credibility, world.parameter("shadow_carbon_share"),
    )  # fmt: skip
    top_up = max(0.0, floor - market.price_cny_per_t)
    market.unit_tax_cny_per_tco2 = top_up * (1.0 - world.parameter("power_free_share"))


def _terms(world: World) -> allowances.Terms:
    """Return rules and prices of the quarter."""
    market, q = world.carbon, world.quarter_of_year
    lasting = market.terms or _lasting_terms(world)
    if not market.due_shares:
        weights = [world.parameter(key) for key in DEADLINE]
        market.due_shares = tuple(weight / sum(weights[n:]) for n, weight in enumerate(weights))
    discount = (1.0 + world.parameter("ets_discount_per_year")) ** (-1.0 / QUARTERS_PER_YEAR)
    # in the order of the fields: to replace them by name takes longer than to trade
    market.terms = allowances.Terms(
        q, market.price_cny_per_t, discount * market.expected_cny_per_t, market.due_shares[q],
        lasting.advance_share, world.lever("ets_auction_share"), lasting.slope, lasting.band_share,
        lasting.offset_limit_share, market.offset_cny_per_t, lasting.bank_base_units,
        world.lever("ets_banking_sales_multiple"), lasting.penalty_multiple,
    )  # fmt: skip
    return market.terms


def _lasting_terms(world: World) -> allowances.Terms:
    """Return the rules that hold for a whole run."""
    p = world.params[0]
    return IDLE._replace(
        advance_share=float(p["ets_advance_share"]),
        slope=float(p["ets_intensity_slope"]),
        band_share=float(p["ets_intensity_band_share"]),
        offset_limit_share=float(p["ets_offset_limit_share"]),
        bank_base_units=float(p["ets_bank_base_t"]),
        penalty_multiple=float(p["ets_penalty_multiple"]),
    )


def trade(world: World) -> None:
    """Count emissions, trade, surrender at year's end, and book the money (SM15, phase 9)."""
    market, state, power = world.carbon, world.state, world.power
    terms = _terms(world) if market.is_open else IDLE
    carbon.count_use(
        market.accounts, power.quarter.generation_mwh, power.tco2_per_mwh, state["energy"], state["production"],
        state.slots, state["finance"], world.parameter("default_penalty_share"), terms, market.work,
    )  # fmt: skip
    if not world.frozen:
        _issue_sink_credits(world)
    if market.is_open:
        _trade(world, terms)
        _book(world)
    check_accounts(market.accounts, market.outside_bought_t, market.outside_sold_t, "carbon market", world.label)


def _trade(world: World, terms: allowances.Terms) -> None:
    """Fill the orders of the place: at the price of the country, or in the auction with it."""
    market = world.carbon
    _, _, means, bids, forced, spare = market.work
    if world.parameter("ets_market_mode"):
        allowances.place_orders(market.accounts, means, terms, bids, forced, spare)
        bought, sold = _auction(world, terms, bids, forced, spare)
        allowances.book_trades(market.accounts, bought, sold, market.price_cny_per_t)
        if terms.quarter_of_year == allowances.LAST_QUARTER:
            allowances.surrender(market.accounts, terms)
        return
    bought_t, sold_t = allowances.trade_at_price(market.accounts, means, terms, bids, forced, spare)
    market.outside_bought_t, market.outside_sold_t, market.volume_t = sold_t, bought_t, bought_t + sold_t


def _auction(
    world: World, terms: allowances.Terms, bids: np.ndarray, forced: np.ndarray, spare: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Hold the auction with the rest of the country and set the price; return purchases and sales of the place.

    Before the deadline nobody pays more than what the allowance is expected to be worth next quarter, nor more than
    abating costs; at the deadline what was emitted can only be bought, so the penalty is the limit.
    """
    market, p = world.carbon, world.params[0]
    rungs = carbon.rungs()
    abating = float(p["ets_national_mac_cny_per_t"]) * np.exp(rungs * float(p["ets_national_mac_log_sd"]))
    asked = terms.reserve_cny * np.exp(rungs * float(p["ets_national_reserve_log_sd"]))
    is_last = terms.quarter_of_year == allowances.LAST_QUARTER
    limit = terms.penalty_multiple * terms.price_cny if is_last else terms.reserve_cny
    price, bought, sold, outside_bought, outside_sold, volume = carbon.clear_with_country(
        bids, forced, spare, limit, terms.reserve_cny, market.need_t, market.long_t, terms.due_share,
        np.minimum(abating, limit), asked, float(p["auction_k"]),
    )  # fmt: skip
    if volume > 0:
        market.price_cny_per_t = float(price)
    market.outside_bought_t, market.outside_sold_t = float(outside_bought), float(outside_sold)
    market.volume_t = float(volume)
    return bought, sold


def _issue_sink_credits(world: World) -> None:
    """Add the sink projects of the year and sell the credits that they earn (L53)."""
    if world.quarter_of_year != allowances.LAST_QUARTER or world.scenario.place.kind == "park":
        return
    market, p = world.carbon, world.params[0]
    market.sink_ha += world.lever("sink_trading") * float(p["sink_project_ha_per_year"])
    area, growth, baseline = market.sink_ha, float(p["sink_tco2_per_ha"]), float(p["sink_baseline_tco2_per_ha"])
    market.credits_t = carbon.issued_credits_t(area * growth, area * baseline, float(p["sink_buffer_share"]))
    world.ledger.post("sink credits", "rest_of_world", "households", market.credits_t * market.offset_cny_per_t)


def _book(world: World) -> None:
    """Write what enterprises paid, post both sides, and note the market."""
    market = world.carbon
    allowances.pay(market.accounts, world.state["flows"], market.paid_cny)
    firms_cny, plants_cny = market.paid_cny.tolist()
    for payer, paid_cny in (("enterprises", firms_cny), ("power_utility", plants_cny)):
        for (instrument, payee), amount in zip(PURPOSES, paid_cny, strict=True):
            world.ledger.post(instrument, payer, payee, amount)
    world.notes.auction_cny = firms_cny[AUCTION] + plants_cny[AUCTION]
    world.recorder.note_market(
        world.quarter, "carbon allowances", market.price_cny_per_t, "CNY/t", market.volume_t, "t"
    )
    if firms_cny[PENALTY] or plants_cny[PENALTY]:
        missing = float(market.accounts["short_units"].sum())
        world.recorder.event(world.quarter, "allowances_short", world.scenario.place.id, missing, "t")
