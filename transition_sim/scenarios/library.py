"""Where a place, a policy, a shock or an overlay comes from: the library, a file, a mapping, an uploaded document."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.scenarios.loader import Document, parse_document, plain_document, read_document
from transition_sim.scenarios.messages import shown, suggestion

Reference = str | Path | Mapping[str, Any] | Document
SUFFIXES = (".yaml", ".yml")
FOLDERS = {"place": "places", "policy": "policies", "shock": "shocks"}
"""Kind of document -> its folder in the library, which is also its plural."""


@cache
def _names(kind: str) -> tuple[str, ...]:
    folder = FOLDERS[kind]
    found = files("transition_sim.scenarios").joinpath("library", folder).iterdir()
    return tuple(sorted(f.name.removesuffix(".yaml") for f in found if f.name.endswith(".yaml")))


def list_places() -> list[str]:
    """Return the ids of the places of the library."""
    return list(_names("place"))


def list_policies() -> list[str]:
    """Return the ids of the policies of the library."""
    return list(_names("policy"))


def list_shocks() -> list[str]:
    """Return the ids of the shocks of the library."""
    return list(_names("shock"))


@cache
def _library_document(kind: str, name: str) -> Document:
    folder = FOLDERS[kind]
    data = files("transition_sim.scenarios").joinpath("library", folder, f"{name}.yaml").read_bytes()
    return parse_document(data, f"{folder}/{name}.yaml")


def find_document(reference: Reference, kind: str, name: str = "") -> Document:
    """Return the document that a reference stands for.

    Parameters
    ----------
    reference : str, Path, mapping or Document
        A name of the library, a path that ends in ``.yaml`` or ``.yml``, the content itself, or bytes already read by
        ``parse_document`` (an upload).
    kind : {"place", "policy", "shock", "overlay"}
    name : str, optional
        What to call a mapping in faults.

    Raises
    ------
    ScenarioError
        When there is no such name or file, or the file is unsafe.
    """
    if isinstance(reference, Document):
        return reference
    if isinstance(reference, Mapping):
        return plain_document(reference, name or kind)
    if isinstance(reference, Path) or (isinstance(reference, str) and reference.lower().endswith(SUFFIXES)):
        return read_document(reference)
    if kind != "overlay" and isinstance(reference, str) and reference in _names(kind):
        return _library_document(kind, reference)
    raise ScenarioError([_unknown(reference, kind)])


def _unknown(reference: Any, kind: str) -> Fault:
    if kind == "overlay":
        remedy = "Give a mapping or the path of a file that ends in .yaml."
        return Fault("arguments", None, kind, shown(reference), "this is neither a mapping nor a YAML file", remedy)
    remedy = f"{suggestion(str(reference), _names(kind), FOLDERS[kind])} The path of a file ends in .yaml."
    return Fault("arguments", None, kind, shown(reference), f"the library has no {kind} of this name", remedy)


def policy_chain(reference: Reference) -> list[Document]:
    """Return a policy and the policies it builds on, the first base first.

    A base is looked up in the library, then beside the file that names it.

    Raises
    ------
    ScenarioError
        When a base is missing or leads back to itself.
    """
    chain = [find_document(reference, "policy")]
    seen = [chain[0].file]
    while isinstance(base := chain[0].data.get("base"), str):
        here = chain[0]
        found = base if base in _names("policy") else _beside(here, base)
        if found is None:
            remedy = suggestion(base, _names("policy"), "policies")
            raise ScenarioError([here.fault(("base",), base, "there is no policy of this name", remedy)])
        document = find_document(found, "policy")
        if document.file in seen:
            circle = " -> ".join([*seen[seen.index(document.file) :], document.file])
            rule = f"the policies build on each other in a circle: {circle}"
            raise ScenarioError([here.fault(("base",), base, rule, "Delete one of the 'base:' lines.")])
        seen.append(document.file)
        chain.insert(0, document)
    return chain


def _beside(document: Document, base: str) -> Path | None:
    """Return the file of a base in the folder of the policy that names it."""
    if not base.isidentifier() or not document.file.lower().endswith(SUFFIXES):
        return None
    paths = [Path(document.file).with_name(base + suffix) for suffix in SUFFIXES]
    return next((path for path in paths if path.is_file()), None)
