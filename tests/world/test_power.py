"""The power room: slices, dispatch against a slow twin, storage, demand response, shortage, hydrology (SM12)."""

import math
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transition_sim.core.errors import ConservationError
from transition_sim.world.markets import merit_order, power, shortage, storage
from transition_sim.world.markets.slices import load_by_slice, slice_hours

FLAT = np.ones((3, 2, 8))
NONE = np.zeros((3, 2, 8))
VOLL = 1e4
SLICES = list(np.ndindex(3, 2, 8))


class ByMonth(SimpleNamespace):
    """The ``Dispatch`` of a quarter by month, day type and block, units first; ``flat`` is what was returned."""


def dispatch(place, province, export, node, capacity, share, cost, order, limit, voll=VOLL):
    """Dispatch with loads of shape (3, 2, 8) and capacities (n, 3, 2, 8)."""
    demands = merit_order.Demands(*(np.ravel(mw) for mw in (place, province, export)))
    units = np.ascontiguousarray(capacity.reshape(len(capacity), 48).T)
    flat = power.dispatch(demands, node, units, share, cost, order, merit_order.Market(limit, voll, 0.7))
    shaped = {}
    for name, mw in flat._asdict().items():
        shaped[name] = mw.T.reshape(-1, 3, 2, 8) if mw.ndim == 2 else mw.reshape(3, 2, 8)
    unused = shaped.pop("unused_mw")
    first, last = (order == power.CURTAILED_FIRST), (order == power.SPILLED_LAST)
    shaped["curtailed_mw"] = np.where(first[:, None, None, None], unused, 0.0)
    shaped["spilled_mw"] = np.where(last[:, None, None, None], unused, 0.0)
    return ByMonth(flat=flat, demands=demands, unused_mw=unused, **shaped)


# ---------------------------------------------------------------- slices
def test_sm12_hours_of_the_quarters():
    assert [slice_hours(q).sum() for q in range(4)] == [2160.0, 2184.0, 2208.0, 2208.0]
    assert slice_hours(0)[1, 0, 0] == 26 * 3.0  # February: 28 days less 2
    assert slice_hours(0)[1, 1, 0] == 6.0
    with pytest.raises(ValueError, match="a quarter of a year"):
        slice_hours(4)


def test_sm12_load_keeps_its_energy_and_peaks_on_extreme_days():
    shapes = np.array([np.full((2, 8), 0.125), [[0.05] * 4 + [0.2] * 4] * 2])
    hours = slice_hours(2)
    load = load_by_slice(np.array([3000.0, 7000.0]), shapes, hours, 1.12)
    assert (load * hours).sum() == pytest.approx(10_000.0, rel=1e-14)
    assert load[:, 1] / load[:, 0] == pytest.approx(np.full((3, 8), 1.12))
    # evening over night: (.3 x .125 + .7 x .2) / (.3 x .125 + .7 x .05) = .1775 / .0725
    assert load[0, 0, 7] / load[0, 0, 0] == pytest.approx(0.1775 / 0.0725)


def test_a_shape_without_weight_is_refused():
    with pytest.raises(ValueError, match="weights of a load shape"):
        load_by_slice(np.array([1.0]), np.zeros((1, 2, 8)), slice_hours(0))


# ---------------------------------------------------------------- the slow twin
def twin_fill(demand, groups, lower, upper, generation):
    left, last_cost = demand, None
    for members, cost in groups:
        room = math.fsum(upper[i] - lower[i] for i in members)
        taken = min(left, room)
        for i in members:
            generation[i] = lower[i] + (taken / room * (upper[i] - lower[i]) if room > 0 else 0.0)
        if taken > 1e-9 * demand:
            last_cost = cost
        left -= taken
    return left, last_cost


