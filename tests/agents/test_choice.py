"""Which option is taken: utility, logit, one draw, the choice of a slot and the log of why (SM06, B14)."""

import numpy as np
import pytest
from decision_makers import TECHNOLOGIES, far_away, make_town, t

from transition_sim.agents.choice import (
    KEEP,
    choice_probabilities,
    decide_options,
    decide_seen,
    draw,
    mean_cost,
    runner_up,
    service_ranges,
    switch_share,
    utility,
)
from transition_sim.agents.seen_options import SeenOptions, list_seen
from transition_sim.world.state import MAX_OPTIONS, OPTIONS_DTYPE

TASTELESS = {
    "utility_immature": 0.0, "utility_peer": 0.0, "utility_buyer": 0.0, "utility_green": 0.0, "utility_disrupt": 0.0,
}  # fmt: skip


def only(town, *names):
    """Take all other technologies off the market."""
    technologies = town.technologies.copy()
    technologies["available_year"] = np.where([k in names for k in TECHNOLOGIES], 2000, 9999)
    town.sells(technologies)
    return town


def decide(town, rows=None, uniform=0.5, peers=None):
    rows = np.arange(town.slots.size) if rows is None else np.asarray(rows)
    peers = far_away(town.finance.size) if peers is None else peers
    return decide_options(
        rows, town.firms, town.equipment, town.outlook, town.site, peers, town.params, town.levers, town.quarter,
        town.year, np.broadcast_to(np.asarray(uniform, float), rows.size).copy(),
    )  # fmt: skip


def coal_town(params=None, **settings):
    town = make_town(params=params, **settings)
    town.equip(0, t("steam_coal_small"), 4400.0)
    return town


def names(choice, options):
    found = options["technology"][: choice["n_options"]]
    return ["keep" if k == KEEP else TECHNOLOGIES[k] for k in found]


def test_sm06_utility_by_hand():
    """-1.2 - .1 x .4 x .5 + .1 x .3 + .15 x .2 + .08 - .03 x .6 = -1.098; neither green nor committed: -1.208."""
    p = make_town().params[0]
    assert utility(1.2, 0.4, 0.5, 0.3, 1, 0.2, True, 0.6, p) == pytest.approx(-1.098)
    assert utility(1.2, 0.4, 0.5, 0.3, 0, 0.2, True, 0.6, p) == pytest.approx(-1.208)
    assert utility(1.2, 0.4, 0.5, 0.3, 1, 0.2, False, 0.6, p) == pytest.approx(-1.178)


def test_sm06_full_capability_does_not_mind_what_is_immature():
    p = make_town().params[0]
    assert utility(1.0, 1.0, 1.0, 0.0, 0, 0.0, False, 0.0, p) == -1.0
    assert utility(1.0, 1.0, 0.0, 0.0, 0, 0.0, False, 0.0, p) == pytest.approx(-1.1)


def test_b14_probabilities_sum_to_one_and_stay_within_bounds():
    rng = np.random.default_rng(1)
    for _ in range(300):
        utilities = rng.normal(0, 10.0 ** rng.integers(-3, 4), rng.integers(1, MAX_OPTIONS + 1))
        noise = [0.0, 1e-6, 0.08, 10.0, np.inf][rng.integers(5)]
        probabilities = choice_probabilities(utilities, noise)
        assert probabilities.sum() == pytest.approx(1.0, abs=1e-12)
        assert probabilities.min() >= 0.0
        assert probabilities[np.argmax(utilities)] == probabilities.max()


def test_sm06_probabilities_do_not_depend_on_the_level_of_utility():
    utilities = np.array([-1.0, -1.1, -1.3])
    assert choice_probabilities(utilities + 1e6, 0.1) == pytest.approx(choice_probabilities(utilities, 0.1), abs=1e-8)


@pytest.mark.parametrize("noise", [-0.1, np.nan])
def test_sm06_a_noise_that_is_none_is_refused(noise):
    with pytest.raises(ValueError, match="0 or more"):
        choice_probabilities(np.array([1.0, 2.0]), noise)


def test_sm06_draw_inverts_the_cumulated_probabilities():
    """.2, .7, 1: the bounds belong to the next one; what cannot be is never drawn, even beyond a sum below 1."""
    probabilities = np.array([0.2, 0.5, 0.3])
    assert [draw(probabilities, u) for u in (0.0, 0.1999, 0.2, 0.6999, 0.7001, 0.9999)] == [0, 0, 1, 1, 2, 2]
    assert draw(np.array([0.0, 1.0]), 0.0) == 1
    assert draw(np.array([0.5, 0.4999999, 0.0]), 0.99999999) == 1
    assert draw(np.array([1.0]), 0.9999) == 0


