"""Phase 1, steering: tracking, effort, instruments, key projects, assessment and its consequences (SM23).

In the first quarter of a year the government holds last year's reported figures against its target lines, sets its
effort and strengthens instruments for the year. The written assessment follows two quarters after the end of the year
(L46, L47); a place that lags is criticised, one that lags twice changes its leaders, one that leads is rewarded.
"""

import numpy as np

from transition_sim.scenarios import registry
from transition_sim.scenarios.compose import LEVELS_OF_PLACE
from transition_sim.scenarios.rows import ControlIndicator
from transition_sim.scenarios.scenario import Scenario
from transition_sim.world.policy import control as rules
from transition_sim.world.policy.control import Control
from transition_sim.world.policy.energy_budget import headroom_tce
from transition_sim.world.policy.target_lines import (
    TargetLine,
    county_cuts,
    gap_share,
    progress_share,
    slippage_quarters,
    target_lines,
)
from transition_sim.world.recorder import PLACE_INDEX
from transition_sim.world.world import World

REPORT_QUARTER = 1
"""The assessment of a year is published in April to June of the next."""
GDP, SUPPORT = PLACE_INDEX["gdp_cny"], [PLACE_INDEX[c] for c in ("subsidy_cny", "interest_subsidy_cny", "support_cny")]
SUPPLY = [PLACE_INDEX[c] for c in ("unserved_mwh", "electricity_mwh", "peak_load_mw")]
ACCESS = list(registry.levers()).index("access_strictness")
COUNTY_COLUMNS = ("energy_coal_equivalent_tce", "value_added_cny", "scope1_tco2")


def control_of(scenario: Scenario, world: World) -> Control:
    """Return the government of a place before its first assessment."""
    place = scenario.place
    targets = [t for t in registry.targets().values() if t.concerns(place.id, place.kind, place.programme)]
    lines = target_lines(list(registry.control_indicators().values()), targets, scenario.clock.start_year)
    n, counties, levers = len(lines), len(place.counties), registry.levers().values()
    response, largest = rules.mapping([line.indicator.key for line in lines], LEVELS_OF_PLACE[place.kind])
    start = float(world.params[0]["effort_start"])
    return Control(
        lines=lines, values=np.full(n, np.nan), targets=np.full(n, np.nan), gaps=np.zeros(n),
        progress=np.full(n, np.nan), effort=start, effective_effort=start,
        additions=np.zeros(len(levers)), response=response, largest=largest,
        lever_ranges=np.array([[row.low for row in levers], [row.high for row in levers]]),
        burns_coal=coal_fired(world), county_cuts=np.zeros(counties), county_gaps=np.zeros(counties),
        county_score=np.full(counties, np.nan), county_effort=np.full(counties, start),
        is_listed=np.zeros(world.state.n_enterprises, bool),
        listed_quarter=np.zeros(world.state.n_enterprises, np.int64),
    )  # fmt: skip


def coal_fired(world: World) -> np.ndarray:
    """Return which technologies burn coal or coke, kilns left out: permits govern those (L15, L09, L10)."""
    technologies, carriers = world.reference.technologies, world.labels["carriers"]
    is_coal = np.isin(technologies["carrier"], [carriers.index("coal"), carriers.index("coke")])
    return is_coal & (technologies["needs_permit"] <= 0) & (technologies["fuel_gj_per_unit"] > 0)


def steer(world: World) -> None:
    """Track and steer at the turn of a year, publish the assessment in its quarter, and strengthen the levers."""
    if world.quarter_of_year == 0:
        world.control.firm_mw = world.power.firm_mw(world.clock.year(world.quarter))
    if world.quarter_of_year == 0 and world.quarter >= 4:
        last_year = year_sums(world, world.quarter)
        _track(world, last_year)
        _set_effort(world, last_year)
        _set_instruments(world)
        _track_counties(world)
        _set_budgets(world, last_year)
        _list_projects(world)
        _draw_attention(world)
    if world.quarter_of_year == REPORT_QUARTER and world.quarter >= 4:
        _assess(world)
    _strengthen(world)


def pull(world: World) -> float:
    """Return how much the targets weigh in the assessment, 0 to 1: the lever over the weight that counts in full."""
    return min(1.0, world.lever("assessment_weight") / world.parameter("assessment_weight_full"))


def consequence(world: World) -> float:
    """Return the strength of accountability over the usual one (L47)."""
    return world.lever("accountability") / world.parameter("accountability_usual")


# --- tracking -------------------------------------------------------------------------------------------------------


