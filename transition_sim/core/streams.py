"""Random numbers with names: row i of a submodel in a quarter always gets the same number.

Philox keyed by (seed, submodel), its counter set by the quarter (Salmon et al. 2011, "Parallel random numbers: as
easy as 1, 2, 3"). A lever that is switched on, or a firm that enters, shifts nobody else's draws, so two runs with
the same seed are paired by construction (common random numbers).
"""

from zlib import crc32

import numpy as np


class Streams:
    """All random numbers of one run.

    Parameters
    ----------
    seed : int
        Seed of the run, 0 <= seed < 2**63.
    """

    def __init__(self, seed: int):
        if not 0 <= seed < 2**63:
            raise ValueError(f"a seed is a whole number from 0 to 2**63 - 1, not {seed!r}")
        self.seed = seed
        self._keys: dict[str, int] = {}

    def generator(self, submodel: str, quarter: int = 0) -> np.random.Generator:
        """Return the generator of one submodel in one quarter (``quarter`` may be negative: spin-up)."""
        key = self._keys.get(submodel)
        if key is None:
            key = self._keys[submodel] = crc32(submodel.encode())
        bits = np.random.Philox(key=[self.seed, key], counter=[0, 0, quarter % 2**32, 0])
        return np.random.Generator(bits)

    def uniforms(self, submodel: str, quarter: int, n_rows: int) -> np.ndarray:
        """Return ``n_rows`` uniforms in [0, 1); number i depends on (seed, submodel, quarter, i) only."""
        return self.generator(submodel, quarter).random(n_rows)

    def normals(self, submodel: str, quarter: int, n_rows: int) -> np.ndarray:
        """Return ``n_rows`` standard normals by inversion, one uniform each, so that rows stay aligned."""
        from scipy.special import ndtri

        uniforms = self.generator(submodel, quarter).random(n_rows)
        return ndtri(np.maximum(uniforms, 2.0**-54))
