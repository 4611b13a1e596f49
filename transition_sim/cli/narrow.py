"""Tables on narrow terminals: columns that matter least are left out, and no number is cut."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Column, Table
from rich.text import Text

FOLDED = 24
"""Columns of a terminal that a text may be folded to."""
LEFT_EN, LEFT_ZH = "Left out in this width: {}", "因宽度不足未显示：{}"
GAP = 3
"""Columns between two columns of a table, at most."""


class Speaker(Protocol):
    """Whoever knows the language of its reader."""

    @property
    def is_chinese(self) -> bool: ...


class Fitted:
    """A table that leaves columns out, in the order given, until the rest can be read in the width that there is.

    Heads that stand in a tuple leave together. Where the output is no terminal every column stays.
    """

    def __init__(self, table: Table, leave: Iterable[str | tuple[str, ...]], words: Speaker):
        self.table, self.words = table, words
        self.leave = [(heads,) if isinstance(heads, str) else heads for heads in leave]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        kept, left = list(self.table.columns), []
        for heads in self.leave if console.is_terminal else ():
            if _needed(kept) <= options.max_width:
                break
            left += [str(column.header) for column in kept if column.header in heads]
            kept = [column for column in kept if column.header not in heads]
        yield _with_columns(self.table, kept, _needed(kept) <= options.max_width < _natural(kept))
        if left:
            heads_left = "、".join(left) if self.words.is_chinese else ", ".join(left)
            yield Text((LEFT_ZH if self.words.is_chinese else LEFT_EN).format(heads_left), style="dim")


def _with_columns(table: Table, columns: Sequence[Column], is_tight: bool) -> Table:
    """Return the rows of a table in some of its columns; where it is tight, only long texts are folded."""
    fitted = Table(
        box=table.box, pad_edge=table.pad_edge, show_edge=table.show_edge, header_style=table.header_style or "bold"
    )
    fitted.rows.extend(table.rows)
    fitted.columns = [
        replace(column, _index=i, width=_least(column) if is_tight and _is_whole(column) else column.width)
        for i, column in enumerate(columns)
    ]
    return fitted


def _is_whole(column: Column) -> bool:
    """Return whether nothing of a column is folded but its head."""
    return _least(column) >= _widest(column)


def _natural(columns: Sequence[Column]) -> int:
    """Return the width in which nothing is folded."""
    heads = [cell_len(str(column.header)) for column in columns]
    return sum(max(_widest(c), head) for c, head in zip(columns, heads, strict=True)) + GAP * (len(columns) - 1)


def _needed(columns: Sequence[Column]) -> int:
    """Return the width in which columns can be read: numbers and ids whole, texts folded."""
    return sum(_least(column) for column in columns) + GAP * (len(columns) - 1)


def _least(column: Column) -> int:
    widest = _widest(column)
    if column.no_wrap or column.justify == "right":
        return max(widest, _longest_word(column))
    return max(column.min_width or 0, min(widest, max(FOLDED, _longest_word(column))))


def _widest(column: Column) -> int:
    return max((cell_len(Text.from_markup(str(cell)).plain) for cell in column.cells), default=0)


def _longest_word(column: Column) -> int:
    """Return the width of the longest word of the head, which folds between words; Chinese folds anywhere."""
    words = str(column.header).split()
    return max((min(cell_len(word), FOLDED // 2) for word in words), default=0)
