"""Experience curves, availability and maturing of technologies (SM17)."""

import numpy as np
import pytest

from transition_sim.scenarios import registry
from transition_sim.scenarios.reference_arrays import learning_groups
from transition_sim.world.experience import (
    capex_factor,
    experience_exponent,
    first_years,
    immaturity,
    national_deployment,
    national_paths,
    national_unit_factors,
    technology_capex_factors,
)

TECHNOLOGIES = registry.technology_table()
IDS = registry.technology_ids()
GROUPS = learning_groups()


def of(values, technology):
    return float(values[IDS.index(technology)])


def test_sm17_each_doubling_cuts_the_cost_by_the_learning_share():
    """.9, .81, .729 after one, two, three doublings; nothing learnt, nothing cut."""
    assert [capex_factor(now, 1.0, 0.1) for now in (2.0, 4.0, 8.0)] == pytest.approx([0.9, 0.81, 0.729])
    assert capex_factor(8.0, 1.0, 0.0) == 1.0
    assert capex_factor(3.0, 3.0, 0.3) == 1.0


@pytest.mark.parametrize("share", [-0.1, 1.0, 1.5])
def test_sm17_a_learning_share_outside_its_range_is_refused(share):
    with pytest.raises(ValueError, match="0 to below 1"):
        experience_exponent(share)


@pytest.mark.parametrize(("now", "start"), [(1.0, 0.0), (0.5, 1.0), (-1.0, -2.0)])
def test_sm17_deployment_that_falls_or_starts_at_nothing_is_refused(now, start):
    with pytest.raises(ValueError, match="never falls"):
        capex_factor(now, start, 0.2)


def test_sm17_national_path_is_linear_from_2020():
    """252 GW and 120 GW a year: 252 before and in 2020, 252 + 5.5 x 120 = 912 in mid-2025."""
    start, growth = np.array([252.0]), np.array([120.0])
    for year, expected in ((2018.0, 252.0), (2020.0, 252.0), (2025.5, 912.0)):
        assert national_deployment(start, growth, year) == pytest.approx([expected])


def test_sm17_every_learning_group_has_its_path():
    starts, growths = national_paths(registry.parameter_record(), GROUPS)
    assert dict(zip(GROUPS, starts))["pv"] == 252.0
    assert dict(zip(GROUPS, growths))["pv"] == 120.0
    assert (starts > 0).all()
    assert (growths >= 0).all()


def test_sm17_a_group_without_parameters_is_named():
    with pytest.raises(ValueError, match="learning group 'fusion' needs the parameters fusion_national_"):
        national_paths(registry.parameter_record(), ["fusion"])


def test_sm17_capacity_in_the_place_counts_in_the_national_unit():
    """1 MW = .001 GW. 1 GJ a year over 5500 h: 1/(3.6 x 5500) MW = 5.05e-8 GW. 1 t clinker: .9 x .83 t captured."""
    factors = national_unit_factors(TECHNOLOGIES, GROUPS)
    assert of(factors, "roof_pv") == pytest.approx(1e-3)
    assert of(factors, "storage_li") == pytest.approx(1e-3)
    assert of(factors, "steam_heat_pump") == pytest.approx(1 / (3.6 * 5500) / 1000)
    assert of(factors, "clk_ccus") == pytest.approx(0.9 * 0.83 * 1e-6)
    # .108 GJ = 30 kWh a tonne over 7000 h: .03/7000 MW
    assert of(factors, "clk_whr") == pytest.approx(0.03 / 7000 / 1000)
    assert of(factors, "intra_battery") == 0.0
    assert of(factors, "steam_coal_small") == 0.0


def capex_factors(national_now_pv, place_mw=0.0, weight=1.0):
    starts, _ = national_paths(registry.parameter_record(), GROUPS)
    now = starts.copy()
    now[GROUPS.index("pv")] = national_now_pv
    added = np.zeros(len(IDS))
    added[IDS.index("roof_pv")] = place_mw
    factors = national_unit_factors(TECHNOLOGIES, GROUPS)
    return technology_capex_factors(TECHNOLOGIES, starts, now, np.zeros(len(IDS)), added, factors, weight)


def test_sm17_national_deployment_cheapens_its_group_only():
    """Four times 252 GW at 22 %: .78^2 = .6084; the rest stands still."""
    factors = capex_factors(1008.0)
    assert of(factors, "roof_pv") == pytest.approx(0.78**2)
    others = np.delete(factors, IDS.index("roof_pv"))
    assert (others == 1.0).all()


def test_sm17_the_place_adds_to_the_nation_by_its_weight():
    """252 GW in the place (252,000 MW) is one doubling: .78; without weight nothing; at weight 3 two doublings."""
    assert of(capex_factors(252.0, 252e3), "roof_pv") == pytest.approx(0.78)
    assert of(capex_factors(252.0, 252e3, 0.0), "roof_pv") == 1.0
    assert of(capex_factors(252.0, 252e3, 3.0), "roof_pv") == pytest.approx(0.78**2)


def test_sm17_technologies_of_a_group_share_its_experience():
    """What steam recovery adds to 'efficiency' is weighted 0 (an index); a doubling of the index cheapens all."""
    starts, _ = national_paths(registry.parameter_record(), GROUPS)
    now = starts.copy()
    now[GROUPS.index("efficiency")] *= 2
    zeros = np.zeros(len(IDS))
    factors = technology_capex_factors(
        TECHNOLOGIES, starts, now, zeros, zeros, national_unit_factors(TECHNOLOGIES, GROUPS)
    )
    assert of(factors, "motor_ie4_vfd") == pytest.approx(0.97)
    assert of(factors, "kiln_electric") == pytest.approx(0.95)


def test_sm17_without_groups_nothing_learns():
    alone = TECHNOLOGIES.copy()
    alone["learning_group"] = -1
    none = np.zeros(len(IDS))
    assert (technology_capex_factors(alone, np.ones(1), np.ones(1), none, none, none) == 1.0).all()


def test_l08_demonstration_brings_immature_technology_two_years_earlier():
    """Capture in 2028, 2027 at half effort, 2026 at full; a mature boiler and a kiln no longer sold stay."""
    assert of(first_years(TECHNOLOGIES, 0.0), "clk_ccus") == 2028.0
    assert of(first_years(TECHNOLOGIES, 0.5), "clk_ccus") == 2027.0
    full = first_years(TECHNOLOGIES, 1.0)
    assert of(full, "clk_ccus") == 2026.0
    assert of(full, "steam_gas") == 2000.0
    assert of(full, "nsp_old") == 9999.0


@pytest.mark.parametrize("effort", [-0.1, 1.1, np.nan])
def test_l08_effort_outside_its_range_is_refused(effort):
    with pytest.raises(ValueError, match="effort share"):
        first_years(TECHNOLOGIES, effort)


def test_sm17_immaturity_falls_with_effort_to_nothing():
    """Capture starts at 1: 1 - .02 x 2 x 5 = .8; after 100 years 0; no effort, or time before the start, nothing."""
    assert of(immaturity(TECHNOLOGIES, 0.02, 2.0, 5.0), "clk_ccus") == pytest.approx(0.8)
    assert of(immaturity(TECHNOLOGIES, 0.02, 2.0, 100.0), "clk_ccus") == 0.0
    assert of(immaturity(TECHNOLOGIES, 0.02, 0.0, 5.0), "clk_ccus") == 1.0
    assert of(immaturity(TECHNOLOGIES, 0.02, 2.0, -3.0), "clk_ccus") == 1.0
    assert of(immaturity(TECHNOLOGIES, 0.02, 2.0, 5.0), "steam_gas") == 0.0