def twin_node(demand, rows, cost, order, minimum, capacity, generation):
    keys = sorted({(-order[i], cost[i]) for i in rows})
    groups = [([i for i in rows if (-order[i], cost[i]) == key], key[1]) for key in keys]
    left, price = twin_fill(demand, groups, dict.fromkeys(rows, 0.0), minimum, generation)
    if left > 0:
        left, above = twin_fill(left, groups, minimum, capacity, generation)
        price = above if above is not None else price
    return left, 0.0 if price is None else price


def twin_slice(place, province, export, node, capacity, minimum, cost, order, limit, priority):
    everyone = range(len(node))
    local = [i for i in everyone if node[i] == 0]
    generation = {}
    short, price = twin_node(place + province + export, list(everyone), cost, order, minimum, capacity, generation)
    cut = min(short, (1 - priority) * export)
    dark = min(short - cut, place + province)
    cut += short - cut - dark
    dark_place = dark * place / (place + province) if place + province > 0 else 0.0
    dark_province = dark - dark_place
    prices = [VOLL if dark > 1e-9 * (place + province + export) else price] * 2
    if place - dark_place - sum(generation[i] for i in local) > limit:
        remote = [i for i in everyone if node[i] == 1]
        dark_place, price_place = twin_node(place - limit, local, cost, order, minimum, capacity, generation)
        need = province + export + limit
        short, price_province = twin_node(need, remote, cost, order, minimum, capacity, generation)
        cut = min(short, (1 - priority) * export)
        dark_province = min(short - cut, province)
        cut += short - cut - dark_province
        prices = [
            VOLL if dark_place > 1e-9 * place else price_place,
            VOLL if dark_province > 1e-9 * need else price_province,
        ]
    return [generation[i] for i in everyone], dark_place, dark_province, cut, prices


def twin_dispatch(state):
    place, province, export, node, capacity, share, cost, order, limit = state
    n = len(node)
    results = {}
    for month, day in [(m, d) for m in range(3) for d in range(2)]:
        slices = [s for s in SLICES if s[:2] == (month, day)]

        def clear(minimum_share, slices=slices):
            for s in slices:
                here = {i: capacity[i][s] for i in range(n)}
                minimum = {i: minimum_share[i] * here[i] for i in range(n)}
                results[s] = twin_slice(
                    place[s], province[s], export[s], node, here, minimum, cost, order, limit, 0.7
                )  # fmt: skip

        clear([0.0] * n)
        called = [any(results[s][0][i] > 1e-9 * capacity[i][s] for s in slices) for i in range(n)]
        clear([share[i] if called[i] else 0.0 for i in range(n)])
    return results


@st.composite
def states(draw):
    seed = draw(st.integers(0, 2**32 - 1))
    n = draw(st.integers(1, 10))
    tightness = draw(st.floats(0.0, 2.0))
    rng = np.random.default_rng(seed)
    node = rng.integers(0, 2, n)
    capacity = rng.uniform(0, 1000, (n, 3, 2, 8)) * rng.integers(0, 2, (n, 1, 1, 1) if seed % 3 else (n, 3, 2, 8))
    order = rng.choice([0, 0, 1, 2], n)
    cost = np.where(order > 0, 0.0, rng.choice([150.0, 300.0, 310.0, 620.0], n))
    share = np.where(order == 0, rng.choice([0.0, 0.35, 0.5, 1.0], n), 0.0)
    whole = tightness * capacity.sum(axis=0).mean()
    parts = rng.dirichlet([1, 2, 1]) if seed % 5 else rng.permutation([1.0, 0.0, 0.0])
    place, province, export = (part * whole * rng.uniform(0.5, 1.5, (3, 2, 8)) for part in parts)
    limit = float(rng.choice([0.0, 0.3, 0.8, 3.0])) * float(place.mean())
    return place, province, export, node, capacity, share, cost, order, limit


