"""Packages put into a folder as pip would, found by this process as long as a test lasts."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from transition_sim.scenarios import extensions, scenario

EXAMPLE = Path(__file__).parents[2] / "examples" / "extension"
CACHES = (extensions.installed, extensions.rule, extensions.added_levers, extensions._source_hash, scenario.vocabulary)


def pip_install(source: Path, target: Path) -> None:
    """Install a package of this machine into a folder, without its dependencies and without a network."""
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    command += ["--disable-pip-version-check", "--target", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def write_package(
    folder: Path, name: str, entries: Mapping[str, str], files: Mapping[str, str], version: str = "1.0"
) -> None:
    """Write a package and its metadata: entry points as ``group = "name = module:object"``, files by path."""
    for path, text in files.items():
        (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / name / path).write_text(text, encoding="utf-8")
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    lines = [line for group, entry in entries.items() for line in (f"[transition_sim.{group}]", entry, "")]
    (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")


@contextmanager
def found_in(folder: Path) -> Iterator[Path]:
    """Let this process find the packages of a folder, and forget them at the end."""
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    _forget()
    try:
        yield folder
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(str(folder)):
                del sys.modules[name]
        _forget()


def _forget() -> None:
    for cached in CACHES:
        cached.cache_clear()
