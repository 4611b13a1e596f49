"""The state of a run: every table, declared once. Each table has one writer, named beside it.

Rows are stable identities. An *enterprise* is a row across the small tables of ``ENTERPRISE_TABLES``; a *slot* is one
energy service, measure or device of one enterprise about which it can decide (kiln, steam, roof PV ...); an *asset*
is a vintage of equipment in a slot. The slots of enterprise ``i`` are the rows ``slot_start[i]:slot_start[i + 1]``.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from transition_sim.core.record_types import declared
from transition_sim.core.tables import BoundsCheck, Field, TableSet, with_room
from transition_sim.world.markets.loans import Loans

UNSET = -1

# ownership, size classes and statuses are small whole numbers in the tables
SOE, PRIVATE, FOREIGN = 0, 1, 2
SMALL, MEDIUM, LARGE = 0, 1, 2
ORDERED, ACTIVE, RETIRED = 0, 1, 2

PRODUCTION = (  # writer: world.production
    Field("sector", "-", "index of the sector", "i2"),
    Field("county", "-", "index of the county; enterprises of a county are neighbours", "i2"),
    Field("capacity_cny", "CNY/quarter", "output that the plant can give in a full quarter, base-year prices", low=0),
    Field("available_share", "-", "share of the quarter in which the plant may run", low=0, high=1),
    Field("final_share", "-", "share of the sector's final demand", low=0, high=1),
    Field("final_orders_cny", "CNY/quarter", "orders of final buyers, base-year prices", low=0),
    Field("orders_cny", "CNY/quarter", "orders received, base-year prices", low=0),
    Field("output_cny", "CNY/quarter", "output, base-year prices", low=0),
    Field("fill_share", "-", "share of its own orders that it delivers", low=0, high=1),
    Field("spill_cny", "CNY/quarter", "orders taken over from full enterprises of the sector", low=0),
    Field("unmet_cny", "CNY/quarter", "orders that it could not fill", low=0),
    Field("shortage_loss_cny", "CNY/quarter", "output lost to power shortage", low=0),
    Field("clinker_t_per_cny", "t/CNY", "clinker per output (cement works with a kiln)", low=0),
    Field("clinker_permit_t_per_year", "t/yr", "permitted clinker capacity", low=0),
    Field("expected_orders_cny", "CNY/quarter", "smoothed orders, the base of capacity plans", low=0),
)
PRICES = (  # writer: world.production
    Field("price_index", "-", "price of output, base year = 1", low=0),
    Field("unit_cost_index", "-", "cost per unit of base-year output", low=0),
    Field("unit_cost_before_index", "-", "the same a quarter ago", low=0),
    Field("goods_cost_index", "-", "cost of purchased goods per unit of output", low=0),
    Field("energy_cost_index", "-", "cost of energy per unit of output", low=0),
    Field("carbon_cost_index", "-", "cost of carbon per unit of output"),
    Field("wage_share", "-", "wages per unit of base-year output", low=0),
    Field("other_cost_index", "-", "other inputs from outside per unit of output, constant", low=0),
)
FINANCE = (  # writer: agents.financier (credit) and world.accounting.settlement (flows)
    Field("ownership", "-", "0 state-owned, 1 private, 2 foreign", "i1"),
    Field("size_class", "-", "0 small, 1 medium, 2 large", "i1"),
    Field("bank", "-", "index of the house bank", "i2"),
    Field("is_alive", "-", "in business", "?"),
    Field("cash_cny", "CNY", "deposits; negative: drawn credit line"),
    Field("debt_cny", "CNY", "outstanding loans", low=0),
    Field("fixed_assets_cny", "CNY", "book value of plant and equipment", low=0),
    Field("structures_cny", "CNY", "buildings and general plant within them, kept up every year", low=0),
    Field("stranded_cny", "CNY", "book value written off before its time, cumulative", low=0),
    Field("hurdle_rate_per_year", "1/yr", "required real return", low=0, high=30),
    Field("interest_rate_per_year", "1/yr", "rate of new loans", low=0, high=1),
    Field("credit_score", "-", "queue position at the bank, larger is better"),
    Field("annual_cash_flow_cny", "CNY/yr", "smoothed operating cash flow before debt service"),
    Field("quarters_overdrawn", "-", "consecutive quarters beyond the credit line", "i2"),
    Field("quarters_low_cover", "-", "consecutive quarters with interest cover under the floor", "i2"),
    Field("desired_capex_cny", "CNY/quarter", "investment wanted this quarter", low=0),
    Field("approved_capex_cny", "CNY/quarter", "investment financed this quarter", low=0),
    Field("refused_capex_cny", "CNY", "investment wanted and refused within a year, fading", low=0),
)
FLOWS = (  # writer: world.accounting.settlement; all CNY in the quarter, nominal
    Field("sales_cny", "CNY/quarter", "revenue", low=0),
    Field("local_goods_cny", "CNY/quarter", "paid to enterprises of the place", low=0),
    Field("outside_goods_cny", "CNY/quarter", "paid to the rest of the world", low=0),
    Field("fuel_cny", "CNY/quarter", "paid for fuels", low=0),
    Field("power_cny", "CNY/quarter", "paid for electricity, without surcharges", low=0),
    Field(
        "surcharge_cny",
        "CNY/quarter",
        "differential and punitive tariffs, to the treasury, which passes them on",
        low=0,
    ),
    Field("carbon_cny", "CNY/quarter", "carbon price or floor, to the treasury, which passes it on", low=0),
    Field("allowances_cny", "CNY/quarter", "allowances, rights, offsets and penalties paid, less sales"),
    Field("carbon_accrued_cny", "CNY/quarter", "worth of allowances used less earned; no payment"),
    Field("green_premium_cny", "CNY/quarter", "environmental premium, penalties and deviation charges", low=0),
    Field("wages_cny", "CNY/quarter", "to households", low=0),
    Field("tax_cny", "CNY/quarter", "production tax, below 0 where rebates exceed it, and profit tax after credits"),
    Field("tax_credit_cny", "CNY/quarter", "profit tax saved by equipment credits", low=0),
    Field("interest_cny", "CNY/quarter", "to banks", low=0),
    Field("principal_cny", "CNY/quarter", "repaid", low=0),
    Field("borrowed_cny", "CNY/quarter", "new loans", low=0),
    Field("capex_cny", "CNY/quarter", "equipment bought, before subsidy", low=0),
    Field("growth_capex_cny", "CNY/quarter", "new plant beside energy equipment", low=0),
    Field("upkeep_cny", "CNY/quarter", "renewal of structures", low=0),
    Field("salvage_cny", "CNY/quarter", "scrap sold", low=0),
    Field("subsidy_cny", "CNY/quarter", "from the green budget", low=0),
    Field("interest_subsidy_cny", "CNY/quarter", "from the green budget", low=0),
    Field("permits_cny", "CNY/quarter", "capacity permits bought less sold"),
    Field("service_income_cny", "CNY/quarter", "demand response, exported roof power and storage support", low=0),
    Field("symbiosis_cny", "CNY/quarter", "by-products and landfill charges paid, less what by-products earn"),
    Field("energy_service_cny", "CNY/quarter", "share of savings paid to energy service companies", low=0),
    Field("dividends_cny", "CNY/quarter", "to owners", low=0),
    Field("profit_cny", "CNY/quarter", "before tax"),
)
ENERGY = (  # writer: world.services (use) and world.accounting.emissions
    Field("electricity_mwh", "MWh/quarter", "final use, own generation included", low=0),
    Field("own_generation_mwh", "MWh/quarter", "roof PV and waste-heat power used on site", low=0),
    Field("roof_used_mwh", "MWh/quarter", "of which from roofs", low=0),
    Field("purchased_mwh", "MWh/quarter", "from the grid", low=0),
    Field("exported_mwh", "MWh/quarter", "roof PV fed into the grid", low=0),
    Field("tariff_cny_per_mwh", "CNY/MWh", "mean tariff with surcharges", low=0),
    Field("surcharge_cny_per_mwh", "CNY/MWh", "differential and punitive part", low=0),
    Field("process_tco2", "tCO2/quarter", "process emissions before capture", low=0),
    Field("captured_tco2", "tCO2/quarter", "captured and stored, of fuel and process", low=0),
    Field("scope1_tco2", "tCO2/quarter", "fuel and process, after capture", low=0),
    Field("reported_tco2", "tCO2/quarter", "direct emissions as reported", low=0),
    Field("scope2_location_tco2", "tCO2/quarter", "purchased power at the provincial factor", low=0),
    Field(
        "scope2_market_tco2", "tCO2/quarter", "purchased power, claimed green at 0, rest at the residual factor", low=0
    ),
    Field("scope3_upstream_tco2", "tCO2/quarter", "embodied in purchased goods", low=0),
    Field("energy_calorific_tce", "tce/quarter", "electricity at 0.1229 tce/MWh", low=0),
    Field("energy_coal_equivalent_tce", "tce/quarter", "electricity at the coal use of the year", low=0),
    Field("sheddable_share", "-", "share of its power cut this quarter", low=0, high=1),
)
CONDUCT = (  # writer: agents.enterprise
    Field("capability", "-", "management capability", low=0, high=1),
    Field("audit_quarters_left", "-", "quarters in which an audit still has effect", "i2"),
    Field("audited_quarter", "-", "when it was audited last; far below 0: never", "i4"),
    Field("is_disclosing", "-", "has a duty to measure and disclose", "?"),
    Field("is_monitored", "-", "on the online monitoring platform", "?"),
    Field("is_measured", "-", "measures the carbon of its fuels; else default factors count", "?"),
    Field("is_committed", "-", "asks its suppliers for green products", "?"),
    Field("committed_quarter", "-", "when it committed", "i4"),
    Field("buyer_pressure", "-", "green pressure of buyers", low=0),
    Field("government_share", "-", "share of sales to public buyers", low=0, high=1),
    Field("export_share", "-", "share of sales abroad", low=0, high=1),
    Field("cbam_share", "-", "share of sales under border carbon rules", low=0, high=1),
    Field("roof_m2", "m2", "usable roof", low=0),
    Field("load_shape", "-", "index of the load shape", "i1"),
    Field("shed_class", "-", "place in the order of curtailment, 0 first", "i1"),
    Field("is_anchor", "-", "a named enterprise", "?"),
    Field("service_trust", "-", "trust in energy service companies", low=0, high=1),
    Field("is_carbon_covered", "-", "large enough to pay a carbon price floor on scope 1", "?"),
    Field("carbon_tax_cny_per_tco2", "CNY/tCO2", "paid on every tonne of scope 1 beside allowances", low=0),
    Field("carbon_cny_per_tco2", "CNY/tCO2", "what another tonne of scope 1 costs at the same output", low=0),
)
GREEN_POWER = (  # writer: world.markets.green_power
    Field("willingness_cny_per_mwh", "CNY/MWh", "limit for the environmental premium", low=0),
    Field("bilateral_mwh_per_quarter", "MWh/quarter", "annual contract", low=0),
    Field("direct_mwh", "MWh/quarter", "over a direct line", low=0),
    Field("claimed_mwh", "MWh/quarter", "certificates claimed", low=0),
    Field("green_purchased_mwh", "MWh/quarter", "green power bought in all markets", low=0),
)
ENTERPRISE_TABLES = {
    "production": PRODUCTION, "prices": PRICES, "finance": FINANCE, "flows": FLOWS, "energy": ENERGY,
    "conduct": CONDUCT, "green_power": GREEN_POWER,
}  # fmt: skip

QUARTER = "i2"
"""Quarters of the millions of rows of slots and equipment. What is written there lies within: a horizon ends by 2100,
lives and lags of technologies have bounds (``scenarios.rows.Technology``), and drawn lives are held to half of it."""
NO_DEADLINE = 2**15 - 1

SLOTS = (  # writer: agents.enterprise
    Field("enterprise", "-", "row of its enterprise", "i4"),
    Field("host", "-", "slot that a measure acts on; -1: none", "i4"),
    Field("first_asset", "-", "head of the list of its assets; -1: none", "i4"),
    Field("pending_asset", "-", "ordered and not yet commissioned; -1: none", "i4"),
    Field("deadline_quarter", "-", "must be replaced by then (phase-out); large: none", QUARTER),
    Field("last_decision_quarter", "-", "when it last decided", QUARTER),
    Field("due_quarter", "-", "before it no equipment dies or arrives; 0: not known", QUARTER),
    Field("ageing_quarter", "-", "before it no equipment is old enough to draw attention; 0: not known", QUARTER),
    Field("service", "-", "index of the service, measure or device", "i2"),
    Field("main_technology", "-", "technology with the largest active capacity; -1: none", "i2"),
    Field("is_looking", "-", "looks at its options this quarter", "?"),
    Field("is_forced", "-", "must decide: dead or too small, or told to", "?"),
    Field("unit_per_cny", "unit/CNY", "service per base-year output (0 for devices)", low=0),
    Field("demand_unit", "unit/quarter", "service wanted", low=0),
    Field("capacity_unit_per_year", "unit/yr", "active capacity", low=0),
    Field("cost_cny_per_unit", "CNY/unit", "marginal cost of the service when energy was used last", low=0),
    Field("cost_2_cny_per_unit", "CNY/unit", "2 quarters ago, as enterprises plan", low=0),
    Field("cost_3_cny_per_unit", "CNY/unit", "3 quarters ago", low=0),
    Field("cost_4_cny_per_unit", "CNY/unit", "4 quarters ago", low=0),
    Field("cost_5_cny_per_unit", "CNY/unit", "5 quarters ago: the same season as the last", low=0),
    Field("smoothed_cost_cny_per_unit", "CNY/unit", "smoothed marginal cost", low=0),
    Field("start_cost_cny_per_unit", "CNY/unit", "marginal cost in the base year", low=0),
)

ASSETS = (  # writer: world.assets; the enterprise is that of the slot, energy per service that of the technology
    Field("slot", "-", "row of its slot", "i4"),
    Field("next_asset", "-", "next in the slot; -1: last", "i4"),
    Field("technology", "-", "index of the technology", "i2"),
    Field("commissioned_quarter", "-", "vintage; before 0: base-year stock", QUARTER),
    Field("dies_quarter", "-", "end of its technical life, drawn once; of what is retired, when it left", QUARTER),
    Field("status", "-", "0 ordered, 1 active, 2 retired", "i1"),
    Field("capacity_unit_per_year", "unit/yr", "size", low=0),
    Field("capex_cny", "CNY", "paid for it, before subsidy", low=0),
    Field("output_unit", "unit/quarter", "service given this quarter", low=0),
)

MAX_OPTIONS = 10
DECISIONS = (  # writer: agents.enterprise; the log that answers "why"
    Field("quarter", "-", "when", "i4"),
    Field("enterprise", "-", "who", "i4"),
    Field("slot", "-", "about what", "i4"),
    Field("service", "-", "index of the service", "i2"),
    Field("trigger", "-", "index of the largest part of the hazard; 99: forced", "i1"),
    Field("n_options", "-", "how many options it saw", "i1"),
    Field("chosen", "-", "technology chosen; -1: keep", "i2"),
    Field("runner_up", "-", "second most likely option", "i2"),
    Field("outcome", "-", "index in OUTCOMES", "i1"),
    Field("uniform", "-", "the draw", "f8"),
    Field("capex_cny", "CNY", "investment of the choice", "f8"),
    Field("subsidy_cny", "CNY", "award applied for", "f8"),
    Field("switch_capex_share", "-", "fall of the runner-up's levelised cost that would have tied the choice", "f8"),
    Field("capacity_unit_per_year", "unit/yr", "size of what is chosen", "f8"),
    Field("is_order", "-", "equipment is chosen, not keeping", "?"),
    Field("must_close", "-", "nothing may be kept and nothing bought", "?"),
    Field("replaces", "-", "what is there leaves when it arrives", "?"),
)
OUTCOMES = (
    "kept", "ordered", "no_subsidy_kept", "refused_debt_service", "refused_collateral", "refused_own_funds",
    "rationed", "no_permit", "no_access", "ordered_without_subsidy", "forced_closure", "ordered_by_contract",
)  # fmt: skip
TRIGGERS = ("base", "age", "cost", "audit", "policy", "peers", "buyers", "anticipation")
OPTIONS_DTYPE = declared(
    np.dtype([("technology", "i2"), ("levelised_cost_cny_per_unit", "f8"), ("utility", "f8"), ("probability", "f8")])
)


@dataclass
class Graph:
    """Supply chain as compressed rows: who supplies ``buyer`` (CSR) and whom ``supplier`` supplies (CSC).

    ``supplier[supplier_start[i]:supplier_start[i+1]]`` supply enterprise i with weights ``weight`` that sum to 1
    within each supplying sector. ``buyer``/``buyer_start`` is the transposed list.
    """

    supplier_start: np.ndarray
    supplier: np.ndarray
    weight: np.ndarray
    distance_km: np.ndarray
    buyer_start: np.ndarray
    buyer: np.ndarray


@dataclass
class State:
    """Everything that changes in a run, and the tables that do not.

    Attributes
    ----------
    enterprises : TableSet
        ``ENTERPRISE_TABLES``, N rows.
    fuel_gj : ndarray, shape (N, n_carriers)
        Fuel used this quarter by carrier, GJ (the electricity column stays 0).
    slots, assets : structured arrays
        ``SLOTS`` and ``ASSETS``; ``n_assets`` rows of ``assets`` are in use.
    slot_start : ndarray of i4, shape (N + 1,)
    carrier_cny_per_gj : ndarray, shape (n_carriers,)
        Prices of fuels this quarter, CNY/GJ (electricity: see ``energy.tariff_cny_per_mwh``).
    expected_cny_per_gj : ndarray, shape (2, n_carriers)
        Expected prices: row 0 state-owned enterprises, row 1 others.
    technology_capex_factor : ndarray, shape (n_technologies,)
        Capital cost relative to the base year (experience curves, SM17).
    bounds : BoundsCheck or None
        Of the tables as they stand; made by the first check (B14).
    """

    enterprises: TableSet
    fuel_gj: np.ndarray
    slots: np.ndarray
    slot_start: np.ndarray
    assets: np.ndarray
    n_assets: int
    graph: Graph
    carrier_cny_per_gj: np.ndarray
    expected_cny_per_gj: np.ndarray
    technology_capex_factor: np.ndarray
    tax_credit_cny: np.ndarray = field(default_factory=lambda: np.zeros((0, 5)))
    loans: Loans = field(default_factory=Loans.none)
    bounds: BoundsCheck | None = None

    def __getitem__(self, name: str) -> np.ndarray:
        return self.enterprises.tables[name]

    def __getstate__(self) -> dict[str, Any]:
        """Leave out of a copy what looks at the tables of this one."""
        return {**vars(self), "bounds": None}

    @property
    def n_enterprises(self) -> int:
        return self.enterprises.n_rows

    def room_for_assets(self, n_more: int) -> None:
        """Grow the table of assets so that ``n_more`` rows fit; rows keep their numbers."""
        self.assets = with_room(ASSETS, self.assets, self.n_assets, n_more)
