"""A scenario: one place, one setting of the levers, one horizon; frozen, hashed and complete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from transition_sim.core.clock import Clock
from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.core.provenance import content_hash
from transition_sim.scenarios.checks import LAST_YEAR, Vocabulary
from transition_sim.scenarios.compose import RESOLVED_FORMAT, Question, Sets, differs
from transition_sim.scenarios.extensions import added_levers, apply_effects, known_levers
from transition_sim.scenarios.library import Reference
from transition_sim.scenarios.loader import Document, read_document
from transition_sim.scenarios.overlays import lay_overlay
from transition_sim.scenarios.portfolio import PORTFOLIO_FORMAT
from transition_sim.scenarios.shocks import ShockSpec, Span, plain, span_of
from transition_sim.scenarios.spec import Horizon, PlaceSpec, Schedule

LINE_DECIMALS = 10
"""Of a value between two years of a schedule: a line is the same whichever of its points are written."""
FORMATS = ("place/1", PORTFOLIO_FORMAT, "policy/1", "shock/1", "overlay/1", RESOLVED_FORMAT)


@cache
def vocabulary() -> Vocabulary:
    """Return the words of the registry: levers, parameters, sectors, carriers."""
    from transition_sim.scenarios import registry

    return Vocabulary(
        levers=_by_key(known_levers()),
        added_levers=tuple(added_levers()),
        parameters=_by_key(registry.parameters()),
        sectors=tuple(registry.sector_ids()),
        carriers=tuple(registry.carrier_ids()),
        fleets={row.id: row for row in registry.fleet_kinds()},
        building_kinds={row.id: row for row in registry.building_kinds()},
    )


def _by_key(rows: Any) -> dict[str, Any]:
    return {row.key: row for row in (rows.values() if isinstance(rows, Mapping) else rows)}


@dataclass(frozen=True, eq=False)
class Scenario:
    """All that a run is asked, apart from its seed.

    Attributes
    ----------
    place : PlaceSpec
    policy_id : str
    levers : dict of key -> float or Schedule
        Only levers that differ from neutral at some time; in the unit of the lever.
    parameters : dict of key -> float
        Only values that differ from the default.
    horizon : Horizon
    origins : dict of dotted path -> str
        Layer that each value comes from; values below a path that is named come from the same layer.
    warnings : tuple of str
        What is allowed but worth knowing.
    shocks : tuple of ShockSpec
        What happens to the place from outside, dated (SM27).
    extensions : dict of kind -> name
        Rules of other packages that replace ours.
    """

    place: PlaceSpec
    policy_id: str = "none"
    levers: dict[str, float | Schedule] = field(default_factory=dict)
    parameters: dict[str, float] = field(default_factory=dict)
    horizon: Horizon = field(default_factory=Horizon)
    origins: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    shocks: tuple[ShockSpec, ...] = ()
    extensions: dict[str, str] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scenario) and self.hash == other.hash

    def __hash__(self) -> int:
        return int(self.hash[:15], 16)

    @property
    def clock(self) -> Clock:
        """Calendar of the horizon."""
        return Clock(self.horizon.start_year, self.horizon.end_year)

    @property
    def span(self) -> Span:
        """Years that shocks can reach."""
        return span_of(self.place.base_year, self.horizon.start_year, self.horizon.end_year)

    @cached_property
    def hash(self) -> str:
        """Hash of everything that a run can read, 32 hexadecimal digits; names of policies and layers do not count."""
        content = self.resolved()
        del content["policy"]
        return content_hash(content)

    @cached_property
    def start_key(self) -> str:
        """Hash of what the world on the eve of a run depends on: place, parameters and horizon, not the policy."""
        content = {
            "place": self.place.content_hash,
            "horizon": self.horizon.model_dump(mode="json"),
            "parameters": self.parameters,
        }
        return content_hash(content)

    def resolved(self) -> dict[str, Any]:
        """Return the content as plain data, quantities in declared units; written to YAML it loads as a place."""
        shocks = {"shocks": [plain(shock) for shock in self.shocks]} if self.shocks else {}
        extensions = {"extensions": dict(sorted(self.extensions.items()))} if self.extensions else {}
        return {
            "format": RESOLVED_FORMAT,
            "policy": self.policy_id,
            **shocks,
            **extensions,
            "horizon": self.horizon.model_dump(mode="json"),
            "levers": {key: _plain(setting) for key, setting in sorted(self.levers.items())},
            "parameters": dict(sorted(self.parameters.items())),
            "place": self.place.model_dump(mode="json"),
        }

    def lever_values(self, quarter: int) -> np.ndarray:
        """Return the value of every lever at the start of a quarter, in the order of the registry.

        Parameters
        ----------
        quarter : int
            From 0, the first quarter of the start year; negative in the spin-up.

        Returns
        -------
        ndarray of f8, shape (n_levers,)
        """
        time = self.clock.decimal_year(quarter)
        words = vocabulary()
        levers = [(key, lever) for key, lever in words.levers.items() if key not in words.added_levers]
        return np.array([value_at(self.levers.get(key, lever.neutral), time) for key, lever in levers])

    def lever_path(self) -> np.ndarray:
        """Return the value of every lever of the model at the start of every quarter.

        Levers that packages add have their effect on it, and a path of their own (``added_path``).

        Returns
        -------
        structured ndarray, shape (n_quarters,)
            One f8 field per lever, by key; its unit stands in the table of levers.

        Raises
        ------
        ExtensionError
            When the effect of an added lever leaves the range of one of ours.
        """
        words = vocabulary()
        path = self._path(tuple(key for key in words.levers if key not in words.added_levers))
        apply_effects(self.levers, self.added_path, path)
        return path

    @cached_property
    def added_path(self) -> np.ndarray:
        """Value of every lever that an installed package adds, as ``lever_path``."""
        return self._path(vocabulary().added_levers)

    def _path(self, keys: tuple[str, ...]) -> np.ndarray:
        from transition_sim.scenarios import registry

        clock, levers = self.clock, vocabulary().levers
        times = clock.start_year + np.arange(clock.n_quarters) / 4.0
        path = np.empty(clock.n_quarters, registry.numbers_dtype(keys))
        for key in keys:
            path[key] = values_at(self.levers.get(key, levers[key].neutral), times)
        return path

    @cached_property
    def _settings(self) -> Document:
        """All but the place, as an overlay."""
        here = {
            "levers": {key: _plain(setting) for key, setting in self.levers.items()},
            "parameters": self.parameters,
            "extensions": self.extensions,
            "horizon": self.horizon.model_dump(),
        }
        return Document(here, {}, "scenario")

    def changed(
        self,
        levers: Mapping[str, Any] | None = None,
        parameters: Mapping[str, float | None] | None = None,
        end_year: int | None = None,
        policy_id: str | None = None,
        origin: str = "changed",
    ) -> "Scenario":
        """Return a copy with other levers and parameters over the same place, checked like a file; null takes back.

        Raises
        ------
        ScenarioError
        """
        question = Question(vocabulary(), place=self.place)
        lay_overlay(question.layers, self._settings, "scenario")  # their shape was checked when this one was made
        question.lay_overlay({"levers": dict(levers or {}), "parameters": dict(parameters or {})}, origin)
        question.lay_shocks([plain(shock) for shock in self.shocks])
        question.lay_years(None, end_year)
        question.check(whole=False)
        made = _finished(question)
        origins = {
            key: self.origins.get(key, "default") if layer == "scenario" else layer
            for key, layer in made.origins.items()
        }
        kept = {key: layer for key, layer in self.origins.items() if key == "place" or key.startswith("place.")}
        return replace(made, policy_id=policy_id or self.policy_id, origins={**kept, **origins})


def load_scenario(
    place: Reference = "guangan_city",
    policy: Reference | None = "none",
    overlay: Reference | list[Reference] | tuple[Reference, ...] | None = None,
    sets: Sets = (),
    start_year: int | None = None,
    end_year: int | None = None,
    shocks: Reference | Sequence[Reference] = (),
) -> Scenario:
    """Return the scenario of a place, a policy and what is laid over them; later wins.

    Parameters
    ----------
    place, policy : str, Path, mapping or Document
        A name of the library, or a path that ends in ``.yaml``. The ``scenario.yaml`` of a finished run serves as a
        place that brings its levers, parameters and horizon with it.
    overlay : mapping, path or list of them, optional
        With the keys ``place``, ``levers``, ``parameters``, ``horizon``.
    sets : sequence of str, or mapping
        ``"levers.capex_subsidy_share=0.2"``, ``"place.power.loss_share=0.05"``.
    start_year, end_year : int, optional
        Both included; by default from the base year of the place to 2035.
    shocks : str, Path, mapping, or sequence of them
        Dated events of the library, such as ``"summer_drought"``, or files that end in ``.yaml`` (SM27).

    Raises
    ------
    ScenarioError
        With every fault of every file.
    """
    question = Question(vocabulary())
    question.lay_place(place)
    question.lay_policy(policy)
    overlays = overlay if isinstance(overlay, list | tuple) else [] if overlay is None else [overlay]
    for number, reference in enumerate(overlays, start=1):
        question.lay_overlay(reference, f"overlay {number}" if len(overlays) > 1 else "overlay")
    question.lay_sets(sets)
    question.lay_shocks([shocks] if isinstance(shocks, str | Path | Mapping | Document) else shocks)
    question.lay_years(start_year, end_year)
    question.check()
    return _finished(question)


def check_file(path: str | Path | Document) -> list[Fault]:
    """Return the faults of a place, policy, overlay or resolved scenario; empty when it is in order."""
    try:
        document = path if isinstance(path, Document) else read_document(path)
    except ScenarioError as error:
        return list(error.faults)
    shape = document.data.get("format")
    question = Question(vocabulary())
    if shape in ("place/1", PORTFOLIO_FORMAT, RESOLVED_FORMAT):
        question.lay_place(document)
    elif shape == "policy/1":
        question.lay_policy(document)
    elif shape == "overlay/1":
        question.lay_overlay(document, document.file)
    elif shape == "shock/1":
        question.lay_shocks([document])
        question.lay_years(None, LAST_YEAR)  # whether its dates lie within a run is seen when it runs
    else:
        rule = "the format is missing" if shape is None else "there is no such format"
        return [
            document.fault(("format",), shape, rule, f"The first line is 'format:' and one of: {', '.join(FORMATS)}.")
        ]
    question.check(whole=shape in ("place/1", PORTFOLIO_FORMAT, RESOLVED_FORMAT))
    return list(dict.fromkeys(question.faults))


def value_at(setting: float | Schedule, decimal_year: float) -> float:
    """Return a lever's value at a moment: flat before the first and after the last year of a schedule."""
    return float(values_at(setting, np.array([decimal_year]))[0])


