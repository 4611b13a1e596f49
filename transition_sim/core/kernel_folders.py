"""Compiled rules of versions that nobody runs any more are taken away.

Every version of the sources, and every place that it stands at, has folders of its own (``kernels``), some 100 MB
together. A version that is run says so once a day; when another one has just been compiled, folders that no version has
used for two months go.
"""

import os
import re
import shutil
import time
from pathlib import Path

from transition_sim.core import kernels

UNUSED_S = 60 * 86400.0
SAID_EVERY_S = 86400.0
_RULES = re.compile(r"\w+-[0-9a-f]{16}")
"""Name of a folder of compiled rules, and of the file that says that a version is compiled; nothing else is ours."""


def mark_run() -> None:
    """Note that a run has come to its end: its rules are compiled, kept, and in use."""
    was_cold = kernels.is_cold()
    kernels.mark_warm()
    if not kernels.WRITABLE:
        return
    complete = kernels._complete()
    if was_cold or _age_s(complete) > SAID_EVERY_S:
        own = {complete.name, *own_folders()}
        say_used(kernels._FOLDER, own)
        if was_cold:
            take_away_unused(kernels._FOLDER, own)


def own_folders() -> set[str]:
    """Return the names of the folders of this version's rules."""
    package = Path(kernels.__file__).parents[1]
    return {
        f"{path.stem}-{kernels._digest(path)}"
        for path in package.rglob("*.py")
        if b"core.kernels import" in path.read_bytes()
    }


def say_used(folder: Path, names: set[str]) -> None:
    """Set the time of what is there of the names to now."""
    for name in names:
        try:
            os.utime(folder / name)
        except OSError:  # not compiled here, or somebody else's folder: it is used all the same
            continue


def take_away_unused(folder: Path, own: set[str]) -> list[str]:
    """Delete compiled rules that no version has used for two months, and return their names.

    Parameters
    ----------
    folder : path
        That of all versions.
    own : set of str
        Names that stay, however old.
    """
    gone = []
    for path in sorted(folder.iterdir()):
        if path.name in own or not _RULES.fullmatch(path.name) or path.is_symlink():
            continue
        if _age_s(path) <= UNUSED_S:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        gone.append(path.name)
    return gone


def _age_s(path: Path) -> float:
    """Return the seconds since a file, or anything in a folder, was last written or said to be used.

    What another process takes away meanwhile is as good as new: nothing is left to do about it.
    """
    try:
        times = [path.stat().st_mtime, *(inner.stat().st_mtime for inner in path.rglob("*"))]
    except OSError:
        return 0.0
    return time.time() - max(times)
