"""The analyses by name, and which of them a study allows."""

from collections.abc import Callable

from transition_sim.experiments.analyses import attribution, differences, discovery, ensemble, pawn, sensitivity, tree
from transition_sim.experiments.analyses.finding import Finding, Options, measure_of
from transition_sim.experiments.study import Study
from transition_sim.experiments.tables import Results

Analysis = Callable[[Results, Options], Finding]
ANALYSES: dict[str, Analysis] = {
    "ensemble": ensemble.ensemble,
    "peaking": ensemble.peaking,
    "paired": differences.paired_policies,
    "tornado": differences.tornado,
    "morris": sensitivity.morris,
    "sobol": sensitivity.sobol,
    "pawn": pawn.pawn,
    "attribution": attribution.attribution,
    "abatement": attribution.abatement,
    "regret": differences.regret,
    "discovery": discovery.discovery,
    "tree": tree.tree,
}


def fitting(study: Study) -> list[str]:
    """Return the analyses that a study asks for, or those that its design allows."""
    if study.spec.analyses is not None:
        return list(study.spec.analyses)
    by_design = {
        "one_at_a_time": ["tornado"],
        "morris": ["morris"],
        "saltelli": ["sobol"],
        "full_factorial": ["attribution"] if len(study.factors) <= attribution.LARGEST else [],
        "lhs": ["discovery"],
        "sobol": ["discovery"],
    }
    paired = ["paired"] if differences.has_pairs(study) else []
    return ["ensemble", "peaking", *paired, *by_design.get(study.spec.design.kind, [])]


def analyse(name: str, results: Results, options: Options | None = None) -> Finding:
    """Return what an analysis finds.

    Raises
    ------
    ValueError
        When there is no such analysis, or the study does not allow it.
    """
    if name not in ANALYSES:
        raise ValueError(f"the analyses are {', '.join(ANALYSES)}, not {name!r}")
    options = options or Options()
    if options.measure is not None:
        measure_of(results, options)  # refused here, as some analyses look at none
    return ANALYSES[name](results, options)
