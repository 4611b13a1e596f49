"""Measures of energy and power: rebound, rivers, droughts (P06, P08, P09, P10)."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from transition_sim.experiments.patterns.trial import Arm, Trial, change, mean_or_nan, set_parameters
from transition_sim.world.markets.power import available_mw
from transition_sim.world.markets.shortage import RESIDENTS
from transition_sim.world.markets.slices import BLOCKS, DAY_TYPES, MONTHS, TYPICAL
from transition_sim.world.state import NO_DEADLINE
from transition_sim.world.world import World

# --- P06 rebound ------------------------------------------------------------------------------------------------------

GAIN = 0.10
_LAST = 2023
STILL = dict.fromkeys(
    (
        "hazard_base_per_year", "hazard_base_small_per_year", "hazard_base_large_per_year", "hazard_age_per_year",
        "hazard_cost_per_year", "hazard_peer_per_year", "hazard_policy_per_year", "hazard_audit_per_year",
        "hazard_buyer_per_year", "hazard_anticipation_per_year",
    ),
    0.0,
)  # fmt: skip
"""Nobody looks of their own accord: a saving must not be mixed with other choices."""


def stand_still(world: World) -> None:
    """Take away all reasons to look at options; equipment lasts."""
    set_parameters(world, STILL)
    world.state.assets["dies_quarter"] = NO_DEADLINE


def improve_equipment(world: World) -> None:
    """Make all equipment, in use and on sale, a tenth better, and nobody look."""
    stand_still(world)
    world.reference = replace(world.reference, technologies=world.reference.technologies.copy())
    for name in ("fuel_gj_per_unit", "elec_gj_per_unit"):
        world.reference.technologies[name] /= 1.0 + GAIN


PLAIN = Arm(policy="none", end_year=_LAST, prepare=stand_still)
IMPROVED = Arm(policy="none", end_year=_LAST, prepare=improve_equipment)


def _energy_and_output(trial: Trial, arm: Arm) -> tuple[np.ndarray, np.ndarray]:
    agent = trial.run(arm).agent
    last = agent[agent["year"] == _LAST]
    return last["energy_coal_equivalent_tce"].to_numpy(dtype=float), last["output_cny"].to_numpy(dtype=float)


def _rebound_percent(after: float, before: float) -> float:
    """Return the part of the engineering saving 1 - 1 / (1 + gain) that is taken back, %."""
    return 100.0 * (1.0 + change(after, before) / (1.0 - 1.0 / (1.0 + GAIN)))


def direct_rebound_percent(trial: Trial) -> float:
    """Return the rebound at unchanged output: each enterprise's energy per output at its output without the gain."""
    (energy, output), (better, more) = (_energy_and_output(trial, arm) for arm in (PLAIN, IMPROVED))
    alive = (output > 0) & (more > 0)
    at_same_output = better[alive] / more[alive] * output[alive]
    return _rebound_percent(float(at_same_output.sum()), float(energy[alive].sum()))


def place_rebound_percent(trial: Trial) -> float:
    """Return the rebound of all enterprises, more output at lower cost included."""
    (energy, _), (better, _) = (_energy_and_output(trial, arm) for arm in (PLAIN, IMPROVED))
    return _rebound_percent(float(better.sum()), float(energy.sum()))


# --- P08 rivers -------------------------------------------------------------------------------------------------------

WET, DRY = (6, 7, 8, 9, 10), (12, 1, 2, 3, 4)


def hydro_by_month(world: World) -> list[tuple[int, float]]:
    """Return (calendar month, share of capacity that rivers give all hydropower) of the quarter just over."""
    power, constants = world.power, world.constants
    rows = constants.is_hydro
    quarter = (world.quarter - 1) % 4
    given = available_mw(
        power.capacity_mw[rows], power.availability[rows], constants.unit_profile[rows], constants.profile_stack,
        np.ones(int(rows.sum()), bool), power.river_share, quarter,
    )  # fmt: skip
    typical = given.reshape(MONTHS, DAY_TYPES, BLOCKS, -1)[:, TYPICAL]
    share = typical.mean(axis=1).sum(axis=1) / power.capacity_mw[rows].sum()
    return [(3 * quarter + month + 1, float(share[month])) for month in range(3)]


