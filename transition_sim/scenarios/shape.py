"""Shape: a schema's complaints turned into faults with file, line, field, value, rule and remedy."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from transition_sim.core.errors import Fault
from transition_sim.scenarios.messages import KeyPath, keys_at, nearest, suggestion, words_of

Model = TypeVar("Model", bound=BaseModel)
MakeFault = Callable[[KeyPath, Any, str, str], Fault]


def read_shape(
    schema: type[Model], data: Any, make_fault: MakeFault, at: KeyPath = (), partial: bool = False
) -> tuple[Model | None, list[Fault]]:
    """Return data in the shape of a schema, or None and every fault.

    Parameters
    ----------
    schema : class of a specification
    data : Any
    make_fault : callable
        ``Document.fault`` or ``Layers.fault``.
    at : path
        Where the data stand in the document or layers.
    partial : bool
        True where the data are only a part, so that nothing counts as missing.
    """
    try:
        return schema.model_validate(data), []
    except ValidationError as error:
        found = error.errors(include_url=False)
    located = [(_path_in(data, e), e) for e in found]
    misspelt = {
        (*path[:-1], nearest(str(path[-1]), keys_at(schema, path[:-1])))
        for path, e in located
        if e["type"] == "extra_forbidden"
    }
    faults = []
    for path, e in located:
        if e["type"] == "missing" and (partial or path in misspelt):
            continue
        if partial and e["type"] == "quantity_keys" and "value" not in e["input"]:
            continue
        faults.append(_fault_of(schema, path, e, make_fault, at))
    return None, faults


def _fault_of(schema: type[BaseModel], path: KeyPath, error: Any, make_fault: MakeFault, at: KeyPath) -> Fault:
    kind = error["type"]
    if kind == "extra_forbidden":
        allowed = keys_at(schema, path[:-1])
        return make_fault((*at, *path), error["input"], "unknown key", suggestion(str(path[-1]), allowed, "keys"))
    if kind == "float_type" and error["loc"][-1] == "number":
        error = {**error, "type": "setting_type"}
    rule, remedy = words_of(error, path[-1] if path else "")
    value = None if kind == "missing" else error["input"]
    return make_fault((*at, *path), value, rule, remedy)


def _path_in(data: Any, error: Any) -> KeyPath:
    """Return the location of an error without the names of union branches, which are not in the data."""
    path: list[str | int] = []
    node = data
    parts = list(error["loc"])
    for place, part in enumerate(parts):
        if part in (node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()):
            node = node[part]
        elif not (error["type"] == "missing" and place == len(parts) - 1):
            continue
        path.append(part)
    return tuple(path)
