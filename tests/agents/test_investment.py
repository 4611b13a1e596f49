"""Plans, sizes, storage earnings and orders (SM06, SM04)."""

import numpy as np
import pytest
from decision_makers import make_town, t

from transition_sim.agents.choice import CHOICES_DTYPE
from transition_sim.agents.investment import (
    GENERATION,
    MEASURE,
    SERVICE,
    STORAGE,
    arbitrage_cny_per_mwh_day,
    order_assets,
    planned_demand_unit,
    size_asset,
    storage_value_cny_per_mwh_day,
)
from transition_sim.core.tables import TableSet, out_of_bounds
from transition_sim.world.assets import commission_and_retire
from transition_sim.world.markets.slices import load_points
from transition_sim.world.state import ASSETS, ENTERPRISE_TABLES, ORDERED, Graph, State

# six tariffs of four hours: night, morning peak, noon, evening peak
DAY = np.array([200.0, 200.0, 600.0, 400.0, 800.0, 400.0])


def planned(**fields):
    """1,000 units a quarter for an output of 1 million; orders expected 1 million; the plant makes up to 2."""
    town = make_town()
    for name, value in fields.items():
        table = town.production if name in town.production.dtype.names else town.slots
        table[name] = value
    return planned_demand_unit(town.slots[0], town.production[0])


def test_sm06_plan_is_the_use_per_output_times_expected_orders():
    """.001 a CNY: 1.4 million orders need 1,400; the higher of smoothed and last orders; never beyond the plant."""
    assert planned() == pytest.approx(1000.0)
    assert planned(expected_orders_cny=1.4e6) == pytest.approx(1400.0)
    assert planned(expected_orders_cny=0.5e6, orders_cny=1.2e6) == pytest.approx(1200.0)
    assert planned(expected_orders_cny=9e6) == pytest.approx(2000.0)


def test_sm06_a_power_cut_does_not_shrink_the_plan():
    """Demand of the whole, output cut by 20 %: still 1,000 per million."""
    assert planned(output_cny=0.8e6, shortage_loss_cny=0.2e6) == pytest.approx(1000.0)


def test_sm06_before_any_output_the_recipe_counts():
    assert planned(output_cny=0.0, unit_per_cny=0.003) == pytest.approx(3000.0)


def test_sm06_services_and_measures_are_sized_to_the_peak_quarter():
    """1.1 x 4 x 1000."""
    assert size_asset(SERVICE, 1000.0, 1.1) == pytest.approx(4400.0)
    assert size_asset(MEASURE, 1000.0, 1.1) == pytest.approx(4400.0)
    assert size_asset(SERVICE, 0.0, 1.1) == 0.0


@pytest.mark.parametrize(
    ("midday_mw", "is_paid", "expected"), [(2.0, False, 1.8), (5.0, False, 3.0), (2.0, True, 3.0), (0.0, False, 0.0)]
)
def test_sm06_roof_pv_is_limited_by_roof_and_midday_load(midday_mw, is_paid, expected):
    """20,000 m2 x .15 kW = 3 MW; .9 x 2 MW = 1.8 MW unless the surplus pays."""
    assert size_asset(GENERATION, 0.0, 1.1, 20_000.0, 0.15, 0.9, midday_mw, is_paid) == pytest.approx(expected)


def size_of_storage(peak_mw, valley_mw, hours=2.0):
    return size_asset(STORAGE, 0.0, 1.1, 0.0, 0.15, 0.9, 0.0, False, peak_mw, valley_mw, hours)


def test_sm06_storage_is_limited_by_peak_and_by_night_charging():
    """Peak 2, night 1: connection 2.2 leaves 1.2 MW, two hours 2.4 MWh; night .1: the peak 2 MW; night 3: none."""
    assert size_of_storage(2.0, 1.0) == pytest.approx(2.4)
    assert size_of_storage(2.0, 0.1) == pytest.approx(4.0)
    assert size_of_storage(2.0, 3.0) == 0.0
    assert size_of_storage(2.0, 1.0, 4.0) == pytest.approx(4.8)


def test_sm06_loads_of_a_typical_day():
    """Shares of eight blocks over an eighth: midday mean of blocks 3, 4; peak of 3, 5, 6; night of 0, 1."""
    shapes = np.full((2, 2, 8), 1 / 8)
    shapes[1, 0] = np.array([0.02, 0.06, 0.1, 0.2, 0.16, 0.18, 0.22, 0.06])
    points = load_points(shapes)
    assert points[0] == pytest.approx([1.0, 1.0, 1.0])
    assert points[1] == pytest.approx([8 * 0.18, 8 * 0.2, 8 * 0.04])


def test_sm06_arbitrage_of_two_cycles_by_hand():
    """Without loss: buy 200, sell 600; buy 400, sell 800: 800. One cycle: 800 - 200 = 600."""
    assert arbitrage_cny_per_mwh_day(DAY, 1.0, 2) == pytest.approx(800.0)
    assert arbitrage_cny_per_mwh_day(DAY, 1.0, 1) == pytest.approx(600.0)
    assert arbitrage_cny_per_mwh_day(DAY, 1.0, 5) == pytest.approx(800.0)
    assert arbitrage_cny_per_mwh_day(DAY, 1.0, 0) == 0.0


def test_sm06_arbitrage_pays_for_its_losses():
    """Round trip .8: 600 - 250 + 800 - 500 = 650."""
    assert arbitrage_cny_per_mwh_day(DAY, 0.8, 2) == pytest.approx(650.0)


