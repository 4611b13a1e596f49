"""What a run gives back: tidy tables, events, the decision log, a manifest. Nothing below writes a file."""

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from transition_sim.core.clock import Clock
from transition_sim.scenarios import registry
from transition_sim.scenarios.extensions import used
from transition_sim.scenarios.scenario import Scenario
from transition_sim.scenarios.shocks import plain
from transition_sim.version import __version__
from transition_sim.world import columns as declared
from transition_sim.world.peak import Peak, peak_metrics
from transition_sim.world.recorder import Recorder
from transition_sim.world.state import OUTCOMES, TRIGGERS

if TYPE_CHECKING:
    import networkx

BASES = ("dual_control", "territorial")
_LABELS = {"sector": "sectors", "county": "counties", "technology": "technologies"}


def in_years(quarters: np.ndarray, columns: Sequence[declared.Column]) -> np.ndarray:
    """Return quarterly values as yearly ones: flows summed, stocks at year end, states averaged, peaks.

    Parameters
    ----------
    quarters : ndarray, shape (n_quarters, ..., columns)
        A value that is not a number counts for nothing.
    columns : sequence of Column

    Returns
    -------
    ndarray, shape (n_years, ..., columns)
    """
    values = quarters.reshape(-1, 4, *quarters.shape[1:])
    total, known = np.nansum(values, axis=1), np.count_nonzero(~np.isnan(values), axis=1)
    mean = np.full_like(total, np.nan)
    np.divide(total, known, out=mean, where=known > 0)
    last = highest = values[:, 3]
    for k in (2, 1, 0):
        last = np.where(np.isnan(last), values[:, k], last)
        highest = np.fmax(highest, values[:, k])
    found = {"sum": total, "mean": mean, "last": last, "max": highest}
    return np.stack([found[column.annual][..., k] for k, column in enumerate(columns)], axis=-1)


