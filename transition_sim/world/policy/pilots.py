"""Places learn from the pilots of others: which practice is copied where, and whether the copy worked (SM23, I47)."""

from dataclasses import dataclass

import numpy as np

ROUNDING = 1e-12
LOCATION = {"region": 1.0, "node": 0.5, "other": 0.0}
"""Likeness of location: one region, one province, neither [A]."""


def overlap(shares: np.ndarray) -> np.ndarray:
    """Return how much of their mix each two places have in common, 0 to 1, shape (n, n).

    Parameters
    ----------
    shares : ndarray, shape (n, k)
        Each row sums to 1, or is 0 throughout.
    """
    return np.minimum(shares[:, None, :], shares[None, :, :]).sum(axis=2)


def location_likeness(nodes: list[str | None], regions: list[str | None]) -> np.ndarray:
    """Return the likeness of location of each two places, (n, n); a region that nobody states is like no other."""
    n = len(nodes)
    found = np.full((n, n), LOCATION["other"])
    for a in range(n):
        for b in range(n):
            if nodes[a] == nodes[b]:
                is_near = regions[a] is not None and regions[a] == regions[b]
                found[a, b] = LOCATION["region"] if is_near else LOCATION["node"]
    return found


def similarity(resource: np.ndarray, structure: np.ndarray, location: np.ndarray) -> np.ndarray:
    """Return the similarity by category, the mean of the three, 0 to 1; nobody is a pilot to itself."""
    found = (resource + structure + location) / 3.0
    np.fill_diagonal(found, 0.0)
    return found


def copy_probability(
    score: np.ndarray, likeness: np.ndarray, capability: np.ndarray, hazard_per_year: float
) -> np.ndarray:
    """Return the probability that b copies a practice of a within a year: 1 - exp(-.3 score_a sim_ab m_b), (n, n).

    Parameters
    ----------
    score : ndarray, shape (n,)
        Of the pilot, 0 to 1.
    likeness : ndarray, shape (n, n)
        Row a, column b.
    capability : ndarray, shape (n,)
        Management capability of the copying place, 0 to 1.
    hazard_per_year : float
    """
    return -np.expm1(-hazard_per_year * score[:, None] * likeness * capability[None, :])


@dataclass(frozen=True)
class Copy:
    """A practice that one place took over from another."""

    year: int
    pilot: int
    place: int
    technology: int
    share_before: float


class PilotLearning:
    """What has been copied so far, and what the copies show.

    Parameters
    ----------
    likeness : ndarray, shape (n, n)
    is_practice : ndarray of bool, shape (n_technologies,)
        Green technologies.
    hazard_per_year : float
    practice_share : float
        Share of able enterprises from which a technology is a practice of a place.
    success_share, success_years : float
        A copy has worked when the share has risen by so much after so many years.
    """

    def __init__(
        self, likeness: np.ndarray, is_practice: np.ndarray, hazard_per_year: float, practice_share: float,
        success_share: float, success_years: float,
    ):  # fmt: skip
        self.likeness, self.is_practice, self.hazard_per_year = likeness, is_practice, hazard_per_year
        self.practice_share, self.success_share, self.success_years = practice_share, success_share, success_years
        self.is_copied = np.zeros((*likeness.shape, is_practice.size), bool)
        self.copies: list[Copy] = []
        self.shares: dict[int, np.ndarray] = {}

    def learn(
        self, year: int, share: np.ndarray, score: np.ndarray, capability: np.ndarray, uniforms: np.ndarray
    ) -> np.ndarray:
        """Let a year of copying happen and return the share that each place is shown, shape (n, n_technologies).

        Parameters
        ----------
        year : int
        share : ndarray, shape (n, n_technologies)
            Users among able enterprises of each place.
        score, capability : ndarray, shape (n,)
        uniforms : ndarray, shape (n, n, n_technologies)
            By pilot, place and technology.
        """
        share = np.nan_to_num(share)
        self.shares[year] = share
        is_open = (share[:, None, :] >= self.practice_share) & (share[:, None, :] > share[None, :, :])
        is_open &= self.is_practice & ~self.is_copied
        probability = copy_probability(score, self.likeness, capability, self.hazard_per_year)
        new = is_open & (uniforms < probability[:, :, None])
        for a, b, k in np.argwhere(new).tolist():
            self.copies.append(Copy(year, a, b, k, float(share[b, k])))
        self.is_copied |= new
        return np.where(self.is_copied, share[:, None, :], 0.0).max(axis=0)

    def replicability(self) -> float:
        """Return copies that worked over copies old enough to tell (I47); nan where none is."""
        judged = [c for c in self.copies if c.year + self.success_years in self.shares]
        if not judged:
            return float("nan")
        return sum(self._has_worked(c) for c in judged) / len(judged)

    def _has_worked(self, copy: Copy) -> bool:
        now = self.shares[int(copy.year + self.success_years)][copy.place, copy.technology]
        return bool(now - copy.share_before >= self.success_share - ROUNDING)
