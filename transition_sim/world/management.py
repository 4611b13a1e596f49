"""Management capability, audits, measurement, and what is reported against what is emitted (SM24).

Who neither measures nor is helped reports the default factors, which lie above what fuels really hold. Capability
grows by a logistic law where something drives it: training that a duty to disclose brings, a monitoring platform,
an audit, or neighbours in such programmes.
"""

from math import exp

import numpy as np

from transition_sim.core.kernels import compiled, entered, lean, merged, part

NEVER = -1000
QUARTER_YEARS = 0.25


@lean
def next_capability(capability, growth_per_year, drive, years):
    """Return the capability after some years: dm/dt = g m (1 - m) drive, solved exactly (SM24, A31).

    Parameters
    ----------
    capability : float
        0 to 1; both ends stay.
    drive : float
        Sum of training, platform, audit and peers; 1 is unit drive.
    """
    if drive <= 0.0:
        return capability
    return capability / (capability + (1.0 - capability) * exp(-growth_per_year * drive * years))


@lean
def reported_factor(is_measured, capability, default_share, error_share, normal):
    """Return reported over true emissions: 1 + d (1 - measured) + sigma (1 - m) epsilon, at least 0 (SM24)."""
    penalty = 0.0 if is_measured else default_share
    return max(0.0, 1.0 + penalty + error_share * (1.0 - capability) * normal)


@lean
def measuring_pays(emitted_tco2_per_year, felt_cny_per_tco2, default_share, cost_cny, recovery_per_year):
    """Tell whether what the default penalty costs over the life of the equipment exceeds its cost (SM24, P14)."""
    return default_share * emitted_tco2_per_year * felt_cny_per_tco2 > cost_cny * recovery_per_year


@part
def county_shares(conduct, county, n_counties):
    """Return the share of enterprises of each county that are in a programme, shape (n_counties,)."""
    active, members = np.zeros(n_counties), np.zeros(n_counties)
    for i in range(conduct.size):
        row = conduct[i]
        members[county[i]] += 1.0
        if row.is_disclosing or row.is_monitored or row.audit_quarters_left > 0:
            active[county[i]] += 1.0
    for c in range(n_counties):
        active[c] /= max(1.0, members[c])
    return active


@lean
def report_and_learn(
    conduct, energy, errors, county, county_share, common_drive, growth_per_year, weights, default_share, error_share
):
    """Write reported emissions, let capability grow by a quarter, and audits wear off by one (SM24).

    Parameters
    ----------
    errors : ndarray, shape (N,)
        Normal draw of the year.
    county_share : ndarray, shape (counties,)
        Enterprises of the county that are in a programme.
    common_drive : float
        What platforms of the place give everybody (L54).
    weights : tuple of float
        Of training, platform, audit and peers in the drive.

    Returns
    -------
    float
        Reported by all, tCO2.
    """
    reported = 0.0
    for i in range(conduct.size):
        row = conduct[i]
        factor = reported_factor(row.is_measured, row.capability, default_share, error_share, errors[i])
        energy[i].reported_tco2 = max(0.0, energy[i].scope1_tco2) * factor
        reported += energy[i].reported_tco2
        drive = common_drive + weights[3] * county_share[county[i]]
        if row.is_disclosing:
            drive += weights[0]
        if row.is_monitored:
            drive += weights[1]
        if row.audit_quarters_left > 0:
            drive += weights[2]
        row.audit_quarters_left = max(0, row.audit_quarters_left - 1)
        row.capability = next_capability(row.capability, growth_per_year, drive, QUARTER_YEARS)
    return reported


@compiled
def look_back(
    conduct, energy, errors, county, n_counties, is_watched, common_drive, growth_per_year, weights, default_share,
    error_share,
):  # fmt: skip
    """Let enterprises report and learn, near each other's programmes where there are any; return what all report.

    Parameters are those of ``report_and_learn`` and ``county_shares``.
    """
    share = county_shares(conduct, county, n_counties) if is_watched else np.zeros(n_counties)
    return report_and_learn(
        conduct, energy, errors, county, share, common_drive, growth_per_year, weights, default_share, error_share
    )


@entered
def measured_share(accounts, conduct):
    """Return the share of covered accounts of the carbon market that measure; 0 where nobody is covered (P14)."""
    covered, measured = 0.0, 0.0
    for k in range(accounts.size):
        row = accounts[k]
        if row.is_covered:
            covered += 1.0
            does = conduct[row.enterprise].is_measured if row.enterprise >= 0 else row.is_measured
            measured += 1.0 if does else 0.0
    return measured / covered if covered > 0.0 else 0.0


def largest(size: np.ndarray, may: np.ndarray, n: int) -> np.ndarray:
    """Return the rows of the n largest among those that may and have a size; of equal ones the first."""
    rows = np.flatnonzero(may & (size > 0))
    if n <= 0:
        return rows[:0]
    if n < rows.size:
        asked = size[rows]
        rows = rows[asked >= np.partition(asked, -n)[-n]]
    if n < rows.size:
        rows = rows[np.argsort(-size[rows], kind="stable")[:n]]
    return rows


@merged
def audited_rows(energy_tce, audited_quarter, is_alive, quarter, n, capacity, interval_quarters):
    """Return whom auditors visit this quarter: the largest users that were not audited for long (L30).

    Parameters
    ----------
    n, capacity : int
        Audits asked for, and what the bodies can do in a quarter.
    interval_quarters : int
        Nobody is audited again before.
    """
    found, count = np.empty(max(0, min(n, capacity, is_alive.size)), np.int64), 0
    for row in range(is_alive.size):
        use = energy_tce[row]
        if not is_alive[row] or quarter - audited_quarter[row] < interval_quarters or not use > 0.0:
            continue
        if count < found.size:
            count += 1
        elif count == 0 or use <= energy_tce[found[count - 1]]:
            continue
        # a few dozen visits a quarter: each finds its place among those before it
        at = count - 1
        while at > 0 and use > energy_tce[found[at - 1]]:
            found[at] = found[at - 1]
            at -= 1
        found[at] = row
    return found[:count]


@compiled
def send_auditors(energy, conduct, finance, quarter, n, capacity, interval_quarters, effect_quarters):
    """Note the visits of a quarter with those visited; return how many there are (L30).

    Parameters
    ----------
    energy, conduct, finance : structured arrays, shape (N,)
    n, capacity, interval_quarters : int
        See ``audited_rows``.
    effect_quarters : int
        How long an audit has effect.
    """
    rows = audited_rows(
        energy.energy_coal_equivalent_tce, conduct.audited_quarter, finance.is_alive, quarter, n, capacity,
        interval_quarters,
    )  # fmt: skip
    for i in rows:
        conduct[i].audit_quarters_left = effect_quarters
        conduct[i].audited_quarter = quarter
    return rows.size
