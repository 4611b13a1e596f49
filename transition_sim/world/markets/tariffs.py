"""What a customer pays for grid power: time of use, season, network, surcharges and household tiers (SM13)."""

from math import erf, log, sqrt

import numpy as np

from transition_sim.core.kernels import compiled, entered, lean, part
from transition_sim.world.markets.slices import (
    BLOCKS,
    DAY_TYPES,
    EXTREME,
    EXTREME_FACTOR,
    MONTHS,
    TYPICAL,
    load_profile,
    midday_mean,
)

KWH_PER_MWH = 1000.0
# hours of each three-hour block in the valley (23-7), peak (10-12, 15-21) and flat (the rest) period of Sichuan
VALLEY_HOURS = np.array([3.0, 3.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0])
PEAK_HOURS = np.array([0.0, 0.0, 0.0, 2.0, 0.0, 3.0, 3.0, 0.0])
_HOURS_A_BLOCK = 3.0
# January ... December: 0 wet (June-October), 1 shoulder (May, November), 2 dry (December-April)
SEASON_OF_MONTH = np.array([2, 2, 2, 2, 1, 0, 0, 0, 0, 0, 1, 2])
HAS_SHARP_PEAK = np.array([True, False, False, False, False, False, True, True, False, False, False, True])


@part
def time_of_use_multiple(block, is_sharp, peak_multiple, valley_multiple, sharp_multiple_on_peak):
    """Return the mean multiple of a three-hour block, weighted by its hours of valley, flat and peak (SM13, L17).

    The sharp peak is a step above the peak: without a peak (multiple 1, the neutral lever) there is none.
    """
    peak = peak_multiple
    if is_sharp and peak_multiple > 1.0:
        peak = peak_multiple * sharp_multiple_on_peak
    flat_hours = _HOURS_A_BLOCK - VALLEY_HOURS[block] - PEAK_HOURS[block]
    return (VALLEY_HOURS[block] * valley_multiple + flat_hours + PEAK_HOURS[block] * peak) / _HOURS_A_BLOCK


@compiled
def tariff_by_slice(
    quarter_of_year,
    market_cny_per_kwh,
    season_multiples,
    peak_multiple,
    valley_multiple,
    sharp_multiple_on_peak,
    loss_share,
    network_cny_per_kwh,
    levy_cny_per_kwh,
    direct_discount_cny_per_kwh=0.0,
):
    """Return the tariff by slice, CNY/MWh, shape (3, 2, 8), before surcharges of the customer (SM13).

    ``market * time of use * season * (1 + loss) + network + levy - discount of a direct line``. Network, levy and
    discount do not vary over slices: a tariff of another voltage differs by a constant.

    Parameters
    ----------
    quarter_of_year : int
        0 to 3.
    market_cny_per_kwh, network_cny_per_kwh, levy_cny_per_kwh, direct_discount_cny_per_kwh : float
        CNY/kWh.
    season_multiples : ndarray, shape (3,)
        Wet, shoulder, dry season.
    peak_multiple, valley_multiple : float
        Levers of L17; 1 and 1: no time of use.
    sharp_multiple_on_peak : float
        Sharp over peak on extreme days of January, July, August and December.
    loss_share : float
        Network loss over energy sold.
    """
    tariff = np.empty((MONTHS, DAY_TYPES, BLOCKS))
    fixed_cny_per_kwh = network_cny_per_kwh + levy_cny_per_kwh - direct_discount_cny_per_kwh
    fill_tariff(
        quarter_of_year, market_cny_per_kwh, season_multiples, peak_multiple, valley_multiple, sharp_multiple_on_peak,
        loss_share, fixed_cny_per_kwh, tariff,
    )  # fmt: skip
    return tariff


@lean
def fill_tariff(
    quarter_of_year, market_cny_per_kwh, season_multiples, peak_multiple, valley_multiple, sharp_multiple_on_peak,
    loss_share, fixed_cny_per_kwh, tariff,
):  # fmt: skip
    """Write what ``tariff_by_slice`` returns; ``fixed_cny_per_kwh`` is what does not vary over slices."""
    for month in range(MONTHS):
        calendar_month = quarter_of_year * MONTHS + month
        energy = market_cny_per_kwh * season_multiples[SEASON_OF_MONTH[calendar_month]] * (1.0 + loss_share)
        for day in range(DAY_TYPES):
            is_sharp = day == EXTREME and HAS_SHARP_PEAK[calendar_month]
            for block in range(BLOCKS):
                multiple = time_of_use_multiple(block, is_sharp, peak_multiple, valley_multiple, sharp_multiple_on_peak)
                tariff[month, day, block] = KWH_PER_MWH * (energy * multiple + fixed_cny_per_kwh)


