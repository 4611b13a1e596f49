"""Target lines: what a plan asks of every year between its base year and its years, and of every county (SM23)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite, isnan

import numpy as np

from transition_sim.core.kernels import compiled
from transition_sim.scenarios.rows import ControlIndicator
from transition_sim.scenarios.targets import Target

_SMALL = 1e-3
"""A line that moves by less than this share of its base asks for nothing but to hold."""
HOLD_BAND = 0.05
"""Excess over a line that asks to hold at which nothing of it is achieved [A]."""
MOST_PROGRESS = 1.2
"""Progress counts up to here in the score (SM23)."""


@dataclass
class TargetLine:
    """One indicator of a place: its targets, and its line once the base year is known.

    Attributes
    ----------
    indicator : ControlIndicator
    targets : tuple of Target
        By year; those of the plan that the indicator measures.
    base_year : int
    base_value : float
        nan until the base year has been lived through.
    quota : float
        Where a lever sets a yearly change: what it allows this year; nan without.
    """

    indicator: ControlIndicator
    targets: tuple[Target, ...]
    base_year: int
    base_value: float = float("nan")
    quota: float = float("nan")
    points: list[tuple[float, float]] = field(default_factory=list)

    @property
    def sign(self) -> float:
        """1 where less is better, -1 where more is."""
        return 1.0 if self.indicator.sense == "at_most" else -1.0

    def begin(self, base_value: float) -> None:
        """Fix the base and the points of the line."""
        self.base_value = base_value
        self.points = [(float(self.base_year), base_value)]
        self.points += [(float(t.year), target_value(self.indicator, t, base_value, self.base_year))
                        for t in self.targets if t.year > self.base_year]  # fmt: skip

    def planned(self, decimal_year: float) -> float:
        """Return what the plan asks of a moment: linear between the points, flat outside.

        A handful of points: ``np.interp`` would take ten times as long to look at them.
        """
        (before, value), *ahead = self.points
        for year, aim in ahead:
            if decimal_year < year:
                return value + (aim - value) / (year - before) * max(0.0, decimal_year - before)
            before, value = year, aim
        return value

    def value(self, year: int) -> float:
        """Return what the plan and the quota ask of a year, the stricter of both; nan before there is a line."""
        planned = self.planned(year) if len(self.points) > 1 else float("nan")
        if isnan(self.quota) or isnan(planned):
            return self.quota if isnan(planned) else planned
        return min(planned, self.quota) if self.sign > 0 else max(planned, self.quota)


def target_value(indicator: ControlIndicator, target: Target, base_value: float, base_year: int) -> float:
    """Return the value that a target asks for in its year, in the unit of the indicator.

    A target without a number (falling, rising) asks that the base is held.
    """
    number = indicator.scale * (target.value or 0.0)
    if indicator.form == "growth":
        return base_value * (1.0 + number) ** (target.year - base_year)
    if indicator.form == "level":
        return number if target.value is not None else base_value
    return base_value * (1.0 + number)


def target_lines(
    indicators: Sequence[ControlIndicator], targets: Sequence[Target], start_year: int
) -> list[TargetLine]:
    """Return the lines of a place: indicators that a target of it measures, or that a lever can set a quota on."""
    lines = []
    for indicator in indicators:
        mine = sorted((t for t in targets if t.measure == indicator.measures), key=lambda t: t.year)
        if mine or indicator.quota_lever:
            years = [t.base_year for t in mine if t.base_year is not None]
            lines.append(TargetLine(indicator, tuple(mine), max(start_year, min(years, default=start_year))))
    return lines


def gap_share(value: float, target: float, sign: float) -> float:
    """Return how far a value misses its target line: max(0, (I - I*) / |I*|), for ``at_least`` the other way (SM23)."""
    if not isfinite(value) or not isfinite(target) or target == 0.0:
        return 0.0
    return max(0.0, sign * (value - target) / abs(target))


def progress_share(value: float, base: float, target: float, sign: float) -> float:
    """Return (I - I0) / (I* - I0), 0 to 1.2 (SM25, SM23).

    Where the line asks for no more than the base had, that is to hold or even less: 1 on the line or better, and 0 from
    an excess of 5 % on.
    """
    if not isfinite(base) or not isfinite(target):
        return float("nan")
    if sign * (base - target) <= _SMALL * abs(base):
        return min(1.0, max(0.0, 1.0 - gap_share(value, target, sign) / HOLD_BAND))
    return min(MOST_PROGRESS, max(0.0, (value - base) / (target - base)))


def slippage_quarters(line: TargetLine, value: float, year: int) -> float:
    """Return by how many quarters a value lags its line: since when the line has been where the value stands (I33).

    0 on or ahead of the line; the time since the base year where not even the base is held.
    """
    if not line.points or gap_share(value, line.value(year), line.sign) <= 0.0:
        return 0.0
    late, sign = 4 * (year - line.base_year), line.sign
    for n in range(late):
        if sign * (value - line.planned(year - n / 4.0)) <= 0.0:
            return float(n)
    return float(late)


@compiled
def county_cuts(required_share, weight, size, largest_share=0.5):
    """Return the cut asked of every county, share of its own size; together they are the cut of the place (SM23).

    Parameters
    ----------
    required_share : float
        Cut of the place, share of the whole.
    weight : ndarray, shape (n_counties,)
        Share of the cut that a county takes: 0.4 income + 0.3 energy + 0.3 potential, sum 1.
    size : ndarray, shape (n_counties,)
        Share of the whole that the county is, sum 1; where it is 0 nothing is asked.
    largest_share : float
        No county cuts more; what it cannot take is shared out anew over the others.
    """
    cuts, left = np.zeros(size.size), max(0.0, min(required_share, largest_share))
    for _ in range(size.size):
        can = (size > 0.0) & (cuts < largest_share)
        if left <= 1e-15 or not can.any():
            break
        portion = weight * can
        if portion.sum() <= 0.0:
            portion = size * can
        whole, beyond = portion.sum(), 0.0
        for c in np.flatnonzero(can):
            wanted = cuts[c] + left * portion[c] / whole / size[c]
            cuts[c] = min(wanted, largest_share)
            beyond += (wanted - cuts[c]) * size[c]
        left = beyond
    return cuts
