"""Units as people read them: with subscripts in English, in Chinese words, and as Chinese plans count.

Tables, files and exports keep the plain unit (``MtCO2``); what is shown to a reader comes from here (``MtCO₂``,
百万吨二氧化碳, 万吨二氧化碳).
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class UnitWords:
    """What a unit is called.

    Attributes
    ----------
    en, zh : str
    plan_zh : str
        The unit of Chinese plans and statistics, which count in 万 (10^4) and 亿 (10^8).
    plan_per_unit : float
        How many of it make one.
    """

    en: str
    zh: str
    plan_zh: str
    plan_per_unit: float


def subscripted(text: str) -> str:
    """Return text for a reader: CO₂ for CO2."""
    return text.replace("CO2", "CO₂")


def _read() -> dict[str, UnitWords]:
    with (Path(__file__).parent / "units.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["unit"]: UnitWords(
                subscripted(row["en"] or row["unit"]),
                row["zh"],
                row["plan_zh"] or row["zh"],
                float(row["plan_per_unit"] or 1.0),
            )
            for row in csv.DictReader(file)
        }


UNITS = _read()
"""All units of levers, parameters, measures, indicators and targets, by the unit of the tables."""


def unit_words(unit: str) -> UnitWords:
    """Return what a unit is called; a unit of another package keeps its own name."""
    return UNITS.get(unit) or UnitWords(subscripted(unit), unit, unit, 1.0)


def unit_word(unit: str, is_chinese: bool) -> str:
    """Return a unit as it is written in the language."""
    words = unit_words(unit)
    return words.zh if is_chinese else words.en


def plan_unit(unit: str, is_chinese: bool) -> str:
    """Return the unit in which a result is shown: in Chinese the one that plans use."""
    words = unit_words(unit)
    return words.plan_zh if is_chinese else words.en


def plan_figure(value: Any, unit: str, is_chinese: bool) -> Any:
    """Return a figure, or an array of them, in its ``plan_unit``: 100 bn CNY are 1000 亿元."""
    return value * unit_words(unit).plan_per_unit if is_chinese else value


def in_figures(value: float, n: int = 4, sign: str = "") -> str:
    """Return a number with n figures that count, written out: 123500 for 123456; with the sign "+" both are told."""
    return f"{float(f'{value:.{n}g}'):{sign}.12g}"


def plain_amount(value: float, unit: str, is_chinese: bool, n: int = 4, sign: str = "") -> str:
    """Return a figure in its ``plan_unit`` where the unit has been told: 12.3, 1230."""
    return in_figures(plan_figure(value, unit, is_chinese), n, sign)


def amount(value: float, unit: str, is_chinese: bool, n: int = 4, sign: str = "") -> str:
    """Return a figure with its unit as the language writes it: 12.3 MtCO₂, 1230 万吨二氧化碳."""
    return f"{plain_amount(value, unit, is_chinese, n, sign)} {plan_unit(unit, is_chinese)}"