def test_sm06_frequencies_of_draws_are_the_probabilities():
    probabilities = np.array([0.2, 0.5, 0.3])
    drawn = [draw(probabilities, (k + 0.5) / 1000) for k in range(1000)]
    assert np.bincount(drawn).tolist() == [200, 500, 300]


def test_sm06_ranges_of_services():
    first, last = service_ranges(make_town().technologies, 20)
    steam = make_town().technologies["service"][t("steam_gas")]
    assert (first[steam], last[steam]) == (t("steam_coal_small"), t("steam_network"))
    assert last[19] == -1
    assert first[19] > last[19]


def test_sm06_keeping_stands_first_and_the_same_again_is_no_option():
    """Coal boiler by hand: 1.38889 x 33 + .02/3.6 x 600 + .04 x 17.6768 = 49.8738."""
    choices, options = decide(coal_town())
    assert names(choices[0], options[0]) == [
        "keep", "steam_coal_cfb", "steam_gas", "steam_biomass", "steam_electric", "steam_heat_pump", "steam_network",
    ]  # fmt: skip
    assert options[0]["levelised_cost_cny_per_unit"][0] == pytest.approx(49.8738, abs=5e-5)


def test_sm06_utilities_and_probabilities_of_the_log_by_hand():
    """Coal 49.8738, gas 73.1544 (SM06), unit 61.5141; gas replaces what works: x 1.15, and disrupts by .1 x .03.

    V = -.81077 and -(73.1544 x 1.15/61.5141 + .003) = -1.37061; gap .55984/.08: P(gas) = 1/(1 + e^6.998) = .000913.
    """
    choices, options = decide(only(coal_town(), "steam_gas"))
    kept, gas = options[0][:2]
    assert choices["n_options"][0] == 2
    assert gas["levelised_cost_cny_per_unit"] == pytest.approx(73.1544, abs=5e-5)
    assert kept["utility"] == pytest.approx(-0.81077, abs=5e-5)
    assert gas["utility"] == pytest.approx(-1.37061, abs=5e-5)
    assert gas["probability"] == pytest.approx(0.000913, abs=5e-6)
    assert kept["probability"] + gas["probability"] == pytest.approx(1.0)


@pytest.mark.parametrize(("gas_cny_per_gj", "is_ordered"), [(36.1, True), (36.2, False)])
def test_sm04_without_noise_and_taste_early_scrapping_is_the_rule_of_the_margin(gas_cny_per_gj, is_ordered):
    """VC_old 49.8738 > 1.15 (4.7052 + 1.06952 price) below a price of (49.8738/1.15 - 4.7052)/1.06952 = 36.150."""
    town = only(coal_town({"choice_noise": 0.0, **TASTELESS}), "steam_gas")
    town.outlook.expected_cny_per_gj[:, 2] = gas_cny_per_gj
    choices, options = decide(town)
    old, new = options[0]["levelised_cost_cny_per_unit"][:2]
    assert (old > 1.15 * new) == is_ordered
    assert choices["is_order"][0] == is_ordered
    assert choices["chosen"][0] == (t("steam_gas") if is_ordered else KEEP)
    assert new < old


def test_sm06_no_noise_takes_the_best_whatever_the_draw():
    town = coal_town({"choice_noise": 0.0})
    chosen = {int(decide(town, uniform=u)[0]["chosen"][0]) for u in (0.0, 0.3, 0.7, 0.999999)}
    assert chosen == {KEEP}


def test_sm06_boundless_noise_draws_all_alike():
    choices, options = decide(coal_town({"choice_noise": 1e12}))
    n = choices["n_options"][0]
    assert options[0]["probability"][:n] == pytest.approx(np.full(n, 1 / n))


def test_sm06_a_tie_without_noise_is_decided_by_the_draw():
    """Two gas boilers alike, the old one dead: half and half."""
    town = make_town(params={"choice_noise": 0.0})
    technologies = town.technologies.copy()
    technologies[t("steam_coal_small")] = technologies[t("steam_gas")]
    town.sells(technologies)
    only(town, "steam_coal_small", "steam_gas")
    for uniform, expected in ((0.25, "steam_coal_small"), (0.75, "steam_gas")):
        choices, options = decide(town, uniform=uniform)
        assert options[0]["probability"][:2].tolist() == [0.5, 0.5]
        assert TECHNOLOGIES[choices["chosen"][0]] == expected


