"""A30 expectations, A32-A33 energy in tce, A37 peaks, A43 clinker, A44 photovoltaics (SM16, SM19, SM25, SM06)."""

import numpy as np
import pytest

from transition_sim.agents.levelised import levelised_cost
from transition_sim.core.tables import allocate
from transition_sim.scenarios import registry
from transition_sim.world.accounting.emissions import (
    account_enterprises,
    clinker_factor_tco2_per_t,
    coal_equivalent_tce_per_mwh,
    nonfossil_share,
)
from transition_sim.world.annuity import capital_recovery_factor
from transition_sim.world.expectations import smoothed, update_expected_prices
from transition_sim.world.peak import peak_metrics
from transition_sim.world.state import ENERGY

TWH = 1e6


def test_a30_a_step_fades_by_a_quarter_each_quarter():
    """.75^8 = .100113 of a unit step is still to come after 8 quarters."""
    expected = 0.0
    for _ in range(8):
        expected = smoothed(expected, 1.0, 0.25)
    assert 1.0 - float(expected) == pytest.approx(0.1001, abs=5e-5)


def test_a30_state_owned_enterprises_learn_faster():
    """Parameters .40 and .25: after 2 quarters .6^2 = .36 and .75^2 = .5625 of the step of 100 are left."""
    expected, params = np.zeros((2, 1)), registry.parameter_record()
    for _ in range(2):
        update_expected_prices(expected, np.array([100.0]), params)
    assert expected.ravel() == pytest.approx([64.0, 43.75])


def test_a32_a_terawatt_hour_in_coal_equivalents():
    """1e6 MWh x .1229 = 122,900 tce; x .3055 (2020) = 305,500 tce."""
    energy, p = allocate(ENERGY, 1), registry.parameter_record()[0]
    energy["electricity_mwh"] = energy["purchased_mwh"] = TWH
    n_carriers = len(registry.carrier_ids())
    in_2020 = coal_equivalent_tce_per_mwh(2020, p["tce_per_mwh_coal_2020"], p["tce_per_mwh_coal_2025"])
    account_enterprises(
        energy,
        np.zeros((1, n_carriers)),
        np.zeros((1, n_carriers)),
        np.zeros(n_carriers),
        0.0,
        p["tce_per_mwh_calorific"],
        in_2020,
    )
    assert energy["energy_calorific_tce"][0] == pytest.approx(122_900.0)
    assert energy["energy_coal_equivalent_tce"][0] == pytest.approx(305_500.0)


@pytest.mark.parametrize(("year", "expected"), [(2015, 0.3055), (2022.5, 0.30275), (2025, 0.300), (2040, 0.300)])
def test_a32_coal_use_of_power_falls_to_2025_and_stays(year, expected):
    assert coal_equivalent_tce_per_mwh(year, 0.3055, 0.300) == pytest.approx(expected)


def test_a33_share_of_hydropower_by_two_methods():
    """305.5/(305.5 + 500) = 37.93 %; 122.9/(122.9 + 500) = 19.73 %."""
    assert nonfossil_share(TWH, 0.0, 0.5e6, 0.0, 0.3055) == pytest.approx(0.3793, abs=5e-5)
    assert nonfossil_share(TWH, 0.0, 0.5e6, 0.0, 0.1229) == pytest.approx(0.1973, abs=5e-5)


def test_a33_limits():
    """Nothing used: 0; no fossil energy: 1; half of the power fossil: .5 by any method."""
    assert nonfossil_share(0.0, 0.0, 0.0, 0.0, 0.3055) == 0.0
    assert nonfossil_share(TWH, 10.0, 0.0, 0.0, 0.3055) == 1.0
    assert nonfossil_share(TWH, 0.0, 0.0, TWH, 0.1229) == pytest.approx(0.5)


def test_a37_peak_confirmation_and_plateau():
    """10 11 12 12 11.9 11.8 11.7 11.5: centred means 10.5 11 11.67 11.97 11.9 11.8 11.67 11.6, so index 3.

    Below 12 x .99 = 11.88 from index 5 on, three years: confirmed. At 12 x .98 = 11.76 or more: indices 2 to 5.
    """
    peak = peak_metrics(range(2020, 2028), [10, 11, 12, 12, 11.9, 11.8, 11.7, 11.5])
    assert peak.peak_year == 2023
    assert peak.is_confirmed
    assert (peak.plateau_years, peak.plateau_start, peak.plateau_end) == (4, 2022, 2025)
    assert peak.kind == "plateau"
    assert not peak.is_censored


def test_a43_clinker():
    """.535 + .108 tce x 2.6638 tCO2/tce (= .09089 x 29.3076) = .8227 tCO2/t."""
    carriers = dict(zip(registry.carrier_ids(), registry.carrier_table()["co2_t_per_gj"]))
    assert carriers["coal"] * 29.3076 == pytest.approx(2.6638, abs=5e-5)
    assert clinker_factor_tco2_per_t(0.535, 108.0, carriers["coal"]) == pytest.approx(0.8227, abs=5e-5)


@pytest.mark.parametrize(("capex_cny_per_kw", "expected"), [(3400.0, 0.3717), (2700.0, 0.3073)])
def test_a44_levelised_cost_of_photovoltaics(capex_cny_per_kw, expected):
    """CRF(6 %, 25 yr) = .0782267: (3400 x .0782267 + 50)/850 = .3717; (2700 x .0782267 + 50)/850 = .3073."""
    recovery = capital_recovery_factor(0.06, 25)
    assert recovery == pytest.approx(0.0782267, abs=5e-8)
    cost = levelised_cost(capex_cny_per_kw / 850.0, recovery, 50.0 / capex_cny_per_kw)
    assert cost == pytest.approx(expected, abs=5e-5)