@compiled
def mean_tariff_by_shape(tariff_cny_per_mwh, shapes, hours, extreme_factor=EXTREME_FACTOR):
    """Return the load-weighted mean tariff of each load shape, CNY/MWh, shape (n_shapes,).

    Parameters
    ----------
    tariff_cny_per_mwh, hours : ndarray, shape (3, 2, 8)
    shapes : ndarray, shape (n_shapes, 2, 8)
    extreme_factor : float
        As in ``load_by_slice``: bill and load then agree to the MWh.
    """
    means = np.empty(shapes.shape[0])
    for row in range(shapes.shape[0]):
        means[row] = (load_profile(shapes[row], hours, extreme_factor) * hours * tariff_cny_per_mwh).sum()
    return means


@lean
def fill_means(tariff_cny_per_mwh, profiles, hours, shape_cny_per_mwh):
    """Write the load-weighted mean tariff of each load shape from its profile, CNY/MWh, shape (K,).

    Parameters
    ----------
    tariff_cny_per_mwh, hours : ndarray, shape (3, 2, 8)
    profiles : ndarray, shape (K, 48)
        MW per MWh of the quarter: their product with hours weights the slices of a bill.
    """
    for shape in range(profiles.shape[0]):
        mean, s = 0.0, 0
        for month in range(MONTHS):
            for day in range(DAY_TYPES):
                for block in range(BLOCKS):
                    mean += profiles[shape, s] * (tariff_cny_per_mwh[month, day, block] * hours[month, day, block])
                    s += 1
        shape_cny_per_mwh[shape] = mean


@lean
def mean_midday_tariff(tariff_cny_per_mwh):
    """Return the mean tariff of the midday blocks of typical days, CNY/MWh."""
    total = 0.0
    for month in range(MONTHS):
        total += midday_mean(tariff_cny_per_mwh[month, TYPICAL])
    return total / MONTHS


@lean
def surcharge_cny_per_mwh(
    is_restricted,
    is_eliminated,
    excess_over_quota_share,
    restricted_cny_per_kwh,
    eliminated_cny_per_kwh,
    punitive_low_cny_per_kwh,
    punitive_high_cny_per_kwh,
):
    """Return differential (L16) plus punitive (L18) surcharge of one customer, CNY/MWh (SM13).

    Parameters
    ----------
    is_restricted, is_eliminated : bool
        Class of its equipment in the industrial catalogue; to be eliminated goes before restricted.
    excess_over_quota_share : float
        Specific energy over its quota, less 1: up to 0 none, up to 1 (100 %) the low step, above it the high step.
    """
    differential = 0.0
    if is_eliminated:
        differential = eliminated_cny_per_kwh
    elif is_restricted:
        differential = restricted_cny_per_kwh
    punitive = 0.0
    if excess_over_quota_share > 1.0:
        punitive = punitive_high_cny_per_kwh
    elif excess_over_quota_share > 0.0:
        punitive = punitive_low_cny_per_kwh
    return KWH_PER_MWH * (differential + punitive)


@entered
def write_surcharges(
    energy, is_restricted, is_eliminated, excess_over_quota_share, restricted_cny_per_kwh, eliminated_cny_per_kwh,
    punitive_low_cny_per_kwh, punitive_high_cny_per_kwh,
):  # fmt: skip
    """Write the surcharge of every enterprise, CNY/MWh: ``surcharge_cny_per_mwh`` of each.

    Parameters
    ----------
    energy : structured array of ``ENERGY``, shape (N,)
    is_restricted, is_eliminated, excess_over_quota_share : ndarray, shape (N,)
    """
    for i in range(energy.size):
        energy[i].surcharge_cny_per_mwh = surcharge_cny_per_mwh(
            is_restricted[i], is_eliminated[i], excess_over_quota_share[i], restricted_cny_per_kwh,
            eliminated_cny_per_kwh, punitive_low_cny_per_kwh, punitive_high_cny_per_kwh,
        )  # fmt: skip


@lean
def write_mean_tariffs(energy, load_shape, is_high_voltage, shape_cny_per_mwh, high_voltage_discount_cny_per_mwh):
    """Write the mean tariff of every enterprise with its surcharges, CNY/MWh.

    Parameters
    ----------
    energy : structured array of ``ENERGY``, shape (N,)
    load_shape, is_high_voltage : ndarray of int, shape (N,)
    shape_cny_per_mwh : ndarray, shape (K,)
        Mean tariff by load shape at medium voltage.
    high_voltage_discount_cny_per_mwh : float
    """
    for i in range(energy.size):
        base = shape_cny_per_mwh[load_shape[i]] - is_high_voltage[i] * high_voltage_discount_cny_per_mwh
        energy[i].tariff_cny_per_mwh = base + energy[i].surcharge_cny_per_mwh


