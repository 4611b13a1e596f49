"""Figures of the scoreboard and of the park tests: nothing lies over a title or the mark of a grade."""

from types import SimpleNamespace

import pandas as pd
import pytest
from matplotlib.figure import Figure

import transition_sim as ts
from transition_sim.cli import park_figure, scoreboard_figure
from transition_sim.cli.park_words import ParkWords
from transition_sim.cli.scoreboard_report import BoardWords
from transition_sim.cli.words import Words


@pytest.mark.parametrize("rows", [1, 43])
def test_the_title_of_the_scoreboard_stands_above_all_rows(monkeypatch, tmp_path, rows):
    kept = []
    monkeypatch.setattr(scoreboard_figure, "_draw_row", lambda *_: None)
    monkeypatch.setattr(Figure, "savefig", lambda figure, name, **_: (kept.append(figure), open(name, "wb").close()))
    board = SimpleNamespace(
        assessments=[SimpleNamespace(run_values=(1.0,))] * rows, scenario=ts.load_scenario("guangan_city")
    )
    scoreboard_figure.draw_scoreboard(board, BoardWords(Words("en")), "Current plan", tmp_path / "f.png")
    [figure] = kept
    figure.draw_without_rendering()
    bottom = figure._suptitle.get_window_extent().y0
    assert bottom > max(axis.get_window_extent().y1 for axis in figure.axes)
    assert figure._suptitle.get_window_extent().y1 <= figure.bbox.y1


def test_letters_of_grades_stand_above_their_lines_and_points_are_named():
    names = [*park_figure.TRACKS, "score"]
    near_zero = SimpleNamespace(
        runs=pd.DataFrame({name: [50.0, 60.0] for name in names}), summary=dict.fromkeys(names, 55.0)
    )
    axis = Figure().subplots()
    test = SimpleNamespace(near_zero=near_zero, scenario=ts.load_scenario("electronics_park"))
    park_figure._draw_tracks(axis, test, ParkWords(Words("en")))
    axis.figure.draw_without_rendering()
    letters = {text.get_text(): text.get_window_extent() for text in axis.texts}
    assert set(letters) == {"A", "B", "C"}
    assert min(box.y0 for box in letters.values()) >= axis.get_window_extent().y1
    assert axis.get_xlabel() == "points"
