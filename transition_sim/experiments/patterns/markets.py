"""Measures of markets, capacity and plans: green power, carbon, cement, plateau, bunching (P11 to P17)."""

import math
from functools import cache

import numpy as np
import pandas as pd

from transition_sim.experiments.patterns.trial import DEFAULT, Arm, Trial, change, mean_or_nan, set_parameters
from transition_sim.scenarios import registry
from transition_sim.world.peak import peak_metrics

# --- P11 green power --------------------------------------------------------------------------------------------------

FIRST_MARKET_YEAR = 2023
SCARCE = Arm(
    end_year=2025, levers={"certificate_mandate_share": 1.0, "green_power_access_share": 0.02},
    prepare=lambda world: set_parameters(world, {"certificate_legacy_share": 0.05}),
)  # fmt: skip
"""Everybody must cover all use, and a twentieth of the certificates of old renewable power is for sale."""


def oversupply_cny_per_mwh(trial: Trial) -> float:
    return mean_or_nan(trial.run(DEFAULT).annual.loc[FIRST_MARKET_YEAR:, "certificate_cny_per_mwh"])


def scarcity_price_over_limit(trial: Trial) -> float:
    """Return the certificate price over what a buyer pays for missing certificates, its limit under a mandate."""
    limit = registry.parameters()["certificate_penalty_cny_per_mwh"].value
    return mean_or_nan(trial.run(SCARCE).annual.loc[FIRST_MARKET_YEAR:, "certificate_cny_per_mwh"]) / limit


# --- P12, P13, P14 carbon market --------------------------------------------------------------------------------------

ETS = {"ets_coverage": True}
AUCTIONED = Arm(policy="none", end_year=2023, levers=ETS, parameters={"ets_market_mode": 1.0})
WITH_MARKET, WITHOUT_MARKET = Arm(policy="none", end_year=2023, levers=ETS), Arm(policy="none", end_year=2023)
PENALTY_START, PENALTY_YEARS = 2021, 4


def _allowances(trial: Trial) -> pd.DataFrame:
    market = trial.run(AUCTIONED).market
    return market[market["market"] == "carbon allowances"]


def last_quarter_volume_share(trial: Trial) -> float:
    volume = _allowances(trial).pivot_table(index="year", columns="quarter_of_year", values="volume", aggfunc="sum")
    return mean_or_nan(volume[4] / volume.sum(axis=1)) if 4 in volume else math.nan  # a place without covered works


def lowest_allowance_cny_per_t(trial: Trial) -> float:
    return float(_allowances(trial)["price"].min())


def highest_allowance_cny_per_t(trial: Trial) -> float:
    return float(_allowances(trial)["price"].max())


def plant_intensity_change_percent(trial: Trial) -> float:
    """Return the change of CO2 per MWh of the place's coal units in 2022 and 2023, %."""
    found = []
    for arm in (WITH_MARKET, WITHOUT_MARKET):
        annual = trial.run(arm).annual.loc[2022:2023]
        found.append(float(annual["power_tco2"].sum()) / float(annual["coal_power_mwh"].sum() or np.nan))
    return 100.0 * change(found[0], found[1])


def measured_after_4_years_share(trial: Trial) -> float:
    annual = trial.run(DEFAULT).annual
    has_accounts = float(annual.at[PENALTY_START + PENALTY_YEARS, "covered_enterprises"]) > 0
    return float(annual.at[PENALTY_START + PENALTY_YEARS, "measured_share"]) if has_accounts else float("nan")


def reported_gap(trial: Trial) -> np.ndarray:
    """Return reported over true direct CO2 of enterprises less 1, by year from the start of the penalty."""
    annual = trial.run(DEFAULT).annual.loc[PENALTY_START:]
    return (annual["reported_tco2"] / annual["enterprise_scope1_tco2"] - 1.0).to_numpy()


def shrinking_years_share(gap: np.ndarray) -> float:
    """Return the share of years in which reports come no further from the truth than the year before."""
    return float((np.diff(np.abs(gap)) <= 1e-12).mean())


# --- P15, P16, P17 capacity, plateau, plan end ------------------------------------------------------------------------

_DOWN_YEAR = 2026
"""Two years into the downturn of building, which starts with 2024."""
DOWNTURN, STEADY = (Arm(end_year=_DOWN_YEAR, shocks=shocks) for shocks in (("construction_downturn",), ()))


def capacity_elasticity(trial: Trial) -> float:
    """Return the relative change of clinker capacity over that of clinker against a run without the downturn."""
    down, steady = (trial.run(arm).annual.loc[_DOWN_YEAR] for arm in (DOWNTURN, STEADY))
    output = change(down["clinker_t"], steady["clinker_t"])
    capacity = change(down["clinker_capacity_t_per_year"], steady["clinker_capacity_t_per_year"])
    return capacity / output if output else float("nan")


def dual_control_tco2(trial: Trial) -> np.ndarray:
    return trial.run(DEFAULT).annual_tco2("dual_control").to_numpy()


def plateau_years(tco2: np.ndarray) -> float:
    """Return the length of the plateau of an annual path (SM25)."""
    return float(peak_metrics(np.arange(tco2.size), tco2).plateau_years)


def last_quarter_capex_share(trial: Trial) -> float:
    """Return the part of the year's investment in its last quarter, mean of the last years of two plans."""
    place = trial.run(DEFAULT).place
    capex = place.pivot(index="year", columns="quarter_of_year", values="capex_cny").loc[[2025, 2030]]
    return mean_or_nan(capex[4] / capex.sum(axis=1))


# --- P22 symbiosis ----------------------------------------------------------------------------------------------------

PROGRAMMES = ("solid_waste_use_share", "circular_park_share")
"""Charge on what is buried, and shared platforms of parks."""
_STRENGTHS = (0.0, 0.5, 1.0)


@cache
def _programme(lever: str, strength: float) -> Arm:
    return Arm(end_year=2024, levers={lever: strength})


def symbiosis_rises_share(trial: Trial) -> float:
    """Return the share of the two programmes whose every step adds links, or keeps them, and whose last adds some."""
    found = []
    for lever in PROGRAMMES:
        links = [trial.run(_programme(lever, s)).annual["by_product_links"].iloc[-1] for s in _STRENGTHS]
        found.append(bool(np.all(np.diff(links) >= 0)) and links[-1] > links[0])
    return mean_or_nan(found)