def test_sm06_the_dead_cannot_keep():
    """An empty slot: small coal boilers are sold no more; nothing that serves a part only."""
    choices, options = decide(make_town())
    found = names(choices[0], options[0])
    assert "keep" not in found
    assert "steam_coal_small" not in found
    assert "steam_coal_cfb" in found
    assert "steam_heat_pump" not in found
    assert choices["is_order"][0]
    assert choices["capacity_unit_per_year"][0] == pytest.approx(4400.0)


def test_sm06_too_little_capacity_adds_the_gap():
    """3,000 of 4,400: 1,400 and a headroom of .3 x 4,400 of any technology is added; keeping is no option."""
    town = make_town()
    town.equip(0, t("steam_coal_small"), 3000.0)
    choices, options = decide(town)
    assert "keep" not in names(choices[0], options[0])
    assert "steam_gas" in names(choices[0], options[0])
    assert choices["capacity_unit_per_year"][0] == pytest.approx(2720.0)
    assert not choices["replaces"][0]


def test_sm06_too_little_and_nothing_on_sale_is_kept_all_the_same():
    town = make_town()
    town.equip(0, t("steam_coal_small"), 3000.0)
    choices, options = decide(only(town))
    assert names(choices[0], options[0]) == ["keep"]
    assert (choices["must_close"][0], choices["is_order"][0], choices["runner_up"][0]) == (False, False, KEEP)
    assert options[0]["probability"][0] == 1.0
    assert np.isnan(choices["switch_capex_share"][0])


def test_sm06_nothing_to_keep_and_nothing_to_buy_must_close():
    """A dead kiln without a permit."""
    town = make_town(1, ("CLINKER",), sector="CEM")
    town.site.has_permit[:] = False
    choices, _ = decide(town)
    assert (choices["must_close"][0], choices["n_options"][0], choices["is_order"][0]) == (True, 0, False)
    assert (choices["chosen"][0], choices["runner_up"][0]) == (KEEP, KEEP)
    town.site.has_permit[:] = True
    choices, options = decide(town)
    assert not choices["must_close"][0]
    assert names(choices[0], options[0]) == ["nsp_5000", "nsp_advanced"]


@pytest.mark.parametrize(("deadline", "may_keep"), [(17, True), (16, False), (4, False)])
def test_l12_past_its_date_equipment_cannot_be_kept(deadline, may_keep):
    town = coal_town()
    town.slots["deadline_quarter"] = deadline
    choices, options = decide(town)
    assert ("keep" in names(choices[0], options[0])) == may_keep
    assert "steam_coal_small" not in names(choices[0], options[0])  # sold no more
    assert choices["is_order"][0] != may_keep


def test_l57_the_limit_takes_small_coal_boilers_off_the_list():
    town = make_town(levers={"coal_boiler_size_limit_t_per_h": 35.0})
    assert "steam_coal_small" not in names(decide(town)[0][0], decide(town)[1][0])


def test_sm06_gas_needs_a_pipe_and_a_pump_needs_a_capable_firm():
    town = coal_town()
    town.site.has_gas[:] = False
    town.conduct["capability"] = 0.25
    choices, options = decide(town)
    assert names(choices[0], options[0]) == [
        "keep",
        "steam_coal_cfb",
        "steam_biomass",
        "steam_electric",
        "steam_network",
    ]


def test_sm06_peers_pull_by_their_weight_for_what_is_there_too():
    """.10 x .5 more utility for gas; .10 x .8 for keeping coal where .8 of the peers burn coal."""
    town = only(coal_town(), "steam_gas")
    _, plain = decide(town)
    share = np.zeros(town.technologies.size)
    share[t("steam_gas")], share[t("steam_coal_small")] = 0.5, 0.8
    _, pulled = decide(town, peers=far_away(1, share))
    gain = pulled["utility"][0, :2] - plain["utility"][0, :2]
    assert gain == pytest.approx([0.08, 0.05])


def test_sm06_buyers_and_commitment_pull_green_equipment_only():
    """.15 x .4 + .08 = .14 for the pump, nothing for coal and gas."""
    town = only(coal_town(), "steam_gas", "steam_heat_pump")
    _, plain = decide(town)
    town.conduct["buyer_pressure"], town.conduct["is_committed"] = 0.4, True
    _, pulled = decide(town)
    assert pulled["utility"][0, :3] - plain["utility"][0, :3] == pytest.approx([0.0, 0.0, 0.14])


