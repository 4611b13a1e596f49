"""From a scenario to a model that can run: the spun-up start, kept for the next run, and the gate of the base year."""

from collections import OrderedDict
from collections.abc import Callable

import numpy as np

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.core.kernel_folders import mark_run
from transition_sim.core.memory import return_large_blocks
from transition_sim.core.streams import Streams
from transition_sim.model import TransitionModel
from transition_sim.portfolio import PortfolioModel, member_scenarios, member_streams
from transition_sim.quarter.control import control_of
from transition_sim.results import RunResult
from transition_sim.scenarios import registry
from transition_sim.scenarios.scenario import Scenario
from transition_sim.start import finish_spin_up, make_world
from transition_sim.warm import second_compiler
from transition_sim.world.outside import outside_of
from transition_sim.world.policy.calendar import policy_calendar
from transition_sim.world.recorder import Recorder
from transition_sim.world.world import World

KEPT_STARTS = 64
_starts: OrderedDict[str, World] = OrderedDict()


def spun_up_world(scenario: Scenario, multiply: int = 1) -> World:
    """Return the world of a place after its frozen years; policy and seed do not change it.

    Raises
    ------
    ScenarioError
        When the place cannot be built, or misses the totals of its base year.
    """
    if multiply > 1:
        return_large_blocks()
    try:
        world = make_world(scenario, multiply)
    except ValueError as error:
        if isinstance(error, ScenarioError):
            raise
        raise ScenarioError([_fault(scenario, "place", str(error), "Correct the totals of the place.")]) from error
    model = TransitionModel(world)
    while world.quarter < 0:
        model.step()
    check_base_year(world)
    finish_spin_up(world)
    return world


def _fault(scenario: Scenario, name: str, rule: str, remedy: str, value: str = "") -> Fault:
    return Fault(f"place {scenario.place.id}", None, name, value, rule, remedy)


def base_year_balance(world: World) -> dict[str, tuple[float, float, float, str]]:
    """Return (model, stated, tolerance in %, unit) of each total of the base year that the gate checks."""
    year, gate = world.base_year[-4:], world.scenario.place.gate
    total = {key: sum(row[key] for row in year) for key in ("territorial_tco2", "energy_coal_equivalent_tce")}
    used = sum(row["electricity_mwh"] for row in year)
    return {
        "co2": (total["territorial_tco2"], float(gate.co2), gate.co2_tolerance_percent, "tCO2"),
        "energy": (total["energy_coal_equivalent_tce"], float(gate.energy), gate.energy_tolerance_percent, "tce"),
        "electricity": (used, float(gate.electricity), gate.electricity_tolerance_percent, "MWh"),
    }


def check_base_year(world: World) -> None:
    """Refuse to start when a total of the base year is missed by more than its tolerance, and show the balance.

    Raises
    ------
    ScenarioError
    """
    faults = []
    for name, (model, stated, tolerance, unit) in base_year_balance(world).items():
        gap = 100.0 * (model / stated - 1.0) if stated else 0.0
        if not abs(gap) <= tolerance:
            rule = (
                f"the model gives {model:,.0f} {unit}, the place states {stated:,.0f} {unit}: "
                f"{gap:+.1f} %, allowed {tolerance:g} %"
            )
            faults.append(_fault(world.scenario, f"gate.{name}", rule, "Correct the balance of the place or its gate."))
    if faults:
        raise ScenarioError(faults)


def _started(scenario: Scenario) -> World:
    """Return a copy of the spun-up world of a scenario's place, made once and kept."""
    key = scenario.start_key
    if key not in _starts:
        with second_compiler():
            _starts[key] = spun_up_world(scenario)
        while len(_starts) > KEPT_STARTS:
            _starts.popitem(last=False)
    _starts.move_to_end(key)
    return _starts[key].copy()


