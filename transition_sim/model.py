"""The order of a quarter, one line a phase; the science stands in the rooms below."""

import inspect
import re
from collections.abc import Callable

import mesa
import networkx
import numpy as np

from transition_sim.agents.enterprise import Enterprise
from transition_sim.agents.financier import Bank, GreenFund
from transition_sim.agents.government import CityGovernment, CountyGovernment
from transition_sim.agents.utility import CoalPlant, GasSupplier, GridCompany, PowerPlant, RenewableGenerator
from transition_sim.quarter import (
    account,
    carbon,
    city,
    energy_rights,
    exogenous,
    expectations,
    government,
    green_power,
    investment,
    learning,
    management,
    money,
    power,
    production,
    record,
    research,
    symbiosis,
)
from transition_sim.results import RunResult
from transition_sim.world.supply_chain import edges_from, make_digraph
from transition_sim.world.world import World


class TransitionModel(mesa.Model):
    """A park or city in transition; step it quarter by quarter, or ``run`` it to its horizon.

    Parameters
    ----------
    world : World
        A built world of its own (see ``transition_sim.build_model``); two models never share one.

    Notes
    -----
    The Mesa agents are views of rows, made the first time somebody asks for ``agents`` or ``agents_by_type``. A model
    that nobody looks into makes none: Mesa 3.3 keeps every model alive that ever made an agent.
    """

    def __init__(self, world: World):
        super().__init__(rng=np.random.default_rng(world.seed))
        self.world = world
        self._views: list[Enterprise] | None = None

    @property
    def quarter(self) -> int:
        """Index of the next quarter to run; 0 is the first quarter of the start year."""
        return self.world.quarter

    def step(self) -> None:
        """Run one quarter (schedule 3.1).

        Raises
        ------
        ConservationError
            When an accounting identity does not close.
        StopIteration
            After the last quarter of the horizon.
        """
        self.plan_and_supply()
        self.deliver_and_learn()

    def plan_and_supply(self) -> None:
        """Run the quarter as far as the power market: what others of a portfolio share comes after it."""
        world = self.world
        if world.quarter >= world.clock.n_quarters:
            raise StopIteration(f"the horizon ends with {world.clock.end_year}Q4")
        exogenous.open_quarter(world)
        government.open_programmes(world)
        carbon.open_market(world)
        management.supervise(world)
        expectations.form(world)
        investment.plan(world)
        research.promote(world)
        investment.commission(world)
        production.plan(world)
        city.live(world)
        symbiosis.exchange(world)
        power.use_and_supply(world)

    def deliver_and_learn(self) -> None:
        """Run the rest of the quarter."""
        world = self.world
        production.deliver(world)
        green_power.trade(world)
        account.emissions(world)
        management.report(world)
        carbon.trade(world)
        energy_rights.trade_rights(world)
        money.settle(world)
        learning.update(world)
        symbiosis.renew(world)
        record.remember(world)
        world.quarter += 1

    def run(self, on_quarter: Callable[[int, int], None] | None = None) -> RunResult:
        """Run to the end of the horizon.

        Parameters
        ----------
        on_quarter : callable, optional
            Called with (quarters done, quarters in all) after each quarter: progress.
        """
        total = self.world.clock.n_quarters
        while self.world.quarter < total:
            self.step()
            if on_quarter is not None:
                on_quarter(self.world.quarter, total)
        return self.result()

    def result(self) -> RunResult:
        """Return the tables as far as the run has come."""
        world = self.world
        return RunResult(
            world.scenario, world.seed, world.clock, world.recorder, world.labels, supply_graph=self.supply_graph
        )

    def supply_graph(self) -> networkx.DiGraph:
        """Return the supply chain as a directed graph, supplier -> buyer, with the attributes of enterprises."""
        firms = self.world.labels["enterprise_attributes"]
        return make_digraph(edges_from(self.world.state.graph), firms["sector"], firms)

    # --- agents, made on first look -----------------------------------------------------------------------------

    @property
    def agents(self):
        """All agents, as a Mesa ``AgentSet``."""
        self._make_views()
        return super().agents

    @property
    def agents_by_type(self):
        """Agents by class, as Mesa ``AgentSet``s."""
        self._make_views()
        return super().agents_by_type

    def enterprise(self, row: int) -> Enterprise:
        """Return the enterprise of a row."""
        return self._make_views()[row]

    def _make_views(self) -> list[Enterprise]:
        if self._views is None:
            self._views = []
            self._views.extend(Enterprise(self, row) for row in range(self.world.state.n_enterprises))
            self._make_institutions()
        return self._views

    def _make_institutions(self) -> None:
        world = self.world
        GridCompany(self)
        GasSupplier(self)
        for unit, kind in enumerate(world.power.kinds):
            renewable = kind in ("hydro", "pv", "wind", "biomass")
            (CoalPlant if kind == "coal" else RenewableGenerator if renewable else PowerPlant)(self, unit)
        CityGovernment(self)
        for county in range(len(world.labels["counties"])):
            CountyGovernment(self, county)
        for bank in range(len(world.labels["banks"])):
            Bank(self, bank)
        if world.green_fund_cny > 0:
            GreenFund(self)


def phases() -> list[tuple[str, str]]:
    """Return (room, function) of every phase of a quarter in its order, as the methods of the model call them."""
    return re.findall(r"^ {8}(\w+)\.(\w+)\(world\)$", inspect.getsource(TransitionModel), re.MULTILINE)
