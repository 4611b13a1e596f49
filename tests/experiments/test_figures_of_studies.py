"""Figures of analyses: whole years, legends beside what they name, bars that are seen; names in the English report."""

import re

import numpy as np
import pandas as pd
import pytest
from study_makers import results_of

from transition_sim.experiments.analyses import attribution, ensemble
from transition_sim.experiments.analyses.registry import analyse
from transition_sim.experiments.analyses.sensitivity import neighbours
from transition_sim.experiments.report import write_report

PARTS = {"money": ["capex_subsidy_share"], "tax_credit": ["tax_credit_share"]}
LEVERS = {"levers": {"capex_subsidy_share": None, "carbon_price_floor_cny_per_tco2": {"low": 0, "high": 200}}}
ASKED = {
    "one": {"levers": {}, "parameters": {}, "parts": PARTS, "design": {"kind": "one_at_a_time"}, "replicates": 3},
    "mix": {
        "levers": {}, "parameters": {}, "parts": PARTS, "design": {"kind": "full_factorial"}, "policies": ["current"],
        "replicates": 3, "outcomes": ["cumulative_dual_control_mtco2", "fiscal_net_cost_m_cny", "capex_m_cny"],
    },
    "screening": LEVERS | {"parameters": {}, "design": {"kind": "morris", "samples": 4}},
    "variance": LEVERS | {"parameters": {}, "design": {"kind": "saltelli", "samples": 16}},
}  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return results_of(ASKED, tmp_path_factory)


def drawn(monkeypatch, finding, path):
    """Return the English figure of a finding, laid out."""
    from matplotlib.figure import Figure

    kept = []
    with monkeypatch.context() as patch:
        patch.setattr(Figure, "savefig", lambda figure, *_, **__: kept.append(figure))
        finding.save_figure(path)
    kept[0].draw_without_rendering()
    return kept[0]


@pytest.mark.parametrize("name", ["ensemble", "peaking"])
def test_a_short_run_has_whole_years_along_its_axis(monkeypatch, results, tmp_path, name):
    axis = drawn(monkeypatch, analyse(name, results["one"]), tmp_path / "f.png").axes[0]
    low, high = axis.get_xlim()
    assert high - low <= 6, "on so short an axis the ticks would stand on halves"
    shown = [tick for tick in axis.get_xticks() if low <= tick <= high]
    assert len(shown) >= 2
    assert all(tick == round(tick) for tick in shown)


@pytest.mark.parametrize(
    ("name", "study"), [("tornado", "one"), ("abatement", "mix"), ("morris", "screening"), ("sobol", "variance")]
)
def test_a_figure_says_what_it_shows(monkeypatch, results, tmp_path, name, study):
    finding = analyse(name, results[study])
    assert drawn(monkeypatch, finding, tmp_path / "f.png").get_suptitle() == finding.title[0]


@pytest.mark.parametrize(("name", "study"), [("tornado", "one"), ("attribution", "mix"), ("sobol", "variance")])
def test_a_legend_of_bars_hides_none_of_them(monkeypatch, results, tmp_path, name, study):
    figure = drawn(monkeypatch, analyse(name, results[study]), tmp_path / "f.png")
    box = figure.legends[0].get_window_extent()
    assert all(box.y1 <= axis.get_tightbbox().y0 for axis in figure.axes)
    assert box.y0 >= 0
    assert 0 <= box.x0 < box.x1 <= figure.bbox.x1


def test_names_of_a_screening_stay_inside_their_axis(monkeypatch, results, tmp_path):
    axis = drawn(monkeypatch, analyse("morris", results["screening"]), tmp_path / "f.png").axes[0]
    inside = axis.get_window_extent()
    assert len(axis.texts) == 2
    assert all(text.get_window_extent().x1 <= inside.x1 for text in axis.texts)


def test_a_bar_without_cost_has_an_edge_in_its_colour(monkeypatch, results, tmp_path):
    """A measure that costs the budget nothing is a bar of no height, and a white edge would leave nothing of it."""
    tonnes = np.array([10.0, 9.0, 8.0, 7.0])[None, :, None] + np.zeros((1, 4, 3))  # no part, each alone, all parts
    monkeypatch.setattr(attribution, "cube", lambda _, key: tonnes if key == attribution.CARBON else 0 * tonnes)
    bars = drawn(monkeypatch, analyse("abatement", results["mix"]), tmp_path / "f.png").axes[0].patches
    assert [(bar.get_width(), bar.get_height()) for bar in bars] == [(1, 0), (2, 0)]
    assert all(bar.get_edgecolor() == bar.get_facecolor() for bar in bars)


def test_the_english_report_names_the_levers_of_a_part(results):
    text = write_report(results["one"], "en").read_text(encoding="utf-8")
    words = re.sub(r"<style>.*?</style>|<pre>.*?</pre>|<[^>]*>", " ", text, flags=re.DOTALL)
    assert "Capital subsidy" in words
    assert "capex_subsidy_share" not in words


def test_names_of_points_that_lie_together_stand_below_each_other():
    """Within 6 % of the ranges of 100 and 10: b and c with a; d is 7 % of its spread away."""
    table = pd.DataFrame({
        "factor": ["far", "a", "b", "c", "d"], "mean_size": [100.0, 1.0, 6.9, 1.0, 1.0],
        "spread": [10.0, 0.0, 0.0, 0.5, 0.7],
    })  # fmt: skip
    assert neighbours(table) == [(["far"], 100.0, 10.0), (["a", "b", "c"], 1.0, 0.0), (["d"], 1.0, 0.7)]
    nothing_moves = pd.DataFrame({"factor": ["a", "b"], "mean_size": [0.0, 0.0], "spread": [0.0, 0.0]})
    assert neighbours(nothing_moves) == [(["a", "b"], 0.0, 0.0)]


def test_a_peak_in_the_first_year_is_hatched(monkeypatch, results, tmp_path):
    """40 % of the runs are highest in their first year, and may have peaked before; without any, nothing is hatched."""
    of_runs = ensemble.peak_table
    for share in (0.0, 0.4):
        monkeypatch.setattr(
            ensemble, "peak_table", lambda *given, share=share: of_runs(*given).assign(at_start_share=share)
        )
        shapes = drawn(monkeypatch, analyse("peaking", results["one"]), tmp_path / "f.png").axes[1]
        hatched = [bar.get_width() for bar in shapes.patches if bar.get_hatch()]
        named = "highest in the first year" in " ".join(t.get_text() for t in shapes.get_legend().get_texts())
        assert hatched == ([40.0, 40.0] if share else []), "two policies"
        assert named == bool(share)
        assert shapes.get_title() == "kind of peak"