def test_a14_a_cycle_runs_beyond_its_threshold_only():
    """1/.86 = 1.1628: a ratio of 1.16 earns nothing, 1.17 earns 117 - 116.28 = .72."""
    assert arbitrage_cny_per_mwh_day(np.array([100.0, 116.0]), 0.86) == 0.0
    assert arbitrage_cny_per_mwh_day(np.array([100.0, 117.0]), 0.86) == pytest.approx(117 - 100 / 0.86)
    assert arbitrage_cny_per_mwh_day(np.array([800.0, 200.0]), 1.0) == 0.0  # falling: charge comes first


def test_sm06_arbitrage_equals_the_best_of_all_schedules():
    """Against every pair of disjoint (buy, sell) pairs in order, by plain enumeration, on random days."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        day = rng.uniform(100, 1000, 8)
        trades = [(i, j, day[j] - day[i] / 0.86) for i in range(8) for j in range(i + 1, 8)]
        best = max(0.0, *(gain for _, _, gain in trades))
        for _, last, first_gain in trades:
            for start, _, second_gain in trades:
                if start >= last:
                    best = max(best, first_gain + second_gain)
        assert arbitrage_cny_per_mwh_day(day, 0.86, 2) == pytest.approx(best)


def test_sm06_value_of_storage_is_the_mean_of_days():
    """60 days at 800 and 30 flat ones: (60 x 800 + 30 x 0)/90 = 533.3."""
    tariff, hours = np.zeros((1, 2, 8)), np.zeros((1, 2, 8))
    tariff[0, 0], tariff[0, 1] = [200, 200, 600, 400, 800, 400, 400, 400], 500.0
    hours[0, 0], hours[0, 1] = 3 * 60, 3 * 30
    assert storage_value_cny_per_mwh_day(tariff, hours, 1.0) == pytest.approx(533.333, abs=1e-3)


def make_state(town):
    empty = np.zeros(0)
    n = town.finance.size
    return State(
        TableSet(ENTERPRISE_TABLES, n), np.zeros((n, 9)), town.slots, town.slot_start, town.assets, town.n_assets,
        Graph(empty, empty, empty, empty, empty, empty), np.zeros(9), np.zeros((2, 9)),
        np.ones(town.technologies.size),
    )  # fmt: skip


def order(
    state, town, slots, technology="steam_gas", capacity=4400.0, replaces=False, quarter=16, uniform=0.5,
    is_customers=True,
):  # fmt: skip
    n, before = len(slots), state.n_assets
    chosen = np.zeros(n, CHOICES_DTYPE)
    chosen["slot"], chosen["chosen"], chosen["replaces"] = slots, t(technology), replaces
    chosen["capacity_unit_per_year"], chosen["capex_cny"] = capacity, 900.0
    order_assets(state, chosen, is_customers, town.technologies, quarter, np.full(n, uniform), 4.0)
    return np.arange(before, state.n_assets)


def test_sm04_an_order_is_written_once_and_complete():
    """Gas: 2 quarters to build; life at u = .5: 22.065 x .69315^.25 = 20.133 yr = 80.5 -> 81."""
    town = make_town(2)
    town.equip(0, t("steam_coal_small"), 4000.0)
    state = make_state(town)
    assert order(state, town, [1]).tolist() == [1]
    asset = state.assets[1]
    assert (asset["slot"], asset["technology"]) == (1, t("steam_gas"))
    assert (asset["status"], asset["commissioned_quarter"]) == (ORDERED, 18)
    assert asset["dies_quarter"] == 18 + 81
    assert (asset["capacity_unit_per_year"], asset["capex_cny"]) == (4400.0, 900.0)
    assert asset["next_asset"] == -1
    assert state.slots["pending_asset"].tolist() == [-1, 1]
    assert state.n_assets == 2
    assert out_of_bounds(ASSETS, state.assets) == []


def test_sm09_equipment_under_contract_costs_the_customer_nothing():
    town = make_town(1)
    state = make_state(town)
    new = order(state, town, [0], is_customers=False)[0]
    assert state.assets["capex_cny"][new] == 0.0


def test_sm04_an_order_to_replace_points_at_what_leaves():
    town = make_town(1)
    old = town.equip(0, t("steam_coal_small"), 4000.0)
    state = make_state(town)
    new = order(state, town, [0], replaces=True)[0]
    assert state.assets["next_asset"][new] == old
    assert state.slots["first_asset"][0] == old
    commission_and_retire(state.slots, state.assets, town.finance, town.technologies, town.params, 18)
    assert state.slots["first_asset"][0] == new
    assert state.slots["capacity_unit_per_year"][0] == 4400.0


def test_sm04_the_table_grows_and_rows_keep_their_numbers():
    town = make_town(30)
    town.assets = town.assets[:4]
    town.equip(0, t("steam_coal_small"), 4000.0)
    state = make_state(town)
    assert order(state, town, range(1, 30)).tolist() == list(range(1, 30))
    assert state.assets.size >= 30
    assert state.assets["technology"][0] == t("steam_coal_small")
    assert state.assets["slot"][:30].tolist() == list(range(30))


def test_sm04_no_orders_change_nothing():
    town = make_town(1)
    state = make_state(town)
    assert order(state, town, []).size == 0
    assert state.n_assets == 0


def test_sm04_orders_that_cannot_be_are_refused():
    town = make_town(2)
    state = make_state(town)
    with pytest.raises(ValueError, match="once a quarter"):
        order(state, town, [0, 0])
    with pytest.raises(ValueError, match="capacity above 0"):
        order(state, town, [0], capacity=0.0)
    with pytest.raises(ValueError, match="capacity above 0"):
        order(state, town, [0], capacity=np.nan)
    order(state, town, [0])
    with pytest.raises(ValueError, match="open order"):
        order(state, town, [0])
    assert state.n_assets == 1
