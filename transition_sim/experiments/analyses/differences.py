"""Differences with common random numbers: policies in pairs, one factor at a time, regret over states of the world."""

from typing import Any

import numpy as np
import pandas as pd

from transition_sim.comparison import replicates_needed
from transition_sim.experiments.analyses.finding import (
    PALETTE,
    FigureWords,
    Finding,
    Names,
    Options,
    context_names,
    cube,
    interval,
    legend_below,
    measure_of,
    names_of,
    paired,
)  # fmt: skip
from transition_sim.experiments.study import Study
from transition_sim.experiments.tables import Results
from transition_sim.scenarios.words.figures import within
from transition_sim.scenarios.words.units import amount, plain_amount, unit_word

REGRETS = ("mean", "regret_mean", "regret_p90", "regret_max")
STEPS_ZH = {"alone": "单独实施", "taken out": "剔除"}


def has_pairs(study: Study) -> bool:
    """Return whether a place is run under two policies or in two variants; places are never set against each other."""
    return len(study.contexts) > len({context.place for context in study.contexts})


def paired_policies(results: Results, options: Options) -> Finding:
    """Return every measure of every context less the first context of its place, pair by pair over points and seeds."""
    study = results.study
    names, (names_en, names_zh) = context_names(study), names_of(study)
    if not has_pairs(study):
        raise ValueError("a paired comparison needs at least two policies or variants of a place")
    rows = []
    for measure in study.measures:
        values = cube(results, measure.key)
        for k, context in enumerate(study.contexts):
            base = next(i for i, c in enumerate(study.contexts) if c.place == context.place)
            if k == base:
                continue
            found = paired(values[k].ravel(), values[base].ravel())
            sd = float(np.nanstd(values[k] - values[base], ddof=1)) if found["pairs"] > 1 else np.nan
            mean = found["difference"]
            needed = replicates_needed(sd, 0.1 * abs(mean)) if np.isfinite(sd) and mean else np.nan
            rows.append({"measure": measure.key, "unit": measure.unit, "b": names[k], "a": names[base], **found,
                         "pairs_for_tenth": needed})  # fmt: skip
    table = pd.DataFrame(rows)
    shown = measure_of(results, options)
    part = table[table["measure"] == shown.key]

    def draw(figure: Any, words: FigureWords) -> None:
        axis = figure.add_subplot()
        _points(axis, [f"{words.name(r.b)} - {words.name(r.a)}" for r in part.itertuples()], part)
        words.along(axis.xaxis, words.about("difference_interval", shown), shown.unit)

    said = tuple(
        (
            f"{names_en[r.b]} less {names_en[r.a]}: {shown.en} {_span(r, shown.unit, False)}; "
            f"lower in {100 * r.share_lower:.0f} % of {r.pairs} pairs.",
            f"{names_zh[r.b]}减{names_zh[r.a]}：{shown.zh} {_span(r, shown.unit, True)}；"
            f"{r.pairs} 对中 {100 * r.share_lower:.0f}% 更低。",
        )
        for r in part.itertuples()
    )
    units = dict.fromkeys(("difference", "low", "high"), "unit")
    title = ("Policies in pairs, same luck", "同随机数配对比较")
    return Finding("paired", title, table, said, draw, (names_en, names_zh), units)


def _span(row: Any, unit: str, is_chinese: bool) -> str:
    """Return a difference with its interval."""
    mean = amount(row.difference, unit, is_chinese, sign="+")
    low, high = (plain_amount(value, unit, is_chinese, sign="+") for value in (row.low, row.high))
    return f"{mean}（{low} 至 {high}）" if is_chinese else f"{mean} ({low} to {high})"


def _points(axis: Any, labels: list[str], table: pd.DataFrame) -> None:
    """Draw differences with their intervals, a row each; the figure is as high as its rows need."""
    at = np.arange(len(labels))
    axis.figure.set_figheight(1.4 + 0.4 * len(labels))
    axis.axvline(0.0, color="black", linewidth=0.8)
    mean = table["difference"].to_numpy()
    error = np.nan_to_num(np.vstack([mean - table["low"].to_numpy(), table["high"].to_numpy() - mean]))
    axis.errorbar(mean, at, xerr=error, fmt="o", color=PALETTE[0], capsize=3)
    axis.set_yticks(at, labels, fontsize=9)
    axis.set_ylim(len(labels) - 0.5, -0.5)


# --- one at a time ----------------------------------------------------------------------------------------------------