@settings(max_examples=150, deadline=None)
@given(states())
def test_b01_balance_and_bounds_on_random_states(state):
    place, province, export, node, capacity, _, _, order, limit = state
    got = dispatch(*state)
    nothing = np.zeros(48)
    hours = slice_hours(2).ravel()
    residual_mwh = power.power_balance_gaps_mwh(got.flat, got.demands, node, hours, nothing, nothing, nothing)
    assert np.abs(residual_mwh).max() < 1e-6
    small = 1e-9 * (1.0 + capacity.sum(axis=0).max() + place.max() + province.max() + export.max())
    assert (got.generation_mw >= -small).all()
    assert (got.generation_mw <= capacity + small).all()
    assert (got.import_mw <= limit + small).all()
    for lost, whole in (
        (got.unserved_place_mw, place),
        (got.unserved_province_mw, province),
        (got.export_cut_mw, export),
    ):
        assert (lost >= -small).all()
        assert (lost <= whole + small).all()
    assert np.array_equal(got.curtailed_mw[order == 1], (capacity - got.generation_mw)[order == 1])
    assert np.array_equal(got.spilled_mw[order == 2], (capacity - got.generation_mw)[order == 2])
    assert not got.unused_mw[order == 0].any()


@settings(max_examples=40, deadline=None)
@given(states())
def test_dispatch_agrees_with_a_slow_twin(state):
    got = dispatch(*state)
    close = {"rel": 1e-9, "abs": 1e-7}
    for s, (generation, dark_place, dark_province, cut, prices) in twin_dispatch(state).items():
        here = (slice(None), *s)
        assert got.generation_mw[here] == pytest.approx(generation, **close)
        assert got.unserved_place_mw[s] == pytest.approx(dark_place, **close)
        assert got.unserved_province_mw[s] == pytest.approx(dark_province, **close)
        assert got.export_cut_mw[s] == pytest.approx(cut, **close)
        dark, need = dark_place + dark_province, state[0][s] + state[1][s] + state[2][s]
        if 0.0 < dark < 1e-6 * need:  # a shortage that is rounding may or may not set the price
            continue
        assert got.price_cny_per_mwh[s] == prices[0]
        # where nothing is wanted and nothing can run there is no price to agree on
        if state[1][s] + state[2][s] > 0.0 or state[4][(state[3] == 1, *s)].any():
            assert got.price_province_cny_per_mwh[s] == prices[1]


@settings(max_examples=50, deadline=None)
@given(states())
def test_load_is_cut_only_after_exports_without_priority_and_the_dearest_go_dark_first(state):
    _, province, export, node, capacity, *_ = state
    got = dispatch(*state)
    small = 1e-6 * (1.0 + capacity.sum(axis=0).max())
    dark = got.unserved_province_mw > small
    assert (got.export_cut_mw[dark] >= 0.3 * export[dark] - small).all()
    priority_cut = got.export_cut_mw > 0.3 * export + small
    assert got.unserved_province_mw[priority_cut] == pytest.approx(province[priority_cut], abs=small)
    # a dark place has every unit of its own at full power
    idle_local = np.where((node == 0)[:, None, None, None], capacity - got.generation_mw, 0.0).sum(axis=0)
    assert (idle_local[got.unserved_place_mw > small] < small).all()


# ---------------------------------------------------------------- rules of the dispatch by hand
def run(place=0.0, province=0.0, export=0.0, units=(), limit=1e9):
    """Units: (node, MW, minimum share, CNY/MWh, order of curtailment); everything flat."""
    node, mw, share, cost, order = (np.array(column, float) for column in zip(*units))
    capacity = mw[:, None, None, None] * FLAT
    node, order = node.astype(int), order.astype(int)
    loads = (place * FLAT, province * FLAT, export * FLAT)
    return dispatch(*loads, node, capacity, share, cost, order, float(limit))


def at(values):
    """First slice of every array."""
    return np.asarray(values)[..., 0, 0, 0]