RIVERS = Arm(end_year=2030, watch=hydro_by_month)


def _months(trial: Trial, months: tuple[int, ...]) -> float:
    noted = trial.outcome(RIVERS).noted
    return mean_or_nan([share for quarter in noted for month, share in quarter if month in months])


def dry_over_wet_ratio(trial: Trial) -> float:
    return _months(trial, DRY) / _months(trial, WET)


def hydro_capacity_factor(trial: Trial) -> float:
    return _months(trial, tuple(range(1, 13)))


# --- P09, P10 coal for water, drought ---------------------------------------------------------------------------------


def rivers_at(share: float, *spans: tuple[str, str, bool]) -> tuple[dict[str, Any], ...]:
    """Return a shock of rivers at their mean, and at a share of it in the spans (from, to, whether dry)."""
    name = {"en": f"Rivers at {share:g}", "zh": f"来水为常年的{share:g}倍"}
    effects = [
        {"channel": "river_flow", "from": first, "to": last, "value": share if is_dry else 1.0}
        for first, last, is_dry in spans
    ]
    shock = {"format": "shock/1", "id": f"rivers_{round(100 * share)}", "name": name, "description": name}
    return ({**shock, "source": "specification P09 and P10", "effects": effects},)


def dispatched(world: World) -> dict[str, Any]:
    """Return what the dispatch of the quarter gave by kind of unit, its CO2, and who was cut off."""
    power = world.power
    kinds = np.array(power.kinds)
    shed = world.state["energy"]["sheddable_share"]
    by_class = [shed[world.state["conduct"]["shed_class"] == k] for k in range(RESIDENTS)]
    return {
        "thermal": float(power.quarter.generation_mwh[np.isin(kinds, ("coal", "gas"))].sum()),
        "hydro": float(power.quarter.generation_mwh[kinds == "hydro"].sum()),
        "tco2": power.quarter.total_tco2,
        "unserved": power.quarter.unserved_mwh,
        "shed": [float(shares.mean()) for shares in by_class if shares.size],
    }


@cache
def _dry(share: float) -> Arm:
    spans = ("start", "2022-06", False), ("2022-07", "2022-09", True), ("2022-10", "end", False)
    return Arm(end_year=2022, shocks=rivers_at(share, *spans), watch=dispatched)


@cache
def _dry_year(share: float) -> Arm:
    return Arm(end_year=2021, shocks=rivers_at(share, ("start", "end", True)), watch=dispatched)


def coal_per_hydro(trial: Trial) -> float:
    """Return the change of thermal over that of hydropower over a year with 5 % less water, MWh/MWh."""
    wet, dry = (trial.outcome(_dry_year(share)).noted[-4:] for share in (1.0, 0.95))
    gone = sum(q["hydro"] for q in dry) - sum(q["hydro"] for q in wet)
    return (sum(q["thermal"] for q in dry) - sum(q["thermal"] for q in wet)) / gone if gone else float("nan")


DROUGHTS = (1.0, 0.85, 0.7, 0.55, 0.4)


def drought_concavity_ratio(trial: Trial) -> float:
    """Return the rise of emissions in the last step of a drying summer over that in the first."""
    tonnes = [trial.outcome(_dry(share)).noted[-2]["tco2"] for share in DROUGHTS]
    steps = np.diff(tonnes)
    return float(steps[-1] / steps[0]) if steps[0] > 0 else float("nan")


def curtailed_in_order_share(trial: Trial) -> float:
    """Return the share of quarters with a shortage in which no later class lost more of its use than an earlier one."""
    short = [q for share in DROUGHTS for q in trial.outcome(_dry(share)).noted if q["unserved"] > 0]
    return mean_or_nan([all(np.diff(q["shed"]) <= 1e-12) for q in short])
