"""Calibration: history matching rules out what cannot be, approximate Bayesian computation weighs what is left.

Waves of runs teach a Gaussian process for every observation; a setting whose expected value lies too far from what
was observed, given all uncertainties, is implausible (Craig et al. 1997). The last wave is run with the model itself
and weighed by its distance; the answer is that ensemble, never one best fit.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from transition_sim.core.errors import ScenarioError
from transition_sim.experiments import designs
from transition_sim.experiments.analyses.finding import PALETTE, FigureWords, Finding, Names, factor_names
from transition_sim.experiments.batches import Batches, NoAnswer, OnBatch
from transition_sim.experiments.factors import Factor
from transition_sim.experiments.spec import DesignSpec
from transition_sim.experiments.study import Study
from transition_sim.measures import Measure
from transition_sim.scenarios.loader import read_document
from transition_sim.scenarios.messages import suggestion
from transition_sim.scenarios.shape import read_shape
from transition_sim.scenarios.spec import Number, Strict, Text

CUT = 3.0
"""Implausibility above which a setting is ruled out: three standard deviations (Pukelsheim 1994)."""
CANDIDATES = 20_000
SMALLEST_REST = 1e-3
"""Share of the prior below which no setting is left to speak of."""
FIGURES = ("observed", "sd", "prior_low", "prior_median", "prior_high", "low", "median", "high")
IDENTIFIED = 0.7
"""A parameter counts as identified where 90 % of the posterior lie in less than this share of its range."""


class ObservationSpec(Strict):
    value: Number
    sd: Annotated[Number, Field(gt=0)]
    """Of the observation and of what the model cannot know, one standard deviation."""
    source: Text = ""


class ObservationsSpec(Strict):
    """What was observed, ``observations/1``: measure -> value and standard deviation, in the unit of the measure."""

    format: Literal["observations/1"]
    observations: Annotated[dict[str, ObservationSpec], Field(min_length=1, max_length=50)]


@dataclass(frozen=True)
class Observation:
    """A measure as it was observed."""

    measure: Measure
    value: float
    sd: float


def read_observations(path: Path, study: Study) -> tuple[Observation, ...]:
    """Return the observations of a file.

    Raises
    ------
    ScenarioError
        With every fault: shape, and measures that the study does not keep.
    """
    document = read_document(path)
    spec, faults = read_shape(ObservationsSpec, document.data, document.fault)
    if spec is None:
        raise ScenarioError(faults)
    kept = {m.key: m for m in study.measures}
    for key in spec.observations:
        if key not in kept:
            rule = "the study keeps no such measure"
            faults.append(document.fault(("observations", key), key, rule, suggestion(key, kept, "measures")))
    if faults:
        raise ScenarioError(faults)
    return tuple(Observation(kept[key], item.value, item.sd) for key, item in spec.observations.items())


# --- emulators --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Emulator:
    """A Gaussian process of one measure over the unit cube, and the spread of single runs around it."""

    process: Any
    mean: float
    scale: float
    seed_sd: float

    @classmethod
    def of(cls, shares: np.ndarray, values: np.ndarray) -> "Emulator":
        """Learn from runs.

        Parameters
        ----------
        shares : ndarray, shape (n, k)
        values : ndarray, shape (n, n_replicates)
            Finite.
        """
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

        means, n_seeds = values.mean(axis=1), values.shape[1]
        seed_sd = float(np.sqrt(values.var(axis=1, ddof=1).mean())) if n_seeds > 1 else 0.0
        mean, scale = float(means.mean()), float(means.std()) or 1.0
        noise = max((seed_sd / scale) ** 2 / n_seeds, 1e-8)
        kernel = ConstantKernel(1.0, (1e-2, 1e3)) * RBF(np.ones(shares.shape[1]), (5e-2, 1e2))
        kernel += WhiteKernel(noise, (1e-9, 10 * noise + 1e-2))
        process = GaussianProcessRegressor(kernel, normalize_y=False, n_restarts_optimizer=1, random_state=1)
        with warnings.catch_warnings():
            # a factor without effect has an endless length scale, a rule without luck no noise: both end at a bound
            warnings.simplefilter("ignore", ConvergenceWarning)
            process.fit(shares, (means - mean) / scale)
        return cls(process, mean, scale, seed_sd)

    def predict(self, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return expected values and their standard deviations, each shape (n,)."""
        expected, sd = self.process.predict(shares, return_std=True)
        return self.mean + self.scale * expected, self.scale * sd


