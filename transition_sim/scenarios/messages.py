"""What a user reads: where a fault stands, the rule in words, the remedy."""

import difflib
import json
from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

KeyPath = tuple[str | int, ...]
SHOWN_CHARACTERS = 60
LONGEST_LIST = 12
SHORTEST_PART = 4
"""Letters of a part of a name that is worth comparing: ``cost`` is, ``of`` is not."""


def dotted(path: Iterable[str | int]) -> str:
    """``("sectors", 0, "firms")`` -> ``sectors.0.firms``."""
    return ".".join(_printable(_cut(str(part))) for part in path)


def shown(value: Any) -> str:
    """Return a value as one short line: text as it stands, all else as JSON, at most 60 characters."""
    if value is None or isinstance(value, str):
        text = value or ""
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return _printable(_cut(" ".join(text[:1000].split())))


def _printable(text: str) -> str:
    """Return text with every character that a terminal would act on written as its escape."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def suggestion(word: str, known: Iterable[str], what: str) -> str:
    """Return ``Did you mean x?``, or the known words where none is near.

    Parameters
    ----------
    word : str
    known : iterable of str
    what : str
        What the known words are, in the plural: ``levers``.
    """
    words = [str(k) for k in known]
    near = nearest(word, words)
    if near:
        return f"Did you mean {near}?"
    if len(words) > LONGEST_LIST:
        parts = _nearest_parts(word, words)
        return f"Did you mean {' or '.join(parts)}?" if parts else f"See the list of {what}."
    return f"The {what} are: {', '.join(words)}." if words else f"There are no {what}."


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like ``word``, or None."""
    by_folded = {k.casefold(): k for k in known}
    near = difflib.get_close_matches(word[:100].casefold(), by_folded, n=1, cutoff=0.7)
    return by_folded[near[0]] if near else None


def _nearest_parts(word: str, known: Iterable[str]) -> list[str]:
    """Return up to three known words of which one part, between underscores, is much like ``word``."""
    wanted = word[:100].casefold()
    if len(wanted) < SHORTEST_PART:
        return []
    parts = {k: [part for part in k.casefold().split("_") if len(part) >= SHORTEST_PART] for k in known}
    return [k for k, own in parts.items() if difflib.get_close_matches(wanted, own, n=1, cutoff=0.8)][:3]


# type of a pydantic error -> (rule, remedy), with the error's context filled in
_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("the key is missing", "Add '{key}: ...'."),
    "string_type": ("this must be text", "Put the value in quotes."),
    "string_too_long": ("the text is longer than {max_length} characters", "Shorten it."),
    "string_pattern_mismatch": (
        "an id has letters, digits and underscores, starts with a letter and is at most 40 long",
        "Rename it, such as 'linshui_county'.",
    ),
    "int_type": ("this must be a whole number", "Write it without quotes, unit or decimal point, such as 12."),
    "float_type": ("this must be a number", "Write it without quotes or unit, such as 0.5."),
    "setting_type": (
        "a lever is a number, true or false, or a schedule",
        "Write such as 0.2, or {{path: [[2025, 0.1], [2030, 0.2]]}}.",
    ),
    "bool_type": ("this must be true or false", "Write true or false, without quotes."),
    "finite_number": ("this must be a finite number", "Write a number."),
    "greater_than_equal": ("this must be at least {ge}", "Write a number of {ge} or more."),
    "greater_than": ("this must be more than {gt}", "Write a number above {gt}."),
    "less_than_equal": ("this must be at most {le}", "Write a number of {le} or less."),
    "less_than": ("this must be less than {lt}", "Write a number below {lt}."),
    "literal_error": ("this must be {expected}", "Write one of these words."),
    "list_type": ("this must be a list", "Write items in brackets or one to a line after a dash."),
    "tuple_type": ("this must be a pair [year, value]", "Write such as [2025, 1.5]."),
    "dict_type": ("this must be a mapping", "Write 'key: value' lines, indented."),
    "model_type": ("this must be a mapping", "Write 'key: value' lines, indented."),
    "date_text": ("{msg}", "Write a year, a quarter or a month: 2027, 2027Q3 or 2027-07; or start, end."),
    "quantity_type": ("{msg}", "Write such as 12 {unit}."),
    "quantity_text": ("{msg}", "Write the number, a space and the unit, such as 12 {unit}."),
    "quantity_unit": ("{msg}", "Write one of these units after the number."),
    "quantity_keys": ("{msg}", "Keep to these keys."),
    "quantity_confidence": ("{msg}", "Write one of the three words."),
    "quantity_finite": ("{msg}", "Write a number."),
    "quantity_range": ("{msg}", "Check the number and its unit."),
    "quantity_order": ("{msg}", "Widen the range or check the value."),
}


def words_of(error: Mapping[str, Any], key: str | int) -> tuple[str, str]:
    """Return rule and remedy of one pydantic error.

    Parameters
    ----------
    error : mapping
        One of ``ValidationError.errors()``.
    key : str or int
        Last part of the path.
    """
    kind = error["type"]
    bounds = {k: f"{v:g}" if isinstance(v, float) else v for k, v in error.get("ctx", {}).items()}
    context = {**bounds, "key": key, "msg": error["msg"]}
    if kind == "too_short":
        n = context["min_length"]
        return f"at least {n} item{'s are' if n > 1 else ' is'} needed", "Add an item."
    if kind == "too_long":
        if context["field_type"] == "Tuple":
            return "this must be a pair [year, value]", "Write such as [2025, 1.5]."
        return f"at most {context['max_length']} items are allowed", "Shorten the list."
    if kind == "missing" and isinstance(key, int):
        return "this must be a pair [year, value]", "Write such as [2025, 1.5]."
    rule, remedy = _WORDS.get(kind, ("{msg}", "Check the value."))
    return _printable(rule.format_map(context)), _printable(remedy.format_map(context))


def keys_at(model: Any, path: KeyPath) -> list[str]:
    """Return the keys that a schema allows in the mapping at ``path``."""
    for part in path:
        model = _inside(model, part)
    return [field.alias or name for option in _models(model) for name, field in option.model_fields.items()]


def _inside(annotation: Any, part: str | int) -> Any:
    for option in _models(annotation):
        if part in option.model_fields:
            return option.model_fields[str(part)].annotation
    for option in _options(annotation):
        if get_origin(option) is dict:
            return get_args(option)[1]
        if get_origin(option) in (list, tuple):
            return get_args(option)[0]
    return Any


def _models(annotation: Any) -> list[type[BaseModel]]:
    return [o for o in _options(annotation) if isinstance(o, type) and issubclass(o, BaseModel)]


def _options(annotation: Any) -> list[Any]:
    """Take an annotation apart: ``Annotated`` and unions."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _options(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [o for part in get_args(annotation) for o in _options(part)]
    return [annotation]
