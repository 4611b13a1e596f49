"""``fit-patterns``: a step of calibration, its posterior ensemble, and what it cannot tell."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from transition_sim.cli.options import Force, Lang
from transition_sim.cli.terminal import output, progress, reporting
from transition_sim.cli.words import Language, Words
from transition_sim.core.errors import Fault, ScenarioError

if TYPE_CHECKING:
    from transition_sim.experiments.patterns.fitting import Fit, Step

FILES = ("settings.csv", "posterior.csv", "fit.json")
_WORDS = {
    "title": (
        "{id} {name}: {kept} of {n} settings give all that is wanted",
        "{id} {name}：{n} 组设定中 {kept} 组满足全部要求",
    ),
    "measure": (
        "  {pattern} {measure}: {low:.3g} .. {median:.3g} .. {high:.3g} {unit} over the ranges; {share:.0f} % in range",
        "  {pattern} {measure}：先验范围内 {low:.3g} .. {median:.3g} .. {high:.3g} {unit}，{share:.0f}% 落入范围",
    ),
    "known": ("  Identified: {names}.", "  可识别：{names}。"),
    "unknown": ("  Not identified: {names}.", "  无法识别：{names}。"),
    "none": ("none", "无"),
    "pair": ("{a} / {b} ({r})", "{a} / {b}（{r}）"),
    "pairs": ("  Trade against each other: {names}.", "  相互替代：{names}。"),
    "empty": (
        "  No setting of the ranges gives all of it: the step has no posterior, and no value is moved by it.",
        "  取值范围内没有设定满足全部要求：本步没有后验，任何取值不因此调整。",
    ),
}  # fmt: skip


def fit_command(
    step: Annotated[str, typer.Argument(metavar="STEP", help="Step of calibration: C2, C4, C7, C8 or C9.")],
    place: Annotated[str, typer.Option(metavar="NAME|FILE", help="Place that is run.")] = "guangan_city",
    samples: Annotated[int, typer.Option(min=2, help="Settings spread over the ranges.")] = 64,
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of each setting.")] = 1,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep settings, posterior and fit here.")] = None,
    force: Force = False,
    lang: Lang = Language.en,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Calibrate a step on patterns: which settings of its parameters give what the literature says."""
    with reporting():
        from transition_sim.experiments.patterns.fitting import fit_step

        chosen = _step(step)
        _check_folder(out, force)
        with progress(f"{chosen.id}", quiet) as advance:
            fit = fit_step(chosen, place, samples, seeds, on_task=advance)
        console, words = output(), Words(lang)
        for line in lines(fit, words):
            console.print(line, markup=False, soft_wrap=True)
        for path in [] if out is None else write(fit, out):
            console.print(words("written", folder=path), markup=False, soft_wrap=True)


def _step(name: str) -> "Step":
    from transition_sim.experiments.patterns.fitting import steps
    from transition_sim.scenarios.messages import suggestion

    if name not in steps():
        remedy = suggestion(name, steps(), "steps")
        raise ScenarioError([Fault("arguments", None, "STEP", name, "there is no such step that searches", remedy)])
    return steps()[name]


def _check_folder(out: Path | None, force: bool) -> None:
    there = [name for name in FILES if out is not None and (out / name).exists()]
    if there and not force:
        rule = f"the folder holds {', '.join(there)} already"
        raise ScenarioError([Fault("arguments", None, "--out", str(out), rule, "Name another folder, or add --force.")])


def lines(fit: "Fit", words: Words) -> Iterator[str]:
    """Yield what a fit says: its measures, what is identified, what is not, and what trades."""

    def say(key: str, **values: object) -> str:
        return _WORDS[key][1 if words.is_chinese else 0].format(**values)

    from transition_sim.experiments.analyses.heads import name_of

    def names(keys: Iterable[str]) -> str:
        shown = [name_of(key, True) for key in keys] if words.is_chinese else list(keys)
        return ("、" if words.is_chinese else ", ").join(shown) or say("none")

    name = fit.step.name_zh if words.is_chinese else fit.step.name_en
    yield say("title", id=fit.step.id, name=name, kept=len(fit.posterior), n=len(fit.settings))
    for test, row in zip(fit.step.tests, fit.measures().to_dict("records"), strict=True):
        measure = test.name_zh if words.is_chinese else test.measure
        yield say(
            "measure", pattern=row["pattern"], measure=measure, low=row["prior_low"], median=row["prior_median"],
            high=row["prior_high"], unit=words.unit(test.unit), share=100.0 * row["settings_in_range"],
        )  # fmt: skip
    if fit.posterior.empty:
        yield say("empty")
        return
    table = fit.parameters()
    for key, chosen in (("known", table["is_identified"]), ("unknown", ~table["is_identified"])):
        yield say(key, names=names(table.loc[chosen, "parameter"]))
    pairs = [say("pair", a=names([a]), b=names([b]), r=f"{r:+.2f}") for a, b, r in fit.correlated()]
    yield say("pairs", names=("；" if words.is_chinese else ", ").join(pairs) or say("none"))


def write(fit: "Fit", folder: Path) -> list[Path]:
    """Write all settings, the posterior, and the whole as data; return the paths."""
    from transition_sim.cli.scoreboard_report import write_whole

    folder.mkdir(parents=True, exist_ok=True)
    data = json.dumps(fit.as_data(), indent=2, default=str)
    return [
        write_whole(folder / FILES[0], lambda name: fit.settings.to_csv(name, index=False, float_format="%.6g")),
        write_whole(folder / FILES[1], lambda name: fit.posterior.to_csv(name, index=False, float_format="%.6g")),
        write_whole(folder / FILES[2], lambda name: Path(name).write_text(data + "\n", "utf-8")),
    ]
