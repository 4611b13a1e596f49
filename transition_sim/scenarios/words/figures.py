"""Words and letters of figures in English and Chinese."""

import csv
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from transition_sim.scenarios.words.units import plan_figure, plan_unit, subscripted, unit_word

# the first face of a collection is the one that is listed: the Japanese of Noto, with the same characters
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Serif CJK SC",
    "Noto Serif CJK JP",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "PingFang SC",
)

LANGUAGES = ("en", "zh")


@cache
def figure_words() -> dict[str, tuple[str, str]]:
    """Return the words of all figures, English and Chinese."""
    with (Path(__file__).parent / "figures.csv").open(encoding="utf-8", newline="") as file:
        return {row["key"]: (row["en"], row["zh"]) for row in csv.DictReader(file)}


def within(name: str) -> str:
    """Return an English name as it stands within a sentence: "cumulative CO₂", but "CO₂ of 2025" and "GDP"."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


class FigureWords:
    """The words of a figure: ``words("year")``, ``words("difference", name=..., unit=...)``.

    Parameters
    ----------
    is_chinese : bool
    names : mapping of str
        What that which is drawn (a policy, a lever) is called in the language; without a word it keeps its own name.
    """

    def __init__(self, is_chinese: bool, names: Mapping[str, str] | None = None):
        self.is_chinese, self._names = is_chinese, names or {}

    def __call__(self, key: str, **parts: object) -> str:
        return figure_words()[key][self.is_chinese].format(**parts)

    def about(self, key: str, measure: Any) -> str:
        """Return words that speak of a measure: what it is called, and its unit."""
        return self(key, name=within(self.of(measure)), unit=self.plan_unit(measure.unit))

    def named(self, row: Any, unit: str = "") -> str:
        """Return the name of a measure or column with its unit, or the unit that it is drawn in."""
        return f"{self.of(row)}{'，' if self.is_chinese else ', '}{self.plan_unit(unit or row.unit)}"

    def along(self, axis: Any, label: str, unit: str) -> None:
        """Name an axis, and let its numbers count in ``plan_unit``; what is drawn stays in the unit of the tables."""
        axis.set_label_text(label)
        if (per_unit := self.per_unit(unit)) != 1.0:
            axis.set_major_formatter(lambda value, _: f"{per_unit * value:.10g}")

    def of(self, row: Any, stem: str = "") -> str:
        """Return the name of what has one in both languages: ``en`` and ``zh``, or ``name_en`` and ``name_zh``."""
        return subscripted(str(getattr(row, f"{stem}_{LANGUAGES[self.is_chinese]}".strip("_"))))

    def unit(self, unit: str) -> str:
        """Return a unit in the language."""
        return unit_word(unit, self.is_chinese)

    def plan_unit(self, unit: str) -> str:
        """Return the unit in which a result is shown: in Chinese the one that plans use."""
        return plan_unit(unit, self.is_chinese)

    def per_unit(self, unit: str) -> float:
        """Return how many of ``plan_unit`` make one."""
        return float(plan_figure(1.0, unit, self.is_chinese))

    def name(self, text: str) -> str:
        """Return what is drawn under a name of the tables."""
        return self._names.get(text, text)


def chinese_font() -> str | None:
    """Return an installed font with Chinese characters, None where there is none."""
    from matplotlib import font_manager

    def found() -> str | None:
        installed = {font.name for font in font_manager.fontManager.ttflist}
        return next((name for name in CHINESE_FONTS if name in installed), None)

    if found() is None:  # the list of fonts is kept from the first use of matplotlib, and can be older than a font
        wanted = {name.replace(" ", "").removesuffix("SC").removesuffix("JP") for name in CHINESE_FONTS}
        for path in sorted(font_manager.findSystemFonts()):
            if any(Path(path).stem.startswith(name) for name in wanted):
                font_manager.fontManager.addfont(path)
    return found()


@contextmanager
def lettering(is_chinese: bool) -> Iterator[bool]:
    """Set the fonts of the figures drawn inside; gives whether they can show Chinese, where that is asked."""
    from matplotlib import rc_context

    font = chinese_font() if is_chinese else None
    finder = logging.getLogger("matplotlib.font_manager")
    before = finder.level
    finder.setLevel(logging.ERROR)  # a face without a weight of its own is drawn in another: no news for a reader
    families = [font, "DejaVu Sans"] if font else ["DejaVu Sans"]
    with rc_context({"font.family": families, "axes.unicode_minus": font is None}):
        try:
            yield font is not None
        finally:
            finder.setLevel(before)
