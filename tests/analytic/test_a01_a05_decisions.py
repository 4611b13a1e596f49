"""A01-A02 Bass diffusion, A03 a constant hazard, A04-A05 the logit, on the kernels of decisions (SM05-SM07)."""

import numpy as np
import pytest

from transition_sim.agents.choice import choice_probabilities
from transition_sim.agents.hazards import happens, quarterly_probability
from transition_sim.core.streams import Streams

P, Q = 0.03, 0.38
N = 20_000
COSTS = np.array([100.0, 110.0, 130.0])
QUARTERS = 60


def closed_form_share(years):
    """F = (1 - e^-(p+q)t) / (1 + (q/p) e^-(p+q)t), the Bass model in continuous time."""
    fading = np.exp(-(P + Q) * np.asarray(years))
    return (1 - fading) / (1 + Q / P * fading)


def scheme_shares(step_years, years):
    """F += (1 - F)(1 - e^-(p+qF)dt), written out without the package; the share after each step."""
    shares = [0.0]
    for _ in range(round(years / step_years)):
        shares.append(shares[-1] + (1 - shares[-1]) * (1 - np.exp(-(P + Q * shares[-1]) * step_years)))
    return np.array(shares)


def adopted_shares(seed):
    """Share of 20,000 agents on a full graph who have adopted, by quarter: the Bass switch of the hazard."""
    streams = Streams(seed)
    has_adopted = np.zeros(N, bool)
    shares = [0.0]
    for quarter in range(QUARTERS):
        hazard_per_year = P + Q * has_adopted.mean()
        uniforms = streams.uniforms("bass", quarter, N)
        waiting = np.flatnonzero(~has_adopted)
        has_adopted[waiting] = [happens(hazard_per_year, u) for u in uniforms[waiting]]
        shares.append(has_adopted.mean())
    return np.array(shares)


@pytest.fixture(scope="module")
def adopted_share():
    """Mean of four seeds: early luck is copied, so one run's F(5) has sd .006 and one run's peak moves by .07 yr."""
    return np.mean([adopted_shares(seed) for seed in range(1, 5)], axis=0)


@pytest.mark.parametrize(
    ("years", "continuous", "quarterly"), [(5, 0.3312, 0.3108), (10, 0.8128, 0.7931), (15, 0.9716, 0.9677)]
)
def test_a01_bass_curve(adopted_share, years, continuous, quarterly):
    """The values of the table, the agents within its +-.01."""
    assert adopted_share[4 * years] == pytest.approx(quarterly, abs=0.01)
    assert scheme_shares(0.25, years)[-1] == pytest.approx(quarterly, abs=5e-5)
    assert closed_form_share(years) == pytest.approx(continuous, abs=5e-5)


def test_a01_quarterly_scheme_lags_and_closes_in_on_the_closed_form():
    """An explicit step of first order: a tenth of the step leaves about a tenth of the gap."""
    gap = [closed_form_share(10.0) - scheme_shares(step, 10.0)[-1] for step in (0.25, 0.025, 0.0025)]
    assert gap[0] > gap[1] > gap[2] > 0
    assert gap[1] / gap[0] == pytest.approx(0.1, abs=0.01)
    assert gap[2] / gap[1] == pytest.approx(0.1, abs=0.01)


def test_a01_hazard_without_innovators_never_starts():
    """p = 0 and nobody to copy: hazard 0, probability 0, no uniform is small enough."""
    assert not happens(0.0 + Q * 0.0, 0.0)


def test_a02_bass_peak_of_the_closed_form():
    """T* = ln(q/p)/(p+q) = ln(12.667)/.41 = 6.19 yr, F* = (1 - p/q)/2 = .4605, rate (p+q)^2/(4q) = .1106/yr."""
    step_years = 0.0025
    shares = scheme_shares(step_years, 15)
    rate_per_year = np.diff(shares) / step_years
    top = rate_per_year.argmax()
    assert top * step_years == pytest.approx(6.19, abs=0.01)
    assert shares[top] == pytest.approx(0.4605, abs=0.001)
    assert rate_per_year[top] == pytest.approx(0.1106, abs=1e-4)


def test_a02_bass_peak_of_agents_by_quarters(adopted_share):
    """The share passes F* = .4605 at 6.19 yr (+-.3: quarterly steps come a quarter late) and grows by .1106/yr there.

    The mean rate of the two years around the top lies below it by a sixth of its curvature, .1106 x .41^2/12 = .0016.
    """
    moment_years = np.arange(QUARTERS + 1) / 4
    peak_year = np.interp(0.4605, adopted_share, moment_years)
    assert peak_year == pytest.approx(6.19, abs=0.3)
    around = np.interp([peak_year - 1, peak_year + 1], moment_years, adopted_share)
    assert np.diff(around)[0] / 2 == pytest.approx(0.1106 - 0.0016, abs=0.006)


