"""Analyses against closed forms, hand arithmetic and planted answers."""

import numpy as np
import pandas as pd
import planted_runs
import pytest
from study_makers import SMALL, HerePool, seeds_only

from transition_sim.experiments import designs
from transition_sim.experiments.analyses.attribution import attribution_table, cost_per_tonne, shapley
from transition_sim.experiments.analyses.differences import regret_matrix
from transition_sim.experiments.analyses.discovery import prim
from transition_sim.experiments.analyses.ensemble import dash_of, legend, mixed_said, peak_table, peaking_said, wilson
from transition_sim.experiments.analyses.finding import PALETTE, Options, paired
from transition_sim.experiments.analyses.registry import analyse, fitting
from transition_sim.experiments.analyses.sensitivity import complete, morris_table, sobol_table
from transition_sim.experiments.driver import run_study
from transition_sim.experiments.spec import DesignSpec
from transition_sim.experiments.study import load_study
from transition_sim.experiments.tables import read_results

BASE = {
    "format": "study/1", "id": "planted", "places": ["minimal"], "policies": ["none"], "until": 2022, "replicates": 3,
    "outcomes": ["cumulative_dual_control_mtco2", "fiscal_net_cost_m_cny", "capex_m_cny"],
}  # fmt: skip


def results_of(folder, **asked):
    run_study(load_study({**BASE, **asked}), folder, pool=HerePool(), work=planted_runs.work)
    return read_results(folder)


# --- sensitivity ------------------------------------------------------------------------------------------------------


def ishigami(x):
    """a = 7, b = 0.1; x in the unit cube."""
    z = np.pi * (2 * x - 1)
    return np.sin(z[:, 0]) + 7 * np.sin(z[:, 1]) ** 2 + 0.1 * z[:, 2] ** 4 * np.sin(z[:, 0])


def test_sobol_of_ishigami():
    """V = 49/8 + pi^4/50 + pi^8/1800 + 1/2 = 13.8446; S = (0.3139, 0.4424, 0), ST = (0.5576, 0.4424, 0.2437)."""
    shares = designs.unit_points(DesignSpec(kind="saltelli", samples=2048), 3)
    table = sobol_table(["a", "b", "c"], ishigami(shares)).set_index("factor")
    truth = {"a": (0.3139, 0.5576), "b": (0.4424, 0.4424), "c": (0.0, 0.2437)}
    for name, (first, total) in truth.items():
        row = table.loc[name]
        assert abs(row["first"] - first) < 3 * row["first_half_width"] / 1.96
        assert abs(row["total"] - total) < 3 * row["total_half_width"] / 1.96


def test_sobol_of_the_g_function():
    """a = (0, 1, 9): V_i = 1 / (3 (1 + a_i)^2), V = prod(1 + V_i) - 1; S1 = V_1 / V = 0.3333 / 0.4493 = 0.7420."""
    a = np.array([0.0, 1.0, 9.0])
    parts = 1 / (3 * (1 + a) ** 2)
    whole = np.prod(1 + parts) - 1
    shares = designs.unit_points(DesignSpec(kind="saltelli", samples=2048), 3)
    table = sobol_table(["a", "b", "c"], np.prod((np.abs(4 * shares - 2) + a) / (1 + a), axis=1)).set_index("factor")
    assert parts[0] / whole == pytest.approx(0.7420, abs=1e-4)
    for name, first in zip("abc", parts / whole, strict=True):
        assert abs(table.loc[name, "first"] - first) < 3 * table.loc[name, "first_half_width"] / 1.96


def test_morris_of_a_straight_line():
    """y = 2 a - 5 b + 0 c: elementary effects are the slopes, without spread."""
    shares = designs.unit_points(DesignSpec(kind="morris", samples=6), 3)
    table = morris_table(["a", "b", "c"], shares, shares @ np.array([2.0, -5.0, 0.0])).set_index("factor")
    assert table.index[0] == "b"
    assert table.loc["b", "mean_effect"] == pytest.approx(-5)
    assert table["mean_size"].tolist() == pytest.approx([5, 2, 0])
    assert table["spread"].tolist() == pytest.approx([0, 0, 0], abs=1e-12)


def test_a_hole_or_a_constant_is_refused():
    values = np.arange(6.0).reshape(3, 2)
    assert complete(values).tolist() == [0.5, 2.5, 4.5]
    with pytest.raises(ValueError, match="1 runs have no value"):
        complete(np.where(values == 3, np.nan, values))
    with pytest.raises(ValueError, match="does not vary"):
        complete(np.full((3, 2), 7.0))


