"""The desk answers the newest question first, drops the old ones, and fills the band afterwards."""

import threading
import time
from concurrent.futures import Future

import pytest
from pictures import picture

from transition_sim.core.errors import ConservationError
from transition_sim.viz.desk import Desk, View
from transition_sim.viz.draft import Draft, Move, preset_scenario
from transition_sim.viz.gathering import Gathering
from transition_sim.viz.laboratory import Kept


class SlowLaboratory:
    """Runs nothing: pictures by hand, each quarter takes a moment and may be given up."""

    def __init__(self, has_workers=True, quarter_s=0.001, fault=None):
        self.pictures, self.has_workers, self.runs, self.given_up = Kept(100), has_workers, [], 0
        self.quarter_s, self.fault, self.asked = quarter_s, fault, []

    def known(self, scenario, seed):
        return self.pictures.get((scenario.hash, seed))

    def run(self, scenario, seed, on_quarter):
        if (found := self.known(scenario, seed)) is not None:
            return found
        if self.fault is not None:
            raise self.fault
        try:
            for quarter in range(64):
                time.sleep(self.quarter_s)
                on_quarter(quarter, 64)
        except Exception:
            self.given_up += 1
            raise
        self.runs.append((scenario.hash, seed))
        self.pictures.put((scenario.hash, seed), picture(scenario, seed))
        return self.known(scenario, seed)

    def complete(self, one):
        return one

    def submit(self, scenario, seed):
        self.asked.append((scenario.hash, seed))
        future = Future()

        def finish():
            if future.set_running_or_notify_cancel():
                future.set_result((picture(scenario, seed), ""))

        threading.Timer(0.01, finish).start()
        return future


@pytest.fixture
def watch():
    desks, views = [], []

    def open_desk(laboratory, pairs=4):
        desk = Desk(laboratory, views.append, pairs, patience_s=0.0)
        desks.append(desk)
        desk.open()
        return desk, views

    yield open_desk
    for desk in desks:
        desk.close()


def until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.005)


def subsidy(value):
    return Draft().moved("capex_subsidy_share", Move(value, 2025, 2025))


def baseline():
    return preset_scenario("guangan_city", "current")


def test_first_one_pair_then_the_band(watch):
    desk, views = watch(SlowLaboratory())
    desk.ask(subsidy(0.3).scenario, baseline)
    until(lambda: views and views[-1].status == "done")
    assert views[0].status == "computing"
    first = next(v for v in views if v.done)
    assert (first.done, first.status, first.wanted) == (1, "ensemble", 4)
    assert views[-1].done == 4
    assert [p.seed for p in views[-1].policy] == [p.seed for p in views[-1].baseline] == [1, 2, 3, 4]
    assert {p.hash for p in views[-1].policy} == {subsidy(0.3).scenario().hash}


def test_a_lever_that_still_moves_is_run_to_its_end_once(watch):
    """A run takes 64 quarters of 10 ms, and the next value comes after 5 ms: each run but the last is given up."""
    laboratory = SlowLaboratory(quarter_s=0.01)
    desk, views = watch(laboratory)
    for value in (0.2, 0.25, 0.3, 0.35):
        desk.ask(subsidy(value).scenario, baseline)
        time.sleep(0.005)
    until(lambda: views and views[-1].status == "done")
    assert [h for h, _ in laboratory.runs] == [baseline().hash, subsidy(0.35).scenario().hash]
    assert {p.hash for v in views for p in v.policy} == {subsidy(0.35).scenario().hash}


def test_a_run_that_is_no_longer_asked_for_is_given_up(watch):
    laboratory = SlowLaboratory(quarter_s=0.01)
    desk, views = watch(laboratory)
    desk.ask(baseline, baseline)
    until(lambda: views and views[-1].done)
    desk.ask(subsidy(0.2).scenario, baseline)
    time.sleep(0.25)
    desk.ask(subsidy(0.4).scenario, baseline)
    until(lambda: views[-1].status == "done" and views[-1].policy[0].hash == subsidy(0.4).scenario().hash)
    assert laboratory.given_up == 1
    assert subsidy(0.2).scenario().hash not in {p.hash for v in views for p in v.policy}


def test_who_waits_for_runs_is_called_off_by_a_newer_question():
    """A run that never ends, an hour of patience, and a question that came meanwhile: nothing is waited for."""
    laboratory = SlowLaboratory()
    laboratory.submit = lambda scenario, seed: Future()
    gathering, newer = Gathering(laboratory), Future()
    gathering.ask([baseline()], [1])
    newer.set_result(None)
    gathering.take(3600.0, newer)
    assert (gathering.n_waiting, gathering.n_found) == (1, 0)


def test_the_old_answer_stays_while_a_new_one_is_computed(watch):
    desk, views = watch(SlowLaboratory())
    desk.ask(baseline, baseline)
    until(lambda: views and views[-1].status == "done")
    n = len(views)
    desk.ask(subsidy(0.2).scenario, baseline)
    until(lambda: len(views) > n)
    assert (views[n].status, views[n].done) == ("computing", 4)


def test_policy_and_baseline_alike_are_run_once(watch):
    laboratory = SlowLaboratory()
    desk, views = watch(laboratory)
    desk.ask(baseline, baseline)
    until(lambda: views and views[-1].status == "done")
    assert len(laboratory.runs) == 1
    assert len(laboratory.asked) == 3
    assert views[-1].done == 4


def test_without_workers_there_is_one_pair(watch):
    desk, views = watch(SlowLaboratory(has_workers=False))
    desk.ask(subsidy(0.2).scenario, baseline)
    until(lambda: views and views[-1].status == "done")
    assert views[-1].done == 1


def test_a_failed_run_is_shown_and_the_desk_goes_on(watch):
    laboratory = SlowLaboratory(fault=ConservationError("B08 money", 1.5, "CNY", "2027Q3"))
    desk, views = watch(laboratory)
    desk.ask(baseline, baseline)
    until(lambda: views and views[-1].status == "failed")
    assert "B08" in str(views[-1].error)
    laboratory.fault = None
    desk.ask(baseline, baseline)
    until(lambda: views[-1].status == "done")
    assert views[-1].error is None


def test_a_closed_desk_is_silent(watch):
    desk, views = watch(SlowLaboratory(quarter_s=0.005))
    desk.ask(baseline, baseline)
    until(lambda: len(views) == 1)
    desk.close()
    time.sleep(0.2)
    assert [v.status for v in views] == ["computing"]


def test_kept_things_are_the_last_used():
    kept = Kept(2)
    for key in "ab":
        kept.put(key, key)
    kept.get("a")
    kept.put("c", "c")
    assert (kept.get("a"), kept.get("b"), kept.get("c"), len(kept)) == ("a", None, "c", 2)


def test_pairs_are_those_that_have_both_halves():
    one = picture(baseline(), 1)
    assert View(policy=(one, one), baseline=(one,)).done == 1