def test_sm12_pv_is_curtailed_for_minimum_load_then_hydro_is_spilled():
    # coal 100 at a minimum of 50; hydro 40 and PV 30; it is called on whenever the load is above 70
    units = [(1, 100, 0.5, 300, 0), (1, 40, 0, 0, 2), (1, 30, 0, 0, 1)]
    one = run(province=80, units=units)  # 80 - 50 leaves 30 of the 40 of hydro
    assert at(one.generation_mw) == pytest.approx([50, 30, 0])
    assert at(one.curtailed_mw) == pytest.approx([0, 0, 30])
    assert at(one.spilled_mw) == pytest.approx([0, 10, 0])
    assert at(one.price_cny_per_mwh) == 0.0
    two = run(province=110, units=units)  # 50 + 40 + 20
    assert at(two.generation_mw) == pytest.approx([50, 40, 20])
    assert at(two.curtailed_mw) == pytest.approx([0, 0, 10])
    assert at(two.spilled_mw) == pytest.approx([0, 0, 0])
    three = run(province=130, units=units)  # 130 - 70 = 60 above the minimum
    assert at(three.generation_mw) == pytest.approx([60, 40, 30])
    assert at(three.price_cny_per_mwh) == 300.0


def test_a_unit_that_a_kind_of_day_never_calls_on_stays_off():
    units = [(1, 100, 0.5, 300, 0), (1, 70, 0, 0, 2)]
    assert at(run(province=60, units=units).generation_mw) == pytest.approx([0, 60])
    load = 60 * FLAT
    load[1, 1, 6] = 90.0  # the evening of extreme days of the second month needs it
    capacity = np.array([100.0, 70.0])[:, None, None, None] * FLAT
    args = (np.ones(2, int), capacity, np.array([0.5, 0]), np.array([300.0, 0]), np.array([0, 2]), 0.0)
    got = dispatch(NONE, load, NONE, *args)
    assert got.generation_mw[0, 0].max() == 0.0
    assert got.generation_mw[0, 1, 0].max() == 0.0
    assert got.generation_mw[0, 1, 1] == pytest.approx(np.full(8, 50.0))
    assert got.generation_mw[0, 2].max() == 0.0


def test_minimum_loads_above_demand_stop_the_dearest():
    units = [(1, 100, 1.0, 300, 0), (1, 100, 1.0, 350, 0)]
    capacity = np.full((2, 3, 2, 8), 100.0)
    load = 130 * FLAT
    load[0, 0, 0] = 150.0
    node, _, share, cost, order = (np.array(column, float) for column in zip(*units))
    got = dispatch(NONE, load, NONE, node.astype(int), capacity, share, cost, order.astype(int), 0.0)
    assert got.generation_mw[:, 0, 0, 1] == pytest.approx([100, 30])
    assert got.price_province_cny_per_mwh[0, 0, 1] == 350.0


def test_the_import_limit_puts_local_units_in_place_of_cheaper_ones():
    units = [(0, 80, 0, 400, 0), (1, 500, 0, 200, 0)]
    free = run(place=100, province=100, units=units)
    assert at(free.generation_mw) == pytest.approx([0, 200])
    assert at(free.import_mw) == 100.0
    tight = run(place=100, province=100, units=units, limit=60)
    assert at(tight.generation_mw) == pytest.approx([40, 160])
    assert at(tight.import_mw) == pytest.approx(60)
    assert at(tight.price_cny_per_mwh) == 400.0
    assert at(tight.price_province_cny_per_mwh) == 200.0
    dark = run(place=100, province=100, units=units, limit=5)  # 100 - 5 - 80
    assert at(dark.unserved_place_mw) == pytest.approx(15)
    assert at(dark.unserved_province_mw) == 0.0
    assert at(dark.price_cny_per_mwh) == VOLL
    assert at(dark.price_province_cny_per_mwh) == 200.0


def test_local_units_serve_the_province():
    got = run(place=50, province=400, units=[(0, 300, 0, 250, 0), (1, 300, 0, 350, 0)])
    assert at(got.generation_mw) == pytest.approx([300, 150])
    assert at(got.import_mw) == pytest.approx(-250)


