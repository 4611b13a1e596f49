"""Programmes of a quarter: kiln days, phase-out, permits, surcharges and where their money goes (SM10, SM11, SM13)."""

import numpy as np
import pytest
from quarter_worlds import TECHNOLOGIES, choice_of, events, slot_of, world_of

from transition_sim.model import TransitionModel
from transition_sim.quarter import government, permits
from transition_sim.world.state import ACTIVE, NO_DEADLINE, UNSET

WORKS = 0
PERMIT_T = 300_000.0


def test_sm11_days_off_lower_what_kilns_may_run():
    """150 days off and 15 of maintenance: .45 x 150 + 15 / 4 = 71.25 of 91.25 days of the first quarter."""
    world = world_of(offpeak_days=150)
    government.open_programmes(world)
    available = world.state["production"]["available_share"]
    assert available[WORKS] == pytest.approx(1 - 71.25 / 91.25)
    assert (available[1:] == 1.0).all()


def test_sm11_a_neutral_lever_leaves_maintenance_alone():
    world = world_of()
    government.open_programmes(world)
    assert world.state["production"]["available_share"][WORKS] == pytest.approx(1 - 15 / 365)


def test_sm11_days_off_add_up_over_the_year():
    world = world_of(offpeak_days=150)
    shares = []
    for quarter in range(4):
        world.quarter = quarter
        government._production_days(world)
        shares.append(float(world.state["production"]["available_share"][WORKS]))
    assert np.mean(shares) == pytest.approx(1 - 165 / 365)


def test_sm11_heat_recovery_spares_twenty_days():
    world = world_of(offpeak_days=100)
    assert not government.co_processing(world).any()
    state = world.state
    slot = slot_of(world, WORKS, "CLK_WHR")
    state.slots["first_asset"][slot] = 0
    state.slots["main_technology"][slot] = TECHNOLOGIES.index("clk_whr")
    assert government.co_processing(world).tolist() == [True] + [False] * 6
    government._production_days(world)
    # .45 x (100 - 20) + 3.75 = 39.75 of 91.25 days
    assert state["production"]["available_share"][WORKS] == pytest.approx(1 - 39.75 / 91.25)


def test_l12_works_above_the_limit_are_told_two_years_ahead():
    world = world_of(efficiency_limit_kgce_per_t=117)
    government.open_programmes(world)
    kiln = slot_of(world, WORKS, "CLINKER")
    assert world.state.slots["deadline_quarter"][kiln] == 8
    assert (np.delete(world.state.slots["deadline_quarter"], kiln) == NO_DEADLINE).all()
    assert [(e.amount, e.unit) for e in events(world, "phase_out")] == [(1.0, "slots")]
    # the old line needs 3.4583 + .2448 GJ/t = 126.4 kgce/t, the other 115.4: the mean is above the limit as well
    assert world.tariffs.is_eliminated[WORKS]
    government.open_programmes(world)
    assert len(events(world, "phase_out")) == 1


def test_l12_no_limit_tells_nobody():
    world = world_of()
    government.open_programmes(world)
    assert (world.state.slots["deadline_quarter"] == NO_DEADLINE).all()
    assert not world.tariffs.is_eliminated.any()


def test_l57_small_coal_boilers_are_told():
    world = world_of(coal_boiler_size_limit_t_per_h=35)
    government.open_programmes(world)
    told = np.flatnonzero(world.state.slots["deadline_quarter"] < NO_DEADLINE)
    assets = world.state.assets[: world.state.n_assets]
    assert (
        told.tolist()
        == np.unique(assets["slot"][assets["technology"] == TECHNOLOGIES.index("steam_coal_small")]).tolist()
    )
    assert told.size >= 1


