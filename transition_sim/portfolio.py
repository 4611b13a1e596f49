"""Places side by side: each a world of its own, stepped in lockstep, with what their province and their pilots share.

Once a quarter, after the power market, the members of a node agree on the emission factor and the clean share of their
province; weather and demand come from streams that all members have in common. At its end they pool the experience with
equipment. Once a year they look at each other's pilots. Nothing else passes between members: money, permits, goods and
certificates stay inside each, and each closes its own identities.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.errors import ConservationError
from transition_sim.core.streams import Streams
from transition_sim.model import TransitionModel
from transition_sim.results import RunResult, in_years
from transition_sim.scenarios import registry
from transition_sim.scenarios.scenario import Scenario
from transition_sim.world import columns as declared
from transition_sim.world.accounting.near_zero_park import part_points, track_points
from transition_sim.world.policy.pilots import PilotLearning, location_likeness, overlap, similarity
from transition_sim.world.recorder import PLACE_INDEX, Recorder
from transition_sim.world.whole import whole_labels, whole_recorder
from transition_sim.world.world import World

SHARED_STREAMS = frozenset({"hydrology", "demand"})
"""Weather and the demand of sectors are those of the province: one draw for all members."""
ADOPTION = [c.name for c in declared.TECHNOLOGY].index("adoption_share")


def member_scenarios(scenario: Scenario) -> list[Scenario]:
    """Return the scenarios of the members: their place under the levers, parameters, years and shocks of the whole."""
    return [replace(scenario, place=member) for member in scenario.place.members]


def member_streams(seed: int, member_id: str) -> Streams:
    """Return the random numbers of a member: its own, but for what the province draws for all."""
    return Streams(seed, member_id, SHARED_STREAMS)


class PortfolioModel:
    """Members in lockstep; step it quarter by quarter, or ``run`` it to its horizon.

    Parameters
    ----------
    scenario : Scenario
        Of a place with members.
    worlds : list of World
        One a member, in their order, ready for the first quarter.
    seed : int
    """

    def __init__(self, scenario: Scenario, worlds: list[World], seed: int):
        self.scenario, self.seed = scenario, seed
        self.models = [TransitionModel(world) for world in worlds]
        self.streams = Streams(seed)
        self.nodes = _by_node(worlds)
        for members in self.nodes.values():
            _agree_on_the_past(members)
        deployment = np.array([world.start_deployment for world in worlds])
        for world, others in zip(worlds, deployment.sum(axis=0) - deployment, strict=True):
            world.elsewhere.start_deployment = others
        self.pilots = _pilots(worlds)

    @property
    def worlds(self) -> list[World]:
        return [model.world for model in self.models]

    @property
    def quarter(self) -> int:
        """Index of the next quarter to run."""
        return self.models[0].quarter

    def step(self) -> None:
        """Run one quarter of every member.

        Raises
        ------
        ConservationError
            When an identity of a member or of a node does not close; its notes name the member.
        StopIteration
            After the last quarter of the horizon.
        """
        for model in self.models:
            _named(model, TransitionModel.plan_and_supply)
        for node, members in self.nodes.items():
            _share_node(node, members)
        for model in self.models:
            _named(model, TransitionModel.deliver_and_learn)
        self._pool_experience()
        if self.quarter % QUARTERS_PER_YEAR == 0:
            self._look_at_pilots()

    def run(self, on_quarter: Callable[[int, int], None] | None = None) -> RunResult:
        """Run to the end of the horizon and return the whole, with the result of each member.

        Parameters
        ----------
        on_quarter : callable, optional
            Called with (quarters done, quarters in all).
        """
        total = self.worlds[0].clock.n_quarters
        while self.quarter < total:
            self.step()
            if on_quarter is not None:
                on_quarter(self.quarter, total)
        return self.result()

    def result(self) -> RunResult:
        """Return the tables of the whole as far as the run has come: counties are members, flows are sums."""
        worlds, first = self.worlds, self.worlds[0]
        ids = [world.scenario.place.id for world in worlds]
        noted = {
            "population_seed": first.scenario.place.population_seed, "members": ids,
            "replicability": self.pilots.replicability(),
        }  # fmt: skip
        recorder = whole_recorder([world.recorder for world in worlds], [w.labels for w in worlds], ids)
        labels = whole_labels([world.labels for world in worlds], ids)
        members = {key: model.result() for key, model in zip(ids, self.models, strict=True)}
        return RunResult(
            self.scenario, self.seed, first.clock, recorder, labels, noted, members=members, copies=self._copies(ids)
        )

    # --- what members share ---------------------------------------------------------------------------------------

    def _pool_experience(self) -> None:
        added = np.array([world.additions for world in self.worlds])
        for world, others in zip(self.worlds, added.sum(axis=0) - added, strict=True):
            world.elsewhere.additions = others

    def _look_at_pilots(self) -> None:
        """Let members copy practices after the last quarter of a year (SM23)."""
        worlds, quarter = self.worlds, self.quarter - 1
        share = np.array([world.recorder.technology[quarter, :, ADOPTION] for world in worlds])
        uniforms = self.streams.uniforms("pilot_learning", quarter, share.shape[0] * share.size)
        shown = self.pilots.learn(
            worlds[0].clock.year(quarter), share, np.array([_score(w.recorder, quarter) for w in worlds]),
            np.array([w.recorder.place[quarter, PLACE_INDEX["capability"]] for w in worlds]),
            uniforms.reshape(share.shape[0], *share.shape),
        )  # fmt: skip
        for world, own in zip(worlds, shown, strict=True):
            world.elsewhere.shown_share = own

    def _copies(self, ids: list[str]) -> list[dict[str, object]]:
        technologies = self.worlds[0].labels["technologies"]
        return [
            {"year": c.year, "pilot": ids[c.pilot], "place": ids[c.place], "technology": technologies[c.technology]}
            for c in self.pilots.copies
        ]


def _named(model: TransitionModel, part: Callable[[TransitionModel], None]) -> None:
    """Run a part of the quarter of a member; a broken identity says whose it is."""
    try:
        part(model)
    except ConservationError as error:
        error.add_note(f"member {model.world.scenario.place.id}")
        raise


def _by_node(worlds: list[World]) -> dict[str, list[World]]:
    nodes: dict[str, list[World]] = {}
    for world in worlds:
        nodes.setdefault(str(world.scenario.place.node), []).append(world)
    return nodes


def _agree_on_the_past(members: list[World]) -> None:
    """Give the members of a node one history of their province, so that its factor is one number from the start."""
    past = np.mean([world.power.factors_tco2_per_mwh for world in members], axis=0)
    start = float(past[:, 0].sum() / past[:, 1].sum()) if past[:, 1].sum() > 0 else 0.0
    for world in members:
        world.power.factors_tco2_per_mwh = [(float(t), float(m)) for t, m in past]
        world.power.start_province_tco2_per_mwh = start


def _share_node(node: str, members: list[World]) -> None:
    """Let the members of a node agree on their province: each saw it with its own load at its end of the lines.

    Raises
    ------
    ConservationError
        When they use more than the province generates.
    """
    power = [world.power for world in members]
    used = sum(p.quarter.delivered_mwh for p in power)
    tonnes, mwh = np.mean([p.factors_tco2_per_mwh[-1] for p in power], axis=0).tolist()
    if used > mwh:
        raise ConservationError(f"B01 electricity of node {node}", used - mwh, "MWh", members[0].label)
    clean = float(np.mean([p.quarter.province_clean_share for p in power]))
    province = float(np.mean([p.quarter.province_tco2_per_mwh for p in power]))
    for p in power:
        p.factors_tco2_per_mwh[-1] = (tonnes, mwh)
        p.quarter.province_clean_share, p.quarter.province_tco2_per_mwh = clean, province


def _pilots(worlds: list[World]) -> PilotLearning:
    """Return the learning of members from each other: alike by resources, by structure and by location."""
    places, n_sectors = [world.scenario.place for world in worlds], worlds[0].constants.n_sectors
    sectors, carriers = list(registry.sector_ids()), list(registry.carrier_ids())
    output, energy = np.zeros((len(places), n_sectors)), np.zeros((len(places), len(carriers)))
    for row, place in enumerate(places):
        for total in place.sectors:
            output[row, sectors.index(total.sector)] += float(total.output)
        for balance in place.energy_balance:
            energy[row, carriers.index(balance.carrier)] += float(balance.enterprises)
    likeness = similarity(
        overlap(energy / energy.sum(axis=1, keepdims=True)), overlap(output / output.sum(axis=1, keepdims=True)),
        location_likeness([p.node for p in places], [p.region for p in places]),
    )  # fmt: skip
    p = worlds[0].params[0]
    is_practice = np.array([technology.is_green for technology in registry.technologies()])
    return PilotLearning(
        likeness, is_practice, float(p["pilot_hazard_per_year"]), float(p["pilot_practice_share"]),
        float(p["pilot_success_share"]), float(p["pilot_success_years"]),
    )  # fmt: skip


def _score(recorder: Recorder, quarter: int) -> float:
    """Return the near-zero score of a member after a year, 0 to 1: what makes it a pilot worth looking at."""
    years = (quarter + 1) // QUARTERS_PER_YEAR
    quarters = recorder.place[: years * QUARTERS_PER_YEAR]

    def annual(column: str) -> np.ndarray:
        k = PLACE_INDEX[column]
        return in_years(quarters[:, k : k + 1], declared.PLACE[k : k + 1])[:, 0]

    def yearly(column: str) -> np.ndarray:
        over, _, under = column.partition("/")
        return annual(over) / annual(under) if under else annual(over)

    rows = registry.near_zero_criteria().values()
    return track_points(rows, part_points(rows, yearly, years - 1))["score"] / 100.0
