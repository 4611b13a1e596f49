"""Certificates from issue to claim or expiry, the residual mix, and what counts for a zero-carbon park (SM14)."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from transition_sim.core.errors import ConservationError
from transition_sim.core.tables import allocate
from transition_sim.world.accounting.certificates import (
    CertificateLedger,
    check_scope2,
    market_based_scope2,
    recognised_green_mwh,
    residual_factor,
    write_market_scope2,
)
from transition_sim.world.state import ENTERPRISE_TABLES


def opened(n_sellers=1):
    ledger = CertificateLedger(n_sellers)
    ledger.open_quarter(0)
    return ledger


# ---------------------------------------------------------------- issue
def test_sm14_fractions_of_a_certificate_are_carried():
    ledger = opened(2)
    assert ledger.issue(np.array([10.5, 3.75])).tolist() == [10, 3]
    assert ledger.issue(np.array([10.5, 0.5])).tolist() == [11, 1]  # 21.0 and 4.25 in all
    assert ledger.issued == 25
    assert ledger.issue_own_use(0.75) == 0
    assert ledger.issue_own_use(0.75) == 1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20))
def test_sm14_never_more_certificates_than_mwh_and_never_a_whole_one_short(metered):
    ledger = opened()
    for mwh in metered:
        assert ledger.issue(np.array([mwh]))[0] >= np.floor(mwh)
    assert sum(metered) - 1 - 1e-6 <= ledger.issued <= sum(metered) + 1e-6


# ---------------------------------------------------------------- trade, claim, expire
def test_sm14_a_certificate_is_traded_once_and_claimed_once():
    ledger = opened()
    ledger.issue(np.array([10.0]))
    with pytest.raises(ValueError, match="a claim of 1 exceeds the 0 traded"):
        ledger.claim(1)
    assert ledger.trade(np.array([6]), np.array([0])) == 6
    with pytest.raises(ValueError, match="each is traded once"):
        ledger.trade(np.array([0]), np.array([5]))
    ledger.claim(6)
    with pytest.raises(ValueError, match="a claim of 1 exceeds"):
        ledger.claim(1)
    assert (ledger.issued, ledger.open, ledger.claimed, ledger.traded) == (10, 4, 6, 6)
    ledger.check("2020Q1")


def test_sm14_power_carries_the_certificate_of_its_own_quarter():
    ledger = opened()
    ledger.issue(np.array([5.0]))
    ledger.open_quarter(1)
    ledger.issue(np.array([3.0]))
    with pytest.raises(ValueError, match="untraded certificates of this quarter"):
        ledger.trade(np.array([4]), np.array([0]))
    assert ledger.tradable.tolist() == [8]  # a refused trade changes nothing
    assert ledger.trade(np.array([3]), np.array([5])) == 8


def test_sm14_certificates_expire_after_eight_quarters_oldest_sold_first():
    ledger = opened()
    ledger.issue(np.array([10.0]))
    ledger.open_quarter(1)
    ledger.issue(np.array([10.0]))
    ledger.trade(np.array([0]), np.array([12]))  # all of quarter 0, two of quarter 1
    ledger.claim(11)
    assert ledger.open_quarter(7) == 0  # the eighth quarter of the first vintage
    assert ledger.open_quarter(8) == 0  # its 10 are claimed
    assert ledger.open_quarter(9) == 9  # 8 unsold and 1 sold but unclaimed of quarter 1
    assert (ledger.issued, ledger.open, ledger.claimed, ledger.expired) == (20, 0, 11, 9)
    ledger.check("2022Q2")


def test_sm14_own_use_is_never_tradable():
    ledger = opened()
    ledger.issue_own_use(7.0)
    assert ledger.tradable.tolist() == [0]
    with pytest.raises(ValueError, match="each is traded once"):
        ledger.trade(np.array([0]), np.array([1]))
    ledger.claim_own_use(7)
    assert (ledger.claimed, ledger.traded, ledger.open) == (7, 0, 0)


def test_bad_calls_are_refused():
    ledger = CertificateLedger(2)
    with pytest.raises(ValueError, match="open a quarter"):
        ledger.issue(np.array([1.0, 1.0]))
    ledger.open_quarter(4)
    with pytest.raises(ValueError, match="quarter 3 is over"):
        ledger.open_quarter(3)
    with pytest.raises(ValueError, match="generation of 2 sellers"):
        ledger.issue(np.array([1.0]))
    with pytest.raises(ValueError, match="finite and not negative"):
        ledger.issue(np.array([1.0, -1.0]))
    with pytest.raises(ValueError, match="whole certificates"):
        ledger.trade(np.array([0.5, 0.0]), np.zeros(2))
    with pytest.raises(ValueError, match="whole certificates"):
        ledger.claim(-1)
    with pytest.raises(ValueError, match="own use"):
        ledger.issue_own_use(float("nan"))


def test_b07_a_lost_certificate_stops_the_run():
    ledger = opened()
    ledger.issue(np.array([5.0]))
    ledger.claimed += 1
    with pytest.raises(ConservationError, match=r"B07 certificates is broken in 2020Q1: residual -1 certificates"):
        ledger.check("2020Q1")


class Life(RuleBasedStateMachine):
    """B07 over random lives, against a plain list with one entry per certificate."""

    def __init__(self):
        super().__init__()
        self.quarter = 0
        self.ledger = CertificateLedger(2)
        self.ledger.open_quarter(0)
        self.twin = []  # [vintage, owner, state]
        self.trades = self.claims = self.gone = 0

    def rows(self, **wanted):
        keys = {"vintage": 0, "owner": 1, "state": 2}
        return sorted((c for c in self.twin if all(c[keys[k]] == v for k, v in wanted.items())), key=lambda c: c[0])

    @rule(a=st.integers(0, 30), b=st.integers(0, 30), own=st.integers(0, 5))
    def issue(self, a, b, own):
        self.ledger.issue(np.array([a, b], float))
        self.ledger.issue_own_use(float(own))
        for owner, count in ((0, a), (1, b)):
            self.twin += [[self.quarter, owner, "offered"] for _ in range(count)]
        self.twin += [[self.quarter, 2, "own"] for _ in range(own)]

    @rule(data=st.data())
    def trade(self, data):
        bundled, bare = [], []
        for owner in (0, 1):
            fresh = self.rows(owner=owner, state="offered", vintage=self.quarter)
            sold = fresh[: data.draw(st.integers(0, len(fresh)))]
            for c in sold:
                c[2] = "held"
            rest = self.rows(owner=owner, state="offered")
            loose = rest[: data.draw(st.integers(0, len(rest)))]
            for c in loose:
                c[2] = "held"
            bundled.append(len(sold))
            bare.append(len(loose))
        assert self.ledger.trade(np.array(bundled), np.array(bare)) == sum(bundled) + sum(bare)
        self.trades += sum(bundled) + sum(bare)

    @rule(data=st.data())
    def claim(self, data):
        for state, retire in (("held", self.ledger.claim), ("own", self.ledger.claim_own_use)):
            open_ones = self.rows(state=state)
            count = data.draw(st.integers(0, len(open_ones)))
            retire(count)
            for c in open_ones[:count]:
                c[2] = "claimed"
            self.claims += count

    @rule(quarters=st.integers(0, 10))
    def wait(self, quarters):
        self.quarter += quarters
        lapsed = [c for c in self.twin if c[2] not in ("claimed", "gone") and c[0] <= self.quarter - 8]
        assert self.ledger.open_quarter(self.quarter) == len(lapsed)
        for c in lapsed:
            c[2] = "gone"
        self.gone += len(lapsed)

    @precondition(lambda self: self.ledger.held == 0)
    @rule()
    def claim_too_much(self):
        with pytest.raises(ValueError, match="exceeds"):
            self.ledger.claim(1)

    @rule()
    def copy_is_independent(self):
        other = copy.deepcopy(self.ledger)
        other.issue(np.array([1.0, 0.0]))
        assert other.issued == self.ledger.issued + 1

    @invariant()
    def same_as_the_list(self):
        self.ledger.check("now")
        assert self.ledger.issued == len(self.twin) == self.ledger.open + self.ledger.claimed + self.ledger.expired
        assert (self.ledger.traded, self.ledger.claimed, self.ledger.expired) == (self.trades, self.claims, self.gone)
        assert self.ledger.tradable.tolist() == [len(self.rows(owner=o, state="offered")) for o in (0, 1)]
        assert self.ledger.held == len(self.rows(state="held"))


TestB07 = Life.TestCase
TestB07.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


# ---------------------------------------------------------------- residual mix
@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1)), min_size=1, max_size=30),
    st.floats(0, 1e7),
    st.floats(1, 1e6),
)
def test_b06_scope_2_of_all_users_is_the_emission_of_the_grid(users, grid_tco2, unclaimed_use_mwh):
    use = np.array([u for u, _ in users] + [unclaimed_use_mwh])
    claimed = np.array([u * share for u, share in users] + [0.0])
    factor = residual_factor(grid_tco2, use.sum(), claimed.sum())
    energy, green_power = (allocate(ENTERPRISE_TABLES[name], use.size) for name in ("energy", "green_power"))
    energy["purchased_mwh"], green_power["claimed_mwh"] = use, claimed
    scope2 = write_market_scope2(energy, green_power, factor, np.zeros((use.size, 1)), 0, np.zeros(1))
    check_scope2(scope2, grid_tco2, "2030Q1")
    assert energy["scope2_market_tco2"].sum() == pytest.approx(grid_tco2, rel=1e-9, abs=1e-9)


def test_b06_a_double_count_stops_the_run():
    # claimed at zero and yet not taken out of the mix: 80 x .51 = 40.8 of 51 t
    scope2 = market_based_scope2(100.0, 20.0, 0.51)
    with pytest.raises(ConservationError, match=r"B06 market-based scope 2 is broken in 2030Q1: residual -10\.2 tCO2"):
        check_scope2(scope2, 51.0, "2030Q1")


def test_sm14_impossible_mixes_are_refused():
    assert residual_factor(0.0, 40.0, 40.0) == 0.0  # all green, all claimed
    with pytest.raises(ValueError, match="nobody is left to carry 5 tCO2"):
        residual_factor(5.0, 40.0, 40.0)
    with pytest.raises(ValueError, match="41 of 40 MWh"):
        residual_factor(5.0, 40.0, 41.0)
    with pytest.raises(ValueError, match="claims more than it uses"):
        market_based_scope2(5.0, 6.0, 0.5)


# ---------------------------------------------------------------- zero-carbon claims
def test_m27_certificates_alone_count_up_to_half_of_the_use():
    # use 100 MWh at .5 tCO2/MWh and 30 tce: kappa = .5 (100 - green) / 30
    kappa = [0.5 * (100 - recognised_green_mwh(0.0, bought, 100.0)) / 30 for bought in (0, 25, 50, 75, 100)]
    assert kappa == pytest.approx([50 / 30, 37.5 / 30, 25 / 30, 25 / 30, 25 / 30])
    assert recognised_green_mwh(50.0, 50.0, 100.0) == 100.0  # half over direct lines: everything counts
    assert recognised_green_mwh(20.0, 80.0, 100.0) == 70.0
    assert recognised_green_mwh(0.0, 80.0, 100.0, 0.0) == 80.0  # without the rule
    with pytest.raises(ValueError, match="must not exceed the use"):
        recognised_green_mwh(60.0, 50.0, 100.0)
