"""A20 rate-based allowances, A22 experience, A23 the steady state of vintages (SM04, SM15, SM17)."""

from math import exp, gamma

import numpy as np
import pytest

from transition_sim.core.tables import allocate
from transition_sim.scenarios import registry
from transition_sim.world.accounting.allowances import marginal_cost_cny_per_mwh, rate_based_shortfall
from transition_sim.world.assets import (
    commission_and_retire,
    draw_life_quarters,
    draw_lives_quarters,
    survival_share,
    weibull_scale_years,
)
from transition_sim.world.experience import capex_factor, experience_exponent
from transition_sim.world.state import ACTIVE, ASSETS, FINANCE, SLOTS

G_MWH, EF, BM, P_CNY = 10e6, 0.82, 0.80, 80.0


def test_a20_allowances_short_and_their_cost():
    """(.82 - .80) x 10 TWh = .200 Mt; x CNY 80 = 16.0 M."""
    short_tco2, cost_cny = rate_based_shortfall(G_MWH, EF, BM, P_CNY)
    assert short_tco2 == pytest.approx(0.200e6)
    assert cost_cny == pytest.approx(16.0e6)


def test_a20_marginal_cost_under_rate_and_cap():
    """300 + .02 x 80 = 301.6; a cap counts every tonne: 300 + .82 x 80 = 365.6."""
    assert marginal_cost_cny_per_mwh(300.0, EF, P_CNY, BM) == pytest.approx(301.6)
    assert marginal_cost_cny_per_mwh(300.0, EF, P_CNY) == pytest.approx(365.6)


def test_a20_a_better_plant_sells_and_runs_cheaper():
    """EF .75: (.75 - .80) x 10 TWh = -.5 Mt, CNY -40 M; a MWh costs 300 - .05 x 80 = 296."""
    assert rate_based_shortfall(G_MWH, 0.75, BM, P_CNY) == pytest.approx((-0.5e6, -40e6))
    assert marginal_cost_cny_per_mwh(300.0, 0.75, P_CNY, BM) == pytest.approx(296.0)


@pytest.mark.parametrize("bad", [(-1.0, EF, BM), (G_MWH, -0.1, BM), (G_MWH, EF, -0.1)])
def test_a20_negative_inputs_are_refused(bad):
    with pytest.raises(ValueError, match="must be 0 or more"):
        rate_based_shortfall(*bad, P_CNY)


def test_a22_two_doublings_at_twenty_per_cent():
    """b = -log2(.8) = .32193; four times the deployment is two doublings: .8 x .8 = .64."""
    assert float(experience_exponent(0.2)) == pytest.approx(0.32193, abs=5e-6)
    assert float(capex_factor(4.0, 1.0, 0.2)) == pytest.approx(0.640, abs=1e-12)


def test_a23_weibull_scale_and_survival():
    """Shape 4, mean 20: gamma(1.25) = .906403, scale 22.065, R(20) = e^-(20/22.065)^4 = .509."""
    assert weibull_scale_years(20.0, 4.0) == pytest.approx(22.065, abs=5e-4)
    assert survival_share(20.0, 20.0, 4.0) == pytest.approx(0.509, abs=5e-4)
    assert survival_share(20.0, 20.0, 4.0) == pytest.approx(exp(-((20.0 * gamma(1.25) / 20.0) ** 4)))
    assert survival_share(0.0, 20.0, 4.0) == 1.0


def test_a23_sudden_death_survives_until_its_life():
    assert survival_share(19.999, 20.0, np.inf) == 1.0
    assert survival_share(20.0, 20.0, np.inf) == 0.0
    assert draw_life_quarters(20.0, 0.3, np.inf) == 80


def test_a23_drawn_lives_follow_the_survival():
    """20,000 lives of mean 20 yr: sd 20 x .2805 = 5.6 yr, of the mean .04; a share of 20,000 has sd .0035."""
    uniforms = (np.arange(20_000) + 0.5) / 20_000
    years = draw_lives_quarters(np.full(20_000, 20.0), uniforms, 4.0) / 4
    assert years.mean() == pytest.approx(20.0, abs=0.01)
    for age in (10.0, 20.0, 25.0):
        assert (years > age).mean() == pytest.approx(survival_share(age + 0.125, 20.0, 4.0), abs=0.001)


def test_a23_steady_state_of_sudden_death():
    """80 vintages of one quarter each, L = 20 yr: 1/80 dies a quarter, 5 % a year; of the old 1 - t/20 is left."""
    ages_quarters = np.arange(80)
    assets, slots, finance = allocate(ASSETS, 80), allocate(SLOTS, 80), allocate(FINANCE, 1)
    finance["is_alive"] = True
    assets["slot"], assets["status"], assets["next_asset"] = ages_quarters, ACTIVE, -1
    assets["capacity_unit_per_year"] = 1.0
    assets["commissioned_quarter"] = -ages_quarters
    lives = draw_lives_quarters(np.full(80, 20.0), np.zeros(80), np.inf, ages_quarters / 4)
    assets["dies_quarter"] = assets["commissioned_quarter"] + lives
    slots["first_asset"], slots["pending_asset"], slots["host"] = ages_quarters, -1, -1
    technologies, params = registry.technology_table(), registry.parameter_record()
    for quarter in range(1, 81):
        turnover = commission_and_retire(slots, assets, finance, technologies, params, quarter)
        assert turnover.n_retired == 1
        old_share = (assets["status"] == ACTIVE).mean()
        assert old_share == pytest.approx(1.0 - (quarter / 4) / 20.0)
        assert (slots["capacity_unit_per_year"] > 0).sum() == 80 - quarter
