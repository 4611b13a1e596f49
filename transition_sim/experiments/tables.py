"""The tables of a study, made of its shards: a row a run, a row a run and year; byte-equal however they were worked."""

import os
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.experiments.runs import DONE
from transition_sim.experiments.store import Found, Store, read_shard, sync_folder
from transition_sim.experiments.study import Study

BATCH_RUNS = 20_000
KEPT_SHARDS = 16


@dataclass
class _Shards:
    """The last shards that were read."""

    files: list[Path]
    kept: OrderedDict[int, pa.Table] = field(default_factory=OrderedDict)

    def table(self, number: int) -> pa.Table:
        if number not in self.kept:
            table = read_shard(self.files[number])
            if table is None:
                raise OSError(f"{self.files[number]}: the shard changed while it was read; give the command again")
            self.kept[number] = table
            while len(self.kept) > KEPT_SHARDS:
                self.kept.popitem(last=False)
        return self.kept[number]

    def rows(self, found: Found, runs: np.ndarray) -> pa.Table:
        """Return the rows of runs, in their order."""
        shards = found.shard[runs]
        pieces, order = [], []
        for number in np.unique(shards):
            here = np.flatnonzero(shards == number)
            pieces.append(self.table(int(number)).take(pa.array(found.row[runs[here]])))
            order.append(here)
        return pa.concat_tables(pieces).take(pa.array(np.argsort(np.concatenate(order), kind="stable")))


def collect(study: Study, store: Store, found: Found) -> None:
    """Write ``tables/runs.parquet`` and ``tables/annual.parquet`` from the shards, each whole or not at all."""
    store.tables.mkdir(exist_ok=True)
    finished = np.flatnonzero(found.shard >= 0)
    shards = _Shards(found.files)
    paths = [store.tables / "runs.parquet", store.tables / "annual.parquet"]
    parts = [p.with_name(f".{p.name}.{os.getpid()}.part") for p in paths]
    writers: list[pq.ParquetWriter | None] = [None, None]
    try:
        for batch in _batches(finished):
            table = shards.rows(found, batch)
            for k, made in enumerate((_run_rows(study, batch, table), _annual_rows(study, batch, table))):
                writer = writers[k] = writers[k] or pq.ParquetWriter(parts[k], made.schema, compression="zstd")
                writer.write_table(made)
        for k, writer in enumerate(writers):
            if writer is not None:
                writer.close()
                with parts[k].open("rb") as stream:
                    os.fsync(stream.fileno())
                os.replace(parts[k], paths[k])
        sync_folder(store.tables)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


def _batches(runs: np.ndarray) -> Iterator[np.ndarray]:
    for first in range(0, runs.size, BATCH_RUNS):
        yield runs[first : first + BATCH_RUNS]


def _run_rows(study: Study, runs: np.ndarray, table: pa.Table) -> pa.Table:
    asked = study.run_table(runs)
    columns = {name: pa.array(asked[name]) for name in asked.columns}
    columns |= {name: table[name].combine_chunks() for name in ("status", "error")}
    columns |= {m.key: table[f"measure:{m.key}"].combine_chunks() for m in study.measures}
    return pa.table(columns)


def _annual_rows(study: Study, runs: np.ndarray, table: pa.Table) -> pa.Table:
    """Return a row a finished run and year; runs without an answer have none."""
    done = np.array([s == DONE for s in table["status"].to_pylist()], dtype=bool)
    years = np.asarray(study.years, dtype=np.int32)
    kept = table.filter(pa.array(done))
    columns: dict[str, pa.Array] = {
        "run": pa.array(np.repeat(runs[done], years.size)),
        "year": pa.array(np.tile(years, int(done.sum()))),
    }
    for name in study.columns:
        columns[name] = pa.array(kept[f"annual:{name}"].combine_chunks().flatten())
    return pa.table(columns)


# --- reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Results:
    """A study with its tables, for analyses.

    Attributes
    ----------
    study : Study
    folder : Path
    """

    study: Study
    folder: Path

    @cached_property
    def runs(self) -> pd.DataFrame:
        """A row a run, indexed by its number: what it was asked, its status, its measures."""
        return pd.read_parquet(self.folder / "tables" / "runs.parquet").set_index("run", drop=False)

    @cached_property
    def done(self) -> pd.DataFrame:
        """The rows of the runs that came to their end."""
        return self.runs[self.runs["status"] == DONE]

    def annual(self, column: str) -> pd.DataFrame:
        """Return an annual column, a row a finished run, a column a year.

        Raises
        ------
        ValueError
            When the study does not keep the column.
        """
        if column not in self.study.columns:
            raise ValueError(f"the study keeps {', '.join(self.study.columns)}, not {column!r}")
        table = pq.read_table(self.folder / "tables" / "annual.parquet", columns=["run", column])
        n = len(self.study.years)
        values = table[column].to_numpy().reshape(-1, n)
        return pd.DataFrame(values, index=table["run"].to_numpy()[::n], columns=list(self.study.years))

    def measure(self, key: str) -> pd.Series:
        """Return a measure of every finished run, indexed by run.

        Raises
        ------
        ValueError
            When the study does not keep the measure.
        """
        keys = [m.key for m in self.study.measures]
        if key not in keys:
            raise ValueError(f"the study keeps {', '.join(keys)}, not {key!r}")
        return self.done[key]


def read_results(folder: str | Path) -> Results:
    """Return a study with its tables.

    Raises
    ------
    ScenarioError
        When the folder holds no study, or none of its runs came to an end.
    """
    store = Store(Path(folder))
    study = store.study()
    results = Results(study, store.folder)
    if not (store.tables / "runs.parquet").is_file() or results.done.empty:
        n_done = store.scan(study.n_runs).counts()[DONE]
        rule = (
            f"the study stopped before its tables were made; {n_done} of {study.n_runs} runs are done"
            if n_done
            else "the study has no finished run yet"
        )
        remedy = f"Go on with 'transition-sim study resume {folder}'."
        raise ScenarioError([Fault(str(folder), None, "study", "", rule, remedy)])
    return results
