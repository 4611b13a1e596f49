"""Attribution: what each lever of a mix contributes, exactly (Shapley 1953), seed by seed; the parts add up."""

from math import factorial
from typing import Any

import numpy as np
import pandas as pd

from transition_sim.experiments.analyses.finding import (
    LANGUAGES,
    PALETTE,
    FigureWords,
    Finding,
    Names,
    Options,
    called_policy,
    context_names,
    cube,
    interval,
    legend_below,
    measure_of,
    names_of,
    required,
)  # fmt: skip
from transition_sim.experiments.study import Called, Study
from transition_sim.experiments.tables import Results
from transition_sim.measures import Measure
from transition_sim.scenarios.words.figures import within
from transition_sim.scenarios.words.units import amount, plain_amount

LARGEST = 10
"""Levers: 2^10 mixes."""
CARBON, FISCAL, CAPEX = "cumulative_dual_control_mtco2", "fiscal_net_cost_m_cny", "capex_m_cny"
TONNES = ("abated_mtco2", "abated_low", "abated_high")
RESAMPLES = 2000


def shapley(values: np.ndarray) -> np.ndarray:
    """Return the Shapley value of each of k players.

    Parameters
    ----------
    values : ndarray, shape (2**k, ...)
        Worth of every coalition; bit k - 1 - i of its number says whether player i is in it.

    Returns
    -------
    ndarray, shape (k, ...)
        Sums to ``values[-1] - values[0]``.
    """
    k = int(np.log2(len(values)))
    numbers = np.arange(len(values))
    sizes = np.array([int(n).bit_count() for n in numbers])
    weight = np.array([factorial(s) * factorial(k - s - 1) / factorial(k) if s < k else 0.0 for s in range(k + 1)])
    parts = []
    for player in range(k):
        bit = 1 << (k - 1 - player)
        without = numbers[(numbers & bit) == 0]
        gains = values[without | bit] - values[without]
        parts.append(np.tensordot(weight[sizes[without]], gains, axes=1))
    return np.array(parts)


def attribution_table(names: list[str], values: np.ndarray) -> pd.DataFrame:
    """Return what each player contributes, alone, last, and fairly shared, with 95 % intervals over seeds.

    Parameters
    ----------
    names : list of str, length k
    values : ndarray, shape (2**k, n_seeds)

    Returns
    -------
    DataFrame
        ``contribution`` sums exactly to the row ``whole``; ``alone`` is the effect on top of nothing, ``last`` on top
        of all others, ``overlap`` is the contribution less the effect alone.
    """
    whole = values[:, np.isfinite(values).all(axis=0)]
    if not whole.shape[1]:
        raise ValueError("for no seed did every mix come to its end; see 'transition-sim study retry-failed'")
    parts, k = shapley(whole), len(names)
    rows = []
    for i, name in enumerate(names):
        bit = 1 << (k - 1 - i)
        mean, low, high, _ = interval(parts[i])
        alone = float((whole[bit] - whole[0]).mean())
        last = float((whole[-1] - whole[-1 - bit]).mean())
        rows.append({"part": name, "contribution": mean, "low": low, "high": high, "alone": alone, "last": last,
                     "overlap": mean - alone})  # fmt: skip
    table = pd.DataFrame(rows).sort_values("contribution", key=np.abs, ascending=False, kind="stable")
    _, low, high, n = interval(whole[-1] - whole[0])
    total = float(table["contribution"].sum())
    lone = float(table["alone"].sum())
    table.loc[len(table)] = ["whole", total, low, high, lone, np.nan, total - lone]
    return table.assign(seeds=n).reset_index(drop=True)


def check_mix(study: Study) -> None:
    """Refuse a study whose runs are not all mixes of its factors.

    Raises
    ------
    ValueError
    """
    if study.spec.design.kind != "full_factorial":
        raise ValueError(f"an attribution needs a design full_factorial; this study has {study.spec.design.kind}")
    if len(study.factors) > LARGEST:
        raise ValueError(f"an attribution takes up to {LARGEST} levers; this study has {len(study.factors)}")


