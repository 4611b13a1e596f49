"""Phase 1: the programmes and rules of the quarter (SM10, SM11, SM12)."""

import numpy as np

from transition_sim.quarter.control import is_retirement_safe, steer
from transition_sim.quarter.extensions import in_force
from transition_sim.scenarios import registry
from transition_sim.scenarios.rows import NOT_FOR_SALE
from transition_sim.world.markets.capacity_permits import bid_cny_per_t, is_eligible, payments_cny
from transition_sim.world.markets.clearing import call_auction
from transition_sim.world.markets.tariffs import write_surcharges
from transition_sim.world.policy.budget import fiscal_income_cny
from transition_sim.world.policy.phase_out import judge_equipment
from transition_sim.world.policy.production_days import write_available_share, write_co_processing
from transition_sim.world.policy.tax_credits import age_credits
from transition_sim.world.world import World

SURCHARGE_LEVERS = (
    "differential_restricted_cny_per_kwh", "differential_eliminated_cny_per_kwh", "punitive_low_cny_per_kwh",
    "punitive_high_cny_per_kwh",
)  # fmt: skip
LIMIT_LEVERS = ("efficiency_limit_kgce_per_t", "coal_boiler_size_limit_t_per_h")
NO_LIMITS = tuple(registry.levers()[key].neutral for key in LIMIT_LEVERS)
"""Limits that tell nobody to close."""
PERMIT_RATE_PER_YEAR = 0.10
"""Discount rate at which permits are valued [A]."""
FULL_SHARE = 0.95
"""Use of what the days allow from which works bid for more capacity [A]."""
EXTENSION_SHARE = 0.1
"""Capacity that they bid for, share of their own [A]."""


def open_programmes(world: World) -> None:
    """Open the budget, apply the rules that the levers set, and hold the yearly permit auction."""
    if not world.frozen:
        if world.quarter_of_year == 0:
            _open_year(world)
        recycled_cny = world.recycled_cny * world.parameter("recycled_revenue_share")
        world.budget.add_income(recycled_cny)
        world.ledger.post("recycled income", "treasury", "green_budget", recycled_cny)
        world.recycled_cny = 0.0
        steer(world)
        _note_levers(world)
        _retrofit_coal_plants(world)
        _phase_out(world)
    _production_days(world)


def _open_year(world: World) -> None:
    p, public = world.params[0], world.scenario.place.public
    years = world.decimal_year - world.scenario.place.base_year
    income = fiscal_income_cny(
        float(public.fiscal_revenue), public.revenue_growth_percent, years, p["green_budget_share"],
        float(public.transfers),
    )  # fmt: skip
    lapsed = world.budget.open_year(income, float(p["carry_over_share"]))
    world.ledger.post("fiscal income", "treasury", "green_budget", income)
    _pay_rewards(world, income)
    world.ledger.post("lapsed budget", "green_budget", "treasury", lapsed)
    age_credits(world.state.tax_credit_cny)
    world.banks.begin_year()
    _trade_permits(world)


def _pay_rewards(world: World, income_cny: float) -> None:
    """Add what a good assessment or the acceptance of a pilot earned to the budget of the year (L07, L47)."""
    control = world.control
    world.budget.add_reward(control.reward_cny)
    world.ledger.post("rewards", "treasury", "green_budget", control.reward_cny)
    world.notes.rewards_cny, control.reward_cny, control.fiscal_income_cny = control.reward_cny, 0.0, income_cny


def _note_levers(world: World) -> None:
    """Record the levers that jump."""
    for key, value in world.calendar.jumps[world.quarter]:
        world.recorder.event(world.quarter, "lever", key, value, "")


def _retrofit_coal_plants(world: World) -> None:
    asked = world.lever("coal_plant_retrofit")
    if asked <= world.power.retrofit_index:
        return
    p = world.params[0]
    new_mw = world.power.apply_retrofit(
        asked, p["coal_retrofit_saving_gce_per_kwh"], p["coal_min_load_share"], p["coal_min_load_flexible_share"]
    )
    cost = new_mw * 1e3 * float(p["coal_retrofit_capex_cny_per_kw"])
    world.ledger.post("coal plant retrofit", "power_utility", "rest_of_world", cost)


def _phase_out(world: World) -> None:
    """Tell who must retrofit or close (L12, L57), and class enterprises for the differential tariff (L16, L18).

    While supply is short nobody is told anew, and what is due this quarter waits for the next: first establish, then
    break (SM23).
    """
    state, constants, tariffs = world.state, world.constants, world.tariffs
    limits = tuple(world.lever(key) for key in LIMIT_LEVERS)
    told = judge_equipment(
        constants.ruled_slots, state.slots, state.slot_start, state.assets, world.reference.technologies,
        constants.is_two_high, constants.clinker_service, *limits, world.parameter("phase_out_quarters"), world.quarter,
        limits == NO_LIMITS or is_retirement_safe(world), tariffs.is_restricted, tariffs.is_eliminated,
        tariffs.excess_over_quota_share,
    )  # fmt: skip
    if told:
        world.recorder.event(world.quarter, "phase_out", world.scenario.place.id, float(told), "slots")
    _write_surcharges(world)