def test_a02_busiest_quarter_of_the_scheme():
    """Within .3 yr and .02 of the closed form; the share passes from .4411 to .4680 in it."""
    shares = scheme_shares(0.25, 15)
    busiest = np.diff(shares).argmax()
    assert 0.25 * (busiest + 0.5) == pytest.approx(6.19, abs=0.3)
    assert 0.5 * (shares[busiest] + shares[busiest + 1]) == pytest.approx(0.4605, abs=0.02)


def test_a03_quarterly_probability_of_a_constant_hazard():
    """1 - e^-.15 = .13929; twenty quarters leave e^-3 = .04979; the mean wait is 1/.6 = 1.667 yr."""
    probability = quarterly_probability(0.6)
    assert probability == pytest.approx(0.1393, abs=5e-5)
    assert 1 - (1 - probability) ** 20 == pytest.approx(0.9502, abs=5e-5)
    # a geometric wait of mean 1/probability quarters, in the middle of its quarter: .25 (1/.13929 - 1/2) = 1.6698
    assert 0.25 * (1 / probability - 0.5) == pytest.approx(1.667, abs=0.005)


def test_a03_agents_wait_as_long_as_the_hazard_says():
    """20,000 draws: share decided within 5 years .9502 (sd .0015), mean wait 1.67 yr (sd 1.67/sqrt(20000) = .012)."""
    streams = Streams(3)
    decided_quarter = np.full(N, -1)
    for quarter in range(120):
        waiting = np.flatnonzero(decided_quarter < 0)
        uniforms = streams.uniforms("wait", quarter, N)[waiting]
        decided_quarter[waiting[[happens(0.6, u) for u in uniforms]]] = quarter
    assert (decided_quarter[decided_quarter >= 0] < 20).sum() / N == pytest.approx(0.9502, abs=0.005)
    assert (decided_quarter >= 0).all()
    assert (0.25 * (decided_quarter + 0.5)).mean() == pytest.approx(1.67, abs=0.05)


def test_a03_limits_of_the_probability():
    """No hazard, no event; a hazard without bound is certain; the probability is below hazard x quarter."""
    assert quarterly_probability(0.0) == 0.0
    assert quarterly_probability(1e6) == 1.0
    assert quarterly_probability(1e-9) == pytest.approx(0.25e-9, rel=1e-9)  # no cancellation
    assert quarterly_probability(1e-9) <= 0.25e-9


def test_a04_without_noise_the_cheapest_is_certain():
    assert choice_probabilities(-COSTS, 0.0).tolist() == [1.0, 0.0, 0.0]


def test_a04_ties_are_shared_evenly():
    assert choice_probabilities(-np.array([100.0, 110.0, 100.0]), 0.0).tolist() == [0.5, 0.0, 0.5]
    assert choice_probabilities(-np.full(4, 7.0), 0.0).tolist() == [0.25] * 4


def test_a04_small_noise_tends_to_the_cheapest_without_overflow():
    """exp(-10/1e-4) underflows to 0: 1e5 units of noise apart."""
    assert choice_probabilities(-COSTS, 1e-4).tolist() == [1.0, 0.0, 0.0]
    assert choice_probabilities(-1e9 * COSTS, 10.0).tolist() == [1.0, 0.0, 0.0]


def test_a05_logit_in_money():
    """e^0 : e^-1 : e^-3 = 1 : .36788 : .04979, sum 1.41767: .7054, .2595, .0351."""
    assert choice_probabilities(-COSTS, 10.0) == pytest.approx([0.7054, 0.2595, 0.0351], abs=5e-5)


def test_a05_infinite_noise_is_uniform():
    assert choice_probabilities(-COSTS, np.inf) == pytest.approx([1 / 3] * 3, abs=1e-15)
    assert choice_probabilities(-COSTS, 1e12) == pytest.approx([1 / 3] * 3, abs=1e-9)


def test_a05_a_gap_of_noise_times_ln_3_leaves_a_quarter():
    """Two options: 1/(1 + 3) = .25."""
    assert choice_probabilities(-np.array([100.0, 100.0 + 10.0 * np.log(3.0)]), 10.0)[1] == pytest.approx(0.25)