def implausibility(
    emulators: Sequence[Emulator], observations: Sequence[Observation], shares: np.ndarray
) -> np.ndarray:
    """Return the largest distance to an observation in standard deviations of all that is uncertain, shape (n,).

    I = max |E(y) - z| / sqrt(Var(y) + sd^2 + sd_seed^2): emulator, observation with discrepancy, chance.
    """
    worst = np.zeros(len(shares))
    for emulator, observation in zip(emulators, observations, strict=True):
        expected, sd = emulator.predict(shares)
        spread = np.sqrt(sd**2 + observation.sd**2 + emulator.seed_sd**2)
        worst = np.maximum(worst, np.abs(expected - observation.value) / spread)
    return worst


# --- calibration ------------------------------------------------------------------------------------------------------


def calibrate(
    batches: Batches,
    observations: Sequence[Observation],
    waves: int = 3,
    samples: int = 64,
    on_batch: OnBatch = lambda what, done, total: None,
) -> tuple[Finding, ...]:
    """Return the posterior of the parameters, how it fits, and what each wave ruled out.

    Raises
    ------
    NoAnswer
        When nothing in the ranges can give what was observed, or runs came to no end.
    """
    factors = batches.study.factors
    shares = designs.unit_points(DesignSpec(kind="lhs", samples=samples), len(factors))
    values: dict[str, list[np.ndarray]] = {o.measure.key: [] for o in observations}
    every, left, chosen = [], [], shares
    for wave in range(waves + 1):
        on_batch("wave" if wave < waves else "last sample", wave, waves + 1)
        found = _run(batches, f"waves/{wave}", factors, chosen, observations)
        every.append(chosen)
        for key, rows in found.items():
            values[key].append(rows)
        if wave == waves:
            break
        emulators = [Emulator.of(np.vstack(every), np.vstack(values[o.measure.key])) for o in observations]
        chosen, share = _plausible(emulators, observations, len(factors), samples, wave)
        left.append(share)
    on_batch("done", waves + 1, waves + 1)
    last = np.column_stack([values[o.measure.key][-1].mean(axis=1) for o in observations])
    first = np.column_stack([values[o.measure.key][0].mean(axis=1) for o in observations])
    weights = weigh(last, observations)
    posterior = pd.DataFrame({f.key: f.at(chosen[:, k]) for k, f in enumerate(factors)})
    posterior["weight"] = weights
    for k, o in enumerate(observations):
        posterior[o.measure.key] = last[:, k]
    return (
        _parameters(factors, chosen, weights, left),
        _fit(observations, first, last, weights),
        _ensemble(posterior, factors, chosen, weights),
    )


def _run(
    batches: Batches, name: str, factors: Sequence[Factor], shares: np.ndarray, observations: Sequence[Observation]
) -> dict[str, np.ndarray]:
    points = np.column_stack([f.at(shares[:, k]) for k, f in enumerate(factors)])
    found = batches.run(name, points)
    chosen = {o.measure.key: found[o.measure.key] for o in observations}
    holes = sum(int((~np.isfinite(rows)).any(axis=1).sum()) for rows in chosen.values())
    if holes:
        rule = f"{holes} points of {name} have runs without a value"
        remedy = f"See 'transition-sim study status {batches.folder / name}', mend it, and calibrate again."
        raise NoAnswer(f"{rule}. {remedy}")
    return chosen


def _plausible(
    emulators: Sequence[Emulator], observations: Sequence[Observation], k: int, samples: int, wave: int
) -> tuple[np.ndarray, float]:
    """Return settings that are not ruled out, spread over what is left, and the share of the prior that is."""
    rng = np.random.default_rng([1, wave])
    kept = np.empty((0, k))
    tried = 0
    while len(kept) < samples:
        shares = rng.random((CANDIDATES, k))
        kept = np.vstack([kept, shares[implausibility(emulators, observations, shares) <= CUT]])
        tried += CANDIDATES
        if len(kept) < SMALLEST_REST * tried and tried >= 5 * CANDIDATES:
            raise NoAnswer(
                f"Wave {wave}: nothing in the ranges gives what was observed, within three standard deviations. "
                "Widen ranges, free more parameters, or look whether a value or sd of the observations is wrong."
            )
    return _spread_out(kept, samples, rng), len(kept) / tried


