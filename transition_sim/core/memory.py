"""What is free belongs to the system: how the C library keeps memory of large worlds."""

import ctypes
from contextlib import suppress

LARGE_BYTES = 2**20
_M_MMAP_THRESHOLD = -3  # of malloc.h


def return_large_blocks() -> None:
    """Have blocks of a megabyte and more returned to the system as soon as they are free; nothing without glibc.

    On its own glibc learns from what is freed to keep blocks of up to 32 MB for later, between others that are still
    in use: a tenth of the memory of a world of a million enterprises. Setting the limit ends the learning. Smaller
    worlds have no such blocks, and work as before.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)
