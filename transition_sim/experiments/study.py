"""A study: everything that its runs depend on, checked, frozen and hashed."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.experiments import checks, designs
from transition_sim.experiments.factors import Factor, acts_from, scenario_at
from transition_sim.experiments.library import find_study
from transition_sim.experiments.spec import StudySpec, VariantSpec
from transition_sim.measures import FURTHER_MEASURES, MEASURES, Measure, defined
from transition_sim.scenarios.library import SUFFIXES, Reference
from transition_sim.scenarios.loader import Document
from transition_sim.scenarios.messages import KeyPath
from transition_sim.scenarios.scenario import Scenario, load_scenario
from transition_sim.scenarios.shape import read_shape

Called = Literal["id", "en", "zh"]
"""By ids as in tables and files, or by the names of a language."""
_LABELS: dict[Called, tuple[str, str, str, str, str]] = {
    "id": ("all parts", "all but {}", "no part", "as the policy", ", "),
    "en": ("all parts", "all but {}", "no part", "as the policy", ", "),
    "zh": ("全部措施", "除{}外全部", "无措施", "按原政策", "，"),
}
"""Words of a point: every part on, all but one, none, nothing set, and what stands between them."""


@dataclass(frozen=True)
class Context:
    """A place under a policy, in one variant of the question."""

    place: str
    variant: str
    policy: str
    scenario: Scenario


@dataclass(frozen=True)
class Plan:
    """What a worker needs to do any run of a study; plain data that travels to another process or machine.

    Attributes
    ----------
    hash : str
    scenarios : tuple of Scenario
        One a context.
    factors : tuple of Factor
    replicates, seed : int
    measures, columns : tuple of str
    run_seconds : float
    memory_bytes : int
        0 is no limit.
    eves : tuple of int or str
        Quarters on whose eves other runs of the seed part from a run; or levers that are read on occasion.
    """

    hash: str
    scenarios: tuple[Scenario, ...]
    factors: tuple[Factor, ...]
    replicates: int
    seed: int
    measures: tuple[str, ...]
    columns: tuple[str, ...]
    run_seconds: float
    memory_bytes: int
    eves: tuple[int | str, ...]


@dataclass(frozen=True, eq=False)
class Study:
    """Places x variants x points x policies x replicates, in this order; the run number counts through them.

    Attributes
    ----------
    spec : StudySpec
    contexts : tuple of Context
        Policies of a place and variant stand beside each other.
    factors : tuple of Factor
    points : ndarray, shape (n_points, n_factors)
    measures : tuple of Measure
    columns : tuple of str
        Annual columns kept.
    warnings : tuple of str
    """

    spec: StudySpec
    contexts: tuple[Context, ...]
    factors: tuple[Factor, ...]
    points: np.ndarray
    measures: tuple[Measure, ...]
    columns: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def n_runs(self) -> int:
        """Runs in all."""
        return len(self.contexts) * len(self.points) * self.spec.replicates

    @property
    def years(self) -> range:
        """Years of every run."""
        return self.contexts[0].scenario.clock.years

    @cached_property
    def hash(self) -> str:
        """Hash of everything that the tables of the study depend on, apart from the model itself."""
        content = {
            "spec": self.spec.model_dump(mode="json", exclude={"name", "description", "analyses", "measure", "limits"}),
            "scenarios": [c.scenario.hash for c in self.contexts],
            "measures": [m.key for m in self.measures],
            "columns": self.columns,
            "without": [f.without for f in self.factors],
        }
        digest = hashlib.blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=16)
        digest.update(np.ascontiguousarray(self.points).tobytes())
        return digest.hexdigest()

    def place_of(self, runs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (context, point, replicate) of run numbers."""
        policies = len(self.spec.policies)
        rest, replicate = np.divmod(runs, self.spec.replicates)
        rest, policy = np.divmod(rest, policies)
        group, point = np.divmod(rest, len(self.points))
        return group * policies + policy, point, replicate

    def side_by_side(self, runs: np.ndarray) -> np.ndarray:
        """Return run numbers in the order in which those follow each other that share most of their past.

        Runs of one seed, and among them those which differ only in what acts late.
        """
        context, point, replicate = self.place_of(runs)
        late_first = np.argsort(-self.acts_from, kind="stable") if self.eves else ()
        return runs[np.lexsort((point, *(self.points[point, k] for k in late_first), replicate, context))]

    def shared_quarters(self, runs: np.ndarray) -> np.ndarray:
        """Return how many quarters each run can share with the one before it, shape (n_runs,); 0 for the first."""
        if not self.eves or not runs.size:
            return np.zeros(runs.size, dtype=np.int16)
        context, point, replicate = self.place_of(runs)
        n_quarters = self.contexts[0].scenario.clock.n_quarters
        shared = np.where((np.diff(context) == 0) & (np.diff(replicate) == 0), n_quarters, 0)
        for values, quarter in zip(self.points.T, self.acts_from, strict=True):
            is_other = np.diff(np.unique(values, return_inverse=True)[1][point]) != 0
            shared[is_other] = np.minimum(shared[is_other], quarter)
        return np.concatenate([[0], shared]).astype(np.int16)

    @cached_property
    def acts_from(self) -> np.ndarray:
        """First quarter in which each factor makes a difference under any policy, shape (n_factors,)."""
        asked = {(context.policy, context.variant): context.scenario for context in self.contexts}.values()
        return np.array([min(acts_from(scenario, factor) for scenario in asked) for factor in self.factors], dtype=int)

    @cached_property
    def eves(self) -> tuple[int | str, ...]:
        """Quarters before which some points are the same: the world on their eve is worth keeping.

        For a lever that is read on occasion its key stands: it is its first reading that counts.
        """
        n_quarters = self.contexts[0].scenario.clock.n_quarters
        found = [quarter for quarter in np.unique(self.acts_from).tolist() if quarter > 0]
        shared = [quarter for quarter in found if self._n_pasts(quarter) < len(self.points)]
        occasional = sorted({key for factor in self.factors for key in factor.occasional()})
        return *(quarter for quarter in shared if quarter < n_quarters), *(occasional if n_quarters in shared else ())

    def _n_pasts(self, quarter: int) -> int:
        """Return how many points differ in what acts before a quarter."""
        early = self.points[:, self.acts_from < quarter]
        return len(np.unique(np.nan_to_num(early, nan=np.inf), axis=0)) if early.shape[1] else 1

    def plan(self) -> Plan:
        """Return what workers need."""
        limits = self.spec.limits
        memory = int(limits.memory_gb * 2**30) if limits.memory_gb else 0
        return Plan(
            self.hash, tuple(c.scenario for c in self.contexts), self.factors, self.spec.replicates, self.spec.seed,
            tuple(m.key for m in self.measures), self.columns, limits.run_seconds, memory, self.eves,
        )  # fmt: skip

    def run_table(self, runs: np.ndarray) -> pd.DataFrame:
        """Return what each run is asked: place, variant, policy, point, replicate, seed, and the value of each factor.

        A factor that a point leaves alone is nan.
        """
        context, point, replicate = self.place_of(runs)
        frame = pd.DataFrame({"run": runs})
        for name in ("place", "variant", "policy"):
            frame[name] = np.array([getattr(c, name) for c in self.contexts], dtype=object)[context]
        frame["point"], frame["replicate"], frame["seed"] = point, replicate, self.spec.seed + replicate
        for k, factor in enumerate(self.factors):
            frame[factor.key] = self.points[point, k]
        return frame

    def label(self, point: int, called: Called = "id") -> str:
        """Return a point in words: what it sets, by its ids or its names; of parts, which are on."""
        all_parts, all_but, none, as_is, comma = _LABELS[called]
        name = "key" if called == "id" else called
        set_to = [(getattr(f, name), f.kind, v) for f, v in zip(self.factors, self.points[point]) if v == v]
        words = [f"{name}={v:g}" for name, kind, v in set_to if kind != "part"]
        parts = {name: v for name, kind, v in set_to if kind == "part"}
        if parts:
            on, off = [k for k, v in parts.items() if v], [k for k, v in parts.items() if not v]
            if not off:
                words.insert(0, all_parts)
            elif len(off) == 1 and len(on) > 1:
                words.insert(0, all_but.format(off[0]))
            else:
                words.insert(0, " + ".join(on) or none)
        return comma.join(words) or as_is