def test_l01_the_award_applied_for_is_a_share_of_the_investment():
    """1,600 GJ/yr of heat pumps at 141.414: 226,262 CNY, 20 % of it; nobody but the pump gets any."""
    town = only(coal_town({"choice_noise": 0.0, **TASTELESS}, levers={"capex_subsidy_share": 0.2}), "steam_heat_pump")
    town.slots["deadline_quarter"] = 99
    town.outlook.expected_cny_per_gj[:, 0] = 500.0
    choice = decide(town)[0][0]
    assert TECHNOLOGIES[choice["chosen"]] == "steam_heat_pump"
    assert choice["capex_cny"] == pytest.approx(1600 * 141.414)
    assert choice["subsidy_cny"] == pytest.approx(0.2 * 1600 * 141.414)
    assert not choice["replaces"]


def test_m01_more_support_never_lowers_the_probability_of_what_it_supports():
    found = []
    for share in (0.0, 0.1, 0.2, 0.3):
        _, options = decide(only(coal_town(levers={"capex_subsidy_share": share}), "steam_heat_pump"))
        found.append(options["probability"][0, 1])
    assert found == sorted(found)
    assert found[-1] > found[0]


def test_sm06_a_carbon_price_moves_the_choice_away_from_coal():
    town = only(coal_town(), "steam_heat_pump")
    _, free = decide(town)
    town.outlook.carbon_cny_per_tco2[:] = 24.0
    _, shadow = decide(town)
    town.outlook.carbon_cny_per_tco2[:] = 200.0
    _, covered = decide(town)
    assert free["probability"][0, 1] < shadow["probability"][0, 1] < covered["probability"][0, 1]
    # 1.38889 x .09089 = .126236 t: at CNY 200 a tonne 25.247 CNY, at 24 .12 of it
    cost = [o["levelised_cost_cny_per_unit"][0, 0] for o in (free, shadow, covered)]
    assert cost[1] - cost[0] == pytest.approx(0.12 * 25.2473, abs=1e-3)
    assert cost[2] - cost[0] == pytest.approx(25.2473, abs=1e-3)


def make_options(costs, utilities):
    options = np.zeros(MAX_OPTIONS, OPTIONS_DTYPE)
    options["technology"] = np.arange(MAX_OPTIONS)
    options["levelised_cost_cny_per_unit"][: len(costs)] = costs
    options["utility"][: len(costs)] = utilities
    return options


def test_sm06_the_unit_of_utility_is_the_mean_of_the_absolute_costs():
    assert mean_cost(make_options([10.0, -20.0, 30.0], [0, 0, 0]), 3) == pytest.approx(20.0)
    assert mean_cost(make_options([0.0, 0.0], [0, 0]), 2) == 1.0


def test_sm06_the_runner_up_is_the_best_of_the_rest():
    options = make_options([1, 1, 1, 1], [0.1, 0.9, 0.5, 0.5])
    assert runner_up(options, 4, 1) == 2
    assert runner_up(options, 4, 0) == 1
    assert runner_up(options, 1, 0) == -1


def test_sm06_the_fall_of_cost_that_would_have_tied_the_choice():
    """Gap .2 x mean 100 / runner-up 120 = 1/6: at 100 the utilities are equal. Against the draw it is negative."""
    options, terms = make_options([80.0, 120.0], [-0.8, -1.0]), np.zeros((MAX_OPTIONS, 5))
    assert switch_share(options, terms, 2, 0, 1) == pytest.approx(1 / 6)
    assert switch_share(options, terms, 2, 1, 0) == pytest.approx(-0.25)
    assert np.isnan(switch_share(options, terms, 2, 0, -1))
    assert np.isnan(switch_share(make_options([80.0, 0.0], [-0.8, -1.0]), terms, 2, 0, 1))


def test_sm06_the_log_tells_a_tie_that_holds():
    """Lower the runner-up's cost by the share, at the same unit: both utilities are equal."""
    choices, options = decide(only(coal_town(), "steam_gas"))
    kept, gas = options[0][:2]
    unit = 0.5 * (kept["levelised_cost_cny_per_unit"] + gas["levelised_cost_cny_per_unit"])
    assert choices["chosen"][0] == KEEP
    assert choices["runner_up"][0] == t("steam_gas")
    fall = choices["switch_capex_share"][0] * gas["levelised_cost_cny_per_unit"] * 1.15 / unit
    assert gas["utility"] + fall == pytest.approx(kept["utility"])


