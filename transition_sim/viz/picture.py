"""A run as the browser needs it: small arrays that travel between processes, and the world of a run that is asked."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from transition_sim.measures import MEASURES, Measure, defined, measure_run
from transition_sim.results import BASES, RunResult, in_years
from transition_sim.scenarios import registry
from transition_sim.scenarios.scenario import Scenario
from transition_sim.scoreboard import Sample, sample_of
from transition_sim.shared_past import SharedPast
from transition_sim.summary import who_paid
from transition_sim.viz.draft import default_start_year
from transition_sim.world.columns import TECHNOLOGY, VINTAGE
from transition_sim.world.peak import Peak
from transition_sim.world.state import ACTIVE
from transition_sim.world.world import World

WINDOW = "anticipation_quarters"
SIZES = ("large", "medium", "small")
_ADOPTION = [c.name for c in TECHNOLOGY].index("adoption_share")
KEPT_SEEDS = 16
"""Worlds of some 6 MB each in ``guangan_city``, kept by a process of the ensemble."""
FIRST_SEED = 1
"""Of every ensemble; the run whose enterprises are looked at one by one."""


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
    vintage_gj : ndarray, shape (Y, 1 + Y, 2)
        Energy, and fossil fuel, that heat takes in a year, by the year in which its equipment came into service; that
        of the base year and before comes first.
    paid_m_cny : dict of payer -> float
        Over the run, see ``transition_sim.summary.who_paid``.
    peaks : dict of basis -> Peak
    measures : dict of key -> float
    uses : ndarray of bool, shape (enterprises, technologies), optional
        Whether an enterprise has active equipment of a technology at the end; of the first seed only.
    sample : Sample, optional
        What the scoreboard needs; comes after the picture where somebody waits for the picture.
    """

    hash: str
    seed: int
    years: np.ndarray
    annual: dict[str, np.ndarray]
    adoption_share: dict[str, np.ndarray]
    vintage_gj: np.ndarray
    paid_m_cny: dict[str, float]
    peaks: dict[str, Peak]
    measures: dict[str, float]
    uses: np.ndarray | None = None
    sample: Sample | None = None


def shown_measures(scenario: Scenario) -> tuple[Measure, ...]:
    """Return the measures that the years of a scenario define."""
    return tuple(m for m in MEASURES if defined(m, scenario.clock))


def picture_of(result: RunResult, world: World | None = None) -> Picture:
    """Return the picture of a run, with who uses what where the world is given."""
    annual = result.annual
    at_year_end = np.nan_to_num(result.recorder.technology[3::4, :, _ADOPTION])
    green = [k for k, t in enumerate(result.labels["technologies"]) if t in result.labels["green_technologies"]]
    measures = shown_measures(result.scenario)
    return Picture(
        result.scenario.hash,
        result.seed,
        annual.index.to_numpy(),
        dict(zip(map(str, annual.columns), np.ascontiguousarray(annual.to_numpy().T), strict=True)),
        {result.labels["technologies"][k]: at_year_end[:, k] for k in green},
        in_years(result.recorder.vintage, VINTAGE),
        who_paid(result),
        {basis: result.peak(basis) for basis in BASES},
        dict(zip((m.key for m in measures), measure_run(result, measures).tolist(), strict=True)),
        None if world is None else uses_of(world),
    )


def uses_of(world: World) -> np.ndarray:
    """Return whether each enterprise has active equipment of each technology, shape (enterprises, technologies)."""
    used = world.state.assets[: world.state.n_assets]
    active = used[used["status"] == ACTIVE]
    found = np.zeros((world.state.n_enterprises, len(world.labels["technologies"])), dtype=bool)
    found[world.state.slots["enterprise"][active["slot"]], active["technology"]] = True
    return found


@cache
def _past() -> SharedPast:
    """Return the past that the runs of this process share, one eve a seed."""
    return SharedPast(KEPT_SEEDS, kept_questions=0, keep_decisions=False)


def run_seed(scenario: Scenario, seed: int) -> Picture:
    """Run one seed; in a worker process, where nobody waits.

    Levers moved by hand leave the years before as they were: each seed goes on from there.
    """
    model = _past().run(scenario, seed, eves=[min(eves(scenario))])
    result = model.result()
    return replace(picture_of(result, model.world if seed == FIRST_SEED else None), sample=sample_of(result))


def run_watched(
    past: SharedPast, scenario: Scenario, seed: int, on_quarter: Callable[[int, int], None]
) -> tuple[Picture, World, RunResult]:
    """Run one seed and keep its world, to be asked why; ``on_quarter`` may raise to give the run up."""
    model = past.run(scenario, seed, on_quarter, eves(scenario))
    result = model.result()
    return picture_of(result, model.world if seed == FIRST_SEED else None), model.world, result


def eves(scenario: Scenario) -> tuple[int, int]:
    """Return the quarters in which levers moved by hand part from their preset: the first one of the year in which they
    start, and that in which firms begin to hurry before an end of support in that year."""
    first = 4 * (default_start_year(scenario) - scenario.clock.start_year)
    window = registry.parameters()[WINDOW].value
    return first, first - int(scenario.parameters.get(WINDOW, window))
