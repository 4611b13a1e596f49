"""Sentences in Chinese by template: ``the years do not rise: {} comes before`` -> ``前面已有 {}``."""

import csv
import re
from functools import cached_property
from pathlib import Path

from transition_sim.scenarios.words.units import UNITS, unit_word

_HOLE = re.compile(r"{(\d?)}")
_FIGURE = re.compile(r"(?P<number>[−+-]?[\d.,]+(?:e[+-]?\d+)?) (?P<unit>\S.*)")
_QUOTED = re.compile(r"('[^']*', )*'[^']*' or '[^']*'")
_ROW = re.compile(r"(?P<name>[^:]+): (?P<number>[−+-]?[\d.]+(?:e[+-]?\d+)?)")
_BETWEEN_SENTENCES = re.compile(r"(?<=[.?]) (?=[A-Z])")


class Phrases:
    """The sentences of a file of two columns, ``en`` and ``zh``.

    ``{}`` stands for whatever a sentence carries: in Chinese it comes in the same order, or by number (``{1}`` is the
    second). What is a line of the file itself is put in Chinese too, and so is the unit of a figure.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path):
        self._path = path

    @cached_property
    def _plain(self) -> dict[str, str]:
        return {en: zh for en, zh in self.rows if not _HOLE.search(en)}

    @cached_property
    def _templates(self) -> list[tuple[re.Pattern[str], str]]:
        """Templates, those with more words of their own first."""
        rows = sorted((row for row in self.rows if _HOLE.search(row[0])), key=lambda row: -len(row[0]))
        return [(re.compile("(.+?)".join(map(re.escape, en.split("{}"))), re.DOTALL), zh) for en, zh in rows]

    @cached_property
    def rows(self) -> list[tuple[str, str]]:
        """Return the lines of the file."""
        with self._path.open(encoding="utf-8", newline="") as file:
            return [(row["en"], row["zh"]) for row in csv.DictReader(file)]

    def in_chinese(self, text: str) -> str:
        """Return text in Chinese, sentence by sentence; a sentence that is not listed stays as it is."""
        parts = _BETWEEN_SENTENCES.split(text)
        found = [self._sentence(part) for part in parts]
        # a template may match a sentence and all that follows: what is listed sentence by sentence comes first
        if not all(found) and (whole := self._sentence(text)) is not None:
            return whole
        if not any(found):
            return text
        return "".join(part if zh is None else zh for part, zh in zip(parts, found, strict=True))

    def _sentence(self, text: str) -> str | None:
        if text in self._plain:
            return self._plain[text]
        for pattern, zh in self._templates:
            if found := pattern.fullmatch(text):
                return zh.format(*map(self._carried, found.groups()))
        return None

    def _carried(self, text: str) -> str:
        """Return what a sentence carries: lines of the file and figures in Chinese, all else as it stands."""
        if "; " in text and self._sentence(text) is None:
            return "；".join(map(self._carried, text.split("; ")))
        if _QUOTED.fullmatch(text):
            return text.replace(", ", "、").replace(" or ", " 或 ")
        if row := _ROW.fullmatch(text):
            return f"{self._carried(row['name'])}：{row['number']}"
        figure = _FIGURE.fullmatch(text)
        if figure and figure["unit"] in UNITS:
            unit = unit_word(figure["unit"], True)
            return f"{figure['number']}（{unit}）" if unit.startswith("占") else f"{figure['number']} {unit}"
        return self._sentence(text) or text
