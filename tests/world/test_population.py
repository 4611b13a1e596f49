"""The synthetic population adds up to the published totals, and its draws follow their laws (4.1, A42, B04, P20)."""

from functools import cache

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.build import build_world
from transition_sim.scenarios import registry
from transition_sim.world.population.chain import balance_edges, loads
from transition_sim.world.population.energy import balance_gaps, fit_proportionally, overlaps
from transition_sim.world.population.names import Coded
from transition_sim.world.population.population import Population, build_population
from transition_sim.world.population.roster import draw_ownership, rank_sizes, sector_outputs
from transition_sim.world.population.stock import draw_ages
from transition_sim.world.production import plan_output
from transition_sim.world.reference import reference
from transition_sim.world.state import LARGE, MEDIUM, PRIVATE, SMALL, SOE
from transition_sim.world.supply_chain import Edges, inputs_along_edges

SECTORS, CARRIERS = list(registry.sector_ids()), list(registry.carrier_ids())
PARAMS = registry.parameter_record({})
TARIFF = np.full((2, len(registry.load_shape_ids())), 600.0)


@cache
def population(place: str, multiply: int = 1, population_seed: int | None = None) -> Population:
    sets = [] if population_seed is None else [f"place.population_seed={population_seed}"]
    spec = ts.load_scenario(place, sets=sets).place
    return build_population(spec, PARAMS, reference(), TARIFF, multiply)


def used_gj(pop: Population) -> np.ndarray:
    """Energy by carrier from the uses, added up here: fuel where a technology burns one, and all electricity."""
    total = np.zeros(len(CARRIERS))
    kinds = reference().technologies[pop.uses.technology]
    np.add.at(total, kinds["carrier"][pop.uses.fuel_gj > 0], pop.uses.fuel_gj[pop.uses.fuel_gj > 0])
    total[-1] += pop.uses.elec_gj.sum()
    return total


# --- the rules ---------------------------------------------------------------------------------------------------


def test_a42_zipf_of_one_hundred():
    # H_100 = 5.18738 (sum of 1/k), top 1 = 1/5.18738 = .19278, top 10 = H_10 / H_100 = 2.92897 / 5.18738 = .56463
    shares = rank_sizes(100, 1.0)
    assert 1.0 / shares[0] == pytest.approx(5.18738, abs=5e-6)
    assert shares[0] == pytest.approx(0.1928, abs=5e-5)
    assert shares[:10].sum() == pytest.approx(0.5646, abs=5e-5)
    assert shares.sum() == pytest.approx(1.0, abs=1e-15)
    assert shares[3] / shares[7] == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("mean", "life", "uniform", "age"),
    [
        # mean 10 of 30: mode 3 x 10 - 30 = 0, F(x) = 1 - (1 - x/30)^2; u = .75 gives 30 (1 - .5) = 15
        (10.0, 30.0, 0.75, 15.0),
        # mean 12 of 20: mode 16, F(16) = .8; u = .2 gives 20 sqrt(.2 x .8) = 8, u = .8 the mode
        (12.0, 20.0, 0.2, 8.0),
        (12.0, 20.0, 0.8, 16.0),
        (12.0, 20.0, 0.0, 0.0),
    ],
)
def test_triangular_ages_by_hand(mean, life, uniform, age):
    assert draw_ages(np.array([mean]), np.array([life]), np.array([uniform]))[0] == pytest.approx(age)


@pytest.mark.parametrize(
    ("wanted", "life", "mean"), [(10.0, 30.0, 10.0), (12.0, 20.0, 12.0), (15.0, 30.0, 15.0), (29.0, 30.0, 20.0)]
)
def test_mean_of_triangular_ages(wanted, life, mean):
    # a triangle over [0, L] with its mode held within it reaches means from L/3 to 2 L/3: 29 of 30 gives 20
    uniforms = (np.arange(200_000) + 0.5) / 200_000
    ages = draw_ages(np.full(uniforms.size, wanted), np.full(uniforms.size, life), uniforms)
    assert ages.mean() == pytest.approx(mean, rel=1e-4)
    assert ages.min() >= 0
    assert ages.max() <= life


