"""Energy and emissions of enterprises and of the place (SM19).

Two methods of counting electricity in coal equivalent stand side by side and are never mixed: calorific
(0.1229 tce/MWh) and the coal use of thermal plants of the year (0.3055 in 2020 falling to 0.300). Two territorial
bases: *territorial* counts what is burnt and calcined inside the place, local power plants included; *dual_control*
counts what the place uses: exported power leaves with the local factor, imported power enters with the provincial one.
"""

from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled, entered, part
from transition_sim.core.units import GJ_PER_TCE
from transition_sim.world.supply_chain import LANES


def coal_equivalent_tce_per_mwh(year: float, in_2020: float, in_2025: float) -> float:
    """Return the coal use of thermal power of a year, tce/MWh: linear from 2020 to 2025, flat outside (SM19)."""
    share = min(1.0, max(0.0, (year - 2020.0) / 5.0))
    return in_2020 + share * (in_2025 - in_2020)


def nonfossil_share(
    nonfossil_mwh: float, other_nonfossil_tce: float, fossil_tce: float, fossil_mwh: float, tce_per_mwh: float
) -> float:
    """Return the non-fossil share of energy use under one electricity convention (A33).

    Parameters
    ----------
    nonfossil_mwh, fossil_mwh : float
        Electricity used from non-fossil and from fossil generation, MWh.
    other_nonfossil_tce, fossil_tce : float
        Direct use of biomass and heat from it, and of fossil fuels, tce.
    tce_per_mwh : float
        0.1229 (calorific) or the coal equivalent of the year.
    """
    nonfossil = nonfossil_mwh * tce_per_mwh + other_nonfossil_tce
    total = nonfossil + fossil_tce + fossil_mwh * tce_per_mwh
    return nonfossil / total if total > 0 else 0.0


def clinker_factor_tco2_per_t(process_tco2_per_t: float, coal_kgce_per_t: float, coal_tco2_per_gj: float) -> float:
    """Return the direct emissions of a tonne of clinker: calcination plus coal (A43)."""
    return process_tco2_per_t + coal_kgce_per_t / 1e3 * GJ_PER_TCE * coal_tco2_per_gj


@entered
def account_enterprises(
    energy, fuel_gj, feedstock_gj, carrier_tco2_per_gj, grid_tco2_per_mwh, calorific, coal_equivalent
):
    """Fill scope 1, location-based scope 2 and both tce columns of every enterprise (SM19).

    Electricity that counts is bought or comes from roofs; power from waste heat is in the fuel of its kiln already.

    Parameters
    ----------
    energy : structured array of ``ENERGY``, shape (N,)
        Reads purchased and own electricity, process emissions and capture; writes scopes and tce.
    fuel_gj, feedstock_gj : ndarray, shape (N, n_carriers), GJ/quarter
        Burnt, and used as raw material: energy without emissions here.
    carrier_tco2_per_gj : ndarray, shape (n_carriers,)
        Purchased heat carries its factor here although it is burnt elsewhere: it is counted in scope 2.
    grid_tco2_per_mwh : float
        Provincial average factor of the year.
    calorific, coal_equivalent : float
        tce per MWh of electricity.
    """
    n_carriers = fuel_gj.shape[1]
    heat = n_carriers - 2
    for i in range(energy.size):
        burnt_tco2 = 0.0
        fuel_sum_gj = 0.0
        for k in range(n_carriers):
            fuel_sum_gj += fuel_gj[i, k] + feedstock_gj[i, k]
            if k < heat:
                burnt_tco2 += fuel_gj[i, k] * carrier_tco2_per_gj[k]
        row = energy[i]
        row.scope1_tco2 = burnt_tco2 + row.process_tco2 - row.captured_tco2
        row.scope2_location_tco2 = row.purchased_mwh * grid_tco2_per_mwh + fuel_gj[i, heat] * carrier_tco2_per_gj[heat]
        primary_mwh = row.purchased_mwh + row.roof_used_mwh
        row.energy_calorific_tce = fuel_sum_gj / GJ_PER_TCE + primary_mwh * calorific
        row.energy_coal_equivalent_tce = fuel_sum_gj / GJ_PER_TCE + primary_mwh * coal_equivalent


@compiled
def account_upstream(energy, output_cny, purchases, sector, outside, depth, work):
    """Fill scope 3 upstream by the power series m = e + A'm on the local graph (SM19, A08).

    Parameters
    ----------
    output_cny : ndarray, shape (N,)
    purchases : SideBySide
        Inputs per unit of output of their buyers.
    outside : ndarray, shape (S,)
        Embodied emissions of goods from the rest of the world per unit of output, tCO2/CNY.
    depth : int
        Terms of the series; 6 leave less than 1 % where a column sums to 0.4.
    work : ndarray, shape (4, N + 1)
        Work space, tCO2/CNY: direct intensity, that of goods from outside, and last and next total intensity.
    """
    direct, abroad, last, following = work[0], work[1], work[2], work[3]
    for i in range(energy.size):
        direct[i], abroad[i] = 0.0, outside[sector[i]]
        if output_cny[i] > 0.0:
            direct[i] = (energy[i].scope1_tco2 + energy[i].scope2_location_tco2) / output_cny[i]
        last[i] = direct[i] + abroad[i]
    for _ in range(depth):
        _add_suppliers(purchases, direct, abroad, last, following)
        last, following = following, last
    for i in range(energy.size):
        energy[i].scope3_upstream_tco2 = (last[i] - direct[i]) * output_cny[i]


@part
def _add_suppliers(purchases, direct, abroad, last, following):
    """Write the next total intensity of every enterprise from the last one of its suppliers."""
    upstream = np.empty(LANES)
    for block in range(purchases.row.shape[0]):
        for lane in range(LANES):
            upstream[lane] = abroad[purchases.row[block, lane]]
        for rank in range(purchases.start[block], purchases.start[block + 1]):
            for lane in range(LANES):
                upstream[lane] += purchases.input[rank, lane] * last[purchases.supplier[rank, lane]]
        for lane in range(LANES):
            i = purchases.row[block, lane]
            following[i] = direct[i] + upstream[lane]


class Inventory(NamedTuple):
    """CO2 of the place in one quarter, tCO2: parts, and the two bases."""

    enterprises_fuel_tco2: float
    enterprises_process_tco2: float
    captured_tco2: float
    city_tco2: float
    power_tco2: float
    exported_mwh: float
    imported_mwh: float
    local_tco2_per_mwh: float
    import_tco2_per_mwh: float

    @property
    def territorial_tco2(self) -> float:
        """Burnt and calcined inside the place, local power plants included."""
        return (
            self.enterprises_fuel_tco2
            + self.enterprises_process_tco2
            - self.captured_tco2
            + self.city_tco2
            + self.power_tco2
        )

    @property
    def dual_control_tco2(self) -> float:
        """What the place uses: territorial - exports at the local factor + imports at the provincial factor."""
        return (
            self.territorial_tco2
            - self.exported_mwh * self.local_tco2_per_mwh
            + self.imported_mwh * self.import_tco2_per_mwh
        )


@part
def trade_of_power_mwh(generation_mwh, use_mwh):
    """Return (exported, imported) MWh from local generation and local use by slice: gross, never netted over time."""
    exported_mwh = imported_mwh = 0.0
    for s in range(generation_mwh.size):
        surplus_mwh = generation_mwh[s] - use_mwh[s]
        if surplus_mwh > 0.0:
            exported_mwh += surplus_mwh
        else:
            imported_mwh -= surplus_mwh
    return exported_mwh, imported_mwh
