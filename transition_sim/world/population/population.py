"""The synthetic population of a place as the state of its base year (specification 4.1)."""

from dataclasses import dataclass

import numpy as np

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.streams import Streams
from transition_sim.core.tables import TableSet
from transition_sim.scenarios import registry
from transition_sim.scenarios.spec import PlaceSpec
from transition_sim.world.local_inputs import (
    NATIONAL_VALUE_ADDED_CNY,
    flegg_local_shares,
    local_input_table,
    national_output_cny,
)
from transition_sim.world.population import books
from transition_sim.world.population.chain import balance_edges
from transition_sim.world.population.energy import Uses, fit_uses
from transition_sim.world.population.roster import Roster, draw_roster
from transition_sim.world.population.stock import make_assets, make_slots
from transition_sim.world.reference import Reference
from transition_sim.world.state import ENTERPRISE_TABLES, State
from transition_sim.world.supply_chain import build_graph, draw_edges, draw_locations


@dataclass
class Population:
    """Enterprises of a place in its base year.

    Attributes
    ----------
    state : State
    roster : Roster
    uses : Uses
    local_input : ndarray, shape (S, S)
        Bought in the place per unit of output (SM02).
    final_demand_cny : ndarray, shape (S,)
        Mean quarter of the base year, so that the base-year outputs are what is ordered.
    border_share : ndarray, shape (N,)
        Share of sales under border carbon rules once they hold.
    location_km : ndarray, shape (N, 2)
    """

    state: State
    roster: Roster
    uses: Uses
    local_input: np.ndarray
    final_demand_cny: np.ndarray
    border_share: np.ndarray
    location_km: np.ndarray


def local_inputs(place: PlaceSpec, roster: Roster, params: np.ndarray) -> np.ndarray:
    """Return what enterprises buy in the place per unit of output, shape (S, S), by Flegg's quotient (4.1 step 3).

    ``local_buying_share`` is 1; at 0 nobody buys in the place, and there is no supply chain (null model N2).
    """
    n = len(registry.sector_ids())
    output = np.bincount(roster.sector, roster.output_cny, n)
    shares = flegg_local_shares(
        output, national_output_cny(), float(place.economy.gdp), NATIONAL_VALUE_ADDED_CNY,
        params[0]["local_share_exponent"],
    )  # fmt: skip
    present = np.bincount(roster.sector, minlength=n) > 1
    return local_input_table(registry.io_tables().total, shares * params[0]["local_buying_share"], present)


def split_demand(state: State, roster: Roster, local_input: np.ndarray) -> np.ndarray:
    """Write the shares of final demand and return it by sector, CNY/quarter: output less what other enterprises take.

    With these shares the base-year outputs are a fixed point of the orders (A06): nothing jumps when a run starts.
    """
    graph, n = state.graph, roster.n
    buyer = np.repeat(np.arange(n), np.diff(graph.supplier_start))
    taken = local_input[roster.sector[graph.supplier], roster.sector[buyer]] * graph.weight * roster.output_cny[buyer]
    sold = np.bincount(graph.supplier, taken, n)
    final = roster.output_cny - sold
    if (final < 0).any():
        worst = int(np.argmin(final / roster.output_cny))
        raise ValueError(f"enterprises buy more from {roster.ids[worst]} than it makes")
    by_sector = np.bincount(roster.sector, final, local_input.shape[0])
    state["production"]["final_share"] = final / np.where(by_sector > 0, by_sector, 1.0)[roster.sector]
    state["production"]["final_orders_cny"] = final / QUARTERS_PER_YEAR
    return by_sector / QUARTERS_PER_YEAR


def build_population(
    place: PlaceSpec, params: np.ndarray, reference: Reference, tariff_cny_per_mwh: np.ndarray, multiply: int = 1
) -> Population:
    """Return the enterprises, equipment, books and supply chain of a place in its base year.

    Parameters
    ----------
    place : PlaceSpec
    params : structured array, shape (1,)
    reference : Reference
    tariff_cny_per_mwh : ndarray, shape (2, n_shapes)
        Mean base-year tariff of medium (row 0) and high voltage by load shape.
    multiply : int
        Enterprises per enterprise of the place, at the same totals: for tests of scale.

    Raises
    ------
    ValueError
        Totals that cannot hold together.
    """
    streams = Streams(place.population_seed)
    roster = draw_roster(place, params, streams, multiply)
    uses = fit_uses(place, roster, reference, params, streams)
    slots, slot_start = make_slots(roster, uses, reference)
    assets = make_assets(roster, slots, uses, reference, params, streams, place.base_year)
    local_input = local_inputs(place, roster, params)
    p = params[0]
    rng = streams.generator("population.graph")
    location = draw_locations(rng, roster.county, len(place.counties), place.kind == "park")
    edges = draw_edges(
        rng, roster.sector, roster.county, roster.output_cny, location, local_input, p["supplier_count_mean"],
        p["supplier_distance_km"], p["supplier_weight_concentration"],
    )  # fmt: skip
    edges = balance_edges(edges, roster.sector, local_input, roster.output_cny, location)
    graph = build_graph(edges, roster.sector)
    price = np.ascontiguousarray(reference.carriers["price_cny_per_gj"])
    state = State(
        enterprises=TableSet(ENTERPRISE_TABLES, roster.n),
        fuel_gj=np.zeros((roster.n, price.size)),
        slots=slots,
        slot_start=slot_start,
        assets=assets,
        n_assets=uses.enterprise.size,
        graph=graph,
        carrier_cny_per_gj=price.copy(),
        expected_cny_per_gj=np.stack([price, price]),
        technology_capex_factor=np.ones(reference.technologies.size),
        tax_credit_cny=np.zeros((roster.n, int(p["tax_credit_carry_years"]))),
    )
    books.fill_production(state, roster, params)
    books.fill_conduct(state, roster, reference, place, params, streams)
    voltage = (roster.size_class == 2).astype(int)
    tariff = tariff_cny_per_mwh[voltage, state["conduct"]["load_shape"]]
    state["energy"]["tariff_cny_per_mwh"] = tariff
    books.fill_prices(state, roster, uses, reference, price, tariff, params, streams)
    books.fill_finance(state, roster, place, params, streams)
    border = books.border_share(roster, state["conduct"]["export_share"], params)
    return Population(state, roster, uses, local_input, split_demand(state, roster, local_input), border, location)
