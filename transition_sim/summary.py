"""A run in a few numbers: peak, emissions, adoption, fiscal cost, who paid."""

from typing import Any

import numpy as np
import pandas as pd

from transition_sim.results import BASES, RunResult
from transition_sim.world.columns import AGENT

_CAPEX, _SUBSIDY = ([c.name for c in AGENT].index(name) for name in ("capex_cny", "subsidy_cny"))
SHOWN_YEARS = (2020, 2025, 2030, 2035)


def summary(result: RunResult) -> dict[str, Any]:
    """Return the summary of a run as plain data, units in the names."""
    annual = result.annual
    years = [y for y in SHOWN_YEARS if y in annual.index]
    return {
        "place": result.scenario.place.id,
        "policy": result.scenario.policy_id,
        "seed": result.seed,
        "scenario_hash": result.scenario.hash,
        "peak": {basis: _peak(result, basis) for basis in BASES},
        "emissions_mtco2": {
            basis: {str(y): float(annual.at[y, f"{basis}_tco2"] / 1e6) for y in years} for basis in BASES
        },
        "base_year_range_mtco2": _range(result),
        "energy_mtce": {str(y): float(annual.at[y, "energy_coal_equivalent_tce"] / 1e6) for y in years},
        "gdp_bn_cny": {str(y): float(annual.at[y, "gdp_cny"] / 1e9) for y in years},
        "nonfossil_share_percent": {
            str(y): float(100 * annual.at[y, "nonfossil_tce"] / annual.at[y, "energy_coal_equivalent_tce"])
            for y in years
        },
        "old_heat_percent": {str(y): float(share) for y, share in old_heat(result).items() if y in years},
        "adoption_percent": adoption(result, years),
        "fiscal_m_cny": fiscal(result),
        "who_paid_m_cny": who_paid(result),
        "defaults": int(annual["defaults"].sum()),
        "decisions": int(annual["decisions"].sum()),
        "orders": int(annual["orders"].sum()),
        "low_confidence_share": result.manifest.get("low_confidence_share"),
    }


def _peak(result: RunResult, basis: str) -> dict[str, Any]:
    peak = result.peak(basis)
    return {
        "year": int(peak.peak_year),
        "value_mtco2": float(peak.peak_value) / 1e6,
        "mean_mtco2": float(peak.mean_value) / 1e6,
        "highest_year": int(peak.highest_year),
        "highest_mtco2": float(peak.highest_value) / 1e6,
        "is_confirmed": bool(peak.is_confirmed),
        "is_censored": bool(peak.is_censored),
        "is_at_start": bool(peak.is_at_start),
        "plateau_years": int(peak.plateau_years),
        "kind": peak.kind,
    }


def _range(result: RunResult) -> list[float] | None:
    gate = result.scenario.place.gate.co2
    return None if gate.low is None or gate.high is None else [gate.low / 1e6, gate.high / 1e6]


def adoption(result: RunResult, years: list[int]) -> dict[str, dict[str, float]]:
    """Return the share of enterprises that use each green technology, % of those that could, by year."""
    table = result.by_year("technology")
    table = table[table["technology"].isin(result.labels["green_technologies"]) & table["year"].isin(years)]
    shares = table.pivot(index="technology", columns="year", values="adoption_share").fillna(0.0) * 100
    return {str(t): {str(y): float(v) for y, v in row.items()} for t, row in shares.iterrows()}


def old_heat(result: RunResult) -> pd.Series:
    """Return the part of industrial heat that equipment of the base year gives, %, by the energy it takes in, by year.

    What is locked in (P07): kilns, furnaces and boilers that stood before the first year; nan where there is no heat.
    """
    heat = result.vintage.pivot_table(index="year", columns="commissioned", values="heat_gj", aggfunc="sum")
    total = heat.sum(axis=1)
    return 100.0 * heat.iloc[:, 0] / total.where(total > 0.0)


def fiscal(result: RunResult) -> dict[str, float]:
    """Return public cost and income over the run, million CNY, and the cost per tonne against doing without it."""
    total = result.annual.sum() / 1e6
    paid = total["subsidy_cny"] + total["tax_credit_cny"] + total["interest_subsidy_cny"] + total["support_cny"]
    income = total["surcharge_cny"] + total["carbon_revenue_cny"]
    return {
        "subsidies": float(total["subsidy_cny"]),
        "tax_credits": float(total["tax_credit_cny"]),
        "interest_subsidies": float(total["interest_subsidy_cny"]),
        "other_support": float(total["support_cny"]),
        "paid": float(paid),
        "income": float(income),
        "net_cost": float(paid - income),
    }


def who_paid(result: RunResult) -> dict[str, float]:
    """Return who carried the investment over the run, million CNY, by payer and by size of enterprise.

    What enterprises of a size carry is less subsidies alone, as a tax credit comes with the tax of later years: the
    three sizes make up ``enterprises`` and ``tax_credits_to_enterprises``.
    """
    agent, firms = result.recorder.agent, result.labels["enterprise_attributes"]
    total = result.annual.sum() / 1e6
    paid = {
        "enterprises": float(total["capex_cny"] - total["subsidy_cny"] - total["tax_credit_cny"]),
        "tax_credits_to_enterprises": float(total["tax_credit_cny"]),
        "energy_service_companies": float(total["contract_capex_cny"]),
        "government": float(total["subsidy_cny"] + total["tax_credit_cny"] + total["interest_subsidy_cny"]),
    }
    if agent.size:
        capex, subsidy = (agent[:, :, k].sum(axis=0, dtype=float) / 1e6 for k in (_CAPEX, _SUBSIDY))
        size = np.asarray(firms["size_class"], dtype=object)
        for name in ("large", "medium", "small"):
            paid[f"{name}_enterprises"] = float((capex - subsidy)[size == name].sum())
            paid[f"subsidies_to_{name}"] = float(subsidy[size == name].sum())
    return paid
