"""A study whose rules come from another package: its record names them, and goes on only with the same source."""

import json

import pytest

from tests.experiments.study_makers import HerePool
from tests.extensions.packages import found_in, write_package
from transition_sim.core.errors import ScenarioError
from transition_sim.experiments.driver import run_study
from transition_sim.experiments.runs import DONE, work
from transition_sim.experiments.study import load_study

OURS = """
from transition_sim.world.markets.clearing import call_auction

def auction(ask_cny_per_t, ask_t, bid_cny_per_t, bid_t, k):
    return call_auction(ask_cny_per_t, ask_t, bid_cny_per_t, bid_t, k)
"""
STUDY = {
    "format": "study/1", "id": "own_auction", "places": ["minimal"], "policies": ["none"], "until": 2021, "seed": 1,
    "replicates": 2, "outcomes": ["orders"], "annual": [],
    "variants": [{"id": "own", "set": {"extensions.permit_auction": "mine"}}],
}  # fmt: skip


def contents(folder):
    """Return the bytes of every file below a folder."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_study_goes_on_only_with_the_package_that_began_it(tmp_path):
    packages, folder = tmp_path / "packages", tmp_path / "study"
    packages.mkdir()
    write_package(packages, "one", {"permit_auction": "mine = one:auction"}, {"__init__.py": OURS})
    with found_in(packages):
        done = run_study(load_study(STUDY), folder, pool=HerePool(), work=work)
        assert done.counts()[DONE] == 2
        (named,) = json.loads((folder / "manifest.json").read_text())["extensions"]
        assert (named["package"], named["name"]) == ("one", "mine")
    before = contents(folder)
    (packages / "one" / "__init__.py").write_text(OURS + "# mended\n", encoding="utf-8")
    with found_in(packages), pytest.raises(ScenarioError) as caught:
        run_study(load_study(STUDY), folder, pool=HerePool(), work=work)
    (fault,) = caught.value.faults
    assert "one 1.0 has changed since the runs of this folder were made" in str(fault)
    assert "--out" in fault.remedy
    assert contents(folder) == before