def test_sm12_export_without_priority_goes_first_then_loads_in_proportion():
    units = [(1, 1000, 0, 300, 0)]
    # 100 short: the 90 of exports without priority, then 10 over loads of 200 and 600
    got = run(place=200, province=600, export=300, units=units)
    assert at(got.export_cut_mw) == pytest.approx(90)
    assert at(got.unserved_place_mw) == pytest.approx(2.5)
    assert at(got.unserved_province_mw) == pytest.approx(7.5)
    # 50 short: exports only, and no load pays the value of lost load
    mild = run(place=200, province=550, export=300, units=units)
    assert at(mild.export_cut_mw) == pytest.approx(50)
    assert at(mild.unserved_place_mw) == 0.0
    assert at(mild.price_cny_per_mwh) == 300.0


def test_equal_units_share_in_proportion_whatever_their_order():
    got = run(province=90, units=[(1, 100, 0, 300, 0), (1, 50, 0, 0, 1), (0, 10, 0, 0, 1), (1, 30, 0, 0, 1)])
    assert at(got.generation_mw) == pytest.approx([0, 50, 10, 30])
    some = run(province=45, units=[(1, 100, 0, 300, 0), (1, 50, 0, 0, 1), (0, 10, 0, 0, 1), (1, 30, 0, 0, 1)])
    assert at(some.curtailed_mw) == pytest.approx([0, 25, 5, 15])


def test_m10_p10_drought_burns_coal_up_to_its_cap_then_sheds():
    wet = np.linspace(1.5, 0.0, 31)
    coal, dark = [], []
    for inflow in wet:
        got = run(place=1000, units=[(0, 300, 0.3, 300, 0), (0, 800 * inflow, 0, 0, 2)], limit=0)
        coal.append(at(got.generation_mw)[0])
        dark.append(at(got.unserved_place_mw))
    coal, dark = np.array(coal), np.array(dark)
    assert (np.diff(coal) >= -1e-9).all()
    assert (np.diff(dark) >= -1e-9).all()
    assert (dark[coal < 300 - 1e-6] < 1e-9).all()
    assert dark[-1] == pytest.approx(700)  # 1000 - 300
    # P09: a MWh of hydro lost is a MWh of coal as long as coal is between its limits; P10: concave afterwards
    between = (wet <= 1.1) & (wet >= 0.9)
    assert np.diff(coal[between]) == pytest.approx(np.full(between.sum() - 1, 0.05 * 800))
    assert (np.diff(coal[wet <= 1.1], 2) <= 1e-9).all()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"place": -1.0}, "loads and exports"),
        ({"province": math.nan}, "loads and exports"),
        ({"units": [(0, -5, 0, 0, 0)]}, "available capacities"),
        ({"units": [(0, 5, 1.5, 0, 0)]}, "minimum loads"),
        ({"limit": -1.0}, "import limit"),
    ],
)
def test_senseless_numbers_are_refused(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        run(**({"units": [(0, 5, 0, 0, 0)]} | change))


def test_a_wrong_shape_is_refused():
    one, place = np.ones(1), np.zeros(1, int)
    with pytest.raises(ValueError, match="unit_cap_mw must have the shape"):
        dispatch(FLAT, FLAT, FLAT, place, np.ones((2, 3, 2, 8)), one, one, place, 0.0)


# ---------------------------------------------------------------- supply
def test_available_hydro_follows_the_water_up_to_its_turbines():
    profiles = np.full((1, 12, 8), 0.6)
    profiles[0, 1] = 0.3
    got = power.available_mw(
        np.array([100.0, 200.0, 50.0]), np.array([1.0, 0.9, 1.0]), np.array([0, -1, 0]), profiles,
        np.array([True, False, False]), np.array([2.0, 0.5, 1.0]), 0,
    )  # fmt: skip
    got = got.reshape(3, 2, 8, 3)
    assert got[:, 0, 0, 0] == pytest.approx([100.0, 15.0, 60.0])  # min(1, 1.2), .3 x .5, .6
    assert got[..., 1] == pytest.approx(180 * FLAT)
    assert got[:, 1, 7, 2] == pytest.approx([30.0, 15.0, 30.0])


def test_sm12_hydrology_has_mean_one_and_its_spread_and_memory():
    normals = np.random.default_rng(5).standard_normal(200_000)
    logs = np.empty(normals.size)
    state = 0.0
    for i, normal in enumerate(normals):
        state = power.next_hydrology(state, normal, 0.10, 0.4)
        logs[i] = state
    # the standard error of the mean is .1 / sqrt(200,000) x sqrt(1.4/.6) = .00034
    assert np.exp(logs).mean() == pytest.approx(1.0, abs=0.0012)
    assert np.exp(logs).std() == pytest.approx(0.10, abs=0.001)
    assert np.corrcoef(logs[1:], logs[:-1])[0, 1] == pytest.approx(0.4, abs=0.01)
    # without spread only memory is left: ln 2 x .4
    assert power.next_hydrology(math.log(2.0), 1.7, 0.0, 0.4) == pytest.approx(0.4 * math.log(2.0))


# ---------------------------------------------------------------- storage and demand response
@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(0, 5000), min_size=8, max_size=8),
    st.floats(0, 500),
    st.floats(0, 4000),
    st.floats(0.5, 1.0),
)
def test_b02_storage_ends_the_day_as_it_began(load, p_max, e_max, efficiency):
    load_mw = np.array(load)
    charge, discharge = storage.flatten_day(load_mw, 3.0, p_max, e_max, efficiency)
    stored = np.cumsum(efficiency * charge - discharge) * 3.0
    path = np.concatenate([[0.0], stored])
    assert abs(stored[-1]) < 1e-6
    assert path.max() - path.min() <= e_max + 1e-6
    assert (charge >= 0).all()
    assert (discharge >= 0).all()
    assert (charge <= p_max + 1e-9).all()
    assert (discharge <= p_max + 1e-9).all()
    assert not (charge * discharge).any()
    after = load_mw + charge - discharge
    assert after.max() <= load_mw.max() + 1e-9
    assert after.min() >= load_mw.min() - 1e-9


