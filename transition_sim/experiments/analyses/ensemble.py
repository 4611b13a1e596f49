"""Ensembles: fan charts of annual columns, and the probability of having peaked by a year."""

from typing import Any

import numpy as np
import pandas as pd

from transition_sim.experiments.analyses.finding import (
    PALETTE,
    FigureWords,
    Finding,
    Options,
    context_names,
    names_of,
)  # fmt: skip
from transition_sim.experiments.study import Study
from transition_sim.experiments.tables import Results
from transition_sim.scenarios.words.units import amount, plain_amount, subscripted
from transition_sim.world import columns
from transition_sim.world.peak import peak_metrics

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST_INSIDE = 6
"""Cases that a legend names inside a figure."""
NAMED_FACTORS = 3
"""Varied settings that a sentence names."""
DASHES = ("solid", "dashed", "dotted", "dashdot")
Z95 = 1.959963984540054
_SCALES = {"tCO2": (1e-6, "MtCO2/yr"), "CNY": (1e-9, "bn CNY/yr"), "tce": (1e-6, "Mtce/yr"), "MWh": (1e-6, "TWh/yr")}


def ensemble(results: Results, options: Options) -> Finding:
    """Return the quantiles of an annual column over all runs of a place, variant and policy."""
    study = results.study
    values = results.annual(options.column)
    declared = next(c for c in columns.PLACE if c.name == options.column)
    scale, unit = _SCALES.get(declared.unit, (1.0, declared.unit))
    context = study.place_of(values.index.to_numpy())[0]
    names, years = context_names(study), np.asarray(values.columns)
    fans = {
        name: np.quantile(values.to_numpy()[context == k] * scale, QUANTILES, axis=0)
        for k, name in enumerate(names)
        if (context == k).any()
    }
    frames = []
    for name, fan in fans.items():
        frame = pd.DataFrame(fan.T, columns=[f"q{100 * q:02.0f}" for q in QUANTILES])
        frame.insert(0, "year", years)
        frame.insert(0, "case", name)
        frames.append(frame.assign(unit=unit))

    def draw(figure: Any, words: FigureWords) -> None:
        axis = figure.add_subplot()
        for k, (name, fan) in enumerate(fans.items()):
            colour = PALETTE[k % len(PALETTE)]
            axis.fill_between(years, fan[0], fan[4], color=colour, alpha=0.15, linewidth=0)
            axis.fill_between(years, fan[1], fan[3], color=colour, alpha=0.25, linewidth=0)
            axis.plot(years, fan[2], color=colour, linewidth=2, linestyle=dash_of(k), label=words.name(name))
        axis.set(xlabel=words("year"), xlim=(years[0], years[-1]))
        whole_years(axis)
        words.along(axis.yaxis, words.named(declared, unit), unit)
        of_what = "quantiles_of_runs" if len(study.points) == 1 else "quantiles_of_design"
        axis.set_title(words(of_what, n=f"{len(values):,}", points=f"{len(study.points):,}"), fontsize=10)
        legend(axis, len(fans))

    names_en, names_zh = names_of(study)
    said = mixed_said(study)
    for name, fan in fans.items():
        (low, high), (low_zh, high_zh) = (
            [plain_amount(fan[k, -1], unit, is_chinese, 3) for k in (0, 4)] for is_chinese in (False, True)
        )
        middle, middle_zh = (amount(fan[2, -1], unit, is_chinese, 3) for is_chinese in (False, True))
        said.append(
            (
                f"{names_en[name]}: {years[-1]} median {middle}, 90 % of runs between {low} and {high}.",
                f"{names_zh[name]}：{years[-1]}年中位数 {middle_zh}，90% 的模拟位于 {low_zh} 至 {high_zh}。",
            )
        )
    title = (f"Ensemble: {subscripted(declared.en)}", f"集合：{declared.zh}")
    units = {f"q{100 * q:02.0f}": "unit" for q in QUANTILES}
    table = pd.concat(frames, ignore_index=True)
    return Finding("ensemble", title, table, tuple(said), draw, (names_en, names_zh), units)


