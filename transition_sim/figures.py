"""Figures of one run for reports: emissions by source with the peak, adoption, who paid. Matplotlib, no display."""

from pathlib import Path

import numpy as np

from transition_sim.results import RunResult
from transition_sim.scenarios import registry
from transition_sim.scenarios.library import find_document, list_policies
from transition_sim.scenarios.words.figures import FigureWords, lettering

# Okabe-Ito: told apart by colour-blind readers
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#999999", "#000000")
ADOPTION_SHOWN = 7


def draw_overview(result: RunResult, path: Path, is_chinese: bool = False) -> Path:
    """Draw emissions by sector, adoption of green technologies, and yearly payments into one PNG.

    In Chinese the figures count as plans do; without a Chinese font on the machine the words are English.
    """
    from matplotlib.figure import Figure

    with lettering(is_chinese) as can_show:
        words = FigureWords(can_show)
        figure = Figure(figsize=(16.5, 6.4), layout="constrained")
        axes = figure.subplots(1, 3)
        _draw_emissions(axes[0], result, words)
        _draw_adoption(axes[1], result, words)
        _draw_payers(axes[2], result, words)
        figure.suptitle(_title(result, words), fontsize=12)
        figure.savefig(path, dpi=130)
    return path


def _title(result: RunResult, words: FigureWords) -> str:
    scenario = result.scenario
    policy = scenario.policy_id
    if words.is_chinese and policy in list_policies():
        policy = find_document(policy, "policy").data["name"]["zh"]
    place = words.of(scenario.place.name)
    return words("overview", place=place, policy=policy, seed=result.seed, hash=scenario.hash[:8])


def _draw_emissions(axis, result: RunResult, words: FigureWords) -> None:
    annual, scale = result.annual, 1e-6 * words.per_unit("MtCO2")
    years = annual.index.to_numpy()
    sectors = result.by_year("sector").pivot(index="year", columns="sector", values="scope1_tco2") * scale
    order = list(sectors.mean().sort_values(ascending=False).index)
    shown, rest = order[:4], order[4:]
    names = {row.id: words.of(row, "name") for row in registry.sectors()}
    bands = {names[s]: sectors[s].to_numpy() for s in shown}
    bands[words("other_enterprises")] = sectors[rest].sum(axis=1).to_numpy()
    bands[words("rest_of_city")] = annual["city_tco2"].to_numpy() * scale
    bands[words("power_plants")] = annual["power_tco2"].to_numpy() * scale
    axis.stackplot(years, list(bands.values()), labels=list(bands), colors=PALETTE, alpha=0.85)
    peak = result.peak()
    dual = annual["dual_control_tco2"].to_numpy() * scale
    axis.plot(years, dual, color="black", linewidth=2.2, label=words("used_in_place"))
    top = dual[list(years).index(peak.peak_year)]
    note = words("peak_before" if peak.is_at_start else "peak_at", year=peak.peak_year)
    note = note if peak.is_confirmed else words("peak_not_confirmed", peak=note)
    is_left = peak.peak_year - years[0] <= 0.2 * (years[-1] - years[0])  # beside the axis: the note goes to the right
    axis.annotate(
        note, (peak.peak_year, top), xytext=(8 if is_left else 0, 14), textcoords="offset points",
        ha="left" if is_left else "center", fontsize=9,
    )  # fmt: skip
    unit = words("a_year", unit=words.plan_unit("MtCO2"))
    axis.set(title=words("by_source"), ylabel=unit, xlabel=words("year"), xlim=(years[0], years[-1]))
    gate = result.scenario.place.gate.co2
    highest = max(dual.max(), annual["territorial_tco2"].max() * scale)
    if gate.low is not None and gate.high is not None:
        low, middle, high = gate.low * scale, float(gate) * scale, gate.high * scale
        axis.errorbar(
            years[0] + 0.12, middle, [[middle - low], [high - middle]], color="#444444", capsize=4, linewidth=1.2,
            label=words("range_of_sources", year=years[0]),
        )  # fmt: skip
        highest = max(highest, high)
    axis.set_ylim(0, 1.08 * highest)
    _legend_below(axis)


def _draw_adoption(axis, result: RunResult, words: FigureWords) -> None:
    table = result.by_year("technology").pivot(index="year", columns="technology", values="adoption_share")
    green = [t for t in table.columns if t in result.labels["green_technologies"]]
    last = table[green].iloc[-1].fillna(0.0)
    rise = (last - table[green].iloc[0].fillna(0.0)).sort_values(ascending=False)
    called = result.labels["technology_names"][words.is_chinese]
    names = dict(zip(result.labels["technologies"], called, strict=True))
    for k, technology in enumerate(list(rise.index)[:ADOPTION_SHOWN]):
        axis.plot(table.index, 100 * table[technology], color=PALETTE[k], linewidth=2, label=names[technology])
    axis.set(title=words("adoption"), ylabel=words("of_those_who_could"), xlabel=words("year"), ylim=(0, 100))
    axis.set_xlim(table.index[0], table.index[-1])
    _legend_below(axis)


def _draw_payers(axis, result: RunResult, words: FigureWords) -> None:
    annual = result.annual * 1e-6 * words.per_unit("M CNY")
    years = annual.index.to_numpy()
    own = annual["capex_cny"] - annual["subsidy_cny"]
    public = {
        words("own_money"): own,
        words("capital_subsidies"): annual["subsidy_cny"],
        words("tax_credits"): annual["tax_credit_cny"],
        words("other_support"): annual["interest_subsidy_cny"] + annual["support_cny"],
    }
    bottom = np.zeros(len(years))
    for k, (label, series) in enumerate(public.items()):
        axis.bar(years, series.to_numpy(), bottom=bottom, color=PALETTE[k], label=label, width=0.8)
        bottom += series.to_numpy()
    income = (annual["surcharge_cny"] + annual["carbon_revenue_cny"]).to_numpy()
    axis.plot(years, income, color="black", marker="o", markersize=3.5, linewidth=1.4, label=words("public_income"))
    unit = words("prices_of_2020", unit=words.plan_unit("M CNY"))
    axis.set(title=words("who_pays"), ylabel=unit, xlabel=words("year"))
    axis.set_ylim(0, 1.08 * max(words.per_unit("M CNY"), float(np.max(bottom)), float(np.max(income))))
    _legend_below(axis)


def _legend_below(axis) -> None:
    """Put the legend under the axis, where it hides no line."""
    axis.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2, frameon=False)
    axis.xaxis.get_major_locator().set_params(integer=True)
