"""Both tests of a park over an ensemble of seeds, side by side and never merged."""

from collections.abc import Callable
from dataclasses import dataclass

from transition_sim import build
from transition_sim.core.errors import ConservationError, Fault, ScenarioError
from transition_sim.parks import near_zero, zero_carbon
from transition_sim.results import RunResult
from transition_sim.scenarios.scenario import Scenario
from transition_sim.world.accounting.near_zero_park import WINDOW_YEARS

USUAL_YEAR = 2030


@dataclass(frozen=True)
class ParkTest:
    """Two verdicts on one park: they ask different things and may well differ.

    Attributes
    ----------
    scenario : Scenario
    seeds : tuple of int
    year : int
        That is judged.
    zero_carbon : ZeroCarbonTest
        The national test of a level.
    near_zero : NearZeroTest
        The provincial test of a trend.
    """

    scenario: Scenario
    seeds: tuple[int, ...]
    year: int
    zero_carbon: zero_carbon.ZeroCarbonTest
    near_zero: near_zero.NearZeroTest


def park_test(
    scenario: Scenario,
    year: int | None = None,
    replicates: int = 20,
    seed: int = 1,
    on_run: Callable[[int, int], None] | None = None,
) -> ParkTest:
    """Run an ensemble and return both tests of its place; writes nothing.

    Parameters
    ----------
    scenario : Scenario
        Of one park; for a portfolio see ``park_tests``.
    year : int, optional
        That is judged; 2030, or the last year of a shorter run.
    replicates, seed : int
        The seeds are ``seed ... seed + replicates - 1``, the same for every policy.
    on_run : callable, optional
        Called with (runs done, runs in all).

    Raises
    ------
    ScenarioError
        When the scenario cannot be run, or the year cannot be judged.
    ConservationError
        When an accounting identity does not close in a run; its notes name the seed.
    """
    [test] = park_tests(scenario, year, replicates, seed, on_run)
    return test


def park_tests(
    scenario: Scenario,
    year: int | None = None,
    replicates: int = 20,
    seed: int = 1,
    on_run: Callable[[int, int], None] | None = None,
) -> list[ParkTest]:
    """Return both tests of a park, or of every member of a portfolio; see ``park_test``."""
    year = judged_year(scenario, year)
    results: list[tuple[int, RunResult]] = []
    for done, s in enumerate(range(seed, seed + replicates), start=1):
        try:
            results.append((s, build.run(scenario, seed=s, keep_agents=False, keep_decisions=False)))
        except (ScenarioError, ConservationError) as error:
            error.add_note(f"policy {scenario.policy_id}, seed {s}")
            raise
        if on_run is not None:
            on_run(done, replicates)
    if not scenario.place.members:
        return [from_runs(scenario, results, year)]
    ids = [member.id for member in scenario.place.members]
    own = {key: [(s, result.members[key]) for s, result in results] for key in ids}
    return [from_runs(own[key][0][1].scenario, own[key], year) for key in ids]


def judged_year(scenario: Scenario, year: int | None) -> int:
    """Return the year that is judged.

    Raises
    ------
    ScenarioError
        When it lies outside the run, or too early for a trend.
    """
    clock = scenario.clock
    chosen = min(USUAL_YEAR, clock.end_year) if year is None else year
    first = clock.start_year + WINDOW_YEARS
    if not first <= chosen <= clock.end_year:
        rule = f"a year is judged by itself and the {WINDOW_YEARS} before it, of a run from {clock.start_year}"
        remedy = (
            f"Give a year from {first} to {clock.end_year}."
            if first <= clock.end_year
            else f"Let the run last to {first} or longer."
        )
        raise ScenarioError([Fault("arguments", None, "--year", str(chosen), f"{rule} to {clock.end_year}", remedy)])
    return chosen


def from_runs(scenario: Scenario, results: list[tuple[int, RunResult]], year: int) -> ParkTest:
    """Return both tests of runs, given as (seed, result)."""
    seeds = tuple(seed for seed, _ in results)
    return ParkTest(
        scenario, seeds, year, zero_carbon.judge_runs(results, year), near_zero.judge_runs(results, year)
    )  # fmt: skip