def attribution(results: Results, options: Options) -> Finding:
    """Return the contribution of each lever of a mix to the whole."""
    study, measure = results.study, measure_of(results, options)
    check_mix(study)
    names = [f.key for f in study.factors]
    values = cube(results, measure.key)
    tables = {name: attribution_table(names, values[k]) for k, name in enumerate(context_names(study))}

    def draw(figure: Any, words: FigureWords) -> None:
        axes = figure.subplots(1, len(tables), squeeze=False)[0]
        for axis, (name, table) in zip(axes, tables.items(), strict=True):
            at = np.arange(len(table))
            mean = table["contribution"].to_numpy()
            error = np.nan_to_num(np.vstack([mean - table["low"], table["high"] - mean]))
            colours = [PALETTE[0]] * (len(table) - 1) + [PALETTE[7]]
            axis.barh(at, mean, color=colours, xerr=error, label=words("share_of_whole"))
            axis.plot(table["alone"], at, "D", color=PALETTE[1], label=words("alone"))
            axis.plot(table["last"], at, "o", color=PALETTE[3], label=words("on_top"))
            axis.axvline(0.0, color="black", linewidth=0.8)
            axis.set_yticks(at, table["part"].map(words.name), fontsize=9)
            axis.invert_yaxis()
            axis.set(title=words.name(name))
            words.along(axis.xaxis, words.about("change", measure), measure.unit)
        legend_below(figure, axes[-1])

    called = names_of(study)
    called[1]["whole"] = "合计"
    said = tuple(
        (
            _said(called[0][name], table, measure, study.spec.against, called[0], False),
            _said(called[1][name], table, measure, study.spec.against, called[1], True),
        )
        for name, table in tables.items()
    )
    whole_table = pd.concat([t.assign(case=name) for name, t in tables.items()], ignore_index=True)
    whole_table.insert(0, "case", whole_table.pop("case"))
    title = (f"Attribution: {measure.en}", f"归因：{measure.zh}")
    units = dict.fromkeys(("contribution", "low", "high", "alone", "last", "overlap"), "unit")
    return Finding("attribution", title, whole_table.assign(unit=measure.unit), said, draw, called, units)


def _said(case: str, table: pd.DataFrame, measure: Measure, against: str | None, names: Names, is_chinese: bool) -> str:
    """Return what the attribution of a case says in a language."""
    top, whole = table.iloc[0], table.iloc[-1]
    part, is_sure = names[top["part"]], np.isfinite(whole["low"])
    by = amount(whole["contribution"], measure.unit, is_chinese, sign="+")
    figures = (top["contribution"], *(whole[column] for column in ("low", "high", "alone", "overlap")))
    of_top, low, high, alone, overlap = (plain_amount(v, measure.unit, is_chinese, sign="+") for v in figures)
    if is_chinese:
        beside = f"相对{called_policy(against, True)}" if against else ""
        span = f"（{low} 至 {high}）" if is_sure else "（仅一个种子，无区间）"
        return (
            f"{case}：整体方案{beside}使{measure.zh}变化 {by}{span}；其中{part}贡献 {of_top}。"
            f"各部分单独之和为 {alone}，重叠为 {overlap}。"
        )
    beside = f", against {called_policy(against, False)}," if against else ""
    span = f" ({low} to {high})" if is_sure else " (one seed gives no interval)"
    return (
        f"{case}: the whole mix{beside} changes {within(measure.en)} by {by}{span}; {part} contributes {of_top}. "
        f"Alone the parts sum to {alone}: the overlap is {overlap}."
    )


# --- abatement cost ---------------------------------------------------------------------------------------------------


def cost_per_tonne(abated: np.ndarray, cost: np.ndarray, seed: int = 1) -> tuple[float, float, float]:
    """Return cost over abatement (ratio of means) with a 95 % bootstrap interval over seeds, CNY/tCO2.

    Parameters
    ----------
    abated : ndarray, shape (n_seeds,)
        MtCO2, paired with ``cost``.
    cost : ndarray, shape (n_seeds,)
        M CNY.

    Returns
    -------
    tuple
        nan where nothing is abated; nan ends where the abatement could be nothing.
    """
    if not abated.size or not abated.mean() > 0:
        return np.nan, np.nan, np.nan
    ratio = float(cost.mean() / abated.mean())
    drawn = np.random.default_rng(seed).integers(0, abated.size, (RESAMPLES, abated.size))
    tonnes = abated[drawn].mean(axis=1)
    if abated.size < 2 or (tonnes <= 0).any():
        return ratio, np.nan, np.nan
    low, high = np.quantile(cost[drawn].mean(axis=1) / tonnes, [0.025, 0.975])
    return ratio, float(low), float(high)


def measures_of_abatement(study: Study, called: Called = "id") -> list[tuple[str, tuple[int, int], tuple[int, int]]]:
    """Return (name, (context, point), (base context, base point)) of each option that is set against doing without it.

    Of parts, each alone and all together against none; of other designs, every point against the first; of policies
    alone, each against the first (``none`` where it is there).
    """
    names, colon = context_names(study, called), "：" if called == "zh" else ": "
    if len(study.points) == 1:
        policies = [c.policy for c in study.contexts]
        base = policies.index("none") if "none" in policies else 0
        return [(names[k], (k, 0), (base, 0)) for k in range(len(names)) if k != base]
    several = len(names) > 1
    parts = np.array([f.kind == "part" for f in study.factors])
    found = []
    for k, name in enumerate(names):
        base = 0
        chosen = list(range(1, len(study.points)))
        if parts.any():
            on = study.points[:, parts].sum(axis=1)
            base = int(np.argmin(on))
            chosen = [p for p in range(len(study.points)) if on[p] in (1, parts.sum())]
        before = f"{name}{colon}" if several else ""
        found += [(f"{before}{study.label(p, called)}", (k, p), (k, base)) for p in chosen]
    return found