def test_overlaps_by_hand():
    # halves over a quarter and the rest: [0, .25] row 0, column 0; [.25, .5] row 0, column 1; [.5, 1] row 1, column 1
    rows, columns, shares = overlaps(np.array([0.5, 0.5]), np.array([0.25, 0.75]))
    assert rows.tolist() == [0, 0, 1]
    assert columns.tolist() == [0, 1, 1]
    np.testing.assert_allclose(shares, [0.25, 0.25, 0.5])


def test_overlaps_keep_both_margins():
    rng = np.random.default_rng(7)
    for n, k in ((1, 1), (1, 6), (40, 3), (5, 200)):
        a, b = rng.random(n) + 0.01, rng.random(k) + 0.01
        rows, columns, shares = overlaps(a, b)
        np.testing.assert_allclose(np.bincount(rows, shares, n), a / a.sum(), atol=1e-11)
        np.testing.assert_allclose(np.bincount(columns, shares, k), b / b.sum(), atol=1e-11)
        assert shares.size <= n + k - 1


def test_proportional_fit_of_a_table_by_hand():
    # the fit keeps the odds ratio 1 x 4 / (2 x 3) = 2/3; with all margins 1 the table is (x, 1-x; 1-x, x) and
    # x^2 / (1-x)^2 = 2/3, so x = sqrt(6) - 2 = .44949
    seed = np.array([1.0, 2.0, 3.0, 4.0])
    row, column = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    x = np.sqrt(6.0) - 2.0
    fitted = fit_proportionally(seed, row, column, np.ones(2), np.ones(2))
    np.testing.assert_allclose(fitted, [x, 1 - x, 1 - x, x], rtol=1e-9)
    # rows are scaled as a whole to the columns
    np.testing.assert_allclose(fit_proportionally(seed, row, column, np.full(2, 5.0), np.ones(2)), fitted)


def test_a_column_that_nobody_can_take_is_refused():
    with pytest.raises(ValueError, match="nothing can take the total of column 1"):
        fit_proportionally(np.ones(2), np.array([0, 1]), np.array([0, 0]), np.ones(2), np.array([1.0, 1.0]))


# --- totals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["guangan_city", "minimal"])
def test_outputs_add_up_to_the_sectors(place):
    pop, spec = population(place), ts.load_scenario(place).place
    output = np.bincount(pop.roster.sector, pop.roster.output_cny, len(SECTORS))
    firms = np.bincount(pop.roster.sector, minlength=len(SECTORS))
    for total in spec.sectors:
        assert output[SECTORS.index(total.sector)] == pytest.approx(float(total.output), rel=1e-12)
        assert firms[SECTORS.index(total.sector)] == total.firms


def test_minimal_equipment_makers_follow_the_rank_size_rule():
    # 300 M CNY over three: weights 1, 2^-1.05 = .482968, 3^-1.05 = .315517 of 1.798485
    output = population("minimal").roster.output_cny[1:4]
    np.testing.assert_allclose(output, 300e6 * np.array([1.0, 0.482968, 0.315517]) / 1.798485, rtol=1e-5)


def test_b04_minimal_balance_as_its_file_says():
    want = {"coal": 600e3, "natural_gas": 25e3, "diesel": 8e3, "biomass": 2e3, "heat": 4e3, "electricity": 108e3}
    have = dict(zip(CARRIERS, used_gj(population("minimal")), strict=True))
    for carrier, gj in want.items():
        assert have[carrier] == pytest.approx(gj, rel=1e-9), carrier
    assert sum(have.values()) == pytest.approx(sum(want.values()), rel=1e-9)


def test_b04_guangan_balance_as_its_file_says():
    # PJ; gas is 14.2 burnt and 4.1 feedstock
    want = {"coal": 20.0, "coke": 1.4, "natural_gas": 18.3, "diesel": 1.6, "biomass": 1.2, "heat": 1.0}
    want["electricity"] = 14.8
    have = dict(zip(CARRIERS, used_gj(population("guangan_city")) / 1e6, strict=True))
    for carrier, petajoule in want.items():
        assert have[carrier] == pytest.approx(petajoule, rel=1e-6), carrier


@pytest.mark.parametrize("place", ["guangan_city", "minimal"])
def test_b04_reported_gaps_are_far_below_one_in_a_thousand(place):
    pop = population(place)
    gaps = balance_gaps(ts.load_scenario(place).place, pop.uses, reference())
    assert len(gaps) >= 6
    assert max(abs(gap) for gap in gaps.values()) < 1e-6


