"""The order of numbers for compiled rules, stable: what NumPy's sorting takes to compile is most of a rule."""

import numpy as np

from transition_sim.core.kernels import merged, part

_MOVES = 16
"""Places that a number may move on average after bins, before merging is the better way."""


@part
def order_of(key):
    """Return the places of numbers in rising order, equal ones as they stand.

    As ``np.argsort(key, kind="stable")``, which takes six times as long to compile for every kind of number. Numbers
    are dealt into as many bins as there are of them, which leaves little to move: of those that are spread out a
    sixth of the time that merging takes. Where many share few bins they are merged.

    Parameters
    ----------
    key : ndarray, shape (n,)
        Without nan, which would leave an order of no meaning.

    Returns
    -------
    ndarray of int, shape (n,)
    """
    order = np.arange(key.size)
    if key.size < 2:
        return order
    low = high = key[0]
    for place in range(1, key.size):
        low, high = min(low, key[place]), max(high, key[place])
    span = float(high) - float(low)
    if span == 0.0:
        return order
    if span < np.inf:
        _deal_into_bins(key, float(low), (key.size - 1) / span, order)
    return order if _inserted(key, order) else _merged(key, np.arange(key.size))


@merged
def _deal_into_bins(key, low, bins_per_unit, order):
    """Write the places of numbers by bins of equal width between the smallest and the largest."""
    first, bin_of = np.zeros(key.size + 1, np.int64), np.empty(key.size, np.int64)
    for place in range(key.size):
        k = max(0, min(int((key[place] - low) * bins_per_unit), key.size - 1))  # within bounds whatever the key
        bin_of[place] = k
        first[k + 1] += 1
    for k in range(key.size):
        first[k + 1] += first[k]
    for place in range(key.size):
        k = bin_of[place]
        order[first[k]] = place
        first[k] += 1


@merged
def _inserted(key, order):
    """Bring places that stand nearly in order into order; tell whether it was worth going on to the end."""
    moves_left = _MOVES * key.size
    for n in range(1, key.size):
        place, k = order[n], n
        while k > 0 and key[order[k - 1]] > key[place]:
            order[k] = order[k - 1]
            k -= 1
        order[k] = place
        moves_left -= n - k
        if moves_left < 0:
            return False
    return True


@merged
def _merged(key, order):
    """Return places brought into order by a merge sort from the bottom up."""
    merged = np.empty(key.size, np.int64)
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
