"""What the server of the browser door is started with."""

from dataclasses import dataclass

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


_current = Settings()


def current() -> Settings:
    """Return the settings of this server."""
    return _current


def use(settings: Settings) -> None:
    """Set the settings of this server; before the first visitor."""
    global _current
    _current = settings
