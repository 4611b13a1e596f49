"""How a government steers: effort, coordination, instruments, score and consequences (SM23; A39, A40)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from transition_sim.core.kernels import compiled
from transition_sim.scenarios import registry
from transition_sim.world.policy.target_lines import TargetLine

PLAN_YEARS = 5
DEADLINE_WEIGHTS = (0.08, 0.12, 0.20, 0.60)
"""How the pressure of a year's deadline spreads over its quarters, as in the carbon market (SM15)."""


@dataclass
class Control:
    """What the government of a place knows and does; figures are those of the last tracked year.

    Attributes
    ----------
    lines : list of TargetLine
    values, targets, gaps, progress : ndarray, shape (n_lines,)
    effort, coordination : float
        0 to 1.
    effective_effort : float
        What departments turn into action this year: less without coordination, more in a campaign.
    score : float
        Of the last assessment; nan before the first.
    low_years : int
        Assessments in a row below the line of accountability.
    is_notified : bool
        Criticised in the last assessment: access is reviewed more strictly.
    reward_cny : float
        Due to the green budget at the opening of the next year.
    is_accepted : bool
        The pilot park has been accepted.
    additions : ndarray, shape (n_levers,)
        What instruments are strengthened by this year, in the units of the levers.
    added : dict of lever's number -> addition
        Those of them that are not 0.
    response, largest : ndarray, shapes (n_levers, n_lines) and (n_levers,)
        The mapping matrix M of SM23 for the levers that are the place's own, and the largest additions.
    lever_ranges : ndarray, shape (2, n_levers)
        Lowest and highest values.
    burns_coal : ndarray of bool, shape (n_technologies,)
        Coal-fired equipment that a used-up coal budget keeps off; kilns are left out.
    county_cuts, county_gaps, county_score, county_effort : ndarray, shape (n_counties,)
    firm_salience : ndarray, shape (N,), or of size 0
        Attention that lagging counties and key projects draw.
    campaign : float
        Salience of the campaign at the end of a plan, mean of the year.
    is_listed : ndarray of bool, shape (N,), or of size 0
        On the list of key projects.
    listed_quarter : ndarray, shape (N,)
    slippage_quarters : float
        Longest delay of a tracked indicator behind its target line (I33).
    projects_done : int
        Key projects with green equipment ordered since they were listed.
    fiscal_income_cny : float
        Of the green budget this year, rewards left out.
    firm_mw : float
        What the place can count on this year: its thermal units and the substations into it.
    energy_headroom_tce, coal_headroom_tce : float
        What new projects of the year may still use; inf without a quota.
    gas_gj : list of float
        Gas used in each of the last four quarters, kept while supply is limited.
    """

    lines: list[TargetLine] = field(default_factory=list)
    values: np.ndarray = field(default_factory=lambda: np.zeros(0))
    targets: np.ndarray = field(default_factory=lambda: np.zeros(0))
    gaps: np.ndarray = field(default_factory=lambda: np.zeros(0))
    progress: np.ndarray = field(default_factory=lambda: np.zeros(0))
    effort: float = 0.0
    coordination: float = 0.0
    effective_effort: float = 0.0
    score: float = float("nan")
    low_years: int = 0
    is_notified: bool = False
    reward_cny: float = 0.0
    is_accepted: bool = False
    additions: np.ndarray = field(default_factory=lambda: np.zeros(0))
    added: dict[int, float] = field(default_factory=dict)
    response: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    largest: np.ndarray = field(default_factory=lambda: np.zeros(0))
    lever_ranges: np.ndarray = field(default_factory=lambda: np.zeros((2, 0)))
    burns_coal: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    county_cuts: np.ndarray = field(default_factory=lambda: np.zeros(0))
    county_gaps: np.ndarray = field(default_factory=lambda: np.zeros(0))
    county_score: np.ndarray = field(default_factory=lambda: np.zeros(0))
    county_effort: np.ndarray = field(default_factory=lambda: np.zeros(0))
    firm_salience: np.ndarray = field(default_factory=lambda: np.zeros(0))
    campaign: float = 0.0
    is_listed: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    listed_quarter: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    slippage_quarters: float = 0.0
    projects_done: int = 0
    fiscal_income_cny: float = 0.0
    firm_mw: float = float("inf")
    energy_headroom_tce: float = float("inf")
    coal_headroom_tce: float = float("inf")
    gas_gj: list[float] = field(default_factory=list)


