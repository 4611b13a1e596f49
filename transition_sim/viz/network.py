"""The enterprises and their supply chain as a picture: places, edges, and a colour a year, for the canvas."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import numpy as np

from transition_sim.viz.firms import sector_names
from transition_sim.viz.words import Words
from transition_sim.world.columns import AGENT
from transition_sim.world.world import World

GOLDEN_ANGLE = np.pi * (3.0 - np.sqrt(5.0))
MOST_EDGES = 6000
"""Drawn: the heaviest; all of them would be a grey field."""
GONE = 255
_COLUMN = {c.name: k for k, c in enumerate(AGENT)}


@dataclass(frozen=True)
class Mode:
    """A way to colour enterprises: ``bounds`` part the values into classes, a colour and a word each."""

    id: str
    bounds: tuple[float, ...]
    colours: tuple[str, ...]


# one hue from pale to dark, or brown to blue through grey: told apart by colour-blind readers, and in grey
MODES = (
    Mode("green", (0.5, 1.5, 2.5), ("#cfd6db", "#7fc4a6", "#1d8a63", "#00442f")),
    Mode("co2", (-50.0, -20.0, -5.0, 5.0), ("#08519c", "#5a9bd0", "#a9cbe4", "#cfd2d4", "#c0571a")),
    Mode("invested", (1e-9, 1.0, 5.0), ("#cfd6db", "#e8b75a", "#c77a00", "#6b3300")),
)


def layout(groups: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return where enterprises stand: groups as discs on a ring, the largest enterprises in the middle of theirs.

    Parameters
    ----------
    groups : ndarray of int, shape (n,)
    size : ndarray, shape (n,)

    Returns
    -------
    ndarray of f4, shape (n, 2)
        0 to 1 in both directions.
    """
    names, group = np.unique(groups, return_inverse=True)
    counts = np.bincount(group)
    radius = np.sqrt(counts)
    order = np.lexsort((-size, group))
    rank = np.empty(groups.size)
    rank[order] = np.arange(groups.size) - np.repeat(np.cumsum(counts) - counts, counts)
    place = np.sqrt(rank + 0.5)[:, None] * np.stack([np.cos(rank * GOLDEN_ANGLE), np.sin(rank * GOLDEN_ANGLE)], axis=1)
    if names.size > 1:
        wide = radius + 0.06 * radius.sum() / names.size
        half = np.pi * wide / wide.sum()
        angle = np.cumsum(2.0 * half) - half
        neighbours = wide + np.roll(wide, -1)
        chord = 2.0 * np.sin(np.minimum((half + np.roll(half, -1)) / 2.0, np.pi / 2.0))
        ring = float((neighbours / chord).max())
        place += ring * np.stack([np.cos(angle), np.sin(angle)], axis=1)[group]
    low, high = place.min(axis=0), place.max(axis=0)
    return ((place - low) / np.where(high > low, high - low, 1.0)).astype("f4")


def label_place(places: np.ndarray) -> dict[str, Any]:
    """Return where the name of a group stands: on the outer side of its disc, where no links run.

    Parameters
    ----------
    places : ndarray, shape (n, 2)
        Of its enterprises, in the unit square; the second coordinate points down.
    """
    x, y = places.mean(axis=0)
    below = bool(y > 0.55)
    edge = places[:, 1].max() if below else places[:, 1].min()
    return {"x": float(x), "y": float(edge), "below": below}


def heaviest_edges(world: World) -> np.ndarray:
    """Return (supplier, buyer) of the edges that carry most of what their buyers buy, shape (E, 2)."""
    graph = world.state.graph
    buyer = np.repeat(np.arange(world.state.n_enterprises), np.diff(graph.supplier_start))
    size = np.asarray(world.labels["enterprise_attributes"]["output_cny"], dtype=float)
    chosen = np.argsort(-graph.weight * size[buyer], kind="stable")[:MOST_EDGES]
    return np.stack([graph.supplier[chosen], buyer[chosen]], axis=1).astype("i4")


