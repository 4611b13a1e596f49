"""Studies started from the browser: one at a time, in a process of lower priority."""

import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from transition_sim.experiments.driver import Estimate, run_study
from transition_sim.experiments.exports import export
from transition_sim.experiments.library import find_study, list_studies
from transition_sim.experiments.report import write_report
from transition_sim.experiments.store import Store
from transition_sim.experiments.study import Study, load_study
from transition_sim.experiments.tables import read_results
from transition_sim.scenarios.library import find_document
from transition_sim.viz.draft import PRESETS
from transition_sim.viz.own_study import FILE, OWN
from transition_sim.viz.words import Words

MOST_RUNS = 5000
MOST_KEPT = 30
"""Visitors whose last study is kept until the server ends."""
KEPT = (".html", ".json")
"""Endings of the files of a study's folder that a visitor takes away, beside its tables."""
MEASURED = "run_s.txt"
NICE = 15


@dataclass(frozen=True)
class Running:
    """A study that was started.

    Attributes
    ----------
    name : str
    folder : Path
    n_runs, done, failed : int
    is_alive : bool
        Whether its process still works.
    owner : str
        Visitor who started it.
    run_s : float, optional
        Seconds of a run, measured with the first ones; None until then.
    """

    name: str
    folder: Path
    n_runs: int
    done: int = 0
    failed: int = 0
    is_alive: bool = True
    owner: str = ""
    run_s: float | None = None

    def can_be_stopped_by(self, visitor: str) -> bool:
        """Return whether it works, and for this visitor."""
        return self.is_alive and self.owner == visitor

    def can_be_resumed_by(self, visitor: str) -> bool:
        """Return whether it ended before its reports were written, and was this visitor's."""
        return not self.is_alive and self.owner == visitor and self.report("en") is None

    def report(self, language: str) -> Path | None:
        """Return the report in a language, None before it is written."""
        path = self.folder / f"report_{language}.html"
        return path if path.is_file() and not self.is_alive else None

    def archive(self) -> bytes:
        """Return a ZIP file of the reports, the tables as CSV, and the record of the study."""
        made = export(read_results(self.folder), "csv", self.folder / "csv")
        files = [path for path in sorted(self.folder.iterdir()) if path.suffix in KEPT]
        stream = BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as kept:
            for path in (*files, *made):
                kept.write(path, f"{self.name}/{path.name}")
        return stream.getvalue()


def work(content: dict[str, Any], folder: str, command: Sequence[str]) -> None:
    """Run a study and write its reports; the whole life of a process, which is told to end by a signal."""
    with suppress(KeyboardInterrupt):
        _work(content, folder, command)


