"""Experience: what equipment costs as more of it is built, and when it can first be bought (SM17)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

import numpy as np

from transition_sim.core.kernels import compiled, merged, part
from transition_sim.scenarios.rows import NOT_FOR_SALE

HEAT_HOURS = 5500.0
"""Full-load hours of industrial heat a year, as in the capital costs of steam equipment."""
WASTE_HEAT_HOURS = 7000.0
GJ_PER_MWH = 3.6
CLINKER_TCO2_PER_T = 0.83
"""Fuel and process CO2 of a tonne of clinker (A43)."""


@part
def experience_exponent(learning_share):
    """Return b of Wright's law: -log2(1 - learning share); a doubling cuts the cost by the share (A22).

    Raises
    ------
    ValueError
        A share outside 0 to below 1.
    """
    if not 0.0 <= learning_share < 1.0:
        raise ValueError("a learning share lies from 0 to below 1")
    return -log2(1.0 - learning_share)


@merged
def capex_factor(cumulative, start, learning_share):
    """Return capital cost relative to the base year: (X/X0)^-b (Wright 1936; SM17, A22).

    Parameters
    ----------
    cumulative, start : float
        Cumulative deployment now and in the base year, any one unit, above 0.
    learning_share : float
        Fall of the cost a doubling, 0 to below 1.

    Raises
    ------
    ValueError
        No deployment in the base year, or less now than then.
    """
    if not start > 0.0 or cumulative < start:
        raise ValueError("cumulative deployment starts above 0 and never falls")
    return (cumulative / start) ** -experience_exponent(learning_share)


def national_paths(params: np.ndarray, groups: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the national cumulative deployment of each group in 2020 and its growth a year, shape (n_groups,).

    Read from the parameters ``<group>_national_<unit>_2020`` and ``<group>_national_<unit>_per_year``.

    Raises
    ------
    ValueError
        A group without its two parameters.
    """
    starts, growths = [], []
    for group in groups:
        stem = f"{group}_national_"
        names = [n for n in params.dtype.names or () if n.startswith(stem)]
        first = [n for n in names if n.endswith("_2020")]
        growth = [n for n in names if n.endswith("_per_year")]
        if len(first) != 1 or len(growth) != 1:
            raise ValueError(f"learning group {group!r} needs the parameters {stem}..._2020 and {stem}..._per_year")
        starts.append(float(params[0][first[0]]))
        growths.append(float(params[0][growth[0]]))
    return np.array(starts), np.array(growths)


@compiled
def national_deployment(start_2020, growth_per_year, decimal_year):
    """Return the national cumulative deployment of each group at a moment: linear from 2020, flat before."""
    now, years = np.empty(start_2020.size), max(0.0, decimal_year - 2020.0)
    for group in range(now.size):
        now[group] = start_2020[group] + growth_per_year[group] * years
    return now