def year_sums(world: World, quarter: int) -> np.ndarray:
    """Return the sums of the place columns over the four quarters before a quarter."""
    return world.recorder.place[quarter - 4 : quarter].sum(axis=0)


def indicator_value(sums: np.ndarray, indicator: ControlIndicator) -> float:
    """Return the reported value of an indicator from the sums of a year; nan where there is none."""
    value = 0.0
    for sign, name in indicator.terms:
        value += sign * sums.item(PLACE_INDEX[name])
    if indicator.under is None:
        return value
    base = sums.item(PLACE_INDEX[indicator.under])
    return value / base if base > 0 else float("nan")


def _track(world: World, sums: np.ndarray) -> None:
    """Hold last year's figures against the target lines, and set the quotas of this year."""
    control, year = world.control, world.clock.year(world.quarter) - 1
    control.slippage_quarters = 0.0
    for j, line in enumerate(control.lines):
        value = indicator_value(sums, line.indicator)
        if year >= line.base_year and not line.points:
            base = year_sums(world, 4 * (line.base_year - world.clock.start_year + 1))
            line.begin(indicator_value(base, line.indicator))
        target = line.value(year)
        control.values[j], control.targets[j] = value, target
        control.gaps[j] = gap_share(value, target, line.sign)
        is_judged = year > line.base_year
        control.progress[j] = progress_share(value, line.base_value, target, line.sign) if is_judged else np.nan
        if is_judged and line.targets:
            control.slippage_quarters = max(control.slippage_quarters, slippage_quarters(line, value, year))
        _set_quota(world, line, value)


def _set_quota(world: World, line: TargetLine, value: float) -> None:
    """Let the quota of a lever go on by its yearly change, from the value of last year on (L14, L15)."""
    lever = line.indicator.quota_lever
    if lever is not None:
        change = world.lever(lever)
        start = value if line.quota != line.quota else line.quota
        line.quota = np.nan if change == registry.levers()[lever].neutral else start * (1.0 + change / 100.0)


def growth_share(world: World, first: float) -> float:
    """Return the growth of GDP last year; ``first`` where there is no year before it."""
    q, place = world.quarter, world.recorder.place
    if q < 8:
        return first
    return float(place[q - 4 : q, GDP].sum()) / float(place[q - 8 : q - 4, GDP].sum()) - 1.0


def weights(control: Control) -> np.ndarray:
    """Return the weights of the indicators that have a line, sum 1; zeros without any."""
    found = np.array([line.indicator.weight for line in control.lines]) * np.isfinite(control.targets)
    return found / found.sum() if found.sum() > 0 else found


def _set_effort(world: World, sums: np.ndarray) -> None:
    """Move the effort by gaps, cost and growth (SM23), and coordination while a committee tracks the targets."""
    control, p, weight = world.control, world.params[0], pull(world)
    if weight > 0:
        wanted, income = float(p["growth_corridor_percent"]) / 100.0, world.budget.year_income_cny
        cost = min(1.0, float(sums[SUPPORT].sum()) / income) if income > 0 else 0.0
        shortfall = max(0.0, wanted - growth_share(world, wanted))
        gap = float(weights(control) @ control.gaps)
        control.effort = rules.next_effort(
            control.effort, weight * gap, weight * cost, weight * shortfall, p["effort_gain_per_year"],
            p["effort_cost_per_year"], p["effort_growth_per_year"], p["effort_min"],
        )  # fmt: skip
        control.coordination = min(1.0, control.coordination + p["coordination_rise_per_year"])
    missing = max(0.0, 1.0 - min(1.0, control.score)) if np.isfinite(control.score) else 0.0
    is_last = rules.is_last_of_plan(world.clock.year(world.quarter))
    effective = control.effort * rules.coordination_factor(control.coordination, p["coordination_floor"])
    gamma = p["campaign_gain"] * consequence(world)
    control.effective_effort = min(1.0, rules.campaign_effort(effective, missing, gamma, is_last))
    control.campaign = p["campaign_salience"] * effective * missing * gamma if is_last else 0.0


def _set_instruments(world: World) -> None:
    """Strengthen levers by effort and gaps, as far as administration reaches: L = L0 + e M g cap (SM23)."""
    control, p = world.control, world.params[0]
    control.additions[:], control.added = 0.0, {}
    weight = pull(world)
    if weight <= 0 or not control.gaps.any():
        return
    shares = rules.instrument_shares(
        weight * control.effective_effort, control.response, control.gaps, p["administrative_capacity"]
    )
    control.additions[:] = shares * control.largest
    control.added = {k: addition for k, addition in enumerate(control.additions.tolist()) if addition != 0.0}


