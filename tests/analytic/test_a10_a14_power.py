"""Power by hand: A10-A14, A20 (marginal cost), A45 and the monthly seasons of P08."""

import numpy as np
import pytest

from transition_sim.world.accounting.allowances import marginal_cost_cny_per_mwh
from transition_sim.world.markets.merit_order import Demands, Market
from transition_sim.world.markets.power import Dispatch, available_mw, dispatch
from transition_sim.world.markets.slices import slice_hours
from transition_sim.world.markets.storage import arbitrage_pays, flatten_day
from transition_sim.world.markets.tariffs import tariff_by_slice

FLAT = np.ones((3, 2, 8))
NONE = np.zeros(48)
VOLL = 1e4


def one_node(load_mw, capacities_mw, costs, order=None, min_share=None):
    """Dispatch units of the place alone: no province, no export, no import."""
    n = len(costs)
    units = np.tile(np.array(capacities_mw, float), (48, 1))
    flat = dispatch(
        Demands(load_mw.ravel(), NONE, NONE), np.zeros(n, int), units,
        np.zeros(n) if min_share is None else np.array(min_share), np.array(costs, float),
        np.zeros(n, int) if order is None else np.array(order), Market(0.0, VOLL, 0.7),
    )  # fmt: skip
    return Dispatch(*(mw.T.reshape(*mw.shape[1:], 3, 2, 8) for mw in flat))


def test_a10_one_technology():
    given = one_node(60 * FLAT, [100], [300])
    assert np.array_equal(given.generation_mw[0], 60 * FLAT)
    assert np.array_equal(given.price_cny_per_mwh, 300 * FLAT)
    short = one_node(120 * FLAT, [100], [300])
    assert np.array_equal(short.generation_mw[0], 100 * FLAT)
    assert np.array_equal(short.unserved_place_mw, 20 * FLAT)
    assert np.array_equal(short.price_cny_per_mwh, VOLL * FLAT)


def test_a11_two_technologies():
    load_mw = 60 * FLAT
    load_mw[:, :, 3:5] = 100.0  # 2 blocks of 3 h = 6 h
    given = one_node(load_mw, [70, 50], [0, 300], order=[2, 0])
    day_coal_mwh = (given.generation_mw[1, 0, 0] * 3.0).sum()
    assert day_coal_mwh == 180.0  # 30 MW x 6 h
    assert day_coal_mwh * 0.85 == pytest.approx(153.0)
    day_price, day_load = given.price_cny_per_mwh[0, 0], load_mw[0, 0]
    assert np.array_equal(day_price, [0, 0, 0, 300, 300, 0, 0, 0])
    # 300 x 600 MWh / (600 + 1080) MWh
    assert (day_price * day_load).sum() / day_load.sum() == pytest.approx(107.142857, abs=1e-6)


def test_a12_drought():
    def day(hydro_gwh):
        # GWh a day over 24 h, in MW
        given = one_node(1e4 / 24 * FLAT, [hydro_gwh * 1e3 / 24, 3e3 / 24], [0, 300], order=[2, 0])
        return given.generation_mw[1, 0, 0].sum() * 3 / 1e3, given.unserved_place_mw[0, 0].sum() * 3 / 1e3

    assert day(8) == pytest.approx((2.0, 0.0), abs=1e-9)
    assert day(4) == pytest.approx((3.0, 3.0), abs=1e-9)
    assert day(8)[0] * 0.85 == pytest.approx(1.70)  # kt
    assert day(4)[0] * 0.85 == pytest.approx(2.55)


@pytest.mark.parametrize(
    ("efficiency", "level_mw", "charge_mwh", "discharge_mwh"),
    [(1.0, 60.0, 240.0, 240.0), (0.86, 61.505, 258.06, 221.94)],
)
def test_a13_storage_levels_the_day(efficiency, level_mw, charge_mwh, discharge_mwh):
    residual_mw = np.array([40.0] * 4 + [80.0] * 4)
    charge, discharge = flatten_day(residual_mw, 3.0, 1e9, 1e9, efficiency)
    assert residual_mw + charge - discharge == pytest.approx(np.full(8, level_mw), abs=5e-4)
    assert charge.sum() * 3 == pytest.approx(charge_mwh, abs=5e-3)
    assert discharge.sum() * 3 == pytest.approx(discharge_mwh, abs=5e-3)


