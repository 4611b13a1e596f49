"""Calls the rules of a first quarter once, so that they are compiled: what a second process does at the first run."""

import warnings

import numpy as np

from transition_sim.build import unproven_world
from transition_sim.quarter import carbon, city, exogenous, government, investment, learning
from transition_sim.scenarios.scenario import load_scenario
from transition_sim.world.markets.green_orders import Buyers, Sellers, Terms
from transition_sim.world.markets.green_power import negotiate_contracts, trade_quarter


def compile_first_quarter() -> None:
    """Run the phases that the years before a run leave out, in a world that has not lived them.

    Types are all that matters here: the figures of such a world mean nothing and go nowhere.
    """
    compile_green_power()
    world = unproven_world(load_scenario("guangan_city", policy="current"))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for phase in (
            investment.plan, city.live, government.open_programmes, carbon.open_market, carbon.trade,
            exogenous.open_quarter, investment.commission, learning.update,
        ):  # fmt: skip
            phase(world)


def compile_green_power() -> None:
    """Call the rules of the green-power market once, with the types that a run gives them."""
    one, yes = np.ones(1), np.ones(1, bool)
    sellers = Sellers(10.0 * one, one, yes, 10.0 * one)
    buyers = Buyers(10.0 * one, one, one, 2.0 * one, yes, yes)
    terms = Terms(1.0, 0.5, 0.0, 2160.0, 50.0, 0.5, 0.5, 50.0, 0.1, float("nan"))
    contracts = negotiate_contracts(sellers.metered_mwh, sellers, buyers, terms, 0.5, True, one, one)
    trade_quarter(sellers, buyers, contracts, terms, one, one)