def green_in_use(world: World) -> np.ndarray:
    """Return how many green technologies each enterprise has in use at the end of each year, shape (years, n)."""
    state, clock = world.state, world.clock
    used = state.assets[: state.n_assets]
    labels = world.labels
    is_green = np.array([t in labels["green_technologies"] for t in labels["technologies"]])
    used = used[is_green[used["technology"]] & (used["status"] > 0)]
    ends = 4 * np.arange(clock.n_years) + 3
    left = np.where(used["status"] == 2, used["dies_quarter"], clock.n_quarters)
    owner = state.slots["enterprise"][used["slot"]]
    found = np.zeros((clock.n_years, state.n_enterprises, len(labels["technologies"])), dtype=bool)
    for k, end in enumerate(ends):
        now = (used["commissioned_quarter"] <= end) & (left > end)
        found[k, owner[now], used["technology"][now]] = True
    return found.sum(axis=2)


def mode_values(world: World) -> dict[str, np.ndarray]:
    """Return the values behind the colours, shape (years, n) each."""
    agent = world.recorder.agent.astype(float)
    co2 = agent[:, :, _COLUMN["scope1_tco2"]] + agent[:, :, _COLUMN["scope2_location_tco2"]]
    output = agent[:, :, _COLUMN["output_cny"]]
    capex = agent[:, :, _COLUMN["capex_cny"]]
    change = np.zeros_like(co2)
    np.divide(co2, co2[:1], out=change, where=co2[:1] > 0)
    share = np.zeros_like(capex)
    np.divide(100.0 * capex, output, out=share, where=output > 0)
    return {
        "green": green_in_use(world).astype(float),
        "co2": np.where(co2[:1] > 0, 100.0 * (change - 1.0), 0.0),
        "invested": share,
    }


def frames(world: World) -> np.ndarray:
    """Return the class of every enterprise, shape (modes, years, n); ``GONE`` where it is out of business."""
    values = mode_values(world)
    gone = world.recorder.agent[:, :, _COLUMN["is_alive"]] <= 0
    found = np.array([np.digitize(values[mode.id], mode.bounds) for mode in MODES], dtype="u1")
    found[:, gone] = GONE
    return found


def packed(values: np.ndarray) -> str:
    """Return the bytes of an array as text."""
    return b64encode(values.tobytes()).decode("ascii")


def network_data(world: World, words: Words) -> dict[str, Any]:
    """Return what the canvas takes."""
    firms = world.labels["enterprise_attributes"]
    counties = {c.id: words.name(c.name) for c in world.scenario.place.counties}
    county = np.asarray(firms["county"], dtype=object)
    sector = np.asarray(firms["sector"], dtype=object)
    titles = sector_names(words)
    by_county = len(set(county)) > 1
    group, group_names = (county, counties) if by_county else (sector, titles)
    size = np.asarray(firms["output_cny"], dtype=float)
    place = layout(group.astype(str), size)
    reach = 2.2 + 7.0 * np.sqrt(size / size.max())
    return {
        "n": int(size.size),
        "note": words("network_note" if by_county else "network_note_sector"),
        "places": packed(place),
        "reach": packed(reach.astype("f4")),
        "edges": packed(heaviest_edges(world)),
        "frames": packed(frames(world)),
        "years": [int(y) for y in world.clock.years],
        "names": [f"{name} · {titles[s]}" for name, s in zip(firms[f"name_{words.language}"], sector, strict=True)],
        "groups": [{"name": group_names[g], **label_place(place[group == g])} for g in dict.fromkeys(group)],
        "modes": [
            {
                "id": mode.id,
                "name": words(f"mode_{mode.id}"),
                "classes": [{"colour": c, "name": words(f"mode_{mode.id}_{k}")} for k, c in enumerate(mode.colours)],
            }
            for mode in MODES
        ],
    }