def _spread_out(points: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return n of the points, each far from those before it (greedy, of a sample)."""
    pool = points[rng.permutation(len(points))[: 20 * n]]
    chosen = [0]
    distance = np.full(len(pool), np.inf)
    for _ in range(n - 1):
        distance = np.minimum(distance, ((pool - pool[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int(distance.argmax()))
    return pool[chosen]


def weigh(values: np.ndarray, observations: Sequence[Observation]) -> np.ndarray:
    """Return the weights of settings, sum 1: Gaussian in the distance to what was observed.

    Parameters
    ----------
    values : ndarray, shape (n, n_observations)

    Notes
    -----
    The settings lie evenly over what history matching left of a uniform prior, so no weight of the prior enters.
    """
    scaled = (values - [o.value for o in observations]) / np.array([o.sd for o in observations])
    distance = (scaled**2).sum(axis=1)
    weights = np.exp(-0.5 * (distance - distance.min()))
    return weights / weights.sum()


def weighted_quantile(values: np.ndarray, weights: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Return quantiles of weighted values, by the middle of each weight."""
    order = np.argsort(values, kind="stable")
    middle = np.cumsum(weights[order]) - 0.5 * weights[order]
    return np.interp(shares, middle, values[order])


# --- what comes out ---------------------------------------------------------------------------------------------------


def _parameters(factors: Sequence[Factor], shares: np.ndarray, weights: np.ndarray, left: Sequence[float]) -> Finding:
    rows = []
    for k, factor in enumerate(factors):
        low, middle, high = weighted_quantile(shares[:, k], weights, (0.05, 0.5, 0.95))
        ends = factor.at(np.array([low, middle, high]))
        rows.append({
            "factor": factor.key, "unit": factor.unit, "prior_low": factor.low, "prior_high": factor.high,
            "low": ends[0], "median": ends[1], "high": ends[2], "width_of_prior": high - low,
            "is_identified": bool(high - low < IDENTIFIED * 0.9),
        })  # fmt: skip
    table = pd.DataFrame(rows)
    effective, (names_en, names_zh) = 1.0 / float((weights**2).sum()), factor_names(factors)
    known, unknown = table[table["is_identified"]]["factor"], table[~table["is_identified"]]["factor"]
    said = (
        (f"{100 * left[-1]:.3g} % of the ranges are not ruled out after {len(left)} waves; the posterior is worth "
         f"{effective:.0f} settings.",
         f"{len(left)} 轮历史匹配后，先验范围的 {100 * left[-1]:.3g}% 未被排除；"
         f"后验相当于 {effective:.0f} 组有效样本。"),
        (f"Identified: {', '.join(names_en[key] for key in known) or 'none'}. Not identified by these observations: "
         f"{', '.join(names_en[key] for key in unknown) or 'none'}.",
         f"可识别：{'、'.join(names_zh[key] for key in known) or '无'}。现有观测无法识别："
         f"{'、'.join(names_zh[key] for key in unknown) or '无'}。"),
    )  # fmt: skip

    def draw(figure: Any, words: FigureWords) -> None:
        axis = figure.subplots()
        at = np.arange(len(table))
        span = table["prior_high"] - table["prior_low"]
        axis.barh(at, np.ones(len(table)), color="0.9", height=0.6, label=words("prior"))
        left_end = (table["low"] - table["prior_low"]) / span
        axis.barh(at, (table["high"] - table["low"]) / span, left=left_end, color=PALETTE[0], height=0.6,
                  label=words("posterior_middle"))  # fmt: skip
        axis.plot((table["median"] - table["prior_low"]) / span, at, "k|", markersize=14, label=words("median"))
        axis.set_yticks(at, table["factor"].map(words.name), fontsize=8)
        axis.invert_yaxis()
        axis.set(xlim=(0, 1), xlabel=words("share_of_prior"))
        axis.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3)

    title = ("What the observations say of the parameters", "观测对参数的约束")
    return Finding("parameters", title, table, said, draw, (names_en, names_zh))


