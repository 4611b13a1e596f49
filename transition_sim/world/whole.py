"""The tables of a portfolio from those of its members: flows and stocks add up, states and prices are means."""

from typing import Any

import numpy as np

from transition_sim.world import columns as declared
from transition_sim.world.recorder import PLACE_INDEX, Recorder

WEIGHTS = {
    "grid_tco2_per_mwh": "electricity_mwh",
    "residual_tco2_per_mwh": "electricity_mwh",
    "power_value_cny_per_mwh": "electricity_mwh",
    "tariff_cny_per_mwh": "electricity_mwh",
    "permit_cny_per_t": "clinker_capacity_t_per_year",
    "committed_share": "enterprises",
    "capability": "enterprises",
    "certificate_cny_per_mwh": "claimed_mwh",
    "green_premium_cny_per_mwh": "green_traded_mwh",
    "allowance_cny_per_t": "covered_enterprises",
    "measured_share": "covered_enterprises",
    "disclosing_share": "enterprises",
    **dict.fromkeys(
        (
            "credibility",
            "schedule_slippage_quarters",
            "effort",
            "assessment_score",
            "green_attitude",
            "circular_park_share",
            "terminal_fast_charging_share",
            "waste_sorted_share",
        ),
        "gdp_cny",
    ),
}
"""Column that is a mean over members -> column that weighs it; every other column of the place table is a sum."""


def whole_place(tables: list[np.ndarray]) -> np.ndarray:
    """Return the place table of the whole.

    Parameters
    ----------
    tables : list of ndarray, shape (n_quarters, columns)
        Of the members; peaks of load are added, as if they fell together.
    """
    stack = np.array(tables)
    whole = stack.sum(axis=0)
    for name, weight in WEIGHTS.items():
        whole[:, PLACE_INDEX[name]] = _mean(stack[:, :, PLACE_INDEX[name]], stack[:, :, PLACE_INDEX[weight]])
    return whole


def _mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted mean over the first axis of what is defined; nan where nothing is."""
    used = np.where(np.isnan(values), 0.0, weights)
    total = used.sum(axis=0)
    summed = (used * np.nan_to_num(values)).sum(axis=0)
    return np.divide(summed, total, out=np.full(total.shape, np.nan), where=total > 0)


def whole_recorder(recorders: list[Recorder], labels: list[dict[str, Any]], ids: list[str]) -> Recorder:
    """Return what a portfolio remembers: a county a member, enterprises one after the other."""
    first = recorders[0]
    counts = [r.n_enterprises for r in recorders]
    whole = Recorder(
        first.n_quarters, first.n_sectors, len(recorders), first.n_technologies, sum(counts), first.keep_agents,
        first.keep_decisions,
    )  # fmt: skip
    whole.place[:] = whole_place([r.place for r in recorders])
    whole.sector[:] = _sectors([r.sector for r in recorders])
    whole.county[:] = np.stack([r.county.sum(axis=1) for r in recorders], axis=1)
    whole.technology[:] = _technologies(recorders)
    whole.vintage[:] = sum(r.vintage for r in recorders)
    if first.keep_agents:
        whole.agent[:] = np.concatenate([r.agent for r in recorders], axis=1)
    offsets = np.concatenate([[0], np.cumsum(counts)[:-1]])
    for recorder, key, offset in zip(recorders, ids, offsets, strict=True):
        whole.market += [(q, f"{key}: {market}", *rest) for q, market, *rest in recorder.market]  # type: ignore[misc]
        whole.events += [type(e)(e.quarter, e.kind, f"{key}: {e.subject}", e.amount, e.unit) for e in recorder.events]
        whole.decisions += [_moved(d, offset) for d in recorder.decisions]
        whole.options += recorder.options
    whole.events.sort(key=lambda event: event.quarter)
    return whole


def _moved(decisions: np.ndarray, offset: int) -> np.ndarray:
    moved = decisions.copy()
    moved["enterprise"] += offset
    return moved


def _sectors(tables: list[np.ndarray]) -> np.ndarray:
    names = [c.name for c in declared.SECTOR]
    stack = np.array(tables)
    whole = stack.sum(axis=0)
    price, output = names.index("price_index"), names.index("output_cny")
    mean = _mean(stack[..., price], stack[..., output])
    whole[..., price] = np.where(np.isnan(mean) & ~np.isnan(whole[..., price]), 1.0, mean)
    return whole


def _technologies(recorders: list[Recorder]) -> np.ndarray:
    """Add capacity, users and orders; adoption is weighted by the enterprises of a member, costs are means."""
    names = [c.name for c in declared.TECHNOLOGY]
    stack = np.array([r.technology for r in recorders])
    whole = stack.sum(axis=0)
    firms = np.array([r.place[:, PLACE_INDEX["enterprises"]] for r in recorders])[:, :, None]
    adoption, cost = names.index("adoption_share"), names.index("capex_index")
    whole[..., adoption] = _mean(stack[..., adoption], np.broadcast_to(firms, stack.shape[:-1]))
    whole[..., cost] = stack[..., cost].mean(axis=0)
    return whole


def whole_labels(labels: list[dict[str, Any]], ids: list[str]) -> dict[str, Any]:
    """Return the ids and names of a portfolio: members as counties, enterprises under the name of their member."""
    whole = dict(labels[0])
    whole["counties"] = ids
    whole["enterprises"] = [
        f"{key}.{firm}" for key, own in zip(ids, labels, strict=True) for firm in own["enterprises"]
    ]
    attributes: dict[str, Any] = {}
    for name in labels[0]["enterprise_attributes"]:
        attributes[name] = [v for own in labels for v in list(own["enterprise_attributes"][name])]
    attributes["enterprise"] = whole["enterprises"]
    counts = [len(own["enterprises"]) for own in labels]
    attributes["county"] = [key for key, n in zip(ids, counts, strict=True) for _ in range(n)]
    attributes["output_cny"] = np.array(attributes["output_cny"])
    whole["enterprise_attributes"] = attributes
    whole["banks"] = [f"{key}.{bank}" for key, own in zip(ids, labels, strict=True) for bank in own["banks"]]
    return whole
