"""What made a result: hashes of sources, tables and plain data."""

import hashlib
import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_DOORS = ("cli/", "experiments/", "viz/")
_PACKAGES = ("mesa", "numpy", "numba", "scipy", "pandas", "pyarrow", "SALib")


@cache
def model_hash() -> str:
    """Return the hash of the sources and tables that a run depends on; doors and experiments do not count.

    Read once a process: what runs is what the process has loaded, not what was written over it since.
    """
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(package.rglob("*.py")) + sorted(package.rglob("*.csv")):
        name = path.relative_to(package).as_posix()
        if not name.startswith(_DOORS):
            digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@cache
def package_versions() -> dict[str, str]:
    """Return the versions of the packages that numbers may depend on, of those that are installed."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def content_hash(content: Any) -> str:
    """Return the hash of plain data, 32 hexadecimal digits; the order of keys does not count.

    Raises
    ------
    ValueError
        When a number is not finite.
    """
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