def _fit(observations: Sequence[Observation], first: np.ndarray, last: np.ndarray, weights: np.ndarray) -> Finding:
    rows = []
    even = np.full(len(first), 1.0 / len(first))
    for k, o in enumerate(observations):
        before = weighted_quantile(first[:, k], even, (0.05, 0.5, 0.95))
        after = weighted_quantile(last[:, k], weights, (0.05, 0.5, 0.95))
        rows.append({
            "measure": o.measure.key, "unit": o.measure.unit, "observed": o.value, "sd": o.sd,
            "prior_low": before[0], "prior_median": before[1], "prior_high": before[2],
            "low": after[0], "median": after[1], "high": after[2],
            "is_met": bool(abs(after[1] - o.value) <= 2 * o.sd),
        })  # fmt: skip
    table = pd.DataFrame(rows)
    missed = list(table.loc[~table["is_met"], "measure"])
    names_en = Names({o.measure.key: o.measure.en for o in observations})
    names_zh = Names({o.measure.key: o.measure.zh for o in observations})
    said = (
        f"{len(table) - len(missed)} of {len(table)} observations lie within two standard deviations of the posterior "
        f"median{'; missed: ' + ', '.join(names_en[key] for key in missed) if missed else ''}.",
        f"{len(table)} 项观测中有 {len(table) - len(missed)} 项与后验中位数相差不超过两个标准差"
        f"{'；未满足：' + '、'.join(names_zh[key] for key in missed) if missed else ''}。",
    )

    def draw(figure: Any, words: FigureWords) -> None:
        axes = figure.subplots(1, len(table), squeeze=False)[0]
        for axis, row in zip(axes, table.itertuples(), strict=True):
            axis.errorbar([0], [row.observed], yerr=[2 * row.sd], fmt="o", color="k", capsize=4)
            for x, part, colour in ((1, "prior_", "0.6"), (2, "", PALETTE[0])):
                low, middle, high = (getattr(row, f"{part}{end}") for end in ("low", "median", "high"))
                axis.errorbar([x], [middle], yerr=[[middle - low], [high - middle]], fmt="s", color=colour, capsize=4)
            axis.set_xticks([0, 1, 2], [words("observed"), words("prior"), words("posterior")], rotation=30, fontsize=8)
            axis.set(xlim=(-0.5, 2.5))
            words.along(axis.yaxis, words.plan_unit(row.unit), row.unit)
            axis.set_title(words.name(row.measure), fontsize=8)

    units = dict.fromkeys(FIGURES, "unit")
    return Finding("fit", ("How the posterior fits", "后验拟合"), table, (said,), draw, (names_en, names_zh), units)


def _ensemble(posterior: pd.DataFrame, factors: Sequence[Factor], shares: np.ndarray, weights: np.ndarray) -> Finding:
    """Return the posterior ensemble, and which parameters trade against each other."""
    names = [f.key for f in factors]
    centred = shares - weights @ shares
    covariance = (centred * weights[:, None]).T @ centred
    sd = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
    correlation = covariance / np.outer(sd, sd)
    pairs, (names_en, names_zh) = _pairs(names, correlation), factor_names(factors)
    told = "; ".join(f"{names_en[a]} and {names_en[b]} ({r:+.2f})" for a, b, r in pairs[:3])
    told_zh = "；".join(f"{names_zh[a]} 与 {names_zh[b]}（{r:+.2f}）" for a, b, r in pairs[:3])
    said = (
        f"Parameters that trade against each other: {told or 'none beyond 0.5'}.",
        f"相互替代的参数：{told_zh or '无（相关系数均不超过0.5）'}。",
    )

    def draw(figure: Any, words: FigureWords) -> None:
        axis = figure.subplots()
        image = axis.imshow(correlation, vmin=-1, vmax=1, cmap="RdBu_r")
        axis.set_xticks(range(len(names)), list(map(words.name, names)), rotation=45, ha="right", fontsize=7)
        axis.set_yticks(range(len(names)), list(map(words.name, names)), fontsize=7)
        figure.colorbar(image, label=words("correlation"))

    ordered = posterior.sort_values("weight", ascending=False).reset_index(drop=True)
    return Finding("posterior", ("The posterior ensemble", "后验集合"), ordered, (said,), draw, (names_en, names_zh))


def _pairs(names: Sequence[str], correlation: np.ndarray) -> list[tuple[str, str, float]]:
    found = [
        (names[i], names[j], float(correlation[i, j]))
        for i in range(len(names))
        for j in range(i)
        if abs(correlation[i, j]) > 0.5
    ]
    return sorted(found, key=lambda pair: -abs(pair[2]))
