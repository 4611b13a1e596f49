"""A run as the browser needs it: small arrays that travel between processes, and the world of a run that is asked."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from transition_sim import build
from transition_sim.measures import MEASURES, Measure, defined, measure_run
from transition_sim.results import BASES, RunResult
from transition_sim.scenarios.scenario import Scenario
from transition_sim.summary import who_paid
from transition_sim.world.peak import Peak
from transition_sim.world.world import World

SIZES = ("large", "medium", "small")


@dataclass(frozen=True)
class Picture:
    """What one run looks like.

    Attributes
    ----------
    hash, seed : str, int
    years : ndarray of int, shape (Y,)
    annual : dict of column -> ndarray, shape (Y,)
        Columns of the place table, in their units.
    adoption_share : dict of technology -> ndarray, shape (Y,)
        Green technologies: share of the enterprises that could use it.
    paid_m_cny : dict of payer -> float
        Over the run, see ``transition_sim.summary.who_paid``.
    peaks : dict of basis -> Peak
    measures : dict of key -> float
    """

    hash: str
    seed: int
    years: np.ndarray
    annual: dict[str, np.ndarray]
    adoption_share: dict[str, np.ndarray]
    paid_m_cny: dict[str, float]
    peaks: dict[str, Peak]
    measures: dict[str, float]


def shown_measures(scenario: Scenario) -> tuple[Measure, ...]:
    """Return the measures that the years of a scenario define."""
    return tuple(m for m in MEASURES if defined(m, scenario.clock))


def picture_of(result: RunResult) -> Picture:
    """Return the picture of a run."""
    annual = result.annual
    technology = result.by_year("technology").pivot(index="year", columns="technology", values="adoption_share")
    green = [t for t in result.labels["technologies"] if t in result.labels["green_technologies"]]
    measures = shown_measures(result.scenario)
    return Picture(
        result.scenario.hash,
        result.seed,
        annual.index.to_numpy(),
        {str(name): annual[name].to_numpy() for name in annual.columns},
        {t: np.nan_to_num(technology[t].to_numpy()) for t in green},
        who_paid(result),
        {basis: result.peak(basis) for basis in BASES},
        dict(zip((m.key for m in measures), measure_run(result, measures).tolist(), strict=True)),
    )


def run_seed(scenario: Scenario, seed: int) -> Picture:
    """Run one seed; in a worker process."""
    return picture_of(build.run(scenario, seed=seed, keep_agents=True, keep_decisions=False))


def run_watched(
    scenario: Scenario, seed: int, on_quarter: Callable[[int, int], None]
) -> tuple[Picture, World, RunResult]:
    """Run one seed and keep its world, to be asked why; ``on_quarter`` may raise to give the run up."""
    model = build.build_model(scenario, seed)
    result = model.run(on_quarter)
    return picture_of(result), model.world, result
