"""The near-zero park: a trend, and points for deeds in three tracks (SM25; provincial programme of 2022).

"Near zero is not zero": total emissions fall gradually and emissions per output fall continuously. A test of a
*trend* and of deeds. It has nothing to do with the zero-carbon park, which is a test of a level
(``zero_carbon_park``), and the two share no function.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from transition_sim.scenarios.park_criteria import TRACKS, NearZeroCriterion

Grade = Literal["A", "B", "C", "none"]
WINDOW_YEARS = 3


@dataclass(frozen=True)
class Trend:
    """The rule of the programme's definition, over the years up to one year.

    Attributes
    ----------
    total_falls : bool
        Emissions are lower than at the start of the window.
    intensity_falls : bool
        Emissions per output are lower in every year of the window than the year before.
    co2_change_share, intensity_change_share : float
        Change over the window.
    """

    total_falls: bool
    intensity_falls: bool
    co2_change_share: float
    intensity_change_share: float

    @property
    def holds(self) -> bool:
        """Whether both parts hold."""
        return self.total_falls and self.intensity_falls


def trend(co2_tco2: np.ndarray, output_cny: np.ndarray, window_years: int = WINDOW_YEARS) -> Trend:
    """Return whether the definition holds in the last year of two series (T028: dE <= 0 and dI < 0).

    Parameters
    ----------
    co2_tco2, output_cny : ndarray, shape (n_years,)
        Up to the year that is judged, above 0.

    Raises
    ------
    ValueError
        Fewer years than the window and the year before it.
    """
    if co2_tco2.size < window_years + 1:
        raise ValueError(f"a trend over {window_years} years needs {window_years + 1} years, not {co2_tco2.size}")
    co2, output = co2_tco2[-window_years - 1 :], output_cny[-window_years - 1 :]
    intensity = co2 / output
    return Trend(
        total_falls=bool(co2[-1] <= co2[0]),
        intensity_falls=bool((np.diff(intensity) < 0).all()),
        co2_change_share=float(co2[-1] / co2[0] - 1.0),
        intensity_change_share=float(intensity[-1] / intensity[0] - 1.0),
    )


def points(figure: float, zero_value: float, full_value: float) -> float:
    """Return 0 at ``zero_value`` and below, 100 at ``full_value`` and above, linear between; nan stays nan."""
    return float(np.clip(100.0 * (figure - zero_value) / (full_value - zero_value), 0.0, 100.0))


def mean_points(scores: Sequence[float], weights: Sequence[float]) -> float:
    """Return the weighted mean of the scores that are defined; nan where none is."""
    values, shares = np.array(scores, dtype=float), np.array(weights, dtype=float)
    known = ~np.isnan(values)
    return float(np.average(values[known], weights=shares[known])) if known.any() else float("nan")


def grade(score: float, a: float, b: float, c: float) -> Grade:
    """Return A, B or C from the points that each begins at, and none below."""
    return "A" if score >= a else "B" if score >= b else "C" if score >= c else "none"


def is_accepted(score: float, mrv_index: float, score_needed: float, mrv_needed: float) -> bool:
    """Return whether a pilot is accepted: enough points, and a basis of measuring, reporting and verifying."""
    return bool(score >= score_needed and mrv_index >= mrv_needed)


# --- score of a place -------------------------------------------------------------------------------------------------


def part_points(
    rows: Iterable[NearZeroCriterion], yearly: Callable[[str], np.ndarray], at: int
) -> dict[str, tuple[float, float]]:
    """Return (figure, points) of every criterion in one year, by key.

    Parameters
    ----------
    rows : iterable of NearZeroCriterion
    yearly : callable
        Takes the column of a criterion, returns its value in every year.
    at : int
        Position of the year that is judged; a fall counts from the first year.
    """
    found = {}
    for row in rows:
        series = yearly(row.column)
        figure = float(series[at])
        if row.kind == "fall":
            figure = 1.0 - figure / float(series[0]) if series[0] > 0 else float("nan")
        found[row.key] = (figure, points(figure, row.zero_value, row.full_value))
    return found


def track_points(rows: Iterable[NearZeroCriterion], parts: dict[str, tuple[float, float]]) -> dict[str, float]:
    """Return the points of the three tracks, and their mean as ``score``."""
    listed = list(rows)
    tracks = {}
    for track in TRACKS:
        own = [row for row in listed if row.track == track]
        tracks[track] = mean_points([parts[row.key][1] for row in own], [row.weight for row in own])
    return {**tracks, "score": mean_points(list(tracks.values()), [1.0] * len(TRACKS))}