def load_study(reference: Reference, **changes: Any) -> Study:
    """Return a study of the library, a file or a mapping, checked.

    Parameters
    ----------
    reference : str, Path, mapping or Document
    **changes
        Keys of the file that are given anew: ``replicates=2``, ``places=["minimal"]``, ``until=2022``.

    Raises
    ------
    ScenarioError
        With every fault found, line by line.
    """
    document = find_study(reference)
    if changes:
        document = Document({**document.data, **changes}, document.lines, document.file)
    spec, faults = read_shape(StudySpec, document.data, document.fault)
    if spec is None:
        raise ScenarioError(faults)
    factors, faults = checks.read_factors(spec, document.fault)
    faults += checks.check_design(spec, factors, document.fault)
    faults += checks.check_outcomes(spec, document.fault)
    levels = _levels(spec)
    if not faults:
        n_contexts = len(spec.places) * max(1, len(spec.variants)) * len(spec.policies)
        faults += checks.check_size(spec, designs.n_points(spec.design, factors, levels), n_contexts, document.fault)
    contexts, found = _contexts(spec, document)
    if faults + found:
        raise ScenarioError(list(dict.fromkeys(faults + found)))
    points = designs.points(spec.design, factors, levels)
    study = _made(spec, contexts, factors, points, document)
    _try_points(study, document)
    return study


