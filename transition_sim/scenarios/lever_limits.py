"""Levers whose effect ends at the value of a parameter, and settings that go beyond it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from transition_sim.scenarios import registry
from transition_sim.scenarios.spec import Schedule
from transition_sim.scenarios.table_reader import Word, read_table


@dataclass(frozen=True)
class LeverLimit:
    """A lever that does nothing more above the value of a parameter, in the same unit."""

    lever: Word
    parameter: Word


@cache
def lever_limits() -> Mapping[str, str]:
    """Return the parameter that ends the effect of a lever, by the key of the lever.

    Raises
    ------
    ScenarioError
        When the table names what is no lever or parameter.
    """
    known = {"lever": tuple(registry.levers()), "parameter": tuple(registry.parameters())}
    return {row.lever: row.parameter for row in read_table("lever_limits", LeverLimit, ("lever",), None, known)}


def beyond(levers: Mapping[str, Any], parameters: Mapping[str, float | None]) -> Iterator[tuple[str, str, float]]:
    """Yield (lever, parameter, value at which its effect ends) of settings that ask for more at some time.

    Parameters
    ----------
    levers : mapping of key -> float or Schedule
    parameters : mapping of key -> float
        Those that are not at their default.
    """
    for key, parameter in lever_limits().items():
        setting, given = levers.get(key), parameters.get(parameter)
        limit = registry.parameters()[parameter].value if given is None else given
        values = [value for _, value in setting.path] if isinstance(setting, Schedule) else [setting or 0.0]
        if max(values) > limit:
            yield key, parameter, limit
