"""Worlds that stand at the start of a quarter, for tests that call one phase."""

import numpy as np

import transition_sim as ts
from transition_sim.agents.choice import CHOICES_DTYPE
from transition_sim.agents.seen_options import SeenOptions, list_seen
from transition_sim.build import build_world
from transition_sim.model import TransitionModel
from transition_sim.quarter import exogenous
from transition_sim.scenarios import registry
from transition_sim.world.state import OPTIONS_DTYPE, UNSET
from transition_sim.world.world import World

SERVICES, TECHNOLOGIES = list(registry.service_ids()), list(registry.technology_ids())


def world_of(place: str = "minimal", quarters: int = 0, seed: int = 1, **levers) -> World:
    """Return a world under these levers after some quarters, with the next quarter opened."""
    world = build_world(ts.load_scenario(place, overlay={"levers": levers}), seed)
    model = TransitionModel(world)
    for _ in range(quarters):
        model.step()
    exogenous.open_quarter(world)
    return world


def slot_of(world: World, enterprise: int, service: str) -> int:
    """Return the slot of a service of an enterprise."""
    slots = world.state.slots
    rows = np.flatnonzero((slots["enterprise"] == enterprise) & (slots["service"] == SERVICES.index(service)))
    return int(rows[0])


def seen_of(choices: np.ndarray, options: np.ndarray) -> SeenOptions:
    """Return the first ``n_options`` of each row of options as what was seen."""
    listed, first = np.empty(options.size, OPTIONS_DTYPE), np.empty(choices.size, np.int64)
    n = list_seen(choices, options, listed, first, 0)
    return SeenOptions(listed[:n], first)


def choice_of(world: World, enterprise: int, service: str, technology: str, **fields) -> np.ndarray:
    """Return one order as a row of choices."""
    choice = np.zeros(1, CHOICES_DTYPE)
    choice["slot"], choice["enterprise"] = slot_of(world, enterprise, service), enterprise
    choice["service"], choice["chosen"] = SERVICES.index(service), TECHNOLOGIES.index(technology)
    choice["runner_up"], choice["is_order"] = UNSET, True
    for name, value in fields.items():
        choice[name] = value
    return choice


def events(world: World, kind: str) -> list:
    """Return the recorded events of a kind."""
    return [event for event in world.recorder.events if event.kind == kind]
