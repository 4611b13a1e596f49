"""Accounts of tradable quotas by hand: allocation, orders, surrender, banking, penalties (SM15, B11)."""

import numpy as np
import pytest

from transition_sim.core.errors import ConservationError
from transition_sim.core.tables import allocate
from transition_sim.world.markets import allowances as q
from transition_sim.world.markets.allowance_books import check_accounts

TERMS = q.Terms(
    quarter_of_year=0, price_cny=80.0, reserve_cny=79.0, due_share=0.08, advance_share=0.7, auction_share=0.0,
    slope=0.15, band_share=0.03, offset_limit_share=0.05, offset_cny=76.0, bank_base_units=10_000.0,
    bank_multiple=1.5, penalty_multiple=5.0,
)  # fmt: skip
WEIGHTS = np.array([0.08, 0.12, 0.20, 0.60])
RICH = np.array([1e12])


class Plant:
    """One account under a benchmark of .80 t/MWh; ``bank`` was brought over."""

    def __init__(self, bank=0.0, last_mwh=1e6, factor=0.82, method=q.BENCHMARK, rate=0.80, **terms):
        self.accounts = allocate(q.QUOTA, 1)
        self.row, self.terms = self.accounts[0], TERMS._replace(**terms)
        self.row["used_units"], self.row["activity"], self.row["bank_units"] = factor * last_mwh, last_mwh, bank
        self.factor = factor
        self.bids, self.forced, self.spare = np.zeros((3, 1))
        self.method, self.rate = np.array([method]), np.array([rate])

    def quarter(self, number, mwh, means=RICH, sells=True):
        """Run a quarter in which every order is filled; return (bid, forced, spare)."""
        due = float(WEIGHTS[number] / WEIGHTS[number:].sum())
        terms = self.terms._replace(quarter_of_year=number, due_share=due)
        q.open_accounts(self.accounts)
        if number == 0:
            q.open_year(self.accounts, np.array([True]), self.method, self.rate, terms)
        q.note_use(self.accounts, np.array([self.factor * mwh]), np.array([mwh]), terms)
        q.place_orders(self.accounts, means, terms, self.bids, self.forced, self.spare)
        orders = float(self.bids[0]), float(self.forced[0]), float(self.spare[0])
        sold = self.forced + (self.spare if sells else 0.0)
        q.book_trades(self.accounts, self.bids, sold, terms.price_cny)
        if number == 3:
            q.surrender(self.accounts, terms)
        check_accounts(self.accounts, float(sold.sum()), float(self.bids.sum()), "test", "2024Q1")
        return orders

    def year(self, mwh=250_000.0, **kwargs):
        return [self.quarter(n, mwh, **kwargs) for n in range(4)]


def test_sm15_a_short_plant_buys_by_the_deadline():
    """820 000 t against 800 000: short 20 000, bought .08, .12, .20 of it and, less offsets, the rest."""
    plant = Plant()
    bids = [bid for bid, _, _ in plant.year()]
    # offsets take up to 5 % of 820 000 t, more than the 12 000 t that are left
    assert bids == pytest.approx([1600.0, 2400.0, 4000.0, 0.0])
    assert plant.row["offset_units"] == pytest.approx(12_000.0)
    assert plant.row["offset_cny"] == pytest.approx(12_000 * 76.0)
    assert plant.row["surrendered_units"] == pytest.approx(820_000.0)
    assert plant.row["bank_units"] == pytest.approx(0.0, abs=1e-6)
    assert plant.row["short_units"] == 0.0


def test_sm15_offsets_stop_at_five_per_cent():
    """EF 1.0: short 200 000 t; offsets at most 50 000 in the fourth quarter, 120 000 - 50 000 are bought."""
    plant = Plant(factor=1.0)
    bids = [bid for bid, _, _ in plant.year()]
    assert bids == pytest.approx([16_000.0, 24_000.0, 40_000.0, 70_000.0])
    assert plant.row["offset_units"] == pytest.approx(50_000.0)


