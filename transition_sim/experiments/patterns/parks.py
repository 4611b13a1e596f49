"""Measures over many parks: carbon per energy, and the problems of pilots (P19, P23)."""

import numpy as np

from transition_sim.evaluation import SLIPPAGE_QUARTERS, Evaluation
from transition_sim.experiments.patterns.trial import Arm, Trial, mean_or_nan
from transition_sim.parks.zero_carbon import DEFAULT as DEFAULT_READING
from transition_sim.parks.zero_carbon import readings

YEAR = 2025
PARKS = Arm(end_year=YEAR)
CAPABILITY_OR_FINANCE = ("funding_gap", "weak_capability")
CAUSES = ("unclear_path", "single_model", "few_highlights", *CAPABILITY_OR_FINANCE)


def parks_tco2_per_tce(trial: Trial) -> float:
    """Return CO2 per energy in the base year, national average factor, power at coal equivalent (SM19)."""
    result = trial.run(PARKS)
    found = {(n, c): r.co2_per_energy_tco2_per_tce for n, _, c, r in readings(result, result.clock.start_year)}
    return found[DEFAULT_READING]


def _lags(trial: Trial) -> dict[str, bool]:
    """Return by park whether it lags by four quarters; a park without a target cannot lag."""
    found = {}
    for key, member in trial.run(PARKS).members.items():
        standings = Evaluation(member, YEAR).standings
        found[key] = any(s.slippage_quarters >= SLIPPAGE_QUARTERS for s in standings)
    return found


def lagging_parks_share(trial: Trial) -> float:
    return mean_or_nan(list(_lags(trial).values()))


def _binds_first(trial: Trial, park: str) -> bool:
    """Tell whether capability or finance is furthest beyond its limit among the causes, in the first year of any."""
    member = trial.run(PARKS).members[park]
    for year in list(member.clock.years)[1:]:
        raised = [f for f in Evaluation(member, year).flags if f.is_raised and f.key in CAUSES]
        if raised:
            worst = max(raised, key=lambda f: abs(f.value / f.limit - 1.0))
            return worst.key in CAPABILITY_OR_FINANCE
    return False


def capability_or_finance_first_share(trial: Trial) -> float:
    late = [park for park, lags in _lags(trial).items() if lags]
    return float(np.mean([_binds_first(trial, park) for park in late])) if late else float("nan")
