"""A study of one's own: what is varied around the policy on the screen, and how; it becomes a study file."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import yaml

from transition_sim.core.errors import ScenarioError
from transition_sim.experiments.study import Study, load_study
from transition_sim.measures import FURTHER_MEASURES, MEASURES
from transition_sim.scenarios import registry
from transition_sim.scenarios.extensions import known_levers
from transition_sim.scenarios.loader import Document
from transition_sim.viz.draft import Draft, acting_levers, default_start_year, preset_scenario
from transition_sim.viz.policy_file import policy_content

OWN = "my_study"
FILE = f"{OWN}.yaml"
MOST_VARIED = 60
LEVELS = (2, 3, 4, 5)


class Recipe(NamedTuple):
    """A kind of question that a study answers.

    Attributes
    ----------
    id, kind : str
        Own name, and that of the design in a study file.
    size : {"", "levels", "samples"}
        What its size counts.
    sizes : tuple of int
        The choices, the second one is the default.
    analyses : tuple of str
    """

    id: str
    kind: str
    size: str
    sizes: tuple[int, ...]
    analyses: tuple[str, ...]


RECIPES = {
    recipe.id: recipe
    for recipe in (
        Recipe("pair", "list", "", (), ("paired", "ensemble", "peaking")),
        Recipe("one_at_a_time", "one_at_a_time", "", (), ("tornado", "ensemble")),
        Recipe("grid", "grid", "levels", LEVELS, ("ensemble", "peaking")),
        Recipe("lhs", "lhs", "samples", (32, 64, 128, 256, 512), ("ensemble", "peaking", "pawn", "discovery")),
        Recipe("morris", "morris", "samples", (5, 10, 20, 40), ("morris", "ensemble")),
        Recipe("saltelli", "saltelli", "samples", (8, 16, 32, 64, 128), ("sobol", "ensemble")),
    )
}


@dataclass(frozen=True)
class Varied:
    """A lever or a parameter that is varied, from ``low`` to ``high`` in the unit of its table."""

    key: str
    low: float
    high: float

    @property
    def is_lever(self) -> bool:
        return self.key in known_levers()


@dataclass(frozen=True)
class OwnStudy:
    """What a visitor has put together.

    Attributes
    ----------
    recipe : str
        Of ``RECIPES``.
    varied : tuple of Varied
        In the order in which they were added.
    size : int, optional
        Levels or samples; None: the default of the recipe.
    from_year : int, optional
        In which levers that are varied leave the policy; None: that of a lever moved by hand.
    measure : str
        Measure that analyses look at.
    """

    recipe: str = "pair"
    varied: tuple[Varied, ...] = ()
    size: int | None = None
    from_year: int | None = None
    measure: str = "cumulative_dual_control_mtco2"

    def choose(self, recipe: str) -> "OwnStudy":
        """Ask another kind of question; its size is the default again."""
        return replace(self, recipe=recipe, size=None) if recipe in RECIPES else self

    def add(self, keys: Iterable[str]) -> "OwnStudy":
        """Vary further levers or parameters over the range of their table; what has none is left out."""
        there = {item.key for item in self.varied}
        new = [ranged(key) for key in dict.fromkeys(keys) if key not in there]
        return replace(self, varied=(*self.varied, *(item for item in new if item is not None))[:MOST_VARIED])

    def drop(self, key: str) -> "OwnStudy":
        """Vary something no more."""
        return replace(self, varied=tuple(item for item in self.varied if item.key != key))

    def set_range(self, key: str, low: float | None, high: float | None) -> "OwnStudy":
        """Set the ends of a range as they are written; what they break is told when the study is made."""
        if low is None or high is None:
            return self
        ranges = tuple(replace(item, low=low, high=high) if item.key == key else item for item in self.varied)
        return replace(self, varied=ranges)

    def set_size(self, size: float | None) -> "OwnStudy":
        """Set levels or samples to one of the choices."""
        return replace(self, size=int(size)) if size in RECIPES[self.recipe].sizes and size is not None else self

    def set_from_year(self, year: float | None) -> "OwnStudy":
        return self if year is None else replace(self, from_year=int(year))

    def set_measure(self, key: str) -> "OwnStudy":
        return replace(self, measure=key) if key in {m.key for m in (*MEASURES, *FURTHER_MEASURES)} else self

    @property
    def size_used(self) -> int | None:
        """Levels or samples; None where the recipe counts neither."""
        sizes = RECIPES[self.recipe].sizes
        return (self.size or sizes[1]) if sizes else None


def changed(own: OwnStudy, do: str, key: str, action: dict[str, Any], moved: Iterable[str]) -> OwnStudy:
    """Return the study after what a widget asks; anything that is not understood changes nothing.

    Parameters
    ----------
    action : dict
        Its ``value``, ``low`` and ``high`` are finite numbers or None.
    moved : iterable of str
        Levers that the policy on the screen moves.
    """
    number = action.get("value")
    plain = {
        "recipe": lambda: own.choose(key), "add": lambda: own.add([key]), "add_moved": lambda: own.add(moved),
        "drop": lambda: own.drop(key), "size": lambda: own.set_size(number),
        "range": lambda: own.set_range(key, action.get("low"), action.get("high")),
        "from_year": lambda: own.set_from_year(number), "measure": lambda: own.set_measure(key),
    }  # fmt: skip
    return plain[do]() if do in plain else own


def ranged(key: str) -> Varied | None:
    """Return a lever or a parameter over the range of its table; None where it has no range, or is neither."""
    row: Any = acting_levers().get(key) or registry.parameters().get(key)
    return Varied(key, row.low, row.high) if row is not None and row.low < row.high else None


def study_content(own: OwnStudy, draft: Draft, baseline: Draft, replicates: int) -> dict[str, Any]:
    """Return the study as a file has it.

    A pair compares the policy with the baseline; else the policy alone is varied. A shock happens to both.
    """
    recipe, size = RECIPES[own.recipe], own.size_used
    mine = policy_content(draft) if draft.moves else draft.preset
    is_pair = own.recipe == "pair" and not is_same(draft, baseline)
    content: dict[str, Any] = {
        "format": "study/1",
        "id": OWN,
        "name": {"en": "My study", "zh": "我的研究"},
        "places": [draft.place],
        "policies": [baseline.preset, mine] if is_pair else [mine],
    }
    if draft.shock:
        content["shocks"] = [draft.shock]
    from_year = own.from_year or default_start_year(preset_scenario(draft.place, draft.preset))
    varied = own.varied if own.recipe != "pair" else ()
    for part, wanted in (("levers", True), ("parameters", False)):
        found = {v.key: _factor(v, recipe, size, from_year) for v in varied if v.is_lever == wanted}
        content |= {part: found} if found else {}
    content["design"] = {"kind": recipe.kind} | ({"samples": size} if recipe.size == "samples" else {})
    analyses = [name for name in recipe.analyses if name != "paired" or is_pair]
    return content | {"replicates": replicates, "measure": own.measure, "analyses": analyses}


def is_same(draft: Draft, baseline: Draft) -> bool:
    """Return whether a policy and its baseline are the same, so that there is nothing to compare."""
    return not draft.moves and draft.preset == baseline.preset


def _factor(varied: Varied, recipe: Recipe, size: int | None, from_year: int) -> dict[str, Any]:
    """Return how a study file varies a lever or a parameter; a switch is off and on."""
    found: dict[str, Any] = {"from_year": from_year} if varied.is_lever else {}
    if varied.is_lever and known_levers()[varied.key].kind == "switch":
        return found
    levels = {"levels": size} if recipe.size == "levels" else {}
    return {"low": varied.low, "high": varied.high, **levels, **found}


def study_text(content: dict[str, Any]) -> str:
    """Return the file of a study, with the command that runs it."""
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)
    return f"# transition-sim study run {FILE} --out {OWN}\n{text}"


def made(content: dict[str, Any]) -> tuple[Study | None, tuple[Any, ...]]:
    """Return a study, or None and what is wrong with it."""
    try:
        return load_study(Document(content, {}, FILE)), ()
    except ScenarioError as error:
        return None, tuple(error.faults)
