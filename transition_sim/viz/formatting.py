"""Numbers as people read them."""

import math

import numpy as np

COUNTS = frozenset(
    (
        "-", "years", "firms", "firms/yr", "stations", "piles", "platforms", "projects", "parks", "pilots", "quarters",
        "technologies",
    )
)  # fmt: skip
"""Units that are counted: no more than one decimal, none where a number is whole."""


def central(values: np.ndarray, unit: str) -> float:
    """Return what stands for several runs: their mean; of years the median, as a mean of years is no year."""
    return float(np.median(values) if unit == "year" else np.mean(values))


def plain_number(value: float) -> str:
    """Return up to four figures that count, no trailing zeros: 0.1, 117, 2100."""
    if not math.isfinite(value):
        return "–"
    if value == int(value) and abs(value) < 1e7:
        return _minus(str(int(value)))
    text = f"{value:.4g}"
    return text if "e" in text else _minus(text)


def figure(value: float, unit: str = "") -> str:
    """Return three figures that count, with thousands separated: 0.0347, 15.4, 1,230; years and counts whole."""
    if not math.isfinite(value):
        return "–"
    if unit == "year":
        return f"{math.floor(value + 0.5)}"
    if unit in COUNTS:
        return _count(value)
    size = abs(value)
    decimals = 2 if size < 1e-6 else min(6, max(0, 2 - math.floor(math.log10(size))))
    return _minus(f"{value:,.{decimals}f}")


def span(low: float, high: float, unit: str = "") -> tuple[str, str]:
    """Return both ends of a range; one that is next to nothing beside the other has no more decimals than that."""
    ends = [figure(value, unit) for value in (low, high)]
    small, large = sorted((0, 1), key=lambda k: abs((low, high)[k]))
    if unit not in COUNTS and 0 < 100 * abs((low, high)[small]) < abs((low, high)[large]):
        decimals = len(ends[large].partition(".")[2])
        ends[small] = _minus(f"{(low, high)[small]:,.{decimals}f}")
    return ends[0], ends[1]


def _count(value: float) -> str:
    """Return a count: 5, 22.5, 4,869."""
    is_whole = abs(value - round(value)) < 0.05 or abs(value) >= 100
    return _minus(f"{value:,.{0 if is_whole else 1}f}")


def _minus(text: str) -> str:
    return "0" if float(text.replace(",", "")) == 0 else text.replace("-", "−")


def signed(value: float, unit: str = "") -> str:
    """Return a difference with its sign: +0.35, −12.0, ±0; a difference of years is a number of years."""
    if not math.isfinite(value):
        return "–"
    text = figure(value, "years" if unit == "year" else unit)
    if text == "0":
        return "±0"
    return text if text.startswith("−") else f"+{text}"