def test_b02_storage_uses_all_it_can_when_it_is_small():
    _, discharge = storage.flatten_day(np.array([10.0] * 7 + [500.0]), 3.0, 50.0, 90.0, 0.86)
    assert discharge[7] == pytest.approx(30.0)  # 90 MWh / 3 h


def test_storage_refuses_an_efficiency_of_nothing():
    with pytest.raises(ValueError, match="efficiency"):
        storage.flatten_day(np.ones(8), 3.0, 1.0, 1.0, 0.0)


def test_m07_storage_moves_only_when_the_tariff_pays_for_it():
    load = np.tile([40.0] * 4 + [80.0] * 4, 6)
    flat, spread = np.full(48, 500.0), np.tile([200.0] * 4 + [500.0] * 4, 6)
    nothing, _ = storage.apply_storage(load, flat, 1e9, 1e9, 0.86)
    assert not nothing.any()
    charge, discharge = storage.apply_storage(load, spread, 1e9, 1e9, 0.86)
    assert (load + charge - discharge).max() == pytest.approx(61.505, abs=5e-4)  # A13
    hours = slice_hours(0).ravel()
    assert 0.86 * (charge * hours).sum() == pytest.approx((discharge * hours).sum())


def test_sm12_demand_response_shaves_the_peak_within_its_hours():
    load, hours = 100 * FLAT, slice_hours(2)
    load[:, 1] = 150.0
    load[1, 1, 6], load[2, 1, 6], load[0, 1, 6], load[0, 1, 5] = 200.0, 196.0, 194.0, 192.0

    def cut_mw(share, hours_limit):
        return storage.demand_response(load.ravel(), share, hours.ravel(), hours_limit).reshape(3, 2, 8)

    cut = cut_mw(0.05, 20.0)
    # down to 190: three blocks of 6 h in full, 2 of the 6 h of the fourth
    expected = np.zeros((3, 2, 8))
    expected[1, 1, 6], expected[2, 1, 6], expected[0, 1, 6], expected[0, 1, 5] = 10.0, 6.0, 4.0, 2.0 * 2 / 6
    assert cut == pytest.approx(expected)
    assert not cut[:, 0].any()
    assert not cut_mw(0.0, 20.0).any()
    assert not cut_mw(0.05, 0.0).any()


