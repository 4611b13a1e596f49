"""``search`` and ``calibrate``: levers under several aims, and parameters that fit what was observed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from transition_sim.cli.options import Lang
from transition_sim.cli.study import Quiet, Workers, print_finding, refusing, working
from transition_sim.cli.terminal import FAILED, announce_compiling, output, say, words_beside
from transition_sim.cli.words import Language
from transition_sim.scenarios.words.faults import told

StudyFile = Annotated[str, typer.Argument(metavar="STUDY", help="A study of the library, or a file; its ranges count.")]
Out = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder.", show_default="its id")]
Place = Annotated[str | None, typer.Option(metavar="NAME|FILE", help="Another place.")]
Until = Annotated[int | None, typer.Option(metavar="YEAR", help="Other last year.")]
Replicates = Annotated[int | None, typer.Option(min=1, help="Seeds of each setting.")]


def search_command(
    study: StudyFile,
    aim: Annotated[list[str], typer.Option(metavar="KEY[:max]", help="A measure to lower, or to raise; two or more.")],
    out: Out = None,
    generations: Annotated[int, typer.Option(min=1, help="Generations of settings.")] = 10,
    population: Annotated[int, typer.Option(min=4, help="Settings of a generation.")] = 24,
    fresh: Annotated[int, typer.Option(min=2, help="Fresh seeds that judge the front.")] = 10,
    place: Place = None,
    replicates: Replicates = None,
    until: Until = None,
    workers: Workers = None,
    lang: Lang = Language.en,
    quiet: Quiet = False,
) -> None:
    """Search for levers that no others beat under several aims; given again, it goes on where it stopped."""
    with working(out), refusing("search"), answering():
        from transition_sim.experiments.batches import Batches
        from transition_sim.experiments.search import LARGEST_FRONT, read_aims, search

        loaded, folder = _study(study, out, place=place, replicates=replicates, until=until)
        aims = read_aims(loaded, aim)
        batches = Batches(loaded, folder, workers)
        runs = generations * population * loaded.spec.replicates
        say(words_beside()("search_size", runs=f"{runs:,}", fresh=f"{LARGEST_FRONT * fresh:,}"))
        finding = search(batches, aims, generations, population, fresh, _told(quiet))
        _shown(finding, folder, lang)


def calibrate_command(
    study: StudyFile,
    observed: Annotated[
        Path, typer.Option("--observed", metavar="FILE", help="What was observed: measure, value, sd.")
    ],
    out: Out = None,
    waves: Annotated[int, typer.Option(min=1, max=10, help="Waves of history matching.")] = 3,
    samples: Annotated[int, typer.Option(min=16, help="Points of a wave.")] = 64,
    place: Place = None,
    replicates: Replicates = None,
    until: Until = None,
    workers: Workers = None,
    lang: Lang = Language.en,
    quiet: Quiet = False,
) -> None:
    """Rule out parameters that cannot give what was observed, and weigh the rest; the posterior is an ensemble."""
    with working(out), refusing("calibrate"), answering():
        from transition_sim.experiments.batches import Batches
        from transition_sim.experiments.calibration import calibrate, read_observations

        loaded, folder = _study(study, out, place=place, replicates=replicates, until=until)
        observations = read_observations(observed, loaded)
        batches = Batches(loaded, folder, workers)
        runs = (waves + 1) * samples * loaded.spec.replicates
        say(words_beside()("calibration_size", runs=f"{runs:,}", n=waves))
        for finding in calibrate(batches, observations, waves, samples, _told(quiet)):
            _shown(finding, folder, lang)


@contextmanager
def answering() -> Iterator[None]:
    """Say why runs gave no answer, without a traceback; what was run is kept."""
    from transition_sim.experiments.batches import NoAnswer

    try:
        yield
    except NoAnswer as error:
        say(told(str(error), words_beside().is_chinese))
        raise typer.Exit(FAILED) from None


def _study(reference: str, out: Path | None, **changes: Any) -> tuple[Any, Path]:
    from transition_sim.experiments.study import load_study

    if changes["place"] is not None:
        changes["places"] = [changes["place"]]
    del changes["place"]
    loaded = load_study(reference, **{key: value for key, value in changes.items() if value is not None})
    announce_compiling()
    return loaded, out or Path(loaded.spec.id)


def _told(quiet: bool) -> Any:
    def on_batch(what: str, done: int, total: int) -> None:
        if not quiet and done < total:
            words = words_beside()
            say(words("batch", what=words(f"batch_{what.replace(' ', '_')}"), done=done, total=total))

    return on_batch


def _shown(finding: Any, folder: Path, lang: Language) -> None:
    print_finding(finding, lang is Language.zh)
    for path in finding.save(folder, lang is Language.zh):
        output().print(str(path), markup=False, soft_wrap=True)