def export_share(world: World) -> np.ndarray:
    """Return the exported part of final demand by sector, shape (S,): the mean of enterprises by their final share."""
    sector, n = world.constants.sector, world.constants.n_sectors
    final = world.state["production"]["final_share"]
    exported = np.bincount(sector, final * world.state["conduct"]["export_share"], n)
    return exported / np.maximum(np.bincount(sector, final, n), 1e-12)


def build_world(
    scenario: Scenario, seed: int = 1, keep_agents: bool = True, keep_decisions: bool = True, multiply: int = 1
) -> World:
    """Return a world of its own, ready for its first quarter.

    Raises
    ------
    ScenarioError
        When the run does not start in the base year of its place, or the place fails its gate.
    """
    if scenario.clock.start_year != scenario.place.base_year:
        rule = f"a run starts in the base year of its place, {scenario.place.base_year}"
        raise ScenarioError(
            [_fault(scenario, "horizon.start_year", rule, "Leave start_year out.", str(scenario.clock.start_year))]
        )
    world = _started(scenario) if multiply == 1 else spun_up_world(scenario, multiply)
    _set_out(world, scenario, seed, keep_agents, keep_decisions)
    return world


def _set_out(world: World, scenario: Scenario, seed: int, keep_agents: bool, keep_decisions: bool) -> None:
    """Give a world its policy, its luck, what comes from outside, and an empty record."""
    world.scenario, world.seed, world.streams = scenario, seed, Streams(seed)
    world.lever_path = scenario.lever_path()
    world.calendar = policy_calendar(world.lever_path, world.params)
    world.outside = outside_of(scenario, world.state.carrier_cny_per_gj, export_share(world))
    world.recorder = Recorder(
        world.clock.n_quarters, world.constants.n_sectors, len(world.labels["counties"]),
        len(registry.technology_ids()), world.state.n_enterprises, keep_agents, keep_decisions,
    )  # fmt: skip
    world.control = control_of(scenario, world)


def unproven_world(scenario: Scenario) -> World:
    """Return a world in its first quarter without the years before it: of the right form, its figures mean nothing."""
    world = make_world(scenario)
    _set_out(world, scenario, seed=1, keep_agents=False, keep_decisions=True)
    world.quarter, world.frozen = 0, False
    return world


def build_model(
    scenario: Scenario, seed: int = 1, keep_agents: bool = True, keep_decisions: bool = True
) -> TransitionModel:
    """Return a Mesa model to step by hand or to run; two models never share a state. Not for a portfolio.

    Parameters
    ----------
    scenario : Scenario
    seed : int
        Same scenario and seed give the same tables, byte for byte; the same seed pairs runs of different policies.
    keep_agents, keep_decisions : bool
        Remember the yearly table of enterprises, and every decision with its options.
    """
    if scenario.place.members:
        rule = "a portfolio is no single model"
        raise ScenarioError([_fault(scenario, "members", rule, "Take build_portfolio, run it, or take a member.")])
    return TransitionModel(build_world(scenario, seed, keep_agents, keep_decisions))


def build_portfolio(
    scenario: Scenario, seed: int = 1, keep_agents: bool = True, keep_decisions: bool = True
) -> PortfolioModel:
    """Return the members of a portfolio side by side, ready for their first quarter.

    Raises
    ------
    ScenarioError
        When a member cannot be built or misses the totals of its base year.
    """
    worlds = []
    for member in member_scenarios(scenario):
        world = build_world(member, seed, keep_agents, keep_decisions)
        world.streams = member_streams(seed, member.place.id)
        worlds.append(world)
    return PortfolioModel(scenario, worlds, seed)


def run(
    scenario: Scenario,
    seed: int = 1,
    on_quarter: Callable[[int, int], None] | None = None,
    keep_agents: bool = True,
    keep_decisions: bool = True,
) -> RunResult:
    """Run a scenario to its horizon and return the tables.

    Parameters
    ----------
    on_quarter : callable, optional
        Called with (quarters done, quarters in all).
    """
    build = build_portfolio if scenario.place.members else build_model
    result = build(scenario, seed, keep_agents, keep_decisions).run(on_quarter)
    mark_run()
    return result
