"""The door for other packages: rules and levers that they bring through entry points, found, checked and named.

A package replaces a rule by an entry point of the group ``transition_sim.KIND``, a kind of ``RULE_KINDS``; a scenario
says by name which one it runs with. A package adds levers by an entry point of the group ``transition_sim.levers``
that names the package in whose folder its ``levers.csv`` stands.
"""

import hashlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from transition_sim.core.errors import ExtensionError, Fault, ScenarioError
from transition_sim.scenarios import rows
from transition_sim.scenarios.checks import Complaint, Complaints
from transition_sim.scenarios.messages import shown, suggestion
from transition_sim.scenarios.registry import lever_ids, levers
from transition_sim.scenarios.table_reader import read_table

GROUP = "transition_sim."
LEVERS = "levers"
EFFECT = ("own", "path")
"""Arguments of ``effect``, with which a package says what its levers do to those of the model."""


@dataclass(frozen=True)
class RuleKind:
    """A rule that can be replaced: its key, the arguments that the new one must take, and what it decides."""

    key: str
    arguments: tuple[str, ...]
    name_en: str
    name_zh: str
    help_en: str
    help_zh: str


RULE_KINDS = {
    kind.key: kind
    for kind in (
        RuleKind(
            "technology_choice", ("seen", "params", "levers", "own"), "Technology choice", "技术选择",
            "How likely each option is that an enterprise sees for an energy service (SM06).",
            "企业在某项用能服务中看到的各个选项被选中的概率（SM06）。",
        ),
        RuleKind(
            "green_power_market",
            ("sellers", "buyers", "contracts", "terms", "seller_uniforms", "buyer_uniforms"),
            "Green-power market", "绿电绿证市场",
            "Who trades how much green power and how many certificates in a quarter, and at what price (SM14).",
            "每季度绿电与绿证的成交量、成交方与价格（SM14）。",
        ),
        RuleKind(
            "permit_auction", ("ask_cny_per_t", "ask_t", "bid_cny_per_t", "bid_t", "k"),
            "Auction of capacity permits", "产能指标拍卖",
            "Who buys and sells retired clinker permits in the yearly auction, and at what price (SM11).",
            "年度熟料产能指标拍卖的买卖双方、数量与价格（SM11）。",
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Extension:
    """Something that an installed package brings: a rule of a kind, or levers."""

    kind: str
    name: str
    package: str
    version: str
    entry: EntryPoint

    @property
    def maker(self) -> str:
        """Package and version."""
        return f"{self.package} {self.version}"

    def load(self) -> Any:
        """Return the object that the entry point names.

        Raises
        ------
        Unusable
            When it cannot be read.
        """
        try:
            return self.entry.load()
        except Exception as error:  # whatever the module of another package raises while it is read
            raise Unusable(f"{self.entry.value} of {self.maker} cannot be read: {_what(error)}") from error

    @property
    def source_hash(self) -> str:
        """Hash of the files of the top package that the entry point leads to, 32 hexadecimal digits."""
        return _source_hash(self.entry.module.partition(".")[0])

    def record(self) -> dict[str, str]:
        """Return what a manifest says of it."""
        names = {"kind": self.kind, "name": self.name, "package": self.package, "version": self.version}
        return {**names, "source_hash": self.source_hash}


class Unusable(ValueError):
    """What an extension brings cannot be used; says why."""


def _what(error: BaseException) -> str:
    return shown(f"{type(error).__name__}: {error}")


@cache
def _source_hash(package: str) -> str:
    spec = find_spec(package)
    folders = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    found = [(path.relative_to(folder).as_posix(), path) for folder in folders for path in folder.rglob("*")]
    if spec and spec.origin and not folders:
        found = [(Path(spec.origin).name, Path(spec.origin))]
    digest = hashlib.blake2b(digest_size=16)
    for name, path in sorted(found):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@cache
def installed() -> tuple[Extension, ...]:
    """Return everything that installed packages bring, by kind and name."""
    every = entry_points()  # one look at the environment: each takes about 0.1 s
    found = [
        Extension(kind, entry.name, entry.dist.name, entry.dist.version, entry)
        for kind in (*RULE_KINDS, LEVERS)
        for entry in every.select(group=GROUP + kind)
        if entry.dist is not None
    ]
    return tuple(sorted(found, key=lambda e: (e.kind, e.name, e.package)))


def named(kind: str, name: str) -> list[Extension]:
    """Return what installed packages bring of a kind and name; one, where all is well."""
    return [e for e in installed() if (e.kind, e.name) == (kind, name)]


@cache
def rule(kind: str, name: str) -> Callable[..., Any]:
    """Return the rule of a name that a scenario asks for.

    Raises
    ------
    Unusable
        When no package or several bring it, or when it is no function with the arguments of its kind.
    """
    found = named(kind, name)
    if not found:
        raise Unusable("no installed package brings this rule")
    if len(found) > 1:
        raise Unusable(f"several packages bring a rule of this name: {', '.join(e.maker for e in found)}")
    function = found[0].load()
    check_arguments(function, RULE_KINDS[kind].arguments, found[0])
    return function


def check_arguments(function: Any, arguments: tuple[str, ...], extension: Extension) -> None:
    """Refuse what is no function with exactly these arguments; a compiled function counts by its source.

    Raises
    ------
    Unusable
    """
    where = f"{extension.entry.value} of {extension.maker}"
    if not callable(function):
        raise Unusable(f"{where} is no function")
    try:
        given = tuple(inspect.signature(getattr(function, "py_func", function)).parameters)
    except (TypeError, ValueError):
        given = ("?",)
    if given != arguments:
        raise Unusable(f"{where} takes ({', '.join(given)}), not ({', '.join(arguments)})")


def check_extensions(asked: Mapping[str, str | None]) -> Complaints:
    """Complain about rules that cannot be replaced, and about replacements that are missing, doubled or wrong."""
    for kind, name in asked.items():
        if kind not in RULE_KINDS:
            remedy = suggestion(kind, RULE_KINDS, "rules")
            yield Complaint((kind,), name, "there is no rule of this name that can be replaced", remedy)
        elif name is not None:
            try:
                rule(kind, name)
            except Unusable as error:
                yield Complaint((kind,), name, str(error), _remedy(kind, name))


def _remedy(kind: str, name: str) -> str:
    found = named(kind, name)
    if len(found) == 1:
        return f"Mend or update {found[0].package}, or leave the extension out."
    if found:
        return "Uninstall all but one of them."
    known = [e.name for e in installed() if e.kind == kind]
    return f"Install the package that brings it, or leave it out. {suggestion(name, known, 'installed rules')}"


# --- levers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AddedLever:
    """A lever that a package adds, and the package."""

    row: rows.Lever
    extension: Extension


@cache
def added_levers() -> Mapping[str, AddedLever]:
    """Return the levers of installed packages by key, in the order of packages and rows.

    Raises
    ------
    ScenarioError
        When a table cannot be read, or a key or id is taken: by the model, or by another package.
    """
    faults: list[Fault] = []
    found: dict[str, AddedLever] = {}
    ids = dict.fromkeys(lever_ids(), "the model")
    owners = dict.fromkeys(levers(), "the model")
    for extension in (e for e in installed() if e.kind == LEVERS):
        try:
            table = _table(extension)
        except ScenarioError as error:
            faults += error.faults
            continue
        for row in table:
            taken = [(f, v, k[v]) for f, v, k in (("key", row.key, owners), ("id", row.id, ids)) if v in k]
            faults += [_taken(extension, row.key, *one) for one in taken]
            if not taken:
                found[row.key] = AddedLever(row, extension)
        ids |= dict.fromkeys((row.id for row in table), extension.maker)
        owners |= dict.fromkeys((row.key for row in table), extension.maker)
    if faults:
        raise ScenarioError(faults)
    return found


def known_levers() -> Mapping[str, rows.Lever]:
    """Return the levers of the model and those that installed packages add, by key."""
    return MappingProxyType({**levers(), **{key: added.row for key, added in added_levers().items()}})


def _table(extension: Extension) -> tuple[rows.Lever, ...]:
    """Return the rows of the ``levers.csv`` of a package.

    Raises
    ------
    ScenarioError
        In whose faults the package stands before the file.
    """
    try:
        module = extension.load()
        if not hasattr(module, "__path__"):
            raise Unusable(f"{extension.entry.value} of {extension.maker} is no package that could hold a levers.csv")
        if hasattr(module, "effect"):
            check_arguments(module.effect, EFFECT, extension)
    except Unusable as error:
        remedy = f"Mend, update or uninstall {extension.package}."
        raise ScenarioError([Fault(extension.maker, None, LEVERS, extension.name, str(error), remedy)]) from None
    try:
        return read_table(LEVERS, rows.Lever, ("key",), Path(module.__path__[0]))
    except ScenarioError as error:
        raise ScenarioError([replace(f, file=f"{extension.maker}: {f.file}") for f in error.faults]) from None


def _taken(extension: Extension, key: str, field: str, value: str, owner: str) -> Fault:
    rule = f"the {field} of a lever is taken by {owner}"
    remedy = f"Rename it, or uninstall {extension.package}."
    return Fault(f"{extension.maker}: levers.csv", None, f"{key}.{field}", value, rule, remedy)


def apply_effects(set_levers: Iterable[str], own: np.ndarray, path: np.ndarray) -> None:
    """Let the packages whose levers are set write what these do to the levers of the model.

    Parameters
    ----------
    set_levers : iterable of str
        Keys that are not neutral at all times; a package none of whose levers is set is not asked.
    own, path : structured ndarray, shape (n_quarters,)
        The added levers, and those of the model, which are written.

    Raises
    ------
    ExtensionError
        When a value leaves the range of its lever or is no number.
    """
    from transition_sim.scenarios.registry import levers

    for extension in packages_of(set_levers):
        effect = getattr(extension.load(), "effect", None)
        if effect is None:
            continue
        with blamed(extension):
            effect(own.copy(), path)
        for key, row in levers().items():
            wrong = path[key][~((path[key] >= row.low) & (path[key] <= row.high))]
            if wrong.size:
                what = f"its effect sets the lever {key} to {wrong[0]:g}; it ranges from {row.low:g} to {row.high:g}"
                raise ExtensionError(extension.maker, what)


def packages_of(keys: Iterable[str]) -> list[Extension]:
    """Return the packages that added some of these levers, each once."""
    every = added_levers()
    return list(dict.fromkeys(every[key].extension for key in keys if key in every))


@contextmanager
def blamed(extension: Extension) -> Iterator[None]:
    """Say whose function it was where one of another package fails.

    Raises
    ------
    ExtensionError
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, ExtensionError | ScenarioError):
            raise
        raise ExtensionError(extension.maker, f"{extension.entry.value} failed: {_what(error)}") from error


def used(asked: Mapping[str, str], lever_keys: Iterable[str]) -> list[Extension]:
    """Return the extensions that a scenario runs with: the rules that it names, and packages whose levers it sets."""
    return [extension for kind, name in asked.items() for extension in named(kind, name)] + packages_of(lever_keys)


def changed_since(records: Iterable[Mapping[str, str]]) -> list[str]:
    """Return the packages of a record that are no longer installed as they were, by name and recorded version."""
    now = {(e.kind, e.name, e.package): e for e in installed()}
    stale = []
    for record in records:
        extension = now.get((record["kind"], record["name"], record["package"]))
        if extension is None or extension.record() != dict(record):
            stale.append(f"{record['package']} {record['version']}")
    return list(dict.fromkeys(stale))
