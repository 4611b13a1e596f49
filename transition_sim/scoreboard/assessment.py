"""How one target stands over an ensemble of seeds (SM25).

How a target is judged
----------------------
Each run gives the target's measure for every year. I is its value in the target year, or in the last year of the run
where that comes first; I0 its value in the base year: the run's own, never a published one. Changes count from the
base year, so there I0 is 0.

* ``met``: the run reaches the target year, and at least half of the runs reach the target in that year.
* ``missed``: the run reaches the target year, and more than half of the runs do not reach the target in it.
* ``on_track``: the target year lies beyond the run; the median is there already, or its progress is no less than the
  share of the time that has passed. A fall or a rise without a number is on track once it shows.
* ``lag``: the target year lies beyond the run, and the median is behind that line.
* ``not_modelled``: nothing computes the target, or it is not defined in half of the runs: the reason stands beside it.

A peak by a year is met in a run when the peak lies no later and could not still move (``Peak.is_censored``), and missed
when it lies later. Runs that end too early to say either count for neither: where neither side has its half, the target
is on track once the peak has passed in at least half of the runs, else it lags (no turn is seen yet).

``progress`` = (I - I0) / (I* - I0), of the medians, not clipped: below 0 moves away, above 1 goes beyond. It is not
defined for years of a peak, for targets without a number, and where the base year is at the target already.
``probability`` is the share of runs that reach the target in its year; nothing beyond the run.
``gap`` is what the median is short of the target: 0 or below where it is there.
"""

from dataclasses import dataclass

import numpy as np

from transition_sim.scenarios.targets import Target
from transition_sim.scoreboard.catalogue import BY_KEY
from transition_sim.scoreboard.measures import TargetMeasure

STATUSES = ("met", "on_track", "lag", "missed", "not_modelled")
LOW_PERCENT, HIGH_PERCENT = 5.0, 95.0
HALF = 0.5
TOLERANCE = 1e-9
"""Of the size of the target, against rounding."""
TOO_SHORT = ("The run ends before the year that the change counts from.", "模拟在变化起算年之前结束。")


@dataclass(frozen=True)
class Ensemble:
    """What runs give for one target.

    Attributes
    ----------
    years : ndarray, shape (n_years,)
    values : ndarray, shape (n_runs, n_years)
        In the unit of the target; nan where not defined.
    is_open : ndarray, shape (n_runs,)
        Whether the run ends too early to be sure of a year of peak.
    """

    years: np.ndarray
    values: np.ndarray
    is_open: np.ndarray


@dataclass(frozen=True)
class Assessment:
    """How a target stands; figures are nan or None where they are not defined.

    Attributes
    ----------
    target : Target
    status : str
        One of ``STATUSES``.
    value, low, high : float
        Median and 5-95 % range over the runs, in the unit of the target.
    value_year : int or None
        The target year, or the last of the run.
    base_value : float
        Median of the base year.
    gap, progress, probability : float
    runs_met, runs : int or None
        Runs that reach the target in its year, of those in which it is defined.
    reason_en, reason_zh : str
        Why it is not modelled.
    run_values : tuple of float
        Value of each run in which it is defined, in the order of the seeds.
    """

    target: Target
    status: str
    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    value_year: int | None = None
    base_value: float = np.nan
    gap: float = np.nan
    progress: float = np.nan
    probability: float = np.nan
    runs_met: int | None = None
    runs: int | None = None
    reason_en: str = ""
    reason_zh: str = ""
    run_values: tuple[float, ...] = ()

    @property
    def measure(self) -> TargetMeasure | None:
        """What computes it."""
        return BY_KEY.get(self.target.measure or "")


# --- one target -------------------------------------------------------------------------------------------------------


def assess(target: Target, ensemble: Ensemble | None) -> Assessment:
    """Return how a target stands over an ensemble; the rules stand at the head of this module.

    Parameters
    ----------
    target : Target
    ensemble : Ensemble, optional
        None where nothing computes the target.
    """
    if ensemble is None:
        return Assessment(target, "not_modelled", reason_en=target.reason_en, reason_zh=target.reason_zh)
    last = int(ensemble.years[-1])
    at = min(target.year, last)
    base = int(ensemble.years[0]) if target.base_year is None else target.base_year
    if base >= at and target.direction != "by_year":
        return _undefined(target, TOO_SHORT)
    final = _of_year(ensemble, at)
    is_defined = ~np.isnan(final)
    if is_defined.mean() < HALF:
        measure = BY_KEY[target.measure or ""]
        return _undefined(target, (measure.undefined_en, measure.undefined_zh))
    first = _of_year(ensemble, base)[is_defined]
    final, is_open = final[is_defined], ensemble.is_open[is_defined]
    middle = float(np.median(final))
    start = np.nan if target.direction == "by_year" else float(np.median(first))
    is_met = _is_reached(target, final, first) & ~is_open
    is_over = target.year <= last
    low, high = np.percentile(final, [LOW_PERCENT, HIGH_PERCENT])
    progress = _progress(target, middle, start)
    if target.direction == "by_year":
        status = _peak_status(target, final, is_open, last)
    elif is_over:
        status = "met" if is_met.mean() >= HALF else "missed"
    else:
        is_there = bool(_is_reached(target, np.array([middle]), np.array([start]))[0])
        passed = (last - base) / (target.year - base)
        status = "on_track" if is_there or progress >= passed - TOLERANCE else "lag"
    return Assessment(
        target, status, middle, float(low), float(high), at, start, _gap(target, middle), progress,
        float(is_met.mean()) if is_over else np.nan, int(is_met.sum()) if is_over else None, int(is_defined.sum()),
        run_values=tuple(final.tolist()),
    )  # fmt: skip


def _undefined(target: Target, reason: tuple[str, str]) -> Assessment:
    return Assessment(target, "not_modelled", reason_en=reason[0], reason_zh=reason[1])


def _of_year(ensemble: Ensemble, year: int) -> np.ndarray:
    found = ensemble.values[:, ensemble.years == year]
    return found[:, 0] if found.shape[1] else np.full(len(ensemble.values), np.nan)


def _is_reached(target: Target, final: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return whether each value reaches the target; a fall or rise without a number is strict."""
    if target.direction == "falling":
        return final < first
    if target.direction == "rising":
        return final > first
    aim = _aim(target)
    margin = TOLERANCE * max(1.0, abs(aim))
    return final >= aim - margin if target.direction == "at_least" else final <= aim + margin


def _aim(target: Target) -> float:
    if target.value is None:
        raise ValueError(f"the target {target.id} has no number")
    return target.value


def _peak_status(target: Target, peak_year: np.ndarray, is_open: np.ndarray, last: int) -> str:
    is_late = peak_year > target.year
    is_met = ~is_late & ~is_open & (last >= target.year)
    if is_met.mean() >= HALF:
        return "met"
    if is_late.mean() > HALF or (last >= target.year and not (is_open & ~is_late).any()):
        return "missed"
    return "on_track" if (~is_open & ~is_late).mean() >= HALF else "lag"


def _progress(target: Target, middle: float, start: float) -> float:
    if target.value is None or target.direction == "by_year":
        return np.nan
    reached = _is_reached(target, np.array([start]), np.array([start]))[0]
    return np.nan if reached or np.isnan(start) else (middle - start) / (target.value - start)


def _gap(target: Target, middle: float) -> float:
    if target.value is None:
        return np.nan
    return target.value - middle if target.direction == "at_least" else middle - target.value
