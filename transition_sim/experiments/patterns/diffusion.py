"""Measures of diffusion: curves of adoption, electric cars, cost of photovoltaics (P01, P02, P18)."""

import warnings

import numpy as np
import pandas as pd

from transition_sim.experiments.patterns.trial import DEFAULT, Trial, change
from transition_sim.results import RunResult

LATE_SHARE, EARLY_SHARE = 0.30, 0.10
FEWEST_ABLE = 20
"""Enterprises that could use a technology: with three works a curve is three steps."""
FIT = 0.97
TAKEOVER = float(np.log(81.0))
"""Logistic time from 10 to 90 % times its rate."""


def adoption_curves(result: RunResult) -> dict[str, np.ndarray]:
    """Return share of adopters by quarter of the green technologies that start below 10 % and pass 30 %."""
    table = result.technology[result.technology["technology"].isin(result.labels["green_technologies"])]
    found = {}
    for technology, rows in table.groupby("technology", sort=False):
        share, users = rows["adoption_share"].to_numpy(), rows["enterprises"].to_numpy()
        able = users[-1] / share[-1] if share[-1] > 0 else 0.0
        if share[0] < EARLY_SHARE and share.max() > LATE_SHARE and able >= FEWEST_ABLE:
            found[str(technology)] = share
    return found


def fit_logistic(share: np.ndarray, years: np.ndarray) -> tuple[float, float]:
    """Return (R squared, years from 10 to 90 % of the ceiling) of K / (1 + exp(-r (t - t0))); nan where none fits."""
    from scipy.optimize import OptimizeWarning, curve_fit

    def curve(t, ceiling, rate, middle):
        return ceiling / (1.0 + np.exp(-rate * (t - middle)))

    top = min(1.0, share.max())
    bounds = ([0.9 * top, 1e-3, years[0] - 20.0], [1.0 + 1e-9, 5.0, years[-1] + 20.0])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OptimizeWarning)
            found, _ = curve_fit(curve, years, share, (top, 0.4, years.mean()), bounds=bounds, maxfev=4000)
    except RuntimeError:
        return float("nan"), float("nan")
    residual = ((share - curve(years, *found)) ** 2).sum()
    return float(1.0 - residual / ((share - share.mean()) ** 2).sum()), TAKEOVER / float(found[1])


def judge_curves(curves: dict[str, np.ndarray], years: np.ndarray) -> tuple[float, float]:
    """Return (share of curves with R squared of 0.97 or more, median years from 10 to 90 %)."""
    if not curves:
        return float("nan"), float("nan")
    fits = np.array([fit_logistic(share, years) for share in curves.values()])
    return float((fits[:, 0] >= FIT).mean()), float(np.nanmedian(fits[:, 1]))


def _curves(trial: Trial) -> tuple[float, float]:
    result = trial.run(DEFAULT)
    return judge_curves(adoption_curves(result), 0.25 * np.arange(result.clock.n_quarters))


def sigmoid_technologies_share(trial: Trial) -> float:
    return _curves(trial)[0]


def takeover_years(trial: Trial) -> float:
    return _curves(trial)[1]


def electric_car_percent(annual: pd.DataFrame, year: int) -> float:
    """Return the electric share of the cars bought in a year, %; nan in a place without cars."""
    bought = float(annual.at[year, "cars_bought"])
    return 100.0 * float(annual.at[year, "electric_cars_bought"]) / bought if bought > 0 else float("nan")


def electric_cars_2020_percent(trial: Trial) -> float:
    return electric_car_percent(trial.run(DEFAULT).annual, 2020)


def electric_cars_2021_percent(trial: Trial) -> float:
    return electric_car_percent(trial.run(DEFAULT).annual, 2021)


def electric_cars_2022_percent(trial: Trial) -> float:
    return electric_car_percent(trial.run(DEFAULT).annual, 2022)


def capex_path(result: RunResult, technology: str = "roof_pv") -> pd.Series:
    """Return the mean capital cost of a technology by year, base year of the place = 1."""
    table = result.technology
    return table[table["technology"] == technology].groupby("year")["capex_index"].mean()


def pv_cost_change_percent(trial: Trial) -> float:
    cost = capex_path(trial.run(DEFAULT))
    return 100.0 * change(cost[2025], cost[2020])
