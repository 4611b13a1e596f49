"""Units of quantities in files: declared in the schema, read by one regular expression and a fixed table.

A value is a number in the declared unit, ``"<number> <unit>"`` (Chinese units too), or a mapping with its source and
confidence. Text is never evaluated.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticCustomError, core_schema

GJ_PER_TCE = 29.3076
GJ_PER_MWH = 3.6

_NUMBER_AND_UNIT = re.compile(r"^([+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?(?:[eE][+-]?[0-9]{1,2})?)\s+(\S.{0,30})$")

# dimension -> unit -> factor to the first unit of the dimension
_TABLE: dict[str, dict[str, float]] = {
    "GJ": {
        "GJ": 1.0, "MJ": 1e-3, "TJ": 1e3, "PJ": 1e6, "吉焦": 1.0, "太焦": 1e3,
        "tce": GJ_PER_TCE, "ktce": 1e3 * GJ_PER_TCE, "Mtce": 1e6 * GJ_PER_TCE,
        "吨标准煤": GJ_PER_TCE, "万吨标准煤": 1e4 * GJ_PER_TCE, "MWh": GJ_PER_MWH, "GWh": 1e3 * GJ_PER_MWH,
        "TWh": 1e6 * GJ_PER_MWH,
    },
    "tce": {"tce": 1.0, "ktce": 1e3, "Mtce": 1e6, "吨标准煤": 1.0, "万吨标准煤": 1e4},
    "MWh": {"MWh": 1.0, "kWh": 1e-3, "GWh": 1e3, "TWh": 1e6, "千瓦时": 1e-3, "万千瓦时": 10.0, "亿千瓦时": 1e5},
    "t": {"t": 1.0, "kg": 1e-3, "kt": 1e3, "Mt": 1e6, "吨": 1.0, "千吨": 1e3, "万吨": 1e4},
    "tCO2": {"tCO2": 1.0, "ktCO2": 1e3, "MtCO2": 1e6, "吨二氧化碳": 1.0, "万吨二氧化碳": 1e4},
    "MW": {"MW": 1.0, "kW": 1e-3, "GW": 1e3, "千瓦": 1e-3, "万千瓦": 10.0, "兆瓦": 1.0},
    "CNY": {"CNY": 1.0, "元": 1.0, "10k CNY": 1e4, "万元": 1e4, "M CNY": 1e6, "亿元": 1e8, "bn CNY": 1e9},
    "person": {"person": 1.0, "persons": 1.0, "人": 1.0, "万人": 1e4, "k persons": 1e3, "M persons": 1e6},
    "km2": {"km2": 1.0, "平方公里": 1.0},
    "ha": {"ha": 1.0, "km2": 100.0, "公顷": 1.0, "平方公里": 100.0, "万亩": 1e4 / 15.0},
    "m2": {"m2": 1.0, "Mm2": 1e6, "平方米": 1.0, "万平方米": 1e4},
    "m3": {"m3": 1.0, "M m3": 1e6, "立方米": 1.0, "万立方米": 1e4},
    "vehicle": {"vehicle": 1.0, "vehicles": 1.0, "辆": 1.0, "万辆": 1e4},
    "point": {"point": 1.0, "points": 1.0, "个": 1.0},
    "tCO2/MWh": {"tCO2/MWh": 1.0, "kgCO2/kWh": 1.0, "gCO2/kWh": 1e-3},
    "GJ/MWh": {"GJ/MWh": 1.0, "gce/kWh": GJ_PER_TCE / 1e3, "kJ/kWh": 1e-3},
    "MWh/MW/yr": {"MWh/MW/yr": 1.0, "kWh/kW/yr": 1.0},
}  # fmt: skip
_PER_TIME = {"/yr": 1.0, "/a": 1.0, "/年": 1.0, "/d": 365.0, "/日": 365.0}


class Quantity(float):
    """A number in its declared unit that remembers where it comes from.

    Attributes
    ----------
    source : str
        Short name of a source of the place, or empty.
    confidence : {"high", "medium", "low", ""}
    low, high : float or None
        Range in the declared unit.
    note : str
    """

    source: str = ""
    confidence: str = ""
    low: float | None = None
    high: float | None = None
    note: str = ""


def factor_to(declared: str, unit: str) -> float | None:
    """Return the factor from ``unit`` to the declared unit, or None where the two do not fit."""
    if unit == declared:
        return 1.0
    if declared in _TABLE:
        return _TABLE[declared].get(unit)
    if declared.endswith("/yr") and declared[:-3] in _TABLE:
        for suffix, per_year in _PER_TIME.items():
            if unit.endswith(suffix):
                scale = _TABLE[declared[:-3]].get(unit[: -len(suffix)])
                if scale is not None:
                    return scale * per_year
    return None


def known_units(declared: str) -> list[str]:
    """Return the units that a declared unit accepts, for error messages and help."""
    if declared in _TABLE:
        return list(_TABLE[declared])
    base = declared[:-3] if declared.endswith("/yr") else ""
    return [f"{u}/yr" for u in _TABLE.get(base, {})] + [f"{base}/d"] if base in _TABLE else [declared]


def parse_number(value: Any, declared: str) -> float:
    """Return a finite number in the declared unit from a number or ``"<number> <unit>"``.

    Raises
    ------
    PydanticCustomError
        ``quantity_type``, ``quantity_text``, ``quantity_unit`` or ``quantity_finite``.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise PydanticCustomError(
            "quantity_type", "a quantity is a number or text such as '12 {unit}'", {"unit": declared}
        )
    if isinstance(value, str):
        found = _NUMBER_AND_UNIT.match(value.strip())
        if found is None:
            raise PydanticCustomError(
                "quantity_text", "a quantity is '<number> <unit>', for instance '12 {unit}'", {"unit": declared}
            )
        scale = factor_to(declared, found[2])
        if scale is None:
            raise PydanticCustomError(
                "quantity_unit",
                "unit '{got}' is not one of: {known}",
                {"got": found[2], "known": ", ".join(known_units(declared))},
            )
        number = float(found[1]) * scale
    else:
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
    if number != number or number in (float("inf"), float("-inf")):
        raise PydanticCustomError("quantity_finite", "a quantity is a finite number", {})
    return number


