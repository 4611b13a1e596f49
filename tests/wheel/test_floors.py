"""The oldest versions that may be installed are those that are written down to be tried."""

import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
TRIED = ("study",)
"""Extras that a run needs; those for documents and tests follow the newest versions."""


def requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = (line for name in TRIED for line in project["optional-dependencies"][name])
    return [Requirement(line) for line in (*project["dependencies"], *extras)]


def pins(name: str) -> dict[str, Version]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    wanted = (Requirement(line) for line in lines if line and not line.startswith("#"))
    return {r.name.lower(): Version(next(iter(r.specifier)).version) for r in wanted}


def test_the_oldest_versions_that_are_tried_are_those_that_are_allowed():
    oldest = pins("constraints-lowest.txt")
    for needed in requirements():
        floors = [Version(s.version) for s in needed.specifier if s.operator == ">="]
        assert len(floors) == 1, needed
        assert oldest[needed.name.lower()] == floors[0], needed
    assert set(oldest) - {r.name.lower() for r in requirements()} == {"distributed"}  # comes with dask, of its version


def test_the_newest_versions_that_are_tried_are_allowed():
    newest = pins("constraints.txt")
    for needed in requirements():
        assert newest[needed.name.lower()] in needed.specifier, needed
