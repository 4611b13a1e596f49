"""Shocks that a visitor can let happen: their names, and what policy and baseline are called with them."""

from contextlib import suppress
from functools import cache

from transition_sim.core.errors import ScenarioError
from transition_sim.scenarios.library import find_document, list_shocks
from transition_sim.viz.draft import Draft, preset_scenario
from transition_sim.viz.words import Words


@cache
def shock_names() -> dict[str, tuple[str, str]]:
    """Return what the shocks of the library are called, English and Chinese, by id."""
    found = {}
    for id in list_shocks():
        name = find_document(id, "shock").data["name"]
        found[id] = (str(name["en"]), str(name["zh"]))
    return found


@cache
def fitting_shocks(place: str) -> tuple[str, ...]:
    """Return the shocks that fall into the years of a place."""
    found = []
    for id in shock_names():
        with suppress(ScenarioError):
            preset_scenario(place, "none", id)
            found.append(id)
    return tuple(found)


def shock_name(id: str, words: Words) -> str:
    """Return what a shock is called; what happens anyway where there is none."""
    if not id:
        return words("no_shock")
    return shock_names()[id][words.is_chinese]


def preset_name(draft: Draft, words: Words) -> str:
    """Return what a draft starts from, with its shock."""
    name = words(f"preset_{draft.preset}")
    return words("with_shock", name=name, shock=shock_name(draft.shock, words)) if draft.shock else name


def run_target(draft: Draft) -> str:
    """Return what stands behind ``transition-sim run`` for a draft, apart from its policy."""
    return f"{draft.place} --shock {draft.shock}" if draft.shock else draft.place
