"""Books and conduct of the base year: capital, debt, margins, capability, commitments (4.1 steps 7 to 9)."""

import numpy as np

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.core.streams import Streams
from transition_sim.scenarios import registry
from transition_sim.scenarios.spec import PlaceSpec
from transition_sim.world.management import NEVER
from transition_sim.world.population.energy import Uses
from transition_sim.world.population.roster import Roster
from transition_sim.world.reference import Reference
from transition_sim.world.state import LARGE, SMALL, SOE, State

CAPABILITY_A, CAPABILITY_B = 2.0, 5.0
BORDER_SECTORS = ("CEM", "MET", "CHM")
"""Sectors with goods under the European border carbon rules: cement, iron, steel and aluminium, fertilisers."""
CAPITAL_RETURN_PER_YEAR = 0.12
"""Gross return beside depreciation that the surplus of the input-output table pays on capital [A]."""
EQUIPMENT_SHARE = 0.8
"""Energy equipment is at most this share of fixed assets [A]."""
COMMERCE_SECTOR = "SVC"


def capital_per_output(params: np.ndarray) -> np.ndarray:
    """Return fixed assets per annual output by sector, CNY per CNY/yr: surplus over depreciation and return [A]."""
    return registry.io_tables().surplus_share / (params[0]["depreciation_per_year"] + CAPITAL_RETURN_PER_YEAR)


def fill_conduct(state: State, roster: Roster, reference: Reference, place: PlaceSpec, params, streams) -> None:
    """Write capability, commitments, export, roofs, load shapes and places in the order of curtailment."""
    p, n, conduct = params[0], roster.n, state["conduct"]
    sectors = reference.sectors[roster.sector]
    level = np.array([p["capability_small_share"], p["capability_medium_share"], p["capability_large_share"]])
    beta = _beta(streams, "population.capability", n, CAPABILITY_A, CAPABILITY_B)
    mean = CAPABILITY_A / (CAPABILITY_A + CAPABILITY_B)
    drawn = np.minimum(1.0, level[roster.size_class] * beta / mean)
    # named works stand in the national list of large energy users, which asks for an energy manager
    conduct["audited_quarter"] = NEVER
    conduct["capability"] = np.where(roster.is_anchor, np.maximum(drawn, level[roster.size_class]), drawn)
    measures = streams.uniforms("population.measured", 0, n) < p["measured_start_share"]
    conduct["is_measured"] = measures & (roster.size_class == LARGE)
    conduct["is_committed"] = streams.uniforms("population.commit", 0, n) < p["commit_start_share"]
    conduct["committed_quarter"] = np.where(conduct["is_committed"], -1, 0)
    conduct["government_share"] = p["government_sales_share"]
    stated = {s.sector: s.export_share for s in place.sectors if s.export_share is not None}
    ids = np.array(registry.sector_ids())[roster.sector]
    conduct["export_share"] = [stated.get(s, share) for s, share in zip(ids, sectors["export_share"], strict=True)]
    conduct["roof_m2"] = sectors["roof_m2_per_10k_cny"] * roster.output_cny / 1e4
    conduct["load_shape"] = sectors["load_shape"]
    small_or_data = np.where(roster.size_class == SMALL, 2, np.where(ids == "DAT", 2, 1))
    conduct["shed_class"] = np.where(sectors["is_two_high"] > 0, 0, np.where(ids == COMMERCE_SECTOR, 3, small_or_data))
    conduct["is_anchor"] = roster.is_anchor


def border_share(roster: Roster, export_share: np.ndarray, params: np.ndarray) -> np.ndarray:
    """Return the share of sales that border carbon rules reach once they hold, shape (N,)."""
    ids = np.array(registry.sector_ids())[roster.sector]
    return np.where(np.isin(ids, BORDER_SECTORS), params[0]["cbam_export_share"] * export_share, 0.0)


def fill_prices(
    state: State, roster: Roster, uses: Uses, reference: Reference, fuel_cny_per_gj: np.ndarray,
    tariff_cny_per_mwh: np.ndarray, params: np.ndarray, streams: Streams,
) -> None:  # fmt: skip
    """Write the cost structure of the base year: prices are 1, margins those of the sector (SM02).

    What the input-output table calls energy is replaced by what the enterprise itself pays; other inputs take up the
    difference, at least nothing: an enterprise that uses much more energy than its sector earns less. Wages and other
    inputs are spread over enterprises around the mean of the sector: some make losses from the start (SM08).
    """
    io, prices = registry.io_tables(), state["prices"]
    carrier = reference.technologies["carrier"][uses.technology]
    fuel = np.bincount(uses.enterprise, uses.fuel_gj * fuel_cny_per_gj[np.maximum(carrier, 0)], roster.n)
    power = np.bincount(uses.enterprise, uses.elec_gj, roster.n) / 3.6 * tariff_cny_per_mwh
    energy = (fuel + power) / roster.output_cny
    s = roster.sector
    goods = io.total.sum(axis=0)[s]
    prices["price_index"] = 1.0
    prices["goods_cost_index"] = goods
    prices["energy_cost_index"] = energy
    spread = _spread(roster, params, streams)
    prices["wage_share"] = io.wages_share[s] * spread
    outside = 1.0 - goods - energy - io.wages_share[s] - io.taxes_share[s] - io.surplus_share[s]
    # what is bought beside energy is dearer for some than for others; the price of goods itself is common to all
    outside = outside + goods * (spread - 1.0)
    prices["other_cost_index"] = np.maximum(outside, 0.0)
    prices["unit_cost_index"] = goods + energy + prices["wage_share"] + prices["other_cost_index"]
    prices["unit_cost_before_index"] = prices["unit_cost_index"]


