"""The annual evaluation of a run: progress, cases, the six problems of the pilot assessment, advice, chronicle (SM23).

Everything is worked out from the tables of a run: how far a place is along the target lines of its plans, and six
flags with the limits of the specification: slow progress (I33), unclear path, single model, few highlights (I47),
funding gap (I32), weak management (I31).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from transition_sim.results import RunResult
from transition_sim.scenarios import registry
from transition_sim.world.policy.control import assessment_score
from transition_sim.world.policy.target_lines import (
    TargetLine,
    gap_share,
    progress_share,
    slippage_quarters,
    target_lines,
)

SLIPPAGE_QUARTERS = 4.0
ENTROPY_SHARE = 0.9
CONCENTRATION = 0.6
REPLICABILITY = 0.5
FUNDING_GAP_SHARE = 0.4
CAPABILITY = 0.4
MOST_CASES, MOST_MEASURES = 3, 2
PLACED = ("ordered", "ordered_without_subsidy", "ordered_by_contract")


@dataclass(frozen=True)
class Flag:
    """One of the six problems: what was measured against which limit; value nan where the run cannot tell."""

    key: str
    value: float
    limit: float
    is_raised: bool


@dataclass(frozen=True)
class Standing:
    """Where one indicator stands: value, what the line asks, progress (0 to 1.2), gap, delay."""

    line: TargetLine
    value: float
    target: float
    progress: float
    gap: float
    slippage_quarters: float


def spread(result: RunResult) -> pd.DataFrame:
    """Return when each green technology was first weighed and first ordered in each county, by the decision log.

    Returns
    -------
    DataFrame
        By technology and county (enterprise, in a place of one county): ``weighed`` and ``placed``, years, nan where
        nobody ordered it; ``is_example`` where it was ordered before all others. Empty without a decision log.
    """
    log = result.decisions
    if "is_chosen" not in log or log.empty:
        nothing = pd.MultiIndex.from_arrays([[], []])
        return pd.DataFrame(columns=["weighed", "placed", "is_example"], index=nothing)
    log = log.loc[log["option"].isin(result.labels["green_technologies"])]
    firms = result.enterprises.set_index("enterprise")["county"]
    unit = log["enterprise"] if firms.nunique() == 1 else log["enterprise"].map(firms)
    log = log.assign(unit=unit)[["option", "unit", "year", "is_chosen", "outcome"]]
    placed = log[log["is_chosen"] & log["outcome"].isin(PLACED)]
    by, first = ["option", "unit"], placed.groupby("option", sort=False)["unit"].first()
    found = pd.DataFrame(
        {
            "weighed": log.groupby(by, sort=False)["year"].min(),
            "placed": placed.groupby(by, sort=False)["year"].min(),
        }
    )
    return found.assign(is_example=found.index.isin(list(first.items())))


@dataclass(frozen=True)
class Evaluation:
    """The evaluation of a year.

    Attributes
    ----------
    result : RunResult
    year : int
    known_spread : DataFrame, optional
        ``spread`` of the result, where several of its years are evaluated.
    """

    result: RunResult
    year: int
    known_spread: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        years = self.result.clock.years
        if self.year not in years or self.year == years[0]:
            raise ValueError(f"an evaluation is written for a year from {years[0] + 1} to {years[-1]}, not {self.year}")

    # --- progress -----------------------------------------------------------------------------------------------

    @cached_property
    def standings(self) -> list[Standing]:
        """Indicators of the place that its plans set targets for."""
        place, clock = self.result.scenario.place, self.result.clock
        targets = [t for t in registry.targets().values() if t.concerns(place.id, place.kind, place.programme)]
        found = []
        for line in target_lines(list(registry.control_indicators().values()), targets, clock.start_year):
            if not line.targets or line.base_year >= self.year:
                continue
            line.begin(self._value(line, line.base_year))
            value, target = self._value(line, self.year), line.value(self.year)
            progress = progress_share(value, line.base_value, target, line.sign)
            late = slippage_quarters(line, value, self.year)
            found.append(Standing(line, value, target, progress, gap_share(value, target, line.sign), late))
        return found

    def _value(self, line: TargetLine, year: int) -> float:
        row, under = self.result.annual.loc[year], line.indicator.under
        over = sum(sign * float(row[name]) for sign, name in line.indicator.terms)
        return over / float(row[under]) if under else over

    @cached_property
    def score(self) -> float:
        """Weighted progress, 0 to 1.2 (A39); nan where nothing is asked."""
        weights = np.array([s.line.indicator.weight for s in self.standings])
        return assessment_score(np.array([s.progress for s in self.standings]), weights)

    # --- the six problems ---------------------------------------------------------------------------------------

    @cached_property
    def flags(self) -> list[Flag]:
        """The six problems in the order of the pilot assessment."""
        row = self.result.annual.loc[self.year]
        late = max((s.slippage_quarters for s in self.standings), default=float("nan"))
        even, is_met = self.evenness, any(s.progress >= 1.0 for s in self.standings)
        desired = float(row["desired_capex_cny"])
        gap = float(row["rationed_capex_cny"]) / desired if desired > 0 else 0.0
        best = max(self.replicability.values(), default=float("nan"))
        able = float(row["capability"])
        return [
            Flag("slow_progress", late, SLIPPAGE_QUARTERS, late >= SLIPPAGE_QUARTERS),
            Flag("unclear_path", even, ENTROPY_SHARE, even > ENTROPY_SHARE and not is_met),
            Flag("single_model", self.concentration, CONCENTRATION, self.concentration > CONCENTRATION),
            Flag("few_highlights", best, REPLICABILITY, best <= REPLICABILITY),
            Flag("funding_gap", gap, FUNDING_GAP_SHARE, gap > FUNDING_GAP_SHARE),
            Flag("weak_capability", able, CAPABILITY, able < CAPABILITY),
        ]

    @cached_property
    def evenness(self) -> float:
        """Entropy of the mix of levers in force over its highest value; nan with fewer than two levers.

        A lever counts by its distance from neutral over its range.
        """
        quarter = 4 * (self.year - self.result.clock.start_year)
        levers = registry.levers().values()
        values = self.result.scenario.lever_values(quarter)
        distance = np.array([abs(v - r.neutral) / (r.high - r.low) for v, r in zip(values, levers, strict=True)])
        distance = distance[distance > 0]
        if distance.size < 2:
            return float("nan")
        share = distance / distance.sum()
        return float(-(share * np.log(share)).sum() / np.log(share.size))

    @cached_property
    def orders(self) -> pd.Series:
        """Green investments ordered in the year by technology."""
        table = self.result.technology
        green = table["technology"].isin(self.result.labels["green_technologies"]) & (table["year"] == self.year)
        found = table[green].groupby("technology", sort=False)["orders"].sum()
        return found[found > 0]

    @cached_property
    def concentration(self) -> float:
        """Herfindahl index of the green investments of the year; nan without any."""
        share = self.orders / self.orders.sum()
        return float((share**2).sum()) if share.size else float("nan")

    @cached_property
    def replicability(self) -> dict[str, float]:
        """By green technology: copies with success over attempts, up to the year (I47); empty without a decision log.

        The first county that orders it sets the example. An attempt is another county in which somebody weighed it, a
        success one in which somebody ordered it. In a place of one county enterprises count instead of counties.
        """
        known = spread(self.result) if self.known_spread is None else self.known_spread
        is_placed, is_example = known["placed"] <= self.year, known["is_example"].astype(bool)
        begun = known.index[is_placed & is_example].get_level_values(0)
        attempts = is_placed[(known["weighed"] <= self.year) & ~is_example]
        share = attempts[attempts.index.get_level_values(0).isin(begun)].groupby(level=0, sort=False).mean()
        return {str(technology): float(copied) for technology, copied in share.items()}

    # --- cases --------------------------------------------------------------------------------------------------

    @cached_property
    def cases(self) -> pd.DataFrame:
        """Enterprises that invested and cut emissions per output most, by tonnes saved at today's output."""
        agent = self.result.agent
        if agent.empty:
            return agent
        base_year = self.result.clock.start_year
        agent = agent.assign(tco2=agent["scope1_tco2"].astype(float) + agent["scope2_location_tco2"])
        first = agent[agent["year"] == base_year].set_index("enterprise")
        now = agent[(agent["year"] == self.year) & (agent["is_alive"] > 0)].set_index("enterprise")
        capex = agent[agent["year"] <= self.year].groupby("enterprise", sort=False)["capex_cny"].sum()
        table = pd.DataFrame({"before": first["tco2"] / first["output_cny"], "now": now["tco2"] / now["output_cny"]})
        table["output_cny"], table["capex_cny"] = now["output_cny"], capex
        table["saved_tco2"] = (table["before"] - table["now"]) * table["output_cny"]
        table["change_percent"] = 100.0 * (table["now"] / table["before"] - 1.0)
        good = table[(table["saved_tco2"] > 0) & (table["capex_cny"] > 0)]
        return good.sort_values("saved_tco2", ascending=False).head(MOST_CASES)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """The green technologies whose use grew most in the year: share of those that could, and the gain."""
        table = self.result.by_year("technology")
        table = table[table["technology"].isin(self.result.labels["green_technologies"])]
        share = table.pivot(index="technology", columns="year", values="adoption_share")
        found = pd.DataFrame({"share": share[self.year], "gain": share[self.year] - share[self.year - 1]})
        return found[found["gain"] > 0].sort_values("gain", ascending=False).head(MOST_MEASURES)
