"""The studies of the library, and where a study comes from."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.scenarios.library import SUFFIXES, Reference
from transition_sim.scenarios.loader import Document, parse_document, plain_document, read_document
from transition_sim.scenarios.messages import shown, suggestion

_FOLDER = ("library", "studies")


@cache
def list_studies() -> tuple[str, ...]:
    """Return the names of the studies of the library, in the order of their questions."""
    found = files("transition_sim.scenarios").joinpath(*_FOLDER).iterdir()
    return tuple(sorted((f.name.removesuffix(".yaml") for f in found if f.name.endswith(".yaml")), key=_by_number))


def _by_number(name: str) -> tuple[int, str]:
    """Return what puts ``q2_mix`` before ``q10_campaigns``."""
    number = name.partition("_")[0].removeprefix("q")
    return (int(number), name) if number.isdigit() else (0, name)


def find_study(reference: Reference) -> Document:
    """Return the document of a study: a name of the library, a path that ends in ``.yaml``, or a mapping.

    Raises
    ------
    ScenarioError
        When there is no such study, or the file is unsafe.
    """
    if isinstance(reference, Document):
        return reference
    if isinstance(reference, Mapping):
        return plain_document(reference, "study")
    if isinstance(reference, Path) or str(reference).lower().endswith(SUFFIXES):
        return read_document(reference)
    if reference in list_studies():
        data = files("transition_sim.scenarios").joinpath(*_FOLDER, f"{reference}.yaml").read_bytes()
        return parse_document(data, f"studies/{reference}.yaml")
    remedy = f"{suggestion(str(reference), list_studies(), 'studies')} The path of a file ends in .yaml."
    rule = "the library has no study of this name"
    raise ScenarioError([Fault("arguments", None, "study", shown(reference), rule, remedy)])