# ---------------------------------------------------------------- shortage
def test_p10_classes_are_shed_in_strict_order():
    demand = np.array([10.0, 20.0, 30.0, 15.0, 25.0])
    nobody = np.zeros(5, bool)
    assert shortage.shed_by_priority(5.0, demand, nobody) == pytest.approx([0.5, 0, 0, 0, 0])
    assert shortage.shed_by_priority(45.0, demand, nobody) == pytest.approx([1, 1, 0.5, 0, 0])
    assert shortage.shed_by_priority(80.0, demand, nobody) == pytest.approx([1, 1, 1, 1, 0.2])
    with pytest.raises(ValueError, match="more energy is unserved"):
        shortage.shed_by_priority(101.0, demand, nobody)


def test_sm12_a_high_reliability_zone_is_spared_until_nobody_else_is_left():
    demand = np.array([10.0, 20.0, 30.0, 15.0, 25.0])
    spared = np.array([False, True, False, False, False])
    assert shortage.shed_by_priority(45.0, demand, spared) == pytest.approx([1, 0, 1, 5 / 15, 0])
    assert shortage.shed_by_priority(85.0, demand, spared) == pytest.approx([1, 0.25, 1, 1, 1])


def test_p10_a_short_evening_reaches_the_second_class_while_the_first_runs_at_night():
    demand = np.stack([10 * FLAT, 40 * FLAT])
    unserved = NONE.copy()
    unserved[:, :, 6] = 30.0
    got = shortage.shed_by_slice(unserved, demand, np.zeros(2, bool), slice_hours(1))
    assert got == pytest.approx([1 / 8, 20 / 40 / 8])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.floats(0, 1e4), min_size=6, max_size=6),
    st.lists(st.booleans(), min_size=6, max_size=6),
    st.floats(0, 1),
)
def test_shed_energy_adds_up_and_nobody_loses_before_the_one_before(demand, exempt, severity):
    demand_mwh, is_exempt = np.array(demand), np.array(exempt)
    unserved = severity * demand_mwh.sum()
    shed = shortage.shed_by_priority(unserved, demand_mwh, is_exempt)
    assert (shed * demand_mwh).sum() == pytest.approx(unserved, abs=1e-6)
    queue = [i for i in [*np.flatnonzero(~is_exempt), *np.flatnonzero(is_exempt)] if demand_mwh[i] > 1e-3]
    for earlier, later in pairwise(queue):
        assert shed[later] < 1e-6 or shed[earlier] == pytest.approx(1.0)


def test_sm12_output_loss_is_less_than_the_cut():
    assert shortage.output_loss_share(0.5) == pytest.approx(0.45)


def test_b02_a_broken_cycle_stops_the_run():
    """.86 x 100 MW x 3 h = 258 MWh stored, 258 drawn: closes; 1 MW more drawn leaves 3 MWh; 258 above 200 held."""
    charge, discharge = NONE.copy(), NONE.copy()
    charge[0, 0, 1], discharge[0, 0, 6] = 100.0, 86.0

    def check(capacity_mwh):
        gaps_mwh = storage.cycle_gaps_mwh(charge.ravel(), discharge.ravel(), 0.86, capacity_mwh)
        storage.check_cycles(gaps_mwh, capacity_mwh, "2025Q1")

    check(300.0)
    discharge[0, 0, 6] = 87.0
    with pytest.raises(ConservationError, match=r"B02 storage.*2025Q1.*does not end as it began: 3"):
        check(300.0)
    discharge[0, 0, 6] = 86.0
    with pytest.raises(ConservationError, match="beyond the capacity: 58"):
        check(200.0)
