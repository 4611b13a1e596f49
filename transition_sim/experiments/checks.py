"""Sense of a study: every fault with its line, before anything is run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from transition_sim.core.errors import Fault
from transition_sim.experiments.designs import SAMPLED, samples_of
from transition_sim.experiments.factors import Factor
from transition_sim.experiments.spec import FactorSpec, StudySpec
from transition_sim.measures import FURTHER_MEASURES, MEASURES
from transition_sim.scenarios.library import list_policies
from transition_sim.scenarios.messages import KeyPath, suggestion
from transition_sim.scenarios.scenario import load_scenario, vocabulary
from transition_sim.scenarios.words.studies import study_word
from transition_sim.world import columns

MakeFault = Callable[[KeyPath, Any, str, str], Fault]
BASES = ("dual_control_tco2", "territorial_tco2")
LARGEST_RUNS = 10_000_000
WITHOUT_FACTORS = ("list",)
NEEDED_DESIGNS = {
    "tornado": ("one_at_a_time",), "morris": ("morris",), "sobol": ("saltelli",), "attribution": ("full_factorial",),
    "pawn": ("lhs", "sobol"), "discovery": ("lhs", "sobol"), "tree": ("lhs", "sobol"),
}  # fmt: skip
"""Of the analyses that one kind of design alone allows."""
ANY_PLACE = "minimal"
"""A policy sets the same levers in every place."""


def read_factors(spec: StudySpec, fault: MakeFault) -> tuple[list[Factor], list[Fault]]:
    """Return the factors of a study in the order of its file, and what is wrong with them."""
    factors: list[Factor] = []
    faults: list[Fault] = []
    words = vocabulary()
    tables: tuple[tuple[str, Mapping[str, FactorSpec | None], Mapping[str, Any]], ...] = (
        ("levers", spec.levers, words.levers), ("parameters", spec.parameters, words.parameters)
    )  # fmt: skip
    for part, given, table in tables:
        for key, item in given.items():
            if key not in table:
                rule = f"there is no such {part[:-1]}"
                faults.append(fault((part, key), "", rule, suggestion(key, table, part)))
                continue
            factor, found = _factor(part, key, item or FactorSpec(), table[key], fault)
            faults += found
            if factor is not None:
                factors.append(factor)
    settings, found = _settings_of(spec, fault)
    faults += found
    for name, keys in spec.parts.items():
        unknown = [key for key in keys if key not in words.levers]
        for key in unknown:
            at = ("parts", name, keys.index(key))
            faults.append(fault(at, key, "there is no such lever", suggestion(key, words.levers, "levers")))
        without = tuple((key, settings[key]) for key in keys if key in settings)
        called = study_word("part", name)
        factors.append(Factor(name, "part", 0.0, 1.0, (0.0, 1.0), None, tuple(keys), without, "0/1", *called))
    return factors, faults


def _settings_of(spec: StudySpec, fault: MakeFault) -> tuple[dict[str, Any], list[Fault]]:
    """Return the levers of the policy that parts are held against, as plain data; none are neutral."""
    if spec.against is None:
        return {}, []
    if spec.against not in list_policies():
        remedy = suggestion(spec.against, list_policies(), "policies")
        return {}, [fault(("against",), spec.against, "the library has no policy of this name", remedy)]
    if not spec.parts:
        return {}, [fault(("against",), spec.against, "there are no parts to hold against it", "Add 'parts:'.")]
    return load_scenario(ANY_PLACE, spec.against).resolved()["levers"], []


def _factor(part: str, key: str, item: FactorSpec, row: Any, fault: MakeFault) -> tuple[Factor | None, list[Fault]]:
    low = row.low if item.low is None else item.low
    high = row.high if item.high is None else item.high
    is_switch = part == "levers" and row.kind == "switch"
    values = tuple(sorted(set(item.values or ((0.0, 1.0) if is_switch else ()))))
    faults = []
    at = (part, key)
    bounds = f"the table ranges from {row.low:g} to {row.high:g} {row.unit}".rstrip()
    given = [("low", low), ("high", high)] if not values else [("values", value) for value in values]
    for name, value in given:
        if not row.low <= value <= row.high:
            faults.append(fault((*at, name), value, bounds, "Write a value in the range."))
        elif is_switch and value not in (0, 1):
            faults.append(fault((*at, name), value, "a switch is 0 or 1", "Write 0 and 1."))
    if not values and not low < high:
        remedy = "Write a low below the high, or 'values: [...]'."
        faults.append(fault(at, f"{low:g} to {high:g}", "the range is empty", remedy))
    if item.values is not None and (item.low is not None or item.high is not None or item.levels is not None):
        faults.append(fault(at, "", "a factor has either values or a range", "Delete one of the two."))
    if item.from_year is not None and part == "parameters":
        remedy = "Delete 'from_year'."
        faults.append(fault((*at, "from_year"), item.from_year, "a parameter does not change with time", remedy))
    if faults:
        return None, faults
    names = (row.unit, row.name_en, row.name_zh, row.grade, row.confidence)
    kind: Any = "lever" if part == "levers" else "parameter"
    return Factor(key, kind, float(low), float(high), values, item.from_year, (), (), *names), []


def check_design(spec: StudySpec, factors: Sequence[Factor], fault: MakeFault) -> Iterator[Fault]:
    """Yield what is wrong with a design."""
    design = spec.design
    keys = [f.key for f in factors]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield fault(("parts", key), "", "two factors have the same name", "Rename the part.")
    for part in (f for f in factors if f.kind == "part"):
        for key in part.levers:
            if key in keys:
                rule = "the lever is varied by itself and in a part"
                yield fault(("parts", part.key), key, rule, "Keep it in one of the two.")
    if not (factors or spec.levers or spec.parameters or spec.parts) and design.kind not in WITHOUT_FACTORS:
        rule = f"the design {design.kind} has nothing to vary"
        yield fault(("design", "kind"), design.kind, rule, "Add 'levers:', 'parameters:' or 'parts:'.")
    if design.points is not None and design.kind != "list":
        yield fault(("design", "points"), "", "only a list has points", "Delete them, or write 'kind: list'.")
    if design.samples is not None and design.kind not in SAMPLED:
        rule = f"the design {design.kind} has no samples"
        yield fault(("design", "samples"), design.samples, rule, f"Samples belong to: {', '.join(SAMPLED)}.")
    if design.kind == "saltelli" and samples_of(design) & (samples_of(design) - 1):
        yield fault(("design", "samples"), design.samples, "these are no power of two", "Write such as 64 or 128.")
    if design.kind in SAMPLED and any(f.kind == "part" for f in factors):
        rule = "a part is on or off; a sampled design cannot draw it"
        yield fault(("design", "kind"), design.kind, rule, "Write full_factorial, one_at_a_time or list.")
    for i, point in enumerate(design.points or ()):
        yield from _check_point(point, ("design", "points", i), factors, fault)


def _check_point(
    point: Mapping[str, float], at: KeyPath, factors: Sequence[Factor], fault: MakeFault
) -> Iterator[Fault]:
    known = {f.key: f for f in factors}
    for key, value in point.items():
        if key not in known:
            remedy = f"{suggestion(key, known, 'factors')} A point names levers, parameters or parts of this study."
            yield fault((*at, key), value, "the study has no such factor", remedy)
        elif not known[key].low <= value <= known[key].high:
            rule = f"the factor ranges from {known[key].low:g} to {known[key].high:g}"
            yield fault((*at, key), value, rule, "Write a value in the range, or widen it.")
        elif known[key].values and value not in known[key].values:
            values = ", ".join(f"{v:g}" for v in known[key].values)
            yield fault((*at, key), value, f"the factor has the values {values}", "Write one of them.")


def check_outcomes(spec: StudySpec, fault: MakeFault) -> Iterator[Fault]:
    """Yield unknown measures and columns, and names given twice."""
    keys = [m.key for m in (*MEASURES, *FURTHER_MEASURES)]
    names = [c.name for c in columns.PLACE]
    for i, key in enumerate(spec.outcomes or ()):
        if key not in keys:
            yield fault(("outcomes", i), key, "there is no such measure", suggestion(key, keys, "measures"))
    for i, name in enumerate(spec.annual):
        if name not in names:
            yield fault(("annual", i), name, "there is no such annual column", suggestion(name, names, "columns"))
    if spec.measure is not None and spec.measure not in (spec.outcomes or keys):
        known = spec.outcomes or keys
        yield fault(
            ("measure",), spec.measure, "the study keeps no such measure", suggestion(spec.measure, known, "measures")
        )
    lists: dict[str, Sequence[Any]] = {
        "places": spec.places, "policies": spec.policies, "outcomes": spec.outcomes or (), "annual": spec.annual
    }  # fmt: skip
    for part, given in lists.items():
        for i, name in enumerate(given):
            if name in given[:i]:
                yield fault((part, i), name, "this is given twice", "Delete one of the two.")
    variants = [v.id for v in spec.variants]
    for i, name in enumerate(variants):
        if name in variants[:i]:
            yield fault(("variants", i, "id"), name, "two variants have the same id", "Rename one.")


def unsuited(spec: StudySpec) -> Iterator[str]:
    """Yield a warning for each analysis that the design of the study can never give; a report says why in its place."""
    kind, n_policies = spec.design.kind, len(spec.policies) * max(1, len(spec.variants))
    for name in spec.analyses or ():
        if kind not in NEEDED_DESIGNS.get(name, (kind,)) or (name == "paired" and n_policies < 2):
            yield f"{name}: the design {kind} does not allow this analysis; the report will have none"


def check_size(spec: StudySpec, n_points: int, n_contexts: int, fault: MakeFault) -> Iterator[Fault]:
    """Yield a fault when a study has more runs than any machine finishes."""
    n_runs = n_points * n_contexts * spec.replicates
    if n_runs > LARGEST_RUNS:
        rule = f"the study has {n_runs:,} runs, more than {LARGEST_RUNS:,}"
        yield fault(("design", "kind"), spec.design.kind, rule, "Take fewer factors or levels, or a sampled design.")
