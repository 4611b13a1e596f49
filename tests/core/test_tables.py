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


def test_b14_whole_numbers_are_not_read_as_fractions():
    """-1 in every byte of two i4 side by side is a NaN as f8: it must not count, its neighbour must."""
    fields = (Field("first", "-", "", "i4"), Field("second", "-", "", "i4"), Field("share", "-", "share", high=1))
    table = allocate(fields, 3)
    table["first"] = table["second"] = -1
    assert out_of_bounds(fields, table) == []
    table["share"][2] = 1.5
    assert out_of_bounds(fields, table) == [("share", 2, 1.5)]
    assert out_of_bounds(fields, table[:0]) == []
    assert out_of_bounds(fields, table[::2]) == [("share", 1, 1.5)]


def test_b14_short_numbers_are_checked_too():
    fields = (Field("short", "-", "", "f4", low=0), Field("share", "-", "share", low=0))
    table = allocate(fields, 2)
    table["short"][1] = -1.0
    assert out_of_bounds(fields, table) == [("short", 1, -1.0)]
