"""The folder of a study: what was asked, the shards, the tables. What is finished is read from the shards alone.

A shard is one Parquet file whose name holds the hash of its bytes; it appears whole or not at all (written beside,
synced, renamed). A shard whose bytes do not give its hash is set aside and its runs are done again.
"""

import hashlib
import json
import os
import platform
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.core.provenance import model_hash, package_versions
from transition_sim.experiments.runs import DONE, FAILED, KILLED, TIMED_OUT, Answer
from transition_sim.experiments.study import Study, restore_study
from transition_sim.scenarios.extensions import changed_since, used
from transition_sim.version import __version__

PENDING = "pending"
STATES = (PENDING, DONE, FAILED, TIMED_OUT, KILLED)
MARK = "study.json"
_TEMPORARY = ".part"


@dataclass
class Found:
    """What the shards hold.

    Attributes
    ----------
    state : ndarray of u1, shape (n_runs,)
        Index into ``STATES``.
    shard, row : ndarray of int, shape (n_runs,)
        Where the row of each run stands; -1 where there is none.
    files : list of Path
        Sound shards, older attempts first.
    damaged : list of Path
    seconds : float
        Sum over the runs that are kept.
    attempt : int
        The latest one.
    """

    state: np.ndarray
    shard: np.ndarray
    row: np.ndarray
    files: list[Path]
    damaged: list[Path]
    seconds: float = 0.0
    attempt: int = 0

    def counts(self) -> dict[str, int]:
        """Return how many runs are in each state."""
        return {name: int(n) for name, n in zip(STATES, np.bincount(self.state, minlength=len(STATES)), strict=True)}

    def runs(self, *states: str) -> np.ndarray:
        """Return the numbers of the runs in some states."""
        return np.flatnonzero(np.isin(self.state, [STATES.index(s) for s in states]))