@dataclass
class RunResult:
    """Tables of one run; frames are made when somebody looks.

    Attributes
    ----------
    scenario : Scenario
    seed : int
    clock : Clock
    recorder : Recorder
        Raw arrays, see ``transition_sim.world.columns`` for units and meanings.
    labels : dict
        Ids of sectors, counties, technologies, services, enterprises (and their fixed attributes).
    noted : dict
        What the manifest says beside what any run says, or in its place.
    supply_graph : callable, optional
        Makes the supply chain as a ``networkx.DiGraph``, when somebody looks at it or exports it.
    members : dict of id -> RunResult
        Of a portfolio: the result of each place; the tables here are those of the whole.
    copies : list of dict
        Of a portfolio: practices that one place copied from another, with ``year``, ``pilot``, ``place``,
        ``technology``.
    """

    scenario: Scenario
    seed: int
    clock: Clock
    recorder: Recorder
    labels: dict[str, Any]
    noted: dict[str, Any] = field(default_factory=dict)
    supply_graph: "Callable[[], networkx.DiGraph] | None" = None
    members: "dict[str, RunResult]" = field(default_factory=dict)
    copies: list[dict[str, Any]] = field(default_factory=list)
    _yearly: dict[str, pd.DataFrame] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What is needed to repeat the run, and how much of it rests on weak figures.

        Version, scenario hash, seeds, environment, data hash, share of low-confidence parameters.
        """
        scenario = self.scenario
        return {
            "version": __version__,
            "place": scenario.place.id,
            "policy": scenario.policy_id,
            "scenario_hash": scenario.hash,
            "seed": self.seed,
            "population_seed": scenario.place.population_seed,
            "start_year": self.clock.start_year,
            "end_year": self.clock.end_year,
            "shocks": [plain(shock) for shock in scenario.shocks],
            "data_hash": registry.data_hash(),
            "extensions": [extension.record() for extension in used(scenario.extensions, scenario.levers)],
            "low_confidence_share": registry.low_confidence_share(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "platform": platform.platform(),
        } | self.noted

    # --- tables -------------------------------------------------------------------------------------------------

    @cached_property
    def place(self) -> pd.DataFrame:
        """Quarterly table of the place, a row a quarter."""
        frame = pd.DataFrame(self.recorder.place, columns=[c.name for c in declared.PLACE])
        return pd.concat([self._time(np.arange(len(frame))), frame], axis=1)

    @cached_property
    def annual(self) -> pd.DataFrame:
        """Annual table of the place, indexed by year: flows summed, stocks at year end, states averaged."""
        names = [c.name for c in declared.PLACE]
        return pd.DataFrame(in_years(self.recorder.place, declared.PLACE), index=self._years(), columns=names)

    @cached_property
    def sector(self) -> pd.DataFrame:
        """Quarterly table by sector."""
        return self._cube(self.recorder.sector, declared.SECTOR, "sector", self.labels["sectors"])

    @cached_property
    def county(self) -> pd.DataFrame:
        """Quarterly table by county."""
        return self._cube(self.recorder.county, declared.COUNTY, "county", self.labels["counties"])

    @cached_property
    def technology(self) -> pd.DataFrame:
        """Quarterly table by technology."""
        return self._cube(self.recorder.technology, declared.TECHNOLOGY, "technology", self.labels["technologies"])

    @cached_property
    def vintage(self) -> pd.DataFrame:
        """Quarterly energy of kilns, furnaces and boilers by the year in which they came into service.

        ``commissioned`` is that year; what stood before the first year has the year before it.
        """
        first = self.clock.start_year - 1
        years = [first + k for k in range(self.recorder.vintage.shape[1])]
        frame = self._cube(self.recorder.vintage, declared.VINTAGE, "commissioned", years)
        return frame.astype({"commissioned": "i4"})

    @cached_property
    def agent(self) -> pd.DataFrame:
        """Annual table by enterprise."""
        years, n, k = self.recorder.agent.shape
        frame = pd.DataFrame(self.recorder.agent.reshape(years * n, k), columns=[c.name for c in declared.AGENT])
        ids = pd.DataFrame({"enterprise": np.tile(np.asarray(self.labels["enterprises"], dtype=object)[:n], years)})
        ids.insert(0, "year", np.repeat(np.arange(years) + self.clock.start_year, n))
        return pd.concat([ids, frame], axis=1)

    @cached_property
    def enterprises(self) -> pd.DataFrame:
        """Fixed attributes of every enterprise: id, name, sector, county, size, ownership."""
        return pd.DataFrame(self.labels["enterprise_attributes"])

    @cached_property
    def market(self) -> pd.DataFrame:
        """Prices and volumes, a row a market and quarter."""
        names = ["quarter", "market", "price", "price_unit", "volume", "volume_unit"]
        frame = pd.DataFrame(self.recorder.market, columns=names)
        return pd.concat([self._time(frame.pop("quarter").to_numpy(dtype=int)), frame], axis=1)

    @cached_property
    def events(self) -> pd.DataFrame:
        """Defaults, shortages, closures, trades."""
        rows = [(e.quarter, e.kind, e.subject, e.amount, e.unit) for e in self.recorder.events]
        frame = pd.DataFrame(rows, columns=["quarter", "kind", "subject", "amount", "unit"])
        return pd.concat([self._time(frame.pop("quarter").to_numpy(dtype=int)), frame], axis=1)

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """The log: a row an option seen, with its levelised cost, utility and probability, and what came of it."""
        return decision_frame(self)

    @cached_property
    def member_annual(self) -> pd.DataFrame:
        """Annual tables of the members of a portfolio, one under the other; empty for any other place."""
        parts = {key: member.annual.reset_index() for key, member in self.members.items()}
        if not parts:
            return pd.DataFrame(columns=["member", "year"])
        return pd.concat(parts, names=["member"]).reset_index(level=0).reset_index(drop=True)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return all tables by name, as they are written to files."""
        of_members = {"members": self.member_annual, "copies": self.copied} if self.members else {}
        return {
            **of_members,
            "place": self.place,
            "annual": self.annual.reset_index(),
            "sector": self.sector,
            "county": self.county,
            "technology": self.technology,
            "vintage": self.vintage,
            "agent": self.agent,
            "enterprises": self.enterprises,
            "market": self.market,
            "events": self.events,
        }

    @property
    def copied(self) -> pd.DataFrame:
        """Practices that a member of a portfolio took over from another, a row a copy."""
        return pd.DataFrame(self.copies, columns=["year", "pilot", "place", "technology"])

    # --- peak ---------------------------------------------------------------------------------------------------

    def annual_tco2(self, basis: str = "dual_control") -> pd.Series:
        """Return the annual emissions on a territorial basis, tCO2.

        Raises
        ------
        ValueError
            When the basis is not one of ``BASES``.
        """
        if basis not in BASES:
            raise ValueError(f"basis is one of {', '.join(BASES)}, not {basis!r}")
        return self.annual[f"{basis}_tco2"]

    def peak(self, basis: str = "dual_control") -> Peak:
        """Return peak year, confirmation, plateau and censoring (SM25); sinks are never netted."""
        series = self.annual_tco2(basis)
        return peak_metrics(np.asarray(series.index), series.to_numpy())

    # --- shapes -------------------------------------------------------------------------------------------------

    def _time(self, quarters: np.ndarray) -> pd.DataFrame:
        year = quarters // 4 + self.clock.start_year
        of_year = quarters % 4 + 1
        label = np.array([f"{y}Q{q}" for y, q in zip(year, of_year, strict=True)], dtype=object)
        return pd.DataFrame({"quarter": label, "year": year.astype("i4"), "quarter_of_year": of_year.astype("i2")})

    def _cube(self, cube: np.ndarray, columns: tuple, name: str, ids: list[Any]) -> pd.DataFrame:
        quarters, rows, k = cube.shape
        frame = pd.DataFrame(cube.reshape(quarters * rows, k), columns=[c.name for c in columns])
        keys = self._time(np.repeat(np.arange(quarters), rows))
        keys[name] = np.tile(np.asarray(ids, dtype=object), quarters)
        return pd.concat([keys, frame], axis=1)

    def _years(self) -> pd.Index:
        first = self.clock.start_year
        return pd.RangeIndex(first, first + len(self.recorder.place) // 4, name="year")

    def by_year(self, table: str) -> pd.DataFrame:
        """Return the sector, county or technology table summed to years.

        Raises
        ------
        KeyError
            For any other table.
        """
        if table not in self._yearly:
            columns = {"sector": declared.SECTOR, "county": declared.COUNTY, "technology": declared.TECHNOLOGY}[table]
            values = in_years(getattr(self.recorder, table), columns)
            years, rows, k = values.shape
            frame = pd.DataFrame(values.reshape(years * rows, k), columns=[c.name for c in columns])
            keys = pd.DataFrame({"year": np.repeat(self._years().to_numpy("i4"), rows)})
            keys[table] = np.tile(np.asarray(self.labels[_LABELS[table]], dtype=object), years)
            self._yearly[table] = pd.concat([keys, frame], axis=1)
        return self._yearly[table].copy(deep=False)


def decision_frame(result: RunResult) -> pd.DataFrame:
    """Return the decision log as a tidy table, a row an option that somebody saw."""
    logs = [d for d in result.recorder.decisions if d.size]
    if not logs:
        return pd.DataFrame(columns=["quarter", "year", "enterprise", "service", "trigger", "outcome", "option"])
    decisions = np.concatenate(logs)
    shown = np.concatenate([o for o in result.recorder.options if o.size])
    row = np.repeat(np.arange(decisions.size), decisions["n_options"])
    taken = decisions[row]
    names = np.array([*result.labels["technologies"], "keep"], dtype=object)
    triggers = np.array([*TRIGGERS, "forced"], dtype=object)
    frame = pd.DataFrame(
        {
            "enterprise": np.asarray(result.labels["enterprises"], dtype=object)[taken["enterprise"]],
            "service": np.asarray(result.labels["services"], dtype=object)[taken["service"]],
            "trigger": triggers[np.minimum(taken["trigger"], len(TRIGGERS))],
            "outcome": np.array(OUTCOMES, dtype=object)[taken["outcome"]],
            "decision": row,
            "option": names[shown["technology"]],
            "is_chosen": shown["technology"] == taken["chosen"],
            "levelised_cost_cny_per_unit": shown["levelised_cost_cny_per_unit"],
            "utility": shown["utility"],
            "probability": shown["probability"],
            "uniform": taken["uniform"],
            "capex_cny": taken["capex_cny"],
            "subsidy_cny": taken["subsidy_cny"],
        }
    )
    return pd.concat([result._time(taken["quarter"].astype(int)), frame], axis=1)


def yearly(result: RunResult, column: str) -> np.ndarray:
    """Return a column of the annual results, or the ratio of two, ``a/b``; nan where the lower is not above 0.

    Raises
    ------
    KeyError
        When the results have no such column.
    """
    over, _, under = column.partition("/")
    series = result.annual[over].to_numpy(dtype=float)
    if not under:
        return series
    lower = result.annual[under].to_numpy(dtype=float)
    return np.divide(series, lower, out=np.full(series.shape, np.nan), where=lower > 0)
