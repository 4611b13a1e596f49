"""The engine and the store: nothing lost, nothing doubled, whatever dies. Runs here need no model."""

import dataclasses
import os
import shutil

import numpy as np
import pandas as pd
import poison_runs
import pytest
from study_makers import SMALL, HerePool, seeds_only

from transition_sim.core.errors import ScenarioError
from transition_sim.experiments import driver, store
from transition_sim.experiments.driver import check_disk, estimated, run_study
from transition_sim.experiments.engine import Progress, shard_size, shard_sizes
from transition_sim.experiments.runs import task_of
from transition_sim.experiments.store import Store
from transition_sim.experiments.study import load_study
from transition_sim.experiments.tables import read_results


def tables_of(folder):
    return {name: (folder / "tables" / f"{name}.parquet").read_bytes() for name in ("runs", "annual")}


def here(study, folder, **more):
    return run_study(study, folder, pool=HerePool(), work=poison_runs.calm_work, **more)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine") / "whole"
    here(seeds_only(12), folder)
    return folder


def test_every_run_has_the_values_of_its_seed(whole):
    results = read_results(whole)
    assert results.done["orders"].tolist() == [poison_runs.values_of(seed)[0] for seed in range(12)]
    assert results.annual("territorial_tco2").loc[5].tolist() == poison_runs.values_of(5)[1]


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_tables_are_byte_equal_for_any_shard_size(whole, tmp_path, size):
    here(seeds_only(12), tmp_path / "other", runs_per_shard=size)
    assert tables_of(tmp_path / "other") == tables_of(whole)


def test_poison_runs_become_rows_and_the_rest_is_done(tmp_path):
    """Seed 3 raises, seed 5 ends its process, seed 7 never ends (limit 4 s); all others give their values."""
    found = run_study(seeds_only(12), tmp_path / "s", workers=2, work=poison_runs.poisoned_work, runs_per_shard=4)
    assert found.counts() == {"pending": 0, "done": 9, "failed": 1, "timed out": 1, "killed": 1}
    runs = pd.read_parquet(tmp_path / "s" / "tables" / "runs.parquet")
    bad = runs[runs["status"] != "done"]
    assert dict(zip(bad["seed"], bad["status"], strict=True)) == {3: "failed", 5: "killed", 7: "timed out"}
    assert bad["error"].tolist()[0] == "ZeroDivisionError: division of run three"
    good = runs[runs["status"] == "done"]
    assert good["orders"].tolist() == [poison_runs.values_of(s)[0] for s in good["seed"]]
    # mended, only the three bad ones are done again, and the tables are those of a study without trouble
    again = run_study(
        seeds_only(12), tmp_path / "s", workers=1, work=poison_runs.calm_work, retry=("failed", "timed out", "killed")
    )
    assert again.counts()["done"] == 12
    here(seeds_only(12), tmp_path / "calm")
    assert tables_of(tmp_path / "s") == tables_of(tmp_path / "calm")


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_no_failing_write_leaves_a_half_result(whole, tmp_path, monkeypatch, name):
    """The n-th fsync or rename fails, for all n: the study stops, and the next start gives the same tables."""
    real, n = getattr(os, name), 0
    while True:
        n += 1
        folder, calls = tmp_path / f"{name}{n}", [0]

        def failing(*arguments, calls=calls, n=n):
            calls[0] += 1
            if calls[0] == n:
                raise OSError(28, "No space left on device")
            return real(*arguments)

        with monkeypatch.context() as patched:
            patched.setattr(store.os, name, failing)
            try:
                here(seeds_only(12), folder, runs_per_shard=4)
                finished = True
            except OSError:
                finished = False
        if finished and calls[0] < n:
            break
        assert not list(folder.rglob("*.part"))
        here(seeds_only(12), folder, runs_per_shard=4)
        assert tables_of(folder) == tables_of(whole)
    assert n > 5


