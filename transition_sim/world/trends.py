"""Paths given as (year, value) pairs: linear between, flat outside; and the level that yearly growth adds up to."""

from collections.abc import Sequence

import numpy as np

Path = Sequence[tuple[int, float]]


def value_at(path: Path, decimal_year: float) -> float:
    """Return the value of a path at a moment: linear between its years, flat outside."""
    return float(np.interp(decimal_year, [y for y, _ in path], [v for _, v in path]))


def level_after(path_percent_per_year: Path, base_year: int, decimal_year: float) -> float:
    """Return the level relative to the start of ``base_year`` after growing along a path of %/yr.

    The growth of a quarter is that of its calendar year; before the base year the level is 1.
    """
    level, moment = 1.0, float(base_year)
    while moment < decimal_year - 1e-9:
        span = min(1.0, decimal_year - moment)
        level *= (1.0 + value_at(path_percent_per_year, int(moment)) / 100.0) ** span
        moment += span
    return level


def level_path(path_percent_per_year: Path, base_year: int, start_year: int, n_quarters: int) -> np.ndarray:
    """Return ``level_after`` at the start of every quarter of a run, shape (n_quarters,)."""
    years = [start_year + q / 4 for q in range(n_quarters)]
    return np.array([level_after(path_percent_per_year, base_year, y) for y in years])
