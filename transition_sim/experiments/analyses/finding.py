"""What an analysis gives, and what all of them share: values by context, point and seed; intervals; colours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from transition_sim.comparison import half_width
from transition_sim.experiments.factors import Factor
from transition_sim.experiments.study import Context, Study
from transition_sim.experiments.tables import Results
from transition_sim.figures import PALETTE
from transition_sim.measures import MEASURES, Measure
from transition_sim.scenarios.library import find_document, list_policies
from transition_sim.scenarios.words.figures import FigureWords, lettering
from transition_sim.scenarios.words.studies import study_word

__all__ = [
    "DEFAULT_MEASURE",
    "PALETTE",
    "FigureWords",
    "Finding",
    "Names",
    "Options",
    "called_policy",
    "chinese_names",
    "context_names",
    "cube",
    "factor_names",
    "interval",
    "measure_of",
    "paired",
    "required",
]  # fmt: skip
DEFAULT_MEASURE = "cumulative_dual_control_mtco2"
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Options:
    """What an analysis looks at.

    Attributes
    ----------
    measure : str, optional
        Key of a measure; cumulative CO2 by default, or the first that the study keeps.
    column : str
        Annual column of the fan chart.
    above : float, optional
        Scenario discovery asks when the measure is above this value; the upper quartile by default.
    maximise : bool
        More is better, in regret.
    """

    measure: str | None = None
    column: str = "dual_control_tco2"
    above: float | None = None
    maximise: bool = False


@dataclass(frozen=True)
class Finding:
    """A table, a figure, and what they say.

    Attributes
    ----------
    name : str
    title : tuple of str
        English, Chinese.
    table : DataFrame
    sentences : tuple of (str, str)
        English, Chinese.
    draw : callable
        Takes a Matplotlib figure and the words of its language.
    names : mapping of str
        What policies, levers and other names of the table are called in Chinese.
    """

    name: str
    title: tuple[str, str]
    table: pd.DataFrame
    sentences: tuple[tuple[str, str], ...]
    draw: Callable[[Any, FigureWords], None]
    names: Mapping[str, str] = field(default_factory=dict)

    def shown(self, is_chinese: bool) -> pd.DataFrame:
        """Return the table with names in the language."""
        if not is_chinese:
            return self.table
        return self.table.map(lambda value: self.names.get(value, value) if isinstance(value, str) else value)

    def save_figure(self, target: Any, is_chinese: bool = False) -> None:
        """Draw into a PNG: a path, or a stream of bytes; in English where no Chinese font is installed."""
        import matplotlib

        matplotlib.use("Agg", force=False)
        from matplotlib import pyplot as plt

        with lettering(is_chinese) as can_show:
            figure = plt.figure(figsize=(9.5, 5.4), constrained_layout=True)
            try:
                self.draw(figure, FigureWords(can_show, self.names))
                figure.savefig(target, dpi=120, format="png", metadata={"Software": None})
            finally:
                plt.close(figure)

    def save(self, folder: Path, is_chinese: bool = False) -> list[Path]:
        """Write ``<name>.csv`` and ``<name>.png``, in Chinese ``<name>.zh.png``."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"{self.name}.csv", folder / f"{self.name}{'.zh' if is_chinese else ''}.png"]
        self.table.to_csv(paths[0], index=False)
        self.save_figure(paths[1], is_chinese)
        return paths


def measure_of(results: Results, options: Options) -> Measure:
    """Return the measure that is looked at.

    Raises
    ------
    ValueError
        When the study does not keep it.
    """
    kept = {m.key: m for m in results.study.measures}
    default = DEFAULT_MEASURE if DEFAULT_MEASURE in kept else next(iter(kept))
    key = options.measure or results.study.spec.measure or default
    required(results, key)
    return kept[key]


def required(results: Results, *keys: str) -> None:
    """Refuse an analysis that needs a measure which the study does not keep.

    Raises
    ------
    ValueError
    """
    kept = [m.key for m in results.study.measures]
    for key in keys:
        if key not in kept:
            known = "" if key in [m.key for m in MEASURES] else "; there is no such measure"
            raise ValueError(f"the study keeps the measures {', '.join(kept)}, not {key}{known}")


def cube(results: Results, key: str) -> np.ndarray:
    """Return a measure, shape (n_contexts, n_points, n_replicates); nan where a run did not come to its end."""
    study = results.study
    found = np.full((len(study.contexts), len(study.points), study.spec.replicates), np.nan)
    values = results.measure(key)
    found[study.place_of(values.index.to_numpy())] = values.to_numpy(dtype=float)
    return found


def context_names(study: Study, is_chinese: bool = False) -> list[str]:
    """Return a name for each context: what differs between them."""
    differing = [
        name for name in ("place", "variant", "policy") if len({getattr(c, name) for c in study.contexts}) > 1
    ] or ["policy"]
    comma = "，" if is_chinese else ", "
    called = _called if is_chinese else lambda study, context, name: getattr(context, name)
    return [comma.join(called(study, context, name) for name in differing) for context in study.contexts]


def _called(study: Study, context: Context, name: str) -> str:
    """Return the Chinese name of the place, the variant or the policy of a context."""
    if name == "place":
        return context.scenario.place.name.zh
    if name == "policy":
        return called_policy(context.policy)
    own = next((v.name for v in study.spec.variants if v.id == context.variant), None)
    return own.zh if own is not None else study_word("variant", context.variant)[1]


def called_policy(id: str) -> str:
    """Return the Chinese name of a policy of the library; another one keeps its id."""
    return str(find_document(id, "policy").data["name"]["zh"]) if id in list_policies() else id


class Names(dict[str, str]):
    """Chinese names by the names of tables; what has none keeps its own."""

    def __missing__(self, key: str) -> str:
        return key


def chinese_names(study: Study) -> Names:
    """Return what the contexts and factors of a study are called in Chinese."""
    names = Names(zip(context_names(study), context_names(study, is_chinese=True), strict=True))
    names.update(factor_names(study.factors))
    return names


def factor_names(factors: Sequence[Factor]) -> Names:
    """Return what factors are called in Chinese."""
    return Names({factor.key: factor.zh for factor in factors})


def interval(values: np.ndarray) -> tuple[float, float, float, int]:
    """Return mean, ends of the 95 % t interval, and number of finite values; nan ends below two values."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return np.nan, np.nan, np.nan, 0
    mean = float(finite.mean())
    if finite.size < 2:
        return mean, np.nan, np.nan, 1
    half = half_width(float(finite.std(ddof=1)), finite.size)
    return mean, mean - half, mean + half, int(finite.size)


def paired(b: np.ndarray, a: np.ndarray) -> dict[str, float]:
    """Return B - A seed by seed: mean, interval, share of seeds in which B is lower, number of pairs."""
    differences = b - a
    mean, low, high, n = interval(differences)
    finite = differences[np.isfinite(differences)]
    lower = float((finite < 0).mean()) if finite.size else np.nan
    return {"difference": mean, "low": low, "high": high, "share_lower": lower, "pairs": n}
