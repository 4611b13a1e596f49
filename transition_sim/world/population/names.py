"""Words of a million rows without a list of them: each is put together when somebody asks for it."""

from collections.abc import Sequence
from typing import Any, overload

import numpy as np


class _Words(Sequence[str]):
    """A sequence of words that ``_word`` makes one by one; an array of them where NumPy or pandas ask."""

    def __init__(self, n: int):
        self._n = n

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        found = range(self._n)[at]
        return self._word(found) if isinstance(found, int) else [self._word(row) for row in found]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Return the words as an array of objects, always a new one."""
        return np.array(list(self), object if dtype is None else dtype)

    def _word(self, row: int) -> str:
        raise NotImplementedError


class Coded(_Words):
    """Words that many rows share: row k has the word of its code.

    Parameters
    ----------
    words : sequence of str
    code : ndarray of int, shape (N,)
        Place in ``words``.
    """

    def __init__(self, words: Sequence[str], code: np.ndarray):
        super().__init__(code.size)
        self._words, self._code = tuple(words), code

    def _word(self, row: int) -> str:
        return self._words[self._code[row]]


class Numbered(_Words):
    """Every name several times, each with its number from 1.

    Parameters
    ----------
    names : sequence of str
    times : int
    pattern : str
        With ``{name}`` and ``{number}``.
    """

    def __init__(self, names: Sequence[str], times: int, pattern: str):
        super().__init__(len(names) * times)
        self._names, self._times, self._pattern = tuple(names), times, pattern

    def _word(self, row: int) -> str:
        name, number = divmod(row, self._times)
        return self._pattern.format(name=self._names[name], number=number + 1)