def mixed_said(study: Study) -> list[tuple[str, str]]:
    """Return, in English and Chinese, that the runs of a case differ in more than luck; nothing where they do not."""
    if len(study.points) == 1:
        return []
    n, points, first = len(study.factors), f"{len(study.points):,}", study.factors[:NAMED_FACTORS]
    more, settings = n > NAMED_FACTORS, "setting" if n == 1 else "settings"
    en, zh = ", ".join(f.en for f in first), "、".join(f.zh for f in first)
    return [
        (
            f"The runs of a case differ in {n} {settings} of the design besides luck ({en}{', ...' * more}): "
            f"ranges and shares are over all of its {points} points.",
            f"同一情形的模拟除随机性外，还有 {n} 项设置不同（{zh}{'等' * more}）："
            f"区间与比例涵盖设计的全部 {points} 个点。",
        )
    ]


def dash_of(k: int) -> str:
    """Return the dashes of the k-th line: colours come again where there are more cases than colours."""
    return DASHES[k // len(PALETTE) % len(DASHES)]


def legend(axis: Any, n: int) -> None:
    """Name the cases of an axis: beside it where they are many, as inside they would cover the lines."""
    if n <= MOST_INSIDE:
        axis.legend(frameon=False, fontsize=9)
    else:
        axis.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.0)


def whole_years(axis: Any) -> None:
    """Put the ticks of a short run on whole years: there is no 2020.5."""
    axis.xaxis.get_major_locator().set_params(integer=True)


