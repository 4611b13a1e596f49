"""What other members of a portfolio do and show to a place; nothing where a place runs alone."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Elsewhere:
    """What reaches a place from the other members of its portfolio.

    Attributes
    ----------
    start_deployment, additions : ndarray, shape (n_technologies,)
        Capacity of the others in the base year and commissioned since, unit/yr: they share one experience (SM17).
    shown_share : ndarray, shape (n_technologies,)
        Share of users of each practice in the pilots that it was copied from; 0: not copied (SM23).
    """

    start_deployment: np.ndarray
    additions: np.ndarray
    shown_share: np.ndarray

    @classmethod
    def nothing(cls, n_technologies: int) -> "Elsewhere":
        """Return what reaches a place that runs alone."""
        return cls(np.zeros(n_technologies), np.zeros(n_technologies), np.zeros(n_technologies))