def _work(content: dict[str, Any], folder: str, command: Sequence[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if hasattr(os, "nice"):
        os.nice(NICE)

    def note(estimate: Estimate) -> None:
        fresh = Path(folder).with_name("measured.part")
        fresh.write_text(f"{estimate.run_s:.4g}", encoding="utf-8")
        fresh.replace(Path(folder).with_name(MEASURED))

    run_study(load_study(content), Path(folder), workers=1, on_estimate=note, command=command)
    for language in ("en", "zh"):
        written = write_report(read_results(Path(folder)), language)
        written.replace(Path(folder) / f"report_{language}.html")


@dataclass(frozen=True)
class _Order:
    """What a visitor had started last: the study as plain data, to take it up again."""

    content: dict[str, Any]
    command: tuple[str, ...]
    running: Running


class Bench:
    """The one place of a server where a study is worked on; each visitor's last one is kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: Any = None
        self._at_work = ""
        self._orders: OrderedDict[str, _Order] = OrderedDict()
        self._home: tempfile.TemporaryDirectory[str] | None = None

    def start(self, study: Study, owner: str = "") -> bool:
        """Start a study for a visitor; False where another one works, or it is too large."""
        with self._lock:
            if self._is_busy() or study.n_runs > MOST_RUNS:
                return False
            if self._home is None:
                self._home = tempfile.TemporaryDirectory(prefix="transition_sim_studies_", ignore_cleanup_errors=True)
            name = study.spec.id
            folder = Path(tempfile.mkdtemp(prefix=f"{name}_", dir=self._home.name)) / "study"
            running = Running(name, folder, study.n_runs, owner=owner)
            old = self._orders.pop(owner, None)
            self._orders[owner] = _Order(study.spec.model_dump(mode="json"), command_of(study), running)
            dropped = [old] if old is not None else []
            while len(self._orders) > MOST_KEPT:
                dropped.append(self._orders.popitem(last=False)[1])
            for order in dropped:
                shutil.rmtree(order.running.folder.parent, ignore_errors=True)
            self._begin(owner)
            return True

    def resume(self, owner: str = "") -> bool:
        """Go on with a visitor's last study where it ended early; finished runs are kept."""
        with self._lock:
            order = self._orders.get(owner)
            if order is None or self._is_busy() or not replace(order.running, is_alive=False).can_be_resumed_by(owner):
                return False
            self._begin(owner)
            return True

    def _is_busy(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def _begin(self, owner: str) -> None:
        order = self._orders[owner]
        context = multiprocessing.get_context("spawn")
        arguments = (order.content, str(order.running.folder), order.command)
        self._process = context.Process(target=work, args=arguments)
        self._process.start()
        self._at_work = owner

    def look(self, visitor: str = "") -> Running | None:
        """Return how far the study is that works now; where none does, the visitor's last one."""
        with self._lock:
            is_alive = self._is_busy()
            order = self._orders.get(self._at_work if is_alive else visitor)
        if order is None:
            return None
        one = order.running
        counts = Store(one.folder).scan(one.n_runs).counts() if one.folder.exists() else {"done": 0}
        failed = sum(counts.get(state, 0) for state in ("failed", "timed out", "killed"))
        return replace(one, done=counts["done"], failed=failed, is_alive=is_alive, run_s=measured_run_s(one.folder))

    def stop(self, owner: str = "") -> bool:
        """End the study of a visitor; what was finished stays in its folder until the server ends.

        False where nothing runs, or somebody else started it.
        """
        with self._lock:
            if not self._is_busy() or self._at_work != owner:
                return False
            self._process.terminate()
            return True

    def close(self) -> None:
        """End the study and take its folder away."""
        self.stop(self._at_work)
        if self._process is not None:
            self._process.join(5)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
        if self._home is not None:
            self._home.cleanup()


def measured_run_s(folder: Path) -> float | None:
    """Return the seconds of a run that the process of a study has noted beside its folder; None before that."""
    path = folder.with_name(MEASURED)
    return float(path.read_text(encoding="utf-8")) if path.is_file() else None


def study_choices(words: Words) -> list[dict[str, str]]:
    """Return the visitor's own study and those of the library with their names."""
    return [{"id": name, "name": names_of(name, words)[0]} for name in (OWN, *list_studies())]


def place_name(id: str, words: Words) -> str:
    """Return what a place of the library or of a file is called."""
    return words.name(find_document(id, "place").data["name"])


def policy_name(policy: str | dict[str, Any], words: Words) -> str:
    """Return what a policy is called: of the library by its word, one that is written out by its name, else its id."""
    if isinstance(policy, dict):
        return words.name(policy["name"])
    return words(f"preset_{policy}") if policy in PRESETS else policy


def names_of(name: str, words: Words) -> tuple[str, str, str]:
    """Return name, description and question of a study."""
    if name == OWN:
        return words("own_study"), words("own_note"), ""
    data = find_study(name).data
    named, about = data.get("name") or {}, data.get("description") or {}
    return (str(named.get(words.language, name)), str(about.get(words.language, "")), str(data.get("question", "")))


def command_of(study: Study) -> tuple[str, ...]:
    """Return the command that runs a study: of the library by its name, the visitor's own from its file."""
    if study.spec.id == OWN:
        return ("transition-sim", "study", "run", FILE)
    return ("transition-sim", "study", "run", study.spec.id, "--replicates", str(study.spec.replicates))


def study_facts(study: Study, words: Words) -> list[list[str]]:
    """Return what a study does, as rows of a table."""
    spec = study.spec
    return [
        [words("study_places"), words("comma").join(place_name(id, words) for id in spec.places)],
        [words("study_policies"), words("comma").join(policy_name(policy, words) for policy in spec.policies)],
        [words("study_factors"), str(len(study.factors))],
        [words("study_points"), f"{len(study.points):,}"],
        [words("study_seeds"), str(spec.replicates)],
        [words("study_runs"), f"{study.n_runs:,}"],
        [words("report_command"), " ".join(command_of(study))],
    ]
