"""Targets that a plan states in numbers, beside what the runs give."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from transition_sim.scenarios import registry
from transition_sim.viz.formatting import plain_number
from transition_sim.viz.picture import Picture
from transition_sim.viz.words import Words

PEAK_BY = 2030


@dataclass(frozen=True)
class Target:
    """A value of an indicator that a plan wants by a year.

    Attributes
    ----------
    indicator : str
        Id in the table of indicators, which carries name and source.
    year : int
    value : float
        In ``unit``.
    unit : str
    scale : float
        From the unit of the indicator to ``unit``.
    change_from : int, optional
        The target is a change in % from this year.
    """

    indicator: str
    year: int
    value: float
    unit: str = "%"
    scale: float = 100.0
    change_from: int | None = None


# the plan of January 2024, as the table of indicators quotes it
TARGETS: dict[str, tuple[Target, ...]] = {
    "guangan_city": (
        Target("I01", 2025, -14.5, change_from=2020),
        Target("I02", 2025, -19.5, change_from=2020),
        Target("I03", 2025, 35.0),
        Target("I03", 2030, 37.0),
        Target("I04", 2025, 400.0, "MW", 1.0),
        Target("I07", 2030, 5.0),
    )
}


def model_values(target: Target, pictures: Sequence[Picture]) -> np.ndarray | None:
    """Return the value of each run, None where the years or columns do not reach."""
    columns = registry.indicators()[target.indicator].columns
    needed = [target.year] if target.change_from is None else [target.year, target.change_from]
    if not pictures or not columns or not all(year in pictures[0].years for year in needed):
        return None
    return np.array([_one(target, columns, picture) for picture in pictures])


def _one(target: Target, columns: tuple[str, ...], picture: Picture) -> float:
    def at(year: int) -> float:
        k = int(np.flatnonzero(picture.years == year)[0])
        top = float(picture.annual[columns[0]][k])
        return top / float(picture.annual[columns[1]][k]) if len(columns) > 1 else top

    if target.change_from is not None:
        return 100.0 * (at(target.year) / at(target.change_from) - 1.0)
    return target.scale * at(target.year)


def is_reached(target: Target) -> Callable[[np.ndarray], np.ndarray]:
    """Return the test of a target: above it, or below where less is better."""
    down = registry.indicators()[target.indicator].good_direction == "down"
    return lambda values: values <= target.value if down else values >= target.value


def target_rows(place: str, pictures: Sequence[Picture], words: Words) -> list[dict[str, Any]]:
    """Return a row a target: name, year, plan, model and in how many runs it is reached."""
    if place not in TARGETS or not pictures:
        return []
    rows = [_peak_row(pictures, words)]
    for target in TARGETS[place]:
        values = model_values(target, pictures)
        if values is None:
            continue
        row = registry.indicators()[target.indicator]
        unit = words.unit(target.unit)
        plan = f"{plain_number(target.value)} {unit}"
        if target.change_from is not None:
            plan = words("target_change", value=f"{target.value:g}".replace("-", "−"), first=target.change_from)
        rows.append(
            _row(words.of(row), target.year, plan, f"{values.mean():.1f} {unit}", is_reached(target)(values), words)
        )
    return rows


def _peak_row(pictures: Sequence[Picture], words: Words) -> dict[str, Any]:
    peaks = [p.peaks["dual_control"] for p in pictures]
    met = np.array([p.peak_year <= PEAK_BY and not p.is_censored for p in peaks])
    mean = float(np.mean([p.peak_year for p in peaks]))
    shown = f"{mean:.0f}" if mean == round(mean) else f"{mean:.1f}"
    if all(p.is_censored for p in peaks):
        shown = words("year_or_later", year=shown)
    return _row(words("target_peak"), PEAK_BY, words("target_peak_plan", year=PEAK_BY), shown, met, words)


def _row(name: str, year: int, plan: str, model: str, met: np.ndarray, words: Words) -> dict[str, Any]:
    n, total = int(met.sum()), met.size
    return {
        "name": name,
        "year": year,
        "plan": plan,
        "model": model.replace("-", "−"),
        "status": words("target_met", n=n, all=total),
        "level": "yes" if n == total else "no" if n == 0 else "some",
    }