def test_l12_past_the_deadline_the_lines_above_the_limit_close():
    """Of 300 000 t the old line, 30 %, needs 126 kgce/t: under a limit of 117 it goes, the better one stays."""
    world = world_of(efficiency_limit_kgce_per_t=117)
    kiln = slot_of(world, WORKS, "CLINKER")
    permits.close_overdue(world, np.array([kiln]))
    left = world.state.slots["capacity_unit_per_year"][kiln]
    assert left == pytest.approx(0.7 * PERMIT_T, rel=1e-3)
    assert world.state.slots["main_technology"][kiln] == TECHNOLOGIES.index("nsp_5000")
    assert world.permits.total_t == pytest.approx(left)
    assert world.permits.pool_t == pytest.approx(PERMIT_T - left)
    assert world.state["production"]["clinker_permit_t_per_year"][WORKS] == pytest.approx(left)
    assert world.state["production"]["clinker_t_per_cny"][WORKS] == pytest.approx(180_000 / 100e6)
    assert events(world, "line_closed")[0].amount == pytest.approx(PERMIT_T - left)


def test_l12_works_without_a_kiln_buy_their_clinker():
    world = world_of(efficiency_limit_kgce_per_t=100)
    kiln, before = slot_of(world, WORKS, "CLINKER"), float(world.state["prices"]["other_cost_index"][WORKS])
    permits.close_overdue(world, np.array([kiln]))
    assets = world.state.assets[: world.state.n_assets]
    assert not (assets["status"][assets["slot"] == kiln] == ACTIVE).any()
    assert world.state.slots["first_asset"][kiln] == UNSET
    assert world.permits.total_t == 0.0
    assert world.state["production"]["clinker_t_per_cny"][WORKS] == 0.0
    # .0018 t per CNY x 300 CNY/t
    assert world.state["prices"]["other_cost_index"][WORKS] - before == pytest.approx(0.54)


def test_l57_only_the_small_boilers_of_a_slot_close():
    world = world_of(coal_boiler_size_limit_t_per_h=35)
    government.open_programmes(world)
    slot = int(np.flatnonzero(world.state.slots["deadline_quarter"] < NO_DEADLINE)[0])
    small = TECHNOLOGIES.index("steam_coal_small")
    assets = world.state.assets[: world.state.n_assets]
    before = assets["capacity_unit_per_year"][(assets["slot"] == slot) & (assets["technology"] != small)].sum()
    permits.close_overdue(world, np.array([slot]))
    active = (assets["slot"] == slot) & (assets["status"] == ACTIVE)
    assert small not in assets["technology"][active]
    assert assets["capacity_unit_per_year"][active].sum() == before
    assert world.permits.total_t == pytest.approx(PERMIT_T)


def kiln_order(world, wanted_t=PERMIT_T, **fields):
    cost = 600.0 * wanted_t
    terms = {"capacity_unit_per_year": wanted_t, "capex_cny": cost, "subsidy_cny": 0.0, "replaces": True} | fields
    return choice_of(world, WORKS, "CLINKER", "nsp_advanced", **terms)


def test_a28_a_replaced_kiln_swaps_its_permit_at_the_ratio_and_costs_what_is_built():
    """1.5 t retire for 1 t: 300 000 t/yr become 200 000; two thirds of the line cost two thirds."""
    world = world_of(replacement_ratio=1.5, new_clinker_ban=True)
    choices = kiln_order(world)
    permits.limit_to_permits(world, choices)
    assert choices["capacity_unit_per_year"][0] == pytest.approx(200_000)
    assert choices["capex_cny"][0] == pytest.approx(600.0 * 200_000)
    permits.swap_permits(world, choices)
    assert choices["capacity_unit_per_year"][0] == pytest.approx(200_000)
    assert world.permits.total_t == pytest.approx(200_000)
    assert world.permits.pool_t == pytest.approx(0.0, abs=1e-6)
    assert world.state["production"]["clinker_permit_t_per_year"][WORKS] == pytest.approx(200_000)
    world.permits.check("2020Q1", True)