def steps(study: Study) -> list[tuple[str, str, int, int]]:
    """Return (factor, what, point, base point) of a one-at-a-time design.

    Raises
    ------
    ValueError
        For any other design.
    """
    if study.spec.design.kind != "one_at_a_time":
        raise ValueError(f"a tornado needs a design one_at_a_time; this study has {study.spec.design.kind}")
    points = study.points
    at = {tuple(np.nan_to_num(row, nan=np.inf)): k for k, row in enumerate(points)}
    found = []
    for k, factor in enumerate(study.factors):
        for point, row in enumerate(points):
            others = np.delete(row, k)
            is_part = np.array([f.kind == "part" for f in np.delete(np.array(study.factors, dtype=object), k)])
            rest = others[is_part] if is_part.size else others
            if factor.kind == "part":
                alone, without = row.copy(), row.copy()
                if row[k] == 1 and (rest == 0).all():
                    alone[k] = 0.0
                    found.append((factor.key, "alone", point, at[tuple(np.nan_to_num(alone, nan=np.inf))]))
                if row[k] == 0 and (rest == 1).all() and np.isnan(others[~is_part]).all():
                    without[k] = 1.0
                    found.append((factor.key, "taken out", point, at[tuple(np.nan_to_num(without, nan=np.inf))]))
            elif not np.isnan(row[k]):
                found.append((factor.key, f"{row[k]:g} {factor.unit}", point, 0))
    return list(dict.fromkeys(found))


def step_in_chinese(change: str) -> str:
    """Return what a step changes in Chinese: 单独实施, or a value with its unit."""
    number, _, unit = change.partition(" ")
    return STEPS_ZH[change] if change in STEPS_ZH else f"{number} {unit_word(unit, True)}"


def tornado(results: Results, options: Options) -> Finding:
    """Return the paired difference that each factor makes alone, largest first."""
    study, measure = results.study, measure_of(results, options)
    values, names = cube(results, measure.key), context_names(results.study)
    rows = []
    for k, name in enumerate(names):
        for factor, what, point, base in steps(study):
            rows.append({"case": name, "factor": factor, "change": what, **paired(values[k, point], values[k, base])})
    table = pd.DataFrame(rows)
    size = table.groupby("factor", sort=False)["difference"].agg(lambda d: d.abs().max()).sort_values(ascending=False)
    table["unit"] = measure.unit
    order = {factor: i for i, factor in enumerate(size.index)}
    table["place"] = table["factor"].map(order)
    table = table.sort_values(["case", "place"], kind="stable").drop(columns="place").reset_index(drop=True)

    def draw(figure: Any, words: FigureWords) -> None:
        axes = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
        for axis, name in zip(axes, names, strict=True):
            part = table[table["case"] == name]
            for i, factor in enumerate(order):
                for k, r in enumerate(part[part["factor"] == factor].itertuples()):
                    error = None if np.isnan(r.low) else [[r.difference - r.low], [r.high - r.difference]]
                    label = _legend(r.change, k, study, words) if i == 0 else None
                    axis.barh(
                        i + 0.36 * (k % 2) - 0.18, r.difference, height=0.34, color=PALETTE[k % 2], xerr=error,
                        label=label, error_kw={"linewidth": 1},
                    )  # fmt: skip
            axis.axvline(0.0, color="black", linewidth=0.8)
            axis.set(title=words.name(name))
            words.along(axis.xaxis, words.about("difference", measure), measure.unit)
            axis.set_yticks(range(len(order)), list(map(words.name, order)), fontsize=9)
        axes[0].invert_yaxis()
        legend_below(figure, axes[0])

    first = table.loc[table["difference"].abs().idxmax()]
    (names_en, names_zh), how = names_of(study), str(first["change"])
    moved, moved_zh = (amount(first["difference"], measure.unit, zh, sign="+") for zh in (False, True))
    said = (
        (
            f"What moves {within(measure.en)} most: {names_en[first['factor']]} ({how}), {moved}.",
            f"{names_zh[first['factor']]}（{step_in_chinese(how)}）对{measure.zh}影响最大：{moved_zh}。",
        ),
    )
    title = (f"One at a time: {measure.en}", f"逐项变动：{measure.zh}")
    units = dict.fromkeys(("difference", "low", "high"), "unit")
    return Finding("tornado", title, table, said, draw, (names_en, names_zh), units)


def _legend(change: str, k: int, study: Study, words: FigureWords) -> str:
    """Return what the k-th bar of a factor stands for."""
    if any(f.kind == "part" for f in study.factors):
        return step_in_chinese(change) if words.is_chinese else change
    return words(("at_lowest", "at_highest")[k % 2])


