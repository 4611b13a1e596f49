"""From references to one question: read, lay over each other, check shape and sense, report all faults."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.scenarios.checks import (
    Complaints,
    Vocabulary,
    check_horizon,
    check_levers,
    check_parameters,
    check_place,
)
from transition_sim.scenarios.city_checks import check_city
from transition_sim.scenarios.extensions import check_extensions
from transition_sim.scenarios.lever_limits import beyond
from transition_sim.scenarios.library import Reference, find_document, policy_chain
from transition_sim.scenarios.loader import Document, plain_document
from transition_sim.scenarios.messages import KeyPath, dotted, suggestion
from transition_sim.scenarios.overlays import Layers, Source, lay_overlay, lay_set, read_sets
from transition_sim.scenarios.portfolio import PORTFOLIO_FORMAT, expand
from transition_sim.scenarios.shape import read_shape
from transition_sim.scenarios.shocks import Shock, ShockSpec, Span, check_shocks, span_of, warnings_of
from transition_sim.scenarios.spec import Horizon, OverlaySpec, PlaceSpec, PolicySpec, Schedule, Settings

Sets = str | Iterable[str] | Mapping[str, Any]
RESOLVED_FORMAT = "scenario/1"
MAX_FAULTS = 200
# who may pull the levers of a place: its own level and those below
LEVELS_OF_PLACE = {
    "park": {"park"},
    "county": {"park", "city"},
    "city": {"park", "city"},
    "portfolio": {"park", "city"},
}


@dataclass
class Question:
    """What is asked, layer over layer, and every fault found on the way."""

    words: Vocabulary
    layers: Layers = field(default_factory=Layers)
    faults: list[Fault] = field(default_factory=list)
    policy_id: str = "none"
    place: PlaceSpec | None = None
    settings: Settings | None = None
    horizon: Horizon | None = None
    shocks: list[Shock] = field(default_factory=list)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Keep the faults of a block and go on after it."""
        try:
            yield
        except ScenarioError as error:
            self.faults += error.faults

    def raise_faults(self) -> None:
        """Raise every fault once, in the order found.

        Raises
        ------
        ScenarioError
        """
        faults = list(dict.fromkeys(self.faults))
        if len(faults) > MAX_FAULTS:
            more = Fault(
                "report", None, "faults", "", f"{len(faults) - MAX_FAULTS} more are not shown", "Mend these first."
            )
            faults = [*faults[:MAX_FAULTS], more]
        if faults:
            raise ScenarioError(faults)

    # --- layers -------------------------------------------------------------------------------------------------

    def lay_place(self, reference: Reference) -> None:
        """Lay the place, or all parts of a resolved scenario."""
        with self.collecting():
            document = find_document(reference, "place")
            if document.data.get("format") == RESOLVED_FORMAT:
                self._lay_resolved(document)
                return
            if document.data.get("format") == PORTFOLIO_FORMAT:
                document = expand(document, self.words)
            name = document.data.get("id", document.file)
            self.layers.lay(("place",), document.data, Source(document, (), f"place {name}"))

    def _lay_resolved(self, document: Document) -> None:
        parts = {key: item for key, item in document.data.items() if key not in ("format", "policy", "shocks")}
        self.lay_shocks(_shock_documents(document))
        shape, faults = read_shape(OverlaySpec, parts, document.fault)
        self.faults += faults
        if shape is not None:
            lay_overlay(self.layers, document, f"scenario {document.file}")
            self.policy_id = str(document.data.get("policy", "none"))

    def lay_policy(self, reference: Reference | None) -> None:
        """Lay the settings of a policy and of those it builds on; ``none`` sets nothing."""
        if reference is None or (isinstance(reference, str) and reference == "none"):
            return
        with self.collecting():
            for document in policy_chain(reference):
                self._check_shape(PolicySpec, document)
                name = str(document.data.get("id", document.file))
                settings = document.data.get("levers")
                if isinstance(settings, dict):
                    self.layers.lay(("levers",), settings, Source(document, ("levers",), f"policy {name}"))
                self.policy_id = name

    def lay_overlay(self, reference: Reference, name: str) -> None:
        """Lay an overlay."""
        with self.collecting():
            document = find_document(reference, "overlay", name)
            self._check_shape(OverlaySpec, document)
            lay_overlay(self.layers, document, name if document.file == name else f"overlay {document.file}")

    def lay_shocks(self, references: Iterable[Reference]) -> None:
        """Read shocks; they act in the order given, which changes nothing but the report of faults."""
        for number, reference in enumerate(references, start=1):
            with self.collecting():
                document = find_document(reference, "shock", f"shock {number}")
                shape, faults = read_shape(ShockSpec, document.data, document.fault)
                self.faults += faults
                if shape is not None:
                    self.shocks.append(Shock(shape, document))

    def lay_sets(self, sets: Sets) -> None:
        """Lay single settings."""
        with self.collecting():
            for keys, value in read_sets(sets):
                with self.collecting():
                    lay_set(self.layers, keys, value)

    def lay_years(self, start_year: int | None, end_year: int | None) -> None:
        """Lay the years given as arguments."""
        for name, year in (("start_year", start_year), ("end_year", end_year)):
            if year is not None:
                path: KeyPath = ("horizon", name)
                self.layers.lay(path, year, Source(Document(None, {}, "arguments"), (name,), f"argument {name}"))

    def _check_shape(self, schema: type[PolicySpec] | type[OverlaySpec], document: Document) -> None:
        shape, faults = read_shape(schema, document.data, document.fault)
        self.faults += faults
        for key, setting in shape.levers.items() if shape is not None else ():
            if setting is None and key not in self.words.levers:
                remedy = suggestion(key, self.words.levers, "levers")
                self.faults.append(document.fault(("levers", key), None, "there is no such lever", remedy))

    # --- checks -------------------------------------------------------------------------------------------------

    def check(self, whole: bool = True) -> None:
        """Check shape, then sense, of all that has been laid.

        Parameters
        ----------
        whole : bool
            False where there is no place under the layers: what they leave out is not missed.
        """
        tree, fault = self.layers.tree, self.layers.fault
        if tree["place"] or (whole and not self.faults):
            self.place, faults = read_shape(PlaceSpec, tree["place"], fault, ("place",), partial=not whole)
            self.faults += faults
        self.settings, faults = read_shape(
            Settings, {k: tree[k] for k in ("levers", "parameters", "extensions")}, fault
        )
        self.faults += faults
        years = dict(tree["horizon"])
        if self.place is not None:
            years.setdefault("start_year", self.place.base_year)
        self.horizon, faults = read_shape(Horizon, years, fault, ("horizon",))
        self.faults += faults
        self._check_sense()

    def _check_sense(self) -> None:
        if self.place is not None and self.layers.tree["place"]:
            self._complain(("place",), check_place(self.place, self.words))
            self._complain(("place",), check_city(self.place, self.words))
        if self.settings is not None:
            self._complain(("levers",), check_levers(self.settings.levers, self.words))
            self._complain(("parameters",), check_parameters(self.settings.parameters, self.words))
            self._complain(("extensions",), check_extensions(self.settings.extensions))
        if self.horizon is not None:
            base_year = self.place.base_year if self.place is not None else self.horizon.start_year
            self._complain(("horizon",), check_horizon(self.horizon, base_year))
            if self.horizon.end_year > max(base_year, self.horizon.start_year - 1):
                self.faults += check_shocks(self.shocks, self.span(self.horizon, base_year))
            else:
                rule = f"the run ends with the base year {base_year}, which is history"
                self.faults += [s.document.fault(("id",), s.spec.id, rule, "Run to a later year.") for s in self.shocks]

    @staticmethod
    def span(horizon: Horizon, base_year: int) -> Span:
        """Return the years that can be shocked."""
        return span_of(base_year, horizon.start_year, horizon.end_year)

    def _complain(self, at: KeyPath, complaints: Complaints) -> None:
        for c in complaints:
            value = f"{c.value:.12g}" if isinstance(c.value, float) else c.value
            self.faults.append(self.layers.fault((*at, *c.path), value, c.rule, c.remedy))

    # --- what to know -------------------------------------------------------------------------------------------

    def warnings(self) -> list[str]:
        """Return what is allowed but worth knowing."""
        assert self.place is not None
        assert self.settings is not None
        assert self.horizon is not None
        found = []
        for key, setting in self.settings.levers.items():
            lever = self.words.levers[key]
            if setting is None or not differs(setting, lever.neutral):
                continue
            if not lever.acts:
                found.append(f"{dotted(('levers', key))}: no rule of this version reads the lever; it changes nothing")
            if not levels(lever.who) & LEVELS_OF_PLACE[self.place.kind]:
                who = ", ".join(sorted(levels(lever.who)))
                found.append(f"{dotted(('levers', key))}: set by {who}; a {self.place.kind} cannot pull it alone")
        found += [
            f"{dotted(('levers', key))}: beyond {limit:g} it has no further effect (parameter {parameter})"
            for key, parameter, limit in beyond(self.settings.levers, self.settings.parameters)
        ]
        span = self.span(self.horizon, self.place.base_year)
        found += warnings_of([shock.spec for shock in self.shocks], span)
        years = self.horizon.start_year - self.place.base_year
        if years > 0:
            found.append(
                f"horizon.start_year: the run starts {years} years after the base year {self.place.base_year}"
                " from the state of the base year"
            )
        return found


def _shock_documents(document: Document) -> Sequence[Reference]:
    """Return the shocks of a resolved scenario as documents that keep their lines."""
    given = document.data.get("shocks")
    found = []
    for k, data in enumerate(given if isinstance(given, list) else []):
        lines = {path[2:]: line for path, line in document.lines.items() if path[:2] == ("shocks", k)}
        found.append(Document(data, lines, document.file) if isinstance(data, dict) else plain_document({}, "shock"))
    return found


def levels(who: str | Iterable[str]) -> set[str]:
    """Return the levels of government that may pull a lever."""
    return set(who.split(";")) if isinstance(who, str) else set(who)


def differs(setting: float | Schedule, neutral: float) -> bool:
    """Return whether a setting is anything but neutral at all times."""
    if isinstance(setting, Schedule):
        return any(value != neutral for _, value in setting.path)
    return float(setting) != neutral