def test_a_smaller_new_kiln_leaves_retired_permits():
    world = world_of(replacement_ratio=1.5, new_clinker_ban=True)
    choices = kiln_order(world, 100_000.0)
    permits.limit_to_permits(world, choices)
    assert choices["capex_cny"][0] == 600.0 * 100_000
    permits.swap_permits(world, choices)
    assert choices["capacity_unit_per_year"][0] == 100_000
    # 300 000 retired, 150 000 used
    assert world.permits.pool_t == pytest.approx(150_000)


def test_without_a_ratio_the_kiln_is_replaced_one_to_one():
    world = world_of()
    choices = kiln_order(world)
    permits.limit_to_permits(world, choices)
    permits.swap_permits(world, choices)
    assert choices["capacity_unit_per_year"][0] == pytest.approx(PERMIT_T)


def test_l10_an_added_kiln_needs_retired_permits_under_the_ban_and_none_without():
    free = world_of()
    choices = kiln_order(free, 30_000.0, replaces=False)
    permits.limit_to_permits(free, choices)
    permits.swap_permits(free, choices)
    assert choices["capacity_unit_per_year"][0] == 30_000
    assert free.permits.total_t == pytest.approx(PERMIT_T + 30_000)
    banned = world_of(new_clinker_ban=True, replacement_ratio=1.5)
    banned.permits.retire(WORKS, 30_000.0, 0)
    choices = kiln_order(banned, 30_000.0, replaces=False)
    permits.limit_to_permits(banned, choices)
    assert choices["capacity_unit_per_year"][0] == pytest.approx(20_000)
    permits.swap_permits(banned, choices)
    assert choices["capacity_unit_per_year"][0] == pytest.approx(20_000)
    assert banned.permits.total_t == pytest.approx(PERMIT_T - 30_000 + 20_000)


def test_l09_an_added_kiln_needs_retired_permits_at_the_ratio_without_a_ban_as_well():
    """SM11: a new line of c t/yr needs R c of retired permits; 30 000 t/yr of them make 20 000 at 1.5."""
    world = world_of(replacement_ratio=1.5)
    world.permits.retire(WORKS, 30_000.0, 0)
    choices = kiln_order(world, 30_000.0, replaces=False)
    permits.limit_to_permits(world, choices)
    assert choices["capacity_unit_per_year"][0] == pytest.approx(20_000)
    permits.swap_permits(world, choices)
    assert world.permits.total_t == pytest.approx(PERMIT_T - 30_000 + 20_000)


@pytest.mark.parametrize(
    ("is_restricted", "is_eliminated", "excess", "surcharge"),
    [
        (False, False, 0.0, 0.0),
        (True, False, 0.0, 100.0),
        (True, True, 0.0, 300.0),  # the higher class alone
        (False, False, 0.5, 50.0),
        (False, False, 1.5, 200.0),
        (True, True, 0.5, 350.0),
    ],
)
def test_l16_l18_surcharges_by_class(is_restricted, is_eliminated, excess, surcharge):
    world = world_of(
        differential_restricted_cny_per_kwh=0.10, differential_eliminated_cny_per_kwh=0.30,
        punitive_low_cny_per_kwh=0.05, punitive_high_cny_per_kwh=0.20,
    )  # fmt: skip
    tariffs = world.tariffs
    tariffs.is_restricted[2], tariffs.is_eliminated[2] = is_restricted, is_eliminated
    tariffs.excess_over_quota_share[2] = excess
    government._write_surcharges(world)
    assert world.state["energy"]["surcharge_cny_per_mwh"].tolist() == [0, 0, pytest.approx(surcharge), 0, 0, 0, 0]


