"""The components rendered without a browser: widgets hold what the view model gives, actions come back."""

import json
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import pytest
import solara
from ipyvue import Html, VueTemplate
from pictures import picture

from transition_sim.viz import app
from transition_sim.viz.laboratory import Kept
from transition_sim.viz.session import PAGES
from transition_sim.viz.settings import Settings, use
from transition_sim.viz.words import Words


class HandLaboratory:
    """Pictures by hand instead of runs."""

    has_workers = False

    def __init__(self):
        self.fault, self.pictures, self.worlds = None, Kept(100), Kept(2)

    def known(self, scenario, seed):
        return self.pictures.get((scenario.hash, seed))

    def run(self, scenario, seed, on_quarter):
        if self.fault is not None:
            raise self.fault
        self.pictures.put((scenario.hash, seed), picture(scenario, seed))
        return self.known(scenario, seed)

    def complete(self, one):
        return one

    def world(self, scenario, seed, on_quarter):
        raise RuntimeError("no world by hand")


@pytest.fixture
def page(monkeypatch):
    laboratory = HandLaboratory()
    monkeypatch.setattr(app, "laboratory", laboratory)
    use(Settings("guangan_city", "en", 1))
    _, context = solara.render(app.Page(), handle_error=False)
    yield Rendered(context, laboratory)
    context.close()


class Plain:
    """A widget whose JSON text reads as plain data."""

    def __init__(self, widget):
        self.widget = widget

    def __getattr__(self, name):
        text = getattr(self.widget, f"{name}_json", None)
        return getattr(self.widget, name) if text is None else json.loads(text)


class Rendered:
    def __init__(self, context, laboratory):
        self.context, self.laboratory = context, laboratory

    def widget(self, name):
        return next(iter(self.widgets(name)), None)

    def widgets(self, name):
        """Widgets of a template, by its file."""
        found = self.context.find(VueTemplate).widgets
        return [Plain(w) for w in found if (w.template_file or ("", ""))[1] == f"{name}.vue"]

    def act(self, **action):
        """Act as a widget does; once the answer is there, so that no other thread renders meanwhile."""
        self.until(lambda: self.widget("Status").s["kind"] in ("done", "failed"))
        self.widget("Head").vue_act(action)

    @property
    def is_broken(self):
        return any("ts-broken" in (w.class_ or "") for w in self.context.find(Html).widgets)

    def until(self, condition, seconds=10.0):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not come"
            time.sleep(0.01)


def test_the_first_answer_brings_cards_charts_and_targets(page):
    page.until(lambda: all(page.widget(name) is not None for name in ("Chart", "Numbers", "Targets", "Status")))
    assert [w.c["id"] for w in page.widgets("Chart")] == ["emissions", "adoption", "payers"]
    assert len(page.widget("Numbers").cards) >= 8
    assert page.widget("Targets").groups
    assert page.widget("Status").caution


def test_a_moved_lever_shows_at_once_and_is_asked(page):
    page.until(lambda: page.widget("Status").s["kind"] == "done")
    page.widget("Levers").vue_act({"do": "move", "key": "capex_subsidy_share", "value": 0.4})
    page.until(lambda: page.widget("Levers").values["capex_subsidy_share"]["value"] == 0.4)
    assert page.widget("Head").h["can_undo"]
    assert "capex_subsidy_share:0.4" in page.widget("Head").h["query"]
    page.act(do="undo")
    page.until(lambda: page.widget("Levers").values["capex_subsidy_share"]["value"] == 0.1)


def test_every_page_renders_in_both_languages(page):
    for language in ("zh-CN", "en"):
        page.act(do="language")
        page.until(lambda lang=language: page.widget("Head").h["lang"] == lang)
        for key in (*reversed(PAGES), "explore"):
            page.act(do="page", key=key)
            page.until(lambda key=key: page.widget("Head").h["page"] == key)
            assert not page.is_broken, key
    page.act(do="step", key="queue", step=1)
    page.until(lambda: page.widget("Lessons") is not None and page.widget("Lessons").taken)
    assert page.widget("Lessons").taken["question"]
    page.act(do="page", key="files")
    page.until(lambda: page.widget("Files") is not None)
    assert "capex_subsidy_share: 0.5" in page.widget("Files").text


def test_a_kept_scenario_stands_beside_the_baseline(page):
    page.act(do="preset", key="ambitious")
    page.until(lambda: page.widget("Head").h["preset"] == "ambitious")
    page.act(do="pin")
    page.until(lambda: page.widget("Head").h["pinned"] == "1 kept")
    page.act(do="preset", key="none")
    page.act(do="page", key="compare")
    names = ["Baseline: Current plan", "A · Ambitious", "My policy"]
    page.until(lambda: page.widget("Differences") is not None and page.widget("Differences").head == names)
    page.act(do="take", index=0)
    page.until(lambda: page.widget("Head").h["preset"] == "ambitious")
    page.act(do="unpin", index=0)
    page.until(lambda: page.widget("Head").h["pinned"] == "")


