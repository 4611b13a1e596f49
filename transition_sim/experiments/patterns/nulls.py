"""Four null models that the model must beat: trends, no graph, cost-optimal, aggregate Bass (specification 4.3).

N2 and N3 are the model itself with something taken away and are measured like it. N1 and N4 are formulas and speak of
few patterns only.
"""

import numpy as np
import pandas as pd

from transition_sim.experiments.patterns.diffusion import adoption_curves, capex_path, fit_logistic, judge_curves
from transition_sim.experiments.patterns.trial import DEFAULT, Trial, Variant, change
from transition_sim.results import RunResult

MODEL, TREND, NO_GRAPH, COST_OPTIMAL, BASS = "model", "N1", "N2", "N3", "N4"
NULLS = (TREND, NO_GRAPH, COST_OPTIMAL, BASS)
ALWAYS = 50.0
"""Hazard under which practically everybody looks every quarter, 1/yr."""
VARIANTS = {
    MODEL: Variant(MODEL),
    NO_GRAPH: Variant(NO_GRAPH, {"local_buying_share": 0.0}),
    COST_OPTIMAL: Variant(
        COST_OPTIMAL,
        run_parameters={
            "hazard_base_per_year": ALWAYS, "hazard_base_small_per_year": ALWAYS, "hazard_base_large_per_year": ALWAYS,
            "choice_noise": 0.0,
        },
    ),
}  # fmt: skip
KNOWN_YEARS = (2020, 2021, 2022)
"""Years that a trend may be drawn through."""
CAR_PERCENT = (5.4, 13.4, 25.6)
"""Electric share of new cars in the known years (P02)."""
BASS_INNOVATION, BASS_IMITATION = 0.03, 0.38
"""Means over durable goods, 1/yr (Sultan, Farley and Lehmann 1990)."""


def of_trends(trial: Trial) -> dict[str, float | np.ndarray]:
    """Return what straight continuation of 2020 to 2022 says (N1)."""
    result = trial.run(DEFAULT)
    years = 0.25 * np.arange(result.clock.n_quarters)
    share, takeover = judge_curves({k: _line(v) for k, v in adoption_curves(result).items()}, years)
    cars = np.polyval(np.polyfit(KNOWN_YEARS, CAR_PERCENT, 1), KNOWN_YEARS)
    cost = continued(capex_path(result), result.clock.end_year)
    has_cars = float(result.annual["cars_bought"].sum()) > 0
    return {
        "sigmoid_technologies_share": share,
        "takeover_years": takeover,
        **(dict(zip(_CARS, map(float, cars), strict=True)) if has_cars else {}),
        "pv_cost_change_percent": 100.0 * change(cost[2025], cost[2020]),
        "plateau_years": sector_trends(result),
    }


_CARS = tuple(f"electric_cars_{year}_percent" for year in KNOWN_YEARS)


def _line(share: np.ndarray) -> np.ndarray:
    """Return a share that goes on as in its first three years, from 0 to 1."""
    first = np.arange(4 * len(KNOWN_YEARS))
    return np.clip(np.polyval(np.polyfit(first, share[first], 1), np.arange(share.size)), 0.0, 1.0)


def continued(series: pd.Series, end_year: int) -> pd.Series:
    """Return a positive series by year that goes on at its rate of 2020 to 2022."""
    years = np.arange(KNOWN_YEARS[0], end_year + 1)
    known = np.maximum(series.loc[list(KNOWN_YEARS)].to_numpy(dtype=float), 1e-12)
    rate, level = np.polyfit(KNOWN_YEARS, np.log(known), 1)
    return pd.Series(np.exp(level + rate * years), index=years)


def sector_trends(result: RunResult) -> np.ndarray:
    """Return CO2 by year, each sector at its own rate and what is no enterprise at its rate, tCO2."""
    table = result.by_year("sector")
    table = table.assign(tco2=table["scope1_tco2"] + table["scope2_location_tco2"])
    sectors = table.pivot(index="year", columns="sector", values="tco2")
    rest = result.annual["dual_control_tco2"] - sectors.sum(axis=1)
    end = result.clock.end_year
    path = sum(continued(sectors[name], end) for name in sectors if sectors[name].iloc[0] > 0)
    return (path + continued(rest.clip(lower=1.0), end)).to_numpy()


def bass_share(years: np.ndarray) -> np.ndarray:
    """Return the adopters' share F(t) of the Bass model; 0 before its start (A01)."""
    p, q = BASS_INNOVATION, BASS_IMITATION
    decay = np.exp(-(p + q) * np.maximum(years, 0.0))
    return (1.0 - decay) / (1.0 + q / p * decay)


def of_bass(trial: Trial) -> dict[str, float | np.ndarray]:
    """Return what one Bass curve for everything says (N4); for cars its start is fitted to the known years."""
    result = trial.run(DEFAULT)
    years = 0.25 * np.arange(result.clock.n_quarters)
    fit, takeover = fit_logistic(bass_share(years), years)
    starts = np.arange(2005.0, 2021.0, 0.05)
    curves = 100.0 * bass_share(np.array(KNOWN_YEARS)[None, :] - starts[:, None])
    best = curves[int(np.argmin(((curves - CAR_PERCENT) ** 2).sum(axis=1)))]
    has_cars = float(result.annual["cars_bought"].sum()) > 0
    return {
        "sigmoid_technologies_share": float(fit >= 0.97),
        "takeover_years": takeover,
        **(dict(zip(_CARS, map(float, best), strict=True)) if has_cars else {}),
    }
