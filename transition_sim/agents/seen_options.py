"""The options that enterprises saw when they chose, without the room that others could have taken (SM06)."""

from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled
from transition_sim.world.state import OPTIONS_DTYPE


class SeenOptions(NamedTuple):
    """The options that were seen, one behind the other: what later phases ask for and the log keeps.

    Attributes
    ----------
    listed : ndarray of ``OPTIONS_DTYPE``, shape (sum of ``n_options``,)
    first : ndarray of int, shape (n_looking,)
        Place of the first option of each choice.
    """

    listed: np.ndarray
    first: np.ndarray


def seen_options(choices: np.ndarray, options: np.ndarray) -> SeenOptions:
    """Return the first ``n_options`` of each row of options as ``SeenOptions``."""
    listed, first = np.empty(options.size, OPTIONS_DTYPE), np.empty(choices.size, np.int64)
    n = _list_options(choices, options, listed, first)
    return SeenOptions(listed[:n], first)


@compiled
def _list_options(choices, options, listed, first):
    """Write options that were seen one behind the other, and where those of each choice begin; return how many."""
    n = 0
    for r in range(choices.size):
        first[r] = n
        for k in range(choices[r].n_options):
            listed[n] = options[r, k]
            n += 1
    return n


def joined(parts: list[SeenOptions]) -> SeenOptions:
    """Return the options of choices in parts as those of all."""
    if len(parts) == 1:
        return parts[0]
    before = np.cumsum([0] + [part.listed.size for part in parts])
    first = [part.first + n for part, n in zip(parts, before, strict=False)]
    return SeenOptions(np.concatenate([part.listed for part in parts]), np.concatenate(first))
