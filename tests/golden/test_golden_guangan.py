"""Golden file: key annual figures of guangan_city, current plan, seed 1, to 2035, as they were when last renewed.

A golden file shows that figures have moved; it does not say that they are right. When a change of rules, parameters
or data is meant to move them, run ``python tests/golden/renew.py``, look at what it prints, and commit the file with
the change. Nothing but that script writes it.
"""

import json

import numpy as np
import pytest
from renew import COLUMNS, FILE, figures

RELATIVE = 1e-9


@pytest.fixture(scope="module")
def kept() -> dict:
    return json.loads(FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found() -> dict:
    return figures()


def test_the_file_holds_every_column_and_year(kept):
    assert kept["years"] == list(range(2020, 2036))
    assert set(kept["annual"]) == set(COLUMNS)
    assert all(len(values) == 16 for values in kept["annual"].values())


@pytest.mark.parametrize("column", COLUMNS)
def test_annual_figures_are_those_of_the_file(kept, found, column):
    now, then = (np.array(x["annual"][column], float) for x in (found, kept))
    assert now == pytest.approx(then, rel=RELATIVE, nan_ok=True)


def test_the_peak_is_that_of_the_file(kept, found):
    assert found["peak_year"] == kept["peak_year"]
