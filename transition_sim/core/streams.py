"""Random numbers with names: row i of a submodel in a quarter always gets the same number.

Philox keyed by (seed, submodel), its counter set by the quarter (Salmon et al. 2011, "Parallel random numbers: as
easy as 1, 2, 3"). A lever that is switched on, or a firm that enters, shifts nobody else's draws, so two runs with
the same seed are paired by construction (common random numbers).
"""

from functools import cache
from typing import Any
from zlib import crc32

import numpy as np

_AHEAD = 64
"""Rows so few that their normals are worked out for as many quarters at once."""
_SMALLEST = 2.0**-54


@cache
def _rules() -> Any:
    """Return the compiled rules that draw; compilers are not loaded before somebody draws."""
    from transition_sim.core import philox

    return philox


class Streams:
    """All random numbers of one run; safe between threads.

    Parameters
    ----------
    seed : int
        Seed of the run, 0 <= seed < 2**63.
    owner : str
        Whose numbers they are, where several places run side by side under one seed.
    shared : set of str
        Submodels whose numbers all owners have in common.
    keeps : bool
        Keep uniforms once drawn: another run under the same seed asks for the same ones. About 5 MB
        for the 64 quarters of 800 enterprises. Nobody writes into an array of draws.
    """

    def __init__(self, seed: int, owner: str = "", shared: frozenset[str] = frozenset(), keeps: bool = False):
        if not 0 <= seed < 2**63:
            raise ValueError(f"a seed is a whole number from 0 to 2**63 - 1, not {seed!r}")
        self.seed, self.owner, self.shared = seed, owner, shared
        self._keys: dict[str, int] = {}
        self._normals: dict[tuple[str, int, int], np.ndarray] = {}
        self._uniforms: dict[tuple[str, int, int], np.ndarray] | None = {} if keeps else None

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what can be drawn again."""
        state = self.__dict__ | {"_normals": {}}
        return state if self._uniforms is None else state | {"_uniforms": {}}

    def _key(self, submodel: str) -> int:
        own = self.owner and submodel not in self.shared
        return crc32(f"{self.owner}:{submodel}".encode() if own else submodel.encode())

    def address(self, submodel: str, quarter: int) -> tuple[int, int, int]:
        """Return where ``core.philox.uniforms_at`` finds the numbers of a submodel in a quarter, for compiled rules."""
        key = self._keys.get(submodel)
        if key is None:
            key = self._keys[submodel] = self._key(submodel)
        return self.seed, key, quarter % 2**32

    def generator(self, submodel: str, quarter: int = 0) -> np.random.Generator:
        """Return a generator of its own for one submodel in one quarter (``quarter`` may be negative: spin-up)."""
        key = [self.seed, self._key(submodel)]
        return np.random.Generator(np.random.Philox(key=key, counter=[0, 0, quarter % 2**32, 0]))

    def uniforms(self, submodel: str, quarter: int, n_rows: int) -> np.ndarray:
        """Return ``n_rows`` uniforms in [0, 1); number i depends on (seed, submodel, quarter, i) only."""
        if self._uniforms is None:
            return self._drawn(submodel, quarter, n_rows)
        kept = self._uniforms.get((submodel, quarter, n_rows))
        if kept is None:
            kept = self._uniforms[submodel, quarter, n_rows] = self._drawn(submodel, quarter, n_rows)
        return kept

    def _drawn(self, submodel: str, quarter: int, n_rows: int) -> np.ndarray:
        return _rules().uniforms(*self.address(submodel, quarter), n_rows)

    def uniforms_at(self, submodel: str, quarter: int, rows: np.ndarray) -> np.ndarray:
        """Return ``uniforms(submodel, quarter, n)[rows]`` without the others."""
        # one kind of rows: for every other the rule would be compiled again
        return _rules().uniforms_at(*self.address(submodel, quarter), np.ascontiguousarray(rows, np.int64))

    def normals(self, submodel: str, quarter: int, n_rows: int) -> np.ndarray:
        """Return ``n_rows`` standard normals by inversion, one uniform each, so that rows stay aligned."""
        # few rows: those of the quarters ahead are worked out with them
        if n_rows > _AHEAD:
            return _normal_of(self.uniforms(submodel, quarter, n_rows))
        block, place = divmod(quarter, _AHEAD)
        kept = self._normals.get((submodel, block, n_rows))
        if kept is None:
            first = block * _AHEAD
            drawn = [self._drawn(submodel, first + ahead, n_rows) for ahead in range(_AHEAD)]
            kept = self._normals[submodel, block, n_rows] = _normal_of(np.array(drawn))
            kept.flags.writeable = False
        return kept[place]


def _normal_of(uniforms: np.ndarray) -> np.ndarray:
    from scipy.special import ndtri

    return ndtri(np.maximum(uniforms, _SMALLEST))
