"""The bench as tables: a row a test, a row a pattern, both languages."""

from typing import Any

import pandas as pd

from transition_sim.experiments.patterns.bench import Bench
from transition_sim.experiments.patterns.nulls import MODEL
from transition_sim.experiments.patterns.table import patterns


def test_frame(bench: Bench) -> pd.DataFrame:
    """Return a row a test and model: range, median and 5-95 % over the seeds, share of seeds in range, verdict."""
    rows = []
    for model in bench.models:
        for j in bench.judged[model]:
            test, pattern = j.test, patterns()[j.test.pattern]
            rows.append({
                "model": model, "pattern": pattern.id, "kind": pattern.kind, "measure": test.measure,
                "name_en": test.name_en, "name_zh": test.name_zh, "place": test.place or bench.place,
                "unit": test.unit, "range_low": test.low, "range_high": test.high, "value": j.value, "low": j.low,
                "high": j.high, "score": j.score, "verdict": verdict(j), "note_en": test.note_en,
                "note_zh": test.note_zh,
            })  # fmt: skip
    return pd.DataFrame(rows)


def verdict(judged: Any) -> str:
    """Return pass, fail, not_measurable (nan in this place) or not_modelled (no measure); only pass is no failure."""
    if judged.passes:
        return "pass"
    if not judged.is_modelled:
        return "not_modelled"
    return "fail" if judged.is_measured else "not_measurable"


def pattern_frame(bench: Bench) -> pd.DataFrame:
    """Return a row a pattern: whether it holds, and the score of every model that can speak of it."""
    rows = []
    for p in patterns().values():
        row = {
            "pattern": p.id, "kind": p.kind, "name_en": p.name_en, "name_zh": p.name_zh, "range_en": p.range_en,
            "range_zh": p.range_zh, "passes": bench.passes(p.id), "grade": p.grade, "source": p.source,
        }  # fmt: skip
        rows.append(row | {f"score_{model}": bench.score(p.id, model) for model in bench.models})
    return pd.DataFrame(rows)


def summary(bench: Bench) -> dict[str, Any]:
    """Return how many patterns hold, and the mean scores against each null model."""
    found: dict[str, Any] = {f"passed_{kind}": list(bench.passed(kind)) for kind in ("C", "Q")}
    for null in bench.models[1:]:
        model, other, n = bench.scores(null)
        whole, other_whole = bench.whole_scores(null)
        found[null] = {
            "patterns": n, "score_model": model, "score_null": other, "is_beaten_there": model > other,
            "whole_score_model": whole, "whole_score_null": other_whole, "is_beaten": whole > other_whole,
        }  # fmt: skip
    return found | {"models": [MODEL, *bench.models[1:]]}