def test_sobol_through_a_study_joins_rows_by_point(tmp_path):
    """y = 10 a + 100 x, a in 0..0.5, x in 0.07..0.13: variances 25/12 and 36/12, shares 25/61 and 36/61."""
    found = results_of(
        tmp_path / "s", design={"kind": "saltelli", "samples": 256}, levers={"capex_subsidy_share": {}},
        parameters={"utility_peer": {}}, replicates=2,
    )  # fmt: skip
    table = analyse("sobol", found).table.set_index("factor")
    assert table.loc["capex_subsidy_share", "first"] == pytest.approx(25 / 61, abs=0.05)
    assert table.loc["utility_peer", "total"] == pytest.approx(36 / 61, abs=0.05)


# --- attribution ------------------------------------------------------------------------------------------------------


def test_shapley_of_a_game_by_hand():
    """Gloves: one left (a), two right (b, c); a pair is worth 1. Textbook value: 2/3, 1/6, 1/6."""
    worth = [float(bool(n & 4) and bool(n & 3)) for n in range(8)]
    assert shapley(np.array(worth)).tolist() == pytest.approx([2 / 3, 1 / 6, 1 / 6])


@pytest.mark.parametrize("k", [1, 2, 5, 10])
def test_parts_add_up_to_the_whole(k):
    values = np.random.default_rng(k).normal(size=(2**k, 4))
    table = attribution_table([f"p{i}" for i in range(k)], values).set_index("part")
    whole = (values[-1] - values[0]).mean()
    assert table.loc["whole", "contribution"] == pytest.approx(whole, rel=1e-12)
    assert table.drop("whole")["contribution"].sum() == table.loc["whole", "contribution"]


def test_attribution_through_a_study(tmp_path):
    """10 a + 4 b + 6 a b at a = 0.5, b = 0.25: alone 5 and 1, together 6.75; each takes half of 0.75."""
    found = results_of(
        tmp_path / "s", design={"kind": "full_factorial"},
        levers={"capex_subsidy_share": {"values": [0, 0.5]}, "tax_credit_share": {"values": [0, 0.25]}},
    )  # fmt: skip
    table = analyse("attribution", found).table.set_index("part")
    first = table.loc["capex_subsidy_share", ["contribution", "alone", "last"]]
    assert first.tolist() == pytest.approx([5.375, 5, 5.75])
    assert table.loc["tax_credit_share", ["contribution", "low", "high"]].tolist() == pytest.approx([1.375] * 3)
    assert table.loc["whole", ["contribution", "alone", "overlap"]].tolist() == pytest.approx([6.75, 6, 0.75])


def test_more_than_ten_levers_are_refused(tmp_path):
    keys = ("facility_share", "green_evaluation", "green_procurement_share", "capex_subsidy_share", "tax_credit_share",
            "interest_subsidy_percent", "disclosure_share", "esco_promotion", "rooftop_pv_promotion",
            "demand_response_share", "coal_plant_retrofit")  # fmt: skip
    found = results_of(
        tmp_path / "s", design={"kind": "full_factorial"}, levers={k: {"values": [0]} for k in keys}, replicates=1
    )
    with pytest.raises(ValueError, match="up to 10 levers; this study has 11"):
        analyse("attribution", found)


def test_cost_per_tonne_by_hand():
    """30 M CNY over 1.5 Mt = 20 CNY/t; nothing abated has no cost per tonne."""
    ratio, low, high = cost_per_tonne(np.array([1.0, 2.0, 1.5]), np.array([20.0, 40.0, 30.0]))
    assert (ratio, low, high) == pytest.approx((20, 20, 20))
    assert np.isnan(cost_per_tonne(np.array([-1.0]), np.array([5.0]))).all()


def test_abatement_sets_each_part_against_none(tmp_path):
    """The parts only add to what stands for emissions here: nothing is abated, and the table says so."""
    found = results_of(
        tmp_path / "s", policies=["current"], design={"kind": "one_at_a_time"},
        parts={"money": ["capex_subsidy_share"], "tax": ["tax_credit_share"]},
    )  # fmt: skip
    finding = analyse("abatement", found)
    assert finding.sentences[0][0].startswith("3 options abate nothing")
    table = finding.table.set_index("option")
    assert sorted(table.index) == ["all parts", "money", "tax"]
    assert table.loc["money", "abated_mtco2"] == pytest.approx(-1)  # 10 x 0.1
    assert table["public_cny_per_tco2"].isna().all()


