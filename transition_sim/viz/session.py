"""What one visitor looks at: history of drafts, baseline, language, page; every action gives a new session."""

import math
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from transition_sim.core.errors import ScenarioError
from transition_sim.experiments.library import list_studies
from transition_sim.viz import link
from transition_sim.viz.draft import (
    PRESETS,
    Draft,
    History,
    Move,
    acting_levers,
    default_full_year,
    default_start_year,
    preset_scenario,
)
from transition_sim.viz.lessons import lessons, missing, step_draft
from transition_sim.viz.outside import fitting_shocks
from transition_sim.viz.own_study import OWN, OwnStudy, changed
from transition_sim.viz.policy_file import read_policy
from transition_sim.viz.words import Language

Page = Literal[
    "explore", "scoreboard", "compare", "uncertainty", "attribution", "firms", "lessons", "research", "assumptions",
    "files",
]  # fmt: skip
PAGES: tuple[Page, ...] = get_args(Page)
ENSEMBLES = (12, 24, 48, 96)
REPLICATES = (1, 2, 4, 8, 16, 32)
"""Seeds at each point of a study."""
MAX_UPLOAD = 256 * 1024
LONGEST_KEY = 60


@dataclass(frozen=True)
class Session:
    """One visitor.

    Attributes
    ----------
    history : History
    baseline : str
        Preset that everything is compared with.
    is_baseline_shocked : bool
        Whether the shock of the policy happens to the baseline too.
    language, page, left : str
        ``left`` is the page before that of files and links: where a link leads.
    firm : int, optional
        Row of the enterprise that is looked at.
    lesson, step : str, int
        Lesson that is open, and its step.
    answer : int, optional
        Choice made in the step.
    pins : tuple of Draft
        Scenarios kept for comparison, the oldest first.
    indicator : str
        Key of the indicator that is compared over the years.
    measure : str
        Key of the measure that is attributed to parts of the policy.
    runs : int, optional
        Size of the ensemble; None: that of the server.
    study, replicates, own : str, int, OwnStudy
        Study that is looked at, its seeds at each point, and the visitor's own.
    loaded, faults, unread : str, tuple, tuple
        What came of the last upload, and the parts of the link that were not understood.
    """

    history: History = field(default_factory=History)
    baseline: str = "current"
    is_baseline_shocked: bool = False
    language: Language = "zh"
    page: Page = "explore"
    left: Page = "explore"
    firm: int | None = None
    lesson: str = ""
    step: int = 0
    answer: int | None = None
    pins: tuple[Draft, ...] = ()
    indicator: str = "dual_control_mtco2"
    measure: str = "cumulative_dual_control_mtco2"
    runs: int | None = None
    study: str = OWN
    replicates: int = 4
    own: OwnStudy = field(default_factory=OwnStudy)
    loaded: dict[str, str] | None = None
    faults: tuple[Any, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def draft(self) -> Draft:
        return self.history.now

    @property
    def baseline_draft(self) -> Draft:
        return Draft(self.draft.place, self.baseline, shock=self.draft.shock if self.is_baseline_shocked else "")

    # --- levers -------------------------------------------------------------------------------------------------

    def move(self, key: str, value: Any, time: float, start: Any = None, full: Any = None) -> "Session":
        """Move a lever; what is no number or no lever changes nothing, values are kept within the range."""
        lever = acting_levers().get(key)
        number, first, last = _number(value), _number(start), _number(full)
        if lever is None or number is None:
            return self
        preset = preset_scenario(self.draft.place, self.draft.preset)
        clock = preset.clock
        old = self.draft.by_key.get(key)
        hand = old if old is not None and old.setting is None else None
        begins = first if first is not None else hand.start_year if hand else default_start_year(preset)
        begins = int(min(max(begins, clock.start_year), clock.end_year))
        ends = last if last is not None else hand.full_year if hand else default_full_year(preset, lever, begins)
        ends = int(min(max(ends, begins), clock.end_year))
        value = min(max(number, lever.low), lever.high)
        value = float(value >= 0.5 * (lever.low + lever.high)) if lever.kind == "switch" else value
        draft = self.draft.moved(key, Move(value, begins, ends))
        return replace(self, history=self.history.to(draft, key, time))

    def take_back(self, key: str) -> "Session":
        """Put a lever back on its preset."""
        return replace(self, history=self.history.to(self.draft.moved(key, None)))

    def choose_preset(self, preset: str) -> "Session":
        """Start from another preset; levers that were moved are put back."""
        if preset not in PRESETS:
            return self
        return replace(self, history=self.history.to(replace(self.draft, preset=preset, moves=())), lesson="")

    def choose_baseline(self, preset: str) -> "Session":
        return replace(self, baseline=preset) if preset in PRESETS else self

    def reset(self) -> "Session":
        """Put all levers back on the preset."""
        return replace(self, history=self.history.to(replace(self.draft, moves=())))

    def choose_shock(self, shock: str) -> "Session":
        """Let a shock of the library happen, or none."""
        if shock not in ("", *fitting_shocks(self.draft.place)):
            return self
        return replace(self, history=self.history.to(replace(self.draft, shock=shock)), lesson="")

    def shock_baseline(self, does: Any) -> "Session":
        """Let the shock happen to the baseline too, or not."""
        return replace(self, is_baseline_shocked=does is True)

    def jump(self, step: Any) -> "Session":
        """Look at a step of the log again; what is no step of it changes nothing."""
        number = _number(step)
        return self if number is None else replace(self, history=self.history.jump(int(number)))

    def undo(self) -> "Session":
        return replace(self, history=self.history.undo())

    def redo(self) -> "Session":
        return replace(self, history=self.history.redo())

    # --- scenarios kept for comparison --------------------------------------------------------------------------

    @property
    def can_pin(self) -> bool:
        """Whether there is room, and the policy is not kept already."""
        return len(self.pins) < link.MOST_PINS and self.draft not in self.pins

    def pin(self) -> "Session":
        """Keep the policy as it is for comparison."""
        return replace(self, pins=(*self.pins, self.draft)) if self.can_pin else self

    def unpin(self, index: Any) -> "Session":
        number = _number(index)
        kept = tuple(draft for k, draft in enumerate(self.pins) if k != number)
        return replace(self, pins=kept)

    def take(self, index: Any) -> "Session":
        """Put the levers where a kept scenario has them."""
        number = _number(index)
        if number is None or number != int(number) or not 0 <= number < len(self.pins):
            return self
        return replace(self, history=self.history.to(self.pins[int(number)]), lesson="")

    def choose_indicator(self, key: str) -> "Session":
        return replace(self, indicator=key) if len(key) <= LONGEST_KEY else self

    def choose_measure(self, key: str) -> "Session":
        return replace(self, measure=key) if len(key) <= LONGEST_KEY else self

    def choose_runs(self, runs: Any) -> "Session":
        """Set the size of the ensemble to one of ``ENSEMBLES``."""
        number = _number(runs)
        return replace(self, runs=int(number)) if number in ENSEMBLES else self

    # --- studies ------------------------------------------------------------------------------------------------

    def choose_study(self, name: str) -> "Session":
        return replace(self, study=name) if name in (OWN, *list_studies()) else self

    def choose_replicates(self, n: Any) -> "Session":
        """Set the seeds of a study to one of ``REPLICATES``."""
        number = _number(n)
        return replace(self, replicates=int(number)) if number in REPLICATES and number is not None else self

    def change_own(self, do: str, key: str, action: dict[str, Any]) -> "Session":
        """Change the visitor's own study."""
        numbers = {name: _number(action.get(name)) for name in ("value", "low", "high")}
        return replace(self, own=changed(self.own, do, key, numbers, self.draft.by_key))

    # --- pages --------------------------------------------------------------------------------------------------

    def switch_language(self) -> "Session":
        return replace(self, language="en" if self.language == "zh" else "zh")

    def go(self, page: str) -> "Session":
        if page not in PAGES:
            return self
        return replace(self, page=page, left=self.left if self.page == "files" else self.page)

    def look_at(self, firm: Any, page: str = "") -> "Session":
        number = _number(firm)
        return replace(
            self, firm=None if number is None else int(number), page=self.page if page == "" else self.go(page).page
        )

    # --- lessons ------------------------------------------------------------------------------------------------

    def open_step(self, lesson: str, step: int) -> "Session":
        """Open a step of a lesson and set its levers; outside the lesson, or where it is not true, nothing changes."""
        if lesson not in lessons() or not 0 <= step < len(lessons()[lesson].steps):
            return self
        if missing(lessons()[lesson], preset_scenario(self.draft.place, self.draft.preset).place):
            return self
        content = lessons()[lesson].steps[step]
        history = self.history.to(step_draft(content, self.draft.place))
        return replace(
            self,
            history=history,
            baseline=content.baseline,
            is_baseline_shocked=content.is_baseline_shocked,
            lesson=lesson,
            step=step,
            answer=None,
            page="lessons",
        )

    def leave_lesson(self) -> "Session":
        return replace(self, lesson="", step=0, answer=None)

    def choose_answer(self, choice: Any) -> "Session":
        number = _number(choice)
        return replace(self, answer=None if number is None else int(number))

    # --- files and links ----------------------------------------------------------------------------------------

    def upload(self, data: bytes) -> "Session":
        """Load a policy file; a bad one changes nothing but the faults that are shown."""
        try:
            draft, names = read_policy(data, self.draft.place)
        except ScenarioError as error:
            return replace(self, loaded=None, faults=error.faults)
        history = self.history.to(replace(draft, shock=self.draft.shock))
        return replace(self, history=history, loaded=names, faults=())

    def query(self) -> tuple[str, bool]:
        """Return the query of the share link, and whether it holds all."""
        page = self.left if self.page == "files" else self.page
        return link.to_query(self.draft, self.baseline, self.language, page, self.pins, self.is_baseline_shocked)


def opened(query: str | None, place: str, language: Language) -> Session:
    """Return the session of a visitor who comes by a link."""
    shared = link.from_query(query, place)
    unread = shared.unread if shared.page in ("", *PAGES) else (*shared.unread, f"g={shared.page}")
    session = Session(
        History(shared.draft), shared.baseline, shared.is_baseline_shocked, shared.language or language,
        pins=shared.pins, unread=unread,
    )  # fmt: skip
    return session.go(shared.page)


def _number(value: Any) -> float | None:
    """Return a finite number, None for anything else that a browser may send."""
    if isinstance(value, bool):
        return float(value)
    if not isinstance(value, int | float | str) or (isinstance(value, str) and len(value) > 40):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def act(session: Session, action: Any, time: float) -> Session:
    """Return the session after what a widget asks; anything that is not understood changes nothing.

    Parameters
    ----------
    action : dict
        ``do`` names the action, other keys are what it takes; comes from a browser, so nothing in it is trusted.
    time : float
        Now, in seconds.
    """
    if not isinstance(action, dict):
        return session
    text = {key: value for key, value in action.items() if isinstance(value, str) and len(value) <= MAX_UPLOAD}
    do, key = text.get("do"), text.get("key", "")
    if do == "move":
        return session.move(key, action.get("value"), time, action.get("start"), action.get("full"))
    if do == "upload":
        return session.upload(text.get("text", "").encode("utf-8", "replace"))
    if do == "own":
        return session.change_own(text.get("what", ""), key, action)
    if do == "step":
        step = _number(action.get("step"))
        return session.open_step(key, -1 if step is None else int(step))
    plain = {
        "back": lambda: session.take_back(key), "preset": lambda: session.choose_preset(key),
        "baseline": lambda: session.choose_baseline(key), "shock": lambda: session.choose_shock(key),
        "shock_baseline": lambda: session.shock_baseline(action.get("on")), "page": lambda: session.go(key),
        "firm": lambda: session.look_at(action.get("row"), key),
        "measure": lambda: session.choose_measure(key), "runs": lambda: session.choose_runs(key),
        "pin": session.pin, "unpin": lambda: session.unpin(action.get("index")),
        "take": lambda: session.take(action.get("index")), "indicator": lambda: session.choose_indicator(key),
        "answer": lambda: session.choose_answer(action.get("choice")),
        "study": lambda: session.choose_study(key), "replicates": lambda: session.choose_replicates(key),
        "jump": lambda: session.jump(action.get("step")),
        "undo": session.undo, "redo": session.redo, "reset": session.reset,
        "language": session.switch_language, "leave": session.leave_lesson,
    }  # fmt: skip
    return plain[do]() if do in plain else session
