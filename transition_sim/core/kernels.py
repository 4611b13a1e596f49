"""The decorator of every compiled rule, and where compiled rules are kept.

Numba caches a compiled function by the time stamp of its own file only: a rule that calls a rule in another file
would keep running the old version of it. So the cache folder is named by the hash of all sources of the package:
any edit gives a fresh cache, and a wheel in a read-only folder has a place to write.
"""

import hashlib
import os
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parents[1]


def _source_hash() -> str:
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(_PACKAGE.rglob("*.py")):
        text, name = path.read_bytes(), path.relative_to(_PACKAGE).as_posix()
        # files with kernels, and those whose record types and constants kernels are compiled with
        if b"core.kernels import" in text or name.startswith("core/") or name == "world/state.py":
            digest.update(name.encode())
            digest.update(text)
    return digest.hexdigest()


def cache_folder() -> Path:
    """Folder of the compiled rules of exactly this version of the sources."""
    root = os.environ.get("TRANSITION_SIM_CACHE_DIR")
    base = Path(root) if root else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "transition_sim"
    return base / f"kernels-{_source_hash()}"


_FOLDER = cache_folder()
try:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    WRITABLE = os.access(_FOLDER, os.W_OK)
except OSError:
    WRITABLE = False
if WRITABLE:
    os.environ.setdefault("NUMBA_CACHE_DIR", str(_FOLDER))

import numba  # noqa: E402  (the folder must be set before the first import)
import numba.core.config  # noqa: E402

if WRITABLE:
    numba.core.config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]


_COMPLETE = _FOLDER / "complete"


def is_cold() -> bool:
    """True until a run of this version has come to its end on this machine: rules are still to be compiled."""
    return not WRITABLE or not _COMPLETE.exists()


def mark_warm() -> None:
    """Note that a run has come to its end, so that every rule of a run is compiled and kept."""
    if is_cold() and WRITABLE:
        _COMPLETE.touch()


def compiled(function: Any) -> Any:
    """Compile a rule or a loop over rows: ``njit(cache=True, nogil=True)``; plain IEEE arithmetic, never fast-math."""
    return numba.njit(cache=WRITABLE, nogil=True)(function)


def lean(function: Any) -> Any:
    """Compile a rule that allocates nothing and returns no array: without counting references.

    Counting takes two atomic operations an array and call (about 10 ns), more than most rules of one agent need for
    their arithmetic. Numba refuses to compile an allocation here; a view made inside must not be returned.
    """
    return numba.njit(cache=WRITABLE, nogil=True, _nrt=False)(function)
