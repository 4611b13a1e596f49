"""What an analysis gives, and what all of them share: values by context, point and seed; intervals; colours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from transition_sim.comparison import half_width
from transition_sim.experiments.factors import Factor
from transition_sim.experiments.study import Called, Context, Study
from transition_sim.experiments.tables import Results
from transition_sim.figures import PALETTE
from transition_sim.measures import MEASURES, Measure
from transition_sim.scenarios.library import find_document, list_policies
from transition_sim.scenarios.words.figures import FigureWords, lettering
from transition_sim.scenarios.words.studies import study_word
from transition_sim.scenarios.words.units import plan_figure, plan_unit

__all__ = [
    "DEFAULT_MEASURE",
    "PALETTE",
    "FigureWords",
    "Finding",
    "Names",
    "Options",
    "called_policy",
    "context_names",
    "cube",
    "factor_names",
    "interval",
    "legend_below",
    "measure_of",
    "names_of",
    "paired",
    "required",
]  # fmt: skip
DEFAULT_MEASURE = "cumulative_dual_control_mtco2"
CONFIDENCE = 0.95
LANGUAGES: tuple[Called, Called] = ("en", "zh")


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
    names : tuple of Names
        What policies, levers and other ids of the table are called in English, and in Chinese.
    units : mapping of str
        Column of the table -> unit of its figures, or the column that holds it row by row. In Chinese these figures
        are shown in the units of plans; files keep the units of the tables.
    """

    name: str
    title: tuple[str, str]
    table: pd.DataFrame
    sentences: tuple[tuple[str, str], ...]
    draw: Callable[[Any, FigureWords], None]
    names: tuple["Names", "Names"] = field(default_factory=lambda: (Names(), Names()))
    units: Mapping[str, str] = field(default_factory=dict)

    def shown(self, is_chinese: bool) -> pd.DataFrame:
        """Return the table as a reader of the language sees it: names for ids, in Chinese the units of plans."""
        table = self.table.copy()
        for column, unit in self.units.items():
            units = self.table[unit] if unit in self.table else [unit] * len(table)
            table[column] = [plan_figure(v, u, is_chinese) for v, u in zip(table[column], units, strict=True)]
        for column in set(self.units.values()) & set(table):
            table[column] = [plan_unit(unit, is_chinese) for unit in table[column]]
        names = self.names[is_chinese]
        return table.map(lambda value: names[value] if isinstance(value, str) else value)

    def save_figure(self, target: Any, is_chinese: bool = False) -> None:
        """Draw into a PNG: a path, or a stream of bytes; in English where no Chinese font is installed."""
        from matplotlib.figure import Figure

        with lettering(is_chinese) as can_show:
            figure = Figure(figsize=(9.5, 5.4), layout="constrained")
            self.draw(figure, FigureWords(can_show, self.names[can_show]))
            figure.suptitle(self.title[can_show], fontsize=12)
            figure.savefig(target, dpi=120, format="png", metadata={"Software": None})

    def save(self, folder: Path, is_chinese: bool = False) -> list[Path]:
        """Write ``<name>.csv`` and ``<name>.png``, in Chinese ``<name>.zh.png``."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"{self.name}.csv", folder / f"{self.name}{'.zh' if is_chinese else ''}.png"]
        self.table.to_csv(paths[0], index=False)
        self.save_figure(paths[1], is_chinese)
        return paths


def legend_below(figure: Any, axis: Any) -> None:
    """Name the bars of an axis under all axes of the figure, where the legend hides neither bar nor interval."""
    handles, labels = axis.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False, fontsize=9)


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


def context_names(study: Study, called: Called = "id") -> list[str]:
    """Return what differs between the contexts, a text for each: by ids as in the tables, or by names."""
    differing = [
        name for name in ("place", "variant", "policy") if len({getattr(c, name) for c in study.contexts}) > 1
    ] or ["policy"]
    comma = "，" if called == "zh" else ", "
    if called == "id":
        return [comma.join(getattr(context, name) for name in differing) for context in study.contexts]
    return [
        comma.join(_called(study, context, name, called == "zh") for name in differing) for context in study.contexts
    ]


def _called(study: Study, context: Context, name: str, is_chinese: bool) -> str:
    """Return the name of the place, the variant or the policy of a context."""
    if name == "policy":
        written = next((p for p in study.spec.policies if isinstance(p, dict) and p["id"] == context.policy), None)
        named = written and written["name"]
        return str(named["zh" if is_chinese else "en"]) if named else called_policy(context.policy, is_chinese)
    own = next((v.name for v in study.spec.variants if v.id == context.variant), None)
    own = context.scenario.place.name if name == "place" else own
    if own is None:
        return study_word("variant", context.variant)[is_chinese]
    return own.zh if is_chinese else own.en


def called_policy(id: str, is_chinese: bool) -> str:
    """Return the name of a policy of the library; another one keeps its id."""
    if id not in list_policies():
        return id
    return str(find_document(id, "policy").data["name"]["zh" if is_chinese else "en"])


class Names(dict[str, str]):
    """Names of one language by the ids of tables; what has none keeps its id."""

    def __missing__(self, key: str) -> str:
        return key


def names_of(study: Study) -> tuple[Names, Names]:
    """Return what the contexts and factors of a study are called in English, and in Chinese."""
    ids, found = context_names(study), factor_names(study.factors)
    for names, called in zip(found, LANGUAGES, strict=True):
        names.update(zip(ids, context_names(study, called), strict=True))
    return found


def factor_names(factors: Sequence[Factor]) -> tuple[Names, Names]:
    """Return what factors are called in English, and in Chinese."""
    return Names({factor.key: factor.en for factor in factors}), Names({factor.key: factor.zh for factor in factors})


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
