"""How far practices are copied inside a place (I47)."""

import numpy as np

from transition_sim.evaluation import PLACED
from transition_sim.results import RunResult
from transition_sim.world.state import OUTCOMES

IS_PLACED = np.isin(OUTCOMES, PLACED)


def copied_share(result: RunResult, _: int) -> np.ndarray:
    """Return the mean over green technologies of copies with success over attempts, up to each year (I47).

    The same as ``Evaluation.replicability`` of every year, in one walk through the log. Members of a portfolio copy
    from each other: there it is the share of their copies that worked, at the end of the run.
    """
    share = np.full(result.clock.n_years, np.nan)
    if result.members:
        share[-1] = result.manifest.get("replicability", np.nan)
        return share
    if not result.recorder.decisions:
        return share
    labels, unit = result.labels, _units_that_copy(result)
    is_green = np.isin([*labels["technologies"], "keep"], list(labels["green_technologies"]))
    never, shape = result.clock.n_years, (is_green.size, unit.max() + 1)
    weighed, placed, example = np.full(shape, never), np.full(shape, never), np.full(is_green.size, -1)
    for log, seen in zip(result.recorder.decisions, result.recorder.options, strict=True):
        row = np.repeat(np.arange(log.size), log["n_options"])
        green = np.flatnonzero(is_green[seen["technology"]])
        technology, taken = seen["technology"][green], row[green]
        who, year = unit[log["enterprise"][taken]], log["quarter"][taken] // 4
        np.minimum.at(weighed, (technology, who), year)
        ordered = (technology == log["chosen"][taken]) & IS_PLACED[log["outcome"][taken]]
        np.minimum.at(placed, (technology[ordered], who[ordered]), year[ordered])
        new, first = np.unique(technology[ordered], return_index=True)
        example[new] = np.where(example[new] < 0, who[ordered][first], example[new])
    used = np.flatnonzero(example >= 0)
    of_others = np.arange(shape[1]) != example[used, None]
    for at in range(1, never):
        has_example = placed[used, example[used]] <= at
        attempts = ((weighed[used] <= at) & of_others).sum(axis=1)
        copies = ((placed[used] <= at) & of_others).sum(axis=1)
        counted = has_example & (attempts > 0)
        share[at] = (copies[counted] / attempts[counted]).mean() if counted.any() else np.nan
    return share


def _units_that_copy(result: RunResult) -> np.ndarray:
    """Return the county of each enterprise as a number, or the enterprise where a place has one county."""
    county = np.unique(result.enterprises["county"].to_numpy(str), return_inverse=True)[1]
    return county if county.any() else np.arange(county.size)
