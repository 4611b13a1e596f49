"""Pictures of some scenarios with the same seeds, as they come from the processes of the laboratory."""

from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from transition_sim.scenarios.scenario import Scenario
from transition_sim.viz.laboratory import Laboratory
from transition_sim.viz.picture import Picture


class Gathering:
    """Asks for scenarios with seeds, and keeps what came; what is known already is there at once.

    Parameters
    ----------
    laboratory : Laboratory
    strict : bool
        Whether a run that fails is an error; else it is counted and left out.
    """

    def __init__(self, laboratory: Laboratory, strict: bool = True):
        self._laboratory, self._strict = laboratory, strict
        self.n_failed = 0
        self._found: dict[tuple[str, int], Picture] = {}
        self._asked: dict[Future[Any], tuple[str, int]] = {}

    def ask(self, scenarios: Sequence[Scenario], seeds: Iterable[int]) -> None:
        """Ask for every scenario with every seed.

        Parameters
        ----------
        scenarios : sequence of Scenario
            Those with the same hash are run once.
        seeds : iterable of int
            In this order: all scenarios of a seed come before the next seed.
        """
        different = {scenario.hash: scenario for scenario in scenarios}
        for seed in seeds:
            for scenario in different.values():
                self._ask_one(scenario, seed)

    def _ask_one(self, scenario: Scenario, seed: int) -> None:
        known = self._laboratory.known(scenario, seed)
        if known is not None:
            known = self._laboratory.complete(known)
            self._found[scenario.hash, seed] = known
        if (known is None or known.sample is None) and self._laboratory.has_workers:
            self._asked[self._laboratory.submit(scenario, seed)] = (scenario.hash, seed)

    @property
    def n_waiting(self) -> int:
        """Runs that are still to come."""
        return len(self._asked)

    @property
    def n_found(self) -> int:
        """Runs that are there."""
        return len(self._found)

    def take(self, seconds: float, or_until: "Future[None] | None" = None) -> None:
        """Wait for a run at most so long, or until something else is known, and keep what came.

        Raises
        ------
        RuntimeError
            With the message of a run that failed.
        concurrent.futures.CancelledError, BrokenProcessPool
            When the processes end.
        """
        others = () if or_until is None else (or_until,)
        ready, _ = wait([*self._asked, *others], timeout=seconds, return_when=FIRST_COMPLETED)
        for future in ready - set(others):
            key = self._asked.pop(future)
            picture, message = future.result()
            if picture is None:
                if self._strict:
                    raise RuntimeError(message)
                self.n_failed += 1
                continue
            self._found[key] = picture
            self._laboratory.pictures.put(key, picture)

    def of(self, scenario: Scenario) -> dict[int, Picture]:
        """Return the pictures of a scenario by seed, in order of seeds."""
        return {seed: self._found[h, seed] for h, seed in sorted(self._found) if h == scenario.hash}

    def cancel(self) -> None:
        """Give up what has not begun."""
        for future in self._asked:
            future.cancel()