def abatement(results: Results, options: Options) -> Finding:
    """Return tonnes abated, public cost and investment per tonne, cheapest first."""
    required(results, CARBON, FISCAL, CAPEX)
    study = results.study
    carbon, fiscal, capex = (cube(results, key) for key in (CARBON, FISCAL, CAPEX))
    asked = measures_of_abatement(study)
    names_en, names_zh = (
        Names({id: name for (id, *_), (name, *_) in zip(asked, measures_of_abatement(study, called), strict=True)})
        for called in LANGUAGES
    )
    rows = []
    for name, at, base in asked:
        tonnes = carbon[base] - carbon[at]
        ok = np.isfinite(tonnes)
        mean, low, high, n = interval(tonnes)
        public = cost_per_tonne(tonnes[ok], (fiscal[at] - fiscal[base])[ok])
        money = cost_per_tonne(tonnes[ok], (capex[at] - capex[base])[ok])
        rows.append({
            "option": name, "abated_mtco2": mean, "abated_low": low, "abated_high": high,
            "public_cny_per_tco2": public[0], "public_low": public[1], "public_high": public[2],
            "investment_cny_per_tco2": money[0], "investment_low": money[1], "investment_high": money[2], "pairs": n,
        })  # fmt: skip
    if not rows:
        raise ValueError("an abatement cost needs an option beside the base: another policy, point or part")
    table = pd.DataFrame(rows).sort_values("public_cny_per_tco2", kind="stable").reset_index(drop=True)

    clear = table[table["abated_low"].fillna(table["abated_mtco2"]) > 0]

    def draw(figure: Any, words: FigureWords) -> None:
        axis = figure.add_subplot()
        shown = clear[~clear["option"].str.contains("all parts")]
        left = np.concatenate([[0.0], np.cumsum(shown["abated_mtco2"])])[:-1]
        colours = [PALETTE[k % len(PALETTE)] for k in range(len(shown))]
        axis.bar(left, shown["public_cny_per_tco2"], width=shown["abated_mtco2"], align="edge", color=colours,
                 edgecolor=colours, linewidth=2.5, label=shown["option"].map(words.name))  # fmt: skip
        axis.axhline(0.0, color="black", linewidth=0.8)
        axis.set(ylabel=words("public_cost"))
        words.along(axis.xaxis, words("abated", unit=words.plan_unit("MtCO2")), "MtCO2")
        if shown.empty:
            axis.set(xticks=[], yticks=[])
            axis.text(0.5, 0.55, words("nothing_abates"), transform=axis.transAxes, ha="center")
        elif len(shown) <= 20:
            axis.legend(frameon=False, fontsize=8)

    said = _said_of_costs(clear, len(table) - len(clear), names_en, names_zh)
    title, units = ("Abatement cost from runs", "减排成本（模拟）"), dict.fromkeys(TONNES, "MtCO2")
    return Finding("abatement", title, table, said, draw, (names_en, names_zh), units)


def _said_of_costs(clear: pd.DataFrame, unclear: int, names_en: Names, names_zh: Names) -> tuple[tuple[str, str], ...]:
    """Return what the options that clearly abate cost, and how many do not."""
    said = []
    if len(clear):
        first = clear.iloc[0]
        said.append((
            f"Cheapest for the budget: {names_en[first['option']]}, {first['public_cny_per_tco2']:.3g} CNY/t for "
            f"{amount(first['abated_mtco2'], 'MtCO2', False, 3)}. Widths are effects alone: they overlap, and do not "
            "add up.",
            f"财政成本最低：{names_zh[first['option']]}，{first['public_cny_per_tco2']:.3g} 元/吨，减排 "
            f"{amount(first['abated_mtco2'], 'MtCO2', True, 3)}。各项为单独作用，存在重叠，不可相加。",
        ))  # fmt: skip
    if unclear:
        said.append((
            f"{unclear} options abate nothing, or less than luck hides at this number of seeds: they are not "
            "drawn, and their cost per tonne means nothing yet.",
            f"{unclear} 个方案没有减排，或减排量小于随机波动：未绘入图中，其吨碳成本暂无意义。",
        ))  # fmt: skip
    return tuple(said)