def _write_surcharges(world: World) -> None:
    """Write differential and punitive surcharges of every enterprise, CNY/MWh (L16, L18)."""
    tariffs = world.tariffs
    write_surcharges(
        world.state["energy"], tariffs.is_restricted, tariffs.is_eliminated, tariffs.excess_over_quota_share,
        *[world.lever(key) for key in SURCHARGE_LEVERS],
    )  # fmt: skip


def _production_days(world: World) -> None:
    production = world.state["production"]
    write_available_share(
        production, world.constants.has_kiln, co_processing(world), world.lever("offpeak_days"),
        world.parameter("maintenance_days"), world.parameter("offpeak_exempt_days"), world.quarter_of_year,
        world.parameter("days_per_year"),
    )  # fmt: skip
    if world.outside.grids:
        production["available_share"] *= world.outside.running_share[world.constants.sector]


def co_processing(world: World) -> np.ndarray:
    """Return whose kilns burn waste or recover heat, so that the exemption from off-peak days counts, shape (N,)."""
    is_exempt = np.zeros(world.state.n_enterprises, bool)
    write_co_processing(world.constants.kiln_measure_slots, world.state.slots, world.reference.technologies, is_exempt)
    return is_exempt


def _trade_permits(world: World) -> None:
    """Hold the yearly auction of retired clinker permits: who cannot use them sells, who runs full bids (SM11)."""
    permits, p, state = world.permits, world.params[0], world.state
    permits.lapse(world.quarter, float(p["permit_idle_years"]))
    if not permits.pool:
        return
    held = permits.retired_t_per_year()
    production, prices = state["production"], state["prices"]
    clinker = production["clinker_t_per_cny"]
    is_works = clinker > 0
    margin_cny_per_t = np.where(
        is_works, (prices["price_index"] - prices["unit_cost_index"]) / np.where(is_works, clinker, 1.0), 0.0
    )
    limit = production["capacity_cny"] * production["available_share"] * p["utilisation_max_share"]
    is_full = is_works & (production["output_cny"] >= FULL_SHARE * limit)
    ratio = replacement_ratio(world) if is_full.any() else 1.0  # where nobody bids, nobody asks
    line = world.reference.technologies[newest_kiln(world)]
    capex, years = np.full(clinker.size, line["capex_cny_per_unit"]), np.full(clinker.size, float(line["life_years"]))
    bid = bid_cny_per_t(margin_cny_per_t, capex, years, PERMIT_RATE_PER_YEAR, ratio)
    wants = is_full & (bid > 0)
    bid_t = np.where(wants, np.maximum(0.0, EXTENSION_SHARE * ratio * permits.permitted_t_per_year - held), 0.0)
    # capacity that has retired earns nothing any more: its owner takes any price
    ask, ask_t = np.zeros(clinker.size), np.where(wants, 0.0, held)
    clear = in_force(world, "permit_auction", call_auction)
    k = float(p["permit_auction_k"])
    result = permits.auction(ask, ask_t, np.maximum(bid, 0.0), bid_t, k, world.quarter, clear)
    received, paid = payments_cny(result)
    state["flows"]["permits_cny"] += paid - received
    world.notes.permit_cny_per_t, world.notes.permit_t = result.price_cny_per_unit, result.traded_units
    if result.traded_units > 0:
        world.recorder.event(world.quarter, "permit_trade", world.scenario.place.id, result.traded_units, "t/yr")


def replacement_ratio(world: World) -> float:
    """Return R, the capacity that must retire for a unit of new capacity (L09); 1 where the lever is neutral."""
    return max(1.0, world.lever("replacement_ratio"))


def newest_kiln(world: World) -> int:
    """Return the technology of the kilns that can still be bought, the last of the catalogue."""
    technologies = world.reference.technologies
    is_sold = technologies["available_year"] < NOT_FOR_SALE
    kilns = (technologies["service"] == world.constants.clinker_service) & is_sold
    return int(np.flatnonzero(kilns)[-1])


def eligible_permits(world: World, year: int) -> np.ndarray:
    """Return whose running capacity can be swapped when it retires, bool, shape (N,) (SM11)."""
    p, plans = world.params[0], world.plans
    return is_eligible(
        plans.ran_days.sum(axis=1), plans.idle_quarters / 4.0, year, p["permit_min_days"],
        p["permit_min_days_from_year"], p["permit_idle_years"],
    )  # fmt: skip
