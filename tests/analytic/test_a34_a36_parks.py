"""A34-A36 and M27: the zero-carbon park in limits that are solved by hand, and what its verdict turns on."""

import pytest

from transition_sim.scenarios import registry
from transition_sim.world.accounting.zero_carbon_park import (
    ParkYear,
    Thresholds,
    accident_free_years,
    read_park,
)

LIMITS = Thresholds(200_000.0, 1_000_000.0, 0.2, 0.3, 0.5)
COAL_EQUIVALENT, CALORIFIC = 0.300, 0.1229
SMALLER_TCE, LARGER_TCE = 500_000.0, 2_000_000.0


def burning(energy_tce: float, co2_per_tce: float) -> ParkYear:
    """A park without power that sets free so much a tce."""
    return ParkYear(co2_per_tce * energy_tce, 0.0, energy_tce, 0.0, 0.0)


def electric(share: float, use_mwh: float = 4e6) -> ParkYear:
    """An all-electric park: a share from the grid without contract, the rest by direct green supply."""
    return ParkYear(0.0, 0.0, 0.0, use_mwh, share * use_mwh, (1.0 - share) * use_mwh)


@pytest.mark.parametrize(("carrier", "factor"), [("natural_gas", 1.6298), ("diesel", 2.1274), ("coal", 2.6638)])
@pytest.mark.parametrize(("energy_tce", "limit"), [(SMALLER_TCE, 0.2), (LARGER_TCE, 0.3)])
def test_a34_residue_of_fuel(carrier, factor, energy_tce, limit):
    """Factor = tCO2/GJ x 29.3076 GJ/tce; the share of fuel that keeps the limit is limit / factor."""
    [row] = [c for c in registry.carriers() if c.id == carrier]
    tco2_per_tce = row.co2_t_per_gj * 29.3076
    assert tco2_per_tce == pytest.approx(factor, abs=5e-5)
    share = limit / factor
    shares = {
        ("natural_gas", 0.2): 0.1227, ("diesel", 0.2): 0.0940, ("coal", 0.2): 0.0751,
        ("natural_gas", 0.3): 0.1841, ("diesel", 0.3): 0.1410, ("coal", 0.3): 0.1126,
    }  # fmt: skip
    assert share == pytest.approx(shares[carrier, limit], abs=5e-5)
    parks = [burning(energy_tce, s * factor) for s in (0.999 * share, 1.001 * share)]
    verdicts = [read_park(park, 0.5, 0.3, LIMITS).verdict for park in parks]
    assert verdicts == ["pass", "fail"]


@pytest.mark.parametrize(
    ("factor", "coal_equivalent", "calorific"),
    [(0.1255, 0.4781, 0.1959), (0.5366, 0.1118, 0.0458), (0.5856, 0.1025, 0.0420), (0.8325, 0.0721, 0.0295)],
)
def test_a35_power_without_contract(factor, coal_equivalent, calorific):
    """s x EF / tce <= .2, so s <= .2 x tce / EF: .2 x .3 / .5366 = 11.18 % and .2 x .1229 / .5366 = 4.58 %."""
    for tce_per_mwh, share in ((COAL_EQUIVALENT, coal_equivalent), (CALORIFIC, calorific)):
        assert 0.2 * tce_per_mwh / factor == pytest.approx(share, abs=5e-5)
        below, above = (electric(s, 0.5e6 / tce_per_mwh) for s in (share - 1e-3, share + 1e-3))
        assert read_park(below, factor, tce_per_mwh, LIMITS).verdict == "pass"
        found = read_park(above, factor, tce_per_mwh, LIMITS)
        assert (found.verdict, found.binding) == ("fail", "power")


@pytest.mark.parametrize(
    ("energy_tce", "verdict"),
    [(199_999.0, "no_threshold"), (200_000.0, "fail"), (999_999.0, "fail"), (1_000_000.0, "pass")],
)
def test_a36_bands(energy_tce, verdict):
    """At .25 tCO2/tce; a limit of a class belongs to the class above it (both bands of the notice hold 1 Mtce)."""
    assert read_park(burning(energy_tce, 0.25), 0.5, 0.3, LIMITS).verdict == verdict


def test_a_park_at_exactly_the_limit_passes():
    for energy_tce, limit in ((200_000.0, 0.2), (1_000_000.0, 0.3), (333_333.0, 0.2)):
        found = read_park(burning(energy_tce, limit), 0.5, 0.3, LIMITS)
        assert (found.verdict, found.excess_tco2, found.binding) == ("pass", 0.0, "none")
        assert read_park(burning(energy_tce, limit * 1.000001), 0.5, 0.3, LIMITS).verdict == "fail"


