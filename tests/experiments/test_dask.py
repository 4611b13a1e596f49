"""A real Dask scheduler and worker processes on this machine, where Dask is installed."""

import time
from contextlib import suppress

import poison_runs
import pytest
from study_makers import seeds_only

from transition_sim.core.errors import ScenarioError
from transition_sim.experiments import pools
from transition_sim.experiments.driver import run_study
from transition_sim.experiments.pools import DaskPool, ProcessPool

distributed = pytest.importorskip("distributed")


def local_cluster(folder, n_workers=2, **of_scheduler):
    return distributed.LocalCluster(
        n_workers=n_workers, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=str(folder),
        scheduler_kwargs=of_scheduler,
    )  # fmt: skip


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with local_cluster(tmp_path_factory.mktemp("dask")) as made:
        yield made


def tables_of(folder):
    return {path.name: path.read_bytes() for path in (folder / "tables").iterdir()}


def test_a_cluster_gives_the_tables_of_processes(cluster, tmp_path):
    study = seeds_only(12)
    run_study(
        study, tmp_path / "dask", scheduler=cluster.scheduler_address, work=poison_runs.calm_work, runs_per_shard=3
    )
    run_study(study, tmp_path / "here", pool=ProcessPool(1), work=poison_runs.calm_work)
    assert tables_of(tmp_path / "dask") == tables_of(tmp_path / "here")


def test_a_poison_run_on_a_cluster_is_one_failed_row(tmp_path):
    """Seed 3 raises and seed 5 ends its worker process, every time that it is tried.

    There are more workers than trials, as a busy machine is slow to start workers anew. Where none is left, the study
    says so, and goes on with another cluster.
    """
    for attempt in range(3):
        cluster = local_cluster(tmp_path / f"cluster{attempt}", n_workers=6, allowed_failures=0)
        with cluster, suppress(ScenarioError):
            found = run_study(
                seeds_only(6), tmp_path / "dask", scheduler=cluster.scheduler_address, work=poison_runs.poisoned_work,
                runs_per_shard=2,
            )  # fmt: skip
            break
    assert found.counts() == {"pending": 0, "done": 4, "failed": 1, "timed out": 0, "killed": 1}


def looked_after_for_30_s(pool):
    for _ in range(60):
        pool.look_after()
        time.sleep(0.5)


def test_a_cluster_that_has_lost_its_workers_is_a_fault(cluster, monkeypatch):
    monkeypatch.setattr(pools, "LOST_AFTER_S", 2)
    pool = DaskPool(cluster.scheduler_address)
    pool.look_after()
    cluster.scale(0)
    with pytest.raises(ScenarioError, match=r"no worker for 2 s.*study resume"):
        looked_after_for_30_s(pool)
    pool.close()


def test_a_scheduler_that_does_not_answer_is_a_fault(monkeypatch):
    monkeypatch.setattr(pools, "ANSWER_WITHIN_S", 1)
    with pytest.raises(ScenarioError, match="no Dask scheduler with workers answers"):
        DaskPool("tcp://127.0.0.1:9")