def next_effort(
    effort: float,
    weighted_gap: float,
    cost_share: float,
    growth_shortfall_share: float,
    gain: float = 0.8,
    cost_gain: float = 0.1,
    growth_gain: float = 0.5,
    lowest: float = 0.1,
) -> float:
    """Return ``clip(e + k_p sum(w g) - k_d cost - k_s shortfall of growth, 0.1, 1)`` (SM23, A40).

    Parameters
    ----------
    effort : float
        Of last year.
    weighted_gap : float
        Sum of weights times gaps, weights summing to 1.
    cost_share : float
        Part of the green budget that was spent last year.
    growth_shortfall_share : float
        Growth below its corridor, share a year.
    """
    moved = effort + gain * weighted_gap - cost_gain * cost_share - growth_gain * growth_shortfall_share
    return min(1.0, max(lowest, moved))


def assessment_score(progress: np.ndarray, weights: np.ndarray) -> float:
    """Return ``sum(w min(1.2, progress)) / sum(w)`` over the indicators that have a line; nan without one (A39)."""
    lines = [(w, reached) for w, reached in zip(weights.tolist(), progress.tolist(), strict=True) if isfinite(reached)]
    whole = sum(w for w, _ in lines)
    return sum(w * min(1.2, reached) for w, reached in lines) / whole if whole > 0 else float("nan")


def instrument_shares(effort: float, response: np.ndarray, gaps: np.ndarray, capacity: float) -> np.ndarray:
    """Return how far each lever is strengthened, 0 to 1: ``min(1, e sum_j M_nj g_j)``, together at most the capacity.

    Parameters
    ----------
    effort : float
        Effective effort times the pull of the assessment.
    response : ndarray, shape (n_levers, n_indicators)
        M of SM23.
    gaps : ndarray, shape (n_indicators,)
    capacity : float
        Administrative capacity: levers that can be strengthened in full at once.
    """
    shares = np.minimum(1.0, effort * (response @ gaps))
    total = float(shares.sum())
    return shares * (capacity / total) if total > capacity else shares


def mapping(keys: Sequence[str], who: set[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return M by lever and indicator, and the largest addition of every lever.

    Parameters
    ----------
    keys : sequence of str
        Keys of the indicators, in the order of the columns.
    who : set of str
        Levels of government of the place: levers of others are not strengthened.
    """
    levers = list(registry.levers().values())
    position = {lever.key: n for n, lever in enumerate(levers)}
    response, largest = np.zeros((len(levers), len(keys))), np.zeros(len(levers))
    for row in registry.instruments():
        n = position[row.lever]
        if row.indicator in keys and who & set(levers[n].who):
            response[n, keys.index(row.indicator)] = row.response
            largest[n] = row.largest
    return response, largest


def campaign_effort(effort: float, missing_share: float, gain: float, is_last_year: bool) -> float:
    """Return the effort of a year: ``e (1 + gamma x missing)`` in the last year of a five-year plan (SM23, P17)."""
    return effort * (1.0 + gain * missing_share) if is_last_year else effort


def is_last_of_plan(year: int) -> bool:
    """Tell whether a five-year plan ends with the year: 2025, 2030, 2035."""
    return year % PLAN_YEARS == 0


def coordination_factor(coordination: float, floor_share: float) -> float:
    """Return effective over nominal effort: 0.6 + 0.4 coord (SM23)."""
    return floor_share + (1.0 - floor_share) * coordination


@compiled
def projects_done(assets, slots, technologies, is_listed, listed_quarter):
    """Return how many key projects have equipment that is green and younger than their listing (L48)."""
    is_done, count = np.zeros(is_listed.size, np.bool_), 0
    for a in range(assets.size):
        i = slots[assets[a].slot].enterprise
        if not is_listed[i] or is_done[i] or assets[a].commissioned_quarter < listed_quarter[i]:
            continue
        if technologies[assets[a].technology].is_green > 0:
            is_done[i] = True
            count += 1
    return count
