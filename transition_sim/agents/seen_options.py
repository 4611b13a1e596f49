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
def seen_options(choices, options):
    """Return the first ``n_options`` of each row of options as ``SeenOptions``."""
    first, total = np.empty(choices.size, np.int64), 0
    for r in range(choices.size):
        first[r] = total
        total += choices[r].n_options
    listed = np.empty(total, options.dtype)
    for r in range(choices.size):
        for k in range(choices[r].n_options):
            listed[first[r] + k] = options[r, k]
    return SeenOptions(listed, first)


def joined(parts: list[SeenOptions]) -> SeenOptions:
    """Return the options of choices in parts as those of all."""
    if len(parts) == 1:
        return parts[0]
    before = np.cumsum([0] + [part.listed.size for part in parts])
    first = [part.first + n for part, n in zip(parts, before, strict=False)]
    return SeenOptions(np.concatenate([part.listed for part in parts]), np.concatenate(first))
