"""Layers: place, policy, overlays, ``--set`` and arguments; later wins, and each value keeps where it comes from.

Mappings are merged key by key. Lists, settings of levers and quantities with a source are replaced whole. A null in
a later layer takes away what an earlier one set.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.scenarios.loader import Document, parse_document, plain_document
from transition_sim.scenarios.messages import KeyPath, dotted, nearest, shown, suggestion

PARTS = ("place", "levers", "parameters", "extensions", "horizon")
_ITEM_KEYS = ("id", "sector", "carrier")


@dataclass(frozen=True)
class Source:
    """Where a value was given: its document, its path there, and the layer in words."""

    document: Document
    path: KeyPath
    origin: str


@dataclass
class Layers:
    """The merged tree, and the source of every value in it.

    Attributes
    ----------
    tree : dict
        Keys ``PARTS``.
    sources : dict of path -> Source
        Of every value that was laid as one; what stands within comes from there, unless it has a source of its own.
    """

    tree: dict[str, Any] = field(default_factory=lambda: {part: {} for part in PARTS})
    sources: dict[KeyPath, Source] = field(default_factory=dict)

    def lay(self, at: KeyPath, data: Any, source: Source) -> None:
        """Lay data over the value at a path.

        Parameters
        ----------
        at : path
            Its parent exists in the tree.
        data : Any
        source : Source
            Of the top of ``data``.
        """
        holder = self.value(at[:-1])
        key = at[-1]
        old = holder.get(key) if isinstance(holder, dict) else holder[key]
        if isinstance(old, dict) and isinstance(data, dict) and not _is_whole(at, data):
            if self.source(at)[0] is None:
                self.sources[at] = source
            for name, item in data.items():
                self.lay((*at, name), item, _below(source, name))
            return
        self._forget(at, old)
        if data is None and isinstance(holder, dict):
            holder.pop(key, None)
            self.sources[at] = source
            return
        holder[key] = _copied(data)
        self.sources[at] = source

    def value(self, path: KeyPath) -> Any:
        """Return the value at a path; KeyError, IndexError or TypeError where there is none."""
        node: Any = self.tree
        for part in path:
            node = node[part]
        return node

    def source(self, path: KeyPath) -> tuple[Source | None, KeyPath]:
        """Return the source of a value, or of the nearest thing that holds it, and the rest of the path."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.sources:
                return self.sources[path[:end]], path[end:]
        return None, path

    def fault(self, path: KeyPath, value: Any, rule: str, remedy: str) -> Fault:
        """Return a fault that points to the file and line where the value was given."""
        source, rest = self.source(path)
        if source is None:
            return Fault("arguments", None, dotted(path), shown(value), rule, remedy)
        return source.document.fault((*source.path, *rest), value, rule, remedy)

    def origins(self) -> dict[str, str]:
        """Return the origin of each lever, parameter and year, and of each part of the place that a layer changed."""
        found = {}
        for path, source in self.sources.items():
            parent = self.source(path[:-1])[0]
            if path[0] == "place":
                kept = parent is None or parent.origin != source.origin
            else:
                kept = len(path) == 2 and path[1] in self.tree[str(path[0])]
            if kept:
                found[dotted(path)] = source.origin
        return found

    def _forget(self, at: KeyPath, old: Any) -> None:
        """Forget the sources of a value that is replaced, and of all that it holds or held."""
        if isinstance(old, dict | list):
            self.sources = {path: source for path, source in self.sources.items() if path[: len(at)] != at}
        else:
            self.sources.pop(at, None)


def _is_whole(at: KeyPath, data: dict[str, Any]) -> bool:
    return (len(at) == 2 and at[0] != "place") or "value" in data


def _below(source: Source, name: str | int) -> Source:
    return Source(source.document, (*source.path, name), source.origin)


def _copied(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _copied(item) for key, item in data.items()}
    return [_copied(item) for item in data] if isinstance(data, list) else data


def lay_overlay(layers: Layers, document: Document, origin: str) -> None:
    """Lay the parts of an overlay over the layers; its shape has been checked."""
    for part in PARTS:
        if isinstance(document.data.get(part), dict):
            layers.lay((part,), document.data[part], Source(document, (part,), origin))


# --- single settings ------------------------------------------------------------------------------------------------


