"""The zero-carbon park: CO2 per unit of energy against a threshold by size (SM25; national notice of 2025).

A test of a *level*. It has nothing to do with the near-zero park, which is a test of a trend
(``near_zero_park``), and the two share no function.

The notice's table of electricity factors was not readable, and its denominator does not say how power is turned into
coal equivalent. The verdict can turn on either, so that it is always given for all factors and both conventions.
"""

from dataclasses import dataclass
from typing import Literal

from transition_sim.world.accounting.certificates import recognised_green_mwh

Verdict = Literal["pass", "fail", "no_threshold"]
Binding = Literal["none", "power", "direct_supply", "fuel", "heat"]
ROUNDING = 1e-12
"""A park at the threshold passes, whatever the last digit of its sums."""


@dataclass(frozen=True)
class ParkYear:
    """What a year of a park comes down to; sums of the year, all >= 0.

    Attributes
    ----------
    direct_tco2 : float
        Burnt and set free by processes inside the park, what leaves with exported power taken off.
    heat_tco2 : float
        Set free elsewhere for the steam that the park buys.
    fuel_tce : float
        Energy but power: fuels, steam, feedstock.
    use_mwh : float
        Power that counts as energy: bought, or from roofs; not from waste heat, whose fuel is counted already.
    inflow_mwh : float
        Power taken in from the grid.
    direct_green_mwh : float
        Green power from roofs and over direct lines; never part of the inflow.
    certified_green_mwh : float
        Green power by contract and certificate, a part of the inflow.
    """

    direct_tco2: float
    heat_tco2: float
    fuel_tce: float
    use_mwh: float
    inflow_mwh: float
    direct_green_mwh: float = 0.0
    certified_green_mwh: float = 0.0

    def energy_tce(self, tce_per_mwh: float) -> float:
        """Return the comprehensive energy use under one convention of power, tce."""
        return self.fuel_tce + tce_per_mwh * self.use_mwh


@dataclass(frozen=True)
class Thresholds:
    """Thresholds by size; the limit of a class belongs to the class above it (A36).

    Attributes
    ----------
    smaller_from_tce, larger_from_tce : float
    smaller_tco2_per_tce, larger_tco2_per_tce : float
    direct_minimum_share : float
        Certificates count for what this share of direct supply leaves (SM14, M27).
    """

    smaller_from_tce: float
    larger_from_tce: float
    smaller_tco2_per_tce: float
    larger_tco2_per_tce: float
    direct_minimum_share: float

    def of(self, energy_tce: float) -> float | None:
        """Return the threshold of a size, tCO2/tce; None below the smallest size."""
        if energy_tce < self.smaller_from_tce:
            return None
        return self.smaller_tco2_per_tce if energy_tce < self.larger_from_tce else self.larger_tco2_per_tce


@dataclass(frozen=True)
class Reading:
    """The test under one electricity factor and one convention of coal equivalent.

    Attributes
    ----------
    energy_tce, co2_tco2, co2_per_energy_tco2_per_tce : float
    limit_tco2_per_tce : float
        The threshold; that of the smaller class, as information, where there is none.
    verdict : {"pass", "fail", "no_threshold"}
    excess_tco2 : float
        CO2 above the limit at this energy use; 0 where it is kept.
    green_mwh : float
        Further power by direct green supply that would close it; all power that is not green where that is too little.
    left_tco2 : float
        Excess that stays when that power is green: to be taken from fuel, processes and steam.
    binding : {"none", "power", "direct_supply", "fuel", "heat"}
        What stands in the way: power that is not green; certificates that count no more for want of direct supply;
        or, where the limit is missed with green power alone, the larger of fuel and processes, and of bought steam.
    """

    energy_tce: float
    co2_tco2: float
    co2_per_energy_tco2_per_tce: float
    limit_tco2_per_tce: float
    verdict: Verdict
    excess_tco2: float
    green_mwh: float
    left_tco2: float
    binding: Binding


def certified_that_counts_mwh(park: ParkYear, direct_minimum_share: float) -> float:
    """Return the inflow that certificates make green in the test, MWh (M27)."""
    direct = min(park.direct_green_mwh, park.use_mwh)
    certified = min(park.certified_green_mwh, park.inflow_mwh, park.use_mwh - direct)
    return recognised_green_mwh(direct, certified, park.use_mwh, direct_minimum_share) - direct


def read_park(park: ParkYear, grid_tco2_per_mwh: float, tce_per_mwh: float, thresholds: Thresholds) -> Reading:
    """Return the test of a year under one factor and one convention (A34-A36).

    Parameters
    ----------
    park : ParkYear
    grid_tco2_per_mwh : float
        Of power taken in that is not green; green power counts zero.
    tce_per_mwh : float
        0.1229 (calorific) or 0.300 (coal equivalent).
    thresholds : Thresholds

    Raises
    ------
    ValueError
        A park without energy use.
    """
    energy = park.energy_tce(tce_per_mwh)
    if not energy > 0:
        raise ValueError("a park without energy use cannot be tested")
    counted = certified_that_counts_mwh(park, thresholds.direct_minimum_share)
    grey_mwh = park.inflow_mwh - counted
    co2 = park.direct_tco2 + park.heat_tco2 + grid_tco2_per_mwh * grey_mwh
    limit = thresholds.of(energy)
    allowed = (thresholds.smaller_tco2_per_tce if limit is None else limit) * energy
    keeps = co2 <= allowed * (1.0 + ROUNDING)
    excess = 0.0 if keeps else co2 - allowed
    is_closed_by_power = excess <= grid_tco2_per_mwh * grey_mwh
    return Reading(
        energy_tce=energy,
        co2_tco2=co2,
        co2_per_energy_tco2_per_tce=co2 / energy,
        limit_tco2_per_tce=allowed / energy,
        verdict="no_threshold" if limit is None else "pass" if keeps else "fail",
        excess_tco2=excess,
        green_mwh=min(grey_mwh, excess / grid_tco2_per_mwh) if grid_tco2_per_mwh > 0 else 0.0,
        left_tco2=max(0.0, excess - grid_tco2_per_mwh * grey_mwh),
        binding=_binding(park, excess, is_closed_by_power, grid_tco2_per_mwh, counted),
    )


def _binding(
    park: ParkYear, excess_tco2: float, is_closed_by_power: bool, grid_tco2_per_mwh: float, counted_mwh: float
) -> Binding:
    if excess_tco2 == 0:
        return "none"
    if not is_closed_by_power:
        return "heat" if park.heat_tco2 > park.direct_tco2 else "fuel"
    idle_mwh = min(park.certified_green_mwh, park.inflow_mwh) - counted_mwh
    return "direct_supply" if excess_tco2 <= grid_tco2_per_mwh * idle_mwh else "power"


def accident_free_years(year: int, accident_years: list[int]) -> float:
    """Return the whole years without a major accident at the end of a year; inf where there never was one."""
    past = [a for a in accident_years if a <= year]
    return float(year - max(past)) if past else float("inf")
