"""Peak year, confirmation and plateau of an annual series (SM25)."""

import inspect

import numpy as np
import pytest

from transition_sim.scenarios import registry
from transition_sim.world.peak import centred_mean, peak_metrics


def peak_of(values, **settings):
    return peak_metrics(range(2020, 2020 + len(values)), values, **settings)


def test_sm25_the_definition_of_the_peak_is_that_of_the_table_and_nobody_can_set_another():
    table = registry.parameters()
    keys = {
        "band": "plateau_band_share", "confirm_drop": "peak_confirm_drop_share", "confirm_years": "peak_confirm_years",
        "plateau_min_years": "plateau_min_years", "censor_years": "peak_censor_years", "window": "peak_smoothing_years",
    }  # fmt: skip
    defaults = {name: of.default for name, of in inspect.signature(peak_metrics).parameters.items() if name in keys}
    assert defaults == {name: table[key].value for name, key in keys.items()}
    assert all(table[key].low == table[key].high for key in keys.values())


def test_sm25_centred_mean_uses_the_years_that_exist():
    """(1+2)/2, (1+2+6)/3, (2+6+3)/3, (6+3)/2."""
    assert centred_mean(np.array([1.0, 2.0, 6.0, 3.0])) == pytest.approx([1.5, 3.0, 11 / 3, 4.5])
    assert centred_mean(np.array([1.0, 5.0]), 1).tolist() == [1.0, 5.0]


def test_sm25_a_sharp_peak():
    """Only 2023 at 20 is at 19.6 or more; from 2024 on far below."""
    peak = peak_of([10, 12, 15, 20, 15, 12, 10, 8])
    assert (peak.peak_year, peak.peak_value) == (2023, 20.0)
    assert (peak.kind, peak.plateau_years, peak.is_confirmed, peak.is_censored) == ("sharp", 1, True, False)


def test_sm25_the_highest_single_year_need_not_be_the_peak_year():
    """A dry year, 19 between low ones: (15 + 16 + 14)/3 = 15, (16 + 14 + 19)/3 = 16.33, (14 + 19 + 13)/3 = 15.33."""
    peak = peak_of([15, 16, 14, 19, 13, 12, 12, 11])
    assert (peak.peak_year, peak.peak_value, peak.highest_year, peak.highest_value) == (2022, 14.0, 2023, 19.0)
    assert peak.mean_value == pytest.approx(49 / 3)


def test_sm25_a_rising_series_has_not_peaked():
    peak = peak_of([1, 2, 3, 4, 5, 6])
    assert (peak.peak_year, peak.kind, peak.is_censored, peak.is_confirmed) == (2025, "rising", True, False)


def test_sm25_a_falling_series_peaked_at_its_start():
    peak = peak_of([6, 5, 4, 3, 2, 1])
    assert (peak.peak_year, peak.kind, peak.is_confirmed, peak.is_censored) == (2020, "sharp", True, False)


def test_sm25_ties_go_to_the_earliest():
    """A flat series: the first year; all of it is plateau, nothing is confirmed."""
    peak = peak_of([7.0] * 8)
    assert (peak.peak_year, peak.plateau_years, peak.kind, peak.is_confirmed) == (2020, 8, "plateau", False)
    # two equal hills: (9 + 12 + 11)/3 at 2021 and at 2025, and (9 + 12)/2 = 10.5 at the edge is less
    assert peak_of([9, 12, 11, 5, 9, 12, 11, 5]).peak_year == 2021


def test_sm25_confirmation_needs_consecutive_years_below():
    """99 and less confirms 100. Below, below, back at 99.5, below, below: never three in a row."""
    start = [90, 95, 100, 100, 100]
    assert not peak_of([*start, 98, 98, 99.5, 98, 98]).is_confirmed
    assert peak_of([*start, 98, 98, 99.0]).is_confirmed
    assert not peak_of([*start, 98, 98]).is_confirmed
    assert peak_of([*start, 98, 98], confirm_years=2).is_confirmed


def test_sm25_a_peak_in_the_last_three_years_is_censored():
    """Eight years: index 5 and later cannot be told."""
    assert peak_of([1, 1, 1, 5, 9, 5, 1, 1]).is_censored is False
    assert peak_of([1, 1, 1, 1, 5, 9, 5, 1]).is_censored is True


def test_sm25_a_lone_spike_does_not_make_the_peak_year():
    """2021 has one spike of 13 between 8s (mean 9.67); 2025 stands in a hill of 10, 12, 11 (mean 11)."""
    peak = peak_of([8, 13, 8, 9, 10, 12, 11, 9, 8, 7])
    assert peak.peak_year == 2025
    assert peak.peak_value == 12.0
    # 12 is below .98 x 13 = 12.74, so the peak year stands alone
    assert (peak.plateau_years, peak.plateau_start, peak.plateau_end) == (1, 2025, 2025)


def test_sm25_plateau_band_and_length():
    """Four years at 98 or more are a plateau, three are sharp."""
    assert peak_of([90, 98, 100, 99, 98, 90, 80, 70]).kind == "plateau"
    assert peak_of([90, 98, 100, 99, 97, 90, 80, 70]).kind == "sharp"


def test_sm25_net_sinks_keep_their_sign():
    """Negative values: the band lies below the maximum, -10 - .2 = -10.2."""
    peak = peak_of([-20, -10.1, -10, -10.1, -20, -30])
    assert (peak.peak_year, peak.plateau_years) == (2022, 3)


def test_sm25_one_year_is_its_own_peak():
    peak = peak_of([5.0])
    assert (peak.peak_year, peak.kind, peak.is_censored) == (2020, "sharp", True)


@pytest.mark.parametrize(
    ("years", "values", "said"),
    [
        ([], [], "same length"),
        ([2020, 2021], [1.0], "same length"),
        ([2020, 2022], [1.0, 2.0], "consecutive"),
        ([2020, 2021], [1.0, np.nan], "finite"),
    ],
)
def test_sm25_bad_series_are_refused(years, values, said):
    with pytest.raises(ValueError, match=said):
        peak_metrics(years, values)


def test_sm25_an_even_window_is_refused():
    with pytest.raises(ValueError, match="odd"):
        peak_of([1, 2, 3], window=2)


def test_sm25_a_peak_in_the_first_year_may_have_come_before():
    assert peak_of([9, 8, 7, 6, 5, 4]).is_at_start is True
    # means 4.5, 5.3, 7.0, 7.0, 6.0, 4.5: the third year
    assert peak_of([4, 5, 7, 9, 5, 4]).is_at_start is False
    assert peak_of([5, 9, 2, 1, 1, 1]).is_at_start is True  # (5 + 9) / 2 = 7 against (5 + 9 + 2) / 3 = 5.3
    assert peak_of([5]).is_at_start is False