def test_sector_mix_survives_the_hand_out():
    """Every service of a sector is somebody's, and an enterprise uses each technology once."""
    uses = population("guangan_city").uses
    key = (uses.enterprise.astype(np.int64) * 1000 + uses.service) * 1000 + uses.technology
    assert np.unique(key).size == key.size
    assert (uses.service_unit > 0).all()
    assert np.array_equal(reference().technologies["service"][uses.technology], uses.service)


def test_p20_emissions_are_more_concentrated_than_output():
    pop, kinds = population("guangan_city"), reference().technologies
    carrier = kinds["carrier"][pop.uses.technology]
    burnt = pop.uses.service != list(registry.service_ids()).index("FEED")
    burnt &= (carrier >= 0) & (carrier < CARRIERS.index("heat"))
    factor = np.where(burnt, registry.carrier_table()["co2_t_per_gj"][carrier], 0.0)
    tco2 = np.bincount(pop.uses.enterprise, pop.uses.fuel_gj * factor, pop.roster.n) + 0.535 * pop.roster.clinker_t

    def top_tenth(values):
        return np.sort(values)[::-1][: values.size // 10].sum() / values.sum()

    assert top_tenth(tco2) >= 0.70
    assert top_tenth(tco2) > top_tenth(pop.roster.output_cny)


def test_multiplied_population_keeps_the_totals():
    one, two = population("guangan_city"), population("guangan_city", 2)
    assert two.roster.n == 2 * one.roster.n
    for pop in (one, two):
        np.testing.assert_allclose(
            np.bincount(pop.roster.sector, pop.roster.output_cny), np.bincount(one.roster.sector, one.roster.output_cny)
        )
    np.testing.assert_allclose(used_gj(two), used_gj(one), rtol=1e-6)
    assert two.roster.clinker_t.sum() == pytest.approx(one.roster.clinker_t.sum())
    assert two.roster.permit_t.sum() == pytest.approx(one.roster.permit_t.sum())


def test_multiplied_enterprises_have_names_of_their_own():
    """Each name twice, with its number, one by one, as a slice, and as an array."""
    one, two = population("guangan_city").roster, population("guangan_city", 2).roster
    assert two.ids[:3] == [f"{one.ids[0]}_1", f"{one.ids[0]}_2", f"{one.ids[1]}_1"]
    assert (two.names_en[1], two.names_zh[-1]) == (f"{one.names_en[0]} (2)", f"{one.names_zh[-1]}（2）")
    assert two.ids.index(f"{one.ids[7]}_2") == 15
    assert len(set(two.ids)) == np.asarray(two.ids, object).size == two.n
    with pytest.raises(IndexError):
        two.ids[two.n]


def test_words_by_code():
    words = Coded(("small", "large"), np.array([1, 0, 1]))
    assert list(words) == np.asarray(words).tolist() == ["large", "small", "large"]


# --- anchors -----------------------------------------------------------------------------------------------------


def test_anchors_override_the_draw():
    pop, counties = population("guangan_city").roster, [c.id for c in ts.load_scenario("guangan_city").place.counties]
    row = pop.ids.index("yingfeng_huaying")
    assert pop.output_cny[row] == pytest.approx(4.426e8)
    assert pop.permit_t[row] == pytest.approx(4000 * 365)
    assert pop.ownership[row] == SOE
    assert counties[pop.county[row]] == "huaying"
    assert pop.names_zh[row] == "华蓥盈丰水泥"
    assert pop.commissioned_year[row] == 2010
    assert pop.is_anchor.sum() == 3


def test_clinker_goes_by_permit():
    # 1.71 bn CNY x 18 t per 10 thousand CNY = 3.078 Mt over permits of 4000 : 4600 : 5000 t/d; grinding stations none
    roster = population("guangan_city").roster
    assert roster.clinker_t.sum() == pytest.approx(3.078e6)
    for name, tonnes_a_day in (("yingfeng_huaying", 4000), ("liwan_busen_linshui", 4600), ("tcc_guangan", 5000)):
        row = roster.ids.index(name)
        assert roster.clinker_t[row] == pytest.approx(3.078e6 * tonnes_a_day / 13600)
    assert (roster.clinker_t > 0).sum() == 3


def test_base_year_kilns_are_ten_years_old_and_as_large_as_their_permit():
    pop = population("minimal")
    used = pop.state.assets[: pop.state.n_assets]
    kilns = used[reference().technologies["needs_permit"][used["technology"]] > 0]
    assert (kilns["commissioned_quarter"] == -40).all()
    assert kilns["capacity_unit_per_year"].sum() == pytest.approx(300_000)


def test_anchors_without_output_take_the_first_ranks():
    total = ts.load_scenario("minimal").place.sectors[1]
    anchor = ts.load_scenario("minimal").place.anchors[0]
    free = anchor.model_copy(update={"output": None})
    # of 300 M CNY the stated anchor takes 100, the other the first of two ranks of 200: 200 / (1 + 1/2) = 133.33
    outputs = sector_outputs(total, [anchor, free], 3, 1.0)
    np.testing.assert_allclose(outputs, [100e6, 400e6 / 3, 200e6 / 3])


# --- chain -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["guangan_city", "minimal"])
def test_a06_base_outputs_are_the_fixed_point_of_the_orders(place):
    """Started from half of the base-year outputs, orders find back to them: x = (I - A)^-1 d."""
    pop = population(place)
    production, graph = pop.state["production"].copy(), pop.state.graph
    base = production["output_cny"].copy()
    assert base.sum() == pytest.approx(pop.roster.output_cny.sum() / 4)
    production["output_cny"] = 0.5 * base
    leaked, sector = np.zeros(len(SECTORS)), np.ascontiguousarray(production["sector"])
    plan_output(
        production, pop.state["finance"], sector, graph.buyer_start, graph.buyer,
        inputs_along_edges(graph, sector, pop.local_input)[1], 0.95, 400, np.zeros((3, base.size)), leaked,
    )  # fmt: skip
    np.testing.assert_allclose(production["output_cny"], base, rtol=1e-9)
    assert leaked.sum() == pytest.approx(0.0, abs=1.0)


def test_final_demand_is_what_others_do_not_buy():
    pop = population("guangan_city")
    bought = pop.local_input @ np.bincount(pop.roster.sector, pop.roster.output_cny, len(SECTORS))
    made = np.bincount(pop.roster.sector, pop.roster.output_cny, len(SECTORS))
    np.testing.assert_allclose(4 * pop.final_demand_cny, made - bought, rtol=1e-9, atol=1.0)
    shares = np.bincount(pop.roster.sector, pop.state["production"]["final_share"])
    np.testing.assert_allclose(shares[shares > 0], 1.0)


@pytest.mark.parametrize("place", ["guangan_city", "minimal"])
def test_weights_sum_to_one_for_every_buyer_and_sector(place):
    pop = population(place)
    graph, n = pop.state.graph, pop.roster.n
    buyer = np.repeat(np.arange(n), np.diff(graph.supplier_start))
    sums = np.zeros((n, len(SECTORS)))
    np.add.at(sums, (buyer, pop.roster.sector[graph.supplier]), graph.weight)
    needed = (pop.local_input.T > 0)[pop.roster.sector]
    assert needed.any()
    np.testing.assert_allclose(sums[sums > 0], 1.0, rtol=1e-9)
    assert not ((sums > 0) & ~needed).any()
    assert (buyer != graph.supplier).all()


def test_an_overloaded_supplier_gets_company_in_a_place_with_fewer_enterprises_than_sectors():
    """Two buyers of sector 6 ask supplier 0 for more than it makes; supplier 1 has room. Five enterprises, 7 sectors.

    Each buyer takes .5 x 100 from sector 6: 100 together; supplier 0 makes 60 and may sell 54 of them.
    """
    sector = np.array([6, 6, 1, 1, 2])
    output = np.array([60.0, 500.0, 100.0, 100.0, 50.0])
    local_input = np.zeros((7, 7))
    local_input[6, 1] = local_input[1, 2] = 0.5
    edges = Edges(
        np.array([2, 3, 4, 4]), np.array([0, 0, 2, 3]), np.array([1.0, 1.0, 0.5, 0.5]), np.ones(4, np.float32)
    )
    assert loads(edges, sector, local_input, output)[0] == pytest.approx(100.0)
    balanced = balance_edges(edges, sector, local_input, output, np.zeros((5, 2)))
    asked = loads(balanced, sector, local_input, output)
    assert asked[0] <= 54.0 * (1 + 1e-5)
    assert asked[:2].sum() == pytest.approx(100.0)
    # the other sector is left alone: enterprise 4 buys .5 x 50 from sector 1
    assert asked[2:4].sum() == pytest.approx(25.0)
    sums = np.zeros((5, 7))
    np.add.at(sums, (balanced.buyer, sector[balanced.supplier]), balanced.weight)
    np.testing.assert_allclose(sums[sums > 0], 1.0)


# --- books -------------------------------------------------------------------------------------------------------


def test_leverage_cash_and_hurdles_follow_the_parameters():
    pop, p = population("guangan_city"), PARAMS[0]
    finance, output = pop.state["finance"], pop.roster.output_cny
    np.testing.assert_allclose(finance["cash_cny"], 0.08 * output)
    assets = finance["fixed_assets_cny"] + finance["cash_cny"]
    leverage = finance["debt_cny"] / (p["bank_debt_share"] * assets)
    # Beta(6.72, 5.28) has mean .56 and sd sqrt(.56 x .44 / 13) = .138: the mean of 800 lies within .015 (3 sd)
    assert leverage.mean() == pytest.approx(0.56, abs=0.015)
    assert leverage.std() == pytest.approx(0.138, abs=0.015)
    assert ((leverage > 0) & (leverage < 1)).all()
    above_floor = finance["hurdle_rate_per_year"] - 0.04
    assert (above_floor > 0).all()
    for is_group, median in (
        ((finance["ownership"] == PRIVATE) & (finance["size_class"] == SMALL), 0.30),
        ((finance["ownership"] == PRIVATE) & (finance["size_class"] == MEDIUM), 0.18),
    ):
        # sd of the log of a median of n lognormals: 1.2533 x .45 / sqrt(n)
        n = int(is_group.sum())
        assert n > 30
        gap = np.log(np.median(above_floor[is_group]) / median)
        assert abs(gap) < 3 * 1.2533 * 0.45 / np.sqrt(n)


@pytest.mark.parametrize(("size", "share"), [(SMALL, 0.03), (MEDIUM, 0.12), (LARGE, 0.35)])
def test_owners_by_size(size, share):
    uniforms = (np.arange(10_000) + 0.5) / 10_000
    owners = draw_ownership(np.full(10_000, size), uniforms, PARAMS)
    assert (owners == SOE).sum() == pytest.approx(10_000 * share, abs=1)
    assert set(np.unique(owners)) == {SOE, PRIVATE}


def test_base_year_costs_leave_the_margin_of_the_sector():
    """Weighted by output, wages are those of the input-output table; prices are 1."""
    pop, io = population("guangan_city"), registry.io_tables()
    prices, sector, output = pop.state["prices"], pop.roster.sector, pop.roster.output_cny
    wages = np.bincount(sector, prices["wage_share"] * output) / np.bincount(sector, output)
    np.testing.assert_allclose(wages, io.wages_share[: wages.size], rtol=1e-9)
    assert (prices["price_index"] == 1.0).all()
    parts = sum(prices[name] for name in ("goods_cost_index", "energy_cost_index", "wage_share", "other_cost_index"))
    np.testing.assert_allclose(prices["unit_cost_index"], parts)


# --- seeds -------------------------------------------------------------------------------------------------------


def test_the_seed_of_a_run_does_not_change_the_enterprises():
    scenario = ts.load_scenario("minimal")
    one, other = build_world(scenario, seed=1), build_world(scenario, seed=99)
    for name in ("production", "finance", "prices", "conduct", "energy"):
        assert np.array_equal(one.state[name], other.state[name]), name
    assert np.array_equal(one.state.assets, other.state.assets)
    assert one.uniforms("x", 3).tolist() != other.uniforms("x", 3).tolist()


def test_another_population_seed_gives_other_enterprises_and_the_same_totals():
    one, other = population("guangan_city"), population("guangan_city", 1, 2)
    again = population("guangan_city", 1, 1)
    assert np.array_equal(again.state["finance"], one.state["finance"])
    assert not np.allclose(other.state["finance"]["debt_cny"], one.state["finance"]["debt_cny"])
    np.testing.assert_allclose(used_gj(other), used_gj(one), rtol=1e-6)
    assert other.roster.output_cny.sum() == pytest.approx(one.roster.output_cny.sum())