def _strengthen(world: World) -> None:
    """Add what the government strengthens to the levers of the quarter, within their ranges."""
    control = world.control
    added = control.added
    if control.is_notified:
        fall = world.parameter("notify_strictness") * consequence(world)
        added = {**added, ACCESS: added.get(ACCESS, 0.0) - fall}
    if not added:
        return
    # NumPy copies records field by field, and there are many: a copy of plain numbers takes a fortieth of the time
    values, (lowest, highest) = world.levers.view(np.float64).copy(), control.lever_ranges
    for k, addition in added.items():
        values[k] = min(highest.item(k), max(lowest.item(k), values.item(k) + addition))
    world.levers = np.frombuffer(values, world.levers.dtype)


# --- counties -------------------------------------------------------------------------------------------------------


def _track_counties(world: World) -> None:
    """Share the cut of energy per output out over the counties, and let each answer its own gap (SM23, T307).

    Counties act on attention alone, so that nothing is worked out while nobody is assessed.
    """
    control, p, q = world.control, world.params[0], world.quarter
    line = next((one for one in control.lines if np.isfinite(one.base_value) and one.sign > 0), None)
    weight = pull(world)
    if weight <= 0.0 or line is None or world.clock.year(q) - 1 <= line.base_year:
        return
    energy, added, direct = _county_sums(world, 4 * (line.base_year - world.clock.start_year + 1))
    now_energy, now_added, _ = _county_sums(world, q)
    income = np.array([float(county.gdp) for county in world.scenario.place.counties])
    by_income, by_energy = float(p["county_income_share"]), float(p["county_energy_share"])
    parts = by_income * share(income) + by_energy * share(energy) + (1.0 - by_income - by_energy) * share(direct)
    target = line.value(world.clock.year(q) - 1)
    required = 1.0 - target / line.base_value if np.isfinite(target) else 0.0
    control.county_cuts = county_cuts(required, parts, share(energy), float(p["county_cut_max_share"]))
    gain, lowest = world.parameter("effort_gain_per_year"), world.parameter("effort_min")
    for c, (before, after) in enumerate(zip(per_unit(energy, added), per_unit(now_energy, now_added), strict=True)):
        asked = before * (1.0 - control.county_cuts.item(c))
        control.county_gaps[c] = gap_share(after, asked, 1.0)
        control.county_score[c] = progress_share(after, before, asked, 1.0) if before > 0 else np.nan
        control.county_effort[c] = rules.next_effort(
            control.county_effort.item(c), weight * control.county_gaps.item(c), 0.0, 0.0, gain, lowest=lowest
        )


def _county_sums(world: World, quarter: int) -> np.ndarray:
    """Return energy, value added and direct emissions of the counties over four quarters, shape (3, n_counties)."""
    return world.recorder.county_sums(quarter - 4, quarter, COUNTY_COLUMNS)


def per_unit(energy: np.ndarray, added: np.ndarray) -> list[float]:
    """Return energy per unit of value added of every county; 0 where none is added."""
    return [e / a if a > 0 else 0.0 for e, a in zip(energy.tolist(), added.tolist(), strict=True)]


def share(values: np.ndarray) -> np.ndarray:
    """Return the values over their sum; even shares where it is 0."""
    total = values.sum()
    return values / total if total > 0 else np.full(values.size, 1.0 / values.size)


# --- budgets and projects ---------------------------------------------------------------------------------------------


def _set_budgets(world: World, sums: np.ndarray) -> None:
    """Open the energy and coal budgets of the year: what the quotas allow over what was used (L14, L15, SM11)."""
    control = world.control
    control.energy_headroom_tce = control.coal_headroom_tce = float("inf")
    if all(line.quota != line.quota for line in control.lines):
        return
    product = sums.item(GDP)
    growth = max(0.0, growth_share(world, float(world.params[0]["growth_corridor_percent"]) / 100.0))
    room = {"energy_per_gdp": float("inf"), "coal_use": float("inf")}
    for j, line in enumerate(control.lines):
        if line.indicator.key in room and np.isfinite(line.quota):
            scale = product if line.indicator.under else 1.0
            grown = 1.0 + growth if line.indicator.under else 1.0
            used = scale * float(control.values[j])
            room[line.indicator.key] = headroom_tce(line.quota * scale * grown, used)
    control.energy_headroom_tce, control.coal_headroom_tce = room["energy_per_gdp"], room["coal_use"]