def _made(
    spec: StudySpec, contexts: list[Context], factors: list[Factor], points: np.ndarray, document: Document
) -> Study:
    clock = contexts[0].scenario.clock
    if any(c.scenario.clock != clock for c in contexts):
        rule = "the places and variants of a study cover the same years"
        raise ScenarioError([document.fault(("until",), spec.until, rule, "Write 'until:' and take like base years.")])
    wanted = spec.outcomes
    known = MEASURES if wanted is None else (*MEASURES, *FURTHER_MEASURES)
    measures = tuple(m for m in known if (wanted is None or m.key in wanted) and defined(m, clock))
    if wanted and len(measures) < len(wanted):
        missing = sorted(set(wanted) - {m.key for m in measures})
        rule = f"the years {clock.start_year} to {clock.end_year} do not define {', '.join(missing)}"
        raise ScenarioError([document.fault(("outcomes",), "", rule, "Leave it out, or run to a later year.")])
    columns = tuple(dict.fromkeys([*checks.BASES, *spec.annual]))
    warnings = (*_warnings(factors, clock.end_year), *checks.unsuited(spec))
    return Study(spec, tuple(contexts), tuple(factors), points, measures, columns, warnings)


def _levels(spec: StudySpec) -> dict[str, int]:
    items = {**spec.levers, **spec.parameters}
    return {key: item.levels for key, item in items.items() if item is not None and item.levels is not None}