def test_sm15_dear_offsets_are_not_bought():
    plant = Plant(offset_cny=80.0)
    assert [bid for bid, _, _ in plant.year()] == pytest.approx([1600.0, 2400.0, 4000.0, 12_000.0])
    assert plant.row["offset_units"] == 0.0


def test_sm15_the_advance_is_seventy_per_cent_of_last_year_and_settles_on_what_was_done():
    """.7 x 800 000 = 560 000 first; 900 000 MWh earn 720 000: 160 000 more; 400 000 MWh earn 320 000: 240 000 back."""
    for mwh, change in ((225_000.0, 160_000.0), (100_000.0, -240_000.0)):
        plant = Plant()
        plant.quarter(0, mwh)
        assert plant.row["allocated_units"] == pytest.approx(560_000.0)
        for number in (1, 2, 3):
            plant.quarter(number, mwh)
        assert plant.row["allocated_units"] == pytest.approx(change)
        assert plant.row["issued_units"] == pytest.approx(3.2 * mwh)


def test_sm15_who_is_better_than_the_benchmark_sells_at_the_end():
    """EF .75: 50 000 t over, all offered in the fourth quarter; what is not sold stays within the limit of banking."""
    orders = Plant(factor=0.75).year()
    assert [sum(order) for order in orders] == pytest.approx([0.0, 0.0, 0.0, 50_000.0])
    # x sold: 50 000 - x = 10 000 + 1.5 x: x = 16 000
    assert orders[3][1] == pytest.approx(16_000.0)
    holder = Plant(factor=0.75)
    holder.year(sells=False)
    assert holder.row["bank_units"] == pytest.approx(34_000.0)
    assert holder.row["expired_units"] == pytest.approx(0.0, abs=1e-6)


def test_sm15_what_exceeds_the_limit_of_banking_lapses():
    """Nothing is sold of 50 000: 10 000 stay, 40 000 lapse; at a multiple of 10 nothing lapses."""
    plant = Plant(factor=0.75)
    for number in range(3):
        plant.quarter(number, 250_000.0)
    plant.terms = TERMS._replace(bank_multiple=10.0)
    q.open_accounts(plant.accounts)
    last = plant.terms._replace(quarter_of_year=3, due_share=1.0)
    q.note_use(plant.accounts, np.array([187_500.0]), np.array([250_000.0]), last)
    q.place_orders(plant.accounts, RICH, last, plant.bids, plant.forced, plant.spare)
    assert plant.forced[0] == 0.0
    other = plant.accounts.copy()
    q.surrender(plant.accounts, last)
    q.surrender(other, last._replace(bank_multiple=1.5))
    assert (plant.row["bank_units"], plant.row["expired_units"]) == pytest.approx((50_000.0, 0.0))
    assert (other[0]["bank_units"], other[0]["expired_units"]) == pytest.approx((10_000.0, 40_000.0))


def test_sm15_a_bank_is_used_before_anything_is_bought_and_sold_as_far_as_it_is_spare():
    """30 000 t brought over, 20 000 short: 10 000 are spare and, being of an earlier year, for sale at once."""
    plant = Plant(bank=30_000.0)
    assert plant.quarter(0, 250_000.0) == pytest.approx((0.0, 0.0, 10_000.0))
    assert sum(map(sum, (plant.quarter(n, 250_000.0) for n in (1, 2, 3)))) == pytest.approx(0.0, abs=1e-6)
    assert plant.row["bank_units"] == pytest.approx(0.0, abs=1e-6)


def test_sm15_who_cannot_pay_is_fined_and_starts_the_next_year_short():
    """No means: 8 000 of 20 000 t are missing after the offsets (12 000 at their limit here); 5 x 80 x 8 000."""
    plant = Plant(offset_limit_share=12_000 / 820_000)
    plant.year(means=np.zeros(1))
    assert plant.row["short_units"] == pytest.approx(8000.0)
    assert plant.row["penalty_cny"] == pytest.approx(5 * 80 * 8000.0)
    plant.quarter(0, 250_000.0)
    # the advance is .7 of 800 000 less 8 000
    assert plant.row["allocated_units"] == pytest.approx(0.7 * 792_000)
    for number in (1, 2, 3):
        plant.quarter(number, 250_000.0)
    assert plant.row["issued_units"] == pytest.approx(792_000.0)
    assert plant.row["due_units"] == 0.0