def test_a13_limits_of_power_and_energy_bind():
    residual_mw = np.array([40.0] * 4 + [80.0] * 4)
    charge, discharge = flatten_day(residual_mw, 3.0, 5.0, 1e9, 1.0)
    assert np.array_equal(charge, [5, 5, 5, 5, 0, 0, 0, 0])
    assert np.array_equal(discharge, [0, 0, 0, 0, 5, 5, 5, 5])
    charge, discharge = flatten_day(residual_mw, 3.0, 1e9, 120.0, 0.8)
    assert discharge.sum() * 3 == pytest.approx(120.0)  # E_max
    assert charge.sum() * 3 == pytest.approx(150.0)  # 120 / .8


def test_a14_arbitrage_threshold():
    assert pytest.approx(1.1628, abs=1e-4) == 1 / 0.86
    assert not arbitrage_pays(100.0, 116.27, 0.86)
    assert arbitrage_pays(100.0, 116.29, 0.86)
    assert not arbitrage_pays(100.0, 100.0, 1.0)


def test_a20_rate_based_allocation_lowers_the_marginal_cost_of_carbon():
    # 285 fuel + 15 O&M = 300; EF .82, benchmark .80, 80 CNY/t
    running = 30.0 * 9.5 + 15.0
    assert marginal_cost_cny_per_mwh(running, 0.82, 0.0) == 300.0
    assert marginal_cost_cny_per_mwh(running, 0.82, 80.0, 0.80) == pytest.approx(301.6)
    assert marginal_cost_cny_per_mwh(running, 0.82, 80.0) == pytest.approx(365.6)


@pytest.mark.parametrize(("quarter_of_year", "season"), [(0, 1.2), (1, (1.2 + 1.0 + 0.8) / 3), (2, 0.8)])
def test_a45_time_of_use_is_revenue_neutral(quarter_of_year, season):
    # 8 h x 1.6 + 8 h x 1 + 8 h x .4 = 24 h; no losses, network or levy, so the daily mean is market x season
    tariff = tariff_by_slice(quarter_of_year, 1.0, np.array([0.8, 1.0, 1.2]), 1.6, 0.4, 1.2, 0.0, 0.0, 0.0)
    assert tariff[:, 0].mean() / 1e3 == pytest.approx(season)
    assert tariff[:, 0].mean() / 1e3 / season == pytest.approx(1.000)


def test_p08_hydro_seasons_of_the_specification():
    monthly = np.array([0.30, 0.28, 0.28, 0.33, 0.45, 0.62, 0.70, 0.70, 0.68, 0.58, 0.42, 0.33])
    profiles = np.repeat(monthly[None, :, None], 8, axis=2)
    generation_mwh = np.zeros(12)
    for quarter in range(4):
        mw = available_mw(
            np.array([1000.0]), np.ones(1), np.zeros(1, int), profiles, np.array([True]), np.ones(3), quarter
        )
        generation_mwh[3 * quarter : 3 * quarter + 3] = (mw[:, 0].reshape(3, 2, 8) * slice_hours(quarter)).sum(
            axis=(1, 2)
        )
    days = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    assert generation_mwh == pytest.approx(1000 * monthly * days * 24)
    dry, wet = [11, 0, 1, 2, 3], [5, 6, 7, 8, 9]
    ratio = (generation_mwh[dry].sum() / days[dry].sum()) / (generation_mwh[wet].sum() / days[wet].sum())
    assert 0.40 <= ratio <= 0.55
    assert 0.44 <= generation_mwh.sum() / 8.76e6 <= 0.50
