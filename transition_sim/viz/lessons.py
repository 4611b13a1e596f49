"""Lessons: text, levers to set, the chart to look at, a question; YAML files of the library, English and Chinese."""

from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field

from transition_sim.core.errors import ScenarioError
from transition_sim.scenarios.loader import parse_document
from transition_sim.scenarios.messages import KeyPath
from transition_sim.scenarios.reference_rows import sectors
from transition_sim.scenarios.scenario import load_scenario
from transition_sim.scenarios.shape import read_shape
from transition_sim.scenarios.spec import Id, Levers, Name, PlaceSpec, Strict
from transition_sim.viz.draft import Draft, from_levers
from transition_sim.world.constants import REVIEWED_BESIDE_TWO_HIGH
from transition_sim.world.markets.carbon import first_years, unit_class

ChartId = Literal[
    "emissions",
    "adoption",
    "payers",
    "sizes",
    "vintages",
    "electricity",
    "permits",
    "queue",
    "output",
    "certificates",
    "power",
]
Preset = Literal["none", "current", "ambitious"]
Feature = Literal[
    "city", "kilns", "coal_station", "two_high_industry", "reviewed_industry", "carbon_market", "outside_park"
]
CHART_NEEDS: dict[ChartId, Feature] = {"permits": "kilns"}
"""What a place must have for a chart to show something."""


class Long(Strict):
    """Text in both languages, a paragraph."""

    en: Annotated[str, Field(max_length=1500)]
    zh: Annotated[str, Field(max_length=1500)]


class Choice(Strict):
    """An answer of a question."""

    en: str
    zh: str
    is_right: bool = False


class Question(Strict):
    """A question with its explanation."""

    ask: Long
    choices: Annotated[list[Choice], Field(min_length=2, max_length=5)]
    explain: Long


class Step(Strict):
    """One step: what to read, the levers set over the preset, the shock that happens, the charts to look at."""

    text: Long
    preset: Preset = "current"
    baseline: Preset = "current"
    shock: Annotated[str, Field(max_length=60)] = ""
    is_baseline_shocked: bool = False
    levers: Levers = {}  # noqa: RUF012 (pydantic copies it)
    charts: Annotated[list[ChartId], Field(min_length=1, max_length=3)]
    question: Question | None = None


class Lesson(Strict):
    """A lesson."""

    format: Literal["lesson/1"]
    id: Id
    order: int
    place: Id = "guangan_city"
    """Whose figures its texts give."""
    needs: Annotated[list[Feature], Field(default_factory=list)]
    """What a place must have for the lesson to be true of it."""
    name: Name
    aim: Long
    steps: Annotated[list[Step], Field(min_length=2, max_length=8)]


def read_lesson(data: bytes, name: str) -> Lesson:
    """Return a lesson from its file.

    Raises
    ------
    ScenarioError
        With every fault of the file.
    """
    document = parse_document(data, name)
    lesson, faults = read_shape(Lesson, document.data, document.fault)
    if faults or lesson is None:
        raise ScenarioError(faults)
    for k, step in enumerate(lesson.steps):
        right = [c.is_right for c in step.question.choices] if step.question else [True]
        if sum(right) != 1:
            at: KeyPath = ("steps", k, "question", "choices")
            raise ScenarioError([document.fault(at, None, "one choice is right", "Mark one with 'is_right: true'.")])
    return lesson


@cache
def lessons() -> dict[str, Lesson]:
    """Return the lessons of the library by id, in their order."""
    folder = files("transition_sim.scenarios").joinpath("library", "lessons")
    found = [read_lesson(f.read_bytes(), f"lessons/{f.name}") for f in folder.iterdir() if f.name.endswith(".yaml")]
    return {lesson.id: lesson for lesson in sorted(found, key=lambda one: (one.order, one.id))}


def features(place: PlaceSpec) -> set[Feature]:
    """Return what a place has of all that lessons, charts and levers are about."""
    found: set[Feature] = set()
    if place.city is not None:
        found.add("city")
    if any(anchor.clinker_capacity is not None for anchor in place.anchors):
        found.add("kilns")
    local = {unit.kind for unit in place.power.units if unit.node == "place"}
    if "coal" in local:
        found.add("coal_station")
    if place.kind != "park":
        found.add("outside_park")
    named = {anchor.sector for anchor in place.anchors}
    made = {total.sector for total in place.sectors} | named
    if made & {row.id for row in sectors() if row.is_two_high}:
        found |= {"two_high_industry", "reviewed_industry"}
    if REVIEWED_BESIDE_TWO_HIGH in made:
        found.add("reviewed_industry")
    if named & first_years().keys() or any(unit_class(kind, 0.0) for kind in local):
        found.add("carbon_market")
    return found


def missing(lesson: Lesson, place: PlaceSpec) -> list[Feature]:
    """Return what a lesson speaks of and a place does not have."""
    return [need for need in lesson.needs if need not in features(place)]


def step_draft(step: Step, place: str) -> Draft:
    """Return the draft that a step sets.

    Raises
    ------
    ScenarioError
        When a lever or the shock of the step does not exist, or a lever is out of its range.
    """
    shocks = [step.shock] if step.shock else []
    scenario = load_scenario(place, policy=step.preset, overlay={"levers": _plain(step)}, shocks=shocks)
    return replace(from_levers(place, step.preset, scenario.levers), shock=step.shock)


def _plain(step: Step) -> dict:
    return step.model_dump(mode="json")["levers"]