# --- differences ------------------------------------------------------------------------------------------------------


def test_luck_cancels_out_of_pairs(tmp_path):
    """The seeds' luck is sin(1), sin(2), sin(3); the difference of 10 x 0.1 + 4 x 0.1 + 0.06 has no spread at all."""
    found = results_of(tmp_path / "s", policies=["none", "current"])
    row = analyse("paired", found).table.set_index("measure").loc["cumulative_dual_control_mtco2"]
    assert row[["difference", "low", "high"]].tolist() == pytest.approx([1.46] * 3)
    assert row["pairs"] == 3


def test_a_lever_without_effect_differs_by_exactly_nothing(tmp_path):
    found = results_of(tmp_path / "s", design={"kind": "one_at_a_time"}, levers={"green_evaluation": {}})
    table = analyse("tornado", found).table
    assert table["difference"].tolist() == [0.0, 0.0]


def test_tornado_of_levers_and_parameters(tmp_path):
    """Around a = 0 and x = 0.1: a to 0 and 0.5 gives 0 and +5, x to 0.07 and 0.13 gives -3 and +3."""
    found = results_of(
        tmp_path / "s", design={"kind": "one_at_a_time"}, levers={"capex_subsidy_share": {}},
        parameters={"utility_peer": {}},
    )  # fmt: skip
    table = analyse("tornado", found).table
    assert table["factor"].tolist() == ["capex_subsidy_share"] * 2 + ["utility_peer"] * 2
    assert table["difference"].tolist() == pytest.approx([0, 5, -3, 3])


def test_tornado_of_parts_is_alone_and_taken_out(tmp_path):
    """a = b = 0.1 in the policy: money alone +1, taken out of both -(1 + 0.06)."""
    found = results_of(
        tmp_path / "s", policies=["current"], design={"kind": "one_at_a_time"},
        parts={"money": ["capex_subsidy_share"], "tax": ["tax_credit_share"]},
    )  # fmt: skip
    table = analyse("tornado", found).table.set_index(["factor", "change"])["difference"]
    assert table["money", "alone"] == pytest.approx(1.0)
    assert table["money", "taken out"] == pytest.approx(-1.06)
    assert table["tax", "alone"] == pytest.approx(0.4)


def test_pairs_with_a_missing_run_are_left_out():
    found = paired(np.array([2.0, np.nan, 4.0]), np.array([1.0, 1.0, 1.0]))
    assert (found["difference"], found["pairs"], found["share_lower"]) == (2.0, 2, 0.0)


def test_regret_by_hand():
    """States (columns): best 1, 2, 3; a state with a hole is left out."""
    values = np.array([[1.0, 5.0, 3.0, np.nan], [2.0, 2.0, 9.0, 1.0]])
    assert regret_matrix(values).tolist() == [[0, 3, 0], [1, 0, 6]]
    assert regret_matrix(values, maximise=True).tolist() == [[1, 0, 6], [0, 3, 0]]


# --- ensembles --------------------------------------------------------------------------------------------------------


def test_peaks_are_told_apart():
    """Sharp in 2023, a plateau 2021-2024, a rebound that no lower years confirm, and one that still rises."""
    years = np.arange(2020, 2030)
    series = np.array(
        [
            [80, 85, 90, 100, 90, 85, 80, 75, 70, 65],
            [90, 100, 100, 100, 100, 90, 85, 80, 75, 70],
            [80, 99, 100, 99, 99.5, 99.5, 98.8, 99.5, 98.8, 99.5],
            [80, 82, 84, 86, 88, 90, 92, 94, 96, 98],
        ],
        dtype=float,
    )
    table = peak_table(series, years).set_index("year")
    last = table.loc[2029]
    shares = ["sharp_share", "plateau_share", "unconfirmed_share", "open_share"]
    assert last[shares].tolist() == [0.25, 0.25, 0.25, 0.25]
    assert last["peaked_share"] == 0.75
    assert table.loc[2020, "peaked_share"] == 0.0
    assert table.loc[2022, "sharp_share"] == 0.0
    assert table.loc[2023, "sharp_share"] == 0.25
    assert last["at_start_share"] == 0.0
    falling = peak_table(np.vstack([series[0], series[0][::-1], np.linspace(9, 5, 10), series[3]]), years)
    assert falling["at_start_share"].tolist() == [0.25] * 10, "the third alone is highest in its first year"


