"""The decorator of every compiled rule, and where compiled rules are kept.

Numba caches a compiled function by the time stamp of its own file only: a rule that calls a rule in another file
would keep running the old version of it. So the rules of a file are kept in a folder named by the hash of the file and
of all that it imports from the package: an edit compiles anew what depends on it and nothing else, and a wheel in a
read-only folder has a place to write.
"""

import hashlib
import os
import re
from functools import cache, update_wrapper
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parents[1]
_IMPORT = re.compile(
    rf"^from ({_PACKAGE.name}[\w.]*) import (\([^)]*\)|.+)$|^import ({_PACKAGE.name}[\w.]*)", re.MULTILINE
)


def _source_of(module: str) -> Path | None:
    """Return the file of a module of the package, or None where there is no such module."""
    path = _PACKAGE.parent.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def _imports(path: Path) -> frozenset[Path]:
    """Return the files of the package that a file imports by name."""
    modules = set()
    for source, names, plain in _IMPORT.findall(path.read_text("utf-8")):
        modules.add(plain or source)
        modules.update(f"{source}.{name}" for name in re.findall(r"\w+", names))
    return frozenset(found for found in map(_source_of, modules) if found)


def _package_of(path: Path) -> set[Path]:
    """Return the files of the package that a file of somebody else belongs to; none for a script."""
    top = path.parent
    if not (top / "__init__.py").is_file():
        return set()
    while (top.parent / "__init__.py").is_file():
        top = top.parent
    return set(top.rglob("*.py"))


@cache
def _digest(path: Path) -> str:
    """Return the hash of a file and of everything that it reaches by imports."""
    reached, ahead = {path}, [path]
    if not path.is_relative_to(_PACKAGE):
        reached |= _package_of(path)
        ahead = list(reached)
    while ahead:
        fresh = _imports(ahead.pop()) - reached
        reached |= fresh
        ahead.extend(fresh)
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(reached):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def cache_folder() -> Path:
    """Folder that holds the compiled rules of all versions of the sources."""
    root = os.environ.get("TRANSITION_SIM_CACHE_DIR")
    base = Path(root) if root else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "transition_sim"
    return base / "kernels"


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

_OF_ALL: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
"""Of every rule.

A division by zero gives infinity or no number, as NumPy's does, and is found with whatever else is not finite (B14): a
question before each division takes up to 5 % of a walk through slots. No rule is called from C, and a door for it would
take a tenth of the time of compiling.
"""


@cache
def _complete() -> Path:
    """Return the file that exists once a run of exactly these rules has come to its end."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(_PACKAGE.rglob("*.py")):
        if b"core.kernels import" in path.read_bytes():
            digest.update(_digest(path).encode())
    return _FOLDER / f"complete-{digest.hexdigest()}"


def is_cold() -> bool:
    """True until a run of this version has come to its end on this machine: rules are still to be compiled."""
    return not WRITABLE or not _complete().exists()


def mark_warm() -> None:
    """Note that a run has come to its end, so that every rule of a run is compiled and kept."""
    if is_cold() and WRITABLE:
        _complete().touch()


def _njit(function: Any, **options: Any) -> Any:
    if WRITABLE:
        source = Path(function.__code__.co_filename)
        numba.core.config.CACHE_DIR = str(_FOLDER / f"{source.stem}-{_digest(source)}")
    return numba.njit(cache=WRITABLE, **_OF_ALL, **options)(function)


def compiled(function: Any) -> Any:
    """Compile a rule or a loop over rows: ``njit(cache=True)`` without the lock; IEEE arithmetic, never fast-math."""
    return _njit(function)


def entered(function: Any) -> Any:
    """Compile a rule that only Python calls and that allocates nothing and returns no array.

    As ``lean``, without counting references: then the door of a rule that is given eight tables takes 3 us less.
    """
    return _njit(function, _nrt=False)


class Part:
    """A rule that other compiled rules call; see ``part``, ``lean`` and ``shared``.

    Its compiled form goes into its callers whole, so it is neither kept in a folder nor given a door from Python: a
    door of its own took longer to compile than most rules. One that Python does call gets that door at the first call.
    """

    def __init__(self, function: Any, **options: Any) -> None:
        self.py_func = function
        self._options = options
        self._inner = numba.njit(no_cpython_wrapper=True, **_OF_ALL, **options)(function)
        self._numba_type_ = numba.types.Dispatcher(self._inner)
        self.targetoptions = self._inner.targetoptions
        self._from_python: Any = None
        update_wrapper(self, function)

    def __call__(self, *arguments: Any) -> Any:
        """Call the rule from Python."""
        if self._from_python is None:
            self._from_python = _njit(self.py_func, **self._options)
        return self._from_python(*arguments)


def part(function: Any) -> Any:
    """Compile a rule that only other rules call: as ``compiled`` does, without a door from Python."""
    return Part(function)


def lean(function: Any) -> Any:
    """Compile a rule that allocates nothing and returns no array: a ``part`` without counting references.

    Counting takes two atomic operations an array and call (about 10 ns), more than most rules of one agent need for
    their arithmetic. Numba refuses to compile an allocation here; a view made inside must not be returned. Such rules
    are also put into the place where they are called: handing over a handful of tables, a few words each, took longer
    than reading a row of them.
    """
    return Part(function, _nrt=False, forceinline=True)


def merged(function: Any) -> Any:
    """Compile a rule as ``part`` does, but as lines of its caller: a long rule of one caller, not compiled twice."""
    return Part(function, inline="always")


def shared(function: Any) -> Any:
    """Compile a rule as ``lean`` does, but call it: a long rule of several callers, of which one copy is enough."""
    return Part(function, _nrt=False)