_MAPPING_KEYS = {"value", "source", "confidence", "low", "high", "note"}


@dataclass(frozen=True)
class Unit:
    """Annotation of a quantity: ``capacity: Annotated[Quantity, Unit("MW")]``; ``low``/``high`` bound the value."""

    unit: str
    low: float = 0.0
    high: float = 1e15

    def parse(self, value: Any) -> Quantity:
        """Return a quantity in this unit from a number, a text or a mapping with provenance."""
        given: Mapping[str, Any] = value if isinstance(value, Mapping) else {"value": value}
        if isinstance(value, Quantity):
            return value
        unknown = sorted(str(k) for k in given if k not in _MAPPING_KEYS)
        if unknown or "value" not in given:
            raise PydanticCustomError(
                "quantity_keys",
                "a quantity has the keys value, source, confidence, low, high, note; {what}",
                {"what": f"not {', '.join(unknown)}" if unknown else "value is missing"},
            )
        quantity = Quantity(parse_number(given["value"], self.unit))
        quantity.low = None if given.get("low") is None else parse_number(given["low"], self.unit)
        quantity.high = None if given.get("high") is None else parse_number(given["high"], self.unit)
        for key in ("source", "confidence", "note"):
            text = given.get(key, "")
            if not isinstance(text, str) or len(text) > 600:
                raise PydanticCustomError("quantity_keys", "{key} is a text of at most 600 characters", {"key": key})
            setattr(quantity, key, text)
        self._check(quantity)
        return quantity

    def _check(self, quantity: Quantity) -> None:
        if quantity.confidence not in ("", "high", "medium", "low"):
            raise PydanticCustomError("quantity_confidence", "confidence is high, medium or low", {})
        if not self.low <= quantity <= self.high:
            raise PydanticCustomError(
                "quantity_range",
                "the value lies outside {low} to {high} {unit}",
                {"low": f"{self.low:g}", "high": f"{self.high:g}", "unit": self.unit},
            )
        if (quantity.low is not None and quantity < quantity.low) or (
            quantity.high is not None and quantity > quantity.high
        ):
            raise PydanticCustomError("quantity_order", "low <= value <= high does not hold", {})

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.parse, serialization=core_schema.plain_serializer_function_ser_schema(_dump)
        )


def _dump(quantity: Quantity) -> Any:
    kept = {k: getattr(quantity, k) for k in ("source", "confidence", "low", "high", "note")}
    kept = {k: v for k, v in kept.items() if v not in ("", None)}
    return {"value": float(quantity), **kept} if kept else float(quantity)
