"""Figures of one run for reports: emissions by source with the peak, adoption, who paid. Matplotlib, no display."""

from pathlib import Path

import numpy as np

from transition_sim.results import RunResult
from transition_sim.scenarios import registry

# Okabe-Ito: told apart by colour-blind readers
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#999999", "#000000")
ADOPTION_SHOWN = 7


def draw_overview(result: RunResult, path: Path) -> Path:
    """Draw emissions by sector, adoption of green technologies, and yearly payments into one PNG."""
    import matplotlib

    matplotlib.use("Agg", force=False)
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 3, figsize=(16.5, 6.4), constrained_layout=True)
    _draw_emissions(axes[0], result)
    _draw_adoption(axes[1], result)
    _draw_payers(axes[2], result)
    place = result.scenario.place.name.en
    figure.suptitle(
        f"{place}, policy '{result.scenario.policy_id}', seed {result.seed} (scenario {result.scenario.hash[:8]})",
        fontsize=12,
    )
    figure.savefig(path, dpi=130)
    plt.close(figure)
    return path


def _draw_emissions(axis, result: RunResult) -> None:
    annual = result.annual
    years = annual.index.to_numpy()
    sectors = result.by_year("sector").pivot(index="year", columns="sector", values="scope1_tco2") / 1e6
    order = list(sectors.mean().sort_values(ascending=False).index)
    shown, rest = order[:4], order[4:]
    names = {row.id: row.name_en for row in registry.sectors()}
    bands = {names[s]: sectors[s].to_numpy() for s in shown}
    bands["other enterprises"] = sectors[rest].sum(axis=1).to_numpy()
    bands["transport, buildings, farming"] = annual["city_tco2"].to_numpy() / 1e6
    bands["power plants"] = annual["power_tco2"].to_numpy() / 1e6
    axis.stackplot(years, list(bands.values()), labels=list(bands), colors=PALETTE, alpha=0.85)
    peak = result.peak()
    dual = annual["dual_control_tco2"].to_numpy() / 1e6
    axis.plot(years, dual, color="black", linewidth=2.2, label="used in the place (dual control)")
    top = dual[list(years).index(peak.peak_year)]
    before = " or before" if peak.is_at_start else ""
    note = f"peak {peak.peak_year}{before}" + ("" if peak.is_confirmed else " (not confirmed)")
    is_left = peak.peak_year - years[0] <= 0.2 * (years[-1] - years[0])  # beside the axis: the note goes to the right
    axis.annotate(
        note, (peak.peak_year, top), xytext=(8 if is_left else 0, 14), textcoords="offset points",
        ha="left" if is_left else "center", fontsize=9,
    )  # fmt: skip
    axis.set(title="CO₂ by source", ylabel="Mt CO₂ a year", xlabel="year", xlim=(years[0], years[-1]))
    gate = result.scenario.place.gate.co2
    highest = max(dual.max(), annual["territorial_tco2"].max() / 1e6)
    if gate.low is not None and gate.high is not None:
        low, middle, high = gate.low / 1e6, float(gate) / 1e6, gate.high / 1e6
        axis.errorbar(
            years[0] + 0.12, middle, [[middle - low], [high - middle]], color="#444444", capsize=4, linewidth=1.2,
            label=f"range by the sources, {years[0]}, territorial",
        )  # fmt: skip
        highest = max(highest, high)
    axis.set_ylim(0, 1.08 * highest)
    _legend_below(axis)


def _draw_adoption(axis, result: RunResult) -> None:
    table = result.by_year("technology").pivot(index="year", columns="technology", values="adoption_share")
    green = [t for t in table.columns if t in result.labels["green_technologies"]]
    last = table[green].iloc[-1].fillna(0.0)
    rise = (last - table[green].iloc[0].fillna(0.0)).sort_values(ascending=False)
    names = dict(zip(result.labels["technologies"], result.labels["technology_names"][0], strict=True))
    for k, technology in enumerate(list(rise.index)[:ADOPTION_SHOWN]):
        axis.plot(table.index, 100 * table[technology], color=PALETTE[k], linewidth=2, label=names[technology])
    axis.set(title="Adoption, fastest risers", ylabel="% of the enterprises that could", xlabel="year", ylim=(0, 100))
    axis.set_xlim(table.index[0], table.index[-1])
    _legend_below(axis)


def _draw_payers(axis, result: RunResult) -> None:
    annual = result.annual / 1e6
    years = annual.index.to_numpy()
    own = annual["capex_cny"] - annual["subsidy_cny"]
    public = {
        "enterprises (investment less subsidy)": own,
        "capital subsidies": annual["subsidy_cny"],
        "tax credits": annual["tax_credit_cny"],
        "interest and other support": annual["interest_subsidy_cny"] + annual["support_cny"],
    }
    bottom = np.zeros(len(years))
    for k, (label, series) in enumerate(public.items()):
        axis.bar(years, series.to_numpy(), bottom=bottom, color=PALETTE[k], label=label, width=0.8)
        bottom += series.to_numpy()
    income = (annual["surcharge_cny"] + annual["carbon_revenue_cny"]).to_numpy()
    axis.plot(years, income, color="black", marker="o", markersize=3.5, linewidth=1.4, label="surcharge, carbon income")
    axis.set(title="Who pays", ylabel="million CNY a year (2020 prices)", xlabel="year")
    axis.set_ylim(0, 1.08 * max(1.0, float(np.max(bottom)), float(np.max(income))))
    _legend_below(axis)


def _legend_below(axis) -> None:
    """Put the legend under the axis, where it hides no line."""
    axis.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2, frameon=False)
    axis.xaxis.get_major_locator().set_params(integer=True)
