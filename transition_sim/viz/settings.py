"""What the server of the browser door is started with."""

from dataclasses import dataclass

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.scenarios.scenario import load_scenario
from transition_sim.viz.words import Language

DEFAULT_PORT = 8765
MOST_VISITORS = 60


@dataclass(frozen=True)
class Settings:
    """Settings of a server.

    Attributes
    ----------
    place : str
        Of the library.
    language : str, optional
        Of visitors whose link names none; None: as their browser asks, else Chinese.
    pairs : int
        Seeds of an ensemble; 1 shows no band.
    """

    place: str = "guangan_city"
    language: Language | None = None
    pairs: int = 12


def check_place(place: str) -> None:
    """Refuse what the pages cannot show: a place that does not load, and a portfolio.

    Raises
    ------
    ScenarioError
    """
    if load_scenario(place, policy="none").place.members:
        rule = "the browser shows one place at a time, and this is a portfolio"
        remedy = (
            f"Run it with 'transition-sim run {place}', or test its members with 'transition-sim park-test {place}'."
        )
        raise ScenarioError([Fault("arguments", None, "--place", place, rule, remedy)])


_current = Settings()


def current() -> Settings:
    """Return the settings of this server."""
    return _current


def use(settings: Settings) -> None:
    """Set the settings of this server; before the first visitor."""
    global _current
    _current = settings