def _spread(roster: Roster, params: np.ndarray, streams: Streams) -> np.ndarray:
    """Return relative unit costs of enterprises: lognormal, weighted by output 1 in every sector, shape (N,)."""
    normals = streams.normals("population.margin", 0, roster.n)
    factor = np.exp(params[0]["margin_log_sd"] * normals)
    weight = np.bincount(roster.sector, roster.output_cny)
    return factor / (np.bincount(roster.sector, roster.output_cny * factor) / np.maximum(weight, 1e-300))[roster.sector]


def fill_finance(state: State, roster: Roster, place: PlaceSpec, params: np.ndarray, streams: Streams) -> None:
    """Write capital, cash, debt, hurdle rates and house banks.

    Fixed assets are those of the sector per output, more where energy equipment alone would exceed 80 % of them.
    Bank debt is a share of liabilities; liabilities are leverage times assets, leverage Beta with the given mean.
    """
    p, n, finance, prices = params[0], roster.n, state["finance"], state["prices"]
    used = state.assets[: state.n_assets]
    life = registry.technology_table()["life_years"][used["technology"]]
    left = np.maximum(0.0, 1.0 + used["commissioned_quarter"] / QUARTERS_PER_YEAR / life)
    equipment = np.bincount(state.slots["enterprise"][used["slot"]], used["capex_cny"] * left, n)
    fixed = np.maximum(capital_per_output(params)[roster.sector] * roster.output_cny, equipment / EQUIPMENT_SHARE)
    finance["ownership"], finance["size_class"], finance["is_alive"] = roster.ownership, roster.size_class, True
    finance["fixed_assets_cny"], finance["structures_cny"] = fixed, fixed - equipment
    finance["cash_cny"] = p["cash_sales_share"] * roster.output_cny
    k, m = p["leverage_concentration"], p["leverage_mean_share"]
    leverage = _beta(streams, "population.leverage", n, m * k, (1.0 - m) * k)
    finance["debt_cny"] = p["bank_debt_share"] * leverage * (fixed + finance["cash_cny"])
    private = np.array([p["hurdle_small_per_year"], p["hurdle_medium_per_year"], p["hurdle_large_per_year"]])
    median = np.where(roster.ownership == SOE, p["hurdle_soe_per_year"], private[roster.size_class])
    normals = streams.normals("population.hurdle", 0, n)
    finance["hurdle_rate_per_year"] = p["hurdle_min_per_year"] + median * np.exp(p["hurdle_log_sd"] * normals)
    shares = np.cumsum([b.market_share for b in place.finance.banks])
    finance["bank"] = np.searchsorted(shares / shares[-1], streams.uniforms("population.bank", 0, n), side="right")
    margin = 1.0 - prices["unit_cost_index"] - registry.io_tables().taxes_share[roster.sector]
    finance["annual_cash_flow_cny"] = margin * roster.output_cny
    finance["interest_rate_per_year"] = (p["lpr_2020_percent"] + p["bank_margin_percent"]) / 100.0


def fill_production(state: State, roster: Roster, params: np.ndarray) -> None:
    """Write sectors, capacities and base-year output."""
    p, production = params[0], state["production"]
    production["sector"], production["county"] = roster.sector, roster.county
    quarter_cny = roster.output_cny / QUARTERS_PER_YEAR
    used_share = np.full(roster.n, float(p["utilisation_start_share"]))
    kilns = roster.permit_t > 0
    used_share[kilns] = np.minimum(roster.clinker_t[kilns] / roster.permit_t[kilns], p["utilisation_max_share"])
    production["capacity_cny"] = quarter_cny / used_share
    production["available_share"] = 1.0
    production["fill_share"] = 1.0
    for name in ("output_cny", "orders_cny", "expected_orders_cny"):
        production[name] = quarter_cny
    production["clinker_t_per_cny"] = roster.clinker_t / roster.output_cny
    production["clinker_permit_t_per_year"] = roster.permit_t


def _beta(streams: Streams, name: str, n: int, a: float, b: float) -> np.ndarray:
    """Return Beta draws by inversion, one uniform a row, so that rows stay aligned."""
    from scipy.special import betaincinv

    return betaincinv(a, b, streams.uniforms(name, 0, n))
