"""Subsidies and loans for projects: the queue, refunds, and the four answers of a bank (SM08, SM10)."""

import numpy as np
import pytest
from quarter_worlds import SERVICES, TECHNOLOGIES, choice_of, seen_of, world_of

from transition_sim.agents.applications import is_open
from transition_sim.agents.choice import KEEP
from transition_sim.quarter import investment
from transition_sim.quarter.funding import Projects, award_subsidies, finance_projects
from transition_sim.world.state import MAX_OPTIONS, OPTIONS_DTYPE, OUTCOMES

EQUIPMENT = (1, 2, 3)


def projects_of(world, capex_cny, subsidy_cny, saving_cny_per_year, is_forced=False) -> Projects:
    """Return a heat pump each for the first enterprises behind the works."""
    rows = np.concatenate([
        choice_of(world, i, "STEAM", "steam_heat_pump", capex_cny=c, subsidy_cny=s, capacity_unit_per_year=1.0)
        for i, c, s in zip(EQUIPMENT, capex_cny, subsidy_cny, strict=False)
    ])  # fmt: skip
    n = rows.size
    return Projects(
        rows, np.array(saving_cny_per_year, float), np.full(n, 0.2), np.full(n, is_forced), np.zeros(n),
        np.zeros(n, np.int8) + OUTCOMES.index("ordered"),
    )  # fmt: skip


def outcomes(projects: Projects) -> list[str]:
    return [OUTCOMES[k] for k in projects.outcome]


def rich(world) -> None:
    """Give everybody cash for a quarter of any project here, plenty of cash flow and no debt."""
    finance = world.state["finance"]
    finance["annual_cash_flow_cny"], finance["debt_cny"] = 1e9, 0.0
    finance["fixed_assets_cny"] = 1e10
    loans = world.state.loans.book.loans
    loans["principal_cny"] = loans["payment_cny"] = 0.0


def test_a29_who_fits_is_funded_and_the_queue_stops():
    world = world_of()
    world.budget.balance_cny = 100.0
    projects = projects_of(world, [400.0] * 3, [40.0] * 3, [1e9] * 3)
    award_subsidies(world, projects)
    assert sorted(projects.awarded_cny) == [0.0, 40.0, 40.0]
    assert world.budget.balance_cny == 20.0
    assert world.notes.queue_cny == 40.0
    assert [e.amount for e in world.recorder.events if e.kind == "budget_exhausted"] == [40.0]


@pytest.mark.parametrize(
    ("saving", "is_forced", "outcome"),
    [
        # without the award the owner pays 400 x .2 = 80 a year
        (80.0, False, "ordered_without_subsidy"),
        (79.0, False, "no_subsidy_kept"),
        (0.0, True, "ordered_without_subsidy"),
    ],
)
def test_sm10_who_gets_nothing_goes_on_where_it_pays_or_where_it_must(saving, is_forced, outcome):
    world = world_of()
    world.budget.balance_cny = 0.0
    projects = projects_of(world, [400.0], [40.0], [saving], is_forced)
    award_subsidies(world, projects)
    assert outcomes(projects) == [outcome]
    assert projects.awarded_cny[0] == 0.0
    assert is_open(projects.outcome[0]) == (outcome != "no_subsidy_kept")


def test_who_asks_for_nothing_does_not_queue():
    world = world_of()
    world.budget.balance_cny = 0.0
    projects = projects_of(world, [400.0], [0.0], [0.0])
    award_subsidies(world, projects)
    assert outcomes(projects) == ["ordered"]
    assert world.notes.queue_cny == 0.0


def test_sm08_an_award_that_no_bank_completes_goes_back():
    """No cash, no own funds: the award of 40 returns to the budget and nothing is booked."""
    world = world_of()
    rich(world)
    world.state["finance"]["cash_cny"] = 0.0
    world.budget.balance_cny = 100.0
    projects = projects_of(world, [400.0], [40.0], [1e9])
    award_subsidies(world, projects)
    assert world.budget.balance_cny == 60.0
    finance_projects(world, projects)
    assert outcomes(projects) == ["refused_own_funds"]
    assert world.budget.balance_cny == 100.0
    assert projects.awarded_cny[0] == 0.0
    assert not world.state["flows"]["borrowed_cny"].any()
    finance = world.state["finance"]
    assert finance["desired_capex_cny"][EQUIPMENT[0]] == pytest.approx(360.0)
    assert not finance["approved_capex_cny"].any()


def test_sm08_a_bank_without_capital_rations():
    world = world_of()
    rich(world)
    wanted = 0.08 * 4.0 * world.state["production"]["output_cny"]
    # cash a quarter of the cost above the half that the business never spends: enough own funds, no more
    cost = 4e5
    world.state["finance"]["cash_cny"] = 0.5 * wanted + 0.25 * cost
    world.banks.capital_cny[:] = 0.0
    projects = projects_of(world, [cost], [0.0], [1e9])
    finance_projects(world, projects)
    assert outcomes(projects) == ["rationed"]
    assert world.notes.rationed_cny == pytest.approx(cost)
    assert not world.state["flows"]["borrowed_cny"].any()


