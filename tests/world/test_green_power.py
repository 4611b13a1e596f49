"""The green-power room: willingness, contracts, the order of markets, conservation, P11 and M09 (SM14)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transition_sim.core.streams import Streams
from transition_sim.world.accounting.certificates import CertificateLedger
from transition_sim.world.markets import green_power
from transition_sim.world.markets.green_power import Buyers, Contracts, Sellers, Terms

NOTHING = {
    "access_share": 0.0, "certificate_share": 0.0, "line_mw": 0.0, "line_hours": 2160.0,
    "direct_saving_cny_per_mwh": 0.0, "listing_share": 0.0, "k": 0.5, "penalty_cny_per_mwh": 0.0,
    "deviation_share": 0.1, "reference_cny_per_mwh": np.nan,
}  # fmt: skip


def terms(**changes):
    return Terms(**{**NOTHING, **changes})


def make_sellers(metered, ask, is_local=None, certificates=None):
    metered = np.array(metered, float)
    local = np.zeros(metered.size, bool) if is_local is None else np.array(is_local)
    issued = np.floor(metered) if certificates is None else np.array(certificates, float)
    return Sellers(metered, np.array(ask, float), local, issued)


def make_buyers(use, mandate=0.0, voluntary=0.0, willing=0.0, soe=False, direct=False):
    n = len(use)
    columns = [np.array(np.broadcast_to(c, n), float) for c in (use, mandate, voluntary, willing)]
    return Buyers(*columns, np.array(np.broadcast_to(soe, n)), np.array(np.broadcast_to(direct, n)))


def trade(sellers, buyers, rules, contracts=None, seed=1):
    streams = Streams(seed)
    return green_power.trade_quarter(
        sellers,
        buyers,
        contracts or green_power.no_contracts(),
        rules,
        streams.uniforms("green_power.sellers", 0, sellers.metered_mwh.size),
        streams.uniforms("green_power.buyers", 0, buyers.use_mwh.size),
    )


def negotiate(expected, sellers, buyers, rules, share=1.0, soe_first=False):
    n = buyers.use_mwh.size
    return green_power.negotiate_contracts(
        np.array(expected, float), sellers, buyers, rules, share, soe_first,
        np.linspace(0, 0.9, len(expected)), np.linspace(0, 0.9, n),
    )  # fmt: skip


# ---------------------------------------------------------------- willingness to pay
def test_sm14_willingness_adds_its_motives():
    # 200 + .5 x 20 + 1 x 10 + 1 x 60 + 1 x 15
    assert green_power.willingness_to_pay(3.0, 200.0, 0.5, 20.0, 1.0, 10.0, 1.0, 60.0, 1.0, 15.0) == 295.0
    assert green_power.willingness_to_pay(0.0, 200.0, 0.5, 20.0, 1.0, 10.0, 1.0, 60.0, 1.0, 15.0) == 95.0
    assert green_power.willingness_to_pay(0.0, 200.0, 0.0, 20.0, 0.0, 10.0, 0.0, 60.0, 0.0, 15.0) == 0.0


def test_sm14_willingness_of_many_is_that_of_each():
    short, pressure, committed = np.array([0.0, 2.0]), np.array([0.5, 0.0]), np.array([False, True])
    zeros = np.zeros(2)
    found = green_power.willingness_to_pay(short, 50.0, pressure, 20.0, committed, 10.0, zeros, 60.0, zeros, 0.0)
    assert found.tolist() == [10.0, 60.0]


def test_sm14_voluntary_demand_is_the_strongest_motive_beyond_the_mandate():
    assert green_power.voluntary_demand_mwh(100.0, 10.0, 0.3, 0.0, 0.0, 0.0) == 20.0
    assert green_power.voluntary_demand_mwh(100.0, 40.0, 0.3, 0.0, 0.0, 0.0) == 0.0
    assert green_power.voluntary_demand_mwh(100.0, 40.0, 0.3, 1.0, 0.0, 0.0) == 60.0
    assert green_power.voluntary_demand_mwh(100.0, 0.0, 1.7, 0.0, 0.0, 0.0) == 100.0


def test_sm14_price_of_green_power_is_energy_plus_premium():
    assert green_power.green_power_cny_per_mwh(360.0, 11.0) == 371.0


# ---------------------------------------------------------------- P11
@pytest.mark.parametrize("mandate", [0.0, 1000.0])
@pytest.mark.parametrize("listing_share", [0.0, 0.5])
@pytest.mark.parametrize("share", ["access_share", "certificate_share"])
def test_p11_oversupply_prices_near_the_asks(share, listing_share, mandate):
    sellers = make_sellers([2000.0] * 5, [0.5, 1.0, 1.5, 2.0, 4.0])  # 10,000 against 3,000 or less
    buyers = make_buyers([1000.0] * 3, mandate, 1000.0 - mandate, [20.0, 40.0, 60.0])
    found = trade(sellers, buyers, terms(**{share: 1.0}, listing_share=listing_share, penalty_cny_per_mwh=200.0))
    market = found.prices.premium_cny_per_mwh if share == "access_share" else found.prices.unbundled_cny_per_mwh
    assert market <= 5.0
    assert found.prices.reference_cny_per_mwh <= 5.0
    assert sum(a.sum() for a in found.buyers[:5]) == 3000.0


def test_p11_scarcity_prices_at_the_marginal_willingness():
    sellers = make_sellers([1500.0], [0.5])
    buyers = make_buyers([1000.0] * 3, 0.0, 1000.0, [20.0, 40.0, 60.0])
    found = trade(sellers, buyers, terms(access_share=1.0))
    assert found.prices.auction_cny_per_mwh == 40.0  # 1,000 at 60, then 500 of the 1,000 at 40
    assert found.buyers.auction_mwh.tolist() == [0.0, 500.0, 1000.0]


def test_p11_contracts_follow_the_market_price_once_there_is_one():
    sellers, buyers = make_sellers([9000.0], [0.5]), make_buyers([1000.0], 1000.0, 0.0, 0.0)
    rules = {"access_share": 1.0, "penalty_cny_per_mwh": 100.0}
    assert negotiate([9000.0], sellers, buyers, terms(**rules)).premium_cny_per_mwh.tolist() == [50.25]
    market = terms(**rules, reference_cny_per_mwh=0.75)
    assert negotiate([9000.0], sellers, buyers, market).premium_cny_per_mwh.tolist() == [0.75]
    scarce = terms(**rules, reference_cny_per_mwh=90.0)
    assert negotiate([900.0], sellers, buyers, scarce).premium_cny_per_mwh.tolist() == [90.0]


# ---------------------------------------------------------------- M09
def test_m09_a_mandate_raises_the_price_convexly_and_no_generation():
    asks = 0.5 * np.exp(np.arange(20) / 4)  # each further 100 MWh costs 28 % more
    prices = []
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        sellers = make_sellers([100.5] * 20, asks)
        before = sellers.metered_mwh.copy()
        use = np.full(10, 200.0)  # 2,000 in all
        found = trade(
            sellers, make_buyers(use, share * use, 0.0, 5.0), terms(access_share=1.0, penalty_cny_per_mwh=300.0)
        )
        prices.append(found.prices.auction_cny_per_mwh)
        assert np.array_equal(sellers.metered_mwh, before)
        assert found.buyers.short_mwh.sum() == 0.0
    steps = np.diff(prices)
    assert np.all(steps > 0)
    assert np.all(np.diff(steps) > 0)


def test_m09_beyond_the_supply_the_penalty_sets_the_price_and_the_rest_is_short():
    found = trade(
        make_sellers([100.0], [1.0]), make_buyers([200.0], 150.0), terms(access_share=1.0, penalty_cny_per_mwh=300.0)
    )
    assert found.prices.auction_cny_per_mwh == 300.0
    assert found.buyers.short_mwh.tolist() == [50.0]


# ---------------------------------------------------------------- the order of markets
def test_sm14_direct_lines_come_first_and_carry_no_more_than_they_can():
    sellers = make_sellers([500.0, 900.0], [2.0, 1.0], is_local=[True, False])
    buyers = make_buyers([300.0, 100.0, 800.0], willing=[10.0, 10.0, 50.0], direct=[True, True, False])
    found = trade(sellers, buyers, terms(line_mw=0.1, line_hours=2000.0))  # 200 MWh
    # only the local seller; 300 and 100 share 200 as 150 and 50; mid of 2 and 10
    assert found.buyers.direct_mwh.tolist() == [150.0, 50.0, 0.0]
    assert found.sellers.bundled_mwh.tolist() == [200.0, 0.0]
    assert found.prices.direct_cny_per_mwh == 6.0
    assert found.buyers.paid_premium_cny.tolist() == [900.0, 300.0, 0.0]


def test_sm14_a_saved_network_charge_makes_a_direct_line_worth_it():
    sellers, buyers = make_sellers([500.0], [2.0], [True]), make_buyers([300.0], direct=True)
    assert trade(sellers, buyers, terms(line_mw=1.0)).buyers.direct_mwh.sum() == 0.0
    found = trade(sellers, buyers, terms(line_mw=1.0, direct_saving_cny_per_mwh=40.0))
    assert found.buyers.direct_mwh.tolist() == [300.0]
    assert found.prices.direct_cny_per_mwh == 21.0  # (2 + 40) / 2


def test_l20_access_limits_power_and_not_bare_certificates():
    sellers, buyers = make_sellers([1000.0], [1.0]), make_buyers([1000.0], 0.0, 1000.0, 10.0)
    assert trade(sellers, buyers, terms(access_share=0.3)).sellers.bundled_mwh.tolist() == [300.0]
    found = trade(sellers, buyers, terms(access_share=0.3, certificate_share=1.0))
    assert found.sellers.unbundled_mwh.tolist() == [700.0]
    closed = trade(sellers, buyers, terms())
    assert np.isnan(closed.prices.premium_cny_per_mwh)
    assert closed.sellers.income_cny.sum() == 0.0


def test_sm14_posted_offers_follow_the_last_market_price():
    sellers, buyers = make_sellers([1000.0], [1.0]), make_buyers([100.0], 0.0, 100.0, 10.0)
    assert trade(sellers, buyers, terms(access_share=1.0, listing_share=0.5)).prices.listing_cny_per_mwh == 1.0
    later = trade(sellers, buyers, terms(access_share=1.0, listing_share=0.5, reference_cny_per_mwh=4.0))
    assert later.prices.listing_cny_per_mwh == 4.0
    dear = trade(sellers, buyers, terms(access_share=1.0, listing_share=0.5, reference_cny_per_mwh=14.0))
    assert np.isnan(dear.prices.listing_cny_per_mwh)  # above the limit of 10: the auction finds the way down
    assert dear.prices.auction_cny_per_mwh == 1.0
    assert dear.prices.reference_cny_per_mwh == 1.0


def test_sm14_nobody_bids_more_for_power_than_certificates_cost():
    buyers = make_buyers([1000.0], 500.0)  # power for 300 of 500, certificates for 9,000
    rules = {"access_share": 1.0, "penalty_cny_per_mwh": 100.0}
    sellers = make_sellers([300.0, 0.0], [0.5, 2.0], certificates=[300.0, 9000.0])
    alone = trade(sellers, buyers, terms(**rules))
    assert alone.prices.auction_cny_per_mwh == 100.0
    both = trade(sellers, buyers, terms(**rules, certificate_share=1.0))
    assert both.prices.auction_cny_per_mwh == 51.0 - 49.0  # capped at the ask of 2 of plentiful certificates
    assert both.buyers.short_mwh.sum() == 0.0


def test_sm14_old_certificates_are_sold_without_power():
    sellers = make_sellers([0.0], [0.5], certificates=[80.0])
    found = trade(sellers, make_buyers([100.0], 0.0, 100.0, 10.0), terms(access_share=1.0, certificate_share=1.0))
    assert found.buyers.unbundled_mwh.tolist() == [80.0]
    assert found.sellers.bundled_mwh.tolist() == [0.0]
    assert found.prices.unbundled_cny_per_mwh == 10.0  # the bid wants more: scarcity


# ---------------------------------------------------------------- contracts
def contract(mwh, premium, seller=0, buyer=0):
    return Contracts(np.array([seller]), np.array([buyer]), np.array([float(mwh)]), np.array([float(premium)]))


@pytest.mark.parametrize(
    ("metered", "use", "settled", "by_seller", "by_buyer"),
    [
        (100, 100, 100, 0, 0),
        (70, 100, 70, 30, 0),  # generation 30 short: 10 % of 20 CNY on 30 MWh = 60 CNY to the buyer
        (100, 60, 60, 0, 40),
        (70, 60, 60, 30, 40),
    ],
)
def test_sm14_contracts_settle_on_the_least_of_three(metered, use, settled, by_seller, by_buyer):
    found = trade(make_sellers([metered], [1.0]), make_buyers([use]), terms(), contract(100, 20))
    assert found.buyers.bilateral_mwh.tolist() == [settled]
    assert found.buyers.paid_premium_cny.tolist() == [20.0 * settled]
    assert found.sellers.income_cny.tolist() == [20.0 * settled]
    assert (
        found.sellers.deviation_paid_cny.tolist() == found.buyers.deviation_received_cny.tolist() == [2.0 * by_seller]
    )
    assert found.buyers.deviation_paid_cny.tolist() == found.sellers.deviation_received_cny.tolist() == [2.0 * by_buyer]


def test_sm14_a_dry_quarter_is_shared_by_all_contracts_of_the_seller():
    signed = Contracts(np.zeros(3, int), np.arange(3), np.array([50.0, 30.0, 20.0]), np.full(3, 8.0))
    found = trade(make_sellers([50.0], [1.0]), make_buyers([100.0] * 3), terms(), signed)
    assert found.buyers.bilateral_mwh.tolist() == [25.0, 15.0, 10.0]


def test_sm14_contracts_count_towards_the_mandate_first():
    buyers = make_buyers([100.0], 40.0, 30.0, 10.0)
    found = trade(make_sellers([100.0], [1.0]), buyers, terms(access_share=1.0), contract(50, 5))
    assert found.buyers.short_mwh.tolist() == [0.0]
    assert found.buyers.auction_mwh.tolist() == [20.0]  # 70 wanted, 50 under contract


def test_sm14_state_owned_buyers_may_sign_first():
    sellers = make_sellers([100.0], [1.0])
    buyers = make_buyers([80.0, 80.0], 0.0, 80.0, [10.0, 6.0], soe=[False, True])
    rules = terms(access_share=1.0)
    by_size = negotiate([100.0], sellers, buyers, rules)
    assert np.bincount(by_size.buyer, by_size.mwh_per_quarter).tolist() == [50.0, 50.0]
    ranked = negotiate([100.0], sellers, buyers, rules, soe_first=True)
    assert np.bincount(ranked.buyer, ranked.mwh_per_quarter).tolist() == [20.0, 80.0]
    assert dict(zip(ranked.buyer.tolist(), ranked.premium_cny_per_mwh.tolist(), strict=True)) == {0: 5.5, 1: 3.5}


def test_sm14_contracts_take_their_share_of_open_generation_and_of_wants():
    sellers, buyers = make_sellers([0.0], [1.0]), make_buyers([900.0], 0.0, 500.0, 10.0)
    rules = terms(access_share=0.5)
    assert negotiate([1000.0], sellers, buyers, rules, share=0.6).mwh_per_quarter.tolist() == [300.0]
    assert negotiate([4000.0], sellers, buyers, rules, share=0.6).mwh_per_quarter.tolist() == [300.0]  # .6 x 500


# ---------------------------------------------------------------- conservation
@st.composite
def markets(draw):
    m, n = draw(st.integers(1, 5)), draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    metered = rng.uniform(0, 400, m) * (rng.random(m) < 0.8)
    sellers = Sellers(
        metered, np.round(rng.uniform(0, 6, m)), rng.random(m) < 0.5, np.floor(metered) + rng.integers(0, 50, m)
    )
    use = rng.uniform(0, 300, n) * (rng.random(n) < 0.9)
    mandate = use * rng.uniform(0, 1, n) * (rng.random(n) < 0.5)
    voluntary = (use - mandate) * rng.uniform(0, 1, n)
    willing = np.round(rng.uniform(0, 12, n)) * (rng.random(n) < 0.7)
    buyers = Buyers(use, mandate, voluntary, willing, rng.random(n) < 0.3, rng.random(n) < 0.4)
    share = st.sampled_from([0.0, 0.3, 1.0])
    rules = terms(
        access_share=draw(share), certificate_share=draw(share), listing_share=draw(share),
        line_mw=draw(st.sampled_from([0.0, 0.03, 1.0])), direct_saving_cny_per_mwh=draw(st.sampled_from([0.0, 10.0])),
        penalty_cny_per_mwh=draw(st.sampled_from([0.0, 30.0])),
        reference_cny_per_mwh=draw(st.sampled_from([np.nan, 1.0, 9.0])),
    )  # fmt: skip
    expected = rng.uniform(0, 400, m)
    return sellers, buyers, rules, negotiate(expected, sellers, buyers, rules, 0.6, draw(st.booleans()))


@settings(max_examples=300, deadline=None)
@given(markets())
def test_sm14_a_quarter_conserves_mwh_exactly_and_money(market):
    sellers, buyers, rules, contracts = market
    of_buyers, of_sellers, _ = trade(sellers, buyers, rules, contracts)
    bought = of_buyers.direct_mwh + of_buyers.bilateral_mwh + of_buyers.listed_mwh + of_buyers.auction_mwh
    assert bought.sum() == of_sellers.bundled_mwh.sum()
    assert of_buyers.unbundled_mwh.sum() == of_sellers.unbundled_mwh.sum()
    for mwh in (*of_buyers[:6], *of_sellers[:2]):
        assert np.all(mwh >= 0)
        assert np.all(mwh == np.floor(mwh))
    assert np.all(of_sellers.bundled_mwh <= sellers.metered_mwh)
    assert np.all(of_sellers.bundled_mwh + of_sellers.unbundled_mwh <= sellers.certificates_mwh)
    green = bought + of_buyers.unbundled_mwh
    assert np.all(green <= buyers.use_mwh)
    assert np.all(green + of_buyers.short_mwh >= np.floor(buyers.mandate_mwh))
    assert of_buyers.direct_mwh.sum() <= rules.line_mw * rules.line_hours
    assert of_buyers.direct_mwh[~buyers.has_direct_line].sum() == 0.0
    assert of_buyers.paid_premium_cny.sum() == pytest.approx(of_sellers.income_cny.sum(), abs=1e-6)
    for paid, received in (
        (of_buyers.deviation_paid_cny, of_sellers.deviation_received_cny),
        (of_sellers.deviation_paid_cny, of_buyers.deviation_received_cny),
    ):
        assert paid.sum() == pytest.approx(received.sum(), abs=1e-6)
        assert np.all(paid >= 0)


@settings(max_examples=300, deadline=None)
@given(markets())
def test_sm14_nobody_trades_at_a_loss(market):
    sellers, buyers, rules, contracts = market
    of_buyers, of_sellers, prices = trade(sellers, buyers, rules, contracts)
    limit = buyers.willingness_cny_per_mwh[contracts.buyer] + rules.penalty_cny_per_mwh
    assert np.all(contracts.premium_cny_per_mwh <= limit)
    assert np.all(contracts.premium_cny_per_mwh >= sellers.ask_cny_per_mwh[contracts.seller])
    sold = of_sellers.bundled_mwh + of_sellers.unbundled_mwh
    assert np.all(of_sellers.income_cny >= sellers.ask_cny_per_mwh * sold - 1e-6)
    for price, mwh in (
        (prices.auction_cny_per_mwh, of_buyers.auction_mwh),
        (prices.unbundled_cny_per_mwh, of_buyers.unbundled_mwh),
    ):
        highest = buyers.willingness_cny_per_mwh + rules.penalty_cny_per_mwh
        assert np.isnan(price) == (mwh.sum() == 0)
        assert np.all(highest[mwh > 0] >= price)


@settings(max_examples=100, deadline=None)
@given(markets(), st.randoms(use_true_random=False))
def test_sm14_the_order_of_buyers_decides_nothing_but_the_odd_mwh(market, random):
    sellers, buyers, rules, _ = market
    n, none = buyers.use_mwh.size, green_power.no_contracts()
    rows = list(range(n))
    random.shuffle(rows)
    arrival, offers = np.random.default_rng(5).random(n), np.linspace(0, 1, sellers.ask_cny_per_mwh.size)
    first = green_power.trade_quarter(sellers, buyers, none, rules, offers, arrival)
    second = green_power.trade_quarter(sellers, Buyers(*[c[rows] for c in buyers]), none, rules, offers, arrival[rows])
    for mwh, again in zip(first.buyers[:5], second.buyers[:5], strict=True):
        assert again.sum() == pytest.approx(mwh.sum(), abs=2 * n)
        if rules.line_mw == 0.0:  # largest remainder: equal remainders go by row, one MWh in each auction
            assert np.all(np.abs(again - mwh[rows]) <= 2.0)


def test_sm14_inputs_are_left_as_they_are():
    sellers, buyers = make_sellers([500.0], [1.0], [True]), make_buyers([300.0], 100.0, 100.0, 9.0, direct=True)
    kept = [c.copy() for c in (*sellers, *buyers)]
    trade(sellers, buyers, terms(access_share=1.0, listing_share=0.5, line_mw=0.01), contract(40, 3))
    assert all(np.array_equal(a, b) for a, b in zip(kept, (*sellers, *buyers), strict=True))


def test_b07_a_year_of_trade_goes_through_the_ledger():
    ledger = CertificateLedger(2)
    rng = np.random.default_rng(3)
    for quarter in range(12):
        ledger.open_quarter(quarter)
        metered = rng.uniform(50, 150, 2)
        ledger.issue(metered)
        sellers = make_sellers(metered, [0.5, 2.0], certificates=ledger.tradable)
        use = rng.uniform(10, 60, 4)
        found = trade(
            sellers, make_buyers(use, 0.3 * use, 0.3 * use, 8.0), terms(access_share=0.3, certificate_share=1.0)
        )
        ledger.trade(found.sellers.bundled_mwh, found.sellers.unbundled_mwh)
        ledger.claim(sum(a.sum() for a in found.buyers[:5]))
        ledger.check(f"quarter {quarter}")
        assert ledger.held == 0
    assert ledger.expired > 0
    assert ledger.claimed == ledger.traded > 0


# ---------------------------------------------------------------- bad input
@pytest.mark.parametrize(
    ("sellers", "buyers", "rules", "message"),
    [
        (make_sellers([9.0], [1.0]), make_buyers([5.0], 4.0, 2.0), terms(), "must not exceed use"),
        (make_sellers([9.0], [1.0]), make_buyers([5.0], -1.0), terms(), "must not be negative"),
        (make_sellers([9.0], [-1.0]), make_buyers([5.0]), terms(), "ask of a seller must not be negative"),
        (make_sellers([9.0], [1.0], certificates=[8.0]), make_buyers([5.0]), terms(), "issue certificates before"),
        (make_sellers([9.0], [1.0]), make_buyers([5.0]), terms(access_share=1.2), "between 0 and 1"),
        (make_sellers([9.0], [1.0]), make_buyers([5.0]), terms(line_mw=-1.0), "must not be negative"),
    ],
)
def test_green_markets_that_make_no_sense_are_refused(sellers, buyers, rules, message):
    with pytest.raises(ValueError, match=message):
        trade(sellers, buyers, rules)