def test_a_lone_dry_year_above_the_first_is_not_called_lower_than_it():
    """108 in 2024 is the highest year; of three years the mean is (90 + 108 + 90) / 3 = 96 there, and 100 in 2020."""
    table = peak_table(np.array([[100, 100, 95, 90, 108, 90, 85, 80, 75, 70.0]]), np.arange(2020, 2030))
    en, zh = peaking_said(table)
    assert "in 100 % the three-year mean is highest in the first year, 2020" in en
    assert "100% 的模拟三年滑动均值在首年（2020年）最高" in zh
    assert en.startswith("100 % of runs have peaked by 2029")


def test_wilson_interval_by_hand():
    """8 of 10: (0.8 + 0.19207) / 1.38415 = 0.71674 plus or minus 0.22659, as in textbooks 0.490 to 0.943."""
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=5e-4)
    assert all(wilson(0, n)[0] == 0.0 and wilson(n, n)[1] == 1.0 for n in range(1, 400)), "no 1e-18 is left over"


def test_many_cases_are_named_beside_the_lines_and_told_apart():
    """Six cases inside the axis; eighteen to the right of it, in as many pairs of colour and dashes."""
    from matplotlib.figure import Figure

    for n, is_beside in ((6, False), (18, True)):
        figure = Figure(figsize=(9.5, 5.4), layout="constrained")
        axis = figure.add_subplot()
        for k in range(n):
            axis.plot([0, 1], [k, k], label=f"case {k}", linestyle=dash_of(k), color=PALETTE[k % len(PALETTE)])
        legend(axis, n)
        figure.draw_without_rendering()
        box, inside = axis.get_legend().get_window_extent(), axis.get_window_extent()
        assert (box.x0 >= inside.x1) == is_beside
        assert box.x1 <= figure.bbox.x1 + 1, "nothing is cut off"
        assert len({(line.get_color(), line.get_linestyle()) for line in axis.lines}) == n


def test_a_fan_holds_the_quantiles_of_runs(tmp_path):
    found = results_of(tmp_path / "s", replicates=21)
    table = analyse("ensemble", found, Options(column="gdp_cny")).table
    luck = np.sort([10 + np.sin(seed) for seed in range(1, 22)])  # 100 x 0.1, and the luck
    first = table[table["year"] == 2020].iloc[0]
    assert first["q50"] == pytest.approx(luck[10] * 1e-9)
    assert first["q05"] == pytest.approx(luck[1] * 1e-9)
    assert first["unit"] == "bn CNY/yr"


def test_a_fan_over_a_design_says_that_it_is_more_than_luck(tmp_path):
    """Three settings vary: two levers and a parameter; with replicates alone there is nothing to say."""
    assert mixed_said(seeds_only(5)) == []
    said = mixed_said(load_study(SMALL))
    assert len(said) == 1
    en, zh = said[0]
    assert en.startswith("The runs of a case differ in 3 settings of the design besides luck (")
    assert en.endswith("ranges and shares are over all of its 2 points.")
    assert "3 项设置不同" in zh


# --- discovery --------------------------------------------------------------------------------------------------------


def test_prim_finds_a_planted_box():
    """Interesting where x0 > 0.6 and x1 < 0.5, of four factors; recall and precision at least 0.95."""
    points = np.random.default_rng(3).random((2000, 4))
    planted = (points[:, 0] > 0.6) & (points[:, 1] < 0.5)
    box, _ = prim(points, planted)
    assert sorted(box.bounds) == [0, 1]
    inside = box.holds(points)
    assert (inside & planted).sum() / planted.sum() >= 0.95
    assert (inside & planted).sum() / inside.sum() >= 0.95
    assert (box.coverage, box.density) == ((inside & planted).sum() / planted.sum(), planted[inside].mean())


def _corner(x):
    return (x[:, 0] > 0.6) & (x[:, 1] < 0.5)


def _middle(x):
    return (x[:, 0] > 0.3) & (x[:, 0] < 0.7) & (x[:, 2] > 0.5)


def _noisy(x):
    """A corner where one point in twenty is the other kind."""
    return ((x[:, 0] > 0.6) & (x[:, 3] > 0.4)) ^ (np.random.default_rng(1).random(len(x)) < 0.05)


