"""Numbers as people read them."""

import math


def plain_number(value: float) -> str:
    """Return up to four figures that count, no trailing zeros: 0.1, 117, 2100."""
    if not math.isfinite(value):
        return "–"
    if value == int(value) and abs(value) < 1e7:
        return str(int(value))
    return f"{value:.4g}"


def figure(value: float, unit: str = "") -> str:
    """Return three figures that count, with thousands separated: 0.0347, 15.4, 1,230; years as they are."""
    if not math.isfinite(value):
        return "–"
    if unit == "year":
        return f"{value:.0f}" if value == round(value) else f"{value:.1f}"
    size = abs(value)
    decimals = 2 if size < 1e-6 else min(6, max(0, 2 - math.floor(math.log10(size))))
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        return "0"
    return text.replace("-", "−")


def signed(value: float, unit: str = "") -> str:
    """Return a difference with its sign: +0.35, −12.0, ±0."""
    if not math.isfinite(value):
        return "–"
    text = figure(value, "")
    if text == "0" or (unit in ("year", "years") and abs(value) < 0.005):
        return "±0"
    return text if text.startswith("−") else f"+{text}"