def test_a_failed_run_shows_its_sentence(page):
    page.until(lambda: page.widget("Chart") is not None)
    page.laboratory.fault = RuntimeError("out of memory\nTraceback")
    page.act(do="preset", key="none")
    page.until(lambda: page.widget("Status").s["error"])
    assert page.widget("Status").s["error"] == "The run stopped. (out of memory)"
    assert page.widget("Chart") is not None  # the last answer stays


def test_a_known_kind_of_failure_has_words_of_the_language():
    text = "A process in the process pool was terminated abruptly"
    for error, en, zh in (
        (MemoryError(), "memory ran out. (MemoryError)", "内存不足。（MemoryError）"),
        (
            BrokenProcessPool(text), f"a worker process was ended from outside. (BrokenProcessPool: {text})",
            f"工作进程被外部终止。（BrokenProcessPool: {text}）",
        ),
    ):  # fmt: skip
        assert app.scene.failure(error, Words("en")) == f"The run stopped: {en}"
        assert app.scene.failure(error, Words("zh")) == f"运行中断：{zh}"


def test_a_bad_upload_shows_its_faults(page):
    page.act(do="page", key="files")
    page.act(do="upload", text="format: policy/1\nlevers: {capex_subsidy_share: 9}")
    page.until(lambda: page.widget("Files") is not None and page.widget("Files").faults)
    assert "capex_subsidy_share" in str(page.widget("Files").faults)
    assert page.widget("Head").h["preset"] == "current"  # the draft stays as it was


def test_a_page_that_cannot_be_shown_is_a_sentence(monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(app.scene, "head", fail)
    use(Settings("guangan_city", "en", 1))
    monkeypatch.setattr(app, "laboratory", HandLaboratory())
    _, context = solara.render(app.Page(), handle_error=False)
    shown = " ".join(str(w.children) for w in context.find(Html).widgets)
    assert "This page could not be shown." in shown
    assert "secret" not in shown
    context.close()


class SlowLaboratory(HandLaboratory):
    """Answers levers by hand; of the runs that are asked beside, the first ``n_quick`` come, the others never."""

    has_workers, n_quick = True, 0

    def __init__(self):
        super().__init__()
        self.asked = []

    def submit(self, scenario, seed):
        future = Future()
        self.asked.append(future)
        if len(self.asked) <= self.n_quick:
            future.set_result((picture(scenario, seed), ""))
        return future


@pytest.mark.parametrize(("key", "runs"), [("uncertainty", 48), ("attribution", 128)])
def test_a_long_computation_says_how_far_it_is_and_can_be_stopped(monkeypatch, key, runs):
    """24 draws x 2 policies = 48 runs; 2^5 mixes x 4 seeds = 128 runs, of which five were given back."""
    laboratory = SlowLaboratory()
    monkeypatch.setattr(app, "laboratory", laboratory)
    use(Settings("guangan_city", "en", 1))
    _, context = solara.render(app.Page(), handle_error=False)
    page = Rendered(context, laboratory)
    try:
        page.act(do="baseline", key="none")
        page.act(do="page", key=key)
        page.until(lambda: page.widget("Job") is not None and page.widget("Job").enabled)
        assert page.widget("Job").stop_word == "", "nothing runs that could be stopped"
        laboratory.n_quick = len(laboratory.asked) + 5
        page.widget("Job").vue_act({})
        page.until(lambda: page.widget("Job").state.startswith(("5 of", "6 of", "7 of", "8 of", "9 of")))
        job, done = page.widget("Job"), page.widget("Job").state.split()[0]
        assert job.state.split(" runs")[0] == f"{done} of {runs}"
        assert job.share == pytest.approx(int(done) / runs)
        assert job.stop_word == "Stop"
        assert not job.enabled
        job.vue_act({"do": "stop"})
        page.until(lambda: page.widget("Job").state.startswith("Stopped"))
        assert page.widget("Job").state.startswith(f"Stopped after {done} of {runs} runs")
        assert page.widget("Job").stop_word == ""
        assert page.widget("Job").enabled
        page.until(lambda: all(f.cancelled() for f in laboratory.asked[laboratory.n_quick :]))
        asked_before = len(laboratory.asked)
        page.widget("Job").vue_act({})
        page.until(lambda: len(laboratory.asked) > asked_before)
        assert len(laboratory.asked) - asked_before <= runs - 5, "what was run is not run again"
    finally:
        context.close()