WORKBENCH = {
    _corner: (3, (2000, 4), 1.0, 0.9975, {0: (0.6001566, 0.99980303), 1: (5.717e-05, 0.50170766)}),
    _middle: (5, (3000, 3), 0.9936, 0.97795276, {0: (0.30204536, 0.69994949), 2: (0.48746956, 0.99938742)}),
    _noisy: (7, (2000, 5), 0.86029412, 0.94736842, {0: (0.59974635, 0.9998559), 3: (0.40318941, 0.99943093)}),
}
"""Seed, shape, and what ``ema_workbench`` 2.5.3 found: coverage, density and bounds of the box with the largest product
of coverage and density on the path of ``Prim(frame, is_case, threshold=0.01).find_box()``."""


@pytest.mark.parametrize("planted", WORKBENCH)
def test_prim_finds_the_boxes_of_the_ema_workbench(planted):
    seed, shape, coverage, density, bounds = WORKBENCH[planted]
    points = np.random.default_rng(seed).random(shape)
    _, path = prim(points, planted(points))
    best = max(path, key=lambda box: box.coverage * box.density)
    assert (best.coverage, best.density) == (pytest.approx(coverage), pytest.approx(density))
    assert {k: pytest.approx(limits, abs=1e-7) for k, limits in bounds.items()} == best.bounds


@pytest.mark.parametrize("planted", WORKBENCH)
def test_prim_agrees_with_an_installed_ema_workbench(planted):
    workbench = pytest.importorskip("ema_workbench.analysis.prim")
    seed, shape, *_ = WORKBENCH[planted]
    points = np.random.default_rng(seed).random(shape)
    is_case = planted(points)
    theirs = workbench.Prim(pd.DataFrame(points).add_prefix("x"), is_case, threshold=0.01).find_box().peeling_trajectory
    _, path = prim(points, is_case)
    ours = [(box.coverage * box.density, box.mass) for box in path]
    k = (theirs["coverage"] * theirs["density"]).idxmax()
    assert max(ours) == pytest.approx((theirs["coverage"][k] * theirs["density"][k], theirs["mass"][k]))


def test_prim_needs_both_kinds_of_points():
    with pytest.raises(ValueError, match="points that are not"):
        prim(np.zeros((5, 2)), np.ones(5, dtype=bool))


def test_discovery_says_when(tmp_path):
    """10 a + 100 x above 16 needs much of both: a up to 0.5 gives 5, x up to 0.13 gives 13."""
    found = results_of(
        tmp_path / "s", design={"kind": "lhs", "samples": 300}, levers={"capex_subsidy_share": {}},
        parameters={"utility_peer": {}, "utility_green": {}}, replicates=1,
    )  # fmt: skip
    finding = analyse("discovery", found, Options(above=15.0))
    assert finding.table["factor"].tolist() == ["capex_subsidy_share", "utility_peer"]
    assert "Capital subsidy > 0." in finding.sentences[0][0]
    assert finding.table["density"].iloc[0] > 0.6


# --- what fits --------------------------------------------------------------------------------------------------------


def test_an_analysis_that_does_not_fit_says_what_it_needs(tmp_path):
    found = results_of(tmp_path / "s")
    for name, needed in (("sobol", "saltelli"), ("morris", "morris"), ("tornado", "one_at_a_time"),
                         ("attribution", "full_factorial"), ("discovery", "lhs or sobol")):  # fmt: skip
        with pytest.raises(ValueError, match=needed):
            analyse(name, found)
    with pytest.raises(ValueError, match="at least two"):
        analyse("paired", found)
    with pytest.raises(ValueError, match="keeps the measures"):
        analyse("regret", found, Options(measure="orders"))
    assert fitting(found.study) == ["ensemble", "peaking"]


def test_every_figure_is_a_png(tmp_path):
    found = results_of(
        tmp_path / "s", policies=["current"], design={"kind": "full_factorial"},
        parts={"money": ["capex_subsidy_share"], "tax": ["tax_credit_share"]},
    )  # fmt: skip
    for name in ("ensemble", "peaking", "attribution", "abatement", "regret"):
        csv, png = analyse(name, found).save(tmp_path / "analyses")
        assert csv.stat().st_size > 0
        assert png.read_bytes().startswith(b"\x89PNG")
