"""Tables: fields declared once, copies independent, bounds checked."""

import numpy as np
import pytest

from transition_sim.core.tables import Field, TableSet, allocate, gather_rows, out_of_bounds, with_room

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


def test_rows_are_gathered_within_their_table():
    """Rows 4, 0, 3, 1 of six come first in that order; what is not listed (2, 5) ends up behind them."""
    table = allocate(SIZE, 6)
    table["output_cny"] = [10.0, 11.0, 12.0, 13.0, 14.0, 15.0]
    assert gather_rows(table, np.array([4, 0, 3, 1])) == 4
    assert table["output_cny"][:4].tolist() == [14.0, 10.0, 13.0, 11.0]
    assert sorted(table["output_cny"][4:].tolist()) == [12.0, 15.0]


@pytest.mark.parametrize("seed", range(5))
def test_any_rows_can_be_gathered(seed):
    draws = np.random.default_rng(seed)
    table, rows = allocate(SIZE, 200), draws.permutation(200)[: draws.integers(1, 201)]
    table["output_cny"] = np.arange(200)
    gather_rows(table, rows.copy())
    assert table["output_cny"][: rows.size].tolist() == rows.tolist()


def test_a_table_grows_only_when_rows_do_not_fit():
    table = allocate(SIZE, 4)
    table["output_cny"] = [1.0, 2.0, 3.0, 0.0]
    assert with_room(SIZE, table, 3, 1) is table
    grown = with_room(SIZE, table, 3, 2)
    assert (grown.size, grown["output_cny"][:4].tolist()) == (20, [1.0, 2.0, 3.0, 0.0])
