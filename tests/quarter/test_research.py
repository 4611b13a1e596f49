"""Research, demonstration, platforms, peak plans and insurance: each moves what it should, and nothing at neutral."""

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.agents.peers import commit_hazard
from transition_sim.quarter import research
from transition_sim.scenarios import registry
from transition_sim.world.experience import demonstration_share

TECHNOLOGIES = registry.technology_table()
CAPTURE = registry.technology_ids().index("clk_ccus")
MATURE = registry.technology_ids().index("steam_gas")


def after(quarters, place="minimal", **levers):
    model = ts.build_model(ts.load_scenario(place, policy="none", overlay={"levers": levers}, end_year=2024), seed=1)
    for _ in range(quarters):
        model.step()
    return model.world


def test_sm17_demonstration_by_hand():
    """A fund of 50 of 100 M CNY is half the effort for all; L51 of 0.3 adds to capture alone; never above 1."""
    share = demonstration_share(TECHNOLOGIES, 50e6, 100e6, 0.3)
    assert share[CAPTURE] == pytest.approx(0.8)
    assert share[MATURE] == pytest.approx(0.5)
    assert demonstration_share(TECHNOLOGIES, 100e6, 100e6, 1.0).max() == 1.0


def test_without_levers_a_year_counts_as_a_year():
    """The country's effort alone: 6 quarters are 1.5 years, and nothing comes earlier (B17)."""
    world = after(6)
    assert world.research.effort_years == 1.5
    assert not world.research.effort_share.any()


def test_l08_pays_from_the_green_budget_and_brings_technology_earlier():
    """4 M CNY a year in a place with the means: 1 M a quarter, effort 4 / 100 more a year."""
    world = after(6, "guangan_city", research_fund_million_cny_per_year=4.0)
    assert world.research.effort_years == pytest.approx(1.5 * 1.04)
    assert world.research.effort_share[CAPTURE] == pytest.approx(0.04)
    paid = world.notes.support_cny
    assert paid == pytest.approx(1e6)


def test_l08_cannot_spend_what_is_not_there():
    world = after(1, research_fund_million_cny_per_year=100.0)
    budget = world.budget
    assert budget.balance_cny >= 0.0
    assert world.research.effort_years < 0.25 * 2.0  # the small place cannot pay 25 M CNY a quarter
    assert world.research.effort_years == pytest.approx(0.25 * (1.0 + 4.0 * budget.spent_cny / 100e6))


def test_l51_brings_capture_earlier_and_is_not_forgotten():
    world = after(3, ccus_demonstration={"path": [[2020, 0.5], [2021, 0.0]], "interp": "step"})
    assert world.research.effort_share[CAPTURE] == 0.5
    world = after(6, ccus_demonstration={"path": [[2020, 0.5], [2021, 0.0]], "interp": "step"})
    assert world.research.effort_share[CAPTURE] == 0.5
    assert world.research.effort_share[MATURE] == 0.0


def test_l54_raises_effort_and_capability():
    """30 of 60 platforms: half an effort more a year; capability of everybody grows faster."""
    plain, with_platforms = after(8), after(8, innovation_platforms=30.0)
    assert with_platforms.research.effort_years == pytest.approx(8 / 4 * 1.5)
    assert research.platform_share(with_platforms) == 0.5
    gain = with_platforms.state["conduct"]["capability"] - plain.state["conduct"]["capability"]
    assert (gain > 0).all()


def test_l55_is_for_state_owned_and_named_enterprises():
    """0.5 a year times the index: of 1 a hazard of 0.5 more."""
    p = registry.parameter_record()[0]
    assert commit_hazard(0.0, 0.0, 0.0, 1.0, p) - commit_hazard(0.0, 0.0, 0.0, 0.0, p) == pytest.approx(0.5)
    plain = after(12, "guangan_city").state
    duty = after(12, "guangan_city", enterprise_peak_plans=1.0).state
    must = (plain["finance"]["ownership"] == 0) | plain["conduct"]["is_anchor"]
    assert duty["conduct"]["is_committed"][must].sum() > plain["conduct"]["is_committed"][must].sum()
    # who already committed without the duty commits with it too: the draws are the same
    assert (duty["conduct"]["is_committed"] | ~plain["conduct"]["is_committed"])[must].all()


def test_l56_lends_more_on_the_same_collateral():
    """With insurance of all green loans fewer are refused for want of collateral, seed by seed."""

    def refused(share):
        overlay = {"levers": {"green_insurance": share}}
        asked = ts.load_scenario("guangan_city", policy="current", overlay=overlay, end_year=2023)
        decisions = [ts.run(asked, seed=seed).decisions for seed in (1, 2, 3)]
        return np.array([int((table["outcome"] == "refused_collateral").sum()) for table in decisions])

    without, insured = refused(0.0), refused(1.0)
    assert (insured <= without).all()
    assert insured.sum() < without.sum()
