"""What both tests read from a run: yearly figures by the name of a column."""

import numpy as np
import pandas as pd

from transition_sim.results import yearly

__all__ = ["median_range", "most_frequent", "yearly"]


def median_range(values: np.ndarray) -> tuple[float, float, float]:
    """Return 5, 50 and 95 % of the values that are defined; nan where none is."""
    known = values[~np.isnan(values)]
    if not known.size:
        return (np.nan, np.nan, np.nan)
    low, middle, high = np.percentile(known, [5.0, 50.0, 95.0])
    return float(low), float(middle), float(high)


def most_frequent(words: pd.Series) -> str:
    """Return the word that stands most often, the first of those that tie in the order of the runs."""
    return str(words.value_counts(sort=True).index[0])