def wilson(successes: float, n: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share."""
    if n == 0:
        return np.nan, np.nan
    share = successes / n
    centre = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * np.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    # at the ends the interval begins or ends exactly there; the sums leave 1e-18
    low, high = 0.0 if successes == 0 else centre - half, 1.0 if successes == n else centre + half
    return max(0.0, low), min(1.0, high)


def peak_table(values: np.ndarray, years: np.ndarray) -> pd.DataFrame:
    """Return, by year, the share of series that have peaked by then, told apart by how sure that is.

    Parameters
    ----------
    values : ndarray, shape (n_runs, n_years)
    years : ndarray of int, shape (n_years,)

    Returns
    -------
    DataFrame
        ``peaked_share`` with its Wilson interval is the sum of ``sharp_share`` and ``plateau_share`` (both confirmed by
        lower years) and ``unconfirmed_share`` (a peak that no lower years confirm, as after a rebound). A series
        whose peak lies in the last years is censored: it counts in ``open_share``, and as peaked in no year. One that
        is highest in its first year counts as peaked then; ``at_start_share`` says how many may have peaked before.
    """
    peaks = [peak_metrics(years, series) for series in values]
    n = len(peaks)
    year = np.array([p.peak_year for p in peaks])
    is_open = np.array([p.is_censored for p in peaks], dtype=bool)
    confirmed = np.array([p.is_confirmed for p in peaks], dtype=bool) & ~is_open
    plateau = np.array([p.kind == "plateau" for p in peaks], dtype=bool)
    at_start = np.array([p.is_at_start for p in peaks], dtype=bool)
    rows = []
    for until in years:
        by = (year <= until) & ~is_open
        low, high = wilson(by.sum(), n)
        rows.append(
            {
                "year": int(until), "peaked_share": by.mean(), "low": low, "high": high,
                "sharp_share": (by & confirmed & ~plateau).mean(), "plateau_share": (by & confirmed & plateau).mean(),
                "unconfirmed_share": (by & ~confirmed).mean(), "open_share": is_open.mean(),
                "at_start_share": at_start.mean(), "runs": n,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


LEAST_ROWS = 3
"""Rows that the panel of kinds of peak has at least."""


def peaking(results: Results, options: Options) -> Finding:
    """Return the probability of having peaked by each year, for every place, variant and policy."""
    study = results.study
    column = options.column if options.column.endswith("_tco2") else "dual_control_tco2"
    values = results.annual(column)
    context = study.place_of(values.index.to_numpy())[0]
    years = np.asarray(values.columns)
    tables = {}
    for k, name in enumerate(context_names(study)):
        if (context == k).any():
            tables[name] = peak_table(values.to_numpy()[context == k], years)

    def draw(figure: Any, words: FigureWords) -> None:
        axis, shapes = figure.subplots(1, 2, width_ratios=(3, 2))
        for k, (name, table) in enumerate(tables.items()):
            colour = PALETTE[k % len(PALETTE)]
            axis.step(table["year"], 100 * table["peaked_share"], where="mid", color=colour,
                      linestyle=dash_of(k), label=words.name(name))  # fmt: skip
            axis.fill_between(table["year"], 100 * table["low"], 100 * table["high"], step="mid", color=colour,
                              alpha=0.2, linewidth=0)  # fmt: skip
        axis.set(xlabel=words("year"), ylabel=words("peaked_by"), ylim=(0, 102), xlim=(years[0], years[-1]))
        whole_years(axis)
        legend(axis, len(tables))
        ends = [table.iloc[-1] for table in tables.values()]
        left = np.zeros(len(ends))
        for k, kind in enumerate(("sharp", "plateau", "unconfirmed", "open")):
            width = np.array([100 * end[f"{kind}_share"] for end in ends])
            shapes.barh(list(map(words.name, tables)), width, left=left, color=PALETTE[k + 1],
                        label=words(f"peak_{kind}"))  # fmt: skip
            left += width
        early = np.array([100 * end["at_start_share"] for end in ends])
        if early.any():
            shapes.barh(list(map(words.name, tables)), early, color="none", edgecolor="#444444", hatch="///",
                        linewidth=0, label=words("peak_at_start"))  # fmt: skip
        # few bars stay bars, and do not fill the panel
        shapes.set(title=words("peak_kinds"), xlabel=words("share_of_runs"), xlim=(0, 100),
                   ylim=(max(len(ends), LEAST_ROWS) - 0.5, -0.5))  # fmt: skip
        shapes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2)

    said, (names_en, names_zh) = mixed_said(study), names_of(study)
    for name, table in tables.items():
        en, zh = peaking_said(table)
        said.append((f"{names_en[name]}: {en}", f"{names_zh[name]}：{zh}"))
    whole = pd.concat([t.assign(case=name) for name, t in tables.items()], ignore_index=True)
    whole.insert(0, "case", whole.pop("case"))
    return Finding(
        "peaking", ("Probability of having peaked", "达峰概率"), whole, tuple(said), draw, (names_en, names_zh)
    )


def peaking_said(table: pd.DataFrame) -> tuple[str, str]:
    """Return what a ``peak_table`` says of 2030, or of the last year before it, in English and Chinese."""
    shown = table[table["year"] == min(2030, table["year"].max())].iloc[0]
    share, still, early = (100 * shown[f"{key}_share"] for key in ("peaked", "open", "at_start"))
    span, first = f"{100 * shown['low']:.0f}-{100 * shown['high']:.0f}", f"{table['year'].min():.0f}"
    return (
        f"{share:.0f} % of runs have peaked by {shown['year']:.0f} ({span} %); in {still:.0f} % the peak could still "
        f"move beyond the last year; in {early:.0f} % the three-year mean is highest in the first year, {first}, and "
        "the peak may lie before it.",
        f"{share:.0f}% 的模拟在 {shown['year']:.0f} 年前达峰（{span}%）；{still:.0f}% 的峰值仍可能后移；"
        f"{early:.0f}% 的模拟三年滑动均值在首年（{first}年）最高，实际峰值可能更早。",
    )
