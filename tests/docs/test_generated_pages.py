"""Pages made from tables and sources are those of the tables and sources, and lead to something."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from docs import generate, verification  # noqa: E402


@pytest.mark.parametrize("name", list(generate.PAGES))
def test_a_page_is_that_of_the_sources(name):
    """After a change of a table or a docstring: python docs/generate.py."""
    assert (ROOT / name).read_text("utf-8") == generate.PAGES[name]()


def test_every_submodel_and_lever_that_is_modelled_has_a_test():
    elements = {e for row in generate.traces() for e, rooms in row.rooms.items() if rooms and e[0] in "SL"}
    without = sorted(element for element in elements if not generate.tests_of(element))
    assert without == []


def test_every_test_that_a_clause_names_exists():
    named = {name for row in generate.traces() for name in row.tests}
    assert named <= set(verification.collect()[0])


def test_the_verification_page_names_the_ids_and_tests_that_there_are():
    """After a test of a new id, or one that went away: python docs/verification.py (some minutes)."""
    by_id, _ = verification.collect()
    shown = verification.ids_on((ROOT / "docs" / "verification.md").read_text("utf-8"))
    assert set(shown) == set(by_id) & set(verification.every_id())
    there = {one: {f"{test.path}::{test.name}" for test in tests} for one, tests in by_id.items()}
    assert {one: sorted(tests - there[one]) for one, tests in shown.items() if tests - there[one]} == {}