def _contexts(spec: StudySpec, document: Document) -> tuple[list[Context], list[Fault]]:
    contexts: list[Context] = []
    faults: list[Fault] = []
    places = [_reference(item, ("places", k), document) for k, item in enumerate(spec.places)]
    policies = [_reference(item, ("policies", k), document) for k, item in enumerate(spec.policies)]
    for place in places:
        for variant in spec.variants or [VariantSpec(id="base")]:
            for k, policy in enumerate(policies):
                overlay = {"levers": _plain(variant.levers), "parameters": dict(variant.parameters)}
                try:
                    shocks = [_reference(item, (), document) for item in (*spec.shocks, *variant.shocks)]
                    scenario = load_scenario(place, policy, overlay, variant.set, end_year=spec.until, shocks=shocks)
                except ScenarioError as error:
                    faults += [_located(f, document) for f in error.faults]
                    continue
                made = Context(scenario.place.id, variant.id, scenario.policy_id, scenario)
                if any((c.place, c.variant, c.policy) == (made.place, made.variant, made.policy) for c in contexts):
                    remedy = "Give one of them another id."
                    rule = "two policies of the study have this id"
                    faults.append(document.fault(("policies", k), f"{made.place}, {made.policy}", rule, remedy))
                contexts.append(made)
    return contexts, faults


def _reference(item: Any, at: KeyPath, document: Document) -> Reference:
    """Return a place, a policy or a shock as a scenario takes it.

    A policy that is written out is the part of the study where it stands, and a file is looked for beside the study
    first, then in the working folder.
    """
    if not isinstance(item, str):
        return document.part(at)
    if not (item.lower().endswith(SUFFIXES) and document.file.lower().endswith(SUFFIXES)):
        return item
    beside = Path(document.file).parent / item
    return beside if beside.is_file() else item


def _plain(levers: Any) -> dict[str, Any]:
    return {k: v.model_dump(mode="json") if hasattr(v, "model_dump") else v for k, v in levers.items()}


def _located(fault: Fault, document: Document) -> Fault:
    """Point a fault of an argument or overlay to the file of the study."""
    if fault.file not in ("arguments", "overlay", "--set", "sets"):
        return fault
    if fault.field == "end_year":
        return document.fault(("until",), fault.value, fault.rule, fault.remedy)
    return Fault(document.file, document.line(("variants",)), fault.field, fault.value, fault.rule, fault.remedy)


def _try_points(study: Study, document: Document) -> None:
    """Make the scenario of the corners of the design, so that a value that breaks a rule is found before the runs."""
    corners = np.unique(np.linspace(0, len(study.points) - 1, num=min(len(study.points), 16)).astype(int))
    faults: list[Fault] = []
    for point in corners:
        try:
            scenario_at(study.contexts[0].scenario, study.factors, study.points[point])
        except ScenarioError as error:
            faults += [document.fault(("design",), f.value, f"{f.field}: {f.rule}", f.remedy) for f in error.faults]
    if faults:
        raise ScenarioError(list(dict.fromkeys(faults)))


def _warnings(factors: Sequence[Factor], end_year: int) -> list[str]:
    from transition_sim.scenarios.scenario import vocabulary

    levers = vocabulary().levers
    keys = [key for f in factors for key in (f.levers if f.kind == "part" else (f.key,)) if key in levers]
    idle = [key for key in keys if not levers[key].acts]
    late = [f.key for f in factors if f.from_year is not None and f.from_year > end_year]
    return [
        *(f"{key}: no rule of this version reads the lever; it changes nothing" for key in idle),
        *(f"{key}: the runs end in {end_year}, before the lever changes; it changes nothing" for key in late),
    ]


def restore_study(spec: dict[str, Any], scenarios: list[dict[str, Any]]) -> Study:
    """Return a study from its record, without the files that it was made of.

    Raises
    ------
    ScenarioError
    """
    document = Document(spec, {}, "study.json")
    shape, faults = read_shape(StudySpec, spec, document.fault)
    if shape is None:
        raise ScenarioError(faults)
    factors, faults = checks.read_factors(shape, document.fault)
    if faults:
        raise ScenarioError(faults)
    contexts = [Context(c["place"], c["variant"], c["policy"], load_scenario(c["scenario"], None)) for c in scenarios]
    return _made(shape, contexts, factors, designs.points(shape.design, factors, _levels(shape)), document)
