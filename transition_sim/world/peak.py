"""Peak, plateau and confirmation of an annual series (SM25, A37)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

_TIE_SHARE = 1e-12

PeakKind = Literal["sharp", "plateau", "rising"]


@dataclass(frozen=True)
class Peak:
    """When a series peaked, and how.

    Attributes
    ----------
    peak_year : int
    peak_value : float
        The value of that year, in the unit of the series.
    mean_value : float
        The centred mean of that year, the highest there is.
    highest_year : int
        The year with the highest value of its own, which need not be the peak year: a dry year stands alone.
    highest_value : float
    is_confirmed : bool
        After the peak the series stays below its maximum by the drop for several consecutive years.
    plateau_years, plateau_start, plateau_end : int
        Longest run of years at or above the band that contains the peak; the peak year alone where it lies below.
    kind : {"sharp", "plateau", "rising"}
        ``rising``: the smoothed series is highest in the last year; else ``plateau`` from four years on.
    is_censored : bool
        The peak, or the highest single year, lies in the last years, so that the future could still exceed it.
    is_at_start : bool
        The first of several years is the peak: what came before is not in the series and may have been higher.
    """

    peak_year: int
    peak_value: float
    mean_value: float
    highest_year: int
    highest_value: float
    is_confirmed: bool
    plateau_years: int
    plateau_start: int
    plateau_end: int
    kind: PeakKind
    is_censored: bool
    is_at_start: bool


def centred_mean(values: np.ndarray, window: int = 3) -> np.ndarray:
    """Return the centred mean; at the edges over the years that exist, never over invented ones.

    The first and the last year of a three-year mean are means of two: a series that only rises has its highest mean
    in its last year, and one that only falls in its first, as it should be. A lone maximum in an edge year counts
    for a half there instead of a third, so the verdict on an edge year is always reported as censored.
    """
    half = window // 2
    n = values.size
    return np.array([values[max(0, i - half) : min(n, i + half + 1)].mean() for i in range(n)])


def _run_around(is_in: np.ndarray, at: int) -> tuple[int, int]:
    if not is_in[at]:
        return at, at
    first = last = at
    while first > 0 and is_in[first - 1]:
        first -= 1
    while last + 1 < is_in.size and is_in[last + 1]:
        last += 1
    return first, last


def _has_run(is_in: np.ndarray, length: int) -> bool:
    run = 0
    for inside in is_in:
        run = run + 1 if inside else 0
        if run >= length:
            return True
    return False


def _checked_series(years, values, window: int) -> tuple[np.ndarray, np.ndarray]:
    moments, series = np.asarray(years), np.asarray(values, float)
    if moments.size == 0 or moments.shape != series.shape or series.ndim != 1:
        raise ValueError("years and values must be two lists of the same length, at least 1")
    if (np.diff(moments) != 1).any():
        raise ValueError("the years must be consecutive")
    if not np.isfinite(series).all():
        raise ValueError("the values must be finite numbers")
    if window < 1 or window % 2 == 0:
        raise ValueError("the window of the centred mean must be odd")
    return moments, series


def peak_metrics(
    years: Sequence[int] | np.ndarray,
    values: Sequence[float] | np.ndarray,
    band: float = 0.98,
    confirm_drop: float = 0.01,
    confirm_years: int = 3,
    plateau_min_years: int = 4,
    censor_years: int = 3,
    window: int = 3,
) -> Peak:
    """Return peak year, confirmation and plateau of an annual series (SM25, A37).

    Parameters
    ----------
    years : sequence of int, shape (n,)
        Consecutive.
    values : sequence of float, shape (n,)
        Of any unit, finite.
    band : float
        Years at or above this share of the highest value belong to the plateau.
    confirm_drop : float
        A year confirms when it lies below the highest value by at least this share.
    confirm_years, plateau_min_years, censor_years, window : int

    Returns
    -------
    Peak
        The peak year has the highest centred mean, the earliest where equal (to 1e-12 of it, against rounding).

    Raises
    ------
    ValueError
        No years, gaps, unequal lengths, values that are not finite, or an even window.
    """
    moments, series = _checked_series(years, values, window)
    smoothed = centred_mean(series, window)
    top = smoothed.max()
    at = int(np.argmax(smoothed >= top - _TIE_SHARE * abs(top)))
    highest = series.max()
    below = series[at + 1 :] <= highest - confirm_drop * abs(highest)
    first, last = _run_around(series >= highest - (1.0 - band) * abs(highest), at)
    length = last - first + 1
    kind: PeakKind = "plateau" if length >= plateau_min_years else "sharp"
    if at == series.size - 1 and series.size > 1:
        kind = "rising"
    return Peak(
        peak_year=int(moments[at]),
        peak_value=float(series[at]),
        mean_value=float(smoothed[at]),
        highest_year=int(moments[np.argmax(series)]),
        highest_value=float(highest),
        is_confirmed=_has_run(below, confirm_years),
        plateau_years=length,
        plateau_start=int(moments[first]),
        plateau_end=int(moments[last]),
        kind=kind,
        is_censored=max(at, int(np.argmax(series))) >= series.size - censor_years,
        is_at_start=at == 0 and series.size > 1,
    )