def values_at(setting: float | Schedule, decimal_years: np.ndarray) -> np.ndarray:
    """Return a lever's values at several moments; linear between years, or a step at the start of each year."""
    if not isinstance(setting, Schedule):
        return np.full(len(decimal_years), float(setting))
    years = np.array([year for year, _ in setting.path], dtype=float)
    values = np.array([value for _, value in setting.path], dtype=float)
    if setting.interp == "linear":
        return np.round(np.interp(decimal_years, years, values), LINE_DECIMALS)
    reached = np.searchsorted(years, decimal_years, side="right") - 1
    return values[np.maximum(reached, 0)]


def _finished(question: Question) -> Scenario:
    question.raise_faults()
    place, settings, horizon = question.place, question.settings, question.horizon
    assert place is not None
    assert settings is not None
    assert horizon is not None
    words = question.words
    levers = {
        key: setting if isinstance(setting, Schedule) else float(setting)
        for key, setting in sorted(settings.levers.items())
        if setting is not None and differs(setting, words.levers[key].neutral)
    }
    parameters = {
        key: float(value)
        for key, value in sorted(settings.parameters.items())
        if value is not None and value != words.parameters[key].value
    }
    return Scenario(
        place, question.policy_id, levers, parameters, horizon, question.layers.origins(), tuple(question.warnings()),
        tuple(shock.spec for shock in question.shocks),
        {kind: name for kind, name in settings.extensions.items() if name is not None},
    )  # fmt: skip


def _plain(setting: float | Schedule) -> Any:
    return setting.model_dump(mode="json") if isinstance(setting, Schedule) else setting