def test_a_tiny_park_is_told_its_level_and_no_verdict():
    """100 tce and 50 t: 0.5 tCO2/tce; 0.2 x 100 = 20 t would be allowed, 30 t too much."""
    found = read_park(burning(100.0, 0.5), 0.5, 0.3, LIMITS)
    assert found.verdict == "no_threshold"
    assert (found.limit_tco2_per_tce, found.excess_tco2) == (pytest.approx(0.2), pytest.approx(30.0))


def test_the_convention_can_decide_the_class():
    """2 TWh and 50 ktce of fuel: .3 x 2e6 + 5e4 = 650 ktce; 12 % less: .1229 x 2e6 + 5e4 = 295.8; 1 TWh: 172.9 ktce."""
    park = ParkYear(60_000.0, 0.0, 50_000.0, 2e6, 0.0, 2e6)
    assert read_park(park, 0.5, COAL_EQUIVALENT, LIMITS).energy_tce == pytest.approx(650_000.0)
    half = ParkYear(60_000.0, 0.0, 50_000.0, 1e6, 0.0, 1e6)
    assert read_park(half, 0.5, COAL_EQUIVALENT, LIMITS).verdict == "pass"  # 60 / 350 = .171
    assert read_park(half, 0.5, CALORIFIC, LIMITS).verdict == "no_threshold"


def test_distance_to_passing_by_power():
    """500 ktce of fuel carry 60 kt, 1 TWh 300 ktce; 800 x .2 = 160 kt allowed; 60 + 500 = 560: 400 kt or 800 GWh."""
    found = read_park(ParkYear(60_000.0, 0.0, 500_000.0, 1e6, 1e6), 0.5, 0.3, LIMITS)
    assert (found.co2_tco2, found.excess_tco2) == (pytest.approx(560_000.0), pytest.approx(400_000.0))
    assert (found.green_mwh, found.left_tco2, found.binding) == (pytest.approx(800_000.0), 0.0, "power")


@pytest.mark.parametrize(("direct", "heat", "binding"), [(200_000.0, 50_000.0, "fuel"), (50_000.0, 200_000.0, "heat")])
def test_distance_that_power_cannot_close(direct, heat, binding):
    """Allowed 160 kt; 250 kt of fuel and steam: all 1 TWh green leaves 90 kt."""
    found = read_park(ParkYear(direct, heat, 500_000.0, 1e6, 1e6), 0.5, 0.3, LIMITS)
    assert found.binding == binding
    assert (found.green_mwh, found.left_tco2) == (pytest.approx(1e6), pytest.approx(90_000.0))


def certified(mwh: float, direct_mwh: float = 0.0) -> ParkYear:
    return ParkYear(0.0, 0.0, 0.0, 2e6, 2e6 - direct_mwh, direct_mwh, mwh)


def test_m27_certificates_count_for_half_at_most():
    """2 TWh at .5: 1 Mt; certificates take off .5 t each up to 1 TWh and nothing beyond."""
    levels = [read_park(certified(mwh), 0.5, 0.3, LIMITS).co2_tco2 for mwh in (0.0, 0.5e6, 1e6, 1.5e6, 2e6)]
    assert levels == pytest.approx([1e6, 0.75e6, 0.5e6, 0.5e6, 0.5e6])


def test_m27_too_little_direct_supply_is_what_binds():
    """All power certified would pass; half of it counts: 500 kt against .2 x 600 ktce = 120 kt."""
    found = read_park(certified(2e6), 0.5, 0.3, LIMITS)
    assert (found.verdict, found.binding) == ("fail", "direct_supply")
    # with 1 TWh over lines the certificates for the other TWh count in full
    assert read_park(certified(1e6, 1e6), 0.5, 0.3, LIMITS).verdict == "pass"


def test_a_park_without_energy_is_refused():
    with pytest.raises(ValueError, match="without energy use"):
        read_park(burning(0.0, 0.0), 0.5, 0.3, LIMITS)


def test_years_since_an_accident():
    assert accident_free_years(2030, [2021, 2028]) == 2
    assert accident_free_years(2031, [2021, 2028]) == 3
    assert accident_free_years(2030, [2031]) == float("inf")
