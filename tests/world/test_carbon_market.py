"""Rules of the national carbon market, its price, and the auction with the rest of the country (SM15, P12, M16)."""

import numpy as np
import pytest

from transition_sim.scenarios import registry
from transition_sim.world.markets import carbon
from transition_sim.world.markets.allowances import INTENSITY, VERIFIED
from transition_sim.world.markets.clearing import call_auction


def test_sm15_first_years_of_sectors():
    assert carbon.first_years() == {"power": 2021, "CEM": 2024, "MET": 2024}
    assert (carbon.industry_method(2024), carbon.industry_method(2025)) == (VERIFIED, INTENSITY)


@pytest.mark.parametrize(
    ("name", "year", "value"),
    [
        ("coal_large", 2020, 0.877),
        ("coal_large", 2021, 0.8218),
        ("coal_large", 2022, 0.8177),
        ("coal_large", 2023, 0.7950 / 0.94),
        ("coal_large", 2024, 0.7910 / 0.94),
        ("coal_large", 2026, 0.7910 / 0.94 * 0.995**2),
        ("coal_small", 2022, 0.8729),
        ("gas", 2024, 0.3288 / 0.94),
    ],
)
def test_sm15_benchmarks_by_class_and_year(name, year, value):
    """As published per supplied MWh until 2022; per generated MWh after, / (1 - .06); -.5 %/yr after the last plan."""
    assert carbon.benchmark_tco2_per_mwh(name, year, 0.06, -0.5) == pytest.approx(value)


def test_sm15_units_above_300_mw_have_their_own_benchmark():
    found = [carbon.unit_class(*unit) for unit in (("coal", 300.0), ("coal", 600.0), ("gas", 400.0), ("hydro", 600.0))]
    assert found == ["coal_small", "coal_large", "gas", ""]


def test_sm15_prices_are_observed_and_then_assumed():
    """42.85, 52.8 and 57.1 until 2023, then 80 and its growth: 80 x 1.05 in 2025."""
    found = [carbon.observed_price_cny_per_t(y, 80.0, 5.0) for y in (2021, 2022, 2023, 2024, 2025)]
    assert found == pytest.approx([42.85, 52.8, 57.1, 80.0, 84.0])


def test_every_row_of_the_market_says_where_it_is_from():
    for rule in registry.carbon_rules():
        assert rule.source
        assert rule.grade in ("S", "K", "A")
        assert 2019 <= rule.year <= 2024


def test_l53_credits_are_the_growth_above_the_baseline_less_a_buffer():
    """1 000 ha at 2.8 against 1.2: 1 600 t x .8 = 1 280 t; none where the stock grows less than the baseline."""
    assert carbon.issued_credits_t(2800.0, 1200.0, 0.2) == pytest.approx(1280.0)
    assert carbon.issued_credits_t(1000.0, 1200.0, 0.2) == 0.0


def auction(bid=0.0, spare=0.0, limit=100.0, reserve=50.0, need=10.0, long=10.0, due=1.0):
    """Hold an auction of one account with two rungs of the country: limits 60 and 90, asks 40 and 70."""
    needs, longs = np.full(2, need), np.full(2, long)
    result = carbon.clear_with_country(
        np.array([bid]), np.zeros(1), np.array([spare]), limit, reserve, needs, longs, due, np.array([60.0, 90.0]),
        np.array([40.0, 70.0]), 0.5,
    )  # fmt: skip
    return result, needs, longs


def test_sm15_the_country_alone():
    """Asks 10@40, 10@70; bids 10@90, 10@60: 10 traded; the price lies between max(40, 60) and min(90, 70): 65."""
    (price, bought, sold, outside_bought, outside_sold, volume), needs, longs = auction()
    assert (price, volume) == (65.0, 10.0)
    assert bought.tolist() == sold.tolist() == [0.0]
    assert outside_bought == outside_sold == 0.0
    assert needs.tolist() == [10.0, 0.0]
    assert longs.tolist() == [0.0, 10.0]


def test_sm15_the_place_buys_from_the_country():
    """A bid of 4@100 comes first: 10@40 and 4@70 are taken by 4@100 and 10@90; the rest of the 70 is next: 70."""
    (price, bought, _, outside_bought, outside_sold, volume), _, _ = auction(bid=4.0)
    assert bought.tolist() == [4.0]
    assert (outside_bought, outside_sold) == (0.0, 4.0)
    assert (price, volume) == (70.0, 14.0)


def test_sm15_the_place_sells_to_the_country():
    """An ask of 5@50: 10@40 and 5@50 meet 10@90 and 5 of 10@60: the price of the margin is 60."""
    (price, _, sold, outside_bought, outside_sold, _), _, _ = auction(spare=5.0)
    assert sold.tolist() == [5.0]
    assert (outside_bought, outside_sold) == (5.0, 0.0)
    assert price == 60.0


def test_sm15_the_price_rises_with_what_is_due():
    prices = [auction(due=due)[0][0] for due in (0.1, 0.5, 1.0)]
    assert prices == sorted(prices)
    assert prices[0] < prices[-1]


def test_m16_trade_gains_more_where_abatement_costs_differ_more():
    """Equal caps: sum over trades of (limit - ask) of a ladder around one median grows with its spread."""

    def gain(sd: float) -> float:
        cost = 60.0 * np.exp(sd * carbon.rungs())
        n = carbon.LADDER_RUNGS
        units = np.ones(n)
        result = call_auction(cost, units, cost, units, 0.5)
        return float((cost * result.bid_filled_units).sum() - (cost * result.ask_filled_units).sum())

    gains = [gain(sd) for sd in (0.0, 0.2, 0.5, 0.8)]
    assert gains == sorted(gains)
    assert gains[0] == pytest.approx(0.0)
    assert gains[-1] > 0
