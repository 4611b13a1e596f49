"""The zero-carbon park over the runs of a park: conditions, all factors and conventions, guiding indicators (SM25)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from transition_sim.parks.figures import median_range, most_frequent, yearly
from transition_sim.results import RunResult
from transition_sim.scenarios import registry
from transition_sim.scenarios.scenario import Scenario
from transition_sim.world.accounting.emissions import coal_equivalent_tce_per_mwh
from transition_sim.world.accounting.zero_carbon_park import (
    ParkYear,
    Reading,
    Thresholds,
    accident_free_years,
    read_park,
)

FACTORS = ("provincial", "national_average", "national_residual", "national_fossil")
CONVENTIONS = {"coal_equivalent": 0.300, "calorific": 0.1229}
"""tce per MWh of power in the denominator."""
DEFAULT = ("national_average", "coal_equivalent")
"""The reading that stands first where one is wanted (SM19, SM25); the others are always beside it."""


def parameter_values(scenario: Scenario) -> dict[str, float]:
    """Return the value of every parameter of a scenario."""
    return {key: row.value for key, row in registry.parameters().items()} | scenario.parameters


def thresholds_of(scenario: Scenario) -> Thresholds:
    """Return the thresholds of the test."""
    p = parameter_values(scenario)
    return Thresholds(
        p["zero_carbon_small_tce"], p["zero_carbon_large_tce"], p["zero_carbon_small_tco2_per_tce"],
        p["zero_carbon_large_tco2_per_tce"], p["zero_carbon_direct_share"],
    )  # fmt: skip


def park_year(result: RunResult, year: int) -> ParkYear:
    """Return what a year of a run comes down to in the test.

    Fuel is what is left of the energy use when power is taken off under both conventions of the model: the two sums
    differ by the power alone.
    """
    quarters, p = result.place[result.place["year"] == year], parameter_values(result.scenario)
    row = quarters.sum(numeric_only=True)
    equivalent = coal_equivalent_tce_per_mwh(year, p["tce_per_mwh_coal_2020"], p["tce_per_mwh_coal_2025"])
    calorific = p["tce_per_mwh_calorific"]
    use_mwh = (row["energy_coal_equivalent_tce"] - row["energy_calorific_tce"]) / (equivalent - calorific)
    taken_in = (quarters["imported_mwh"] * quarters["grid_tco2_per_mwh"]).sum()
    return ParkYear(
        direct_tco2=max(0.0, row["dual_control_tco2"] - taken_in),
        heat_tco2=row["purchased_heat_tco2"],
        fuel_tce=max(0.0, row["energy_calorific_tce"] - calorific * use_mwh),
        use_mwh=max(0.0, use_mwh),
        inflow_mwh=row["imported_mwh"],
        direct_green_mwh=row["direct_green_mwh"],
        certified_green_mwh=max(0.0, row["claimed_mwh"] - row["direct_line_mwh"]),
    )


def grid_factors(result: RunResult, year: int) -> dict[str, float]:
    """Return the four electricity factors of a year, tCO2/MWh; the provincial one is that of the run."""
    quarters, p = result.place[result.place["year"] == year], parameter_values(result.scenario)
    inflow = quarters["imported_mwh"].to_numpy()
    weights = inflow if inflow.sum() > 0 else np.ones(inflow.size)
    return {
        "provincial": float(np.average(quarters["grid_tco2_per_mwh"].to_numpy(), weights=weights)),
        **{name: p[f"grid_{name}_tco2_per_mwh"] for name in FACTORS[1:]},
    }


def readings(result: RunResult, year: int) -> Iterator[tuple[str, float, str, Reading]]:
    """Yield (factor, tCO2/MWh, convention, reading) for all factors and both conventions."""
    park, thresholds = park_year(result, year), thresholds_of(result.scenario)
    for name, factor in grid_factors(result, year).items():
        for convention, tce_per_mwh in CONVENTIONS.items():
            yield name, factor, convention, read_park(park, factor, tce_per_mwh, thresholds)


@dataclass(frozen=True)
class ZeroCarbonTest:
    """The test in one year over runs; nothing here speaks of the near-zero park.

    Attributes
    ----------
    runs : DataFrame
        A row a run, factor and convention: ``seed``, ``factor``, ``grid_tco2_per_mwh``, ``convention`` and the fields
        of ``Reading``.
    conditions, indicators : DataFrame
        A row a run and criterion: ``seed``, ``key``, ``found``, ``limit``, ``holds`` (None: not known).
    path : DataFrame
        A row a run, factor, convention and year: CO2 per energy.
    """

    runs: pd.DataFrame
    conditions: pd.DataFrame
    indicators: pd.DataFrame
    path: pd.DataFrame

    @cached_property
    def is_eligible(self) -> dict[int, bool | None]:
        """Whether every condition holds, by seed: True, False, or None where one is not known."""
        return {seed: _all_hold(part["holds"]) for seed, part in self.conditions.groupby("seed", sort=False)}

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """A row a factor and convention, medians over runs.

        ``verdict`` is that of most runs; ``level_probability`` the share of runs that keep the threshold, and
        ``pass_probability`` that keep it and are known to be eligible.
        """
        return pd.DataFrame([self._verdict(f, c, part) for (f, c), part in self._by_reading()])

    def _by_reading(self):
        return self.runs.groupby(["factor", "convention"], sort=False)

    def _verdict(self, factor: str, convention: str, part: pd.DataFrame) -> dict[str, object]:
        keeps = (part["verdict"] == "pass").to_numpy()
        eligible = np.array([self.is_eligible[seed] is True for seed in part["seed"]])
        low, middle, high = median_range(part["co2_per_energy_tco2_per_tce"].to_numpy())
        verdict = most_frequent(part["verdict"])
        typical = part[part["verdict"] == verdict]
        medians = {
            name: float(np.median(typical[name]))
            for name in (
                "grid_tco2_per_mwh",
                "energy_tce",
                "co2_tco2",
                "limit_tco2_per_tce",
                "excess_tco2",
                "green_mwh",
                "left_tco2",
            )
        }
        return {
            "factor": factor, "convention": convention, "co2_per_energy_tco2_per_tce": middle, "low": low,
            "high": high, **medians, "verdict": verdict, "binding": most_frequent(typical["binding"]),
            "level_probability": float(keeps.mean()), "pass_probability": float((keeps & eligible).mean()),
        }  # fmt: skip


def _all_hold(holds: pd.Series) -> bool | None:
    found = list(holds)
    return False if False in found else None if None in found else True


def judge_runs(results: list[tuple[int, RunResult]], year: int) -> ZeroCarbonTest:
    """Return the test of runs, given as (seed, result)."""
    rows, conditions, indicators, path = [], [], [], []
    for seed, result in results:
        for y in result.clock.years:
            for factor, grid, convention, reading in readings(result, y):
                path.append((seed, y, factor, convention, reading.co2_per_energy_tco2_per_tce))
                if y == year:
                    keys = {"seed": seed, "factor": factor, "grid_tco2_per_mwh": grid, "convention": convention}
                    rows.append(keys | vars(reading))
        conditions += [{"seed": seed, **row} for row in _conditions(result, year)]
        indicators += [{"seed": seed, **row} for row in _indicators(result, year)]
    names = ["seed", "year", "factor", "convention", "co2_per_energy_tco2_per_tce"]
    return ZeroCarbonTest(
        pd.DataFrame(rows), pd.DataFrame(conditions).astype({"holds": object}),
        pd.DataFrame(indicators).astype({"holds": object}), pd.DataFrame(path, columns=names),
    )  # fmt: skip


def _conditions(result: RunResult, year: int) -> Iterator[dict[str, object]]:
    """Yield how each condition of entry stands; what is not stated of a place is not known, never taken as met."""
    zone, parameters = result.scenario.place.zone, parameter_values(result.scenario)
    events = result.events
    accidents = [*zone.accident_years, *events.loc[events["kind"] == "accident", "year"]]
    found = {
        "zone_level": None if zone.level is None else float(zone.level in ("national", "provincial")),
        "clear_boundary": None if zone.has_clear_boundary is None else float(zone.has_clear_boundary),
        "accident_free_years": accident_free_years(year, [int(a) for a in accidents]),
    }
    for row in registry.zero_carbon_criteria().values():
        if row.kind == "condition":
            value = found[row.key] if row.key in found else float(yearly(result, row.column)[_at(result, year)])
            limit = row.limit(parameters)
            holds = None if value is None else bool(row.holds(value, limit))
            yield {"key": row.key, "found": np.nan if value is None else value, "limit": limit, "holds": holds}


def _indicators(result: RunResult, year: int) -> Iterator[dict[str, object]]:
    parameters = parameter_values(result.scenario)
    for row in registry.zero_carbon_criteria().values():
        if row.kind in ("guiding", "practice"):
            scale = 100.0 if row.unit == "%" else 1.0
            value = scale * float(yearly(result, row.column)[_at(result, year)]) if row.column else np.nan
            limit = row.limit(parameters)
            holds = None if np.isnan(value) else bool(row.holds(value, limit))
            yield {"key": row.key, "found": value, "limit": limit, "holds": holds}


def _at(result: RunResult, year: int) -> int:
    return year - result.clock.start_year