# --- regret -----------------------------------------------------------------------------------------------------------


def regret_matrix(values: np.ndarray, maximise: bool = False) -> np.ndarray:
    """Return how much worse each option is than the best in the same state.

    Parameters
    ----------
    values : ndarray, shape (n_options, n_states)
        States with a nan are left out.
    """
    whole = values[:, np.isfinite(values).all(axis=0)]
    signed = -whole if maximise else whole
    return signed - signed.min(axis=0)


def regret(results: Results, options: Options) -> Finding:
    """Return mean, high and largest regret of each option over states of the world, and how often it is best.

    Options are policies and variants where there are several, states then are points and seeds; else options are the
    points of the levers, and states are the seeds.
    """
    study, measure, (names_en, names_zh) = results.study, measure_of(results, options), names_of(results.study)
    values = cube(results, measure.key)
    if len(study.contexts) > 1:
        if len({c.place for c in study.contexts}) > 1:
            raise ValueError("regret compares options of one place; run a study for each place")
        names, matrix = context_names(study), values.reshape(len(study.contexts), -1)
    else:
        if any(f.kind == "parameter" for f in study.factors):
            raise ValueError("a point with parameters is no option; give two policies or variants to choose from")
        names, matrix = [study.label(k) for k in range(len(study.points))], values[0]
        names_en.update((name, study.label(k, "en")) for k, name in enumerate(names))
        names_zh.update((name, study.label(k, "zh")) for k, name in enumerate(names))
    if len(names) < 2:
        raise ValueError("regret needs at least two options")
    found = regret_matrix(matrix, options.maximise)
    if not found.size:
        raise ValueError("in no state did all options come to their end")
    table = pd.DataFrame(
        {
            "option": names, "mean": np.nanmean(matrix, axis=1), "regret_mean": found.mean(axis=1),
            "regret_p90": np.quantile(found, 0.9, axis=1), "regret_max": found.max(axis=1),
            "best_share": (found == 0).mean(axis=1), "states": found.shape[1], "unit": measure.unit,
        }
    ).sort_values("regret_mean", kind="stable").reset_index(drop=True)  # fmt: skip

    def draw(figure: Any, words: FigureWords) -> None:
        axis = figure.add_subplot()
        shown = table.head(20)
        at = np.arange(len(shown))
        axis.barh(at, shown["regret_mean"], color=PALETTE[0], label=words("mean"))
        axis.plot(shown["regret_p90"], at, "D", color=PALETTE[1], label=words("nine_states"))
        axis.plot(shown["regret_max"], at, "o", color=PALETTE[3], label=words("worst_state"))
        axis.set_yticks(at, shown["option"].map(words.name), fontsize=8)
        axis.invert_yaxis()
        words.along(axis.xaxis, words.about("regret", measure), measure.unit)
        axis.legend(frameon=False)

    said = (_regret_said(table, found, names, names_en, names_zh),)
    title, units = (f"Regret: {measure.en}", f"后悔值：{measure.zh}"), dict.fromkeys(REGRETS, "unit")
    return Finding("regret", title, table, said, draw, (names_en, names_zh), units)


def _regret_said(
    table: pd.DataFrame, found: np.ndarray, names: list[str], names_en: Names, names_zh: Names
) -> tuple[str, str]:
    """Return the option of least regret, how often another one is better, and whether luck could have chosen it."""
    best, safest = table.iloc[0], table.loc[table["regret_max"].idxmin()]
    flips, n = 100 * (1.0 - best["best_share"]), best["states"]
    en = (
        f"{names_en[best['option']]} has the least regret on average; in {flips:.0f} % of {n} states another option is "
        f"better. The least worst case has {names_en[safest['option']]}."
    )
    zh = (
        f"{names_zh[best['option']]}平均后悔值最小；在 {n} 个状态中有 {flips:.0f}% 其他方案更优。"
        f"最坏情形下最稳健的是{names_zh[safest['option']]}。"
    )
    second = table.iloc[1]
    gap = found[names.index(second["option"])] - found[names.index(best["option"])]
    _, low, _, _ = interval(gap)
    if not low > 0.0:
        en += f" Its lead over {names_en[second['option']]} could be noise: the 95 % interval holds 0."
        zh += f"其相对{names_zh[second['option']]}的优势可能为随机波动：95%区间包含0。"
    return en, zh
