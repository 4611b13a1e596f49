"""The order of numbers for compiled rules, stable: what NumPy's sorting takes to compile is most of a rule."""

import numpy as np

from transition_sim.core.kernels import part


@part
def order_of(key):
    """Return the places of numbers in rising order, equal ones as they stand: a merge sort from the bottom up.

    As ``np.argsort(key, kind="stable")``, which takes six times as long to compile for every kind of number.

    Parameters
    ----------
    key : ndarray, shape (n,)
        Without nan.

    Returns
    -------
    ndarray of int, shape (n,)
    """
    order, merged = np.arange(key.size), np.empty(key.size, np.int64)
    width = 1
    while width < key.size:
        for first in range(0, key.size, 2 * width):
            middle, last = min(first + width, key.size), min(first + 2 * width, key.size)
            left, right = first, middle
            for place in range(first, last):
                if left < middle and (right >= last or key[order[left]] <= key[order[right]]):
                    merged[place] = order[left]
                    left += 1
                else:
                    merged[place] = order[right]
                    right += 1
        order, merged = merged, order
        width *= 2
    return order