@pytest.mark.parametrize("damage", ["truncated", "flipped", "swapped"])
def test_damaged_shards_are_found_and_done_again(whole, tmp_path, damage):
    folder = tmp_path / "copy"
    shutil.copytree(whole, folder)
    path = sorted((folder / "shards").iterdir())[1]
    data = bytearray(path.read_bytes())
    if damage == "truncated":
        data = data[: len(data) // 2]
    elif damage == "flipped":
        data[len(data) // 2] ^= 1
    else:
        data = bytearray(sorted((folder / "shards").iterdir())[0].read_bytes())
    path.write_bytes(data)
    found = Store(folder).scan(12)
    assert found.damaged == [path]
    assert found.counts()["pending"] > 0
    here(seeds_only(12), folder)
    assert tables_of(folder) == tables_of(whole)
    assert [p.name for p in (folder / "damaged").iterdir()] == [path.name]


def test_a_second_driver_is_refused(whole):
    with Store(whole).lock(), pytest.raises(ScenarioError, match="another process works on this study"):
        here(seeds_only(12), whole)


def test_a_changed_study_is_refused_and_the_shards_stay(whole):
    before = sorted(p.name for p in (whole / "shards").iterdir())
    with pytest.raises(ScenarioError, match="study has changed since"):
        here(seeds_only(13), whole)
    assert sorted(p.name for p in (whole / "shards").iterdir()) == before


def test_another_model_is_refused(whole, monkeypatch):
    monkeypatch.setattr(store, "model_hash", lambda: "other")
    with pytest.raises(ScenarioError, match="model has changed since"):
        here(seeds_only(12), whole)


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ScenarioError, match="something other than a study"):
        here(seeds_only(12), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_study_too_large_for_the_disk_is_refused(tmp_path):
    progress = Progress(10, fresh=2, run_s=0.5, shard_bytes=2000)
    estimate = estimated(progress, 100, 2, 2)
    # 1000 bytes a run in shards, half as much again in tables on top; 100 runs of 0.5 s over two workers
    assert (estimate.total_bytes, estimate.total_s) == (100 * 1000 * 2.5, 25.0)
    check_disk(tmp_path, estimate)
    with pytest.raises(ScenarioError, match="needs about"):
        check_disk(tmp_path, dataclasses.replace(estimate, total_bytes=1e18))


def test_shards_last_seconds_and_feed_every_worker():
    assert shard_size(0.05, 100_000, 2) == 100  # 5 s
    assert shard_size(0.0001, 100_000, 2) == 500
    assert shard_size(0.5, 16, 2) == 2  # 4 shards a worker
    assert shard_size(60.0, 1000, 2) == 1


def test_the_last_shards_are_small_so_that_workers_end_together():
    sizes = list(shard_sizes(0.25, np.zeros(100), 2))
    # at most 100 / (4 * 2) = 12; then a quarter of the 40, 30, 22, 16, 12, 9, 6, 4, 3, 2, 1 that are left, rounded up
    assert sizes == [12] * 5 + [10, 8, 6, 4, 3, 3, 2, 1, 1, 1, 1]
    assert list(shard_sizes(60.0, np.zeros(3), 2)) == [1, 1, 1]


def test_a_shard_ends_where_the_next_run_shares_least():
    """Pairs share 64 quarters and fours 4 of them; 5 runs make a shard, which therefore ends after 4."""
    shared = np.tile([0, 64, 4, 64], 10)
    sizes = list(shard_sizes(1.0, shared, 2))
    assert shard_size(1.0, 40, 2) == 5
    # at most 5; at most 4 of the 16 that are left after six, 3 of 12 and 10 (a pair), 2 of 8 and 6, 1 of the last four
    assert sizes == [4] * 7 + [2, 2, 2, 2] + [1, 1, 1, 1]
    assert sum(sizes) == 40


def test_a_record_restores_the_study(tmp_path):
    study = load_study(SMALL)
    Store(tmp_path / "s").open(study)
    again = Store(tmp_path / "s").study()
    assert again.hash == study.hash
    assert np.array_equal(again.points, study.points)
    assert task_of(again, [3, 5]).contexts == task_of(study, [3, 5]).contexts
    text = (tmp_path / "s" / "study.json").read_text().replace('"replicates": 2', '"replicates": 3')
    (tmp_path / "s" / "study.json").write_text(text)
    with pytest.raises(ScenarioError, match="another study than it was written for"):
        Store(tmp_path / "s").study()


def test_the_estimate_is_given_before_the_rest_is_run(tmp_path):
    seen = []
    here(seeds_only(12), tmp_path / "s", on_estimate=lambda e: seen.append(e.pending))
    assert seen == [12 - driver.PROBES * HerePool.size]
