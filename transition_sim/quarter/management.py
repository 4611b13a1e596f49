"""Phases 1, 8 and 11: duties of the year, audits, measurement, reports, and what enterprises learn (SM24, L30, L31)."""

import numpy as np

from transition_sim.quarter.research import platform_share
from transition_sim.world import management
from transition_sim.world.annuity import capital_recovery_factor
from transition_sim.world.world import World

DRIVE = ("drive_training_share", "drive_platform_share", "drive_audit_share", "drive_peers_share")
WATCHING = ("audits_per_year", "online_monitoring_share", "disclosure_share")
"""Levers under which neighbours see each other's carbon looked after."""


def supervise(world: World) -> None:
    """Set duties and measurement at the turn of the year, and send the auditors of the quarter."""
    if world.frozen:
        return
    if world.quarter_of_year == 0:
        _set_duties(world)
        _decide_to_measure(world)
        world.reporting.errors = world.streams.normals("reporting", world.quarter, world.state.n_enterprises)
    if world.lever("audits_per_year") > 0:
        _audit(world)


def _set_duties(world: World) -> None:
    """Tell the largest emitters to measure and disclose (L31), and key users to join the platform (L30)."""
    conduct, energy, alive = world.state["conduct"], world.state["energy"], world.state["finance"]["is_alive"]
    if world.lever("disclosure_share") > 0 or conduct["is_disclosing"].any():
        emitted = energy["scope1_tco2"] + energy["scope2_location_tco2"]
        conduct["is_disclosing"] = False
        n_alive = int(np.count_nonzero(alive))
        n = round(world.lever("disclosure_share") * n_alive)
        conduct["is_disclosing"][management.largest(emitted, alive, n)] = True
        conduct["is_measured"] |= conduct["is_disclosing"]
        world.reporting.disclosing_share = n / max(1.0, n_alive)
    if world.lever("online_monitoring_share") > 0 or conduct["is_monitored"].any():
        used = energy["energy_coal_equivalent_tce"]
        key = alive & (4.0 * used >= world.parameter("key_user_tce_per_year"))
        n = round(world.lever("online_monitoring_share") * np.count_nonzero(key))
        conduct["is_monitored"] = False
        conduct["is_monitored"][management.largest(used, key, n)] = True


def _decide_to_measure(world: World) -> None:
    """Let accounts of the carbon market measure where the default penalty costs more (SM24, P14).

    Whom it pays looks at it with the yearly hazard times (0.5 + capability), like any other decision.
    """
    market, p, state = world.carbon, world.params[0], world.state
    if not market.is_open:
        return
    recovery = capital_recovery_factor(float(p["measuring_rate_per_year"]), float(p["measuring_years"]))
    cost, penalty = float(p["measuring_cny"]), float(p["default_penalty_share"])
    for k in np.flatnonzero(market.accounts["is_covered"]):
        row = market.accounts[k]
        i, is_firm = int(row["enterprise"]), row["enterprise"] >= 0
        done = state["conduct"]["is_measured"][i] if is_firm else row["is_measured"]
        felt = float(row["felt_share"]) * market.expected_cny_per_t
        if done or not management.measuring_pays(float(row["last_used_units"]), felt, penalty, cost, recovery):
            continue
        capability = float(state["conduct"]["capability"][i]) if is_firm else float(p["capability_large_share"])
        hazard = float(p["measuring_hazard_per_year"]) * (0.5 + capability)
        if world.streams.uniforms_at("measuring", world.quarter, np.array([k])).item() >= 1.0 - np.exp(-hazard):
            continue
        if is_firm:
            state["conduct"]["is_measured"][i] = True
            state["flows"]["outside_goods_cny"][i] += cost
        else:
            market.accounts["is_measured"][k] = True
            world.ledger.post("measurement", "power_utility", "rest_of_world", cost)


def _audit(world: World) -> None:
    """Send auditors as far as bodies and budget reach: an audit raises attention and capability for a year (L30)."""
    state, parameter = world.state, world.parameter
    cost = parameter("audit_cny")
    a_year, q = world.lever("audits_per_year"), world.quarter_of_year
    wanted = int(a_year * (q + 1) // 4) - int(a_year * q // 4)
    affordable = int(world.budget.balance_cny // cost) if cost > 0 else wanted
    visits = management.send_auditors(
        state["energy"], state["conduct"], state["finance"], world.quarter, min(wanted, affordable),
        int(parameter("audits_per_quarter_max")), int(parameter("audit_interval_quarters")),
        int(parameter("audit_effect_quarters")),
    )  # fmt: skip
    paid = world.budget.spend(cost * visits)
    world.ledger.post("energy audits", "green_budget", "rest_of_world", paid)
    world.notes.support_cny += paid
    world.notes.audits = visits


def report(world: World) -> None:
    """Write what enterprises report of the quarter, and let their capability grow (SM24)."""
    state = world.state
    if world.frozen:
        state["energy"]["reported_tco2"] = state["energy"]["scope1_tco2"]
        world.reporting.reported_tco2 = float(state["energy"]["reported_tco2"].sum())
        return
    world.reporting.reported_tco2 = management.look_back(
        state["conduct"], state["energy"], world.reporting.errors, world.constants.county,
        len(world.labels["counties"]), any(map(world.lever, WATCHING)),
        world.parameter("drive_innovation_share") * platform_share(world),
        world.parameter("capability_growth_per_year"), tuple(map(world.parameter, DRIVE)),
        world.parameter("default_penalty_share"), world.parameter("reporting_error_share"),
    )  # fmt: skip
