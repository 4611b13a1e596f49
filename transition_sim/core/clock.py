"""Calendar of the model: quarter 0 is the first quarter of the start year."""

from dataclasses import dataclass
from functools import cached_property

QUARTERS_PER_YEAR = 4
YEARS_PER_QUARTER = 0.25


@dataclass(frozen=True)
class Clock:
    """First and last year of a run, both included.

    Attributes
    ----------
    start_year, end_year : int
        Calendar years; ``n_quarters`` = 4 (end - start + 1).
    """

    start_year: int = 2020
    end_year: int = 2035

    def __post_init__(self) -> None:
        if self.end_year < self.start_year:
            raise ValueError(f"the last year {self.end_year} lies before the first year {self.start_year}")

    @property
    def n_years(self) -> int:
        return self.end_year - self.start_year + 1

    @property
    def n_quarters(self) -> int:
        return self.n_years * QUARTERS_PER_YEAR

    @property
    def years(self) -> range:
        return range(self.start_year, self.end_year + 1)

    def year(self, quarter: int) -> int:
        """Calendar year of a quarter index."""
        return self.start_year + quarter // QUARTERS_PER_YEAR

    def quarter_of_year(self, quarter: int) -> int:
        """0 for January-March ... 3 for October-December."""
        return quarter % QUARTERS_PER_YEAR

    def decimal_year(self, quarter: int) -> float:
        """Calendar time of the start of a quarter, in years: 2021Q3 is 2021.5."""
        return self.start_year + quarter / QUARTERS_PER_YEAR

    def label(self, quarter: int) -> str:
        """``2021Q3``."""
        labels = self._labels
        return labels[quarter] if 0 <= quarter < len(labels) else self._label(quarter)

    @cached_property
    def _labels(self) -> list[str]:
        return [self._label(quarter) for quarter in range(self.n_quarters)]

    def _label(self, quarter: int) -> str:
        return f"{self.year(quarter)}Q{self.quarter_of_year(quarter) + 1}"
