"""Whether the compiled rules and the Mesa twin give the same results."""

import numpy as np

from benchmarks.rules import CompiledQuarters
from benchmarks.twin import TwinModel
from transition_sim.world.state import UNSET

TOLERANCE = 1e-9
SMALLEST_SHARE = 1e-12
"""Of the largest value of a column: what is smaller counts as nothing."""
PRODUCTION_COLUMNS = ("output_cny", "orders_cny", "fill_share", "unmet_cny", "spill_cny")
ENERGY_COLUMNS = (
    "electricity_mwh", "own_generation_mwh", "purchased_mwh", "process_tco2", "captured_tco2", "scope1_tco2",
    "scope2_location_tco2", "energy_calorific_tce", "energy_coal_equivalent_tce",
)  # fmt: skip


def relative_gap(left: np.ndarray, right: np.ndarray) -> float:
    """Return the largest difference of two arrays relative to their elements; infinite where one is no number."""
    if left.size == 0:
        return 0.0
    larger = np.maximum(np.abs(left), np.abs(right))
    if not np.isfinite(larger).all():
        return float("inf")
    return float((np.abs(left - right) / np.maximum(larger, max(SMALLEST_SHARE * larger.max(), 1e-300))).max())


def _firm_gaps(ours: CompiledQuarters, twin: TwinModel) -> dict[str, float]:
    place, firms = ours.place, twin.firms
    columns = {name: place.production[name] for name in PRODUCTION_COLUMNS}
    columns.update({name: place.energy[name] for name in ENERGY_COLUMNS})
    columns.update({"fuel_gj": ours.fuel_gj, "feedstock_gj": ours.feedstock_gj})
    return {name: relative_gap(c, np.array([getattr(f, name) for f in firms])) for name, c in columns.items()}


def _slot_gaps(ours: CompiledQuarters, twin: TwinModel) -> dict[str, float]:
    slots = [slot for firm in twin.firms for slot in firm.slots]
    columns = ("demand_unit", "cost_cny_per_unit")
    gaps = {c: relative_gap(ours.place.slots[c], np.array([getattr(s, c) for s in slots])) for c in columns}
    output_unit = np.array([a.output_unit for slot in slots for a in slot.assets])
    gaps["output_unit"] = relative_gap(ours.place.assets["output_unit"], output_unit)
    return gaps


def _is_same_choice(ours: CompiledQuarters, twin: TwinModel) -> bool:
    """Tell whether the same slots looked and chose the same, with the same runner-up out of as many options."""

    def number(option) -> int:
        return UNSET if option is None or option.technology is None else option.technology.number

    decisions = [d for firm in twin.firms for d in firm.decisions]
    theirs = [(d.slot, len(d.options), number(d.chosen), number(d.runner_up)) for d in decisions]
    columns = (ours.choices[name].tolist() for name in ("slot", "n_options", "chosen", "runner_up"))
    return theirs == list(zip(*columns))


def _choice_gaps(ours: CompiledQuarters, twin: TwinModel) -> dict[str, float]:
    seen = ours.options[np.arange(ours.options.shape[1]) < ours.choices["n_options"][:, None]]
    options = [o for firm in twin.firms for d in firm.decisions for o in d.options]
    if len(options) != seen.size:
        return {"options": float("inf")}
    columns = {"levelised_cost_cny_per_unit": "cost_cny_per_unit", "utility": "utility", "probability": "probability"}
    return {c: relative_gap(seen[c], np.array([getattr(o, name) for o in options])) for c, name in columns.items()}


def compare(ours: CompiledQuarters, twin: TwinModel) -> dict[str, float]:
    """Return the largest relative difference of the last quarter by column; ``choices`` is 0 or infinite.

    Parameters
    ----------
    ours, twin
        Made from one place with one seed, after equally many quarters.
    """
    gaps = {**_firm_gaps(ours, twin), **_slot_gaps(ours, twin), **_choice_gaps(ours, twin)}
    return gaps | {"choices": 0.0 if _is_same_choice(ours, twin) else float("inf")}
