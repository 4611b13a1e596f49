"""What made a result: the hash of the sources and tables that a run depends on."""

import hashlib
from pathlib import Path

_DOORS = ("cli/", "experiments/", "viz/")


def model_hash() -> str:
    """Return the hash of the sources and tables that a run depends on; doors and experiments do not count."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(package.rglob("*.py")) + sorted(package.rglob("*.csv")):
        name = path.relative_to(package).as_posix()
        if not name.startswith(_DOORS):
            digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
