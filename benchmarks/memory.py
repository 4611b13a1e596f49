"""The peak memory of a process."""

import resource
import sys
from pathlib import Path


def peak_bytes() -> int:
    """Return the most memory that this program has held, bytes.

    What a process inherits is left out where the system tells it apart: on Linux ``ru_maxrss`` outlives ``exec``, so
    that a small program started by a large one seems as large.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
