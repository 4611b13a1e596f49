"""Studies of the library started from the browser: one at a time, in a process of lower priority."""

import multiprocessing
import os
import signal
import tempfile
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from transition_sim.experiments.driver import Estimate, run_study
from transition_sim.experiments.library import find_study, list_studies
from transition_sim.experiments.report import write_report
from transition_sim.experiments.store import Store
from transition_sim.experiments.study import Study, load_study
from transition_sim.experiments.tables import read_results
from transition_sim.scenarios.library import find_document
from transition_sim.viz.draft import PRESETS
from transition_sim.viz.words import Words

MOST_RUNS = 5000
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

    def report(self, language: str) -> Path | None:
        """Return the report in a language, None before it is written."""
        path = self.folder / f"report_{language}.html"
        return path if path.is_file() and not self.is_alive else None


def work(name: str, folder: str, replicates: int) -> None:
    """Run a study and write its reports; the whole life of a process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if hasattr(os, "nice"):
        os.nice(NICE)

    def note(estimate: Estimate) -> None:
        fresh = Path(folder).with_name("measured.part")
        fresh.write_text(f"{estimate.run_s:.4g}", encoding="utf-8")
        fresh.replace(Path(folder).with_name(MEASURED))

    run_study(load_study(find_study(name), replicates=replicates), Path(folder), workers=1, on_estimate=note)
    for language in ("en", "zh"):
        written = write_report(read_results(Path(folder)), language)
        written.replace(Path(folder) / f"report_{language}.html")


class Bench:
    """The one place of a server where a study is worked on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: Any = None
        self._started: Running | None = None
        self._home: tempfile.TemporaryDirectory[str] | None = None

    def start(self, name: str, replicates: int, owner: str = "") -> bool:
        """Start a study of the library for a visitor; False where another one works, or it is too large."""
        with self._lock:
            if name not in list_studies() or (self._process is not None and self._process.is_alive()):
                return False
            study = load_study(find_study(name), replicates=replicates)
            if study.n_runs > MOST_RUNS:
                return False
            if self._home is None:
                self._home = tempfile.TemporaryDirectory(prefix="transition_sim_studies_", ignore_cleanup_errors=True)
            folder = Path(tempfile.mkdtemp(prefix=f"{name}_", dir=self._home.name)) / "study"
            context = multiprocessing.get_context("spawn")
            self._process = context.Process(target=work, args=(name, str(folder), replicates))
            self._process.start()
            self._started = Running(name, folder, study.n_runs, owner=owner)
            return True

    def look(self) -> Running | None:
        """Return how far the last study is."""
        one = self._started
        if one is None:
            return None
        alive = self._process is not None and self._process.is_alive()
        counts = Store(one.folder).scan(one.n_runs).counts() if one.folder.exists() else {"done": 0}
        failed = sum(counts.get(state, 0) for state in ("failed", "timed out", "killed"))
        return replace(one, done=counts["done"], failed=failed, is_alive=alive, run_s=measured_run_s(one.folder))

    def stop(self, owner: str = "") -> bool:
        """End the study of a visitor; what was finished stays in its folder until the server ends.

        False where nothing runs, or somebody else started it.
        """
        with self._lock:
            if self._process is None or not self._process.is_alive():
                return False
            if self._started is None or self._started.owner != owner:
                return False
            self._process.terminate()
            return True

    def close(self) -> None:
        """End the study and take its folder away."""
        if self._started is not None:
            self.stop(self._started.owner)
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
    """Return the studies of the library with their names."""
    return [{"id": name, "name": names_of(name, words)[0]} for name in list_studies()]


def place_name(id: str, words: Words) -> str:
    """Return what a place of the library is called."""
    return words.name(find_document(id, "place").data["name"])


def policy_name(id: str, words: Words) -> str:
    """Return what a policy of the library is called; its id where it has no word of its own."""
    return words(f"preset_{id}") if id in PRESETS else id


def names_of(name: str, words: Words) -> tuple[str, str, str]:
    """Return name, description and question of a study."""
    data = find_study(name).data
    named, about = data.get("name") or {}, data.get("description") or {}
    return (str(named.get(words.language, name)), str(about.get(words.language, "")), str(data.get("question", "")))


def study_facts(study: Study, words: Words) -> list[list[str]]:
    """Return what a study does, as rows of a table."""
    spec = study.spec
    return [
        [words("study_places"), words("comma").join(place_name(id, words) for id in spec.places)],
        [words("study_policies"), words("comma").join(policy_name(str(id), words) for id in spec.policies)],
        [words("study_factors"), str(len(study.factors))],
        [words("study_points"), f"{len(study.points):,}"],
        [words("study_seeds"), str(spec.replicates)],
        [words("study_runs"), f"{study.n_runs:,}"],
        [words("report_command"), f"transition-sim study run {spec.id} --replicates {spec.replicates}"],
    ]
