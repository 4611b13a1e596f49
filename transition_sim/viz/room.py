"""What every page of one visitor is given."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import solara

from transition_sim.scenarios.scenario import Scenario
from transition_sim.viz.desk import View
from transition_sim.viz.laboratory import Laboratory
from transition_sim.viz.outside import preset_name
from transition_sim.viz.session import Session
from transition_sim.viz.widgets import Act
from transition_sim.viz.words import Words

log = logging.getLogger(__name__)
Shown = TypeVar("Shown")


@dataclass(frozen=True, eq=False)
class Room:
    """Session, newest answer, words, and what passes on what the visitor does."""

    session: Session
    view: View
    words: Words
    on_act: Act
    laboratory: Laboratory

    @property
    def is_stale(self) -> bool:
        """Whether the answer is about to be replaced."""
        return self.view.status == "computing"

    @property
    def is_answered(self) -> bool:
        """Whether the answer is that of the levers as they stand."""
        done = self.view.done > 0 and not self.is_stale and self.view.status != "failed"
        return done and self.view.policy[0].hash == self.policy.hash

    @property
    def policy(self) -> Scenario:
        return self.session.draft.scenario()

    @property
    def baseline(self) -> Scenario:
        return self.session.baseline_draft.scenario()

    @property
    def baseline_name(self) -> str:
        return preset_name(self.session.baseline_draft, self.words)

    @property
    def answer(self) -> tuple[int, int, str]:
        """What memos of this answer depend on."""
        return (self.view.number, self.view.done, self.session.language)


def safely(make: Callable[[], Shown]) -> Shown | None:
    """Return what is made; None where it fails, with the traceback in the log only."""
    try:
        return make()
    except Exception:
        log.exception("a part of the page could not be shown")
        return None


@solara.component
def Broken(words: Words) -> None:
    """A part of the page that could not be shown, as a sentence."""
    with solara.Div(classes=["ts-error", "ts-broken"]):
        solara.Text(words("page_broken"))