def test_sm06_measures_roofs_and_storage_decide_like_services():
    """A measure that is there is kept; another may take its place."""
    town = make_town(1, ("STEAM", "STM_WHR", "ROOFPV", "STORAGE"))
    town.equip(0, t("steam_coal_small"), 4400.0)
    town.equip(1, t("stm_whr"), 4400.0)
    choices, options = decide(town)
    found = [names(c, o) for c, o in zip(choices, options)]
    assert found[1:] == [["keep", "stm_mvr", "stm_membrane"], ["keep", "roof_pv"], ["keep", "storage_li"]]
    assert choices["slot"].tolist() == [0, 1, 2, 3]
    assert options[2]["levelised_cost_cny_per_unit"][0] == 620.0
    assert options[3]["levelised_cost_cny_per_unit"][0] == pytest.approx(350.0)


def test_sm06_rows_are_answered_one_by_one_and_nothing_is_written():
    """Two of three firms look; each draws its own uniform; the state stays as it is."""
    town = make_town(3)
    for firm in range(3):
        town.equip(firm, t("steam_coal_small"), 4400.0)
    before = [a.copy() for a in (town.slots, town.assets, town.finance, town.conduct, town.production)]
    choices, _ = decide(town, rows=[2, 0], uniform=[0.9, 0.1])
    assert choices["slot"].tolist() == [2, 0]
    assert choices["enterprise"].tolist() == [2, 0]
    assert choices["uniform"].tolist() == [0.9, 0.1]
    after = (town.slots, town.assets, town.finance, town.conduct, town.production)
    assert all(np.array_equal(a, b) for a, b in zip(before, after))


def test_sm06_a_firm_is_not_moved_by_who_else_looks():
    town = make_town(3)
    for firm in range(3):
        town.equip(firm, t("steam_coal_small"), 4400.0)
    alone, together = decide(town, rows=[1]), decide(town, rows=[0, 1, 2])
    assert alone[0][0].tobytes() == together[0][1].tobytes()
    assert alone[1][0].tobytes() == together[1][1].tobytes()


def test_sm06_nobody_looks():
    choices, options = decide(make_town(), rows=np.zeros(0, int))
    assert (choices.size, options.size) == (0, 0)


def test_sm06_more_options_than_the_log_holds_are_refused():
    town = make_town()
    gas = town.technologies[t("steam_gas")]
    town.sells(np.concatenate([town.technologies, np.repeat(gas, MAX_OPTIONS)]))
    with pytest.raises(ValueError, match="more options than the log can hold"):
        decide(town)


def test_b14_probabilities_of_all_slots_sum_to_one():
    town = make_town(
        2, ("CLINKER", "CLK_HEAT", "CLK_FUEL", "STEAM", "STM_WHR", "MOTOR", "ROOFPV", "STORAGE"), sector="CEM"
    )
    town.equip(0, t("nsp_old"), 4400.0)
    choices, options = decide(town, uniform=0.7)
    for choice, seen in zip(choices, options):
        shares = seen["probability"][: choice["n_options"]]
        assert ((shares >= 0) & (shares <= 1)).all()
        assert shares.sum() == pytest.approx(1.0 if choice["n_options"] else 0.0, abs=1e-12)
        assert np.isfinite(seen["utility"]).all()


def test_the_log_keeps_the_options_that_were_seen():
    """Two firms with coal, one without equipment: what each saw, one behind the other."""
    town = only(make_town(3), "steam_gas", "steam_electric")
    for firm in (0, 2):
        town.equip(firm, t("steam_coal_small"), 4400.0)
    choices, options = decide(town)
    listed, first = np.empty(options.size, OPTIONS_DTYPE), np.empty(choices.size, np.int64)
    seen = listed[: list_seen(choices, options, listed, first, 0)]
    rows = [options[r, :n]["technology"].tolist() for r, n in enumerate(choices["n_options"])]
    assert sorted(map(len, rows)) == [2, 3, 3]
    assert seen["technology"].tolist() == [k for row in rows for k in row]
    assert first.tolist() == [0, len(rows[0]), len(rows[0]) + len(rows[1])]
    at_once = decide_seen(
        np.arange(choices.size), town.firms, town.equipment, town.outlook, town.site, far_away(3), town.params,
        town.levers, town.quarter, town.year, np.full(3, 0.5),
        SeenOptions(np.empty(options.size, OPTIONS_DTYPE), np.empty(choices.size, np.int64)),
    )  # fmt: skip
    for column in OPTIONS_DTYPE.names:
        assert at_once[1].listed[column].tolist() == seen[column].tolist()
    assert at_once[1].first.tolist() == first.tolist()
    assert at_once[0].tobytes() == choices.tobytes()