def national_unit_factors(technologies: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Return what one unit of capacity in the place counts in the unit of its group's national path, shape (n,).

    GW for PV, heat pumps, electric boilers and waste-heat power, GWh for batteries, Mt captured a year for capture;
    0 for efficiency (an index) and for vehicles (their batteries are not counted), and without a group.
    """
    factors = np.zeros(technologies.size)
    gw_per_gj = 1e-3 / (GJ_PER_MWH * HEAT_HOURS)
    for row, technology in enumerate(technologies):
        group = groups[technology["learning_group"]] if technology["learning_group"] >= 0 else ""
        is_device = technology["fuel_gj_per_unit"] == 0.0 and technology["elec_gj_per_unit"] == 0.0
        if group == "pv" or (group == "battery" and is_device):
            factors[row] = 1e-3
        elif group in ("heat_pump", "electric_boiler"):
            factors[row] = gw_per_gj
        elif group == "whr":
            factors[row] = 1e-3 * technology["own_elec_gj_per_unit"] / (GJ_PER_MWH * WASTE_HEAT_HOURS)
        elif group == "ccus":
            factors[row] = 1e-6 * technology["capture_share"] * CLINKER_TCO2_PER_T
    return factors


@compiled
def technology_capex_factors(
    technologies, national_start, national_now, place_start, place_additions, unit_factors, place_weight=1.0
):
    """Return the capital cost of every technology relative to the base year, shape (n_technologies,) (SM17).

    Technologies of a group share one experience: national deployment plus the weighted deployment of the place.
    Without a group or a learning share the factor is 1.

    Parameters
    ----------
    technologies : structured array
        ``learning_group`` (-1: none), ``learning_share``.
    national_start, national_now : ndarray, shape (n_groups,)
        Cumulative deployment in the base year and now.
    place_start, place_additions : ndarray, shape (n_technologies,)
        Capacity in the place in the base year and commissioned since, unit/yr.
    unit_factors : ndarray, shape (n_technologies,)
        See ``national_unit_factors``.
    place_weight : float
    """
    start, added = national_start.copy(), np.zeros(national_start.size)
    for k in range(technologies.size):
        group = technologies[k].learning_group
        if group >= 0:
            start[group] += place_weight * unit_factors[k] * place_start[k]
            added[group] += place_weight * unit_factors[k] * place_additions[k]
    now = start + (national_now - national_start) + added
    factors = np.ones(technologies.size)
    for k in range(technologies.size):
        group = technologies[k].learning_group
        if group >= 0:
            factors[k] = capex_factor(now[group], start[group], technologies[k].learning_share)
    return factors


@compiled
def capex_factors_at(
    decimal_year, base_year, technologies, national, start_deployment, additions, unit_factors, place_weight
):
    """Return what ``technology_capex_factors`` does, by the experience of the country, the place and others.

    Parameters
    ----------
    decimal_year, base_year : float
        Now, and when costs were those of the base year.
    national : tuple of 2 ndarrays, shape (n_groups,)
        See ``national_deployment``.
    start_deployment, additions : tuple of 2 ndarrays, shape (n_technologies,)
        Of the place, and of the others of its portfolio.
    """
    start_2020, growth_per_year = national
    return technology_capex_factors(
        technologies, national_deployment(start_2020, growth_per_year, base_year),
        national_deployment(start_2020, growth_per_year, decimal_year), start_deployment[0] + start_deployment[1],
        additions[0] + additions[1], unit_factors, place_weight,
    )  # fmt: skip


def first_years(technologies: np.ndarray, effort_share: np.ndarray | float, most_years: float = 2.0) -> np.ndarray:
    """Return the first year in which each technology can be bought, shape (n,), after demonstration (L08, L51, SM17).

    Parameters
    ----------
    technologies : structured array
        ``available_year`` (9999: no longer sold), ``is_immature``.
    effort_share : float or ndarray, shape (n,)
        Demonstration effort over its highest value, 0 to 1; only immature technologies come earlier.
    most_years : float
        Advance at full effort.
    """
    if not np.all((np.asarray(effort_share) >= 0.0) & (np.asarray(effort_share) <= 1.0)):
        raise ValueError(f"the effort share lies from 0 to 1, not {effort_share!r}")
    years = technologies["available_year"].astype(float)
    moves = (technologies["is_immature"] > 0) & (years < NOT_FOR_SALE)
    return np.where(moves, years - most_years * effort_share, years)


@compiled
def immaturity(technologies, decline_per_year, effort, years):
    """Return how immature each technology still is, 0 to 1, after years of research effort (SM17)."""
    left = np.empty(technologies.size)
    for k in range(technologies.size):
        left[k] = max(0.0, technologies[k].is_immature - decline_per_year * effort * max(0.0, years))
    return left


@dataclass
class Research:
    """What research and demonstration have reached (L08, L51, L54, SM17).

    Attributes
    ----------
    effort_years : float
        Years times effort; a place without effort of its own gains one a year from the country.
    effort_share : ndarray, shape (n_technologies,)
        Largest demonstration effort so far, 0 to 1: what has been shown is not forgotten.
    first_year : ndarray, shape (n_technologies,)
        In which each can be bought, after demonstration.
    shown : (float, float)
        Paid in a quarter, and L51, when demonstration was last counted: the same again brings nothing earlier.
    """

    effort_years: float
    effort_share: np.ndarray
    first_year: np.ndarray
    shown: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def nothing(cls, technologies: np.ndarray) -> "Research":
        """Return the start: no effort of the place."""
        return cls(0.0, np.zeros(technologies.size), first_years(technologies, 0.0))

    def demonstrate(self, technologies: np.ndarray, share: np.ndarray) -> None:
        """Note an effort, 0 to 1 by technology; only a larger one than before brings anything earlier."""
        if (share > self.effort_share).any():
            self.effort_share = np.maximum(self.effort_share, share)
            self.first_year = first_years(technologies, self.effort_share)


def demonstration_share(
    technologies: np.ndarray, fund_cny_per_year: float, full_cny_per_year: float, capture_index: float
) -> np.ndarray:
    """Return the demonstration effort for each technology, 0 to 1: the fund for all, L51 for capture.

    Parameters
    ----------
    fund_cny_per_year : float
        What the fund of L08 really paid, as a yearly rate.
    full_cny_per_year : float
        At which the effort is complete.
    capture_index : float
        L51, 0 to 1.
    """
    fund = min(1.0, fund_cny_per_year / full_cny_per_year)
    return np.minimum(1.0, fund + capture_index * (technologies["capture_share"] > 0))
