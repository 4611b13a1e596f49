"""Philox 4x64 with ten rounds as NumPy has it, for whole arrays and for single rows (Salmon et al. 2011).

NumPy fills whole arrays: 6,000 numbers to use 50. A counter-based generator can give number i by itself. Whole arrays
take half of NumPy's time here: its generator has to be wound to the quarter first.
"""

import numpy as np

from transition_sim.core.kernels import compiled, lean

_M0, _M1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
_W0, _W1 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
_ROUNDS = 10
_MANTISSA, _UNIT = np.uint64(11), 1.0 / 9007199254740992.0


@lean
def _high_product(a, b):
    """Return the upper 64 bits of a product of two 64-bit numbers."""
    a_low, a_high, b_low, b_high = a & _LOW, a >> _HALF, b & _LOW, b >> _HALF
    low = a_low * b_low
    middle = a_high * b_low + (low >> _HALF)
    carry = (middle & _LOW) + a_low * b_high
    return a_high * b_high + (middle >> _HALF) + (carry >> _HALF)


@lean
def _block(c0, c1, c2, c3, k0, k1):
    """Return the four numbers of a counter."""
    for _ in range(_ROUNDS):
        high0, low0 = _high_product(_M0, c0), _M0 * c0
        high1, low1 = _high_product(_M1, c2), _M1 * c2
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = k0 + _W0, k1 + _W1
    return c0, c1, c2, c3


@lean
def _four(block, seed, key, quarter):
    """Return the numbers of four rows, in [0, 1): they share a counter."""
    zero = np.uint64(0)
    a, b, c, d = _block(np.uint64(block + 1), zero, np.uint64(quarter), zero, np.uint64(seed), np.uint64(key))
    return (
        (a >> _MANTISSA) * _UNIT,
        (b >> _MANTISSA) * _UNIT,
        (c >> _MANTISSA) * _UNIT,
        (d >> _MANTISSA) * _UNIT,
    )


@compiled
def uniforms(seed, key, quarter, n_rows):
    """Return the numbers of the first rows: those of ``Generator(Philox(...)).random(n_rows)``.

    Parameters
    ----------
    seed, key : int
        Of the Philox key.
    quarter : int
        Third word of the counter, 0 to 2**32 - 1.
    n_rows : int
        At least 0.
    """
    numbers = np.empty((n_rows + 3) // 4 * 4)
    for row in range(0, n_rows, 4):
        numbers[row], numbers[row + 1], numbers[row + 2], numbers[row + 3] = _four(row // 4, seed, key, quarter)
    return numbers[:n_rows]


@compiled
def uniforms_at(seed, key, quarter, rows):
    """Return ``uniforms`` of some rows without the others: ndarray of int, at least 0, shape (n,)."""
    numbers, at = np.empty(rows.size), -1
    four = (0.0, 0.0, 0.0, 0.0)
    for r in range(rows.size):
        block, place = rows[r] // 4, rows[r] % 4
        if block != at:
            at, four = block, _four(block, seed, key, quarter)
        numbers[r] = four[0] if place == 0 else four[1] if place == 1 else four[2] if place == 2 else four[3]
    return numbers