class Store:
    """A folder that holds a study.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.shards = self.folder / "shards"
        self.tables = self.folder / "tables"

    def __str__(self) -> str:
        return str(self.folder)

    # --- what was asked -----------------------------------------------------------------------------------------

    def open(self, study: Study, command: Sequence[str] = ()) -> None:
        """Make the folder of a new study, or check that it holds this one.

        Raises
        ------
        ScenarioError
            When the folder holds something else, another study, or shards of another version of the model.
        """
        if (self.folder / MARK).is_file():
            self.check_same(study.hash)
            return
        if self.folder.exists() and not self._is_ours():
            raise self._fault("the folder holds something other than a study", "Choose another folder.")
        nearest = next(parent for parent in self.shards.absolute().parents if parent.exists())
        if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
            raise self._fault(f"nothing can be written in {nearest}", "Choose another folder.")
        self.shards.mkdir(parents=True, exist_ok=True)
        write_text(self.folder / "manifest.json", _json(manifest(study, command)))
        write_text(self.folder / MARK, _json(asked(study)))

    def _is_ours(self) -> bool:
        """Return whether the folder is empty, or holds no more than the beginning of a study that was stopped."""
        names = {p.name for p in self.folder.iterdir()} if self.folder.is_dir() else {"a file"}
        begun = {n for n in names if n in ("shards", "manifest.json") or n.endswith(_TEMPORARY)}
        return names == begun and not (self.shards.is_dir() and any(self.shards.iterdir()))

    def check_same(self, study_hash: str) -> None:
        """Refuse to add runs of another study or of another model; the shards stay as they are.

        Raises
        ------
        ScenarioError
        """
        kept = self.manifest()
        remedy = "Run it into another folder with --out; the runs of this one stay as they are."
        if kept["study_hash"] != study_hash:
            raise self._fault("the study has changed since the runs of this folder were made", remedy)
        if kept["model_hash"] != model_hash():
            raise self._fault("the model has changed since the runs of this folder were made", remedy)
        if stale := changed_since(kept.get("extensions", ())):
            raise self._fault(f"{', '.join(stale)} has changed since the runs of this folder were made", remedy)

    def study(self) -> Study:
        """Return the study that the folder holds, from its own record.

        Raises
        ------
        ScenarioError
            When there is none, or its record was changed.
        """
        try:
            record = json.loads((self.folder / MARK).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            remedy = "Give the folder that 'transition-sim study run' wrote."
            raise self._fault("the folder holds no study", remedy, "DIR") from None
        return recorded(record)

    def manifest(self) -> dict[str, Any]:
        """Return version, hashes and environment of the study."""
        return dict(json.loads((self.folder / "manifest.json").read_text(encoding="utf-8")))

    def _fault(self, rule: str, remedy: str, argument: str = "--out") -> ScenarioError:
        return ScenarioError([Fault(str(self.folder), None, argument, "", rule, remedy)])

    # --- one driver at a time -----------------------------------------------------------------------------------

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder; the lock ends with the process, whatever ends it.

        Raises
        ------
        ScenarioError
            When another process holds it.
        """
        import fcntl

        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                holder = os.read(handle, 200).decode("utf-8", "replace").strip()
                rule = f"another process works on this study ({holder or 'unknown'})"
                raise self._fault(rule, "Wait for it, or end it and give the command again.") from None
            os.ftruncate(handle, 0)
            os.write(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
            yield
        finally:
            os.close(handle)

    # --- shards -------------------------------------------------------------------------------------------------

    def write(self, answer: Answer, first: int, last: int, attempt: int) -> Path:
        """Write a shard: whole or not at all."""
        digest = hashlib.blake2b(answer.data, digest_size=12).hexdigest()
        path = self.shards / f"{attempt:03d}-{first:09d}-{last:09d}-{digest}.parquet"
        write_bytes(path, answer.data)
        return path

    def clean(self) -> None:
        """Delete what an interrupted write left."""
        for path in self.folder.rglob(f"*{_TEMPORARY}"):
            path.unlink(missing_ok=True)

    def scan(self, n_runs: int) -> Found:
        """Read which runs the shards hold; the latest attempt of a run counts."""
        found = Found(np.zeros(n_runs, np.uint8), np.full(n_runs, -1, np.int32), np.zeros(n_runs, np.int32), [], [])
        seconds = np.zeros(n_runs)
        for path in sorted(self.shards.glob("*.parquet")):
            table = read_shard(path, ["run", "status", "seconds"])
            if table is None or not _fits(table, n_runs):
                found.damaged.append(path)
                continue
            runs = table["run"].to_numpy()
            found.state[runs] = [STATES.index(s) for s in table["status"].to_pylist()]
            found.shard[runs], found.row[runs] = len(found.files), np.arange(runs.size)
            seconds[runs] = table["seconds"].to_numpy()
            found.files.append(path)
            found.attempt = max(found.attempt, int(path.name[:3]))
        found.seconds = float(seconds.sum())
        return found

    def set_aside(self, damaged: Sequence[Path]) -> None:
        """Move shards that cannot be trusted out of the way."""
        if damaged:
            (self.folder / "damaged").mkdir(exist_ok=True)
        for path in damaged:
            os.replace(path, self.folder / "damaged" / path.name)


def _fits(table: pa.Table, n_runs: int) -> bool:
    runs = table["run"].to_numpy()
    return bool(runs.size == 0 or (runs.min() >= 0 and runs.max() < n_runs)) and set(
        table["status"].unique().to_pylist()
    ) <= set(STATES)


def read_shard(path: Path, columns: list[str] | None = None) -> pa.Table | None:
    """Return a shard, or None when its bytes are not those that were written."""
    data = path.read_bytes()
    if hashlib.blake2b(data, digest_size=12).hexdigest() != path.stem.rpartition("-")[2]:
        return None
    try:
        return pq.read_table(pa.BufferReader(data), columns=columns)
    except (pa.ArrowException, OSError):
        return None


# --- records ----------------------------------------------------------------------------------------------------------


def asked(study: Study) -> dict[str, Any]:
    """Return everything that a study asks as plain data: from it the same runs can be made without any other file."""
    return {
        "format": "study-record/1",
        "hash": study.hash,
        "spec": study.spec.model_dump(mode="json"),
        "scenarios": [
            {"place": c.place, "variant": c.variant, "policy": c.policy, "scenario": c.scenario.resolved()}
            for c in study.contexts
        ],
    }


def recorded(record: dict[str, Any]) -> Study:
    """Return the study of a record.

    Raises
    ------
    ScenarioError
        When the record does not give the study that it was written for.
    """
    study = restore_study(record["spec"], record["scenarios"])
    if study.hash != record["hash"]:
        rule = "the record of the study gives another study than it was written for"
        remedy = "The file or the tables of the model were changed; run the study anew into another folder."
        raise ScenarioError([Fault(MARK, None, "hash", record["hash"], rule, remedy)])
    return study


def manifest(study: Study, command: Sequence[str]) -> dict[str, Any]:
    """Return version, hashes and environment."""
    from transition_sim.scenarios import registry

    return {
        "study": study.spec.id,
        "study_hash": study.hash,
        "model_hash": model_hash(),
        "data_hash": registry.data_hash(),
        "extensions": _extensions(study),
        "version": __version__,
        "runs": study.n_runs,
        "command": list(command),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "packages": dict(package_versions()),
        "byte_order": sys.byteorder,
        "low_confidence_share": registry.low_confidence_share(),
    }


def _extensions(study: Study) -> list[dict[str, str]]:
    """Return what is recorded of the packages whose rules and levers the runs of a study use."""
    varied = [key for factor in study.factors for key in (factor.key, *factor.levers)]
    found = [e for c in study.contexts for e in used(c.scenario.extensions, [*c.scenario.levers, *varied])]
    return [extension.record() for extension in dict.fromkeys(found)]


# --- writing ----------------------------------------------------------------------------------------------------------


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, and make sure that it survives a crash of the machine."""
    part = path.with_name(f".{path.name}.{os.getpid()}{_TEMPORARY}")
    try:
        with part.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    write_bytes(path, text.encode())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a crash of the machine."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
