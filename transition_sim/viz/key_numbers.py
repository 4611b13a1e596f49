"""Key numbers: the policy, its paired difference to the baseline with an interval, and whether it could be noise."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from transition_sim.comparison import paired_interval
from transition_sim.measures import MEASURES, Measure
from transition_sim.viz.desk import View
from transition_sim.viz.formatting import central, figure, signed
from transition_sim.viz.picture import Picture
from transition_sim.viz.words import Words

SHOWN = (
    "peak_year_dual_control",
    "peak_dual_control_mtco2",
    "dual_control_2030_mtco2",
    "cumulative_dual_control_mtco2",
    "co2_per_gdp_end_t_per_10k_cny",
    "nonfossil_end_percent",
    "fiscal_net_cost_m_cny",
    "capex_m_cny",
    "gdp_bn_cny",
    "leaked_m_cny",
)


def key_numbers(view: View, words: Words) -> list[dict[str, Any]]:
    """Return a card a measure, empty before the first answer."""
    n = view.done
    if n == 0:
        return []
    policy, baseline = view.policy[:n], view.baseline[:n]
    is_same = policy[0].hash == baseline[0].hash
    shown = [m for key in SHOWN for m in MEASURES if m.key == key and key in policy[0].measures]
    return [_card(m, policy, baseline, is_same, words) for m in shown]


def _value(measure: Measure, values: np.ndarray, pictures: Sequence[Picture], words: Words) -> str:
    """Return what stands for the runs; a peak in the first year of a run may have come before it."""
    text = figure(central(values, measure.unit), measure.unit)
    if measure.unit == "year" and text == str(int(pictures[0].years[0])):
        return words("year_or_before", year=text)
    return text


def _card(
    measure: Measure,
    policy: Sequence[Picture],
    baseline: Sequence[Picture],
    is_same: bool,
    words: Words,
) -> dict[str, Any]:
    found = [np.array([p.measures[measure.key] for p in pictures]) for pictures in (policy, baseline)]
    unit, per_unit = words.read_as(measure.unit, *found)
    b, a = (words.shown(values * per_unit, unit) for values in found)
    is_year = unit == "year"
    n_open = sum(p.peaks["dual_control"].is_censored for p in policy) if is_year else 0
    card: dict[str, Any] = {
        "key": measure.key,
        "name": measure.zh if words.language == "zh" else measure.en,
        "value": _value(measure, b, policy, words),
        "unit": "" if is_year else words.result_unit(unit),
        "note": words("peak_moves", n=n_open, all=len(b)) if n_open else "",
        "difference": "",
        "interval": "",
        "is_noise": False,
        "is_alike": is_same,
        "noise": "",
    }
    if is_same:
        return {**card, "difference": words("same")}
    difference = b - a
    card["difference"] = f"{signed(float(difference.mean()), unit)} {words.change_unit(unit)}".strip()
    if len(b) < 2:
        return {**card, "interval": words("interval_waiting")}
    mean, _, half = paired_interval(difference)
    low, high = mean - half, mean + half
    card["interval"] = f"[{signed(low, unit)}, {signed(high, unit)}]"
    card["is_noise"] = bool(low <= 0 <= high) and not bool(np.all(difference == 0))
    card["noise"] = words("noise") if card["is_noise"] else ""
    if np.all(difference == 0):
        card["difference"], card["interval"] = words("same"), ""
    return card
