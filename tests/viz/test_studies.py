"""Studies from the browser: what is offered, what is refused, and the words for it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from transition_sim.core import kernels
from transition_sim.experiments.library import find_study, list_studies
from transition_sim.experiments.study import load_study
from transition_sim.viz import studies
from transition_sim.viz.pages.research import progress
from transition_sim.viz.studies import Bench, Running, names_of, study_choices, study_facts
from transition_sim.viz.words import Words


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_study_of_the_library_is_offered_with_its_name(language):
    words = Words(language)
    assert [c["id"] for c in study_choices(words)] == list(list_studies())
    assert all(c["name"] and c["name"] != c["id"] for c in study_choices(words))
    assert all(names_of(name, words)[1] for name in list_studies())


def test_facts_count_the_runs():
    """32 mixes of five parts, one place, one policy, two seeds: 64 runs."""
    facts = dict(study_facts(load_study(find_study("q2_mix"), replicates=2), Words("en")))
    assert (facts["Points of the design"], facts["Runs in all"]) == ("32", "64")
    assert facts["Command"] == "transition-sim study run q2_mix --replicates 2"


def test_a_study_that_ended_early_says_so(tmp_path):
    room = SimpleNamespace(words=Words("en"))
    stopped = Running("q2_mix", tmp_path, 4, 2, is_alive=False)
    assert progress(stopped, room).endswith("2 of 4 runs; ended early, no report: start it again")
    assert progress(replace(stopped, is_alive=True), room).endswith("2 of 4 runs")
    (tmp_path / "report_en.html").write_text("x")
    assert progress(replace(stopped, done=4), room).endswith("4 of 4 runs")


def test_while_no_run_ends_the_page_says_what_is_done(tmp_path, monkeypatch):
    """Before the first run rules may be compiled; after the last one the reports are written."""
    room = SimpleNamespace(words=Words("en"))
    begun = Running("q2_mix", tmp_path, 4, 0)
    monkeypatch.setattr(kernels, "is_cold", lambda: True)
    assert progress(begun, room).endswith("0 of 4 runs; the rules of the model are compiled first, a minute or two")
    monkeypatch.setattr(kernels, "is_cold", lambda: False)
    assert progress(begun, room).endswith("0 of 4 runs; the first runs are under way")
    assert progress(replace(begun, done=4), room).endswith("4 of 4 runs; the reports are being written")
    assert progress(replace(begun, done=0, is_alive=False), room).endswith("start it again")


def test_what_is_unknown_or_too_large_is_not_started(monkeypatch):
    bench = Bench()
    monkeypatch.setattr(studies, "MOST_RUNS", 10)
    assert not bench.start("../../etc/passwd", 1)
    assert not bench.start("q2_mix", 1)
    assert bench.look() is None
    bench.close()


def test_a_report_is_there_once_the_process_has_ended(tmp_path):
    (tmp_path / "report_en.html").write_text("x")
    assert Running("q2_mix", tmp_path, 4, 4, is_alive=True).report("en") is None
    assert Running("q2_mix", tmp_path, 4, 4, is_alive=False).report("en") is not None
    assert Running("q2_mix", tmp_path, 4, 4, is_alive=False).report("zh") is None
