"""Every word on the screen, in English and Chinese; units too. Names of levers, measures and firms come from tables."""

import csv
import json
import re
from pathlib import Path
from typing import Any, Literal

import numpy as np

from transition_sim.scenarios.words.sources import SOURCES
from transition_sim.scenarios.words.units import plan_figure, plan_unit, unit_word

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

_HERE = Path(__file__).parent


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


WORDS: dict[str, tuple[str, str]] = {row["key"]: (row["en"], row["zh"]) for row in _rows("words.csv")}
SHARE_OF_RUNS = "of runs"
AXES = {"mt_co2": "MtCO2", "m_cny_year": "M CNY", "m_cny": "M CNY", "mt_clinker": "Mt", "twh": "TWh", "pj": "PJ"}
"""Words of axes, and the unit that their figures are worked out in."""
_OF_ENTERPRISES = {"cny": (1e-6, 1e-4), "tco2": (1e-3, 1.0), "mwh": (1e-3, 0.1)}
"""What a figure is multiplied by to read as M CNY, kt and GWh, and in Chinese as 万元, 吨 and 万千瓦时."""
LARGER = {"M CNY": ("bn CNY", 1e-3), "M CNY/yr": ("bn CNY/yr", 1e-3)}
"""The unit in which English reads a large figure, and how many of it make one; Chinese has 亿元 for both."""
LARGE = 1e4
_PLACEHOLDER = re.compile(r"{(\w+)}")
_HYPHEN = re.compile(r"(GB(?:/T)? [\d.]+-\d{4}|\d{4}-\d\d-\d\d)|(?<=\d)-(?=\d)")


class Words:
    """The words of one language: ``words("undo")``, ``words("peak", year=2030)``; ``json`` holds them all."""

    def __init__(self, language: Language):
        if language not in LANGUAGES:
            raise ValueError(f"the language is one of {', '.join(LANGUAGES)}, not {language!r}")
        self.language = language
        self._index = LANGUAGES.index(language)
        self.json = json.dumps(self.all(), ensure_ascii=False)

    @property
    def is_chinese(self) -> bool:
        return self.language == "zh"

    def __call__(self, key: str, **parts: object) -> str:
        return WORDS[key][self._index].format(**parts)

    def all(self) -> dict[str, str]:
        """Return all words as they stand, placeholders included, for the widgets."""
        return {key: pair[self._index] for key, pair in WORDS.items()}

    def unit(self, unit: str) -> str:
        """Return a unit; text that is no unit of ours stays as it is."""
        return "" if unit == "-" else unit_word(unit, self.is_chinese)

    def result_unit(self, unit: str) -> str:
        """Return the unit in which a result is shown, its figure being ``shown``: 万 and 亿 in Chinese."""
        if unit == SHARE_OF_RUNS:
            return self("percent_of_runs")
        return "" if unit == "-" else plan_unit(unit, self.is_chinese)

    def change_unit(self, unit: str) -> str:
        """Return the unit of a difference of results: of years years, of percentages points."""
        return self.result_unit({"year": "years", "%": "percentage points"}.get(unit, unit))

    def shown(self, value: Any, unit: str) -> Any:
        """Return a result, or an array of them, in its ``result_unit``."""
        if unit == SHARE_OF_RUNS:
            return 100.0 * value
        return plan_figure(value, unit, self.is_chinese)

    def read_as(self, unit: str, *values: Any) -> tuple[str, float]:
        """Return the unit in which results of this size are read, and what they are multiplied by."""
        largest = max((float(np.abs(v).max()) for v in values if np.size(v)), default=0.0)
        return LARGER[unit] if unit in LARGER and largest >= LARGE and not self.is_chinese else (unit, 1.0)

    def source(self, text: str) -> str:
        """Return where a value comes from; what is not listed stays as the tables have it."""
        return with_dashes(SOURCES.in_chinese(text) if self.is_chinese else text)

    def of_enterprise(self, value: Any, column: str) -> Any:
        """Return a figure of an enterprise, or an array of them, in the unit that the words of its column name."""
        return value * _OF_ENTERPRISES[column.rpartition("_")[2]][self._index]

    def axis_scale(self, key: str) -> float:
        """Return how many of the unit that an axis names make one of the unit that its figures are worked out in."""
        return float(self.shown(1.0, AXES[key]))

    def of(self, row: Any, stem: str = "name") -> str:
        """Return ``name_en`` or ``name_zh`` of a row."""
        return with_dashes(str(getattr(row, f"{stem}_{self.language}")))

    def name(self, names: Any) -> str:
        """Return one of a pair of names: a mapping or an object with ``en`` and ``zh``."""
        return str(names[self.language] if isinstance(names, dict) else getattr(names, self.language))


def with_dashes(text: str) -> str:
    """Return a text with the dash of ranges, 10–20, which tables write as a hyphen; dates and standards keep theirs."""
    return _HYPHEN.sub(lambda found: found[1] or "–", text)


def placeholders(text: str) -> set[str]:
    """Return the names in braces."""
    return set(_PLACEHOLDER.findall(text))


def language_of(accepted: str, default: Language = "en") -> Language:
    """Return the language of a visitor from the ``Accept-Language`` header; the first that we speak counts."""
    for part in accepted.split(","):
        name = part.split(";")[0].strip().lower()
        if name.startswith("zh"):
            return "zh"
        if name.startswith("en"):
            return "en"
    return default
