"""The options that enterprises saw when they chose, without the room that others could have taken (SM06)."""

from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled


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


@compiled
def list_seen(choices, options, listed, first, n):
    """Write the first ``n_options`` of each row of options behind ``n`` others, and where they begin.

    Returns
    -------
    int
        Options that are listed now.
    """
    for r in range(choices.size):
        first[r] = n
        for k in range(choices[r].n_options):
            listed[n] = options[r, k]
            n += 1
    return n
