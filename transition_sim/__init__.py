"""transition_sim: who adopts what and when, and who pays, on the way to a carbon peak.

The doors below are opened on first use, so that ``import transition_sim`` costs nothing::

    import transition_sim as ts

    scenario = ts.load_scenario("guangan_city", policy="current", overlay={"levers": {"capex_subsidy_share": 0.2}})
    result = ts.run(scenario, seed=1)
    result.place  # a DataFrame, a row a quarter
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transition_sim.build import build_model, run
    from transition_sim.checkpoint import load_checkpoint, save_checkpoint
    from transition_sim.comparison import Comparison, compare
    from transition_sim.core.errors import ConservationError, ScenarioError
    from transition_sim.results import RunResult
    from transition_sim.scenarios import Scenario, check_file, list_places, list_policies, list_shocks, load_scenario
    from transition_sim.version import __version__

__all__ = [
    "Comparison",
    "ConservationError",
    "RunResult",
    "Scenario",
    "ScenarioError",
    "__version__",
    "build_model",
    "check_file",
    "compare",
    "list_places",
    "list_policies",
    "list_shocks",
    "load_checkpoint",
    "load_scenario",
    "run",
    "save_checkpoint",
]

_DOORS = {
    "Comparison": "comparison",
    "ConservationError": "core.errors",
    "RunResult": "results",
    "Scenario": "scenarios",
    "ScenarioError": "core.errors",
    "__version__": "version",
    "build_model": "build",
    "check_file": "scenarios",
    "compare": "comparison",
    "list_places": "scenarios",
    "list_policies": "scenarios",
    "list_shocks": "scenarios",
    "load_checkpoint": "checkpoint",
    "load_scenario": "scenarios",
    "run": "build",
    "save_checkpoint": "checkpoint",
}


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    door = getattr(import_module(f"{__name__}.{_DOORS[name]}"), name)
    globals()[name] = door
    return door


def __dir__() -> list[str]:
    return sorted({*globals(), *_DOORS})