def _list_projects(world: World) -> None:
    """List the largest energy users as key projects (L48), and count those that have ordered green equipment."""
    control, state = world.control, world.state
    wanted = round(world.lever("key_projects"))
    if wanted <= 0 and not control.is_listed.any():
        return
    room = wanted - int(np.count_nonzero(control.is_listed))
    if room > 0:
        energy = np.where(state["finance"]["is_alive"], state["energy"]["energy_coal_equivalent_tce"], 0.0)
        free = np.where(control.is_listed, 0.0, energy)
        new = np.argsort(-free, kind="stable")[:room]
        new = new[free[new] > 0]
        control.is_listed[new], control.listed_quarter[new] = True, world.quarter
    done = rules.projects_done(
        state.assets[: state.n_assets], state.slots, world.reference.technologies, control.is_listed,
        control.listed_quarter,
    )  # fmt: skip
    control.projects_done = max(control.projects_done, done)


def _draw_attention(world: World) -> None:
    """Write what lagging counties and key projects add to the salience of policy, by enterprise (SM05)."""
    control, p = world.control, world.params[0]
    if pull(world) <= 0.0 and not control.is_listed.any():
        control.firm_salience = np.zeros(0)
        return
    by_county = p["county_salience_per_gap"] * pull(world) * control.county_effort * control.county_gaps
    by_firm = by_county[world.constants.county] + p["key_project_salience"] * control.is_listed
    control.firm_salience = by_firm if by_firm.any() else np.zeros(0)


def salience(world: World) -> np.ndarray | float:
    """Return the salience of policy, by enterprise or for all: moving levers, campaigns, counties, key projects."""
    control = world.control
    common = float(world.calendar.salience[world.quarter])
    common += control.campaign * rules.DEADLINE_WEIGHTS[world.quarter_of_year]
    return common + control.firm_salience if control.firm_salience.size else common


# --- assessment -------------------------------------------------------------------------------------------------------


def _assess(world: World) -> None:
    """Publish the score of last year, and let its consequences follow (L47)."""
    control, p, place = world.control, world.params[0], world.scenario.place.id
    line_weights = np.array([line.indicator.weight for line in control.lines])
    control.score = rules.assessment_score(control.progress, line_weights)
    if not np.isfinite(control.score):
        return
    event, strength = world.recorder.event, consequence(world)
    event(world.quarter, "assessment", place, control.score, "score")
    control.is_notified = False
    control.low_years = control.low_years + 1 if control.score < p["account_score"] else 0
    if strength > 0 and control.score < p["notify_score"]:
        control.is_notified = True
        control.effort = min(1.0, control.effort + p["notify_effort"] * strength)
        event(world.quarter, "notified", place, control.score, "score")
    if strength > 0 and control.low_years >= 2:
        control.low_years = 0
        control.effort = min(1.0, control.effort + p["reset_effort"] * strength)
        world.credibility = max(p["credibility_min"], world.credibility - p["reset_credibility"])
        event(world.quarter, "leaders_changed", place, control.score, "score")
    if strength > 0 and control.score > p["reward_score"]:
        control.reward_cny += p["reward_transfer_share"] * strength * world.control.fiscal_income_cny
        event(world.quarter, "rewarded", place, control.reward_cny, "CNY")
    _accept(world)


def _accept(world: World) -> None:
    """Accept a pilot park that reaches the score with the management it takes, once, and reward it (L07)."""
    control, p = world.control, world.params[0]
    if world.scenario.place.kind != "park" or control.is_accepted or not world.outside.is_free_of_accidents:
        return
    capability = world.recorder.place[world.quarter - 1, PLACE_INDEX["capability"]]
    if control.score >= p["acceptance_score"] and capability >= p["acceptance_capability"]:
        control.is_accepted = True
        control.reward_cny += 1e6 * world.lever("pilot_reward_million_cny")
        world.recorder.event(world.quarter, "accepted", world.scenario.place.id, control.score, "score")


# --- establish before breaking ----------------------------------------------------------------------------------------


def is_retirement_safe(world: World) -> bool:
    """Tell whether equipment may be told to close: supply was safe for a year, with a reserve of 8 % (SM23, T137).

    The specification blocks at any unserved load. Dry winters leave some tenths of a per mille unserved in most years
    here, and nothing would ever retire: safe is up to 0.1 % of the year's electricity.
    """
    q = world.quarter
    if q == 0:
        return True
    past = world.recorder.place[max(0, q - 4) : q]
    unserved_mwh, used_mwh, peak_mw = (past[:, column].tolist() for column in SUPPLY)
    if sum(unserved_mwh) > world.parameter("unserved_safe_share") * sum(used_mwh):
        return False
    peak = max(peak_mw)
    reserve = world.control.firm_mw / peak - 1.0 if peak > 0 else float("inf")
    return not reserve < world.parameter("reserve_margin_min_share")
