"""What an enterprise sees of one slot: need, horizon, prices, carbon (SM05, SM06)."""

import numpy as np
import pytest
from decision_makers import make_town, t

from transition_sim.agents.investment import MEASURE, SERVICE
from transition_sim.agents.outlook import fill_prices, room_for_prices, see_case, situation
from transition_sim.world.annuity import capital_recovery_factor, growing_annuity
from transition_sim.world.state import SOE

COAL_CNY, ELEC_CNY_PER_MWH = 33.0, 600.0


def seen(town, s=0):
    room = room_for_prices(town.outlook.growth_per_year, town.params[0])
    case = see_case(
        s, town.slots, town.services, town.firms, town.outlook, town.site, town.quarter, room, town.params[0]
    )
    return case, room.cny_per_gj


@pytest.mark.parametrize(
    ("capacity", "deadline", "expected"),
    [
        (None, 99, (False, False, False)),
        (4000.0, 99, (True, False, True)),
        (3999.0, 99, (True, True, False)),
        (4000.0, 16, (True, False, False)),
        (4000.0, 17, (True, False, True)),
        (3999.0, 16, (True, False, False)),
    ],
)
def test_sm05_what_may_be_kept(capacity, deadline, expected):
    """(has equipment, too small, may keep) in quarter 16: dead, enough, too small, past its date, before, both."""
    town = make_town()
    if capacity:
        town.equip(0, t("steam_gas"), capacity)
    town.slots["deadline_quarter"] = deadline
    planned, *rest = situation(town.slots[0], town.slots[0], SERVICE, town.production[0], 16)
    assert planned == pytest.approx(1000.0)
    assert tuple(rest) == expected


def test_sm06_no_measure_is_kept_as_well_as_one():
    town = make_town(1, ("STEAM", "STM_WHR"))
    town.equip(0, t("steam_gas"), 4400.0)
    assert situation(town.slots[1], town.slots[0], MEASURE, town.production[0], 16)[1:] == (False, False, True)


def test_sm06_a_case_reads_its_own_enterprise():
    """A state-owned firm looks 15 years ahead at 6 % and at the smoother prices of row 0."""
    town = make_town(2)
    town.finance["ownership"][1], town.finance["hurdle_rate_per_year"][1] = SOE, 0.06
    town.outlook.expected_cny_per_gj[0] *= 2.0
    first, prices = seen(town, 0)
    assert (first.rate_per_year, first.years, prices[0]) == (0.15, 12.0, COAL_CNY)
    second, prices = seen(town, 1)
    assert (second.rate_per_year, second.years, prices[0]) == (0.06, 15.0, 2 * COAL_CNY)
    assert prices[-1] == pytest.approx(ELEC_CNY_PER_MWH / 3.6)


def test_sm06_expected_growth_raises_what_is_saved():
    """2 % a year on electricity: tariff, midday tariff and storage earning by the same factor; fuels stand."""
    town = make_town()
    town.outlook.growth_per_year[-1] = 0.02
    case, prices = seen(town)
    factor = growing_annuity(0.15, 0.02, 12.0) * capital_recovery_factor(0.15, 12.0)
    assert factor > 1.05
    assert case.electricity_cny_per_mwh == pytest.approx(600 * factor)
    assert case.midday_cny_per_mwh == pytest.approx(620 * factor)
    assert case.storage_value_cny_per_mwh_day == pytest.approx(700 * factor)
    assert prices[0] == COAL_CNY


def test_sm06_prices_are_filled_in_place():
    prices = np.zeros(3)
    paid, power_growth, recovery = fill_prices(
        prices, np.ones(3), np.array([10.0, 20.0, 99.0]), 360.0, np.zeros(3), 0.1, 10.0
    )
    assert prices == pytest.approx([10.0, 20.0, 100.0])
    assert (paid, power_growth) == (360.0, 1.0)
    assert recovery == pytest.approx(0.1627454)  # 0.1 x 1.1^10 / (1.1^10 - 1)


def test_sm06_each_price_grows_at_its_own_rate():
    """Three years at 10 %, growth of 5 %: (1/1.1 + 1.05/1.21 + 1.1025/1.331) / 2.4868520; without growth 1."""
    prices, growth = np.zeros(3), np.array([0.05, 0.0, 0.05])
    paid, power_growth, _ = fill_prices(
        prices, np.array([1.05**3, 1.0, 1.05**3]), np.array([10.0, 20.0, 99.0]), 360.0, growth, 0.10, 3.0
    )
    assert power_growth == pytest.approx((1 / 1.1 + 1.05 / 1.21 + 1.1025 / 1.331) / 2.4868520)
    assert prices == pytest.approx([10.0 * power_growth, 20.0, 100.0 * power_growth])
    assert paid == pytest.approx(360.0 * power_growth)


def test_sm06_a_measure_sees_capacity_and_process_of_its_host():
    town = make_town(1, ("CLINKER", "CLK_HEAT"), sector="CEM")
    town.equip(0, t("nsp_5000"), 4400.0)
    case, _ = seen(town, 1)
    assert (case.kind, case.host_capacity, case.process_tco2) == (MEASURE, 4400.0, 0.535)
    assert case.planned_unit == pytest.approx(1000.0)
    assert seen(town, 0)[0].host_capacity == 0.0