def test_sm08_a_loan_pays_what_own_funds_and_award_leave():
    """Cost 400 000, award 40 000: 25 % of the other 360 000 is the least of own funds, the bank lends 270 000."""
    world = world_of()
    rich(world)
    wanted = 0.08 * 4.0 * world.state["production"]["output_cny"]
    world.state["finance"]["cash_cny"] = 0.5 * wanted + 0.25 * 360_000
    world.budget.balance_cny = 1e6
    loans_before, deposits_before = world.banks.loans_cny.sum(), world.banks.deposits_cny.sum()
    projects = projects_of(world, [400_000.0], [40_000.0], [1e9])
    award_subsidies(world, projects)
    finance_projects(world, projects)
    assert outcomes(projects) == ["ordered"]
    row = EQUIPMENT[0]
    assert world.state["flows"]["borrowed_cny"][row] == pytest.approx(270_000)
    assert world.state["finance"]["debt_cny"][row] == pytest.approx(270_000)
    assert world.banks.loans_cny.sum() - loans_before == pytest.approx(270_000)
    assert world.banks.deposits_cny.sum() - deposits_before == pytest.approx(270_000)
    assert world.state["finance"]["approved_capex_cny"][row] == pytest.approx(360_000)


def test_l24_storage_support_never_exceeds_what_the_owner_pays():
    """1 MWh at 1.5 M CNY with a grant of .45 M: support of 2000 CNY/kWh would be 2 M, it pays the other 1.05 M."""
    world = world_of(storage_support_cny_per_kwh=300)
    world.levers["storage_support_cny_per_kwh"] = 2000.0
    world.budget.balance_cny = world.budget.year_income_cny = 1e9
    choice = choice_of(world, 1, "STORAGE", "storage_li", capex_cny=1.5e6, capacity_unit_per_year=1.0)
    investment._support_storage(world, choice, np.array([0.45e6]))
    assert world.state["flows"]["service_income_cny"][1] == pytest.approx(1.05e6)
    assert world.notes.support_cny == pytest.approx(1.05e6)
    assert world.ledger.payments["storage support", "green_budget", "enterprises"] == pytest.approx(1.05e6)


def test_l24_storage_support_ends_with_the_budget():
    world = world_of(storage_support_cny_per_kwh=300)
    world.budget.balance_cny = 75_000.0
    rows = np.concatenate([
        choice_of(world, i, "STORAGE", "storage_li", capex_cny=1e6, capacity_unit_per_year=mwh)
        for i, mwh in ((1, 1.0), (2, 0.5))
    ])  # fmt: skip
    # 300 CNY/kWh of 1 MWh and .5 MWh: 300 000 and 150 000 asked, a sixth of each is there
    investment._support_storage(world, rows, np.zeros(2))
    np.testing.assert_allclose(world.state["flows"]["service_income_cny"][1:3], [50_000, 25_000])
    assert world.budget.balance_cny == 0.0


def test_l05_a_grant_earns_no_tax_credit():
    """10 % of 1 000 000 less the grant of 300 000."""
    world = world_of(tax_credit_share=0.1)
    projects = projects_of(world, [1e6], [3e5], [1e9])
    projects.awarded_cny[:] = 3e5
    projects.choices["capacity_unit_per_year"] = 100.0
    investment._order(world, projects, has_kilns=False)
    assert world.state.tax_credit_cny[EQUIPMENT[0], 0] == pytest.approx(70_000)
    assert world.state["flows"]["capex_cny"][EQUIPMENT[0]] == 1e6
    assert world.state["flows"]["subsidy_cny"][EQUIPMENT[0]] == 3e5


def test_savings_are_what_the_options_said():
    """Keeping costs 50 a unit, the pump 40 with its capital: 10 saved and the capital back.

    It is sized to its part of the demand without a reserve, and gives all of its 12,000 units.
    Capital: 1 M x .7 after a subsidy of 30 %, recovered at the hurdle over the horizon.
    """
    world = world_of()
    row = EQUIPMENT[0]
    choices = choice_of(
        world,
        row,
        "STEAM",
        "steam_heat_pump",
        capex_cny=1e6,
        subsidy_cny=3e5,
        capacity_unit_per_year=1.2e4,
        n_options=2,
    )
    options = np.zeros((1, MAX_OPTIONS), OPTIONS_DTYPE)
    options["technology"][0, :2] = KEEP, TECHNOLOGIES.index("steam_heat_pump")
    options["levelised_cost_cny_per_unit"][0, :2] = 50.0, 40.0
    projects = Projects.of(world, choices, seen_of(choices, options))
    finance, p = world.state["finance"][row], world.params[0]
    life = world.reference.technologies["life_years"][TECHNOLOGIES.index("steam_heat_pump")]
    years, rate = min(life, p["horizon_large_years"]), finance["hurdle_rate_per_year"]
    crf = rate / (1 - (1 + rate) ** -years)
    assert projects.capital_cny_per_year[0] == pytest.approx(crf)
    assert projects.saving_cny_per_year[0] == pytest.approx(10.0 * 1.2e4 + 0.7e6 * crf)
    assert SERVICES[choices["service"][0]] == "STEAM"


def test_i32_what_a_bank_refuses_counts_whatever_the_reason():
    """No cash, no own funds: 400 wanted, none financed, 400 missing (I32 is refused over wanted)."""
    world = world_of()
    world.state["finance"]["cash_cny"] = 0.0
    projects = projects_of(world, [400.0], [0.0], [1e9])
    finance_projects(world, projects)
    assert outcomes(projects) == ["refused_own_funds"]
    assert world.notes.rationed_cny == pytest.approx(400.0)
