"""The decision log of an enterprise as cards: what it saw, what it cost, why it chose, what would have changed it."""

from typing import Any

import numpy as np

from transition_sim.agents.reasons import FORCED, OUTCOME_WORDS, TRIGGER_WORDS, decision_rows
from transition_sim.viz.formatting import figure
from transition_sim.viz.words import Words
from transition_sim.world.state import OUTCOMES, TRIGGERS
from transition_sim.world.world import World

MOST_REVIEWS = 40


def decision_log(world: World, row: int, words: Words) -> dict[str, Any]:
    """Return the decisions that changed or wanted to change something, and the newest of the other reviews."""
    kept = OUTCOMES.index("kept")
    found = decision_rows(world, row)
    acts = [card(world, d, o, words) for d, o in found if d["outcome"] != kept]
    reviews = [card(world, d, o, words) for d, o in found if d["outcome"] == kept]
    return {
        "why": acts,
        "reviews": reviews[-MOST_REVIEWS:],
        "why_all": words("why_all", n=len(reviews)),
        "why_newest": words("why_newest", n=MOST_REVIEWS) if len(reviews) > MOST_REVIEWS else "",
    }


def card(world: World, decision: np.void, options: np.ndarray, words: Words) -> dict[str, Any]:
    """Return one decision; the options in order of their levelised costs."""
    zh = int(words.is_chinese)
    trigger = "forced" if decision["trigger"] == FORCED else TRIGGERS[decision["trigger"]]
    outcome = OUTCOMES[decision["outcome"]]
    by_cost = options[np.argsort(options["levelised_cost_cny_per_unit"], kind="stable")]
    capex, subsidy = (words.of_enterprise(float(decision[name]), name) for name in ("capex_cny", "subsidy_cny"))
    return {
        "when": world.clock.label(int(decision["quarter"])),
        "service": world.labels["service_names"][zh][decision["service"]],
        "trigger": TRIGGER_WORDS[trigger][zh],
        "outcome": OUTCOME_WORDS[outcome][zh],
        "kind": "done" if outcome.startswith("ordered") else "kept" if outcome == "kept" else "stopped",
        "options": [
            {
                "name": _technology(world, int(o["technology"]), words),
                "cost": figure(float(o["levelised_cost_cny_per_unit"])),
                "percent": f"{100 * float(o['probability']):.0f}",
                "chosen": bool(o["technology"] == decision["chosen"]),
            }
            for o in by_cost
        ],
        "unit": words("cny_per", unit=words.unit(world.labels["service_units"][decision["service"]])),
        "money": words("decision_money", capex=figure(capex), subsidy=figure(subsidy)) if capex else "",
        "would": _would(world, decision, words),
    }


def _would(world: World, decision: np.void, words: Words) -> str:
    """Return what would have changed its mind."""
    share = float(decision["switch_capex_share"])
    if decision["n_options"] < 2:
        return words("would_none")
    if not np.isfinite(share):
        return ""
    runner = _technology(world, int(decision["runner_up"]), words)
    if share <= 0:
        return words("would_luck", runner=runner)
    return words("would", runner=runner, percent=f"{100 * share:.0f}")


def _technology(world: World, index: int, words: Words) -> str:
    return words("keeps") if index < 0 else str(world.labels["technology_names"][int(words.is_chinese)][index])