def read_sets(sets: str | Iterable[str] | Mapping[str, Any]) -> list[tuple[list[str], Any]]:
    """Return (path, value) of each setting such as ``levers.capex_subsidy_share=0.2``.

    The value is read as YAML: ``[[2025, 0.1], [2030, 0.2]]``, ``3 MtCO2/yr``, ``null``.

    Raises
    ------
    ScenarioError
        When a setting has no ``=``, no value, is not safe YAML, or is given twice.
    """
    if isinstance(sets, Mapping):
        plain = plain_document(sets, "sets").data
        return [(key.split("."), value) for key, value in plain.items()]
    faults: list[Fault] = []
    found: list[tuple[list[str], Any]] = []
    seen: set[str] = set()
    for text in [sets] if isinstance(sets, str) else sets:
        key, equals, given = str(text).partition("=")
        if key.strip() in seen:
            faults.append(
                Fault("--set", None, shown(key.strip()), shown(given), "this is given twice", "Delete one of the two.")
            )
            continue
        seen.add(key.strip())
        if not equals or not given.strip() or not key.strip():
            rule = "a setting is written key=value"
            faults.append(Fault("--set", None, shown(key), "", rule, "Write such as levers.capex_subsidy_share=0.2."))
            continue
        try:
            value = parse_document(given.strip().encode("utf-8", "surrogatepass"), "--set", root=None).data
            found.append((key.strip().split("."), value))
        except ScenarioError as error:
            faults += [Fault("--set", None, shown(key.strip()), shown(given), f.rule, f.remedy) for f in error.faults]
    if faults:
        raise ScenarioError(faults)
    return found


def lay_set(layers: Layers, keys: list[str], value: Any, origin: str = "--set") -> None:
    """Lay one setting over the layers; an item of a list is named by its id or its number from 0.

    Raises
    ------
    ScenarioError
        When the path leads nowhere.
    """
    if keys[0] not in PARTS or len(keys) < 2:
        remedy = f"Start with one of: {', '.join(PARTS)}."
        if keys[0] not in PARTS:
            remedy = f"{_part_of(keys[0]) or suggestion(keys[0], PARTS, 'parts')} {remedy}"
        rule = "a setting names a part and a key in it"
        raise ScenarioError([Fault("--set", None, dotted(keys), shown(value), rule, remedy)])
    path: KeyPath = (keys[0],)
    source = Source(Document(None, {}, origin), path, origin)
    for depth, key in enumerate(keys[1:], start=1):
        holder = layers.value(path)
        last = depth == len(keys) - 1
        path = (*path, _item(holder, key, keys))
        source = _below(source, key)
        if isinstance(holder, dict) and not last and not isinstance(holder.get(key), dict | list):
            layers.lay(path, {}, source)
    if value is None and isinstance(path[-1], int):
        rule = "an item of a list cannot be deleted"
        remedy = "Give the whole list, without the item."
        raise ScenarioError([Fault("--set", None, dotted(keys), "", rule, remedy)])
    layers.lay(path, value, source)


def _part_of(key: str) -> str:
    """Return a question that names a lever or a parameter with its part, where the key is one without it."""
    from transition_sim.scenarios import registry

    for part, known in (("levers", registry.levers()), ("parameters", registry.parameters())):
        if found := key if key in known else nearest(key, known):
            return f"Did you mean {part}.{found}?"
    return ""


def _item(holder: Any, key: str, keys: list[str]) -> str | int:
    """Return the key or list index that a word of a setting means."""
    if isinstance(holder, dict):
        return key
    if not isinstance(holder, list):
        rule = "there is nothing below this value"
        raise ScenarioError([Fault("--set", None, dotted(keys), shown(holder), rule, f"End the key before '{key}'.")])
    ids = [next((str(i[k]) for k in _ITEM_KEYS if k in i), "") if isinstance(i, dict) else "" for i in holder]
    if key in ids:
        return ids.index(key)
    if key.isascii() and key.isdigit() and len(key) < 6 and int(key) < len(holder):
        return int(key)
    rule = f"the list has no item '{shown(key)}'"
    remedy = suggestion(key, [i for i in ids if i], "items") if any(ids) else f"It has the items 0 to {len(ids) - 1}."
    raise ScenarioError([Fault("--set", None, dotted(keys), "", rule, remedy)])