@part
def mean_above(mean_kwh, spread_log_sd, limit_kwh):
    """Return the mean use above a limit, kWh, of households whose use is lognormal (closed form; sd 0: all alike)."""
    if spread_log_sd <= 0.0:
        return max(mean_kwh - limit_kwh, 0.0)
    upper = log(mean_kwh / limit_kwh) / spread_log_sd + 0.5 * spread_log_sd
    lower = upper - spread_log_sd
    return mean_kwh * 0.5 * (1.0 + erf(upper / sqrt(2.0))) - limit_kwh * 0.5 * (1.0 + erf(lower / sqrt(2.0)))


@part
def household_mean_cny_per_mwh(
    mean_kwh_per_month,
    tier1_cny_per_kwh,
    tier2_cny_per_kwh,
    tier3_cny_per_kwh,
    limit1_kwh=180.0,
    limit2_kwh=280.0,
    spread_log_sd=0.5,
):
    """Return the mean tariff of all households, CNY/MWh: bills over use (SM13, L19).

    Use is lognormal over households, so a mean household under the first limit still leaves some in the dear tiers.

    Parameters
    ----------
    mean_kwh_per_month : float
        Above 0.
    spread_log_sd : float
        Standard deviation of the log of use; 0: all households use the mean.

    Raises
    ------
    ValueError
        No use.
    """
    if not mean_kwh_per_month > 0.0:
        raise ValueError("the mean use of a household must be above 0")
    bill_cny = (
        tier1_cny_per_kwh * mean_kwh_per_month
        + (tier2_cny_per_kwh - tier1_cny_per_kwh) * mean_above(mean_kwh_per_month, spread_log_sd, limit1_kwh)
        + (tier3_cny_per_kwh - tier2_cny_per_kwh) * mean_above(mean_kwh_per_month, spread_log_sd, limit2_kwh)
    )
    return KWH_PER_MWH * bill_cny / mean_kwh_per_month


@entered
def set_tariffs(
    quarter_of_year, market_factor, own_grid_saving_cny_per_kwh, high_voltage_discount_cny_per_mwh, loss_share, hours,
    profiles, energy, load_shape, is_high_voltage, slice_cny_per_mwh, shape_cny_per_mwh, params, levers,
):  # fmt: skip
    """Write the tariffs of a quarter by slice, load shape and enterprise; return those of roofs and households (SM13).

    Parameters
    ----------
    market_factor : float
        Market part of tariffs relative to the base year.
    own_grid_saving_cny_per_kwh : float
        What users at medium voltage save on a grid of the park's own (L22).
    hours : ndarray, shape (4, 3, 2, 8)
    profiles : ndarray, shape (4, K, 48)
        MW per MWh of the quarter.
    high_voltage_discount_cny_per_mwh, energy, load_shape, is_high_voltage
        See ``write_mean_tariffs``.
    slice_cny_per_mwh : ndarray, shape (3, 2, 8)
        Written.
    shape_cny_per_mwh : ndarray, shape (4, K)
        The row of the quarter is written.

    Returns
    -------
    midday_cny_per_mwh, household_cny_per_mwh : float
    """
    q, p, lever = quarter_of_year, params[0], levers[0]
    medium_cny_per_kwh = p.tariff_network_10kv_cny_per_kwh - own_grid_saving_cny_per_kwh
    fill_tariff(
        q, p.tariff_market_cny_per_kwh * market_factor, (p.season_wet, p.season_shoulder, p.season_dry),
        lever.tou_peak_multiple, lever.tou_valley_multiple, p.sharp_multiple_on_peak, loss_share,
        medium_cny_per_kwh + p.tariff_levy_cny_per_kwh, slice_cny_per_mwh,
    )  # fmt: skip
    fill_means(slice_cny_per_mwh, profiles[q], hours[q], shape_cny_per_mwh[q])
    write_mean_tariffs(energy, load_shape, is_high_voltage, shape_cny_per_mwh[q], high_voltage_discount_cny_per_mwh)
    household_cny_per_mwh = household_mean_cny_per_mwh(
        p.household_use_kwh_per_month, p.household_tier1_cny_per_kwh, lever.household_tier2_cny_per_kwh,
        lever.household_tier3_cny_per_kwh, p.household_limit1_kwh_per_month, p.household_limit2_kwh_per_month,
        p.household_use_log_sd,
    )  # fmt: skip
    return mean_midday_tariff(slice_cny_per_mwh), household_cny_per_mwh
