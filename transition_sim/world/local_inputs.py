"""How much of its inputs a place supplies itself (4.1, SM02)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.scenarios import registry
from transition_sim.scenarios.table_reader import Confidence, Grade, Number, Text, Word, read_table

NATIONAL_VALUE_ADDED_CNY = 101.64e12
"""Value added of all sectors in the national input-output table of 2020 [S]."""


def local_input_table(total: np.ndarray, local_share: np.ndarray, present: np.ndarray, threshold=0.005) -> np.ndarray:
    """Return the input bought from enterprises of the place per unit of output, shape (S, S), CNY/CNY.

    Parameters
    ----------
    total : ndarray, shape (S, S)
        Input of row sector per output of column sector, wherever it comes from.
    local_share : ndarray, shape (S,) or (S, S)
        Share that is bought in the place, 0 to 1.
    present : ndarray of bool, shape (S,)
        Sectors with enterprises in the place.
    threshold : float
        Local inputs up to this share of output have no supplier of their own and come from the rest of the world
        (4.1). It counts the local part: with the whole input an enterprise of a city would have 20 suppliers, with
        the local part it has 6 to 7, the number of 2.2.
    """
    share = np.broadcast_to(local_share if np.ndim(local_share) == 2 else local_share[:, None], total.shape)
    if (share < 0).any() or (share > 1).any():
        raise ValueError("a local share lies between 0 and 1")
    needed = (total * share > threshold) & present[:, None] & present[None, :]
    return np.where(needed, total * share, 0.0)


def flegg_local_shares(
    local_output: np.ndarray,
    national_output: np.ndarray,
    local_total: float,
    national_total: float,
    exponent: float = 0.3,
) -> np.ndarray:
    """Return the share of each input that the place supplies itself, shape (S, S): Flegg's location quotient (4.1).

    FLQ_ij = (e_i / e_j) * log2(1 + T)^delta with e_i = local over national output of sector i and T the place's
    share of the national total; the own sector takes the simple quotient e_i / T. Values above 1 count as 1
    (Flegg and Webber 1997, "On the appropriate use of location quotients in generating regional input-output tables").

    Parameters
    ----------
    local_output, national_output : ndarray, shape (S,)
        Same unit; national output > 0.
    local_total, national_total : float
        Size of the two economies, for instance gross domestic product.
    exponent : float
        Delta, 0 to below 1; larger means that a small place imports more.
    """
    if (national_output <= 0).any() or national_total <= 0:
        raise ValueError("national output must be positive in every sector")
    if not 0 <= exponent < 1:
        raise ValueError(f"the exponent of the location quotient lies in [0, 1), not {exponent}")
    relative = local_output / national_output
    size = min(1.0, local_total / national_total)
    buyers = np.where(relative > 0, relative, np.inf)
    quotient = relative[:, None] / buyers[None, :]
    own = relative / size if size > 0 else np.zeros_like(relative)
    np.fill_diagonal(quotient, own)
    return np.minimum(1.0, quotient * np.log2(1.0 + size) ** exponent)


@dataclass(frozen=True)
class NationalOutput:
    """Gross output of a sector in the national table, bn CNY."""

    sector: Word
    output_bn_cny: Number
    grade: Grade
    source: Text
    confidence: Confidence


@cache
def national_output_cny(folder: Path | None = None) -> np.ndarray:
    """Return national gross output by sector in 2020, CNY, in the order of the sectors."""
    ids = registry.sector_ids(folder)
    found = {
        row.sector: row.output_bn_cny * 1e9
        for row in read_table("national_output", NationalOutput, ("sector",), folder, {"sector": ids})
    }
    missing = [s for s in ids if s not in found]
    if missing:
        faults = [Fault("national_output.csv", None, s, "", "the sector is missing", "Add a row.") for s in missing]
        raise ScenarioError(faults)
    return np.array([found[s] for s in ids])
