"""Tables: fields declared once, copies independent, bounds checked."""

import numpy as np
import pytest

from transition_sim.core.tables import Field, TableSet, allocate, out_of_bounds

SIZE = (Field("output_cny", "CNY/quarter", "output", low=0), Field("is_alive", "-", "in business", "?"))
MIND = (Field("capability", "-", "capability", low=0, high=1),)


def test_a_field_is_found_in_its_table():
    tables = TableSet({"size": SIZE, "mind": MIND}, 3)
    tables["capability"][1] = 0.5
    assert tables.table("mind")["capability"].tolist() == [0.0, 0.5, 0.0]
    assert list(tables) == ["output_cny", "is_alive", "capability"]


def test_a_copy_is_independent():
    tables = TableSet({"size": SIZE}, 2)
    other = tables.copy()
    other["output_cny"][0] = 9.0
    assert tables["output_cny"][0] == 0.0


def test_one_field_in_two_tables_is_refused():
    with pytest.raises(ValueError, match="field 'capability' stands in 'a' and in 'b'"):
        TableSet({"a": MIND, "b": MIND}, 1)


@pytest.mark.parametrize("bad", [np.nan, -0.1, 1.1, np.inf])
def test_b14_bounds(bad):
    table = allocate(MIND, 4)
    table["capability"][2] = bad
    (field, row, value), *rest = out_of_bounds(MIND, table)
    assert (field, row, rest) == ("capability", 2, [])
    assert value == bad or np.isnan(bad)