def test_surcharges_are_paid_by_use_and_feed_the_budget_a_quarter_later():
    world = world_of(efficiency_limit_kgce_per_t=117, differential_eliminated_cny_per_kwh=0.30)
    model = TransitionModel(world)
    model.step()
    use, paid = world.state["energy"]["purchased_mwh"], world.state["flows"]["surcharge_cny"]
    assert use[WORKS] > 0
    assert paid[WORKS] == pytest.approx(300.0 * use[WORKS])
    assert not paid[1:].any()
    recycled, balance = float(paid.sum()), world.budget.balance_cny
    assert world.ledger.payments["surcharges", "enterprises", "treasury"] == pytest.approx(recycled)
    model.step()
    assert world.budget.recycled_cny == pytest.approx(recycled)
    assert world.budget.balance_cny == pytest.approx(balance + recycled)


def test_b10_the_year_opens_with_its_share_of_revenue_and_lapses_the_rest():
    """.6 % of 100 M CNY; nothing is spent, so 30 % is carried and 70 % lapses: .6 x 1.04 + .18 = .804 M."""
    world = world_of()
    model = TransitionModel(world)
    model.step()
    assert world.budget.balance_cny == pytest.approx(600_000)
    for _ in range(4):
        model.step()
    assert world.budget.balance_cny == pytest.approx(600_000 * 1.04 + 180_000)
    assert world.ledger.payments["lapsed budget", "green_budget", "treasury"] == pytest.approx(420_000)


@pytest.mark.parametrize(("offered_t", "cny_per_t"), [(100_000.0, 2058.0), (300_000.0, 0.0)])
def test_sm11_the_permit_auction_moves_retired_permits_to_works_that_run_full(offered_t, cny_per_t):
    """Works that run full bid for .1 x 1.5 x 4600 x 365 = 251 850 t; who cannot use its permits takes any price.

    A margin of .8 CNY over .0020455 t of clinker per CNY is 391.1 CNY/t; over 30 years at 10 % (9.42691) 3687, less
    600 for the line 3087, over 1.5: 2058. Scarce permits cost that, plentiful ones nothing.
    """
    world = world_of("guangan_city", new_clinker_ban=True, replacement_ratio=1.5)
    production, prices = world.state["production"], world.state["prices"]
    works = ("yingfeng_huaying", "liwan_busen_linshui", "tcc_guangan")
    seller, buyer, other = (world.labels["enterprises"].index(name) for name in works)
    world.permits.retire(seller, offered_t, 0)
    full = production["capacity_cny"] * production["available_share"] * world.parameter("utilisation_max_share")
    production["output_cny"][buyer] = full[buyer]
    production["output_cny"][other] = 0.5 * full[other]
    prices["unit_cost_index"][buyer] = 0.2
    government._trade_permits(world)
    held, change = world.permits.retired_t_per_year(), world.state["flows"]["permits_cny"]
    traded = min(offered_t, 251_850.0)
    assert held[buyer] == pytest.approx(traded)
    assert held.sum() == pytest.approx(offered_t)
    assert held[other] == 0.0
    assert world.notes.permit_cny_per_t == pytest.approx(cny_per_t, rel=1e-3)
    assert change[buyer] == pytest.approx(cny_per_t * traded, rel=1e-3)
    assert change[seller] == -change[buyer]
    assert np.count_nonzero(change) == (2 if cny_per_t > 0 else 0)
    assert [e.amount for e in events(world, "permit_trade")] == [pytest.approx(traded)]


def test_l12_what_runs_on_after_a_closure_gets_its_own_notice():
    world = world_of(efficiency_limit_kgce_per_t=117)
    government.open_programmes(world)
    kiln = slot_of(world, WORKS, "CLINKER")
    permits.close_overdue(world, np.array([kiln]))
    assert world.state.slots["deadline_quarter"][kiln] == NO_DEADLINE
    # the better line needs 115 kgce/t: a limit of 110 tells it eight quarters ahead, in quarter 9
    world.quarter, world.levers["efficiency_limit_kgce_per_t"] = 9, 110.0
    government._phase_out(world)
    assert world.state.slots["deadline_quarter"][kiln] == 17
