"""Studies from the browser: what is offered, what is refused, and the words for it."""

import zipfile
from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace

import pytest

from transition_sim.core import kernels
from transition_sim.experiments.library import find_study, list_studies
from transition_sim.experiments.study import load_study
from transition_sim.viz import studies
from transition_sim.viz.own_study import OWN
from transition_sim.viz.pages.research import progress
from transition_sim.viz.studies import Bench, Running, names_of, study_choices, study_facts
from transition_sim.viz.words import Words


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_study_of_the_library_is_offered_with_its_name(language):
    words = Words(language)
    assert [c["id"] for c in study_choices(words)] == [OWN, *list_studies()]
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
    assert progress(stopped, room).endswith(
        "2 of 4 runs; ended early: what was run is kept, go on with it or start another"
    )
    assert progress(replace(stopped, done=4), room).endswith("; ended before its reports were written: go on with it")
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
    assert progress(replace(begun, done=0, is_alive=False), room).endswith("or start another")


def test_what_is_too_large_is_not_started(monkeypatch):
    bench = Bench()
    monkeypatch.setattr(studies, "MOST_RUNS", 10)
    assert not bench.start(load_study("q2_mix", replicates=1))
    assert bench.look() is None
    assert not bench.resume()
    bench.close()


def test_a_report_is_there_once_the_process_has_ended(tmp_path):
    (tmp_path / "report_en.html").write_text("x")
    assert Running("q2_mix", tmp_path, 4, 4, is_alive=True).report("en") is None
    assert Running("q2_mix", tmp_path, 4, 4, is_alive=False).report("en") is not None
    assert Running("q2_mix", tmp_path, 4, 4, is_alive=False).report("zh") is None


def test_the_page_says_what_a_run_was_measured_to_take(tmp_path):
    """4 s a run, 30 of 32 left: two minutes; nothing is promised before."""
    room = SimpleNamespace(words=Words("en"))
    begun = Running("q2_mix", tmp_path / "study", 32, 2)
    assert studies.measured_run_s(begun.folder) is None
    assert progress(begun, room).endswith("2 of 32 runs")
    (tmp_path / studies.MEASURED).write_text("4.0")
    told = replace(begun, run_s=studies.measured_run_s(begun.folder))
    assert progress(told, room).endswith("2 of 32 runs; a run takes 4.00 s (measured), about 2 min left")
    for language in ("en", "zh"):
        assert "two" not in Words(language)("study_slow")
        assert "秒" not in Words(language)("study_slow")


class HandProcess:
    """A process that works until it is told to end."""

    works = True

    def __init__(self, target=None, args=()):
        self.arguments = args

    def start(self):
        pass

    def is_alive(self):
        return self.works

    def terminate(self):
        self.works = False

    def join(self, seconds=None):
        pass


@pytest.fixture
def bench(monkeypatch):
    """A bench whose processes only claim to work."""
    made = Bench()
    monkeypatch.setattr(studies.multiprocessing, "get_context", lambda kind: SimpleNamespace(Process=HandProcess))
    yield made
    made.close()


def small(replicates=1):
    """Return a study of two runs."""
    content = {"format": "study/1", "id": OWN, "places": ["minimal"], "policies": ["none", "current"], "until": 2021}
    return load_study(content, replicates=replicates)


def test_only_who_started_a_study_can_stop_it(bench):
    assert bench.start(small(), "one")
    assert not bench.start(small(), "two"), "one works"
    assert not bench.stop("two")
    assert not bench.stop("")
    seen = bench.look("two")
    assert seen.is_alive
    assert seen.owner == "one"
    room = SimpleNamespace(words=Words("en"))
    assert "another visitor started it" in progress(seen, room, "two")
    assert "another visitor" not in progress(seen, room, "one")
    assert bench.stop("one")
    assert not bench.look("one").is_alive
    assert not bench.stop("one"), "nothing runs any more"


def test_each_visitor_keeps_their_last_study_and_sees_no_other(bench):
    assert bench.start(small(), "one")
    bench.stop("one")
    assert bench.look("two") is None
    assert bench.start(small(2), "two")
    bench.stop("two")
    assert [bench.look(name).n_runs for name in ("one", "two")] == [2, 4]
    old = bench.look("one").folder.parent
    assert old.is_dir()
    assert bench.start(small(3), "one")
    assert not old.exists(), "a visitor's earlier study makes room"


def test_a_study_that_was_stopped_goes_on_where_it_was(bench):
    """The same folder and the same content; nobody else's, and not while another one works."""
    assert bench.start(small(), "one")
    first = bench._process.arguments
    assert not bench.resume("one"), "it works"
    bench.stop("one")
    assert bench.look("one").can_be_resumed_by("one")
    assert not bench.look("one").can_be_resumed_by("two")
    assert not bench.resume("two")
    assert bench.resume("one")
    assert bench._process.arguments == first
    bench.stop("one")
    folder = bench.look("one").folder
    folder.mkdir()
    (folder / "report_en.html").write_text("x")
    assert not bench.resume("one"), "it came to its end"


def test_the_work_of_a_process_ends_with_reports_and_tables(tmp_path, monkeypatch):
    """Two runs over a year, the life of the process in this one; the archive holds reports, tables and record."""
    monkeypatch.setattr(studies.signal, "signal", lambda number, handler: None)
    monkeypatch.setattr(studies.os, "nice", lambda by: 0)
    study = small()
    studies.work(study.spec.model_dump(mode="json"), str(tmp_path / "study"), ("transition-sim",))
    ended = Running(OWN, tmp_path / "study", 2, 2, is_alive=False)
    assert not ended.can_be_resumed_by("")
    with zipfile.ZipFile(BytesIO(ended.archive())) as kept:
        names = {name.removeprefix("my_study/") for name in kept.namelist()}
        runs = kept.read("my_study/runs.csv").decode()
    assert {"report_en.html", "report_zh.html", "runs.csv", "annual.csv", "manifest.json", "study.json"} <= names
    assert "lock" not in names
    assert len(runs.splitlines()) == 1 + 2