def test_l26_the_auctioned_share_is_bought_from_the_government():
    """15 % of 800 000 are sold: 120 000 of a need of 140 000 come from auctions, at the price, over the year."""
    plant = Plant(auction_share=0.15, offset_limit_share=0.0)
    bids = [bid for bid, _, _ in plant.year()]
    assert plant.row["auctioned_year_units"] == pytest.approx(120_000.0)
    assert sum(bids) == pytest.approx(20_000.0)
    assert plant.row["surrendered_units"] == pytest.approx(820_000.0)


def test_sm15_verified_emissions_cost_nothing_and_intensity_little():
    """Verified: no need. I = .88 against .84: factor 1 - .15 x .04 / .84 = .992857, short .7143 % of emissions."""
    first = Plant(factor=0.88, method=q.VERIFIED)
    assert sum(map(sum, first.year())) == pytest.approx(0.0, abs=1e-6)
    works = Plant(factor=0.88, method=q.INTENSITY, rate=0.84, offset_limit_share=0.0)
    assert sum(bid for bid, _, _ in works.year()) == pytest.approx(880_000 * 0.15 * 0.04 / 0.84)


def test_sm15_what_another_tonne_costs():
    """Benchmark: all of it. Verified: the auctioned part. Intensity at the average: 1 - (1 - .15) = .15 of the price.

    By hand: A = E (1 + .15 (1 - I)), I = E at activity 1 and average 1: dA/dE = 1.15 - .3 E = .85 at E = 1.
    """
    assert q.felt_share(q.BENCHMARK, 0.8, 82.0, 100.0, TERMS) == 1.0
    assert q.felt_share(q.VERIFIED, 0.8, 82.0, 100.0, TERMS) == 0.0
    assert q.felt_share(q.VERIFIED, 0.8, 82.0, 100.0, TERMS._replace(auction_share=0.15)) == pytest.approx(0.15)
    assert q.felt_share(q.INTENSITY, 1.0, 100.0, 100.0, TERMS) == pytest.approx(0.15)
    # far above the average the band holds: a tonne more brings .97 allowances
    assert q.felt_share(q.INTENSITY, 1.0, 130.0, 100.0, TERMS) == pytest.approx(0.03)
    for use in (95.0, 100.0, 110.0):
        more = [q.full_units(q.INTENSITY, 1.0, e, 100.0, 0.15, 0.03) for e in (use, use + 1e-4)]
        earned = (more[1] - more[0]) / 1e-4
        assert q.felt_share(q.INTENSITY, 1.0, use, 100.0, TERMS) == pytest.approx(1.0 - earned, abs=1e-5)


def test_sm15_who_leaves_the_market_loses_what_it_holds():
    plant = Plant(bank=5000.0)
    q.open_accounts(plant.accounts)
    q.open_year(plant.accounts, np.array([False]), plant.method, plant.rate, plant.terms)
    assert (plant.row["bank_units"], plant.row["expired_units"]) == (0.0, 5000.0)
    check_accounts(plant.accounts, 0.0, 0.0, "test", "2024Q1")


@pytest.mark.parametrize("column", ["bank_units", "sold_units", "allocated_units", "surrendered_units"])
def test_b11_breaks_when_an_account_does_not_close(column):
    plant = Plant()
    plant.quarter(0, 250_000.0)
    plant.accounts[column] += 1e-3
    with pytest.raises(ConservationError, match="B11 test"):
        check_accounts(plant.accounts, 0.0, float(plant.row["bought_units"]), "test", "2024Q1")


def test_b11_breaks_when_purchases_are_not_sales():
    plant = Plant()
    plant.quarter(0, 250_000.0)
    with pytest.raises(ConservationError, match="purchases and sales"):
        check_accounts(plant.accounts, 0.0, 0.0, "test", "2024Q1")
